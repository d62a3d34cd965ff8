import Ledger
import VenueKit

/// Whether a lane has something to do.
enum Readiness: Hashable, Sendable {
  /// Now, and how urgent it is.
  case now(LaneTier)
  /// Not before this.
  case later(Instant)
  /// When something else has happened.
  case never
}

extension AccountSync {
  /// Sends calls for the most urgent lanes, as many as may be under way.
  mutating func sendWhatIsDue(_ turn: inout Turn) {
    guard memo.trouble == nil, turn.now >= restsUntil,
      turn.now >= turn.venues[venue.id]?.restsUntil ?? turn.now
    else { return }
    let most = mostCalls(turn.policy)
    let free = callsUnderWay.map { most - $0 }
    guard free.contains(where: { $0 > 0 }) || free.indices.contains(where: isLongestIdle)
    else { return }
    for lane in mostUrgent(free, turn) {
      guard memo.trouble == nil, turn.now >= restsUntil else { return }
      begin(lane.id, lane.tier, &turn)
    }
  }

  /// How many calls of a line may be under way.
  private func mostCalls(_ policy: SyncPolicy) -> Int {
    venue.needsGrowingNonce ? 1 : policy.callsAtOnce
  }

  private typealias Due = (tier: LaneTier, served: Int, rank: Int, id: LaneID)

  /// The lanes to be served next, at most so many of each line.
  ///
  /// What has the most pages left goes first: they can only be read one after the other, so that it
  /// would be left alone at the end while the allowance lies idle. Of what was not read yet nothing
  /// is known, and one page tells. Every fourth turn goes to whoever has waited longest, so that the
  /// names of pages do not grow old.
  private mutating func mostUrgent(_ free: [Int], _ turn: Turn) -> [Due] {
    let isFair = served.isMultiple(of: 4)
    sortIn()
    var due: [Due] = []
    for line in free.indices where free[line] > 0 || isLongestIdle(line) {
      lookAtDue(line, turn)
      if let longest = takeLongest(line) { due.append(longest) }
      var left = free[line]
      while left > 0, let (tier, place) = queues[line].takeReady(isFair: isFair, numbers) {
        numbers[place] += 1
        lanes.touch(place)
        guard let id = lanes[place: place]?.id, let served = lanes[place: place]?.served
        else { continue }
        due.append((tier, served, ranks[place], id))
        left -= 1
      }
    }
    hasUnknown = queues.indices.contains { queues[$0].hasUnknown(numbers) }
    if free.count == 1 { return due }
    return due.sorted { ($0.tier, $0.served, $0.rank) < ($1.tier, $1.served, $1.rank) }
  }

  /// Whether the lane of a line that goes on beside the others waits for its turn.
  private func isLongestIdle(_ line: Int) -> Bool {
    guard let id = longestBeside(line), let place = lanes.place(of: id) else { return false }
    return lanes[place: place]?.dueAt != nil
  }

  /// Takes out the lane of a line that goes on beside the others, if it has something to do.
  private mutating func takeLongest(_ line: Int) -> Due? {
    guard let id = longestBeside(line), let place = lanes.place(of: id),
      let lane = lanes[place: place], lane.line == line, lane.dueAt != nil,
      let tier = lane.readyTier
    else { return nil }
    numbers[place] += 1
    lanes.touch(place)
    return (tier, lane.served, ranks[place], id)
  }

  /// Enters the lanes that changed where they belong now.
  private mutating func sortIn() {
    for place in lanes.takeTouched() {
      numbers[place] += 1
      guard let due = lanes[place: place]?.dueAt, let line = lanes[place: place]?.line
      else { continue }
      queues[line].wait(until: due, place, numbers[place])
    }
  }

  /// Finds out of the lanes of a line whose time has come what they have to do.
  private mutating func lookAtDue(_ line: Int, _ turn: Turn) {
    var due: [Int] = []
    while let place = queues[line].takeDue(at: turn.now, numbers) { due.append(place) }
    for place in due {
      guard var lane = lanes[place: place].take() else { continue }
      let readiness = lane.readyTier.map { Readiness.now($0) } ?? readiness(&lane, turn)
      switch readiness {
      case .now(let tier):
        lane.readyTier = tier
        queues[line].enter(
          tier, weight: lane.weight(in: tier), served: lane.served, rank: ranks[place], place,
          numbers[place])
      case .later(let time):
        lane.idleUntil = time
        queues[line].wait(until: time, place, numbers[place])
      case .never: lane.idleUntil = Instant(microseconds: .max)
      }
      lanes[place: place] = lane
    }
  }

