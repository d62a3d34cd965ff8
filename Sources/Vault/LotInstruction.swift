import GRDB
public import Ledger

/// How an account's sales take lots where none are named for them, recorded before they happen.
public struct LotInstruction: Hashable, Sendable {
  /// The order in which lots are taken; the raw values are stored and never change.
  public enum Method: String, Hashable, Sendable, CaseIterable {
    /// The earliest first.
    case fifo
    /// The latest first.
    case lifo
    /// The dearest first.
    case hifo
    /// The cheapest first.
    case lofo
  }

  /// Its number.
  public let id: Int64
  /// Whose sales.
  public let account: AccountID
  /// The order.
  public let method: Method
  /// From when on it shall count.
  public let from: Instant
  /// When it was recorded.
  public let time: Instant
  /// Who recorded it.
  public let author: String
  /// When it was taken back; `nil` while it stands.
  public let withdrawn: Instant?
  /// Who took it back.
  public let withdrawer: String

  /// Makes an instruction as it stands in a vault.
  public init(
    id: Int64, account: AccountID, method: Method, from: Instant, time: Instant, author: String,
    withdrawn: Instant? = nil, withdrawer: String = ""
  ) {
    self.id = id
    self.account = account
    self.method = method
    self.from = from
    self.time = time
    self.author = author
    self.withdrawn = withdrawn
    self.withdrawer = withdrawer
  }

  /// From when on it is in force: never before it was recorded.
  public var start: Instant { max(from, time) }

  /// Whether it is in force at a time, unless a later one is.
  public func holds(at time: Instant) -> Bool {
    start <= time && withdrawn.map { $0 > time } ?? true
  }

  fileprivate init(_ row: Row) throws {
    let (slug, word): (String, String) = (row[1], row[2])
    let withdrawn: Int64? = row[6]
    guard let method = Method(rawValue: word) else { throw StoredTextFault(text: word) }
    self.init(
      id: row[0], account: AccountID(named: slug), method: method,
      from: Instant(microseconds: row[3]), time: Instant(microseconds: row[4]), author: row[5],
      withdrawn: withdrawn.map { Instant(microseconds: $0) }, withdrawer: row[7])
  }
}

extension Vault {
  /// Records how an account's sales take lots; what was recorded for it before stays for sales before.
  ///
  /// - Parameters:
  ///   - method: The order.
  ///   - account: A known account.
  ///   - from: From when on; not before now counts, whatever is said.
  ///   - author: Who says so, and when.
  /// - Returns: The instruction.
  /// - Throws: `notFound` for an account the vault does not have.
  public func instruct(
    _ method: LotInstruction.Method, for account: AccountID, from: Instant,
    by author: Attribution
  ) throws(VaultFault) -> LotInstruction {
    try store.transact { db in
      guard store.state.names.number(of: account) != nil else {
        throw VaultFault.notFound(kind: "account", name: account.slug)
      }
      try db.execute(
        sql: """
          INSERT INTO lot_instruction
            (account, method, start, time, author, withdrawn, withdrawer)
          VALUES (?, ?, ?, ?, ?, NULL, '')
          """,
        arguments: [
          account.slug, method.rawValue, from.microseconds, author.time.microseconds,
          author.user.storable,
        ])
      let id = db.lastInsertedRowID
      try store.audit(
        db, .instructLots, on: "account:\(account.slug)", by: author,
        [
          "from": .text(from.description), "method": .text(method.rawValue), "number": .number(id),
        ])
      return LotInstruction(
        id: id, account: account, method: method, from: from, time: author.time,
        author: author.user)
    }
  }

  /// Takes back how an account's sales take lots, for sales from now on.
  ///
  /// - Parameters:
  ///   - account: The account.
  ///   - author: Who takes it back, and when.
  /// - Throws: `notFound` where nothing is recorded for it.
  public func withdrawInstructions(
    for account: AccountID, by author: Attribution
  ) throws(VaultFault) {
    try store.transact { db in
      try db.execute(
        sql: """
          UPDATE lot_instruction SET withdrawn = ?, withdrawer = ?
          WHERE account = ? AND withdrawn IS NULL
          """,
        arguments: [author.time.microseconds, author.user.storable, account.slug])
      let count = db.changesCount
      guard count > 0 else {
        throw VaultFault.notFound(kind: "standing instruction for the account", name: account.slug)
      }
      try store.audit(
        db, .withdrawLotInstruction, on: "account:\(account.slug)", by: author,
        ["instructions": .number(Int64(count))])
    }
  }
}

extension VaultReader {
  /// How accounts' sales take lots, what was taken back included, the earliest recorded first.
  ///
  /// - Returns: The instructions.
  /// - Throws: `VaultFault`.
  public func lotInstructions() throws(VaultFault) -> [LotInstruction] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT id, account, method, start, time, author, withdrawn, withdrawer
          FROM lot_instruction ORDER BY id
          """
      ).map { try LotInstruction($0) }
    }
  }
}
