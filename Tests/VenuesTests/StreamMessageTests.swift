import Amounts
import Cipher
import Encodings
import Foundation
import Ledger
import TestSupport
import Testing
import VenueKit
import Venues

/// What a stream's event says, in a line.
private func line(_ event: StreamEvent) -> String {
  switch event {
  case .ticker(let row):
    words(
      "ticker", row.market, ["last": row.last?.text, "bid": row.bid?.text, "ask": row.ask?.text])
  case .trade(let row):
    words(
      "trade", row.market,
      ["id": row.id, "side": row.side?.rawValue, "at": TimeForm.milliseconds.write(row.time)])
      + " \(row.amount.text)@\(row.price.text)"
  case .book(let row): book(row)
  case .fill(let row):
    words(
      "fill", row.market,
      [
        "id": row.id, "of": row.order, "side": row.side?.rawValue, "part": row.part.rawValue,
        "maker": row.isMaker.map { String($0) },
        "fee": row.fees.first.map { "\($0.amount.text)\($0.asset)" },
      ]) + " \(row.amount.text)@\(row.price.text)"
  case .order(let row):
    words(
      "order", row.market ?? "",
      [
        "id": row.id, "side": row.side?.rawValue, "status": row.status?.rawValue,
        "amount": row.amount?.text, "filled": row.filled?.text,
      ])
  case .balance(let row):
    words(
      "balance", row.asset,
      ["free": row.free?.text, "total": row.total?.text, "part": row.part.rawValue])
  case .reply(let text): "reply \(text)"
  case .loggedIn: "logged in"
  case .subscribed: "subscribed"
  case .refused(let refusal): "refused \(refusal.kind) \(refusal.code)"
  case .reconnect: "reconnect"
  }
}

private func words(_ kind: String, _ what: String, _ more: [String: String?]) -> String {
  let rest = more.sorted { $0.key < $1.key }.compactMap { name, word in
    word.map { "\(name)=\($0)" }
  }
  return ([kind, what] + rest).joined(separator: " ")
}

private func book(_ row: BookChange) -> String {
  let sides = [("bids", row.bids), ("asks", row.asks)].map { name, levels in
    "\(name)=" + levels.map { "\($0.amount.text)@\($0.price.text)" }.joined(separator: ",")
  }
  let numbers = row.sequence.map { "\($0.lowerBound)...\($0.upperBound)" }
  return words(
    row.isSnapshot ? "book" : "change", row.market,
    ["after": row.previous.map(String.init), "n": numbers, "sum": row.checksum.map(String.init)])
    + " " + sides.joined(separator: " ")
}

/// A venue's stream fixture: messages quoted from its documents, what is asked for, logins.
struct StreamFixture {
  static let folder = Cases.root.appending(path: "StreamFixtures")
  static let ids = [
    "bitget", "bitstamp", "bybit", "cryptocom", "deribit", "dydx", "gate", "gemini",
    "hyperliquid", "kucoin", "mexc", "okx", "upbit",
  ]
  let venue: Venue
  let body: Node

  init(_ id: String) throws {
    venue = try #require(Venue.named(id))
    let file = StreamFixture.folder.appending(path: "\(id).json")
    body = Node(try JSON.reading(Array(try Data(contentsOf: file))))
  }

  func stream(_ row: Node) throws -> VenueKit.Stream {
    let name = try row.text("stream")
    return try #require(venue.streams.first { $0.name == name }, "no stream \(name)")
  }

  /// The message of a case: JSON, or the bytes of hexadecimal digits as the stream unpacks them.
  static func message(_ row: Node, _ stream: VenueKit.Stream) throws -> JSON {
    if let digits = try row.optionalText("bytes") {
      let bytes = try #require(Hex.bytes(digits))
      let unpack = try #require(stream.unpack)
      return try unpack(bytes)
    }
    return try #require(row["says"].json)
  }

  static func texts(_ node: Node) throws -> [String] {
    var texts: [String] = []
    for one in try node.optionalElements() { texts.append(try one.text()) }
    return texts
  }
}

@Suite struct StreamMessages {
  static let now = Instant(seconds: 1_700_000_000)

