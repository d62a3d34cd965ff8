import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Toobit: spot and perpetuals.
  public static let toobit = Venue(
    id: "toobit", name: "Toobit",
    documents: [
      "https://toobit-docs.github.io/apidocs/spot/v1/en/",
      "https://toobit-docs.github.io/apidocs/usdt_swap/v1/en/",
    ],
    surfaces: [
      Surface("common", Toobit.host, "/"), Surface("private", Toobit.host, "/", Toobit.recipe),
    ],
    limits: Toobit.limits, faults: Toobit.faults, feeds: Toobit.feeds, desk: Toobit.desk,
    unseen: ["copy trading, earn and rewards", "sub-accounts"])
}

private enum Toobit {
  static let host = "https://api.toobit.com"

  // https://toobit-docs.github.io/apidocs/spot/v1/en/#signed-trade-user_data-and-user_stream-endpoint-security
  static let recipe = Recipe([
    .header("X-BB-APIKEY", .key),
    .header("Content-Type", "application/x-www-form-urlencoded"), .add("recvWindow", "5000"),
    .add("timestamp", .time(.milliseconds)),
    .on(
      ["GET"],
      [
        .query(.strict), .appendQuery("signature", .hex(.hmac(.sha256, key: .secret, .query))),
      ]),
    .notOn(
      ["GET"],
      [.form(.strict), .appendForm("signature", .hex(.hmac(.sha256, key: .secret, .body)))]),
  ])

  // https://toobit-docs.github.io/apidocs/spot/v1/en/#limits
  static let limits = Limits([
    LimitBucket("REQUEST_WEIGHT", capacity: 3_000, refill: .window(seconds: 60), scope: .address)
  ])

  // https://toobit-docs.github.io/apidocs/spot/v1/en/#error-codes
  static let faults = FaultTable(
    codes: [
      "-1000": .retryable, "-1001": .retryable, "-1002": .auth, "-1003": .rate,
      "-1006": .unknownOutcome, "-1007": .unknownOutcome, "-1015": .rate, "-1016": .retryable,
      "-1021": .clock, "-1022": .auth, "-1131": .funds, "-1132": .definitive,
      "-1139": .orderNotFound, "-1142": .orderNotFound, "-1143": .orderNotFound,
      "-2013": .orderNotFound, "-2014": .auth, "-2015": .auth, "-3117": .auth,
    ],
    texts: [
      "insufficient": .funds, "order does not exist": .orderNotFound, "too many": .rate,
      "unknown order": .orderNotFound,
    ],
    find: Binance.refusal)

  static let spot: BinanceLike = {
    var one = BinanceLike(open: "common")
    one.paths = BinanceLike.Paths(
      markets: "api/v1/exchangeInfo", clock: "api/v1/time", ticker: "quote/v1/ticker/24hr",
      candles: "quote/v1/klines", book: "quote/v1/depth", trades: "quote/v1/trades",
      fills: "api/v1/account/trades", openOrders: "api/v1/spot/openOrders",
      closedOrders: "api/v1/spot/tradeOrders", order: "api/v1/spot/order")
    one.weights = ["api/v1/account": 5, "quote/v1/ticker/24hr all": 40]
    one.fillPaging = Paging(.forward, most: 1_000)
    one.orderPaging = Paging(.forward, most: 500)
    return one
  }()

