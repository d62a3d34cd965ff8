import Amounts
import Cipher
import Encodings
import Ledger
import Simulator
import Testing
import VenueKit

/// 2026-01-15T12:00:00Z.
let opening = Instant(seconds: 1_768_478_400)
let tools = SigningTools.openSSL
let check = KeyCheck(
  ecdsaP256: { SignatureCheck.p256(privateKey: $0, $1, $2) },
  ed25519: { SignatureCheck.ed25519(publicKey: $0, $1, $2) })

func settings(
  seed: UInt64 = 7, accounts: Int = 1, events: Int = 300, days: Int64 = 100
) -> DialectSettings {
  DialectSettings(
    seed: seed, accounts: accounts, events: events, days: days, opening: opening, tools: tools,
    check: check)
}

func decimal(_ text: String) throws -> Fixed { try Fixed(parsing: text) }

/// What an answer's body says.
func body(_ response: SimulatedResponse) throws -> Node { Node(try JSON.reading(response.body)) }

/// A venue with a clock of its own and its keys, asked as its documents say.
struct Client<Dialect: SimulatedDialect> {
  var venue: Dialect
  var now = opening
  var account = 0
  /// How much time passes with each request.
  var pace: Int64 = 5
  var nonce: Int64 = 1_768_478_400_000

  init(_ venue: Dialect) { self.venue = venue }

  var keys: Credentials { venue.exchange.accounts[account].credentials }
  var milliseconds: Int64 { now.microseconds / 1_000 }

  mutating func send(_ request: SimulatedRequest) -> SimulatedResponse {
    defer { now = now.advanced(bySeconds: pace) }
    return venue.handle(request, at: now)
  }

  mutating func get(_ path: String, _ query: String = "") throws -> Node {
    try body(
      send(SimulatedRequest(method: "GET", host: venue.hosts[0], path: path, query: query)))
  }
}

func hmac(_ algorithm: HashAlgorithm, _ secret: String, _ message: String) -> [UInt8] {
  tools.hmac(algorithm, Array(secret.utf8), Array(message.utf8))
}

extension Client where Dialect == BinanceDialect {
  mutating func signed(
    _ method: String, _ path: String, _ query: String = "", stamp: Int64? = nil
  ) -> SimulatedResponse {
    let text = (query.isEmpty ? "" : query + "&") + "timestamp=\(stamp ?? milliseconds)"
    let signature = Hex.text(hmac(.sha256, keys.secret, text))
    return send(
      SimulatedRequest(
        method: method, host: "api.binance.com", path: path,
        query: text + "&signature=" + signature, headers: ["x-mbx-apikey": keys.key]))
  }

  mutating func ask(_ path: String, _ query: String = "", method: String = "GET") throws -> Node {
    try body(signed(method, path, query))
  }
}

extension Client where Dialect == KrakenDialect {
  mutating func signed(
    _ name: String, _ form: String = "", nonce given: Int64? = nil
  ) -> SimulatedResponse {
    nonce += 1
    let used = given ?? nonce
    let path = "/0/private/" + name
    let text = "nonce=\(used)" + (form.isEmpty ? "" : "&" + form)
    let digest = tools.hash(.sha256, Array("\(used)\(text)".utf8))
    let secret = Base64.bytes(keys.secret) ?? []
    let sign = Base64.text(tools.hmac(.sha512, secret, Array(path.utf8) + digest))
    return send(
      SimulatedRequest(
        method: "POST", host: "api.kraken.com", path: path,
        headers: ["api-key": keys.key, "api-sign": sign], body: text))
  }

  mutating func ask(_ name: String, _ form: String = "") throws -> Node {
    try body(signed(name, form))["result"]
  }
}

extension Client where Dialect == BitfinexDialect {
  mutating func signed(_ path: String, _ text: String = "{}", nonce given: Int64? = nil)
    -> SimulatedResponse
  {
    nonce += 1
    let used = String(given ?? nonce)
    let whole = "/v2/auth/" + path
    let sign = Hex.text(hmac(.sha384, keys.secret, "/api" + whole + used + text))
    return send(
      SimulatedRequest(
        method: "POST", host: "api.bitfinex.com", path: whole,
        headers: ["bfx-nonce": used, "bfx-apikey": keys.key, "bfx-signature": sign], body: text))
  }

