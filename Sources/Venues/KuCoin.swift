import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// KuCoin: spot, margin, futures and the funding account.
  public static let kucoin = Venue(
    id: "kucoin", name: "KuCoin", documents: KuCoin.documents, surfaces: KuCoin.surfaces,
    credentials: CredentialField.withPassphrase, limits: KuCoin.limits, faults: KuCoin.faults,
    aliases: ["XBT": "BTC"], feeds: KuCoin.feeds, streams: KuCoin.streams,
    unseen: KuCoin.unseen)

  /// KuCoin's futures account on its own.
  public static let kucoinfutures = Venue(
    id: "kucoinfutures", name: "KuCoin Futures", documents: KuCoin.documents,
    surfaces: KuCoin.surfaces, credentials: CredentialField.withPassphrase,
    limits: KuCoin.limits, faults: KuCoin.faults, aliases: ["XBT": "BTC"],
    feeds: KuCoin.futuresFeeds, streams: KuCoin.futuresStreams, unseen: KuCoin.unseen)
}

enum KuCoin {
  static let documents = [
    "https://www.kucoin.com/docs-new/introduction",
    "https://www.kucoin.com/docs/beginners/introduction",
  ]
  static let unseen = [
    "futures wallets in coins other than USDT, USDC and XBT",
    "copy trading, bots and convert orders", "unified accounts (their routes are others)",
  ]
  static let host = "https://api.kucoin.com"
  static let futuresHost = "https://api-futures.kucoin.com"

  static let surfaces = [
    Surface("public", host, "/api/v1/"), Surface("public.v2", host, "/api/v2/"),
    Surface("public.v3", host, "/api/v3/"),
    Surface("futuresPublic", futuresHost, "/api/v1/"),
    Surface("private", host, "/api/v1/", Recipe([.custom(versioned)] + signing)),
    Surface("private.v2", host, "/api/v2/", Recipe(signing)),
    Surface("private.v3", host, "/api/v3/", Recipe(signing)),
    Surface("utaPrivate", host, "/api/ua/v1/", Recipe(signing)),
    Surface("futuresPrivate", futuresHost, "/api/v1/", Recipe(signing)),
    Surface("futuresPrivate.v2", futuresHost, "/api/v2/", Recipe(signing)),
    Surface("futuresPrivate.v3", futuresHost, "/api/v3/", Recipe(signing)),
  ]

  // https://www.kucoin.com/docs-new/authentication
  private static let signing: [Step] = [
    .custom(written),
    .header("KC-API-KEY-VERSION", "2"), .header("KC-API-KEY", .key),
    .header("KC-API-TIMESTAMP", .time(.milliseconds)),
    .header("KC-API-PASSPHRASE", .base64(.hmac(.sha256, key: .secret, .passphrase))),
    .header(
      "KC-API-SIGN",
      .base64(
        .hmac(
          .sha256, key: .secret,
          .join([.time(.milliseconds), .method, .pathAndQuery, .body])))),
  ]

  /// Parameters stand in the query of reads and cancels; one route cancels many by a body.
  private static func written(_ draft: inout Draft) throws(VenueFault) {
    let isQuery = draft.method == "GET" || draft.method == "DELETE"
    let isMany = draft.path.hasSuffix("/multi-cancel")
    try draft.run([isQuery && !isMany ? .query(.raw) : .jsonBody])
  }

  /// Routes of the private section that have a later version than the first.
  private static func versioned(_ draft: inout Draft) throws(VenueFault) {
    let route = String(draft.path.dropFirst(draft.prefix.count))
    if thirds.contains(where: { route == $0 || ($0.hasSuffix("/") && route.hasPrefix($0)) })
      || (draft.method == "POST" && ["withdrawals", "purchase", "redeem"].contains(route))
    {
      draft.path = "/api/v3/" + route
    } else if seconds.contains(route) {
      draft.path = "/api/v2/" + route
    }
  }
  private static let thirds = [
    "hf/margin/", "oco/", "project/", "migrate/", "margin/accounts", "margin/borrow",
    "margin/repay", "margin/interest", "margin/currencies", "margin/symbols",
    "isolated/accounts", "isolated/symbols", "transfer-out", "accounts/universal-transfer",
    "deposit-address/create", "market/orderbook/level2", "etf/info", "purchase/orders",
    "redeem/orders", "lend/purchase/update",
  ]
  private static let seconds: Set<String> = [
    "user-info", "sub/user", "sub-accounts", "accounts/sub-transfer", "accounts/inner-transfer",
    "sub/user/created",
  ]

