public import Amounts
public import Ledger

/// Why a price is trusted, or how far.
public enum Confidence: UInt8, Hashable, Sendable, CaseIterable {
  /// At least two fresh sources agree.
  case agreed = 0
  /// One fresh source, and nobody against it.
  case single = 1
  /// Stated by the user, or the price of an own trade, and recent.
  case stated = 2
  /// Fresh sources contradict each other, or a source its own last word.
  case disputed = 3
  /// All that is known is older than it should be.
  case stale = 4

  /// The stable text form.
  public var text: String {
    switch self {
    case .agreed: "agreed"
    case .single: "single"
    case .stated: "stated"
    case .disputed: "disputed"
    case .stale: "stale"
    }
  }
}

/// A price in the currency asked for, with its range, its age and its sources.
public struct Valuation: Hashable, Sendable {
  /// For one unit.
  public let price: Price
  /// The least that a source says that was counted, or is disputed about.
  public let low: Price
  /// The most.
  public let high: Price
  /// The price 24 hours before, where known.
  public let dayOpen: Price?
  /// When it was last said to be so; for a cross rate when the older of its two prices was.
  public let time: Instant
  /// Until when it counts as fresh.
  public let freshUntil: Instant
  /// When it may be another one without any new quote, as a source grows old.
  public let changesAt: Instant
  /// How far it can be trusted.
  public let confidence: Confidence
  /// The sources it rests on, each with those of the rate it was crossed with.
  public let sources: [[QuoteSource]]
  /// The fresh sources that say something else and were left out.
  public let rejected: [QuoteSource]

  /// Whether it is older than its source allows.
  public func isStale(at now: Instant) -> Bool { now > freshUntil }

  /// The sources as text: those of a cross rate joined by `+`, independent ones by `,`.
  public var sourceText: String {
    sources.map { $0.map(\.text).joined(separator: "+") }.joined(separator: ",")
  }

  /// A currency in itself.
  static let identity = Valuation(
    price: Price(.one), low: Price(.one), high: Price(.one), dayOpen: Price(.one),
    time: Instant(microseconds: .max), freshUntil: Instant(microseconds: .max),
    changesAt: Instant(microseconds: .max), confidence: .agreed, sources: [], rejected: [])

  /// The other way round; `nil` where that is beyond exact numbers.
  var inverted: Valuation? {
    guard let price = Valuation.inverse(price), let low = Valuation.inverse(high),
      let high = Valuation.inverse(self.low)
    else { return nil }
    return Valuation(
      price: price, low: low, high: high, dayOpen: dayOpen.flatMap(Valuation.inverse), time: time,
      freshUntil: freshUntil, changesAt: changesAt, confidence: confidence, sources: sources,
      rejected: rejected)
  }

  private static func inverse(_ price: Price) -> Price? {
    guard let inverse = try? price.inverted(), !inverse.isZero else { return nil }
    return inverse
  }
}

/// What one source says that an asset costs, in the currency asked for.
public struct PriceCandidate: Hashable, Sendable {
  /// The source of the quote.
  public let source: QuoteSource
  /// The sources of the rate it was crossed with; empty for a direct quote.
  public let rateSources: [QuoteSource]
  /// For one unit.
  public let price: Price
  /// What it says since a moment, and is not believed yet.
  public let suspect: Price?
  /// The price 24 hours before, where known.
  public let dayOpen: Price?
  /// When the older of quote and rate was.
  public let time: Instant
  /// Until when it counts as fresh.
  public let freshUntil: Instant
  /// When it may be another one without any new quote.
  let changesAt: Instant
  /// Whether the rate it was crossed with is disputed.
  public let isDisputed: Bool

  /// Whether it needed no rate.
  public var isDirect: Bool { rateSources.isEmpty }

  /// How much it counts: a direct quote twice as much as one that rests on a second price.
  var weight: Int { isDirect ? 2 : 1 }

  /// Brings a quote into the currency asked for; `nil` where that is beyond exact numbers.
  init?(_ quote: Quote, suspect: Quote?, crossedWith rate: Valuation?) {
    source = quote.source
    rateSources = rate?.sources.first ?? []
    let freshUntil = quote.freshUntil
    guard let rate else {
      price = quote.price
      self.suspect = suspect?.price
      dayOpen = quote.dayOpen
      time = quote.time
      self.freshUntil = freshUntil
      changesAt = freshUntil
      isDisputed = false
      return
    }
    guard let price = try? quote.price.crossed(with: rate.price), !price.isZero else { return nil }
    self.price = price
    self.suspect = suspect.flatMap { try? $0.price.crossed(with: rate.price) }
    dayOpen = quote.dayOpen.flatMap { open in
      rate.dayOpen.flatMap { try? open.crossed(with: $0) }
    }
    time = min(quote.time, rate.time)
    self.freshUntil = min(freshUntil, rate.freshUntil)
    changesAt = min(self.freshUntil, rate.changesAt)
    isDisputed = rate.confidence == .disputed
  }

  /// Whether it tells more than another word of the same source.
  func isBetter(than other: PriceCandidate) -> Bool {
    if isDirect != other.isDirect { return isDirect }
    return freshUntil > other.freshUntil
  }
}
