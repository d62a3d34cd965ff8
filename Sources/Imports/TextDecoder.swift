/// Brings the bytes of a text file to UTF-8: drops a byte-order mark, transcodes UTF-16 with one.
///
/// Text without a mark is taken for UTF-8. What is no valid UTF-16 becomes the byte 0xFF, which no
/// UTF-8 text has, so that the row it stands in is refused.
struct TextDecoder: Sendable {
  private enum Encoding { case unknown, utf8, utf16(isBigEndian: Bool) }

  private var encoding = Encoding.unknown
  /// Bytes whose meaning depends on the next ones: a beginning, half a unit.
  private var pending: [UInt8] = []
  private var highSurrogate: UInt16?

  /// Decodes a piece of the file.
  mutating func decode(_ chunk: ArraySlice<UInt8>, into out: inout [UInt8]) {
    switch encoding {
    case .utf8: out.append(contentsOf: chunk)
    case .utf16(let isBigEndian): decode16(chunk, isBigEndian, into: &out)
    case .unknown:
      pending.append(contentsOf: chunk)
      if pending.count >= 3 { begin(into: &out) }
    }
  }

  /// Decodes what is still held back at the end of the file.
  mutating func finish(into out: inout [UInt8]) {
    if case .unknown = encoding { begin(into: &out) }
    if !pending.isEmpty || highSurrogate != nil { out.append(0xFF) }
    pending = []
    highSurrogate = nil
  }

  private mutating func begin(into out: inout [UInt8]) {
    let bytes = pending
    pending = []
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      encoding = .utf8
      out.append(contentsOf: bytes[3...])
    } else if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      encoding = .utf16(isBigEndian: bytes[0] == 0xFE)
      decode16(bytes[2...], bytes[0] == 0xFE, into: &out)
    } else {
      encoding = .utf8
      out.append(contentsOf: bytes)
    }
  }

  private mutating func decode16(
    _ chunk: ArraySlice<UInt8>, _ isBigEndian: Bool, into out: inout [UInt8]
  ) {
    for byte in chunk {
      guard let first = pending.first else {
        pending.append(byte)
        continue
      }
      pending.removeAll(keepingCapacity: true)
      let unit =
        isBigEndian ? UInt16(first) << 8 | UInt16(byte) : UInt16(byte) << 8 | UInt16(first)
      take(unit, into: &out)
    }
  }

  private mutating func take(_ unit: UInt16, into out: inout [UInt8]) {
    if let high = highSurrogate {
      highSurrogate = nil
      if (0xDC00...0xDFFF).contains(unit) {
        append(0x10000 + (UInt32(high) - 0xD800) << 10 + (UInt32(unit) - 0xDC00), to: &out)
        return
      }
      out.append(0xFF)
    }
    switch unit {
    case 0xD800...0xDBFF: highSurrogate = unit
    case 0xDC00...0xDFFF: out.append(0xFF)
    default: append(UInt32(unit), to: &out)
    }
  }

  private func append(_ scalar: UInt32, to out: inout [UInt8]) {
    guard let scalar = Unicode.Scalar(scalar) else { return out.append(0xFF) }
    out.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }
}
