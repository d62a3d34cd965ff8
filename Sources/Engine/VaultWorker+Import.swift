import Amounts
import Cipher
import Glibc
import Imports
import Ledger
import Link
import Logging
import Styles
import Vault
import Wire
import Zones

extension VaultWorker {
  /// Reads a file into the vault, or only says what would come of it.
  func importFile(_ request: Request, _ id: WorkID) throws -> WorkResult {
    let path = try request.required("path")
    let file = try SourceFile(path: path)
    let plan = try ImportPlan(request, file: file)
    var run = ImportRun(plan, file: file, isPreview: request.arguments["preview"] == "yes")
    do {
      try run.begin(self, request, id)
      try run.readAll(self, request, id)
      let report = try run.end(self, request)
      return WorkResult(
        answer: .report(report), changes: run.isPreview ? LedgerChanges() : try counts())
    } catch {
      run.abandon(self, request, error)
      throw error
    }
  }

  /// The numbers that stand in the status line.
  func counts() throws -> LedgerChanges {
    LedgerChanges(entries: try reader.entryCount(), refused: try reader.refused(limit: 0).total)
  }
}

/// A file that is read in pieces.
final class SourceFile: Sendable {
  let path: String
  let size: Int64
  private let descriptor: Int32

  init(path: String) throws(Refusal) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    var facts = stat()
    guard descriptor >= 0, fstat(descriptor, &facts) == 0 else {
      let text = systemText(errno)
      throw Refusal(
        .notFound, "cannot read \(path): \(text)", advice: "Check the path and its permissions.")
    }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw Refusal(.usage, "\(path) is not a file")
    }
    size = Int64(facts.st_size)
  }

  deinit { close(descriptor) }

  /// The last part of the path.
  var name: String { String(path.split(separator: "/").last ?? "") }

  /// Reads into a buffer from a place of the file; 0 at its end.
  func read(into buffer: inout [UInt8], at offset: Int64) throws(Refusal) -> Int {
    while true {
      let count = pread(descriptor, &buffer, buffer.count, off_t(offset))
      if count >= 0 { return count }
      if errno != EINTR {
        throw Refusal(.system, "cannot read \(path): \(systemText(errno))")
      }
    }
  }
}

/// Which format a file has and how it is read.
struct ImportPlan: Sendable {
  let detection: Detection
  let settings: ImportSettings
  /// Book everything here instead of where the file says.
  let account: String?
  /// The user named no zone though the format's times need one.
  let assumesUTC: Bool

  init(_ request: Request, file: SourceFile) throws {
    var head = [UInt8](repeating: 0, count: Detection.headBytes)
    let count = try file.read(into: &head, at: 0)
    var formats = Registry.all
    var forced = request.arguments["format"]
    if let profile = request.arguments["profile"] {
      let format = try ProfileFile.format(at: profile)
      formats = [format]
      forced = format.id
    }
    do {
      detection = try Detection(
        head: head[..<count], isWhole: Int64(count) == file.size, formats: formats, forced: forced)
    } catch { throw ImportPlan.refusal(error, file) }
    settings = try ImportPlan.settings(request, file)
    account = request.arguments["account"]
    assumesUTC = detection.format.clock == .account && request.arguments["zone"] == nil
  }

  private static func settings(_ request: Request, _ file: SourceFile) throws -> ImportSettings {
    var settings = ImportSettings(fileName: file.name)
    if let name = request.arguments["zone"], name != "UTC" {
      guard let zone = SystemZone(name) else {
        throw Refusal(
          .usage, "there is no time zone \(name)", advice: "For example: Europe/Berlin")
      }
      settings.zone = zone
    }
    if let code = request.arguments["currency"] {
      guard let currency = Currency(code) else {
        throw Refusal(.usage, "\(code) is no currency code", advice: "For example: EUR")
      }
      settings.localCurrency = currency
    }
    if let order = request.arguments["date-order"] {
      guard let order = ImportSettings.DateOrder(rawValue: order) else {
        throw Refusal(.usage, "the order of dates is dmy or mdy, not \(order)")
      }
      settings.dateOrder = order
    }
    settings.nativeAsset = request.arguments["native"]
    settings.ownAddress = request.arguments["own-address"]
    return settings
  }

  private static func refusal(_ fault: DetectionFault, _ file: SourceFile) -> Refusal {
    switch fault {
    case .empty: return Refusal(.usage, "\(file.path) has no rows")
    case .unknownHeader(let line, let columns):
      return Refusal(
        .usage, "\(file.path):\(line): no known format has the columns \(listed(columns))",
        advice: "See coffer formats; name one with --format, or map the columns with --profile.")
    case .unknownFormat(let id):
      return Refusal(.notFound, "there is no format \(id)", advice: "See: coffer formats")
    case .headerOfOtherFormat(let id, let line, let columns):
      return Refusal(
        .usage, "\(file.path):\(line): \(id) does not have the columns \(listed(columns))",
        advice: "Leave --format away to have the format found.")
    }
  }

  private static func listed(_ columns: [String]) -> String {
    columns.prefix(12).map { "'\($0)'" }.joined(separator: ", ")
      + (columns.count > 12 ? ", …" : "")
  }
}

/// One file on its way into the vault, batch by batch.
///
/// While one batch is written the next is read, on a queue of its own: see `ReadAhead`.
struct ImportRun {
  let plan: ImportPlan
  let file: SourceFile
  let isPreview: Bool
  private var number: Int64?
  private var tally = Tally()
  private var rows = ImportTally()
  private var samples: [[ReportCell]] = []

