import Amounts
import Cipher
import FoundationEssentials
import GRDB
import Ledger
import Prices

extension Store {
  /// Writes a batch down: entries, legs, holdings, prices, refused rows, raw text, counters and one
  /// audit record, in one transaction.
  func append(
    _ batch: Batch, to importNumber: Int64, by author: Attribution
  ) throws(VaultFault) -> AppendOutcome {
    var tally = tallies[importNumber] ?? RefusalTally()
    let outcome = try transact { db in
      var appender = try Appender(db, self, importNumber)
      for account in batch.accounts { try appender.know(account) }
      for entry in batch.entries { try appender.append(entry, raw: batch.raw) }
      appender.refusals.append(contentsOf: batch.refused)
      for row in appender.refusals { try appender.refuse(row, &tally) }
      try appender.finish(raw: batch.raw, by: author)
      return appender.outcome
    }
    if tallies[importNumber] != nil { tallies[importNumber] = tally }
    return outcome
  }
}

/// Counts equal refused rows of one import, so that the second of two equal rows is kept as well.
struct RefusalTally {
  private var counts: [Digest: Int64] = [:]

  mutating func occurrence(of digest: Digest) -> Int64 {
    counts[digest, default: 0] += 1
    return counts[digest, default: 1] - 1
  }
}

/// One batch on its way into the database.
struct Appender {
  let db: Database
  let store: Store
  let importNumber: Int64
  var outcome = AppendOutcome()
  /// Rows to be kept as refused, in the order found.
  var refusals: [RefusedRow] = []

  private let insertEntry: Statement
  private let insertLeg: Statement
  private let insertByAccount: Statement
  private let insertByAsset: Statement
  private let firstID: Int
  private var contents = MerkleFrontier()
  private var changed: Set<HoldingSlot> = []
  private var prices: [TradePair: OwnTrade] = [:]
  private var addedLines: Set<Int> = []
  private var rows = 0
  // Used again for every entry, so that none makes arrays of its own.
  private var legs: [ResolvedLeg] = []
  private var fold: [(slot: HoldingSlot, holding: Holding)] = []

