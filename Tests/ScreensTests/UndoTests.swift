import Canvas
import Ledger
import Portfolio
import TestSupport
import Testing
import Wire

@testable import Screens

/// Taking back what was made of the view.
@Suite struct UndoTests {
  @Test func `filter, order, columns and marks are taken back one by one and done again`() throws {
    var desk = try FinderTests.desk()
    desk.press("2/w<gt>1%<CR>S<Space>cjj<Space><CR>")
    #expect(desk.model.columns.isChosen && desk.model.list.marks.count == 1)
    desk.press("u")
    #expect(desk.row(22).contains("Undone: columns; 3 more steps"))
    desk.press("u")
    #expect(desk.row(22).contains("Undone: marks; 2 more steps"))
    #expect(desk.model.list.marks.isEmpty)
    desk.press("u")
    #expect(desk.row(22).contains("Undone: order; 1 more step"))
    desk.press("u")
    #expect(desk.row(22).contains("Undone: filter; that was all"))
    #expect(desk.text.contains("12 positions   by value ↓"))
    desk.press("u")
    #expect(desk.row(22).contains("undo: there is nothing to undo"))
    desk.press("<C-r>")
    #expect(desk.row(22).contains("Done again: filter"))
    #expect(desk.model.list.filter.text == "w>1%")
    desk.press("<C-r><C-r><C-r>")
    #expect(desk.model.columns.isChosen && desk.model.list.marks.count == 1)
    desk.press("<C-r>")
    #expect(desk.row(22).contains("redo: there is nothing to do again"))
  }

  @Test func `a filter is one step however it was typed, and one that was given up is none`() throws
  {
    var desk = try FinderTests.desk()
    desk.press("2/eth<BS><BS>rx<Esc>")
    #expect(!desk.model.history.canUndo)
    desk.press("/et<BS>th<CR>")
    #expect(desk.model.history.steps == 1)
  }

  @Test func `a count takes back several, and something new ends what could be done again`() throws
  {
    var desk = try FinderTests.desk(80, 24, "vim")
    desk.press("g2SlS<Space><Space>3u")
    #expect(desk.model.history.steps == 1)
    desk.press("S<C-r>")
    #expect(desk.row(22).contains("redo: there is nothing to do again"))
  }

  @Test func `the filter of the ledger is a step too`() throws {
    var desk = try FinderTests.desk()
    desk.press("0/rent<CR>")
    #expect(desk.model.ledger.query.text == "rent")
    desk.press("2u")
    #expect(desk.row(22).contains("Undone: filter of the ledger"))
    #expect(desk.model.ledger.query.text.isEmpty && desk.model.screen == .positions)
  }

  @Test func `a vault that is locked leaves nothing to undo`() throws {
    var desk = try FinderTests.desk()
    desk.press("2/btc<CR><Space>ma")
    var status = Scene.status
    status.isUnlocked = false
    desk.send(.engine(.status(status)))
    #expect(!desk.model.history.canUndo && desk.model.places.isEmpty)
    #expect(desk.model.lastSearch.isEmpty)
    #expect(!"\(desk.model.history)".contains("bitcoin"))
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `undo to the start gives the start, and redo to the end gives the end`(_ seed: UInt64) throws
  {
    var dice = Seeded(seed)
    var desk = try FinderTests.desk()
    desk.press("2")
    let start = desk.model.viewState
    let edits = [
      "S", "<gt>", "<lt>", "<Space>", "sa", "sv", "sp", "/<C-u>eth<CR>", "/<C-u>w<gt>1%<CR>", "\\",
      "c<Down>v<CR>",
      "cjj<gt><CR>", "cr<CR>", ":columns asset price<CR>", "0/<C-u>rent<CR>2", "0\\2", "jj", "u",
      "<C-r>",
      "/zz<Esc>", ":folded<CR>", "<Esc>",
    ]
    for _ in 0..<60 { desk.press(edits[Int(dice.next() % UInt64(edits.count))]) }
    let end = desk.model.viewState
    var seen = [end]
    #expect(desk.model.prompt == nil)
    for _ in 0..<ViewHistory.limit where desk.model.history.canUndo {
      desk.press("u")
      #expect(seen.last != desk.model.viewState, "SEED=\(seed): a step changes something")
      seen.append(desk.model.viewState)
    }
    #expect(desk.model.viewState == start, "SEED=\(seed)")
    for state in seen.dropLast().reversed() {
      desk.press("<C-r>")
      #expect(desk.model.viewState == state, "SEED=\(seed)")
    }
    #expect(desk.model.viewState == end)
  }

  @Test func `only so many steps are kept`() throws {
    var desk = try FinderTests.desk()
    desk.press("2")
    for _ in 0..<(ViewHistory.limit + 50) { desk.press("S") }
    #expect(desk.model.history.steps == ViewHistory.limit)
  }
}

/// Rows under letters, and going from match to match.
@Suite struct PlaceTests {
  @Test func `a letter goes back to the row on its screen`() throws {
    var desk = try FinderTests.desk()
    desk.press("2jjjma")
    #expect(desk.row(22).contains("'a is Positions  SOL"))
    desk.press("5jmb8jjmc1gg")
    desk.press("'a")
    #expect(desk.model.screen == .positions && desk.text.contains("▶SOL"))
    desk.press("'b")
    #expect(desk.model.screen == .alerts && desk.model.alertCursor.index == 1)
    desk.press("'c")
    #expect(desk.text.contains("▶OKX desk"))
    desk.press("''")
    #expect(desk.model.screen == .alerts && desk.model.alertCursor.index == 1)
  }

