import Foundation
import TestSupport
import Testing

@testable import Cipher

private func request(
  _ secret: SlotSecret, _ label: String = "main"
) -> KeySlots.SlotRequest {
  KeySlots.SlotRequest(
    secret: secret, label: label, created: 1_700_000_000, cost: .forTests())
}

private func passphrase(_ text: String) throws -> SlotSecret { .passphrase(try secret(text)) }

/// A header with the passphrase "correct horse" and a recovery code.
private struct Vault {
  let root: RootKey
  let code: RecoveryCode
  let header: KeySlots

  init() throws {
    root = try RootKey()
    code = try RecoveryCode()
    header = try KeySlots.create(
      root: root, database: "vault.db", createdWith: "1.0",
      requests: [request(passphrase("correct horse")), request(.recovery(code), "paper")])
  }
}

struct KeySlotsTests {
  @Test func `passphrase and recovery code give the root key`() throws {
    let vault = try Vault()
    #expect(vault.header.generation == 1 && vault.header.slots.count == 2)
    for secret in [try passphrase("correct horse"), .recovery(vault.code)] {
      #expect(try vault.header.unlock(secret).bytes.matches(vault.root.bytes))
    }
  }

  @Test func `a wrong secret is refused without a word about slots`() throws {
    let vault = try Vault()
    for secret in [
      try passphrase("wrong horse"), .recovery(try RecoveryCode()), try passphrase(""),
    ] {
      #expect(throws: KeySlots.UnlockFault.wrongSecret) { try vault.header.unlock(secret) }
    }
  }

