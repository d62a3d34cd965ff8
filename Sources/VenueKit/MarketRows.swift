public import Amounts
public import Ledger

/// What can be traded.
public enum MarketKind: String, Hashable, Sendable {
  /// Immediate exchange.
  case spot
  /// A perpetual.
  case swap
  /// A dated future.
  case future
  /// An option.
  case option
}

/// A market with its filters.
public struct Market: Hashable, Sendable {
  /// The venue's id.
  public var id: String
  /// The venue's code of the base asset.
  public var base: String
  /// The venue's code of the quote asset.
  public var quote: String
  /// The venue's code of the settling asset, of derivatives.
  public var settle: String?
  /// What kind it is.
  public var kind: MarketKind
  /// Whether it trades now; `nil` where the venue does not say.
  public var isActive: Bool?
  /// How much of the base one contract is.
  public var contractSize: Fixed?
  /// The step of amounts.
  public var amountStep: Fixed?
  /// The step of prices.
  public var priceStep: Fixed?
  /// The smallest amount.
  public var amountMin: Fixed?
  /// The largest amount.
  public var amountMax: Fixed?
  /// The smallest price times amount, in quote.
  public var costMin: Fixed?
  /// When it expires.
  public var expiry: Instant?
  /// The strike of an option.
  public var strike: Fixed?
  /// The venue's other name of it that its answers use, for instance an altname.
  public var alias: String?

  /// Makes a market.
  public init(
    id: String, base: String, quote: String, settle: String? = nil, kind: MarketKind = .spot,
    isActive: Bool? = nil, contractSize: Fixed? = nil, amountStep: Fixed? = nil,
    priceStep: Fixed? = nil, amountMin: Fixed? = nil, amountMax: Fixed? = nil,
    costMin: Fixed? = nil, expiry: Instant? = nil, strike: Fixed? = nil, alias: String? = nil
  ) {
    self.id = id
    self.base = base
    self.quote = quote
    self.settle = settle
    self.kind = kind
    self.isActive = isActive
    self.contractSize = contractSize
    self.amountStep = amountStep
    self.priceStep = priceStep
    self.amountMin = amountMin
    self.amountMax = amountMax
    self.costMin = costMin
    self.expiry = expiry
    self.strike = strike
    self.alias = alias
  }

  /// Whether it is settled in its base asset.
  public var isInverse: Bool { settle != nil && settle == base && settle != quote }
}

/// The markets of a venue by id.
public struct MarketTable: Sendable {
  private var byID: [String: [Market]] = [:]

  /// Gathers markets.
  public init(_ markets: [Market] = []) {
    for market in markets {
      byID[market.id, default: []].append(market)
      if let alias = market.alias, alias != market.id {
        byID[alias, default: []].append(market)
      }
    }
  }

  /// The market of an id or alias; where spot and derivative share it, the one of the kind.
  public func market(_ id: String, _ kind: MarketKind? = nil) -> Market? {
    guard let found = byID[id] else { return nil }
    return found.first { $0.kind == kind } ?? found.first
  }

  /// Whether no market is known.
  public var isEmpty: Bool { byID.isEmpty }

  /// Every market once.
  public var all: [Market] {
    byID.flatMap { id, markets in markets.filter { $0.id == id } }.sorted { $0.id < $1.id }
  }
}

/// A network that moves an asset.
public struct AssetNetwork: Hashable, Sendable {
  /// The venue's name of it.
  public var id: String
  /// The withdrawal fee.
  public var fee: Fixed?
  /// The smallest withdrawal.
  public var withdrawMin: Fixed?
  /// The contract of the token on it.
  public var contract: String?
  /// Whether deposits are open.
  public var canDeposit: Bool?
  /// Whether withdrawals are open.
  public var canWithdraw: Bool?

