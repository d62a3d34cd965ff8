import Foundation

/// What became of one case.
public struct CaseResult: Hashable, Sendable, Encodable {
  /// The case's name: its folder.
  public let name: String
  /// The format that was found, or empty.
  public let format: String
  /// How it went.
  public let verdict: Verdict
  /// The reasons of a failure, or why it is not applicable; at most ten.
  public let reasons: [String]

  /// How a case went.
  public enum Verdict: String, Hashable, Sendable, Encodable {
    /// As expected.
    case passed
    /// Not as expected.
    case failed
    /// Not for this version.
    case notApplicable = "not-applicable"
  }

  init(_ name: String, format: String = "", _ verdict: Verdict, _ reasons: [String] = []) {
    self.name = name
    self.format = format
    self.verdict = verdict
    self.reasons = Array(reasons.prefix(10))
  }
}

/// What became of a suite's cases.
public struct SuiteResult: Hashable, Sendable, Encodable {
  /// The suite's name.
  public let suite: String
  /// Its cases, in order of their names.
  public let cases: [CaseResult]
  /// Why the whole suite is not applicable, or empty.
  public let reason: String
  /// Figures that are no verdicts.
  public var notes: [String] = []

  /// The number of cases with a verdict.
  public func count(_ verdict: CaseResult.Verdict) -> Int {
    cases.count { $0.verdict == verdict }
  }

  /// The first failures with their reasons, one a line.
  public var failures: String {
    cases.filter { $0.verdict == .failed }.prefix(40)
      .map { "\n\($0.name): \($0.reasons.joined(separator: "; "))" }.joined()
  }

  /// Whether a case failed.
  public var hasFailures: Bool { count(.failed) > 0 }

  /// One line for the suite, one a format, and the reasons of what did not pass.
  public var text: String {
    if !reason.isEmpty { return "\(suite): not applicable: \(reason)\n" }
    var text = "\(suite): \(line(cases))\n"
    for format in Set(cases.map(\.format)).sorted() {
      let own = cases.filter { $0.format == format }
      text += "  \(format.isEmpty ? "(no format)" : format): \(line(own))\n"
      for result in own where result.verdict != .passed {
        text += "    \(result.name): \(result.verdict.rawValue)\n"
        for reason in result.reasons { text += "      \(reason)\n" }
      }
    }
    for note in notes { text += "  \(note)\n" }
    return text
  }

  private func line(_ cases: [CaseResult]) -> String {
    let passed = cases.count { $0.verdict == .passed }
    let failed = cases.count { $0.verdict == .failed }
    return "run \(passed + failed), passed \(passed), failed \(failed), "
      + "not applicable \(cases.count - passed - failed)"
  }

  /// The result as JSON, keys in order.
  ///
  /// - Parameter suites: The results.
  /// - Returns: An array of suites.
  /// - Throws: What the encoder throws, which it does not for these values.
  public static func json(_ suites: [SuiteResult]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(suites), as: UTF8.self)
  }
}
