import Amounts
import Ledger
import Prices
import Risk
import Statistics
import Wire

/// What figures that need all of the past are computed from, beside the loop: values only.
struct RiskInput: Sendable {
  let time: Instant
  let currency: Currency
  let settings: RiskSettings
  /// What all is worth, and the sum of what each is worth without its sign.
  let net: Double
  let gross: Double
  /// Why there are no returns.
  let refusal: RiskRefusal?
  let length: BarLength
  let assets: [AssetID]
  let exposures: [Double]
  let betas: [Double?]
  let returns: [[Double]]
  let starts: [Instant]
  /// The carried volatility of a bar, in money.
  let volatility: Double
  let sources: [AssetID: RiskSource]

  /// The number of returns.
  var sampleSize: Int { starts.count }
  /// How many bars a day has.
  var barsPerDay: Double { Double(BarLength.day.seconds) / Double(length.seconds) }
  /// The returns with the text of their assets.
  var table: ReturnTable {
    ReturnTable(
      assets: assets.map(\.text), bars: starts.map(\.description), returns: returns)
  }
}

extension RiskDesk {
  /// What a study is computed from.
  func input(at now: Instant) -> RiskInput {
    RiskInput(
      time: now, currency: currency, settings: settings, net: net, gross: gross,
      refusal: refusal, length: model?.grid.length ?? .day, assets: model?.grid.assets ?? [],
      exposures: model?.book.exposures ?? [], betas: model?.grid.betas ?? [],
      returns: model?.returns ?? [], starts: model?.starts ?? [],
      volatility: model?.book.volatility ?? 0, sources: model?.grid.sources ?? [:])
  }
}

/// How a loss figure is found.
enum RiskMethod: String, Hashable, Sendable, CaseIterable {
  case parametric
  case historical
  case cornishFisher = "cornish-fisher"
  case filtered
  case monteCarlo = "monte-carlo"

  /// How it is found, in words.
  func note(_ input: RiskInput) -> String {
    let decay = input.settings.decay(input.length)
    switch self {
    case .parametric: return "normal, EWMA \(decay), mean zero"
    case .historical: return "type 7 quantile; ES mean of worst"
    case .cornishFisher: return "normal, corrected for skewness and kurtosis"
    case .filtered: return "past returns at today's EWMA \(decay) volatility"
    case .monteCarlo:
      return "\(RiskStudy.paths) paths, Student 5, Ledoit-Wolf covariance"
    }
  }
}

/// One loss figure with what it rests on, or a refusal.
struct RiskLine: Hashable, Sendable {
  let method: RiskMethod
  let confidence: Double
  /// In days.
  let horizon: Int
  /// In money; `nil` where refused.
  let valueAtRisk: Double?
  let shortfall: Double?
  let note: String
  /// Why there is no figure.
  var refusal = ""
}

/// A back-test of one rule, of today's holdings over the past.
struct BacktestLine: Hashable, Sendable {
  let method: RiskMethod
  let confidence: Double
  let observations: Int
  let exceptions: Int
  let expected: Double
  let coverage: Double?
  let independence: Double?
  let both: Double?
  let zone: TrafficLight.Zone
}

/// Loss figures of all methods, and how the methods did in the past.
struct RiskStudy: Sendable {
  let time: Instant
  let lines: [RiskLine]
  let backtests: [BacktestLine]

  /// How many paths are drawn.
  static let paths = 100_000

  /// Computes.
  ///
  /// - Parameters:
  ///   - input: What is held and what prices did.
  ///   - confidences: Between one half and 1.
  ///   - horizons: In days; losses grow with the root of time.
  ///   - methods: The methods wanted.
  ///   - isTested: Whether the rules are held against the past.
  init(
    _ input: RiskInput, confidences: [Double] = [0.95, 0.99], horizons: [Int] = [1, 10],
    methods: [RiskMethod] = RiskMethod.allCases, isTested: Bool = true
  ) {
    time = input.time
    var lines: [RiskLine] = []
    var finder = LossFinder(input)
    for method in methods {
      for confidence in confidences {
        let found = finder.loss(method, confidence)
        for horizon in horizons {
          let factor = (Double(horizon) * input.barsPerDay).squareRoot()
          switch found {
          case .success(let loss):
            lines.append(
              RiskLine(
                method: method, confidence: confidence, horizon: horizon,
                valueAtRisk: loss.valueAtRisk * factor,
                shortfall: loss.shortfall.map { $0 * factor },
                note: loss.note + RiskStudy.scaling(input, horizon)))
          case .failure(let refusal):
            lines.append(
              RiskLine(
                method: method, confidence: confidence, horizon: horizon, valueAtRisk: nil,
                shortfall: nil, note: "", refusal: refusal.text))
          }
        }
      }
    }
    self.lines = lines
    backtests = isTested ? RiskStudy.backtests(finder.profits, input) : []
  }

