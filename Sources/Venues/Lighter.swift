import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Lighter: perpetuals and spot, read by the number of an account.
  public static let lighter = Venue(
    id: "lighter", name: "Lighter", documents: ["https://apidocs.lighter.xyz/"],
    surfaces: [
      Surface("root", Lighter.host), Surface("public", Lighter.host, "/api/v1/"),
      Surface("account", Lighter.host, "/api/v1/", Lighter.byIndex),
      Surface("private", Lighter.host, "/api/v1/", Lighter.byToken),
    ],
    credentials: [
      .account("accountIndex", "Account index"),
      CredentialField("token", "Read-only token", isOptional: true),
    ],
    limits: Lighter.limits, faults: Lighter.faults, feeds: Lighter.feeds,
    unseen: [
      "fills, deposits and withdrawals where no read-only token is stored",
      "shares of public pools", "funding payments as single entries",
      "orders placed here, which need the venue's own signing library",
    ])
}

private enum Lighter {
  static let host = "https://mainnet.zklighter.elliot.ai"

  static let byIndex = Recipe([
    .add("by", "index"), .add("value", .field("accountIndex")), .query(.strict),
  ])

  // https://apidocs.lighter.xyz/docs/api-keys: a read-only token stands in the query
  static let byToken = Recipe([
    .add("account_index", .field("accountIndex")), .add("auth", .field("token")),
    .query(.strict),
  ])

  // https://apidocs.lighter.xyz/docs/rate-limits
  static let limits = Limits([
    LimitBucket("requests", capacity: 60, refill: .window(seconds: 60), scope: .address)
  ])

