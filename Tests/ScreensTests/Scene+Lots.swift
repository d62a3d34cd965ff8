import Amounts
import Ledger
import Wire

@testable import Screens

extension Scene {
  /// The record of an entry as a venue might have written it.
  static func raw(_ number: UInt64) -> String {
    #"{"refid":"REF-\#(number)","time":1770124927.4821,"type":"trade","#
      + #""amount":"0.2500000000","fee":"43.8100","balance":"20.1180000000"}"#
  }

  /// What an engine with so many lots answers; `nil` to other verbs.
  static func answer(_ request: Request, lots: Int) -> Report? {
    switch request.verb {
    case "lots": return self.lots(request, total: lots)
    case "entry": return EntryID(request.arguments["id"] ?? "").map { record(of: $0) }
    case "price-history": return history(request)
    case "correlation": return pair
    default: return nil
    }
  }

  /// The lot of a row: a fourth of them costs nobody knows what, and every second is held for long.
  private static func lot(_ row: Int, _ asset: String, _ account: String) -> [ReportCell] {
    let hasCost = row % 4 != 3
    let day = 1 + row % 28
    let month = 1 + row / 28 % 12
    let time = "\(2023 + row / 336)-\(two(month))-\(two(day))T09:00:00Z"
    let name = EntryID(high: 0xC0FF_EE00, low: UInt64(row * 5)).description
    return [
      .text("BTC"), .text(time), .text(account), .amount(amount("0.125")),
      hasCost ? .amount(amount("\(3_000 + row).5")) : .none,
      hasCost ? .amount(amount("\(8 * (3_000 + row) + 4)")) : .none, .amount(amount("67412.5")),
      .amount(amount("8426.5625")),
      hasCost ? .amount(minus(amount("8426.5625"), amount("\(3_000 + row).5"))) : .none,
      .text(row % 2 == 0 ? "long" : "short"), .text(name), .text(asset),
    ]
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
  private static func minus(_ a: Fixed, _ b: Fixed) -> Fixed { (try? a.subtracting(b)) ?? a }

  static func lots(_ request: Request, total: Int) -> Report {
    let asset = request.arguments["asset"] ?? ""
    let account = request.arguments["account"] ?? "kraken"
    let offset = Int(request.arguments["offset"] ?? "") ?? 0
    let limit = Int(request.arguments["limit"] ?? "") ?? total
    let end = min(total, offset + limit)
    return Report(
      facts: [
        .init("currency", .text("USD")), .init("method", .text("fifo")),
        .init("scope", .text("account")), .init("lots", .integer(Int64(total))),
        .init("lots_without_cost", .integer(Int64(total / 4))),
        .init("cost", .amount(amount("1041822"))), .init("unrealised", .amount(amount("1688384"))),
        .init("lots_without_gain", .integer(Int64(total / 4))),
      ], tableName: "lots",
      columns: [
        "asset", "acquired", "account", "quantity", "cost", "unit_cost", "price", "value",
        "unrealised", "term", "lot", "identity",
      ], rows: offset < end ? (offset..<end).map { lot($0, asset, account) } : [])
  }

  /// An entry with what it was read from.
  static func record(of id: EntryID) -> Report {
    let entry = self.entry(Int(id.low))
    return Report(
      facts: [
        .init("id", .text(id.description)), .init("time", .text(entry.time.description)),
        .init("kind", .text(entry.kind.rawValue)), .init("note", .text(entry.details.note)),
        .init("reference", .text(entry.details.reference)),
        .init("transaction", .text(entry.details.transactionHash)),
        .init("import", .integer(entry.origin.importNumber)),
        .init("line", .integer(Int64(entry.origin.line))),
        .init("value", entry.details.value.map { .amount($0.amount) } ?? .none),
        .init("value_currency", .text(entry.details.value?.currency.code ?? "")),
        .init("source", .text("POST /0/private/Ledgers ofs=50")),
        .init(
          "source_sha256",
          .text("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")),
        .init("source_known", .text("2026-02-03T14:20:00Z")), .init("raw", .text(raw(id.low))),
      ], tableName: "legs", columns: ["account", "asset", "quantity", "counter"],
      rows: entry.legs.map {
        [
          .text($0.account.slug), .text($0.asset.text), .amount($0.quantity.fixed),
          .text("\($0.counter)"),
        ]
      })
  }
}
