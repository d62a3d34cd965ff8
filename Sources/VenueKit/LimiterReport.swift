public import Ledger

extension Limiter {
  /// One allowance for the screen.
  public struct BucketState: Hashable, Sendable {
    /// The venue's name of it.
    public var name: String
    /// The venue; of several that share it, the first by name.
    public var venue: String
    /// The name of the API key it belongs to; `nil` where it belongs to the address.
    public var key: String?
    /// How many points it holds.
    public var capacity: Int
    /// How many count now, rounded up.
    public var used: Int
    /// How many of the rest are kept for orders.
    public var reserve: Int
    /// When everything will have come back; `nil` while nothing is used.
    public var refillsAt: Instant?
    /// Until when the venue asked us to wait; `nil` for not at all.
    public var pausedUntil: Instant?
  }

  /// One venue for the screen.
  public struct VenueState: Hashable, Sendable {
    /// Whether the venue is asked.
    public enum Health: Hashable, Sendable {
      /// It is; so many calls in a row failed.
      case open(failures: Int)
      /// It failed too often and is left alone for a while.
      case broken(until: Instant)
      /// One call finds out whether it works again.
      case probing
      /// It banned our address.
      case banned(until: Instant)
    }
    /// The venue's id.
    public var venue: String
    /// Whether it is asked.
    public var health: Health
    /// Calls in line.
    public var waiting: Int
    /// Calls under way.
    public var inFlight: Int
  }

  /// What the work in line will cost and when it will all have been let go.
  public struct Plan: Hashable, Sendable {
    /// The part of one venue.
    public struct Line: Hashable, Sendable {
      /// The venue's id.
      public var venue: String
      /// How many calls.
      public var calls: Int
      /// Points by bucket, by name; of keys together.
      public var costs: [Cost]
      /// When the last will have been let go, answers taking no time.
      public var doneAt: Instant
    }
    /// One line a venue with work, by name.
    public var lines: [Line]
    /// How many calls.
    public var calls: Int
    /// When the last of all will have been let go; `nil` without work.
    public var doneAt: Instant?
  }

  /// Every allowance drawn from so far, by venue, name and key.
  public func buckets(at now: Instant) -> [BucketState] {
    let now = max(now, latest)
    return allowances.indices.map { place in
      let allowance = allowances[place]
      let paused = allowance.pausedUntil.flatMap { $0 > now ? $0 : nil }
      return BucketState(
        name: allowance.id.name, venue: allowance.id.owner, key: allowance.id.key,
        capacity: allowance.capacity, used: Int(allowance.used(at: now).rounded(.up)),
        reserve: allowance.capacity - allowed(.backfill, place),
        refillsAt: allowance.isWholeAt(now), pausedUntil: paused)
    }.sorted { ($0.venue, $0.name, $0.key ?? "") < ($1.venue, $1.name, $1.key ?? "") }
  }

  /// Every known venue, by name.
  public func venueStates(at now: Instant) -> [VenueState] {
    let now = max(now, latest)
    var waits: [String: Int] = [:]
    for held in waiting.values { waits[held.ticket.venue, default: 0] += 1 }
    return venueNames.sorted().compactMap { name in
      guard let line = venues[name] else { return nil }
      return VenueState(
        venue: name, health: health(line, at: now), waiting: waits[name, default: 0],
        inFlight: line.inFlight)
    }
  }

  private func health(_ line: VenueLine, at now: Instant) -> VenueState.Health {
    if let banned = line.bannedUntil, banned > now { return .banned(until: banned) }
    switch line.breaker {
    case .closed(let failures): return .open(failures: failures)
    case .open(let until, _): return .broken(until: until)
    case .probing: return .probing
    }
  }

  /// Forecasts the work in line, and what more would do to it before it is submitted.
  ///
  /// - Parameters:
  ///   - tickets: Calls thought of but not submitted.
  ///   - now: The present.
  /// - Returns: Calls, points and the time of the last; tickets that would be refused are left out.
  public func plan(adding tickets: [Ticket] = [], at now: Instant) -> Plan {
    var trial = self
    for ticket in tickets { _ = trial.submit(ticket, at: now) }
    return trial.planned(at: max(now, latest))
  }

  private func planned(at now: Instant) -> Plan {
    var calls: [String: Int] = [:]
    var costs: [String: [String: Int]] = [:]
    var draws: [Int: Int] = [:]
    var touched: [String: Set<Int>] = [:]
    for held in waiting.values {
      let venue = held.ticket.venue
      calls[venue, default: 0] += 1
      for draw in held.draws {
        draws[draw.place, default: 0] += draw.points
        touched[venue, default: []].insert(draw.place)
        costs[venue, default: [:]][allowances[draw.place].id.name, default: 0] += draw.points
      }
    }
    let lines = calls.keys.sorted().map { venue in
      var done = max(now, venues[venue]?.bannedUntil ?? now)
      if case .open(let until, _) = venues[venue]?.breaker { done = max(done, until) }
      for place in touched[venue] ?? [] {
        let drained = allowances[place].drains(
          draws[place, default: 0], allowed: allowed(.backfill, place), at: now)
        done = max(done, drained)
      }
      let sums = (costs[venue] ?? [:]).sorted { $0.key < $1.key }.map { Cost($0.key, $0.value) }
      return Plan.Line(venue: venue, calls: calls[venue, default: 0], costs: sums, doneAt: done)
    }
    return Plan(lines: lines, calls: waiting.count, doneAt: lines.map(\.doneAt).max())
  }
}

extension Limiter {
  /// Finds, for every venue, the first by name of all that are linked with it.
  mutating func group() {
    for name in venueNames {
      let first = linked(name) { _ in true }.min() ?? name
      venues[name]?.group = first
    }
  }

  /// All known venues linked with one by buckets that pass, itself included.
  private func linked(_ start: String, by passes: (LimitBucket) -> Bool) -> Set<String> {
    var found: Set<String> = [start]
    var rest = [start]
    while let venue = rest.popLast() {
      for other in venueNames where !found.contains(other) {
        guard isLinked(venue, other, passes) || isLinked(other, venue, passes) else { continue }
        found.insert(other)
        rest.append(other)
      }
    }
    return found
  }

  private func isLinked(_ a: String, _ b: String, _ passes: (LimitBucket) -> Bool) -> Bool {
    venues[a]?.limits.buckets.contains { passes($0) && $0.sharedWith.contains(b) } == true
  }

  /// The buckets of one name of all venues that share it.
  func sharers(of owner: String, _ name: String) -> [LimitBucket] {
    linked(owner) { $0.name == name }.sorted().compactMap { venue in
      venues[venue]?.limits.buckets.first { $0.name == name }
    }
  }

  func least(_ buckets: [LimitBucket]) -> Int {
    buckets.map(\.capacity).min() ?? 1
  }

  /// Where the allowance is that a call draws from; made at its first use.
  mutating func place(of bucket: LimitBucket, venue: String, key: String) -> Int {
    let asked = Allowance.ID(owner: venue, name: bucket.name, key: nil)
    let owner = owners[asked] ?? linked(venue) { $0.name == bucket.name }.min() ?? venue
    owners[asked] = owner
    let key = bucket.scope == .key ? key : nil
    let id = Allowance.ID(owner: owner, name: bucket.name, key: key)
    if let place = places[id] { return place }
    var allowance = Allowance(id: id)
    allowance.follow(bucket, capacity: least(sharers(of: owner, bucket.name)))
    allowances.append(allowance)
    places[id] = allowances.count - 1
    return allowances.count - 1
  }
}
