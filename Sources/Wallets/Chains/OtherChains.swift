import Encodings
import Ledger

/// Questions to servers of chains that need one answer for an account.
public enum AccountServer {
  /// Polkadot and Kusama over a sidecar.
  ///
  /// Source: https://paritytech.github.io/substrate-api-sidecar/dist/
  public static func substrate(
    _ address: String, chain: String, url: String
  ) -> ChainCall<ChainAccount> {
    REST.get("\(url)/accounts/\(REST.escaped(address))/balance-info") { node throws(ChainFault) in
      try AccountAnswer.substrate(node, chain)
    }
  }

  /// NEAR.
  ///
  /// Source: https://docs.near.org/api/rpc/contracts#view-account
  public static func near(_ address: String, url: String) -> ChainCall<ChainAccount> {
    let params: JSON = [
      "request_type": "view_account", "finality": "final", "account_id": .string(address),
    ]
    return ChainCall(JSONRPC.request(url, JSONRPC.body("query", params))) {
      answer throws(ChainFault) in
      try AccountAnswer.near(try JSONRPC.node(answer))
    }
  }

  /// TON.
  ///
  /// Source: https://toncenter.com/api/v2/
  public static func ton(_ address: String, url: String) -> ChainCall<ChainAccount> {
    REST.get("\(url)/api/v2/getAddressInformation?address=\(REST.escaped(address))") {
      node throws(ChainFault) in
      try AccountAnswer.ton(node)
    }
  }

  /// Cardano over Koios.
  ///
  /// Source: https://api.koios.rest/#post-/address_info
  public static func koios(_ address: String, url: String) -> ChainCall<ChainAccount> {
    let body: JSON = ["_addresses": [.string(address)]]
    return REST.post("\(url)/address_info", body) { node throws(ChainFault) in
      try AccountAnswer.koios(node)
    }
  }

  /// Cardano over Blockfrost.
  ///
  /// Source: https://docs.blockfrost.io/#tag/cardano--addresses/GET/addresses/{address}
  public static func blockfrost(_ address: String, url: String) -> ChainCall<ChainAccount> {
    REST.account("\(url)/addresses/\(REST.escaped(address))", "cardano") {
      node throws(ChainFault) in
      try AccountAnswer.blockfrost(node)
    }
  }

  /// Algorand.
  ///
  /// Source: https://developer.algorand.org/docs/rest-apis/algod/#get-v2accountsaddress
  public static func algorand(_ address: String, url: String) -> ChainCall<ChainAccount> {
    REST.account("\(url)/v2/accounts/\(REST.escaped(address))", "algorand") {
      node throws(ChainFault) in
      try AccountAnswer.algorand(node)
    }
  }

  /// Tezos, asked of a node.
  ///
  /// Source: https://octez.tezos.com/docs/active/rpc.html
  public static func tezos(_ address: String, url: String) -> ChainCall<ChainAccount> {
    let path = "/chains/main/blocks/head/context/contracts/\(REST.escaped(address))/balance"
    return REST.account(url + path, "tezos") { node throws(ChainFault) in
      try AccountAnswer.tezos(node)
    }
  }

  /// Aptos.
  ///
  /// Source: https://aptos.dev/rest-api/operations/get_account_balance
  public static func aptos(_ address: String, url: String) -> ChainCall<ChainAccount> {
    let path = "/v1/accounts/\(REST.escaped(address))/balance/0x1::aptos_coin::AptosCoin"
    return REST.account(url + path, "aptos") { node throws(ChainFault) in
      try AccountAnswer.aptos(node)
    }
  }

  /// Sui.
  ///
  /// Source: https://docs.sui.io/sui-api-ref#suix_getallbalances
  public static func sui(_ address: String, url: String) -> ChainCall<ChainAccount> {
    JSONRPC.call(url, "suix_getAllBalances", [.string(address)]) { node throws(ChainFault) in
      try AccountAnswer.sui(node)
    }
  }

  /// Hedera over a mirror node.
  ///
  /// Source: https://docs.hedera.com/hedera/sdks-and-apis/rest-api/accounts
  public static func hedera(_ address: String, url: String) -> ChainCall<ChainAccount> {
    REST.account("\(url)/api/v1/accounts/\(REST.escaped(address))", "hedera") {
      node throws(ChainFault) in
      try AccountAnswer.hedera(node)
    }
  }

  /// Filecoin.
  ///
  /// Source: https://docs.filecoin.io/reference/json-rpc/wallet#walletbalance
  public static func filecoin(_ address: String, url: String) -> ChainCall<ChainAccount> {
    JSONRPC.call(url, "Filecoin.WalletBalance", [.string(address)]) { node throws(ChainFault) in
      ChainAccount(balances: [.native("filecoin", try node.units(decimals: 18))])
    }
  }

