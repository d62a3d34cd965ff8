internal import Statistics

/// A closed bar of prices, in floating point: statistics, not money.
public struct MarketBar: Hashable, Sendable {
  /// When it ended, in seconds since the epoch.
  public let end: Int64
  /// The highest price.
  public let high: Double
  /// The lowest price.
  public let low: Double
  /// The last price.
  public let close: Double
  /// What was traded, `nil` where nobody says.
  public let volume: Double?

  /// Makes a bar.
  public init(end: Int64, high: Double, low: Double, close: Double, volume: Double? = nil) {
    self.end = end
    self.high = high
    self.low = low
    self.close = close
    self.volume = volume
  }

  /// Whether all prices are numbers above zero, in order.
  public var isSound: Bool {
    low > 0 && high.isFinite && low <= close && close <= high && (volume ?? 0).isFinite
  }
}

/// When a market is called unusual.
public struct MarketSettings: Hashable, Sendable {
  /// How many bars the calibration keeps.
  public var window: Int
  /// -log₁₀ of the probability at a bar from which on a move is an alarm.
  public var alarm: Double
  /// The smallest move worth a word, in parts of the price; twice that from half-hour bars on.
  public var leastMove: Double
  /// The move within four bars that is always worth a word, in parts of the price.
  public var certainMove: Double

  /// The one setting for all markets.
  public init(
    window: Int = 2000, alarm: Double = 3, leastMove: Double = 0.02, certainMove: Double = 0.1
  ) {
    self.window = min(max(window, 200), 1 << 16)
    self.alarm = min(max(alarm, 1), 15)
    self.leastMove = max(leastMove, 0)
    self.certainMove = max(certainMove, 0.001)
  }

  /// The smallest move worth a word in bars of so many seconds.
  func leastMove(_ seconds: Int) -> Double { leastMove * (seconds >= 1800 ? 2 : 1) }

  /// For how many bars an alarm is held: six hours, at least a dozen bars and at most a hundred.
  func hold(_ seconds: Int) -> Int { min(max(6 * 3600 / max(seconds, 1), 12), 100) }
}

/// Falls and rises of one market, bar by bar, with what was traded beside them.
///
/// A bar's lowest and highest price are held against the closes 1, 4, 12 and 36 bars before, in units
/// of the market's own recent volatility; each of the eight is calibrated to how often so much comes.
/// What is unusual and at least `leastMove` is an alarm, and what reaches `certainMove` within four
/// bars is one without statistics: after a wild week a tail alone would call a crash ordinary. An
/// episode grows when the price goes on by half the first move. Between bars `band` says which prices
/// would ring, so that a tick costs one comparison and a crash need not wait for the bar's end.
public struct PriceWatch: Sendable {
  /// What a bar showed.
  public struct Reading: Sendable {
    /// The strongest component.
    public let component: AnomalyComponent
    /// Its move as a logarithm of a ratio.
    public let move: Double
    /// -log₁₀ of how often so much comes, less what earlier alarms take from it.
    public let score: Double
    /// What that means for the episode.
    public let step: EpisodeStep
    /// -log₁₀ of how often so much is traded; zero where nobody says.
    public let volumeSurprise: Double
    /// All that is unusual, the strongest first.
    public let evidence: [Evidence]
  }

  static let reaches = [1, 4, 12, 36]
  private static let down: [AnomalyComponent] = [.fall, .slide, .decline, .retreat]
  private static let up: [AnomalyComponent] = [.rise, .climb, .advance, .ascent]
  private static let short: Set<AnomalyComponent> = [.fall, .slide, .rise, .climb]
  private static let clip = 4.0
  /// How many returns make a volatility.
  private static let leastReturns = 20

  /// Seconds of a bar.
  public let seconds: Int
  let settings: MarketSettings
  private var closes: [Double] = []
  private var last: Int64?
  private var deviation = MovingMean(length: 100)
  private var falls: [TailCalibrator]
  private var rises: [TailCalibrator]
  private var volume: TailCalibrator
  private var hold: EpisodeHold
  private var limits: ClosedRange<Double>?
  /// The price last told of the open episode.
  private var reported: Double?
  private var firstMove = 0.0
  private var isDownward = false

