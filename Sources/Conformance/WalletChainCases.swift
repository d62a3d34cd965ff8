import Encodings
import Ledger
import VenueKit
import Wallets

/// Answers of chain nodes: each is read by the reader of its method or path, and every figure the
/// case names must be among those found.
enum WalletChainCases {
  @Sendable static func answers(_ json: JSON) -> [CaseResult] {
    selectors(json) + WalletSuite.cases("chain-answers", json, "cases", answer)
  }

  private static func selectors(_ json: JSON) -> [CaseResult] {
    guard case .object(let object) = json["selectors"] else { return [] }
    return zip(object.names, object.values).map { name, value in
      let found = "0x" + Hex.text(ABI.call(name))
      let reasons = WalletSuite.difference(name, value.string, found)
      return CaseResult(
        "chain-answers/selectors/\(name)", format: "chain-answers selectors",
        reasons.isEmpty ? .passed : .failed, reasons)
    }
  }

  private static func answer(_ row: JSON) -> [String] {
    let raw = row["raw"]
    let body = raw.string ?? raw.text
    let answer = IncomingAnswer(status: 200, body: Array(body.utf8))
    let expected = row["expect"]
    let found: JSON
    do throws(ChainFault) {
      guard let figures = try figures(row, answer) else { return ["no reader for the request"] }
      found = figures
    } catch {
      let isBusy = if case .busy = error { true } else { false }
      found = ["error": .string(error.description), "retry": .bool(isBusy)]
    }
    return FigureDifferences.lines(expected, found)
  }

  private static func figures(
    _ row: JSON, _ answer: IncomingAnswer
  ) throws(ChainFault) -> JSON? {
    let request = row["request"]
    let chain = Coin.named(row["chain"].string ?? "")?.id ?? row["chain"].string ?? ""
    guard let method = request["method"].string else { return nil }
    if let path = request["path"].string {
      return try PathFigures(chain: chain, path: path, body: request["body"]).figures(answer)
    }
    return try MethodFigures(
      chain: chain, method: method, request: request, stated: row["expect"]["decimals"].whole
    ).figures(answer)
  }
}

/// The figures of answers to JSON-RPC methods.
struct MethodFigures {
  let chain: String
  let method: String
  let request: JSON
  /// The decimals that the case states of a token.
  let stated: Int?
  private let url = "https://node.example"

  init(chain: String, method: String, request: JSON, stated: Int?) {
    self.chain = chain
    self.method = method
    self.request = request
    self.stated = stated
  }

  private var params: [JSON] { request["params"].elements }
  private var first: String { params.first?.string ?? "" }
  private var node: EthereumNode { EthereumNode(chain: chain, url: url) }

  func figures(_ answer: IncomingAnswer) throws(ChainFault) -> JSON? {
    if method.hasPrefix("eth_") { return try ethereum(answer) }
    switch method {
    case "getBalance":
      return Figures.account(try SolanaNode(url: url).balance(first).read(answer), chain)
    case "getTokenAccountsByOwner":
      let call = SolanaNode(url: url).tokens(first, program: SolanaNode.tokenPrograms[0])
      return Figures.account(try call.read(answer), chain)
    case "getSignaturesForAddress":
      let list = try SolanaNode(url: url).signatures(first).read(answer)
      return ["items": .array(list.map { Figures.signature($0) })]
    case "scantxoutset":
      let total = try BitcoinCoreNode(url: url).total(of: []).read(answer)
      return ["total": .string(total.text)]
    case "account_info":
      return Figures.account(try XRPServer.account(first, url: url).read(answer), chain)
    case "account_lines":
      return Figures.account(try XRPServer.tokens(first, url: url).read(answer), chain)
    case "query":
      return Figures.account(try AccountServer.near(first, url: url).read(answer), chain)
    case "suix_getBalance", "suix_getAllBalances":
      return Figures.account(try AccountServer.sui(first, url: url).read(answer), chain)
    case "Filecoin.WalletBalance":
      return Figures.account(try AccountServer.filecoin(first, url: url).read(answer), chain)
    case "account_balance":
      return Figures.account(try AccountServer.nano(first, url: url).read(answer), chain)
    default: return nil
    }
  }

  private func ethereum(_ answer: IncomingAnswer) throws(ChainFault) -> JSON? {
    switch method {
    case "eth_getBalance":
      let amount = try node.balance(first).read(answer)
      return Figures.amount(amount, symbol: node.ticker)
    case "eth_call": return try call(answer)
    case "eth_chainId":
      let number = try node.chainNumber().read(answer)
      let name = EthereumNode.chainsByNumber[number].map { JSON.string($0) } ?? .null
      return ["chainId": .number(String(number)), "chain": name]
    case "eth_blockNumber":
      let number = JSON.number(String(try node.blockNumber().read(answer)))
      return ["block": number, "blockNumber": number, "number": number, "height": number]
    case "eth_getBlockByNumber":
      let block = try node.block(.latest).read(answer)
      let number = JSON.number(String(block.number))
      let time = JSON.number(String(block.time))
      return [
        "block": number, "number": number, "blockNumber": number, "time": time,
        "timestamp": time, "hash": .string(block.hash),
      ]
    case "eth_getLogs": return try transfers(answer)
    case "eth_getTransactionReceipt":
      guard let receipt = try node.receipt(first).read(answer) else { return ["exists": false] }
      return [
        "status": receipt.isSuccess ? "ok" : "failed", "fee": .string(receipt.fee.text),
        "feeAsset": .string(node.ticker),
      ]
    case "eth_gasPrice", "eth_getTransactionCount", "eth_blobBaseFee":
      let units = JSON.string(try node.quantity(method).read(answer).text)
      return ["units": units, "value": units, "count": units, "wei": units]
    default: return nil
    }
  }

