extension JSON {
  /// How deep values may be nested.
  public static let deepest = 64
  /// How long a text may be, in bytes.
  public static let longestText = 256 << 20

  /// Reads one value with nothing but white space around it.
  ///
  /// - Parameter bytes: UTF-8 text; ill-formed sequences become U+FFFD.
  /// - Returns: The value.
  /// - Throws: `JSONFault` with the place.
  public static func reading(_ bytes: [UInt8]) throws(JSONFault) -> JSON {
    guard bytes.count <= longestText else {
      throw JSONFault(offset: longestText, reason: "longer than \(longestText) bytes")
    }
    var reader = JSONReader(bytes: bytes)
    // A byte order mark is not JSON, but servers send it.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.at = 3 }
    reader.skipSpace()
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.at == bytes.count else { throw reader.fault("text after the value") }
    return value
  }

  /// Reads the text of one value.
  public static func reading(_ text: String) throws(JSONFault) -> JSON {
    try reading(Array(text.utf8))
  }
}

/// A cursor over the text.
private struct JSONReader {
  let bytes: [UInt8]
  var at = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  func fault(_ reason: String) -> JSONFault { JSONFault(offset: at, reason: reason) }

  var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  mutating func skipSpace() {
    while at < bytes.count {
      switch bytes[at] {
      case 0x20, 0x0A, 0x0D, 0x09: at += 1
      default: return
      }
    }
  }

  mutating func value(depth: Int) throws(JSONFault) -> JSON {
    guard depth <= JSON.deepest else { throw fault("nested deeper than \(JSON.deepest)") }
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try text())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw fault("the text ends where a value should be")
    default: return .number(try number())
    }
  }

  private mutating func word(_ text: StaticString, _ value: JSON) throws(JSONFault) -> JSON {
    let wanted = Array(text.description.utf8)
    guard at + wanted.count <= bytes.count, Array(bytes[at..<(at + wanted.count)]) == wanted else {
      throw fault("no JSON value")
    }
    at += wanted.count
    return value
  }

  private mutating func digits() -> Int {
    let start = at
    while let byte = next, byte >= 0x30, byte <= 0x39 { at += 1 }
    return at - start
  }

  private mutating func number() throws(JSONFault) -> String {
    let start = at
    if next == UInt8(ascii: "-") { at += 1 }
    let isLeadingZero = next == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0 else { throw fault("no JSON value") }
    guard whole == 1 || !isLeadingZero else { throw fault("a number with a leading zero") }
    if next == UInt8(ascii: ".") {
      at += 1
      guard digits() > 0 else { throw fault("no digit after the point") }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      at += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { at += 1 }
      guard digits() > 0 else { throw fault("no digit in the exponent") }
    }
    guard at - start <= 1_024 else { throw fault("a number of more than 1,024 characters") }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private mutating func array(depth: Int) throws(JSONFault) -> JSON {
    at += 1
    var elements: [JSON] = []
    skipSpace()
    if next == UInt8(ascii: "]") {
      at += 1
      return .array(elements)
    }
    while true {
      skipSpace()
      elements.append(try value(depth: depth + 1))
      skipSpace()
      switch next {
      case UInt8(ascii: ","): at += 1
      case UInt8(ascii: "]"):
        at += 1
        return .array(elements)
      default: throw fault("no comma or ] in an array")
      }
    }
  }

  private mutating func object(depth: Int) throws(JSONFault) -> JSON {
    at += 1
    var members = JSONObject()
    skipSpace()
    if next == UInt8(ascii: "}") {
      at += 1
      return .object(members)
    }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw fault("no name of a member") }
      let name = try text()
      skipSpace()
      guard next == UInt8(ascii: ":") else { throw fault("no colon after a name") }
      at += 1
      skipSpace()
      members.set(name, try value(depth: depth + 1))
      skipSpace()
      switch next {
      case UInt8(ascii: ","): at += 1
      case UInt8(ascii: "}"):
        at += 1
        return .object(members)
      default: throw fault("no comma or } in an object")
      }
    }
  }

  private mutating func text() throws(JSONFault) -> String {
    at += 1
    let start = at
    // Most texts have no escape and are taken in one piece.
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      at += 1
    }
    if next == UInt8(ascii: "\"") {
      at += 1
      return String(decoding: bytes[start..<(at - 1)], as: UTF8.self)
    }
    var units = Array(bytes[start..<at])
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        at += 1
        return String(decoding: units, as: UTF8.self)
      case UInt8(ascii: "\\"):
        at += 1
        try escape(into: &units)
      case 0..<0x20: throw fault("a control character in a text")
      default:
        units.append(byte)
        at += 1
      }
    }
    throw fault("the text ends inside a string")
  }

  private mutating func escape(into units: inout [UInt8]) throws(JSONFault) {
    guard let byte = next else { throw fault("the text ends inside an escape") }
    at += 1
    switch byte {
    case UInt8(ascii: "n"): units.append(0x0A)
    case UInt8(ascii: "t"): units.append(0x09)
    case UInt8(ascii: "r"): units.append(0x0D)
    case UInt8(ascii: "b"): units.append(0x08)
    case UInt8(ascii: "f"): units.append(0x0C)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(byte)
    case UInt8(ascii: "u"):
      var scalar = try fourDigits()
      if scalar >= 0xD800, scalar < 0xDC00, at + 1 < bytes.count,
        bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u")
      {
        let before = at
        at += 2
        let low = try fourDigits()
        if low >= 0xDC00, low < 0xE000 {
          scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
        } else {
          at = before
        }
      }
      units.append(contentsOf: Array(String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8))
    default: throw fault("an unknown escape")
    }
  }

  private mutating func fourDigits() throws(JSONFault) -> UInt32 {
    guard at + 4 <= bytes.count else { throw fault("the text ends inside an escape") }
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(UnicodeScalar(bytes[at])).hexDigitValue, bytes[at] < 0x80 else {
        throw fault("no four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      at += 1
    }
    return value
  }
}
