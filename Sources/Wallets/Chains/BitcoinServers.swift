import Encodings

/// A Bitcoin-like transaction with everything needed to see what it did to a wallet.
public struct ScriptTransaction: Hashable, Sendable {
  /// One side of it.
  public struct Part: Hashable, Sendable {
    /// The address, nil for a script without one.
    public let address: String?
    /// How much.
    public let amount: ChainAmount
  }
  /// Its id.
  public let id: String
  /// What it spends.
  public let inputs: [Part]
  /// What it makes.
  public let outputs: [Part]
  /// What it paid to be taken up.
  public let fee: ChainAmount
  /// Seconds since 1970, nil while in no block.
  public let time: UInt64?
  /// The block, nil while in none.
  public let height: Int?

  /// What a transaction did to the addresses of one wallet.
  public struct Effect: Hashable, Sendable {
    /// What came in less what went out, the fee included.
    public let net: ChainAmount
    /// The fee, where the wallet paid it.
    public let fee: ChainAmount?
    /// To whom it paid, without its own change.
    public let sentTo: [String]
    /// What came back to it of its own money.
    public let change: ChainAmount
  }

  /// What it did to a wallet; all its addresses together, so that change is no payment.
  ///
  /// - Parameter own: The wallet's addresses.
  /// - Returns: The effect, nil where the amounts cannot be added.
  public func effect(own: Set<String>) -> Effect? {
    let isOwn = { (part: Part) in part.address.map { own.contains($0) } ?? false }
    let zero = ChainAmount.zero(decimals: fee.decimals)
    let spent = ScriptTransaction.sum(inputs.filter(isOwn), zero)
    let received = ScriptTransaction.sum(outputs.filter(isOwn), zero)
    guard let spent, let received, let net = received.adding(spent.negated) else { return nil }
    let isPayer = inputs.contains(where: isOwn)
    var others: [String] = []
    for output in outputs where !isOwn(output) {
      if let address = output.address, isPayer { others.append(address) }
    }
    return Effect(
      net: net, fee: isPayer ? fee : nil, sentTo: others, change: isPayer ? received : zero)
  }

  private static func sum(_ parts: [Part], _ zero: ChainAmount) -> ChainAmount? {
    parts.reduce(zero as ChainAmount?) { $0?.adding($1.amount) }
  }
}

/// An output that nobody spent.
public struct UnspentOutput: Hashable, Sendable {
  /// The transaction's id and the output's number.
  public let place: String
  /// How much.
  public let amount: ChainAmount
  /// Whether it is in a block.
  public let isConfirmed: Bool
}

/// Questions to an Esplora server.
///
/// Source: https://github.com/Blockstream/esplora/blob/master/API.md
public struct EsploraServer: Sendable {
  /// The chain, as in assets.
  public let chain: String
  /// The server's address with its path.
  public let url: String

  /// Names a server.
  public init(chain: String, url: String) {
    self.chain = chain
    self.url = url
  }

  /// What an address has, in blocks and waiting.
  public func account(_ address: String) -> ChainCall<ChainAccount> {
    let chain = chain
    return REST.get("\(url)/address/\(REST.escaped(address))") { node throws(ChainFault) in
      try EsploraAnswer.account(node, chain)
    }
  }

  /// The unspent outputs of an address.
  public func unspent(_ address: String) -> ChainCall<[UnspentOutput]> {
    REST.get("\(url)/address/\(REST.escaped(address))/utxo") { node throws(ChainFault) in
      try EsploraAnswer.unspent(node)
    }
  }

  /// How many transactions in blocks one page has; fewer mean it is the last.
  public static let pageSize = 25

  /// The transactions of an address, newest first; `after` is the last id of the page before.
  public func transactions(
    _ address: String, after last: String? = nil
  ) -> ChainCall<[ScriptTransaction]> {
    let path = last.map { "/txs/chain/\(REST.escaped($0))" } ?? "/txs"
    return REST.get("\(url)/address/\(REST.escaped(address))\(path)") { node throws(ChainFault) in
      try EsploraAnswer.transactions(node)
    }
  }
}

enum EsploraAnswer {
  static func account(_ node: AnswerNode, _ chain: String) throws(ChainFault) -> ChainAccount {
    let confirmed = try balance(node["chain_stats"])
    let pending = try balance(node["mempool_stats"])
    let count = try node["chain_stats"]["tx_count"].whole()
    let waiting = try node["mempool_stats"]["tx_count"].whole()
    var account = ChainAccount(
      exists: count > 0 || waiting > 0,
      balances: [.native(chain, confirmed), .native(chain, pending, .pending)])
    account.transactionCount = count
    return account
  }

  private static func balance(_ node: AnswerNode) throws(ChainFault) -> ChainAmount {
    let funded = try node["funded_txo_sum"].units(decimals: 8)
    return try node.sum(funded, try node["spent_txo_sum"].units(decimals: 8).negated)
  }

