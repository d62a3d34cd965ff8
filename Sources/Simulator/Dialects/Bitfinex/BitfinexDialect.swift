import Amounts
import Encodings
public import Ledger
import VenueKit

/// Bitfinex, version 2.
///
/// Signature: https://docs.bitfinex.com/docs/rest-auth; limits and errors:
/// https://docs.bitfinex.com/docs/requirements-and-limitations and
/// https://docs.bitfinex.com/docs/rest-general.
public struct BitfinexDialect: SimulatedDialect {
  /// `bitfinex`.
  public let venue = "bitfinex"
  /// Public and private host, both also for web sockets.
  public let hosts = ["api.bitfinex.com", "api-pub.bitfinex.com"]
  /// What stands behind it.
  public var exchange: SimulatedExchange
  /// How many market messages a second a stream gets.
  public let quotesPerSecond: Double
  let tools: SigningTools
  var allowances = Allowances()
  /// The last nonce of each account, REST and web socket in one.
  private var nonces: [Int: Int64] = [:]

  /// Makes the venue.
  public init(_ settings: DialectSettings) {
    let seed = mixed(settings.seed, 4)
    exchange = SimulatedExchange(
      .bitfinex, seed: seed, market: settings.seed, accounts: settings.accounts,
      events: settings.events,
      opening: settings.opening, days: settings.days
    ) { index in
      settings.keys(
        "bitfinex", index,
        Credentials(
          key: SeededText.letters(43, mixed(seed, UInt64(index), 1)),
          secret: SeededText.letters(43, mixed(seed, UInt64(index), 2))))
    }
    quotesPerSecond = settings.quotesPerSecond
    tools = settings.tools
  }

  /// Answers; an address that asks more than 90 times a minute is blocked for 60 seconds.
  public mutating func handle(
    _ request: SimulatedRequest, at now: Instant
  ) -> SimulatedResponse {
    if let seconds = allowances.ban(request.address, at: now) { return banned(seconds: seconds) }
    var parts = request.parts
    guard parts.first == "v2", parts.count >= 2 else { return BitfinexRefusal.unknown.response }
    parts.removeFirst()
    let isPrivate = parts[0] == "auth"
    let group = isPrivate ? parts.prefix(3).joined(separator: "/") : parts[0]
    let used = allowances.charge("\(group) \(request.address)", 1, seconds: 60, at: now)
    guard used <= 90 else {
      _ = allowances.warn(request.address, most: 0, seconds: 60, at: now)
      return slowDown(seconds: 60)
    }
    do throws(BitfinexRefusal) {
      guard isPrivate else { return .json(try answer(parts, request.queryFields, at: now)) }
      let account = try checked(request, at: now)
      let body = request.body.isEmpty ? JSON.object(JSONObject()) : request.json
      return .json(try run(Array(parts.dropFirst()), body, account, at: now))
    } catch {
      return error.response
    }
  }

  /// 429.
  public func slowDown(seconds: Int) -> SimulatedResponse {
    .json(["error", 11_010, "ratelimit: error"], status: 429)
  }

  /// The same for a blocked address.
  public func banned(seconds: Int) -> SimulatedResponse { slowDown(seconds: seconds) }

  // MARK: - Security

  private mutating func checked(
    _ request: SimulatedRequest, at now: Instant
  ) throws(BitfinexRefusal) -> Int {
    guard request.method == "POST" else { throw .unknown }
    guard let account = exchange.account(key: request.header("bfx-apikey")) else {
      throw BitfinexRefusal(10_100, "apikey: invalid")
    }
    let nonce = request.header("bfx-nonce")
    // Signed is "/api/" and the path as it stands in the documents, nonce and body.
    let message = "/api" + request.path + nonce + request.body
    guard isSigned(message, request.header("bfx-signature"), account) else {
      throw BitfinexRefusal(10_100, "apikey: digest invalid")
    }
    try use(nonce, account)
    return account
  }

  func isSigned(_ message: String, _ signature: String, _ account: Int) -> Bool {
    let secret = Array(exchange.accounts[account].credentials.secret.utf8)
    return Hex.text(tools.hmac(.sha384, secret, Array(message.utf8))) == signature
  }

  /// Nonces grow strictly and stay within 9007199254740991.
  mutating func use(_ text: String, _ account: Int) throws(BitfinexRefusal) {
    guard let nonce = Int64(text), nonce <= 9_007_199_254_740_991,
      nonce > nonces[account] ?? 0
    else { throw BitfinexRefusal(10_114, "nonce: small") }
    nonces[account] = nonce
  }

  // MARK: - Names

  /// The venue's code of an asset.
  static func code(_ asset: String) -> String {
    switch asset {
    case "USDT": "UST"
    case "BCH": "BCHN"
    case "ATOM": "ATO"
    default: asset
    }
  }

  /// Codes longer than three letters are set apart by a colon.
  static func symbol(_ market: SimulatedMarket) -> String {
    let base = code(market.base)
    let quote = code(market.quote)
    return "t" + base + (base.utf8.count > 3 || quote.utf8.count > 3 ? ":" : "") + quote
  }

  func market(_ symbol: String?) throws(BitfinexRefusal) -> SimulatedMarket {
    let found = exchange.listing.markets.first { BitfinexDialect.symbol($0) == symbol }
    guard let found else { throw BitfinexRefusal(10_020, "symbol: invalid") }
    return found
  }
}

/// A refusal of Bitfinex's: `["error", code, text]` with status 500.
struct BitfinexRefusal: Error {
  let code: Int
  let message: String

  init(_ code: Int, _ message: String) {
    self.code = code
    self.message = message
  }

  static let unknown = BitfinexRefusal(10_020, "path: invalid")

  var response: SimulatedResponse {
    .json(["error", .count(code), .string(message)], status: 500)
  }
}
