import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// BTC Markets of Australia: spot.
  public static let btcmarkets = Venue(
    id: "btcmarkets", name: "BTC Markets", documents: ["https://docs.btcmarkets.net/v3/"],
    surfaces: [
      Surface("public", BTCMarkets.host, "/v3/"),
      Surface("private", BTCMarkets.host, "/v3/", BTCMarkets.recipe),
    ],
    limits: BTCMarkets.limits, faults: BTCMarkets.faults, feeds: BTCMarkets.feeds,
    unseen: ["staking of SOL, ETH and the like and its rewards"])
}

private enum BTCMarkets {
  static let host = "https://api.btcmarkets.net"

  // https://docs.btcmarkets.net/v3/#section/Authentication: the query is not signed.
  static let recipe = Recipe([
    .sort, .on(["GET", "DELETE"], [.query(.strict)]),
    .notOn(["GET", "DELETE"], [.jsonBody]), .header("Accept", "application/json"),
    .header("Accept-Charset", "UTF-8"), .header("Content-Type", "application/json"),
    .header("BM-AUTH-APIKEY", .key), .header("BM-AUTH-TIMESTAMP", .time(.milliseconds)),
    .header(
      "BM-AUTH-SIGNATURE",
      .base64(
        .hmac(
          .sha512, key: .unbase64(.secret),
          .join([.method, .path, .time(.milliseconds), .body])))),
  ])

  // https://docs.btcmarkets.net/v3/#section/General-Notes/Rate-Limiting
  static let limits = Limits([
    LimitBucket("private", capacity: 50, refill: .window(seconds: 10), scope: .key),
    LimitBucket("public", capacity: 50, refill: .window(seconds: 10), scope: .address),
  ])

