import Amounts
import Encodings
import Ledger
import Testing
import VenueKit

@testable import Sync

@Suite struct MachineTests {
  private func bench(
    _ paging: Paging = Paging(.backward, most: 10), rows: [FakeVenue.Row] = []
  ) -> Bench {
    var venue = FakeVenue()
    for path in ["fills", "deposits", "statement"] { venue.paging[path] = paging }
    venue.rows = rows
    return Bench(venue)
  }

  private func fills(_ count: Int, apart: Int64 = 3_600) -> [FakeVenue.Row] {
    (1...count).map { FakeVenue.fill("f\($0)", Bench.time(-Int64($0) * apart)) }
  }

  // MARK: - Order

  @Test func `balances come before history, and the newest history before the older`() {
    let week = 7 * Paging.day
    let bench = bench(Paging(.forward, most: 10, window: week), rows: fills(4, apart: 500_000))
    bench.add()
    bench.run(60)
    let firstHistory = bench.sent.firstIndex { $0.lane.kind.isHistory } ?? 0
    let lastFirstBalance = bench.sent.firstIndex { $0.lane.part == .funding } ?? .max
    #expect(lastFirstBalance < firstHistory)
    let spans = bench.calls(.fills).prefix(4).compactMap(\.ask.to)
    #expect(spans == spans.sorted(by: >))
    #expect(bench.calls(.fills).first?.tier == .recent)
    #expect(bench.calls(.fills).dropFirst().first?.tier == .backfill)
    #expect(bench.store.references(.trade).count == 4)
  }

  @Test func `no range is longer than the venue takes`() {
    let week = 7 * Paging.day
    for kind in [Paging.Kind.forward, .backward, .cursor, .numbered, .single] {
      let bench = bench(Paging(kind, most: 50, window: week), rows: fills(9))
      bench.add()
      bench.run(600)
      #expect(bench.store.references(.trade).count == 9)
      for call in bench.sent where call.lane.kind.isHistory {
        guard let from = call.ask.from, let to = call.ask.to else {
          Issue.record("a range without bounds")
          continue
        }
        #expect(Span(from: from, to: to).seconds <= Int64(week))
        #expect(to <= bench.now)
      }
    }
  }

  @Test func `an account that is up to date is asked no more often than said`() {
    let bench = bench(rows: fills(3))
    bench.add()
    bench.run(3_600)
    bench.sent = []
    bench.run(3_600)
    #expect((55...62).contains(bench.calls(.fills).count))
    #expect((10...14).contains(bench.calls(.deposits).count))
    #expect(bench.sent.count < 230)
    // Rounds without news are not written down one by one.
    let before = bench.store.batches
    bench.run(3_600)
    let history = bench.store.batches - before - 122
    #expect(history < 20)
  }

  @Test func `a machine with nothing to do asks to be woken when there is something`() {
    let bench = bench(rows: fills(3))
    bench.add()
    bench.run(600)
    let wake = bench.wake.map { $0.seconds - bench.now.seconds } ?? 0
    #expect((1...60).contains(wake))
    bench.handle(.suspended)
    bench.sent = []
    bench.run(600)
    #expect(bench.sent.isEmpty)
    bench.handle(.resumed)
    #expect(!bench.sent.isEmpty)
  }

  @Test func `hundreds of markets are read one after another, those of the account first`() {
    var markets: [Market] = []
    for number in 0..<300 {
      markets.append(Market(id: "M\(number)", base: "C\(number)", quote: "USD"))
    }
    let bench = bench(rows: [FakeVenue.deposit("d", Bench.time(-60), "C250", 5)])
    bench.venue.markets = markets
    bench.venue.scope["fills"] = .eachMarket
    bench.add()
    bench.run(2)
    let order = bench.calls(.fills).map(\.lane.subject)
    #expect(order.first == "M250")
    #expect(Set(order).count == 300)
    #expect(bench.status?.marketsLeft == 0)
  }

