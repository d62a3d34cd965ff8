import Encodings
import Testing

@Suite struct ProtobufMessages {
  private static let number = [ProtobufField(1, "a", .integer)]

  // https://protobuf.dev/programming-guides/encoding/: "A Simple Message" with a = 150.
  @Test func `the guide's simple message is read`() {
    #expect(Protobuf.json([0x08, 0x96, 0x01], Self.number) == ["a": .number("150")])
  }

  // The same guide: "Length-Delimited Records", field 2 with the text `testing`.
  @Test func `the guide's text is read`() {
    let bytes: [UInt8] = [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67]
    #expect(Protobuf.json(bytes, [ProtobufField(2, "b")]) == ["b": "testing"])
  }

  // The same guide: "Submessages", field 3 that holds the simple message.
  @Test func `the guide's message in a message is read`() {
    let bytes: [UInt8] = [0x1A, 0x03, 0x08, 0x96, 0x01]
    let fields = [ProtobufField(3, "c", .message(Self.number))]
    #expect(Protobuf.json(bytes, fields) == ["c": ["a": .number("150")]])
    let many = [ProtobufField(3, "c", .messages(Self.number))]
    let twice: JSON = ["c": [["a": .number("150")], ["a": .number("150")]]]
    #expect(Protobuf.json(bytes + bytes, many) == twice)
  }

  // The same guide: "Signed Integers": -2 as an int64 is ten bytes.
  @Test func `a negative number is its two's complement`() {
    let bytes: [UInt8] = [0x08, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]
    #expect(Protobuf.json(bytes, Self.number) == ["a": .number("-2")])
  }

  @Test func `what is not described is passed over, whatever its type`() {
    let fixed: [UInt8] = [0x21, 1, 2, 3, 4, 5, 6, 7, 8, 0x2D, 1, 2, 3, 4]
    let text: [UInt8] = [0x12, 0x01, 0x78]
    #expect(Protobuf.json(fixed + text + [0x08, 0x01], Self.number) == ["a": .number("1")])
    #expect(Protobuf.json([], Self.number) == .object(JSONObject()))
  }

  @Test(
    arguments: [
      [0x08], [0x08, 0x80], [0x12, 0x05, 0x61], [0x00, 0x01], [0x0B, 0x0C], [0x0F],
      [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02],
      [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x21, 1, 2],
      [0x0A, 0x01, 0x61],
    ] as [[UInt8]])
  func `what is cut, too long, of another type or no field at all is refused`(bytes: [UInt8]) {
    #expect(Protobuf.json(bytes, Self.number) == nil)
  }

  @Test func `text that is no UTF-8 is refused`() {
    #expect(Protobuf.json([0x12, 0x01, 0xFF], [ProtobufField(2, "b")]) == nil)
  }

  @Test func `messages may not stand in one another without end`() {
    var fields = Self.number
    var bytes: [UInt8] = [0x08, 0x01]
    for _ in 0..<Protobuf.depthMost {
      fields = [ProtobufField(1, "a", .message(fields))]
      bytes = [0x0A, UInt8(bytes.count)] + bytes
    }
    #expect(Protobuf.json(bytes, fields) == nil)
    let many = [UInt8](repeating: 0x08, count: 2 * (Protobuf.fieldsMost + 1)).enumerated().map {
      $0.offset % 2 == 0 ? $0.element : 0x01
    }
    #expect(Protobuf.json(many, Self.number) == nil)
  }
}
