import Imports
import Ledger
import Styles
import Wire

/// Reads a mapping profile (coffer-import(5)) from TOML.
enum ProfileFile {
  /// The format that a profile describes.
  static func format(at path: String) throws(Refusal) -> ImportFormat {
    let file: SettingsFile
    do { file = try SettingsFile(path: path) } catch { throw refusal(error) }
    do {
      try checkNames(file)
      return try profile(file).format()
    } catch let fault as MappingFault {
      throw Refusal(.usage, "\(path): \(sentence(fault))", advice: "See coffer-import(5).")
    } catch let problem as StyleProblem {
      throw refusal(problem)
    } catch {
      throw Refusal(.system, "\(path): \(error)")
    }
  }

  private static func refusal(_ problem: StyleProblem) -> Refusal {
    Refusal(.usage, problem.description, advice: "See coffer-import(5).")
  }

  private static let amounts = ["in", "out", "amount", "fee", "value"]
  private static let known: [String: Set<String>] = [
    "": ["name", "venue", "account", "zone", "times", "decimal-mark", "empty"],
    "columns": Set(
      ["time", "kind", "account", "to-account", "note", "hash", "reference"]
        + amounts.flatMap { ["\($0).column", "\($0).asset-column", "\($0).asset"] }),
  ]

  private static func checkNames(_ file: SettingsFile) throws {
    for section in file.sections where section != "kinds" {
      guard let names = known[section] else {
        throw file.problem("there is no table [\(section)]: only [columns] and [kinds]")
      }
      for entry in file.entries(of: section) where !names.contains(entry.key) {
        if amounts.contains(entry.key) {
          throw file.problem(
            "'\(entry.key)' is a table: { column = \"…\", asset-column = \"…\" }", at: entry)
        }
        throw file.problem("'\(entry.key)' is not known here", at: entry)
      }
    }
  }

  private static func profile(_ file: SettingsFile) throws -> MappingProfile {
    let name = try required(file, "", "name").text
    let venue = text(file, "", "venue") ?? name
    var columns = MappingProfile.Columns(time: try required(file, "columns", "time").text)
    columns.kind = text(file, "columns", "kind")
    columns.account = text(file, "columns", "account")
    columns.toAccount = text(file, "columns", "to-account")
    columns.note = text(file, "columns", "note")
    columns.transactionHash = text(file, "columns", "hash")
    columns.reference = text(file, "columns", "reference")
    columns.incoming = try amount(file, "in")
    columns.outgoing = try amount(file, "out")
    columns.amount = try amount(file, "amount")
    columns.fee = try amount(file, "fee")
    columns.value = try amount(file, "value")
    var profile = MappingProfile(
      name: name, venue: venue, account: text(file, "", "account") ?? name, columns: columns)
    try setStyle(&profile, file)
    try setKinds(&profile, file)
    return profile
  }

  private static func setStyle(_ profile: inout MappingProfile, _ file: SettingsFile) throws {
    if let entry = entry(file, "", "decimal-mark") {
      switch entry.text {
      case "point": profile.numbers = .pointed
      case "comma": profile.numbers = .comma
      default: throw file.problem("decimal-mark is \"point\" or \"comma\"", at: entry)
      }
    }
    if let empty = text(file, "", "empty") { profile.numbers.emptyTexts = Set(listed(empty)) }
    if let entry = entry(file, "", "zone") {
      switch entry.text {
      case "utc": profile.clock = .utc
      case "account": profile.clock = .account
      default: throw file.problem("zone is \"utc\" or \"account\"", at: entry)
      }
    }
    if let entry = entry(file, "", "times") {
      profile.times = try listed(entry.text).map { text in
        guard let pattern = TimePattern(text) else {
          throw file.problem("'\(text)' is no pattern of times", at: entry)
        }
        return pattern
      }
    }
  }

  /// The parts of a text between bars, without the spaces around them.
  private static func listed(_ text: String) -> [String] {
    text.split(separator: "|").map { part in
      let start = part.drop { $0 == " " }
      return String(start.reversed().drop { $0 == " " }.reversed())
    }
  }

  private static func setKinds(_ profile: inout MappingProfile, _ file: SettingsFile) throws {
    for entry in file.entries(of: "kinds") {
      let text = entry.key.lowercased()
      if entry.text == "skip" {
        profile.skippedKinds.insert(text)
      } else if let kind = EntryKind(rawValue: entry.text) {
        profile.kinds[text] = kind
      } else {
        let all = EntryKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw file.problem("'\(entry.text)' is no kind: skip, \(all)", at: entry)
      }
    }
  }

  /// Where an amount stands: its number's column, and the column of its code, a code that always
  /// holds, or neither for a code in the number's cell.
  private static func amount(
    _ file: SettingsFile, _ name: String
  ) throws -> MappingProfile.Amount? {
    let code = entry(file, "columns", "\(name).asset-column")
    let always = entry(file, "columns", "\(name).asset")
    guard let column = text(file, "columns", "\(name).column") else {
      if let lonely = code ?? always {
        throw file.problem("'\(name)' has no column", at: lonely)
      }
      return nil
    }
    switch (code, always) {
    case (nil, nil): return MappingProfile.Amount(column: column, code: .inCell)
    case (let code?, nil): return MappingProfile.Amount(column: column, code: .column(code.text))
    case (nil, let always?):
      return MappingProfile.Amount(column: column, code: .always(always.text))
    case (.some, let always?):
      throw file.problem("'\(name)' has both asset-column and asset", at: always)
    }
  }

  private static func entry(
    _ file: SettingsFile, _ section: String, _ key: String
  ) -> SettingsFile.Entry? { file.entries(of: section).first { $0.key == key } }

  private static func text(_ file: SettingsFile, _ section: String, _ key: String) -> String? {
    entry(file, section, key)?.text
  }

  private static func required(
    _ file: SettingsFile, _ section: String, _ key: String
  ) throws -> SettingsFile.Entry {
    guard let found = entry(file, section, key) else {
      throw file.problem("'\(key)' is missing\(section.isEmpty ? "" : " in [\(section)]")")
    }
    return found
  }

  private static func sentence(_ fault: MappingFault) -> String {
    switch fault {
    case .name(let name): "the name '\(name)' is not made of a-z, 0-9 and -"
    case .nameTaken(let name): "there is a format '\(name)' already"
    case .venue(let venue): "the venue '\(venue)' is empty, too long, or has a ':'"
    case .account: "the account is empty"
    case .noAmount: "no column says what moved: in, out or amount"
    case .twoWaysOfAmounts: "amount stands beside in or out"
    case .emptyColumn(let field): "the column of '\(field)' is empty"
    case .columnTwice(let column): "the column '\(column)' is named twice"
    case .noTimes: "no pattern of times is given"
    case .kindsWithoutColumn: "kinds are given, but no column of kinds"
    case .columnWithoutKinds: "a column of kinds is given, but no [kinds]"
    }
  }
}
