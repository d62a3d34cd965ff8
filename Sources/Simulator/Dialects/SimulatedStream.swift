internal import Amounts
public import Ledger

/// One message of a stream, on its way to the client.
public enum StreamFrame: Sendable, Hashable {
  /// A text message.
  case text(String)
  /// A binary message.
  case binary([UInt8])
  /// A ping of the protocol.
  case ping
  /// The end, with its code.
  case close(Int)
}

/// A connection to a venue's stream, as the venue sees it.
public struct SimulatedStream: Sendable {
  /// Something it was asked for.
  struct Channel: Sendable {
    enum Kind: Sendable { case ticker, best, trades, book, heartbeat }
    var kind: Kind
    /// The market's place.
    var market: Int
    /// The venue's name of it, as it stands in messages.
    var name: String
    /// The venue's number of it.
    var number: Int64 = 0
    /// The levels asked for.
    var depth = 25
    /// The state of the book last told; −1 for none.
    var moment: Int64 = -1
    /// The time of the last print told.
    var printed: Instant
    /// A switch of the venue's own.
    var isPlain = false
  }

  /// The host that was asked for.
  public let host: String
  /// The path that was asked for.
  public let path: String
  /// The query that was asked for.
  public let query: String
  /// The customer, once known.
  public internal(set) var account: Int?
  var channels: [Channel] = []
  /// How many of the account's changes were told.
  var changesSeen = 0
  /// Up to when it has spoken.
  var pulsed: Instant
  /// When the server last spoke of itself.
  var idled: Instant
  /// The channel whose turn it is.
  var turn = 0
  /// Beats that were due but not whole.
  var rest = 0.0
  /// A number that counts messages.
  var sequence: Int64 = 0
  /// The next number of a channel.
  var nextNumber: Int64 = 1
  /// Switches of the venue's own.
  var flags = 0
  /// What private channels were asked for.
  var topics: Set<String> = []
  /// Whether the next sequence number is to be left out.
  public var skipsNumber = false
  static let channelsMost = 1_000
  private static let beatsMost = 4_000

  /// Opens a stream.
  public init(_ request: SimulatedRequest, at now: Instant) {
    host = request.host
    path = request.path
    query = request.query
    pulsed = now
    idled = now
  }

  /// The next number of a message; one more is left out where asked.
  mutating func count() -> Int64 {
    if skipsNumber {
      sequence += 1
      skipsNumber = false
    }
    defer { sequence += 1 }
    return sequence
  }

  /// Adds a channel unless it is there already; `nil` where there are too many.
  mutating func add(_ channel: Channel) -> Int64? {
    if let known = channels.first(where: { $0.name == channel.name && $0.kind == channel.kind }) {
      return known.number
    }
    guard channels.count < SimulatedStream.channelsMost else { return nil }
    var numbered = channel
    numbered.number = nextNumber
    nextNumber += 1
    channels.append(numbered)
    return numbered.number
  }

  /// When which channel speaks, up to a time: the channels take turns.
  mutating func beats(
    until now: Instant, perSecond: Double
  ) -> [(channel: Int, time: Instant)] {
    let speaking = channels.indices.filter { channels[$0].kind != .heartbeat }
    let micros = now.microseconds - pulsed.microseconds
    guard !speaking.isEmpty, micros > 0 else { return [] }
    rest += Double(min(micros, 5_000_000)) / 1_000_000 * perSecond
    let count = min(Int(rest), SimulatedStream.beatsMost)
    rest -= Double(count)
    return (0..<count).map { beat in
      let place = speaking[turn % speaking.count]
      turn = (turn + 1) % max(speaking.count, 1)
      let time = pulsed.microseconds + micros * Int64(beat + 1) / Int64(count)
      return (place, Instant(microseconds: time))
    }
  }
}

/// What happened to an account, for the private channel of a dialect.
public struct PrivateChange: Sendable {
  /// The matter itself.
  let change: AccountChange

  init(_ change: AccountChange) { self.change = change }
}
