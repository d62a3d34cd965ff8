import Amounts
import Ledger
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
      rows: try reader.imports().map {
        [
          .integer($0.number), .text($0.time.description), .text($0.fileName), .text($0.format),
          .text($0.state.rawValue), .integer(Int64($0.added)), .integer(Int64($0.duplicates)),
          .integer(Int64($0.refused)), .text($0.sha256),
        ]
      })
  }

  func refusedReport(_ request: Request) throws -> Report {
    let limit = request.arguments["limit"].flatMap { Int($0) } ?? 200
    let offset = request.arguments["offset"].flatMap { Int($0) } ?? 0
    let rows = try reader.refused(
      RefusedQuery(
        importNumber: request.arguments["import"].flatMap { Int64($0) },
        includesDismissed: request.arguments["state"] == "all", offset: max(0, offset),
        limit: min(max(limit, 0), 1000)))
    return Report(
      facts: [.init("open", .integer(Int64(try reader.refusedCount())))], tableName: "refused",
      columns: ["row", "file", "line", "reason", "column", "text", "raw", "state"],
      rows: rows.map {
        [
          .integer($0.number), .text($0.fileName), .integer(Int64($0.line)), .text($0.reason),
          .text($0.column), .text($0.text), .text(String(decoding: $0.raw, as: UTF8.self)),
          .text($0.state.rawValue),
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
    return Report(
      facts: [
        .init("id", .text(entry.id.description)), .init("time", .text(entry.time.description)),
        .init("kind", .text(entry.kind.rawValue)), .init("note", .text(entry.details.note)),
        .init("reference", .text(entry.details.reference)),
        .init("transaction", .text(entry.details.transactionHash)),
        .init("import", .integer(entry.origin.importNumber)),
        .init("line", .integer(Int64(entry.origin.line))),
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
    let findings = try reader.check { [inbox] progress in
      inbox.post(.progressed(id, progress))
    }
    return Report(
      facts: [.init("sound", .flag(findings.allSatisfy(\.isGood)))], tableName: "findings",
      columns: ["check", "good", "finding", "advice"],
      rows: findings.map {
        [.text($0.name), .flag($0.isGood), .text($0.text), .text($0.advice)]
      })
  }
}
