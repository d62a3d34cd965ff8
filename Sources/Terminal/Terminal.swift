import CNcurses
import CPosix
// Terminal: the one place that talks to a terminal.
//
// ncurses is used for output only: a frame comes in, the cells that differ from the last one go
// out in one update. Input is read as bytes and decoded by Canvas' own `InputDecoder`, because
// ncurses takes unknown sequences for keys and cannot tell the end of input from silence.
// `Terminal` belongs to one thread, that of the caller's loop, which polls `inputDescriptor` and
// `signals.descriptor` together with whatever else it waits for.
//
// Always: however the program ends, the terminal gets its modes back. Never: a byte to something
// that is no terminal; a wait for a terminal that takes no output; a wake-up when nothing happens.
//
// Read: Terminal, Painter, Signals (with the crash handler), DirectColour.
public import Canvas
import Glibc

/// A terminal in full-screen use, from `open` to `close`.
public final class Terminal {
  /// The bytes that may wait in the line before frames are skipped.
  static let queueLimit: Int32 = 2_048

  /// The signals that reached the process, to be polled and drained by the caller's loop.
  public let signals: Signals
  /// The colours the terminal shows.
  public let depth: ColourDepth
  /// The characters it can be sent.
  public let glyphs: GlyphSet
  /// The extent of the screen in cells.
  public private(set) var size: Size

  var options: TerminalOptions
  private let saved: termios
  private let isSynchronised: Bool
  private var painter: Painter
  private var decoder: InputDecoder
  private var shown: Frame?
  private var isOpen = true
  private var hasEnded = false

  private init(
    theme: Theme, options: TerminalOptions, signals: Signals, saved: termios, isUTF8: Bool
  ) {
    self.options = options
    self.signals = signals
    self.saved = saved
    depth = options.depth(of: Int(nc_colors()), environment: .process)
    glyphs = options.glyphs ?? (isUTF8 ? .unicode : .ascii)
    isSynchronised = options.isSynchronised(environment: .process)
    painter = Painter(theme: theme, depth: depth)
    decoder = InputDecoder(erase: Terminal.eraseByte(of: saved))
    size = Terminal.measured()
  }

  /// Takes the terminal of standard input and output.
  ///
  /// Nothing has been written when this throws. Handlers for signals and crashes are installed, and
  /// LINES and COLUMNS leave the environment, since they would freeze the size.
  /// - Throws: What is wrong with the terminal; its `sentence` names what works without one.
  public static func open(
    theme: Theme, options: TerminalOptions = TerminalOptions()
  ) throws(TerminalFault) -> Terminal {
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { throw .noTerminal }
    try checkDescription()
    unsetenv("LINES")
    unsetenv("COLUMNS")
    setlocale(LC_ALL, "")
    let isUTF8 = String(cString: nl_langinfo(Int32(CODESET))) == "UTF-8"
    var saved = termios()
    guard tcgetattr(STDIN_FILENO, &saved) == 0 else { throw .noTerminal }
    guard let signals = Signals.install() else { throw .system(errno) }
    let restore = DirectColour.prepare(if: options.wantsDirectColour(environment: .process))
    let screen = nc_newterm()
    restore()
    guard screen != nil else { throw .unknown(term: term()) }
    Terminal.leaveFirstState()
    Terminal.setModes()
    let terminal = Terminal(
      theme: theme, options: options, signals: signals, saved: saved, isUTF8: isUTF8)
    terminal.enter()
    return terminal
  }

  /// Refuses terminals that cannot place the cursor, before anything is written to one.
  private static func checkDescription() throws(TerminalFault) {
    let name = term()
    if ["", "dumb", "unknown"].contains(name) { throw .dumb(term: name) }
    var result: Int32 = 0
    guard setupterm(nil, STDOUT_FILENO, &result) == OK else { throw .unknown(term: name) }
    if Capabilities.text("cup").isEmpty || Capabilities.text("clear").isEmpty {
      throw .dumb(term: name)
    }
  }

  private static func setModes() {
    raw()
    noecho()
    nonl()
    curs_set(0)
    start_color()
    use_default_colors()
    leaveok(nc_screen(), true)
    scrollok(nc_screen(), false)
  }

  /// Lets a frame go out in one piece; before colours are begun, which coming back would reset.
  ///
  /// ncurses flushes after every move of the cursor until it has come back from the shell once
  /// (`_endwin == ewInitial` in its lib_mvcur.c, 6.4): a frame of fifty changes was fifty writes and,
  /// over ssh, as many packets.
  private static func leaveFirstState() {
    endwin()
    doupdate()
  }

  private static func term() -> String { Environment.process["TERM"] ?? "" }

  private static func eraseByte(of modes: termios) -> UInt8 {
    withUnsafeBytes(of: modes.c_cc) { $0[Int(VERASE)] }
  }

  private static func measured() -> Size {
    var (rows, columns): (Int32, Int32) = (0, 0)
    guard posix_winsize(STDOUT_FILENO, &rows, &columns) == 0, rows > 0, columns > 0 else {
      return Size(width: 80, height: 24)
    }
    return Size(width: Int(columns), height: Int(rows))
  }

  // MARK: Output

  /// Whether the terminal has taken what it was sent, so that a frame would not wait.
  public var canShow: Bool {
    guard isOpen, !hasEnded, posix_output_queue(STDOUT_FILENO) <= Terminal.queueLimit else {
      return false
    }
    var line = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
    return poll(&line, 1, 0) == 1 && line.revents & Int16(POLLOUT) != 0
  }