  /// Whether a lane that is idle has something to do; begins its next round where that is due.
  private func readiness(_ lane: inout Lane, _ turn: Turn) -> Readiness {
    if lane.waitsForClock { return .never }
    guard arePrerequisitesMet(lane, turn) else { return .never }
    if lane.id.kind == .markets {
      guard let learned = turn.venues[venue.id]?.learned(lane.id) else { return .now(.present) }
      let next = learned.advanced(bySeconds: turn.policy.interval(of: .markets))
      let isDue = turn.now >= next || lane.isNudged || lane.gatheredPages > 0
      return isDue ? .now(.present) : .later(next)
    }
    let interval = interval(of: lane, turn.policy)
    guard lane.id.kind.isHistory else {
      if lane.gatheredPages > 0 || lane.isNudged { return .now(.present) }
      guard let last = lane.lastDone else { return .now(.present) }
      let next = last.advanced(bySeconds: interval)
      // A clock that was set back must not stop everything until it has caught up.
      return turn.now >= next || turn.now < last ? .now(.present) : .later(next)
    }
    return historyReadiness(&lane, turn, interval)
  }

  private func historyReadiness(
    _ lane: inout Lane, _ turn: Turn, _ interval: Int64
  ) -> Readiness {
    let time = turn.time(at: venue.id)
    let reading = lane.reading(turn.policy)
    let next = lane.state.round?.advanced(bySeconds: interval)
    let isDue = next.map { time >= $0 } ?? true
    let isBack = lane.state.round.map { time < $0 } ?? false
    if lane.state.task == nil, isDue || isBack || lane.isNudged {
      reading.beginRound(&lane.state, time, start: start)
      lane.isNudged = false
    }
    let horizon = lane.state.round.map { reading.horizon($0) }
    guard let task = lane.state.task ?? reading.plan(lane.state, time, start: start) else {
      return .later(turn.now.advanced(bySeconds: max(1, interval)))
    }
    if lane.isSweep { return .now(.sweep) }
    return .now(task.whole.to == horizon ? .recent : .backfill)
  }

  private func interval(of lane: Lane, _ policy: SyncPolicy) -> Int64 {
    if lane.isSweep { return policy.sweepInterval }
    let own = policy.interval(of: lane.id.kind)
    return lane.id.subject.isEmpty ? own : max(own, policy.subjectInterval)
  }

  /// What other lanes need comes first: the venue's clock for history, what the key may do, the ids
  /// of parts, and markets for executions.
  private func arePrerequisitesMet(_ lane: Lane, _ turn: Turn) -> Bool {
    if lane.id.kind.isHistory, !wasTried(.clock) { return false }
    if lane.id.kind.isHistory || lane.id.kind == .balances, !wasTried(.rights) { return false }
    switch lane.id.kind {
    case .clock, .accounts, .markets: return true
    case .fills, .positions: guard areMarketsKnown(for: lane.id, turn) else { return false }
    case .rights, .balances, .deposits, .withdrawals, .transfers, .statement: break
    }
    if case .joint = lane.feed, lane.feed.histories.contains(.fills),
      !areMarketsKnown(for: lane.id, turn)
    {
      return false
    }
    guard parts.isEmpty else { return true }
    return !views.contains { id in
      guard id.kind == .accounts, let place = lanes.place(of: id), lanes[place: place] != nil
      else { return false }
      return lanes[place: place]?.lastDone == nil && lanes[place: place]?.isStopped == false
    }
  }

  /// Whether all lanes of a kind were read, or cannot be for the time being.
  private func wasTried(_ kind: LaneKind) -> Bool {
    views.allSatisfy { id in
      guard id.kind == kind, let place = lanes.place(of: id), lanes[place: place] != nil
      else { return true }
      return lanes[place: place]?.lastDone != nil || lanes[place: place]?.trouble != nil
    }
  }

  /// Whether the markets are known that a lane's rows may name.
  func areMarketsKnown(for lane: LaneID, _ turn: Turn) -> Bool {
    let memo = turn.venues[venue.id]
    return views.allSatisfy { id in
      guard id.kind == .markets, id.market.map({ lane.takes($0) }) ?? true else { return true }
      return memo?.learned(id) != nil
    }
  }

  // MARK: - One call

