import Amounts
import Cipher
import GRDB
import Ledger

extension Store {
  /// Writes a batch down: entries, legs, holdings, prices, refused rows, raw text, counters and one
  /// audit record, in one transaction.
  func append(
    _ batch: Batch, to importNumber: Int64, by author: Attribution
  ) throws(VaultFault) -> AppendOutcome {
    var tally = tallies[importNumber] ?? RefusalTally()
    let outcome = try transact { db in
      var appender = Appender(db, self, importNumber)
      for account in batch.accounts { try appender.know(account) }
      let facts = appender.facts(of: batch.entries)
      let known = try appender.known(facts)
      for (entry, fact) in zip(batch.entries, facts) {
        try appender.append(entry, fact, known: known[fact.key], raw: batch.raw)
      }
      appender.refusals.append(contentsOf: batch.refused)
      for row in appender.refusals { try appender.refuse(row, &tally) }
      try appender.finish(batch, by: author)
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

/// What names an entry, and what it states.
struct Fact {
  let key: EntryID
  let content: Digest
}

/// A leg with the numbers of its account and asset.
struct ResolvedLeg {
  let account: Int
  let asset: Int
  let quantity: Quantity
  let counter: Counter
}

/// One batch on its way into the database.
///
/// Entries are looked at one by one; rows are collected and written at the end, many with one
/// statement and each table in the order of its keys.
struct Appender {
  let db: Database
  let store: Store
  let importNumber: Int64
  /// The number of the first entry that the batch adds.
  let firstID: Int
  var outcome = AppendOutcome()
  /// Rows to be kept as refused, in the order found.
  var refusals: [RefusedRow] = []
  var rows = AppendRows()
  var contents = MerkleFrontier()
  var changed: Set<HoldingSlot> = []
  var trades = OwnTrades()
  var addedLines: Set<Int> = []
  /// What the batch itself has added so far.
  var added: [EntryID: Digest] = [:]
  /// Whether a known entry that moves the same counts as the same, whatever else it states.
  var comparesMovements = false
  // Used again for every entry, so that none makes arrays of its own.
  var legs: [ResolvedLeg] = []
  var fold: [(slot: HoldingSlot, holding: Holding)] = []

  init(_ db: Database, _ store: Store, _ importNumber: Int64) {
    self.db = db
    self.store = store
    self.importNumber = importNumber
    firstID = store.state.entryCount + 1
  }

  /// Hashes what names each entry and what it states.
  func facts(of entries: [NewEntry]) -> [Fact] {
    entries.map { entry in
      Fact(
        key: EntryID(hash(entry.identity)),
        content: hash(
          Entry.canonicalBytes(
            time: entry.time, kind: entry.kind, legs: entry.legs, details: entry.details)))
    }
  }

  func hash(_ bytes: [UInt8]) -> Digest {
    bytes.withUnsafeBytes { store.hasher.update($0) }
    return store.hasher.finish()
  }

  /// Takes one entry in, unless the vault has it or cannot hold it.
  mutating func append(
    _ entry: NewEntry, _ fact: Fact, known: Int?, raw: RawRows
  ) throws {
    if known != nil || added[fact.key] != nil {
      return try reportKnown(entry, fact, stored: known, raw)
    }
    guard try resolve(entry.legs), folds() else { return reportUnfit(entry, fact, raw) }
    let id = store.state.entryCount + 1
    store.state.entryCount = id
    outcome.added += 1
    added[fact.key] = fact.content
    addedLines.insert(entry.line)
    contents.append(fact.content.withBytes { store.merkle.leaf($0) }, &store.merkle)
    rows.add(entry, fact, legs, number: id)
    for (slot, holding) in fold {
      store.state.holdings[slot] = holding
      changed.insert(slot)
    }
    notePrice(of: entry)
  }
}

extension EntryID {
  /// The first half of a digest.
  init(_ digest: Digest) {
    let halves = digest.withBytes { bytes in
      (
        bytes.loadUnaligned(as: UInt64.self),
        bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
      )
    }
    self.init(high: UInt64(bigEndian: halves.0), low: UInt64(bigEndian: halves.1))
  }
}
