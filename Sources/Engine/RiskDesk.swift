import Amounts
import Ledger
import Portfolio
import Prices
import Risk
import Statistics
import Wire

/// What risk figures are made with.
struct RiskSettings: Hashable, Sendable {
  /// What stands in for assets with a short history.
  var benchmark = AssetID.native(chain: "bitcoin")
  /// The confidence of the figures that are carried from tick to tick.
  var confidence = 0.99
  /// The decay of a day.
  ///
  /// Source: J.P. Morgan/Reuters, RiskMetrics Technical Document, 4th ed., 1996, section 5.3.
  var dailyDecay = 0.94
  /// The decay of an hour, which is RiskMetrics' for longer horizons, so that a night is remembered.
  var hourlyDecay = 0.97
  /// The most bars that are looked back upon.
  var window = 365
  /// How many observations figures need.
  var standards = RiskStandards()
  /// What may not be exceeded.
  var limits = RiskLimits()

  /// The decay of a bar.
  func decay(_ length: BarLength) -> Double { length == .day ? dailyDecay : hourlyDecay }
}

/// The figures that follow every tick, of one bar.
struct RiskFigures: Hashable, Sendable {
  /// The standard deviation, in money.
  var volatility: Double
  /// The normal value at risk, in money.
  var valueAtRisk: Double
  /// The normal shortfall, in money.
  var shortfall: Double
  /// What the past bars would do to the portfolio; `nil` where there are too few of them.
  var historical: ScenarioBook.Figures?
}

/// Risk of what is held: folded from the prices positions are valued at, and from bars that end.
///
/// A changed position costs one row of the covariance and one of the past returns, O(N + T); a bar
/// that ends O(N), and O(N²) once in eight bars; nothing else touches N². What needs all of the past
/// (Monte Carlo, filtered history, back-tests, the order of the heat map) is a `RiskTask` that is done
/// beside the loop when a bar has ended, and is shown with its time.
///
/// Law: after any ticks and bars the books equal those made anew of the same bars and values, to
/// 10⁻¹¹ of the greatest volatility; once the window is full the oldest bar's weight, λ to the number
/// of bars, comes on top, as the new books never saw it.
struct RiskDesk: Sendable {
  private(set) var settings: RiskSettings
  private(set) var currency: Currency
  /// The books; `nil` while there are too few data.
  private(set) var model: RiskModel?
  /// Why there are no books.
  private(set) var refusal: RiskRefusal? = .tooFew(have: 0, needed: RiskStandards().covariance)
  /// What is held, by asset, in money; only what has a price.
  private(set) var values: [AssetID: Double] = [:]
  /// What is held, with and without a price.
  private(set) var positions: [AssetID: Position] = [:]
  private(set) var accounts: [AccountID: Account] = [:]
  /// The sum of absolute values.
  private(set) var gross = 0.0
  /// The sum of values.
  private(set) var net = 0.0
  /// The sum of squared values.
  private var squares = 0.0
  /// When the books are to be made anew; `nil` while they are right.
  private var renewAt: Instant?
  private var pending = PendingBar()
  /// What was computed beside the loop.
  var studies = RiskStudies()

  /// The ids of the venues that are known: who has what lies there in custody.
  let venues: Set<String>

  init(currency: Currency, settings: RiskSettings = RiskSettings(), venues: Set<String>) {
    self.currency = currency
    self.settings = settings
    self.venues = venues
  }

  /// How long the desk waits for more of the same before it makes its books anew.
  static let renewPause: Int64 = 1
  /// How long after a bar's end the prices of slow assets are waited for, in seconds.
  static let barPause: Int64 = 90

  /// The concentration of absolute values, from 1/N to 1; `nil` where nothing is held.
  var herfindahl: Double? { gross > 0 ? squares / (gross * gross) : nil }

  /// The figures as they are now.
  mutating func figures() -> RiskFigures? { model?.figures() }

  /// Whether the books wait to be made anew.
  var isOld: Bool { renewAt != nil }

  /// Those of some boards whose figures are made here.
  static func boards(in names: Set<String>) -> Set<String> {
    if names.isEmpty { return names }
    let own: Set = [
      Board.risk, Board.riskLive, Board.riskParts, Board.stress, Board.riskLimits,
      Board.backtests,
    ]
    return names.filter { name in
      own.contains(name) || name.hasPrefix(Board.exposure) || name.hasPrefix(Board.heatmap)
        || name.hasPrefix(Board.radar)
    }
  }

