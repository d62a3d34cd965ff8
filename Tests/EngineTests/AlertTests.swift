import Alerts
import Amounts
import Foundation
import Ledger
import Portfolio
import Prices
import Testing
import Wire

@testable import Engine

@Suite struct AlertTests {
  private static func contents(_ rules: [AlertRule]) -> VaultContents {
    let account = Account(id: AccountID(named: "cold"), name: "Cold", venue: "manual")
    let bitcoin = AssetID.native(chain: "bitcoin")
    var contents = VaultContents.nothing
    contents.accounts = [account]
    contents.holdings = [
      HoldingKey(account: account.id, asset: bitcoin): Holding(
        free: Quantity(Fixed(whole: 2)), staked: .zero)
    ]
    contents.alerts.settings.rules = rules
    return contents
  }

  private static func quote(_ price: Int64, at time: Instant) -> [Quote] {
    let quote = Quote(
      asset: .native(chain: "bitcoin"), price: Price(Fixed(whole: price)), currency: .usDollar,
      time: time, source: .feed("test"))
    return [quote].compactMap { $0 }
  }

  private static func rows(_ message: EngineMessage?) -> [[ReportCell]] {
    if case .report(_, let report)? = message { return report.rows }
    return []
  }

  private static let low: AlertRule = {
    let levels = AlertRule.Levels(raise: Fixed(whole: 95), clear: Fixed(whole: 97))
    var rule = AlertRule("low", "price:BTC", .threshold(.below, levels))
    rule.holdSeconds = 5
    return rule
  }()

  @Test func `a price that falls is an alert on the board, and over when it is back`() throws {
    let engine = VirtualEngine([], contents: AlertTests.contents([AlertTests.low]))
    engine.say(.look([Board.alerts]))
    engine.happen(.quoted(AlertTests.quote(100, at: engine.now)))
    engine.run(seconds: 5)
    #expect(AlertTests.rows(engine.answer(Request("alerts"), id: 1)).isEmpty)
    engine.happen(.quoted(AlertTests.quote(94, at: engine.now)))
    engine.run(seconds: 5)
    let boards = engine.heard().compactMap { message -> Report? in
      if case .board(Board.alerts, let report) = message { return report }
      return nil
    }
    let board = try #require(boards.last)
    #expect(board.text(0, "title") == "BTC price 94 USD, below 95 USD")
    #expect(board["open"] == .integer(1))
    engine.happen(.quoted(AlertTests.quote(98, at: engine.now)))
    engine.run(seconds: 3)
    #expect(AlertTests.rows(engine.answer(Request("alerts"), id: 2)).count == 1)
    engine.run(seconds: 8)
    #expect(AlertTests.rows(engine.answer(Request("alerts"), id: 3)).isEmpty)
    let all = AlertTests.rows(engine.answer(Request("alerts", ["all": "yes"]), id: 4))
    #expect(all.count == 1)
  }

  @Test func `what the holder does is answered once it is on the disk`() throws {
    let engine = VirtualEngine([], contents: AlertTests.contents([AlertTests.low]))
    engine.happen(.quoted(AlertTests.quote(94, at: engine.now)))
    engine.run(seconds: 5)
    let request = Request("alert-ack", ["id": "1", "user": "kim"])
    guard case .report(_, let report)? = engine.answer(request, id: 1) else {
      Issue.record("no answer")
      return
    }
    #expect(report["state"] == .text("acknowledged"))
    #expect(report["acknowledged_by"] == .text("kim"))
    guard case .refusal(_, let refusal)? = engine.answer(Request("alert-ack", ["id": "9"]), id: 2)
    else {
      Issue.record("no refusal")
      return
    }
    #expect(refusal.code == .notFound)
  }

  @Test func `the figures that are listed are those that are made, each by its own name`() {
    let engine = VirtualEngine([], contents: AlertTests.contents([]))
    engine.happen(.quoted(AlertTests.quote(100, at: engine.now)))
    engine.run(seconds: 3)
    let listed = AlertTests.rows(engine.answer(Request("alert-figures"), id: 1)).map { $0[0].plain }
    #expect(listed == listed.sorted())
    #expect(Set(listed).count == listed.count)
    #expect(listed.contains("nav"))
  }

  @Test func `a sum without its unpriced parts is partial, and says so in its basis`() throws {
    let view = FigureView(
      snapshot: Snapshot(
        version: 1, currency: .usDollar, time: Instant(seconds: 0),
        positions: [
          Position(
            asset: .venue(venue: "x", code: "AAA"), quantity: Quantity(Fixed(whole: 1)),
            staked: .zero, price: nil, value: nil, dayOpenValue: nil, shares: [])
        ], accounts: [],
        totals: Totals(
          value: Fixed(whole: 5), positions: 2, unpriced: 1, unread: [AccountID(named: "vault")])),
      dollars: { _ in nil }, accounts: Report(), breaks: [:], refused: 0, lastQuote: nil,
      sinks: [], now: Instant(seconds: 0))
    let seen = FigureSource.observations(view, for: [AlertRule("x", "*", .health([.unknown]))])
    let nav = try #require(seen.first { $0.name == "nav" })
    #expect(nav.quality == .partial)
    #expect(nav.basis.contains("venue:x:AAA") && nav.basis.hasSuffix(" vault"))
    let price = try #require(seen.first { $0.name == "price:AAA" })
    #expect(price.quality == .unknown)
    #expect(price.value == nil)
  }
}

