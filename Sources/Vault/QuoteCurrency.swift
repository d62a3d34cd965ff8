import Amounts
import Ledger

/// Which side of a trade is the money that the other is priced in.
///
/// Currencies come first, then dollar tokens by the code a venue gives them, then bitcoin and ether.
enum QuoteCurrency {
  /// The side that is priced.
  struct Priced {
    let asset: AssetID
    let quantity: Quantity
  }

  /// The side that is the money.
  struct Paid {
    let currency: Currency
    let quantity: Quantity
  }

  /// Tells the two sides of a trade apart; `nil` where neither or both are money of one rank.
  static func split(_ sides: [Leg], _ links: AssetLinks) -> (Priced, Paid)? {
    let ranked = sides.map { rank(links.canonical($0.asset)) }
    let ranks = ranked.map { $0?.rank ?? Int.max }
    guard ranks[0] != ranks[1] else { return nil }
    let money = ranks[0] < ranks[1] ? 0 : 1
    guard let currency = ranked[money]?.currency else { return nil }
    let priced = sides[1 - money]
    return (
      Priced(asset: priced.asset, quantity: priced.quantity),
      Paid(currency: currency, quantity: sides[money].quantity)
    )
  }

  private static func rank(_ asset: AssetID) -> (rank: Int, currency: Currency)? {
    switch asset {
    case .fiat(let code): return Currency(code).map { (0, $0) }
    case .venue(_, let code) where dollarTokens.contains(code):
      return Currency(code).map { (1, $0) }
    case .native("bitcoin"): return Currency("BTC").map { (2, $0) }
    case .native("ethereum"): return Currency("ETH").map { (3, $0) }
    default: return nil
    }
  }

  /// Venues' codes of tokens that stand for a dollar; their own rate decides what they are worth.
  private static let dollarTokens: Set<String> = [
    "USDT", "USDC", "DAI", "BUSD", "TUSD", "FDUSD", "USDP", "PYUSD",
  ]
}
