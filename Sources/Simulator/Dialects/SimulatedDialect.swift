public import Encodings
public import Ledger
public import VenueKit

/// Checks of signatures that a venue makes with public keys, given by whoever has a library for it.
public struct KeyCheck: Sendable {
  /// ECDSA over P-256 with SHA-256: the PEM text of the private key whose public half is meant,
  /// message, the 64 bytes r and s.
  public var ecdsaP256: @Sendable (String, [UInt8], [UInt8]) -> Bool
  /// Ed25519: 32 bytes of public key, message, 64 bytes of signature.
  public var ed25519: @Sendable ([UInt8], [UInt8], [UInt8]) -> Bool

  /// Gathers the checks.
  public init(
    ecdsaP256: @escaping @Sendable (String, [UInt8], [UInt8]) -> Bool,
    ed25519: @escaping @Sendable ([UInt8], [UInt8], [UInt8]) -> Bool
  ) {
    self.ecdsaP256 = ecdsaP256
    self.ed25519 = ed25519
  }
}

/// What every dialect is made with.
public struct DialectSettings: Sendable {
  /// Decides everything.
  public var seed: UInt64
  /// How many customers each venue has.
  public var accounts: Int
  /// How many events each customer's history has.
  public var events: Int
  /// How many days the history is long.
  public var days: Int64
  /// When the venues open.
  public var opening: Instant
  /// How many market messages a second a stream gets, over all its channels.
  public var quotesPerSecond: Double
  /// The keys of each venue's first customers, by the venue's word; the others get keys of the
  /// seed.
  public var keys: [String: [Credentials]] = [:]
  /// Hashes.
  public var tools: SigningTools
  /// Checks with public keys.
  public var check: KeyCheck

  /// Gathers settings.
  public init(
    seed: UInt64 = 1, accounts: Int = 1, events: Int = 400, days: Int64 = 400, opening: Instant,
    quotesPerSecond: Double = 32, tools: SigningTools, check: KeyCheck
  ) {
    self.seed = seed
    self.accounts = accounts
    self.events = events
    self.days = days
    self.opening = opening
    self.quotesPerSecond = quotesPerSecond
    self.tools = tools
    self.check = check
  }
}

extension DialectSettings {
  /// The keys of a customer: given ones, or those of the seed.
  func keys(_ venue: String, _ index: Int, _ seeded: @autoclosure () -> Credentials) -> Credentials
  {
    guard let given = keys[venue], given.indices.contains(index) else { return seeded() }
    return given[index]
  }
}

/// Something that answers requests for some hosts.
public protocol SimulatedService: Sendable {
  /// Its word.
  var venue: String { get }
  /// The hosts it answers for; the first where a request names none of them.
  var hosts: [String] { get }

  /// Answers a request.
  ///
  /// - Parameters:
  ///   - request: What was asked.
  ///   - now: Its time.
  /// - Returns: The answer.
  mutating func handle(_ request: SimulatedRequest, at now: Instant) -> SimulatedResponse
  /// The answer that says "too many requests", and for how long.
  func slowDown(seconds: Int) -> SimulatedResponse
  /// The answer to a banned address.
  func banned(seconds: Int) -> SimulatedResponse
}

/// A venue as its documents describe it, in front of a `SimulatedExchange`.
public protocol SimulatedDialect: SimulatedService {
  /// What stands behind it.
  var exchange: SimulatedExchange { get set }
  /// How many market messages a second a stream gets.
  var quotesPerSecond: Double { get }

  /// Opens a stream; `nil` where there is none at that address.
  mutating func open(_ request: SimulatedRequest, at now: Instant) -> SimulatedStream?
  /// Takes a message of the client's and gives what is answered.
  mutating func receive(
    _ text: String, _ stream: inout SimulatedStream, at now: Instant
  ) -> [StreamFrame]
  /// What is sent between messages: what the server says of itself.
  mutating func idle(_ stream: inout SimulatedStream, at now: Instant) -> [StreamFrame]
  /// One message of a market channel.
  func market(
    _ place: Int, _ stream: inout SimulatedStream, at time: Instant
  ) -> [StreamFrame]
  /// Messages of an account's channel.
  func account(
    _ change: PrivateChange, _ stream: inout SimulatedStream, at time: Instant
  ) -> [StreamFrame]
}

extension SimulatedService {
  /// 429 without words of its own.
  public func slowDown(seconds: Int) -> SimulatedResponse {
    SimulatedResponse.page(429, "429 Too Many Requests").adding("Retry-After", String(seconds))
  }

  /// 403 from a proxy.
  public func banned(seconds: Int) -> SimulatedResponse { .page(403, "403 Forbidden") }

  /// The answer of a server that fails.
  public func failing(_ status: Int) -> SimulatedResponse {
    .page(status, "\(status) Server Error")
  }
}

extension SimulatedDialect {
  /// Changes the exchange where it lies.
  public mutating func change(_ body: (inout SimulatedExchange) -> Void) { body(&exchange) }

  /// Everything a stream says since it last spoke.
  ///
  /// - Parameters:
  ///   - stream: The stream; remembers what it said.
  ///   - now: The venue's time.
  /// - Returns: The frames in order.
  public mutating func pulse(
    _ stream: inout SimulatedStream, at now: Instant
  ) -> [StreamFrame] {
    exchange.match(to: now)
    var frames = idle(&stream, at: now)
    for beat in stream.beats(until: now, perSecond: quotesPerSecond) {
      frames += market(beat.channel, &stream, at: beat.time)
    }
    if let index = stream.account {
      let changes = exchange.accounts[index].changes
      while stream.changesSeen < changes.count {
        let change = PrivateChange(changes[stream.changesSeen])
        stream.changesSeen += 1
        frames += account(change, &stream, at: now)
      }
    }
    stream.pulsed = now
    return frames
  }
}
