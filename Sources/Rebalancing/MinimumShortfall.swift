import Statistics

/// Weights whose worst scenarios cost least on average (minimum expected shortfall, CVaR).
public struct MinimumShortfall: Hashable, Sendable {
  /// One an asset.
  public let weights: [Double]
  /// The expected shortfall they have in the scenarios, positive for a loss.
  ///
  /// Unit: 1.
  public let shortfall: Double
  /// A bound from below on any weights' shortfall; equal to `shortfall` but for rounding.
  public let bound: Double

  /// Minimises the mean of the worst n(1 − a) of n scenarios, the last of them in part.
  ///
  /// The linear programme of Rockafellar and Uryasev is solved by its tails: each set of worst
  /// scenarios is one plane under the shortfall, and only planes that matter are ever made. They are
  /// the columns of a simplex method with as many rows as assets and one.
  ///
  /// Of several optima it is one; `nil` without scenarios, for a confidence
  /// outside (0, 1), where the limits cannot be met or a return is no number.
  ///
  /// - Parameters:
  ///   - scenarios: Simple returns by asset, then scenario.
  ///   - confidence: Between 0 and 1: 0.95 looks at the worst twentieth.
  ///   - limits: For each asset; long only without more.
  /// - Complexity: O(N T + N²) a plane; some hundred planes for twenty assets.
  /// - Source: R. T. Rockafellar, S. Uryasev, Optimization of conditional value-at-risk, J. of Risk 2
  ///   (2000), 21-41; planes: A. Künzi-Bay, J. Mayer, Computational aspects of minimizing
  ///   conditional value-at-risk, Computational Management Science 3 (2006), 3-27.
  public init?(scenarios: [[Double]], confidence: Double, limits: WeightLimits? = nil) {
    let limits = limits ?? WeightLimits(count: scenarios.count)
    precondition(limits.least.count == scenarios.count, "Every asset has limits.")
    guard let tail = ScenarioTail(scenarios, confidence), limits.canBeMet else { return nil }
    var planes = PlaneSimplex(limits, first: tail.plane(limits.filled(Array(scenarios.indices))))
    var best: (weights: [Double], shortfall: Double)?
    for _ in 0..<(5_000 + 100 * scenarios.count) {
      guard planes.settleLimits() else { break }
      let weights = planes.weights
      let plane = tail.plane(weights)
      let shortfall = Matrix.dot(plane, weights)
      if shortfall < best?.shortfall ?? .infinity { best = (weights, shortfall) }
      let slack = 1e-13 * max(abs(shortfall), 1e-6)
      guard shortfall - planes.bound > slack, planes.add(plane) else { break }
    }
    guard let best else { return nil }
    guard let weights = Allocation.normalised(best.weights.map { abs($0) < 1e-13 ? 0 : $0 }) else {
      return nil
    }
    self.weights = weights
    shortfall = Matrix.dot(tail.plane(weights), weights)
    bound = planes.bound
  }
}

/// The worst scenarios of weights.
private struct ScenarioTail {
  private let scenarios: [[Double]]
  private let mass: Double
  private let rank: Int

  init?(_ scenarios: [[Double]], _ confidence: Double) {
    guard let count = scenarios.first?.count, count > 0, confidence > 0, confidence < 1,
      scenarios.allSatisfy({ $0.allSatisfy(\.isFinite) })
    else { return nil }
    precondition(scenarios.allSatisfy { $0.count == count }, "Scenarios are the same for all.")
    self.scenarios = scenarios
    mass = Double(count) * (1 - confidence)
    rank = TailCount.ceiling(mass, within: count)
  }

  /// The mean loss of each asset in the tail of the weights: a plane under the shortfall.
  func plane(_ weights: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: scenarios[0].count)
    for (weight, column) in zip(weights, scenarios) where weight != 0 {
      for index in sums.indices { sums[index] += weight * column[index] }
    }
    let threshold = sums.sorted()[rank - 1]
    var shares: [(index: Int, share: Double)] = []
    for index in sums.indices where sums[index] < threshold { shares.append((index, 1)) }
    // What is left of the tail falls on the first scenarios at the threshold
    var left = mass - Double(shares.count)
    for index in sums.indices where sums[index] == threshold && left > 0 {
      shares.append((index, min(left, 1)))
      left -= 1
    }
    return scenarios.map { column in
      -shares.reduce(0) { $0 + $1.share * column[$1.index] } / mass
    }
  }
}

/// The simplex method on: maximise v + Σ least s − Σ most q over Σ p = 1, p, s, q ≥ 0 and, for
/// every asset, v + s − q = Σ p · plane.
///
/// It is the dual of the smallest value that keeps above all planes; its prices are that value and
/// the weights.
private struct PlaneSimplex {
  private enum Column { case value, least(Int), most(Int), plane([Double]) }

  private let limits: WeightLimits
  private var basis: [Column] = []
  private var inverse: Matrix
  private var levels: [Double] = []
  private var prices: [Double] = []
  private var pivotCount = 0

  /// The weights of the present basis; they add up to 1 but may miss limits before `settleLimits`.
  var weights: [Double] { Array(prices.dropFirst()) }
  /// What no weights can get below, as far as the planes tell.
  var bound: Double { prices[0] }