  init(_ db: Database, _ store: Store, _ importNumber: Int64) throws {
    self.db = db
    self.store = store
    self.importNumber = importNumber
    firstID = store.state.entryCount + 1
    insertEntry = try db.cachedStatement(
      sql: """
        INSERT OR IGNORE INTO entry (id, key, content, time, kind, reference, tx_hash, note,
          value_amount, value_currency, import_id, line)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    insertLeg = try db.cachedStatement(sql: "INSERT INTO leg VALUES (?, ?, ?, ?, ?, ?)")
    insertByAccount = try db.cachedStatement(
      sql: "INSERT OR IGNORE INTO entry_by_account VALUES (?, ?, ?)")
    insertByAsset = try db.cachedStatement(
      sql: "INSERT OR IGNORE INTO entry_by_asset VALUES (?, ?, ?, ?)")
  }

  /// Writes one entry down, unless the vault has it or cannot hold it.
  mutating func append(_ entry: NewEntry, raw: RawRows) throws {
    entry.identity.withUnsafeBytes { store.hasher.update($0) }
    let key = store.hasher.finish()
    let content = hash(
      Entry.canonicalBytes(
        time: entry.time, kind: entry.kind, legs: entry.legs, details: entry.details))
    let keyData = key.withBytes { Data($0.prefix(16)) }
    guard try resolve(entry.legs), folds() else {
      return try reportUnfit(entry, keyData, content, raw)
    }
    let id = store.state.entryCount + 1
    try insertEntry.run(
      id, keyData, content.withBytes { Data($0) }, entry.time.microseconds,
      EntryKindCode.code(of: entry.kind), entry.details.reference, entry.details.transactionHash,
      entry.details.note, entry.details.value?.amount.text, entry.details.value?.currency.code,
      importNumber, entry.line)
    guard db.changesCount == 1 else { return try reportKnown(entry, keyData, content, raw) }
    store.state.entryCount = id
    outcome.added += 1
    addedLines.insert(entry.line)
    contents.append(content.withBytes { store.merkle.leaf($0) }, &store.merkle)
    try insertLegs(of: id, at: entry.time)
    for (slot, holding) in fold {
      store.state.holdings[slot] = holding
      changed.insert(slot)
    }
    notePrice(of: entry)
  }

  private mutating func hash(_ bytes: [UInt8]) -> Digest {
    bytes.withUnsafeBytes { store.hasher.update($0) }
    return store.hasher.finish()
  }

  private func insertLegs(of id: Int, at time: Instant) throws {
    for (n, leg) in legs.enumerated() {
      try insertLeg.run(
        id, n, leg.account, leg.asset, leg.quantity.fixed.text, leg.counter.rawValue)
      if !legs[..<n].contains(where: { $0.account == leg.account }) {
        try insertByAccount.run(leg.account, time.microseconds, id)
      }
      if !legs[..<n].contains(where: { $0.account == leg.account && $0.asset == leg.asset }) {
        try insertByAsset.run(leg.asset, leg.account, time.microseconds, id)
      }
    }
  }
}

/// A leg with the numbers of its account and asset.
private struct ResolvedLeg {
  let account: Int
  let asset: Int
  let quantity: Quantity
  let counter: Counter
}

// MARK: - Names and holdings

extension Appender {
  /// Takes an account in unless it is known.
  mutating func know(_ account: Account) throws {
    guard store.state.names.number(of: account.id) == nil else { return }
    _ = try add(account)
  }

  private mutating func add(_ account: Account) throws -> Int {
    let stored = Account(
      id: account.id, name: account.name.storable, venue: account.venue.storable,
      book: BookID(account.book.name.storable))
    let number = store.state.names.add(stored)
    try db.execute(
      sql: "INSERT INTO account (id, slug, name, venue, book) VALUES (?, ?, ?, ?, ?)",
      arguments: [number, stored.id.slug, stored.name, stored.venue, stored.book.name])
    try db.execute(
      sql: "INSERT OR IGNORE INTO book (name) VALUES (?)", arguments: [stored.book.name])
    outcome.accounts.append(stored)
    return number
  }

  /// The number of an asset; `nil` for one whose text form would not read back as the same.
  private mutating func number(of asset: AssetID) throws -> Int? {
    if let known = store.state.names.number(of: asset) { return known }
    let text = asset.text
    guard AssetID(text) == asset, !text.utf8.contains(0) else { return nil }
    let number = store.state.names.add(asset)
    try db.execute(
      sql: "INSERT INTO asset (id, identity) VALUES (?, ?)", arguments: [number, text])
    return number
  }

  /// Finds the numbers of the legs' accounts and assets; false where an asset cannot be stored.
  private mutating func resolve(_ entryLegs: [Leg]) throws -> Bool {
    legs.removeAll(keepingCapacity: true)
    for leg in entryLegs {
      let account =
        try store.state.names.number(of: leg.account)
        ?? add(Account(id: leg.account, name: leg.account.slug, venue: leg.account.slug))
      guard let asset = try number(of: leg.asset) else { return false }
      legs.append(
        ResolvedLeg(
          account: account, asset: asset, quantity: leg.quantity, counter: leg.counter))
    }
    return true
  }

  /// Works out what the legs change, without changing it; false where a holding would overflow.
  ///
  /// The rule is that of `Holdings.apply`, over numbers instead of names.
  private mutating func folds() -> Bool {
    fold.removeAll(keepingCapacity: true)
    for leg in legs {
      let slot = HoldingSlot(account: leg.account, asset: leg.asset)
      let place = fold.firstIndex { $0.slot == slot }
      var holding = place.map { fold[$0].holding } ?? store.state.holdings[slot] ?? Holding()
      guard let free = try? holding.free.adding(leg.quantity) else { return false }
      holding.free = free
      if leg.counter == .staked {
        guard let staked = try? holding.staked.subtracting(leg.quantity) else { return false }
        holding.staked = staked
      }
      // Both parts must also add up, or the account's total could not be said.
      guard (try? holding.total()) != nil else { return false }
      if let place { fold[place].holding = holding } else { fold.append((slot, holding)) }
    }
    return true
  }
}

// MARK: - What is not written as an entry

extension Appender {
  /// The vault has an entry of this key: the same fact again, or another fact under its name.
  private mutating func reportKnown(
    _ entry: NewEntry, _ key: Data, _ content: Digest, _ raw: RawRows
  ) throws {
    let stored = try Data.fetchOne(
      db.cachedStatement(sql: "SELECT content FROM entry WHERE key = ?"), arguments: [key])
    if stored.flatMap({ Digest($0) }) == content {
      outcome.duplicates += 1
    } else {
      outcome.conflicts += 1
      refusals.append(refusal(of: entry, "conflict", key, raw))
    }
  }

  /// A holding would overflow or an asset has no lasting name: a duplicate is still a duplicate.
  private mutating func reportUnfit(
    _ entry: NewEntry, _ key: Data, _ content: Digest, _ raw: RawRows
  ) throws {
    let isKnown = try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT 1 FROM entry WHERE key = ?"), arguments: [key])
    if isKnown ?? false { return try reportKnown(entry, key, content, raw) }
    outcome.unrepresentable += 1
    let reason = legs.count == entry.legs.count ? "overflow" : "bad-asset"
    refusals.append(refusal(of: entry, reason, key, raw))
  }

  private func refusal(
    of entry: NewEntry, _ reason: String, _ key: Data, _ raw: RawRows
  ) -> RefusedRow {
    RefusedRow(
      row: 0, line: entry.line, reason: reason, text: EntryID(digest: Array(key)).description,
      raw: raw.text(ofLine: entry.line))
  }

  /// Keeps a refused row, unless it is kept already.
  mutating func refuse(_ row: RefusedRow, _ tally: inout RefusalTally) throws {
    let plain = AuditRecord.refusalBytes(row)
    let occurrence = tally.occurrence(of: hash(plain))
    let key = hash(plain + withUnsafeBytes(of: occurrence.bigEndian) { Array($0) })
    try db.cachedStatement(
      sql: """
        INSERT OR IGNORE INTO refused
          (key, import_id, row, line, reason, column_name, text, raw)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).run(
      Data(key.bytes), importNumber, row.row, row.line, row.reason, row.column, row.text,
      Data(row.raw))
    if db.changesCount == 1 { outcome.refused += 1 }
  }
}

