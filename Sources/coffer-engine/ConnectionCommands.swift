import Adapters
import ArgumentParser
import Foundation
import Glibc
import Link
import VenueKit
import Wire

/// Lists venues.
struct VenuesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "venues",
    abstract: "List the exchanges that can be followed, and how well each part is known.",
    discussion: """
      documented: written after the venue's documents. recorded: tried on answers recorded from \
      the venue. used live: used with a real account.
      """)

  @OptionGroup var output: OutputOptions
  @Argument(help: "One venue: what it reads, what its key consists of.")
  var venue: String?

  mutating func run() throws {
    let report: Report
    if let name = venue {
      report = VenueList.report(of: try VenueCatalogue.installed(name))
    } else {
      report = VenueList.report(of: VenueCatalogue.installed.all)
    }
    standardOutput(output.json ? report.json : Array(report.plainText.utf8))
  }
}

extension VenueCatalogue {
  /// The venues that are built in and those of the user's adapters.
  static var installed: VenueCatalogue {
    AdapterLibrary(environment: EnginePlace.environment).catalogue
  }

  /// The venue that the user names.
  static func installed(_ name: String) throws -> Venue {
    guard let found = installed.named(name.lowercased()) else {
      throw CommandFailure(
        status: 5, "there is no venue \(name)", advice: "List them: coffer venues")
    }
    return found
  }
}

/// Connects an exchange.
struct AddAccount: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Follow an account at an exchange with an API key.",
    discussion: """
      Make a key that may only read. It is asked for without showing it, tried at the venue, and \
      sealed in the vault. A key that may withdraw is refused unless you insist. What is asked for \
      at a venue, and whether Coffer logs in with it, coffer venues VENUE says.
      """)

  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The venue: coffer venues lists them.")
  var venue: String
  @Option(help: "The account's name. Default: the venue's.")
  var name: String?
  @Option(help: "Put it into this book (sleeve).")
  var book: String?
  @Option(help: "Nothing before this day is read: 2023-01-01.")
  var from: String?
  @Flag(help: "Take a key that may withdraw all the same.")
  var acceptWithdraw = false
  @Flag(help: "Store the key without trying it.")
  var untested = false
  @OptionGroup var credentials: CredentialOptions

  mutating func run() throws {
    let found = try VenueCatalogue.installed(venue)
    let connection = try options.connectUnlocked()
    let secrets = try credentials.read(for: found)
    var arguments = ["venue": found.id, "user": userName]
    arguments["name"] = name
    arguments["book"] = book
    arguments["from"] = from
    if acceptWithdraw { arguments["accept-withdraw"] = "yes" }
    if untested { arguments["untested"] = "yes" }
    options.show(try options.ask(connection, Request("connect", arguments, secrets: secrets)))
  }
}

/// How a venue's key is given without standing in an argument.
struct CredentialOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Read the key's fields from this open descriptor, one a line, instead of asking.",
      valueName: "number"))
  var credentialsDescriptor: Int32?
  @Option(
    help: ArgumentHelp(
      "Read the secret from this file: a PEM file, or a key file as Coinbase gives it.",
      valueName: "path"), completion: .file())
  var secretFile: String?

  /// The fields in the order the venue names them; one left out is empty.
  func read(for venue: Venue) throws -> [[UInt8]] {
    var values = try fileValues()
    var prompt = SecretPrompt(descriptor: credentialsDescriptor)
    return try venue.credentials.map { field in
      if let value = values.removeValue(forKey: field.name) { return Array(value.utf8) }
      let hint = field.isOptional ? " (may be empty)" : ""
      let typed = try prompt.askField("\(venue.name) \(field.label)\(hint): ", field.isOptional)
      // Keys in PEM form are often given on one line, with \n for the ends of lines.
      let text = String(decoding: typed, as: UTF8.self)
      return Array(text.replacing("\\n", with: "\n").utf8)
    }
  }

  private func fileValues() throws -> [String: String] {
    guard let secretFile else { return [:] }
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: secretFile))
    } catch {
      throw CommandFailure(status: 5, "cannot read \(secretFile)")
    }
    guard data.count <= 64 << 10 else {
      throw CommandFailure(status: 64, "\(secretFile) is too large for a key")
    }
    struct KeyFile: Decodable {
      let name: String
      let privateKey: String
    }
    if let file = try? JSONDecoder().decode(KeyFile.self, from: data) {
      return ["key": file.name, "secret": file.privateKey]
    }
    return ["secret": String(decoding: data, as: UTF8.self)]
  }
}

/// Shows how accounts stand.
struct AccountStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show how the accounts that are followed stand.")
  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "One account: its feeds, what was read and what is next.")
  var account: String?

  mutating func run() throws {
    if let account { return try options.answer(Request("feeds", ["account": account])) }
    try options.answer(Request("connections"))
  }
}

/// Gives an account another key.
struct RekeyAccount: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rekey",
    abstract: "Give an account another API key; the old one stays until it works."
  )
  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The account.") var account: String
  @Option(help: "The venue of the account.") var venue: String
  @Flag(help: "Take a key that may withdraw all the same.") var acceptWithdraw = false
  @OptionGroup var credentials: CredentialOptions

  mutating func run() throws {
    let found = try VenueCatalogue.installed(venue)
    let connection = try options.connectUnlocked()
    let secrets = try credentials.read(for: found)
    var arguments = ["account": account, "user": userName]
    if acceptWithdraw { arguments["accept-withdraw"] = "yes" }
    options.show(try options.ask(connection, Request("rekey", arguments, secrets: secrets)))
  }
}

