import Amounts
import Cipher
import FoundationEssentials
import GRDB
public import Ledger
import Synchronization

/// What readers remember from one query to the next.
struct QueryMemory {
  /// Ranks of the lists asked for last, the latest last.
  var ranks: [(list: EntryList, ranks: Ranks)] = []
  /// The latest search.
  var search: TextSearch?

  static let mostRanks = 8
}

extension VaultReader {
  /// A window of the ledger, newest first.
  ///
  /// - Parameters:
  ///   - query: What is wanted; at most 1000 entries.
  ///   - isCancelled: Asked every few thousand entries while a text is searched for.
  /// - Returns: The window and how many there are.
  /// - Throws: `VaultFault`.
  /// - Complexity: A few milliseconds anywhere in the ledger, once the list was run through.
  public func entries(
    _ query: EntryQuery, isCancelled: () -> Bool = { false }
  ) throws(VaultFault) -> EntryPage {
    try read { db in
      let names = catalogue.names
      let list = try EntryList(query, names, db)
      guard query.text.isEmpty else {
        return try search(query, list, names, db, isCancelled)
      }
      let marks: [Mark]
      let total: Int
      let limit = min(query.limit, Self.mostEntries)
      let last = try lastID(db)
      if list.isWhole && query.offset < Self.nearOffset {
        total = last
        marks = try list.marks(db, from: nil, offset: query.offset, limit: limit)
      } else {
        let ranks = try ranks(of: list, db, lastID: last)
        total = ranks.total
        marks =
          try ranks.anchor(of: query.offset).map {
            try list.marks(db, from: $0.start, offset: $0.rest, limit: limit)
          } ?? []
      }
      let entries = try EntryLoader(db, names).entries(marks.map(\.id))
      return EntryPage(entries: entries, total: total, isComplete: true)
    }
  }

  /// How many entries a query has, its window aside.
  public func entryCount(
    _ query: EntryQuery = EntryQuery(), isCancelled: () -> Bool = { false }
  ) throws(VaultFault) -> Int {
    var counted = query
    counted.offset = 0
    counted.limit = 0
    return try entries(counted, isCancelled: isCancelled).total
  }

  /// The entry of an identity, or `nil`.
  public func entry(_ id: EntryID) throws(VaultFault) -> Entry? {
    try read { db in
      guard
        let number = try Int.fetchOne(
          db,
          sql: """
            SELECT entry_id FROM entry_key WHERE key = ?1
            UNION ALL SELECT entry_id FROM entry_key_recent WHERE key = ?1
            """, arguments: [id.data])
      else { return nil }
      return try EntryLoader(db, catalogue.names).entries([number]).first
    }
  }

  /// The rows an entry was read from, as they stand in the file; none for what was entered by hand.
  public func rawText(of origin: EntryOrigin) throws(VaultFault) -> [[UInt8]] {
    try read { db in
      let pieces = try Data.fetchAll(
        db,
        sql: """
          SELECT text FROM payload WHERE import_id = ? AND first_line <= ? AND last_line >= ?
          ORDER BY id
          """, arguments: [origin.importNumber, origin.line, origin.line])
      return pieces.flatMap { PayloadChunk.rows(ofLine: origin.line, in: Array($0)) }
    }
  }

  /// Hands out every entry, oldest first, one at a time.
  ///
  /// The order depends on the entries' times and, within one time, on when they were written down.
  /// Memory use does not grow with the ledger; the state seen is that of one moment. What `visit`
  /// throws ends the run and is thrown on.
  public func forEachEntry(_ visit: (Entry) throws -> Void) throws {
    try pool.read { db in
      try VaultReader.takeSnapshot(db)
      let names = catalogue.names
      let loader = try EntryLoader(db, names)
      let marks = try Row.fetchCursor(
        db, sql: "SELECT entry_id FROM entry_by_time ORDER BY time, entry_id")
      var window: [Int] = []
      while let row = try marks.next() {
        window.append(row[0])
        guard window.count == 512 else { continue }
        for entry in try loader.entries(window) { try visit(entry) }
        window.removeAll(keepingCapacity: true)
      }
      for entry in try loader.entries(window) { try visit(entry) }
    }
  }

