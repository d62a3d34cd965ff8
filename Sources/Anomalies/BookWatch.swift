internal import Statistics

/// The best bid and ask of a market and what stands behind them.
public struct BookTop: Hashable, Sendable {
  /// When, in seconds since the epoch.
  public let seconds: Int64
  /// The best bid.
  public let bid: Double
  /// The best ask.
  public let ask: Double
  /// What stands in the book near the price, `nil` where nobody says.
  public let depth: Double?

  /// Makes a top of a book.
  public init(seconds: Int64, bid: Double, ask: Double, depth: Double? = nil) {
    self.seconds = seconds
    self.bid = bid
    self.ask = ask
    self.depth = depth
  }
}

/// The spread and the depth of one market.
///
/// A spread is judged as a part of the middle price; depth by how far it fell below its mean, as a
/// logarithm. Bid above ask is an alarm by rule: two feeds are mixed, or a book was not cleared.
struct BookWatch: Sendable, Kept {
  static let leastSpread = 0.001
  static let certainSpread = 0.1
  /// A third of the usual depth.
  static let leastShortfall = 1.0986
  private(set) var spread = Gauge(alarm: 4, hold: 100)
  private(set) var depth = Gauge(alarm: 4, hold: 100)
  private var usual = MovingMean(length: 500)
  private var isCrossed = false

  /// What a book shows: spread, depth, and whether it has just become crossed.
  mutating func take(_ top: BookTop, learns: Bool) -> (
    spread: Gauge.Reading?, depth: Gauge.Reading?, crossed: Bool
  ) {
    guard top.bid > 0, top.ask > 0, top.bid.isFinite, top.ask.isFinite else {
      return (nil, nil, false)
    }
    let wasCrossed = isCrossed
    isCrossed = top.bid > top.ask
    guard !isCrossed else { return (nil, nil, !wasCrossed) }
    let share = 2 * (top.ask - top.bid) / (top.ask + top.bid)
    let wide = spread.take(
      share, floor: BookWatch.leastSpread, certain: BookWatch.certainSpread, learns: learns)
    var thin: Gauge.Reading?
    if let size = top.depth, size.isFinite, size >= 0 {
      let mean = usual.mean
      if mean > 0, usual.count >= 20 {
        let shortfall = size > 0 ? max(Elementary.log(mean / size), 0) : 20
        thin = depth.take(shortfall, floor: BookWatch.leastShortfall, learns: learns)
      }
      if learns { usual.take(mean > 0 ? min(size, 4 * mean) : size) }
    }
    return (wide, thin, false)
  }

  var usualDepth: Double { usual.mean }

  init() {}

  func write(to writer: inout StateWriter) {
    spread.write(to: &writer)
    depth.write(to: &writer)
    usual.write(to: &writer)
    writer.put(isCrossed)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    spread = try Gauge(from: &reader)
    depth = try Gauge(from: &reader)
    usual = try MovingMean(from: &reader)
    isCrossed = try reader.bool()
  }
}

/// The ratio of two places' prices of one asset.
///
/// A premium that lasts is usual: what counts is how far the logarithm of the ratio is from its mean.
struct GapWatch: Sendable, Kept {
  static let least = 0.005
  static let certain = 0.03
  private static let warmUp = 20
  private(set) var gauge = Gauge(alarm: 4, hold: 100, shape: .exponential)
  private var usual = MovingMean(length: 500)

  init() {}

  var premium: Double { usual.mean }

  mutating func take(_ price: Double, _ other: Double, learns: Bool) -> (
    gap: Double, reading: Gauge.Reading
  )? {
    guard price > 0, other > 0, price.isFinite, other.isFinite else { return nil }
    let gap = Elementary.log(price / other)
    guard gap.isFinite else { return nil }
    guard usual.count >= GapWatch.warmUp else {
      if learns, abs(gap) < 1 { usual.take(gap) }
      return nil
    }
    let off = gap - usual.mean
    let reading = gauge.take(
      abs(off), floor: GapWatch.least, certain: GapWatch.certain, learns: learns)
    if learns, abs(off) < GapWatch.certain { usual.take(gap) }
    return reading.map { (gap, $0) }
  }

  func write(to writer: inout StateWriter) {
    gauge.write(to: &writer)
    usual.write(to: &writer)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    gauge = try Gauge(from: &reader)
    usual = try MovingMean(from: &reader)
  }
}
