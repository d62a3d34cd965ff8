import Encodings
import Ledger

/// Questions to a Tron node.
///
/// Source: https://developers.tron.network/reference/account-getaccount
public enum TronServer {
  static let chain = "tron"

  /// What an account has free, staked and on its way out of staking.
  public static func account(_ address: String, url: String) -> ChainCall<ChainAccount> {
    let body: JSON = ["address": .string(address), "visible": true]
    return REST.post("\(url)/wallet/getaccount", body) { node throws(ChainFault) in
      try TronAnswer.account(node)
    }
  }

  /// The TRC-20 tokens of an account.
  ///
  /// Source: https://developers.tron.network/reference/get-account-info-by-address
  public static func tokens(_ address: String, url: String) -> ChainCall<ChainAccount> {
    REST.get("\(url)/v1/accounts/\(REST.escaped(address))") { node throws(ChainFault) in
      try TronAnswer.tokens(node)
    }
  }

  /// One token's balance, asked of its contract.
  ///
  /// Source: https://developers.tron.network/reference/triggerconstantcontract
  public static func balance(
    of owner: String, ownerBytes: [UInt8], token: String, url: String
  ) -> ChainCall<UInt256> {
    let body: JSON = [
      "owner_address": .string(owner), "contract_address": .string(token),
      "function_selector": "balanceOf(address)",
      "parameter": .string(Hex.text(ABI.word(address: ownerBytes))), "visible": true,
    ]
    return REST.post("\(url)/wallet/triggerconstantcontract", body) { node throws(ChainFault) in
      try TronAnswer.constant(node)
    }
  }
}

enum TronAnswer {
  static func account(_ node: AnswerNode) throws(ChainFault) -> ChainAccount {
    if let error = try node["Error"].present?.text() {
      throw .node(code: 0, message: String(error.prefix(ChainFault.longestMessage)))
    }
    if try node.members().isEmpty { return .unknown(TronServer.chain) }
    let free = try sun(node["balance"])
    var staked = try sun(node["delegated_frozenV2_balance_for_bandwidth"])
    let resource = node["account_resource"]
    staked = try node.sum(staked, try sun(resource["delegated_frozenV2_balance_for_energy"]))
    staked = try node.sum(
      staked, try sun(resource["frozen_balance_for_energy"]["frozen_balance"]))
    staked = try node.sum(staked, try sum(node["frozenV2"], "amount"))
    staked = try node.sum(staked, try sum(node["frozen"], "frozen_balance"))
    let leaving = try sum(node["unfrozenV2"], "unfreeze_amount")
    return ChainAccount(balances: [
      .native(TronServer.chain, free), .native(TronServer.chain, staked, .staked),
      .native(TronServer.chain, leaving, .unbonding),
    ])
  }

  /// Members of zero are left out of answers.
  private static func sun(_ node: AnswerNode) throws(ChainFault) -> ChainAmount {
    try node.present?.units(decimals: 6) ?? .zero(decimals: 6)
  }

  private static func sum(_ list: AnswerNode, _ member: String) throws(ChainFault) -> ChainAmount {
    var sum = ChainAmount.zero(decimals: 6)
    guard let list = list.present else { return sum }
    for element in try list.elements() { sum = try list.sum(sum, try sun(element[member])) }
    return sum
  }

  static func tokens(_ node: AnswerNode) throws(ChainFault) -> ChainAccount {
    guard let account = try node["data"].elements().first else {
      return .unknown(TronServer.chain)
    }
    var balances: [ChainBalance] = []
    for entry in try account["trc20"].present?.elements() ?? [] {
      for (contract, units) in try entry.members() {
        balances.append(
          ChainBalance(
            .contract(chain: TronServer.chain, address: contract), symbol: contract,
            try units.units(decimals: 0), areDecimalsKnown: false))
      }
    }
    return ChainAccount(balances: balances)
  }

  static func constant(_ node: AnswerNode) throws(ChainFault) -> UInt256 {
    guard try node["result"]["result"].present?.truth() == true else {
      let message = (try? node["result"]["message"].text()) ?? "refused"
      throw .node(code: 0, message: String(message.prefix(ChainFault.longestMessage)))
    }
    guard let first = try node["constant_result"].elements().first,
      let bytes = Hex.bytes(try first.text())
    else { throw node["constant_result"].fault }
    guard !bytes.isEmpty else { throw .noContract }
    return try ABIReader(bytes).word(0)
  }
}
