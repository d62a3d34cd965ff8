import Encodings
import TestSupport
import Testing

/// Bytes as text and back.
///
/// Vectors: RFC 4648 section 10, BIP 173, BIP 350, Bitcoin's Base58 tests.
@Suite struct TextEncodingTests {
  @Test func `hexadecimal text reads back in both cases`() {
    #expect(Hex.text([0x00, 0xAB, 0xFF]) == "00abff")
    #expect(Hex.bytes("00aBFf") == [0x00, 0xAB, 0xFF])
    #expect(Hex.bytes("0") == nil)
    #expect(Hex.bytes("0g") == nil)
    #expect(Hex.bytes("é0") == nil)
    #expect(Hex.prefixedBytes("0x01") == [1])
  }

  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ])
  func `base 64 is as in RFC 4648`(plain: String, text: String) {
    let bytes = Array(plain.utf8)
    #expect(Base64.text(bytes) == text)
    #expect(Base64.bytes(text) == bytes)
    let short = Base64.urlText(bytes)
    #expect(!short.contains("="))
    #expect(Base64.bytes(short) == bytes)
  }

  @Test func `base 64 takes both alphabets and nothing spoilt`() {
    #expect(Base64.bytes("-_8") == [0xFB, 0xFF])
    #expect(Base64.bytes("+/8=") == [0xFB, 0xFF])
    #expect(Base64.text([0xFB, 0xFF]) == "+/8=")
    for spoilt in ["Z", "Zg=", "Zm8==", "Zm=v", "Zm9v\n", "Zh==", "====", "Zm9v===="] {
      #expect(Base64.bytes(spoilt) == nil, "\(spoilt)")
    }
  }

  @Test(arguments: [("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")])
  func `base 32 is as in RFC 4648, without padding`(plain: String, text: String) {
    #expect(Base32.text(Array(plain.utf8)) == text)
    #expect(Base32.bytes(text) == Array(plain.utf8))
    #expect(Base32.bytes(text.lowercased()) == nil)
  }

  @Test func `base 58 keeps zeros at the start`() {
    #expect(Base58.text([0, 0, 0x61]) == "112g")
    #expect(Base58.bytes("112g") == [0, 0, 0x61])
    #expect(Base58.bytes("0") == nil)
    #expect(Base58.bytes("") == [])
    #expect(Base58.bytes(String(repeating: "z", count: 2_000)) == nil)
  }

  @Test func `a changed character of a Bech32 text is noticed`() {
    let text = "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"
    #expect(Bech32(text)?.groups == (0..<32).map { UInt8($0) })
    for place in text.indices {
      var spoilt = text
      let other: Character = text[place] == "q" ? "p" : "q"
      spoilt.replaceSubrange(place...place, with: [other])
      #expect(Bech32(spoilt) == nil, "\(spoilt)")
    }
  }

  @Test func `texts of any characters never stop the readers`() {
    var random = Seeded(7)
    for _ in 0..<2_000 {
      let text = random.text(upTo: 60)
      _ = Hex.bytes(text)
      _ = Base58.bytes(text)
      _ = Base58.bytes(text, alphabet: .ripple)
      _ = Base64.bytes(text)
      _ = Base32.bytes(text)
      if let read = Bech32(text) { #expect(read.text == text.lowercased()) }
    }
  }
}

extension Seeded {
  mutating func text(upTo limit: Int) -> String {
    var scalars = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...limit, using: &self) {
      let isPlain = Int.random(in: 0..<8, using: &self) > 0
      let value = UInt32.random(in: isPlain ? 0x20...0x7E : 0...0xFFFF, using: &self)
      scalars.append(Unicode.Scalar(value) ?? "?")
    }
    return String(scalars)
  }
}
