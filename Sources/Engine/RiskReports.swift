import Amounts
import Ledger
import Portfolio
import Prices
import Risk
import Statistics
import VenueKit
import Wire

/// Figures of risk as reports.
enum RiskReports {
  /// A share with four digits.
  static func share(_ part: Double?, of whole: Double) -> ReportCell {
    .statistic(whole > 0 ? part.map { $0 / whole } : nil, digits: 6)
  }

  static func money(_ value: Double?) -> ReportCell { .statistic(value, digits: 2) }

  static let figureColumns = [
    "figure", "method", "confidence", "horizon_days", "share", "value", "shortfall_share",
    "shortfall", "sample", "computed_at", "note", "refused",
  ]

  static func row(_ line: RiskLine, _ input: RiskInput, at time: Instant) -> [ReportCell] {
    [
      .text("value at risk"), .text(line.method.rawValue),
      .statistic(line.confidence, digits: 4), .integer(Int64(line.horizon)),
      share(line.valueAtRisk, of: input.net), money(line.valueAtRisk),
      share(line.shortfall, of: input.net), money(line.shortfall),
      .integer(Int64(input.sampleSize)), .integer(time.microseconds), .text(line.note),
      .text(line.refusal),
    ]
  }

  static func figures(_ study: RiskStudy, _ input: RiskInput) -> Report {
    Report(
      facts: facts(input), tableName: "figures", columns: figureColumns,
      rows: study.lines.map { row($0, input, at: study.time) })
  }

  /// What all figures rest on.
  static func facts(_ input: RiskInput) -> [Report.Fact] {
    var own = 0
    var proxied: [ProxyUse] = []
    var leftOut = 0
    for source in input.sources.values {
      switch source {
      case .own: own += 1
      case .proxy(let use): proxied.append(use)
      case .leftOut: leftOut += 1
      case .cash: break
      }
    }
    let modelled = input.exposures.reduce(0) { $0 + abs($1) }
    let cash = QuoteBoard.asset(of: input.currency)
    let isCashHeld = input.sources[cash] != nil
    let perYear = 365 * input.barsPerDay
    return [
      .init("currency", .text(input.currency.code)), .init("net", money(input.net)),
      .init("gross", money(input.gross)),
      .init("bars", .text(input.length == .day ? "days" : "hours")),
      .init("sample", .integer(Int64(input.sampleSize))),
      .init("window", .integer(Int64(input.settings.window))),
      .init("benchmark", .text(input.settings.benchmark.ticker)),
      .init("from", .text(input.starts.first.map { day($0) } ?? "")),
      .init("to", .text(input.starts.last.map { day($0) } ?? "")),
      .init("assets_with_own_prices", .integer(Int64(own))),
      .init("assets_by_proxy", .integer(Int64(proxied.count))),
      .init("assets_left_out", .integer(Int64(leftOut))),
      .init("modelled_share", share(modelled, of: input.gross)),
      .init("cash_is_riskless", .flag(isCashHeld)),
      .init(
        "volatility_year",
        share(input.refusal == nil ? input.volatility * perYear.squareRoot() : nil, of: input.net)),
      .init("refused", .text(input.refusal?.text ?? "")),
    ]
  }

  static func day(_ time: Instant) -> String { String(time.description.prefix(10)) }

  static func backtests(_ study: RiskStudy, _ input: RiskInput) -> Report {
    Report(
      facts: facts(input), tableName: "backtests",
      columns: [
        "method", "confidence", "observations", "exceptions", "expected", "coverage_p",
        "independence_p", "both_p", "zone",
      ],
      rows: study.backtests.map { line in
        [
          .text(line.method.rawValue), .statistic(line.confidence, digits: 4),
          .integer(Int64(line.observations)), .integer(Int64(line.exceptions)),
          .statistic(line.expected, digits: 1), .statistic(line.coverage, digits: 4),
          .statistic(line.independence, digits: 4), .statistic(line.both, digits: 4),
          .text(line.zone.rawValue),
        ]
      })
  }

  // MARK: Correlation

  static func heatmap(_ study: HeatmapStudy) -> Report {
    var facts = evidence(study)
    facts.append(.init("refused", .text(study.refusal)))
    guard let map = study.map else { return Report(facts: facts) }
    var names: [String] = []
    for text in map.assets {
      let ticker = AssetID(text)?.ticker ?? text
      let isTaken = names.contains(ticker) || ["asset", "name"].contains(ticker)
      names.append(isTaken ? "\(ticker)#\(names.count)" : ticker)
    }
    return Report(
      facts: facts, tableName: "correlations", columns: ["asset", "name"] + names,
      rows: map.assets.indices.map { row in
        [.text(map.assets[row]), .text(names[row])]
          + map.assets.indices.map { .statistic(map[row, $0], digits: 3) }
      })
  }

