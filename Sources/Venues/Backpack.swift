import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Backpack: spot, lending and perpetuals on one collateral.
  public static let backpack = Venue(
    id: "backpack", name: "Backpack", documents: ["https://docs.backpack.exchange/"],
    surfaces: [
      Surface("public", Backpack.host, "/"),
      Surface("private", Backpack.host, "/", Backpack.recipe),
    ],
    credentials: [
      CredentialField("key", "API key (public key)", isSecret: false),
      CredentialField("secret", "API secret (seed)"),
    ],
    limits: Backpack.limits, faults: Backpack.faults, feeds: Backpack.feeds, desk: Backpack.desk,
    unseen: [
      "what is borrowed, and moves into and out of lending",
      "points, vaults and sub-accounts other than the key's own",
    ])
}

private enum Backpack {
  static let host = "https://api.backpack.exchange"

  // https://docs.backpack.exchange/#section/Authentication/Signing-requests
  static let recipe = Recipe([
    .bind("instruction", .made(instruction)), .bind("signed", .sortedParameters(.raw)),
    .header("X-API-Key", .key), .header("X-Timestamp", .time(.milliseconds)),
    .header("X-Window", "5000"),
    .header(
      "X-Signature",
      .base64(
        .ed25519(
          key: .unbase64(.secret),
          .join([
            "instruction=", .value("instruction"), .made(joined), "&timestamp=",
            .time(.milliseconds), "&window=5000",
          ])))),
    .on(["GET"], [.query(.strict)]), .notOn(["GET"], [.jsonBody]),
  ])

  private static func joined(_ draft: Draft) -> [UInt8] {
    let signed = draft.values["signed"] ?? []
    return signed.isEmpty ? [] : Array("&".utf8) + signed
  }

  /// Every route has a name of its own that is signed.
  private static let instructions: [String: String] = [
    "GET /api/v1/account": "accountQuery", "PATCH /api/v1/account": "accountUpdate",
    "GET /api/v1/account/limits/borrow": "maxBorrowQuantity",
    "GET /api/v1/account/limits/order": "maxOrderQuantity",
    "GET /api/v1/account/limits/withdrawal": "maxWithdrawalQuantity",
    "GET /api/v1/borrowLend/positions": "borrowLendPositionQuery",
    "POST /api/v1/borrowLend": "borrowLendExecute", "GET /api/v1/capital": "balanceQuery",
    "GET /api/v1/capital/collateral": "collateralQuery",
    "GET /wapi/v1/capital/deposits": "depositQueryAll",
    "GET /wapi/v1/capital/deposit/address": "depositAddressQuery",
    "GET /wapi/v1/capital/withdrawals": "withdrawalQueryAll",
    "POST /wapi/v1/capital/withdrawals": "withdraw", "GET /api/v1/position": "positionQuery",
    "GET /wapi/v1/history/borrowLend": "borrowHistoryQueryAll",
    "GET /wapi/v1/history/interest": "interestHistoryQueryAll",
    "GET /wapi/v1/history/borrowLend/positions": "borrowPositionHistoryQueryAll",
    "GET /wapi/v1/history/dust": "dustHistoryQueryAll",
    "GET /wapi/v1/history/fills": "fillHistoryQueryAll",
    "GET /wapi/v1/history/funding": "fundingHistoryQueryAll",
    "GET /wapi/v1/history/orders": "orderHistoryQueryAll",
    "GET /wapi/v1/history/pnl": "pnlHistoryQueryAll",
    "GET /wapi/v1/history/settlement": "settlementHistoryQueryAll",
    "GET /api/v1/order": "orderQuery", "POST /api/v1/order": "orderExecute",
    "DELETE /api/v1/order": "orderCancel", "POST /api/v1/orders": "orderExecute",
    "GET /api/v1/orders": "orderQueryAll", "DELETE /api/v1/orders": "orderCancelAll",
  ]

  private static func instruction(_ draft: Draft) throws(VenueFault) -> [UInt8] {
    guard let name = instructions["\(draft.method) \(draft.path)"] else {
      throw .unsupported("\(draft.method) \(draft.path)")
    }
    return Array(name.utf8)
  }

