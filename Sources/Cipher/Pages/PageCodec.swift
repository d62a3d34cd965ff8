import COpenSSL

/// Encrypts and decrypts the pages of one open database.
///
/// AES-256-CBC with a fresh random vector a page, then HMAC-SHA512 over cipher text, vector and
/// page number in little-endian order (encrypt-then-MAC). One codec belongs to one connection,
/// which SQLite uses from one thread at a time. The HMAC state lives in locked memory; libcrypto's
/// AES key schedules live in its own heap until the codec goes, and are wiped by it then.
/// Source: https://www.zetetic.net/sqlcipher/design/.
final class PageCodec {
  /// The salt of the file the keys were derived for.
  let salt: [UInt8]

  private let encryption: OpaquePointer
  private let decryption: OpaquePointer
  private let pages: LockedPages
  private let hmac: UnsafeMutablePointer<coffer_hmac_sha512>
  /// A tag to compare with, then random vectors drawn ahead.
  ///
  /// None of it is secret.
  private let scratch: BytePointer
  private let vectors: BytePointer
  private var nextVector = PageCodec.vectorBytes

  /// 256 vectors a call: one system-wide generator lock for 1 MiB of pages.
  private static let vectorBytes = 256 * PageFormat.ivSize

  /// What a page turned out to be.
  enum Verdict {
    case genuine
    /// All zeros: a page SQLite left out when it grew the file. SQLCipher reads it as zeros.
    case blank
    case damaged
  }

  init(_ keys: PageKeys) throws(CryptoFault) {
    guard let pages = LockedPages(count: MemoryLayout<coffer_hmac_sha512>.size) else {
      throw .outOfMemory
    }
    guard let encryption = EVP_CIPHER_CTX_new() else { throw .outOfMemory }
    guard let decryption = EVP_CIPHER_CTX_new() else {
      EVP_CIPHER_CTX_free(encryption)
      throw .outOfMemory
    }
    salt = keys.salt
    self.pages = pages
    self.encryption = encryption
    self.decryption = decryption
    hmac = pages.start.bindMemory(to: coffer_hmac_sha512.self, capacity: 1)
    scratch = .allocate(capacity: PageFormat.tagSize + Self.vectorBytes)
    vectors = scratch + PageFormat.tagSize
    try setKeys(keys)
  }

  deinit {
    EVP_CIPHER_CTX_free(encryption)
    EVP_CIPHER_CTX_free(decryption)
    scratch.deallocate()
  }

  private func setKeys(_ keys: PageKeys) throws(CryptoFault) {
    let isSet = keys.bytes.withBytes { bytes in
      let key = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      let tagKey = key.map { $0 + PageFormat.keySize }
      return EVP_EncryptInit_ex(encryption, EVP_aes_256_cbc(), nil, key, nil) == 1
        && EVP_DecryptInit_ex(decryption, EVP_aes_256_cbc(), nil, key, nil) == 1
        && EVP_CIPHER_CTX_set_padding(encryption, 0) == 1
        && EVP_CIPHER_CTX_set_padding(decryption, 0) == 1
        && coffer_hmac_sha512_start(hmac, tagKey, PageFormat.keySize) == 1
    }
    guard isSet else { throw .library("AES-256-CBC") }
  }

  /// Writes the cipher form of the plain page `source` to `target`; they must not overlap.
  ///
  /// - Returns: False when libcrypto or its random generator failed; `target` is then not to be used.
  func encrypt(page number: UInt32, from source: UnsafePointer<UInt8>, to target: BytePointer)
    -> Bool
  {
    let start = number == 1 ? PageFormat.saltSize : 0
    let count = PageFormat.ivOffset - start
    if start != 0 { target.update(from: salt, count: PageFormat.saltSize) }
    let vector = target + PageFormat.ivOffset
    guard takeVector(vector) else { return false }
    var written: Int32 = 0
    guard EVP_EncryptInit_ex(encryption, nil, nil, nil, vector) == 1,
      EVP_EncryptUpdate(encryption, target + start, &written, source + start, Int32(count)) == 1,
      Int(written) == count
    else { return false }
    coffer_hmac_sha512_tag(
      hmac, target + start, count + PageFormat.ivSize, number, vector + PageFormat.ivSize)
    return true
  }

  private func takeVector(_ target: BytePointer) -> Bool {
    if nextVector == Self.vectorBytes {
      guard RAND_bytes(vectors, Int32(Self.vectorBytes)) == 1 else { return false }
      nextVector = 0
    }
    target.update(from: vectors + nextVector, count: PageFormat.ivSize)
    nextVector += PageFormat.ivSize
    return true
  }

  /// Writes the plain form of the cipher page `source` to `target`, which may be the same memory.
  ///
  /// The reserved bytes become zeros, and the salt of page 1 SQLite's magic text. `target` is
  /// untouched when the page is damaged.
  func decrypt(page number: UInt32, from source: UnsafePointer<UInt8>, to target: BytePointer)
    -> Verdict
  {
    let start = number == 1 ? PageFormat.saltSize : 0
    let count = PageFormat.ivOffset - start
    guard isGenuine(page: number, source) else {
      guard number != 1, isBlank(source) else { return .damaged }
      target.update(repeating: 0, count: PageFormat.pageSize)
      return .blank
    }
    var written: Int32 = 0
    guard
      EVP_DecryptInit_ex(decryption, nil, nil, nil, source + PageFormat.ivOffset) == 1,
      EVP_DecryptUpdate(decryption, target + start, &written, source + start, Int32(count)) == 1,
      Int(written) == count
    else { return .damaged }
    if start != 0 { target.update(from: PageFormat.magic.utf8Start, count: PageFormat.saltSize) }
    (target + PageFormat.ivOffset).update(repeating: 0, count: PageFormat.reserved)
    return .genuine
  }

  /// Whether the tag of the cipher page fits its content, its place and the key.
  func isGenuine(page number: UInt32, _ source: UnsafePointer<UInt8>) -> Bool {
    let start = number == 1 ? PageFormat.saltSize : 0
    let count = PageFormat.ivOffset - start + PageFormat.ivSize
    coffer_hmac_sha512_tag(hmac, source + start, count, number, scratch)
    let tag = source + PageFormat.ivOffset + PageFormat.ivSize
    return CRYPTO_memcmp(scratch, tag, PageFormat.tagSize) == 0
  }
}

/// Whether all 4096 bytes are zero.
func isBlank(_ page: UnsafePointer<UInt8>) -> Bool {
  var bits: UInt8 = 0
  for index in 0..<PageFormat.pageSize { bits |= page[index] }
  return bits == 0
}
