import Amounts
import Ledger
import Prices
import Risk
import Statistics

/// Whether an asset's risk is known, and from what.
enum RiskSource: Hashable, Sendable {
  /// All of the window is its own prices.
  case own
  /// A part of the window is the proxy's returns times a beta.
  case proxy(ProxyUse)
  /// It is the currency that everything is said in.
  case cash
  /// Too few prices of its own: so many returns.
  case leftOut(have: Int)
}

/// Returns of held assets on common bars.
///
/// Prices come at different times, and returns of ticks that are not of one time correlate less than
/// the assets do (T. W. Epps, Comovements in stock prices in the very short run, JASA 74, 1979).
/// So returns are taken on a common grid of bars, hours or days of UTC: each asset counts with its
/// previous tick, the last price before the bar's end. Over an hour or a day the price is seconds old,
/// and the bias is nothing. Hayashi and Yoshida's estimator, which uses every tick, is for windows of
/// minutes, where noise of bid and ask would need correction as well; it stands in
/// `AsynchronousCovariance` for whoever looks at a day.
///
/// An asset without a price in a bar keeps its last one for up to three bars, whose returns are zero;
/// the change shows in the bar in which it trades again. A longer gap, and the time before it first
/// traded, is filled by the proxy's return times the asset's beta where there are enough common
/// returns; without them the asset is left out and counted.
struct RiskGrid: Sendable {
  /// How long a bar is.
  let length: BarLength
  /// The assets whose returns are known, in order.
  let assets: [AssetID]
  /// Returns by asset, the oldest first.
  let returns: [[Double]]
  /// When the bars of the returns begin.
  let starts: [Instant]
  /// The last close of each asset.
  let closes: [Double]
  /// Each asset's beta to the benchmark; `nil` without enough common returns.
  let betas: [Double?]
  /// How each held asset is known, assets that are left out among them.
  let sources: [AssetID: RiskSource]
  /// How many prices were carried into a bar without one.
  let carried: Int

  /// What it is made with.
  struct Ask {
    var held: [AssetID]
    var cash: AssetID
    var benchmark: AssetID
    var standards = RiskStandards()
    /// The most returns.
    var window = 365
    /// How long a bar may be, the best first.
    var lengths: [BarLength] = [.day, .hour]
  }

  /// The most bars into which a price is carried.
  static let mostCarried = 3

  /// Lines up bars.
  ///
  /// - Parameters:
  ///   - ask: What it is made with.
  ///   - bars: An asset's closed bars of a length, the oldest first.
  /// - Returns: Returns of the first length that has enough of them.
  /// - Throws: `RiskRefusal.tooFew` where no length has enough returns.
  static func make(
    _ ask: Ask, bars: (AssetID, BarLength) -> [PriceBar]
  ) throws(RiskRefusal) -> RiskGrid {
    var most = 0
    for length in ask.lengths {
      let columns = Columns(ask, length, bars)
      most = max(most, columns.longest)
      if let grid = columns.grid { return grid }
    }
    throw .tooFew(have: most, needed: ask.standards.covariance)
  }
}

/// Prices of one bar length on the grid.
private struct Columns {
  let ask: RiskGrid.Ask
  let length: BarLength
  var starts: [Instant] = []
  var assets: [AssetID] = []
  var prices: [[Double?]] = []
  var base: [Double?] = []
  var carried = 0

  init(_ ask: RiskGrid.Ask, _ length: BarLength, _ bars: (AssetID, BarLength) -> [PriceBar]) {
    self.ask = ask
    self.length = length
    assets = ask.held.filter { $0 != ask.cash }.sorted()
    let all = assets.map { bars($0, length) }
    prices = assets.map { _ in [] }
    let ends = all.compactMap { $0.last?.start }
    guard let end = ends.max() else { return }
    let least = all.compactMap { $0.first?.start }.min() ?? end
    let span = (end.seconds - least.seconds) / length.seconds + 1
    let count = Int(min(max(span, 1), Int64(ask.window) + 1))
    starts = (0..<count).map { index in
      end.advanced(bySeconds: -length.seconds * Int64(count - 1 - index))
    }
    for (place, series) in all.enumerated() { prices[place] = column(series) }
    let held = assets.firstIndex(of: ask.benchmark)
    base = held.map { prices[$0] } ?? column(bars(ask.benchmark, length), counts: false)
  }

  /// How many returns the longest history has.
  var longest: Int {
    prices.map { max($0.count { $0 != nil } - 1, 0) }.max() ?? 0
  }

