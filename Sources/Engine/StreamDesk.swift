import Encodings
import Ledger
import Prices
import Simulator
import Transport
import VenueKit
import Venues

/// A web socket of the engine, by the order of its opening.
struct StreamID: Hashable, Comparable, Sendable {
  let number: UInt64
  static func < (a: StreamID, b: StreamID) -> Bool { a.number < b.number }
}

/// Keeps streams open: of prices at venues where there are accounts, and of the accounts themselves.
///
/// Pure: sockets are opened and spoken to by effects, what they say comes back as events. What a
/// stream says of an account is never booked; it only makes the sync machine look at once.
struct StreamDesk {
  /// What is wanted done.
  enum Effect: Sendable {
    /// Open a socket.
    case open(StreamID, url: String, pingSeconds: Int)
    /// Open a socket with header fields made with an account's key.
    case openSigned(
      StreamID, AccountID, venue: String, stream: Int, url: String, pingSeconds: Int)
    /// Send a text.
    case say(StreamID, String)
    /// Log in with an account's key.
    case logIn(StreamID, AccountID, venue: String, stream: Int)
    /// Close a socket.
    case close(StreamID)
    /// Ask for the token that a stream needs; without an account where anybody gets one.
    case token(StreamID, AccountID?, venue: String, Call)
    /// Fetch a book whose first state is missing.
    case fetchBook(OrderBookID, Market)
  }

  /// What streams told.
  struct News {
    var effects: [Effect] = []
    /// Tickers, by venue.
    var tickers: [(venue: String, rows: [Ticker])] = []
    /// What accounts' streams said.
    var accounts: [(account: AccountID, events: [StreamEvent])] = []
    /// Whether a book shows something else now.
    var hasNewBooks = false
  }

  enum Phase {
    case resting(until: Instant)
    case waitingForToken
    case opening
    case loggingIn
    case open
  }

  struct Connection {
    let venue: String
    let stream: Int
    let account: AccountID?
    var channels: [Channel]
    var markets: MarketTable
    var phase: Phase
    var policy = ReconnectPolicy()
    var tokenAt: Instant?
    var token: String?
    var heardAt: Instant
    var saidAt: Instant
    /// What earlier messages named for later ones, for instance channels by number.
    var memo: [String: String] = [:]
    /// The book it is for, where it is for one.
    var book: StreamedBook?

    /// Whether it tells of prices.
    var isOfPrices: Bool { account == nil && book == nil }
  }

  var connections: [StreamID: Connection] = [:]
  /// The connections of books.
  var books: [OrderBookID: StreamID] = [:]
  private var last: UInt64 = 0
  private var generator: SeededGenerator
  let isOffline: Bool

  init(seed: UInt64, isOffline: Bool) {
    generator = SeededGenerator(seed: seed)
    self.isOffline = isOffline
  }

  /// When something is due by itself.
  var wakeAt: Instant? {
    let fetches = books.values.compactMap { connections[$0]?.book?.fetchAt }
    let phases = connections.values.map { connection in
      switch connection.phase {
      case .resting(let until): until
      case .waitingForToken, .opening, .loggingIn: connection.heardAt.advanced(bySeconds: 30)
      case .open: due(of: connection)
      }
    }
    return (fetches + phases).min()
  }

  /// Every stream there is, open or not.
  var ids: [StreamID] { connections.keys.sorted() }

  /// The accounts whose own stream is open.
  var liveAccounts: Set<AccountID> {
    Set(
      connections.values.compactMap { connection in
        if case .open = connection.phase { return connection.account }
        return nil
      })
  }

  /// The venues whose prices stream.
  var liveVenues: Set<String> {
    Set(
      connections.values.compactMap { connection in
        if case .open = connection.phase, connection.isOfPrices { return connection.venue }
        return nil
      })
  }

