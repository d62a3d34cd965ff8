import Cipher
import FoundationEssentials
import GRDB
import Ledger

/// The folder outside of vaults that keeps the newest state of each.
struct AnchorFolder: Sendable {
  let path: String

  /// Takes the folder, and makes it if there is none.
  init(_ path: String) throws(VaultFault) {
    self.path = path
    if try !PrivateFile.exists(path) { try PrivateFile.makeFolder(path) }
    try PrivateFile.check(path, wanted: 0o700)
  }

  /// The file of one vault.
  func file(ofVault id: String, generation: Int64) -> AnchorFile {
    AnchorFile(path: path + "/" + id + ".anchor", vault: id, generation: generation)
  }

  /// What the file of a vault says of the vault that was opened.
  func state(of store: Store, _ header: KeySlots) throws(VaultFault) -> AnchorState {
    let file = file(ofVault: header.vaultID, generation: header.generation)
    guard let bytes = try PrivateFile.read(file.path) else { return .absent }
    guard let anchor = Anchor(text: String(decoding: bytes, as: UTF8.self)),
      anchor.vault == header.vaultID
    else { return .altered(path: file.path) }
    return try anchor.compare(with: store, header, at: file.path)
  }
}

/// How a vault stands to what is remembered of it.
enum AnchorState: Equatable {
  /// Nothing is remembered.
  case absent
  /// It is what it was, or has grown from it.
  case current
  /// It is older, or has grown in another way.
  case rolledBack(RollbackEvidence)
  /// What is remembered was not written by the vault.
  case altered(path: String)

  /// Whether somebody must be told.
  var isAlarming: Bool {
    switch self {
    case .absent, .current: return false
    case .rolledBack, .altered: return true
    }
  }
}

/// The file that keeps the newest state of one vault.
struct AnchorFile: Sendable {
  let path: String
  let vault: String
  let generation: Int64

  /// Writes down the state that a signed checkpoint gives.
  func write(_ note: String, at time: Instant) throws(VaultFault) {
    let anchor = Anchor(vault: vault, generation: generation, time: time.description, note: note)
    try PrivateFile.replace(path, with: Array(anchor.text.utf8))
  }
}

/// The newest state of a vault as it was last seen.
///
/// Text: a line with the format's name, the vault, the header's generation, the time, an empty line,
/// and the signed checkpoint of the audit log.
struct Anchor: Equatable {
  let vault: String
  let generation: Int64
  let time: String
  let note: String

  private static let format = "coffer-anchor/1"

  init(vault: String, generation: Int64, time: String, note: String) {
    self.vault = vault
    self.generation = generation
    self.time = time
    self.note = note
  }

  init?(text: String) {
    let lines = text.split(separator: "\n", maxSplits: 5, omittingEmptySubsequences: false)
    guard lines.count == 6, lines[0] == Anchor.format, let generation = Int64(lines[2]),
      lines[4].isEmpty
    else { return nil }
    self.init(
      vault: String(lines[1]), generation: generation, time: String(lines[3].prefix(40)),
      note: String(lines[5]))
  }

  var text: String { "\(Anchor.format)\n\(vault)\n\(generation)\n\(time)\n\n\(note)" }

  /// Whether a vault contains the state that the anchor remembers.
  func compare(
    with store: Store, _ header: KeySlots, at path: String
  ) throws(VaultFault) -> AnchorState {
    let found = Int64(clamping: store.state.frontier.size)
    guard let seen = SignedNote(text: note).flatMap({ Checkpoint(text: $0.body) }) else {
      return .altered(path: path)
    }
    // The database is authentic, so the very same note in it is proof of itself; that also covers
    // notes signed with an earlier key of the vault.
    let size = Int64(clamping: seen.size)
    if generation <= header.generation, try store.note(ofSize: size) == note {
      return .current
    }
    let evidence = RollbackEvidence(seenSize: size, seenTime: time, foundSize: found)
    let isSigned = store.signer.verifier.map { Checkpoint(note: note, verifier: $0) != nil }
    // Signed by a later key than the vault has: the vault was rotated and is now an older copy.
    guard isSigned ?? false || generation > header.generation else {
      return .altered(path: path)
    }
    return .rolledBack(evidence)
  }
}

extension Store {
  /// The signed checkpoint over the first records, or `nil` where none was written.
  func note(ofSize size: Int64) throws(VaultFault) -> String? {
    try read { db in
      try String.fetchOne(
        db, sql: "SELECT note FROM audit_checkpoint WHERE size = ?", arguments: [size])
    }
  }

  /// Refuses a database whose audit log does not end as its last signed checkpoint says.
  func checkHead() throws(VaultFault) {
    let records = try read { db in
      try Int64.fetchOne(db, sql: "SELECT max(seq) FROM audit").map { $0 + 1 } ?? 0
    }
    let size = state.frontier.size
    guard records == Int64(size), let note = try note(ofSize: records),
      let verifier = signer.verifier, let head = Checkpoint(note: note, verifier: verifier),
      head.size == size, head.root == state.frontier.root(&merkle)
    else { throw .brokenAudit(record: min(records, Int64(clamping: size))) }
  }
}
