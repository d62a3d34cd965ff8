import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// NDAX of Canada.
  ///
  /// Assets and markets are known by their numbers; `Ask.accounts["accountId"]` is
  /// the account.
  public static let ndax = Venue(
    id: "ndax", name: "NDAX",
    documents: ["https://apidoc.ndax.io"],
    surfaces: [
      Surface("public", Ndax.host, "/AP/"),
      Surface("private", Ndax.host, "/AP/", Ndax.recipe([])),
      Surface(
        "users", Ndax.host, "/AP/GetUserAccounts",
        Ndax.recipe([
          .addNumber("omsId", "1"), .add("UserId", .field("uid")),
          .add("UserName", .field("login")),
        ])),
    ],
    credentials: CredentialField.keyAndSecret + [
      CredentialField("uid", "User id", isSecret: false),
      CredentialField("login", "User name", isSecret: false),
      .account("accountId", "Account id, the first if empty", isOptional: true),
    ],
    limits: Limits([
      LimitBucket("requests", capacity: 20, refill: .window(seconds: 1), scope: .address)
    ]),
    faults: Ndax.faults, feeds: Ndax.feeds, unseen: ["staking and its rewards"])
}

// https://apidoc.ndax.io
private enum Ndax {
  static let host = "https://api.ndax.io:8443"

  static func recipe(_ first: [Step]) -> Recipe {
    Recipe(
      first + [
        .on(["GET"], [.query(.strict)]),
        .notOn(["GET"], [.jsonBody]),
        .header("Nonce", .nonce(.milliseconds)),
        .header("APIKey", .key),
        .header("UserId", .field("uid")),
        .header(
          "Signature",
          .hex(
            .hmac(
              .sha256, key: .secret, .join([.nonce(.milliseconds), .field("uid"), .key])))),
      ])
  }

