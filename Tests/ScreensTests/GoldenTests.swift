import Amounts
import Canvas
import Ledger
import Portfolio
import Styles
import Testing
import Wire

@testable import Screens

/// Every screen at every size, as text and style.
@Suite struct GoldenTests {
  struct Shot: CustomTestStringConvertible, Sendable {
    let name: String
    let keys: String
    var glyphs = GlyphSet.unicode
    var isPrivate = false
    var testDescription: String { name }
  }

  static let sizes = [(80, 24), (120, 36), (200, 60)]

  static let shots = [
    Shot(name: "overview", keys: ""),
    Shot(name: "overview-accounts", keys: "<S-Tab><S-Tab>j"),
    Shot(name: "overview-movers", keys: "<Tab><Tab>jj"),
    Shot(name: "overview-risk", keys: "<Tab><Tab><Tab><Tab><Tab>j"),
    Shot(name: "overview-private", keys: "", isPrivate: true),
    Shot(name: "positions", keys: "2j"),
    Shot(name: "positions-filtered", keys: "2/account:kraken w<gt>1%<CR>"),
    Shot(name: "positions-parts", keys: "2j<CR>j"),
    Shot(name: "positions-entries", keys: "2j<CR>j<CR>jj"),
    Shot(name: "positions-lots", keys: "2<CR>tljj"),
    Shot(name: "positions-groups", keys: "2:group venue<CR>ggj"),
    Shot(name: "ledger", keys: "0jj"),
    Shot(name: "entry", keys: "0<CR>"),
    Shot(name: "explain", keys: "2jd"),
    Shot(name: "help", keys: "?"),
    Shot(name: "accounts", keys: "8jj"),
    Shot(name: "accounts-feeds", keys: "8jj<Tab>jj"),
    Shot(name: "accounts-details", keys: "8jj<CR>"),
    Shot(name: "alerts", keys: "5j"),
    Shot(name: "alerts-why", keys: "5<Tab>jj"),
    Shot(name: "alerts-private", keys: "5", isPrivate: true),
    Shot(name: "pnl", keys: "3j"),
    Shot(name: "pnl-growth", keys: "3]t"),
    Shot(name: "pnl-drawdown", keys: "3tt"),
    Shot(name: "pnl-benchmark", keys: "3ttt"),
    Shot(name: "pnl-details", keys: "3jd"),
    Shot(name: "risk", keys: "4j"),
    Shot(name: "risk-stress", keys: "4<Tab><Tab>jj"),
    Shot(name: "risk-details", keys: "4j<CR>"),
    Shot(name: "heatmap", keys: "ghjjjll"),
    Shot(name: "command-line", keys: ":sort <Tab><Tab>"),
    Shot(name: "private", keys: "2", isPrivate: true),
  ]

  @Test(arguments: shots, sizes)
  func `each screen looks as it was kept`(_ shot: Shot, _ size: (Int, Int)) throws {
    let frame = try GoldenTests.frame(shot, size.0, size.1)
    try Golden.check(frame, "\(shot.name)-\(size.0)x\(size.1)")
  }

  @Test(arguments: [
    Shot(name: "overview", keys: "", glyphs: .ascii),
    Shot(name: "positions", keys: "2j", glyphs: .ascii),
    Shot(name: "ledger", keys: "0", glyphs: .ascii),
    Shot(name: "accounts", keys: "8", glyphs: .ascii),
    Shot(name: "alerts", keys: "5", glyphs: .ascii),
    Shot(name: "pnl", keys: "3", glyphs: .ascii),
    Shot(name: "risk", keys: "4", glyphs: .ascii),
    Shot(name: "heatmap", keys: "ghjl", glyphs: .ascii),
  ])
  func `each screen has a form in plain ASCII`(_ shot: Shot) throws {
    let frame = try GoldenTests.frame(shot, 80, 24)
    #expect(frame.text.utf8.allSatisfy { $0 < 0x7F })
    try Golden.check(frame, "\(shot.name)-ascii-80x24")
  }

