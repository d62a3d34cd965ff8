import Amounts
import Ledger
import Lots
import Prices

/// What assets cost at the end of each day, in one currency, and what they cost now.
///
/// The day that is not over has no close: what it costs now stands in for it, and everything that
/// rests on it is worked out anew when the day is over.
struct DailyCloses: Sendable, Equatable {
  /// A price of a day.
  struct Close: Hashable, Sendable {
    let price: Price
    /// How many days old it is: 0 for the day's own.
    let age: Int
  }

  private struct Dated: Hashable, Sendable {
    let day: Int
    var price: Price
  }

  /// For how many days a price stands in for later ones that are missing, unless said otherwise.
  static let mostCarried = 3

  let currency: Currency
  /// The day that is not over.
  private(set) var openDay: UTCDay
  private var series: [AssetID: [Dated]] = [:]
  private var live: [AssetID: Price] = [:]
  /// What is worth nothing, whatever it costs, as the user ignores it.
  var ignored: Set<AssetID> = []
  /// What is worth nothing as long as nobody says what it costs, as too much speaks against it.
  var suspect: Set<AssetID> = []

  init(currency: Currency, openDay: UTCDay) {
    self.currency = currency
    self.openDay = openDay
  }

  /// The assets with a price on some day, in no order.
  var assets: some Sequence<AssetID> { series.keys }

  /// Forgets every price; what is worth nothing stays so.
  mutating func forgetPrices(openDay: UTCDay) {
    (series, live, self.openDay) = ([:], [:], openDay)
  }

  /// Takes the close of a day that is over.
  mutating func take(_ price: Price, of asset: AssetID, on day: UTCDay) {
    guard day < openDay else { return }
    var days = series[asset] ?? []
    series[asset] = nil
    let place = DailyCloses.place(of: day.number, in: days)
    if place < days.count, days[place].day == day.number {
      days[place].price = price
    } else {
      days.insert(Dated(day: day.number, price: price), at: place)
    }
    series[asset] = days
  }

  /// Takes the daily bars of an asset that are over.
  mutating func take(_ bars: some Sequence<PriceBar>, of asset: AssetID) {
    for bar in bars { take(bar.close, of: asset, on: UTCDay(bar.start)) }
  }

  /// Takes closes of an asset.
  mutating func take(_ closes: DayCloses, of asset: AssetID) {
    for (day, price) in zip(closes.days, closes.prices) {
      take(price, of: asset, on: UTCDay(number: Int(day)))
    }
  }

  /// Puts other closes beside these, or in the place of those of the same day.
  mutating func take(_ other: DailyCloses) {
    openDay = other.openDay
    for (asset, days) in other.series {
      for one in days { take(one.price, of: asset, on: UTCDay(number: one.day)) }
    }
    take(live: other.live, on: other.openDay)
    (ignored, suspect) = (other.ignored, other.suspect)
  }

  /// Says what things cost now, and which day it is.
  mutating func take(live prices: [AssetID: Price], on day: UTCDay) {
    live = prices
    openDay = day
  }

  /// What an asset cost at the end of a day; of the day that is not over, what it costs now.
  ///
  /// - Parameters:
  ///   - asset: The canonical asset.
  ///   - day: The day.
  ///   - age: How many days old the price may be.
  /// - Returns: The price; `nil` where none is known.
  func close(
    of asset: AssetID, on day: UTCDay, within age: Int = DailyCloses.mostCarried
  ) -> Close? {
    if asset == QuoteBoard.asset(of: currency) { return Close(price: Price(.one), age: 0) }
    if day >= openDay, let price = live[asset] { return Close(price: price, age: 0) }
    guard let days = series[asset] else { return nil }
    var place = DailyCloses.place(of: day.number, in: days)
    if place == days.count || days[place].day != day.number { place -= 1 }
    guard place >= 0, case let old = day.number - days[place].day, old <= age else { return nil }
    return Close(price: days[place].price, age: old)
  }

