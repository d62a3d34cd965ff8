import Cipher
import FoundationEssentials
import GRDB
import Ledger
import Testing

@testable import Vault

@Suite struct AuditTests {
  /// A vault with some records, and its exported log.
  private func exported(_ scratch: Scratch, records: Int = 40) throws -> (Vault, [String]) {
    let vault = try makeVault(scratch)
    for index in 0..<records {
      try vault.set("note", to: "value \(index)", by: author(Int64(index)))
    }
    try vault.exportAudit(to: scratch("audit.jsonl"))
    let text = String(
      decoding: try Data(contentsOf: URL(fileURLWithPath: scratch("audit.jsonl"))), as: UTF8.self)
    return (vault, text.split(separator: "\n").map(String.init))
  }

  private func verify(
    _ lines: [String], _ scratch: Scratch, checkpoint: String? = nil, verifier: String? = nil
  ) throws -> AuditFault? {
    let path = scratch("changed-\(UUID().uuidString)")
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
    do throws(AuditFault) {
      _ = try AuditVerifier.verify(file: path, checkpoint: checkpoint, verifier: verifier)
      return nil
    } catch {
      return error
    }
  }

  @Test func `an exported log verifies without the vault`() throws {
    let scratch = try Scratch()
    let (vault, lines) = try exported(scratch)
    let report = try AuditVerifier.verify(file: scratch("audit.jsonl"))
    // One record for the making of the vault, forty settings; a head line and one checkpoint.
    #expect(report.records == 41 && lines.count == 43 && report.keys == 1)
    #expect(report.verifier == vault.auditVerifier)
    #expect(try vault.verifyAudit() == 41)
    let good = try verify(
      lines, scratch, checkpoint: vault.auditCheckpoint(), verifier: vault.auditVerifier)
    #expect(good == nil)
  }

  @Test func `every flipped byte of a record is noticed`() throws {
    let scratch = try Scratch()
    let (_, lines) = try exported(scratch, records: 3)
    for line in 1..<lines.count {
      let bytes = Array(lines[line].utf8)
      // The last letter of a signature in base64 has bits that mean nothing.
      for place in stride(from: 0, to: bytes.count - 8, by: 7) {
        var changed = bytes
        changed[place] ^= 1
        // A byte that becomes the end of the line makes two lines of it.
        var all = lines
        all[line] = String(decoding: changed, as: UTF8.self)
        #expect(try verify(all, scratch) != nil, "line \(line), byte \(place)")
      }
    }
  }

  @Test func `deleted, inserted, reordered and cut off records are noticed`() throws {
    let scratch = try Scratch()
    let (vault, lines) = try exported(scratch)
    var deleted = lines
    deleted.remove(at: 10)
    #expect(try verify(deleted, scratch) == .badCheckpoint(size: 41))
    var inserted = lines
    inserted.insert(lines[10], at: 11)
    #expect(try verify(inserted, scratch) == .badCheckpoint(size: 41))
    var reordered = lines
    reordered.swapAt(10, 11)
    #expect(try verify(reordered, scratch) == .badCheckpoint(size: 41))
    // Records gone from the end, their checkpoint still there; then both gone.
    #expect(
      try verify(Array(lines[..<30]) + [lines[42]], scratch) == .badCheckpoint(size: 41))
    #expect(try verify(Array(lines[..<30]), scratch) == .unsigned(records: 29))
    let seen = try vault.auditCheckpoint()
    try vault.set("note", to: "later", by: author())
    try vault.exportAudit(to: scratch("later.jsonl"))
    #expect(try AuditVerifier.verify(file: scratch("later.jsonl"), checkpoint: seen).records == 42)
    let later = try vault.auditCheckpoint()
    #expect(try verify(lines, scratch, checkpoint: later) == .truncated(seen: 42, found: 41))
  }

  @Test func `another vault's log is not taken for this one`() throws {
    let scratch = try Scratch()
    let other = try Scratch()
    let (vault, _) = try exported(scratch)
    let (_, foreign) = try exported(other)
    #expect(try verify(foreign, scratch, verifier: vault.auditVerifier) == .wrongKey)
    let seen = try vault.auditCheckpoint()
    #expect(try verify(foreign, scratch, checkpoint: seen) == .differs(size: 41))
  }

  @Test func `a record in the database that was changed is found`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    try vault.set("note", to: "a", by: author())
    try vault.store.pool.write { db in
      try db.execute(sql: "UPDATE audit SET record = CAST('{}' AS BLOB) WHERE seq = 1")
    }
    #expect(fault { try vault.verifyAudit() } == .brokenAudit(record: 1))
  }

  @Test func `a record says who did what in canonical JSON`() throws {
    let record = AuditRecord(
      sequence: 7, author: author(), action: .link, object: "asset:a\"\n\u{1}",
      details: ["b": .number(-1), "a": .flag(true)])
    // RFC 8785 3.2.2.2 for the escapes, 3.2.3 for the order of members.
    let expected =
      #"{"action":"asset.link","actor":{"program":"test","uid":1000,"user":"anna"},"#
      + #""details":{"a":true,"b":-1},"object":"asset:a\"\n\u0001","seq":7,"#
      + #""time":"2024-01-01T00:00:00Z"}"#
    #expect(String(decoding: record.bytes, as: UTF8.self) == expected)
  }

  @Test func `the log goes on under a new key that the old one named`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    let first = vault.auditVerifier
    let slot = try #require(vault.slots.first)
    try vault.rotateRoot(secrets: [slot.id: try secret()], by: author())
    try vault.set("note", to: "after", by: author())
    #expect(vault.auditVerifier != first)
    try vault.exportAudit(to: scratch("audit.jsonl"))
    for known in [first, vault.auditVerifier] {
      let report = try AuditVerifier.verify(file: scratch("audit.jsonl"), verifier: known)
      #expect(report.keys == 2 && report.verifier == vault.auditVerifier)
    }
    let text = String(
      decoding: try Data(contentsOf: URL(fileURLWithPath: scratch("audit.jsonl"))), as: UTF8.self)
    let lines = text.split(separator: "\n").map(String.init)
    // Without the old key's signature over the record that names the new one, it is not believed.
    let handOver = try #require(lines.firstIndex { $0.hasPrefix("{\"checkpoint\"") })
    var cut = lines
    cut.remove(at: handOver)
    #expect(try verify(cut, scratch) != nil)
  }
}
