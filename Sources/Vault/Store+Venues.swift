import Cipher
import FoundationEssentials
import GRDB
import Ledger

/// A connection by its numbers.
struct ConnectionNumbers {
  let id: Int64
  let importNumber: Int64
  let nextLine: Int

  /// The connection of an account, unless it was taken away.
  static func find(_ db: Database, _ account: AccountID) throws -> ConnectionNumbers {
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT id, import_id, next_line FROM connection WHERE account = ? AND state < 2"),
      arguments: [account.slug])
    guard let row else { throw VaultFault.notFound(kind: "connection", name: account.slug) }
    return ConnectionNumbers(id: row[0], importNumber: row[1], nextLine: row[2])
  }
}

extension Store {
  /// Writes down what was read from a venue: entries, refused rows, raw rows, hashes of answers,
  /// states, balances and positions, in one transaction.
  func applySync(
    _ batch: VenueBatch, by author: Attribution
  ) throws(VaultFault) -> AppendOutcome {
    try transact { db in
      let connection = try ConnectionNumbers.find(db, batch.account)
      let outcome = try append(batch, connection, db, by: author)
      let writer = VenueWriter(db: db, connection: connection, batch: batch, time: author.time)
      try writer.write(outcome, hash: { self.digest($0) })
      return outcome
    }
  }

  private func append(
    _ batch: VenueBatch, _ connection: ConnectionNumbers, _ db: Database, by author: Attribution
  ) throws -> AppendOutcome {
    guard !batch.entries.isEmpty || !batch.refused.isEmpty else { return AppendOutcome() }
    var plain = Batch()
    var line = connection.nextLine
    for item in batch.entries {
      var entry = item.entry
      entry.line = line
      plain.entries.append(entry)
      plain.raw.append(item.raw, line: line)
      line += 1
    }
    // Equal rows of one answer are counted; the same answer again counts the same.
    var tally = RefusalTally()
    var appender = Appender(db, self, connection.importNumber)
    appender.comparesMovements = true
    for account in batch.accounts { try appender.know(account) }
    let facts = appender.facts(of: plain.entries)
    let known = try appender.known(facts)
    var understood: Set<[UInt8]> = []
    for (index, fact) in facts.enumerated() {
      let before = appender.refusals.count
      try appender.append(plain.entries[index], fact, known: known[fact.key], raw: plain.raw)
      if appender.refusals.count == before { understood.insert(batch.entries[index].raw) }
    }
    try appender.resolve(understood.subtracting(batch.refused.map(\.raw)), by: author)
    for var row in batch.refused {
      row.line = line
      appender.refusals.append(row)
      line += 1
    }
    for row in appender.refusals { try appender.refuse(row, &tally) }
    try appender.finish(plain, by: author)
    return appender.outcome
  }

  /// SHA-256 of an answer's body.
  func digest(_ bytes: [UInt8]) -> Digest {
    bytes.withUnsafeBytes { hasher.update($0) }
    return hasher.finish()
  }
}

/// Writes what a venue's batch has beside entries.
private struct VenueWriter {
  let db: Database
  let connection: ConnectionNumbers
  let batch: VenueBatch
  let time: Instant

  func write(_ outcome: AppendOutcome, hash: ([UInt8]) -> Digest) throws {
    let isNew = outcome.added > 0 || outcome.refused > 0
    let lines = batch.entries.count + batch.refused.count
    let last = connection.nextLine + max(0, lines - 1)
    for answer in batch.answers where isNew || answer.isUnreadable {
      try write(answer, hash(answer.body), isNew ? connection.nextLine...last : 0...0)
    }
    if isNew {
      try db.execute(
        sql: "UPDATE connection SET next_line = ? WHERE id = ?",
        arguments: [connection.nextLine + lines, connection.id])
    }
    try writeStates()
    if let balances = batch.balances { try write(balances) }
    if let positions = batch.positions { try write(positions) }
    if let rights = batch.rights {
      try db.execute(
        sql: "UPDATE connection SET rights = ?, rights_time = ? WHERE id = ?",
        arguments: [rights.storable, time.microseconds, connection.id])
    }
    try count(added: outcome.added)
  }

  private func write(_ answer: VenueAnswer, _ hash: Digest, _ lines: ClosedRange<Int>) throws {
    let key = Data(hash.bytes)
    if answer.isUnreadable {
      let isKept = try Bool.fetchOne(
        db,
        sql: """
          SELECT 1 FROM answer WHERE connection_id = ? AND lane = ? AND sha256 = ?
            AND body IS NOT NULL
          """, arguments: [connection.id, batch.lane, key])
      if isKept == true { return }
    }
    let body = answer.isUnreadable ? Data(answer.body.prefix(VenueAnswer.longestBody)) : nil
    try db.execute(
      sql: """
        INSERT INTO answer (connection_id, import_id, lane, time, request, status, bytes, sha256,
          first_line, last_line, body)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        connection.id, connection.importNumber, batch.lane.storable, time.microseconds,
        answer.request, answer.status, answer.body.count, key, lines.lowerBound,
        lines.upperBound, body,
      ])
  }

  private func writeStates() throws {
    for (key, state) in batch.states.sorted(by: { $0.key < $1.key }) {
      if state.isEmpty {
        try db.execute(
          sql: "DELETE FROM lane_state WHERE connection_id = ? AND lane = ?",
          arguments: [connection.id, key.storable])
      } else {
        try db.execute(
          sql: "INSERT OR REPLACE INTO lane_state VALUES (?, ?, ?, ?)",
          arguments: [connection.id, key.storable, state.storable, time.microseconds])
      }
    }
  }

  private func write(_ view: ReportedView<BalanceRow>) throws {
    try forget("reported_balance", at: view.time)
    for row in view.rows {
      try db.execute(
        sql: "INSERT OR REPLACE INTO reported_balance VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          connection.id, batch.lane.storable, row.part, row.asset, row.free, row.used, row.total,
          row.openProfit,
        ])
    }
  }

  private func write(_ view: ReportedView<PositionRow>) throws {
    try forget("open_position", at: view.time)
    for (number, row) in view.rows.enumerated() {
      var arguments: StatementArguments = [
        connection.id, batch.lane.storable, number, row.market, row.part, row.isLong,
        row.isIsolated,
      ]
      arguments += StatementArguments(PositionRow.amountNames.map { row.amounts[$0] })
      arguments += [row.stated?.microseconds]
      try db.execute(
        sql: "INSERT INTO open_position VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: arguments)
    }
  }

  /// Takes away what the lane reported before; other lanes are not touched.
  private func forget(_ table: String, at time: Instant) throws {
    try db.execute(
      sql: "DELETE FROM \(table) WHERE connection_id = ? AND lane = ?",
      arguments: [connection.id, batch.lane.storable])
    try db.execute(
      sql: "INSERT OR REPLACE INTO reported_view VALUES (?, ?, ?)",
      arguments: [connection.id, batch.lane.storable, time.microseconds])
  }

  private func count(added: Int) throws {
    guard batch.calls > 0 else { return }
    try db.execute(
      sql: """
        INSERT INTO call_count VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (connection_id, day, lane) DO UPDATE SET calls = calls + excluded.calls,
          bytes = bytes + excluded.bytes, added = added + excluded.added
        """,
      arguments: [
        connection.id, time.seconds / 86_400, batch.lane.storable, batch.calls,
        batch.answers.reduce(0) { $0 + $1.body.count }, added,
      ])
  }
}
