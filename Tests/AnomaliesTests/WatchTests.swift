import Ledger
import Statistics
import Testing

@testable import Anomalies

/// Observations of a small market that repeat from a seed.
private struct Market {
  var noise: Noise
  var prices = ["BTC": 60_000.0, "ETH": 3000, "SOL": 150, "ADA": 0.5, "XRP": 0.6, "DOT": 6]
  var bar = 0

  init(_ seed: UInt64) { noise = Noise(seed) }

  var end: Int64 { Int64(bar) * 3600 }

  /// The next hour's bars, and all that goes with them.
  mutating func hour(fall: Double = 0) -> [AnomalyObservation] {
    bar += 1
    var observations: [AnomalyObservation] = []
    var moves: [MarketMove] = []
    for asset in prices.keys.sorted() {
      let old = prices[asset] ?? 1
      let move = 0.005 * noise.normal() - fall
      let close = old * Elementary.exp(move)
      prices[asset] = close
      moves.append(MarketMove(asset: asset, move: move))
      let bar = MarketBar(
        end: end, high: max(old, close) * 1.001, low: min(old, close) * 0.999, close: close,
        volume: 100 * noise.exponential())
      for venue in ["kraken", "coinbase"] {
        observations.append(
          .quote(asset: asset, venue: venue, seconds: end - 10, price: close * 1.0001))
      }
      observations.append(
        .bar(asset: asset, venue: "", seconds: 3600, bar, isTrusted: true))
      observations.append(
        .pair(
          asset: asset, venue: "kraken", other: "coinbase", seconds: end, price: close,
          otherPrice: close * (1 + 0.0002 * noise.normal()), isTrusted: true))
      observations.append(
        .book(
          asset: asset, venue: "kraken",
          BookTop(
            seconds: end, bid: close * 0.9999, ask: close * (1.0001 + 0.00005 * noise.unit()),
            depth: 50 * noise.exponential() + 50), isTrusted: true))
    }
    observations.append(.market(seconds: 3600, end: end, moves: moves, isTrusted: true))
    observations.append(
      .peg(
        asset: "USDC", venue: "pool", seconds: end, ratio: 1 + 0.0005 * noise.normal(),
        isTrusted: true))
    observations.append(
      .trades(
        asset: "SOL", venue: "kraken",
        TradeSlice(
          seconds: end, trades: (20 * noise.exponential()).rounded(),
          bought: 5 * noise.exponential(), high: prices["SOL"] ?? 1, low: prices["SOL"] ?? 1,
          close: prices["SOL"] ?? 1)))
    observations.append(
      .account(
        account: "main", venue: "kraken", seconds: end,
        .fill(asset: "BTC", value: 100 * noise.exponential(), isOurs: true)))
    observations.append(.clock(seconds: end + 5))
    return observations
  }
}

