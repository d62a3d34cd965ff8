/// How many colours a terminal shows.
public enum ColourDepth: String, CaseIterable, Sendable {
  /// None: attributes only.
  case none
  /// The sixteen (or eight) colours of the terminal's own palette.
  case sixteen
  /// The 256 colours of xterm.
  case twoFiftySix
  /// Red, green and blue with 8 bits each.
  case trueColour
}

/// A colour by its parts in sRGB, with the places it has in smaller palettes when they are known.
public struct Shade: Hashable, Sendable {
  /// The red part, 0 to 255.
  public let red: UInt8
  /// The green part, 0 to 255.
  public let green: UInt8
  /// The blue part, 0 to 255.
  public let blue: UInt8
  /// The index among xterm's 256; computed when it is needed and not given.
  public let palette: UInt8?
  /// The index among the 16; computed when it is needed and not given.
  public let ansi: UInt8?

  /// Makes a shade.
  public init(
    red: UInt8, green: UInt8, blue: UInt8, palette: UInt8? = nil, ansi: UInt8? = nil
  ) {
    self.red = red
    self.green = green
    self.blue = blue
    self.palette = palette
    self.ansi = ansi
  }

  /// Reads `#rrggbb`; `nil` for anything else.
  public init?(hex: String, palette: UInt8? = nil, ansi: UInt8? = nil) {
    let digits = Array(hex.utf8)
    guard digits.count == 7, digits[0] == UInt8(ascii: "#"),
      digits.dropFirst().allSatisfy(Shade.isHexDigit),
      let value = UInt32(hex.dropFirst(), radix: 16)
    else { return nil }
    self.init(
      red: UInt8(value >> 16 & 255), green: UInt8(value >> 8 & 255), blue: UInt8(value & 255),
      palette: palette, ansi: ansi)
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }
}

/// A colour as a theme names it.
public enum Colour: Hashable, Sendable {
  /// What the terminal uses when nobody asks for a colour.
  case terminal
  /// One of the terminal's own sixteen, 0 to 15, however its user has set them.
  case ansi(UInt8)
  /// A colour of its own.
  case shade(Shade)

  /// The sixteen names in theme files, in the order of their indices.
  public static let ansiNames = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
    "bright-black", "bright-red", "bright-green", "bright-yellow",
    "bright-blue", "bright-magenta", "bright-cyan", "bright-white",
  ]
}

/// A colour as a terminal is told it.
public enum Ink: Hashable, Sendable {
  /// Back to the terminal's own.
  case terminal
  /// By index; below 16 for every depth, up to 255 for `twoFiftySix`.
  case indexed(UInt8)
  /// By its parts; for `trueColour` only.
  case direct(red: UInt8, green: UInt8, blue: UInt8)
}

extension Colour {
  /// The nearest thing to this colour at a depth.
  public func ink(at depth: ColourDepth) -> Ink {
    switch (self, depth) {
    case (.terminal, _), (_, .none): .terminal
    case (.ansi(let index), _): .indexed(index & 15)
    case (.shade(let shade), .sixteen): .indexed(shade.ansi ?? Palette.nearest16(to: shade))
    case (.shade(let shade), .twoFiftySix):
      .indexed(shade.palette ?? Palette.nearest256(to: shade))
    case (.shade(let shade), .trueColour):
      .direct(red: shade.red, green: shade.green, blue: shade.blue)
    }
  }
}
