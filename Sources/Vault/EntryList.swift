import GRDB
import Ledger

/// A list of entries that an index holds in order: the whole ledger, an account's, an asset's.
struct EntryList: Hashable {
  /// One run through an index; the list is the union of its runs.
  fileprivate enum Run: Hashable {
    case all
    case account(Int)
    case holding(asset: Int, account: Int)
  }
  private let runs: [Run]

  /// The most runs that one statement can merge; SQLite takes 500 terms.
  private static let mostRuns = 400

  /// The list of a query without its text; empty where a name is unknown.
  init(_ query: EntryQuery, _ names: Names, _ db: Database) throws {
    switch (query.asset, query.account) {
    case (nil, nil): runs = [.all]
    case (nil, let account?):
      runs = names.number(of: account).map { [.account($0)] } ?? []
    case (let asset?, let account):
      let wanted = account.map { names.number(of: $0) ?? 0 }
      var found: [Run] = []
      for asset in names.recorded(as: asset) {
        for account in try EntryList.accounts(db, holding: asset)
        where wanted == nil || wanted == account {
          found.append(.holding(asset: asset, account: account))
        }
      }
      runs = found
    }
  }

  private static func accounts(_ db: Database, holding asset: Int) throws -> [Int] {
    try Int.fetchAll(
      db.cachedStatement(sql: "SELECT account_id FROM holding WHERE asset_id = ?"),
      arguments: [asset])
  }

  /// Whether nothing can be in it.
  var isEmpty: Bool { runs.isEmpty }
  /// Whether it is the whole ledger.
  var isWhole: Bool { runs == [.all] }

  /// A window of the list, newest first, beginning with `start` or with the newest.
  func marks(
    _ db: Database, from start: Mark?, offset: Int, limit: Int
  ) throws -> [Mark] {
    guard !isEmpty else { return [] }
    let sql = merged(from: start) + " ORDER BY 1 DESC, 2 DESC LIMIT \(limit) OFFSET \(offset)"
    return try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments(from: start))
      .map { Mark(time: $0[0], id: $0[1]) }
  }

  /// How many entries there are, beginning with one.
  func count(_ db: Database, from start: Mark?) throws -> Int {
    guard !isEmpty else { return 0 }
    let sql = "SELECT count(*) FROM (\(merged(from: start)))"
    return try Int.fetchOne(db.cachedStatement(sql: sql), arguments: arguments(from: start)) ?? 0
  }

  /// The places in a window of the list whose entries, under the name `e`, satisfy a condition.
  func marks(
    _ db: Database, from start: Mark?, offset: Int, limit: Int, where condition: String,
    _ more: StatementArguments
  ) throws -> [Mark] {
    guard !isEmpty else { return [] }
    let window = merged(from: start) + " ORDER BY 1 DESC, 2 DESC LIMIT \(limit) OFFSET \(offset)"
    let sql = """
      WITH list (time, id) AS (\(window))
      SELECT list.time, list.id FROM list CROSS JOIN entry e ON e.id = list.id
      WHERE \(condition) ORDER BY 1 DESC, 2 DESC
      """
    return try Row.fetchAll(
      db.cachedStatement(sql: sql), arguments: arguments(from: start) + more
    ).map { Mark(time: $0[0], id: $0[1]) }
  }

  private func merged(from start: Mark?) -> String {
    guard runs.count <= EntryList.mostRuns else { return gathered(bounded: start != nil) }
    return runs.map { $0.sql(bounded: start != nil) }.joined(separator: " UNION ")
  }

  /// The same for an asset in more accounts than can be merged: found by index, then sorted.
  private func gathered(bounded: Bool) -> String {
    let pairs = runs.map { "(\($0.numbers[0]),\($0.numbers[1]))" }.joined(separator: ",")
    return "SELECT DISTINCT time, entry_id FROM entry_by_asset"
      + " WHERE (asset_id, account_id) IN (VALUES \(pairs))"
      + (bounded ? " AND (time, entry_id) <= (?, ?)" : "")
  }

  private func arguments(from start: Mark?) -> StatementArguments {
    var values: [Int64] = []
    guard runs.count <= EntryList.mostRuns else {
      return StatementArguments(start.map { [$0.time, Int64($0.id)] } ?? [])
    }
    for run in runs {
      values += run.numbers.map { Int64($0) }
      if let start { values += [start.time, Int64(start.id)] }
    }
    return StatementArguments(values)
  }
}

extension EntryList.Run {
  fileprivate func sql(bounded: Bool) -> String {
    switch self {
    case .all:
      return "SELECT time, entry_id FROM entry_by_time"
        + (bounded ? " WHERE (time, entry_id) <= (?, ?)" : "")
    case .account:
      return "SELECT time, entry_id FROM entry_by_account WHERE account_id = ?"
        + (bounded ? " AND (time, entry_id) <= (?, ?)" : "")
    case .holding:
      return "SELECT time, entry_id FROM entry_by_asset WHERE asset_id = ? AND account_id = ?"
        + (bounded ? " AND (time, entry_id) <= (?, ?)" : "")
    }
  }

  fileprivate var numbers: [Int] {
    switch self {
    case .all: return []
    case .account(let account): return [account]
    case .holding(let asset, let account): return [asset, account]
    }
  }
}
