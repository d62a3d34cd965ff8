/// What one unit of an asset costs, in a currency that stands beside it.
///
/// Unit: currency per whole unit of the asset.
public struct Price: ExactAmount {
  /// The exact value.
  public let fixed: Fixed

  /// Wraps an exact value.
  public init(_ fixed: Fixed) {
    self.fixed = fixed
  }
}

extension Price {
  /// The price of one thing in a third, through a second: a/b times b/c gives a/c.
  public func crossed(with next: Price, rounding: Rounding = .halfEven) throws(ArithmeticFault)
    -> Price
  {
    Price(try fixed.multiplied(by: next.fixed, rounding: rounding))
  }

  /// The price of the currency in the asset: b/a from a/b.
  public func inverted(rounding: Rounding = .halfEven) throws(ArithmeticFault) -> Price {
    Price(try Fixed.one.divided(by: fixed, rounding: rounding))
  }
}
