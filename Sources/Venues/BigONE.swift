import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// BigONE: spot; of contracts what they are and what the account holds.
  public static let bigone = Venue(
    id: "bigone", name: "BigONE", documents: ["https://open.big.one/docs/api.html"],
    surfaces: [
      Surface("public", BigONE.host, "/api/v3/"),
      Surface("contractPublic", BigONE.host, "/api/contract/v2/"),
      Surface("private", BigONE.host, "/api/v3/viewer/", BigONE.recipe),
      Surface("contractPrivate", BigONE.host, "/api/contract/v2/", BigONE.recipe),
    ],
    limits: BigONE.limits, faults: BigONE.faults, aliases: ["XBT": "BTC"], feeds: BigONE.feeds,
    needsGrowingNonce: true,
    unseen: ["executions and statements of contracts", "earn products"])
}

private enum BigONE {
  static let host = "https://big.one"

  // Parameters are not signed: https://open.big.one/docs/api_authorization.html
  static let recipe = Recipe([
    .on(["GET"], [.query(.strict)]), .on(["POST"], [.jsonBody]),
    .header("Authorization", .join(["Bearer ", .made(token)])),
  ])

  /// The nonce lies a tenth of a second back, since one ahead of the venue's clock is refused.
  private static func token(_ draft: Draft) throws(VenueFault) -> [UInt8] {
    let past = draft.moment.nonce.moved(byMilliseconds: -100)
    let whole = TimeForm.milliseconds.write(past) + "000000"
    let head: JSON = ["alg": "HS256", "typ": "JWT"]
    let claims: JSON = [
      "type": "OpenAPIV2", "sub": .string(try draft.text(.key)), "nonce": .string(whole),
    ]
    let parts = [head.text, claims.text].map { Base64.urlText(Array($0.utf8)) }
    let text = parts.joined(separator: ".")
    let signature = draft.tools.hmac(
      .sha256, try draft.bytes(.secret), Array(text.utf8))
    return Array((text + "." + Base64.urlText(signature)).utf8)
  }

  // https://open.big.one/docs/api.html#rate-limiting
  static let limits = Limits([
    LimitBucket("address", capacity: 500, refill: .window(seconds: 10), scope: .address)
  ])

  // https://open.big.one/docs/api_error_codes.html
  static let faults = FaultTable(
    codes: [
      "10001": .retryable, "10005": .retryable, "10007": .definitive, "10011": .retryable,
      "10013": .orderNotFound, "10014": .funds, "10403": .auth, "10429": .rate,
      "40004": .auth, "40103": .auth, "40104": .auth, "40301": .auth, "40302": .funds,
      "40601": .definitive, "40602": .definitive, "40603": .funds, "40604": .definitive,
      "40120": .clock, "401": .auth, "429": .rate,
    ],
    find: { body, _ in
      guard let code = (try? body["code"].optionalText()) ?? nil, code != "0" else { return nil }
      return (code, (try? body.optionalText("message", "msg")) ?? "")
    })

  static func get(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("private", "GET", path, parameters)
  }
  static func look(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", path, parameters)
  }
  static func pair(_ ask: Ask) throws(VenueFault) -> String {
    "asset_pairs/\(try ask.needed([.spot]).id)/"
  }

