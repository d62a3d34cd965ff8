/// A correlation matrix that is one, made of a matrix that is almost one.
public struct NearestCorrelation: Hashable, Sendable {
  /// The nearest matrix: symmetric, ones on the diagonal, no negative eigenvalue.
  public let matrix: Matrix
  /// How far it is from what was given, in the Frobenius norm.
  public let distance: Double
  /// The smallest eigenvalue of what was given.
  public let smallestGiven: Double

  /// Whether what was given had no negative eigenvalue beyond rounding.
  public var wasSemidefinite: Bool { smallestGiven >= -1e-12 }

  /// Finds the nearest correlation matrix by alternating projections.
  ///
  /// - Parameter given: Square and symmetric.
  /// - Complexity: O(N³) a step, up to a few hundred steps; not for every tick.
  /// - Source: N. J. Higham, Computing the nearest correlation matrix - a problem from finance, IMA
  ///   Journal of Numerical Analysis 22(3), 2002, algorithm 3.3.
  public init(_ given: Matrix) {
    precondition(given.isSquare, "a square matrix")
    smallestGiven = SymmetricEigen(given).smallest ?? 0
    var current = given
    var correction = Matrix(rows: given.rows, columns: given.columns)
    for _ in 0..<2_000 {
      let raised = current - correction
      let projected = NearestCorrelation.semidefinite(raised)
      correction = projected - raised
      var next = projected
      for i in 0..<given.rows { next[i, i] = 1 }
      let change = (next - current).frobeniusNorm
      let gap = (next - projected).frobeniusNorm
      current = next
      if max(change, gap) <= 1e-10 * current.frobeniusNorm { break }
    }
    matrix = current
    distance = (current - given).frobeniusNorm
  }

  /// Sets negative eigenvalues to zero and scales the diagonal back to one: quick, not the nearest.
  ///
  /// - Parameter given: Square and symmetric.
  /// - Returns: The clipped matrix; `nil` where a variable has nothing left.
  public static func clipped(_ given: Matrix) -> Matrix? {
    let raised = semidefinite(given)
    let roots = raised.diagonal.map { $0.squareRoot() }
    guard roots.allSatisfy({ $0 > 0 }) else { return nil }
    return Covariance.symmetric(given.rows) { i, j in raised[i, j] / (roots[i] * roots[j]) }
  }

  private static func semidefinite(_ matrix: Matrix) -> Matrix {
    let eigen = SymmetricEigen(matrix)
    return eigen.rebuilt(eigen.values.map { max($0, 0) })
  }
}
