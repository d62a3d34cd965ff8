import Cipher
import GRDB
import Glibc

extension VaultFault {
  /// What an error out of SQLite, libcrypto or our own code means for the caller.
  init(_ error: any Error, path: String) {
    switch error {
    case let fault as VaultFault: self = fault
    case let fault as CryptoFault: self = .crypto(fault)
    case let fault as StoredTextFault:
      self = .damaged(path: path, detail: "an unreadable value '\(fault.text.prefix(80))'")
    case let fault as CipherVFS.DiagnosisFault:
      switch fault {
      case .system(let path, let code): self = .system(path: path, operation: "read", code: code)
      case .crypto(let fault): self = .crypto(fault)
      }
    case is CipherVFS.PathFault: self = .missing(path: path)
    case let fault as HeaderFault: self = VaultFault(fault, at: path)
    case let fault as KeySlots.UnlockFault:
      switch fault {
      case .wrongSecret: self = .wrongSecret(path: path)
      case .headerAltered: self = .alteredHeader(path: path)
      case .crypto(let fault): self = .crypto(fault)
      }
    case let fault as KeySlots.ChangeFault: self = VaultFault(fault, at: path)
    case let fault as DatabaseError: self = VaultFault(fault, at: path)
    default: self = .damaged(path: path, detail: "\(type(of: error))")
    }
  }

  private init(_ error: DatabaseError, at path: String) {
    switch error.resultCode {
    case .SQLITE_NOTADB: self = .wrongKey(path: path)
    case .SQLITE_FULL: self = .diskFull(path: path)
    case .SQLITE_CORRUPT: self = .damaged(path: path, detail: error.message ?? "malformed")
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .inUse(path: path, process: nil)
    case .SQLITE_IOERR where error.extendedResultCode.rawValue == VaultFault.dataDamage:
      self = .damaged(path: path, detail: "a page does not pass its check")
    default:
      self = .system(
        path: path, operation: VaultFault.databaseOperation, code: error.extendedResultCode.rawValue
      )
    }
  }

  private init(_ fault: HeaderFault, at path: String) {
    switch fault {
    case .system(let path, let code):
      self =
        code == ENOENT ? .missing(path: path) : .system(path: path, operation: "read", code: code)
    case .newerVersion(let version): self = .newerSchema(path: path, found: version, known: 1)
    case .tooLarge, .notAHeader, .malformed: self = .alteredHeader(path: path)
    }
  }

  private init(_ fault: KeySlots.ChangeFault, at path: String) {
    switch fault {
    case .notThisVault: self = .alteredHeader(path: path)
    case .noSuchSlot(let id): self = .notFound(kind: "slot", name: id)
    case .lastSlot: self = .refused(.lastSlot)
    case .tooManySlots: self = .refused(.tooManySlots)
    case .wrongSecret: self = .wrongSecret(path: path)
    case .badText: self = .refused(.badName)
    case .worn: self = .refused(.tooManySlots)
    case .crypto(let fault): self = .crypto(fault)
    }
  }

  /// What was asked of the system where a fault has SQLite's code and not an errno.
  static let databaseOperation = "use the database"

  /// What SQLite's integrity check found, naming the first page that is not genuine.
  ///
  /// SQLite writes `Page 6: unable to get the page. error code=8202` for one, in later versions with
  /// `Tree 5` before.
  init(verdict: String, path: String) {
    for line in verdict.split(separator: "\n")
    where line.hasSuffix("error code=\(VaultFault.dataDamage)") {
      let words = line.prefix { $0 != ":" }.split(separator: " ")
      guard let page = words.last.flatMap({ UInt32($0) }) else { continue }
      self = .damagedPage(path: path, page: page)
      return
    }
    self = .damaged(path: path, detail: verdict)
  }

  /// `SQLITE_IOERR_DATA`, which the cipher layer gives for a page that is not genuine.
  private static let dataDamage: Int32 = 8202
}
