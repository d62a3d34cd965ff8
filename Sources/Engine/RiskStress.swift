import Amounts
import Ledger
import Portfolio
import Prices
import Risk
import Statistics
import Wire

/// What would happen to the holdings.
extension RiskDesk {
  /// A change of prices, with how much of the holdings it is known of.
  struct Blow {
    var name: String
    var title: String
    var profit = 0.0
    /// The gross values whose change is by a beta, and of which nothing is known.
    var byBeta = 0.0
    var unknown = 0.0

    func cells(net: Double, gross: Double) -> [ReportCell] {
      [
        .text(name), .text(title), RiskReports.share(profit, of: net), RiskReports.money(profit),
        RiskReports.share(byBeta, of: gross), RiskReports.share(unknown, of: gross),
      ]
    }
  }

  static let stressColumns = ["name", "title", "share", "value", "by_beta", "unknown"]

  func stressBoard(at now: Instant) -> Report {
    var rows = Crash.named.map { blow($0).cells(net: net, gross: gross) }
    if let row = togetherRow { rows.append(row) }
    rows += venueRows
    return Report(
      facts: stressFacts, tableName: "stress", columns: RiskDesk.stressColumns, rows: rows)
  }

  private var stressFacts: [Report.Fact] {
    let unpriced = positions.values.count { $0.value == nil && !$0.isFolded }
    return [
      .init("currency", .text(currency.code)), .init("net", RiskReports.money(net)),
      .init("holdings_without_price", .integer(Int64(unpriced))),
      .init(
        "beta_sample", .integer(Int64(model?.starts.count ?? 0))),
      .init("beta_to", .text(settings.benchmark.ticker)),
    ]
  }

  /// A crash of the past on today's holdings: each asset's own change then, else its beta times the
  /// benchmark's.
  func blow(_ crash: Crash) -> Blow {
    var blow = Blow(name: crash.name, title: "\(crash.title), \(crash.from) to \(crash.to)")
    let base = CrashReturns.change(of: settings.benchmark.ticker, in: crash.name)
    let cash = QuoteBoard.asset(of: currency)
    for (asset, value) in values where asset != cash {
      if let own = CrashReturns.change(of: asset.ticker, in: crash.name) {
        blow.profit += value * own
      } else if case .fiat = asset {
        // Other currencies moved by hundredths beside these.
        continue
      } else if let base, let place = model?.index[asset], let beta = model?.grid.betas[place] {
        blow.profit += value * max(beta * base, -1)
        blow.byBeta += abs(value)
      } else {
        blow.unknown += abs(value)
      }
    }
    return blow
  }

  /// What a user supposes.
  ///
  /// - Parameters:
  ///   - changes: Relative changes by short name; `*` stands for all others but the currency.
  ///   - spreads: Whether the others follow by the covariance with the first named asset.
  /// - Returns: What it does to each holding.
  func supposed(_ changes: [String: Double], spreads: Bool) -> Report {
    var blow = Blow(name: "supposed", title: RiskDesk.title(changes))
    let cash = QuoteBoard.asset(of: currency)
    let factor = spreads ? followed(changes) : nil
    var rows: [[ReportCell]] = []
    for (asset, value) in values.sorted(by: { abs($0.value) > abs($1.value) }) where asset != cash {
      var change = changes[asset.ticker] ?? changes["*"]
      var source = "assumed"
      if change == nil, let factor, let place = model?.index[asset] {
        change = factor[place]
        source = "covariance"
        blow.byBeta += abs(value)
      }
      let shock = max(change ?? 0, -1)
      blow.profit += value * shock
      if change == nil { source = "unchanged" }
      rows.append([
        .text(asset.ticker), .amount(positions[asset]?.value ?? .zero),
        .statistic(shock, digits: 6), RiskReports.money(value * shock), .text(source),
      ])
    }
    let total: [Report.Fact] = [
      .init("title", .text(blow.title)), .init("share", RiskReports.share(blow.profit, of: net)),
      .init("value", RiskReports.money(blow.profit)),
      .init("by_covariance", RiskReports.share(blow.byBeta, of: gross)),
    ]
    return Report(
      facts: stressFacts + total, tableName: "parts",
      columns: ["name", "held", "change", "value", "source"], rows: rows)
  }

  private static func title(_ changes: [String: Double]) -> String {
    changes.sorted { $0.key < $1.key }.map { name, change in
      "\(name) \(ReportCell.statistic(change * 100, digits: 2).plain)%"
    }.joined(separator: ", ")
  }

