import Encodings
import Testing

/// Hashes that no library of ours has everywhere, against published vectors.
@Suite struct HashTests {
  /// https://keccak.team/keccak_specs_summary.html; the empty hash is in Ethereum's yellow paper.
  @Test func `Keccak-256 has the padding of Ethereum`() {
    #expect(
      Hex.text(Keccak256.hash([]))
        == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")
    #expect(
      Hex.text(Keccak256.hash(Array("abc".utf8)))
        == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")
  }

  /// FIPS 202 example values.
  @Test func `SHA3-256 has the padding of the standard`() {
    #expect(
      Hex.text(Keccak256.sha3([]))
        == "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a")
    #expect(
      Hex.text(Keccak256.sha3(Array("abc".utf8)))
        == "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532")
  }

  // https://homes.esat.kuleuven.be/~bosselae/ripemd160.html
  @Test(arguments: [
    ("", "9c1185a5c5e9fc54612808977ee8f548b2258d31"),
    ("abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
    ("message digest", "5d0689ef49d2fae572b881b123a85ffa21595f36"),
    (
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
      "b0e20b6e3116640286ed3a87a5713079b21f5189"
    ),
  ])
  func `RIPEMD-160 is its authors' own`(message: String, hash: String) {
    #expect(Hex.text(RIPEMD160.hash(Array(message.utf8))) == hash)
  }

  /// RFC 7693, appendix A; the shorter ones by Python's hashlib.
  @Test func `BLAKE2b depends on the length of its hash`() {
    let message = Array("abc".utf8)
    #expect(
      Hex.text(Blake2b.hash(message, count: 64).prefix(32))
        == "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1")
    #expect(Hex.text(Blake2b.hash(message, count: 5)) == "44229fc0ef")
    #expect(
      Hex.text(Blake2b.hash([], count: 32))
        == "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8")
  }

  /// https://www.aumasson.jp/blake/blake.pdf, test vectors of BLAKE-256.
  @Test func `BLAKE-256 is as submitted`() {
    #expect(
      Hex.text(Blake256.hash([0]))
        == "0ce8d4ef4dd7cd8d62dfded9d4edb0a774ae6a41929a74da23109e8f11139c87")
    #expect(
      Hex.text(Blake256.hash([UInt8](repeating: 0, count: 72)))
        == "d419bad32d504fb7d44d460c42c5593fe544fa4c135dec31e21bd9abdcc22d41")
  }

  /// https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values; the
  /// longer one by Python's hashlib.
  @Test func `SHA-512/256 is not a cut SHA-512`() {
    #expect(
      Hex.text(SHA512t256.hash(Array("abc".utf8)))
        == "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23")
    let long = Array(String(repeating: "abc", count: 100).utf8)
    #expect(
      Hex.text(SHA512t256.hash(long))
        == "4c927819a43d1727e3f85ab06baa3c03f9d2edb8ec700dee5a3e5382c848ab7f")
  }

  // The check values of https://reveng.sourceforge.io/crc-catalogue/all.htm
  @Test func `cyclic sums have their catalogue's check values`() {
    let message = Array("123456789".utf8)
    #expect(Cyclic.crc16(message) == 0x31C3)
    #expect(Cyclic.crc32(message) == 0xCBF4_3926)
  }
}

// https://github.com/msgpack/msgpack/blob/master/spec.md
@Suite struct MessagePackTests {
  @Test(arguments: [
    ("0", "00"), ("127", "7f"), ("128", "cc80"), ("255", "ccff"), ("256", "cd0100"),
    ("65535", "cdffff"), ("65536", "ce00010000"), ("4294967296", "cf0000000100000000"),
    ("18446744073709551615", "cfffffffffffffffff"), ("-1", "ff"), ("-32", "e0"),
    ("-33", "d0df"), ("-128", "d080"), ("-129", "d1ff7f"), ("-32769", "d2ffff7fff"),
    ("-2147483649", "d3ffffffff7fffffff"), ("1.5", "a3312e35"),
    ("null", "c0"), ("true", "c3"), ("false", "c2"), ("[]", "90"), ("{}", "80"),
    ("\"a\"", "a161"), ("{\"b\":1,\"a\":[2,null]}", "82a16201a1619202c0"),
  ])
  func `every number has its shortest form and members keep their order`(
    text: String, bytes: String
  ) throws {
    let json = try JSON.reading(text)
    #expect(Hex.text(MessagePack.bytes(json)) == bytes)
  }

  @Test func `long texts and lists have longer heads`() {
    let text = String(repeating: "a", count: 32)
    #expect(MessagePack.bytes(.string(text)).prefix(2) == [0xD9, 32])
    let long = String(repeating: "a", count: 70_000)
    #expect(MessagePack.bytes(.string(long)).prefix(5) == [0xDB, 0, 1, 0x11, 0x70])
    let list = JSON.array(Array(repeating: .null, count: 16))
    #expect(MessagePack.bytes(list).prefix(3) == [0xDC, 0, 16])
    var object = JSONObject()
    for number in 0..<16 { object.set("k\(number)", .null) }
    #expect(MessagePack.bytes(.object(object)).prefix(3) == [0xDE, 0, 16])
  }
}