  // https://support.backpack.exchange/exchange/api-and-developer-docs/rate-limits
  static let limits = Limits([
    LimitBucket("REQUESTS", capacity: 2_000, refill: .window(seconds: 60), scope: .key)
  ])

  static let faults = FaultTable(
    codes: [
      "UNAUTHORIZED": .auth, "FORBIDDEN": .auth, "INVALID_SIGNATURE": .auth,
      "TOO_MANY_REQUESTS": .rate, "INSUFFICIENT_FUNDS": .funds, "INSUFFICIENT_MARGIN": .funds,
      "RESOURCE_NOT_FOUND": .orderNotFound, "SERVICE_UNAVAILABLE": .retryable,
      "INTERNAL_ERROR": .retryable, "TIMEOUT": .unknownOutcome, "SYSTEM_MAINTENANCE": .retryable,
      "REQUEST_EXPIRED": .clock,
    ],
    texts: [
      "insufficient": .funds, "order not found": .orderNotFound, "signature": .auth,
      "expired": .clock, "too many": .rate,
    ],
    find: { body, status in
      guard !(200..<300).contains(status) || !body["code"].isNothing,
        let code = (try? body.optionalText("code")) ?? nil
      else { return nil }
      return (code: code, message: (try? body.optionalText("message")) ?? "")
    })

