import Amounts
import Ledger

/// A book of a market: price and amount, best first.
struct SimulatedBook: Sendable, Hashable {
  /// Buyers.
  var bids: [(price: Fixed, amount: Fixed)] = []
  /// Sellers.
  var asks: [(price: Fixed, amount: Fixed)] = []

  static func == (a: SimulatedBook, b: SimulatedBook) -> Bool {
    a.bids.elementsEqual(b.bids, by: ==) && a.asks.elementsEqual(b.asks, by: ==)
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(bids.count)
    hasher.combine(asks.first?.price)
  }

  /// What changes one side into another; an amount of zero takes a level away.
  static func changes(
    _ from: [(price: Fixed, amount: Fixed)], _ to: [(price: Fixed, amount: Fixed)]
  ) -> [(price: Fixed, amount: Fixed)] {
    var known: [Fixed: Fixed] = [:]
    for level in from { known[level.price] = level.amount }
    var changes: [(price: Fixed, amount: Fixed)] = []
    for level in to where known.removeValue(forKey: level.price) != level.amount {
      changes.append(level)
    }
    for price in known.keys.sorted() { changes.append((price, .zero)) }
    return changes
  }
}

/// A trade of anybody's.
struct SimulatedPrint: Sendable, Hashable {
  let id: Int64
  let time: Instant
  let price: Fixed
  let amount: Fixed
  let isBuy: Bool
}

/// What a market did in a day.
struct SimulatedDay: Sendable {
  let last: Fixed
  let bid: (price: Fixed, amount: Fixed)
  let ask: (price: Fixed, amount: Fixed)
  let open: Fixed
  let high: Fixed
  let low: Fixed
  let baseVolume: Fixed
  let quoteVolume: Fixed
}

/// A candle.
struct SimulatedCandle: Sendable {
  let start: Instant
  let open: Fixed
  let high: Fixed
  let low: Fixed
  let close: Fixed
  let volume: Fixed
}

// A market's book, prints and candles are functions of seed and time alone. So a snapshot taken
// over HTTP and the changes told by a stream belong to one sequence, whoever asks and when.
extension SimulatedExchange {
  /// Books change once in so many microseconds: the number of a state is time divided by it.
  static let momentMicros: Int64 = 100_000

  /// The number of the state at a time.
  static func moment(_ time: Instant) -> Int64 { time.microseconds / momentMicros }

  /// The time of a state.
  static func time(ofMoment moment: Int64) -> Instant {
    Instant(microseconds: moment * momentMicros)
  }

  /// The book of a state.
  func book(_ market: SimulatedMarket, moment: Int64, depth: Int = 25) -> SimulatedBook {
    let time = SimulatedExchange.time(ofMoment: moment)
    let middle = prices.price(market, at: time)
    let step = Fixed.step(market.priceDigits)
    var book = SimulatedBook()
    for side in [0, 1] {
      var levels: [(price: Fixed, amount: Fixed)] = []
      var last: Fixed?
      for level in 0..<depth {
        let distance = 0.00005 + 0.00015 * Double(level)
        let raw = middle * (side == 0 ? 1 - distance : 1 + distance)
        var price = Fixed.near(raw, digits: min(market.priceDigits, 15))
        if let last, side == 0, price >= last { price = last - step }
        if let last, side == 1, price <= last { price = last + step }
        guard price > .zero else { break }
        last = price
        levels.append((price, size(market, moment, side, level, middle)))
      }
      if side == 0 { book.bids = levels } else { book.asks = levels }
    }
    // A rough price step must not let the sides meet.
    if let bid = book.bids.first, let ask = book.asks.first, bid.price >= ask.price {
      book.asks = book.asks.map { ($0.price + (bid.price - ask.price) + step, $0.amount) }
    }
    return book
  }

  /// Deeper levels change their amounts less often than the best.
  private func size(
    _ market: SimulatedMarket, _ moment: Int64, _ side: Int, _ level: Int, _ price: Double
  ) -> Fixed {
    let slow = moment / Int64(1 + level * 3)
    let bits = mixed(
      seed, UInt64(market.index), UInt64(bitPattern: slow), UInt64(side * 1_000 + level))
    let dollars = 1_500 + 24_000 * unit(bits)
    let amount = Fixed.near(dollars / max(price, 1e-12), digits: market.amountDigits)
    return amount.isZero ? market.amountMin : amount
  }

  /// The prints of a market after one time and up to another; about one a second, 1,000 at most.
  func prints(
    _ market: SimulatedMarket, after from: Instant, to: Instant, most: Int = 1_000
  ) -> [SimulatedPrint] {
    let last = to.microseconds / 1_000_000
    let first = max(from.microseconds / 1_000_000, last - Int64(most))
    guard first <= last else { return [] }
    var found: [SimulatedPrint] = []
    for second in first...last {
      let bits = mixed(seed, UInt64(market.index), UInt64(bitPattern: second), 5)
      let time = Instant(microseconds: second * 1_000_000 + Int64(bits % 1_000) * 1_000)
      guard time > from, time <= to else { continue }
      let price = prices.fixedPrice(market, at: time)
      let dollars = 20 + 3_000 * unit(bits &* 31)
      let amount = Fixed.near(dollars / max(price.approximate, 1e-12), digits: market.amountDigits)
      found.append(
        SimulatedPrint(
          id: second, time: time, price: price,
          amount: amount.isZero ? market.amountMin : amount, isBuy: bits & 1 == 0))
    }
    return found
  }

  /// What a market did in the day before a time.
  func day(_ market: SimulatedMarket, at now: Instant) -> SimulatedDay {
    let book = book(market, moment: SimulatedExchange.moment(now), depth: 1)
    let last = prices.fixedPrice(market, at: now)
    let candle = candle(market, start: now.advanced(bySeconds: -86_400), seconds: 86_400, at: now)
    let none = (price: last, amount: market.amountMin)
    return SimulatedDay(
      last: last, bid: book.bids.first ?? none, ask: book.asks.first ?? none, open: candle.open,
      high: candle.high, low: candle.low, baseVolume: candle.volume,
      quoteVolume: (candle.volume * last).kept(2))
  }

  /// A candle; one that has not ended yet closes now.
  func candle(
    _ market: SimulatedMarket, start: Instant, seconds: Int64, at now: Instant
  ) -> SimulatedCandle {
    let full = start.advanced(bySeconds: seconds)
    let end = full < now ? full : now
    let length = max(end.microseconds - start.microseconds, 0)
    let samples = (0...12).map { place in
      prices.fixedPrice(
        market, at: Instant(microseconds: start.microseconds + length * Int64(place) / 12))
    }
    let open = samples[0]
    let bits = mixed(seed, UInt64(market.index), UInt64(bitPattern: start.seconds), 11)
    let dollars = Double(length) / 1_000_000 * (200 + 600 * unit(bits))
    return SimulatedCandle(
      start: start, open: open, high: samples.max() ?? open, low: samples.min() ?? open,
      close: samples[12],
      volume: .near(dollars / max(open.approximate, 1e-12), digits: market.amountDigits))
  }

  /// The candles from a time on, at most so many, none that begins after now.
  func candles(
    _ market: SimulatedMarket, from: Instant, seconds: Int64, most: Int, at now: Instant
  ) -> [SimulatedCandle] {
    let span = max(seconds, 1)
    var start = Instant(seconds: (from.seconds + span - 1) / span * span)
    var found: [SimulatedCandle] = []
    while found.count < most, start <= now {
      found.append(candle(market, start: start, seconds: span, at: now))
      start = start.advanced(bySeconds: span)
    }
    return found
  }
}