  /// Makes a watch of bars of so many seconds.
  public init(seconds: Int, _ settings: MarketSettings = MarketSettings()) {
    self.seconds = max(seconds, 1)
    self.settings = settings
    let window = settings.window
    falls = PriceWatch.reaches.map { _ in TailCalibrator(window: window) }
    rises = PriceWatch.reaches.map { _ in TailCalibrator(window: window) }
    volume = TailCalibrator(window: window, shape: .pareto)
    hold = EpisodeHold(alarm: settings.alarm, hold: settings.hold(seconds))
  }

  /// How many bars the calibration rests on.
  public var sampleSize: Int { falls[0].window.count }

  /// Whether an episode is open.
  public var isOpen: Bool { hold.isOpen }

  /// The prices between which nothing would ring now; `nil` while too little is known.
  ///
  /// While an episode is open it ends, in the episode's direction, where the episode grows.
  public var band: ClosedRange<Double>? {
    guard let limits, hold.isOpen, let reported else { return limits }
    let further = Elementary.exp(growth)
    return isDownward
      ? min(reported / further, limits.upperBound)...limits.upperBound
      : limits.lowerBound...max(reported * further, limits.lowerBound)
  }

  /// The move beyond what was last told of an episode that is told again, as a logarithm.
  private var growth: Double { max(settings.leastMove(seconds), firstMove / 2) }

  /// The last close.
  public var close: Double? { closes.last }

  /// The usual size of a bar's return.
  public var volatility: Double { deviation.mean }

  /// Judges a closed bar, then learns it.
  ///
  /// - Parameters:
  ///   - bar: The bar; one that is not sound or not later than the last gives `nil`.
  ///   - learns: Whether it is learned; not from a doubtful feed or inside a confirmed incident.
  /// - Returns: What it showed; `nil` for the first bar.
  public mutating func take(_ bar: MarketBar, learns: Bool = true) -> Reading? {
    guard bar.isSound, last.map({ bar.end > $0 }) ?? true else { return nil }
    last = bar.end
    let volumeSurprise = bar.volume.map { volume.take(max($0, 0), learns: learns) } ?? 0
    defer { finish(bar, learns) }
    guard let before = closes.last else { return nil }
    let scale = deviation.mean
    let judge = judge(alarm: hold.alarm, spacing: Double(seconds))
    var found: [Evidence] = []
    if scale > 0, deviation.count >= PriceWatch.leastReturns {
      for (place, reach) in PriceWatch.reaches.enumerated() where closes.count >= reach {
        let base = closes[closes.count - reach]
        let unit = scale * Double(reach).squareRoot()
        let fall = max(0, -Elementary.log(bar.low / base))
        let rise = max(0, Elementary.log(bar.high / base))
        let (down, up) = (PriceWatch.down[place], PriceWatch.up[place])
        if let one = judge(&falls[place], fall, unit, down, .down, learns) { found.append(one) }
        if let one = judge(&rises[place], rise, unit, up, .up, learns) { found.append(one) }
      }
    }
    learn(Elementary.log(bar.close / before), learns)
    found.sort { $0.surprise > $1.surprise }
    let strongest = found.first ?? Evidence(.fall, observed: 0, unit: .fraction)
    let material = found.first {
      abs($0.observed) >= settings.leastMove(seconds) && $0.surprise >= 1
    }
    // A rule beside the statistics: some moves need no comparison.
    let certain = found.first {
      abs($0.observed) >= settings.certainMove && PriceWatch.short.contains($0.component)
    }
    var surprise = material?.surprise
    var top = material ?? strongest
    if let certain {
      surprise = max(surprise ?? 0, hold.alarm + hold.correction)
      if (material?.surprise ?? 0) - hold.correction < hold.alarm { top = certain }
    }
    let (step, score) = episode(bar, top, surprise)
    return Reading(
      component: top.component, move: top.observed, score: score, step: step,
      volumeSurprise: volumeSurprise,
      evidence: [top]
        + found.filter {
          $0.surprise >= 2 && $0.direction == top.direction && $0.component != top.component
        })
  }

