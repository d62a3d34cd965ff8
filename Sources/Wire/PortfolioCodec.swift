internal import Amounts
public import Ledger
public import Portfolio
internal import Prices

extension Snapshot: Wired {
  /// Appends the snapshot.
  public func write(to writer: inout WireWriter) {
    writer.put(version)
    writer.put(currency.code)
    writer.put(time)
    writer.put(positions)
    writer.put(accounts)
    writer.put(totals)
  }

  /// Reads a snapshot.
  public init(from reader: inout WireReader) throws(WireFault) {
    self.init(
      version: try reader.unsigned(), currency: try reader.currency(),
      time: try reader.instant(), positions: try reader.list(), accounts: try reader.list(),
      totals: try reader.value())
  }
}

extension ChangeSet: Wired {
  /// Appends the change set.
  public func write(to writer: inout WireWriter) {
    writer.put(from)
    writer.put(to)
    writer.put(time)
    writer.put(changed)
    writer.put(removed.map(\.text))
    writer.put(optional: accounts) { $0.put($1) }
    writer.put(totals)
  }

  /// Reads a change set.
  public init(from reader: inout WireReader) throws(WireFault) {
    let from = try reader.unsigned()
    let to = try reader.unsigned()
    let time = try reader.instant()
    let changed: [Position] = try reader.list()
    var removed: [AssetID] = []
    for _ in 0..<(try reader.count()) { removed.append(try reader.asset()) }
    let accounts: [Account]? = try reader.optional { reader throws(WireFault) in
      try reader.list(of: Account.self)
    }
    self.init(
      from: from, to: to, time: time, changed: changed, removed: removed, accounts: accounts,
      totals: try reader.value())
  }
}

extension Position: Wired {
  /// Appends the position.
  public func write(to writer: inout WireWriter) {
    writer.put(asset.text)
    writer.put(quantity.fixed)
    writer.put(staked.fixed)
    writer.put(optional: price) { writer, price in
      writer.put(price.price.fixed)
      writer.put(price.low.fixed)
      writer.put(price.high.fixed)
      writer.put(price.time)
      writer.put(price.freshUntil)
      writer.put(byte: price.confidence.rawValue)
      writer.put(price.source)
    }
    writer.put(optional: value) { $0.put($1) }
    writer.put(optional: dayOpenValue) { $0.put($1) }
    writer.put(optional: dayBasis) { $0.put(byte: $1.rawValue) }
    writer.put(UInt64(shares.count))
    for share in shares {
      writer.put(share.account.slug)
      writer.put(share.quantity.fixed)
      writer.put(share.staked.fixed)
      writer.put(optional: share.value) { $0.put($1) }
      writer.put(share.isReported)
    }
    writer.put(optional: absence) { writer, absence in
      writer.put(byte: absence.kind.rawValue)
      writer.put(absence.venues)
      writer.put(optional: absence.until) { $0.put($1) }
    }
    writer.put(optional: difference) { writer, difference in
      writer.put(difference.missing.fixed)
      writer.put(difference.extra.fixed)
      writer.put(difference.count)
    }
    writer.put(optional: screening) { writer, screening in
      writer.put(byte: screening.standing.rawValue)
      writer.put(screening.reasons)
    }
  }

  /// Reads a position.
  public init(from reader: inout WireReader) throws(WireFault) {
    let asset = try reader.asset()
    let quantity = Quantity(try reader.amount())
    let staked = Quantity(try reader.amount())
    let price: PositionPrice? = try reader.optional { reader throws(WireFault) in
      let price = Price(try reader.amount())
      let range = (low: Price(try reader.amount()), high: Price(try reader.amount()))
      let time = try reader.instant()
      let freshUntil = try reader.instant()
      guard let confidence = Confidence(rawValue: try reader.byte()) else { throw .malformed }
      return PositionPrice(
        price: price, range: range, time: time, freshUntil: freshUntil, confidence: confidence,
        source: try reader.text())
    }
    let value = try reader.optional { reader throws(WireFault) in try reader.amount() }
    let dayOpen = try reader.optional { reader throws(WireFault) in try reader.amount() }
    let dayBasis: DayBasis? = try reader.optional { reader throws(WireFault) in
      guard let basis = DayBasis(rawValue: try reader.byte()) else { throw .malformed }
      return basis
    }
    var shares: [AccountShare] = []
    for _ in 0..<(try reader.count()) { shares.append(try AccountShare(from: &reader)) }
    let absence: PriceAbsence? = try reader.optional { reader throws(WireFault) in
      guard let kind = PriceAbsence.Kind(rawValue: try reader.byte()) else { throw .malformed }
      return PriceAbsence(
        kind, venues: try reader.list(),
        until: try reader.optional { reader throws(WireFault) in try reader.instant() })
    }
    let difference: OpenDifference? = try reader.optional { reader throws(WireFault) in
      OpenDifference(
        missing: Quantity(try reader.amount()), extra: Quantity(try reader.amount()),
        count: try reader.integer())
    }
    let screening: Screening? = try reader.optional { reader throws(WireFault) in
      guard let standing = Screening.Standing(rawValue: try reader.byte()) else {
        throw .malformed
      }
      return Screening(standing, reasons: try reader.list())
    }
    self.init(
      asset: asset, quantity: quantity, staked: staked, price: price, value: value,
      dayOpenValue: dayOpen, shares: shares, absence: absence, difference: difference,
      screening: screening, dayBasis: dayBasis)
  }
}

extension AccountShare {
  fileprivate init(from reader: inout WireReader) throws(WireFault) {
    self.init(
      account: AccountID(named: try reader.text()), quantity: Quantity(try reader.amount()),
      staked: Quantity(try reader.amount()),
      value: try reader.optional { reader throws(WireFault) in try reader.amount() },
      isReported: try reader.flag())
  }
}

extension Account: Wired {
  /// Appends the account.
  public func write(to writer: inout WireWriter) {
    writer.put(id.slug)
    writer.put(name)
    writer.put(venue)
    writer.put(book.name)
  }

  /// Reads an account.
  public init(from reader: inout WireReader) throws(WireFault) {
    self.init(
      id: AccountID(named: try reader.text()), name: try reader.text(),
      venue: try reader.text(), book: BookID(try reader.text()))
  }
}

extension Totals: Wired {
  /// Appends the sums.
  public func write(to writer: inout WireWriter) {
    writer.put(value)
    writer.put(staleValue)
    writer.put(dayOpenValue)
    writer.put(dayValue)
    writer.put(positions)
    writer.put(stale)
    writer.put(unpriced)
    writer.put(disputed)
    writer.put(folded)
    writer.put(low)
    writer.put(high)
    writer.put(breaks)
    writer.put(breakValue)
    writer.put(unread.map(\.slug))
    writer.put(overflowed)
  }

  /// Reads the sums.
  public init(from reader: inout WireReader) throws(WireFault) {
    self.init(
      value: try reader.amount(), staleValue: try reader.amount(),
      dayOpenValue: try reader.amount(), dayValue: try reader.amount(),
      positions: try reader.integer(), stale: try reader.integer(),
      unpriced: try reader.integer(), disputed: try reader.integer(),
      folded: try reader.integer(), low: try reader.amount(), high: try reader.amount(),
      breaks: try reader.integer(), breakValue: try reader.amount(),
      unread: try reader.accounts(), overflowed: try reader.flag())
  }
}

extension WireReader {
  fileprivate mutating func accounts() throws(WireFault) -> [AccountID] {
    let slugs: [String] = try list()
    return slugs.map { AccountID(named: $0) }
  }
}
