import ArgumentParser
import Link
import Wire

/// What everything was worth at a cut-off.
struct StrikeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "strike", abstract: "Freeze what everything was worth at a cut-off.",
    subcommands: [List.self, Make.self, Show.self, CutOff.self], defaultSubcommand: List.self)

  /// Lists them.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "List the strikes, with the hash of what was frozen, and those that are held up.")
    @OptionGroup var options: EngineCommandOptions
    mutating func run() throws { try options.answer(Request("strikes")) }
  }

  /// Makes one.
  struct Make: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "make",
      abstract: "Freeze positions, prices and open breaks at a cut-off.",
      discussion: """
        A strike stays as it is; made again it is another version, which wants a reason.
        """)
    @OptionGroup var options: EngineCommandOptions
    @Option(help: "The day or moment that is meant; otherwise the last cut-off.")
    var at: String?
    @Option(help: "Why it is made again.") var reason: String?
    @Flag(help: "Make it though open breaks are worth more than 50 basis points of it.")
    var acceptBreaks = false
    @Flag(help: "Make it though accounts are not read up to the cut-off; it names them.")
    var acceptUnread = false
    mutating func run() throws {
      var arguments = ["user": userName]
      arguments["at"] = at
      arguments["reason"] = reason
      if acceptBreaks { arguments["accept-breaks"] = "yes" }
      if acceptUnread { arguments["accept-unread"] = "yes" }
      try options.answer(Request("make-strike", arguments))
    }
  }

  /// Shows one.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Show a strike with its positions and prices.")
    @OptionGroup var options: EngineCommandOptions
    @Option(help: "The day or moment that is meant; otherwise the last cut-off.")
    var at: String?
    @Option(help: "This version; otherwise the last.") var version: Int?
    mutating func run() throws {
      var arguments: [String: String] = [:]
      arguments["at"] = at
      arguments["version"] = version.map { String($0) }
      try options.answer(Request("strike", arguments))
    }
  }

  /// Shows or chooses the cut-off.
  struct CutOff: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "cutoff", abstract: "Show or choose the cut-off.",
      discussion: """
        Once it is chosen a strike is made by itself whenever it passes, or when the vault is opened \
        next, marked late. For example: coffer strike cutoff 16:00 America/New_York
        """)
    @OptionGroup var options: EngineCommandOptions
    @Argument(help: "The time of day.") var time: String?
    @Argument(help: "The time zone.") var zone: String?
    @Flag(help: "Make no more strikes by itself.") var off = false
    mutating func validate() throws {
      if off && time != nil { throw ValidationError("Give a time and a zone, or --off.") }
      if (time == nil) != (zone == nil) { throw ValidationError("Give a time and a zone.") }
    }
    mutating func run() throws {
      if off {
        return try options.answer(Request("set-cut-off", ["off": "yes", "user": userName]))
      }
      guard let time, let zone else { return try options.answer(Request("cut-off")) }
      try options.answer(
        Request("set-cut-off", ["time": time, "zone": zone, "user": userName]))
    }
  }
}