  /// An episode grows where its direction goes on; against it, another one may begin.
  private mutating func episode(
    _ bar: MarketBar, _ top: Evidence, _ surprise: Double?
  ) -> (EpisodeStep, Double) {
    let isDown = top.direction == .down
    if hold.isOpen, let reported {
      let ratio = isDownward ? reported / bar.low : bar.high / reported
      let further = Elementary.log(ratio)
      let isGrowing = further >= growth
      guard !isGrowing, isDown != isDownward, let surprise, surprise - hold.correction >= hold.alarm
      else {
        let result = hold.take(min(surprise ?? 0, 15), growing: isGrowing)
        if isGrowing { self.reported = isDownward ? bar.low : bar.high }
        return result
      }
      hold.close()
    }
    let result = hold.take(surprise ?? min(top.surprise, 1))
    if result.step == .began {
      isDownward = isDown
      firstMove = abs(top.observed)
      reported = isDown ? bar.low : bar.high
    }
    return result
  }

  /// Judges a price between bars: an alarm only where it leaves the band.
  ///
  /// - Parameter price: The price now.
  /// - Returns: What it shows; `nil` where nothing rings.
  public mutating func peek(_ price: Double) -> Reading? {
    guard let band, price > 0, price.isFinite, !band.contains(price) else { return nil }
    let isDown = price < band.lowerBound
    let isGrowing = hold.isOpen && isDown == isDownward
    let all = PriceWatch.reaches.indices.compactMap { evidence($0, price, isDown) }
    let found =
      isGrowing ? all : all.filter { abs($0.observed) >= abs((isDown ? $0.low : $0.high) ?? 0) }
    guard let top = found.max(by: { $0.surprise < $1.surprise }) else { return nil }
    if hold.isOpen, !isGrowing { hold.close() }
    let surprise = max(top.surprise, hold.alarm + hold.correction)
    let (step, score) = isGrowing ? hold.take(surprise, growing: true) : hold.take(surprise)
    guard step == .began || step == .grew else { return nil }
    if step == .began { firstMove = abs(top.observed) }
    isDownward = isDown
    reported = price
    return Reading(
      component: top.component, move: top.observed, score: score, step: step,
      volumeSurprise: 0, evidence: [top])
  }

  /// What a price between bars is against the close at a reach; `nil` while too little is known.
  private func evidence(_ place: Int, _ price: Double, _ isDown: Bool) -> Evidence? {
    guard let limit = limit(place, isDown), let base = base(place) else { return nil }
    let size = max(0, Elementary.log(isDown ? base / price : price / base))
    let unit = deviation.mean * Double(PriceWatch.reaches[place]).squareRoot()
    let calibrator = isDown ? falls[place] : rises[place]
    return Evidence(
      isDown ? PriceWatch.down[place] : PriceWatch.up[place], observed: isDown ? -size : size,
      low: isDown ? -limit : 0, high: isDown ? 0 : limit, unit: .fraction,
      direction: isDown ? .down : .up,
      surprise: calibrator.surprise(of: min(size / unit, 1e15)), sampleSize: sampleSize,
      spacing: Double(seconds))
  }

  /// The close that the next bar is held against at a reach.
  private func base(_ place: Int) -> Double? {
    let reach = PriceWatch.reaches[place]
    return closes.count >= reach ? closes[closes.count - reach] : nil
  }

  /// The move from that close which would ring; `nil` while too little is known.
  private func limit(_ place: Int, _ isDown: Bool) -> Double? {
    let scale = deviation.mean
    guard scale > 0, deviation.count >= PriceWatch.leastReturns else { return nil }
    let isShort = PriceWatch.short.contains(PriceWatch.down[place])
    let calibrator = isDown ? falls[place] : rises[place]
    guard let raw = calibrator.raw(atSurprise: hold.alarm + hold.correction)
    else { return isShort ? settings.certainMove : nil }
    let limit = max(
      raw * scale * Double(PriceWatch.reaches[place]).squareRoot(), settings.leastMove(seconds))
    return isShort ? min(limit, settings.certainMove) : limit
  }

  /// How a move is judged by a calibrator and put into evidence.
  private typealias Judge = (
    _ calibrator: inout TailCalibrator, _ size: Double, _ unit: Double,
    _ component: AnomalyComponent, _ direction: AnomalyDirection, _ learns: Bool
  ) -> Evidence?

