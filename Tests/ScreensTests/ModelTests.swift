import Amounts
import Canvas
import Ledger
import Portfolio
import Styles
import TestSupport
import Testing
import Wire

@testable import Screens

/// What the client does with events.
@Suite struct ModelTests {
  static func names(_ desk: Desk) -> [String] {
    guard let board = desk.model.board else { return [] }
    return desk.model.list.order.compactMap { board.row($0) }.map { board.name(of: $0) }
  }

  // MARK: Sorting and filtering

  @Test func `positions come by value with the unpriced last`() {
    let desk = Desk(120, 36)
    let names = ModelTests.names(desk)
    #expect(names.prefix(3) == ["BTC", "ETH", "USD"])
    #expect(Set(names.suffix(2)) == ["FLR binance", "SHIB2"])
  }

  @Test func `the unpriced stay last when the order is turned round`() {
    var desk = Desk(120, 36)
    desk.press("2S")
    let names = ModelTests.names(desk)
    #expect(names.first == "FLR kraken")
    #expect(Set(names.suffix(2)) == ["FLR binance", "SHIB2"])
  }

  @Test func `amounts that could not be read anew are stale, with their age`() throws {
    let dollars = AssetID.contract(
      chain: "ethereum", address: "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48")
    func accounts(_ state: AccountState) -> ClientEvent {
      .engine(
        .board(
          name: Board.accounts,
          Report(
            tableName: "accounts", columns: ["account", "state", "fresh_at"],
            rows: [
              [
                .text("treasury"), .text(state.rawValue),
                .integer(Scene.now.advanced(bySeconds: -3 * 3_600).microseconds),
              ]
            ])))
    }
    var desk = Desk(120, 36)
    desk.press("2")
    let before = try #require(desk.model.board?.row(of: dollars))
    #expect(desk.model.state(of: before) == .live && before.oldSince == nil)
    desk.send(accounts(.stale))
    let stale = try #require(desk.model.board?.row(of: dollars))
    #expect(desk.model.state(of: stale) == .stale)
    let text = desk.model.explanation(of: dollars).flatMap { $0.pieces.map(\.text) }.joined()
    #expect(text.contains("~ read 3h ago"))
    #expect(desk.text.contains("~250"))
    desk.send(accounts(.live))
    let after = try #require(desk.model.board?.row(of: dollars))
    #expect(desk.model.state(of: after) == .live)
  }

  @Test func `a cost that nobody knows is told as missing, with the reason, and never as zero`()
    throws
  {
    func why(_ desk: Desk, _ asset: AssetID) -> String {
      desk.model.explanation(of: asset).flatMap { $0.pieces.map(\.text) }.joined(separator: " ")
    }
    var desk = Desk(200, 60)
    desk.press("2")
    #expect(why(desk, Scene.ether).contains("? not known: the engine has not told the lots yet"))
    desk.sendProfitBoards()
    let ether = try #require(desk.model.board?.row(of: Scene.ether)?.cost)
    // 1,790,000 for 812.55 of them, and 1,060,000 more now.
    #expect(ether.average?.text.hasPrefix("2202.94") == true)
    #expect(abs(try #require(ether.ratio) - 1_060_000 / 1_790_000) < 1e-12)
    #expect(!ether.isPartial)
    let bitcoin = try #require(desk.model.board?.row(of: Scene.bitcoin)?.cost)
    #expect(bitcoin.isPartial)
    #expect(why(desk, Scene.bitcoin).contains("? 1 of 1 lots have a cost that nobody has told"))
    #expect(why(desk, Scene.flareKraken).contains("? not known: the ledger has no lot of it"))
  }

  @Test(arguments: PositionColumn.allCases)
  func `each column sorts both ways and loses nothing`(_ column: PositionColumn) {
    var desk = Desk(200, 60)
    desk.sendBoards()
    desk.press("2:sort \(column.rawValue)<CR>")
    let first = ModelTests.names(desk)
    desk.press("S")
    let second = ModelTests.names(desk)
    #expect(Set(first) == Set(second))
    #expect(first.count == Scene.positions.count)
    #expect(first != second)
  }

