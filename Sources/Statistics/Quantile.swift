/// How a quantile is read from values.
///
/// Source: R. J. Hyndman, Y. Fan, Sample quantiles in statistical packages, The American
/// Statistician 50(4), 1996, pp. 361-365, whose types the cases name.
public enum QuantileRule: String, Hashable, Sendable, CaseIterable {
  /// Type 7: linear between the order statistics around (n-1)p.
  case linear
  /// Type 1: the inverse of the empirical distribution, always one of the values.
  case orderStatistic = "order_statistic"
}

/// Values in ascending order, with their quantiles and tails.
public struct SortedSample: Hashable, Sendable {
  /// The values, smallest first.
  public private(set) var values: [Double]

  /// Sorts values.
  public init(_ values: [Double]) {
    self.values = values.sorted()
  }

  /// The number of values.
  public var count: Int { values.count }

  /// The quantile at a probability.
  ///
  /// - Parameters:
  ///   - probability: From 0 to 1.
  ///   - rule: How it is read.
  /// - Returns: The quantile; `nil` without values or for a probability that is none.
  public func quantile(_ probability: Double, _ rule: QuantileRule = .linear) -> Double? {
    guard count > 0, probability >= 0, probability <= 1 else { return nil }
    switch rule {
    case .orderStatistic: return values[rank(probability) - 1]
    case .linear:
      let place = Double(count - 1) * probability
      let low = min(Int(place), count - 1)
      let high = min(low + 1, count - 1)
      return values[low] + (place - Double(low)) * (values[high] - values[low])
    }
  }

  /// The rank of the type 1 quantile, ceil(n p), counted from 1.
  ///
  /// A product that is whole but for rounding counts as whole: 100 values at 1 - 0.95 have rank 5.
  ///
  /// - Parameter probability: From 0 to 1.
  /// - Returns: A rank from 1 to the number of values.
  public func rank(_ probability: Double) -> Int {
    TailCount.ceiling(Double(count) * probability, within: count)
  }

  /// The number of different values.
  public var distinctCount: Int {
    guard count > 0 else { return 0 }
    return 1 + zip(values, values.dropFirst()).count { $0 != $1 }
  }

  /// Puts a value in its place.
  ///
  /// - Parameter value: The value.
  /// - Complexity: O(log n) comparisons and a move of at most n values.
  public mutating func insert(_ value: Double) {
    values.insert(value, at: place(of: value))
  }

  /// Removes one copy of a value.
  ///
  /// - Parameter value: The value, bit for bit as it was inserted.
  /// - Returns: Whether it was there.
  @discardableResult
  public mutating func remove(_ value: Double) -> Bool {
    let place = place(of: value)
    guard place < count, values[place] == value else { return false }
    values.remove(at: place)
    return true
  }

  /// The first place whose value is not below a value.
  private func place(of value: Double) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if values[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// How many of the worst values make a tail.
public enum TailCount {
  /// How far from a whole number a product may be and still count as whole, in parts of itself.
  static let slack = 1e-9

  /// The count rounded up, from 1 to a bound, whole but for rounding counted as whole.
  ///
  /// - Parameters:
  ///   - exact: The count before rounding.
  ///   - bound: The number of values.
  /// - Returns: The count.
  public static func ceiling(_ exact: Double, within bound: Int) -> Int {
    let nearest = exact.rounded()
    let whole = abs(exact - nearest) <= slack * max(1, nearest) ? nearest : exact.rounded(.up)
    return min(max(Int(whole), 1), max(bound, 1))
  }

  /// The count of whole values in a tail mean, floor((n-1)p) + 1.
  ///
  /// - Parameters:
  ///   - count: The number of values.
  ///   - probability: The tail's probability.
  /// - Returns: A number from 1 to `count`.
  public static func wholeValues(of count: Int, _ probability: Double) -> Int {
    let exact = Double(max(count - 1, 0)) * probability
    let nearest = exact.rounded()
    let whole = abs(exact - nearest) <= slack * max(1, nearest) ? nearest : exact.rounded(.down)
    return min(Int(whole) + 1, max(count, 1))
  }
}
