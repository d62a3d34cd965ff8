/// The one gate between text from anywhere and the cells of a screen.
///
/// What leaves it is a single line of printable graphemes of one or two columns. Escape sequences
/// lose their escape; controls, bidirectional overrides, zero-width characters, tags, private use
/// and unassigned code points show as one replacement character for each unbroken run of them, so
/// that a name with something hidden in it never looks like the name without. White space of any
/// kind is one space a character. A base keeps at most two combining marks.
/// - Source: Unicode Technical Report #36, Unicode Security Considerations, section 3.
public enum Sanitiser {
  /// Stands for what was taken out.
  static let replacement = Glyph(base: "\u{FFFD}", width: 1)

  /// Text made safe for one line, cut with an ellipsis when it takes more than `columns`.
  public static func line(_ text: String, columns: Int = 10_000) -> String {
    var result = ""
    for glyph in glyphs(text, columns: columns, set: .unicode) { result += glyph.text }
    return result
  }

  /// Text made safe for one line of nothing but ASCII.
  public static func ascii(_ text: String) -> String {
    glyphs(text, columns: 10_000, set: .ascii).reduce(into: "") { $0 += $1.text }
  }

  /// The glyphs of a text, cut with an ellipsis when they take more than `columns`.
  public static func glyphs(_ text: String, columns: Int, set: GlyphSet) -> [Glyph] {
    var result: [Glyph] = []
    var used = 0
    var isCut = false
    scan(text) { glyph in
      for shown in set.shown(glyph) {
        guard used + shown.width <= columns else {
          isCut = true
          return false
        }
        result.append(shown)
        used += shown.width
      }
      return true
    }
    if isCut { cut(&result, used: used, columns: columns, set: set) }
    return result
  }

  /// Makes room for the ellipsis at the end.
  private static func cut(_ glyphs: inout [Glyph], used: Int, columns: Int, set: GlyphSet) {
    var used = used
    while used + 1 > columns, let last = glyphs.popLast() { used -= last.width }
    guard columns >= 1 else { return }
    glyphs.append(set[.ellipsis])
    used += 1
    while used < columns {
      glyphs.append(.space)
      used += 1
    }
  }

  /// Hands out the safe glyphs of a text one by one until `take` says that it has enough.
  static func scan(_ text: String, _ take: (Glyph) -> Bool) {
    var pending: Glyph?
    for scalar in text.unicodeScalars {
      let next: Glyph
      switch TextWidth.kind(of: scalar) {
      case .narrow: next = Glyph(base: scalar, width: 1)
      case .wide: next = Glyph(base: scalar, width: 2)
      case .blank: next = .space
      case .refused where isWhite(scalar): next = .space
      case .mark:
        if let base = pending, base != .space, !isReplacement(base) {
          _ = pending?.add(mark: scalar)
          continue
        }
        next = replacement
      case .refused:
        if isPresentation(scalar, after: pending) { continue }
        next = replacement
      }
      if let glyph = pending {
        if isReplacement(next), isReplacement(glyph) { continue }
        if !take(glyph) { return }
      }
      pending = next
    }
    if let glyph = pending { _ = take(glyph) }
  }

  private static func isReplacement(_ glyph: Glyph) -> Bool { glyph == replacement }

  /// Tab, line feed, vertical tab, form feed, carriage return, next line, line and paragraph ends.
  private static func isWhite(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09...0x0D, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }

  /// Whether this is a text or emoji presentation selector after a symbol, where it hides nothing.
  private static func isPresentation(_ scalar: Unicode.Scalar, after glyph: Glyph?) -> Bool {
    guard scalar.value == 0xFE0E || scalar.value == 0xFE0F, let base = glyph?.codes.base else {
      return false
    }
    return (0x2190...0x2BFF).contains(base) || (0x1F000...0x1FAFF).contains(base)
  }
}
