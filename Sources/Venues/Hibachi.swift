import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Hibachi: perpetuals, read with an API key.
  public static let hibachi = Venue(
    id: "hibachi", name: "Hibachi", documents: ["https://api-doc.hibachi.xyz/"],
    surfaces: [
      Surface("public", Hibachi.open), Surface("private", Hibachi.host, "/", Hibachi.recipe),
    ],
    credentials: [
      CredentialField("key", "API key"),
      CredentialField("accountId", "Account id", isSecret: false),
      CredentialField("privateKey", "Private key (only for orders)", isOptional: true),
    ],
    limits: Hibachi.limits, faults: Hibachi.faults, feeds: Hibachi.feeds,
    unseen: ["vaults", "orders placed here"])
}

private enum Hibachi {
  static let host = "https://api.hibachi.xyz"
  static let open = "https://data-api.hibachi.xyz"

  // The key alone reads; cancelling signs the order's number. What signs a new order holds the
  // number of its market and stands in its body before it comes here.
  // https://api-doc.hibachi.xyz/#authentication
  static let recipe = Recipe([
    .on(["GET"], [.lead("accountId", .field("accountId")), .query(.strict)]),
    .on(["DELETE"], [.custom(cancelling)]),
    .notOn(
      ["GET"],
      [
        .ifField("accountId", [.addNumber("accountId", .field("accountId"))], else: []),
        .jsonBody,
      ]),
    .header("Authorization", .key),
  ])

