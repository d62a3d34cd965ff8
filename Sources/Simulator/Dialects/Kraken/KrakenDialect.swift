import Amounts
import Encodings
public import Ledger
import VenueKit

/// Kraken, spot.
///
/// Signature and nonce: https://docs.kraken.com/api/docs/guides/spot-rest-auth; counter:
/// https://docs.kraken.com/api/docs/guides/spot-rest-ratelimits; errors:
/// https://docs.kraken.com/api/docs/guides/spot-errors; routes:
/// https://docs.kraken.com/api/docs/rest-api/get-account-balance and its neighbours.
public struct KrakenDialect: SimulatedDialect {
  /// `kraken`.
  public let venue = "kraken"
  /// REST and both web sockets.
  public let hosts = ["api.kraken.com", "ws.kraken.com", "ws-auth.kraken.com"]
  /// What stands behind it.
  public var exchange: SimulatedExchange
  /// How many market messages a second a stream gets.
  public let quotesPerSecond: Double
  let tools: SigningTools
  var allowances = Allowances()
  /// The last nonce of each account.
  private var nonces: [Int: UInt64] = [:]
  /// The tokens for web sockets, with account and end.
  var tokens: [String: (account: Int, ends: Instant)] = [:]

  /// Makes the venue.
  public init(_ settings: DialectSettings) {
    let seed = mixed(settings.seed, 2)
    exchange = SimulatedExchange(
      .kraken, seed: seed, market: settings.seed, accounts: settings.accounts,
      events: settings.events,
      opening: settings.opening, days: settings.days
    ) { index in
      settings.keys(
        "kraken", index,
        Credentials(
          key: SeededText.letters(56, mixed(seed, UInt64(index), 1)),
          secret: Base64.text(SeededText.bytes(64, mixed(seed, UInt64(index), 2)))))
    }
    quotesPerSecond = settings.quotesPerSecond
    tools = settings.tools
  }

  /// Answers; every refusal has status 200 and stands in `error`.
  public mutating func handle(
    _ request: SimulatedRequest, at now: Instant
  ) -> SimulatedResponse {
    let parts = request.parts
    guard parts.count >= 3, parts[0] == "0" else {
      return KrakenDialect.refused("EGeneral:Unknown method")
    }
    let name = parts[2...].joined(separator: "/")
    do throws(KrakenRefusal) {
      let result: JSON
      switch parts[1] {
      case "public":
        guard
          allowances.count(
            "public \(request.address)", 1, perSecond: 1, most: 15, at: now)
        else { throw KrakenRefusal("EAPI:Rate limit exceeded") }
        result = try answer(name, KrakenFields(request), at: now)
      case "private":
        let fields = KrakenFields(request)
        let account = try checked(request, fields, name, at: now)
        result = try run(name, fields, account, at: now)
      default: throw KrakenRefusal("EGeneral:Unknown method")
      }
      return .json(["error": [], "result": result])
    } catch {
      return KrakenDialect.refused(error.text)
    }
  }

  private static func refused(_ text: String) -> SimulatedResponse {
    .json(["error": [.string(text)]])
  }

  /// The venue has no status for it: the counter's refusal.
  public func slowDown(seconds: Int) -> SimulatedResponse {
    KrakenDialect.refused("EAPI:Rate limit exceeded")
  }

  /// The same, with the time it lasts: https://docs.kraken.com/api/docs/guides/spot-errors.
  public func banned(seconds: Int) -> SimulatedResponse {
    KrakenDialect.refused("EGeneral:Temporary lockout")
  }

  // MARK: - Security

  private mutating func checked(
    _ request: SimulatedRequest, _ fields: KrakenFields, _ name: String, at now: Instant
  ) throws(KrakenRefusal) -> Int {
    guard let account = exchange.account(key: request.header("api-key")), request.method == "POST"
    else { throw KrakenRefusal("EAPI:Invalid key") }
    guard let text = fields["nonce"], let nonce = UInt64(text) else {
      throw KrakenRefusal("EAPI:Invalid nonce")
    }
    guard request.header("api-sign") == signature(request, text, account) else {
      throw KrakenRefusal("EAPI:Invalid signature")
    }
    guard nonce > nonces[account] ?? 0 else { throw KrakenRefusal("EAPI:Invalid nonce") }
    nonces[account] = nonce
    let points = KrakenDialect.points(name)
    guard
      allowances.count(
        "private \(account)", points, perSecond: 0.5, most: 20, at: now)
    else { throw KrakenRefusal("EAPI:Rate limit exceeded") }
    return account
  }

