import CPosix
import Glibc
import Testing

/// A program in a pseudo terminal of its own, and what it has sent.
final class Pty {
  /// How long anything is waited for before the test fails, in milliseconds.
  static let patience: Int32 = 10_000

  /// Everything the program has sent.
  private(set) var sent: [UInt8] = []
  private(set) var screen: EmulatedScreen
  private(set) var ending: Ending?
  private var master: Int32
  private let slave: Int32
  private let process: pid_t
  private let before: termios

  enum Ending: Equatable {
    case exit(Int32)
    case signal(Int32)
  }

  /// Starts `/bin/sh -c command` with `probe` standing for the path of the program.
  init(
    _ command: String = "exec probe", columns: Int = 80, rows: Int = 24,
    term: String = "xterm-256color", environment: [String] = []
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
    screen = EmulatedScreen(columns: columns, rows: rows)
    Pty.setSize(master, columns: columns, rows: rows)
    let script = command.replacing("probe", with: try Pty.probe())
    process = try Pty.start(
      ["/bin/sh", "-c", script], on: path,
      environment: ["TERM=\(term)", "PATH=/usr/bin:/bin", "LANG=C.UTF-8"] + environment)
  }

  deinit {
    kill(process, SIGKILL)
    var status: Int32 = 0
    if ending == nil { waitpid(process, &status, 0) }
    if master >= 0 { close(master) }
    close(slave)
  }

  // MARK: Doing

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(master, bytes, bytes.count)
  }

  func resize(columns: Int, rows: Int) {
    screen = EmulatedScreen(columns: columns, rows: rows)
    Pty.setSize(master, columns: columns, rows: rows)
  }

  func signal(_ number: Int32) { kill(process, number) }

  /// Closes the line, as a lost connection does.
  func hangUp() {
    close(master)
    master = -1
  }

  // MARK: Waiting

  /// Reads until a line of the screen contains the text.
  func wait(for text: String, _ place: SourceLocation = #_sourceLocation) {
    wait(place) { $0.screen.text.contains(text) }
  }

  /// Reads until something holds; fails the test when it does not in time.
  func wait(_ place: SourceLocation = #_sourceLocation, until isDone: (Pty) -> Bool) {
    while !isDone(self) {
      guard pump() else {
        Issue.record("waited in vain; the screen:\n\(screen.text)", sourceLocation: place)
        return
      }
    }
  }

  /// Waits, without reading, until the program hangs in a write to its terminal.
  func waitUntilBlocked() -> Bool {
    for _ in 0..<1_000 {
      // The number of the system call a process is in, and its first argument: write is 1.
      if contents(of: "/proc/\(process)/syscall").hasPrefix("1 0x1 ") { return true }
      poll(nil, 0, 10)
    }
    return false
  }

  private func contents(of path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = read(descriptor, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  /// Reads until the program has ended, and tells how.
  func waitForEnd() -> Ending? {
    while master >= 0, pump() {}
    return waitForEndUnread()
  }

  /// Waits until the program has ended, and tells how.
  func waitForEndUnread() -> Ending? {
    var line = pollfd(fd: posix_pidfd(process), events: Int16(POLLIN), revents: 0)
    defer { close(line.fd) }
    guard poll(&line, 1, Pty.patience) == 1 else { return nil }
    var status: Int32 = 0
    guard waitpid(process, &status, 0) == process else { return nil }
    ending = status & 0x7F == 0 ? .exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
    return ending
  }

  /// Whether the terminal's modes are those it had before.
  var isRestored: Bool {
    var now = termios()
    tcgetattr(slave, &now)
    return now.c_iflag == before.c_iflag && now.c_oflag == before.c_oflag
      && now.c_lflag == before.c_lflag && now.c_cflag == before.c_cflag
  }

  /// Reads what is there; false when nothing comes any more or the program is gone.
  private func pump() -> Bool {
    var lines = [
      pollfd(fd: master, events: Int16(POLLIN), revents: 0),
      pollfd(fd: posix_pidfd(process), events: Int16(POLLIN), revents: 0),
    ]
    defer { close(lines[1].fd) }
    guard poll(&lines, 2, Pty.patience) > 0 else { return false }
    guard lines[0].revents & Int16(POLLIN) != 0 else { return false }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = read(master, &bytes, bytes.count)
    guard count > 0 else { return false }
    sent += bytes.prefix(count)
    screen.feed(bytes.prefix(count))
    return true
  }

  private static func setSize(_ descriptor: Int32, columns: Int, rows: Int) {
    var size = winsize(
      ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(descriptor, UInt(TIOCSWINSZ), &size)
  }

  /// The program beside the test bundle.
  static func probe() throws -> String {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &bytes, bytes.count)
    try #require(count > 0)
    var parts = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "/")
    while parts.popLast() != nil {
      let path = "/" + parts.joined(separator: "/") + "/terminal-probe"
      if access(path, X_OK) == 0 { return path }
    }
    throw ProbeMissing()
  }

  struct ProbeMissing: Error {}

  /// Starts a program as the leader of a session on a terminal.
  private static func start(
    _ arguments: [String], on path: String, environment: [String]
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in 0..<Int32(3) {
      posix_spawn_file_actions_addopen(&actions, descriptor, path, O_RDWR, 0)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // POSIX_SPAWN_SETSID is 0x80; the name hides behind a feature macro.
    posix_spawnattr_setflags(&attributes, 0x80)
    let words = arguments.map { strdup($0) } + [nil]
    let variables = environment.map { strdup($0) } + [nil]
    defer { (words + variables).forEach { free($0) } }
    var child: pid_t = 0
    let result = posix_spawn(&child, arguments[0], &actions, &attributes, words, variables)
    try #require(result == 0)
    return child
  }
}
