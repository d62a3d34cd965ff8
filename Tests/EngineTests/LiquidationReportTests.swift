import Ledger
import Testing
import Vault
import Wire

@testable import Engine

/// How far positions are from their end, by what venues tell.
@Suite struct LiquidationReportTests {
  private static func line(
    long: Bool?, isolated: Bool?, mark: String?, end: String?
  ) -> LiquidationReport.Line {
    var amounts = ["contracts": "1", "unrealised": "-12.5"]
    amounts["mark_price"] = mark
    amounts["liquidation_price"] = end
    return LiquidationReport.Line(
      account: AccountID(named: "bybit"),
      row: PositionRow(
        market: "BTCUSDT", part: "swap", isLong: long, isIsolated: isolated, amounts: amounts),
      time: Instant(seconds: 1_767_225_600))
  }

  /// The prices of the venues' examples in `RiskTests`, as venues would state them.
  @Test(arguments: [
    (true, true, "20000", "19700", -0.015), (false, true, "20000", "20300", 0.015),
    (true, false, "31967.27", "26316.89", -0.176_755), (false, false, "2000", "2169.1", 0.084_55),
  ])
  func `the distance is the share of the mark that is left`(
    _ isLong: Bool, _ isIsolated: Bool, _ mark: String, _ end: String, _ expected: Double
  ) throws {
    let line = LiquidationReportTests.line(
      long: isLong, isolated: isIsolated, mark: mark, end: end)
    #expect(abs(try #require(line.distance) - expected) < 1e-6)
    #expect(line.refusal == nil)
    let plain = line.cells.map(\.plain)
    #expect(plain[2] == (isLong ? "long" : "short"))
    #expect(plain[3] == (isIsolated ? "isolated" : "cross"))
    #expect(plain[8] == "-12.5")
  }

  @Test(
    arguments: [
      (true, true, nil, "19700", "no mark price"), (true, true, "0", "19700", "no mark price"),
      (true, true, "20000", nil, "no liquidation price"),
      (true, false, "20000", nil, "the whole account's margin"),
      (false, nil, "20000", nil, "the whole account's margin"),
      (true, false, "20000", "0", "no price above zero closes it"),
      (true, false, "20000", "-5", "no price above zero closes it"),
      (true, true, "20000", "20000", "at or beyond"),
      (true, true, "20000", "20001", "at or beyond"),
      (false, true, "20000", "19999", "at or beyond"), (true, true, "x", "19999", "no mark price"),
    ] as [(Bool?, Bool?, String?, String?, String)])
  func `what is missing is refused with its reason, never told as zero`(
    _ isLong: Bool?, _ isIsolated: Bool?, _ mark: String?, _ end: String?, _ reason: String
  ) throws {
    let line = LiquidationReportTests.line(
      long: isLong, isolated: isIsolated, mark: mark, end: end)
    #expect(line.distance == nil)
    #expect(try #require(line.refusal).contains(reason))
    #expect(line.cells[7] == .none)
  }

  @Test func `the report counts what has no distance`() {
    let rows = [("19700", "20000"), (nil, "20000")].map { end, mark in
      var amounts = ["mark_price": mark]
      amounts["liquidation_price"] = end
      return PositionRow(market: "BTCUSDT", part: "swap", isLong: true, amounts: amounts)
    }
    let report = LiquidationReport.make([
      AccountID(named: "bybit"): [
        "positions": ReportedView(time: Instant(seconds: 1_767_225_600), rows: rows)
      ]
    ])
    #expect(report["positions"] == .integer(2) && report["without_distance"] == .integer(1))
    #expect(report.rows.count == 2 && report.columns.count == report.rows[0].count)
  }
}
