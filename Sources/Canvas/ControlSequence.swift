/// A control sequence as it came: parameters, final byte, and whether ESC stood before it.
struct ControlSequence {
  private let prefix: UInt8?
  private let hasIntermediate: Bool
  private let numbers: [Int]
  /// The sub-parameter of the second parameter: kitty's kind of event.
  private let kind: Int
  private let final: UInt8
  private let isAlt: Bool

  /// Takes a sequence apart; `bytes` are those between the introducer and the final byte.
  init(_ bytes: [UInt8], final: UInt8, isAlt: Bool) {
    self.final = final
    self.isAlt = isAlt
    let isPrivate = bytes.first.map { (0x3C...0x3F).contains($0) } ?? false
    prefix = isPrivate ? bytes.first : nil
    hasIntermediate = bytes.contains { (0x20...0x2F).contains($0) }
    let parameters = bytes.dropFirst(isPrivate ? 1 : 0)
    let groups =
      parameters.isEmpty
      ? []
      : parameters
        .split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        .map { $0.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) }
    numbers = groups.map { ControlSequence.number($0.first ?? []) }
    kind = groups.count > 1 && groups[1].count > 1 ? ControlSequence.number(groups[1][1]) : 1
  }

  var isPasteStart: Bool { isPlain && final == UInt8(ascii: "~") && first == 200 }

  /// What the sequence says; `nil` for replies and for what is not known.
  var event: InputEvent? {
    if prefix == UInt8(ascii: "<") { return mouse }
    guard isPlain, kind != 3 else { return nil }
    switch final {
    case UInt8(ascii: "I") where numbers.isEmpty: return .focus(true)
    case UInt8(ascii: "O") where numbers.isEmpty: return .focus(false)
    case UInt8(ascii: "~"): return first == 27 ? other(third, held) : numbered(held)
    case UInt8(ascii: "$"): return numbered(held.union(.shift))
    case UInt8(ascii: "^"): return numbered(held.union(.control))
    case UInt8(ascii: "@"): return numbered(held.union([.control, .shift]))
    case UInt8(ascii: "u"): return numbers.isEmpty ? nil : other(first, held)
    case UInt8(ascii: "Z"): return .key(Key(.tab, held.union(.shift)))
    // With parameters this is the reply to a question about the cursor, not F3.
    case UInt8(ascii: "R") where !numbers.isEmpty: return nil
    case UInt8(ascii: "a")...UInt8(ascii: "d"):
      return ControlSequence.letter(final - 32).map { .key(Key($0, held.union(.shift))) }
    default: return ControlSequence.letter(final).map { .key(Key($0, held)) }
    }
  }

  /// The event of an SS3 sequence.
  static func single(_ byte: UInt8, parameters: [UInt8], isAlt: Bool) -> InputEvent? {
    var held = modifiers(number(parameters[...]))
    if isAlt { held.insert(.alt) }
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "d"):
      return letter(byte - 32).map { .key(Key($0, held.union(.control))) }
    case UInt8(ascii: "M"): return .key(Key(.enter, held))
    case UInt8(ascii: "I"): return .key(Key(.tab, held))
    // The numeric keypad in application mode: the character 64 below.
    case UInt8(ascii: "j")...UInt8(ascii: "y"):
      return .key(Key(.character(Unicode.Scalar(byte - 64)), held))
    case UInt8(ascii: "X"): return .key(Key(.character("="), held))
    default: return letter(byte).map { .key(Key($0, held)) }
    }
  }

  private var isPlain: Bool { prefix == nil && !hasIntermediate }
  private var first: Int { numbers.first ?? 0 }
  private var second: Int { numbers.count > 1 ? numbers[1] : 0 }
  private var third: Int { numbers.count > 2 ? numbers[2] : 0 }

  private var held: Key.Modifiers {
    let held = ControlSequence.modifiers(second)
    return isAlt ? held.union(.alt) : held
  }

  /// Modifiers as xterm counts them: one more than Shift 1, Alt 2, Control 4, Meta 8.
  private static func modifiers(_ number: Int) -> Key.Modifiers {
    let bits = max(0, number - 1)
    var held: Key.Modifiers = []
    if bits & 1 != 0 { held.insert(.shift) }
    if bits & 10 != 0 { held.insert(.alt) }
    if bits & 4 != 0 { held.insert(.control) }
    return held
  }

  private static func letter(_ byte: UInt8) -> Key.Code? {
    switch byte {
    case UInt8(ascii: "A"): .up
    case UInt8(ascii: "B"): .down
    case UInt8(ascii: "C"): .right
    case UInt8(ascii: "D"): .left
    case UInt8(ascii: "F"): .end
    case UInt8(ascii: "H"): .home
    case UInt8(ascii: "P")...UInt8(ascii: "S"): .function(byte - 79)
    default: nil
    }
  }

  /// A key told by its number before `~`.
  private func numbered(_ held: Key.Modifiers) -> InputEvent? {
    let code: Key.Code? =
      switch first {
      case 1, 7: .home
      case 2: .insert
      case 3: .delete
      case 4, 8: .end
      case 5: .pageUp
      case 6: .pageDown
      case 11...15: .function(UInt8(first - 10))
      case 17...21: .function(UInt8(first - 11))
      case 23...26: .function(UInt8(first - 12))
      case 28, 29: .function(UInt8(first - 13))
      case 31...34: .function(UInt8(first - 14))
      default: nil
      }
    return code.map { .key(Key($0, held)) }
  }

  /// A key told by its code point: CSI u, or xterm's modifyOtherKeys.
  private func other(_ value: Int, _ held: Key.Modifiers) -> InputEvent? {
    switch value {
    case 8, 127: return .key(Key(.backspace, held))
    case 9: return .key(Key(.tab, held))
    case 13, 57_414: return .key(Key(.enter, held))
    case 27: return .key(Key(.escape, held))
    case 32..<0xE000, 0xF900...0x10_FFFF:
      guard let scalar = Unicode.Scalar(UInt32(value)), !(0x80...0x9F).contains(value) else {
        return nil
      }
      return .key(Key(.character(scalar), held))
    default: return nil
    }
  }

  /// An SGR mouse report.
  private var mouse: InputEvent? {
    guard numbers.count == 3, final == UInt8(ascii: "M") || final == UInt8(ascii: "m") else {
      return nil
    }
    return .mouse(
      .init(
        button: first & 67, place: Point(x: second - 1, y: third - 1),
        isPressed: final == UInt8(ascii: "M"), isDrag: first & 32 != 0))
  }

  /// A decimal number, 0 when empty or no number, never above 9,999,999.
  private static func number(_ digits: ArraySlice<UInt8>) -> Int {
    var value = 0
    for digit in digits where (0x30...0x39).contains(digit) {
      value = min(value * 10 + Int(digit) - 48, 9_999_999)
    }
    return value
  }
}
