import Encodings

/// Address forms that only one chain or family has.
enum SpecialAddresses {
  // MARK: Base 32

  /// Stellar: version, 32 bytes, CRC-16, in base 32.
  ///
  /// Source: https://github.com/stellar/stellar-protocol/blob/master/ecosystem/sep-0023.md
  static func stellar(_ text: String, _ tools: SigningTools) -> String? {
    guard let bytes = Base32.bytes(text), let head = bytes.first else { return nil }
    let isAccount = head == 6 << 3 && bytes.count == 35
    let isMuxed = head == 12 << 3 && bytes.count == 43
    let sum = Cyclic.crc16(Array(bytes.dropLast(2)))
    guard isAccount || isMuxed, bytes.suffix(2) == [UInt8(sum & 255), UInt8(sum >> 8)] else {
      return nil
    }
    return text
  }

  /// Algorand: 32 bytes and the last four of their SHA-512/256.
  ///
  /// Source: https://developer.algorand.org/docs/get-details/accounts/#transformation-public-key-to-algorand-address
  static func algorand(_ text: String, _ tools: SigningTools) -> String? {
    guard text.utf8.count == 58, let bytes = Base32.bytes(text), bytes.count == 36 else {
      return nil
    }
    let sum = SHA512t256.hash(Array(bytes.prefix(32))).suffix(4)
    return Array(sum) == Array(bytes.suffix(4)) ? text : nil
  }

  /// NEM: network byte, 20 bytes, four of their Keccak-256; dashes between are allowed.
  ///
  /// Source: https://nemplatform.com/wp-content/uploads/2020/05/NEM_techRef.pdf, section 3.1
  static func nem(network: UInt8) -> @Sendable (String, SigningTools) -> String? {
    { text, _ in
      let plain = text.filter { $0 != "-" }
      guard plain.utf8.count == 40, let bytes = Base32.bytes(plain), bytes.count == 25,
        bytes[0] == network,
        Array(Keccak256.hash(Array(bytes.prefix(21))).prefix(4)) == Array(bytes.suffix(4))
      else { return nil }
      return plain
    }
  }

  /// Filecoin: network letter, protocol digit, and base 32 with four bytes of BLAKE2b.
  ///
  /// Source: https://spec.filecoin.io/appendix/address/
  static func filecoin(network: String) -> @Sendable (String, SigningTools) -> String? {
    { text, _ in
      guard text.hasPrefix(network), let kind = text.dropFirst().utf8.first else { return nil }
      let body = text.dropFirst(2)
      if kind == 0x30 {
        return (1...20).contains(body.utf8.count) && UInt64(body) != nil ? text : nil
      }
      let lengths: [UInt8: Int] = [0x31: 20, 0x32: 20, 0x33: 48]
      guard let length = lengths[kind], let bytes = Base32.bytes(body, alphabet: .lowerCase),
        bytes.count == length + 4
      else { return nil }
      let content = [kind - 0x30] + bytes.prefix(length)
      return Blake2b.hash(content, count: 4) == Array(bytes.suffix(4)) ? text : nil
    }
  }

  /// Nano: 52 characters of a key and eight of its BLAKE2b.
  ///
  /// Source: https://docs.nano.org/integration-guides/the-basics/#account-public-address
  static func nano(_ text: String, _ tools: SigningTools) -> String? {
    let parts = text.split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "nano" || parts[0] == "xrb",
      let groups = Base32.groups(parts[1], alphabet: .nano), groups.count == 60, groups[0] <= 1
    else { return nil }
    // 52 characters hold 260 bits: four zero bits, then the key.
    var bits: [UInt8] = []
    for group in groups.prefix(52) {
      for bit in (0..<5).reversed() { bits.append(group >> UInt8(bit) & 1) }
    }
    var key = [UInt8](repeating: 0, count: 32)
    for (index, bit) in bits.dropFirst(4).enumerated() {
      key[index / 8] |= bit << UInt8(7 - index % 8)
    }
    let sum = Bech32.bytes(ofGroups: groups.suffix(8))
    return sum == Blake2b.hash(key, count: 5).reversed() ? text : nil
  }