  @Test func `the row is the asset and not its number`() throws {
    var desk = try FinderTests.desk()
    desk.press("2jmaSgg'a")
    #expect(desk.text.contains("▶ETH"))
    desk.press("/btc<CR>'a")
    #expect(desk.text.contains("▶ETH") && desk.model.list.filter.isEmpty)
  }

  @Test func `the menu of places shows them, and arrows choose too`() throws {
    var desk = try FinderTests.desk()
    desk.press("2'")
    #expect(desk.row(22).contains("jump: no place is remembered yet"))
    desk.press("jmbjma'")
    #expect(desk.text.contains("a Positions  USD") && desk.text.contains("b Positions  ETH"))
    desk.press("<Down><CR>")
    #expect(desk.text.contains("▶ETH"))
    desk.press("m<Esc>")
    #expect(desk.model.prompt == nil && desk.model.places.count == 3)
    desk.press("'z")
    #expect(desk.row(22).contains("nothing is remembered under 'z'"))
  }

  @Test func `an entry is found again below new ones`() throws {
    var desk = try FinderTests.desk()
    desk.press("0jjjjjma")
    let entry = try #require(desk.model.ledger.selected)
    desk.press("gg2")
    desk.entries += 3
    var status = Scene.status
    status.entries += 3
    desk.send(.engine(.status(status)))
    desk.press("0")
    desk.press("'a")
    #expect(desk.model.ledger.cursor.index == 8)
    // The scene's ledger numbers its rows from the top, so that the place below is what counts.
    #expect(desk.model.ledger.count - 8 == 1_234 - 5)
    #expect(entry.id == Scene.entry(5).id)
  }

  @Test func `a place of an alert tells no amount when amounts are hidden later`() throws {
    var desk = try FinderTests.desk(120, 36)
    desk.press("5ma0zp'")
    #expect(desk.text.contains("a Alerts  SOL moved -4.1 sd against its beta"))
    #expect(!desk.text.contains("32,550"))
    desk.press("<Esc>:messages<CR>")
    #expect(!desk.text.contains("32,550"))
  }

  @Test func `what is gone is said and nothing moves`() throws {
    var desk = try FinderTests.desk()
    desk.press("2jma0")
    let kept = Scene.positions.filter { $0.asset != Scene.ether }
    desk.send(.engine(.snapshot(Scene.snapshot(kept))))
    desk.press("'a")
    #expect(desk.row(22).contains("Positions  ETH is gone."))
    #expect(desk.model.screen == .ledger)
  }

  @Test func `n and N go from match to match of the last filter and round the end`() throws {
    var desk = try FinderTests.desk()
    desk.press("2n")
    #expect(desk.row(22).contains("match-next: nothing was filtered or searched yet"))
    desk.press("/venue:binance<CR>")
    let fitting = ModelTests.names(desk)
    desk.press("\\gg")
    var found: [String] = []
    for _ in fitting {
      desk.press("n")
      let board = try #require(desk.model.board)
      let row = try #require(desk.model.list.selected(on: board))
      found.append(board.name(of: row))
    }
    #expect(found == fitting)
    desk.press("n")
    #expect(desk.row(22).contains("Round the end: 'venue:binance'"))
    #expect(desk.text.contains("▶\(fitting[0])"))
    desk.press("N")
    #expect(desk.text.contains("▶\(fitting[fitting.count - 1])"))
  }

  @Test func `matches are found in lists of other screens and in pages`() throws {
    var desk = try FinderTests.desk()
    desk.press("?/privacy<CR><Esc>")
    desk.press("n")
    let open = try #require(desk.model.overlays.last)
    #expect(
      desk.model.lines(of: open, in: open.cursor.index..<(open.cursor.index + 1))[0]
        .plain.contains("privacy"))
    desk.press("<Esc>2/okx<CR>8n")
    #expect(desk.text.contains("▶OKX desk"))
    desk.press("5n")
    #expect(desk.model.alertCursor.index == 1)
    desk.press("4n")
    #expect(desk.row(22).contains("there is no list to search here"))
  }

  @Test(arguments: [(80, 24)])
  func `the menu of places looks as it was kept`(_ size: (Int, Int)) throws {
    var desk = try FinderTests.desk(size.0, size.1)
    desk.press("2jma5mb0mc'")
    try Golden.check(desk.model.frame(), "menu-places-\(size.0)x\(size.1)")
  }
}
