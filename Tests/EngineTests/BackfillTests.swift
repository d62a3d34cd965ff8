import Amounts
import Ledger
import Portfolio
import Prices
import Sync
import Testing
import Vault
import VenueKit
import Venues
import Wire

@testable import Engine
@testable import Simulator

/// Candles that are asked for behind everything else.
@Suite struct BackfillTests {
  private static let bitcoin = AssetID.native(chain: "bitcoin")

  /// A vault that keeps bars, with a wallet that holds a bitcoin.
  private func contents(
    venues: [String] = ["kraken", "bitfinex"], isFollowed: Bool = true,
    coverage: [BarCoverage] = []
  ) -> VaultContents {
    let account = AccountID(named: "cold")
    var contents = VaultContents.nothing
    contents.holdings = [
      HoldingKey(account: account, asset: Self.bitcoin): Holding(free: Quantity(.one))
    ]
    contents.priceVenues = venues
    contents.keepsBars = true
    contents.coverage = coverage
    if isFollowed {
      contents.connections = [
        FollowedAccount(
          account: account, venue: "bitcoin", settings: SyncSettings(), states: [:],
          isPaused: true,
          // The address of the first block: https://en.bitcoin.it/wiki/Genesis_block
          watch: WatchedText(
            text: "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", chain: "bitcoin", server: ""))
      ]
    }
    return contents
  }

  private func isOfCandles(_ path: String) -> Bool {
    path.contains("candles") || path.contains("OHLC") || path.contains("klines")
  }

  private func bars(_ engine: VirtualEngine, _ length: BarLength, venue: String? = nil)
    -> [BarRecord]
  {
    engine.bars.filter {
      $0.asset == Self.bitcoin && $0.length == length && $0.source != .own
        && (venue == nil || $0.source == .venue(venue ?? ""))
    }
  }

  @Test func `days of years, hours of a month and minutes of hours come, each once`() throws {
    let engine = VirtualEngine(["kraken", "bitfinex"], contents: contents(venues: ["bitfinex"]))
    engine.run(seconds: 120)
    for (length, least) in [(BarLength.day, 1_094), (.hour, 719), (.minute, 238)] {
      let found = bars(engine, length)
      #expect(found.count >= least, "\(length): \(found.count)")
      #expect(Set(found.map(\.bar.start)).count == found.count)
      #expect(found.allSatisfy { $0.bar.start.advanced(bySeconds: length.seconds) <= engine.now })
      #expect(found.allSatisfy { length.start(of: $0.bar.start) == $0.bar.start })
    }
  }

  @Test func `what has no room wakes nobody until there is some`() throws {
    let now = Instant(seconds: 1_767_225_600)
    var desk = BackfillDesk(venues: .builtIn)
    desk.begin([])
    var places: [AssetID: [BackfillDesk.Place]] = [:]
    for code in ["AAA", "BBB", "CCC", "DDD"] {
      places[.venue(venue: "kraken", code: code)] = [
        BackfillDesk.Place(
          venue: "kraken", market: Market(id: code + "USD", base: code, quote: "USD"),
          currency: .usDollar)
      ]
    }
    desk.learn(Set(places.keys), places, at: now)
    #expect(try #require(desk.wakeAt) <= now)
    let pages = desk.due(at: now)
    #expect(pages.count == BackfillDesk.mostAtVenue)
    #expect(try #require(desk.wakeAt) > now)
    let page = try #require(pages.first)
    let fault = VenueFault.refused(VenueRefusal(.retryable, message: "busy"))
    _ = desk.take(.failed(wasSent: false, fault), of: page, at: now)
    #expect(try #require(desk.wakeAt) <= now)
    #expect(desk.due(at: now).count == 1)
  }

