import Amounts
import Encodings
public import Ledger
import VenueKit

/// HTX, spot.
///
/// https://www.htx.com/en-us/opend/newApiPages/ and https://huobiapi.github.io/docs/spot/v1/en/
public struct HTXDialect: SimulatedDialect {
  /// `htx`.
  public let venue = "htx"
  /// REST and web sockets.
  public let hosts = [
    "api.huobi.pro", "api-aws.huobi.pro", "api.htx.com", "api.hbdm.vn", "api.hbdm.com",
  ]
  /// What stands behind it.
  public var exchange: SimulatedExchange
  /// How many market messages a second a stream gets.
  public let quotesPerSecond: Double
  let tools: SigningTools
  var allowances = Allowances()

  /// Makes the venue.
  public init(_ settings: DialectSettings) {
    let seed = mixed(settings.seed, 5)
    exchange = SimulatedExchange(
      .htx, seed: seed, market: settings.seed, accounts: settings.accounts, events: settings.events,
      opening: settings.opening, days: settings.days
    ) { index in
      let bits = mixed(seed, UInt64(index), 1)
      func part(_ place: UInt64) -> String { SeededText.hex(8, bits &+ place) }
      return settings.keys(
        "htx", index,
        Credentials(
          key: "\(part(1))-\(part(2))-\(part(3))-\(part(4).prefix(5))",
          secret: "\(part(5))-\(part(6))-\(part(7))-\(part(8).prefix(5))"))
    }
    quotesPerSecond = settings.quotesPerSecond
    tools = settings.tools
  }

  /// Answers; each private route ten times a second a key, or as its own limit is.
  public mutating func handle(
    _ request: SimulatedRequest, at now: Instant
  ) -> SimulatedResponse {
    let isNew = request.path.hasPrefix("/v2/")
    do throws(HTXRefusal) {
      let isOfContracts = request.host.hasPrefix("api.hbdm.")
      let isOpen =
        isOfContracts ? !request.query.contains("AccessKeyId=") : HTXDialect.isOpen(request.path)
      let account = isOpen ? 0 : try checked(request, at: now)
      let most: Int
      let used: Int
      if isOfContracts {
        // 72 calls a key and 120 an address in three seconds:
        // https://huobiapi.github.io/docs/usdt_swap/v1/en/#api-rate-limit-illustration
        let name = isOpen ? "contracts \(request.address)" : "contracts of \(account)"
        most = isOpen ? 120 : 72
        used = allowances.charge(name, 1, seconds: 3, at: now)
      } else {
        let name = isOpen ? "public \(request.address)" : "private \(account) \(request.path)"
        // https://www.htx.com/support/900001168066 : each route has its own.
        most = isOpen ? 100 : request.path == "/v1/account/history" ? 5 : 20
        used = allowances.charge(name, 1, seconds: isOpen ? 1 : 2, at: now)
      }
      guard used <= most else { return slowDown(seconds: 1) }
      if isOfContracts { return .json(HTXDialect.noContracts(at: now)) }
      return SimulatedResponse.json(try run(request, account, at: now))
        .adding("X-HB-RateLimit-Requests-Remain", String(most - used))
        .adding("ratelimit-remaining", String(most - used))
    } catch {
      return error.response(isNew: isNew)
    }
  }

  /// No contract is listed and none is held, whatever is asked: both forms of answer in one.
  private static func noContracts(at now: Instant) -> JSON {
    [
      "status": "ok", "code": 200, "message": "Success", "data": [], "ticks": [],
      "ts": .millis(now),
    ]
  }

  private static func isOpen(_ path: String) -> Bool {
    ["/market/", "/v1/common/", "/v2/reference/", "/v2/settings/", "/v2/market-status"]
      .contains { path.hasPrefix($0) }
  }

  /// 429.
  public func slowDown(seconds: Int) -> SimulatedResponse {
    .json(
      [
        "status": "error", "err-code": "too-many-requests", "err-msg": "Too many requests",
        "data": .null,
      ], status: 429)
  }

  /// 403 from the proxy in front.
  public func banned(seconds: Int) -> SimulatedResponse { .page(403, "403 Forbidden") }

  // MARK: - Security

  private func checked(
    _ request: SimulatedRequest, at now: Instant
  ) throws(HTXRefusal) -> Int {
    let fields = request.queryFields
    guard let key = fields["AccessKeyId"], let account = exchange.account(key: key) else {
      throw HTXRefusal.signature("Incorrect Access key")
    }
    guard fields["SignatureMethod"] == "HmacSHA256", fields["SignatureVersion"] == "2" else {
      throw HTXRefusal.signature("Incorrect signature method or version")
    }
    let time = fields["Timestamp"].flatMap { TimeForm.isoBare.read($0) }
    guard let time, abs(time.seconds - now.seconds) <= 300 else {
      throw HTXRefusal.signature("Invalid timestamp")
    }
    let message = HTXDialect.message(request.method, request.host, request.path, request.query)
    let secret = exchange.accounts[account].credentials.secret
    let expected = Base64.text(tools.hmac(.sha256, Array(secret.utf8), Array(message.utf8)))
    guard fields["Signature"] == expected else {
      throw HTXRefusal.signature("Verification failure")
    }
    return account
  }

  /// Method, host, path and the query's fields as escaped, sorted by bytes, without the signature.
  static func message(
    _ method: String, _ host: String, _ path: String, _ query: String
  ) -> String {
    let pairs = FormFields(query).items.filter { $0.name != "Signature" }
      .map { "\(Escaping.strict($0.name))=\(Escaping.strict($0.value))" }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return "\(method)\n\(host)\n\(path)\n\(pairs.joined(separator: "&"))"
  }

  // MARK: - Names

  static func symbol(_ market: SimulatedMarket) -> String {
    (market.base + market.quote).lowercased()
  }

  func market(_ symbol: String?) throws(HTXRefusal) -> SimulatedMarket {
    let found = exchange.listing.markets.first { HTXDialect.symbol($0) == symbol }
    guard let found else { throw HTXRefusal("invalid-parameter", "invalid symbol", 2_002) }
    return found
  }

  /// The id of the spot account.
  static func spot(_ account: Int) -> Int64 { 44_000_001 + Int64(account) * 10 }
}

/// A refusal of HTX's.
struct HTXRefusal: Error {
  let name: String
  let message: String
  let code: Int

  init(_ name: String, _ message: String, _ code: Int = 2_002) {
    self.name = name
    self.message = message
    self.code = code
  }

  static func signature(_ reason: String) -> HTXRefusal {
    HTXRefusal("api-signature-not-valid", "Signature not valid: \(reason)", 1_003)
  }

  /// `v1` has words, `v2` has numbers; both with status 200.
  func response(isNew: Bool) -> SimulatedResponse {
    if isNew { return .json(["code": .count(code), "message": .string(message)]) }
    return .json([
      "status": "error", "err-code": .string(name), "err-msg": .string(message), "data": .null,
    ])
  }
}
