import Amounts
import Encodings
import VenueKit

/// Prices have five significant figures and a number of decimals that depends on the market.
///
// https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/tick-and-lot-size
enum HyperliquidPrice {
  /// A market order is a limit order that gives way by a twentieth, as in the venue's own library.
  static func text(_ price: Fixed, _ order: NewOrder) throws(VenueFault) -> String {
    do {
      var limit = price
      if order.type == .market {
        let factor = Fixed(units: Fixed.scale / 20 * (order.side == .buy ? 21 : 19))
        limit = try price.multiplied(by: factor, rounding: .halfEven)
      }
      return try limit.rounded(toDigits: digits(limit, order.market), rounding: .halfEven).text
    } catch {
      throw .unsupported("a price out of range")
    }
  }

  static func digits(_ price: Fixed, _ market: Market) -> Int {
    var sizeDigits = 0
    var step = market.amountStep?.units ?? Fixed.scale
    while step > 0, step < Fixed.scale {
      step *= 10
      sizeDigits += 1
    }
    let most = max(0, (market.kind == .spot ? 8 : 6) - sizeDigits)
    // Each power of ten up takes a decimal away, each one down gives one more.
    var figures = 5
    var units = price.units.magnitude
    let one = UInt128(Fixed.scale)
    while units >= one {
      units /= 10
      figures -= 1
    }
    while units > 0, units < one / 10 {
      units *= 10
      figures += 1
    }
    return min(max(0, figures), most)
  }
}

/// Signatures of actions: an agent's over the action's hash, or the user's over readable fields.
///
/// https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/signing and the venue's own
/// library, https://github.com/hyperliquid-dex/hyperliquid-python-sdk (hyperliquid/utils/signing.py)
enum HyperliquidSigning {
  static let recipe = Recipe(
    [
      .addNumber("nonce", .nonce(.milliseconds)),
      .custom { draft throws(VenueFault) in try sign(&draft) },
      .jsonBody,
    ], adds: ["signature"])

  static func sign(_ draft: inout Draft) throws(VenueFault) {
    guard let action = draft.parameters["action"], case .object(let members) = action else {
      throw .unsupported("an action that is no object")
    }
    let secret = try draft.text(.field("privateKey"))
    let tools = draft.tools
    let data: EIP712
    if case .string(let chain)? = members["signatureChainId"] {
      data = try readable(members, chain)
    } else {
      data = agent(try hash(action, draft))
    }
    let signature = try Draft.signed { () throws(SigningFault) in
      try data.signature(key: try EthereumSignature.key(secret), tools: tools)
    }
    draft.parameters["signature"] = [
      "r": .string("0x" + Hex.text(signature.r)), "s": .string("0x" + Hex.text(signature.s)),
      "v": .number(String(signature.v)),
    ]
  }

  static func hash(_ action: JSON, _ draft: Draft) throws(VenueFault) -> [UInt8] {
    var bytes = MessagePack.bytes(action)
    bytes += try number(draft.parameters["nonce"])
    if case .string(let vault)? = draft.parameters["vaultAddress"] {
      guard let address = Hex.prefixedBytes(vault) else { throw .unsigned("no vault's address") }
      bytes += [1] + address
    } else {
      bytes.append(0)
    }
    if let expires = draft.parameters["expiresAfter"] { bytes += [0] + (try number(expires)) }
    return Keccak256.hash(bytes)
  }

  static func number(_ json: JSON?) throws(VenueFault) -> [UInt8] {
    guard let json, let value = UInt64(json.plainText) else { throw .unsigned("no whole number") }
    return (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) }
  }

  static let nowhere: JSON = "0x0000000000000000000000000000000000000000"

  static func agent(_ hash: [UInt8]) -> EIP712 {
    EIP712(
      domain: ["name": "Exchange", "version": "1", "chainId": 1337, "verifyingContract": nowhere],
      types: [
        "Agent": [EIP712.Field("source", "string"), EIP712.Field("connectionId", "bytes32")]
      ],
      primary: "Agent",
      message: ["source": "a", "connectionId": .string("0x" + Hex.text(hash))])
  }

  static let types: [String: (name: String, fields: [EIP712.Field])] = [
    "usdSend": ("UsdSend", texts(["destination", "amount"]) + [EIP712.Field("time", "uint64")]),
    "withdraw3": (
      "Withdraw", texts(["destination", "amount"]) + [EIP712.Field("time", "uint64")]
    ),
    "spotSend": (
      "SpotSend", texts(["destination", "token", "amount"]) + [EIP712.Field("time", "uint64")]
    ),
    "usdClassTransfer": (
      "UsdClassTransfer",
      texts(["amount"]) + [EIP712.Field("toPerp", "bool"), EIP712.Field("nonce", "uint64")]
    ),
    "sendAsset": (
      "SendAsset",
      texts(["destination", "sourceDex", "destinationDex", "token", "amount", "fromSubAccount"])
        + [EIP712.Field("nonce", "uint64")]
    ),
  ]

  static func texts(_ names: [String]) -> [EIP712.Field] {
    (["hyperliquidChain"] + names).map { EIP712.Field($0, "string") }
  }

  static func readable(_ action: JSONObject, _ chain: String) throws(VenueFault) -> EIP712 {
    guard case .string(let type)? = action["type"], let (name, fields) = types[type] else {
      throw .unsupported("signing this action")
    }
    let primary = "HyperliquidTransaction:" + name
    return EIP712(
      domain: [
        "name": "HyperliquidSignTransaction", "version": "1", "chainId": .string(chain),
        "verifyingContract": nowhere,
      ],
      types: [primary: fields], primary: primary, message: .object(action))
  }
}