  @Test func `calls that wait for one allowance keep nobody from the others`() {
    let bench = bench(rows: fills(3))
    bench.venue.markets = (0..<20).map { Market(id: "M\($0)", base: "C\($0)", quote: "USD") }
    bench.venue.scope["fills"] = .eachMarket
    bench.venue.costs["fills"] = ["slow": 1]
    bench.isSilent = { $0.lane.kind == .fills }
    bench.add()
    bench.run(20)
    #expect(bench.calls(.fills).count == bench.machine.policy.callsAtOnce)
    #expect(bench.lane(.statement)?.health == .upToDate)
    #expect(bench.lane(.deposits)?.health == .upToDate)
  }

  @Test func `the longest way goes on while calls of others are not answered`() {
    var rows = fills(100)
    rows += (1...25).map { FakeVenue.fill("e\($0)", Bench.time(-$0 * 3_600), market: "ETHUSD") }
    var policy = SyncPolicy()
    policy.callsAtOnce = 1
    var venue = FakeVenue()
    venue.rows = rows
    venue.scope["fills"] = .eachMarket
    let bench = Bench(venue, policy: policy)
    var pages = 0
    bench.isSilent = { call in
      guard call.lane.subject == "ETHUSD" else { return false }
      pages += 1
      return pages > 1
    }
    bench.add()
    bench.run(20)
    #expect(pages == 2)
    #expect(bench.lane(.fills, "ETHUSD")?.health == .running)
    #expect(bench.lane(.fills, "BTCUSD")?.fraction == 1)
    #expect(bench.lane(.fills, "BTCUSD")?.rows ?? 0 >= 100)
    #expect(bench.sent.contains { $0.lane.subject == "BTCUSD" && $0.followers > 0 })
    #expect(bench.sent.allSatisfy { $0.lane.kind.isHistory || $0.followers == 0 })
  }

  // MARK: - Refusals

  @Test func `a stretch that is refused for its length is read in shorter ones`() {
    let bench = bench(rows: fills(40))
    bench.venue.paging["fills"] = Paging(.numbered, most: 10, sureWindow: 5 * Paging.day)
    var refused = 0
    bench.intercept = { call in
      guard call.lane.kind == .fills, let from = call.ask.from, let to = call.ask.to,
        to.seconds - from.seconds > 6 * 86_400
      else { return nil }
      refused += 1
      return bench.refuse(call, "NO")
    }
    bench.add()
    bench.run(3_600)
    #expect(refused == 1)
    #expect(bench.lane(.fills)?.trouble == nil && bench.lane(.fills)?.gaps.isEmpty == true)
    #expect(bench.store.references(.trade).count == 40)
    #expect(bench.status?.completeTo != nil)
  }

  @Test func `a key that nothing takes pauses the account, and says what to do`() {
    let bench = bench(rows: fills(3))
    bench.intercept = { call in
      call.lane.kind == .markets || call.lane.kind == .clock ? nil : bench.refuse(call, "AUTH")
    }
    bench.add()
    bench.run(3_600)
    #expect(bench.status?.trouble?.kind == .key)
    #expect(bench.status?.trouble?.advice.isEmpty == false)
    #expect(bench.sent.count < 12)
    // Another run does not try the same key again.
    bench.sent = []
    bench.restart()
    bench.run(3_600)
    #expect(bench.sent.isEmpty)
    bench.intercept = { _ in nil }
    bench.handle(.retry(Bench.account, nil))
    bench.run(600)
    #expect(bench.status?.trouble == nil)
    #expect(bench.store.references(.trade).count == 3)
    bench.restart()
    bench.run(60)
    #expect(bench.status?.trouble == nil)
  }

  @Test func `a right that is missing for one lane stops that lane`() {
    let bench = bench(rows: fills(3))
    bench.intercept = { call in call.lane.kind == .deposits ? bench.refuse(call, "AUTH") : nil }
    bench.add()
    bench.run(3_600)
    #expect(bench.status?.trouble == nil)
    #expect(bench.lane(.deposits)?.trouble?.kind == .key)
    #expect(bench.calls(.deposits).count == 1)
    #expect(bench.store.references(.trade).count == 3)
    #expect(bench.status?.completeTo == nil)
  }

