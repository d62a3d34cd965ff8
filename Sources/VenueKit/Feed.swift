public import Ledger

/// How a feed's pages follow one another.
public struct Paging: Hashable, Sendable {
  /// By what the next page is found.
  public enum Kind: String, Hashable, Sendable {
    /// One call brings all.
    case single
    /// The answer names the next page (`Feed.next`), given back as `Ask.cursor`.
    case cursor
    /// `from` moves on to the last row's time; rows of that same time are asked for again and
    /// known by their ids.
    case forward
    /// `to` moves back to the first row's time, rows of that time asked for again.
    case backward
    /// `Ask.page` counts up until a page is not full.
    case numbered
  }
  /// By what.
  public var kind: Kind
  /// The most rows of a page; a page with fewer is the last one of its range.
  public var most: Int
  /// The longest time between `from` and `to`, in seconds; `nil` for no bound.
  public var window: Int?
  /// How far back the venue answers, in seconds; `nil` for no bound.
  ///
  /// What lies before is not seen.
  public var lookBack: Int?
  /// A time between `from` and `to` that is taken for sure, in seconds, where no bound is
  /// documented: a longer stretch that the venue refuses is read in stretches of this length.
  public var sureWindow: Int?

  /// Makes a paging.
  public init(
    _ kind: Kind, most: Int = 0, window: Int? = nil, lookBack: Int? = nil, sureWindow: Int? = nil
  ) {
    self.kind = kind
    self.most = most
    self.window = window
    self.lookBack = lookBack
    self.sureWindow = sureWindow
  }

  /// One call brings all.
  public static let single = Paging(.single)
  /// A day in seconds.
  public static let day = 86_400
}

/// How we know that a feed is right.
public enum Evidence: Int, Hashable, Sendable, Comparable {
  /// After the venue's documents.
  case documented
  /// Tried on answers recorded from the venue.
  case recorded
  /// Used with a real account.
  case usedLive

  /// Orders by strength.
  public static func < (a: Evidence, b: Evidence) -> Bool { a.rawValue < b.rawValue }
}

/// What a feed has to be asked for one by one.
public enum FeedScope: String, Hashable, Sendable {
  /// One asking covers the account.
  case all
  /// Each market.
  case eachMarket
  /// Each asset.
  case eachAsset
  /// Each of the ids that `Feeds.accounts` lists; `Ask.accounts` then has that one only.
  case eachAccount
}

/// One kind of row of a venue: how to ask for it and how to read it.
public struct Feed<Row: Sendable>: Sendable {
  /// The part of the account it covers; `nil` for all of it.
  public var part: AccountPart?
  /// The kind of markets it covers, for feeds of markets; `nil` for all.
  public var market: MarketKind?
  /// How pages follow one another.
  public var paging: Paging
  /// What it must be asked for one by one.
  public var scope: FeedScope
  /// Names the pages that it shares with other histories of the venue; `nil` for pages of its own.
  ///
  /// All of them ask in the very same way, so the pages are read once for all.
  public var walk: String?
  /// How long an answer may be used for another asking, in seconds; `nil` keeps nothing.
  ///
  /// 0 asks every time, if changed. Of calls with a key nothing is ever kept, whatever stands here.
  public var keptSeconds: Int?
  /// How we know that it is right.
  public var evidence: Evidence
  /// The calls of one page; usually one, and all of them are needed.
  public var calls: @Sendable (Ask) throws(VenueFault) -> [Call]
  /// The rows in an answer's body.
  public var rows: @Sendable (Answer) throws(VenueFault) -> [Node]
  /// Reads one row; `nil` for a row that is not this feed's matter.
  public var row: @Sendable (Node, Ask) throws(VenueFault) -> Row?
  /// Where the next page begins; `nil` for none.
  public var next: @Sendable (Answer) throws(VenueFault) -> String?

  /// Makes a feed.
  public init(
    part: AccountPart? = nil, market: MarketKind? = nil, paging: Paging = .single,
    scope: FeedScope = .all, walk: String? = nil,
    keptSeconds: Int? = Feed.usuallyKeptSeconds,
    evidence: Evidence = .documented,
    calls: @escaping @Sendable (Ask) throws(VenueFault) -> [Call],
    rows: @escaping @Sendable (Answer) throws(VenueFault) -> [Node],
    row: @escaping @Sendable (Node, Ask) throws(VenueFault) -> Row?,
    next: @escaping @Sendable (Answer) throws(VenueFault) -> String? = { _ in nil }
  ) {
    self.part = part
    self.market = market
    self.paging = paging
    self.scope = scope
    self.walk = walk
    self.keptSeconds = keptSeconds
    self.evidence = evidence
    self.calls = calls
    self.rows = rows
    self.row = row
    self.next = next
  }

