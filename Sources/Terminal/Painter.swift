import CNcurses
import Canvas
import Glibc

/// Puts runs of cells into ncurses' screen, in the colours of a theme.
struct Painter {
  private struct Colours: Hashable {
    let foreground: Int32
    let background: Int32
  }

  private struct Pen {
    let attributes: UInt32
    let pair: Int32
  }

  private let theme: Theme
  private let depth: ColourDepth
  private let colourCount = Int(nc_colors())
  /// Whether numbers from 8 to 15 are the terminal's own bright colours, not shades of blue.
  private let hasBright = Capabilities.text("setaf").contains("9%p1%{8}".utf8)
  private var pens: [Style: Pen] = [:]
  private var pairs: [Colours: Int32] = [:]

  init(theme: Theme, depth: ColourDepth) {
    self.theme = theme
    self.depth = depth
  }

  /// Writes a run where it belongs.
  mutating func draw(_ run: Run) {
    let pen = pen(for: run.style)
    var codes: [UInt32] = []
    codes.reserveCapacity(run.glyphs.count * 3)
    for glyph in run.glyphs {
      let three = glyph.codes
      codes.append(three.base)
      codes.append(three.first)
      codes.append(three.second)
    }
    _ = nc_row(
      nc_screen(), Int32(run.y), Int32(run.x), codes, Int32(run.glyphs.count), pen.attributes,
      pen.pair)
  }

  private mutating func pen(for style: Style) -> Pen {
    if let pen = pens[style] { return pen }
    let look = theme.appearance(of: style, at: depth)
    var attributes = bits(of: look.attributes)
    var colours = Colours(
      foreground: number(of: look.foreground), background: number(of: look.background))
    if colourCount < 16 { (colours, attributes) = narrowed(colours, attributes) }
    let pen = Pen(attributes: attributes, pair: pair(for: colours))
    pens[style] = pen
    return pen
  }

  private func bits(of attributes: Attributes) -> UInt32 {
    var bits: UInt32 = 0
    if attributes.contains(.bold) { bits |= nc_bold() }
    if attributes.contains(.dim) { bits |= nc_dim() }
    if attributes.contains(.italic) { bits |= nc_italic() }
    if attributes.contains(.underline) { bits |= nc_underline() }
    if attributes.contains(.reverse) { bits |= nc_reverse() }
    return bits
  }

  /// ncurses' number of a colour; -1 is the terminal's own.
  private func number(of ink: Ink) -> Int32 {
    switch ink {
    case .terminal: return -1
    case .indexed(let index):
      guard depth == .trueColour, index > 7, !hasBright else { return Int32(index) }
      let shade = Palette.shade(index)
      return number(of: .direct(red: shade.red, green: shade.green, blue: shade.blue))
    case .direct(let red, let green, let blue):
      // Small numbers mean the terminal's own colours; blue of 16 looks as black as less of it.
      return max(16, Int32(red) << 16 | Int32(green) << 8 | Int32(blue))
    }
  }

  /// With eight colours a bright one is the bold form of its dark one; bright black is white.
  private func narrowed(_ colours: Colours, _ attributes: UInt32) -> (Colours, UInt32) {
    let isBright = colours.foreground > 8
    let foreground = colours.foreground == 8 ? 7 : colours.foreground
    return (
      Colours(
        foreground: foreground < 0 ? -1 : foreground & 7,
        background: colours.background < 0 ? -1 : colours.background & 7),
      isBright ? attributes | nc_bold() : attributes
    )
  }

  /// The pair of two colours; the plain one when there are no more.
  private mutating func pair(for colours: Colours) -> Int32 {
    if depth == .none || colours == Colours(foreground: -1, background: -1) { return 0 }
    if let pair = pairs[colours] { return pair }
    let next = Int32(pairs.count + 1)
    guard next < nc_pairs(),
      init_extended_pair(next, colours.foreground, colours.background) == OK
    else { return 0 }
    pairs[colours] = next
    return next
  }
}
