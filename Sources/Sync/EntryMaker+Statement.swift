import Amounts
import Ledger
public import VenueKit

/// A statement's lines of one reference, with their rows as JSON.
public struct StatementGroup: Sendable {
  /// The lines.
  public var rows: [StatementRow]
  /// Their rows.
  public var raw: String

  /// Gathers lines.
  public init(_ rows: [StatementRow], raw: String = "") {
    self.rows = rows
    self.raw = raw
  }
}

extension EntryMaker {
  /// The entries of statement lines that share a reference.
  ///
  /// Lines that another feed tells are left out, moves within the account too. Lines of one asset
  /// that cancel each other move nothing. What goes out in one asset and comes in in another is an
  /// exchange, whatever the amounts; everything else is one entry a kind.
  /// - Parameter group: The lines.
  /// - Returns: The entries; none for lines that move nothing.
  /// - Throws: `RowRefusal`.
  public func entries(of group: StatementGroup) throws(RowRefusal) -> [SyncEntry] {
    let rows = group.rows.filter { !$0.isToldElsewhere && $0.kind != .internalTransfer }
    guard let time = rows.compactMap(\.time).min() else {
      if rows.isEmpty { return [] }
      throw RowRefusal(.noTime, rows.first?.id ?? "")
    }
    for row in rows where row.kind == nil {
      throw RowRefusal(.unknownKind, row.type ?? row.id ?? "")
    }
    let fees = rows.filter { $0.kind == .fee }
    let mains = rows.filter { $0.kind != .fee }
    guard !mains.isEmpty else {
      return try entry(.fee, fees, fees: [], time: time, raw: group.raw).map { [$0] } ?? []
    }
    if try isExchange(mains) {
      return try entry(.trade, mains, fees: fees, time: time, raw: group.raw).map { [$0] } ?? []
    }
    var entries: [SyncEntry] = []
    var kinds: [EntryKind] = []
    for row in mains {
      if let kind = row.kind, !kinds.contains(kind) { kinds.append(kind) }
    }
    for (index, kind) in kinds.enumerated() {
      let own = mains.filter { $0.kind == kind }
      let entry = try entry(
        kind, own, fees: index == 0 ? fees : [], time: time, raw: group.raw)
      if let entry { entries.append(entry) }
    }
    return entries
  }

  /// Whether lines are two sides of an exchange.
  ///
  /// Kinds that say more than that (a liquidation, a loan) stay what they are.
  private func isExchange(_ rows: [StatementRow]) throws(RowRefusal) -> Bool {
    let kinds = Set(rows.compactMap(\.kind))
    let sums = try sums(of: rows)
    guard EntryMaker.isBothWays(sums) else {
      guard kinds == [.trade] else { return false }
      // One asset that cancels out is no exchange; a side that is worth nothing may be missing.
      if sums.allSatisfy(\.amount.isZero) { return true }
      guard sums.count < 2 else { return true }
      // A venue that names nothing the two sides share tells each of them alone.
      if rows.allSatisfy({ $0.reference == nil }) { return false }
      throw RowRefusal(.oneSided, rows.first?.reference ?? "")
    }
    let plain: Set<EntryKind> = [.trade, .deposit, .withdrawal, .receive, .spend]
    return kinds.isSubset(of: plain) || kinds.count > 1 && kinds.contains(.trade)
  }

  private static func isBothWays(_ sums: [VenueAmount]) -> Bool {
    let moved = sums.filter { !$0.amount.isZero }
    return moved.contains { $0.amount.isNegative } && moved.contains { !$0.amount.isNegative }
  }

  /// What lines change together, an amount an asset, in order of first mention.
  private func sums(of rows: [StatementRow]) throws(RowRefusal) -> [VenueAmount] {
    var sums: [VenueAmount] = []
    for row in rows {
      guard let place = sums.firstIndex(where: { $0.asset == row.asset }) else {
        sums.append(VenueAmount(row.asset, row.amount))
        continue
      }
      do throws(ArithmeticFault) {
        sums[place].amount = try sums[place].amount.adding(row.amount)
      } catch {
        throw RowRefusal(.tooLarge, row.amount.text)
      }
    }
    return sums
  }

  private func entry(
    _ kind: EntryKind, _ rows: [StatementRow], fees: [StatementRow], time: Instant, raw: String
  ) throws(RowRefusal) -> SyncEntry? {
    var legs = LegList(self)
    let sums = try sums(of: rows)
    var counter = kind.counter
    if kind == .liquidation, !EntryMaker.isBothWays(sums) { counter = .margin }
    for sum in sums { try legs.add(sum.asset, sum.amount, counter) }
    for sum in try self.sums(of: fees) { try legs.add(sum.asset, sum.amount, .fees) }
    for row in rows + fees {
      guard let fee = row.fee else { continue }
      try legs.add(fee.asset, fee.amount, kind == .marginFee ? .margin : .fees, isOut: true)
    }
    let lines = rows + fees
    let shared = lines.compactMap(\.reference).first { !$0.isEmpty }
    let own = lines.compactMap(\.id).first { !$0.isEmpty }
    // A line alone is known by its own id, or by all that it says: some venues give one reference
    // to far apart payments.
    let reference = lines.count > 1 ? shared ?? own : own
    return try legs.entry(time: time, kind: kind, reference: reference ?? "", raw: raw)
  }
}
