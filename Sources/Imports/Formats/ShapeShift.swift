import Amounts
import Ledger

extension ImportFormat {
  /// ShapeShift's trade history: an exchange between two coins on two chains in a row.
  public static let shapeShift = ImportFormat(
    id: "shapeshift", name: "ShapeShift trades", venue: "shapeshift",
    defaultAccount: "ShapeShift", clock: .utc,
    sources: [
      "https://github.com/rotki/rotki/blob/develop/rotkehlchen/data_import/importers/shapeshift_trades.py",
      "https://blog.makerdao.com/looking-ahead-how-to-upgrade-to-multi-collateral-dai/",
    ],
    header: .having([
      "id", "status", "timestamp", "rate", "minerFee", "inputAmount", "inputCurrency",
      "outputAmount", "outputCurrency",
    ]),
    makeDecoder: { _, _ in
      SingleRowDecoder { row throws(RowFault) in try ShapeShift.meaning(of: row) }
    })
}

/// What ShapeShift's rows mean.
private enum ShapeShift {
  static func meaning(of row: Row) throws(RowFault) -> RowMeaning {
    let status = row["status"].lowercased()
    if openStatuses.contains(status) { return .skipped("not completed: \(status)") }
    // Rows called returned have both sides paid out, and rotki reads them as trades.
    guard status == "complete" || status == "returned" else {
      throw row.fault(.unknownKind, "status")
    }
    // The wallet's own export has what it swapped on a decentralised exchange.
    if row["inputAddress"].isEmpty || row["outputAddress"].isEmpty {
      return .skipped("traded on a decentralised exchange, from the user's own wallet")
    }
    let sold = try row.magnitude("inputAmount")
    if sold.isZero { return .skipped("nothing was sent") }
    if let rate = try row.optionalSigned("rate"), rate.isZero || rate.isNegative {
      return .skipped("no rate")
    }
    let time = nearestSecond(try row.time("timestamp", .iso))
    let input = asset(try row.asset("inputCurrency"), at: time)
    let output = asset(try row.asset("outputCurrency"), at: time)
    var trade = ImportedTransaction(
      row: row.number, time: time, kind: .trade,
      incoming: AssetQuantity(try row.magnitude("outputAmount"), output),
      outgoing: AssetQuantity(sold, input))
    // The miner's fee is taken of what is paid out, in its coin.
    trade.fee = AssetQuantity(try row.optionalMagnitude("minerFee") ?? .zero, output).unlessZero
    trade.reference = row.optional("id")
    return .transaction(trade)
  }

  private static let openStatuses: Set<String> = [
    "no_deposits", "pending", "received", "failed", "error", "resolved", "expired", "canceled",
    "cancelled",
  ]

  /// What was called DAI before 18 November 2019 is called SAI since.
  private static func asset(_ named: NamedAsset, at time: Instant) -> NamedAsset {
    let code = KrakenAssets.code(named.code.uppercased())
    return NamedAsset(code == "DAI" && time <= multiCollateralDai ? "SAI" : code)
  }

  /// 2019-11-18T00:00:00Z.
  private static let multiCollateralDai = Instant(seconds: 1_574_035_200)

  /// Old rows have whole seconds, newer ones a fraction: brought to whole seconds alike.
  private static func nearestSecond(_ time: Instant) -> Instant {
    let (halfUp, overflow) = time.microseconds.addingReportingOverflow(500_000)
    return overflow ? time : Instant(seconds: Instant(microseconds: halfUp).seconds)
  }
}
