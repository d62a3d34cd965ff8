import Ledger
import VenueKit

extension Lane {
  /// Whether the account has no such thing here: nothing can ask for it, or the venue refuses it.
  ///
  /// What it does not tell cannot be waited for; the lane shows why.
  var isNotOffered: Bool {
    isStopped && (trouble?.kind == .unsupported || trouble?.kind == .refused)
  }
}

extension AccountSync {
  /// The account as it is now.
  func status(_ turn: Turn) -> AccountStatus {
    let venueMemo = turn.venues[venue.id] ?? VenueMemo()
    let statuses = order.compactMap { id in lanes[id].map { status(of: $0, turn) } }
    let rest = max(restsUntil, venueMemo.restsUntil)
    let counted = statuses.filter {
      ($0.lane.kind.isHistory || $0.lane.kind == .balances) && lanes[$0.lane]?.isNotOffered != true
    }
    let sum = counted.reduce(0.0) { $0 + $1.fraction }
    let asked = balancesAsked
    return AccountStatus(
      account: setup.account, venue: venue.id, trouble: memo.trouble,
      restsUntil: rest > turn.now ? rest : nil, lanes: statuses,
      isBalanceComplete: isBalanceComplete(asked, turn.policy), balancesTime: asked.min(),
      completeTo: completeTo(turn), fraction: counted.isEmpty ? 1 : sum / Double(counted.count),
      callsLeft: statuses.reduce(0) { $0 + $1.callsLeft },
      marketsLeft: order.count { $0.kind.isHistory && lanes[$0].map(isUnread) == true },
      unseen: venue.unseen, clockOffset: venueMemo.clockOffset, rights: rights)
  }

  /// Up to when history is known where balances are whole.
  func comparable(_ turn: Turn) -> Instant? {
    isBalanceComplete(balancesAsked, turn.policy) ? completeTo(turn) : nil
  }

  /// Whether history is not whole where balances are; `nil` where those are not.
  func knowsBalancesOnly(_ turn: Turn) -> Bool? {
    isBalanceComplete(balancesAsked, turn.policy) ? completeTo(turn) == nil : nil
  }

  /// Whether balances are whole and every lane of history is read.
  func isRead(_ turn: Turn) -> Bool {
    // Most often some lane is in the middle of it.
    guard !busy.contains(where: { lanes[$0]?.state.task != nil }) else { return false }
    let isWhole = order.allSatisfy { id in
      guard id.kind.isHistory, let lane = lanes[id], !lane.isNotOffered else { return true }
      return lane.state.round != nil && fraction(of: lane, turn) >= 1
    }
    return isWhole && isBalanceComplete(balancesAsked, turn.policy)
  }

  private func fraction(of lane: Lane, _ turn: Turn) -> Double {
    guard let round = lane.state.round else { return 0 }
    let reading = lane.reading(turn.policy)
    let time = turn.time(at: venue.id)
    let wanted = Span(from: reading.floor(time, start: start), to: reading.horizon(round))
    let left = Double(unread(lane, wanted).seconds) / Double(max(1, wanted.seconds))
    return max(0, min(1, 1 - left))
  }

  private func unread(_ lane: Lane, _ wanted: Span) -> SpanSet {
    var open = SpanSet([wanted])
    open.subtract(lane.state.covered)
    for gap in lane.state.gaps { open.remove(gap.span) }
    return open
  }

  private func isUnread(_ lane: Lane) -> Bool {
    lane.outline.scope == .eachMarket && lane.state.covered.isEmpty && !lane.isStopped
  }

  private func status(of lane: Lane, _ turn: Turn) -> LaneStatus {
    var status = LaneStatus(
      lane: lane.id, health: health(lane, turn), trouble: lane.trouble,
      covered: lane.state.covered, gaps: lane.state.gaps, fraction: 0, callsLeft: 0,
      rows: lane.state.rows, refused: lane.state.refused,
      lastRead: lane.state.lastRead ?? lane.lastDone)
    guard lane.id.kind.isHistory else {
      let isRead = lane.asked != nil || lane.lastDone != nil
      status.fraction = isRead ? 1 : 0
      status.callsLeft = isRead ? 0 : 1
      return status
    }
    let time = turn.time(at: venue.id)
    let reading = lane.reading(turn.policy)
    status.gaps += reading.lost(lane.state, time, start: start).map { SyncGap($0, .lookBack) }
    guard let round = lane.state.round else {
      status.callsLeft = 1
      return status
    }
    let wanted = Span(from: reading.floor(time, start: start), to: reading.horizon(round))
    let open = unread(lane, wanted)
    status.fraction = fraction(of: lane, turn)
    let window = reading.window(lane.state)
    status.callsLeft = open.spans.reduce(lane.state.task == nil ? 0 : 1) { sum, span in
      sum + Int(clamping: window.map { 1 + span.seconds / $0 } ?? 1)
    }
    return status
  }

  private func health(_ lane: Lane, _ turn: Turn) -> LaneHealth {
    if lane.isStopped || memo.trouble != nil { return .stopped }
    if !lane.isIdle || lane.state.task != nil { return lane.trouble == nil ? .running : rest(lane) }
    if lane.trouble != nil { return rest(lane) }
    let isRead = lane.id.kind.isHistory ? lane.state.lastRead != nil : lane.lastDone != nil
    guard isRead else { return .waiting }
    if lane.id.kind.isHistory {
      let open = lane.reading(turn.policy)
        .open(lane.state, turn.time(at: venue.id), start: start)
      return open.isEmpty ? .upToDate : .running
    }
    return .upToDate
  }

  private func rest(_ lane: Lane) -> LaneHealth { .resting(until: lane.notBefore) }

  // MARK: - Completeness

  private var balanceLanes: [Lane] {
    order.compactMap { $0.kind == .balances ? lanes[$0] : nil }
  }

  private var balancesAsked: [Instant] { balanceLanes.compactMap(\.asked) }

  /// Whether every balance lane was read, none is in trouble, and all of them in one round.
  private func isBalanceComplete(_ asked: [Instant], _ policy: SyncPolicy) -> Bool {
    let all = balanceLanes.filter { !$0.isNotOffered }
    guard !all.isEmpty, asked.count == all.count, let first = asked.min(), let last = asked.max()
    else { return false }
    guard all.allSatisfy({ !$0.isStopped && $0.trouble == nil }) else { return false }
    return Span(from: first, to: last).seconds <= 2 * policy.interval(of: .balances)
  }

  /// Up to when all history was read; markets that nothing points to must have been read once.
  func completeTo(_ turn: Turn) -> Instant? {
    var least: Instant?
    var hasHistory = false
    let time = turn.time(at: venue.id)
    for id in order where id.kind.isHistory {
      guard let lane = lanes[id], !lane.isNotOffered else { continue }
      hasHistory = true
      guard !lane.isStopped, lane.state.round != nil, let end = lane.state.covered.end else {
        return nil
      }
      let reading = lane.reading(turn.policy)
      var open = SpanSet([Span(from: reading.floor(time, start: start), to: end)])
      open.subtract(lane.state.covered)
      for gap in lane.state.gaps { open.remove(gap.span) }
      guard open.isEmpty else { return nil }
      if !lane.isSweep { least = min(least ?? end, end) }
    }
    return hasHistory ? least : nil
  }
}
