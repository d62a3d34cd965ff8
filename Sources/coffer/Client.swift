import Canvas
import Glibc
import Ledger
import Link
import Screens
import Styles
import Terminal
import Wire

/// The client's edge: one thread in `poll` over the keyboard, the signals and the engine's socket.
final class Client {
  private let link: EngineLink
  private let terminal: Terminal
  private let folders: StyleFolders
  private var model: ClientModel
  private var wakeAt: Instant?
  /// The size that the model knows.
  private var size: Size
  private var needsFrame = true
  private var pace = FramePace()
  /// When what was begun on the keyboard counts as ended, as a lone Escape.
  private var inputEndsAt: Int64?
  private var status: Int32?

  init(
    _ options: ClientOptions, _ start: EngineStart, _ connection: EngineConnection
  ) throws(Refusal) {
    link = EngineLink(connection, start, isReadOnly: options.isReadOnly)
    folders = StyleFolders(
      program: EngineStart.program, environment: EnginePlace.environment)
    let preferences = Preferences(options, folders)
    var settings = ClientSettings(options, preferences)
    var news: [ClientEvent] = [.settings(.wrong(preferences.problems))]
    if let name = preferences["theme"] {
      do { settings.theme = try Client.theme(named: name, folders).value } catch {
        news.append(.styles(.failed(error.description)))
      }
    }
    do {
      terminal = try Terminal.open(
        theme: settings.theme, options: Client.terminalOptions(preferences))
    } catch { throw Refusal(.usage, error.sentence) }
    settings.glyphs = terminal.glyphs
    size = terminal.size
    model = ClientModel(settings: settings, size: size, now: Clock.now)
    begin(news, keymap: preferences["keymap"] ?? "default")
  }

  /// Runs until the user leaves or the terminal is gone.
  func run() -> Int32 {
    while status == nil { turn() }
    terminal.close()
    return status ?? 0
  }

  private func begin(_ news: [ClientEvent], keymap: String) {
    perform(.loadKeymap(keymap))
    handle(
      .styles(
        .offered(
          themes: StyleLibrary(directories: folders.themes).names(),
          keymaps: StyleLibrary(directories: folders.keymaps).names())))
    for event in news { handle(event) }
    handle(.connected)
    handle(.engine(.welcome(version: ClientMessage.version, link.status)))
  }

  private static func terminalOptions(_ preferences: Preferences) -> TerminalOptions {
    var result = TerminalOptions()
    result.glyphs = preferences["glyphs"].flatMap { GlyphSet(rawValue: $0) }
    result.isMouseOn = preferences["mouse"] == "true"
    result.notices = preferences["notices"]
    switch preferences["color"] {
    case "never": result.colour = .never
    case "16": result.depth = .sixteen
    case "256": result.depth = .twoFiftySix
    case "rgb": result.depth = .trueColour
    default: break
    }
    return result
  }

  private func turn() {
    showIfDue()
    let listens = link.isAttached && listensAt <= Clock.now.microseconds
    var watched = [
      pollfd(fd: terminal.inputDescriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: terminal.signals.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: listens ? link.descriptor : -1, events: Int16(POLLIN), revents: 0),
    ]
    _ = poll(&watched, nfds_t(watched.count), pause)
    if watched[1].revents != 0 { takeSignals() }
    if watched[0].revents != 0 {
      for event in terminal.readEvents() { take(event) }
      inputEndsAt = terminal.inputExpiryMilliseconds.map {
        Clock.now.microseconds + Int64($0) * 1_000
      }
    } else if let end = inputEndsAt, end <= Clock.now.microseconds {
      inputEndsAt = nil
      for event in terminal.expireInput() { take(event) }
    }
    if watched[2].revents != 0 { for event in link.receive() { handle(event) } }
    for event in link.retryIfDue(at: Clock.now.microseconds) { handle(event) }
    if let due = wakeAt, Clock.now >= due, listensAt <= Clock.now.microseconds {
      wakeAt = nil
      handle(.tick)
    }
  }

