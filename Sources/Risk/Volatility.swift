public import Statistics

/// Volatility that forgets: recent returns count more.
///
/// Source: J.P. Morgan/Reuters, RiskMetrics Technical Document, 4th ed., 1996, section 5.2, with the
/// mean taken as zero.
public struct ExponentialVolatility: Hashable, Sendable {
  /// What the recursion starts from.
  public enum Start: Hashable, Sendable {
    /// The first squared return.
    case firstSquare
    /// The mean of the first squared returns; nothing is known before.
    case meanSquare(of: Int)
    /// Weights λᵏ scaled to add up to one at every bar.
    case normalised
  }

  /// The variance after each return, itself included; `nil` before the start.
  public let variances: [Double?]

  /// Follows returns.
  ///
  /// - Parameters:
  ///   - returns: Oldest first. Unit: 1 a bar.
  ///   - lambda: The decay a bar, from 0 to 1.
  ///   - start: What the recursion starts from.
  public init(_ returns: [Double], lambda: Double, start: Start = .firstSquare) {
    switch start {
    case .firstSquare: variances = ExponentialVolatility.recursion(returns, lambda, first: 1)
    case .meanSquare(let count):
      variances = ExponentialVolatility.recursion(returns, lambda, first: max(count, 1))
    case .normalised:
      var sum = 0.0
      var weight = 0.0
      variances = returns.map { value in
        sum = lambda * sum + value * value
        weight = lambda * weight + 1
        return sum / weight
      }
    }
  }

  /// The volatility after the last return.
  ///
  /// Unit: 1/√bar.
  public var volatility: Double? { variances.last.flatMap { $0?.squareRoot() } }

  private static func recursion(_ returns: [Double], _ lambda: Double, first: Int) -> [Double?] {
    var variance: Double?
    var sum = 0.0
    return returns.enumerated().map { index, value in
      let square = value * value
      if let old = variance {
        variance = lambda * old + (1 - lambda) * square
      } else {
        sum += square
        if index + 1 == first { variance = sum / Double(first) }
      }
      return variance
    }
  }
}

/// Figures over windows that slide along returns.
public enum RollingWindow {
  /// A figure of every whole window.
  ///
  /// Each window is computed anew, so that a huge return leaves no trace once it is outside.
  ///
  /// - Parameters:
  ///   - size: Returns in a window, 1 or more.
  ///   - returns: Oldest first.
  ///   - figure: What is computed of a window.
  /// - Returns: One figure a return; `nil` before the first whole window and where undefined.
  public static func map(
    _ size: Int, _ returns: [Double], _ figure: ([Double]) -> Double?
  ) -> [Double?] {
    returns.indices.map { last in
      last + 1 < size ? nil : figure(Array(returns[(last + 1 - size)...last]))
    }
  }

  /// Quantiles of every whole window, kept sorted while it slides.
  ///
  /// - Parameters:
  ///   - size: Returns in a window, 1 or more.
  ///   - returns: Oldest first.
  ///   - figure: What is read of a sorted window.
  /// - Returns: One figure a return; `nil` before the first whole window.
  /// - Complexity: O(log size) comparisons and a move of at most `size` numbers a return.
  public static func sorted<Figure>(
    _ size: Int, _ returns: [Double], _ figure: (SortedSample) -> Figure
  ) -> [Figure?] {
    var window = SortedSample([])
    return returns.enumerated().map { index, value in
      if index >= size { window.remove(returns[index - size]) }
      window.insert(value)
      return window.count == size ? figure(window) : nil
    }
  }
}
