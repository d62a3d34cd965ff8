import Amounts
import Ledger

extension ImportFormat {
  /// Binance's deposits of coins.
  public static let binanceDeposits = BinanceMovements.format(
    id: "binance-deposits", name: "Binance deposits",
    header: .having(
      ["coin", "network", "amount", "address", "txid", "status"],
      lacking: ["fee", "transactionfee"])
  ) { _ in .deposits }

  /// Binance's withdrawals of coins, with the fee on top of the amount.
  public static let binanceWithdrawals = BinanceMovements.format(
    id: "binance-withdrawals", name: "Binance withdrawals",
    header: .having(
      ["coin", "network", "amount", "fee", "address", "txid", "status"],
      lacking: ["transactionfee"])
  ) { _ in .withdrawals }

  /// Older exports and those of fiat money, of which only the file's name says the direction.
  public static let binanceTransfers = BinanceMovements.format(
    id: "binance-transfers", name: "Binance deposits or withdrawals",
    header: .any(
      .having(["coin", "amount", "transactionfee", "address", "txid", "status"]),
      .having(["coin", "amount", "status", "payment method", "indicated amount", "fee", "order id"])
    )
  ) { settings in
    let name = settings.fileName.lowercased()
    if name.contains("deposit") { return .deposits }
    return name.contains("withdraw") ? .withdrawals : nil
  }
}

/// Reads Binance's rows of deposits and withdrawals.
private struct BinanceMovements {
  /// What a file is a list of.
  enum Direction: Sendable {
    case deposits, withdrawals
  }

  let direction: Direction?
  let clock: Binance.Clock

  static func format(
    id: String, name: String, header: HeaderRule,
    direction: @escaping @Sendable (ImportSettings) -> Direction?
  ) -> ImportFormat {
    ImportFormat(
      id: id, name: name, venue: "binance", defaultAccount: "Binance", clock: .utc,
      sources: [
        "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/binance.py"
      ],
      header: HeaderRule { names in
        header.matches(names) && Binance.Clock(names, ImportSettings()) != nil
      },
      makeDecoder: { names, settings in
        let clock = Binance.Clock(names, settings)
        let direction = direction(settings)
        return SingleRowDecoder { row throws(RowFault) in
          guard let clock else { throw RowFault(.wrongShape) }
          return try BinanceMovements(direction: direction, clock: clock).meaning(of: row)
        }
      })
  }

  func meaning(of row: Row) throws(RowFault) -> RowMeaning {
    let status = try row.text("status").lowercased()
    guard ["completed", "successful", "success"].contains(status) else {
      return .skipped("not completed: \(status)")
    }
    guard let direction else {
      // Nothing in the file itself tells deposits from withdrawals.
      throw RowFault(.unclearDirection, column: "amount", text: row["amount"])
    }
    let asset = Binance.asset(try row.asset("coin").code)
    let amount = AssetQuantity(try amount(of: row, direction), asset)
    let time = try clock.time(of: row)
    var movement: ImportedTransaction
    switch direction {
    case .deposits:
      movement = ImportedTransaction(
        row: row.number, time: time, kind: .deposit, incoming: amount)
    case .withdrawals:
      movement = ImportedTransaction(
        row: row.number, time: time, kind: .withdrawal, outgoing: amount)
      movement.recipient = row.optional("address")
    }
    for column: Column in ["fee", "transactionfee"] {
      guard let fee = try row.optionalMagnitude(column, .pointed) else { continue }
      movement.fee = AssetQuantity(fee, asset).unlessZero
    }
    movement.transactionHash = row.optional("txid")
    movement.reference = row.optional("order id")
    return .transaction(movement)
  }

  /// Of fiat money deposited, the indicated amount is what was paid in, before the fee.
  private func amount(of row: Row, _ direction: Direction) throws(RowFault) -> Quantity {
    if direction == .deposits,
      let indicated = try row.optionalMagnitude("indicated amount", .pointed)
    {
      return indicated
    }
    return try row.magnitude("amount", .pointed)
  }
}
