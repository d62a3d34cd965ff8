public import Amounts
public import Ledger

/// What is wrong with received bytes.
public enum WireFault: Error, Hashable, Sendable {
  /// They end too early.
  case truncated
  /// A tag, a number or a text is not what the protocol knows.
  case malformed
  /// A length is beyond its bound.
  case tooLong
}

/// A value that travels.
public protocol Wired {
  /// Appends the value's bytes.
  func write(to writer: inout WireWriter)
  /// Reads the value back.
  init(from reader: inout WireReader) throws(WireFault)
}

/// Appends values to a message.
public struct WireWriter: Sendable {
  /// The bytes so far.
  public private(set) var bytes: [UInt8] = []

  /// Starts empty, with room for a usual message.
  public init() { bytes.reserveCapacity(WireWriter.usualSize) }

  /// How long most messages are at most, in bytes.
  private static let usualSize = 512

  /// Appends one byte.
  public mutating func put(byte: UInt8) { bytes.append(byte) }

  /// Appends a number, seven bits a byte, low bits first (LEB128, DWARF 5, section 7.6).
  public mutating func put(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Appends a signed number as zigzag.
  public mutating func put(_ number: Int64) {
    put(UInt64(bitPattern: (number << 1) ^ (number >> 63)))
  }

  /// Appends a signed number as zigzag.
  public mutating func put(_ number: Int) { put(Int64(number)) }

  /// Appends a truth value.
  public mutating func put(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

  /// Appends a text as UTF-8 with its length.
  public mutating func put(_ text: String) {
    put(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  /// Appends bytes with their length.
  public mutating func put(_ data: [UInt8]) {
    put(UInt64(data.count))
    bytes.append(contentsOf: data)
  }

  /// Appends an exact decimal.
  public mutating func put(_ amount: Fixed) {
    put(UInt64(truncatingIfNeeded: amount.units >> 64))
    put(UInt64(truncatingIfNeeded: amount.units))
  }

  /// Appends an instant.
  public mutating func put(_ instant: Instant) { put(instant.microseconds) }

  /// Appends a value.
  public mutating func put(_ value: some Wired) { value.write(to: &self) }

  /// Appends values with their number.
  public mutating func put(_ values: [some Wired]) {
    put(UInt64(values.count))
    for value in values { value.write(to: &self) }
  }

  /// Appends a value that may be absent.
  public mutating func put<Value>(
    optional value: Value?, _ write: (inout WireWriter, Value) -> Void
  ) {
    put(value != nil)
    if let value { write(&self, value) }
  }
}

/// Reads values of a message in order.
public struct WireReader: Sendable {
  private let bytes: [UInt8]
  private var index = 0

  /// The largest number of elements of a list.
  public static let mostElements = 1_000_000

  /// Starts at the first byte.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Whether everything was read.
  public var isAtEnd: Bool { index == bytes.count }

  /// Reads one byte.
  public mutating func byte() throws(WireFault) -> UInt8 {
    guard index < bytes.count else { throw .truncated }
    defer { index += 1 }
    return bytes[index]
  }

  /// Reads a number.
  public mutating func unsigned() throws(WireFault) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 63, by: 7) {
      let next = try byte()
      if shift == 63 && next > 1 { throw .malformed }
      value |= UInt64(next & 0x7F) << shift
      if next & 0x80 == 0 { return value }
    }
    throw .malformed
  }

  /// Reads a signed number.
  public mutating func signed() throws(WireFault) -> Int64 {
    let value = try unsigned()
    return Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
  }

  /// Reads a signed number.
  public mutating func integer() throws(WireFault) -> Int { Int(try signed()) }

  /// Reads a truth value.
  public mutating func flag() throws(WireFault) -> Bool {
    switch try byte() {
    case 0: return false
    case 1: return true
    default: throw .malformed
    }
  }

  /// Reads a text; bytes that are no UTF-8 are replaced.
  public mutating func text() throws(WireFault) -> String {
    String(decoding: try slice(), as: UTF8.self)
  }

  /// Reads bytes.
  public mutating func data() throws(WireFault) -> [UInt8] { Array(try slice()) }

  /// Reads an exact decimal.
  public mutating func amount() throws(WireFault) -> Fixed {
    let high = try unsigned()
    let low = try unsigned()
    return Fixed(units: Int128(truncatingIfNeeded: UInt128(high) << 64 | UInt128(low)))
  }

  /// Reads an instant.
  public mutating func instant() throws(WireFault) -> Instant {
    Instant(microseconds: try signed())
  }

  /// Reads an asset.
  public mutating func asset() throws(WireFault) -> AssetID {
    guard let asset = AssetID(try text()) else { throw .malformed }
    return asset
  }

  /// Reads a currency.
  public mutating func currency() throws(WireFault) -> Currency {
    guard let currency = Currency(try text()) else { throw .malformed }
    return currency
  }

  /// Reads a value.
  public mutating func value<Value: Wired>(
    _ type: Value.Type = Value.self
  ) throws(WireFault) -> Value { try Value(from: &self) }

  /// Reads values with their number before them.
  public mutating func list<Value: Wired>(
    of type: Value.Type = Value.self
  ) throws(WireFault) -> [Value] {
    let count = try count()
    var values: [Value] = []
    for _ in 0..<count { values.append(try Value(from: &self)) }
    return values
  }

  /// Reads the number of elements of a list.
  public mutating func count() throws(WireFault) -> Int {
    let count = try unsigned()
    // Each element takes at least one byte, so a larger number is a lie.
    if count > UInt64(Self.mostElements) || count > UInt64(bytes.count - index) {
      throw .tooLong
    }
    return Int(count)
  }

  /// Reads a value that may be absent.
  public mutating func optional<Value>(
    _ read: (inout WireReader) throws(WireFault) -> Value
  ) throws(WireFault) -> Value? {
    try flag() ? try read(&self) : nil
  }

  private mutating func slice() throws(WireFault) -> ArraySlice<UInt8> {
    let count = try unsigned()
    guard count <= UInt64(bytes.count - index) else { throw .truncated }
    defer { index += Int(count) }
    return bytes[index..<(index + Int(count))]
  }
}

extension String: Wired {
  /// Appends the text as UTF-8 with its length.
  public func write(to writer: inout WireWriter) { writer.put(self) }
  /// Reads a text.
  public init(from reader: inout WireReader) throws(WireFault) { self = try reader.text() }
}
