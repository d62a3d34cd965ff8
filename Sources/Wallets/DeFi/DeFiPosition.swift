import Encodings
public import Ledger

/// What an address has inside a protocol.
public struct DeFiPosition: Hashable, Sendable {
  /// What kind of claim.
  public typealias Kind = Claim

  /// The protocol: `lido`, `rocket-pool`, `aave-v3`, `compound-v3`, `uniswap-v3`.
  public let venue: String
  /// The chain.
  public let chain: String
  /// Whose.
  public let owner: [UInt8]
  /// The kind.
  public let kind: Kind
  /// What tells it from others of the same kind: a market, a request's or position's number.
  public let label: String
  /// What it comes to, one entry an asset; `part` is `debt` for what is owed.
  public let underlying: [ChainBalance]
  /// The token in the owner's wallet that stands for the position, if there is one.
  public let receipt: AssetID?

  /// Makes one.
  public init(
    venue: String, chain: String, owner: [UInt8], kind: Kind, label: String = "",
    underlying: [ChainBalance], receipt: AssetID? = nil
  ) {
    self.venue = venue
    self.chain = chain
    self.owner = owner
    self.kind = kind
    self.label = label
    self.underlying = underlying
    self.receipt = receipt
  }
}

/// What one answer told, and what to ask next; the reading is whole when nothing is left to ask.
public struct DeFiReading: Sendable {
  /// Positions found.
  public let positions: [DeFiPosition]
  /// Further questions.
  public let more: [ChainCall<DeFiReading>]

  init(_ positions: [DeFiPosition] = [], more: [ChainCall<DeFiReading>] = []) {
    self.positions = positions
    self.more = more
  }
}

/// Holdings in which nothing is counted twice.
public enum DeFiTally {
  /// Tokens that are two faces of one balance, by chain: of such a group only the first that is
  /// held counts.
  ///
  /// stHYPE and wstHYPE show the same shares (https://docs.stakedhype.fi/technical/how-sthype-works).
  static let faces: [(chain: String, tokens: [String])] = [
    (
      "hyperevm",
      [
        "0xffaa4a3d97fe9107cef8a3f48c069f577ff76cc1", "0x94e8396e0869c9f2200760af0621afd240e1cf38",
      ]
    )
  ]

  /// The balances of one wallet without those that a position or another face already tells.
  ///
  /// A receipt that stands for a position is left out, and the position stays: its underlying is
  /// what the receipt is worth. Whatever is left out is returned too, for nothing vanishes unseen.
  ///
  /// - Parameters:
  ///   - balances: Of one address on one chain.
  ///   - positions: Of the same address and chain.
  /// - Returns: What counts, and what is told elsewhere.
  public static func counted(
    _ balances: [ChainBalance], positions: [DeFiPosition]
  ) -> (counted: [ChainBalance], toldElsewhere: [ChainBalance]) {
    self.counted(balances, receipts: Set(positions.compactMap(\.receipt)))
  }

  /// The same, given the tokens that stand for positions.
  ///
  /// - Parameters:
  ///   - balances: Of one address on one chain.
  ///   - receipts: The tokens.
  /// - Returns: What counts, and what is told elsewhere.
  public static func counted(
    _ balances: [ChainBalance], receipts: Set<AssetID>
  ) -> (counted: [ChainBalance], toldElsewhere: [ChainBalance]) {
    var counted: [ChainBalance] = []
    var elsewhere: [ChainBalance] = []
    var seenFaces: Set<Int> = []
    for balance in balances {
      let face = faces.firstIndex { group in
        group.tokens.contains { balance.asset == .contract(chain: group.chain, address: $0) }
      }
      let isSecondFace = face.map { !balance.amount.units.isZero && !seenFaces.insert($0).inserted }
      if receipts.contains(balance.asset) || isSecondFace == true {
        elsewhere.append(balance)
      } else {
        counted.append(balance)
      }
    }
    return (counted, elsewhere)
  }
}

/// Asks contracts in batches and goes on with their answers.
struct ContractReader: Sendable {
  let node: EthereumNode
  let block: EthereumNode.Block
  let owner: [UInt8]

  /// One call.
  struct Call {
    let contract: [UInt8]
    let data: [UInt8]

    init(_ contract: [UInt8], _ signature: String, _ words: [[UInt8]] = []) {
      self.contract = contract
      data = ABI.call(signature, words)
    }
  }

  /// Asks all in one request, of one block; any refusal is a fault of the whole step.
  func ask(
    _ calls: [Call],
    then read: @escaping @Sendable ([ABIReader]) throws(ChainFault) -> DeFiReading
  ) -> ChainCall<DeFiReading> {
    var list: [(method: String, params: JSON)] = [("eth_chainId", [])]
    for call in calls {
      let target = EthereumAddress.text(call.contract)
      list.append(("eth_call", EthereumNode.callParams(target, call.data, block)))
    }
    let chain = node.chain
    return JSONRPC.batch(node.url, list).map { answers throws(ChainFault) in
      try EthereumAnswer.check(answers.first, chain)
      var readers: [ABIReader] = []
      for answer in answers.dropFirst() {
        readers.append(try EthereumAnswer.bytes(try answer.get()))
      }
      guard readers.count == calls.count else { throw .malformed("the number of answers") }
      return try read(readers)
    }
  }

  var ownerWord: [UInt8] { ABI.word(address: owner) }

  func asset(_ contract: [UInt8]) -> AssetID {
    .contract(chain: node.chain, address: EthereumAddress.text(contract).lowercased())
  }

  func balance(
    _ contract: [UInt8], _ units: UInt256, decimals: Int, part: ChainBalance.Part = .available
  ) -> ChainBalance {
    let asset = asset(contract)
    return ChainBalance(
      asset, symbol: asset.ticker, ChainAmount(units: units, decimals: decimals), part: part)
  }

  func ether(_ units: UInt256) -> ChainBalance {
    ChainBalance(
      .native(chain: node.chain), symbol: node.ticker, ChainAmount(units: units, decimals: 18))
  }

  /// An address written in the sources of this module; nil when it is mistyped.
  static func address(_ text: String) -> [UInt8]? { EthereumAddress.bytes(text) }
}

extension ABIReader {
  /// The n-th word as a token's decimals.
  func decimals(_ index: Int) throws(ChainFault) -> Int {
    let count = try count(index)
    guard count <= ChainAmount.mostDecimals else { throw .malformed("the token's decimals") }
    return count
  }
}
