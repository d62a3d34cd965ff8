import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Zebpay: spot and perpetuals.
  public static let zebpay = Venue(
    id: "zebpay", name: "Zebpay", documents: ["https://github.com/zebpay/zebpay-api-references"],
    surfaces: [
      Surface("public.spot", Zebpay.spotHost, "/api/"),
      Surface("private.spot", Zebpay.spotHost, "/api/", Zebpay.recipe(query: ["GET", "DELETE"])),
      Surface("public.swap", Zebpay.swapHost, "/api/"),
      Surface("private.swap", Zebpay.swapHost, "/api/", Zebpay.recipe(query: ["GET"])),
    ],
    limits: Zebpay.limits, faults: Zebpay.faults, feeds: Zebpay.feeds, desk: Zebpay.desk,
    unseen: ["deposits, withdrawals and lending: the interface has no route for them"])
}

private enum Zebpay {
  static let spotHost = "https://sapi.zebpay.com"
  static let swapHost = "https://futuresbe.zebpay.com"

  // https://github.com/zebpay/zebpay-api-references (authentication)
  static func recipe(query methods: [String]) -> Recipe {
    Recipe([
      .add("timestamp", .time(.milliseconds)), .on(methods, [.query(.strict)]),
      .notOn(methods, [.jsonBody]), .header("Content-Type", "application/json"),
      .header("X-AUTH-APIKEY", .key),
      .header(
        "X-AUTH-SIGNATURE", .hex(.hmac(.sha256, key: .secret, .either(.body, .query)))),
    ])
  }

  static let limits = Limits([
    LimitBucket("REQUESTS", capacity: 20, refill: .window(seconds: 1), scope: .address)
  ])

  static let faults = FaultTable(
    codes: ["401": .auth, "403": .auth, "429": .rate, "500": .retryable, "503": .retryable],
    texts: [
      "insufficient": .funds, "order not found": .orderNotFound, "too many": .rate,
      "signature": .auth, "timestamp": .clock, "api key": .auth,
    ],
    find: { body, _ in
      let code = ((try? body.optionalText("statusCode")) ?? nil) ?? ""
      guard !code.isEmpty, !code.hasPrefix("2") else { return nil }
      let message = (try? body.optionalText("statusDescription", "message")) ?? nil
      return (code: code, message: message ?? "")
    })

  private static func call(
    _ surface: String, _ method: String, _ path: String, _ parameters: Parameters = [:]
  ) -> Call {
    Call(surface, method, path, parameters)
  }

