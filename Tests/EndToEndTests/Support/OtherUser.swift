import CPosix
import Foundation
import Glibc

/// One thread of the tests with other rights than the rest of the process.
///
/// The kernel keeps rights for each thread; it is the C library that changes them for all of a
/// process (nptl(7), credentials(7)). The thread asks the kernel itself, and ends with its work.
enum OtherRights: Sendable {
  /// Those of another user, without groups.
  case user(UInt32)
  /// Those of the same user without any privilege, as a user who is not root has them.
  case unprivileged

  /// Does something with these rights; `nil` where the thread could not get them.
  func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) -> Value? {
    let box = Box<Value>()
    let thread = Thread {
      if self.take() { box.value = work() }
      box.done.signal()
    }
    thread.start()
    box.done.wait()
    return box.value
  }

  private func take() -> Bool {
    switch self {
    case .user(let id):
      let id = Int(id)
      guard Kernel.call(.setgroups, 0, 0, 0) == 0, Kernel.call(.setresgid, id, id, id) == 0 else {
        return false
      }
      return Kernel.call(.setresuid, id, id, id) == 0
    case .unprivileged:
      // capset(2): version 3 of the header for this thread, then two empty triples of sets.
      let header: [UInt32] = [0x2008_0522, 0]
      let data = [UInt32](repeating: 0, count: 6)
      return header.withUnsafeBytes { header in
        data.withUnsafeBytes { data in
          Kernel.call(
            .capset, Int(bitPattern: header.baseAddress), Int(bitPattern: data.baseAddress))
            == 0
        }
      }
    }
  }

  private final class Box<Value>: @unchecked Sendable {
    var value: Value?
    let done = DispatchSemaphore(value: 0)
  }
}

/// System calls that the C library has no function for, or one that Swift cannot call.
enum Kernel {
  /// Their numbers.
  ///
  /// - Source: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
  enum Call {
    case setgroups, setresgid, setresuid, capset, ptrace

    fileprivate var number: Int {
      #if arch(x86_64)
        switch self {
        case .setgroups: 116
        case .setresgid: 119
        case .setresuid: 117
        case .capset: 126
        case .ptrace: 101
        }
      #else
        switch self {
        case .setgroups: 159
        case .setresgid: 149
        case .setresuid: 147
        case .capset: 91
        case .ptrace: 117
        }
      #endif
    }
  }

  /// Calls the kernel.
  ///
  /// - Returns: 0 or the error's number.
  static func call(_ call: Call, _ one: Int = 0, _ two: Int = 0, _ three: Int = 0) -> Int32 {
    typealias Function = @convention(c) (Int, Int, Int, Int, Int) -> Int
    guard let symbol = dlsym(nil, "syscall") else { return ENOSYS }
    let function = unsafeBitCast(symbol, to: Function.self)
    return function(call.number, one, two, three, 0) == 0 ? 0 : errno
  }

  /// PTRACE_SEIZE, which does not stop the process: 0 or the error's number.
  static func seize(_ process: pid_t) -> Int32 { call(.ptrace, 0x4206, Int(process)) }

  /// Tries to open a file: 0 or the error's number.
  static func open(_ path: String) -> Int32 {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { return errno }
    close(descriptor)
    return 0
  }

  /// Tries to read something of a file: 0 or the error's number.
  static func read(_ path: String) -> Int32 {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { return errno }
    defer { close(descriptor) }
    var byte: UInt8 = 0
    return Glibc.read(descriptor, &byte, 1) >= 0 ? 0 : errno
  }
}
