import CVector

/// The inner loops of the books, as wide as the processor allows.
///
/// Bounds are checked once before each loop. A sum over lanes is in another order than one number
/// after the other, and processors that multiply and add in one step round once instead of twice; all
/// are within rounding of the exact sum.
enum Kernel {
  /// How many numbers the processor takes at once.
  private static let width = vector_width()

  /// target += factor · row of a matrix that is as wide as the target.
  static func add(_ factor: Double, row: Int, of matrix: [Double], to target: inout [Double]) {
    let count = target.count
    precondition(row >= 0 && (row + 1) * count <= matrix.count, "a row of the matrix")
    let width = width
    unsafe matrix.withUnsafeBufferPointer { matrix in
      unsafe target.withUnsafeMutableBufferPointer { target in
        guard let source = matrix.baseAddress, let goal = target.baseAddress else { return }
        unsafe vector_add(width, factor, source + row * count, goal, count)
      }
    }
  }

  /// Stores values at a place and gives their product with other values.
  static func store(
    _ values: [Double], _ others: [Double], into target: inout [Double], at place: Int
  ) -> Double {
    let count = values.count
    precondition(others.count == count && place >= 0 && place + count <= target.count, "room")
    let width = width
    var sum = 0.0
    unsafe target.withUnsafeMutableBufferPointer { target in
      unsafe values.withUnsafeBufferPointer { values in
        unsafe others.withUnsafeBufferPointer { others in
          guard let goal = target.baseAddress, let one = values.baseAddress,
            let other = others.baseAddress
          else { return }
          unsafe (goal + place).update(from: one, count: count)
          sum = unsafe vector_dot(width, one, other, count)
        }
      }
    }
    return sum
  }

  /// The sum of eight numbers, by halves.
  @inline(__always)
  static func sum(_ values: SIMD8<Double>) -> Double {
    let half = values.lowHalf + values.highHalf
    let quarter = half.lowHalf + half.highHalf
    return quarter.x + quarter.y
  }

  /// Whether all numbers are finite.
  static func areFinite(_ values: [Double]) -> Bool {
    // What is not finite stays so times zero.
    var sum = 0.0
    for value in values { sum += value * 0 }
    return sum == 0
  }

  /// A row of a matrix times the root of a number.
  static func scale(_ rows: inout [Double], row: Int, _ count: Int, _ square: Double) {
    let factor = square.squareRoot()
    for index in (row * count)..<((row + 1) * count) { rows[index] *= factor }
  }

  /// matrix · vector into the products; gives vectorᵀ · products.
  static func multiply(
    _ matrix: [Double], _ vector: [Double], into products: inout [Double]
  ) -> Double {
    let count = vector.count
    precondition(matrix.count == count * count && products.count == count, "one row a value")
    let width = width
    unsafe matrix.withUnsafeBufferPointer { matrix in
      unsafe vector.withUnsafeBufferPointer { vector in
        guard let source = matrix.baseAddress, let given = vector.baseAddress else { return }
        for row in 0..<count {
          products[row] = unsafe vector_dot(width, source + row * count, given, count)
        }
      }
    }
    return dot(vector, products)
  }

  /// Every series times every other, N × N, of series of one length.
  static func products(_ series: [[Double]]) -> [Double] {
    let count = series.count
    let length = series.first?.count ?? 0
    let flat = series.flatMap { $0 }
    precondition(flat.count == count * length, "series of one length")
    var products = [Double](repeating: 0, count: count * count)
    let width = width
    unsafe flat.withUnsafeBufferPointer { flat in
      unsafe products.withUnsafeMutableBufferPointer { products in
        guard let source = flat.baseAddress, let goal = products.baseAddress else { return }
        unsafe vector_products(width, source, count, length, goal)
      }
    }
    return products
  }

  /// matrix ← scale · matrix + Σₖ rowsₖᵀ rowsₖ with eight rows; products ← matrix · vector.
  ///
  /// - Returns: vectorᵀ · products.
  static func update(
    _ matrix: inout [Double], _ scale: Double, _ rows: [Double], _ vector: [Double],
    into products: inout [Double]
  ) -> Double {
    let count = vector.count
    precondition(matrix.count == count * count && products.count == count, "one row a value")
    precondition(rows.count == 8 * count, "eight rows")
    let width = width
    unsafe matrix.withUnsafeMutableBufferPointer { matrix in
      unsafe rows.withUnsafeBufferPointer { rows in
        unsafe vector.withUnsafeBufferPointer { vector in
          unsafe products.withUnsafeMutableBufferPointer { products in
            guard let goal = matrix.baseAddress, let source = rows.baseAddress,
              let given = vector.baseAddress, let result = products.baseAddress
            else { return }
            unsafe vector_update(width, goal, scale, source, given, result, count)
          }
        }
      }
    }
    return dot(vector, products)
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    let width = width
    var sum = 0.0
    unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in
        guard let one = a.baseAddress, let other = b.baseAddress else { return }
        sum = unsafe vector_dot(width, one, other, min(a.count, b.count))
      }
    }
    return sum
  }
}
