import Cipher
import FoundationEssentials
import GRDB
import Glibc
import Ledger
import TestSupport
import Testing

@testable import Vault

@Suite struct VaultTests {
  private func flip(_ path: String, at offset: Int) throws {
    let file = try #require(fopen(path, "r+"))
    defer { fclose(file) }
    fseek(file, offset, SEEK_SET)
    let byte = fgetc(file)
    fseek(file, offset, SEEK_SET)
    fputc(byte ^ 0x10, file)
  }

  private func filled(_ scratch: Scratch, entries: Int = 500) throws {
    let vault = try makeVault(scratch)
    var generator = Seeded.ofRun(21)
    _ = try vault.append(Batch(entries: Sample.random(entries, &generator)), by: author())
    try vault.close()
  }

  @Test func `a vault opens with its passphrase and with its recovery code`() throws {
    let scratch = try Scratch()
    let made = try Vault.create(
      at: scratch("vault"), passphrase: passphrase(), options: options(scratch), by: author())
    try made.vault.close()
    try openVault(scratch).close()
    try Vault.open(
      at: scratch("vault"), secret: .recovery(made.recoveryCode), options: options(scratch),
      by: author()
    ).close()
    #expect(
      fault {
        _ = try Vault.open(
          at: scratch("vault"), secret: secret("wrong horse"), options: options(scratch),
          by: author())
      } == .wrongSecret(path: scratch("vault")))
    #expect(
      fault {
        _ = try Vault.create(at: scratch("vault"), passphrase: passphrase(), by: author())
      } == .exists(path: scratch("vault")))
    #expect(
      fault {
        _ = try Vault.create(at: scratch("new"), passphrase: passphrase("short"), by: author())
      } == .refused(.weakPassphrase))
  }

  @Test func `files are for their owner only, whatever the umask`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    _ = try vault.append(
      Batch(entries: [Sample.entry("A", try Sample.leg("1", Sample.assets[0]))]), by: author())
    for name in try PrivateFile.names(in: scratch("vault")) {
      var information = stat()
      try #require(lstat(scratch("vault") + "/" + name, &information) == 0)
      #expect(information.st_mode & 0o777 == 0o600, "\(name)")
    }
    #expect(try PrivateFile.names(in: scratch("vault")).contains("vault-1.db-wal"))
  }

  @Test func `a vault that others may use is not opened`() throws {
    let scratch = try Scratch()
    try filled(scratch, entries: 1)
    chmod(scratch("vault"), 0o750)
    let folder = fault { try openVault(scratch).close() }
    #expect(folder == .exposed(path: scratch("vault"), mode: 0o750, wanted: 0o700))
    #expect(folder?.advice == "Run: chmod 0700 '\(scratch("vault"))'")
    chmod(scratch("vault"), 0o700)
    chmod(scratch("vault/vault-1.db"), 0o644)
    #expect(
      fault { try openVault(scratch).close() }
        == .exposed(path: scratch("vault/vault-1.db"), mode: 0o644, wanted: 0o600))
  }

  @Test func `only one has a vault open`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    #expect(
      fault { try openVault(scratch).close() }
        == .inUse(path: scratch("vault"), process: getpid()))
    try vault.close()
    try openVault(scratch).close()
  }

  @Test func `a commit survives the loss of power`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    let settings = try vault.store.pool.writeWithoutTransaction { db in
      (
        try Int.fetchOne(db, sql: "PRAGMA synchronous"),
        try Int.fetchOne(db, sql: "PRAGMA temp_store"),
        try String.fetchOne(db, sql: "PRAGMA journal_mode")
      )
    }
    // 2 is FULL, and 2 is MEMORY: https://www.sqlite.org/pragma.html
    #expect(settings == (2, 2, "wal"))
    #expect(
      try vault.store.pool.read { try Int.fetchOne($0, sql: "PRAGMA temp_store") } == 2)
  }

  @Test func `nothing that was written down can be read in the files`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    let canary = "CANARY-7f3a"
    let entry = Sample.entry(canary, note: canary, try Sample.leg("1", Sample.assets[0]))
    var raw = RawRows()
    raw.append(canary.utf8, line: entry.line)
    _ = try vault.append(Batch(entries: [entry], raw: raw), by: author())
    func search() throws {
      for name in try PrivateFile.names(in: scratch("vault")) {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: scratch("vault") + "/" + name))
        for text in [canary, "CREATE TABLE", "SQLite format"] {
          #expect(!bytes.contains(Array(text.utf8)), "\(text) in \(name)")
        }
      }
    }
    try search()
    try vault.close()
    try search()
  }

  @Test func `each kind of damage has its own fault`() throws {
    let scratch = try Scratch()
    try filled(scratch)
    let database = scratch("vault/vault-1.db")
    let copy = scratch("copy")
    try FileManager.default.copyItem(atPath: scratch("vault"), toPath: copy)
    func restored() throws {
      try FileManager.default.removeItem(atPath: scratch("vault"))
      try FileManager.default.copyItem(atPath: copy, toPath: scratch("vault"))
    }
    func diagnosis() throws -> VaultFault? {
      Vault.diagnose(at: scratch("vault"), secret: try secret(), options: options(scratch))
    }
    #expect(try diagnosis() == nil)
    #expect(
      Vault.diagnose(at: scratch("vault"), secret: try secret("wrong horse"))
        == .wrongSecret(path: scratch("vault")))

    try flip(database, at: 5 * 4096 + 100)
    #expect(try diagnosis() == .damagedPage(path: database, page: 6))
    try restored()

    try #require(truncate(database, 4096 * 3 + 17) == 0)
    #expect(try diagnosis() == .truncated(path: database))
    #expect(fault { try openVault(scratch).close() } == .truncated(path: database))
    try restored()

    try flip(database, at: 3)
    let salt = fault { try openVault(scratch).close() }
    #expect(salt == .wrongKey(path: database))
    try restored()

    let header = scratch("vault/slots")
    let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: header)), as: UTF8.self)
    let changed = text.replacing("\"label\" : \"passphrase\"", with: "\"label\" : \"passphrasf\"")
    try #require(changed != text)
    for name in [header, header + ".copy"] {
      try Data(changed.utf8).write(to: URL(fileURLWithPath: name))
      chmod(name, 0o600)
    }
    #expect(fault { try openVault(scratch).close() } == .alteredHeader(path: scratch("vault")))
  }

  @Test func `a vault put back to an older state is noticed`() throws {
    let scratch = try Scratch()
    try filled(scratch)
    try FileManager.default.copyItem(atPath: scratch("vault"), toPath: scratch("old"))
    let vault = try openVault(scratch)
    try vault.set("note", to: "new", by: author(60))
    try vault.close()
    try openVault(scratch).close()
    try FileManager.default.removeItem(atPath: scratch("vault"))
    try FileManager.default.moveItem(atPath: scratch("old"), toPath: scratch("vault"))
    // Making and one batch; then two openings and a setting.
    let evidence = RollbackEvidence(
      seenSize: 5, seenTime: author(1).time.description, foundSize: 2)
    let expected = VaultFault.rolledBack(path: scratch("vault"), seen: evidence)
    #expect(fault { try openVault(scratch).close() } == expected)
    #expect(fault { try openVault(scratch).close() } == expected)
    try openVault(scratch, accepts: true).close()
    try openVault(scratch).close()
  }

  @Test func `a vault that went another way is noticed, and so is an altered anchor`() throws {
    let scratch = try Scratch()
    try filled(scratch)
    try FileManager.default.copyItem(atPath: scratch("vault"), toPath: scratch("old"))
    let vault = try openVault(scratch)
    let anchor = scratch("anchors/\(vault.id).anchor")
    try vault.close()
    try FileManager.default.removeItem(atPath: scratch("vault"))
    try FileManager.default.moveItem(atPath: scratch("old"), toPath: scratch("vault"))
    // The other way is longer, so that its size alone says nothing.
    let other = try Vault.open(at: scratch("vault"), secret: secret(), by: author())
    for index in 0..<5 { try other.set("note", to: "\(index)", by: author()) }
    try other.close()
    guard case .rolledBack = fault({ try openVault(scratch).close() }) else {
      Issue.record("The other history was accepted.")
      return
    }
    try openVault(scratch, accepts: true).close()
    try Data("coffer-anchor/1\nnonsense".utf8).write(to: URL(fileURLWithPath: anchor))
    chmod(anchor, 0o600)
    #expect(fault { try openVault(scratch).close() } == .alteredAnchor(path: anchor))
  }
}
