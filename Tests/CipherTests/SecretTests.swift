import Foundation
import Testing

@testable import Cipher

struct SecretTests {
  @Test func `a secret is never printed`() throws {
    let hidden = try secret("hunter2")
    var dumped = ""
    dump(hidden, to: &dumped)
    let slot = SlotSecret.passphrase(hidden)
    let texts = [
      "\(hidden)", String(describing: hidden), String(reflecting: hidden), dumped, "\(slot)",
      "\(DatabaseKey(passphrase: hidden))", String(reflecting: slot),
    ]
    for text in texts { #expect(text.contains("<secret>") && !text.contains("hunter2")) }
    #expect(Mirror(reflecting: hidden).children.isEmpty)
  }

  @Test func `what a secret is made from is wiped`() throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 5, alignment: 1)
    defer { buffer.deallocate() }
    buffer.copyBytes(from: [1, 2, 3, 4, 5])
    let made = try SecretBytes(consuming: buffer)
    #expect(buffer.allSatisfy { $0 == 0 })
    #expect(made.withBytes { Array($0) } == [1, 2, 3, 4, 5])
    var array: [UInt8] = [6, 7]
    let other = try SecretBytes(consuming: &array)
    #expect(array.isEmpty && other.withBytes { Array($0) } == [6, 7])
  }

  @Test func `secrets match only when all bytes do`() throws {
    let one = try secret([1, 2, 3])
    #expect(one.matches(try secret([1, 2, 3])))
    #expect(!one.matches(try secret([1, 2, 4])))
    #expect(!one.matches(try secret([1, 2])))
    #expect(try secret([UInt8]()).matches(try secret([UInt8]())))
  }

  @Test func `random secrets differ and large ones keep their ends`() throws {
    #expect(!(try SecretBytes(randomCount: 32)).matches(try SecretBytes(randomCount: 32)))
    let large = try secret([UInt8](repeating: 7, count: 10_000))
    #expect(large.withBytes { $0.first == 7 && $0.last == 7 && $0.count == 10_000 })
  }

  @Test func `a secret's memory is read-only, not dumped, locked and wiped in children`() throws {
    let hidden = try SecretBytes(randomCount: 32)
    let address = hidden.withBytes { Int(bitPattern: $0.baseAddress) }
    let file = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
    let map = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    let lines = map.split(separator: "\n")
    try #require(lines.count > 100)
    let start = try #require(
      lines.firstIndex { $0.hasPrefix(String(address, radix: 16) + "-") })
    #expect(lines[start].contains(" r--p "))
    let flags = try #require(lines[start...].first { $0.hasPrefix("VmFlags:") })
    #expect(flags.contains(" dd") && flags.contains(" wf"))
    #expect(flags.contains(" lo") == hidden.isLocked)
  }

  #if os(Linux)
    @Test func `reading past a secret stops the program`() async {
      await #expect(processExitsWith: .failure) {
        let hidden = try SecretBytes(randomCount: 4096)
        hidden.withBytes { bytes in
          print(bytes.baseAddress?.load(fromByteOffset: 4096, as: UInt8.self) ?? 0)
        }
      }
    }
  #endif
}

