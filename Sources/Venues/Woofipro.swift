import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// WOOFi Pro: perpetuals on Orderly Network.
  public static let woofipro = Venue(
    id: "woofipro", name: "WOOFi Pro",
    documents: ["https://orderly.network/docs/build-on-omnichain/evm-api/introduction"],
    surfaces: [
      Surface("v1.public", Woofipro.host, "/v1/public/"),
      Surface("v1.private", Woofipro.host, "/v1/", Woofipro.recipe),
    ],
    credentials: [
      CredentialField("accountId", "Orderly account id", isSecret: false),
      CredentialField("key", "Orderly key", isSecret: false),
      CredentialField("secret", "Orderly secret (ed25519:…)"),
    ],
    limits: Limits([
      LimitBucket("requests", capacity: 10, refill: .window(seconds: 1), scope: .key)
    ]),
    faults: Woofipro.faults, feeds: Woofipro.feeds,
    unseen: ["settlements of profit as single entries", "vault shares", "wallets on the chains"])
}

// https://orderly.network/docs/build-on-omnichain/evm-api/api-authentication
private enum Woofipro {
  static let host = "https://api-evm.orderly.org"

  /// The query is signed as it is and sent escaped.
  static let recipe = Recipe([
    .sort,
    .on(["GET", "DELETE"], [.bind("plain", .parameters(.raw)), .query(.strict)]),
    .notOn(["GET", "DELETE"], [.jsonBodyUnlessEmpty]),
    .header("orderly-account-id", .field("accountId")),
    .header("orderly-key", .made { draft throws(VenueFault) in Array(try key(draft).utf8) }),
    .header("orderly-timestamp", .time(.milliseconds)),
    .header(
      "orderly-signature",
      .base64URL(
        .ed25519(
          key: .made { draft throws(VenueFault) in try seed(draft) },
          .join([
            .time(.milliseconds), .method, .path,
            .made { draft in Array((draft.query.isEmpty ? "" : "?").utf8) }, .value("plain"), .body,
          ])))),
  ])

  static let mark = "ed25519:"

  static func key(_ draft: Draft) throws(VenueFault) -> String {
    let key = try draft.text(.key)
    return key.hasPrefix(mark) ? key : mark + key
  }

  static func seed(_ draft: Draft) throws(VenueFault) -> [UInt8] {
    let secret = try draft.text(.secret)
    let digits = secret.hasPrefix(mark) ? String(secret.dropFirst(mark.count)) : secret
    guard let bytes = Base58.bytes(digits) else {
      throw .unsigned("the secret is not written in base 58")
    }
    return bytes
  }

