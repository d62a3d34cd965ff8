import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Bitfinex: exchange, margin, funding and derivatives.
  public static let bitfinex = Venue(
    id: "bitfinex", name: "Bitfinex",
    documents: [
      "https://docs.bitfinex.com/docs/rest-auth", "https://docs.bitfinex.com/docs/rest-public",
      "https://docs.bitfinex.com/docs/ws-general",
    ],
    surfaces: [
      Surface("public", "https://api-pub.bitfinex.com", "/v2/"),
      Surface("private", "https://api.bitfinex.com", "/v2/", Bitfinex.recipe),
    ],
    limits: Bitfinex.limits, faults: Bitfinex.faults, aliases: Bitfinex.aliases,
    feeds: Bitfinex.feeds, desk: Bitfinex.desk,
    streams: [Bitfinex.marketStream, Bitfinex.userStream], needsGrowingNonce: true,
    unseen: ["sub-accounts", "loans asked and offered one by one (their interest is seen)"])
}

// https://docs.bitfinex.com/docs/rest-auth
enum Bitfinex {
  /// Every private call is a POST of JSON, signed after `/api`, path and nonce.
  static let recipe = Recipe([
    .bind("nonce", .nonce(.milliseconds)),
    .jsonBody,
    .header("bfx-nonce", .value("nonce")),
    .header("bfx-apikey", .key),
    .header(
      "bfx-signature",
      .hex(.hmac(.sha384, key: .secret, .join(["/api", .path, .value("nonce"), .body])))),
  ])

  // https://docs.bitfinex.com/docs/requirements-and-limitations: 10 to 90 calls a minute by route;
  // the buckets hold the lower of what a group's routes are given. An address that asks too often is
  // blocked for a minute, whatever keys it uses: all accounts share.
  static let limits = Limits([
    LimitBucket("private", capacity: 45, refill: .window(seconds: 60), scope: .address),
    LimitBucket("public", capacity: 30, refill: .window(seconds: 60), scope: .address),
    LimitBucket("history", capacity: 15, refill: .window(seconds: 60), scope: .address),
  ])

  // https://docs.bitfinex.com/docs/abbreviations-glossary#error-codes
  static let faults = FaultTable(
    codes: [
      "10100": .auth, "10111": .auth, "10112": .auth, "10113": .auth, "10114": .clock,
      "10200": .auth, "11010": .rate, "11000": .retryable, "20060": .retryable,
      "20061": .retryable, "ERR_RATE_LIMIT": .rate,
    ],
    texts: [
      "nonce": .clock, "ratelimit": .rate, "rate limit": .rate, "apikey": .auth,
      "signature": .auth, "not enough": .funds, "insufficient": .funds,
      "order not found": .orderNotFound, "temporarily_unavailable": .retryable,
      "maintenance": .retryable,
    ],
    find: { body, status in find(body, status) })

  /// `["error", code, text]`, `{"error": text}`, or a notification that tells of a failure.
  private static func find(_ body: Node, _ status: Int) -> (code: String, message: String)? {
    func word(_ node: Node) -> String { ((try? node.optionalText()) ?? nil) ?? "" }
    if word(body[0]) == "error" { return (word(body[1]), word(body[2])) }
    if ["ERROR", "FAILURE"].contains(word(body[6])) { return (word(body[5]), word(body[7])) }
    guard !body["error"].isNothing else { return nil }
    return (word(body["error"]), word(body.first(["message", "error"])))
  }

  // https://api-pub.bitfinex.com/v2/conf/pub:map:currency:sym, and the F0 that marks what
  // derivatives are made of.
  static let aliases: [String: String] = [
    "UST": "USDT", "USTF0": "USDT", "UDC": "USDC", "EUTF0": "EURT", "EUT": "EURT",
    "BTCF0": "BTC", "ETHF0": "ETH", "TESTUSDTF0": "TESTUSDT", "ALG": "ALGO", "AMP": "AMPL",
    "ATO": "ATOM", "BCHN": "BCH", "DAT": "DATA", "DSH": "DASH", "EUS": "EURS", "IDX": "ID",
    "IOT": "IOTA", "IQX": "IQ", "LUNA": "LUNC", "LUNA2": "LUNA", "MNA": "MANA", "QTM": "QTUM",
    "RBT": "RBTC", "STJ": "STORJ", "TERRAUST": "USTC", "TSD": "TUSD", "VSY": "VSYS",
    "WAX": "WAXP", "XCH": "XCHF", "USK": "USDK", "YYW": "YOYOW",
  ]

  // MARK: - Rows

  // https://docs.bitfinex.com/reference/rest-auth-wallets
  static func balance(_ type: String, _ part: AccountPart) -> Feed<Balance> {
    Feed(
      part: part,
      calls: { ask in
        [Call("private", "POST", "auth/r/wallets", cost: ["private": 1])]
      }, rows: Picks.list(),
      row: { row, _ throws(VenueFault) in
        guard try row[0].text() == type else { return nil }
        let total = try row[2].decimal()
        return Balance(
          asset: try row[1].text(), free: try row[4].optionalDecimal(), total: total, part: part)
      })
  }