  mutating func ask(_ path: String, _ text: String = "{}") throws -> Node {
    try body(signed(path, text))
  }
}

extension Client where Dialect == HTXDialect {
  mutating func signed(
    _ method: String, _ path: String, _ fields: [String: String] = [:], _ text: String = "",
    stamp: Instant? = nil
  ) -> SimulatedResponse {
    var all = fields
    all["AccessKeyId"] = keys.key
    all["SignatureMethod"] = "HmacSHA256"
    all["SignatureVersion"] = "2"
    all["Timestamp"] = TimeForm.isoBare.write(stamp ?? now)
    let query = all.keys.sorted().map { "\($0)=\(Escaping.strict(all[$0] ?? ""))" }
      .joined(separator: "&")
    let message = "\(method)\napi.huobi.pro\n\(path)\n\(query)"
    let sign = Escaping.strict(Base64.text(hmac(.sha256, keys.secret, message)))
    return send(
      SimulatedRequest(
        method: method, host: "api.huobi.pro", path: path, query: query + "&Signature=" + sign,
        body: text))
  }

  mutating func ask(_ path: String, _ fields: [String: String] = [:]) throws -> Node {
    try body(signed("GET", path, fields))
  }
}

extension Client where Dialect == CoinbaseDialect {
  /// A token as the documents make it, for whichever key the account has.
  func token(_ uri: String?, from start: Instant? = nil) throws -> String {
    let begin = (start ?? now).seconds
    let isCurve = account % 3 == 0
    let head =
      #"{"alg":"\#(isCurve ? "ES256" : "EdDSA")","typ":"JWT","kid":"\#(keys.key)","nonce":"5eed"}"#
    let place = uri.map { #","uri":"\#($0)""# } ?? ""
    let claims =
      #"{"sub":"\#(keys.key)","iss":"cdp","nbf":\#(begin),"exp":\#(begin + 120)\#(place)}"#
    let text = Base64.urlText(Array(head.utf8)) + "." + Base64.urlText(Array(claims.utf8))
    let signature =
      isCurve
      ? try tools.ecdsaP256(keys.secret, Array(text.utf8))
      : try tools.ed25519(Base64.bytes(keys.secret) ?? [], Array(text.utf8))
    return text + "." + Base64.urlText(signature)
  }

  mutating func signed(
    _ method: String, _ path: String, _ query: String = "", _ text: String = ""
  ) throws -> SimulatedResponse {
    var request = SimulatedRequest(
      method: method, host: "api.coinbase.com", path: path, query: query, body: text)
    if account % 3 == 2 {
      let isOld = path.hasPrefix("/v2/") && !query.isEmpty
      let message = "\(now.seconds)\(method)\(path)\(isOld ? "?" + query : "")\(text)"
      request.headers = [
        "cb-access-key": keys.key, "cb-access-timestamp": String(now.seconds),
        "cb-access-sign": Hex.text(hmac(.sha256, keys.secret, message)),
      ]
    } else {
      let token = try token("\(method) api.coinbase.com\(path)")
      request.headers = ["authorization": "Bearer " + token]
    }
    return send(request)
  }

  mutating func ask(_ path: String, _ query: String = "") throws -> Node {
    try body(try signed("GET", path, query))
  }
}

/// Sums by asset.
struct Sums {
  private(set) var amounts: [String: Fixed] = [:]

  mutating func add(_ asset: String, _ amount: Fixed) throws {
    amounts[asset] = try (amounts[asset] ?? .zero).adding(amount)
  }

  mutating func take(_ asset: String, _ amount: Fixed) throws {
    amounts[asset] = try (amounts[asset] ?? .zero).subtracting(amount)
  }

  /// What is not zero.
  var held: [String: Fixed] { amounts.filter { !$0.value.isZero } }
}
