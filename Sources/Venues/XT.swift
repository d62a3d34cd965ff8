import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// XT: spot and perpetuals.
  public static let xt = Venue(
    id: "xt", name: "XT", documents: ["https://doc.xt.com/"],
    surfaces: [
      Surface("public.spot", XT.spot, "/v4/public/"), Surface("public.linear", XT.linear),
      Surface("public.inverse", XT.inverse),
      Surface("private.spot", XT.spot, "/v4/", XT.spotRecipe),
      Surface("private.linear", XT.linear, "/", XT.contractRecipe),
      Surface("private.inverse", XT.inverse, "/", XT.contractRecipe),
      Surface("private.user", "https://api.xt.com", "/", XT.spotRecipe),
    ],
    limits: XT.limits, faults: XT.faults, feeds: XT.feeds,
    unseen: ["margin accounts", "savings and staking", "copy trading"])
}

enum XT {
  static let spot = "https://sapi.xt.com"
  static let linear = "https://fapi.xt.com"
  static let inverse = "https://dapi.xt.com"

  // https://doc.xt.com/docs/spot/Access%20Description/SignInstructions
  static let spotRecipe = Recipe([
    .on(["GET"], asked),
    .notOn(["GET"], [.custom(cancelled)]),
    .header("Content-Type", "application/json"),
    .header("xt-validate-algorithms", "HmacSHA256"), .header("xt-validate-recvwindow", "5000"),
    .header("xt-validate-appkey", .key),
    .header("xt-validate-timestamp", .time(.milliseconds)),
    .header(
      "xt-validate-signature",
      .hex(
        .hmac(
          .sha256, key: .secret,
          .join([
            "xt-validate-algorithms=HmacSHA256&xt-validate-appkey=", .key,
            "&xt-validate-recvwindow=5000&xt-validate-timestamp=", .time(.milliseconds), "#",
            .method, "#", .path, .made(tail),
          ])))),
  ])

  // https://doc.xt.com/docs/futures/Access%20Description/SignatureInstructions
  static let contractRecipe = Recipe([
    .on(["GET"], [.sort, .query(.strict)]), .notOn(["GET"], [.jsonBodyUnlessEmpty]),
    .header("Content-Type", "application/json"), .header("xt-validate-appkey", .key),
    .header("xt-validate-timestamp", .time(.milliseconds)),
    .header(
      "xt-validate-signature",
      .hex(
        .hmac(
          .sha256, key: .secret,
          .join([
            "xt-validate-appkey=", .key, "&xt-validate-timestamp=", .time(.milliseconds), "#",
            .path, .made(tail),
          ])))),
  ])

  /// The query of spot is signed as it is and sent escaped.
  private static let asked: [Step] = [
    .sort, .bind("raw", .parameters(.raw)), .query(.strict),
  ]

  /// Cancelling one order by its path has no body.
  private static func cancelled(_ draft: inout Draft) throws(VenueFault) {
    let isOne = draft.method == "DELETE" && draft.path.hasPrefix(draft.prefix + "order/")
    try draft.run([isOne ? .jsonBodyUnlessEmpty : .jsonBody])
  }

  private static func tail(_ draft: Draft) -> [UInt8] {
    let asked = draft.values["raw"] ?? Array(draft.query.utf8)
    let sent = asked.isEmpty ? Array((draft.body ?? "").utf8) : asked
    return sent.isEmpty ? [] : Array("#".utf8) + sent
  }

  // https://doc.xt.com/docs/spot/Access%20Description/LimitInstructions: 10 a second each route
  static let limits = Limits([
    LimitBucket("private", capacity: 10, refill: .window(seconds: 1), scope: .key),
    LimitBucket("public", capacity: 10, refill: .window(seconds: 1), scope: .address),
  ])

  // https://doc.xt.com/docs/spot/Access%20Description/ResponseCode
  static let faults = FaultTable(
    codes: [
      "AUTH_001": .auth, "AUTH_002": .auth, "AUTH_003": .auth, "AUTH_004": .auth,
      "AUTH_101": .auth, "AUTH_103": .auth, "AUTH_105": .clock, "AUTH_104": .auth,
      "AUTH_106": .auth, "429": .rate, "REQUEST_LIMIT": .rate, "BALANCE_NOT_ENOUGH": .funds,
      "ORDER_005": .orderNotFound, "ORDER_F0101": .funds, "ORDER_001": .orderNotFound,
      "SYSTEM_001": .retryable, "ORDER_006": .funds, "WITHDRAW_003": .funds,
      "invalid_signature": .auth, "insufficient_balance": .funds,
      "invalid_order": .orderNotFound, "order_not_exist": .orderNotFound,
    ],
    find: { body, _ in
      if let code = (try? body["rc"].optionalText()) ?? nil, code != "0" {
        let word = (try? body["mc"].optionalText()) ?? nil
        return (word ?? code, (try? body["msgInfo"].optionalText()) ?? word ?? "")
      }
      guard let code = (try? body["returnCode"].optionalText()) ?? nil, code != "0" else {
        return nil
      }
      let word = (try? body["error"]["code"].optionalText()) ?? nil
      return (word ?? code, (try? body["error"]["msg"].optionalText()) ?? "")
    })

