import COpenSSL
import CSecp256k1
import Encodings

/// The curve of Bitcoin and Ethereum, by libsecp256k1.
enum Secp256k1 {
  /// One context for all: signing and adding only read it.
  nonisolated(unsafe) private static let context: OpaquePointer = {
    guard let made = coffer_secp256k1_context() else {
      preconditionFailure("libsecp256k1 has memory for a context.")
    }
    // Blinds the signing against what a clock or a meter tells; works without as well.
    var seed = [UInt8](repeating: 0, count: 32)
    if RAND_bytes(&seed, 32) == 1 { _ = secp256k1_context_randomize(made, seed) }
    wipe(&seed)
    return made
  }()

  /// r, s and the recovery number; RFC 6979 with SHA-256, low s.
  static func sign(_ key: [UInt8], _ digest: [UInt8]) throws(SigningFault) -> [UInt8] {
    guard digest.count == 32 else { throw SigningFault("a digest has 32 bytes") }
    try check(key)
    var signature = secp256k1_ecdsa_recoverable_signature()
    guard secp256k1_ecdsa_sign_recoverable(context, &signature, digest, key, nil, nil) == 1 else {
      throw SigningFault("the private key cannot sign")
    }
    var bytes = [UInt8](repeating: 0, count: 64)
    var recovery: Int32 = 0
    guard
      secp256k1_ecdsa_recoverable_signature_serialize_compact(
        context, &bytes, &recovery, &signature) == 1
    else { throw SigningFault("the private key cannot sign") }
    return bytes + [UInt8(truncatingIfNeeded: recovery)]
  }

  /// The 65 bytes of a key's public half.
  static func publicKey(_ key: [UInt8]) throws(SigningFault) -> [UInt8] {
    try check(key)
    var point = secp256k1_pubkey()
    guard secp256k1_ec_pubkey_create(context, &point, key) == 1 else {
      throw SigningFault("the private key has no public half")
    }
    return serialized(&point, isCompressed: false)
  }

  /// A point plus a multiple of the generator: 33 bytes.
  static func add(_ point: [UInt8], _ tweak: [UInt8]) throws(SigningFault) -> [UInt8] {
    guard tweak.count == 32 else { throw SigningFault("a number to add has 32 bytes") }
    var parsed = secp256k1_pubkey()
    guard point.count == 33 || point.count == 65,
      secp256k1_ec_pubkey_parse(context, &parsed, point, point.count) == 1
    else { throw SigningFault("no point of the curve secp256k1") }
    guard secp256k1_ec_pubkey_tweak_add(context, &parsed, tweak) == 1 else {
      throw SigningFault("the sum is no point that has a key")
    }
    return serialized(&parsed, isCompressed: true)
  }

  private static func check(_ key: [UInt8]) throws(SigningFault) {
    guard key.count == 32, secp256k1_ec_seckey_verify(context, key) == 1 else {
      throw SigningFault("the private key is no number of the curve secp256k1")
    }
  }

  private static func serialized(_ point: inout secp256k1_pubkey, isCompressed: Bool) -> [UInt8] {
    var size = isCompressed ? 33 : 65
    var bytes = [UInt8](repeating: 0, count: size)
    let isDone = coffer_secp256k1_serialize(context, &bytes, &size, &point, isCompressed ? 1 : 0)
    precondition(isDone == 1 && size == bytes.count, "A parsed point can be written.")
    return bytes
  }
}
