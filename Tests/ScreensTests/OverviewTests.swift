import Amounts
import Canvas
import Ledger
import Portfolio
import Testing
import Wire

@testable import Screens

@Suite struct OverviewTests {
  private func desk(_ width: Int = 120, _ height: Int = 36, boards: Bool = true) throws -> Desk {
    var desk = Desk(width, height, settings: try GoldenTests.settings())
    if boards { desk.sendBoards() }
    return desk
  }

  private static func text(_ table: BriefTable) -> [String] {
    table.rows.map { $0.map(\.text).joined(separator: " ") }
  }

  // MARK: NAV and its range

  @Test func `the range is that of the sums, in shares of the value`() throws {
    var totals = Totals(value: Fixed(whole: 200), positions: 3)
    totals.low = Fixed(whole: 190)
    totals.high = Fixed(whole: 230)
    let range = try #require(NavRange(totals))
    // 190 / 200 - 1 and 230 / 200 - 1.
    #expect(range.below == -0.05 && range.above == 0.15 && !range.isPoint)
    totals.low = Fixed(whole: 201)
    #expect(NavRange(totals) == nil)
  }

  @Test func `a range that nobody knows is no range of nothing`() {
    var totals = Totals(value: Fixed(whole: 200), positions: 3, overflowed: true)
    totals.low = totals.value
    totals.high = totals.value
    #expect(NavRange(totals) == nil)
    #expect(NavRange(Totals(positions: 2, unpriced: 2)) == nil)
  }

  @Test func `the pane of the NAV says value, range, changes and what is doubtful`() throws {
    let lines = OverviewTests.text(try desk().model.navTable(44))
    #expect(lines[0].hasSuffix("~10,581,508"))
    // ADA 182,860 and LTC 42,880 are stale: five per cent of them either way.
    #expect(lines[1].contains("10,570,221 to 10,592,795") && lines[1].contains("?2"))
    #expect(lines[2].contains("▲+1.13%*"))
    #expect(lines[3].contains("+1.75M"))
    #expect(lines[4].contains("?2 without price") && lines[4].contains("~2 stale"))
  }

  @Test func `hidden amounts leave the range in per cent`() throws {
    var settings = try GoldenTests.settings()
    settings.isPrivate = true
    var desk = Desk(120, 36, settings: settings)
    desk.sendBoards()
    let lines = OverviewTests.text(desk.model.navTable(44))
    #expect(lines[1].contains("-0.1 +0.1%") && !lines[1].contains("M"))
  }

  @Test func `before a board came it says so, and nothing is zero`() throws {
    let desk = try desk(boards: false)
    for pane in [OverviewPane.attribution, .exposure, .risk] {
      #expect(desk.model.brief(pane, 40).rows.isEmpty)
      #expect(desk.model.brief(pane, 40).note.contains("being computed"))
    }
    #expect(OverviewTests.text(desk.model.navTable(40))[3].contains("being computed"))
    #expect(desk.text.contains("The curve is being computed."))
    try Golden.check(desk.model.frame(), "overview-waiting-120x36")
  }

  @Test func `a figure that is refused is unknown, with the reason`() throws {
    var desk = try desk()
    desk.send(.engine(.board(name: Board.riskLive, Scene.refusedRisk)))
    let table = desk.model.riskSummary(30)
    #expect(OverviewTests.text(table).contains("VaR 95 ? ?"))
    #expect(table.footer.contains("14 of 60 returns"))
  }

  @Test func `an empty portfolio has an Overview`() throws {
    var desk = Desk(
      120, 36, settings: try GoldenTests.settings(),
      snapshot: Snapshot(
        version: 1, currency: .usDollar, time: Scene.now, positions: [], accounts: [],
        totals: Totals()))
    desk.send(.engine(.board(name: Board.exposure + "venue", Report())))
    #expect(desk.text.contains("Nothing held has a price"))
    try Golden.check(desk.model.frame(), "overview-empty-120x36")
  }

  // MARK: Panes

