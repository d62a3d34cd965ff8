import CPosix
import Glibc
import Ledger
package import Link
import Logging
package import Wire

/// An engine without its process and its socket, for measuring what a client waits for.
///
/// It has the core, the worker and the inbox of `EngineLoop`, and puts every message through its
/// frame as the socket does. Used from one thread.
package final class EngineProbe {
  private let inbox = Inbox()
  private let worker: VaultWorker
  private let courier: Courier
  private var core: EngineCore
  private var heard: [EngineMessage] = []
  private var wakeAt: Instant?
  private static let client = ClientID(number: 1)

  /// Starts an engine for a vault that is there; nothing is opened yet.
  package init(place: EnginePlace) {
    let log = Logger(label: "probe") { _ in SwiftLogNoOpLogHandler() }
    courier = Courier(inbox: inbox, log: log)
    worker = VaultWorker(
      EngineOptions(place: place, isOffline: true), inbox: inbox, courier: courier, log: log)
    core = EngineCore(vault: place.name, mode: .init(isOffline: true))
    handle(.connected(EngineProbe.client))
    say(.hello(version: ClientMessage.version, isReadOnly: false))
  }

  /// Says something as the one client.
  package func say(_ message: ClientMessage) {
    handle(.said(EngineProbe.client, message))
  }

  /// What the engine says next; waits until it says something.
  package func listen() -> [EngineMessage] {
    while heard.isEmpty { turn() }
    defer { heard = [] }
    return heard
  }

  /// Listens until the report or page of a question has come.
  ///
  /// - Parameters:
  ///   - id: The question's number.
  ///   - visit: Sees every message, the last included.
  /// - Throws: The refusal, where it was one.
  package func await(id: UInt64, _ visit: (EngineMessage) throws -> Void = { _ in }) throws {
    while true {
      var isAnswered = false
      for message in listen() {
        try visit(message)
        switch message {
        case .report(id, _), .page(id, _): isAnswered = true
        case .refusal(id, let refusal): throw refusal
        default: break
        }
      }
      if isAnswered { return }
    }
  }

  /// Closes the vault.
  package func end() {
    courier.shutDown()
    worker.shutDown()
  }

  private func turn() {
    var watched = pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0)
    let left = wakeAt.map { ($0.microseconds - EngineLoop.now.microseconds) / 1000 + 1 } ?? -1
    _ = poll(&watched, 1, Int32(min(max(left, -1), 3_600_000)))
    if watched.revents != 0 { inbox.drain().forEach(handle) }
    if let due = wakeAt, EngineLoop.now >= due {
      wakeAt = nil
      handle(.timer)
    }
  }

  private func handle(_ event: EngineEvent) {
    if case .ready(let stream) = event {
      let events = courier.heard(stream)
      if !events.isEmpty { handle(.heard(stream, events)) }
      return
    }
    for effect in core.handle(event, at: EngineLoop.now) {
      switch effect {
      case .send(_, let message), .sendAll(_, let message): hear(message)
      case .work(let id, let work): worker.start(work, id)
      case .cancel(let id): worker.cancel(id)
      case .wake(let instant): wakeAt = instant
      case .fetch(let job): courier.send(job)
      case .abandon(let ticket): courier.abandon(ticket)
      case .stream(let effect): courier.carryOut(effect)
      case .storeSync(let batch): worker.store(batch)
      case .gain(let inputs): worker.fold(inputs)
      case .strike(let cutoff): worker.strike(cutoff)
      case .reconcile(let task): worker.reconcile(task)
      case .keepLimits(let memory): worker.keep(limits: memory)
      case .keepWatch(let watch): worker.keep(watch)
      case .readWatch: worker.readWatch()
      case .compute(let task): worker.compute(task)
      case .keepBars(let batch, let bars): worker.keep(bars, batch)
      case .keepCandles(let bars, let coverage): worker.keep(bars, coverage)
      case .readBars(let assets, let currency, let afterWrites):
        worker.readBars(of: assets, currency, afterWrites: afterWrites)
      case .storeAlerts(let number, let batch): worker.store(number, batch)
      case .tryKey, .endTrial, .close, .runFeed, .exit, .deliver: break
      }
    }
  }

  /// Puts a message into its frame and reads it again.
  private func hear(_ message: EngineMessage) {
    let bytes = Array(FrameAssembler.frame(message).dropFirst(4))
    do {
      heard.append(try FrameAssembler.message(EngineMessage.self, from: bytes))
    } catch { preconditionFailure("A message of ours can be read again.") }
  }
}
