import Encodings

/// Questions to a node of Ethereum or a chain made like it.
///
/// Source: https://ethereum.org/en/developers/docs/apis/json-rpc/ and
/// https://ethereum.github.io/execution-apis/
public struct EthereumNode: Sendable {
  /// Which state is asked for.
  public enum Block: Hashable, Sendable {
    /// The newest.
    case latest
    /// The newest that can no longer be undone.
    case finalized
    /// A certain one.
    case number(UInt64)

    var text: String {
      switch self {
      case .latest: "latest"
      case .finalized: "finalized"
      case .number(let number): "0x" + String(number, radix: 16)
      }
    }
  }

  /// The chain, as in assets.
  public let chain: String
  /// The node's address.
  public let url: String

  /// Names a node.
  public init(chain: String, url: String) {
    self.chain = chain
    self.url = url
  }

  /// Chains by their number (https://chainlist.org).
  public static let chainsByNumber: [UInt64: String] = [
    1: "ethereum", 10: "optimism", 25: "cronos", 50: "xdc", 56: "bnb-chain",
    61: "ethereum-classic", 100: "gnosis", 137: "polygon", 146: "sonic", 250: "fantom",
    324: "zksync", 999: "hyperevm", 8_453: "base", 42_161: "arbitrum", 42_220: "celo",
    43_114: "avalanche",
    59_144: "linea", 81_457: "blast", 534_352: "scroll", 5_000: "mantle", 361: "theta",
    1_101: "polygon-zkevm",
  ]

  /// The ticker of the chain's own coin.
  public var ticker: String { EthereumNode.ticker(of: chain) }

  static func ticker(of chain: String) -> String {
    let tickers = [
      "bnb-chain": "BNB", "polygon": "POL", "avalanche": "AVAX", "gnosis": "XDAI",
      "fantom": "FTM", "celo": "CELO", "cronos": "CRO", "sonic": "S", "xdc": "XDC",
      "ethereum-classic": "ETC", "mantle": "MNT", "theta": "TFUEL",
      "hyperevm": "HYPE",
    ]
    return tickers[chain] ?? "ETH"
  }

  // MARK: Calls

  /// The chain's number and, where known, its name.
  public func chainNumber() -> ChainCall<UInt64> {
    JSONRPC.call(url, "eth_chainId", []) { node throws(ChainFault) in
      try EthereumAnswer.number(node)
    }
  }

  /// The balance of an address in the chain's own coin.
  public func balance(_ address: String, at block: Block = .latest) -> ChainCall<ChainAmount> {
    JSONRPC.call(url, "eth_getBalance", [.string(address), .string(block.text)]) {
      node throws(ChainFault) in
      ChainAmount(units: try EthereumAnswer.quantity(node), decimals: 18)
    }
  }

  /// What a contract's function gives; an empty answer means there is no such contract.
  public func call(
    _ contract: String, _ data: [UInt8], at block: Block = .latest
  ) -> ChainCall<ABIReader> {
    JSONRPC.call(url, "eth_call", EthereumNode.callParams(contract, data, block)) {
      node throws(ChainFault) in
      try EthereumAnswer.bytes(node)
    }
  }

  static func callParams(_ contract: String, _ data: [UInt8], _ block: Block) -> JSON {
    [["to": .string(contract), "data": .string("0x" + Hex.text(data))], .string(block.text)]
  }

  /// A block's number, time and hash.
  public func block(_ block: Block) -> ChainCall<EthereumBlock> {
    JSONRPC.call(url, "eth_getBlockByNumber", [.string(block.text), false]) {
      node throws(ChainFault) in
      EthereumBlock(
        number: try EthereumAnswer.number(node["number"]),
        time: try EthereumAnswer.number(node["timestamp"]), hash: try node["hash"].text())
    }
  }

  /// The newest block's number.
  public func blockNumber() -> ChainCall<UInt64> {
    JSONRPC.call(url, "eth_blockNumber", []) { node throws(ChainFault) in
      try EthereumAnswer.number(node)
    }
  }

