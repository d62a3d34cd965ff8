public import Amounts
import GRDB
public import Ledger
public import Prices

/// What a venue was asked for of a pair's bars, so that nothing is asked for twice.
public struct BarCoverage: Hashable, Sendable {
  /// The canonical asset.
  public let asset: AssetID
  /// The currency of the prices.
  public let currency: Currency
  /// The venue.
  public let venue: String
  /// The length of the bars.
  public let length: BarLength
  /// From when on it was asked.
  public let first: Instant
  /// Until when it has answered.
  public let last: Instant
  /// Why it tells nothing; empty where it does.
  public let note: String

  /// Makes a coverage.
  ///
  /// - Parameters:
  ///   - asset: The canonical asset.
  ///   - currency: The currency of the prices.
  ///   - venue: The venue.
  ///   - length: The length of the bars.
  ///   - first: From when on it was asked.
  ///   - last: Until when it has answered.
  ///   - note: Why it tells nothing; empty where it does.
  public init(
    asset: AssetID, currency: Currency, venue: String, length: BarLength, first: Instant,
    last: Instant, note: String = ""
  ) {
    self.asset = asset
    self.currency = currency
    self.venue = venue
    self.length = length
    self.first = first
    self.last = last
    self.note = note
  }
}

/// How long bars are kept: hours and days for ever.
public enum BarKeeping {
  /// Minutes, in seconds: 90 days.
  public static let minutesFor: Int64 = 90 * 86_400
  /// Seconds, in seconds: 2 days.
  public static let secondsFor: Int64 = 2 * 86_400
  /// Of how many series old bars are thrown away with one batch.
  static let prunedAtOnce = 32
}

extension Vault {
  /// Keeps bars that are over, and throws away short ones that are older than they are kept.
  ///
  /// Bars are weather, not facts of the user's: they leave no audit record. A bar that is known from
  /// the same source is replaced, unless the known one was made of more.
  ///
  /// - Parameters:
  ///   - bars: In order of time for each asset, currency, length and source.
  ///   - coverage: What venues were asked for.
  ///   - now: When.
  /// - Throws: `VaultFault`; nothing is kept then.
  public func keep(
    _ bars: [BarRecord], coverage: [BarCoverage] = [], at now: Instant
  ) throws(VaultFault) {
    try store.transact { db in
      var writer = BarWriter(db: db)
      try writer.write(bars)
      try writer.write(coverage)
      store.pruned = try writer.prune(after: store.pruned, at: now)
    }
  }
}

/// Writes bars.
private struct BarWriter {
  /// The row of packed seconds that a bar belongs to.
  private struct Pack: Hashable {
    let series: Int64
    let minute: Int64
    let source: Int64
  }

  let db: Database
  private var series: [AssetID: [Currency: Int64]] = [:]
  private var sources: [BarSource: Int64] = [:]

  init(db: Database) { self.db = db }

  mutating func write(_ bars: [BarRecord]) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO price_bar VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (series_id, length, start, source_id) DO UPDATE SET parts = excluded.parts,
          open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close
        WHERE excluded.parts >= price_bar.parts
        """)
    var packs: [Pack: [PriceBar]] = [:]
    for record in bars where AssetID(record.asset.text) == record.asset {
      let number = try seriesNumber(record.asset, record.currency)
      let source = try sourceNumber(record.source)
      if record.length == .second {
        let minute = BarLength.minute.start(of: record.bar.start).seconds
        packs[Pack(series: number, minute: minute, source: source), default: []]
          .append(record.bar)
        continue
      }
      let bar = record.bar
      try statement.run(
        number, record.length.rawValue, bar.start.seconds, source, Int64(record.parts),
        bar.open.text, bar.high.text, bar.low.text, bar.close.text)
    }
    try write(packs)
  }

  private func write(_ packs: [Pack: [PriceBar]]) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO second_bars VALUES (?, ?, ?, ?)
        ON CONFLICT (series_id, minute, source_id) DO UPDATE SET bars = bars || ' ' || excluded.bars
        """)
    let sorted = packs.sorted { ($0.key.series, $0.key.minute) < ($1.key.series, $1.key.minute) }
    for (pack, bars) in sorted {
      try statement.run(pack.series, pack.minute, pack.source, PackedSeconds.text(bars))
    }
  }

  func write(_ coverage: [BarCoverage]) throws {
    let statement = try db.cachedStatement(
      sql: "INSERT OR REPLACE INTO bar_coverage VALUES (?, ?, ?, ?, ?, ?, ?)")
    for one in coverage where AssetID(one.asset.text) == one.asset {
      try statement.run(
        one.asset.text, one.currency.code, one.venue.storable, one.length.rawValue,
        one.first.seconds, one.last.seconds, one.note.storable)
    }
  }

  /// Throws away what is too old of the next few series; gives the last of them, 0 after the end.
  func prune(after last: Int64, at now: Instant) throws -> Int64 {
    let numbers = try Int64.fetchAll(
      db, sql: "SELECT id FROM bar_series WHERE id > ? ORDER BY id LIMIT ?",
      arguments: [last, BarKeeping.prunedAtOnce])
    let seconds = try db.cachedStatement(
      sql: "DELETE FROM second_bars WHERE series_id = ? AND minute < ?")
    let minutes = try db.cachedStatement(
      sql: "DELETE FROM price_bar WHERE series_id = ? AND length = 60 AND start < ?")
    for number in numbers {
      try seconds.run(number, now.seconds - BarKeeping.secondsFor)
      try minutes.run(number, now.seconds - BarKeeping.minutesFor)
    }
    return numbers.count < BarKeeping.prunedAtOnce ? 0 : numbers.last ?? 0
  }

  private mutating func seriesNumber(_ asset: AssetID, _ currency: Currency) throws -> Int64 {
    if let known = series[asset]?[currency] { return known }
    try db.execute(
      sql: "INSERT OR IGNORE INTO bar_series (asset, currency) VALUES (?, ?)",
      arguments: [asset.text, currency.code])
    let number = try Int64.fetchOne(
      db, sql: "SELECT id FROM bar_series WHERE asset = ? AND currency = ?",
      arguments: [asset.text, currency.code])
    guard let number else { throw StoredTextFault(text: asset.text) }
    series[asset, default: [:]][currency] = number
    return number
  }

  private mutating func sourceNumber(_ source: BarSource) throws -> Int64 {
    if let known = sources[source] { return known }
    try db.execute(
      sql: "INSERT OR IGNORE INTO bar_source (name) VALUES (?)", arguments: [source.text])
    let number = try Int64.fetchOne(
      db, sql: "SELECT id FROM bar_source WHERE name = ?", arguments: [source.text])
    guard let number else { throw StoredTextFault(text: source.text) }
    sources[source] = number
    return number
  }
}
