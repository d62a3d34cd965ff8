public import Amounts
public import Ledger

/// Who says what something costs.
public enum QuoteSource: Hashable, Sendable {
  /// A running feed, by its name.
  case feed(String)
  /// The user.
  case manual
  /// The price of the holder's own last trade, as read from the records.
  case ownTrade

  /// The stable text form: `feed:demo`, `manual`, `own-trade`.
  public var text: String {
    switch self {
    case .feed(let name): return "feed:\(name)"
    case .manual: return "manual"
    case .ownTrade: return "own-trade"
    }
  }

  /// Reads the text form; `nil` for any other text.
  public init?(_ text: String) {
    switch text {
    case "manual": self = .manual
    case "own-trade": self = .ownTrade
    default:
      guard text.hasPrefix("feed:"), text.utf8.count > 5 else { return nil }
      self = .feed(String(text.dropFirst(5)))
    }
  }

  /// How long a price of this source counts as fresh, in seconds.
  public var freshSeconds: Int64 {
    switch self {
    case .feed: return 60
    case .manual: return 86400
    case .ownTrade: return 3600
    }
  }
}

/// One source's price of an asset at one time.
public struct Quote: Hashable, Sendable {
  /// The canonical asset.
  public let asset: AssetID
  /// For one unit, in `currency`.
  public let price: Price
  /// The currency of the price.
  public let currency: Currency
  /// When it was so.
  public let time: Instant
  /// Who says so.
  public let source: QuoteSource
  /// The price 24 hours before, where the source gives it.
  public let dayOpen: Price?
  /// Until when it counts as fresh.
  public let freshUntil: Instant

  /// Makes a quote; `nil` for a price that is not above zero.
  ///
  /// - Parameters:
  ///   - asset: The canonical asset.
  ///   - price: For one unit.
  ///   - currency: The currency of the price.
  ///   - time: When it was so.
  ///   - source: Who says so.
  ///   - dayOpen: The price 24 hours before, where known.
  ///   - expires: Until when it counts as fresh; `nil` for what is usual of its source.
  public init?(
    asset: AssetID, price: Price, currency: Currency, time: Instant, source: QuoteSource,
    dayOpen: Price? = nil, expires: Instant? = nil
  ) {
    guard !price.isZero, !price.isNegative else { return nil }
    self.asset = asset
    self.price = price
    self.currency = currency
    self.time = time
    self.source = source
    self.dayOpen = dayOpen
    freshUntil = expires ?? time.advanced(bySeconds: source.freshSeconds)
  }
}
