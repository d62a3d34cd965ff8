import Styles
import VenueKit
import Venues

/// Reads `adapter.toml` (coffer-adapter(5)).
enum ManifestFile {
  /// The file's name in an adapter's folder.
  static let name = "adapter.toml"

  private static let known: [String: Set<String>] = [
    "": ["id", "name", "program", "documents", "unseen"],
    "limits": ["calls", "seconds", "scope"],
    "process": ["answer-seconds", "processor-seconds", "memory", "threads"],
    "feeds": Set(AdapterFeed.Method.allCases.map(\.rawValue)),
  ]
  private static let free: Set<String> = ["credentials", "aliases", "environment"]

  /// Reads an adapter's manifest.
  ///
  /// - Parameter folder: The adapter's folder, checked and without symbolic links.
  /// - Returns: The adapter.
  /// - Throws: The first problem, with its place.
  static func adapter(in folder: String) throws(StyleProblem) -> InstalledAdapter {
    let path = "\(folder)/\(name)"
    try FolderTrust.check(file: path)
    let file = try SettingsFile(path: path)
    try checkNames(file)
    var manifest = AdapterManifest(
      id: try id(file), name: try required(file, "name", most: 64).text,
      limits: try limits(file), feeds: try feeds(file))
    manifest.documents = listed(text(file, "", "documents") ?? "")
    manifest.unseen = listed(text(file, "", "unseen") ?? "")
    manifest.credentials = try credentials(file)
    for entry in try entries(file, "aliases", most: 1_000) {
      manifest.aliases[entry.key] = entry.text
    }
    let program = try required(file, "program", most: 128)
    guard !program.text.contains("/"), program.text != ".", program.text != ".." else {
      throw file.problem("program is the name of a file in the adapter's folder", at: program)
    }
    var adapter = InstalledAdapter(
      manifest: manifest, folder: folder, program: "\(folder)/\(program.text)")
    adapter.limits = try process(file)
    adapter.environment = try environment(file)
    return adapter
  }

  private static func checkNames(_ file: SettingsFile) throws(StyleProblem) {
    for section in file.sections where !free.contains(section) {
      guard let names = known[section] else {
        let all = (known.keys.filter { !$0.isEmpty } + free).sorted()
        throw file.problem("there is no table [\(section)]: only " + all.joined(separator: ", "))
      }
      for entry in file.entries(of: section) where !names.contains(entry.key) {
        throw file.problem("'\(entry.key)' is not known here", at: entry)
      }
    }
  }

