import CNcurses
import CPosix
import Glibc

/// A signal the program answers.
public enum Signal: Int32, CaseIterable, Sendable {
  /// The terminal is gone: leave.
  case hangUp = 1
  /// Ctrl-C from outside: ask or leave.
  case interrupt = 2
  /// Leave.
  case terminate = 15
  /// Goes on after a stop: draw everything again.
  case resume = 18
  /// Ctrl-Z from outside: call `Terminal.suspend()`.
  case stop = 20
  /// The window has another size: call `Terminal.resize()`.
  case resize = 28

  /// What a shell sees of a program that ended by this signal.
  public var exitStatus: Int32 { 128 + rawValue }
}

/// The signals of the process, gathered in a pipe so that a loop can wait for them.
///
/// Also holds what a crash has to do. The C state behind it exists once, in this file's object.
public struct Signals: Sendable {
  /// What to poll: readable when a signal has come.
  public let descriptor: Int32

  /// Installs handlers for all of `Signal`, and for crashes.
  static func install() -> Signals? {
    let numbers = Signal.allCases.map(\.rawValue)
    let descriptor = nc_catch_signals(numbers, Int32(numbers.count))
    guard descriptor >= 0 else { return nil }
    signal(SIGPIPE, SIG_IGN)
    nc_catch_crashes()
    return Signals(descriptor: descriptor)
  }

  /// Takes the signals that have come, each once, in order of their first arrival.
  public func drain() -> [Signal] {
    var bytes = [UInt8](repeating: 0, count: 256)
    var found: [Signal] = []
    while true {
      let count = read(descriptor, &bytes, bytes.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return found }
      for byte in bytes.prefix(count) {
        if let signal = Signal(rawValue: Int32(byte)), !found.contains(signal) {
          found.append(signal)
        }
      }
    }
  }

  /// Stops the process group, and returns when it goes on.
  func stop() { nc_stop() }

  /// Prepares what a crash sends to the terminal.
  func arm(saved: termios, text: [UInt8]) {
    var saved = saved
    text.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { bytes in
      nc_arm_rescue(STDOUT_FILENO, &saved, bytes.baseAddress, bytes.count)
    }
  }

  /// Drops what a blocked terminal has not taken, so that leaving does not wait for it.
  func makeRoom() { nc_make_room(STDOUT_FILENO) }

  /// Says that the terminal is as we found it.
  func disarm() { nc_disarm_rescue() }

  /// The system's words for an error number.
  static func text(of code: Int32) -> String { String(cString: posix_error_text(code)) }
}
