import Alerts
import Amounts
import Anomalies
import FoundationEssentials
import Ledger
import Prices
import Risk
import Testing
import Wire

@testable import Engine

/// A crash as it happened, from the quotes of two feeds to the alert on the screen.
@Suite struct WatchDeskTests {
  private static let start = Instant(seconds: 1_760_097_600)
  private static let client = ClientID(number: 1)
  private static let asset = AssetID.venue(venue: "binance", code: "USDE")
  /// The last minute before the fall: the minute from 21:20 closed at 0.97 after 0.9993.
  private static let lastQuiet = 559

  /// The closes of one-minute bars, from 12:00 UTC on.
  private static func closes() throws -> [String] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/usde-2025-10-10.txt")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }.flatMap { line in
        let words = line.split(separator: " ").map(String.init)
        return Array(repeating: words[0], count: Int(words[1]) ?? 0)
      }
  }

  private static func core(_ limits: String = "") throws -> EngineCore {
    var core = EngineCore(vault: "test", mode: .init())
    _ = core.handle(.connected(client), at: start)
    _ = core.handle(
      .said(client, .hello(version: ClientMessage.version, isReadOnly: false)), at: start)
    var contents = VaultContents.nothing
    let account = AccountID(named: "binance")
    contents.accounts = [Account(id: account, name: "Binance", venue: "binance")]
    contents.holdings = [
      HoldingKey(account: account, asset: asset): Holding(
        free: try Quantity(parsing: "100000"), staked: .zero)
    ]
    contents.riskLimits = RiskLimits(limits) ?? RiskLimits()
    _ = core.handle(.changed(LedgerChanges(opened: contents)), at: start)
    return core
  }

  /// Says a price by two feeds, and lets the engine settle and look.
  private static func say(
    _ text: String, _ feeds: [String], at minute: Int, _ core: inout EngineCore
  ) throws -> [EngineEffect] {
    var effects: [EngineEffect] = []
    for second in [5, 35] {
      let now = start.advanced(bySeconds: Int64(60 * minute + second))
      let quotes = try feeds.compactMap { feed in
        Quote(
          asset: asset, price: try Price(parsing: text), currency: .usDollar, time: now,
          source: .feed(feed))
      }
      effects += core.handle(.quoted(quotes), at: now)
      effects += core.handle(.timer, at: Instant(microseconds: now.microseconds + 300_000))
      effects += core.handle(.timer, at: Instant(microseconds: now.microseconds + 2_600_000))
    }
    return effects
  }

  private static func board(
    _ name: String, at minute: Int, _ core: inout EngineCore
  ) -> Report? {
    let now = start.advanced(bySeconds: Int64(60 * minute + 59))
    for effect in core.handle(.said(client, .look([name])), at: now) {
      if case .send(_, .board(let found, let report)) = effect, found == name { return report }
    }
    return nil
  }

  @Test func `a crash that two venues see is an alert with its reasons within two bars`() throws {
    let closes = try Self.closes()
    var core = try Self.core()
    for minute in 0...Self.lastQuiet {
      _ = try Self.say(closes[minute], ["kraken", "okx"], at: minute, &core)
    }
    let before = try #require(Self.board(Board.anomalies, at: Self.lastQuiet, &core))
    #expect(before.rows.isEmpty, "\(before.rows)")
    // The bars of 21:20 and 21:21 are the two bars.
    for minute in (Self.lastQuiet + 1)...(Self.lastQuiet + 3) {
      _ = try Self.say(closes[minute], ["kraken", "okx"], at: minute, &core)
    }
    let seen = try #require(Self.board(Board.anomalies, at: Self.lastQuiet + 3, &core))
    let row = try #require(seen.rows.indices.first { seen.text($0, "kind") == "crash" })
    #expect(seen.text(row, "asset") == "USDE")
    #expect(seen.text(row, "saw").contains("fall"))
    #expect(seen.text(row, "usual").hasPrefix("usual"))
    #expect(seen.text(row, "agreeing") == "kraken, okx")
    #expect(seen["curbs"] == .text(Self.asset.text))
    let began = try #require(seen.integer(row, "began_at"))
    #expect(began <= Self.start.advanced(bySeconds: 60 * Int64(Self.lastQuiet + 3)).microseconds)
    let alerts = try #require(Self.board(Board.alerts, at: Self.lastQuiet + 3, &core))
    let raised = try #require(
      alerts.rows.indices.first { alerts.text($0, "figure").hasPrefix("anomaly:crash:") })
    #expect(alerts.text(raised, "title").contains("falls faster"))
    let lines = alerts.text(raised, "lines")
    #expect(lines.contains("second source\tkraken, okx saw the same"))
    #expect(lines.contains("USD of USDE, 100 % of the known total"))
    #expect(!alerts.text(raised, "outside").contains("100000"))
  }

  @Test func `one venue alone that crashes asks for no pause of trading`() throws {
    let closes = try Self.closes()
    var core = try Self.core()
    for minute in 0...(Self.lastQuiet + 3) {
      _ = try Self.say(closes[minute], ["kraken"], at: minute, &core)
    }
    let seen = try #require(Self.board(Board.anomalies, at: Self.lastQuiet + 3, &core))
    #expect(seen.rows.indices.contains { seen.text($0, "kind") == "crash" })
    #expect(seen["curbs"] == .text(""))
  }

  @Test func `what is said of a finding goes back to the detectors`() throws {
    let closes = try Self.closes()
    var core = try Self.core()
    for minute in 0...(Self.lastQuiet + 3) {
      _ = try Self.say(closes[minute], ["kraken", "okx"], at: minute, &core)
    }
    let alerts = try #require(Self.board(Board.alerts, at: Self.lastQuiet + 3, &core))
    let raised = try #require(
      alerts.rows.indices.first { alerts.text($0, "figure").hasPrefix("anomaly:crash:") })
    let id = try #require(alerts.integer(raised, "id"))
    let now = Self.start.advanced(bySeconds: Int64(60 * (Self.lastQuiet + 4)))
    _ = core.handle(
      .said(
        Self.client,
        .request(id: 7, Request("alert-confirm", ["id": String(id), "user": "anna"]))), at: now)
    let seen = try #require(Self.board(Board.anomalies, at: Self.lastQuiet + 4, &core))
    #expect(seen["confirmed"] == .integer(1))
  }

  @Test func `a limit of risk that is passed is an alert, and one that is kept is none`() throws {
    var core = try Self.core("asset=40%,venue=1")
    for minute in 0...3 { _ = try Self.say("1.0001", ["kraken", "okx"], at: minute, &core) }
    let alerts = try #require(Self.board(Board.alerts, at: 3, &core))
    let figures = alerts.rows.indices.map { alerts.text($0, "figure") }
    #expect(figures.contains("limit:asset") && !figures.contains("limit:venue"), "\(figures)")
  }

  @Test func `a state of the detectors goes on where it was left`() throws {
    let closes = try Self.closes()
    var whole = AnomalyWatch()
    var first = AnomalyWatch()
    var found: [AnomalyFinding] = []
    var continued: [AnomalyFinding] = []
    for (minute, text) in closes.enumerated() {
      let price = try Price(parsing: text)
      let bar = WatchDesk.bar(
        PriceBar(start: Self.start.advanced(bySeconds: Int64(60 * minute)), price: price), .minute)
      let observation = AnomalyObservation.bar(
        asset: "a", venue: "", seconds: 60, bar, isTrusted: true)
      found += whole.take(observation)
      if minute == 300 { first = try AnomalyWatch(first.bytes) }
      continued += first.take(observation)
    }
    #expect(!found.isEmpty && found == continued)
  }
}
