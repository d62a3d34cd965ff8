import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// LBank: spot; of perpetuals what it tells anybody.
  public static let lbank = Venue(
    id: "lbank", name: "LBank", documents: ["https://www.lbank.com/en-US/docs/index.html"],
    surfaces: [
      Surface("spot.public", LBank.host, "/v2/"),
      Surface("spot.private", LBank.host, "/v2/", LBank.recipe),
      Surface("contract.public", "https://lbkperp.lbank.com", "/cfd/openApi/v1/pub/"),
    ],
    limits: LBank.limits, faults: LBank.faults, feeds: LBank.feeds,
    unseen: ["perpetuals' balances, executions and positions", "savings and launch products"])
}

private enum LBank {
  static let host = "https://api.lbank.info"

  // https://www.lbank.com/en-US/docs/index.html#authentication
  static let recipe = Recipe(
    [.custom(suffixed), .add("api_key", .key), .custom(signed)], adds: ["sign", "api_key"])

  private static func suffixed(_ draft: inout Draft) {
    if !draft.path.hasSuffix(".do") { draft.path += ".do" }
  }

  /// The PEM text of a private key that stands in the secret's place, with or without its frame.
  private static func privateKey(_ secret: String) -> String? {
    if secret.hasPrefix("-----BEGIN") { return secret }
    guard secret.utf8.count > 200 else { return nil }
    var lines: [Substring] = []
    var rest = Substring(secret.filter { !$0.isWhitespace })
    while !rest.isEmpty {
      lines.append(rest.prefix(64))
      rest = rest.dropFirst(64)
    }
    let body = lines.joined(separator: "\n")
    return "-----BEGIN PRIVATE KEY-----\n\(body)\n-----END PRIVATE KEY-----\n"
  }

  private static func signed(_ draft: inout Draft) throws(VenueFault) {
    let pem = privateKey(draft.credentials.secret)
    let isRSA = pem != nil
    let time = TimeForm.milliseconds.write(draft.moment.time)
    let random = draft.moment.uuid.filter { $0 != "-" }
    let extra: Parameters = [
      "echostr": .string(random), "signature_method": isRSA ? "RSA" : "HmacSHA256",
      "timestamp": .string(time),
    ]
    let text = draft.parameters.adding(extra).sorted.text(.raw)
    let digest: Token = .upper(.hex(.hash(.md5, .text(text))))
    let signature: String
    if let pem {
      signature = try draft.text(.base64(.rsa(key: .text(pem), digest)))
    } else {
      signature = try draft.text(.hex(.hmac(.sha256, key: .secret, digest)))
    }
    draft.parameters["sign"] = .string(signature)
    try draft.run([
      .sort, .form(.strict), .header("timestamp", .text(time)),
      .header("signature_method", .text(isRSA ? "RSA" : "HmacSHA256")),
      .header("echostr", .text(random)),
    ])
  }

  // https://www.lbank.com/en-US/docs/index.html#rate-limit: 200 calls in 10 seconds, orders 500
  static let limits = Limits([
    LimitBucket("all", capacity: 200, refill: .window(seconds: 10), scope: .address)
  ])

  // https://www.lbank.com/en-US/docs/index.html#error-code
  static let faults = FaultTable(
    codes: [
      "10000": .retryable, "10002": .auth, "10007": .auth, "10022": .auth, "10023": .auth,
      "10026": .auth, "10036": .auth, "10104": .auth, "10024": .auth, "10004": .rate,
      "10020": .rate, "10061": .rate, "10033": .retryable, "10101": .retryable,
      "10005": .auth, "10010": .clock, "10072": .clock, "10012": .funds, "10014": .funds,
      "10016": .funds, "10025": .orderNotFound, "10021": .orderNotFound,
    ],
    find: { body, _ in
      let code = (try? body["error_code"].optionalText()) ?? nil
      let isRefused = (try? body["result"].optionalText()) == "false"
      guard let code, code != "0" || isRefused else { return nil }
      return (code, (try? body["msg"].optionalText()) ?? "")
    })