  @Test func `a key that may withdraw is not used unless the user says so`() {
    let bench = bench(rows: fills(3))
    var venue = bench.venue.venue()
    venue.feeds.rights = Feed(
      calls: { _ in [Call("api", "GET", "clock")] }, rows: { [$0.body] },
      row: { _, _ in KeyRights(canRead: true, canWithdraw: true) })
    bench.handle(
      .added(AccountSetup(account: Bench.account, venue: venue, settings: bench.settings)))
    bench.run(600)
    #expect(bench.status?.trouble?.kind == .withdrawRight)
    #expect(bench.store.references(.trade).isEmpty)
    bench.settings.acceptsWithdrawRight = true
    bench.handle(
      .added(AccountSetup(account: Bench.account, venue: venue, settings: bench.settings)))
    bench.run(600)
    #expect(bench.store.references(.trade).count == 3)
  }

  @Test func `a page's name that grew old has the range begun anew`() {
    let bench = bench(Paging(.cursor, most: 10), rows: fills(35))
    var isOld = true
    bench.intercept = { call in
      guard call.lane.kind == .fills, call.ask.cursor != nil, isOld else { return nil }
      isOld = false
      return bench.refuse(call, "NO")
    }
    bench.add()
    bench.run(600)
    #expect(bench.lane(.fills)?.health == .upToDate)
    #expect(bench.store.references(.trade).count == 35)
  }

  @Test func `being shut out rests every account of the venue`() {
    let bench = bench(rows: fills(3))
    let other = AccountID(named: "other")
    bench.add()
    bench.handle(
      .added(AccountSetup(account: other, venue: bench.venue.venue(), settings: bench.settings)))
    bench.run(10)
    bench.intercept = { call in call.account == other ? bench.refuse(call, "OUT") : nil }
    bench.run(60)
    bench.sent = []
    bench.run(100)
    #expect(bench.sent.isEmpty)
    #expect(bench.status?.restsUntil != nil)
  }

  @Test func `waits grow with every failure and stay within their bound`() {
    let bench = bench(rows: fills(3))
    var times: [Int64] = []
    bench.intercept = { call in
      guard call.lane.kind == .fills else { return nil }
      times.append(bench.now.seconds)
      return bench.refuse(call, "DOWN", status: 503)
    }
    bench.add()
    bench.run(2 * 86_400)
    let waits = zip(times.dropFirst(), times).map { $0 - $1 }
    #expect(waits.prefix(3).allSatisfy { $0 <= 9 })
    #expect(waits.suffix(20).allSatisfy { (449...901).contains($0) })
  }

  // MARK: - The store

  @Test func `what could not be written is asked for again, and nothing is marked before`() {
    let bench = bench(Paging(.cursor, most: 10), rows: fills(35))
    var failed = 0
    bench.canStore = { batch in
      guard batch.lane.kind == .fills, failed < 3 else { return true }
      failed += 1
      return false
    }
    bench.add()
    #expect(bench.lane(.fills)?.covered.isEmpty == true)
    #expect(bench.lane(.fills)?.trouble?.kind == .store)
    bench.run(600)
    #expect(failed == 3)
    #expect(bench.store.references(.trade).count == 35)
    #expect(bench.held == bench.truth)
  }

  @Test func `a balance that could not be written is read again`() {
    let bench = bench(rows: [FakeVenue.deposit("d", Bench.time(-60), "BTC", 13)])
    var isBroken = true
    bench.canStore = { batch in batch.balances == nil || !isBroken }
    bench.add()
    #expect(bench.status?.isBalanceComplete == false)
    isBroken = false
    bench.run(120)
    #expect(bench.status?.isBalanceComplete == true)
  }

  // MARK: - Statements

  @Test(arguments: [Paging.Kind.backward, .forward, .cursor, .numbered])
  func `lines of one fact on two pages are one entry`(_ kind: Paging.Kind) {
    for offset in 0..<10 {
      var rows: [FakeVenue.Row] = []
      for number in 0..<offset {
        rows.append(FakeVenue.line("p\(number)", Bench.time(-300 - Int64(number)), "ADA", 1))
      }
      for number in 0..<12 {
        let time = Bench.time(-400 - 10 * Int64(number))
        let reference = "r\(number)"
        rows.append(
          FakeVenue.line("a\(number)", time, "USD", -5, kind: "trade", reference: reference))
        rows.append(
          FakeVenue.line(
            "b\(number)", time + 1_200, "DOT", 7, kind: "trade", reference: reference))
      }
      let bench = bench(Paging(kind, most: 5), rows: rows)
      bench.add()
      bench.run(600)
      #expect(bench.store.references(.trade).count == 12)
      #expect(bench.store.conflicts.isEmpty)
      #expect(bench.store.refused.isEmpty)
      #expect(bench.held == bench.truth)
    }
  }

