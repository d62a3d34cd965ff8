import Encodings

extension SigningTools {
  /// SHA-256 twice, Bitcoin's checksum.
  func doubleSHA256(_ bytes: [UInt8]) -> [UInt8] { hash(.sha256, hash(.sha256, bytes)) }

  /// RIPEMD-160 of SHA-256, Bitcoin's name of a key or script.
  func hash160(_ bytes: [UInt8]) -> [UInt8] { hash(.ripemd160, hash(.sha256, bytes)) }

  /// A hash with a name in front, so that one purpose's hash is none of another's.
  ///
  /// Source: https://github.com/bitcoin/bips/blob/master/bip-0340.mediawiki
  func taggedHash(_ tag: String, _ bytes: [UInt8]) -> [UInt8] {
    let name = hash(.sha256, Array(tag.utf8))
    return hash(.sha256, name + name + bytes)
  }
}
