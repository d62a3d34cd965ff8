import Amounts
import Encodings
import Ledger
import Testing
import VenueKit

@testable import Sync

/// Faults that other programs shipped (rotki's changelog 1.43 and 1.44 and the issues named); each
/// must not happen here.
@Suite struct SyncRegressionTests {
  private func bench(
    _ paging: Paging = Paging(.backward, most: 10), rows: [FakeVenue.Row] = []
  ) -> Bench {
    var venue = FakeVenue()
    for path in ["fills", "deposits", "statement"] { venue.paging[path] = paging }
    venue.rows = rows
    return Bench(venue)
  }

  /// Fills an hour apart, the last one an hour before the start.
  private func fills(_ count: Int, apart: Int64 = 3_600) -> [FakeVenue.Row] {
    (1...count).map { FakeVenue.fill("f\($0)", Bench.time(-Int64($0) * apart)) }
  }

  // MARK: - Sync and paging

  @Test func `a range whose query failed is not marked as read`() {
    let bench = bench(rows: fills(5))
    bench.intercept = { call in
      call.lane.kind == .fills
        ? .failed(call: call.id, .refused(Refusal(.retryable, message: "reset"))) : nil
    }
    bench.add()
    bench.run(3_600)
    #expect(bench.lane(.fills)?.covered.isEmpty == true)
    #expect(bench.store.references(.trade).isEmpty)
    #expect(bench.lane(.fills)?.trouble?.kind == .weather)
    bench.intercept = { _ in nil }
    bench.run(3_600)
    #expect(bench.store.references(.trade) == ["f1", "f2", "f3", "f4", "f5"])
    #expect(bench.lane(.fills)?.health == .upToDate)
  }

  @Test func `one failing part of an account never discards what others gave`() {
    let bench = bench(rows: fills(3) + [FakeVenue.deposit("d1", Bench.time(-50))])
    bench.intercept = { call in
      call.lane.kind == .deposits ? bench.refuse(call, "NO") : nil
    }
    bench.add()
    bench.run(600)
    #expect(bench.store.references(.trade) == ["f1", "f2", "f3"])
    #expect(bench.lane(.deposits)?.health == .stopped)
    #expect(bench.lane(.fills)?.health == .upToDate)
  }

  @Test(arguments: [Paging.Kind.backward, .forward, .cursor, .numbered])
  func `many rows in one millisecond at a page's end are all read`(_ kind: Paging.Kind) {
    var rows = fills(4, apart: 60)
    for number in 0..<9 { rows.append(FakeVenue.fill("same\(number)", Bench.time(-90))) }
    let bench = bench(Paging(kind, most: 10), rows: rows)
    bench.add()
    bench.run(600)
    #expect(bench.store.references(.trade).count == 13)
    #expect(bench.held == bench.truth)
    #expect(bench.lane(.fills)?.gaps.isEmpty == true)
  }

  @Test(arguments: [Paging.Kind.backward, .forward])
  func `more rows in one instant than a page holds are a stated gap and no endless loop`(
    _ kind: Paging.Kind
  ) {
    var rows = fills(4, apart: 60)
    for number in 0..<25 { rows.append(FakeVenue.fill("same\(number)", Bench.time(-90))) }
    let bench = bench(Paging(kind, most: 10), rows: rows)
    bench.add()
    bench.run(30)
    let lane = bench.lane(.fills)
    #expect(lane?.gaps.contains { $0.reason == .burst } == true)
    #expect(lane?.gaps.contains { $0.span.contains(Bench.start.advanced(bySeconds: -90)) } == true)
    #expect(lane?.covered.contains(Bench.start.advanced(bySeconds: -90)) == false)
    // Everything on both sides of the instant is there.
    #expect(Set(bench.store.references(.trade)).isSuperset(of: ["f1", "f2", "f3", "f4"]))
    #expect(bench.calls(.fills).count < 20)
  }

  @Test(arguments: [Paging.Kind.cursor, .numbered, .single])
  func `the same first page again is noticed and the range is read in halves`(
    _ kind: Paging.Kind
  ) {
    let bench = bench(Paging(kind, most: 10), rows: fills(95))
    bench.venue.repeatsFirstPage = true
    bench.add()
    bench.run(1_200)
    #expect(bench.store.references(.trade).count == 95)
    #expect(bench.lane(.fills)?.health == .upToDate)
  }

