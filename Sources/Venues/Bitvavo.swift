import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Bitvavo.
  public static let bitvavo = Venue(
    id: "bitvavo", name: "Bitvavo",
    documents: [
      "https://docs.bitvavo.com/docs/authentication/", "https://docs.bitvavo.com/docs/rest-api/",
    ],
    surfaces: [
      Surface("public", Bitvavo.host, "/v2/"),
      Surface("private", Bitvavo.host, "/v2/", Bitvavo.recipe),
    ],
    limits: Bitvavo.limits, faults: Bitvavo.faults, feeds: Bitvavo.feeds,
    unseen: ["sub-accounts", "staked amounts under way: the balance holds them"])
}

// https://docs.bitvavo.com/docs/authentication/
enum Bitvavo {
  static let host = "https://api.bitvavo.com"

  static let recipe = Recipe([
    .on(["GET", "DELETE"], [.query(.strict)]),
    .notOn(["GET", "DELETE"], [.jsonBodyUnlessEmpty]),
    .bind("time", .time(.milliseconds)),
    .header("BITVAVO-ACCESS-KEY", .key),
    .header(
      "BITVAVO-ACCESS-SIGNATURE",
      .hex(
        .hmac(
          .sha256, key: .secret, .join([.value("time"), .method, .pathAndQuery, .body])))),
    .header("BITVAVO-ACCESS-TIMESTAMP", .value("time")),
    .header("BITVAVO-ACCESS-WINDOW", "10000"),
  ])

  // https://docs.bitvavo.com/docs/rate-limits/
  static let limits = Limits([
    LimitBucket("weight", capacity: 1000, refill: .window(seconds: 60), scope: .key),
    LimitBucket("address", capacity: 1000, refill: .window(seconds: 60), scope: .address),
  ])

  // https://docs.bitvavo.com/docs/errors/
  static let faults = FaultTable(
    codes: [
      "101": .unknownOutcome, "105": .banned, "106": .unknownOutcome, "107": .retryable,
      "108": .unknownOutcome, "109": .unknownOutcome, "110": .definitive, "112": .rate,
      "216": .funds, "240": .orderNotFound, "300": .auth, "301": .auth, "302": .auth,
      "303": .auth, "304": .clock, "305": .auth, "306": .auth, "307": .auth, "308": .auth,
      "309": .auth, "310": .auth, "311": .auth, "312": .auth, "400": .retryable, "403": .auth,
    ],
    texts: ["rate limit": .rate, "insufficient balance": .funds, "no order found": .orderNotFound],
    find: { body, status in
      guard let code = try? body.optionalText("errorCode") else {
        return status >= 400 ? ("", "") : nil
      }
      return (code, ((try? body.optionalText("error")) ?? nil) ?? "")
    })

