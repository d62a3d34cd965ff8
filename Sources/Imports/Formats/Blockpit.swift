import Amounts
import Ledger

extension ImportFormat {
  /// Blockpit's transaction export, of two generations: with `Transaction Type`, and with `Label`.
  public static let blockpit = ImportFormat(
    id: "blockpit", name: "Blockpit", venue: "blockpit", defaultAccount: "Blockpit", clock: .utc,
    sources: [
      "https://help.blockpit.io/hc/en-us/articles/8065676910492",
      "https://github.com/rotki/rotki/blob/develop/rotkehlchen/data_import/importers/blockpit.py",
    ],
    header: HeaderRule { header in
      let sides = ["outgoing asset", "outgoing amount", "incoming asset", "incoming amount"]
      return sides.allSatisfy { header.position(of: $0) != nil }
        && (header.position(of: "timestamp") != nil
          && header.position(of: "transaction type") != nil
          || header.position(of: "date (utc)") != nil && header.position(of: "label") != nil)
    },
    rowsMayEndEarly: true,
    makeDecoder: { header, _ in
      let layout = Blockpit(header)
      return SingleRowDecoder { row throws(RowFault) in try layout.meaning(of: row) }
    })
}

/// Where a generation of Blockpit's export has its columns, and what its labels mean.
private struct Blockpit {
  private let time: Column
  private let label: Column
  private let feeAsset: Column
  private let feeAmount: Column
  private let note: Column
  private let hash: Column
  private let vocabulary: LabelVocabulary

  init(_ header: Header) {
    func column(_ names: String...) -> Column {
      .named(names.first { header.position(of: $0) != nil } ?? names[0])
    }
    time = column("Timestamp", "Date (UTC)")
    label = column("Transaction Type", "Label")
    feeAsset = column("Fee Asset", "Fee Asset (optional)")
    feeAmount = column("Fee Amount", "Fee Amount (optional)")
    note = column("Note", "Comment (optional)", "Comments", "Comment")
    hash = column("Transaction ID", "Trx. ID (optional)", "Trx. ID")
    vocabulary =
      header.position(of: "Transaction Type") != nil ? Blockpit.types : Blockpit.labels
  }

  func meaning(of row: Row) throws(RowFault) -> RowMeaning {
    let sides = TrackedSides(
      incoming: try row.trackedSide("Incoming Amount", of: "Incoming Asset"),
      outgoing: try row.trackedSide("Outgoing Amount", of: "Outgoing Asset"),
      fee: try row.optionalAmount(feeAmount, of: feeAsset))
    let instant = try row.time(time, .dots, .iso)
    var transaction = try sides.transaction(of: row, at: instant, label: label, in: vocabulary)
    transaction.account = row.optional("Source Name") ?? row.optional("Integration Name")
    transaction.note = row.optional(note)
    transaction.transactionHash = row.transactionHash(hash)
    guard let fee = transaction.fee, transaction.kind != .fee || transaction.outgoing != nil,
      !Blockpit.kindsWithFee.contains(transaction.kind)
    else { return .transaction(transaction) }
    var alone = transaction
    (alone.kind, alone.incoming, alone.outgoing, alone.fee) = (.fee, nil, nil, fee)
    transaction.fee = nil
    if transaction.kind == .fee {
      (transaction.fee, transaction.outgoing) = (transaction.outgoing, nil)
    }
    return .transactions([transaction, alone])
  }

  /// Kinds that carry their fee; beside the others it stands as a fee of its own.
  private static let kindsWithFee: Set<EntryKind> = [
    .trade, .deposit, .withdrawal, .transfer,
  ]

  /// The older generation's types.
  private static let types = LabelVocabulary(
    incoming: [
      "deposit": .deposit, "nontaxablein": .deposit, "simpledeposit": .deposit,
      "linkeddeposit": .deposit, "airdrop": .receive, "bounties": .receive, "bounty": .receive,
      "staking": .staking, "lending": .receive, "interest": .interest, "mining": .mining,
      "masternode": .staking, "masternodes": .staking, "hardfork": .airdrop,
      "margintradingprofit": .receive, "gift": .giftReceived, "income": .income,
      "cashback": .cashback, "icoinflow": .income, "securitytokendistribution": .income,
      "securitytokenincome": .income, "autobalancing": .adjustment,
    ],
    outgoing: [
      "withdrawal": .withdrawal, "nontaxableout": .withdrawal, "simplewithdrawal": .withdrawal,
      "linkedwithdrawal": .withdrawal, "fee": .fee, "gift": .spend, "payment": .spend,
      "spending": .spend, "lost": .lost, "margintradingloss": .spend,
      "margintradingfee": .marginFee, "autobalancing": .adjustment, "donation": .donation,
    ],
    both: [
      "trade": .trade, "swap": .trade, "otcbuy": .trade, "otcsell": .trade,
      "tokenmigration": .trade, "transfer": .transfer, "ico": .trade,
    ])

  /// The newer generation's labels.
  private static let labels = LabelVocabulary(
    incoming: [
      "deposit": .deposit, "unlabeleddeposit": .deposit, "nontaxable": .deposit,
      "nontaxablein": .deposit, "airdrop": .airdrop, "bounty": .reward, "bounties": .referral,
      "staking": .staking, "lending": .staking, "interest": .interest, "mining": .mining,
      "masternode": .staking, "hardfork": .airdrop, "cashback": .cashback, "income": .income,
      "gift": .giftReceived, "giftin": .giftReceived, "giftincoming": .giftReceived,
      "derivativeprofit": .marginGain, "margintradingprofit": .marginGain,
      "securitytokenincome": .income, "autobalancing": .adjustment, "autobalancingin": .adjustment,
    ],
    outgoing: [
      "withdrawal": .withdrawal, "unlabeledwithdrawal": .withdrawal, "nontaxable": .withdrawal,
      "nontaxableout": .withdrawal, "payment": .spend, "fee": .fee, "gift": .giftSent,
      "giftout": .giftSent, "giftoutgoing": .giftSent, "donation": .donation, "lost": .lost,
      "derivativeloss": .marginLoss, "derivativefee": .marginFee, "margintradingloss": .marginLoss,
      "margintradingfee": .marginFee, "withholdingtax": .spend, "autobalancing": .adjustment,
      "autobalancingout": .adjustment,
    ],
    both: [
      "trade": .trade, "swap": .trade, "tokenmigration": .trade, "transfer": .transfer,
    ])
}