  @Test func `a venue that always gives the same rows is given up, and that is shown`() {
    let bench = bench(Paging(.numbered, most: 10), rows: fills(95))
    bench.venue.repeatsFirstPage = true
    bench.venue.ignoresTimes = true
    bench.add()
    bench.run(600)
    #expect(bench.lane(.fills)?.health == .stopped)
    #expect(bench.lane(.fills)?.trouble?.kind == .repeating)
    // What the one page proves is read; what lies before it is not.
    let eleventh = Bench.start.advanced(bySeconds: -11 * 3_600)
    #expect(bench.lane(.fills)?.covered.spans.allSatisfy { $0.from > eleventh } == true)
    #expect(bench.store.references(.trade).count == 10)
  }

  @Test func `a pause longer than the venue looks back is a stated gap`() {
    let month = 30 * Paging.day
    let bench = bench(
      Paging(.backward, most: 10, window: 7 * Paging.day, lookBack: month), rows: fills(5))
    bench.add()
    bench.run(600)
    #expect(bench.store.references(.trade).count == 5)
    let before = bench.now
    // Three months off line; the venue has forgotten the first two.
    bench.venue.rows.append(FakeVenue.fill("forgotten", Bench.time(40 * 86_400)))
    bench.venue.rows.append(FakeVenue.fill("kept", Bench.time(80 * 86_400)))
    bench.intercept = { call in
      guard let from = call.ask.from, from < bench.now.advanced(bySeconds: -Int64(month))
      else { return nil }
      return bench.refuse(call, "NO")
    }
    bench.now = bench.now.advanced(bySeconds: 90 * 86_400)
    bench.restart()
    bench.run(600)
    #expect(bench.lane(.fills)?.health == .upToDate)
    #expect(bench.store.references(.trade).contains("kept"))
    let lost = bench.lane(.fills)?.gaps.filter { $0.reason == .lookBack } ?? []
    #expect(lost.contains { $0.span.contains(before.advanced(bySeconds: 86_400)) })
  }

  @Test func `a market that appears later is read from the account's start`() {
    let bench = bench(rows: fills(3))
    bench.venue.scope["fills"] = .eachMarket
    bench.settings.sweepsAllMarkets = false
    bench.venue.rows.append(FakeVenue.deposit("d", Bench.time(-86_400), "BTC", 5))
    bench.add()
    bench.run(600)
    #expect(bench.lane(.fills, "BTCUSD")?.health == .upToDate)
    #expect(bench.lane(.fills, "ADAUSD") == nil)
    bench.venue.markets.append(Market(id: "ADAUSD", base: "ADA", quote: "USD"))
    bench.venue.rows.append(
      FakeVenue.fill("old", Bench.time(-20 * 86_400), market: "ADAUSD", amount: 7))
    bench.run(2 * 86_400)
    #expect(bench.store.references(.trade).contains("old"))
    #expect(bench.held == bench.truth)
  }

  @Test func `a fill of a market that is listed later is kept, and booked once it is`() {
    let bench = bench(rows: fills(3))
    bench.venue.rows.append(FakeVenue.fill("new", Bench.time(-30), market: "ADAUSD"))
    bench.add()
    bench.run(300)
    #expect(bench.store.refused.map(\.reason) == ["unknown-market"])
    #expect(!bench.store.references(.trade).contains("new"))
    bench.venue.markets.append(Market(id: "ADAUSD", base: "ADA", quote: "USD"))
    bench.restart()
    bench.run(86_400)
    #expect(bench.store.references(.trade).contains("new"))
    #expect(bench.held == bench.truth)
  }

  @Test func `executions wait for the markets, even where these are refused`() {
    let bench = bench(rows: fills(3))
    bench.intercept = { call in call.lane.kind == .markets ? bench.refuse(call, "NO") : nil }
    bench.add()
    bench.run(3_600)
    #expect(bench.store.references(.trade).isEmpty)
    #expect(bench.store.refused.isEmpty)
    #expect(bench.lane(.fills)?.covered.isEmpty == true)
    // Somebody else knows them.
    bench.handle(.marketsKnown(venue: "fake", bench.venue.markets))
    bench.run(60)
    #expect(bench.store.references(.trade).count == 3)
  }

