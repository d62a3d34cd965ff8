import Statistics

/// A GARCH(1,1) model of zero-mean returns with normal innovations.
///
/// σ²ₜ₊₁ = ω + α yₜ² + β σ²ₜ on y = scale · r.
///
/// Source: T. Bollerslev, Generalized autoregressive conditional heteroskedasticity, Journal of
/// Econometrics 31(3), 1986; the start is that of https://arch.readthedocs.io (backcast).
public struct Garch: Hashable, Sendable {
  /// The constant, in squared units of the scaled returns.
  public let omega: Double
  /// The weight of the last squared return.
  public let alpha: Double
  /// The weight of the last variance.
  public let beta: Double
  /// What returns are multiplied with, so that the constant is of handy size.
  public let scale: Double
  /// How the variance before the first return is guessed.
  public let backcast: Backcast

  /// The guess of a variance before the first return: a mean of early squares, falling in weight.
  public struct Backcast: Hashable, Sendable {
    /// How many returns count.
    public let count: Int
    /// The weight of each against the one before.
    public let lambda: Double

    /// Makes a guess of the first returns.
    ///
    /// - Parameters:
    ///   - count: How many returns count.
    ///   - lambda: The weight of each against the one before.
    public init(count: Int = 75, lambda: Double = 0.94) {
      self.count = count
      self.lambda = lambda
    }

    func variance(_ values: [Double]) -> Double {
      var weight = 1.0
      var sum = 0.0
      var whole = 0.0
      for value in values.prefix(max(count, 1)) {
        sum += weight * value * value
        whole += weight
        weight *= lambda
      }
      return whole > 0 ? sum / whole : 0
    }
  }

  /// Makes a model.
  ///
  /// - Parameters:
  ///   - omega: The constant.
  ///   - alpha: The weight of the last squared return.
  ///   - beta: The weight of the last variance.
  ///   - scale: What returns are multiplied with.
  ///   - backcast: How the variance before the first return is guessed.
  public init(
    omega: Double, alpha: Double, beta: Double, scale: Double = 100,
    backcast: Backcast = Backcast()
  ) {
    self.omega = omega
    self.alpha = alpha
    self.beta = beta
    self.scale = scale
    self.backcast = backcast
  }

  /// The variance before each return and one for the next bar, in the returns' squared unit.
  ///
  /// - Parameter returns: Oldest first.
  /// - Returns: One more than returns.
  public func variances(_ returns: [Double]) -> [Double] {
    let values = returns.map { $0 * scale }
    var variance = omega + (alpha + beta) * backcast.variance(values)
    var result = [variance]
    for value in values {
      variance = omega + alpha * value * value + beta * variance
      result.append(variance)
    }
    return result.map { $0 / (scale * scale) }
  }

  /// The logarithm of the likelihood of scaled returns; `nil` where a variance is not positive.
  ///
  /// - Parameter returns: Oldest first.
  /// - Returns: -½ Σ (ln 2π + ln σ² + y²/σ²).
  public func logLikelihood(_ returns: [Double]) -> Double? {
    likelihood(returns.map { $0 * scale })
  }

  private func likelihood(_ values: [Double], _ start: Double? = nil) -> Double? {
    var variance = omega + (alpha + beta) * (start ?? backcast.variance(values))
    var sum = 0.0
    for value in values {
      guard variance > 0, variance.isFinite else { return nil }
      let square = value * value
      sum += Elementary.log(2 * Double.pi * variance) + square / variance
      variance = omega + alpha * square + beta * variance
    }
    return -sum / 2
  }

