import Amounts
import Ledger

extension ImportFormat {
  /// Koinly's universal import template, which many programs write.
  public static let koinlyUniversal = ImportFormat(
    id: "koinly-universal", name: "Koinly universal template", venue: "koinly",
    defaultAccount: "Koinly", clock: .utc,
    sources: [
      "https://support.koinly.io/en/articles/9489976-how-to-create-a-custom-csv-file-with-your-data",
      "https://support.koinly.io/en/articles/9490023-what-are-tags",
    ],
    header: HeaderRule { header in
      ["sent amount", "sent currency", "received amount", "received currency"]
        .allSatisfy { header.position(of: $0) != nil }
        && ["date", "koinly date", "date (utc)"].contains { header.position(of: $0) != nil }
        && ["type", "sending wallet", "received cost basis"]
          .allSatisfy { header.position(of: $0) == nil }
    },
    rowsMayEndEarly: true,
    makeDecoder: { header, settings in
      let date = ["Date", "Koinly Date", "Date (UTC)"].first { header.position(of: $0) != nil }
      let label: Column = header.position(of: "Label") == nil ? "Tag" : "Label"
      return SingleRowDecoder { row throws(RowFault) in
        let sides = TrackedSides(
          incoming: try row.trackedSide("Received Amount", of: "Received Currency", .pointed),
          outgoing: try row.trackedSide("Sent Amount", of: "Sent Currency", .pointed),
          fee: try row.optionalAmount("Fee Amount", of: "Fee Currency", .pointed))
        let instant = try row.time(
          .named(date ?? "Date"), .iso, .isoDate, .slashes.ordered(settings.dateOrder),
          .pattern("dd/MM/yyyy").ordered(settings.dateOrder))
        var transaction = try sides.transaction(
          of: row, at: instant, label: label, in: KoinlyTags.template)
        transaction.state(
          try row.money("Net Worth Amount", ofCurrency: "Net Worth Currency", .pointed))
        transaction.note = row.optional("Description")
        transaction.transactionHash = row.optional("TxHash")
        return .transaction(transaction)
      }
    })
}

/// What Koinly's tags, once called labels, mean.
///
/// Source: https://support.koinly.io/en/articles/9490023-what-are-tags
enum KoinlyTags {
  /// In the universal template, where `reward` may be any reward.
  static let template: LabelVocabulary = {
    var tags = export
    tags.incoming["reward"] = .reward
    for label in ["", "trade", "buy", "sell", "exchange"] { tags.both[label] = .trade }
    return tags
  }()

  /// In Koinly's own export, where `reward` is what Koinly found to be a staking reward.
  static let export = LabelVocabulary(
    incoming: [
      "": .deposit, "airdrop": .airdrop, "fork": .airdrop, "hardfork": .airdrop,
      "mining": .mining, "staking": .staking, "stakingreward": .staking, "reward": .staking,
      "loaninterest": .interest, "lendinginterest": .interest, "interest": .interest,
      "income": .income, "otherincome": .income, "salary": .income, "cashback": .cashback,
      "feerefund": .feeRebate, "loan": .loan, "marginloan": .loan, "gift": .giftReceived,
      "giftreceived": .giftReceived, "realizedgain": .marginGain, "realizedpnl": .marginGain,
      "realizedpl": .marginGain, "realizedprofit": .marginGain, "liquidityin": .receive,
      "liquidityout": .receive, "removefrompool": .unstake, "receivedfrompool": .unstake,
      "frompool": .unstake, "unstake": .unstake, "swap": .receive, "dust": .receive,
      "depositedbymistake": .receive,
    ],
    outgoing: [
      "": .withdrawal, "gift": .giftSent, "giftsent": .giftSent, "lost": .lost, "stolen": .lost,
      "donation": .donation, "cost": .spend, "tax": .spend, "loanfee": .fee,
      "interestpayment": .fee, "marginfee": .marginFee, "fundingfee": .marginFee,
      "loanrepayment": .loanRepayment, "marginrepayment": .loanRepayment,
      "realizedgain": .marginLoss, "realizedloss": .marginLoss, "realizedpnl": .marginLoss,
      "realizedpl": .marginLoss, "liquidityin": .withdrawal, "liquidityout": .withdrawal,
      "addtopool": .stake, "senttopool": .stake, "topool": .stake, "stake": .stake,
      "swap": .withdrawal, "dust": .withdrawal, "fee": .fee, "burn": .lost,
    ],
    both: [
      "swap": .trade, "liquidityin": .trade, "liquidityout": .trade, "stake": .trade,
      "unstake": .trade, "nfttrade": .trade, "wrap": .trade, "unwrap": .trade, "dust": .trade,
      "realizedgain": .trade, "realizedpnl": .trade, "marginloan": .trade, "transfer": .transfer,
    ])
}
