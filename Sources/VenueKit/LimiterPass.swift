import Ledger

/// One look over the lanes: which head is next, and what others must leave alone for it.
struct Pass {
  /// A lane and its first ticket.
  struct Head {
    var lane: LaneKey
    var id: UInt64
    var group: String
    var sequence: UInt64
    var isBlocked = false
    /// Its venue or allowance rests, so no turn can help it.
    var isResting = false
  }
  /// A head to try; `isTurn` where it was overtaken so often that nothing is kept from it.
  struct Choice {
    var index: Int
    var isTurn: Bool
  }

  var heads: [Head]
  /// Allowances that somebody more urgent or older waits for.
  var barred: Set<Int> = []
  /// Allowances where such a one only leaves room for a chain.
  var barredBesideChains: Set<Int> = []
  /// Points that such a one will draw elsewhere once it goes.
  var holds: [Int: Int] = [:]
  /// Groups whose turn was tried in vain.
  private var turnsTried: Set<String> = []
  private static let overtakingsMost = 16

  init(heads: [Head]) { self.heads = heads }

  /// The next head worth trying; `nil` when there is none.
  mutating func choose(_ overtakings: [String: Int]) -> Choice? {
    var best: Int?
    for index in heads.indices where !heads[index].isBlocked {
      guard let known = best else {
        best = index
        continue
      }
      if isBefore(heads[index], heads[known]) { best = index }
    }
    guard let best else { return nil }
    let group = heads[best].group
    guard heads[best].lane.priority != .order,
      overtakings[group, default: 0] >= Pass.overtakingsMost, turnsTried.insert(group).inserted,
      let oldest = oldest(in: group)
    else { return Choice(index: best, isTurn: false) }
    return Choice(index: oldest, isTurn: true)
  }

  private func isBefore(_ a: Head, _ b: Head) -> Bool {
    (a.lane.priority, a.sequence) < (b.lane.priority, b.sequence)
  }

  private func oldest(in group: String) -> Int? {
    heads.indices.filter {
      heads[$0].group == group && heads[$0].lane.priority != .order && !heads[$0].isResting
    }.min { heads[$0].sequence < heads[$1].sequence }
  }

  /// A head rests; the turn it may have had goes to the next.
  mutating func close(_ choice: Choice) {
    heads[choice.index].isBlocked = true
    heads[choice.index].isResting = true
    if choice.isTurn { used(turnOf: heads[choice.index].group) }
  }

  /// A turn was used: the next one may be given in the same look.
  mutating func used(turnOf group: String) { turnsTried.remove(group) }

  /// Whether something less urgent of the group waits, or something older that leaves room for it.
  func isOvertaking(_ head: Head) -> Bool {
    heads.contains {
      guard $0.group == head.group, $0.id != head.id else { return false }
      return $0.lane.priority > head.lane.priority
        || head.lane.isChain && $0.sequence < head.sequence
    }
  }
}

extension Limiter {
  /// The first ticket of every lane; empty lanes are forgotten.
  mutating func heads() -> [Pass.Head] {
    var heads: [Pass.Head] = []
    for key in Array(lanes.keys) {
      if let head = head(of: key) { heads.append(head) } else { lanes[key] = nil }
    }
    return heads.sorted { $0.sequence < $1.sequence }
  }

  private mutating func head(of key: LaneKey) -> Pass.Head? {
    while let lane = lanes[key], lane.first < lane.ids.count {
      let id = lane.ids[lane.first]
      if let held = waiting[id], held.lane == key {
        return Pass.Head(
          lane: key, id: id, group: venues[key.venue]?.group ?? key.venue,
          sequence: held.sequence)
      }
      lanes[key]?.dropFirst()
    }
    return nil
  }

  /// Lets one head go, or notes why not.
  mutating func consider(
    _ choice: Pass.Choice, _ pass: inout Pass, _ turn: inout Turn, at now: Instant
  ) {
    let head = pass.heads[choice.index]
    guard let held = waiting[head.id], let line = venues[held.ticket.venue] else {
      pass.heads[choice.index].isBlocked = true
      return
    }
    if let gate = gate(line, held, at: now) {
      pass.close(choice)
      if case .until(let instant) = gate { turn.wake(at: instant) }
      return
    }
    let lacking = held.draws.filter { draw in
      !allowances[draw.place].fits(
        draw.points + pass.holds[draw.place, default: 0],
        allowed: allowed(held.ticket.priority, draw.place, isTurn: choice.isTurn)
          - (room(beside: held, draw.place, isTurn: choice.isTurn, at: now)?.points ?? 0))
    }
    let isBarred = held.draws.contains {
      pass.barred.contains($0.place)
        || !head.lane.isChain && pass.barredBesideChains.contains($0.place)
    }
    if lacking.isEmpty, !isBarred {
      letGo(held, at: now)
      turn.ready.append(held.ticket)
      advance(choice, &pass)
      return
    }
    pass.heads[choice.index].isBlocked = true
    turn.wake(at: wake(held, lacking, isTurn: choice.isTurn, at: now))
    guard !isBarred else { return }
    for draw in held.draws {
      if lacking.contains(draw) {
        let allowed = allowed(held.ticket.priority, draw.place, isTurn: choice.isTurn)
        if allowances[draw.place].fits(draw.points, allowed: allowed) {
          pass.barredBesideChains.insert(draw.place)
        } else {
          pass.barred.insert(draw.place)
        }
      } else {
        pass.holds[draw.place, default: 0] += draw.points
      }
    }
  }

