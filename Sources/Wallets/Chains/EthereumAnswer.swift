import Encodings

/// What Ethereum's nodes answer.
enum EthereumAnswer {
  /// The hash of `Transfer(address,address,uint256)`, the event of ERC-20
  /// (https://eips.ethereum.org/EIPS/eip-20).
  static let transferTopic = "0x" + Hex.text(ABI.hash("Transfer(address,address,uint256)"))

  static func quantity(_ node: AnswerNode) throws(ChainFault) -> UInt256 {
    guard let number = UInt256(hexadecimal: try node.text()) else { throw node.fault }
    return number
  }

  static func number(_ node: AnswerNode) throws(ChainFault) -> UInt64 {
    let value = try quantity(node)
    guard value.high == 0, let number = UInt64(exactly: value.low) else { throw node.fault }
    return number
  }

  /// What a call gave; no bytes mean that no contract is there.
  static func bytes(_ node: AnswerNode) throws(ChainFault) -> ABIReader {
    let text = try node.text()
    guard text.hasPrefix("0x"), text.utf8.count <= 1 << 20, let bytes = Hex.bytes(text.dropFirst(2))
    else { throw node.fault }
    guard !bytes.isEmpty else { throw .noContract }
    return ABIReader(bytes)
  }

  /// Throws unless the first answer of a batch is the number of the chain that was meant.
  static func check(
    _ answer: Result<AnswerNode, ChainFault>?, _ chain: String
  ) throws(ChainFault) {
    guard let answer else { throw .malformed("id 1") }
    let found = try number(try answer.get())
    let name = EthereumNode.chainsByNumber[found]
    // A chain that the table does not have is taken on trust: the user named the server.
    let isListed = EthereumNode.chainsByNumber.values.contains(chain)
    if name != chain, name != nil || isListed { throw .wrongChain(name ?? String(found)) }
  }

  static func balance(
    _ answer: Result<AnswerNode, ChainFault>
  ) -> Result<UInt256, ChainFault> {
    do throws(ChainFault) {
      let node = try answer.get()
      let text = try node.text()
      // A quantity for the coin, a word for a token; both are hexadecimal.
      if text == "0x" { return .failure(.noContract) }
      return .success(try quantity(node))
    } catch {
      return .failure(error)
    }
  }

  /// The transfers among logs, without those of blocks that were dropped.
  static func transfers(_ node: AnswerNode) throws(ChainFault) -> [TokenTransfer] {
    var transfers: [TokenTransfer] = []
    for log in try node.elements() {
      if let removed = log["removed"].present, try removed.truth() { continue }
      let topics = try log["topics"].elements()
      // Three topics: ERC-20. Four: an NFT, whose third is a number and no amount.
      guard topics.count == 3, try topics[0].text() == transferTopic else { continue }
      let data = try bytes(log["data"])
      transfers.append(
        TokenTransfer(
          token: try address(log["address"]), from: try owner(topics[1]),
          to: try owner(topics[2]), units: try data.word(0),
          block: try number(log["blockNumber"]), logIndex: try number(log["logIndex"]),
          transaction: try log["transactionHash"].text()))
    }
    return transfers
  }

  static func address(_ node: AnswerNode) throws(ChainFault) -> [UInt8] {
    guard let bytes = Hex.prefixedBytes(try node.text()), bytes.count == 20 else {
      throw node.fault
    }
    return bytes
  }

  /// An address in a topic: twelve zeros before it.
  private static func owner(_ node: AnswerNode) throws(ChainFault) -> [UInt8] {
    guard let bytes = Hex.prefixedBytes(try node.text()), bytes.count == 32,
      bytes.prefix(12).allSatisfy({ $0 == 0 })
    else { throw node.fault }
    return Array(bytes.suffix(20))
  }

  /// Fee: gas used times its price, and on rollups what the layer below took
  /// (https://docs.optimism.io/app-developers/transactions/fees).
  static func receipt(_ node: AnswerNode) throws(ChainFault) -> EthereumReceipt {
    let gas = try quantity(node["gasUsed"])
    let price = try quantity(node["effectiveGasPrice"])
    guard let own = gas.multiplied(by: price) else { throw node.fault }
    let below = if let fee = node["l1Fee"].present { try quantity(fee) } else { UInt256.zero }
    guard let whole = own.adding(below) else { throw node.fault }
    return EthereumReceipt(
      isSuccess: try number(node["status"]) == 1, fee: ChainAmount(units: whole, decimals: 18))
  }
}
