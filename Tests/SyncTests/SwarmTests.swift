import Amounts
import Encodings
import FoundationEssentials
import Ledger
import Testing
import VenueKit

@testable import Sync

/// Hours of sync against venues that fail in every way, from a seed; after every step nothing is
/// booked twice and nothing is marked as read that is not stored, and in the end the books are the
/// venue's truth.
@Suite struct SwarmTests {
  /// More of them with `SWARM=2000`; one of them again with `SEED=17`.
  static let seeds: [UInt64] = {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["SEED"].flatMap({ UInt64($0) }) { return [seed] }
    return Array(1...(environment["SWARM"].flatMap { UInt64($0) } ?? 20))
  }()

  @Test(arguments: seeds) func `whatever goes wrong, the books end as the venue's truth`(
    seed: UInt64
  ) {
    var swarm = Swarm(seed: seed)
    swarm.run()
    for problem in swarm.problems.prefix(5) { Issue.record("SEED=\(seed): \(problem)") }
    #expect(swarm.steps > 500, "SEED=\(seed)")
  }
}

/// One simulated run.
struct Swarm {
  private static let hour: Int64 = 3_600
  /// How long things go wrong, and how long they go well after that.
  private static let bad: Int64 = 5 * hour
  private static let good: Int64 = 5 * hour
  private static let past: Int64 = 8 * 86_400

  private enum Occurrence {
    case event(SyncEvent, run: Int)
    case wake
    case crash
  }
  private struct Item {
    let time: Int64
    let number: Int
    let what: Occurrence
  }

  private var chance: Jitter
  private var fake = FakeVenue()
  private var machine: SyncMachine
  private var store = FakeStore()
  private var queue: [Item] = []
  private var numbers = 0
  /// Microseconds since the start.
  private var clock: Int64 = 0
  private var runs = 0
  private var scheduledWake: Int64?
  private(set) var problems: [String] = []
  private(set) var steps = 0
  private var faultOften: Int = 0
  private var checked = 0
  private var settings = SyncSettings()

  init(seed: UInt64) {
    chance = Jitter(seed: seed &* 7_919 &+ 11)
    var policy = SyncPolicy()
    policy.sweepInterval = Swarm.hour / 2
    machine = SyncMachine(policy: policy, seed: seed)
    settings.start = Bench.start.advanced(bySeconds: -Swarm.past)
    makeVenue()
    faultOften = 2 + roll(12)
  }

  private mutating func roll(_ below: Int) -> Int { Int(chance.next() % UInt64(below)) }

  // MARK: - The venue

  private mutating func makeVenue() {
    let kinds: [Paging.Kind] = [.single, .cursor, .forward, .backward, .numbered]
    for path in ["fills", "deposits", "statement"] {
      let kind = kinds[roll(kinds.count)]
      let window = roll(3) == 0 ? Paging.day * (1 + roll(3)) : nil
      fake.paging[path] = Paging(kind, most: kind == .single ? 40 : 6 + roll(10), window: window)
    }
    fake.scope["fills"] = roll(3) == 0 ? .eachMarket : .all
    fake.skew = Int64(roll(5)) * 1_500 - 3_000
    settings.sweepsAllMarkets = true
    let span = Swarm.past + Swarm.bad + Swarm.good - 2 * Swarm.hour
    for number in 0..<(60 + roll(80)) { addFill(number, span) }
    for number in 0..<(10 + roll(20)) { addDeposit(number, span) }
    for number in 0..<(20 + roll(40)) { addLines(number, span) }
  }

  /// A time from the account's start on, in milliseconds; half of all times lie in the simulated
  /// hours.
  private mutating func time(_ span: Int64) -> Int64 {
    let isPast = roll(2) == 0
    let base = isPast ? -Swarm.past + 60 : 0
    let length = isPast ? Swarm.past : span - Swarm.past
    return Bench.time(base) + Int64(chance.next() % UInt64(length * 1_000))
  }

