internal import Canvas

/// What is wrong with the text of a setting.
public struct SettingFault: Error, Equatable, Sendable {
  /// What is the matter, without a full stop.
  public let message: String

  /// Makes a fault.
  public init(_ message: String) { self.message = message }
}

/// What somebody wants of a setting, and who wants it.
public struct WantedSetting: Hashable, Sendable {
  /// The setting's name, as in `Settings.all` or of a family.
  public let name: String
  /// What is wanted.
  public let text: String
  /// Where that is said: `file:line:column`, a variable or an option.
  public let place: String

  /// Makes a wish.
  public init(name: String, text: String, place: String) {
    self.name = name
    self.text = text
    self.place = place
  }

  /// What is wrong with it, with its place.
  func problem(_ fault: String) -> String { "\(place): \(fault)" }
}

/// What is to be written to the settings file of one setting.
public struct KeptSetting: Hashable, Sendable {
  /// The setting's name.
  public let name: String
  /// What is written; `nil` takes the line away.
  public let text: String?
  /// Whether it is a number or a yes or no, which TOML writes without quotes.
  public let isBare: Bool
  /// Whether it is written where the file does not have it yet.
  public let isNeeded: Bool

  init(name: String, text: String?, isBare: Bool = false, isNeeded: Bool = true) {
    self.name = name
    self.text = text
    self.isBare = isBare
    self.isNeeded = isNeeded
  }
}

/// One thing the user decides for good: the row that the settings file, `set`, its completion and the
/// manual are made from.
public struct Setting: Sendable {
  /// What may stand there.
  public enum Values: Sendable {
    /// `true` or `false`; `yes`, `on`, `no` and `off` are taken for them.
    case flag
    /// One of these words.
    case words([String])
    /// A number between these, or the word where there is one.
    case number(ClosedRange<Double>, or: String?)
    /// Any text that the rule takes; how it is called in the manual.
    case text(String, rule: @Sendable (String) throws(SettingFault) -> String)
  }

  /// The name: on the `:` line, and in the file, where what stands before a dot is the section.
  public let name: String
  /// What it decides, in one short line.
  public let summary: String
  /// What may stand there.
  public let values: Values
  /// What holds where nobody says anything.
  public let standard: String
  /// The variable of the environment that goes before the file; empty for none.
  public let variable: String
  /// What holds now.
  let read: @Sendable (ClientModel) -> String
  /// Makes it hold; the flag says whether the program is just starting.
  let use: @Sendable (inout ClientModel, String, _ isStart: Bool) throws(SettingFault) -> Void

  /// The words that can be completed.
  public var words: [String] {
    switch values {
    case .flag: ["true", "false"]
    case .words(let words): words
    case .number(_, let word): word.map { [$0] } ?? []
    case .text: []
    }
  }

  /// What may stand there, as the manual says it.
  public var form: String {
    switch values {
    case .flag: "true, false"
    case .words(let words): words.joined(separator: ", ")
    case .number(let range, let word):
      (word.map { "\($0), " } ?? "")
        + "\(Setting.short(range.lowerBound)) to \(Setting.short(range.upperBound))"
    case .text(let name, _): name
    }
  }

  /// Whether TOML writes it without quotes.
  func isBare(_ text: String) -> Bool {
    switch values {
    case .flag: true
    case .number(_, let word): text != word
    case .words, .text: false
    }
  }

  /// The text as it is kept.
  ///
  /// - Throws: What is wrong with it, and what was probably meant.
  public func checked(_ text: String) throws(SettingFault) -> String {
    let small = text.lowercased()
    switch values {
    case .flag:
      if ["true", "yes", "on"].contains(small) { return "true" }
      if ["false", "no", "off"].contains(small) { return "false" }
      throw fault("is true or false", text, ["true", "false", "yes", "no", "on", "off"])
    case .words(let words):
      if words.contains(small) { return small }
      throw fault("is one of \(words.joined(separator: ", "))", text, words)
    case .number(let range, let word):
      if let word, small == word { return word }
      guard let number = Double(text), range.contains(number) else {
        throw SettingFault("'\(name)' is \(form), and not '\(Setting.shown(text))'")
      }
      return Setting.short(number)
    case .text(_, let rule): return try rule(text)
    }
  }

