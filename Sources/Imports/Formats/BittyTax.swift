import Amounts
import Ledger

extension ImportFormat {
  /// BittyTax's record format: every row is a transaction with the values in one currency.
  public static let bittyTax = ImportFormat(
    id: "bittytax", name: "BittyTax records", venue: "bittytax", defaultAccount: "BittyTax",
    clock: .utc,
    sources: ["https://github.com/BittyTax/BittyTax/wiki/Transaction-Records"],
    header: HeaderRule { header in
      header.columns.count >= 13
        && ["type", "buy quantity", "buy asset"] == header.columns[0...2]
        && header.columns[3].hasPrefix("buy value in ")
        && header.columns[10...11] == ["wallet", "timestamp"]
    },
    rowsMayEndEarly: true,
    makeDecoder: { header, _ in
      let currency = Currency(header.columns[3].split(separator: " ").last ?? "")
      return SingleRowDecoder { row throws(RowFault) in
        .transaction(try BittyTax(currency: currency).read(row))
      }
    })
}

/// Reads BittyTax's rows by position: type, then quantity, asset and value bought, sold and paid.
private struct BittyTax {
  let currency: Currency?

  func read(_ row: Row) throws(RowFault) -> ImportedTransaction {
    let type = try row.text(0)
    guard let kind = BittyTax.kinds[type.lowercased()] else { throw row.fault(.unknownKind, 0) }
    var transaction = ImportedTransaction(
      row: row.number, time: try row.time(11, .iso, .isoDate), kind: kind)
    if BittyTax.incomingKinds.contains(kind) || kind == .trade {
      transaction.incoming = try row.amount(1, of: 2, .pointed)
    }
    if !BittyTax.incomingKinds.contains(kind) {
      transaction.outgoing = try row.amount(4, of: 5, .pointed)
    }
    transaction.fee = try row.optionalAmount(7, of: 8, .pointed)
    transaction.value = try row.money(3, in: currency, .pointed)
    if transaction.value == nil {
      transaction.value = try row.money(6, in: currency, .pointed)
    }
    transaction.account = row.optional(10)
    transaction.note = row.optional(12)
    if type.lowercased() == "gift-spouse" { transaction.recipient = "spouse" }
    return transaction
  }

  private static let kinds: [String: EntryKind] = [
    "deposit": .deposit, "unstake": .unstake, "mining": .mining, "staking-reward": .staking,
    "staking": .staking, "interest": .interest, "dividend": .income, "income": .income,
    "gift-received": .giftReceived, "fork": .airdrop, "airdrop": .airdrop, "referral": .referral,
    "cashback": .cashback, "fee-rebate": .feeRebate, "loan": .loan, "margin-gain": .marginGain,
    "margin-fee-rebate": .feeRebate, "withdrawal": .withdrawal, "stake": .stake, "spend": .spend,
    "gift-sent": .giftSent, "gift-spouse": .giftSent, "charity-sent": .donation, "lost": .lost,
    "loan-repayment": .loanRepayment, "loan-interest": .spend, "margin-loss": .marginLoss,
    "margin-fee": .marginFee, "trade": .trade,
  ]

  private static let incomingKinds: Set<EntryKind> = [
    .deposit, .unstake, .mining, .staking, .interest, .income, .giftReceived, .airdrop, .referral,
    .cashback, .feeRebate, .loan, .marginGain,
  ]
}
