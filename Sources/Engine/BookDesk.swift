import Ledger
import Prices
import VenueKit
import Venues
import Wire

/// A market as somebody names it at a venue.
struct MarketWord: Hashable, Sendable {
  let venue: String
  let market: String
}

/// Keeps the order books that somebody looks at, and lets go of those that nobody looks at.
///
/// Pure: streams and calls are others' matter, and are wished for by effects. What a stream keeps is
/// asked for by `View` when it is shown; a book that is not whole is never shown.
struct BookDesk {
  /// What is wanted done.
  enum Effect: Sendable {
    /// Read a venue's lists of markets.
    case markets(String)
    /// Keep a book by its stream.
    case open(OrderBookID, Market)
    /// Stop keeping a book.
    case close(OrderBookID)
    /// Fetch a book by a call.
    case fetch(OrderBookID, Market)
    /// Answer a request.
    case answer(ClientID, UInt64, Report)
    /// Refuse a request.
    case refuse(ClientID, UInt64, Refusal)
  }

  /// What a stream keeps of a book.
  typealias View = (OrderBookID) -> BookView?

  /// A request that is answered as soon as its book is whole.
  private struct Waiting {
    let client: ClientID
    let id: UInt64
    let word: MarketWord
    let levels: Int
    let deadline: Instant
  }

  private struct Watched {
    let market: Market
    let isStreamed: Bool
    /// Until when it is kept though nobody looks any more.
    var keptUntil: Instant
    /// The book as it was fetched, where it is not streamed.
    var fetched: OrderBook?
    var fetchedAt: Instant?
    var fetchAt: Instant?
    var problem = ""
  }

  /// How long a book is kept after somebody looked at it last, in seconds.
  static let keepSeconds: Int64 = 30
  /// How long a request waits for a whole book, in seconds.
  static let patienceSeconds: Int64 = 10
  /// The pause between two fetchings of a book that no stream tells of, in seconds.
  static let pollSeconds: Int64 = 5
  /// How long a venue's list of markets is not read again for a word that is not in it, in seconds.
  static let listSeconds: Int64 = 60
  /// The most books at once.
  static let mostBooks = 16
  /// The most requests that wait at once.
  static let mostWaiting = 256

  private let venues: VenueCatalogue
  private var lists: [String: (table: MarketTable, at: Instant, problem: String)] = [:]
  private var reading: Set<String> = []
  private var books: [OrderBookID: Watched] = [:]
  private var waiting: [Waiting] = []
  private var looked: Set<MarketWord> = []
  /// What words mean that are looked at or waited for: finding it goes through a venue's whole list.
  private var meanings: [MarketWord: Market] = [:]

  init(venues: VenueCatalogue) { self.venues = venues }

  /// The books that are kept, by venue and market.
  var ids: [OrderBookID] { books.keys.sorted() }

  /// When something is due by itself.
  var wakeAt: Instant? {
    var due = waiting.map(\.deadline)
    let seen = lookedIDs
    for (id, book) in books {
      if let fetch = book.fetchAt { due.append(fetch) }
      if !seen.contains(id) { due.append(book.keptUntil) }
    }
    return due.min()
  }

  private var lookedIDs: Set<OrderBookID> {
    Set(
      looked.compactMap { word in found(word).map { OrderBookID(venue: word.venue, market: $0.id) }
      })
  }
}

// MARK: - Who looks

extension BookDesk {
  /// Takes a request for a book; the answer comes at once, or when the book is whole.
  mutating func ask(
    _ word: MarketWord, levels: Int, _ client: ClientID, _ id: UInt64, at now: Instant, view: View
  ) -> [Effect] {
    guard let venue = venues.named(word.venue) else {
      return [
        .refuse(
          client, id,
          Refusal(
            .notFound, "there is no venue \(word.venue.prefix(40))", advice: "Run: coffer venues"))
      ]
    }
    guard !venue.feeds.books.isEmpty else {
      return [
        .refuse(
          client, id, Refusal(.notFound, "Coffer reads no order books of \(venue.name)"))
      ]
    }
    guard waiting.count < BookDesk.mostWaiting else {
      return [.refuse(client, id, Refusal(.busy, "too many requests for books at once"))]
    }
    waiting.append(
      Waiting(
        client: client, id: id, word: word, levels: levels,
        deadline: now.advanced(bySeconds: BookDesk.patienceSeconds)))
    return want(word, at: now) + settle(at: now, view: view)
  }

  /// Says which books are on clients' screens.
  mutating func look(at words: Set<MarketWord>, now: Instant) -> [Effect] {
    // What is no longer looked at is kept for a while.
    for id in lookedIDs { books[id]?.keptUntil = now.advanced(bySeconds: BookDesk.keepSeconds) }
    looked = words
    forgetMeanings()
    return words.sorted { ($0.venue, $0.market) < ($1.venue, $1.market) }
      .flatMap { want($0, at: now) }
  }