  private static func scaling(_ input: RiskInput, _ horizon: Int) -> String {
    if input.length == .hour { return "; hours times root of \(24 * horizon)" }
    return horizon == 1 ? "" : "; a day's times root of \(horizon)"
  }

  /// The carried rules against what today's holdings would have done.
  private static func backtests(_ profits: [Double], _ input: RiskInput) -> [BacktestLine] {
    guard input.refusal == nil else { return [] }
    var lines: [BacktestLine] = []
    let decay = input.settings.decay(input.length)
    for confidence in [0.95, 0.99] {
      var forecasts: [(RiskMethod, [Double?])] = [
        (
          .parametric,
          RollingForecast.exponential(
            profits, lambda: decay, window: input.settings.standards.covariance, confidence)
        )
      ]
      let window = input.settings.standards.historical
      if profits.count > window + 20 {
        forecasts.append(
          (.historical, RollingForecast.historical(profits, window: window, confidence)))
      }
      for (method, forecast) in forecasts {
        // The supervisors' zones are of a year of days.
        let last = 250
        let (test, _) = Backtest.comparing(
          Array(profits.suffix(last)), Array(forecast.suffix(last)), confidence: confidence)
        guard test.hits.count >= 20 else { continue }
        lines.append(
          BacktestLine(
            method: method, confidence: confidence, observations: test.hits.count,
            exceptions: test.count, expected: Double(test.hits.count) * (1 - confidence),
            coverage: test.coverage?.probability, independence: test.independence?.probability,
            both: test.conditionalCoverage?.probability, zone: test.trafficLight.zone))
      }
    }
    return lines
  }
}

/// Finds losses of a bar, keeping what several figures need.
private struct LossFinder {
  struct Loss {
    let valueAtRisk: Double
    let shortfall: Double?
    let note: String
  }

  let input: RiskInput
  /// What today's holdings would have brought in each past bar, in money.
  let profits: [Double]
  private var paths: MonteCarlo?
  private var hasDrawn = false

  init(_ input: RiskInput) {
    self.input = input
    var profits = [Double](repeating: 0, count: input.refusal == nil ? input.starts.count : 0)
    for (column, exposure) in zip(input.returns, input.exposures) where !profits.isEmpty {
      for bar in profits.indices { profits[bar] += exposure * column[bar] }
    }
    self.profits = profits
  }

  mutating func loss(_ method: RiskMethod, _ confidence: Double) -> Result<Loss, RiskRefusal> {
    if let refusal = input.refusal { return .failure(refusal) }
    guard confidence > 0.5, confidence < 1 else { return .failure(.notAConfidence(confidence)) }
    guard let deviation = Sample(profits).standardDeviation(), deviation > 0 else {
      return .failure(.noVariance)
    }
    let standards = input.settings.standards
    let needed: Int
    switch method {
    case .parametric, .monteCarlo: needed = standards.covariance
    case .historical, .cornishFisher, .filtered: needed = standards.historical
    }
    guard profits.count >= needed else {
      return .failure(.tooFew(have: profits.count, needed: needed))
    }
    let note = method.note(input)
    switch method {
    case .parametric:
      return found(
        ParametricLoss.normal(mean: 0, deviation: input.volatility, confidence).map {
          Loss(valueAtRisk: $0.valueAtRisk, shortfall: $0.expectedShortfall, note: note)
        })
    case .historical: return found(HistoricalLosses(profits), confidence, note)
    case .filtered:
      let decay = input.settings.decay(input.length)
      return found(
        FilteredLosses.exponential(profits, lambda: decay)?.losses, confidence, note)
    case .cornishFisher: return found(cornishFisher(deviation, confidence, note))
    case .monteCarlo:
      draw()
      return found(
        paths?.loss(confidence).map {
          Loss(valueAtRisk: $0.valueAtRisk, shortfall: $0.expectedShortfall, note: note)
        })
    }
  }

  private func found(_ loss: Loss?) -> Result<Loss, RiskRefusal> {
    loss.map { .success($0) } ?? .failure(.noVariance)
  }