  @Test func `a fact whose second line comes a moment later is not booked by half`() {
    let bench = bench(rows: [])
    bench.add()
    bench.run(600)
    let time = Bench.time(605)
    bench.venue.rows = [
      FakeVenue.line("a", time, "USD", -5, kind: "trade", reference: "r"),
      FakeVenue.line("b", time + 3_000, "DOT", 7, kind: "trade", reference: "r"),
    ]
    bench.venue.rows[1].visible = time + 20_000
    bench.run(1_200)
    #expect(bench.store.refused.isEmpty)
    #expect(bench.held == bench.truth)
  }

  @Test func `a row that is not understood is kept and the others are booked`() {
    var rows = fills(3)
    rows.append(FakeVenue.fill("odd", Bench.time(-70), side: "sideways"))
    var broken = FakeVenue.fill("broken", Bench.time(-80))
    broken.json = ["id": "broken", "t": .number(String(broken.time)), "m": "BTCUSD", "p": "much"]
    rows.append(broken)
    let bench = bench(rows: rows)
    bench.add()
    bench.run(600)
    #expect(bench.store.references(.trade) == ["f1", "f2", "f3"])
    #expect(Set(bench.store.refused.map(\.reason)) == ["unknown-side", "malformed"])
    #expect(bench.store.refused.first { $0.reason == "malformed" }?.place.hasSuffix(".p") == true)
    #expect(bench.store.refused.allSatisfy { $0.raw.contains("\"id\"") })
    #expect(bench.lane(.fills)?.refused == 2)
    #expect(bench.lane(.fills)?.health == .upToDate)
  }

  @Test func `equal deposits without an id are two, however often they are read`() {
    var rows: [FakeVenue.Row] = []
    for number in 0..<3 {
      var row = FakeVenue.deposit("x\(number)", Bench.time(-100), "USD", 5)
      row.json = [
        "t": .number(String(row.time)), "asset": "USD", "amount": "5", "status": "ok",
      ]
      rows.append(row)
    }
    for kind in [Paging.Kind.backward, .forward, .cursor, .numbered, .single] {
      let bench = bench(
        Paging(kind, most: kind == .cursor || kind == .numbered ? 2 : 9), rows: rows)
      bench.add()
      bench.run(3_600)
      bench.restart()
      bench.run(600)
      #expect(bench.held == ["USD": Fixed(whole: 15)], "\(kind)")
    }
  }

  @Test func `what another run of the program read shortly before is not asked for again`() {
    let bench = bench(rows: fills(3))
    bench.add()
    bench.run(20)
    let first = bench.calls(.balances).count
    #expect(first > 0)
    bench.restart()
    let isKnown = bench.machine.knowsBalancesOnly(Bench.account, at: bench.now) != nil
    #expect(isKnown)
    bench.run(20)
    #expect(bench.calls(.balances).count == first)
    bench.run(60)
    #expect(bench.calls(.balances).count == 2 * first)
    // What is not stored with the present key is read with it.
    bench.store.balances = [:]
    bench.restart()
    bench.run(1)
    #expect(bench.calls(.balances).count == 3 * first)
  }

