import Amounts
import Ledger
import Portfolio
import Prices
import Vault
import Wire

/// What can be exported.
private enum ExportKind: String, CaseIterable {
  case entries, holdings, accounts, imports, refused, prices, links, all
}

extension VaultWorker {
  /// Writes a file of entries, holdings, or everything.
  func export(_ request: Request, _ id: WorkID) throws -> Report {
    let text = try request.required("what")
    guard let what = ExportKind(rawValue: text) else {
      let known = ExportKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw Refusal(.usage, "there is no export of \(text)", advice: "There are: \(known)")
    }
    let format = try request.required("format")
    guard format == "json" || format == "csv" else {
      throw Refusal(.usage, "the format is json or csv, not \(format)")
    }
    if what == .all && format == "csv" {
      throw Refusal(
        .usage, "everything goes into one file as json only",
        advice: "Export entries, holdings, … one by one as csv.")
    }
    let path = try request.required("path")
    let file = try WrittenFile(path: path, replaces: request.arguments["replace"] == "yes")
    var writer = RecordWriter(file: file, isJSON: format == "json", namesRecords: what == .all)
    if what == .all || what == .entries { try writeEntries(&writer, id) }
    for (kind, report) in try tables() where what == .all || what.rawValue == kind {
      try writer.write(report, kind)
    }
    try writer.finish()
    return Report(facts: [
      .init("file", .text(path)), .init("records", .integer(Int64(writer.count))),
    ])
  }

  private func tables() throws -> [(String, Report)] {
    [
      ("holdings", try holdingsReport()), ("accounts", try accountsReport()),
      ("imports", try importsReport()),
      ("refused", try everyRefusedRow()),
      ("prices", try pricesReport()), ("links", try linksReport()),
    ]
  }

  /// The refused rows of all imports, in pages of the vault's.
  private func everyRefusedRow() throws -> Report {
    var report = Report()
    while true {
      let offset = String(report.rows.count)
      let page = try refusedReport(
        Request("refused", ["state": "all", "offset": offset, "limit": "1000"]))
      report.tableName = page.tableName
      report.columns = page.columns
      report.rows += page.rows
      if page.rows.isEmpty { return report }
    }
  }

  private func holdingsReport() throws -> Report {
    let links = try reader.links
    return Report(
      tableName: "holdings", columns: ["account", "asset", "counts_as", "free", "staked"],
      rows: try reader.holdings().sorted { $0.key < $1.key }.map { key, holding in
        [
          .text(key.account.slug), .text(key.asset.text),
          .text(links.canonical(key.asset).text), .amount(holding.free.fixed),
          .amount(holding.staked.fixed),
        ]
      })
  }

  private func writeEntries(_ writer: inout RecordWriter, _ id: WorkID) throws {
    let total = Int64(try reader.entryCount())
    var fault: (any Error)?
    try reader.forEachEntry { entry in
      if shouldStop(id) { throw Refusal(.cancelled, "the export was stopped") }
      do { try writer.write(entry) } catch {
        fault = error
        throw error
      }
      if writer.count % 4096 == 0 {
        inbox.post(
          .progressed(
            id,
            Progress(
              stage: "exporting", done: Int64(writer.count), total: total, unit: "entries")))
      }
    }
    if let fault { throw fault }
  }
}

/// Writes records as JSON lines or CSV.
private struct RecordWriter {
  let file: WrittenFile
  let isJSON: Bool
  /// Every object says what kind of record it is.
  let namesRecords: Bool
  private(set) var count = 0
  private var text = JSONText()
  private var hasHeader = false

  init(file: WrittenFile, isJSON: Bool, namesRecords: Bool) {
    self.file = file
    self.isJSON = isJSON
    self.namesRecords = namesRecords
  }

  mutating func write(_ report: Report, _ kind: String) throws(Refusal) {
    if !isJSON { try file.write(CSVText.line(report.columns.map { .text($0) })) }
    for row in report.rows {
      if isJSON {
        begin(kind)
        for (column, cell) in zip(report.columns, row) {
          text.key(column)
          text.value(cell)
        }
        try end()
      } else {
        try file.write(CSVText.line(row))
        count += 1
      }
    }
  }

  /// An entry: one JSON object, or one CSV line a leg.
  mutating func write(_ entry: Entry) throws(Refusal) {
    guard isJSON else { return try writeLines(entry) }
    begin("entry")
    for (name, value) in RecordWriter.facts(of: entry) {
      text.key(name)
      text.value(value)
    }
    text.key("legs")
    text.beginArray()
    for leg in entry.legs {
      text.beginObject()
      for (name, value) in RecordWriter.facts(of: leg) {
        text.key(name)
        text.value(value)
      }
      text.endObject()
    }
    text.endArray()
    try end()
  }

  private mutating func writeLines(_ entry: Entry) throws(Refusal) {
    let facts = RecordWriter.facts(of: entry)
    for leg in entry.legs {
      let parts = facts + RecordWriter.facts(of: leg)
      if !hasHeader { try file.write(CSVText.line(parts.map { .text($0.0) })) }
      hasHeader = true
      try file.write(CSVText.line(parts.map(\.1)))
    }
    count += 1
  }

  mutating func finish() throws(Refusal) { try file.finish() }

  private static func facts(of entry: Entry) -> [(String, ReportCell)] {
    [
      ("id", .text(entry.id.description)), ("time", .text(entry.time.description)),
      ("kind", .text(entry.kind.rawValue)), ("reference", .text(entry.details.reference)),
      ("transaction", .text(entry.details.transactionHash)), ("note", .text(entry.details.note)),
      ("stated_value", entry.details.value.map { .amount($0.amount) } ?? .none),
      ("stated_currency", entry.details.value.map { .text($0.currency.code) } ?? .none),
      ("import", .integer(entry.origin.importNumber)),
      ("line", .integer(Int64(entry.origin.line))),
    ]
  }

  private static func facts(of leg: Leg) -> [(String, ReportCell)] {
    [
      ("account", .text(leg.account.slug)), ("asset", .text(leg.asset.text)),
      ("quantity", .amount(leg.quantity.fixed)), ("counter", .text("\(leg.counter)")),
    ]
  }

  private mutating func begin(_ kind: String) {
    text.beginObject()
    guard namesRecords else { return }
    text.key("record")
    text.value(kind)
  }

  private mutating func end() throws(Refusal) {
    text.endObject()
    text.endLine()
    count += 1
    try file.write(text.bytes)
    text.bytes.removeAll(keepingCapacity: true)
  }
}
