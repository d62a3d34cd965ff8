import CPosix
import Foundation
import Glibc

/// Waits for the end of any process, a child or not.
///
/// - Returns: Whether it has ended within the time.
func hasEnded(_ process: pid_t, within milliseconds: Int32 = Child.patience) -> Bool {
  var line = pollfd(fd: posix_pidfd(process), events: Int16(POLLIN), revents: 0)
  guard line.fd >= 0 else { return true }
  defer { close(line.fd) }
  return poll(&line, 1, milliseconds) == 1
}

/// Waits on the clock: for a moment chosen by chance, or to see that nothing happens meanwhile.
func pass(milliseconds: Int32) { _ = poll(nil, 0, milliseconds) }

/// Looks again and again until something holds.
///
/// - Returns: Whether it came to hold in time.
func eventually(within milliseconds: Int = Int(Child.patience), _ holds: () -> Bool) -> Bool {
  let end = ContinuousClock.now + .milliseconds(milliseconds)
  while !holds() {
    if ContinuousClock.now > end { return false }
    pass(milliseconds: 10)
  }
  return true
}

/// What /proc says of processes.
enum Proc {
  /// All processes, zombies left out, whose arguments contain a text.
  static func processes(with text: String) -> [pid_t] {
    names(in: "/proc").compactMap { pid_t($0) }.filter { process in
      process != getpid() && arguments(of: process).contains(text) && state(of: process) != "Z"
    }
  }

  /// The arguments, each ended by a zero byte as the kernel keeps them.
  static func arguments(of process: pid_t) -> String {
    String(decoding: bytes(of: "/proc/\(process)/cmdline"), as: UTF8.self)
  }

  static func state(of process: pid_t) -> String { fields(of: process).first ?? "" }

  /// The ticks of processor time used until now by all threads.
  ///
  /// - Source: proc(5), /proc/pid/stat, fields 14 and 15; `fields` begins with the third.
  static func ticks(of process: pid_t) -> Int {
    let fields = fields(of: process)
    guard fields.count > 12 else { return -1 }
    return (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
  }

  /// How often threads of the process gave up or lost the processor: each wake-up gives one.
  static func switches(of process: pid_t) -> Int {
    names(in: "/proc/\(process)/task").reduce(0) { sum, thread in
      let status = String(
        decoding: bytes(of: "/proc/\(process)/task/\(thread)/status"), as: UTF8.self)
      return status.split(separator: "\n").filter { $0.contains("ctxt_switches") }
        .compactMap { Int($0.split(separator: "\t").last ?? "") }.reduce(sum, +)
    }
  }

  private static func fields(of process: pid_t) -> [String] {
    let text = String(decoding: bytes(of: "/proc/\(process)/stat"), as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return [] }
    return text[text.index(after: end)...].split(whereSeparator: \.isWhitespace).map(String.init)
  }

  static func names(in folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }

  /// The bytes of a file whose size the system does not say.
  static func bytes(of path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
      all += buffer.prefix(count)
    }
    return all
  }
}
