/// The inner loops of the books, on vectors of eight.
///
/// Bounds are checked once before each loop. A sum over eight lanes is in another order than one
/// number after the other; both are within rounding of the exact sum.
enum Kernel {
  typealias Lanes = SIMD8<Double>
  private static let width = 8
  private static let stride = MemoryLayout<Double>.stride

  /// target += factor · row of a matrix that is as wide as the target.
  static func add(_ factor: Double, row: Int, of matrix: [Double], to target: inout [Double]) {
    let count = target.count
    precondition(row >= 0 && (row + 1) * count <= matrix.count, "a row of the matrix")
    unsafe matrix.withUnsafeBufferPointer { matrix in
      unsafe target.withUnsafeMutableBufferPointer { target in
        guard let source = matrix.baseAddress, let goal = target.baseAddress else { return }
        let from = unsafe source + row * count
        for index in 0..<count { unsafe goal[index] += factor * from[index] }
      }
    }
  }

  /// Stores values at a place and gives their product with other values.
  static func store(
    _ values: [Double], _ others: [Double], into target: inout [Double], at place: Int
  ) -> Double {
    let count = values.count
    precondition(others.count == count && place >= 0 && place + count <= target.count, "room")
    var sum = 0.0
    unsafe target.withUnsafeMutableBufferPointer { target in
      unsafe values.withUnsafeBufferPointer { values in
        unsafe others.withUnsafeBufferPointer { others in
          for index in 0..<count { unsafe target[place + index] = values[index] }
          sum = unsafe dot(
            UnsafeRawBufferPointer(values), UnsafeRawBufferPointer(others), count)
        }
      }
    }
    return sum
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
    var sum = 0.0
    unsafe matrix.withUnsafeBytes { matrix in
      unsafe vector.withUnsafeBytes { vector in
        for row in 0..<count {
          let part = unsafe UnsafeRawBufferPointer(
            rebasing: matrix[(row * count * stride)..<((row + 1) * count * stride)])
          products[row] = unsafe dot(part, vector, count)
        }
      }
    }
    for row in 0..<count { sum += vector[row] * products[row] }
    return sum
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
    precondition(rows.count == width * count, "eight rows")
    unsafe matrix.withUnsafeMutableBytes { matrix in
      unsafe rows.withUnsafeBytes { rows in
        unsafe vector.withUnsafeBytes { vector in
          guard let goal = matrix.baseAddress, let source = rows.baseAddress,
            let given = vector.baseAddress
          else { return }
          for row in 0..<count {
            products[row] = unsafe update(
              goal + row * count * stride, scale, source, row, given, count)
          }
        }
      }
    }
    var sum = 0.0
    for row in 0..<count { sum += vector[row] * products[row] }
    return sum
  }

  /// One row of `update`; gives its product with the vector.
  @inline(__always)
  private static func update(
    _ goal: UnsafeMutableRawPointer, _ scale: Double, _ rows: UnsafeRawPointer, _ row: Int,
    _ vector: UnsafeRawPointer, _ count: Int
  ) -> Double {
    let line = count * stride
    func factor(_ k: Int) -> Double {
      unsafe rows.loadUnaligned(fromByteOffset: k * line + row * stride, as: Double.self)
    }
    let f0 = factor(0)
    let f1 = factor(1)
    let f2 = factor(2)
    let f3 = factor(3)
    let f4 = factor(4)
    let f5 = factor(5)
    let f6 = factor(6)
    let f7 = factor(7)
    var sum = SIMD4<Double>.zero
    var place = 0
    let whole = count / 4 * 4 * stride
    while place < whole {
      func part(_ k: Int) -> SIMD4<Double> {
        unsafe rows.loadUnaligned(fromByteOffset: k * line + place, as: SIMD4<Double>.self)
      }
      var value = unsafe goal.loadUnaligned(fromByteOffset: place, as: SIMD4<Double>.self) * scale
      value += part(0) * f0
      value += part(1) * f1
      value += part(2) * f2
      value += part(3) * f3
      value += part(4) * f4
      value += part(5) * f5
      value += part(6) * f6
      value += part(7) * f7
      unsafe goal.storeBytes(of: value, toByteOffset: place, as: SIMD4<Double>.self)
      let weight = unsafe vector.loadUnaligned(fromByteOffset: place, as: SIMD4<Double>.self)
      sum += value * weight
      place += 4 * stride
    }
    var total = sum.sum()
    while place < line {
      func part(_ k: Int) -> Double {
        unsafe rows.loadUnaligned(fromByteOffset: k * line + place, as: Double.self)
      }
      var value = unsafe goal.loadUnaligned(fromByteOffset: place, as: Double.self) * scale
      value += part(0) * f0
      value += part(1) * f1
      value += part(2) * f2
      value += part(3) * f3
      value += part(4) * f4
      value += part(5) * f5
      value += part(6) * f6
      value += part(7) * f7
      unsafe goal.storeBytes(of: value, toByteOffset: place, as: Double.self)
      let weight = unsafe vector.loadUnaligned(fromByteOffset: place, as: Double.self)
      total += value * weight
      place += stride
    }
    return total
  }

  private static func dot(
    _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, _ count: Int
  ) -> Double {
    var sum = Lanes.zero
    var place = 0
    let whole = count / width * width * stride
    while place < whole {
      let left = unsafe a.loadUnaligned(fromByteOffset: place, as: Lanes.self)
      let right = unsafe b.loadUnaligned(fromByteOffset: place, as: Lanes.self)
      sum += left * right
      place += width * stride
    }
    var total = sum.sum()
    while place < count * stride {
      let left = unsafe a.loadUnaligned(fromByteOffset: place, as: Double.self)
      let right = unsafe b.loadUnaligned(fromByteOffset: place, as: Double.self)
      total += left * right
      place += stride
    }
    return total
  }
}