  /// SHA-256 of nonce and body behind the path, under HMAC-SHA512.
  private func signature(
    _ request: SimulatedRequest, _ nonce: String, _ account: Int
  ) -> String {
    let secret = Base64.bytes(exchange.accounts[account].credentials.secret) ?? []
    let digest = tools.hash(.sha256, Array((nonce + request.body).utf8))
    return Base64.text(tools.hmac(.sha512, secret, Array(request.path.utf8) + digest))
  }

  /// Histories count 2, everything else 1, and orders have a limiter of their own.
  private static func points(_ name: String) -> Double {
    switch name {
    case "Ledgers", "QueryLedgers", "TradesHistory", "QueryTrades", "ClosedOrders": 2
    case "AddOrder", "CancelOrder", "AddOrderBatch", "CancelAll", "AmendOrder": 0
    default: 1
    }
  }

  // MARK: - Names

  private static let classic: [String: String] = [
    "BTC": "XXBT", "ETH": "XETH", "LTC": "XLTC", "XRP": "XXRP", "XLM": "XXLM", "ZEC": "XZEC",
    "XMR": "XXMR", "DOGE": "XXDG", "USD": "ZUSD", "EUR": "ZEUR",
  ]

  /// The venue's code of an asset.
  static func code(_ asset: String) -> String { classic[asset] ?? asset }

  /// The other name of an asset.
  static func altname(_ asset: String) -> String {
    switch asset {
    case "BTC": "XBT"
    case "DOGE": "XDG"
    default: asset
    }
  }

  /// The common code of either name.
  func asset(_ name: String) -> String? {
    exchange.listing.assets.first {
      KrakenDialect.code($0) == name || KrakenDialect.altname($0) == name || $0 == name
    }
  }

  static func altname(_ market: SimulatedMarket) -> String {
    altname(market.base) + altname(market.quote)
  }

  /// The key of a pair: both old codes, or the other names.
  static func key(_ market: SimulatedMarket) -> String {
    let base = code(market.base)
    let quote = code(market.quote)
    let isClassic = base != market.base && quote != market.quote && market.base != "DOGE"
    return isClassic ? base + quote : altname(market)
  }

  func market(_ name: String?) throws(KrakenRefusal) -> SimulatedMarket {
    let found = exchange.listing.markets.first { market in
      name == KrakenDialect.key(market) || name == KrakenDialect.altname(market)
        || name == "\(KrakenDialect.altname(market.base))/\(KrakenDialect.altname(market.quote))"
        || name == "\(market.base)/\(market.quote)"
    }
    guard let found else { throw KrakenRefusal("EQuery:Unknown asset pair") }
    return found
  }

  /// An id as the venue writes them: a letter, then groups of five and six.
  static func id(_ letter: String, _ number: Int64) -> String {
    let text = Array(SeededText.capitals(16, UInt64(bitPattern: number)).utf8)
    func part(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
    return "\(letter)\(part(0..<5))-\(part(5..<10))-\(part(10..<16))"
  }
}

/// A refusal of Kraken's.
struct KrakenRefusal: Error {
  let text: String
  init(_ text: String) { self.text = text }
}

/// Parameters from a query, a form or a JSON body.
struct KrakenFields {
  private let form: FormFields
  private let json: JSON?

  init(_ request: SimulatedRequest) {
    let isJSON = request.header("content-type").hasPrefix("application/json")
    json = isJSON ? request.json : nil
    form = FormFields(request.method == "GET" ? request.query : request.body)
  }

  subscript(_ name: String) -> String? {
    guard let json else { return form[name] }
    switch json[name] {
    case .bool(let value)?: return value ? "true" : "false"
    case let value: return value?.plainText
    }
  }

  /// A decimal; refused where it is none.
  func number(_ name: String) throws(KrakenRefusal) -> Fixed? {
    guard let text = self[name] else { return nil }
    guard let value = Fixed(simulated: text) else {
      throw KrakenRefusal("EGeneral:Invalid arguments:\(name)")
    }
    return value
  }

  /// A whole number.
  func whole(_ name: String) -> Int64? { self[name].flatMap { Int64($0) } }

  /// A time in seconds, with or without a fraction.
  func time(_ name: String) -> Instant? { self[name].flatMap { TimeForm.seconds.read($0) } }
}
