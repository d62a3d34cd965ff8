import Statistics
import Testing

@Suite struct SampleTests {
  @Test func `the sample deviation of a textbook example`() throws {
    // https://en.wikipedia.org/wiki/Standard_deviation, basic examples: 2 4 4 4 5 5 7 9 has
    // population deviation 2; its sample deviation is the square root of 32/7.
    let sample = Sample([2, 4, 4, 4, 5, 5, 7, 9])
    #expect(sample.standardDeviation(lost: 0) == 2)
    #expect(abs(try #require(sample.variance()) - 32.0 / 7) < 1e-15)
  }

  @Test func `too few values have no spread`() {
    #expect(Sample([1]).standardDeviation() == nil)
    #expect(Sample([]).mean == nil)
    #expect(Sample([0.1, 0.1, 0.1]).skewness == nil)
  }
}
