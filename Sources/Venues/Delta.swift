import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Delta Exchange: perpetuals, options and spot.
  public static let delta = Venue(
    id: "delta", name: "Delta Exchange", documents: ["https://docs.delta.exchange/"],
    surfaces: [
      Surface("public", Delta.host, "/v2/"),
      Surface("private", Delta.host, "/v2/", Delta.recipe),
    ],
    limits: Delta.limits, faults: Delta.faults, feeds: Delta.feeds,
    unseen: ["sub-accounts", "robo strategies and staking of DETO", "addresses of deposits"])
}

private enum Delta {
  static let host = "https://api.delta.exchange"

  // https://docs.delta.exchange/#authentication
  static let recipe = Recipe([
    .on(["GET"], [.query(.strict)]), .notOn(["GET"], [.jsonBodyUnlessEmpty]),
    .header("api-key", .key), .header("timestamp", .time(.seconds)),
    .header(
      "signature",
      .hex(
        .hmac(
          .sha256, key: .secret, .join([.method, .time(.seconds), .pathAndQuery, .body])))),
  ])

  // https://docs.delta.exchange/#rate-limits: 10,000 weight in 5 minutes
  static let limits = Limits([
    LimitBucket("weight", capacity: 10_000, refill: .window(seconds: 300), scope: .key)
  ])
  private static let list = ["weight": 3]
  private static let longList = ["weight": 10]

  // https://docs.delta.exchange/#errors
  static let faults = FaultTable(
    codes: [
      "insufficient_margin": .funds, "order_size_exceed_available": .definitive,
      "risk_limits_breached": .definitive, "invalid_contract": .definitive,
      "immediate_liquidation": .definitive, "out_of_bankruptcy": .definitive,
      "order_size_exceeds_available_balance": .funds, "expired_signature": .clock,
      "SignatureExpired": .clock, "Signature Mismatch": .auth, "InvalidApiKey": .auth,
      "UnauthorizedApiAccess": .auth, "ip_not_whitelisted_for_api_key": .auth,
      "invalid_api_key": .auth, "open_order_not_found": .orderNotFound, "Too Many Requests": .rate,
      "unavailable": .retryable,
    ],
    find: { body, _ in
      guard body["success"].json == .bool(false) else { return nil }
      let error = body["error"]
      if case .string(let text)? = error.json { return (text, text) }
      let code = ((try? error.optionalText("code")) ?? nil) ?? ""
      return (code, error["context"].json?.plainText ?? error["message"].json?.plainText ?? code)
    })