  private func fault(_ form: String, _ text: String, _ words: [String]) -> SettingFault {
    let near = Spelling.nearest(to: text.lowercased(), among: words)
    return SettingFault(
      "'\(name)' \(form), and not '\(Setting.shown(text))'"
        + (near.map { " (did you mean '\($0)'?)" } ?? ""))
  }

  static func shown(_ text: String) -> String {
    Sanitiser.line(text.shortened(to: 80), columns: 40)
  }

  private static func short(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e9 ? "\(Int(number))" : "\(number)"
  }
}

/// Settings that the user names: a section of the file whose keys are free.
public struct SettingFamily: Sendable {
  /// The section.
  public let name: String
  /// What its keys are, as the manual says it.
  public let key: String
  /// What its texts are, as the manual says it.
  public let form: String
  /// What they decide, in one short line.
  public let summary: String
  /// What is wrong with a key and its text; `nil` where nothing is.
  let fault: @Sendable (_ key: String, _ text: String) -> String?
  /// What holds now.
  let read: @Sendable (ClientModel) -> [(key: String, text: String)]
  /// Makes one hold.
  let use: @Sendable (inout ClientModel, _ key: String, _ text: String) -> Void
}

extension Settings {
  /// Puts together what the file, the environment and the options want.
  ///
  /// - Parameters:
  ///   - file: The entries of the settings file; a name is the section, a dot and the key.
  ///   - environment: Looks a variable up; an empty one says nothing.
  ///   - options: What was said on the command line, by the settings' names.
  /// - Returns: One wish a setting, options before environment before file, and what was wrong with
  ///   the others, each with its place.
  public static func resolved(
    file: [WantedSetting], environment: (String) -> String?, options: [String: String]
  ) -> (wanted: [WantedSetting], problems: [String]) {
    var problems: [String] = []
    var found: [String: WantedSetting] = [:]
    func take(_ wish: WantedSetting) {
      do { found[wish.name] = try checked(wish) } catch {
        problems.append(wish.problem(error.message))
      }
    }
    for wish in file { take(wish) }
    for setting in all where !setting.variable.isEmpty {
      guard let text = environment(setting.variable), !text.isEmpty else { continue }
      take(WantedSetting(name: setting.name, text: text, place: setting.variable))
    }
    for setting in all {
      guard let text = options[setting.name] else { continue }
      take(WantedSetting(name: setting.name, text: text, place: "--\(setting.name)"))
    }
    // Families first: a setting may name what stands in one.
    let free = found.values.filter { named($0.name) == nil }.sorted { $0.name < $1.name }
    return (free + all.compactMap { found[$0.name] }, problems)
  }

  /// A wish in the form in which it is kept.
  static func checked(_ wish: WantedSetting) throws(SettingFault) -> WantedSetting {
    if let setting = named(wish.name) {
      return WantedSetting(
        name: wish.name, text: try setting.checked(wish.text), place: wish.place)
    }
    if let (family, key) = family(of: wish.name) {
      if let fault = family.fault(key, wish.text) { throw SettingFault(fault) }
      return wish
    }
    throw unknown(wish.name)
  }

  /// That no setting is called so, and which one was probably meant.
  static func unknown(_ name: String) -> SettingFault {
    let near = Spelling.nearest(to: name, among: all.map(\.name))
    return SettingFault(
      "no setting is called '\(Setting.shown(name))'"
        + (near.map { " (did you mean '\($0)'?)" } ?? ""))
  }

  /// The setting of a name.
  public static func named(_ name: String) -> Setting? { table[name] }

  private static let table = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// The family of a name, and the key in it.
  static func family(of name: String) -> (family: SettingFamily, key: String)? {
    guard let dot = name.firstIndex(of: "."),
      let family = families.first(where: { $0.name == name[..<dot] })
    else { return nil }
    return (family, String(name[name.index(after: dot)...]))
  }
}
