import Ledger
import VenueKit

extension AccountSync {
  /// A lane's call failed: what kind of failure it is decides what happens next, here and nowhere
  /// else.
  mutating func failed(
    _ id: LaneID, _ fault: VenueFault, _ turn: inout Turn, answer: IncomingAnswer? = nil,
    call: Call? = nil
  ) {
    guard var lane = lanes.take(id) else { return }
    lane.activity = .idle
    busy.remove(id)
    lane.failures += 1
    lane.idleUntil = Instant(microseconds: .min)
    lanes[id] = lane
    if id.kind == .clock { releaseClockWaiters() }
    if id.kind == .clock || id.kind == .rights { wakeLanes() }
    turn.reports.insert(setup.account)
    switch fault {
    case .malformed(let path, let expected):
      malformed(id, "\(path): expected \(expected)", answer, call, &turn)
    case .unsigned(let reason):
      pause(LaneTrouble(.key, reason, at: turn.now), &turn)
      store(batch(id, &turn), next: nil, asked: nil, &turn)
    case .unsupported(let what): stop(id, .unsupported, what, [], &turn)
    case .refused(let refusal): refused(id, refusal, answer, &turn)
    }
  }

  private mutating func refused(
    _ id: LaneID, _ refusal: Refusal, _ answer: IncomingAnswer?, _ turn: inout Turn
  ) {
    let detail = "\(refusal.code) \(refusal.message)"
    // A list that is kept from the key is no loss where the ids are known.
    let isLasting = refusal.kind == .auth || refusal.kind == .definitive
    if id.kind == .accounts, isLasting, !parts.isEmpty {
      return stop(id, .unsupported, detail, [], &turn)
    }
    switch refusal.kind {
    case .retryable, .unknownOutcome:
      // Reading twice does no harm, so not knowing is no worse than failing.
      rest(id, .weather, detail, answer, &turn)
    case .rate:
      rateRefusals += 1
      rest(id, .rate, detail, nil, &turn)
      let own = turn.later(
        least: turn.policy.rateLeast, most: turn.policy.backoffMost, failures: rateRefusals)
      restsUntil = max(restsUntil, asked(answer, turn) ?? own)
    case .banned:
      rest(id, .banned, detail, nil, &turn)
      let refusals = (turn.venues[venue.id]?.banRefusals ?? 0) + 1
      let own = turn.later(
        least: turn.policy.banLeast, most: turn.policy.banMost, failures: refusals)
      turn.venues[venue.id]?.banRefusals = refusals
      let until = asked(answer, turn) ?? own
      turn.venues[venue.id]?.restsUntil = until
    case .clock: clockRefused(id, detail, &turn)
    case .auth: keyRefused(id, detail, &turn)
    case .definitive, .funds, .orderNotFound: definitelyRefused(id, detail, &turn)
    }
  }

  /// The lane goes on later by itself; others are not touched.
  private mutating func rest(
    _ id: LaneID, _ kind: LaneTrouble.Kind, _ detail: String, _ answer: IncomingAnswer?,
    _ turn: inout Turn
  ) {
    guard let lane = lanes[id] else { return }
    let own = turn.later(
      least: turn.policy.backoffLeast, most: turn.policy.backoffMost, failures: lane.failures)
    lanes[id]?.trouble = LaneTrouble(kind, detail, at: turn.now)
    let until = max(own, asked(answer, turn) ?? own)
    lanes[id]?.notBefore = until
  }

  /// The time the venue asks us to wait for: `Retry-After` in seconds (RFC 9110, 10.2.3).
  private func asked(_ answer: IncomingAnswer?, _ turn: Turn) -> Instant? {
    guard let text = answer?.header("retry-after"), let seconds = Int64(text), seconds > 0
    else { return nil }
    return turn.now.advanced(bySeconds: min(seconds, turn.policy.banMost))
  }

