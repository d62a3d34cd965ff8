import Amounts
import Ledger
import Prices
import Vault
import Wire

/// What the vault holds, as tables.
extension VaultWorker {
  func accountsReport() throws -> Report {
    Report(
      tableName: "accounts", columns: ["account", "name", "venue", "book"],
      rows: try reader.accounts.map {
        [.text($0.id.slug), .text($0.name), .text($0.venue), .text($0.book.name)]
      })
  }

  func importsReport() throws -> Report {
    Report(
      tableName: "imports",
      columns: [
        "import", "time", "file", "format", "state", "added", "duplicates", "refused", "sha256",
      ],
      rows: try reader.imports(limit: .max).map {
        [
          .integer($0.number), .text($0.time.description), .text($0.descriptor.fileName),
          .text($0.descriptor.format), .text("\($0.state)"), .integer(Int64($0.added)),
          .integer(Int64($0.duplicates)), .integer(Int64($0.refused)),
          .text(hexadecimal($0.descriptor.fileHash)),
        ]
      })
  }

  func refusedReport(_ request: Request) throws -> Report {
    let limit = request.arguments["limit"].flatMap { Int($0) } ?? 200
    let offset = request.arguments["offset"].flatMap { Int($0) } ?? 0
    let state: RefusalState? = request.arguments["state"] == "all" ? nil : .open
    let found = try reader.refused(
      state, importNumber: request.arguments["import"].flatMap { Int64($0) },
      offset: max(0, offset), limit: min(max(limit, 0), 1000))
    let files = Dictionary(
      try reader.imports(limit: .max).map { ($0.number, $0.descriptor.fileName) },
      uniquingKeysWith: { first, _ in first })
    return Report(
      facts: [.init("total", .integer(Int64(found.total)))], tableName: "refused",
      columns: ["row", "file", "line", "reason", "column", "text", "raw", "state"],
      rows: found.rows.map { record in
        let row = record.row
        return [
          .integer(record.number), .text(files[record.importNumber] ?? ""),
          .integer(Int64(row.line)), .text(row.reason), .text(row.column), .text(row.text),
          .text(String(decoding: row.raw, as: UTF8.self)), .text("\(record.state)"),
        ]
      })
  }

  func pricesReport() throws -> Report {
    Report(
      tableName: "prices", columns: ["asset", "price", "currency", "time", "source", "identity"],
      rows: try reader.quotes().map {
        [
          .text($0.asset.ticker), .amount($0.price.fixed), .text($0.currency.code),
          .text($0.time.description), .text($0.source.text), .text($0.asset.text),
        ]
      })
  }

  func linksReport() throws -> Report {
    Report(
      tableName: "links", columns: ["asset", "counts_as"],
      rows: try reader.links.stated.sorted { $0.key < $1.key }.map {
        [.text($0.key.text), .text($0.value.text)]
      })
  }

  func entryReport(_ request: Request) throws -> Report {
    let text = try request.required("id")
    guard let id = EntryID(text), let entry = try reader.entry(id) else {
      throw Refusal(.notFound, "there is no entry \(text)")
    }
    let raw = try reader.rawText(of: entry.origin).map { String(decoding: $0, as: UTF8.self) }
    let source = try reader.source(of: entry.origin)
    return Report(
      facts: [
        .init("id", .text(entry.id.description)), .init("time", .text(entry.time.description)),
        .init("kind", .text(entry.kind.rawValue)), .init("note", .text(entry.details.note)),
        .init("reference", .text(entry.details.reference)),
        .init("transaction", .text(entry.details.transactionHash)),
        .init("import", .integer(entry.origin.importNumber)),
        .init("line", .integer(Int64(entry.origin.line))),
        .init("value", entry.details.value.map { .amount($0.amount) } ?? .none),
        .init("value_currency", .text(entry.details.value?.currency.code ?? "")),
        .init("source", .text(source?.name ?? "")),
        .init("source_sha256", .text(hexadecimal(source?.hash ?? []))),
        .init("source_known", .text(source?.known.description ?? "")),
        .init("raw", .text(raw.joined(separator: "\n"))),
      ], tableName: "legs", columns: ["account", "asset", "quantity", "counter"],
      rows: entry.legs.map {
        [
          .text($0.account.slug), .text($0.asset.text), .amount($0.quantity.fixed),
          .text("\($0.counter)"),
        ]
      })
  }

  /// Pages, tables, holdings and audit log, each with what was found.
  func check(_ id: WorkID) throws -> Report {
    let findings = try vault.check { stage in
      inbox.post(.progressed(id, Progress(stage: stage, done: 0, total: 0, unit: "")))
    }
    return Report(
      facts: [.init("sound", .flag(findings.allSatisfy(\.isGood)))], tableName: "findings",
      columns: ["check", "good", "finding", "advice"],
      rows: findings.map {
        [.text($0.name), .flag($0.isGood), .text($0.text), .text($0.advice)]
      })
  }
}

/// Two small hexadecimal digits a byte.
func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