/// Source: RFC 5869, appendix A.
struct HKDFTests {
  struct Vector: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var key, salt, info: [UInt8]
    var out: String
  }

  static let vectors = [
    Vector(
      testDescription: "A.1", key: [UInt8](repeating: 0x0b, count: 22), salt: Array(0...12),
      info: Array(0xf0...0xf9),
      out: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"),
    Vector(
      testDescription: "A.2", key: Array(0...0x4f), salt: Array(0x60...0xaf),
      info: Array(0xb0...0xff),
      out: """
        b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c\
        59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71\
        cc30c58179ec3e87c14c01d5c1f3434f1d87
        """),
    Vector(
      testDescription: "A.3", key: [UInt8](repeating: 0x0b, count: 22), salt: [], info: [],
      out: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"),
  ]

  @Test(arguments: vectors)
  func `keys are derived as RFC 5869 does`(_ vector: Vector) throws {
    let derived = try HKDF.derive(
      from: secret(vector.key), salt: vector.salt, info: vector.info, length: vector.out.count / 2)
    #expect(hex(derived) == vector.out)
  }

  @Test func `each purpose has a key of its own`() throws {
    let root = try RootKey()
    let keys = try RootKey.Purpose.allCases.map { hex(try root.key(for: $0)) }
    #expect(Set(keys + [hex(root.bytes)]).count == RootKey.Purpose.allCases.count + 1)
    #expect(try hex(root.key(for: .pages)) == keys[0])
  }
}

struct ScryptTests {
  /// Source: RFC 7914, section 12.
  @Test(arguments: [
    (
      "", "", 16, 1, 1,
      """
      77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442\
      fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906
      """
    ),
    (
      "password", "NaCl", 1024, 8, 16,
      """
      fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162\
      2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640
      """
    ),
    (
      "pleaseletmein", "SodiumChloride", 16384, 8, 1,
      """
      7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2\
      d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887
      """
    ),
  ])
  func `keys are stretched as RFC 7914 does`(
    _ password: String, salt: String, n: Int, r: Int, p: Int, expected: String
  ) throws {
    let cost = try #require(ScryptCost(limited: n, r, p))
    let key = try cost.key(from: secret(password), salt: Array(salt.utf8), length: 64)
    #expect(hex(key) == expected)
  }

  @Test(arguments: [
    (1 << 16, 8, 1), (1 << 17, 7, 1), (3 << 17, 8, 1), (1 << 23, 8, 1), (1 << 17, 33, 1),
    (1 << 17, 8, 17), (1 << 22, 16, 1), (1 << 22, 8, 4), (0, 8, 1), (-4, 8, 1), (.max, .max, .max),
  ])
  func `a cost below the floor or beyond the limits is refused`(_ n: Int, r: Int, p: Int) {
    #expect(ScryptCost(n: n, r: r, p: p) == nil)
  }

  @Test func `calibration takes the greatest cost in time, and never less than the floor`() {
    func n(_ floor: Int, _ target: Int) -> Int {
      ScryptCost.calibrated(floorTakes: .milliseconds(floor), target: .milliseconds(target)).n
    }
    #expect(n(300, 1000) == 1 << 18)
    #expect(n(250, 1000) == 1 << 19)
    #expect(n(3000, 1000) == 1 << 17)
    #expect(n(1, 100_000) == 1 << 21)
  }
}

struct SealedTests {
  /// Source: McGrew and Viega, The Galois/Counter Mode of Operation (GCM), test case 16.
  @Test func `messages are sealed as GCM's authors do`() throws {
    let key = try secret(
      bytes(hex: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"))
    let plain =
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
      + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    let context = bytes(hex: "feedfacedeadbeeffeedfacedeadbeefabaddad2")
    let sealed = try Sealed.seal(
      secret(bytes(hex: plain)), key: key, context: context,
      vector: bytes(hex: "cafebabefacedbaddecaf888"))
    #expect(
      hex(sealed.ciphertext)
        == "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662")
    #expect(hex(sealed.tag) == "76fc6ece0f4e1768cddf8853bb2d551b")
    #expect(hex(try sealed.open(key: key, context: context)) == plain)
  }

  @Test func `nothing altered opens`() throws {
    let key = try SecretBytes(randomCount: 32)
    let sealed = try Sealed.seal(secret("api key"), key: key, context: [1, 2])
    #expect(try hex(sealed.open(key: key, context: [1, 2])) == hex("api key".utf8))
    for at in sealed.bytes.indices {
      var altered = sealed.bytes
      altered[at] ^= 1
      let other = try #require(Sealed(bytes: altered))
      #expect(throws: Sealed.OpenFault.notAuthentic) { try other.open(key: key, context: [1, 2]) }
    }
    #expect(throws: Sealed.OpenFault.notAuthentic) { try sealed.open(key: key, context: [1]) }
    #expect(throws: Sealed.OpenFault.notAuthentic) {
      try sealed.open(key: SecretBytes(randomCount: 32), context: [1, 2])
    }
    #expect(Sealed(bytes: [UInt8](repeating: 0, count: 27)) == nil)
  }

  @Test func `the same message never seals to the same bytes`() throws {
    let key = try SecretBytes(randomCount: 32)
    let message = try secret("")
    let one = try Sealed.seal(message, key: key, context: [])
    #expect(one != (try Sealed.seal(message, key: key, context: [])))
    #expect(try one.open(key: key, context: []).count == 0)
  }
}
