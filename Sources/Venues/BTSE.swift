import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// BTSE: spot wallets and trades.
  public static let btse = Venue(
    id: "btse", name: "BTSE",
    documents: [
      "https://btsecom.github.io/docs/spotV3_3/en/", "https://btsecom.github.io/docs/wallet/en/",
    ],
    surfaces: [
      Surface("public", BTSE.host), Surface("private", BTSE.host, "/", BTSE.recipe),
    ],
    limits: BTSE.limits, faults: BTSE.faults, feeds: BTSE.feeds,
    unseen: ["futures wallets and positions", "earn, staking and lending", "OTC deals"])
}

private enum BTSE {
  static let host = "https://api.btse.com"

  // https://btsecom.github.io/docs/wallet/en/#authentication: the product's prefix and the query
  // are not signed.
  static let recipe = Recipe([
    .on(["GET", "DELETE"], [.query(.strict)]),
    .notOn(["GET", "DELETE"], [.jsonBodyUnlessEmpty]),
    .header("request-api", .key), .header("request-nonce", .nonce(.milliseconds)),
    .header("Content-Type", "application/json"),
    .header(
      "request-sign",
      .hex(
        .hmac(
          .sha384, key: .secret, .join([.made(signedPath), .nonce(.milliseconds), .body])))),
  ])

  /// The path from `/api/` on.
  private static let signedPath: @Sendable (Draft) throws(VenueFault) -> [UInt8] = { draft in
    let path = draft.path
    guard let place = path.firstRange(of: "/api/") else { return Array(path.utf8) }
    return Array(path[place.lowerBound...].utf8)
  }

  // https://btsecom.github.io/docs/spotV3_3/en/#rate-limits; wallets: 5 a second a user
  static let limits = Limits([
    LimitBucket("query", capacity: 5, refill: .window(seconds: 1), scope: .key),
    LimitBucket("public", capacity: 15, refill: .window(seconds: 1), scope: .address),
  ])

