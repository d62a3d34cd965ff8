import Amounts
import Encodings
public import Ledger
import VenueKit

/// Coinbase: Advanced Trade (`/api/v3/brokerage`) and the accounts of `/v2`.
///
/// Keys: https://docs.cdp.coinbase.com/coinbase-app/authentication-authorization/api-key-authentication;
/// limits: https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/rate-limits and
/// https://docs.cdp.coinbase.com/coinbase-app/api-architecture/rate-limiting.
///
/// The first account has an ES256 key, the second an Ed25519 key, the third a legacy key, and so on.
public struct CoinbaseDialect: SimulatedDialect {
  /// `coinbase`.
  public let venue = "coinbase"
  /// REST and both web sockets.
  public let hosts = [
    "api.coinbase.com", "advanced-trade-ws.coinbase.com", "advanced-trade-ws-user.coinbase.com",
  ]
  /// What stands behind it.
  public var exchange: SimulatedExchange
  /// How many market messages a second a stream gets.
  public let quotesPerSecond: Double
  let tools: SigningTools
  let check: KeyCheck
  var allowances = Allowances()
  /// Where transactions are in the statement of an account and part, and up to where that is noted.
  var places: [String: (key: Int, place: Int)] = [:]
  var noted: [Int: Int] = [:]
  /// The public keys of Ed25519 accounts.
  private let publicKeys: [Int: [UInt8]]

  /// Makes the venue.
  public init(_ settings: DialectSettings) {
    let seed = mixed(settings.seed, 3)
    let tools = settings.tools
    exchange = SimulatedExchange(
      .coinbase, seed: seed, market: settings.seed, accounts: settings.accounts,
      events: settings.events,
      opening: settings.opening, days: settings.days
    ) { settings.keys("coinbase", $0, CoinbaseDialect.credentials($0, seed, tools)) }
    quotesPerSecond = settings.quotesPerSecond
    self.tools = tools
    check = settings.check
    var keys: [Int: [UInt8]] = [:]
    for index in stride(from: 1, to: settings.accounts, by: 3) {
      keys[index] = Array(
        (Base64.bytes(exchange.accounts[index].credentials.secret) ?? []).suffix(32))
    }
    publicKeys = keys
  }

  private static func credentials(
    _ index: Int, _ seed: UInt64, _ tools: SigningTools
  ) -> Credentials {
    let bits = mixed(seed, UInt64(index), 1)
    let name = "organizations/\(SeededText.uuid(bits))/apiKeys/\(SeededText.uuid(bits &+ 1))"
    var secret = SeededText.bytes(32, bits &+ 2)
    // A P-256 key must lie below the group's order; the first byte sees to it.
    secret[0] &= 0x7F
    switch index % 3 {
    case 0: return Credentials(key: name, secret: pem(secret))
    case 1:
      let publicKey: [UInt8]
      do { publicKey = try tools.ed25519PublicKey(secret) } catch { publicKey = [] }
      return Credentials(key: name, secret: Base64.text(secret + publicKey))
    default:
      return Credentials(
        key: SeededText.letters(16, bits &+ 3), secret: SeededText.letters(32, bits &+ 4))
    }
  }