  @Test(arguments: [
    ("btc", ["BTC"]), ("venue:kraken stale", []), ("venue:ledger stale", ["ADA", "LTC"]),
    ("unpriced", ["FLR binance", "SHIB2"]), ("w>20%", ["BTC", "ETH"]),
    ("value>1m", ["BTC", "ETH", "USD"]), ("value>=1m !btc", ["ETH", "USD"]),
    ("account:\"ledger-nano\" value<200k", ["ADA", "LTC"]),
    ("book:treasury !\"fiat:usd\"", ["USDC"]),
    ("day<-2", ["ADA"]), ("qty<100", ["BTC"]), ("age>2h", ["ADA", "LTC"]),
    ("staked", ["ETH", "SOL", "AVAX"]), ("staked>5000", ["SOL", "AVAX"]),
    ("flr", ["FLR kraken", "FLR binance"]), ("venue:kraken:FLR", []),
    ("\"native:bit\"", ["BTC"]), ("!live", ["ADA", "LTC", "FLR binance", "SHIB2"]),
    ("source:own-trade", ["ADA", "LTC"]), ("price<0.1", ["FLR kraken"]),
  ])
  func `a filter keeps what fits all its terms`(_ text: String, _ expected: [String]) throws {
    var desk = Desk(120, 36)
    desk.press("2")
    desk.model.filterPositions(text)
    #expect(Set(ModelTests.names(desk)) == Set(expected))
  }

  @Test(arguments: [
    ("foo:bar", FilterFault.unknownField("foo")), ("w>", .notANumber("")),
    ("value>abc", .notANumber("abc")), ("age>5y", .notANumber("5y")),
    ("zz>3", .unknownField("zz")),
  ])
  func `a term that means nothing is refused with its reason`(
    _ text: String, _ fault: FilterFault
  ) {
    #expect(throws: fault) { try PositionFilter(parsing: text) }
  }

  @Test func `a half typed term leaves the rows as they were`() {
    var desk = Desk(120, 36)
    desk.press("2/w<gt>20%")
    #expect(ModelTests.names(desk) == ["BTC", "ETH"])
    desk.press("<BS><BS>")
    let before = ModelTests.names(desk)
    desk.press("<BS>")
    #expect(ModelTests.names(desk) == before)
    #expect(desk.text.contains("a number is missing"))
    desk.press("<Esc>")
    #expect(ModelTests.names(desk).count == Scene.positions.count)
  }

  // MARK: Rows that hold still

  @Test func `rows hold still while quotes move and fall into place after idling`() throws {
    var desk = Desk(120, 36)
    desk.press("2j")
    let before = ModelTests.names(desk)
    let ether = Scene.position(Scene.ether, price: "9000", [("kraken", "812.55", "0")])
    desk.send(.engine(.change(ModelTests.change(ether))))
    #expect(ModelTests.names(desk) == before)
    #expect(desk.text.contains("▶ETH"))
    #expect(desk.text.contains("7.31M"))
    desk.wait(milliseconds: 4_900)
    #expect(ModelTests.names(desk) == before)
    desk.wait(milliseconds: 200)
    #expect(ModelTests.names(desk).prefix(2) == ["ETH", "BTC"])
    #expect(desk.text.contains("▶ETH"))
  }

  @Test func `a tick is asked for when the order has to be made anew`() {
    var desk = Desk(120, 36)
    desk.press("2")
    desk.wait(milliseconds: 60_000)
    let ether = Scene.position(Scene.ether, price: "9000", [("kraken", "812.55", "0")])
    desk.press("j")
    let effects = desk.send(.engine(.change(ModelTests.change(ether))))
    let due = desk.now.advanced(byMilliseconds: 5_000)
    let planned = desk.effects.compactMap { if case .wake(let at) = $0 { at } else { nil } }.last
    #expect(effects.contains(.draw))
    #expect(planned.map { $0 <= due } == true)
  }

