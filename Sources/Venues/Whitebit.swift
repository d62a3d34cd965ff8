import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// WhiteBIT: spot, main wallet and collateral.
  public static let whitebit = Venue(
    id: "whitebit", name: "WhiteBIT", documents: ["https://docs.whitebit.com/"],
    surfaces: [
      Surface("v1.public", Whitebit.host, "/api/v1/public/"),
      Surface("v4.public", Whitebit.host, "/api/v4/public/"),
      Surface("v1.private", Whitebit.host, "/api/v1/", Whitebit.recipe),
      Surface("v4.private", Whitebit.host, "/api/v4/", Whitebit.recipe),
    ],
    limits: Whitebit.limits, faults: Whitebit.faults, feeds: Whitebit.feeds, desk: Whitebit.desk,
    needsGrowingNonce: true,
    unseen: [
      "crypto lending, codes, conversions and rewards", "funding of futures",
      "transfers beyond the first ten thousand",
    ])
}

private enum Whitebit {
  static let host = "https://whitebit.com"

  // https://docs.whitebit.com/private/http-auth/
  static let recipe = Recipe([
    .custom { draft throws(VenueFault) in
      draft.parameters["nonceWindow"] = nil
      draft.parameters.items.insert(Parameters.Item("nonceWindow", .bool(true)), at: 0)
      try draft.run([.lead("nonce", .nonce(.milliseconds)), .lead("request", .path)])
    },
    .jsonBody, .header("X-TXC-APIKEY", .key), .header("X-TXC-PAYLOAD", .base64(.body)),
    .header("X-TXC-SIGNATURE", .hex(.hmac(.sha512, key: .secret, .base64(.body)))),
  ])

  // https://docs.whitebit.com/private/http-trade-v4/ (10,000 in 10 s), /private/http-main-v4/ (1,000 in 10 s)
  static let limits = Limits([
    LimitBucket("REQUESTS", capacity: 1_000, refill: .window(seconds: 10), scope: .address)
  ])

  static let faults = FaultTable(
    texts: [
      "not enough balance": .funds, "not enough money": .funds, "unauthorized": .auth,
      "invalid payload": .auth, "invalid signature": .auth, "api key": .auth,
      "too many requests": .rate, "nonce": .clock, "your nonce": .clock,
      "order not found": .orderNotFound, "unexecuted order was not found": .orderNotFound,
      "service unavailable": .retryable, "temporarily unavailable": .retryable,
    ],
    find: { body, status in
      let isRefused = ((try? body.optionalFlag("success")) ?? nil) == false
      let hasErrors = !body["errors"].isNothing
      guard isRefused || hasErrors || !(200..<300).contains(status) else { return nil }
      let message = ((try? body.optionalText("message")) ?? nil) ?? ""
      // What is wrong stands with the parameter it is wrong about.
      let details = body["errors"].json?.text ?? ""
      return (
        code: ((try? body.optionalText("code")) ?? nil) ?? "",
        message: details.isEmpty ? message : "\(message) \(details)"
      )
    })

