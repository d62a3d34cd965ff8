import Amounts
import Ledger
import Prices

/// Reads one entry.
struct EntryEvents {
  /// What an entry moved of one asset in one account from or to one place.
  private struct Line {
    let account: AccountID
    let asset: AssetID
    let counter: Counter
    var quantity: Quantity

    var isIn: Bool { !quantity.isNegative }
  }

  private let entry: Entry
  private let sequence: Int
  private let mapping: EntryMapping
  private(set) var mapped = MappedEntry()
  /// Fees in tokens that no event has taken yet.
  private var fees: [(line: Line, fee: TokenFee)] = []
  /// Fees in cash, in the currency of the book.
  private var cashFee: Fixed? = .zero
  /// The assets whose disposal has its named lots.
  private var named: Set<AssetID> = []

  init(_ entry: Entry, sequence: Int, mapping: EntryMapping) {
    self.entry = entry
    self.sequence = sequence
    self.mapping = mapping
    let lines = lines()
    let fees = lines.filter { isFee($0) }
    let rest = lines.filter { !isFee($0) && $0.counter != .staked }
    for line in fees { take(fee: line) }
    trade(rest.filter { $0.counter == .conversion })
    transfer(rest.filter { $0.counter == .transit && !isCash($0) })
    for line in rest where ![.conversion, .transit].contains(line.counter) && !isCash(line) {
      single(line)
    }
    for (line, fee) in self.fees {
      let outgoing = Outgoing(
        account: line.account, asset: fee.asset, quantity: fee.quantity, value: fee.value,
        kind: .fee)
      add(.disposal(outgoing))
    }
  }

  // MARK: - Lines

  /// The legs, added up where they move the same thing between the same places.
  private mutating func lines() -> [Line] {
    var lines: [Line] = []
    for leg in entry.legs {
      let asset = mapping.links.canonical(leg.asset)
      let index = lines.firstIndex {
        $0.account == leg.account && $0.asset == asset && $0.counter == leg.counter
      }
      guard let index else {
        lines.append(
          Line(account: leg.account, asset: asset, counter: leg.counter, quantity: leg.quantity))
        continue
      }
      if let sum = try? lines[index].quantity.adding(leg.quantity) {
        lines[index].quantity = sum
      } else {
        note(.outOfRange, lines[index])
      }
    }
    return lines.filter { !$0.quantity.isZero }
  }

  /// Whether a line is a fee of something else in the entry.
  private func isFee(_ line: Line) -> Bool {
    line.counter == .fees && !line.isIn && entry.kind != .fee
  }

  private func isCash(_ line: Line) -> Bool {
    if case .fiat = line.asset { return true }
    return line.asset == QuoteBoard.asset(of: mapping.currency)
  }

  private mutating func take(fee line: Line) {
    if isCash(line) {
      let value = value(line)
      if let sum = cashFee, let value, let next = try? sum.adding(value) {
        cashFee = next
      } else {
        cashFee = nil
      }
    } else if let quantity = size(line) {
      fees.append((line, TokenFee(asset: line.asset, quantity: quantity, value: value(line))))
    }
  }

  // MARK: - Trades

  private mutating func trade(_ lines: [Line]) {
    let cash = lines.filter { isCash($0) }
    let given = lines.filter { !isCash($0) && !$0.isIn }
    let got = lines.filter { !isCash($0) && $0.isIn }
    if given.isEmpty && got.isEmpty { return }
    let received = sum(cash.filter(\.isIn))
    let paid = sum(cash.filter { !$0.isIn })
    if given.isEmpty, got.count == 1, !cash.isEmpty {
      acquire(got[0], value: difference(paid, received), .purchase)
    } else if got.isEmpty, given.count == 1, !cash.isEmpty {
      dispose(given[0], value: difference(received, paid), .sell)
    } else if given.count == 1, got.count == 1 {
      exchange(given[0], for: got[0], cash: difference(received, paid))
    } else {
      for line in given { dispose(line, value: value(line), got.isEmpty ? .sell : .trade) }
      for line in got { acquire(line, value: value(line), .purchase) }
    }
  }