  static func post(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("spot.private", "POST", path + ".do", parameters)
  }

  static func look(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("spot.public", "GET", path + ".do", parameters)
  }

  static func symbol(_ ask: Ask) throws(VenueFault) -> Parameters {
    ["symbol": .string(try ask.needed([.spot]).id)]
  }

  static func page(_ ask: Ask) -> Parameters {
    [
      "current_page": .string(String(ask.page + 1)),
      "page_length": .string(String(min(ask.limit ?? 100, 200))),
    ]
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [balances]
    feeds.fills = [fills]
    feeds.deposits = [transfers(.deposit, "supplement/deposit_history", "depositOrders")]
    feeds.withdrawals = [transfers(.withdrawal, "supplement/withdraws", "withdraws")]
    feeds.markets = [markets, contracts]
    feeds.assets = [assets]
    feeds.tickers = [tickers, contractTickers]
    feeds.candles = [candles]
    feeds.trades = [
      trades("trades", "size", evidence: .recorded), trades("supplement/trades", "size"),
    ]
    feeds.books = [books, contractBooks]
    feeds.openOrders = [orders("supplement/orders_info_no_deal")]
    feeds.closedOrders = [orders("supplement/orders_info_history")]
    feeds.clock = Feed(
      calls: { _ in [look("timestamp")] }, rows: Pick.one("data"),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds) })
    return feeds
  }()

  // https://www.lbank.com/en-US/docs/index.html#get-all-coins-information
  static let balances = Feed<Balance>(
    part: .spot, calls: { _ in [post("supplement/user_info")] }, rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      Balance(
        asset: try row.text("coin"), free: try row.optionalDecimal("usableAmt"),
        used: try row.optionalDecimal("freezeAmt"), total: try row.decimal("assetAmt"))
    })

  // https://www.lbank.com/en-US/docs/index.html#past-transaction-details: windows of two days
  static let fills = Feed<Fill>(
    part: .spot, market: .spot,
    paging: Paging(.forward, most: 100, window: 2 * Paging.day), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      var parameters = try symbol(ask)
      if let from = ask.from { parameters["start_date"] = .string(day(from)) }
      if let to = ask.to { parameters["end_date"] = .string(day(to)) }
      return [
        post("transaction_history", parameters.adding(ask.range(nil, nil, "size", most: 100)))
      ]
    },
    rows: Pick.listIfAny("data"),
    row: { row, ask throws(VenueFault) in
      let side = try row.side("tradeType", "type")
      // What is bought pays in base, what is sold in quote.
      let asset = side.flatMap { $0 == .buy ? ask.market?.base : ask.market?.quote }
      let fee = try row.optionalDecimal("tradeFee")
      return Fill(
        id: try row.text("txUuid", "id"), order: try row.optionalText("orderUuid"),
        time: try row.time(.milliseconds, "dealTime"), market: ask.market?.id ?? "", side: side,
        price: try row.decimal("dealPrice"), amount: try row.decimal("dealQuantity"),
        cost: try row.optionalDecimal("dealVolumePrice"),
        fees: asset.flatMap { asset in fee.map { [VenueAmount(asset, $0)] } } ?? [])
    })

  static func day(_ instant: Instant) -> String {
    String(TimeForm.isoBare.write(instant).prefix { $0 != "T" })
  }

  static func transfers(
    _ direction: Transfer.Direction, _ path: String, _ list: String
  ) -> Feed<Transfer> {
    Feed(
      paging: Paging(.numbered, most: 100),
      calls: { ask in
        var parameters: Parameters = ["coin": .text(ask.asset)]
        parameters = parameters.adding(ask.range("startTime", "endTime", nil))
        if ask.page > 0 { parameters["current_page"] = .string(String(ask.page + 1)) }
        return [post(path, parameters)]
      },
      rows: Pick.listIfAny("data", list),
      row: { row, _ throws(VenueFault) in
        let asset = try row.text("coin", "coid")
        let isDeposit = direction == .deposit
        return Transfer(
          id: try row.optionalText("id"), transactionHash: try row.optionalText("txId"),
          time: try row.optionalTime(.milliseconds, "insertTime", "applyTime"),
          direction: direction, asset: asset, amount: try row.decimal("amount"),
          fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
          network: try row.optionalText("networkName"), address: try row.optionalText("address"),
          tag: try row.optionalText("memo"),
          status: try row.word("status", isDeposit ? depositWords : withdrawalWords))
      })
  }

  static let depositWords: [String: Transfer.Status] = [
    "1": .pending, "2": .ok, "3": .failed, "4": .canceled, "5": .pending,
  ]
  static let withdrawalWords: [String: Transfer.Status] = [
    "1": .pending, "2": .canceled, "3": .failed, "4": .ok,
  ]

  static let markets = Feed<Market>(
    market: .spot, calls: { _ in [look("accuracy")] }, rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      let id = try row.text("symbol")
      let parts = id.split(separator: "_", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw row["symbol"].fault("two assets") }
      return Market(
        id: id, base: parts[0], quote: parts[1],
        amountStep: try row.step(digits: "quantityAccuracy"),
        priceStep: try row.step(digits: "priceAccuracy"),
        amountMin: try row.optionalDecimal("minTranQua"))
    })

  static let contracts = Feed<Market>(
    market: .swap,
    calls: { _ in [Call("contract.public", "GET", "instrument", ["productGroup": "SwapU"])] },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      let quote = try row.text("priceCurrency", "clearCurrency")
      return Market(
        id: try row.text("symbol"), base: try row.text("baseCurrency"), quote: quote,
        settle: try row.optionalText("clearCurrency"), kind: .swap,
        contractSize: try row.optionalDecimal("volumeMultiple"),
        amountStep: try row.optionalDecimal("volumeTick"),
        priceStep: try row.optionalDecimal("priceTick"),
        amountMin: try row.optionalDecimal("minOrderVolume"),
        amountMax: row.shownDecimal("maxOrderVolume"))
    })

  /// A row a network.
  static let assets = Feed<ListedAsset>(
    calls: { _ in [look("withdrawConfigs")] }, rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      let network = AssetNetwork(
        id: try row.optionalText("chain") ?? "", fee: row.shownDecimal("fee"),
        withdrawMin: row.shownDecimal("min"), canWithdraw: try row.optionalFlag("canWithDraw"))
      return ListedAsset(id: try row.text("assetCode"), networks: [network])
    })

  static let tickers = Feed<Ticker>(
    market: .spot, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let id = try ask.optional([.spot])?.id ?? "all"
      return [look("ticker/24hr", ["symbol": .string(id)])]
    },
    rows: Pick.list("data"), row: ticker)

  static let contractTickers = Feed<Ticker>(
    market: .swap,
    calls: { _ in [Call("contract.public", "GET", "marketData", ["productGroup": "SwapU"])] },
    rows: Pick.list("data"), row: ticker)

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    let tick = row["ticker"].isNothing ? row : row["ticker"]
    return Ticker(
      market: try row.text("symbol"), time: try row.optionalTime(.milliseconds, "timestamp"),
      last: try tick.optionalDecimal("latest", "lastPrice"),
      high: try tick.optionalDecimal("high", "highestPrice"),
      low: try tick.optionalDecimal("low", "lowestPrice"),
      open: try tick.optionalDecimal("openPrice"),
      baseVolume: try tick.optionalDecimal("vol", "volume"),
      quoteVolume: tick.shownDecimal("turnover"))
  }

  static let candles = Feed<Candle>(
    market: .spot, paging: Paging(.forward, most: 2_000), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let words = [
        60: "minute1", 300: "minute5", 900: "minute15", 1_800: "minute30", 3_600: "hour1",
        7_200: "hour2", 14_400: "hour4", 21_600: "hour6", 28_800: "hour8", 43_200: "hour12",
        86_400: "day1", 604_800: "week1", 2_592_000: "month1",
      ]
      guard let word = words[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let count = min(ask.limit ?? 100, 1_999)
      let start = ask.from ?? ask.now.advanced(bySeconds: -Int64(count) * Int64(ask.interval))
      let parameters: Parameters = [
        "symbol": .string(try ask.needed([.spot]).id), "type": .string(word),
        "size": .string(String(count + 1)), "time": .text(start, .seconds),
      ]
      return [look("kline", parameters)]
    },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      try Candle(row, .seconds)
    })

  static func trades(
    _ path: String, _ size: String, evidence: Evidence = .documented
  ) -> Feed<PublicTrade> {
    Feed(
      market: .spot, scope: .eachMarket, evidence: evidence,
      calls: { ask throws(VenueFault) in
        var parameters = try symbol(ask)
        parameters["time"] = .text(ask.from, .milliseconds)
        parameters[size] = .string(String(min(ask.limit ?? 600, 600)))
        return [look(path, parameters)]
      },
      rows: Pick.list("data"),
      row: { row, ask throws(VenueFault) in
        PublicTrade(
          id: try row.optionalText("tid", "id"),
          time: try row.time(.milliseconds, "date_ms", "time"),
          market: ask.market?.id ?? "", side: try row.side("type"),
          price: try row.decimal("price"), amount: try row.decimal("amount", "qty"))
      })
  }

  static let books = Feed<OrderBook>(
    market: .spot, scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      var parameters = try symbol(ask)
      parameters["size"] = .string(String(min(ask.limit ?? 60, 200)))
      return [look("depth", parameters)]
    },
    rows: Pick.one("data"),
    row: { row, ask throws(VenueFault) in
      OrderBook(
        market: ask.market?.id ?? "", time: try row.optionalTime(.milliseconds, "timestamp"),
        bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]))
    })

  static let contractBooks = Feed<OrderBook>(
    market: .swap, scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = [
        "symbol": .string(try ask.needed([.swap]).id),
        "depth": .string(String(min(ask.limit ?? 60, 200))),
      ]
      return [Call("contract.public", "GET", "marketOrder", parameters)]
    },
    rows: Pick.one("data"),
    row: { row, _ throws(VenueFault) in
      OrderBook(
        market: try row.text("symbol"),
        bids: try OrderBook.levels(row["bids"].optionalElements(), "price", "volume"),
        asks: try OrderBook.levels(row["asks"].optionalElements(), "price", "volume"))
    })

  static func orders(_ path: String) -> Feed<Order> {
    Feed(
      part: .spot, market: .spot, paging: Paging(.numbered, most: 200), scope: .eachMarket,
      calls: { ask throws(VenueFault) in [post(path, try symbol(ask).adding(page(ask)))] },
      rows: Pick.listIfAny("data", "orders"), row: order)
  }

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let word = try row.optionalText("type", "tradeType")
    let isMarket = word?.contains("market") ?? false
    let filled = try row.optionalDecimal("executedQty", "deal_amount")
    let status = try row.word("status", states)
    // A market order to buy states its amount in quote.
    let isCost = word == "buy_market"
    return Order(
      id: try row.text("orderId", "order_id"),
      clientID: try row.optionalText("origClientOrderId", "custom_id"),
      time: try row.optionalTime(.milliseconds, "time", "create_time"),
      market: try row.optionalText("symbol"), type: isMarket ? "market" : "limit",
      side: try row.side("type", "tradeType"), price: try row.decimalUnlessZero("price"),
      amount: isCost
        ? (status == .closed ? filled : nil) : try row.optionalDecimal("origQty", "amount"),
      filled: filled, average: row.shownDecimal("avg_price"), status: status)
  }

  static let states: [String: Order.Status] = [
    "-1": .canceled, "0": .open, "1": .open, "2": .closed, "3": .canceled, "4": .open,
  ]
}
