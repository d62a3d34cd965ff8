import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// BloFin: perpetuals, spot and the funding account.
  public static let blofin = Venue(
    id: "blofin", name: "BloFin", documents: ["https://docs.blofin.com/index.html"],
    surfaces: [
      Surface("public", BloFin.host, "/api/v1/"),
      Surface("private", BloFin.host, "/api/v1/", BloFin.recipe),
    ],
    credentials: CredentialField.withPassphrase, limits: BloFin.limits, faults: BloFin.faults,
    feeds: BloFin.feeds,
    unseen: ["copy trading accounts", "funding fees one by one", "earn products"])
}

private enum BloFin {
  static let host = "https://openapi.blofin.com"

  // The hexadecimal text is what base64 is made of: https://docs.blofin.com/index.html#signature
  static let recipe = Recipe([
    .on(["GET"], [.query(.strict)]), .notOn(["GET"], [.jsonBody]),
    .header("ACCESS-KEY", .key), .header("ACCESS-PASSPHRASE", .passphrase),
    .header("ACCESS-TIMESTAMP", .time(.milliseconds)),
    .header("ACCESS-NONCE", .nonce(.milliseconds)),
    .header(
      "ACCESS-SIGN",
      .base64(
        .hex(
          .hmac(
            .sha256, key: .secret,
            .join([
              .pathAndQuery, .method, .time(.milliseconds), .nonce(.milliseconds), .body,
            ]))))),
  ])

  // https://docs.blofin.com/index.html#rate-limits: 500 a minute an address, trading 30 in 10 s
  static let limits = Limits([
    LimitBucket("address", capacity: 500, refill: .window(seconds: 60), scope: .address),
    LimitBucket("key", capacity: 30, refill: .window(seconds: 10), scope: .key),
  ])

  // https://docs.blofin.com/index.html#errors
  static let faults = FaultTable(
    codes: [
      "152401": .auth, "152402": .auth, "152403": .auth, "152404": .auth, "152405": .auth,
      "152406": .auth, "152407": .auth, "152408": .clock, "152409": .auth, "152410": .auth,
      "102003": .auth, "102010": .rate, "429": .rate, "50011": .rate, "50013": .retryable,
      "500": .retryable, "103003": .funds, "103035": .funds, "102004": .funds,
      "102068": .orderNotFound, "103025": .orderNotFound,
    ],
    texts: ["insufficient": .funds, "order does not exist": .orderNotFound],
    find: { body, _ in
      guard let code = (try? body["code"].optionalText()) ?? nil, code != "0" else { return nil }
      let first = body["data"][0]
      if let inner = (try? first["code"].optionalText()) ?? nil, inner != "0" {
        return (inner, (try? first["msg"].optionalText()) ?? "")
      }
      return (code, (try? body["msg"].optionalText()) ?? "")
    })

  static let data = Pick.listIfAny("data")

  static func get(_ path: String, _ parameters: Parameters) -> Call {
    Call("private", "GET", path, parameters, cost: ["address": 1, "key": 1])
  }

  static func look(_ path: String, _ parameters: Parameters) -> Call {
    Call("public", "GET", path, parameters, cost: ["address": 1])
  }

  static func id(_ ask: Ask) -> Parameters { ["instId": .text(ask.market?.id)] }

  static func history(_ ask: Ask) -> Parameters {
    var parameters = ask.range("begin", "end", "limit", most: 100)
    parameters["after"] = .text(ask.cursor)
    return parameters
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [trading, account]
    feeds.fills = [
      fills("trade/fills-history", [:], .swap),
      fills("spot/trade/fills-history", ["instType": "SPOT"], .spot),
    ]
    feeds.deposits = [transfers("asset/deposit-history", .deposit)]
    feeds.withdrawals = [transfers("asset/withdrawal-history", .withdrawal)]
    feeds.statement = [bills]
    feeds.positions = [positions]
    feeds.markets = [markets]
    feeds.tickers = [
      Feed(
        evidence: .recorded, calls: { ask in [look("market/tickers", id(ask))] }, rows: data,
        row: ticker)
    ]
    feeds.candles = [candles]
    feeds.trades = [trades]
    feeds.books = [books]
    feeds.openOrders = [orders("trade/orders-pending")]
    feeds.closedOrders = [orders("trade/orders-history")]
    return feeds
  }()

  static let trading = Feed<Balance>(
    part: .swap, evidence: .recorded, calls: { _ in [get("account/balance", [:])] },
    rows: Pick.list("data", "details"),
    // Equity is the balance and the profit of open positions:
    // https://docs.blofin.com/index.html#get-futures-account-balance
    row: { row, _ throws(VenueFault) in
      let equity = try row.decimal("equity")
      return Balance(
        asset: try row.text("currency"), free: try row.optionalDecimal("available"),
        total: equity, part: .swap, openProfit: try row.openProfit(of: equity, beyond: "balance"))
    })

