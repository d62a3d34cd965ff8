internal import Amounts

/// The one place where numbers become text.
///
/// Everything is computed on integers; only ratios are `Double`. In privacy mode every amount of the
/// holder's is `hidden`; prices, percentages and ages stay.
struct Figures: Sendable {
  /// Whether amounts are hidden.
  var isPrivate: Bool

  /// Stands for an amount that is not to be seen.
  static let hidden = "•••"
  /// Stands for a figure that is not known.
  static let unknown = "?"

  /// An amount in few columns: `4.21M`, `932.6k`, `681.20`.
  func compact(_ amount: Fixed) -> String { isPrivate ? Figures.hidden : Decimals.compact(amount) }

  /// An amount with every digit before the point: `4,208,315`, `1,335`, `681.20`.
  func long(_ amount: Fixed) -> String {
    let magnitude = amount.units.magnitude
    return magnitude < 10_000 * UInt128(Fixed.scale) ? compact(amount) : whole(amount)
  }

  /// An amount in whole units: `11,558,757`; in few columns where there is no room for all digits.
  func whole(_ amount: Fixed, columns: Int = .max) -> String {
    if isPrivate { return Figures.hidden }
    let text = Decimals.text(amount, digits: 0)
    return text.count <= columns ? text : Decimals.compact(amount)
  }

  /// An amount with its sign, also for gains: `+122.7k`.
  func signedCompact(_ amount: Fixed) -> String {
    if isPrivate { return Figures.hidden }
    let text = Decimals.compact(amount)
    return amount.isNegative || text.allSatisfy({ $0 == "0" || $0 == "." }) ? text : "+" + text
  }

  /// A quantity of an asset in a column: `62.4180`, `0.00001234`.
  func quantity(_ quantity: Quantity, columns: Int = 18) -> String {
    isPrivate ? Figures.hidden : Decimals.fitted(quantity.fixed, columns: columns)
  }

  /// Every digit of an amount.
  func exact(_ amount: Fixed) -> String { isPrivate ? Figures.hidden : Decimals.exact(amount) }

  /// Every digit of an amount with its sign.
  func exactSigned(_ amount: Fixed) -> String {
    if isPrivate { return Figures.hidden }
    return amount.isNegative || amount.isZero
      ? Decimals.exact(amount) : "+" + Decimals.exact(amount)
  }

  /// Text that may hold amounts, such as a row of a file or a remark.
  func remark(_ text: String) -> String { isPrivate && !text.isEmpty ? Figures.hidden : text }

  /// A market price; it says nothing about the holder and is never hidden.
  func price(_ price: Price, columns: Int = .max) -> String {
    let text = Decimals.price(price.fixed)
    return text.count <= columns ? text : Decimals.fitted(price.fixed, columns: columns)
  }

  /// A share of the whole in percent with one digit: `36.4`; with none where that has no room.
  static func weight(_ ratio: Double?, columns: Int = .max) -> String {
    guard let ratio else { return unknown }
    return Decimals.percent(ratio, digits: 1, columns: columns)
  }

  /// A change with arrow and sign, in percent: `▲+1.42`, `▼-1.87`, `·+0.00`; with fewer digits after
  /// the point where so many columns do not hold them.
  static func change(_ ratio: Double?, columns: Int = .max) -> String {
    guard let ratio else { return unknown }
    let sign =
      switch direction(ratio) {
      case .up: "▲+"
      case .down: "▼"
      case .flat: "·+"
      }
    return sign + Decimals.percent(ratio, digits: 2, columns: max(0, columns - sign.count))
  }

  /// Which way a change goes once it is rounded to what is shown.
  static func direction(_ ratio: Double) -> Direction {
    guard ratio.isFinite, abs(ratio) >= 0.000_05 else { return .flat }
    return ratio > 0 ? .up : .down
  }

  /// A share as a number for drawing; `nil` where the whole is not above zero.
  static func ratio(_ part: Fixed, of whole: Fixed) -> Double? {
    guard whole > .zero else { return nil }
    return part.approximate / whole.approximate
  }
}

/// Which way something has gone.
enum Direction: Sendable {
  case up
  case down
  case flat
}

/// Decimal text of exact numbers; rounding is half-even and happens once.
enum Decimals {
  /// The number in units of 10^`shift` with a fixed number of digits, grouped by threes.
  static func text(_ value: Fixed, shift: Int = 0, digits: Int) -> String {
    let scaled = scaled(value, shift: shift, digits: digits)
    return written(scaled, digits: digits, isNegative: value.isNegative && scaled != 0)
  }

