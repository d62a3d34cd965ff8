import Amounts
import Ledger

extension ImportFormat {
  /// Internal transactions of an address from Etherscan and the explorers built like it: coins that
  /// contracts sent.
  ///
  /// Gas is told by the transaction that called the contract.
  public static let etherscanInternal = ImportFormat(
    id: "etherscan-internal", name: "Etherscan internal transactions", venue: "etherscan",
    defaultAccount: "Ethereum", clock: .utc,
    sources: [
      "https://etherscan.io/exportData",
      "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/etherscan.py",
    ],
    header: HeaderRule { header in
      let columns = ExplorerColumns(header)
      return columns.hash != nil && columns.valueIn != nil && columns.valueOut != nil
        && header.position(of: "ParentTxFrom") != nil && header.position(of: "TxTo") != nil
    },
    rowsMayEndEarly: true,
    makeDecoder: { header, settings in
      let columns = ExplorerColumns(header)
      let chain = ExplorerChain(columns.coin, settings)
      return SingleRowDecoder { row throws(RowFault) in
        try chain.internalMeaning(of: row, columns)
      }
    })
}

extension ExplorerChain {
  fileprivate func internalMeaning(
    of row: Row, _ columns: ExplorerColumns
  ) throws(RowFault) -> RowMeaning {
    guard let valueIn = columns.valueIn, let valueOut = columns.valueOut else {
      throw RowFault(.wrongShape)
    }
    if !["0", ""].contains(row["Status"]) || !row["ErrCode"].isEmpty { return .skipped("failed") }
    let received = try row.optionalQuantity(valueIn, .pointed) ?? .zero
    let sent = try row.optionalQuantity(valueOut, .pointed) ?? .zero
    var transaction = ImportedTransaction(
      row: row.number, time: try columns.time(of: row), kind: .deposit)
    transaction.transactionHash = columns.hash.flatMap { row.optional($0) }
    transaction.note = row.optional("PrivateNote")
    switch (received.isZero, sent.isZero) {
    case (false, true):
      transaction.incoming = amount(received)
      transaction.account = account(row["TxTo"])
    case (true, false):
      transaction.kind = .withdrawal
      transaction.outgoing = amount(sent)
      transaction.account = account(row["From"])
    case (true, true): return .skipped("no value")
    case (false, false): return .skipped("to oneself")
    }
    return .transaction(transaction)
  }
}
