import Amounts
import Cipher
import Ledger
import Prices
import Vault
import Wire

/// Prices that users state, and those that were.
///
/// A price that the market contradicts, or that is far from the last one known, counts only after a
/// second word: of another user where the vault has more than one, else of the same one who confirms.
extension VaultWorker {
  /// For how many hours a stated price counts where nothing is said, and at most.
  static let statedHours = (usual: 24, most: 24 * 366)
  /// From how many percent off the last known price on a second word is needed.
  static let doubtPercent: Int64 = 10

  func setPrice(_ request: Request) throws -> WorkResult {
    let asset = try held(try request.required("asset"))
    let text = try request.required("price")
    guard let currency = Currency(try request.required("currency")) else {
      throw Refusal(.usage, "the currency is no code", advice: "For example: EUR")
    }
    let price: Price
    do { price = try Price(parsing: text) } catch {
      throw Refusal(.usage, "\(text) is no price: \(error)", advice: "For example: 67412.50")
    }
    guard price > .zero else { throw Refusal(.usage, "a price is above zero, not \(text)") }
    let hours = request.arguments["hours"].map { Int($0) } ?? VaultWorker.statedHours.usual
    guard let hours, (1...VaultWorker.statedHours.most).contains(hours) else {
      throw Refusal(
        .usage, "hours wants a number from 1 to \(VaultWorker.statedHours.most)")
    }
    let author = request.author
    let made = try vault.state(
      NewPriceStatement(
        asset: asset, price: price, currency: currency,
        expires: author.time.advanced(bySeconds: Int64(hours) * 3_600),
        reason: request.arguments["reason"] ?? "",
        doubt: VaultWorker.doubt(price, request.arguments)), by: author)
    return WorkResult(
      answer: .report(VaultWorker.report(of: made)), changes: VaultWorker.changes(by: made))
  }

  /// Why a price needs a second word; empty where it needs none.
  private static func doubt(_ price: Price, _ arguments: [String: String]) -> String {
    guard let text = arguments["last-price"], let last = try? Price(parsing: text) else {
      return ""
    }
    if arguments["market-price"] == "yes" { return "the market says \(last.text)" }
    guard let gap = try? price.subtracting(last).magnitude(),
      let scaled = try? gap.fixed.multiplied(by: Fixed(whole: 100), rounding: .halfEven),
      let bound = try? last.fixed.multiplied(
        by: Fixed(whole: doubtPercent), rounding: .halfEven)
    else { return "it is far from the last one known, \(last.text)" }
    return scaled > bound
      ? "it is more than \(doubtPercent) % from the last one known, \(last.text)" : ""
  }

  func approvePrice(_ request: Request) throws -> WorkResult {
    let id = try statementNumber(request)
    let author = request.author
    let waiting = try reader.priceStatements().first { $0.id == id && $0.state == .proposed }
    guard let waiting else {
      throw Refusal(
        .notFound, "no price waits under the number \(id)",
        advice: "See: coffer price statements")
    }
    let users = try vault.slots.count { $0.kind == .passphrase }
    if users > 1 && author.user == waiting.author {
      throw Refusal(
        .forbidden, "\(waiting.author) proposed it: another user has to approve it")
    }
    if users < 2 && request.arguments["confirm"] != "yes" {
      throw Refusal(
        .usage, "the vault has one user, who proposed it: \(waiting.doubt)",
        advice: "Insist: coffer price approve \(id) --confirm")
    }
    let made = try vault.decide(id, .approved, by: author)
    return WorkResult(
      answer: .report(VaultWorker.report(of: made)), changes: VaultWorker.changes(by: made))
  }

  func withdrawPrice(_ request: Request) throws -> WorkResult {
    let made = try vault.decide(try statementNumber(request), .withdrawn, by: request.author)
    return .report(VaultWorker.report(of: made))
  }

  private func statementNumber(_ request: Request) throws -> Int64 {
    let text = try request.required("id")
    guard let id = Int64(text) else {
      throw Refusal(
        .usage, "\(text.prefix(40)) is no number of a price",
        advice: "See: coffer price statements")
    }
    return id
  }

  private static func changes(by statement: PriceStatement) -> LedgerChanges {
    guard statement.state == .approved, let quote = statement.quote else { return LedgerChanges() }
    return LedgerChanges(quotes: [quote])
  }

  private static func report(of statement: PriceStatement) -> Report {
    var report = Report(facts: [
      .init("asset", .text(statement.asset.text)), .init("price", .amount(statement.price.fixed)),
      .init("currency", .text(statement.currency.code)),
      .init("state", .text(statement.state.text)), .init("number", .integer(statement.id)),
      .init("expires", .text(statement.expires.description)),
    ])
    if statement.state == .proposed {
      report.facts += [
        .init("proposal", .integer(statement.id)), .init("needs_approval", .text(statement.doubt)),
      ]
    }
    return report
  }

  func statementsReport() throws -> Report {
    Report(
      tableName: "statements",
      columns: [
        "number", "asset", "price", "currency", "state", "stated", "author", "expires",
        "needed_approval", "decided_by", "decided", "reason", "identity",
      ],
      rows: try reader.priceStatements().map { one in
        [
          .integer(one.id), .text(one.asset.ticker), .amount(one.price.fixed),
          .text(one.currency.code), .text(one.state.text), .text(one.time.description),
          .text(one.author), .text(one.expires.description), .text(one.doubt),
          .text(one.decider), one.decided.map { .text($0.description) } ?? .none,
          .text(one.reason), .text(one.asset.text),
        ]
      })
  }

  /// The most bars that are told at once.
  static let mostBars = 100_000

  func historyReport(_ request: Request) throws -> Report {
    let asset = try held(try request.required("asset"))
    let words: [String: BarLength] = ["1s": .second, "1m": .minute, "1h": .hour, "1d": .day]
    guard let length = words[request.arguments["length"] ?? "1d"] else {
      throw Refusal(.usage, "the length of bars is 1s, 1m, 1h or 1d")
    }
    let reader = try reader
    let now = EngineLoop.now
    let currency = try reader.setting("currency").flatMap { Currency($0) } ?? .usDollar
    let usual = now.advanced(bySeconds: -Int64(length.kept) * length.seconds)
    let from = try request.arguments["from"].map { try moment($0) } ?? usual
    let to = try request.arguments["to"].map { try moment($0) } ?? now.advanced(bySeconds: 1)
    guard from < to, (to.seconds - from.seconds) / length.seconds <= VaultWorker.mostBars else {
      throw Refusal(
        .usage, "from lies before to, by at most \(VaultWorker.mostBars) bars")
    }
    let bars = try reader.priceHistory(of: asset, in: currency, length, from: from, to: to)
    return Report(
      facts: [
        .init("asset", .text(asset.ticker)), .init("currency", .text(currency.code)),
        .init("length", .text(request.arguments["length"] ?? "1d")),
        .init("bars", .integer(Int64(bars.count))), .init("identity", .text(asset.text)),
      ], tableName: "history", columns: ["start", "open", "high", "low", "close", "source"],
      rows: bars.map { one in
        [
          .text(one.bar.start.description), .amount(one.bar.open.fixed),
          .amount(one.bar.high.fixed), .amount(one.bar.low.fixed), .amount(one.bar.close.fixed),
          .text(one.source),
        ]
      })
  }

  private func moment(_ text: String) throws(Refusal) -> Instant {
    if let instant = Instant(text) ?? Instant(text + "T00:00:00Z") { return instant }
    throw Refusal(.usage, "\(text.prefix(40)) is no time", advice: "For example: 2024-01-05")
  }
}
