import FoundationEssentials
import GRDB
public import Ledger

extension VaultReader {
  /// The accounts that are read from venues, in order of account.
  ///
  /// - Parameter withRemoved: Whether those that were taken away are among them.
  /// - Returns: The connections.
  /// - Throws: `VaultFault`.
  public func connections(withRemoved: Bool = false) throws(VaultFault) -> [ConnectionRecord] {
    try read { db in
      let sql = """
        SELECT id, account, venue, settings, created, state, rights, rights_time, import_id
        FROM connection WHERE state < ? ORDER BY account
        """
      let keys = try credentials(db)
      return try Row.fetchAll(db, sql: sql, arguments: [withRemoved ? 3 : 2]).map { row in
        let rightsTime: Int64? = row[7]
        return ConnectionRecord(
          account: AccountID(named: row[1] as String), venue: row[2], settings: row[3],
          created: Instant(microseconds: row[4]),
          state: ConnectionState(rawValue: row[5]) ?? .off, rights: row[6],
          rightsTime: rightsTime.map { Instant(microseconds: $0) }, importNumber: row[8],
          credentials: keys[row[0] as Int64] ?? [])
      }
    }
  }

  private func credentials(_ db: Database) throws -> [Int64: [CredentialRecord]] {
    var keys: [Int64: [CredentialRecord]] = [:]
    let sql = """
      SELECT connection_id, generation, state, created, made, proven FROM credential
      ORDER BY connection_id, generation
      """
    for row in try Row.fetchAll(db, sql: sql) {
      let made: Int64? = row[4]
      let proven: Int64? = row[5]
      keys[row[0], default: []].append(
        CredentialRecord(
          generation: row[1], state: CredentialState(rawValue: row[2]) ?? .former,
          created: Instant(microseconds: row[3]),
          made: made.map { Instant(microseconds: $0) },
          proven: proven.map { Instant(microseconds: $0) }))
    }
    return keys
  }

  /// The states of an account's lanes, by key.
  ///
  /// - Parameter account: The account.
  /// - Returns: The states; none where it is not connected.
  /// - Throws: `VaultFault`.
  public func laneStates(of account: AccountID) throws(VaultFault) -> [String: String] {
    try read { db in
      let sql = """
        SELECT lane, lane_state.state FROM lane_state
        JOIN connection ON connection.id = connection_id WHERE account = ?
        """
      var states: [String: String] = [:]
      for row in try Row.fetchAll(db, sql: sql, arguments: [account.slug]) {
        states[row[0]] = row[1]
      }
      return states
    }
  }

  /// What venues may still count of calls; `nil` where nothing was kept.
  ///
  /// - Throws: `VaultFault`.
  public func limits() throws(VaultFault) -> String? {
    try read { db in
      try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'limits'")
    }
  }

  /// What venues said accounts hold, by account and lane.
  ///
  /// - Returns: The latest view of every lane, rows in order of part and asset.
  /// - Throws: `VaultFault`.
  public func reportedBalances() throws(VaultFault)
    -> [AccountID: [String: ReportedView<BalanceRow>]]
  {
    try read { db in
      var views: [AccountID: [String: ReportedView<BalanceRow>]] = [:]
      for view in try self.views(db, ofPositions: false) {
        let sql = """
          SELECT part, asset, free, used, total, open_profit FROM reported_balance
          WHERE connection_id = ? AND lane = ? ORDER BY part, asset
          """
        let rows = try Row.fetchAll(db, sql: sql, arguments: [view.connection, view.lane])
        views[view.account, default: [:]][view.lane] = ReportedView(
          time: view.time,
          rows: rows.map { row in
            BalanceRow(
              part: row[0], asset: row[1], free: row[2], used: row[3], total: row[4],
              openProfit: row[5])
          })
      }
      return views
    }
  }

  /// What venues said is open, by account and lane.
  ///
  /// - Returns: The latest view of every lane, rows in the venue's order.
  /// - Throws: `VaultFault`.
  public func reportedPositions() throws(VaultFault)
    -> [AccountID: [String: ReportedView<PositionRow>]]
  {
    try read { db in
      var views: [AccountID: [String: ReportedView<PositionRow>]] = [:]
      for view in try self.views(db, ofPositions: true) {
        let sql = "SELECT * FROM open_position WHERE connection_id = ? AND lane = ? ORDER BY number"
        let rows = try Row.fetchAll(db, sql: sql, arguments: [view.connection, view.lane])
        views[view.account, default: [:]][view.lane] = ReportedView(
          time: view.time, rows: rows.map { VaultReader.position($0) })
      }
      return views
    }
  }

