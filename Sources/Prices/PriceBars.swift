public import Amounts
internal import DequeModule
public import Ledger

/// What an asset cost over a stretch of time.
public struct PriceBar: Hashable, Sendable {
  /// Its beginning; it ends where the next one begins.
  public let start: Instant
  /// The first price.
  public var open: Price
  /// The highest.
  public var high: Price
  /// The lowest.
  public var low: Price
  /// The last.
  public var close: Price

  /// Makes a bar.
  public init(start: Instant, open: Price, high: Price, low: Price, close: Price) {
    self.start = start
    self.open = open
    self.high = high
    self.low = low
    self.close = close
  }

  /// A bar of one price.
  public init(start: Instant, price: Price) {
    self.init(start: start, open: price, high: price, low: price, close: price)
  }

  /// Takes in what follows it.
  public mutating func add(_ later: PriceBar) {
    high = max(high, later.high)
    low = min(low, later.low)
    close = later.close
  }
}

/// How long a bar is; days and hours are those of UTC.
public enum BarLength: Int64, CaseIterable, Sendable {
  /// One second.
  case second = 1
  /// 60 seconds.
  case minute = 60
  /// 3,600 seconds.
  case hour = 3_600
  /// 86,400 seconds.
  case day = 86_400

  /// In seconds.
  public var seconds: Int64 { rawValue }

  /// How many of them are kept in memory.
  public var kept: Int {
    switch self {
    case .second: 120
    case .minute: 180
    case .hour: 240
    case .day: 400
    }
  }

  /// How many shorter bars a whole one is made of at least: a day with an hour missing and an hour
  /// with ten minutes missing still count as whole.
  public var wholeParts: Int {
    switch self {
    case .second, .minute: 1
    case .hour: 50
    case .day: 23
    }
  }

  /// When the bar begins in which a time lies.
  public func start(of time: Instant) -> Instant {
    let rest = time.seconds % rawValue
    return Instant(seconds: time.seconds - (rest < 0 ? rest + rawValue : rest))
  }
}

/// The bars of one asset in one currency, of every length, grown price by price.
///
/// A second's bar is rolled up into its minute's when it closes, that into its hour's, that into its
/// day's: a price costs O(1). Where there was no price there is no bar. A price from before the last
/// bar is left out and counted.
public struct BarLadder: Hashable, Sendable {
  /// A bar that is over.
  public struct Closed: Hashable, Sendable {
    /// Its length.
    public let length: BarLength
    /// The bar.
    public let bar: PriceBar
    /// How many shorter bars it is made of; 1 for a second.
    public let parts: Int
  }

  private var open: [BarLength: PriceBar] = [:]
  /// How many shorter bars an open one is made of so far.
  private var parts: [BarLength: Int] = [:]
  private var closed: [BarLength: Deque<PriceBar>] = [:]
  /// How many prices came too late.
  public private(set) var late = 0

  /// Starts empty.
  public init() {}

  /// Goes on where a ladder was left, from the bars of it that were kept.
  ///
  /// Bars that follow the last one of the next length are rolled up into it anew: what was open is
  /// open again, and what was over and not kept is over now.
  ///
  /// - Parameters:
  ///   - kept: The bars that are over by length, each in order of time.
  ///   - done: The bars that are over and were not kept, the shortest first.
  public init(resuming kept: [BarLength: [PriceBar]], _ done: inout [Closed]) {
    for (length, bars) in kept { closed[length] = Deque(bars.suffix(length.kept)) }
    let lengths = BarLength.allCases
    for index in lengths.indices.dropFirst().reversed() {
      let (shorter, length) = (lengths[index - 1], lengths[index])
      let last = kept[length]?.last?.start
      for bar in kept[shorter] ?? [] where last.map({ length.start(of: bar.start) > $0 }) ?? true {
        done += add(bar, length)
      }
    }
  }

