import Ledger

/// What Koinly's tags, once called labels, say about a deposit or a withdrawal.
///
/// Tags are compared in lower case with spaces for underscores. A deposit or withdrawal without one
/// stays a deposit or a withdrawal: Koinly knows no more of it.
///
/// Sources: https://support.koinly.io/en/articles/9490023-what-are-tags,
/// https://help.koinly.io/en/articles/3663453-what-are-labels (older names)
enum KoinlyTags {
  /// The kind of a deposit, `nil` for a tag that does not exist.
  static func deposit(_ tag: String) -> EntryKind? { deposits[cleaned(tag)] }

  /// The kind of a withdrawal, `nil` for a tag that does not exist.
  static func withdrawal(_ tag: String) -> EntryKind? { withdrawals[cleaned(tag)] }

  private static func cleaned(_ tag: String) -> String {
    String(tag.lowercased().map { $0 == "_" ? " " : $0 })
  }

  private static let deposits: [String: EntryKind] = [
    "": .deposit, "airdrop": .airdrop, "fork": .airdrop, "mining": .mining, "reward": .staking,
    "staking": .staking, "staking reward": .staking, "income": .income, "other income": .income,
    "salary": .income, "royalty": .income, "lending interest": .interest,
    "loan interest": .interest, "interest": .interest, "cashback": .cashback,
    "fee refund": .feeRebate, "loan": .loan, "margin loan": .loan, "realized gain": .marginGain,
    "realized pnl": .marginGain, "realized p&l": .marginGain, "gift": .giftReceived,
    "from pool": .unstake, "remove from pool": .unstake, "received from pool": .unstake,
    "receive from pool": .unstake, "pool": .unstake, "liquidity in": .receive,
    "liquidity out": .receive, "swap": .receive, "bridge": .receive, "wrap": .receive,
    "unwrap": .receive,
  ]

  private static let withdrawals: [String: EntryKind] = [
    "": .withdrawal, "gift": .giftSent, "lost": .lost, "stolen": .lost, "donation": .donation,
    "cost": .spend, "tax": .spend, "loan fee": .spend, "interest payment": .spend,
    "margin fee": .marginFee, "margin interest fee": .marginFee, "margin trade fee": .marginFee,
    "loan repayment": .loanRepayment, "margin repayment": .loanRepayment,
    "realized gain": .marginLoss, "realized pnl": .marginLoss, "realized p&l": .marginLoss,
    "realized loss": .marginLoss, "to pool": .stake, "add to pool": .stake, "sent to pool": .stake,
    "send to pool": .stake, "pool": .stake, "liquidity in": .withdrawal,
    "liquidity out": .withdrawal, "swap": .withdrawal, "bridge": .withdrawal,
    "wrap": .withdrawal, "unwrap": .withdrawal,
  ]
}
