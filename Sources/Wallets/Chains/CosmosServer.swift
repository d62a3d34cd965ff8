import Encodings
import Ledger

/// Questions to a REST server of a chain of the Cosmos SDK.
///
/// Source: https://docs.cosmos.network/api
public struct CosmosServer: Sendable {
  /// The chain, as in assets.
  public let chain: String
  /// The server's address.
  public let url: String

  /// Names a server.
  public init(chain: String, url: String) {
    self.chain = chain
    self.url = url
  }

  private func path(_ path: String, _ page: String?) -> String {
    guard let page else { return url + path }
    return "\(url)\(path)?pagination.key=\(REST.escaped(page))"
  }

  /// What is free.
  public func balances(_ address: String, page: String? = nil) -> ChainCall<ChainAccount> {
    let chain = chain
    let path = "/cosmos/bank/v1beta1/balances/\(REST.escaped(address))"
    return REST.get(self.path(path, page)) { node throws(ChainFault) in
      try CosmosAnswer.balances(node, chain)
    }
  }

  /// What is staked.
  public func staked(_ address: String, page: String? = nil) -> ChainCall<ChainAccount> {
    let chain = chain
    let path = "/cosmos/staking/v1beta1/delegations/\(REST.escaped(address))"
    return REST.get(self.path(path, page)) { node throws(ChainFault) in
      try CosmosAnswer.staked(node, chain)
    }
  }

  /// What is on its way out of staking.
  public func unbonding(_ address: String, page: String? = nil) -> ChainCall<ChainAccount> {
    let chain = chain
    let path = "/cosmos/staking/v1beta1/delegators/\(REST.escaped(address))/unbonding_delegations"
    return REST.get(self.path(path, page)) { node throws(ChainFault) in
      try CosmosAnswer.unbonding(node, chain)
    }
  }

  /// What was earned; the fraction of a smallest unit that the chain keeps is cut off.
  public func rewards(_ address: String) -> ChainCall<ChainAccount> {
    let chain = chain
    let path = "/cosmos/distribution/v1beta1/delegators/\(REST.escaped(address))/rewards"
    return REST.get(url + path) { node throws(ChainFault) in try CosmosAnswer.rewards(node, chain) }
  }

  /// The chains' own coins: name of the smallest unit and ticker
  /// (https://github.com/cosmos/chain-registry).
  static let coins: [String: (denom: String, ticker: String)] = [
    "cosmos-hub": ("uatom", "ATOM"), "osmosis": ("uosmo", "OSMO"), "celestia": ("utia", "TIA"),
    "akash": ("uakt", "AKT"), "injective": ("inj", "INJ"), "kava": ("ukava", "KAVA"),
    "dydx": ("adydx", "DYDX"), "cronos-pos": ("basecro", "CRO"), "juno": ("ujuno", "JUNO"),
    "secret": ("uscrt", "SCRT"), "terra": ("uluna", "LUNA"), "sei": ("usei", "SEI"),
    "axelar": ("uaxl", "AXL"), "stride": ("ustrd", "STRD"), "stargaze": ("ustars", "STARS"),
    "evmos": ("aevmos", "EVMOS"), "fetch-ai": ("afet", "FET"), "kujira": ("ukuji", "KUJI"),
    "neutron": ("untrn", "NTRN"), "agoric": ("ubld", "BLD"), "regen": ("uregen", "REGEN"),
    "persistence": ("uxprt", "XPRT"), "band": ("uband", "BAND"), "thorchain": ("rune", "RUNE"),
    "dymension": ("adym", "DYM"), "saga": ("usaga", "SAGA"),
  ]
}

enum CosmosAnswer {
  static func balances(_ node: AnswerNode, _ chain: String) throws(ChainFault) -> ChainAccount {
    var balances: [ChainBalance] = []
    for coin in try node["balances"].elements() {
      balances.append(try balance(coin, chain, .available))
    }
    return try page(node, balances)
  }

  static func staked(_ node: AnswerNode, _ chain: String) throws(ChainFault) -> ChainAccount {
    var balances: [ChainBalance] = []
    for delegation in try node["delegation_responses"].elements() {
      balances.append(try balance(delegation["balance"], chain, .staked))
    }
    return try page(node, balances)
  }

  static func unbonding(_ node: AnswerNode, _ chain: String) throws(ChainFault) -> ChainAccount {
    guard let coin = CosmosServer.coins[chain] else { throw .malformed("the coin of the chain") }
    var balances: [ChainBalance] = []
    for response in try node["unbonding_responses"].elements() {
      for entry in try response["entries"].elements() {
        balances.append(
          try balance(denom: coin.denom, units: entry["balance"], chain, .unbonding))
      }
    }
    return try page(node, balances)
  }

  static func rewards(_ node: AnswerNode, _ chain: String) throws(ChainFault) -> ChainAccount {
    var balances: [ChainBalance] = []
    for coin in try node["total"].elements() {
      let whole = try coin["amount"].digits().prefix { $0 != "." }
      let units = AnswerNode(.string(String(whole)), path: coin["amount"].path)
      balances.append(try balance(denom: try coin["denom"].text(), units: units, chain, .reward))
    }
    return ChainAccount(balances: balances)
  }

  private static func balance(
    _ coin: AnswerNode, _ chain: String, _ part: ChainBalance.Part
  ) throws(ChainFault) -> ChainBalance {
    try balance(denom: try coin["denom"].text(), units: coin["amount"], chain, part)
  }

  private static func balance(
    denom: String, units: AnswerNode, _ chain: String, _ part: ChainBalance.Part
  ) throws(ChainFault) -> ChainBalance {
    if let coin = CosmosServer.coins[chain], coin.denom == denom {
      let amount = try units.units(decimals: ChainAccount.decimals(chain))
      return ChainBalance(.native(chain: chain), symbol: coin.ticker, amount, part: part)
    }
    return ChainBalance(
      .contract(chain: chain, address: denom), symbol: denom, try units.units(decimals: 0),
      areDecimalsKnown: false, part: part)
  }

  private static func page(
    _ node: AnswerNode, _ balances: [ChainBalance]
  ) throws(ChainFault) -> ChainAccount {
    var account = ChainAccount(balances: balances)
    let key = try node["pagination"]["next_key"].present?.text()
    account.nextPage = key == "" ? nil : key
    return account
  }
}