  @Test(arguments: StreamFixture.ids)
  func `what a stream's documents quote is read as it is meant`(id: String) throws {
    let fixture = try StreamFixture(id)
    let rows = try fixture.body["messages"].elements()
    #expect(rows.count > 3)
    for row in rows {
      let stream = try fixture.stream(row)
      let message = Node(try StreamFixture.message(row, stream))
      let lines = try stream.read(message, Ask(now: Self.now)).map(line)
      let expected = try StreamFixture.texts(row["means"])
      #expect(lines == expected, "\(id) \(stream.name) \(message.json?.text.prefix(80) ?? "")")
      let source = try row.text("source")
      #expect(source.hasPrefix("https://"))
    }
  }

  @Test(arguments: StreamFixture.ids)
  func `subscriptions are asked for as the documents say`(id: String) throws {
    let fixture = try StreamFixture(id)
    let rows = try fixture.body["asks"].elements()
    #expect(!rows.isEmpty)
    for row in rows {
      let stream = try fixture.stream(row)
      var channels: [VenueKit.Channel] = []
      for wanted in try row["of"].elements() { channels.append(try channel(wanted)) }
      var ask = Ask(now: Self.now)
      ask.cursor = try row.optionalText("token")
      let texts = stream.subscribe(channels, ask)
      let said = try texts.map { try JSON.reading(Array($0.utf8)) }
      let expected = try row["texts"].elements().compactMap(\.json)
      #expect(said == expected, "\(id) \(stream.name) \(texts)")
      if let url = try row.optionalText("url") { #expect(stream.url(channels, ask) == url) }
    }
  }

  private func channel(_ row: Node) throws -> VenueKit.Channel {
    if row["market"].isNothing { return .account }
    let kind = try row.optionalText("kind").flatMap { MarketKind(rawValue: $0) } ?? .spot
    let market = Market(
      id: try row.text("market"), base: "BTC", quote: try row.optionalText("quote") ?? "USDT",
      settle: try row.optionalText("settle"), kind: kind)
    switch try row.text("what") {
    case "ticker": return .ticker(market)
    case "trades": return .trades(market)
    default: return .book(market)
    }
  }

  @Test(arguments: StreamFixture.ids)
  func `logins are signed as the documents say`(id: String) throws {
    let fixture = try StreamFixture(id)
    for row in try fixture.body["logins"].optionalElements() {
      let stream = try fixture.stream(row)
      let credentials = Credentials(
        key: try row.optionalText("key") ?? "", secret: try row.optionalText("secret") ?? "",
        passphrase: try row.optionalText("passphrase") ?? "",
        fields: ["walletAddress": try row.optionalText("wallet") ?? ""])
      let time = try row.optionalTime(.milliseconds, "time") ?? Self.now
      let moment = Moment(time: time, uuid: try row.optionalText("uuid") ?? "")
      if let opening = stream.opening {
        let fields = try opening(credentials, moment, .openSSL).map { "\($0.name): \($0.value)" }
        let expected = try StreamFixture.texts(row["fields"])
        #expect(fields == expected, "\(id)")
        continue
      }
      let texts = try stream.login(credentials, moment, .openSSL)
      let said = try texts.map { try JSON.reading(Array($0.utf8)) }
      let expected = try row["texts"].elements().compactMap(\.json)
      #expect(said == expected, "\(id) \(texts)")
    }
  }

  @Test(arguments: StreamFixture.ids)
  func `every stream has a message among those tried, and private ones need a key`(
    id: String
  ) throws {
    let fixture = try StreamFixture(id)
    var tried: Set<String> = []
    for row in try fixture.body["messages"].elements() { tried.insert(try row.text("stream")) }
    for stream in fixture.venue.streams {
      // Of contracts beside spot the reader is the same one.
      let isTwin = stream.name.hasPrefix("linear") || stream.name.hasPrefix("inverse")
      let isOther =
        stream.name == "btc.market" || stream.name == "contract.market" && id == "bitget"
      #expect(tried.contains(stream.name) || isTwin || isOther, "\(id) \(stream.name)")
      guard stream.isPrivate, stream.tokenCall == nil else { continue }
      let moment = Moment(time: Self.now, uuid: "")
      #expect(throws: VenueFault.self) {
        if let opening = stream.opening {
          _ = try opening(.none, moment, .openSSL)
        } else {
          _ = try stream.login(.none, moment, .openSSL)
        }
      }
    }
  }

