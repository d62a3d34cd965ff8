public import Ledger

/// What others are told of an incident.
public struct Notice: Hashable, Sendable {
  /// What it does to the incident at the other end.
  public enum Action: String, Hashable, Sendable, CaseIterable {
    /// It begins, or there is more of it.
    case trigger
    /// Somebody knows.
    case acknowledge
    /// It is over.
    case resolve
  }

  /// Names the incident, the same in each of its notices: receivers drop what they have by it.
  public let key: String
  /// The group of its alerts.
  public let group: String
  /// What it does.
  public let action: Action
  /// How bad it is.
  public let severity: Severity
  /// One line.
  public let title: AlertText
  /// The explanation.
  public let lines: [AlertLine]
  /// What to do.
  public let runbook: String
  /// When it was said.
  public let time: Instant
  /// How many alerts it is about.
  public let count: Int
  /// The sinks that are told; `nil` for all.
  public let sinks: [String]?

  /// Makes a notice.
  ///
  /// - Parameters:
  ///   - key: Names the incident.
  ///   - group: The group of its alerts.
  ///   - action: What it does.
  ///   - severity: How bad it is.
  ///   - title: One line.
  ///   - lines: The explanation.
  ///   - runbook: What to do.
  ///   - time: When it was said.
  ///   - count: How many alerts it is about.
  ///   - sinks: The sinks that are told.
  public init(
    key: String, group: String, action: Action, severity: Severity, title: AlertText,
    lines: [AlertLine] = [], runbook: String = "", time: Instant, count: Int = 1,
    sinks: [String]? = nil
  ) {
    self.key = key
    self.group = group
    self.action = action
    self.severity = severity
    self.title = title
    self.lines = lines
    self.runbook = runbook
    self.time = time
    self.count = count
    self.sinks = sinks
  }
}
