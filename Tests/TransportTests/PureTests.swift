import Ledger
import TestSupport
import Testing
import Transport
import VenueKit

@Suite struct AnswerCaches {
  let request = OutgoingRequest(method: "GET", url: "https://venue.example/x")

  private func ok(_ body: String, _ headers: (name: String, value: String)...) -> IncomingAnswer {
    IncomingAnswer(status: 200, headers: headers, body: Array(body.utf8))
  }

  /// What a look gives, as one word.
  private func look(_ cache: inout AnswerCache, _ key: String, at time: Double) -> String {
    switch cache.look(key, request, at: second(time)) {
    case .fresh(let answer): "fresh " + String(decoding: answer.body, as: UTF8.self)
    case .conditional(let request):
      "if " + (request.header("If-None-Match") ?? request.header("If-Modified-Since") ?? "?")
    case .absent: "absent"
    }
  }

  @Test func `an answer is used for its time, then asked for if changed`() {
    var cache = AnswerCache()
    _ = cache.take("a", ok("1", ("etag", "\"v1\"")), keptFor: 60, at: second(0))
    _ = cache.take("b", ok("2", ("last-modified", "then")), keptFor: 60, at: second(0))
    _ = cache.take("c", ok("3"), keptFor: 60, at: second(0))
    let early = ["a", "b", "c", "d"].map { look(&cache, $0, at: 59) }
    #expect(early == ["fresh 1", "fresh 2", "fresh 3", "absent"])
    let late = ["a", "b", "c"].map { look(&cache, $0, at: 60) }
    #expect(late == ["if \"v1\"", "if then", "absent"])
  }

  @Test func `not modified gives the kept body and new fields`() {
    var cache = AnswerCache()
    _ = cache.take("a", ok("1", ("etag", "v1"), ("date", "old")), keptFor: 0, at: second(0))
    let unchanged = IncomingAnswer(status: 304, headers: [("date", "new")], body: [])
    let used = cache.take("a", unchanged, keptFor: 10, at: second(5))
    #expect(used?.status == 200 && used?.body == Array("1".utf8))
    #expect(used?.header("date") == "new" && used?.header("etag") == "v1")
    let again = look(&cache, "a", at: 14)
    #expect(again == "fresh 1")
    let lost = cache.take("z", unchanged, keptFor: 10, at: second(5))
    #expect(lost == nil)
  }

  @Test(arguments: [204, 400, 429, 500])
  func `only good answers are kept`(status: Int) {
    var cache = AnswerCache()
    let bad = IncomingAnswer(status: status, body: [1])
    let used = cache.take("a", bad, keptFor: 60, at: second(0))
    #expect(used?.status == status && cache.count == 0)
  }

  @Test func `what was used longest ago goes first`() {
    var cache = AnswerCache(bytesMost: 3000)
    let body = String(repeating: "x", count: 800)
    for key in ["a", "b", "c"] { _ = cache.take(key, ok(body), keptFor: 60, at: second(0)) }
    let touched = look(&cache, "a", at: 1)
    #expect(touched.hasPrefix("fresh"))
    _ = cache.take("d", ok(body), keptFor: 60, at: second(2))
    let left = ["a", "b", "c", "d"].map { look(&cache, $0, at: 3).hasPrefix("fresh") }
    #expect(left == [true, false, true, true])
    cache.forget("")
    #expect(cache.count == 0 && cache.bytes == 0)
  }

  @Test func `memory stays within its bound whatever comes`() {
    var chance = Seeded(runSeed)
    var cache = AnswerCache(bytesMost: 20_000, entriesMost: 20)
    for round in 0..<2000 {
      let body = String(repeating: "x", count: Int.random(in: 0...6000, using: &chance))
      let key = "k\(chance.next() % 60)"
      _ = cache.take(key, ok(body), keptFor: Int64(chance.next() % 5), at: second(Double(round)))
      if chance.next() % 50 == 0 { cache.forget("k1") }
      #expect(cache.bytes <= 20_000 && cache.count <= 20, "SEED=\(runSeed) round \(round)")
      #expect((cache.bytes == 0) == (cache.count == 0), "SEED=\(runSeed) round \(round)")
    }
  }

  @Test func `the account adds up`() {
    var account = CallAccount()
    account.noteSent(points: 5)
    account.noteSent(points: 10, answering: 4, pointsEach: 5)
    account.noteCached(points: 5)
    account.noteShared(points: 5)
    account.noteUnchanged()
    // Seven questions of five points each, two calls of fifteen points together.
    #expect(account.asked == 7 && account.sent == 2)
    #expect(account.savedByBatching == 3 && account.savedByCache == 1)
    #expect(account.savedBySharing == 1 && account.unchanged == 1)
    #expect(account.pointsAsked == 35 && account.pointsSent == 15)
    #expect(account.savedBasisPoints == 5714)
    let both = account + account
    #expect(both.asked == 14 && both.pointsSent == 30 && both.savedBasisPoints == 5714)
    #expect(CallAccount().savedBasisPoints == 0)
  }
}

@Suite struct ServerClocks {
  private func add(
    _ clock: inout ServerClock, sent: Double, told: Double, received: Double
  ) -> ServerClock.Verdict {
    clock.add("v", sent: second(sent), told: second(told), received: second(received))
  }

