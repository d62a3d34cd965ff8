import Amounts
import Canvas
import Ledger
import Portfolio
import TestSupport
import Testing
import Wire

@testable import Screens

/// Positions put together by venue, account, sleeve, chain and issuer.
@Suite struct GroupTests {
  /// A client on the screen of positions.
  static func desk(
    _ by: String, _ width: Int = 120, _ height: Int = 36, isPrivate: Bool = false
  ) throws -> Desk {
    var desk = try DrillDownTests.desk(width, height, isPrivate: isPrivate)
    desk.press("2:group \(by)<CR>gg")
    return desk
  }

  /// The names of groups with how many positions each has.
  static func groups(_ desk: Desk) -> [String] {
    desk.model.list.groups.map { "\($0.key) \($0.slots.count)" }
  }

  private func row(_ desk: Desk, _ name: String) throws -> String {
    try #require(
      (0..<desk.model.frame().size.height).map { desk.row($0) }.first { $0.contains(name) })
  }

  @Test func `each venue has its sum with its marks, and positions lie in it with their parts`()
    throws
  {
    let desk = try GroupTests.desk("venue")
    #expect(GroupTests.groups(desk) == ["ledger-live 4", "kraken 5", "coinbase 2", "binance 5"])
    // 20.118 BTC at 67,412.5 + 402.55 ETH at 3,512.2 + 105,430.25 USD + 6,120 SOL at 152.38
    // + 812,000 FLR at 0.02345.
    #expect(try row(desk, "▾ kraken ").contains(" 3,827,078"))
    // ADA and LTC of the wallet have old prices.
    #expect(try row(desk, "▾ ledger-live ").contains(" ~4,130,949"))
    // FLR and SHIB2 have none: 110 ETH, 910 BNB at 588.1, 9,800 AVAX at 35.91.
    let binance = try row(desk, "▾ binance ?2")
    #expect(binance.contains(" ?1,273,431"))
    #expect(try row(desk, "▾ coinbase ").contains(" 1,350,050"))
    let lines = (0..<36).map { desk.row($0) }
    let bitcoin = lines.filter { $0.contains("  BTC ") }
    #expect(bitcoin.count == 2)
    #expect(bitcoin[0].contains("42.3000") && bitcoin[0].contains("2,851,549"))
    #expect(bitcoin[1].contains("20.1180") && bitcoin[1].contains("1,356,205"))
    #expect(desk.text.contains("12 positions   by value ↓   in 4 venues"))
  }

  @Test func `the groups of every grouping add up to the whole`() throws {
    for grouping in PositionGrouping.allCases where grouping != .none {
      let desk = try GroupTests.desk(grouping.rawValue)
      let model = desk.model
      let sums = model.list.groups.map { model.figures(of: $0, in: model.list).sum }
      let total = sums.reduce(Fixed.zero) { Scene.plus($0, $1.value) }
      #expect(total == Scene.totals(Scene.positions).value, "\(grouping)")
      #expect(sums.reduce(0) { $0 + $1.unpriced } == 2, "\(grouping)")
    }
  }

  @Test(arguments: [
    ("account", ["ledger-nano 4", "kraken 5", "treasury 2", "binance 5"]),
    ("sleeve", ["main 9", "cold 4", "treasury 2"]),
    ("issuer", [" 11", "Circle 1"]),
  ])
  func `other groupings`(_ by: String, _ expected: [String]) throws {
    let desk = try GroupTests.desk(by)
    let found = GroupTests.groups(desk)
    #expect(Set(found) == Set(expected), "\(found)")
  }

  @Test func `by chain, what lives on none stands together`() throws {
    let desk = try GroupTests.desk("chain")
    #expect(desk.model.list.groups.contains { $0.key == "ethereum" && $0.slots.count == 2 })
    // USD and the three codes that only venues know.
    #expect(try row(desk, "▾ no chain ?2").contains("?1,224,472"))
  }

  @Test func `Enter and space close and open a group with the cursor on it`() throws {
    var desk = try GroupTests.desk("venue")
    #expect(desk.model.list.count == 4 + 4 + 5 + 2 + 5)
    desk.press("<CR>")
    #expect(desk.model.list.count == 4 + 5 + 2 + 5)
    #expect(try row(desk, "ledger-live").contains("▶▸ ledger-live "))
    desk.press(" ")
    #expect(desk.model.list.count == 20)
    desk.press("tG")
    #expect(desk.model.list.count == 4)
    desk.press("G<CR>")
    #expect(desk.model.list.cursor.index == 3)
    #expect(desk.model.list.count == 9)
    desk.press("tGtG")
    #expect(desk.model.list.count == 20)
  }

  @Test func `Enter on a part opens the position at its account, and Esc returns to the part`()
    throws
  {
    var desk = try GroupTests.desk("account")
    // The first group is the wallet's; its first position is BTC, second among the accounts of it.
    desk.press("j<CR>")
    #expect(desk.text.contains("Positions › BTC by account"))
    #expect(desk.model.drill?.cursor.index == 1)
    desk.press("<Esc>")
    #expect(desk.model.list.cursor.index == 1)
  }

  @Test func `a key goes through the groupings and keeps the position under the cursor`() throws {
    var desk = try DrillDownTests.desk()
    desk.press("2jjtg")
    #expect(desk.model.list.grouping == .venue)
    #expect(desk.text.contains("Grouped by venue."))
    let board = try #require(desk.model.board)
    #expect(desk.model.list.selected(on: board)?.ticker == "USD")
    desk.press("tgtgtgtgtg")
    #expect(desk.model.list.grouping == .none)
    #expect(desk.model.list.selected(on: board)?.ticker == "USD")
    desk.press("tgu")
    #expect(desk.model.list.grouping == .none)
    #expect(desk.text.contains("Undone: groups"))
    desk.press(":group moon<CR>")
    #expect(desk.text.contains("group: by none, venue, account, sleeve, chain, issuer"))
  }

  @Test func `a filter looks at the parts of each account`() throws {
    var desk = try GroupTests.desk("account")
    desk.press("/account:kraken value<gt>1m<CR>")
    #expect(GroupTests.groups(desk) == ["kraken 2"])
    #expect(desk.text.contains("2 of 12 shown"))
    #expect(!desk.text.contains("figures over all accounts"))
    let sum = try #require(desk.model.list.groups.first).slots.count
    #expect(sum == 2)
    // 1,356,204.675 + 1,413,836.11
    #expect(try row(desk, "▾ Kraken ").contains("2,770,041"))
  }

  @Test func `groups and what is in them are sorted by the column`() throws {
    var desk = try GroupTests.desk("venue")
    desk.press(":sort asset<CR>")
    #expect(
      GroupTests.groups(desk) == ["binance 5", "coinbase 2", "kraken 5", "ledger-live 4"])
    let board = try #require(desk.model.board)
    let first = try #require(desk.model.list.groups.first)
    #expect(
      first.slots.compactMap { board.row($0)?.ticker } == ["AVAX", "BNB", "ETH", "FLR", "SHIB2"])
    desk.press("S")
    #expect(GroupTests.groups(desk).first == "ledger-live 4")
    desk.press(":sort value<CR>S")
    #expect(GroupTests.groups(desk) == ["binance 5", "coinbase 2", "kraken 5", "ledger-live 4"])
    // In Kraken ETH is worth more than BTC, in all accounts together it is not.
    desk.press("S")
    let kraken = try #require(desk.model.list.groups.first { $0.key == "kraken" })
    #expect(kraken.slots.compactMap { board.row($0)?.ticker }.prefix(2) == ["ETH", "BTC"])
  }

  @Test func `rows hold still while quotes move, and a new part comes last in its group`() throws {
    var desk = try GroupTests.desk("venue")
    desk.press("jjj")
    let before = desk.model.list.items
    let line = try row(desk, "▶")
    let ether = Scene.position(Scene.ether, price: "9000", [("kraken", "812.55", "0")])
    desk.send(.engine(.change(ModelTests.change(ether))))
    // It lies at Kraken alone now: its other two parts are gone, the row under the cursor stays.
    #expect(desk.model.list.items.count == before.count - 2)
    #expect(try row(desk, "▶").prefix(12) == line.prefix(12))
    #expect(GroupTests.groups(desk) == ["ledger-live 3", "kraken 5", "coinbase 2", "binance 4"])
    let back = Scene.position(
      Scene.ether, price: "1", [("kraken", "1", "0"), ("treasury", "1", "0")])
    var change = ModelTests.change(back)
    change = ChangeSet(
      from: 8, to: 9, time: change.time, changed: [back], removed: [], accounts: nil,
      totals: change.totals)
    desk.send(.engine(.change(change)))
    let coinbase = try #require(desk.model.list.groups.first { $0.key == "coinbase" })
    #expect(coinbase.slots.count == 3)
    #expect(desk.model.board?.row(coinbase.slots[2])?.ticker == "ETH")
  }

  @Test(arguments: Array(1...20) as [UInt64])
  func `law: after any changes the groups are those of sorting anew`(_ seed: UInt64) throws {
    var random = Seeded(seed)
    let grouping =
      PositionGrouping.allCases.filter { $0 != .none }
      .randomElement(using: &random) ?? .venue
    var desk = try GroupTests.desk(grouping.rawValue)
    for version in 7..<27 {
      let old = Scene.positions.randomElement(using: &random) ?? Scene.positions[0]
      let isGone = Int.random(in: 0..<4, using: &random) == 0
      let names = Scene.accounts.map(\.id.slug).filter { _ in Bool.random(using: &random) }
      let new = Scene.position(
        old.asset, price: Bool.random(using: &random) ? "3" : nil,
        (names.isEmpty ? ["kraken"] : names).map { ($0, "2", "0") })
      let removed = isGone && desk.model.board?.slot(of: old.asset) != nil ? [old.asset] : []
      desk.send(
        .engine(
          .change(
            ChangeSet(
              from: UInt64(version), to: UInt64(version) + 1, time: Scene.now,
              changed: removed.isEmpty ? [new] : [], removed: removed, accounts: nil,
              totals: Scene.totals(Scene.positions)))))
    }
    let kept = desk.model.list
    desk.press("r")
    func content(_ list: PositionList) -> [String: Set<Int>] {
      Dictionary(
        list.groups.map { ($0.key, Set($0.slots)) }, uniquingKeysWith: { $0.union($1) })
    }
    #expect(content(kept) == content(desk.model.list), "SEED=\(seed)")
    #expect(Set(kept.order) == Set(desk.model.list.order), "SEED=\(seed)")
  }

  @Test func `privacy shows no amount in groups or their explanation`() throws {
    for by in ["venue", "chain"] {
      var desk = try GroupTests.desk(by, isPrivate: true)
      for key in ["", "d", "<Esc>tG"] {
        desk.press(key)
        for secret in ["3,827", "4,130", "1,273", "1.27M", "4.13M", "42.3", "20.11"] {
          #expect(!desk.text.contains(secret), "\(secret) by \(by) after '\(key)'")
        }
      }
    }
  }

  @Test(arguments: [GlyphSet.unicode, .ascii])
  func `hostile names of groups leave clean frames`(_ glyphs: GlyphSet) throws {
    var settings = try GoldenTests.settings()
    settings.glyphs = glyphs
    var desk = Desk(80, 24, settings: settings, snapshot: HostileTests.snapshot)
    for grouping in PositionGrouping.allCases {
      desk.press("2:group \(grouping.rawValue)<CR>gg")
      for key in ["", "d", "<Esc><CR>", "tG", "G"] {
        desk.press(key)
        #expect(HostileTests.isClean(desk.model.frame(), glyphs: glyphs), "\(grouping) \(key)")
      }
    }
  }
}
