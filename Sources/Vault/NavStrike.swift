public import Amounts
import Cipher
import FoundationEssentials
import GRDB
public import Ledger
public import Prices

/// What the whole was found to be worth at a cut-off, frozen.
public struct NavStrike: Hashable, Sendable {
  /// The time that is meant.
  public let cutoff: Instant
  /// 1 for the first, more for each restatement.
  public let version: Int
  /// When it was made.
  public let made: Instant
  /// Who made it.
  public let author: String
  /// Why it was made again; empty for the first.
  public let reason: String
  /// The currency of the values.
  public let currency: Currency
  /// The sum of the values that are known.
  public let value: Fixed
  /// The least and the most that it may be.
  public let low: Fixed
  /// The most.
  public let high: Fixed
  /// Positions, prices with all their sources, and breaks, as canonical text.
  public let content: String
  /// SHA-256 of the prices used.
  public let pricesHash: [UInt8]
  /// SHA-256 of the content.
  public let contentHash: [UInt8]

  fileprivate init(_ row: Row) throws {
    cutoff = Instant(microseconds: row[0])
    version = row[1]
    made = Instant(microseconds: row[2])
    author = row[3]
    reason = row[4]
    currency = try Currency(stored: row[5])
    value = try Fixed(stored: row[6])
    low = try Fixed(stored: row[7])
    high = try Fixed(stored: row[8])
    content = String(decoding: row.bytes(9), as: UTF8.self)
    pricesHash = row.bytes(10)
    contentHash = row.bytes(11)
  }
}

/// A strike that is to be frozen.
public struct NewNavStrike: Sendable {
  /// The time that is meant.
  public var cutoff: Instant
  /// Why it is made again; empty for the first of its time.
  public var reason: String
  /// The currency of the values.
  public var currency: Currency
  /// The sum, and the least and the most that it may be.
  public var value: Fixed
  /// The least.
  public var low: Fixed
  /// The most.
  public var high: Fixed
  /// Positions, prices and breaks, as canonical text.
  public var content: String
  /// The prices alone, as canonical text.
  public var prices: String

  /// Makes a strike.
  ///
  /// - Parameters:
  ///   - cutoff: The time that is meant.
  ///   - reason: Why it is made again.
  ///   - currency: The currency of the values.
  ///   - value: The sum.
  ///   - range: The least and the most that it may be.
  ///   - content: Positions, prices and breaks, as canonical text.
  ///   - prices: The prices alone, as canonical text.
  public init(
    cutoff: Instant, reason: String, currency: Currency, value: Fixed,
    range: (low: Fixed, high: Fixed), content: String, prices: String
  ) {
    self.cutoff = cutoff
    self.reason = String(reason.prefix(500))
    self.currency = currency
    self.value = value
    low = range.low
    high = range.high
    self.content = content
    self.prices = prices
  }
}