  private func judge(alarm: Double, spacing: Double) -> Judge {
    let certain = settings.certainMove
    return { calibrator, size, unit, component, direction, learns in
      let surprise = calibrator.take(min(size / unit, 1e15), learns: learns)
      // Most moves are ordinary, and no evidence is made of them.
      guard surprise >= 1 || size >= certain else { return nil }
      let sign = direction == .down ? -1.0 : 1
      let limit = surprise >= 2 ? calibrator.raw(atSurprise: alarm).map { $0 * unit } : nil
      return Evidence(
        component, observed: sign * size, low: direction == .down ? limit.map { -$0 } : 0,
        high: direction == .down ? 0 : limit, unit: .fraction, direction: direction,
        surprise: surprise, sampleSize: calibrator.window.count, spacing: spacing)
    }
  }

  private mutating func learn(_ move: Double, _ learns: Bool) {
    guard learns else { return }
    let bound = PriceWatch.clip * deviation.mean
    let isYoung = deviation.count < PriceWatch.leastReturns
    deviation.take(isYoung || bound == 0 ? abs(move) : min(abs(move), bound))
  }

  private mutating func finish(_ bar: MarketBar, _ learns: Bool) {
    closes.append(bar.close)
    if closes.count > 36 { closes.removeFirst() }
    limits = nil
    guard limit(0, true) != nil, limit(0, false) != nil else { return }
    var (low, high) = (0.0, Double.infinity)
    for place in PriceWatch.reaches.indices {
      guard let base = base(place) else { continue }
      if let down = limit(place, true) { low = max(low, base * Elementary.exp(-down)) }
      if let up = limit(place, false) { high = min(high, base * Elementary.exp(up)) }
    }
    // Where a longer move is beyond its limit already, the next step in its direction rings.
    limits = min(low, bar.close)...max(high, bar.close)
  }

  /// Forgives the alarm of the open episode: it was real and does not count against the rate.
  public mutating func forgive() { hold.forgive() }

  /// The bytes of memory that the watch holds.
  public var memoryBytes: Int {
    let all = falls + rises + [volume]
    return all.reduce(0) { $0 + $1.window.memoryBytes } + 37 * 8 + MemoryLayout<PriceWatch>.size
  }
}

extension PriceWatch: Kept {
  func write(to writer: inout StateWriter) {
    writer.put(seconds)
    settings.write(to: &writer)
    writer.put(closes)
    writer.put(last.map { Int($0) })
    deviation.write(to: &writer)
    for calibrator in falls + rises { calibrator.write(to: &writer) }
    volume.write(to: &writer)
    hold.write(to: &writer)
    writer.put(limits?.lowerBound)
    writer.put(limits?.upperBound)
    writer.put(reported)
    writer.put(firstMove)
    writer.put(isDownward)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    seconds = try reader.int(1...(1 << 30))
    settings = try MarketSettings(from: &reader)
    closes = try reader.doubles(0...36)
    last = try reader.optionalInt(Int.min...Int.max).map { Int64($0) }
    deviation = try MovingMean(from: &reader)
    falls = []
    rises = []
    for _ in PriceWatch.reaches { falls.append(try TailCalibrator(from: &reader)) }
    for _ in PriceWatch.reaches { rises.append(try TailCalibrator(from: &reader)) }
    volume = try TailCalibrator(from: &reader)
    hold = try EpisodeHold(from: &reader)
    let low = try reader.optionalDouble()
    let high = try reader.optionalDouble()
    limits = nil
    if let low, let high {
      guard low <= high, low > 0 else { throw reader.fault }
      limits = low...high
    }
    reported = try reader.optionalDouble()
    firstMove = try reader.double()
    isDownward = try reader.bool()
    guard closes.allSatisfy({ $0 > 0 }) else { throw reader.fault }
  }
}

extension MarketSettings: Kept {
  func write(to writer: inout StateWriter) {
    writer.put(window)
    writer.put(alarm)
    writer.put(certainMove)
    writer.put(leastMove)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    window = try reader.int(200...(1 << 16))
    alarm = try reader.double()
    certainMove = try reader.double()
    leastMove = try reader.double()
    guard alarm >= 1, leastMove >= 0, certainMove > 0 else { throw reader.fault }
  }
}
