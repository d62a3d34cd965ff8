import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Kraken, spot and margin.
  public static let kraken = Venue(
    id: "kraken", name: "Kraken",
    documents: [
      "https://docs.kraken.com/api/docs/guides/spot-rest-auth",
      "https://docs.kraken.com/api/docs/rest-api/get-extended-balance",
      "https://docs.kraken.com/api/docs/guides/spot-ws-intro",
    ],
    surfaces: [
      Surface("public", Kraken.host, "/0/public/"),
      Surface("private", Kraken.host, "/0/private/", Kraken.recipe),
    ],
    limits: Kraken.limits, faults: Kraken.faults, aliases: Kraken.aliases, feeds: Kraken.feeds,
    desk: Kraken.desk, streams: [Kraken.marketStream, Kraken.userStream],
    needsGrowingNonce: true,
    unseen: [
      "futures: they are the venue krakenfutures, with keys of its own",
      "tokenised shares' markets", "NFTs", "opening dates of margin positions",
    ])
}

// https://docs.kraken.com/api/docs/guides/spot-rest-auth
enum Kraken {
  static let host = "https://api.kraken.com"

  /// The nonce leads; the body is a form whose names stay as they are (`close[price]`), but JSON
  /// where a value is a list or a percentage.
  ///
  /// SHA-256 of nonce and body after the path's bytes.
  static let recipe = Recipe([
    .lead("nonce", .nonce(.milliseconds)),
    .bind("nonce", .parameter("nonce")),
    .custom(writeBody),
    .header("API-Key", .key),
    .header(
      "API-Sign",
      .base64(
        .hmac(
          .sha512, key: .unbase64(.secret),
          .join([.path, .hash(.sha256, .join([.value("nonce"), .body]))])))),
  ])

  private static func writeBody(_ draft: inout Draft) throws(VenueFault) {
    let needsJSON = draft.parameters.items.contains { item in
      if case .array = item.value { return true }
      return item.value.plainText.hasSuffix("%")
    }
    if needsJSON { return try draft.run([.jsonBody]) }
    let pairs = draft.parameters.items.map {
      $0.name + "=" + Escaping.strict($0.value.plainText)
    }
    try draft.run([
      .body(.text(pairs.joined(separator: "&")), contentType: "application/x-www-form-urlencoded")
    ])
  }

  // https://docs.kraken.com/api/docs/guides/spot-rest-ratelimits: the lowest tier's counter;
  // placing and cancelling draw on the trading engine's own.
  static let limits = Limits([
    LimitBucket("counter", capacity: 15, refill: .steady(perSecond: 0.33), scope: .key),
    LimitBucket("public", capacity: 1, refill: .steady(perSecond: 1), scope: .address),
    LimitBucket("orders", capacity: 60, refill: .steady(perSecond: 1), scope: .key),
  ])

  // https://docs.kraken.com/api/docs/guides/spot-errors
  static let faults = FaultTable(
    codes: [
      "EAPI:Rate limit exceeded": .rate, "EOrder:Rate limit exceeded": .rate,
      "EGeneral:Temporary lockout": .banned, "EAPI:Invalid nonce": .clock,
      "EAPI:Invalid key": .auth, "EAPI:Invalid signature": .auth,
      "EGeneral:Permission denied": .auth, "EGeneral:Invalid arguments": .definitive,
      "EGeneral:Internal error": .unknownOutcome, "EService:Unavailable": .retryable,
      "EService:Busy": .retryable, "EService:Timeout": .unknownOutcome,
      "EService:Deadline elapsed": .retryable, "EOrder:Insufficient funds": .funds,
      "EOrder:Insufficient margin": .funds, "EFunding:Insufficient funds": .funds,
      "EOrder:Unknown order": .orderNotFound, "EOrder:Invalid order": .orderNotFound,
      "EQuery:Unknown asset pair": .definitive, "EQuery:Unknown asset": .definitive,
    ],
    texts: [
      "Rate limit exceeded": .rate, "Throttled": .rate, "Temporary lockout": .banned,
      "Invalid nonce": .clock, "EAPI:Invalid": .auth, "EAuth:": .auth,
      "Permission denied": .auth, "Insufficient": .funds, "Unknown order": .orderNotFound,
      "EService:": .retryable, "Internal error": .unknownOutcome,
    ],
    find: { body, _ in
      guard case .array(let errors)? = body["error"].json else { return nil }
      // Warnings begin with W and come beside a result.
      let refusals = errors.map(\.plainText).filter { !$0.hasPrefix("W") }
      guard let first = refusals.first else { return nil }
      let code = first.split(separator: ":", maxSplits: 2).prefix(2).joined(separator: ":")
      return (code: code, message: refusals.joined(separator: "; "))
    })