  // Weights of pools that refill every 30 seconds: https://www.kucoin.com/docs-new/rate-limit
  static let limits = Limits([
    LimitBucket("spot", capacity: 4_000, refill: .window(seconds: 30), scope: .key),
    LimitBucket("futures", capacity: 2_000, refill: .window(seconds: 30), scope: .key),
    LimitBucket("management", capacity: 2_000, refill: .window(seconds: 30), scope: .key),
    LimitBucket("public", capacity: 2_000, refill: .window(seconds: 30), scope: .address),
  ])

  // https://www.kucoin.com/docs-new/error-code
  static let faults = FaultTable(
    codes: [
      "200002": .rate, "200003": .rate, "429000": .rate, "1015": .rate, "200004": .funds,
      "230003": .funds, "300003": .funds, "400002": .clock, "400001": .auth, "400003": .auth,
      "400004": .auth, "400005": .auth, "400006": .auth, "400007": .auth, "411100": .banned,
      "500000": .retryable, "503000": .retryable, "900001": .definitive, "102435": .definitive,
      "404000": .definitive, "400303": .banned, "200005": .banned,
    ],
    texts: [
      "balance insufficient": .funds, "order not exist": .orderNotFound,
      "order does not exist": .orderNotFound, "the order cannot be canceled": .orderNotFound,
      "too many requests": .rate,
    ],
    find: { body, _ in
      guard let code = (try? body["code"].optionalText()) ?? nil, code != "200000", code != "200"
      else { return nil }
      return (code, (try? body["msg"].optionalText()) ?? "")
    })

  static func get(
    _ path: String, _ parameters: Parameters = [:], _ surface: String = "private",
    _ weight: Int = 5, _ bucket: String = "management"
  ) -> Call {
    Call(surface, "GET", path, parameters, cost: [bucket: weight])
  }

  static func look(
    _ path: String, _ parameters: Parameters = [:], _ surface: String = "public",
    _ weight: Int = 5
  ) -> Call {
    Call(surface, "GET", path, parameters, cost: ["public": weight])
  }

  static let data = Pick.listIfAny("data")
  static let items = Pick.listIfAny("data", "items")

  /// A range, a number of rows and the number of the page, from 1.
  static func page(_ ask: Ask, most: Int = 500) -> Parameters {
    var parameters = ask.range("startAt", "endAt", "pageSize", most: most)
    if ask.page > 0 { parameters["currentPage"] = .string(String(ask.page + 1)) }
    return parameters
  }