  /// A call is understood by the first four bytes of its data.
  private func call(_ answer: IncomingAnswer) throws(ChainFault) -> JSON? {
    let target = params.first ?? .null
    let contract = target["to"].string ?? ""
    let data = Hex.prefixedBytes(target["data"].string ?? target["input"].string ?? "") ?? []
    let reader = try node.call(contract, data).read(answer)
    let asset = AssetID.contract(chain: chain, address: contract.lowercased())
    switch Hex.text(data.prefix(4)) {
    case "70a08231", "18160ddd", "dd62ed3e":
      // A reader asks `decimals()` first; the case says what that gives.
      let decimals = Figures.decimals[contract.lowercased()] ?? stated
      let amount = ChainAmount(units: try reader.word(0), decimals: decimals ?? 0)
      var figures = Figures.amount(amount, symbol: KnownAssets.ticker(of: asset) ?? contract)
      if let decimals { figures = Figures.adding(["decimals": .number(String(decimals))], figures) }
      return figures
    case "313ce567": return ["decimals": .number(String(try reader.count(0)))]
    case "95d89b41", "06fdde03":
      let text = try reader.text()
      return [
        "symbol": .string(text), "name": .string(text), "text": .string(text),
        "shown": .string(ShownText.cleaned(text)), "display": .string(ShownText.cleaned(text)),
      ]
    case "38d52e0f": return ["address": .string(EthereumAddress.text(try reader.address(0)))]
    default:
      let units = JSON.string(try reader.word(0).text)
      return ["units": units, "value": units]
    }
  }

  private func transfers(_ answer: IncomingAnswer) throws(ChainFault) -> JSON {
    let call = node.transfers(of: [], isIncoming: true, from: 0, to: 0)
    let owner = params.first?["topics"].elements.compactMap(\.string).last ?? ""
    let own = Array((Hex.prefixedBytes(owner) ?? []).suffix(20))
    return ["transfers": .array(try call.read(answer).map { Figures.transfer($0, own: own) })]
  }
}

/// The figures of answers to paths.
struct PathFigures {
  let chain: String
  let path: String
  let body: JSON
  private let url = "https://node.example"

  init(chain: String, path: String, body: JSON) {
    self.chain = chain
    self.path = path
    self.body = body
  }

  private var isScriptChain: Bool { ScriptNetwork.named(chain) != nil || chain == "zcash" }

  func figures(_ answer: IncomingAnswer) throws(ChainFault) -> JSON? {
    if path.hasPrefix("/address/"), isScriptChain { return try esplora(answer) }
    if path.hasPrefix("/tx/"), isScriptChain {
      let call = EsploraServer(chain: chain, url: url)
      let wrapped = IncomingAnswer(status: 200, body: [0x5B] + answer.body + [0x5D])
      let list = try call.transactions("").read(wrapped)
      return Figures.adding(
        list.first.map { Figures.transaction($0, own: "") } ?? [:],
        ["items": .array(list.map { Figures.transaction($0, own: "") })])
    }
    if path.contains("/triggerconstantcontract") {
      let token = body["contract_address"].string ?? ""
      let call = TronServer.balance(of: "", ownerBytes: [], token: token, url: url)
      let decimals = Figures.decimals[token.lowercased()] ?? 0
      let amount = ChainAmount(units: try call.read(answer), decimals: decimals)
      return Figures.amount(amount, symbol: token)
    }
    guard let call else { return nil }
    return Figures.account(try call.read(answer), chain)
  }

  private var call: ChainCall<ChainAccount>? {
    let cosmos = CosmosServer(chain: chain, url: url)
    if path.contains("/api/v2/address/") || path.contains("/api/v2/xpub/") {
      return BlockbookServer(chain: chain, url: url).account("")
    }
    if path.contains("/bank/") { return cosmos.balances("") }
    if path.contains("unbonding") { return cosmos.unbonding("") }
    if path.contains("/staking/") { return cosmos.staked("") }
    if path.contains("/distribution/") { return cosmos.rewards("") }
    if path.hasPrefix("/wallet/") { return TronServer.account("", url: url) }
    if path.contains("/balance-info") {
      return AccountServer.substrate("", chain: chain, url: url)
    }
    if path.contains("/api/v2/") { return AccountServer.ton("", url: url) }
    return accountCall
  }

  private var accountCall: ChainCall<ChainAccount>? {
    switch chain {
    case "stellar": StellarServer.account("", url: url)
    case "tron": TronServer.tokens("", url: url)
    case "cardano":
      path.contains("address_info")
        ? AccountServer.koios("", url: url) : AccountServer.blockfrost("", url: url)
    case "algorand": AccountServer.algorand("", url: url)
    case "tezos": AccountServer.tezos("", url: url)
    case "aptos": AccountServer.aptos("", url: url)
    case "hedera": AccountServer.hedera("", url: url)
    case "multiversx": AccountServer.multiversx("", url: url)
    case "nano": AccountServer.nano("", url: url)
    default: nil
    }
  }

  private func esplora(_ answer: IncomingAnswer) throws(ChainFault) -> JSON {
    let server = EsploraServer(chain: chain, url: url)
    let parts = path.split(separator: "/").map(String.init)
    let own = parts.count > 1 ? parts[1] : ""
    if path.hasSuffix("/utxo") {
      let outputs = try server.unspent(own).read(answer)
      return ["outputs": .array(outputs.map { Figures.output($0) })]
    }
    if path.contains("/txs") {
      let list = try server.transactions(own).read(answer)
      return ["items": .array(list.map { Figures.transaction($0, own: own) })]
    }
    return Figures.account(try server.account(own).read(answer), chain)
  }
}
