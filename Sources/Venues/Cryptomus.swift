import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Cryptomus: its exchange wallet.
  public static let cryptomus = Venue(
    id: "cryptomus", name: "Cryptomus", documents: ["https://doc.cryptomus.com/personal"],
    surfaces: [
      Surface("public", Cryptomus.host),
      Surface("private", Cryptomus.host, "/", Cryptomus.recipe),
    ],
    credentials: [
      CredentialField("uid", "User id", isSecret: false), CredentialField("secret", "API key"),
    ],
    limits: Cryptomus.limits, faults: Cryptomus.faults, feeds: Cryptomus.feeds,
    unseen: [
      "the personal and business wallets, their deposits, withdrawals and payments",
      "conversions", "staking",
    ])
}

private enum Cryptomus {
  static let host = "https://api.cryptomus.com"

  // https://doc.cryptomus.com/personal/general/request-format
  static let recipe = Recipe([
    .on(["GET", "DELETE"], [.query(.strict)]), .notOn(["GET", "DELETE"], [.jsonBody]),
    .header("userId", .field("uid")), .header("Content-Type", "application/json"),
    .header("sign", .hex(.hash(.md5, .join([.base64(.body), .secret])))),
  ])

  static let limits = Limits([
    LimitBucket("requests", capacity: 10, refill: .window(seconds: 1), scope: .key)
  ])

  static let faults = FaultTable(
    codes: ["429": .rate, "500": .retryable],
    texts: [
      "insufficient": .funds, "minimum amount": .definitive, "sign": .auth,
      "not found": .orderNotFound, "order was not found": .orderNotFound,
      "unauthenticated": .auth, "too many": .rate, "server error": .retryable,
    ],
    find: { body, status in
      let message = ((try? body.optionalText("message")) ?? nil)
      let state = (try? body.optionalText("state")) ?? nil
      guard message != nil, state != "0" || !(200..<300).contains(status),
        body["result"].isNothing
      else { return nil }
      return (((try? body.optionalText("code")) ?? nil) ?? "", message ?? "")
    })

  private static func call(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("private", "GET", "v2/user-api/exchange/" + path, parameters)
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { _ in [call("account/balance")] }, rows: Pick.list("result"),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("ticker"), free: try row.decimal("available"),
            used: try row.decimal("held"))
        })
    ]
    feeds.fills = [fills]
    feeds.openOrders = [openOrders]
    feeds.markets = [markets]
    feeds.tickers = [tickers]
    return feeds
  }()

  // MARK: - The account

  private static func page(_ ask: Ask) -> Parameters {
    let size = min(ask.limit ?? 50, 100)
    return [
      "market": .text(ask.market?.id), "limit": ask.limit.map { _ in .string(String(size)) },
      "offset": ask.page > 0 ? .string(String(ask.page * size)) : nil,
    ]
  }

  /// Executions stand inside their orders, in `transactions` or `deal`.
  /// https://doc.cryptomus.com/personal/exchange/history-of-completed-orders
  private static let fills = Feed<Fill>(
    part: .spot, market: .spot, paging: Paging(.numbered, most: 100),
    calls: { ask in [call("orders/history", page(ask))] },
    rows: { answer throws(VenueFault) in
      var rows: [Node] = []
      for order in try answer.body["result"].optionalElements() {
        let deal = order["deal"]
        for one in try deal["transactions"].optionalElements() {
          guard case .object(var members)? = one.json else { throw one.fault("an object") }
          members.set("order", order["id"].json ?? .null)
          members.set("symbol", order["symbol"].json ?? .null)
          members.set("direction", order["direction"].json ?? .null)
          rows.append(Node(.object(members)))
        }
      }
      return rows
    },
    row: { row, _ throws(VenueFault) in
      Fill(
        id: try row.text("id"), order: try row.optionalText("order"),
        time: try row.time(.iso, "committedAt"), market: try row.text("symbol"),
        side: try row.side("direction"), price: try row.decimal("filledPrice"),
        amount: try row.decimal("filledQuantity"), cost: try row.optionalDecimal("filledValue"),
        fees: try row.fees("fee", "feeCurrency"),
        isMaker: try row.word("tradeRole", ["maker": true, "taker": false]))
    })

  // https://doc.cryptomus.com/personal/exchange/list-of-active-orders
  private static let openOrders = Feed<Order>(
    part: .spot, market: .spot, paging: Paging(.numbered, most: 100),
    calls: { ask in [call("orders", page(ask))] }, rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      Order(
        id: try row.text("id"), clientID: try row.optionalText("clientOrderId"),
        time: try row.optionalTime(.iso, "createdAt"), market: try row.text("symbol"),
        type: try row.optionalText("type") ?? "limit", side: try row.side("direction"),
        price: try row.optionalDecimal("price"), amount: try row.optionalDecimal("quantity"),
        filled: try row.optionalDecimal("filledQuantity"),
        cost: try row.optionalDecimal("filledValue"), status: .open)
    })

  // MARK: - Markets

  // https://doc.cryptomus.com/personal/exchange/list-of-markets
  private static let markets = Feed<Market>(
    market: .spot, calls: { _ in [Call("public", "GET", "v2/user-api/exchange/markets")] },
    rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      Market(
        id: try row.text("symbol"), base: try row.text("baseCurrency"),
        quote: try row.text("quoteCurrency"), amountStep: try row.step(digits: "quotePrec"),
        priceStep: try row.step(digits: "basePrec"), amountMin: row.shownDecimal("quoteMinSize"),
        amountMax: row.shownDecimal("quoteMaxSize"), costMin: row.shownDecimal("baseMinSize"))
    })

  // https://doc.cryptomus.com/personal/market-cap/tickers
  private static let tickers = Feed<Ticker>(
    market: .spot,
    calls: { ask throws(VenueFault) in
      guard ask.market == nil else { throw .unsupported("one of all tickers") }
      return [Call("public", "GET", "v1/exchange/market/tickers")]
    },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      Ticker(
        market: try row.text("currency_pair"), last: try row.optionalDecimal("last_price"),
        baseVolume: row.shownDecimal("base_volume"),
        quoteVolume: row.shownDecimal("quote_volume"))
    })
}
