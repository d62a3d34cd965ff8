import ArgumentParser
import Link
import Wire

/// How a table of figures is printed.
struct FigureOutput: ParsableArguments {
  @OptionGroup var options: EngineCommandOptions
  @Flag(help: "Print the table alone as CSV.")
  var csv = false

  func answer(_ request: Request) throws {
    let connection = try options.connectUnlocked()
    let report = try options.ask(connection, request)
    guard csv, !options.output.json else { return options.show(report) }
    var bytes = CSVText.line(report.columns.map { .text($0) })
    for row in report.rows { bytes += CSVText.line(row) }
    standardOutput(bytes)
  }
}

/// Which part of the records counts, and how cost is found, for one answer.
struct GainOptions: ParsableArguments {
  @Option(help: "How cost is found, for this answer: fifo, lifo, hifo, lofo, specific or average.")
  var method: String?
  @Option(help: "Whether lots belong to accounts or to all of them: account or universal.")
  var scope: String?

  var arguments: [String: String] {
    var arguments: [String: String] = [:]
    arguments["method"] = method
    arguments["scope"] = scope
    return arguments
  }
}

/// As of when.
struct TimeOptions: ParsableArguments {
  @Option(help: "As it was at the end of this day: 2024-12-31, or a time.")
  var asOf: String?
  @Option(
    help:
      "As far as it was known at the end of this day: entries that were read later are left out.")
  var knownAt: String?

  var arguments: [String: String] {
    var arguments: [String: String] = [:]
    arguments["as-of"] = asOf
    arguments["known-at"] = knownAt
    return arguments
  }
}

/// A question about gains: as of when, how cost is found, and how the answer is printed.
struct GainQuestion: ParsableArguments {
  @OptionGroup var output: FigureOutput
  @OptionGroup var rules: GainOptions
  @OptionGroup var times: TimeOptions

  func ask(_ verb: String, _ more: [String: String?]) throws {
    let arguments = rules.arguments.merging(times.arguments) { first, _ in first }
    try output.answer(Request(verb, arguments.merging(more.compactMapValues { $0 }) { $1 }))
  }
}

/// The days whose sales are meant.
struct SpanOptions: ParsableArguments {
  @Option(help: "Sales and income from this day on: 2024-01-01.")
  var from: String?
  @Option(help: "Sales and income up to this day.")
  var to: String?
}

/// Says what was gained.
struct GainsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gains",
    abstract: "Show realised and unrealised gains, income, fees and funding.",
    subcommands: [Show.self, Rules.self], defaultSubcommand: Show.self)

  /// Shows them.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "Show gains by asset, lot, account, venue, book or term (the default).",
      discussion: """
        What has no known cost or price is counted in the unknown columns and is in no sum. Fees \
        and funding are valued at the closes of their days.
        """)
    @OptionGroup var question: GainQuestion
    @Option(help: "asset, lot, account, venue, book or term.")
    var by: String?
    @Option(help: "Only this asset: a code or an identity.")
    var asset: String?
    @OptionGroup var span: SpanOptions

    mutating func run() throws {
      try question.ask("gains", ["by": by, "asset": asset, "from": span.from, "to": span.to])
    }
  }

  /// Shows or sets how they are found.
  struct Rules: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rules",
      abstract: "Show or set how cost is found and what performance is set beside.",
      discussion: """
        Unless set: first in, first out, by account, beside BTC. Specific lots are those that \
        coffer lots pick names for a sale; where it names none, those of the account's standing \
        instruction, else the earliest.
        """)
    @OptionGroup var options: EngineCommandOptions
    @OptionGroup var rules: GainOptions
    @Option(help: "An asset or a blend: BTC, or BTC:60,ETH:40.")
    var benchmark: String?

    mutating func run() throws {
      var arguments = rules.arguments
      arguments["benchmark"] = benchmark
      guard !arguments.isEmpty else { return try options.answer(Request("gain-rules")) }
      arguments["user"] = userName
      try options.answer(Request("set-gains", arguments))
    }
  }
}

