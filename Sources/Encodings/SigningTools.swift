/// Which hash.
public enum HashAlgorithm: String, Hashable, Sendable, CaseIterable {
  /// MD5 (RFC 1321); only since some venues sign with it.
  case md5
  /// SHA-1 (FIPS 180-4); only since some hosts sign with it.
  case sha1
  /// SHA-256 (FIPS 180-4).
  case sha256
  /// SHA-384 (FIPS 180-4).
  case sha384
  /// SHA-512 (FIPS 180-4).
  case sha512
  /// RIPEMD-160, inside Bitcoin addresses.
  case ripemd160
}

/// Why something could not be signed; never holds the key.
public struct SigningFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was wrong, for instance "the private key is no PEM text".
  public let reason: String
  /// Makes a fault.
  public init(_ reason: String) { self.reason = reason }
  /// The reason.
  public var description: String { reason }
}

/// The cryptography that pure targets need, given to them by whoever has a library for it.
///
/// Every closure gives the same bytes for the same arguments but `ecdsaP256`, which may be random.
public struct SigningTools: Sendable {
  /// The hash of a message.
  public var hash: @Sendable (HashAlgorithm, [UInt8]) -> [UInt8]
  /// HMAC (RFC 2104): algorithm, key, message.
  public var hmac: @Sendable (HashAlgorithm, [UInt8], [UInt8]) -> [UInt8]
  /// Ed25519 (RFC 8032): key (32-byte seed, 64-byte seed and public key, or PEM text), message;
  /// gives 64 bytes.
  public var ed25519: @Sendable ([UInt8], [UInt8]) throws(SigningFault) -> [UInt8]
  /// The public key of an Ed25519 seed or PEM: 32 bytes.
  public var ed25519PublicKey: @Sendable ([UInt8]) throws(SigningFault) -> [UInt8]
  /// ECDSA over P-256 with SHA-256 (FIPS 186-4): PEM text (SEC 1 or PKCS#8), message; gives the
  /// 64 bytes r and s.
  public var ecdsaP256: @Sendable (String, [UInt8]) throws(SigningFault) -> [UInt8]
  /// RSA PKCS#1 v1.5 with SHA-256 (RFC 8017): PEM text, message.
  public var rsaSHA256: @Sendable (String, [UInt8]) throws(SigningFault) -> [UInt8]
  /// ECDSA over secp256k1, deterministic (RFC 6979), low s: 32-byte key, 32-byte digest; gives the
  /// 65 bytes r, s and the recovery number 0 to 3.
  public var secp256k1: @Sendable ([UInt8], [UInt8]) throws(SigningFault) -> [UInt8]
  /// The public key of a 32-byte secp256k1 key: 65 bytes, uncompressed.
  public var secp256k1PublicKey: @Sendable ([UInt8]) throws(SigningFault) -> [UInt8]
  /// A compressed or uncompressed secp256k1 point plus `tweak`·G: 33 bytes, compressed.
  public var secp256k1Add: @Sendable ([UInt8], [UInt8]) throws(SigningFault) -> [UInt8]

  /// Gathers the tools.
  public init(
    hash: @escaping @Sendable (HashAlgorithm, [UInt8]) -> [UInt8],
    hmac: @escaping @Sendable (HashAlgorithm, [UInt8], [UInt8]) -> [UInt8],
    ed25519: @escaping @Sendable ([UInt8], [UInt8]) throws(SigningFault) -> [UInt8],
    ed25519PublicKey: @escaping @Sendable ([UInt8]) throws(SigningFault) -> [UInt8],
    ecdsaP256: @escaping @Sendable (String, [UInt8]) throws(SigningFault) -> [UInt8],
    rsaSHA256: @escaping @Sendable (String, [UInt8]) throws(SigningFault) -> [UInt8],
    secp256k1: @escaping @Sendable ([UInt8], [UInt8]) throws(SigningFault) -> [UInt8],
    secp256k1PublicKey: @escaping @Sendable ([UInt8]) throws(SigningFault) -> [UInt8],
    secp256k1Add: @escaping @Sendable ([UInt8], [UInt8]) throws(SigningFault) -> [UInt8]
  ) {
    self.hash = hash
    self.hmac = hmac
    self.ed25519 = ed25519
    self.ed25519PublicKey = ed25519PublicKey
    self.ecdsaP256 = ecdsaP256
    self.rsaSHA256 = rsaSHA256
    self.secp256k1 = secp256k1
    self.secp256k1PublicKey = secp256k1PublicKey
    self.secp256k1Add = secp256k1Add
  }
}
