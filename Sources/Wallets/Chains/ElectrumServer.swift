public import Encodings

/// Questions to an Electrum server: one line of JSON each, over a socket.
///
/// Source: https://electrumx.readthedocs.io/en/latest/protocol-methods.html
public enum ElectrumServer {
  /// A line to send and how the line that answers it is read.
  public struct Call<Value: Sendable>: Sendable {
    /// The line, its end included.
    public let line: [UInt8]
    /// Reads the answer's line.
    public let read: @Sendable ([UInt8]) throws(ChainFault) -> Value
  }

  private static func call<Value: Sendable>(
    _ method: String, _ params: JSON, id: Int,
    _ read: @escaping @Sendable (AnswerNode) throws(ChainFault) -> Value
  ) -> Call<Value> {
    let line = Array(JSONRPC.body(method, params, id: id).text.utf8) + [0x0A]
    return Call(line: line) { answer throws(ChainFault) in
      let node = try AnswerNode(body: answer)
      guard try node["id"].whole() == id else { throw node["id"].fault }
      return try read(try JSONRPC.result(node))
    }
  }

  /// Agrees on a version of the protocol; to be sent first.
  public static func version(client: String, id: Int) -> Call<String> {
    call("server.version", [.string(client), ["1.4", "1.4.3"]], id: id) { node throws(ChainFault) in
      let parts = try node.elements()
      guard parts.count == 2 else { throw node.fault }
      return try parts[1].text()
    }
  }

  /// What a script has, in blocks and waiting.
  public static func balance(
    of script: OutputScript, chain: String, id: Int, tools: SigningTools
  ) -> Call<ChainAccount> {
    let hash = JSON.string(script.scriptHash(tools: tools))
    return call("blockchain.scripthash.get_balance", [hash], id: id) { node throws(ChainFault) in
      try ElectrumAnswer.balance(node, chain)
    }
  }

  /// A transaction of a script and its block; 0 or less while in none.
  public struct HistoryEntry: Hashable, Sendable {
    /// The transaction's id.
    public let id: String
    /// The block's height.
    public let height: Int

    /// Makes an entry.
    public init(id: String, height: Int) {
      self.id = id
      self.height = height
    }
  }

  /// The transactions of a script; a script that was never used has none.
  public static func history(
    of script: OutputScript, id: Int, tools: SigningTools
  ) -> Call<[HistoryEntry]> {
    let hash = JSON.string(script.scriptHash(tools: tools))
    return call("blockchain.scripthash.get_history", [hash], id: id) { node throws(ChainFault) in
      try ElectrumAnswer.history(node)
    }
  }

  /// The unspent outputs of a script.
  public static func unspent(
    of script: OutputScript, id: Int, tools: SigningTools
  ) -> Call<[UnspentOutput]> {
    let hash = JSON.string(script.scriptHash(tools: tools))
    return call("blockchain.scripthash.listunspent", [hash], id: id) { node throws(ChainFault) in
      var outputs: [UnspentOutput] = []
      for element in try node.elements() {
        let place = "\(try element["tx_hash"].text()):\(try element["tx_pos"].whole())"
        outputs.append(
          UnspentOutput(
            place: place, amount: try element["value"].units(decimals: 8),
            isConfirmed: try element["height"].whole() > 0))
      }
      return outputs
    }
  }
}

enum ElectrumAnswer {
  static func balance(_ node: AnswerNode, _ chain: String) throws(ChainFault) -> ChainAccount {
    let confirmed = try node["confirmed"].units(decimals: 8)
    let pending = try node["unconfirmed"].units(decimals: 8)
    return ChainAccount(balances: [.native(chain, confirmed), .native(chain, pending, .pending)])
  }

  /// The most transactions of one script that are read.
  static let mostEntries = 100_000

  static func history(_ node: AnswerNode) throws(ChainFault) -> [ElectrumServer.HistoryEntry] {
    var entries: [ElectrumServer.HistoryEntry] = []
    let elements = try node.elements()
    guard elements.count <= mostEntries else { throw node.fault }
    for element in elements {
      let id = try element["tx_hash"].text()
      guard id.utf8.count == 64, Hex.bytes(id) != nil else { throw element["tx_hash"].fault }
      entries.append(.init(id: id.lowercased(), height: try element["height"].whole()))
    }
    return entries
  }
}
