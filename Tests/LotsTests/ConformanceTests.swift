import Conformance
import Foundation
import Testing

@Suite struct ConformanceTests {
  @Test(.enabled(if: FileManager.default.fileExists(atPath: Folders.conformance.path())))
  func `every outside case is as expected`() {
    let result = Conformance.run("tax", in: Folders.conformance)
    #expect(result.reason == "")
    #expect(result.count(.passed) > 0)
    #expect(!result.hasFailures, "\(result.text)")
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: Folders.conformance.path())))
  func `only methods of single countries are left for later`() {
    let result = Conformance.run("tax", in: Folders.conformance)
    let later = Set(result.cases.filter { $0.verdict == .notApplicable }.map(\.format))
    #expect(later.isSubset(of: ["uk-matching", "ca-acb", "jp-total-average", "fr-global"]))
  }
}
