import Amounts
import Encodings
import Ledger
import VenueKit

@testable import Sync

/// What the tests keep instead of a database.
struct FakeStore {
  var entries: [EntryIdentity: SyncEntry] = [:]
  var refused: Set<SyncRefusal> = []
  var states: [AccountID: [String: String]] = [:]
  var balances: [AccountID: [LaneID: ReportedBalances]] = [:]
  var unreadable: [SyncPayload] = []
  /// Entries that were known with another content.
  var conflicts: [SyncEntry] = []
  var batches = 0

  mutating func apply(_ batch: SyncBatch) {
    batches += 1
    for entry in batch.entries {
      if let known = entries[entry.identity] {
        if known.legs != entry.legs || known.time != entry.time { conflicts.append(entry) }
      } else {
        entries[entry.identity] = entry
      }
    }
    refused.formUnion(batch.refused)
    for (key, text) in batch.states { states[batch.account, default: [:]][key] = text }
    if let balances = batch.balances {
      self.balances[batch.account, default: [:]][batch.lane] = balances
    }
    unreadable += batch.payloads.filter(\.isUnreadable)
  }

  /// What all entries add up to, by asset code.
  func holdings(of account: AccountID) -> [String: Fixed] {
    var sums: [String: Fixed] = [:]
    for entry in entries.values {
      for leg in entry.legs where leg.account == account {
        let sum = sums[leg.asset.ticker] ?? .zero
        sums[leg.asset.ticker] = Fixed(units: sum.units + leg.quantity.fixed.units)
      }
    }
    return sums.filter { !$0.value.isZero }
  }

  func references(_ kind: EntryKind) -> [String] {
    entries.values.filter { $0.kind == kind }.map(\.details.reference).sorted()
  }
}

/// A machine with a venue and a store, run on a clock of its own; everything answers at once unless
/// a test steps in.
final class Bench {
  static let account = AccountID(named: "fake-main")
  /// 2024-01-01T00:00:00Z.
  static let start = Instant(seconds: 1_704_067_200)

  var venue: FakeVenue
  var machine: SyncMachine
  var store = FakeStore()
  var now: Instant
  var settings = SyncSettings()
  var sent: [SyncCall] = []
  var wake: Instant?
  /// Steps in before the venue answers; `nil` leaves it to the venue.
  var intercept: (SyncCall) -> SyncEvent? = { _ in nil }
  /// Whether a call is never answered.
  var isSilent: (SyncCall) -> Bool = { _ in false }
  /// Whether the store can write.
  var canStore: (SyncBatch) -> Bool = { _ in true }

  init(_ venue: FakeVenue, start: Int64 = 30 * 86_400, policy: SyncPolicy = SyncPolicy()) {
    self.venue = venue
    machine = SyncMachine(policy: policy, seed: 1)
    now = Bench.start
    settings.start = Bench.start.advanced(bySeconds: -start)
  }

  /// Milliseconds since 1970 of a second after the start.
  static func time(_ second: Int64) -> Int64 { (start.seconds + second) * 1_000 }

  func add() {
    let setup = AccountSetup(
      account: Bench.account, venue: venue.venue(), settings: settings,
      states: store.states[Bench.account] ?? [:],
      told: Dictionary(
        uniqueKeysWithValues: (store.balances[Bench.account] ?? [:]).map {
          ($0.key.text, $0.value.time)
        }))
    handle(.added(setup))
  }

  /// Another program run: only what the store has is left.
  func restart() {
    machine = SyncMachine(policy: machine.policy, seed: 2)
    wake = nil
    add()
  }

  /// Lets time pass, waking the machine when it wants to be woken.
  func run(_ seconds: Int64) {
    let end = now.advanced(bySeconds: seconds)
    var steps = 0
    while let next = wake, next <= end, steps < 20_000 {
      steps += 1
      now = max(now, next)
      handle(.tick)
    }
    now = end
    handle(.tick)
  }

  func handle(_ event: SyncEvent) {
    var events = [event]
    var steps = 0
    while !events.isEmpty, steps < 100_000 {
      steps += 1
      for action in machine.handle(events.removeFirst(), at: now) {
        if let answer = perform(action) { events.append(answer) }
      }
    }
  }

  private func perform(_ action: SyncAction) -> SyncEvent? {
    switch action {
    case .send(let call):
      sent.append(call)
      return isSilent(call) ? nil : intercept(call) ?? answer(call)
    case .store(let batch):
      guard canStore(batch) else { return .storeFailed(batch: batch.id) }
      store.apply(batch)
      return .stored(batch: batch.id)
    case .wake(let time):
      wake = time
      return nil
    case .cancel, .markets, .report: return nil
    }
  }

  /// The venue's own answer.
  func answer(_ call: SyncCall) -> SyncEvent {
    let time = now.microseconds / 1_000 + venue.skew
    return .answered(call: call.id, call.calls.map { venue.answer($0, at: time) })
  }

  func refuse(_ call: SyncCall, _ code: String, status: Int = 200) -> SyncEvent {
    let body = Array("{\"error\":\"\(code)\",\"message\":\"no\"}".utf8)
    return .answered(
      call: call.id, call.calls.map { _ in IncomingAnswer(status: status, body: body) })
  }

  var status: AccountStatus? { machine.status(of: Bench.account, at: now) }

  func lane(_ kind: LaneKind, _ subject: String = "") -> LaneStatus? {
    status?.lanes.first { $0.lane.kind == kind && $0.lane.subject == subject }
  }

  /// The calls sent of a lane.
  func calls(_ kind: LaneKind) -> [SyncCall] { sent.filter { $0.lane.kind == kind } }

  /// What the account truly holds, as exact numbers.
  var truth: [String: Fixed] {
    venue.holdings(at: now.microseconds / 1_000).filter { $0.value != 0 }
      .mapValues { Fixed(whole: $0) }
  }

  var held: [String: Fixed] { store.holdings(of: Bench.account) }
}

func span(_ from: Int64, _ to: Int64) -> Span {
  Span(from: Instant(seconds: from), to: Instant(seconds: to))
}
