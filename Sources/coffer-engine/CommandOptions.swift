import ArgumentParser
import Cipher
import Glibc
import Link
import Wire

/// Which vault is meant.
struct PlaceOptions: ParsableArguments {
  @Option(help: "The vault's folder. Default: $COFFER_VAULT, else ~/.local/share/coffer/main.")
  var vault: String?

  /// Its paths.
  var place: EnginePlace { .standard(vault: vault) }

  /// The same as arguments for another program of ours.
  var arguments: [String] { vault.map { ["--vault", $0] } ?? [] }
}

/// How an answer is printed.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print JSON; amounts are strings of exact decimals.")
  var json = false
}

/// How a passphrase is given without standing in an argument.
struct SecretOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Read passphrases from this open descriptor, one a line, instead of asking.",
      valueName: "number"))
  var passphraseDescriptor: Int32?
}

/// What every command that talks to an engine takes.
struct EngineCommandOptions: ParsableArguments {
  @OptionGroup var place: PlaceOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var secrets: SecretOptions
  @Flag(help: "Fail where no engine runs instead of starting one.")
  var noStart = false
}

extension EngineCommandOptions {
  /// Attaches to the engine, starting it where that is allowed.
  func connect() throws -> EngineConnection {
    try requireVault()
    do {
      if noStart {
        guard let found = try EngineConnection.attach(to: place.place) else {
          throw Refusal(
            .notFound, "no engine runs for \(place.place.vault)",
            advice: "Run: coffer engine start")
        }
        return found
      }
      return try EngineConnection.attachStarting(EngineStart(place: place.place))
    } catch { throw CommandFailure(any: error) }
  }

  /// Attaches to an engine whose vault is open, asking for the passphrase if need be.
  func connectUnlocked() throws -> EngineConnection {
    let connection = try connect()
    if connection.status.isUnlocked { return connection }
    guard secrets.passphraseDescriptor != nil || SecretPrompt.canAsk else {
      throw CommandFailure(
        Refusal(.locked, "the vault is locked", advice: "Run: coffer unlock"))
    }
    try unlock(connection)
    return connection
  }

  /// Opens the vault with a passphrase from the user.
  func unlock(_ connection: EngineConnection, acceptRollback: Bool = false) throws {
    var prompt = SecretPrompt(descriptor: secrets.passphraseDescriptor)
    let secret = try prompt.ask("Passphrase or recovery code of \(place.place.name): ")
    let arguments = acceptRollback ? ["accept-rollback": "yes"] : [:]
    _ = try ask(connection, Request("unlock", arguments, secrets: [secret]))
  }

  /// Asks the engine and turns its refusal into the command's failure.
  func ask(_ connection: EngineConnection, _ request: Request) throws -> Report {
    var line = ProgressLine()
    defer { line.clear() }
    do {
      return try connection.ask(request) { line.show($0) }
    } catch { throw CommandFailure(any: error) }
  }

  /// Asks, then prints the answer as text or JSON.
  func answer(_ request: Request) throws {
    let connection = try connectUnlocked()
    show(try ask(connection, request))
  }

  /// Prints an answer as text or JSON.
  func show(_ report: Report) {
    let report = report.withTimes
    output.json ? standardOutput(report.json) : standardOutput(Array(report.plainText.utf8))
  }

  /// A vault must be there before an engine is started for it.
  private func requireVault() throws {
    if access(place.place.vault, F_OK) == 0 { return }
    throw CommandFailure(
      Refusal(
        .notFound, "there is no vault at \(place.place.vault)",
        advice: "Make one: coffer init. Or look around first: coffer demo"))
  }
}

/// Writes bytes to standard output, all of them.
func standardOutput(_ bytes: [UInt8]) {
  var sent = 0
  while sent < bytes.count {
    let count = bytes[sent...].withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    if count < 0 && errno == EINTR { continue }
    // A reader that went away wants no more.
    if count <= 0 { return }
    sent += count
  }
}

/// Who is at the keyboard, for the audit log.
var userName: String {
  guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else {
    return "uid \(getuid())"
  }
  return String(cString: name)
}
