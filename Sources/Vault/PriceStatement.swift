public import Amounts
import GRDB
public import Ledger
public import Prices

/// What a user says that an asset costs.
public struct PriceStatement: Hashable, Sendable {
  /// How far a statement has come.
  public enum State: Int, Hashable, Sendable {
    /// It waits for a second word.
    case proposed = 0
    /// It counts.
    case approved = 1
    /// It was taken back or refused.
    case withdrawn = 2

    /// The stable text form.
    public var text: String {
      switch self {
      case .proposed: "proposed"
      case .approved: "approved"
      case .withdrawn: "withdrawn"
      }
    }
  }

  /// Its number.
  public let id: Int64
  /// The canonical asset.
  public let asset: AssetID
  /// For one unit.
  public let price: Price
  /// The currency of the price.
  public let currency: Currency
  /// When it was stated.
  public let time: Instant
  /// Until when it counts.
  public let expires: Instant
  /// Why, in the user's words.
  public let reason: String
  /// Who stated it.
  public let author: String
  /// How far it has come.
  public let state: State
  /// Why it needed a second word; empty where it needed none.
  public let doubt: String
  /// Who said the second word; empty for nobody yet.
  public let decider: String
  /// When.
  public let decided: Instant?

  /// The statement as a quote.
  public var quote: Quote? {
    Quote(
      asset: asset, price: price, currency: currency, time: decided ?? time, source: .manual,
      expires: expires)
  }

  fileprivate init(_ row: Row) throws {
    id = row[0]
    asset = try AssetID(stored: row[1])
    currency = try Currency(stored: row[2])
    price = try Price(stored: row[3])
    time = Instant(microseconds: row[4])
    expires = Instant(microseconds: row[5])
    reason = row[6]
    author = row[7]
    state = State(rawValue: row[8]) ?? .withdrawn
    doubt = row[9]
    decider = row[10]
    let decided: Int64? = row[11]
    self.decided = decided.map { Instant(microseconds: $0) }
  }
}

/// A price to be stated.
public struct NewPriceStatement: Sendable {
  /// The canonical asset.
  public var asset: AssetID
  /// For one unit, above zero.
  public var price: Price
  /// The currency of the price.
  public var currency: Currency
  /// Until when it counts.
  public var expires: Instant
  /// Why, in the user's words.
  public var reason: String
  /// Why it needs a second word; empty where it counts at once.
  public var doubt: String

  /// Makes a statement.
  ///
  /// - Parameters:
  ///   - asset: The canonical asset.
  ///   - price: For one unit, above zero.
  ///   - currency: The currency of the price.
  ///   - expires: Until when it counts.
  ///   - reason: Why, in the user's words.
  ///   - doubt: Why it needs a second word; empty where it counts at once.
  public init(
    asset: AssetID, price: Price, currency: Currency, expires: Instant, reason: String = "",
    doubt: String = ""
  ) {
    self.asset = asset
    self.price = price
    self.currency = currency
    self.expires = expires
    self.reason = String(reason.prefix(500))
    self.doubt = doubt
  }
}

extension Vault {
  /// Writes down what a user says that an asset costs; it counts at once where nothing is in doubt.
  ///
  /// - Parameters:
  ///   - new: What is stated.
  ///   - author: Who states it, and when.
  /// - Returns: The statement.
  /// - Throws: `VaultFault`.
  public func state(
    _ new: NewPriceStatement, by author: Attribution
  ) throws(VaultFault) -> PriceStatement {
    guard AssetID(new.asset.text) == new.asset, new.price > .zero else {
      throw .refused(.badName)
    }
    let state: PriceStatement.State = new.doubt.isEmpty ? .approved : .proposed
    return try store.transact { db in
      try db.execute(
        sql: """
          INSERT INTO price_statement (asset, currency, price, time, expires, reason, author, state,
            doubt, decider, decided) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', NULL)
          """,
        arguments: [
          new.asset.text, new.currency.code, new.price.text, author.time.microseconds,
          new.expires.microseconds, new.reason.storable, author.user.storable, state.rawValue,
          new.doubt.storable,
        ])
      let id = db.lastInsertedRowID
      let made = try Vault.statement(id, db)
      if state == .approved, let quote = made.quote { try Vault.write([quote], db) }
      try store.audit(
        db, .statePrice, on: "price:\(id)", by: author,
        [
          "asset": .text(new.asset.text), "currency": .text(new.currency.code),
          "doubt": .text(new.doubt.storable), "expires": .number(new.expires.microseconds),
          "price": .text(new.price.text), "reason": .text(new.reason.storable),
          "state": .text(state.text),
        ])
      return made
    }
  }

  /// Says the second word on a price that waits for one.
  ///
  /// - Parameters:
  ///   - id: The number of the statement.
  ///   - state: Whether it counts from now on, or never will.
  ///   - author: Who says so, and when.
  /// - Returns: The statement afterwards.
  /// - Throws: `notFound` for a number that no waiting statement has.
  public func decide(
    _ id: Int64, _ state: PriceStatement.State, by author: Attribution
  ) throws(VaultFault) -> PriceStatement {
    try store.transact { db in
      let before = try Vault.statement(id, db)
      guard before.state == .proposed else {
        throw VaultFault.notFound(kind: "waiting price", name: "\(id)")
      }
      try db.execute(
        sql: "UPDATE price_statement SET state = ?, decider = ?, decided = ? WHERE id = ?",
        arguments: [state.rawValue, author.user.storable, author.time.microseconds, id])
      let made = try Vault.statement(id, db)
      if state == .approved, let quote = made.quote { try Vault.write([quote], db) }
      try store.audit(
        db, .decidePrice, on: "price:\(id)", by: author,
        ["proposed_by": .text(before.author), "state": .text(state.text)])
      return made
    }
  }

  private static func statement(_ id: Int64, _ db: Database) throws -> PriceStatement {
    let row = try Row.fetchOne(
      db, sql: "SELECT * FROM price_statement WHERE id = ?", arguments: [id])
    guard let row else { throw VaultFault.notFound(kind: "price", name: "\(id)") }
    return try PriceStatement(row)
  }
}

extension VaultReader {
  /// What users said that assets cost, the latest first.
  ///
  /// - Parameter limit: How many at most.
  /// - Returns: The statements.
  /// - Throws: `VaultFault`.
  public func priceStatements(limit: Int = 1_000) throws(VaultFault) -> [PriceStatement] {
    try read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM price_statement ORDER BY id DESC LIMIT ?", arguments: [limit]
      ).map { try PriceStatement($0) }
    }
  }
}
