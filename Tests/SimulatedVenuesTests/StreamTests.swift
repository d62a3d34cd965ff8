import Amounts
import Encodings
import Ledger
import Simulator
import Testing
import Transport
import VenueKit

/// Streams, second by second on a clock of our own.
@Suite struct StreamTests {
  /// A stream with what it has said.
  struct Listener<Dialect: SimulatedDialect> {
    var client: Client<Dialect>
    var stream: SimulatedStream

    init(_ client: Client<Dialect>, _ path: String, _ query: String = "", host: Int = 0) throws {
      var client = client
      let request = SimulatedRequest(
        method: "GET", host: client.venue.hosts[host], path: path, query: query)
      let opened = client.venue.open(request, at: client.now)
      stream = try #require(opened)
      self.client = client
    }

    mutating func say(_ text: String) throws -> [Node] {
      try Listener.read(client.venue.receive(text, &stream, at: client.now))
    }

    mutating func listen(milliseconds: Int64, steps: Int = 1) throws -> [Node] {
      try Listener.read(frames(milliseconds: milliseconds, steps: steps))
    }

    mutating func frames(milliseconds: Int64, steps: Int = 1) -> [StreamFrame] {
      var frames: [StreamFrame] = []
      for _ in 0..<steps {
        client.now = Instant(microseconds: client.now.microseconds + milliseconds * 1_000)
        frames += client.venue.pulse(&stream, at: client.now)
      }
      return frames
    }

    static func read(_ frames: [StreamFrame]) throws -> [Node] {
      try frames.compactMap { frame in
        switch frame {
        case .text(let text): return Node(try JSON.reading(text))
        case .binary(let bytes): return Node(try JSON.reading(gunzip(bytes, limit: 1 << 20)))
        case .ping, .close: return nil
        }
      }
    }
  }

  /// A book kept from messages.
  struct Kept {
    var bids: [Fixed: Fixed] = [:]
    var asks: [Fixed: Fixed] = [:]

    mutating func set(_ price: Fixed, _ amount: Fixed, isBid: Bool) {
      let value: Fixed? = amount.isZero ? nil : amount
      if isBid { bids[price] = value } else { asks[price] = value }
    }

    mutating func set(_ levels: Node, isBid: Bool) throws {
      for level in try levels.elements() {
        set(try level[0].decimal(), try level[1].decimal(), isBid: isBid)
      }
    }
  }

  @Test func `binance's book changes continue its snapshot without a gap`() throws {
    var listener = try Listener(
      Client(BinanceDialect(settings())), "/stream",
      "streams=btcusdt@depth@100ms/btcusdt@bookTicker",
      host: 2)
    let early = try listener.listen(milliseconds: 400, steps: 3)
    let path = "/api/v3/depth"
    let client = listener.client
    var asked = client
    asked.pace = 0
    let snapshot = try asked.get(path, "symbol=BTCUSDT&limit=50")
    var last = try snapshot["lastUpdateId"].integer()
    var kept = Kept()
    try kept.set(snapshot["bids"], isBid: true)
    try kept.set(snapshot["asks"], isBid: false)
    var applied = 0
    for message in try early + listener.listen(milliseconds: 250, steps: 40)
    where try message["stream"].text() == "btcusdt@depth@100ms" {
      let data = message["data"]
      let end = try data["u"].integer()
      if end <= last { continue }
      // https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams, "How to
      // manage a local order book correctly"
      #expect(try data["U"].integer() <= last + 1)
      last = end
      applied += 1
      try kept.set(data["b"], isBid: true)
      try kept.set(data["a"], isBid: false)
    }
    #expect(applied > 20)
    asked.now = Instant(microseconds: last * 100_000)
    let after = try asked.get(path, "symbol=BTCUSDT&limit=50")
    var wanted = Kept()
    try wanted.set(after["bids"], isBid: true)
    try wanted.set(after["asks"], isBid: false)
    #expect(kept.bids == wanted.bids && kept.asks == wanted.asks)
  }

