import Ledger

/// One allowance as it is counted here: everything that may still count at the venue.
struct Allowance: Sendable {
  /// Which allowance: the venue that stands for all that share it, the bucket, and the key.
  struct ID: Hashable, Sendable {
    var owner: String
    var name: String
    var key: String?
  }

  let id: ID
  private(set) var capacity = 1
  private(set) var usedHeader: String?
  private var window: Int64?
  private var pointsPerSecond = 0.0
  /// Points of calls under way.
  private(set) var inFlight = 0
  /// Points of answered calls in a window, by when they no longer count, in order.
  private var leaving: [(at: Int64, points: Int)] = []
  /// The sum of `leaving`.
  private var left = 0
  /// Points that others used, as the venue told, and until when they are believed.
  private var foreign = (points: 0, until: Int64.min)
  /// For steady refills: the level at `levelAt`, without calls under way.
  private var level = 0.0
  private var levelAt = Int64.min
  /// Calls that follow on each other's answers, one chain a key.
  private var chains: [Chain] = []
  var pausedUntil: Instant?
  var pausedAt: Instant?
  var slowedInRow = 0

  init(id: ID) { self.id = id }

  /// Takes over a bucket's numbers.
  mutating func follow(_ bucket: LimitBucket, capacity: Int) {
    self.capacity = max(1, min(capacity, 1_000_000_000))
    usedHeader = bucket.usedHeader
    switch bucket.refill {
    case .window(let seconds):
      window = Int64(max(1, min(seconds, 10_000_000))) * 1_000_000
    case .steady(let perSecond):
      window = nil
      pointsPerSecond = perSecond > 0.000_001 ? min(perSecond, 1_000_000_000) : 0.000_001
    }
  }

  // MARK: - Chains

  /// A call of a chain is in line; one of the same key that was there before counts no more.
  mutating func begin(_ chain: Chain) {
    chains.removeAll { $0.key == chain.key }
    chains.append(chain)
  }

  /// Ends the chain of a ticket, unless another call of it is in line by then.
  mutating func endChain(of ticket: UInt64, at end: Instant) {
    for index in chains.indices where chains[index].ticket == ticket { chains[index].end = end }
  }

  /// Points that others leave for chains, and when there will be fewer; `nil` where nobody has to.
  ///
  /// A chain uses its points once a trip. Enough is left where until each time that points come back
  /// it can go on with those that came back before and those that are left; never more than half.
  /// Settle first.
  ///
  /// - Parameters:
  ///   - trip: How long an answer takes, in microseconds.
  ///   - now: The present.
  /// - Returns: How many points, and until when.
  func room(trip: Int64, at now: Instant) -> (points: Int, until: Instant)? {
    guard let window, trip > 0 else { return nil }
    var room: (points: Int, until: Instant)?
    for chain in chains where chain.end.map({ $0 > now }) ?? true {
      let most = min(chain.followers, capacity / 2 / max(1, chain.points))
      guard most > 0 else { continue }
      var back = 0
      var calls = 0
      var until = Instant(microseconds: .max)
      let last = now.later(byMicroseconds: window).later(byMicroseconds: trip)
      for (at, points) in leaving + [(last.microseconds, 0)] {
        let wait = max(1, at &- now.microseconds)
        let needed = Int(clamping: (wait - 1) / trip + 1) - back / max(1, chain.points)
        if needed > calls {
          calls = min(needed, most)
          let trips = Int64(clamping: calls - 1 + back / max(1, chain.points))
          until = Instant(microseconds: at &- trips &* trip)
        }
        back += points
      }
      if let end = chain.end { until = min(until, end) }
      let points = calls * chain.points
      if points > room?.points ?? 0 { room = (points, max(until, now.later(byMicroseconds: 1))) }
    }
    return room
  }

  /// How long it takes until all of it has come back, in seconds.
  var secondsToWhole: Double {
    window.map { Double($0) / 1_000_000 } ?? Double(capacity) / pointsPerSecond
  }

