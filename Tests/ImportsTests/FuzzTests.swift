import Conformance
import Imports
import TestSupport
import Testing

/// Hostile and broken files: nothing traps, and every row has exactly one outcome.
@Suite struct FuzzTests {
  @Test func `mutated files are read or refused, row by row`() throws {
    var generator = Seeded(runSeed)
    let files = try Folders.files().map { file in
      let detection = try Detection(head: file.bytes[...], isWhole: true, formats: Registry.all)
      return (file, detection)
    }
    for round in 0..<10_000 {
      let (file, own) = files[round % files.count]
      var bytes = file.bytes
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        Mutation.apply(to: &bytes, using: &generator)
      }
      var detection = own
      if round % 10 == 0 {
        do {
          detection = try Detection(head: bytes[...], isWhole: true, formats: Registry.all)
        } catch { continue }
      }
      let piece = Int.random(in: 1...4096, using: &generator)
      let found = FileReading(
        bytes, detection: detection, settings: ImportSettings(fileName: "export-btc-1.csv"),
        piece: piece)
      try check(found, detection, "SEED=\(runSeed) round \(round) of \(file.name)")
    }
  }

  private func check(_ found: FileReading, _ detection: Detection, _ place: String) throws {
    let tally = found.tally
    guard
      tally.rows == tally.listed + tally.merged + tally.skipped + tally.refused,
      tally.contradictions == 0, found.batch.refused.count == tally.refused,
      found.batch.skipped.count == tally.skipped
    else {
      Issue.record("rows not accounted for: \(tally), \(place)")
      return
    }
    var rows = Set(found.batch.refused.map(\.row) + found.batch.skipped.map(\.row))
    #expect(rows.count == tally.refused + tally.skipped, "\(place)")
    var drafts = EntryDrafts(format: detection.format)
    for located in found.batch.transactions {
      #expect(!rows.contains(located.transaction.row), "\(place)")
      if let draft = drafts.draft(located) { #expect(!draft.legs.isEmpty, "\(place)") }
    }
    rows.formUnion(
      found.batch.transactions.flatMap { [$0.transaction.row] + $0.transaction.mergedRows })
    #expect(rows == Set(1..<(tally.rows + 1)), "\(place)")
  }
}

/// Ways in which files are broken.
enum Mutation: CaseIterable {
  case flip, truncate, duplicate, delete, insert, swapCells, hugeNumber, hostileText, quote, newline

  private static let hostile: [[UInt8]] =
    [
      "\u{202E}evil\u{2066}", "=cmd|' /C calc'!A0", "@SUM(1)", "+1", "-1", "\u{1B}]52;c;AAAA\u{7}",
      "\u{9B}31m", "\u{200D}\u{FE0F}", "é", "\u{FEFF}", "0x7fffffffffffffff", "1e9999", "-0", "NaN",
      "115792089237316195423570985008687907853269984665640564039457584007913129639935",
      "99999999-99-99 99:99:99", "2024-02-30 00:00:00", "\u{0}", "''", "..", "1,000,000.00",
      "170141183460469231731.687303715884105727", "-170141183460469231731.687303715884105728",
    ].map { Array($0.utf8) } + [
      [0xC3], [0xFF, 0xFE], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
    ]

  static func apply(to bytes: inout [UInt8], using generator: inout Seeded) {
    guard !bytes.isEmpty, let kind = allCases.randomElement(using: &generator) else { return }
    let place = Int.random(in: 0..<bytes.count, using: &generator)
    let end = min(bytes.count, place + Int.random(in: 1...40, using: &generator))
    switch kind {
    case .flip: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
    case .truncate: bytes.removeSubrange(place...)
    case .duplicate: bytes.insert(contentsOf: Array(bytes[place..<end]), at: end)
    case .delete: bytes.removeSubrange(place..<end)
    case .insert: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
    case .swapCells: swapCells(&bytes, place, using: &generator)
    case .hugeNumber: replaceNumber(&bytes, place, using: &generator)
    case .hostileText:
      bytes.insert(contentsOf: hostile.randomElement(using: &generator) ?? [], at: place)
    case .quote: bytes.insert(UInt8(ascii: "\""), at: place)
    case .newline: bytes.insert(contentsOf: [13, 10], at: place)
    }
  }

  /// Swaps two cells of the line a place is in.
  private static func swapCells(
    _ bytes: inout [UInt8], _ place: Int, using generator: inout Seeded
  ) {
    let start = bytes[..<place].lastIndex(of: 10).map { $0 + 1 } ?? 0
    let end = bytes[place...].firstIndex(of: 10) ?? bytes.count
    guard start < end else { return }
    var cells = bytes[start..<end].split(
      separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    guard cells.count > 1 else { return }
    cells.swapAt(
      Int.random(in: 0..<cells.count, using: &generator),
      Int.random(in: 0..<cells.count, using: &generator))
    bytes.replaceSubrange(start..<end, with: Array(cells.joined(separator: [UInt8(ascii: ",")])))
  }

  /// Replaces the digits around a place by far more of them.
  private static func replaceNumber(
    _ bytes: inout [UInt8], _ place: Int, using generator: inout Seeded
  ) {
    guard (48...57).contains(bytes[place]) else { return }
    let count = [20, 40, 80, 400, 5000][Int.random(in: 0...4, using: &generator)]
    bytes.insert(contentsOf: [UInt8](repeating: 57, count: count), at: place)
  }
}
