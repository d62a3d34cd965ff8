import COpenSSL

/// A SHA-256 value.
///
/// Source: FIPS 180-4.
public struct Digest: Hashable, Sendable {
  /// The size in bytes.
  public static let size = 32
  // Four words instead of an array: a million of them need no heap.
  private var words: (UInt64, UInt64, UInt64, UInt64)

  init() { words = (0, 0, 0, 0) }

  /// A digest from its bytes, nil unless there are 32.
  ///
  /// - Parameter bytes: The bytes.
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.size else { return nil }
    self.init()
    withMutableBytes { target in target.copyBytes(from: bytes) }
  }

  /// The 32 bytes.
  public var bytes: [UInt8] { withBytes { Array($0) } }

  /// Lends the bytes to `body`.
  ///
  /// - Parameter body: Reads the bytes; must not keep the pointer.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  public func withBytes<R, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try withUnsafeBytes(of: words, body)
  }

  mutating func withMutableBytes<R>(_ body: (UnsafeMutableRawBufferPointer) -> R) -> R {
    withUnsafeMutableBytes(of: &words, body)
  }

  /// Whether all 32 bytes agree.
  public static func == (one: Digest, other: Digest) -> Bool { one.words == other.words }

  /// Feeds the first bytes, which are as good as random.
  public func hash(into hasher: inout Swift.Hasher) { hasher.combine(words.0) }

  /// The digest of some bytes.
  ///
  /// - Parameter bytes: The message.
  /// - Returns: Its SHA-256 value.
  public static func sha256(_ bytes: [UInt8]) -> Digest {
    var hasher = DigestHasher()
    bytes.withUnsafeBytes { hasher.update($0) }
    return hasher.finish()
  }
}

extension Digest: CustomStringConvertible {
  /// 64 small hexadecimal digits.
  public var description: String { withBytes { hexadecimal($0) } }
}

/// SHA-256 over pieces; can be used again after each `finish`, without setting anything up.
public struct DigestHasher: ~Copyable {
  private let context: OpaquePointer

  /// A hasher that has seen nothing.
  public init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex2(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto has SHA-256 and memory for it.")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Continues with more bytes.
  ///
  /// - Parameter bytes: The next piece of the message.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    let isDone = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
    precondition(isDone, "Hashing memory cannot fail.")
  }

  /// Continues with one byte.
  ///
  /// - Parameter byte: The next byte of the message.
  public mutating func update(_ byte: UInt8) {
    withUnsafeBytes(of: byte) { update($0) }
  }

  /// The digest of all that was given; the hasher starts anew.
  ///
  /// - Returns: The SHA-256 value.
  public mutating func finish() -> Digest {
    var digest = Digest()
    let isDone = digest.withMutableBytes { bytes in
      EVP_DigestFinal_ex(context, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
    }
    // A nil type restarts the same digest, without looking it up.
    precondition(
      isDone == 1 && EVP_DigestInit_ex2(context, nil, nil) == 1, "Hashing memory cannot fail.")
    return digest
  }
}
