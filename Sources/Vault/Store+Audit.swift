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
  }

  /// Writes the log's edge and a signed checkpoint over all records so far.
  func seal(_ db: Database, at frontier: MerkleFrontier) throws {
    let root = frontier.root(&merkle)
    let note = try signer.note(size: frontier.size, root: root)
    try db.cachedStatement(
      sql: "INSERT OR REPLACE INTO audit_checkpoint (size, root, note) VALUES (?, ?, ?)"
    ).run(Int64(frontier.size), Data(root.bytes), note)
    try db.cachedStatement(
      sql: "INSERT OR REPLACE INTO meta (key, value) VALUES ('audit_frontier', ?)"
    ).run(Data(frontier.bytes))
  }
}