  /// Shows a frame: sends the cells that differ from what is on the screen.
  ///
  /// - Returns: False when the line is blocked and nothing was sent; try again later.
  public func show(_ frame: Frame) -> Bool {
    guard canShow else { return false }
    let runs = frame.changes(since: shown)
    guard !runs.isEmpty || frame.cursor != shown?.cursor else { return true }
    for run in runs { painter.draw(run) }
    placeCursor(frame.cursor, from: shown?.cursor)
    let isLarge = isSynchronised && runs.reduce(0) { $0 + $1.glyphs.count } > 200
    if isLarge { send("\u{1B}[?2026h") }
    wnoutrefresh(nc_screen())
    doupdate()
    if isLarge { send("\u{1B}[?2026l") }
    shown = frame
    return true
  }

  /// Uses another theme from the next frame on.
  public func use(_ theme: Theme) {
    painter = Painter(theme: theme, depth: depth)
    shown = nil
  }

  /// Sends everything again with the next frame: something else may have written to the screen.
  public func redraw() {
    guard isOpen else { return }
    clearok(nc_screen(), true)
    shown = nil
  }

  /// Takes over the window's size after it has changed.
  ///
  /// - Returns: Whether it has changed.
  @discardableResult
  public func resize() -> Bool {
    let now = Terminal.measured()
    guard isOpen, now != size else { return false }
    size = now
    resize_term(Int32(now.height), Int32(now.width))
    redraw()
    return true
  }

  /// Rings, or flashes where the user has set so.
  public func bell() {
    guard canShow else { return }
    beep()
  }

  private func placeCursor(_ place: Point?, from last: Point?) {
    if (place == nil) != (last == nil) || shown == nil { curs_set(place == nil ? 0 : 1) }
    leaveok(nc_screen(), place == nil)
    guard let place else { return }
    wmove(nc_screen(), Int32(place.y), Int32(place.x))
  }

  // MARK: Input

  /// What to poll for input: readable, or at its end.
  public var inputDescriptor: Int32 { STDIN_FILENO }

  /// How long to wait for input before calling `expireInput()`, in milliseconds; `nil`: for ever.
  public var inputExpiryMilliseconds: Int? { hasEnded ? nil : decoder.expiryMilliseconds }

  /// Reads everything that has arrived; never waits.
  ///
  /// The end of the terminal (a closed line, a hang-up) is one `endOfInput` as the last event.
  public func readEvents() -> [InputEvent] {
    guard isOpen, !hasEnded else { return [] }
    var events: [InputEvent] = []
    var bytes = [UInt8](repeating: 0, count: 4_096)
    for _ in 0..<64 {
      guard let state = inputState() else { break }
      let count = state.isReadable ? read(STDIN_FILENO, &bytes, bytes.count) : 0
      if count < 0, errno == EINTR || errno == EAGAIN { break }
      guard count > 0 else {
        hasEnded = true
        events.append(.endOfInput)
        break
      }
      events += decoder.feed(bytes.prefix(count))
    }
    return events
  }

  /// Says that nothing has come for `inputExpiryMilliseconds`: a lone Escape becomes a key.
  public func expireInput() -> [InputEvent] { decoder.expire() }

  /// Whether something can be read; `nil` when there is nothing to do.
  private func inputState() -> (isReadable: Bool, Void)? {
    var line = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard poll(&line, 1, 0) > 0 else { return nil }
    let isReadable = line.revents & Int16(POLLIN) != 0
    let hasEnded = line.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0
    return isReadable || hasEnded ? (isReadable, ()) : nil
  }

  // MARK: Coming and going

  /// Stops the program as Ctrl-Z does, and comes back when it goes on: show a frame then.
  public func suspend() {
    guard isOpen, !hasEnded else { return }
    leave()
    signals.stop()
    reset_prog_mode()
    enter()
    resize()
    redraw()
  }

  /// Gives the terminal back; the last thing to do with it.
  public func close() {
    guard isOpen else { return }
    signals.makeRoom()
    sendModes(isOn: false)
    discardInput()
    leave()
    var modes = saved
    tcsetattr(STDIN_FILENO, TCSANOW, &modes)
    isOpen = false
  }

  deinit { close() }

  /// Sets our own modes and arms the crash handler.
  private func enter() {
    signals.arm(saved: saved, text: Capabilities.rescueText)
    sendModes(isOn: true)
  }

  private func leave() {
    signals.makeRoom()
    sendModes(isOn: false)
    endwin()
    signals.disarm()
  }

  /// Takes the mouse from the terminal, or gives it back.
  public func useMouse(_ isOn: Bool) {
    guard isOpen, options.isMouseOn != isOn else { return }
    sendModes(isOn: false)
    options.isMouseOn = isOn
    sendModes(isOn: true)
  }

  /// Tells the desktop of notices in another way, see `TerminalOptions.notices`.
  public func useNotices(_ wish: String) { options.notices = wish }

  /// Bracketed paste, and the mouse when it is asked for, which ncurses knows nothing of.
  private func sendModes(isOn: Bool) {
    if !isOn, hasEnded { return }
    let end = isOn ? "h" : "l"
    var text = "\u{1B}[?2004\(end)"
    if options.isMouseOn { text += "\u{1B}[?1000\(end)\u{1B}[?1002\(end)\u{1B}[?1006\(end)" }
    send(text)
  }

  /// Drops what is still coming while it cannot reach the shell: late replies, mouse reports.
  private func discardInput() {
    guard !hasEnded else { return }
    var bytes = [UInt8](repeating: 0, count: 4_096)
    var line = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    for _ in 0..<16 {
      guard poll(&line, 1, 20) == 1, line.revents == Int16(POLLIN),
        read(STDIN_FILENO, &bytes, bytes.count) > 0
      else { return }
    }
  }

  /// Writes past ncurses, whose own buffer is empty after each update.
  private func send(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