  private static func evidence(_ study: HeatmapStudy) -> [Report.Fact] {
    [
      .init("method", .text(study.key.measure.rawValue)),
      .init("window", .integer(Int64(study.key.window))),
      .init("bars", .text(study.length == .day ? "days" : "hours")),
      .init("sample", .integer(Int64(study.map?.sampleSize ?? 0))),
      .init("from", .text(study.from.map { day($0) } ?? "")),
      .init("to", .text(study.to.map { day($0) } ?? "")),
      .init("assets_left_out", .integer(Int64(study.leftOut))),
      .init("computed_at", .integer(study.time.microseconds)),
    ]
  }

  static func radar(_ study: HeatmapStudy) -> Report {
    var facts: [Report.Fact] = [
      .init("alarm_rate", .statistic(HeatmapStudy.alarmRate, digits: 4)),
      .init("pairs", .integer(Int64(study.breaks?.pairCount ?? 0))),
      .init("sample_before", .integer(Int64(study.breaks?.sampleSizes.first ?? 0))),
      .init("sample_now", .integer(Int64(study.breaks?.sampleSizes.last ?? 0))),
      .init("computed_at", .integer(study.time.microseconds)),
    ]
    facts.append(.init("refused", .text(study.breakRefusal)))
    func name(_ text: String) -> String { AssetID(text)?.ticker ?? text }
    return Report(
      facts: facts, tableName: "breaks",
      columns: ["first", "second", "before", "now", "change", "probability"],
      rows: (study.breaks?.breaks ?? []).prefix(100).map { pair in
        [
          .text(name(pair.first)), .text(name(pair.second)),
          .statistic(pair.before, digits: 3), .statistic(pair.now, digits: 3),
          .text(pair.now > pair.before ? "concentrating" : "diversifying"),
          .statistic(pair.probability, digits: 9),
        ]
      })
  }
}

// MARK: - Boards

extension RiskDesk {
  /// The share of a day's volume that may be sold without being the market.
  static let participation = 0.1

  /// A board as it is now; `nil` where its name is of another desk.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - now: When.
  ///   - volumes: What is known to be traded of assets in a day, in the assets.
  /// - Returns: The board; empty where there is none of that name.
  func board(_ name: String, at now: Instant, volumes: [AssetID: Fixed] = [:]) -> Report? {
    switch name {
    case Board.risk: return riskBoard(at: now)
    case Board.riskLive: return liveBoard(input(at: now))
    case Board.riskParts: return partsBoard(at: now, volumes)
    case Board.stress: return stressBoard(at: now)
    case Board.riskLimits: return limitsBoard(at: now)
    case Board.backtests:
      // Until the first study is there nothing is known.
      return studies.risk.map { RiskReports.backtests($0, input(at: now)) } ?? Report()
    default: break
    }
    if name.hasPrefix(Board.exposure) {
      let word = String(name.dropFirst(Board.exposure.count))
      return ExposureReport.Dimension(rawValue: word).map { exposureBoard($0, at: now) } ?? Report()
    }
    guard let key = RiskStudies.heatmap(name) else {
      return name.hasPrefix(Board.heatmap) || name.hasPrefix(Board.radar) ? Report() : nil
    }
    guard let study = studies.heatmaps[key] else { return Report() }
    return name.hasPrefix(Board.radar) ? RiskReports.radar(study) : RiskReports.heatmap(study)
  }

  private static let live: [RiskMethod] = [.parametric, .historical]

  /// The figures that follow every tick, then those that were computed beside the loop.
  private func riskBoard(at now: Instant) -> Report {
    let input = input(at: now)
    var report = liveBoard(input)
    if let study = studies.risk {
      report.rows += study.lines.filter { !RiskDesk.live.contains($0.method) }
        .map { RiskReports.row($0, input, at: study.time) }
    }
    return report
  }

  /// The figures that follow every tick.
  private func liveBoard(_ input: RiskInput) -> Report {
    var report = Report(
      facts: RiskReports.facts(input) + concentrationFacts(.asset), tableName: "figures",
      columns: RiskReports.figureColumns)
    // What is carried is always of now: the same rule as in the study, at today's values.
    let now = RiskStudy(input, methods: RiskDesk.live, isTested: false)
    report.rows = now.lines.map { RiskReports.row($0, input, at: input.time) }
    let unpriced = positions.values.count { $0.value == nil && !$0.isFolded }
    let stale = positions.values.count { $0.state == .stale }
    report.facts += [
      .init("holdings_without_price", .integer(Int64(unpriced))),
      .init("holdings_with_stale_price", .integer(Int64(stale))),
    ]
    return report
  }

  private func concentrationFacts(_ dimension: ExposureReport.Dimension) -> [Report.Fact] {
    guard let found = exposures(dimension) else { return [] }
    let weights = found.groups.map { $0.gross.amount.approximate }
    guard let spread = Concentration(weights) else { return [] }
    return [
      .init("hhi", .statistic(spread.herfindahl, digits: 4)),
      .init("effective_count", .statistic(spread.effectiveCount, digits: 2)),
      .init("top_1", .statistic(spread.top(1), digits: 4)),
      .init("top_5", .statistic(spread.top(5), digits: 4)),
      .init("top_10", .statistic(spread.top(10), digits: 4)),
    ]
  }

