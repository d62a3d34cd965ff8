import Amounts
import Conformance
import Foundation
import Imports
import Ledger

/// The seed of a run: `SEED` in the environment, else a fixed one.
let runSeed: UInt64 =
  ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) } ?? 20_240_601

/// Folders that tests read.
enum Folders {
  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures")

  /// The export files among the fixtures.
  static func files() throws -> [(name: String, bytes: [UInt8])] {
    let imports = fixtures.appending(path: "imports")
    let cases = try FileManager.default.contentsOfDirectory(atPath: imports.path()).sorted()
    return try cases.flatMap { name in
      try FileManager.default.contentsOfDirectory(atPath: imports.appending(path: name).path())
        .filter { $0 != "expected.json" }.sorted()
        .map { file in
          let url = imports.appending(path: name).appending(path: file)
          return (file, Array(try Data(contentsOf: url)))
        }
    }
  }
}

/// All records of some bytes, fed in pieces of a size.
func records(
  _ bytes: [UInt8], delimiter: UInt8 = UInt8(ascii: ","), piece: Int = 1 << 16,
  limits: CSVLimits = CSVLimits()
) -> [CSVRecord] {
  var reader = CSVReader(delimiter: delimiter, limits: limits)
  var found: [CSVRecord] = []
  for start in stride(from: 0, to: bytes.count, by: piece) {
    reader.feed(bytes[start..<min(start + piece, bytes.count)])
    while let record = reader.next() { found.append(record) }
  }
  reader.finish()
  while let record = reader.next() { found.append(record) }
  return found
}

func records(_ text: String, piece: Int = 1 << 16) -> [CSVRecord] {
  records(Array(text.utf8), piece: piece)
}

/// Reads a file's text in the format its header names.
func reading(_ text: String, settings: ImportSettings = ImportSettings()) throws -> FileReading {
  let bytes = Array(text.utf8)
  let detection = try Detection(head: bytes[...], isWhole: true, formats: Registry.all)
  return FileReading(bytes, detection: detection, settings: settings)
}

/// A row under a header of its own.
func row(_ cells: [String: String]) -> Row {
  let names = cells.keys.sorted()
  return Row(
    number: 1, line: 2, cells: names.map { cells[$0] ?? "" }, header: Header(names))
}
