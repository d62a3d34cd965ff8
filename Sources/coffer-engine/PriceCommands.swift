import ArgumentParser
import Link
import Wire

/// What assets cost.
struct PricesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prices",
    abstract: "Show prices with their age, range and sources, or what they were.",
    discussion: """
      Without an asset, one line for each that is held or watched. With one, what each source says, \
      and why it counts or does not. Where there is no fresh price the reason stands beside it: \
      rate-limited, not-answering, no-market, silent, no-rate, waiting, offline, never-asked.

      For example: coffer prices BTC --history 1h --from 2024-01-01
      """)

  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "An asset: a code or an identity.") var asset: String?
  @Option(help: "Bars of this length instead: 1s, 1m, 1h or 1d.")
  var history: String?
  @Option(help: "From this time on, such as 2024-01-05 or 2024-01-05T09:00:00Z.")
  var from: String?
  @Option(help: "Before this time.")
  var to: String?
  @Flag(help: "Show how far stablecoins are from their peg instead.")
  var pegs = false
  @Flag(help: "Print the table as CSV.")
  var csv = false

  mutating func validate() throws {
    if history == nil && (from != nil || to != nil) {
      throw ValidationError("--from and --to want --history.")
    }
    if history != nil && asset == nil { throw ValidationError("--history wants an asset.") }
    if pegs && (asset != nil || history != nil) {
      throw ValidationError("--pegs is for all stablecoins at once.")
    }
    if csv && options.output.json { throw ValidationError("--json and --csv exclude each other.") }
  }

  mutating func run() throws {
    let connection = try options.connectUnlocked()
    let report = try options.ask(connection, request)
    csv ? standardOutput(report.csv) : options.show(report)
  }

  private var request: Request {
    if pegs { return Request("pegs") }
    var arguments: [String: String] = [:]
    arguments["asset"] = asset
    guard let history else { return Request("prices", arguments) }
    arguments["length"] = history
    arguments["from"] = from
    arguments["to"] = to
    return Request("price-history", arguments)
  }
}

extension Report {
  /// The table as CSV, with a line of names.
  var csv: [UInt8] {
    CSVText.line(columns.map { .text($0) }) + rows.flatMap { CSVText.line($0) }
  }
}

/// Prices that users state.
struct PriceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "price", abstract: "State a price, or say who is asked for prices.",
    subcommands: [
      List.self, Set.self, Approve.self, Withdraw.self, Statements.self, Venues.self,
      Benchmark.self,
    ], defaultSubcommand: List.self)

  /// Lists them.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "List the prices in use, as coffer prices does.")
    @OptionGroup var options: EngineCommandOptions
    mutating func run() throws { try options.answer(Request("prices")) }
  }

  /// States one.
  struct Set: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "set",
      abstract: "State a price; it counts for a day where nothing else is said.",
      discussion: """
        Where the market has a price, or the last one known is more than 10 % away, it waits for a \
        second word: coffer price approve. Running feeds come before stated prices all the same.

        For example: coffer price set BTC 67412.50 USD --hours 72 --reason "committee of May 3"
        """)
    @OptionGroup var options: EngineCommandOptions
    @Argument(help: "The asset: a code or an identity.") var asset: String
    @Argument(help: "The price of one unit.") var price: String
    @Argument(help: "Its currency.") var currency: String
    @Option(help: "For how many hours it counts.") var hours = 24
    @Option(help: "Why, for the audit log.") var reason: String?
    mutating func run() throws {
      var arguments = [
        "asset": asset, "price": price, "currency": currency, "hours": String(hours),
        "user": userName,
      ]
      arguments["reason"] = reason
      try options.answer(Request("set-price", arguments))
    }
  }

  /// Approves one.
  struct Approve: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "approve",
      abstract: "Approve a price that waits for a second word.",
      discussion: """
        Where the vault has more than one passphrase, another user than the one who stated it has \
        to do that; else the same one does, with --confirm.
        """)
    @OptionGroup var options: EngineCommandOptions
    @Argument(help: "Its number, as coffer price statements shows it.") var number: Int64
    @Flag(help: "Say so as the vault's only user.") var confirm = false
    mutating func run() throws {
      var arguments = ["id": String(number), "user": userName]
      if confirm { arguments["confirm"] = "yes" }
      try options.answer(Request("approve-price", arguments))
    }
  }

  /// Takes one back.
  struct Withdraw: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "withdraw",
      abstract: "Take back a price that waits for a second word.")
    @OptionGroup var options: EngineCommandOptions
    @Argument(help: "Its number, as coffer price statements shows it.") var number: Int64
    mutating func run() throws {
      try options.answer(
        Request("withdraw-price", ["id": String(number), "user": userName]))
    }
  }

  /// Lists those that were stated.
  struct Statements: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "statements",
      abstract: "List the prices that were stated, with who approved them.")
    @OptionGroup var options: EngineCommandOptions
    mutating func run() throws { try options.answer(Request("price-statements")) }
  }

  /// Lists or chooses the assets that are compared with.
  struct Benchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "benchmark",
      abstract: "List or choose the assets whose prices are followed without being held.",
      discussion: "For example: coffer price benchmark BTC ETH")
    @OptionGroup var options: EngineCommandOptions
    @Argument(help: "The assets: well-known codes or identities.") var assets: [String] = []
    mutating func run() throws {
      if assets.isEmpty { return try options.answer(Request("benchmark")) }
      try options.answer(
        Request(
          "set-benchmark", ["assets": assets.joined(separator: ","), "user": userName]))
    }
  }
}

extension PriceCommand {
  /// Lists or chooses the venues that are asked for prices.
  struct Venues: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "venues",
      abstract: "List or choose the venues asked for prices beside those with an account.",
      discussion: """
        They are asked while at least one account or wallet is followed, for open data only.

        For example: coffer price venues kraken bitstamp
        """)
    @OptionGroup var options: EngineCommandOptions
    @Flag(help: "Ask nobody beside the venues with an account.") var none = false
    @Argument(help: "The venues, by the names of `coffer venues`.") var venues: [String] = []

    mutating func validate() throws {
      if none && !venues.isEmpty { throw ValidationError("--none and venues exclude each other.") }
    }

    mutating func run() throws {
      if venues.isEmpty && !none { return try options.answer(Request("price-venues")) }
      try options.answer(
        Request(
          "set-price-venues", ["venues": venues.joined(separator: ","), "user": userName]))
    }
  }
}
