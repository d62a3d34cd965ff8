import ArgumentParser
import Canvas
import Link
import Screens
import Styles
import Wire

/// Prints the keys of the view.
struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "List the keys of the full-screen view with what they do.",
    discussion: """
      Commands without a key stand there with what can be typed after ':'. Keys are written as in \
      keymap files.
      """)

  @OptionGroup var output: OutputOptions
  @Option(
    help: "A keymap's name, or a file. Default: the one that the view starts with.",
    completion: StyleNames.ofKeymaps)
  var keymap: String?
  @Option(
    help: "Only what can be pressed on this screen, or in help, popup or prompt.",
    completion: .list(KeyTable.contexts.filter { $0 != Keymap.everywhere }))
  var screen: String?

  mutating func run() throws {
    do {
      let found = try StyleLibrary(directories: StyleNames.folders.keymaps).keymap(
        named: keymap ?? KeysCommand.wantedKeymap, commands: Commands.names,
        contexts: Commands.contexts)
      let report = try report(of: found.value)
      standardOutput(output.json ? report.json : Array(report.plainText.utf8))
    } catch { throw CommandFailure(any: error) }
  }

  /// The keymap of the settings: the environment goes before the file.
  private static var wantedKeymap: String {
    let file = SettingsStore(path: StyleNames.folders.settings).read().entries.map {
      WantedSetting(name: $0.name, text: $0.text, place: $0.place)
    }
    let found = Settings.resolved(file: file, environment: EnginePlace.environment, options: [:])
    return found.wanted.first { $0.name == "keymap" }?.text ?? "default"
  }

  private func report(of keymap: Keymap) throws(Refusal) -> Report {
    var rows = KeyTable.rows(of: keymap)
    if let screen {
      guard let context = KeyTable.context(named: screen) else {
        throw Refusal(
          .notFound, "there is no screen '\(screen.prefix(40))'",
          advice: "There are: " + KeyTable.contexts.dropFirst().joined(separator: ", "))
      }
      rows = KeyTable.rows(of: keymap, in: context)
    }
    return Report(
      facts: [.init("keymap", .text(keymap.name))], tableName: "keys",
      columns: ["keys", "where", "command", "summary"], rows: rows.map(KeysCommand.cells))
  }

  private static func cells(_ row: KeyTable.Row) -> [ReportCell] {
    let place = row.context == Keymap.everywhere ? "everywhere" : row.context ?? ":"
    return [
      .text(row.keys.joined(separator: " ")), .text(place), .text(row.line),
      .text(row.spec.summary),
    ]
  }
}
