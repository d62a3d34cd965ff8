import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// BingX: spot, funding wallet, perpetuals settled in USDT and in the coin.
  public static let bingx = Venue(
    id: "bingx", name: "BingX", documents: ["https://bingx-api.github.io/docs-v3/"],
    surfaces: Bingx.surfaces, limits: Bingx.limits, faults: Bingx.faults, feeds: Bingx.feeds,
    desk: Bingx.desk,
    unseen: [
      "fills of perpetuals settled in the coin, which are told by order only",
      "copy trading, grid bots, wealth products and standard futures",
      "fills of spot older than a day where no range is asked for",
    ])
}

enum Bingx {
  static let host = "https://open-api.bingx.com"

  // https://bingx-api.github.io/docs-v3/#/en/Quick%20Start/Signature%20Authentication
  // Signed is the text before it is escaped, sorted by name.
  static let recipe = Recipe([
    .header("X-BX-APIKEY", .key), .add("timestamp", .time(.milliseconds)), .sort,
    .bind(
      "signature", .hex(.hmac(.sha256, key: .secret, .parameters(ParameterStyle(.none, .json))))),
    .query(ParameterStyle(.strict, .json)), .appendQuery("signature", .value("signature")),
  ])

  static let surfaces: [Surface] = {
    let names: [(String, [Int])] = [
      ("spot", [1, 2, 3]), ("swap", [1, 2, 3]), ("cswap", [1]), ("contract", [1]), ("fund", [1]),
      ("wallets", [1]), ("api", [1, 3]), ("subAccount", [1]), ("account", [1]), ("agent", [1]),
      ("copyTrading", [1]),
    ]
    // Open calls carry the time too.
    let open = Recipe([.add("timestamp", .time(.milliseconds)), .query(.strict)])
    var all: [Surface] = []
    for (name, versions) in names {
      for version in versions {
        let prefix = "/openApi/\(name)/v\(version)/"
        all.append(Surface("\(name).v\(version).public", host, prefix, open))
        all.append(Surface("\(name).v\(version).private", host, prefix, recipe))
      }
    }
    return all
  }()

  // https://bingx-api.github.io/docs-v3/#/en/Quick%20Start/Rate%20Limit
  static let limits = Limits([
    LimitBucket("ACCOUNT", capacity: 1_000, refill: .window(seconds: 10), scope: .key),
    LimitBucket("MARKET", capacity: 500, refill: .window(seconds: 10), scope: .address),
  ])

  // https://bingx-api.github.io/docs-v3/#/en/Quick%20Start/Error%20Codes
  static let faults = FaultTable(
    codes: [
      "100001": .auth, "100004": .auth, "100202": .funds, "100204": .definitive, "100403": .auth,
      "100410": .rate, "100412": .auth, "100413": .auth, "100414": .auth, "100419": .auth,
      "100421": .clock, "100500": .retryable, "100503": .retryable, "101204": .funds,
      "101253": .funds, "109400": .definitive, "109421": .orderNotFound, "109429": .rate,
      "109500": .retryable, "110424": .funds, "80012": .retryable, "80016": .orderNotFound,
      "80017": .definitive,
    ],
    texts: [
      "insufficient": .funds, "order not exist": .orderNotFound,
      "order does not exist": .orderNotFound,
      "rate limit": .rate, "too many": .rate, "timestamp": .clock, "signature": .auth,
      "service unavailable": .retryable, "busy": .retryable,
    ],
    find: { body, _ in
      guard let code = (try? body.optionalText("code")) ?? nil, code != "0", code != "200" else {
        return nil
      }
      return (code: code, message: (try? body.optionalText("msg", "message")) ?? "")
    })

  /// A signed call.
  static func call(
    _ surface: String, _ method: String, _ path: String, _ parameters: Parameters = [:]
  ) -> Call {
    Call(surface + ".private", method, path, parameters, cost: ["ACCOUNT": 1])
  }

  /// An open call.
  static func open(_ surface: String, _ path: String, _ parameters: Parameters = [:]) -> Call {
    Call(surface + ".public", "GET", path, parameters, cost: ["MARKET": 1])
  }