  @Test func `slots are added, changed and removed, each a new generation`() throws {
    let vault = try Vault()
    let added = try vault.header.adding(request(passphrase("second"), "desk"), root: vault.root)
    #expect(added.generation == 2 && added.slots.map(\.label) == ["main", "paper", "desk"])
    #expect(try added.unlock(passphrase("second")).bytes.matches(vault.root.bytes))
    let changed = try added.changing(
      added.slots[0].id, to: request(passphrase("new horse")), root: vault.root)
    #expect(changed.slots[0].id == added.slots[0].id)
    #expect(throws: KeySlots.UnlockFault.wrongSecret) {
      try changed.unlock(passphrase("correct horse"))
    }
    _ = try changed.unlock(passphrase("new horse"))
    let removed = try changed.removing(changed.slots[2].id, root: vault.root)
    #expect(removed.generation == 4 && removed.slots.count == 2)
    #expect(throws: KeySlots.UnlockFault.wrongSecret) { try removed.unlock(passphrase("second")) }
  }

  @Test func `what would lock everybody out is refused`() throws {
    let vault = try Vault()
    let one = try vault.header.removing(vault.header.slots[0].id, root: vault.root)
    #expect(throws: KeySlots.ChangeFault.lastSlot) {
      try one.removing(one.slots[0].id, root: vault.root)
    }
    #expect(throws: KeySlots.ChangeFault.noSuchSlot("x")) {
      try one.removing("x", root: vault.root)
    }
    #expect(throws: KeySlots.ChangeFault.notThisVault) {
      try one.adding(request(passphrase("x")), root: RootKey())
    }
    #expect(throws: KeySlots.ChangeFault.lastSlot) {
      try KeySlots.create(root: vault.root, database: "v", createdWith: "1", requests: [])
    }
    #expect(throws: KeySlots.ChangeFault.badText("../v.db")) {
      try KeySlots.create(
        root: vault.root, database: "../v.db", createdWith: "1",
        requests: [request(passphrase("x"))])
    }
    let many = try Array(repeating: request(passphrase("x")), count: 33)
    #expect(throws: KeySlots.ChangeFault.tooManySlots) {
      try KeySlots.create(root: vault.root, database: "v", createdWith: "1", requests: many)
    }
  }

  @Test func `rotation keeps the slots whose secrets are given`() throws {
    let vault = try Vault()
    let newRoot = try RootKey()
    let fresh = try RecoveryCode()
    let rotated = try vault.header.rotated(
      to: newRoot, from: vault.root, database: "vault-2.db",
      secrets: [vault.header.slots[0].id: passphrase("correct horse")],
      adding: [request(.recovery(fresh), "paper 2")])
    #expect(rotated.vaultID == vault.header.vaultID && rotated.generation == 2)
    #expect(rotated.database == "vault-2.db")
    #expect(rotated.slots.map(\.label) == ["main", "paper 2"])
    #expect(try rotated.unlock(passphrase("correct horse")).bytes.matches(newRoot.bytes))
    #expect(throws: KeySlots.UnlockFault.wrongSecret) { try rotated.unlock(.recovery(vault.code)) }
    #expect(throws: KeySlots.ChangeFault.wrongSecret(slot: vault.header.slots[0].id)) {
      try vault.header.rotated(
        to: newRoot, from: vault.root, database: "v2.db",
        secrets: [vault.header.slots[0].id: passphrase("typo")])
    }
    #expect(throws: KeySlots.ChangeFault.lastSlot) {
      try vault.header.rotated(to: newRoot, from: vault.root, database: "v2.db", secrets: [:])
    }
  }

  /// Fields the wrap does not cover are caught by the tag, the others by the wrap.
  @Test(arguments: [
    ("\"generation\" : 1", "\"generation\" : 9", false),
    ("\"database\" : \"vault.db\"", "\"database\" : \"other.db\"", false),
    ("\"createdWith\" : \"1.0\"", "\"createdWith\" : \"0.9\"", false),
    ("\"label\" : \"paper\"", "\"label\" : \"paperr\"", false),
    ("\"created\" : 1700000000", "\"created\" : 1700000001", false),
    ("\"n\" : 16", "\"n\" : 32", true),
  ])
  func `an altered header is noticed`(_ from: String, to: String, breaksWrap: Bool) throws {
    let vault = try Vault()
    let text = String(decoding: HeaderText.encode(vault.header), as: UTF8.self)
    let altered = text.replacingOccurrences(of: from, with: to)
    #expect(altered != text)
    let read = try HeaderText.decode(Array(altered.utf8))
    let expected: KeySlots.UnlockFault = breaksWrap ? .wrongSecret : .headerAltered
    #expect(throws: expected) { try read.unlock(passphrase("correct horse")) }
  }

  @Test func `a slot of another vault, or a lost slot, is noticed`() throws {
    let vault = try Vault()
    let other = try Vault()
    func mixed(_ slots: [KeySlot]) -> KeySlots {
      KeySlots(
        vaultID: vault.header.vaultID, generation: 1, database: "vault.db", createdWith: "1.0",
        slots: slots, tag: vault.header.tag)
    }
    #expect(throws: KeySlots.UnlockFault.wrongSecret) {
      try mixed([other.header.slots[0]]).unlock(passphrase("correct horse"))
    }
    #expect(throws: KeySlots.UnlockFault.headerAltered) {
      try mixed([vault.header.slots[0]]).unlock(passphrase("correct horse"))
    }
  }
}

struct HeaderTextTests {
  @Test func `a header survives being written and read`() throws {
    let vault = try Vault()
    #expect(try HeaderText.decode(HeaderText.encode(vault.header)) == vault.header)
  }

  @Test func `the text holds no secret`() throws {
    let vault = try Vault()
    let text = String(decoding: HeaderText.encode(vault.header), as: UTF8.self)
    let root = vault.root.bytes.withBytes { Data($0).base64EncodedString() }
    #expect(!text.contains(root) && !text.contains("horse"))
  }

