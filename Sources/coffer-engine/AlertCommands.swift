import Alerts
import ArgumentParser
import Engine
import Wire

/// Alerts, their rules and the sinks that are told of them.
struct AlertsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alerts", abstract: "List alerts, act on them, check rules, set up who is told.",
    discussion: """
      Rules are in alerts.toml in the configuration folder: coffer-alerts(7). Without that file \
      the built-in rules hold.
      """,
    subcommands: [
      ListAlerts.self, ShowAlert.self, AcknowledgeAlert.self, SnoozeAlert.self,
      ResolveAlert.self, ConfirmAlert.self, MuteAlert.self, AlertRules.self, AlertFigures.self,
      CheckAlerts.self, ReloadAlerts.self, SinkCommand.self,
    ], defaultSubcommand: ListAlerts.self)
}

/// Lists alerts.
struct ListAlerts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List what is open, the worst first (the default).")

  @OptionGroup var options: EngineCommandOptions
  @Flag(help: "Also those that are over.")
  var all = false

  mutating func run() throws { try options.answer(Request("alerts", all ? ["all": "yes"] : [:])) }
}

/// Shows one alert.
struct ShowAlert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Say why an alert was raised, and all that happened to it.")

  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The alert's number.")
  var id: Int

  mutating func run() throws { try options.answer(Request("alert", ["id": "\(id)"])) }
}

/// Acknowledges an alert.
struct AcknowledgeAlert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ack", abstract: "Say that you know: it does not escalate any more.")

  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The alert's number.")
  var id: Int

  mutating func run() throws {
    try options.answer(Request("alert-ack", ["id": "\(id)", "user": userName]))
  }
}

/// Snoozes an alert.
struct SnoozeAlert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "snooze",
    abstract: "Tell nobody of an alert for a while; without --for each time is longer.")

  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The alert's number.")
  var id: Int
  @Option(
    name: .customLong("for"), help: "For how long: 30m, 4h, 2d. Default: 1h, then 1d, 2d, 7d.")
  var length: String?

  mutating func run() throws {
    var arguments = ["id": "\(id)", "user": userName]
    arguments["for"] = length
    try options.answer(Request("alert-snooze", arguments))
  }
}

/// Ends an alert.
struct ResolveAlert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve",
    abstract: "End an alert by hand; it is raised again only after all was well.")

  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The alert's number.")
  var id: Int

  mutating func run() throws {
    try options.answer(Request("alert-resolve", ["id": "\(id)", "user": userName]))
  }
}

/// Confirms an alert.
struct ConfirmAlert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm", abstract: "Say that an alert was worth telling; detectors learn it.")

  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The alert's number.")
  var id: Int

  mutating func run() throws {
    try options.answer(Request("alert-confirm", ["id": "\(id)", "user": userName]))
  }
}

/// Mutes an alert's kind, or a rule.
struct MuteAlert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mute",
    abstract: "Say that an alert was not worth telling: nothing of its kind for a while.")

  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The alert's number, or a rule's name.")
  var what: String
  @Option(
    name: .customLong("for"),
    help: "For how long: 4h, 2d; 0s lets a rule speak again. Default: 7d, of a rule 1d.")
  var length: String?

  mutating func run() throws {
    var arguments = ["user": userName]
    arguments[Int(what) == nil ? "rule" : "id"] = what
    arguments["for"] = length
    try options.answer(Request("alert-mute", arguments))
  }
}

/// Lists rules.
struct AlertRules: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "List the rules that hold, and what became of each.")

  @OptionGroup var options: EngineCommandOptions

  mutating func run() throws { try options.answer(Request("alert-rules")) }
}

/// Lists figures.
struct AlertFigures: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figures", abstract: "List the figures that rules can name.")

  @OptionGroup var options: EngineCommandOptions

  mutating func run() throws { try options.answer(Request("alert-figures")) }
}

