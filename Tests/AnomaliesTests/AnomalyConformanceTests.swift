import Conformance
import TestSupport
import Testing

@Suite struct AnomalyConformanceTests {
  @Test(.enabled(if: OutsideCases.areThere, "The outside cases are not on this machine."))
  func `the detectors reach their figures on the outside cases`() async {
    let result = await apart { Conformance.run("anomaly", in: OutsideCases.folder) }
    #expect(result.reason == "")
    #expect(result.count(.passed) > 0)
    #expect(!result.hasFailures, "\(result.text)")
  }
}
