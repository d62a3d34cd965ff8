internal import Ledger

/// Something the watch is told: a fact with its time, in floating point where it is only compared.
public enum AnomalyObservation: Hashable, Sendable {
  /// A bar of a price closed; `venue` is empty for the consensus. A bar from stale, disputed or
  /// missing sources is not `isTrusted`: it is judged and not learned.
  case bar(asset: String, venue: String, seconds: Int, MarketBar, isTrusted: Bool)
  /// A price between bars: one comparison.
  case tick(asset: String, venue: String, seconds: Int64, price: Double)
  /// The trades of a slice of time.
  case trades(asset: String, venue: String, TradeSlice)
  /// The best bid and ask.
  case book(asset: String, venue: String, BookTop, isTrusted: Bool)
  /// A feed said a price.
  case quote(asset: String, venue: String, seconds: Int64, price: Double)
  /// Time passed: silent feeds are looked for.
  case clock(seconds: Int64)
  /// One asset's prices at two places at one time.
  case pair(
    asset: String, venue: String, other: String, seconds: Int64, price: Double, otherPrice: Double,
    isTrusted: Bool)
  /// A pegged asset's price over its peg.
  case peg(asset: String, venue: String, seconds: Int64, ratio: Double, isTrusted: Bool)
  /// The moves of all assets in a bar.
  case market(seconds: Int, end: Int64, moves: [MarketMove], isTrusted: Bool)
  /// Something happened in an account.
  case account(account: String, venue: String, seconds: Int64, AccountEvent)
}

/// What the user says of findings.
public enum AnomalyFeedback: Hashable, Sendable {
  /// It was real: it does not count as a false alarm, and nothing is learned from it as usual.
  case confirm(id: Int)
  /// It was nothing: its kind must be rarer for this subject to ring again.
  case dismiss(id: Int)
  /// Nothing of a kind is told, of one asset or of all, until a time.
  case mute(AnomalyKind, asset: String?, untilSeconds: Int64)
  /// The mute ends.
  case unmute(AnomalyKind, asset: String?)
  /// An address is known: nothing is said when something is sent there.
  case trust(address: String, account: String)
}

/// What a watch holds and did.
public struct AnomalyMetrics: Hashable, Sendable {
  /// How many streams there are.
  public var streams = 0
  /// How many streams were refused since there was no room.
  public var refusedStreams = 0
  /// How many observations were taken.
  public var observations = 0
  /// How many were no numbers, late or of a refused stream.
  public var leftOut = 0
  /// How many alarms there were, by kind.
  public var alarms: [AnomalyKind: Int] = [:]
  /// How many were held back as muted, or as dismissed before.
  public var suppressed = 0
  /// How many were confirmed.
  public var confirmed = 0
  /// How many were dismissed.
  public var dismissed = 0
  /// How many learned models were promoted.
  public var promotions = 0
  /// How many drifts were found.
  public var drifts = 0
}

/// A wish that trading of an asset waits: the most a detector can cause.
///
/// There is none without two places that saw the same, and there is no opposite of it: a model may
/// block trading and never start it.
public struct TradingCurb: Hashable, Sendable {
  /// The asset whose trading waits.
  public let asset: String
  /// Until when, in seconds since the epoch.
  public let untilSeconds: Int64
  /// The finding that is the reason.
  public let findingID: Int
  /// The places that agree: two or more.
  public let venues: [String]

  private static let pause: Int64 = 1800
  private static let kinds: Set<AnomalyKind> = [.crash, .surge, .pump, .dump, .depeg]

  /// The curb that a finding asks for; `nil` where fewer than two venues agree, or for other kinds.
  public init?(_ finding: AnomalyFinding) {
    guard TradingCurb.kinds.contains(finding.kind), finding.stage != .ended,
      Set(finding.agreeing).count >= 2, !finding.subject.asset.isEmpty
    else { return nil }
    asset = finding.subject.asset
    let (sum, overflow) = finding.time.seconds.addingReportingOverflow(TradingCurb.pause)
    untilSeconds = overflow ? .max : sum
    findingID = finding.id
    venues = finding.agreeing
  }
}
