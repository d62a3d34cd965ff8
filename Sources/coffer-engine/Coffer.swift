import ArgumentParser
import CPosix
import Glibc
import Link
import Screens

/// Every command of Coffer but the full-screen program itself, and the engine.
@main
struct Coffer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coffer",
    abstract: "Crypto portfolios in the terminal, kept in a local encrypted vault.",
    discussion: """
      Without a command, coffer opens the full-screen view of the vault; it starts the engine when \
      none runs and leaves it running. Try it without any data: coffer demo.

      Exit status: 0 done; 1 failed; 3 the vault is locked; 4 wrong passphrase; 5 not found; \
      6 damaged or altered; 7 not allowed; 8 busy; 9 cancelled; 64 wrong use of the command line.
      """,
    version: CofferVersion.text,
    groupedSubcommands: [
      CommandGroup(name: "Start", subcommands: [Open.self, Demo.self, Initialise.self]),
      CommandGroup(
        name: "Vault",
        subcommands: [
          Unlock.self, Lock.self, Status.self, LogCommand.self, EngineCommand.self,
        ]),
      CommandGroup(
        name: "Records",
        subcommands: [
          VenuesCommand.self, AdapterCommand.self, WalletCommand.self, LimitsCommand.self,
          BreaksCommand.self, BookCommand.self,
          ImportCommand.self, Imports.self, RefusedCommand.self, Formats.self, Adjust.self,
          ExportCommand.self,
        ]),
      CommandGroup(
        name: "Figures",
        subcommands: [
          Positions.self, LedgerCommand.self, AccountCommand.self, AssetCommand.self,
          PricesCommand.self, PriceCommand.self, StrikeCommand.self, CurrencyCommand.self,
          AlertsCommand.self, AnomaliesCommand.self,
          GainsCommand.self, LotsCommand.self, PerformanceCommand.self, WhyCommand.self,
          RiskCommand.self, CorrelationCommand.self,
        ]),
      CommandGroup(
        name: "Safety",
        subcommands: [Backup.self, Restore.self, KeyCommand.self, AuditCommand.self, Doctor.self]),
      CommandGroup(
        name: "Program",
        subcommands: [
          ThemeCommand.self, KeymapCommand.self, KeysCommand.self, SimulateCommand.self,
          Completions.self,
          Version.self,
        ]),
    ])

  mutating func run() throws { try Open.become([]) }

  /// Runs the command that the arguments name; its failure becomes the documented exit status.
  static func main() {
    // Passphrases pass through many of the commands, not only through the engine.
    umask(0o077)
    _ = posix_harden()
    do {
      var command = try CompletedCoffer.isAsked ? CompletedCoffer.parseAsRoot() : parseAsRoot()
      try command.run()
    } catch let failure as CommandFailure {
      failure.tell()
      Glibc.exit(failure.status)
    } catch {
      exit(withError: error)
    }
  }
}

/// The same commands as shells complete them: with what the client takes where no command stands.
///
/// It parses nothing else: options of a root are taken from behind its commands as well, so that
/// `coffer positions --vault` would lose its vault.
struct CompletedCoffer: ParsableCommand {
  static let configuration = Coffer.configuration

  @OptionGroup var view: ViewOptions

  /// Whether a script for a shell is asked for by the parser's own option.
  static var isAsked: Bool {
    CommandLine.arguments.dropFirst().first?.hasPrefix("--generate-completion-script") == true
  }
}

/// The one place that names the version.
enum CofferVersion {
  static let text = "0.1.0"
}

/// Opens the full-screen view.
struct Open: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Open the full-screen view (the default).")

  @OptionGroup var view: ViewOptions

  mutating func run() throws { try Open.become(view.arguments) }

  /// Becomes the full-screen program, which lies beside this one.
  static func become(_ arguments: [String]) throws {
    let program = EngineStart.program.dropLast("-engine".count)
    var pointers: [UnsafeMutablePointer<CChar>?] = ([String(program)] + arguments).map {
      strdup($0)
    }
    pointers.append(nil)
    execv(String(program), &pointers)
    throw CommandFailure(
      status: 1, "cannot run \(program): \(systemText(errno))",
      advice: "Install coffer and coffer-engine in the same folder.")
  }
}

/// Opens the demonstration.
struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Look at a made-up portfolio whose prices move; nothing is kept.")

  @OptionGroup var look: LookOptions

  mutating func run() throws { try Open.become(["demo"] + look.arguments) }
}

/// What the view of a vault takes.
struct ViewOptions: ParsableArguments {
  @OptionGroup var place: PlaceOptions
  @Flag(help: "Keep the engine off the network: what is stored, with its age.")
  var offline = false
  @Flag(help: "Only look: this client changes nothing.")
  var readOnly = false
  @OptionGroup var look: LookOptions

  /// As the client takes them.
  var arguments: [String] {
    var arguments = place.arguments
    if offline { arguments.append("--offline") }
    if readOnly { arguments.append("--read-only") }
    return arguments + look.arguments
  }
}

/// How the view looks, full-screen or in lines.
struct LookOptions: ParsableArguments {
  @Option(
    help: "The theme to start with: a name in Themes/ or a file.", completion: StyleNames.ofThemes)
  var theme: String?
  @Option(
    help: "The keymap to start with: a name in Keymaps/ or a file.",
    completion: StyleNames.ofKeymaps)
  var keymap: String?
  @Option(
    help: "The screen to start with: overview, positions, pnl, risk and so on.",
    completion: .list(ClientModel.screenNames))
  var screen: String?
  @Option(
    help: "Colours: auto, never, 16, 256 or rgb.",
    completion: .list(["auto", "never", "16", "256", "rgb"]))
  var color: String?
  @Flag(help: "Draw with ASCII only.")
  var ascii = false
  @Flag(help: "Tell the screens in lines, for readers of screens, odd terminals and pipes.")
  var plain = false
  @Option(help: "With --plain: tell what has changed every so many seconds.")
  var refresh: Double?

  /// As the client takes them.
  var arguments: [String] {
    var arguments: [String] = []
    if let theme { arguments += ["--theme", theme] }
    if let keymap { arguments += ["--keymap", keymap] }
    if let screen { arguments += ["--screen", screen] }
    if let color { arguments += ["--color", color] }
    if ascii { arguments.append("--ascii") }
    if plain { arguments.append("--plain") }
    if let refresh { arguments += ["--refresh", "\(refresh)"] }
    return arguments
  }
}

/// Says the version.
struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Show the version.")

  mutating func run() throws {
    print("coffer \(CofferVersion.text)")
  }
}

/// Writes a completion script.
struct Completions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions",
    abstract: "Write a completion script for a shell.",
    discussion: """
      bash: coffer completions bash > ~/.local/share/bash-completion/completions/coffer
      zsh:  coffer completions zsh > a folder of $fpath, as _coffer
      fish: coffer completions fish > ~/.config/fish/completions/coffer.fish
      """)

  @Argument(help: "bash, zsh or fish.", completion: .list(["bash", "zsh", "fish"]))
  var shell: String

  mutating func run() throws {
    guard let kind = CompletionShell(rawValue: shell), CompletionShell.allCases.contains(kind)
    else { throw ValidationError("There are completions for bash, zsh and fish.") }
    print(CompletedCoffer.completionScript(for: kind))
  }
}
