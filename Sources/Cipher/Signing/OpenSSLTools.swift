import COpenSSL
public import Encodings

extension SigningTools {
  /// The tools made with libcrypto and libsecp256k1.
  public static let openSSL = SigningTools(
    hash: LibraryHash.hash, hmac: LibraryHash.hmac,
    ed25519: PrivateKey.signEd25519, ed25519PublicKey: PrivateKey.ed25519PublicKey,
    ecdsaP256: PrivateKey.signP256, rsaSHA256: PrivateKey.signRSA,
    secp256k1: Secp256k1.sign, secp256k1PublicKey: Secp256k1.publicKey,
    secp256k1Add: Secp256k1.add)
}

/// Hashes and HMAC of libcrypto.
enum LibraryHash {
  /// The hash of a message.
  static func hash(_ algorithm: HashAlgorithm, _ message: [UInt8]) -> [UInt8] {
    guard let type = type(of: algorithm) else { return RIPEMD160.hash(message) }
    var value = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var size: UInt32 = 0
    let isDone = EVP_Digest(message, message.count, &value, &size, type, nil) == 1
    precondition(isDone, "Hashing memory cannot fail.")
    return Array(value.prefix(Int(size)))
  }

  /// HMAC (RFC 2104); RIPEMD-160 is not offered by every libcrypto and is worked out here.
  static func hmac(
    _ algorithm: HashAlgorithm, _ key: [UInt8], _ message: [UInt8]
  ) -> [UInt8] {
    guard let type = type(of: algorithm) else { return hmacRIPEMD160(key, message) }
    var value = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var size: UInt32 = 0
    let made = HMAC(type, key, Int32(clamping: key.count), message, message.count, &value, &size)
    precondition(made != nil, "HMAC over memory cannot fail.")
    return Array(value.prefix(Int(size)))
  }

  private static func type(of algorithm: HashAlgorithm) -> OpaquePointer? {
    switch algorithm {
    case .md5: EVP_md5()
    case .sha1: EVP_sha1()
    case .sha256: EVP_sha256()
    case .sha384: EVP_sha384()
    case .sha512: EVP_sha512()
    case .ripemd160: nil
    }
  }

  private static func hmacRIPEMD160(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    var block = key.count > 64 ? RIPEMD160.hash(key) : key
    block += [UInt8](repeating: 0, count: 64 - block.count)
    defer { wipe(&block) }
    let inner = RIPEMD160.hash(block.map { $0 ^ 0x36 } + message)
    return RIPEMD160.hash(block.map { $0 ^ 0x5C } + inner)
  }
}