  // MARK: - Rows

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("symbol"), free: try row.decimal("available"),
      used: try row.decimal("inOrder"))
  }

  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    let fee = try row.optionalDecimal("fee")
    let asset = try row.optionalText("feeCurrency")
    var fees: [VenueAmount] = []
    if let fee, let asset { fees = [VenueAmount(asset, fee)] }
    return Fill(
      id: try row.text("id"), order: try row.optionalText("orderId"),
      time: try row.time(.milliseconds, "timestamp"), market: try row.text("market"),
      side: try row["side"].sideOfWord(), price: try row.decimal("price"),
      amount: try row.decimal("amount"), fees: fees,
      isMaker: try row.optionalFlag("taker").map { !$0 })
  }

  /// Moves have no number of their own; the fee comes on top of the amount.
  private static func transfer(
    _ row: Node, _ direction: Transfer.Direction
  ) throws(VenueFault) -> Transfer {
    let asset = try row.text("symbol")
    let fee = try row.optionalDecimal("fee")
    return Transfer(
      id: nil, transactionHash: try row.optionalText("txId"),
      time: try row.optionalTime(.milliseconds, "timestamp"), direction: direction,
      asset: asset, amount: try row.decimal("amount"), fee: fee.map { VenueAmount(asset, $0) },
      address: try row.optionalText("address"), tag: try row.optionalText("paymentId"),
      status: try row.optionalText("status").flatMap(status))
  }

  private static func status(_ word: String) -> Transfer.Status? {
    switch word {
    case "completed": .ok
    case "canceled": .canceled
    case "awaiting_processing", "awaiting_email_confirmation", "awaiting_bitvavo_inspection",
      "approved", "sending", "in_mempool", "processed", "pending":
      .pending
    default: nil
    }
  }

  // https://docs.bitvavo.com/docs/rest-api/get-transaction-history/: what came in counts, else
  // what went out.
  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let type = try row.text("type")
    let isIn = !row["receivedAmount"].isNothing
    let amount = try row.decimal(isIn ? "receivedAmount" : "sentAmount")
    let fee = try row["feesAmount"].decimalButZero()
    let feeAsset = try row.optionalText("feesCurrency")
    let kinds: [String: EntryKind] = [
      "buy": .trade, "sell": .trade, "deposit": .deposit, "withdrawal": .withdrawal,
      "staking": .staking, "fixed_staking": .staking, "rebate": .feeRebate,
      "affiliate": .referral, "distribution": .airdrop, "internal_transfer": .internalTransfer,
    ]
    return StatementRow(
      id: try row.text("transactionId"), time: try row.time(.iso, "executedAt"),
      asset: try row.text(isIn ? "receivedCurrency" : "sentCurrency"),
      amount: isIn ? amount : try amount.opposite(), kind: kinds[type], type: type,
      fee: feeAsset.flatMap { asset in fee.map { VenueAmount(asset, $0) } },
      isToldElsewhere: ["buy", "sell", "deposit", "withdrawal"].contains(type))
  }

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let fee = try row.optionalDecimal("feePaid")
    let feeAsset = try row.optionalText("feeCurrency")
    var fees: [VenueAmount] = []
    if let fee, let feeAsset { fees = [VenueAmount(feeAsset, fee)] }
    return Order(
      id: try row.text("orderId"), clientID: try row.optionalText("clientOrderId"),
      time: try row.optionalTime(.milliseconds, "created"), market: try row.text("market"),
      type: try row.optionalText("orderType"), side: try row["side"].sideOfWord(),
      price: try row["price"].decimalButZero(), amount: try row.optionalDecimal("amount"),
      filled: try row.optionalDecimal("filledAmount"),
      remaining: try row.optionalDecimal("amountRemaining"),
      cost: try row.optionalDecimal("filledAmountQuote"),
      status: try row.optionalText("status").flatMap(orderStatus), fees: fees)
  }

  private static func orderStatus(_ word: String) -> Order.Status? {
    switch word {
    case "new", "awaitingTrigger", "partiallyFilled": .open
    case "filled": .closed
    case "expired": .expired
    case "rejected": .rejected
    default: word.hasPrefix("cancel") ? .canceled : nil
    }
  }

  // MARK: - Feeds

  private static func open(
    _ path: String, _ parameters: Parameters = [:], cost: Int = 1
  ) -> [Call] {
    [Call("public", "GET", path, parameters, cost: ["address": cost])]
  }

  private static func signed(
    _ path: String, _ parameters: Parameters = [:], cost: Int = 5
  ) -> [Call] {
    [Call("private", "GET", path, parameters, cost: ["weight": cost])]
  }

  private static func range(_ ask: Ask) -> Parameters {
    [
      "start": .text(ask.from, .milliseconds), "limit": .number(ask.limit),
      "end": .text(ask.to, .milliseconds),
    ]
  }

  private static func asset(_ ask: Ask) -> Parameters { ["symbol": .text(ask.asset)] }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        evidence: .recorded, calls: { _ in signed("balance") }, rows: Picks.list(),
        row: balance)
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.backward, most: 500), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          signed("trades", range(ask).led("market", try Picks.market(ask).id))
        }, rows: Picks.list(), row: fill)
    ]
    feeds.deposits = [
      Feed(
        paging: Paging(.backward, most: 500),
        calls: { ask in signed("depositHistory", asset(ask).adding(range(ask))) },
        rows: Picks.list(),
        row: { row, _ throws(VenueFault) in try transfer(row, .deposit) })
    ]
    feeds.withdrawals = [
      Feed(
        paging: Paging(.backward, most: 500),
        calls: { ask in signed("withdrawalHistory", asset(ask).adding(range(ask))) },
        rows: Picks.list(),
        row: { row, _ throws(VenueFault) in try transfer(row, .withdrawal) })
    ]
    feeds.statement = [
      Feed(
        paging: Paging(.numbered, most: 100), evidence: .recorded,
        calls: { ask in
          signed(
            "account/history",
            [
              "fromDate": .text(ask.from, .milliseconds), "maxItems": .number(ask.limit),
              "toDate": .text(ask.to, .milliseconds),
              "page": ask.page > 0 ? .number(min(ask.page, 1_000_000) + 1) : nil,
            ])
        }, rows: Picks.list("items"), row: statement)
    ]
    feeds.openOrders = [
      Feed(
        calls: { ask in signed("ordersOpen", ["market": .text(ask.market?.id)]) },
        rows: Picks.list(), row: order)
    ]
    addMarkets(&feeds)
    return feeds
  }()

  private static let lengths = [
    60: "1m", 300: "5m", 900: "15m", 1800: "30m", 3600: "1h", 7200: "2h", 14_400: "4h",
    21_600: "6h", 28_800: "8h", 43_200: "12h", 86_400: "1d",
  ]

  private static func addMarkets(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(calls: { _ in open("markets") }, rows: Picks.list(), row: market)
    ]
    feeds.assets = [
      Feed(
        evidence: .recorded, calls: { _ in open("assets") }, rows: Picks.list(),
        row: listedAsset)
    ]
    feeds.tickers = [
      Feed(
        calls: { ask in
          open("ticker/24h", ["market": .text(ask.market?.id)], cost: ask.market == nil ? 25 : 1)
        }, rows: Picks.optionalOneOrList, row: ticker)
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.backward, most: 1440), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          guard let length = lengths[ask.interval] else {
            throw .unsupported("candles of \(ask.interval) seconds")
          }
          let terms: Parameters = [
            "market": .string(try Picks.market(ask).id), "interval": .string(length),
          ]
          return open("{market}/candles", terms.adding(range(ask)))
        }, rows: Picks.list(),
        row: { row, _ throws(VenueFault) in
          try Candle(row, .milliseconds)
        })
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.backward, most: 500), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open("{market}/trades", range(ask).led("market", try Picks.market(ask).id), cost: 5)
        }, rows: Picks.list(),
        row: { row, ask throws(VenueFault) in
          PublicTrade(
            id: try row.optionalText("id"), time: try row.time(.milliseconds, "timestamp"),
            market: ask.market?.id ?? "", side: try row["side"].sideOfWord(),
            price: try row.decimal("price"), amount: try row.decimal("amount"))
        })
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          open(
            "{market}/book",
            ["market": .string(try Picks.market(ask).id), "depth": .number(ask.limit)])
        }, rows: Picks.body,
        row: { row, ask throws(VenueFault) in
          OrderBook(
            market: try row.optionalText("market") ?? ask.market?.id ?? "",
            bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]),
            sequence: try row.optionalInteger("nonce"))
        })
    ]
    feeds.clock = Feed(
      calls: { _ in open("time") }, rows: Picks.body,
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds, "time") })
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let status = try row.optionalText("status")
    return Market(
      id: try row.text("market"), base: try row.text("base"), quote: try row.text("quote"),
      isActive: status.map { $0 == "trading" },
      amountStep: try row["quantityDecimals"].stepOfDecimals(),
      priceStep: try row.optionalDecimal("tickSize"),
      amountMin: try row.optionalDecimal("minOrderInBaseAsset"),
      amountMax: try row.optionalDecimal("maxOrderInBaseAsset"),
      costMin: try row.optionalDecimal("minOrderInQuoteAsset"))
  }

  static func listedAsset(_ row: Node, _: Ask) throws(VenueFault) -> ListedAsset? {
    let canDeposit = try row.optionalText("depositStatus") == "OK"
    let canWithdraw = try row.optionalText("withdrawalStatus") == "OK"
    var networks: [AssetNetwork] = []
    for name in try row["networks"].optionalElements() {
      networks.append(
        AssetNetwork(
          id: try name.text(), fee: try row.optionalDecimal("withdrawalFee"),
          withdrawMin: try row.optionalDecimal("withdrawalMinAmount"), canDeposit: canDeposit,
          canWithdraw: canWithdraw))
    }
    return ListedAsset(
      id: try row.text("symbol"), name: try row.optionalText("name"),
      step: try row["decimals"].stepOfDecimals(), networks: networks)
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("market"), time: try row.optionalTime(.milliseconds, "timestamp"),
      last: try row.optionalDecimal("last"), bid: try row.optionalDecimal("bid"),
      ask: try row.optionalDecimal("ask"), high: try row.optionalDecimal("high"),
      low: try row.optionalDecimal("low"), open: try row.optionalDecimal("open"),
      baseVolume: try row.optionalDecimal("volume"),
      quoteVolume: try row.optionalDecimal("volumeQuote"))
  }
}
