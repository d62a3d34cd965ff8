public import Ledger

/// One value that decides which call may go out when, over all venues, addresses and keys.
///
/// It never waits and knows no clock: `submit` puts work in line, `next(at:)` gives what may be
/// sent now and when to ask again, `finished` tells how a call went. Points count against an
/// allowance from the moment a call is let go until a whole window after its answer, since the venue
/// counts it somewhere in between; so no window of the venue, wherever it begins, holds more than
/// its capacity. Times given must not go back; one that does is taken as the latest one seen.
///
/// Only calls of priority `order` can hold the others up for ever: of the rest, the one that has
/// waited longest gets a turn after every sixteen that overtook it.
///
/// Calls that follow on each other's answers can only be made one at a time. So that they need not
/// stand still whenever others have used an allowance up at once, the others leave of it what such a
/// chain can use until enough has come back: see `Ticket.followers`.
public struct Limiter: Sendable {
  /// What can be set about the rules.
  public struct Options: Sendable {
    /// The share of every allowance kept for orders; half of it also for interactive calls.
    public var reservePercent = 10
    /// Nothing is kept of an allowance that is whole again within fewer seconds than this.
    ///
    /// Whoever is more urgent goes first there and waits that long at most.
    public var reserveSecondsLeast = 0
    /// Room is left for a chain of calls only in allowances that are whole again within so many
    /// seconds, so that nobody waits longer for it.
    public var chainSecondsMost = 5
    /// How many tickets may wait.
    public var waitingMost = 100_000
    /// How many calls may be under way at one venue, orders apart.
    public var inFlightMost = 32
    /// After how many failures in a row a venue is left alone.
    public var breaksAfter = 5
    /// The first pause after "slow down" or a break, in seconds; it doubles each time.
    public var pauseSeconds = 2
    /// The longest such pause, in seconds.
    public var pauseSecondsMost = 300
    /// The first pause after a ban that names none, in seconds; it doubles each time.
    public var banSeconds = 120
    /// The longest pause that is believed, in seconds: three days.
    ///
    /// Source: "from 2 minutes to 3 days",
    /// https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits
    public var banSecondsMost = 259_200
    /// Makes the usual options.
    public init() {}
  }

  let options: Options
  var venues: [String: VenueLine] = [:]
  /// Names in the order they became known, so that nothing depends on hashing.
  var venueNames: [String] = []
  var allowances: [Allowance] = []
  var places: [Allowance.ID: Int] = [:]
  /// Which venue stands for those that share a bucket, by the asking venue and the bucket's name.
  var owners: [Allowance.ID: String] = [:]
  var waiting: [UInt64: Held] = [:]
  var flying: [UInt64: Held] = [:]
  var lanes: [LaneKey: Lane] = [:]
  /// Which ticket answers for a coalescing key.
  var leaders: [ShareKey: UInt64] = [:]
  /// The leader of each ticket that joined one.
  var joined: [UInt64: UInt64] = [:]
  /// How many calls of a group were let go while older ones of it waited.
  var overtakings: [String: Int] = [:]
  var sequence: UInt64 = 0
  var earliestDeadline: Instant?
  var latest = Instant(microseconds: .min)

  /// Makes a limiter that knows no venue yet.
  public init(options: Options = Options()) {
    self.options = options
  }

  /// Tells a venue's limits; told again, the new ones count from now on.
  ///
  /// Tell of all venues that share allowances before the first call to any of them.
  public mutating func know(_ venue: String, _ limits: Limits) { know([(venue, limits)]) }

  /// Tells the limits of several venues at once, which takes hardly longer than those of one.
  public mutating func know(_ all: [(venue: String, limits: Limits)]) {
    for (venue, limits) in all {
      if venues[venue] == nil { venueNames.append(venue) }
      var line = venues[venue] ?? VenueLine(limits: limits)
      line.limits = limits
      venues[venue] = line
    }
    owners = [:]
    group()
    for index in allowances.indices {
      let id = allowances[index].id
      let buckets = sharers(of: id.owner, id.name)
      if let first = buckets.first { allowances[index].follow(first, capacity: least(buckets)) }
    }
  }

