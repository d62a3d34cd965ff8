import Canvas
import Ledger
import TestSupport
import Testing
import Wire

@testable import Screens

/// Several screens at once.
@Suite struct PaneTests {
  static func desk(
    _ width: Int = 120, _ height: Int = 36, _ keymap: String = "default",
    change: (inout ClientSettings) -> Void = { _ in }
  ) throws -> Desk {
    var settings = try GoldenTests.settings(keymap)
    change(&settings)
    var desk = Desk(width, height, settings: settings)
    desk.sendBoards()
    return desk
  }

  static let shots: [(name: String, keys: String)] = [
    ("split-desk", ":layout desk<CR>"),
    ("split-risk", ":layout risk<CR><C-w>w"),
    ("split-four", "2<C-w>v<C-w>s:screen ledger<CR><C-w>W:split accounts<CR>"),
    ("split-large", ":layout desk<CR>+"),
    ("split-menu", "<C-w><Space>"),
  ]

  @Test(arguments: shots.map(\.name), GoldenTests.sizes)
  func `several screens look as they were kept`(_ name: String, _ size: (Int, Int)) throws {
    let shot = try #require(PaneTests.shots.first { $0.name == name })
    var desk = try PaneTests.desk(size.0, size.1)
    desk.press(shot.keys)
    try Golden.check(desk.model.frame(), "\(name)-\(size.0)x\(size.1)")
  }

  @Test(arguments: [(60, 12), (20, 5), (75, 30), (80, 15)])
  func `where there is no room one screen shows and says so`(_ size: (Int, Int)) throws {
    var desk = try PaneTests.desk(size.0, size.1)
    desk.press(":layout desk<CR>")
    desk.press("j")
    #expect(desk.model.panes.count == 1)
    #expect(desk.text.contains("1 of 3 panes"))
    desk.send(.resized(Size(width: 120, height: 36)))
    #expect(desk.model.panes.count == 3)
    #expect(!desk.text.contains("of 3 panes"))
  }

  @Test func `one frame is heavy: that of the screen with the keys`() throws {
    var desk = try PaneTests.desk(200, 60)
    desk.press(":layout desk<CR>")
    for _ in 0..<3 {
      let frame = desk.model.frame()
      for (screen, place) in desk.model.panes {
        let inside = (place.y..<place.bottom).map { y in
          (place.x..<place.right).map { frame[$0, y].glyph.text }.joined()
        }.joined()
        #expect(inside.contains("┏") == (screen == desk.model.screen), "\(screen)")
      }
      desk.press("<C-w>w")
    }
  }

  @Test func `Tab walks through the panes of a screen and on to the next one`() throws {
    var desk = try PaneTests.desk(200, 60)
    desk.press(":layout positions | (accounts / alerts)<CR>")
    var seen: [Focus] = []
    for _ in 0..<6 {
      seen.append(desk.model.focus)
      desk.press("<Tab>")
    }
    #expect(seen == [.positions, .connections, .feeds, .alerts, .why, .positions])
    desk.press("<S-Tab><S-Tab>")
    #expect(desk.model.focus == .why)
    desk.press("<S-Tab><S-Tab>")
    #expect(desk.model.focus == .feeds)
  }

  @Test func `a screen that shows is gone to, another takes the place of the one with the keys`()
    throws
  {
    var desk = try PaneTests.desk()
    desk.press("2<C-w>v")
    #expect(desk.model.arrangement.text == "positions | overview")
    desk.press("2")
    #expect(desk.model.arrangement.text == "positions | overview")
    #expect(desk.model.screen == .positions)
    desk.press("4")
    #expect(desk.model.arrangement.text == "risk | overview")
    desk.press(":split alerts<CR>")
    #expect(desk.model.arrangement.text == "(risk / alerts) | overview")
    #expect(desk.model.screen == .alerts)
    desk.press("<C-w>c")
    #expect(desk.model.arrangement.text == "risk | overview")
    #expect(desk.model.screen == .risk)
    desk.press("<C-w>o")
    #expect(desk.model.arrangement.text == "risk")
  }

  @Test func `panes are taken back and done again`() throws {
    var desk = try PaneTests.desk()
    desk.press("2<C-w>v<C-w>s+")
    let made = desk.model.arrangement
    desk.press("u")
    #expect(desk.model.zoom == .normal && desk.model.arrangement == made)
    desk.press("u")
    #expect(desk.model.arrangement.text == "positions | overview")
    #expect(desk.row(34).contains("Undone: panes; 1 more step"))
    desk.press("u")
    #expect(!desk.model.arrangement.isSplit)
    desk.press("<C-r><C-r><C-r>")
    #expect(desk.model.arrangement == made && desk.model.zoom == .large)
    // Going from screen to screen is no change of the view.
    var other = try PaneTests.desk()
    other.press("2345")
    #expect(!other.model.history.canUndo)
  }

  @Test func `the engine is asked for what all screens show`() throws {
    var desk = try PaneTests.desk(200, 60)
    desk.press(":layout accounts | (pnl / risk)<CR>")
    let asked = desk.effects.compactMap { effect -> [String]? in
      if case .send(.look(let boards)) = effect { boards } else { nil }
    }.last
    let boards = Set(try #require(asked))
    #expect(
      boards.isSuperset(of: [
        Board.alerts, Board.accounts, Board.limits, Board.performance + "month",
        Board.gains + "month", Board.risk, Board.stress,
      ]))
    #expect(asked?.count == boards.count)
    desk.press("<C-w>o")
    #expect(!desk.model.wantedBoards.contains(Board.risk))
  }