  @Test func `a lost change shows as a gap in binance's numbers`() throws {
    var listener = try Listener(
      Client(BinanceDialect(settings())), "/ws/btcusdt@depth@100ms", host: 2)
    _ = try listener.listen(milliseconds: 200, steps: 5)
    let before = try listener.listen(milliseconds: 200, steps: 5).last
    listener.stream.skipsNumber = true
    let after = try listener.listen(milliseconds: 200, steps: 5).first
    let last = try #require(before)["u"].integer()
    #expect(try #require(after)["U"].integer() > last + 1)
  }

  @Test func `binance tells orders and balances to the key that listens, by either way`() throws {
    var client = Client(BinanceDialect(settings()))
    let key = try body(
      client.send(
        SimulatedRequest(
          method: "POST", host: "api.binance.com", path: "/api/v3/userDataStream",
          headers: ["x-mbx-apikey": client.keys.key])))["listenKey"].text()
    var old = try Listener(client, "/ws/" + key, host: 2)
    _ = old.client.signed(
      "POST", "/api/v3/order", "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=0.1")
    let told = try old.listen(milliseconds: 100)
    let kinds = try told.map { try $0["e"].text() }
    #expect(kinds.first == "executionReport")
    #expect(kinds.contains("outboundAccountPosition"))
    let trades = try told.filter { try $0["x"].optionalText() == "TRADE" }
    #expect(try trades.last?["X"].text() == "FILLED")
    #expect(try trades.last?["z"].decimal() == decimal("0.1"))

    var new = try Listener(client, "/ws-api/v3", host: 4)
    let text = "apiKey=\(client.keys.key)&timestamp=\(new.client.milliseconds)"
    let sign = Hex.text(hmac(.sha256, client.keys.secret, text))
    func request(_ sign: String) -> String {
      #"{"id":1,"method":"userDataStream.subscribe.signature","params":{"apiKey":"\#(client.keys.key)","timestamp":\#(new.client.milliseconds),"signature":"\#(sign)"}}"#
    }
    let refused = try new.say(request("00"))
    #expect(try refused[0]["error"]["code"].integer() == -1_022)
    let accepted = try new.say(request(sign))
    #expect(try accepted[0]["status"].integer() == 200)
    _ = new.client.signed(
      "POST", "/api/v3/order", "symbol=ETHUSDT&side=BUY&type=MARKET&quantity=0.1")
    let events = try new.listen(milliseconds: 100)
    #expect(try events.first?["event"]["e"].text() == "executionReport")
  }

