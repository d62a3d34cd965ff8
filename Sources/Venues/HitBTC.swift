import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// HitBTC.
  public static let hitbtc = Venue(
    id: "hitbtc", name: "HitBTC", documents: ["https://api.hitbtc.com/"],
    surfaces: [
      Surface("public", HitBTC.host, "/api/3/"),
      Surface("private", HitBTC.host, "/api/3/", HitBTC.recipe),
    ],
    limits: HitBTC.limits, faults: HitBTC.faults, aliases: ["USDT20": "USDT"],
    feeds: HitBTC.feeds,
    unseen: ["isolated margin", "futures' positions and executions", "sub-accounts"])
}

// https://api.hitbtc.com/#authentication
enum HitBTC {
  static let host = "https://api.hitbtc.com"

  /// Method, path, `?` and the query or else the body, and the time; key and signature go together
  /// in one header.
  static let recipe = Recipe([
    .on(["GET"], [.query(.strict)]), .notOn(["GET"], [.jsonBody]),
    .bind("time", .time(.milliseconds)),
    .bind(
      "signature",
      .hex(
        .hmac(
          .sha256, key: .secret, .join([.method, .pathAndQuery, .body, .value("time")])))),
    .header(
      "Authorization",
      .join([
        "HS256 ",
        .base64(.join([.key, ":", .value("signature"), ":", .value("time")])),
      ])),
    .header("Content-Type", "application/json"),
  ])

  // https://api.hitbtc.com/#rate-limiting: market data 30 a second, the rest 20, orders 300.
  static let limits = Limits([
    LimitBucket("private", capacity: 20, refill: .window(seconds: 1), scope: .key),
    LimitBucket("public", capacity: 30, refill: .window(seconds: 1), scope: .address),
  ])

  // https://api.hitbtc.com/#error-response
  static let faults = FaultTable(
    codes: [
      "403": .auth, "429": .rate, "500": .unknownOutcome, "503": .retryable,
      "504": .unknownOutcome, "1001": .auth, "1002": .auth, "1003": .auth, "1004": .auth,
      "1005": .auth, "10001": .definitive, "20001": .funds, "20002": .orderNotFound,
      "20003": .definitive, "20008": .definitive, "20080": .definitive,
    ],
    texts: ["rate limit": .rate, "insufficient funds": .funds, "order not found": .orderNotFound],
    find: { body, status in
      func word(_ name: String) -> String {
        ((try? body["error"].optionalText(name)) ?? nil) ?? ""
      }
      guard !body["error"].isNothing || status >= 400 else { return nil }
      return (word("code"), word("message"))
    })

  // MARK: - Rows

  private static func balances(_ path: String, _ part: AccountPart) -> Feed<Balance> {
    Feed(
      part: part, calls: { _ in signed(path) }, rows: Picks.list(),
      row: { row, _ throws(VenueFault) in
        Balance(
          asset: try row.text("currency"), free: try row.decimal("available"),
          used: try row.decimal("reserved"), part: part)
      })
  }

  // https://api.hitbtc.com/#spot-trades-history: the fee is in the quote currency; orders are asked
  // for by the client's id, which the venue gives where the client gave none.
  static func fill(_ row: Node, _ ask: Ask) throws(VenueFault) -> Fill? {
    let name = try row.text("symbol")
    let quote = (ask.markets.market(name, .spot) ?? ask.market)?.quote
    let fee = try row.optionalDecimal("fee")
    return Fill(
      id: try row.text("id"), order: try row.optionalText("client_order_id", "order_id"),
      time: try row.time(.iso, "timestamp"), market: name, side: try row["side"].sideOfWord(),
      price: try row.decimal("price"), amount: try row.decimal("quantity"),
      // Without the market's record nothing can be booked, so the fee's asset may be unnamed.
      fees: fee.map { [VenueAmount(quote ?? "", $0)] } ?? [],
      isMaker: try row.optionalFlag("taker").map { !$0 })
  }

