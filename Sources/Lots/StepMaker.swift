import Amounts
import Ledger

/// Takes an event apart into steps by the rules for fees and gifts.
struct StepMaker {
  let rules: LotRules
  private let event: LotEvent
  private let phase: Int8
  private(set) var steps: [(asset: AssetID, step: Step)] = []

  init(_ event: LotEvent, rules: LotRules) {
    self.event = event
    self.rules = rules
    phase =
      switch event.change {
      case .acquisition, .split: 0
      case .transfer: 1
      case .disposal, .exchange: 2
      }
    switch event.change {
    case .acquisition(let acquisition):
      acquire(acquisition, feeOnTop: event.fee)
      dispose(event.fee, from: acquisition.account)
    case .disposal(let outgoing):
      let rest = dispose(outgoing, feeInTokens: event.fee)
      dispose(rest, from: outgoing.account)
    case .exchange(let given, let got):
      let rest = dispose(given, feeInTokens: event.fee)
      acquire(got, feeOnTop: nil)
      dispose(rest, from: given.account)
    case .transfer(let asset, let quantity, let from, let to):
      dispose(event.fee, from: from)
      add(asset, .move(quantity: quantity, from: from, to: to))
    case .split(let asset, let numerator, let denominator):
      let common = StepMaker.divisor(numerator.units, denominator.units)
      add(
        asset,
        .split(numerator: numerator.units / common, denominator: denominator.units / common))
    }
  }

  private mutating func add(_ asset: AssetID, _ action: Step.Action) {
    let key = StepKey(
      microseconds: event.time.microseconds, phase: phase, part: Int8(steps.count),
      sequence: event.sequence, id: event.id)
    steps.append((asset, Step(key: key, action: action)))
  }

  /// A lot; a fee in tokens adds its value to the cost.
  private mutating func acquire(_ acquisition: Acquisition, feeOnTop: TokenFee?) {
    var income: IncomeKind?
    if case .income(let kind) = acquisition.origin { income = kind }
    do {
      let paid = try acquisition.value?.adding(acquisition.fee)
      add(
        acquisition.asset,
        .acquire(
          Step.Incoming(
            account: acquisition.account, quantity: acquisition.quantity,
            cost: try StepMaker.sum(paid, feeOnTop), acquired: acquisition.acquired ?? event.time,
            income: income, earned: income == nil ? nil : acquisition.value)))
    } catch {
      add(acquisition.asset, .overflown(account: acquisition.account))
    }
  }

  /// A disposal with its fee in tokens.
  ///
  /// - Returns: The fee, where it is a disposal of its own.
  private mutating func dispose(_ outgoing: Outgoing, feeInTokens fee: TokenFee?) -> TokenFee? {
    let isJoined = rules.tokenFees == .joined && fee?.asset == outgoing.asset
    let isGiven = outgoing.kind == .gift && rules.gifts == .noGain
    do {
      var proceeds = try outgoing.value?.subtracting(outgoing.fee)
      var quantity = outgoing.quantity
      if let fee, isJoined {
        quantity = try quantity.adding(fee.quantity)
      } else if let fee {
        proceeds = try proceeds.flatMap { total throws(ArithmeticFault) in
          guard let value = fee.value else { return nil }
          return try total.subtracting(value)
        }
      }
      if outgoing.kind == .lost { proceeds = .zero }
      add(
        outgoing.asset,
        .dispose(
          Step.Leaving(
            account: outgoing.account, quantity: quantity, proceeds: proceeds,
            kind: outgoing.kind, isTaxable: !isGiven && outgoing.kind != .removal,
            named: outgoing.lots)))
    } catch {
      add(outgoing.asset, .overflown(account: outgoing.account))
    }
    return isJoined ? nil : fee
  }

  /// A fee in tokens that is a disposal of its own, at its value.
  private mutating func dispose(_ fee: TokenFee?, from account: AccountID) {
    guard let fee, !fee.quantity.isZero else { return }
    add(
      fee.asset,
      .dispose(
        Step.Leaving(
          account: account, quantity: fee.quantity, proceeds: fee.value, kind: .fee,
          isTaxable: true, named: [])))
  }

  private static func sum(_ cost: Fixed?, _ fee: TokenFee?) throws(ArithmeticFault) -> Fixed? {
    guard let fee else { return cost }
    guard let cost, let value = fee.value else { return nil }
    return try cost.adding(value)
  }

  /// The greatest common divisor of two numbers above zero (Euclid, Elements VII.2).
  private static func divisor(_ a: Int128, _ b: Int128) -> Int128 {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}