@Suite struct AlertFileTests {
  private static func read(_ text: String) throws -> AlertSettings {
    let url = FileManager.default.temporaryDirectory
      .appending(path: "alerts-\(UUID().uuidString).toml")
    try text.write(to: url, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: url) }
    return try AlertFile.read(url.path)
  }

  /// The fault without the file's path.
  private static func fault(_ text: String) -> String {
    do {
      _ = try read(text)
      return ""
    } catch let refusal as Wire.Refusal {
      return String(refusal.message.split(separator: ".toml").last ?? "")
    } catch { return "\(error)" }
  }

  @Test func `the example of the manual page holds`() throws {
    let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "man/coffer-alerts.7")
    let lines = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n")
    let first = try #require(lines.firstIndex { $0.hasPrefix(".Bd -literal") })
    let last = try #require(lines[first...].firstIndex { $0 == ".Ed" })
    let settings = try AlertFileTests.read(lines[(first + 1)..<last].joined(separator: "\n"))
    let rule = try #require(settings.rules.first { $0.name == "price-move" })
    #expect(
      rule.kind
        == .change(
          .moves, seconds: 3_600, isPercent: true,
          .init(raise: Fixed(whole: 8), clear: Fixed(whole: 4))))
    #expect(rule.escalation == [.init(seconds: 1_800, severity: .critical)])
    #expect(settings.rules.first { $0.name == "depeg" }?.isOn == false)
    #expect(settings.rules.first { $0.name == "most-bitcoin" }?.sinks == ["desk", "log"])
    #expect(settings.quiet == QuietHours(from: 1_320, to: 360, zone: "Europe/Berlin"))
    // 2026-07-01 20:30 UTC is 22:30 in Berlin; the hours end at 06:00 there, 04:00 UTC.
    let night = Instant(seconds: 1_782_937_800)
    #expect(settings.quiet?.end(at: night, settings.clock) == Instant(seconds: 1_782_964_800))
  }

  @Test(arguments: [
    ("[rule.x]\nfigure = \"nav\"\n", ":2:10: the rule 'x' says nothing of when: "),
    ("[rule.x]\nfigure = \"nav\"\nabove = \"ten\"\n", ":3:9: 'ten' is no number"),
    ("[rule.x]\nfigure = \"nav\"\nabove = 10\n", ":3:9: 'x.above' is a "),
    ("[rule.x]\nfigure = \"nav\"\nabove = \"1\"\nbelow = \"2\"\n", ":4:9: a rule has one of "),
    ("[rule.x]\nabove = \"1\"\n", ":2:9: the rule 'x' has no figure"),
    ("[rule.X]\nfigure = \"nav\"\nabove = \"1\"\n", ":2:10: a rule's name is made of "),
    (
      "[rule.x]\nfigure = \"nav\"\nfalls = \"5 %\"\n",
      ":3:9: 'falls' wants within = \"1h\""
    ),
    (
      "[rule.x]\nfigure = \"nav\"\nabove = \"5\"\nclear = \"6\"\n",
      ":4:9: clear lies beyond the level itself"
    ),
    ("[rule.x]\nfigure = \"a\"\nabove = \"5\"\nfor = \"soon\"\n", ":4:7: a time is such as "),
    ("[rule.x]\nfigure = \"a\"\nabove = \"5\"\ncolour = \"red\"\n", ":4:10: 'colour' is not known"),
    ("[quiet]\nhours = \"22-06\"\n", ":2:9: hours are such as "),
    ("[quiet]\nhours = \"22:00-06:00\"\nzone = \"Mars\"\n", ":3:8: there is no zone 'Mars'"),
    ("[sinks]\na = \"b\"\n", ": there is no table [sinks]"),
    ("[rule.x\n", ":"),
  ])
  func `a fault is named with its line and column`(_ text: String, _ fault: String) {
    let found = AlertFileTests.fault(text)
    #expect(found.hasPrefix(fault), "\(found)")
  }

  @Test func `the built-in rules look at figures that there are`() {
    let names = FigureSource.all.map { source in
      source.name.split(separator: ":").map { $0.uppercased() == $0 ? "x" : String($0) }
        .joined(separator: ":")
    }
    for rule in AlertRule.builtIn where rule.name != "anomaly" {
      #expect(names.contains { rule.matches($0) }, "\(rule.name)")
    }
  }
}