  // https://apidocs.lighter.xyz/docs/data-structures-constants-and-errors
  static let faults = FaultTable(
    codes: [
      "20001": .definitive, "21100": .definitive, "21104": .clock, "21120": .auth,
      "21500": .definitive, "21600": .definitive, "21700": .orderNotFound, "21739": .funds,
      "23000": .rate, "23001": .rate, "23002": .rate, "23003": .rate, "29500": .retryable,
      "30005": .rate, "61000": .auth,
    ],
    find: { body, _ in
      guard let code = (try? body["code"].optionalText()) ?? nil, code != "200" else {
        return nil
      }
      return (code, ((try? body.optionalText("message")) ?? nil) ?? "")
    })

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [collateral, coins]
    feeds.fills = [fills]
    feeds.deposits = [transfers("deposit/history", "deposits", .deposit)]
    feeds.withdrawals = [transfers("withdraw/history", "withdraws", .withdrawal)]
    feeds.statement = [moves]
    feeds.positions = [positions]
    feeds.markets = [markets("order_book_details"), markets("spot_order_book_details")]
    feeds.tickers = [tickers("order_book_details"), tickers("spot_order_book_details")]
    feeds.books = [books]
    feeds.clock = Feed(
      evidence: .recorded, calls: { _ in [Call("root", "GET", "")] }, rows: Pick.one(),
      row: { row, _ throws(VenueFault) in try row.time(.seconds, "timestamp") })
    feeds.accounts = Feed(
      evidence: .recorded, calls: { _ in [Call("account", "GET", "account")] },
      rows: Pick.list("accounts"),
      row: { row, _ throws(VenueFault) in
        VenueAccount(name: "accountIndex", id: try row.text("account_index", "index"))
      })
    return feeds
  }()

  // MARK: - The account

  // https://apidocs.lighter.xyz/reference/account-1
  private static let collateral = Feed<Balance>(
    part: .swap, market: .swap, evidence: .recorded,
    calls: { _ in [Call("account", "GET", "account")] }, rows: Pick.list("accounts"),
    row: { row, _ throws(VenueFault) in
      // What can be used counts the profit that is not settled: it may be more than there is.
      Balance(
        asset: "USDC", free: try row.optionalDecimal("available_balance"),
        total: try row.decimal("collateral"), part: .swap)
    })

  private static let coins = Feed<Balance>(
    part: .spot, market: .spot, calls: { _ in [Call("account", "GET", "account")] },
    rows: Pick.inner("assets", of: "accounts"),
    row: { row, _ throws(VenueFault) in
      Balance(
        asset: try row.text("symbol"), used: try row.optionalDecimal("locked_balance"),
        total: try row.decimal("balance"))
    })

  /// Which side was ours is told by the number of the account.
  /// https://apidocs.lighter.xyz/reference/trades
  private static let fills = Feed<Fill>(
    part: .swap, paging: Paging(.cursor, most: 100),
    calls: { ask in
      let parameters: Parameters = [
        "sort_by": "timestamp", "limit": .string(String(min(ask.limit ?? 100, 100))),
        "market_id": .text(ask.market?.id), "from": .text(ask.from, .milliseconds),
        "cursor": .text(ask.cursor),
      ]
      return [Call("private", "GET", "trades", parameters)]
    },
    rows: Pick.list("trades"),
    row: { row, ask throws(VenueFault) in
      let own = ask.accounts["accountIndex"]
      let isBuyer = try own.map { own throws(VenueFault) in
        try row.optionalText("bid_account_id") == own
      }
      let isSeller = try own.map { own throws(VenueFault) in
        try row.optionalText("ask_account_id") == own
      }
      let side: Side? = isBuyer == true ? .buy : isSeller == true ? .sell : nil
      let isMakerAsk = try row.optionalFlag("is_maker_ask")
      return Fill(
        id: try row.text("trade_id"),
        order: side == nil ? nil : try row.optionalText(side == .buy ? "bid_id" : "ask_id"),
        time: try row.time(.milliseconds, "timestamp"), market: try row.text("market_id"),
        side: side, price: try row.decimal("price"), amount: try row.decimal("size"),
        cost: try row.optionalDecimal("usd_amount"),
        isMaker: side == nil ? nil : isMakerAsk.map { $0 == (side == .sell) }, part: .swap)
    },
    next: Pick.text("next_cursor"))

  private static let states: [String: Transfer.Status] = [
    "pending": .pending, "claimable": .pending, "completed": .ok, "claimed": .ok,
    "failed": .failed, "refunded": .failed,
  ]

  // https://apidocs.lighter.xyz/reference/deposit_history
  private static func transfers(
    _ path: String, _ list: String, _ direction: Transfer.Direction
  ) -> Feed<Transfer> {
    Feed(
      paging: Paging(.cursor),
      calls: { ask in [Call("private", "GET", path, ["cursor": .text(ask.cursor)])] },
      rows: Pick.listIfAny(list),
      row: { row, _ throws(VenueFault) in
        Transfer(
          id: try row.text("id"), transactionHash: try row.optionalText("l1_tx_hash"),
          time: try row.optionalTime(.milliseconds, "timestamp"), direction: direction,
          asset: try row.text("asset_id"), amount: try row.decimal("amount"),
          status: try row.word("status", states))
      },
      next: Pick.text("cursor"))
  }

  // https://apidocs.lighter.xyz/reference/transfer_history
  private static let moves = Feed<StatementRow>(
    paging: Paging(.cursor),
    calls: { ask in
      [Call("private", "GET", "transfer/history", ["cursor": .text(ask.cursor)])]
    },
    rows: Pick.listIfAny("transfers"),
    row: { row, _ throws(VenueFault) in
      let word = try row.text("type")
      let size = try row.decimal("amount")
      let asset = try row.text("asset_id")
      return StatementRow(
        id: try row.text("id"), time: try row.optionalTime(.milliseconds, "timestamp"),
        asset: asset, amount: word.hasSuffix("Outflow") ? try size.opposite() : size,
        kind: .internalTransfer, type: word, reference: try row.optionalText("tx_hash"),
        fee: try row.decimalUnlessZero("fee").map { VenueAmount(asset, $0) })
    },
    next: Pick.text("cursor"))

  private static let positions = Feed<OpenPosition>(
    part: .swap, market: .swap, evidence: .recorded,
    calls: { _ in [Call("account", "GET", "account")] },
    rows: Pick.inner("positions", of: "accounts"),
    row: { row, _ throws(VenueFault) in
      let size = try row.decimal("position")
      guard !size.isZero else { return nil }
      let modes: [String: Bool] = ["0": false, "1": true]
      return OpenPosition(
        market: try row.text("market_id"),
        isLong: try row.word("sign", ["1": true, "-1": false]), contracts: try size.sizeOnly(),
        contractSize: .one, entryPrice: try row.optionalDecimal("avg_entry_price"),
        liquidationPrice: try row.roundedDecimal("liquidation_price"),
        unrealised: try row.optionalDecimal("unrealized_pnl"),
        margin: try row.optionalDecimal("allocated_margin"),
        isIsolated: try row.word("margin_mode", modes), part: .swap)
    })

  // MARK: - Markets

  // https://apidocs.lighter.xyz/reference/orderbookdetails
  private static func details(_ ask: Ask) -> [Call] {
    [Call("public", "GET", "orderBookDetails", ["market_id": .text(ask.market?.id)])]
  }

  private static func markets(_ list: String) -> Feed<Market> {
    let isSpot = list.hasPrefix("spot")
    return Feed(
      market: isSpot ? .spot : .swap,
      calls: { _ in [Call("public", "GET", "orderBookDetails")] }, rows: Pick.listIfAny(list),
      row: { row, _ throws(VenueFault) in
        let name = try row.text("symbol")
        let parts = name.split(separator: "/").map(String.init)
        return Market(
          id: try row.text("market_id"), base: parts.first ?? name,
          quote: parts.count > 1 ? parts[1] : "USDC", settle: isSpot ? nil : "USDC",
          kind: isSpot ? .spot : .swap,
          isActive: try row.optionalText("status").map { $0 == "active" },
          contractSize: isSpot ? nil : .one, amountStep: try row.step(digits: "size_decimals"),
          priceStep: try row.step(digits: "price_decimals"),
          amountMin: row.shownDecimal("min_base_amount"),
          costMin: row.shownDecimal("min_quote_amount"))
      })
  }

  private static func tickers(_ list: String) -> Feed<Ticker> {
    let isSpot = list.hasPrefix("spot")
    return Feed(
      market: isSpot ? .spot : .swap, evidence: isSpot ? .documented : .recorded,
      calls: { ask in details(ask) }, rows: Pick.listIfAny(list),
      row: { row, _ throws(VenueFault) in
        Ticker(
          market: try row.text("market_id"), last: try row.optionalDecimal("last_trade_price"),
          high: try row.optionalDecimal("daily_price_high"),
          low: try row.optionalDecimal("daily_price_low"),
          baseVolume: row.shownDecimal("daily_base_token_volume"),
          quoteVolume: row.shownDecimal("daily_quote_token_volume"))
      })
  }

  // https://apidocs.lighter.xyz/reference/orderbookorders
  private static let books = Feed<OrderBook>(
    scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = [
        "market_id": .string(try ask.needed().id),
        "limit": .string(String(min(ask.limit ?? 100, 250))),
      ]
      return [Call("public", "GET", "orderBookOrders", parameters)]
    },
    rows: Pick.one(),
    row: { row, ask throws(VenueFault) in
      OrderBook(
        market: ask.market?.id ?? "",
        bids: try OrderBook.levels(
          row["bids"].optionalElements(), "price", "remaining_base_amount"),
        asks: try OrderBook.levels(row["asks"].optionalElements(), "price", "remaining_base_amount")
      )
    })

}