  // https://api.hitbtc.com/#get-transactions-history
  static func transfer(_ row: Node, _: Ask) throws(VenueFault) -> Transfer? {
    let direction: Transfer.Direction
    switch try row.text("type") {
    case "DEPOSIT": direction = .deposit
    case "WITHDRAW": direction = .withdrawal
    default: return nil
    }
    let native = row["native"]
    let asset = try native.text("currency")
    let fee = try native.optionalDecimal("fee")
    let statuses: [String: Transfer.Status] = [
      "CREATED": .pending, "PENDING": .pending, "FAILED": .failed, "SUCCESS": .ok,
      "ROLLED_BACK": .canceled,
    ]
    return Transfer(
      id: try native.optionalText("tx_id") ?? row.optionalIdentity(),
      transactionHash: try native.optionalText("hash"),
      time: try row.time(.iso, "created_at"), direction: direction, asset: asset,
      amount: try native.decimal("amount"), fee: fee.map { VenueAmount(asset, $0) },
      network: try row.optionalText("subtype"), address: try native.optionalText("address"),
      tag: try native.optionalText("payment_id"),
      status: try row.optionalText("status").flatMap { statuses[$0] })
  }

  /// Moves between parts and swaps of one token's kinds, which transfers pass over.
  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let type = try row.text("type")
    let native = row["native"]
    let amount = try native.decimal("amount")
    let kinds: [String: EntryKind] = [
      "DEPOSIT": .deposit, "WITHDRAW": .withdrawal, "TRANSFER": .internalTransfer, "SWAP": .trade,
    ]
    return StatementRow(
      id: try native.optionalText("tx_id") ?? row.optionalIdentity(),
      time: try row.time(.iso, "created_at"), asset: try native.text("currency"),
      amount: type == "WITHDRAW" ? try amount.sizeOnly().opposite() : amount, kind: kinds[type],
      type: type, part: .funding, isToldElsewhere: type == "DEPOSIT" || type == "WITHDRAW")
  }

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let type = try row.optionalText("type")
    let statuses: [String: Order.Status] = [
      "new": .open, "suspended": .open, "partiallyFilled": .open, "filled": .closed,
      "canceled": .canceled, "expired": .expired,
    ]
    return Order(
      id: try row.text("client_order_id"), clientID: try row.optionalText("client_order_id"),
      time: try row.optionalTime(.iso, "created_at"), market: try row.text("symbol"),
      type: type, side: try row["side"].sideOfWord(), price: try row["price"].decimalButZero(),
      amount: try row.optionalDecimal("quantity"),
      filled: try row.optionalDecimal("quantity_cumulative"),
      average: try row["price_average"].decimalButZero(),
      status: try row.optionalText("status").flatMap { statuses[$0] })
  }

  // MARK: - Feeds

  private static func signed(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("private", "GET", path, parameters, cost: ["private": 1])]
  }

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("public", "GET", path, parameters, cost: ["public": 1])]
  }

  private static func range(_ ask: Ask) -> Parameters {
    [
      "limit": .number(ask.limit), "from": .text(ask.from, .iso), "till": .text(ask.to, .iso),
    ]
  }

  private static func transactions(_ ask: Ask, _ types: String?) -> [Call] {
    let head: Parameters = ["types": .text(types), "currencies": .text(ask.asset)]
    return signed("wallet/transactions", head.adding(range(ask)))
  }

  private static func moved(_ types: String) -> Feed<Transfer> {
    Feed(
      paging: Paging(.backward, most: 100), calls: { ask in transactions(ask, types) },
      rows: Picks.list(), row: transfer)
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      balances("spot/balance", .spot), balances("wallet/balance", .funding),
      balances("futures/balance", .swap),
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.backward, most: 100),
        calls: { ask in
          let market: Parameters = ["symbol": .text(ask.market?.id)]
          return signed("spot/history/trade", market.adding(range(ask)))
        }, rows: Picks.list(), row: fill)
    ]
    feeds.deposits = [moved("DEPOSIT")]
    feeds.withdrawals = [moved("WITHDRAW")]
    feeds.statement = [
      Feed(
        part: .funding, paging: Paging(.backward, most: 100),
        calls: { ask in transactions(ask, "TRANSFER,SWAP") }, rows: Picks.list(), row: statement)
    ]
    feeds.openOrders = [
      Feed(
        calls: { ask in signed("spot/order", ["symbol": .text(ask.market?.id)]) },
        rows: Picks.list(), row: order)
    ]
    feeds.closedOrders = [
      Feed(
        paging: Paging(.backward, most: 100),
        calls: { ask in
          let market: Parameters = ["symbol": .text(ask.market?.id)]
          return signed("spot/history/order", market.adding(range(ask)))
        }, rows: Picks.list(), row: order)
    ]
    addMarkets(&feeds)
    return feeds
  }()

  private static let lengths = [
    60: "M1", 180: "M3", 300: "M5", 900: "M15", 1800: "M30", 3600: "H1", 14_400: "H4",
    86_400: "D1", 604_800: "D7", 2_592_000: "1M",
  ]

  private static func addMarkets(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(calls: { _ in open("public/symbol") }, rows: Picks.members(), row: market)
    ]
    feeds.assets = [
      Feed(calls: { _ in open("public/currency") }, rows: Picks.members(), row: asset)
    ]
    feeds.tickers = [
      Feed(
        calls: { ask in
          if let market = ask.market {
            return open("public/ticker/{symbol}", ["symbol": .string(market.id)])
          }
          let names = ask.manyMarkets.map(\.id).joined(separator: ",")
          return open("public/ticker", ["symbols": .text(names.isEmpty ? nil : names)])
        },
        rows: { answer throws(VenueFault) in
          answer.ask.market == nil ? try answer.body.members() : [answer.body]
        }, row: ticker)
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 100), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          guard let length = lengths[ask.interval] else {
            throw .unsupported("candles of \(ask.interval) seconds")
          }
          let head: Parameters = [
            "symbol": .string(try Picks.market(ask).id), "period": .string(length),
            "sort": ask.from == nil ? nil : .string("ASC"),
          ]
          return open("public/candles/{symbol}", head.adding(range(ask)))
        }, rows: Picks.list(),
        row: { row, _ throws(VenueFault) in
          Candle(
            time: try row.time(.iso, "timestamp"), open: try row.decimal("open"),
            high: try row.decimal("max"), low: try row.decimal("min"),
            close: try row.decimal("close"), volume: try row.optionalDecimal("volume"))
        })
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.backward, most: 100), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open(
            "public/trades/{symbol}", range(ask).led("symbol", try Picks.market(ask).id))
        }, rows: Picks.list(),
        row: { row, ask throws(VenueFault) in
          PublicTrade(
            id: try row.optionalText("id"), time: try row.time(.iso, "timestamp"),
            market: ask.market?.id ?? "", side: try row["side"].sideOfWord(),
            price: try row.decimal("price"), amount: try row.decimal("qty"))
        })
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open(
            "public/orderbook/{symbol}",
            ["symbol": .string(try Picks.market(ask).id), "depth": .number(ask.limit)])
        }, rows: Picks.body,
        row: { row, ask throws(VenueFault) in
          OrderBook(
            market: ask.market?.id ?? "", time: try row.optionalTime(.iso, "timestamp"),
            bids: try OrderBook.levels(row["bid"]), asks: try OrderBook.levels(row["ask"]))
        })
    ]
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let isSpot = try row.text("type") == "spot"
    let base = try row.optionalText("base_currency", "underlying") ?? ""
    let quote = try row.text("quote_currency")
    let state = try row.optionalText("status")
    let expiry = try row.optionalTime(.iso, "expiry")
    return Market(
      id: row.key, base: base, quote: quote, settle: isSpot ? nil : quote,
      kind: isSpot ? .spot : expiry == nil ? .swap : .future,
      isActive: state.map { $0 == "working" }, contractSize: isSpot ? nil : .one,
      amountStep: try row.optionalDecimal("quantity_increment"),
      priceStep: try row.optionalDecimal("tick_size"),
      amountMin: try row.optionalDecimal("quantity_increment"), expiry: expiry)
  }

  static func asset(_ row: Node, _: Ask) throws(VenueFault) -> ListedAsset? {
    var networks: [AssetNetwork] = []
    for network in try row["networks"].optionalElements() {
      networks.append(
        AssetNetwork(
          id: try network.text("network", "code"),
          fee: try network.optionalDecimal("payout_fee"),
          contract: try network.optionalText("contract_address"),
          canDeposit: try network.optionalFlag("payin_enabled"),
          canWithdraw: try network.optionalFlag("payout_enabled")))
    }
    return ListedAsset(
      id: row.key, name: try row.optionalText("full_name"),
      step: try row.optionalDecimal("precision_transfer"), networks: networks)
  }

  static func ticker(_ row: Node, _ ask: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: row.key == "$" ? ask.market?.id ?? "" : row.key,
      time: try row.optionalTime(.iso, "timestamp"), last: try row.optionalDecimal("last"),
      bid: try row.optionalDecimal("bid"), ask: try row.optionalDecimal("ask"),
      high: try row.optionalDecimal("high"), low: try row.optionalDecimal("low"),
      open: try row.optionalDecimal("open"), baseVolume: try row.optionalDecimal("volume"),
      quoteVolume: try row.optionalDecimal("volume_quote"))
  }
}

extension Node {
  /// A transaction's own number, as text.
  fileprivate func optionalIdentity() -> String? { (try? optionalText("id")) ?? nil }
}
