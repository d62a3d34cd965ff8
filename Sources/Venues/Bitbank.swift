import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// bitbank of Japan: spot.
  public static let bitbank = Venue(
    id: "bitbank", name: "bitbank", documents: ["https://github.com/bitbankinc/bitbank-api-docs"],
    surfaces: [
      Surface("public", "https://public.bitbank.cc"), Surface("markets", Bitbank.host, "/v1/"),
      Surface("private", Bitbank.host, "/v1/", Bitbank.recipe),
    ],
    limits: Bitbank.limits, faults: Bitbank.faults, feeds: Bitbank.feeds,
    unseen: [
      "yen that came in or went out by bank", "coins that are lent", "purchases at the shop",
      "margin positions",
    ])
}

private enum Bitbank {
  static let host = "https://api.bitbank.cc"

  // https://github.com/bitbankinc/bitbank-api-docs/blob/master/rest-api.md#authorization
  static let recipe = Recipe([
    .on(["GET", "DELETE"], [.query(.strict)]), .notOn(["GET", "DELETE"], [.jsonBody]),
    .header("Content-Type", "application/json"), .header("ACCESS-KEY", .key),
    .header("ACCESS-REQUEST-TIME", .time(.milliseconds)),
    .header("ACCESS-TIME-WINDOW", "5000"),
    .bind("what", .body), .on(["GET", "DELETE"], [.bind("what", .pathAndQuery)]),
    .header(
      "ACCESS-SIGNATURE",
      .hex(
        .hmac(
          .sha256, key: .secret, .join([.time(.milliseconds), "5000", .value("what")])))),
  ])

  // https://github.com/bitbankinc/bitbank-api-docs/blob/master/rest-api.md#rate-limit
  static let limits = Limits([
    LimitBucket("private", capacity: 10, refill: .window(seconds: 1), scope: .key),
    LimitBucket("public", capacity: 10, refill: .window(seconds: 1), scope: .address),
  ])

  // https://github.com/bitbankinc/bitbank-api-docs/blob/master/errors.md
  static let faults = FaultTable(
    codes: [
      "10001": .retryable, "10002": .definitive, "10003": .retryable, "10005": .unknownOutcome,
      "10007": .retryable, "10008": .retryable, "10009": .rate, "20001": .auth, "20002": .auth,
      "20003": .auth, "20004": .clock, "20005": .auth, "20011": .auth, "20014": .auth,
      "20033": .clock, "20034": .clock, "20035": .clock, "50009": .orderNotFound,
      "60001": .funds, "70001": .retryable, "70002": .retryable, "70003": .retryable,
      "70009": .retryable, "70010": .retryable,
    ],
    find: { body, _ in
      guard (try? body["success"].optionalText()) == "0" else { return nil }
      return (((try? body["data"].optionalText("code")) ?? nil) ?? "", "")
    })

