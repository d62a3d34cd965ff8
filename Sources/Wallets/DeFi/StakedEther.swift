import Encodings
import Ledger

/// Lido and Rocket Pool on Ethereum.
public enum StakedEther {
  /// Lido's contracts (https://docs.lido.fi/deployed-contracts/).
  static let stETH = "0xae7ab96520DE3A18E5e111B5EaAb095312D7fE84"
  static let wstETH = "0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0"
  static let lidoQueue = "0x889edC2eDab5f40e902b864aD4d7AdE8E412F9B1"
  /// Rocket Pool's token (https://docs.rocketpool.net/overview/contracts-integrations).
  static let rETH = "0xae78736Cd615f374D3085123A210448E74Fc6393"

  /// The most open withdrawals that are asked for in one request.
  static let mostRequests = 100

  /// stETH, wstETH and open withdrawals.
  ///
  /// Sources: https://docs.lido.fi/contracts/lido, https://docs.lido.fi/contracts/wsteth,
  /// https://docs.lido.fi/contracts/withdrawal-queue-erc721
  public static func lido(
    _ owner: [UInt8], node: EthereumNode, at block: EthereumNode.Block
  ) -> [ChainCall<DeFiReading>] {
    guard node.chain == "ethereum", let staked = ContractReader.address(stETH),
      let wrapped = ContractReader.address(wstETH), let queue = ContractReader.address(lidoQueue)
    else { return [] }
    let reader = ContractReader(node: node, block: block, owner: owner)
    let word = reader.ownerWord
    let calls = [
      ContractReader.Call(staked, "balanceOf(address)", [word]),
      ContractReader.Call(wrapped, "balanceOf(address)", [word]),
      ContractReader.Call(queue, "getWithdrawalRequests(address)", [word]),
    ]
    return [
      reader.ask(calls) { answers throws(ChainFault) in
        var positions: [DeFiPosition] = []
        let held = try answers[0].word(0)
        if !held.isZero { positions.append(token("lido", staked, held, reader)) }
        var more: [ChainCall<DeFiReading>] = []
        let inside = try answers[1].word(0)
        if !inside.isZero {
          more.append(value("lido", wrapped, "getStETHByWstETH(uint256)", inside, reader))
        }
        let requests = try answers[2].numbers(0)
        if !requests.isEmpty { more += withdrawals(requests, queue, reader) }
        return DeFiReading(positions, more: more)
      }
    ]
  }

  /// rETH, worth more ether over time.
  ///
  /// Source: https://docs.rocketpool.net/overview/contracts-integrations
  public static func rocketPool(
    _ owner: [UInt8], node: EthereumNode, at block: EthereumNode.Block
  ) -> [ChainCall<DeFiReading>] {
    guard node.chain == "ethereum", let token = ContractReader.address(rETH) else { return [] }
    let reader = ContractReader(node: node, block: block, owner: owner)
    let call = ContractReader.Call(token, "balanceOf(address)", [reader.ownerWord])
    return [
      reader.ask([call]) { answers throws(ChainFault) in
        let held = try answers[0].word(0)
        guard !held.isZero else { return DeFiReading() }
        let worth = value("rocket-pool", token, "getEthValue(uint256)", held, reader)
        return DeFiReading(more: [worth])
      }
    ]
  }

  private static func token(
    _ venue: String, _ contract: [UInt8], _ ether: UInt256, _ reader: ContractReader
  ) -> DeFiPosition {
    DeFiPosition(
      venue: venue, chain: reader.node.chain, owner: reader.owner, kind: .staked,
      underlying: [reader.ether(ether)], receipt: reader.asset(contract))
  }

  /// Asks what an amount of a token is worth in ether.
  private static func value(
    _ venue: String, _ contract: [UInt8], _ signature: String, _ held: UInt256,
    _ reader: ContractReader
  ) -> ChainCall<DeFiReading> {
    let call = ContractReader.Call(contract, signature, [ABI.word(held)])
    return reader.ask([call]) { answers throws(ChainFault) in
      DeFiReading([token(venue, contract, try answers[0].word(0), reader)])
    }
  }

  /// Requests that were not fetched yet; they no longer count as stETH.
  private static func withdrawals(
    _ requests: [UInt256], _ queue: [UInt8], _ reader: ContractReader
  ) -> [ChainCall<DeFiReading>] {
    stride(from: 0, to: requests.count, by: mostRequests).map { start in
      let part = Array(requests[start..<min(start + mostRequests, requests.count)])
      let list = [ABI.word(UInt256(32)), ABI.word(UInt256(UInt128(part.count)))]
      let call = ContractReader.Call(
        queue, "getWithdrawalStatus(uint256[])", list + part.map { ABI.word($0) })
      return reader.ask([call]) { answers throws(ChainFault) in
        DeFiReading(try withdrawals(answers[0], part, reader))
      }
    }
  }

  /// Six words each: stETH, shares, owner, time, whether it is ready, whether it was fetched.
  private static func withdrawals(
    _ answer: ABIReader, _ requests: [UInt256], _ reader: ContractReader
  ) throws(ChainFault) -> [DeFiPosition] {
    guard try answer.count(0) == 32, try answer.count(1) == requests.count else {
      throw .malformed("the list of withdrawals")
    }
    var positions: [DeFiPosition] = []
    for (index, request) in requests.enumerated() {
      let start = 2 + index * 6
      guard try !answer.truth(start + 5) else { continue }
      let isReady = try answer.truth(start + 4)
      positions.append(
        DeFiPosition(
          venue: "lido", chain: reader.node.chain, owner: reader.owner, kind: .withdrawal,
          label: "request \(request.text)\(isReady ? ", ready" : "")",
          underlying: [reader.ether(try answer.word(start))]))
    }
    return positions
  }
}