extension AuditRecord {
  /// What makes a refused row the same when it is read again; its place in the file does not.
  fileprivate static func refusalBytes(_ row: RefusedRow) -> [UInt8] {
    var bytes: [UInt8] = []
    for part in [Array(row.reason.utf8), Array(row.column.utf8), Array(row.text.utf8), row.raw] {
      withUnsafeBytes(of: UInt64(part.count).bigEndian) { bytes.append(contentsOf: $0) }
      bytes.append(contentsOf: part)
    }
    return bytes
  }
}

// MARK: - Prices of own trades

/// What one unit cost in a trade of the holder's own.
private struct OwnTrade {
  let price: Price
  let time: Instant
}

extension Appender {
  /// Remembers what an exchange of one asset for one currency says about the price.
  private mutating func notePrice(of entry: NewEntry) {
    guard entry.kind == .trade else { return }
    let sides = entry.legs.filter { $0.counter == .conversion && !$0.quantity.isZero }
    guard sides.count == 2, sides[0].quantity.isNegative != sides[1].quantity.isNegative,
      let (asset, money) = QuoteCurrency.split(sides, store.state.names.links),
      let number = store.state.names.number(of: asset.asset)
    else { return }
    let pair = TradePair(asset: number, currency: money.currency.code)
    if let known = store.state.tradeTimes[pair], known > entry.time.microseconds { return }
    guard
      let price = try? money.quantity.fixed.magnitude()
        .divided(by: asset.quantity.fixed.magnitude(), rounding: .halfEven),
      !price.isZero
    else { return }
    store.state.tradeTimes[pair] = entry.time.microseconds
    prices[pair] = OwnTrade(price: Price(price), time: entry.time)
  }
}

