public import Amounts
public import Ledger

/// A price in the currency asked for, with its age and its sources.
public struct Valuation: Hashable, Sendable {
  /// For one unit.
  public let price: Price
  /// The price 24 hours before, where known.
  public let dayOpen: Price?
  /// When the oldest price that it rests on was so.
  public let time: Instant
  /// Until when it counts as fresh.
  public let freshUntil: Instant
  /// The sources it rests on: one, or two for a cross rate.
  public let sources: [QuoteSource]

  /// Whether it is older than its source allows.
  public func isStale(at now: Instant) -> Bool { now > freshUntil }
}

/// The latest quote of every asset, currency and source, and the prices that follow.
public struct QuoteBoard: Equatable, Sendable {
  private struct Pair: Hashable {
    let asset: AssetID
    let currency: Currency
  }

  /// The best quote of each pair.
  private var quotes: [Pair: Quote] = [:]
  /// The currencies an asset is quoted in, in order of code.
  private var currencies: [AssetID: [Currency]] = [:]
  /// The assets that are quoted in the currency an asset is.
  private var quotedIn: [AssetID: Set<AssetID>] = [:]

  /// Starts empty.
  public init() {}

  /// Takes a quote in, unless a better one is there.
  ///
  /// A running feed wins over the user's word, the user's over an own trade; within one rank the
  /// later one wins.
  ///
  /// - Parameter quote: The quote.
  /// - Returns: Whether it is now the one that counts.
  @discardableResult
  public mutating func take(_ quote: Quote) -> Bool {
    let pair = Pair(asset: quote.asset, currency: quote.currency)
    if let old = quotes[pair], !QuoteBoard.replaces(old, with: quote) { return false }
    if quotes[pair] == nil {
      currencies[quote.asset, default: []].append(quote.currency)
      currencies[quote.asset]?.sort()
      quotedIn[QuoteBoard.asset(of: quote.currency), default: []].insert(quote.asset)
    }
    quotes[pair] = quote
    return true
  }

  /// Every quote that counts, in order of asset and currency.
  public var all: [Quote] {
    quotes.values.sorted {
      $0.asset != $1.asset ? $0.asset < $1.asset : $0.currency < $1.currency
    }
  }

  /// What one unit of an asset costs in a currency.
  ///
  /// A direct quote is taken if there is one, else the freshest cross rate through one other
  /// currency. A currency costs one of itself.
  ///
  /// - Parameters:
  ///   - asset: The canonical asset.
  ///   - currency: What to say it in.
  /// - Returns: The price, or `nil` where none is known.
  public func valuation(of asset: AssetID, in currency: Currency) -> Valuation? {
    if asset == QuoteBoard.asset(of: currency) {
      return Valuation(
        price: Price(.one), dayOpen: Price(.one), time: Instant(microseconds: .max),
        freshUntil: Instant(microseconds: .max), sources: [])
    }
    if let quote = quotes[Pair(asset: asset, currency: currency)] {
      return QuoteBoard.valuation(quote)
    }
    var best: Valuation?
    for middle in currencies[asset] ?? [] {
      guard let crossed = crossed(asset, through: middle, to: currency) else { continue }
      if best.map({ crossed.freshUntil > $0.freshUntil }) ?? true { best = crossed }
    }
    return best
  }

  /// The assets whose price follows from an asset's: those quoted in the currency that it is.
  ///
  /// - Parameter asset: The canonical asset.
  /// - Returns: The assets, in no order.
  /// - Complexity: O(1).
  public func dependents(of asset: AssetID) -> Set<AssetID> { quotedIn[asset] ?? [] }

  /// The asset that a currency code means.
  public static func asset(of currency: Currency) -> AssetID {
    KnownAssets.canonical(.venue(venue: "currency", code: currency.code))
      ?? .fiat(code: currency.code)
  }

  private func crossed(
    _ asset: AssetID, through middle: Currency, to currency: Currency
  ) -> Valuation? {
    guard let first = quotes[Pair(asset: asset, currency: middle)],
      let second = rate(from: middle, to: currency),
      let price = try? first.price.crossed(with: second.price)
    else { return nil }
    let opens = first.dayOpen.flatMap { open in
      second.dayOpen.flatMap { try? open.crossed(with: $0) }
    }
    let own = QuoteBoard.valuation(first)
    return Valuation(
      price: price, dayOpen: opens, time: min(own.time, second.time),
      freshUntil: min(own.freshUntil, second.freshUntil), sources: own.sources + second.sources)
  }

  /// The rate of one currency in another: quoted, or the inverse of the other way round.
  private func rate(from: Currency, to: Currency) -> Valuation? {
    if let quote = quotes[Pair(asset: QuoteBoard.asset(of: from), currency: to)] {
      return QuoteBoard.valuation(quote)
    }
    guard let quote = quotes[Pair(asset: QuoteBoard.asset(of: to), currency: from)],
      let inverse = try? quote.price.inverted(), !inverse.isZero
    else { return nil }
    let plain = QuoteBoard.valuation(quote)
    return Valuation(
      price: inverse, dayOpen: plain.dayOpen.flatMap { try? $0.inverted() }, time: plain.time,
      freshUntil: plain.freshUntil, sources: plain.sources)
  }

  private static func valuation(_ quote: Quote) -> Valuation {
    Valuation(
      price: quote.price, dayOpen: quote.dayOpen, time: quote.time,
      freshUntil: quote.time.advanced(bySeconds: quote.source.freshSeconds),
      sources: [quote.source])
  }

  private static func replaces(_ old: Quote, with new: Quote) -> Bool {
    let ranks = (rank(old.source), rank(new.source))
    return ranks.0 != ranks.1 ? ranks.1 > ranks.0 : new.time >= old.time
  }

  private static func rank(_ source: QuoteSource) -> Int {
    switch source {
    case .feed: return 2
    case .manual: return 1
    case .ownTrade: return 0
    }
  }
}
