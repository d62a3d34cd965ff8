internal import Canvas
internal import Wire

/// What became of the settings file.
public enum SettingsNews: Sendable {
  /// These were wrong in it, in the environment or in an option: sentences with their places.
  case wrong([String])
  /// It is written: its path, and the names of the settings that changed in it.
  case kept(path: String, changed: [String])
  /// It could not be written: one sentence with the place.
  case failed(String)
}

/// Settings: `set` changes one, `save-settings` keeps all.
extension ClientModel {
  /// What was wanted of a setting that the model itself has no other place for.
  func preference(_ name: String) -> String {
    preferences[name] ?? Settings.named(name)?.standard ?? ""
  }

  /// Takes over what was wanted at the start; what cannot be is said.
  mutating func adopt(_ wanted: [WantedSetting]) {
    for wish in wanted {
      if let (family, key) = Settings.family(of: wish.name) {
        family.use(&self, key, wish.text)
        continue
      }
      guard let setting = Settings.named(wish.name) else { continue }
      do { try setting.use(&self, wish.text, true) } catch {
        say(.warning, wish.problem(error.message))
      }
    }
    history = ViewHistory(viewState)
  }

  /// Starts with screens that share the body.
  mutating func begin(_ arrangement: Arrangement) {
    self.arrangement = arrangement
    screen = arrangement.screens.first ?? screen
  }

  /// Starts on a screen; one that the layout does not show is shown alone.
  mutating func begin(_ screen: Screen) {
    if !arrangement.contains(screen) { arrangement = Arrangement(screen) }
    self.screen = screen
  }

  mutating func take(_ news: SettingsNews) {
    switch news {
    case .wrong(let problems):
      for problem in problems.prefix(20) { say(.warning, problem) }
      if problems.count > 20 { say(.warning, "and \(problems.count - 20) more; coffer doctor") }
    case .kept(let path, let changed) where changed.isEmpty:
      say(.info, "Everything stands in \(path) already.")
    case .kept(let path, let changed):
      say(.success, "Kept in \(path): \(changed.joined(separator: ", "))")
    case .failed(let reason): say(.error, reason)
    }
  }

  mutating func sayNextStart(_ name: String) {
    say(.info, "\(name) counts from the next start; :save-settings keeps it.")
  }

  // MARK: set

  /// `set`, `set NAME`, `set NAME VALUE`.
  mutating func set(_ words: [String]) {
    guard let name = words.first else { return show(.report(title: "Settings", allSettings)) }
    guard let setting = Settings.named(name) else {
      return say(.error, "set: \(Settings.unknown(name).message)")
    }
    guard words.count > 1 else { return say(.info, "\(name) is \(setting.read(self))") }
    do {
      let said = messagesSaid
      let text = try setting.checked(words.dropFirst().joined(separator: " "))
      try setting.use(&self, text, false)
      if messagesSaid == said, !awaitsStyle { say(.info, "\(name) is \(setting.read(self))") }
      draw()
    } catch {
      say(.error, "set: \(error.message)")
    }
  }

  private var allSettings: Report {
    Report(
      tableName: "settings", columns: ["setting", "value", "may be"],
      rows: Settings.all.map { [.text($0.name), .text($0.read(self)), .text($0.form)] })
  }

  // MARK: Keeping

  /// Writes all settings as they hold now.
  mutating func saveSettings(_ words: [String]) {
    guard words.isEmpty else {
      return say(.error, "save-settings: nothing follows it; :export PATH writes figures to a file")
    }
    var kept = Settings.all.map { setting in
      let text = setting.read(self)
      return KeptSetting(
        name: setting.name, text: text, isBare: setting.isBare(text),
        isNeeded: text != setting.standard)
    }
    for family in Settings.families {
      kept += family.read(self).map { KeptSetting(name: "\(family.name).\($0.key)", text: $0.text) }
    }
    keep(kept)
  }

  /// Writes some settings; a client that may change nothing keeps them to itself.
  mutating func keep(_ settings: [KeptSetting]) {
    guard !self.settings.isReadOnly else {
      return say(.info, "This client is read-only: it holds until you leave.")
    }
    perform(.keep(settings))
  }
}
