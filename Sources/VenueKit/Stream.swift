public import Encodings

/// What a stream can be asked for.
public enum Channel: Hashable, Sendable {
  /// Tickers of a market.
  case ticker(Market)
  /// Trades of a market.
  case trades(Market)
  /// The order book of a market.
  case book(Market)
  /// Our own orders, executions and balances.
  case account
}

/// A change of an order book.
public struct BookChange: Hashable, Sendable {
  /// The venue's id of the market.
  public var market: String
  /// Whether it replaces the book.
  public var isSnapshot: Bool
  /// Changed bids; an amount of zero removes the level.
  public var bids: [BookLevel]
  /// Changed asks.
  public var asks: [BookLevel]
  /// The first and the last number of the states it covers, where the venue counts them.
  public var sequence: ClosedRange<Int64>?
  /// The number the state before must have, where the venue tells it.
  public var previous: Int64?
  /// The venue's checksum of the book after it.
  public var checksum: Int64?
  /// The decimals that the venue wrote, where its checksum is made of them.
  public var digits: BookDigits?

  /// Makes a change.
  public init(
    market: String, isSnapshot: Bool, bids: [BookLevel], asks: [BookLevel],
    sequence: ClosedRange<Int64>? = nil, previous: Int64? = nil, checksum: Int64? = nil,
    digits: BookDigits? = nil
  ) {
    self.market = market
    self.isSnapshot = isSnapshot
    self.bids = bids
    self.asks = asks
    self.sequence = sequence
    self.previous = previous
    self.checksum = checksum
    self.digits = digits
  }
}

/// What a stream's message says.
public enum StreamEvent: Hashable, Sendable {
  /// A ticker.
  case ticker(Ticker)
  /// A trade.
  case trade(PublicTrade)
  /// A change of a book.
  case book(BookChange)
  /// One of our executions.
  case fill(Fill)
  /// One of our orders.
  case order(Order)
  /// A balance as it is now.
  case balance(Balance)
  /// The venue wants this text sent back.
  case reply(String)
  /// The login was accepted.
  case loggedIn
  /// The channels were accepted.
  case subscribed
  /// The venue refused something.
  case refused(Refusal)
  /// The stream wants to be opened anew.
  case reconnect
}

/// How a message must be unpacked before it is JSON.
public enum StreamPacking: String, Hashable, Sendable {
  /// It is text.
  case text
  /// Binary messages are gzip.
  case gzip
}

/// Makes the header fields of the request that opens a stream.
public typealias StreamOpening =
  @Sendable (Credentials, Moment, SigningTools) throws(VenueFault) -> [StreamHeader]

/// A header field of the request that opens a stream.
public struct StreamHeader: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Its value; never printed, for it may be a signature.
  public var value: String

  /// Makes a field.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// A web-socket stream of a venue: what to open, what to say, how to read.
public struct Stream: Sendable {
  /// A word for it, for instance "market" or "user".
  public var name: String
  /// Whether it carries our own account.
  public var isPrivate: Bool
  /// The addresses to open for some channels; a token got by `token` is `Ask.cursor`.
  public var url: @Sendable ([Channel], Ask) -> String
  /// A call whose answer gives a token that the stream needs (a listen key), read by `token`.
  public var tokenCall: Call?
  /// Reads the token.
  public var token: @Sendable (Answer) throws(VenueFault) -> String
  /// Seconds after which the token must be renewed by the same call; `nil` for never.
  public var tokenLife: Int?
  /// The header fields that the opening request needs, made with the account's key; `nil` for none.
  ///
  /// Where a stream has them its key goes nowhere else: it needs no message that logs in.
  public var opening: StreamOpening?
  /// The messages that log in; empty for none.
  public var login: @Sendable (Credentials, Moment, SigningTools) throws(VenueFault) -> [String]
  /// The messages that subscribe; the texts are sent one after another.
  public var subscribe: @Sendable ([Channel], Ask) -> [String]
  /// The message sent when nothing was heard for `pingEvery` seconds; `nil` sends a web-socket ping.
  public var ping: String?
  /// Seconds between pings.
  public var pingEvery: Int
  /// Reads a binary message that is no JSON; `nil` where there are none.
  public var unpack: (@Sendable ([UInt8]) throws(VenueFault) -> JSON)?
  /// How messages are packed.
  public var packing: StreamPacking
  /// The most channels a connection takes.
  public var channelsMost: Int
  /// A name and a word that a message gives for later ones, for instance a channel's number and its
  /// market: to be kept in `Ask.accounts` of the connection before `read` is called.
  public var remember: @Sendable (Node) -> (name: String, word: String)?
  /// Reads a message.
  public var read: @Sendable (Node, Ask) throws(VenueFault) -> [StreamEvent]
  /// How its books are kept; `nil` where it has none.
  public var book: BookRules?
  /// How we know that it is right.
  public var evidence: Evidence

  /// Makes a stream.
  public init(
    name: String, isPrivate: Bool = false,
    url: @escaping @Sendable ([Channel], Ask) -> String,
    tokenCall: Call? = nil,
    token: @escaping @Sendable (Answer) throws(VenueFault) -> String = { _ in "" },
    tokenLife: Int? = nil, opening: StreamOpening? = nil,
    login:
      @escaping @Sendable (Credentials, Moment, SigningTools) throws(VenueFault) -> [String] = {
        _, _, _ in []
      },
    subscribe: @escaping @Sendable ([Channel], Ask) -> [String],
    ping: String? = nil, pingEvery: Int = 20, packing: StreamPacking = .text,
    channelsMost: Int = 100, book: BookRules? = nil,
    unpack: (@Sendable ([UInt8]) throws(VenueFault) -> JSON)? = nil,
    evidence: Evidence = .documented,
    remember: @escaping @Sendable (Node) -> (name: String, word: String)? = { _ in nil },
    read: @escaping @Sendable (Node, Ask) throws(VenueFault) -> [StreamEvent]
  ) {
    self.name = name
    self.isPrivate = isPrivate
    self.url = url
    self.tokenCall = tokenCall
    self.token = token
    self.tokenLife = tokenLife
    self.opening = opening
    self.login = login
    self.subscribe = subscribe
    self.ping = ping
    self.pingEvery = pingEvery
    self.packing = packing
    self.unpack = unpack
    self.channelsMost = channelsMost
    self.remember = remember
    self.book = book
    self.evidence = evidence
    self.read = read
  }
}

extension Stream {
  /// Texts that ask for many things, some at a time, where a venue takes so many in a message.
  ///
  /// - Parameters:
  ///   - wanted: What is asked for.
  ///   - most: The most of a message, at least 1.
  ///   - text: Makes a message.
  /// - Returns: The messages in order; none where nothing is wanted.
  public static func batched<Wanted>(
    _ wanted: [Wanted], by most: Int, _ text: ([Wanted]) -> String
  ) -> [String] {
    let size = max(most, 1)
    return stride(from: 0, to: wanted.count, by: size).map { start in
      text(Array(wanted[start..<min(start + size, wanted.count)]))
    }
  }
}
