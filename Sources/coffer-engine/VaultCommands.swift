import ArgumentParser
import Engine
import Glibc
import Link
import Wire

/// Makes a vault.
struct Initialise: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make a new vault and print its recovery code.",
    discussion: """
      The recovery code opens the vault when the passphrase is lost. It is printed once: write it \
      down and keep it apart from this computer.
      """)

  @OptionGroup var place: PlaceOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var secrets: SecretOptions
  @Option(help: "The currency that figures are shown in.")
  var currency = "USD"

  mutating func run() throws {
    let place = place.place
    var prompt = SecretPrompt(descriptor: secrets.passphraseDescriptor)
    let passphrase = try prompt.askNew("New passphrase for \(place.name): ")
    do {
      let made = try VaultMaker.create(
        place: place, passphrase: passphrase, currency: currency, user: userName)
      let report = Report(facts: [
        .init("vault", .text(place.vault)), .init("recovery_code", .text(made.recoveryCode)),
        .init("key_derivation", .text(made.derivation)),
      ])
      if output.json { return standardOutput(report.json) }
      print(
        """
        Made the vault \(place.vault)

          Recovery code:  \(made.recoveryCode)

        It is shown this once. Write it down and keep it apart from this computer: whoever has it
        can open the vault, and without it a lost passphrase cannot be replaced.

        Next: coffer import FILE, then coffer
        """)
    } catch { throw CommandFailure(any: error) }
  }
}

/// Opens the vault.
struct Unlock: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unlock",
    abstract: "Open the vault in the engine with a passphrase or recovery code.")

  @OptionGroup var options: EngineCommandOptions
  @Flag(help: "Open a vault that is older than the one last seen here, for example from a copy.")
  var acceptRollback = false

  mutating func run() throws {
    let connection = try options.connect()
    if !connection.status.isUnlocked {
      try options.unlock(connection, acceptRollback: acceptRollback)
    }
    options.show(try options.ask(connection, Request("status")))
  }
}

/// Closes the vault.
struct Lock: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lock",
    abstract: "Close the vault in the engine and wipe its keys from memory.",
    discussion: """
      With --after nothing is closed now: from then on the engine does it when no key was pressed \
      in any open view for that long. Commands are no keys. While the vault is closed nothing is \
      read from exchanges and wallets, no price is kept and no alert is raised.
      """)

  @OptionGroup var options: EngineCommandOptions
  @Option(help: "Close it by itself after so long without a key: 5m, 15m, 2h; off for never.")
  var after: String?

  mutating func run() throws {
    if let after {
      return try options.answer(Request("set-idle-lock", ["after": after, "user": userName]))
    }
    options.noStart = true
    let connection = try options.connect()
    _ = try options.ask(connection, Request("lock"))
  }
}

/// Says how things stand.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Say whether the engine runs and the vault is open.")

  @OptionGroup var options: EngineCommandOptions

  mutating func run() throws {
    options.noStart = true
    options.show(try options.ask(try options.connect(), Request("status")))
  }
}

/// The engine's own commands.
struct EngineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engine", abstract: "Start, stop and look at the engine.",
    subcommands: [Start.self, Stop.self, Status.self, Run.self])

  /// Starts it in the background.
  struct Start: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "start",
      abstract: "Start the engine in the background; the vault stays locked.")

    @OptionGroup var options: EngineCommandOptions
    @Flag(help: "Keep it off the network.")
    var offline = false

    mutating func run() throws {
      do {
        let start = EngineStart(place: options.place.place, isOffline: offline)
        let connection = try EngineConnection.attachStarting(start)
        options.show(try options.ask(connection, Request("status")))
      } catch { throw CommandFailure(any: error) }
    }
  }

  /// Stops it.
  struct Stop: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "stop",
      abstract: "End the engine; work that goes on is finished or taken back first.")

    @OptionGroup var options: EngineCommandOptions

    mutating func run() throws {
      options.noStart = true
      _ = try options.ask(try options.connect(), Request("stop"))
    }
  }

  /// Runs it in the foreground.
  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "run",
      abstract: "Run the engine in the foreground, for a service manager.")

    @OptionGroup var place: PlaceOptions
    @Flag(help: "Keep it off the network.")
    var offline = false
    @Flag(help: .hidden)
    var demo = false
    @Option(help: .hidden)
    var readyDescriptor: Int32?
    @Option(help: .hidden)
    var runtimeFolder: String?
    @Option(help: .hidden)
    var stateFolder: String?

    mutating func run() throws {
      var place = place.place
      if let runtimeFolder, let stateFolder {
        place = EnginePlace(
          vault: place.vault, runtimeFolder: runtimeFolder, stateFolder: stateFolder)
      }
      var options = EngineOptions(place: place, isOffline: offline, isDemo: demo)
      do {
        try EngineProcess.run(readyDescriptor: readyDescriptor) { () throws(Refusal) in
          let simulated = try SimulatedHosts.fromEnvironment()
          options.redirects = simulated.redirects
          options.pace = simulated.pace
          return options
        }
      } catch { throw CommandFailure(any: error) }
    }
  }
}
