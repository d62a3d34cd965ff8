public import Ledger

extension Limiter {
  /// How urgent a call is; the first cases go first.
  public enum Priority: Int, Comparable, Hashable, Sendable, CaseIterable {
    /// An order, its cancelling, or the question what became of it.
    case order
    /// Somebody is looking at it.
    case interactive
    /// The newest facts.
    case fresh
    /// Old history and everything else.
    case backfill

    /// The more urgent one is less.
    public static func < (a: Priority, b: Priority) -> Bool { a.rawValue < b.rawValue }
  }

  /// What a call draws from one of its venue's buckets.
  public struct Cost: Hashable, Sendable {
    /// The bucket's name.
    public var bucket: String
    /// How many points.
    public var points: Int
    /// Makes a cost.
    public init(_ bucket: String, _ points: Int) {
      self.bucket = bucket
      self.points = points
    }
  }

  /// One call that wants to go out.
  public struct Ticket: Hashable, Sendable {
    /// The caller's own number for it; never used twice.
    public var id: UInt64
    /// The venue's id.
    public var venue: String
    /// A name of the API key, never the key; empty for public calls.
    public var key: String
    /// What it draws; empty means one point of the venue's first bucket.
    public var costs: [Cost]
    /// How urgent it is.
    public var priority: Priority
    /// Reads with equal texts at one venue and key are sent once; `nil` never shares.
    public var coalescing: String?
    /// When it has become pointless; from then on it is given back as expired.
    public var deadline: Instant?
    /// How many calls follow on the answer, one after another, that others should leave room for.
    ///
    /// It is 0 for a call like any other. The last of a chain has 1, or it would stand behind all
    /// others.
    public var followers: Int

    /// Makes a ticket.
    public init(
      id: UInt64, venue: String, key: String = "", costs: [Cost] = [], priority: Priority,
      coalescing: String? = nil, deadline: Instant? = nil, followers: Int = 0
    ) {
      self.id = id
      self.venue = venue
      self.key = key
      self.costs = costs
      self.priority = priority
      self.coalescing = coalescing
      self.deadline = deadline
      self.followers = followers
    }
  }

  /// What became of a submitted ticket.
  public enum Submission: Hashable, Sendable {
    /// It waits; `next` will give it out or back.
    case queued
    /// It shares the answer of that ticket and will not be given out itself.
    case joined(UInt64)
    /// It cannot be taken.
    case refused(Refusal)
  }

  /// Why a ticket was not taken.
  public enum Refusal: Hashable, Sendable {
    /// No limits were told of its venue.
    case unknownVenue
    /// The venue has no bucket of that name.
    case unknownBucket(String)
    /// It costs more than that bucket ever holds.
    case beyondCapacity(String)
    /// A ticket of its number is here already.
    case knownTicket
    /// Too many wait.
    case full
  }

  /// What `next` gives.
  public struct Turn: Hashable, Sendable {
    /// Calls to send now, in this order.
    public var ready: [Ticket]
    /// Calls that waited beyond their deadline; they were not sent.
    public var expired: [Ticket]
    /// When to ask again, if nothing happens before.
    public var wakeAt: Instant?

    mutating func wake(at instant: Instant?) {
      guard let instant else { return }
      wakeAt = min(wakeAt ?? instant, instant)
    }
  }

  /// How a call ended.
  public enum Outcome: Sendable {
    /// The venue answered.
    case answered(status: Int, headers: [(name: String, value: String)])
    /// The venue's own fault code says "too fast", whatever the status was.
    case slowed(until: Instant?)
    /// No answer came; `wasSent` tells whether the venue may have counted it.
    case failed(wasSent: Bool)
    /// We gave it up ourselves; this says nothing about the venue.
    case cancelled(wasSent: Bool)

    var mayCount: Bool {
      switch self {
      case .answered, .slowed: true
      case .failed(let wasSent), .cancelled(let wasSent): wasSent
      }
    }
  }

  /// What follows from a finished call.
  public struct Finished: Hashable, Sendable {
    /// The tickets that get the same answer.
    public var sharing: [UInt64] = []
    /// Until when its allowances or its venue rest because of this call.
    public var pausedUntil: Instant?
  }

  /// What became of a withdrawn ticket.
  public enum Withdrawal: Hashable, Sendable {
    /// It will not be given out, or shares nothing any more.
    case removed
    /// It was given out; stop the transfer and then say `finished`.
    case isUnderWay
    /// It was given out and others wait for its answer: let it go on.
    case isShared
    /// There is no such ticket.
    case unknown
  }
}

/// What a ticket draws, by place in the list of allowances.
struct Draw: Hashable, Sendable {
  var place: Int
  var points: Int
}

/// A ticket in line or under way.
struct Held: Sendable {
  var ticket: Limiter.Ticket
  var draws: [Draw]
  var sequence: UInt64
  /// When it was put in line; once let go, when it was let go.
  var since: Instant
  var joiners: [Limiter.Ticket] = []
  var isProbe = false

  var lane: LaneKey {
    LaneKey(
      priority: ticket.priority, venue: ticket.venue, places: draws.map(\.place),
      isChain: ticket.followers > 0)
  }
}

/// Tickets of one lane differ only in what they cost, so its first one speaks for all.
struct LaneKey: Hashable, Sendable {
  var priority: Limiter.Priority
  var venue: String
  var places: [Int]
  /// Whether others leave room for what follows on its answers.
  var isChain: Bool
}

/// A line of tickets; those that left it otherwise are skipped when their turn comes.
struct Lane: Sendable {
  var ids: [UInt64] = []
  var first = 0
  /// Roughly how many of `ids` left otherwise.
  var strays = 0

  mutating func dropFirst() {
    first += 1
    if first > 64, first * 2 > ids.count {
      ids.removeFirst(first)
      first = 0
    }
  }
}

/// What makes two reads the same.
struct ShareKey: Hashable, Sendable {
  var venue: String
  var key: String
  var text: String

  init?(_ ticket: Limiter.Ticket) {
    guard let text = ticket.coalescing else { return nil }
    venue = ticket.venue
    key = ticket.key
    self.text = text
  }
}

/// What is known of a venue.
struct VenueLine: Sendable {
  var limits: Limits
  /// The first venue, by name, of those that share an allowance with this one.
  var group = ""
  var inFlight = 0
  /// About how long an answer takes, in microseconds; `nil` before the first.
  var trip: Int64?
  var bannedUntil: Instant?
  var bannedAt: Instant?
  var bansInRow = 0
  var breaker = Breaker.closed(failures: 0)

  init(limits: Limits) { self.limits = limits }

  var usualCost: [Limiter.Cost] {
    limits.buckets.first.map { [Limiter.Cost($0.name, 1)] } ?? []
  }
}

/// Whether a venue is asked at all.
enum Breaker: Sendable {
  /// Yes; so many failures in a row.
  case closed(failures: Int)
  /// Not before an instant; then once. `step` counts the pauses in a row.
  case open(until: Instant, step: Int)
  /// One call is under way to find out.
  case probing(step: Int)
}
