import Amounts
import Ledger
import Testing
import VenueKit
import Wire

@testable import Engine

/// The engine's desk in front of simulated venues, on a clock of its own.
@Suite struct VenueDeskTests {
  private func settings(_ venues: [String], accounts: Int) -> DeskProbe.Settings {
    var settings = DeskProbe.Settings()
    settings.venues = venues
    settings.accounts = accounts
    settings.events = 40
    return settings
  }

  @Test func `a first sync ends exact, without a call too many, and the same every time`() {
    let runs = (0..<2).map { _ in
      let probe = DeskProbe(settings(["bitfinex", "kraken"], accounts: 1))
      probe.run(untilComplete: true, seconds: 3_600)
      return probe
    }
    #expect(runs[0].isComplete)
    #expect(runs[0].wrong == [])
    #expect(runs[0].counted.slowed == 0 && runs[0].counted.banned == 0)
    #expect(runs[0].counted == runs[1].counted && runs[0].results == runs[1].results)
    #expect(runs[0].passed >= runs[0].leastSeconds && runs[0].passed < 60)
  }

  @Test(arguments: ["bitfinex", "coinbase", "htx", "kraken"])
  func `as long as a history is read the venue's word stands for the books`(venue: String) {
    var settings = settings([venue], accounts: 1)
    settings.events = 400
    settings.days = 30
    let probe = DeskProbe(settings)
    probe.run(untilComplete: true, seconds: 3_600)
    #expect(probe.isComplete && probe.wrong == [])
    #expect(probe.words.told > 0 && probe.words.wrong == 0, "\(probe.words)")
    // Balances are read again, and the books are whole.
    probe.run(untilComplete: false, seconds: 900)
    #expect(probe.worded.isEmpty)
  }

  // A wallet's page tells purchases, transfers and everything else: once read, it is not asked for
  // again by each of them.
  @Test func `pages that tell several things are read once`() {
    let probe = DeskProbe(settings(["coinbase"], accounts: 1))
    probe.run(untilComplete: true, seconds: 600)
    #expect(probe.isComplete && probe.wrong == [])
    #expect(probe.counted.sent < 90, "\(probe.counted.sent)")
  }

  @Test(arguments: ["bitfinex", "coinbase", "htx", "kraken"])
  func `what is lost again and again but for what was written ends with the same books`(
    venue: String
  ) {
    var settings = settings([venue], accounts: 1)
    // HTX's wallet tells an hour with each call: more of them than a life has time for.
    settings.days = venue == "htx" ? 10 : 4
    let calm = DeskProbe(settings)
    calm.run(untilComplete: true, seconds: 36_000)
    settings.writing = 20_000
    settings.killsEvery = 5
    let killed = DeskProbe(settings)
    killed.run(untilComplete: true, seconds: 36_000)
    #expect(calm.isComplete && killed.isComplete && calm.wrong == [] && killed.wrong == [])
    #expect(killed.books == calm.books && !calm.books.isEmpty)
    #expect(killed.counted.banned == 0)
  }

  // Kraken gives a third of a point back each second, and a page of history costs two: what was
  // used in one life is missing in the next.
  @Test func `short lives do not use up more than a venue allows, and history goes on`() {
    var settings = settings(["kraken"], accounts: 1)
    settings.events = 300
    settings.days = 4
    settings.writing = 20_000
    settings.killsEvery = 5
    let probe = DeskProbe(settings)
    probe.run(untilComplete: true, seconds: 3_600)
    #expect(probe.isComplete && probe.wrong == [] && probe.counted.kills > 10)
    #expect(probe.counted.slowed == 0 && probe.counted.banned == 0)
  }

  // (180 - 68) / 180 = 62 % of calls is what sharing, batching and keeping must save.
  @Test func `one engine learns what single programs learn with far fewer calls`() {
    var settings = settings(["kraken"], accounts: 2)
    let shared = DeskProbe(settings)
    shared.run(untilComplete: false, seconds: 600)
    settings.asksPricesSingly = true
    var (alone, results): (Int, Set<String>) = (0, [])
    for number in 0..<2 {
      settings.only = ("kraken", number)
      let one = DeskProbe(settings)
      one.run(untilComplete: false, seconds: 600)
      alone += one.counted.asked
      results.formUnion(one.results)
    }
    #expect(results == Set(shared.results) && !results.isEmpty)
    #expect(shared.counted.sent * 100 <= alone * 38, "\(shared.counted.sent) of \(alone)")
    #expect(shared.counted.banned == 0)
  }

  // Binance tells spot, linear and inverse markets in lists of their own; the last one is empty.
  @Test func `prices come from all the lists of markets that a venue has`() {
    let probe = DeskProbe(settings(["binance"], accounts: 1))
    probe.run(untilComplete: false, seconds: 120)
    #expect(probe.counted.priced > 10, "\(probe.counted.priced)")
  }

  /// Rights as the venue tells them: scope, may read, may write.
  ///
  /// Source: https://docs.bitfinex.com/reference/key-permissions
  private static let mayWithdraw = #"[["wallets",1,0],["orders",1,1],["withdraw",1,1]]"#

  @Test(arguments: [false, true])
  func `a key that may withdraw is refused unless somebody insists`(insists: Bool) throws {
    let now = Instant(seconds: 1_767_225_600)
    let client = ClientID(number: 1)
    var core = EngineCore(vault: "test", mode: .init())
    _ = core.handle(.connected(client), at: now)
    _ = core.handle(
      .said(client, .hello(version: ClientMessage.version, isReadOnly: false)), at: now)
    let contents = VaultContents(
      currency: .usDollar, links: AssetLinks(), accounts: [], holdings: [:], quotes: [],
      entries: 0, refused: 0)
    _ = core.handle(.changed(LedgerChanges(opened: contents)), at: now)
    var arguments = ["venue": "bitfinex", "user": "test"]
    if insists { arguments["accept-withdraw"] = "yes" }
    let request = Request("connect", arguments, secrets: [Array("key".utf8), Array("secret".utf8)])
    var effects = core.handle(.said(client, .request(id: 1, request)), at: now)
    var (refusal, isStored, wasTriedToTheEnd, asked): (Wire.Refusal?, Bool, Bool, Int) = (
      nil, false, false, 0
    )
    while !effects.isEmpty && asked < 20 {
      switch effects.removeFirst() {
      case .fetch(let job):
        asked += 1
        let body = job.call.path.contains("permissions") ? Self.mayWithdraw : "[]"
        let answer = IncomingAnswer(status: 200, body: Array(body.utf8))
        effects += core.handle(.fetched(job.ticket, .answered(answer)), at: now)
      case .send(_, .refusal(_, let found)): refusal = found
      case .work(_, .connect): isStored = true
      case .endTrial: wasTriedToTheEnd = true
      default: break
      }
    }
    #expect(asked >= 2)
    #expect(isStored == insists && wasTriedToTheEnd == !insists)
    #expect((refusal?.code == .forbidden) == !insists)
    #expect(refusal?.message.contains("may withdraw") ?? insists)
  }
}
