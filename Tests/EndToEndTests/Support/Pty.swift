import CPosix
import Glibc
import Testing

/// A program in a pseudo terminal of its own, and everything it has sent.
final class Pty {
  private(set) var sent: [UInt8] = []
  private(set) var screen: Screen
  /// What was sent and is not allowed, see `Sequence.isAllowed`.
  private(set) var forbidden: [Sequence] = []
  /// What was put into the clipboard, in base64.
  private(set) var copied: [String] = []
  /// What the terminal went through, in order.
  private(set) var history: [Moment] = []
  let child: Child
  private var parser = SequenceParser()
  private var master: Int32
  private let slave: Int32
  private let before: termios

  /// A new size, or bytes that the program sent.
  enum Moment {
    case size(columns: Int, rows: Int)
    case bytes([UInt8])
  }

  init(
    _ arguments: [String], environment: [String], columns: Int = 80, rows: Int = 24
  ) throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    // TIOCSPTLCK and TIOCGPTN of ioctl_tty(2), which are macros.
    var (lock, number): (Int32, Int32) = (0, 0)
    try #require(ioctl(master, 0x4004_5431, &lock) == 0)
    try #require(ioctl(master, 0x8004_5430, &number) == 0)
    let path = "/dev/pts/\(number)"
    slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(slave >= 0)
    var modes = termios()
    tcgetattr(slave, &modes)
    before = modes
    screen = Screen(columns: columns, rows: rows)
    history = [.size(columns: columns, rows: rows)]
    Pty.setSize(master, columns: columns, rows: rows)
    child = try Child(
      arguments, environment: environment, input: path, output: path, errors: path,
      isSession: true)
  }

  deinit {
    if master >= 0 { close(master) }
    close(slave)
  }

  // MARK: Doing

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(master, bytes, bytes.count)
  }

  func resize(columns: Int, rows: Int) {
    history.append(.size(columns: columns, rows: rows))
    screen = Screen(columns: columns, rows: rows)
    Pty.setSize(master, columns: columns, rows: rows)
  }

  /// Closes the line, as a lost connection does.
  func hangUp() {
    close(master)
    master = -1
  }

  /// Whether the terminal's modes are those it had before, and none of ours is left on.
  var isRestored: Bool {
    var now = termios()
    tcgetattr(slave, &now)
    return now.c_iflag == before.c_iflag && now.c_oflag == before.c_oflag
      && now.c_lflag == before.c_lflag && now.c_cflag == before.c_cflag
      && screen.modes.isDisjoint(with: ["1049", "2004", "1000", "1002", "1006", "2026"])
      && screen.modes.contains("25")
  }

  // MARK: Waiting

  /// Reads until the screen contains the text.
  func wait(for text: String, _ place: SourceLocation = #_sourceLocation) {
    wait(place, "for '\(text)'") { $0.screen.text.contains(text) }
  }

  /// Reads until something holds; fails the test when it does not in time.
  func wait(
    _ place: SourceLocation = #_sourceLocation, _ what: String = "", until holds: (Pty) -> Bool
  ) {
    let end = ContinuousClock.now + .milliseconds(Int(Child.patience))
    while !holds(self) {
      guard ContinuousClock.now < end, read(within: Child.patience) else {
        Issue.record("waited in vain \(what):\n\(screen.text)", sourceLocation: place)
        return
      }
    }
  }

  /// Reads until nothing has come for a time.
  func settle(_ milliseconds: Int32 = 300) {
    let end = ContinuousClock.now + .seconds(10)
    while read(within: milliseconds), ContinuousClock.now < end {}
  }

  /// Reads to the end of the program, and gives its exit status.
  func finish(within milliseconds: Int32 = Child.patience) -> Int32? {
    // A process that was waited for already is no longer there to wake this.
    if let ended = child.ended { return ended }
    let end = ContinuousClock.now + .milliseconds(Int(milliseconds))
    while master >= 0, ContinuousClock.now < end, read(within: milliseconds) {}
    return child.wait(milliseconds)
  }

  /// Reads what is there; false when nothing comes in time or the program is gone.
  func read(within milliseconds: Int32) -> Bool {
    var lines = [
      pollfd(fd: master, events: Int16(POLLIN), revents: 0),
      pollfd(fd: posix_pidfd(child.process), events: Int16(POLLIN), revents: 0),
    ]
    defer { close(lines[1].fd) }
    guard poll(&lines, 2, milliseconds) > 0, lines[0].revents & Int16(POLLIN) != 0 else {
      return false
    }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = Glibc.read(master, &bytes, bytes.count)
    guard count > 0 else { return false }
    sent += bytes.prefix(count)
    history.append(.bytes(Array(bytes.prefix(count))))
    for sequence in parser.feed(bytes.prefix(count)) {
      if case .string("OSC", let text) = sequence, text.wholeMatch(of: #/52;c;[\w+\/=]*/#) != nil {
        copied.append(String(text.dropFirst(5)))
      } else if !sequence.isAllowed {
        forbidden.append(sequence)
      }
      screen.take(sequence)
    }
    return true
  }

  private static func setSize(_ descriptor: Int32, columns: Int, rows: Int) {
    var size = winsize(
      ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(descriptor, UInt(TIOCSWINSZ), &size)
  }
}