  private static func call(
    _ method: String, _ path: String, _ parameters: Parameters = [:]
  ) -> Call {
    Call("private", method, path, parameters)
  }

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", "api/v1/" + path, parameters)
  }

  /// A page by offset, with the range.
  private static func page(_ ask: Ask, _ first: Parameters = [:]) -> Parameters {
    let size = min(ask.limit ?? 100, 1_000)
    let own: Parameters = [
      "limit": ask.limit == nil && ask.page == 0 ? nil : .number(size),
      "offset": ask.page > 0 ? .number(ask.page * size) : nil,
    ]
    return first.adding(ask.range("from", "to", nil)).adding(own).adding(ask.extra)
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [balances, lending]
    feeds.fills = [fills]
    feeds.deposits = [deposits]
    feeds.withdrawals = [withdrawals]
    feeds.statement = [funding, interest]
    feeds.positions = [positions]
    feeds.markets = [markets]
    feeds.assets = [assets]
    feeds.tickers = [tickers]
    feeds.candles = [candles]
    feeds.trades = [trades]
    feeds.books = [books]
    feeds.openOrders = [openOrders]
    feeds.closedOrders = [closedOrders]
    feeds.clock = Feed(
      calls: { _ in [open("time")] }, rows: Pick.one(),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds) })
    return feeds
  }()

  // MARK: - Markets

  private static let markets = Feed<Market>(
    calls: { _ in [open("markets")] }, rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      let isSwap = try row.text("marketType") == "PERP"
      let quote = try row.text("quoteSymbol")
      let amount = row["filters"]["quantity"]
      return Market(
        id: try row.text("symbol"), base: try row.text("baseSymbol"), quote: quote,
        settle: isSwap ? quote : nil, kind: isSwap ? .swap : .spot,
        isActive: try row.optionalText("orderBookState").map { $0 == "Open" },
        contractSize: isSwap ? .one : nil, amountStep: try amount.optionalDecimal("stepSize"),
        priceStep: try row["filters"]["price"].optionalDecimal("tickSize"),
        amountMin: try amount.optionalDecimal("minQuantity"),
        amountMax: amount.shownDecimal("maxQuantity"))
    })

  private static let assets = Feed<ListedAsset>(
    calls: { _ in [open("assets")] }, rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      var networks: [AssetNetwork] = []
      for token in try row["tokens"].optionalElements() {
        networks.append(
          AssetNetwork(
            id: try token.text("blockchain"), fee: token.shownDecimal("withdrawalFee"),
            withdrawMin: token.shownDecimal("minimumWithdrawal"),
            contract: try token.optionalText("contractAddress"),
            canDeposit: try token.optionalFlag("depositEnabled"),
            canWithdraw: try token.optionalFlag("withdrawEnabled")))
      }
      return ListedAsset(
        id: try row.text("symbol"), name: try row.optionalText("displayName"), networks: networks)
    })

  private static let tickers = Feed<Ticker>(
    calls: { ask in
      ask.market.map { [open("ticker", ["symbol": .string($0.id)])] } ?? [open("tickers")]
    },
    rows: BinanceLike.list,
    row: { row, _ throws(VenueFault) in
      Ticker(
        market: try row.text("symbol"), last: try row.optionalDecimal("lastPrice"),
        high: try row.optionalDecimal("high"), low: try row.optionalDecimal("low"),
        open: try row.optionalDecimal("firstPrice"), baseVolume: row.shownDecimal("volume"),
        quoteVolume: row.shownDecimal("quoteVolume"))
    })

  /// A beginning is required; times are in seconds here.
  private static let candles = Feed<Candle>(
    paging: Paging(.forward, most: 1_000), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      guard let word = BinanceLike.intervals[ask.interval], ask.interval >= 60 else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let count = Int64(min(max(ask.limit ?? 100, 1), 1_000))
      let back = -count * Int64(min(max(ask.interval, 60), 2_592_000))
      let from = ask.from ?? (ask.to ?? ask.now).advanced(bySeconds: back)
      let parameters: Parameters = [
        "symbol": .string(try ask.needed().id),
        "interval": .string(word == "1M" ? "1month" : word), "startTime": .text(from, .seconds),
        "endTime": .text(ask.to, .seconds),
      ]
      return [open("klines", parameters.adding(ask.extra))]
    },
    rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      try Candle(row, .iso, "start")
    })

  private static let trades = Feed<PublicTrade>(
    paging: Paging(.single, most: 1_000), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = [
        "symbol": .string(try ask.needed().id), "limit": .number(ask.limit),
      ]
      return [open("trades", parameters.adding(ask.extra))]
    },
    rows: Pick.list(),
    row: { row, ask throws(VenueFault) in
      PublicTrade(
        id: try row.optionalText("id"), time: try row.time(.milliseconds, "timestamp"),
        market: ask.market?.id ?? "",
        side: try row.optionalFlag("isBuyerMaker").map { $0 ? .sell : .buy },
        price: try row.decimal("price"), amount: try row.decimal("quantity"))
    })

  private static let books = Feed<OrderBook>(
    scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = ["symbol": .string(try ask.needed().id)]
      return [open("depth", parameters.adding(ask.extra))]
    },
    rows: Pick.one(),
    row: { row, ask throws(VenueFault) in
      OrderBook(
        market: ask.market?.id ?? "", time: try row.optionalTime(.microseconds, "timestamp"),
        bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]),
        sequence: try row.optionalInteger("lastUpdateId"))
    })

  // MARK: - The account

  private static let balances = Feed<Balance>(
    part: .spot, calls: { _ in [call("GET", "api/v1/capital")] }, rows: Pick.members(),
    row: { row, _ throws(VenueFault) in
      Balance(
        asset: row.key, free: try row.decimal("available"),
        used: try BinanceLike.sum(row, ["locked", "staked"]))
    })

  /// What is lent; what is borrowed is no holding.
  private static let lending = Feed<Balance>(
    part: .earn, calls: { _ in [call("GET", "api/v1/borrowLend/positions")] }, rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      let net = try row.decimal("netQuantity")
      guard !net.isNegative else { return nil }
      return Balance(
        asset: try row.text("symbol"), free: .zero, used: net, total: net, part: .earn)
    })

  private static let sides: [String: Side] = ["Bid": .buy, "Ask": .sell]

  private static let fills = Feed<Fill>(
    paging: Paging(.numbered, most: 1_000),
    calls: { ask in
      let parameters: Parameters = ["symbol": .text(ask.market?.id)]
      return [call("GET", "wapi/v1/history/fills", page(ask, parameters))]
    },
    rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      let market = try row.text("symbol")
      return Fill(
        id: try row.text("tradeId"), order: try row.optionalText("orderId"),
        time: try row.time(.iso, "timestamp"), market: market, side: try row.word("side", sides),
        price: try row.decimal("price"), amount: try row.decimal("quantity"),
        fees: try row.fees("fee", "feeSymbol"), isMaker: try row.optionalFlag("isMaker"),
        part: market.hasSuffix("_PERP") ? .swap : .spot)
    })

  private static let statuses: [String: Transfer.Status] = [
    "cancelled": .canceled, "confirmed": .ok, "declined": .failed, "expired": .failed,
    "initiated": .pending, "pending": .pending, "cancelling": .pending, "refunded": .canceled,
    "ownershipVerificationRequired": .pending, "senderVerificationRequired": .pending,
    "informationRequired": .pending, "sentinelReview": .pending,
    "recipientInformationRequired": .pending,
  ]

  private static let deposits = Feed<Transfer>(
    paging: Paging(.numbered, most: 1_000),
    calls: { ask in [call("GET", "wapi/v1/capital/deposits", page(ask))] }, rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      Transfer(
        id: try row.text("id"), transactionHash: try row.optionalText("transactionHash"),
        time: try row.time(.iso, "createdAt"), direction: .deposit, asset: try row.text("symbol"),
        amount: try row.decimal("quantity"), network: try row.optionalText("source"),
        address: try row.optionalText("toAddress"), status: try row.word("status", statuses))
    })

  private static let withdrawals = Feed<Transfer>(
    paging: Paging(.numbered, most: 1_000),
    calls: { ask in [call("GET", "wapi/v1/capital/withdrawals", page(ask))] }, rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      let asset = try row.text("symbol")
      return Transfer(
        id: try row.text("id"), transactionHash: try row.optionalText("transactionHash"),
        time: try row.time(.iso, "createdAt"), direction: .withdrawal, asset: asset,
        amount: try row.decimal("quantity"),
        fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
        network: try row.optionalText("blockchain"), address: try row.optionalText("toAddress"),
        status: try row.word("status", statuses))
    })

  /// Funding is in the quote of every perpetual.
  private static let funding = Feed<StatementRow>(
    part: .swap, paging: Paging(.numbered, most: 1_000),
    calls: { ask in [call("GET", "wapi/v1/history/funding", page(ask))] }, rows: Pick.list(),
    row: { row, ask throws(VenueFault) in
      let symbol = try row.text("symbol")
      let names = symbol.split(separator: "_").map(String.init)
      let known = ask.markets.market(symbol)?.settle
      guard let asset = known ?? (names.count == 3 ? names[1] : nil) else {
        throw row["symbol"].fault("a perpetual")
      }
      let time = try row.time(.iso, "intervalEndTimestamp")
      return StatementRow(
        id: "\(symbol)/\(TimeForm.milliseconds.write(time))", time: time, asset: asset,
        amount: try row.decimal("quantity"), kind: .marginFee, type: "funding", part: .swap)
    })

  private static let interest = Feed<StatementRow>(
    part: .earn, paging: Paging(.numbered, most: 1_000),
    calls: { ask in [call("GET", "wapi/v1/history/interest", page(ask))] }, rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      let amount = try row.decimal("quantity")
      return StatementRow(
        id: nil, time: try row.time(.iso, "timestamp"), asset: try row.text("symbol"),
        amount: amount, kind: amount.isNegative ? .marginFee : .interest,
        type: try row.optionalText("paymentType"), part: .earn)
    })

  private static let positions = Feed<OpenPosition>(
    part: .swap, market: .swap,
    calls: { ask in
      let parameters: Parameters = ["symbol": .text(ask.market?.id)]
      return [call("GET", "api/v1/position", parameters.adding(ask.extra))]
    },
    rows: BinanceLike.list,
    row: { row, _ throws(VenueFault) in
      let amount = try row.decimal("netQuantity")
      return OpenPosition(
        market: try row.text("symbol"), isLong: amount.isZero ? nil : !amount.isNegative,
        contracts: row.size(amount), contractSize: .one,
        entryPrice: try row.decimalUnlessZero("entryPrice"),
        markPrice: try row.decimalUnlessZero("markPrice"),
        liquidationPrice: try row.decimalUnlessZero("estLiquidationPrice"),
        unrealised: try row.optionalDecimal("pnlUnrealized"))
    })

  // MARK: - Orders

  private static let orderStatuses: [String: Order.Status] = [
    "New": .open, "PartiallyFilled": .open, "TriggerPending": .open, "Filled": .closed,
    "Cancelled": .canceled, "Expired": .expired, "TriggerFailed": .rejected,
  ]

  private static let openOrders = Feed<Order>(
    calls: { ask in
      let parameters: Parameters = ["symbol": .text(ask.market?.id)]
      return [call("GET", "api/v1/orders", parameters.adding(ask.extra))]
    }, rows: BinanceLike.list, row: order)

  private static let closedOrders = Feed<Order>(
    paging: Paging(.numbered, most: 1_000),
    calls: { ask in
      let parameters: Parameters = ["symbol": .text(ask.market?.id)]
      return [call("GET", "wapi/v1/history/orders", page(ask, parameters))]
    }, rows: BinanceLike.list,
    row: { row, ask throws(VenueFault) in
      let found = try order(row, ask)
      return found?.status == .open ? nil : found
    })

  private static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    let filled = try row.optionalDecimal("executedQuantity")
    let cost = try row.optionalDecimal("executedQuoteQuantity")
    let made = row["createdAt"]
    let isText = try made.optionalText()?.contains("-") ?? false
    return Order(
      id: try row.text("id"), clientID: try row.optionalText("clientId"),
      time: made.isNothing ? nil : try made.time(isText ? .iso : .milliseconds),
      market: try row.optionalText("symbol"), type: try row.optionalText("orderType")?.lowercased(),
      side: try row.word("side", sides), price: try row.decimalUnlessZero("price"),
      amount: try row.decimalUnlessZero("quantity"), filled: filled, cost: cost,
      average: BinanceLike.mean(cost: cost, of: filled),
      status: try row.word("status", orderStatuses))
  }

  private static func name(_ ask: Ask) throws(VenueFault) -> Parameters {
    var parameters: Parameters = ["symbol": .string(try ask.needed().id)]
    if let id = ask.order {
      parameters["orderId"] = .string(id)
    } else if let own = ask.clientOrder {
      parameters["clientId"] = .number(own)
    } else {
      throw .unsupported("an order without an id")
    }
    return parameters.adding(ask.extra)
  }

  /// Own ids are whole numbers of 32 bits here.
  private static func place(_ ask: Ask) throws(VenueFault) -> Call {
    guard let order = ask.newOrder else { throw .unsupported("placing without an order") }
    if let own = order.clientID, UInt32(own) == nil {
      throw .unsupported("an own id that is no number of 32 bits")
    }
    var parameters: Parameters = [
      "symbol": .string(order.market.id), "side": order.side == .buy ? "Bid" : "Ask",
      "orderType": order.type == .limit ? "Limit" : "Market",
      "quantity": .text(try BinanceLike.stepped(order.amount, order.market.amountStep)),
      "clientId": order.clientID.map { .number($0) },
    ]
    if order.type == .limit {
      guard let price = order.price else { throw .unsupported("a limit order without a price") }
      parameters["price"] = .text(try BinanceLike.ticked(price, order.market.priceStep))
      if order.timeInForce == .postOnly {
        parameters["postOnly"] = .bool(true)
      } else {
        parameters["timeInForce"] = .text(order.timeInForce?.rawValue)
      }
    }
    if order.isReduceOnly { parameters["reduceOnly"] = .bool(true) }
    return call("POST", "api/v1/order", parameters.adding(ask.extra))
  }

  static let desk = BinanceLike.desk(
    clientIDMost: 9, row: order, place: place,
    cancel: { ask throws(VenueFault) in call("DELETE", "api/v1/order", try name(ask)) },
    find: { ask throws(VenueFault) in call("GET", "api/v1/order", try name(ask)) },
    open: openOrders)
}
