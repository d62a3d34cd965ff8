import Link
import Screens
import Styles

extension ClientSettings {
  /// What every client takes from how it was started.
  init(_ options: ClientOptions, _ preferences: Preferences) {
    self.init()
    wanted = preferences.wanted
    isReadOnly = options.isReadOnly
    homeFolder = EnginePlace.environment("HOME") ?? ""
    workingFolder = EnginePlace.absolute(".")
  }
}

/// What the settings file, the environment and the options want.
struct Preferences {
  let wanted: [WantedSetting]
  /// What was wrong with them, with its place.
  let problems: [String]

  init(_ options: ClientOptions, _ folders: StyleFolders) {
    let (entries, faults) = SettingsStore(path: folders.settings).read()
    let file = entries.map { WantedSetting(name: $0.name, text: $0.text, place: $0.place) }
    let found = Settings.resolved(
      file: file, environment: EnginePlace.environment, options: options.settings)
    wanted = found.wanted
    problems = faults.map(\.description) + found.problems
  }

  /// What is wanted of a setting; `nil` where nobody says anything.
  subscript(name: String) -> String? { wanted.first { $0.name == name }?.text }
}

extension SettingsNews {
  /// Writes settings to their file.
  init(keeping settings: [KeptSetting], in folders: StyleFolders) {
    let store = SettingsStore(path: folders.settings)
    let changes = settings.map {
      SettingsStore.Change(
        name: $0.name, text: $0.text, isBare: $0.isBare, isAdded: $0.isNeeded)
    }
    do {
      self = .kept(path: store.path, changed: try store.write(changes))
    } catch { self = .failed(error.description) }
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