  /// Milliseconds until something is due; -1 for never.
  private var pause: Int32 {
    var pauses: [Int64] = []
    let now = Clock.now.microseconds
    let listensAt = listensAt
    if let wakeAt { pauses.append((max(wakeAt.microseconds, listensAt) - now) / 1000 + 1) }
    if let due = link.retryAt { pauses.append((due - now) / 1000 + 1) }
    if link.isAttached, listensAt > now { pauses.append((listensAt - now) / 1000 + 1) }
    if let inputEndsAt { pauses.append((inputEndsAt - now) / 1000 + 1) }
    if needsFrame { pauses.append((pace.frameDue(at: now) - now) / 1000 + 1) }
    guard let least = pauses.min() else { return -1 }
    return Int32(min(max(least, 0), 3_600_000))
  }

  /// When messages and the time are looked at next.
  private var listensAt: Int64 {
    pace.listensAt(Clock.now.microseconds, isWaiting: model.isWaiting)
  }

  private func showIfDue() {
    let now = Clock.now.microseconds
    guard needsFrame, pace.frameDue(at: now) <= now else { return }
    pace.drew(at: now)
    // The size is looked at once, however often it has changed.
    tellSize()
    // A line that is full gets the newest frame once it has room.
    guard terminal.canShow else { return }
    if terminal.show(model.frame()) { needsFrame = false }
  }

  /// Tells the model of another size, whoever has taken it over.
  private func tellSize() {
    terminal.resize()
    guard terminal.size != size else { return }
    size = terminal.size
    handle(.resized(size))
  }

  private func take(_ event: InputEvent) {
    if case .endOfInput = event {
      status = 128 + SIGHUP
      return
    }
    pace.keyCame(at: Clock.now.microseconds)
    handle(.input(event))
  }

  private func takeSignals() {
    for signal in terminal.signals.drain() {
      switch signal {
      case .resize:
        pace.resized(at: Clock.now.microseconds)
        needsFrame = true
      case .stop: perform(.suspend)
      case .resume: perform(.redraw)
      case .interrupt: handle(.input(.key(Key(.character("c"), .control))))
      default: status = signal.exitStatus
      }
    }
  }

  private func handle(_ event: ClientEvent) {
    for effect in model.handle(event, at: Clock.now) { perform(effect) }
  }

  private func perform(_ effect: Effect) {
    switch effect {
    case .send(let message): for event in link.send(message) { handle(event) }
    case .reconnect: for event in link.reconnect() { handle(event) }
    case .draw: needsFrame = true
    case .redraw:
      terminal.redraw()
      needsFrame = true
    case .bell: terminal.bell()
    case .suspend:
      terminal.suspend()
      tellSize()
      needsFrame = true
    case .quit(let code): status = code
    case .loadTheme(let name): loadTheme(name)
    case .loadKeymap(let name): handle(.styles(StyleNews(keymap: name, in: folders)))
    case .wake(let instant): wakeAt = instant
    case .copy(let text): terminal.copy(text)
    case .notify(let title, let text): terminal.notify(title: title, text: text)
    case .keep(let settings): handle(.settings(SettingsNews(keeping: settings, in: folders)))
    case .use("mouse", let text): terminal.useMouse(text == "true")
    case .use("notices", let text): terminal.useNotices(text)
    case .use: break
    }
  }

  /// A theme of a file, or the one that needs none.
  private static func theme(
    named name: String, _ folders: StyleFolders
  ) throws(StyleProblem) -> Styled<Theme> {
    if name == Theme.builtIn.name { return Styled(value: .builtIn, warnings: []) }
    return try StyleLibrary(directories: folders.themes).theme(named: name)
  }

  private func loadTheme(_ name: String) {
    do {
      let theme = try Client.theme(named: name, folders)
      terminal.use(theme.value)
      handle(.styles(.theme(theme.value, warnings: theme.warnings.map(\.description))))
    } catch { handle(.styles(.failed(error.description))) }
  }
}