  private func due(of connection: Connection) -> Instant {
    guard let stream = stream(connection) else { return Instant(microseconds: .max) }
    var due = connection.heardAt.advanced(bySeconds: Int64(stream.pingEvery) * 2 + 30)
    if stream.ping != nil {
      due = min(due, connection.saidAt.advanced(bySeconds: Int64(stream.pingEvery)))
    }
    if let life = stream.tokenLife, let at = connection.tokenAt {
      due = min(due, at.advanced(bySeconds: Int64(life)))
    }
    return due
  }

  private func stream(_ connection: Connection) -> VenueKit.Stream? {
    VenueCatalogue.builtIn.stream(of: connection.venue, connection.stream)
  }
}

// MARK: - What is wanted

extension StreamDesk {
  /// Says which accounts there are and which markets' prices are wanted.
  mutating func want(
    accounts: [AccountID: String], markets: [String: [Market]], at now: Instant
  ) -> [Effect] {
    if isOffline { return [] }
    var effects: [Effect] = []
    for (id, connection) in connections.sorted(by: { $0.key < $1.key }) {
      if connection.book != nil { continue }
      let isWanted: Bool
      if let account = connection.account {
        isWanted = accounts[account] == connection.venue
      } else {
        isWanted = (markets[connection.venue]?.isEmpty == false)
      }
      if !isWanted {
        connections[id] = nil
        effects.append(.close(id))
      }
    }
    for (account, venue) in accounts.sorted(by: { $0.key < $1.key }) {
      guard let known = Venue.named(venue) else { continue }
      for (index, stream) in known.streams.enumerated() where stream.isPrivate {
        let isThere = connections.values.contains { $0.account == account && $0.stream == index }
        if !isThere { effects += add(venue, index, account, [.account], [], at: now) }
      }
    }
    for (venue, wanted) in markets.sorted(by: { $0.key < $1.key }) where !wanted.isEmpty {
      effects += wantPrices(venue, wanted, at: now)
    }
    return effects
  }

  private mutating func wantPrices(
    _ venue: String, _ markets: [Market], at now: Instant
  ) -> [Effect] {
    var channels: [Channel] = []
    for market in markets.sorted(by: { $0.id < $1.id }) { channels.append(.ticker(market)) }
    let ask = Ask(markets: MarketTable(markets), now: now)
    // Of several streams the first one that serves any of the markets.
    guard let known = Venue.named(venue),
      let index = known.streams.firstIndex(where: { stream in
        !stream.isPrivate && !stream.subscribe(channels, ask).isEmpty
      })
    else { return [] }
    channels = Array(channels.prefix(max(1, known.streams[index].channelsMost)))
    let own = connections.first { $0.value.venue == venue && $0.value.isOfPrices }
    guard let own else { return add(venue, index, nil, channels, markets, at: now) }
    if own.value.channels == channels { return [] }
    // Other markets are wanted: the stream is opened anew, which every venue understands.
    connections[own.key] = nil
    return [.close(own.key)] + add(venue, index, nil, channels, markets, at: now)
  }

  private mutating func add(
    _ venue: String, _ stream: Int, _ account: AccountID?, _ channels: [Channel],
    _ markets: [Market], at now: Instant
  ) -> [Effect] {
    begin(newConnection(venue, stream, account, channels, markets, at: now), at: now)
  }

  mutating func newConnection(
    _ venue: String, _ stream: Int, _ account: AccountID?, _ channels: [Channel],
    _ markets: [Market], at now: Instant
  ) -> StreamID {
    last += 1
    let id = StreamID(number: last)
    connections[id] = Connection(
      venue: venue, stream: stream, account: account, channels: channels,
      markets: MarketTable(markets), phase: .resting(until: now), heardAt: now, saidAt: now)
    return id
  }

