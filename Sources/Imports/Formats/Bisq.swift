import Amounts
import Ledger

extension ImportFormat {
  /// Bisq's trade history: amounts in bitcoin, a price, and fees in BTC or BSQ.
  public static let bisq = ImportFormat(
    id: "bisq", name: "Bisq trades", venue: "bisq", defaultAccount: "Bisq", clock: .account,
    sources: [
      "https://github.com/rotki/rotki/issues/824"
    ],
    header: .having([
      "trade id", "date/time", "market", "price", "amount in btc", "amount", "currency",
      "offer type", "status",
    ]),
    makeDecoder: { _, settings in
      SingleRowDecoder { row throws(RowFault) in
        try Bisq.meaning(of: row, zone: settings.zone)
      }
    })
}

/// What Bisq's rows mean.
private enum Bisq {
  static func meaning(of row: Row, zone: any LocalZone) throws(RowFault) -> RowMeaning {
    let status = try row.text("status").lowercased()
    if deadStatuses.contains(status) { return .skipped("not completed: \(status)") }
    guard doneStatuses.contains(status) else { throw row.fault(.unknownKind, "status") }
    let offer = try row.text("offer type").split(separator: " ").map(String.init)
    guard offer.count == 2, let isBuy = sides[offer[0].lowercased()] else {
      throw row.fault(.unknownKind, "offer type")
    }
    guard let market = MarketPair(marked: try row.text("market")),
      [market.base, market.quote].contains(offer[1])
    else { throw row.fault(.unknownKind, "market") }
    let base = offer[1]
    let quote = base == market.base ? market.quote : market.base
    // The quote's cell is rounded to what is paid by bank; the price says what was agreed.
    let amount = try row.magnitude(base == "BTC" ? "amount in btc" : "amount", .pointed)
    let cost = try amount.times(try row.magnitude("price", .pointed))
    let baseSide = AssetQuantity(amount, NamedAsset(base))
    let quoteSide = AssetQuantity(cost, NamedAsset(quote))
    var trade = ImportedTransaction(
      row: row.number,
      time: try row.time("date/time", .pattern("d MMM yyyy HH:mm:ss"), .iso, zone: zone),
      kind: .trade, incoming: isBuy ? baseSide : quoteSide,
      outgoing: isBuy ? quoteSide : baseSide)
    trade.fee = try fee(row)
    trade.reference = row.optional("trade id")
    return .transaction(trade)
  }

  private static func fee(_ row: Row) throws(RowFault) -> AssetQuantity? {
    let style = NumberStyle.pointed.empty("N/A", "-")
    for (column, code): (Column, String) in [
      ("trade fee bsq", "BSQ"), ("trade fee btc", "BTC"), ("trade fee", "BTC"),
    ] {
      if let fee = try row.optionalMagnitude(column, style), !fee.isZero {
        return AssetQuantity(fee, NamedAsset(code))
      }
    }
    return nil
  }

  private static let sides = ["buy": true, "sell": false]
  private static let doneStatuses: Set<String> = ["completed", "mediated", "arbitrated"]
  private static let deadStatuses: Set<String> = [
    "canceled", "cancelled", "failed", "refunded", "ongoing", "pending",
  ]
}