  private mutating func addFill(_ number: Int, _ span: Int64) {
    let time = time(span)
    let markets = ["BTCUSD", "ETHUSD", "ETHBTC"]
    // A burst: several rows of one millisecond, fewer than a page holds.
    for copy in 0..<(roll(6) == 0 ? 2 + roll(3) : 1) {
      let late: Int64 = roll(8) == 0 ? Int64(roll(600)) * 1_000 : 0
      fake.rows.append(
        FakeVenue.fill(
          "f\(number)-\(copy)", time, market: markets[roll(3)],
          side: roll(2) == 0 ? "buy" : "sell", price: Int64(1 + roll(50)),
          amount: Int64(1 + roll(9)), fee: Int64(roll(3)),
          feeAsset: roll(3) == 0 ? "BNB" : "USD", visible: time + late))
    }
  }

  private mutating func addDeposit(_ number: Int, _ span: Int64) {
    let time = time(span)
    let slow: Int64? = roll(3) == 0 ? time + Int64(roll(6 * 86_400)) * 1_000 : nil
    let end = Bench.time(Swarm.bad + Swarm.good - 2 * Swarm.hour)
    fake.rows.append(
      FakeVenue.deposit(
        "d\(number)", time, ["USD", "ETH", "SOL"][roll(3)], Int64(1 + roll(500)),
        done: slow.map { min($0, end) }))
  }

  private mutating func addLines(_ number: Int, _ span: Int64) {
    let time = time(span)
    if roll(2) == 0 {
      fake.rows.append(FakeVenue.line("s\(number)", time, "ADA", Int64(1 + roll(20))))
      return
    }
    let apart = Int64(roll(3)) * Int64(roll(1_500))
    let reference = "r\(number)"
    fake.rows.append(
      FakeVenue.line(
        "s\(number)a", time, "USD", -Int64(1 + roll(90)), kind: "trade", reference: reference))
    fake.rows.append(
      FakeVenue.line(
        "s\(number)b", time + apart, "DOT", Int64(1 + roll(90)), kind: "trade",
        reference: reference))
  }

  // MARK: - The run

  mutating func run() {
    add()
    let end = (Swarm.bad + Swarm.good) * 1_000_000
    if roll(2) == 0 { schedule(.crash, after: Int64(roll(20_000)) * 1_000_000) }
    schedule(.crash, after: Int64(roll(Int(Swarm.bad))) * 1_000_000)
    // Somebody looks after it when the bad hours are over.
    for minutes: Int64 in [1, 20, 40] {
      let time = Swarm.bad + minutes * 60
      schedule(.event(.retry(Bench.account, nil), run: -1), after: time * 1_000_000)
    }
    while let item = queue.first, item.time <= end, steps < 60_000, problems.isEmpty {
      queue.removeFirst()
      steps += 1
      clock = item.time
      switch item.what {
      case .event(let event, let owner) where owner == runs || owner == -1: handle(event)
      case .event: break
      case .wake:
        scheduledWake = nil
        handle(.tick)
      case .crash: restart()
      }
    }
    clock = end
    checkEnd()
  }

  private var now: Instant { Instant(microseconds: Bench.start.microseconds + clock) }
  private var venueNow: Int64 { now.microseconds / 1_000 + fake.skew }
  private var isBad: Bool { clock < Swarm.bad * 1_000_000 }

  private mutating func schedule(_ what: Occurrence, after delay: Int64) {
    numbers += 1
    let item = Item(time: clock + max(0, delay), number: numbers, what: what)
    let place = queue.firstIndex {
      ($0.time, $0.number) > (item.time, item.number)
    }
    queue.insert(item, at: place ?? queue.count)
  }

  private mutating func add() {
    handle(
      .added(
        AccountSetup(
          account: Bench.account, venue: fake.venue(), settings: settings,
          states: store.states[Bench.account] ?? [:])))
  }

