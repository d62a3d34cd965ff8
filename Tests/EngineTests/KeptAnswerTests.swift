import Cipher
import Ledger
import Testing
import Transport
import VenueKit
import Venues
import Wire

@testable import Engine

/// What is kept of venues' answers, and that nobody can tell the difference.
@Suite struct KeptAnswerTests {
  private func run(keeping: Bool) -> DeskProbe {
    var settings = DeskProbe.Settings()
    settings.venues = ["kraken"]
    settings.events = 20
    settings.keepsAnswers = keeping
    settings.looksForMarketsEvery = 25
    let probe = DeskProbe(settings)
    probe.run(untilComplete: false, seconds: 200)
    return probe
  }

  // Somebody looks for markets every 25 seconds: two of three looks are within a minute of the last
  // call, and the lists do not change.
  @Test func `three minutes with kept answers end as without them, with fewer calls and bytes`() {
    let (with, without) = (run(keeping: true), run(keeping: false))
    #expect(with.results == without.results && with.results.count > 10)
    #expect(with.wrong == without.wrong)
    #expect(with.marketsSeen == without.marketsSeen && with.marketsSeen.count == 1)
    #expect(without.counted.cached == 0 && without.counted.unchanged == 0)
    #expect(with.counted.cached >= 5 && with.counted.unchanged >= 2, "\(with.counted)")
    #expect(with.counted.sent < without.counted.sent)
    #expect(with.counted.bytes < without.counted.bytes)
  }
}

/// The desk with answers made by hand.
@Suite struct KeptAnswerDeskTests {
  private static let opening = Instant(seconds: 1_767_225_600)

  /// The names and the seconds of a feed's calls, as a desk would keep them.
  private func keeping(_ venue: Venue, _ calls: [Call], _ seconds: Int?) -> [Keeping?] {
    let kept = KeptAnswers()
    return calls.map { kept.keeping($0, of: venue, seconds: seconds) }
  }

  @Test(arguments: Venue.all.map(\.id))
  func `lists and tickers may be kept where they need no key, the account's own never`(id: String)
    throws
  {
    let venue = try #require(Venue.named(id))
    let ask = Ask(now: Self.opening)
    for feed in venue.feeds.markets {
      #expect(feed.keptSeconds == 60)
      for call in (try? feed.calls(ask)) ?? [] where venue.isOpen(call) {
        #expect(keeping(venue, [call], feed.keptSeconds) != [nil])
      }
    }
    #expect(venue.feeds.assets.allSatisfy { $0.keptSeconds == 3_600 })
    #expect(venue.feeds.tickers.allSatisfy { $0.keptSeconds == 5 })
    let feeds = venue.feeds
    let own: [Int?] =
      feeds.balances.map(\.keptSeconds) + feeds.fills.map(\.keptSeconds)
      + feeds.deposits.map(\.keptSeconds) + feeds.withdrawals.map(\.keptSeconds)
      + feeds.transfers.map(\.keptSeconds) + feeds.statement.map(\.keptSeconds)
      + feeds.positions.map(\.keptSeconds) + feeds.openOrders.map(\.keptSeconds)
      + feeds.closedOrders.map(\.keptSeconds) + feeds.books.map(\.keptSeconds)
      + [feeds.clock?.keptSeconds, feeds.rights?.keptSeconds, feeds.accounts?.keptSeconds]
    #expect(own.allSatisfy { $0 == nil })
    // Even where a feed's file were wrong, a call with a key has no name to be kept by.
    for surface in venue.surfaces where !surface.recipe.isOpen {
      let call = Call(surface.name, "GET", "anything")
      #expect(keeping(venue, [call], 3_600) == [nil])
    }
  }

  /// A desk that looks for the markets of Kraken, and what it wants done.
  private struct Till {
    var desk = SyncDesk(seed: 1, isOffline: false, tools: .openSSL, venues: .builtIn)
    var now = KeptAnswerDeskTests.opening
    /// The markets that were read last.
    var read: [String]?

    mutating func look() -> [FetchJob] {
      note(desk.lookAtMarkets(of: "kraken", at: now))
    }

    mutating func answer(_ job: FetchJob, _ answer: IncomingAnswer) -> [FetchJob] {
      note(desk.take(.answered(answer), of: job.ticket, at: now))
    }

