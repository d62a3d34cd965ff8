import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// HashKey Global: spot.
  public static let hashkey = Venue(
    id: "hashkey", name: "HashKey Global",
    documents: ["https://hashkeyglobal-apidoc.readme.io/reference"],
    surfaces: [
      Surface("public", HashKey.host), Surface("private", HashKey.host, "/", HashKey.recipe),
    ],
    limits: HashKey.limits, faults: HashKey.faults, feeds: HashKey.feeds,
    unseen: ["futures wallets and positions", "sub-accounts", "fiat deposits and withdrawals"])
}

private enum HashKey {
  static let host = "https://api-glb.hashkey.com"

  // https://hashkeyglobal-apidoc.readme.io/reference/signed-endpoint-security
  static let recipe = Recipe([
    .header("X-HK-APIKEY", .key), .add("timestamp", .time(.milliseconds)),
    .on(
      ["GET", "DELETE"],
      [
        .query(.strict), .appendQuery("signature", .hex(.hmac(.sha256, key: .secret, .query))),
      ]),
    .notOn(
      ["GET", "DELETE"],
      [.form(.strict), .appendForm("signature", .hex(.hmac(.sha256, key: .secret, .body)))]),
  ])

  static let limits = Limits([
    LimitBucket("requests", capacity: 10, refill: .window(seconds: 1), scope: .key)
  ])

  // https://hashkeyglobal-apidoc.readme.io/reference/error-code
  static let faults = FaultTable(
    codes: [
      "0001": .definitive, "0002": .auth, "0003": .auth, "0211": .orderNotFound,
      "-1000": .retryable, "-1001": .retryable, "-1002": .auth, "-1003": .rate,
      "-1006": .unknownOutcome, "-1007": .unknownOutcome, "-1021": .clock, "-1022": .auth,
      "-1131": .funds, "-1139": .orderNotFound, "-1143": .orderNotFound, "-2014": .auth,
      "-2015": .auth,
    ],
    find: { body, _ in
      guard let code = (try? body["code"].optionalText()) ?? nil, code != "0", code != "0000",
        code != "200"
      else { return nil }
      return (code, ((try? body.optionalText("msg", "message")) ?? nil) ?? "")
    })

  private static func call(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("private", "GET", "api/v1/account" + path, parameters)
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { _ in [call("")] }, rows: Pick.list("balances"),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("asset"), free: try row.decimal("free"),
            used: try row.decimal("locked"))
        })
    ]
    feeds.fills = [fills]
    feeds.deposits = [transfers("depositOrders", .deposit)]
    feeds.withdrawals = [transfers("withdrawOrders", .withdrawal)]
    feeds.markets = [markets]
    feeds.tickers = [tickers]
    return feeds
  }()

  // MARK: - The account

  // https://hashkeyglobal-apidoc.readme.io/reference/get-account-trade-list
  private static let fills = Feed<Fill>(
    part: .spot, market: .spot,
    paging: Paging(.forward, most: 1_000, window: 30 * Paging.day, lookBack: 30 * Paging.day),
    calls: { ask throws(VenueFault) in
      let market: Parameters = ["symbol": .text(try ask.optional([.spot])?.id)]
      let range = ask.range("startTime", "endTime", "limit", most: 1_000)
      return [call("/trades", market.adding(range))]
    },
    rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      var fees = try row.fees("commission", "commissionAsset")
      if fees.isEmpty { fees = try row["fee"].fees("fee", "feeCoinId") }
      return Fill(
        id: try row.text("id", "ticketId"), order: try row.optionalText("orderId"),
        time: try row.time(.milliseconds, "time"), market: try row.text("symbol"),
        side: try row.word("isBuyer", ["true": .buy, "false": .sell]),
        price: try row.decimal("price"), amount: try row.decimal("qty"), fees: fees,
        isMaker: try row.optionalFlag("isMaker"))
    })

  // https://hashkeyglobal-apidoc.readme.io/reference/get-deposit-history
  private static let states: [Transfer.Direction: [String: Transfer.Status]] = [
    .deposit: [
      "1": .pending, "2": .pending, "3": .failed, "4": .ok, "5": .failed, "6": .failed, "7": .ok,
      "8": .failed, "9": .pending, "10": .pending,
    ],
    .withdrawal: [
      "failed": .failed, "withdrawing": .pending, "successful": .ok, "canceling": .pending,
      "canceled": .canceled,
    ],
  ]

  private static func transfers(
    _ path: String, _ direction: Transfer.Direction
  ) -> Feed<Transfer> {
    Feed(
      paging: Paging(.backward, most: 1_000),
      calls: { ask in
        let asset: Parameters = ["coin": .text(ask.asset)]
        let range = ask.range("startTime", "endTime", "limit", most: 1_000)
        return [call("/" + path, asset.adding(range))]
      },
      rows: Pick.list(),
      row: { row, _ throws(VenueFault) in
        let asset = try row.text("coin")
        let fee = try row.decimalUnlessZero("fee")
        let paid = try row.optionalText("feeCoinId") ?? asset
        return Transfer(
          id: try row.optionalText("id"), transactionHash: try row.optionalText("txId"),
          time: try row.optionalTime(.milliseconds, "time"), direction: direction, asset: asset,
          amount: try row.decimal("quantity"), fee: fee.map { VenueAmount(paid, $0) },
          network: try row.optionalText("chainType"), address: try row.optionalText("address"),
          tag: try row.optionalText("addressTag"),
          status: try row.word("status", states[direction] ?? [:]))
      })
  }

  // MARK: - Markets

  // https://hashkeyglobal-apidoc.readme.io/reference/exchangeinfo
  private static let markets = Feed<Market>(
    market: .spot, calls: { _ in [Call("public", "GET", "api/v1/exchangeInfo")] },
    rows: Pick.list("symbols"),
    row: { row, _ throws(VenueFault) in
      Market(
        id: try row.text("symbol"), base: try row.text("baseAsset"),
        quote: try row.text("quoteAsset"),
        isActive: try row.optionalText("status").map { $0 == "TRADING" },
        amountStep: row.shownDecimal("baseAssetPrecision"),
        priceStep: row.shownDecimal("quotePrecision"))
    })

  // https://hashkeyglobal-apidoc.readme.io/reference/get-24hr-ticker-price-change
  private static let tickers = Feed<Ticker>(
    market: .spot,
    calls: { ask throws(VenueFault) in
      let market: Parameters = ["symbol": .text(try ask.optional([.spot])?.id)]
      return [Call("public", "GET", "quote/v1/ticker/24hr", market)]
    },
    rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      Ticker(
        market: try row.text("s"), time: try row.optionalTime(.milliseconds, "t"),
        last: try row.optionalDecimal("c"), bid: try row.optionalDecimal("b"),
        ask: try row.optionalDecimal("a"), high: try row.optionalDecimal("h"),
        low: try row.optionalDecimal("l"), open: try row.optionalDecimal("o"),
        baseVolume: row.shownDecimal("v"), quoteVolume: row.shownDecimal("qv"))
    })
}
