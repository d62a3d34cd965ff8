import Amounts
import Encodings
public import Ledger
import VenueKit

/// Binance: spot, the wallet routes of sapi, and the basics of USD-M futures.
///
/// Security, timestamps and parameters: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security;
/// weights and bans: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits;
/// errors: https://developers.binance.com/docs/binance-spot-api-docs/errors.
public struct BinanceDialect: SimulatedDialect {
  /// `binance`.
  public let venue = "binance"
  /// REST, streams and the web-socket API.
  public let hosts = [
    "api.binance.com", "fapi.binance.com", "stream.binance.com", "data-stream.binance.vision",
    "ws-api.binance.com", "fstream.binance.com", "api1.binance.com", "data-api.binance.vision",
    "dapi.binance.com", "dstream.binance.com", "eapi.binance.com", "papi.binance.com",
  ]
  /// What stands behind it.
  public var exchange: SimulatedExchange
  /// How many market messages a second a stream gets.
  public let quotesPerSecond: Double
  let tools: SigningTools
  var allowances = Allowances()
  /// The listen keys given away, with the account and when they end.
  var listenKeys: [String: (account: Int, ends: Instant)] = [:]
  let futures: [BinanceFutures]

  /// Makes the venue.
  public init(_ settings: DialectSettings) {
    let seed = mixed(settings.seed, 1)
    exchange = SimulatedExchange(
      .binance, seed: seed, market: settings.seed, accounts: settings.accounts,
      events: settings.events,
      opening: settings.opening, days: settings.days
    ) { index in
      settings.keys(
        "binance", index,
        Credentials(
          key: SeededText.letters(64, mixed(seed, UInt64(index), 1)),
          secret: SeededText.letters(64, mixed(seed, UInt64(index), 2))))
    }
    quotesPerSecond = settings.quotesPerSecond
    tools = settings.tools
    let prices = exchange.prices
    futures = (0..<settings.accounts).map { index in
      BinanceFutures(
        seed: mixed(seed, UInt64(index), 3), prices: prices, opening: settings.opening,
        days: settings.days)
    }
    for (index, one) in futures.enumerated() {
      exchange.accounts[index].apart = ["USDT": one.wallet]
    }
  }

  // MARK: - Answers

  /// Weights, key, signature and time, then the route.
  public mutating func handle(
    _ request: SimulatedRequest, at now: Instant
  ) -> SimulatedResponse {
    if let seconds = allowances.ban(request.address, at: now) { return banned(seconds: seconds) }
    guard let route = BinanceRoute.find(request) else {
      return .json(
        [
          "code": -5000,
          "msg": .string("Path \(request.path), Method \(request.method) is invalid"),
        ],
        status: 404)
    }
    let bucket = route.bucket
    // https://developers.binance.com/docs/wallet/general-info : weight of the IP or of the UID.
    let owner = bucket.isOfKey ? request.header("x-mbx-apikey") : request.address
    let window = allowances.charge(
      "\(bucket.name) \(owner)", route.weight, seconds: 60, at: now)
    guard window <= bucket.limit else { return tooMany(request, at: now) }
    let answer: SimulatedResponse
    do {
      let account = try checked(route, request, at: now)
      answer = .json(try run(route, request, account, at: now))
    } catch {
      answer = .json(
        ["code": .count(error.code), "msg": .string(error.message)], status: error.status)
    }
    return answer.adding(bucket.header, String(window))
  }

  private mutating func tooMany(
    _ request: SimulatedRequest, at now: Instant
  ) -> SimulatedResponse {
    let left = allowances.left(seconds: 60, at: now)
    // "A 418 is returned when an IP has been auto-banned for continuing to send requests after
    // receiving 429 codes"; bans last from 2 minutes to 3 days.
    if allowances.warn(request.address, most: 10, seconds: 120, at: now) {
      return banned(seconds: 120)
    }
    return slowDown(seconds: left)
  }

