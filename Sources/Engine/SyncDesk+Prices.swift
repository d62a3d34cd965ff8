import Ledger
import Prices
import VenueKit

/// Prices that are asked for, and the markets they are found by.
extension SyncDesk {
  /// Seconds until a venue's markets are looked for again, and after a try that gave none.
  static let marketsPause: Int64 = 86_400
  static let marketsRetry: Int64 = 600

  /// Says which assets are held, so that their prices are asked for: at the venues where there are
  /// accounts, and at the others that were named for prices.
  ///
  /// Nobody is asked for the sake of prices alone while no account and no wallet is followed: such a
  /// vault uses no network.
  mutating func watch(_ assets: Set<AssetID>, links: AssetLinks, at now: Instant) {
    let own = Set(records.values.filter { $0.watch == nil }.map(\.venue))
    let isWanted = !isOffline && !assets.isEmpty && !records.isEmpty
    let others = isWanted ? Set(priceVenues).subtracting(own) : []
    marketsDue = marketsDue.filter { others.contains($0.key) }
    for venue in others where marketsDue[venue] == nil { marketsDue[venue] = now }
    prices.watch(assets, links: links, venues: own.union(others), at: now)
  }

  /// Names the venues that are asked for prices without an account there; unknown ones are left out.
  mutating func askForPrices(at venues: [String]) {
    priceVenues = venues.filter { self.venues.named($0) != nil }
  }

  /// A list of markets was read for somebody; it also tells where prices are.
  mutating func learn(_ markets: [Market], of venue: String, at now: Instant) {
    guard marketsDue[venue] != nil else { return }
    if markets.isEmpty {
      marketsDue[venue] = now.advanced(bySeconds: SyncDesk.marketsRetry)
    } else {
      prices.know(venue: venue, markets, at: now)
      hasNewMarkets = true
    }
  }

  mutating func ask(
    _ question: PriceDesk.Question, at now: Instant
  ) -> [Effect] {
    let ticket = number()
    uses[ticket] = .prices(question)
    asks[ticket] = question.ask
    let isTaken = line(
      ticket, AccountID(named: question.venue), question.venue, question.call, .fresh, offset: 0,
      keptSeconds: question.keptSeconds, at: now)
    if !isTaken { uses[ticket] = nil }
    return []
  }
}
