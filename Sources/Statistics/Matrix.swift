/// A small dense matrix of floating-point numbers, row after row.
public struct Matrix: Hashable, Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The elements, row after row.
  ///
  /// Shape: rows · columns.
  public internal(set) var elements: [Double]

  /// Makes a matrix of one value.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns.
  ///   - value: Every element.
  public init(rows: Int, columns: Int, repeating value: Double = 0) {
    self.rows = rows
    self.columns = columns
    elements = [Double](repeating: value, count: rows * columns)
  }

  /// Makes a matrix of its elements, row after row.
  init(rows: Int, columns: Int, elements: [Double]) {
    precondition(elements.count == rows * columns, "rows times columns elements")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// Makes a matrix with as many rows as columns of its elements, row after row; `nil` of a count
  /// that is no square.
  public init?(square elements: [Double]) {
    let side = Int(Double(elements.count).squareRoot().rounded())
    guard side * side == elements.count else { return nil }
    self.init(rows: side, columns: side, elements: elements)
  }

  /// Makes a matrix of rows; `nil` unless they are of one length.
  public init?(_ rows: [[Double]]) {
    let width = rows.first?.count ?? 0
    guard rows.allSatisfy({ $0.count == width }) else { return nil }
    self.rows = rows.count
    columns = width
    elements = rows.flatMap { $0 }
  }

  /// Makes a diagonal matrix.
  public init(diagonal: [Double]) {
    self.init(rows: diagonal.count, columns: diagonal.count)
    for (index, value) in diagonal.enumerated() { self[index, index] = value }
  }

  /// An element.
  public subscript(row: Int, column: Int) -> Double {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  /// Whether there are as many rows as columns.
  public var isSquare: Bool { rows == columns }

  /// The elements of a row.
  public func row(_ index: Int) -> ArraySlice<Double> {
    elements[index * columns..<(index + 1) * columns]
  }

  /// All rows.
  public var nested: [[Double]] { (0..<rows).map { Array(row($0)) } }

  /// The elements of the diagonal.
  public var diagonal: [Double] { (0..<min(rows, columns)).map { self[$0, $0] } }

  /// The sum of the diagonal.
  public var trace: Double { diagonal.reduce(0, +) }

  /// The root of the sum of squared elements.
  public var frobeniusNorm: Double {
    elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// Rows for columns.
  public var transposed: Matrix {
    var result = Matrix(rows: columns, columns: rows)
    for i in 0..<rows { for j in 0..<columns { result[j, i] = self[i, j] } }
    return result
  }

  /// The product with a vector.
  ///
  /// - Parameter vector: One value a column.
  /// - Returns: One value a row.
  public func times(_ vector: [Double]) -> [Double] {
    precondition(vector.count == columns, "one value a column")
    return (0..<rows).map { Matrix.dot(row($0), vector[...]) }
  }

  /// The product with a matrix.
  ///
  /// - Parameter other: A matrix with one row a column of this one.
  /// - Returns: The product.
  public func times(_ other: Matrix) -> Matrix {
    precondition(other.rows == columns, "one row a column")
    let turned = other.transposed
    var result = Matrix(rows: rows, columns: other.columns)
    for i in 0..<rows {
      let own = row(i)
      for j in 0..<other.columns { result[i, j] = Matrix.dot(own, turned.row(j)) }
    }
    return result
  }

  /// The form xᵀ A x.
  ///
  /// - Parameter vector: One value a column.
  /// - Returns: A number.
  public func quadraticForm(_ vector: [Double]) -> Double {
    Matrix.dot(vector[...], times(vector)[...])
  }

  /// Every element times a number.
  public func scaled(by factor: Double) -> Matrix { map { $0 * factor } }

  /// A matrix of what a function makes of each element.
  public func map(_ transform: (Double) -> Double) -> Matrix {
    var result = self
    result.elements = elements.map(transform)
    return result
  }

  /// The difference of two matrices of one shape.
  public static func - (a: Matrix, b: Matrix) -> Matrix {
    precondition(a.rows == b.rows && a.columns == b.columns, "matrices of one shape")
    var result = a
    for index in result.elements.indices { result.elements[index] -= b.elements[index] }
    return result
  }

  /// Rows and columns of some indices, in their order.
  public func part(_ indices: [Int]) -> Matrix {
    var result = Matrix(rows: indices.count, columns: indices.count)
    for (i, row) in indices.enumerated() {
      for (j, column) in indices.enumerated() { result[i, j] = self[row, column] }
    }
    return result
  }

  /// The sum of products of two vectors of one length.
  static func dot(_ a: ArraySlice<Double>, _ b: ArraySlice<Double>) -> Double {
    var sum = 0.0
    var place = b.startIndex
    for value in a {
      sum += value * b[place]
      place += 1
    }
    return sum
  }

  /// The sum of products of two vectors of one length.
  ///
  /// - Parameters:
  ///   - a: A vector.
  ///   - b: A vector as long.
  /// - Returns: Σ aᵢ bᵢ.
  public static func dot(_ a: [Double], _ b: [Double]) -> Double {
    precondition(a.count == b.count, "vectors of one length")
    return dot(a[...], b[...])
  }
}

/// The lower triangular matrix L with L Lᵀ = A.
public struct Cholesky: Hashable, Sendable {
  /// L, with zeros above the diagonal.
  public let lower: Matrix

  /// Factorises a symmetric matrix, of which the lower triangle is read.
  ///
  /// A pivot that is zero but for rounding, as of two assets that move as one, is taken as zero.
  ///
  /// - Parameter matrix: Symmetric and positive semidefinite.
  /// - Source: G. H. Golub, C. F. Van Loan, Matrix Computations, 4th ed., 2013, section 4.2.
  public init?(_ matrix: Matrix) {
    guard matrix.isSquare else { return nil }
    let n = matrix.rows
    var lower = Matrix(rows: n, columns: n)
    let slack = 1e-12 * (matrix.diagonal.map { abs($0) }.max() ?? 0)
    for j in 0..<n {
      let pivot = matrix[j, j] - Matrix.dot(lower.row(j).prefix(j), lower.row(j).prefix(j))
      guard pivot.isFinite, pivot >= -slack else { return nil }
      let root = pivot > slack ? pivot.squareRoot() : 0
      lower[j, j] = root
      for i in (j + 1)..<max(n, j + 1) {
        let rest = matrix[i, j] - Matrix.dot(lower.row(i).prefix(j), lower.row(j).prefix(j))
        lower[i, j] = root == 0 ? 0 : rest / root
      }
    }
    self.lower = lower
  }

  /// Solves A x = b; `nil` where A is singular.
  public func solve(_ right: [Double]) -> [Double]? {
    let n = lower.rows
    precondition(right.count == n, "one value a row")
    guard lower.diagonal.allSatisfy({ $0 > 0 }) else { return nil }
    var x = right
    for i in 0..<n {
      x[i] = (x[i] - Matrix.dot(lower.row(i).prefix(i), x[..<i])) / lower[i, i]
    }
    for i in (0..<n).reversed() {
      var sum = x[i]
      for k in (i + 1)..<max(n, i + 1) { sum -= lower[k, i] * x[k] }
      x[i] = sum / lower[i, i]
    }
    return x
  }
}

/// Eigenvalues and eigenvectors of a symmetric matrix.
public struct SymmetricEigen: Hashable, Sendable {
  /// The eigenvalues, greatest first.
  public let values: [Double]
  /// The eigenvectors of length one, as columns in the order of the values.
  public let vectors: Matrix

  /// Diagonalises a symmetric matrix by Jacobi's rotations.
  ///
  /// - Parameter matrix: Square and symmetric.
  /// - Complexity: O(n³) a sweep, seldom more than ten sweeps; meant for n up to a few hundred.
  /// - Source: G. H. Golub, C. F. Van Loan, Matrix Computations, 4th ed., 2013, section 8.5.
  public init(_ matrix: Matrix) {
    precondition(matrix.isSquare, "a square matrix")
    let n = matrix.rows
    var work = matrix
    // Rows, not columns, hold the vectors while they turn: rows are contiguous.
    var turned = Matrix(diagonal: [Double](repeating: 1, count: n))
    let size = work.frobeniusNorm
    for _ in 0..<60 {
      var outside = 0.0
      for i in 0..<n { for j in 0..<i { outside += work[i, j] * work[i, j] } }
      if outside.squareRoot() <= 1e-17 * size { break }
      for p in 0..<n {
        for q in (p + 1)..<max(n, p + 1) { SymmetricEigen.rotate(&work, &turned, p, q) }
      }
    }
    let order = (0..<n).sorted { work[$0, $0] > work[$1, $1] }
    values = order.map { work[$0, $0] }
    var vectors = Matrix(rows: n, columns: n)
    for (column, place) in order.enumerated() {
      for k in 0..<n { vectors[k, column] = turned[place, k] }
    }
    self.vectors = vectors
  }

  /// The smallest eigenvalue; `nil` of an empty matrix.
  public var smallest: Double? { values.last }

  /// The matrix with other eigenvalues and these vectors.
  ///
  /// - Parameter values: One an eigenvector.
  /// - Returns: V diag(values) Vᵀ, exactly symmetric.
  public func rebuilt(_ values: [Double]) -> Matrix {
    let n = vectors.rows
    var result = Matrix(rows: n, columns: n)
    for i in 0..<n {
      for j in 0...i {
        var sum = 0.0
        for k in 0..<n { sum += vectors[i, k] * values[k] * vectors[j, k] }
        result[i, j] = sum
        result[j, i] = sum
      }
    }
    return result
  }

  /// The greatest eigenvalue of a positive semidefinite matrix, by powers of it.
  ///
  /// - Parameter matrix: Square, symmetric and positive semidefinite.
  /// - Returns: The Rayleigh quotient once it stands still; zero of a zero matrix.
  /// - Complexity: O(n²) a step, at most 10 000 steps.
  /// - Source: G. H. Golub, C. F. Van Loan, Matrix Computations, 4th ed., 2013, section 8.2.1.
  public static func greatest(of matrix: Matrix) -> Double {
    precondition(matrix.isSquare, "a square matrix")
    // Not all alike, so that no symmetry hides the first eigenvector.
    var vector = (0..<matrix.rows).map { 1 + 0.01 * Double($0 % 7) }
    var last = 0.0
    for _ in 0..<10_000 {
      let length = Matrix.dot(vector, vector).squareRoot()
      guard length > 0 else { return 0 }
      vector = vector.map { $0 / length }
      let next = matrix.times(vector)
      let value = Matrix.dot(vector, next)
      if abs(value - last) <= 1e-15 * abs(value) { return value }
      last = value
      vector = next
    }
    return last
  }

  private static func rotate(_ a: inout Matrix, _ v: inout Matrix, _ p: Int, _ q: Int) {
    let between = a[p, q]
    guard between != 0 else { return }
    let theta = (a[q, q] - a[p, p]) / (2 * between)
    let root = (theta * theta + 1).squareRoot()
    let tangent = theta >= 0 ? 1 / (theta + root) : 1 / (theta - root)
    let cosine = 1 / (tangent * tangent + 1).squareRoot()
    let sine = tangent * cosine
    let n = a.rows
    for k in 0..<n {
      let left = a[k, p]
      let right = a[k, q]
      a[k, p] = cosine * left - sine * right
      a[k, q] = sine * left + cosine * right
    }
    for k in 0..<n {
      let upper = a[p, k]
      let lower = a[q, k]
      a[p, k] = cosine * upper - sine * lower
      a[q, k] = sine * upper + cosine * lower
      let first = v[p, k]
      let second = v[q, k]
      v[p, k] = cosine * first - sine * second
      v[q, k] = sine * first + cosine * second
    }
    a[p, q] = 0
    a[q, p] = 0
  }
}
