import Encodings
public import Ledger

/// An Ethereum node behind JSON-RPC, with the history of some addresses in ether and tokens.
///
/// https://ethereum.org/en/developers/docs/apis/json-rpc/ and
/// https://eips.ethereum.org/EIPS/eip-20
public struct EVMNode: SimulatedService {
  /// `ethereum`.
  public let venue = "ethereum"
  /// The public servers it stands for.
  public let hosts = ["ethereum-rpc.publicnode.com", "eth.llamarpc.com", "cloudflare-eth.com"]
  /// The addresses with a history: small letters.
  public let addresses: [String]
  /// The longest range of blocks that logs may be asked of.
  public var logBlocksMost: Int64 = 50_000
  private var transfers: [Transfer] = []
  private var contracts: EVMContracts

  /// A token of the chain.
  public struct Token: Sendable, Hashable {
    /// Its contract: small letters.
    public let contract: String
    /// Its code.
    public let symbol: String
    /// How many digits its amounts have after the point.
    public let decimals: Int
  }

  /// The tokens, by their real contracts.
  public static let tokens = [
    Token(contract: "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", symbol: "USDC", decimals: 6),
    Token(contract: "0xdac17f958d2ee523a2206206994597c13d831ec7", symbol: "USDT", decimals: 6),
    Token(contract: "0x6b175474e89094c44da98b954eedeac495271d0f", symbol: "DAI", decimals: 18),
    Token(contract: "0x514910771af9ca656af840dff83e8264ecf986ca", symbol: "LINK", decimals: 18),
  ]

  private struct Transfer: Sendable {
    let time: Instant
    let hash: String
    /// The token's place; −1 for ether.
    let token: Int
    let from: String
    let to: String
    let amount: UInt128
  }

  /// Makes a chain.
  ///
  /// - Parameters:
  ///   - seed: Decides everything.
  ///   - addresses: The addresses that get a history; empty makes two of its own.
  ///   - transfers: How many transfers they have in all.
  ///   - opening: When the history ends.
  ///   - days: How many days it is long.
  public init(
    seed: UInt64, addresses: [String] = [], transfers: Int = 60, opening: Instant, days: Int64 = 30
  ) {
    let seed = mixed(seed, 12)
    self.addresses =
      addresses.isEmpty
      ? (0..<2).map { "0x" + SeededText.hex(40, mixed(seed, $0)) }
      : addresses.map { $0.lowercased() }
    contracts = EVMContracts(holder: self.addresses[0])
    var generator = SeededGenerator(seed: seed)
    let step = days * 86_400 / Int64(max(transfers, 1) + 1)
    for number in 0..<transfers {
      let seconds = -days * 86_400 + step * Int64(number + 1)
      let own = self.addresses[Int(generator.next() % UInt64(self.addresses.count))]
      let token = Int(generator.next() % UInt64(EVMNode.tokens.count + 1)) - 1
      let held = balance(own, token)
      let isOut = held > 0 && generator.next() % 3 == 0
      let unit: UInt128 =
        token < 0 ? 1_000_000_000_000_000 : EVMNode.power(EVMNode.tokens[token].decimals)
      let amount = isOut ? held / 4 : unit * UInt128(1 + generator.next() % 2_000)
      guard amount > 0 else { continue }
      let other = "0x" + SeededText.hex(40, generator.next())
      self.transfers.append(
        Transfer(
          time: opening.advanced(bySeconds: seconds),
          hash: "0x" + SeededText.hex(64, mixed(seed, UInt64(number), 17)), token: token,
          from: isOut ? own : other, to: isOut ? other : own, amount: amount))
    }
  }

  private static func power(_ digits: Int) -> UInt128 {
    (0..<digits).reduce(UInt128(1)) { value, _ in value * 10 }
  }

  private func balance(_ address: String, _ token: Int, to time: Instant? = nil) -> UInt128 {
    var sum: UInt128 = 0
    for transfer in transfers where transfer.token == token {
      if let time, transfer.time > time { continue }
      if transfer.to == address { sum += transfer.amount }
      if transfer.from == address { sum -= min(sum, transfer.amount) }
    }
    return sum
  }

  /// What an address holds in the smallest units, by token code; `ETH` for ether.
  public func truth(_ address: String) -> [String: UInt128] {
    var truth = ["ETH": balance(address.lowercased(), -1)]
    for (place, token) in EVMNode.tokens.enumerated() {
      truth[token.symbol] = balance(address.lowercased(), place)
    }
    return truth
  }

  /// What an address has inside protocols: by place, the asset's contract or `ETH`, and the smallest
  /// units, below zero where they are owed.
  public func claims(_ address: String) -> [(place: ClaimPlace, asset: String, units: Int128)] {
    guard address.lowercased() == contracts.holder else { return [] }
    return [
      (ClaimPlace(venue: "lido", claim: .staked), "ETH", Int128(EVMContracts.staked)),
      (
        ClaimPlace(venue: "aave-v3", claim: .collateral), EVMNode.tokens[0].contract,
        Int128(EVMContracts.collateral)
      ),
      (
        ClaimPlace(venue: "aave-v3", claim: .borrowed), EVMNode.tokens[1].contract,
        -Int128(EVMContracts.owed)
      ),
    ]
  }