  /// Puts a call in line.
  public mutating func submit(_ ticket: Ticket, at now: Instant) -> Submission {
    let now = forward(now)
    guard let line = venues[ticket.venue] else { return .refused(.unknownVenue) }
    guard waiting[ticket.id] == nil, flying[ticket.id] == nil, joined[ticket.id] == nil else {
      return .refused(.knownTicket)
    }
    guard waiting.count + joined.count < options.waitingMost else { return .refused(.full) }
    if let leader = join(ticket) { return .joined(leader) }
    var draws: [Draw] = []
    for cost in ticket.costs.isEmpty ? line.usualCost : ticket.costs {
      guard let bucket = line.limits.buckets.first(where: { $0.name == cost.bucket }) else {
        return .refused(.unknownBucket(cost.bucket))
      }
      let place = place(of: bucket, venue: ticket.venue, key: ticket.key)
      let already = draws.first { $0.place == place }?.points ?? 0
      guard cost.points <= allowances[place].capacity - already else {
        return .refused(.beyondCapacity(cost.bucket))
      }
      add(Draw(place: place, points: max(0, cost.points)), to: &draws)
    }
    enqueue(Held(ticket: ticket, draws: draws, sequence: nextSequence(), since: now))
    for draw in draws where ticket.followers > 0 {
      allowances[draw.place].begin(
        Chain(
          key: ticket.key, ticket: ticket.id, followers: ticket.followers, points: draw.points))
    }
    return .queued
  }

  /// What may be sent now, what has waited too long, and when to ask again.
  ///
  /// Ask also after every `submit` and `finished`. `wakeAt` is `nil` where only those can help.
  public mutating func next(at now: Instant) -> Turn {
    let now = forward(now)
    for index in allowances.indices { allowances[index].settle(at: now) }
    var turn = Turn(ready: [], expired: expire(at: now), wakeAt: nil)
    var pass = Pass(heads: heads())
    while let choice = pass.choose(overtakings) {
      consider(choice, &pass, &turn, at: now)
    }
    if let deadline = earliestDeadline { turn.wake(at: deadline) }
    return turn
  }

  /// Tells how a call that was let go ended.
  ///
  /// - Parameters:
  ///   - id: The ticket's number.
  ///   - outcome: How it ended.
  ///   - now: When.
  ///   - generator: Spreads the pauses, so that programs behind one address part.
  /// - Returns: The tickets that share the answer, and the pause that it brought.
  public mutating func finished(
    _ id: UInt64, _ outcome: Outcome, at now: Instant,
    using generator: inout some RandomNumberGenerator
  ) -> Finished {
    let now = forward(now)
    guard let held = flying.removeValue(forKey: id) else { return Finished() }
    release(held)
    venues[held.ticket.venue]?.inFlight -= 1
    for draw in held.draws {
      allowances[draw.place].finish(draw.points, counts: outcome.mayCount, at: now)
    }
    if case .answered = outcome { noteTrip(of: held, at: now) }
    leaveRoom(behind: held, at: now)
    var result = Finished(sharing: held.joiners.map(\.id))
    result.pausedUntil = learn(held, outcome, at: now, using: &generator)
    return result
  }

  /// Takes a ticket out; whoever shares it keeps it going.
  public mutating func withdraw(_ id: UInt64, at now: Instant) -> Withdrawal {
    let now = forward(now)
    if let leader = joined.removeValue(forKey: id) {
      waiting[leader]?.joiners.removeAll { $0.id == id }
      flying[leader]?.joiners.removeAll { $0.id == id }
      return .removed
    }
    if let held = flying[id] { return held.joiners.isEmpty ? .isUnderWay : .isShared }
    guard let held = waiting.removeValue(forKey: id) else { return .unknown }
    leave(held.lane)
    release(held)
    endChain(of: held, at: now)
    handOver(held, at: now)
    return .removed
  }
}

extension Limiter {
  mutating func forward(_ now: Instant) -> Instant {
    latest = max(latest, now)
    return latest
  }

