import Conformance
import TestSupport
import Testing

@Suite struct ConformanceTests {
  @Test(.enabled(if: OutsideCases.areThere, "The outside cases are not on this machine."))
  func `every outside case is as expected, but for methods of single countries`() async {
    let result = await apart { Conformance.run("tax", in: OutsideCases.folder) }
    #expect(result.reason == "")
    #expect(result.count(.passed) > 0)
    #expect(!result.hasFailures, "\(result.text)")
    let later = Set(result.cases.filter { $0.verdict == .notApplicable }.map(\.format))
    #expect(later.isSubset(of: ["uk-matching", "ca-acb", "jp-total-average", "fr-global"]))
  }
}
