import Amounts
import Encodings
import Ledger
import Simulator
import Testing
import VenueKit

@Suite struct RefusalTests {
  // MARK: - Golden signatures

  /// https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security, the HMAC
  /// example of POST /api/v3/order.
  @Test func `binance accepts the signature its documents print and no other`() throws {
    var given = settings()
    given.keys["binance"] = [
      Credentials(
        key: "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A",
        secret: "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j")
    ]
    var client = Client(BinanceDialect(given))
    client.now = Instant(microseconds: 1_499_827_319_560_000)
    client.pace = 0
    let text =
      "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
      + "&timestamp=1499827319559"
    let good = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
    func code(_ signature: String) throws -> Int64 {
      let request = SimulatedRequest(
        method: "POST", host: "api.binance.com", path: "/api/v3/order",
        headers: ["x-mbx-apikey": given.keys["binance"]?[0].key ?? ""],
        body: text + "&signature=" + signature)
      return try body(client.send(request))["code"].integer()
    }
    // Signed well, but LTCBTC is not listed here.
    #expect(try code(good) == -1_121)
    #expect(try code(good.uppercased()) == -1_121)
    #expect(try code(String(good.reversed())) == -1_022)
  }

  /// https://docs.kraken.com/api/docs/guides/spot-rest-auth, the example of AddOrder.
  @Test func `kraken accepts the signature its documents print and no other`() throws {
    var given = settings()
    let secret =
      "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="
    given.keys["kraken"] = [Credentials(key: "key", secret: secret)]
    var client = Client(KrakenDialect(given))
    let sign =
      "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=="
    func error(_ text: String, _ sign: String) throws -> String? {
      let request = SimulatedRequest(
        method: "POST", host: "api.kraken.com", path: "/0/private/AddOrder",
        headers: ["api-key": "key", "api-sign": sign], body: text)
      return try body(client.send(request))["error"][0].optionalText()
    }
    let text = "nonce=1616492376594&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25"
    #expect(try error(text + "0", sign) == "EAPI:Invalid signature")
    // The order itself may lack funds; it is signed well.
    #expect(try error(text, sign)?.hasPrefix("EAPI") != true)
    #expect(try error(text, sign) == "EAPI:Invalid nonce")
  }

  // MARK: - Keys, times and nonces

  @Test func `binance refuses keys, times and signatures in the documents' words`() throws {
    var client = Client(BinanceDialect(settings()))
    let path = "/api/v3/account"
    let none = client.send(
      SimulatedRequest(method: "GET", host: "api.binance.com", path: path))
    #expect(none.status == 401)
    #expect(try body(none)["code"].integer() == -2_014)
    let late = client.signed("GET", path, stamp: client.milliseconds - 5_001)
    #expect(try body(late)["code"].integer() == -1_021)
    let early = client.signed("GET", path, stamp: client.milliseconds + 1_000)
    #expect(try body(early)["code"].integer() == -1_021)
    let wide = client.signed(
      "GET", path, "recvWindow=60000", stamp: client.milliseconds - 59_000)
    #expect(wide.status == 200)
    let wider = client.signed("GET", path, "recvWindow=60001")
    #expect(try body(wider)["code"].integer() == -1_131)
    let long = try client.ask(
      "/api/v3/myTrades", "symbol=BTCUSDT&startTime=1768000000000&endTime=1768086400001")
    #expect(try long["code"].integer() == -1_127)
  }

  @Test func `kraken and bitfinex take growing nonces only`() throws {
    var kraken = Client(KrakenDialect(settings()))
    #expect(try body(kraken.signed("Balance", nonce: 100))["error"].elements().isEmpty)
    for old: Int64 in [100, 99] {
      let answer = try body(kraken.signed("Balance", nonce: old))
      #expect(try answer["error"][0].text() == "EAPI:Invalid nonce")
    }
    #expect(try body(kraken.signed("Balance", nonce: 101))["error"].elements().isEmpty)

    var bitfinex = Client(BitfinexDialect(settings()))
    #expect(bitfinex.signed("r/wallets", nonce: 100).status == 200)
    let old = bitfinex.signed("r/wallets", nonce: 100)
    #expect(old.status == 500)
    #expect(old.text == #"["error",10114,"nonce: small"]"#)
    // 2⁵³ − 1 is the greatest: https://docs.bitfinex.com/docs/rest-auth.
    #expect(bitfinex.signed("r/wallets", nonce: 9_007_199_254_740_992).status == 500)
    #expect(bitfinex.signed("r/wallets", nonce: 101).status == 200)
  }