  /// One asset for another; cash that comes with it is part of what is got.
  private mutating func exchange(_ given: Line, for got: Line, cash: Fixed?) {
    guard let quantities = sizes(given, got) else { return }
    let worth = stated() ?? value(got, isNoted: false)
    var proceeds = difference(worth, try? cash?.negated())
    var cost = worth
    if proceeds == nil, let known = value(given, isNoted: false) {
      proceeds = known
      cost = difference(known, cash)
    }
    if proceeds == nil || cost == nil { note(.missingPrice, got) }
    let outgoing = Outgoing(
      account: given.account, asset: given.asset, quantity: quantities.given,
      value: afterCashFee(proceeds), fee: cashFee ?? .zero, kind: .trade,
      lots: lots(of: given.asset))
    let acquisition = Acquisition(
      account: got.account, asset: got.asset, quantity: quantities.got, value: cost)
    add(.exchange(outgoing, for: acquisition), fee: takeFee(from: given.account))
  }

  // MARK: - Transfers

  private mutating func transfer(_ lines: [Line]) {
    var arriving = lines.filter(\.isIn)
    for leaving in lines where !leaving.isIn {
      let index = arriving.firstIndex { $0.asset == leaving.asset }
      guard let index, let pair = sizes(leaving, arriving[index]) else {
        note(.oneEnded, leaving)
        if let sent = size(leaving) { move(leaving, sent, to: EntryMapping.inTransit) }
        continue
      }
      let target = arriving.remove(at: index)
      // What is sent and does not arrive was paid on the way.
      let lost = try? pair.given.subtracting(pair.got)
      if let lost, !lost.isZero, !lost.isNegative {
        let line = Line(
          account: leaving.account, asset: leaving.asset, counter: .fees, quantity: lost)
        fees.append((line, TokenFee(asset: line.asset, quantity: lost, value: value(line))))
      }
      move(leaving, pair.got, to: target.account)
    }
    for line in arriving {
      note(.oneEnded, line)
      guard let quantity = size(line) else { continue }
      add(
        .transfer(
          asset: line.asset, quantity: quantity, from: EntryMapping.inTransit, to: line.account))
    }
  }

  private mutating func move(_ line: Line, _ quantity: Quantity, to target: AccountID) {
    add(
      .transfer(asset: line.asset, quantity: quantity, from: line.account, to: target),
      fee: takeFee(from: line.account))
  }

  // MARK: - Everything else

  private mutating func single(_ line: Line) {
    switch (line.counter, line.isIn) {
    case (.income, true): earn(line)
    case (.fees, true): acquire(line, value: value(line), .income(.other))
    case (.fees, false): dispose(line, value: value(line), .fee)
    case (.expense, false): expend(line)
    case (.income, false), (.expense, true):
      note(.reversal, line)
      if line.isIn {
        acquire(line, value: value(line), .unexplained)
      } else {
        dispose(line, value: nil, .removal)
      }
    case (.margin, _):
      note(.margin, line)
      let value = value(line)
      if line.isIn {
        acquire(line, value: value, .unexplained)
      } else {
        dispose(line, value: value, entry.kind == .marginFee ? .fee : .spend)
      }
    case (.loan, _):
      note(.loan, line)
      if line.isIn {
        acquire(line, value: value(line), .unexplained)
      } else {
        dispose(line, value: nil, .removal)
      }
    case (_, true):
      // A basis that the user states for what was there before counts; a deposit's value is no basis.
      let basis = line.counter == .equity ? stated() : nil
      if basis == nil { note(.missingBasis, line) }
      acquire(line, value: basis, .unexplained)
    case (_, false):
      note(.leftRecords, line)
      dispose(line, value: nil, .removal)
    }
  }

  private mutating func earn(_ line: Line) {
    if entry.kind == .giftReceived {
      note(.missingBasis, line)
      acquire(line, value: nil, .gift)
      return
    }
    let kind: IncomeKind =
      switch entry.kind {
      case .staking: .staking
      case .interest: .interest
      case .airdrop: .airdrop
      case .mining: .mining
      default: .other
      }
    acquire(line, value: stated() ?? value(line), .income(kind))
  }

  private mutating func expend(_ line: Line) {
    switch entry.kind {
    case .giftSent, .donation: dispose(line, value: stated() ?? value(line), .gift)
    case .lost: dispose(line, value: .zero, .lost)
    default: dispose(line, value: stated() ?? value(line), .spend)
    }
  }