  /// One line a holding of an account.
  var exposureLines: [ExposureLine] {
    // Of what lies elsewhere the owner has the keys.
    let custodians = accounts.compactMapValues { venues.contains($0.venue) ? $0.venue : nil }
    var lines: [ExposureLine] = []
    for (asset, position) in positions {
      let (ticker, chain, issuer) = (asset.ticker, asset.chain, asset.issuer)
      for share in position.shares {
        guard let value = share.value else { continue }
        lines.append(
          ExposureLine(
            asset: ticker, value: Money(value, currency), venue: custodians[share.account],
            chain: chain, issuer: issuer, sleeve: accounts[share.account]?.book.name))
      }
    }
    return lines
  }

  private func exposures(_ dimension: ExposureReport.Dimension) -> ExposureReport? {
    try? ExposureReport(exposureLines, by: dimension, currency)
  }

  private func exposureBoard(_ dimension: ExposureReport.Dimension, at now: Instant) -> Report {
    guard let found = exposures(dimension) else {
      return Report(facts: [.init("refused", .text("a sum is too large"))])
    }
    let none = dimension == .venue ? "own wallets" : "none"
    let unpriced = positions.values.count { $0.value == nil && !$0.isFolded }
    return Report(
      facts: [
        .init("by", .text(dimension.rawValue)), .init("currency", .text(currency.code)),
        .init("holdings_without_price", .integer(Int64(unpriced))),
      ] + concentrationFacts(dimension), tableName: "exposures",
      columns: ["name", "long", "short", "net", "gross", "share"],
      rows: found.groups.map { group in
        [
          .text(group.name ?? none), .amount(group.long.amount), .amount(group.short.amount),
          .amount(group.net.amount), .amount(group.gross.amount),
          .statistic(group.grossShare, digits: 6),
        ]
      })
  }

  private func partsBoard(at now: Instant, _ volumes: [AssetID: Fixed]) -> Report {
    let input = input(at: now)
    var rows: [(size: Double, cells: [ReportCell])] = []
    let perDay = input.barsPerDay
    for (asset, position) in positions {
      guard let value = position.value else { continue }
      let money = value.approximate
      var cells: [ReportCell] = [
        .text(asset.text), .text(asset.ticker), .amount(value),
        RiskReports.share(money, of: net),
      ]
      if let model, let place = model.index[asset] {
        let book = model.book
        let root = perDay.squareRoot()
        let without = book.variance(without: place).squareRoot()
        let part = book.component(place) * root
        let total = book.valueAtRisk * root
        cells += [
          .statistic((max(book.variance(of: place), 0) * perDay).squareRoot(), digits: 6),
          .statistic(book.marginal(place) * root, digits: 6), RiskReports.money(part),
          RiskReports.share(part, of: total),
          RiskReports.money((book.volatility - without) * book.multiplier * root),
        ]
      } else {
        cells += [.none, .none, .none, .none, .none]
      }
      cells.append(.text(sourceText(asset)))
      let sale = volumes[asset].flatMap { volume in
        LiquidationTime(
          quantity: position.quantity, dailyVolume: Quantity(volume),
          participation: RiskDesk.participation)
      }
      cells.append(.statistic(sale?.days, digits: 4))
      rows.append((abs(cells[6].number ?? 0) * 1e6 + abs(money) * 1e-6, cells))
    }
    rows.sort { $0.size > $1.size }
    let facts =
      RiskReports.facts(input) + [
        .init("confidence", .statistic(settings.confidence, digits: 4)),
        .init("horizon_days", .integer(1)),
        .init("sold_share_of_volume", .statistic(RiskDesk.participation, digits: 2)),
        .init(
          "value_at_risk",
          RiskReports.money(model.map { $0.book.valueAtRisk * perDay.squareRoot() })),
      ]
    return Report(
      facts: facts, tableName: "parts",
      columns: [
        "asset", "name", "value", "weight", "volatility", "marginal", "component",
        "component_share", "incremental", "source", "days_to_sell",
      ], rows: rows.map(\.cells))
  }

  private func sourceText(_ asset: AssetID) -> String {
    guard let grid = model?.grid else { return "" }
    switch grid.sources[asset] {
    case .own: return "own prices"
    case .cash: return "currency of account"
    case .proxy(let use):
      let part = use.filledReturns * 100 / max(grid.starts.count, 1)
      return "\(part)% by \(use.proxy), beta \(rounded(use.beta)) of \(use.commonReturns)"
    case .leftOut(let have):
      return "left out: \(have) of \(settings.standards.beta) returns"
    case nil: return "left out: new"
    }
  }

  private func rounded(_ value: Double) -> String {
    ReportCell.statistic(value, digits: 2).plain
  }
}
