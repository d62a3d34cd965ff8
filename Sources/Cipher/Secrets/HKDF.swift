import COpenSSL

/// HMAC-SHA256 of public bytes under a secret key.
///
/// Source: RFC 2104, FIPS 198-1.
func hmacSHA256(
  key: UnsafeRawBufferPointer, _ message: [UInt8], into tag: UnsafeMutablePointer<UInt8>
) throws(CryptoFault) {
  let done = HMAC(
    EVP_sha256(), key.baseAddress, Int32(key.count), message, message.count, tag, nil)
  guard done != nil else { throw .library("HMAC-SHA256") }
}

/// Keys from a key: HKDF with SHA-256.
///
/// Source: RFC 5869.
enum HKDF {
  private static let hashSize = 32

  /// `length` bytes of key for one purpose, which `info` names.
  static func derive(
    from secret: SecretBytes, salt: [UInt8], info: [UInt8], length: Int
  ) throws(CryptoFault) -> SecretBytes {
    precondition((1...255 * hashSize).contains(length), "HKDF gives 1 to 8160 bytes.")
    let pseudoRandom = try extract(from: secret, salt: salt)
    return try SecretBytes(count: length) { out throws(CryptoFault) in
      try expand(pseudoRandom, info, into: out)
    }
  }

  /// Section 2.2; the secret is the HMAC's message, so it is hashed from where it lies.
  private static func extract(
    from secret: SecretBytes, salt: [UInt8]
  ) throws(CryptoFault) -> SecretBytes {
    let key = salt.isEmpty ? [UInt8](repeating: 0, count: hashSize) : salt
    return try SecretBytes(count: hashSize) { out throws(CryptoFault) in
      let done = secret.withBytes { message in
        HMAC(
          EVP_sha256(), key, Int32(key.count),
          message.baseAddress?.assumingMemoryBound(to: UInt8.self), message.count,
          out.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
      }
      guard done != nil else { throw .library("HMAC-SHA256") }
    }
  }

  /// Section 2.3; every block but the last is written where it stays, the last one through a buffer.
  private static func expand(
    _ key: SecretBytes, _ info: [UInt8], into out: UnsafeMutableRawBufferPointer
  ) throws(CryptoFault) {
    var block = [UInt8]()
    defer { wipe(&block) }
    var written = 0
    for counter in 1...(out.count + hashSize - 1) / hashSize {
      var message = block + info
      message.append(UInt8(counter))
      wipe(&block)
      block = [UInt8](repeating: 0, count: hashSize)
      try key.withBytes { bytes throws(CryptoFault) in
        try hmacSHA256(key: bytes, message, into: &block)
      }
      wipe(&message)
      let size = min(hashSize, out.count - written)
      UnsafeMutableRawBufferPointer(rebasing: out[written..<written + size])
        .copyBytes(from: block[..<size])
      written += size
    }
  }
}

/// Overwrites the array's bytes; for buffers that held part of a secret for a moment.
func wipe(_ bytes: inout [UInt8]) {
  bytes.withUnsafeMutableBytes { buffer in
    if let base = buffer.baseAddress { OPENSSL_cleanse(base, buffer.count) }
  }
}

/// `count` bytes that need not be secret: salts, identifiers, vectors.
func randomBytes(_ count: Int) throws(CryptoFault) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: count)
  guard RAND_bytes(&bytes, Int32(count)) == 1 else { throw .noRandomness }
  return bytes
}