  /// Makes a network.
  public init(
    id: String, fee: Fixed? = nil, withdrawMin: Fixed? = nil, contract: String? = nil,
    canDeposit: Bool? = nil, canWithdraw: Bool? = nil
  ) {
    self.id = id
    self.fee = fee
    self.withdrawMin = withdrawMin
    self.contract = contract
    self.canDeposit = canDeposit
    self.canWithdraw = canWithdraw
  }
}

/// An asset as a venue lists it.
public struct ListedAsset: Hashable, Sendable {
  /// The venue's code.
  public var id: String
  /// The code it is commonly known by, where the venue tells one.
  public var ticker: String?
  /// Its name.
  public var name: String?
  /// The step of amounts.
  public var step: Fixed?
  /// Where it can move.
  public var networks: [AssetNetwork]

  /// Makes a listed asset.
  public init(
    id: String, ticker: String? = nil, name: String? = nil, step: Fixed? = nil,
    networks: [AssetNetwork] = []
  ) {
    self.id = id
    self.ticker = ticker
    self.name = name
    self.step = step
    self.networks = networks
  }
}

/// What a market last did.
public struct Ticker: Hashable, Sendable {
  /// The venue's id of the market; empty where the answer does not name the one asked for.
  public var market: String
  /// When; `nil` where the venue does not say.
  public var time: Instant?
  /// The last price.
  public var last: Fixed?
  /// The best bid.
  public var bid: Fixed?
  /// The best ask.
  public var ask: Fixed?
  /// The highest of 24 hours.
  public var high: Fixed?
  /// The lowest of 24 hours.
  public var low: Fixed?
  /// The price 24 hours ago.
  public var open: Fixed?
  /// Traded in 24 hours, in base.
  public var baseVolume: Fixed?
  /// Traded in 24 hours, in quote.
  public var quoteVolume: Fixed?

  /// Makes a ticker.
  public init(
    market: String, time: Instant? = nil, last: Fixed? = nil, bid: Fixed? = nil,
    ask: Fixed? = nil, high: Fixed? = nil, low: Fixed? = nil, open: Fixed? = nil,
    baseVolume: Fixed? = nil, quoteVolume: Fixed? = nil
  ) {
    self.market = market
    self.time = time
    self.last = last
    self.bid = bid
    self.ask = ask
    self.high = high
    self.low = low
    self.open = open
    self.baseVolume = baseVolume
    self.quoteVolume = quoteVolume
  }
}

/// A candle.
public struct Candle: Hashable, Sendable {
  /// Its beginning.
  public var time: Instant
  /// The first price.
  public var open: Fixed
  /// The highest.
  public var high: Fixed
  /// The lowest.
  public var low: Fixed
  /// The last.
  public var close: Fixed
  /// What was traded, in base or, of derivatives, as the venue states it.
  public var volume: Fixed?

  /// Makes a candle.
  public init(
    time: Instant, open: Fixed, high: Fixed, low: Fixed, close: Fixed, volume: Fixed?
  ) {
    self.time = time
    self.open = open
    self.high = high
    self.low = low
    self.close = close
    self.volume = volume
  }

  /// The order of the prices in a candle written as an array, after its time.
  public enum Columns: Hashable, Sendable {
    /// Open, high, low, close.
    case openHighLowClose
    /// Open, close, high, low.
    case openCloseHighLow
  }

  /// How the members of a candle written as an object are called.
  public enum Members: Hashable, Sendable {
    /// `open`, `high`, `low`, `close`, `volume`.
    case words
    /// `o`, `h`, `l`, `c`, `v`.
    case letters
  }

  /// Reads a candle written as an array that begins with its time.
  ///
  /// - Parameters:
  ///   - row: The array.
  ///   - form: How the time is written.
  ///   - columns: The order of the prices, from the second place on.
  ///   - volume: The place of what was traded.
  /// - Throws: A fault with its path, for a time or price that is missing or malformed.
  public init(
    _ row: Node, _ form: TimeForm, _ columns: Columns = .openHighLowClose, volume: Int = 5
  ) throws(VenueFault) {
    let isCloseLast = columns == .openHighLowClose
    self.init(
      time: try row[0].time(form), open: try row[1].decimal(),
      high: try row[isCloseLast ? 2 : 3].decimal(), low: try row[isCloseLast ? 3 : 4].decimal(),
      close: try row[isCloseLast ? 4 : 2].decimal(), volume: try row[volume].optionalDecimal())
  }

