public import Canvas
public import Ledger
internal import Portfolio
public import Wire

/// All that a client knows and shows: events in, effects out.
///
/// One value and no outside: `handle(_:at:)` changes it, `frame()` draws it. The same events at the
/// same times give the same effects and frames.
public struct ClientModel: Sendable {
  /// How the client was started.
  public let settings: ClientSettings
  /// The theme that frames are to be shown in.
  public internal(set) var theme: Theme
  /// The keys that hold.
  public internal(set) var keymap: Keymap

  var glyphs: GlyphSet
  var isPrivate: Bool
  var size: Size
  var now: Instant

  var connection = Connection.connecting
  var status: EngineStatus?
  var nextRequest: UInt64 = 1
  var requests: [UInt64: PendingRequest] = [:]
  var progress: [UInt64: Progress] = [:]

  var board: PositionBoard?
  var top = PositionList()
  var list = PositionList()
  var ledger = LedgerWindow()
  var ledgerFilter = ""
  /// When a typed ledger filter is to be asked for.
  var ledgerFilterDue: Instant?

  /// What the engine last sent of each board.
  var boards: [String: Report] = [:]
  /// The boards that the engine was asked for.
  var lookedAt: [String] = []
  /// What other boards say of positions.
  var extras = PositionExtras()
  var connectionCursor = ListCursor()
  /// The pane of the Accounts screen that the keys work on.
  var accountPane = AccountPane.list
  var feedCursor = ListCursor()
  var alertCursor = ListCursor()
  /// The pane of the Alerts screen that the keys work on.
  var alertPane = AlertPane.list
  var whyCursor = ListCursor()
  /// What prices did around the alert under the cursor.
  var evidence: AlertEvidence?
  /// The number of the last alert that was seen; `nil` before the first board.
  var lastAlert: Int64?
  /// What the P&L screen shows: the period, its row, and growth in place of value.
  var profitPeriod = ProfitPeriod.month
  var profitCursor = ListCursor()
  var profitChart = ProfitChart.value
  /// The pane of the Risk screen that the keys work on.
  var riskPane = RiskPane.parts
  var riskCursors: [RiskPane: ListCursor] = [:]
  /// What the heat map shows, and the cell under its cursor.
  var heatmap = HeatmapChoice()
  var heatRow = ListCursor()
  var heatColumn = ListCursor()
  /// The past day that shows in the place of now.
  var past: PastView?
  /// The last lines of the engine's log.
  var log = LogWindow()
  /// When the engine was last told that somebody is there.
  var toldActive: Instant?
  /// The key that is being typed for an account.
  var keyForm: KeyForm?

  /// The screen that keys work on; it is one of the arrangement's.
  var screen = Screen.overview
  /// The screens that share the body.
  var arrangement = Arrangement(.overview)
  /// How large the screen with the keys is made.
  var zoom = PaneZoom.normal
  /// The user's own layouts by their names.
  var layouts: [String: Arrangement] = [:]
  /// Whether the screens are told in words, each in the whole of the body.
  var isTold = false
  var lastScreen = Screen.positions
  var pane = OverviewPane.positions
  var paneCursors: [OverviewPane: ListCursor] = [:]
  /// What moved most over 24 hours.
  var movers = MoverList()
  var drill: DrillDown?
  var column = PositionColumn.value
  /// The columns of the table of positions.
  var columns = PositionColumns()
  /// What can be undone of the view.
  var history = ViewHistory()
  /// Rows that can be gone back to, by their letters.
  var places: [Character: Place] = [:]
  /// Keys that were recorded.
  var macros = Macros()
  /// What was filtered or searched last.
  var lastSearch = ""
  var overlays: [OpenOverlay] = []
  var prompt: Prompt?
  var unlock = UnlockForm()
  var isPaused = false

  var reader = KeyReader()
  var pendingSince: Instant?
  var lastKey: Instant
  var interruptedAt: Instant?

  var messages: [Message] = []
  var messagesSaid = 0
  var shownMessage: Message?
  var commandHistory: [String] = []
  var filterHistory: [String] = []
  var offeredThemes: [String] = []
  var offeredKeymaps: [String] = []
  /// Whether the user waits for a theme or keymap.
  var awaitsStyle = false
  /// The names of the theme and the keymap that are waited for.
  var awaited: [String: String] = [:]
  /// What was wanted of settings that have no other place here.
  var preferences: [String: String] = [:]

  private var outbox: [Effect] = []
  private var needsDraw = false
  private var wakeAt: Instant?

  /// Makes a client that is not connected yet.
  ///
  /// - Parameters:
  ///   - settings: How it was started.
  ///   - size: The size of the terminal; nothing shows until one is known.
  ///   - now: The time.
  public init(
    settings: ClientSettings = ClientSettings(), size: Size = .zero,
    now: Instant = Instant(microseconds: 0)
  ) {
    self.settings = settings
    theme = settings.theme
    keymap = settings.keymap
    glyphs = settings.glyphs
    isPrivate = settings.isPrivate
    self.size = size
    self.now = now
    lastKey = now
    if let first = Screen.named(settings.screen) {
      screen = first
      arrangement = Arrangement(first)
    }
    adopt(settings.wanted)
  }