  @Test func `a gone position leaves the cursor on its asset`() {
    var desk = Desk(120, 36)
    desk.press("2jjj")
    #expect(desk.text.contains("▶SOL"))
    desk.send(
      .engine(
        .change(
          ChangeSet(
            from: 7, to: 8, time: Scene.now, changed: [], removed: [Scene.bitcoin], accounts: nil,
            totals: Totals(positions: 11)))))
    #expect(desk.text.contains("▶SOL"))
    #expect(!ModelTests.names(desk).contains("BTC"))
  }

  @Test func `a missing change asks for everything`() {
    var desk = Desk(80, 24)
    let change = ChangeSet(
      from: 9, to: 10, time: Scene.now, changed: [], removed: [], accounts: nil, totals: Totals())
    #expect(desk.send(.engine(.change(change))).contains(.send(.watch)))
  }

  /// The law: changing step by step shows the same as the whole.
  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func `changes add up to the snapshot`(_ seed: UInt64) throws {
    var random = Seeded(seed)
    var held = Scene.positions
    var board = PositionBoard(Scene.snapshot())
    var list = PositionList()
    list.sort(board, at: Scene.now, height: 10)
    for step in 0..<200 {
      var changed: [Position] = []
      var removed: [AssetID] = []
      let place = Int(random.next() % UInt64(held.count))
      if random.next() % 5 == 0, held.count > 3 {
        removed.append(held.remove(at: place).asset)
      } else {
        let account = Scene.accounts[Int(random.next() % 4)].id.slug
        let asset =
          random.next() % 4 == 0
          ? AssetID.venue(venue: "kraken", code: "T\(random.next() % 20)") : held[place].asset
        let price = random.next() % 6 == 0 ? nil : "\(random.next() % 1_000 + 1).5"
        let new = Scene.position(asset, price: price, [(account, "\(random.next() % 90 + 1)", "0")])
        held.removeAll { $0.asset == asset }
        held.append(new)
        changed.append(new)
      }
      let change = ChangeSet(
        from: board.version, to: board.version + 1, time: Scene.now, changed: changed,
        removed: removed, accounts: nil, totals: Scene.totals(held))
      let applied = board.apply(change)
      let slots = try #require(applied, "SEED=\(seed) step \(step)")
      list.note(slots, on: board, at: Scene.now)
      #expect(
        Set(list.order.compactMap { board.row($0)?.text }) == Set(held.map(\.asset.text)),
        "SEED=\(seed) step \(step)")
    }
    list.sort(board, at: Scene.now, height: 10)
    let whole = PositionBoard(Scene.snapshot(held, version: board.version))
    var other = PositionList()
    other.sort(whole, at: Scene.now, height: 10)
    #expect(
      list.order.compactMap { board.row($0)?.text }
        == other.order.compactMap { whole.row($0)?.text }, "SEED=\(seed)")
    for account in Scene.accounts {
      #expect(
        (board.sums[account.id] ?? GroupSum()) == (whole.sums[account.id] ?? GroupSum()),
        "SEED=\(seed)")
    }
  }

  static func change(_ position: Position) -> ChangeSet {
    let held = Scene.positions.filter { $0.asset != position.asset } + [position]
    return ChangeSet(
      from: 7, to: 8, time: Scene.now, changed: [position], removed: [], accounts: nil,
      totals: Scene.totals(held))
  }

  // MARK: Going into and out of things

  @Test func `one goes down to entries and comes back to the same rows`() {
    var desk = Desk(120, 36)
    desk.press("2j<CR>")
    #expect(desk.row(2).contains("Positions › ETH by account"))
    desk.press("j<CR>")
    #expect(desk.row(2).contains("Positions › ETH › Kraken"))
    let query = desk.effects.compactMap { effect -> LedgerQuery? in
      if case .send(.page(_, let query)) = effect { query } else { nil }
    }.last
    #expect(query?.asset == Scene.ether)
    #expect(query?.account == AccountID(named: "kraken"))
    desk.press("jj<CR>")
    #expect(desk.text.contains("━ Entry ━"))
    desk.press("<Esc><Esc>")
    #expect(desk.text.contains("▶Kraken"))
    desk.press("<Esc>")
    #expect(desk.text.contains("▶ETH"))
  }

  @Test func `an explanation says who tells the price of a day ago`() {
    let desk = Desk(120, 40)
    func day(_ asset: AssetID) -> String {
      desk.model.explanation(of: asset).flatMap(\.pieces).map(\.text).joined()
    }
    #expect(day(Scene.bitcoin).contains("as the sources of its price say"))
    #expect(day(.native(chain: "cardano")).contains("by the hours kept of its price"))
    #expect(day(.native(chain: "litecoin")).contains("no hour of then is kept"))
    #expect(day(.fiat(code: "USD")).contains("the currency in itself"))
  }

  @Test func `the overview says what the engine cannot do`() {
    var status = Scene.status
    status.warnings = ["the strike of 2026-01-01T00:00:00Z is held up"]
    let desk = Desk(120, 40, status: status)
    let notices = desk.model.notices.map(\.text)
    #expect(notices.contains("! the strike of 2026-01-01T00:00:00Z is held up"))
    let calm = Desk(120, 40).model.notices.map(\.text)
    #expect(!calm.contains { $0.contains("strike") })
  }

  @Test func `an account on the overview opens its positions`() {
    var desk = Desk(80, 24)
    desk.model.pane = .accounts
    desk.press("j<CR>")
    #expect(desk.model.list.filter.text == "account:\"kraken\"")
    #expect(desk.text.contains("figures over all accounts"))
    desk.press("<Esc>")
    #expect(desk.model.list.filter.isEmpty)
  }

  @Test func `screens that come later say so and are no tabs`() throws {
    var desk = Desk(80, 24, settings: try GoldenTests.settings())
    desk.press("7")
    #expect(desk.text.contains("Orders comes with a later version"))
    #expect(!desk.row(1).contains("Orders"))
    #expect(desk.model.screen == .overview)
  }

  // MARK: The ledger

  @Test func `a million entries stay in the engine`() {
    var desk = Desk(120, 36)
    desk.entries = 1_000_000
    desk.press("0")
    for _ in 0..<300 { desk.press("<PgDn>") }
    #expect(desk.model.ledger.loaded <= PageLimits.pages * PageLimits.rows)
    desk.press("G")
    #expect(desk.model.ledger.cursor.index == 999_999)
    #expect(desk.model.ledger.selected == Scene.entry(999_999))
    #expect(desk.text.contains("of 1,000,000"))
    desk.press("gg")
    #expect(desk.model.ledger.selected == Scene.entry(0))
    for case .send(.page(_, let query)) in desk.effects {
      #expect(query.limit <= 200)
      #expect(query.offset.isMultiple(of: 200))
    }
  }

  @Test func `a page is asked for once`() {
    var desk = Desk(80, 24)
    desk.effects = []
    let first = desk.model.handle(.input(.key(.character("0"))), at: desk.now)
    let second = desk.model.handle(.tick, at: desk.now)
    func pages(_ effects: [Effect]) -> Int {
      effects.count { if case .send(.page) = $0 { true } else { false } }
    }
    #expect(pages(first) == 1)
    #expect(pages(second) == 0)
  }

  @Test func `the ledger is asked for what its filter says after a moment`() {
    var desk = Desk(80, 24)
    desk.press("0/account:kraken rent")
    #expect(desk.model.ledger.query == LedgerQuery())
    desk.wait(milliseconds: 250)
    #expect(desk.model.ledger.query.account == AccountID(named: "kraken"))
    #expect(desk.model.ledger.query.text == "rent")
    desk.press("<CR><Esc>")
    #expect(desk.model.ledger.query == LedgerQuery())
  }

  @Test func `new entries are fetched for what shows`() {
    var desk = Desk(80, 24)
    desk.press("0")
    desk.entries = 1_300
    var status = Scene.status
    status.entries = 1_300
    desk.send(.engine(.status(status)))
    #expect(desk.text.contains("of 1,300"))
  }

  // MARK: The passphrase

  static func locked() -> Desk {
    var status = Scene.status
    status.isUnlocked = false
    return Desk(80, 24, snapshot: nil, status: status)
  }

  @Test func `a passphrase is sent as a secret and forgotten`() throws {
    var desk = ModelTests.locked()
    desk.press("hunt√r q1?")
    #expect(!desk.text.contains("hunt"))
    #expect(desk.text.contains("••••••••••"))
    desk.press("<CR>")
    let request = try #require(desk.requests.last)
    #expect(request.verb == "unlock")
    #expect(request.arguments.isEmpty)
    #expect(request.secrets == [Array("hunt√r q1?".utf8)])
    #expect(desk.model.unlock.bytes.isEmpty)
    #expect(!String(reflecting: desk.model).contains("hunt"))
  }

  @Test func `a wrong passphrase says so and another can be typed`() throws {
    var desk = ModelTests.locked()
    desk.press("x<CR>")
    desk.send(.engine(.refusal(id: 1, Refusal(.wrongSecret, "wrong"))))
    #expect(desk.text.contains("does not open this vault"))
    desk.press("y<CR>")
    #expect(desk.requests.count == 2)
    desk.send(.engine(.status(Scene.status)))
    desk.send(.engine(.snapshot(Scene.snapshot())))
    #expect(desk.effects.contains(.send(.watch)))
    #expect(desk.text.contains("BTC"))
  }

  @Test func `locking leaves nothing of the vault behind`() {
    var desk = Desk(120, 36)
    desk.press("0<CR>")
    var status = Scene.status
    status.isUnlocked = false
    desk.send(.engine(.status(status)))
    for size in [(80, 24), (120, 36), (200, 60), (40, 10)] {
      desk.send(.resized(Size(width: size.0, height: size.1)))
      let text = desk.text
      #expect(!text.contains("BTC") && !text.contains("NAV") && !text.contains("Kraken"))
    }
    #expect(desk.model.board == nil)
    #expect(desk.model.ledger.loaded == 0)
  }

  // MARK: Connections

  @Test func `a lost engine leaves the figures and says of when they are`() {
    var desk = Desk(120, 36)
    desk.send(.disconnected("the engine closed the socket"))
    #expect(desk.row(0).contains("LOST") && desk.row(0).contains("AS OF 14:22:06"))
    #expect(desk.row(1).contains("Not connected: the engine closed the socket."))
    #expect(desk.text.contains("▶BTC"))
    desk.press(":import x.csv<CR>")
    #expect(desk.text.contains("not connected to the engine"))
    #expect(desk.requests.isEmpty)
    #expect(desk.press(":q<CR>").contains(.quit(0)))
  }

  @Test func `a lost engine can be asked for again, and figures go on with what it says`() {
    var desk = Desk(120, 36)
    #expect(!desk.press(":reconnect<CR>").contains(.reconnect))
    desk.send(.disconnected("the engine is gone"))
    #expect(desk.press(":reconnect<CR>").contains(.reconnect))
    desk.send(.connected)
    desk.send(.engine(.welcome(version: ClientMessage.version, Scene.status)))
    #expect(desk.effects.filter { $0 == .send(.watch) }.count == 2)
    desk.send(.engine(.snapshot(Scene.snapshot())))
    #expect(!desk.text.contains("Not connected") && !desk.row(0).contains("AS OF"))
  }

  @Test func `figures turn stale by themselves when nobody says what they are`() {
    var desk = Desk(120, 36)
    desk.send(.disconnected("gone"))
    desk.press("2")
    #expect(desk.text.contains(" 4,207,753") && !desk.text.contains("~4,207,753"))
    desk.wait(milliseconds: 61_000)
    #expect(desk.text.contains("~4,207,753"))
    #expect(!desk.text.contains("~1,205,430"))
    desk.press("1")
    #expect(desk.row(0).contains("NAV ~"))
    #expect(desk.text.contains("~3.83M"))
  }

  @Test func `a whole snapshot moves no row either`() {
    var desk = Desk(120, 36)
    desk.press("2jj")
    let ether = Scene.position(Scene.ether, price: "9000", [("kraken", "812.55", "0")])
    let held = Scene.positions.dropFirst().filter { $0.asset != Scene.ether } + [ether]
    let before = ModelTests.names(desk)
    desk.send(.engine(.snapshot(Scene.snapshot(Array(held), version: 40))))
    #expect(ModelTests.names(desk) == before.filter { $0 != "BTC" })
    #expect(desk.text.contains("▶USD"))
    desk.wait(milliseconds: 5_100)
    #expect(desk.text.contains("▶USD"))
    desk.press("r")
    #expect(ModelTests.names(desk).first == "ETH")
  }

  @Test func `a client that only looks sends nothing that changes`() {
    var settings = ClientSettings()
    settings.isReadOnly = true
    var desk = Desk(80, 24, settings: settings)
    for name in Commands.changingCommands.sorted() {
      desk.press(":\(name) a b c<CR>")
      #expect(desk.text.contains("read-only"), "\(name)")
    }
    #expect(desk.requests.isEmpty)
    desk.press(":refused<CR>")
    #expect(desk.requests.map(\.verb) == ["refused"])
  }

  @Test func `held figures stand still until they are let go`() {
    var desk = Desk(80, 24)
    #expect(desk.press("p").contains(.send(.unwatch)))
    #expect(desk.row(0).contains("PAUSED"))
    let before = desk.model.board?.version
    let ether = Scene.position(Scene.ether, price: "9000", [("kraken", "812.55", "0")])
    desk.send(.engine(.change(ModelTests.change(ether))))
    #expect(desk.model.board?.version == before)
    #expect(desk.press("p").contains(.send(.watch)))
  }

  // MARK: Commands

  @Test func `requests carry what the engine asks for`() {
    var settings = ClientSettings()
    settings.workingFolder = "/data"
    settings.homeFolder = "/home/a"
    var desk = Desk(80, 24, settings: settings)
    for line in [
      "import \"a b.csv\" ~/c.csv /d.csv", "export all.json", "export e.csv", "currency eur",
      "book kraken trading", "price FLR 1 USD", "price venue:binance:FLR 0.02 USD",
      "price btc -1 USD", "link venue:binance:FLR venue:kraken:FLR", "lock",
    ] { desk.press(":" + line.replacing("<", with: "<lt>") + "<CR>") }
    #expect(
      desk.requests == [
        Request("import", ["path": "/data/a b.csv"]), Request("import", ["path": "/home/a/c.csv"]),
        Request("import", ["path": "/d.csv"]),
        Request("export", ["path": "/data/all.json", "what": "all", "format": "json"]),
        Request("export", ["path": "/data/e.csv", "what": "entries", "format": "csv"]),
        Request("set-currency", ["currency": "EUR"]),
        Request("set-book", ["account": "kraken", "book": "trading"]),
        Request(
          "set-price", ["asset": "venue:binance:FLR", "price": "0.02", "currency": "USD"]),
        Request(
          "link-asset", ["asset": "venue:binance:FLR", "canonical": "venue:kraken:FLR"]),
        Request("lock"),
      ])
    let said = desk.model.messages.map(\.text)
    #expect(said.contains { $0.contains("venue:binance:FLR or venue:kraken:FLR; say which") })
    #expect(said.contains { $0.contains("'-1' is no price") })
  }

  @Test func `an import shows its progress and what came of it`() {
    var desk = Desk(120, 36)
    desk.press(":import k.csv<CR>")
    desk.send(
      .engine(
        .progress(id: 1, Progress(stage: "importing k.csv", done: 420, total: 1_000, unit: "rows")))
    )
    #expect(desk.text.contains("importing k.csv 42 %"))
    desk.send(
      .engine(
        .report(
          id: 1,
          Report(facts: [
            .init("added", .integer(120)), .init("duplicates", .integer(3)),
            .init("refused", .integer(2)),
          ]))))
    #expect(desk.text.contains("k.csv: 120 added, 3 were there already, 2 refused"))
    #expect(desk.text.contains("Import of k.csv"))
    desk.press("<Esc>")
    #expect(!desk.text.contains("42 %"))
  }

  @Test func `a mistyped command is told the right one`() {
    var desk = Desk(80, 24)
    desk.press(":improt x<CR>")
    #expect(desk.text.contains("did you mean 'import'?"))
  }

  @Test func `the line is completed word by word`() {
    var desk = Desk(80, 24)
    desk.send(.styles(.offered(themes: ["dark", "light"], keymaps: ["vim", "emacs"])))
    desk.press(":the<Tab>")
    #expect(desk.model.prompt?.editor.text == "theme ")
    desk.press("l<Tab>")
    #expect(desk.model.prompt?.editor.text == "theme light ")
    #expect(desk.press("<CR>").contains(.loadTheme("light")))
    desk.press(":<Up>")
    #expect(desk.model.prompt?.editor.text == "theme light ")
  }

  @Test func `leaving asks at the top and goes back elsewhere`() {
    var desk = Desk(80, 24)
    desk.press("?q")
    #expect(desk.model.overlays.isEmpty)
    #expect(!desk.press("q").contains(.quit(0)))
    #expect(desk.text.contains("The engine keeps running"))
    desk.press("n")
    #expect(desk.press("qy").contains(.quit(0)))
  }

  @Test func `one press of Control-C is not enough`() {
    var desk = Desk(80, 24)
    #expect(!desk.press("<C-c>").contains(.quit(0)))
    desk.wait(milliseconds: 1_500)
    #expect(!desk.press("<C-c>").contains(.quit(0)))
    desk.wait(milliseconds: 400)
    #expect(desk.press("<C-c>").contains(.quit(0)))
  }

  @Test func `pasted text does nothing outside a line`() {
    var desk = Desk(80, 24)
    let before = desk.model.screen
    let effects = desk.send(.input(.paste("qy:q\n2", isCut: false)))
    #expect(effects.allSatisfy { if case .quit = $0 { false } else { true } })
    #expect(desk.model.screen == before)
    #expect(desk.model.prompt == nil)
    desk.press(":")
    desk.send(.input(.paste("theme dark", isCut: false)))
    #expect(desk.model.prompt?.editor.text == "theme dark")
  }

  @Test func `a held count moves that many rows`() throws {
    var desk = Desk(120, 36, settings: try GoldenTests.settings("vim"))
    desk.press("g25j")
    #expect(desk.model.list.cursor.index == 5)
  }

  @Test func `marks add up and go with Escape`() {
    var desk = Desk(120, 36)
    desk.press("2  ")
    #expect(desk.text.contains("2 marked   7.06M"))
    let copied = desk.press("yy").compactMap { if case .copy(let text) = $0 { text } else { nil } }
    #expect(copied.first?.split(separator: "\n").count == 2)
    #expect(copied.first?.hasPrefix("BTC\tnative:bitcoin\t62.418\t") == true)
    desk.press("<Esc>")
    #expect(desk.model.list.marks.isEmpty)
  }

  @Test func `nothing is asked for while nothing can change`() {
    let fresh = Scene.position(.fiat(code: "USD"), price: "1", fresh: .max, [("kraken", "5", "0")])
    var desk = Desk(80, 24, snapshot: Scene.snapshot([fresh]))
    desk.press("2")
    desk.effects = []
    for _ in 0..<100 { desk.wait(milliseconds: 10) }
    let wakes = desk.effects.compactMap { if case .wake(let at) = $0 { at } else { nil } }
    #expect(wakes.allSatisfy { $0.seconds % 60 == 0 })
    #expect(wakes.count <= 1)
  }
}
