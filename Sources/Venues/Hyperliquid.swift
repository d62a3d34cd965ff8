import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Hyperliquid: perpetuals and spot on its own chain.
  ///
  /// Markets are known by the coin that answers name (`ETH`, `@142`); their alias is the number
  /// that orders name them by. `Ask.accounts["walletAddress"]`, where given, tells the direction of
  /// moves between two wallets.
  public static let hyperliquid = Venue(
    id: "hyperliquid", name: "Hyperliquid",
    documents: [
      "https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint",
      "https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/exchange-endpoint",
    ],
    surfaces: [
      Surface("info", Hyperliquid.host, "/", Recipe([.jsonBody])),
      Surface(
        "user", Hyperliquid.host, "/", Recipe([.add("user", .field("walletAddress")), .jsonBody])),
      Surface("exchange", Hyperliquid.host, "/", HyperliquidSigning.recipe),
    ],
    credentials: [
      .account("walletAddress", "Wallet address"),
      CredentialField("privateKey", "API wallet's private key", isOptional: true),
    ],
    limits: Hyperliquid.limits, faults: Hyperliquid.faults, feeds: Hyperliquid.feeds,
    desk: Hyperliquid.desk, streams: Hyperliquid.streams,
    unseen: [
      "fills before the last 10,000", "orders before the last 2,000",
      "balances and positions on builder-deployed exchanges (HIP-3)", "sub-accounts",
    ])
}

// https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint
enum Hyperliquid {
  static let host = "https://api.hyperliquid.xyz"

  // https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/rate-limits-and-user-limits
  static let limits = Limits([
    LimitBucket("weight", capacity: 1200, refill: .window(seconds: 60), scope: .address)
  ])

  // https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/error-responses
  static let faults = FaultTable(
    codes: ["unknownOid": .orderNotFound],
    texts: [
      "insufficient margin": .funds, "insufficient spot balance": .funds,
      "order was never placed, already canceled, or filled": .orderNotFound,
      "does not exist": .auth, "must deposit before": .auth, "nonce": .clock,
      "too many cumulative requests": .rate,
    ],
    find: { body, _ in
      if case .string("err")? = body["status"].json {
        return ("", body["response"].json?.plainText ?? "")
      }
      if case .string("unknownOid")? = body["status"].json { return ("unknownOid", "") }
      let first = body["response"]["data"]["statuses"][0]["error"]
      return first.isNothing ? nil : ("", first.json?.plainText ?? "")
    })