  // https://docs.bitfinex.com/reference/rest-auth-trades
  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    let amount = try row[4].decimal()
    let market = try row[1].text()
    let type = try row[6].optionalText() ?? ""
    let fee = try row[9].optionalDecimal()
    let asset = try row[10].optionalText()
    var fees: [VenueAmount] = []
    if let fee, let asset { fees = [VenueAmount(asset, try fee.opposite())] }
    let maker = try row[8].optionalText()
    return Fill(
      id: try row[0].text(), order: try row[3].optionalText(),
      time: try row[2].time(.milliseconds), market: market,
      side: amount.isNegative ? .sell : .buy, price: try row[5].decimal(),
      amount: try amount.sizeOnly(), fees: fees,
      isMaker: maker == "1" ? true : maker == "-1" ? false : nil,
      part: market.contains("F0:") ? .swap : type.hasPrefix("EXCHANGE") ? .spot : .margin)
  }

  // https://docs.bitfinex.com/reference/rest-auth-movements
  static func transfer(_ row: Node, _: Ask) throws(VenueFault) -> Transfer? {
    let amount = try row[12].decimal()
    let asset = try row[1].text()
    let fee = try row[13].optionalDecimal()
    return Transfer(
      id: try row[0].text(), transactionHash: try row[20].optionalText(),
      time: try row[5].time(.milliseconds),
      direction: amount.isNegative ? .withdrawal : .deposit, asset: asset,
      amount: try amount.sizeOnly(),
      fee: try fee.map { fee throws(VenueFault) in
        VenueAmount(asset, try fee.sizeOnly())
      }, network: try row[2].optionalText(), address: try row[16].optionalText(),
      tag: try row[17].optionalText(), status: try transferStatus(row[9]))
  }

  private static func transferStatus(_ node: Node) throws(VenueFault) -> Transfer.Status? {
    let word = try node.optionalText()?.uppercased() ?? ""
    if word.hasPrefix("COMPLETED") || word == "SUCCESS" { return .ok }
    if word.hasPrefix("CANCEL") { return .canceled }
    if word.hasPrefix("PENDING") || word.hasSuffix("ING") || word == "UNCONFIRMED" {
      return .pending
    }
    return ["ERROR", "FAILURE", "FAILED", "REJECTED"].contains(word) ? .failed : nil
  }

  // https://docs.bitfinex.com/reference/rest-auth-ledgers
  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let amount = try row[5].decimal()
    let text = try row[8].optionalText() ?? ""
    let (kind, isTold) = kind(text.lowercased(), amount)
    // Older lines have no wallet of their own; all end with it.
    let wallet = try row[2].optionalText() ?? text.split(separator: " ").last.map { String($0) }
    let part: AccountPart = wallet == "margin" ? .margin : wallet == "funding" ? .funding : .spot
    return StatementRow(
      id: try row[0].text(), time: try row[3].time(.milliseconds), asset: try row[1].text(),
      amount: amount, kind: kind, type: text, reference: conversion(text),
      after: try row[6].optionalDecimal(), part: part, isToldElsewhere: isTold)
  }

  /// The number of a conversion, which both of its lines name: `Conversion #123 EUR to LTC`.
  private static func conversion(_ text: String) -> String? {
    guard text.lowercased().hasPrefix("conversion #") else { return nil }
    return text.dropFirst("conversion #".count).split(separator: " ").first.map {
      "conversion \($0)"
    }
  }

  /// What a line's words mean, and whether fills or movements tell the same.
  private static func kind(_ text: String, _ amount: Fixed) -> (EntryKind?, Bool) {
    let rules: [(String, EntryKind, Bool)] = [
      ("trading fees", .fee, true), ("trading rebate", .feeRebate, false),
      ("exchange ", .trade, true), ("deposit fee", .fee, false),
      ("withdrawal fee", .fee, true), ("deposit (", .deposit, true),
      ("withdrawal", .withdrawal, true), ("transfer of", .internalTransfer, false),
      ("margin funding payment", .interest, false), ("margin funding charge", .marginFee, false),
      ("funding event", .marginFee, false), ("position funding cost", .marginFee, false),
      ("staking", .staking, false), ("affiliate rebate", .referral, false),
      ("airdrop", .airdrop, false), ("conversion", .trade, false),
      ("adjustment", .adjustment, false),
    ]
    if let rule = rules.first(where: { text.contains($0.0) }) { return (rule.1, rule.2) }
    let isResult = ["settlement", "position closed", "position modified", "liquidat"]
    if isResult.contains(where: { text.contains($0) }) {
      return (amount.isNegative ? .marginLoss : .marginGain, false)
    }
    return (nil, false)
  }

  // https://docs.bitfinex.com/reference/rest-auth-positions
  static func position(_ row: Node, _: Ask) throws(VenueFault) -> OpenPosition? {
    let amount = try row[2].decimal()
    let isDerivative = try row[15].optionalText() == "1"
    return OpenPosition(
      market: try row[0].text(), isLong: amount.isZero ? nil : !amount.isNegative,
      contracts: try amount.sizeOnly(), entryPrice: try row[3].optionalDecimal(),
      liquidationPrice: try row[8].optionalDecimal(), unrealised: try row[6].optionalDecimal(),
      leverage: try row[9].optionalDecimal(), margin: try row[17].optionalDecimal(),
      time: try row[13].optionalTime(.milliseconds), part: isDerivative ? .swap : .margin)
  }

  // https://docs.bitfinex.com/reference/key-permissions
  static func rights(_ body: Node, _: Ask) throws(VenueFault) -> KeyRights? {
    var read: Set<String> = []
    var write: Set<String> = []
    for row in try body.elements() {
      let name = try row[0].text()
      if try row[1].optionalText() == "1" { read.insert(name) }
      if try row[2].optionalText() == "1" { write.insert(name) }
    }
    return KeyRights(
      canRead: read.contains("wallets"), canTrade: write.contains("orders"),
      canWithdraw: write.contains("withdraw"))
  }
}