/// Stops following an account.
struct RemoveAccount: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Stop following an account and destroy its key; its entries stay.")
  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The account.") var account: String
  mutating func run() throws {
    try options.answer(Request("disconnect", ["account": account, "user": userName]))
  }
}

/// Stops asking for a while.
struct PauseAccount: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Ask nothing of an account until it is resumed.")
  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The account.") var account: String
  mutating func run() throws {
    try options.answer(Request("pause", ["account": account, "user": userName]))
  }
}

/// Goes on asking.
struct ResumeAccount: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Go on with an account that was paused or has stopped.")
  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The account.") var account: String
  mutating func run() throws {
    try options.answer(Request("resume", ["account": account, "user": userName]))
  }
}

/// Reads a stretch of time again.
struct RequeryAccount: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "requery",
    abstract: "Read a stretch of time of an account again; nothing is booked twice.")
  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The account.") var account: String
  @Option(help: "From this day: 2024-01-01.") var from: String
  @Option(help: "Up to this day. Default: now.") var to: String?
  mutating func run() throws {
    var arguments = ["account": account, "from": from]
    arguments["to"] = to
    try options.answer(Request("requery", arguments))
  }
}

/// Watches wallets.
struct WalletCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wallet",
    abstract: "Watch wallets, hardware wallets included; no key is ever asked for.",
    subcommands: [AddWallet.self, NameToken.self])
}

/// Names a token of a wallet.
struct NameToken: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token",
    abstract: "Ask a watched wallet for one more token, by its contract.",
    discussion: """
      On chains made like Ethereum nodes do not list an address's tokens; the well-known ones are \
      asked for by themselves.
      """)
  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The wallet's account.") var account: String
  @Argument(help: "The token's contract (0x…).") var token: String
  @Flag(help: "Ask for it no more; what the books have of it stays.") var remove = false

  mutating func run() throws {
    var arguments = ["account": account, "token": token, "user": userName]
    arguments["remove"] = remove ? "yes" : nil
    try options.answer(Request("name-token", arguments))
  }
}

/// Watches a wallet.
struct AddWallet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Watch a wallet by an extended public key, descriptor or address.",
    discussion: """
      A Ledger, Trezor or Keystone is watched by what its own program exports: an extended public \
      key (xpub, ypub, zpub …), an output descriptor, or a receiving address. Private keys and \
      seed phrases are refused and not kept.
      """)
  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The extended public key, descriptor or address; asked for where left out.")
  var watch: String?
  @Option(help: "The chain, where the text leaves it open: bitcoin, ethereum, solana …")
  var chain: String?
  @Option(
    help: ArgumentHelp(
      "Your own server instead of a public one: https://…, or of Electrum ssl://host:50002.",
      discussion: """
        Electrum servers often sign their own certificate: ssl://host:50002#sha256=FINGERPRINT \
        takes that certificate and no other. tcp:// reaches this machine only.
        """))
  var server: String?
  @Option(
    help: ArgumentHelp(
      "A token's contract (0x…) to ask for as well; may be given several times.",
      discussion: """
        On chains made like Ethereum nodes do not list an address's tokens; the well-known ones are \
        asked for by themselves.
        """))
  var token: [String] = []
  @Option(help: "The account's name.")
  var name: String?
  @Option(help: "Put it into this book (sleeve).")
  var book: String?

  mutating func run() throws {
    let connection = try options.connectUnlocked()
    var prompt = SecretPrompt(descriptor: nil)
    let text =
      try watch
      ?? String(
        decoding: try prompt.askField("Extended public key, descriptor or address: ", false),
        as: UTF8.self)
    var arguments = ["watch": text, "user": userName]
    arguments["chain"] = chain
    arguments["server"] = server
    arguments["tokens"] = token.isEmpty ? nil : token.joined(separator: ",")
    arguments["name"] = name
    arguments["book"] = book
    options.show(try options.ask(connection, Request("watch", arguments)))
  }
}

/// Shows limits.
struct LimitsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "limits", abstract: "Show how much of the venues' limits is used.",
    discussion: """
      Above the table: how many calls were wished for and sent, how many a kept answer made \
      needless, how many shared another's, and how many answers were the same as the one kept. \
      Only answers to calls without a key are kept.
      """)
  @OptionGroup var options: EngineCommandOptions
  mutating func run() throws { try options.answer(Request("limits")) }
}

/// Shows what detectors of anomalies saw.
struct AnomaliesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "anomalies", abstract: "Show what the detectors of anomalies saw.",
    discussion: """
      Each row is one episode: what was seen, what would have been usual, how rare that is, which \
      places agree. Above the table: what the detectors hold and did; ready says whether all prices \
      that are known have been learned. Episodes are alerts: coffer alerts confirm and coffer alerts \
      mute teach the detectors. Curbs are the assets whose trading should wait, since two venues saw \
      the same.
      """)
  @OptionGroup var options: EngineCommandOptions
  mutating func run() throws { try options.answer(Request("anomalies")) }
}

/// Shows breaks.
struct BreaksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "breaks",
    abstract: "List differences between the ledger and what venues report.")
  @OptionGroup var options: EngineCommandOptions
  mutating func run() throws { try options.answer(Request("breaks")) }
}