extension Vault {
  /// Freezes a strike; one that is there stays, and the new one is its next version.
  ///
  /// The hashes of content and prices go to the audit log in the same transaction.
  ///
  /// - Parameters:
  ///   - new: What is frozen.
  ///   - author: Who makes it, and when.
  /// - Returns: The strike with its version and hashes.
  /// - Throws: `VaultFault`; `refused` where a version is there and no reason is given.
  public func strike(
    _ new: NewNavStrike, by author: Attribution
  ) throws(VaultFault) -> NavStrike {
    let hash = Digest.sha256(Array(new.content.utf8)).bytes
    let pricesHash = Digest.sha256(Array(new.prices.utf8)).bytes
    return try store.transact { db in
      let last = try Int.fetchOne(
        db, sql: "SELECT max(version) FROM nav_strike WHERE cutoff = ?",
        arguments: [new.cutoff.microseconds])
      if last != nil && new.reason.isEmpty { throw VaultFault.refused(.badName) }
      let version = (last ?? 0) + 1
      try db.execute(
        sql: "INSERT INTO nav_strike VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          new.cutoff.microseconds, version, author.time.microseconds, author.user.storable,
          new.reason.storable, new.currency.code, new.value.text, new.low.text, new.high.text,
          Data(new.content.utf8), Data(pricesHash), Data(hash),
        ])
      try store.audit(
        db, .strike, on: "strike:\(new.cutoff)", by: author,
        [
          "content_sha256": .text(hexadecimal(hash)), "currency": .text(new.currency.code),
          "prices_sha256": .text(hexadecimal(pricesHash)), "reason": .text(new.reason.storable),
          "value": .text(new.value.text), "version": .number(Int64(version)),
        ])
      let row = try Row.fetchOne(
        db, sql: "SELECT * FROM nav_strike WHERE cutoff = ? AND version = ?",
        arguments: [new.cutoff.microseconds, version])
      guard let row else { throw VaultFault.notFound(kind: "strike", name: "\(new.cutoff)") }
      return try NavStrike(row)
    }
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension VaultReader {
  /// The strikes that were made, the latest cut-off first, of one cut-off the latest version first.
  ///
  /// - Parameters:
  ///   - cutoff: Only those of this time; `nil` for all.
  ///   - limit: How many at most.
  /// - Returns: The strikes.
  /// - Throws: `VaultFault`.
  public func strikes(
    at cutoff: Instant? = nil, limit: Int = 1_000
  ) throws(VaultFault) -> [NavStrike] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT * FROM nav_strike WHERE ? IS NULL OR cutoff = ?
          ORDER BY cutoff DESC, version DESC LIMIT ?
          """, arguments: [cutoff?.microseconds, cutoff?.microseconds, limit]
      ).map { try NavStrike($0) }
    }
  }

  /// What accounts held at a time: what they hold now less what moved since.
  ///
  /// - Parameter time: The time, itself included.
  /// - Returns: Quantities by account and recorded asset, free and staked together.
  /// - Throws: `VaultFault`.
  /// - Complexity: O(holdings + entries since).
  public func quantities(at time: Instant) throws(VaultFault) -> [HoldingKey: Quantity] {
    let names = catalogue
    return try read { db in
      let names = names.names
      var table: [HoldingKey: Quantity] = [:]
      for row in try Row.fetchAll(db, sql: "SELECT * FROM holding") {
        guard let account = names.account(row[0]), let asset = names.asset(row[1]) else { continue }
        let free = try Quantity(stored: row[2])
        let staked = try Quantity(stored: row[3])
        table[HoldingKey(account: account.id, asset: asset)] = try free.adding(staked)
      }
      // An entry's legs have numbers from 64 times its own on.
      let sql = """
        SELECT account_id, asset_id, quantity, counter FROM entry_by_time
        JOIN leg ON leg.id BETWEEN entry_by_time.entry_id * 64 AND entry_by_time.entry_id * 64 + 63
        WHERE entry_by_time.time > ?
        """
      let cursor = try Row.fetchCursor(db, sql: sql, arguments: [time.microseconds])
      while let row = try cursor.next() {
        guard let account = names.account(row[0]), let asset = names.asset(row[1]),
          let counter = Counter(rawValue: row[3]), counter != .staked
        else { continue }
        let key = HoldingKey(account: account.id, asset: asset)
        table[key] = try (table[key] ?? .zero).subtracting(try Quantity(stored: row[2]))
      }
      return table.filter { !$0.value.isZero }
    }
  }

  /// What an asset cost at a time, by the bars that are kept.
  public struct BarPrice: Hashable, Sendable {
    /// For one unit.
    public let price: Price
    /// When the bar ended.
    public let time: Instant
    /// How long it is.
    public let length: BarLength
    /// Where it is from.
    public let source: String
    /// What all sources of the same bar say in the same currency, in order of source.
    public let said: [String]
    /// The least and the most of those.
    public let low: Price
    /// The most.
    public let high: Price
  }

  /// What assets cost at a time: the last minute, hour or day that had ended then, whichever ended
  /// last.
  ///
  /// - Parameters:
  ///   - assets: The canonical assets.
  ///   - currency: The currency of the prices.
  ///   - time: The time.
  /// - Returns: The prices; no entry where no bar ended within the last week.
  /// - Throws: `VaultFault`.
  public func barPrices(
    of assets: Set<AssetID>, in currency: Currency, at time: Instant
  ) throws(VaultFault) -> [AssetID: BarPrice] {
    var found: [AssetID: BarPrice] = [:]
    for (length, reach) in [(BarLength.minute, 3_600), (.hour, 86_400), (.day, 7 * 86_400)]
      as [(BarLength, Int64)]
    {
      let from = time.advanced(bySeconds: -reach)
      let to = time.advanced(bySeconds: 1 - length.seconds)
      for asset in assets {
        guard
          let last = try priceHistory(of: asset, in: currency, length, from: from, to: to).last
        else { continue }
        let end = last.bar.start.advanced(bySeconds: length.seconds)
        if let known = found[asset], known.time >= end { continue }
        let all = try bars(
          of: asset, in: currency, length, from: last.bar.start,
          to: last.bar.start.advanced(bySeconds: 1))
        let closes = all.map(\.bar.close) + [last.bar.close]
        found[asset] = BarPrice(
          price: last.bar.close, time: end, length: length, source: last.source,
          said: all.map { "\($0.source.text) \($0.bar.close.text)" }.sorted(),
          low: closes.min() ?? last.bar.close, high: closes.max() ?? last.bar.close)
      }
    }
    return found
  }
}
