import GRDBSQLite

/// The sizes of a SQLCipher 4 page.
///
/// A page is cipher text, then 80 reserved bytes: the initialisation vector and the tag. The first
/// page begins with the salt, which stands where SQLite's magic text would.
/// Source: https://www.zetetic.net/sqlcipher/design/.
enum PageFormat {
  static let pageSize = 4096
  static let ivSize = 16
  static let tagSize = 64
  static let reserved = ivSize + tagSize
  /// Where the cipher text ends and the initialisation vector begins.
  static let ivOffset = pageSize - reserved
  static let saltSize = 16
  static let keySize = 32
  /// Rounds of PBKDF2-HMAC-SHA512 from a passphrase to the encryption key.
  static let passphraseRounds: Int32 = 256_000
  /// Rounds from the encryption key to the tag key.
  static let tagKeyRounds: Int32 = 2
  /// What each salt byte is changed by for the tag key.
  static let tagSaltMask: UInt8 = 0x3a
  /// The first 16 bytes of every plain SQLite file.
  ///
  /// https://www.sqlite.org/fileformat2.html 1.3.
  static let magic: StaticString = "SQLite format 3\0"
  static let magicBytes = Array("SQLite format 3\0".utf8)
}

/// SQLite's extended result codes that are C expressions and so not imported.
///
/// Source: https://www.sqlite.org/rescode.html.
enum ResultCode {
  static let notADatabase = SQLITE_NOTADB
  static let readFailed: Int32 = 10 | (1 << 8)
  static let shortRead: Int32 = 10 | (2 << 8)
  static let writeFailed: Int32 = 10 | (3 << 8)
  /// The content is there and wrong.
  static let damaged: Int32 = 10 | (32 << 8)
}

typealias BytePointer = UnsafeMutablePointer<UInt8>

/// The big-endian number at `p`.
@inline(__always) func bigEndian32(_ p: UnsafePointer<UInt8>) -> UInt32 {
  UnsafeRawPointer(p).loadUnaligned(as: UInt32.self).bigEndian
}

/// Writes `value` at `p` in big-endian order.
@inline(__always) func storeBigEndian32(_ value: UInt32, at p: BytePointer) {
  UnsafeMutableRawPointer(p).storeBytes(of: value.bigEndian, as: UInt32.self)
}
