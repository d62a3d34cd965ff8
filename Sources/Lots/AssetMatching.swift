import Amounts
import Ledger

/// How a part of a disposal found its cost.
public enum MatchRule: String, Hashable, Sendable {
  /// A lot.
  case lot
  /// A pool's average.
  case average
  /// Nothing was there: never acquired, as far as the records tell.
  case missing
}

/// What decided that a disposal took a lot.
public enum LotChoice: Hashable, Sendable {
  /// The method that holds for every disposal.
  case method
  /// The disposal named it.
  case named
  /// The standing order of the account, by its number.
  case standing(Int32)
  /// Nobody: the earliest is taken where lots are named and this one was not.
  case fallback
}

/// A part of a step: so much of one lot, or of a pool.
struct MatchRecord: Sendable {
  let rule: MatchRule
  /// The lot's number in the matching; -1 for none.
  let lot: Int32
  /// The piece or pool it was taken from; -2 and below name a pool in which it was missing.
  let source: Int32
  /// Where a transfer put it; -1 for nowhere.
  var target: Int32 = -1
  /// In grains of that time.
  let quantity: Int128
  let cost: Fixed
  let isCostKnown: Bool
  /// What decided that it was taken.
  var choice = LotChoice.method
}

/// What a step came to, and what is needed to take it back.
struct Outcome: Sendable {
  /// Its records begin here and end where the next step's begin.
  var firstRecord: Int
  /// What was not there, in grains.
  var missing: Int128 = 0
  /// The grain before the step.
  var grain = Grain()
  /// Lots and pieces before the step.
  var lots: Int32 = 0
  var pieces: Int32 = 0
  /// Whether the cost of the pools was known before the step.
  var wasSourceKnown = true
  var wasTargetKnown = true
  /// Whether a figure left the range of exact numbers; the step has done nothing then.
  var isOverflown = false

  var isProblem: Bool { missing > 0 || isOverflown }
}

/// What is known of a lot.
struct LotOrigin: Sendable {
  let id: LotID
  let acquired: Instant
}

/// Something that is held.
struct OpenPiece: Sendable {
  let lot: LotOrigin?
  let account: AccountID?
  let quantity: Quantity
  let cost: Fixed?
}

/// Finds the cost of one asset's disposals, step by step, and can take steps back.
///
/// The law: after `undo` of the last step applied, everything is as before it.
protocol AssetMatching: Sendable {
  /// The grain of the quantities now.
  var grain: Grain { get }
  /// Does a step; what it took is appended to the records.
  mutating func apply(
    _ step: Step, _ records: inout [MatchRecord]
  ) throws(ArithmeticFault) -> Outcome
  /// Takes the last step back; its records are given and removed by the caller.
  mutating func undo(_ step: Step, _ outcome: Outcome, _ records: ArraySlice<MatchRecord>)
  /// Says that steps were taken back: what was only remembered for speed is forgotten.
  mutating func didRewind()
  /// What is known of a lot by its number.
  func origin(_ lot: Int32) -> LotOrigin?
  /// The account of a place that records name, where places are accounts.
  func account(_ source: Int32) -> AccountID?
  /// All that is held.
  func total() throws(ArithmeticFault) -> Quantity
  /// What is held, in no order.
  func open() -> [OpenPiece]
}