  // https://orderly.network/docs/build-on-omnichain/evm-api/error-codes
  static let faults = FaultTable(
    codes: [
      "-1000": .retryable, "-1001": .auth, "-1002": .auth, "-1003": .rate,
      "-1006": .orderNotFound, "-1008": .funds, "-1011": .retryable, "-1012": .unknownOutcome,
      "-1101": .funds,
    ],
    texts: ["timestamp": .clock, "too many": .rate],
    find: { body, _ in
      guard body["success"].json == .bool(false) else { return nil }
      return (body["code"].json?.plainText ?? "", body["message"].json?.plainText ?? "")
    })

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .swap, calls: { _ in [Call("v1.private", "GET", "client/holding")] },
        rows: Pick.list("data", "holding"), row: balance)
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.numbered, most: 500), evidence: .recorded,
        calls: { ask in [pages("trades", ask, symbol(ask))] }, rows: Pick.list("data", "rows"),
        row: fill)
    ]
    feeds.deposits = [
      Feed(
        paging: Paging(.numbered, most: 500), calls: { ask in [history(ask, "DEPOSIT")] },
        rows: Pick.list("data", "rows"),
        row: { row, _ throws(VenueFault) in try transfer(row, "DEPOSIT") })
    ]
    feeds.withdrawals = [
      Feed(
        paging: Paging(.numbered, most: 500), calls: { ask in [history(ask, "WITHDRAW")] },
        rows: Pick.list("data", "rows"),
        row: { row, _ throws(VenueFault) in try transfer(row, "WITHDRAW") })
    ]
    feeds.transfers = [
      Feed(
        paging: Paging(.numbered, most: 500), calls: { ask in [history(ask, nil)] },
        rows: Pick.list("data", "rows"),
        row: { row, _ throws(VenueFault) in try transfer(row, nil) })
    ]
    feeds.statement = [
      Feed(
        paging: Paging(.numbered, most: 500), calls: { ask in [history(ask, nil)] },
        rows: Pick.list("data", "rows"), row: statement),
      Feed(
        paging: Paging(.numbered, most: 500),
        calls: { ask in [pages("funding_fee/history", ask, symbol(ask))] },
        rows: Pick.list("data", "rows"), row: funding),
    ]
    feeds.positions = [
      Feed(
        evidence: .recorded, calls: { _ in [Call("v1.private", "GET", "positions")] },
        rows: Pick.list("data", "rows"), row: position)
    ]
    feeds.openOrders = [orders("INCOMPLETE")]
    feeds.closedOrders = [orders("COMPLETED")]
    addPublic(&feeds)
    return feeds
  }()

  static func addPublic(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(
        market: .swap, calls: { _ in [Call("v1.public", "GET", "info")] },
        rows: Pick.list("data", "rows"), row: market)
    ]
    feeds.assets = [
      Feed(
        calls: { _ in [Call("v1.public", "GET", "token")] }, rows: Pick.list("data", "rows"),
        row: asset)
    ]
    feeds.tickers = [
      Feed(
        calls: { ask in
          guard let market = ask.market else { return [Call("v1.public", "GET", "futures")] }
          return [Call("v1.public", "GET", "futures/" + market.id)]
        },
        rows: { answer throws(VenueFault) in
          let rows = answer.body["data"]["rows"]
          return rows.isNothing ? [answer.body["data"]] : try rows.elements()
        }, row: ticker)
    ]
    feeds.candles = [
      Feed(scope: .eachMarket, calls: candles, rows: Pick.list("data", "rows"), row: candle)
    ]
    feeds.trades = [
      Feed(
        scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          [
            Call(
              "v1.public", "GET", "market_trades",
              ["symbol": .text(try ask.needed().id), "limit": .number(ask.limit)])
          ]
        }, rows: Pick.list("data", "rows"), row: trade)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [
            Call(
              "v1.private", "GET", "orderbook/{symbol}",
              ["symbol": .text(try ask.needed().id), "max_level": .number(ask.limit)])
          ]
        }, rows: Pick.one("data"), row: book)
    ]
    feeds.clock = Feed(
      calls: { _ in [Call("v1.public", "GET", "system_info")] }, rows: Pick.one("timestamp"),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds) })
  }

  // MARK: - Calls

  static func symbol(_ ask: Ask) -> Parameters { ["symbol": .text(ask.market?.id)] }

  static func pages(_ path: String, _ ask: Ask, _ parameters: Parameters) -> Call {
    var all = parameters.adding(ask.range("start_t", "end_t", "size", most: 500))
    if ask.page > 0 { all["page"] = .number(ask.page + 1) }
    return Call("v1.private", "GET", path, all)
  }

  static func history(_ ask: Ask, _ side: String?) -> Call {
    pages("asset/history", ask, ["balance_token": .text(ask.asset), "side": .text(side)])
  }

  static func orders(_ status: String) -> Feed<Order> {
    Feed(
      paging: Paging(.numbered, most: 500), evidence: .recorded,
      calls: { ask in
        var first: Parameters = ["status": .text(status), "size": "500"]
        first["symbol"] = .text(ask.market?.id)
        return [pages("orders", ask, first)]
      }, rows: Pick.list("data", "rows"), row: order)
  }

  static let frames = [
    60: "1m", 300: "5m", 900: "15m", 1800: "30m", 3600: "1h", 14400: "4h", 43200: "12h",
    86400: "1d", 604_800: "1w", 2_592_000: "1M",
  ]

  /// The latest candles; the route knows no times.
  static func candles(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard let frame = frames[ask.interval] else {
      throw .unsupported("candles of \(ask.interval) seconds")
    }
    return [
      Call(
        "v1.private", "GET", "kline",
        [
          "symbol": .text(try ask.needed().id), "type": .text(frame),
          "limit": .number(ask.limit.map { min($0, 1000) }),
        ])
    ]
  }

  // MARK: - Rows

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("token"), used: try row.optionalDecimal("frozen"),
      total: try row.decimal("holding"), part: .swap)
  }

  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    let realised = try row.optionalDecimal("realized_pnl")
    return Fill(
      id: try row.text("id"), order: try row.optionalText("order_id"),
      time: try row.time(.milliseconds, "executed_timestamp"), market: try row.text("symbol"),
      side: try row.side("side"), price: try row.decimal("executed_price"),
      amount: try row.decimal("executed_quantity"), fees: try row.fees("fee", "fee_asset"),
      isMaker: try row.optionalFlag("is_maker"), part: .swap,
      realised: realised.map { VenueAmount("USDC", $0) })
  }

  static let states: [String: Transfer.Status] = [
    "NEW": .pending, "CREATED": .pending, "CONFIRM": .pending, "PROCESSING": .pending,
    "PENDING_REBALANCE": .pending, "COMPLETED": .ok, "FAILED": .failed,
  ]

  static func transfer(_ row: Node, _ wanted: String?) throws(VenueFault) -> Transfer? {
    let side = try row.text("side")
    guard side == "DEPOSIT" || side == "WITHDRAW", wanted == nil || side == wanted else {
      return nil
    }
    let asset = try row.text("token", "balance_token")
    return Transfer(
      id: try row.text("id"), transactionHash: try row.optionalText("tx_id"),
      time: try row.optionalTime(.milliseconds, "created_time"),
      direction: side == "DEPOSIT" ? .deposit : .withdrawal, asset: asset,
      amount: try row.decimal("amount"),
      fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
      network: try row.optionalText("chain_id"),
      status: try row.first(["trans_status", "status"]).optionalText().flatMap { states[$0] })
  }

  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let amount = try row.decimal("amount")
    let isOut = try row.text("side") == "WITHDRAW"
    return StatementRow(
      id: try row.optionalText("id"), time: try row.optionalTime(.milliseconds, "created_time"),
      asset: try row.text("token", "balance_token"), amount: isOut ? try row.minus(amount) : amount,
      kind: isOut ? .withdrawal : .deposit, type: try row.optionalText("side"),
      reference: try row.optionalText("tx_id"), part: .swap, isToldElsewhere: true)
  }

  static func funding(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let fee = try row.decimal("funding_fee")
    let isPaid = try row.text("payment_type").lowercased() == "pay"
    let market = try row.text("symbol")
    return StatementRow(
      id: "funding \(market) \(try row.text("created_time"))",
      time: try row.time(.milliseconds, "created_time"), asset: "USDC",
      amount: isPaid && !fee.isNegative ? try row.minus(fee) : fee,
      kind: isPaid ? .marginFee : .marginGain, type: "funding", reference: market, part: .swap)
  }

  static func position(_ row: Node, _: Ask) throws(VenueFault) -> OpenPosition? {
    let size = try row.decimal("position_qty")
    return OpenPosition(
      market: try row.text("symbol"), isLong: size.isZero ? nil : !size.isNegative,
      contracts: row.size(size), contractSize: .one,
      entryPrice: try row.optionalDecimal("average_open_price"),
      markPrice: try row.optionalDecimal("mark_price"),
      liquidationPrice: try row.decimalUnlessZero("est_liq_price"),
      unrealised: try row.optionalDecimal("unsettled_pnl"),
      leverage: try row.optionalDecimal("leverage"), isIsolated: false,
      time: try row.optionalTime(.milliseconds, "timestamp"))
  }

  static let orderStates: [String: Order.Status] = [
    "NEW": .open, "PARTIAL_FILLED": .open, "REPLACED": .open, "INCOMPLETE": .open,
    "FILLED": .closed, "CANCELLED": .canceled, "CANCEL_SENT": .canceled, "REJECTED": .rejected,
    "EXPIRED": .expired,
  ]

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let average = try row.decimalUnlessZero("average_executed_price")
    return Order(
      id: try row.text("order_id"), clientID: try row.optionalText("client_order_id"),
      time: try row.optionalTime(.milliseconds, "created_time"),
      market: try row.optionalText("symbol"), type: try row.optionalText("type")?.lowercased(),
      side: try row.side("side"), price: try row.optionalDecimal("price") ?? average,
      amount: try row.optionalDecimal("quantity"),
      filled: try row.optionalDecimal("total_executed_quantity", "executed_quantity"),
      average: average, status: try row.word("status", orderStates),
      fees: try row.fees("total_fee", "fee_asset"))
  }

  /// A market is named `PERP_BTC_USDC`.
  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let id = try row.text("symbol")
    let parts = id.split(separator: "_").map(String.init)
    guard parts.count == 3 else { throw row["symbol"].fault("PERP_BASE_QUOTE") }
    return Market(
      id: id, base: parts[1], quote: parts[2], settle: parts[2], kind: .swap,
      contractSize: .one, amountStep: try row.optionalDecimal("base_tick"),
      priceStep: try row.optionalDecimal("quote_tick"),
      amountMin: try row.optionalDecimal("base_min"),
      amountMax: try row.optionalDecimal("base_max"),
      costMin: try row.optionalDecimal("min_notional"))
  }

  static func asset(_ row: Node, _: Ask) throws(VenueFault) -> ListedAsset? {
    var networks: [AssetNetwork] = []
    for network in try row["chain_details"].optionalElements() {
      networks.append(
        AssetNetwork(
          id: try network.text("chain_id"), fee: try network.optionalDecimal("withdrawal_fee"),
          contract: try network.optionalText("contract_address")))
    }
    return ListedAsset(
      id: try row.text("token"), step: try row.step(digits: "decimals"), networks: networks)
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("symbol"), last: try row.optionalDecimal("24h_close", "mark_price"),
      high: try row.optionalDecimal("24h_high"), low: try row.optionalDecimal("24h_low"),
      open: try row.optionalDecimal("24h_open"), baseVolume: try row.optionalDecimal("24h_volume"),
      quoteVolume: try row.roundedDecimal("24h_amount"))
  }

  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    try Candle(row, .milliseconds, "start_timestamp")
  }

  static func trade(_ row: Node, _: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: nil, time: try row.time(.milliseconds, "executed_timestamp"),
      market: try row.text("symbol"), side: try row.side("side"),
      price: try row.decimal("executed_price"), amount: try row.decimal("executed_quantity"))
  }

  static func book(_ row: Node, _: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: "", time: try row.optionalTime(.milliseconds, "timestamp"),
      bids: try OrderBook.levels(row["bids"].elements(), "price", "quantity"),
      asks: try OrderBook.levels(row["asks"].elements(), "price", "quantity"))
  }
}