  @Test func `pages of the ledger are asked for where it has no keys`() throws {
    var desk = try PaneTests.desk(200, 60)
    desk.press("2:vsplit ledger<CR><C-w>w")
    #expect(desk.model.screen == .positions)
    #expect(desk.text.contains("1-5") && desk.text.contains("of 1,234"))
  }

  @Test func `a larger screen is two thirds, then all, and what is hidden is said`() throws {
    var desk = try PaneTests.desk(200, 60)
    desk.press(":layout risk<CR>")
    #expect(desk.model.panes.map(\.place.width) == [100, 100])
    desk.press("+")
    #expect(desk.model.panes.first.map { (125...140).contains($0.place.width) } == true)
    desk.press("+")
    #expect(desk.model.panes.map(\.place.width) == [200])
    #expect(desk.text.contains("1 of 2 panes: _ shows the others"))
    desk.press("+")
    #expect(desk.row(58).contains("it has the whole screen already"))
    desk.press("__")
    #expect(desk.model.panes.map(\.place.width) == [100, 100])
  }

  @Test func `a layout is kept under a name, goes before a ready one and can be deleted`() throws {
    var desk = try PaneTests.desk()
    desk.press("2<C-w>v:layout save desk<CR>")
    #expect(desk.model.layoutText == "desk")
    #expect(
      desk.effects.contains(
        .keep([KeptSetting(name: "layouts.desk", text: "positions | overview")])))
    desk.press("<C-w>o:layout desk<CR>")
    #expect(desk.model.arrangement.text == "positions | overview")
    desk.press(":layout delete desk<CR>:layout desk<CR>")
    #expect(desk.model.arrangement.text == "positions | (pnl / alerts)")
    desk.press(":layout delete desk<CR>")
    #expect(desk.row(34).contains("it is built in"))
    desk.press(":layout dsk<CR>")
    #expect(desk.row(34).contains("there is no layout 'dsk' (did you mean 'desk'?)"))
    desk.press(":layout save none<CR>")
    #expect(desk.row(34).contains("'none' means something else"))
    desk.press(":layout risk | risk<CR>")
    #expect(desk.row(34).contains("'risk' stands there twice"))
  }

  @Test func `a click gives the keys to the screen under it`() throws {
    var desk = try PaneTests.desk(120, 36)
    desk.press(":layout desk<CR>")
    var decoder = InputDecoder(erase: 127)
    for (bytes, screen) in [
      ("\u{1B}[<0;100;5M", Screen.profit), ("\u{1B}[<0;100;30M", .alerts),
      ("\u{1B}[<0;1;1M", .alerts), ("\u{1B}[<0;3;10M", .positions),
    ] {
      for event in decoder.feed(Array(bytes.utf8)) { desk.send(.input(event)) }
      #expect(desk.model.screen == screen, "\(bytes)")
    }
  }

  @Test func `a fifth pane is refused with what helps`() throws {
    var desk = try PaneTests.desk(200, 60)
    desk.press("<C-w>v<C-w>s<C-w>v<C-w>s")
    #expect(desk.model.arrangement.screens.count == 4)
    #expect(desk.row(58).contains(":close-pane closes one"))
  }

  @Test func `plain mode tells one screen after another in its whole width`() throws {
    var desk = try PaneTests.desk(80, 24)
    desk.press(":layout desk<CR>")
    let told = desk.model.spoken()
    let positions = try #require(told.firstIndex { $0.hasPrefix("Positions") })
    let gains = try #require(told.firstIndex { $0.hasPrefix("NAV 30 days") })
    let alerts = try #require(told.firstIndex { $0.hasPrefix("Alerts") })
    #expect(positions < gains && gains < alerts)
    var alone = try PaneTests.desk(80, 24)
    alone.press("3")
    let facts = Set(alone.model.spoken())
    #expect(facts.subtracting(told).count <= 1, "\(facts.subtracting(told))")
    desk.press("++")
    #expect(desk.model.spoken().contains { $0.contains("pane-shrink shows the others") })
  }

  @Test(arguments: ["emacs", "plain", "vim"])
  func `every keymap splits, walks and closes`(_ name: String) throws {
    var desk = try PaneTests.desk(120, 36, name)
    let keys = [
      "emacs": ["<C-x>w3", "<C-x>wo", "<C-x>w0"], "plain": ["V", "<F11>", "C"],
      "vim": ["<C-w>v", "<C-w><C-w>", "<C-w>q"],
    ][name]
    let (split, next, close) = try #require(keys.map { ($0[0], $0[1], $0[2]) })
    desk.press(split)
    #expect(desk.model.arrangement.text == "overview | positions")
    #expect(desk.model.screen == .positions)
    desk.press(next)
    #expect(desk.model.screen == .overview)
    desk.press(close)
    #expect(desk.model.arrangement.text == "positions")
  }

  @Test func `resizing never leaves the frame or loses the screen with the keys`() throws {
    var dice = Seeded(45)
    var desk = try PaneTests.desk(200, 60)
    desk.press("2<C-w>v<C-w>s<C-w>v")
    for _ in 0..<200 {
      let size = Size(width: Int(dice.next() % 230), height: Int(dice.next() % 70))
      desk.send(.resized(size))
      let panes = desk.model.panes
      #expect(panes.contains { $0.screen == desk.model.screen })
      #expect(desk.model.frame().size == size)
      if dice.next() % 3 == 0 { desk.press("<Tab>j+_<C-w>w") }
    }
    #expect(desk.model.arrangement.screens.count == 4)
  }
}
