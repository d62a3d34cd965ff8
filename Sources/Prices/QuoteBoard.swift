public import Amounts
public import Ledger

/// The latest quotes of every asset, currency and source, and the prices that follow.
///
/// A quote that jumps is not believed at once: it is kept as a suspicion until another source says
/// the same, or until the source has said so for a while. See `JumpRule`.
public struct QuoteBoard: Equatable, Sendable {
  private struct Pair: Hashable {
    let asset: AssetID
    let currency: Currency
  }

  /// What one source says of a pair.
  private struct Word: Equatable {
    var quote: Quote
    var suspicion: Suspicion?
  }

  /// The most sources of a pair; of more, those heard least lately are left out.
  public static let mostSources = 24

  /// What every source says of each pair, in no order.
  private var words: [Pair: [Word]] = [:]
  /// The currencies an asset is quoted in, in order of code.
  private var currencies: [AssetID: [Currency]] = [:]
  /// The assets that currencies are of which something was quoted.
  private var monies: [Currency: AssetID] = [:]
  /// The assets that are quoted in the currency an asset is.
  private var quotedIn: [AssetID: Set<AssetID>] = [:]

  /// Starts empty.
  public init() {}

  /// Takes a quote in, unless its source has said something later.
  ///
  /// - Parameter quote: The quote.
  /// - Returns: Whether anything is different now.
  /// - Complexity: O(sources of the pair).
  @discardableResult
  public mutating func take(_ quote: Quote) -> Bool {
    let pair = Pair(asset: quote.asset, currency: quote.currency)
    guard let place = words.index(forKey: pair) else {
      words[pair] = [Word(quote: quote)]
      currencies[quote.asset, default: []].append(quote.currency)
      currencies[quote.asset]?.sort()
      let money = QuoteBoard.asset(of: quote.currency)
      monies[quote.currency] = money
      quotedIn[money, default: []].insert(quote.asset)
      return true
    }
    let known = words.values[place].firstIndex { $0.quote.source == quote.source }
    guard let index = known else {
      words.values[place].append(Word(quote: quote))
      let list = words.values[place]
      if list.count > QuoteBoard.mostSources,
        let oldest = list.indices.min(by: { list[$0].quote.time < list[$1].quote.time })
      {
        words.values[place].remove(at: oldest)
      }
      return true
    }
    let old = words.values[place][index]
    guard quote.time >= old.quote.time, quote != old.quote || old.suspicion != nil else {
      return false
    }
    let isJump = JumpRule.isJump(from: old.quote, to: quote)
    guard isJump, !isConfirmed(quote) else {
      words.values[place][index] = Word(quote: quote)
      if isJump { believe(quote) }
      return true
    }
    let suspicion = old.suspicion.map { $0.going(on: quote) } ?? Suspicion(quote)
    words.values[place][index] =
      suspicion.isProven ? Word(quote: quote) : Word(quote: old.quote, suspicion: suspicion)
    return true
  }

  /// What one unit of an asset costs in a currency, by all sources that say something of it.
  ///
  /// Quotes in other currencies are crossed at the rate of that currency. Each source counts once,
  /// by its direct quote if it has one. See `Consensus` for how they become one price. A currency
  /// costs one of itself.
  ///
  /// - Parameters:
  ///   - asset: The canonical asset.
  ///   - currency: What to say it in.
  ///   - now: When; it decides which quotes are fresh.
  /// - Returns: The price, or `nil` where none is known.
  /// - Complexity: O(quotes of the asset).
  public func valuation(
    of asset: AssetID, in currency: Currency, at now: Instant
  ) -> Valuation? {
    if asset == (monies[currency] ?? QuoteBoard.asset(of: currency)) { return .identity }
    return Consensus.reached(by: candidates(of: asset, in: currency, at: now), at: now)
  }

  /// What each source says that an asset costs in a currency, believed or not.
  ///
  /// - Parameters:
  ///   - asset: The canonical asset.
  ///   - currency: What to say it in.
  ///   - now: When.
  /// - Returns: One of each source, in order of source.
  public func candidates(
    of asset: AssetID, in currency: Currency, at now: Instant
  ) -> [PriceCandidate] {
    var list: [PriceCandidate] = []
    for middle in currencies[asset] ?? [] {
      let isDirect = middle == currency
      let rate = isDirect ? nil : rate(from: middle, to: currency, at: now)
      guard isDirect || rate != nil else { continue }
      for word in words[Pair(asset: asset, currency: middle)] ?? [] {
        guard
          let new = PriceCandidate(word.quote, suspect: word.suspicion?.quote, crossedWith: rate)
        else { continue }
        if let same = list.firstIndex(where: { $0.source == new.source }) {
          if new.isBetter(than: list[same]) { list[same] = new }
        } else {
          list.append(new)
        }
      }
    }
    return list.count < 2 ? list : list.sorted { $0.source.text < $1.source.text }
  }

  /// The assets whose price follows from an asset's: those quoted in the currency that it is.
  ///
  /// - Parameter asset: The canonical asset.
  /// - Returns: The assets, in no order.
  /// - Complexity: O(1).
  public func dependents(of asset: AssetID) -> Set<AssetID> { quotedIn[asset] ?? [] }

  /// Whether an asset is quoted in any currency.
  public func isQuoted(_ asset: AssetID) -> Bool { currencies[asset] != nil }

  /// The asset that a currency code means.
  public static func asset(of currency: Currency) -> AssetID {
    KnownAssets.canonical(.venue(venue: "currency", code: currency.code))
      ?? .fiat(code: currency.code)
  }
}

// MARK: - Rates and jumps

extension QuoteBoard {
  /// The rate of one currency in another: quoted, or the inverse of the other way round.
  private func rate(from: Currency, to: Currency, at now: Instant) -> Valuation? {
    if let direct = direct(QuoteBoard.asset(of: from), in: to, at: now) { return direct }
    return direct(QuoteBoard.asset(of: to), in: from, at: now).flatMap(\.inverted)
  }

  /// The consensus of the quotes of a pair alone.
  private func direct(_ asset: AssetID, in currency: Currency, at now: Instant) -> Valuation? {
    guard let list = words[Pair(asset: asset, currency: currency)] else { return nil }
    let candidates = list.compactMap {
      PriceCandidate($0.quote, suspect: $0.suspicion?.quote, crossedWith: nil)
    }
    return Consensus.reached(by: candidates, at: now)
  }

  /// Whether another source says, or suspects, the same as a quote that jumped.
  private func isConfirmed(_ quote: Quote) -> Bool {
    candidates(of: quote.asset, in: quote.currency, at: quote.time).contains { other in
      guard other.source != quote.source, case .feed = other.source,
        other.freshUntil >= quote.time
      else { return false }
      return Consensus.agree(other.price, quote.price)
        || other.suspect.map { Consensus.agree($0, quote.price) } ?? false
    }
  }

  /// Believes what other sources suspected once one of them is confirmed.
  private mutating func believe(_ quote: Quote) {
    let pair = Pair(asset: quote.asset, currency: quote.currency)
    guard var list = words[pair] else { return }
    for index in list.indices {
      guard let suspicion = list[index].suspicion,
        Consensus.agree(suspicion.quote.price, quote.price)
      else { continue }
      list[index] = Word(quote: suspicion.quote)
    }
    words[pair] = list
  }
}
