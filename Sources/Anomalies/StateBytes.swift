internal import Encodings

/// Why the bytes of a kept state cannot be used.
public enum StateFault: Error, Hashable, Sendable {
  /// The bytes end too early, or go on after the end.
  case length
  /// A figure is outside what it may be, at this place.
  case figure(at: Int)
  /// The bytes are of another version of the program.
  case version(Int)
  /// The bytes are not those that were hashed.
  case changed
}

/// Writes a state as plain bytes, low byte first.
struct StateWriter {
  private(set) var bytes: [UInt8] = []

  mutating func put(_ value: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  mutating func put(_ value: Int) { put(UInt64(bitPattern: Int64(value))) }

  mutating func put(_ value: Double) { put(value.bitPattern) }

  mutating func put(_ value: Bool) { bytes.append(value ? 1 : 0) }

  mutating func put(_ value: Double?) {
    put(value != nil)
    if let value { put(value) }
  }

  mutating func put(_ value: Int?) {
    put(value != nil)
    if let value { put(value) }
  }

  mutating func put(_ text: String) {
    let utf8 = Array(text.utf8)
    put(utf8.count)
    bytes.append(contentsOf: utf8)
  }

  mutating func put(_ values: [Double]) {
    put(values.count)
    for value in values { put(value) }
  }

  mutating func put(_ values: [Float]) {
    put(values.count)
    for value in values {
      let bits = value.bitPattern
      for shift in stride(from: UInt32(0), to: 32, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
      }
    }
  }

  mutating func put(_ values: [UInt16]) {
    put(values.count)
    for value in values {
      bytes.append(UInt8(truncatingIfNeeded: value))
      bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    }
  }

  mutating func put(_ other: [UInt8]) {
    put(other.count)
    bytes.append(contentsOf: other)
  }
}

/// Reads what `StateWriter` wrote; anything else is a fault, never a trap.
struct StateReader {
  private let bytes: [UInt8]
  private(set) var place = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// A fault about the figure just read.
  var fault: StateFault { .figure(at: place) }

  private mutating func take(_ count: Int) throws(StateFault) -> ArraySlice<UInt8> {
    guard count >= 0, count <= bytes.count - place else { throw .length }
    defer { place += count }
    return bytes[place..<(place + count)]
  }

  mutating func word() throws(StateFault) -> UInt64 {
    var value: UInt64 = 0
    for byte in try take(8).reversed() { value = value << 8 | UInt64(byte) }
    return value
  }

  /// A whole number inside bounds.
  mutating func int(_ range: ClosedRange<Int>) throws(StateFault) -> Int {
    let value = Int(Int64(bitPattern: try word()))
    guard range.contains(value) else { throw fault }
    return value
  }

  /// A whole number from 0 on that no sum of such will carry over.
  mutating func count() throws(StateFault) -> Int { try int(0...(1 << 48)) }

  /// A finite number.
  mutating func double() throws(StateFault) -> Double {
    let value = Double(bitPattern: try word())
    guard value.isFinite else { throw fault }
    return value
  }

  mutating func bool() throws(StateFault) -> Bool {
    switch try take(1).first {
    case 0: return false
    case 1: return true
    default: throw fault
    }
  }

  mutating func optionalDouble() throws(StateFault) -> Double? {
    try bool() ? try double() : nil
  }

  mutating func optionalInt(_ range: ClosedRange<Int>) throws(StateFault) -> Int? {
    try bool() ? try int(range) : nil
  }

  mutating func text(atMost bound: Int = 4096) throws(StateFault) -> String {
    let length = try int(0...bound)
    return String(decoding: try take(length), as: UTF8.self)
  }

  mutating func doubles(_ range: ClosedRange<Int>) throws(StateFault) -> [Double] {
    let length = try int(range)
    guard length <= (bytes.count - place) / 8 else { throw .length }
    var values: [Double] = []
    values.reserveCapacity(length)
    for _ in 0..<length { values.append(try double()) }
    return values
  }

  mutating func floats(_ range: ClosedRange<Int>) throws(StateFault) -> [Float] {
    let length = try int(range)
    guard length <= (bytes.count - place) / 4 else { throw .length }
    let slice = try take(length * 4)
    var values: [Float] = []
    values.reserveCapacity(length)
    for index in 0..<length {
      let start = slice.startIndex + 4 * index
      var bits: UInt32 = 0
      for offset in (0..<4).reversed() { bits = bits << 8 | UInt32(slice[start + offset]) }
      let value = Float(bitPattern: bits)
      guard value.isFinite else { throw fault }
      values.append(value)
    }
    return values
  }

  mutating func keys(_ range: ClosedRange<Int>) throws(StateFault) -> [UInt16] {
    let length = try int(range)
    guard length <= (bytes.count - place) / 2 else { throw .length }
    let slice = try take(length * 2)
    return (0..<length).map {
      let start = slice.startIndex + 2 * $0
      return UInt16(slice[start]) | UInt16(slice[start + 1]) << 8
    }
  }

  mutating func raw(atMost bound: Int) throws(StateFault) -> [UInt8] {
    let length = try int(0...bound)
    return Array(try take(length))
  }

  /// Ends reading; bytes left over are a fault.
  func end() throws(StateFault) {
    guard place == bytes.count else { throw .length }
  }
}

/// A value that can be kept as bytes and goes on from them as if nothing had happened.
protocol Kept {
  func write(to writer: inout StateWriter)
  init(from reader: inout StateReader) throws(StateFault)
}
