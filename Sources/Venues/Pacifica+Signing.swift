import Encodings
import VenueKit

/// How Pacifica's posts are signed: Ed25519 with the account's Solana key over a sorted JSON text of
/// the operation's own members.
///
/// https://docs.pacifica.fi/api-documentation/api/signing
enum PacificaSigning {
  /// An operation: its name in what is signed, and the members that it knows.
  ///
  /// Other members are sent, and not signed.
  struct Operation: Sendable {
    let name: String
    let members: Set<String>
  }

  private static let order: Set<String> = [
    "symbol", "side", "amount", "reduce_only", "client_order_id", "builder_code", "take_profit",
    "stop_loss",
  ]
  private static let cancelling: Set<String> = ["symbol", "order_id", "client_order_id"]

  // https://docs.pacifica.fi/api-documentation/api/signing/operation-types
  private static let operations: [String: Operation] = [
    "orders/create": Operation(name: "create_order", members: order.union(["price", "tif"])),
    "orders/create_market": Operation(
      name: "create_market_order", members: order.union(["slippage_percent"])),
    "orders/stop/create": Operation(
      name: "create_stop_order", members: order.union(["stop_order"])),
    "orders/cancel": Operation(name: "cancel_order", members: cancelling),
    "orders/stop/cancel": Operation(name: "cancel_stop_order", members: cancelling),
    "orders/cancel_all": Operation(
      name: "cancel_all_orders", members: ["all_symbols", "exclude_reduce_only", "symbol"]),
    "orders/edit": Operation(
      name: "edit_order", members: cancelling.union(["price", "amount"])),
    "positions/tpsl": Operation(
      name: "set_position_tpsl", members: ["symbol", "side", "take_profit", "stop_loss"]),
    "account/leverage": Operation(name: "update_leverage", members: ["symbol", "leverage"]),
    "account/margin": Operation(
      name: "update_margin_mode", members: ["symbol", "is_isolated"]),
    "account/withdraw": Operation(name: "withdraw", members: ["amount"]),
    "account/subaccount/transfer": Operation(
      name: "transfer_funds", members: ["to_account", "amount"]),
  ]
  private static let actions = ["Create": "orders/create", "Cancel": "orders/cancel"]

  /// Signs the draft's parameters in their place.
  static let step: @Sendable (inout Draft) throws(VenueFault) -> Void = {
    draft throws(VenueFault) in
    let path = String(draft.path.dropFirst(draft.prefix.count))
    guard path != "orders/batch" else {
      draft.parameters["actions"] = try batch(draft.parameters["actions"] ?? .null, draft)
      return
    }
    guard let operation = operations[path] else {
      throw .unsupported("the operation \(path)")
    }
    draft.parameters.items = try signed(draft.parameters.items, operation, draft)
  }

  private static func batch(_ list: JSON, _ draft: Draft) throws(VenueFault) -> JSON {
    var results: [JSON] = []
    for action in try Node(list).elements() {
      let word = try action.text("type")
      guard let path = actions[word], let operation = operations[path] else {
        throw .unsupported("the action \(word)")
      }
      var items: [Parameters.Item] = []
      for member in try action["data"].members() {
        items.append(Parameters.Item(member.key, member.json ?? .null))
      }
      let all = try signed(items, operation, draft)
      results.append([
        "type": .string(word),
        "data": .object(JSONObject(all.map { ($0.name, $0.value) })),
      ])
    }
    return .array(results)
  }

  /// Account, signature, time and the members.
  private static func signed(
    _ items: [Parameters.Item], _ operation: Operation, _ draft: Draft
  ) throws(VenueFault) -> [Parameters.Item] {
    let made: Set<String> = ["account", "signature", "timestamp", "expiry_window", "agent_wallet"]
    let own = items.filter { !made.contains($0.name) }
    let time = JSON.number(TimeForm.milliseconds.write(draft.moment.time))
    let data = own.filter { operation.members.contains($0.name) }.map { ($0.name, $0.value) }
    let message: JSON = [
      "data": .object(JSONObject(data)), "expiry_window": 5_000, "timestamp": time,
      "type": .string(operation.name),
    ]
    let text = Array(sorted(message).text.utf8)
    guard let key = Base58.bytes(try draft.text(.field("privateKey"))) else {
      throw .unsigned("the private key is not base58")
    }
    let tools = draft.tools
    let signature = try Draft.signed { () throws(SigningFault) in try tools.ed25519(key, text) }
    let account = try draft.text(.field("walletAddress"))
    return [
      Parameters.Item("account", .string(account)),
      Parameters.Item("signature", .string(Base58.text(signature))),
      Parameters.Item("timestamp", time), Parameters.Item("expiry_window", 5_000),
    ] + own
  }

  private static func sorted(_ value: JSON) -> JSON {
    switch value {
    case .object(let members):
      let pairs = zip(members.names, members.values).map { ($0, sorted($1)) }
      return .object(
        JSONObject(pairs.sorted { Array($0.0.utf8).lexicographicallyPrecedes(Array($1.0.utf8)) }))
    case .array(let elements): return .array(elements.map { sorted($0) })
    default: return value
    }
  }
}
