import Amounts
import Ledger

/// Which side of a trade is the money that the other is priced in.
///
/// Currencies come first, then dollar coins by the code a venue gives them, whose own
/// rate decides what they are worth, then bitcoin and ether.
enum QuoteCurrency {
  /// Tells which of two exchanged assets is the money; `nil` where neither or both are of one rank.
  static func money(
    of first: AssetID, _ second: AssetID, _ links: AssetLinks
  ) -> (isFirst: Bool, currency: Currency)? {
    let ranks = (rank(links.canonical(first)), rank(links.canonical(second)))
    switch ranks {
    case (let one?, let other?) where one.rank < other.rank: return (true, one.currency)
    case (let one?, let other?) where one.rank > other.rank: return (false, other.currency)
    case (let one?, nil): return (true, one.currency)
    case (nil, let other?): return (false, other.currency)
    default: return nil
    }
  }

  private static func rank(_ asset: AssetID) -> (rank: Int, currency: Currency)? {
    switch asset {
    case .fiat(let code): return Currency(code).map { (0, $0) }
    case .venue, .contract:
      return KnownAssets.dollarCoins.contains(asset.ticker)
        ? Currency(asset.ticker).map { (1, $0) } : nil
    case .native("bitcoin"): return Currency("BTC").map { (2, $0) }
    case .native("ethereum"): return Currency("ETH").map { (3, $0) }
    default: return nil
    }
  }
}
