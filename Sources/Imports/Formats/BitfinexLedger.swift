import Amounts
import Ledger

extension ImportFormat {
  /// Bitfinex's ledger: every change of a balance with a sentence that says why.
  ///
  /// What the trades and the movements export tell with more detail is left to them.
  public static let bitfinexLedger = ImportFormat(
    id: "bitfinex-ledger", name: "Bitfinex ledger", venue: "bitfinex",
    defaultAccount: "Bitfinex", clock: .utc,
    sources: [
      "https://docs.bitfinex.com/reference/rest-auth-ledgers",
      "https://github.com/bitfinexcom/bfx-reports-framework",
    ],
    header: .having(["description", "currency", "amount", "balance", "date", "wallet"]),
    makeDecoder: { _, settings in
      SingleRowDecoder { row throws(RowFault) in
        try BitfinexLedger.meaning(of: row, settings)
      }
    })
}

/// What the sentences of Bitfinex's ledger mean.
private enum BitfinexLedger {
  private enum Meaning {
    case change(in: EntryKind, out: EntryKind)
    case skipped(String)
  }

  static func meaning(
    of row: Row, _ settings: ImportSettings
  ) throws(RowFault) -> RowMeaning {
    let sentence = try row.text("description").lowercased()
    guard let meaning = meaning(of: sentence) else {
      throw row.fault(.unknownKind, "description")
    }
    switch meaning {
    case .skipped(let why): return .skipped(why)
    case .change(let incoming, let outgoing):
      let asset = Bitfinex.asset(try row.asset("currency").code)
      let time = try Bitfinex.time(of: row, settings)
      var transaction = try row.change("amount", of: asset, at: time)
        .transaction(in: incoming, out: outgoing)
      transaction.note = row.optional("description")
      transaction.reference = row.optional("#")
      return .transaction(transaction)
    }
  }

  /// The first rule whose words the sentence has, in the order of the exchange's own categories.
  private static func meaning(of sentence: String) -> Meaning? {
    if sentence.hasPrefix("transfer"), sentence.contains(" sa(") {
      return .change(in: .deposit, out: .withdrawal)
    }
    if sentence.hasPrefix("position") { return meaning(ofPosition: sentence) }
    if let rule = beginnings.first(where: { sentence.hasPrefix($0.words) }) { return rule.meaning }
    return parts.first { sentence.contains($0.words) }?.meaning
  }

  private static func meaning(ofPosition sentence: String) -> Meaning {
    sentence.contains("funding cost")
      ? .change(in: .feeRebate, out: .marginFee) : .change(in: .marginGain, out: .marginLoss)
  }

  private static let inTrades = Meaning.skipped("in the trades export")
  private static let inMovements = Meaning.skipped("in the movements export")

  private static let beginnings: [(words: String, meaning: Meaning)] = [
    ("exchange ", inTrades), ("trading fee", inTrades),
    ("transfer", .skipped("between own wallets")),
    ("deposit (", inMovements), ("deposit on wallet", inMovements), ("deposit fee", inMovements),
    ("canceled withdrawal", inMovements),
    ("interest charge", .change(in: .feeRebate, out: .marginFee)),
    ("margin funding payment", .change(in: .interest, out: .spend)),
    ("adjustment margin funding payment", .change(in: .interest, out: .spend)),
    ("swap payment", .change(in: .interest, out: .spend)),
    ("interest payment", .change(in: .interest, out: .spend)),
    ("funding event", .change(in: .feeRebate, out: .marginFee)),
    ("settlement", .change(in: .marginGain, out: .marginLoss)),
    ("hidden order fee", .change(in: .feeRebate, out: .fee)),
    ("otc trade fee", .change(in: .feeRebate, out: .fee)),
    ("swap fee", .change(in: .feeRebate, out: .fee)),
    ("claiming fee", .change(in: .feeRebate, out: .marginFee)),
    ("earned fee", .change(in: .referral, out: .spend)),
    ("affiliate rebate", .change(in: .referral, out: .spend)),
    ("ethfx loyalty fee", .change(in: .referral, out: .fee)),
    ("miner fee", .change(in: .feeRebate, out: .fee)),
    ("computation fee", .change(in: .feeRebate, out: .fee)),
    ("staking reward", .change(in: .staking, out: .spend)),
    ("adjustment", .change(in: .receive, out: .spend)),
    ("expense", .change(in: .receive, out: .spend)),
    ("currency conversion", .change(in: .receive, out: .spend)),
    ("monthly profit payment", .change(in: .income, out: .spend)),
    ("losses", .change(in: .receive, out: .lost)),
    ("extraordinary loss", .change(in: .receive, out: .lost)),
  ]

  private static let parts: [(words: String, meaning: Meaning)] = [
    (" withdrawal #", inMovements), ("withdrawal fee", inMovements),
    ("withdrawal express fee", inMovements),
    ("trading rebate", .change(in: .feeRebate, out: .fee)),
    ("margin funding charge", .change(in: .feeRebate, out: .marginFee)),
    ("margin funding fee", .change(in: .feeRebate, out: .marginFee)),
    ("settlement", .change(in: .marginGain, out: .marginLoss)),
    ("deposit fee", inMovements), ("token redemption", .change(in: .receive, out: .spend)),
    ("airdrop", .change(in: .airdrop, out: .spend)),
    ("distribution", .change(in: .airdrop, out: .spend)),
    ("snapshot", .change(in: .airdrop, out: .spend)),
  ]
}
