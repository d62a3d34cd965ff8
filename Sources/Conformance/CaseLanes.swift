import Amounts
import Cipher
import Encodings
import Ledger
import VenueKit

/// What a case's arguments choose among feeds of one kind.
struct CaseChoice {
  var market: MarketKind?
  var part: AccountPart?
}

/// A feed with its row's type hidden, and the texts of its rows to compare.
struct CaseLane {
  let part: AccountPart?
  let market: MarketKind?
  let calls: (Ask) throws(VenueFault) -> [Call]
  let read: (Answer) throws(VenueFault) -> [CaseRow]
  let row: (Node, Ask) throws(VenueFault) -> CaseRow?

  init<Row>(_ feed: Feed<Row>, _ text: @escaping (Row) -> CaseRow) {
    part = feed.part
    market = feed.market
    calls = feed.calls
    read = { answer throws(VenueFault) in try feed.read(answer).map(text) }
    row = { node, ask throws(VenueFault) in try feed.row(node, ask).map(text) }
  }
}

/// The feeds that serve a method of the cases.
struct CaseLanes {
  private(set) var lanes: [CaseLane] = []

  var isEmpty: Bool { lanes.isEmpty }

  init(venue: Venue, method: String) {
    let feeds = venue.feeds
    switch method {
    case "fetchBalance": lanes = feeds.balances.map { CaseLane($0, CaseRow.init) }
    case "fetchMyTrades", "fetchOrderTrades":
      lanes = method == "fetchMyTrades" ? feeds.fills.map { CaseLane($0, CaseRow.init) } : []
    case "fetchDeposits":
      lanes = (feeds.deposits + feeds.transfers).map { CaseLane($0, CaseRow.init) }
    case "fetchWithdrawals":
      lanes = (feeds.withdrawals + feeds.transfers).map { CaseLane($0, CaseRow.init) }
    case "fetchDepositsWithdrawals":
      lanes = (feeds.transfers.isEmpty ? [] : feeds.transfers).map { CaseLane($0, CaseRow.init) }
    case "fetchLedger": lanes = feeds.statement.map { CaseLane($0, CaseRow.init) }
    case "fetchTicker", "fetchTickers": lanes = feeds.tickers.map { CaseLane($0, CaseRow.init) }
    case "fetchOHLCV": lanes = feeds.candles.map { CaseLane($0, CaseRow.init) }
    case "fetchTrades": lanes = feeds.trades.map { CaseLane($0, CaseRow.init) }
    case "fetchOrderBook": lanes = feeds.books.map { CaseLane($0, CaseRow.init) }
    case "fetchMarkets": lanes = feeds.markets.map { CaseLane($0, CaseRow.init) }
    case "fetchCurrencies": lanes = feeds.assets.map { CaseLane($0, CaseRow.init) }
    case "fetchPositions": lanes = feeds.positions.map { CaseLane($0, CaseRow.init) }
    case "fetchTime": lanes = feeds.clock.map { [CaseLane($0, CaseRow.init)] } ?? []
    case "fetchOpenOrders":
      let desk = venue.desk.map { [$0.open] } ?? []
      lanes = (feeds.openOrders + desk).map { CaseLane($0, CaseRow.init) }
    case "fetchClosedOrders": lanes = feeds.closedOrders.map { CaseLane($0, CaseRow.init) }
    case "fetchOrder": lanes = venue.desk.map { [CaseLane($0.find, CaseRow.init)] } ?? []
    case "createOrder": lanes = venue.desk.map { [CaseLane($0.place, CaseRow.init)] } ?? []
    case "cancelOrder": lanes = venue.desk.map { [CaseLane($0.cancel, CaseRow.init)] } ?? []
    default: break
    }
  }