  @Test(arguments: [(60, 20), (60, 12), (59, 20), (40, 10), (20, 5), (19, 5), (10, 3), (5, 2)])
  func `small terminals show less and then say so`(_ size: (Int, Int)) throws {
    let shot = Shot(name: "overview", keys: "")
    try Golden.check(
      GoldenTests.frame(shot, size.0, size.1), "overview-\(size.0)x\(size.1)")
    let positions = Shot(name: "positions", keys: "2")
    try Golden.check(
      GoldenTests.frame(positions, size.0, size.1), "positions-\(size.0)x\(size.1)")
    for name in ["risk", "heatmap"] {
      let other = try #require(GoldenTests.shots.first { $0.name == name })
      try Golden.check(
        GoldenTests.frame(other, size.0, size.1), "\(name)-\(size.0)x\(size.1)")
    }
    let accounts = Shot(name: "accounts", keys: "8jj")
    try Golden.check(
      GoldenTests.frame(accounts, size.0, size.1), "accounts-\(size.0)x\(size.1)")
    let alerts = Shot(name: "alerts", keys: "5j")
    try Golden.check(
      GoldenTests.frame(alerts, size.0, size.1), "alerts-\(size.0)x\(size.1)")
    let profit = Shot(name: "pnl", keys: "3")
    try Golden.check(GoldenTests.frame(profit, size.0, size.1), "pnl-\(size.0)x\(size.1)")
  }

  @Test(arguments: [
    "overview", "positions", "ledger", "accounts", "pnl", "risk", "alerts", "help",
  ])
  func `without colours cursor and falling values still stand out`(_ name: String) throws {
    let shot = try #require(GoldenTests.shots.first { $0.name == name })
    let frame = try GoldenTests.frame(shot, 80, 24)
    let theme = try shippedTheme("mono")
    let shown = "\(frame.text)\n--- attributes\n\(frame.attributes(in: theme))\n"
    try Golden.check(text: shown, "\(name)-mono-80x24")
    let row = try #require((0..<24).first { frame.row($0).contains("▶") })
    let cursor = theme.appearance(of: frame[10, row].style, at: .none)
    #expect(cursor.attributes.contains(.reverse))
  }

  @Test(arguments: sizes)
  func `a locked vault shows nothing but a question`(_ size: (Int, Int)) throws {
    var status = Scene.status
    status.isUnlocked = false
    var desk = Desk(size.0, size.1, snapshot: nil, status: status)
    desk.press("secret<BS>")
    try Golden.check(desk.model.frame(), "unlock-\(size.0)x\(size.1)")
  }

  @Test(arguments: [(80, 24), (120, 36), (200, 60), (40, 10)])
  func `a key is asked for without showing it`(_ size: (Int, Int)) throws {
    var desk = try KeyFormTests.asking(size.0, size.1)
    desk.press("4f1c-99aa<CR>zq-hidden-zq")
    let frame = desk.model.frame()
    #expect(!frame.text.contains("zq-"))
    try Golden.check(frame, "key-form-\(size.0)x\(size.1)")
  }

