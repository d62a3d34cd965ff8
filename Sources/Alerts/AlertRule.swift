public import Amounts

/// What is watched, when it is an alert, and what happens then.
public struct AlertRule: Hashable, Sendable {
  /// Which way a value is bad.
  public enum Side: String, Hashable, Sendable, CaseIterable {
    /// Greater is worse.
    case above
    /// Less is worse.
    case below
  }

  /// Which way a change is bad.
  public enum Direction: String, Hashable, Sendable, CaseIterable {
    /// Down from the greatest value in the window.
    case falls
    /// Up from the least value in the window.
    case rises
    /// Either.
    case moves
  }

  /// Two levels, so that a value at one of them does not raise again and again.
  public struct Levels: Hashable, Sendable {
    /// Beyond this an alert is raised.
    public var raise: Fixed
    /// Beyond this it is critical; `nil` for never.
    public var critical: Fixed?
    /// Only back at this it may be resolved.
    public var clear: Fixed

    /// Makes levels.
    public init(raise: Fixed, critical: Fixed? = nil, clear: Fixed) {
      self.raise = raise
      self.critical = critical
      self.clear = clear
    }
  }

  /// What is looked for.
  public enum Kind: Hashable, Sendable {
    /// The value is beyond a level.
    case threshold(Side, Levels)
    /// The value changed within so many seconds; in percent, or as it is counted.
    case change(Direction, seconds: Int64, isPercent: Bool, Levels)
    /// The value comes near what it may be at most, or is beyond it.
    case limit(most: Fixed, warn: Fixed)
    /// A detector found something with at least this score.
    case anomaly(least: Fixed?)
    /// The figure itself cannot be relied on.
    case health(Set<Observation.Quality>)

    /// The word in files and reports.
    public var text: String {
      switch self {
      case .threshold: "threshold"
      case .change: "change"
      case .limit: "limit"
      case .anomaly: "anomaly"
      case .health: "health"
      }
    }
  }

  /// After so long without an acknowledgement an alert becomes worse.
  public struct Step: Hashable, Sendable {
    /// Seconds since it was raised.
    public var seconds: Int64
    /// What it is from then on.
    public var severity: Severity

    /// Makes a step.
    public init(seconds: Int64, severity: Severity) {
      self.seconds = seconds
      self.severity = severity
    }
  }

  /// The rule's name: a-z, 0-9 and `-`.
  public var name: String
  /// The figures it looks at: a name in which `*` stands for anything up to the next `:`, and at
  /// the end for everything.
  public var figure: String
  /// What is looked for.
  public var kind: Kind
  /// How bad it is.
  public var severity: Severity
  /// For so many seconds it must be so before an alert is raised.
  public var forSeconds: Int64 = 0
  /// For so many seconds it must be over before the alert is resolved.
  public var holdSeconds: Int64 = 300
  /// Figures that touch less of the NAV than this are left alone, in percent.
  public var leastWeight: Fixed?
  /// Alerts of one group are one incident to others; empty for a group of the rule's own.
  public var group = ""
  /// What happens while nobody acknowledges it, in order of time.
  public var escalation: [Step] = []
  /// The sinks that are told; `nil` for all.
  public var sinks: [String]?
  /// What to do.
  public var runbook = ""
  /// Whether it holds.
  public var isOn = true
  /// Where it stands: `file:line`, or `built in`.
  public var origin = "built in"

  /// Makes a rule.
  public init(_ name: String, _ figure: String, _ kind: Kind, _ severity: Severity = .warning) {
    self.name = name
    self.figure = figure
    self.kind = kind
    self.severity = severity
  }

  /// Its group's name.
  public var groupName: String { group.isEmpty ? name : group }

  /// Whether it looks at a figure.
  public func matches(_ figure: String) -> Bool {
    FigurePattern.matches(self.figure, figure)
  }

  /// Whether a name may be a rule's or a sink's.
  public static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 40
      && text.utf8.allSatisfy {
        (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-")
      }
  }
}

/// Patterns of figures' names.
enum FigurePattern {
  /// Whether a pattern means a name.
  static func matches(_ pattern: String, _ name: String) -> Bool {
    if pattern == name { return true }
    guard pattern.utf8.contains(UInt8(ascii: "*")) else { return false }
    let wanted = pattern.split(separator: ":", omittingEmptySubsequences: false)
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    for (index, word) in wanted.enumerated() {
      guard index < parts.count else { return false }
      if index == wanted.count - 1, word == "*" { return true }
      if word != "*", word != parts[index] { return false }
    }
    return wanted.count == parts.count
  }
}
