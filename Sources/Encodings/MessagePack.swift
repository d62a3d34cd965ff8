/// JSON values in MessagePack, members in their order, every number in its shortest form.
///
/// Source: https://github.com/msgpack/msgpack/blob/master/spec.md
public enum MessagePack {
  /// The bytes of a value.
  ///
  /// A number with a point or an exponent, or one beyond 64 bits, becomes a text of its digits: the
  /// format has binary floats only for it, and money never passes through those.
  public static func bytes(_ json: JSON) -> [UInt8] {
    var bytes: [UInt8] = []
    write(json, into: &bytes)
    return bytes
  }

  private static func write(_ json: JSON, into bytes: inout [UInt8]) {
    switch json {
    case .null: bytes.append(0xC0)
    case .bool(let value): bytes.append(value ? 0xC3 : 0xC2)
    case .number(let text): write(number: text, into: &bytes)
    case .string(let text):
      let content = Array(text.utf8)
      writeTextHead(content.count, into: &bytes)
      bytes += content
    case .array(let elements):
      writeHead(elements.count, short: 0x90, long: 0xDC, into: &bytes)
      for element in elements { write(element, into: &bytes) }
    case .object(let object):
      writeHead(object.count, short: 0x80, long: 0xDE, into: &bytes)
      for (name, value) in zip(object.names, object.values) {
        write(.string(name), into: &bytes)
        write(value, into: &bytes)
      }
    }
  }

  private static func writeHead(
    _ count: Int, short: UInt8, long: UInt8, into bytes: inout [UInt8]
  ) {
    if count < 16 {
      bytes.append(short | UInt8(count))
    } else if count < 1 << 16 {
      bytes.append(long)
      bytes += bigEndian(UInt64(count), 2)
    } else {
      bytes.append(long + 1)
      bytes += bigEndian(UInt64(count), 4)
    }
  }

  private static func writeTextHead(_ count: Int, into bytes: inout [UInt8]) {
    switch count {
    case ..<32: bytes.append(0xA0 | UInt8(count))
    case ..<256: bytes += [0xD9, UInt8(count)]
    case ..<65_536:
      bytes.append(0xDA)
      bytes += bigEndian(UInt64(count), 2)
    default:
      bytes.append(0xDB)
      bytes += bigEndian(UInt64(count), 4)
    }
  }

  private static func write(number text: String, into bytes: inout [UInt8]) {
    if let value = UInt64(text) {
      switch value {
      case ..<0x80: bytes.append(UInt8(value))
      case ..<0x100: bytes += [0xCC, UInt8(value)]
      case ..<0x1_0000:
        bytes.append(0xCD)
        bytes += bigEndian(value, 2)
      case ..<0x1_0000_0000:
        bytes.append(0xCE)
        bytes += bigEndian(value, 4)
      default:
        bytes.append(0xCF)
        bytes += bigEndian(value, 8)
      }
    } else if let value = Int64(text) {
      let pattern = UInt64(bitPattern: value)
      switch value {
      case (-32)...: bytes.append(UInt8(truncatingIfNeeded: pattern))
      case (-0x80)...: bytes += [0xD0, UInt8(truncatingIfNeeded: pattern)]
      case (-0x8000)...:
        bytes.append(0xD1)
        bytes += bigEndian(pattern, 2)
      case (-0x8000_0000)...:
        bytes.append(0xD2)
        bytes += bigEndian(pattern, 4)
      default:
        bytes.append(0xD3)
        bytes += bigEndian(pattern, 8)
      }
    } else {
      write(.string(text), into: &bytes)
    }
  }

  /// The lowest `count` bytes, the highest of them first.
  private static func bigEndian(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - $0))) }
  }
}