  static let clock: @Sendable (String) -> Feed<Instant> = { surface in
    Feed(
      calls: { _ in [look("timestamp", [:], surface, 3)] }, rows: Pick.one("data"),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds) })
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = balances + futuresBalances
    feeds.fills = [
      fills(.spot, nil), fastFills, fills(.margin, "MARGIN_TRADE"),
      fills(.isolatedMargin, "MARGIN_ISOLATED_TRADE"), futuresFills,
    ]
    feeds.deposits = [transfers(.deposit, "deposits", "private")]
    feeds.withdrawals = [transfers(.withdrawal, "withdrawals", "private")]
    feeds.statement = [ledgers, futuresLedger]
    feeds.positions = [positions]
    feeds.markets = [spotMarkets, contracts]
    feeds.assets = [assets]
    feeds.tickers = [spotTickers, futuresTickers]
    feeds.candles = [spotCandles, futuresCandles]
    feeds.trades = [spotTrades, futuresTrades]
    feeds.books = [spotBooks, futuresBooks]
    feeds.openOrders = [spotOrders("active"), futuresOrders("active")]
    feeds.closedOrders = [spotOrders("done"), futuresOrders("done")]
    feeds.clock = clock("public")
    feeds.rights = rights
    return feeds
  }()

  // https://www.kucoin.com/docs-new/rest/account-info/account-funding/get-apikey-info
  private static let rights = Feed<KeyRights>(
    calls: { _ in [get("user/api-key", [:], "private", 20)] }, rows: Pick.one("data"),
    row: { row, _ throws(VenueFault) in
      let words = try row.optionalText("permission")?.lowercased()
        .split(separator: ",").map(String.init)
      let addresses = try row.optionalText("ipWhitelist") ?? ""
      return KeyRights(
        canRead: words.map { !$0.isEmpty },
        canTrade: words.map { !Set($0).isDisjoint(with: ["spot", "margin", "futures", "trade"]) },
        canWithdraw: words.map { $0.contains("withdrawal") || $0.contains("withdraw") },
        addresses: addresses.split(separator: ",").map(String.init),
        made: try row.optionalTime(.milliseconds, "createdAt"))
    })

  // MARK: - Balances

  private static var balances: [Feed<Balance>] {
    [
      account(.spot, "trade"), account(.spot, "trade_hf"), account(.funding, "main"),
      Feed(
        part: .margin, evidence: .recorded,
        calls: { _ in [get("margin/account", [:], "private", 15)] },
        rows: Pick.listIfAny("data", "accounts"),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("currency"), free: try row.optionalDecimal("availableBalance"),
            used: try row.optionalDecimal("holdBalance"),
            total: try row.decimal("totalBalance"), part: .margin)
        }),
      Feed(
        part: .isolatedMargin, evidence: .recorded,
        calls: { _ in [get("isolated/accounts", [:], "private.v3", 15)] },
        rows: { answer throws(VenueFault) in
          var rows: [Node] = []
          for pair in try answer.body["data"]["assets"].optionalElements() {
            rows += [pair["baseAsset"], pair["quoteAsset"]]
          }
          return rows
        },
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("currency"), free: try row.optionalDecimal("available"),
            used: try row.optionalDecimal("hold"), total: try row.decimal("total"),
            part: .isolatedMargin)
        }),
      // https://www.kucoin.com/docs-new/rest/earn/get-account-holding
      Feed(
        part: .earn, paging: Paging(.numbered, most: 500),
        calls: { ask in [get("earn/hold-assets", page(ask))] }, rows: items,
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("currency"), free: .zero, total: try row.decimal("holdAmount"),
            part: .earn)
        }),
    ]
  }

  private static func account(_ part: AccountPart, _ type: String) -> Feed<Balance> {
    Feed(
      part: part,
      calls: { _ in [get("accounts", ["type": .string(type)])] }, rows: data,
      row: { row, _ throws(VenueFault) in
        Balance(
          asset: try row.text("currency"), free: try row.optionalDecimal("available"),
          used: try row.optionalDecimal("holds"), total: try row.decimal("balance"), part: part)
      })
  }

  // MARK: - Fills

  // https://www.kucoin.com/docs/rest/spot-trading/fills/get-filled-list: windows of 7 days
  private static func fills(_ part: AccountPart, _ type: String?) -> Feed<Fill> {
    Feed(
      part: part, market: .spot, paging: Paging(.numbered, most: 500, window: 7 * Paging.day),
      evidence: .recorded,
      calls: { ask throws(VenueFault) in
        let named: Parameters = [
          "symbol": .text(try ask.optional([.spot])?.id), "tradeType": .text(type),
        ]
        return [get("fills", named.adding(page(ask)), "private", 10, "spot")]
      },
      rows: items, row: { row, ask throws(VenueFault) in try fill(row, ask, part) })
  }

  /// Of high-frequency accounts, which most are by now: windows of 7 days, one market at a time.
  private static let fastFills = Feed<Fill>(
    part: .spot, market: .spot, paging: Paging(.cursor, most: 100, window: 7 * Paging.day),
    scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      var parameters: Parameters = ["symbol": .string(try ask.needed([.spot]).id)]
      parameters = parameters.adding(ask.range("startAt", "endAt", "limit", most: 100))
      parameters["lastId"] = .text(ask.cursor)
      return [get("hf/fills", parameters, "private", 2, "spot")]
    },
    rows: items, row: { row, ask throws(VenueFault) in try fill(row, ask, .spot) },
    next: { answer throws(VenueFault) in
      let rows = try answer.body["data"]["items"].optionalElements()
      return rows.isEmpty ? nil : try answer.body["data"].optionalText("lastId")
    })

  static func fill(_ row: Node, _ ask: Ask, _ part: AccountPart) throws(VenueFault) -> Fill? {
    Fill(
      id: try row.text("tradeId", "id"), order: try row.optionalText("orderId"),
      time: try row.time(.milliseconds, "createdAt"), market: try row.text("symbol"),
      side: try row.side("side"), price: try row.decimal("price"),
      amount: try row.decimal("size"), cost: try row.optionalDecimal("funds", "value"),
      fees: try row.fees("fee", "feeCurrency"),
      isMaker: try row.word("liquidity", ["maker": true, "taker": false]), part: part)
  }

  // MARK: - Deposits and withdrawals

  static func transfers(
    _ direction: Transfer.Direction, _ path: String, _ surface: String
  ) -> Feed<Transfer> {
    Feed(
      paging: Paging(.numbered, most: 500),
      calls: { ask in
        let asset: Parameters = ["currency": .text(ask.asset)]
        return [get(path, asset.adding(page(ask)), surface)]
      },
      rows: items,
      row: { row, _ throws(VenueFault) in
        let asset = try row.text("currency")
        let hash = try row.optionalText("walletTxId")?.prefix { $0 != "@" }
        return Transfer(
          id: try row.optionalText("id", "withdrawalId"), transactionHash: hash.map(String.init),
          time: try row.optionalTime(.milliseconds, "createdAt"), direction: direction,
          asset: asset, amount: try row.decimal("amount"),
          fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
          network: try row.optionalText("chain"), address: try row.optionalText("address"),
          tag: try row.optionalText("memo"),
          status: try row.optionalText("status").flatMap { words[$0.uppercased()] })
      })
  }

  private static let words: [String: Transfer.Status] = [
    "SUCCESS": .ok, "PROCESSING": .pending, "WALLET_PROCESSING": .pending, "REVIEW": .pending,
    "FAILURE": .failed, "FAILED": .failed,
  ]

  // MARK: - Statement

  // https://www.kucoin.com/docs/rest/account/basic-info/get-account-ledgers-spot-margin
  // Windows of a day, back a year.
  private static let ledgers = Feed<StatementRow>(
    part: .spot,
    paging: Paging(.numbered, most: 500, window: Paging.day, lookBack: 365 * Paging.day),
    evidence: .recorded,
    calls: { ask in
      let asset: Parameters = ["currency": .text(ask.asset)]
      return [get("accounts/ledgers", asset.adding(page(ask)), "private", 2)]
    },
    rows: items, row: ledger)

  static func ledger(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let word = try row.text("bizType", "businessType", "type")
    let known = kinds[word]
    var amount = try row.decimal("amount")
    let direction = try row.optionalText("direction")?.lowercased()
    let isOut = direction == "out" || word == "TransferOut" || word == "Withdrawal"
    if isOut, !amount.isNegative { amount = try row.minus(amount) }
    let time =
      try row["ts"].isNothing
      ? row.optionalTime(.milliseconds, "createdAt", "time")
      : row.optionalTime(.nanoseconds, "ts")
    var kind = known?.kind
    if word == "RealisedPNL" { kind = amount.isNegative ? .marginLoss : .marginGain }
    return StatementRow(
      id: try row.optionalText("id"), time: time, asset: try row.text("currency"),
      amount: amount, kind: kind, type: word, after: try row.optionalDecimal("balance"),
      part: try row.word("accountType", parts) ?? .spot, isToldElsewhere: known?.isTold ?? false)
  }

  private static let parts: [String: AccountPart] = [
    "MAIN": .funding, "TRADE": .spot, "TRADE_HF": .spot, "MARGIN": .margin,
    "ISOLATED": .isolatedMargin, "CONTRACT": .swap,
  ]
  private static let kinds: [String: (kind: EntryKind, isTold: Bool)] = [
    "Exchange": (.trade, true), "Trade_Exchange": (.trade, true), "Deposit": (.deposit, true),
    "Withdraw": (.withdrawal, true), "Withdrawal": (.withdrawal, true),
    "Transfer": (.internalTransfer, false), "TRANSFER": (.internalTransfer, false),
    "TransferIn": (.internalTransfer, false), "TransferOut": (.internalTransfer, false),
    "Sub Transfer": (.transfer, false), "KCS Pay Fees": (.fee, true),
    "Refunded Fees": (.feeRebate, false), "Rewards": (.reward, false),
    "KuCoin Bonus": (.reward, false), "Referral Bonus": (.referral, false),
    "Invite Bonus": (.referral, false), "Staking": (.stake, false),
    "Staking Profits": (.staking, false), "Redemption": (.unstake, false),
    "Convert to KCS": (.trade, false), "Airdrop": (.airdrop, false),
  ]
}
