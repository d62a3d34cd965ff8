import Canvas
import Engine
import Foundation
import Ledger
import Link
import Screens
import Wire

/// A client's model attached to an engine without a process, both in one thread's hands.
final class BenchClient {
  private let engine: EngineProbe
  private(set) var model: ClientModel
  private var lastID: UInt64 = 1 << 40
  private var frame: Frame
  /// Pages the model has asked for that have not come.
  private var awaited = 0
  /// How many entries the last page said there are.
  private var entries = 0

  /// Attaches to an engine for a vault that is there and locked.
  init(_ place: EnginePlace, size: Size = Size(width: 120, height: 36)) {
    engine = EngineProbe(place: place)
    model = ClientModel(size: size, now: BenchClient.now)
    frame = model.frame()
    take(model.handle(.connected, at: BenchClient.now))
    hear(engine.listen())
  }

  /// Asks the engine to unlock and goes on until the positions are drawn.
  func unlockAndShow() throws {
    lastID += 1
    engine.say(
      .request(id: lastID, Request("unlock", ["user": "bench"], secrets: [Workplace.passphrase])))
    var hasPositions = false
    while !hasPositions {
      for message in engine.listen() {
        if case .refusal(_, let refusal) = message { throw refusal }
        if case .snapshot = message { hasPositions = true }
        hear([message])
      }
    }
    press("2")
  }

  /// A window of the ledger and how long it took to come, in seconds.
  func page(_ query: LedgerQuery) throws -> (page: LedgerPage, seconds: Double) {
    lastID += 1
    let id = lastID
    var found = LedgerPage(query: query, total: 0, entries: [])
    let (_, taken) = try Taken.by {
      engine.say(.page(id: id, query))
      try engine.await(id: id) { message in
        if case .page(id, let page) = message { found = page }
      }
    }
    return (found, taken.wall)
  }

  /// Presses a key and draws what follows.
  func press(_ key: Unicode.Scalar) {
    press(Key.character(key))
  }

  func press(_ key: Key) {
    take(model.handle(.input(.key(key)), at: BenchClient.now))
    frame = model.frame()
  }

  /// Pages down through the ledger until nothing moves, as fast as pages come.
  ///
  /// - Returns: How many entries the ledger has.
  func scrollToEnd() -> Int {
    while true {
      let before = frame
      press(Key(.pageDown))
      while awaited > 0 { hear(engine.listen()) }
      frame = model.frame()
      if frame == before { return entries }
    }
  }

  func end() {
    engine.end()
  }

  private func hear(_ messages: [EngineMessage]) {
    for message in messages {
      if case .page(_, let page) = message {
        awaited -= 1
        entries = page.total
      }
      take(model.handle(.engine(message), at: BenchClient.now))
    }
  }

  private func take(_ effects: [Effect]) {
    for case .send(let message) in effects {
      if case .hello = message { continue }
      if case .page = message { awaited += 1 }
      engine.say(message)
    }
  }

  private static var now: Instant {
    Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
  }
}