  /// The two kinds of contracts; both have the same routes on hosts of their own.
  struct Family: Sendable {
    let name: String
    let isInverse: Bool
    var part: AccountPart { isInverse ? .inverse : .swap }
    static let both = [
      Family(name: "linear", isInverse: false), Family(name: "inverse", isInverse: true),
    ]

    func named(_ ask: Ask) throws(VenueFault) -> Parameters {
      let market = try ask.optional([.swap, .future])
      if let market, market.quote.lowercased() == "usd", !isInverse {
        throw .unsupported(market.id)
      }
      if let market, market.quote.lowercased() != "usd", isInverse {
        throw .unsupported(market.id)
      }
      return ["symbol": .text(market?.id)]
    }

    func get(_ path: String, _ parameters: Parameters) -> Call {
      Call("private.\(name)", "GET", "future/" + path, parameters)
    }

    func look(_ path: String, _ parameters: Parameters) -> Call {
      Call("public.\(name)", "GET", "future/market/v1/public/" + path, parameters, cost: open)
    }
  }
  static let open = ["public": 1]

  static func get(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("private.spot", "GET", path, parameters)
  }

  static func look(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public.spot", "GET", path, parameters, cost: open)
  }

  /// The rows of a result, which is a list or a page with `items`.
  static let rows: @Sendable (Answer) throws(VenueFault) -> [Node] = { answer throws(VenueFault) in
    let result = answer.body["result"]
    if case .object? = result.json { return try result["items"].optionalElements() }
    return try result.optionalElements()
  }

  /// The last row's id where there is more; the next page is asked for from it.
  static func more(_ id: String) -> @Sendable (Answer) throws(VenueFault) -> String? {
    { answer throws(VenueFault) in
      let result = answer.body["result"]
      guard try result.optionalFlag("hasNext") == true else { return nil }
      return try result["items"].optionalElements().last?.optionalText(id)
    }
  }

