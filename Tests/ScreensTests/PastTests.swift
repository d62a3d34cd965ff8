import Amounts
import Canvas
import Ledger
import Testing
import Wire

@testable import Screens

extension Scene {
  /// What was held at the end of a day: one close is old, one is missing.
  static let pastPositions: Report = {
    let rows: [(String, String, String?, String?, Int64)] = [
      ("BTC", "60.5", "61200.25", "3702615.125", 0), ("ETH", "790", "2501.5", "1976185", 0),
      ("ADA", "410000", "0.391", "160310", 3),
      ("SHIB2", "123456789012.000000000000000001", nil, nil, 0),
    ]
    func cell(_ text: String?) -> ReportCell { text.map { .amount(amount($0)) } ?? .none }
    return Report(
      facts: [
        .init("currency", .text("USD")), .init("as_of", .text("2026-01-15")),
        .init("value", .amount(amount("5839110.125"))), .init("positions", .integer(4)),
        .init("unpriced", .integer(1)), .init("older_prices", .integer(1)),
      ], tableName: "positions",
      columns: ["asset", "quantity", "price", "value", "price_age_days", "identity"],
      rows: rows.map { row in
        [
          .text(row.0), cell(row.1), cell(row.2), cell(row.3),
          row.2 == nil ? .none : .integer(row.4), .text("native:\(row.0.lowercased())"),
        ]
      })
  }()
}

@Suite struct PastTests {
  private func desk(_ width: Int = 80, _ height: Int = 24, isPrivate: Bool = false) throws -> Desk {
    var settings = try GoldenTests.settings()
    settings.isPrivate = isPrivate
    var desk = Desk(width, height, settings: settings)
    desk.sendBoards()
    desk.press("2:asof 2026-01-15<CR>")
    return desk
  }

  private func answered(_ desk: Desk) throws -> Desk {
    var desk = desk
    let id = try #require(desk.number(of: "past-positions"))
    desk.send(.engine(.report(id: id, Scene.pastPositions)))
    return desk
  }

  @Test(arguments: GoldenTests.sizes)
  func `a past day looks as it was kept`(_ size: (Int, Int)) throws {
    let desk = try answered(desk(size.0, size.1))
    try Golden.check(desk.model.frame(), "asof-\(size.0)x\(size.1)")
  }

  @Test func `the header says the day and the NAV of then, with what it lacks`() throws {
    let before = try desk()
    #expect(before.requests.last == Request("past-positions", ["as-of": "2026-01-15"]))
    #expect(before.text.contains("Being computed from the ledger."))
    #expect(before.row(0).contains("NAV …") && before.row(0).contains("AS OF 2026-01-15"))
    let desk = try answered(before)
    // One position has no close, and two accounts of the scene are still being read.
    #expect(desk.row(0).contains("~5,839,110 ?3"))
    #expect(!desk.row(0).contains("10,581,508") && !desk.row(0).contains("▲"))
    #expect(desk.model.spoken().contains { $0.contains("As of the end of 2026-01-15") })
  }

  @Test func `what has no past says so, and the present comes back`() throws {
    var desk = try answered(desk())
    for key in ["3", "4", "5", "0", "8"] {
      desk.press(key)
      #expect(desk.text.contains("of 2026-01-15."), "\(key)")
      desk.press("<CR>")
      #expect(desk.model.overlays.isEmpty, "\(key)")
    }
    desk.press(":asof now<CR>")
    #expect(desk.model.past == nil && desk.row(0).contains("10,581,508"))
    desk.press(":asof now<CR>")
    #expect(desk.text.contains("figures are those of now"))
  }

  @Test(arguments: ["tomorrow", "2026-13-01", "2026-1-5", "2026-02-03", "2999-01-01", "20260101--"])
  func `what is no day that is over is refused`(_ word: String) throws {
    var desk = try desk()
    desk.press(":asof now<CR>:asof \(word)<CR>")
    #expect(desk.model.past == nil && desk.text.contains("asof: "))
  }

  @Test func `why there is none stands in its place`() throws {
    var desk = try desk()
    let id = try #require(desk.number(of: "past-positions"))
    desk.send(.engine(.refusal(id: id, Refusal(.system, "the ledger could not be folded"))))
    #expect(desk.text.contains("the ledger could not be folded"))
    #expect(desk.row(0).contains("NAV ?"))
  }

  @Test func `amounts are hidden and locking forgets it`() throws {
    var desk = try answered(desk(isPrivate: true))
    desk.press("<CR>")
    for amount in ["3,702,615", "5,839,110", "60.5", "3702615"] {
      #expect(!desk.text.contains(amount), "\(amount)")
    }
    var status = Scene.status
    status.isUnlocked = false
    desk.send(.engine(.status(status)))
    #expect(desk.model.past == nil)
  }
}
