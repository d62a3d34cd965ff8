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
    var counts: [String: Int] = [:]
    func attempt<Row: Sendable>(_ word: String, _ feeds: [Feed<Row>]) {
      for feed in feeds {
        do {
          let rows = try talk.ask(feed) { ask in
            ask.market = found.first { $0.kind == feed.market ?? .spot }
            ask.asset = "BTC"
            let window = min(feed.paging.window ?? 86_000, 86_000)
            // A candle a minute: what every venue gives in one page.
            let length = word == "candles" ? min(window, 12_000) : window
            ask.from = opening.advanced(bySeconds: -Int64(length))
            ask.to = opening
          }
          counts[word, default: 0] += rows.count
        } catch VenueFault.unsupported {
          continue
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
    // What every venue has here.
    for word in ["balances", "tickers", "candles", "trades", "books"] {
      #expect(counts[word] ?? 0 > 0, "\(word)")
    }
  }

  @Test(arguments: names)
  func `balances as the product reads them are the truth`(name: String) throws {
    var talk = try ConversationTests.talk(name)
    if let accounts = talk.venue.feeds.accounts {
      for row in try talk.ask(accounts) { talk.accounts[row.name] = row.id }
    }
    var found: [String: Fixed] = [:]
    for feed in talk.venue.feeds.balances where feed.part == .spot || feed.part == nil {
      for row in try talk.ask(feed) where row.part == .spot && !row.asset.contains(".") {
        let code = talk.common(row.asset)
        found[code] = try (found[code] ?? .zero).adding(row.total ?? .zero)
      }
    }
    let truth = talk.service.exchange.accounts[0].spot
    for (asset, amount) in truth {
      // Routes write eight digits or more.
      let gap = try (found[asset] ?? .zero).subtracting(amount).magnitude()
      #expect(gap < (try decimal("0.00000001")), "\(asset)")
    }
  }

  @Test(arguments: names)
  func `an order is placed, found by our id and cancelled through the desk`(name: String) throws {
    var talk = try ConversationTests.talk(name)
    for feed in talk.venue.feeds.markets {
      talk.markets = MarketTable(talk.markets.all + (try talk.ask(feed)))
    }
    if let accounts = talk.venue.feeds.accounts {
      for row in try talk.ask(accounts) { talk.accounts[row.name] = row.id }
    }
    guard let desk = talk.venue.desk else { return }
    let market = try #require(
      talk.markets.all.first { $0.kind == .spot && talk.common($0.base) == "BTC" })
    let wish = NewOrder(
      market: market, side: .buy, type: .limit, amount: try decimal("1"), price: try decimal("10"),
      clientID: "5eedc0de")
    let placed = try talk.ask(desk.place) {
      $0.newOrder = wish; $0.market = market
    }
    let id = try #require(placed.first?.id)
    let found = try talk.ask(desk.find) { ask in
      ask.order = id
      ask.market = market
    }
    #expect(found.first?.amount == wish.amount)
    #expect(found.first?.price == wish.price)
    _ = try talk.ask(desk.cancel) { ask in
      ask.order = id
      ask.market = market
    }
    #expect(talk.service.exchange.openOrders(0).isEmpty)
  }

  @Test(arguments: names)
  func `market streams are read as they are sent`(name: String) throws {
    var talk = try ConversationTests.talk(name)
    for feed in talk.venue.feeds.markets where feed.market == .spot || feed.market == nil {
      talk.markets = MarketTable(talk.markets.all + (try talk.ask(feed)))
    }
    let market = try #require(
      talk.markets.all.first { $0.kind == .spot && talk.common($0.base) == "BTC" })
    let channels: [Channel] = [.ticker(market), .trades(market), .book(market)]
    var heard: Set<String> = []
    for plan in talk.venue.streams where !plan.isPrivate {
      var ask = Ask(markets: talk.markets, now: talk.now)
      ask.market = market
      let messages = plan.subscribe(channels, ask)
      if messages.isEmpty { continue }
      let url = plan.url(channels, ask).dropFirst(6)
      let host = String(url.prefix { $0 != "/" && $0 != ":" })
      let target = url.drop { $0 != "/" }
      let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
      let request = SimulatedRequest(
        method: "GET", host: host, path: parts.first ?? "/",
        query: parts.count > 1 ? parts[1] : "")
      let opened = talk.service.open(request, at: talk.now)
      var stream = try #require(opened, "\(url)")
      var frames: [StreamFrame] = []
      for message in messages { frames += talk.service.receive(message, &stream, at: talk.now) }
      for _ in 0..<40 {
        talk.now = Instant(microseconds: talk.now.microseconds + 250_000)
        frames += talk.service.pulse(&stream, at: talk.now)
      }
      for node in try StreamTests.Listener<KrakenDialect>.read(frames) {
        if let found = plan.remember(node) { ask.accounts[found.name] = found.word }
        for event in try plan.read(node, ask) {
          switch event {
          case .ticker(let ticker):
            #expect(ticker.last ?? .zero > .zero)
            heard.insert("ticker")
          case .trade(let trade):
            #expect(trade.price > .zero && trade.amount > .zero)
            heard.insert("trade")
          case .book(let book):
            #expect(!book.bids.isEmpty || !book.asks.isEmpty || !book.isSnapshot)
            heard.insert("book")
          case .refused(let refusal): Issue.record("\(plan.name): \(refusal)")
          default: break
          }
        }
      }
    }
    #expect(heard == ["ticker", "trade", "book"])
  }
}
