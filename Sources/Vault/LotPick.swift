public import Amounts
import FoundationEssentials
import GRDB
public import Ledger

/// The lots that a user named for what an entry gives away, and when.
public struct LotPick: Hashable, Sendable {
  /// So much of a lot.
  public struct Part: Hashable, Sendable {
    /// The entry that made the lot.
    public let entry: EntryID
    /// Which of the entry's events made it.
    public let part: Int
    /// How much of it.
    public let quantity: Quantity

    /// Names a part of a lot.
    public init(entry: EntryID, part: Int, quantity: Quantity) {
      self.entry = entry
      self.part = part
      self.quantity = quantity
    }
  }

  /// How many lots one sale may name.
  public static let mostParts = 500

  /// Its number.
  public let id: Int64
  /// The entry that gives away.
  public let sale: EntryID
  /// What it takes, in order.
  public let parts: [Part]
  /// When they were named.
  public let time: Instant
  /// Who named them.
  public let author: String
  /// When that was taken back, or named anew; `nil` while it stands.
  public let withdrawn: Instant?
  /// Who did.
  public let withdrawer: String

  /// Makes a pick as it stands in a vault.
  public init(
    id: Int64, sale: EntryID, parts: [Part], time: Instant, author: String,
    withdrawn: Instant? = nil, withdrawer: String = ""
  ) {
    self.id = id
    self.sale = sale
    self.parts = parts
    self.time = time
    self.author = author
    self.withdrawn = withdrawn
    self.withdrawer = withdrawer
  }

  /// Whether it stood at a time.
  public func stands(at time: Instant) -> Bool {
    self.time <= time && withdrawn.map { $0 > time } ?? true
  }

  fileprivate init(_ row: Row) throws {
    let text: String = row[2]
    let withdrawn: Int64? = row[5]
    self.init(
      id: row[0], sale: EntryID(digest: row.bytes(1)), parts: try LotPick.read(text),
      time: Instant(microseconds: row[3]), author: row[4],
      withdrawn: withdrawn.map { Instant(microseconds: $0) }, withdrawer: row[6])
  }

  /// Each part as `ENTRY.PART:QUANTITY`, one after the other with spaces between.
  fileprivate static func text(of parts: [Part]) -> String {
    parts.map { "\($0.entry).\($0.part):\($0.quantity.text)" }.joined(separator: " ")
  }

  private static func read(_ text: String) throws -> [Part] {
    try text.split(separator: " ").map { word in
      let halves = word.split(separator: ":")
      guard halves.count == 2, let name = halves.first, let size = halves.last,
        case let names = name.split(separator: "."), names.count == 2,
        let entry = names.first.flatMap({ EntryID($0) }), let part = names.last.flatMap({ Int($0) })
      else { throw StoredTextFault(text: text) }
      return Part(entry: entry, part: part, quantity: try Quantity(stored: String(size)))
    }
  }
}

extension Vault {
  /// Writes down which lots an entry gives away; what was named for it before is taken back.
  ///
  /// - Parameters:
  ///   - parts: What it takes, in order.
  ///   - sale: The entry.
  ///   - author: Who names them, and when.
  /// - Returns: The pick.
  /// - Throws: `VaultFault`.
  public func pick(
    _ parts: [LotPick.Part], for sale: EntryID, by author: Attribution
  ) throws(VaultFault) -> LotPick {
    guard !parts.isEmpty, parts.count <= LotPick.mostParts else { throw .refused(.badName) }
    return try store.transact { db in
      let count = try Vault.withdraw(sale, db, by: author)
      let text = LotPick.text(of: parts)
      try db.execute(
        sql: """
          INSERT INTO lot_pick (sale, lots, time, author, withdrawn, withdrawer)
          VALUES (?, ?, ?, ?, NULL, '')
          """,
        arguments: [Data(sale.bytes), text, author.time.microseconds, author.user.storable])
      let id = db.lastInsertedRowID
      try store.audit(
        db, .pickLots, on: "entry:\(sale)", by: author,
        ["lots": .text(text), "number": .number(id), "replaced": .flag(count > 0)])
      return LotPick(
        id: id, sale: sale, parts: parts, time: author.time, author: author.user)
    }
  }

  /// Takes back which lots an entry gives away.
  ///
  /// - Parameters:
  ///   - sale: The entry.
  ///   - author: Who takes it back, and when.
  /// - Throws: `notFound` where no lots are named for it.
  public func unpick(_ sale: EntryID, by author: Attribution) throws(VaultFault) {
    try store.transact { db in
      guard try Vault.withdraw(sale, db, by: author) > 0 else {
        throw VaultFault.notFound(kind: "pick of lots for the entry", name: "\(sale)")
      }
      try store.audit(db, .unpickLots, on: "entry:\(sale)", by: author)
    }
  }

  /// How many picks were taken back.
  private static func withdraw(
    _ sale: EntryID, _ db: Database, by author: Attribution
  ) throws -> Int {
    try db.execute(
      sql: """
        UPDATE lot_pick SET withdrawn = ?, withdrawer = ? WHERE sale = ? AND withdrawn IS NULL
        """,
      arguments: [author.time.microseconds, author.user.storable, Data(sale.bytes)])
    return db.changesCount
  }
}

extension VaultReader {
  /// The lots that users named, those that were taken back included, the earliest first.
  ///
  /// - Returns: The picks.
  /// - Throws: `VaultFault`.
  public func lotPicks() throws(VaultFault) -> [LotPick] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: "SELECT id, sale, lots, time, author, withdrawn, withdrawer FROM lot_pick ORDER BY id"
      ).map { try LotPick($0) }
    }
  }
}
