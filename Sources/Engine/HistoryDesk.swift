import Amounts
import Ledger
import Portfolio
import Prices

/// A stretch of time that is over, with what an asset cost in it.
struct AssetBar: Hashable, Sendable {
  let asset: AssetID
  let length: BarLength
  let bar: PriceBar
}

/// What held assets cost over time, in the portfolio's currency.
///
/// Bars grow from the prices that positions are valued at. A price that is stale or disputed makes
/// none: where nobody knows, there is a gap.
struct HistoryDesk: Sendable {
  private var ladders: [AssetID: BarLadder] = [:]
  private(set) var currency: Currency

  init(currency: Currency) { self.currency = currency }

  /// The bars of an asset that are over, the oldest first.
  func bars(of asset: AssetID, _ length: BarLength) -> [PriceBar] {
    ladders[asset]?.bars(length) ?? []
  }

  /// The bar of an asset that is not over yet.
  func current(of asset: AssetID, _ length: BarLength) -> PriceBar? {
    ladders[asset]?.current(length)
  }

  /// Takes in what a settlement changed.
  ///
  /// - Returns: The bars that are over by it, an asset's shortest first.
  mutating func settled(
    _ settlement: Settlement, changed: [Position], at now: Instant
  ) -> [AssetBar] {
    if settlement.currency != currency { self = HistoryDesk(currency: settlement.currency) }
    var over: [AssetBar] = []
    for position in changed {
      guard let price = position.price, price.state == .live, price.confidence != .stated
      else { continue }
      let closed = ladders[position.asset, default: BarLadder()].take(price.price, at: now)
      over += closed.map { AssetBar(asset: position.asset, length: $0.length, bar: $0.bar) }
    }
    return over
  }

  /// Ends the bars whose time is over without a later price.
  mutating func tick(at now: Instant) -> [AssetBar] {
    var over: [AssetBar] = []
    for asset in ladders.keys.sorted() {
      let closed = ladders[asset]?.close(at: now) ?? []
      over += closed.map { AssetBar(asset: asset, length: $0.length, bar: $0.bar) }
    }
    return over
  }

  /// When a bar ends by itself: with the hour, as shorter ones can wait for the next price.
  func wakeAt(after now: Instant) -> Instant? {
    let isOpen = ladders.values.contains { $0.current(.hour) != nil }
    return isOpen
      ? BarLength.hour.start(of: now).advanced(bySeconds: BarLength.hour.seconds) : nil
  }
}