  @Test func `what a key may do is asked for again when it was not read with this one`() {
    let bench = bench(rows: fills(3))
    var venue = bench.venue.venue()
    venue.feeds.rights = Feed(
      calls: { _ in [Call("api", "GET", "clock")] }, rows: { [$0.body] },
      row: { _, _ in KeyRights(canRead: true, canWithdraw: false) })
    var setup = AccountSetup(account: Bench.account, venue: venue, settings: bench.settings)
    setup.rights = (KeyRights(canRead: true), bench.now.advanced(bySeconds: -60))
    bench.handle(.added(setup))
    bench.run(60)
    #expect(bench.calls(.rights).isEmpty && bench.store.references(.trade).count == 3)
    #expect(bench.status?.rights == KeyRights(canRead: true))
    setup.rights = nil
    bench.handle(.added(setup))
    bench.run(60)
    #expect(bench.calls(.rights).count == 1)
    #expect(bench.status?.rights == KeyRights(canRead: true, canWithdraw: false))
  }

  // MARK: - Needs

  @Test func `lanes wait for the ids of the account's parts`() {
    let bench = bench(rows: fills(3))
    var venue = bench.venue.venue()
    venue.feeds.accounts = Feed(
      calls: { _ in [Call("api", "GET", "clock")] }, rows: { [$0.body] },
      row: { _, _ in VenueAccount(name: "spot", id: "777") })
    bench.handle(
      .added(AccountSetup(account: Bench.account, venue: venue, settings: bench.settings)))
    bench.run(600)
    #expect(bench.calls(.fills).allSatisfy { $0.ask.accounts == ["spot": "777"] })
    #expect(bench.store.references(.trade).count == 3)
    let memo = bench.store.states[Bench.account]?[AccountMemo.key].flatMap { AccountMemo(text: $0) }
    #expect(memo?.parts == ["spot": "777"])
  }

  @Test
  func `of several ids of one name the first counts, and one in use stays while it is listed`() {
    let bench = bench(rows: fills(3))
    var venue = bench.venue.venue()
    func follow(_ ids: [String]) {
      let rows = ids.map { Node(.string($0)) }
      venue.feeds.accounts = Feed(
        calls: { _ in [Call("api", "GET", "clock")] }, rows: { _ in rows },
        row: { row, _ throws(VenueFault) in VenueAccount(name: "spot", id: try row.text()) })
      bench.handle(
        .added(
          AccountSetup(
            account: Bench.account, venue: venue, settings: bench.settings,
            states: bench.store.states[Bench.account] ?? [:])))
      bench.run(600)
    }
    for (ids, used) in [(["1", "2"], "1"), (["2", "1"], "1"), (["3", "2"], "3")] {
      follow(ids)
      #expect(bench.calls(.balances).last?.ask.accounts == ["spot": used], "\(ids)")
    }
  }

  @Test func `an id that was typed or told by a login is not changed by a list, nor needs one`() {
    let bench = bench(rows: fills(3))
    var venue = bench.venue.venue()
    venue.feeds.accounts = Feed(
      calls: { _ in [Call("api", "GET", "clock")] }, rows: { [$0.body] },
      row: { _, _ in nil })
    bench.intercept = { call in
      guard call.lane.kind == .accounts else { return nil }
      let fault = VenueFault.refused(Refusal(.auth, message: "not for you"))
      return .failed(call: call.id, fault)
    }
    let setup = AccountSetup(
      account: Bench.account, venue: venue, settings: bench.settings, named: ["spot": "5"])
    bench.handle(.added(setup))
    bench.run(600)
    #expect(bench.calls(.accounts).count == 1)
    #expect(bench.calls(.balances).allSatisfy { $0.ask.accounts == ["spot": "5"] })
    #expect(bench.machine.status(of: Bench.account, at: bench.now)?.trouble == nil)
    bench.handle(.accountsTold(Bench.account, ["spot": "6", "swap": "7"]))
    bench.run(600)
    #expect(bench.calls(.balances).last?.ask.accounts == ["spot": "5", "swap": "7"])
  }

  @Test func `credentials survive being put into bytes, and print nothing`() {
    let secrets = Credentials(
      key: "k\"1", secret: "s\n2", passphrase: "p", fields: ["uid": "u3"])
    let read = Credentials(bytes: secrets.bytes)
    #expect(read?.key == "k\"1")
    #expect(read?.secret == "s\n2")
    #expect(read?.passphrase == "p")
    #expect(read?.fields == ["uid": "u3"])
    #expect("\(secrets)" == "credentials")
    #expect(Credentials(bytes: Array("{}".utf8)) == nil)
  }
}