  mutating func begin(_ id: StreamID, at now: Instant) -> [Effect] {
    guard let connection = connections[id], let stream = stream(connection) else { return [] }
    connections[id]?.heardAt = now
    connections[id]?.saidAt = now
    if let call = stream.tokenCall, connection.token == nil {
      connections[id]?.phase = .waitingForToken
      return [.token(id, connection.account, venue: connection.venue, call)]
    }
    connections[id]?.phase = .opening
    var ask = Ask(markets: connection.markets, now: now)
    ask.cursor = connection.token
    let url = stream.url(connection.channels, ask)
    let pingSeconds = stream.ping == nil ? stream.pingEvery : 0
    if stream.opening != nil, let account = connection.account {
      return [
        .openSigned(
          id, account, venue: connection.venue, stream: connection.stream, url: url,
          pingSeconds: pingSeconds)
      ]
    }
    return [.open(id, url: url, pingSeconds: pingSeconds)]
  }

  /// Goes on with what is due.
  mutating func tick(at now: Instant) -> [Effect] {
    var effects = fetchBooks(at: now)
    for id in connections.keys.sorted() {
      guard let connection = connections[id], let stream = stream(connection) else { continue }
      switch connection.phase {
      case .resting(let until):
        if until <= now { effects += begin(id, at: now) }
      case .waitingForToken, .opening, .loggingIn:
        if connection.heardAt.advanced(bySeconds: 30) <= now { effects += reopen(id, at: now) }
      case .open:
        let silent = Int64(stream.pingEvery) * 2 + 30
        if connection.heardAt.advanced(bySeconds: silent) <= now {
          effects += reopen(id, at: now)
        } else if let life = stream.tokenLife, let at = connection.tokenAt,
          at.advanced(bySeconds: Int64(life)) <= now, let call = stream.tokenCall
        {
          connections[id]?.tokenAt = now
          effects.append(.token(id, connection.account, venue: connection.venue, call))
        } else if let ping = stream.ping,
          connection.saidAt.advanced(bySeconds: Int64(stream.pingEvery)) <= now
        {
          connections[id]?.saidAt = now
          effects.append(.say(id, ping))
        }
      }
    }
    return effects
  }

  mutating func reopen(_ id: StreamID, at now: Instant) -> [Effect] {
    rest(id, at: now)
    return [.close(id)]
  }

  private mutating func rest(_ id: StreamID, at now: Instant) {
    guard var connection = connections[id] else { return }
    let until = connection.policy.ended(at: now, using: &generator)
    connection.phase = .resting(until: until)
    connection.token = nil
    connection.memo = [:]
    // What was kept on a connection that has ended is not whole any more.
    connection.book?.end()
    connections[id] = connection
  }

  /// A token came, or none could be had.
  mutating func take(token result: FetchResult, of id: StreamID, _ call: Call, at now: Instant)
    -> [Effect]
  {
    guard let connection = connections[id], let venue = Venue.named(connection.venue),
      let stream = stream(connection)
    else { return [] }
    let ask = Ask(now: now)
    guard case .answered(let incoming) = result,
      let answer = try? venue.answer(ask, call, incoming), let token = try? stream.token(answer)
    else {
      if case .waitingForToken = connection.phase { rest(id, at: now) }
      return []
    }
    connections[id]?.token = token
    connections[id]?.tokenAt = now
    guard case .waitingForToken = connection.phase else { return [] }
    return begin(id, at: now)
  }
}

// MARK: - What is heard

extension StreamDesk {
  /// Takes what a socket said.
  mutating func take(_ events: [WebSocketEvent], of id: StreamID, at now: Instant) -> News {
    var news = News()
    for event in events {
      guard let connection = connections[id], let stream = stream(connection) else { return news }
      // What a connection said that was given up means nothing to the next one.
      if case .resting = connection.phase { continue }
      connections[id]?.heardAt = now
      switch event {
      case .opened:
        connections[id]?.policy.opened(at: now)
        news.effects += greet(id, connection, stream, at: now)
      case .text(let text): read(Array(text.utf8), id, connection, stream, &news, at: now)
      case .binary(let bytes):
        if let unpack = stream.unpack {
          if let json = try? unpack(bytes) {
            read(json, id, connection, stream, &news, at: now)
          } else {
            lose(id, &news, at: now)
          }
          continue
        }
        let plain =
          stream.packing == .gzip ? try? gunzip(bytes, limit: 16 << 20) : Optional(bytes)
        if let plain { read(plain, id, connection, stream, &news, at: now) }
      case .closed, .failed:
        news.hasNewBooks = news.hasNewBooks || connection.book != nil
        rest(id, at: now)
      }
    }
    return news
  }