  /// 429 with `Retry-After`.
  public func slowDown(seconds: Int) -> SimulatedResponse {
    SimulatedResponse.json(
      [
        "code": -1003,
        "msg":
          "Too much request weight used; current limit is 6000 request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.",
      ],
      status: 429
    ).adding("Retry-After", String(seconds))
  }

  /// 418 with `Retry-After`.
  public func banned(seconds: Int) -> SimulatedResponse {
    SimulatedResponse.json(
      [
        "code": -1003,
        "msg": .string(
          "Way too much request weight used; IP banned for \(seconds) seconds. Please use WebSocket Streams for live updates to avoid bans."
        ),
      ],
      status: 418
    ).adding("Retry-After", String(seconds))
  }

  // MARK: - Security

  private func checked(
    _ route: BinanceRoute, _ request: SimulatedRequest, at now: Instant
  ) throws(BinanceRefusal) -> Int {
    if route.security == .none { return 0 }
    let key = request.header("x-mbx-apikey")
    guard !key.isEmpty else { throw BinanceRefusal(401, -2014, "API-key format invalid.") }
    guard let account = exchange.account(key: key) else {
      throw BinanceRefusal(401, -2015, "Invalid API-key, IP, or permissions for action.")
    }
    guard route.security == .signed else { return account }
    let fields = FormFields(request.query + "&" + request.body)
    try checkTime(fields, at: now)
    guard let signature = fields["signature"], !signature.isEmpty else {
      throw .missing("signature")
    }
    // The signature is over query and body as sent, joined with nothing between, without itself.
    let message = BinanceDialect.unsigned(request.query) + BinanceDialect.unsigned(request.body)
    let secret = exchange.accounts[account].credentials.secret
    let expected = Hex.text(tools.hmac(.sha256, Array(secret.utf8), Array(message.utf8)))
    guard signature.lowercased() == expected else {
      throw BinanceRefusal(400, -1022, "Signature for this request is not valid.")
    }
    return account
  }

  static func unsigned(_ text: String) -> String {
    text.split(separator: "&").filter { !$0.hasPrefix("signature=") }.joined(separator: "&")
  }

  /// A request may be at most a second ahead and `recvWindow` behind.
  func checkTime(_ fields: FormFields, at now: Instant) throws(BinanceRefusal) {
    guard let stamp = fields.number("timestamp") else { throw .missing("timestamp") }
    let window = fields.number("recvWindow") ?? 5_000
    guard window <= 60_000 else {
      throw BinanceRefusal(400, -1131, "'recvWindow' must be less than 60000")
    }
    // Microseconds are taken as well.
    let millis = stamp > 100_000_000_000_000 ? stamp / 1_000 : stamp
    guard millis < now.milliseconds + 1_000 else {
      throw BinanceRefusal(
        400, -1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    }
    guard now.milliseconds - millis <= window else {
      throw BinanceRefusal(
        400, -1021, "Timestamp for this request is outside of the recvWindow.")
    }
  }

  // MARK: - Names

  /// The market of a symbol.
  func market(_ symbol: String?) throws(BinanceRefusal) -> SimulatedMarket {
    guard let symbol, !symbol.isEmpty else { throw .missing("symbol") }
    let found = exchange.listing.markets.first { BinanceDialect.symbol($0) == symbol }
    guard let found else { throw BinanceRefusal(400, -1121, "Invalid symbol.") }
    return found
  }

  static func symbol(_ market: SimulatedMarket) -> String { market.base + market.quote }
}

/// A refusal of Binance's.
struct BinanceRefusal: Error {
  let status: Int
  let code: Int
  let message: String

  init(_ status: Int, _ code: Int, _ message: String) {
    self.status = status
    self.code = code
    self.message = message
  }

  /// A parameter that is not there.
  static func missing(_ name: String) -> BinanceRefusal {
    BinanceRefusal(
      400, -1102,
      "Mandatory parameter '\(name)' was not sent, was empty/null, or malformed.")
  }
}
