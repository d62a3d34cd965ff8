import Encodings
import Ledger
import Wallets

/// What was read, as the names that cases use.
enum Figures {
  /// Decimals of tokens that cases ask for by contract; a reader learns them from `decimals()`.
  static let decimals: [String: Int] = [
    "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48": 6,
    "0xdac17f958d2ee523a2206206994597c13d831ec7": 6,
    "0x6b175474e89094c44da98b954eedeac495271d0f": 18,
    "0x2260fac5e5542a773aa44fbcfedf7c193bc2c599": 8,
    "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2": 18,
    "0x514910771af9ca656af840dff83e8264ecf986ca": 18,
    "0x9f8f72aa9304c8b593d555f12ef6589cc3a579a2": 18,
    "tr7nhqjekqgxgtci8q8zy4pl8otszgjlj6t": 6,
  ]

  static func adding(_ members: JSON, _ more: JSON) -> JSON {
    guard case .object(var object) = members, case .object(let added) = more else { return members }
    for (name, value) in zip(added.names, added.values) { object.set(name, value) }
    return .object(object)
  }

  static func amount(_ amount: ChainAmount, symbol: String) -> JSON {
    [
      "asset": .string(symbol), "units": .string(amount.unitsText), "amount": .string(amount.text),
    ]
  }

  static func account(_ account: ChainAccount, _ chain: String) -> JSON {
    let native = AssetID.native(chain: chain)
    let own = account.balances.filter { $0.asset == native }
    let tokens = account.balances.filter { $0.asset != native }
    var object = JSONObject([("exists", .bool(account.exists))])
    if let first = own.first {
      object.set("asset", .string(first.symbol))
      object.set("decimals", .number(String(first.amount.decimals)))
      let free = account.amount(of: native, .available)
      if let free {
        object.set("amount", .string(free.text))
        object.set("units", .string(free.unitsText))
        object.set("confirmed", .string(free.text))
      }
      if let total = account.total(of: native) { object.set("total", .string(total.text)) }
      for part in [ChainBalance.Part.pending, .staked, .locked, .unbonding] {
        let name = part.rawValue
        guard let amount = account.amount(of: native, part) else { continue }
        object.set(name, .string(amount.text))
        // Cases call NEAR's own staking "locked".
        if chain == "near", part == .staked { object.set("locked", .string(amount.text)) }
      }
    }
    if let count = account.ownerCount { object.set("ownerCount", .number(String(count))) }
    if let count = account.transactionCount { object.set("transactions", .number(String(count))) }
    if let count = account.usedAddresses { object.set("usedAddresses", .number(String(count))) }
    object.set("tokens", .array(tokens.map { balance($0, account) }))
    object.set("balances", .array(account.balances.map { balance($0, account) }))
    let staked = account.balances.filter { $0.part == .staked }
    if chain != "tron", chain != "near" {
      object.set("staked", .array(staked.map { balance($0, account) }))
    }
    return .object(object)
  }

  private static func balance(_ balance: ChainBalance, _ account: ChainAccount) -> JSON {
    var object = JSONObject([
      ("units", .string(balance.amount.unitsText)), ("currency", .string(balance.symbol)),
      ("part", .string(balance.part.rawValue)),
    ])
    if balance.areDecimalsKnown {
      object.set("asset", .string(balance.symbol))
      object.set("amount", .string(balance.amount.text))
      object.set("decimals", .number(String(balance.amount.decimals)))
    }
    if let total = account.total(of: balance.asset) { object.set("total", .string(total.text)) }
    let locked = account.amount(of: balance.asset, .locked)
    object.set("locked", .string(locked?.text ?? "0"))
    switch balance.asset {
    case .contract(_, let address):
      let parts = address.split { $0 == "." || $0 == "-" }
      for name in ["mint", "denom", "contract", "token", "unit", "id"] {
        object.set(name, .string(address))
      }
      if parts.count == 2 { object.set("issuer", .string(String(parts[1]))) }
    case .native(let chain):
      let denoms = ["cosmos-hub": "uatom", "osmosis": "uosmo", "celestia": "utia"]
      object.set("denom", .string(denoms[chain] ?? balance.symbol))
    default: break
    }
    return .object(object)
  }

  static func signature(_ signature: SolanaSignature) -> JSON {
    [
      "ok": .bool(signature.isSuccess), "final": .bool(signature.isFinal),
      "time": signature.time.map { .number(String($0)) } ?? .null,
      "signature": .string(signature.signature), "slot": .number(String(signature.slot)),
    ]
  }

  static func output(_ output: UnspentOutput) -> JSON {
    [
      "out": .string(output.place), "amount": .string(output.amount.text),
      "confirmed": .bool(output.isConfirmed),
    ]
  }

  static func transaction(_ transaction: ScriptTransaction, own: String) -> JSON {
    var object = JSONObject([
      ("txid", .string(transaction.id)),
      ("time", transaction.time.map { .number(String($0)) } ?? .null),
      ("confirmed", .bool(transaction.time != nil)),
    ])
    guard let effect = transaction.effect(own: [own]) else { return .object(object) }
    object.set("net", .string(effect.net.text))
    if let fee = effect.fee { object.set("fee", .string(fee.text)) }
    object.set("sentTo", .array(effect.sentTo.map { .string($0) }))
    object.set("change", .string(effect.change.text))
    return .object(object)
  }

  static func transfer(_ transfer: TokenTransfer, own: [UInt8]) -> JSON {
    let token = EthereumAddress.text(transfer.token)
    let decimals = decimals[token.lowercased()] ?? 0
    let amount = ChainAmount(units: transfer.units, decimals: decimals)
    let isIncoming = transfer.to == own
    return [
      "token": .string(token), "direction": isIncoming ? "in" : "out",
      "from": .string(EthereumAddress.text(transfer.from)),
      "to": .string(EthereumAddress.text(transfer.to)), "units": .string(amount.unitsText),
      "amount": .string(amount.text), "block": .number(String(transfer.block)),
      "logIndex": .number(String(transfer.logIndex)),
    ]
  }
}

/// How figures found differ from those expected; more may be found than a case names.
enum FigureDifferences {
  static func lines(_ expected: JSON, _ found: JSON, at path: String = "") -> [String] {
    switch expected {
    case .object(let object):
      return zip(object.names, object.values).flatMap { name, value -> [String] in
        if name == "note" || name == "about" { return [] }
        return lines(value, found[name], at: path + "." + name)
      }
    case .array(let elements): return list(elements, found, path)
    default:
      if expected == found || expected.plain != nil && expected.plain == found.plain { return [] }
      return ["\(path): expected \(expected.text), found \(found.text)"]
    }
  }

  /// Elements in any order, each once; as many as expected, parts of zero left out.
  private static func list(_ expected: [JSON], _ found: JSON, _ path: String) -> [String] {
    guard case .array(var rest) = found else { return ["\(path): expected a list"] }
    var reasons: [String] = []
    for element in expected {
      if let place = rest.firstIndex(where: { lines(element, $0).isEmpty }) {
        rest.remove(at: place)
      } else {
        reasons.append("\(path): expected \(element.text), found \(found.text.prefix(600))")
      }
    }
    let surplus = rest.filter { $0["part"].string == nil || $0["part"].string == "available" }
    if !surplus.isEmpty { reasons.append("\(path): not expected: \(surplus.map(\.text))") }
    return reasons
  }
}
