import Testing

@testable import Conformance

@Suite struct ScorerTests {
  /// Figures of the benchmark's rules as an independent program in Python applies them; it gives the
  /// published scores of 16 detectors of https://github.com/numenta/NAB to two decimals.
  @Test func `the benchmark's score is that of another program`() {
    var score = NABScore()
    let files: [(name: Int, count: Int, windows: [ClosedRange<Int>])] = [
      (97, 400, [100...139, 300...319]), (98, 900, [200...289]), (99, 200, []),
    ]
    for file in files {
      let scores = (0..<file.count).map { index -> Double in
        let number = (index * 7919 + 31 + file.name * 13) % 1009
        return (Double(number) / 1009 * 5 * 1e6).rounded() / 1e6
      }
      score.add(scores, windows: file.windows)
    }
    let expected: [(NABScore.Profile, best: Double, hits: Int, alarms: Int, fixed: Double)] = [
      (.standard, 51.356041067388226, 2, 8, -101.66155745589269),
      (.lowFalseAlarms, 37.31659118568268, 2, 8, -299.49201760409136),
      (.lowMisses, 56.785578412158, 3, 34, -34.44103830392845),
    ]
    for (profile, best, hits, alarms, fixed) in expected {
      let found = score.best(profile)
      #expect(abs(found.score - best) < 1e-6)
      #expect(found.hits == hits)
      #expect(found.falseAlarms == alarms)
      #expect(abs(score.outcome(profile, at: 4.5).score - fixed) < 1e-6)
    }
  }

  /// Two events: precision 1 at the first, 2/3 when the second is third in order: (1 + 2/3) / 2.
  @Test func `average precision is the area in steps`() {
    var score = PumpScore()
    let rows = { (top: Double) in
      (0..<10).map { PumpScore.Row(start: Double($0) * 25, score: $0 == 4 ? top : 0.1) }
    }
    score.add(rows(9), onset: 110)
    var second = rows(5)
    second[0] = PumpScore.Row(start: 0, score: 7)
    score.add(second, onset: 110)
    #expect(abs(score.averagePrecision - (1 + 2.0 / 3) / 2) < 1e-12)
  }
}
