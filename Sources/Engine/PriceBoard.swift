import Amounts
import Ledger
import Portfolio
import Prices
import Wire

/// What assets cost, who says so and how far it can be trusted, as a report.
struct PriceBoard {
  let settlement: Settlement
  let figures: FigureDesk
  let now: Instant

  /// One row an asset that is held or watched.
  var prices: Report {
    let watched = figures.history.watched.filter { settlement[$0] == nil }
    let rows =
      settlement.settled.map { row($0.asset, absence: $0.absence, price: $0.price) }
      + watched.map { row($0, absence: nil, price: nil) }
    return Report(
      facts: [
        .init("currency", .text(settlement.currency.code)), .init("as_of", .text(now.description)),
        .init("assets", .integer(Int64(rows.count))),
        .init("without_price", .integer(count(rows) { $0 == FigureState.unknown.text })),
        .init("stale", .integer(count(rows) { $0 == FigureState.stale.text })),
        .init("disputed", .integer(count(rows) { $0 == FigureState.disputed.text })),
      ], tableName: "prices",
      columns: [
        "asset", "price", "change_24h_percent", "state", "confidence", "age_s", "price_time",
        "price_low", "price_high", "sources", "left_out", "reason", "until", "source", "identity",
      ], rows: rows.sorted { $0[0].plain < $1[0].plain })
  }

  private func count(_ rows: [[ReportCell]], _ isWanted: (String) -> Bool) -> Int64 {
    Int64(rows.count { isWanted($0[3].plain) })
  }

  private func row(
    _ asset: AssetID, absence: PriceAbsence?, price: PositionPrice?
  ) -> [ReportCell] {
    let known = settlement.quotes.valuation(of: asset, in: settlement.currency, at: now)
    let isItself = known?.time.microseconds == .max
    let age = known.map { max(0, now.microseconds - $0.time.microseconds) / 1_000_000 }
    // Only the settlement knows what an old price may have come to.
    let isOld = known?.confidence == .stale
    let low = isOld ? price?.low ?? known?.low : known?.low
    let high = isOld ? price?.high ?? known?.high : known?.high
    return [
      .text(asset.ticker), known.map { .amount($0.price.fixed) } ?? .none,
      change(asset, known).map { .amount($0) } ?? .none, .text(state(known).text),
      known.map { .text($0.confidence.text) } ?? .none,
      isItself ? .none : age.map { .integer($0) } ?? .none,
      isItself ? .none : known.map { .text($0.time.description) } ?? .none,
      low.map { .amount($0.fixed) } ?? .none, high.map { .amount($0.fixed) } ?? .none,
      .integer(Int64(known?.sources.count ?? 0)), .integer(Int64(known?.rejected.count ?? 0)),
      absence.map { .text($0.kind.text) } ?? .none,
      absence?.until.map { .text($0.description) } ?? .none,
      .text(known?.sourceText ?? ""), .text(asset.text),
    ]
  }

  private func state(_ known: Valuation?) -> FigureState {
    switch known?.confidence {
    case nil: .unknown
    case .stale: .stale
    case .disputed: .disputed
    case .agreed, .single, .stated: .live
    }
  }

  /// By how many percent a price is above that of 24 hours ago: as the sources say, else by the bar
  /// of an hour that ended then.
  private func change(_ asset: AssetID, _ known: Valuation?) -> Fixed? {
    guard let known else { return nil }
    guard let open = known.dayOpen ?? figures.history.priceADayAgo(of: asset, at: now),
      !open.isZero,
      let gap = try? known.price.fixed.subtracting(open.fixed),
      let part = try? gap.divided(by: open.fixed, rounding: .halfEven),
      let percent = try? part.multiplied(by: Fixed(whole: 100), rounding: .halfEven)
    else { return nil }
    return percent.kept(2)
  }

  /// One row a source of an asset: what it says, and whether that counts.
  func sources(of asset: AssetID) -> Report {
    let known = settlement.quotes.valuation(of: asset, in: settlement.currency, at: now)
    let counted = Set((known?.sources ?? []).compactMap(\.first))
    let rejected = Set(known?.rejected ?? [])
    let candidates = settlement.quotes.candidates(of: asset, in: settlement.currency, at: now)
    let own = row(
      asset, absence: settlement[asset]?.absence, price: settlement[asset]?.price)
    let names = prices.columns
    let facts = zip(names, own).map { Report.Fact($0, $1) }
    return Report(
      facts: facts + [.init("currency", .text(settlement.currency.code))], tableName: "sources",
      columns: ["source", "price", "age_s", "price_time", "through", "weight", "counts", "why"],
      rows: candidates.map { one in
        let isCounted = counted.contains(one.source)
        let age = max(0, now.microseconds - one.time.microseconds) / 1_000_000
        return [
          .text(one.source.text), .amount(one.price.fixed), .integer(age),
          .text(one.time.description),
          .text(one.rateSources.map(\.text).joined(separator: "+")),
          .integer(one.isDirect ? 2 : 1), .flag(isCounted),
          .text(why(one, isCounted: isCounted, isRejected: rejected.contains(one.source))),
        ]
      })
  }

  private func why(_ one: PriceCandidate, isCounted: Bool, isRejected: Bool) -> String {
    if let suspect = one.suspect {
      return "says \(suspect.text) now, which waits until a second source agrees"
    }
    if isRejected { return "more than 2 % from the others" }
    if isCounted { return one.freshUntil < now ? "stale, and nothing newer is known" : "" }
    if one.freshUntil < now { return "stale" }
    return one.isFeed ? "another word of it counts" : "running feeds come first"
  }
}

extension Fixed {
  /// The number rounded to so many digits behind the point, half away from zero.
  fileprivate func kept(_ digits: Int) -> Fixed {
    var step: Int128 = Fixed.scale
    for _ in 0..<digits { step /= 10 }
    let half = units < 0 ? -step / 2 : step / 2
    return Fixed(units: (units + half) / step * step)
  }
}
