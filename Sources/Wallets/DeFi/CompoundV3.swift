import Encodings
import Ledger

/// Compound version 3: one borrowable asset a market, others held as security.
///
/// Source: https://docs.compound.finance/account-management/ and
/// https://docs.compound.finance/helper-functions/
public enum CompoundV3 {
  /// The markets by chain (https://docs.compound.finance/#networks).
  static let markets: [String: [String]] = [
    "ethereum": [
      "0xc3d688B66703497DAA19211EEdff47f25384cdc3", "0xA17581A9E3356d9A858b789D68B4d866e593aE94",
      "0x3Afdc9BCA9213A35503b077a6072F3D0d5AB0840",
    ],
    "arbitrum": [
      "0x9c4ec768c28520B50860ea7a15bd7213a9fF58bf", "0xA5EDBDD9646f8dFF606d7448e414884C7d905dCA",
    ],
    "base": [
      "0xb125E6687d4313864e53df431d5425969c15Eb2F", "0x46e6b214b524310239732D51387075E0e70970bf",
      "0x9c4ec768c28520B50860ea7a15bd7213a9fF58bf",
    ],
    "polygon": ["0xF25212E676D1F7F89Cd72fFEe66158f541246445"],
    "optimism": ["0x2e44e174f7D53F0212823acC11C01A11d58c5bCB"],
  ]
  /// The most kinds of security a market can have.
  static let mostAssets = 64

  /// The positions of an address in every market of the chain.
  public static func positions(
    _ owner: [UInt8], node: EthereumNode, at block: EthereumNode.Block
  ) -> [ChainCall<DeFiReading>] {
    let reader = ContractReader(node: node, block: block, owner: owner)
    let addresses = (markets[node.chain] ?? []).compactMap { ContractReader.address($0) }
    return addresses.map { market($0, reader) }
  }

  private static func market(_ market: [UInt8], _ reader: ContractReader) -> ChainCall<DeFiReading>
  {
    let calls = [
      ContractReader.Call(market, "baseToken()"), ContractReader.Call(market, "decimals()"),
      ContractReader.Call(market, "balanceOf(address)", [reader.ownerWord]),
      ContractReader.Call(market, "borrowBalanceOf(address)", [reader.ownerWord]),
      ContractReader.Call(market, "numAssets()"),
    ]
    return reader.ask(calls) { answers throws(ChainFault) in
      let base = try answers[0].address(0)
      let decimals = try answers[1].decimals(0)
      let supplied = try answers[2].word(0)
      let borrowed = try answers[3].word(0)
      let count = try answers[4].count(0)
      guard count <= mostAssets else { throw .malformed("the market's number of assets") }
      var positions: [DeFiPosition] = []
      if !supplied.isZero {
        let balance = reader.balance(base, supplied, decimals: decimals)
        positions.append(position(.supplied, market, balance, reader, isReceipt: true))
      }
      if !borrowed.isZero {
        let balance = reader.balance(base, borrowed, decimals: decimals, part: .debt)
        positions.append(position(.borrowed, market, balance, reader))
      }
      return DeFiReading(positions, more: count == 0 ? [] : [assets(count, market, reader)])
    }
  }

  private static func assets(
    _ count: Int, _ market: [UInt8], _ reader: ContractReader
  ) -> ChainCall<DeFiReading> {
    let calls = (0..<count).map { index in
      ContractReader.Call(market, "getAssetInfo(uint8)", [ABI.word(UInt256(UInt128(index)))])
    }
    return reader.ask(calls) { answers throws(ChainFault) in
      var assets: [(asset: [UInt8], decimals: Int)] = []
      for answer in answers {
        // Offset, asset, price feed, and the scale: ten to the power of the decimals.
        assets.append((try answer.address(1), try decimals(scale: try answer.word(3))))
      }
      return DeFiReading(more: [collateral(assets, market, reader)])
    }
  }

  private static func decimals(scale: UInt256) throws(ChainFault) -> Int {
    let text = scale.text
    guard text.first == "1", text.dropFirst().allSatisfy({ $0 == "0" }) else {
      throw .malformed("the scale of an asset")
    }
    return text.count - 1
  }

  private static func collateral(
    _ assets: [(asset: [UInt8], decimals: Int)], _ market: [UInt8], _ reader: ContractReader
  ) -> ChainCall<DeFiReading> {
    let calls = assets.map { entry in
      ContractReader.Call(
        market, "userCollateral(address,address)",
        [reader.ownerWord, ABI.word(address: entry.asset)])
    }
    return reader.ask(calls) { answers throws(ChainFault) in
      var positions: [DeFiPosition] = []
      for (entry, answer) in zip(assets, answers) {
        let held = try answer.word(0)
        guard !held.isZero else { continue }
        let balance = reader.balance(entry.asset, held, decimals: entry.decimals)
        positions.append(position(.collateral, market, balance, reader))
      }
      return DeFiReading(positions)
    }
  }

  private static func position(
    _ kind: DeFiPosition.Kind, _ market: [UInt8], _ balance: ChainBalance,
    _ reader: ContractReader, isReceipt: Bool = false
  ) -> DeFiPosition {
    DeFiPosition(
      venue: "compound-v3", chain: reader.node.chain, owner: reader.owner, kind: kind,
      label: EthereumAddress.text(market), underlying: [balance],
      receipt: isReceipt ? reader.asset(market) : nil)
  }
}
