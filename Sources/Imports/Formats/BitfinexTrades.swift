import Amounts
import Ledger

extension ImportFormat {
  /// Bitfinex's trades: an amount of the base, negative when sold, and a price.
  public static let bitfinexTrades = ImportFormat(
    id: "bitfinex-trades", name: "Bitfinex trades", venue: "bitfinex",
    defaultAccount: "Bitfinex", clock: .utc,
    sources: [
      "https://docs.bitfinex.com/reference/rest-auth-trades",
      "https://github.com/bitfinexcom/bfx-report",
    ],
    header: .having(["pair", "amount", "price", "fee", "fee currency", "date", "order id"]),
    makeDecoder: { _, settings in
      SingleRowDecoder { row throws(RowFault) in
        try BitfinexTrades.meaning(of: row, settings)
      }
    })
}

/// What Bitfinex's trade rows mean.
private enum BitfinexTrades {
  static func meaning(
    of row: Row, _ settings: ImportSettings
  ) throws(RowFault) -> RowMeaning {
    let text = try row.text("pair")
    guard let pair = split(text) else { throw row.fault(.unknownKind, "pair") }
    if Bitfinex.isDerivative(pair.base) || Bitfinex.isDerivative(pair.quote) {
      return .skipped("a derivative: the ledger export has its gains and fees")
    }
    let time = try Bitfinex.time(of: row, settings)
    let change = try row.change("amount", of: Bitfinex.asset(pair.base), at: time)
    // Bitfinex books eight fractional digits.
    let cost = try change.amount.quantity.times(try row.magnitude("price"), digits: 8)
    let quote = AssetQuantity(cost, Bitfinex.asset(pair.quote))
    var trade = ImportedTransaction(
      row: row.number, time: time, kind: .trade,
      incoming: change.isIncoming ? change.amount : quote,
      outgoing: change.isIncoming ? quote : change.amount)
    trade.reference = row.optional("#")
    guard let fee = try row.optionalSigned("fee"), !fee.isZero,
      let code = row.optional("fee currency")
    else { return .transaction(trade) }
    let paid = try row.change("fee", of: Bitfinex.asset(code), at: time)
    // A fee is negative; what a maker gets back is positive.
    if paid.isIncoming {
      var rebate = paid.transaction(.feeRebate)
      rebate.reference = trade.reference
      return .transactions([trade, rebate])
    }
    trade.fee = paid.amount
    return .transaction(trade)
  }

  private static func split(_ text: String) -> MarketPair? {
    if let pair = MarketPair(marked: text) { return pair }
    // Codes of three letters each stand together.
    guard text.utf8.count == 6 else { return nil }
    return MarketPair(marked: text.prefix(3) + "/" + text.suffix(3))
  }
}

/// What Bitfinex's exports have in common.
enum Bitfinex {
  /// A time: two digits each of day, month and year, in the order the user has set.
  ///
  /// The exchange began in 2012: an older year means that the order is another one.
  static func time(
    of row: Row, _ settings: ImportSettings
  ) throws(RowFault) -> Instant {
    let time = try row.time(
      "date", .pattern("dd-MM-yyTHH:mm[:ss[.S]]").ordered(settings.dateOrder),
      .pattern("dd-MM-yyyyTHH:mm[:ss[.S]]").ordered(settings.dateOrder), .iso,
      zone: settings.zone)
    if time < beginning { throw row.fault(.notATime, "date") }
    return time
  }

  /// 2012-10-01T00:00:00Z.
  private static let beginning = Instant(seconds: 1_349_049_600)

  /// The asset of one of the exchange's codes.
  static func asset(_ code: String) -> NamedAsset {
    let code = code.uppercased()
    return NamedAsset(codes[code] ?? code)
  }

  /// Whether a code is a perpetual contract's or its collateral's: `BTCF0`, `USTF0`.
  static func isDerivative(_ code: String) -> Bool { code.hasSuffix("F0") }

  /// Codes cut to three letters.
  ///
  /// Source: https://api-pub.bitfinex.com/v2/conf/pub:map:currency:sym
  private static let codes: [String: String] = [
    "ALG": "ALGO", "AMP": "AMPL", "ATO": "ATOM", "BAB": "BCH", "BCHN": "BCH", "CSX": "CS",
    "CTX": "CTXC", "DAD": "EDGE", "DAT": "DATA", "DOG": "DOGE", "DSH": "DASH", "DTX": "DT",
    "EUS": "EURS", "EUT": "EURT", "GSD": "GUSD", "IOS": "IOST", "IOT": "IOTA", "LBT": "LBTC",
    "LES": "LEO", "LET": "LEO", "LNX": "BTC", "MIT": "MITH", "MNA": "MANA", "OMN": "OMNI",
    "PAS": "PASS", "POY": "POLY", "QSH": "QASH", "QTM": "QTUM", "RBT": "RBTC", "SCR": "XD",
    "SNG": "SNGLS", "SPK": "SPANK", "STJ": "STORJ", "TERRAUST": "USTC", "TSD": "TUSD",
    "UDC": "USDC", "USK": "USDK", "UST": "USDT", "VSY": "VSYS", "WBT": "WBTC", "XCH": "XCHF",
    "YYW": "YOYOW",
  ]
}