  private mutating func greet(
    _ id: StreamID, _ connection: Connection, _ stream: VenueKit.Stream, at now: Instant
  ) -> [Effect] {
    if let account = connection.account {
      connections[id]?.phase = .loggingIn
      return [.logIn(id, account, venue: connection.venue, stream: connection.stream)]
    }
    return subscribe(id, connection, stream, at: now)
  }

  private mutating func subscribe(
    _ id: StreamID, _ connection: Connection, _ stream: VenueKit.Stream, at now: Instant
  ) -> [Effect] {
    connections[id]?.phase = .open
    connections[id]?.saidAt = now
    var ask = Ask(markets: connection.markets, now: now)
    ask.cursor = connection.token
    return stream.subscribe(connection.channels, ask).map { .say(id, $0) }
  }

  /// The texts of a login were sent, so many of them; a stream without any is logged in by its token.
  mutating func loggedIn(_ id: StreamID, texts: Int, at now: Instant) -> [Effect] {
    guard texts == 0, let connection = connections[id], let stream = stream(connection) else {
      return []
    }
    return subscribe(id, connection, stream, at: now)
  }

  private mutating func read(
    _ bytes: [UInt8], _ id: StreamID, _ connection: Connection, _ stream: VenueKit.Stream,
    _ news: inout News, at now: Instant
  ) {
    // Some venues answer a ping with a bare word.
    guard let first = bytes.first, [UInt8(ascii: "{"), UInt8(ascii: "[")].contains(first) else {
      return
    }
    guard let json = try? JSON.reading(bytes) else { return lose(id, &news, at: now) }
    read(json, id, connection, stream, &news, at: now)
  }

  private mutating func read(
    _ json: JSON, _ id: StreamID, _ connection: Connection, _ stream: VenueKit.Stream,
    _ news: inout News, at now: Instant
  ) {
    let node = Node(json)
    if let (name, word) = stream.remember(node) { connections[id]?.memo[name] = word }
    var ask = Ask(markets: connection.markets, now: now)
    ask.cursor = connection.token
    ask.accounts = connections[id]?.memo ?? [:]
    guard hearBook(node, of: id, at: now) else { return }
    guard let events = try? stream.read(node, ask) else { return lose(id, &news, at: now) }
    var own: [StreamEvent] = []
    var changes: [BookChange] = []
    var tickers: [Ticker] = []
    for event in events {
      switch event {
      case .ticker(let ticker): tickers.append(ticker)
      case .reply(let text): news.effects.append(.say(id, text))
      case .loggedIn:
        if case .loggingIn = connections[id]?.phase {
          news.effects += subscribe(id, connection, stream, at: now)
        }
      case .reconnect: news.effects += reopen(id, at: now)
      case .refused(let refusal):
        refuseBook(of: id, refusal)
        if case .open = connection.phase { continue }
        news.effects += reopen(id, at: now)
      case .fill, .order, .balance: own.append(event)
      case .book(let change): changes.append(change)
      case .trade, .subscribed: break
      }
    }
    if connections[id]?.book != nil {
      let taken = take(changes, of: id, at: now)
      news.hasNewBooks = news.hasNewBooks || taken.changed
      news.effects += taken.effects
    }
    if !tickers.isEmpty { news.tickers.append((connection.venue, tickers)) }
    if !own.isEmpty, let account = connection.account { news.accounts.append((account, own)) }
  }

  /// A message that is not understood: of a book it may have been a change.
  private mutating func lose(_ id: StreamID, _ news: inout News, at now: Instant) {
    guard connections[id]?.book != nil else { return }
    news.hasNewBooks = true
    news.effects += loseBook(of: id, at: now)
  }
}