  static let swap: BinanceLike = {
    var one = spot
    one.part = .swap
    one.kind = .swap
    one.paths.ticker = "quote/v1/contract/ticker/24hr"
    one.paths.fills = "api/v1/futures/userTrades"
    one.paths.openOrders = "api/v1/futures/openOrders"
    one.paths.closedOrders = "api/v1/futures/historyOrders"
    one.paths.order = "api/v1/futures/order"
    return one
  }()

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, evidence: .recorded,
        calls: { ask in [spot.call("GET", "api/v1/account", ask.extra)] },
        rows: Pick.list("balances"), row: BinanceLike.balance(.spot)),
      Feed(
        part: .swap, evidence: .recorded,
        calls: { ask in [spot.call("GET", "api/v1/futures/balance", ask.extra)] },
        rows: Pick.list(),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("asset"), free: try row.decimal("availableBalance"),
            total: try row.decimal("balance"), part: .swap)
        }),
    ]
    feeds.fills = [spot.fills(.recorded), swap.fills()]
    feeds.deposits = [transfers(.deposit)]
    feeds.withdrawals = [transfers(.withdrawal)]
    feeds.statement = [flow]
    feeds.positions = [positions]
    feeds.markets = [spot.markets(.recorded), contracts]
    feeds.assets = [assets]
    feeds.tickers = [tickers(spot), tickers(swap)]
    feeds.candles = [spot.candles(.recorded), swap.candles(.recorded)]
    feeds.trades = [spot.trades(), swap.trades(.recorded)]
    feeds.books = [spot.books(), swap.books(.recorded)]
    feeds.openOrders = [spot.openOrders(), swap.openOrders(.recorded)]
    feeds.closedOrders = [spot.closedOrders(), swap.closedOrders()]
    feeds.clock = spot.clock(.recorded)
    return feeds
  }()

  // MARK: - Markets

  private static let contracts: Feed<Market> = {
    var feed = swap.markets()
    feed.rows = Pick.listIfAny("contracts")
    feed.row = { row, ask throws(VenueFault) in
      guard var market = try BinanceLike.market(row, ask) else { return nil }
      let name = market.id
      if let range = name.firstRange(of: "-SWAP-") {
        market.base = String(name[..<range.lowerBound])
      }
      market.kind = .swap
      market.settle = try row.text("marginToken")
      market.contractSize = try row.decimal("contractMultiplier")
      return market
    }
    return feed
  }()

  private static func tickers(_ one: BinanceLike) -> Feed<Ticker> {
    var feed = one.tickers(.recorded)
    let calls = feed.calls
    feed.calls = { ask throws(VenueFault) in
      var ask = ask
      if ask.market == nil, ask.manyMarkets.count == 1 { ask.market = ask.manyMarkets.first }
      return try calls(ask)
    }
    feed.row = { row, _ throws(VenueFault) in
      Ticker(
        market: try row.text("s"), time: try row.optionalTime(.milliseconds, "t"),
        last: try row.optionalDecimal("c"), bid: try row.optionalDecimal("b"),
        ask: try row.optionalDecimal("a"), high: try row.optionalDecimal("h"),
        low: try row.optionalDecimal("l"), open: try row.optionalDecimal("o"),
        baseVolume: row.shownDecimal("v"), quoteVolume: row.shownDecimal("qv"))
    }
    return feed
  }

  private static let assets = Feed<ListedAsset>(
    evidence: .recorded,
    calls: { _ in [spot.call("GET", spot.paths.markets, signed: false)] },
    rows: Pick.listIfAny("coins"),
    row: { row, _ throws(VenueFault) in
      var networks: [AssetNetwork] = []
      for chain in try row["chainTypes"].optionalElements() {
        networks.append(
          AssetNetwork(
            id: try chain.text("chainType"), fee: chain.shownDecimal("withdrawFee"),
            withdrawMin: chain.shownDecimal("minWithdrawQuantity"),
            canDeposit: try chain.optionalFlag("allowDeposit"),
            canWithdraw: try chain.optionalFlag("allowWithdraw")))
      }
      return ListedAsset(
        id: try row.text("coinId"), ticker: try row.optionalText("coinName"),
        name: try row.optionalText("coinFullName"), networks: networks)
    })

  // MARK: - The account

  // https://toobit-docs.github.io/apidocs/spot/v1/en/#deposit-history-user_data
  private static let statuses: [String: Transfer.Status] = [
    "DEPOSIT_CAN_WITHDRAW": .ok, "DEPOSIT_SUCCESS": .ok, "2": .ok,
    "BROKER_AUDITING_STATUS": .pending, "BROKER_REJECT_STATUS": .failed,
    "AUDITING_STATUS": .pending, "AUDIT_REJECT_STATUS": .failed, "PROCESSING_STATUS": .pending,
    "WITHDRAWAL_SUCCESS_STATUS": .ok, "WITHDRAWAL_FAILURE_STATUS": .failed,
    "BLOCK_MINING_STATUS": .pending,
  ]

  private static func transfers(_ direction: Transfer.Direction) -> Feed<Transfer> {
    let path = direction == .deposit ? "depositOrders" : "withdrawOrders"
    return Feed(
      paging: Paging(.forward, most: 1_000),
      calls: { ask in
        let parameters = spot.parameters(ask, ["coin": .text(ask.asset)], most: 1_000)
        return [spot.call("GET", "api/v1/account/\(path)", parameters)]
      },
      rows: BinanceLike.list,
      row: { row, ask throws(VenueFault) in try transfer(row, direction) })
  }

  private static func transfer(
    _ row: Node, _ direction: Transfer.Direction
  ) throws(VenueFault) -> Transfer {
    let asset = try row.text("coin", "coinId")
    let amount = try row.decimal("quantity")
    let arrived = try row.optionalDecimal("arriveQuantity")
    let fee = try row.optionalDecimal("fee")
    // The status stands in one of two fields, the number in the other.
    let words = [try row.optionalText("statusCode"), try row.optionalText("status")]
    let known = words.compactMap {
      $0.flatMap { direction == .deposit || $0.count > 2 ? statuses[$0] : nil }
    }
    return Transfer(
      id: try row.optionalText("id"), transactionHash: try row.optionalText("txId"),
      time: try row.optionalTime(.milliseconds, "time"), direction: direction, asset: asset,
      amount: amount,
      isFeeInside: arrived.map { $0.units < amount.units } ?? false,
      fee: try fee.map { fee throws(VenueFault) in
        VenueAmount(try row.optionalText("feeCoinId") ?? asset, fee)
      },
      network: try row.optionalText("chainType"), address: try row.optionalText("address"),
      tag: try row.optionalText("addressTag"), status: known.first)
  }

  // https://toobit-docs.github.io/apidocs/spot/v1/en/#get-account-transaction-history-list-user_data
  private static let flow = Feed<StatementRow>(
    part: .spot, paging: Paging(.forward, most: 500),
    calls: { ask in
      let parameters = spot.parameters(ask, ["coin": .text(ask.asset)], most: 500)
      return [spot.call("GET", "api/v1/account/balanceFlow", parameters)]
    },
    rows: BinanceLike.list,
    row: { row, _ throws(VenueFault) in
      let type = try row.optionalText("flowType")
      return StatementRow(
        id: try row.optionalText("id"), time: try row.optionalTime(.milliseconds, "created"),
        asset: try row.text("coin", "coinId"), amount: try row.decimal("change"),
        kind: type.flatMap { kinds[$0] }, type: type, after: row.shownDecimal("total"),
        isToldElsewhere: type.map { told.contains($0) } ?? false)
    })

  private static let kinds: [String: EntryKind] = [
    "TRADE": .trade, "FEE": .fee, "TRANSFER": .internalTransfer, "DEPOSIT": .deposit,
    "WITHDRAW": .withdrawal, "MAKER_REWARD": .feeRebate, "PNL": .marginGain,
    "SETTLEMENT": .marginGain, "LIQUIDATION": .liquidation, "FUNDING_SETTLEMENT": .marginFee,
    "USER_ACCOUNT_TRANSFER": .internalTransfer, "OTC_BUY_COIN": .trade, "OTC_SELL_COIN": .trade,
    "AIRDROP": .airdrop, "ACTIVITY_AWARD": .reward, "INVITATION_REFERRAL_BONUS": .referral,
    "REGISTER_BONUS": .reward,
  ]
  private static let told: Set<String> = ["TRADE", "FEE", "DEPOSIT", "WITHDRAW", "PNL"]

  // https://toobit-docs.github.io/apidocs/usdt_swap/v1/en/#query-current-positions-user_data
  private static let positions = Feed<OpenPosition>(
    part: .swap, market: .swap,
    calls: { ask throws(VenueFault) in
      var ask = ask
      if ask.market == nil, ask.manyMarkets.count == 1 { ask.market = ask.manyMarkets.first }
      let parameters: Parameters = ["symbol": try swap.marketID(ask)]
      return [swap.call("GET", "api/v1/futures/positions", parameters.adding(ask.extra))]
    },
    rows: BinanceLike.list,
    row: { row, ask throws(VenueFault) in
      let market = try row.text("symbol")
      return OpenPosition(
        market: market, isLong: try row.word("side", ["LONG": true, "SHORT": false]),
        contracts: try row.decimal("position"),
        contractSize: ask.markets.market(market, .swap)?.contractSize,
        entryPrice: try row.decimalUnlessZero("avgPrice"),
        markPrice: try row.decimalUnlessZero("markPrice"),
        liquidationPrice: try row.decimalUnlessZero("flp"),
        unrealised: try row.optionalDecimal("unrealizedPnL"),
        leverage: try row.optionalDecimal("leverage"), margin: try row.optionalDecimal("margin"))
    })

  // MARK: - Orders

  private static func interface(_ ask: Ask) -> BinanceLike {
    (ask.newOrder?.market ?? ask.market)?.kind == .swap ? swap : spot
  }

  static let desk = BinanceLike.desk(
    clientIDMost: 36,
    place: { ask throws(VenueFault) in try place(ask) },
    cancel: { ask throws(VenueFault) in
      let one = interface(ask)
      return one.call("DELETE", one.paths.order, try one.orderName(ask))
    },
    find: { ask throws(VenueFault) in
      let one = interface(ask)
      return one.call("GET", one.paths.order, try one.orderName(ask, hasMarket: false))
    }, open: spot.openOrders())

  /// Spot names how long an order stands only where asked; perpetuals say what an order does to a
  /// position, and call a market order a limit order at the market's price.
  private static func place(_ ask: Ask) throws(VenueFault) -> Call {
    guard let order = ask.newOrder else { throw .unsupported("placing without an order") }
    var call = try interface(ask).place(ask)
    guard order.market.kind == .swap else {
      if order.timeInForce == nil { call.parameters["timeInForce"] = nil }
      return call
    }
    let side = order.side == .buy ? "BUY" : "SELL"
    call.parameters["side"] = .string(side + (order.isReduceOnly ? "_CLOSE" : "_OPEN"))
    call.parameters["type"] = "LIMIT"
    call.parameters["priceType"] = order.type == .market ? "MARKET" : "INPUT"
    call.parameters["reduceOnly"] = nil
    if order.timeInForce == .postOnly {
      call.parameters["type"] = "LIMIT_MAKER"
      call.parameters["timeInForce"] = nil
    }
    return call
  }
}
