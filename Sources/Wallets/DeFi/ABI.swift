import Encodings

/// Calls of contracts in their binary form.
///
/// Source: https://docs.soliditylang.org/en/latest/abi-spec.html
public enum ABI {
  /// Keccak-256 of a signature.
  static func hash(_ signature: String) -> [UInt8] { Keccak256.hash(Array(signature.utf8)) }

  /// A call: the first four bytes of the signature's hash, then the words.
  public static func call(_ signature: String, _ words: [[UInt8]] = []) -> [UInt8] {
    Array(hash(signature).prefix(4)) + words.flatMap { $0 }
  }

  /// An address as a word.
  public static func word(address: [UInt8]) -> [UInt8] {
    [UInt8](repeating: 0, count: max(0, 32 - address.count)) + address.suffix(32)
  }

  /// A number as a word.
  public static func word(_ number: UInt256) -> [UInt8] { number.bigEndian }

  /// A list of calls for `multicall(bytes[])`.
  public static func multicall(_ calls: [[UInt8]]) -> [UInt8] {
    var heads: [UInt8] = []
    var tails: [UInt8] = []
    for call in calls {
      heads += word(UInt256(UInt128(calls.count * 32 + tails.count)))
      let padding = (32 - call.count % 32) % 32
      tails += word(UInt256(UInt128(call.count))) + call + [UInt8](repeating: 0, count: padding)
    }
    let list = word(UInt256(UInt128(calls.count))) + heads + tails
    return Array(hash("multicall(bytes[])").prefix(4)) + word(UInt256(32)) + list
  }
}

/// Reads what a contract gave; every look beyond the end is a fault.
public struct ABIReader: Hashable, Sendable {
  /// The bytes.
  public let bytes: [UInt8]

  /// Wraps bytes.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  private func slice(_ start: Int, _ count: Int) throws(ChainFault) -> ArraySlice<UInt8> {
    guard start >= 0, count >= 0, start <= bytes.count, count <= bytes.count - start else {
      throw .malformed("byte \(start) of the contract's answer")
    }
    return bytes[start..<(start + count)]
  }

  /// The n-th word as a number.
  public func word(_ index: Int) throws(ChainFault) -> UInt256 {
    guard index >= 0, index < 1 << 20 else { throw .malformed("word \(index)") }
    guard let number = UInt256(bigEndian: try slice(index * 32, 32)) else {
      throw .malformed("word \(index)")
    }
    return number
  }

  /// The n-th word as a number that a machine can count to.
  public func count(_ index: Int) throws(ChainFault) -> Int {
    let number = try word(index)
    guard number.high == 0, let count = Int(exactly: number.low) else {
      throw .malformed("word \(index) of the contract's answer")
    }
    return count
  }

  /// The n-th word as a signed number of 24 to 64 bits.
  public func signed(_ index: Int) throws(ChainFault) -> Int {
    let number = try word(index)
    if number.high == 0, let value = Int(exactly: number.low) { return value }
    // Two's complement: what is missing to 2²⁵⁶.
    let missing = UInt256.zero.wrappingSubtracting(number)
    guard missing.high == 0, let value = Int(exactly: missing.low) else {
      throw .malformed("word \(index) of the contract's answer")
    }
    return -value
  }

  /// The n-th word as an address.
  public func address(_ index: Int) throws(ChainFault) -> [UInt8] {
    let word = try slice(index * 32, 32)
    guard word.prefix(12).allSatisfy({ $0 == 0 }) else {
      throw .malformed("word \(index) of the contract's answer")
    }
    return Array(word.suffix(20))
  }

  /// The n-th word as true or false.
  public func truth(_ index: Int) throws(ChainFault) -> Bool {
    let number = try word(index)
    guard number.high == 0, number.low <= 1 else {
      throw .malformed("word \(index) of the contract's answer")
    }
    return number.low == 1
  }

  /// A text: as the standard says, or in one word as old tokens answer.
  ///
  /// Ill-formed UTF-8 becomes U+FFFD; the text is as its author chose and not safe to draw.
  public func text() throws(ChainFault) -> String {
    if bytes.count == 32 {
      let content = bytes.prefix { $0 != 0 }
      return String(decoding: content, as: UTF8.self)
    }
    let content = try dynamicBytes(0)
    guard content.count <= 4_096 else { throw .malformed("the length of the text") }
    return String(decoding: content, as: UTF8.self)
  }

  /// The bytes whose place the n-th word names.
  public func dynamicBytes(_ index: Int) throws(ChainFault) -> [UInt8] {
    let start = try count(index)
    guard start <= bytes.count, let size = UInt256(bigEndian: try slice(start, 32)),
      size.high == 0, let count = Int(exactly: size.low)
    else { throw .malformed("word \(index) of the contract's answer") }
    return Array(try slice(start + 32, count))
  }

  /// The results of a multicall: `bytes[]`.
  public func list() throws(ChainFault) -> [ABIReader] {
    let start = try count(0)
    guard let size = UInt256(bigEndian: try slice(start, 32)), size.high == 0,
      let count = Int(exactly: size.low), count <= 10_000
    else { throw .malformed("the length of the list") }
    let inner = ABIReader(Array(bytes[(start + 32)...]))
    var elements: [ABIReader] = []
    for index in 0..<count { elements.append(ABIReader(try inner.dynamicBytes(index))) }
    return elements
  }

  /// The numbers of a list whose place the n-th word names.
  public func numbers(_ index: Int) throws(ChainFault) -> [UInt256] {
    let start = try count(index)
    guard let size = UInt256(bigEndian: try slice(start, 32)), size.high == 0,
      let count = Int(exactly: size.low), count <= 10_000
    else { throw .malformed("the length of the list") }
    let content = ABIReader(Array(try slice(start + 32, count * 32)))
    var numbers: [UInt256] = []
    for place in 0..<count { numbers.append(try content.word(place)) }
    return numbers
  }
}