  init(_ limits: WeightLimits, first plane: [Double]) {
    self.limits = limits
    let count = limits.least.count
    inverse = Matrix(rows: count + 1, columns: count + 1)
    let lowest = plane.indices.min { plane[$0] < plane[$1] } ?? 0
    basis = [.plane(plane)] + (0..<count).map { $0 == lowest ? .value : .least($0) }
    _ = refactor()
  }

  private func vector(_ column: Column) -> [Double] {
    let count = limits.least.count
    var vector = [Double](repeating: 0, count: count + 1)
    switch column {
    case .value: for asset in 1...count { vector[asset] = 1 }
    case .least(let asset): vector[asset + 1] = 1
    case .most(let asset): vector[asset + 1] = -1
    case .plane(let plane):
      vector[0] = 1
      for asset in 0..<count { vector[asset + 1] = -plane[asset] }
    }
    return vector
  }

  private func gain(_ column: Column) -> Double {
    switch column {
    case .value: 1
    case .least(let asset): limits.least[asset]
    case .most(let asset): -limits.most[asset]
    case .plane: 0
    }
  }

  /// Brings in bounds until the weights keep their limits; `false` where that fails.
  mutating func settleLimits() -> Bool {
    for _ in 0..<(200 + 20 * limits.least.count) {
      var worst: (column: Column, miss: Double)?
      for (asset, weight) in weights.enumerated() {
        let low = limits.least[asset] - weight
        let high = weight - limits.most[asset]
        if low > max(1e-12, worst?.miss ?? 0) { worst = (.least(asset), low) }
        if high > max(1e-12, worst?.miss ?? 0) { worst = (.most(asset), high) }
      }
      guard let worst else { return true }
      guard enter(worst.column) else { return false }
    }
    return false
  }

  /// Adds a plane; `false` where it changes nothing.
  mutating func add(_ plane: [Double]) -> Bool { enter(.plane(plane)) }

  private mutating func enter(_ column: Column) -> Bool {
    let way = inverse.times(vector(column))
    var leaving: Int?
    var (least, pivot) = (Double.infinity, 0.0)
    for row in basis.indices where way[row] > 1e-11 {
      if case .value = basis[row] { continue }
      let ratio = max(levels[row], 0) / way[row]
      // Of equal ratios the largest pivot is safest
      if ratio < least - 1e-15 || (ratio <= least + 1e-15 && way[row] > pivot) {
        (leaving, least, pivot) = (row, min(ratio, least), way[row])
      }
    }
    guard let leaving else { return false }
    basis[leaving] = column
    pivotCount += 1
    if pivotCount % 40 == 0 { return refactor() }
    exchange(leaving, way)
    return true
  }

  private mutating func exchange(_ leaving: Int, _ way: [Double]) {
    let width = inverse.columns
    let scale = 1 / way[leaving]
    for column in 0..<width { inverse[leaving, column] *= scale }
    levels[leaving] *= scale
    for row in 0..<width where row != leaving && way[row] != 0 {
      let factor = way[row]
      for column in 0..<width {
        inverse[row, column] -= factor * inverse[leaving, column]
      }
      levels[row] -= factor * levels[leaving]
    }
    price()
  }

  private mutating func price() {
    var sums = [Double](repeating: 0, count: basis.count)
    for (row, column) in basis.enumerated() {
      let gain = gain(column)
      guard gain != 0 else { continue }
      for index in sums.indices { sums[index] += gain * inverse[row, index] }
    }
    prices = sums
  }

  /// Inverts the basis anew, so that rounding does not pile up.
  private mutating func refactor() -> Bool {
    let count = basis.count
    var work = Matrix(rows: count, columns: count)
    for (column, member) in basis.enumerated() {
      for (row, value) in vector(member).enumerated() { work[row, column] = value }
    }
    guard let inverted = work.gaussInverse else { return false }
    inverse = inverted
    levels = (0..<count).map { inverse[$0, 0] }
    price()
    return true
  }
}

extension Matrix {
  /// The inverse by elimination with row pivots; `nil` where singular.
  fileprivate var gaussInverse: Matrix? {
    var work = self
    var result = Matrix(diagonal: [Double](repeating: 1, count: rows))
    for column in 0..<rows {
      guard let pivot = (column..<rows).max(by: { abs(work[$0, column]) < abs(work[$1, column]) }),
        abs(work[pivot, column]) > 1e-14
      else { return nil }
      for place in 0..<rows {
        (work[column, place], work[pivot, place]) = (work[pivot, place], work[column, place])
        (result[column, place], result[pivot, place]) =
          (result[pivot, place], result[column, place])
      }
      let scale = 1 / work[column, column]
      for place in 0..<rows {
        work[column, place] *= scale
        result[column, place] *= scale
      }
      for row in 0..<rows where row != column && work[row, column] != 0 {
        let factor = work[row, column]
        for place in 0..<rows {
          work[row, place] -= factor * work[column, place]
          result[row, place] -= factor * result[column, place]
        }
      }
    }
    return result
  }
}