  @Test func `every venue with streams has one of prices`() {
    let spot = Market(id: "X", base: "BTC", quote: "USDT")
    let swap = Market(id: "X", base: "BTC", quote: "USDT", settle: "USDT", kind: .swap)
    for venue in Venue.all where !venue.streams.isEmpty {
      let texts = venue.streams.filter { !$0.isPrivate }.flatMap { stream in
        stream.subscribe([.ticker(spot), .ticker(swap)], Ask(now: Self.now))
      }
      #expect(!texts.isEmpty, "\(venue.id)")
    }
  }
}

@Suite struct StreamTokens {
  private func answer(_ endpoint: String) throws -> Answer {
    // https://www.kucoin.com/docs-new/websocket-api/base-info/get-public-token-spot-margin
    let text = """
      {"code":"200000","data":{"token":"2neAiuYvAU61ZD+x/yw==","instanceServers":[{"endpoint":\
      "\(endpoint)","encrypt":true,"protocol":"websocket","pingInterval":18000,\
      "pingTimeout":10000}]}}
      """
    return Answer(
      ask: Ask(now: Instant(seconds: 0)), call: Call("public", "POST", "bullet-public"),
      body: try JSON.reading(Array(text.utf8)))
  }

  @Test func `KuCoin's token names the server that is opened`() throws {
    let stream = try #require(Venue.kucoin.streams.first)
    let call = try #require(stream.tokenCall)
    let surface = try Venue.kucoin.surface(call.surface)
    #expect(surface.recipe.isOpen)
    var ask = Ask(now: Instant(seconds: 0))
    ask.cursor = try stream.token(try answer("wss://ws-api-spot.kucoin.com/"))
    let url = "wss://ws-api-spot.kucoin.com/?token=2neAiuYvAU61ZD%2Bx%2Fyw%3D%3D"
    #expect(stream.url([], ask) == url)
  }

  @Test(arguments: [
    "wss://ws-api-spot.example.com/", "http://ws-api-spot.kucoin.com/", "wss://evil/.kucoin.com",
    "wss://kucoin.com.example.com/", "",
  ])
  func `a server that is not KuCoin's is not opened`(endpoint: String) throws {
    let stream = try #require(Venue.kucoin.streams.first)
    let answer = try answer(endpoint)
    #expect(throws: VenueFault.self) { _ = try stream.token(answer) }
  }
}

/// Messages that no venue should send: each gives events or a fault with its place, never a trap.
@Suite struct HostileMessages {
  @Test(arguments: StreamFixture.ids)
  func `mutated messages give events or a fault`(id: String) throws {
    let fixture = try StreamFixture(id)
    var generator = Seeded(HostileAnswers.seed)
    var outcomes = 0
    var messages: [(VenueKit.Stream, JSON)] = []
    for row in try fixture.body["messages"].elements() {
      let stream = try fixture.stream(row)
      messages.append((stream, try StreamFixture.message(row, stream)))
    }
    for round in 0..<600 {
      var (stream, message) = messages[round % messages.count]
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        message = message.mutated(using: &generator, depth: 0)
      }
      let node = Node(message)
      _ = stream.remember(node)
      let events = (try? stream.read(node, Ask(now: StreamMessages.now))) ?? []
      if let rules = stream.book {
        var keepers: [String: BookKeeper] = [:]
        for case .book(let change) in events {
          var keeper = keepers[change.market] ?? BookKeeper(market: change.market, rules: rules)
          _ = keeper.take(change)
          keepers[change.market] = keeper
        }
      }
      outcomes += 1
    }
    #expect(outcomes == 600, "SEED=\(HostileAnswers.seed)")
  }

  @Test func `cut and changed bytes of MEXC give events or a fault`() throws {
    let fixture = try StreamFixture("mexc")
    var generator = Seeded(HostileAnswers.seed)
    var outcomes = 0
    for row in try fixture.body["messages"].elements() {
      guard let digits = try row.optionalText("bytes") else { continue }
      let stream = try fixture.stream(row)
      let unpack = try #require(stream.unpack)
      let whole = try #require(Hex.bytes(digits))
      for length in 0...whole.count {
        var bytes = Array(whole.prefix(length))
        for _ in 0..<Int.random(in: 0...3, using: &generator) where !bytes.isEmpty {
          let place = Int.random(in: bytes.indices, using: &generator)
          bytes[place] = UInt8.random(in: 0...255, using: &generator)
        }
        if let json = try? unpack(bytes) {
          _ = try? stream.read(Node(json), Ask(now: StreamMessages.now))
        }
        outcomes += 1
      }
    }
    #expect(outcomes > 100, "SEED=\(HostileAnswers.seed)")
  }
}