  @Test(arguments: [
    ("coffer-header", "other", HeaderFault.notAHeader),
    ("\"version\" : 1", "\"version\" : 2", .newerVersion(2)),
    ("\"version\" : 1", "\"version\" : 0", .malformed(path: "version", text: "0")),
    ("\"kind\" : \"recovery\"", "\"kind\" : \"x\"", .malformed(path: "slots[1].kind", text: "x")),
    ("\"n\" : 16", "\"n\" : 8388608", .malformed(path: "slots[0].kdf", text: "n=8388608 r=8 p=1")),
    ("\"n\" : 16", "\"n\" : 17", .malformed(path: "slots[0].kdf", text: "n=17 r=8 p=1")),
    ("\"r\" : 8", "\"r\" : -8", .malformed(path: "slots[0].kdf", text: "n=16 r=-8 p=1")),
    ("\"scrypt\"", "\"md5\"", .malformed(path: "slots[0].kdf.name", text: "md5")),
    ("\"aes-256-gcm\"", "\"rot13\"", .malformed(path: "slots[0].wrap.cipher", text: "rot13")),
    ("vault.db", "../../etc", .malformed(path: "database", text: "../../etc")),
    (
      "\"generation\" : 1", "\"generation\" : \"1\"",
      .malformed(path: "generation", text: "not what belongs here")
    ),
    ("\"label\"", "\"lable\"", .malformed(path: "slots[0].label", text: "missing")),
  ])
  func `a malformed header is refused with its place`(
    _ from: String, to: String, fault: HeaderFault
  ) throws {
    let text = String(decoding: HeaderText.encode(try Vault().header), as: UTF8.self)
    #expect(text.contains(from))
    let altered = Array(text.replacingOccurrences(of: from, with: to).utf8)
    #expect(throws: fault) { try HeaderText.decode(altered) }
  }

  @Test func `what is too large is not looked at`() {
    #expect(throws: HeaderFault.tooLarge(bytes: 1 << 20 | 1)) {
      try HeaderText.decode([UInt8](repeating: 0x20, count: 1 << 20 | 1))
    }
    #expect(throws: HeaderFault.notAHeader) {
      try HeaderText.decode([UInt8](repeating: UInt8(ascii: "["), count: 1 << 20))
    }
  }

  @Test func `too many slots are refused`() throws {
    let vault = try Vault()
    let slots = try (0..<33).map { _ in
      try KeySlot(
        vault.root, for: passphrase("x"), vaultID: vault.header.vaultID,
        id: hexadecimal(randomBytes(8)), label: "", created: 0, cost: .forTests())
    }
    let large = KeySlots(
      vaultID: vault.header.vaultID, generation: 1, database: "v.db", createdWith: "1",
      slots: slots, tag: vault.header.tag)
    #expect(throws: HeaderFault.malformed(path: "slots", text: "33 slots")) {
      try HeaderText.decode(HeaderText.encode(large))
    }
  }

  @Test func `mutations are a fault or a header, never a crash`() throws {
    let text = HeaderText.encode(try Vault().header)
    let seed = runSeed()
    var random = Seeded(seed)
    var refused = 0
    for _ in 0..<1000 {
      var mutated = text
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: mutated.indices, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: mutated[at] = .random(in: 0...255, using: &random)
        case 1: mutated.remove(at: at)
        default: mutated.insert(mutated[.random(in: mutated.indices, using: &random)], at: at)
        }
      }
      do {
        _ = try HeaderText.decode(mutated)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 500, "SEED=\(seed)")
  }
}

struct HeaderFileTests {
  @Test func `both copies are written for the owner only`() throws {
    let scratch = try Scratch()
    let file = HeaderFile(path: scratch.path("v.header"))
    let vault = try Vault()
    try file.write(vault.header)
    try file.write(vault.header)
    #expect(try file.read() == HeaderFile.Reading(header: vault.header, trouble: nil))
    for path in [file.path, file.copyPath] {
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
      #expect(mode as? Int == 0o600)
    }
    #expect(!scratch.exists("v.header.new") && !scratch.exists("v.header.copy.new"))
  }