  private static func page(_ ask: Ask) -> Parameters {
    var parameters = ask.range("start_time", "end_time", "page_size", .microseconds, most: 100)
    parameters["after"] = .text(ask.cursor)
    return parameters
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .swap, calls: { _ in [Call("private", "GET", "wallet/balances", cost: list)] },
        rows: Pick.list("result"),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("asset_symbol"), free: try row.decimal("available_balance"),
            total: try row.decimal("balance"), part: .swap)
        })
    ]
    feeds.fills = [fills]
    feeds.deposits = [transfers("deposit", .deposit)]
    feeds.withdrawals = [transfers("withdrawal", .withdrawal)]
    feeds.statement = [statement]
    feeds.positions = [positions]
    feeds.markets = [markets]
    feeds.tickers = tickers
    return feeds
  }()

  // MARK: - The account

  // https://docs.delta.exchange/#get-user-fills-by-filters
  private static let fills = Feed<Fill>(
    part: .swap, paging: Paging(.cursor, most: 100),
    calls: { ask in [Call("private", "GET", "fills", page(ask), cost: longList)] },
    rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      let named = row["product_symbol"].isNothing ? row["product"]["symbol"] : row["product_symbol"]
      let market = try named.text()
      return Fill(
        id: try row.text("id"), order: try row.optionalText("order_id"),
        time: try row.time(.iso, "created_at"),
        market: market,
        side: try row.side("side"), price: try row.decimal("price"),
        amount: try row.decimal("size"), fees: try row.fees("commission", "settling_asset_symbol"),
        isMaker: try row.word("role", ["maker": true, "taker": false]), part: .swap)
    },
    next: Pick.text("meta", "after"))

  private static let kinds: [String: (kind: EntryKind, isTold: Bool)] = [
    "deposit": (.deposit, true), "withdrawal": (.withdrawal, true),
    "commission": (.fee, true), "conversion": (.trade, false), "funding": (.marginFee, false),
    "settlement": (.marginGain, false), "cashflow": (.marginGain, true),
    "liquidation_fee": (.marginFee, false), "withdrawal_cancellation": (.withdrawal, true),
    "referral_bonus": (.referral, false), "promo_credit": (.reward, false),
    "trading_credits": (.reward, false), "sub_account_transfer": (.internalTransfer, false),
    "commission_rebate": (.feeRebate, false), "trading_fee_credits": (.feeRebate, false),
  ]

  private static func history(_ ask: Ask) -> [Call] {
    [Call("private", "GET", "wallet/transactions", page(ask), cost: longList)]
  }

  // https://docs.delta.exchange/#get-wallet-transactions
  private static let statement = Feed<StatementRow>(
    part: .swap, paging: Paging(.cursor, most: 100), calls: { ask in history(ask) },
    rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      let word = try row.text("transaction_type")
      return StatementRow(
        id: try row.optionalText("uuid", "id"), time: try row.time(.iso, "created_at"),
        asset: try row.text("asset_symbol"), amount: try row.decimal("amount"),
        kind: kinds[word]?.kind, type: word, after: try row.optionalDecimal("balance"),
        part: .swap, isToldElsewhere: kinds[word]?.isTold ?? false)
    },
    next: Pick.text("meta", "after"))

  private static func transfers(
    _ word: String, _ direction: Transfer.Direction
  ) -> Feed<Transfer> {
    Feed(
      paging: Paging(.cursor, most: 100), calls: { ask in history(ask) },
      rows: Pick.list("result"),
      row: { row, _ throws(VenueFault) in
        guard try row.text("transaction_type") == word else { return nil }
        return Transfer(
          id: try row.optionalText("uuid", "id"), time: try row.time(.iso, "created_at"),
          direction: direction, asset: try row.text("asset_symbol"),
          amount: try row.decimal("amount").sizeOnly(), status: .ok)
      },
      next: Pick.text("meta", "after"))
  }

  // https://docs.delta.exchange/#get-margined-positions
  private static let positions = Feed<OpenPosition>(
    part: .swap, calls: { _ in [Call("private", "GET", "positions/margined", cost: list)] },
    rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      let size = try row.decimal("size")
      guard !size.isZero else { return nil }
      return OpenPosition(
        market: try row.text("product_symbol"), isLong: !size.isNegative,
        contracts: try size.sizeOnly(), entryPrice: try row.optionalDecimal("entry_price"),
        liquidationPrice: try row.optionalDecimal("liquidation_price"),
        unrealised: try row.optionalDecimal("unrealized_pnl"),
        margin: try row.optionalDecimal("margin"), part: .swap)
    })

  // MARK: - Markets

  // https://docs.delta.exchange/#get-list-of-products
  private static let markets = Feed<Market>(
    calls: { _ in [Call("public", "GET", "products", cost: list)] }, rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      let words: [String: MarketKind] = [
        "perpetual_futures": .swap, "futures": .future, "call_options": .option,
        "put_options": .option, "spot": .spot,
      ]
      guard let kind = try row.word("contract_type", words) else { return nil }
      let isSpot = kind == .spot
      return Market(
        id: try row.text("symbol"), base: try row["underlying_asset"].text("symbol"),
        quote: try row["quoting_asset"].text("symbol"),
        settle: isSpot ? nil : try row["settling_asset"].optionalText("symbol"), kind: kind,
        isActive: try row.optionalText("state").map { $0 == "live" },
        contractSize: isSpot ? nil : row.shownDecimal("contract_value"),
        priceStep: row.shownDecimal("tick_size"),
        expiry: kind == .swap ? nil : try row.optionalTime(.iso, "settlement_time"),
        strike: row.shownDecimal("strike_price"))
    })

  // https://docs.delta.exchange/#get-tickers-for-products
  private static let tickers: [Feed<Ticker>] = [
    Feed(
      scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        let id = JSON.string(try ask.needed().id)
        return [Call("public", "GET", "tickers/{symbol}", ["symbol": id], cost: list)]
      }, rows: Pick.one("result"), row: ticker),
    Feed(
      calls: { ask throws(VenueFault) in
        guard ask.market == nil else { throw .unsupported("one of all tickers") }
        return [Call("public", "GET", "tickers", cost: list)]
      }, rows: Pick.list("result"), row: ticker),
  ]

  private static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    let quotes = row["quotes"]
    return Ticker(
      market: try row.text("symbol"), time: try row.optionalTime(.microseconds, "timestamp"),
      last: row.shownDecimal("close"), bid: quotes.shownDecimal("best_bid"),
      ask: quotes.shownDecimal("best_ask"), high: row.shownDecimal("high"),
      low: row.shownDecimal("low"), open: row.shownDecimal("open"),
      baseVolume: row.shownDecimal("volume"), quoteVolume: row.shownDecimal("turnover"))
  }
}