  static let faults = FaultTable(
    codes: ["20": .auth, "102": .retryable, "104": .orderNotFound],
    texts: ["not authorized": .auth, "not_enough_funds": .funds, "insufficient": .funds],
    find: { body, _ in
      let code = body["errorcode"].json?.plainText ?? "0"
      let isFalse = body["result"].json == .bool(false)
      guard isFalse || (code != "0" && code != "null") else { return nil }
      return (code, body.first(["errormsg", "detail"]).json?.plainText ?? "")
    })

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        calls: { ask throws(VenueFault) in [try own("GetAccountPositions", ask)] },
        rows: Pick.list(), row: balance)
    ]
    feeds.fills = [
      Feed(
        paging: Paging(.forward, most: 200),
        calls: { ask throws(VenueFault) in
          [
            try own(
              "GetTradesHistory", ask,
              [
                "InstrumentId": .text(ask.market?.id),
                "StartTimeStamp": .text(ask.from, .seconds), "Depth": .number(ask.limit),
              ])
          ]
        }, rows: Pick.list(), row: fill)
    ]
    feeds.deposits = [
      Feed(
        calls: { ask throws(VenueFault) in [try own("GetDeposits", ask)] }, rows: Pick.list(),
        row: { row, _ throws(VenueFault) in try transfer(row, .deposit) })
    ]
    feeds.withdrawals = [
      Feed(
        calls: { ask throws(VenueFault) in [try own("GetWithdraws", ask)] }, rows: Pick.list(),
        row: { row, _ throws(VenueFault) in try transfer(row, .withdrawal) })
    ]
    feeds.statement = [
      Feed(
        paging: Paging(.single, most: 200),
        calls: { ask throws(VenueFault) in
          [try own("GetAccountTransactions", ask, ["Depth": .number(ask.limit)])]
        }, rows: Pick.list(), row: statement)
    ]
    feeds.openOrders = [
      Feed(
        calls: { ask throws(VenueFault) in [try own("GetOpenOrders", ask)] }, rows: Pick.list(),
        row: order)
    ]
    feeds.closedOrders = [
      Feed(
        paging: Paging(.single, most: 200),
        calls: { ask throws(VenueFault) in
          [
            try own(
              "GetOrdersHistory", ask,
              [
                "InstrumentId": .text(ask.market?.id),
                "StartTimeStamp": .text(ask.from, .seconds), "Depth": .number(ask.limit),
              ])
          ]
        }, rows: Pick.list(), row: order)
    ]
    feeds.accounts = Feed(
      calls: { _ in [Call("users", "GET", "")] }, rows: Pick.list(),
      row: { row, _ throws(VenueFault) in
        VenueAccount(name: "accountId", id: try row.text())
      })
    addPublic(&feeds)
    return feeds
  }()

  static func addPublic(_ feeds: inout Feeds) {
    feeds.markets = [
      Feed(calls: { _ in [open("GetInstruments")] }, rows: Pick.list(), row: market)
    ]
    feeds.assets = [
      Feed(
        evidence: .recorded, calls: { _ in [open("GetProducts")] }, rows: Pick.list(), row: asset)
    ]
    feeds.tickers = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [open("GetLevel1", ["InstrumentId": .text(try ask.needed().id)])]
        }, rows: Pick.one(), row: ticker),
      Feed(
        calls: { _ in [Call("public", "GET", "summary")] }, rows: Pick.list(), row: summary),
    ]
    feeds.candles = [
      Feed(
        paging: Paging(.forward, most: 1000), scope: .eachMarket, evidence: .recorded,
        calls: candles, rows: Pick.list(), row: candle)
    ]
    feeds.trades = [
      Feed(
        scope: .eachMarket, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          [
            open(
              "GetLastTrades",
              ["InstrumentId": .text(try ask.needed().id), "Count": .number(ask.limit)])
          ]
        }, rows: Pick.list(), row: trade)
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          [
            open(
              "GetL2Snapshot",
              [
                "InstrumentId": .text(try ask.needed().id), "Depth": .number(ask.limit ?? 100),
              ])
          ]
        }, rows: Pick.one(), row: book)
    ]
  }

  // MARK: - Calls

  static func open(_ path: String, _ parameters: Parameters = [:]) -> Call {
    let first: Parameters = ["omsId": "1"]
    return Call("public", "GET", path, first.adding(parameters))
  }

  static func own(
    _ path: String, _ ask: Ask, _ parameters: Parameters = [:]
  ) throws(VenueFault) -> Call {
    let first: Parameters = ["omsId": "1", "AccountId": .text(try ask.account("accountId"))]
    return Call("private", "GET", path, first.adding(parameters))
  }

  static let frames: Set<Int> = [
    60, 300, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 604_800, 2_419_200,
  ]

  static func written(_ time: Instant?) -> JSON? {
    time.map { .string(String(TimeForm.isoBare.write($0).map { $0 == "T" ? " " : $0 })) }
  }

  static func candles(_ ask: Ask) throws(VenueFault) -> [Call] {
    guard frames.contains(ask.interval) else {
      throw .unsupported("candles of \(ask.interval) seconds")
    }
    var (start, end) = (ask.from, ask.to)
    if let limit = ask.limit {
      let span = Int64(ask.interval) * Int64(min(max(limit, 1), 1000))
      end = end ?? start?.advanced(bySeconds: span) ?? ask.now
      start = start ?? end?.advanced(bySeconds: -span)
    }
    return [
      open(
        "GetTickerHistory",
        [
          "InstrumentId": .text(try ask.needed().id), "Interval": .number(ask.interval),
          "FromDate": written(start), "ToDate": written(end ?? (start == nil ? nil : ask.now)),
        ])
    ]
  }

  // MARK: - Rows

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("ProductId"), used: try row.optionalDecimal("Hold"),
      total: try row.decimal("Amount"))
  }

  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    Fill(
      id: try row.text("TradeId"), order: try row.optionalText("OrderId"),
      time: try row.time(.milliseconds, "TradeTimeMS"), market: try row.text("InstrumentId"),
      side: try row.side("Side"), price: try row.decimal("Price"),
      amount: try row.decimal("Quantity"), cost: try row.optionalDecimal("Value"),
      fees: try row.fees("Fee", "FeeProductId"),
      isMaker: try row.word("MakerTaker", ["Maker": true, "Taker": false]))
  }

  static let states: [String: Transfer.Status] = [
    "New": .pending, "AdminProcessing": .pending, "Accepted": .pending,
    "SystemProcessing": .pending,
    "PendingDeposit": .pending, "Pending2Fa": .pending, "AutoAccepted": .pending,
    "Delayed": .pending, "Submitted": .pending, "Confirmed": .pending, "Confirmed2Fa": .pending,
    "FullyProcessed": .ok, "Rejected": .failed, "Failed": .failed, "Declined": .failed,
    "UserCancelled": .canceled, "AdminCancelled": .canceled,
  ]

  /// Times are counted in 100 ns from the year 1.
  static func ticks(_ node: Node) throws(VenueFault) -> Instant? {
    if node.isNothing { return nil }
    guard let ticks = Int64(try node.text()) else { throw node.fault("a time in ticks") }
    let (since, overflow) = ticks.subtractingReportingOverflow(621_355_968_000_000_000)
    guard !overflow, since > 0 else { return nil }
    return Instant(microseconds: since / 10)
  }

  /// Details of a coin's transfer are JSON in a text.
  static func details(_ row: Node) -> Node {
    for name in ["WithdrawTransactionDetails", "DepositInfo", "TemplateForm"] {
      if case .string(let text)? = row[name].json, let json = try? JSON.reading(text),
        case .object = json
      {
        return Node(json)
      }
    }
    return Node(.null)
  }

  static func transfer(
    _ row: Node, _ direction: Transfer.Direction
  ) throws(VenueFault) -> Transfer? {
    let asset = try row.text("ProductId", "AssetId")
    let details = details(row)
    return Transfer(
      id: try row.text(direction == .deposit ? "DepositId" : "WithdrawId"),
      transactionHash: try details.optionalText("TxId", "TXId"),
      time: try ticks(row.first(["CreatedTimestampTick", "LastUpdateTimeStamp"])),
      direction: direction, asset: asset, amount: try row.decimal("Amount"),
      fee: try row.optionalDecimal("FeeAmount", "FeeAmt").map { VenueAmount(asset, $0) },
      address: try details.optionalText("ExternalAddress", "ToAddress", "FromAddress"),
      status: try row.word("TicketStatus", states))
  }

  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let credit = try row.optionalDecimal("CR") ?? .zero
    let debit = try row.optionalDecimal("DR") ?? .zero
    guard let amount = try? credit.subtracting(debit) else { throw row.fault("sums in range") }
    let type = try row.optionalText("TransactionType")
    let reference = try row.optionalText("ReferenceType") ?? ""
    let kinds: [String: EntryKind] = [
      "Trade": .trade, "Deposit": .deposit, "Withdraw": .withdrawal, "Transfer": .transfer,
    ]
    return StatementRow(
      id: try row.optionalText("TransactionId"),
      time: try row.optionalTime(.milliseconds, "TimeStamp"), asset: try row.text("ProductId"),
      amount: amount, kind: type == "Fee" ? .fee : kinds[reference], type: type,
      reference: try row.optionalText("ReferenceId"), after: try row.optionalDecimal("Balance"),
      isToldElsewhere: ["Trade", "Deposit", "Withdraw"].contains(reference))
  }

  static let orderStates: [String: Order.Status] = [
    "Working": .open, "FullyExecuted": .closed, "Canceled": .canceled, "Rejected": .rejected,
    "Expired": .expired,
  ]

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    Order(
      id: try row.text("OrderId"), clientID: try row.optionalText("ClientOrderId"),
      time: try row.optionalTime(.milliseconds, "ReceiveTime"),
      market: try row.optionalText("Instrument"),
      type: try row.optionalText("OrderType")?.lowercased(), side: try row.side("Side"),
      price: try row.decimalUnlessZero("Price"), amount: try row.optionalDecimal("OrigQuantity"),
      filled: try row.optionalDecimal("QuantityExecuted"),
      cost: try row.optionalDecimal("GrossValueExecuted"),
      average: try row.decimalUnlessZero("AvgPrice"),
      status: try row.word("OrderState", orderStates))
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let isRunning = try row.optionalText("SessionStatus").map { $0 == "Running" }
    let isDisabled = try row.optionalFlag("IsDisable") ?? false
    return Market(
      id: try row.text("InstrumentId"), base: try row.text("Product1"),
      quote: try row.text("Product2"), isActive: isRunning.map { $0 && !isDisabled },
      amountStep: try row.optionalDecimal("QuantityIncrement"),
      priceStep: try row.optionalDecimal("PriceIncrement"),
      amountMin: try row.optionalDecimal("MinimumQuantity"), alias: try row.optionalText("Symbol"))
  }

  static func asset(_ row: Node, _: Ask) throws(VenueFault) -> ListedAsset? {
    let id = try row.text("ProductId")
    return ListedAsset(
      id: id, ticker: try row.optionalText("Product"),
      name: try row.optionalText("ProductFullName"), step: try row.step(digits: "DecimalPlaces"),
      networks: [
        AssetNetwork(
          id: id, canDeposit: try row.optionalFlag("DepositEnabled"),
          canWithdraw: try row.optionalFlag("WithdrawEnabled"))
      ])
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("InstrumentId"),
      time: try row.optionalTime(.milliseconds, "TimeStamp"),
      last: try row.optionalDecimal("LastTradedPx"), bid: try row.optionalDecimal("BestBid"),
      ask: try row.optionalDecimal("BestOffer"), high: try row.optionalDecimal("SessionHigh"),
      low: try row.optionalDecimal("SessionLow"), open: try row.optionalDecimal("SessionOpen"),
      baseVolume: try row.optionalDecimal("Rolling24HrVolume"),
      quoteVolume: try row.optionalDecimal("Rolling24HrNotional"))
  }

  static func summary(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.text("trading_pairs"), last: try row.optionalDecimal("last_price"),
      bid: try row.optionalDecimal("highest_bid"), ask: try row.optionalDecimal("lowest_ask"),
      high: try row.optionalDecimal("highest_price_24h"),
      low: try row.optionalDecimal("lowest_price_24h"),
      baseVolume: try row.optionalDecimal("base_volume"),
      quoteVolume: try row.roundedDecimal("quote_volume"))
  }

  /// Time, high, low, open, close, volume.
  static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    Candle(
      time: try row[0].time(.milliseconds), open: try row[3].decimal(), high: try row[1].decimal(),
      low: try row[2].decimal(), close: try row[4].decimal(),
      volume: try row[5].optionalDecimal())
  }

  /// Number, market, quantity, price, two orders, time, direction, the taker's side.
  static func trade(_ row: Node, _: Ask) throws(VenueFault) -> PublicTrade? {
    let sides: [String: Side] = ["0": .buy, "1": .sell]
    return PublicTrade(
      id: try row[0].text(), time: try row[6].time(.milliseconds), market: try row[1].text(),
      side: sides[try row[8].text()], price: try row[3].decimal(), amount: try row[2].decimal())
  }

  /// One array a level: its price is the seventh, its quantity the ninth, its side the tenth.
  static func book(_ row: Node, _: Ask) throws(VenueFault) -> OrderBook? {
    var bids: [BookLevel] = []
    var asks: [BookLevel] = []
    var time: Instant?
    for level in try row.elements() {
      time = try level[2].time(.milliseconds)
      let read = BookLevel(try level[6].decimal(), try level[8].decimal())
      if try level[9].text() == "0" { bids.append(read) } else { asks.append(read) }
    }
    return OrderBook(market: "", time: time, bids: bids, asks: asks)
  }
}
