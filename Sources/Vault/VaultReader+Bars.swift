public import Amounts
import GRDB
public import Ledger
public import Prices

extension VaultReader {
  /// The bars that are kept of an asset, of every source.
  ///
  /// - Parameters:
  ///   - asset: The canonical asset.
  ///   - currency: The currency of the prices.
  ///   - length: The length.
  ///   - from: The first start.
  ///   - to: Before which they start.
  /// - Returns: In order of time; of one time the most believed first.
  /// - Throws: `VaultFault`.
  public func bars(
    of asset: AssetID, in currency: Currency, _ length: BarLength, from: Instant, to: Instant
  ) throws(VaultFault) -> [BarRecord] {
    try read { db in
      let reading = try BarReading(db)
      guard let series = reading.series[asset]?[currency] else { return [] }
      return try reading.rows(series, length, from: from.seconds, to: to.seconds).map { row in
        BarRecord(
          asset: asset, currency: currency, length: length, bar: row.bar, source: row.source,
          parts: row.parts)
      }.sorted { ($0.bar.start, $0.rank) < ($1.bar.start, $1.rank) }
    }
  }

  /// The daily closes that are kept of assets in one currency, the most believed of each day.
  ///
  /// - Parameters:
  ///   - assets: The canonical assets.
  ///   - currency: The currency of the prices; what is kept in others is crossed.
  ///   - now: When; so many days are read before it.
  ///   - days: How many days at most.
  /// - Returns: The closes; no entry where nothing is kept.
  /// - Throws: `VaultFault`.
  public func closes(
    of assets: Set<AssetID>, in currency: Currency, at now: Instant,
    days: Int = BarHistory.mostCloses
  ) throws(VaultFault) -> [AssetID: DayCloses] {
    try read { db in
      var reading = try BarReading(db)
      var closes: [AssetID: DayCloses] = [:]
      for asset in assets {
        let bars = try reading.bars(of: asset, in: currency, .day, at: now)
        if !bars.isEmpty { closes[asset] = DayCloses(bars, most: days) }
      }
      return closes
    }
  }

  /// What is kept of assets' prices, as the history of prices goes on from it.
  ///
  /// - Parameters:
  ///   - assets: The canonical assets.
  ///   - currency: The currency of the prices; what is kept in others is crossed.
  ///   - now: When.
  /// - Returns: The bars and closes; no entry where nothing is kept.
  /// - Throws: `VaultFault`.
  public func history(
    of assets: Set<AssetID>, in currency: Currency, at now: Instant
  ) throws(VaultFault) -> BarHistory {
    try read { db in
      var reading = try BarReading(db)
      var history = BarHistory(currency: currency)
      for asset in assets {
        for length in BarLength.allCases {
          let bars = try reading.bars(of: asset, in: currency, length, at: now)
          guard !bars.isEmpty else { continue }
          history.bars[asset, default: [:]][length] = Array(bars.suffix(length.kept))
          if length == .day { history.closes[asset] = DayCloses(bars) }
        }
      }
      return history
    }
  }

  /// What venues were asked for, in order of asset, currency, venue and length.
  ///
  /// - Returns: One entry for each.
  /// - Throws: `VaultFault`.
  public func barCoverage() throws(VaultFault) -> [BarCoverage] {
    try read { db in
      let sql = """
        SELECT asset, currency, venue, length, first, last, note FROM bar_coverage
        ORDER BY asset, currency, venue, length
        """
      return try Row.fetchAll(db, sql: sql).compactMap { row in
        guard let length = BarLength(rawValue: row[3]) else { return nil }
        return BarCoverage(
          asset: try AssetID(stored: row[0]), currency: try Currency(stored: row[1]),
          venue: row[2], length: length, first: Instant(seconds: row[4]),
          last: Instant(seconds: row[5]), note: row[6])
      }
    }
  }
}

extension DayCloses {
  /// The closes of days' bars, the last so many.
  fileprivate init(_ bars: [PriceBar], most: Int = BarHistory.mostCloses) {
    self.init()
    for bar in bars.suffix(most) { append(bar.close, on: DayCloses.day(of: bar.start)) }
  }
}

/// Reads bars on one snapshot.
private struct BarReading {
  /// A stored bar.
  struct StoredBar {
    let bar: PriceBar
    let source: BarSource
    let parts: Int
  }

  /// A rate between two currencies, by length.
  private struct RateKey: Hashable {
    let from: Currency
    let to: Currency
    let length: BarLength
  }

  let db: Database
  /// The numbers of series by asset and currency.
  let series: [AssetID: [Currency: Int64]]
  private let sources: [Int64: BarSource]
  private var rates: [RateKey: [PriceBar]] = [:]

  init(_ db: Database) throws {
    self.db = db
    var series: [AssetID: [Currency: Int64]] = [:]
    for row in try Row.fetchAll(db, sql: "SELECT id, asset, currency FROM bar_series") {
      let asset = try AssetID(stored: row[1])
      series[asset, default: [:]][try Currency(stored: row[2])] = row[0]
    }
    self.series = series
    var sources: [Int64: BarSource] = [:]
    for row in try Row.fetchAll(db, sql: "SELECT id, name FROM bar_source") {
      sources[row[0]] = BarSource(row[1] as String)
    }
    self.sources = sources
  }

