/// One key press with what was held down.
public struct Key: Hashable, Sendable {
  /// Which key.
  public enum Code: Hashable, Sendable {
    /// A printable character, as typed: `A` is Shift and `a`.
    case character(Unicode.Scalar)
    case escape, enter, tab, backspace, delete, insert
    case up, down, left, right, home, end, pageUp, pageDown
    /// F1 to F24.
    case function(UInt8)
  }

  /// What was held down.
  public struct Modifiers: OptionSet, Hashable, Sendable {
    /// One bit for each modifier.
    public let rawValue: UInt8

    /// Makes a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Control.
    public static let control = Modifiers(rawValue: 1)
    /// Alt, or Escape pressed before the key.
    public static let alt = Modifiers(rawValue: 2)
    /// Shift; never with a character, which tells by itself.
    public static let shift = Modifiers(rawValue: 4)
  }

  /// Which key.
  public let code: Code
  /// What was held down.
  public let modifiers: Modifiers

  /// Makes a key in its one form: with Control a letter is small, Shift goes into a letter.
  public init(_ code: Code, _ modifiers: Modifiers = []) {
    guard case .character(let scalar) = code else {
      self.code = code
      self.modifiers = modifiers
      return
    }
    let isSmall = ("a"..."z").contains(scalar)
    let isCapital = ("A"..."Z").contains(scalar)
    var value = scalar.value
    if modifiers.contains(.control) {
      if isCapital { value += 32 }
    } else if modifiers.contains(.shift), isSmall {
      value -= 32
    }
    self.code = .character(Unicode.Scalar(value) ?? scalar)
    self.modifiers = modifiers.subtracting(.shift)
  }

  /// A key that types a character.
  public static func character(_ scalar: Unicode.Scalar) -> Key { Key(.character(scalar)) }

  /// The character this key types into a line of text, if it types one.
  public var typed: Unicode.Scalar? {
    guard modifiers.isEmpty, case .character(let scalar) = code else { return nil }
    return scalar
  }

  /// The value of a digit key without Control; `nil` for others.
  var digit: Int? {
    guard !modifiers.contains(.control), case .character(let scalar) = code,
      ("0"..."9").contains(scalar)
    else { return nil }
    return Int(scalar.value) - 48
  }

  /// Whether a plain terminal sends the same bytes for another key: `<C-i>` is Tab and so on.
  public var twin: Key? {
    guard modifiers.contains(.control), case .character(let scalar) = code else { return nil }
    let rest = modifiers.subtracting(.control)
    switch scalar {
    case "i": return Key(.tab, rest)
    case "m": return Key(.enter, rest)
    case "[": return Key(.escape, rest)
    default: return nil
    }
  }

  /// Whether a plain terminal has no bytes for it: Control with most signs and digits.
  public var isUnsendable: Bool {
    switch code {
    case .character(let scalar):
      modifiers.contains(.control) && !("a"..."z").contains(scalar)
        && !"[]\\^_@ /?".unicodeScalars.contains(scalar)
    case .enter, .escape: !modifiers.subtracting(.alt).isEmpty
    case .tab, .backspace: modifiers.contains(.control)
    default: false
    }
  }
}

extension Key: CustomStringConvertible {
  /// The key in the notation of keymap files: `j`, `<C-x>`, `<S-Tab>`, `<lt>`.
  public var description: String {
    if case .character(let scalar) = code, modifiers.isEmpty, scalar != " ", scalar != "<" {
      return String(Character(scalar))
    }
    var text = "<"
    if modifiers.contains(.control) { text += "C-" }
    if modifiers.contains(.alt) { text += "M-" }
    if modifiers.contains(.shift) { text += "S-" }
    return text + code.name + ">"
  }

  /// A sequence of keys in the notation of keymap files.
  public static func text(of keys: [Key]) -> String { keys.map(\.description).joined() }
}

extension Key.Code {
  /// The names between angle brackets, the first of each code being the one that is printed.
  static let names: [(name: String, code: Key.Code)] = [
    ("Esc", .escape), ("CR", .enter), ("Enter", .enter), ("Return", .enter), ("Tab", .tab),
    ("BS", .backspace), ("Backspace", .backspace), ("Del", .delete), ("Delete", .delete),
    ("Ins", .insert), ("Insert", .insert), ("Up", .up), ("Down", .down), ("Left", .left),
    ("Right", .right), ("Home", .home), ("End", .end), ("PgUp", .pageUp), ("PageUp", .pageUp),
    ("PgDn", .pageDown), ("PageDown", .pageDown), ("Space", .character(" ")),
    ("lt", .character("<")), ("gt", .character(">")), ("Bar", .character("|")),
    ("Bslash", .character("\\")), ("Minus", .character("-")),
  ]

  fileprivate var name: String {
    switch self {
    case .function(let number): "F\(number)"
    case .character(let scalar) where !" <>".unicodeScalars.contains(scalar):
      String(Character(scalar))
    default: Key.Code.names.first { $0.code == self }?.name ?? "?"
    }
  }
}
