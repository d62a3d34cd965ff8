public import Cipher
import Glibc

/// Why a vault does not do what was asked.
///
/// Paths are as the caller gave them. No case holds a secret.
public enum VaultFault: Error, Equatable, Sendable {
  /// There is something where a new vault or file should go.
  case exists(path: String)
  /// There is no vault, or a file of it is not there.
  case missing(path: String)
  /// Others may read or write it; `mode` is its permission bits, `wanted` what they should be.
  case exposed(path: String, mode: UInt32, wanted: UInt32)
  /// It belongs to another user.
  case foreignOwner(path: String, uid: UInt32)
  /// Another process has the vault open.
  case inUse(path: String, process: Int32?)
  /// The passphrase or recovery code opens no slot.
  case wrongSecret(path: String)
  /// The header is not as it was written.
  case alteredHeader(path: String)
  /// The header is in order, but the database was written with another key.
  case wrongKey(path: String)
  /// The database ends early.
  case truncated(path: String)
  /// A page of the database is not as it was written; the first page is 1.
  case damagedPage(path: String, page: UInt32)
  /// SQLite finds the database damaged and cannot say on which page.
  case damaged(path: String, detail: String)
  /// The vault is older than it was when it was last used here.
  case rolledBack(path: String, seen: RollbackEvidence)
  /// The memory of the vault's last state outside its folder is not as it was written.
  case alteredAnchor(path: String)
  /// A later version of the program wrote the vault.
  case newerSchema(path: String, found: Int, known: Int)
  /// The audit log does not agree with itself; `record` is the first that is wrong, from 0.
  case brokenAudit(record: Int64)
  /// A file is no backup, or not as it was written.
  case notABackup(path: String, detail: String)
  /// There is no such thing in the vault: what kind of thing, and its name.
  case notFound(kind: String, name: String)
  /// What was asked breaks a rule of the vault.
  case refused(Rule)
  /// The disk is full.
  case diskFull(path: String)
  /// The system refused an operation on a file; `code` is its errno or SQLite's code.
  case system(path: String, operation: String, code: Int32)
  /// The machine could not do a cryptographic operation.
  case crypto(CryptoFault)

  /// A rule that a request breaks.
  public enum Rule: Hashable, Sendable {
    /// A vault keeps at least one slot.
    case lastSlot
    /// There is no room for another slot.
    case tooManySlots
    /// A new passphrase is empty or too short.
    case weakPassphrase
    /// Two assets would each be the other.
    case linkCircle
    /// The import has ended already.
    case importEnded
    /// A root key is only rotated with the secrets of all slots that stay.
    case secretsMissing
    /// A name is empty or too long.
    case badName
  }
}

/// What shows that a vault is older than it was.
public struct RollbackEvidence: Hashable, Sendable {
  /// How many audit records the vault had when it was last used.
  public let seenSize: Int64
  /// When that was, in RFC 3339.
  public let seenTime: String
  /// How many it has now.
  public let foundSize: Int64

  /// Makes evidence.
  public init(seenSize: Int64, seenTime: String, foundSize: Int64) {
    self.seenSize = seenSize
    self.seenTime = seenTime
    self.foundSize = foundSize
  }
}

extension VaultFault {
  /// One sentence that says what is wrong, with the place.
  public var sentence: String {
    switch self {
    case .exists(let path): return "There is something at \(path) already."
    case .missing(let path): return "There is no vault file at \(path)."
    case .exposed(let path, let mode, _):
      return "Other users may use \(path): its mode is \(octal(mode))."
    case .foreignOwner(let path, let uid): return "\(path) belongs to the user with id \(uid)."
    case .inUse(let path, let process):
      return process.map { "The vault at \(path) is in use by process \($0)." }
        ?? "The vault at \(path) is in use by another process."
    case .wrongSecret(let path): return "The passphrase or code does not open the vault at \(path)."
    case .alteredHeader(let path): return "The key slots in \(path) are not as they were written."
    case .wrongKey(let path): return "The database \(path) was written with another key."
    case .truncated(let path): return "The database \(path) ends early."
    case .damagedPage(let path, let page):
      return "Page \(page) of the database \(path) is not as it was written."
    case .damaged(let path, let detail): return "The database \(path) is damaged: \(detail)."
    case .rolledBack(let path, let seen):
      return "The vault at \(path) is older than it was: it had \(seen.seenSize) audit records on "
        + "\(seen.seenTime) and has \(seen.foundSize) now, or others."
    case .alteredAnchor(let path):
      return "The note of the vault's last state in \(path) is not as it was written."
    case .newerSchema(let path, let found, let known):
      return "A later Coffer wrote \(path): its layout is \(found), this one knows \(known)."
    case .brokenAudit(let record):
      return "The audit log does not hold together at record \(record)."
    case .notABackup(let path, let detail): return "\(path) is no sound backup: \(detail)."
    case .notFound(let kind, let name): return "There is no \(kind) \(name)."
    case .refused(let rule): return rule.sentence
    case .diskFull(let path): return "The disk that holds \(path) is full."
    case .system(let path, let operation, let code):
      return "The system refused to \(operation) \(path): \(reason(operation, code))."
    case .crypto(let fault): return "A cryptographic operation failed: \(fault)."
    }
  }

  /// One sentence that says what to do, or empty.
  public var advice: String {
    switch self {
    case .exists: return "Choose another place, or say that it may be replaced."
    case .missing: return "Check the path, or make a vault with `coffer init`."
    case .exposed(let path, _, let wanted): return "Run: chmod \(octal(wanted)) '\(path)'"
    case .foreignOwner: return "Open it as that user, or copy it with `coffer backup`."
    case .inUse: return "Stop the other engine with `coffer engine stop`."
    case .wrongSecret: return "Try again, or use the recovery code."
    case .alteredHeader: return "Put back the copy of the key slots from a backup."
    case .wrongKey, .truncated, .damagedPage, .damaged, .brokenAudit:
      return "Restore a backup with `coffer restore`."
    case .rolledBack, .alteredAnchor:
      return "If you restored an older copy yourself, say so when opening; else find out who did."
    case .newerSchema: return "Install the newer Coffer."
    case .notABackup: return "Use another backup."
    case .diskFull: return "Make room and try again; nothing was lost."
    case .notFound, .refused, .system, .crypto: return ""
    }
  }
}

extension VaultFault.Rule {
  fileprivate var sentence: String {
    switch self {
    case .lastSlot: return "A vault keeps at least one key slot."
    case .tooManySlots: return "There is no room for another key slot."
    case .weakPassphrase: return "The passphrase is too short."
    case .linkCircle: return "The two assets would each stand for the other."
    case .importEnded: return "The import has ended already."
    case .secretsMissing: return "The secret of every slot that stays is needed."
    case .badName: return "The name is empty or too long."
    }
  }
}

/// What the system says about an errno; SQLite's codes stay numbers.
private func reason(_ operation: String, _ code: Int32) -> String {
  guard operation != VaultFault.databaseOperation, let text = strerror(code) else {
    return "SQLite's code \(code)"
  }
  return String(cString: text)
}

private func octal(_ mode: UInt32) -> String {
  let digits = String(mode & 0o7777, radix: 8)
  return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
