import Testing

@testable import Risk

@Suite struct CorrelationIntervalTests {
  /// By hand: atanh 0.5 = 0.549306; ± 1.959964 / √25 = 0.391993; tanh 0.157313 = 0.156028,
  /// tanh 0.941299 = 0.735818.
  @Test func `Pearson's interval is Fisher's`() throws {
    let interval = try #require(CorrelationInterval(of: 0.5, .pearson, sampleSize: 28))
    #expect(abs(interval.low - 0.156028) < 1e-5)
    #expect(abs(interval.high - 0.735818) < 1e-5)
  }

  /// By hand: Spearman's √(1.125 / 25) = 0.212132, ± 0.415771; Kendall's √(0.437 / 24) = 0.134938, ± 0.264473.
  @Test func `ranks have errors of their own`() throws {
    let spearman = try #require(CorrelationInterval(of: 0.5, .spearman, sampleSize: 28))
    #expect(abs(spearman.low - 0.132748) < 1e-4 && abs(spearman.high - 0.746528) < 1e-4)
    let kendall = try #require(CorrelationInterval(of: 0.5, .kendall, sampleSize: 28))
    #expect(abs(kendall.low - 0.277379) < 1e-4 && abs(kendall.high - 0.671704) < 1e-4)
  }

  @Test func `what nobody can say has no interval`() {
    #expect(CorrelationInterval(of: 1, .pearson, sampleSize: 100) == nil)
    #expect(CorrelationInterval(of: 0.5, .pearson, sampleSize: 4) == nil)
    #expect(CorrelationInterval(of: 0.5, .pearson, sampleSize: 100, confidence: 1) == nil)
  }

  /// By hand: atanh 0.8 - atanh 0.2 = 1.098612 - 0.202733 = 0.895880; √(2 / 47) = 0.206284; z = 4.342939;
  /// both tails of the normal beyond it: 1.406e-5.
  @Test func `a change is held against chance`() throws {
    let chance = try #require(
      CorrelationInterval.probability(before: (0.2, 50), now: (0.8, 50), .pearson))
    #expect(abs(chance - 1.406e-5) < 2e-7)
    let same = CorrelationInterval.probability(before: (0.4, 50), now: (0.4, 50), .kendall)
    #expect(same.map { abs($0 - 1) < 1e-12 } == true)
  }
}
