import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Extended: perpetuals on Starknet, read with an API key.
  public static let extended = Venue(
    id: "extended", name: "Extended", documents: ["https://api.docs.extended.exchange/"],
    surfaces: [
      Surface("public", Extended.host, "/api/v1/"),
      Surface("private", Extended.host, "/api/v1/", Extended.recipe),
    ],
    credentials: [CredentialField("key", "API key")],
    limits: Extended.limits, faults: Extended.faults, aliases: ["USD": "USDC"],
    feeds: Extended.feeds,
    unseen: [
      "vault shares", "other sub-accounts, each of which has a key of its own",
      "orders placed here, which would need a signature on the Stark curve",
    ])
}

private enum Extended {
  static let host = "https://api.starknet.extended.exchange"

  /// The key alone; what an order's signature is stands in its body before it comes here.
  /// https://api.docs.extended.exchange/#authentication
  static let recipe = Recipe([
    .on(["GET", "DELETE"], [.query(.strict)]),
    .notOn(["GET", "DELETE"], [.jsonBodyUnlessEmpty]), .header("X-Api-Key", .key),
  ])

  // https://api.docs.extended.exchange/#rate-limits
  static let limits = Limits([
    LimitBucket("requests", capacity: 1_000, refill: .window(seconds: 60), scope: .address)
  ])

  // https://api.docs.extended.exchange/#error-responses
  static let faults = FaultTable(
    codes: [
      "400": .definitive, "401": .auth, "403": .auth, "429": .rate, "500": .retryable,
      "503": .retryable, "1001": .definitive, "1002": .definitive, "1140": .funds,
      "1141": .definitive, "1142": .orderNotFound, "1143": .orderNotFound,
    ],
    find: { body, _ in
      guard (try? body["status"].optionalText()) == "ERROR" else { return nil }
      let error = body["error"]
      let code = ((try? error.optionalText("code")) ?? nil) ?? ""
      return (code, ((try? error.optionalText("message")) ?? nil) ?? "")
    })

