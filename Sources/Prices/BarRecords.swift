public import Amounts
public import Ledger

/// Where a bar is from.
public enum BarSource: Hashable, Sendable {
  /// Grown here from the prices that positions were valued at.
  case own
  /// A candle of a venue.
  case venue(String)
  /// Read from a file.
  case imported

  /// The stable text form: `own`, `venue:kraken`, `import`.
  public var text: String {
    switch self {
    case .own: "own"
    case .venue(let id): "venue:\(id)"
    case .imported: "import"
    }
  }

  /// Reads the text form; `nil` for any other text.
  public init?(_ text: String) {
    switch text {
    case "own": self = .own
    case "import": self = .imported
    default:
      guard text.hasPrefix("venue:"), text.utf8.count > 6 else { return nil }
      self = .venue(String(text.dropFirst(6)))
    }
  }
}

/// A bar that is over, as it is kept.
public struct BarRecord: Hashable, Sendable {
  /// The canonical asset.
  public let asset: AssetID
  /// The currency of the prices.
  public let currency: Currency
  /// The length.
  public let length: BarLength
  /// The bar.
  public let bar: PriceBar
  /// Where it is from.
  public let source: BarSource
  /// How many shorter bars it was made of; of another source than `own` that is not known, and 0.
  public let parts: Int

  /// Makes a record.
  ///
  /// - Parameters:
  ///   - asset: The canonical asset.
  ///   - currency: The currency of the prices.
  ///   - length: The length.
  ///   - bar: The bar.
  ///   - source: Where it is from.
  ///   - parts: How many shorter bars it was made of, where that is known.
  public init(
    asset: AssetID, currency: Currency, length: BarLength, bar: PriceBar, source: BarSource,
    parts: Int = 0
  ) {
    self.asset = asset
    self.currency = currency
    self.length = length
    self.bar = bar
    self.source = source
    self.parts = parts
  }

  /// Which of several bars of one time is believed: an own one that is whole, then a venue's, then
  /// one from a file, then an own one in which time is missing; the least is the best.
  public var rank: Int { BarRecord.rank(source, parts: parts, length) }

  /// The rank of a bar by its source and parts.
  public static func rank(_ source: BarSource, parts: Int, _ length: BarLength) -> Int {
    switch source {
    case .own: parts >= length.wholeParts ? 0 : 3
    case .venue: 1
    case .imported: 2
    }
  }
}

/// What an asset cost at the end of each of many days, in little memory.
public struct DayCloses: Hashable, Sendable {
  /// The days in order, as days since 1970-01-01 in UTC; not every day is there.
  public private(set) var days: [Int32] = []
  /// The last price of each.
  public private(set) var prices: [Price] = []

  /// Makes an empty list.
  public init() {}

  /// How many days there are.
  public var count: Int { days.count }

  /// Adds a day after the last one; an earlier day is left out, the same one is replaced.
  public mutating func append(_ price: Price, on day: Int32) {
    if let last = days.last, day <= last {
      if day == last { prices[prices.count - 1] = price }
      return
    }
    days.append(day)
    prices.append(price)
  }

  /// The day in which a time lies.
  public static func day(of time: Instant) -> Int32 {
    Int32(clamping: BarLength.day.start(of: time).seconds / BarLength.day.seconds)
  }

  /// Keeps the last so many days.
  public mutating func trim(to most: Int) {
    guard days.count > most else { return }
    days.removeFirst(days.count - most)
    prices.removeFirst(prices.count - most)
  }
}

/// What is kept of assets' prices over time, in one currency.
public struct BarHistory: Sendable {
  /// The most daily closes of an asset.
  public static let mostCloses = 1_100

  /// The currency of all prices.
  public let currency: Currency
  /// The bars that are over by asset and length, in order of time.
  public var bars: [AssetID: [BarLength: [PriceBar]]] = [:]
  /// Daily closes by asset, further back than the bars.
  public var closes: [AssetID: DayCloses] = [:]

  /// Starts empty.
  public init(currency: Currency) { self.currency = currency }
}