@Suite struct WatchTests {
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `a watch restored from its bytes goes on as the one that wrote them`(seed: UInt64) throws {
    var market = Market(seed)
    var watch = AnomalyWatch()
    var cuts = Noise(seed + 100)
    var restored: AnomalyWatch?
    for index in 0..<260 {
      for observation in market.hour(fall: index == 230 ? 0.12 : 0) {
        let found = watch.take(observation)
        if var other = restored {
          let again = other.take(observation)
          #expect(found == again)
          restored = other
        }
      }
      if index % 60 == 40 || cuts.unit() < 0.01 {
        let bytes = watch.bytes
        if let restored { #expect(restored.bytes == bytes) }
        restored = try AnomalyWatch(bytes)
      }
    }
    #expect(restored?.bytes == watch.bytes)
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `a mutated state is a fault or a watch, never a trap`(seed: UInt64) {
    var market = Market(seed)
    var watch = AnomalyWatch()
    for _ in 0..<120 { for observation in market.hour() { _ = watch.take(observation) } }
    let bytes = watch.bytes
    var noise = Noise(seed)
    for _ in 0..<60 {
      var changed = bytes
      for _ in 0..<(1 + Int(noise.unit() * 3)) {
        let place = Int(noise.unit() * Double(changed.count))
        changed[place] = UInt8(truncatingIfNeeded: Int(noise.unit() * 256))
      }
      if noise.unit() < 0.3 { changed.removeLast(Int(noise.unit() * 100)) }
      guard var other = try? AnomalyWatch(changed) else { continue }
      var later = market
      for _ in 0..<3 { for observation in later.hour() { _ = other.take(observation) } }
    }
    #expect((try? AnomalyWatch(bytes)) != nil)
  }

  @Test func `a common crash is found, explained, agreed on and ends`() throws {
    var market = Market(3)
    var watch = AnomalyWatch()
    for _ in 0..<400 { for observation in market.hour() { _ = watch.take(observation) } }
    var found: [AnomalyFinding] = []
    for observation in market.hour(fall: 0.12) { found += watch.take(observation) }
    let crash = try #require(found.first { $0.kind == .crash && $0.subject.asset == "BTC" })
    #expect(crash.stage == .began)
    #expect(crash.severity >= .warning)
    #expect(crash.agreeing == ["coinbase", "kraken"])
    let evidence = try #require(crash.evidence.first)
    #expect(evidence.direction == .down)
    #expect(evidence.unit == .fraction)
    #expect(evidence.observed < -0.09)
    #expect((evidence.low ?? 0) > evidence.observed)
    #expect(evidence.sampleSize > 300)
    #expect((evidence.everySeconds ?? 0) > 30 * 86_400)
    #expect(found.contains { $0.kind == .crash && $0.subject.asset == "market" })
    let curb = try #require(TradingCurb(crash))
    #expect(curb.asset == "BTC")
    #expect(curb.venues.count == 2)
    for _ in 0..<40 {
      for observation in market.hour() {
        found += watch.take(observation).filter { $0.id == crash.id }
      }
    }
    #expect(found.last?.stage == .ended)
    // The next fall has this one among its past cases.
    found = []
    for observation in market.hour(fall: 0.13) { found += watch.take(observation) }
    let next = try #require(found.first { $0.subject.asset == "BTC" && $0.kind == .crash })
    #expect(next.alike.first?.id == crash.id)
  }

  @Test func `one venue alone can block nothing`() throws {
    var watch = AnomalyWatch()
    var noise = Noise(4)
    var price = 100.0
    for hour in 0..<200 {
      price *= Elementary.exp(0.003 * noise.normal())
      let bar = MarketBar(end: Int64(hour) * 3600, high: price, low: price, close: price)
      _ = watch.take(.bar(asset: "X", venue: "", seconds: 3600, bar, isTrusted: true))
    }
    _ = watch.take(.quote(asset: "X", venue: "only", seconds: 200 * 3600, price: price * 0.7))
    let bar = MarketBar(end: 200 * 3600, high: price, low: price * 0.7, close: price * 0.7)
    let found = watch.take(.bar(asset: "X", venue: "", seconds: 3600, bar, isTrusted: true))
    let crash = try #require(found.first)
    #expect(crash.agreeing == ["only"])
    #expect(TradingCurb(crash) == nil)
  }

  @Test func `a tick beyond the band rings before the bar ends, once`() throws {
    var watch = AnomalyWatch()
    var noise = Noise(5)
    var price = 100.0
    for minute in 0..<300 {
      price *= Elementary.exp(0.0005 * noise.normal())
      let bar = MarketBar(end: Int64(minute) * 60, high: price, low: price, close: price)
      _ = watch.take(.bar(asset: "X", venue: "", seconds: 60, bar, isTrusted: true))
    }
    let band = try #require(watch.band(asset: "X", seconds: 60))
    let time: Int64 = 299 * 60 + 20
    let inside = watch.take(
      .tick(asset: "X", venue: "", seconds: time, price: band.lowerBound * 1.0001))
    #expect(inside.isEmpty)
    let low = band.lowerBound * 0.999
    let found = watch.take(.tick(asset: "X", venue: "", seconds: time + 1, price: low))
    #expect(found.map(\.kind) == [.crash])
    #expect(found.first?.stage == .began)
    let again = watch.take(.tick(asset: "X", venue: "", seconds: time + 2, price: low * 0.999))
    #expect(again.isEmpty)
  }

  @Test func `what was dismissed must be rarer, and what is muted is silent`() throws {
    func watched(_ feedback: [AnomalyFeedback]) throws -> (AnomalyWatch, [AnomalyFinding]) {
      var market = Market(6)
      var watch = AnomalyWatch()
      for _ in 0..<300 { for observation in market.hour() { _ = watch.take(observation) } }
      for one in feedback { watch.feedback(one) }
      var found: [AnomalyFinding] = []
      for observation in market.hour(fall: 0.05) { found += watch.take(observation) }
      return (watch, found)
    }
    let (_, plain) = try watched([])
    #expect(plain.contains { $0.kind == .crash && $0.subject.asset == "ETH" })
    let (muted, silent) = try watched([.mute(.crash, asset: "ETH", untilSeconds: .max)])
    #expect(!silent.contains { $0.kind == .crash && $0.subject.asset == "ETH" })
    #expect(silent.contains { $0.kind == .crash && $0.subject.asset == "BTC" })
    #expect(muted.metrics.suppressed >= 1)
    let (_, back) = try watched([
      .mute(.crash, asset: nil, untilSeconds: .max), .unmute(.crash, asset: nil),
    ])
    #expect(back == plain)
  }

  @Test func `feedback is counted once and bends what is told`() throws {
    var desk = FindingDesk()
    func draft(_ surprise: Double, _ seconds: Int64) -> FindingDesk.Draft {
      let subject = AnomalySubject(asset: "X")
      return FindingDesk.Draft(
        stream: StreamKey(family: 0, subject: subject, seconds: Int(seconds)), kind: .crash,
        subject: subject, stage: .began, seconds: seconds, severity: .notice,
        evidence: [
          Evidence(.fall, observed: -0.05, unit: .fraction, direction: .down, surprise: surprise)
        ])
    }
    let told = desk.tell(draft(3.1, 1))
    let first = try #require(told)
    let learned = (0..<2).map { _ in desk.learn(.dismissed, of: first.id) != nil }
    #expect(learned == [true, false])
    #expect(desk.bias(.crash, "X") == 0.3)
    let common = desk.tell(draft(3.2, 2))
    #expect(common == nil)
    #expect(desk.suppressed == 1)
    let rare = desk.tell(draft(3.31, 3))
    #expect(rare != nil)
    let unknown = desk.learn(.confirmed, of: 999) == nil
    #expect(unknown)
  }

  @Test func `nothing is learned inside a confirmed incident or from a doubtful feed`() throws {
    var market = Market(7)
    var watch = AnomalyWatch()
    for _ in 0..<300 { for observation in market.hour() { _ = watch.take(observation) } }
    var found: [AnomalyFinding] = []
    for observation in market.hour(fall: 0.12) { found += watch.take(observation) }
    let crash = try #require(found.first { $0.kind == .crash && $0.subject.asset == "BTC" })
    let doubted = watch
    let isLearned = watch.feedback(.confirm(id: crash.id))
    #expect(isLearned)
    let price = market.prices["BTC"] ?? 1
    let end = market.end + 3600
    let bar = MarketBar(end: end, high: price, low: price * 0.8, close: price * 0.8)
    var (confirmed, open, untrusted) = (watch, doubted, doubted)
    let file = confirmed.modelFile(asset: "BTC", seconds: 3600)?.stamp.hash
    _ = confirmed.take(.bar(asset: "BTC", venue: "", seconds: 3600, bar, isTrusted: true))
    _ = open.take(.bar(asset: "BTC", venue: "", seconds: 3600, bar, isTrusted: true))
    _ = untrusted.take(.bar(asset: "BTC", venue: "", seconds: 3600, bar, isTrusted: false))
    #expect(confirmed.modelFile(asset: "BTC", seconds: 3600)?.stamp.hash == file)
    #expect(untrusted.modelFile(asset: "BTC", seconds: 3600)?.stamp.hash == file)
    #expect(open.modelFile(asset: "BTC", seconds: 3600)?.stamp.hash != file)
  }

  @Test func `an account's own doings are told from foreign ones`() {
    var watch = AnomalyWatch()
    func take(_ seconds: Int64, _ event: AccountEvent) -> [AnomalyKind] {
      watch.take(.account(account: "main", venue: "v", seconds: seconds, event)).map(\.kind)
    }
    // Office hours only, so that three in the night is odd.
    for day in 0..<60 {
      for hour in [9, 11, 14, 16] {
        let time = Int64(day * 86_400 + hour * 3600)
        let found = take(time, .fill(asset: "BTC", value: 100 + Double(hour), isOurs: true))
        #expect(found.isEmpty)
      }
    }
    let day: Int64 = 60 * 86_400
    #expect(take(day + 36_000, .fill(asset: "BTC", value: 100, isOurs: false)) == [.foreignFill])
    #expect(take(day + 3 * 3600, .fill(asset: "BTC", value: 100, isOurs: true)) == [.oddHour])
    #expect(
      take(day + 36_000, .fill(asset: "BTC", value: 50_000, isOurs: true)) == [.unusualAmount])
    let sent = AccountEvent.withdrawal(asset: "BTC", value: 100, address: "bc1q", isOurs: true)
    #expect(take(day + 36_000, sent) == [.newAddress])
    #expect(take(day + 36_000, sent).isEmpty)
    let foreign = AccountEvent.withdrawal(asset: "BTC", value: 100, address: "1X", isOurs: false)
    #expect(take(day + 36_000, foreign) == [.foreignWithdrawal, .newAddress])
    // What a thief used once does not become known by it.
    #expect(take(day + 36_000, foreign) == [.foreignWithdrawal, .newAddress])
    let short = AccountEvent.balance(asset: "BTC", expected: 1, reported: 0.9)
    #expect(take(day, short) == [.balanceDrop])
    #expect(take(day, short).isEmpty)
    #expect(take(day, .balance(asset: "BTC", expected: 1, reported: 1)).isEmpty)
    #expect(take(day, short) == [.balanceDrop])
  }

  @Test func `a silent and a frozen feed are told, and that they are back`() {
    var watch = AnomalyWatch()
    var noise = Noise(9)
    var time: Int64 = 0
    func kinds(_ observation: AnomalyObservation) -> [String] {
      watch.take(observation).map { $0.kind.rawValue + " " + $0.stage.rawValue }
    }
    for _ in 0..<300 {
      time += 1 + Int64(noise.unit() * 3)
      let found = kinds(
        .quote(asset: "X", venue: "v", seconds: time, price: 100 + noise.normal()))
      #expect(found.isEmpty)
      #expect(kinds(.clock(seconds: time + 2)).isEmpty)
    }
    #expect(kinds(.clock(seconds: time + 300)) == ["silence began"])
    #expect(kinds(.clock(seconds: time + 301)).isEmpty)
    #expect(
      kinds(.quote(asset: "X", venue: "v", seconds: time + 302, price: 99)) == ["silence ended"])
    time += 302
    var all: [String] = []
    for _ in 0..<200 {
      time += 2
      all += kinds(.quote(asset: "X", venue: "v", seconds: time, price: 99))
    }
    #expect(all == ["frozen began"])
    #expect(
      kinds(.quote(asset: "X", venue: "v", seconds: time + 2, price: 98)) == ["frozen ended"])
  }

  @Test func `a feed that was always constant is not frozen`() {
    var watch = AnomalyWatch()
    for index in 0..<5000 {
      let found = watch.take(
        .quote(asset: "X", venue: "v", seconds: Int64(index) * 2, price: 1))
      #expect(found.isEmpty)
    }
  }

  @Test func `spread, depth and two venues' prices ring when they leave their own past`() {
    var watch = AnomalyWatch()
    var noise = Noise(10)
    func book(_ second: Int64, _ spread: Double, _ depth: Double) -> [AnomalyKind] {
      let top = BookTop(seconds: second, bid: 100 - spread / 2, ask: 100 + spread / 2, depth: depth)
      return watch.take(.book(asset: "X", venue: "v", top, isTrusted: true)).map(\.kind)
    }
    for index in 0..<1000 {
      _ = book(Int64(index), 0.02 + 0.005 * noise.exponential(), 100 + 10 * noise.normal())
    }
    #expect(book(1000, 3, 100) == [.spread])
    #expect(book(1001, 0.02, 1) == [.depth])
    // Bid above ask is a rule of its own; the spread's episode is open already and only grows.
    let crossed = BookTop(seconds: 1002, bid: 101, ask: 100)
    let found = watch.take(.book(asset: "Y", venue: "v", crossed, isTrusted: true))
    #expect(found.map(\.kind) == [.spread])
    for index in 0..<500 {
      _ = watch.take(
        .pair(
          asset: "X", venue: "v", other: "w", seconds: Int64(index), price: 101,
          otherPrice: 100 + 0.02 * noise.normal(), isTrusted: true))
    }
    // The premium of 1 % is usual; one of 2.5 % is not.
    let apart = watch.take(
      .pair(
        asset: "X", venue: "v", other: "w", seconds: 500, price: 102.5, otherPrice: 100,
        isTrusted: true))
    #expect(apart.map(\.kind) == [.divergence])
    #expect((apart.first?.evidence.first?.low ?? 0) > 0)
  }

  @Test func `there is a bound on streams`() {
    var watch = AnomalyWatch(AnomalySettings(mostStreams: 3))
    for index in 0..<10 {
      let bar = MarketBar(end: 60, high: 1, low: 1, close: 1)
      _ = watch.take(.bar(asset: "\(index)", venue: "", seconds: 60, bar, isTrusted: true))
    }
    #expect(watch.metrics.streams == 3)
    #expect(watch.metrics.refusedStreams == 7)
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func `the order of assets does not matter to the market as a whole`(seed: UInt64) {
    var noise = Noise(seed)
    var (one, other) = (AnomalyWatch(), AnomalyWatch())
    for bar in 0..<200 {
      let moves = (0..<8).map { MarketMove(asset: "A\($0)", move: 0.01 * noise.normal()) }
      let end = Int64(bar) * 3600
      let a = one.take(.market(seconds: 3600, end: end, moves: moves, isTrusted: true))
      let b = other.take(
        .market(seconds: 3600, end: end, moves: moves.reversed(), isTrusted: true))
      #expect(a == b)
    }
    #expect(one.bytes == other.bytes)
  }

  @Test func `odd numbers are left out and counted`() {
    var watch = AnomalyWatch()
    let odd: [Double] = [.nan, .infinity, -1, 0, 1e300]
    for (index, value) in odd.enumerated() {
      let time = Int64(index)
      let bar = MarketBar(end: time, high: value, low: value, close: value)
      _ = watch.take(.bar(asset: "X", venue: "", seconds: 60, bar, isTrusted: true))
      _ = watch.take(.tick(asset: "X", venue: "", seconds: time, price: value))
      _ = watch.take(.quote(asset: "X", venue: "v", seconds: time, price: value))
      _ = watch.take(.peg(asset: "X", venue: "v", seconds: time, ratio: value, isTrusted: true))
      _ = watch.take(
        .pair(
          asset: "X", venue: "v", other: "w", seconds: time, price: value, otherPrice: 1,
          isTrusted: true))
      _ = watch.take(
        .account(
          account: "a", venue: "v", seconds: time,
          .balance(asset: "X", expected: value, reported: 1)))
    }
    #expect(watch.metrics.observations == 30)
    #expect((try? AnomalyWatch(watch.bytes)) != nil)
  }
}