  private func found(
    _ losses: HistoricalLosses?, _ confidence: Double, _ note: String
  ) -> Result<Loss, RiskRefusal> {
    guard let losses, let loss = losses.valueAtRisk(confidence) else {
      return .failure(.noVariance)
    }
    return .success(
      Loss(valueAtRisk: loss, shortfall: losses.expectedShortfall(confidence), note: note))
  }

  private func cornishFisher(_ deviation: Double, _ confidence: Double, _ note: String) -> Loss? {
    let mean = Sample(profits).mean ?? 0
    let count = Double(profits.count)
    var (third, fourth) = (0.0, 0.0)
    for profit in profits {
      let part = (profit - mean) / deviation
      third += part * part * part
      fourth += part * part * part * part
    }
    let correction = ParametricLoss.CornishFisher(
      confidence, skewness: third / count, excessKurtosis: fourth / count - 3)
    guard let correction else { return nil }
    let doubt = correction.isMonotone ? "" : "; outside its domain: too fat tails"
    return Loss(
      valueAtRisk: -(mean + correction.quantile * deviation), shortfall: nil, note: note + doubt)
  }

  private mutating func draw() {
    if hasDrawn { return }
    hasDrawn = true
    guard let shrunk = Shrinkage.identity(input.returns) else { return }
    paths = MonteCarlo(
      paths: RiskStudy.paths, means: input.assets.map { _ in 0 },
      covariance: shrunk.matrix, weights: input.exposures, distribution: .student(degrees: 5),
      seed: 1)
  }
}

extension RiskRefusal {
  /// The reason in words.
  var text: String {
    switch self {
    case .tooFew(let have, let needed): "\(have) of \(needed) returns that it needs"
    case .noHistory(let asset, let have, let needed):
      "\(asset) has \(have) of \(needed) returns that it needs"
    case .noVariance: "nothing that is held varies"
    case .notAConfidence: "the confidence is not between one half and 1"
    }
  }
}

/// What a heat map is of.
struct HeatmapKey: Hashable, Sendable {
  var measure = CorrelationMeasure.pearson
  /// How many of the last bars.
  var window = 90

  /// The windows that may be asked for.
  static let windows = 20...1_000
  /// The most assets that are shown; the greatest holdings.
  static let mostAssets = 64

  /// Reads what follows `heatmap:`: `spearman:90`.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let measure = CorrelationMeasure(rawValue: String(parts[0])),
      let window = Int(parts[1]), HeatmapKey.windows.contains(window)
    else { return nil }
    self.init(measure, window)
  }

  init(_ measure: CorrelationMeasure = .pearson, _ window: Int = 90) {
    self.measure = measure
    self.window = window
  }
}

/// Correlations in an order that shows groups, and pairs that changed.
struct HeatmapStudy: Sendable {
  let time: Instant
  let key: HeatmapKey
  /// `nil` where refused.
  let map: CorrelationMap?
  let breaks: CorrelationBreaks?
  /// Why there is none.
  let refusal: String
  /// Why no pairs are watched.
  let breakRefusal: String
  let from: Instant?
  let to: Instant?
  let length: BarLength
  /// The holdings that are not shown, as there are too many or their prices are too few.
  let leftOut: Int

  /// How many of the last bars count as now for pairs that changed.
  static let recent = 30
  /// The probability of any false alarm among all pairs.
  static let alarmRate = 0.01

  /// Computes.
  init(_ input: RiskInput, _ key: HeatmapKey) {
    time = input.time
    self.key = key
    length = input.length
    if let reason = input.refusal {
      (map, breaks, refusal, breakRefusal) = (nil, nil, reason.text, reason.text)
      (from, to, leftOut) = (nil, nil, input.sources.count)
      return
    }
    let order = input.assets.indices.sorted {
      abs(input.exposures[$0]) > abs(input.exposures[$1])
    }
    let shown = order.prefix(HeatmapKey.mostAssets).sorted()
    let whole = ReturnTable(
      assets: shown.map { input.assets[$0].text }, bars: input.starts.map(\.description),
      returns: shown.map { input.returns[$0] })
    let table = whole.last(key.window)
    let held = input.sources.values.count { $0 != .cash }
    leftOut = held - shown.count
    from = input.starts.suffix(key.window).first
    to = input.starts.last
    var standards = input.settings.standards
    standards.covariance = min(standards.covariance, key.window)
    do {
      map = try CorrelationMap(table, key.measure, standards: standards)
      refusal = ""
    } catch {
      map = nil
      refusal = error.text
    }
    do {
      breaks = try CorrelationBreaks(
        whole, recent: HeatmapStudy.recent, control: .anyAlarm(HeatmapStudy.alarmRate),
        standards: input.settings.standards)
      breakRefusal = ""
    } catch {
      breaks = nil
      breakRefusal = error.text
    }
  }
}

