import ArgumentParser
import Glibc
import Link
import Wire

/// Imports files.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Read export files of exchanges, wallets and programs.",
    discussion: """
      The format is found from the file; coffer formats lists them, coffer-import(5) describes \
      them. Reading a file again adds nothing. A row that is not understood is refused with its \
      line and kept: coffer refused.
      """)

  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The files.", completion: .file())
  var files: [String]
  @Option(help: "The format, where it is not to be found from the file.")
  var format: String?
  @Option(help: "A TOML file that maps the columns of a CSV file of your own.", completion: .file())
  var profile: String?
  @Option(help: "Book everything to this account instead of the one the file names.")
  var account: String?
  @Option(help: "The zone of times that name none, for example Europe/Berlin. Default: UTC.")
  var zone: String?
  @Option(help: "Your own currency, for files that leave it out.")
  var currency: String?
  @Option(help: "The chain's coin, for explorer and wallet files that leave it out: ETH.")
  var native: String?
  @Option(help: "Your own address, for files that name no owner.")
  var ownAddress: String?
  @Option(help: "Whether 03/04/2024 is dmy (3 April) or mdy (4 March).")
  var dateOrder: String?
  @Flag(help: "Say what would be added without adding it.")
  var preview = false
  @Flag(help: "Exit with status 1 where rows were refused.")
  var strict = false

  mutating func run() throws {
    let connection = try options.connectUnlocked()
    var refused: Int64 = 0
    for file in files {
      let report = try options.ask(connection, request(for: file))
      options.show(report)
      if case .integer(let count) = report["refused"] { refused += count }
    }
    if strict && refused > 0 { throw ExitCode(1) }
  }

  private func request(for file: String) -> Request {
    var arguments = ["path": EnginePlace.absolute(file), "user": userName]
    arguments["format"] = format
    arguments["profile"] = profile.map { EnginePlace.absolute($0) }
    arguments["account"] = account
    arguments["zone"] = zone
    arguments["currency"] = currency
    arguments["native"] = native
    arguments["own-address"] = ownAddress
    arguments["date-order"] = dateOrder
    if preview { arguments["preview"] = "yes" }
    return Request("import", arguments)
  }
}

/// Lists the imports.
struct Imports: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "imports", abstract: "List the files that were imported.")

  @OptionGroup var options: EngineCommandOptions

  mutating func run() throws { try options.answer(Request("imports")) }
}

/// Lists the refused rows.
struct RefusedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refused", abstract: "List rows that were not understood, with their raw text.")

  @OptionGroup var options: EngineCommandOptions
  @Option(name: .customLong("import"), help: "Only those of this import's number.")
  var importNumber: Int?
  @Option(help: "Set a row aside: its number in this list.")
  var dismiss: Int?
  @Flag(help: "Also those that were set aside.")
  var all = false

  mutating func run() throws {
    if let dismiss {
      return try options.answer(Request("dismiss", ["row": String(dismiss), "user": userName]))
    }
    var arguments = ["limit": "1000"]
    arguments["import"] = importNumber.map { String($0) }
    if all { arguments["state"] = "all" }
    try options.answer(Request("refused", arguments))
  }
}

/// Lists the formats.
struct Formats: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "formats",
    abstract: "List the file formats that can be imported.")

  @OptionGroup var output: OutputOptions

  mutating func run() throws {
    let report = FormatList.report
    standardOutput(output.json ? report.json : Array(report.plainText.utf8))
  }
}

/// Books a correction.
struct Adjust: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adjust",
    abstract: "Book a correction or an opening balance by hand, with a reason.")

  @OptionGroup var options: EngineCommandOptions
  @Option(help: "The account.")
  var account: String
  @Option(help: "The asset: a code such as BTC, or an identity such as contract:ethereum:0x….")
  var asset: String
  @Option(help: "How much comes in; negative goes out.")
  var quantity: String
  @Option(help: "Why.")
  var note: String
  @Option(help: "When, as 2024-01-05T09:00:00Z. Default: now.")
  var time: String?
  @Flag(help: "Book it as what was there when the records begin.")
  var opening = false

  mutating func run() throws {
    var arguments = [
      "account": account, "asset": asset, "quantity": quantity, "note": note, "user": userName,
    ]
    arguments["time"] = time
    if opening { arguments["kind"] = "opening" }
    try options.answer(Request("adjust", arguments))
  }
}

/// Exports everything.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write entries, holdings, accounts or all as JSON or CSV.")

  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "entries, holdings, accounts, imports, refused, prices, links or all.")
  var what: String
  @Option(help: "json (one object a line) or csv.")
  var format = "json"
  @Option(name: .shortAndLong, help: "The file to write.", completion: .file())
  var output: String
  @Flag(help: "Write over a file that is there.")
  var replace = false

  mutating func run() throws {
    var arguments = ["what": what, "format": format, "path": EnginePlace.absolute(output)]
    if replace { arguments["replace"] = "yes" }
    try options.answer(Request("export", arguments))
  }
}
