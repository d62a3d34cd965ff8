import Cipher
import FoundationEssentials
import GRDB
import Glibc
import Ledger
import TestSupport
import Testing

@testable import Vault

@Suite struct KeysAndBackupTests {
  private func filled(_ scratch: Scratch) throws -> Vault {
    let vault = try makeVault(scratch)
    var generator = Seeded.ofRun(31)
    _ = try vault.append(Batch(entries: Sample.random(700, &generator)), by: author())
    return vault
  }

  @Test func `slots are added, changed and removed, each with its record`() throws {
    let scratch = try Scratch()
    let vault = try filled(scratch)
    let records = try vault.verifyAudit()
    let slot = try vault.addSlot(
      secret("second horse"), label: "deputy", cost: .forTests(), by: author())
    try vault.changeSlot(
      slot.id, to: secret("third horse!"), label: "deputy", cost: .forTests(), by: author())
    let first = try #require(vault.slots.first)
    try vault.removeSlot(first.id, by: author())
    #expect(try vault.verifyAudit() == records + 3)
    #expect(vault.slots.map(\.label) == ["recovery code", "deputy"])
    #expect(
      fault { try vault.removeSlot("nope", by: author()) } == .notFound(kind: "slot", name: "nope"))
    try vault.close()
    for wrong in ["correct horse", "second horse"] {
      #expect(
        fault {
          _ = try Vault.open(at: scratch("vault"), secret: secret(wrong), by: author())
        } == .wrongSecret(path: scratch("vault")))
    }
    try Vault.open(at: scratch("vault"), secret: secret("third horse!"), by: author()).close()
  }

  @Test func `after a rotation everything is there, under a key the old file did not know`() throws
  {
    let scratch = try Scratch()
    let vault = try filled(scratch)
    let holdings = try vault.reader.holdings()
    let old = try #require(
      FileManager.default.contents(atPath: scratch("vault/vault-1.db"))?.prefix(16))
    let slot = try #require(vault.slots.first)
    #expect(
      fault { try vault.rotateRoot(secrets: [slot.id: secret("wrong horse")], by: author()) }
        == .wrongSecret(path: scratch("vault")))
    var parts: [Int] = []
    try vault.rotateRoot(secrets: [slot.id: try secret()], by: author()) { parts.append($0) }
    #expect(parts.last == 100)
    #expect(try vault.reader.holdings() == holdings)
    var generator = Seeded.ofRun(32)
    _ = try vault.append(Batch(entries: Sample.random(10, &generator)), by: author())
    let names = try PrivateFile.names(in: scratch("vault"))
    #expect(names.contains("vault-2.db") && !names.contains { $0.hasPrefix("vault-1.db") })
    try vault.close()
    let fresh = FileManager.default.contents(atPath: scratch("vault/vault-2.db"))?.prefix(16)
    #expect(fresh != old)
    let again = try openVault(scratch)
    #expect(again.slots.count == 1)
    #expect(try again.reader.entryCount() >= 700)
    try again.verifyAudit()
  }

  @Test func `what an interrupted rotation leaves is cleared away`() throws {
    let scratch = try Scratch()
    try filled(scratch).close()
    for name in ["rotating.db", "rotating.db-wal", "vault-2.db", "slots.new"] {
      try PrivateFile.make(scratch("vault/" + name))
    }
    try openVault(scratch).close()
    let names = try PrivateFile.names(in: scratch("vault"))
    #expect(
      names.filter { !$0.hasPrefix("vault-1.db-") } == [
        "lock", "slots", "slots.copy", "vault-1.db",
      ])
  }

  @Test func `a later database stays when the header could be an old one`() throws {
    let scratch = try Scratch()
    try filled(scratch).close()
    try PrivateFile.make(scratch("vault/vault-2.db"))
    // Without an anchor nothing says that the header is the newest.
    try Vault.open(at: scratch("vault"), secret: secret(), by: author()).close()
    #expect(try PrivateFile.exists(scratch("vault/vault-2.db")))
  }

  @Test func `a backup opens elsewhere with the passphrase and with the recovery code`() throws {
    let scratch = try Scratch()
    let made = try Vault.create(
      at: scratch("vault"), passphrase: passphrase(), options: options(scratch), by: author())
    let vault = made.vault
    var generator = Seeded.ofRun(33)
    let entries = Sample.random(300, &generator)
    _ = try vault.append(Batch(entries: entries), by: author())
    let file = scratch("monday.coffer-backup")
    let contents = try vault.backup(to: file, by: author())
    #expect(contents.entries == 300 && contents.vault == vault.id)
    #expect(fault { try vault.backup(to: file, by: author()) } == .exists(path: file))
    try vault.backup(to: file, replaces: true, by: author())
    #expect(try !PrivateFile.exists(file + ".partial"))
    let holdings = try vault.reader.holdings()
    try vault.close()

    for (name, secret) in [("a", try secret()), ("b", SlotSecret.recovery(made.recoveryCode))] {
      let elsewhere = Vault.Options(anchorFolder: scratch("anchors-" + name))
      let result = try Vault.restore(
        file, to: scratch(name), secret: secret, options: elsewhere, by: author())
      #expect(result.contents.entries == 300 && result.formerVault == nil)
      let restored = try Vault.open(
        at: scratch(name), secret: secret, options: elsewhere, by: author())
      #expect(try restored.reader.holdings() == holdings)
      try restored.verifyAudit()
      try restored.close()
    }
    #expect(
      try Vault.checkBackup(file, secret: secret(), scratch: scratch("check"), by: author()).entries
        == 300)
    #expect(try !PrivateFile.exists(scratch("check")))
  }

  @Test func `a restore puts the vault that was there aside, or touches nothing`() throws {
    let scratch = try Scratch()
    let vault = try filled(scratch)
    let file = scratch("x.coffer-backup")
    try vault.backup(to: file, by: author())
    try vault.set("note", to: "after the backup", by: author())
    #expect(
      fault { try Vault.restore(file, to: scratch("vault"), secret: secret(), by: author()) }
        == .exists(path: scratch("vault")))
    #expect(
      fault {
        try Vault.restore(
          file, to: scratch("vault"), secret: secret(), replaces: true, by: author())
      } == .inUse(path: scratch("vault"), process: getpid()))
    try vault.close()
    let damaged = scratch("damaged.coffer-backup")
    var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    bytes[bytes.count - 5000] ^= 1
    try bytes.write(to: URL(fileURLWithPath: damaged))
    #expect(
      fault {
        try Vault.restore(
          damaged, to: scratch("vault"), secret: secret(), replaces: true, by: author())
      } == .notABackup(path: damaged, detail: "it is not as it was written"))
    try openVault(scratch).close()
    let result = try Vault.restore(
      file, to: scratch("vault"), secret: secret(), replaces: true, options: options(scratch),
      by: author())
    #expect(result.formerVault == scratch("vault.before-restore-1"))
    // The anchor was brought up to date: opening is no alarm.
    let restored = try openVault(scratch)
    #expect(try restored.reader.setting("note") == nil)
  }

  @Test func `a migration keeps a sound copy and can be taken up again`() throws {
    let scratch = try Scratch()
    let vault = try filled(scratch)
    let key = try vault.root.databaseKey()
    let broken = Schema.steps + [Schema.Step(sql: "CREATE TABLE later (x); SELECT nonsense;")]
    let migration = Migration(
      folder: vault.folder, database: vault.header.database, key: key, steps: broken)
    #expect(throws: (any Error).self) { try migration.run(vault.store.pool) }
    #expect(try vault.store.pool.read { try Schema.version($0) } == Schema.steps.count)
    #expect(try vault.store.pool.read { try $0.tableExists("later") } == false)

    var steps = Schema.steps
    let known = Schema.steps.count
    for number in known + 1...known + 3 {
      steps.append(Schema.Step(sql: "CREATE TABLE t\(number) (x) STRICT;"))
    }
    steps = steps.map {
      Schema.Step(sql: $0.sql.replacing("(x) STRICT", with: "(x INTEGER) STRICT"))
    }
    try Migration(
      folder: vault.folder, database: vault.header.database, key: key, steps: steps
    ).run(vault.store.pool)
    #expect(try vault.store.pool.read { try Schema.version($0) } == known + 3)
    let copies = try PrivateFile.names(in: scratch("vault")).filter { $0.contains("before") }
    let last = ["vault-1.before-\(known + 2).db", "vault-1.before-\(known + 3).db"]
    #expect(Set(copies) == Set(last) && copies.count == 2)
    for copy in copies {
      let path = scratch("vault/" + copy)
      #expect(try CipherVFS.checkIntegrity(path: path, key: key).isSound)
    }
    try vault.close()
    #expect(
      fault { try openVault(scratch).close() }
        == .newerSchema(path: scratch("vault/vault-1.db"), found: known + 3, known: known))
  }

  @Test func `a copy of the files taken at any moment of writing opens and holds together`() throws
  {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    var generator = Seeded.ofRun(34)
    let entries = Sample.random(3000, &generator)
    var acknowledged = 0
    for round in 0..<15 {
      let batch = Array(entries[acknowledged..<acknowledged + 200])
      // Between commits, the folder as it lies there is what a crash would leave.
      _ = try vault.append(Batch(entries: batch), by: author())
      acknowledged += 200
      let name = "crash-\(round)"
      try FileManager.default.copyItem(atPath: scratch("vault"), toPath: scratch(name))
      try? FileManager.default.removeItem(atPath: scratch(name) + "/vault-1.db-shm")
      if round % 3 == 0 {
        // A commit that was not finished: the log ends in the middle of a frame.
        let log = scratch(name) + "/vault-1.db-wal"
        try #require(truncate(log, off_t(PrivateFile.size(log) - 1000)) == 0)
      }
      let crashed = try Vault.open(at: scratch(name), secret: secret(), by: author())
      let count = try crashed.reader.entryCount()
      #expect(count == acknowledged || (round % 3 == 0 && count == acknowledged - 200))
      #expect(
        try crashed.reader.holdings() == Sample.holdings(of: Array(entries[..<count])),
        "SEED=\(generator.seed) round \(round)")
      #expect(try crashed.rebuildHoldings().isEmpty)
      try crashed.verifyAudit()
      // What was not acknowledged goes in again, what was does not.
      let again = try crashed.append(Batch(entries: batch), by: author())
      #expect(again.added == acknowledged - count && again.duplicates == 200 - again.added)
      try crashed.close()
      try FileManager.default.removeItem(atPath: scratch(name))
    }
  }
}