/// The lots that are held, and those that sales are to take.
struct LotsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lots",
    abstract: "List the lots that are held; name those that a sale takes.",
    subcommands: [Show.self, Taken.self, Pick.self, Unpick.self, Picks.self, Standing.self],
    defaultSubcommand: Show.self)

  /// Lists them.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "List the lots that are held, with their cost and gain (the default).")
    @OptionGroup var question: GainQuestion
    @Argument(help: "Only this asset: a code or an identity.")
    var asset: String?

    mutating func run() throws { try question.ask("lots", ["asset": asset]) }
  }

  /// Lists those that sales took.
  struct Taken: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "taken",
      abstract: "List the lots that sales took, with their gain and what chose each.",
      discussion: """
        Chosen by: the method; named for the sale; a standing instruction; the fallback, which is \
        the earliest, where lots are named and this one was not; none where nothing was there.
        """)
    @OptionGroup var question: GainQuestion
    @OptionGroup var span: SpanOptions
    @Argument(help: "Only this asset: a code or an identity.")
    var asset: String?

    mutating func run() throws {
      try question.ask("lots-taken", ["asset": asset, "from": span.from, "to": span.to])
    }
  }

  /// Shows, records or takes back how sales to come take lots.
  struct Standing: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "standing",
      abstract: "Show or record how an account's sales to come take lots, for the method specific.",
      discussion: """
        It counts for sales from the moment it is recorded, or from a later time; never for sales \
        before. What is named for a sale goes before it; transfers take the earliest lots. It is a \
        record of your own: a venue that must be told is told by you.
        """)
    @OptionGroup var options: EngineCommandOptions
    @Argument(help: "The account.") var account: String?
    @Argument(help: "fifo, lifo, hifo or lofo; none takes back what stands.")
    var method: String?
    @Option(help: "From when on: 2025-01-01, or a time; now unless said.")
    var from: String?

    mutating func run() throws {
      var arguments: [String: String] = [:]
      arguments["account"] = account
      arguments["method"] = method
      arguments["from"] = from
      guard method != nil else {
        guard from == nil else { throw ValidationError("--from goes with a method.") }
        return try options.answer(Request("standing-lots", arguments))
      }
      arguments["user"] = userName
      try options.answer(Request("stand-lots", arguments))
    }
  }

  /// Names some for a sale.
  struct Pick: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "pick",
      abstract: "Name the lots that a sale takes, for the method specific.",
      discussion: """
        A lot without a quantity gives what it has and the sale needs. What is not named is taken \
        by the account's standing instruction, else from the earliest lots, and said to be. The \
        time is kept: lots that are named after the sale are marked. Naming lots anew takes back \
        what was named before.
        """)
    @OptionGroup var options: EngineCommandOptions
    @Argument(help: "The sale's entry, by its id as coffer ledger shows it.") var sale: String
    @Argument(help: "LOT or LOT:QUANTITY, the lots as coffer lots names them.")
    var lots: [String]

    mutating func run() throws {
      try options.answer(
        Request(
          "pick-lots",
          ["sale": sale, "lots": lots.joined(separator: " "), "user": userName]))
    }
  }

  /// Takes that back.
  struct Unpick: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "unpick",
      abstract: "Take back which lots a sale takes.")
    @OptionGroup var options: EngineCommandOptions
    @Argument(help: "The sale's entry.") var sale: String

    mutating func run() throws {
      try options.answer(Request("unpick-lots", ["sale": sale, "user": userName]))
    }
  }

  /// Lists what was named.
  struct Picks: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "picks",
      abstract: "List the lots that were named for sales, when, and what became of them.")
    @OptionGroup var output: FigureOutput
    @OptionGroup var times: TimeOptions
    @Option(help: "Whether lots belong to accounts or to all of them: account or universal.")
    var scope: String?

    mutating func run() throws {
      var arguments = times.arguments
      arguments["scope"] = scope
      try output.answer(Request("lot-picks", arguments))
    }
  }
}

/// Says what was earned, for how much risk.
struct PerformanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "performance",
    abstract: "Show what was earned in a period, where it came from, and for how much risk.",
    discussion: """
      Values are those at the end of each day of UTC; deposits and withdrawals are flows, transfers \
      between own accounts are none. Beside each figure stands on how many days it rests; where \
      they are too few it is refused with the reason. Ratios are a year's, of 365 days.
      """)

  @OptionGroup var question: GainQuestion
  @Option(help: "day, week (7 days), month (30), year (365), all, or 2024-01-01..2024-03-31.")
  var period: String?
  @Option(help: "One row each account, asset, venue or book.")
  var by: String?
  @Option(help: "What to set it beside: BTC, or a blend such as BTC:60,ETH:40.")
  var benchmark: String?
  @Flag(help: "One row a day.")
  var daily = false

  mutating func run() throws {
    try question.ask(
      "performance",
      ["period": period, "by": by, "benchmark": benchmark, "daily": daily ? "yes" : nil])
  }
}

/// Walks from a figure to what it rests on.
struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Walk from a figure to lots, entries, prices and the hash of what was read.",
    discussion: """
      Figures: nav, position:BTC, price:BTC, gain:BTC, lot:LOT (as coffer lots names it), \
      performance.twr and the other names that coffer performance shows.
      """)

  @OptionGroup var output: FigureOutput
  @Argument(help: "The figure.")
  var figure: String
  @Option(help: "The period of a figure of performance.")
  var period: String?

  mutating func run() throws {
    var arguments = ["figure": figure]
    arguments["period"] = period
    try output.answer(Request("why", arguments))
  }
}
