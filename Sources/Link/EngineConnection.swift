import CPosix
import Glibc
public import Wire

/// One client attached to an engine.
///
/// Used from one thread. `descriptor` can be watched with poll; `receive` then never blocks.
public final class EngineConnection {
  /// The connected socket.
  public let descriptor: Int32
  /// How things stood when the client attached.
  public private(set) var status: EngineStatus
  private var assembler = FrameAssembler()
  private var waiting: [UInt8] = []

  /// Attaches to the engine of a place; `nil` where none listens.
  ///
  /// - Parameters:
  ///   - place: Whose engine.
  ///   - isReadOnly: Whether the client promises only to look.
  /// - Returns: The connection after both sides have greeted.
  /// - Throws: A refusal where an engine listens but does not talk.
  public static func attach(
    to place: EnginePlace, isReadOnly: Bool = false
  ) throws(Refusal) -> EngineConnection? {
    guard let descriptor = connect(to: place.socket) else { return nil }
    return try EngineConnection(descriptor, isReadOnly: isReadOnly)
  }

  /// Attaches to the engine of a place, and starts it first where none listens.
  ///
  /// - Parameters:
  ///   - start: Whose engine and how it is started.
  ///   - isReadOnly: Whether the client promises only to look.
  /// - Returns: The connection after both sides have greeted.
  /// - Throws: A refusal with what went wrong.
  public static func attachStarting(
    _ start: EngineStart, isReadOnly: Bool = false
  ) throws(Refusal) -> EngineConnection {
    if let found = try attach(to: start.place, isReadOnly: isReadOnly) { return found }
    try start.run()
    if let found = try attach(to: start.place, isReadOnly: isReadOnly) { return found }
    throw Refusal(
      .system, "the engine started but does not listen on \(start.place.socket)",
      advice: "See its log: \(start.place.log)")
  }

  private init(_ descriptor: Int32, isReadOnly: Bool) throws(Refusal) {
    self.descriptor = descriptor
    status = EngineStatus(vault: "")
    try send(.hello(version: ClientMessage.version, isReadOnly: isReadOnly))
    switch try receiveWaiting() {
    case .welcome(ClientMessage.version, let status)?: self.status = status
    case .welcome?, .goodbye?:
      throw Refusal(
        .system, "the running engine is of another version",
        advice: "Run: coffer engine stop; then start again.")
    default: throw Refusal(.system, "the engine did not answer")
    }
  }

  deinit { close(descriptor) }

  /// Sends a message; waits while the engine is slow to take it.
  public func send(_ message: ClientMessage) throws(Refusal) {
    let bytes = FrameAssembler.frame(message)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else if errno == EAGAIN {
        var watched = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&watched, 1, -1)
      } else if errno != EINTR {
        throw EngineConnection.gone
      }
    }
  }

  /// The messages that are there; `nil` where the engine is gone.
  public func receive() throws(Refusal) -> [EngineMessage]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var ended = false
    while true {
      let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      if count > 0 {
        assembler.append(buffer[..<count])
        if count < buffer.count { break }
      } else if count < 0 && errno == EINTR {
        continue
      } else {
        ended = count == 0 || errno != EAGAIN
        break
      }
    }
    let messages = try parsed()
    return ended && messages.isEmpty ? nil : messages
  }

  /// Waits for the next message; `nil` where the engine is gone.
  public func receiveWaiting() throws(Refusal) -> EngineMessage? {
    while queue.isEmpty {
      var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if poll(&watched, 1, -1) < 0 && errno != EINTR { return nil }
      guard let messages = try receive() else { return nil }
      queue.append(contentsOf: messages)
    }
    return queue.removeFirst()
  }

  private var queue: [EngineMessage] = []

  private func parsed() throws(Refusal) -> [EngineMessage] {
    do {
      var messages: [EngineMessage] = []
      while let bytes = try assembler.next() {
        messages.append(try FrameAssembler.message(EngineMessage.self, from: bytes))
      }
      return messages
    } catch {
      throw Refusal(
        .system, "the engine's answer is not understood",
        advice: "Client and engine may be of different versions: coffer engine stop.")
    }
  }

  private static let gone = Refusal(
    .system, "the engine is gone", advice: "Start it again: coffer engine start")

  private static func connect(to path: String) -> Int32? {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    guard posix_unix_connect(descriptor, path) == 0 else {
      close(descriptor)
      return nil
    }
    return descriptor
  }
}

extension EngineConnection {
  /// Sends a request and waits for its answer; other messages in between are passed over.
  ///
  /// - Parameters:
  ///   - request: What is asked.
  ///   - progress: Called for every progress of it.
  /// - Returns: The answer.
  /// - Throws: The engine's refusal, or one that says it is gone.
  public func ask(
    _ request: Request, progress: (Progress) -> Void = { _ in }
  ) throws(Refusal) -> Report {
    try send(.request(id: 1, request))
    while let message = try receiveWaiting() {
      switch message {
      case .report(1, let report): return report
      case .refusal(1, let refusal): throw refusal
      case .progress(1, let done): progress(done)
      case .goodbye(let reason): throw Refusal(.system, reason)
      default: continue
      }
    }
    throw EngineConnection.gone
  }

  /// Asks for a window of the ledger and waits for it.
  public func page(_ query: LedgerQuery) throws(Refusal) -> LedgerPage {
    try send(.page(id: 2, query))
    while let message = try receiveWaiting() {
      switch message {
      case .page(2, let page): return page
      case .refusal(2, let refusal): throw refusal
      default: continue
      }
    }
    throw EngineConnection.gone
  }

  /// Asks for the whole portfolio once.
  public func snapshot() throws(Refusal) -> EngineMessage {
    try send(.watch)
    while let message = try receiveWaiting() {
      switch message {
      case .snapshot: return message
      default: continue
      }
    }
    throw EngineConnection.gone
  }
}
