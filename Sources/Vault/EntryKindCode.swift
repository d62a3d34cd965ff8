import Ledger

/// The numbers that stand for kinds of entries in the database.
///
/// They are stored: a number never changes its meaning, new kinds are added at the end.
enum EntryKindCode {
  static let kinds: [EntryKind] = [
    .trade, .deposit, .withdrawal, .transfer, .internalTransfer, .staking, .interest, .airdrop,
    .mining, .income, .referral, .reward, .cashback, .receive, .giftReceived, .giftSent, .donation,
    .spend, .fee, .feeRebate, .lost, .stake, .unstake, .loan, .loanRepayment, .liquidation,
    .marginGain, .marginLoss, .marginFee, .adjustment, .opening,
  ]

  private static let codes = Dictionary(uniqueKeysWithValues: zip(kinds, 0...))

  /// The number of a kind.
  static func code(of kind: EntryKind) -> Int {
    guard let code = codes[kind] else {
      preconditionFailure("Every kind of entry has a number in the database.")
    }
    return code
  }

  /// The kind of a number; `nil` for one that this version does not know.
  static func kind(of code: Int) -> EntryKind? {
    kinds.indices.contains(code) ? kinds[code] : nil
  }
}
