import Amounts
import Ledger

extension ImportFormat {
  /// Electrum's history, and that of programs made from it: one row a transaction of the wallet.
  ///
  /// The value of a payment includes its fee. Times are in the zone of the computer that wrote the
  /// file. The coin is Bitcoin unless the user names another (Electrum-LTC, Electron Cash).
  public static let electrum = ImportFormat(
    id: "electrum", name: "Electrum", venue: "electrum", defaultAccount: "Electrum",
    clock: .account,
    sources: ["https://github.com/spesmilo/electrum/blob/master/electrum/gui/qt/history_list.py"],
    header: HeaderRule { header in
      Electrum.variants.contains { $0.allSatisfy { header.position(of: $0) != nil } }
    },
    makeDecoder: { _, settings in
      let reader = Electrum(
        asset: NamedAsset(settings.nativeAsset ?? "BTC"), zone: settings.zone)
      return SingleRowDecoder { row throws(RowFault) in try reader.read(row) }
    })
}

/// Reads one row of Electrum's history.
private struct Electrum {
  static let variants: [[String]] = [
    ["transaction_hash", "label", "value", "timestamp"],
    ["oc_transaction_hash", "label", "amount_chain_bc", "amount_lightning_bc", "timestamp"],
  ]

  /// Units of a bitcoin in which newer versions write the fee.
  private static let satoshi = Fixed(units: Fixed.scale / 100_000_000)

  let asset: NamedAsset
  let zone: any LocalZone

  func read(_ row: Row) throws(RowFault) -> RowMeaning {
    if row["timestamp"].isEmpty || row["confirmations"] == "0" { return .skipped("not confirmed") }
    let time = try row.time("timestamp", .iso, zone: zone)
    let value = try value(row)
    let fee = value.isNegative ? try fee(row) : nil
    var transaction = ImportedTransaction(row: row.number, time: time, kind: .deposit)
    transaction.note = row.optional("label")
    transaction.transactionHash =
      row.optional("transaction_hash") ?? row.optional("oc_transaction_hash")
    if !value.isNegative {
      if value.isZero { return .skipped("nothing moved") }
      transaction.incoming = AssetQuantity(value, asset)
      return .transaction(transaction)
    }
    try fillPayment(&transaction, value, fee: fee, row)
    return .transaction(transaction)
  }

  /// What went out is the value without the fee; where nothing else went, it is a fee alone.
  private func fillPayment(
    _ transaction: inout ImportedTransaction, _ value: Quantity, fee: Quantity?, _ row: Row
  ) throws(RowFault) {
    guard let paid = try? value.negated().subtracting(fee ?? .zero), !paid.isNegative else {
      throw row.fault(.incomplete, "value")
    }
    transaction.kind = paid.isZero ? .fee : .withdrawal
    if !paid.isZero { transaction.outgoing = AssetQuantity(paid, asset) }
    if let fee, !fee.isZero { transaction.fee = AssetQuantity(fee, asset) }
  }

  /// The change of the wallet, on the chain and in its channels.
  private func value(_ row: Row) throws(RowFault) -> Quantity {
    if row.header.position(of: "value") != nil { return try row.signed("value", .pointed) }
    let chain = try row.optionalSigned("amount_chain_bc", .pointed)
    let lightning = try row.optionalSigned("amount_lightning_bc", .pointed)
    if chain == nil && lightning == nil { throw row.fault(.missing, "amount_chain_bc") }
    guard let sum = try? (chain ?? .zero).adding(lightning ?? .zero) else {
      throw row.fault(.tooLarge, "amount_chain_bc")
    }
    return sum
  }

  private func fee(_ row: Row) throws(RowFault) -> Quantity? {
    if row.header.position(of: "fee") != nil { return try row.optionalMagnitude("fee", .pointed) }
    guard let satoshis = try row.optionalMagnitude("network_fee_satoshi", .pointed) else {
      return nil
    }
    guard let fee = try? satoshis.fixed.multiplied(by: Electrum.satoshi, rounding: .halfEven)
    else { throw row.fault(.tooLarge, "network_fee_satoshi") }
    return Quantity(fee)
  }
}
