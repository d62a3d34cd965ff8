public import Ledger

/// A text in full, and without the holder's amounts.
public struct AlertText: Hashable, Sendable {
  /// For the holder's own screen.
  public let full: String
  /// For outside.
  public let outside: String

  /// Makes a text.
  public init(_ full: String, outside: String) {
    self.full = full
    self.outside = outside
  }

  /// A text without amounts.
  public init(_ text: String) {
    full = text
    outside = text
  }
}

/// One line of an explanation.
public struct AlertLine: Hashable, Sendable {
  /// What it tells: `observed`, `expected`.
  public let label: String
  /// The text.
  public let text: String
  /// Whether it tells an amount of the holder's.
  public let isRevealing: Bool

  /// Makes a line.
  public init(_ label: String, _ text: String, isRevealing: Bool = false) {
    self.label = label
    self.text = text
    self.isRevealing = isRevealing
  }
}

/// One episode of a rule and a figure, from when it was raised.
public struct Alert: Hashable, Sendable, Identifiable {
  /// How it stands.
  public enum State: String, Hashable, Sendable, CaseIterable {
    /// Nobody has said anything to it.
    case open
    /// Somebody knows.
    case acknowledged
    /// It is over.
    case resolved
  }

  /// What the holder thinks of it.
  public enum Opinion: String, Hashable, Sendable, CaseIterable {
    /// Nothing was said.
    case none
    /// It was worth telling.
    case confirmed
    /// It was not.
    case muted
  }

  /// Its number.
  public let id: Int
  /// Names what it is about, the same in each episode: the rule and the figure.
  public let key: String
  /// The rule.
  public let rule: String
  /// The figure.
  public let figure: String
  /// What it is about, for people.
  public let subject: String
  /// The group that makes it part of an incident.
  public let group: String
  /// The sinks that are told; `nil` for all.
  public let sinks: [String]?
  /// When it was raised.
  public let raisedAt: Instant
  /// How bad it is.
  public internal(set) var severity: Severity
  /// One line.
  public internal(set) var title: AlertText
  /// The explanation.
  public internal(set) var lines: [AlertLine]
  /// What to do.
  public internal(set) var runbook: String
  /// How it stands.
  public internal(set) var state = State.open
  /// When it last changed.
  public internal(set) var changedAt: Instant
  /// When it was resolved, and why.
  public internal(set) var resolvedAt: Instant?
  /// Why it was resolved.
  public internal(set) var resolvedWhy = ""
  /// Who knows.
  public internal(set) var acknowledgedBy = ""
  /// Until when nobody is told of it again.
  public internal(set) var snoozedUntil: Instant?
  /// How often it was snoozed: each time is longer.
  public internal(set) var snoozes = 0
  /// Since when its figure cannot be relied on.
  public internal(set) var blindSince: Instant?
  /// Why it cannot.
  public internal(set) var blindWhy = ""
  /// How many steps of the escalation were taken.
  public internal(set) var escalated = 0
  /// What the holder thinks of it.
  public internal(set) var opinion = Opinion.none
  /// The finding behind it; empty for a rule over figures.
  public internal(set) var finding = ""

  /// Whether it is not over.
  public var isOpen: Bool { state != .resolved }

  /// Whether nobody is told of it now.
  public func isSnoozed(at now: Instant) -> Bool { snoozedUntil.map { now < $0 } ?? false }
}

/// One thing that happened to an alert; these are kept for ever.
public struct AlertEvent: Hashable, Sendable {
  /// What happened.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case raised
    case worsened
    case escalated
    case acknowledged
    case snoozed
    case awoken
    /// Its figure cannot be relied on any more: it stays as it is.
    case blinded
    /// Its figure is there again.
    case sighted
    case resolved
    case confirmed
    case muted
    case unmuted
  }

  /// What happened.
  public let kind: Kind
  /// When.
  public let time: Instant
  /// Who did it; empty for the rules.
  public let by: String
  /// What else there is to say.
  public let note: String
  /// The alert as it was then; `nil` where it is about a rule.
  public let alert: Alert?
}

/// What the holder thinks of a finding, for its detector to learn from.
public struct AlertFeedback: Hashable, Sendable {
  /// The finding's key.
  public let finding: String
  /// The finding's figure: `anomaly:DETECTOR:SUBJECT`.
  public let figure: String
  /// What the holder thinks.
  public let opinion: Alert.Opinion
  /// Until when the kind is muted; `nil` where it is not.
  public let mutedUntil: Instant?
}

/// What a change of the book gave.
public struct AlertOutcome: Hashable, Sendable {
  /// What happened, oldest first.
  public var events: [AlertEvent] = []
  /// What others are to be told, in this order.
  public var notices: [Notice] = []
  /// What detectors may learn.
  public var feedback: [AlertFeedback] = []

  /// Nothing.
  public init() {}

  /// Whether nothing happened.
  public var isEmpty: Bool { events.isEmpty && notices.isEmpty && feedback.isEmpty }
}

/// Why something cannot be done with an alert.
public enum AlertFault: Error, Hashable, Sendable {
  /// There is no alert of that number.
  case missing(Int)
  /// It is over already.
  case over(Int)
  /// There is no rule of that name.
  case noRule(String)
}
