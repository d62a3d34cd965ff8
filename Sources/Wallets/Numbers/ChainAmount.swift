public import Amounts

/// An exact amount as a chain counts it: a whole number of smallest units and where the point goes.
public struct ChainAmount: Hashable, Sendable {
  /// The largest number of decimals; a contract that claims more is not believed.
  public static let mostDecimals = 77
  /// The count of smallest units, without sign.
  public let units: UInt256
  /// How many of its digits stand after the point.
  public let decimals: Int
  /// Whether it is below zero.
  public let isNegative: Bool

  /// Makes an amount; `decimals` is held between 0 and 77.
  public init(units: UInt256, decimals: Int, isNegative: Bool = false) {
    self.units = units
    self.decimals = Swift.min(Swift.max(decimals, 0), ChainAmount.mostDecimals)
    self.isNegative = isNegative && !units.isZero
  }

  /// Nothing.
  public static func zero(decimals: Int) -> ChainAmount {
    ChainAmount(units: .zero, decimals: decimals)
  }

  /// The amount of a whole number of smallest units: digits with an optional minus sign.
  public init?(unitsText text: some StringProtocol, decimals: Int) {
    let isNegative = text.hasPrefix("-")
    guard let units = UInt256(decimal: isNegative ? text.dropFirst() : text[...]) else {
      return nil
    }
    self.init(units: units, decimals: decimals, isNegative: isNegative)
  }

  /// The amount of a decimal number; nil where it has more digits than `decimals` after the point.
  ///
  /// An exponent is read, as XRP's ledger writes small balances with one.
  public init?(decimalText text: String, decimals: Int) {
    guard let number = DecimalDigits(text), let shifted = number.digits(decimals: decimals),
      let units = UInt256(decimal: shifted)
    else { return nil }
    self.init(units: units, decimals: decimals, isNegative: number.isNegative)
  }

  /// The amount of a decimal number with as many decimals as it writes.
  public init?(decimalText text: String) {
    guard let number = DecimalDigits(text), number.decimals <= ChainAmount.mostDecimals else {
      return nil
    }
    self.init(decimalText: text, decimals: number.decimals)
  }

  /// The count of smallest units with its sign.
  public var unitsText: String { (isNegative ? "-" : "") + units.text }

  /// The shortest exact decimal text, without exponent.
  public var text: String {
    var digits = Array(units.text.utf8)
    while digits.count <= decimals { digits.insert(0x30, at: 0) }
    var fraction = Array(digits.suffix(decimals))
    while fraction.last == 0x30 { fraction.removeLast() }
    let whole = digits.prefix(digits.count - decimals)
    let point: [UInt8] = fraction.isEmpty ? [] : [UInt8(ascii: ".")]
    let sign: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
    return String(decoding: sign + whole + point + fraction, as: UTF8.self)
  }

  /// The amount for the ledger, nil where it has more digits than the ledger holds exactly.
  public var quantity: Quantity? { try? Quantity(parsing: text) }

  /// The sum of two amounts of one asset, nil beyond 256 bits or of different decimals.
  public func adding(_ other: ChainAmount) -> ChainAmount? {
    guard decimals == other.decimals else { return nil }
    if isNegative == other.isNegative {
      return units.adding(other.units).map {
        ChainAmount(units: $0, decimals: decimals, isNegative: isNegative)
      }
    }
    let isLarger = units >= other.units
    let difference =
      isLarger ? units.subtracting(other.units) : other.units.subtracting(units)
    return difference.map {
      ChainAmount(
        units: $0, decimals: decimals, isNegative: isLarger ? isNegative : other.isNegative)
    }
  }

  /// The amount with the other sign.
  public var negated: ChainAmount {
    ChainAmount(units: units, decimals: decimals, isNegative: !isNegative)
  }
}

extension ChainAmount: CustomStringConvertible {
  /// The decimal text.
  public var description: String { text }
}

/// The digits of a decimal number, and how many stand after the point.
private struct DecimalDigits {
  private(set) var isNegative = false
  private var digits: [UInt8] = []
  /// May be below zero for a number with an exponent.
  private var places = 0

  /// How many decimals the number needs.
  var decimals: Int { max(places, 0) }

  init?(_ text: String) {
    guard text.utf8.count <= 200 else { return nil }
    var rest = Array(text.utf8)[...]
    if rest.first == UInt8(ascii: "-") {
      isNegative = true
      rest = rest.dropFirst()
    }
    var hasPoint = false
    while let unit = rest.first {
      rest = rest.dropFirst()
      switch unit {
      case 0x30...0x39:
        digits.append(unit)
        if hasPoint { places += 1 }
      case UInt8(ascii: ".") where !hasPoint: hasPoint = true
      case UInt8(ascii: "e") where !digits.isEmpty, UInt8(ascii: "E") where !digits.isEmpty:
        guard rest.count <= 5, let exponent = Int(String(decoding: rest, as: UTF8.self)),
          abs(exponent) <= 100
        else { return nil }
        places -= exponent
        rest = []
      default: return nil
      }
    }
    guard !digits.isEmpty else { return nil }
    while places > 0, digits.last == 0x30, digits.count > 1 {
      digits.removeLast()
      places -= 1
    }
    if digits.allSatisfy({ $0 == 0x30 }) { places = 0 }
  }

  /// The digits with exactly `decimals` after the point; nil where some would be cut off.
  func digits(decimals: Int) -> String? {
    let added = decimals - places
    guard added >= 0, added <= 100 else { return nil }
    var all = digits + [UInt8](repeating: 0x30, count: added)
    while all.count > 1, all.first == 0x30 { all.removeFirst() }
    return String(decoding: all, as: UTF8.self)
  }
}
