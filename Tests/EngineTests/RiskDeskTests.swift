import Amounts
import Ledger
import Portfolio
import Prices
import Risk
import Statistics
import Testing
import VenueKit
import Venues
import Wire

@testable import Engine

/// Holdings, prices and bars that repeat from a seed.
private struct RiskWorld {
  static let bitcoin = AssetID.native(chain: "bitcoin")
  static let ether = AssetID.native(chain: "ethereum")
  static let solana = AssetID.native(chain: "solana")
  static let dollar = AssetID.fiat(code: "USD")
  /// 2025-11-21T00:00:00Z.
  static let today = Instant(seconds: 1_763_683_200)

  var assets = [bitcoin, ether, solana, .native(chain: "cardano"), dollar]
  var bars: [AssetID: [BarLength: [PriceBar]]] = [:]
  var settlement = Settlement(currency: .usDollar)
  var generator: Xoshiro256
  private var prices: [AssetID: Double] = [:]
  private let draws = NormalDraws()

  init(seed: UInt64 = 1, days: Int = 300, length: BarLength = .day) {
    generator = Xoshiro256(seed: seed)
    for (place, asset) in assets.enumerated() where asset != RiskWorld.dollar {
      prices[asset] = 100 * Double(place + 1)
    }
    let kraken = AccountID(named: "kraken")
    settlement.take(Account(id: kraken, name: "Kraken", venue: "kraken"))
    settlement.take(
      Account(id: AccountID(named: "nano"), name: "Nano", venue: "ledger-live"))
    for (place, asset) in assets.enumerated() {
      let account = place % 2 == 0 ? kraken : AccountID(named: "nano")
      let holding = Holding(free: Quantity(Fixed(whole: Int64(10 * (place + 1)))))
      settlement.take(holding, for: HoldingKey(account: account, asset: asset))
    }
    for day in 0..<days {
      let start = RiskWorld.today.advanced(bySeconds: -length.seconds * Int64(days - day))
      for bar in next(at: start, length) {
        bars[bar.asset, default: [:]][length, default: []].append(bar.bar)
      }
    }
  }

  /// One more bar of every asset, which moves its price.
  mutating func next(at start: Instant, _ length: BarLength) -> [AssetBar] {
    let market = 0.02 * draws.next(&generator)
    var made: [AssetBar] = []
    for asset in assets where asset != RiskWorld.dollar {
      let change = market + 0.03 * draws.next(&generator)
      let price = (prices[asset] ?? 1) * (1 + max(change, -0.5))
      prices[asset] = price
      made.append(
        AssetBar(
          asset: asset, length: length,
          bar: PriceBar(start: start, price: RiskWorld.price(price))))
    }
    return made
  }

  static func price(_ value: Double) -> Price {
    Price(Fixed(units: Int128((value * 1e6).rounded()) * (Fixed.scale / 1_000_000)))
  }

  /// A new price of an asset reaches its position.
  mutating func quote(_ asset: AssetID, _ value: Double, at now: Instant) throws -> [Position] {
    let quote = try #require(
      Quote(
        asset: asset, price: RiskWorld.price(value), currency: .usDollar, time: now,
        source: .feed("f")))
    settlement.take(quote)
    return settlement.settle(at: now)?.changed ?? []
  }

  /// All positions at the last prices.
  mutating func opened(at now: Instant) throws -> [Position] {
    for asset in assets where asset != RiskWorld.dollar {
      let quote = try #require(
        Quote(
          asset: asset, price: RiskWorld.price(prices[asset] ?? 1), currency: .usDollar,
          time: now, source: .feed("f")))
      settlement.take(quote)
    }
    return settlement.settle(at: now)?.changed ?? []
  }

  func of(_ asset: AssetID, _ length: BarLength) -> [PriceBar] { bars[asset]?[length] ?? [] }

  /// A desk that has taken everything in.
  mutating func desk(
    _ settings: RiskSettings = RiskSettings(), venues: VenueCatalogue = .builtIn
  ) throws -> RiskDesk {
    var desk = RiskDesk(currency: .usDollar, settings: settings, venues: venues.ids)
    let now = RiskWorld.today
    let changed = try opened(at: now)
    _ = desk.settled(settlement, changed: changed, removed: [], at: now)
    let world = self
    desk.renew { world.of($0, $1) }
    return desk
  }
}

