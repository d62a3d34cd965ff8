import ArgumentParser
import Canvas
import Engine
import Foundation
import Ledger
import Link
import Screens
import Wire

/// A large vault: how soon it shows, and how it is paged and scrolled.
struct OpenBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open",
    abstract: "From unlock to the first positions, and pages of the ledger, with a large vault.")

  @Option(help: "Entries of the vault.") var entries = 1_000_000
  @Option(help: "Rounds of opening.") var rounds = 9
  @Option(help: "Take or keep the vault in this folder.") var keep: String?
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let work = try Workplace(keeping: keep)
    if !work.hasVault { _ = try LargeImport(entries: entries, in: work).run() }
    var sheet = Sheet("open")
    try open(work, &sheet)
    try page(work, &sheet)
    try scroll(work, &sheet)
    sheet.note("the vault's slot has the cheapest key derivation: scrypt is in no figure")
    try sheet.show(asJSON: json)
  }

  // MARK: Opening

  private func open(_ work: Workplace, _ sheet: inout Sheet) throws {
    var (warm, cold, processor): ([Double], [Double], [Double]) = ([], [], [])
    for round in 0..<(2 * rounds) {
      if round % 2 == 1 { Workplace.evict(work.place.vault + "/vault-1.db") }
      let client = BenchClient(work.place)
      let taken = try Taken.by { try client.unlockAndShow() }.1
      client.end()
      if round % 2 == 1 {
        cold.append(taken.wall)
      } else {
        warm.append(taken.wall)
        processor.append(taken.processor)
      }
    }
    sheet.add("unlock to positions", seconds: warm, p95: .below(340))
    sheet.add("unlock to positions, by processor time", processor.median * 1000, "ms")
    sheet.add("unlock to positions, file not cached", seconds: cold)
  }

  // MARK: Pages

  private func page(_ work: Workplace, _ sheet: inout Sheet) throws {
    let client = BenchClient(work.place)
    defer { client.end() }
    try client.unlockAndShow()
    let total = try client.page(LedgerQuery(limit: 0)).page.total
    let first = try client.page(LedgerQuery(offset: total / 2, limit: 200)).seconds
    sheet.add("first page deep in the ledger", first * 1000, "ms")
    for share in [0.0, 0.001, 0.5, 0.9999] {
      let offset = Int(Double(total) * share)
      let seconds = try (0..<50).map {
        try client.page(LedgerQuery(offset: offset + $0, limit: 200)).seconds
      }
      sheet.add("page of 200 at \(offset)", seconds: seconds)
    }
    let sample = try client.page(LedgerQuery(limit: 1)).page.entries[0].legs[0]
    try pages(of: LedgerQuery(asset: sample.asset), "an asset", client, &sheet)
    try pages(of: LedgerQuery(account: sample.account), "an account", client, &sheet)
  }

  private func pages(
    of query: LedgerQuery, _ name: String, _ client: BenchClient, _ sheet: inout Sheet
  ) throws {
    var query = query
    query.limit = 200
    let (page, first) = try client.page(query)
    sheet.add("first page of \(name), of \(page.total)", first * 1000, "ms")
    let seconds = try (0..<50).map { number in
      query.offset = page.total / 50 * number
      return try client.page(query).seconds
    }
    sheet.add("page of 200 of \(name), anywhere", seconds: seconds)
  }

  // MARK: Scrolling

  private func scroll(_ work: Workplace, _ sheet: inout Sheet) throws {
    let client = BenchClient(work.place)
    defer { client.end() }
    try client.unlockAndShow()
    client.press("0")
    let before = Memory.resident
    Memory.resetPeak()
    let (rows, taken) = Taken.by { client.scrollToEnd() }
    sheet.add("rows scrolled through by page-down", Double(rows), "rows")
    sheet.add("scrolling, rows a second", Double(rows) / taken.wall, "rows/s")
    sheet.add("memory before scrolling", before, "MB")
    sheet.add("memory gained at the peak of scrolling", Memory.peak - before, "MB", .below(50))
  }
}