  /// Reads a candle written as an object.
  ///
  /// - Parameters:
  ///   - row: The object.
  ///   - form: How the time is written.
  ///   - time: The member with the time.
  ///   - members: How the others are called.
  ///   - volume: The member with what was traded, where it is called otherwise.
  /// - Throws: A fault with its path, for a time or price that is missing or malformed.
  public init(
    _ row: Node, _ form: TimeForm, _ time: String, _ members: Members = .words,
    volume: String? = nil
  ) throws(VenueFault) {
    let isLetters = members == .letters
    self.init(
      time: try row.time(form, time), open: try row.decimal(isLetters ? "o" : "open"),
      high: try row.decimal(isLetters ? "h" : "high"),
      low: try row.decimal(isLetters ? "l" : "low"),
      close: try row.decimal(isLetters ? "c" : "close"),
      volume: try row.optionalDecimal(volume ?? (isLetters ? "v" : "volume")))
  }
}

/// A trade of anybody's.
public struct PublicTrade: Hashable, Sendable {
  /// The venue's id of it.
  public var id: String?
  /// When.
  public var time: Instant
  /// The venue's id of the market; empty where the answer does not name the one asked for.
  public var market: String
  /// The side of the taker.
  public var side: Side?
  /// The price.
  public var price: Fixed
  /// How much, in base or contracts.
  public var amount: Fixed

  /// Makes a trade.
  public init(
    id: String?, time: Instant, market: String, side: Side?, price: Fixed, amount: Fixed
  ) {
    self.id = id
    self.time = time
    self.market = market
    self.side = side
    self.price = price
    self.amount = amount
  }
}

/// A price level of a book.
public struct BookLevel: Hashable, Sendable {
  /// The price.
  public var price: Fixed
  /// How much stands there; in a change, zero removes the level.
  public var amount: Fixed

  /// Makes a level.
  public init(_ price: Fixed, _ amount: Fixed) {
    self.price = price
    self.amount = amount
  }

  /// Reads a level written as an array that starts with price and amount.
  public init(_ node: Node) throws(VenueFault) {
    price = try node[0].decimal()
    amount = try node[1].decimal()
  }
}

/// An order book.
public struct OrderBook: Hashable, Sendable {
  /// The venue's id of the market; empty where the answer does not name the one asked for.
  public var market: String
  /// When.
  public var time: Instant?
  /// Buyers, best first.
  public var bids: [BookLevel]
  /// Sellers, best first.
  public var asks: [BookLevel]
  /// The venue's number of this state, for joining it to a stream.
  public var sequence: Int64?

  /// Makes a book and sorts it best first.
  public init(
    market: String, time: Instant? = nil, bids: [BookLevel], asks: [BookLevel],
    sequence: Int64? = nil
  ) {
    self.market = market
    self.time = time
    self.bids = bids.sorted { $0.price.units > $1.price.units }
    self.asks = asks.sorted { $0.price.units < $1.price.units }
    self.sequence = sequence
  }

  /// Reads levels written as arrays.
  public static func levels(_ node: Node) throws(VenueFault) -> [BookLevel] {
    var levels: [BookLevel] = []
    for element in try node.optionalElements() { levels.append(try BookLevel(element)) }
    return levels
  }

  /// Reads levels written as objects, by the names of their price and amount.
  public static func levels(
    _ rows: [Node], _ price: String, _ amount: String
  ) throws(VenueFault) -> [BookLevel] {
    var levels: [BookLevel] = []
    for row in rows { levels.append(BookLevel(try row.decimal(price), try row.decimal(amount))) }
    return levels
  }
}