  /// What became of the file.
  private struct Tally {
    var added = 0
    var duplicates = 0
    var conflicts = 0
    var refused = 0
    /// Transactions that moved nothing.
    var empty = 0
  }

  init(_ plan: ImportPlan, file: SourceFile, isPreview: Bool) {
    self.plan = plan
    self.file = file
    self.isPreview = isPreview
  }

  mutating func begin(_ worker: VaultWorker, _ request: Request, _ id: WorkID) throws {
    if isPreview { return }
    let descriptor = ImportDescriptor(
      fileName: file.name, fileHash: try hash(worker, id), format: plan.detection.format.id,
      settings: settingsText(request), bytes: file.size)
    number = try worker.vault.beginImport(descriptor, by: request.author)
  }

  /// SHA-256 of the whole file, which names it in the records.
  private func hash(_ worker: VaultWorker, _ id: WorkID) throws -> [UInt8] {
    var hasher = DigestHasher()
    var buffer = [UInt8](repeating: 0, count: ImportReading.chunkBytes)
    var offset: Int64 = 0
    while case let count = try file.read(into: &buffer, at: offset), count > 0 {
      buffer[..<count].withUnsafeBytes { hasher.update($0) }
      offset += Int64(count)
      try pause(worker, id, stage: "checking \(file.name)", at: offset)
    }
    return hasher.finish().bytes
  }

  mutating func readAll(_ worker: VaultWorker, _ request: Request, _ id: WorkID) throws {
    let stage = isPreview ? "reading \(file.name)" : "importing \(file.name)"
    let ahead = ReadAhead(ImportReading(plan, file: file, wantsSamples: isPreview))
    while let found = try ahead.next() {
      try write(found.batch, worker, request)
      rows = found.rows
      tally.empty += found.empty
      samples += found.samples
      try pause(worker, id, stage: stage, at: found.offset)
    }
  }

  /// Tells how far it has come, and stops where that is wished.
  private func pause(
    _ worker: VaultWorker, _ id: WorkID, stage: String, at offset: Int64
  ) throws {
    let progress = Progress(stage: stage, done: offset, total: file.size, unit: "bytes")
    worker.inbox.post(.progressed(id, progress))
    guard worker.shouldStop(id) else { return }
    throw Refusal(
      .cancelled, "the import of \(file.name) was stopped at byte \(offset)",
      advice: "Import the file again: what is there already is not added twice.")
  }

  func end(_ worker: VaultWorker, _ request: Request) throws -> Report {
    if let number { try worker.vault.finishImport(number, .done, by: request.author) }
    return report
  }

  /// Marks the import as ended early; what was written stays.
  func abandon(_ worker: VaultWorker, _ request: Request, _ cause: any Error) {
    guard let number else { return }
    let isCancelled = (cause as? Refusal)?.code == .cancelled
    do {
      try worker.vault.finishImport(
        number, isCancelled ? .cancelled : .failed, by: request.author)
    } catch {
      worker.log.error("an import was not closed", metadata: ["fault": "\(error)"])
    }
  }

  private mutating func write(
    _ batch: Batch, _ worker: VaultWorker, _ request: Request
  ) throws {
    guard let number else {
      tally.added += batch.entries.count
      tally.refused += batch.refused.count
      return
    }
    if batch.entries.isEmpty && batch.refused.isEmpty { return }
    let outcome = try worker.vault.append(batch, to: number, by: request.author)
    tally.added += outcome.added
    tally.duplicates += outcome.duplicates
    tally.conflicts += outcome.conflicts
    tally.refused += outcome.refused
    if outcome.isEmpty { return }
    worker.inbox.post(
      .changed(
        LedgerChanges(
          holdings: outcome.holdings, accounts: outcome.accounts, quotes: outcome.quotes,
          entries: try worker.reader.entryCount())))
  }
}

// MARK: - What is told

extension ImportRun {
  private var report: Report {
    var facts: [Report.Fact] = [
      .init("file", .text(file.path)), .init("format", .text(plan.detection.format.id)),
      .init("rows", .integer(Int64(rows.rows))),
      .init(isPreview ? "would_add" : "added", .integer(Int64(tally.added))),
    ]
    if !isPreview {
      facts += [
        .init("duplicates", .integer(Int64(tally.duplicates))),
        .init("conflicts", .integer(Int64(tally.conflicts))),
      ]
    }
    facts += [
      .init("skipped_rows", .integer(Int64(rows.skipped))),
      .init("merged_rows", .integer(Int64(rows.merged))),
      .init("moved_nothing", .integer(Int64(tally.empty))),
      .init("refused", .integer(Int64(rows.refused + tally.conflicts))),
    ]
    if plan.assumesUTC {
      facts.append(
        .init("note", .text("times name no zone and were taken as UTC; say --zone if not")))
    }
    if !isPreview && (tally.refused > 0 || rows.refused > 0) {
      facts.append(.init("see", .text("coffer refused")))
    }
    return isPreview
      ? Report(
        facts: facts, tableName: "preview",
        columns: ["line", "time", "kind", "account", "moves"], rows: samples)
      : Report(facts: facts)
  }

  /// What the user set, as JSON for the records.
  private func settingsText(_ request: Request) -> String {
    var text = JSONText()
    text.beginObject()
    for (name, value) in request.arguments.sorted(by: { $0.key < $1.key })
    where !["path", "user", "preview"].contains(name) {
      text.key(name)
      text.value(value)
    }
    text.endObject()
    return String(decoding: text.bytes, as: UTF8.self)
  }
}
