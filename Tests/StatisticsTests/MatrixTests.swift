import Statistics
import Testing

@Suite struct MatrixTests {
  private func random(_ size: Int, _ generator: inout Xoshiro256) -> Matrix {
    let draws = NormalDraws()
    let series = (0..<size).map { _ in (0..<(size + 5)).map { _ in draws.next(&generator) } }
    return Covariance.sample(series) ?? Matrix(rows: size, columns: size)
  }

  @Test func `the factor of a textbook matrix`() throws {
    // https://en.wikipedia.org/wiki/Cholesky_decomposition, the example with 4, 12, -16.
    let matrix = try #require(Matrix([[4, 12, -16], [12, 37, -43], [-16, -43, 98]]))
    let root = try #require(Cholesky(matrix))
    #expect(root.lower.nested == [[2, 0, 0], [6, 1, 0], [-8, 5, 3]])
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `eigenvectors rebuild the matrix and a solution solves`(seed: UInt64) throws {
    var generator = Xoshiro256(seed: seed)
    let matrix = random(Int(seed) * 4, &generator)
    let eigen = SymmetricEigen(matrix)
    #expect((eigen.rebuilt(eigen.values) - matrix).frobeniusNorm < 1e-13 * matrix.rows.asDouble)
    #expect(isNear(SymmetricEigen.greatest(of: matrix), eigen.values[0], 1e-9))
    let right = (0..<matrix.rows).map { _ in generator.unit() }
    let solution = try #require(Cholesky(matrix)?.solve(right))
    for (one, other) in zip(matrix.times(solution), right) { #expect(abs(one - other) < 1e-9) }
  }

  @Test func `an indefinite matrix has no factor`() throws {
    #expect(Cholesky(try #require(Matrix([[1, 2], [2, 1]]))) == nil)
    #expect(Matrix([[1, 2], [3]]) == nil)
  }

  @Test func `the nearest correlation matrix of Higham's paper`() throws {
    // N. J. Higham, IMA Journal of Numerical Analysis 22(3), 2002, section 4: of the matrix with ones
    // beside the diagonal; distance 0.5278, off-diagonal 0.7607 and 0.1573.
    let matrix = try #require(Matrix([[1, 1, 0], [1, 1, 1], [0, 1, 1]]))
    let found = NearestCorrelation(matrix)
    #expect(!found.wasSemidefinite)
    #expect(abs(found.distance - 0.5278) < 1e-4)
    #expect(abs(found.matrix[0, 1] - 0.7607) < 1e-4)
    #expect(abs(found.matrix[0, 2] - 0.1573) < 1e-4)
  }

  @Test func `Kendall's and Spearman's example`() {
    // https://en.wikipedia.org/wiki/Spearman%27s_rank_correlation_coefficient, IQ and hours of TV:
    // rho = -29/165.
    let intelligence: [Double] = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    let hours: [Double] = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]
    let rho = RankCorrelation.spearman([intelligence, hours])[0][1]
    #expect(isNear(rho, -29.0 / 165, 1e-12))
    // By hand: of the 6 pairs of these two orders 5 agree, one does not.
    #expect(isNear(RankCorrelation.kendall([[1, 2, 3, 4], [1, 2, 4, 3]])[0][1], 2.0 / 3))
    #expect(RankCorrelation.kendall([[1, 1], [1, 2]])[0][1] == nil)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func `the best order of leaves is as good as the best of all orders`(seed: UInt64) throws {
    var generator = Xoshiro256(seed: seed)
    var distances = Matrix(rows: 6, columns: 6)
    for i in 0..<6 {
      for j in 0..<i {
        distances[i, j] = generator.unit()
        distances[j, i] = distances[i, j]
      }
    }
    let tree = Clustering(distances, .average)
    func cost(_ order: [Int]) -> Double {
      zip(order, order.dropFirst()).reduce(0) { $0 + distances[$1.0, $1.1] }
    }
    // Every order that respects the tree: each merge either way round.
    var orders = [[Int]](repeating: [], count: 6).indices.map { [[$0]] }
    for merge in tree.merges {
      var joined: [[Int]] = []
      for left in orders[merge.left] {
        for right in orders[merge.right] { joined += [left + right, right + left] }
      }
      orders.append(joined)
    }
    let least = try #require(orders.last?.map(cost).min())
    let found = tree.optimalLeaves(distances)
    #expect(found.sorted() == Array(0..<6))
    #expect(isNear(cost(found), least, 1e-12), "SEED=\(seed)")
  }
}

extension Int {
  var asDouble: Double { Double(self) }
}

@Suite struct DrawTests {
  @Test func `normal draws have the moments and tails of the normal distribution`() throws {
    let draws = NormalDraws()
    var generator = Xoshiro256(seed: 5)
    let sample = Sample((0..<200_000).map { _ in draws.next(&generator) })
    // Five standard errors each: 1/√n, √(2/n)/2, √(6/n), √(24/n).
    #expect(abs(try #require(sample.mean)) < 0.0112)
    #expect(abs(try #require(sample.standardDeviation()) - 1) < 0.008)
    #expect(abs(try #require(sample.skewness)) < 0.028)
    #expect(abs(try #require(sample.excessKurtosis)) < 0.055)
    for point in [-3.0, -2, -1, 0, 1, 2, 3, 3.7] {
      let share = Double(sample.values.count { $0 < point }) / 200_000
      let wanted = Normal.probability(point)
      #expect(abs(share - wanted) < 5 * (wanted * (1 - wanted) / 200_000).squareRoot() + 1e-6)
    }
  }

  @Test func `the generator gives the numbers of its reference`() {
    // SplitMix64 of seed 0 begins e220a8397b1dcdaf 6e789e6aa1b965f4 06c45d188009454f f88bb8a8724c81ec
    // (https://prng.di.unimi.it/splitmix64.c); xoshiro256++ of that state gives rotl(a + d, 23) + a.
    let (a, d) = (0xe220_a839_7b1d_cdaf as UInt64, 0xf88b_b8a8_724c_81ec as UInt64)
    let sum = a &+ d
    var small = SplitMix64(seed: 0)
    #expect([small.next(), small.next()] == [a, 0x6e78_9e6a_a1b9_65f4])
    var generator = Xoshiro256(seed: 0)
    let first = generator.next()
    #expect(first == ((sum << 23) | (sum >> 41)) &+ a)
  }
}
