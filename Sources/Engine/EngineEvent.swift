import Amounts
import Ledger
import Portfolio
import Prices
import Wire

/// A client, by the order of its coming.
struct ClientID: Hashable, Comparable, Sendable {
  let number: UInt64
  static func < (a: ClientID, b: ClientID) -> Bool { a.number < b.number }
}

/// A piece of work for the vault, by the order of its start.
struct WorkID: Hashable, Comparable, Sendable {
  let number: UInt64
  static func < (a: WorkID, b: WorkID) -> Bool { a.number < b.number }
}

/// What happened.
enum EngineEvent: Sendable {
  /// A client attached.
  case connected(ClientID)
  /// A client spoke.
  case said(ClientID, ClientMessage)
  /// A client is gone.
  case disconnected(ClientID)
  /// A slow client has taken everything that waited for it.
  case caughtUp(ClientID)
  /// A work has come this far.
  case progressed(WorkID, Progress)
  /// The ledger changed while a work goes on.
  case changed(LedgerChanges)
  /// A work ended.
  case finished(WorkID, WorkResult)
  /// Prices came.
  case quoted([Quote])
  /// The time asked for has come.
  case timer
  /// The system asked the engine to end.
  case stopAsked(String)
}

/// What is to be done.
enum EngineEffect: Sendable {
  /// Send a message to a client.
  case send(ClientID, EngineMessage)
  /// Send a message to these clients; it is put into its frame once.
  case sendAll([ClientID], EngineMessage)
  /// Close a client's connection after what was sent.
  case close(ClientID)
  /// Start a work.
  case work(WorkID, Work)
  /// Stop a work.
  case cancel(WorkID)
  /// Send `timer` at this time; a later one replaces an earlier.
  case wake(Instant?)
  /// Start or stop the demonstration's prices.
  case runFeed(Bool)
  /// End the process after what was sent.
  case exit
}

/// A piece of work for the vault.
enum Work: Sendable {
  /// Do or say what a request asks.
  case request(Request, VerbSpec)
  /// Read a window of the ledger.
  case page(LedgerQuery)
}

/// What a work gave.
struct WorkResult: Sendable {
  /// The answer.
  var answer: Answer
  /// What it changed.
  var changes = LedgerChanges()

  /// The kinds of answers.
  enum Answer: Sendable {
    case report(Report)
    case refusal(Refusal)
    case page(LedgerPage)
  }
}

/// What changed in the vault, for the portfolio.
struct LedgerChanges: Sendable {
  /// The vault was opened: this is all of it.
  var opened: VaultContents?
  /// The vault was closed.
  var wasClosed = false
  /// Holdings that are different now.
  var holdings: [HoldingKey: Holding] = [:]
  /// Accounts that are new or different.
  var accounts: [Account] = []
  /// The links, where they changed.
  var links: AssetLinks?
  /// The currency, where it changed.
  var currency: Currency?
  /// Prices that follow from the records.
  var quotes: [Quote] = []
  /// How many entries there are now, where that changed.
  var entries: Int?
  /// How many refused rows are open now, where that changed.
  var refused: Int?

  /// Whether nothing changed.
  var isEmpty: Bool {
    opened == nil && !wasClosed && holdings.isEmpty && accounts.isEmpty && links == nil
      && currency == nil && quotes.isEmpty && entries == nil && refused == nil
  }
}

/// All that the portfolio needs of a vault.
struct VaultContents: Sendable {
  var currency: Currency
  var links: AssetLinks
  var accounts: [Account]
  var holdings: [HoldingKey: Holding]
  var quotes: [Quote]
  var entries: Int
  var refused: Int
}