  /// The mean changes of all modelled assets once one has changed.
  private func followed(_ changes: [String: Double]) -> [Double]? {
    guard let model, changes.count == 1, let (name, change) = changes.first,
      let asset = model.grid.assets.first(where: { $0.ticker == name }),
      let place = model.index[asset]
    else { return nil }
    let stress = CovarianceStress(model.book.covariance, model.book.exposures)
    return stress.conditional(on: place, change)?.shocks
  }

  /// The value at risk if nothing hedged anything.
  private var togetherRow: [ReportCell]? {
    guard let model else { return nil }
    let book = model.book
    var sum = 0.0
    for place in model.grid.assets.indices {
      sum += book.exposures[place] * max(book.variance(of: place), 0).squareRoot()
    }
    let perDay = Double(BarLength.day.seconds) / Double(model.grid.length.seconds)
    let loss = -book.multiplier * abs(sum) * perDay.squareRoot()
    let before = book.valueAtRisk * perDay.squareRoot()
    let title = "all correlations one: VaR 99 of a day, now \(RiskReports.money(before).plain)"
    return Blow(name: "correlation-one", title: title, profit: loss).cells(net: net, gross: gross)
  }

  /// What cannot be reached while a venue lets nothing out.
  private var venueRows: [[ReportCell]] {
    let lines = exposureLines
    let venues = Set(lines.compactMap(\.venue)).sorted()
    let stops = venues.compactMap { try? WithdrawalStop(of: $0, lines, currency) }
    return stops.sorted { $1.value.amount < $0.value.amount }.map { stop in
      let loss = -stop.value.amount.approximate
      let count = stop.blocked.count
      return Blow(
        name: "stop:\(stop.venue)",
        title: "\(stop.venue) stops withdrawals: \(count) assets out of reach, if lost",
        profit: loss
      ).cells(net: net, gross: gross)
    }
  }

  // MARK: Limits

  func limitsBoard(at now: Instant) -> Report {
    let uses = limitUses()
    return Report(
      facts: [.init("limits", .text(settings.limits.text))], tableName: "limits",
      columns: ["limit", "name", "value", "most", "room", "state"],
      rows: uses.map { use in
        [
          .text(use.kind.rawValue), .text(use.name), .statistic(use.value, digits: 6),
          .statistic(use.limit, digits: 6), .statistic(use.room, digits: 6),
          .text(use.state.rawValue),
        ]
      })
  }

  /// How all limits are used; one without a figure is left out.
  func limitUses() -> [LimitUse] { limitUses(of: exposureLines) }

  /// How all limits are used, by the lines of what is held.
  func limitUses(of lines: [ExposureLine]) -> [LimitUse] {
    var uses: [LimitUse] = []
    for kind in RiskLimits.Kind.allCases {
      guard let limit = settings.limits[kind], let (name, value) = used(kind, lines) else {
        continue
      }
      uses.append(LimitUse(kind, name, value: value, limit: limit))
    }
    return uses
  }

  /// How much there is of what can be limited, as a share of the value, and of what it is the
  /// greatest; `nil` where there is no such figure.
  func used(_ kind: RiskLimits.Kind, _ lines: [ExposureLine]) -> (String, Double)? {
    guard net > 0 else { return nil }
    switch kind {
    case .valueAtRisk, .shortfall:
      guard let model else { return nil }
      let perDay = Double(BarLength.day.seconds) / Double(model.grid.length.seconds)
      if kind == .valueAtRisk {
        return ("", model.book.volatility * perDay.squareRoot() * RiskDesk.z99 / net)
      }
      var scenarios = model.scenarios
      return (scenarios?.figures()).map {
        ("", $0.expectedShortfall * perDay.squareRoot() / net)
      }
    case .concentration: return herfindahl.map { ("", $0) }
    case .asset: return greatest(.asset, lines)
    case .venue: return greatest(.venue, lines)
    case .issuer: return greatest(.issuer, lines)
    case .chain: return greatest(.chain, lines)
    }
  }

  /// The normal quantile at 99%.
  private static let z99 = Normal.quantile(0.99) ?? 2.326_347_874_040_841

  private func greatest(
    _ dimension: ExposureReport.Dimension, _ lines: [ExposureLine]
  ) -> (String, Double)? {
    let found = try? ExposureReport(lines, by: dimension, currency)
    let group = found?.groups.first { $0.name != nil }
    return group.map { ($0.name ?? "", $0.grossShare ?? 0) } ?? ("", 0)
  }
}