  /// At most seven columns and a sign; from ten quadrillions on as `1.70e20`.
  static func compact(_ value: Fixed) -> String {
    if scaled(value, shift: 0, digits: 2) < 1_000_00 { return text(value, digits: 2) }
    if scaled(value, shift: 0, digits: 0) < 10_000 { return text(value, digits: 0) }
    for (shift, unit) in [(3, "k"), (6, "M"), (9, "B"), (12, "T")] {
      if scaled(value, shift: shift, digits: 2) < 100_00 {
        return text(value, shift: shift, digits: 2) + unit
      }
      if scaled(value, shift: shift, digits: 1) < 1_000_0 {
        return text(value, shift: shift, digits: 1) + unit
      }
    }
    if scaled(value, shift: 12, digits: 0) < 10_000 {
      return text(value, shift: 12, digits: 0) + "T"
    }
    // What rounds up to the next power of ten is written with that.
    let power = String(value.units.magnitude).count - 1 - Fixed.fractionDigits
    let shift = scaled(value, shift: power, digits: 2) < 10_00 ? power : power + 1
    return "\(text(value, shift: shift, digits: 2))e\(shift)"
  }

  /// A price: two digits from ten on, four from one on, four that count below.
  static func price(_ value: Fixed) -> String {
    let magnitude = value.units.magnitude
    if magnitude >= 10 * UInt128(Fixed.scale) { return text(value, digits: 2) }
    return small(value)
  }

  /// Four digits after the point, and more where the first of them are zeros.
  static func small(_ value: Fixed) -> String {
    let magnitude = value.units.magnitude
    if magnitude == 0 { return "0" }
    if magnitude >= UInt128(Fixed.scale) { return text(value, digits: 4) }
    let zeros = Fixed.fractionDigits - String(magnitude).count
    if zeros <= 8 { return text(value, digits: zeros + 4) }
    return scientific(value, exponent: zeros + 1)
  }

  /// A quantity in at most so many columns: fewer digits, then compact, never a cut number.
  static func fitted(_ value: Fixed, columns: Int) -> String {
    let wide = small(value)
    if wide.count <= columns { return wide }
    for digits in [2, 0] {
      let text = text(value, digits: digits)
      if text.count <= columns, scaled(value, shift: 0, digits: digits) != 0 { return text }
    }
    let short = compact(value)
    return short.count <= columns ? short : String(repeating: "#", count: max(0, columns))
  }

  /// Every digit there is, grouped by threes before the point.
  static func exact(_ value: Fixed) -> String {
    let text = value.text
    let unsigned = text.hasPrefix("-") ? text.dropFirst() : text[...]
    let parts = unsigned.split(separator: ".", maxSplits: 1)
    let whole = grouped(String(parts.first ?? "0"))
    let sign = value.isNegative ? "-" : ""
    return parts.count > 1 ? "\(sign)\(whole).\(parts[1])" : sign + whole
  }

  /// A ratio times a hundred, with `-` but without `+`.
  static func percent(_ ratio: Double, digits: Int) -> String {
    guard ratio.isFinite else { return Figures.unknown }
    let scale = (0..<digits).reduce(100.0) { product, _ in product * 10 }
    let scaled = (abs(ratio) * scale).rounded(.toNearestOrEven)
    guard scaled < 1e8 else { return ratio < 0 ? "-huge" : "huge" }
    return written(UInt128(scaled), digits: digits, isNegative: ratio < 0 && scaled > 0)
  }

  /// A ratio times a hundred in at most so many columns: with fewer digits where there is no room for
  /// all, then as a word.
  static func percent(_ ratio: Double, digits: Int, columns: Int) -> String {
    let forms = (0...digits).reversed().lazy.map { percent(ratio, digits: $0) }
    return forms.first { $0.count <= columns } ?? (ratio < 0 ? "-huge" : "huge")
  }

  /// The magnitude in units of 10^(shift - digits), rounded half to even.
  private static func scaled(_ value: Fixed, shift: Int, digits: Int) -> UInt128 {
    var step: UInt128 = 1
    for _ in 0..<(Fixed.fractionDigits + shift - digits) { step *= 10 }
    let (quotient, rest) = value.units.magnitude.quotientAndRemainder(dividingBy: step)
    let other = step - rest
    return rest > other || (rest == other && quotient & 1 == 1) ? quotient + 1 : quotient
  }

  private static func written(_ scaled: UInt128, digits: Int, isNegative: Bool) -> String {
    var text = String(scaled)
    while text.count <= digits { text = "0" + text }
    let whole = grouped(String(text.dropLast(digits)))
    let sign = isNegative ? "-" : ""
    return digits == 0 ? sign + whole : "\(sign)\(whole).\(text.suffix(digits))"
  }

  private static func scientific(_ value: Fixed, exponent: Int) -> String {
    let digits = String(value.units.magnitude)
    let tail = digits.dropFirst().prefix(3)
    let sign = value.isNegative ? "-" : ""
    return "\(sign)\(digits.prefix(1))\(tail.isEmpty ? "" : ".")\(tail)e-\(exponent)"
  }

  private static func grouped(_ digits: String) -> String {
    guard digits.count > 3 else { return digits }
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { result.append(",") }
      result.append(digit)
    }
    return result
  }
}