  /// When something is due by itself.
  func wakeAt(after now: Instant) -> Instant? {
    [renewAt, pending.closesAt].compactMap { $0 }.min()
  }

  /// Takes in what a settlement changed.
  ///
  /// - Returns: Whether a figure is different.
  mutating func settled(
    _ settlement: Settlement, changed: [Position], removed: [AssetID], at now: Instant
  ) -> Bool {
    if settlement.currency != currency {
      self = RiskDesk(currency: settlement.currency, settings: settings, venues: venues)
      for position in settlement.settled { positions[position.asset] = position }
      for position in positions.values { set(position.asset, position.value, at: now) }
      renewAt = now
    }
    accounts = settlement.accounts
    for place in changed.indices {
      positions[changed[place].asset] = changed[place]
      set(changed[place].asset, changed[place].value, at: now)
    }
    for asset in removed {
      positions[asset] = nil
      set(asset, nil, at: now)
    }
    return !changed.isEmpty || !removed.isEmpty
  }

  private mutating func set(_ asset: AssetID, _ value: Fixed?, at now: Instant) {
    let new = value?.approximate ?? 0
    let known =
      value == nil ? values.removeValue(forKey: asset) : values.updateValue(new, forKey: asset)
    let old = known ?? 0
    gross += abs(new) - abs(old)
    net += new - old
    squares += new * new - old * old
    let isKnown = model?.set(new, of: asset) ?? false
    if !isKnown, value != nil { renewSoon(now) }
  }

  /// Takes in bars that are over.
  ///
  /// - Returns: Whether a figure is different.
  mutating func take(_ bars: [AssetBar], at now: Instant) -> Bool {
    var isChanged = false
    for bar in bars where bar.length == .day || bar.length == .hour {
      guard let model else {
        if values[bar.asset] != nil { renewSoon(now) }
        continue
      }
      // Days that have become known may be enough to do without hours.
      if bar.length == .day, model.grid.length == .hour { renewSoon(now) }
      guard bar.length == model.grid.length, let place = model.index[bar.asset] else { continue }
      if bar.bar.start <= model.lastStart {
        renewSoon(now)
        continue
      }
      if let start = pending.start, bar.bar.start > start {
        isChanged = close(at: now) || isChanged
      }
      pending.take(bar.bar, place, length: model.grid.length)
      if pending.closes.count == model.grid.assets.count {
        isChanged = close(at: now) || isChanged
      }
    }
    return isChanged
  }

  /// The bars are others than before: the books are made anew.
  mutating func renewSoon(_ now: Instant) {
    if renewAt == nil { renewAt = now.advanced(bySeconds: RiskDesk.renewPause) }
  }

  /// Does what is due.
  ///
  /// - Parameters:
  ///   - now: When.
  ///   - bars: An asset's closed bars of a length.
  /// - Returns: Whether a figure is different.
  mutating func tick(at now: Instant, bars: (AssetID, BarLength) -> [PriceBar]) -> Bool {
    var isChanged = false
    if let due = pending.closesAt, now >= due { isChanged = close(at: now) }
    if let due = renewAt, now >= due {
      renew(bars: bars)
      isChanged = true
    }
    return isChanged
  }

  /// Sets what figures are made with; the books are made anew.
  mutating func use(_ settings: RiskSettings, at now: Instant) {
    guard settings != self.settings else { return }
    let before = self.settings
    self.settings = settings
    var same = settings
    same.limits = before.limits
    if same != before { renewAt = now }
  }

  /// Makes the books anew of all bars.
  mutating func renew(bars: (AssetID, BarLength) -> [PriceBar]) {
    renewAt = nil
    pending = PendingBar()
    studies.outdate()
    resum()
    let ask = RiskGrid.Ask(
      held: values.keys.sorted(), cash: QuoteBoard.asset(of: currency),
      benchmark: settings.benchmark, standards: settings.standards, window: settings.window)
    do {
      let grid = try RiskGrid.make(ask, bars: bars)
      model = RiskModel(grid, values: values, settings)
      refusal = nil
    } catch {
      model = nil
      refusal = error
    }
  }

  /// Ends the bar that is waited for.
  private mutating func close(at now: Instant) -> Bool {
    defer { pending = PendingBar() }
    guard let start = pending.start, model != nil else { return false }
    let isWhole = model?.close(pending.closes, start: start, window: settings.window) ?? true
    if !isWhole { renewSoon(now) }
    resum()
    studies.outdate()
    return true
  }

