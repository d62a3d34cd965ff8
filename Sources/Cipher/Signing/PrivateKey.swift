import COpenSSL
import Encodings

/// Signatures with keys in libcrypto's forms; a key lives as long as one call.
enum PrivateKey {
  /// Ed25519 (RFC 8032).
  static func signEd25519(_ key: [UInt8], _ message: [UInt8]) throws(SigningFault) -> [UInt8] {
    try withEd25519(key) { key throws(SigningFault) in
      let signature = try sign(key, nil, message)
      guard signature.count == 64 else { throw SigningFault("Ed25519 gave no 64 bytes") }
      return signature
    }
  }

  /// The 32 bytes of an Ed25519 key's public half.
  static func ed25519PublicKey(_ key: [UInt8]) throws(SigningFault) -> [UInt8] {
    try withEd25519(key) { key throws(SigningFault) in try rawPublicKey(key) }
  }

  /// ECDSA over P-256 with SHA-256 (FIPS 186-4): r and s of 32 bytes each.
  static func signP256(_ pem: String, _ message: [UInt8]) throws(SigningFault) -> [UInt8] {
    try withPEM(Array(pem.utf8)) { key throws(SigningFault) in
      guard EVP_PKEY_get_base_id(key) == NID_X9_62_id_ecPublicKey, isP256(key) else {
        throw SigningFault("the private key is not one of the curve P-256")
      }
      return try rawSignature(try sign(key, EVP_sha256(), message))
    }
  }

  /// RSA PKCS#1 v1.5 with SHA-256 (RFC 8017).
  static func signRSA(_ pem: String, _ message: [UInt8]) throws(SigningFault) -> [UInt8] {
    try withPEM(Array(pem.utf8)) { key throws(SigningFault) in
      guard EVP_PKEY_get_base_id(key) == NID_rsaEncryption else {
        throw SigningFault("the private key is no RSA key")
      }
      return try sign(key, EVP_sha256(), message)
    }
  }

  private static func sign(
    _ key: OpaquePointer, _ type: OpaquePointer?, _ message: [UInt8]
  ) throws(SigningFault) -> [UInt8] {
    guard let context = EVP_MD_CTX_new() else { throw SigningFault("no memory to sign") }
    defer { EVP_MD_CTX_free(context) }
    var size = 0
    guard EVP_DigestSignInit(context, nil, type, nil, key) == 1,
      EVP_DigestSign(context, nil, &size, message, message.count) == 1
    else { throw failure("the private key cannot sign") }
    var signature = [UInt8](repeating: 0, count: size)
    guard EVP_DigestSign(context, &signature, &size, message, message.count) == 1 else {
      throw failure("the private key cannot sign")
    }
    return Array(signature.prefix(size))
  }

  private static func isP256(_ key: OpaquePointer) -> Bool {
    var name = [CChar](repeating: 0, count: 64)
    var size = 0
    guard EVP_PKEY_get_group_name(key, &name, name.count, &size) == 1 else { return false }
    return name.prefix(size).map { UInt8(bitPattern: $0) } == Array("prime256v1".utf8)
  }

  /// The DER form of an ECDSA signature as r and s of 32 bytes each.
  private static func rawSignature(_ der: [UInt8]) throws(SigningFault) -> [UInt8] {
    let read = der.withUnsafeBufferPointer { buffer in
      var start = buffer.baseAddress
      return d2i_ECDSA_SIG(nil, &start, buffer.count)
    }
    guard let read else { throw failure("ECDSA gave no signature") }
    defer { ECDSA_SIG_free(read) }
    var first = [UInt8](repeating: 0, count: 32)
    var second = first
    guard BN_bn2binpad(ECDSA_SIG_get0_r(read), &first, 32) == 32,
      BN_bn2binpad(ECDSA_SIG_get0_s(read), &second, 32) == 32
    else { throw failure("ECDSA gave no signature") }
    return first + second
  }

  private static func withEd25519(
    _ key: [UInt8], _ body: (OpaquePointer) throws(SigningFault) -> [UInt8]
  ) throws(SigningFault) -> [UInt8] {
    guard key.count == 32 || key.count == 64 else {
      return try withPEM(key) { read throws(SigningFault) in
        guard EVP_PKEY_get_base_id(read) == NID_ED25519 else {
          throw SigningFault("the private key is no Ed25519 key")
        }
        return try body(read)
      }
    }
    guard let made = EVP_PKEY_new_raw_private_key(NID_ED25519, nil, key, 32) else {
      throw failure("the private key is no Ed25519 key")
    }
    defer { EVP_PKEY_free(made) }
    // A 64-byte key names its public half; another one would sign for nobody.
    if key.count == 64, try rawPublicKey(made) != Array(key.suffix(32)) {
      throw SigningFault("the public half of the Ed25519 key does not belong to its seed")
    }
    return try body(made)
  }

  private static func rawPublicKey(_ key: OpaquePointer) throws(SigningFault) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 32)
    var size = bytes.count
    guard EVP_PKEY_get_raw_public_key(key, &bytes, &size) == 1, size == 32 else {
      throw failure("the private key has no public half")
    }
    return bytes
  }

  /// Lends the key of a PEM text to `body`.
  private static func withPEM(
    _ text: [UInt8], _ body: (OpaquePointer) throws(SigningFault) -> [UInt8]
  ) throws(SigningFault) -> [UInt8] {
    var text = unescaped(text)
    defer { wipe(&text) }
    let read: OpaquePointer? = text.withUnsafeBytes { buffer in
      guard let memory = BIO_new_mem_buf(buffer.baseAddress, Int32(clamping: buffer.count)) else {
        return nil
      }
      defer { BIO_free(memory) }
      // Without a callback libcrypto would ask for the passphrase of a locked key at the terminal.
      return PEM_read_bio_PrivateKey(memory, nil, { _, _, _, _ in -1 }, nil)
    }
    guard let read else { throw failure("the private key is no PEM text that can be read") }
    defer { EVP_PKEY_free(read) }
    return try body(read)
  }

  /// The text with `\n` of two characters, as in a file of JSON, turned into line ends.
  private static func unescaped(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var isEscaped = false
    for byte in text {
      if isEscaped {
        isEscaped = false
        if byte == UInt8(ascii: "n") {
          result.append(0x0A)
        } else {
          result += [UInt8(ascii: "\\"), byte]
        }
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else {
        result.append(byte)
      }
    }
    return result
  }

  /// A fault with nothing of libcrypto's own words, which may tell about the key.
  private static func failure(_ reason: String) -> SigningFault {
    ERR_clear_error()
    return SigningFault(reason)
  }
}