@Suite struct RiskDeskTests {
  private func isClose(_ a: Double, _ b: Double, _ scale: Double) -> Bool {
    abs(a - b) <= 1e-11 * scale
  }

  @Test(arguments: 1...25 as ClosedRange<UInt64>)
  func `books after ticks and bars equal books made anew`(seed: UInt64) throws {
    var world = RiskWorld(seed: seed, days: 255)
    var desk = try world.desk()
    var now = RiskWorld.today
    for day in 0..<12 {
      let start = RiskWorld.today.advanced(bySeconds: 86_400 * Int64(day))
      for tick in 0..<9 {
        now = start.advanced(bySeconds: Int64(600 * (tick + 1)))
        let asset = world.assets[Int(world.generator.next() % 4)]
        let price = 50 + 400 * world.generator.unit()
        let changed = try world.quote(asset, price, at: now)
        _ = desk.settled(world.settlement, changed: changed, removed: [], at: now)
      }
      let over = world.next(at: start, .day)
      for bar in over { world.bars[bar.asset, default: [:]][.day, default: []].append(bar.bar) }
      now = start.advanced(bySeconds: 86_400)
      // One asset's bar comes late, as its price does.
      _ = desk.take(Array(over.dropFirst()), at: now)
      _ = desk.take(Array(over.prefix(1)), at: now.advanced(bySeconds: 5))
    }
    let carriedNow = desk.figures()
    let carried = try #require(carriedNow)
    var anew = desk
    let copy = world
    anew.renew { copy.of($0, $1) }
    let freshNow = anew.figures()
    let fresh = try #require(freshNow)
    let scale = max(carried.volatility, 1) * 10
    #expect(isClose(carried.volatility, fresh.volatility, scale), "SEED=\(seed)")
    #expect(isClose(carried.valueAtRisk, fresh.valueAtRisk, scale), "SEED=\(seed)")
    let before = try #require(carried.historical)
    let after = try #require(fresh.historical)
    #expect(before.scenarioCount == after.scenarioCount)
    #expect(isClose(before.valueAtRisk, after.valueAtRisk, scale * 10), "SEED=\(seed)")
    #expect(isClose(before.expectedShortfall, after.expectedShortfall, scale * 10))
    #expect(desk.model?.returns.map(\.count) == anew.model?.returns.map(\.count))
    let sums = (desk.gross, desk.net, desk.herfindahl ?? 0)
    #expect(isClose(sums.0, anew.gross, anew.gross) && isClose(sums.1, anew.net, anew.gross))
    #expect(isClose(sums.2, anew.herfindahl ?? 1, 1))
  }

  @Test func `a full window forgets the oldest bar and stays the same as one made anew`() throws {
    var settings = RiskSettings()
    settings.window = 260
    var world = RiskWorld(seed: 5, days: 262)
    var desk = try world.desk(settings)
    for day in 0..<20 {
      let start = RiskWorld.today.advanced(bySeconds: 86_400 * Int64(day))
      let over = world.next(at: start, .day)
      for bar in over { world.bars[bar.asset, default: [:]][.day, default: []].append(bar.bar) }
      _ = desk.take(over, at: start.advanced(bySeconds: 86_400))
    }
    var anew = desk
    let copy = world
    anew.renew { copy.of($0, $1) }
    #expect(desk.model?.starts.count == 260)
    #expect(desk.model?.starts == anew.model?.starts)
    let (first, second) = (desk.figures(), anew.figures())
    let (one, other) = (try #require(first), try #require(second))
    // 0.94 to the 260th is 10⁻⁷ of the first bar's weight.
    #expect(abs(one.volatility - other.volatility) <= 1e-6 * other.volatility)
    let gap = (one.historical?.valueAtRisk ?? 0) - (other.historical?.valueAtRisk ?? 1)
    #expect(abs(gap) < 1e-6)
  }

  @Test func `components add up, and what is left out is counted`() throws {
    var world = RiskWorld(days: 300)
    world.bars[RiskWorld.solana]?[.day]?.removeFirst(200)
    world.bars[.native(chain: "cardano")]?[.day]?.removeFirst(285)
    let desk = try world.desk()
    let report = try #require(desk.board(Board.riskParts, at: RiskWorld.today))
    let total = try #require(report["value_at_risk"].number)
    let sum = report.rows.indices.reduce(0.0) {
      $0 + (report.cell($1, "component").number ?? 0)
    }
    #expect(abs(sum - total) < 0.05)
    #expect(report["assets_by_proxy"] == .integer(1))
    #expect(report["assets_left_out"] == .integer(1))
    #expect(report["assets_with_own_prices"] == .integer(2))
    #expect(report["cash_is_riskless"] == .flag(true))
    #expect(report["sample"] == .integer(299))
    // 10 BTC at a tenth of 50 a day.
    let volumes = [RiskWorld.bitcoin: Fixed(whole: 50)]
    let sold = try #require(
      desk.board(Board.riskParts, at: RiskWorld.today, volumes: volumes))
    for row in sold.rows.indices {
      let days = sold.cell(row, "days_to_sell")
      #expect(sold.text(row, "name") == "BTC" ? days.number == 2 : days == .none)
    }
    let names = report.rows.indices.map { report.text($0, "name") }
    let sources = report.rows.indices.map { report.text($0, "source") }
    let solana = try #require(names.firstIndex(of: "SOL"))
    #expect(sources[solana].hasPrefix("66% by BTC, beta "))
    let cardano = try #require(names.firstIndex(of: "ADA"))
    #expect(sources[cardano] == "left out: 14 of 20 returns")
  }

