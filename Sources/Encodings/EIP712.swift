/// Typed structured data as Ethereum wallets sign it: an encoder of types, values and the digest.
///
/// The message is JSON, as `eth_signTypedData` takes it: addresses and bytes are `0x…` texts,
/// integers numbers, decimal texts or `0x…` texts.
///
/// Source: https://eips.ethereum.org/EIPS/eip-712
public struct EIP712: Sendable {
  /// A member of a struct type.
  public struct Field: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its type, for instance `uint256`, `OrderLeg[]` or the name of another struct.
    public var type: String

    /// Makes a member.
    public init(_ name: String, _ type: String) {
      self.name = name
      self.type = type
    }
  }

  /// The members of the domain in use: `name`, `version`, `chainId`, `verifyingContract`, `salt`.
  public var domain: JSON
  /// The struct types by name.
  public var types: [String: [Field]]
  /// The type of the message.
  public var primary: String
  /// The message.
  public var message: JSON

  /// How deep structs and arrays may be nested.
  public static let deepest = 16
  private static let domainFields = [
    Field("name", "string"), Field("version", "string"), Field("chainId", "uint256"),
    Field("verifyingContract", "address"), Field("salt", "bytes32"),
  ]

  /// Gathers typed data.
  public init(domain: JSON, types: [String: [Field]], primary: String, message: JSON) {
    self.domain = domain
    self.types = types
    self.primary = primary
    self.message = message
  }

  /// The 32 bytes that are signed: Keccak-256 of `encoding`.
  public func digest() throws(SigningFault) -> [UInt8] { Keccak256.hash(try encoding()) }

  /// `0x19 0x01`, the domain's hash and the message's.
  public func encoding() throws(SigningFault) -> [UInt8] {
    guard case .object(let members) = domain else {
      throw SigningFault("the domain of typed data is no object")
    }
    var all = types
    all["EIP712Domain"] = EIP712.domainFields.filter { members[$0.name] != nil }
    let encoder = Encoder(types: all)
    return [0x19, 0x01] + (try encoder.hash("EIP712Domain", domain, 0))
      + (try encoder.hash(primary, message, 0))
  }

  /// The text of a type with those it refers to, as it is hashed.
  public func typeText(_ name: String) throws(SigningFault) -> String {
    try Encoder(types: types).typeText(name)
  }

  /// Signs the digest.
  ///
  /// - Parameters:
  ///   - key: The 32-byte private key.
  ///   - tools: Cryptography.
  /// - Returns: The signature.
  /// - Throws: `SigningFault` where the data do not fit their types or the key is unusable.
  public func signature(
    key: [UInt8], tools: SigningTools
  ) throws(SigningFault) -> EthereumSignature {
    try EthereumSignature(digest: try digest(), key: key, tools: tools)
  }
}

extension EIP712 {
  /// Hashes of structs over one set of types.
  private struct Encoder {
    let types: [String: [Field]]

    func hash(_ type: String, _ value: JSON, _ depth: Int) throws(SigningFault) -> [UInt8] {
      guard depth <= EIP712.deepest else { throw SigningFault("typed data nested too deep") }
      guard let fields = types[type] else { throw SigningFault("no type named \(type)") }
      guard case .object(let members) = value else {
        throw SigningFault("a value of type \(type) is no object")
      }
      var bytes = Keccak256.hash(Array(try typeText(type).utf8))
      for field in fields {
        guard let member = members[field.name] else {
          throw SigningFault("a value of type \(type) has no \(field.name)")
        }
        bytes += try word(field.type, member, depth)
      }
      return Keccak256.hash(bytes)
    }

    func typeText(_ name: String) throws(SigningFault) -> String {
      var found: Set<String> = [name]
      var waiting = [name]
      while let next = waiting.popLast() {
        for field in types[next] ?? [] {
          let inner = String(field.type.prefix { $0 != "[" })
          if types[inner] != nil, found.insert(inner).inserted { waiting.append(inner) }
        }
      }
      found.remove(name)
      var text = ""
      for type in [name] + found.sorted() {
        guard let fields = types[type] else { throw SigningFault("no type named \(type)") }
        text += type + "(" + fields.map { $0.type + " " + $0.name }.joined(separator: ",") + ")"
      }
      return text
    }

    /// The 32 bytes a member stands for.
    private func word(
      _ type: String, _ value: JSON, _ depth: Int
    ) throws(SigningFault) -> [UInt8] {
      if type.hasSuffix("]") { return try list(type, value, depth) }
      if types[type] != nil { return try hash(type, value, depth + 1) }
      if type == "string" {
        guard case .string(let text) = value else { throw SigningFault("no text for a string") }
        return Keccak256.hash(Array(text.utf8))
      }
      if type == "bool" {
        guard case .bool(let flag) = value else { throw SigningFault("no truth value for a bool") }
        return EIP712.padded([flag ? 1 : 0])
      }
      if type == "address" {
        return EIP712.padded(try EIP712.bytes(value, count: 20, type))
      }
      if type == "bytes" { return Keccak256.hash(try EIP712.bytes(value, count: nil, type)) }
      if type.hasPrefix("bytes"), let count = Int(type.dropFirst(5)), (1...32).contains(count) {
        let bytes = try EIP712.bytes(value, count: count, type)
        return bytes + [UInt8](repeating: 0, count: 32 - count)
      }
      return try integer(type, value)
    }

    private func list(
      _ type: String, _ value: JSON, _ depth: Int
    ) throws(SigningFault) -> [UInt8] {
      guard depth < EIP712.deepest, let open = type.lastIndex(of: "["),
        case .array(let elements) = value
      else { throw SigningFault("no array for \(type)") }
      let count = type[type.index(after: open)...].dropLast()
      guard count.isEmpty || Int(count) == elements.count else {
        throw SigningFault("an array of \(elements.count) elements for \(type)")
      }
      var bytes: [UInt8] = []
      for element in elements { bytes += try word(String(type[..<open]), element, depth + 1) }
      return Keccak256.hash(bytes)
    }

