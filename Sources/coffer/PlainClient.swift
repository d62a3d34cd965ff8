import Canvas
import Glibc
import Ledger
import Link
import Screens
import Styles
import Wire

/// The client without a screen: lines in, lines out, for readers of screens, for odd terminals and pipes.
///
/// What the full-screen client shows is told in the same order, one fact a line. A line that is typed does
/// what it does after `:`; an empty one tells the screen again.
final class PlainClient {
  private let link: EngineLink
  private let folders: StyleFolders
  private var refresh: Int64?
  private let isPrompting: Bool
  private var model: ClientModel
  private var wakeAt: Instant?
  private var typed: [UInt8] = []
  private var isAtEnd = false
  private var status: Int32?
  private var messagesTold = 0
  /// What was told last.
  private var told: [String] = []
  /// Since when the screen waits to be told; `nil` while it was.
  private var owedSince: Instant?
  private var refreshAt: Instant?

  /// How long figures that are still to come are waited for, in microseconds.
  private static let patience: Int64 = 3_000_000
  /// How long a screen settles before it is told.
  private static let settling: Int64 = 150_000
  /// The longest line that is taken.
  private static let longestLine = 4_096

  init(_ options: ClientOptions, _ start: EngineStart, _ connection: EngineConnection) {
    link = EngineLink(connection, start, isReadOnly: options.isReadOnly)
    folders = StyleFolders(program: EngineStart.program, environment: EnginePlace.environment)
    let preferences = Preferences(options, folders)
    refresh = PlainClient.microseconds(preferences["refresh"])
    isPrompting = isatty(STDIN_FILENO) != 0
    var settings = ClientSettings(options, preferences)
    setlocale(LC_CTYPE, "")
    let codes = String(cString: nl_langinfo(Int32(CODESET)))
    let wish = preferences["glyphs"].flatMap { GlyphSet(rawValue: $0) }
    settings.glyphs = wish ?? (codes == "UTF-8" ? .unicode : .ascii)
    model = ClientModel(
      settings: settings, size: Size(width: 160, height: 60), now: Clock.now)
    handle(.settings(.wrong(preferences.problems)))
  }

  /// Seconds as text in microseconds; `nil` for never.
  private static func microseconds(_ text: String?) -> Int64? {
    text.flatMap { Double($0) }.map { Int64($0 * 1_000_000) }
  }

  /// Runs until the user leaves, or all that was typed is done.
  func run() -> Int32 {
    signal(SIGPIPE, SIG_IGN)
    handle(.connected)
    handle(.engine(.welcome(version: ClientMessage.version, link.status)))
    owe()
    while status == nil { turn() }
    return status ?? 0
  }

  private func turn() {
    tellIfDue()
    guard status == nil else { return }
    // A line is done when what the one before asked for is there, so that scripts are told in order.
    let takesLines = owedSince == nil && !isAtEnd
    if owedSince == nil, let line = nextLine() { return take(line) }
    if owedSince == nil, isAtEnd, refresh == nil { return status = 0 }
    var watched = [
      pollfd(fd: takesLines ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: link.isAttached ? link.descriptor : -1, events: Int16(POLLIN), revents: 0),
    ]
    _ = poll(&watched, nfds_t(watched.count), pause)
    if watched[0].revents != 0 { read() }
    if watched[1].revents != 0 { take(link.receive()) }
    take(link.retryIfDue(at: Clock.now.microseconds))
    if let due = wakeAt, Clock.now >= due {
      wakeAt = nil
      handle(.tick)
    }
  }

  // MARK: - Lines in

  private func read() {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
    if count < 0, errno == EINTR { return }
    guard count > 0 else { return isAtEnd = true }
    typed += buffer.prefix(count)
    if typed.count > 16 * PlainClient.longestLine { isAtEnd = true }
  }