  @Test func `candles are the simulated market's own prices`() throws {
    let engine = VirtualEngine(["kraken"], contents: contents(venues: ["kraken"]))
    engine.run(seconds: 60)
    let exchange = try #require(engine.dialects["kraken"]?.exchange)
    let market = try #require(
      exchange.listing.markets.first { $0.base == "BTC" && $0.quote == "USD" })
    let hour = try #require(bars(engine, .hour).first)
    let close = exchange.prices.fixedPrice(market, at: hour.bar.start.advanced(bySeconds: 3_600))
    #expect(hour.bar.close.fixed == close)
    #expect(hour.source == .venue("kraken"))
  }

  @Test func `hours that were back-filled tell the change of a day`() throws {
    let engine = VirtualEngine(["bitfinex"], contents: contents(venues: ["bitfinex"]))
    engine.run(seconds: 120)
    _ = engine.heard()
    engine.say(.watch)
    let shots = engine.heard().compactMap { message -> Snapshot? in
      guard case .snapshot(let snapshot) = message else { return nil }
      return snapshot
    }
    let position = try #require(shots.last?.positions.first)
    #expect(position.asset == Self.bitcoin)
    let then = engine.now.advanced(bySeconds: -86_400)
    let hour = bars(engine, .hour).filter { $0.bar.start.advanced(bySeconds: 3_600) <= then }
      .max { $0.bar.start < $1.bar.start }
    let open = try #require(position.dayOpenValue)
    #expect(open == hour?.bar.close.fixed)
  }

  @Test func `what was asked for before is not asked for again`() throws {
    let first = VirtualEngine(["bitfinex"], contents: contents(venues: ["bitfinex"]))
    first.run(seconds: 120)
    let asked = first.calls.filter(isOfCandles).count
    #expect(asked > 3)
    let second = VirtualEngine(
      ["bitfinex"], contents: contents(venues: ["bitfinex"], coverage: first.coverage))
    second.run(seconds: 20)
    #expect(second.calls.filter(isOfCandles).isEmpty, "\(second.calls)")
  }

  @Test func `nobody is asked for candles off the network or where nothing is followed`() {
    var offline = EngineCore.Mode()
    offline.isOffline = true
    let engines = [
      VirtualEngine(["kraken"], mode: offline, contents: contents()),
      VirtualEngine(["kraken"], contents: contents(isFollowed: false)),
    ]
    for engine in engines {
      engine.run(seconds: 30)
      #expect(engine.calls.isEmpty)
    }
  }

  @Test func `a venue that fails for a while is asked again and everything comes`() {
    let engine = VirtualEngine(["bitfinex"], contents: contents(venues: ["bitfinex"]))
    var failures = 0
    engine.spoil = { job in
      guard isOfCandles(job.call.path), failures < 4 else { return nil }
      failures += 1
      let status = failures % 2 == 0 ? 429 : 503
      return .answered(IncomingAnswer(status: status, headers: [], body: Array("{}".utf8)))
    }
    engine.run(seconds: 300)
    #expect(failures == 4)
    #expect(Set(bars(engine, .day).map(\.bar.start)).count >= 1_094)
    #expect(bars(engine, .day).count == Set(bars(engine, .day).map(\.bar.start)).count)
  }

  @Test func `where one venue has no candles the next one is asked`() {
    let engine = VirtualEngine(["kraken", "bitfinex"], contents: contents())
    engine.spoil = { job in
      guard job.venue == "bitfinex", isOfCandles(job.call.path) else { return nil }
      return .answered(IncomingAnswer(status: 200, headers: [], body: Array("[]".utf8)))
    }
    engine.run(seconds: 120)
    #expect(bars(engine, .day, venue: "bitfinex").isEmpty)
    // Kraken tells the last 720 candles, whatever is asked for.
    #expect(bars(engine, .day, venue: "kraken").count >= 718)
    let notes = engine.coverage.filter { $0.venue == "bitfinex" && $0.asset == Self.bitcoin }
    #expect(!notes.isEmpty && notes.allSatisfy { !$0.note.isEmpty })
  }

  @Test func `an answer that is nonsense gives no bar and no end of the engine`() {
    let engine = VirtualEngine(["bitfinex"], contents: contents(venues: ["bitfinex"]))
    engine.spoil = { job in
      guard isOfCandles(job.call.path) else { return nil }
      let body = #"[[1,2],["x"],[1767139200000,-5,-5,-5,-5,0]]"#
      return .answered(IncomingAnswer(status: 200, headers: [], body: Array(body.utf8)))
    }
    engine.run(seconds: 120)
    #expect(bars(engine, .day).isEmpty)
  }
}