  @Test(arguments: [(80, 24), (120, 36)])
  func `an account that was never read has no number, and the sum says what it lacks`(
    _ size: (Int, Int)
  ) throws {
    let vault = Account(
      id: AccountID(named: "vault"), name: "Bitcoin vault", venue: "bitcoin", book: BookID("cold"))
    let known = Scene.snapshot()
    var totals = known.totals
    totals.unread = [AccountID(named: "treasury"), vault.id]
    let snapshot = Snapshot(
      version: 7, currency: .usDollar, time: known.time, positions: known.positions,
      accounts: known.accounts + [vault], totals: totals)
    var desk = Desk(
      size.0, size.1, settings: try GoldenTests.settings(), snapshot: snapshot)
    desk.press("<S-Tab><S-Tab>G")
    let frame = desk.model.frame()
    let line = try #require(
      (0..<size.1).map { frame.row($0) }.first { $0.contains("Bitcoin vault") })
    #expect(line.split(separator: "Bitcoin vault").last?.contains("0") == false)
    try Golden.check(frame, "overview-unread-\(size.0)x\(size.1)")
    let nothing = Desk(
      size.0, size.1, settings: try GoldenTests.settings(),
      snapshot: Snapshot(
        version: 7, currency: .usDollar, time: known.time, positions: [], accounts: [vault],
        totals: Totals(unread: [vault.id])))
    #expect(nothing.model.frame().row(0).contains("NAV ? USD ?1"))
  }

  @Test func `a refused key and an empty list say what to do`() throws {
    var desk = try KeyFormTests.asking()
    desk.press("k<CR>s<CR>p<CR>")
    let id = try #require(desk.number(of: "connect"))
    let refusal = Refusal(
      .forbidden, "the venue does not take the key",
      advice: "Look whether it is whole, and whether this computer's address may use it.")
    desk.send(.engine(.refusal(id: id, refusal)))
    try Golden.check(desk.model.frame(), "key-refused-80x24")
    var empty = Desk(80, 24, settings: try GoldenTests.settings())
    empty.press("8")
    empty.send(.engine(.board(name: Board.accounts, Report())))
    try Golden.check(empty.model.frame(), "accounts-empty-80x24")
    empty.press("4")
    empty.send(.engine(.board(name: Board.risk, Scene.refusedRisk)))
    try Golden.check(empty.model.frame(), "risk-refused-80x24")
    empty.press("gh")
    let refused = Report(facts: [.init("refused", .text("14 of 60 returns that it needs"))])
    empty.send(.engine(.board(name: Board.heatmap + "pearson:90", refused)))
    empty.send(.engine(.board(name: Board.radar + "pearson:90", refused)))
    try Golden.check(empty.model.frame(), "heatmap-refused-80x24")
  }

  @Test func `a lost engine leaves the figures with their time`() throws {
    var desk = Desk(80, 24)
    desk.send(.disconnected("the engine closed the socket"))
    desk.press("2")
    try Golden.check(desk.model.frame(), "lost-80x24")
  }

  @Test func `a report is shown as a table`() throws {
    var desk = Desk(80, 24)
    desk.press(":refused<CR>")
    desk.send(.engine(.report(id: 1, GoldenTests.refused)))
    try Golden.check(desk.model.frame(), "refused-80x24")
    desk.press("jjj<CR>")
    try Golden.check(desk.model.frame(), "refused-row-80x24")
  }

  @Test func `the ways on show after a moment`() throws {
    var desk = Desk(80, 24, settings: try GoldenTests.settings())
    desk.press("z")
    desk.wait(milliseconds: 250)
    try Golden.check(desk.model.frame(), "ways-on-80x24")
  }

  static let refused = Report(
    facts: [.init("refused", .integer(2))], tableName: "rows",
    columns: ["import", "line", "reason", "raw"],
    rows: [
      [
        .integer(4), .integer(17), .text("date: '31/02/2024' is no date"),
        .text("31/02/2024,BTC,0.5"),
      ],
      [
        .integer(4), .integer(203), .text("amount: '1e99' is too large"),
        .text("2024-03-01,SHIB2,1e99"),
      ],
    ])

  static func settings(_ keymap: String = "default") throws -> ClientSettings {
    var settings = ClientSettings()
    settings.keymap = try shippedKeymap(keymap).value
    return settings
  }

  static func frame(_ shot: Shot, _ width: Int, _ height: Int) throws -> Frame {
    var settings = try settings()
    settings.glyphs = shot.glyphs
    settings.isPrivate = shot.isPrivate
    var desk = Desk(width, height, settings: settings)
    desk.sendBoards()
    desk.press(shot.keys)
    return desk.model.frame()
  }
}