    mutating func tick() -> [FetchJob] { note(desk.tick(at: now)) }

    private mutating func note(_ effects: [SyncDesk.Effect]) -> [FetchJob] {
      for case .markets(_, let markets, _) in effects { read = markets.map(\.id) }
      return effects.compactMap { effect in
        if case .fetch(let job) = effect { return job }
        return nil
      }
    }

    /// What the venue's limits have been charged with.
    var points: Int { desk.kept.total.pointsSent }
  }

  // The shape of an answer: https://docs.kraken.com/api/docs/rest-api/get-tradable-asset-pairs
  private static func pairs(_ tag: String?) -> IncomingAnswer {
    let text = """
      {"error":[],"result":{"XXBTZUSD":{"altname":"XBTUSD","wsname":"XBT/USD","base":"XXBT",
      "quote":"ZUSD","pair_decimals":1,"lot_decimals":8,"ordermin":"0.0001","status":"online"}}}
      """
    return IncomingAnswer(
      status: 200, headers: tag.map { [("etag", $0)] } ?? [], body: Array(text.utf8))
  }

  @Test func `within its time an answer costs nothing, after it only what changed is sent`() throws
  {
    var till = Till()
    let first = try #require(till.look().first)
    #expect(first.conditions.isEmpty && first.account == nil)
    #expect(till.answer(first, Self.pairs("\"v1\"")).isEmpty)
    #expect(till.read == ["XXBTZUSD"])
    let points = till.points
    till.now = till.now.advanced(bySeconds: 59)
    till.read = nil
    #expect(till.look().isEmpty)
    #expect(till.read == ["XXBTZUSD"] && till.points == points)
    #expect(till.desk.kept.total.savedByCache == 1)
    till.now = till.now.advanced(bySeconds: 1)
    till.read = nil
    let second = try #require(till.look().first)
    #expect(second.conditions.map(\.name) == ["If-None-Match"])
    #expect(second.conditions.map(\.value) == ["\"v1\""])
    let same = IncomingAnswer(status: 304, headers: [("etag", "\"v1\"")], body: [])
    #expect(till.answer(second, same).isEmpty)
    #expect(till.read == ["XXBTZUSD"] && till.points == points * 2)
    #expect(till.desk.kept.total.unchanged == 1)
    // A minute more is gained by it.
    till.now = till.now.advanced(bySeconds: 59)
    #expect(till.look().isEmpty)
    let board = till.desk.limitsBoard(at: till.now)
    #expect(board["calls_from_cache"] == .integer(2) && board["answers_unchanged"] == .integer(1))
    #expect(board["calls_sent"] == .integer(2) && board["calls_asked"] == .integer(4))
  }

  // https://docs.kraken.com/api/docs/guides/spot-errors: refusals come with status 200.
  @Test(arguments: [
    #"{"error":["EGeneral:Temporary lockout"]}"#, "<html><body>A page</body></html>", "{",
  ])
  func `a refusal with status 200, a page or a cut answer is not kept`(body: String) throws {
    var till = Till()
    let job = try #require(till.look().first)
    let answer = IncomingAnswer(
      status: 200, headers: [("etag", "\"v1\"")], body: Array(body.utf8))
    _ = till.answer(job, answer)
    #expect(till.read == [] && till.desk.kept.count == 0)
  }

  @Test func `not modified without anything kept is asked for once more, without conditions`()
    throws
  {
    var till = Till()
    let first = try #require(till.look().first)
    _ = till.answer(first, Self.pairs("\"v1\""))
    till.now = till.now.advanced(bySeconds: 61)
    let second = try #require(till.look().first)
    #expect(!second.conditions.isEmpty)
    // What was kept is gone meanwhile.
    till.desk.kept = KeptAnswers()
    till.read = nil
    var again = till.answer(second, IncomingAnswer(status: 304, body: []))
    // The venue's limit has to be waited for.
    till.now = till.now.advanced(bySeconds: 5)
    again += till.tick()
    let third = try #require(again.first)
    #expect(third.ticket == second.ticket && third.conditions.isEmpty && till.read == nil)
    #expect(till.answer(third, Self.pairs(nil)).isEmpty)
    #expect(till.read == ["XXBTZUSD"])
  }
}