  /// Drops what no longer counts.
  mutating func settle(at now: Instant) {
    let time = now.microseconds
    if foreign.until <= time { foreign.points = 0 }
    if !chains.isEmpty { chains.removeAll { $0.end.map { $0 <= now } ?? false } }
    let gone = leaving.firstIndex { $0.at > time } ?? leaving.count
    for entry in leaving[..<gone] { left -= entry.points }
    leaving.removeFirst(gone)
    guard window == nil else { return }
    level = level(at: time)
    levelAt = max(levelAt, time)
  }

  private func level(at time: Int64) -> Double {
    guard time > levelAt else { return level }
    let (elapsed, overflow) = time.subtractingReportingOverflow(levelAt)
    guard !overflow else { return 0 }
    return max(0, level - Double(elapsed) / 1_000_000 * pointsPerSecond)
  }

  /// Points that count now.
  func used(at now: Instant) -> Double {
    guard window != nil else { return level(at: now.microseconds) + Double(inFlight) }
    let time = now.microseconds
    var sum = inFlight
    for entry in leaving where entry.at > time { sum += entry.points }
    if foreign.until > time { sum += foreign.points }
    return Double(sum)
  }

  /// As `used`, of a settled allowance, without walking the list.
  private var usedNow: Double {
    window == nil ? level + Double(inFlight) : Double(inFlight + left + foreign.points)
  }

  /// Up to what level a call may fill it, so that the call itself still fits.
  private func ceiling(_ points: Int, _ allowed: Int) -> Double {
    points <= allowed ? Double(allowed - points) : 0
  }

  /// Whether points fit now below `allowed`; more than that needs it empty.
  ///
  /// Settle first.
  func fits(_ points: Int, allowed: Int) -> Bool {
    usedNow <= ceiling(points, allowed) + 0.000_001
  }

  mutating func start(_ points: Int) {
    inFlight += points
  }

  /// Ends a call: from now on its points drain, or never counted.
  mutating func finish(_ points: Int, counts: Bool, at now: Instant) {
    settle(at: now)
    inFlight = max(0, inFlight - points)
    guard counts, points > 0 else { return }
    guard let window else {
      level += Double(points)
      return
    }
    // Ends are drawn together to a two-hundredth of the window, later rather than earlier, so that
    // the list stays short.
    let grain = window / 200
    let (end, overflow) = now.microseconds.addingReportingOverflow(window)
    let slot = overflow ? Int64.max : end.roundedUp(to: grain)
    left += points
    if let last = leaving.indices.last, leaving[last].at >= slot {
      leaving[last].points += points
    } else {
      leaving.append((slot, points))
    }
  }

  // MARK: - Memory

  /// How long points count after an answer, in seconds; `nil` where they come back steadily.
  var secondsOfWindow: Int64? { window.map { $0 / 1_000_000 } }

  /// All points that count, by when they no longer do, the earliest first; those of calls under way
  /// as if answered now.
  func ends(at now: Instant) -> [(at: Int64, points: Int)] {
    var ends = leaving.filter { $0.at > now.microseconds }
    if foreign.points > 0, foreign.until > now.microseconds {
      ends.append((foreign.until, foreign.points))
    }
    if inFlight > 0 {
      ends.append((now.later(byMicroseconds: window ?? 0).microseconds, inFlight))
    }
    return ends.sorted { $0.at < $1.at }
  }

  /// Points count that were used before, up to an instant; a window from now at the latest.
  mutating func recall(points: Int, until end: Int64, at now: Instant) {
    guard let window else { return }
    let end = min(end, now.later(byMicroseconds: window).microseconds)
    let points = min(points, capacity - left)
    guard points > 0, end > now.microseconds else { return }
    let place = leaving.firstIndex { $0.at > end } ?? leaving.endIndex
    leaving.insert((end, points), at: place)
    left += points
  }

  /// A level counts that was reached at an instant.
  mutating func recall(level: Double, since time: Int64, at now: Instant) {
    settle(at: now)
    guard window == nil else { return }
    let (elapsed, overflow) = now.microseconds.subtractingReportingOverflow(time)
    let gone = overflow ? 0 : Double(max(0, elapsed)) / 1_000_000 * pointsPerSecond
    self.level = max(self.level, min(level, Double(capacity)) - gone)
  }