  private static func call(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("private", "GET", path, parameters)
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { _ in [call("user/assets")] }, rows: Pick.list("data", "assets"),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("asset"), free: try row.decimal("free_amount"),
            total: try row.decimal("onhand_amount"))
        })
    ]
    feeds.fills = [fills]
    feeds.deposits = [deposits]
    feeds.withdrawals = [withdrawals]
    feeds.markets = [markets]
    feeds.tickers = tickers
    return feeds
  }()

  // MARK: - The account

  // https://github.com/bitbankinc/bitbank-api-docs/blob/master/rest-api.md#fetch-trade-history
  private static let fills = Feed<Fill>(
    part: .spot, market: .spot, paging: Paging(.forward, most: 1_000),
    calls: { ask throws(VenueFault) in
      let market: Parameters = ["pair": .text(ask.market?.id)]
      var parameters = market.adding(ask.range("since", "end", "count", most: 1_000))
      if ask.from != nil { parameters["order"] = "asc" }
      return [call("user/spot/trade_history", parameters)]
    },
    rows: Pick.listIfAny("data", "trades"),
    row: { row, _ throws(VenueFault) in
      let market = try row.text("pair")
      let sides = market.split(separator: "_").map(String.init)
      var fees: [VenueAmount] = []
      if let base = try row.optionalDecimal("fee_amount_base"), !base.isZero, sides.count == 2 {
        fees.append(VenueAmount(sides[0], base))
      }
      if let quote = try row.optionalDecimal("fee_amount_quote"), !quote.isZero, sides.count == 2 {
        fees.append(VenueAmount(sides[1], quote))
      }
      return Fill(
        id: try row.text("trade_id"), order: try row.optionalText("order_id"),
        time: try row.time(.milliseconds, "executed_at"), market: market,
        side: try row.side("side"), price: try row.decimal("price"),
        amount: try row.decimal("amount"), fees: fees,
        isMaker: try row.word("maker_taker", ["maker": true, "taker": false]))
    })

  private static let deposits = Feed<Transfer>(
    paging: Paging(.forward, most: 100),
    calls: { ask in
      let asset: Parameters = ["asset": .text(ask.asset)]
      return [
        call("user/deposit_history", asset.adding(ask.range("since", "end", "count", most: 100)))
      ]
    },
    rows: Pick.listIfAny("data", "deposits"),
    row: { row, _ throws(VenueFault) in
      Transfer(
        id: try row.text("uuid"), transactionHash: try row.optionalText("txid"),
        time: try row.optionalTime(.milliseconds, "found_at", "confirmed_at"),
        direction: .deposit, asset: try row.text("asset"), amount: try row.decimal("amount"),
        network: try row.optionalText("network"), address: try row.optionalText("address"),
        status: try row.word(
          "status", ["FOUND": .pending, "CONFIRMED": .pending, "DONE": .ok]))
    })

  // https://github.com/bitbankinc/bitbank-api-docs/blob/master/rest-api.md#get-withdrawal-history
  private static let states: [String: Transfer.Status] = [
    "CONFIRMING": .pending, "EXAMINING": .pending, "SENDING": .pending, "DONE": .ok,
    "REJECTED": .failed, "CANCELED": .canceled, "CONFIRM_TIMEOUT": .failed,
  ]

  private static let withdrawals = Feed<Transfer>(
    paging: Paging(.forward, most: 100),
    calls: { ask in
      let asset: Parameters = ["asset": .text(ask.asset)]
      return [
        call(
          "user/withdrawal_history", asset.adding(ask.range("since", "end", "count", most: 100)))
      ]
    },
    rows: Pick.listIfAny("data", "withdrawals"),
    row: { row, _ throws(VenueFault) in
      let asset = try row.text("asset")
      return Transfer(
        id: try row.text("uuid"), transactionHash: try row.optionalText("txid"),
        time: try row.optionalTime(.milliseconds, "requested_at"), direction: .withdrawal,
        asset: asset, amount: try row.decimal("amount"),
        fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
        network: try row.optionalText("network"), address: try row.optionalText("address"),
        tag: try row.optionalText("destination_tag"), status: try row.word("status", states))
    })

  // MARK: - Markets

  // https://github.com/bitbankinc/bitbank-api-docs/blob/master/rest-api.md#get-all-pairs-info
  private static let markets = Feed<Market>(
    market: .spot,
    calls: { _ in [Call("markets", "GET", "spot/pairs", cost: ["public": 1])] },
    rows: Pick.list("data", "pairs"),
    row: { row, _ throws(VenueFault) in
      Market(
        id: try row.text("name"), base: try row.text("base_asset"),
        quote: try row.text("quote_asset"), isActive: try row.optionalFlag("is_enabled"),
        amountStep: try row.step(digits: "amount_digits"),
        priceStep: try row.step(digits: "price_digits"),
        amountMin: row.shownDecimal("unit_amount"),
        amountMax: row.shownDecimal("limit_max_amount"))
    })

  // https://github.com/bitbankinc/bitbank-api-docs/blob/master/public-api.md#ticker
  private static let tickers: [Feed<Ticker>] = [
    Feed(
      market: .spot, scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        [
          Call(
            "public", "GET", "{pair}/ticker", ["pair": .string(try ask.needed([.spot]).id)],
            cost: ["public": 1])
        ]
      }, rows: Pick.one("data"), row: ticker),
    Feed(
      market: .spot,
      calls: { ask throws(VenueFault) in
        guard ask.market == nil else { throw .unsupported("one of all tickers") }
        return [Call("public", "GET", "tickers", cost: ["public": 1])]
      }, rows: Pick.list("data"), row: ticker),
  ]

  private static func ticker(_ row: Node, _ ask: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.optionalText("pair") ?? ask.market?.id ?? "",
      time: try row.optionalTime(.milliseconds, "timestamp"),
      last: try row.optionalDecimal("last"), bid: try row.optionalDecimal("buy"),
      ask: try row.optionalDecimal("sell"), high: try row.optionalDecimal("high"),
      low: try row.optionalDecimal("low"), open: try row.optionalDecimal("open"),
      baseVolume: row.shownDecimal("vol"))
  }
}
