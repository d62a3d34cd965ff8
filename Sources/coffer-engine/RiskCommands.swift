import ArgumentParser
import Wire

/// Shows what could be lost.
struct RiskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "risk",
    abstract: "Show what could be lost, who bears it, and what would happen if.",
    discussion: """
      Value at risk and expected shortfall of a day and of ten, at 95 and 99 per cent, by five \
      methods, each with the returns it rests on; a figure with too few of them is refused with the \
      reason. Longer horizons are a day's loss times the root of the days.

      For example: coffer risk --stress BTC=-30%,ETH=-40%
      """,
    subcommands: [Show.self, Limits.self, Settings.self, Liquidation.self],
    defaultSubcommand: Show.self)

  /// Shows figures.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Show what could be lost (the default).")

    @OptionGroup var options: EngineCommandOptions
    @Option(help: "The confidence in per cent: 95, 97.5, 99.")
    var confidence: String?
    @Option(help: "Over how many days.")
    var horizon: Int?
    @Option(help: "parametric, historical, cornish-fisher, filtered or monte-carlo.")
    var method: String?
    @Option(
      help: ArgumentHelp(
        "A crash by its name, all of them, or changes: BTC=-30%,ETH=-40%; * is all others.",
        valueName: "name|changes"))
    var stress: String?
    @Flag(help: "With one change: the others follow by their covariance with it.")
    var spread = false
    @Option(help: "What holdings hang on: asset, venue, chain, issuer or sleeve.")
    var by: String?
    @Flag(help: "What each holding adds to the value at risk.")
    var parts = false
    @Flag(help: "How the rules did in the past: Kupiec, Christoffersen, traffic light.")
    var backtest = false

    mutating func run() throws {
      var arguments: [String: String] = [:]
      arguments["confidence"] = confidence
      arguments["horizon"] = horizon.map { "\($0)" }
      arguments["method"] = method
      arguments["stress"] = stress
      if spread { arguments["spread"] = "yes" }
      arguments["by"] = by
      if parts { arguments["view"] = "parts" }
      if backtest { arguments["view"] = "backtests" }
      try options.answer(Request("risk", arguments))
    }
  }

  /// Shows or sets limits.
  struct Limits: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "limits",
      abstract: "Show how the limits of risk are used, or set them.",
      discussion: """
        What can be limited, as shares of the value: var99 and es99 of a day, asset, venue, issuer \
        and chain for the greatest of each, hhi for the concentration.

        For example: coffer risk limits var99=5% venue=50%
        """)

    @OptionGroup var options: EngineCommandOptions
    @Flag(help: "Take all limits away.")
    var none = false
    @Argument(help: "The limits; they take the place of all that were set.")
    var limits: [String] = []

    mutating func run() throws {
      if limits.isEmpty && !none {
        return try options.answer(Request("risk", ["view": "limits"]))
      }
      try options.answer(
        Request("set-risk-limits", ["limits": limits.joined(separator: ","), "user": userName]))
    }
  }

  /// Shows or sets what figures are made with.
  struct Settings: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "settings",
      abstract: "Show or set the benchmark of risk and how far figures look back.",
      discussion: """
        The benchmark stands in for assets with a short history, and moves them in crashes that they \
        have not seen. Unless set: BTC, and at most 365 bars.
        """)

    @OptionGroup var options: EngineCommandOptions
    @Option(help: "A well-known code, or an identity as coffer positions shows it.")
    var benchmark: String?
    @Option(help: "The most bars, days where there are enough of them: 60 to 399.")
    var window: Int?

    mutating func run() throws {
      var arguments: [String: String] = [:]
      arguments["benchmark"] = benchmark
      arguments["window"] = window.map { "\($0)" }
      guard !arguments.isEmpty else { return try options.answer(Request("risk-settings")) }
      arguments["user"] = userName
      try options.answer(Request("set-risk", arguments))
    }
  }

  /// Shows how far open positions are from their end.
  struct Liquidation: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "liquidation",
      abstract: "Show how far open positions are from the price at which the venue closes them.",
      discussion: """
        The prices are the venue's own, as are profit and margin; a share below zero is a fall. Where \
        the venue does not say what is needed, the reason stands in place of the distance.
        """)

    @OptionGroup var options: EngineCommandOptions

    mutating func run() throws { try options.answer(Request("liquidation")) }
  }
}

/// Shows which assets move together.
struct CorrelationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "correlation",
    abstract: "Show which assets move together, and which pairs changed.",
    discussion: """
      Rows and columns stand in the order of a tree of likeness, so that groups are neighbours. At \
      most 64 assets are shown, the greatest holdings.
      """)

  @OptionGroup var options: EngineCommandOptions
  @Option(help: "How many of the last bars count, 20 to 1000.")
  var window = 90
  @Option(help: "pearson, spearman or kendall.")
  var method = "pearson"
  @Flag(help: "The pairs whose last 30 bars differ from before, with the rate of false alarms.")
  var breaks = false
  @Option(help: "One pair in full, by two identities: native:bitcoin,native:ethereum.")
  var pair: String?

  mutating func run() throws {
    var arguments = ["window": "\(window)", "method": method]
    if breaks { arguments["view"] = "breaks" }
    arguments["pair"] = pair
    try options.answer(Request("correlation", arguments))
  }
}