  /// Learns how much the venue itself counts.
  mutating func venueSays(used: Int, at now: Instant) {
    settle(at: now)
    guard let window else {
      level = max(level, min(Double(used), Double(capacity)) - Double(inFlight))
      return
    }
    let others = min(used, capacity) - left - inFlight
    guard others > 0, others >= foreign.points else { return }
    foreign = (others, now.later(byMicroseconds: window).microseconds)
  }

  /// When points will fit, should nothing else happen; `nil` where a call under way is in the way.
  func fitsAt(_ points: Int, allowed: Int, at now: Instant) -> Instant? {
    let goal = ceiling(points, allowed)
    guard Double(inFlight) <= goal + 0.000_001 else { return nil }
    let time = now.microseconds
    guard window != nil else {
      let over = level(at: time) + Double(inFlight) - goal
      guard over > 0 else { return now }
      let microseconds = min(over / pointsPerSecond * 1_000_000, 1e17)
      return now.later(byMicroseconds: Int64(microseconds.rounded(.up)) + 1)
    }
    var sum = used(at: now)
    if sum <= goal { return now }
    var ends = leaving.filter { $0.at > time }
    if foreign.points > 0, foreign.until > time {
      ends.append((foreign.until, foreign.points))
      ends.sort { $0.at < $1.at }
    }
    for end in ends {
      sum -= Double(end.points)
      if sum <= goal { return Instant(microseconds: end.at) }
    }
    return nil
  }

  /// When so much more work than fits now could all have been let go, answers taking no time.
  func drains(_ points: Int, allowed: Int, at now: Instant) -> Instant {
    let start = max(now, pausedUntil ?? now)
    let allowed = max(1, allowed)
    if fitsAt(min(points, allowed), allowed: allowed, at: start) == start, points <= allowed {
      return start
    }
    guard let window else {
      let over = level(at: start.microseconds) + Double(inFlight) + Double(points) - Double(allowed)
      let microseconds = min(max(0, over) / pointsPerSecond * 1_000_000, 1e17)
      return start.later(byMicroseconds: Int64(microseconds.rounded(.up)))
    }
    let rounds = (points - 1) / allowed
    let rest = points - rounds * allowed
    let first = fitsAt(rest, allowed: allowed, at: start) ?? start.later(byMicroseconds: window)
    let (all, overflow) = window.multipliedReportingOverflow(by: Int64(rounds))
    return first.later(byMicroseconds: overflow ? .max : all)
  }

  /// When everything will have come back; `nil` where nothing is used.
  func isWholeAt(_ now: Instant) -> Instant? {
    guard used(at: now) > 0 else { return nil }
    guard let window else {
      let microseconds = min(used(at: now) / pointsPerSecond * 1_000_000, 1e17)
      return now.later(byMicroseconds: Int64(microseconds.rounded(.up)))
    }
    let flying = inFlight > 0 ? now.later(byMicroseconds: window) : now
    let last = Instant(microseconds: leaving.last?.at ?? .min)
    let told = Instant(microseconds: foreign.points > 0 ? foreign.until : .min)
    return max(flying, last, told)
  }
}

/// Calls that follow on each other's answers.
struct Chain: Sendable {
  /// The name of the API key.
  var key: String
  /// The one that is in line or under way.
  var ticket: UInt64
  /// How many follow on it.
  var followers: Int
  /// What each of them draws.
  var points: Int
  /// When room is no longer left for it; `nil` while its call is in line or under way.
  var end: Instant?
}

extension Int64 {
  /// The next multiple of `grain`, or the greatest number there is.
  fileprivate func roundedUp(to grain: Int64) -> Int64 {
    guard grain > 1 else { return self }
    let rest = self % grain
    guard rest != 0 else { return self }
    let (sum, overflow) = addingReportingOverflow(rest > 0 ? grain - rest : -rest)
    return overflow ? .max : sum
  }
}

extension Instant {
  /// The instant some microseconds later, or the last one there is.
  func later(byMicroseconds microseconds: Int64) -> Instant {
    let (sum, overflow) = self.microseconds.addingReportingOverflow(microseconds)
    return Instant(microseconds: overflow ? (microseconds < 0 ? .min : .max) : sum)
  }
}