  /// The rows in an answer's data: itself, or the first list in it of some names, or one row.
  static func rows(
    _ names: String...
  ) -> @Sendable (Answer) throws(VenueFault) -> [Node] {
    { answer throws(VenueFault) in
      let data = answer.body["data"].isNothing ? answer.body : answer.body["data"]
      if case .array? = data.json { return try data.elements() }
      let inner = data.first(names)
      if case .array? = inner.json { return try inner.elements() }
      if case .object? = inner.json { return [inner] }
      return data.isNothing || !data["code"].isNothing ? [] : [data]
    }
  }

  // MARK: - Feeds

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      balances(.spot, "spot.v1", "account/balance", .recorded),
      balances(.funding, "fund.v1", "account/balance", .documented),
      balances(.swap, "swap.v3", "user/balance", .recorded),
      balances(.inverse, "cswap.v1", "user/balance", .documented),
    ]
    feeds.fills = [spotFills, swapFills]
    feeds.deposits = [transfers("capital/deposit/hisrec", BinanceLike.deposit)]
    feeds.withdrawals = [transfers("capital/withdraw/history", BinanceLike.withdrawal)]
    feeds.statement = [income]
    feeds.positions = [
      positions("swap.v2", .swap), positions("cswap.v1", .inverse),
    ]
    feeds.markets = [spotMarkets, contracts, inverseContracts]
    feeds.assets = [
      Feed(
        calls: { _ in [call("wallets.v1", "GET", "capital/config/getall")] }, rows: rows(),
        row: BinanceLike.asset)
    ]
    feeds.tickers = tickers
    feeds.candles = candles
    feeds.trades = trades
    feeds.books = books
    feeds.openOrders = [
      orders(.spot, "spot.v1", "trade/openOrders"), orders(.swap, "swap.v2", "trade/openOrders"),
      orders(.inverse, "cswap.v1", "trade/openOrders"),
    ]
    feeds.closedOrders = [
      closed(.spot, "spot.v1", "trade/historyOrders"), closed(.swap, "swap.v2", "trade/allOrders"),
      closed(.inverse, "cswap.v1", "trade/orderHistory"),
    ]
    feeds.clock = Feed(
      calls: { _ in [open("swap.v2", "server/time")] }, rows: Pick.one("data"),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds, "serverTime") })
    return feeds
  }()

  // MARK: - The account

  private static func balances(
    _ part: AccountPart, _ surface: String, _ path: String, _ evidence: Evidence
  ) -> Feed<Balance> {
    Feed(
      part: part, evidence: evidence,
      calls: { ask in [call(surface, "GET", path, ask.extra)] },
      rows: rows("balances", "assets", "balance"),
      row: { row, ask throws(VenueFault) in
        // A balance with its envelope, as single records come.
        let data = row["data"]
        let inner =
          data.isNothing ? row : data["balances"].isNothing ? data[0] : data["balances"][0]
        return Balance(
          asset: try inner.text("asset"), free: try inner.decimal("free", "availableMargin"),
          used: try BinanceLike.sum(inner, ["locked", "usedMargin", "freezedMargin"]) ?? .zero,
          part: part)
      })
  }

  private static let spotFills = Feed<Fill>(
    part: .spot, market: .spot, paging: Paging(.forward, most: 1_000, window: Paging.day),
    scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = ["symbol": .string(try ask.needed([.spot]).id)]
      let range = ask.range("startTime", "endTime", "limit", most: 1_000)
      return [
        call("spot.v1", "GET", "trade/myTrades", parameters.adding(range).adding(ask.extra))
      ]
    },
    rows: rows("fills"),
    row: { row, ask throws(VenueFault) in
      guard var fill = try BinanceLike.fill(.spot)(row, ask) else { return nil }
      fill.fees = try row.feesTaken("commission", "commissionAsset")
      return fill
    })

  // https://bingx-api.github.io/docs-v3/#/en/Swap/Trades%20Endpoints/Query%20historical%20transaction%20details
  private static let swapFills = Feed<Fill>(
    part: .swap, market: .swap, paging: Paging(.numbered, most: 1_000, window: 7 * Paging.day),
    scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let to = ask.to ?? ask.now
      let from = ask.from ?? to.advanced(bySeconds: -7 * Int64(Paging.day))
      let parameters: Parameters = [
        "symbol": .string(try ask.needed([.swap], isInverse: false).id),
        "startTs": .text(from, .milliseconds), "endTs": .text(to, .milliseconds),
        "pageIndex": .number(ask.page + 1), "pageSize": .number(min(ask.limit ?? 1_000, 1_000)),
      ]
      return [call("swap.v2", "GET", "trade/fillHistory", parameters.adding(ask.extra))]
    },
    rows: rows("fill_history_orders", "fill_orders"),
    row: { row, ask throws(VenueFault) in
      let asset = try row.optionalText("currency") ?? ask.market?.settle
      let realised = try row.optionalDecimal("realisedPNL")
      let role = try row.optionalText("role")
      return Fill(
        id: try row.text("tradeId"), order: try row.optionalText("orderId"),
        time: try row.time(.iso, "filledTime", "filledTm"),
        market: try row.optionalText("symbol") ?? ask.market?.id ?? "", side: try row.side("side"),
        price: try row.decimal("price"), amount: try row.decimal("qty", "volume"),
        cost: try row.optionalDecimal("quoteQty", "amount"),
        fees: try row.feesTaken("commission", "currency"),
        isMaker: role.map { $0.lowercased() == "maker" }, part: .swap,
        realised: asset.flatMap { asset in realised.map { VenueAmount(asset, $0) } })
    })

  private static let transferStatuses: [String: Transfer.Status] = [
    "0": .pending, "1": .ok, "2": .pending, "3": .failed, "4": .pending, "5": .failed, "6": .ok,
    "10": .pending, "20": .failed, "30": .ok, "40": .failed, "50": .ok, "60": .pending,
    "70": .failed,
  ]

  private static func transfers(
    _ path: String, _ row: @escaping @Sendable (Node, Ask) throws(VenueFault) -> Transfer?
  ) -> Feed<Transfer> {
    Feed(
      paging: Paging(.forward, most: 1_000, window: 90 * Paging.day),
      calls: { ask in
        let range = ask.range("startTime", "endTime", "limit", most: 1_000)
        let parameters: Parameters = ["coin": .text(ask.asset)]
        return [call("api.v3", "GET", path, parameters.adding(range).adding(ask.extra))]
      },
      rows: rows("list"),
      row: { node, ask throws(VenueFault) in
        var transfer = try row(node, ask)
        transfer?.status = try node.word("status", transferStatuses)
        return transfer
      })
  }

  private static let income = Feed<StatementRow>(
    part: .swap,
    paging: Paging(.forward, most: 1_000, window: 7 * Paging.day, lookBack: 90 * Paging.day),
    calls: { ask in
      let range = ask.range("startTime", "endTime", "limit", most: 1_000)
      return [call("swap.v2", "GET", "user/income", range.adding(ask.extra))]
    },
    rows: rows("list"),
    row: { row, ask throws(VenueFault) in
      guard var line = try BinanceLike.income(.swap)(row, ask) else { return nil }
      let kinds: [String: EntryKind] = [
        "TRADING_FEE": .fee, "ADL": .liquidation, "SYSTEM_DEDUCTION": .fee, "GTD_PRICE": .fee,
      ]
      line.kind = line.kind ?? line.type.flatMap { kinds[$0] }
      if line.type == "TRADING_FEE" { line.isToldElsewhere = true }
      return line
    })

  private static func positions(_ surface: String, _ part: AccountPart) -> Feed<OpenPosition> {
    Feed(
      part: part, market: .swap, evidence: part == .swap ? .recorded : .documented,
      calls: { ask throws(VenueFault) in
        let parameters: Parameters = [
          "symbol": .text(try ask.optional([.swap], isInverse: part == .inverse)?.id)
        ]
        return [call(surface, "GET", "user/positions", parameters.adding(ask.extra))]
      },
      rows: rows(),
      row: { row, ask throws(VenueFault) in
        let market = try row.text("symbol")
        let amount = try row.decimal("positionAmt")
        let stated = try row.word("positionSide", ["LONG": true, "SHORT": false])
        return OpenPosition(
          market: market, isLong: stated ?? (amount.isZero ? nil : !amount.isNegative),
          contracts: row.size(amount),
          contractSize: ask.markets.market(market, .swap)?.contractSize,
          entryPrice: try row.decimalUnlessZero("avgPrice"),
          markPrice: try row.decimalUnlessZero("markPrice"),
          liquidationPrice: try row.decimalUnlessZero("liquidationPrice"),
          unrealised: try row.optionalDecimal("unrealizedProfit"),
          leverage: try row.optionalDecimal("leverage"),
          margin: try row.optionalDecimal("initialMargin", "margin"),
          isIsolated: try row.optionalFlag("isolated"),
          time: try row.optionalTime(.milliseconds, "updateTime"), part: part)
      })
  }
}
