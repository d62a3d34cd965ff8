import CPosix
import Foundation
import Glibc

/// A program in a pseudo terminal of its own that counts what it sends.
final class TerminalSession {
  /// Bytes the program has sent.
  private(set) var sent = 0
  /// The last of them, for waiting.
  private var recent: [UInt8] = []
  let process: pid_t
  private let master: Int32

  /// The system gave no terminal or no process.
  struct Fault: Error { let what: String }

  /// Starts a program on a terminal of a size.
  init(
    _ arguments: [String], environment: [String: String], columns: Int, rows: Int
  ) throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    // TIOCSPTLCK and TIOCGPTN of ioctl_tty(2), which are macros.
    var (lock, number): (Int32, Int32) = (0, 0)
    guard master >= 0, ioctl(master, 0x4004_5431, &lock) == 0,
      ioctl(master, 0x8004_5430, &number) == 0
    else { throw Fault(what: "pseudo terminal") }
    var size = winsize(
      ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    process = try TerminalSession.start(
      arguments, on: "/dev/pts/\(number)", environment: environment)
  }

  deinit {
    kill(process, SIGHUP)
    var status: Int32 = 0
    waitpid(process, &status, 0)
    close(master)
  }

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(master, bytes, bytes.count)
  }

  /// Reads until nothing has come for some milliseconds, or the time is up.
  func settle(quiet: Int = 400, atMost: Double = 10) {
    let start = Stamp.now
    while Stamp.now.since(start).wall < atMost, read(waiting: Int32(quiet)) {}
  }

  /// Reads what comes during some seconds.
  func listen(seconds: Double) {
    let start = Stamp.now
    while case let left = seconds - Stamp.now.since(start).wall, left > 0 {
      _ = read(waiting: Int32(left * 1000) + 1)
    }
  }

  /// Waits for the next bytes; false when none came in time.
  func read(waiting milliseconds: Int32) -> Bool {
    var line = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&line, 1, milliseconds) == 1, line.revents & Int16(POLLIN) != 0 else {
      return false
    }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = Glibc.read(master, &bytes, bytes.count)
    guard count > 0 else { return false }
    sent += count
    recent = Array((recent + bytes.prefix(count)).suffix(65_536))
    return true
  }

  /// Reads until a text has come.
  func wait(for text: String, atMost seconds: Double = 20) throws {
    let start = Stamp.now
    while !String(decoding: recent, as: UTF8.self).contains(text) {
      guard Stamp.now.since(start).wall < seconds else { throw Fault(what: "no '\(text)' came") }
      _ = read(waiting: 200)
    }
  }

  /// Starts a program in a session of its own, reading from and writing to a file alone.
  ///
  /// - Parameters:
  ///   - arguments: The program's path, and what it is told.
  ///   - path: The file: a terminal, or `/dev/null`.
  ///   - environment: All of its environment.
  /// - Returns: The process, to be waited for.
  /// - Throws: `Fault` where it cannot be started.
  static func start(
    _ arguments: [String], on path: String, environment: [String: String]
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
    let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (words + variables).forEach { free($0) } }
    var child: pid_t = 0
    guard posix_spawn(&child, arguments[0], &actions, &attributes, words, variables) == 0 else {
      throw Fault(what: arguments[0])
    }
    return child
  }
}