// MARK: - The end of a batch

extension Appender {
  /// Writes what the entries of the batch have in common.
  mutating func finish(raw: RawRows, by author: Attribution) throws {
    try writeHoldings()
    try writePrices()
    try writePayload(raw)
    try writeCounters()
    guard outcome.added > 0 || outcome.refused > 0 else { return }
    var details: [String: AuditValue] = [
      "added": .number(Int64(outcome.added)), "refused": .number(Int64(outcome.refused)),
    ]
    if outcome.added > 0 {
      details["first"] = .number(Int64(firstID))
      details["last"] = .number(Int64(store.state.entryCount))
      details["root"] = .text(contents.root(&store.merkle).description)
    }
    try store.audit(db, .append, on: "import:\(importNumber)", by: author, details)
  }

  private mutating func writeHoldings() throws {
    let statement = try db.cachedStatement(
      sql: "INSERT OR REPLACE INTO holding (account_id, asset_id, free, staked) VALUES (?, ?, ?, ?)"
    )
    for slot in changed {
      guard let holding = store.state.holdings[slot],
        let account = store.state.names.account(Int(slot.account)),
        let asset = store.state.names.asset(Int(slot.asset))
      else { preconditionFailure("What was folded has a holding and a name.") }
      try statement.run(
        Int(slot.account), Int(slot.asset), holding.free.text, holding.staked.text)
      outcome.holdings[HoldingKey(account: account.id, asset: asset)] = holding
    }
  }

  private mutating func writePrices() throws {
    for (pair, trade) in prices {
      try db.execute(
        sql: "INSERT OR REPLACE INTO trade_price VALUES (?, ?, ?, ?)",
        arguments: [pair.asset, pair.currency, trade.price.text, trade.time.microseconds])
      guard let asset = store.state.names.asset(pair.asset),
        let quote = Quote(
          asset: store.state.names.links.canonical(asset), price: trade.price,
          currency: try Currency(stored: pair.currency), time: trade.time, source: .ownTrade)
      else { continue }
      outcome.quotes.append(quote)
    }
    outcome.quotes.sort {
      $0.asset != $1.asset ? $0.asset < $1.asset : $0.currency < $1.currency
    }
  }

  /// Keeps the raw text of the rows that led to new entries, in pieces of about 64 KiB.
  private func writePayload(_ raw: RawRows) throws {
    var chunk = PayloadChunk()
    for span in raw.spans where addedLines.contains(span.line) {
      chunk.append(raw.bytes[span.start..<span.end], line: span.line)
      if chunk.isFull {
        try write(chunk)
        chunk = PayloadChunk()
      }
    }
    try write(chunk)
  }

  private func write(_ chunk: PayloadChunk) throws {
    guard !chunk.bytes.isEmpty else { return }
    try db.cachedStatement(
      sql: "INSERT INTO payload (import_id, first_line, last_line, text) VALUES (?, ?, ?, ?)"
    ).run(importNumber, chunk.firstLine, chunk.lastLine, Data(chunk.bytes))
  }

  private func writeCounters() throws {
    guard importNumber != 0 else { return }
    try db.execute(
      sql: """
        UPDATE import SET added = added + ?, duplicates = duplicates + ?,
          conflicts = conflicts + ?, refused = refused + ? WHERE id = ?
        """,
      arguments: [
        outcome.added, outcome.duplicates, outcome.conflicts, outcome.refused, importNumber,
      ])
  }
}