  /// Adds the sums up anew, so that rounding does not gather.
  private mutating func resum() {
    (gross, net, squares) = (0, 0, 0)
    for value in values.values {
      gross += abs(value)
      net += value
      squares += value * value
    }
  }
}

/// A bar whose prices come in.
private struct PendingBar: Sendable {
  var start: Instant?
  var closes: [Int: Double] = [:]
  var closesAt: Instant?

  mutating func take(_ bar: PriceBar, _ place: Int, length: BarLength) {
    start = bar.start
    closes[place] = bar.close.fixed.approximate
    closesAt = bar.start.advanced(bySeconds: length.seconds + RiskDesk.barPause)
  }
}

/// The books of a portfolio and the returns that they are of.
struct RiskModel: Sendable {
  /// As it was when the books were made; its returns are those of then.
  let grid: RiskGrid
  /// The place of each asset.
  let index: [AssetID: Int]
  private(set) var book: RiskBook
  private(set) var scenarios: ScenarioBook?
  /// Returns by asset, the oldest first, the bars that ended since among them.
  private(set) var returns: [[Double]]
  private(set) var starts: [Instant]
  /// What the books say of an unknown asset changes nothing; that it is known does.
  private let known: Set<AssetID>
  private var closes: [Double]
  private var carried: [Int]
  private let leastScenarios: Int

  init(_ grid: RiskGrid, values: [AssetID: Double], _ settings: RiskSettings) {
    self.grid = grid
    var index: [AssetID: Int] = [:]
    for (place, asset) in grid.assets.enumerated() { index[asset] = place }
    self.index = index
    known = Set(grid.sources.keys)
    let exposures = grid.assets.map { values[$0] ?? 0 }
    book = RiskBook(
      exposures: exposures, lambda: settings.decay(grid.length), confidence: settings.confidence)
    for bar in grid.starts.indices { book.close(returns: grid.returns.map { $0[bar] }) }
    returns = grid.returns
    starts = grid.starts
    closes = grid.closes
    carried = grid.assets.map { _ in 0 }
    leastScenarios = settings.standards.historical
    if starts.count >= leastScenarios {
      scenarios = ScenarioBook(
        returns: returns, exposures: exposures, confidence: settings.confidence)
    }
  }

  /// When the last bar began.
  var lastStart: Instant { starts.last ?? Instant(microseconds: 0) }

  /// Takes what is held of an asset.
  ///
  /// - Returns: Whether it is known how the asset's risk stands, if only that it is left out.
  mutating func set(_ value: Double, of asset: AssetID) -> Bool {
    guard let place = index[asset] else { return known.contains(asset) }
    book.setExposure(value, of: place)
    scenarios?.setExposure(value, of: place)
    return true
  }

  /// Ends a bar.
  ///
  /// - Parameters:
  ///   - prices: The last price in the bar, of those that have one; others keep theirs.
  ///   - start: When it began.
  ///   - window: The most bars that are looked back upon.
  /// - Returns: Whether the books are still right; if not, they are to be made anew.
  mutating func close(_ prices: [Int: Double], start: Instant, window: Int) -> Bool {
    var isRight = start.seconds - lastStart.seconds == grid.length.seconds
    var bar = [Double](repeating: 0, count: grid.assets.count)
    for place in bar.indices {
      guard let price = prices[place], price > 0 else {
        carried[place] += 1
        if carried[place] > RiskGrid.mostCarried { isRight = false }
        continue
      }
      carried[place] = 0
      if closes[place] > 0 { bar[place] = price / closes[place] - 1 } else { isRight = false }
      closes[place] = price
    }
    book.close(returns: bar)
    let isFull = starts.count >= window
    for place in bar.indices {
      returns[place].append(bar[place])
      if isFull { returns[place].removeFirst() }
    }
    starts.append(start)
    if isFull { starts.removeFirst() }
    if isFull, scenarios != nil {
      scenarios?.close(returns: bar)
    } else if starts.count >= leastScenarios {
      // The book of scenarios keeps its number of bars: until the window is full it is made anew.
      scenarios = ScenarioBook(
        returns: returns, exposures: book.exposures, confidence: book.confidence)
    }
    return isRight
  }

  /// The figures as they are now.
  mutating func figures() -> RiskFigures {
    RiskFigures(
      volatility: book.volatility, valueAtRisk: book.valueAtRisk,
      shortfall: book.expectedShortfall, historical: scenarios?.figures())
  }
}
