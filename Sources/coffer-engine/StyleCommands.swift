import ArgumentParser
import Canvas
import Glibc
import Link
import Screens
import Styles
import Wire

/// Themes.
struct ThemeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "theme", abstract: "List themes, or check one.",
    subcommands: [List.self, Check.self], defaultSubcommand: List.self)

  /// Lists them.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the themes.")
    @OptionGroup var output: OutputOptions
    mutating func run() throws { StyleNames.show(StyleNames.folders.themes, "themes", output) }
  }

  /// Checks one.
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Check a theme: its file, contrast, and gain and loss for colour-blind eyes.")
    @OptionGroup var output: OutputOptions
    @Argument(help: "A theme's name, or a file.", completion: StyleNames.ofThemes) var theme: String

    mutating func run() throws {
      do {
        let library = StyleLibrary(directories: StyleNames.folders.themes)
        let found = try library.theme(named: theme)
        StyleNames.show(
          found.warnings.map(\.description) + ThemeCheck.findings(of: found.value).map(\.text),
          output)
      } catch { throw CommandFailure(any: error) }
    }
  }
}

/// Keymaps.
struct KeymapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keymap", abstract: "List keymaps, or check one.",
    subcommands: [List.self, Check.self], defaultSubcommand: List.self)

  /// Lists them.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the keymaps.")
    @OptionGroup var output: OutputOptions
    mutating func run() throws { StyleNames.show(StyleNames.folders.keymaps, "keymaps", output) }
  }

  /// Checks one.
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Check a keymap: unknown commands, clashes, keys that terminals cannot send.")
    @OptionGroup var output: OutputOptions
    @Argument(help: "A keymap's name, or a file.", completion: StyleNames.ofKeymaps) var keymap:
      String

    mutating func run() throws {
      do {
        let library = StyleLibrary(directories: StyleNames.folders.keymaps)
        let found = try library.keymap(
          named: keymap, commands: Commands.names, contexts: Commands.contexts)
        StyleNames.show(found.warnings.map(\.description), output)
      } catch { throw CommandFailure(any: error) }
    }
  }
}

/// What the commands share.
enum StyleNames {
  /// The names of themes for shells; asked each time, so that one's own are among them.
  ///
  /// A function of this program would be called in fish with words that fish does not have there.
  static let ofThemes = CompletionKind.shellCommand(
    "coffer theme list 2>/dev/null | tail -n +2")
  /// The names of keymaps for shells.
  static let ofKeymaps = CompletionKind.shellCommand(
    "coffer keymap list 2>/dev/null | tail -n +2")

  static var folders: StyleFolders {
    StyleFolders(program: EngineStart.program, environment: EnginePlace.environment)
  }

  static func show(_ directories: [String], _ what: String, _ output: OutputOptions) {
    let names = StyleLibrary(directories: directories).names()
    print(
      Report(
        tableName: what, columns: ["name"], rows: names.map { [.text($0)] }), output)
  }

  static func show(_ findings: [String], _ output: OutputOptions) {
    print(
      Report(
        facts: [.init("sound", .flag(findings.isEmpty))], tableName: "findings",
        columns: ["finding"], rows: findings.map { [.text($0)] }), output)
  }

  private static func print(_ report: Report, _ output: OutputOptions) {
    standardOutput(output.json ? report.json : Array(report.plainText.utf8))
  }
}
