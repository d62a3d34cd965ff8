internal import Amounts
public import Ledger

/// Which entries are wanted: newest first, a window of them.
public struct LedgerQuery: Hashable, Sendable, Wired {
  /// Only entries that move this canonical asset.
  public var asset: AssetID?
  /// Only entries that move something in this account.
  public var account: AccountID?
  /// Only entries of which a text contains this: ticker, kind, account, note, reference.
  public var text: String
  /// How many of the newest are passed over.
  public var offset: Int
  /// How many are wanted, at most `mostRows`.
  public var limit: Int

  /// The largest window.
  public static let mostRows = 500

  /// Makes a query.
  public init(
    asset: AssetID? = nil, account: AccountID? = nil, text: String = "", offset: Int = 0,
    limit: Int = 100
  ) {
    self.asset = asset
    self.account = account
    self.text = text
    self.offset = offset
    self.limit = limit
  }

  /// Appends the query.
  public func write(to writer: inout WireWriter) {
    writer.put(optional: asset) { $0.put($1.text) }
    writer.put(optional: account) { $0.put($1.slug) }
    writer.put(text)
    writer.put(offset)
    writer.put(limit)
  }

  /// Reads a query.
  public init(from reader: inout WireReader) throws(WireFault) {
    asset = try reader.optional { reader throws(WireFault) in try reader.asset() }
    account = try reader.optional { reader throws(WireFault) in
      AccountID(named: try reader.text())
    }
    text = try reader.text()
    offset = max(0, try reader.integer())
    limit = min(max(0, try reader.integer()), Self.mostRows)
  }
}

/// A window of the ledger.
public struct LedgerPage: Hashable, Sendable, Wired {
  /// What was asked.
  public let query: LedgerQuery
  /// How many entries the query has in all.
  public let total: Int
  /// The entries of the window, newest first.
  public let entries: [Entry]

  /// Makes a page.
  public init(query: LedgerQuery, total: Int, entries: [Entry]) {
    self.query = query
    self.total = total
    self.entries = entries
  }

  /// Appends the page.
  public func write(to writer: inout WireWriter) {
    writer.put(query)
    writer.put(total)
    writer.put(entries)
  }

  /// Reads a page.
  public init(from reader: inout WireReader) throws(WireFault) {
    query = try reader.value()
    total = try reader.integer()
    entries = try reader.list()
  }
}

extension Entry: Wired {
  /// Appends the entry.
  public func write(to writer: inout WireWriter) {
    writer.put(id.high)
    writer.put(id.low)
    writer.put(time)
    writer.put(kind.rawValue)
    writer.put(UInt64(legs.count))
    for leg in legs {
      writer.put(leg.account.slug)
      writer.put(leg.asset.text)
      writer.put(leg.quantity.fixed)
      writer.put(leg.counter.rawValue)
    }
    writer.put(details.reference)
    writer.put(details.transactionHash)
    writer.put(details.note)
    writer.put(optional: details.value) {
      $0.put($1.amount)
      $0.put($1.currency.code)
    }
    writer.put(origin.importNumber)
    writer.put(origin.line)
  }

  /// Reads an entry.
  public init(from reader: inout WireReader) throws(WireFault) {
    let id = EntryID(high: try reader.unsigned(), low: try reader.unsigned())
    let time = try reader.instant()
    guard let kind = EntryKind(rawValue: try reader.text()) else { throw .malformed }
    let count = try reader.count()
    guard (1...Entry.mostLegs).contains(count) else { throw .malformed }
    var legs: [Leg] = []
    for _ in 0..<count { legs.append(try Leg(from: &reader)) }
    var details = EntryDetails()
    details.reference = try reader.text()
    details.transactionHash = try reader.text()
    details.note = try reader.text()
    details.value = try reader.optional { reader throws(WireFault) in
      Money(try reader.amount(), try reader.currency())
    }
    let origin = EntryOrigin(importNumber: try reader.signed(), line: try reader.integer())
    self.init(id: id, time: time, kind: kind, legs: legs, details: details, origin: origin)
  }
}

extension Leg {
  fileprivate init(from reader: inout WireReader) throws(WireFault) {
    let account = AccountID(named: try reader.text())
    let asset = try reader.asset()
    let quantity = Quantity(try reader.amount())
    guard let counter = Counter(rawValue: try reader.integer()) else { throw .malformed }
    self.init(account: account, asset: asset, quantity: quantity, counter: counter)
  }
}