  /// Forgets what words mean that nobody uses any more.
  private mutating func forgetMeanings() {
    let asked = Set(waiting.map(\.word))
    meanings = meanings.filter { looked.contains($0.key) || asked.contains($0.key) }
  }

  /// The requests that wait for a book.
  var waitingRequests: [(client: ClientID, id: UInt64)] { waiting.map { ($0.client, $0.id) } }

  /// A client is gone.
  mutating func forget(_ client: ClientID) {
    waiting.removeAll { $0.client == client }
  }

  /// Opens the book of a market, or finds out first what the word means.
  private mutating func want(_ word: MarketWord, at now: Instant) -> [Effect] {
    guard let venue = venues.named(word.venue), !venue.feeds.books.isEmpty else { return [] }
    if meanings[word] == nil { meanings[word] = resolved(word) }
    guard let market = found(word) else {
      let isFresh = lists[word.venue].map {
        now.microseconds - $0.at.microseconds < BookDesk.listSeconds * 1_000_000
      }
      if isFresh ?? false || reading.contains(word.venue) { return [] }
      reading.insert(word.venue)
      return [.markets(word.venue)]
    }
    let id = OrderBookID(venue: word.venue, market: market.id)
    let keptUntil = now.advanced(bySeconds: BookDesk.keepSeconds)
    if books[id] != nil {
      books[id]?.keptUntil = keptUntil
      return []
    }
    guard books.count < BookDesk.mostBooks else { return [] }
    let isStreamed = StreamDesk.bookStream(venue, market, at: now) != nil
    books[id] = Watched(market: market, isStreamed: isStreamed, keptUntil: keptUntil)
    return isStreamed ? [.open(id, market)] : [.fetch(id, market)]
  }

  /// The market that a word means, of those that are looked at or waited for.
  private func found(_ word: MarketWord) -> Market? { meanings[word] }

  /// The market that a word means: its id or other name, or its assets with a mark between them.
  private func resolved(_ word: MarketWord) -> Market? {
    guard let table = lists[word.venue]?.table else { return nil }
    if let market = table.market(word.market, .spot) { return market }
    let wanted = word.market.uppercased()
    let aliases = venues.named(word.venue)?.aliases ?? [:]
    let named = table.all.filter { market in
      if market.id.uppercased() == wanted || market.alias?.uppercased() == wanted { return true }
      let base = Venue.recorded(market.base, aliases).uppercased()
      let quote = Venue.recorded(market.quote, aliases).uppercased()
      return ["/", "-", "_", ""].contains { base + $0 + quote == wanted }
    }
    return named.first { $0.kind == .spot } ?? named.first
  }
}

// MARK: - What comes

extension BookDesk {
  /// Takes the markets of a venue that were asked for.
  mutating func take(
    markets: [Market], of venue: String, _ fault: VenueFault?, at now: Instant, view: View
  ) -> [Effect] {
    reading.remove(venue)
    lists[venue] = (MarketTable(markets), now, fault?.sentence.what ?? "")
    meanings = meanings.filter { $0.key.venue != venue }
    var effects: [Effect] = []
    for word in looked where word.venue == venue { effects += want(word, at: now) }
    for one in waiting where one.word.venue == venue { effects += want(one.word, at: now) }
    return effects + settle(at: now, view: view)
  }

  /// Takes a book that was fetched because no stream tells of it.
  mutating func take(
    _ result: Result<OrderBook, VenueFault>, of id: OrderBookID, at now: Instant, view: View
  ) -> [Effect] {
    guard books[id]?.isStreamed == false else { return [] }
    switch result {
    case .success(let book):
      books[id]?.fetched = book
      books[id]?.fetchedAt = now
      books[id]?.problem = ""
    case .failure(let fault):
      // What was read before is as old as nobody knows.
      books[id]?.fetched = nil
      books[id]?.problem = fault.sentence.what
    }
    books[id]?.fetchAt = now.advanced(bySeconds: BookDesk.pollSeconds)
    return settle(at: now, view: view)
  }

  /// Answers the requests whose book is whole, or has been waited for long enough.
  mutating func settle(at now: Instant, view: View) -> [Effect] {
    var effects: [Effect] = []
    var left: [Waiting] = []
    for one in waiting {
      if let refusal = refusal(of: one, at: now) {
        effects.append(.refuse(one.client, one.id, refusal))
        continue
      }
      let report = report(of: one.word, levels: one.levels, view: view)
      let isWhole =
        report["state"] == .text(BookState.live.rawValue)
        || report["state"] == .text(BookState.polled.rawValue)
      if isWhole || one.deadline <= now {
        effects.append(.answer(one.client, one.id, report))
      } else {
        left.append(one)
      }
    }
    waiting = left
    if meanings.count > BookDesk.mostWaiting { forgetMeanings() }
    return effects
  }

