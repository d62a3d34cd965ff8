import Cipher
import Encodings
import Ledger
import Portfolio
import Prices
import Sync
import VenueKit
import Venues
import Wire

/// The engine's state and the one function that changes it.
///
/// Pure: time comes with each event.
struct EngineCore {
  /// What is known of a client.
  struct Client {
    var hasGreeted = false
    var isReadOnly = false
    var isWatching = false
    /// It fell behind: changes are kept from it until it has caught up.
    var isBehind = false
    /// The boards it looks at.
    var boards: [String] = []
    /// What it was last sent of each: what is still so is not sent again.
    var sent: [String: Report] = [:]
  }

  /// What stands in the status where venues are not the real ones.
  static let simulated = "simulated venues"

  /// The most boards a client may look at.
  static let mostBoards = 16

  /// Who waits for a work.
  struct Errand {
    let client: ClientID
    let id: UInt64
  }

  /// How long prices are gathered before they are sent on, in microseconds.
  static let quotePause: Int64 = 250_000
  /// The most works at once for one client.
  static let mostErrands = 64

  var status: EngineStatus
  var clients: [ClientID: Client] = [:]
  var errands: [WorkID: Errand] = [:]
  var lastWork: UInt64 = 0
  var settlement: Settlement?
  var mode: Mode
  var settleAt: Instant?
  var desk: SyncDesk?
  var streams: StreamDesk?
  var books: BookDesk?
  var figures: FigureDesk?
  /// What is frozen at cut-offs by itself.
  var strikes: StrikeDesk?
  var alerts: AlertDesk?
  /// Whether all that is due by the time waits until what was published has gone out.
  var isRestPutOff = false
  /// Whether the board of alerts is to be sent with the next ones.
  var isAlertBoardNew = false
  /// When a price last came from a venue; `nil` where none is asked for.
  var lastQuote: Instant?
  var trials: [WorkID: Trial] = [:]
  var breaks: [AccountID: Int] = [:]
  /// What the user says of assets.
  var assetWords: [AssetID: AssetWord] = [:]
  /// When boards are sent again.
  var boardsAt: Instant?
  /// When boards of order books are sent again.
  var bookBoardsAt: Instant?
  let seed: UInt64
  let tools: SigningTools
  let venues: VenueCatalogue
  let policy: SyncPolicy
  var hadClient = false
  /// What it did, its last lines.
  var log = EngineLog()
  /// How long the vault may stay open without a key.
  var idleLock = IdleLock()

  /// A key that is being tried.
  struct Trial {
    let request: Request
    let connection: NewConnection
  }

  /// How long boards are gathered before they are sent: figures, not prices, which go out at once.
  static let boardPause: Int64 = 1_000_000
  /// The same for order books.
  static let bookPause: Int64 = 500_000

  /// How the engine was started.
  struct Mode: Sendable {
    var isOffline = false
    /// A demonstration ends with its last client.
    var isDemo = false
    /// Venues are simulated ones on this machine.
    var isSimulated = false
  }

  init(
    vault: String, mode: Mode, seed: UInt64 = 1, tools: SigningTools = .openSSL,
    venues: VenueCatalogue = .builtIn, policy: SyncPolicy = SyncPolicy()
  ) {
    self.venues = venues
    self.policy = policy
    self.tools = tools
    self.mode = mode
    self.seed = seed
    status = EngineStatus(vault: vault, isOffline: mode.isOffline, isDemo: mode.isDemo)
    if mode.isSimulated { status.activity = EngineCore.simulated }
  }

  /// Takes in what happened and says what is to be done.
  mutating func handle(_ event: EngineEvent, at now: Instant) -> [EngineEffect] {
    let before = logContext(of: event)
    let effects = react(to: event, at: now)
    return effects + writeDown(event, before, effects, at: now)
  }

  private mutating func react(to event: EngineEvent, at now: Instant) -> [EngineEffect] {
    switch event {
    case .connected(let client):
      clients[client] = Client()
      return []
    case .said(let client, let message): return hear(message, from: client, at: now)
    case .disconnected(let client): return forget(client, at: now)
    case .caughtUp(let client): return catchUp(client, at: now)
    case .progressed(let work, let progress): return report(progress, of: work)
    case .changed(let changes): return take(changes, at: now)
    case .finished(let work, let result): return finish(work, result, at: now)
    case .quoted(let quotes):
      // What venues quote themselves is theirs to tell.
      let told = desk?.prices.watchedAssets ?? []
      return take(quotes.filter { !told.contains($0.asset) }, at: now)
    case .fetched(let ticket, let result):
      return deal(at: now) { $0.take(result, of: ticket, at: now) }
    case .session(let ticket, let news):
      return deal(at: now) { $0.take(news, of: ticket, at: now) }
    case .ready: return []
    case .heard(let stream, let events): return hear(events, of: stream, at: now)
    case .loggedIn(let stream, let texts):
      return withStreams(at: now) { $0.loggedIn(stream, texts: texts, at: now) }
    case .synced(let batch, let changes):
      return take(changes, at: now) + deal(at: now) { $0.stored(batch, at: now) }
        + withFigures(at: now) { $0.synced(batch, true, $1, at: now) }
    case .unsynced(let batch):
      return deal(at: now) { $0.unstored(batch, at: now) }
        + withFigures(at: now) { $0.synced(batch, false, $1, at: now) }
    case .watchRead(let watch):
      return withFigures(at: now) { figures, _ in
        figures.loaded(watch, at: now)
        return []
      } + [wake(after: now)]
    case .gained(let news):
      return withFigures(at: now) { desk, _ in desk.take(news, at: now) } + [wake(after: now)]
    case .computed(let result): return take(result, at: now)
    case .barsKept(let batch, let isWritten):
      return withFigures(at: now) { figures, _ in
        figures.written(batch, isWritten, at: now)
        return []
      }
    case .barsRead(let assets, let kept):
      return withFigures(at: now) { $0.loaded(assets, kept, $1, at: now) } + [wake(after: now)]
    case .alertsStored(let number):
      return withAlerts(at: now) { $0.stored(number, at: now) }
    case .alertsUnstored(let number):
      return withAlerts(at: now) { $0.unstored(number, at: now) }
    case .delivered(let id, let sink, let outcome):
      return withAlerts(at: now) { $0.delivered(id, sink, outcome, at: now) }
    case .timer: return passTime(at: now)
    case .struck(let cutoff, let outcome):
      return struck(cutoff, outcome, at: now)
    case .stopAsked(let reason): return end(reason)
    }
  }

  /// Publishes the prices that were gathered and does what is due by the time, each in a turn of its
  /// own: what clients wait for goes out first.
  private mutating func passTime(at now: Instant) -> [EngineEffect] {
    if settleAt != nil, !isRestPutOff {
      isRestPutOff = true
      return publish(at: now)
    }
    isRestPutOff = false
    return publish(at: now) + withFigures(at: now) { $0.tick($1, at: now) }
      + deal(at: now) { $0.tick(at: now) }
      + withStreams(at: now) { $0.tick(at: now) }
      + withBooks(at: now) { $0.tick(at: now, view: $1) }
      + lookForAlerts(at: now) + sendBoards(at: now)
      + strikeIfDue(at: now) + lockIfIdle(at: now) + [wake(after: now)]
  }
}
