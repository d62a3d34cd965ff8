import Alerts
import Amounts
public import Link
import Styles
public import Wire
import Zones

/// The rules that hold and when it is quiet: what is built in, changed by the user's file.
struct AlertSettings: Sendable {
  var rules = AlertRule.builtIn
  var quiet: QuietHours?
  var clock = LocalClock.utc
  /// The file; empty where there is none.
  var file = ""
  /// Why the file does not hold; empty where it does.
  var problem = ""
}

/// Reads `alerts.toml`: coffer-alerts(7) documents it.
public enum AlertFile {
  /// Where the user's file is looked for: `coffer/alerts.toml` in `$XDG_CONFIG_HOME`.
  public static func path(environment: (String) -> String? = EnginePlace.environment) -> String {
    let config =
      environment("XDG_CONFIG_HOME") ?? (environment("HOME").map { $0 + "/.config" } ?? "/")
    return config + "/coffer/alerts.toml"
  }

  /// What holds: with a file that cannot be used, what is built in, and the reason.
  static func standard(isThere: (String) -> Bool) -> AlertSettings {
    let path = path()
    guard isThere(path) else { return AlertSettings() }
    do {
      return try read(path)
    } catch {
      var settings = AlertSettings()
      settings.file = path
      settings.problem = error.message
      return settings
    }
  }

  /// Checks a file and says what it means.
  ///
  /// - Parameter path: The file.
  /// - Returns: The rules that would hold.
  /// - Throws: The first problem, with its line and column.
  public static func check(_ path: String) throws(Wire.Refusal) -> Report {
    AlertReports.rules(try read(path))
  }

  /// The rules without a file.
  public static var builtIn: Report { AlertReports.rules(AlertSettings()) }

  static func read(_ path: String) throws(Wire.Refusal) -> AlertSettings {
    do {
      let file = try SettingsFile(path: path)
      var settings = AlertSettings()
      settings.file = path
      try checkSections(file)
      try setQuiet(&settings, file)
      try setRules(&settings, file)
      return settings
    } catch let problem as StyleProblem {
      throw Refusal(.usage, problem.description, advice: "See coffer-alerts(7).")
    } catch {
      throw Refusal(.system, "\(path): \(error)")
    }
  }

  private static func checkSections(_ file: SettingsFile) throws {
    for section in file.sections where !["", "quiet", "rule"].contains(section) {
      throw file.problem("there is no table [\(section)]: only [quiet] and [rule.NAME]")
    }
    if let entry = file.entries(of: "").first {
      throw file.problem("'\(entry.key)' stands outside of a table", at: entry)
    }
  }

  // MARK: - Quiet hours

  private static func setQuiet(_ settings: inout AlertSettings, _ file: SettingsFile) throws {
    var quiet: QuietHours?
    var zone = "UTC"
    var through = Severity.critical
    for entry in file.entries(of: "quiet") {
      switch entry.key {
      case "hours":
        let parts = entry.text.split(separator: "-").compactMap { minute(String($0)) }
        guard parts.count == 2, parts[0] != parts[1] else {
          throw file.problem("hours are such as \"22:00-06:00\"", at: entry)
        }
        quiet = QuietHours(from: parts[0], to: parts[1])
      case "zone":
        guard SystemZone(entry.text) != nil else {
          throw file.problem("there is no zone '\(entry.text.prefix(40))'", at: entry)
        }
        zone = entry.text
      case "through":
        guard let severity = Severity(entry.text) else {
          throw file.problem("through is info, warning or critical", at: entry)
        }
        through = severity
      default: throw file.problem("'\(entry.key)' is not known in [quiet]", at: entry)
      }
    }
    guard var found = quiet else {
      if file.sections.contains("quiet") { throw file.problem("[quiet] has no hours") }
      return
    }
    found.zone = zone
    found.through = through
    settings.quiet = found
    if let known = SystemZone(zone) { settings.clock = LocalClock { known.offset(at: $0) } }
  }

