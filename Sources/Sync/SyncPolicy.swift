public import Ledger

/// How often, how far back and how patiently lanes are read; seconds unless it says otherwise.
public struct SyncPolicy: Sendable {
  /// Between two readings of a lane that is up to date.
  public var intervals: [LaneKind: Int64] = [
    .clock: 3_600, .accounts: 86_400, .rights: 86_400, .markets: 43_200, .balances: 60,
    .positions: 60, .fills: 60, .deposits: 300, .withdrawals: 300, .transfers: 300,
    .statement: 300,
  ]
  /// Between two readings of a market or asset that nothing of the account points to.
  public var sweepInterval: Int64 = 7 * 86_400
  /// Between two readings of one market or asset of the account.
  public var subjectInterval: Int64 = 300
  /// How much of what was read is read again each time, for rows that arrive late.
  public var overlaps: [LaneKind: Int64] = [
    .fills: 900, .deposits: 172_800, .withdrawals: 172_800, .transfers: 172_800,
    .statement: 86_400,
  ]
  /// How long a transfer that is under way keeps its time being read again.
  public var pendingMost: Int64 = 60 * 86_400
  /// History is read up to so long ago: clocks differ a little, and venues write rows down late.
  public var lag: Int64 = 3
  /// The statement is read up to so long ago, so that all lines of one fact are there.
  public var settling: Int64 = 30
  /// How far apart the lines of one fact may be.
  public var spread: Int64 = 5
  /// How much of a feed that reads forward is read first, so that the newest comes first.
  public var recentSpan: Int64 = 30 * 86_400
  /// The first wait after a failure; it doubles with each further one.
  public var backoffLeast: Int64 = 2
  /// The longest wait after a failure.
  public var backoffMost: Int64 = 900
  /// The first wait after being asked to slow down.
  public var rateLeast: Int64 = 10
  /// The first wait after being shut out.
  public var banLeast: Int64 = 300
  /// The longest wait after being shut out.
  public var banMost: Int64 = 86_400
  /// How long after comparing an account's books with its balances they are compared again.
  public var comparePause: Int64 = 30
  /// How often an answer that cannot be read is asked for again before the lane is set aside.
  public var malformedMost = 3
  /// The most pages of one stretch of time.
  public var pagesMost = 20_000
  /// The most pages without a row in a row.
  public var emptyPagesMost = 100
  /// The most calls of an account under way at once.
  public var callsAtOnce = 4
  /// When a call that nobody answered counts as failed.
  public var patience: Int64 = 180
  /// Reading moved on at most so far without being written down, where there were no new rows.
  public var unwrittenMost: Int64 = 900

  /// The usual policy.
  public init() {}

  /// The usual policy with everything of an account read again after so many seconds at the latest.
  ///
  /// For venues that are simulated: real ones are not to be asked more often than is usual.
  ///
  /// - Parameter seconds: The longest time between two readings.
  /// - Returns: The policy.
  public static func paced(everySeconds seconds: Int64) -> SyncPolicy {
    var policy = SyncPolicy()
    let most = max(1, seconds)
    for (kind, interval) in policy.intervals where kind != .clock && kind != .markets {
      policy.intervals[kind] = min(interval, most)
    }
    policy.subjectInterval = min(policy.subjectInterval, most)
    policy.comparePause = min(policy.comparePause, most)
    return policy
  }

  func interval(of kind: LaneKind) -> Int64 { max(1, intervals[kind] ?? 300) }
  func overlap(of kind: LaneKind) -> Int64 { max(0, overlaps[kind] ?? 900) }
}

/// What the user decided about one account.
public struct SyncSettings: Hashable, Sendable {
  /// Nothing before this is asked for; the first exchange opened in July 2010.
  public var start = Instant(seconds: 1_277_942_400)
  /// Markets that are asked for in any case, by the venue's ids.
  public var markets: Set<String> = []
  /// Whether markets are asked for that nothing of the account points to.
  public var sweepsAllMarkets = true
  /// Whether a key that may withdraw is used all the same.
  public var acceptsWithdrawRight = false
  /// What is not read.
  public var leftOut: Set<LaneKind> = []

  /// The usual settings.
  public init() {}
}
