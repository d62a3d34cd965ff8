/// The signs the screens draw with; a glyph set says how each looks.
public enum Symbol: Int, CaseIterable, Sendable {
  case horizontal, vertical, topLeft, topRight, bottomLeft, bottomRight
  case heavyHorizontal, heavyVertical, heavyTopLeft, heavyTopRight
  case heavyBottomLeft, heavyBottomRight
  case up, down, flat, cursor, mark, ellipsis, missing, middleDot, enter
  case sortUp, sortDown, prefix, crumb, check, cross
  case full, dark, medium, light
  case axisVertical, axisHorizontal, axisCorner, axisTick
}

/// Which characters a terminal is given for the signs: box drawing and arrows, or plain ASCII.
public enum GlyphSet: String, CaseIterable, Sendable {
  /// Box drawing, arrows, blocks.
  case unicode
  /// Nothing above 126: for LC_ALL=C, odd fonts and readers.
  case ascii

  /// The glyph of a sign.
  public subscript(symbol: Symbol) -> Glyph {
    Glyph(base: self == .unicode ? symbol.forms.unicode : symbol.forms.ascii, width: 1)
  }

  /// The sign as text, to be part of a longer one.
  public func text(_ symbol: Symbol) -> String { self[symbol].text }

  /// Eight bars of rising height for a sparkline; in ASCII eight signs of rising weight.
  public var bars: [Character] { Array(self == .unicode ? "▁▂▃▄▅▆▇█" : "_.:-=+*#") }

  /// What is sent for a glyph: itself, or in ASCII a stand-in of the same width.
  func shown(_ glyph: Glyph) -> CollectionOfOneOrTwo {
    let codes = glyph.codes
    if self == .unicode || (codes.base < 0x7F && codes.first == 0) { return .init(glyph) }
    if codes.base < 0x7F, let base = Unicode.Scalar(codes.base) {
      return .init(Glyph(base: base, width: 1))
    }
    let question = Glyph(base: "?", width: 1)
    if glyph.width == 2 { return .init(question, question) }
    guard let plain = GlyphSet.plain[codes.base] else { return .init(question) }
    return .init(Glyph(base: plain, width: 1))
  }

  /// ASCII for the characters we draw with and for common typography.
  private static let plain: [UInt32: Unicode.Scalar] = {
    var table: [UInt32: Unicode.Scalar] = [:]
    for symbol in Symbol.allCases where symbol.forms.unicode.value > 0x7F {
      table[symbol.forms.unicode.value] = symbol.forms.ascii
    }
    let rest = "▁_▂.▃:▄-▅=▆+▇*█#—-–-‘'’'“\"”\"←<→>↑^↓v▸>×x±!·.•*✓+✗x├+┤+┬+┴+┼+╌-╎|−-"
    let scalars = Array(rest.unicodeScalars)
    for index in stride(from: 0, to: scalars.count - 1, by: 2) {
      table[scalars[index].value] = scalars[index + 1]
    }
    return table
  }()
}

/// One glyph or two, without an array.
struct CollectionOfOneOrTwo: Sequence, IteratorProtocol {
  private var first: Glyph?
  private var second: Glyph?

  init(_ first: Glyph, _ second: Glyph? = nil) {
    self.first = first
    self.second = second
  }

  mutating func next() -> Glyph? {
    if let glyph = first {
      first = nil
      return glyph
    }
    defer { second = nil }
    return second
  }
}

extension Symbol {
  /// Both forms of the sign.
  fileprivate var forms: (unicode: Unicode.Scalar, ascii: Unicode.Scalar) {
    switch self {
    case .horizontal: ("─", "-")
    case .vertical: ("│", "|")
    case .topLeft: ("┌", "+")
    case .topRight: ("┐", "+")
    case .bottomLeft: ("└", "+")
    case .bottomRight: ("┘", "+")
    case .heavyHorizontal: ("━", "=")
    case .heavyVertical: ("┃", "#")
    case .heavyTopLeft: ("┏", "#")
    case .heavyTopRight: ("┓", "#")
    case .heavyBottomLeft: ("┗", "#")
    case .heavyBottomRight: ("┛", "#")
    case .up: ("▲", "^")
    case .down: ("▼", "v")
    case .flat: ("·", ".")
    case .cursor: ("▶", ">")
    case .mark: ("•", "*")
    case .ellipsis: ("…", "~")
    case .missing: ("—", "-")
    case .middleDot: ("·", ".")
    case .enter: ("⏎", "<")
    case .sortUp: ("↑", "^")
    case .sortDown: ("↓", "v")
    case .prefix: ("▾", "v")
    case .crumb: ("›", ">")
    case .check: ("✓", "+")
    case .cross: ("✗", "x")
    case .full: ("█", "#")
    case .dark: ("▓", "+")
    case .medium: ("▒", ":")
    case .light: ("░", ".")
    case .axisVertical: ("│", "|")
    case .axisHorizontal: ("─", "-")
    case .axisCorner: ("└", "+")
    case .axisTick: ("┤", "+")
    }
  }
}
