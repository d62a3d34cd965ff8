import Amounts
import Encodings
import Ledger
import VenueKit

// Rows as Binance writes them; where venues made after it use other names, both are tried.

extension BinanceLike {
  /// The elements of an answer that is an array, or an answer that is one row.
  static func list(_ answer: Answer) throws(VenueFault) -> [Node] {
    if case .array? = answer.body.json { return try answer.body.elements() }
    return answer.body.isNothing ? [] : [answer.body]
  }

  /// The sum of members that hold something.
  static func sum(_ row: Node, _ names: [String]) throws(VenueFault) -> Fixed? {
    var sum: Fixed?
    for name in names {
      guard let value = try row[name].optionalDecimal() else { continue }
      guard let known = sum else {
        sum = value
        continue
      }
      guard let more = try? known.adding(value) else { throw row.fault("amounts that add up") }
      sum = more
    }
    return sum
  }

  /// One leg of a conversion as a row of its own: the conversion's fields and which leg it is.
  static func leg(_ row: Node, _ name: String) -> Node {
    guard case .object(var members)? = row.json else { return row }
    members.set("leg", .string(name))
    return Node(.object(members))
  }

  // MARK: - Markets

  /// A market with its filters.
  static func market(_ row: Node, _ ask: Ask) throws(VenueFault) -> Market? {
    let contract = try row.optionalText("contractType")
    let price = try filter(row, "PRICE_FILTER")
    let lot = try filter(row, "LOT_SIZE")
    let notional = try filter(row, "NOTIONAL", "MIN_NOTIONAL")
    let isDerivative = contract != nil || !row["marginAsset"].isNothing
    return Market(
      id: try row.text("symbol"), base: try row.text("baseAsset"),
      quote: try row.text("quoteAsset"), settle: try row.optionalText("marginAsset"),
      kind: isDerivative ? contractKind(contract) : .spot,
      isActive: try row.optionalText("status", "contractStatus").map(isTrading),
      contractSize: isDerivative ? try row.optionalDecimal("contractSize") ?? .one : nil,
      amountStep: try lot.decimalUnlessZero("stepSize"),
      priceStep: try price.decimalUnlessZero("tickSize"),
      amountMin: try lot.decimalUnlessZero("minQty"),
      amountMax: lot.shownDecimal("maxQty"),
      costMin: try notional.optionalDecimal("minNotional", "notional"),
      expiry: isDerivative && contractKind(contract) == .future
        ? try row.optionalTime(.milliseconds, "deliveryDate") : nil)
  }

  private static func contractKind(_ word: String?) -> MarketKind {
    guard let word, !word.isEmpty else { return .swap }
    return word.hasSuffix("PERPETUAL") ? .swap : .future
  }

  private static func isTrading(_ word: String) -> Bool {
    ["TRADING", "1", "ENABLED", "ONLINE"].contains(word.uppercased())
  }

  /// A filter of a market by its type; the first of several.
  static func filter(_ row: Node, _ types: String...) throws(VenueFault) -> Node {
    let filters = try row["filters"].optionalElements()
    for type in types {
      for filter in filters where try filter.optionalText("filterType") == type { return filter }
    }
    return row["filters"][types.first ?? ""]
  }