  static func unspent(_ node: AnswerNode) throws(ChainFault) -> [UnspentOutput] {
    var outputs: [UnspentOutput] = []
    for element in try node.elements() {
      let place = "\(try element["txid"].text()):\(try element["vout"].whole())"
      outputs.append(
        UnspentOutput(
          place: place, amount: try element["value"].units(decimals: 8),
          isConfirmed: try element["status"]["confirmed"].truth()))
    }
    return outputs
  }

  static func transactions(_ node: AnswerNode) throws(ChainFault) -> [ScriptTransaction] {
    var transactions: [ScriptTransaction] = []
    for element in try node.elements() { transactions.append(try transaction(element)) }
    return transactions
  }

  static func transaction(_ node: AnswerNode) throws(ChainFault) -> ScriptTransaction {
    var inputs: [ScriptTransaction.Part] = []
    for input in try node["vin"].elements() {
      // The reward of a block spends nothing.
      if let previous = input["prevout"].present { inputs.append(try part(previous)) }
    }
    var outputs: [ScriptTransaction.Part] = []
    for output in try node["vout"].elements() { outputs.append(try part(output)) }
    let status = node["status"]
    let isConfirmed = try status["confirmed"].truth()
    return ScriptTransaction(
      id: try node["txid"].text(), inputs: inputs, outputs: outputs,
      fee: try node["fee"].units(decimals: 8),
      time: isConfirmed ? UInt64(clamping: try status["block_time"].whole()) : nil,
      height: isConfirmed ? try status["block_height"].whole() : nil)
  }

  private static func part(_ node: AnswerNode) throws(ChainFault) -> ScriptTransaction.Part {
    ScriptTransaction.Part(
      address: try node["scriptpubkey_address"].present?.text(),
      amount: try node["value"].units(decimals: 8))
  }
}

/// Questions to a Blockbook server.
///
/// Source: https://github.com/trezor/blockbook/blob/master/docs/api.md
public struct BlockbookServer: Sendable {
  /// The chain, as in assets.
  public let chain: String
  /// The server's address.
  public let url: String

  /// Names a server.
  public init(chain: String, url: String) {
    self.chain = chain
    self.url = url
  }

  /// What an address has.
  public func account(_ address: String) -> ChainCall<ChainAccount> {
    let chain = chain
    return REST.get("\(url)/api/v2/address/\(REST.escaped(address))") { node throws(ChainFault) in
      try BlockbookAnswer.account(node, chain)
    }
  }

  /// What the addresses of an account key have together; tells the server all of them.
  public func account(extendedKey: String) -> ChainCall<ChainAccount> {
    let chain = chain
    let path = "\(url)/api/v2/xpub/\(REST.escaped(extendedKey))?tokens=used"
    return REST.get(path) { node throws(ChainFault) in try BlockbookAnswer.account(node, chain) }
  }
}

enum BlockbookAnswer {
  static func account(_ node: AnswerNode, _ chain: String) throws(ChainFault) -> ChainAccount {
    let decimals = ChainAccount.decimals(chain)
    let confirmed = try node["balance"].units(decimals: decimals)
    let pending = try node["unconfirmedBalance"].units(decimals: decimals)
    let count = try node["txs"].whole()
    let waiting = try node["unconfirmedTxs"].present?.whole() ?? 0
    var account = ChainAccount(
      exists: count > 0 || waiting > 0,
      balances: [.native(chain, confirmed), .native(chain, pending, .pending)])
    account.transactionCount = count
    account.usedAddresses = try node["usedTokens"].present?.whole()
    return account
  }
}

/// Questions to a Bitcoin Core node of one's own.
///
/// Source: https://developer.bitcoin.org/reference/rpc/scantxoutset.html
public struct BitcoinCoreNode: Sendable {
  /// The node's address.
  public let url: String

  /// Names a node.
  public init(url: String) { self.url = url }

  /// The unspent total of descriptors; the node reads its whole set, which takes minutes.
  public func total(of descriptors: [String]) -> ChainCall<ChainAmount> {
    let list = JSON.array(descriptors.map { .string($0) })
    return JSONRPC.call(url, "scantxoutset", ["start", list]) { node throws(ChainFault) in
      try BitcoinCoreAnswer.total(node)
    }
  }
}

enum BitcoinCoreAnswer {
  /// The node's own total, which must agree with its parts.
  static func total(_ node: AnswerNode) throws(ChainFault) -> ChainAmount {
    guard try node["success"].truth() else { throw node["success"].fault }
    var sum = ChainAmount.zero(decimals: 8)
    for element in try node["unspents"].elements() {
      sum = try node.sum(sum, try element["amount"].coins(decimals: 8))
    }
    let total = try node["total_amount"].coins(decimals: 8)
    guard sum == total else { throw node["total_amount"].fault }
    return total
  }
}
