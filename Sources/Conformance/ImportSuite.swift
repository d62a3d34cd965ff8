public import Foundation
public import Imports

/// The suites this version has.
public enum Conformance {
  /// Their names.
  public static let suites = ["anomaly", "imports", "risk", "tax", "venues", "wallets"]

  /// Runs a suite.
  ///
  /// - Parameters:
  ///   - suite: Its name.
  ///   - folder: The folder of all suites, or the suite's own.
  ///   - only: Venues, or kinds of anomalies, to run alone; none runs all.
  /// - Returns: What became of each case; a suite that is not there is not applicable.
  public static func run(
    _ suite: String, in folder: URL, only: Set<String> = []
  ) -> SuiteResult {
    guard suites.contains(suite) else {
      return SuiteResult(suite: suite, cases: [], reason: "no such suite in this version")
    }
    let own = folder.appending(path: suite)
    let place = isFolder(own) ? own : folder
    switch suite {
    case "anomaly": return AnomalySuite(folder: place, only: only).run()
    case "tax": return TaxSuite(folder: place).run()
    case "venues": return VenueSuite(folder: place, only: only).run()
    case "risk": return RiskSuite(folder: place).run()
    case "wallets": return WalletSuite(folder: place).run()
    default: return ImportSuite(folder: place).run()
    }
  }

  static func isFolder(_ url: URL) -> Bool {
    (try? url.resolvingSymlinksInPath().resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory
      ?? false
  }
}

/// Runs the cases of a folder of export files.
struct ImportSuite {
  let folder: URL

  func run() -> SuiteResult {
    let found = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: [.isDirectoryKey])
    guard let found else {
      return SuiteResult(suite: "imports", cases: [], reason: "cannot read \(folder.path())")
    }
    let cases =
      found.filter { Conformance.isFolder($0) }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
      .map { result(of: $0) }
    let reason = cases.isEmpty ? "no cases in \(folder.path())" : ""
    return SuiteResult(suite: "imports", cases: cases, reason: reason)
  }

  private func result(of folder: URL) -> CaseResult {
    let name = folder.lastPathComponent
    let expectation: ImportExpectation
    let bytes: [UInt8]
    do {
      let json = try Data(contentsOf: folder.appending(path: "expected.json"))
      expectation = try JSONDecoder().decode(ImportExpectation.self, from: json)
      bytes = Array(try Data(contentsOf: folder.appending(path: expectation.file)))
    } catch {
      return CaseResult(name, .notApplicable, ["not a case that can be read: \(error)"])
    }
    guard expectation.format == "import-golden/1" else {
      return CaseResult(
        name, .notApplicable, ["the case is of another layout: \(expectation.format)"])
    }
    return compare(name, expectation, bytes)
  }

  private func compare(
    _ name: String, _ expectation: ImportExpectation, _ bytes: [UInt8]
  ) -> CaseResult {
    let settings = expectation.importSettings(fileName: expectation.file)
    do {
      let detection = try Detection(head: bytes[...], isWhole: true, formats: Registry.all)
      let reading = FileReading(bytes, detection: detection, settings: settings)
      let differences = ImportDifferences(expectation, reading).lines
      return CaseResult(
        name, format: detection.format.id, differences.isEmpty ? .passed : .failed, differences)
    } catch {
      return CaseResult(name, .failed, ["no format found: \(error)"])
    }
  }
}

/// Everything that one file gave.
public struct FileReading: Sendable {
  /// The transactions, in the order in which they became known.
  public private(set) var batch = ImportBatch()
  /// The count of rows.
  public let tally: ImportTally

  /// Reads a whole file, in pieces as a program would.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - detection: Its format.
  ///   - settings: What the user said.
  ///   - piece: The bytes fed at a time.
  public init(
    _ bytes: [UInt8], detection: Detection, settings: ImportSettings, piece: Int = 64 << 10
  ) {
    var reading = FileImport(detection, settings: settings)
    var batches: [ImportBatch] = []
    for start in stride(from: 0, to: bytes.count, by: piece) {
      batches.append(reading.feed(bytes[start..<min(start + piece, bytes.count)]))
    }
    batches.append(reading.finish())
    for batch in batches {
      self.batch.transactions += batch.transactions
      self.batch.skipped += batch.skipped
      self.batch.refused += batch.refused
    }
    tally = reading.tally
  }
}

/// How a reading differs from what is expected.
///
/// In a case that names rows, a transaction is compared with its fee. Cases that name none come
/// from rotki, which has fees as events of their own: which of several transactions of one moment
/// a fee hangs on is not stated there. In such a case the fees are compared apart: each time, asset
/// and quantity as often as expected, whatever transaction has them.
struct ImportDifferences {
  let lines: [String]

  init(_ expectation: ImportExpectation, _ reading: FileReading) {
    let parts = ComparedParts(expectation)
    let found = reading.batch.transactions.map(\.transaction)
    let isComplete = expectation.complete ?? true
    var lines = Self.lines(
      expected: expectation.transactions.map { ComparableTransaction($0, parts) },
      found: found.map { ComparableTransaction($0, parts) }, isComplete: isComplete)
    if !parts.hasRows {
      lines += Self.lines(
        expected: expectation.transactions.compactMap { ComparableFee($0) },
        found: found.compactMap { ComparableFee($0) }, isComplete: isComplete)
    }
    let merged = found.flatMap(\.mergedRows)
    lines += Self.rows("merged rows", expectation.mergedRows, merged)
    lines += Self.rows("skipped rows", expectation.skippedRows, reading.batch.skipped.map(\.row))
    if !lines.isEmpty {
      lines += reading.batch.refused.prefix(5).map {
        "refused: row \($0.row): \($0.fault.reason.rawValue) \($0.fault.column) \($0.fault.text)"
      }
    }
    if reading.tally.heldBack != 0 || reading.tally.contradictions != 0 {
      lines.append("rows not accounted for: \(reading.tally)")
    }
    self.lines = lines
  }

  /// What is missing, and what is there beyond a complete expectation.
  private static func lines<Element: Hashable & CustomStringConvertible>(
    expected: [Element], found: [Element], isComplete: Bool
  ) -> [String] {
    var missing = Bag(expected)
    var surplus: [Element] = []
    for element in found where !missing.remove(element) { surplus.append(element) }
    let lines = missing.elements.map { "missing: \($0)" }
    return isComplete ? lines + surplus.map { "not expected: \($0)" } : lines
  }

  private static func rows(_ what: String, _ expected: [Int]?, _ found: [Int]) -> [String] {
    guard let expected, Set(expected) != Set(found) else { return [] }
    return ["\(what): expected \(expected.sorted()), found \(Set(found).sorted())"]
  }
}

/// Elements with how often each is there.
private struct Bag<Element: Hashable> {
  private var counts: [Element: Int] = [:]
  private let order: [Element]

  init(_ elements: [Element]) {
    order = elements
    for element in elements { counts[element, default: 0] += 1 }
  }

  /// What is left, in the order in which it came.
  var elements: [Element] {
    var left = counts
    return order.filter { element in
      guard let count = left[element], count > 0 else { return false }
      left[element] = count - 1
      return true
    }
  }

  mutating func remove(_ element: Element) -> Bool {
    guard let count = counts[element], count > 0 else { return false }
    counts[element] = count - 1
    return true
  }
}
