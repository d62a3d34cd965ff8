/// What kind of fact an entry records.
///
/// The raw values are stored and exported: they never change.
public enum EntryKind: String, Hashable, Sendable, CaseIterable {
  /// One asset given for another.
  case trade
  /// In from outside, by the holder's own doing.
  case deposit
  /// Out to a place outside the records.
  case withdrawal
  /// From one own account to another, both known.
  case transfer
  /// Within one account, between its parts.
  case internalTransfer = "internal-transfer"
  /// A reward for staking.
  case staking
  /// Interest on something lent or saved.
  case interest
  /// Tokens handed out.
  case airdrop
  /// A mining reward.
  case mining
  /// Other income.
  case income
  /// A commission for a referral.
  case referral
  /// Another reward.
  case reward
  /// Money back on a purchase.
  case cashback
  /// In, and nobody has said why.
  case receive
  /// A gift got.
  case giftReceived = "gift-received"
  /// A gift made.
  case giftSent = "gift-sent"
  /// A gift to a charity.
  case donation
  /// Paid for goods or services.
  case spend
  /// A fee on its own.
  case fee
  /// A fee given back.
  case feeRebate = "fee-rebate"
  /// Lost or stolen.
  case lost
  /// Moved into a staking or savings product; still owned.
  case stake
  /// Moved back out of such a product.
  case unstake
  /// A loan taken up.
  case loan
  /// A loan paid back.
  case loanRepayment = "loan-repayment"
  /// Collateral sold by a venue.
  case liquidation
  /// A gain of a margin or derivative position.
  case marginGain = "margin-gain"
  /// A loss of a margin or derivative position.
  case marginLoss = "margin-loss"
  /// A fee or funding of a margin or derivative position.
  case marginFee = "margin-fee"
  /// A correction by the user, with a reason.
  case adjustment
  /// What was there when the records begin.
  case opening
}

extension EntryKind {
  /// Where the other half of a leg of such an entry goes, unless it is a fee.
  ///
  /// A liquidation that moves one asset alone is settled against the margin instead.
  public var counter: Counter {
    switch self {
    case .trade, .liquidation: .conversion
    case .deposit, .withdrawal, .receive: .outside
    case .transfer, .internalTransfer: .transit
    case .staking, .interest, .airdrop, .mining, .income, .referral, .reward, .cashback,
      .feeRebate, .giftReceived:
      .income
    case .giftSent, .donation, .spend, .lost: .expense
    case .fee: .fees
    case .stake, .unstake: .staked
    case .marginGain, .marginLoss, .marginFee: .margin
    case .loan, .loanRepayment: .loan
    case .adjustment, .opening: .equity
    }
  }
}
