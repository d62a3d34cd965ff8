import Amounts
import Cipher
import FoundationEssentials
import GRDB
import Ledger

/// The number of a leg in the database.
enum LegNumber {
  static func of(entry: Int, _ n: Int) -> Int { entry << 6 | n }
  /// The numbers that an entry's legs may have.
  static func range(ofEntry entry: Int) -> (first: Int, last: Int) { (entry << 6, entry << 6 | 63) }
}

/// The rows of the big tables that a batch adds.
struct AppendRows {
  private struct EntryRow {
    let number: Int
    let fact: Fact
    let entry: NewEntry
  }
  private struct KeyRow {
    let key: EntryID
    let number: Int
  }
  private struct LegRow {
    let number: Int
    let leg: ResolvedLeg
  }
  /// A row of a list: the whole ledger's, an account's, or an asset's in an account; what does not
  /// matter is 0.
  private struct ListRow: Comparable {
    let asset: Int
    let account: Int
    let time: Int64
    let number: Int

    static func < (a: ListRow, b: ListRow) -> Bool {
      if a.asset != b.asset { return a.asset < b.asset }
      if a.account != b.account { return a.account < b.account }
      return a.time != b.time ? a.time < b.time : a.number < b.number
    }
  }
  private var entries: [EntryRow] = []
  private var legs: [LegRow] = []
  private var byTime: [ListRow] = []
  private var byAccount: [ListRow] = []
  private var byAsset: [ListRow] = []

  /// Collects the rows of one entry.
  mutating func add(_ entry: NewEntry, _ fact: Fact, _ resolved: [ResolvedLeg], number: Int) {
    entries.append(EntryRow(number: number, fact: fact, entry: entry))
    let time = entry.time.microseconds
    byTime.append(ListRow(asset: 0, account: 0, time: time, number: number))
    for (n, leg) in resolved.enumerated() {
      legs.append(LegRow(number: LegNumber.of(entry: number, n), leg: leg))
      let before = resolved[..<n]
      guard !before.contains(where: { $0.account == leg.account && $0.asset == leg.asset }) else {
        continue
      }
      byAsset.append(ListRow(asset: leg.asset, account: leg.account, time: time, number: number))
      if !before.contains(where: { $0.account == leg.account }) {
        byAccount.append(ListRow(asset: 0, account: leg.account, time: time, number: number))
      }
    }
  }

  /// Writes all rows, each table in the order of its keys.
  mutating func write(_ db: Database, importNumber: Int64) throws {
    try writeEntries(db, importNumber)
    try ManyRows("INSERT INTO leg (id, account_id, asset_id, quantity, counter)", columns: 5)
      .write(legs, db) { row, values in
        try values.put(row.number)
        try values.put(row.leg.account)
        try values.put(row.leg.asset)
        try values.put(row.leg.quantity.fixed.text)
        try values.put(row.leg.counter.rawValue)
      }
    byTime.sort()
    try ManyRows("INSERT INTO entry_by_time (time, entry_id)", columns: 2).write(byTime, db) {
      row, values in
      try values.put(row.time)
      try values.put(row.number)
    }
    byAccount.sort()
    try ManyRows("INSERT INTO entry_by_account (account_id, time, entry_id)", columns: 3)
      .write(byAccount, db) { row, values in
        try values.put(row.account)
        try values.put(row.time)
        try values.put(row.number)
      }
    byAsset.sort()
    try ManyRows("INSERT INTO entry_by_asset (asset_id, account_id, time, entry_id)", columns: 4)
      .write(byAsset, db) { row, values in
        try values.put(row.asset)
        try values.put(row.account)
        try values.put(row.time)
        try values.put(row.number)
      }
  }

  private func writeEntries(_ db: Database, _ importNumber: Int64) throws {
    let keys = entries.map { KeyRow(key: $0.fact.key, number: $0.number) }.sorted {
      $0.key < $1.key
    }
    try ManyRows("INSERT INTO entry_key_recent (key, entry_id)", columns: 2).write(keys, db) {
      row, values in
      try values.put(row.key.data)
      try values.put(row.number)
    }
    let head = """
      INSERT INTO entry (id, key, content, time, kind, reference, tx_hash, note, value_amount,
        value_currency, import_id, line)
      """
    try ManyRows(head, columns: 12).write(entries, db) { row, values in
      let details = row.entry.details
      try values.put(row.number)
      try values.put(row.fact.key.data)
      try values.put(row.fact.content.withBytes { Data($0) })
      try values.put(row.entry.time.microseconds)
      try values.put(EntryKindCode.code(of: row.entry.kind))
      try values.put(details.reference)
      try values.put(details.transactionHash)
      try values.put(details.note)
      try values.put(details.value?.amount.text)
      try values.put(details.value?.currency.code)
      try values.put(importNumber)
      try values.put(row.entry.line)
    }
  }
}

extension EntryID {
  /// The 16 bytes for the database.
  var data: Data {
    withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Data($0) }
  }
}

extension Appender {
  /// Which of these facts the vault has, with the numbers of their entries.
  func known(_ facts: [Fact]) throws -> [EntryID: Int] {
    var known: [EntryID: Int] = [:]
    let keys = facts.map(\.key).sorted()
    let size = 64
    for start in stride(from: 0, to: keys.count, by: size) {
      let some = keys[start..<min(start + size, keys.count)].map(\.data)
      let marks = Array(repeating: "?", count: some.count).joined(separator: ",")
      for table in ["entry_key", "entry_key_recent"] {
        let statement = try db.cachedStatement(
          sql: "SELECT key, entry_id FROM \(table) WHERE key IN (\(marks))")
        let found = try Row.fetchAll(statement, arguments: StatementArguments(some))
        for row in found { known[EntryID(digest: row.bytes(0))] = row[1] }
      }
    }
    return known
  }

  /// Empties the small table of identities into the large one when it has grown.
  func settleKeys() throws {
    guard store.state.entryCount - store.state.settledKeys > store.mostRecentKeys else { return }
    try db.execute(
      sql: """
        INSERT INTO entry_key (key, entry_id)
          SELECT key, entry_id FROM entry_key_recent ORDER BY key;
        DELETE FROM entry_key_recent;
        """)
    store.state.settledKeys = store.state.entryCount
    try db.execute(
      sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('settled_keys', ?)",
      arguments: [store.state.settledKeys])
  }
}
