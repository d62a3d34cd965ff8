import Encodings
import Ledger

/// Aave version 3: what is lent, held as security and owed.
///
/// Source: https://aave.com/docs/aave-v3/smart-contracts/view-contracts and
/// https://aave.com/docs/aave-v3/smart-contracts/pool
public enum AaveV3 {
  /// The contract that names all others, by chain (https://github.com/bgd-labs/aave-address-book).
  static let providers: [String: String] = [
    "ethereum": "0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e",
    "arbitrum": "0xa97684ead0e402dC232d5A977953DF7ECBaB3CDb",
    "optimism": "0xa97684ead0e402dC232d5A977953DF7ECBaB3CDb",
    "polygon": "0xa97684ead0e402dC232d5A977953DF7ECBaB3CDb",
    "avalanche": "0xa97684ead0e402dC232d5A977953DF7ECBaB3CDb",
    "base": "0xe20fCBdBfFC4Dd138cE8b2E6FBb6CB49777ad64D",
  ]
  /// The most reserves that are asked for in one request.
  static let mostReserves = 20

  /// The positions of an address.
  public static func positions(
    _ owner: [UInt8], node: EthereumNode, at block: EthereumNode.Block
  ) -> [ChainCall<DeFiReading>] {
    guard let text = providers[node.chain], let provider = ContractReader.address(text) else {
      return []
    }
    let reader = ContractReader(node: node, block: block, owner: owner)
    let calls = [
      ContractReader.Call(provider, "getPool()"),
      ContractReader.Call(provider, "getPoolDataProvider()"),
    ]
    return [
      reader.ask(calls) { answers throws(ChainFault) in
        let pool = try answers[0].address(0)
        let data = try answers[1].address(0)
        let list = ContractReader.Call(pool, "getReservesList()")
        let step = reader.ask([list]) { answers throws(ChainFault) in
          var assets: [[UInt8]] = []
          for number in try answers[0].numbers(0) {
            assets.append(Array(number.bigEndian.suffix(20)))
          }
          return DeFiReading(more: reserves(assets, data, reader))
        }
        return DeFiReading(more: [step])
      }
    ]
  }

  private static func reserves(
    _ assets: [[UInt8]], _ data: [UInt8], _ reader: ContractReader
  ) -> [ChainCall<DeFiReading>] {
    stride(from: 0, to: assets.count, by: mostReserves).map { start in
      let part = Array(assets[start..<min(start + mostReserves, assets.count)])
      let calls = part.map { asset in
        ContractReader.Call(
          data, "getUserReserveData(address,address)",
          [ABI.word(address: asset), reader.ownerWord])
      }
      return reader.ask(calls) { answers throws(ChainFault) in
        var more: [ChainCall<DeFiReading>] = []
        for (asset, answer) in zip(part, answers) {
          let reserve = try AaveReserve(answer)
          if !reserve.isEmpty { more.append(details(asset, reserve, data, reader)) }
        }
        return DeFiReading(more: more)
      }
    }
  }

  /// Asks for an asset's decimals and the tokens that stand for it.
  private static func details(
    _ asset: [UInt8], _ reserve: AaveReserve, _ data: [UInt8], _ reader: ContractReader
  ) -> ChainCall<DeFiReading> {
    let calls = [
      ContractReader.Call(asset, "decimals()"),
      ContractReader.Call(
        data, "getReserveTokensAddresses(address)", [ABI.word(address: asset)]),
    ]
    return reader.ask(calls) { answers throws(ChainFault) in
      let decimals = try answers[0].decimals(0)
      let tokens = try [0, 1, 2].map { index throws(ChainFault) in try answers[1].address(index) }
      return DeFiReading(reserve.positions(asset, decimals, tokens, reader))
    }
  }

  /// What `getUserAccountData(address)` of the pool tells, in the market's own unit of account.
  public struct Account: Hashable, Sendable {
    /// All security; 8 decimals of a dollar on today's markets.
    public let collateral: UInt256
    /// All debt.
    public let debt: UInt256
    /// What could be borrowed on top.
    public let available: UInt256
    /// At which part of the security the debt is called, in hundredths of a percent.
    public let thresholdBasisPoints: Int
    /// Below one the debt may be called; nil without debt.
    public let health: ChainAmount?

    /// Reads the six words.
    public init(_ answer: ABIReader) throws(ChainFault) {
      collateral = try answer.word(0)
      debt = try answer.word(1)
      available = try answer.word(2)
      thresholdBasisPoints = try answer.count(3)
      let factor = try answer.word(5)
      health = debt.isZero ? nil : ChainAmount(units: factor, decimals: 18)
    }
  }

  /// Asks for the account as a whole.
  public static func account(
    _ owner: [UInt8], pool: [UInt8], node: EthereumNode, at block: EthereumNode.Block
  ) -> ChainCall<Account> {
    let data = ABI.call("getUserAccountData(address)", [ABI.word(address: owner)])
    return node.call(EthereumAddress.text(pool), data, at: block).map { answer throws(ChainFault) in
      try Account(answer)
    }
  }

  /// A scaled balance at an index of 27 decimals, rounded half up as the contracts do.
  ///
  /// Source: https://aave.com/docs/aave-v3/smart-contracts/tokenization, `WadRayMath.rayMul`.
  public static func balance(scaled: UInt256, index: UInt256) -> UInt256? {
    let ray = UInt256(1_000_000_000_000_000_000_000_000_000)
    let half = UInt256(500_000_000_000_000_000_000_000_000)
    return scaled.multiplied(by: index)?.adding(half)?.dividing(by: ray)?.quotient
  }
}

/// The nine words of `getUserReserveData`.
struct AaveReserve: Hashable, Sendable {
  let supplied: UInt256
  let stableDebt: UInt256
  let variableDebt: UInt256
  let isCollateral: Bool

  init(_ answer: ABIReader) throws(ChainFault) {
    supplied = try answer.word(0)
    stableDebt = try answer.word(1)
    variableDebt = try answer.word(2)
    isCollateral = try answer.truth(8)
  }

  var isEmpty: Bool { supplied.isZero && stableDebt.isZero && variableDebt.isZero }

  /// `tokens`: what stands for supply, stable debt and variable debt.
  func positions(
    _ asset: [UInt8], _ decimals: Int, _ tokens: [[UInt8]], _ reader: ContractReader
  ) -> [DeFiPosition] {
    let parts: [(UInt256, DeFiPosition.Kind, ChainBalance.Part)] = [
      (supplied, isCollateral ? .collateral : .supplied, .available),
      (stableDebt, .borrowed, .debt), (variableDebt, .borrowed, .debt),
    ]
    var positions: [DeFiPosition] = []
    for (part, token) in zip(parts, tokens) where !part.0.isZero {
      positions.append(
        DeFiPosition(
          venue: "aave-v3", chain: reader.node.chain, owner: reader.owner, kind: part.1,
          underlying: [reader.balance(asset, part.0, decimals: decimals, part: part.2)],
          receipt: reader.asset(token)))
    }
    return positions
  }
}