/// Checks a file of rules.
struct CheckAlerts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Read a file of rules and say what it means, or what is wrong.")

  @OptionGroup var output: OutputOptions
  @Argument(help: "The file. Default: alerts.toml in the configuration folder.")
  var file: String?

  mutating func run() throws {
    let report: Report
    do {
      report = try AlertFile.check(file ?? AlertFile.path())
    } catch { throw CommandFailure(any: error) }
    standardOutput(output.json ? report.json : Array(report.plainText.utf8))
  }
}

/// Reads the rules again.
struct ReloadAlerts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload", abstract: "Let the engine read alerts.toml again.")

  @OptionGroup var options: EngineCommandOptions

  mutating func run() throws { try options.answer(Request("alert-reload")) }
}

/// Who is told of alerts.
struct SinkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sink", abstract: "Set up who outside is told of alerts.",
    subcommands: [ListSinks.self, AddSink.self, TestSink.self, RemoveSink.self],
    defaultSubcommand: ListSinks.self)
}

/// Lists sinks.
struct ListSinks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the sinks and how they are doing (the default).")

  @OptionGroup var options: EngineCommandOptions

  mutating func run() throws { try options.answer(Request("alert-sinks")) }
}

/// Adds a sink.
struct AddSink: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add a sink, or change one of the same name.",
    discussion: """
      pagerduty, webhook, slack, telegram, email or syslog. Its secret is asked for without \
      showing it and sealed in the vault: PagerDuty's integration key, the key of a webhook's \
      signature, the address of Slack's incoming webhook, Telegram's bot token, the password of \
      the mail server.
      """)

  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "pagerduty, webhook, slack, telegram, email or syslog.")
  var kind: String
  @Option(help: "What you call it: a-z, 0-9 and -. Default: the kind.")
  var name: String?
  @Option(help: "The address: of a webhook, a mail server (smtps://…), a log, or of another API.")
  var url: String?
  @Option(help: "Telegram: the chat, a number or @name.")
  var chat: String?
  @Option(help: "E-mail: the sender's address.")
  var from: String?
  @Option(help: "E-mail: the receivers' addresses, parted by commas.")
  var to: String?
  @Option(help: "E-mail: the name to log in with.")
  var login: String?
  @Option(help: "What is less bad is not told: info, warning or critical. Default: warning.")
  var least: String?
  @Option(help: "withheld (percent and prices only, the default) or shown.")
  var amounts: String?
  @Flag(help: "Syslog: may leave this machine in plain text.")
  var plain = false
  @Option(
    help: ArgumentHelp(
      "Read the secret from this open descriptor instead of asking.", valueName: "number"))
  var secretDescriptor: Int32?

  mutating func run() throws {
    guard let known = Sink.Kind(rawValue: kind) else {
      let all = Sink.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw CommandFailure(status: 64, "a sink is one of \(all)")
    }
    let connection = try options.connectUnlocked()
    var secrets: [[UInt8]] = []
    let wantsSecret = known != .email || login != nil
    if let label = known.secretLabel, wantsSecret {
      var prompt = SecretPrompt(descriptor: secretDescriptor)
      secrets = [try prompt.askField("\(kind) \(label): ", known.isSecretOptional)]
    }
    var arguments = ["name": name ?? kind, "kind": kind, "user": userName]
    let given = [
      "url": url, "chat": chat, "from": from, "to": to, "login": login, "least": least,
      "amounts": amounts, "plain": plain ? "yes" : nil,
    ]
    for (key, value) in given { arguments[key] = value }
    let request = Request("alert-sink-add", arguments, secrets: secrets)
    options.show(try options.ask(connection, request))
  }
}

/// Tries a sink.
struct TestSink: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Send a test message and wait for what becomes of it.")

  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The sink.")
  var name: String

  mutating func run() throws { try options.answer(Request("alert-sink-test", ["name": name])) }
}

/// Removes a sink.
struct RemoveSink: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove a sink, its secret and what waits for it.")

  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The sink.")
  var name: String

  mutating func run() throws {
    try options.answer(Request("alert-sink-remove", ["name": name, "user": userName]))
  }
}