  /// Takes an event in.
  ///
  /// - Parameters:
  ///   - event: What has happened.
  ///   - now: When.
  /// - Returns: What is to be done, in this order; `draw` at most once and last but for `wake`.
  public mutating func handle(_ event: ClientEvent, at now: Instant) -> [Effect] {
    self.now = now
    switch event {
    case .connected: connected()
    case .engine(let message): take(message)
    case .input(let input): take(input)
    case .line(let line): take(line: line)
    case .resized(let size):
      self.size = size
      draw()
    case .tick: draw()
    case .disconnected(let reason): disconnected(reason)
    case .styles(let news): take(news)
    case .settings(let news): take(news)
    }
    settle()
    return drain()
  }

  /// Whether the vault is known to be locked, so that only the unlock screen shows.
  public var isLocked: Bool { status.map { !$0.isUnlocked } ?? false }

  /// Whether the next line answers something that was asked.
  public var isAsking: Bool { prompt != nil }

  /// Whether nothing but ASCII may be shown.
  public var usesASCII: Bool { glyphs == .ascii }

  /// Whether there is a screen of a name or number.
  ///
  /// - Parameter name: As `screen` is followed by.
  /// - Returns: Whether.
  public static func hasScreen(_ name: String) -> Bool { Screen.named(name) != nil }

  /// The names of all screens, in the order of the manual.
  public static let screenNames = Screen.allCases.map(\.rawValue)

  /// The name of a screen of a name or number.
  ///
  /// - Parameter word: As `screen` is followed by.
  /// - Returns: The name; `nil` where there is no such screen.
  public static func screenName(_ word: String) -> String? { Screen.named(word)?.rawValue }

  /// The engine's last word on how things stand; `nil` before the first.
  public var engineStatus: EngineStatus? { status }

  /// Whether something that was asked for is still to come.
  public var isWaiting: Bool {
    guard isConnected, !isLocked else { return status == nil && isConnected }
    return board == nil || !requests.isEmpty || lookedAt.contains { boards[$0] == nil }
  }

  /// What was said since so many messages.
  ///
  /// - Parameter count: How many were said before.
  /// - Returns: The messages, the oldest first, and how many were said by now.
  public func messages(since count: Int) -> (texts: [String], count: Int) {
    (messages.suffix(max(0, messagesSaid - count)).map(\.text), messagesSaid)
  }
}

// MARK: - What the topics use

extension ClientModel {
  /// Puts an effect on the list.
  mutating func perform(_ effect: Effect) { outbox.append(effect) }

  /// Asks for a new frame.
  mutating func draw() { needsDraw = true }

  /// Says something in the message line and keeps it.
  mutating func say(_ kind: Message.Kind, _ text: String) {
    let message = Message(time: now, kind: kind, text: String(text.prefix(1_000)))
    messages.append(message)
    messagesSaid += 1
    if messages.count > Message.limit { messages.removeFirst() }
    shownMessage = message
    draw()
  }

  var layout: Layout { Layout(size) }
  var figures: Figures { Figures(isPrivate: isPrivate) }
  var isConnected: Bool { connection == .open }

  /// Brings everything that follows from the rest in order after an event.
  private mutating func settle() {
    if let due = ledgerFilterDue, now >= due { applyLedgerFilter() }
    sortWhenIdle()
    sortMovers()
    settleCursors()
    noteView()
    askForPages()
    askForBoards()
    askForEvidence()
    planWake()
  }

  private mutating func drain() -> [Effect] {
    var effects = outbox
    outbox = []
    if needsDraw {
      needsDraw = false
      let index = effects.lastIndex { if case .wake = $0 { true } else { false } }
      effects.insert(.draw, at: index ?? effects.endIndex)
    }
    return effects
  }

  /// Asks for a tick at the next moment at which the screen changes by itself.
  private mutating func planWake() {
    if let planned = wakeAt, now >= planned { wakeAt = nil }
    guard let next = nextChange else { return }
    let soon = max(next, now.advanced(byMilliseconds: 1))
    if let planned = wakeAt, planned <= soon { return }
    wakeAt = soon
    perform(.wake(at: soon))
  }

  /// When something on the screen changes without an event; `nil` where nothing shows.
  private var nextChange: Instant? {
    guard layout.kind != .nothing else { return nil }
    var times = [Times.nextMinute(after: now)]
    if let since = pendingSince { times.append(since.advanced(byMilliseconds: Timing.popup)) }
    if let due = ledgerFilterDue { times.append(due) }
    if let due = sortDue { times.append(due) }
    times += shownAges.map { Times.nextChange(of: $0, at: now) }
    return times.filter { $0 > now }.min()
  }

  /// The times whose ages are on the screen.
  private var shownAges: [Instant] {
    guard !isLocked, overlays.last?.overlay.isPage != true else { return [] }
    var times: [Instant] = []
    if shows(.accounts) {
      times += connections.rows.indices.compactMap { connections.integer($0, "fresh_at") }
        .map { Instant(microseconds: $0) }
    }
    guard let board else { return times }
    return times
      + visiblePositions.compactMap { slot in board.row(slot)?.position.price }
      .filter { $0.freshUntil.microseconds != .max }.map(\.time)
  }
}

/// Lengths of time, in milliseconds.
enum Timing {
  /// From the first key of a sequence to the list of ways on.
  static let popup: Int64 = 200
  /// From the last key to sorting again.
  static let idle: Int64 = 5_000
  /// From the last letter of a ledger filter to the question.
  static let typing: Int64 = 200
  /// Within which Control-C counts as pressed twice.
  static let twice: Int64 = 1_000
}

extension Instant {
  /// The instant some milliseconds later.
  func advanced(byMilliseconds milliseconds: Int64) -> Instant {
    let (sum, overflow) = microseconds.addingReportingOverflow(milliseconds * 1_000)
    return Instant(microseconds: overflow ? .max : sum)
  }
}