  // https://btsecom.github.io/docs/spotV3_3/en/#api-enum
  static let faults = FaultTable(
    codes: ["8": .funds, "16": .orderNotFound, "51523": .funds, "429": .rate, "-7006": .rate],
    texts: [
      "insufficient": .funds, "not found": .orderNotFound, "authenticate": .auth,
      "authentication": .auth, "signature": .auth, "nonce": .clock, "too many": .rate,
      "rate limit": .rate,
    ],
    find: { body, status in
      let isRefused = ((try? body.optionalFlag("success")) ?? nil) == false
      guard isRefused || !(200..<300).contains(status) else { return nil }
      let code = ((try? body.optionalText("errorCode", "code")) ?? nil) ?? ""
      return (code, ((try? body.optionalText("message", "msg")) ?? nil) ?? "")
    })

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { _ in [Call("private", "GET", "spot/api/v3.2/user/wallet")] },
        rows: Pick.list(),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("currency"), free: try row.decimal("available"),
            total: try row.decimal("total"))
        })
    ]
    feeds.fills = [fills]
    feeds.transfers = [transfers]
    feeds.statement = [statement]
    feeds.markets = [markets]
    feeds.tickers = [tickers]
    return feeds
  }()

  // MARK: - The account

  // https://btsecom.github.io/docs/spotV3_3/en/#query-user-trades-fills
  private static let fills = Feed<Fill>(
    part: .spot, market: .spot, paging: Paging(.backward, most: 500),
    calls: { ask throws(VenueFault) in
      let market: Parameters = ["symbol": .text(try ask.optional([.spot])?.id)]
      let range = ask.range("startTime", "endTime", "count", most: 500)
      return [Call("private", "GET", "spot/api/v3.2/user/trade_history", market.adding(range))]
    },
    rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      Fill(
        id: try row.text("tradeId"), order: try row.optionalText("orderId"),
        time: try row.time(.milliseconds, "timestamp"), market: try row.text("symbol"),
        side: try row["side"].sideOfWord(), price: try row.decimal("filledPrice", "price"),
        amount: try row.decimal("filledSize", "size"),
        fees: try row.fees("feeAmount", "feeCurrency"))
    })

  private static func history(_ ask: Ask) -> [Call] {
    let asset: Parameters = ["currency": .text(ask.asset)]
    let range = ask.range("startTime", "endTime", "count", most: 500)
    return [Call("private", "GET", "spot/api/v3.2/user/wallet_history", asset.adding(range))]
  }

  private static let states: [String: Transfer.Status] = [
    "PROCESSING": .pending, "PENDING": .pending, "CANCELLED": .canceled, "COMPLETED": .ok,
    "EXPIRED": .failed, "FAILURE": .failed,
  ]

  // https://btsecom.github.io/docs/wallet/en/#query-wallet-history
  private static let transfers = Feed<Transfer>(
    paging: Paging(.backward, most: 500), calls: { ask in history(ask) }, rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      let words: [String: Transfer.Direction] = ["Deposit": .deposit, "Withdraw": .withdrawal]
      guard let direction = try row.word("type", words) else { return nil }
      let asset = try row.text("currency")
      return Transfer(
        id: try row.text("orderId"), transactionHash: try row.optionalText("txid"),
        time: try row.optionalTime(.milliseconds, "timestamp"), direction: direction,
        asset: asset, amount: try row.decimal("amount").sizeOnly(),
        fee: try row.optionalDecimal("fees").map { VenueAmount(asset, $0) },
        network: try row.optionalText("currencyNetwork"),
        address: try row.optionalText("toAddress"),
        status: try row.word("status", states))
    })

  private static let incomes: [String: EntryKind] = [
    "ReferralEarning": .referral, "spot trading fee rebate": .feeRebate,
    "futures trading fee rebate": .feeRebate, "general trading fee rebate": .feeRebate,
    "token voucher in": .reward, "Strategy Income": .income,
    "Transfer_In": .internalTransfer, "Sub Account Transfer In": .internalTransfer,
  ]
  private static let expenses: [String: EntryKind] = [
    "Transfer_Out": .internalTransfer, "Sub Account Transfer Out": .internalTransfer,
    "Strategy Pay": .spend, "token voucher out": .spend,
  ]

  /// Lines other than deposits and withdrawals, as far as their word says which way they went.
  private static let statement = Feed<StatementRow>(
    part: .spot, paging: Paging(.backward, most: 500), calls: { ask in history(ask) },
    rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      let word = try row.text("type")
      guard try row.optionalText("status") == "COMPLETED",
        let kind = incomes[word] ?? expenses[word]
      else { return nil }
      let size = try row.decimal("amount").sizeOnly()
      return StatementRow(
        id: try row.text("orderId"), time: try row.optionalTime(.milliseconds, "timestamp"),
        asset: try row.text("currency"),
        amount: expenses[word] == nil ? size : try size.opposite(), kind: kind, type: word)
    })

  // MARK: - Markets

  private static func summary(_ ask: Ask) throws(VenueFault) -> [Call] {
    let market: Parameters = ["symbol": .text(try ask.optional([.spot])?.id)]
    return [Call("public", "GET", "spot/api/v3.3/market_summary", market, cost: ["public": 1])]
  }

  // https://btsecom.github.io/docs/spotV3_3/en/#market-summary
  private static let markets = Feed<Market>(
    market: .spot, calls: { ask throws(VenueFault) in try summary(ask) }, rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      Market(
        id: try row.text("symbol"), base: try row.text("base"), quote: try row.text("quote"),
        isActive: try row.optionalFlag("active"),
        amountStep: row.shownDecimal("minSizeIncrement"),
        priceStep: row.shownDecimal("minPriceIncrement"),
        amountMin: row.shownDecimal("minOrderSize"), amountMax: row.shownDecimal("maxOrderSize"))
    })

  private static let tickers = Feed<Ticker>(
    market: .spot, calls: { ask throws(VenueFault) in try summary(ask) }, rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      Ticker(
        market: try row.text("symbol"), last: try row.optionalDecimal("last"),
        bid: try row.optionalDecimal("highestBid"), ask: try row.optionalDecimal("lowestAsk"),
        high: try row.optionalDecimal("high24Hr"), low: try row.optionalDecimal("low24Hr"),
        baseVolume: row.shownDecimal("size"), quoteVolume: row.shownDecimal("volume"))
    })
}