  @Test func `htx refuses another host's signature, an old time and a false query`() throws {
    var client = Client(HTXDialect(settings()))
    let fine = try body(client.signed("GET", "/v1/account/accounts", ["note": "a+b c&d=e/f"]))
    #expect(try fine["status"].text() == "ok")
    let old = client.signed(
      "GET", "/v1/account/accounts", stamp: client.now.advanced(bySeconds: -301))
    #expect(try body(old)["err-code"].text() == "api-signature-not-valid")
    let newer = client.signed(
      "GET", "/v2/user/uid", stamp: client.now.advanced(bySeconds: -301))
    #expect(try body(newer)["code"].integer() == 1_003)
  }

  @Test func `coinbase refuses a token for another route, an old one and a foreign one`() throws {
    for account in 0..<2 {
      var client = Client(CoinbaseDialect(settings(accounts: 2)))
      client.account = account
      let path = "/api/v3/brokerage/accounts"
      let uri = "GET api.coinbase.com" + path
      func status(_ token: String) -> Int {
        client.send(
          SimulatedRequest(
            method: "GET", host: "api.coinbase.com", path: path,
            headers: ["authorization": "Bearer " + token])
        ).status
      }
      #expect(status(try client.token(uri)) == 200)
      #expect(status(try client.token("GET api.coinbase.com/v2/accounts")) == 401)
      #expect(status(try client.token(uri, from: client.now.advanced(bySeconds: -121))) == 401)
      #expect(status(try client.token(uri, from: client.now.advanced(bySeconds: 60))) == 401)
      var parts = try client.token(uri).split(separator: ".").map(String.init)
      parts[2] = Base64.urlText([UInt8](repeating: 7, count: 64))
      #expect(status(parts.joined(separator: ".")) == 401)
      #expect(status("a.b") == 401)
    }
  }

  // MARK: - Limits

  @Test func `binance counts weight, then says 429, then bans, then forgives`() throws {
    var client = Client(BinanceDialect(settings()))
    client.pace = 0
    func day() -> SimulatedResponse {
      client.send(
        SimulatedRequest(method: "GET", host: "api.binance.com", path: "/api/v3/ticker/24hr"))
    }
    func header(_ response: SimulatedResponse, _ name: String) -> String? {
      response.headers.first { $0.name == name }?.value
    }
    // 80 each: 75 of them are 6,000.
    for count in 1...75 {
      let answer = day()
      #expect(answer.status == 200)
      #expect(header(answer, "X-MBX-USED-WEIGHT-1M") == String(count * 80))
    }
    let slow = day()
    #expect(slow.status == 429)
    #expect(header(slow, "Retry-After") == "60")
    for _ in 0..<9 { #expect(day().status == 429) }
    let banned = day()
    #expect(banned.status == 418)
    client.now = client.now.advanced(bySeconds: 100)
    #expect(day().status == 418)
    client.now = client.now.advanced(bySeconds: 30)
    #expect(day().status == 200)
  }

  @Test func `kraken's counter fills up and falls, history costs two`() throws {
    var client = Client(KrakenDialect(settings()))
    client.pace = 0
    // Up to 20 points of 2 each, falling by half a point a second.
    for _ in 0..<10 { #expect(try body(client.signed("Ledgers"))["error"].elements().isEmpty) }
    let full = try body(client.signed("Ledgers"))
    #expect(try full["error"][0].text() == "EAPI:Rate limit exceeded")
    client.now = client.now.advanced(bySeconds: 4)
    #expect(try body(client.signed("Ledgers"))["error"].elements().isEmpty)
  }

  @Test func `bitfinex blocks an address for a minute after ninety calls`() {
    var client = Client(BitfinexDialect(settings()))
    client.pace = 0
    for _ in 0..<90 { #expect(client.signed("r/wallets").status == 200) }
    #expect(client.signed("r/wallets").status == 429)
    client.now = client.now.advanced(bySeconds: 59)
    #expect(client.signed("r/wallets").status == 429)
    client.now = client.now.advanced(bySeconds: 62)
    #expect(client.signed("r/wallets").status == 200)
  }

  @Test func `htx and binance keep to their windows and look-backs`() throws {
    var client = Client(HTXDialect(settings()))
    let now = opening.seconds * 1_000
    let wide = try client.ask(
      "/v1/order/matchresults",
      ["start-time": String(now - 172_801_000), "end-time": String(now)])
    #expect(try wide["err-code"].text() == "invalid-interval")
    let old = now - 121 * 86_400_000
    let far = try client.ask(
      "/v1/order/matchresults", ["start-time": String(old), "end-time": String(old + 1_000)])
    #expect(try far["err-code"].text() == "invalid-start-date")
    var binance = Client(BinanceDialect(settings()))
    let range = try binance.ask(
      "/sapi/v1/capital/deposit/hisrec", "startTime=\(now - 91 * 86_400_000)&endTime=\(now)")
    #expect(try range["code"].integer() == -1_127)
    let missing = try binance.ask("/sapi/v1/convert/tradeFlow")
    #expect(try missing["code"].integer() == -1_102)
  }
}
