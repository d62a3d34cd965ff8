import Encodings
import Foundation

/// Runs the cases of the tax folder: transactions and rules in, disposals, holdings and totals out.
struct TaxSuite {
  let folder: URL

  func run() -> SuiteResult {
    let found = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    guard let found else {
      return SuiteResult(suite: "tax", cases: [], reason: "cannot read \(folder.path())")
    }
    let cases =
      found.filter { $0.pathExtension == "json" }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
      .map { result(of: $0) }
    let reason = cases.isEmpty ? "no cases in \(folder.path())" : ""
    return SuiteResult(suite: "tax", cases: cases, reason: reason)
  }

  private func result(of file: URL) -> CaseResult {
    let name = file.deletingPathExtension().lastPathComponent
    let json: JSON
    do {
      json = try JSON.reading(Array(try Data(contentsOf: file)))
    } catch {
      return CaseResult(name, .notApplicable, ["not a case that can be read: \(error)"])
    }
    guard json["format"].string == "tax-golden/1" else {
      return CaseResult(
        name, .notApplicable,
        ["the case is of another layout: \(json["format"].string ?? "none")"])
    }
    let method = json["rules"]["method"].string ?? "no method"
    do {
      let lines = TaxDifferences(json, try TaxCase(json)).lines
      return CaseResult(name, format: method, lines.isEmpty ? .passed : .failed, lines)
    } catch {
      let isLater = error.isLater
      return CaseResult(
        name, format: method, isLater ? .notApplicable : .failed, [error.reason])
    }
  }
}

/// Why a case cannot be run.
struct TaxCaseFault: Error {
  /// Whether it asks for something that a later version has.
  var isLater = false
  let reason: String

  static func later(_ what: String) -> TaxCaseFault {
    TaxCaseFault(isLater: true, reason: "later: \(what)")
  }

  static func unreadable(_ what: String) -> TaxCaseFault { TaxCaseFault(reason: what) }
}
