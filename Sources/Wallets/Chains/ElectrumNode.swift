public import Encodings
import VenueKit

/// Where an Electrum server is: `ssl://host:50002`, or `tcp://` to this machine.
///
/// Many of these servers sign their own certificate: `ssl://host:50002#sha256=…` takes the one
/// certificate of that fingerprint and no other.
public struct ElectrumPlace: Hashable, Sendable {
  /// The host's name or address, without brackets.
  public let host: String
  /// The port.
  public let port: Int
  /// Whether with TLS.
  public let isSecure: Bool
  /// SHA-256 of the certificate in DER, where it is pinned.
  public let fingerprint: [UInt8]?

  /// Whether a text is meant for a server of this kind.
  public static func isMeant(_ text: String) -> Bool {
    text.hasPrefix("ssl://") || text.hasPrefix("tcp://")
  }

  /// Reads the text; `nil` for any other.
  public init?(_ text: String) {
    guard text.utf8.count <= 400, ElectrumPlace.isMeant(text) else { return nil }
    isSecure = text.hasPrefix("ssl://")
    var parts = text.dropFirst(6).split(
      separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let mark = parts.count == 2 ? parts.removeLast() : nil
    var address = parts.first ?? ""
    if address.hasSuffix("/") { address = address.dropLast() }
    guard let colon = address.lastIndex(of: ":"),
      let port = UInt16(address[address.index(after: colon)...]), port > 0
    else { return nil }
    self.port = Int(port)
    var host = address[..<colon]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    if isBracketed { host = host.dropFirst().dropLast() }
    let isName = host.utf8.allSatisfy { unit in
      let character = Character(UnicodeScalar(unit))
      return unit < 0x80
        && (character.isLetter || character.isNumber || character == "-" || character == "."
          || (isBracketed && character == ":"))
    }
    guard isName, !host.isEmpty, host.utf8.count <= 253 else { return nil }
    self.host = host.lowercased()
    guard let mark else {
      fingerprint = nil
      return
    }
    guard isSecure, mark.hasPrefix("sha256="),
      let bytes = Hex.bytes(mark.dropFirst(7).filter { $0 != ":" }.lowercased()), bytes.count == 32
    else { return nil }
    fingerprint = bytes
  }
}

/// Questions to an Electrum server about addresses, as they are carried: whoever carries them gives
/// each line its number.
public struct ElectrumNode: Sendable {
  /// What is asked first on every connection: the version of the protocol.
  public static let greeting: (method: String, params: JSON) = (
    "server.version", ["coffer", ["1.4", "1.4.3"]]
  )
  /// What stands for the method of a request that is a line.
  public static let method = "LINE"

  /// The chain, as in assets.
  public let chain: String
  private let url: String
  private let network: ScriptNetwork
  private let tools: SigningTools

  /// Names a server; `nil` for a chain without scripts and an address that is none.
  public init?(server: ChainServer, tools: SigningTools) {
    guard ElectrumPlace(server.url) != nil, let network = ScriptNetwork.named(server.chain) else {
      return nil
    }
    (chain, url, self.network, self.tools) = (server.chain, server.url, network, tools)
  }

  private func call<Value: Sendable>(
    _ method: String, _ params: JSON,
    _ read: @escaping @Sendable (AnswerNode) throws(ChainFault) -> Value
  ) -> ChainCall<Value> {
    let body: JSON = ["method": .string(method), "params": params]
    let request = OutgoingRequest(
      method: ElectrumNode.method, url: url, headers: [], body: Array(body.text.utf8))
    return ChainCall(request) { answer throws(ChainFault) in
      try read(try JSONRPC.result(try AnswerNode(body: answer.body)))
    }
  }

  private func hash(_ address: String) -> JSON? {
    network.script(of: address, tools: tools).map { .string($0.scriptHash(tools: tools)) }
  }

  /// What an address has: its history first, and the balance of one that was used.
  public func account(_ address: String) -> ChainCall<ChainReading>? {
    guard let hash = hash(address) else { return nil }
    let node = self
    return history(address)?.map { entries throws(ChainFault) in
      guard !entries.isEmpty else {
        return ChainReading(address: address, account: .unknown(node.chain), more: [])
      }
      var account = ChainAccount(exists: true)
      account.transactionCount = entries.count { $0.height > 0 }
      let balance = node.call("blockchain.scripthash.get_balance", [hash]) {
        found throws(ChainFault) in
        ChainReading(
          address: address, account: try ElectrumAnswer.balance(found, node.chain), more: [])
      }
      return ChainReading(address: address, account: account, more: [balance])
    }
  }

  /// The transactions of an address.
  public func history(_ address: String) -> ChainCall<[ElectrumServer.HistoryEntry]>? {
    hash(address).map { hash in
      call("blockchain.scripthash.get_history", [hash]) { node throws(ChainFault) in
        try ElectrumAnswer.history(node)
      }
    }
  }

  /// A transaction; one whose bytes do not give its id is a fault.
  public func transaction(_ id: String) -> ChainCall<RawTransaction> {
    let (network, tools) = (network, tools)
    return call("blockchain.transaction.get", [.string(id)]) { node throws(ChainFault) in
      guard let bytes = Hex.bytes(try node.text()) else { throw node.fault }
      let raw = try RawTransaction(bytes, network: network, tools: tools)
      guard raw.id == id else { throw .malformed("the id of the transaction") }
      return raw
    }
  }

  /// The time of a block, in seconds since 1970: the 68th to 71st byte of its head.
  ///
  /// Source: https://developer.bitcoin.org/reference/block_chain.html#block-headers
  public func time(ofBlock height: Int) -> ChainCall<UInt64> {
    call("blockchain.block.header", [.number(String(height))]) { node throws(ChainFault) in
      guard let bytes = Hex.bytes(try node.text()), bytes.count == 80 else { throw node.fault }
      return bytes[68..<72].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
  }
}
