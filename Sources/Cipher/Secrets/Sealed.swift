import COpenSSL

/// Bytes encrypted and authenticated with AES-256-GCM under a 32-byte key.
///
/// Every call of `seal` draws its vector at random, so one key should seal fewer than 2^32 messages.
/// Source: NIST SP 800-38D, 8.2.2 and 8.3.
public struct Sealed: Equatable, Sendable {
  /// The initialisation vector, 12 bytes.
  public let vector: [UInt8]
  /// The cipher text, as long as the plain text.
  public let ciphertext: [UInt8]
  /// The authentication tag, 16 bytes.
  public let tag: [UInt8]

  static let vectorSize = 12
  static let tagSize = 16

  /// A message did not authenticate: wrong key, wrong context, or altered.
  public enum OpenFault: Error, Equatable, Sendable {
    /// The tag does not fit.
    case notAuthentic
    /// The machine failed.
    case crypto(CryptoFault)
  }

  /// The parts as they were stored, nil when their sizes cannot be right.
  ///
  /// - Parameters:
  ///   - vector: 12 bytes.
  ///   - ciphertext: Any number of bytes.
  ///   - tag: 16 bytes.
  public init?(vector: [UInt8], ciphertext: [UInt8], tag: [UInt8]) {
    guard vector.count == Self.vectorSize, tag.count == Self.tagSize else { return nil }
    self.vector = vector
    self.ciphertext = ciphertext
    self.tag = tag
  }

  /// The parts from one blob as `bytes` gives it, nil when it is too short.
  ///
  /// - Parameter bytes: Vector, cipher text and tag.
  public init?(bytes: [UInt8]) {
    guard bytes.count >= Self.vectorSize + Self.tagSize else { return nil }
    self.init(
      vector: Array(bytes.prefix(Self.vectorSize)),
      ciphertext: Array(bytes.dropFirst(Self.vectorSize).dropLast(Self.tagSize)),
      tag: Array(bytes.suffix(Self.tagSize)))
  }

  /// Vector, cipher text and tag in one blob, for a database column.
  public var bytes: [UInt8] { vector + ciphertext + tag }

  /// Encrypts `secret`; `context` is authenticated with it and must be given again to open it.
  ///
  /// - Parameters:
  ///   - secret: The message.
  ///   - key: 32 bytes.
  ///   - context: What the message is and where it belongs, so that it cannot be moved elsewhere.
  /// - Returns: The sealed message.
  /// - Throws: `CryptoFault`.
  public static func seal(
    _ secret: SecretBytes, key: SecretBytes, context: [UInt8]
  ) throws(CryptoFault) -> Sealed {
    try seal(secret, key: key, context: context, vector: randomBytes(vectorSize))
  }

  /// With a given vector, for known answers in tests; a vector must never be used twice.
  static func seal(
    _ secret: SecretBytes, key: SecretBytes, context: [UInt8], vector: [UInt8]
  ) throws(CryptoFault) -> Sealed {
    var out = [UInt8](repeating: 0, count: secret.count)
    var tag = [UInt8](repeating: 0, count: tagSize)
    try withCipher(key, vector, encrypts: true) { cipher throws(CryptoFault) in
      var size: Int32 = 0
      let isDone = secret.withBytes { bytes in
        EVP_EncryptUpdate(cipher, nil, &size, context, Int32(context.count)) == 1
          && EVP_EncryptUpdate(
            cipher, &out, &size, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
            Int32(bytes.count)) == 1
          && EVP_EncryptFinal_ex(cipher, nil, &size) == 1
          && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, Int32(tagSize), &tag) == 1
      }
      guard isDone else { throw .library("AES-256-GCM") }
    }
    guard let sealed = Sealed(vector: vector, ciphertext: out, tag: tag) else {
      preconditionFailure("Sealing makes parts of the right sizes.")
    }
    return sealed
  }

  /// Decrypts the message.
  ///
  /// - Parameters:
  ///   - key: The key it was sealed with.
  ///   - context: The context it was sealed with.
  /// - Returns: The message.
  /// - Throws: `OpenFault.notAuthentic` when anything does not fit; nothing is told apart.
  public func open(key: SecretBytes, context: [UInt8]) throws(OpenFault) -> SecretBytes {
    var isAuthentic = false
    let opened: SecretBytes
    do {
      opened = try SecretBytes(count: ciphertext.count) { out throws(CryptoFault) in
        isAuthentic = try decrypt(key, context, into: out)
      }
    } catch {
      throw .crypto(error)
    }
    guard isAuthentic else { throw .notAuthentic }
    return opened
  }

  private func decrypt(
    _ key: SecretBytes, _ context: [UInt8], into out: UnsafeMutableRawBufferPointer
  ) throws(CryptoFault) -> Bool {
    var expected = tag
    return try Self.withCipher(key, vector, encrypts: false) { cipher throws(CryptoFault) in
      var size: Int32 = 0
      let target = out.baseAddress?.assumingMemoryBound(to: UInt8.self)
      guard EVP_DecryptUpdate(cipher, nil, &size, context, Int32(context.count)) == 1,
        EVP_DecryptUpdate(cipher, target, &size, ciphertext, Int32(ciphertext.count)) == 1,
        EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagSize), &expected) == 1
      else { throw .library("AES-256-GCM") }
      // One byte of room: the call writes nothing in GCM, but wants somewhere to.
      var rest: UInt8 = 0
      return EVP_DecryptFinal_ex(cipher, &rest, &size) == 1
    }
  }

  private static func withCipher<R>(
    _ key: SecretBytes, _ vector: [UInt8], encrypts: Bool,
    _ body: (OpaquePointer) throws(CryptoFault) -> R
  ) throws(CryptoFault) -> R {
    precondition(key.count == 32, "AES-256 takes a key of 32 bytes.")
    guard let cipher = EVP_CIPHER_CTX_new() else { throw .outOfMemory }
    defer { EVP_CIPHER_CTX_free(cipher) }
    // GCM's default vector is the 12 bytes we use.
    let isReady = key.withBytes { bytes in
      EVP_CipherInit_ex(
        cipher, EVP_aes_256_gcm(), nil, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
        vector, encrypts ? 1 : 0)
    }
    guard isReady == 1 else { throw .library("AES-256-GCM") }
    return try body(cipher)
  }
}