  /// Internet Computer, a ledger account: CRC-32 and 28 bytes in hexadecimal.
  ///
  /// Source: https://internetcomputer.org/docs/references/ledger#_accounts
  static func internetComputer(_ text: String, _ tools: SigningTools) -> String? {
    guard text.utf8.count == 64, let bytes = Hex.bytes(text), isCRC32(bytes) else { return nil }
    return text.lowercased()
  }

  /// Internet Computer, a principal: CRC-32 and up to 29 bytes in base 32, in groups of five.
  ///
  /// Source: https://internetcomputer.org/docs/references/ic-interface-spec#textual-ids
  static func principal(_ text: String, _ tools: SigningTools) -> String? {
    let plain = text.filter { $0 != "-" }
    guard (8...63).contains(plain.utf8.count), text.contains("-"),
      let bytes = Base32.bytes(plain, alphabet: .lowerCase), (5...33).contains(bytes.count),
      isCRC32(bytes)
    else { return nil }
    return text
  }

  private static func isCRC32(_ bytes: [UInt8]) -> Bool {
    let sum = Cyclic.crc32(Array(bytes.dropFirst(4)))
    let head = (0..<4).map { UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * $0)) }
    return Array(bytes.prefix(4)) == head
  }

  // MARK: Base 58

  /// Monero: blocks of base 58, network byte, two keys, perhaps a payment id, four bytes of Keccak.
  ///
  /// Source: https://docs.getmonero.org/public-address/standard-address/
  static func monero(
    plain: [UInt8], integrated: [UInt8]
  ) -> @Sendable (String, SigningTools) -> String? {
    { text, _ in
      guard let bytes = moneroBytes(text), let head = bytes.first,
        Array(Keccak256.hash(Array(bytes.dropLast(4))).prefix(4)) == Array(bytes.suffix(4))
      else { return nil }
      let isPlain = bytes.count == 69 && plain.contains(head)
      let isIntegrated = bytes.count == 77 && integrated.contains(head)
      return isPlain || isIntegrated ? text : nil
    }
  }

  /// Eleven characters stand for eight bytes; the last block is shorter.
  private static func moneroBytes(_ text: String) -> [UInt8]? {
    let units = Array(text.utf8)
    let sizes = [0: 0, 2: 1, 3: 2, 5: 3, 6: 4, 7: 5, 9: 6, 10: 7, 11: 8]
    guard units.count <= 110 else { return nil }
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: units.count, by: 11) {
      let block = units[start..<min(start + 11, units.count)]
      guard let size = sizes[block.count],
        let read = Base58.bytes(String(decoding: block, as: UTF8.self))
      else { return nil }
      // Leading ones are no zero bytes here: a block has a fixed size.
      let digits = read.drop { $0 == 0 }
      guard digits.count <= size else { return nil }
      bytes += [UInt8](repeating: 0, count: size - digits.count) + digits
    }
    return bytes
  }

  /// Substrate: a chain's number, 32 bytes, two of BLAKE2b over them with a prefix.
  ///
  /// Source: https://docs.polkadot.com/polkadot-protocol/basics/accounts/#address-formats
  static func substrate(chains: [UInt16]) -> @Sendable (String, SigningTools) -> String? {
    { text, _ in
      guard let bytes = Base58.bytes(text), bytes.count == 35 || bytes.count == 36,
        let head = bytes.first
      else { return nil }
      let isShort = bytes.count == 35
      guard isShort == (head < 64) else { return nil }
      let chain = isShort ? UInt16(head) : longNumber(bytes[0], bytes[1])
      let sum = Blake2b.hash(Array("SS58PRE".utf8) + bytes.dropLast(2), count: 64)
      guard chains.contains(chain), Array(sum.prefix(2)) == Array(bytes.suffix(2)) else {
        return nil
      }
      return text
    }
  }

  private static func longNumber(_ first: UInt8, _ second: UInt8) -> UInt16 {
    let low = first << 2 | second >> 6
    return UInt16(low) | UInt16(second & 63) << 8
  }

  /// Solana: 32 bytes in base 58, no checksum.
  ///
  /// Source: https://solana.com/docs/core/accounts
  static func solana(_ text: String, _ tools: SigningTools) -> String? {
    (32...44).contains(text.utf8.count) && Base58.bytes(text)?.count == 32 ? text : nil
  }

  /// Cardano's first form: a CBOR pair of content and its CRC-32, in base 58.
  ///
  /// Source: https://github.com/cardano-foundation/CIPs/blob/master/CIP-0019/README.md#byron-addresses
  static func byron(_ text: String, _ tools: SigningTools) -> String? {
    guard let bytes = Base58.bytes(text), bytes.count > 12, bytes.count < 255,
      bytes.starts(with: [0x82, 0xD8, 0x18])
    else { return nil }
    let head = bytes[3]
    let start: Int
    let count: Int
    if head >= 0x40, head < 0x58 {
      (start, count) = (4, Int(head - 0x40))
    } else if head == 0x58 {
      (start, count) = (5, Int(bytes[4]))
    } else {
      return nil
    }
    let end = start + count
    guard end + 2 <= bytes.count, let sum = cborNumber(bytes[end...]) else { return nil }
    return sum == Cyclic.crc32(Array(bytes[start..<end])) ? text : nil
  }

  /// A CBOR unsigned number that is all there is.
  private static func cborNumber(_ bytes: ArraySlice<UInt8>) -> UInt32? {
    guard let head = bytes.first else { return nil }
    if head < 0x18 { return bytes.count == 1 ? UInt32(head) : nil }
    let sizes: [UInt8: Int] = [0x18: 1, 0x19: 2, 0x1A: 4]
    guard let size = sizes[head], bytes.count == size + 1 else { return nil }
    return bytes.dropFirst().reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// Cardano's present form: Bech32 over a header byte and one or two hashes.
  ///
  /// Source: https://github.com/cardano-foundation/CIPs/blob/master/CIP-0019/README.md#shelley-addresses
  static func shelley(isTest: Bool) -> @Sendable (String, SigningTools) -> String? {
    { text, _ in
      guard let read = Bech32(text, longest: 200), read.variant == .bech32,
        let bytes = Bech32.bytes(ofGroups: read.groups), let head = bytes.first,
        head & 15 == (isTest ? 0 : 1)
      else { return nil }
      let suffix = isTest ? "_test" : ""
      switch head >> 4 {
      case 0...3 where read.prefix == "addr" + suffix: return bytes.count == 57 ? text : nil
      case 4, 5:
        return read.prefix == "addr" + suffix && (32...59).contains(bytes.count) ? text : nil
      case 6, 7: return read.prefix == "addr" + suffix && bytes.count == 29 ? text : nil
      case 14, 15: return read.prefix == "stake" + suffix && bytes.count == 29 ? text : nil
      default: return nil
      }
    }
  }

  /// Zcash's unified form: Bech32m over several receivers at once, which are not looked into.
  ///
  /// Source: https://zips.z.cash/zip-0316
  static func unified(_ text: String, _ tools: SigningTools) -> String? {
    guard let read = Bech32(text, longest: 250), read.prefix == "u", read.variant == .bech32m,
      let bytes = Bech32.bytes(ofGroups: read.groups), bytes.count >= 48
    else { return nil }
    return text.lowercased()
  }

  /// XRP's form with the tag inside: 05 44, 20 bytes, a flag and eight bytes of tag.
  ///
  /// Source: https://github.com/XRPLF/XRPL-Standards/tree/master/XLS-0005-x-address-format
  static func xAddress(_ text: String, _ tools: SigningTools) -> String? {
    let bytes = Base58.checkedBytes(text, alphabet: .ripple) { tools.doubleSHA256($0) }
    guard let bytes, bytes.count == 31, bytes.starts(with: [0x05, 0x44]), bytes[22] <= 1 else {
      return nil
    }
    return text
  }

  /// EOS, a public key: 33 bytes and four of their RIPEMD-160.
  ///
  /// Source: https://docs.eosnetwork.com/docs/latest/advanced-topics/transactions-protocol/
  static func eosKey(_ text: String, _ tools: SigningTools) -> String? {
    let isNew = text.hasPrefix("PUB_K1_")
    guard isNew || text.hasPrefix("EOS"),
      let bytes = Base58.bytes(String(text.dropFirst(isNew ? 7 : 3))), bytes.count == 37
    else { return nil }
    let key = Array(bytes.prefix(33))
    let mark: [UInt8] = isNew ? Array("K1".utf8) : []
    let sum = tools.hash(.ripemd160, key + mark).prefix(4)
    return Array(sum) == Array(bytes.suffix(4)) ? text : nil
  }

  // MARK: Others

  /// EOS, an account's name: up to twelve small letters, digits and points.
  ///
  /// Names proper have the digits 1 to 5 only; others are let through, as some lists hold them: a
  /// node says whether the account exists.
  static func eosName(_ text: String, _ tools: SigningTools) -> String? {
    let units = Array(text.utf8)
    guard units.count == 12 || (units.count < 12 && units.count >= 1), let last = units.last,
      last != UInt8(ascii: "."), let first = units.first, first != UInt8(ascii: "."),
      units.allSatisfy({ isSmall($0) || isDigit($0) || $0 == UInt8(ascii: ".") })
    else { return nil }
    // Short texts of digits are no names anybody means.
    return units.count == 12 || units.contains(where: isSmall) ? text : nil
  }

  private static func isSmall(_ unit: UInt8) -> Bool { unit >= 0x61 && unit <= 0x7A }
  private static func isDigit(_ unit: UInt8) -> Bool { unit >= 0x30 && unit <= 0x39 }

  /// NEAR, a named account.
  ///
  /// Source: https://nomicon.io/DataStructures/Account#account-id-rules
  static func nearName(_ text: String, _ tools: SigningTools) -> String? {
    let units = Array(text.utf8)
    guard (2...64).contains(units.count), text.contains(".") else { return nil }
    var wasSeparator = true
    for unit in units {
      let isSeparator = [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains(unit)
      guard isSmall(unit) || isDigit(unit) || (isSeparator && !wasSeparator) else { return nil }
      wasSeparator = isSeparator
    }
    return wasSeparator || isDigit(units[units.count - 1]) ? nil : text
  }

  /// TON: 36 bytes in base 64, or `workchain:hash`.
  ///
  /// Source: https://docs.ton.org/v3/documentation/smart-contracts/addresses/address-formats
  static func ton(isTest: Bool) -> @Sendable (String, SigningTools) -> String? {
    { text, _ in
      if text.hasPrefix("0:") || text.hasPrefix("-1:") {
        let digits = text.split(separator: ":").last ?? ""
        return !isTest && digits.utf8.count == 64 && Hex.bytes(digits) != nil ? text : nil
      }
      guard text.utf8.count == 48, let bytes = Base64.bytes(text), bytes.count == 36,
        bytes[0] & 0x7F == 0x11 || bytes[0] & 0x7F == 0x51, (bytes[0] & 0x80 != 0) == isTest,
        bytes[1] == 0 || bytes[1] == 255
      else { return nil }
      let sum = Cyclic.crc16(Array(bytes.prefix(34)))
      return bytes.suffix(2) == [UInt8(sum >> 8), UInt8(sum & 255)] ? text : nil
    }
  }

  /// Hedera: three numbers, perhaps with five letters of checksum.
  ///
  /// Source: https://hips.hedera.com/hip/hip-15
  static func hedera(_ text: String, _ tools: SigningTools) -> String? {
    let halves = text.split(separator: "-", omittingEmptySubsequences: false)
    guard halves.count <= 2, let number = halves.first else { return nil }
    let parts = number.split(separator: ".", omittingEmptySubsequences: false)
    let areNumbers = parts.allSatisfy { part in
      (1...19).contains(part.utf8.count) && part.utf8.allSatisfy(isDigit)
        && (part == "0" || !part.hasPrefix("0"))
    }
    guard parts.count == 3, areNumbers else { return nil }
    return halves.count == 1 || halves[1] == hederaSum(number)[...] ? text : nil
  }

  /// The checksum of an account's number on the main network.
  private static func hederaSum(_ number: Substring) -> String {
    let cube = 26 * 26 * 26
    let fifth = cube * 26 * 26
    var even = 0
    var odd = 0
    var all = 0
    let digits = number.utf8.map { $0 == UInt8(ascii: ".") ? 10 : Int($0) - 0x30 }
    for (index, digit) in digits.enumerated() {
      all = (31 * all + digit) % cube
      if index % 2 == 0 { even = (even + digit) % 11 } else { odd = (odd + digit) % 11 }
    }
    // The main network's number is 0, followed by six zeros: its sum stays 0.
    let folded = (digits.count % 5 * 11 + even) * 11 + odd
    var sum = (folded * cube + all) % fifth * 1_000_003 % fifth
    var letters: [UInt8] = []
    for _ in 0..<5 {
      letters.insert(UInt8(0x61 + sum % 26), at: 0)
      sum /= 26
    }
    return String(decoding: letters, as: UTF8.self)
  }

  /// Stacks: `S`, a version and 20 bytes in Crockford's base 32 with four bytes of double SHA-256.
  ///
  /// Source: https://github.com/stacksgov/sips/blob/main/sips/sip-005/sip-005-blocks-and-transactions.md
  static func stacks(_ text: String, _ tools: SigningTools) -> String? {
    let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    guard text.hasPrefix("S"), (20...42).contains(text.utf8.count) else { return nil }
    var groups: [UInt8] = []
    for unit in text.utf8.dropFirst() {
      guard let index = alphabet.firstIndex(of: unit) else { return nil }
      groups.append(UInt8(index))
    }
    guard let version = groups.first, [20, 22, 21, 26].contains(version) else { return nil }
    // 24 bytes are 192 bits, so the first of 39 characters has only two of its five.
    let digits = [UInt8](repeating: 0, count: max(0, 39 - (groups.count - 1))) + groups.dropFirst()
    guard digits.count == 39, digits[0] < 4 else { return nil }
    var number: [UInt8] = [UInt8](repeating: 0, count: 24)
    for digit in digits {
      var carry = UInt16(digit)
      for index in number.indices.reversed() {
        carry += UInt16(number[index]) << 5
        number[index] = UInt8(carry & 255)
        carry >>= 8
      }
    }
    let sum = tools.doubleSHA256([version] + number.prefix(20)).prefix(4)
    return Array(sum) == Array(number.suffix(4)) ? text : nil
  }

  /// Kaspa: CashAddr's checksum over a version and 32 or 33 bytes.
  ///
  /// Source: https://github.com/kaspanet/rusty-kaspa/blob/master/crypto/addresses/src/lib.rs
  static func kaspa(prefix: String) -> @Sendable (String, SigningTools) -> String? {
    { text, _ in
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0] == prefix, let groups = CashAddress.groups(parts[1]),
        groups.count >= 9, groups.count < 100,
        CashAddress.checksum(CashAddress.expanded(prefix) + groups) == 0,
        let bytes = Bech32.bytes(ofGroups: groups.dropLast(8)), let version = bytes.first
      else { return nil }
      let isKey = version == 0 || version == 8
      return isKey && bytes.count == 33 || version == 1 && bytes.count == 34 ? text : nil
    }
  }

  /// Sia: 32 bytes and six of their BLAKE2b in hexadecimal.
  ///
  /// Source: https://github.com/SiaFoundation/core/blob/master/types/types.go
  static func sia(_ text: String, _ tools: SigningTools) -> String? {
    guard text.utf8.count == 76, let bytes = Hex.bytes(text) else { return nil }
    let sum = Blake2b.hash(Array(bytes.prefix(32)), count: 32).prefix(6)
    return Array(sum) == Array(bytes.suffix(6)) ? text : nil
  }
}