  @Test func `too few returns are refused with their number`() throws {
    var world = RiskWorld(days: 41)
    let desk = try world.desk()
    #expect(desk.model == nil)
    #expect(desk.refusal == .tooFew(have: 40, needed: 60))
    let report = try #require(desk.board(Board.risk, at: RiskWorld.today))
    // Before a study is there, all that there is follows every tick.
    #expect(desk.board(Board.riskLive, at: RiskWorld.today) == report)
    #expect(report["refused"] == .text("40 of 60 returns that it needs"))
    #expect(!report.rows.isEmpty)
    for row in report.rows.indices {
      #expect(report.cell(row, "value") == .none)
      #expect(report.text(row, "refused") == "40 of 60 returns that it needs")
    }
  }

  @Test func `a historical figure wants 250 returns where a normal one wants 60`() throws {
    var world = RiskWorld(days: 101)
    let desk = try world.desk()
    let input = desk.input(at: RiskWorld.today)
    for line in RiskStudy(input).lines {
      switch line.method {
      case .parametric, .monteCarlo: #expect(line.valueAtRisk != nil)
      case .historical, .filtered, .cornishFisher:
        #expect(line.valueAtRisk == nil)
        #expect(line.refusal == "100 of 250 returns that it needs")
      }
    }
  }

  @Test func `hours stand in while there are too few days, and are said to`() throws {
    var world = RiskWorld(days: 200, length: .hour)
    let desk = try world.desk()
    let report = try #require(desk.board(Board.risk, at: RiskWorld.today))
    #expect(report["bars"] == .text("hours"))
    #expect(report["sample"] == .integer(199))
    #expect(report.text(0, "note").hasSuffix("hours times root of 24"))
    let book = try #require(desk.model?.book)
    let day = try #require(report.cell(2, "value").number)
    #expect(report.cell(2, "confidence").number == 0.99)
    #expect(abs(day - book.valueAtRisk * 24.0.squareRoot()) < 0.01)
  }

  @Test func `the study's figures are those of the conformance functions`() throws {
    var world = RiskWorld(days: 300)
    let desk = try world.desk()
    let input = desk.input(at: RiskWorld.today)
    let study = RiskStudy(input, confidences: [0.99], horizons: [1])
    let profits = input.table.portfolio(input.exposures)
    let losses = try #require(HistoricalLosses(profits))
    let historical = try #require(study.lines.first { $0.method == .historical })
    #expect(historical.valueAtRisk == losses.valueAtRisk(0.99))
    #expect(historical.shortfall == losses.expectedShortfall(0.99))
    var copy = desk
    let now = copy.figures()
    let carried = try #require(now?.historical)
    #expect(abs(carried.valueAtRisk - (historical.valueAtRisk ?? 0)) < 1e-6)
    #expect(abs(carried.expectedShortfall - (historical.shortfall ?? 0)) < 1e-6)
    let parametric = try #require(study.lines.first { $0.method == .parametric })
    #expect(abs((parametric.valueAtRisk ?? 0) - (desk.model?.book.valueAtRisk ?? 1)) < 1e-6)
    // Student's tails with the sample's covariance lie beside the normal figure, not far from it.
    let drawn = try #require(study.lines.first { $0.method == .monteCarlo }?.valueAtRisk)
    let deviation = try #require(Sample(profits).standardDeviation())
    #expect(drawn > 2 * deviation && drawn < 3.4 * deviation)
    #expect(study.backtests.count == 4)
  }

