import Cipher
import GRDB

extension VaultFault {
  /// What an error out of SQLite, libcrypto or our own code means for the caller.
  init(_ error: any Error, path: String) {
    switch error {
    case let fault as VaultFault: self = fault
    case let fault as CryptoFault: self = .crypto(fault)
    case let fault as StoredTextFault:
      self = .damaged(path: path, detail: "an unreadable value '\(fault.text.prefix(80))'")
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
        path: path, operation: "use the database", code: error.extendedResultCode.rawValue)
    }
  }

  /// `SQLITE_IOERR_DATA`, which the cipher layer gives for a page that is not genuine.
  private static let dataDamage: Int32 = 8202
}