  /// The rows of a series, of every source, in order of time.
  func rows(
    _ series: Int64, _ length: BarLength, from: Int64, to: Int64
  ) throws -> [StoredBar] {
    if length == .second { return try seconds(series, from: from, to: to) }
    let statement = try db.cachedStatement(
      sql: """
        SELECT start, source_id, parts, open, high, low, close FROM price_bar
        WHERE series_id = ? AND length = ? AND start >= ? AND start < ? ORDER BY start
        """)
    let cursor = try Row.fetchCursor(
      statement, arguments: [series, length.rawValue, from, to])
    var rows: [StoredBar] = []
    while let row = try cursor.next() {
      guard let source = sources[row[1]] else { continue }
      let open: String = row[3]
      let close: String = row[6]
      let bar = PriceBar(
        start: Instant(seconds: row[0]), open: try Price(stored: open),
        high: try Price(stored: row[4]), low: try Price(stored: row[5]),
        close: try Price(stored: close))
      rows.append(StoredBar(bar: bar, source: source, parts: row[2]))
    }
    return rows
  }

  private func seconds(_ series: Int64, from: Int64, to: Int64) throws -> [StoredBar] {
    let first = BarLength.minute.start(of: Instant(seconds: from)).seconds
    let sql = """
      SELECT minute, source_id, bars FROM second_bars
      WHERE series_id = ? AND minute >= ? AND minute < ? ORDER BY minute
      """
    var rows: [StoredBar] = []
    for row in try Row.fetchAll(db, sql: sql, arguments: [series, first, to]) {
      guard let source = sources[row[1]] else { continue }
      let bars = try PackedSeconds.bars(row[2], minute: Instant(seconds: row[0]))
      for bar in bars where bar.start.seconds >= from && bar.start.seconds < to {
        rows.append(StoredBar(bar: bar, source: source, parts: 1))
      }
    }
    return rows
  }

  /// The bars of an asset in a currency, the most believed of each time, crossed where needed.
  mutating func bars(
    of asset: AssetID, in currency: Currency, _ length: BarLength, at now: Instant
  ) throws -> [PriceBar] {
    guard let all = series[asset] else { return [] }
    var layers: [[PriceBar]] = []
    let direct = try layered(all[currency], length, at: now)
    var crossed: [[PriceBar]] = []
    for (other, number) in all.sorted(by: { $0.key < $1.key }) where other != currency {
      let own = try layered(number, length, at: now)
      guard own.contains(where: { !$0.isEmpty }) else { continue }
      let rate = try rate(from: other, to: currency, length, at: now)
      if rate.isEmpty { continue }
      crossed += own.map { BarCrossing.crossed($0, with: rate) }
    }
    for rank in direct.indices {
      layers.append(direct[rank])
      layers += stride(from: rank, to: crossed.count, by: BarReading.ranks).map { crossed[$0] }
    }
    return layers.reduce([]) { BarCrossing.filled($0, with: $1) }
  }

  private static let ranks = 4

  /// The bars of a series by rank.
  private func layered(
    _ number: Int64?, _ length: BarLength, at now: Instant
  ) throws -> [[PriceBar]] {
    var layers = Array(repeating: [PriceBar](), count: BarReading.ranks)
    guard let number else { return layers }
    let from = try first(number, length, at: now)
    for row in try rows(number, length, from: from, to: now.seconds + 1) {
      layers[BarRecord.rank(row.source, parts: row.parts, length)].append(row.bar)
    }
    return layers
  }

  /// From when on bars are read: as many as are kept in memory, and those that follow the last one
  /// of the next length.
  private func first(_ number: Int64, _ length: BarLength, at now: Instant) throws -> Int64 {
    let lengths = BarLength.allCases
    guard let index = lengths.firstIndex(of: length), index + 1 < lengths.count else {
      return now.seconds - Int64(BarHistory.mostCloses) * length.seconds
    }
    let next = lengths[index + 1]
    let memory = now.seconds - Int64(length.kept) * length.seconds
    let last = try Int64.fetchOne(
      db.cachedStatement(
        sql: "SELECT max(start) FROM price_bar WHERE series_id = ? AND length = ?"),
      arguments: [number, next.rawValue])
    let bound = now.seconds - BarReading.mostBack(length)
    return max(bound, min(memory, last.map { $0 + next.seconds } ?? memory))
  }

  /// How far back bars are looked for that were not rolled up yet, in seconds.
  private static func mostBack(_ length: BarLength) -> Int64 {
    switch length {
    case .second: BarKeeping.secondsFor
    case .minute: 7 * 86_400
    case .hour, .day: 30 * 86_400
    }
  }

  /// What one of a currency costs in another: quoted, the other way round, or through the dollar.
  private mutating func rate(
    from: Currency, to: Currency, _ length: BarLength, at now: Instant
  ) throws -> [PriceBar] {
    let key = RateKey(from: from, to: to, length: length)
    if let known = rates[key] { return known }
    var found = try quoted(from, to, length, at: now)
    if from != .usDollar, to != .usDollar {
      let first = try quoted(from, .usDollar, length, at: now)
      let second = try quoted(.usDollar, to, length, at: now)
      found = BarCrossing.filled(found, with: BarCrossing.crossed(first, with: second))
    }
    rates[key] = found
    return found
  }

  private func quoted(
    _ from: Currency, _ to: Currency, _ length: BarLength, at now: Instant
  ) throws -> [PriceBar] {
    let direct = try flat(QuoteBoard.asset(of: from), to, length, at: now)
    let inverse = try flat(QuoteBoard.asset(of: to), from, length, at: now)
    return BarCrossing.filled(direct, with: BarCrossing.inverted(inverse))
  }

  private func flat(
    _ asset: AssetID, _ currency: Currency, _ length: BarLength, at now: Instant
  ) throws -> [PriceBar] {
    let layers = try layered(series[asset]?[currency], length, at: now)
    return layers.reduce([]) { BarCrossing.filled($0, with: $1) }
  }
}