  @Test func `a crash of the past takes its own changes, then betas, and says what is unknown`()
    throws
  {
    var world = RiskWorld(days: 300)
    let desk = try world.desk()
    let crash = try #require(Crash.named.first { $0.name == "covid-2020-03" })
    let blow = desk.blow(crash)
    // Closes of Binance: BTC 8893.81 to 5578.60, ETH 237.23 to 134.06, ADA 0.04808 to 0.02802.
    let own = [
      (RiskWorld.bitcoin, -0.3723), (RiskWorld.ether, -0.4349),
      (AssetID.native(chain: "cardano"), -0.4173),
    ]
    let known = own.reduce(0.0) { $0 + (desk.values[$1.0] ?? 0) * $1.1 }
    let place = try #require(desk.model?.index[RiskWorld.solana])
    let beta = try #require(desk.model?.grid.betas[place])
    let rest = (desk.values[RiskWorld.solana] ?? 0) * max(beta * -0.3723, -1)
    #expect(abs(blow.profit - known - rest) < 1e-6)
    #expect(blow.byBeta == desk.values[RiskWorld.solana])
    #expect(blow.unknown == 0)
  }

  @Test func `a supposed change hits what it names, and by covariance the others`() throws {
    var world = RiskWorld(days: 300)
    let desk = try world.desk()
    let alone = desk.supposed(["BTC": -0.3], spreads: false)
    let bitcoin = try #require(desk.values[RiskWorld.bitcoin])
    #expect(abs((alone["value"].number ?? 0) + 0.3 * bitcoin) < 0.01)
    let spread = desk.supposed(["BTC": -0.3], spreads: true)
    #expect((spread["value"].number ?? 0) < (alone["value"].number ?? 0))
    let all = desk.supposed(["*": -0.1], spreads: false)
    let cash = desk.values[RiskWorld.dollar] ?? 0
    #expect(abs((all["value"].number ?? 0) + 0.1 * (desk.net - cash)) < 0.01)
  }

  @Test func `limits say what is left and what is exceeded`() throws {
    var settings = RiskSettings()
    settings.limits = try #require(RiskLimits("asset=10%,venue=0.99,var99=50%"))
    var world = RiskWorld(days: 300)
    let desk = try world.desk(settings)
    let uses = desk.limitUses()
    #expect(uses.map(\.kind) == [.valueAtRisk, .asset, .venue])
    #expect(uses.map(\.state) == [.ok, .breach, .ok])
    #expect(uses[2].name == "kraken")
    let whole = desk.values.values.reduce(0, +)
    let kraken = [RiskWorld.bitcoin, RiskWorld.solana, RiskWorld.dollar]
      .reduce(0.0) { $0 + (desk.values[$1] ?? 0) }
    #expect(abs(uses[2].value - kraken / whole) < 1e-9)
    #expect(RiskLimits("asset=-1") == nil)
    #expect(RiskLimits("nothing=1") == nil)
    #expect(RiskLimits(settings.limits.text) == settings.limits)
  }

  @Test func `a gap of a bar is a price carried, a long one is filled by the proxy`() throws {
    var world = RiskWorld(days: 300)
    world.bars[RiskWorld.ether]?[.day]?.remove(at: 150)
    world.bars[RiskWorld.solana]?[.day]?.removeSubrange(100..<110)
    let desk = try world.desk()
    let grid = try #require(desk.model?.grid)
    // The gap of one and the first three of ten.
    #expect(grid.carried == 4)
    #expect(grid.sources[RiskWorld.ether] == .own)
    let ether = try #require(desk.model?.index[RiskWorld.ether])
    #expect(grid.returns[ether][149] == 0)
    guard case .proxy(let use) = grid.sources[RiskWorld.solana] else {
      Issue.record("no proxy")
      return
    }
    // Seven bars without a price, and the bar after them whose return has no beginning.
    #expect(use.filledReturns == 8)
  }

