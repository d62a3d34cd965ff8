import GRDB
import Ledger
import Synchronization

/// A search through the texts of a list, as far as it has come.
struct TextSearch {
  let list: EntryList
  let text: String
  /// As of which last entry.
  let lastID: Int
  /// What was found, newest first.
  var found: [Mark] = []
  /// Where to go on; `nil` at the start.
  var next: Mark?
  /// Whether all of the list was looked at.
  var isComplete = false

  /// The most entries looked at in one go.
  static let bound = 2_000_000
  private static let stride = 4096

  /// Looks on, until the list ends, the bound is reached or the search is cancelled.
  mutating func run(_ db: Database, _ names: Names, _ isCancelled: () -> Bool) throws {
    let match = TextMatch(text, names)
    var seen = 0
    while !isComplete && seen < Self.bound && !isCancelled() {
      let offset = next == nil ? 0 : 1
      found += try list.marks(
        db, from: next, offset: offset, limit: Self.stride, where: match.condition,
        match.arguments)
      seen += Self.stride
      let last = try list.marks(db, from: next, offset: offset + Self.stride - 1, limit: 1).first
      next = last ?? next
      isComplete = last == nil
    }
  }
}

/// What SQLite is asked about an entry to tell whether a text is in it.
private struct TextMatch {
  /// A condition on an entry under the name `e`.
  let condition: String
  /// The values of its parameters.
  let arguments: StatementArguments

  init(_ text: String, _ names: Names) {
    let needle = text.lowercased()
    let kinds = EntryKindCode.kinds.indices.filter {
      EntryKindCode.kinds[$0].rawValue.contains(needle)
    }
    let accounts = names.accounts.indices.filter {
      names.accounts[$0].id.slug.contains(needle)
        || names.accounts[$0].name.lowercased().contains(needle)
    }.map { $0 + 1 }
    let assets = names.assets.indices.filter {
      names.assets[$0].ticker.lowercased().contains(needle)
        || names.links.canonical(names.assets[$0]).ticker.lowercased().contains(needle)
    }.map { $0 + 1 }
    var parts = ["note", "reference", "tx_hash"].map { "e.\($0) LIKE ? ESCAPE '\\'" }
    if !kinds.isEmpty { parts.append("e.kind IN (\(TextMatch.list(kinds)))") }
    if !accounts.isEmpty || !assets.isEmpty {
      parts.append(
        """
        EXISTS (SELECT 1 FROM leg WHERE leg.id BETWEEN e.id << 6 AND e.id << 6 | 63
          AND (account_id IN (\(TextMatch.list(accounts))) OR asset_id IN (\(TextMatch.list(assets)))))
        """)
    }
    condition = "(" + parts.joined(separator: " OR ") + ")"
    let pattern = "%" + TextMatch.escaped(text) + "%"
    arguments = [pattern, pattern, pattern]
  }

  /// The text with the characters that mean something in a pattern made plain.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.storable.unicodeScalars {
      if ["%", "_", "\\"].contains(scalar) { escaped.unicodeScalars.append("\\") }
      escaped.unicodeScalars.append(scalar)
    }
    return escaped
  }

  private static func list(_ numbers: [Int]) -> String {
    numbers.map { String($0) }.joined(separator: ",")
  }
}

extension VaultReader {
  /// A window of what a search finds; a later window of the same search goes on where it stands.
  func search(
    _ query: EntryQuery, _ list: EntryList, _ names: Names, _ db: Database,
    _ isCancelled: () -> Bool
  ) throws -> EntryPage {
    let last = try lastID(db)
    let known = memory.withLock { $0.search }
    var search = TextSearch(list: list, text: query.text, lastID: last)
    if let known, known.list == list, known.text == query.text, known.lastID == last {
      search = known
    }
    if !search.isComplete {
      try search.run(db, names, isCancelled)
      let reached = search
      memory.withLock { $0.search = reached }
    }
    let window = search.found.dropFirst(query.offset).prefix(query.limit)
    return EntryPage(
      entries: try EntryLoader(db, names).entries(window.map(\.id)), total: search.found.count,
      isComplete: search.isComplete)
  }
}