  /// Makes protocols refuse, by their word; those left out answer.
  public mutating func breakProtocols(_ venues: Set<String>) {
    contracts.failing = Set(
      ["lido": EVMContracts.stETH, "aave-v3": EVMContracts.aaveProvider]
        .filter { venues.contains($0.key) }.values)
  }

  // MARK: - Blocks

  /// Twelve seconds a block since the merge, https://ethereum.org/en/roadmap/merge/.
  private static func block(_ time: Instant) -> Int64 {
    15_537_393 + (time.seconds - 1_663_224_162) / 12
  }

  private static func time(_ block: Int64) -> Instant {
    Instant(seconds: 1_663_224_162 + (block - 15_537_393) * 12)
  }

  private static func hex(_ value: some BinaryInteger) -> String {
    "0x" + String(value, radix: 16)
  }

  private static func word(_ value: UInt128) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 64 - digits.utf8.count) + digits
  }

  private static func word(_ address: String) -> String {
    String(repeating: "0", count: 24) + address.dropFirst(2)
  }

  /// The number a block parameter means; `nil` for one that does not exist.
  private func number(_ json: JSON?, at now: Instant) -> Int64? {
    let last = EVMNode.block(now)
    switch json?.plainText {
    case nil, "latest", "pending": return last
    case "safe": return last - 32
    case "finalized": return last - 64
    case "earliest": return 0
    case let text?:
      guard text.hasPrefix("0x"), let number = Int64(text.dropFirst(2), radix: 16) else {
        return nil
      }
      return number <= last ? number : nil
    }
  }

  // MARK: - Answers

  /// One request or a batch of at most 100.
  public mutating func handle(
    _ request: SimulatedRequest, at now: Instant
  ) -> SimulatedResponse {
    guard request.method == "POST" else { return .page(405, "405 Method Not Allowed") }
    let body = request.json
    guard case .array(let calls) = body else { return .json(answer(body, at: now)) }
    guard calls.count <= 100 else {
      return .json(EVMNode.failed(.null, -32_600, "batch is too large"))
    }
    return .json(.array(calls.map { answer($0, at: now) }))
  }

  private static func failed(_ id: JSON, _ code: Int, _ text: String) -> JSON {
    ["jsonrpc": "2.0", "id": id, "error": ["code": .count(code), "message": .string(text)]]
  }

  private func answer(_ call: JSON, at now: Instant) -> JSON {
    let id = call["id"] ?? .null
    let params = call["params"] ?? []
    guard let method = call["method"]?.plainText else {
      return EVMNode.failed(id, -32_600, "invalid request")
    }
    if method == "eth_call", isReverted(params) {
      return EVMNode.failed(id, 3, "execution reverted")
    }
    if method == "eth_getLogs" { return logs(params[0] ?? .null, id, at: now) }
    guard let result = result(method, params, at: now) else {
      let isKnown = method == "eth_getBalance" || method == "eth_call"
      return isKnown
        ? EVMNode.failed(id, -32_602, "invalid params")
        : EVMNode.failed(id, -32_601, "the method \(method) does not exist/is not available")
    }
    return ["jsonrpc": "2.0", "id": id, "result": result]
  }

  private func result(_ method: String, _ params: JSON, at now: Instant) -> JSON? {
    switch method {
    case "eth_chainId": return "0x1"
    case "net_version": return "1"
    case "web3_clientVersion": return "Simulated/1.0"
    case "eth_syncing": return false
    case "eth_gasPrice": return "0x12a05f200"
    case "eth_blockNumber": return .string(EVMNode.hex(EVMNode.block(now)))
    case "eth_getTransactionCount": return "0x5"
    case "eth_getCode": return "0x"
    case "eth_getBalance":
      guard let address = params[0]?.plainText, let block = number(params[1], at: now) else {
        return nil
      }
      let value = balance(address.lowercased(), -1, to: EVMNode.time(block))
      return .string(EVMNode.hex(value))
    case "eth_call":
      guard let call = params[0], let block = number(params[1], at: now) else { return nil }
      return contract(call, EVMNode.time(block))
    case "eth_getBlockByNumber":
      guard let block = number(params[0], at: now) else { return .null }
      return EVMNode.blockRow(block)
    case "eth_getTransactionByHash":
      return transaction(params[0]?.plainText ?? "", isReceipt: false)
    case "eth_getTransactionReceipt":
      return transaction(params[0]?.plainText ?? "", isReceipt: true)
    default: return nil
    }
  }

  private func isReverted(_ params: JSON) -> Bool {
    contracts.failing.contains(params[0]?["to"]?.plainText?.lowercased() ?? "")
  }

  /// `balanceOf`, `decimals`, `symbol` and `name` of a token; what protocols tell; anything else
  /// gives no bytes.
  private func contract(_ call: JSON, _ time: Instant) -> JSON {
    let name = call["to"]?.plainText?.lowercased() ?? ""
    let data = call["data"]?.plainText ?? call["input"]?.plainText ?? ""
    guard let place = EVMNode.tokens.firstIndex(where: { $0.contract == name }) else {
      return .string("0x" + (contracts.answer(name, data.lowercased()) ?? []).joined())
    }
    let token = EVMNode.tokens[place]
    switch data.prefix(10) {
    case "0x70a08231":
      let holder = "0x" + data.suffix(40).lowercased()
      return .string("0x" + EVMNode.word(balance(holder, place, to: time)))
    case "0x313ce567": return .string("0x" + EVMNode.word(UInt128(token.decimals)))
    case "0x95d89b41", "0x06fdde03":
      let text = Hex.text(token.symbol.utf8)
      let padding = String(repeating: "0", count: 64 - text.utf8.count)
      return .string(
        "0x" + EVMNode.word(32) + EVMNode.word(UInt128(token.symbol.utf8.count)) + text + padding)
    default: return "0x"
    }
  }

  private static func blockHash(_ block: Int64) -> String {
    "0x" + SeededText.hex(64, mixed(UInt64(bitPattern: block), 19))
  }

  private static func blockRow(_ block: Int64) -> JSON {
    [
      "number": .string(hex(block)), "hash": .string(blockHash(block)),
      "parentHash": .string(blockHash(block - 1)), "timestamp": .string(hex(time(block).seconds)),
      "gasLimit": "0x1c9c380", "gasUsed": "0x989680", "baseFeePerGas": "0x12a05f200",
      "transactions": [],
    ]
  }

  private func transaction(_ hash: String, isReceipt: Bool) -> JSON {
    guard let place = transfers.firstIndex(where: { $0.hash == hash.lowercased() }) else {
      return .null
    }
    let transfer = transfers[place]
    let block = EVMNode.block(transfer.time)
    let to = transfer.token < 0 ? transfer.to : EVMNode.tokens[transfer.token].contract
    var row = JSONObject([
      (isReceipt ? "transactionHash" : "hash", .string(transfer.hash)),
      ("blockNumber", .string(EVMNode.hex(block))),
      ("blockHash", .string(EVMNode.blockHash(block))), ("transactionIndex", "0x0"),
      ("from", .string(transfer.from)), ("to", .string(to)),
    ])
    if isReceipt {
      row.set("status", "0x1")
      row.set("gasUsed", "0x5208")
      row.set("effectiveGasPrice", "0x0")
      row.set("logs", transfer.token < 0 ? [] : [logRow(transfer)])
    } else {
      row.set("value", .string(EVMNode.hex(transfer.token < 0 ? transfer.amount : 0)))
      row.set("gas", "0x5208")
      row.set("nonce", "0x1")
      row.set("input", "0x")
    }
    return .object(row)
  }

  // MARK: - Logs

  /// `Transfer(address,address,uint256)`.
  private static let topic = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"

  private func logRow(_ transfer: Transfer) -> JSON {
    let block = EVMNode.block(transfer.time)
    return [
      "address": .string(EVMNode.tokens[transfer.token].contract),
      "topics": [
        .string(EVMNode.topic), .string("0x" + EVMNode.word(transfer.from)),
        .string("0x" + EVMNode.word(transfer.to)),
      ],
      "data": .string("0x" + EVMNode.word(transfer.amount)),
      "blockNumber": .string(EVMNode.hex(block)), "blockHash": .string(EVMNode.blockHash(block)),
      "transactionHash": .string(transfer.hash), "transactionIndex": "0x0", "logIndex": "0x0",
      "removed": false,
    ]
  }

  private func logs(_ filter: JSON, _ id: JSON, at now: Instant) -> JSON {
    guard let from = number(filter["fromBlock"], at: now) else {
      return EVMNode.failed(id, -32_602, "invalid block range params")
    }
    let to = number(filter["toBlock"], at: now) ?? EVMNode.block(now)
    guard to - from < logBlocksMost else {
      return EVMNode.failed(id, -32_005, "query exceeds max block range \(logBlocksMost)")
    }
    let contracts = EVMNode.choices(filter["address"])
    let rows = transfers.filter { transfer in
      guard transfer.token >= 0 else { return false }
      let block = EVMNode.block(transfer.time)
      guard block >= from, block <= to, transfer.time <= now else { return false }
      let name = EVMNode.tokens[transfer.token].contract
      guard contracts.isEmpty || contracts.contains(name) else { return false }
      let topics = [
        EVMNode.topic, "0x" + EVMNode.word(transfer.from), "0x" + EVMNode.word(transfer.to),
      ]
      return topics.enumerated().allSatisfy { place, topic in
        let wanted = EVMNode.choices(filter["topics"]?[place])
        return wanted.isEmpty || wanted.contains(topic)
      }
    }
    return ["jsonrpc": "2.0", "id": id, "result": .array(rows.map(logRow))]
  }

  /// One text, a list of texts, or nothing for any.
  private static func choices(_ json: JSON?) -> [String] {
    switch json {
    case .array(let elements)?: elements.compactMap { $0.plainText?.lowercased() }
    case .string(let text)?: [text.lowercased()]
    default: []
    }
  }
}
