import Ledger
import VenueKit

// Books and lists of markets that somebody looks at: open calls, ahead of what nobody waits for.

extension SyncDesk {
  /// Asks for a venue's lists of markets; what comes of it is an effect `markets`.
  mutating func lookAtMarkets(of word: String, at now: Instant) -> [Effect] {
    guard quests[word] == nil else { return [] }
    guard let venue = venues.named(word) else {
      return [.markets(word, [], .unsupported("the venue \(word)"))]
    }
    quests[word] = MarketsQuest(venue: venue, at: now)
    return step(quest: word, at: now) + pump(at: now)
  }

  private mutating func step(quest word: String, at now: Instant) -> [Effect] {
    guard var quest = quests[word] else { return [] }
    let step = quest.step()
    quests[word] = quest
    guard let step else {
      quests[word] = nil
      learn(quest.markets, of: word, at: now)
      return [.markets(word, quest.markets, quest.fault)]
    }
    let ticket = number()
    uses[ticket] = .markets(word)
    asks[ticket] = step.ask
    let isTaken = line(
      ticket, AccountID(named: word), word, step.call, .interactive, offset: 0,
      keptSeconds: step.keptSeconds, at: now)
    if isTaken { return [] }
    quests[word] = nil
    learn([], of: word, at: now)
    return [.markets(word, quest.markets, .unsupported("too much is waiting already"))]
  }

  mutating func settle(
    markets word: String, _ result: FetchResult, at now: Instant
  ) -> [Effect] {
    quests[word]?.take(result)
    return step(quest: word, at: now)
  }

  /// Asks for a market's book; what comes of it is an effect `book`.
  mutating func fetchBook(
    _ id: OrderBookID, _ market: Market, levels: Int?, at now: Instant
  ) -> [Effect] {
    var ask = Ask(markets: MarketTable([market]), now: now)
    ask.market = market
    ask.limit = levels
    do throws(VenueFault) {
      guard let venue = venues.named(id.venue), let feed = SyncDesk.bookFeed(venue, market) else {
        throw .unsupported("the book of \(id.market)")
      }
      guard let call = try feed.calls(ask).first, venue.isOpen(call) else {
        throw .unsupported("the book of \(id.market)")
      }
      let ticket = number()
      uses[ticket] = .book(id, call, levels)
      asks[ticket] = ask
      let isTaken = line(
        ticket, AccountID(named: id.venue), id.venue, call, .interactive, offset: 0,
        keptSeconds: feed.keptSeconds, at: now)
      guard isTaken else { throw .unsupported("too much is waiting already") }
    } catch {
      return [.book(id, .failure(error), levels)]
    }
    return pump(at: now)
  }

  static func bookFeed(_ venue: Venue, _ market: Market) -> Feed<OrderBook>? {
    venue.feeds.books.first { $0.market == market.kind }
      ?? venue.feeds.books.first { $0.market == nil }
  }

  func settle(
    book id: OrderBookID, _ call: Call, _ levels: Int?, _ ask: Ask?, _ result: FetchResult
  ) -> [Effect] {
    do throws(VenueFault) {
      guard let venue = venues.named(id.venue), let ask, let market = ask.market,
        let feed = SyncDesk.bookFeed(venue, market)
      else { throw .unsupported("the book of \(id.market)") }
      let incoming: IncomingAnswer
      switch result {
      case .answered(let answer): incoming = answer
      case .failed(_, let fault): throw fault
      }
      guard let book = try feed.read(try venue.answer(ask, call, incoming)).first else {
        throw .malformed(path: "$", expected: "an order book")
      }
      return [.book(id, .success(book), levels)]
    } catch {
      return [.book(id, .failure(error), levels)]
    }
  }
}
