public import Amounts

/// How an exporter writes numbers: its decimal mark, its grouping marks, its signs.
///
/// A number that does not fit the style is refused, never bent to fit: with a point as the decimal
/// mark `1,23` is no number, since the groups after the first have three digits.
public struct NumberStyle: Hashable, Sendable {
  /// What stands before the fraction.
  public var decimalMark: DecimalMark
  /// What may stand between groups of digits.
  public var groupingMarks: GroupingMarks
  /// Whether currency signs may stand before or after the number; they are taken off.
  public var allowsCurrencySigns: Bool
  /// Texts that mean that there is nothing, for example `-`.
  public var emptyTexts: Set<String>

  /// What stands before the fraction.
  public enum DecimalMark: Hashable, Sendable {
    /// A point: `1.5`.
    case point
    /// A comma: `1,5`.
    case comma
  }

  /// Marks that may stand between groups of digits.
  public struct GroupingMarks: OptionSet, Hashable, Sendable {
    /// One bit for each mark.
    public let rawValue: UInt8
    /// Makes a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// A comma: `1,000`.
    public static let comma = GroupingMarks(rawValue: 1)
    /// A point: `1.000`.
    public static let point = GroupingMarks(rawValue: 2)
    /// A space of any kind: `1 000`.
    public static let space = GroupingMarks(rawValue: 4)
    /// An apostrophe: `1'000`.
    public static let apostrophe = GroupingMarks(rawValue: 8)
  }

  /// Makes a style.
  public init(
    decimalMark: DecimalMark = .point, groupingMarks: GroupingMarks = [],
    allowsCurrencySigns: Bool = false, emptyTexts: Set<String> = []
  ) {
    self.decimalMark = decimalMark
    self.groupingMarks = groupingMarks
    self.allowsCurrencySigns = allowsCurrencySigns
    self.emptyTexts = emptyTexts
  }

  /// Digits, a point, an exponent: `-1234.5`, `3.6E-05`.
  public static let plain = NumberStyle()
  /// A decimal point, groups, currency signs, brackets: `£1,234.50`, `(12.5)`.
  public static let pointed = NumberStyle(
    decimalMark: .point, groupingMarks: [.comma, .space, .apostrophe], allowsCurrencySigns: true)
  /// A decimal comma, groups, currency signs: `1.234,50 €`.
  public static let comma = NumberStyle(
    decimalMark: .comma, groupingMarks: [.point, .space, .apostrophe], allowsCurrencySigns: true)

  /// The same style, where these texts mean nothing.
  public func empty(_ texts: String...) -> NumberStyle {
    var style = self
    style.emptyTexts.formUnion(texts)
    return style
  }

  /// Whether a text means that there is nothing.
  public func isEmpty(_ text: String) -> Bool {
    text.isEmpty || (!emptyTexts.isEmpty && emptyTexts.contains(text))
  }

  /// Reads a number.
  ///
  /// - Parameter text: The cell without surrounding space.
  /// - Returns: The exact value, negative with a minus before or after it or in brackets.
  /// - Throws: `AmountFault`; nothing is ever rounded.
  public func read(_ text: String) throws(AmountFault) -> Fixed {
    // Most numbers are plain, whatever else the style allows.
    if decimalMark == .point {
      do { return try Fixed(parsing: text) } catch .malformed where self != .plain {}
    }
    var cleaner = NumberCleaner(style: self)
    return try Fixed(parsing: try cleaner.cleaned(text))
  }
}

/// Turns a number as an exporter writes it into sign, digits, point and exponent.
private struct NumberCleaner {
  private enum Stage { case lead, whole, fraction, exponent, tail }

  let style: NumberStyle
  private var stage = Stage.lead
  private var out: [UInt8] = []
  private var isNegative = false
  private var hasSign = false
  private var isBracketed = false
  private var isBracketClosed = false
  /// Digits since the last grouping mark.
  private var groupDigits = 0
  private var hasGroups = false
  private var endsInMark = false

  init(style: NumberStyle) {
    self.style = style
    out.reserveCapacity(32)
  }

