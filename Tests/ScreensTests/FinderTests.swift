import Canvas
import Ledger
import Portfolio
import Testing
import Wire

@testable import Screens

/// One line that goes everywhere.
@Suite struct FinderTests {
  static func desk(_ width: Int = 80, _ height: Int = 24, _ keymap: String = "default") throws
    -> Desk
  {
    var desk = Desk(width, height, settings: try GoldenTests.settings(keymap))
    desk.sendBoards()
    return desk
  }

  @Test(arguments: [
    ("default", "<C-p>"), ("default", "gp"), ("vim", "<C-p>"), ("emacs", "<C-x><C-f>"),
    ("plain", "o"), ("plain", "<F12>"),
  ])
  func `a key of every keymap opens it`(_ keymap: String, _ keys: String) throws {
    var desk = try FinderTests.desk(80, 24, keymap)
    desk.press(keys + "risk<CR>")
    #expect(desk.model.screen == .risk && desk.model.prompt == nil)
  }

  @Test func `a screen opens`() throws {
    var desk = try FinderTests.desk()
    desk.press("<C-p>ledg")
    #expect(desk.text.contains("Ledger") && desk.text.contains("screen"))
    desk.press("<CR>")
    #expect(desk.model.screen == .ledger)
  }

  @Test func `an asset is gone to with the cursor on it, by ticker or by its chain`() throws {
    var desk = try FinderTests.desk()
    desk.press("<C-p>ltc<CR>")
    #expect(desk.model.screen == .positions)
    #expect(desk.text.contains("▶LTC"))
    desk.press("0<C-p>cardano<CR>")
    #expect(desk.model.screen == .positions && desk.text.contains("▶ADA"))
  }

  @Test func `an asset that a filter hides takes the filter away`() throws {
    var desk = try FinderTests.desk()
    desk.press("2/btc<CR><C-p>sol<CR>")
    #expect(desk.text.contains("▶SOL") && desk.model.list.filter.isEmpty)
  }

  @Test func `an account is gone to where it stands`() throws {
    var desk = try FinderTests.desk()
    desk.press("<C-p>okx<CR>")
    #expect(desk.model.screen == .accounts && desk.text.contains("▶OKX desk"))
    // This one is not followed: it came with a file, and the Overview has it.
    desk.press("<C-p>treasury<CR>")
    #expect(desk.model.screen == .overview && desk.model.focus == .accounts)
    #expect(desk.text.contains("▶Treasury"))
  }

  @Test func `an alert is gone to, by its words or its number`() throws {
    var desk = try FinderTests.desk()
    desk.press("<C-p>DOT price<CR>")
    #expect(desk.model.screen == .alerts)
    #expect(desk.model.alertBoard.integer(desk.model.alertCursor.index, "id") == 5)
  }

  @Test func `a command runs, or opens the line where it wants words`() throws {
    var desk = try FinderTests.desk()
    desk.press("<C-p>privacy<CR>")
    #expect(desk.model.isPrivate)
    desk.press("<C-p>requery<CR>")
    #expect(desk.model.prompt?.use == .command)
    #expect(desk.model.prompt?.editor.text == "requery ")
    // Away from its screen this one has to be told which account.
    desk.press("<Esc><C-p>pause-account<CR>")
    #expect(desk.model.prompt?.editor.text == "pause-account ")
  }

  @Test func `Escape leaves everything as it was`() throws {
    var desk = try FinderTests.desk()
    desk.press("2jj/w<gt>1%<CR>j<CR>")
    let before = desk.model.frame().text
    let sent = desk.effects.count
    desk.press("<C-p>eth<Down><Down><C-n><C-p>")
    #expect(desk.model.frame().text != before)
    desk.press("<Esc>")
    #expect(desk.model.frame().text == before)
    let talk = desk.effects.dropFirst(sent).filter { if case .send = $0 { true } else { false } }
    #expect(talk.isEmpty)
  }

  @Test func `arrows and Control move, and go round at the ends`() throws {
    var desk = try FinderTests.desk()
    desk.press("<C-p>flr")
    #expect(desk.text.contains("▶ FLR kraken"))
    desk.press("<Down>")
    #expect(desk.text.contains("▶ FLR binance"))
    desk.press("<C-p><Up>")
    let count = desk.model.prompt?.choices?.count ?? 0
    #expect(desk.model.prompt?.choices?.cursor.index == count - 1)
    desk.press("<C-n><C-n><CR>")
    #expect(desk.text.contains("▶FLR binance"))
  }

  @Test func `nothing that fits goes nowhere`() throws {
    var desk = try FinderTests.desk()
    desk.press("<C-p>zqzq")
    #expect(desk.text.contains("nothing fits"))
    #expect(desk.press("<CR>").contains(.bell))
    #expect(desk.model.prompt != nil)
  }

  @Test func `what cannot be done says why and is not done`() throws {
    var settings = try GoldenTests.settings()
    settings.isReadOnly = true
    var desk = Desk(80, 24, settings: settings)
    desk.press("<C-p>lock")
    #expect(desk.text.contains("not now: this client is read-only"))
    desk.press("<CR>")
    #expect(desk.requests.isEmpty && desk.model.prompt != nil)
    #expect(desk.row(22).contains("lock: this client is read-only"))
  }

  @Test func `it shows no amount in privacy mode`() throws {
    var desk = try FinderTests.desk(120, 36)
    desk.press("zp<C-p>sol")
    #expect(desk.text.contains("SOL moved -4.1 sd against its beta"))
    #expect(!desk.text.contains("32,550"))
  }

  @Test func `names from outside leave clean frames`() {
    var desk = Desk(80, 24, snapshot: HostileTests.snapshot)
    for keys in ["<C-p>", "a", "<C-u>W", "<C-u>\u{202E}", "<C-u>漢", "<CR>"] {
      desk.press(keys)
      #expect(HostileTests.isClean(desk.model.frame(), glyphs: .unicode), "after \(keys)")
    }
  }

  @Test func `five thousand assets are searched between two keys`() throws {
    let positions = (0..<5_000).map { index in
      Scene.position(
        .venue(venue: "kraken", code: "T\(index)X"), price: "2", [("kraken", "1", "0")])
    }
    var desk = Desk(
      80, 24, settings: try GoldenTests.settings(), snapshot: Scene.snapshot(positions))
    desk.press("<C-p>")
    let start = ContinuousClock.now
    desk.press("t4999")
    // Five keys; a build for debugging is some twenty times slower than the product.
    #expect(ContinuousClock.now - start < .seconds(3))
    desk.press("<CR>")
    #expect(desk.text.contains("▶T4999X"))
  }

  @Test(arguments: [(80, 24), (120, 36), (40, 10)])
  func `the finder looks as it was kept`(_ size: (Int, Int)) throws {
    var desk = try FinderTests.desk(size.0, size.1)
    desk.press("2<C-p>ac<Down>")
    try Golden.check(desk.model.frame(), "finder-\(size.0)x\(size.1)")
  }
}