  /// Nano.
  ///
  /// Source: https://docs.nano.org/commands/rpc-protocol/#account_balance
  public static func nano(_ address: String, url: String) -> ChainCall<ChainAccount> {
    let body: JSON = ["action": "account_balance", "account": .string(address)]
    return REST.post(url, body) { node throws(ChainFault) in try AccountAnswer.nano(node) }
  }

  /// MultiversX.
  ///
  /// Source: https://docs.multiversx.com/sdk-and-tools/rest-api/multiversx-api/
  public static func multiversx(_ address: String, url: String) -> ChainCall<ChainAccount> {
    REST.account("\(url)/accounts/\(REST.escaped(address))", "multiversx") {
      node throws(ChainFault) in
      ChainAccount(balances: [.native("multiversx", try node["balance"].units(decimals: 18))])
    }
  }
}

enum AccountAnswer {
  /// Frozen coins are free or reserved ones that may not move; reserved ones are not free.
  static func substrate(_ node: AnswerNode, _ chain: String) throws(ChainFault) -> ChainAccount {
    let decimals = ChainAccount.decimals(chain)
    let free = try node["free"].units(decimals: decimals)
    let reserved = try node["reserved"].units(decimals: decimals)
    let frozen = try frozen(node, decimals)
    let total = try node.sum(free, reserved)
    let locked = frozen.units > reserved.units ? frozen : reserved
    // More may be frozen than there is.
    let held = locked.units > total.units ? total : locked
    return ChainAccount(
      exists: !total.units.isZero,
      balances: [
        .native(chain, try node.sum(total, held.negated)), .native(chain, held, .locked),
      ])
  }

  /// Older runtimes name two kinds, of which the larger counts.
  private static func frozen(_ node: AnswerNode, _ decimals: Int) throws(ChainFault) -> ChainAmount
  {
    var frozen = ChainAmount.zero(decimals: decimals)
    for name in ["frozen", "miscFrozen", "feeFrozen"] {
      guard let member = node[name].present, (try? member.text())?.first?.isNumber != false else {
        continue
      }
      let amount = try member.units(decimals: decimals)
      if amount.units > frozen.units { frozen = amount }
    }
    return frozen
  }

  static func near(_ node: AnswerNode) throws(ChainFault) -> ChainAccount {
    let cause = try? node["error"]["cause"]["name"].text()
    if cause == "UNKNOWN_ACCOUNT" { return .unknown("near") }
    let result = try JSONRPC.result(node)
    if let error = try? result["error"].text() {
      if error.contains("does not exist") { return .unknown("near") }
      throw .node(code: 0, message: String(error.prefix(ChainFault.longestMessage)))
    }
    return ChainAccount(balances: [
      .native("near", try result["amount"].units(decimals: 24)),
      .native("near", try result["locked"].units(decimals: 24), .staked),
    ])
  }

  static func ton(_ node: AnswerNode) throws(ChainFault) -> ChainAccount {
    guard try node["ok"].truth() else {
      let message = (try? node["error"].text()) ?? "refused"
      let code = (try? node["code"].whole()) ?? 0
      throw .node(code: code, message: String(message.prefix(ChainFault.longestMessage)))
    }
    let amount = try node["result"]["balance"].units(decimals: 9)
    let state = try node["result"]["state"].present?.text() ?? ""
    return ChainAccount(
      exists: state != "uninitialized" || !amount.units.isZero, balances: [.native("ton", amount)])
  }

  static func koios(_ node: AnswerNode) throws(ChainFault) -> ChainAccount {
    guard let account = try node.elements().first else { return .unknown("cardano") }
    var balances: [ChainBalance] = [
      .native("cardano", try account["balance"].units(decimals: 6))
    ]
    var tokens: [(unit: String, amount: ChainAmount)] = []
    for output in try account["utxo_set"].present?.elements() ?? [] {
      for asset in try output["asset_list"].present?.elements() ?? [] {
        let name = try asset["asset_name"].present?.text() ?? ""
        let unit = try asset["policy_id"].text() + name
        let decimals = try asset["decimals"].present?.whole() ?? 0
        let amount = try asset["quantity"].units(decimals: decimals)
        if let place = tokens.firstIndex(where: { $0.unit == unit }) {
          tokens[place].amount = try asset.sum(tokens[place].amount, amount)
        } else {
          tokens.append((unit, amount))
        }
      }
    }
    for (unit, amount) in tokens {
      balances.append(
        ChainBalance(.contract(chain: "cardano", address: unit), symbol: unit, amount))
    }
    return ChainAccount(balances: balances)
  }

