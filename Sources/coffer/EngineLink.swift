import Ledger
import Link
import Screens
import Wire

/// A client's line to its engine: it may break, and is looked for again.
///
/// An engine that is lost is not started again by itself, as its vault would be locked and somebody else
/// may have stopped it; one that is there again is taken. `reconnect` starts one.
final class EngineLink {
  private var connection: EngineConnection
  private let start: EngineStart
  private let isReadOnly: Bool
  private var tries = 0
  private(set) var isAttached = true
  /// When the engine is looked for again, in microseconds; `nil` while it is there.
  private(set) var retryAt: Int64?

  /// The longest pause between two looks, in microseconds.
  private static let longestPause: Int64 = 30_000_000

  init(_ connection: EngineConnection, _ start: EngineStart, isReadOnly: Bool) {
    self.connection = connection
    self.start = start
    self.isReadOnly = isReadOnly
  }

  /// What the engine said of itself when it greeted.
  var status: EngineStatus { connection.status }
  /// What to poll for messages.
  var descriptor: Int32 { connection.descriptor }

  /// Sends a message, unless there is nobody.
  func send(_ message: ClientMessage) -> [ClientEvent] {
    guard isAttached else { return [] }
    do { try connection.send(message) } catch { return lose(error.message) }
    return []
  }

  /// What the engine said.
  func receive() -> [ClientEvent] {
    do {
      guard let messages = try connection.receive() else { return lose("the engine is gone") }
      return messages.map { .engine($0) }
    } catch { return lose(error.message) }
  }

  /// Looks for an engine where it is time to.
  func retryIfDue(at now: Int64) -> [ClientEvent] {
    guard let due = retryAt, now >= due else { return [] }
    guard let found = try? EngineConnection.attach(to: start.place, isReadOnly: isReadOnly) else {
      putOff(from: now)
      return []
    }
    return take(found)
  }

  /// Attaches at once, and starts an engine where none runs.
  func reconnect() -> [ClientEvent] {
    guard !isAttached else { return [] }
    do {
      return take(try EngineConnection.attachStarting(start, isReadOnly: isReadOnly))
    } catch { return [.disconnected(error.message)] }
  }

  private func take(_ found: EngineConnection) -> [ClientEvent] {
    connection = found
    isAttached = true
    retryAt = nil
    tries = 0
    return [.connected, .engine(.welcome(version: ClientMessage.version, found.status))]
  }

  private func lose(_ reason: String) -> [ClientEvent] {
    isAttached = false
    putOff(from: Clock.now.microseconds)
    return [.disconnected(reason)]
  }

  private func putOff(from now: Int64) {
    retryAt = now + min(1_000_000 << Int64(min(tries, 5)), EngineLink.longestPause)
    tries += 1
  }
}
