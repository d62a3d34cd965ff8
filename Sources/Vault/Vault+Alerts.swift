public import Cipher
import FoundationEssentials
import GRDB
import Ledger

extension Vault {
  /// For how many days a message to a sink is kept after it ended.
  public static let deliveryDays: Int64 = 90
  /// How many of the oldest messages a batch looks at to forget them, so that none takes long.
  static let mostForgotten = 200

  /// Writes what happened to alerts, in one transaction; what the holder did is audited.
  ///
  /// Messages that ended long ago are forgotten on the way, a bounded number at once: what happened
  /// to the alerts themselves, and the audit log, stay.
  ///
  /// - Parameters:
  ///   - batch: What happened.
  ///   - author: Who writes, and when.
  /// - Throws: `VaultFault`; nothing of the batch is in the vault then.
  public func keep(_ batch: AlertBatch, by author: Attribution) throws(VaultFault) {
    try store.transact { db in
      for record in batch.records {
        try db.execute(
          sql: """
            INSERT INTO alert_record (alert, time, kind, author, note, record)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
          arguments: [
            record.alert, record.time.microseconds, record.kind, record.author.storable,
            record.note.storable, record.text.storable,
          ])
        guard !record.author.isEmpty else { continue }
        let holder = Attribution(
          uid: author.uid, user: record.author, time: author.time, program: author.program)
        try store.audit(
          db, .alert, on: "alert:\(record.alert)", by: holder,
          ["kind": .text(record.kind), "note": .text(String(record.note.prefix(200)).storable)])
      }
      for delivery in batch.deliveries {
        try db.execute(
          sql: "INSERT OR IGNORE INTO alert_delivery VALUES (?, ?, ?, ?, ?, NULL, NULL)",
          arguments: [
            delivery.number, delivery.id.storable, delivery.sink, delivery.time.microseconds,
            delivery.text.storable,
          ])
      }
      for (id, state) in batch.ended.sorted(by: { $0.key < $1.key }) {
        try db.execute(
          sql: "UPDATE alert_delivery SET state = ?, ended = ? WHERE id = ? AND state IS NULL",
          arguments: [state, author.time.microseconds, id.storable])
      }
      for (part, state) in batch.states.sorted(by: { $0.key < $1.key }) {
        try db.execute(
          sql: "INSERT OR REPLACE INTO alert_state VALUES (?, ?, ?)",
          arguments: [part, author.time.microseconds, state.storable])
      }
      if !batch.ended.isEmpty { try Vault.forgetDeliveries(db, at: author.time) }
    }
  }

  /// Forgets the oldest messages that ended so many days ago.
  ///
  /// The last of all stays, since its number counts on: no number is ever given again.
  private static func forgetDeliveries(_ db: Database, at now: Instant) throws {
    try db.execute(
      sql: """
        DELETE FROM alert_delivery WHERE ended < ? AND number IN (
          SELECT number FROM alert_delivery
          WHERE number < (SELECT max(number) FROM alert_delivery) ORDER BY number LIMIT ?)
        """,
      arguments: [
        now.advanced(bySeconds: -deliveryDays * 86_400).microseconds, mostForgotten,
      ])
  }

  /// Adds or changes a sink of alerts.
  ///
  /// - Parameters:
  ///   - name: The holder's name for it.
  ///   - kind: How it is told.
  ///   - settings: Where and as whom, in a form of the caller's.
  ///   - secret: Its secret, which is sealed; `nil` for none.
  ///   - author: Who adds it, and when.
  /// - Throws: `VaultFault`.
  public func setSink(
    _ name: String, kind: String, settings: String, secret: SecretBytes?, by author: Attribution
  ) throws(VaultFault) {
    let vault = id
    let root = root
    try store.transact { db in
      let last = try Int.fetchOne(
        db, sql: "SELECT generation FROM alert_sink WHERE name = ?", arguments: [name])
      let generation = (last ?? 0) + 1
      let sealed = try secret.map {
        try Sealed.seal(
          $0, key: root.key(for: .secrets), context: SinkRows.context(vault, name, generation))
      }
      try db.execute(
        sql: "INSERT OR REPLACE INTO alert_sink VALUES (?, ?, ?, ?, ?, ?)",
        arguments: [
          name, kind, settings.storable, sealed.map { Data($0.bytes) }, generation,
          author.time.microseconds,
        ])
      try store.audit(
        db, .setSink, on: "alert-sink:\(name)", by: author,
        ["generation": .number(Int64(generation)), "kind": .text(kind)])
    }
  }

  /// Takes a sink away, and its secret.
  ///
  /// - Parameters:
  ///   - name: The sink.
  ///   - author: Who takes it away, and when.
  /// - Throws: `notFound` where there is none.
  public func removeSink(_ name: String, by author: Attribution) throws(VaultFault) {
    try store.transact { db in
      try db.execute(sql: "DELETE FROM alert_sink WHERE name = ?", arguments: [name])
      guard db.changesCount == 1 else {
        throw VaultFault.notFound(kind: "alert sink", name: name)
      }
      try store.audit(db, .removeSink, on: "alert-sink:\(name)", by: author)
    }
  }

  /// A sink's secret; `nil` where it has none.
  ///
  /// - Parameter name: The sink.
  /// - Returns: What `setSink` was given.
  /// - Throws: `notFound` where there is no such sink; `damaged` where it cannot be opened.
  public func sinkSecret(_ name: String) throws(VaultFault) -> SecretBytes? {
    let vault = id
    let root = root
    let path = store.path
    return try store.read { db in
      let row = try Row.fetchOne(
        db, sql: "SELECT generation, sealed FROM alert_sink WHERE name = ?", arguments: [name])
      guard let row else { throw VaultFault.notFound(kind: "alert sink", name: name) }
      let sealed: Data? = row[1]
      return try sealed.map {
        try CredentialRows.open(
          Array($0), root, SinkRows.context(vault, name, row[0]), path)
      }
    }
  }

  /// Opens the sealed secret of every sink, and forgets it again.
  func checkSinks() throws(VaultFault) {
    for sink in try reader.alertSinks() { _ = try sinkSecret(sink.name) }
  }
}

/// The sealed secrets of sinks.
enum SinkRows {
  /// Where a secret belongs, so that it opens nowhere else.
  static func context(_ vault: String, _ name: String, _ generation: Int) -> [UInt8] {
    Array("coffer/alert-sink/1 \(vault) \(name) \(generation)".utf8)
  }

  /// Seals every secret under another root key.
  static func reseal(
    _ db: Database, vault: String, from old: RootKey, to fresh: RootKey
  ) throws {
    guard try db.tableExists("alert_sink") else { return }
    let sql = "SELECT name, generation, sealed FROM alert_sink WHERE sealed IS NOT NULL"
    for row in try Row.fetchAll(db, sql: sql) {
      let name: String = row[0]
      let context = context(vault, name, row[1])
      let secret = try CredentialRows.open(row.bytes(2), old, context, "the database")
      let sealed = try Sealed.seal(secret, key: fresh.key(for: .secrets), context: context)
      try db.execute(
        sql: "UPDATE alert_sink SET sealed = ? WHERE name = ?",
        arguments: [Data(sealed.bytes), name])
    }
  }
}

extension VaultReader {
  /// How alerts stood when they were last written, by part.
  ///
  /// - Returns: The texts that `keep` was given.
  /// - Throws: `VaultFault`.
  public func alertStates() throws(VaultFault) -> [String: String] {
    try read { db in
      var states: [String: String] = [:]
      for row in try Row.fetchAll(db, sql: "SELECT part, state FROM alert_state") {
        states[row[0]] = row[1]
      }
      return states
    }
  }

  /// The messages to sinks that have no end, oldest first.
  ///
  /// - Returns: The texts that `keep` was given.
  /// - Throws: `VaultFault`.
  public func waitingDeliveries() throws(VaultFault) -> [String] {
    try read { db in
      try String.fetchAll(
        db,
        sql: "SELECT record FROM alert_delivery WHERE state IS NULL ORDER BY number LIMIT 100000")
    }
  }

  /// The number of the last message to a sink; 0 before the first.
  ///
  /// - Returns: The number.
  /// - Throws: `VaultFault`.
  public func lastDelivery() throws(VaultFault) -> Int {
    try read { db in
      try Int.fetchOne(db, sql: "SELECT max(number) FROM alert_delivery") ?? 0
    }
  }

  /// What happened to an alert, oldest first.
  ///
  /// - Parameters:
  ///   - alert: Its number.
  ///   - limit: How many of the newest.
  /// - Returns: The records.
  /// - Throws: `VaultFault`.
  public func alertRecords(
    of alert: Int, limit: Int = 200
  ) throws(VaultFault) -> [AlertBatch.Record] {
    try read { db in
      let sql = """
        SELECT alert, time, kind, author, note, record FROM alert_record
        WHERE alert = ? ORDER BY id DESC LIMIT ?
        """
      return try Row.fetchAll(db, sql: sql, arguments: [alert, limit]).reversed().map { row in
        AlertBatch.Record(
          alert: row[0], time: Instant(microseconds: row[1]), kind: row[2], author: row[3],
          note: row[4], text: row[5])
      }
    }
  }

  /// The sinks of alerts, in order of name.
  ///
  /// - Returns: The sinks without their secrets.
  /// - Throws: `VaultFault`.
  public func alertSinks() throws(VaultFault) -> [SinkRecord] {
    try read { db in
      let sql = """
        SELECT name, kind, settings, sealed IS NOT NULL, created FROM alert_sink ORDER BY name
        """
      return try Row.fetchAll(db, sql: sql).map { row in
        SinkRecord(
          name: row[0], kind: row[1], settings: row[2], hasSecret: row[3],
          created: Instant(microseconds: row[4]))
      }
    }
  }
}
