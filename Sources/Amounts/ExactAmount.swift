/// What `Quantity` and `Price` share: an exact value, its text, and sums with its own kind.
public protocol ExactAmount: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The exact value.
  var fixed: Fixed { get }
  /// Wraps an exact value.
  init(_ fixed: Fixed)
}

extension ExactAmount {
  /// Nothing.
  public static var zero: Self { Self(.zero) }

  /// Reads a decimal number.
  ///
  /// - Parameter text: Sign, digits, point, digits, exponent; no grouping marks.
  /// - Throws: `AmountFault`; nothing is ever rounded.
  public init(parsing text: some StringProtocol) throws(AmountFault) {
    self.init(try Fixed(parsing: text))
  }

  /// The shortest exact decimal text.
  public var text: String { fixed.text }
  /// The shortest exact decimal text.
  public var description: String { fixed.text }
  /// Whether it is zero.
  public var isZero: Bool { fixed.isZero }
  /// Whether it is below zero.
  public var isNegative: Bool { fixed.isNegative }

  /// Orders by value.
  public static func < (a: Self, b: Self) -> Bool { a.fixed < b.fixed }

  /// The sum, exactly.
  public func adding(_ other: Self) throws(ArithmeticFault) -> Self {
    Self(try fixed.adding(other.fixed))
  }

  /// The difference, exactly.
  public func subtracting(_ other: Self) throws(ArithmeticFault) -> Self {
    Self(try fixed.subtracting(other.fixed))
  }

  /// The value with the other sign.
  public func negated() throws(ArithmeticFault) -> Self {
    Self(try fixed.negated())
  }

  /// The value without its sign.
  public func magnitude() throws(ArithmeticFault) -> Self {
    Self(try fixed.magnitude())
  }
}
