import Conformance
import TestSupport
import Testing

@Suite struct ConformanceTests {
  @Test(.enabled(if: OutsideCases.areThere, "The outside cases are not on this machine."))
  func `every outside case is as expected`() async {
    let result = await apart { Conformance.run("wallets", in: OutsideCases.folder) }
    #expect(result.reason == "")
    #expect(result.count(.passed) > 0)
    #expect(!result.hasFailures, "\(result.text)")
  }
}
