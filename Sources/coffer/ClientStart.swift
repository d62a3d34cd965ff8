import Link
import Screens
import Styles

extension ClientSettings {
  /// What every client takes from how it was started.
  init(_ options: ClientOptions) {
    self.init()
    isReadOnly = options.isReadOnly
    homeFolder = EnginePlace.environment("HOME") ?? ""
    workingFolder = EnginePlace.absolute(".")
    screen = options.screen ?? ""
  }
}

extension StyleNews {
  /// Reads a keymap by its name.
  init(keymap name: String, in folders: StyleFolders) {
    do {
      let keymap = try StyleLibrary(directories: folders.keymaps).keymap(
        named: name, commands: Commands.names, contexts: Commands.contexts)
      self = .keymap(keymap.value, warnings: keymap.warnings.map(\.description))
    } catch { self = .failed(error.description) }
  }
}