  private static func call(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("v4.private", "POST", path, parameters)
  }

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("v4.public", "GET", path, parameters)
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { _ in [call("trade-account/balance")] }, rows: Pick.members(),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: row.key, free: try row.decimal("available"), used: try row.decimal("freeze"))
        }),
      Feed(
        part: .funding, calls: { _ in [call("main-account/balance")] }, rows: Pick.members(),
        row: { row, _ throws(VenueFault) in
          let amount = try row.decimal("main_balance")
          return Balance(asset: row.key, free: amount, used: .zero, part: .funding)
        }),
      Feed(
        part: .margin, calls: { _ in [call("collateral-account/balance")] },
        rows: Pick.members(),
        row: { row, _ throws(VenueFault) in
          Balance(asset: row.key, total: try row.decimal(), part: .margin)
        }),
    ]
    feeds.fills = [fills]
    feeds.deposits = [transfers(.deposit)]
    feeds.withdrawals = [transfers(.withdrawal)]
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
      row: { row, _ throws(VenueFault) in try row.time(.seconds, "time") })
    return feeds
  }()

  // MARK: - Markets

  // https://docs.whitebit.com/public/http-v4/#market-info
  private static let markets = Feed<Market>(
    calls: { _ in [open("markets")] }, rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      let isSwap = try row.optionalText("type") == "futures"
      let money = try row.text("money")
      return Market(
        id: try row.text("name"), base: try row.text("stock"), quote: money,
        settle: isSwap ? money : nil, kind: isSwap ? .swap : .spot,
        isActive: try row.optionalFlag("tradesEnabled"), contractSize: isSwap ? .one : nil,
        amountStep: try row.step(digits: "stockPrec"),
        priceStep: try row.step(digits: "moneyPrec"),
        amountMin: try row.decimalUnlessZero("minAmount"),
        costMin: try row.decimalUnlessZero("minTotal"))
    })

  private static let assets = Feed<ListedAsset>(
    calls: { _ in [open("assets")] }, rows: Pick.members(),
    row: { row, _ throws(VenueFault) in
      let networks = row["networks"]
      let opened = try networks["deposits"].optionalElements()
      var all: [AssetNetwork] = []
      for node in opened {
        all.append(AssetNetwork(id: try node.text(), canDeposit: true))
      }
      for node in try networks["withdraws"].optionalElements() {
        let id = try node.text()
        if let place = all.firstIndex(where: { $0.id == id }) {
          all[place].canWithdraw = true
        } else {
          all.append(AssetNetwork(id: id, canDeposit: false, canWithdraw: true))
        }
      }
      return ListedAsset(id: row.key, name: try row.optionalText("name"), networks: all)
    })

  private static let tickers = Feed<Ticker>(
    calls: { _ in [open("ticker")] }, rows: Pick.members(),
    row: { row, ask throws(VenueFault) in
      if let wanted = ask.market?.id, wanted != row.key { return nil }
      return Ticker(
        market: row.key, last: try row.optionalDecimal("last_price"),
        baseVolume: row.shownDecimal("base_volume"), quoteVolume: row.shownDecimal("quote_volume"))
    })

  // https://docs.whitebit.com/public/http-v1/#kline
  private static let candles = Feed<Candle>(
    paging: Paging(.forward, most: 1_440), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      guard let word = BinanceLike.intervals[ask.interval], ask.interval >= 60 else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let parameters: Parameters = [
        "market": .string(try ask.needed().id), "interval": .string(word),
      ]
      let range = ask.range("start", "end", "limit", .seconds, most: 1_440)
      return [Call("v1.public", "GET", "kline", parameters.adding(range).adding(ask.extra))]
    },
    rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      // Time, open, close, high, low, volume.
      try Candle(row, .seconds, .openCloseHighLow)
    })

  private static let trades = Feed<PublicTrade>(
    paging: Paging(.single, most: 100), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      [open("trades/{market}", ["market": .string(try ask.needed().id)])]
    },
    rows: Pick.list(),
    row: { row, ask throws(VenueFault) in
      PublicTrade(
        id: try row.optionalText("tradeID"), time: try row.time(.seconds, "trade_timestamp"),
        market: ask.market?.id ?? "", side: try row.side("type"), price: try row.decimal("price"),
        amount: try row.decimal("base_volume"))
    })

  private static let books = Feed<OrderBook>(
    scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = [
        "market": .string(try ask.needed().id), "limit": .number(ask.limit),
      ]
      return [open("orderbook/{market}", parameters.adding(ask.extra))]
    },
    rows: Pick.one(),
    row: { row, ask throws(VenueFault) in
      OrderBook(
        market: try row.optionalText("ticker_id") ?? ask.market?.id ?? "",
        time: try row.optionalTime(.seconds, "timestamp"),
        bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]))
    })

  // MARK: - The account

  private static func page(_ ask: Ask) -> Parameters {
    let size = min(ask.limit ?? 100, 100)
    return ["limit": .number(size), "offset": .number(ask.page * size)]
  }

  /// The rows of an answer: a list, or lists by market, each row with its market then.
  private static func rows(_ answer: Answer) throws(VenueFault) -> [Node] {
    if case .array? = answer.body.json { return try answer.body.elements() }
    var rows: [Node] = []
    for market in try answer.body.optionalMembers() {
      for row in try market.elements() {
        guard case .object(var members)? = row.json else { throw row.fault("an object") }
        members.set("market", .string(market.key))
        rows.append(Node(.object(members)))
      }
    }
    return rows
  }

  // https://docs.whitebit.com/private/http-trade-v4/#query-executed-order-history
  private static let fills = Feed<Fill>(
    part: .spot, paging: Paging(.numbered, most: 100),
    calls: { ask in
      var parameters: Parameters = ["market": .text(ask.market?.id)]
      parameters["startDate"] = .number(ask.from, .seconds)
      parameters["endDate"] = .number(ask.to, .seconds)
      return [
        call("trade-account/executed-history", parameters.adding(page(ask)).adding(ask.extra))
      ]
    },
    rows: rows,
    row: { row, ask throws(VenueFault) in
      let id = try row.optionalText("market") ?? ask.market?.id ?? ""
      let market = ask.markets.market(id) ?? ask.market
      let asset = try row.optionalText("feeAsset") ?? market?.quote
      let paid = try row.optionalDecimal("fee")
      return Fill(
        id: try row.text("id"), order: try row.optionalText("orderId", "dealOrderId"),
        time: try row.time(.seconds, "time"), market: id, side: try row.side("side"),
        price: try row.decimal("price"), amount: try row.decimal("amount"),
        cost: try row.optionalDecimal("deal"),
        fees: asset.flatMap { asset in paid.map { [VenueAmount(asset, $0)] } } ?? [],
        isMaker: try row.word("role", ["1": true, "2": false]),
        part: market?.kind == .swap ? .margin : .spot)
    })

  private static let depositStatuses: [String: Transfer.Status] = [
    "3": .ok, "7": .ok, "4": .canceled, "9": .canceled, "5": .pending, "15": .pending,
  ]
  private static let withdrawalStatuses: [String: Transfer.Status] = [
    "1": .pending, "2": .pending, "6": .pending, "10": .pending, "11": .pending, "12": .pending,
    "13": .pending, "14": .pending, "15": .pending, "16": .pending, "17": .pending, "3": .ok,
    "7": .ok, "18": .ok, "4": .canceled, "5": .pending,
  ]

  // https://docs.whitebit.com/private/http-main-v4/#get-depositwithdraw-history
  private static func transfers(_ direction: Transfer.Direction) -> Feed<Transfer> {
    Feed(
      paging: Paging(.numbered, most: 100),
      calls: { ask in
        let parameters: Parameters = [
          "transactionMethod": direction == .deposit ? "1" : "2", "ticker": .text(ask.asset),
        ]
        return [call("main-account/history", parameters.adding(page(ask)).adding(ask.extra))]
      },
      rows: Pick.list("records"),
      row: { row, _ throws(VenueFault) in
        let asset = try row.text("ticker")
        let isIn = try row.optionalText("method").map { $0 == "1" } ?? (direction == .deposit)
        return Transfer(
          id: try row.optionalText("transactionId", "uniqueId"),
          transactionHash: try row.optionalText("transactionHash"),
          time: try row.optionalTime(.seconds, "createdAt"),
          direction: isIn ? .deposit : .withdrawal, asset: asset, amount: try row.decimal("amount"),
          // What is asked for includes the fee.
          isFeeInside: true, fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
          network: try row.optionalText("network"), address: try row.optionalText("address"),
          tag: try row.optionalText("memo"),
          status: try row.word("status", isIn ? depositStatuses : withdrawalStatuses))
      })
  }

  // https://docs.whitebit.com/private/http-trade-v4/#open-positions
  private static let positions = Feed<OpenPosition>(
    part: .margin,
    calls: { ask in
      let parameters: Parameters = ["market": .text(ask.market?.id)]
      return [call("collateral-account/positions/open", parameters.adding(ask.extra))]
    },
    rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      let amount = try row.decimal("amount")
      return OpenPosition(
        market: try row.text("market"), isLong: amount.isZero ? nil : !amount.isNegative,
        contracts: row.size(amount), contractSize: .one,
        entryPrice: try row.decimalUnlessZero("basePrice"),
        liquidationPrice: try row.decimalUnlessZero("liquidationPrice"),
        unrealised: try row.optionalDecimal("pnl"), margin: try row.optionalDecimal("margin"),
        time: try row.optionalTime(.seconds, "modifyDate"), part: .margin)
    })

  // MARK: - Orders

  private static let openOrders = Feed<Order>(
    part: .spot, paging: Paging(.numbered, most: 100),
    calls: { ask in
      let parameters: Parameters = ["market": .text(ask.market?.id)]
      return [call("orders", parameters.adding(page(ask)).adding(ask.extra))]
    },
    rows: rows,
    row: { row, ask throws(VenueFault) in
      var order = try order(row, ask)
      order?.status = .open
      return order
    })

  private static let closedOrders = Feed<Order>(
    part: .spot, paging: Paging(.numbered, most: 100),
    calls: { ask in
      let parameters: Parameters = ["market": .text(ask.market?.id)]
      return [
        call("trade-account/order/history", parameters.adding(page(ask)).adding(ask.extra))
      ]
    },
    rows: rows, row: order)

  private static let statuses: [String: Order.Status] = [
    "FILLED": .closed, "CANCELED": .canceled, "CANCELLED": .canceled, "PARTIALLY_FILLED": .open,
    "OPEN": .open, "NEW": .open,
  ]

  private static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    let filled = try row.optionalDecimal("dealStock")
    let cost = try row.optionalDecimal("dealMoney")
    let fee = try row.optionalDecimal("dealFee")
    let market = try row.optionalText("market")
    let quote = market.flatMap { ask.markets.market($0)?.quote } ?? ask.market?.quote
    let type = try row.optionalText("type").map { BinanceLike.typeWord($0, hasPrice: true) }
    return Order(
      id: try row.text("orderId", "id"), clientID: try row.optionalText("clientOrderId"),
      time: try row.optionalTime(.seconds, "timestamp", "ctime"), market: market, type: type,
      side: try row.side("side"), price: try row.decimalUnlessZero("price"),
      amount: try row.optionalDecimal("amount"), filled: filled,
      remaining: try row.optionalDecimal("left"), cost: cost,
      average: BinanceLike.mean(cost: cost, of: filled), status: try row.word("status", statuses),
      fees: quote.flatMap { quote in fee.map { [VenueAmount(quote, $0)] } } ?? [])
  }

  private static func name(_ ask: Ask) throws(VenueFault) -> Parameters {
    var parameters: Parameters = ["market": .string(try ask.needed().id)]
    if let id = ask.order {
      parameters["orderId"] = .string(id)
    } else if let own = ask.clientOrder {
      parameters["clientOrderId"] = .string(own)
    } else {
      throw .unsupported("an order without an id")
    }
    return parameters.adding(ask.extra)
  }

  /// A market order is for an amount of the base: `stock_market`.
  private static func place(_ ask: Ask) throws(VenueFault) -> Call {
    guard let order = ask.newOrder, order.market.kind == .spot else {
      throw .unsupported("orders on collateral")
    }
    var parameters: Parameters = [
      "market": .string(order.market.id), "side": .string(order.side.rawValue),
      "amount": .text(try BinanceLike.stepped(order.amount, order.market.amountStep)),
    ]
    guard order.type == .limit else {
      parameters["clientOrderId"] = .text(order.clientID)
      return call("order/stock_market", parameters.adding(ask.extra))
    }
    guard let price = order.price else { throw .unsupported("a limit order without a price") }
    parameters["price"] = .text(try BinanceLike.ticked(price, order.market.priceStep))
    switch order.timeInForce {
    case .postOnly?: parameters["postOnly"] = .bool(true)
    case .immediateOrCancel?: parameters["ioc"] = .bool(true)
    case .fillOrKill?: throw .unsupported("fill or kill")
    default: break
    }
    parameters["clientOrderId"] = .text(order.clientID)
    return call("order/new", parameters.adding(ask.extra))
  }

  static let desk = BinanceLike.desk(
    clientIDMost: 32, row: order, place: place,
    cancel: { ask throws(VenueFault) in call("order/cancel", try name(ask)) },
    find: { ask throws(VenueFault) in call("orders", try name(ask)) }, open: openOrders)
}