  static func blockfrost(_ node: AnswerNode) throws(ChainFault) -> ChainAccount {
    var balances: [ChainBalance] = []
    for entry in try node["amount"].elements() {
      let unit = try entry["unit"].text()
      if unit == "lovelace" {
        balances.append(.native("cardano", try entry["quantity"].units(decimals: 6)))
      } else {
        balances.append(
          ChainBalance(
            .contract(chain: "cardano", address: unit), symbol: unit,
            try entry["quantity"].units(decimals: 0), areDecimalsKnown: false))
      }
    }
    return ChainAccount(balances: balances)
  }

  /// The minimum that the account must keep is locked.
  static func algorand(_ node: AnswerNode) throws(ChainFault) -> ChainAccount {
    let account = node["account"].present ?? node
    let total = try account["amount"].units(decimals: 6)
    let minimum = try account["min-balance"].present?.units(decimals: 6) ?? .zero(decimals: 6)
    let locked = minimum.units > total.units ? total : minimum
    var balances: [ChainBalance] = [
      .native("algorand", try account.sum(total, locked.negated)),
      .native("algorand", locked, .locked),
    ]
    for asset in try account["assets"].present?.elements() ?? [] {
      let id = try asset["asset-id"].digits()
      let isFrozen = try asset["is-frozen"].present?.truth() ?? false
      balances.append(
        ChainBalance(
          .contract(chain: "algorand", address: id), symbol: id,
          try asset["amount"].units(decimals: 0), areDecimalsKnown: false,
          part: isFrozen ? .locked : .available))
    }
    return ChainAccount(exists: !total.units.isZero, balances: balances)
  }

  static func tezos(_ node: AnswerNode) throws(ChainFault) -> ChainAccount {
    let number = node["balance"].present ?? node
    let amount = try number.units(decimals: 6)
    return ChainAccount(exists: !amount.units.isZero, balances: [.native("tezos", amount)])
  }

  /// One number, or the account's list of resources.
  static func aptos(_ node: AnswerNode) throws(ChainFault) -> ChainAccount {
    let own = "0x1::coin::CoinStore<0x1::aptos_coin::AptosCoin>"
    if let single = node["data"]["coin"]["value"].present {
      return ChainAccount(balances: [.native("aptos", try single.units(decimals: 8))])
    }
    guard case .array = node.json else {
      return ChainAccount(balances: [.native("aptos", try node.units(decimals: 8))])
    }
    for resource in try node.elements() where (try? resource["type"].text()) == own {
      let value = resource["data"]["coin"]["value"]
      return ChainAccount(balances: [.native("aptos", try value.units(decimals: 8))])
    }
    return .unknown("aptos")
  }

  static func sui(_ node: AnswerNode) throws(ChainFault) -> ChainAccount {
    let entries: [AnswerNode]
    if case .array = node.json { entries = try node.elements() } else { entries = [node] }
    var balances: [ChainBalance] = []
    for entry in entries {
      let type = try entry["coinType"].text()
      if type == "0x2::sui::SUI" {
        balances.append(.native("sui", try entry["totalBalance"].units(decimals: 9)))
      } else {
        balances.append(
          ChainBalance(
            .contract(chain: "sui", address: type), symbol: type,
            try entry["totalBalance"].units(decimals: 0), areDecimalsKnown: false))
      }
    }
    return balances.isEmpty ? .unknown("sui") : ChainAccount(balances: balances)
  }

  static func hedera(_ node: AnswerNode) throws(ChainFault) -> ChainAccount {
    var balances: [ChainBalance] = [
      .native("hedera", try node["balance"]["balance"].units(decimals: 8))
    ]
    for token in try node["balance"]["tokens"].present?.elements() ?? [] {
      let id = try token["token_id"].text()
      balances.append(
        ChainBalance(
          .contract(chain: "hedera", address: id), symbol: id,
          try token["balance"].units(decimals: 0), areDecimalsKnown: false))
    }
    return ChainAccount(balances: balances)
  }

  static func nano(_ node: AnswerNode) throws(ChainFault) -> ChainAccount {
    if let error = try node["error"].present?.text() {
      throw .node(code: 0, message: String(error.prefix(ChainFault.longestMessage)))
    }
    let waiting = node["receivable"].present ?? node["pending"]
    return ChainAccount(balances: [
      .native("nano", try node["balance"].units(decimals: 30)),
      .native("nano", try waiting.units(decimals: 30), .pending),
    ])
  }
}