  mutating func cleaned(_ text: String) throws(AmountFault) -> [UInt8] {
    guard text.utf8.count <= Fixed.longestText else { throw .malformed }
    for scalar in text.unicodeScalars { try take(scalar) }
    try closeGroups(atEnd: true)
    guard stage != .lead, isBracketed == isBracketClosed else { throw .malformed }
    if isNegative { out.insert(UInt8(ascii: "-"), at: 0) }
    return out
  }

  private mutating func take(_ scalar: Unicode.Scalar) throws(AmountFault) {
    switch scalar {
    case "0"..."9": try take(digit: UInt8(truncatingIfNeeded: scalar.value))
    case style.decimalMark.scalar:
      guard stage == .lead || stage == .whole else { throw .malformed }
      try closeGroups(atEnd: false)
      stage = .fraction
      out.append(UInt8(ascii: "."))
    case "-", "\u{2212}": try takeMinus()
    case "+":
      if stage == .exponent {
        out.append(UInt8(ascii: "+"))
      } else {
        guard stage == .lead, !hasSign else { throw .malformed }
        hasSign = true
      }
    case "(":
      guard stage == .lead, !isBracketed, !hasSign else { throw .malformed }
      (isBracketed, isNegative, hasSign) = (true, true, true)
    case ")":
      guard isBracketed, !isBracketClosed, stage != .lead else { throw .malformed }
      try closeGroups(atEnd: true)
      (isBracketClosed, stage) = (true, .tail)
    case "e", "E":
      guard stage == .whole || stage == .fraction else { throw .malformed }
      try closeGroups(atEnd: true)
      stage = .exponent
      out.append(UInt8(ascii: "e"))
    default: try takeMark(scalar)
    }
  }

  private mutating func take(digit: UInt8) throws(AmountFault) {
    guard stage != .tail else { throw .malformed }
    if stage == .lead { stage = .whole }
    if stage == .whole { groupDigits += 1 }
    endsInMark = false
    out.append(digit)
  }

  private mutating func takeMinus() throws(AmountFault) {
    if stage == .exponent {
      out.append(UInt8(ascii: "-"))
      return
    }
    guard !hasSign else { throw .malformed }
    (isNegative, hasSign) = (true, true)
    guard stage != .lead else { return }
    try closeGroups(atEnd: true)
    stage = .tail
  }

  /// A grouping mark, a space or a currency sign.
  private mutating func takeMark(_ scalar: Unicode.Scalar) throws(AmountFault) {
    if stage == .whole && style.groupingMarks.contains(scalar) {
      guard !endsInMark, hasGroups ? (2...3).contains(groupDigits) : (1...3).contains(groupDigits)
      else { throw .malformed }
      (hasGroups, groupDigits, endsInMark) = (true, 0, scalar.properties.isWhitespace)
      if !endsInMark { return }
      return
    }
    if scalar.properties.isWhitespace {
      if stage != .lead { try endNumber() }
      return
    }
    guard style.allowsCurrencySigns, scalar.properties.generalCategory == .currencySymbol else {
      throw .malformed
    }
    if stage != .lead { try endNumber() }
  }

  private mutating func endNumber() throws(AmountFault) {
    try closeGroups(atEnd: true)
    stage = .tail
  }

  /// The last group before the decimal mark has three digits.
  ///
  /// A space after the number is no grouping mark after all.
  private mutating func closeGroups(atEnd: Bool) throws(AmountFault) {
    guard hasGroups, stage == .whole else { return }
    if endsInMark && atEnd && groupDigits == 0 { return }
    guard groupDigits == 3 else { throw .malformed }
  }
}

extension NumberStyle.DecimalMark {
  fileprivate var scalar: Unicode.Scalar { self == .point ? "." : "," }
}

extension NumberStyle.GroupingMarks {
  fileprivate func contains(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case ",": contains(.comma)
    case ".": contains(.point)
    case "'", "\u{2019}": contains(.apostrophe)
    default: scalar.properties.isWhitespace && contains(.space)
    }
  }
}