  /// The program dies: calls and batches under way are lost, the store is as it was.
  private mutating func restart() {
    runs += 1
    machine = SyncMachine(policy: machine.policy, seed: UInt64(runs) + chance.next() % 1_000)
    scheduledWake = nil
    add()
    if isBad, roll(3) > 0 { schedule(.crash, after: Int64(1 + roll(7_200)) * 1_000_000) }
  }

  private mutating func handle(_ event: SyncEvent) {
    for action in machine.handle(event, at: now) { perform(action) }
    // Only a batch changes what must hold.
    if store.batches != checked {
      checked = store.batches
      checkStep()
    }
  }

  private mutating func perform(_ action: SyncAction) {
    switch action {
    case .send(let call): answer(call)
    case .store(let batch): write(batch)
    case .wake(let time):
      let delay = time.microseconds - now.microseconds
      schedule(.wake, after: delay)
    case .cancel, .markets, .report: break
    }
  }

  private mutating func write(_ batch: SyncBatch) {
    let delay = Int64(roll(400)) * 1_000
    if isBad, roll(4 * faultOften) == 0 {
      schedule(.event(.storeFailed(batch: batch.id), run: runs), after: delay)
    } else if isBad, roll(6 * faultOften) == 0 {
      // Written, and the word of it is lost with the program.
      store.apply(batch)
      schedule(.crash, after: delay)
    } else {
      store.apply(batch)
      schedule(.event(.stored(batch: batch.id), run: runs), after: delay)
    }
  }

  private mutating func answer(_ call: SyncCall) {
    let delay = Int64(20 + roll(1_500)) * 1_000
    let answers = call.calls.map { fake.answer($0, at: venueNow) }
    guard isBad, roll(faultOften) == 0 else {
      schedule(.event(.answered(call: call.id, answers), run: runs), after: delay)
      return
    }
    func reply(_ status: Int, _ text: String, _ header: String? = nil) -> SyncEvent {
      let headers = header.map { [(name: "retry-after", value: $0)] } ?? []
      return .answered(
        call: call.id,
        call.calls.map { _ in
          IncomingAnswer(status: status, headers: headers, body: Array(text.utf8))
        })
    }
    let event: SyncEvent
    switch roll(13) {
    case 0: return  // Nothing comes at all.
    case 1: event = .failed(call: call.id, .refused(Refusal(.retryable, message: "reset")))
    case 2: event = .failed(call: call.id, .refused(Refusal(.unknownOutcome, message: "timeout")))
    case 3: event = reply(429, "{\"error\":\"SLOW\"}", String(1 + roll(60)))
    case 4: event = reply(429, "{}")
    case 5: event = reply(503, "upstream")
    case 6: event = reply(200, "<html>please wait</html>")
    case 7: event = torn(call, answers)
    case 8: event = .cancelled(call: call.id)
    case 9: event = reply(401, "{\"error\":\"CLOCK\"}")
    case 10:
      // The answer comes twice, the second time late.
      schedule(.event(.answered(call: call.id, answers), run: runs), after: 9 * delay)
      event = .answered(call: call.id, answers)
    case 11:
      // Much later than anybody waits.
      schedule(.event(.answered(call: call.id, answers), run: runs), after: 400_000_000)
      return
    default: event = roll(6) == 0 ? reply(401, "{\"error\":\"AUTH\"}") : reply(500, "{}")
    }
    schedule(.event(event, run: runs), after: delay)
  }

  private mutating func torn(_ call: SyncCall, _ answers: [IncomingAnswer]) -> SyncEvent {
    let cut = answers.map { answer -> IncomingAnswer in
      var torn = answer
      torn.body = Array(answer.body.prefix(max(1, answer.body.count / 2)))
      return torn
    }
    return .answered(call: call.id, cut)
  }

  // MARK: - What must hold

