import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Bitget: spot, margin, futures, earn; classic and unified accounts.
  public static let bitget = Venue(
    id: "bitget", name: "Bitget",
    documents: [
      "https://www.bitget.com/api-doc/common/intro", "https://www.bitget.com/api-doc/uta/intro",
    ],
    surfaces: [Surface("public", Bitget.host, "/api/")]
      + ["spot", "mix", "margin", "common", "user", "earn", "uta", "convert", "tax", "p2p"].map {
        Surface("private.\($0)", Bitget.host, "/api/", Bitget.recipe)
      },
    credentials: CredentialField.withPassphrase, limits: Bitget.limits, faults: Bitget.faults,
    feeds: Bitget.feeds, streams: Bitget.streams,
    unseen: [
      "copy trading and bots' own accounts", "what isolated margin holds",
      "history older than 90 days", "statements of unified accounts",
    ])
}

enum Bitget {
  static let host = "https://api.bitget.com"

  // https://www.bitget.com/api-doc/common/signature
  static let recipe = Recipe([
    .on(["GET"], [.sort, .bind("raw", .parameters(.raw)), .query(.strict)]),
    .notOn(["GET"], [.jsonBody]), .bind("asked", .made(asked)),
    .header("ACCESS-KEY", .key),
    .header(
      "ACCESS-SIGN",
      .base64(
        .hmac(
          .sha256, key: .secret,
          .join([.time(.milliseconds), .method, .path, .value("asked"), .body])))),
    .header("ACCESS-TIMESTAMP", .time(.milliseconds)),
    .header("ACCESS-PASSPHRASE", .passphrase),
  ])

  /// The query as it is signed: sorted, not escaped.
  private static func asked(_ draft: Draft) -> [UInt8] {
    guard let raw = draft.values["raw"], !raw.isEmpty else { return [] }
    return Array("?".utf8) + raw
  }

  // By route, 10 a second at least: https://www.bitget.com/api-doc/common/intro#rate-limit
  static let limits = Limits([
    LimitBucket("private", capacity: 10, refill: .window(seconds: 1), scope: .key),
    LimitBucket("public", capacity: 20, refill: .window(seconds: 1), scope: .address),
  ])

  // https://www.bitget.com/api-doc/spot/error-code/restapi
  static let faults = FaultTable(
    codes: [
      "40001": .auth, "40002": .auth, "40003": .auth, "40006": .auth, "40009": .auth,
      "40011": .auth, "40012": .auth, "40014": .auth, "40018": .auth, "40037": .auth,
      "40038": .auth, "40039": .auth, "40040": .auth, "40004": .clock, "40005": .clock,
      "40008": .clock, "429": .rate, "30001": .rate, "40429": .rate, "40010": .unknownOutcome,
      "40015": .retryable, "40725": .retryable, "40200": .retryable, "45001": .retryable,
      "40710": .banned, "40716": .banned, "43012": .funds, "40754": .funds, "40762": .funds,
      "43117": .funds, "45110": .definitive, "43001": .orderNotFound, "40768": .orderNotFound,
      "43025": .orderNotFound, "40819": .orderNotFound, "22001": .orderNotFound,
    ],
    find: { body, _ in
      guard let code = (try? body["code"].optionalText()) ?? nil, code != "00000" else {
        return nil
      }
      return (code, (try? body["msg"].optionalText()) ?? "")
    })

  /// The venue's kinds of futures, by what they settle in.
  enum Product: String, CaseIterable {
    case usdt = "USDT-FUTURES"
    case usdc = "USDC-FUTURES"
    case coin = "COIN-FUTURES"

    init(_ market: Market) {
      self = market.isInverse ? .coin : market.settle == "USDC" ? .usdc : .usdt
    }

    var part: AccountPart { self == .coin ? .inverse : .swap }

    /// The product, and the market where one of it is asked for.
    func named(_ ask: Ask) throws(VenueFault) -> Parameters {
      let market = try ask.optional([.swap, .future])
      if let market, Product(market) != self { throw .unsupported("\(market.id) as \(rawValue)") }
      return ["symbol": .text(market?.id), "productType": .string(rawValue)]
    }
  }

  static func get(
    _ section: String, _ path: String, _ parameters: Parameters = [:]
  ) -> Call {
    Call("private.\(section)", "GET", path, parameters)
  }

  static func look(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", path, parameters, cost: ["public": 1])
  }

  static let data = Pick.listIfAny("data")

  /// The rows of an answer's data, which is a list or holds one under some name.
  static let rows: @Sendable (Answer) throws(VenueFault) -> [Node] = { answer throws(VenueFault) in
    let data = answer.body["data"]
    if case .object? = data.json {
      let names = ["fillList", "entrustedList", "list", "bills", "orderList", "fills"]
      return try data.first(names).optionalElements()
    }
    return try data.optionalElements()
  }

