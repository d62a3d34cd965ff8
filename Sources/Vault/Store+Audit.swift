import Cipher
import FoundationEssentials
import GRDB

/// What signs the audit log: the log's name and the key.
struct AuditSigner: Sendable {
  let origin: String
  let key: SigningKey

  /// Checks what the key signed; `nil` never, because origins are plain.
  var verifier: NoteVerifier? { NoteVerifier(name: origin, key: key.publicKey) }

  /// The name of a vault's log.
  static func origin(ofVault id: String) -> String { "coffer/audit/\(id)" }

  /// The checkpoint of a log of this size and root, signed.
  func note(size: UInt64, root: Digest) throws -> String {
    guard let checkpoint = Checkpoint(origin: origin, size: size, root: root) else {
      preconditionFailure("The name of an audit log is one plain line.")
    }
    return try checkpoint.signed(with: key).text
  }
}

extension Store {
  /// Appends a record to the audit log, within a transaction.
  func audit(
    _ db: Database, _ action: AuditAction, on object: String, by author: Attribution,
    _ details: [String: AuditValue] = [:]
  ) throws {
    let record = AuditRecord(
      sequence: Int64(state.frontier.size), author: author, action: action, object: object,
      details: details)
    let bytes = record.bytes
    let leaf = merkle.leaf(bytes)
    try db.cachedStatement(sql: "INSERT INTO audit (seq, record, leaf) VALUES (?, ?, ?)")
      .run(record.sequence, Data(bytes), Data(leaf.bytes))
    state.frontier.append(leaf, &merkle)
    lastTime = author.time
  }

  /// Writes the log's edge and a signed checkpoint over all records so far, which it returns.
  func seal(_ db: Database, at frontier: MerkleFrontier) throws -> String {
    let root = frontier.root(&merkle)
    let note = try signer.note(size: frontier.size, root: root)
    try db.cachedStatement(
      sql: "INSERT OR REPLACE INTO audit_checkpoint (size, root, note) VALUES (?, ?, ?)"
    ).run(Int64(frontier.size), Data(root.bytes), note)
    try db.cachedStatement(
      sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('audit_frontier', ?)"
    ).run(Data(frontier.bytes))
    return note
  }

  /// Writes the first record of a new vault, which names the key that signs the log.
  func recordBirth(_ db: Database, of header: KeySlots, by author: Attribution) throws {
    try audit(
      db, .create, on: "vault", by: author,
      [
        "key": .text(hexadecimal(signer.key.publicKey.bytes)),
        "slots": .number(Int64(header.slots.count)),
        "vault": .text(header.vaultID),
      ])
  }

  /// Recomputes the audit log from its records.
  func checkAudit() throws(VaultFault) {
    try read { db in
      var hasher = MerkleHasher()
      var frontier = MerkleFrontier()
      let rows = try Row.fetchCursor(db, sql: "SELECT seq, record, leaf FROM audit ORDER BY seq")
      while let row = try rows.next() {
        let leaf = hasher.leaf(row.bytes(1))
        guard (row[0] as Int64) == Int64(frontier.size), leaf.bytes == row.bytes(2) else {
          throw VaultFault.brokenAudit(record: Int64(frontier.size))
        }
        frontier.append(leaf, &hasher)
      }
      guard frontier == state.frontier else {
        throw VaultFault.brokenAudit(record: Int64(clamping: frontier.size))
      }
    }
  }
}
