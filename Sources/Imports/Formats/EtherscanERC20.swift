import Amounts
import Ledger

extension ImportFormat {
  /// Token transfers of an address from Etherscan and the explorers built like it.
  ///
  /// The file names neither owner nor chain: the user or the file's name tells them. Anybody can make
  /// a token of any name, so each is known by its contract.
  public static let etherscanERC20 = ImportFormat(
    id: "etherscan-erc20", name: "Etherscan token transfers", venue: "etherscan",
    defaultAccount: "Ethereum", clock: .utc,
    sources: [
      "https://etherscan.io/exportData",
      "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/etherscan.py",
    ],
    header: HeaderRule { header in
      let has = { (name: String) in header.position(of: name) != nil }
      return ExplorerColumns(header).hash != nil && has("From") && has("To")
        && has("ContractAddress") && has("TokenSymbol") && (has("TokenValue") || has("Value"))
        && !has("TokenId") && !has("Token ID")
    },
    rowsMayEndEarly: true,
    makeDecoder: { header, settings in
      let columns = ExplorerColumns(header)
      let chain = ExplorerChain(nil, settings)
      let value: Column = header.position(of: "TokenValue") == nil ? "Value" : "TokenValue"
      return SingleRowDecoder { row throws(RowFault) in
        try chain.tokenMeaning(of: row, columns, value: value)
      }
    })
}

extension ExplorerChain {
  fileprivate func tokenMeaning(
    of row: Row, _ columns: ExplorerColumns, value: Column
  ) throws(RowFault) -> RowMeaning {
    let quantity = try row.quantity(value, .pointed)
    if quantity.isZero { return .skipped("no value") }
    let from = row["From"].lowercased()
    let to = row["To"].lowercased()
    guard let owner, owner == from || owner == to else {
      throw row.fault(.unclearDirection, "To")
    }
    if from == to { return .skipped("to oneself") }
    var transaction = ImportedTransaction(
      row: row.number, time: try columns.time(of: row), kind: owner == to ? .deposit : .withdrawal)
    let amount = AssetQuantity(quantity, try token(of: row))
    if owner == to { transaction.incoming = amount } else { transaction.outgoing = amount }
    transaction.account = account(owner)
    transaction.note = row.optional("PrivateNote")
    transaction.transactionHash = columns.hash.flatMap { row.optional($0) }
    return .transaction(transaction)
  }

  /// Shares of liquidity pools all have one symbol: the contract's beginning tells them apart.
  private func token(of row: Row) throws(RowFault) -> NamedAsset {
    let address = try row.text("ContractAddress")
    var asset = try row.asset("TokenSymbol")
    if asset.code.hasSuffix("-LP") { asset.code += "-" + address.prefix(10) }
    asset.contract = NamedAsset.Contract(chain: name, address: address.lowercased())
    return asset
  }
}
