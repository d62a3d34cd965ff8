/// How many columns text takes on a terminal, the same on every machine.
///
/// Width follows Unicode Standard Annex #11, East Asian Width (Wide and Fullwidth are 2, Ambiguous
/// is 1), https://www.unicode.org/reports/tr11/; combining marks (Mn, Me) are 0. The C library's
/// table is not asked: a layout must not change with the locale.
public enum TextWidth {
  /// What a code point is to a cell.
  enum Kind: UInt32 {
    /// One column.
    case narrow
    /// Two columns.
    case wide
    /// Goes onto the glyph before it.
    case mark
    /// Never shown: controls, formats, private use, unassigned, invisible fillers.
    case refused
    /// A blank of whatever width, shown as one space.
    case blank
  }

  /// The kind of a code point, by binary search in the generated table.
  ///
  /// - Complexity: O(log n) in the 2,037 ranges of the table.
  static func kind(of scalar: Unicode.Scalar) -> Kind {
    let value = scalar.value
    if value < 0x7F { return value < 0x20 ? .refused : (value == 0x20 ? .blank : .narrow) }
    var low = 0
    var high = ranges.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if ranges[middle] >> 3 <= value { low = middle } else { high = middle }
    }
    return Kind(rawValue: ranges[low] & 7) ?? .refused
  }

  /// Columns of one code point standing alone: 0, 1 or 2; a refused one is 1 for its replacement.
  public static func of(_ scalar: Unicode.Scalar) -> Int {
    switch kind(of: scalar) {
    case .narrow, .refused, .blank: 1
    case .wide: 2
    case .mark: 0
    }
  }

  /// Columns a text takes once it is sanitised; counting stops above `limit`.
  public static func of(_ text: String, limit: Int = 100_000) -> Int {
    var columns = 0
    Sanitiser.scan(text) { glyph in
      columns += glyph.width
      return columns <= limit
    }
    return columns
  }
}