  /// A line that was typed to its end, or to the end of the input.
  private func nextLine() -> String? {
    guard let end = typed.firstIndex(of: 10) ?? (isAtEnd && !typed.isEmpty ? typed.count : nil)
    else { return nil }
    let line = typed[..<end].prefix(PlainClient.longestLine)
    typed.removeFirst(min(end + 1, typed.count))
    return Sanitiser.line(String(decoding: line, as: UTF8.self))
  }

  private func take(_ line: String) {
    let text = line.trimmingPrefix { $0 == ":" || $0 == " " }
    if !text.isEmpty || model.isAsking { handle(.line(String(text))) }
    owe()
  }

  // MARK: - Lines out

  private func owe() { owedSince = Clock.now }

  private func tellIfDue() {
    tellMessages()
    let now = Clock.now
    if let since = owedSince {
      let waited = now.microseconds - since.microseconds
      let isUnlocking = model.isLocked && model.engineStatus?.isDemo == true
      let isComing = link.isAttached && (model.isWaiting || isUnlocking)
      let isThere = isComing ? waited >= PlainClient.patience : true
      guard isThere, waited >= PlainClient.settling else { return }
      owedSince = nil
      tellMessages()
      tell(model.spoken())
      refreshAt = refresh.map { Instant(microseconds: now.microseconds + $0) }
    } else if let due = refreshAt, now >= due, let refresh {
      refreshAt = Instant(microseconds: now.microseconds + refresh)
      tellChanges()
    }
  }

  private func tellMessages() {
    let news = model.messages(since: messagesTold)
    messagesTold = news.count
    for text in news.texts { write(text) }
  }

  private func tell(_ lines: [String]) {
    told = lines
    for line in lines { write(line) }
    write("")
    if isPrompting { write("coffer> ", end: "") }
  }

  /// Tells the facts that are others than before.
  private func tellChanges() {
    let lines = model.spoken()
    let known = Set(told)
    let news = lines.filter { !$0.isEmpty && !known.contains($0) }
    told = lines
    for line in news { write(line) }
  }

  private func write(_ line: String, end: String = "\n") {
    let safe = model.usesASCII ? Sanitiser.ascii(line) : Sanitiser.line(line)
    let bytes = Array((safe + end).utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes {
        Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return status = status ?? 0 }
      done += count
    }
  }

  // MARK: - The engine

  /// Takes in what became of the engine; the screen is told again where it was lost or found.
  private func take(_ events: [ClientEvent]) {
    for event in events {
      handle(event)
      switch event {
      case .connected, .disconnected: owe()
      default: break
      }
    }
  }

  private func handle(_ event: ClientEvent) {
    for effect in model.handle(event, at: Clock.now) { perform(effect) }
  }

  private func perform(_ effect: Effect) {
    switch effect {
    case .send(let message): take(link.send(message))
    case .reconnect: take(link.reconnect())
    case .quit(let code): status = code
    case .wake(let instant): wakeAt = instant
    case .loadKeymap(let name): handle(.styles(StyleNews(keymap: name, in: folders)))
    case .keep(let settings): handle(.settings(SettingsNews(keeping: settings, in: folders)))
    case .use("refresh", let text):
      refresh = PlainClient.microseconds(text)
      refreshAt = nil
    case .copy, .draw, .redraw, .bell, .suspend, .loadTheme, .notify, .use: break
    }
  }

  /// Milliseconds until something is due; -1 for never.
  private var pause: Int32 {
    let now = Clock.now.microseconds
    var due = [wakeAt?.microseconds, link.retryAt].compactMap { $0 }
    if let since = owedSince {
      // What is still to come is looked for now and then.
      due.append(max(now + 50_000, since.microseconds + PlainClient.settling))
    } else if let refreshAt {
      due.append(refreshAt.microseconds)
    }
    guard let least = due.min() else { return -1 }
    return Int32(min(max((least - now) / 1_000 + 1, 0), 3_600_000))
  }
}