  /// The clock is read, then it is tried once more; after that it rests like bad weather.
  private mutating func clockRefused(_ id: LaneID, _ detail: String, _ turn: inout Turn) {
    lanes[id]?.clockRefusals += 1
    lanes[id]?.trouble = LaneTrouble(.clock, detail, at: turn.now)
    guard lanes[id]?.clockRefusals == 1 else {
      lanes[id]?.notBefore = turn.later(
        least: turn.policy.backoffMost, most: turn.policy.backoffMost, failures: 1)
      lanes[id]?.clockRefusals = 0
      return
    }
    let clock = order.first { $0.kind == .clock }
    guard let clock, clock != id, lanes[clock]?.isStopped == false else {
      lanes[id]?.notBefore = turn.now.advanced(bySeconds: 1)
      return
    }
    lanes[id]?.waitsForClock = true
    lanes[clock]?.isNudged = true
    lanes[clock]?.idleUntil = Instant(microseconds: .min)
  }

  /// The key may lack a right for this lane only; a key that nothing took, or that may not even
  /// read balances, is no use to any.
  private mutating func keyRefused(_ id: LaneID, _ detail: String, _ turn: inout Turn) {
    let trouble = LaneTrouble(.key, detail, at: turn.now)
    let others = order.contains { other in
      other != id && other.kind == .balances && lanes[other]?.lastDone != nil
        && lanes[other]?.trouble == nil
    }
    if !wasAccepted || id.kind == .balances && !others { pause(trouble, &turn) }
    stop(id, .key, detail, [], &turn)
  }

  private mutating func definitelyRefused(
    _ id: LaneID, _ detail: String, _ turn: inout Turn
  ) {
    // A page's name may have grown old: the range is begun anew, once.
    if let task = lanes[id]?.state.task, task.cursor != nil, !task.isRestarted {
      var again = RangeTask(task.whole, isForward: true)
      again.isRestarted = true
      lanes[id]?.state.task = again
      rest(id, .weather, detail, nil, &turn)
      return
    }
    // The stretch may have been longer than the venue takes, though it does not say so.
    if let lane = lanes[id], let task = lane.state.task, let sure = lane.outline.paging.sureWindow,
      task.whole.seconds > Int64(sure)
    {
      lanes[id]?.state.task = nil
      lanes[id]?.state.window = Int64(sure)
      rest(id, .weather, detail, nil, &turn)
      return
    }
    if let lane = lanes[id], lane.gatheredPages > 0 {
      lanes[id]?.dropGathered()
      rest(id, .weather, detail, nil, &turn)
      return
    }
    stop(id, .refused, detail, [], &turn)
  }

  /// A torn answer comes whole the next time; one that stays odd sets the lane aside and is kept.
  private mutating func malformed(
    _ id: LaneID, _ detail: String, _ answer: IncomingAnswer?, _ call: Call?, _ turn: inout Turn
  ) {
    lanes[id]?.malformed += 1
    guard lanes[id]?.malformed ?? 0 >= turn.policy.malformedMost else {
      return rest(id, .malformed, detail, nil, &turn)
    }
    var payloads: [SyncPayload] = []
    if let answer, let call {
      payloads.append(SyncPayload(call, answer, isUnreadable: true))
    }
    stop(id, .malformed, detail, payloads, &turn)
  }

  /// The lane waits for somebody; that it does is stored, so that it is not tried for ever.
  mutating func stop(
    _ id: LaneID, _ kind: LaneTrouble.Kind, _ detail: String, _ payloads: [SyncPayload],
    _ turn: inout Turn
  ) {
    guard let lane = lanes[id] else { return }
    let trouble = LaneTrouble(kind, detail, at: turn.now)
    var next = lane.state
    next.stop = trouble
    lanes[id]?.trouble = trouble
    lanes[id]?.dropGathered()
    var batch = batch(id, &turn)
    batch.payloads = payloads
    store(batch, next: next, asked: nil, &turn)
  }

  /// Nothing more is asked for this account until somebody says so.
  mutating func pause(_ trouble: LaneTrouble, _ turn: inout Turn) {
    memo.trouble = trouble
    memoVersion += 1
    turn.reports.insert(setup.account)
  }
}

// MARK: - Wishes from outside

