/// How much of the holder's amounts a sink may have.
public enum AmountPolicy: String, Hashable, Sendable, CaseIterable {
  /// Percent and prices, but no amount of the holder's.
  case withheld
  /// Everything.
  case shown
}

/// Somebody outside who is told of alerts.
public struct Sink: Hashable, Sendable {
  /// The ways of telling.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case pagerduty
    case webhook
    case slack
    case telegram
    case email
    case syslog
  }

  /// One thing to know of a sink.
  public struct Field: Hashable, Sendable {
    /// Its name in arguments and in what is stored.
    public let name: String
    /// Its name for people, with an example.
    public let label: String
    /// Whether it must be there.
    public let isRequired: Bool
  }

  /// The holder's name for it.
  public var name: String
  /// How it is told.
  public var kind: Kind
  /// Where and as whom: no secret.
  public var settings: [String: String]
  /// What is less bad is not told there.
  public var least: Severity
  /// How much it may know.
  public var amounts: AmountPolicy

  /// Makes a sink.
  public init(
    _ name: String, _ kind: Kind, settings: [String: String] = [:], least: Severity = .warning,
    amounts: AmountPolicy = .withheld
  ) {
    self.name = name
    self.kind = kind
    self.settings = settings
    self.least = least
    self.amounts = amounts
  }
}

extension Sink.Kind {
  /// What is asked for beside the secret.
  public var fields: [Sink.Field] {
    switch self {
    case .pagerduty: [.init(name: "url", label: "another address of the API", isRequired: false)]
    case .webhook: [.init(name: "url", label: "address, https://…", isRequired: true)]
    case .slack: []
    case .telegram:
      [
        .init(name: "chat", label: "chat, a number or @name", isRequired: true),
        .init(name: "url", label: "another address of the API", isRequired: false),
      ]
    case .email:
      [
        .init(
          name: "url", label: "server, smtps://host:465 or smtp://host:587", isRequired: true),
        .init(name: "from", label: "sender's address", isRequired: true),
        .init(name: "to", label: "receivers' addresses, parted by commas", isRequired: true),
        .init(name: "login", label: "name to log in with", isRequired: false),
      ]
    case .syslog:
      [
        .init(
          name: "url", label: "/dev/log, udp://host:514 or tcp://host:601", isRequired: false),
        .init(name: "plain", label: "yes: may leave this machine unencrypted", isRequired: false),
      ]
    }
  }

  /// What its secret is called; `nil` where it has none.
  public var secretLabel: String? {
    switch self {
    case .pagerduty: "integration key (32 characters)"
    case .webhook: "key of the signature"
    case .slack: "address of the incoming webhook"
    case .telegram: "bot token"
    case .email: "password"
    case .syslog: nil
    }
  }

  /// Whether it may do without a secret.
  public var isSecretOptional: Bool { self == .email || self == .syslog }

  /// Seconds that must lie between two messages.
  ///
  /// Slack takes one message a second (https://docs.slack.dev/apis/web-api/rate-limits), Telegram
  /// one a second into one chat (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this).
  public var pauseSeconds: Int64 {
    switch self {
    case .slack, .telegram: 1
    case .pagerduty, .webhook, .email, .syslog: 0
    }
  }

  /// Whether it can be told that somebody knows and that it is over, or only in words.
  public var hasStates: Bool { self == .pagerduty || self == .webhook }
}