  /// A ticker of 24 hours, or one of best prices only.
  static func ticker(_ row: Node, _ ask: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("symbol"),
      time: try row.optionalTime(.milliseconds, "closeTime", "time"),
      last: try row.optionalDecimal("lastPrice", "price"),
      bid: try row.optionalDecimal("bidPrice"), ask: try row.optionalDecimal("askPrice"),
      high: try row.optionalDecimal("highPrice", "high"),
      low: try row.optionalDecimal("lowPrice", "low"),
      open: try row.optionalDecimal("openPrice", "open"),
      baseVolume: row.shownDecimal("baseVolume", "volume"),
      quoteVolume: row["baseVolume"].isNothing ? row.shownDecimal("quoteVolume", "amount") : nil)
  }

  /// A candle as an array, or as an object.
  static func candle(_ row: Node, _ ask: Ask) throws(VenueFault) -> Candle? {
    if case .array? = row.json {
      return try Candle(row, .milliseconds)
    }
    return Candle(
      time: try row.time(.milliseconds, "openTime", "time"), open: try row.decimal("open"),
      high: try row.decimal("high"), low: try row.decimal("low"), close: try row.decimal("close"),
      volume: try row.optionalDecimal("volume"))
  }

  /// An order book.
  static func book(_ row: Node, _ ask: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: ask.market?.id ?? "", time: try row.optionalTime(.milliseconds, "T", "E", "t"),
      bids: try OrderBook.levels(row.first(["bids", "b"])),
      asks: try OrderBook.levels(row.first(["asks", "a"])),
      sequence: try row.optionalInteger("lastUpdateId"))
  }

  /// A trade, single or aggregated.
  static func publicTrade(_ row: Node, _ ask: Ask) throws(VenueFault) -> PublicTrade? {
    let maker = row.first(["isBuyerMaker", "m", "ibm", "buyerMaker"])
    let isSale = maker.isNothing ? nil : try maker.flag()
    return PublicTrade(
      id: try row.optionalText("a", "id", "v"), time: try row.time(.milliseconds, "T", "time", "t"),
      market: try row.optionalText("symbol") ?? ask.market?.id ?? "",
      side: isSale.map { $0 ? .sell : .buy }, price: try row.decimal("p", "price"),
      amount: try row.decimal("q", "qty"))
  }

  // MARK: - The account

  /// A balance of free and locked amounts.
  static func balance(
    _ part: AccountPart
  ) -> @Sendable (Node, Ask) throws(VenueFault) -> Balance? {
    { row, _ throws(VenueFault) in
      Balance(
        asset: try row.text("asset"), free: try row.decimal("free"),
        used: try sum(row, ["locked", "freeze", "withdrawing"]) ?? .zero, part: part)
    }
  }

  /// The balance of a futures wallet: what it is worth, and what of it is free.
  static func marginBalance(
    _ part: AccountPart
  ) -> @Sendable (Node, Ask) throws(VenueFault) -> Balance? {
    { row, _ throws(VenueFault) in
      let used = try row.optionalDecimal("initialMargin")
      var balance = Balance(
        asset: try row.text("asset"), free: try row.optionalDecimal("availableBalance"),
        total: try row.decimal("marginBalance", "balance"), part: part)
      if let used { balance.used = used }
      return balance
    }
  }

  /// One of our executions, spot or futures.
  static func fill(
    _ part: AccountPart
  ) -> @Sendable (Node, Ask) throws(VenueFault) -> Fill? {
    { row, ask throws(VenueFault) in
      let market = try row.optionalText("symbol") ?? ask.market?.id ?? ""
      let maker = row.first(["isMaker", "maker"])
      let settle = try row.optionalText("marginAsset") ?? ask.market?.settle
      let realised = try row.optionalDecimal("realizedPnl")
      return Fill(
        id: try row.text("id", "tradeId"), order: try row.optionalText("orderId"),
        time: try row.time(.milliseconds, "time"), market: market, side: try side(row),
        price: try row.decimal("price"), amount: try row.decimal("qty"),
        cost: try row.optionalDecimal("quoteQty", "baseQty"),
        fees: try row.fees("commission", "commissionAsset"),
        isMaker: maker.isNothing ? nil : try maker.flag(), part: part,
        realised: settle.flatMap { asset in realised.map { VenueAmount(asset, $0) } })
    }
  }

  private static func side(_ row: Node) throws(VenueFault) -> Side? {
    if let side = try row.side("side") { return side }
    let buyer = row.first(["isBuyer", "buyer"])
    return buyer.isNothing ? nil : try buyer.flag() ? .buy : .sell
  }

  /// An order that stands or not.
  static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    let filled = try row.optionalDecimal("executedQty", "cumQty")
    let cost = try row.optionalDecimal(
      "cummulativeQuoteQty", "cumulativeQuoteQty", "cumQuote", "cumBase")
    let limit = try row.decimalUnlessZero("price")
    let mean = mean(cost: cost, of: filled)
    let average = try row.decimalUnlessZero("avgPrice") ?? mean
    let type = try row.optionalText("type", "origType", "orderType")
    return Order(
      id: try row.text("orderId", "algoId"),
      clientID: try row.optionalText("origClientOrderId", "clientOrderId", "clientAlgoId"),
      time: try row.optionalTime(
        .milliseconds, "time", "createTime", "transactTime", "updateTime"),
      market: try row.optionalText("symbol"),
      type: type.map { typeWord($0, hasPrice: limit != nil) },
      side: try row.side("side"), price: limit ?? average, amount: try amount(row, filled),
      filled: filled, cost: cost, average: average,
      status: try row.optionalText("status", "algoStatus").flatMap { statuses[$0] },
      fees: try fees(row))
  }

  /// An order that no longer stands.
  static func doneOrder(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    let order = try order(row, ask)
    return order?.status == .open ? nil : order
  }

  /// The amount ordered; what was executed where the order was for an amount of quote.
  private static func amount(_ row: Node, _ filled: Fixed?) throws(VenueFault) -> Fixed? {
    let ordered = try row.decimalUnlessZero("origQty", "quantity")
    return ordered ?? (row["origQty"].isNothing ? nil : filled)
  }

  /// The mean price of executions.
  static func mean(cost: Fixed?, of filled: Fixed?) -> Fixed? {
    guard let cost, let filled, !filled.isZero, !cost.isZero else { return nil }
    return try? cost.divided(by: filled, rounding: .halfEven)
  }

  /// A type of order as limit or market: what it becomes once it is triggered.
  static func typeWord(_ word: String, hasPrice: Bool) -> String {
    let upper = word.uppercased()
    if upper.contains("LIMIT") { return "limit" }
    if upper.contains("MARKET") { return "market" }
    switch upper {
    case "STOP_LOSS", "TAKE_PROFIT", "STOP": return hasPrice ? "limit" : "market"
    case "IMMEDIATE_OR_CANCEL", "FILL_OR_KILL": return "limit"
    default: return word.lowercased()
    }
  }

  /// Words for how far an order is.
  static let statuses: [String: Order.Status] = [
    "NEW": .open, "PENDING_NEW": .open, "ORDER_NEW": .open, "PARTIALLY_FILLED": .open,
    "ACCEPTED": .open, "UNTRIGGERED": .open, "PENDING_CANCEL": .open, "FILLED": .closed,
    "CANCELED": .canceled, "PARTIALLY_CANCELED": .canceled, "ORDER_CANCELED": .canceled,
    "REJECTED": .rejected, "ORDER_REJECTED": .rejected, "EXPIRED": .expired,
    "EXPIRED_IN_MATCH": .expired,
  ]

  private static func fees(_ row: Node) throws(VenueFault) -> [VenueAmount] {
    var all: [VenueAmount] = []
    for fill in try row["fills"].optionalElements() {
      for fee in try fill.fees("commission", "commissionAsset") {
        guard let place = all.firstIndex(where: { $0.asset == fee.asset }) else {
          all.append(fee)
          continue
        }
        guard let sum = try? all[place].amount.adding(fee.amount) else {
          throw fill.fault("fees that add up")
        }
        all[place].amount = sum
      }
    }
    return all
  }

  // MARK: - Transfers

  private static let depositStatuses: [String: Transfer.Status] = [
    "0": .pending, "1": .ok, "2": .failed, "6": .ok, "7": .failed, "8": .pending,
  ]
  private static let withdrawalStatuses: [String: Transfer.Status] = [
    "0": .pending, "1": .canceled, "2": .pending, "3": .failed, "4": .pending, "5": .failed,
    "6": .ok,
  ]

  /// The chain's id; a transfer between accounts of the venue has its number in its place.
  private static func hash(_ row: Node) throws(VenueFault) -> String? {
    guard let text = try row.optionalText("txId") else { return nil }
    let mark = "Internal transfer "
    return text.hasPrefix(mark) ? String(text.dropFirst(mark.count)) : text
  }

  /// A deposit.
  static func deposit(_ row: Node, _ ask: Ask) throws(VenueFault) -> Transfer? {
    Transfer(
      id: try row.optionalText("id"), transactionHash: try hash(row),
      time: try row.optionalTime(.milliseconds, "insertTime"), direction: .deposit,
      asset: try row.text("coin", "asset"), amount: try row.decimal("amount"),
      network: try row.optionalText("network"), address: try row.optionalText("address"),
      tag: try row.optionalText("addressTag"), status: try row.word("status", depositStatuses))
  }

  /// A withdrawal; the fee is on top of the amount.
  static func withdrawal(_ row: Node, _ ask: Ask) throws(VenueFault) -> Transfer? {
    let asset = try row.text("coin", "asset")
    let fee = try row.optionalDecimal("transactionFee").map { VenueAmount(asset, $0) }
    return Transfer(
      id: try row.optionalText("id"), transactionHash: try hash(row), time: try begun(row),
      direction: .withdrawal, asset: asset, amount: try row.decimal("amount"), fee: fee,
      network: try row.optionalText("network"), address: try row.optionalText("address"),
      tag: try row.optionalText("addressTag", "memo"),
      status: try row.word("status", withdrawalStatuses))
  }

  /// When a withdrawal was begun, in milliseconds or as UTC.
  private static func begun(_ row: Node) throws(VenueFault) -> Instant? {
    let node = row["applyTime"]
    guard let text = try node.optionalText() else { return nil }
    return text.contains("-") ? try node.time(.iso) : try node.time(.milliseconds)
  }

  /// An asset with its networks.
  static func asset(_ row: Node, _ ask: Ask) throws(VenueFault) -> ListedAsset? {
    var networks: [AssetNetwork] = []
    for network in try row["networkList"].optionalElements() {
      networks.append(
        AssetNetwork(
          id: try network.text("netWork", "network"), fee: network.shownDecimal("withdrawFee"),
          withdrawMin: network.shownDecimal("withdrawMin"),
          contract: try network.optionalText("contractAddress", "contract"),
          canDeposit: try network.optionalFlag("depositEnable"),
          canWithdraw: try network.optionalFlag("withdrawEnable")))
    }
    return ListedAsset(
      id: try row.text("coin"), name: try row.optionalText("name"), networks: networks)
  }

  // MARK: - Futures

  /// A position; side from the sign or the side stated.
  static func position(
    _ part: AccountPart
  ) -> @Sendable (Node, Ask) throws(VenueFault) -> OpenPosition? {
    { row, ask throws(VenueFault) in
      let amount = try row.decimal("positionAmt")
      let market = try row.text("symbol")
      let known = ask.markets.market(market, .swap)
      let margin = try row.optionalText("marginType")?.lowercased()
      let isIsolated = try row.optionalFlag("isolated")
      return OpenPosition(
        market: market, isLong: amount.isZero ? nil : !amount.isNegative,
        contracts: row.size(amount), contractSize: known?.contractSize,
        entryPrice: try row.decimalUnlessZero("entryPrice"),
        markPrice: try row.decimalUnlessZero("markPrice"),
        liquidationPrice: try row.decimalUnlessZero("liquidationPrice"),
        unrealised: try row.optionalDecimal("unRealizedProfit", "unrealizedProfit"),
        leverage: try row.decimalUnlessZero("leverage"),
        margin: try row.optionalDecimal("initialMargin", "isolatedMargin"),
        isIsolated: margin.map { $0 == "isolated" } ?? isIsolated,
        time: try row.optionalTime(.milliseconds, "updateTime"), part: part)
    }
  }

  /// A line of a futures wallet's history.
  static func income(
    _ part: AccountPart
  ) -> @Sendable (Node, Ask) throws(VenueFault) -> StatementRow? {
    { row, ask throws(VenueFault) in
      let type = try row.optionalText("incomeType")
      let asset = try row.text("asset")
      let amount = try row.decimal("income")
      if let wanted = ask.asset, wanted != asset { return nil }
      return StatementRow(
        id: try row.optionalText("tranId"), time: try row.optionalTime(.milliseconds, "time"),
        asset: asset, amount: amount,
        kind: type.flatMap { incomeKind($0, isOut: amount.isNegative) }, type: type,
        reference: try row.optionalText("tradeId"), part: part,
        isToldElsewhere: type == "COMMISSION" || type == "REALIZED_PNL")
    }
  }

  // https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/Get-Income-History
  private static func incomeKind(_ word: String, isOut: Bool) -> EntryKind? {
    switch word {
    case "FUNDING_FEE": .marginFee
    case "COMMISSION", "POSITION_LIMIT_INCREASE_FEE", "OPTIONS_PREMIUM_FEE": .fee
    case "REALIZED_PNL", "DELIVERED_SETTELMENT", "OPTIONS_SETTLE_PROFIT":
      isOut ? .marginLoss : .marginGain
    case "TRANSFER", "INTERNAL_TRANSFER", "CROSS_COLLATERAL_TRANSFER",
      "STRATEGY_UMFUTURES_TRANSFER":
      .internalTransfer
    case "INSURANCE_CLEAR": .liquidation
    case "REFERRAL_KICKBACK", "API_REBATE", "FEE_RETURN": .feeRebate
    case "COMMISSION_REBATE": .referral
    case "WELCOME_BONUS", "CONTEST_REWARD": .reward
    case "COIN_SWAP_DEPOSIT", "COIN_SWAP_WITHDRAW", "AUTO_EXCHANGE": .trade
    case "BFUSD_REWARD": .interest
    default: nil
    }
  }
}