  @Test func `an asset that trades anew makes books anew after a moment`() throws {
    var world = RiskWorld(days: 300)
    var desk = try world.desk()
    #expect(!desk.isOld)
    let new = AssetID.native(chain: "dogecoin")
    let now = RiskWorld.today.advanced(bySeconds: 60)
    world.settlement.take(
      Holding(free: Quantity(.one)),
      for: HoldingKey(account: AccountID(named: "kraken"), asset: new))
    let changed = try world.quote(new, 5, at: now)
    _ = desk.settled(world.settlement, changed: changed, removed: [], at: now)
    let due = try #require(desk.wakeAt(after: now))
    #expect(due == now.advanced(bySeconds: 1))
    let copy = world
    let isChanged = desk.tick(at: due) { copy.of($0, $1) }
    #expect(isChanged)
    #expect(desk.model?.grid.sources[new] == .leftOut(have: 0))
    #expect(!desk.isOld)
  }

  @Test func `hours that are missed are not invented`() throws {
    var world = RiskWorld(days: 300)
    var desk = try world.desk()
    let later = RiskWorld.today.advanced(bySeconds: 86_400 * 3)
    let over = world.next(at: later, .day)
    _ = desk.take(over, at: later.advanced(bySeconds: 86_400))
    #expect(desk.isOld, "three days without a bar: the books are made of what is stored")
  }

  @Test func `another currency starts over`() throws {
    var world = RiskWorld(days: 300)
    var desk = try world.desk()
    world.settlement.take(Currency.euro)
    let now = RiskWorld.today.advanced(bySeconds: 1)
    let change = world.settlement.settle(at: now)
    _ = desk.settled(world.settlement, changed: change?.changed ?? [], removed: [], at: now)
    #expect(desk.currency == .euro)
    #expect(desk.model == nil && desk.isOld)
  }

  @Test func `what is computed beside the loop is asked for once, and again when a bar is over`()
    throws
  {
    var world = RiskWorld(days: 300)
    var desk = try world.desk()
    let now = RiskWorld.today
    let boards: Set = [Board.risk, Board.heatmap + "spearman:90", Board.radar + "spearman:90"]
    func wanted(_ desk: inout RiskDesk) -> [RiskTask] {
      let copy = desk
      return desk.studies.wanted(boards, at: now) { copy.input(at: now) }
    }
    let tasks = wanted(&desk)
    #expect(tasks.count == 2)
    #expect(wanted(&desk).isEmpty)
    for task in tasks { desk.studies.take(task.run()) }
    #expect(wanted(&desk).isEmpty)
    let map = try #require(desk.board(Board.heatmap + "spearman:90", at: now))
    #expect(map.rows.count == 4 && map.columns.count == 6)
    #expect(map["sample"] == .integer(90))
    for row in map.rows.indices { #expect(map.rows[row][row + 2].number == 1) }
    let radar = try #require(desk.board(Board.radar + "spearman:90", at: now))
    #expect(radar["pairs"] == .integer(6))
    #expect(radar["alarm_rate"].number == 0.01)
    let risk = try #require(desk.board(Board.risk, at: now))
    #expect(Set(risk.rows.indices.map { risk.text($0, "method") }).count == 5)
    let over = world.next(at: now, .day)
    _ = desk.take(over, at: now.advanced(bySeconds: 86_400))
    #expect(wanted(&desk).count == 2)
  }

  @Test func `unknown boards are of another desk or empty`() throws {
    var world = RiskWorld(days: 70)
    let desk = try world.desk()
    #expect(desk.board("accounts", at: RiskWorld.today) == nil)
    #expect(desk.board("heatmap:bogus:1", at: RiskWorld.today) == Report())
    #expect(desk.board("exposure:moon", at: RiskWorld.today) == Report())
    let venues = try #require(desk.board("exposure:venue", at: RiskWorld.today))
    #expect(venues.rows.count == 2)
    #expect(Set(venues.rows.indices.map { venues.text($0, "name") }) == ["kraken", "own wallets"])
  }

  // An adapter's venue holds what lies there as a built-in one does.
  @Test func `what lies at a venue is whose it is by the venues that are known`() throws {
    var world = RiskWorld(days: 70)
    var firm = try #require(VenueCatalogue.builtIn.named("kraken"))
    firm.id = "ledger-live"
    let desk = try world.desk(venues: VenueCatalogue([firm]))
    let venues = try #require(desk.board("exposure:venue", at: RiskWorld.today))
    let names = Set(venues.rows.indices.map { venues.text($0, "name") })
    #expect(names == ["ledger-live", "own wallets"])
  }
}