  /// The parameters that make returns most likely.
  ///
  /// A simplex search from the best points of a coarse grid; ω > 0, α, β ≥ 0 and α + β < 1 hold by
  /// the way the parameters are written.
  ///
  /// - Parameters:
  ///   - returns: Oldest first.
  ///   - scale: What returns are multiplied with.
  ///   - backcast: How the variance before the first return is guessed.
  /// - Returns: The model; `nil` below 20 returns or without variance.
  /// - Source: J. A. Nelder, R. Mead, A simplex method for function minimization, The Computer
  ///   Journal 7(4), 1965.
  public static func fitted(
    _ returns: [Double], scale: Double = 100, backcast: Backcast = Backcast()
  ) -> Garch? {
    let values = returns.map { $0 * scale }
    let sample = Sample(values)
    guard values.count >= 20, let variance = sample.variance(lost: 0), variance > 0 else {
      return nil
    }
    func model(_ point: [Double]) -> Garch {
      let together = logistic(point[1])
      let share = logistic(point[2])
      return Garch(
        omega: Elementary.exp(point[0]), alpha: together * share, beta: together * (1 - share),
        scale: scale, backcast: backcast)
    }
    let start = backcast.variance(values)
    func cost(_ point: [Double]) -> Double {
      model(point).likelihood(values, start).map { -$0 } ?? .infinity
    }
    var starts: [(cost: Double, point: [Double])] = []
    for together in [0.5, 0.7, 0.9, 0.98] {
      for share in [0.01, 0.05, 0.1, 0.3] {
        let point = [
          Elementary.log(variance * (1 - together)), logit(together), logit(share),
        ]
        starts.append((cost(point), point))
      }
    }
    starts.sort { $0.cost < $1.cost }
    let ends = starts.prefix(3).map { Simplex.minimum(cost, from: $0.point) }
    return ends.min { $0.cost < $1.cost }.map { model($0.point) }
  }

  private static func logistic(_ x: Double) -> Double { 1 / (1 + Elementary.exp(-x)) }
  private static func logit(_ p: Double) -> Double { Elementary.log(p / (1 - p)) }
}

/// The simplex search of Nelder and Mead.
enum Simplex {
  /// A low point of a function near a start.
  static func minimum(
    _ cost: ([Double]) -> Double, from start: [Double], steps: Int = 1_500
  ) -> (cost: Double, point: [Double]) {
    var best = search(cost, start, steps)
    // A collapsed simplex may stand still beside the minimum; a fresh one moves on.
    for _ in 0..<4 {
      let again = search(cost, best.point, steps)
      let gain = best.cost - again.cost
      if gain > 0 { best = again }
      if gain < 1e-9 { break }
    }
    return best
  }

  private static func search(
    _ cost: ([Double]) -> Double, _ start: [Double], _ steps: Int
  ) -> (cost: Double, point: [Double]) {
    var corners = [(cost: cost(start), point: start)]
    for axis in start.indices {
      var point = start
      point[axis] += 0.5
      corners.append((cost(point), point))
    }
    for _ in 0..<steps {
      corners.sort { $0.cost < $1.cost }
      let worst = corners[start.count]
      if worst.cost - corners[0].cost <= 1e-12 * abs(corners[0].cost) { break }
      var centre = [Double](repeating: 0, count: start.count)
      for corner in corners.dropLast() {
        for axis in centre.indices { centre[axis] += corner.point[axis] / Double(start.count) }
      }
      func along(_ factor: Double) -> (cost: Double, point: [Double]) {
        let point = centre.indices.map { centre[$0] + factor * (worst.point[$0] - centre[$0]) }
        return (cost(point), point)
      }
      let mirrored = along(-1)
      if mirrored.cost < corners[0].cost {
        let farther = along(-2)
        corners[start.count] = farther.cost < mirrored.cost ? farther : mirrored
      } else if mirrored.cost < corners[start.count - 1].cost {
        corners[start.count] = mirrored
      } else {
        let nearer = along(mirrored.cost < worst.cost ? -0.5 : 0.5)
        if nearer.cost < min(mirrored.cost, worst.cost) {
          corners[start.count] = nearer
        } else {
          for index in 1...start.count {
            let low = corners[0].point
            let point = low.indices.map { (low[$0] + corners[index].point[$0]) / 2 }
            corners[index] = (cost(point), point)
          }
        }
      }
    }
    let least = corners.min { $0.cost < $1.cost }
    return least ?? (cost(start), start)
  }
}