  /// A method that gives one number, such as `eth_gasPrice`.
  public func quantity(_ method: String, _ arguments: [String] = []) -> ChainCall<UInt256> {
    JSONRPC.call(url, method, .array(arguments.map { .string($0) })) { node throws(ChainFault) in
      try EthereumAnswer.quantity(node)
    }
  }

  /// Token transfers to or from an address in a range of blocks.
  public func transfers(
    of owner: [UInt8], isIncoming: Bool, from first: UInt64, to last: UInt64
  ) -> ChainCall<[TokenTransfer]> {
    let topic = JSON.string("0x" + Hex.text(ABI.word(address: owner)))
    let transfer = JSON.string(EthereumAnswer.transferTopic)
    let topics: [JSON] = isIncoming ? [transfer, .null, topic] : [transfer, topic]
    let filter: JSON = [
      "fromBlock": .string(Block.number(first).text), "toBlock": .string(Block.number(last).text),
      "topics": .array(topics),
    ]
    return JSONRPC.call(url, "eth_getLogs", [filter]) { node throws(ChainFault) in
      try EthereumAnswer.transfers(node)
    }
  }

  /// How a transaction went and what it cost.
  public func receipt(_ hash: String) -> ChainCall<EthereumReceipt?> {
    JSONRPC.call(url, "eth_getTransactionReceipt", [.string(hash)]) { node throws(ChainFault) in
      guard let node = node.present else { return nil }
      return try EthereumAnswer.receipt(node)
    }
  }

  /// One balance of a batch.
  public struct BalanceQuestion: Hashable, Sendable {
    /// Whose.
    public let owner: [UInt8]
    /// Of which token, nil for the chain's own coin.
    public let token: [UInt8]?

    /// Asks for a balance.
    public init(owner: [UInt8], token: [UInt8]? = nil) {
      self.owner = owner
      self.token = token
    }
  }

  /// The most questions put into one request; nodes refuse more than some hundred.
  public static let largestBatch = 50

  /// Many balances of one block; each is a value or a fault of its own.
  ///
  /// Every request also asks for the chain's number: a server of another chain is found out.
  public func balances(
    _ questions: [BalanceQuestion], at block: Block = .latest
  ) -> [ChainCall<[Result<UInt256, ChainFault>]>] {
    stride(from: 0, to: questions.count, by: EthereumNode.largestBatch).map { start in
      let part = Array(questions[start..<min(start + EthereumNode.largestBatch, questions.count)])
      var calls: [(method: String, params: JSON)] = [("eth_chainId", [])]
      for question in part { calls.append(Self.call(question, block)) }
      let chain = chain
      return JSONRPC.batch(url, calls).map { answers throws(ChainFault) in
        try EthereumAnswer.check(answers.first, chain)
        return answers.dropFirst().map { EthereumAnswer.balance($0) }
      }
    }
  }

  private static func call(
    _ question: BalanceQuestion, _ block: Block
  ) -> (method: String, params: JSON) {
    let owner = EthereumAddress.text(question.owner)
    guard let token = question.token else {
      return ("eth_getBalance", [.string(owner), .string(block.text)])
    }
    let data = ABI.call("balanceOf(address)", [ABI.word(address: question.owner)])
    return ("eth_call", callParams(EthereumAddress.text(token), data, block))
  }
}

/// A block's head.
public struct EthereumBlock: Hashable, Sendable {
  /// Its number.
  public let number: UInt64
  /// Seconds since 1970.
  public let time: UInt64
  /// Its hash.
  public let hash: String
}

/// A token that moved.
public struct TokenTransfer: Hashable, Sendable {
  /// The contract, 20 bytes.
  public let token: [UInt8]
  /// From whom.
  public let from: [UInt8]
  /// To whom.
  public let to: [UInt8]
  /// How many smallest units.
  public let units: UInt256
  /// The block.
  public let block: UInt64
  /// The place in the block, which together with the block names the transfer.
  public let logIndex: UInt64
  /// The transaction.
  public let transaction: String
}

/// How a transaction went.
public struct EthereumReceipt: Hashable, Sendable {
  /// Whether it did what it was to do; its fee is paid either way.
  public let isSuccess: Bool
  /// What was paid for it, in the chain's own coin.
  public let fee: ChainAmount
}
