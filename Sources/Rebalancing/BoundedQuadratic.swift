import Statistics

/// Minimises ½ xᵀQx − cᵀx over aᵀx = b and least ≤ x ≤ most.
///
/// A primal active-set method: exact in as many steps as bounds change, because every step solves
/// the optimality conditions of the free variables.
///
/// Source: J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., 2006, algorithm 16.3.
struct BoundedQuadratic {
  let matrix: Matrix
  let linear: [Double]
  let normal: [Double]
  let least: [Double]
  let most: [Double]

  private enum Place { case free, atLeast, atMost }

  /// The minimiser.
  ///
  /// - Parameter start: A point that keeps all constraints, with at least one entry strictly inside
  ///   of its bounds or free to be taken as such.
  /// - Returns: The minimiser; `nil` where the matrix is singular on the free variables even with a
  ///   slight ridge, or no optimum was reached in the steps allowed.
  func solved(from start: [Double]) -> [Double]? {
    let size = matrix.diagonal.map { abs($0) }.max() ?? 0
    for ridge in [0, 1e-11, 1e-9] {
      if let solution = solved(from: start, ridge: ridge * size) { return solution }
    }
    return nil
  }

  private func solved(from start: [Double], ridge: Double) -> [Double]? {
    var x = start
    var places = start.indices.map { index -> Place in
      if x[index] <= least[index] { return .atLeast }
      return x[index] >= most[index] ? .atMost : .free
    }
    if !places.contains(.free) {
      guard let first = start.indices.first(where: { normal[$0] != 0 }) else { return nil }
      places[first] = .free
    }
    for step in 0..<(60 * x.count + 200) {
      let free = places.indices.filter { places[$0] == .free }
      guard let (target, price) = aim(x, free, ridge) else { return nil }
      if let block = blocking(x, target, free) {
        for (place, index) in free.enumerated() {
          x[index] += block.share * (target[place] - x[index])
        }
        let isLow = target[block.place] < x[free[block.place]]
        let index = free[block.place]
        places[index] = isLow ? .atLeast : .atMost
        x[index] = isLow ? least[index] : most[index]
        continue
      }
      for (place, index) in free.enumerated() { x[index] = target[place] }
      // After many steps the first violated bound goes, which cannot run in circles
      guard let next = violated(x, places, price, ridge, takesFirst: step > 20 * x.count + 50)
      else { return x }
      places[next] = .free
    }
    return nil
  }

  /// The optimum of the free variables, the others fixed, and the price of the equality.
  private func aim(
    _ x: [Double], _ free: [Int], _ ridge: Double
  ) -> (target: [Double], price: Double)? {
    var part = matrix.part(free)
    if ridge > 0 { for index in free.indices { part[index, index] += ridge } }
    var fixed = x
    for index in free { fixed[index] = 0 }
    var right: [Double] = []
    let isFixed = fixed.indices.filter { fixed[$0] != 0 }
    for index in free {
      var sum = linear[index]
      for other in isFixed { sum -= matrix[index, other] * fixed[other] }
      right.append(sum)
    }
    let normals = free.map { normal[$0] }
    let rest = total - isFixed.reduce(0) { $0 + normal[$1] * fixed[$1] }
    guard let factor = Cholesky(part), let base = factor.solve(right),
      let lift = factor.solve(normals)
    else { return nil }
    let slope = Matrix.dot(normals, lift)
    guard slope > 0 else { return nil }
    let price = (rest - Matrix.dot(normals, base)) / slope
    return (zip(base, lift).map { $0 + price * $1 }, price)
  }

  let total: Double

  /// The first bound on the way to the target.
  private func blocking(
    _ x: [Double], _ target: [Double], _ free: [Int]
  ) -> (place: Int, share: Double)? {
    var found: (place: Int, share: Double)?
    for (place, index) in free.enumerated() {
      let way = target[place] - x[index]
      let bound = way < 0 ? least[index] : most[index]
      let isBeyond = way < 0 ? target[place] < bound : target[place] > bound
      guard isBeyond, way != 0 else { continue }
      let share = min(max((bound - x[index]) / way, 0), 1)
      if share < found?.share ?? 2 { found = (place, share) }
    }
    return found
  }

  /// The bound whose release lowers the objective fastest.
  private func violated(
    _ x: [Double], _ places: [Place], _ price: Double, _ ridge: Double, takesFirst: Bool
  ) -> Int? {
    let slopes = matrix.times(x)
    let size = slopes.map { abs($0) }.max() ?? 0
    var found: (index: Int, gain: Double)?
    for index in places.indices where places[index] != .free && least[index] < most[index] {
      let slope = slopes[index] + ridge * x[index] - linear[index] - price * normal[index]
      let gain = places[index] == .atLeast ? -slope : slope
      let noise = 1e-12 * (size + abs(linear[index]) + abs(price * normal[index]))
      guard gain > noise else { continue }
      if takesFirst { return index }
      if gain > found?.gain ?? 0 { found = (index, gain) }
    }
    return found?.index
  }
}
