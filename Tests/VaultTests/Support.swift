import Amounts
import Cipher
import FoundationEssentials
import GRDB
import Glibc
import Ledger
import TestSupport
import Testing

@testable import Vault

/// A folder of one test's own, gone afterwards.
final class Scratch {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/coffer-vault-" + UUID().uuidString
    try #require(mkdir(path, 0o700) == 0)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func callAsFunction(_ name: String) -> String { path + "/" + name }
}

/// Who does things in tests, at a second of 2024.
func author(_ second: Int64 = 0) -> Attribution {
  Attribution(
    uid: 1000, user: "anna", time: Instant(seconds: 1_704_067_200 + second), program: "test")
}

func passphrase(_ text: String = "correct horse") throws -> SecretBytes {
  var bytes = Array(text.utf8)
  return try SecretBytes(consuming: &bytes)
}

func secret(_ text: String = "correct horse") throws -> SlotSecret {
  .passphrase(try passphrase(text))
}

func options(_ scratch: Scratch, accepts: Bool = false) -> Vault.Options {
  var options = Vault.Options(anchorFolder: scratch("anchors"))
  options.cost = .forTests()
  options.acceptsRollback = accepts
  return options
}

func makeVault(_ scratch: Scratch) throws -> Vault {
  try Vault.create(
    at: scratch("vault"), passphrase: passphrase(), options: options(scratch), by: author()
  ).vault
}

func openVault(_ scratch: Scratch, accepts: Bool = false) throws -> Vault {
  try Vault.open(
    at: scratch("vault"), secret: secret(), options: options(scratch, accepts: accepts),
    by: author(1))
}

/// Entries of a few accounts and assets.
enum Sample {
  static let accounts = ["kraken", "binance", "ledger", "cold"].map { AccountID(named: $0) }
  static let assets: [AssetID] = [
    .native(chain: "bitcoin"), .fiat(code: "EUR"), .venue(venue: "kraken", code: "XXBT"),
    .venue(venue: "binance", code: "USDT"), .contract(chain: "ethereum", address: "0xa0b8"),
  ]

  static func leg(
    _ quantity: String, _ asset: AssetID, _ account: AccountID = accounts[0],
    _ counter: Counter = .outside
  ) throws -> Leg {
    Leg(account: account, asset: asset, quantity: try Quantity(parsing: quantity), counter: counter)
  }

  static func entry(
    _ reference: String, at second: Int64 = 0, kind: EntryKind = .deposit, note: String = "",
    _ legs: Leg...
  ) -> NewEntry {
    NewEntry(
      identity: EntryIdentity.venue(account: legs[0].account, kind: kind, reference: reference)
        .canonicalBytes,
      time: Instant(seconds: second), kind: kind, legs: legs,
      details: EntryDetails(reference: reference, note: note), line: Int(second) + 2)
  }

  static func random(_ count: Int, _ generator: inout Seeded) -> [NewEntry] {
    (0..<count).map { index in
      let account = accounts.randomElement(using: &generator) ?? accounts[0]
      let kind: EntryKind =
        [.trade, .deposit, .stake, .fee].randomElement(using: &generator) ?? .fee
      let counter: Counter =
        kind == .trade ? .conversion : kind == .stake ? .staked : .outside
      let legs = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
        Leg(
          account: account, asset: assets.randomElement(using: &generator) ?? assets[0],
          quantity: Quantity(
            Fixed(
              units: Int128(Int64.random(in: -1_000_000_000...1_000_000_000, using: &generator)))),
          counter: counter)
      }
      return NewEntry(
        identity: EntryIdentity.venue(account: account, kind: kind, reference: "r\(index)")
          .canonicalBytes,
        time: Instant(seconds: Int64.random(in: 0...5000, using: &generator)), kind: kind,
        legs: legs, details: EntryDetails(reference: "r\(index)", note: "note \(index % 7)"),
        line: index + 2)
    }
  }

  /// The entries as `Ledger` folds them.
  static func holdings(of entries: [NewEntry]) throws -> [HoldingKey: Holding] {
    var holdings = Holdings()
    for entry in entries {
      let id = EntryID(digest: Digest.sha256(entry.identity).bytes)
      try holdings.apply(
        Entry(id: id, time: entry.time, kind: entry.kind, legs: entry.legs, origin: .byHand))
    }
    return holdings.table
  }
}

func descriptor(_ name: String = "trades.csv") -> ImportDescriptor {
  ImportDescriptor(
    fileName: name, fileHash: Digest.sha256(Array(name.utf8)).bytes, format: "kraken-ledgers",
    bytes: 1234)
}

/// Brings an empty vault back to a layout of so many steps.
func forget(stepsAfter known: Int, of vault: Vault) throws {
  let kept = Schema.steps.prefix(known).map(\.sql).joined()
  try vault.store.transact { db in
    let tables = try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
    for table in tables where !kept.contains("CREATE TABLE \(table) ") {
      try db.execute(sql: "DROP TABLE \(table)")
    }
    for step in Schema.steps.dropFirst(known) {
      for found in step.sql.matches(of: /ALTER TABLE (\w+) ADD COLUMN (\w+)/)
      where kept.contains("CREATE TABLE \(found.1) ") {
        try db.execute(sql: "ALTER TABLE \(found.1) DROP COLUMN \(found.2)")
      }
    }
    try db.execute(sql: "PRAGMA user_version = \(known)")
  }
}

/// The fault a call ends in.
func fault(_ body: () throws -> Void) -> VaultFault? {
  do {
    try body()
    return nil
  } catch {
    return error as? VaultFault
  }
}
