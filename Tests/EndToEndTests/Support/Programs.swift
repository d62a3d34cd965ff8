import Foundation
import Glibc
import Testing

/// The programs under test: those that were built with the tests.
enum Programs {
  static let coffer = folder + "/coffer"
  static let engine = folder + "/coffer-engine"

  /// Their folder; `COFFER_PROGRAMS` names another one, for example that of a release build.
  private static let folder: String = {
    if let other = ProcessInfo.processInfo.environment["COFFER_PROGRAMS"] { return other }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = max(0, readlink("/proc/self/exe", &bytes, bytes.count))
    var parts = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "/")
    while parts.popLast() != nil {
      let path = "/" + parts.joined(separator: "/")
      if access(path + "/coffer-engine", X_OK) == 0 { return path }
    }
    return "/nonexistent"
  }()

  /// Where a program of the system is, for tests that need one that may be missing.
  static func system(_ name: String) -> String? {
    ["/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"].map { $0 + name }
      .first { access($0, X_OK) == 0 }
  }
}

/// What a program left when it ended.
struct Finished {
  /// Its exit status, or 128 and the number of the signal that ended it.
  let status: Int32
  let output: String
  let errors: String

  /// The output as one JSON object.
  func json(_ place: SourceLocation = #_sourceLocation) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
    return try #require(value as? [String: Any], "no object: \(output)", sourceLocation: place)
  }
}

/// A process that a test started.
final class Child {
  /// How long anything is waited for before a test fails, in milliseconds.
  static let patience: Int32 = 60_000

  let process: pid_t
  /// Whether the kernel wrote a core when it ended.
  private(set) var dumpedCore = false
  /// Its exit status, once it was waited for.
  private(set) var ended: Int32?

  /// Starts a program with files for its three streams.
  init(
    _ arguments: [String], environment: [String], input: String = "/dev/null",
    output: String = "/dev/null", errors: String = "/dev/null", isSession: Bool = false
  ) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let isTerminal = input.hasPrefix("/dev/pts/")
    let flags = isTerminal ? O_RDWR : O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 0, input, isTerminal ? O_RDWR : O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, flags, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Threads of a queue block most signals, and a child would inherit that.
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    // POSIX_SPAWN_SETSID is 0x80; the name hides behind a feature macro.
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | (isSession ? 0x80 : 0))
    let words = arguments.map { strdup($0) } + [nil]
    let variables = environment.map { strdup($0) } + [nil]
    defer { for word in words + variables { free(word) } }
    var child: pid_t = 0
    let result = posix_spawn(&child, arguments[0], &actions, &attributes, words, variables)
    try #require(result == 0, "cannot start \(arguments[0]): error \(result)")
    process = child
  }

  deinit {
    if ended != nil { return }
    kill(process, SIGKILL)
    var status: Int32 = 0
    waitpid(process, &status, 0)
  }

  func signal(_ number: Int32) { kill(process, number) }

  /// Waits for the end: the exit status, or 128 and a signal's number; `nil` when it does not come.
  func wait(_ milliseconds: Int32 = Child.patience) -> Int32? {
    if let ended { return ended }
    guard hasEnded(process, within: milliseconds) else { return nil }
    var status: Int32 = 0
    guard waitpid(process, &status, 0) == process else { return nil }
    dumpedCore = status & 0x80 != 0
    ended = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    return ended
  }
}
