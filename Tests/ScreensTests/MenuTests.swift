import Canvas
import Testing

@testable import Screens

/// The menu of orders and the chooser of columns.
@Suite struct MenuTests {
  static func titles(_ desk: Desk) -> [String] {
    let row = desk.model.room(of: .positions).positions.list.y + 1
    return desk.row(row).split(separator: " ").map(String.init)
      .filter { $0.count > 1 || $0.first?.isLetter == true }.map {
        $0.trimmingSuffix { "↓↑".contains($0) }
      }
  }

  @Test func `a letter sorts, and the one that holds is marked`() throws {
    var desk = try FinderTests.desk()
    desk.press("2s")
    #expect(desk.text.contains("Sort by"))
    #expect(desk.text.contains("✓ v value") && desk.text.contains("now, downwards"))
    desk.press("a")
    #expect(desk.model.prompt == nil)
    #expect(desk.text.contains("by asset ↑"))
    desk.press("sa")
    #expect(desk.text.contains("by asset ↓"))
  }

  @Test func `arrows and Enter sort too, Escape changes nothing`() throws {
    var desk = try FinderTests.desk()
    desk.press("2s<Down><CR>")
    #expect(desk.text.contains("by weight ↓"))
    desk.press("sj<Esc>")
    #expect(desk.text.contains("by weight ↓") && desk.model.prompt == nil)
    // It starts on the column that h and l have chosen.
    desk.press("lls<CR>")
    #expect(desk.text.contains("by price ↓") || desk.text.contains("by gain% ↓"))
  }

  @Test func `letters are one each and leave the keys of menus alone`() {
    let words = PositionColumn.allCases.map(\.rawValue)
    let letters = Menu.letters(for: words)
    #expect(Set(letters).count == words.count)
    #expect(letters.allSatisfy { !"jkr<> ".contains($0) })
    #expect(Menu.letters(for: ["value", "vat", "jar"]) == ["v", "a", "b"])
    #expect(Menu.letters(for: (0..<80).map { "x\($0)" }).count == 80)
  }

  @Test func `a column is hidden, and what comes next has its room`() throws {
    var desk = try FinderTests.desk()
    desk.press("2")
    #expect(
      MenuTests.titles(desk) == ["Asset", "Value", "Wt%", "Day%", "Unr%", "Price", "Quantity"])
    desk.press("cjj")
    #expect(desk.text.contains("▶ ✓ w weight"))
    desk.press("<Space>")
    #expect(desk.text.contains("hidden"))
    desk.press("<CR>")
    #expect(!MenuTests.titles(desk).contains("Wt%"))
    desk.press("c")
    #expect(desk.text.contains("weight        hidden"))
    desk.press("r<CR>")
    #expect(
      MenuTests.titles(desk) == ["Asset", "Value", "Wt%", "Day%", "Unr%", "Price", "Quantity"])
    #expect(!desk.model.columns.isChosen)
  }

  @Test func `a column that had no room is moved to where it has some`() throws {
    var desk = try FinderTests.desk()
    desk.press("2:columns asset source value<CR>")
    #expect(MenuTests.titles(desk) == ["Asset", "Source", "Value"])
    desk.press("cj<gt><CR>")
    #expect(MenuTests.titles(desk) == ["Asset", "Value", "Source"])
    desk.press("cj<Left><CR>")
    #expect(MenuTests.titles(desk) == ["Value", "Asset", "Source"])
    #expect(desk.text.contains("feed:demo"))
  }

  @Test func `Escape puts the columns back, and the asset always shows`() throws {
    var desk = try FinderTests.desk()
    desk.press("2c")
    let before = desk.model.columns
    desk.press("<Space>")
    #expect(desk.row(22).contains("the asset always shows"))
    desk.press("jj<Space>j<lt><lt>")
    #expect(desk.model.columns != before)
    desk.press("<Esc>")
    #expect(desk.model.columns == before)
    #expect(MenuTests.titles(desk).count == 7)
  }

  @Test func `the Overview keeps its own columns`() throws {
    var desk = try FinderTests.desk()
    let before = desk.text
    desk.press("2:columns asset price<CR>1")
    #expect(desk.text == before)
  }

  @Test(arguments: [
    "columns nothing", "columns value value", "columns value reset",
  ])
  func `words that are no columns change nothing`(_ line: String) throws {
    var desk = try FinderTests.desk()
    desk.press("2:\(line)<CR>")
    #expect(desk.row(22).contains("columns: "))
    #expect(!desk.model.columns.isChosen)
  }

  @Test func `a choice survives its text, and every choice keeps every column`() {
    var columns = PositionColumns(showing: [.asset, .price])
    #expect(Set(columns.all) == Set(PositionColumn.allCases))
    #expect(columns.all.count == PositionColumn.allCases.count)
    let isHidden = columns.toggle(.value)
    let isMoved = columns.move(.price, by: -1)
    #expect(isHidden && isMoved)
    let read = PositionColumns(words: columns.words)
    #expect(read?.shown == columns.shown)
    #expect(PositionColumns(words: [])?.isChosen == false)
    #expect(PositionColumns().words.isEmpty)
  }

  @Test(arguments: [80, 120, 200, 40, 20])
  func `chosen columns never leave the table`(_ width: Int) {
    for column in PositionColumn.allCases {
      let choice = PositionColumns(showing: [column, .asset])
      for whole in [0, 10, 14] {
        let shown = PositionColumn.fitting(width - 4, whole: whole, of: choice)
        let used = shown.reduce(0) { $0 + $1.width + 1 } - 1
        #expect(used <= width - 4, "\(column) \(whole)")
        #expect(shown.contains { $0.column == .asset })
        #expect(Set(shown.map(\.column)).count == shown.count)
      }
    }
  }

  @Test(arguments: [("sort", "s"), ("columns", "cjj<Space>jjj<lt>")], [(80, 24), (120, 36)])
  func `the menus look as they were kept`(_ menu: (String, String), _ size: (Int, Int)) throws {
    var desk = try FinderTests.desk(size.0, size.1)
    desk.press("2" + menu.1)
    try Golden.check(desk.model.frame(), "menu-\(menu.0)-\(size.0)x\(size.1)")
  }

  @Test func `in lines a list is told, and a line answers it`() throws {
    var desk = try FinderTests.desk(160, 60)
    desk.send(.line("screen positions"))
    desk.send(.line("sort"))
    let told = desk.model.spoken().joined(separator: "\n")
    #expect(told.contains("Sort by") && told.contains("p price"))
    desk.send(.line("p"))
    #expect(desk.model.prompt == nil && desk.model.list.sorting.column == .price)
    desk.send(.line("find sol"))
    #expect(desk.model.spoken().contains { $0.contains("SOL") && $0.contains("asset") })
    desk.send(.line(""))
    #expect(desk.model.prompt == nil && desk.model.screen == .positions)
    desk.send(.line("columns"))
    desk.send(.line("screen ledger"))
    #expect(desk.model.prompt == nil && desk.model.screen == .ledger)
  }

  @Test func `a menu on a small terminal fills it and scrolls`() throws {
    var desk = try FinderTests.desk(40, 10)
    desk.press("2ckk")
    try Golden.check(desk.model.frame(), "menu-columns-40x10")
  }
}

extension String {
  fileprivate func trimmingSuffix(_ isOut: (Character) -> Bool) -> String {
    var text = self
    while let last = text.last, isOut(last) { text.removeLast() }
    return text
  }
}
