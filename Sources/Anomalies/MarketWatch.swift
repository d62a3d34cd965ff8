internal import Statistics

/// How far one asset moved in a bar.
public struct MarketMove: Hashable, Sendable {
  /// The asset.
  public let asset: String
  /// The logarithm of close over close.
  public let move: Double

  /// Makes a move.
  public init(asset: String, move: Double) {
    self.asset = asset
    self.move = move
  }
}

/// All assets together, bar by bar: the market as one, and how much they move as one.
///
/// An index of equal weights is watched like a price: the market's own volatility is small, so that a
/// common fall shows earlier than in any one asset. How much the assets move together is the share of
/// the squared moves, in units of each asset's volatility, that a common move explains; a forest of
/// random cuts judges it together with breadth, size and spread of the moves.
struct MarketWatch: Sendable, Kept {
  /// What a bar of all assets showed.
  struct Reading: Sendable {
    let index: PriceWatch.Reading?
    let level: Double
    /// The share that is common, smoothed over a dozen bars, with its reading.
    let together: Gauge.Reading?
    let common: Double
    let usualCommon: Double
    let forest: Gauge.Reading?
    /// Which of the four figures the forest found odd.
    let cause: Int
  }

  static let leastAssets = 5
  private static let mostAssets = 2000
  static let leastChange = 0.2

  private(set) var index: PriceWatch
  private var level = 1000.0
  private var deviations: [String: MovingMean] = [:]
  private var common = MovingMean(length: 12)
  private var usual = MovingMean(length: 500)
  private var together = Gauge(alarm: 3.5, hold: 100, shape: .exponential)
  private var forest: RandomCutForest
  private var odd = Gauge(alarm: 3.5, hold: 100)

  init(seconds: Int, _ settings: MarketSettings) {
    var calm = settings
    calm.leastMove /= 2
    calm.certainMove = settings.certainMove * 0.7
    index = PriceWatch(seconds: seconds, calm)
    forest = RandomCutForest(dimensions: 4, seed: 0x00C0_FFE5)
  }

  mutating func take(_ moves: [MarketMove], at end: Int64, learns: Bool) -> Reading? {
    let sound = moves.filter { $0.move.isFinite && abs($0.move) < 5 }
      .sorted { $0.asset < $1.asset }
    guard sound.count >= MarketWatch.leastAssets else { return nil }
    var (sum, scaledSum, scaledSquares, falling, squares) = (0.0, 0.0, 0.0, 0.0, 0.0)
    var judged = 0.0
    for move in sound {
      sum += min(max(move.move, -0.5), 0.5)
      squares += move.move * move.move
      if move.move < 0 { falling += 1 }
      let known = deviations[move.asset]
      if let known, known.count >= 10, known.mean > 0 {
        let scaled = min(max(move.move / known.mean, -8), 8)
        scaledSum += scaled
        scaledSquares += scaled * scaled
        judged += 1
      }
      guard learns, known != nil || deviations.count < MarketWatch.mostAssets else { continue }
      var next = known ?? MovingMean(length: 100)
      let bound = next.count >= 10 ? 4 * next.mean : .infinity
      next.take(bound > 0 ? min(abs(move.move), bound) : abs(move.move))
      deviations[move.asset] = next
    }
    let count = Double(sound.count)
    let mean = sum / count
    level = min(max(level * Elementary.exp(mean), 1e-6), 1e12)
    let bar = MarketBar(end: end, high: level, low: level, close: level)
    let seen = index.take(bar, learns: learns)
    guard judged >= Double(MarketWatch.leastAssets), scaledSquares > 0 else {
      return Reading(
        index: seen, level: level, together: nil, common: 0, usualCommon: 0, forest: nil, cause: 0)
    }
    let share = scaledSum * scaledSum / (judged * scaledSquares)
    common.take(share)
    let before = usual.mean
    var change: Gauge.Reading?
    if usual.count >= 100 {
      change = together.take(
        abs(common.mean - before), floor: MarketWatch.leastChange, learns: learns)
    }
    if learns { usual.take(share) }
    let size = Elementary.log(scaledSquares / judged + 1e-9)
    let width = Elementary.log(max(squares / count - mean * mean, 0).squareRoot() + 1e-6)
    let point = [share, falling / count - 0.5, size / 2, width / 2]
    var judgement: Gauge.Reading?
    var cause = 0
    if let reading = forest.take(point) {
      judgement = odd.take(reading.displacement, floor: 8, learns: learns)
      cause = reading.shares.indices.max { reading.shares[$0] < reading.shares[$1] } ?? 0
    }
    return Reading(
      index: seen, level: level, together: change, common: common.mean, usualCommon: before,
      forest: judgement, cause: cause)
  }

  func write(to writer: inout StateWriter) {
    index.write(to: &writer)
    writer.put(level)
    writer.put(deviations.count)
    for (asset, mean) in deviations.sorted(by: { $0.key < $1.key }) {
      writer.put(asset)
      mean.write(to: &writer)
    }
    common.write(to: &writer)
    usual.write(to: &writer)
    together.write(to: &writer)
    forest.write(to: &writer)
    odd.write(to: &writer)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    index = try PriceWatch(from: &reader)
    level = try reader.double()
    for _ in 0..<(try reader.int(0...MarketWatch.mostAssets)) {
      let asset = try reader.text()
      deviations[asset] = try MovingMean(from: &reader)
    }
    common = try MovingMean(from: &reader)
    usual = try MovingMean(from: &reader)
    together = try Gauge(from: &reader)
    forest = try RandomCutForest(from: &reader)
    odd = try Gauge(from: &reader)
    guard level > 0 else { throw reader.fault }
  }
}
