/// What a message's field is called and what it holds, as its description says.
public struct ProtobufField: Hashable, Sendable {
  /// What a field holds.
  public enum Kind: Hashable, Sendable {
    /// A text.
    case text
    /// A whole number of at most 64 bits, negative ones as their two's complement.
    case integer
    /// A message.
    case message([ProtobufField])
    /// Messages, one a time that the field is there.
    case messages([ProtobufField])
  }
  /// Its number.
  public var number: Int
  /// Its name.
  public var name: String
  /// What it holds.
  public var kind: Kind

  /// Describes a field.
  public init(_ number: Int, _ name: String, _ kind: Kind = .text) {
    self.number = number
    self.name = name
    self.kind = kind
  }
}

/// Messages in the wire format of Protocol Buffers, read into JSON by a description of their fields.
///
/// Source: https://protobuf.dev/programming-guides/encoding/
public enum Protobuf {
  /// The most fields of a message and of all messages in it together.
  public static let fieldsMost = 200_000
  /// How deep messages stand in one another.
  public static let depthMost = 16

  /// Reads a message.
  ///
  /// Fields that are not described are passed over; of a field that is there twice the last counts;
  /// one that is not there is not in the object.
  ///
  /// - Parameters:
  ///   - bytes: The message.
  ///   - fields: Its fields.
  /// - Returns: An object, or `nil` where the bytes are no such message.
  public static func json(_ bytes: [UInt8], _ fields: [ProtobufField]) -> JSON? {
    var reader = Reader(bytes: bytes, left: fieldsMost)
    return reader.message(0..<bytes.count, fields, depth: 0)
  }

  private struct Reader {
    let bytes: [UInt8]
    /// How many fields may still come.
    var left: Int

    /// What a field's tag is followed by.
    private enum Content {
      case number(UInt64)
      case bytes(Range<Int>)
      case skipped
    }

    mutating func message(
      _ range: Range<Int>, _ fields: [ProtobufField], depth: Int
    ) -> JSON? {
      guard depth < depthMost else { return nil }
      var object = JSONObject()
      var lists: [String: [JSON]] = [:]
      var place = range.lowerBound
      while place < range.upperBound {
        guard left > 0 else { return nil }
        left -= 1
        guard let tag = varint(&place, range.upperBound), tag >> 3 > 0, tag >> 3 < 1 << 29,
          let content = content(tag & 7, &place, range.upperBound)
        else { return nil }
        guard let field = fields.first(where: { $0.number == Int(tag >> 3) }) else { continue }
        switch (field.kind, content) {
        case (.text, .bytes(let part)):
          guard let text = String(validating: bytes[part], as: UTF8.self) else { return nil }
          object.set(field.name, .string(text))
        case (.integer, .number(let number)):
          object.set(field.name, .number(String(Int64(bitPattern: number))))
        case (.message(let inner), .bytes(let part)):
          guard let json = message(part, inner, depth: depth + 1) else { return nil }
          object.set(field.name, json)
        case (.messages(let inner), .bytes(let part)):
          guard let json = message(part, inner, depth: depth + 1) else { return nil }
          lists[field.name, default: []].append(json)
        default: return nil
        }
      }
      for field in fields {
        if let list = lists[field.name] { object.set(field.name, .array(list)) }
      }
      return .object(object)
    }

    private mutating func content(_ type: UInt64, _ place: inout Int, _ end: Int) -> Content? {
      switch type {
      case 0: return varint(&place, end).map { .number($0) }
      case 1: return skip(8, &place, end)
      case 5: return skip(4, &place, end)
      case 2:
        guard let count = varint(&place, end), count <= UInt64(end - place) else { return nil }
        let start = place
        place += Int(count)
        return .bytes(start..<place)
      // Groups, 3 and 4, are no more written; other types there are none.
      default: return nil
      }
    }

    private func skip(_ count: Int, _ place: inout Int, _ end: Int) -> Content? {
      guard end - place >= count else { return nil }
      place += count
      return .skipped
    }

    /// Seven bits a byte, the lowest first, in at most ten bytes.
    private func varint(_ place: inout Int, _ end: Int) -> UInt64? {
      var value: UInt64 = 0
      for shift in stride(from: UInt64(0), to: 70, by: 7) {
        guard place < end else { return nil }
        let byte = UInt64(bytes[place])
        place += 1
        // The tenth byte has room for one bit.
        if shift == 63, byte > 1 { return nil }
        value |= (byte & 0x7F) << shift
        if byte < 0x80 { return value }
      }
      return nil
    }
  }
}
