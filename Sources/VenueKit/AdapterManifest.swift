/// What an adapter says of its venue: a program that reads a venue which Coffer does not know.
///
/// The program itself, its folder and its limits are matters of the edge that runs it.
public struct AdapterManifest: Sendable {
  /// The venue's word, as in `Venue.id`.
  public var id: String
  /// The venue's name.
  public var name: String
  /// Where its documents are.
  public var documents: [String]
  /// What its keys consist of.
  public var credentials: [CredentialField]
  /// How fast it may be asked.
  public var limits: Limits
  /// What it offers.
  public var feeds: [AdapterFeed]
  /// The common code of assets that it names in its own way.
  public var aliases: [String: String]
  /// What is known not to be seen of an account here, in words.
  public var unseen: [String]

  /// Makes a manifest.
  public init(
    id: String, name: String, documents: [String] = [], credentials: [CredentialField] = [],
    limits: Limits, feeds: [AdapterFeed], aliases: [String: String] = [:], unseen: [String] = []
  ) {
    self.id = id
    self.name = name
    self.documents = documents
    self.credentials = credentials
    self.limits = limits
    self.feeds = feeds
    self.aliases = aliases
    self.unseen = unseen
  }
}

/// One feed of an adapter.
public struct AdapterFeed: Hashable, Sendable {
  /// Which feed; the raw value is the request's `method`.
  public enum Method: String, Hashable, Sendable, CaseIterable {
    /// Balances.
    case balances
    /// Our executions.
    case fills
    /// Deposits.
    case deposits
    /// Withdrawals.
    case withdrawals
    /// The account statement.
    case statement
    /// Open positions.
    case positions
    /// Markets.
    case markets
    /// Tickers.
    case tickers
    /// What the key may do.
    case rights

    /// Whether it is asked without the account's secrets.
    public var isOpen: Bool { self == .markets || self == .tickers }
    /// Whether it has no pages, because it tells what is and not what was.
    public var isState: Bool {
      switch self {
      case .fills, .deposits, .withdrawals, .statement, .markets: false
      case .balances, .positions, .tickers, .rights: true
      }
    }
  }
  /// Which feed.
  public var method: Method
  /// How its pages follow one another.
  public var paging: Paging
  /// What it must be asked for one by one.
  public var scope: FeedScope
  /// The part of the account it covers; `nil` for all of it.
  public var part: AccountPart?

  /// Makes a feed.
  public init(
    _ method: Method, paging: Paging = .single, scope: FeedScope = .all, part: AccountPart? = nil
  ) {
    self.method = method
    self.paging = paging
    self.scope = scope
    self.part = part
  }
}
