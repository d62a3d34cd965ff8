import Conformance
import Foundation
import Testing

@Suite struct ConformanceTests {
  @Test(.enabled(if: FileManager.default.fileExists(atPath: Folders.conformance.path())))
  func `every outside case is as expected`() {
    let result = Conformance.run("wallets", in: Folders.conformance)
    #expect(result.reason == "")
    #expect(result.count(.passed) > 0)
    #expect(!result.hasFailures, "\(result.text)")
  }
}
