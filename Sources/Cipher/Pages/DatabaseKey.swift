import COpenSSL

/// What a database is opened with.
public struct DatabaseKey: Sendable {
  enum Form { case raw, rawWithSalt, passphrase }
  let form: Form
  let bytes: SecretBytes

  /// A raw key: 32 bytes, or 48 when a salt chosen by the caller follows.
  ///
  /// Equals `PRAGMA key = "x'…'"` of SQLCipher with 64 or 96 hexadecimal digits.
  /// - Parameter raw: The key bytes.
  public init(raw: SecretBytes) {
    precondition(raw.count == 32 || raw.count == 48, "A raw key has 32 bytes, or 48 with a salt.")
    form = raw.count == 32 ? .raw : .rawWithSalt
    bytes = raw
  }

  /// A passphrase stretched by SQLCipher's own PBKDF2; for files of other programs.
  ///
  /// Our vaults never use it: their key slots stretch better and hand over a raw key.
  /// - Parameter passphrase: The passphrase's bytes, UTF-8.
  public init(passphrase: SecretBytes) {
    form = .passphrase
    bytes = passphrase
  }

  /// The salt the key prescribes for a new file, nil when it is to be drawn.
  var fixedSalt: [UInt8]? {
    guard form == .rawWithSalt else { return nil }
    return bytes.withBytes { Array($0[PageFormat.keySize...]) }
  }
}

/// The two keys that belong to one salt: encryption, then tags.
struct PageKeys: Sendable {
  let salt: [UInt8]
  /// 32 bytes for AES, 32 bytes for the HMAC.
  let bytes: SecretBytes

  /// Derives both keys as the SQLCipher design says.
  init(_ key: DatabaseKey, salt: [UInt8]) throws(CryptoFault) {
    precondition(salt.count == PageFormat.saltSize, "A salt has 16 bytes.")
    self.salt = salt
    bytes = try SecretBytes(count: 2 * PageFormat.keySize) { out throws(CryptoFault) in
      try Self.fillEncryptionKey(out, key, salt)
      let tagSalt = salt.map { $0 ^ PageFormat.tagSaltMask }
      try stretch(
        UnsafeRawBufferPointer(rebasing: out[..<PageFormat.keySize]), salt: tagSalt,
        rounds: PageFormat.tagKeyRounds, into: out.baseAddress.map { $0 + PageFormat.keySize })
    }
  }

  private static func fillEncryptionKey(
    _ out: UnsafeMutableRawBufferPointer, _ key: DatabaseKey, _ salt: [UInt8]
  ) throws(CryptoFault) {
    try key.bytes.withBytes { bytes throws(CryptoFault) in
      switch key.form {
      case .raw, .rawWithSalt:
        out.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<PageFormat.keySize]))
      case .passphrase:
        try stretch(
          bytes, salt: salt, rounds: PageFormat.passphraseRounds, into: out.baseAddress)
      }
    }
  }
}

/// PBKDF2-HMAC-SHA512 to a 32-byte key.
///
/// Source: RFC 8018 5.2.
private func stretch(
  _ secret: UnsafeRawBufferPointer, salt: [UInt8], rounds: Int32,
  into out: UnsafeMutableRawPointer?
) throws(CryptoFault) {
  let done = PKCS5_PBKDF2_HMAC(
    secret.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(secret.count), salt,
    Int32(salt.count), rounds, EVP_sha512(), Int32(PageFormat.keySize),
    out?.assumingMemoryBound(to: UInt8.self))
  guard done == 1 else { throw .library("PBKDF2") }
}
