import Amounts
import Ledger
import Portfolio
import Prices
import Sync
import Testing
import VenueKit
import Venues
import Wire

@testable import Engine

/// Prices where there is no account at any venue.
@Suite struct PriceVenueTests {
  private static let bitcoin = AssetID.native(chain: "bitcoin")

  /// A vault with a wallet that holds a bitcoin.
  private func contents(
    isFollowed: Bool, venues: [String], currency: Currency = .usDollar
  ) -> VaultContents {
    let account = AccountID(named: "cold")
    var contents = VaultContents.nothing
    contents.currency = currency
    contents.holdings = [
      HoldingKey(account: account, asset: Self.bitcoin): Holding(free: Quantity(.one))
    ]
    contents.priceVenues = venues
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

  /// What the portfolio is after some seconds.
  private func snapshot(_ engine: VirtualEngine) throws -> Snapshot {
    engine.run(seconds: 5)
    _ = engine.heard()
    engine.say(.watch)
    let shots = engine.heard().compactMap { message -> Snapshot? in
      guard case .snapshot(let snapshot) = message else { return nil }
      return snapshot
    }
    return try #require(shots.last)
  }

  @Test func `a wallet alone is valued by the venues named for prices`() throws {
    let engine = VirtualEngine(
      ["kraken", "bitfinex"], contents: contents(isFollowed: true, venues: ["kraken"]))
    let position = try #require(try snapshot(engine).positions.first)
    #expect(position.asset == Self.bitcoin)
    #expect(position.price?.source.contains("feed:kraken") == true)
    #expect(position.state == .live)
    #expect(Set(engine.calls).isSubset(of: ["Assets", "AssetPairs", "Ticker"]), "\(engine.calls)")
  }

  @Test func `two venues agree on a price`() throws {
    let engine = VirtualEngine(
      ["kraken", "bitfinex"], contents: contents(isFollowed: true, venues: ["kraken", "bitfinex"]))
    let position = try #require(try snapshot(engine).positions.first)
    #expect(position.price?.confidence == .agreed)
    #expect(position.price?.source.contains("feed:bitfinex") == true)
  }

  @Test func `a price of a day before stands a while for tickers that tell none`() throws {
    let now = Instant(seconds: 1_767_225_600)
    var desk = PriceDesk(venues: .builtIn)
    desk.know(venue: "kraken", [Market(id: "XBTUSD", base: "XXBT", quote: "ZUSD")], at: now)
    desk.watch([Self.bitcoin], links: AssetLinks(), venues: ["kraken"], at: now)
    func open(_ ticker: Ticker, _ seconds: Int64) -> String? {
      desk.quotes([ticker], of: "kraken", at: now.advanced(bySeconds: seconds)).first?
        .dayOpen?.fixed.text
    }
    let bare = Ticker(market: "XBTUSD", last: try Fixed(parsing: "100"))
    let whole = Ticker(
      market: "XBTUSD", last: try Fixed(parsing: "100"), open: try Fixed(parsing: "96"))
    let found = [open(bare, 0), open(whole, 1), open(bare, 2), open(bare, 901), open(bare, 902)]
    #expect(found == [nil, "96", "96", "96", nil])
  }

  @Test func `while nothing is followed nobody is asked`() throws {
    let engine = VirtualEngine(
      ["kraken"], contents: contents(isFollowed: false, venues: ["kraken"]))
    #expect(try snapshot(engine).totals.unpriced == 1)
    #expect(engine.calls.isEmpty && engine.openings == 0)
  }

  @Test func `nobody is asked where nobody is named, simulated or offline`() throws {
    var simulated = EngineCore.Mode()
    simulated.isSimulated = true
    var offline = EngineCore.Mode()
    offline.isOffline = true
    for (mode, venues) in [(EngineCore.Mode(), []), (simulated, ["kraken"]), (offline, ["kraken"])]
    {
      let engine = VirtualEngine(
        ["kraken"], mode: mode, contents: contents(isFollowed: true, venues: venues))
      engine.run(seconds: 5)
      #expect(engine.calls.isEmpty && engine.openings == 0)
    }
  }

  @Test(arguments: VaultWorker.defaultPriceVenues)
  func `the venues asked by default tell all their prices in one open call`(venue: String) {
    #expect(VaultWorker.tellsPrices(venue))
  }

  @Test func `a venue that wants a key or a call for each market is not asked for prices`() {
    for venue in ["luno", "nowhere", "kucoin", "dydx", "hitbtc", "binance"] {
      let isFit = VaultWorker.tellsPrices(venue)
      #expect(isFit == (venue != "nowhere"), "\(venue)")
    }
  }
}
