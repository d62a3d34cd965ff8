import Ledger

extension EthereumNode {
  /// The balances of one batch; the coin's must be there, a broken token is left out.
  ///
  /// - Parameters:
  ///   - answers: One a question.
  ///   - assets: What was asked for, nil for the chain's own coin.
  /// - Returns: What is known.
  /// - Throws: The fault of the coin's balance, or `busy` of any.
  func account(
    _ answers: [Result<UInt256, ChainFault>], _ assets: [TokenContract?]
  ) throws(ChainFault) -> ChainAccount {
    var balances: [ChainBalance] = []
    for (answer, token) in zip(answers, assets) {
      guard let token else {
        let amount = ChainAmount(units: try answer.get(), decimals: 18)
        balances.append(ChainBalance(.native(chain: chain), symbol: ticker, amount))
        continue
      }
      let units: UInt256
      switch answer {
      case .success(let found): units = found
      case .failure(.noContract), .failure(.node): continue
      case .failure(let fault): throw fault
      }
      let asset = AssetID.contract(
        chain: chain, address: EthereumAddress.text(token.address).lowercased())
      let amount = ChainAmount(units: units, decimals: token.decimals)
      balances.append(ChainBalance(asset, symbol: token.symbol, amount))
    }
    return ChainAccount(balances: balances)
  }

  /// What a token calls itself; both are as its author chose.
  public func symbol(of token: [UInt8]) -> ChainCall<String> {
    call(EthereumAddress.text(token), ABI.call("symbol()")).map { reader throws(ChainFault) in
      try reader.text()
    }
  }

  /// A token's decimals.
  public func decimals(of token: [UInt8]) -> ChainCall<Int> {
    call(EthereumAddress.text(token), ABI.call("decimals()")).map { reader throws(ChainFault) in
      let count = try reader.count(0)
      guard (0...ChainAmount.mostDecimals).contains(count) else {
        throw .malformed("the token's decimals")
      }
      return count
    }
  }
}
