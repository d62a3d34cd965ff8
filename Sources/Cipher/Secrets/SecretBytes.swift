import COpenSSL
import CPosix

/// Bytes that must not leak: in locked memory, wiped when the last user lets go, never printed.
///
/// The bytes never change after `init`, and their pages are read-only then; that is what makes the
/// class `Sendable` in truth. They are lent to closures; there is no way to get them as a `String`.
public final class SecretBytes: @unchecked Sendable {
  /// How many bytes.
  public let count: Int
  private let pages: LockedPages

  /// Whether the system keeps the bytes out of swap.
  ///
  /// False when RLIMIT_MEMLOCK refused; the secret works, and the program should say so once.
  public var isLocked: Bool { pages.isLocked }

  /// A secret of `count` bytes written by `fill`, which gets zeroed memory.
  ///
  /// - Parameters:
  ///   - count: Bytes to reserve.
  ///   - fill: Writes the secret; the memory is read-only afterwards.
  /// - Throws: `CryptoFault.outOfMemory`, or what `fill` throws.
  public init(
    count: Int, fill: (UnsafeMutableRawBufferPointer) throws(CryptoFault) -> Void
  ) throws(CryptoFault) {
    precondition(count >= 0, "A secret cannot have a negative size.")
    guard let pages = LockedPages(count: count) else { throw .outOfMemory }
    self.count = count
    self.pages = pages
    try fill(UnsafeMutableRawBufferPointer(start: pages.start, count: count))
    pages.seal()
  }

  /// A secret of `count` bytes from libcrypto's random generator.
  ///
  /// - Parameter count: Bytes to draw.
  /// - Throws: `CryptoFault`, also when the generator gives nothing.
  public convenience init(randomCount count: Int) throws(CryptoFault) {
    try self.init(count: count) { bytes throws(CryptoFault) in
      guard RAND_priv_bytes(bytes.baseAddress, Int32(count)) == 1 else { throw .noRandomness }
    }
  }

  /// A secret moved out of `buffer`, which is wiped.
  ///
  /// - Parameter buffer: The bytes; zeros afterwards, also when this throws.
  /// - Throws: `CryptoFault.outOfMemory`.
  public convenience init(consuming buffer: UnsafeMutableRawBufferPointer) throws(CryptoFault) {
    defer { if let base = buffer.baseAddress { posix_wipe(base, buffer.count) } }
    try self.init(count: buffer.count) { $0.copyMemory(from: UnsafeRawBufferPointer(buffer)) }
  }

  /// A secret moved out of an array, which is wiped and left empty.
  ///
  /// Only this array is wiped: copies made of it earlier are the caller's to answer for.
  /// - Parameter array: The bytes; empty afterwards.
  /// - Throws: `CryptoFault.outOfMemory`.
  public convenience init(consuming array: inout [UInt8]) throws(CryptoFault) {
    defer { array = [] }
    let made = array.withUnsafeMutableBytes { buffer in
      Result { () throws(CryptoFault) in try Self(consuming: buffer) }
    }
    let other = try made.get()
    try self.init(count: other.count) { bytes in other.withBytes { bytes.copyMemory(from: $0) } }
  }

  /// Lends the bytes to `body`; the pointer is good until `body` returns.
  ///
  /// - Parameter body: Reads the bytes; must not keep the pointer.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  public func withBytes<R: ~Copyable, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try body(UnsafeRawBufferPointer(start: pages.start, count: count))
  }

  /// Whether both hold the same bytes, in time that depends on the sizes only.
  ///
  /// - Parameter other: The secret to compare with.
  /// - Returns: True when sizes and bytes agree.
  public func matches(_ other: SecretBytes) -> Bool {
    count == other.count && CRYPTO_memcmp(pages.start, other.pages.start, count) == 0
  }

  /// A secret holding the `length` bytes from `offset`.
  func slice(from offset: Int, length: Int) throws(CryptoFault) -> SecretBytes {
    precondition(offset >= 0 && length >= 0 && offset + length <= count, "The slice must fit.")
    return try SecretBytes(count: length) { bytes in
      bytes.copyMemory(
        from: UnsafeRawBufferPointer(start: self.pages.start + offset, count: length))
    }
  }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Always the same word.
  public var description: String { "<secret>" }
  /// Always the same word.
  public var debugDescription: String { "<secret>" }
  /// A mirror without children.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
