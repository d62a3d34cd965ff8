import ArgumentParser
import Engine
import Glibc
import Link
import Wire

/// Backs the vault up.
struct Backup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Write an encrypted, verified backup of the vault into one file.",
    discussion: "The passphrase and recovery code of the vault open the backup as well.")

  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The file to write, for example main.coffer-backup.", completion: .file())
  var file: String
  @Flag(help: "Write over a file that is there.")
  var replace = false

  mutating func run() throws {
    var arguments = ["path": EnginePlace.absolute(file), "user": userName]
    if replace { arguments["replace"] = "yes" }
    try options.answer(Request("backup", arguments))
  }
}

/// Restores a backup.
struct Restore: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Make a vault from a backup, after verifying it.")

  @OptionGroup var place: PlaceOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var secrets: SecretOptions
  @Argument(help: "The backup.", completion: .file())
  var file: String
  @Flag(help: "Move a vault that is there aside, then restore.")
  var replace = false
  @Flag(help: "Only verify the backup.")
  var verify = false

  mutating func run() throws {
    let place = place.place
    do {
      if !verify, try EngineConnection.attach(to: place) != nil {
        throw Refusal(
          .busy, "an engine runs for \(place.vault)", advice: "Run: coffer engine stop")
      }
    } catch { throw CommandFailure(any: error) }
    var prompt = SecretPrompt(descriptor: secrets.passphraseDescriptor)
    let secret = try prompt.ask("Passphrase or recovery code of the backup: ")
    var line = ProgressLine()
    defer { line.clear() }
    do {
      let report = try VaultMaker.restore(
        file: EnginePlace.absolute(file), place: place, secret: secret, replace: replace,
        onlyVerify: verify, user: userName
      ) { line.show($0) }
      line.clear()
      standardOutput(output.json ? report.json : Array(report.plainText.utf8))
    } catch { throw CommandFailure(any: error) }
  }
}

/// Key slots.
struct KeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "Passphrases and recovery codes that open the vault.",
    subcommands: [
      List.self, Add.self, Change.self, Recovery.self, Remove.self, Rotate.self,
    ], defaultSubcommand: List.self)

  /// Lists them.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the key slots.")
    @OptionGroup var options: EngineCommandOptions
    mutating func run() throws { try options.answer(Request("slots")) }
  }

  /// Adds a passphrase.
  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "add",
      abstract: "Add another passphrase, for another person or place.")
    @OptionGroup var options: EngineCommandOptions
    @Option(help: "What it is for.") var label = "passphrase"
    mutating func run() throws {
      let connection = try options.connectUnlocked()
      var prompt = SecretPrompt(descriptor: options.secrets.passphraseDescriptor)
      let old = try prompt.ask("A passphrase that opens the vault now: ")
      let new = try prompt.askNew("The new passphrase: ")
      options.show(
        try options.ask(
          connection, Request("add-slot", ["label": label, "user": userName], secrets: [old, new])))
    }
  }

  /// Changes a passphrase.
  struct Change: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "change",
      abstract: "Change a passphrase.",
      discussion: """
        Copies of the vault's files that were made before still open with the old one. Where it \
        may be known to others, run: coffer key rotate
        """)
    @OptionGroup var options: EngineCommandOptions
    mutating func run() throws {
      let connection = try options.connectUnlocked()
      var prompt = SecretPrompt(descriptor: options.secrets.passphraseDescriptor)
      let old = try prompt.ask("The passphrase to change: ")
      let new = try prompt.askNew("The new passphrase: ")
      options.show(
        try options.ask(
          connection, Request("change-slot", ["user": userName], secrets: [old, new])))
    }
  }

  /// Makes a recovery code.
  struct Recovery: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "recovery",
      abstract: "Make another recovery code and print it once.")
    @OptionGroup var options: EngineCommandOptions
    mutating func run() throws {
      let connection = try options.connectUnlocked()
      var prompt = SecretPrompt(descriptor: options.secrets.passphraseDescriptor)
      let old = try prompt.ask("A passphrase that opens the vault now: ")
      options.show(
        try options.ask(
          connection, Request("add-recovery", ["user": userName], secrets: [old])))
    }
  }

  /// Removes a slot.
  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "remove", abstract: "Remove a key slot.")
    @OptionGroup var options: EngineCommandOptions
    @Argument(help: "Its number, as key list shows it.") var slot: Int
    mutating func run() throws {
      let connection = try options.connectUnlocked()
      var prompt = SecretPrompt(descriptor: options.secrets.passphraseDescriptor)
      let secret = try prompt.ask("A passphrase of another slot: ")
      options.show(
        try options.ask(
          connection,
          Request("remove-slot", ["slot": String(slot), "user": userName], secrets: [secret])))
    }
  }

  /// Encrypts everything anew.
  struct Rotate: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rotate",
      abstract: "Encrypt the whole vault with a new root key.",
      discussion: """
        Only the passphrases given here open the vault afterwards; a new recovery code is printed, \
        the old one is void. Interrupted, the vault stays as it was.
        """)
    @OptionGroup var options: EngineCommandOptions
    @Option(help: "How many passphrases are kept.") var keep = 1
    mutating func run() throws {
      let connection = try options.connectUnlocked()
      var prompt = SecretPrompt(descriptor: options.secrets.passphraseDescriptor)
      let secrets = try (0..<max(1, min(keep, 8))).map {
        try prompt.ask("Passphrase to keep (\($0 + 1)): ")
      }
      options.show(
        try options.ask(connection, Request("rotate", ["user": userName], secrets: secrets)))
    }
  }
}

