public import Amounts
public import Ledger

/// How bad something is.
public enum Severity: Int, Hashable, Comparable, Sendable, CaseIterable {
  /// Good to know.
  case info = 0
  /// To be looked at today.
  case warning = 1
  /// To be looked at now.
  case critical = 2

  /// The word in files and reports.
  public var text: String {
    switch self {
    case .info: "info"
    case .warning: "warning"
    case .critical: "critical"
    }
  }

  /// The severity of a word, or `nil`.
  public init?(_ text: String) {
    guard let found = Severity.allCases.first(where: { $0.text == text }) else { return nil }
    self = found
  }

  /// Whether one is less bad than another.
  public static func < (a: Severity, b: Severity) -> Bool { a.rawValue < b.rawValue }
}

/// One figure at one time, as rules see it.
public struct Observation: Hashable, Sendable {
  /// How far the value can be relied on.
  public enum Quality: String, Hashable, Sendable, CaseIterable {
    /// It is as good as it should be.
    case good
    /// Something is left out of it: it is at least this much.
    case partial
    /// It is older than it should be.
    case stale
    /// Its sources contradict each other.
    case disputed
    /// There is none.
    case unknown
  }

  /// What the value counts.
  public enum Unit: Hashable, Sendable {
    /// An amount of the holder's, in this currency: withheld where a sink may not have it.
    case money(String)
    /// What one unit of something costs, in this currency; everybody may know it.
    case price(String)
    /// Parts of a hundred.
    case percent
    /// Things.
    case count
    /// Seconds.
    case seconds
    /// A number of its own kind, a score for instance.
    case plain
  }

  /// The figure's name: words parted by `:`, such as `nav` or `price:BTC`.
  public let name: String
  /// What it is about, for people: `NAV`, `BTC price`.
  public let subject: String
  /// The value; `nil` where there is none.
  public let value: Fixed?
  /// What it counts.
  public let unit: Unit
  /// When it was so.
  public let time: Instant
  /// How far it can be relied on.
  public let quality: Quality
  /// Why it cannot, or where it comes from; may be empty.
  public let note: String
  /// How much of the NAV it touches, in percent; `nil` where that is not known.
  public let weight: Fixed?
  /// What is in it: values of different bases are not compared over time.
  public let basis: String

  /// Makes an observation.
  public init(
    _ name: String, subject: String, value: Fixed?, unit: Unit, time: Instant,
    quality: Quality = .good, note: String = "", weight: Fixed? = nil, basis: String = ""
  ) {
    self.name = name
    self.subject = subject
    self.value = value
    self.unit = unit
    self.time = time
    self.quality = value == nil ? .unknown : quality
    self.note = note
    self.weight = weight
    self.basis = basis
  }
}

/// What a detector of anomalies saw.
public struct Finding: Hashable, Sendable {
  /// Names the episode: the same key again is news of the same finding.
  public let key: String
  /// Which detector saw it.
  public let detector: String
  /// What it is about: an asset, an account, a feed.
  public let subject: String
  /// One line for people, and its form without amounts.
  public let title: AlertText
  /// How bad it is.
  public let severity: Severity
  /// How strange, where rules may ask for a least score.
  public let score: Fixed?
  /// What was seen, what was expected, how rare it is, what it touches, why it is believed.
  public let lines: [AlertLine]
  /// When.
  public let time: Instant
  /// How much of the NAV it touches, in percent.
  public let weight: Fixed?
  /// Whether it has come to an end.
  public let isOver: Bool

  /// Makes a finding.
  public init(
    key: String, detector: String, subject: String, title: AlertText, severity: Severity,
    score: Fixed? = nil, lines: [AlertLine] = [], time: Instant, weight: Fixed? = nil,
    isOver: Bool = false
  ) {
    self.key = key
    self.detector = detector
    self.subject = subject
    self.title = title
    self.severity = severity
    self.score = score
    self.lines = lines
    self.time = time
    self.weight = weight
    self.isOver = isOver
  }

  /// The figure's name that rules match: `anomaly:DETECTOR:SUBJECT`.
  public var figure: String { "anomaly:\(detector):\(subject)" }
}
