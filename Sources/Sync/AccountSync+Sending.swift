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
    let most = venue.needsGrowingNonce ? 1 : turn.policy.callsAtOnce
    var free = most - callsUnderWay
    guard free > 0 else { return }
    var due: [(tier: LaneTier, served: Int, id: LaneID)] = []
    for id in order {
      guard let tier = tierIfDue(id, turn) else { continue }
      due.append((tier, lanes[id]?.served ?? 0, id))
    }
    due.sort { ($0.tier, $0.served) < ($1.tier, $1.served) }
    for lane in due {
      guard free > 0, memo.trouble == nil, turn.now >= restsUntil else { return }
      if begin(lane.id, lane.tier, &turn) { free -= 1 }
    }
  }

  private mutating func tierIfDue(_ id: LaneID, _ turn: Turn) -> LaneTier? {
    guard var lane = lanes.removeValue(forKey: id) else { return nil }
    defer { lanes[id] = lane }
    guard lane.isIdle, !lane.isStopped, turn.now >= lane.notBefore else { return nil }
    if turn.now < lane.idleUntil, !lane.isNudged { return nil }
    switch readiness(&lane, turn) {
    case .now(let tier): return tier
    case .later(let time):
      lane.idleUntil = time
      return nil
    case .never:
      lane.idleUntil = Instant(microseconds: .max)
      return nil
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

  /// What other lanes need comes first: the venue's clock for history, the ids of parts, and markets
  /// for executions.
  private func arePrerequisitesMet(_ lane: Lane, _ turn: Turn) -> Bool {
    if lane.id.kind.isHistory, !isClockKnown { return false }
    switch lane.id.kind {
    case .clock, .accounts, .markets: return true
    case .fills, .positions: guard areMarketsKnown(for: lane.id, turn) else { return false }
    case .rights, .balances, .deposits, .withdrawals, .transfers, .statement: break
    }
    guard memo.parts.isEmpty else { return true }
    return !order.contains { id in
      guard id.kind == .accounts, let lane = lanes[id] else { return false }
      return lane.lastDone == nil && !lane.isStopped
    }
  }

  /// Whether the clock was read, or cannot be for the time being.
  private var isClockKnown: Bool {
    order.allSatisfy { id in
      guard id.kind == .clock, let lane = lanes[id] else { return true }
      return lane.lastDone != nil || lane.trouble != nil
    }
  }

  /// Whether the markets are known that a lane's rows may name.
  func areMarketsKnown(for lane: LaneID, _ turn: Turn) -> Bool {
    let memo = turn.venues[venue.id]
    return order.allSatisfy { id in
      guard id.kind == .markets, id.market.map({ lane.takes($0) }) ?? true else { return true }
      return memo?.learned(id) != nil
    }
  }

  // MARK: - One call

  /// Sends the next call of a lane; says whether it is under way.
  private mutating func begin(_ id: LaneID, _ tier: LaneTier, _ turn: inout Turn) -> Bool {
    guard var lane = lanes.removeValue(forKey: id) else { return false }
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
    do throws(VenueFault) {
      let calls = try lane.feed.calls(ask)
      let number = turn.number()
      lane.activity = .calling(
        Lane.Calling(id: number, ask: ask, calls: calls, since: turn.now))
      lane.calls += calls.count
      lanes[id] = lane
      if calls.isEmpty {
        // Nothing has to be asked for this: there is nothing.
        answered(id, [], &turn)
        return false
      }
      turn.actions.append(
        .send(
          SyncCall(
            id: number, account: setup.account, venue: venue.id, lane: id, tier: tier, ask: ask,
            calls: calls)))
      return true
    } catch {
      lanes[id] = lane
      failed(id, error, &turn)
      return false
    }
  }

  private func ask(_ lane: Lane, _ turn: Turn) -> Ask {
    let table = turn.venues[venue.id]?.table ?? MarketTable()
    var ask = Ask(markets: table, now: turn.time(at: venue.id))
    ask.part = lane.id.part
    ask.accounts = memo.parts
    switch lane.outline.scope {
    case .all: break
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
  func nextWake(_ policy: SyncPolicy, _ venueMemo: VenueMemo, _ now: Instant) -> Instant? {
    var wake: Instant?
    func want(_ time: Instant) {
      wake = min(wake ?? time, time)
    }
    guard memo.trouble == nil else { return nil }
    let rest = max(restsUntil, venueMemo.restsUntil)
    let isFull = callsUnderWay >= (venue.needsGrowingNonce ? 1 : policy.callsAtOnce)
    for id in order {
      guard let lane = lanes[id] else { continue }
      switch lane.activity {
      case .calling(let calling): want(calling.since.advanced(bySeconds: policy.patience))
      case .storing: break
      case .idle:
        guard !isFull, !lane.isStopped, !lane.waitsForClock else { continue }
        let ready = lane.isNudged ? lane.notBefore : max(lane.notBefore, lane.idleUntil)
        if ready.microseconds < .max { want(max(ready, rest)) }
      }
    }
    return wake
  }
}

extension Lane {
  func reading(_ policy: SyncPolicy) -> RangeReading {
    RangeReading(kind: id.kind, paging: outline.paging, policy: policy)
  }
}