  private static let cancelling: @Sendable (inout Draft) throws(VenueFault) -> Void = {
    draft throws(VenueFault) in
    let number = draft.parameters["orderId"] ?? draft.parameters["nonce"]
    guard let number, let value = UInt64(number.plainText) else { return }
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) }
    let key = Array(try draft.text(.field("privateKey")).utf8)
    draft.parameters["signature"] = .string(Hex.text(draft.tools.hmac(.sha256, key, bytes)))
  }

  static let limits = Limits([
    LimitBucket("requests", capacity: 10, refill: .window(seconds: 1), scope: .key)
  ])

  static let faults = FaultTable(
    codes: ["2": .definitive, "3": .orderNotFound, "4": .auth, "429": .rate],
    texts: [
      "not found": .orderNotFound, "insufficient": .funds, "unauthorized": .auth,
      "missing account id": .definitive, "rate limit": .rate, "signature": .auth,
    ],
    find: { body, _ in
      guard !body["errorCode"].isNothing || (try? body["status"].optionalText()) == "failed"
      else { return nil }
      let code = ((try? body.optionalText("errorCode")) ?? nil) ?? ""
      return (code, ((try? body.optionalText("message")) ?? nil) ?? "")
    })

  private static func call(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("private", "GET", path, parameters)
  }

  private static func market(_ path: String, _ ask: Ask) throws(VenueFault) -> Call {
    Call("public", "GET", "market/data/" + path, ["symbol": .string(try ask.needed().id)])
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [balances]
    feeds.fills = [fills]
    feeds.transfers = [transfers]
    feeds.statement = [statement]
    feeds.positions = [positions]
    feeds.markets = [markets]
    feeds.tickers = [tickers]
    feeds.candles = [candles]
    feeds.trades = [trades]
    feeds.books = [books]
    feeds.openOrders = [
      Feed(
        part: .swap, market: .swap, evidence: .recorded, calls: { _ in [call("trade/orders")] },
        rows: Pick.list(), row: order)
    ]
    feeds.closedOrders = [
      Feed(
        part: .swap, market: .swap, evidence: .recorded,
        calls: { ask in
          let state: Parameters = ["status": "filled"]
          return [
            call("trade/orders/history", state.adding(ask.range("startTime", "endTime", "limit")))
          ]
        },
        rows: Pick.list("orders"), row: order)
    ]
    feeds.clock = Feed(
      calls: { _ in [Call("public", "GET", "exchange/utc-timestamp")] }, rows: Pick.one(),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds, "timestampMs") })
    return feeds
  }()

  // MARK: - The account

  /// The account's sum stands beside the coins: what can be withdrawn of the collateral.
  /// https://api-doc.hibachi.xyz/#get-account-info
  private static let balances = Feed<Balance>(
    part: .swap, market: .swap, evidence: .recorded,
    calls: { _ in [call("trade/account/info")] },
    rows: { answer throws(VenueFault) in
      var rows: [Node] = []
      for asset in try answer.body["assets"].optionalElements() {
        guard case .object(var members)? = asset.json else { throw asset.fault("an object") }
        if try asset.text("symbol") == "USDT" {
          members.set("free", answer.body["maximalWithdraw"].json ?? .null)
        }
        rows.append(Node(.object(members)))
      }
      return rows
    },
    row: { row, _ throws(VenueFault) in
      Balance(
        asset: try row.text("symbol"), free: try row.optionalDecimal("free"),
        total: try row.decimal("quantity"), part: .swap)
    })

  // https://api-doc.hibachi.xyz/#get-account-trades
  private static let fills = Feed<Fill>(
    part: .swap, market: .swap, calls: { _ in [call("trade/account/trades")] },
    rows: Pick.list("trades"),
    row: { row, _ throws(VenueFault) in
      let side = try row["side"].sideOfWord()
      let profit = try row.optionalDecimal("realizedPnl")
      let order: String? =
        switch side {
        case .buy: try row.optionalText("bidOrderId")
        case .sell: try row.optionalText("askOrderId")
        case nil: nil
        }
      return Fill(
        id: try row.text("id"), order: order, time: try row.time(.seconds, "timestamp"),
        market: try row.text("symbol"), side: side, price: try row.decimal("price"),
        amount: try row.decimal("quantity"),
        fees: try row.optionalDecimal("fee").map { [VenueAmount("USDT", $0)] } ?? [],
        part: .swap, realised: profit.map { VenueAmount("USDT", $0) })
    })

  private static let states: [String: Transfer.Status] = [
    "pending": .pending, "claimable": .pending, "completed": .ok, "failed": .failed,
  ]

  // https://api-doc.hibachi.xyz/#get-capital-history
  private static let transfers = Feed<Transfer>(
    calls: { _ in [call("capital/history")] }, rows: Pick.list("transactions"),
    row: { row, _ throws(VenueFault) in
      let words: [String: Transfer.Direction] = ["deposit": .deposit, "withdrawal": .withdrawal]
      guard let direction = try row.word("transactionType", words) else { return nil }
      let asset = try row.optionalText("token", "symbol") ?? "USDT"
      return Transfer(
        id: try row.text("id"), transactionHash: try row.optionalText("transactionHash"),
        time: try row.optionalTime(.seconds, "timestampSec", "timestamp"), direction: direction,
        asset: asset, amount: try row.decimal("quantity"),
        network: try row.optionalText("chain"), address: try row.optionalText("withdrawalAddress"),
        status: try row.word("status", states))
    })

  /// Transfers between accounts; deposits and withdrawals are told by their own feed.
  private static let statement = Feed<StatementRow>(
    part: .swap, calls: { _ in [call("capital/history")] }, rows: Pick.list("transactions"),
    row: { row, _ throws(VenueFault) in
      let word = try row.text("transactionType")
      let size = try row.decimal("quantity").sizeOnly()
      let isOut = word == "withdrawal" || word == "transfer-out"
      let kinds: [String: EntryKind] = [
        "deposit": .deposit, "withdrawal": .withdrawal, "transfer-in": .internalTransfer,
        "transfer-out": .internalTransfer,
      ]
      return StatementRow(
        id: try row.text("id"),
        time: try row.optionalTime(.seconds, "timestampSec", "timestamp"),
        asset: try row.optionalText("token", "symbol") ?? "USDT",
        amount: isOut ? try size.opposite() : size, kind: kinds[word], type: word, part: .swap,
        isToldElsewhere: word == "deposit" || word == "withdrawal")
    })

  private static let positions = Feed<OpenPosition>(
    part: .swap, market: .swap, calls: { _ in [call("trade/account/info")] },
    rows: Pick.listIfAny("positions"),
    row: { row, _ throws(VenueFault) in
      OpenPosition(
        market: try row.text("symbol"),
        isLong: try row.word("direction", ["Long": true, "Short": false]),
        contracts: try row.decimal("quantity").sizeOnly(), contractSize: .one,
        entryPrice: try row.optionalDecimal("openPrice"),
        markPrice: try row.optionalDecimal("markPrice"),
        unrealised: try row.optionalDecimal("unrealizedTradingPnl"), part: .swap)
    })

  private static let orderStates: [String: Order.Status] = [
    "PENDING": .open, "PLACED": .open, "CHILD_PENDING": .open, "SCHEDULED_TWAP": .open,
    "PARTIALLY_FILLED": .open, "FILLED": .closed, "CANCELLED": .canceled, "REJECTED": .rejected,
  ]

  private static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let average = try row.optionalDecimal("avgFillPrice")
    let placed = try row.optionalTime(.seconds, "creationTime")
    let made = try row.optionalTime(.milliseconds, "createdAt")
    return Order(
      id: try row.text("orderId"), clientID: try row.optionalText("clientId"),
      time: placed ?? made,
      market: try row.optionalText("symbol"),
      type: try row.optionalText("orderType")?.lowercased(), side: try row["side"].sideOfWord(),
      price: try row.optionalDecimal("price") ?? average,
      amount: try row.optionalDecimal("totalQuantity"),
      filled: try row.optionalDecimal("filledQuantity"),
      remaining: try row.optionalDecimal("availableQuantity"), average: average,
      status: try row.optionalText("status").flatMap { orderStates[$0.uppercased()] })
  }

  // MARK: - Markets

  // https://api-doc.hibachi.xyz/#get-exchange-info
  private static let markets = Feed<Market>(
    market: .swap, calls: { _ in [Call("public", "GET", "market/exchange-info")] },
    rows: Pick.list("futureContracts"),
    row: { row, _ throws(VenueFault) in
      let quote = try row.text("settlementSymbol")
      return Market(
        id: try row.text("symbol"), base: try row.text("underlyingSymbol"), quote: quote,
        settle: quote, kind: .swap,
        isActive: try row.optionalText("status").map { $0 == "LIVE" }, contractSize: .one,
        amountStep: row.shownDecimal("stepSize"), priceStep: row.shownDecimal("tickSize"),
        amountMin: row.shownDecimal("minOrderSize"), costMin: row.shownDecimal("minNotional"))
    })

  private static let tickers = Feed<Ticker>(
    market: .swap, scope: .eachMarket,
    calls: { ask throws(VenueFault) in [try market("prices", ask)] }, rows: Pick.one(),
    row: { row, ask throws(VenueFault) in
      Ticker(
        market: try row.optionalText("symbol") ?? ask.market?.id ?? "",
        last: try row.optionalDecimal("tradePrice"), bid: try row.optionalDecimal("bidPrice"),
        ask: try row.optionalDecimal("askPrice"), high: try row.optionalDecimal("high24h"),
        low: try row.optionalDecimal("low24h"))
    })

  private static let candles = Feed<Candle>(
    market: .swap, scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let words = [
        60: "1min", 300: "5min", 900: "15min", 3_600: "1h", 14_400: "4h", 86_400: "1d",
        604_800: "1w",
      ]
      guard let word = words[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      var call = try market("klines", ask)
      call.parameters["interval"] = .string(word)
      call.parameters["fromMs"] = .text(ask.from, .milliseconds)
      call.parameters["toMs"] = .text(ask.to, .milliseconds)
      return [call]
    },
    rows: Pick.list("klines"),
    row: { row, _ throws(VenueFault) in
      Candle(
        time: try row.time(.seconds, "timestamp"), open: try row.decimal("open"),
        high: try row.decimal("high"), low: try row.decimal("low"),
        close: try row.decimal("close"), volume: row.shownDecimal("volumeNotional"))
    })

  private static let trades = Feed<PublicTrade>(
    market: .swap, scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in [try market("trades", ask)] }, rows: Pick.list("trades"),
    row: { row, ask throws(VenueFault) in
      PublicTrade(
        id: nil, time: try row.time(.seconds, "timestamp"), market: ask.market?.id ?? "",
        side: try row.side("takerSide"), price: try row.decimal("price"),
        amount: try row.decimal("quantity"))
    })

  private static let books = Feed<OrderBook>(
    market: .swap, scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in [try market("orderbook", ask)] }, rows: Pick.one(),
    row: { row, ask throws(VenueFault) in
      OrderBook(
        market: ask.market?.id ?? "",
        bids: try OrderBook.levels(row["bid"]["levels"].optionalElements(), "price", "quantity"),
        asks: try OrderBook.levels(row["ask"]["levels"].optionalElements(), "price", "quantity"))
    })

}