  /// Why a request cannot be answered; `nil` where it can, perhaps later.
  private func refusal(of one: Waiting, at now: Instant) -> Refusal? {
    let venue = one.word.venue
    guard let market = found(one.word) else {
      if reading.contains(venue) {
        guard one.deadline <= now else { return nil }
        return Refusal(.busy, "\(venue) has not told its markets yet", advice: "Try again.")
      }
      let problem = lists[venue]?.problem ?? ""
      return Refusal(
        .notFound, "\(venue) has no market \(one.word.market.prefix(40))",
        advice: problem.isEmpty
          ? "Name it as the venue does, or by its assets: BTC/USD."
          : "Not all of its lists could be read: \(problem)")
    }
    guard books[OrderBookID(venue: venue, market: market.id)] == nil else { return nil }
    return Refusal(
      .busy, "\(BookDesk.mostBooks) books are looked at already", advice: "Try again in a minute.")
  }

  /// Goes on with what is due.
  mutating func tick(at now: Instant, view: View) -> [Effect] {
    var effects = settle(at: now, view: view)
    let seen = lookedIDs
    let asked = Set(
      waiting.compactMap { one in
        found(one.word).map { OrderBookID(venue: one.word.venue, market: $0.id) }
      })
    for (id, book) in books.sorted(by: { $0.key < $1.key }) {
      if !seen.contains(id), !asked.contains(id), book.keptUntil <= now {
        books[id] = nil
        if book.isStreamed { effects.append(.close(id)) }
      } else if let due = book.fetchAt, due <= now {
        books[id]?.fetchAt = nil
        effects.append(.fetch(id, book.market))
      }
    }
    return effects
  }
}

// MARK: - What is shown

extension BookDesk {
  /// A book as it may be shown: its levels only where it is whole.
  func report(of word: MarketWord, levels: Int, view: View) -> Report {
    var facts: [Report.Fact] = [.init("venue", .text(word.venue))]
    guard let market = found(word) else {
      let state: BookState = reading.contains(word.venue) ? .opening : .unknown
      facts.append(.init("market", .text(word.market)))
      facts.append(.init("state", .text(state.rawValue)))
      return Report(facts: facts, tableName: "levels", columns: BookDesk.columns)
    }
    let id = OrderBookID(venue: word.venue, market: market.id)
    let aliases = venues.named(word.venue)?.aliases ?? [:]
    let shown = shown(id, view)
    facts += [
      .init("market", .text(market.id)), .init("kind", .text(market.kind.rawValue)),
      .init("base", .text(Venue.recorded(market.base, aliases))),
      .init("quote", .text(Venue.recorded(market.quote, aliases))),
      .init("state", .text(shown.state.rawValue)),
      .init("heard", shown.heardAt.map { .text($0.description) } ?? .none),
      .init("repairs", .integer(Int64(shown.repairs))),
      .init("problem", .text(shown.problem)),
    ]
    return Report(
      facts: facts, tableName: "levels", columns: BookDesk.columns,
      rows: BookDesk.rows(shown.book, levels))
  }

  static let columns = ["bid_amount", "bid_price", "ask_price", "ask_amount"]

  private struct Shown {
    var state: BookState
    var book: OrderBook?
    var heardAt: Instant?
    var repairs = 0
    var problem = ""
  }

  private func shown(_ id: OrderBookID, _ view: View) -> Shown {
    guard let watched = books[id] else { return Shown(state: .unknown) }
    guard watched.isStreamed else {
      guard let book = watched.fetched else {
        return Shown(
          state: watched.problem.isEmpty ? .opening : .repair, problem: watched.problem)
      }
      return Shown(state: .polled, book: book, heardAt: watched.fetchedAt)
    }
    guard let kept = view(id) else { return Shown(state: .opening) }
    let state: BookState = kept.book != nil ? .live : kept.wasWhole ? .repair : .opening
    return Shown(
      state: state, book: kept.book, heardAt: kept.heardAt, repairs: kept.repairs,
      problem: kept.problem)
  }

  private static func rows(_ book: OrderBook?, _ levels: Int) -> [[ReportCell]] {
    guard let book else { return [] }
    let count = min(levels, max(book.bids.count, book.asks.count))
    return (0..<max(0, count)).map { place in
      let bid = place < book.bids.count ? book.bids[place] : nil
      let ask = place < book.asks.count ? book.asks[place] : nil
      return [
        bid.map { .amount($0.amount) } ?? .none, bid.map { .amount($0.price) } ?? .none,
        ask.map { .amount($0.price) } ?? .none, ask.map { .amount($0.amount) } ?? .none,
      ]
    }
  }
}