extension AccountSync {
  /// Nothing is known of a call's answer: the lane stands where it stood.
  mutating func cancelled(_ id: LaneID, _ turn: inout Turn) {
    guard case .calling? = lanes[id]?.activity else { return }
    lanes[id]?.activity = .idle
    busy.remove(id)
    lanes[id]?.idleUntil = Instant(microseconds: .min)
    lanes[id]?.notBefore = turn.now.advanced(bySeconds: turn.policy.backoffLeast)
    if id.kind == .clock { releaseClockWaiters() }
  }

  /// A stream said something: the lanes that tell it for certain have a look.
  mutating func streamed(_ events: [StreamEvent], _ turn: inout Turn) {
    for event in events {
      switch event {
      case .fill(let fill):
        nudge { $0.kind == .fills && ($0.subject.isEmpty || $0.subject == fill.market) }
        nudge { $0.kind == .balances || $0.kind == .positions }
      case .balance, .order: nudge { $0.kind == .balances || $0.kind == .positions }
      case .loggedIn, .subscribed:
        // What happened while nobody listened.
        nudge { $0.kind == .fills && $0.subject.isEmpty || $0.kind == .balances }
      case .ticker, .trade, .book, .reply, .refused, .reconnect: break
      }
    }
  }

  private mutating func nudge(_ isMeant: (LaneID) -> Bool) {
    for id in order where isMeant(id) { lanes[id]?.isNudged = true }
  }

  /// Reads a stretch again.
  mutating func requery(_ span: Span, _ turn: inout Turn) {
    for id in order where id.kind.isHistory {
      lanes[id]?.state.again.insert(span)
      lanes[id]?.state.gaps.removeAll { $0.reason == .burst && !$0.span.intersection(span).isEmpty }
      lanes[id]?.idleUntil = Instant(microseconds: .min)
      lanes[id]?.told = [:]
      lanes[id]?.toldRefusals = []
    }
    turn.reports.insert(setup.account)
  }

  /// Tries again what waits for somebody.
  mutating func retry(_ wanted: LaneID?, _ turn: inout Turn) {
    if wanted == nil, memo.trouble != nil {
      memo.trouble = nil
      memoVersion += 1
    }
    if wanted == nil { restsUntil = turn.now }
    for id in order where wanted == nil || wanted == id {
      let wasStopped = lanes[id]?.isStopped == true
      lanes[id]?.state.stop = nil
      lanes[id]?.recover()
      lanes[id]?.notBefore = Instant(microseconds: .min)
      lanes[id]?.idleUntil = Instant(microseconds: .min)
      if !id.kind.isHistory { lanes[id]?.lastDone = nil }
      // That it was stopped is stored, so that it no longer is must be, too.
      if wasStopped, let lane = lanes[id], lane.isIdle {
        store(batch(id, &turn), next: lane.state, asked: nil, &turn)
      }
    }
    turn.reports.insert(setup.account)
  }

  /// Markets or assets became known: lanes may begin, and there may be more of them.
  mutating func marketsChanged(_ turn: inout Turn) {
    let table = turn.venues[venue.id]?.table ?? MarketTable()
    addSubjects(markets: table)
    readListed(table)
    wakeLanes()
    turn.reports.insert(setup.account)
  }

  /// Executions of markets that are listed by now are read again.
  private mutating func readListed(_ table: MarketTable) {
    for id in order where id.kind.isHistory {
      guard let state = lanes[id]?.state, !state.unlisted.isEmpty, lanes[id]?.isIdle == true
      else { continue }
      for (market, time) in state.unlisted where table.market(market) != nil {
        lanes[id]?.state.unlisted[market] = nil
        let end = max(state.covered.end ?? time, time.advanced(bySeconds: 1))
        lanes[id]?.state.again.insert(Span(from: Instant(seconds: time.seconds), to: end))
        lanes[id]?.idleUntil = Instant(microseconds: .min)
      }
    }
  }

  /// Has every lane looked at again.
  mutating func wakeLanes() {
    for id in order where lanes[id]?.idleUntil == Instant(microseconds: .max) {
      lanes[id]?.idleUntil = Instant(microseconds: .min)
    }
  }
}