  private static func call(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("private", "GET", "user/" + path, parameters)
  }

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", "info/" + path, parameters)
  }

  private static func page(_ ask: Ask, _ parameters: Parameters = [:]) -> Parameters {
    var all = parameters
    all["limit"] = ask.limit.map { .string(String(min($0, 10_000))) }
    all["cursor"] = .text(ask.cursor)
    return all
  }

  /// The collateral by its number, as the venue's operations name it.
  private static func asset(_ node: Node) throws(VenueFault) -> String {
    let id = try node.text()
    return id == "1" ? "USDC" : id
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .swap, evidence: .recorded, calls: { _ in [call("spot/balances")] },
        rows: Pick.list("data"),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("asset"), free: try row.decimal("availableToWithdraw"),
            total: try row.decimal("balance"), part: .swap)
        })
    ]
    feeds.fills = [fills]
    feeds.deposits = [transfers("DEPOSIT", .deposit)]
    feeds.withdrawals = [transfers("WITHDRAWAL", .withdrawal)]
    feeds.statement = [operations, funding]
    feeds.positions = [positions]
    feeds.markets = [markets]
    feeds.tickers = [ticker, tickers]
    feeds.candles = [candles]
    feeds.trades = [trades]
    feeds.books = [books]
    feeds.openOrders = [orders("orders")]
    feeds.closedOrders = [closedOrders]
    return feeds
  }()

  // MARK: - The account

  // https://api.docs.extended.exchange/#get-trades; fees are in the collateral
  private static let fills = Feed<Fill>(
    part: .swap, market: .swap, paging: Paging(.cursor, most: 10_000), evidence: .recorded,
    calls: { ask in [call("trades", page(ask, ["market": .text(ask.market?.id)]))] },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      Fill(
        id: try row.text("id"), order: try row.optionalText("orderId"),
        time: try row.time(.milliseconds, "createdTime"), market: try row.text("market"),
        side: try row.side("side"), price: try row.decimal("price"),
        amount: try row.decimal("qty"), cost: try row.optionalDecimal("value"),
        fees: try row.optionalDecimal("fee").map { [VenueAmount("USD", $0)] } ?? [],
        isMaker: try row.optionalFlag("isTaker").map { !$0 }, part: .swap)
    },
    next: Pick.text("pagination", "cursor"))

  private static let states: [String: Transfer.Status] = [
    "CREATED": .pending, "IN_PROGRESS": .pending, "READY_FOR_CLAIM": .pending,
    "COMPLETED": .ok, "REJECTED": .failed,
  ]

  // https://api.docs.extended.exchange/#get-deposits-withdrawals-transfers-history
  private static func transfers(
    _ type: String, _ direction: Transfer.Direction
  ) -> Feed<Transfer> {
    Feed(
      paging: Paging(.cursor, most: 50),
      evidence: direction == .withdrawal ? .recorded : .documented,
      calls: { ask in [call("assetOperations", page(ask, ["type": .string(type)]))] },
      rows: Pick.list("data"),
      row: { row, _ throws(VenueFault) in
        guard try row.text("type").hasSuffix(type) else { return nil }
        let asset = try asset(row["asset"])
        return Transfer(
          id: try row.text("id"), transactionHash: try row.optionalText("transactionHash"),
          time: try row.optionalTime(.milliseconds, "time"), direction: direction, asset: asset,
          amount: try row.decimal("amount").sizeOnly(),
          fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
          network: try row.optionalText("chain"), status: try row.word("status", states))
      },
      next: Pick.text("pagination", "cursor"))
  }

  private static let kinds: [String: (kind: EntryKind, isTold: Bool)] = [
    "DEPOSIT": (.deposit, true), "WITHDRAWAL": (.withdrawal, true),
    "FAST_WITHDRAWAL": (.withdrawal, true), "SLOW_WITHDRAWAL": (.withdrawal, true),
    "TRANSFER": (.internalTransfer, false), "CLAIM": (.deposit, false),
  ]

  private static let operations = Feed<StatementRow>(
    part: .swap, paging: Paging(.cursor, most: 50),
    calls: { ask in [call("assetOperations", page(ask))] }, rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      let type = try row.text("type")
      let asset = try asset(row["asset"])
      return StatementRow(
        id: try row.text("id"), time: try row.optionalTime(.milliseconds, "time"), asset: asset,
        amount: try row.decimal("amount"), kind: kinds[type]?.kind, type: type,
        fee: try row.decimalUnlessZero("fee").map { VenueAmount(asset, $0) }, part: .swap,
        isToldElsewhere: kinds[type]?.isTold ?? false)
    },
    next: Pick.text("pagination", "cursor"))

  // https://api.docs.extended.exchange/#get-funding-payments
  private static let funding = Feed<StatementRow>(
    part: .swap, market: .swap, paging: Paging(.cursor, most: 10_000),
    calls: { ask in
      var parameters: Parameters = ["market": .text(ask.market?.id)]
      let from = ask.from ?? ask.now.advanced(bySeconds: Int64(-30 * Paging.day))
      parameters["fromTime"] = .text(from, .milliseconds)
      return [call("funding/history", page(ask, parameters))]
    },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      StatementRow(
        id: try row.text("id"), time: try row.time(.milliseconds, "paidTime"), asset: "USD",
        amount: try row.decimal("fundingFee"), kind: .marginFee, type: "funding",
        reference: try row.text("market"), part: .swap)
    },
    next: Pick.text("pagination", "cursor"))

  private static let positions = Feed<OpenPosition>(
    part: .swap, market: .swap, evidence: .recorded,
    calls: { ask in
      let market = ask.market ?? (ask.manyMarkets.count == 1 ? ask.manyMarkets.first : nil)
      return [call("positions", ["market": .text(market?.id)])]
    },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      OpenPosition(
        market: try row.text("market"),
        isLong: try row.word("side", ["LONG": true, "SHORT": false]),
        contracts: try row.decimal("size").sizeOnly(), contractSize: .one,
        entryPrice: try row.optionalDecimal("openPrice"),
        markPrice: try row.optionalDecimal("markPrice"),
        liquidationPrice: try row.optionalDecimal("liquidationPrice"),
        unrealised: try row.optionalDecimal("unrealisedPnl"),
        leverage: try row.optionalDecimal("leverage"), margin: try row.optionalDecimal("margin"),
        time: try row.optionalTime(.milliseconds, "updatedAt"), part: .swap)
    })

  private static let orderStates: [String: Order.Status] = [
    "NEW": .open, "UNTRIGGERED": .open, "PARTIALLY_FILLED": .open, "FILLED": .closed,
    "CANCELLED": .canceled, "EXPIRED": .expired, "REJECTED": .rejected,
  ]

  private static func orders(_ path: String) -> Feed<Order> {
    Feed(
      part: .swap, market: .swap, evidence: .recorded,
      calls: { ask in [call(path, ["market": .text(ask.market?.id)])] }, rows: Pick.list("data"),
      row: order)
  }

  /// Those that were executed; the route tells of the cancelled ones too.
  private static let closedOrders = Feed<Order>(
    part: .swap, market: .swap, paging: Paging(.cursor, most: 10_000), evidence: .recorded,
    calls: { ask in [call("orders/history", page(ask, ["market": .text(ask.market?.id)]))] },
    rows: Pick.list("data"), row: order, next: Pick.text("pagination", "cursor"))

  private static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    Order(
      id: try row.text("id"), clientID: try row.optionalText("externalId"),
      time: try row.optionalTime(.milliseconds, "createdTime"),
      market: try row.optionalText("market"), type: try row.optionalText("type")?.lowercased(),
      side: try row.side("side"), price: try row.optionalDecimal("price"),
      amount: try row.optionalDecimal("qty"), filled: try row.optionalDecimal("filledQty"),
      average: try row.optionalDecimal("averagePrice"),
      status: try row.word("status", orderStates),
      fees: try row.optionalDecimal("payedFee").map { [VenueAmount("USD", $0)] } ?? [])
  }

  // MARK: - Markets

  // https://api.docs.extended.exchange/#get-markets
  private static let markets = Feed<Market>(
    market: .swap, evidence: .recorded, calls: { _ in [open("markets")] },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      let rules = row["tradingConfig"]
      let quote = try row.text("collateralAssetName")
      return Market(
        id: try row.text("name"), base: try row.text("assetName"), quote: quote, settle: quote,
        kind: .swap, isActive: try row.optionalFlag("active"), contractSize: .one,
        amountStep: rules.shownDecimal("minOrderSizeChange"),
        priceStep: rules.shownDecimal("minPriceChange"),
        amountMin: rules.shownDecimal("minOrderSize"))
    })

  private static let ticker = Feed<Ticker>(
    market: .swap, scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      [open("markets/{market}/stats", ["market": .string(try ask.needed([.swap]).id)])]
    },
    rows: Pick.one("data"),
    row: { row, ask throws(VenueFault) in try read(row, ask.market?.id ?? "") })

  private static let tickers = Feed<Ticker>(
    market: .swap, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      guard ask.market == nil else { throw .unsupported("one of all tickers") }
      let ids = ask.manyMarkets.map { JSON.string($0.id) }
      return [open("markets", ["market": ids.isEmpty ? nil : .array(ids)])]
    },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in try read(row["marketStats"], try row.text("name")) })

  private static func read(_ row: Node, _ market: String) throws(VenueFault) -> Ticker {
    Ticker(
      market: market, last: try row.optionalDecimal("lastPrice"),
      bid: try row.optionalDecimal("bidPrice"), ask: try row.optionalDecimal("askPrice"),
      high: try row.optionalDecimal("dailyHigh"), low: try row.optionalDecimal("dailyLow"),
      baseVolume: row.shownDecimal("dailyVolumeBase"), quoteVolume: row.shownDecimal("dailyVolume"))
  }

  private static let candles = Feed<Candle>(
    market: .swap, paging: Paging(.backward, most: 10_000), scope: .eachMarket,
    evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let words = [
        60: "PT1M", 300: "PT5M", 900: "PT15M", 1_800: "PT30M", 3_600: "PT1H", 7_200: "PT2H",
        14_400: "PT4H", 86_400: "P1D",
      ]
      guard let word = words[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let limit = ask.limit ?? 1_000
      let reach = Int64(limit) * Int64(ask.interval)
      let end = ask.to ?? ask.from?.advanced(bySeconds: reach)
      let parameters: Parameters = [
        "market": .string(try ask.needed([.swap]).id), "interval": .string(word),
        "limit": .string(String(limit)), "endTime": .text(end, .milliseconds),
      ]
      return [open("candles/{market}/trades", parameters)]
    },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      try Candle(row, .milliseconds, "T", .letters)
    })

  private static let trades = Feed<PublicTrade>(
    market: .swap, scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      [open("markets/{market}/trades", ["market": .string(try ask.needed([.swap]).id)])]
    },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      PublicTrade(
        id: try row.text("i"), time: try row.time(.milliseconds, "T"),
        market: try row.text("m"), side: try row.side("S"), price: try row.decimal("p"),
        amount: try row.decimal("q"))
    })

  private static let books = Feed<OrderBook>(
    market: .swap, scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      [open("markets/{market}/orderbook", ["market": .string(try ask.needed([.swap]).id)])]
    },
    rows: Pick.one("data"),
    row: { row, _ throws(VenueFault) in
      OrderBook(
        market: try row.text("market"),
        bids: try OrderBook.levels(row["bid"].optionalElements(), "price", "qty"),
        asks: try OrderBook.levels(row["ask"].optionalElements(), "price", "qty"))
    })

}