  /// An EC private key as SEC 1 writes it (RFC 5915), without its public half.
  private static func pem(_ key: [UInt8]) -> String {
    let head: [UInt8] = [0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20]
    let curve: [UInt8] = [0xA0, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
    let text = Base64.text(head + key + curve)
    var lines = "-----BEGIN EC PRIVATE KEY-----\n"
    var rest = Substring(text)
    while !rest.isEmpty {
      lines += rest.prefix(64) + "\n"
      rest = rest.dropFirst(64)
    }
    return lines + "-----END EC PRIVATE KEY-----\n"
  }

  /// Answers.
  public mutating func handle(
    _ request: SimulatedRequest, at now: Instant
  ) -> SimulatedResponse {
    let isOpen = CoinbaseDialect.isOpen(request)
    do throws(CoinbaseRefusal) {
      let account = isOpen ? 0 : try checked(request, at: now)
      let name = isOpen ? "public \(request.address)" : "private \(account)"
      let most = isOpen ? 10 : 30
      guard allowances.charge(name, 1, seconds: 1, at: now) <= most else {
        return slowDown(seconds: 1)
      }
      return .json(try run(request, account, at: now))
    } catch {
      return error.response(isOld: request.path.hasPrefix("/v2/"))
    }
  }

  /// Routes that need no key.
  private static func isOpen(_ request: SimulatedRequest) -> Bool {
    let path = request.path
    return path == "/api/v3/brokerage/time" || path.hasPrefix("/api/v3/brokerage/market/")
      || path == "/v2/time" || path.hasPrefix("/v2/currencies")
      || path.hasPrefix("/v2/exchange-rates")
  }

  /// 429.
  public func slowDown(seconds: Int) -> SimulatedResponse {
    .json(["errors": [["id": "rate_limit_exceeded", "message": "Too many requests"]]], status: 429)
  }

  /// 403 from the proxy in front.
  public func banned(seconds: Int) -> SimulatedResponse { .page(403, "403 Forbidden") }

  // MARK: - Security

  private func checked(
    _ request: SimulatedRequest, at now: Instant
  ) throws(CoinbaseRefusal) -> Int {
    let bearer = request.header("authorization")
    if bearer.hasPrefix("Bearer ") {
      let wanted = "\(request.method) \(request.host)\(request.path)"
      return try account(token: String(bearer.dropFirst(7)), uri: wanted, at: now)
    }
    guard let account = exchange.account(key: request.header("cb-access-key")), account % 3 == 2
    else { throw CoinbaseRefusal(401, "authentication_error", "invalid api key") }
    let stamp = request.header("cb-access-timestamp")
    // "within 30 seconds of the API service time"
    guard let seconds = Int64(stamp), abs(now.seconds - seconds) <= 30 else {
      throw CoinbaseRefusal(401, "authentication_error", "request timestamp expired")
    }
    let isOld = request.path.hasPrefix("/v2/")
    let query = isOld && !request.query.isEmpty ? "?" + request.query : ""
    let message = stamp + request.method + request.path + query + request.body
    let secret = exchange.accounts[account].credentials.secret
    let expected = Hex.text(tools.hmac(.sha256, Array(secret.utf8), Array(message.utf8)))
    guard request.header("cb-access-sign") == expected else {
      throw CoinbaseRefusal(401, "authentication_error", "invalid signature")
    }
    return account
  }

  /// The account of a JSON web token (RFC 7519) that holds now, for one request or for a stream.
  func account(
    token: String, uri: String?, at now: Instant
  ) throws(CoinbaseRefusal) -> Int {
    let refused = CoinbaseRefusal(401, "unauthorized", "Unauthorized")
    let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, let head = CoinbaseDialect.decoded(parts[0]),
      let claims = CoinbaseDialect.decoded(parts[1]), let signature = Base64.bytes(parts[2]),
      let name = head["kid"]?.plainText, claims["sub"]?.plainText == name,
      let account = exchange.account(key: name)
    else { throw refused }
    let message = Array("\(parts[0]).\(parts[1])".utf8)
    let isValid: Bool
    switch head["alg"]?.plainText {
    case "ES256" where account % 3 == 0:
      isValid = check.ecdsaP256(exchange.accounts[account].credentials.secret, message, signature)
    case "EdDSA" where account % 3 == 1:
      isValid = check.ed25519(publicKeys[account] ?? [], message, signature)
    default: isValid = false
    }
    guard isValid, let issuer = claims["iss"]?.plainText,
      issuer == "cdp" || issuer == "coinbase-cloud",
      let start = claims["nbf"]?.wholeNumber, let end = claims["exp"]?.wholeNumber,
      start <= now.seconds + 5, end > now.seconds, end - start <= 120
    else { throw refused }
    if let uri, claims["uri"]?.plainText != uri { throw refused }
    return account
  }

  private static func decoded(_ part: String) -> JSON? {
    guard let bytes = Base64.bytes(part) else { return nil }
    do { return try JSON.reading(bytes) } catch { return nil }
  }

  // MARK: - Names

  static func product(_ market: SimulatedMarket) -> String { "\(market.base)-\(market.quote)" }

  func market(_ product: String?) throws(CoinbaseRefusal) -> SimulatedMarket {
    let found = exchange.listing.markets.first { CoinbaseDialect.product($0) == product }
    guard let found else {
      throw CoinbaseRefusal(400, "INVALID_ARGUMENT", "valid product_id is required")
    }
    return found
  }

  /// The id of a wallet: one an asset, another for what is staked of it.
  func wallet(_ asset: String, _ account: Int, isStaked: Bool = false) -> String {
    let place = exchange.listing.assets.firstIndex(of: asset) ?? 0
    return SeededText.uuid(
      mixed(exchange.seed, UInt64(account), UInt64(place), isStaked ? 71 : 70))
  }

  func order(_ id: Int64) -> String { SeededText.uuid(mixed(UInt64(bitPattern: id), 72)) }
  func trade(_ id: Int64) -> String { SeededText.uuid(mixed(UInt64(bitPattern: id), 73)) }
}

/// A refusal of Coinbase's.
struct CoinbaseRefusal: Error {
  let status: Int
  let name: String
  let message: String

  init(_ status: Int, _ name: String, _ message: String) {
    self.status = status
    self.name = name
    self.message = message
  }

  /// `/v2` and `/api/v3` have forms of their own.
  func response(isOld: Bool) -> SimulatedResponse {
    if isOld {
      return .json(
        ["errors": [["id": .string(name), "message": .string(message)]]], status: status)
    }
    if status == 401 {
      return SimulatedResponse(
        status: 401, headers: [SimulatedHeader(name: "Content-Type", value: "text/plain")],
        body: Array("Unauthorized\n".utf8))
    }
    return .json(
      [
        "error": .string(name), "error_details": .string(message), "message": .string(message),
      ], status: status)
  }
}