  /// Takes a price in.
  ///
  /// - Parameters:
  ///   - price: For one unit.
  ///   - time: When it was so.
  /// - Returns: The bars that are over by it, the shortest first.
  public mutating func take(_ price: Price, at time: Instant) -> [Closed] {
    let start = BarLength.second.start(of: time)
    if let last = open[.second]?.start ?? closed[.second]?.last?.start, start < last {
      late += 1
      return []
    }
    if isOver(start) {
      late += 1
      return []
    }
    if open[.second] == nil, let last = closed[.second]?.last, last.start == start {
      // The second in which a ladder was left and resumed.
      closed[.second]?.removeLast()
      open[.second] = last
    }
    let done = close(at: time)
    return done + add(PriceBar(start: start, price: price), .second)
  }

  /// Takes in the second's bar of another ladder, unless it is from before the last one.
  public mutating func take(open second: PriceBar) {
    if let last = closed[.second]?.last?.start, second.start <= last { return }
    if isOver(second.start) { return }
    open[.second] = second
    parts[.second] = 1
  }

  /// Whether a minute, hour or day is over in which a time lies.
  private func isOver(_ time: Instant) -> Bool {
    for length in BarLength.allCases.dropFirst() {
      if let last = closed[length]?.last?.start, length.start(of: time) <= last { return true }
    }
    return false
  }

  /// Closes the bars that are over without a later price.
  ///
  /// - Parameter now: When.
  /// - Returns: The bars that are over, the shortest first.
  public mutating func close(at now: Instant) -> [Closed] {
    var done: [Closed] = []
    for length in BarLength.allCases {
      guard let bar = open[length], bar.start < length.start(of: now) else { continue }
      done += finish(bar, length)
    }
    return done
  }

  /// The bars that are over, the oldest first, at most `BarLength.kept` of them.
  public func bars(_ length: BarLength) -> [PriceBar] { Array(closed[length] ?? []) }

  /// The bar that is not over yet, with all that shorter ones hold.
  public func current(_ length: BarLength) -> PriceBar? {
    var current: PriceBar?
    for shorter in BarLength.allCases.reversed() where shorter.rawValue <= length.rawValue {
      guard let bar = open[shorter] else { continue }
      if current == nil {
        current = PriceBar(
          start: length.start(of: bar.start), open: bar.open, high: bar.high, low: bar.low,
          close: bar.close)
      } else {
        current?.add(bar)
      }
    }
    return current
  }

  /// Puts older bars before the own ones; what overlaps is left out.
  ///
  /// - Parameters:
  ///   - older: Bars from elsewhere, in order of time.
  ///   - length: Their length.
  public mutating func backfill(_ older: [PriceBar], _ length: BarLength) {
    var own = closed[length] ?? []
    let first = own.first?.start ?? open[length]?.start ?? Instant(microseconds: .max)
    for bar in older.reversed() where bar.start < (own.first?.start ?? first) {
      guard own.count < length.kept else { break }
      own.prepend(bar)
    }
    closed[length] = own
  }

  private mutating func add(_ bar: PriceBar, _ length: BarLength) -> [Closed] {
    let start = length.start(of: bar.start)
    guard let current = open[length] else {
      open[length] = PriceBar(
        start: start, open: bar.open, high: bar.high, low: bar.low, close: bar.close)
      parts[length] = 1
      return []
    }
    if current.start == start {
      open[length]?.add(bar)
      if length != .second { parts[length, default: 0] += 1 }
      return []
    }
    let done = finish(current, length)
    return done + add(bar, length)
  }

  /// Puts a bar to those that are over and into the next longer one.
  private mutating func finish(_ bar: PriceBar, _ length: BarLength) -> [Closed] {
    open[length] = nil
    closed[length, default: []].append(bar)
    if let count = closed[length]?.count, count > length.kept { closed[length]?.removeFirst() }
    var done = [Closed(length: length, bar: bar, parts: parts[length] ?? 1)]
    let lengths = BarLength.allCases
    if let index = lengths.firstIndex(of: length), index + 1 < lengths.count {
      done += add(bar, lengths[index + 1])
    }
    return done
  }
}