  @Test func `what earlier markets gave stays when a later one is rate limited`() {
    let bench = bench(rows: fills(12))
    bench.venue.scope["fills"] = .eachMarket
    var served = 0
    bench.intercept = { call in
      guard call.lane.kind == .fills else { return nil }
      served += 1
      return served > 3 ? bench.refuse(call, "SLOW", status: 429) : nil
    }
    bench.add()
    bench.run(5)
    let kept = bench.store.references(.trade).count
    let covered = bench.lane(.fills, "BTCUSD")?.covered
    #expect(kept > 0)
    bench.intercept = { _ in nil }
    bench.restart()
    bench.run(3_600)
    #expect(bench.store.references(.trade).count == 12)
    #expect(covered?.isEmpty == false)
  }

  @Test func `an empty success, a refusal with status 200 and a web page are three things`() {
    let bench = bench(rows: fills(2))
    var answers = ["<html>Checking your browser</html>", "{\"error\":\"CLOCK\"}"]
    bench.intercept = { call in
      guard call.lane.kind == .fills, !answers.isEmpty else { return nil }
      let body = Array(answers.removeFirst().utf8)
      return .answered(call: call.id, [IncomingAnswer(status: 200, body: body)])
    }
    bench.add()
    bench.run(600)
    #expect(answers.isEmpty)
    #expect(bench.store.references(.trade) == ["f1", "f2"])
    // No deposits is an answer too.
    #expect(bench.lane(.deposits)?.health == .upToDate)
    #expect(bench.lane(.deposits)?.rows == 0)
  }

