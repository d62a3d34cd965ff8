import Amounts
import Canvas
import Testing
import Wire

@testable import Screens

/// The Risk screen: limits with their room, back-tests beside figures, bars.
@Suite struct RiskPaneTests {
  static func desk(_ width: Int, _ height: Int, isPrivate: Bool = false) throws -> Desk {
    var desk = try DrillDownTests.desk(width, height, isPrivate: isPrivate)
    desk.sendBoards()
    desk.press("4")
    return desk
  }

  private func row(_ desk: Desk, _ text: String) throws -> String {
    try #require(
      (0..<desk.model.frame().size.height).map { desk.row($0) }.first { $0.contains(text) })
  }

  /// The board of limits with one of these figures.
  private static func limit(_ value: Double, of most: Double, _ state: String) -> ClientEvent {
    .engine(
      .board(
        name: Board.riskLimits,
        Report(
          tableName: "limits", columns: ["limit", "name", "value", "most", "room", "state"],
          rows: [
            [
              .text("venue"), .text("kraken"), .statistic(value, digits: 6),
              .statistic(most, digits: 6), .statistic(most - value, digits: 6), .text(state),
            ]
          ])))
  }

  @Test func `a limit shows how much of it is used, and a broken one says so without colour`()
    throws
  {
    var desk = try RiskPaneTests.desk(120, 36)
    let broken = try row(desk, "! asset BTC")
    #expect(broken.contains("36.4") && broken.contains("35.0") && broken.contains("█ over"))
    #expect(!broken.contains("░"))
    let kept = try #require(row(desk, "venue kraken").split(separator: "venue").last)
    #expect(kept.contains("█") && kept.contains("░") && kept.contains(" ok"))
    #expect(!kept.contains("!"))
    desk.send(RiskPaneTests.limit(0.45, of: 0.5, "near"))
    #expect(try row(desk, "venue kraken").contains(" near"))
    // Half of it is half of the bar, rounded down.
    desk.send(RiskPaneTests.limit(0.25, of: 0.5, "ok"))
    let half = try #require(row(desk, "venue kraken").split(separator: "venue").last)
    let (used, left) = (half.count { $0 == "█" }, half.count { $0 == "░" })
    #expect(used == (used + left) / 2 && used > 0)
  }

  @Test func `on a small terminal broken limits are told below the stress list`() throws {
    var desk = try RiskPaneTests.desk(80, 24)
    #expect(desk.text.contains("! 1 over of 2 limits"))
    desk.send(RiskPaneTests.limit(0.25, of: 0.5, "ok"))
    #expect(desk.text.contains("limits kept: 1"))
    desk.press("<Tab><Tab><Tab>")
    #expect(desk.text.contains("venue kra"))
    #expect(desk.text.contains("░"))
  }

  @Test func `the back-test stands beside its figure with its zone as a sign`() throws {
    for size in [(80, 24), (120, 36), (200, 60)] {
      let desk = try RiskPaneTests.desk(size.0, size.1)
      // 6 days of 250 were worse than the parametric 99 % said, where 2.5 should be: yellow.
      let yellow = try row(desk, "7.18")
      #expect(yellow.contains("6/2.5!"), "\(size)")
      #expect(!yellow.contains("!!"), "\(size)")
      let green = try row(desk, "8.41")
      #expect(green.contains("2/2.5") && !green.contains("2/2.5!"), "\(size)")
      // There is none for ten days or for other confidences.
      #expect(try !row(desk, "22.71").contains("/2.5"), "\(size)")
      #expect(try !row(desk, "5.08").contains("/2.5"), "\(size)")
    }
  }

  @Test func `the greatest part has the whole bar, and what takes risk away has another filling`()
    throws
  {
    var desk = try RiskPaneTests.desk(200, 60)
    let first = try row(desk, "BTC           4.21M").count { $0 == "█" }
    let second = try row(desk, "ETH           2.85M").count { $0 == "█" }
    // 28.0 of 33.7
    #expect(second == Int((28.0 / 33.7 * Double(first)).rounded()))
    var parts = Scene.parts
    if let column = parts.column("component_share") {
      parts.rows[6][column] = .statistic(-0.2, digits: 6)
    }
    desk.send(.engine(.board(name: Board.riskParts, parts)))
    let away = try row(desk, "250.1k")
    #expect(away.contains("-▒") && !away.contains("█"))
  }

  @Test func `how the year went stands below, with a sign for what is refused`() throws {
    var desk = try RiskPaneTests.desk(200, 60)
    #expect(desk.text.contains("30 days: volatility 41.2%"))
    #expect(desk.text.contains("beta BTC 0.94"))
    var year = Scene.performance
    year.facts = year.facts.map { $0.name == "beta" ? .init("beta", .none) : $0 }
    desk.send(.engine(.board(name: Board.performance + "year", year)))
    #expect(desk.text.contains("beta BTC —"))
  }

  @Test func `privacy leaves no amount on the screen`() throws {
    for size in [(80, 24), (120, 36), (200, 60)] {
      let desk = try RiskPaneTests.desk(size.0, size.1, isPrivate: true)
      for secret in ["4.21M", "830.1k", "587.2k", "4.76M", "279.8k", "235.9k"] {
        #expect(!desk.text.contains(secret), "\(secret) at \(size)")
      }
    }
  }
}
