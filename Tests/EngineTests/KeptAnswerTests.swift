import Encodings
import Ledger
import Testing
import VenueKit
import Venues

@testable import Engine

/// What is kept of venues' answers, and that nobody can tell the difference.
@Suite struct KeptAnswerTests {
  private func run(keeping: Bool, _ change: (inout DeskProbe.Settings) -> Void = { _ in })
    -> DeskProbe
  {
    var settings = DeskProbe.Settings()
    settings.venues = ["binance", "kraken"]
    settings.events = 40
    settings.keepsAnswers = keeping
    change(&settings)
    let probe = DeskProbe(settings)
    probe.run(untilComplete: false, seconds: 46_800)
    return probe
  }

  // Lists of markets are read every twelve hours, tickers every thirty seconds.
  @Test func `thirteen hours with kept answers end as without them, with fewer bytes`() {
    let (with, without) = (run(keeping: true), run(keeping: false))
    #expect(with.results == without.results && !with.results.isEmpty)
    #expect(with.wrong == without.wrong)
    #expect(with.counted.unchanged > 0 && without.counted.unchanged == 0)
    #expect(with.counted.bytes < without.counted.bytes)
    #expect(with.counted.sent <= without.counted.sent)
    print("FIGURES", with.counted, without.counted)
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

  /// A desk that is asked for prices, and the jobs that it wants done.
  private struct Till {
    var desk: SyncDesk
    var now = KeptAnswerDeskTests.opening

    init() {
      desk = SyncDesk(seed: 1, isOffline: false, tools: .openSSL, venues: .builtIn)
    }

    mutating func ask() -> [FetchJob] {
      desk.lookAtMarkets(of: "kraken", at: now).compactMap { effect in
        if case .fetch(let job) = effect { return job }
        return nil
      }
    }

    mutating func answer(_ job: FetchJob, _ answer: IncomingAnswer) -> [SyncDesk.Effect] {
      desk.take(.answered(answer), of: job.ticket, at: now)
    }
  }
}
