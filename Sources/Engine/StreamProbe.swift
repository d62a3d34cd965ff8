import Amounts
import Cipher
import Encodings
import Ledger
import Portfolio
import Prices
import Simulator
import Transport
import VenueKit
import Venues

/// A stream of prices from its texts to positions that are valued anew, without a socket.
///
/// The texts are those of the simulated Kraken; they go through the streams' desk, the desk of prices
/// and settlement, as in the engine.
package struct StreamProbe {
  private var streams: StreamDesk
  private var prices = PriceDesk(venues: .builtIn)
  private var settlement: Settlement
  private var stream: StreamID?
  private var texts: [String] = []
  private var next = 0
  private var now = StreamProbe.opening
  /// The quotes so far.
  package private(set) var quotes = 0
  /// The tickers that texts told so far, before any of them makes way for a later one.
  package private(set) var tickers = 0
  /// The texts with a ticker so far.
  package private(set) var tickerTexts = 0

  /// Whether a text of Kraken's is a ticker; each has one.
  static func isTicker(_ text: String) -> Bool { text.hasPrefix("{\"channel\":\"ticker\"") }

  // 2026-01-01T00:00:00Z.
  private static let opening = Instant(seconds: 1_767_225_600)

  /// Subscribes to every market that is wanted and records texts.
  ///
  /// - Parameter wanted: How many different texts are recorded; they are said again and again.
  package init(texts wanted: Int) {
    self.init(opening: StreamProbe.opening)
    var dialect = StreamProbe.dialect(now)
    record(&dialect, wanted)
    _ = settlement.settle(at: now)
  }

  /// Holds one of everything that Kraken lists; no stream is open yet.
  init(opening: Instant) {
    now = opening
    streams = StreamDesk(seed: 1, isOffline: false)
    settlement = Settlement(currency: .usDollar)
    var dialect = StreamProbe.dialect(now)
    let account = AccountID(named: "kraken")
    settlement.take(Account(id: account, name: "Kraken", venue: "kraken", book: .main))
    learn(&dialect, account)
  }

  private static func dialect(_ opening: Instant) -> any SimulatedDialect {
    KrakenDialect(
      DialectSettings(
        events: 60, opening: opening, quotesPerSecond: 2_000, tools: .openSSL,
        check: KeyCheck(ecdsaP256: { _, _, _ in false }, ed25519: { _, _, _ in false })))
  }

  /// What is to be opened for the prices of all that is held; `nil` where nothing is.
  mutating func wanted(at now: Instant) -> (id: StreamID, url: String)? {
    let effects = streams.want(accounts: [:], markets: prices.wantedMarkets, at: now)
    for case .open(let id, let url, _) in effects { return (id, url) }
    return nil
  }

  /// Takes what a socket told.
  ///
  /// - Parameters:
  ///   - events: What it told, in order.
  ///   - id: The stream.
  ///   - now: What time it is.
  /// - Returns: What is to be said to it, the quotes there were, and whether a position changed.
  mutating func take(
    _ events: [WebSocketEvent], of id: StreamID, at now: Instant
  ) -> (texts: [String], quotes: Int, isChanged: Bool) {
    let news = streams.take(events, of: id, at: now)
    var texts: [String] = []
    for case .say(_, let text) in news.effects { texts.append(text) }
    let before = quotes
    for case .text(let text) in events where StreamProbe.isTicker(text) { tickerTexts += 1 }
    for (venue, rows) in news.tickers {
      tickers += rows.count
      for quote in prices.quotes(rows, of: venue, at: now) {
        settlement.take(quote)
        quotes += 1
      }
    }
    let count = quotes - before
    return (texts, count, count > 0 && settlement.settle(at: now) != nil)
  }

  /// How many markets are watched.
  package var markets: Int { prices.watchedAssets.count }

  private mutating func learn(_ dialect: inout any SimulatedDialect, _ account: AccountID) {
    guard let venue = Venue.named("kraken") else { return }
    let ask = Ask(now: now)
    for feed in venue.feeds.markets {
      for call in (try? feed.calls(ask)) ?? [] {
        let moment = Moment(time: now, uuid: "")
        guard
          let request = try? venue.request(
            call, credentials: .none, moment: moment, tools: .openSSL)
        else { continue }
        let response = dialect.handle(SimulatedRequest(request), at: now)
        let incoming = IncomingAnswer(status: response.status, body: response.body)
        guard let answer = try? venue.answer(ask, call, incoming),
          let markets = try? feed.read(answer)
        else { continue }
        hold(markets, venue, account)
      }
    }
  }

  /// One of every asset is held.
  private mutating func hold(_ markets: [Market], _ venue: Venue, _ account: AccountID) {
    let links = AssetLinks()
    var assets: Set<AssetID> = []
    for market in markets {
      let recorded = AssetID.venue(
        venue: venue.id, code: Venue.recorded(market.base, venue.aliases))
      assets.insert(links.canonical(recorded))
      settlement.take(
        Holding(free: Quantity(Fixed(whole: 1))),
        for: HoldingKey(account: account, asset: recorded))
    }
    prices.know(venue: venue.id, markets, at: now)
    prices.watch(assets, links: links, venues: [venue.id], at: now)
  }

  private mutating func record(_ dialect: inout any SimulatedDialect, _ wanted: Int) {
    let effects = streams.want(accounts: [:], markets: prices.wantedMarkets, at: now)
    for case .open(let id, let url, _) in effects {
      stream = id
      let request = SimulatedRequest(OutgoingRequest(method: "GET", url: url))
      guard var said = dialect.open(request, at: now) else { return }
      var frames: [StreamFrame] = []
      let opened = streams.take([.opened(subprotocol: nil)], of: id, at: now)
      for case .say(_, let text) in opened.effects {
        frames += dialect.receive(text, &said, at: now)
      }
      while frames.count < wanted {
        now = Instant(microseconds: now.microseconds + 100_000)
        let more = dialect.pulse(&said, at: now)
        if more.isEmpty { return }
        frames += more
      }
      texts = frames.compactMap { frame in
        if case .text(let text) = frame { return text }
        return nil
      }
      texts.removeFirst(max(0, texts.count - wanted))
    }
  }

  /// Takes the next texts of the stream, whose quotes are then valued together.
  ///
  /// - Parameters:
  ///   - count: How many texts come together.
  ///   - microseconds: How far its clock goes on.
  /// - Returns: Whether any position changed.
  package mutating func take(_ count: Int, after microseconds: Int64) -> Bool {
    guard let stream, !texts.isEmpty else { return false }
    now = Instant(microseconds: now.microseconds + microseconds)
    var events: [WebSocketEvent] = []
    for _ in 0..<count {
      events.append(.text(texts[next]))
      next = (next + 1) % texts.count
    }
    return take(events, of: stream, at: now).isChanged
  }
}