  private static func position(_ row: Row) -> PositionRow {
    var amounts: [String: String] = [:]
    for name in PositionRow.amountNames {
      let text: String? = row[name]
      if let text { amounts[name] = text }
    }
    let stated: Int64? = row["stated"]
    return PositionRow(
      market: row["market"], part: row["part"], isLong: row["is_long"],
      isIsolated: row["is_isolated"], amounts: amounts,
      stated: stated.map { Instant(microseconds: $0) })
  }

  private struct ViewRow {
    let connection: Int64
    let account: AccountID
    let lane: String
    let time: Instant
  }

  /// Lanes are told apart by how their text begins: `positions.…`.
  private func views(_ db: Database, ofPositions: Bool) throws -> [ViewRow] {
    let sql = """
      SELECT connection_id, account, lane, time FROM reported_view
      JOIN connection ON connection.id = connection_id
      WHERE state < 2 AND (lane LIKE 'positions.%') = ? ORDER BY account, lane
      """
    return try Row.fetchAll(db, sql: sql, arguments: [ofPositions]).map { row in
      ViewRow(
        connection: row[0], account: AccountID(named: row[1] as String), lane: row[2],
        time: Instant(microseconds: row[3]))
    }
  }

  /// Differences between books and venues, the oldest first.
  ///
  /// - Parameter withClosed: Whether those that are settled are among them.
  /// - Returns: The breaks.
  /// - Throws: `VaultFault`.
  public func breaks(withClosed: Bool = false) throws(VaultFault) -> [BreakRecord] {
    try read { db in
      let sql = """
        SELECT account, asset, expected, reported, since, checked, state, note FROM book_break
        WHERE ? OR state <> 'closed' ORDER BY since, account, asset
        """
      return try Row.fetchAll(db, sql: sql, arguments: [withClosed]).map { row in
        BreakRecord(
          account: AccountID(named: row[0] as String), asset: try AssetID(stored: row[1]),
          expected: row[2], reported: row[3], since: Instant(microseconds: row[4]),
          checked: Instant(microseconds: row[5]), state: row[6], note: row[7])
      }
    }
  }

  /// The answers that the rows of an origin were read from.
  ///
  /// - Parameter origin: Where an entry was read.
  /// - Returns: The answers; none for files and for what was entered by hand.
  /// - Throws: `VaultFault`.
  public func answers(of origin: EntryOrigin) throws(VaultFault) -> [AnswerRecord] {
    try read { db in
      let sql = """
        SELECT lane, time, request, status, bytes, sha256, body FROM answer
        WHERE import_id = ? AND first_line <= ? AND last_line >= ? AND first_line > 0 ORDER BY id
        """
      return try Row.fetchAll(
        db, sql: sql, arguments: [origin.importNumber, origin.line, origin.line]
      ).map { VaultReader.answer($0) }
    }
  }

  /// Answers of an account that could not be read, the latest first, with their bodies.
  ///
  /// - Parameters:
  ///   - account: The account.
  ///   - limit: How many at most.
  /// - Returns: The answers.
  /// - Throws: `VaultFault`.
  public func unreadableAnswers(
    of account: AccountID, limit: Int = 20
  ) throws(VaultFault) -> [AnswerRecord] {
    try read { db in
      let sql = """
        SELECT lane, time, request, status, bytes, sha256, body FROM answer
        JOIN connection ON connection.id = connection_id
        WHERE account = ? AND body IS NOT NULL ORDER BY answer.id DESC LIMIT ?
        """
      return try Row.fetchAll(db, sql: sql, arguments: [account.slug, limit])
        .map { VaultReader.answer($0) }
    }
  }

  private static func answer(_ row: Row) -> AnswerRecord {
    let body: Data? = row[6]
    return AnswerRecord(
      lane: row[0], time: Instant(microseconds: row[1]), request: row[2], status: row[3],
      bytes: row[4], hash: row.bytes(5), body: body.map { Array($0) })
  }

  /// The calls made, by account, day and lane.
  ///
  /// - Parameter day: The first day, days since 1970-01-01.
  /// - Returns: The counts, in order.
  /// - Throws: `VaultFault`.
  public func callCounts(from day: Int64 = 0) throws(VaultFault) -> [CallCount] {
    try read { db in
      let sql = """
        SELECT account, day, lane, calls, bytes, added FROM call_count
        JOIN connection ON connection.id = connection_id WHERE day >= ?
        ORDER BY account, day, lane
        """
      return try Row.fetchAll(db, sql: sql, arguments: [day]).map { row in
        CallCount(
          account: AccountID(named: row[0] as String), day: row[1], lane: row[2], calls: row[3],
          bytes: row[4], added: row[5])
      }
    }
  }
}
