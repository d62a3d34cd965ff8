import Amounts
import Foundation
import Ledger
import Lots

/// A number as written.
func fixed(_ text: String) throws -> Fixed { try Fixed(parsing: text) }

/// Events by short words, in the order in which they are written down.
struct Diary {
  private(set) var events: [LotEvent] = []
  static let asset = AssetID.venue(venue: "test", code: "A")
  static let account = AccountID(named: "wallet")

  static func id(_ number: Int) -> LotID {
    LotID(entry: EntryID(high: 0, low: UInt64(number)))
  }

  @discardableResult
  mutating func add(_ time: String, _ change: LotChange, fee: TokenFee? = nil) throws -> LotID {
    let id = Diary.id(events.count)
    guard let instant = Instant(time) else { throw CocoaError(.formatting) }
    events.append(
      try LotEvent(id: id, time: instant, sequence: events.count, change: change, fee: fee))
    return id
  }

  @discardableResult
  mutating func buy(
    _ time: String, _ quantity: String, for value: String?, fee: String = "0",
    of asset: AssetID = Diary.asset, in account: AccountID = Diary.account,
    tokens: TokenFee? = nil
  ) throws -> LotID {
    let acquisition = Acquisition(
      account: account, asset: asset, quantity: try Quantity(parsing: quantity),
      value: try value.map { try fixed($0) }, fee: try fixed(fee))
    return try add(time, .acquisition(acquisition), fee: tokens)
  }

  @discardableResult
  mutating func sell(
    _ time: String, _ quantity: String, for value: String?, fee: String = "0",
    of asset: AssetID = Diary.asset, in account: AccountID = Diary.account,
    kind: DisposalKind = .sell, lots: [NamedLot] = [], tokens: TokenFee? = nil
  ) throws -> LotID {
    let outgoing = Outgoing(
      account: account, asset: asset, quantity: try Quantity(parsing: quantity),
      value: try value.map { try fixed($0) }, fee: try fixed(fee), kind: kind, lots: lots)
    return try add(time, .disposal(outgoing), fee: tokens)
  }

  @discardableResult
  mutating func move(
    _ time: String, _ quantity: String, from: String, to: String, tokens: TokenFee? = nil
  ) throws -> LotID {
    try add(
      time,
      .transfer(
        asset: Diary.asset, quantity: try Quantity(parsing: quantity),
        from: AccountID(named: from), to: AccountID(named: to)),
      fee: tokens)
  }

  @discardableResult
  mutating func split(_ time: String, _ numerator: String, for denominator: String) throws -> LotID
  {
    try add(
      time,
      .split(
        asset: Diary.asset, numerator: try fixed(numerator), denominator: try fixed(denominator)))
  }

  func report(_ method: LotMethod, _ change: (inout LotRules) -> Void = { _ in }) throws
    -> LotReport
  {
    var rules = LotRules(currency: .usDollar, method: method)
    change(&rules)
    return try LotBook(rules: rules, events: events).report()
  }
}
