import Amounts
import Dispatch
import Imports
import Ledger
import Synchronization
import Vault
import Wire

/// What a stretch of a file gave.
struct ReadBatch: Sendable {
  /// What is to be written down.
  var batch = Batch()
  /// The first rows, for a preview.
  var samples: [[ReportCell]] = []
  /// How many of its transactions moved nothing.
  var empty = 0
  /// What became of all rows so far.
  var rows = ImportTally()
  /// Where in the file reading stands, in bytes.
  var offset: Int64 = 0
}

/// Reads a file batch by batch; knows nothing of the vault.
struct ImportReading: Sendable {
  private let file: SourceFile
  private let account: String?
  private let wantsSamples: Bool
  private var reading: FileImport
  private var drafts: EntryDrafts
  private var buffer = [UInt8](repeating: 0, count: chunkBytes)
  private var found = ReadBatch()
  private var sampleCount = 0
  private var hasEnded = false

  /// Entries of one transaction: up to three batches are in memory at once.
  static let batchEntries = 14_000
  static let chunkBytes = 256 << 10
  /// The most of a file that is read before it is said how far it has come.
  private static let stretchBytes: Int64 = 16 << 20
  static let mostSamples = 20

  init(_ plan: ImportPlan, file: SourceFile, wantsSamples: Bool) {
    self.file = file
    self.wantsSamples = wantsSamples
    account = plan.account
    reading = FileImport(plan.detection, settings: plan.settings)
    drafts = EntryDrafts(format: plan.detection.format)
  }

  /// The next batch, `nil` after the last.
  mutating func next() throws(Refusal) -> ReadBatch? {
    if hasEnded { return nil }
    let start = found.offset
    found = ReadBatch(offset: start)
    while !isFull && found.offset - start < ImportReading.stretchBytes {
      let count = try file.read(into: &buffer, at: found.offset)
      found.offset += Int64(count)
      if count == 0 {
        hasEnded = true
        take(reading.finish())
        break
      }
      take(reading.feed(buffer[..<count]))
    }
    found.rows = reading.tally
    return found
  }

  private var isFull: Bool {
    found.batch.entries.count + found.batch.refused.count >= ImportReading.batchEntries
  }

  private mutating func take(_ read: ImportBatch) {
    for located in read.transactions {
      var transaction = located.transaction
      if let account { transaction.account = account }
      guard let draft = drafts.draft(transaction, line: located.line) else {
        found.empty += 1
        continue
      }
      sample { ImportReading.row(of: draft) }
      found.batch.entries.append(
        NewEntry(
          identity: draft.identity.canonicalBytes, time: draft.time, kind: draft.kind,
          legs: draft.legs, details: draft.details, line: draft.line))
      for raw in located.raw { found.batch.raw.append(raw.utf8, line: located.line) }
    }
    for row in read.refused {
      found.batch.refused.append(
        RefusedRow(
          row: row.row, line: row.line, reason: row.fault.reason.rawValue,
          column: row.fault.column, text: row.fault.text, raw: Array(row.raw.utf8)))
      sample { ImportReading.row(of: row) }
    }
  }

  private mutating func sample(_ row: () -> [ReportCell]) {
    guard wantsSamples, sampleCount < ImportReading.mostSamples else { return }
    sampleCount += 1
    found.samples.append(row())
  }

  private static func row(of draft: EntryDraft) -> [ReportCell] {
    let moves = draft.legs.map { "\($0.quantity.text) \($0.asset.ticker)" }
    return [
      .integer(Int64(draft.line)), .text(draft.time.description), .text(draft.kind.rawValue),
      .text(draft.legs[0].account.slug), .text(moves.joined(separator: ", ")),
    ]
  }

  private static func row(of row: RefusedFileRow) -> [ReportCell] {
    [
      .integer(Int64(row.line)), .none, .text("refused"), .text(row.fault.reason.rawValue),
      .text(row.fault.text),
    ]
  }
}

/// Reads one batch ahead of whoever writes them, so that reading and writing have a core each.
///
/// At most one batch waits; whoever stops asking leaves no more than that to be read.
final class ReadAhead: Sendable {
  private let queue = DispatchQueue(label: "coffer.vault.import")
  private let reading: Mutex<ImportReading>
  private let waiting = Mutex<Result<ReadBatch?, Refusal>?>(nil)
  private let isReady = DispatchSemaphore(value: 0)

  /// Begins to read.
  init(_ reading: ImportReading) {
    self.reading = Mutex(reading)
    readOn()
  }

  /// The next batch, `nil` after the last; waits for it.
  ///
  /// Asked by one thread, until `nil` or a throw.
  func next() throws(Refusal) -> ReadBatch? {
    isReady.wait()
    let result = waiting.withLock { waiting in
      defer { waiting = nil }
      return waiting
    }
    guard let batch = try result?.get() else { return nil }
    readOn()
    return batch
  }

  private func readOn() {
    queue.async { [self] in
      let result = reading.withLock { reading in
        Result { () throws(Refusal) in try reading.next() }
      }
      waiting.withLock { $0 = result }
      isReady.signal()
    }
  }
}
