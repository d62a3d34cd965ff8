import COpenSSL

/// What a guess at a passphrase costs: the parameters of scrypt.
///
/// Source: RFC 7914; memory is 128 · n · r bytes, time grows with n · r · p.
public struct ScryptCost: Equatable, Sendable {
  /// Cost of memory and time, a power of two.
  public let n: Int
  /// Block size.
  public let r: Int
  /// Parallel lanes.
  public let p: Int

  /// The least a slot is made with: 128 MiB.
  ///
  /// Source: OWASP Password Storage Cheat Sheet, scrypt: N=2^17, r=8, p=1.
  public static let floor = ScryptCost(unchecked: 1 << 17, 8, 1)

  private init(unchecked n: Int, _ r: Int, _ p: Int) {
    self.n = n
    self.r = r
    self.p = p
  }

  /// A cost for a new slot, nil below the floor or beyond the limits.
  ///
  /// - Parameters:
  ///   - n: A power of two from 2^17 to 2^22.
  ///   - r: From 8 to 32.
  ///   - p: From 1 to 16.
  public init?(n: Int, r: Int = 8, p: Int = 1) {
    guard n >= Self.floor.n, r >= Self.floor.r, p >= 1 else { return nil }
    self.init(limited: n, r, p)
  }

  /// A cost read from a header, nil beyond the limits; a hostile header must not exhaust us.
  ///
  /// At most 4 GiB of memory, and of time what 64 million blocks take (about a minute).
  init?(limited n: Int, _ r: Int, _ p: Int) {
    guard (2...1 << 22).contains(n), n.nonzeroBitCount == 1, (1...32).contains(r),
      (1...16).contains(p), 128 * n * r <= 1 << 32, n * r * p <= 1 << 26
    else { return nil }
    self.init(unchecked: n, r, p)
  }

  /// A cost no passphrase should be protected with: for tests, which make many vaults.
  ///
  /// - Parameter n: A power of two from 2 on.
  /// - Returns: The cost with r = 8 and p = 1.
  package static func forTests(n: Int = 16) -> ScryptCost {
    precondition(n >= 2 && n.nonzeroBitCount == 1, "scrypt takes a power of two.")
    return ScryptCost(unchecked: n, 8, 1)
  }

  /// The cost closest to `target` on this machine, between the floor and 2^21 (2 GiB).
  ///
  /// The floor is measured once; time doubles with n.
  /// - Parameter target: How long unlocking one slot may take; a second is a good answer.
  /// - Returns: A cost with r = 8 and p = 1.
  /// - Throws: `CryptoFault` when the floor itself cannot be computed.
  public static func calibrate(target: Duration) throws(CryptoFault) -> ScryptCost {
    let password = try SecretBytes(randomCount: 16)
    let salt = try randomBytes(32)
    let start = ContinuousClock.now
    _ = try floor.key(from: password, salt: salt, length: 32)
    return calibrated(floorTakes: ContinuousClock.now - start, target: target)
  }

  /// The greatest cost whose expected time does not exceed `target`, but never below the floor.
  static func calibrated(floorTakes: Duration, target: Duration) -> ScryptCost {
    var n = floor.n
    var expected = floorTakes
    while n < 1 << 21, expected + expected <= target {
      n *= 2
      expected += expected
    }
    return ScryptCost(unchecked: n, 8, 1)
  }

  /// The key scrypt makes of a password.
  func key(from password: SecretBytes, salt: [UInt8], length: Int) throws(CryptoFault)
    -> SecretBytes
  {
    // libcrypto counts its own tables too: 128·r·p and a block more than the formula's.
    let memory = UInt64(128 * r * (n + p + 2)) + (1 << 20)
    return try SecretBytes(count: length) { out throws(CryptoFault) in
      let done = password.withBytes { bytes in
        EVP_PBE_scrypt(
          bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, salt, salt.count,
          UInt64(n), UInt64(r), UInt64(p), memory,
          out.baseAddress?.assumingMemoryBound(to: UInt8.self), length)
      }
      guard done == 1 else { throw .library("scrypt") }
    }
  }
}