  private static func id(_ file: SettingsFile) throws(StyleProblem) -> String {
    let entry = try required(file, "id", most: 32)
    let isWord = entry.text.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0)
    }
    guard isWord, entry.text.first?.isLetter == true else {
      throw file.problem("id is a word of a-z and 0-9", at: entry)
    }
    if VenueCatalogue.builtIn.named(entry.text) != nil {
      throw file.problem("'\(entry.text)' is a venue that Coffer reads itself", at: entry)
    }
    return entry.text
  }

  private static func credentials(
    _ file: SettingsFile
  ) throws(StyleProblem) -> [CredentialField] {
    var fields: [CredentialField] = []
    for entry in try entries(file, "credentials", most: 8) {
      let words = listed(entry.text)
      guard let label = words.first else { throw file.problem("a label is missing", at: entry) }
      var field = CredentialField(entry.key, label)
      for word in words.dropFirst() {
        switch word {
        case "shown": field.isSecret = false
        case "optional": field.isOptional = true
        default: throw file.problem("'\(word)' is neither shown nor optional", at: entry)
        }
      }
      fields.append(field)
    }
    return fields
  }

  private static func limits(_ file: SettingsFile) throws(StyleProblem) -> Limits {
    let calls = try number(file, "limits", "calls", 1...100_000) ?? 60
    let seconds = try number(file, "limits", "seconds", 1...86_400) ?? 60
    var scope = LimitBucket.Scope.address
    if let entry = entry(file, "limits", "scope") {
      guard let known = LimitBucket.Scope(rawValue: entry.text) else {
        throw file.problem("scope is \"address\" or \"key\"", at: entry)
      }
      scope = known
    }
    return Limits([
      LimitBucket("calls", capacity: calls, refill: .window(seconds: seconds), scope: scope)
    ])
  }

  private static func process(_ file: SettingsFile) throws(StyleProblem) -> AdapterLimits {
    var limits = AdapterLimits()
    // The sync machine gives a call up after 180 seconds.
    if let seconds = try number(file, "process", "answer-seconds", 1...150) {
      limits.answerSeconds = seconds
    }
    if let seconds = try number(file, "process", "processor-seconds", 1...86_400) {
      limits.processorSeconds = seconds
    }
    if let memory = try number(file, "process", "memory", 32...65_536) {
      limits.memoryMebibytes = memory
    }
    if let entry = entry(file, "process", "threads") {
      guard entry.text == "yes" || entry.text == "no" else {
        throw file.problem("threads is \"yes\" or \"no\"", at: entry)
      }
      limits.mayFork = entry.text == "yes"
    }
    return limits
  }

  private static func environment(
    _ file: SettingsFile
  ) throws(StyleProblem) -> [String: String] {
    var variables: [String: String] = [:]
    for entry in try entries(file, "environment", most: 32) {
      let isName = entry.key.utf8.allSatisfy {
        (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
      }
      guard isName, !entry.key.isEmpty, !entry.key.hasPrefix("LD_"), entry.key.utf8.count <= 64
      else { throw file.problem("'\(entry.key)' is no variable that may be set", at: entry) }
      variables[entry.key] = entry.text
    }
    return variables
  }

  // MARK: - Feeds

  private static func feeds(_ file: SettingsFile) throws(StyleProblem) -> [AdapterFeed] {
    var feeds: [AdapterFeed] = []
    for entry in file.entries(of: "feeds") {
      guard let method = AdapterFeed.Method(rawValue: entry.key) else { continue }
      feeds.append(try feed(method, file, entry))
    }
    let offered = Set(feeds.map(\.method))
    guard !offered.isEmpty else { throw file.problem("[feeds] names none") }
    // Without markets nobody knows what was traded against what.
    for method in [AdapterFeed.Method.fills, .tickers] where offered.contains(method) {
      guard offered.contains(.markets) else {
        throw file.problem(
          "\(method.rawValue) needs markets", at: entry(file, "feeds", method.rawValue))
      }
    }
    return feeds
  }

  private static func feed(
    _ method: AdapterFeed.Method, _ file: SettingsFile, _ entry: SettingsFile.Entry
  ) throws(StyleProblem) -> AdapterFeed {
    var feed = AdapterFeed(method)
    for (place, option) in listed(entry.text).enumerated() {
      if place == 0 {
        guard let kind = Paging.Kind(rawValue: option) else {
          throw file.problem("'\(option)' is no way of paging", at: entry)
        }
        feed.paging.kind = kind
        continue
      }
      let words = option.split(separator: " ").map(String.init)
      let count = words.last.flatMap { Int($0) }.flatMap { (1...100_000).contains($0) ? $0 : nil }
      switch (words.first, words.last, count) {
      case ("most", _, let count?): feed.paging.most = count
      case ("window", _, let days?): feed.paging.window = days * Paging.day
      case ("look-back", _, let days?): feed.paging.lookBack = days * Paging.day
      case ("each", "market", _): feed.scope = .eachMarket
      case ("each", "asset", _): feed.scope = .eachAsset
      case ("part", let part?, _):
        guard let part = AccountPart(rawValue: part) else {
          throw file.problem("'\(part)' is no part of an account", at: entry)
        }
        feed.part = part
      default: throw file.problem("'\(option)' is not known here", at: entry)
      }
    }
    if method.isState, feed.paging.kind != .single {
      throw file.problem("\(method.rawValue) has no pages: \"single\"", at: entry)
    }
    if feed.paging.kind == .numbered || feed.paging.kind == .forward
      || feed.paging.kind == .backward, feed.paging.most == 0
    {
      throw file.problem("\(feed.paging.kind.rawValue) needs the size of a page: most", at: entry)
    }
    return feed
  }

  // MARK: - Entries

  /// The parts of a text between bars, without the spaces around them.
  private static func listed(_ text: String) -> [String] {
    text.split(separator: "|").map { part in
      part.split(separator: " ").joined(separator: " ")
    }.filter { !$0.isEmpty }
  }

  private static func entry(
    _ file: SettingsFile, _ section: String, _ key: String
  ) -> SettingsFile.Entry? { file.entries(of: section).first { $0.key == key } }

  private static func text(_ file: SettingsFile, _ section: String, _ key: String) -> String? {
    entry(file, section, key)?.text
  }

  private static func entries(
    _ file: SettingsFile, _ section: String, most: Int
  ) throws(StyleProblem) -> [SettingsFile.Entry] {
    let entries = file.entries(of: section)
    guard entries.count <= most else {
      throw file.problem("[\(section)] has more than \(most) entries")
    }
    return entries
  }

  private static func required(
    _ file: SettingsFile, _ key: String, most: Int
  ) throws(StyleProblem) -> SettingsFile.Entry {
    guard let found = entry(file, "", key), !found.text.isEmpty else {
      throw file.problem("'\(key)' is missing")
    }
    guard found.text.utf8.count <= most else {
      throw file.problem("'\(key)' is longer than \(most) characters", at: found)
    }
    return found
  }

  private static func number(
    _ file: SettingsFile, _ section: String, _ key: String, _ range: ClosedRange<Int>
  ) throws(StyleProblem) -> Int? {
    guard let entry = entry(file, section, key) else { return nil }
    guard let value = Int(entry.text), range.contains(value) else {
      throw file.problem(
        "\(key) is a number from \(range.lowerBound) to \(range.upperBound), in quotes", at: entry)
    }
    return value
  }
}