/// What was computed beside the loop, and what is wanted.
struct RiskStudies: Sendable {
  /// The most heat maps that are kept.
  static let mostHeatmaps = 6
  /// How old a study may be, in seconds, as holdings change while bars do not.
  static let goodFor: Int64 = 60

  private(set) var risk: RiskStudy?
  private(set) var heatmaps: [HeatmapKey: HeatmapStudy] = [:]
  private var isRiskOld = true
  private var oldMaps: Set<HeatmapKey> = []
  private var underWay: Set<HeatmapKey?> = []

  /// The bars are others: everything is to be computed again when it is wanted.
  mutating func outdate() {
    isRiskOld = true
    oldMaps.formUnion(heatmaps.keys)
  }

  /// What is to be computed for the boards that are looked at.
  mutating func wanted(
    _ boards: Set<String>, at now: Instant, input: () -> RiskInput
  ) -> [RiskTask] {
    var tasks: [RiskTask] = []
    let isRiskWanted = boards.contains { $0 == Board.risk || $0 == Board.backtests }
    let isStale = risk.map { now.seconds - $0.time.seconds >= RiskStudies.goodFor } ?? true
    if isRiskWanted, isRiskOld || isStale, !underWay.contains(nil) {
      underWay.insert(nil)
      tasks.append(.risk(input()))
    }
    let names = boards.compactMap { RiskStudies.heatmap($0) }
    for key in Set(names) where heatmaps[key] == nil || oldMaps.contains(key) {
      guard !underWay.contains(key) else { continue }
      underWay.insert(key)
      tasks.append(.heatmap(input(), key))
    }
    return tasks
  }

  /// The heat map that a board's name means.
  static func heatmap(_ name: String) -> HeatmapKey? {
    for prefix in [Board.heatmap, Board.radar] where name.hasPrefix(prefix) {
      return HeatmapKey(name.dropFirst(prefix.count))
    }
    return nil
  }

  /// Takes a result in.
  mutating func take(_ result: RiskResult) {
    switch result {
    case .risk(let study):
      risk = study
      isRiskOld = false
      underWay.remove(nil)
    case .heatmap(let study):
      if heatmaps.count >= RiskStudies.mostHeatmaps, heatmaps[study.key] == nil,
        let oldest = heatmaps.min(by: { $0.value.time < $1.value.time })?.key
      {
        heatmaps[oldest] = nil
      }
      heatmaps[study.key] = study
      oldMaps.remove(study.key)
      underWay.remove(study.key)
    case .answer: break
    }
  }
}

/// Something to compute beside the loop, from values alone.
enum RiskTask: Sendable {
  case risk(RiskInput)
  case heatmap(RiskInput, HeatmapKey)
  /// The answer to a request.
  case answer(WorkID, RiskInput, RiskQuestion)

  /// Computes it.
  func run() -> RiskResult {
    switch self {
    case .risk(let input): .risk(RiskStudy(input))
    case .heatmap(let input, let key): .heatmap(HeatmapStudy(input, key))
    case .answer(let work, let input, let question): .answer(work, question.answer(input))
    }
  }
}

/// What was computed.
enum RiskResult: Sendable {
  case risk(RiskStudy)
  case heatmap(HeatmapStudy)
  case answer(WorkID, Report)
}

/// What a request asks that is computed beside the loop.
enum RiskQuestion: Hashable, Sendable {
  case figures(confidences: [Double], horizons: [Int], methods: [RiskMethod])
  case backtests
  case heatmap(HeatmapKey)
  case radar(HeatmapKey)
  case pair(PairStudy.Pair, HeatmapKey)

  func answer(_ input: RiskInput) -> Report {
    switch self {
    case .figures(let confidences, let horizons, let methods):
      RiskReports.figures(
        RiskStudy(input, confidences: confidences, horizons: horizons, methods: methods), input)
    case .backtests:
      RiskReports.backtests(
        RiskStudy(input, confidences: [], horizons: [], methods: []), input)
    case .heatmap(let key): RiskReports.heatmap(HeatmapStudy(input, key))
    case .radar(let key): RiskReports.radar(HeatmapStudy(input, key))
    case .pair(let pair, let key): PairStudy.report(pair, key, input)
    }
  }
}
