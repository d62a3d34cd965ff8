/// Cuts a stream of bytes into messages and puts messages into frames.
public struct FrameAssembler: Sendable {
  private var buffer: [UInt8] = []
  private var start = 0

  /// The largest message, in bytes.
  public static let longestFrame = 64 << 20

  /// Starts empty.
  public init() {}

  /// Adds received bytes.
  public mutating func append(_ bytes: some Sequence<UInt8>) {
    if start > 0 && start == buffer.count {
      buffer.removeAll(keepingCapacity: true)
      start = 0
    } else if start > 1 << 20 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next whole message, or `nil` until more bytes come.
  ///
  /// - Returns: The bytes of one message.
  /// - Throws: `tooLong` for a frame beyond `longestFrame`: the talk cannot go on.
  public mutating func next() throws(WireFault) -> [UInt8]? {
    guard buffer.count - start >= 4 else { return nil }
    let length = buffer[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
    if length > Self.longestFrame { throw .tooLong }
    guard buffer.count - start >= 4 + length else { return nil }
    let message = Array(buffer[(start + 4)..<(start + 4 + length)])
    start += 4 + length
    return message
  }

  /// The frame of a message.
  public static func frame(_ message: some Wired) -> [UInt8] {
    var writer = WireWriter()
    writer.put(message)
    let body = writer.bytes
    precondition(body.count <= longestFrame, "A message of ours stays below the longest frame.")
    let length = UInt32(body.count)
    let head = (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) }
    return head + body
  }

  /// Reads a message that fills its frame.
  public static func message<Message: Wired>(
    _ type: Message.Type, from bytes: [UInt8]
  ) throws(WireFault) -> Message {
    var reader = WireReader(bytes)
    let message = try Message(from: &reader)
    if !reader.isAtEnd { throw .malformed }
    return message
  }
}