  /// Funding, or the part asked for.
  static let account = Feed<Balance>(
    part: .funding,
    calls: { ask in
      let words: [AccountPart: JSON] = [.swap: "futures", .spot: "spot", .earn: "earn"]
      let word = ask.part.flatMap { words[$0] } ?? "funding"
      return [get("asset/balances", ["accountType": word])]
    },
    rows: data,
    row: { row, ask throws(VenueFault) in
      Balance(
        asset: try row.text("currency"), free: try row.optionalDecimal("available"),
        used: try row.optionalDecimal("frozen"), total: try row.decimal("balance"),
        part: ask.part ?? .funding)
    })

  // https://docs.blofin.com/index.html#get-trade-history
  static func fills(_ path: String, _ more: Parameters, _ part: AccountPart) -> Feed<Fill> {
    Feed(
      part: part, market: part == .spot ? .spot : .swap, paging: Paging(.cursor, most: 100),
      evidence: .recorded,
      calls: { ask in [get(path, more.adding(id(ask)).adding(history(ask)))] }, rows: data,
      row: { row, _ throws(VenueFault) in
        let market = try row.text("instId")
        let halves = market.split(separator: "-").map(String.init)
        let isBase = try row.optionalText("feeCurrency") == "base_currency"
        let asset = isBase ? halves.first : halves.dropFirst().first
        let fee = try row.optionalDecimal("fee")
        let profit = try row.decimalUnlessZero("fillPnl")
        return Fill(
          id: try row.text("tradeId"), order: try row.optionalText("orderId"),
          time: try row.time(.milliseconds, "ts"), market: market, side: try row.side("side"),
          price: try row.decimal("fillPrice"), amount: try row.decimal("fillSize"),
          fees: asset.flatMap { asset in fee.map { [VenueAmount(asset, $0)] } } ?? [],
          part: part,
          realised: asset.flatMap { asset in profit.map { VenueAmount(asset, $0) } })
      },
      next: full("tradeId"))
  }

  static func full(_ name: String) -> @Sendable (Answer) throws(VenueFault) -> String? {
    { answer throws(VenueFault) in
      let rows = try answer.body["data"].optionalElements()
      let asked = answer.call.parameters["limit"].flatMap { Int($0.plainText) } ?? 100
      return rows.count >= asked ? try rows.last?.optionalText(name) : nil
    }
  }

  static func transfers(_ path: String, _ direction: Transfer.Direction) -> Feed<Transfer> {
    Feed(
      paging: Paging(.backward, most: 100), evidence: .recorded,
      calls: { ask in
        let after = ask.to.map { $0.moved(byMilliseconds: 1) }
        let parameters: Parameters = [
          "currency": .text(ask.asset), "before": .text(ask.from, .milliseconds),
          "after": .text(after, .milliseconds),
        ]
        return [get(path, parameters.adding(ask.range(nil, nil, "limit", most: 100)))]
      },
      rows: data,
      row: { row, _ throws(VenueFault) in
        let asset = try row.text("currency")
        let isOut = !row["withdrawId"].isNothing || direction == .withdrawal
        let feeAsset = try row.optionalText("feeCurrency") ?? asset
        return Transfer(
          id: try row.optionalText("depositId", "withdrawId"),
          transactionHash: try row.optionalText("txId"),
          time: try row.optionalTime(.milliseconds, "ts"),
          direction: isOut ? .withdrawal : .deposit, asset: asset,
          amount: try row.decimal("amount"),
          fee: try row.optionalDecimal("fee").map { VenueAmount(feeAsset, $0) },
          network: try row.optionalText("chain"), address: try row.optionalText("address"),
          tag: try row.optionalText("tag", "memo"),
          status: try row.word("state", isOut ? outWords : inWords))
      })
  }

  static let inWords: [String: Transfer.Status] = ["0": .pending, "1": .ok, "2": .failed]
  static let outWords: [String: Transfer.Status] = [
    "0": .pending, "2": .failed, "3": .ok, "4": .canceled, "6": .pending, "7": .pending,
  ]

  // https://docs.blofin.com/index.html#get-funds-transfer-history
  static let bills = Feed<StatementRow>(
    part: .funding, paging: Paging(.cursor, most: 100),
    calls: { ask in
      let asset: Parameters = ["currency": .text(ask.asset)]
      return [get("asset/bills", asset.adding(history(ask)))]
    },
    rows: data,
    row: { row, _ throws(VenueFault) in
      let from = try row.optionalText("fromAccount") ?? ""
      let to = try row.optionalText("toAccount") ?? ""
      return StatementRow(
        id: try row.optionalText("transferId"), time: try row.optionalTime(.milliseconds, "ts"),
        asset: try row.text("currency"), amount: try row.decimal("amount"),
        kind: .internalTransfer, type: "\(from) to \(to)", part: .funding)
    },
    next: full("transferId"))

