import Amounts
import Ledger

/// The place of a step among all of an asset: by time, phase, event, part.
///
/// At one time acquisitions and splits come first, then transfers, then disposals and exchanges;
/// then the order of the records decides.
struct StepKey: Hashable, Comparable, Sendable {
  let microseconds: Int64
  let phase: Int8
  let part: Int8
  let sequence: Int
  let id: LotID

  static func < (a: StepKey, b: StepKey) -> Bool {
    if a.microseconds != b.microseconds { return a.microseconds < b.microseconds }
    if a.phase != b.phase { return a.phase < b.phase }
    if a.sequence != b.sequence { return a.sequence < b.sequence }
    return a.id != b.id ? a.id < b.id : a.part < b.part
  }

  var time: Instant { Instant(microseconds: microseconds) }
}

/// One change of one asset.
struct Step: Sendable {
  let key: StepKey
  let action: Action

  enum Action: Sendable {
    case acquire(Incoming)
    case dispose(Leaving)
    case move(quantity: Quantity, from: AccountID, to: AccountID)
    case split(numerator: Int128, denominator: Int128)
    /// What could not be worked out: a cost or the proceeds leave the range of exact numbers.
    case overflown(account: AccountID)
  }

  struct Incoming: Sendable {
    let account: AccountID
    let quantity: Quantity
    /// Fees included; `nil` where unknown.
    let cost: Fixed?
    let acquired: Instant
    let income: IncomeKind?
    /// What was earned; `nil` where unknown or nothing.
    let earned: Fixed?
  }

  struct Leaving: Sendable {
    let account: AccountID
    let quantity: Quantity
    /// After fees; `nil` where unknown.
    let proceeds: Fixed?
    let kind: DisposalKind
    let isTaxable: Bool
    let named: [NamedLot]
  }
}