  /// How long answers with this kind of row are kept where a venue's file does not say.
  ///
  /// Lists change seldom; a list of markets is asked for again where a fill names a market that is
  /// not in it, at most once a minute, and then must not be the old one. What is of the account, a
  /// book or a clock is never kept.
  public static var usuallyKeptSeconds: Int? {
    switch Row.self {
    case is Market.Type: 60
    case is ListedAsset.Type: 3_600
    case is Ticker.Type: 5
    default: nil
    }
  }

  /// All rows of an answer.
  public func read(_ answer: Answer) throws(VenueFault) -> [Row] {
    var result: [Row] = []
    for node in try rows(answer) {
      if let row = try row(node, answer.ask) { result.append(row) }
    }
    return result
  }
}

/// Everything that can be read from a venue; what is empty it does not offer or we do not read.
public struct Feeds: Sendable {
  /// Balances, one feed a part of the account.
  public var balances: [Feed<Balance>] = []
  /// Our executions.
  public var fills: [Feed<Fill>] = []
  /// Deposits.
  public var deposits: [Feed<Transfer>] = []
  /// Withdrawals.
  public var withdrawals: [Feed<Transfer>] = []
  /// Deposits and withdrawals in one.
  public var transfers: [Feed<Transfer>] = []
  /// The account statement: rewards, fees, funding, conversions.
  public var statement: [Feed<StatementRow>] = []
  /// Open positions.
  public var positions: [Feed<OpenPosition>] = []
  /// Markets.
  public var markets: [Feed<Market>] = []
  /// Assets and networks.
  public var assets: [Feed<ListedAsset>] = []
  /// Tickers of one market, or of all where `Ask.market` is `nil` and the venue has that.
  public var tickers: [Feed<Ticker>] = []
  /// Candles.
  public var candles: [Feed<Candle>] = []
  /// Trades of anybody's.
  public var trades: [Feed<PublicTrade>] = []
  /// Order books.
  public var books: [Feed<OrderBook>] = []
  /// Our orders that stand.
  public var openOrders: [Feed<Order>] = []
  /// Our orders that are done.
  public var closedOrders: [Feed<Order>] = []
  /// The venue's clock.
  public var clock: Feed<Instant>?
  /// What the key may do.
  public var rights: Feed<KeyRights>?
  /// The account's parts or sub-accounts that other calls need the ids of.
  public var accounts: Feed<VenueAccount>?

  /// Makes an empty set.
  public init() {}
}

/// What an API key may do, as the venue tells it.
public struct KeyRights: Hashable, Sendable {
  /// Whether it may read.
  public var canRead: Bool?
  /// Whether it may trade.
  public var canTrade: Bool?
  /// Whether it may withdraw: such a key is refused unless the user insists.
  public var canWithdraw: Bool?
  /// The addresses it is bound to; `nil` where the venue does not tell, empty for none.
  public var addresses: [String]?
  /// When it ends.
  public var expires: Instant?
  /// When it was made.
  public var made: Instant?

  /// Gathers rights.
  public init(
    canRead: Bool? = nil, canTrade: Bool? = nil, canWithdraw: Bool? = nil,
    addresses: [String]? = nil, expires: Instant? = nil, made: Instant? = nil
  ) {
    self.canRead = canRead
    self.canTrade = canTrade
    self.canWithdraw = canWithdraw
    self.addresses = addresses
    self.expires = expires
    self.made = made
  }
}

/// A part of an account or a sub-account by the venue's id.
public struct VenueAccount: Hashable, Sendable {
  /// The name the venue file gives it in `Ask.accounts`.
  public var name: String
  /// The venue's id.
  public var id: String

  /// Names an account.
  public init(name: String, id: String) {
    self.name = name
    self.id = id
  }
}

/// How orders are placed and found again.
public struct OrderDesk: Sendable {
  /// Places `Ask.newOrder`; the row is the order as far as the answer tells.
  public var place: Feed<Order>
  /// Cancels `Ask.order` or `Ask.clientOrder`.
  public var cancel: Feed<Order>
  /// Finds `Ask.order` or `Ask.clientOrder`.
  public var find: Feed<Order>
  /// Our orders that stand.
  public var open: Feed<Order>
  /// The longest own id the venue takes, and the characters it allows.
  public var clientIDMost: Int

  /// Gathers a desk.
  public init(
    place: Feed<Order>, cancel: Feed<Order>, find: Feed<Order>, open: Feed<Order>,
    clientIDMost: Int = 32
  ) {
    self.place = place
    self.cancel = cancel
    self.find = find
    self.open = open
    self.clientIDMost = clientIDMost
  }
}