  static func page(_ ask: Ask, _ size: String = "limit") -> Parameters {
    var parameters = ask.range("startTime", "endTime", size, most: 100)
    if let cursor = ask.cursor {
      parameters["fromId"] = .string(cursor)
      parameters["direction"] = "NEXT"
    }
    return parameters
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [balances] + Family.both.map(contractBalances)
    feeds.fills = [fills] + Family.both.map(contractFills)
    feeds.deposits = [transfers(.deposit, "deposit/history")]
    feeds.withdrawals = [transfers(.withdrawal, "withdraw/history")]
    feeds.statement = Family.both.map(bills)
    feeds.positions = Family.both.map(positions)
    feeds.markets = [markets] + Family.both.map(contracts)
    feeds.assets = [assets]
    feeds.tickers = [tickers] + Family.both.map(contractTickers)
    feeds.candles = [candles]
    feeds.trades = [trades]
    feeds.books = [books]
    feeds.openOrders =
      [orders("open-order", [:])]
      + Family.both.map { contractOrders($0, "UNFINISHED") }
    feeds.closedOrders =
      [orders("history-order", ["state": "FILLED"])]
      + Family.both.map { contractOrders($0, "FILLED") }
    feeds.clock = Feed(
      calls: { _ in [look("time")] }, rows: Pick.one("result"),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds, "serverTime") })
    return feeds
  }()

  static let balances = Feed<Balance>(
    part: .spot, calls: { _ in [get("balances")] }, rows: Pick.listIfAny("result", "assets"),
    row: { row, _ throws(VenueFault) in
      Balance(
        asset: try row.text("currency"), free: try row.optionalDecimal("availableAmount"),
        used: try row.optionalDecimal("frozenAmount"), total: try row.decimal("totalAmount"))
    })

  static func contractBalances(_ family: Family) -> Feed<Balance> {
    Feed(
      part: family.part, market: .swap,
      calls: { _ in [family.get("user/v1/balance/list", [:])] }, rows: rows,
      row: { row, _ throws(VenueFault) in
        Balance(
          asset: try row.text("coin"), free: try row.optionalDecimal("availableBalance"),
          total: try row.decimal("walletBalance"), part: family.part)
      })
  }

  static let fills = Feed<Fill>(
    part: .spot, market: .spot, paging: Paging(.cursor, most: 100), evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let named: Parameters = [
        "bizType": "SPOT", "symbol": .text(try ask.optional([.spot])?.id),
      ]
      return [get("trade", named.adding(page(ask)))]
    },
    rows: rows, row: { row, _ throws(VenueFault) in try fill(row, .spot) },
    next: more("tradeId"))

  static func contractFills(_ family: Family) -> Feed<Fill> {
    Feed(
      part: family.part, market: .swap, paging: Paging(.numbered, most: 100),
      calls: { ask throws(VenueFault) in
        var parameters = try family.named(ask).adding(
          ask.range("startTime", "endTime", "size", most: 100))
        if ask.page > 0 { parameters["page"] = .string(String(ask.page + 1)) }
        return [family.get("trade/v1/order/trade-list", parameters)]
      },
      rows: rows, row: { row, _ throws(VenueFault) in try fill(row, family.part) })
  }

  static func fill(_ row: Node, _ part: AccountPart) throws(VenueFault) -> Fill? {
    let role = try row.optionalText("takerMaker")
    let hasCurrency = !row["feeCurrency"].isNothing
    return Fill(
      id: try row.text("tradeId", "execId"), order: try row.optionalText("orderId"),
      time: try row.time(.milliseconds, "time", "timestamp"), market: try row.text("symbol"),
      side: try row.side("orderSide"), price: try row.decimal("price"),
      amount: try row.decimal("quantity"), cost: try row.optionalDecimal("quoteQty"),
      fees: try row.fees("fee", hasCurrency ? "feeCurrency" : "feeCoin"),
      isMaker: role.map { $0.uppercased() == "MAKER" }, part: part)
  }

  static func transfers(_ direction: Transfer.Direction, _ path: String) -> Feed<Transfer> {
    Feed(
      paging: Paging(.cursor, most: 200),
      calls: { ask in
        let asset: Parameters = ["currency": .text(ask.asset)]
        return [get(path, asset.adding(page(ask)))]
      },
      rows: rows,
      row: { row, _ throws(VenueFault) in
        let asset = try row.text("currency")
        return Transfer(
          id: try row.optionalText("id"), transactionHash: try row.optionalText("transactionId"),
          time: try row.optionalTime(.milliseconds, "createdTime"), direction: direction,
          asset: asset, amount: try row.decimal("amount"),
          fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
          network: try row.optionalText("chain"), address: try row.optionalText("address"),
          tag: try row.optionalText("memo"), status: try row.word("status", words))
      },
      next: more("id"))
  }

  static let words: [String: Transfer.Status] = [
    "SUBMIT": .pending, "REVIEW": .pending, "AUDITED": .pending, "AUDITED_AGAIN": .pending,
    "PENDING": .pending, "SUCCESS": .ok, "FAIL": .failed, "CANCEL": .canceled,
  ]

  static func bills(_ family: Family) -> Feed<StatementRow> {
    Feed(
      part: family.part, market: .swap, paging: Paging(.cursor, most: 100),
      calls: { ask throws(VenueFault) in
        let asset: Parameters = ["coin": .text(ask.asset)]
        let range = page(ask)
        return [
          family.get(
            "user/v1/balance/bills", try family.named(ask).adding(asset).adding(range))
        ]
      },
      rows: rows,
      row: { row, _ throws(VenueFault) in
        let word = try row.text("type")
        let known = kinds[word]
        var amount = try row.decimal("amount")
        let isOut = try row.optionalText("side") == "SUB"
        if isOut, !amount.isNegative { amount = try row.minus(amount) }
        return StatementRow(
          id: try row.optionalText("id"),
          time: try row.optionalTime(.milliseconds, "createdTime"), asset: try row.text("coin"),
          amount: amount, kind: known?.kind, type: word,
          after: try row.optionalDecimal("afterAmount"), part: family.part,
          isToldElsewhere: known?.isTold ?? false)
      },
      next: more("id"))
  }

  static let kinds: [String: (kind: EntryKind, isTold: Bool)] = [
    "EXCHANGE": (.internalTransfer, false), "FEE": (.fee, true), "FUND": (.marginFee, false),
    "CLOSE_POSITION": (.marginGain, false), "TAKE_OVER": (.liquidation, false),
    "QIANG_PING_MANAGER": (.liquidation, false), "ADL": (.liquidation, false),
    "MERGE": (.marginGain, false),
  ]

  static func positions(_ family: Family) -> Feed<OpenPosition> {
    Feed(
      part: family.part, market: .swap,
      calls: { ask throws(VenueFault) in
        [family.get("user/v1/position/list", try family.named(ask))]
      },
      rows: rows,
      row: { row, ask throws(VenueFault) in
        let id = try row.text("symbol")
        return OpenPosition(
          market: id, isLong: try row.word("positionSide", ["LONG": true, "SHORT": false]),
          contracts: row.size(try row.optionalDecimal("positionSize")),
          contractSize: ask.markets.market(id, .swap)?.contractSize,
          entryPrice: try row.optionalDecimal("entryPrice"),
          leverage: row.shownDecimal("leverage"), margin: row.shownDecimal("isolatedMargin"),
          isIsolated: try row.word("positionType", ["ISOLATED": true, "CROSSED": false]),
          part: family.part)
      })
  }
}