  /// CRC-32 bit by bit, apart from the simulator's table.
  private func crc(_ text: String) -> UInt32 {
    var value: UInt32 = 0xFFFF_FFFF
    for byte in text.utf8 {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
    return ~value
  }

  @Test func `kraken's checksums fit the book that its messages make`() throws {
    // The check value of CRC-32, https://reveng.sourceforge.io/crc-catalogue/17plus.htm.
    #expect(crc("123456789") == 0xCBF4_3926)
    var listener = try Listener(Client(KrakenDialect(settings())), "/v2", host: 1)
    let hello = try listener.listen(milliseconds: 50)
    #expect(try hello[0]["channel"].text() == "status")
    let answers = try listener.say(
      #"{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":10},"req_id":7}"#
    )
    #expect(try answers[0]["success"].text() == "true" && answers[0]["req_id"].integer() == 7)
    #expect(try answers[1]["type"].text() == "snapshot")
    var bids: [Fixed: (String, String)] = [:]
    var asks: [Fixed: (String, String)] = [:]
    func apply(_ levels: Node, _ side: inout [Fixed: (String, String)]) throws {
      for level in try levels.elements() {
        let price = try level["price"].decimal()
        let amount = try level["qty"].text()
        side[price] =
          try level["qty"].decimal().isZero ? nil : (try level["price"].text(), amount)
      }
    }
    func bare(_ text: String) -> String {
      String(text.filter { $0 != "." }.drop { $0 == "0" })
    }
    var checked = 0
    for message in try Array(answers.dropFirst()) + listener.listen(milliseconds: 300, steps: 40)
    where try message["channel"].optionalText() == "book" {
      let row = message["data"][0]
      try apply(row["bids"], &bids)
      try apply(row["asks"], &asks)
      let best =
        asks.keys.sorted().prefix(10).compactMap { asks[$0] }
        + bids.keys.sorted(by: >).prefix(10).compactMap { bids[$0] }
      let text = best.map { bare($0.0) + bare($0.1) }.joined()
      #expect(try row["checksum"].integer() == Int64(crc(text)))
      checked += 1
    }
    #expect(checked > 20)
  }

  @Test func `kraken's private channels want a token and count their messages`() throws {
    var client = Client(KrakenDialect(settings()))
    let token = try client.ask("GetWebSocketsToken")["token"].text()
    var listener = try Listener(client, "/v2", host: 2)
    func subscribe(_ token: String) -> String {
      #"{"method":"subscribe","params":{"channel":"executions","token":"\#(token)"}}"#
    }
    #expect(try listener.say(subscribe("nope"))[0]["success"].text() == "false")
    let answers = try listener.say(subscribe(token))
    #expect(try answers[0]["success"].text() == "true")
    #expect(try answers[1]["sequence"].integer() == 1)
    _ = listener.client.signed("AddOrder", "pair=ETHUSD&type=buy&ordertype=market&volume=0.1")
    let told = try listener.listen(milliseconds: 100).filter {
      try $0["channel"].optionalText() == "executions"
    }
    #expect(try told.map { try $0["sequence"].integer() } == Array(2..<Int64(2 + told.count)))
    let kinds = try told.map { try $0["data"][0]["exec_type"].text() }
    #expect(kinds.first == "new" && kinds.last == "filled" && kinds.contains("trade"))
  }

  @Test func `bitfinex numbers every message and sums up its book`() throws {
    var listener = try Listener(Client(BitfinexDialect(settings())), "/ws/2")
    #expect(try listener.listen(milliseconds: 50)[0]["event"].text() == "info")
    // SEQ_ALL and OB_CHECKSUM, https://docs.bitfinex.com/docs/ws-general.
    _ = try listener.say(#"{"event":"conf","flags":196608}"#)
    let answers = try listener.say(
      #"{"event":"subscribe","channel":"book","symbol":"tBTCUSD","len":"25"}"#)
    #expect(try answers[0]["event"].text() == "subscribed")
    let id = try answers[0]["chanId"].integer()
    let dup = try listener.say(#"{"event":"subscribe","channel":"book","symbol":"tBTCUSD"}"#)
    #expect(try dup[0]["code"].integer() == 10_301)
    var kept = Kept()
    func set(_ row: Node) throws {
      let amount = try row[2].decimal()
      let isBid = !amount.isNegative
      let size = try row[1].integer() == 0 ? .zero : amount.magnitude()
      kept.set(try row[0].decimal(), size, isBid: isBid)
    }
    for row in try answers[1][1].elements() { try set(row) }
    var last = try answers[1][2].integer()
    var sums = 0
    for message in try listener.listen(milliseconds: 300, steps: 30) {
      #expect(try message[0].integer() == id)
      #expect(try message[-1].integer() == last + 1)
      last += 1
      guard case .string(let word)? = message[1].json else {
        try set(message[1])
        continue
      }
      guard word == "cs" else { continue }
      var parts: [String] = []
      let bids = kept.bids.keys.sorted(by: >)
      let asks = kept.asks.keys.sorted()
      for place in 0..<25 {
        if bids.indices.contains(place), let amount = kept.bids[bids[place]] {
          parts += [bids[place].text, amount.text]
        }
        if asks.indices.contains(place), let amount = kept.asks[asks[place]] {
          parts += [asks[place].text, "-" + amount.text]
        }
      }
      let sum = Int32(bitPattern: crc(parts.joined(separator: ":")))
      #expect(try message[2].integer() == Int64(sum))
      sums += 1
    }
    #expect(sums > 10)
  }

  @Test func `bitfinex logs in with a growing nonce and tells its account on channel 0`() throws {
    let client = Client(BitfinexDialect(settings()))
    var listener = try Listener(client, "/ws/2")
    _ = try listener.listen(milliseconds: 50)
    func login(_ nonce: String, _ sign: String? = nil) -> String {
      let good = Hex.text(hmac(.sha384, client.keys.secret, "AUTH" + nonce))
      return
        #"{"event":"auth","apiKey":"\#(client.keys.key)","authSig":"\#(sign ?? good)","authPayload":"AUTH\#(nonce)","authNonce":"\#(nonce)"}"#
    }
    #expect(try listener.say(login("5", "00"))[0]["status"].text() == "FAILED")
    let answers = try listener.say(login("5"))
    #expect(try answers[0]["status"].text() == "OK")
    #expect(try answers.dropFirst().map { try $0[1].text() } == ["ps", "ws", "os"])
    #expect(try listener.say(login("5"))[0]["code"].integer() == 10_114)
    _ = listener.client.signed(
      "w/order/submit", #"{"type":"EXCHANGE MARKET","symbol":"tETHUSD","amount":"0.1"}"#)
    let words = try listener.listen(milliseconds: 100).map { try $0[1].text() }
    #expect(words.first == "on" && words.contains("tu") && words.contains("wu"))
    #expect(words.contains("oc"))
  }

  @Test func `htx sends gzip, wants pongs, and links its changes to its snapshot`() throws {
    var listener = try Listener(Client(HTXDialect(settings())), "/feed")
    let sub = try listener.say(#"{"sub":"market.btcusdt.mbp.20","id":"a"}"#)
    #expect(try sub[0]["status"].text() == "ok")
    _ = try listener.listen(milliseconds: 500)
    let answer = try listener.say(#"{"req":"market.btcusdt.mbp.20","id":"b"}"#)[0]
    var last = try answer["data"]["seqNum"].integer()
    var kept = Kept()
    try kept.set(answer["data"]["bids"], isBid: true)
    try kept.set(answer["data"]["asks"], isBid: false)
    var pings = 0
    var changes = 0
    for _ in 0..<80 {
      for message in try listener.listen(milliseconds: 250) {
        if let ping = try message["ping"].optionalText() {
          pings += 1
          _ = try listener.say(#"{"pong":\#(ping)}"#)
          continue
        }
        let tick = message["tick"]
        guard try tick["seqNum"].integer() > last else { continue }
        #expect(try tick["prevSeqNum"].integer() == last)
        last = try tick["seqNum"].integer()
        try kept.set(tick["bids"], isBid: true)
        try kept.set(tick["asks"], isBid: false)
        changes += 1
      }
    }
    #expect(pings >= 3 && changes > 30)
    #expect(kept.bids.count == 20 && kept.asks.count == 20)
    // Two pings left unanswered end it.
    let frames = listener.frames(milliseconds: 1_000, steps: 20)
    #expect(frames.contains(.close(1_003)))
  }

  @Test func `htx logs in by version 2.1 and tells orders, clearings and balances`() throws {
    let client = Client(HTXDialect(settings()))
    var listener = try Listener(client, "/ws/v2")
    let time = TimeForm.isoBare.write(client.now)
    let query =
      "accessKey=\(client.keys.key)&signatureMethod=HmacSHA256&signatureVersion=2.1&timestamp="
      + Escaping.strict(time)
    let sign = Base64.text(
      hmac(.sha256, client.keys.secret, "GET\napi.huobi.pro\n/ws/v2\n" + query))
    func login(_ sign: String) -> String {
      #"{"action":"req","ch":"auth","params":{"authType":"api","accessKey":"\#(client.keys.key)","signatureMethod":"HmacSHA256","signatureVersion":"2.1","timestamp":"\#(time)","signature":"\#(sign)"}}"#
    }
    #expect(try listener.say(login("AAAA"))[0]["code"].integer() == 2_002)
    #expect(try listener.say(login(sign))[0]["code"].integer() == 200)
    for topic in ["accounts.update#2", "orders#*", "trade.clearing#*#0"] {
      let answer = try listener.say(#"{"action":"sub","ch":"\#(topic)"}"#)
      #expect(try answer[0]["code"].integer() == 200)
    }
    let account = try listener.client.ask("/v1/account/accounts")["data"][0]["id"].text()
    _ = listener.client.signed(
      "POST", "/v1/order/orders/place", [:],
      #"{"account-id":"\#(account)","symbol":"ethusdt","type":"buy-market","amount":"50"}"#)
    let told = Set(try listener.listen(milliseconds: 100).map { try $0["ch"].optionalText() ?? "" })
    #expect(told.isSuperset(of: ["accounts.update#2", "orders#*", "trade.clearing#*#0"]))
  }

  @Test func `coinbase numbers messages, wants a token for the user, and hangs up the silent`()
    throws
  {
    var listener = try Listener(Client(CoinbaseDialect(settings())), "/", host: 1)
    let answers = try listener.say(
      #"{"type":"subscribe","channel":"level2","product_ids":["BTC-USD"]}"#)
    #expect(try answers.map { try $0["channel"].text() }.contains("l2_data"))
    let refused = try listener.say(#"{"type":"subscribe","channel":"user"}"#)
    #expect(try refused[0]["type"].text() == "error")
    let token = try listener.client.token(nil)
    let user = try listener.say(#"{"type":"subscribe","channel":"user","jwt":"\#(token)"}"#)
    #expect(try user.map { try $0["channel"].text() } == ["subscriptions", "user"])
    _ = try listener.say(#"{"type":"subscribe","channel":"heartbeats"}"#)
    let text =
      #"{"client_order_id":"z","product_id":"ETH-USD","side":"BUY","order_configuration":{"market_market_ioc":{"base_size":"0.1"}}}"#
    _ = try listener.client.signed("POST", "/api/v3/brokerage/orders", "", text)
    let told = try listener.listen(milliseconds: 500, steps: 10)
    let names = Set(try told.map { try $0["channel"].text() })
    #expect(names.isSuperset(of: ["l2_data", "user", "heartbeats"]))
    let numbers = try told.map { try $0["sequence_num"].integer() }
    #expect(numbers == Array((numbers.first ?? 0)...(numbers.last ?? 0)))
    var silent = try Listener(Client(CoinbaseDialect(settings())), "/", host: 1)
    #expect(silent.frames(milliseconds: 7_000).contains(.close(1_008)))
  }

  @Test func `a stream speaks as often as it is told to`() throws {
    var given = settings()
    given.quotesPerSecond = 2_400
    var client = Client(BinanceDialect(given))
    client.pace = 0
    var listener = try Listener(
      client, "/stream", "streams=btcusdt@bookTicker/ethusdt@bookTicker/solusdt@ticker", host: 2)
    let frames = listener.frames(milliseconds: 50, steps: 40).filter {
      if case .text = $0 { true } else { false }
    }
    #expect(frames.count == 4_800)
  }

  @Test func `messages are lost, doubled, cut and swapped by the seed's plan`() throws {
    var plan = FaultPlan(seed: 5)
    plan.perThousand = [.dropRequest: 100, .duplicate: 100, .truncate: 50, .reorder: 100]
    let frames = (0..<2_000).map { StreamFrame.text("message \($0)") }
    var stream = try Listener(Client(KrakenDialect(settings())), "/v2").stream
    var again = plan
    var none = FaultPlan(seed: 5)
    let spoiled = plan.spoiled(frames, &stream)
    #expect(spoiled == again.spoiled(frames, &stream))
    #expect(none.spoiled(frames, &stream) == frames)
    #expect(Set(spoiled).count < 2_000 && spoiled != frames)
    let cut = spoiled.filter { if case .text(let text) = $0 { text.count < 7 } else { false } }
    #expect((50...170).contains(cut.count))
  }
}