  /// The feeds of a kind of record.
  init(venue: Venue, kind: String) {
    let feeds = venue.feeds
    switch kind {
    case "trade":
      lanes =
        feeds.fills.map { CaseLane($0, CaseRow.init) }
        + feeds.trades.map { CaseLane($0, CaseRow.init) }
    case "order":
      let desk = venue.desk.map { [$0.find, $0.open, $0.place, $0.cancel] } ?? []
      lanes = (feeds.openOrders + feeds.closedOrders + desk).map { CaseLane($0, CaseRow.init) }
    case "ticker": lanes = feeds.tickers.map { CaseLane($0, CaseRow.init) }
    case "candle": lanes = feeds.candles.map { CaseLane($0, CaseRow.init) }
    case "transaction":
      lanes = (feeds.deposits + feeds.withdrawals + feeds.transfers).map {
        CaseLane($0, CaseRow.init)
      }
    case "position": lanes = feeds.positions.map { CaseLane($0, CaseRow.init) }
    case "ledgerEntry": lanes = feeds.statement.map { CaseLane($0, CaseRow.init) }
    case "balance": lanes = feeds.balances.map { CaseLane($0, CaseRow.init) }
    default: break
    }
  }

  /// The feeds, those that the choice names first.
  func ordered(_ choice: CaseChoice) -> [CaseLane] {
    func rank(_ lane: CaseLane) -> Int {
      var rank = 0
      if let market = choice.market, let own = lane.market, own != market { rank += 2 }
      if let part = choice.part, let own = lane.part, own != part { rank += 1 }
      return rank
    }
    return lanes.enumerated().sorted {
      (rank($0.element), $0.offset) < (rank($1.element), $1.offset)
    }
    .map(\.element)
  }

  /// Their calls.
  func calls(_ choice: CaseChoice) -> [(Ask) throws(VenueFault) -> [Call]] {
    ordered(choice).map(\.calls)
  }
}

/// What a case's arguments become.
enum CaseAsk {
  /// An asking.
  case ask(Ask, CaseChoice)
  /// Arguments that ask for something Coffer does not do.
  case unusual(String)
}

/// Turns a case's arguments into an asking.
struct AskMaker {
  let cases: VenueCases
  let method: String

  func ask(_ arguments: Node) throws(VenueFault) -> CaseAsk {
    var ask = Ask(markets: cases.markets.table, now: cases.now)
    var choice = CaseChoice()
    ask.accounts = cases.accounts
    for argument in try arguments.optionalMembers() where argument.json != .null {
      switch argument.key {
      case "symbol":
        let symbol = try argument.text()
        guard let named = cases.markets.bySymbol[symbol] else {
          return .unusual("the case's markets do not name \(symbol)")
        }
        ask.market = named.market
        choice.market = named.market.kind
        if named.market.kind == .swap { choice.part = named.market.isInverse ? .inverse : .swap }
      case "symbols":
        for symbol in try argument.elements() {
          guard let named = cases.markets.bySymbol[try symbol.text()] else {
            return .unusual("the case's markets do not name \(try symbol.text())")
          }
          ask.manyMarkets.append(named.market)
          choice.market = named.market.kind
        }
      case "code": ask.asset = cases.markets.asset(try argument.text())
      case "since": ask.from = try argument.time(.milliseconds)
      case "limit": ask.limit = Int(try argument.integer())
      case "timeframe":
        guard let seconds = AskMaker.seconds(try argument.text()) else {
          return .unusual("candles of \(try argument.text())")
        }
        ask.interval = seconds
      case "id": ask.order = try argument.optionalText()
      case "type", "side", "amount", "price", "params": break
      default: return .unusual("the argument \(argument.key)")
      }
    }
    if method == "createOrder", let why = try order(arguments, &ask) { return .unusual(why) }
    if let why = try options(arguments["params"], &ask, &choice) { return .unusual(why) }
    if method == "fetchOHLCV" {
      choice.market = ask.market?.kind
    }
    return .ask(ask, choice)
  }

  private static func seconds(_ text: String) -> Int? {
    guard let unit = text.last, let count = Int(text.dropLast()) else { return nil }
    let units: [Character: Int] = [
      "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "M": 2_592_000,
    ]
    return units[unit].map { $0 * count }
  }