  mutating func nextSequence() -> UInt64 {
    sequence &+= 1
    return sequence
  }

  private func add(_ draw: Draw, to draws: inout [Draw]) {
    if let known = draws.firstIndex(where: { $0.place == draw.place }) {
      draws[known].points += draw.points
    } else {
      draws.append(draw)
    }
  }

  /// Joins a ticket to one that asks the same, if there is one.
  private mutating func join(_ ticket: Ticket) -> UInt64? {
    guard let share = ShareKey(ticket), let leader = leaders[share] else { return nil }
    joined[ticket.id] = leader
    flying[leader]?.joiners.append(ticket)
    waiting[leader]?.joiners.append(ticket)
    if let held = waiting[leader], ticket.priority < held.ticket.priority {
      var raised = held
      raised.ticket.priority = ticket.priority
      enqueue(raised)
      leave(held.lane)
    }
    return leader
  }

  mutating func enqueue(_ held: Held) {
    waiting[held.ticket.id] = held
    if let share = ShareKey(held.ticket) { leaders[share] = held.ticket.id }
    lanes[held.lane, default: Lane()].ids.append(held.ticket.id)
    if let deadline = held.ticket.deadline {
      earliestDeadline = min(earliestDeadline ?? deadline, deadline)
    }
  }

  /// Notes that a ticket left a lane other than at its front; now and then sweeps such out.
  private mutating func leave(_ key: LaneKey) {
    lanes[key]?.strays += 1
    guard let lane = lanes[key], lane.strays > 64, lane.strays * 2 > lane.ids.count else { return }
    let ids = lane.ids.dropFirst(lane.first).filter { waiting[$0]?.lane == key }
    lanes[key] = Lane(ids: ids)
  }

  /// Notes how long an answer took.
  private mutating func noteTrip(of held: Held, at now: Instant) {
    let (trip, overflow) = now.microseconds.subtractingReportingOverflow(held.since.microseconds)
    guard !overflow, trip >= 0 else { return }
    let known = venues[held.ticket.venue]?.trip ?? trip
    venues[held.ticket.venue]?.trip = known - known / 8 + trip / 8
  }

  /// The next call of a chain comes when the answer is read and written down: until then its room
  /// is left, for as long as an answer takes.
  private mutating func leaveRoom(behind held: Held, at now: Instant) {
    endChain(of: held, at: now.later(byMicroseconds: venues[held.ticket.venue]?.trip ?? 0))
  }

  private mutating func endChain(of held: Held, at end: Instant) {
    for draw in held.draws where held.ticket.followers > 0 {
      allowances[draw.place].endChain(of: held.ticket.id, at: end)
    }
  }

  /// Forgets what a ticket that waits or flies no longer answers for.
  private mutating func release(_ held: Held) {
    if let share = ShareKey(held.ticket), leaders[share] == held.ticket.id {
      leaders[share] = nil
    }
    for joiner in held.joiners { joined[joiner.id] = nil }
  }

  /// Gives the first of those that shared a withdrawn ticket its place in line.
  private mutating func handOver(_ held: Held, at now: Instant) {
    guard let heir = held.joiners.first else { return }
    var next = Held(ticket: heir, draws: held.draws, sequence: held.sequence, since: held.since)
    next.joiners = Array(held.joiners.dropFirst())
    for joiner in next.joiners { joined[joiner.id] = heir.id }
    enqueue(next)
  }

  /// Takes out every ticket whose deadline has passed.
  private mutating func expire(at now: Instant) -> [Ticket] {
    guard let earliest = earliestDeadline, earliest <= now else { return [] }
    let late = waiting.values.filter { held in
      held.ticket.deadline.map { $0 <= now } ?? false
    }.sorted { $0.sequence < $1.sequence }
    earliestDeadline = nil
    for held in late {
      waiting[held.ticket.id] = nil
      leave(held.lane)
      release(held)
      endChain(of: held, at: now)
      handOver(held, at: now)
    }
    earliestDeadline = waiting.values.compactMap(\.ticket.deadline).min()
    return late.map(\.ticket)
  }
}
