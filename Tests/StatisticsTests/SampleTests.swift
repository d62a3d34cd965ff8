import Statistics
import Testing

func isNear(_ a: Double?, _ b: Double, _ relative: Double = 1e-12) -> Bool {
  a.map { abs($0 - b) <= relative * max(abs(b), 1e-300) } ?? false
}

@Suite struct SampleTests {
  @Test func `the deviation of a textbook example`() {
    // https://en.wikipedia.org/wiki/Standard_deviation, basic examples: 2 4 4 4 5 5 7 9 has
    // population deviation 2; its sample deviation is the square root of 32/7.
    let sample = Sample([2, 4, 4, 4, 5, 5, 7, 9])
    #expect(sample.standardDeviation(lost: 0) == 2)
    #expect(isNear(sample.variance(), 32.0 / 7))
  }

  @Test func `too few values have no spread`() {
    #expect(Sample([1]).standardDeviation() == nil)
    #expect(Sample([]).mean == nil)
    #expect(Sample([0.1, 0.1, 0.1]).skewness == nil)
    #expect(Sample([0.1, 0.1, 0.1]).variance() == 0)
  }

  @Test func `quantiles of two types as in the paper's definitions`() {
    // Hyndman and Fan 1996: type 7 at p = 0.25 of 1...4 is 1.75, type 1 is 1 (R: quantile(1:4, .25)).
    let sorted = SortedSample([3, 1, 4, 2])
    #expect(sorted.quantile(0.25) == 1.75)
    #expect(sorted.quantile(0.25, .orderStatistic) == 1)
    #expect(SortedSample([]).quantile(0.5) == nil)
    #expect(sorted.quantile(1.5) == nil)
  }

  @Test func `a whole product counts as whole in spite of rounding`() {
    // 100 · (1 - 0.95) is 5.000000000000004 in binary.
    #expect(SortedSample([Double](repeating: 0, count: 100)).rank(1 - 0.95) == 5)
    #expect(TailCount.wholeValues(of: 11, 1 - 0.9) == 2)
  }

  @Test func `a value taken out of equal ones leaves the others`() {
    var sorted = SortedSample([1, 2, 2, 2, 3])
    #expect(sorted.distinctCount == 3)
    let wasThere = sorted.remove(2)
    let wasNot = sorted.remove(5)
    #expect(wasThere && !wasNot)
    #expect(sorted.values == [1, 2, 2, 3])
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `selection agrees with sorting`(seed: UInt64) {
    var generator = Xoshiro256(seed: seed)
    for _ in 0..<200 {
      let size = Int(generator.next() % 60) + 1
      var values = (0..<size).map { _ in Double(generator.next() % 12) }
      let wanted = Int(generator.next() % UInt64(size)) + 1
      let sorted = values.sorted()
      Selection.moveSmallest(wanted, of: &values)
      #expect(values.prefix(wanted).sorted() == Array(sorted.prefix(wanted)), "SEED=\(seed)")
      #expect(values[wanted - 1] == sorted[wanted - 1], "SEED=\(seed)")
    }
  }
}

@Suite struct DistributionTests {
  // Abramowitz and Stegun, Handbook of Mathematical Functions, tables 26.1 and 26.5: Φ(1.96) to ten
  // places; quantiles as in R's qnorm documentation examples.
  @Test(arguments: [
    (0.975, 1.959963984540054), (0.99, 2.3263478740408408), (0.05, -1.6448536269514722),
    (1e-9, -5.997807015007687),
  ])
  func `normal quantiles`(probability: Double, quantile: Double) {
    #expect(isNear(Normal.quantile(probability), quantile, 1e-13))
    #expect(isNear(Normal.probability(quantile), probability, 1e-12))
  }

  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, upper critical values of Student's t.
  @Test(arguments: [
    (4.0, 0.95, 2.132), (4, 0.99, 3.747), (10, 0.975, 2.228), (1, 0.975, 12.706),
    (100, 0.95, 1.660),
  ])
  func `quantiles of Student's table`(degrees: Double, probability: Double, quantile: Double) throws
  {
    let student = try #require(Student(degrees: degrees))
    let found = try #require(student.quantile(probability))
    #expect(abs(found - quantile) < 0.0006)
    #expect(isNear(student.probability(found), probability, 1e-13))
  }

  // NIST/SEMATECH e-Handbook, 1.3.6.7.4, critical values of chi-square.
  @Test(arguments: [(1, 3.841, 0.05), (2, 5.991, 0.05), (5, 15.086, 0.01)])
  func `chi-square of the handbook's table`(degrees: Int, value: Double, probability: Double) {
    #expect(abs(ChiSquare.probabilityAbove(value, degrees: degrees) - probability) < 2e-5)
  }

  @Test func `the binomial probabilities of the Basel paper`() {
    // https://www.bis.org/publ/bcbs22.htm, table 2: cumulative 8.11%, 89.22%, 95.88%, 99.99% at 0, 4, 5
    // and 10 exceptions of 250 at 1%.
    for (exceptions, percent) in [(0, 8.11), (4, 89.22), (5, 95.88), (10, 99.99)] {
      let found = 100 * Binomial.probability(atMost: exceptions, of: 250, each: 0.01)
      #expect(abs(found - percent) < 0.006)
    }
  }
}