  /// The index of the first price that is not of an earlier day.
  private static func place(of day: Int, in days: [Dated]) -> Int {
    guard let last = days.last, last.day >= day else { return days.count }
    var (low, high) = (0, days.count)
    while low < high {
      let middle = (low + high) / 2
      if days[middle].day < day { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// An asset on a day.
struct AssetDay: Hashable, Sendable {
  let asset: AssetID
  let day: UTCDay
}

/// What assets cost each day by markets and, where those say nothing, by own trades of the day.
struct GainPrices: Sendable {
  /// What markets say.
  var market: DailyCloses
  /// The last own trade of each day.
  private(set) var own: DailyCloses
  /// What trades of one asset for another came to, by what they were worth together.
  private var implied: DailyCloses
  private var ownMarks: [AssetDay: Mark] = [:]

  /// A trade's place in time.
  private struct Mark: Hashable, Comparable, Sendable {
    let time: Instant
    let number: Int
    static func < (a: Mark, b: Mark) -> Bool {
      a.time != b.time ? a.time < b.time : a.number < b.number
    }
  }

  init(_ market: DailyCloses) {
    self.market = market
    own = DailyCloses(currency: market.currency, openDay: UTCDay(number: .max))
    implied = own
  }

  /// The same prices, and for what has none those that follow from its trades.
  ///
  /// - Parameter moves: What each day moved, by asset, over all accounts.
  /// - Returns: These and those.
  func implying(_ moves: [AssetID: [UTCDay: DayMove]]) -> GainPrices {
    var prices = self
    for (asset, days) in moves {
      for (day, move) in days.sorted(by: { $0.key < $1.key }) where move.unknownTrades == 0 {
        guard let traded = move.traded, !traded.isZero,
          let price = try? move.paid.divided(by: traded, rounding: .halfEven), price > .zero
        else { continue }
        prices.implied.take(Price(price), of: asset, on: day)
      }
    }
    return prices
  }

  /// Takes the price of an own trade.
  ///
  /// - Returns: Whether it is the last of its day.
  mutating func take(_ price: Price, of asset: AssetID, at time: Instant, number: Int) -> Bool {
    let day = UTCDay(time)
    let key = AssetDay(asset: asset, day: day)
    let mark = Mark(time: time, number: number)
    if let last = ownMarks[key], mark < last { return false }
    ownMarks[key] = mark
    own.take(price, of: asset, on: day)
    return true
  }

  /// What an asset is taken to be worth at the end of a day: what it cost, and nothing where it is
  /// ignored, or suspect and without a price.
  func close(
    of asset: AssetID, on day: UTCDay, within age: Int = DailyCloses.mostCarried
  ) -> DailyCloses.Close? {
    let nothing = DailyCloses.Close(price: Price(.zero), age: 0)
    if market.ignored.contains(asset) { return nothing }
    return cost(of: asset, on: day, within: age)
      ?? (market.suspect.contains(asset) ? nothing : nil)
  }

  /// What an asset cost at the end of a day: by markets, by an own trade, or by an older price.
  private func cost(of asset: AssetID, on day: UTCDay, within age: Int) -> DailyCloses.Close? {
    let market = market.close(of: asset, on: day, within: age)
    if let market, market.age == 0 { return market }
    let others = [own, implied].compactMap { $0.close(of: asset, on: day, within: age) }
    return ([market].compactMap { $0 } + others).min { $0.age < $1.age }
  }

  /// Whether nothing that comes later can change the price of a day.
  func isFinal(_ key: AssetDay) -> Bool {
    key.day < market.openDay && market.close(of: key.asset, on: key.day)?.age == 0
  }
}

/// Values of lots: the close of the day in which something happened. What was traded or earned was
/// worth what it cost, whatever is thought of it.
extension GainPrices: PriceHistory {
  func price(of asset: AssetID, at time: Instant, in currency: Currency) -> Price? {
    if currency != market.currency { return nil }
    return cost(of: asset, on: UTCDay(time), within: DailyCloses.mostCarried)?.price
  }
}

/// No price at all: what is known with this needs none.
struct NoPrices: PriceHistory {
  func price(of asset: AssetID, at time: Instant, in currency: Currency) -> Price? { nil }
}
