import Amounts
import Encodings
import Ledger
import Simulator
import Testing
import VenueKit
import Venues

/// The product's own venues against the simulated ones: neither was made from the other.
@Suite struct ConversationTests {
  /// A venue of the product talking to a simulated one.
  struct Talk {
    let venue: Venue
    var service: any SimulatedDialect
    var now = opening
    var markets = MarketTable()
    var accounts: [String: String] = [:]

    var credentials: Credentials { service.exchange.accounts[0].credentials }

    mutating func ask<Row: Sendable>(
      _ feed: Feed<Row>, _ change: (inout Ask) -> Void = { _ in }
    ) throws -> [Row] {
      var ask = Ask(markets: markets, now: now)
      ask.accounts = accounts
      change(&ask)
      var rows: [Row] = []
      for _ in 0..<500 {
        let calls = try feed.calls(ask)
        var next: String?
        var count = 0
        for call in calls {
          let answer = try answer(ask, call)
          count += try feed.rows(answer).count
          rows += try feed.read(answer)
          next = try feed.next(answer)
        }
        switch feed.paging.kind {
        case .cursor:
          guard let next else { return rows }
          ask.cursor = next
        case .numbered:
          guard count > 0, count >= feed.paging.most else { return rows }
          ask.page += 1
        default: return rows
        }
      }
      return rows
    }

    mutating func answer(_ ask: Ask, _ call: Call) throws -> Answer {
      now = now.advanced(bySeconds: 6)
      let moment = Moment(
        time: now, nonce: now, uuid: "5eedc0de-0000-4000-8000-\(now.seconds % 1_000_000)000000")
      let request = try venue.request(
        call, credentials: credentials, moment: moment, tools: tools)
      let rest = request.url.drop { $0 != "/" }.dropFirst(2)
      let host = String(rest.prefix { $0 != "/" })
      let target = rest.dropFirst(host.count)
      let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
      var headers: [String: String] = [:]
      for (name, value) in request.headers { headers[name.lowercased()] = value }
      let response = service.handle(
        SimulatedRequest(
          method: request.method, host: host, path: parts.first ?? "/",
          query: parts.count > 1 ? parts[1] : "", headers: headers,
          body: String(decoding: request.body ?? [], as: UTF8.self)), at: now)
      return try venue.answer(
        ask, call,
        IncomingAnswer(
          status: response.status,
          headers: response.headers.map { (name: $0.name.lowercased(), value: $0.value) },
          body: response.body))
    }

    /// The common code of the venue's code.
    func common(_ code: String) -> String { venue.aliases[code] ?? code.uppercased() }
  }

  static func talk(_ name: String) throws -> Talk {
    let given = settings(events: 400, days: 80)
    let service: any SimulatedDialect =
      switch name {
      case "binance": BinanceDialect(given)
      case "coinbase": CoinbaseDialect(given)
      case "kraken": KrakenDialect(given)
      case "bitfinex": BitfinexDialect(given)
      default: HTXDialect(given)
      }
    let venue = try #require(Venue.all.first { $0.id == name })
    return Talk(venue: venue, service: service)
  }

  static let names = ["binance", "coinbase", "kraken", "bitfinex", "htx"]

  @Test(arguments: names)
  func `every feed is understood`(name: String) throws {
    var talk = try ConversationTests.talk(name)
    var found: [Market] = []
    for feed in talk.venue.feeds.markets {
      do { found += try talk.ask(feed) } catch {
        Issue.record("markets \(feed.market?.rawValue ?? ""): \(error)")
      }
    }
    talk.markets = MarketTable(found)
    if let accounts = talk.venue.feeds.accounts {
      for row in try talk.ask(accounts) { talk.accounts[row.name] = row.id }
    }
    func attempt<Row: Sendable>(_ word: String, _ feeds: [Feed<Row>]) {
      for feed in feeds {
        do {
          let rows = try talk.ask(feed) { ask in
            ask.market = found.first
            ask.asset = "BTC"
            ask.from = opening.advanced(bySeconds: -86_000)
            ask.to = opening
          }
          print("FEED", name, word, feed.part?.rawValue ?? "-", rows.count)
        } catch { Issue.record("\(word) \(feed.part?.rawValue ?? ""): \(error)") }
      }
    }
    let feeds = talk.venue.feeds
    attempt("balances", feeds.balances)
    attempt("fills", feeds.fills)
    attempt("deposits", feeds.deposits)
    attempt("withdrawals", feeds.withdrawals)
    attempt("transfers", feeds.transfers)
    attempt("statement", feeds.statement)
    attempt("positions", feeds.positions)
    attempt("assets", feeds.assets)
    attempt("tickers", feeds.tickers)
    attempt("candles", feeds.candles)
    attempt("trades", feeds.trades)
    attempt("books", feeds.books)
    attempt("openOrders", feeds.openOrders)
    attempt("closedOrders", feeds.closedOrders)
    if let clock = feeds.clock { attempt("clock", [clock]) }
    if let rights = feeds.rights { attempt("rights", [rights]) }
  }
}
