import Encodings
import Ledger
import Transport
import VenueKit
import Venues

/// A market's order book: the venue's word and its id of the market.
struct OrderBookID: Hashable, Comparable, Sendable {
  let venue: String
  let market: String
  static func < (a: OrderBookID, b: OrderBookID) -> Bool {
    (a.venue, a.market) < (b.venue, b.market)
  }
}

/// What may be shown of a book.
struct BookView: Sendable {
  /// The book; `nil` where it is not whole.
  var book: OrderBook?
  /// Whether it was whole before.
  var wasWhole = false
  /// When the stream last said something of it.
  var heardAt: Instant?
  /// How often it had to be thrown away.
  var repairs = 0
  /// What the venue or the check said, where something is wrong.
  var problem = ""
}

/// A book on its own connection, so that what is lost there is lost to nobody else.
struct StreamedBook: Sendable {
  let id: OrderBookID
  let market: Market
  var shelf: BookShelf
  var view = BookView()
  /// When a first state is fetched by a call.
  var fetchAt: Instant?
  var isFetching = false
  /// Whether only a new connection brings a first state.
  var mustReopen = false

  /// Whether there is a book to rely on.
  var isWhole: Bool { shelf[id.market]?.isWhole ?? false }

  /// The connection has ended: what was kept on it is not whole any more.
  mutating func end() {
    if isWhole {
      view.repairs += 1
      view.problem = "The connection ended."
    }
    shelf.restart()
    fetchAt = nil
    mustReopen = false
  }
}

extension StreamDesk {
  /// How many levels a side are fetched to begin with.
  static let fetchedLevels = 100
  /// The pause between two fetchings of one book, in seconds.
  static let fetchPause: Int64 = 2

  /// The stream that tells of a market's book; `nil` where the venue has none that we read.
  static func bookStream(_ venue: Venue, _ market: Market, at now: Instant) -> Int? {
    let ask = Ask(markets: MarketTable([market]), now: now)
    return venue.streams.firstIndex { stream in
      guard let rules = stream.book, !stream.isPrivate else { return false }
      if rules.source == .call, SyncDesk.bookFeed(venue, market) == nil { return false }
      // Some streams greet whatever is asked for; only what is said for the market counts.
      return stream.subscribe([.book(market)], ask) != stream.subscribe([], ask)
    }
  }

  /// Opens a connection for a book; `nil` where no stream tells of it.
  mutating func openBook(_ id: OrderBookID, _ market: Market, at now: Instant) -> [Effect]? {
    guard !isOffline, let venue = Venue.named(id.venue),
      let place = StreamDesk.bookStream(venue, market, at: now),
      let rules = venue.streams[place].book
    else { return nil }
    if books[id] != nil { return [] }
    let shelf = BookShelf(rules: rules, markets: [market.id])
    let stream = newConnection(
      id.venue, place, nil, [.book(market)], [market], at: now)
    books[id] = stream
    connections[stream]?.book = StreamedBook(id: id, market: market, shelf: shelf)
    connections[stream]?.policy = ReconnectPolicy(mostSeconds: 15, stableSeconds: 20)
    return begin(stream, at: now)
  }

  /// Ends the connection of a book.
  mutating func closeBook(_ id: OrderBookID) -> [Effect] {
    guard let stream = books.removeValue(forKey: id) else { return [] }
    connections[stream] = nil
    return [.close(stream)]
  }

  /// What may be shown of a book; `nil` where no stream is open for it.
  func view(of id: OrderBookID) -> BookView? {
    guard let stream = books[id], let book = connections[stream]?.book else { return nil }
    var view = book.view
    view.book = book.shelf[id.market]?.book
    return view
  }

  /// Takes a book that was fetched for one whose first state is missing.
  mutating func join(
    _ result: Result<OrderBook, VenueFault>, of id: OrderBookID, levels: Int?, at now: Instant
  ) {
    guard let stream = books[id], var book = connections[stream]?.book else { return }
    book.isFetching = false
    switch result {
    case .success(let fetched):
      let outcome = book.shelf.join(fetched, market: id.market, limit: levels)
      note(outcome, &book, at: now)
    case .failure(let fault):
      book.view.problem = fault.sentence.what
      book.fetchAt = now.advanced(bySeconds: StreamDesk.fetchPause * 2)
    }
    connections[stream]?.book = book
  }