  /// When what it lacks will be there; `nil` where only an answer can tell.
  private func wake(
    _ held: Held, _ lacking: [Draw], isTurn: Bool, at now: Instant
  ) -> Instant? {
    var last = now.later(byMicroseconds: 1)
    for draw in lacking {
      let allowed = allowed(held.ticket.priority, draw.place, isTurn: isTurn)
      if allowances[draw.place].fits(draw.points, allowed: allowed) {
        // Only kept for somebody else, whose own time is the one to wait for.
        guard let room = room(beside: held, draw.place, isTurn: isTurn, at: now) else { return nil }
        last = max(last, room.until)
        continue
      }
      guard let at = allowances[draw.place].fitsAt(draw.points, allowed: allowed, at: now) else {
        return nil
      }
      last = max(last, at)
    }
    return lacking.isEmpty ? nil : last
  }

  /// What stands in the way of a ticket besides its points.
  private enum Gate {
    case until(Instant)
    case untilAnswer
  }

  private func gate(_ line: VenueLine, _ held: Held, at now: Instant) -> Gate? {
    if let banned = line.bannedUntil, banned > now { return .until(banned) }
    let paused = held.draws.compactMap { allowances[$0.place].pausedUntil }.max()
    if let paused, paused > now { return .until(paused) }
    switch line.breaker {
    case .closed: break
    case .open(let until, _) where until > now: return .until(until)
    case .open: break
    case .probing: return .untilAnswer
    }
    let isFull = line.inFlight >= options.inFlightMost && held.ticket.priority != .order
    return isFull ? .untilAnswer : nil
  }

  /// How far a priority may fill an allowance.
  func allowed(_ priority: Priority, _ place: Int, isTurn: Bool = false) -> Int {
    let (capacity, kept) = (allowances[place].capacity, kept(place))
    switch priority {
    case _ where isTurn, .order: return capacity
    case .interactive: return capacity - kept / 2
    case .fresh, .backfill: return capacity - kept
    }
  }

  /// What a call leaves of an allowance for those that follow on each other's answers.
  private func room(
    beside held: Held, _ place: Int, isTurn: Bool, at now: Instant
  ) -> (points: Int, until: Instant)? {
    guard !isTurn, held.ticket.followers == 0, held.ticket.priority >= .fresh,
      allowances[place].secondsToWhole <= Double(options.chainSecondsMost),
      let trip = venues[held.ticket.venue]?.trip
    else { return nil }
    return allowances[place].room(trip: trip, at: now)
  }

  /// How many points of an allowance are kept for orders.
  private func kept(_ place: Int) -> Int {
    let (capacity, percent) = (allowances[place].capacity, max(0, min(options.reservePercent, 90)))
    guard percent > 0, capacity >= 5,
      allowances[place].secondsToWhole >= Double(options.reserveSecondsLeast)
    else { return 0 }
    return max(1, capacity / 100 * percent + capacity % 100 * percent / 100)
  }

  private mutating func letGo(_ held: Held, at now: Instant) {
    var held = held
    held.since = now
    waiting[held.ticket.id] = nil
    for draw in held.draws { allowances[draw.place].start(draw.points) }
    let venue = held.ticket.venue
    venues[venue]?.inFlight += 1
    if case .open(_, let step) = venues[venue]?.breaker {
      venues[venue]?.breaker = .probing(step: step)
      held.isProbe = true
    }
    flying[held.ticket.id] = held
  }

  /// Puts the next ticket of a lane in the place of the one that went.
  private mutating func advance(_ choice: Pass.Choice, _ pass: inout Pass) {
    let gone = pass.heads[choice.index]
    if choice.isTurn {
      overtakings[gone.group] = 0
      pass.used(turnOf: gone.group)
    } else if gone.lane.priority != .order, pass.isOvertaking(gone) {
      overtakings[gone.group, default: 0] += 1
    }
    lanes[gone.lane]?.dropFirst()
    if let next = head(of: gone.lane) {
      pass.heads[choice.index] = next
    } else {
      lanes[gone.lane] = nil
      pass.heads.remove(at: choice.index)
    }
  }
}