  // MARK: - Feeds

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .swap, evidence: .recorded, calls: { _ in [user("clearinghouseState", 2)] },
        rows: Pick.one(), row: marginBalance),
      Feed(
        part: .spot, evidence: .recorded, calls: { _ in [user("spotClearinghouseState", 2)] },
        rows: Pick.list("balances"), row: spotBalance),
      Feed(
        part: .staking, calls: { _ in [user("delegatorSummary", 20)] }, rows: Pick.one(),
        row: stakedBalance),
      Feed(
        part: .earn, calls: { _ in [user("userVaultEquities", 20)] }, rows: Pick.listIfAny(),
        row: vaultBalance),
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.forward, most: 2000), evidence: .recorded, calls: fillCalls,
        rows: Pick.list(), row: fill)
    ]
    feeds.deposits = [
      Feed(
        paging: Paging(.forward, most: 500), evidence: .recorded, calls: updates,
        rows: Pick.list(),
        row: { row, _ throws(VenueFault) in try transfer(row, "deposit", .deposit) })
    ]
    feeds.withdrawals = [
      Feed(
        paging: Paging(.forward, most: 500), evidence: .recorded, calls: updates,
        rows: Pick.list(),
        row: { row, _ throws(VenueFault) in try transfer(row, "withdraw", .withdrawal) })
    ]
    feeds.statement = [
      Feed(
        paging: Paging(.forward, most: 500), calls: updates, rows: Pick.list(), row: update),
      Feed(
        paging: Paging(.forward, most: 500),
        calls: { ask in [user("userFunding", 20, times(ask))] }, rows: Pick.list(), row: funding),
    ]
    feeds.positions = [
      Feed(
        evidence: .recorded, calls: { ask in [user("clearinghouseState", 2, exchange(ask))] },
        rows: Pick.list("assetPositions"), row: position)
    ]
    feeds.openOrders = [openOrders]
    feeds.closedOrders = [
      Feed(
        evidence: .recorded, calls: { _ in [user("historicalOrders", 20)] }, rows: Pick.list(),
        row: order)
    ]
    addPublic(&feeds)
    return feeds
  }()

  static func addPublic(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(
        market: .spot, calls: { _ in [info("spotMetaAndAssetCtxs", 20)] }, rows: spotMarkets,
        row: spotMarket),
      Feed(
        market: .swap, calls: { _ in [info("metaAndAssetCtxs", 20)] }, rows: perpetuals,
        row: perpetual),
    ]
    feeds.assets = [
      Feed(
        calls: { _ in [info("spotMeta", 20)] }, rows: Pick.list("tokens"),
        row: { row, _ throws(VenueFault) in
          ListedAsset(
            id: try row.text("name"), name: try row.optionalText("fullName"),
            step: try row.step(digits: "weiDecimals"))
        })
    ]
    feeds.tickers = [
      Feed(
        market: .swap, calls: { _ in [info("metaAndAssetCtxs", 20)] }, rows: perpetuals,
        row: ticker),
      Feed(
        market: .spot, calls: { _ in [info("spotMetaAndAssetCtxs", 20)] }, rows: Pick.second,
        row: ticker),
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 5000), scope: .eachMarket, evidence: .recorded,
        calls: candles, rows: Pick.list(), row: candle)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [info("l2Book", 2, ["coin": .text(try coin(try ask.needed()))])]
        }, rows: Pick.one(), row: book)
    ]
    feeds.clock = Feed(
      calls: { _ in [info("exchangeStatus", 2)] }, rows: Pick.one("time"),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds) })
  }

  // MARK: - Calls

  static func info(_ type: String, _ weight: Int, _ parameters: Parameters = [:]) -> Call {
    let first: Parameters = ["type": .text(type)]
    return Call("info", "POST", "info", first.adding(parameters), cost: ["weight": weight])
  }

  static func user(_ type: String, _ weight: Int, _ parameters: Parameters = [:]) -> Call {
    let first: Parameters = ["type": .text(type)]
    return Call("user", "POST", "info", first.adding(parameters), cost: ["weight": weight])
  }

  static func times(_ ask: Ask) -> Parameters {
    [
      "startTime": .number(ask.from ?? Instant(seconds: 0), .milliseconds),
      "endTime": .number(ask.to, .milliseconds),
    ]
  }

  static func fillCalls(_ ask: Ask) -> [Call] {
    if ask.from == nil, ask.to == nil { return [user("userFills", 120)] }
    return [user("userFillsByTime", 120, times(ask))]
  }

  static func updates(_ ask: Ask) -> [Call] {
    [user("userNonFundingLedgerUpdates", 20, times(ask))]
  }

  /// The name that answers use.
  static func coin(_ market: Market) throws(VenueFault) -> String {
    for name in [market.id, market.alias ?? "", market.base]
    where !name.isEmpty && !name.allSatisfy(\.isNumber) {
      return name
    }
    throw .unsupported("the market \(market.id) without its coin")
  }

  /// The number that orders use.
  static func number(_ market: Market) throws(VenueFault) -> JSON {
    for name in [market.id, market.alias ?? "", market.base]
    where !name.isEmpty && name.allSatisfy(\.isASCII) && name.allSatisfy(\.isNumber) {
      return .number(name)
    }
    throw .unsupported("an order of \(market.id) without its number")
  }

  static let intervals = [
    60: "1m", 180: "3m", 300: "5m", 900: "15m", 1800: "30m", 3600: "1h", 7200: "2h", 14400: "4h",
    28800: "8h", 43200: "12h", 86400: "1d", 259_200: "3d", 604_800: "1w", 2_592_000: "1M",
  ]

  static func candles(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard let interval = intervals[ask.interval] else {
      throw .unsupported("candles of \(ask.interval) seconds")
    }
    let end = ask.to ?? ask.now
    let start =
      ask.from ?? ask.limit.map { end.advanced(bySeconds: -Int64(ask.interval) * Int64($0)) }
      ?? Instant(seconds: 0)
    let request: JSON = [
      "coin": .string(try coin(try ask.needed())), "interval": .string(interval),
      "startTime": .number(TimeForm.milliseconds.write(start)),
      "endTime": .number(TimeForm.milliseconds.write(end)),
    ]
    return [info("candleSnapshot", 20, ["req": request])]
  }

  // MARK: - Rows of the account

  // The account's value has the profit of open positions:
  // https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint/perpetuals
  static func marginBalance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    let summary = row["marginSummary"]
    let positions = try row["assetPositions"].optionalElements().map { $0["position"] }
    return Balance(
      asset: "USDC", used: try summary.decimal("totalMarginUsed"),
      total: try summary.decimal("accountValue"), part: .swap,
      openProfit: try Node.openProfit(of: positions))
  }

  static func spotBalance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("coin"), used: try row.decimal("hold"), total: try row.decimal("total"))
  }

  // https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint, staking
  static func stakedBalance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    let staked = try row.decimal("delegated")
    let leaving = try row.decimal("totalPendingWithdrawal")
    guard let used = try? staked.adding(leaving) else { throw row.fault("sums in range") }
    return Balance(
      asset: "HYPE", free: try row.decimal("undelegated"), used: used, part: .staking)
  }

  static func vaultBalance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: "USDC", used: try row.decimal("equity"), total: try row.decimal("equity"), part: .earn)
  }

  static func isSpot(_ coin: String) -> Bool { coin.hasPrefix("@") || coin.contains("/") }

  static let sides: [String: Side] = ["B": .buy, "A": .sell]

  /// `fee` includes `builderFee`.
  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    let coin = try row.text("coin")
    return Fill(
      id: try row.text("tid"), order: try row.optionalText("oid"),
      time: try row.time(.milliseconds, "time"), market: coin, side: try row.word("side", sides),
      price: try row.decimal("px"), amount: try row.decimal("sz"),
      fees: try row.fees("fee", "feeToken"), isMaker: try row.optionalFlag("crossed").map { !$0 },
      part: isSpot(coin) ? .spot : .swap,
      realised: isSpot(coin)
        ? nil : try row.optionalDecimal("closedPnl").map { VenueAmount("USDC", $0) })
  }

  /// The fee of a withdrawal comes on top of `usdc`, which is what arrives.
  static func transfer(
    _ row: Node, _ type: String, _ direction: Transfer.Direction
  ) throws(VenueFault) -> Transfer? {
    let delta = row["delta"]
    guard try delta.text("type") == type else { return nil }
    return Transfer(
      id: nil, transactionHash: try row.text("hash"), time: try row.time(.milliseconds, "time"),
      direction: direction, asset: "USDC", amount: try delta.decimal("usdc"),
      fee: try delta.optionalDecimal("fee").map { VenueAmount("USDC", $0) }, status: .ok)
  }

  /// Updates other than deposits and withdrawals; a move between two wallets has a direction only
  /// for who knows the own address.
  static func update(_ row: Node, _ ask: Ask) throws(VenueFault) -> StatementRow? {
    let delta = row["delta"]
    let type = try delta.text("type")
    var line = StatementRow(
      id: try row.optionalText("hash"), time: try row.time(.milliseconds, "time"),
      asset: try delta.optionalText("token") ?? "USDC", amount: .zero, type: type, part: .swap)
    switch type {
    case "deposit", "withdraw":
      let amount = try delta.decimal("usdc")
      line.amount = type == "deposit" ? amount : try delta.minus(amount)
      line.kind = type == "deposit" ? .deposit : .withdrawal
      line.fee = try delta.optionalDecimal("fee").map { VenueAmount("USDC", $0) }
      line.isToldElsewhere = true
    case "accountClassTransfer":
      let amount = try delta.decimal("usdc")
      line.amount = try delta.optionalFlag("toPerp") == true ? amount : try delta.minus(amount)
      line.kind = .internalTransfer
    case "internalTransfer", "subAccountTransfer", "spotTransfer", "send":
      line.amount = try signed(delta, ask)
      line.kind = .transfer
      line.fee = try delta.optionalDecimal("fee").map {
        VenueAmount((try? delta.optionalText("feeToken")) ?? "USDC", $0)
      }
      line.part = type.hasPrefix("sp") ? .spot : .swap
    case "vaultDeposit", "vaultCreate":
      line.amount = try delta.minus(try delta.decimal("usdc"))
      line.kind = .stake
    case "vaultWithdraw", "vaultDistribution":
      line.amount = try delta.decimal("netWithdrawnUsd", "usdc")
      line.kind = .unstake
    case "rewardsClaim", "spotGenesis":
      line.amount = try delta.decimal("amount")
      line.kind = type == "spotGenesis" ? .airdrop : .referral
      line.part = .spot
    case "cStakingTransfer":
      let amount = try delta.decimal("amount")
      line.amount = try delta.optionalFlag("isDeposit") == true ? try delta.minus(amount) : amount
      line.kind = try delta.optionalFlag("isDeposit") == true ? .stake : .unstake
      line.part = .spot
    case "liquidation":
      line.kind = .liquidation
      line.isToldElsewhere = true
    default:
      line.amount = try delta.decimal("amount", "usdc")
    }
    return line
  }

  static func signed(_ delta: Node, _ ask: Ask) throws(VenueFault) -> Fixed {
    let amount = try delta.decimal("amount", "usdc")
    guard let own = ask.accounts["walletAddress"]?.lowercased() else {
      throw delta.fault("the account's own address, to tell who sent it")
    }
    return try delta.optionalText("destination")?.lowercased() == own
      ? amount : try delta.minus(amount)
  }

  /// Funding has no id of its own; one coin is funded once at a time.
  static func funding(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let delta = row["delta"]
    let amount = try delta.decimal("usdc")
    let coin = try delta.text("coin")
    return StatementRow(
      id: "funding \(coin) \(try row.text("time"))", time: try row.time(.milliseconds, "time"),
      asset: "USDC", amount: amount, kind: amount.isNegative ? .marginFee : .marginGain,
      type: "funding", reference: coin, part: .swap)
  }

  static func position(_ row: Node, _: Ask) throws(VenueFault) -> OpenPosition? {
    let position = row["position"]
    let size = try position.decimal("szi")
    let mode = try position["leverage"].optionalText("type")
    return OpenPosition(
      market: try position.text("coin"), isLong: size.isZero ? nil : !size.isNegative,
      contracts: position.size(size), contractSize: .one,
      entryPrice: try position.optionalDecimal("entryPx"),
      liquidationPrice: position.shownDecimal("liquidationPx"),
      unrealised: try position.optionalDecimal("unrealizedPnl"),
      leverage: try position["leverage"].optionalDecimal("value"),
      margin: try position.optionalDecimal("marginUsed"), isIsolated: mode.map { $0 == "isolated" })
  }

  // MARK: - Rows of markets

  /// Two lists of equal length, put together into one object a market.
  static func joined(_ meta: [Node], _ contexts: [Node]) -> [[(String, JSON)]] {
    meta.enumerated().map { index, node in
      var members: [(String, JSON)] = []
      if contexts.indices.contains(index), case .object(let context)? = contexts[index].json {
        members += zip(context.names, context.values)
      }
      if case .object(let own)? = node.json { members += zip(own.names, own.values) }
      return members
    }
  }

  static func perpetuals(_ answer: Answer) throws(VenueFault) -> [Node] {
    let meta = try answer.body[0]["universe"].elements()
    return joined(meta, try answer.body[1].elements()).enumerated().map { index, members in
      Node(.object(JSONObject(members + [("number", .number(String(index)))])))
    }
  }

  static func perpetual(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let name = try row.text("name")
    let digits = try row.integer("szDecimals")
    return Market(
      id: name, base: name, quote: "USDC", settle: "USDC", kind: .swap,
      isActive: try row.optionalFlag("isDelisted") != true, contractSize: .one,
      amountStep: try row.step(digits: "szDecimals"), priceStep: step(6 - digits),
      costMin: Fixed(whole: 10), alias: try row.text("number"))
  }

  static func step(_ digits: Int64) -> Fixed? {
    guard (0...18).contains(digits) else { return nil }
    var units = Fixed.scale
    for _ in 0..<digits { units /= 10 }
    return Fixed(units: units)
  }

  /// Spot pairs name their two tokens by number.
  static func spotMarkets(_ answer: Answer) throws(VenueFault) -> [Node] {
    let meta = answer.body[0].isNothing ? answer.body : answer.body[0]
    var tokens: [String: JSON] = [:]
    for token in try meta["tokens"].elements() { tokens[try token.text("index")] = token.json }
    var rows: [Node] = []
    for pair in try meta["universe"].elements() {
      let base = tokens[try pair["tokens"][0].text()] ?? .null
      let quote = tokens[try pair["tokens"][1].text()] ?? .null
      rows.append(
        Node(.object(JSONObject([("pair", pair.json ?? .null), ("base", base), ("quote", quote)]))))
    }
    return rows
  }

  static func spotMarket(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let pair = row["pair"]
    let digits = try row["base"].integer("szDecimals")
    let (number, overflow) = try pair.integer("index").addingReportingOverflow(10_000)
    guard !overflow else { throw pair["index"].fault("a number in range") }
    return Market(
      id: try pair.text("name"), base: try row["base"].text("name"),
      quote: try row["quote"].text("name"), isActive: true,
      amountStep: try row["base"].step(digits: "szDecimals"), priceStep: step(8 - digits),
      costMin: Fixed(whole: 10), alias: String(number))
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.optionalText("coin", "name") ?? "",
      last: try row.optionalDecimal("midPx", "markPx"),
      bid: try row["impactPxs"][0].optionalDecimal(),
      ask: try row["impactPxs"][1].optionalDecimal(), open: try row.optionalDecimal("prevDayPx"),
      baseVolume: try row.optionalDecimal("dayBaseVlm"),
      quoteVolume: row.shownDecimal("dayNtlVlm"))
  }

  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    try Candle(row, .milliseconds, "t", .letters)
  }

  static func book(_ row: Node, _: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: try row.text("coin"), time: try row.optionalTime(.milliseconds, "time"),
      bids: try OrderBook.levels(row["levels"][0].elements(), "px", "sz"),
      asks: try OrderBook.levels(row["levels"][1].elements(), "px", "sz"))
  }

  // MARK: - Orders

  /// https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint, the table of
  /// an order's states.
  static func status(_ word: String?) -> Order.Status? {
    guard let word else { return nil }
    switch word {
    case "open", "triggered", "resting": return .open
    case "filled": return .closed
    case "scheduledCancel": return .canceled
    default: break
    }
    if word.lowercased().hasSuffix("canceled") { return .canceled }
    return word.lowercased().hasSuffix("rejected") ? .rejected : nil
  }

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let order = row["order"].isNothing ? row : row["order"]
    return Order(
      id: try order.text("oid"), clientID: try order.optionalText("cloid"),
      time: try order.optionalTime(.milliseconds, "timestamp"),
      market: try order.optionalText("coin"),
      type: try order.optionalText("orderType")?.lowercased(),
      side: try order.word("side", sides), price: try order.optionalDecimal("limitPx"),
      amount: try order.optionalDecimal("origSz"), remaining: try order.optionalDecimal("sz"),
      status: status(try row.optionalText("status")))
  }

  /// Markets of another builder's exchange are named `exchange:coin` and asked for there.
  static func exchange(_ ask: Ask) -> Parameters {
    guard let market = ask.market, let name = try? coin(market),
      let colon = name.firstIndex(of: ":")
    else { return [:] }
    return ["dex": .text(String(name[..<colon]))]
  }

  static let openOrders = Feed<Order>(
    evidence: .recorded, calls: { ask in [user("frontendOpenOrders", 20, exchange(ask))] },
    rows: Pick.list(),
    row: { row, ask throws(VenueFault) in
      var read = try order(row, ask)
      if row["status"].isNothing { read?.status = .open }
      return read
    })

  static let desk = OrderDesk(
    place: Feed(
      evidence: .recorded, calls: place, rows: Pick.list("response", "data", "statuses"),
      row: placed),
    cancel: Feed(
      calls: cancel, rows: Pick.list("response", "data", "statuses"),
      row: { _, ask in
        Order(
          id: ask.order ?? "", clientID: ask.clientOrder, market: ask.market?.id,
          status: .canceled)
      }),
    find: Feed(
      evidence: .recorded,
      calls: { ask throws(VenueFault) in
        let id: JSON
        if let own = ask.clientOrder ?? ask.order, own.hasPrefix("0x") {
          id = .string(own)
        } else {
          id = .number(try ask.neededOrderID())
        }
        return [user("orderStatus", 2, ["oid": id])]
      }, rows: Pick.one("order"), row: order),
    open: openOrders, clientIDMost: 34)

  static func placed(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    let filled = row["filled"]
    let state = filled.isNothing ? row["resting"] : filled
    return Order(
      id: try state.text("oid"), clientID: try state.optionalText("cloid"),
      market: ask.newOrder?.market.id, amount: ask.newOrder?.amount,
      filled: try filled.optionalDecimal("totalSz"), average: try filled.optionalDecimal("avgPx"),
      status: filled.isNothing ? .open : .closed)
  }

  /// Action members are hashed in this order.
  static func place(_ ask: Ask) throws(VenueFault) -> [Call] {
    let order = try ask.neededOrder()
    let forces: [TimeInForce: String] = [
      .goodTillCancelled: "Gtc", .immediateOrCancel: "Ioc", .postOnly: "Alo",
    ]
    let asked = order.timeInForce ?? .goodTillCancelled
    guard let force = order.type == .market ? "Ioc" : forces[asked] else {
      throw .unsupported("orders \(asked.rawValue)")
    }
    guard let price = order.price else { throw .unsupported("an order without a price") }
    var members: [(String, JSON)] = [
      ("a", try number(order.market)), ("b", .bool(order.side == .buy)),
      ("p", .string(try HyperliquidPrice.text(price, order))), ("s", .string(order.amount.text)),
      ("r", .bool(order.isReduceOnly)), ("t", ["limit": ["tif": .string(force)]]),
    ]
    if let own = order.clientID {
      guard own.hasPrefix("0x"), Hex.bytes(own.dropFirst(2))?.count == 16 else {
        throw .unsupported("a client id that is not 0x and 32 hexadecimal digits")
      }
      members.append(("c", .string(own)))
    }
    let action: JSON = [
      "type": "order", "orders": [.object(JSONObject(members))], "grouping": "na",
    ]
    return [Call("exchange", "POST", "exchange", ["action": action], cost: ["weight": 1])]
  }

  static func cancel(_ ask: Ask) throws(VenueFault) -> [Call] {
    let asset = try number(try ask.needed())
    let action: JSON
    if ask.order == nil, let own = ask.clientOrder {
      action = ["type": "cancelByCloid", "cancels": [["asset": asset, "cloid": .string(own)]]]
    } else {
      action = [
        "type": "cancel", "cancels": [["a": asset, "o": .number(try ask.neededOrderID())]],
      ]
    }
    return [Call("exchange", "POST", "exchange", ["action": action], cost: ["weight": 1])]
  }
}

extension Pick {
  /// The elements of the second element of the answer.
  fileprivate static let second: @Sendable (Answer) throws(VenueFault) -> [Node] = {
    answer throws(VenueFault) in try answer.body[1].elements()
  }
}