  @Test func `one copy is enough, and its loss is told`() throws {
    let scratch = try Scratch()
    let file = HeaderFile(path: scratch.path("v.header"))
    let vault = try Vault()
    try file.write(vault.header)
    try scratch.write([1, 2, 3], "v.header")
    #expect(
      try file.read()
        == HeaderFile.Reading(header: vault.header, trouble: .firstUnusable(.notAHeader)))
    try file.write(vault.header)
    try FileManager.default.removeItem(atPath: file.copyPath)
    let missing = HeaderFault.system(path: file.copyPath, code: ENOENT)
    #expect(try file.read().trouble == .secondUnusable(missing))
    try FileManager.default.removeItem(atPath: file.path)
    #expect(throws: HeaderFault.system(path: file.path, code: ENOENT)) { try file.read() }
  }

  @Test func `copies of different generations are told`() throws {
    let scratch = try Scratch()
    let file = HeaderFile(path: scratch.path("v.header"))
    let vault = try Vault()
    try file.write(vault.header)
    let old = try scratch.bytes("v.header.copy")
    let next = try vault.header.adding(request(passphrase("x")), root: vault.root)
    try file.write(next)
    try scratch.write(old, "v.header.copy")
    let reading = try file.read()
    #expect(reading.header == next && reading.trouble == .different(first: 2, second: 1))
  }

  @Test func `a write where nothing can be written is a fault and leaves nothing`() throws {
    let scratch = try Scratch()
    let file = HeaderFile(path: scratch.path("missing/v.header"))
    #expect(throws: HeaderFault.system(path: file.path + ".new", code: ENOENT)) {
      try file.write(try Vault().header)
    }
  }
}

struct RecoveryCodeTests {
  @Test func `a code survives paper`() throws {
    for _ in 0..<50 {
      let code = try RecoveryCode()
      let text = code.displayText
      #expect(text.count == 47 && text.split(separator: "-").allSatisfy { $0.count == 5 })
      let sloppy = text.lowercased().replacingOccurrences(of: "0", with: "o")
        .replacingOccurrences(of: "1", with: "l").replacingOccurrences(of: "-", with: " ")
      for typed in [text, sloppy, text.replacingOccurrences(of: "-", with: "") + "\n"] {
        #expect(try RecoveryCode(typed: secret(typed)).bytes.matches(code.bytes))
      }
    }
  }

  @Test func `every wrong letter names its group`() throws {
    let text = Array(try RecoveryCode().displayText)
    for at in text.indices where text[at] != "-" {
      for letter in "0123456789ABCDEFGHJKMNPQRSTVWXYZ" where letter != text[at] {
        var wrong = text
        wrong[at] = letter
        #expect(throws: RecoveryCode.ReadFault.wrongGroup(at / 6 + 1)) {
          try RecoveryCode(typed: secret(String(wrong)))
        }
      }
    }
  }

  @Test func `swapped neighbours and swapped groups are noticed`() throws {
    let groups = try RecoveryCode().displayText.split(separator: "-").map(Array.init)
    for group in 0..<8 {
      for at in 0..<4 where groups[group][at] != groups[group][at + 1] {
        var wrong = groups
        wrong[group].swapAt(at, at + 1)
        #expect(throws: RecoveryCode.ReadFault.wrongGroup(group + 1)) {
          try RecoveryCode(typed: secret(wrong.map { String($0) }.joined(separator: "-")))
        }
      }
      for other in 0..<group {
        var wrong = groups
        wrong.swapAt(group, other)
        #expect(throws: RecoveryCode.ReadFault.wrongGroup(other + 1)) {
          try RecoveryCode(typed: secret(wrong.map { String($0) }.joined(separator: "-")))
        }
      }
    }
  }

  @Test func `what is no code says why`() throws {
    #expect(throws: RecoveryCode.ReadFault.wrongLength(letters: 0)) {
      try RecoveryCode(typed: secret(""))
    }
    #expect(throws: RecoveryCode.ReadFault.strangeCharacter(group: 2)) {
      try RecoveryCode(typed: secret("00000-0U000"))
    }
    let long = String(repeating: "0", count: 100_000)
    #expect(throws: RecoveryCode.ReadFault.wrongLength(letters: 41)) {
      try RecoveryCode(typed: secret(long))
    }
  }

  @Test func `typed text is a code only when it is a whole one`() throws {
    let code = try RecoveryCode()
    #expect(SlotSecret(typed: try secret(code.displayText)).kind == .recovery)
    #expect(SlotSecret(typed: try secret("correct horse")).kind == .passphrase)
  }
}