  @Test func `a daily limit is not taken for the limit a second that its words contain`() {
    let faults = FaultTable(
      texts: [
        "too many requests": .rate, "too many requests for today": .banned,
      ],
      find: { _, _ in nil })
    #expect(
      faults.refusal(code: "", message: "Too many requests for today.", status: 200).kind
        == .banned)
    #expect(faults.refusal(code: "", message: "Too many requests.", status: 200).kind == .rate)
  }

  @Test func `a connection that broke has the same page asked for again, once for each time`() {
    let bench = bench(rows: fills(25))
    var broken = 0
    bench.intercept = { call in
      guard call.lane.kind == .fills, broken < 3 else { return nil }
      broken += 1
      return .failed(call: call.id, .refused(Refusal(.retryable, message: "closed")))
    }
    bench.add()
    bench.run(300)
    let first = bench.calls(.fills).prefix(4)
    #expect(Set(first.map(\.ask.to)).count == 1)
    #expect(bench.store.references(.trade).count == 25)
  }

  @Test func `a venue that never answers does not stop the others`() {
    let bench = bench(rows: fills(3))
    bench.intercept = { call in
      // The dead one: nothing comes, not even a failure.
      call.account == Bench.account ? nil : .tick
    }
    bench.handle(
      .added(
        AccountSetup(
          account: AccountID(named: "dead"), venue: bench.venue.venue(id: "dead"),
          settings: bench.settings)))
    bench.add()
    bench.run(1_200)
    #expect(bench.store.references(.trade).count == 3)
    #expect(bench.lane(.fills)?.health == .upToDate)
    let dead = bench.machine.status(of: AccountID(named: "dead"), at: bench.now)
    #expect(dead?.lanes.contains { $0.trouble?.kind == .weather } == true)
  }

  @Test func `an answer that cannot be read is kept and not asked for for ever`() {
    let bench = bench(rows: fills(2))
    bench.intercept = { call in
      guard call.lane.kind == .deposits else { return nil }
      let body = Array("{\"rows\":{\"surprise\":1}}".utf8)
      return .answered(call: call.id, [IncomingAnswer(status: 200, body: body)])
    }
    bench.add()
    bench.run(86_400)
    #expect(bench.calls(.deposits).count == SyncPolicy().malformedMost)
    #expect(bench.lane(.deposits)?.trouble?.kind == .malformed)
    #expect(bench.store.unreadable.count == 1)
    // That it is done with is stored: another run does not begin again.
    bench.restart()
    bench.run(86_400)
    #expect(bench.calls(.deposits).count == SyncPolicy().malformedMost)
    bench.intercept = { _ in nil }
    bench.venue.rows.append(FakeVenue.deposit("d", Bench.time(-9)))
    bench.handle(.retry(Bench.account, nil))
    bench.run(600)
    #expect(bench.store.references(.deposit) == ["d"])
  }

  @Test func `a failed look at the markets does not wipe the last good list`() {
    let bench = bench(rows: fills(2))
    bench.add()
    bench.run(60)
    #expect(bench.machine.markets(of: "fake").all.count == 3)
    bench.intercept = { call in
      call.lane.kind == .markets ? bench.refuse(call, "NO", status: 500) : nil
    }
    bench.venue.rows.append(FakeVenue.fill("later", Bench.time(50_000)))
    bench.run(2 * 86_400)
    #expect(bench.machine.markets(of: "fake").all.count == 3)
    #expect(bench.store.references(.trade).contains("later"))
  }

  @Test func `what was broken off is taken up where it stood`() {
    let bench = bench(Paging(.cursor, most: 10), rows: fills(95))
    var calls = 0
    bench.intercept = { call in
      guard call.lane.kind == .fills else { return nil }
      calls += 1
      return calls > 4 ? .cancelled(call: call.id) : nil
    }
    bench.add()
    bench.run(1)
    #expect(bench.store.references(.trade).count == 40)
    bench.intercept = { _ in nil }
    bench.sent = []
    bench.restart()
    bench.run(600)
    #expect(bench.calls(.fills).first?.ask.cursor != nil)
    #expect(bench.store.references(.trade).count == 95)
    #expect(bench.held == bench.truth)
  }

  // MARK: - Balances

  @Test func `locked funds are added and every kind of wallet counts`() throws {
    let bench = bench(rows: [FakeVenue.deposit("d", Bench.time(-60), "BTC", 13)])
    bench.add()
    bench.run(120)
    let rows = bench.store.balances[Bench.account]?.values.flatMap(\.rows) ?? []
    let totals = rows.filter { $0.asset == "BTC" }.compactMap(\.total)
    #expect(totals.count == 2)
    #expect(totals.map(\.units).reduce(0, +) == Fixed(whole: 13).units)
    let merged = try Balance.merged([
      Balance(asset: "BTC", free: Fixed(whole: 1), used: Fixed(whole: 2)),
      Balance(asset: "BTC", free: Fixed(whole: 3), used: Fixed(whole: 4)),
    ])
    #expect(merged.map(\.used) == [Fixed(whole: 6)])
  }

  @Test func `an open perpetual is no holding of its base`() throws {
    let market = Market(
      id: "BTC-PERP", base: "BTC", quote: "USD", settle: "USD", kind: .swap)
    let maker = EntryMaker(
      account: Bench.account, venue: FakeVenue().venue(), markets: MarketTable([market]))
    let fill = Fill(
      id: "1", time: Bench.start, market: "BTC-PERP", side: .buy, price: Fixed(whole: 100),
      amount: Fixed(whole: 3), fees: [VenueAmount("USD", Fixed(whole: 1))], part: .swap)
    let entry = try #require(try maker.entry(of: fill))
    #expect(entry.kind == .marginFee)
    #expect(entry.legs.map(\.asset.ticker) == ["USD"])
  }

  @Test func `a look at one account takes nothing from another`() {
    let bench = bench(rows: [FakeVenue.deposit("d", Bench.time(-60), "BTC", 13)])
    let other = AccountID(named: "other")
    bench.add()
    bench.handle(
      .added(
        AccountSetup(account: other, venue: bench.venue.venue(), settings: bench.settings)))
    bench.run(120)
    let before = bench.store.balances[other]
    bench.intercept = { call in call.account == other ? bench.refuse(call, "NO") : nil }
    bench.run(600)
    #expect(before?.isEmpty == false)
    #expect(bench.store.balances[other] == before)
    bench.handle(.removed(other))
    #expect(bench.status?.lanes.isEmpty == false)
    #expect(bench.store.balances[Bench.account]?.count == 2)
  }

  @Test func `half of the balances are never taken for all of them`() {
    let bench = bench(rows: [FakeVenue.deposit("d", Bench.time(-60), "BTC", 13)])
    bench.intercept = { call in
      call.lane.part == .funding ? bench.refuse(call, "DOWN", status: 503) : nil
    }
    bench.add()
    bench.run(300)
    #expect(bench.store.balances[Bench.account]?.count == 1)
    #expect(bench.status?.isBalanceComplete == false)
    bench.intercept = { _ in nil }
    bench.run(1_800)
    #expect(bench.status?.isBalanceComplete == true)
  }

  @Test func `one failing wallet leaves the others fresh and its own last word in place`() {
    let bench = bench(rows: [FakeVenue.deposit("d", Bench.time(-60), "BTC", 13)])
    bench.add()
    bench.run(120)
    bench.venue.rows.append(FakeVenue.deposit("e", Bench.time(130), "BTC", 10))
    bench.intercept = { call in
      call.lane.part == .funding ? bench.refuse(call, "DOWN", status: 503) : nil
    }
    bench.run(600)
    let views = bench.store.balances[Bench.account] ?? [:]
    let spot = views.first { $0.key.part == .spot }?.value.rows.first?.total
    let funding = views.first { $0.key.part == .funding }?.value.rows.first?.total
    #expect(spot == Fixed(whole: 12))
    #expect(funding == Fixed(whole: 6))
    #expect(bench.status?.isBalanceComplete == false)
  }

  // MARK: - Orders and time

  @Test func `a timeout is not a refusal and books nothing twice`() {
    let bench = bench(rows: fills(3))
    var late: [SyncEvent] = []
    bench.intercept = { call in
      guard call.lane.kind == .fills, late.count < 2 else { return nil }
      late.append(bench.answer(call))
      return .failed(call: call.id, .refused(Refusal(.unknownOutcome, message: "timeout")))
    }
    bench.add()
    bench.run(60)
    // The answers come after all, when nobody waits for them.
    for event in late { bench.handle(event) }
    bench.run(600)
    #expect(bench.store.references(.trade) == ["f1", "f2", "f3"])
    #expect(bench.lane(.fills)?.health == .upToDate)
  }

  @Test func `a fill that the venue tells late is found by the next rounds`() {
    let bench = bench(rows: fills(3))
    bench.add()
    bench.run(600)
    let time = Bench.time(590)
    bench.venue.rows.append(FakeVenue.fill("late", time, visible: time + 600_000))
    bench.run(300)
    #expect(!bench.store.references(.trade).contains("late"))
    bench.run(900)
    #expect(bench.store.references(.trade).contains("late"))
  }

  @Test func `a deposit that takes days is booked when it is done`() {
    let bench = bench(
      rows: [
        FakeVenue.deposit("slow", Bench.time(-3_600), done: Bench.time(5 * 86_400))
      ])
    bench.add()
    bench.run(86_400)
    #expect(bench.store.references(.deposit).isEmpty)
    bench.run(5 * 86_400)
    #expect(bench.store.references(.deposit) == ["slow"])
  }

  @Test func `a warm restart books nothing again and nothing opposite`() {
    let bench = bench(rows: fills(15))
    bench.add()
    bench.run(600)
    let before = bench.store.entries
    for _ in 0..<5 {
      bench.restart()
      bench.run(120)
    }
    #expect(bench.store.entries == before)
    #expect(bench.store.conflicts.isEmpty)
    #expect(bench.held == bench.truth)
  }

  @Test func `a fill by stream and by request with different ids is booked once`() {
    let bench = bench()
    bench.add()
    bench.run(60)
    let calls = bench.calls(.fills).count
    bench.venue.rows = [FakeVenue.fill("77", Bench.time(61))]
    bench.run(4)
    let streamed = Fill(
      id: "stream-xyz", time: Instant(seconds: Bench.start.seconds + 61), market: "BTCUSD",
      side: .buy, price: Fixed(whole: 3), amount: Fixed(whole: 2))
    bench.handle(.streamed(Bench.account, [.fill(streamed)]))
    bench.run(2)
    // The stream makes the lane look at once; what it finds there is what is booked.
    #expect(bench.calls(.fills).count == calls + 1)
    bench.run(600)
    #expect(bench.store.references(.trade) == ["77 BTC-USD"])
    #expect(bench.held == bench.truth)
  }

  @Test func `a clock that drifted is read anew and the call made once more`() {
    let bench = bench(rows: fills(2))
    bench.venue.skew = -7_000
    var refused = 0
    bench.intercept = { call in
      guard call.lane.kind == .deposits, refused < 1 else { return nil }
      refused += 1
      return bench.refuse(call, "CLOCK", status: 400)
    }
    bench.add()
    bench.run(30)
    #expect(bench.status?.clockOffset == -7_000_000)
    #expect(bench.lane(.deposits)?.health == .upToDate)
    // What is asked afterwards is asked by the venue's clock.
    #expect(bench.sent.last.map { $0.ask.now < bench.now.advanced(bySeconds: -5) } == true)
    // Refused for good it rests and says so, and does not hammer.
    bench.intercept = { call in
      call.lane.kind == .deposits ? bench.refuse(call, "CLOCK", status: 400) : nil
    }
    bench.sent = []
    bench.run(3_600)
    #expect(bench.lane(.deposits)?.trouble?.kind == .clock)
    #expect(bench.calls(.deposits).count < 20)
  }

  @Test func `a key whose nonce must grow has one call under way at a time`() {
    var fake = FakeVenue()
    fake.rows = fills(3)
    var venue = fake.venue()
    venue.needsGrowingNonce = true
    var machine = SyncMachine(seed: 1)
    let setup = AccountSetup(account: Bench.account, venue: venue)
    let sent = machine.handle(.added(setup), at: Bench.start).count {
      if case .send = $0 { true } else { false }
    }
    #expect(sent == 1)
  }

  @Test func `being asked to slow down rests the whole account, and only that one`() {
    let bench = bench(rows: fills(3))
    let other = AccountID(named: "other")
    bench.add()
    bench.handle(
      .added(
        AccountSetup(
          account: other, venue: bench.venue.venue(id: "second"), settings: bench.settings)))
    bench.run(60)
    bench.intercept = { call in
      guard call.account == Bench.account else { return nil }
      let answer = IncomingAnswer(
        status: 429, headers: [(name: "retry-after", value: "600")], body: Array("{}".utf8))
      return .answered(call: call.id, call.calls.map { _ in answer })
    }
    bench.run(60)
    bench.sent = []
    bench.run(500)
    #expect(bench.sent.allSatisfy { $0.account == other })
    #expect(!bench.sent.isEmpty)
  }

  // MARK: - Twice

  @Test func `an answer or a confirmation that comes twice counts once`() {
    let bench = bench(rows: fills(25))
    var repeated: [SyncEvent] = []
    bench.intercept = { call in
      repeated.append(bench.answer(call))
      return nil
    }
    bench.add()
    for event in repeated { bench.handle(event) }
    for batch in 0..<200 { bench.handle(.stored(batch: batch)) }
    bench.run(600)
    #expect(bench.store.references(.trade).count == 25)
    #expect(bench.held == bench.truth)
  }

  @Test func `a requery finds the same facts under the same names`() {
    let bench = bench(rows: fills(25))
    bench.add()
    bench.run(600)
    let before = bench.store.entries
    let calls = bench.calls(.fills).count
    bench.handle(
      .requery(
        Bench.account,
        Span(from: Bench.start.advanced(bySeconds: -40 * 86_400), to: bench.now)))
    bench.run(600)
    #expect(bench.calls(.fills).count > calls + 2)
    #expect(bench.store.entries == before)
    #expect(bench.store.conflicts.isEmpty)
  }

  @Test func `one transaction of two accounts is a fact of each`() throws {
    let fake = FakeVenue().venue()
    let transfer = Transfer(
      id: "x", time: Bench.start, direction: .deposit, asset: "BTC", amount: Fixed(whole: 1),
      status: .ok)
    var identities: Set<EntryIdentity> = []
    for name in ["one", "two"] {
      let maker = EntryMaker(
        account: AccountID(named: name), venue: fake, markets: MarketTable())
      guard case .entry(let entry) = try maker.entry(of: transfer) else {
        Issue.record("it moves something")
        return
      }
      identities.insert(entry.identity)
    }
    #expect(identities.count == 2)
  }
}
