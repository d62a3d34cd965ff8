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

  /// Its place among the lengths, the shortest first.
  fileprivate var place: Int {
    switch self {
    case .second: 0
    case .minute: 1
    case .hour: 2
    case .day: 3
    }
  }

  /// The lengths, the shortest first.
  fileprivate static let all = Array(BarLength.allCases)

  /// The next longer one.
  fileprivate var next: BarLength? {
    switch self {
    case .second: .minute
    case .minute: .hour
    case .hour: .day
    case .day: nil
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

  /// The bars of one length.
  private struct Rung: Hashable, Sendable {
    var open: PriceBar?
    /// How many shorter bars the open one is made of so far.
    var parts = 0
    var closed = Deque<PriceBar>()

    /// When the last bar began that is over.
    var closedStart: Instant? { closed.last?.start }
    /// When the open one began.
    var openStart: Instant? { open?.start }
  }

  /// By place of the length.
  private var rungs = [Rung](repeating: Rung(), count: BarLength.all.count)
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
    for (length, bars) in kept { rungs[length.place].closed = Deque(bars.suffix(length.kept)) }
    for shorter in BarLength.all.reversed() {
      guard let length = shorter.next else { continue }
      let last = kept[length]?.last?.start
      for bar in kept[shorter] ?? [] where last.map({ length.start(of: bar.start) > $0 }) ?? true {
        add(bar, length, &done)
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
    if let last = rungs[0].openStart ?? rungs[0].closedStart, start < last {
      late += 1
      return []
    }
    if isOver(start) {
      late += 1
      return []
    }
    if rungs[0].openStart == nil, rungs[0].closedStart == start {
      // The second in which a ladder was left and resumed.
      rungs[0].open = rungs[0].closed.removeLast()
    }
    var done = close(at: time)
    add(PriceBar(start: start, price: price), .second, &done)
    return done
  }

  /// Takes in the second's bar of another ladder, unless it is from before the last one.
  public mutating func take(open second: PriceBar) {
    if let last = rungs[0].closedStart, second.start <= last { return }
    if isOver(second.start) { return }
    rungs[0].open = second
    rungs[0].parts = 1
  }

  /// Whether a minute, hour or day is over in which a time lies.
  private func isOver(_ time: Instant) -> Bool {
    for length in BarLength.all.dropFirst() {
      if let last = rungs[length.place].closedStart, length.start(of: time) <= last {
        return true
      }
    }
    return false
  }

  /// Closes the bars that are over without a later price.
  ///
  /// - Parameter now: When.
  /// - Returns: The bars that are over, the shortest first.
  public mutating func close(at now: Instant) -> [Closed] {
    var done: [Closed] = []
    for length in BarLength.all {
      guard let start = rungs[length.place].openStart, start < length.start(of: now),
        let bar = rungs[length.place].open
      else { continue }
      finish(bar, length, &done)
    }
    return done
  }

  /// The bars that are over, the oldest first, at most `BarLength.kept` of them.
  public func bars(_ length: BarLength) -> [PriceBar] { Array(rungs[length.place].closed) }

  /// The bar that is not over yet, with all that shorter ones hold.
  public func current(_ length: BarLength) -> PriceBar? {
    var current: PriceBar?
    for shorter in BarLength.all.reversed() where shorter.rawValue <= length.rawValue {
      guard let bar = rungs[shorter.place].open else { continue }
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
    var own = rungs[length.place].closed
    let first = own.first?.start ?? rungs[length.place].open?.start ?? Instant(microseconds: .max)
    for bar in older.reversed() where bar.start < (own.first?.start ?? first) {
      guard own.count < length.kept else { break }
      own.prepend(bar)
    }
    rungs[length.place].closed = own
  }

  private mutating func add(_ bar: PriceBar, _ length: BarLength, _ done: inout [Closed]) {
    let start = length.start(of: bar.start)
    let place = length.place
    if let current = rungs[place].open {
      if current.start == start {
        rungs[place].open?.add(bar)
        if length != .second { rungs[place].parts += 1 }
        return
      }
      finish(current, length, &done)
    }
    rungs[place].open = PriceBar(
      start: start, open: bar.open, high: bar.high, low: bar.low, close: bar.close)
    rungs[place].parts = 1
  }

  /// Puts a bar to those that are over and into the next longer one.
  private mutating func finish(_ bar: PriceBar, _ length: BarLength, _ done: inout [Closed]) {
    let place = length.place
    rungs[place].open = nil
    rungs[place].closed.append(bar)
    if rungs[place].closed.count > length.kept { rungs[place].closed.removeFirst() }
    done.append(Closed(length: length, bar: bar, parts: max(rungs[place].parts, 1)))
    if let next = length.next { add(bar, next, &done) }
  }
}
