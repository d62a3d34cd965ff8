/// A protocol whose positions are read; raw values are stored.
public enum DeFiProtocol: String, Hashable, Sendable, CaseIterable {
  /// Lido: staked ether.
  case lido
  /// Rocket Pool: staked ether.
  case rocketPool = "rocket-pool"
  /// Aave version 3: lending.
  case aaveV3 = "aave-v3"
  /// Compound version 3: lending.
  case compoundV3 = "compound-v3"
  /// Uniswap version 3: pools.
  case uniswapV3 = "uniswap-v3"

  /// What it calls itself.
  public var title: String {
    switch self {
    case .lido: "Lido"
    case .rocketPool: "Rocket Pool"
    case .aaveV3: "Aave v3"
    case .compoundV3: "Compound v3"
    case .uniswapV3: "Uniswap v3"
    }
  }

  /// The protocols that are read on a chain, in a fixed order.
  public static func all(on chain: String) -> [DeFiProtocol] {
    let nobody = [UInt8](repeating: 0, count: 20)
    let node = EthereumNode(chain: chain, url: "")
    return allCases.filter { !$0.plan(nobody, node: node, at: .latest).isEmpty }
  }

  /// The first questions for an address, all of one block; none where the protocol is not on the
  /// chain.
  public func plan(
    _ owner: [UInt8], node: EthereumNode, at block: EthereumNode.Block
  ) -> [ChainCall<DeFiReading>] {
    switch self {
    case .lido: StakedEther.lido(owner, node: node, at: block)
    case .rocketPool: StakedEther.rocketPool(owner, node: node, at: block)
    case .aaveV3: AaveV3.positions(owner, node: node, at: block)
    case .compoundV3: CompoundV3.positions(owner, node: node, at: block)
    case .uniswapV3: UniswapV3.positions(owner, node: node, at: block)
    }
  }
}

/// Every protocol at once.
public enum DeFiReader {
  /// The questions for an address on a chain, all of one block.
  public static func plan(
    _ owner: [UInt8], node: EthereumNode, at block: EthereumNode.Block
  ) -> [ChainCall<DeFiReading>] {
    DeFiProtocol.allCases.flatMap { $0.plan(owner, node: node, at: block) }
  }
}
