import Ledger
import Prices
import VenueKit

// Candles of what is held: open calls, behind everything else.

extension SyncDesk {
  /// Asks for candles that are due, and tells of those that came.
  mutating func goOnWithBars(at now: Instant) -> [Effect] {
    guard !isOffline, backfill.isWanted else { return [] }
    if prices.hasOtherPlaces {
      prices.hasOtherPlaces = false
      backfill.learn(prices.assets, prices.places, at: now)
    }
    var effects: [Effect] = []
    for page in backfill.due(at: now) {
      let ticket = number()
      uses[ticket] = .candles(page)
      asks[ticket] = page.ask
      let isTaken = line(
        ticket, AccountID(named: page.venue), page.venue, page.call, .backfill, offset: 0,
        keptSeconds: page.keptSeconds, at: now)
      if isTaken { continue }
      let fault = VenueFault.refused(
        VenueRefusal(.retryable, message: "too much is waiting already"))
      effects += settle(candles: page, .failed(wasSent: false, fault), at: now)
    }
    let news = backfill.news(at: now)
    return news.isEmpty ? effects : effects + [.moreBars(news)]
  }

  mutating func settle(
    candles page: BackfillDesk.Page, _ result: FetchResult, at now: Instant
  ) -> [Effect] {
    let gain = backfill.take(result, of: page, at: now)
    if gain.bars.isEmpty && gain.coverage.isEmpty { return [] }
    return [.candles(gain.bars, gain.coverage)]
  }
}