  static let data = Pick.listIfAny("data")
  static let next = Pick.text("page_token")
  static func page(_ ask: Ask) -> Parameters {
    var parameters = ask.range(nil, nil, "limit", most: 200)
    parameters["page_token"] = .text(ask.cursor)
    return parameters
  }
  static let paging = Paging(.cursor, most: 200)

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      balances(.spot, "accounts"), balances(.funding, "fund/accounts"), contractBalances,
    ]
    feeds.fills = [fills]
    feeds.deposits = [transfers(.deposit, "deposits")]
    feeds.withdrawals = [transfers(.withdrawal, "withdrawals")]
    feeds.markets = [markets, contracts]
    feeds.assets = [assets]
    feeds.tickers = [ticker, tickers]
    feeds.candles = [candles]
    feeds.trades = [trades]
    feeds.books = [books]
    feeds.openOrders = [orders("PENDING")]
    feeds.closedOrders = [orders("FILLED"), orders("CANCELLED")]
    feeds.clock = Feed(
      evidence: .recorded, calls: { _ in [look("ping")] }, rows: Pick.one("data"),
      row: { row, _ throws(VenueFault) in try row.time(.nanoseconds, "Timestamp", "timestamp") })
    return feeds
  }()

  static func balances(_ part: AccountPart, _ path: String) -> Feed<Balance> {
    Feed(
      part: part, calls: { _ in [get(path)] }, rows: data,
      row: { row, _ throws(VenueFault) in
        Balance(
          asset: try row.text("asset_symbol"), used: try row.optionalDecimal("locked_balance"),
          total: try row.decimal("balance"), part: part)
      })
  }

  static let contractBalances = Feed<Balance>(
    part: .swap, market: .swap, calls: { _ in [Call("contractPrivate", "GET", "accounts")] },
    rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      let cash = row["cash"]
      return Balance(
        asset: try cash.text("currency"), free: try row.optionalDecimal("available"),
        total: try cash.decimal("balances"), part: .swap)
    })

  /// The fee of the side that is ours stands beside that side's order.
  static let fills = Feed<Fill>(
    part: .spot, market: .spot, paging: paging, scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let named: Parameters = ["asset_pair_name": .string(try ask.needed([.spot]).id)]
      return [get("trades", named.adding(page(ask)))]
    },
    rows: data,
    row: { row, _ throws(VenueFault) in
      let market = try row.text("asset_pair_name")
      let halves = market.split(separator: "-").map(String.init)
      let side: Side? = try row.word("side", ["BID": .buy, "ASK": .sell])
      let taker = try row.optionalText("taker_order_id")
      let maker = try row.optionalText("maker_order_id")
      let fee = try row.optionalDecimal(taker == nil ? "maker_fee" : "taker_fee")
      // What is bought pays in base, what is sold in quote.
      let asset = side.flatMap { $0 == .buy ? halves.first : halves.dropFirst().first }
      return Fill(
        id: try row.text("id"), order: taker ?? maker,
        time: try row.time(.iso, "inserted_at", "created_at"), market: market, side: side,
        price: try row.decimal("price"), amount: try row.decimal("amount"),
        fees: asset.flatMap { asset in fee.map { [VenueAmount(asset, $0)] } } ?? [],
        isMaker: taker == nil ? maker.map { _ in true } : maker == nil ? false : nil)
    },
    next: next)

  static func transfers(_ direction: Transfer.Direction, _ path: String) -> Feed<Transfer> {
    Feed(
      paging: paging,
      calls: { ask in
        let asset: Parameters = ["asset_symbol": .text(ask.asset)]
        return [get(path, asset.adding(page(ask)))]
      },
      rows: data,
      row: { row, _ throws(VenueFault) in
        Transfer(
          id: try row.optionalText("id"), transactionHash: try row.optionalText("txid"),
          time: try row.optionalTime(.iso, "inserted_at"), direction: direction,
          asset: try row.text("asset_symbol"), amount: try row.decimal("amount"),
          network: try row.optionalText("gateway_name"),
          address: try row.optionalText("target_address"), tag: try row.optionalText("memo"),
          status: try row.word("state", words))
      },
      next: next)
  }

  static let words: [String: Transfer.Status] = [
    "WITHHOLD": .pending, "PENDING": .pending, "UNCONFIRMED": .pending, "INIT": .pending,
    "PENDING_EXECUTION": .pending, "CONFIRMED": .ok, "COMPLETED": .ok, "CANCELLED": .canceled,
    "ROLLED_BACK": .failed, "FAILED": .failed, "REJECTED": .failed,
  ]

  static let markets = Feed<Market>(
    market: .spot, calls: { _ in [look("asset_pairs")] }, rows: data,
    row: { row, _ throws(VenueFault) in
      Market(
        id: try row.text("name"), base: try row["base_asset"].text("symbol"),
        quote: try row["quote_asset"].text("symbol"),
        amountStep: try row.step(digits: "base_scale"),
        priceStep: try row.step(digits: "quote_scale"),
        costMin: try row.optionalDecimal("min_quote_value"))
    })

  static let contracts = Feed<Market>(
    market: .swap, calls: { _ in [Call("contractPublic", "GET", "symbols")] }, rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      Market(
        id: try row.text("symbol"), base: try row.text("baseCurrency"),
        quote: try row.text("quoteCurrency"), settle: try row.optionalText("settleCurrency"),
        kind: .swap, isActive: try row.optionalFlag("enable"),
        contractSize: try row.optionalDecimal("multiplier"), amountStep: .one,
        priceStep: try row.optionalDecimal("priceStep"))
    })

  static let assets = Feed<ListedAsset>(
    evidence: .recorded, calls: { _ in [look("assets")] }, rows: data,
    row: { row, _ throws(VenueFault) in
      var networks: [AssetNetwork] = []
      for gateway in try row["binding_gateways"].optionalElements() {
        networks.append(
          AssetNetwork(
            id: try gateway.text("gateway_name"), fee: gateway.shownDecimal("withdrawal_fee"),
            withdrawMin: gateway.shownDecimal("min_withdrawal_amount"),
            canDeposit: try gateway.optionalFlag("is_deposit_enabled"),
            canWithdraw: try gateway.optionalFlag("is_withdrawal_enabled")))
      }
      return ListedAsset(
        id: try row.text("symbol"), name: try row.optionalText("name"),
        step: try row.step(digits: "scale"), networks: networks)
    })

  static let ticker = Feed<Ticker>(
    market: .spot, scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in [look(try pair(ask) + "ticker")] },
    rows: Pick.one("data"), row: readTicker)

  static let tickers = Feed<Ticker>(
    market: .spot, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      guard ask.market == nil else { throw .unsupported("one of all tickers") }
      let names = ask.manyMarkets.map(\.id).joined(separator: ",")
      return [look("asset_pairs/tickers", names.isEmpty ? [:] : ["pair_names": .string(names)])]
    },
    rows: data, row: readTicker)

  static func readTicker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("asset_pair_name"), last: try row.optionalDecimal("close"),
      bid: try row["bid"].optionalDecimal("price"), ask: try row["ask"].optionalDecimal("price"),
      high: try row.optionalDecimal("high"), low: try row.optionalDecimal("low"),
      open: try row.optionalDecimal("open"), baseVolume: try row.optionalDecimal("volume"))
  }

  /// Candles that begin before a time, the latest ones of them.
  static let candles = Feed<Candle>(
    market: .spot, paging: Paging(.backward, most: 500), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let words = [
        60: "min1", 300: "min5", 900: "min15", 1_800: "min30", 3_600: "hour1", 10_800: "hour3",
        14_400: "hour4", 21_600: "hour6", 43_200: "hour12", 86_400: "day1", 604_800: "week1",
        2_592_000: "month1",
      ]
      guard let word = words[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let isSpan = ask.from != nil && ask.to != nil
      let count = min(ask.limit ?? (isSpan ? 500 : 100), 500)
      let after = ask.to.map { $0.moved(byMilliseconds: 1) }
      let reach = ask.from?.advanced(bySeconds: Int64(count) * Int64(ask.interval))
      var end = after
      if let reach { end = after.map { min($0, reach) } ?? reach }
      let parameters: Parameters = [
        "period": .string(word), "limit": .string(String(count)), "time": .text(end, .iso),
      ]
      return [look(try pair(ask) + "candles", parameters)]
    },
    rows: data,
    row: { row, _ throws(VenueFault) in
      try Candle(row, .iso, "time")
    })

  static let trades = Feed<PublicTrade>(
    market: .spot, scope: .eachMarket,
    calls: { ask throws(VenueFault) in [look(try pair(ask) + "trades")] }, rows: data,
    row: { row, ask throws(VenueFault) in
      PublicTrade(
        id: try row.optionalText("id"), time: try row.time(.iso, "created_at", "inserted_at"),
        market: ask.market?.id ?? "",
        side: try row.word("taker_side", ["BID": .buy, "ASK": .sell]),
        price: try row.decimal("price"), amount: try row.decimal("amount"))
    })

  static let books = Feed<OrderBook>(
    market: .spot, scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      [look(try pair(ask) + "depth", ask.range(nil, nil, "limit", most: 200))]
    },
    rows: Pick.one("data"),
    row: { row, _ throws(VenueFault) in
      OrderBook(
        market: try row.text("asset_pair_name"),
        bids: try OrderBook.levels(row["bids"].optionalElements(), "price", "quantity"),
        asks: try OrderBook.levels(row["asks"].optionalElements(), "price", "quantity"))
    })

  static func orders(_ state: String) -> Feed<Order> {
    Feed(
      part: .spot, market: .spot, paging: paging, scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        let named: Parameters = [
          "asset_pair_name": .string(try ask.needed([.spot]).id), "state": .string(state),
        ]
        return [get("orders", named.adding(page(ask)))]
      },
      rows: data,
      row: { row, _ throws(VenueFault) in
        let average = try row.decimalUnlessZero("avg_deal_price")
        return Order(
          id: try row.text("id"), clientID: try row.optionalText("client_order_id"),
          time: try row.optionalTime(.iso, "created_at"),
          market: try row.optionalText("asset_pair_name"),
          type: try row.optionalText("type")?.lowercased(),
          side: try row.word("side", ["BID": .buy, "ASK": .sell]),
          price: try row.decimalUnlessZero("price") ?? average,
          amount: try row.optionalDecimal("amount"),
          filled: try row.optionalDecimal("filled_amount"), average: average,
          status: try row.word("state", states))
      },
      next: next)
  }

  static let states: [String: Order.Status] = [
    "PENDING": .open, "OPENING": .open, "FIRED": .open, "FILLED": .closed,
    "CANCELLED": .canceled, "REJECTED": .rejected,
  ]
}
