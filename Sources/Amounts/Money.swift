/// An exact amount of a currency.
public struct Money: Hashable, Sendable, CustomStringConvertible {
  /// How much, in units of the currency.
  public let amount: Fixed
  /// Of which currency.
  public let currency: Currency

  /// Makes an amount of a currency.
  public init(_ amount: Fixed, _ currency: Currency) {
    self.amount = amount
    self.currency = currency
  }

  /// Nothing, in a currency.
  public static func zero(_ currency: Currency) -> Money { Money(.zero, currency) }

  /// The exact amount and the currency's code: `12.5 EUR`.
  public var description: String { "\(amount.text) \(currency.code)" }

  /// The sum of two amounts of the same currency.
  public func adding(_ other: Money) throws(ArithmeticFault) -> Money {
    precondition(currency == other.currency, "Only money of one currency is added.")
    return Money(try amount.adding(other.amount), currency)
  }

  /// The difference of two amounts of the same currency.
  public func subtracting(_ other: Money) throws(ArithmeticFault) -> Money {
    precondition(currency == other.currency, "Only money of one currency is subtracted.")
    return Money(try amount.subtracting(other.amount), currency)
  }

  /// The price of one unit, where the quantity cost this much.
  public func divided(
    by quantity: Quantity, rounding: Rounding
  ) throws(ArithmeticFault) -> Price {
    Price(try amount.divided(by: quantity.fixed, rounding: rounding))
  }

  /// Splits the amount in proportion to weights; the parts add up to the whole.
  public func allocated(
    by weights: [Fixed], digits: Int = Fixed.fractionDigits
  ) throws(ArithmeticFault) -> [Money] {
    try amount.allocated(by: weights, digits: digits).map { Money($0, currency) }
  }
}

/// The code of a currency that figures are shown in: 2 to 10 letters or digits, upper case.
public struct Currency: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// For example `USD`, `EUR`, `BTC`.
  public let code: String

  /// Reads a code; `nil` for a text that is none.
  public init?(_ text: some StringProtocol) {
    let code = text.uppercased()
    let isCode = code.utf8.allSatisfy {
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
    }
    guard isCode, (2...10).contains(code.utf8.count) else { return nil }
    self.code = code
  }

  private init(known code: String) {
    self.code = code
  }

  /// The United States dollar.
  public static let usDollar = Currency(known: "USD")
  /// The euro.
  public static let euro = Currency(known: "EUR")

  /// The code.
  public var description: String { code }
  /// Orders by code.
  public static func < (a: Currency, b: Currency) -> Bool { a.code < b.code }
}
