/// How much of an asset: coins, tokens, contracts or units of a currency.
///
/// The asset stands beside it, never in it. Unit: one whole unit of the asset.
public struct Quantity: ExactAmount {
  /// The exact value.
  public let fixed: Fixed

  /// Wraps an exact value.
  public init(_ fixed: Fixed) {
    self.fixed = fixed
  }
}

extension Quantity {
  /// What the quantity is worth.
  ///
  /// - Parameters:
  ///   - price: For one unit, in `currency`.
  ///   - currency: The currency of the price and of the result.
  ///   - rounding: How the 19th and further digits go.
  /// - Returns: Quantity times price.
  /// - Throws: `overflow` beyond ±1.7·10²⁰.
  public func valued(
    at price: Price, in currency: Currency, rounding: Rounding = .halfEven
  ) throws(ArithmeticFault) -> Money {
    Money(try fixed.multiplied(by: price.fixed, rounding: rounding), currency)
  }

  /// Splits the quantity in proportion to weights; the parts add up to the whole.
  public func allocated(by weights: [Quantity]) throws(ArithmeticFault) -> [Quantity] {
    try fixed.allocated(by: weights.map(\.fixed)).map { Quantity($0) }
  }
}
