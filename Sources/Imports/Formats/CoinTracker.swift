import Amounts
import Ledger

extension ImportFormat {
  /// CoinTracker's transaction export: a type, both sides with their wallets, and a fee.
  ///
  /// Its cost bases are CoinTracker's own figures, not values of the transactions: they are not taken.
  public static let coinTracker = ImportFormat(
    id: "cointracker", name: "CoinTracker", venue: "cointracker", defaultAccount: "CoinTracker",
    clock: .utc,
    sources: [
      "https://support.cointracker.io/hc/en-us/articles/4413049710225",
      "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/cointracker.py",
    ],
    header: .having([
      "Date", "Type", "Transaction ID", "Received Quantity", "Received Currency",
      "Received Wallet", "Sent Quantity", "Sent Currency", "Sent Wallet", "Fee Amount",
      "Fee Currency",
    ]),
    rowsMayEndEarly: true,
    makeDecoder: { _, _ in
      SingleRowDecoder { row throws(RowFault) in try CoinTracker.meaning(of: row) }
    })
}

/// What CoinTracker's rows and types mean.
enum CoinTracker {
  static func meaning(of row: Row) throws(RowFault) -> RowMeaning {
    if row["Date"] == "..." { return .skipped("a remark that the export ends here") }
    if ["true", "yes", "1"].contains(row["Ignored"].lowercased()) {
      return .skipped("ignored in CoinTracker")
    }
    let sides = try sides(of: row)
    let instant = try time(of: row)
    var transaction = try sides.transaction(
      of: row, at: instant, label: "Type", in: CoinTracker.types)
    let received = wallet(row["Received Wallet"])
    let sent = wallet(row["Sent Wallet"])
    if transaction.kind == .transfer {
      transaction.account = sent
      transaction.toAccount = received
    } else {
      transaction.account = transaction.incoming == nil ? sent ?? received : received ?? sent
    }
    let notes: [Column] =
      transaction.incoming == nil || transaction.kind == .transfer
      ? ["Sent Comment", "Received Comment"] : ["Received Comment", "Sent Comment"]
    transaction.note = notes.compactMap { row.optional($0) }.first
    transaction.transactionHash =
      row.optional("Transaction Hash") ?? row.transactionHash("Transaction ID")
    transaction.reference = row.optional("Transaction ID")
    return .transaction(transaction)
  }

  /// Both sides and the fee, as the export and the import template have them.
  static func sides(of row: Row) throws(RowFault) -> TrackedSides {
    TrackedSides(
      incoming: try row.trackedSide("Received Quantity", of: "Received Currency", .pointed),
      outgoing: try row.trackedSide("Sent Quantity", of: "Sent Currency", .pointed),
      fee: try row.optionalAmount("Fee Amount", of: "Fee Currency", .pointed))
  }

  /// The month stands first, and the time of day may be missing.
  ///
  /// Source: https://support.cointracker.io/hc/en-us/articles/4413071299729
  static func time(of row: Row) throws(RowFault) -> Instant {
    try row.time(
      "Date", .pattern("MM/dd/yyyy[THH:mm[:ss[.S]]][~X]"), .pattern("MM/dd/yyyy hh:mm[:ss]~a[~X]"),
      .iso, .isoDate)
  }

  /// `Coinbase` of `Coinbase - BTC Wallet`.
  private static func wallet(_ cell: String) -> String? {
    guard let end = cell.firstRange(of: " - ")?.lowerBound else { return cell.isEmpty ? nil : cell }
    let name = Row.trimmed(cell[..<end])
    return name.isEmpty ? cell : name
  }

  /// The export's types.
  private static let types: LabelVocabulary = {
    var types = tags
    for label in ["buy", "sell", "trade", "multitokentrade", "swap", "spam", "mint"] {
      types.both[label] = .trade
    }
    types.incoming["receive"] = .deposit
    types.incoming["transfer"] = .deposit
    types.incoming["deposit"] = .deposit
    types.outgoing["send"] = .withdrawal
    types.outgoing["transfer"] = .withdrawal
    types.outgoing["withdrawal"] = .withdrawal
    types.both["transfer"] = .transfer
    types.both["bridge"] = .transfer
    return types
  }()

  /// What the categories mean that the export and the import template share.
  ///
  /// Source: https://support.cointracker.io/hc/en-us/articles/4413049710225
  static let tags = LabelVocabulary(
    incoming: [
      "airdrop": .airdrop, "mint": .airdrop, "nftmint": .airdrop, "fork": .airdrop,
      "forked": .airdrop, "hardfork": .airdrop, "staking": .staking, "staked": .staking,
      "stakingreward": .staking, "stakingrewards": .staking, "unstake": .unstake,
      "mining": .mining, "mined": .mining, "miningreward": .mining, "interest": .interest,
      "interestpayment": .interest, "interestincome": .interest, "interestearned": .interest,
      "income": .income, "otherincome": .income, "other": .income, "payment": .income,
      "salary": .income, "reward": .reward, "rewards": .reward, "bonus": .reward,
      "referral": .referral, "rebate": .cashback, "cashback": .cashback, "gift": .giftReceived,
      "giftreceived": .giftReceived, "margingain": .marginGain, "marginrebate": .feeRebate,
      "feerebate": .feeRebate, "borrow": .loan, "loan": .loan, "removeliquidity": .unstake,
      "withdrawcollateral": .unstake, "bridge": .deposit, "spam": .receive, "refund": .feeRebate,
    ],
    outgoing: [
      "gift": .giftSent, "giftsent": .giftSent, "donation": .donation, "charity": .donation,
      "lost": .lost, "stolen": .lost, "loststolen": .lost, "burn": .lost, "payment": .spend,
      "spend": .spend, "interestexpense": .fee, "interestpayment": .fee, "stake": .stake,
      "staking": .stake, "addliquidity": .stake, "addcollateral": .stake,
      "marginloss": .marginLoss, "marginfee": .marginFee, "loanrepayment": .loanRepayment,
      "repay": .loanRepayment, "repayloan": .loanRepayment, "liquidation": .liquidation,
      "bridge": .withdrawal, "fee": .fee, "fees": .fee, "approval": .fee, "spam": .spend,
    ],
    both: [
      "margin": .trade, "stake": .trade, "unstake": .trade, "wrap": .trade, "unwrap": .trade,
      "addliquidity": .trade, "removeliquidity": .trade, "nftmint": .trade, "dust": .trade,
      "liquidation": .trade, "nfttrade": .trade, "rebase": .trade, "migration": .trade,
    ])
}