  private static let mostEntries = 1000
  /// Below this offset the whole ledger is paged without ranks.
  private static let nearOffset = 2048

  func lastID(_ db: Database) throws -> Int {
    try Int.fetchOne(db.cachedStatement(sql: "SELECT max(id) FROM entry")) ?? 0
  }

  /// The ranks of a list as of the snapshot: remembered, brought up to date, or made.
  private func ranks(of list: EntryList, _ db: Database, lastID: Int) throws -> Ranks {
    let known = memory.withLock { memory in memory.ranks.first { $0.list == list }?.ranks }
    if let known, known.lastID == lastID { return known }
    if var ranks = known, list.isWhole, ranks.lastID < lastID {
      let rows = try Row.fetchAll(
        db, sql: "SELECT time, id FROM entry WHERE id > ?", arguments: [ranks.lastID])
      if ranks.take(rows.map { Mark(time: $0[0], id: $0[1]) }, lastID: lastID) {
        return remember(ranks, of: list)
      }
    }
    return remember(try Ranks(list, db, lastID: lastID), of: list)
  }

  private func remember(_ ranks: Ranks, of list: EntryList) -> Ranks {
    memory.withLock { memory in
      memory.ranks.removeAll { $0.list == list }
      memory.ranks.append((list, ranks))
      if memory.ranks.count > QueryMemory.mostRanks { memory.ranks.removeFirst() }
    }
    return ranks
  }
}

/// Reads whole entries by their numbers.
struct EntryLoader {
  private let names: Names
  private let entry: Statement
  private let legs: Statement

  init(_ db: Database, _ names: Names) throws {
    self.names = names
    entry = try db.cachedStatement(
      sql: """
        SELECT key, time, kind, reference, tx_hash, note, value_amount, value_currency,
          import_id, line FROM entry WHERE id = ?
        """)
    legs = try db.cachedStatement(
      sql: """
        SELECT account_id, asset_id, quantity, counter FROM leg WHERE id BETWEEN ? AND ? ORDER BY id
        """)
  }

  /// The entries of these numbers, in the same order.
  func entries(_ numbers: [Int]) throws -> [Entry] {
    try numbers.map { try entry($0) }
  }

  private func entry(_ number: Int) throws -> Entry {
    guard let row = try Row.fetchOne(entry, arguments: [number]) else {
      throw StoredTextFault(text: "entry \(number)")
    }
    let key = row.bytes(0)
    let legs = try legs(of: number)
    guard let kind = EntryKindCode.kind(of: row[2]), key.count >= 16, !legs.isEmpty else {
      throw StoredTextFault(text: "entry \(number)")
    }
    var details = EntryDetails(reference: row[3], transactionHash: row[4], note: row[5])
    if let amount: String = row[6], let currency: String = row[7] {
      details.value = Money(try Fixed(stored: amount), try Currency(stored: currency))
    }
    return Entry(
      id: EntryID(digest: key), time: Instant(microseconds: row[1]), kind: kind, legs: legs,
      details: details, origin: EntryOrigin(importNumber: row[8], line: row[9]))
  }

  private func legs(of number: Int) throws -> [Leg] {
    let range = LegNumber.range(ofEntry: number)
    return try Row.fetchAll(legs, arguments: [range.first, range.last]).map { row in
      guard let account = names.account(row[0]), let asset = names.asset(row[1]),
        let counter = Counter(rawValue: row[3])
      else { throw StoredTextFault(text: "a leg of entry \(number)") }
      return Leg(
        account: account.id, asset: asset, quantity: try Quantity(stored: row[2]), counter: counter)
    }
  }
}

extension Fixed {
  /// Reads a number out of the database.
  init(stored text: String) throws {
    do { try self.init(parsing: text) } catch { throw StoredTextFault(text: text) }
  }
}