  private mutating func checkStep() {
    if let conflict = store.conflicts.first {
      problems.append("another content under the name of \(conflict.identity)")
    }
    var seen: Set<String> = []
    for entry in store.entries.values {
      let name = "\(entry.kind.rawValue) \(entry.details.reference)"
      if !seen.insert(name).inserted { problems.append("twice: \(name)") }
    }
    for (key, text) in store.states[Bench.account] ?? [:] where key != AccountMemo.key {
      guard let state = LaneState(text: text) else {
        problems.append("a state that cannot be read: \(key)")
        continue
      }
      check(key, state, seen)
    }
  }

  /// What is marked as read is stored, or is kept for the next page.
  private mutating func check(_ key: String, _ state: LaneState, _ seen: Set<String>) {
    let path = String(key.prefix { $0 != "." })
    let market = key.split(separator: "/").dropFirst().first.map { String($0) }
    let carried = Set((state.task?.carry ?? []).map(\.text))
    for row in fake.rows where row.path == path && row.visible == row.time {
      if let market, row.market != market { continue }
      guard state.covered.contains(Instant(microseconds: row.time * 1_000)) else { continue }
      if let done = row.done, done > row.time { continue }
      if !seen.contains(Swarm.name(of: row)), !carried.contains(row.json.text) {
        problems.append("marked as read and not there: \(row.id) of \(key)")
      }
    }
  }

  /// The name under which a row must be in the books.
  private static func name(of row: FakeVenue.Row) -> String {
    switch row.path {
    case "fills": return "trade \(row.id)"
    case "deposits": return "deposit \(row.id)"
    default:
      guard case .object(let object) = row.json, case .string(let reference)? = object["ref"]
      else { return "staking \(row.id)" }
      return "trade \(reference)"
    }
  }

  private mutating func checkEnd() {
    guard problems.isEmpty else { return }
    let truth = fake.holdings(at: venueNow).filter { $0.value != 0 }
      .mapValues { Fixed(whole: $0) }
    let held = store.holdings(of: Bench.account)
    for code in Set(truth.keys).union(held.keys).sorted() where truth[code] != held[code] {
      problems.append(
        "\(code): the books say \(held[code]?.text ?? "0"), the venue \(truth[code]?.text ?? "0")")
    }
    guard let status = machine.status(of: Bench.account, at: now) else {
      problems.append("the account is gone")
      return
    }
    for lane in status.lanes where lane.health == .stopped || !lane.gaps.isEmpty {
      problems.append("\(lane.lane.text): \(lane.health) \(lane.gaps)")
    }
    if !status.isBalanceComplete { problems.append("balances are not complete") }
    if status.completeTo.map({ $0 < now.advanced(bySeconds: -1_200) }) ?? true {
      problems.append("history ends at \(String(describing: status.completeTo))")
    }
    checkBalances(status)
  }

  /// The venue's balances agree with the books of the same time.
  private mutating func checkBalances(_ status: AccountStatus) {
    guard let asked = status.balancesTime else { return }
    var holdings = Holdings()
    var recent: [RollForward.RecentEntry] = []
    for entry in store.entries.values {
      let made = Entry(
        id: EntryID(high: 0, low: 0), time: entry.time, kind: entry.kind, legs: entry.legs,
        origin: .byHand)
      do { try holdings.apply(made) } catch { problems.append("overflow") }
      recent.append(RollForward.RecentEntry(time: entry.time, legs: entry.legs))
    }
    var own: [AssetID: Holding] = [:]
    for (key, holding) in holdings.table { own[key.asset] = holding }
    let rows = (store.balances[Bench.account] ?? [:]).values.flatMap(\.rows)
    let question = RollForward.Question(
      account: Bench.account, holdings: own, recent: recent, balances: rows, asked: asked,
      isComplete: status.isBalanceComplete, historyTo: status.completeTo)
    let outcome = RollForward(venue: fake.venue()).compare(question, at: now)
    if case .compared(let breaks) = outcome, let first = breaks.first {
      problems.append("a break: \(first)")
    }
  }
}