  private func order(_ arguments: Node, _ ask: inout Ask) throws(VenueFault) -> String? {
    guard let market = ask.market else { return "an order without a market" }
    let type = try arguments.text("type")
    guard let type = OrderType(rawValue: type) else { return "orders of type \(type)" }
    guard let side = Side(rawValue: try arguments.text("side")) else { return "a side unknown" }
    // There, a price makes a cost of the amount; our market orders are for an amount.
    if type == .market, market.kind == .spot, !arguments["price"].isNothing {
      return "a market order for a cost"
    }
    // An amount finer than exact amounts are is cut to them: the market's step is coarser by far.
    let written = try arguments.optionalText("amount").map(ExactText.rounded)
    guard let written, let amount = try? Fixed(parsing: written) else { return "no amount" }
    let price = try arguments.optionalDecimal("price")
    ask.newOrder = NewOrder(
      market: market, side: side, type: type,
      amount: AskMaker.stepped(amount, market.amountStep, .down),
      price: price.map { AskMaker.stepped($0, market.priceStep, .halfUp) })
    return nil
  }

  /// A number in whole steps of its market, as a planned order has them.
  private static func stepped(_ value: Fixed, _ step: Fixed?, _ rounding: Rounding) -> Fixed {
    guard let step, !step.isZero, let count = try? value.divided(by: step, rounding: .halfEven),
      let whole = try? count.rounded(toDigits: 0, rounding: rounding),
      let result = try? whole.multiplied(by: step, rounding: .halfEven)
    else { return value }
    // A number below half a step was never planned with it.
    return result.isZero ? value : result
  }

  /// The options; gives the reason where one is not Coffer's.
  private func options(
    _ node: Node, _ ask: inout Ask, _ choice: inout CaseChoice
  ) throws(VenueFault) -> String? {
    // A case whose options are a text that only looks like an object has none.
    guard case .object? = node.json else { return nil }
    for option in try node.optionalMembers() where option.json != .null {
      switch option.key {
      case "until": ask.to = try option.time(.milliseconds)
      case "type", "accountType", "defaultType":
        guard let part = AskMaker.part(try option.text()) else {
          return "the account part \(try option.text())"
        }
        ask.part = part
        choice.part = part
        if part == .swap { choice.market = .swap }
        if part == .future { choice.market = .future }
        if part == .option { choice.market = .option }
      case "subType":
        if try option.text() == "inverse" {
          ask.part = .inverse
          choice.part = .inverse
        } else {
          ask.part = .swap
          choice.part = .swap
        }
        choice.market = .swap
      case "marginMode":
        guard method == "fetchBalance" else { return "the option \(option.key)" }
        ask.part = try option.text() == "isolated" ? .isolatedMargin : .margin
        choice.part = ask.part
      case "clientOrderId":
        let id = try option.text()
        ask.clientOrder = id
        ask.newOrder?.clientID = id
      case "timeInForce" where ask.newOrder != nil:
        guard let force = TimeInForce(rawValue: try option.text().uppercased()) else {
          return "time in force \(try option.text())"
        }
        ask.newOrder?.timeInForce = force
      case "postOnly" where ask.newOrder != nil:
        if try option.flag() { ask.newOrder?.timeInForce = .postOnly }
      case "reduceOnly" where ask.newOrder != nil:
        ask.newOrder?.isReduceOnly = try option.flag()
      default: return "the option \(option.key)"
      }
    }
    return nil
  }

  private static func part(_ text: String) -> AccountPart? {
    switch text.lowercased() {
    case "spot", "exchange", "trading": .spot
    case "funding", "main", "wallet": .funding
    case "margin", "cross": .margin
    case "isolated": .isolatedMargin
    case "swap", "linear", "contract", "futures": .swap
    case "inverse", "delivery": .inverse
    case "future": .future
    case "option": .option
    case "earn", "savings": .earn
    default: nil
    }
  }
}

/// A vector that names a whole call: its request is taken apart, made anew and signed by the recipe.
struct WholeCall {
  private let node: Node
  private let venue: Venue

  init(_ node: Node, _ venue: Venue) {
    self.node = node
    self.venue = venue
  }

  /// The request, or `nil` where no surface of ours goes there.
  func request() throws(VenueFault) -> OutgoingRequest? {
    guard let parts = try RecordedCall(node["expect"], venue) else { return nil }
    var credentials = VenueCases.credentials(node["credentials"])
    for setting in try node["settings"].optionalMembers() {
      if let text = try? setting.text() { credentials.fields[setting.key] = text }
    }
    return try parts.surface.request(
      parts.call, credentials: credentials,
      moment: Moment(time: try node.time(.milliseconds, "nowMs"), uuid: VenueCases.uuid),
      tools: .openSSL)
  }
}