  private mutating func column(_ bars: [PriceBar], counts: Bool = true) -> [Double?] {
    var column = [Double?](repeating: nil, count: starts.count)
    guard let first = starts.first else { return column }
    for bar in bars {
      let steps = (bar.start.seconds - first.seconds) / length.seconds
      guard bar.start >= first, steps < Int64(column.count) else { continue }
      let close = bar.close.fixed.approximate
      if close > 0 { column[Int(steps)] = close }
    }
    var last: Double?
    var run = 0
    for place in column.indices {
      if column[place] != nil {
        last = column[place]
        run = 0
      } else if last != nil, run < RiskGrid.mostCarried {
        run += 1
        column[place] = last
        if counts { carried += 1 }
      } else {
        last = nil
      }
    }
    return column
  }

  private func returns(_ column: [Double?]) -> [Double?] {
    zip(column, column.dropFirst()).map { first, second in
      guard let first, let second else { return nil }
      return ReturnKind.simple.between(first, second)
    }
  }

  /// The grid; `nil` where there are too few returns.
  var grid: RiskGrid? {
    let own = prices.map(returns)
    let base = returns(base)
    // With a proxy the window begins where the proxy's whole history does.
    let proxyStart = (base.lastIndex { $0 == nil }).map { $0 + 1 } ?? 0
    let needed = ask.standards.covariance
    if base.count - proxyStart >= needed { return filled(own, base, from: proxyStart) }
    return unfilled(own, base)
  }

  private func filled(_ own: [[Double?]], _ base: [Double?], from start: Int) -> RiskGrid? {
    let proxy = base[start...].map { $0 ?? 0 }
    var kept: [(asset: Int, returns: [Double], beta: Double?)] = []
    var sources: [AssetID: RiskSource] = [:]
    for (place, asset) in assets.enumerated() {
      let column = Array(own[place][start...])
      let known = column.count { $0 != nil }
      let beta = beta(column, proxy)
      if known == column.count {
        sources[asset] = .own
        kept.append((place, column.map { $0 ?? 0 }, beta))
      } else if let beta, known >= ask.standards.beta {
        sources[asset] = .proxy(
          ProxyUse(
            asset: asset.ticker, proxy: ask.benchmark.ticker, beta: beta, commonReturns: known,
            filledReturns: column.count - known))
        let whole = zip(column, proxy).map { $0 ?? max(beta * $1, -1) }
        kept.append((place, whole, beta))
      } else {
        sources[asset] = .leftOut(have: known)
      }
    }
    return grid(kept, sources, Array(starts.dropFirst(start + 1)))
  }

  /// Without a proxy the window is as long as the shortest history that is long enough.
  private func unfilled(_ own: [[Double?]], _ base: [Double?]) -> RiskGrid? {
    let needed = ask.standards.covariance
    var lengths: [Int: Int] = [:]
    for place in assets.indices {
      let tail = own[place].count - ((own[place].lastIndex { $0 == nil }).map { $0 + 1 } ?? 0)
      if tail >= needed { lengths[place] = tail }
    }
    guard let window = lengths.values.min() else { return nil }
    var sources: [AssetID: RiskSource] = [:]
    var kept: [(asset: Int, returns: [Double], beta: Double?)] = []
    for (place, asset) in assets.enumerated() {
      guard lengths[place] != nil else {
        sources[asset] = .leftOut(have: own[place].count { $0 != nil })
        continue
      }
      sources[asset] = .own
      let column = own[place].suffix(window).map { $0 ?? 0 }
      kept.append((place, column, nil))
    }
    return grid(kept, sources, Array(starts.suffix(window)))
  }

  private func grid(
    _ kept: [(asset: Int, returns: [Double], beta: Double?)], _ sources: [AssetID: RiskSource],
    _ starts: [Instant]
  ) -> RiskGrid? {
    guard !kept.isEmpty else { return nil }
    var sources = sources
    if ask.held.contains(ask.cash) { sources[ask.cash] = .cash }
    return RiskGrid(
      length: length, assets: kept.map { assets[$0.asset] }, returns: kept.map(\.returns),
      starts: starts, closes: kept.map { (prices[$0.asset].last ?? nil) ?? 0 },
      betas: kept.map(\.beta), sources: sources, carried: carried)
  }

  private func beta(_ own: [Double?], _ base: [Double]) -> Double? {
    var left: [Double] = []
    var right: [Double] = []
    for (one, other) in zip(own, base) {
      guard let one else { continue }
      left.append(one)
      right.append(other)
    }
    guard left.count >= ask.standards.beta, let matrix = Covariance.sample([left, right]),
      matrix[1, 1] > 0
    else { return nil }
    return matrix[0, 1] / matrix[1, 1]
  }
}