  /// Sends the next call of a lane, unless it turns out that its line is full.
  private mutating func begin(_ id: LaneID, _ tier: LaneTier, _ turn: inout Turn) {
    guard var lane = lanes.take(id) else { return }
    let time = turn.time(at: venue.id)
    if id.kind.isHistory, lane.state.task == nil {
      lane.state.task = lane.reading(turn.policy).plan(lane.state, time, start: start)
    }
    if !id.kind.isHistory, lane.gatheredPages == 0 {
      lane.gatheredSince = time
      lane.isNudged = false
    }
    let ask = ask(lane, turn)
    served += 1
    lane.served = served
    lane.readyTier = nil
    do throws(VenueFault) {
      let calls = try lane.feed.calls(ask)
      lane.line = line(of: id, calls)
      guard longestBeside(lane.line) == id || callsUnderWay[lane.line] < mostCalls(turn.policy)
      else {
        lanes[id] = lane
        return
      }
      let number = turn.number()
      lane.activity = .calling(
        Lane.Calling(id: number, ask: ask, calls: calls, since: turn.now))
      lane.calls += calls.count
      lanes[id] = lane
      busy.insert(id)
      if calls.isEmpty {
        // Nothing has to be asked for this: there is nothing.
        return answered(id, [], &turn)
      }
      turn.actions.append(
        .send(
          SyncCall(
            id: number, account: setup.account, venue: venue.id, lane: id, tier: tier,
            followers: longestBeside(lane.line) == id ? max(1, (lane.pagesLeft ?? 0) - 1) : 0,
            ask: ask,
            calls: calls, keptSeconds: lane.outline.keptSeconds)))
    } catch {
      lanes[id] = lane
      failed(id, error, &turn)
    }
  }

  private func ask(_ lane: Lane, _ turn: Turn) -> Ask {
    let table = turn.venues[venue.id]?.table ?? MarketTable()
    var ask = Ask(markets: table, now: turn.time(at: venue.id))
    ask.part = lane.id.part
    ask.accounts = parts
    switch lane.outline.scope {
    case .all: break
    case .eachAccount: ask.accounts = parts.filter { $0.key == lane.id.subject }
    case .eachMarket: ask.market = table.market(lane.id.subject, lane.id.market)
    case .eachAsset: ask.asset = lane.id.subject
    }
    if let task = lane.state.task {
      lane.reading(turn.policy).fill(&ask, task)
    } else {
      ask.cursor = lane.gatheredCursor
      ask.page = lane.gatheredPages
    }
    return ask
  }

  // MARK: - Time

  /// When the account wants to be looked at again; `nil` where only an event can help.
  mutating func nextWake(_ policy: SyncPolicy, _ venueMemo: VenueMemo) -> Instant? {
    var wake = nextDeadline(policy)
    guard memo.trouble == nil else { return wake }
    sortIn()
    let rest = max(restsUntil, venueMemo.restsUntil)
    let most = mostCalls(policy)
    for (line, calls) in callsUnderWay.enumerated() {
      let longest = longestBeside(line).flatMap { lanes.place(of: $0) }
      let due =
        calls < most ? queues[line].dueAt(numbers) : longest.flatMap { lanes[place: $0]?.dueAt }
      guard let due else { continue }
      wake = min(wake ?? .distantFuture, max(due, rest))
    }
    return wake
  }

  /// When the first of the calls under way counts as failed.
  func nextDeadline(_ policy: SyncPolicy) -> Instant? {
    var first: Instant?
    for id in busy {
      guard case .calling(let calling)? = lanes[id]?.activity else { continue }
      first = min(first ?? .distantFuture, calling.since.advanced(bySeconds: policy.patience))
    }
    return first
  }
}

extension Instant {
  /// The last one there is.
  fileprivate static var distantFuture: Instant { Instant(microseconds: .max) }
}

extension Lane {
  /// When it has to be looked at; `nil` where only an event can help.
  fileprivate var dueAt: Instant? {
    guard isIdle, !isStopped, !waitsForClock else { return nil }
    let due = isNudged ? notBefore : max(notBefore, idleUntil)
    return due.microseconds < .max ? due : nil
  }

  /// How early it has its turn: by the pages it has left, one of which nothing is known before all.
  ///
  /// Of what nothing points to, of which there may be thousands, that goes first which is in the
  /// middle of its pages.
  fileprivate func weight(in tier: LaneTier) -> Int64 {
    if tier == .sweep { return state.task.map { $0.pages > 0 } == true ? 1 : 0 }
    return pagesLeft.map { Int64(max(0, $0)) } ?? .max
  }
}

extension Lane {
  func reading(_ policy: SyncPolicy) -> RangeReading {
    RangeReading(
      kind: id.kind, paging: outline.paging, policy: policy, histories: feed.histories)
  }
}