  @Test func `the offset is taken from the middle of the fastest round trip`() {
    var clock = ServerClock()
    #expect(
      clock.offsetMicroseconds("v") == nil && clock.time(at: "v", now: second(1)) == second(1))
    _ = add(&clock, sent: 0, told: 3, received: 2)
    #expect(clock.offsetMicroseconds("v") == 2_000_000)
    #expect(clock.uncertaintyMicroseconds("v") == 1_000_000)
    _ = add(&clock, sent: 10, told: 12.6, received: 10.2)
    #expect(clock.offsetMicroseconds("v") == 2_500_000)
    _ = add(&clock, sent: 20, told: 29, received: 28)
    #expect(clock.offsetMicroseconds("v") == 2_500_000)
    #expect(clock.time(at: "v", now: second(100)) == second(102.5))
  }

  @Test func `after eight samples an old one no longer counts`() {
    var clock = ServerClock()
    _ = add(&clock, sent: 0, told: 1, received: 0)
    for index in 1...8 {
      let time = Double(index) * 10
      _ = add(&clock, sent: time, told: time + 3, received: time + 2)
    }
    #expect(clock.offsetMicroseconds("v") == 2_000_000)
  }

  @Test func `a jump of a quarter of an hour needs to be confirmed twice`() {
    var clock = ServerClock()
    _ = add(&clock, sent: 0, told: 0, received: 0)
    let verdicts = [
      add(&clock, sent: 10, told: 10 + 901, received: 10),
      add(&clock, sent: 20, told: 20 + 901, received: 20),
      add(&clock, sent: 30, told: 30 + 900, received: 30),
    ]
    // The third is no jump and clears the doubt.
    #expect(verdicts == [.doubted, .doubted, .taken])
    var other = ServerClock()
    let hour = [0, 10, 20].map { add(&other, sent: $0, told: $0 + 3600, received: $0) }
    #expect(hour == [.doubted, .doubted, .taken])
    #expect(other.offsetMicroseconds("v") == 3_600_000_000)
    let lone = [0, 10, 20, 30].map {
      add(&other, sent: $0, told: $0 + 3600 + 10_000 * ($0 + 1), received: $0)
    }
    #expect(lone == [.doubted, .doubted, .doubted, .doubted])
  }

  @Test func `what cannot be is refused, and extremes do no harm`() {
    var clock = ServerClock()
    let low = Instant(microseconds: .min)
    let high = Instant(microseconds: .max)
    let verdicts = [
      clock.add("v", sent: second(1), told: second(1), received: second(0)),
      clock.add("v", sent: second(0), told: second(0), received: second(31)),
      clock.add("v", sent: low, told: high, received: low),
      clock.add("v", sent: low, told: high, received: high),
      clock.add("v", sent: high, told: low, received: high),
    ]
    #expect(verdicts == [.refused, .refused, .refused, .refused, .refused])
    #expect(clock.offsetMicroseconds("v") == nil)
  }
}

@Suite struct Reconnecting {
  @Test func `pauses double up to the longest and begin anew after a stable time`() {
    var chance = Seeded(runSeed)
    var policy = ReconnectPolicy(firstSeconds: 1, mostSeconds: 60, stableSeconds: 60)
    for whole in [1.0, 2, 4, 8, 16, 32, 60, 60] {
      let next = policy.ended(at: second(0), using: &chance)
      #expect(next >= second(whole / 2) && next <= second(whole), "SEED=\(runSeed)")
    }
    policy.opened(at: second(100))
    let early = policy.ended(at: second(159), using: &chance)
    #expect(early >= second(159 + 30))
    policy.opened(at: second(200))
    let stable = policy.ended(at: second(260), using: &chance)
    #expect(stable <= second(261))
  }

  @Test func `pauses are spread`() {
    var chance = Seeded(runSeed)
    let waits = (0..<100).map { _ in
      var policy = ReconnectPolicy(firstSeconds: 10)
      return policy.ended(at: second(0), using: &chance)
    }
    #expect(Set(waits).count > 90)
  }
}

@Suite struct Unpacking {
  @Test func `what gzip packed is unpacked`() throws {
    let packed = try Gzipped.text("{\"ping\":1492420473027}")
    let unpacked = try gunzip(packed, limit: 100)
    #expect(String(decoding: unpacked, as: UTF8.self) == "{\"ping\":1492420473027}")
    let zeros = try gunzip(try Gzipped.zeros(1_000_000), limit: 1_000_000)
    #expect(zeros.count == 1_000_000)
    // The empty stream of RFC 1950: header, an empty fixed block, Adler-32 of nothing.
    let empty = try gunzip([0x78, 0x9C, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01], limit: 0)
    #expect(empty.isEmpty)
  }

  @Test func `a bomb is stopped at its bound`() throws {
    let packed = try Gzipped.zeros(50_000_000)
    #expect(throws: UnpackingFault.tooLarge) { try gunzip(packed, limit: 1_000_000) }
    #expect(throws: UnpackingFault.tooLarge) { try gunzip(packed, limit: 49_999_999) }
  }

  @Test func `damage is found wherever it is`() throws {
    let packed = try Gzipped.text("{\"ch\":\"market.btcusdt.kline.1min\",\"ts\":1489474082831}")
    for cut in 0..<packed.count {
      #expect(throws: UnpackingFault.damaged) { try gunzip(Array(packed[..<cut]), limit: 1000) }
    }
    #expect(throws: UnpackingFault.damaged) { try gunzip(packed + [0], limit: 1000) }
    var chance = Seeded(runSeed)
    for _ in 0..<2000 {
      var bytes = packed
      let index = Int.random(in: 0..<bytes.count, using: &chance)
      bytes[index] ^= UInt8.random(in: 1...255, using: &chance)
      // Header fields such as the time may change unseen; nothing may trap or grow.
      let size = (try? gunzip(bytes, limit: 1000))?.count ?? 0
      #expect(size <= 1000)
    }
  }
}