  @Test(arguments: [(80, 24), (60, 12), (120, 36), (200, 60), (40, 10)])
  func `every pane can be reached and shows`(_ size: (Int, Int)) throws {
    var desk = try desk(size.0, size.1)
    var seen: [OverviewPane] = []
    for _ in OverviewPane.allCases {
      seen.append(desk.model.pane)
      #expect(desk.model.overviewPanes.contains { $0.pane == desk.model.pane })
      let places = desk.model.overviewPanes.map(\.pane)
      #expect(Set(places).count == places.count)
      desk.press("<Tab>")
    }
    #expect(seen == OverviewPane.allCases && desk.model.pane == .positions)
  }

  @Test(arguments: [
    (OverviewPane.nav, Screen.profit), (.attribution, .profit), (.exposure, .risk), (.risk, .risk),
    (.movers, .positions),
  ])
  func `Enter goes where a pane says more`(_ pane: OverviewPane, _ screen: Screen) throws {
    var desk = try desk()
    desk.model.pane = pane
    desk.press("<CR>")
    #expect(desk.model.screen == screen)
  }

  @Test func `only what shows is asked for`() throws {
    let small = try desk(80, 24).model.overviewBoards
    #expect(small == [Board.alerts, Board.accounts, Board.performance + "day"])
    let large = Set(try desk(200, 60).model.overviewBoards)
    #expect(large.isSuperset(of: [Board.riskLive, Board.gains + "day", Board.exposure + "venue"]))
    #expect(large.count <= 16)
  }

  // MARK: Movers

  @Test func `movers are those that moved most, dust left out, the unknown counted`() throws {
    let desk = try desk()
    let names = desk.model.moverTable(40).rows.map { $0[0].text }
    // Changes of the scene: AVAX +3.94, ETH +2.31, ADA -2.12, SOL -1.87, FLR +1.52, BTC +1.42, BNB +0.42.
    #expect(names.prefix(7) == ["AVAX", "ETH", "ADA", "SOL", "FLR kraken", "BTC", "BNB"])
    #expect(desk.model.movers.unknown == 3)
    let ada = desk.model.moverTable(40).rows[2]
    #expect(ada[1].text == "▼-2.12" && ada[2].text.hasPrefix("~-"))
  }

  @Test func `movers keep their rows while quotes move`() throws {
    var desk = try desk()
    desk.press("<Tab><Tab>")
    let before = desk.model.movers.assets
    let bnb = Scene.position(
      .native(chain: "bnb-chain"), price: "900", open: "585.64", [("binance", "910", "0")])
    desk.send(.engine(.change(ModelTests.change(bnb))))
    #expect(desk.model.movers.assets == before)
    desk.wait(milliseconds: 61_000)
    #expect(desk.model.movers.assets.first == .native(chain: "bnb-chain"))
  }

  // MARK: Health

  @Test func `the gravest comes first, alerts lead to themselves`() throws {
    var desk = try desk()
    let kinds = desk.model.notices.map(\.kind)
    let order: [Notice.Kind] = [.high, .warning, .info, .calm]
    #expect(kinds == order.flatMap { kind in kinds.filter { $0 == kind } })
    let row = try #require(desk.model.notices.firstIndex { $0.alert != nil })
    desk.model.pane = .notices
    desk.press(String(repeating: "j", count: row) + "<CR>")
    #expect(desk.model.screen == .alerts)
    #expect(
      desk.model.alertBoard.integer(desk.model.alertCursor.index, "id")
        == desk.model.notices[row].alert)
  }

  @Test func `accounts that are stale or given up and open differences are named`() throws {
    var snapshot = Scene.snapshot()
    var totals = snapshot.totals
    totals.breaks = 2
    totals.breakValue = Fixed(whole: 12_300)
    snapshot = Snapshot(
      version: 7, currency: .usDollar, time: snapshot.time, positions: snapshot.positions,
      accounts: snapshot.accounts, totals: totals)
    var desk = Desk(120, 36, settings: try GoldenTests.settings(), snapshot: snapshot)
    desk.sendBoards()
    let texts = desk.model.notices.map(\.text)
    #expect(texts.contains("± ledger and venues: 2 differences, worth 12.30k"))
    let bad = Scene.connections.rows.indices.filter {
      ["stale", "stopped"].contains(Scene.connections.text($0, "state"))
    }
    #expect(!bad.isEmpty)
    for row in bad {
      let name = Scene.connections.text(row, "name")
      #expect(texts.contains { $0.contains(name) })
    }
  }
}
