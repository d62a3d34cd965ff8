import Conformance
import TestSupport
import Testing

@Suite struct ConformanceTests {
  @Test(.enabled(if: OutsideCases.areThere, "The outside cases are not on this machine."))
  func `every outside case is within its tolerance`() async {
    let result = await apart { Conformance.run("risk", in: OutsideCases.folder) }
    #expect(result.reason == "")
    #expect(result.count(.passed) > 0)
    #expect(result.count(.notApplicable) == 0, "\(result.text)")
    #expect(!result.hasFailures, "\(result.text)")
  }
}
