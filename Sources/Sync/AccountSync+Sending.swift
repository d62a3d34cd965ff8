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
    guard free.contains(where: { $0 > 0 }) else { return }
    for lane in mostUrgent(free, turn) {
      guard memo.trouble == nil, turn.now >= restsUntil else { return }
      begin(lane.id, lane.tier, &turn)
    }
  }

  /// How many calls of a line may be under way.
  private func mostCalls(_ policy: SyncPolicy) -> Int {
    venue.needsGrowingNonce ? 1 : policy.callsAtOnce
  }

  private typealias Due = (tier: LaneTier, rank: Int, served: Int, id: LaneID)

  /// The lanes to be served next, at most so many of each line.
  ///
  /// What is in the middle of its pages goes first: they can only be read one after the other, so
  /// that what has many would be left alone at the end, and their names may grow old. Every fourth
  /// turn goes to whoever has waited longest.
  private mutating func mostUrgent(_ free: [Int], _ turn: Turn) -> [Due] {
    let isFair = served.isMultiple(of: 4)
    var due: [[Due]] = Array(repeating: [], count: free.count)
    for id in order {
      guard let tier = tierIfDue(id, turn), let index = lanes.index(forKey: id) else { continue }
      let line = lanes.values[index].line
      guard free[line] > 0 else { continue }
      let isBegun = lanes.values[index].state.task.map { $0.pages > 0 } ?? false
      let lane: Due = (tier, isBegun || isFair ? 0 : 1, lanes.values[index].served, id)
      let place = due[line].firstIndex {
        (lane.tier, lane.rank, lane.served) < ($0.tier, $0.rank, $0.served)
      }
      guard let place else {
        if due[line].count < free[line] { due[line].append(lane) }
        continue
      }
      due[line].insert(lane, at: place)
      if due[line].count > free[line] { due[line].removeLast() }
    }
    return due.flatMap { $0 }.sorted {
      ($0.tier, $0.rank, $0.served, $0.id) < ($1.tier, $1.rank, $1.served, $1.id)
    }
  }

  private mutating func tierIfDue(_ id: LaneID, _ turn: Turn) -> LaneTier? {
    // Looked at in place: of thousands of lanes hardly any has something to do.
    guard let place = lanes.index(forKey: id), lanes.values[place].isIdle,
      !lanes.values[place].isStopped, turn.now >= lanes.values[place].notBefore,
      turn.now >= lanes.values[place].idleUntil || lanes.values[place].isNudged
    else { return nil }
    if let tier = lanes.values[place].readyTier { return tier }
    guard var lane = lanes.removeValue(forKey: id) else { return nil }
    defer { lanes[id] = lane }
    switch readiness(&lane, turn) {
    case .now(let tier):
      lane.readyTier = tier
      return tier
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
      guard id.kind == .accounts, let lane = lanes[id] else { return false }
      return lane.lastDone == nil && !lane.isStopped
    }
  }

  /// Whether all lanes of a kind were read, or cannot be for the time being.
  private func wasTried(_ kind: LaneKind) -> Bool {
    views.allSatisfy { id in
      guard id.kind == kind, let lane = lanes[id] else { return true }
      return lane.lastDone != nil || lane.trouble != nil
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
    guard var lane = lanes[id] else { return }
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
      guard callsUnderWay[lane.line] < mostCalls(turn.policy) else { return }
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
            id: number, account: setup.account, venue: venue.id, lane: id, tier: tier, ask: ask,
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
  func nextWake(_ policy: SyncPolicy, _ venueMemo: VenueMemo, _ now: Instant) -> Instant? {
    var wake: Instant?
    func want(_ time: Instant) {
      wake = min(wake ?? time, time)
    }
    guard memo.trouble == nil else { return nil }
    let rest = max(restsUntil, venueMemo.restsUntil)
    let most = mostCalls(policy)
    let isFull = callsUnderWay.map { $0 >= most }
    for id in busy {
      guard case .calling(let calling)? = lanes[id]?.activity else { continue }
      want(calling.since.advanced(bySeconds: policy.patience))
    }
    guard isFull.contains(false) else { return wake }
    for place in lanes.indices {
      guard !isFull[lanes.values[place].line], lanes.values[place].isIdle,
        !lanes.values[place].isStopped, !lanes.values[place].waitsForClock
      else { continue }
      let least = lanes.values[place].notBefore
      let isNudged = lanes.values[place].isNudged
      let ready = isNudged ? least : max(least, lanes.values[place].idleUntil)
      if ready.microseconds < .max { want(max(ready, rest)) }
    }
    return wake
  }
}

extension Lane {
  func reading(_ policy: SyncPolicy) -> RangeReading {
    RangeReading(
      kind: id.kind, paging: outline.paging, policy: policy, histories: feed.histories)
  }
}
