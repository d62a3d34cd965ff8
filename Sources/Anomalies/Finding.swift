public import Ledger
internal import Statistics

/// What kind of thing is unusual.
public enum AnomalyKind: String, Hashable, Sendable, CaseIterable {
  /// A price falls faster than it does.
  case crash
  /// A price rises faster than it does.
  case surge
  /// A price rises with many trades and much bought, all at once.
  case pump
  /// A price falls back after a surge or a pump.
  case dump
  /// Bid and ask stand further apart than usual.
  case spread
  /// Less stands in the book than usual.
  case depth
  /// A feed says nothing for longer than it does.
  case silence
  /// A feed repeats one value for longer than it does.
  case frozen
  /// Two places quote prices further apart than usual.
  case divergence
  /// A pegged asset left its peg.
  case depeg
  /// Assets move together, or apart, as they did not before.
  case correlation
  /// A fill of an account that we did not cause.
  case foreignFill = "foreign-fill"
  /// A withdrawal that we did not cause.
  case foreignWithdrawal = "foreign-withdrawal"
  /// An address that nothing was sent to before.
  case newAddress = "new-address"
  /// Activity at an hour at which the account is not used.
  case oddHour = "odd-hour"
  /// An amount larger than the account's usual ones.
  case unusualAmount = "unusual-amount"
  /// A balance fell and no entry says why.
  case balanceDrop = "balance-drop"
}

/// What saw something.
public enum AnomalyComponent: String, Hashable, Sendable, CaseIterable {
  /// The fall within one bar.
  case fall
  /// The fall over a few bars.
  case slide
  /// The fall over a dozen bars.
  case decline
  /// The fall over three dozen bars.
  case retreat
  /// The rise within one bar.
  case rise
  /// The rise over a few bars.
  case climb
  /// The rise over a dozen bars.
  case advance
  /// The rise over three dozen bars.
  case ascent
  /// What was traded.
  case volume
  /// The number of trades.
  case trades
  /// What takers bought.
  case bought
  /// How far the bar reached, against what the learned model forecast.
  case range
  /// The distance of bid and ask.
  case spread
  /// What stands in the book.
  case depth
  /// The time since the feed's last word.
  case arrival
  /// The time since the feed's value changed.
  case change
  /// The logarithm of the ratio of two prices.
  case ratio
  /// The distance from the peg.
  case peg
  /// A rule that needs no statistics.
  case rule
  /// A forest of random cuts through several figures at once.
  case forest
  /// The size of an amount.
  case amount
  /// The hour of the day.
  case hour
  /// The value among all values.
  case value
  /// The course of the last values.
  case course
}

/// Which way something went.
public enum AnomalyDirection: String, Hashable, Sendable {
  /// Up.
  case up
  /// Down.
  case down
  /// Neither.
  case none
}

/// What a number of a piece of evidence is counted in.
public enum AnomalyUnit: String, Hashable, Sendable {
  /// Parts of the value: 0.01 is 1 %.
  case fraction
  /// The currency of the price.
  case price
  /// Seconds.
  case seconds
  /// A number of things.
  case count
  /// The asset or currency that is traded.
  case amount
  /// The hour of the day, UTC.
  case hour
  /// A correlation or a share, from -1 to 1.
  case share
}

/// What one component saw, by how much, against which baseline, and how rare that is.
public struct Evidence: Hashable, Sendable {
  /// What saw it.
  public let component: AnomalyComponent
  /// What was seen.
  public let observed: Double
  /// The least that would be usual.
  public let low: Double?
  /// The most that would be usual.
  public let high: Double?
  /// What these are counted in.
  public let unit: AnomalyUnit
  /// Which way it is off.
  public let direction: AnomalyDirection
  /// -log₁₀ of how often one so unusual comes; zero for a rule.
  public let surprise: Double
  /// How many earlier points that rests on.
  public let sampleSize: Int
  /// Seconds from one point to the next.
  public let spacing: Double

  /// Makes a piece of evidence.
  public init(
    _ component: AnomalyComponent, observed: Double, low: Double? = nil, high: Double? = nil,
    unit: AnomalyUnit, direction: AnomalyDirection = .none, surprise: Double = 0,
    sampleSize: Int = 0, spacing: Double = 0
  ) {
    self.component = component
    self.observed = observed
    self.low = low
    self.high = high
    self.unit = unit
    self.direction = direction
    self.surprise = surprise
    self.sampleSize = sampleSize
    self.spacing = spacing
  }

  /// How long it takes on average until one so unusual comes, in seconds; `nil` for a rule.
  ///
  /// Never said to be more than a thousand times the stretch that was seen: no tail of a short
  /// sample carries further.
  public var everySeconds: Double? {
    guard surprise > 0, spacing > 0 else { return nil }
    let times = Elementary.pow(10, min(surprise, TailCalibrator.highest))
    return spacing * min(times, 1000 * Double(max(sampleSize, 1)))
  }
}

/// What is unusual: an asset, where, in which account.
public struct AnomalySubject: Hashable, Sendable, Comparable {
  /// The asset, or empty.
  public var asset: String
  /// The venue or feed, empty for the consensus.
  public var venue: String
  /// The account, or empty.
  public var account: String

  /// Names a subject.
  public init(asset: String = "", venue: String = "", account: String = "") {
    self.asset = asset
    self.venue = venue
    self.account = account
  }

  /// Orders by account, asset and venue.
  public static func < (a: AnomalySubject, b: AnomalySubject) -> Bool {
    (a.account, a.asset, a.venue) < (b.account, b.asset, b.venue)
  }
}

/// How much a finding should disturb.
public enum AnomalySeverity: Int, Hashable, Sendable, Comparable, CaseIterable {
  /// Worth a line.
  case notice
  /// Worth a look.
  case warning
  /// Worth waking someone.
  case critical

  /// Orders by weight.
  public static func < (a: AnomalySeverity, b: AnomalySeverity) -> Bool { a.rawValue < b.rawValue }
}

/// What the user said of a finding.
public enum AnomalyVerdict: Int, Hashable, Sendable {
  /// Nothing yet.
  case open
  /// It was real.
  case confirmed
  /// It was nothing.
  case dismissed
}

/// An earlier finding that is like one.
public struct PastCase: Hashable, Sendable {
  /// The finding's number.
  public let id: Int
  /// What it was.
  public let kind: AnomalyKind
  /// Of what.
  public let subject: AnomalySubject
  /// When it began.
  public let time: Instant
  /// What its strongest component saw.
  public let observed: Double
  /// How unusual that was.
  public let surprise: Double
  /// What the user said of it.
  public let verdict: AnomalyVerdict
}

/// Something unusual, with everything that is needed to judge it.
public struct AnomalyFinding: Hashable, Sendable {
  /// What stage an episode is in.
  public enum Stage: String, Hashable, Sendable {
    /// It begins.
    case began
    /// It got worse.
    case grew
    /// It is over.
    case ended
  }

  /// Its number: an episode keeps it as it grows.
  public let id: Int
  /// What it is.
  public let kind: AnomalyKind
  /// Of what.
  public let subject: AnomalySubject
  /// Beginning, growing or over.
  public let stage: Stage
  /// When the episode began.
  public let began: Instant
  /// When this was seen.
  public let time: Instant
  /// How much it should disturb.
  public let severity: AnomalySeverity
  /// What was seen, the strongest first; never empty.
  public let evidence: [Evidence]
  /// Other places that saw the same, in order.
  public let agreeing: [String]
  /// The most similar earlier findings, the nearest first, at most three.
  public let alike: [PastCase]
  /// The learned model that took part, if one did.
  public let model: ModelStamp?
}
