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
    let match = try TextMatch(text, names, db)
    var seen = 0
    while !isComplete && seen < Self.bound && !isCancelled() {
      let marks = try list.marks(db, from: next, offset: next == nil ? 0 : 1, limit: Self.stride)
      for mark in marks where try match.matches(mark.id) { found.append(mark) }
      seen += marks.count
      next = marks.last ?? next
      isComplete = marks.count < Self.stride
    }
  }
}

/// Tells whether an entry has a text in it.
private struct TextMatch {
  private let needle: String
  private let kinds: Set<Int>
  private let accounts: Set<Int>
  private let assets: Set<Int>
  private let entry: Statement
  private let legs: Statement

  init(_ text: String, _ names: Names, _ db: Database) throws {
    let needle = text.lowercased()
    self.needle = needle
    kinds = Set(
      EntryKindCode.kinds.indices.filter { EntryKindCode.kinds[$0].rawValue.contains(needle) })
    accounts = Set(
      names.accounts.indices.filter {
        names.accounts[$0].id.slug.contains(needle)
          || names.accounts[$0].name.lowercased().contains(needle)
      }.map { $0 + 1 })
    assets = Set(
      names.assets.indices.filter {
        names.assets[$0].ticker.lowercased().contains(needle)
          || names.links.canonical(names.assets[$0]).ticker.lowercased().contains(needle)
      }.map { $0 + 1 })
    // The parameter is escaped by the caller's choice of instr: no pattern characters exist in it.
    entry = try db.cachedStatement(
      sql: """
        SELECT kind, instr(lower(note), ?) OR instr(lower(reference), ?)
          OR instr(lower(tx_hash), ?) FROM entry WHERE id = ?
        """)
    legs = try db.cachedStatement(sql: "SELECT account_id, asset_id FROM leg WHERE entry_id = ?")
  }

  func matches(_ number: Int) throws -> Bool {
    guard let row = try Row.fetchOne(entry, arguments: [needle, needle, needle, number]) else {
      return false
    }
    if kinds.contains(row[0]) || row[1] as Bool { return true }
    guard !accounts.isEmpty || !assets.isEmpty else { return false }
    return try Row.fetchAll(legs, arguments: [number]).contains {
      accounts.contains($0[0]) || assets.contains($0[1])
    }
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
