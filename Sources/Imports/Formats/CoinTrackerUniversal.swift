import Amounts
import Ledger

extension ImportFormat {
  /// CoinTracker's import template, which many programs write: both sides, a fee and a tag.
  public static let coinTrackerUniversal = ImportFormat(
    id: "cointracker-universal", name: "CoinTracker template", venue: "cointracker",
    defaultAccount: "CoinTracker", clock: .utc,
    sources: [
      "https://support.cointracker.io/hc/en-us/articles/4413071299729",
      "https://support.cointracker.io/hc/en-us/articles/4413049710225",
    ],
    header: .having(
      [
        "Date", "Received Quantity", "Received Currency", "Sent Quantity", "Sent Currency",
        "Fee Amount", "Fee Currency",
      ],
      lacking: ["Type", "Transaction ID", "Received Wallet"]),
    rowsMayEndEarly: true,
    makeDecoder: { _, _ in
      SingleRowDecoder { row throws(RowFault) in
        let sides = try CoinTracker.sides(of: row)
        let instant = try CoinTracker.time(of: row)
        var transaction = try sides.transaction(
          of: row, at: instant, label: "Tag", in: coinTrackerTags)
        transaction.note = row.optional("Comment") ?? row.optional("Description")
        transaction.transactionHash = row.optional("Transaction Hash")
        return .transaction(transaction)
      }
    })

  /// The template's tags; a row without one is a trade, a deposit or a withdrawal by its sides.
  private static let coinTrackerTags: LabelVocabulary = {
    var tags = CoinTracker.tags
    for label in ["", "trade", "buy", "sell", "swap", "gift", "payment", "staking", "staked"] {
      tags.both[label] = .trade
    }
    for label in ["", "receive", "transfer", "deposit"] { tags.incoming[label] = .deposit }
    for label in ["", "send", "transfer", "withdrawal"] { tags.outgoing[label] = .withdrawal }
    tags.both["transfer"] = .transfer
    return tags
  }()
}
