/// Ways of writing that every terminal has a form of, beside colour.
public struct Attributes: OptionSet, Hashable, Sendable {
  /// One bit for each attribute.
  public let rawValue: UInt8

  /// Makes a set from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Heavier or brighter.
  public static let bold = Attributes(rawValue: 1)
  /// Fainter.
  public static let dim = Attributes(rawValue: 2)
  /// Slanted, where the terminal can.
  public static let italic = Attributes(rawValue: 4)
  /// With a line below.
  public static let underline = Attributes(rawValue: 8)
  /// Foreground and background exchanged.
  public static let reverse = Attributes(rawValue: 16)

  /// The names in theme files.
  public static let names: [(name: String, value: Attributes)] = [
    ("bold", .bold), ("dim", .dim), ("italic", .italic), ("underline", .underline),
    ("reverse", .reverse),
  ]
}

/// How a cell is to look, in words: what it says, what it lies on, and what is added.
///
/// The foreground comes from `role`. The background comes from `role` when its look has one, and
/// from `surface` otherwise, so that a falling value on the cursor row keeps both meanings.
public struct Style: Hashable, Sendable {
  /// What the text means.
  public var role: Role
  /// What it lies on; `.text` is the plain page.
  public var surface: Role
  /// Added to what the theme gives both roles.
  public var attributes: Attributes

  /// Makes a style; a plain one without arguments.
  public init(_ role: Role = .text, on surface: Role = .text, attributes: Attributes = []) {
    self.role = role
    self.surface = surface
    self.attributes = attributes
  }

  /// Plain text on the plain page.
  public static let plain = Style()

  /// The same meaning on another surface.
  public func on(_ surface: Role) -> Style { Style(role, on: surface, attributes: attributes) }

  /// The same style with attributes added.
  public func with(_ attributes: Attributes) -> Style {
    Style(role, on: surface, attributes: self.attributes.union(attributes))
  }
}

/// One printable grapheme: a base and at most two combining marks, packed into 64 bits.
///
/// Only `Sanitiser` and `Symbol` make glyphs, so a glyph is always safe to send.
public struct Glyph: Hashable, Sendable {
  /// How many combining marks a base may carry.
  public static let markLimit = 2

  /// Nothing but the background.
  public static let space = Glyph(base: " ", width: 1)
  /// The second column of a wide glyph.
  static let continuation = Glyph(bits: 0)

  /// Three scalars of 21 bits, base lowest; bit 63 says two columns wide.
  private var bits: UInt64

  private init(bits: UInt64) { self.bits = bits }

  init(base: Unicode.Scalar, width: Int) {
    bits = UInt64(base.value) | (width == 2 ? 1 << 63 : 0)
  }

  /// Adds a combining mark; false when there is no room for more.
  mutating func add(mark: Unicode.Scalar) -> Bool {
    if bits >> 21 & 0x1F_FFFF == 0 {
      bits |= UInt64(mark.value) << 21
    } else if bits >> 42 & 0x1F_FFFF == 0 {
      bits |= UInt64(mark.value) << 42
    } else {
      return false
    }
    return true
  }

  /// Columns: 1 or 2, and 0 for the second half of a wide glyph.
  public var width: Int { bits == 0 ? 0 : (bits >> 63 == 1 ? 2 : 1) }

  /// The code points in order: base, first mark, second mark; 0 where there is none.
  public var codes: (base: UInt32, first: UInt32, second: UInt32) {
    (
      UInt32(bits & 0x1F_FFFF), UInt32(bits >> 21 & 0x1F_FFFF), UInt32(bits >> 42 & 0x1F_FFFF)
    )
  }

  /// The grapheme as text; empty for the second half of a wide glyph.
  public var text: String {
    var scalars = String.UnicodeScalarView()
    for code in [codes.base, codes.first, codes.second] where code != 0 {
      scalars.append(Unicode.Scalar(code) ?? "\u{FFFD}")
    }
    return String(scalars)
  }
}

/// One place of a frame: a glyph and its style.
public struct Cell: Hashable, Sendable {
  /// What stands there.
  public let glyph: Glyph
  /// How it looks, in roles.
  public let style: Style

  /// Makes a cell.
  public init(_ glyph: Glyph, _ style: Style) {
    self.glyph = glyph
    self.style = style
  }

  /// A plain empty cell.
  public static let blank = Cell(.space, .plain)

  /// Whether this is the second column of the wide glyph to its left.
  public var isContinuation: Bool { glyph.width == 0 }
}