  /// The id below which the next page lies, where this page was full.
  static func below(
    _ id: String, _ most: Int = 100
  ) -> @Sendable (Answer) throws(VenueFault) -> String? {
    { answer throws(VenueFault) in
      let rows = try rows(answer)
      let asked = answer.call.parameters["limit"].flatMap { Int($0.plainText) } ?? most
      guard rows.count >= asked else { return nil }
      if let end = try answer.body["data"].optionalText("endId", "cursor") { return end }
      return try rows.last?.optionalText(id)
    }
  }

  static func page(_ ask: Ask, _ cursor: String = "idLessThan") -> Parameters {
    var parameters = ask.range("startTime", "endTime", "limit", most: 100)
    parameters[cursor] = .text(ask.cursor)
    return parameters
  }

  static let quarter = Paging(
    .cursor, most: 100, window: 90 * Paging.day, lookBack: 90 * Paging.day)

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = balances
    feeds.fills = [spotFills] + Product.allCases.map(fills) + unifiedFills
    feeds.deposits = [transfers(.deposit, "v2/spot/wallet/deposit-records")]
    feeds.withdrawals = [transfers(.withdrawal, "v2/spot/wallet/withdrawal-records")]
    feeds.statement = [spotBills] + Product.allCases.map(bills)
    feeds.positions = Product.allCases.flatMap { [positions($0), unifiedPositions($0)] }
    feeds.markets = [spotMarkets] + Product.allCases.map(markets)
    feeds.assets = [assets]
    feeds.tickers = [spotTickers] + Product.allCases.flatMap { [tickers($0), unifiedTickers($0)] }
    feeds.candles = [spotCandles] + Product.allCases.map(candles)
    feeds.trades = [spotTrades] + Product.allCases.flatMap { [trades($0), unifiedTrades($0)] }
    feeds.books = [spotBooks] + Product.allCases.map(books)
    feeds.openOrders = openOrders
    feeds.closedOrders = closedOrders
    feeds.clock = Feed(
      calls: { _ in [look("v2/public/time")] }, rows: Pick.one("data"),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds, "serverTime") })
    return feeds
  }()

  // MARK: - Balances

  private static var balances: [Feed<Balance>] {
    [
      assets(.spot, "spot", "v2/spot/account/assets"),
      unified(.spot, "v3/account/assets"),
      assets(.funding, "common", "v2/account/funding-assets"),
      assets(.margin, "margin", "v2/margin/crossed/account/assets"),
      Feed(
        part: .earn, calls: { _ in [get("earn", "v2/earn/account/assets")] }, rows: rows,
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("coin"), free: .zero, total: try row.decimal("amount"),
            part: .earn)
        }),
    ]
      + Product.allCases.map { product in
        Feed(
          part: product.part, market: .swap,
          calls: { _ in
            [
              get(
                "mix", "v2/mix/account/accounts", ["productType": .string(product.rawValue)])
            ]
          },
          rows: rows,
          row: { row, _ throws(VenueFault) in
            // Equity has the profit of open positions:
            // https://www.bitget.com/api-doc/contract/account/Get-Account-List
            Balance(
              asset: try row.text("marginCoin"), free: try row.optionalDecimal("available"),
              total: try row.decimal("accountEquity", "available"), part: product.part,
              openProfit: row["accountEquity"].isNothing
                ? nil : try row.optionalDecimal("unrealizedPL"))
          })
      }
  }

  private static func assets(
    _ part: AccountPart, _ section: String, _ path: String
  ) -> Feed<Balance> {
    Feed(
      part: part, evidence: part == .spot ? .recorded : .documented,
      calls: { _ in [get(section, path)] }, rows: rows,
      row: { row, _ throws(VenueFault) in
        let frozen = try row.optionalDecimal("frozen") ?? .zero
        let locked = try row.optionalDecimal("locked") ?? .zero
        guard let used = try? frozen.adding(locked) else { throw row["frozen"].fault("less") }
        return Balance(
          asset: try row.text("coin"), free: try row.decimal("available"), used: used, part: part)
      })
  }

  private static func unified(_ part: AccountPart, _ path: String) -> Feed<Balance> {
    Feed(
      part: part, evidence: .recorded, calls: { _ in [get("uta", path)] },
      rows: Pick.listIfAny("data", "assets"),
      row: { row, _ throws(VenueFault) in
        Balance(
          asset: try row.text("coin"), free: try row.decimal("available"),
          used: try row.optionalDecimal("locked") ?? .zero, part: part)
      })
  }

  // MARK: - Fills

  private static let spotFills = Feed<Fill>(
    part: .spot, market: .spot, paging: quarter, scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let named: Parameters = ["symbol": .text(try ask.optional([.spot])?.id)]
      return [get("spot", "v2/spot/trade/fills", named.adding(page(ask)))]
    },
    rows: rows, row: { row, ask throws(VenueFault) in try fill(row, ask, .spot) },
    next: below("tradeId"))

  private static func fills(_ product: Product) -> Feed<Fill> {
    Feed(
      part: product.part, market: .swap, paging: quarter, evidence: .recorded,
      calls: { ask throws(VenueFault) in
        [get("mix", "v2/mix/order/fills", try product.named(ask).adding(page(ask)))]
      },
      rows: rows, row: { row, ask throws(VenueFault) in try fill(row, ask, product.part) },
      next: below("tradeId"))
  }

  private static var unifiedFills: [Feed<Fill>] {
    (["SPOT"] + Product.allCases.map(\.rawValue)).map { category in
      let isSpot = category == "SPOT"
      let part: AccountPart = isSpot ? .spot : .swap
      return Feed(
        part: part, market: isSpot ? .spot : .swap,
        paging: Paging(.cursor, most: 100, window: 30 * Paging.day, lookBack: 90 * Paging.day),
        calls: { ask in
          let named: Parameters = ["category": .string(category)]
          return [get("uta", "v3/trade/fills", named.adding(page(ask, "cursor")))]
        },
        rows: rows, row: { row, ask throws(VenueFault) in try fill(row, ask, part) },
        next: below("execId"))
    }
  }

  /// The side is the venue's word: of hedged futures it names the position that opens or closes.
  static func fill(
    _ row: Node, _ ask: Ask, _ part: AccountPart
  ) throws(VenueFault) -> Fill? {
    let fees = try fees(row)
    let profit = try row.decimalUnlessZero("profit", "execPnl")
    return Fill(
      id: try row.text("tradeId", "execId"), order: try row.optionalText("orderId"),
      time: try row.time(.milliseconds, "cTime", "createdTime"),
      market: try row.text("symbol"), side: try row.side("side"),
      price: try row.decimal("priceAvg", "price", "execPrice"),
      amount: try row.decimal("baseVolume", "size", "execQty"),
      cost: try row.optionalDecimal("quoteVolume", "amount", "execValue"), fees: fees,
      isMaker: try row.word("tradeScope", ["maker": true, "taker": false]), part: part,
      realised: fees.first.flatMap { fee in profit.map { VenueAmount(fee.asset, $0) } })
  }

  static func fees(_ row: Node) throws(VenueFault) -> [VenueAmount] {
    let detail = row["feeDetail"]
    let one: Node
    switch detail.json {
    case .array?: one = detail[0]
    case .object?: one = detail
    default: return []
    }
    if one["totalFee"].isNothing { return try one.fees("fee", "feeCoin") }
    return try one.feesTaken("totalFee", "feeCoin")
  }

  // MARK: - Deposits and withdrawals

  // https://www.bitget.com/api-doc/spot/account/Get-Withdraw-Record
  private static func transfers(
    _ direction: Transfer.Direction, _ path: String
  ) -> Feed<Transfer> {
    Feed(
      paging: quarter,
      calls: { ask in
        var parameters: Parameters = ["coin": .text(ask.asset)]
        parameters = parameters.adding(page(ask))
        let end = ask.to ?? ask.now
        let start = ask.from ?? end.advanced(bySeconds: Int64(-90 * Paging.day))
        parameters["startTime"] = .text(start, .milliseconds)
        parameters["endTime"] = .text(end, .milliseconds)
        return [get("spot", path, parameters)]
      },
      rows: rows,
      row: { row, _ throws(VenueFault) in
        let asset = try row.text("coin")
        let fee = row.size(try row.optionalDecimal("fee"))
        var amount = try row.decimal("size")
        // What a withdrawal states holds its fee.
        if direction == .withdrawal, let fee, let net = try? amount.subtracting(fee) {
          amount = net
        }
        return Transfer(
          id: try row.optionalText("orderId"), transactionHash: try row.optionalText("tradeId"),
          time: try row.optionalTime(.milliseconds, "cTime"), direction: direction, asset: asset,
          amount: amount, fee: fee.map { VenueAmount(asset, $0) },
          network: try row.optionalText("chain"), address: try row.optionalText("toAddress"),
          tag: try row.optionalText("tag"), status: try row.word("status", words))
      },
      next: below("orderId"))
  }

  private static let words: [String: Transfer.Status] = [
    "success": .ok, "successful": .ok, "pending": .pending, "pending_review": .pending,
    "wallet_processing": .pending, "pending_review_fail": .failed, "fail": .failed,
    "failed": .failed, "cancel": .canceled, "reject": .failed, "rejected": .failed,
  ]

  // MARK: - Statements

  private static let spotBills = Feed<StatementRow>(
    part: .spot, paging: quarter,
    calls: { ask in
      let coin: Parameters = ["coin": .text(ask.asset)]
      return [get("spot", "v2/spot/account/bills", coin.adding(page(ask)))]
    },
    rows: rows, row: { row, _ throws(VenueFault) in try bill(row, .spot) },
    next: below("billId"))

  private static func bills(_ product: Product) -> Feed<StatementRow> {
    Feed(
      part: product.part, market: .swap,
      paging: Paging(.cursor, most: 100, window: 30 * Paging.day, lookBack: 90 * Paging.day),
      calls: { ask throws(VenueFault) in
        let named: Parameters = [
          "productType": .string(product.rawValue), "coin": .text(ask.asset),
        ]
        return [get("mix", "v2/mix/account/bill", named.adding(page(ask)))]
      },
      rows: rows, row: { row, _ throws(VenueFault) in try bill(row, product.part) },
      next: below("billId"))
  }

  private static func bill(_ row: Node, _ part: AccountPart) throws(VenueFault) -> StatementRow? {
    let word = try row.text("groupType", "businessType")
    let known = kinds[word]
    return StatementRow(
      id: try row.optionalText("billId"), time: try row.optionalTime(.milliseconds, "cTime"),
      asset: try row.text("coin"), amount: try row.decimal("size", "amount"),
      kind: known?.kind, type: try row.optionalText("businessType") ?? word,
      after: try row.optionalDecimal("balance"), part: part,
      isToldElsewhere: known?.isTold ?? false)
  }

  // https://www.bitget.com/api-doc/spot/account/Get-Account-Bills
  // https://www.bitget.com/api-doc/contract/account/Get-Account-Bill
  private static let kinds: [String: (kind: EntryKind, isTold: Bool)] = [
    "deposit": (.deposit, true), "withdraw": (.withdrawal, true), "transaction": (.trade, true),
    "transfer": (.internalTransfer, false), "convert": (.trade, false), "loan": (.loan, false),
    "trans_from_exchange": (.internalTransfer, false),
    "trans_to_exchange": (.internalTransfer, false), "open_long": (.trade, true),
    "open_short": (.trade, true), "close_long": (.trade, true), "close_short": (.trade, true),
    "buy": (.trade, true), "sell": (.trade, true), "contract_settle_fee": (.marginFee, false),
    "burst_long_loss_query": (.liquidation, false),
    "burst_short_loss_query": (.liquidation, false), "bonus_issue": (.reward, false),
    "bonus_recycle": (.fee, false),
  ]

  // MARK: - Positions

  private static func positions(_ product: Product) -> Feed<OpenPosition> {
    Feed(
      part: product.part, market: .swap,
      calls: { ask throws(VenueFault) in
        _ = try product.named(ask)
        return [
          get(
            "mix", "v2/mix/position/all-position",
            ["productType": .string(product.rawValue)])
        ]
      },
      rows: rows, row: { row, ask throws(VenueFault) in try position(row, product.part) })
  }

  private static func unifiedPositions(_ product: Product) -> Feed<OpenPosition> {
    Feed(
      part: product.part, market: .swap, evidence: .recorded,
      calls: { ask throws(VenueFault) in
        _ = try product.named(ask)
        return [
          get("uta", "v3/position/current-position", ["category": .string(product.rawValue)])
        ]
      },
      rows: rows, row: { row, ask throws(VenueFault) in try position(row, product.part) })
  }

  private static func position(
    _ row: Node, _ part: AccountPart
  ) throws(VenueFault) -> OpenPosition? {
    OpenPosition(
      market: try row.text("symbol"),
      isLong: try row.word(["holdSide", "posSide"], ["long": true, "short": false]),
      contracts: try row.optionalDecimal("total"), contractSize: .one,
      entryPrice: try row.optionalDecimal("openPriceAvg", "avgPrice"),
      markPrice: row.shownDecimal("markPrice"),
      liquidationPrice: row.shownDecimal("liquidationPrice"),
      unrealised: try row.optionalDecimal("unrealizedPL", "unrealisedPnl"),
      leverage: row.shownDecimal("leverage"),
      margin: row.shownDecimal("marginSize", "positionBalance"),
      isIsolated: try row.word("marginMode", ["isolated": true, "crossed": false]),
      time: try row.optionalTime(.milliseconds, "uTime", "updatedTime"), part: part)
  }
}