/// The audit log.
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "The hashed and signed log of everything that was done.",
    subcommands: [State.self, Verify.self, Export.self], defaultSubcommand: State.self)

  /// Shows its state.
  struct State: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "status", abstract: "Show the log's size, root and last checkpoint.")
    @OptionGroup var options: EngineCommandOptions
    mutating func run() throws { try options.answer(Request("audit-status")) }
  }

  /// Verifies it.
  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify",
      abstract: "Verify the vault's log, or an exported one without any key.",
      discussion: """
        With a file, no vault and no passphrase are needed: leaves, root, consistency and \
        signatures are computed from the file alone (RFC 6962, Ed25519). Give a checkpoint that \
        was kept elsewhere to find out whether the log was cut or replaced since.
        """)
    @OptionGroup var options: EngineCommandOptions
    @Argument(help: "An exported log.", completion: .file()) var file: String?
    @Option(help: "A file with a checkpoint that was kept elsewhere.", completion: .file())
    var checkpoint: String?

    mutating func run() throws {
      guard let file else { return try options.answer(Request("audit-verify")) }
      do {
        options.show(
          try VaultMaker.verifyAudit(
            file: EnginePlace.absolute(file),
            checkpointFile: checkpoint.map { EnginePlace.absolute($0) }))
      } catch { throw CommandFailure(any: error) }
    }
  }

  /// Exports it.
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export",
      abstract: "Write the log with its checkpoints, for an auditor.")
    @OptionGroup var options: EngineCommandOptions
    @Argument(help: "The file to write.", completion: .file()) var file: String
    @Flag(help: "Write over a file that is there.") var replace = false
    mutating func run() throws {
      var arguments = ["path": EnginePlace.absolute(file)]
      if replace { arguments["replace"] = "yes" }
      try options.answer(Request("audit-export", arguments))
    }
  }
}

/// Checks everything.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check the installation, the paths and the vault, and say what to do.")

  @OptionGroup var options: EngineCommandOptions

  mutating func run() throws {
    let checks = DoctorChecks(options: options).run()
    let report = Report(
      facts: [.init("healthy", .flag(!checks.contains { $0.verdict == "bad" }))],
      tableName: "checks", columns: ["check", "verdict", "finding", "advice"],
      rows: checks.map {
        [.text($0.name), .text($0.verdict), .text($0.finding), .text($0.advice)]
      })
    options.show(report)
    if checks.contains(where: { $0.verdict == "bad" }) { throw ExitCode(1) }
  }
}
