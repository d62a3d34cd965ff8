import Alerts
import Amounts
import Anomalies
import Ledger
import Portfolio
import Prices
import Risk
import Sync
import Transport
import Vault
import VenueKit
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
  /// A request to a venue has ended.
  case fetched(UInt64, FetchResult)
  /// A login gave a session, or a request's session was gone.
  case session(UInt64, SessionNews)
  /// A stream has said something that the courier holds; the loop turns it into `heard`.
  case ready(StreamID)
  /// A stream said something.
  case heard(StreamID, [WebSocketEvent])
  /// The texts of a stream's login were sent.
  case loggedIn(StreamID, texts: Int)
  /// A batch of the sync machine is on the disk.
  case synced(batch: Int, LedgerChanges)
  /// A batch of the sync machine could not be written.
  case unsynced(batch: Int)
  /// The fold of the ledger says something.
  case gained(GainsNews)
  /// Something was computed beside the loop.
  case computed(RiskResult)
  /// Bars are on the disk, or could not be written.
  case barsKept(Int, isWritten: Bool)
  /// What the vault keeps of assets' prices was read, or could not be.
  case barsRead(Set<AssetID>, BarHistory?)
  /// What detectors have learned was read; `nil` where there is nothing of use.
  case watchRead(AnomalyWatch?)
  /// What happened to alerts is on the disk.
  case alertsStored(Int)
  /// What happened to alerts could not be written.
  case alertsUnstored(Int)
  /// A message to a sink has ended: its id, the sink, the outcome.
  case delivered(String, String, DeliveryOutcome)
  /// A strike that was asked for is made, was there already, or could not be made.
  case struck(Instant, StrikeDesk.Outcome)
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
  /// Send a request to a venue.
  case fetch(FetchJob)
  /// Give a request to a venue up.
  case abandon(UInt64)
  /// Do something with a stream.
  case stream(StreamDesk.Effect)
  /// Write a batch of the sync machine.
  case storeSync(SyncBatch)
  /// Keep what venues may still count of calls.
  case keepLimits(String)
  /// Keep what detectors have learned.
  case keepWatch(AnomalyWatch)
  /// Read what detectors have learned.
  case readWatch
  /// Compare an account's books with what its venue reports.
  case reconcile(VaultWorker.Reconciliation)
  /// Write bars.
  case keepBars(Int, [BarRecord])
  /// Write candles, and what venues were asked for.
  case keepCandles([BarRecord], [BarCoverage])
  /// Read what is kept of assets' prices.
  case readBars(Set<AssetID>, Currency, afterWrites: Bool)
  /// Hold a key ready that is being tried.
  case tryKey(AccountID, Venue, [[UInt8]])
  /// Forget a key that was tried.
  case endTrial(AccountID)
  /// Write what happened to alerts.
  case storeAlerts(Int, AlertBatch)
  /// Send a message to a sink.
  case deliver(Delivery, Sink)
  /// Fold the ledger into gains.
  case gain(GainsInputs)
  /// Freeze what all is worth at a cut-off that has passed.
  case strike(Instant)
  /// Compute something beside the loop; it comes back as an event.
  case compute(RiskTask)
  /// Start or stop the demonstration's prices.
  case runFeed(Bool)
  /// End the process after what was sent.
  case exit
}

/// A piece of work for the vault.
enum Work: Sendable {
  /// Do or say what a request asks.
  case request(Request, VerbSpec)
  /// Answer a question about gains.
  case figure(Request, GainsInputs)
  /// List the strikes with those that are held up, which no vault knows.
  case strikes(held: [StrikeDesk.Held])
  /// Freeze what all is worth at a cut-off, knowing up to when books are known.
  case strike(Request, BooksReach)
  /// Store an account at a venue whose key was tried.
  case connect(Request, NewConnection)
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
  /// The venues that are asked for prices without an account there, where that changed.
  var priceVenues: [String]?
  /// How cost is found and what performance is set beside, where that changed.
  var gainRules: GainRules?
  var benchmark: BenchmarkBlend?
  /// Whether lots were named for what was given away, or how they are taken, or that was taken back.
  var werePicked = false
  /// What the user says of assets, where that changed.
  var assetWords: [AssetID: AssetWord]?
  /// The limits of risk, where they changed.
  var riskLimits: RiskLimits?
  /// Prices that follow from the records.
  var quotes: [Quote] = []
  /// The assets whose prices are followed whether they are held or not, where that changed.
  var watchedAssets: Set<AssetID>?
  /// What risk figures are set beside and how far they look back, where that changed.
  var riskChoice: RiskChoice?
  /// The cut-off at which strikes are made by themselves, where that changed.
  var strikePlan: StrikePlan?
  /// After how many seconds without a key the vault is locked, where that changed.
  var idleLock: Int64?
  /// The cut-off whose strike was made by hand.
  var struck: Instant?
  /// How many entries there are now, where that changed.
  var entries: Int?
  /// How many refused rows are open now, where that changed.
  var refused: Int?
  /// Accounts at venues that are new or different.
  var connections: [FollowedAccount] = []
  /// Accounts that are no longer followed.
  var disconnected: [AccountID] = []
  /// How many differences to what venues report an account has, where that changed.
  var breaks: [AccountID: Int] = [:]

  /// The sinks of alerts, where they changed.
  var alertSinks: [Sink]?
  /// The rules of alerts, where they were read again.
  var alertSettings: AlertSettings?
  /// What venues report beyond what accounts hold, where that changed.
  var differences: [AccountID: [AssetID: Quantity]] = [:]

  /// Whether nothing changed.
  var isEmpty: Bool {
    opened == nil && !wasClosed && !werePicked && holdings.isEmpty && accounts.isEmpty
      && links == nil
      && currency == nil && priceVenues == nil && gainRules == nil && benchmark == nil
      && quotes.isEmpty && entries == nil && refused == nil && watchedAssets == nil
      && connections.isEmpty && disconnected.isEmpty && breaks.isEmpty && differences.isEmpty
      && alertSinks == nil && alertSettings == nil && riskLimits == nil && assetWords == nil
      && riskChoice == nil && idleLock == nil && strikePlan == nil && struck == nil
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
  var priceVenues: [String] = []
  var gainRules = GainRules()
  var benchmark: BenchmarkBlend?
  var riskLimits = RiskLimits()
  var assetWords: [AssetID: AssetWord] = [:]
  var riskChoice = RiskChoice()
  var strikePlan = StrikePlan()
  /// After how many seconds without a key the vault is locked; 0 for never.
  var idleLock: Int64 = 0
  var connections: [FollowedAccount] = []
  /// What venues may still count of calls that were made before.
  var limits: String?
  var breaks: [AccountID: Int] = [:]
  /// What venues report beyond what accounts hold.
  var differences: [AccountID: [AssetID: Quantity]] = [:]
  /// The assets whose prices are followed whether they are held or not.
  var watchedAssets: Set<AssetID> = []
  /// Whether the vault keeps bars of prices.
  var keepsBars = false
  var alerts = AlertContents()
  /// What venues were asked for of bars.
  var coverage: [BarCoverage] = []
}

/// An account at a venue whose key was tried and is to be stored.
struct NewConnection: Sendable {
  var account: AccountID
  var name: String
  var venue: Venue
  var findings: Probe.Findings
  /// Whether the account is followed already and gets another key.
  var isRekeyed = false
}
