extension BlockbookServer {
  /// The transactions of an address, newest first, and how many pages there are.
  ///
  /// - Parameters:
  ///   - address: Whose.
  ///   - page: From 1.
  /// - Returns: The call; the server answers the last page for any beyond it.
  public func transactions(
    _ address: String, page: Int = 1
  ) -> ChainCall<(transactions: [ScriptTransaction], pages: Int)> {
    let chain = chain
    let path = "\(url)/api/v2/address/\(REST.escaped(address))?details=txs&page=\(page)"
    return REST.get(path) { node throws(ChainFault) in
      let decimals = ChainAccount.decimals(chain)
      var transactions: [ScriptTransaction] = []
      for element in try node["transactions"].present?.elements() ?? [] {
        transactions.append(try BlockbookAnswer.transaction(element, decimals))
      }
      return (transactions, try node["totalPages"].present?.whole() ?? 1)
    }
  }
}

extension BlockbookAnswer {
  static func transaction(
    _ node: AnswerNode, _ decimals: Int
  ) throws(ChainFault) -> ScriptTransaction {
    var inputs: [ScriptTransaction.Part] = []
    for input in try node["vin"].elements() where input["value"].present != nil {
      inputs.append(try part(input, decimals))
    }
    var outputs: [ScriptTransaction.Part] = []
    for output in try node["vout"].elements() { outputs.append(try part(output, decimals)) }
    let height = try node["blockHeight"].present?.whole() ?? -1
    let isConfirmed = height > 0
    return ScriptTransaction(
      id: try node["txid"].text(), inputs: inputs, outputs: outputs,
      fee: try node["fees"].present?.units(decimals: decimals) ?? .zero(decimals: decimals),
      time: isConfirmed ? UInt64(clamping: try node["blockTime"].whole()) : nil,
      height: isConfirmed ? height : nil)
  }

  /// A part without a script that has an address names none, or a text that is no address.
  private static func part(
    _ node: AnswerNode, _ decimals: Int
  ) throws(ChainFault) -> ScriptTransaction.Part {
    let isAddress = try node["isAddress"].present?.truth() ?? true
    let address = isAddress ? try node["addresses"].present?.elements().first?.text() : nil
    return ScriptTransaction.Part(
      address: address, amount: try node["value"].units(decimals: decimals))
  }
}
