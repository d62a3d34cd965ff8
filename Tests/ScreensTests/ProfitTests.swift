import Amounts
import Canvas
import Testing
import Wire

@testable import Screens

/// The P&L screen: curves, attribution and the bridge.
@Suite struct ProfitTests {
  static func desk(_ width: Int = 80, _ height: Int = 24, isPrivate: Bool = false) throws -> Desk {
    var desk = try DrillDownTests.desk(width, height, isPrivate: isPrivate)
    desk.sendProfitBoards()
    desk.press("3")
    return desk
  }

  /// The scene's performance with one fact changed.
  private static func changed(_ name: String, _ value: ReportCell) -> ClientEvent {
    var report = Scene.performance
    report.facts = report.facts.map { $0.name == name ? .init(name, value) : $0 }
    return .engine(.board(name: Board.performance + "month", report))
  }

  @Test func `the bridge goes from the opening to the value and reconciles to the last digit`()
    throws
  {
    var desk = try ProfitTests.desk()
    // 10,611,204.5 + 1,622,118 + 188 + 118,402 + 21,870 - 188 - 9,322 + 20,000 - 825,515.3
    // = 11,558,757.2
    #expect(ProfitBridge(Scene.performance).rest == .zero)
    #expect(desk.text.contains("reconciles to 0.00"))
    #expect(desk.text.contains("value now"))
    desk.send(ProfitTests.changed("value", .amount(Scene.amount("11558757.21"))))
    #expect(desk.text.contains("! off by +0.01"))
    var first = Scene.performance
    first.facts =
      first.facts.filter { $0.name != "value" } + [
        .init("value", .amount(Scene.amount("11558760"))), .init("first_prices", .integer(2)),
      ]
    desk.send(.engine(.board(name: Board.performance + "month", first)))
    #expect(desk.text.contains("! off by +2.8; 2 first prices"))
    desk.send(ProfitTests.changed("gain_fees", .none))
    #expect(desk.text.contains("? a part is not known"))
    #expect(!desk.text.contains("reconciles"))
  }

  @Test func `where there is no room the smallest sources stand together and still add up`() {
    let bridge = ProfitBridge(Scene.performance)
    #expect(bridge.steps.map(\.name).contains("currency"))
    for rows in 2..<10 {
      let steps = bridge.steps(rows: rows)
      #expect(steps.count <= max(2, rows))
      let sum = steps.reduce(Scene.amount("10611204.5")) { Scene.plus($0, $1.amount ?? .zero) }
      #expect(sum == Scene.amount("11558757.2"), "\(rows) rows")
    }
    #expect(
      bridge.steps(rows: 4).map(\.name) == [
        "price", "trading", "other sources", "flows in and out",
      ])
  }

  @Test func `the value at the end shows at the smallest full size`() throws {
    var desk = try ProfitTests.desk()
    desk.send(ProfitTests.changed("gain_lost", .amount(Scene.amount("-5"))))
    #expect(desk.text.contains("value now"))
    #expect(desk.text.contains("other sources"))
    #expect(desk.text.contains("! off by +5"))
  }

  @Test func `bars tell gain from loss by their side and their filling`() throws {
    let desk = try ProfitTests.desk()
    func row(_ name: String) throws -> String {
      try #require((0..<24).map { desk.row($0) }.first { $0.contains("\(name)    ") })
    }
    #expect(try row("ETH").contains("│██████"))
    // 589.1 of 644.4 are 5.5 of 6 cells, 177.7 are 1.65.
    #expect(try row("BTC").contains("│█████"))
    #expect(try row("SOL").contains("    ▒▒│      "))
    #expect(try !row("XYZ").contains("█"))
  }

  @Test func `a key goes round the curves and a command chooses one`() throws {
    var desk = try ProfitTests.desk()
    #expect(desk.row(2).contains("NAV  30 days"))
    desk.press("t")
    #expect(desk.row(2).contains("Growth of 1  30 days"))
    desk.press("t")
    #expect(desk.row(2).contains("Drawdown  30 days"))
    #expect(desk.row(2).contains("deepest -8.31%"))
    #expect(desk.text.contains("0.0% ┤"))
    desk.press("t")
    #expect(desk.row(2).contains("Growth of 1 beside BTC (dotted)"))
    #expect(desk.row(2).contains("BTC +14.10%"))
    #expect(desk.text.contains("benchmark known on 28 of 30 days"))
    desk.press("t")
    #expect(desk.row(2).contains("NAV"))
    desk.press(":chart drawdown<CR>")
    #expect(desk.row(2).contains("Drawdown"))
    desk.press(":chart moon<CR>")
    #expect(desk.text.contains("chart: value, growth, drawdown, benchmark"))
  }

  @Test func `two curves share one scale, and the second is told by its dots`() {
    let chart = LineChart(values: [1, 2, 3, 4])
    let whole = chart.rows(width: 8, height: 2, glyphs: .ascii, within: 0...8)
    // 4 of 8 is half the height: nothing of it is in the upper half but its end.
    #expect(whole[0].filter { $0 == "*" }.count <= 3)
    let dotted = chart.rows(width: 8, height: 2, glyphs: .ascii, within: 0...8, isDotted: true)
    #expect(!dotted.joined().contains("*"))
    let dots = dotted.joined().filter { $0 == "." }.count
    #expect(dots > 0 && dots < whole.joined().filter { $0 == "*" }.count)
  }

  @Test func `what an asset brought is told in its parts`() throws {
    var desk = try ProfitTests.desk(120, 36)
    desk.press("jd")
    #expect(desk.text.contains("P&L of BTC"))
    #expect(desk.text.contains("native:bitcoin"))
    #expect(desk.text.contains("1 of 1 lots have a cost that nobody has told"))
  }

  @Test func `privacy shows no amount on any curve, bridge or part`() throws {
    for size in [(80, 24), (120, 36), (200, 60)] {
      var desk = try ProfitTests.desk(size.0, size.1, isPrivate: true)
      desk.send(ProfitTests.changed("value", .amount(Scene.amount("11558757.21"))))
      for key in ["", "t", "t", "t", "jd"] {
        desk.press(key)
        for secret in ["11,558", "11.56M", "10.40M", "10,611", "118.4", "589", "21.87", "0.01"] {
          #expect(!desk.text.contains(secret), "\(secret) after '\(key)' at \(size)")
        }
      }
    }
  }
}
