import COpenSSL

/// A key that signs.
///
/// Source: RFC 8032, Ed25519.
public struct SigningKey: Sendable {
  private let seed: SecretBytes
  /// What others check the signatures with.
  public let publicKey: PublicKey

  /// The key of a seed.
  ///
  /// - Parameter seed: 32 bytes, such as the root key's for `.audit`.
  /// - Throws: `CryptoFault`.
  public init(seed: SecretBytes) throws(CryptoFault) {
    precondition(seed.count == 32, "An Ed25519 seed has 32 bytes.")
    self.seed = seed
    publicKey = try Self.withKey(seed) { key throws(CryptoFault) in
      var bytes = [UInt8](repeating: 0, count: PublicKey.size)
      var size = bytes.count
      guard EVP_PKEY_get_raw_public_key(key, &bytes, &size) == 1, let made = PublicKey(bytes) else {
        throw .library("Ed25519")
      }
      return made
    }
  }

  /// Signs a message; the same message always gets the same signature.
  ///
  /// - Parameter message: The bytes to sign.
  /// - Returns: 64 bytes.
  /// - Throws: `CryptoFault`.
  public func sign(_ message: [UInt8]) throws(CryptoFault) -> [UInt8] {
    guard let context = EVP_MD_CTX_new() else { throw .outOfMemory }
    defer { EVP_MD_CTX_free(context) }
    return try Self.withKey(seed) { key throws(CryptoFault) in
      var signature = [UInt8](repeating: 0, count: 64)
      var size = signature.count
      guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
        EVP_DigestSign(context, &signature, &size, message, message.count) == 1, size == 64
      else { throw .library("Ed25519") }
      return signature
    }
  }

  /// libcrypto keeps the key in its own heap, so only as long as one call takes.
  private static func withKey<R>(
    _ seed: SecretBytes, _ body: (OpaquePointer) throws(CryptoFault) -> R
  ) throws(CryptoFault) -> R {
    let made = seed.withBytes { bytes in
      EVP_PKEY_new_raw_private_key(
        NID_ED25519, nil, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    }
    guard let made else { throw .library("Ed25519") }
    defer { EVP_PKEY_free(made) }
    return try body(made)
  }
}

/// A key that checks signatures.
///
/// Source: RFC 8032, Ed25519.
public struct PublicKey: Equatable, Sendable {
  /// The size in bytes.
  public static let size = 32
  /// The 32 bytes.
  public let bytes: [UInt8]

  /// A key from its bytes, nil unless there are 32.
  ///
  /// - Parameter bytes: The bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.size else { return nil }
    self.bytes = bytes
  }

  /// Whether the signature is this key's for the message.
  ///
  /// - Parameters:
  ///   - signature: 64 bytes; any other number is no signature.
  ///   - message: The bytes that were signed.
  /// - Returns: True when it is; false too when libcrypto has no memory.
  public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
    guard signature.count == 64,
      let key = EVP_PKEY_new_raw_public_key(NID_ED25519, nil, bytes, bytes.count)
    else { return false }
    defer { EVP_PKEY_free(key) }
    guard let context = EVP_MD_CTX_new() else { return false }
    defer { EVP_MD_CTX_free(context) }
    return EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
      && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }
}
