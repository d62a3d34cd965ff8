import Conformance
import TestSupport
import Testing

@Suite struct AnomalyConformanceTests {
  @Test(.enabled(if: OutsideCases.areThere, "The outside cases are not on this machine."))
  func `the detectors reach their figures on the outside cases`() async {
    // The benchmark's series and the quiet hours take minutes without the optimiser.
    let kinds: Set = ["pumps", "depeg", "crash"]
    let result = await apart {
      Conformance.run("anomaly", in: OutsideCases.folder, only: kinds)
    }
    #expect(result.reason == "")
    #expect(result.count(.passed) > 0)
    #expect(!result.hasFailures, "\(result.text)")
  }
}
