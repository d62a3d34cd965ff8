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

  private static let known: [String: Set<String>] = [
    "": ["name", "venue", "account", "decimal", "times", "clock", "empty"],
    "columns": [
      "time", "kind", "account", "to-account", "note", "transaction", "reference", "incoming",
      "incoming-asset", "outgoing", "outgoing-asset", "amount", "amount-asset", "fee",
      "fee-asset", "value", "value-currency",
    ],
  ]

  private static func checkNames(_ file: SettingsFile) throws {
    for section in file.sections where section != "kinds" {
      guard let names = known[section] else {
        throw file.problem("there is no section [\(section)]: top, [columns] and [kinds]")
      }
      for entry in file.entries(of: section) where !names.contains(entry.key) {
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
    columns.transactionHash = text(file, "columns", "transaction")
    columns.reference = text(file, "columns", "reference")
    columns.incoming = amount(file, "incoming", "incoming-asset")
    columns.outgoing = amount(file, "outgoing", "outgoing-asset")
    columns.amount = amount(file, "amount", "amount-asset")
    columns.fee = amount(file, "fee", "fee-asset")
    columns.value = amount(file, "value", "value-currency")
    var profile = MappingProfile(
      name: name, venue: venue, account: text(file, "", "account") ?? name, columns: columns)
    try setStyle(&profile, file)
    try setKinds(&profile, file)
    return profile
  }

  private static func setStyle(_ profile: inout MappingProfile, _ file: SettingsFile) throws {
    if let entry = entry(file, "", "decimal") {
      switch entry.text {
      case ".": profile.numbers = .pointed
      case ",": profile.numbers = .comma
      default: throw file.problem("decimal is \".\" or \",\"", at: entry)
      }
    }
    if let empty = text(file, "", "empty") { profile.numbers.emptyTexts = [empty] }
    if let entry = entry(file, "", "clock") {
      switch entry.text {
      case "utc": profile.clock = .utc
      case "account": profile.clock = .account
      default: throw file.problem("clock is \"utc\" or \"account\"", at: entry)
      }
    }
    if let entry = entry(file, "", "times") {
      profile.times = try entry.text.split(separator: "|").map { pattern in
        guard let pattern = TimePattern(String(pattern)) else {
          throw file.problem("'\(pattern)' is no pattern of times", at: entry)
        }
        return pattern
      }
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

  /// A column's name and where its code stands: a column, `=CODE` for always the same, or nowhere
  /// for a code in the number's cell.
  private static func amount(
    _ file: SettingsFile, _ column: String, _ code: String
  ) -> MappingProfile.Amount? {
    guard let column = text(file, "columns", column) else { return nil }
    guard let code = text(file, "columns", code) else {
      return MappingProfile.Amount(column: column, code: .inCell)
    }
    return MappingProfile.Amount(
      column: column,
      code: code.hasPrefix("=") ? .always(String(code.dropFirst())) : .column(code))
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
    case .noAmount: "no column says what moved: incoming, outgoing or amount"
    case .twoWaysOfAmounts: "amount stands beside incoming or outgoing"
    case .emptyColumn(let field): "the column of '\(field)' is empty"
    case .columnTwice(let column): "the column '\(column)' is named twice"
    case .noTimes: "no pattern of times is given"
    case .kindsWithoutColumn: "kinds are given, but no column of kinds"
    case .columnWithoutKinds: "a column of kinds is given, but no [kinds]"
    }
  }
}
