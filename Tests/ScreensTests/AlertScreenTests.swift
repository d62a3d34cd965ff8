import Canvas
import Ledger
import Testing
import Wire

@testable import Screens

@Suite struct AlertScreenTests {
  private static func board(last: Int64, quiet: Bool = false) -> Report {
    var report = Scene.alerts
    report.facts = report.facts.map { fact in
      switch fact.name {
      case "last": .init("last", .integer(last))
      case "quiet_until" where quiet: .init("quiet_until", .integer(1))
      default: fact
      }
    }
    return report
  }

  private static func notices(_ effects: [Effect]) -> [String] {
    effects.compactMap { effect in
      if case .notify(_, let text) = effect { return text }
      return nil
    }
  }

  @Test func `a new alert rings once, and what was there before does not`() {
    var desk = Desk(80, 24)
    desk.send(.engine(.board(name: Board.alerts, AlertScreenTests.board(last: 5))))
    #expect(!desk.effects.contains(.bell))
    desk.send(.engine(.board(name: Board.alerts, AlertScreenTests.board(last: 7))))
    #expect(desk.effects.count { $0 == .bell } == 1)
    // Numbers 6 and 7 are new; the desktop learns no amount.
    let texts = AlertScreenTests.notices(desk.effects)
    #expect(texts == ["SOL moved -4.1 sd against its beta and 1 more"])
    desk.send(.engine(.board(name: Board.alerts, AlertScreenTests.board(last: 7))))
    #expect(desk.effects.count { $0 == .bell } == 1)
  }

  @Test func `in quiet hours only what is let through rings`() {
    var desk = Desk(80, 24)
    desk.send(.engine(.board(name: Board.alerts, AlertScreenTests.board(last: 6, quiet: true))))
    var calm = AlertScreenTests.board(last: 7, quiet: true)
    calm.rows[0][1] = .text("warning")
    desk.send(.engine(.board(name: Board.alerts, calm)))
    #expect(!desk.effects.contains(.bell))
  }

  @Test func `the keys ask the engine for the alert under the cursor`() throws {
    var desk = Desk(80, 24, settings: try GoldenTests.settings())
    desk.send(.engine(.board(name: Board.alerts, Scene.alerts)))
    desk.press("5ja")
    desk.press("Z")
    desk.press(":snooze 4h<CR>")
    let asked = desk.effects.compactMap { effect -> Request? in
      if case .send(.request(_, let request)) = effect { return request }
      return nil
    }
    #expect(asked.contains(Request("alert-ack", ["id": "6"])))
    #expect(asked.contains(Request("alert-snooze", ["id": "6"])))
    #expect(asked.contains(Request("alert-snooze", ["id": "6", "for": "4h"])))
  }

  @Test func `the cursor stays on its alert when others come before it`() throws {
    var desk = Desk(80, 24, settings: try GoldenTests.settings())
    desk.send(.engine(.board(name: Board.alerts, Scene.alerts)))
    desk.press("5jj")
    var more = Scene.alerts
    var row = more.rows[0]
    row[0] = .integer(8)
    more.rows.insert(row, at: 0)
    desk.send(.engine(.board(name: Board.alerts, more)))
    #expect(desk.model.alertBoard.integer(desk.model.alertCursor.index, "id") == 5)
  }

  @Test func `hostile boards are drawn without harm`() throws {
    let cells: [ReportCell] = [
      .none, .integer(.min), .integer(.max), .text("\u{1B}]0;x\u{7}\t\n!\t"), .flag(true),
      .text(String(repeating: "ж\t\n", count: 5_000)),
    ]
    for (width, height) in [(80, 24), (20, 5), (200, 60), (40, 10)] {
      for cell in cells {
        var desk = Desk(width, height, settings: try GoldenTests.settings())
        var board = Scene.alerts
        board.facts = board.facts.map { .init($0.name, cell) }
        board.rows = board.rows.map { $0.map { _ in cell } }
        desk.send(.engine(.board(name: Board.alerts, board)))
        desk.press("5j<Tab>jj<Tab>kaZ")
        let frame = desk.model.frame()
        #expect(!frame.text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
      }
    }
  }
}
