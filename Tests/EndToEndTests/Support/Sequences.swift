/// One thing in the bytes that a terminal is sent.
enum Sequence: Hashable {
  /// A character to be seen.
  case print(Unicode.Scalar)
  /// A C0 control but ESC.
  case control(UInt8)
  /// A control sequence: private mark, parameters, intermediate bytes, final byte.
  case csi(mark: String, parameters: String, intermediates: String, final: Character)
  /// An escape sequence: intermediate bytes and final byte.
  case escape(String, Character)
  /// A control string: OSC, DCS, APC, PM or SOS, and what it carries.
  case string(String, String)
  /// What no terminal should be sent: C1 characters, broken UTF-8, broken sequences.
  case wrong(String)
}

/// Takes the bytes a terminal is sent apart; knows nothing of the program's own code.
///
/// - Source: ECMA-48 5th edition, sections 5.2 to 5.6; the states are those of Paul Flo Williams,
///   https://vt100.net/emu/dec_ansi_parser; UTF-8 by table 3-7 of the Unicode Standard.
struct SequenceParser {
  private var rest: [UInt8] = []

  /// Adds bytes; what is not complete waits for more.
  mutating func feed(_ bytes: some Swift.Sequence<UInt8>) -> [Sequence] {
    rest += bytes
    var found: [Sequence] = []
    var place = 0
    while let (next, count) = step(place) {
      found.append(next)
      place += count
    }
    rest.removeFirst(place)
    return found
  }

  /// What is left at the end of the stream, which should be nothing.
  var isComplete: Bool { rest.isEmpty }

  private func step(_ place: Int) -> (Sequence, Int)? {
    guard place < rest.count else { return nil }
    switch rest[place] {
    case 0x1B: return escape(place)
    case 0..<0x20, 0x7F: return (.control(rest[place]), 1)
    case 0x20..<0x7F: return (.print(Unicode.Scalar(rest[place])), 1)
    default: return character(place)
    }
  }

  private func character(_ place: Int) -> (Sequence, Int)? {
    let first = rest[place]
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1
    guard length > 1, first <= 0xF4 else { return (.wrong("byte \(first)"), 1) }
    guard place + length <= rest.count else { return nil }
    let text = String(validating: rest[place..<place + length], as: UTF8.self)
    guard let scalar = text?.unicodeScalars.first else { return (.wrong("byte \(first)"), 1) }
    if (0x80...0x9F).contains(scalar.value) { return (.wrong("C1 \(scalar.value)"), length) }
    return (.print(scalar), length)
  }

  private func escape(_ place: Int) -> (Sequence, Int)? {
    var end = place + 1
    guard end < rest.count else { return nil }
    switch rest[end] {
    case UInt8(ascii: "["): return control(place)
    case UInt8(ascii: "]"): return string("OSC", place)
    case UInt8(ascii: "P"): return string("DCS", place)
    case UInt8(ascii: "_"): return string("APC", place)
    case UInt8(ascii: "^"): return string("PM", place)
    case UInt8(ascii: "X"): return string("SOS", place)
    default: break
    }
    while end < rest.count, (0x20...0x2F).contains(rest[end]) { end += 1 }
    guard end < rest.count else { return nil }
    guard (0x30...0x7E).contains(rest[end]) else { return (.wrong("ESC \(rest[end])"), 1) }
    let between = String(decoding: rest[(place + 1)..<end], as: UTF8.self)
    return (.escape(between, Character(Unicode.Scalar(rest[end]))), end + 1 - place)
  }

  private func control(_ place: Int) -> (Sequence, Int)? {
    var end = place + 2
    while end < rest.count, (0x20...0x3F).contains(rest[end]) { end += 1 }
    guard end < rest.count else { return nil }
    guard (0x40...0x7E).contains(rest[end]) else { return (.wrong("CSI \(rest[end])"), 2) }
    let body = rest[(place + 2)..<end]
    let mark = body.prefix { (0x3C...0x3F).contains($0) }
    let parameters = body.dropFirst(mark.count).prefix { (0x30...0x3B).contains($0) }
    let between = body.dropFirst(mark.count + parameters.count)
    guard between.allSatisfy({ $0 < 0x30 }) else { return (.wrong("CSI"), end + 1 - place) }
    return (
      .csi(
        mark: String(decoding: mark, as: UTF8.self),
        parameters: String(decoding: parameters, as: UTF8.self),
        intermediates: String(decoding: between, as: UTF8.self),
        final: Character(Unicode.Scalar(rest[end]))), end + 1 - place
    )
  }

  private func string(_ kind: String, _ place: Int) -> (Sequence, Int)? {
    var end = place + 2
    while end < rest.count, rest[end] != 0x1B, !(kind == "OSC" && rest[end] == 7) { end += 1 }
    guard end < rest.count, rest[end] == 7 || end + 1 < rest.count else { return nil }
    let text = String(decoding: rest[(place + 2)..<end], as: UTF8.self)
    return (.string(kind, text), end + (rest[end] == 7 ? 1 : 2) - place)
  }
}

extension Sequence {
  /// Whether a full-screen program that is shown any text may send this.
  ///
  /// Rendition, cursor moves, erasing, scrolling regions, a few modes, charsets and what is seen.
  var isAllowed: Bool {
    switch self {
    case .print(let scalar):
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
        .unassigned:
        return false
      default: return true
      }
    // BEL, BS, HT, LF, CR, SO, SI.
    case .control(let byte): return [0x07, 0x08, 0x09, 0x0A, 0x0D, 0x0E, 0x0F].contains(byte)
    case .csi("", let parameters, "", let final):
      if final == "h" || final == "l" { return parameters == "4" }
      // The window's title is put on xterm's stack and taken back: part of its smcup and rmcup.
      if final == "t" { return ["22;0;0", "23;0;0"].contains(parameters) }
      return "mHfABCDEFGdJKXPLM@STbr".contains(final)
    case .csi("?", let parameters, "", "h"), .csi("?", let parameters, "", "l"):
      // Cursor keys, wrapping, blinking, cursor, alternate screen, paste marks, synchronised output.
      return parameters.split(separator: ";").allSatisfy {
        ["1", "7", "12", "25", "1049", "2004", "2026"].contains($0)
      }
    // The form of the cursor on the Linux console: console_codes(4).
    case .csi("?", let parameters, "", "c"): return ["0", "1", "8"].contains(parameters)
    case .csi: return false
    case .escape(let between, let final):
      return ["(B", "(0", ")B", ")0", "=", ">", "7", "8", "M"].contains(between + String(final))
    case .string, .wrong: return false
    }
  }
}
