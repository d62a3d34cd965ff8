import Amounts
import Encodings
import Foundation
import Ledger
import SimulatedVenues
import Simulator
import Synchronization
import Testing
import Transport
import VenueKit

/// Over real sockets on loopback.
@Suite(.serialized) struct ServerTests {
  /// Made for this test with OpenSSL, for `localhost`; valid in January 2020 only.
  static let expired = ServerIdentity(
    certificates: """
      -----BEGIN CERTIFICATE-----
      MIIBUzCB+qADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCWxvY2FsaG9z
      dDAeFw0yMDAxMDEwMDAwMDBaFw0yMDAyMDEwMDAwMDBaMBQxEjAQBgNVBAMMCWxv
      Y2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABD7qadkavpuvLtJ9FmaQ
      ws8h1uyi0/nmCX/TGvDJeEPSOB71ZLz37W/STPWPDwg3g7UtcJu9Lu56v0GiXGXs
      9ySjPTA7MBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAdBgNVHQ4EFgQUpEbl
      e/X4Pix6pXyMAVGgD5RLMp4wCgYIKoZIzj0EAwIDSAAwRQIgMjTqqf8J9KthyOcU
      RlIOkxoNEHFcw88igwq/hmtdgXsCIQDkaNVnfou5gMrdraQIwtiwdXMHSsjW5pi1
      qpj/lj33dw==
      -----END CERTIFICATE-----
      """, key: key)
  /// The same key in a certificate that is valid until 2126.
  static let valid = ServerIdentity(
    certificates: """
      -----BEGIN CERTIFICATE-----
      MIIBnDCCAUGgAwIBAgIUL1vZuH31EpW2vZnnPAxFhWsat4QwCgYIKoZIzj0EAwIw
      FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTE1NDIxNFoYDzIxMjYxMDI4
      MTU0MjE0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
      PQMBBwNCAAQ+6mnZGr6bry7SfRZmkMLPIdbsotP55gl/0xrwyXhD0jge9WS89+1v
      0kz1jw8IN4O1LXCbvS7uer9Bolxl7Pcko28wbTAdBgNVHQ4EFgQUpEble/X4Pix6
      pXyMAVGgD5RLMp4wHwYDVR0jBBgwFoAUpEble/X4Pix6pXyMAVGgD5RLMp4wDwYD
      VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
      zj0EAwIDSQAwRgIhANiBpNbTC2Nydr0yseJJldkpvCqC/6Xrbv0GXDsUtpiMAiEA
      lxOS94W79b0eN7TZnpdNK1V1UZpvHfsObDj7L8aX7Zg=
      -----END CERTIFICATE-----
      """, key: key)
  private static let key = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgV1ebUVKPdmCJPgne
    OcbnkFxPeAkLM/N2fMps0UONX1yhRANCAAQ+6mnZGr6bry7SfRZmkMLPIdbsotP5
    5gl/0xrwyXhD0jge9WS89+1v0kz1jw8IN4O1LXCbvS7uer9Bolxl7Pck
    -----END PRIVATE KEY-----
    """

  @Sendable private static func clock() -> Instant {
    Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
  }

  private func world(
    _ change: (inout WorldSettings) -> Void = { _ in }
  ) async throws -> SimulatedWorld {
    var settings = WorldSettings()
    settings.eventsPerAccount = 200
    change(&settings)
    let world = SimulatedWorld(settings, tools: tools, check: check, clock: ServerTests.clock)
    try await world.start()
    return world
  }

  private func get(
    _ world: SimulatedWorld, _ host: String, _ path: String,
    headers: [(name: String, value: String)] = [], client: HTTPClient = HTTPClient()
  ) async throws -> IncomingAnswer {
    let base = try #require(world.redirects[host])
    let request = OutgoingRequest(
      method: "GET", url: base + path, headers: [(name: "Host", value: host)] + headers)
    return try await client.send(request)
  }

  private func json(_ answer: IncomingAnswer) throws -> Node {
    Node(try JSON.reading(answer.body))
  }

  @Test func `every venue and chain answers for its own hosts`() async throws {
    let world = try await world()
    let cases: [(host: String, path: String, word: String)] = [
      ("api.binance.com", "/api/v3/time", "serverTime"),
      ("fapi.binance.com", "/fapi/v1/time", "serverTime"),
      ("api.coinbase.com", "/api/v3/brokerage/time", "epochSeconds"),
      ("api.kraken.com", "/0/public/Time", "unixtime"),
      ("api-pub.bitfinex.com", "/v2/platform/status", "[1]"),
      ("api.huobi.pro", "/v1/common/timestamp", "data"),
      ("blockstream.info", "/api/fee-estimates", "12.5"),
    ]
    for (host, path, word) in cases {
      let answer = try await get(world, host, path)
      #expect(answer.status == 200, "\(host)")
      #expect(String(decoding: answer.body, as: UTF8.self).contains(word), "\(host)")
    }
    #expect(world.ports.count == 7 && Set(world.ports.values).count == 7)
    await world.stop()
  }

  @Test func `a signed request goes through, and the keys and truth are told`() async throws {
    let world = try await world()
    let keys = try #require(world.credentials("binance").first)
    let stamp = ServerTests.clock().microseconds / 1_000
    let text = "omitZeroBalances=true&timestamp=\(stamp)"
    let sign = Hex.text(hmac(.sha256, keys.secret, text))
    let answer = try await get(
      world, "api.binance.com", "/api/v3/account?\(text)&signature=\(sign)",
      headers: [(name: "X-MBX-APIKEY", value: keys.key)])
    #expect(answer.status == 200)
    #expect(answer.header("x-mbx-used-weight-1m") == "20")
    let truth = world.truth("binance")
    for row in try json(answer)["balances"].elements() {
      #expect(truth[try row["asset"].text()] != nil)
    }
    await world.stop()
  }

  @Test func `faults set over the admin route happen, each as named`() async throws {
    let world = try await world()
    let base = try #require(world.redirects["api.kraken.com"])
    let client = HTTPClient()
    func fault(_ name: String) async throws -> Result<IncomingAnswer, TransportFault> {
      let text =
        #"{"script":[{"path":"/0/public/Time","fault":"\#(name)"}],"delayMilliseconds":300}"#
      let set = try await client.send(
        OutgoingRequest(method: "PUT", url: base + "/simulator/faults", body: Array(text.utf8)))
      #expect(set.status == 200)
      do {
        return .success(
          try await client.send(
            OutgoingRequest(method: "POST", url: base + "/0/public/Time", body: [])))
      } catch { return .failure(error) }
    }
    func isFailure(_ result: Result<IncomingAnswer, TransportFault>) -> Bool {
      if case .failure = result { true } else { false }
    }
    #expect(isFailure(try await fault("dropRequest")))
    #expect(isFailure(try await fault("dropAnswer")))
    #expect(isFailure(try await fault("truncate")))
    let page = try await fault("proxyPage").get()
    #expect(page.status == 502)
    #expect(String(decoding: page.body, as: UTF8.self).hasPrefix("<!DOCTYPE html>"))
    #expect(try await fault("serverError").get().status == 503)
    let slow = try json(try await fault("slowDown").get())
    #expect(try slow["error"][0].text() == "EAPI:Rate limit exceeded")
    let time = try await ContinuousClock().measure { _ = try await fault("delay").get() }
    #expect(time >= .milliseconds(300))
    let wrong = try await client.send(
      OutgoingRequest(
        method: "PUT", url: base + "/simulator/faults",
        body: Array(#"{"rates":{"nonsense":1}}"#.utf8)))
    #expect(wrong.status == 400)
    await world.stop()
  }

  @Test func `a skewed clock refuses a request that is on time`() async throws {
    let world = try await world { $0.faults.skewMilliseconds = 60_000 }
    let keys = try #require(world.credentials("binance").first)
    let text = "timestamp=\(ServerTests.clock().microseconds / 1_000)"
    let sign = Hex.text(hmac(.sha256, keys.secret, text))
    let answer = try await get(
      world, "api.binance.com", "/api/v3/account?\(text)&signature=\(sign)",
      headers: [(name: "X-MBX-APIKEY", value: keys.key)])
    #expect(try json(answer)["code"].integer() == -1_021)
    let time = try json(try await get(world, "api.binance.com", "/api/v3/time"))
    let ahead = try time["serverTime"].integer() - ServerTests.clock().microseconds / 1_000
    #expect((50_000...60_000).contains(ahead))
    await world.stop()
  }

  @Test func `an expired certificate is refused, a valid one taken`() async throws {
    let file = FileManager.default.temporaryDirectory.appending(
      path: "authority-\(UUID().uuidString).pem")
    let both = ServerTests.valid.certificates + "\n" + ServerTests.expired.certificates + "\n"
    try both.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    var options = HTTPOptions()
    options.authorityFile = file.path
    for (identity, isTaken) in [(ServerTests.valid, true), (ServerTests.expired, false)] {
      let world = try await world { settings in
        settings.identity = identity
        settings.venues = ["kraken"]
      }
      let port = try #require(world.ports["kraken"])
      let request = OutgoingRequest(
        method: "GET", url: "https://localhost:\(port)/0/public/Time")
      var fault: TransportFault?
      do { _ = try await HTTPClient(options: options).send(request) } catch { fault = error }
      #expect(fault?.kind == (isTaken ? nil : .tls(.outOfDate)))
      await world.stop()
    }
  }

  /// Counts what a socket hears.
  private final class Ear: Sendable {
    let texts = Mutex<[String]>([])
    let count = Mutex(0)
    let bytes = Mutex<[[UInt8]]>([])
    let isOpen = Mutex(false)

    func hear(_ event: WebSocketEvent) -> Bool {
      switch event {
      case .opened: isOpen.withLock { $0 = true }
      case .text(let text):
        count.withLock { $0 += 1 }
        texts.withLock { texts in if texts.count < 5_000 { texts.append(text) } }
      case .binary(let data):
        count.withLock { $0 += 1 }
        bytes.withLock { bytes in if bytes.count < 100 { bytes.append(data) } }
      default: break
      }
      return true
    }

    func wait(_ milliseconds: Int = 10_000, until isDone: () -> Bool) async throws -> Bool {
      for _ in 0..<(milliseconds / 20) {
        if isDone() { return true }
        try await Task.sleep(for: .milliseconds(20))
      }
      return isDone()
    }
  }

  private func open(
    _ world: SimulatedWorld, _ host: String, _ path: String, _ ear: Ear
  ) throws -> WebSocket {
    let base = try #require(world.redirects[host])
    return WebSocketClient().connect("ws" + base.dropFirst(4) + path) { ear.hear($0) }
  }

  /// A message of a combined stream: symbol and update id
  /// (https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams).
  private struct BookTicker: Decodable {
    struct Quote: Decodable {
      let s: String
      let u: Int
    }
    let data: Quote
  }

  /// Speed is `bench socket`'s to measure; this asks that a fast stream comes whole and in order.
  @Test func `a stream of thousands of quotes comes in the order of its ids`() async throws {
    let world = try await world { $0.quotesPerSecond = 2_500 }
    let ear = Ear()
    let names = ["btc", "eth", "sol", "xrp", "ada"].map { $0 + "usdt@bookTicker" }
    let socket = try open(
      world, "stream.binance.com", "/stream?streams=" + names.joined(separator: "/"), ear)
    #expect(try await ear.wait(60_000) { ear.count.withLock { $0 } > 10_000 })
    var (first, last): ([String: Int], [String: Int]) = ([:], [:])
    for text in ear.texts.withLock({ $0 }) {
      let quote = try JSONDecoder().decode(BookTicker.self, from: Data(text.utf8)).data
      if let before = last[quote.s] { #expect(quote.u >= before) }
      first[quote.s] = first[quote.s] ?? quote.u
      last[quote.s] = quote.u
    }
    #expect(last.count == names.count)
    for (symbol, id) in last { #expect(id > first[symbol] ?? id) }
    socket.close()
    await world.stop()
  }

  @Test func `kraken subscribes and htx packs over real sockets`() async throws {
    let world = try await world()
    let ear = Ear()
    let socket = try open(world, "ws.kraken.com", "/v2", ear)
    #expect(try await ear.wait { ear.texts.withLock { $0.contains { $0.contains("online") } } })
    _ = socket.send(
      #"{"method":"subscribe","params":{"channel":"ticker","symbol":["BTC/USD","ETH/USD"]}}"#)
    #expect(
      try await ear.wait { ear.texts.withLock { $0.filter { $0.contains("bid_qty") }.count > 4 } })
    socket.close()
    let packed = Ear()
    let other = try open(world, "api.huobi.pro", "/ws", packed)
    #expect(try await packed.wait { packed.isOpen.withLock { $0 } })
    _ = other.send(#"{"sub":"market.btcusdt.ticker","id":"1"}"#)
    #expect(try await packed.wait { packed.bytes.withLock { $0.count > 3 } })
    let first = try gunzip(packed.bytes.withLock { $0[0] }, limit: 1 << 20)
    #expect(String(decoding: first, as: UTF8.self).contains("subbed"))
    other.close()
    let nowhere = Ear()
    let refused = try open(world, "ws.kraken.com", "/nothing", nowhere)
    try await Task.sleep(for: .milliseconds(300))
    #expect(nowhere.isOpen.withLock { !$0 })
    refused.close()
    await world.stop()
  }
}
