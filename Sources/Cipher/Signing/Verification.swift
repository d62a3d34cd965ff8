import COpenSSL

extension SignatureCheck {
  /// ECDSA over P-256 with SHA-256, checked with the public half of a private key.
  ///
  /// For a simulated venue, which made the key itself.
  ///
  /// - Parameters:
  ///   - pem: The private key, PEM.
  ///   - message: What was signed.
  ///   - signature: r and s, 64 bytes.
  /// - Returns: Whether the signature is the key's.
  public static func p256(
    privateKey pem: String, _ message: [UInt8], _ signature: [UInt8]
  ) -> Bool {
    guard signature.count == 64, let encoded = der(signature) else { return false }
    var text = Array(pem.utf8)
    guard let memory = BIO_new_mem_buf(&text, Int32(clamping: text.count)) else { return false }
    defer { BIO_free(memory) }
    guard let key = PEM_read_bio_PrivateKey(memory, nil, nil, nil) else { return false }
    defer { EVP_PKEY_free(key) }
    guard let context = EVP_MD_CTX_new() else { return false }
    defer { EVP_MD_CTX_free(context) }
    return EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1
      && EVP_DigestVerify(context, encoded, encoded.count, message, message.count) == 1
  }

  /// Ed25519 (RFC 8032) with the 32 bytes of the public key.
  public static func ed25519(
    publicKey: [UInt8], _ message: [UInt8], _ signature: [UInt8]
  ) -> Bool {
    PublicKey(publicKey)?.isValid(signature, for: message) ?? false
  }
}
