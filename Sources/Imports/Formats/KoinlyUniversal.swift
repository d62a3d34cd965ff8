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
        var transaction = try KoinlyTags.transaction(
          of: sides, on: row, tag: label, at: instant, reward: .reward)
        transaction.state(
          try row.money("Net Worth Amount", ofCurrency: "Net Worth Currency", .pointed))
        transaction.note = row.optional("Description")
        transaction.transactionHash = row.optional("TxHash")
        return .transaction(transaction)
      }
    })
}

extension KoinlyTags {
  /// What a row's tag makes of the sides that are filled; with both, it is an exchange.
  ///
  /// - Parameters:
  ///   - sides: The sides.
  ///   - row: The row.
  ///   - column: Where the tag stands.
  ///   - time: When it happened.
  ///   - reward: What the tag `reward` means: Koinly writes it for staking, a user for any reward.
  /// - Returns: The transaction.
  /// - Throws: `unknownKind`, `incomplete`.
  static func transaction(
    of sides: TrackedSides, on row: Row, tag column: Column, at time: Instant,
    reward: EntryKind
  ) throws(RowFault) -> ImportedTransaction {
    let tag = row[column].lowercased()
    let further = LabelVocabulary.key(tag)
    let incoming = tag == "reward" ? reward : deposit(tag) ?? furtherDeposits[further]
    let outgoing = withdrawal(tag) ?? furtherWithdrawals[further]
    let isKnown = incoming != nil || outgoing != nil || exchanges.contains(further)
    guard isKnown else { throw row.fault(.unknownKind, column) }
    let kind: EntryKind? =
      switch (sides.incoming, sides.outgoing) {
      case (.some, .some): .trade
      case (.some, nil): incoming
      case (nil, .some): outgoing
      case (nil, nil): sides.fee == nil ? nil : .fee
      }
    guard let kind else {
      let hasSide = sides.incoming != nil || sides.outgoing != nil
      throw row.fault(hasSide ? .unclearDirection : .incomplete, column)
    }
    return ImportedTransaction(
      row: row.number, time: time, kind: kind, incoming: sides.incoming,
      outgoing: sides.outgoing, fee: sides.fee)
  }

  /// Labels that the template's readers know beside Koinly's own.
  private static let furtherDeposits: [String: EntryKind] = [
    "hardfork": .airdrop, "giftreceived": .giftReceived, "unstake": .unstake, "frompool": .unstake,
    "realizedprofit": .marginGain, "dust": .receive, "stakingrewards": .staking,
  ]

  private static let furtherWithdrawals: [String: EntryKind] = [
    "giftsent": .giftSent, "stake": .stake, "topool": .stake, "fundingfee": .marginFee,
    "dust": .withdrawal, "burn": .lost, "fee": .spend,
  ]

  /// Tags of exchanges alone.
  private static let exchanges: Set<String> = [
    "trade", "buy", "sell", "exchange", "nfttrade", "rebase", "migration",
  ]
}