  // https://docs.btcmarkets.net/v3/#section/General-Notes/Error-codes
  static let faults = FaultTable(
    codes: [
      "InsufficientFund": .funds, "InsufficientAPIPermission": .auth, "InvalidAPIKey": .auth,
      "InvalidAuthSignature": .auth, "InvalidAuthTimestamp": .clock, "InvalidTimestamp": .clock,
      "OrderNotFound": .orderNotFound, "OrderAlreadyCancelled": .orderNotFound,
      "TooManyRequests": .rate, "Throttled": .rate, "OrderStatusIsFinal": .orderNotFound,
      "MarketNotFound": .definitive, "Unavailable": .retryable,
    ],
    find: { body, _ in
      guard let code = (try? body["code"].optionalText()) ?? nil else { return nil }
      return (code, ((try? body.optionalText("message")) ?? nil) ?? "")
    })

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { _ in [Call("private", "GET", "accounts/me/balances")] },
        rows: Pick.list(),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("assetName"), free: try row.decimal("available"),
            used: try row.optionalDecimal("locked"), total: try row.decimal("balance"))
        })
    ]
    feeds.fills = [fills]
    feeds.deposits = [transfers("deposits")]
    feeds.withdrawals = [transfers("withdrawals")]
    feeds.markets = [markets]
    feeds.tickers = tickers
    feeds.candles = [candles]
    return feeds
  }()

  // MARK: - The account

  /// Pages run from the newest row to older ones: `after` names the last one had.
  private static func page(_ ask: Ask) -> Parameters {
    [
      "after": .text(ask.cursor),
      "limit": ask.limit.map { .number(String(min($0, 200))) },
    ]
  }

  // https://docs.btcmarkets.net/v3/#tag/Trade-APIs
  private static let fills = Feed<Fill>(
    part: .spot, market: .spot, paging: Paging(.cursor, most: 200),
    calls: { ask in
      let market: Parameters = ["marketId": .text(ask.market?.id)]
      return [Call("private", "GET", "trades", market.adding(page(ask)))]
    },
    rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      let market = try row.text("marketId")
      let sides = market.split(separator: "-").map(String.init)
      // Fees are taken in AUD where the market is quoted in it, else in the base asset.
      let asset = sides.last == "AUD" ? sides.last : sides.first
      let fee = try row.optionalDecimal("fee")
      return Fill(
        id: try row.text("id"), order: try row.optionalText("orderId"),
        time: try row.time(.iso, "timestamp"), market: market,
        side: try row.word("side", ["Bid": .buy, "Ask": .sell]),
        price: try row.decimal("price"), amount: try row.decimal("amount"),
        fees: asset.flatMap { asset in fee.map { [VenueAmount(asset, $0)] } } ?? [],
        isMaker: try row.word("liquidityType", ["Maker": true, "Taker": false]))
    }, next: { answer throws(VenueFault) in try last(answer) })

  private static func last(_ answer: Answer) throws(VenueFault) -> String? {
    try answer.body.optionalElements().last?.optionalText("id")
  }

  private static let states: [String: Transfer.Status] = [
    "Complete": .ok, "Accepted": .pending, "Pending Authorization": .pending,
    "Pending Approval": .pending, "Cancelled": .canceled, "Failed": .failed,
  ]

  // https://docs.btcmarkets.net/v3/#tag/Fund-Management-APIs
  private static func transfers(_ path: String) -> Feed<Transfer> {
    let direction: Transfer.Direction = path == "deposits" ? .deposit : .withdrawal
    return Feed(
      paging: Paging(.cursor, most: 200),
      calls: { ask in [Call("private", "GET", path, page(ask))] }, rows: Pick.list(),
      row: { row, _ throws(VenueFault) in
        let asset = try row.text("assetName")
        let detail = row["paymentDetail"]
        let fee = try row.optionalDecimal("fee")
        return Transfer(
          id: try row.text("id"), transactionHash: try detail.optionalText("txId"),
          time: try row.optionalTime(.iso, "creationTime"), direction: direction, asset: asset,
          amount: try row.decimal("amount"), fee: fee.map { VenueAmount(asset, $0) },
          address: try detail.optionalText("address"), status: try row.word("status", states))
      }, next: { answer throws(VenueFault) in try last(answer) })
  }

  // MARK: - Markets

  // https://docs.btcmarkets.net/v3/#tag/Market-Data-APIs
  private static let markets = Feed<Market>(
    market: .spot, calls: { _ in [Call("public", "GET", "markets", cost: ["public": 1])] },
    rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      Market(
        id: try row.text("marketId"), base: try row.text("baseAssetName"),
        quote: try row.text("quoteAssetName"),
        isActive: try row.optionalText("status").map { $0 == "Online" },
        amountStep: try row.step(digits: "amountDecimals"),
        priceStep: try row.step(digits: "priceDecimals"),
        amountMin: row.shownDecimal("minOrderAmount"),
        amountMax: row.shownDecimal("maxOrderAmount"))
    })

  private static let tickers: [Feed<Ticker>] = [
    Feed(
      market: .spot, scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        let id = JSON.string(try ask.needed([.spot]).id)
        return [
          Call(
            "public", "GET", "markets/{marketId}/ticker", ["marketId": id], cost: ["public": 1])
        ]
      }, rows: Pick.one(), row: ticker),
    Feed(
      market: .spot,
      calls: { ask throws(VenueFault) in
        guard !ask.manyMarkets.isEmpty else { throw .unsupported("tickers without markets") }
        let ids = ask.manyMarkets.map { JSON.string($0.id) }
        return [
          Call("public", "GET", "markets/tickers", ["marketId": .array(ids)], cost: ["public": 1])
        ]
      }, rows: Pick.list(), row: ticker),
  ]

  private static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("marketId"), time: try row.optionalTime(.iso, "timestamp"),
      last: try row.optionalDecimal("lastPrice"), bid: try row.optionalDecimal("bestBid"),
      ask: try row.optionalDecimal("bestAsk"), high: try row.optionalDecimal("high24h"),
      low: try row.optionalDecimal("low24h"), baseVolume: row.shownDecimal("volume24h"),
      quoteVolume: row.shownDecimal("volumeQte24h"))
  }

  private static let candles = Feed<Candle>(
    market: .spot, paging: Paging(.forward, most: 1_000), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let words = [60: "1m", 3_600: "1h", 86_400: "1d"]
      guard let word = words[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let parameters: Parameters = [
        "marketId": .string(try ask.needed([.spot]).id), "timeWindow": .string(word),
        "from": .text(ask.from, .iso), "to": .text(ask.to, .iso), "limit": .number(ask.limit),
      ]
      return [
        Call("public", "GET", "markets/{marketId}/candles", parameters, cost: ["public": 1])
      ]
    },
    rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      Candle(
        time: try row[0].time(.iso), open: try row[1].decimal(), high: try row[2].decimal(),
        low: try row[3].decimal(), close: try row[4].decimal(), volume: try row[5].decimal())
    })
}