  static let positions = Feed<OpenPosition>(
    part: .swap, evidence: .recorded,
    calls: { ask in [get("account/positions", id(ask))] }, rows: data,
    row: { row, ask throws(VenueFault) in
      let market = try row.text("instId")
      let held = try row.optionalDecimal("positions")
      var isLong = try row.word("positionSide", ["long": true, "short": false])
      if isLong == nil, let held, !held.isZero { isLong = !held.isNegative }
      return OpenPosition(
        market: market, isLong: isLong, contracts: row.size(held),
        contractSize: ask.markets.market(market)?.contractSize,
        entryPrice: try row.optionalDecimal("averagePrice"),
        markPrice: row.shownDecimal("markPrice"),
        liquidationPrice: row.shownDecimal("liquidationPrice"),
        unrealised: try row.optionalDecimal("unrealizedPnl"),
        leverage: row.shownDecimal("leverage"), margin: row.shownDecimal("initialMargin"),
        isIsolated: try row.word("marginMode", ["isolated": true, "cross": false]),
        time: try row.optionalTime(.milliseconds, "updateTime"))
    })

  static let markets = Feed<Market>(
    market: .swap, calls: { _ in [look("market/instruments", [:])] }, rows: data,
    row: { row, _ throws(VenueFault) in
      Market(
        id: try row.text("instId"), base: try row.text("baseCurrency"),
        quote: try row.text("quoteCurrency"),
        settle: try row.optionalText("settleCurrency", "quoteCurrency"),
        kind: try row.optionalText("instType") == "SPOT" ? .spot : .swap,
        isActive: try row.optionalText("state").map { $0 == "live" },
        contractSize: try row.optionalDecimal("contractValue"),
        amountStep: try row.optionalDecimal("lotSize"),
        priceStep: try row.optionalDecimal("tickSize"),
        amountMin: try row.optionalDecimal("minSize"),
        amountMax: row.shownDecimal("maxLimitSize"))
    })

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("instId"), time: try row.optionalTime(.milliseconds, "ts"),
      last: try row.optionalDecimal("last"), bid: try row.optionalDecimal("bidPrice"),
      ask: try row.optionalDecimal("askPrice"), high: try row.optionalDecimal("high24h"),
      low: try row.optionalDecimal("low24h"), open: try row.optionalDecimal("open24h"),
      baseVolume: try row.optionalDecimal("vol24h"))
  }

  static let candles = Feed<Candle>(
    paging: Paging(.backward, most: 1_440), scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let words = [
        60: "1m", 180: "3m", 300: "5m", 900: "15m", 1_800: "30m", 3_600: "1H", 7_200: "2H",
        14_400: "4H", 21_600: "6H", 28_800: "8H", 43_200: "12H", 86_400: "1D", 259_200: "3D",
        604_800: "1W", 2_592_000: "1M",
      ]
      guard let bar = words[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let parameters: Parameters = [
        "instId": .string(try ask.needed().id), "bar": .string(bar),
        "before": .text(ask.from, .milliseconds), "after": .text(ask.to, .milliseconds),
      ]
      return [
        look("market/candles", parameters.adding(ask.range(nil, nil, "limit", most: 1_440)))
      ]
    },
    rows: data,
    row: { row, _ throws(VenueFault) in
      try Candle(row, .milliseconds, volume: 6)
    })

  static let trades = Feed<PublicTrade>(
    scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      _ = try ask.needed()
      return [look("market/trades", id(ask).adding(ask.range(nil, nil, "limit", most: 100)))]
    },
    rows: data,
    row: { row, _ throws(VenueFault) in
      PublicTrade(
        id: try row.optionalText("tradeId"), time: try row.time(.milliseconds, "ts"),
        market: try row.text("instId"), side: try row.side("side"),
        price: try row.decimal("price"), amount: try row.decimal("size"))
    })

  static let books = Feed<OrderBook>(
    scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let size: Parameters = ["size": .text(String(min(ask.limit ?? 50, 100)))]
      _ = try ask.needed()
      return [look("market/books", id(ask).adding(size))]
    },
    rows: data,
    row: { row, ask throws(VenueFault) in
      OrderBook(
        market: ask.market?.id ?? "", time: try row.optionalTime(.milliseconds, "ts"),
        bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]))
    })

  static func orders(_ path: String) -> Feed<Order> {
    Feed(
      part: .swap, paging: Paging(.cursor, most: 100), evidence: .recorded,
      calls: { ask in [get(path, id(ask).adding(history(ask)))] }, rows: data,
      row: { row, _ throws(VenueFault) in
        let average = try row.decimalUnlessZero("averagePrice")
        return Order(
          id: try row.text("orderId", "tpslId"), clientID: try row.optionalText("clientOrderId"),
          time: try row.optionalTime(.milliseconds, "createTime"),
          market: try row.optionalText("instId"), type: try row.optionalText("orderType"),
          side: try row.side("side"), price: try row.decimalUnlessZero("price") ?? average,
          amount: try row.optionalDecimal("size"),
          filled: try row.optionalDecimal("filledSize"), average: average,
          status: try row.word("state", states))
      },
      next: full("orderId"))
  }

  static let states: [String: Order.Status] = [
    "live": .open, "partially_filled": .open, "filled": .closed, "canceled": .canceled,
    "partially_canceled": .canceled, "rejected": .rejected, "order_failed": .rejected,
    "effective": .closed,
  ]
}
