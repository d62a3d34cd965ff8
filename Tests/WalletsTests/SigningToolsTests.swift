import Encodings
import Testing

/// The library's tools against published vectors.
@Suite struct SigningToolsTests {
  /// RFC 4231, cases 2 and 1 of RFC 2202 and RFC 2286.
  @Test func `HMAC is as in its RFCs`() {
    let key = Array("Jefe".utf8)
    let message = Array("what do ya want for nothing?".utf8)
    #expect(
      Hex.text(tools.hmac(.sha256, key, message))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(
      Hex.text(tools.hmac(.sha512, key, message))
        == "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737")
    #expect(Hex.text(tools.hmac(.md5, key, message)) == "750c783e6ab0b503eaa86e310a5db738")
    #expect(
      Hex.text(tools.hmac(.sha1, key, message)) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
    let other = [UInt8](repeating: 0x0B, count: 20)
    #expect(
      Hex.text(tools.hmac(.ripemd160, other, Array("Hi There".utf8)))
        == "24cb4bd67d20fc1a5d2ed7732dcc39377f0a5668")
  }

  /// FIPS 180-4 and RFC 1321 examples.
  @Test func `hashes are as in their standards`() {
    let message = Array("abc".utf8)
    #expect(Hex.text(tools.hash(.md5, message)) == "900150983cd24fb0d6963f7d28e17f72")
    #expect(Hex.text(tools.hash(.sha1, message)) == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(
      Hex.text(tools.hash(.sha256, message))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      Hex.text(tools.hash(.sha384, message))
        == "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
        + "8086072ba1e7cc2358baeca134c825a7")
    #expect(
      Hex.text(tools.hash(.ripemd160, message)) == "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc")
  }

  /// RFC 8032, section 7.1, test 1.
  @Test func `Ed25519 is as in RFC 8032`() throws {
    let seed = Hex.bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60") ?? []
    let shown = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    let expected =
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
      + "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    let key = try tools.ed25519PublicKey(seed)
    #expect(Hex.text(key) == shown)
    let signature = try tools.ed25519(seed, [])
    #expect(Hex.text(signature) == expected)
    let whole = try tools.ed25519(seed + key, [])
    #expect(whole == signature)
    let strange = fault { () throws(SigningFault) in try tools.ed25519(seed + seed, []) }
    #expect(strange != nil)
  }

  /// The vector that Bitcoin libraries share for RFC 6979 with key 1
  /// (https://bitcointalk.org/index.php?topic=285142.40).
  @Test func `secp256k1 signs as RFC 6979 says, with a low s`() throws {
    let one = [UInt8](repeating: 0, count: 31) + [1]
    let digest = tools.hash(.sha256, Array("Satoshi Nakamoto".utf8))
    let signature = try tools.secp256k1(one, digest)
    #expect(signature.count == 65)
    #expect(
      Hex.text(signature.prefix(64))
        == "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
        + "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5")
    #expect(signature[64] <= 3)
  }

  /// Multiples of the generator, https://www.secg.org/sec2-v2.pdf section 2.4.1 and double of it.
  @Test func `points add up`() throws {
    let one = [UInt8](repeating: 0, count: 31) + [1]
    let generator = try tools.secp256k1PublicKey(one)
    #expect(
      Hex.text(generator.prefix(33))
        == "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
    let double = try tools.secp256k1Add(generator, one)
    #expect(
      Hex.text(double) == "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5")
    let none = [UInt8](repeating: 0xFF, count: 32)
    #expect(fault { () throws(SigningFault) in try tools.secp256k1Add(generator, none) } != nil)
    #expect(fault { () throws(SigningFault) in try tools.secp256k1Add([2], one) } != nil)
    #expect(fault { () throws(SigningFault) in try tools.secp256k1(none, one) } != nil)
  }

  @Test func `a fault never holds the key`() {
    let text = "-----BEGIN PRIVATE KEY-----\nU0VDUkVU\n-----END PRIVATE KEY-----\n"
    let one = fault { () throws(SigningFault) in try tools.ecdsaP256(text, []) }
    let other = fault { () throws(SigningFault) in try tools.rsaSHA256(text, []) }
    for found in [one, other] {
      #expect(found?.reason.contains("U0VDUkVU") == false)
      #expect(found?.reason.contains("SECRET") == false)
    }
  }
}