  // MARK: - What is heard of it

  /// Looks at a message before its events are taken; `false` where nothing of it counts.
  mutating func hearBook(_ node: Node, of id: StreamID, at now: Instant) -> Bool {
    guard var book = connections[id]?.book else { return true }
    defer { connections[id]?.book = book }
    switch book.shelf.hear(node) {
    case .next: return true
    case .repeated: return false
    case .gap:
      note(.needsSnapshot(.gap), &book, at: now)
      return true
    }
  }

  /// Takes a message's changes; the connection is opened anew where only that brings a first state.
  mutating func take(
    _ changes: [BookChange], of id: StreamID, at now: Instant
  ) -> (changed: Bool, effects: [Effect]) {
    guard var book = connections[id]?.book else { return (false, []) }
    var hasChanged = false
    for change in changes {
      let outcome = book.shelf.take(change)
      if outcome == .changed { hasChanged = true }
      note(outcome, &book, at: now)
    }
    book.view.heardAt = now
    connections[id]?.book = book
    return (hasChanged || !book.isWhole, repaired(id, at: now))
  }

  /// A message could not be read: what it said is lost.
  mutating func loseBook(of id: StreamID, at now: Instant) -> [Effect] {
    guard var book = connections[id]?.book else { return [] }
    book.shelf.restart()
    note(.needsSnapshot(.malformed), &book, at: now)
    connections[id]?.book = book
    return repaired(id, at: now)
  }

  /// Notes what came of a change: a book that is not whole is repaired.
  private func note(_ outcome: BookOutcome, _ book: inout StreamedBook, at now: Instant) {
    if book.isWhole {
      book.view.wasWhole = true
      book.view.problem = ""
    }
    guard case .needsSnapshot(let flaw) = outcome else { return }
    if flaw != .missing {
      book.view.repairs += 1
      book.view.problem = flaw.sentence
    }
    guard book.shelf.rules.source == .call else {
      book.mustReopen = true
      return
    }
    guard !book.isFetching, book.fetchAt == nil else { return }
    let isFirst = flaw == .missing
    book.fetchAt = isFirst ? now : now.advanced(bySeconds: StreamDesk.fetchPause)
  }

  /// What a book that is not whole needs now.
  private mutating func repaired(_ id: StreamID, at now: Instant) -> [Effect] {
    guard let book = connections[id]?.book else { return [] }
    if book.mustReopen { return reopen(id, at: now) }
    return fetchBooks(at: now)
  }

  /// The venue refused to tell of a book.
  mutating func refuseBook(of id: StreamID, _ refusal: VenueRefusal) {
    connections[id]?.book?.view.problem = refusal.sentence
    connections[id]?.book?.mustReopen = true
  }

  /// Fetches the first states that are due.
  mutating func fetchBooks(at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    for (id, stream) in books.sorted(by: { $0.key < $1.key }) {
      guard let due = connections[stream]?.book?.fetchAt, due <= now else { continue }
      connections[stream]?.book?.fetchAt = nil
      connections[stream]?.book?.isFetching = true
      guard let market = connections[stream]?.book?.market else { continue }
      effects.append(.fetchBook(id, market))
    }
    return effects
  }
}

extension BookFlaw {
  /// The flaw in a sentence for the user.
  var sentence: String {
    switch self {
    case .missing: "The first state has not come yet."
    case .gap: "Changes were lost."
    case .crossed: "The best buyer paid more than the best seller wanted."
    case .checksum: "The venue's checksum did not fit."
    case .unchecked: "The venue's checksum did not come."
    case .unnumbered: "A change had no number."
    case .thin: "Too few levels were left."
    case .malformed: "A message could not be read."
    }
  }
}