  private static func minute(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0...23).contains(hour),
      (0...59).contains(minute)
    else { return nil }
    return hour * 60 + minute
  }

  // MARK: - Rules

  private typealias Entries = [String: SettingsFile.Entry]

  private static func setRules(_ settings: inout AlertSettings, _ file: SettingsFile) throws {
    var tables: [(name: String, entries: Entries)] = []
    for entry in file.entries(of: "rule") {
      guard let dot = entry.key.firstIndex(of: ".") else {
        throw file.problem("a rule is a table: [rule.\(entry.key)]", at: entry)
      }
      let name = String(entry.key[..<dot])
      let key = String(entry.key[entry.key.index(after: dot)...])
      if let place = tables.firstIndex(where: { $0.name == name }) {
        tables[place].entries[key] = entry
      } else {
        tables.append((name, [key: entry]))
      }
    }
    guard tables.count <= 500 else { throw file.problem("there are more than 500 rules") }
    for (name, entries) in tables {
      let first = entries.values.min { $0.line < $1.line }
      guard AlertRule.isName(name) else {
        throw file.problem("a rule's name is made of a-z, 0-9 and -", at: first)
      }
      let known = settings.rules.firstIndex { $0.name == name }
      var rule = try rule(name, entries, known.map { settings.rules[$0] }, file, first)
      rule.origin = "\(file.file):\(first?.line ?? 0)"
      if let known { settings.rules[known] = rule } else { settings.rules.append(rule) }
    }
  }

  private static let measures = [
    "above", "below", "falls", "rises", "moves", "limit", "score", "is",
  ]

  private static let keys: Set<String> = Set(
    measures + [
      "figure", "critical", "clear", "warn", "within", "severity", "for", "hold", "least-weight",
      "group", "escalate", "sinks", "runbook", "on",
    ])

  /// A rule, new or what is built in with what the file says otherwise.
  private static func rule(
    _ name: String, _ entries: Entries, _ built: AlertRule?, _ file: SettingsFile,
    _ first: SettingsFile.Entry?
  ) throws -> AlertRule {
    if let other = entries.keys.sorted().first(where: { !keys.contains($0) }) {
      throw file.problem("'\(other)' is not known in a rule", at: entries[other])
    }
    let used = measures.filter { entries[$0] != nil }
    if used.count > 1 {
      throw file.problem("a rule has one of \(used.joined(separator: ", "))", at: entries[used[1]])
    }
    guard let figure = entries["figure"]?.text ?? built?.figure else {
      throw file.problem("the rule '\(name)' has no figure", at: first)
    }
    guard !figure.isEmpty, figure.utf8.count <= 200 else {
      throw file.problem("that is no figure's name", at: entries["figure"])
    }
    var rule: AlertRule
    if let measure = used.first, let entry = entries[measure] {
      let kind = try kind(measure, entry, entries, file)
      rule = built ?? AlertRule(name, figure, kind)
      rule.kind = kind
    } else if let built {
      rule = built
      for key in ["critical", "clear", "warn", "within"] where entries[key] != nil {
        throw file.problem("'\(key)' wants the level beside it", at: entries[key])
      }
    } else {
      throw file.problem(
        "the rule '\(name)' says nothing of when: \(measures.joined(separator: ", "))", at: first)
    }
    rule.figure = figure
    try setManner(&rule, entries, file)
    return rule
  }

  private static func kind(
    _ measure: String, _ entry: SettingsFile.Entry, _ entries: Entries, _ file: SettingsFile
  ) throws -> AlertRule.Kind {
    switch measure {
    case "above", "below":
      let side: AlertRule.Side = measure == "above" ? .above : .below
      return .threshold(side, try levels(entry, entries, file, side: side, part: 20))
    case "falls", "rises", "moves":
      guard let within = entries["within"] else {
        throw file.problem("'\(measure)' wants within = \"1h\"", at: entry)
      }
      let seconds = try span(within, file)
      guard (60...2_678_400).contains(seconds) else {
        throw file.problem("within lies between 1m and 31d", at: within)
      }
      let isPercent = entry.text.contains("%")
      let levels = try levels(entry, entries, file, side: .above, part: 2)
      guard levels.raise > .zero else {
        throw file.problem("a change is given as a number above 0", at: entry)
      }
      let direction = AlertRule.Direction(rawValue: measure) ?? .moves
      return .change(direction, seconds: seconds, isPercent: isPercent, levels)
    case "limit":
      let most = try number(entry, file)
      let usual = try? most.multiplied(
        by: Fixed(units: Fixed.scale / 10 * 9), rounding: .halfEven)
      let warn = try entries["warn"].map { try number($0, file) } ?? usual ?? most
      guard warn <= most else { throw file.problem("warn lies above the limit", at: entry) }
      return .limit(most: most, warn: warn)
    case "score": return .anomaly(least: try number(entry, file))
    default:
      let words = entry.text.split(separator: ",").map { $0.filter { $0 != " " } }
      let qualities = words.compactMap { Observation.Quality(rawValue: $0) }
      guard !words.isEmpty, qualities.count == words.count, !qualities.contains(.good) else {
        throw file.problem("is names some of partial, stale, disputed, unknown", at: entry)
      }
      return .health(Set(qualities))
    }
  }

  private static func levels(
    _ entry: SettingsFile.Entry, _ entries: Entries, _ file: SettingsFile,
    side: AlertRule.Side, part: Int128
  ) throws -> AlertRule.Levels {
    let raise = try number(entry, file)
    let margin = Int128(raise.units.magnitude) / part
    let usual = Fixed(units: side == .above ? raise.units - margin : raise.units + margin)
    var levels = AlertRule.Levels(raise: raise, clear: usual)
    let isWorse = { (a: Fixed, b: Fixed) in side == .above ? a > b : a < b }
    if let clear = entries["clear"] {
      levels.clear = try number(clear, file)
      if isWorse(levels.clear, raise) {
        throw file.problem("clear lies beyond the level itself", at: clear)
      }
    }
    if let critical = entries["critical"] {
      let level = try number(critical, file)
      if !isWorse(level, raise) {
        throw file.problem("critical lies before the level itself", at: critical)
      }
      levels.critical = level
    }
    return levels
  }

  private static func setManner(
    _ rule: inout AlertRule, _ entries: Entries, _ file: SettingsFile
  ) throws {
    if let entry = entries["severity"] { rule.severity = try severity(entry.text, entry, file) }
    if let entry = entries["for"] { rule.forSeconds = try span(entry, file) }
    if let entry = entries["hold"] { rule.holdSeconds = try span(entry, file) }
    if let entry = entries["least-weight"] { rule.leastWeight = try number(entry, file) }
    if let entry = entries["group"] {
      guard entry.text.isEmpty || AlertRule.isName(entry.text) else {
        throw file.problem("a group's name is made of a-z, 0-9 and -", at: entry)
      }
      rule.group = entry.text
    }
    if let entry = entries["runbook"] { rule.runbook = String(entry.text.prefix(1_000)) }
    if let entry = entries["sinks"] {
      rule.sinks = entry.text.split(separator: ",").map { $0.filter { $0 != " " } }
    }
    if let entry = entries["escalate"] { rule.escalation = try steps(entry, file) }
    guard let entry = entries["on"] else { return }
    guard ["yes", "no"].contains(entry.text) else {
      throw file.problem("on is \"yes\" or \"no\"", at: entry)
    }
    rule.isOn = entry.text == "yes"
  }

  private static func steps(
    _ entry: SettingsFile.Entry, _ file: SettingsFile
  ) throws -> [AlertRule.Step] {
    let steps = try entry.text.split(separator: ",").map { part -> AlertRule.Step in
      let words = part.split(separator: " ")
      guard words.count == 2, let seconds = AlertSpan.seconds(String(words[0])) else {
        throw file.problem("escalate is such as \"15m warning, 1h critical\"", at: entry)
      }
      return AlertRule.Step(
        seconds: seconds, severity: try severity(String(words[1]), entry, file))
    }
    return steps.sorted { $0.seconds < $1.seconds }
  }

  private static func severity(
    _ text: String, _ entry: SettingsFile.Entry, _ file: SettingsFile
  ) throws -> Severity {
    guard let severity = Severity(text) else {
      throw file.problem("a severity is info, warning or critical", at: entry)
    }
    return severity
  }

  private static func span(_ entry: SettingsFile.Entry, _ file: SettingsFile) throws -> Int64 {
    guard let seconds = AlertSpan.seconds(entry.text) else {
      throw file.problem("a time is such as \"30s\", \"15m\", \"1h\" or \"2d\"", at: entry)
    }
    return seconds
  }

  /// A number, with `%` or a time's letter where that is its unit.
  private static func number(_ entry: SettingsFile.Entry, _ file: SettingsFile) throws -> Fixed {
    var text = entry.text.filter { $0 != " " && $0 != "_" && $0 != "," }
    if text.hasSuffix("%") { text.removeLast() }
    if let number = try? Fixed(parsing: text) { return number }
    if let seconds = AlertSpan.seconds(text) { return Fixed(whole: seconds) }
    throw file.problem("'\(entry.text.prefix(40))' is no number", at: entry)
  }
}

/// Lengths of time as people write them.
enum AlertSpan {
  /// The seconds of `30s`, `15m`, `1h` or `2d`; `nil` for anything else, or more than a year.
  static func seconds(_ text: String) -> Int64? {
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
    guard let last = text.last, let unit = units[last], let number = Int64(text.dropLast()),
      (0...31_622_400).contains(number)
    else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit)
    return overflow || product > 31_622_400 ? nil : product
  }
}
