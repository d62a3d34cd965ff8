import Foundation
import GRDBSQLite
import Simulator

/// The rows that entries become, put into a database without anything else: what storing alone costs.
///
/// The tables are the four that grow with every entry; there is no reading of a file, no hash, no
/// fold and no audit record.
struct RowLoad {
  let entries: Int

  private static let batch = 10_000

  private static let layout = """
    PRAGMA journal_mode = wal; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
    PRAGMA wal_autocheckpoint = 8192;
    CREATE TABLE entry (
      id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, content BLOB NOT NULL,
      time INTEGER NOT NULL, kind INTEGER NOT NULL, reference TEXT NOT NULL,
      tx_hash TEXT NOT NULL, note TEXT NOT NULL, value_amount TEXT, value_currency TEXT,
      import_id INTEGER NOT NULL, line INTEGER NOT NULL) STRICT;
    CREATE INDEX entry_by_time ON entry (time);
    CREATE TABLE leg (
      entry_id INTEGER NOT NULL, n INTEGER NOT NULL, account_id INTEGER NOT NULL,
      asset_id INTEGER NOT NULL, quantity TEXT NOT NULL, counter INTEGER NOT NULL,
      PRIMARY KEY (entry_id, n)) STRICT, WITHOUT ROWID;
    CREATE TABLE entry_by_account (
      account_id INTEGER NOT NULL, time INTEGER NOT NULL, entry_id INTEGER NOT NULL,
      PRIMARY KEY (account_id, time, entry_id)) STRICT, WITHOUT ROWID;
    CREATE TABLE entry_by_asset (
      asset_id INTEGER NOT NULL, account_id INTEGER NOT NULL, time INTEGER NOT NULL,
      entry_id INTEGER NOT NULL,
      PRIMARY KEY (asset_id, account_id, time, entry_id)) STRICT, WITHOUT ROWID;
    """

  /// Fills a database on a layer.
  func run(on layer: String, at path: String) throws {
    let file = try SQLiteFile(path, layer: layer)
    try file.run(RowLoad.layout)
    let entry = try file.prepare(
      "INSERT INTO entry VALUES (?, ?, ?, ?, 0, '', ?, '', ?, 'EUR', 1, ?)")
    let leg = try file.prepare("INSERT INTO leg VALUES (?, ?, ?, ?, ?, 0)")
    let byAccount = try file.prepare("INSERT INTO entry_by_account VALUES (?, ?, ?)")
    let byAsset = try file.prepare("INSERT OR IGNORE INTO entry_by_asset VALUES (?, ?, ?, ?)")
    var random = SeededGenerator(seed: 3)
    for id in 1...entries {
      if id % RowLoad.batch == 1 { try file.run("BEGIN") }
      let key = bytes(2, &random)
      let time = 1_451_606_400_000_000 + id * 240_000_000
      let account = 1 + Int(random.next() % 8)
      let asset = 2 + Int(random.next() % 60)
      try entry.run(
        .integer(id), .bytes(key), .bytes(bytes(4, &random)), .integer(time),
        .text("0x\(String(id, radix: 16))"), .text("-12345.67"), .integer(id))
      for (place, held) in [asset, 1, 1].enumerated() {
        try leg.run(
          .integer(id), .integer(place), .integer(account), .integer(held), .text("-1234.567891"))
      }
      try byAccount.run(.integer(account), .integer(time), .integer(id))
      for held in [asset, 1] {
        try byAsset.run(.integer(held), .integer(account), .integer(time), .integer(id))
      }
      if id % RowLoad.batch == 0 || id == entries { try file.run("COMMIT") }
    }
    try file.run("PRAGMA wal_checkpoint(TRUNCATE)")
  }

  /// Words of chance, as the digests they stand for.
  private func bytes(_ words: Int, _ random: inout SeededGenerator) -> [UInt8] {
    (0..<words).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
  }
}
