import Ledger
import VenueKit

/// Reads all of a venue's lists of markets, one call after another, for somebody who looks for one.
struct MarketsQuest: Sendable {
  /// The most pages of all lists together.
  static let pagesMost = 50

  let venue: Venue
  /// What was read so far.
  private(set) var markets: [Market] = []
  /// Why a list could not be read; the others count all the same.
  private(set) var fault: VenueFault?
  private var place = 0
  private var pages = 0
  private var ask: Ask
  private var calls: [Call] = []
  private var isInPage = false
  private var next: String?
  private var rows = 0

  init(venue: Venue, at now: Instant) {
    self.venue = venue
    ask = Ask(now: now)
  }

  /// The feed that is being read; `nil` where all are.
  var feed: Feed<Market>? {
    venue.feeds.markets.indices.contains(place) ? venue.feeds.markets[place] : nil
  }

  /// The next call; `nil` where everything was read.
  mutating func step() -> (call: Call, ask: Ask, keptSeconds: Int?)? {
    while let feed {
      if isInPage, calls.isEmpty { endPage(feed) }
      guard let feed = self.feed else { return nil }
      if !isInPage { beginPage(feed) }
      if isInPage, let call = calls.first { return (call, ask, feed.keptSeconds) }
    }
    return nil
  }

  /// Takes what became of the call that `step` gave.
  mutating func take(_ result: FetchResult) {
    guard let feed, !calls.isEmpty else { return }
    let call = calls.removeFirst()
    do throws(VenueFault) {
      let incoming: IncomingAnswer
      switch result {
      case .answered(let answer): incoming = answer
      case .failed(_, let fault): throw fault
      }
      let answer = try venue.answer(ask, call, incoming)
      rows += try feed.rows(answer).count
      markets += try feed.read(answer)
      next = try feed.next(answer) ?? next
    } catch {
      leave(error)
    }
  }

  private mutating func beginPage(_ feed: Feed<Market>) {
    do throws(VenueFault) {
      calls = try feed.calls(ask)
      (isInPage, next, rows) = (true, nil, 0)
    } catch {
      leave(error)
    }
  }

  private mutating func endPage(_ feed: Feed<Market>) {
    isInPage = false
    pages += 1
    switch feed.paging.kind {
    case .cursor where next != nil && next != ask.cursor && pages < MarketsQuest.pagesMost:
      ask.cursor = next
    case .numbered
    where feed.paging.most > 0 && rows >= feed.paging.most && pages < MarketsQuest.pagesMost:
      ask.page += 1
    default: leave(nil)
    }
  }

  /// Goes on to the next list.
  private mutating func leave(_ fault: VenueFault?) {
    if let fault { self.fault = fault }
    place += 1
    calls = []
    isInPage = false
    ask.cursor = nil
    ask.page = 0
  }
}