  // MARK: - Events

  private mutating func acquire(_ line: Line, value: Fixed?, _ origin: AcquisitionOrigin) {
    guard let quantity = size(line) else { return }
    var isEarned = false
    if case .income = origin { isEarned = true }
    let acquisition = Acquisition(
      account: line.account, asset: line.asset, quantity: quantity,
      value: isEarned ? value : afterCashFee(value), fee: isEarned ? .zero : cashFee ?? .zero,
      origin: origin)
    let fee = origin == .purchase ? takeFee(from: line.account) : nil
    add(.acquisition(acquisition), fee: fee)
  }

  private mutating func dispose(_ line: Line, value: Fixed?, _ kind: DisposalKind) {
    guard let quantity = size(line) else { return }
    let outgoing = Outgoing(
      account: line.account, asset: line.asset, quantity: quantity, value: afterCashFee(value),
      fee: cashFee ?? .zero, kind: kind, lots: lots(of: line.asset))
    // A fee of something without a gain is a disposal all the same.
    let isSale = [.sell, .trade, .spend].contains(kind)
    add(.disposal(outgoing), fee: isSale ? takeFee(from: line.account) : nil)
  }

  /// The lots that somebody named for the entry; its first disposal of an asset takes them.
  private mutating func lots(of asset: AssetID) -> [NamedLot] {
    guard let picked = mapping.picks[entry.id], named.insert(asset).inserted else { return [] }
    return picked
  }

  private mutating func add(_ change: LotChange, fee: TokenFee? = nil) {
    let id = LotID(entry: entry.id, part: mapped.events.count)
    // Quantities here have lost their signs: an event of them makes sense.
    guard
      let event = try? LotEvent(
        id: id, time: entry.time, sequence: sequence, change: change, fee: fee)
    else { return }
    mapped.events.append(event)
    cashFee = .zero
  }

  /// The first fee in tokens out of an account that no event has taken.
  private mutating func takeFee(from account: AccountID) -> TokenFee? {
    fees.firstIndex { $0.line.account == account }.map { fees.remove(at: $0).fee }
  }

  /// A value, unless a fee in cash that belongs to it is unknown.
  private func afterCashFee(_ value: Fixed?) -> Fixed? { cashFee == nil ? nil : value }

  // MARK: - Values

  private mutating func note(_ reason: MappingNote.Reason, _ line: Line) {
    mapped.notes.append(
      MappingNote(reason: reason, entry: entry.id, account: line.account, asset: line.asset))
  }

  /// What the source says the entry was worth, in the currency of the book.
  private func stated() -> Fixed? {
    guard let value = entry.details.value, value.currency == mapping.currency else { return nil }
    return value.amount
  }

  /// What a line was worth when it moved, without its sign; noted where no price is known.
  private mutating func value(_ line: Line, isNoted: Bool = true) -> Fixed? {
    guard let quantity = size(line) else { return nil }
    if line.asset == QuoteBoard.asset(of: mapping.currency) { return quantity.fixed }
    let price = mapping.prices.price(of: line.asset, at: entry.time, in: mapping.currency)
    guard let price else {
      if isNoted { note(.missingPrice, line) }
      return nil
    }
    guard let value = try? quantity.valued(at: price, in: mapping.currency) else {
      note(.outOfRange, line)
      return nil
    }
    return value.amount
  }

  private mutating func size(_ line: Line) -> Quantity? {
    if let size = try? line.quantity.magnitude() { return size }
    note(.outOfRange, line)
    return nil
  }

  private mutating func sizes(_ given: Line, _ got: Line) -> (given: Quantity, got: Quantity)? {
    guard let a = size(given), let b = size(got) else { return nil }
    return (a, b)
  }

  private mutating func sum(_ lines: [Line]) -> Fixed? {
    var sum: Fixed? = .zero
    for line in lines {
      guard let total = sum, let part = value(line) else { return nil }
      sum = try? total.adding(part)
    }
    return sum
  }

  private func difference(_ a: Fixed?, _ b: Fixed?) -> Fixed? {
    guard let a, let b else { return nil }
    return try? a.subtracting(b)
  }
}
