import Encodings
import Ledger
import VenueKit

/// Questions to servers of chains that keep accounts with issued tokens: XRP's ledger and Stellar.
public enum XRPServer {
  /// The chain, as in assets.
  static let chain = "xrp-ledger"

  /// What an account has in the chain's own coin; a part of it is a reserve that cannot be spent.
  ///
  /// Source: https://xrpl.org/docs/references/http-websocket-apis/public-api-methods/account-methods/account_info
  public static func account(_ address: String, url: String) -> ChainCall<ChainAccount> {
    let body = request("account_info", address)
    return REST.post(url, body) { node throws(ChainFault) in
      try XRPAnswer.account(node["result"])
    }
  }

  /// The tokens of an account; below zero for what it owes.
  ///
  /// Source: https://xrpl.org/docs/references/http-websocket-apis/public-api-methods/account-methods/account_lines
  public static func tokens(
    _ address: String, url: String, page: String? = nil
  ) -> ChainCall<ChainAccount> {
    let body = request("account_lines", address, page)
    return REST.post(url, body) { node throws(ChainFault) in try XRPAnswer.tokens(node["result"]) }
  }

  private static func request(_ method: String, _ address: String, _ page: String? = nil) -> JSON {
    var params = JSONObject([("account", .string(address)), ("ledger_index", "validated")])
    if let page { params.set("marker", .string(page)) }
    return ["method": .string(method), "params": [.object(params)]]
  }
}

enum XRPAnswer {
  static func account(_ node: AnswerNode) throws(ChainFault) -> ChainAccount {
    if let error = try node["error"].present?.text() {
      if error == "actNotFound" { return .unknown(XRPServer.chain) }
      throw fault(node, error)
    }
    let data = node["account_data"]
    let amount = try data["Balance"].units(decimals: 6)
    var account = ChainAccount(balances: [.native(XRPServer.chain, amount)])
    account.ownerCount = try data["OwnerCount"].present?.whole()
    return account
  }

  static func tokens(_ node: AnswerNode) throws(ChainFault) -> ChainAccount {
    if let error = try node["error"].present?.text() {
      if error == "actNotFound" { return ChainAccount(exists: false) }
      throw fault(node, error)
    }
    var balances: [ChainBalance] = []
    for line in try node["lines"].elements() {
      let code = try line["currency"].text()
      let address = "\(code).\(try line["account"].text())"
      balances.append(
        ChainBalance(
          .contract(chain: XRPServer.chain, address: address), symbol: currency(code),
          try line["balance"].decimal()))
    }
    var account = ChainAccount(balances: balances)
    account.nextPage = try node["marker"].present?.text()
    return account
  }

  private static func fault(_ node: AnswerNode, _ error: String) -> ChainFault {
    if error == "slowDown" { return .busy(error) }
    let message = (try? node["error_message"].text()) ?? error
    let code = (try? node["error_code"].whole()) ?? 0
    return .node(code: code, message: String(message.prefix(ChainFault.longestMessage)))
  }

  /// Three characters, or 40 digits that may hold a longer name
  /// (https://xrpl.org/docs/references/protocol/data-types/currency-formats).
  static func currency(_ code: String) -> String {
    guard code.utf8.count == 40, let bytes = Hex.bytes(code) else { return code }
    let name = bytes.prefix { $0 != 0 }
    let isName =
      !name.isEmpty && name.allSatisfy { $0 >= 0x21 && $0 <= 0x7E }
      && bytes.dropFirst(name.count).allSatisfy { $0 == 0 }
    return isName ? String(decoding: name, as: UTF8.self) : code
  }
}

/// Questions to a Horizon server.
public enum StellarServer {
  static let chain = "stellar"

  /// What an account has.
  ///
  /// Source: https://developers.stellar.org/docs/data/apis/horizon/api-reference/retrieve-an-account
  public static func account(_ address: String, url: String) -> ChainCall<ChainAccount> {
    REST.account("\(url)/accounts/\(REST.escaped(address))", chain) { node throws(ChainFault) in
      try StellarAnswer.account(node)
    }
  }
}

enum StellarAnswer {
  static func account(_ node: AnswerNode) throws(ChainFault) -> ChainAccount {
    var balances: [ChainBalance] = []
    for line in try node["balances"].elements() {
      let total = try line["balance"].coins(decimals: 7)
      let held = try line["selling_liabilities"].present?.coins(decimals: 7)
      let locked = held ?? .zero(decimals: 7)
      let (asset, symbol) = try asset(line)
      let free = try line.sum(total, locked.negated)
      balances.append(ChainBalance(asset, symbol: symbol, free))
      balances.append(ChainBalance(asset, symbol: symbol, locked, part: .locked))
    }
    var account = ChainAccount(balances: balances)
    account.ownerCount = try node["subentry_count"].present?.whole()
    return account
  }

  private static func asset(
    _ line: AnswerNode
  ) throws(ChainFault) -> (asset: AssetID, symbol: String) {
    let chain = StellarServer.chain
    switch try line["asset_type"].text() {
    case "native": return (.native(chain: chain), "XLM")
    case "liquidity_pool_shares":
      let pool = try line["liquidity_pool_id"].text()
      return (.contract(chain: chain, address: pool), "pool share")
    default:
      let code = try line["asset_code"].text()
      let issuer = try line["asset_issuer"].text()
      return (.contract(chain: chain, address: "\(code)-\(issuer)"), code)
    }
  }
}

extension REST {
  /// An account of a server that answers 404 for addresses the chain never saw.
  static func account(
    _ url: String, _ chain: String,
    read: @escaping @Sendable (AnswerNode) throws(ChainFault) -> ChainAccount
  ) -> ChainCall<ChainAccount> {
    let call = get(url, read: read)
    return ChainCall(call.request) { answer throws(ChainFault) in
      answer.status == 404 ? .unknown(chain) : try call.read(answer)
    }
  }
}
