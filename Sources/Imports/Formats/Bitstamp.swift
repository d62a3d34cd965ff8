import Amounts
import Ledger

extension ImportFormat {
  /// Bitstamp's transactions: amounts with their codes in one cell, or in columns of their own.
  public static let bitstamp = ImportFormat(
    id: "bitstamp", name: "Bitstamp transactions", venue: "bitstamp", defaultAccount: "Bitstamp",
    clock: .utc,
    sources: [
      "https://www.bitstamp.net/api/#tag/Transactions-private",
      "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/bitstamp.py",
    ],
    header: .any(
      .having(["type", "datetime", "account", "amount", "value", "rate", "fee", "sub type"]),
      .having([
        "type", "subtype", "datetime", "amount", "amount currency", "value", "value currency",
        "fee", "fee currency",
      ])),
    makeDecoder: { header, settings in
      let reader = Bitstamp(
        hasCodeColumns: header.position(of: "amount currency") != nil, zone: settings.zone)
      return SingleRowDecoder { row throws(RowFault) in try reader.meaning(of: row) }
    })
}

/// Reads Bitstamp's rows, of both generations.
///
/// The fee of a withdrawal is not booked: rotki and BittyTax read the amount as all that left.
private struct Bitstamp {
  let hasCodeColumns: Bool
  let zone: any LocalZone

  func meaning(of row: Row) throws(RowFault) -> RowMeaning {
    let type = try row.text("type").lowercased()
    let time = try time(of: row)
    if type == "market" || type == "trade" || type == "convert" {
      return .transaction(try trade(row, at: time))
    }
    if Bitstamp.ownMoves.contains(type) { return .skipped("between own accounts") }
    guard let (kind, isIncoming) = Bitstamp.kinds[type] else {
      throw row.fault(.unknownKind, "type")
    }
    var transaction = ImportedTransaction(row: row.number, time: time, kind: kind)
    let amount = try required("amount", of: row)
    if kind == .fee {
      transaction.fee = amount
    } else if isIncoming {
      transaction.incoming = amount
    } else {
      transaction.outgoing = amount
    }
    transaction.account = account(of: row)
    transaction.reference = row.optional("id")
    return .transaction(transaction)
  }

  private func trade(_ row: Row, at time: Instant) throws(RowFault) -> ImportedTransaction {
    let column: Column = hasCodeColumns ? "subtype" : "sub type"
    let isBuy: Bool
    switch try row.text(column).lowercased() {
    case "buy": isBuy = true
    case "sell": isBuy = false
    default: throw row.fault(.unknownKind, column)
    }
    let amount = try required("amount", of: row)
    let value = try required("value", of: row)
    var trade = ImportedTransaction(
      row: row.number, time: time, kind: .trade, incoming: isBuy ? amount : value,
      outgoing: isBuy ? value : amount)
    trade.fee = try self.amount("fee", of: row)
    trade.account = account(of: row)
    trade.reference = row.optional("id")
    return trade
  }

  /// The account; the first one of a customer is called as the venue is.
  private func account(of row: Row) -> String? {
    let name = row["account"]
    return name.isEmpty || name == "Main Account" ? nil : "Bitstamp \(name)"
  }

  private func required(_ name: String, of row: Row) throws(RowFault) -> AssetQuantity {
    guard let amount = try amount(name, of: row) else { throw row.fault(.missing, .named(name)) }
    return amount
  }

  private func amount(_ name: String, of row: Row) throws(RowFault) -> AssetQuantity? {
    hasCodeColumns
      ? try row.optionalAmount(.named(name), of: .named(name + " currency"), .pointed)
      : try row.optionalAmountText(.named(name), .pointed)
  }

  /// `Jan. 28, 2022, 12:13 AM`, with words for noon and midnight and full hours without minutes.
  private func time(of row: Row) throws(RowFault) -> Instant {
    var text = try row.text("datetime")
    for (said, meant) in [
      ("midnight", "12:00 AM"), ("noon", "12:00 PM"), ("a.m.", "AM"), ("p.m.", "PM"),
    ] where text.hasSuffix(said) {
      text = text.dropLast(said.count) + meant
    }
    return try Row.time(
      text, [.pattern("MMM[.] d, yyyy, h[:mm][:ss]~a"), .iso], zone: zone, column: "datetime")
  }

  private static let kinds: [String: (EntryKind, isIncoming: Bool)] = [
    "deposit": (.deposit, true), "ripple deposit": (.deposit, true),
    "card deposit": (.deposit, true), "credit card deposit": (.deposit, true),
    "bitgo deposit": (.deposit, true), "withdrawal": (.withdrawal, false),
    "ripple payment": (.withdrawal, false), "ripple withdrawal": (.withdrawal, false),
    "staking reward": (.staking, true), "lending reward": (.interest, true),
    "earn reward": (.interest, true), "interest": (.interest, true),
    "referral reward": (.referral, true), "reward": (.reward, true), "grant": (.reward, true),
    "airdrop": (.airdrop, true), "credit": (.income, true), "storno": (.receive, true),
    "fee": (.fee, false), "monthly fee": (.fee, false),
  ]

  private static let ownMoves: Set<String> = [
    "sub account transfer", "subaccount transfer", "inter account transfer",
    "settlement transfer", "credited with staked assets", "sent assets to staking",
    "started staking", "stopped staking",
  ]
}
