import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Foxbit of Brazil: spot.
  public static let foxbit = Venue(
    id: "foxbit", name: "Foxbit", documents: ["https://docs.foxbit.com.br/rest/v3/"],
    surfaces: [
      Surface("public", Foxbit.host, "/rest/v3/"),
      Surface("private", Foxbit.host, "/rest/v3/", Foxbit.recipe),
    ],
    limits: Foxbit.limits, faults: Foxbit.faults, feeds: Foxbit.feeds,
    unseen: ["staking and its rewards", "instant purchases outside the order book"])
}

private enum Foxbit {
  static let host = "https://api.foxbit.com.br"

  // https://docs.foxbit.com.br/rest/v3/#section/Authentication: the query follows the path without
  // a question mark.
  static let recipe = Recipe([
    .on(["GET", "DELETE"], [.query(.strict)]),
    .notOn(["GET", "DELETE"], [.jsonBodyUnlessEmpty]),
    .header("X-FB-ACCESS-KEY", .key), .header("X-FB-ACCESS-TIMESTAMP", .time(.milliseconds)),
    .header(
      "X-FB-ACCESS-SIGNATURE",
      .hex(
        .hmac(
          .sha256, key: .secret,
          .join([.time(.milliseconds), .method, .path, .query, .body])))),
  ])

  // https://docs.foxbit.com.br/rest/v3/#section/Rate-Limits
  static let limits = Limits([
    LimitBucket("requests", capacity: 30, refill: .window(seconds: 10), scope: .key)
  ])

  // https://docs.foxbit.com.br/rest/v3/#section/Errors
  static let faults = FaultTable(
    codes: [
      "401": .auth, "403": .auth, "404": .orderNotFound, "429": .rate, "500": .retryable,
      "2001": .auth, "2002": .auth, "2003": .clock, "2004": .auth, "3001": .auth,
      "3004": .auth, "4007": .definitive, "4011": .funds, "4012": .funds,
    ],
    find: { body, _ in
      let error = body["error"]
      guard !error.isNothing else { return nil }
      let code = ((try? error.optionalText("code")) ?? nil) ?? ""
      return (code, ((try? error.optionalText("message")) ?? nil) ?? "")
    })

  private static func call(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("private", "GET", path, parameters)
  }

  private static func page(_ ask: Ask) -> Parameters {
    [
      "start_time": .text(ask.from, .iso), "end_time": .text(ask.to, .iso),
      "page_size": .string(String(min(ask.limit ?? 100, 100))),
      "page": .string(String(ask.page + 1)),
    ]
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { _ in [call("accounts")] }, rows: Pick.list("data"),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("currency_symbol"), free: try row.decimal("balance_available"),
            used: try row.optionalDecimal("balance_locked"), total: try row.decimal("balance"))
        })
    ]
    feeds.fills = [fills]
    feeds.deposits = [transfers("deposits", .deposit)]
    feeds.withdrawals = [transfers("withdrawals", .withdrawal)]
    feeds.markets = [markets]
    feeds.tickers = [tickers]
    return feeds
  }()

  // MARK: - The account

  // https://docs.foxbit.com.br/rest/v3/#tag/Trading/operation/TradesController_all
  private static let fills = Feed<Fill>(
    part: .spot, market: .spot,
    paging: Paging(.numbered, most: 100, lookBack: 90 * Paging.day), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let market: Parameters = ["market_symbol": .string(try ask.needed([.spot]).id)]
      return [call("trades", market.adding(page(ask)))]
    },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      Fill(
        id: try row.text("id"), order: try row.optionalText("order_id"),
        time: try row.time(.iso, "created_at"), market: try row.text("market_symbol"),
        side: try row.side("side"), price: try row.decimal("price"),
        amount: try row.decimal("quantity"), fees: try row.fees("fee", "fee_currency_symbol"),
        isMaker: try row.word("role", ["MAKER": true, "TAKER": false]))
    })

  private static let states: [String: Transfer.Status] = [
    "SUBMITTING": .pending, "SUBMITTED": .pending, "PENDING": .pending, "ACCEPTED": .ok,
    "CONFIRMED": .ok, "COMPLETED": .ok, "REJECTED": .failed, "FAILED": .failed,
    "CANCELLED": .canceled, "CANCELED": .canceled,
  ]

  // https://docs.foxbit.com.br/rest/v3/#tag/Deposit
  private static func transfers(
    _ path: String, _ direction: Transfer.Direction
  ) -> Feed<Transfer> {
    Feed(
      paging: Paging(.numbered, most: 100), calls: { ask in [call(path, page(ask))] },
      rows: Pick.list("data"),
      row: { row, _ throws(VenueFault) in
        let (asset, chain) = (try row.text("currency_symbol"), row["details_crypto"])
        let fee = try row.decimalUnlessZero("fee")
        return Transfer(
          id: try row.text("sn"), transactionHash: try chain.optionalText("transaction_id"),
          time: try row.optionalTime(.iso, "created_at"), direction: direction, asset: asset,
          amount: try row.decimal("amount"), fee: fee.map { VenueAmount(asset, $0) },
          network: try chain.optionalText("network_code"),
          address: try chain.optionalText("receiving_address", "destination_address"),
          status: try row.word("state", states))
      })
  }

  // MARK: - Markets

  // https://docs.foxbit.com.br/rest/v3/#tag/Market-Data/operation/MarketsController_index
  private static let markets = Feed<Market>(
    market: .spot, calls: { _ in [Call("public", "GET", "markets")] }, rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      Market(
        id: try row.text("symbol"), base: try row["base"].text("symbol"),
        quote: try row["quote"].text("symbol"),
        amountStep: row.shownDecimal("quantity_increment"),
        priceStep: row.shownDecimal("price_increment"),
        amountMin: row.shownDecimal("quantity_min"))
    })

  // https://docs.foxbit.com.br/rest/v3/#tag/Market-Data/operation/MarketsController_ticker24h
  private static let tickers = Feed<Ticker>(
    market: .spot,
    calls: { ask throws(VenueFault) in
      guard ask.market == nil else { throw .unsupported("one of all tickers") }
      return [Call("public", "GET", "markets/ticker/24hr")]
    },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      let (day, best) = (row["rolling_24h"], row["best"])
      return Ticker(
        market: try row.text("market_symbol"), last: row["last_trade"].shownDecimal("price"),
        bid: best["bid"].shownDecimal("price"), ask: best["ask"].shownDecimal("price"),
        high: day.shownDecimal("high"), low: day.shownDecimal("low"),
        open: day.shownDecimal("open"), baseVolume: day.shownDecimal("volume"),
        quoteVolume: day.shownDecimal("quote_volume"))
    })
}