  private static func id(_ ask: Ask, _ kind: MarketKind) throws(VenueFault) -> JSON {
    .string(try ask.needed([kind]).id)
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      balances(.spot, "private.spot", "v2/account/balance"),
      balances(.swap, "private.swap", "v1/wallet/balance"),
    ]
    feeds.fills = [fills]
    feeds.positions = [positions]
    feeds.markets = [markets(.spot), markets(.swap)]
    feeds.assets = [assets]
    feeds.tickers = [ticker(.spot), ticker(.swap), tickers]
    feeds.candles = [candles(.spot), candles(.swap)]
    feeds.trades = [trades]
    feeds.books = [books(.spot), books(.swap)]
    feeds.openOrders = [openOrders(.spot), openOrders(.swap)]
    return feeds
  }()

  // MARK: - Markets

  private static func markets(_ kind: MarketKind) -> Feed<Market> {
    Feed(
      market: kind,
      calls: { _ in
        kind == .spot
          ? [call("public.spot", "GET", "v2/ex/exchangeInfo")]
          : [call("public.swap", "GET", "v1/exchange/exchangeInfo")]
      },
      rows: { answer throws(VenueFault) in
        let data = answer.body["data"]
        if case .array? = data.json { return try data.elements() }
        return try data.first(["symbols", "pairs"]).elements()
      },
      row: { row, _ throws(VenueFault) in
        let quote = try row.text("quoteAsset")
        return Market(
          id: try row.text("symbol"), base: try row.text("baseAsset"), quote: quote,
          settle: kind == .swap ? quote : nil, kind: kind,
          isActive: try row.optionalText("status").map { $0 == "Open" },
          contractSize: kind == .swap ? .one : nil, amountStep: try row.optionalDecimal("lotSz"),
          priceStep: try row.optionalDecimal("tickSz"))
      })
  }

  private static let assets = Feed<ListedAsset>(
    evidence: .recorded, calls: { _ in [call("public.spot", "GET", "v2/ex/currencies")] },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      var networks: [AssetNetwork] = []
      for chain in try row["chains"].optionalElements() {
        networks.append(
          AssetNetwork(
            id: try chain.text("chainId", "chainName"), fee: chain.shownDecimal("withdrawalFee"),
            withdrawMin: chain.shownDecimal("withdrawalMinSize"),
            contract: try chain.optionalText("contractAddress"),
            canDeposit: try chain.optionalFlag("isDepositEnabled"),
            canWithdraw: try chain.optionalFlag("isWithdrawEnabled")))
      }
      return ListedAsset(
        id: try row.text("currency"), name: try row.optionalText("fullName"),
        step: try row.step(digits: "precision"), networks: networks)
    })

  private static func ticker(_ kind: MarketKind) -> Feed<Ticker> {
    Feed(
      market: kind, scope: .eachMarket, evidence: .documented,
      calls: { ask throws(VenueFault) in
        let parameters: Parameters = ["symbol": try id(ask, kind)]
        return kind == .spot
          ? [call("public.spot", "GET", "v2/market/ticker", parameters)]
          : [call("public.swap", "GET", "v1/market/ticker24Hr", parameters)]
      }, rows: Pick.one("data"), row: readTicker)
  }

  private static let tickers = Feed<Ticker>(
    market: .spot,
    calls: { ask throws(VenueFault) in
      guard ask.market == nil else { throw .unsupported("one of all tickers") }
      return [call("public.spot", "GET", "v2/market/allTickers")]
    }, rows: Pick.list("data"), row: readTicker)

  private static func readTicker(_ row: Node, _ ask: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.optionalText("symbol") ?? ask.market?.id ?? "",
      time: try row.optionalTime(.milliseconds, "timestamp", "ts", "closeTime"),
      last: try row.optionalDecimal("last", "close", "lastPrice"),
      bid: try row.optionalDecimal("bid", "buy", "bidPrice"),
      ask: try row.optionalDecimal("ask", "sell", "askPrice"),
      high: try row.optionalDecimal("high", "highPrice"),
      low: try row.optionalDecimal("low", "lowPrice"),
      open: try row.optionalDecimal("open", "openPrice"),
      baseVolume: row.shownDecimal("baseVolume", "volume", "vol"),
      quoteVolume: row.shownDecimal("quoteVolume"))
  }

  private static func candles(_ kind: MarketKind) -> Feed<Candle> {
    Feed(
      market: kind, paging: Paging(.forward, most: 500), scope: .eachMarket,
      evidence: kind == .swap ? .recorded : .documented,
      calls: { ask throws(VenueFault) in
        guard let word = BinanceLike.intervals[ask.interval] else {
          throw .unsupported("candles of \(ask.interval) s")
        }
        var parameters: Parameters = [
          "symbol": try id(ask, kind), "interval": .string(word), "limit": .number(ask.limit),
        ]
        for (name, time) in [("startTime", ask.from), ("endTime", ask.to)] {
          parameters[name] =
            kind == .spot ? .text(time, .milliseconds) : .number(time, .milliseconds)
        }
        return kind == .spot
          ? [call("public.spot", "GET", "v2/market/klines", parameters.adding(ask.extra))]
          : [call("public.swap", "POST", "v1/market/klines", parameters.adding(ask.extra))]
      },
      rows: Pick.list("data"), row: BinanceLike.candle)
  }

  private static let trades = Feed<PublicTrade>(
    market: .spot, paging: Paging(.single, most: 200), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = ["symbol": try id(ask, .spot), "limit": .number(ask.limit)]
      return [call("public.spot", "GET", "v2/market/trades", parameters.adding(ask.extra))]
    },
    rows: Pick.list("data"), row: readTrade)

  /// A public trade; the flag says that the buyer stood in the book.
  private static func readTrade(_ row: Node, _ ask: Ask) throws(VenueFault) -> PublicTrade? {
    let maker = row.first(["isBuyerMarketMaker", "isBuyerMaker"])
    let isSale = maker.isNothing ? nil : try maker.flag()
    return PublicTrade(
      id: try row.optionalText("aggregateTradeId", "tradeID", "tradeId", "id"),
      time: try row.time(.milliseconds, "tradeTime", "timestamp", "time"),
      market: try row.optionalText("symbol") ?? ask.market?.id ?? "",
      side: try row.side("side") ?? isSale.map { $0 ? .sell : .buy },
      price: try row.decimal("price"), amount: try row.decimal("quantity", "amount"))
  }

  private static func books(_ kind: MarketKind) -> Feed<OrderBook> {
    Feed(
      market: kind, scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        let parameters: Parameters = ["symbol": try id(ask, kind), "limit": .number(ask.limit)]
        return kind == .spot
          ? [call("public.spot", "GET", "v2/market/orderbook", parameters.adding(ask.extra))]
          : [call("public.swap", "GET", "v1/market/orderBook", parameters.adding(ask.extra))]
      },
      rows: Pick.one("data"), row: BinanceLike.book)
  }

  // MARK: - The account

  private static func balances(
    _ part: AccountPart, _ surface: String, _ path: String
  ) -> Feed<Balance> {
    Feed(
      part: part, evidence: part == .swap ? .recorded : .documented,
      calls: { ask in [call(surface, "GET", path, ask.extra)] },
      rows: Pick.list("data"),
      row: { row, _ throws(VenueFault) in
        Balance(
          asset: try row.text("currency"), free: try row.decimal("free"),
          used: try row.optionalDecimal("used"), total: try row.optionalDecimal("total"),
          part: part)
      })
  }

  private static let fills = Feed<Fill>(
    part: .swap, market: .swap, paging: Paging(.backward, most: 100), scope: .all,
    calls: { ask in
      let parameters: Parameters = [
        "pageSize": .number(ask.limit.map { min($0, 100) }),
        "timestamp": .text(ask.to, .milliseconds),
      ]
      return [call("private.swap", "GET", "v1/trade/history", parameters.adding(ask.extra))]
    },
    rows: { answer throws(VenueFault) in
      let data = answer.body["data"]
      if case .array? = data.json { return try data.elements() }
      return try data["items"].optionalElements()
    },
    row: { row, ask throws(VenueFault) in
      let fee = row["fee"]
      let cost = try fee.optionalDecimal("cost")
      let currency = try fee.optionalText("currency")
      let role = try row.optionalText("takerOrMaker")
      return Fill(
        id: try row.text("id", "aggregateTradeId"), order: try row.optionalText("order"),
        time: try row.time(.milliseconds, "timestamp", "tradeTime"),
        market: try row.optionalText("symbol") ?? ask.market?.id ?? "",
        side: try row.side("side"), price: try row.decimal("price"),
        amount: try row.decimal("amount", "quantity"), cost: try row.optionalDecimal("cost"),
        fees: currency.flatMap { asset in cost.map { [VenueAmount(asset, $0)] } } ?? [],
        isMaker: role.map { $0 == "maker" }, part: .swap)
    })

  private static let positions = Feed<OpenPosition>(
    part: .swap, market: .swap,
    calls: { ask in [call("private.swap", "GET", "v1/trade/positions", ask.extra)] },
    rows: Pick.listIfAny("data"),
    row: { row, _ throws(VenueFault) in
      OpenPosition(
        market: try row.text("symbol"),
        isLong: try row.optionalText("side").flatMap {
          ["long": true, "short": false][$0.lowercased()]
        },
        contracts: try row.optionalDecimal("contracts"),
        contractSize: try row.optionalDecimal("contractSize"),
        entryPrice: try row.decimalUnlessZero("entryPrice"),
        liquidationPrice: try row.decimalUnlessZero("liquidationPrice"),
        unrealised: try row.optionalDecimal("unrealizedPnl"),
        leverage: try row.optionalDecimal("leverage"),
        margin: try row.optionalDecimal("initialMargin"),
        isIsolated: try row.optionalText("marginMode").map { $0 == "isolated" },
        time: try row.optionalTime(.milliseconds, "timestamp"))
    })

  // MARK: - Orders

  private static func openOrders(_ kind: MarketKind) -> Feed<Order> {
    Feed(
      part: kind == .spot ? .spot : .swap, market: kind, paging: Paging(.numbered, most: 100),
      scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        var parameters: Parameters = [
          "symbol": try id(ask, kind), "pageSize": .number(ask.limit),
        ]
        guard kind == .spot else {
          return [call("private.swap", "GET", "v1/trade/order/open-orders", parameters)]
        }
        parameters["currentPage"] = .number(ask.page + 1)
        return [call("private.spot", "GET", "v2/ex/orders", parameters.adding(ask.extra))]
      },
      rows: { answer throws(VenueFault) in
        let data = answer.body["data"]
        if case .array? = data.json { return try data.elements() }
        return try data.first(["items", "data"]).optionalElements()
      }, row: order)
  }

  private static let statuses: [String: Order.Status] = [
    "new": .open, "open": .open, "active": .open, "pending": .open, "partially_filled": .open,
    "filled": .closed, "closed": .closed, "cancelled": .canceled, "canceled": .canceled,
    "rejected": .rejected, "expired": .expired,
  ]

  private static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    let status = try row.optionalText("status")?.lowercased()
    let filled = try row.optionalDecimal("filled")
    let amount = try row.decimalUnlessZero("amount")
    return Order(
      id: try row.text("orderId", "id", "clientOrderId"),
      clientID: try row.optionalText("clientOrderId"),
      time: try row.optionalTime(.milliseconds, "timestamp", "createdAt"),
      market: try row.optionalText("symbol"), type: try row.optionalText("type")?.lowercased(),
      side: try row.side("side"), price: try row.decimalUnlessZero("price"),
      amount: amount ?? filled, filled: filled, remaining: try row.optionalDecimal("remaining"),
      status: status.flatMap { statuses[$0] })
  }

  private static func kind(_ ask: Ask) -> MarketKind {
    (ask.newOrder?.market ?? ask.market)?.kind ?? .spot
  }

  static let desk = BinanceLike.desk(
    clientIDMost: 36, row: order,
    place: { ask throws(VenueFault) in
      guard let order = ask.newOrder else { throw .unsupported("placing without an order") }
      let isSwap = order.market.kind == .swap
      var parameters: Parameters = [
        "symbol": .string(order.market.id), "side": .string(order.side.rawValue.uppercased()),
        "type": .string(order.type.rawValue.uppercased()),
        "timeInForce": .string(order.timeInForce?.rawValue ?? "GTC"),
        "amount": .text(try BinanceLike.stepped(order.amount, order.market.amountStep)),
        "clientOrderId": .text(order.clientID),
      ]
      if order.type == .limit, let price = order.price {
        parameters["price"] = .text(try BinanceLike.ticked(price, order.market.priceStep))
      }
      if isSwap, order.isReduceOnly { parameters["reduceOnly"] = .bool(true) }
      return isSwap
        ? call("private.swap", "POST", "v1/trade/order", parameters.adding(ask.extra))
        : call("private.spot", "POST", "v2/ex/orders", parameters.adding(ask.extra))
    },
    cancel: { ask throws(VenueFault) in
      guard kind(ask) == .swap else {
        guard let id = ask.order else { throw .unsupported("an order without an id") }
        return call("private.spot", "DELETE", "v2/ex/order", ["orderId": .string(id)])
      }
      guard let own = ask.clientOrder ?? ask.order else {
        throw .unsupported("an order without an id")
      }
      return call(
        "private.swap", "DELETE", "v1/trade/order",
        ["clientOrderId": .string(own), "symbol": try id(ask, .swap)])
    },
    find: { ask throws(VenueFault) in
      guard let id = ask.order ?? ask.clientOrder else {
        throw .unsupported("an order without an id")
      }
      return kind(ask) == .swap
        ? call("private.swap", "GET", "v1/trade/order", ["id": .string(id)])
        : call("private.spot", "GET", "v2/ex/order", ["orderId": .string(id)])
    }, open: openOrders(.spot),
    rows: { answer throws(VenueFault) in
      let data = answer.body["data"]
      return data.isNothing ? [] : [data]
    })
}