  // The old codes of https://api.kraken.com/0/public/Assets, and those of holdings that earn.
  static let aliases: [String: String] = [
    "XXBT": "BTC", "XBT": "BTC", "XETH": "ETH", "XETC": "ETC", "XLTC": "LTC", "XMLN": "MLN",
    "XREP": "REP", "XXDG": "DOGE", "XDG": "DOGE", "XXLM": "XLM", "XXMR": "XMR", "XXRP": "XRP",
    "XZEC": "ZEC", "ZAUD": "AUD", "ZCAD": "CAD", "ZEUR": "EUR", "ZGBP": "GBP", "ZJPY": "JPY",
    "ZUSD": "USD", "ETH2": "ETH",
  ]

  /// An asset and the part of the account that a code such as `DOT28.S` or `XBT.M` means.
  ///
  /// S and P are staked, B, F, M and T earn; two digits before `.S` are days of waiting.
  /// https://docs.kraken.com/api/docs/rest-api/get-extended-balance
  static func holding(_ code: String) -> (asset: String, part: AccountPart) {
    let halves = code.split(separator: ".", maxSplits: 1).map(String.init)
    guard halves.count == 2, let asset = halves.first else { return (code, .spot) }
    switch halves[1] {
    case "S", "P":
      let isTimed = asset.utf8.count > 3 && asset.suffix(2).allSatisfy(\.isNumber)
      return (isTimed ? String(asset.dropLast(2)) : asset, .staking)
    case "B", "F", "M", "T": return (asset, .earn)
    default: return (code, .spot)
    }
  }

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    let (asset, part) = holding(row.key)
    return Balance(
      asset: asset, used: try row.optionalDecimal("hold_trade") ?? .zero,
      total: try row.decimal("balance"), part: part)
  }

  // https://docs.kraken.com/api/docs/rest-api/get-trade-history: margin trades move no asset; what
  // they gain or lose stands in the ledger.
  static func fill(_ row: Node, _ ask: Ask) throws(VenueFault) -> Fill? {
    let pair = try row.text("pair")
    let quote = ask.markets.market(pair, .spot)?.quote ?? ask.market?.quote
    let fee = try row.optionalDecimal("fee")
    let isMargin = try row["margin"].decimalButZero() != nil
    return Fill(
      id: try row.optionalText("id") ?? row.key, order: try row.optionalText("ordertxid"),
      time: try row.time(.seconds, "time"), market: pair, side: try row["type"].sideOfWord(),
      price: try row.decimal("price"), amount: try row.decimal("vol"),
      cost: try row.optionalDecimal("cost"),
      // Without the market's record nothing can be booked, so the fee's asset may be unnamed.
      fees: fee.map { [VenueAmount(quote ?? "", $0)] } ?? [],
      isMaker: try row.optionalFlag("maker"), part: isMargin ? .margin : .spot)
  }

  // https://docs.kraken.com/api/docs/rest-api/get-status-recent-deposits
  static func deposit(_ row: Node, _: Ask) throws(VenueFault) -> Transfer? {
    try transfer(row, .deposit)
  }

  // https://docs.kraken.com/api/docs/rest-api/get-status-recent-withdrawals
  static func withdrawal(_ row: Node, _: Ask) throws(VenueFault) -> Transfer? {
    try transfer(row, .withdrawal)
  }

  private static func transfer(
    _ row: Node, _ direction: Transfer.Direction
  ) throws(VenueFault) -> Transfer {
    let asset = try row.text("asset")
    let fee = try row.optionalDecimal("fee")
    return Transfer(
      id: try row.text("refid"), transactionHash: try row.optionalText("txid"),
      time: try row.time(.seconds, "time"), direction: direction, asset: asset,
      amount: try row.decimal("amount"), fee: fee.map { VenueAmount(asset, $0) },
      network: try row.optionalText("network", "method"),
      address: try row.optionalText("info"), status: try transferStatus(row))
  }

  private static func transferStatus(_ row: Node) throws(VenueFault) -> Transfer.Status? {
    switch try row.optionalText("status-prop") {
    case "canceled": return .canceled
    case "return", "returned": return .failed
    case "cancel-pending", "onhold": return .pending
    default: break
    }
    return switch try row.optionalText("status") {
    case "Initial", "Pending", "Settled": .pending
    case "Success": .ok
    case "Failure": .failed
    default: nil
    }
  }

  // https://docs.kraken.com/api/docs/rest-api/get-ledgers
  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let (asset, part) = holding(try row.text("asset"))
    let type = try row.text("type")
    let subtype = try row.optionalText("subtype") ?? ""
    let amount = try row.decimal("amount")
    let fee = try row["fee"].decimalButZero()
    return StatementRow(
      id: try row.optionalText("id") ?? row.key, time: try row.time(.seconds, "time"),
      asset: asset, amount: amount, kind: kind(type, subtype, amount),
      type: subtype.isEmpty ? type : "\(type) \(subtype)",
      reference: try row.optionalText("refid"), fee: fee.map { VenueAmount(asset, $0) },
      after: try row.optionalDecimal("balance"), part: part,
      isToldElsewhere: ["trade", "deposit", "withdrawal"].contains(type))
  }

  private static func kind(_ type: String, _ subtype: String, _ amount: Fixed) -> EntryKind? {
    switch type {
    case "trade", "spend", "receive", "sale", "conversion", "settled": .trade
    case "deposit": .deposit
    case "withdrawal": .withdrawal
    case "transfer": subtype.isEmpty ? nil : .internalTransfer
    case "custodytransfer", "wallettransfer": .internalTransfer
    case "margin": amount.isNegative ? .marginLoss : .marginGain
    case "rollover": .marginFee
    case "staking": .staking
    case "adjustment": .adjustment
    case "earn":
      ["reward", "bonus", ""].contains(subtype) ? .staking : .internalTransfer
    case "reward", "dividend": .reward
    case "invite bonus", "referral": .referral
    case "nftrebate": .feeRebate
    default: nil
    }
  }

  // https://docs.kraken.com/api/docs/rest-api/get-open-positions
  static func position(_ row: Node, _: Ask) throws(VenueFault) -> OpenPosition? {
    let volume = try row.decimal("vol")
    let closed = try row.optionalDecimal("vol_closed") ?? .zero
    let cost = try row.optionalDecimal("cost")
    return OpenPosition(
      market: try row.text("pair"), isLong: try row["type"].sideOfWord().map { $0 == .buy },
      contracts: try? volume.subtracting(closed),
      entryPrice: try? cost?.divided(by: volume, rounding: .halfEven),
      unrealised: try row.optionalDecimal("net"), leverage: try row.optionalDecimal("leverage"),
      margin: try row.optionalDecimal("margin"), isIsolated: false,
      time: try row.optionalTime(.seconds, "time"), part: .margin)
  }

  // https://docs.kraken.com/api/docs/rest-api/get-api-key-info
  static func rights(_ row: Node, _: Ask) throws(VenueFault) -> KeyRights? {
    var names: [String] = []
    for right in try row["permissions"].elements() { names.append(try right.text().lowercased()) }
    let addresses = row.first(["ip_allowlist", "ipAllowlist"])
    var allowed: [String]?
    if addresses.json != nil {
      allowed = []
      for address in try addresses.optionalElements() { allowed?.append(try address.text()) }
    }
    return KeyRights(
      canRead: names.contains { $0.contains("query") },
      canTrade: names.contains { $0.contains("modify") || $0.contains("create") },
      canWithdraw: names.contains { $0.contains("withdraw") }, addresses: allowed,
      expires: try row.optionalTime(.seconds, "valid_until", "validUntil"),
      made: try row.optionalTime(.seconds, "created_time", "createdTime"))
  }
}
