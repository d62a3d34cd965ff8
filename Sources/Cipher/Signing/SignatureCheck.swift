import COpenSSL

/// Whether signatures are good, for those who verify what a venue's client signed.
public enum SignatureCheck {
  /// ECDSA over P-256 with SHA-256 (FIPS 186-4).
  ///
  /// - Parameters:
  ///   - pem: The public key, PEM.
  ///   - message: What was signed.
  ///   - signature: r and s, 64 bytes.
  /// - Returns: Whether the signature is the key's.
  public static func p256(_ pem: String, _ message: [UInt8], _ signature: [UInt8]) -> Bool {
    guard signature.count == 64, let der = der(signature) else { return false }
    return verify(pem, EVP_sha256(), message, der)
  }

  /// Ed25519 (RFC 8032): PEM, message, 64 bytes.
  public static func ed25519(_ pem: String, _ message: [UInt8], _ signature: [UInt8]) -> Bool {
    verify(pem, nil, message, signature)
  }

  private static func verify(
    _ pem: String, _ type: OpaquePointer?, _ message: [UInt8], _ signature: [UInt8]
  ) -> Bool {
    var text = Array(pem.utf8)
    guard let memory = BIO_new_mem_buf(&text, Int32(clamping: text.count)) else { return false }
    defer { BIO_free(memory) }
    guard let key = PEM_read_bio_PUBKEY(memory, nil, nil, nil) else { return false }
    defer { EVP_PKEY_free(key) }
    guard let context = EVP_MD_CTX_new() else { return false }
    defer { EVP_MD_CTX_free(context) }
    return EVP_DigestVerifyInit(context, nil, type, nil, key) == 1
      && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }

  /// r and s as a DER sequence of two integers (X.690).
  static func der(_ signature: [UInt8]) -> [UInt8]? {
    func integer(_ part: ArraySlice<UInt8>) -> [UInt8] {
      var bytes = Array(part.drop { $0 == 0 })
      if bytes.isEmpty || bytes[0] >= 0x80 { bytes.insert(0, at: 0) }
      return [0x02, UInt8(bytes.count)] + bytes
    }
    let body = integer(signature[0..<32]) + integer(signature[32..<64])
    return [0x30, UInt8(body.count)] + body
  }
}
