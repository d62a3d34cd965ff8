import Encodings
import Ledger

/// Questions to a node of Solana.
///
/// Source: https://solana.com/docs/rpc
public struct SolanaNode: Sendable {
  /// The node's address.
  public let url: String

  /// Names a node.
  public init(url: String) { self.url = url }

  /// The programs that keep tokens: https://spl.solana.com/token and
  /// https://spl.solana.com/token-2022.
  public static let tokenPrograms = [
    "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA", "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb",
  ]

  /// The balance in the chain's own coin.
  public func balance(_ address: String) -> ChainCall<ChainAccount> {
    let params: JSON = [.string(address), ["commitment": "finalized"]]
    return JSONRPC.call(url, "getBalance", params) { node throws(ChainFault) in
      try SolanaAnswer.balance(node)
    }
  }

  /// The tokens that one of the programs keeps for an address.
  public func tokens(_ address: String, program: String) -> ChainCall<ChainAccount> {
    let params: JSON = [
      .string(address), ["programId": .string(program)],
      ["encoding": "jsonParsed", "commitment": "finalized"],
    ]
    return JSONRPC.call(url, "getTokenAccountsByOwner", params) { node throws(ChainFault) in
      try SolanaAnswer.tokens(node)
    }
  }

  /// The transactions of an address, newest first.
  ///
  /// - Parameters:
  ///   - address: Whose.
  ///   - last: The last one of the page before.
  ///   - limit: How many, 1 to 1,000.
  /// - Returns: The call.
  public func signatures(
    _ address: String, before last: String? = nil, limit: Int = 1_000
  ) -> ChainCall<[SolanaSignature]> {
    var options: JSONObject = JSONObject([("limit", .number(String(min(max(limit, 1), 1_000))))])
    if let last { options.set("before", .string(last)) }
    let params: JSON = [.string(address), .object(options)]
    return JSONRPC.call(url, "getSignaturesForAddress", params) { node throws(ChainFault) in
      try SolanaAnswer.signatures(node)
    }
  }
}

/// A transaction of an address.
public struct SolanaSignature: Hashable, Sendable {
  /// Its first signature, which names it.
  public let signature: String
  /// The slot it is in.
  public let slot: Int
  /// Whether it did what it was to do.
  public let isSuccess: Bool
  /// Seconds since 1970, where the node still knows.
  public let time: UInt64?
  /// Whether it can no longer be undone.
  public let isFinal: Bool
}

enum SolanaAnswer {
  static func balance(_ node: AnswerNode) throws(ChainFault) -> ChainAccount {
    let amount = try node["value"].units(decimals: 9)
    return ChainAccount(
      exists: !amount.units.isZero, balances: [.native("solana", amount)])
  }

  static func tokens(_ node: AnswerNode) throws(ChainFault) -> ChainAccount {
    var balances: [ChainBalance] = []
    for element in try node["value"].elements() {
      let info = element["account"]["data"]["parsed"]["info"]
      let held = info["tokenAmount"]
      let mint = try info["mint"].text()
      let amount = try held["amount"].units(decimals: try held["decimals"].whole())
      let isFrozen = try info["state"].present?.text() == "frozen"
      balances.append(
        ChainBalance(
          .contract(chain: "solana", address: mint), symbol: mint, amount,
          part: isFrozen ? .locked : .available))
    }
    return ChainAccount(exists: !balances.isEmpty, balances: balances)
  }

  static func signatures(_ node: AnswerNode) throws(ChainFault) -> [SolanaSignature] {
    var signatures: [SolanaSignature] = []
    for element in try node.elements() {
      signatures.append(
        SolanaSignature(
          signature: try element["signature"].text(), slot: try element["slot"].whole(),
          isSuccess: element["err"].isNull,
          time: try element["blockTime"].present.map { node throws(ChainFault) in
            UInt64(clamping: try node.whole())
          },
          isFinal: try element["confirmationStatus"].present?.text() == "finalized"))
    }
    return signatures
  }
}