    private func integer(_ type: String, _ value: JSON) throws(SigningFault) -> [UInt8] {
      let isUnsigned = type.hasPrefix("uint")
      guard isUnsigned || type.hasPrefix("int") else { throw SigningFault("no type named \(type)") }
      let width = type.dropFirst(isUnsigned ? 4 : 3)
      guard let bits = width.isEmpty ? 256 : Int(width), (8...256).contains(bits), bits % 8 == 0
      else { throw SigningFault("no type named \(type)") }
      let text: String
      switch value {
      case .number(let digits), .string(let digits): text = digits
      default: throw SigningFault("no number for \(type)")
      }
      let isNegative = text.hasPrefix("-")
      guard let magnitude = EIP712.magnitude(isNegative ? text.dropFirst() : text[...]),
        EIP712.fits(magnitude, bits: bits, isUnsigned: isUnsigned, isNegative: isNegative)
      else { throw SigningFault("\(text.prefix(80)) is no \(type)") }
      return isNegative ? EIP712.negated(magnitude) : magnitude
    }
  }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](repeating: 0, count: max(0, 32 - bytes.count)) + bytes
  }

  private static func bytes(
    _ value: JSON, count: Int?, _ type: String
  ) throws(SigningFault) -> [UInt8] {
    guard case .string(let text) = value, text.hasPrefix("0x"),
      let bytes = Hex.bytes(text.dropFirst(2)), count == nil || bytes.count == count
    else { throw SigningFault("a value is no \(type)") }
    return bytes
  }

  /// A whole number of decimal or `0x` digits in 32 bytes, highest first.
  private static func magnitude(_ text: Substring) -> [UInt8]? {
    guard !text.isEmpty, text.utf8.count <= 80 else { return nil }
    let isHex = text.hasPrefix("0x")
    let base: UInt16 = isHex ? 16 : 10
    var number = [UInt8](repeating: 0, count: 32)
    for unit in (isHex ? text.dropFirst(2) : text).utf8 {
      guard let digit = Hex.value(of: unit), digit < base else { return nil }
      var carried = UInt16(digit)
      for place in number.indices.reversed() {
        let value = UInt16(number[place]) * base + carried
        number[place] = UInt8(truncatingIfNeeded: value)
        carried = value >> 8
      }
      guard carried == 0 else { return nil }
    }
    return number
  }

  private static func fits(
    _ magnitude: [UInt8], bits: Int, isUnsigned: Bool, isNegative: Bool
  ) -> Bool {
    let used = magnitude.drop { $0 == 0 }
    guard let highest = used.first else { return true }
    if isUnsigned && isNegative { return false }
    let length = used.count * 8 - highest.leadingZeroBitCount
    if isUnsigned || length < bits { return length <= bits }
    // The least value of a signed type has its own highest bit and no other.
    return isNegative && length == bits && highest.nonzeroBitCount == 1
      && used.dropFirst().allSatisfy { $0 == 0 }
  }

  private static func negated(_ number: [UInt8]) -> [UInt8] {
    var result = number.map { ~$0 }
    for place in result.indices.reversed() {
      result[place] &+= 1
      if result[place] != 0 { break }
    }
    return result
  }
}

/// A secp256k1 signature in Ethereum's parts.
public struct EthereumSignature: Hashable, Sendable {
  /// The 32 bytes r.
  public var r: [UInt8]
  /// The 32 bytes s.
  public var s: [UInt8]
  /// 27 or 28.
  public var v: UInt8

  /// Signs a 32-byte digest with a 32-byte key.
  public init(digest: [UInt8], key: [UInt8], tools: SigningTools) throws(SigningFault) {
    guard key.count == 32, digest.count == 32 else {
      throw SigningFault("the private key has not 32 bytes")
    }
    let bytes = try tools.secp256k1(key, digest)
    guard bytes.count == 65, bytes[64] < 4 else {
      throw SigningFault("a signature has not 65 bytes")
    }
    r = Array(bytes[0..<32])
    s = Array(bytes[32..<64])
    v = 27 + bytes[64]
  }

  /// Signs a text as wallets do, with their note before it.
  ///
  /// Source: https://eips.ethereum.org/EIPS/eip-191, version 0x45
  public init(personal text: String, key: [UInt8], tools: SigningTools) throws(SigningFault) {
    let message = Array(text.utf8)
    let note = "\u{19}Ethereum Signed Message:\n\(message.count)"
    try self.init(digest: Keccak256.hash(Array(note.utf8) + message), key: key, tools: tools)
  }

  /// `0x`, r, s and v in 130 small digits.
  public var text: String { "0x" + Hex.text(r + s + [v]) }

  /// The address of a 32-byte private key: `0x` and 40 small digits.
  public static func address(
    key: [UInt8], tools: SigningTools
  ) throws(SigningFault) -> String {
    guard key.count == 32 else { throw SigningFault("the private key has not 32 bytes") }
    let point = try tools.secp256k1PublicKey(key)
    guard point.count == 65 else { throw SigningFault("a public key has not 65 bytes") }
    return "0x" + Hex.text(Keccak256.hash(Array(point.dropFirst())).suffix(20))
  }

  /// The 32 bytes of a private key written in hexadecimal digits, with or without `0x`.
  public static func key(_ text: String) throws(SigningFault) -> [UInt8] {
    guard let bytes = Hex.prefixedBytes(text), bytes.count == 32 else {
      throw SigningFault("the private key is not 64 hexadecimal digits")
    }
    return bytes
  }
}
