import Cipher
import GRDB
import Ledger
import Testing

@testable import Vault

@Suite struct AlertVaultTests {
  private func badFindings(_ vault: Vault) -> [String] {
    vault.check().filter { !$0.isGood }.map(\.name)
  }

  private static func batch(_ numbers: Int...) -> AlertBatch {
    var batch = AlertBatch()
    batch.records = numbers.map { number in
      AlertBatch.Record(
        alert: number, time: Instant(seconds: 5), kind: "raised", author: "", note: "",
        text: "alert \(number)")
    }
    batch.deliveries = numbers.map { number in
      AlertBatch.Delivery(
        number: number, id: "k.\(number)", sink: "desk", time: Instant(seconds: 5),
        text: "message \(number)")
    }
    batch.states = ["book": "after \(numbers.last ?? 0)"]
    return batch
  }

  @Test func `what is written before the end is there after it, and what has ended is not`()
    throws
  {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    try vault.keep(AlertVaultTests.batch(1, 2, 3), by: author())
    var ended = AlertBatch()
    ended.ended = ["k.2": "delivered"]
    try vault.keep(ended, by: author(1))
    // The same again changes nothing.
    try vault.keep(AlertVaultTests.batch(2), by: author(2))
    try vault.close()
    let again = try openVault(scratch)
    #expect(try again.reader.waitingDeliveries() == ["message 1", "message 3"])
    #expect(try again.reader.lastDelivery() == 3)
    #expect(try again.reader.alertStates() == ["book": "after 2"])
    #expect(try again.reader.alertRecords(of: 3).map(\.text) == ["alert 3"])
    #expect(badFindings(again).isEmpty)
  }

  @Test func `messages that ended long ago are forgotten, and nothing else is`() throws {
    let vault = try makeVault(try Scratch())
    func numbers() throws -> [Int] {
      try vault.store.read {
        try Int.fetchAll($0, sql: "SELECT number FROM alert_delivery ORDER BY number")
      }
    }
    func end(_ number: Int, after days: Int64) throws {
      var batch = AlertBatch()
      batch.ended = ["k.\(number)": "delivered"]
      try vault.keep(batch, by: author(days * 86_400))
    }
    var told = AlertVaultTests.batch(1, 2, 3, 4, 5)
    told.records[0].author = "kim"
    try vault.keep(told, by: author())
    try end(1, after: 1)
    try end(3, after: 2)
    // Ninety days after its end the first is still there, and a second later it is not.
    try end(4, after: 91)
    #expect(try numbers() == [1, 2, 3, 4, 5])
    var late = AlertBatch()
    late.ended = ["k.5": "delivered"]
    try vault.keep(late, by: author(91 * 86_400 + 1))
    #expect(try numbers() == [2, 3, 4, 5])
    // What waits stays, and so does the last, whose number counts on.
    try end(9, after: 400)
    #expect(try numbers() == [2, 5])
    #expect(try vault.reader.waitingDeliveries() == ["message 2"])
    #expect(try vault.reader.lastDelivery() == 5)
    #expect(try vault.reader.alertRecords(of: 3).map(\.text) == ["alert 3"])
    let audited = try vault.store.read {
      try Int.fetchOne(
        $0, sql: "SELECT count(*) FROM audit WHERE CAST(record AS TEXT) LIKE '%kim%'")
    }
    #expect(audited == 1)
    #expect(badFindings(vault).isEmpty)
  }

  @Test func `more than a batch looks at is forgotten bit by bit`() throws {
    let vault = try makeVault(try Scratch())
    let count = Vault.mostForgotten + 50
    var batch = AlertBatch()
    batch.deliveries = (1...count).map { number in
      AlertBatch.Delivery(
        number: number, id: "k.\(number)", sink: "desk", time: author().time, text: "m")
    }
    batch.ended = Dictionary(
      batch.deliveries.map { ($0.id, "delivered") }, uniquingKeysWith: { first, _ in first })
    try vault.keep(batch, by: author())
    func left() throws -> Int {
      var other = AlertBatch()
      other.ended = ["nothing": "delivered"]
      try vault.keep(other, by: author(100 * 86_400))
      return try vault.store.read {
        try Int.fetchOne($0, sql: "SELECT count(*) FROM alert_delivery") ?? 0
      }
    }
    #expect(try left() == 50)
    #expect(try left() == 1)
    #expect(try left() == 1)
  }

  @Test func `what the holder does is in the audit log, what rules do is not`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    func size() throws -> Int {
      try vault.store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM audit") ?? 0 }
    }
    let before = try size()
    var batch = AlertVaultTests.batch(1)
    try vault.keep(batch, by: author())
    #expect(try size() == before)
    batch.records[0].kind = "acknowledged"
    batch.records[0].author = "kim"
    try vault.keep(batch, by: author())
    #expect(try size() == before + 1)
  }

  @Test func `a sink's secret is sealed, opens only for it, and goes with it`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    try vault.setSink(
      "desk", kind: "pagerduty", settings: "{}", secret: passphrase("routing-key"), by: author())
    try vault.setSink("log", kind: "syslog", settings: "{}", secret: nil, by: author())
    #expect(try vault.sinkSecret("desk")?.withBytes { Array($0) } == Array("routing-key".utf8))
    #expect(try vault.sinkSecret("log") == nil)
    #expect(try vault.reader.alertSinks().map(\.name) == ["desk", "log"])
    #expect(try vault.reader.alertSinks().map(\.hasSecret) == [true, false])
    try vault.store.transact { db in
      try db.execute(
        sql: """
          UPDATE alert_sink SET sealed = (SELECT sealed FROM alert_sink WHERE name = 'desk')
          WHERE name = 'log'
          """)
    }
    #expect(fault { _ = try vault.sinkSecret("log") } != nil)
    #expect(badFindings(vault) == ["sealed secrets"])
    try vault.removeSink("log", by: author())
    #expect(badFindings(vault).isEmpty)
    #expect(fault { try vault.removeSink("log", by: author()) } != nil)
  }

  @Test func `a rotation of the root key takes the secrets of sinks along`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    try vault.setSink(
      "desk", kind: "slack", settings: "{}", secret: passphrase("https://x"), by: author())
    try vault.keep(AlertVaultTests.batch(1), by: author())
    let slot = try vault.slot(opening: secret())
    try vault.rotateRoot(secrets: [slot.id: secret()], by: author(5))
    #expect(try vault.sinkSecret("desk")?.withBytes { Array($0) } == Array("https://x".utf8))
    #expect(try vault.reader.waitingDeliveries().count == 1)
    #expect(badFindings(vault).isEmpty)
  }
}
