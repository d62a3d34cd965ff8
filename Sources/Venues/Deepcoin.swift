import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Deepcoin: spot and perpetuals.
  public static let deepcoin = Venue(
    id: "deepcoin", name: "Deepcoin", documents: ["https://www.deepcoin.com/docs/authentication"],
    surfaces: [
      Surface("public", Deepcoin.host),
      Surface("private", Deepcoin.host, "/", Deepcoin.recipe),
    ],
    credentials: CredentialField.withPassphrase, limits: Deepcoin.limits,
    faults: Deepcoin.faults, feeds: Deepcoin.feeds,
    unseen: ["history older than 60 days", "copy trading accounts"])
}

private enum Deepcoin {
  static let host = "https://api.deepcoin.com"

  // https://www.deepcoin.com/docs/authentication
  static let recipe = Recipe([
    .on(["GET"], [.query(.strict)]), .notOn(["GET"], [.jsonBody]),
    .header("DC-ACCESS-KEY", .key), .header("DC-ACCESS-TIMESTAMP", .time(.iso)),
    .header("DC-ACCESS-PASSPHRASE", .passphrase),
    .header(
      "DC-ACCESS-SIGN",
      .base64(
        .hmac(
          .sha256, key: .secret,
          .join([.time(.iso), .method, .pathAndQuery, .body])))),
  ])

  // By route, at most 5 a second: https://www.deepcoin.com/docs/authentication
  static let limits = Limits([
    LimitBucket("private", capacity: 5, refill: .window(seconds: 1), scope: .key),
    LimitBucket("public", capacity: 5, refill: .window(seconds: 1), scope: .address),
  ])

  static let faults = FaultTable(
    codes: [
      "50": .retryable, "51": .retryable, "24": .orderNotFound, "36": .funds, "40": .funds,
      "175": .orderNotFound,
    ],
    texts: [
      "insufficient": .funds, "order not found": .orderNotFound, "timestamp": .clock,
      "sign": .auth, "api key": .auth, "too many": .rate,
    ],
    find: { body, _ in
      guard let code = (try? body["code"].optionalText()) ?? nil else { return nil }
      let data = body["data"]
      let first = data[0].isNothing ? data : data[0]
      if let inner = (try? first["sCode"].optionalText()) ?? nil, inner != "0" {
        return (inner, (try? first["sMsg"].optionalText()) ?? "")
      }
      return code == "0" ? nil : (code, (try? body["msg"].optionalText()) ?? "")
    })

  static let data = Pick.listIfAny("data")

  static func get(_ path: String, _ parameters: Parameters) -> Call {
    Call("private", "GET", "deepcoin/" + path, parameters)
  }

  static func look(_ path: String, _ parameters: Parameters) -> Call {
    Call("public", "GET", "deepcoin/" + path, parameters, cost: ["public": 1])
  }

  static func family(_ kind: MarketKind) -> String { kind == .spot ? "SPOT" : "SWAP" }

  static func named(_ ask: Ask, _ kind: MarketKind) throws(VenueFault) -> Parameters {
    [
      "instType": .string(family(kind)),
      "instId": .text(try ask.optional(kind == .spot ? [.spot] : [.swap])?.id),
    ]
  }

  static let kinds: [(kind: MarketKind, part: AccountPart)] = [(.spot, .spot), (.swap, .swap)]

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = kinds.map { balances($0.kind, $0.part) }
    feeds.fills = kinds.map { fills($0.kind, $0.part) }
    feeds.deposits = [transfers("asset/deposit-list", .deposit)]
    feeds.withdrawals = [transfers("asset/withdraw-list", .withdrawal)]
    feeds.statement = kinds.map { bills($0.kind, $0.part) }
    feeds.positions = [positions]
    feeds.markets = kinds.map { markets($0.kind) }
    feeds.tickers = kinds.map { tickers($0.kind) }
    feeds.candles = [candles]
    feeds.trades = [trades]
    feeds.books = [books]
    feeds.openOrders = [
      Feed(
        paging: Paging(.numbered, most: 100), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          let id: Parameters = ["instId": .string(try ask.needed().id)]
          let index: Parameters = ["index": .string(String(ask.page + 1))]
          let range = ask.range(nil, nil, "limit", most: 100)
          return [get("trade/v2/orders-pending", id.adding(index).adding(range))]
        }, rows: data, row: order)
    ]
    feeds.closedOrders = kinds.map { closed($0.kind, $0.part) }
    return feeds
  }()

  static func balances(_ kind: MarketKind, _ part: AccountPart) -> Feed<Balance> {
    Feed(
      part: part, evidence: .recorded,
      calls: { _ in [get("account/balances", ["instType": .string(family(kind))])] }, rows: data,
      row: { row, _ throws(VenueFault) in
        Balance(
          asset: try row.text("ccy"), free: try row.optionalDecimal("availBal"),
          used: try row.optionalDecimal("frozenBal"), total: try row.decimal("bal"), part: part)
      })
  }

  static func fills(_ kind: MarketKind, _ part: AccountPart) -> Feed<Fill> {
    Feed(
      part: part, market: kind, paging: Paging(.cursor, most: 100, lookBack: 60 * Paging.day),
      evidence: .recorded,
      calls: { ask throws(VenueFault) in
        var parameters = try named(ask, kind).adding(
          ask.range("begin", "end", "limit", most: 100))
        parameters["after"] = .text(ask.cursor)
        return [get("trade/fills", parameters)]
      },
      rows: data,
      row: { row, _ throws(VenueFault) in
        Fill(
          id: try row.text("tradeId"), order: try row.optionalText("ordId"),
          time: try row.time(.milliseconds, "ts"), market: try row.text("instId"),
          side: try row.side("side"), price: try row.decimal("fillPx"),
          amount: try row.decimal("fillSz"), fees: try row.fees("fee", "feeCcy"),
          isMaker: try row.word("execType", ["M": true, "T": false]), part: part)
      },
      next: full("billId"))
  }

  static func full(_ name: String) -> @Sendable (Answer) throws(VenueFault) -> String? {
    { answer throws(VenueFault) in
      let rows = try answer.body["data"].optionalElements()
      let asked = answer.call.parameters["limit"].flatMap { Int($0.plainText) } ?? 100
      return rows.count >= asked ? try rows.last?.optionalText(name) : nil
    }
  }

  static func transfers(_ path: String, _ direction: Transfer.Direction) -> Feed<Transfer> {
    Feed(
      paging: Paging(.numbered, most: 100), evidence: .recorded,
      calls: { ask in
        var parameters: Parameters = ["coin": .text(ask.asset)]
        parameters = parameters.adding(
          ask.range("startTime", "endTime", "size", .seconds, most: 100))
        if ask.page > 0 { parameters["page"] = .string(String(ask.page + 1)) }
        return [get(path, parameters)]
      },
      rows: Pick.listIfAny("data", "data"),
      row: { row, _ throws(VenueFault) in
        let asset = try row.text("coin")
        return Transfer(
          id: try row.optionalText("id", "withdrawId"),
          transactionHash: try row.optionalText("txHash"),
          time: try row.optionalTime(.seconds, "createTime"), direction: direction, asset: asset,
          amount: try row.decimal("amount"),
          fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
          network: try row.optionalText("chainName"), address: try row.optionalText("address"),
          status: try row.word("status", words))
      })
  }

  static let words: [String: Transfer.Status] = [
    "succeed": .ok, "confirming": .pending, "pending": .pending, "failed": .failed,
    "canceled": .canceled,
  ]

  // https://www.deepcoin.com/docs/DeepCoinAccount/getBills
  static func bills(_ kind: MarketKind, _ part: AccountPart) -> Feed<StatementRow> {
    Feed(
      part: part, market: kind, paging: Paging(.backward, most: 100), evidence: .recorded,
      calls: { ask in
        var parameters: Parameters = [
          "instType": .string(family(kind)), "ccy": .text(ask.asset),
        ]
        parameters = parameters.adding(ask.range("after", "before", "limit", most: 100))
        return [get("account/bills", parameters)]
      },
      rows: data,
      row: { row, _ throws(VenueFault) in
        let word = try row.text("type")
        let known = billKinds[word]
        return StatementRow(
          id: try row.text("billId"), time: try row.optionalTime(.milliseconds, "ts"),
          asset: try row.text("ccy"), amount: try row.decimal("balChg"), kind: known?.kind,
          type: word, after: try row.optionalDecimal("bal"), part: part,
          isToldElsewhere: known?.isTold ?? false)
      })
  }

  static let billKinds: [String: (kind: EntryKind, isTold: Bool)] = [
    "4": (.internalTransfer, false), "5": (.fee, true), "7": (.marginFee, false),
    "a": (.liquidation, false),
  ]

  static let positions = Feed<OpenPosition>(
    part: .swap, market: .swap,
    calls: { ask throws(VenueFault) in [get("account/positions", try named(ask, .swap))] },
    rows: data,
    row: { row, ask throws(VenueFault) in
      let id = try row.text("instId")
      return OpenPosition(
        market: id, isLong: try row.word("posSide", ["long": true, "short": false]),
        contracts: row.size(try row.optionalDecimal("pos")),
        contractSize: ask.markets.market(id)?.contractSize,
        entryPrice: try row.optionalDecimal("avgPx"),
        liquidationPrice: row.shownDecimal("liqPx"),
        unrealised: try row.optionalDecimal("unrealizedProfit", "upl"),
        leverage: row.shownDecimal("lever"), margin: row.shownDecimal("useMargin"),
        isIsolated: try row.word("mgnMode", ["isolated": true, "cross": false]),
        time: try row.optionalTime(.milliseconds, "uTime"))
    })

  static func markets(_ kind: MarketKind) -> Feed<Market> {
    Feed(
      market: kind,
      calls: { _ in [look("market/instruments", ["instType": .string(family(kind))])] },
      rows: data,
      row: { row, _ throws(VenueFault) in
        let (base, quote) = (try row.text("baseCcy"), try row.text("quoteCcy"))
        return Market(
          id: try row.text("instId"), base: base, quote: quote,
          settle: kind == .spot ? nil : quote == "USD" ? base : quote, kind: kind,
          isActive: try row.optionalText("state").map { $0 == "live" },
          contractSize: kind == .spot ? nil : try row.optionalDecimal("ctVal"),
          amountStep: try row.optionalDecimal("lotSz"),
          priceStep: try row.optionalDecimal("tickSz"),
          amountMin: try row.optionalDecimal("minSz"), amountMax: row.shownDecimal("maxLmtSz"))
      })
  }

  static func tickers(_ kind: MarketKind) -> Feed<Ticker> {
    Feed(
      market: kind, evidence: .recorded,
      calls: { ask throws(VenueFault) in
        _ = try named(ask, kind)
        return [look("market/tickers", ["instType": .string(family(kind))])]
      },
      rows: data,
      row: { row, _ throws(VenueFault) in
        Ticker(
          market: try row.text("instId"), time: try row.optionalTime(.milliseconds, "ts"),
          last: try row.optionalDecimal("last"), bid: try row.optionalDecimal("bidPx"),
          ask: try row.optionalDecimal("askPx"), high: try row.optionalDecimal("high24h"),
          low: try row.optionalDecimal("low24h"), open: try row.optionalDecimal("open24h"),
          baseVolume: try row.optionalDecimal("vol24h"),
          quoteVolume: row.shownDecimal("volCcy24h"))
      })
  }

  static let candles = Feed<Candle>(
    paging: Paging(.backward, most: 300), scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let words = [
        60: "1m", 300: "5m", 900: "15m", 1_800: "30m", 3_600: "1H", 14_400: "4H",
        43_200: "12H", 86_400: "1D", 604_800: "1W", 2_592_000: "1M", 31_536_000: "1Y",
      ]
      guard let bar = words[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let parameters: Parameters = [
        "instId": .string(try ask.needed().id), "bar": .string(bar),
        "after": .text(ask.to, .milliseconds),
      ]
      return [look("market/candles", parameters.adding(ask.range(nil, nil, "limit", most: 300)))]
    },
    rows: data,
    row: { row, _ throws(VenueFault) in
      try Candle(row, .milliseconds)
    })

  static let trades = Feed<PublicTrade>(
    scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let market = try ask.needed()
      let group: JSON = market.kind == .spot ? "Spot" : market.isInverse ? "Swap" : "SwapU"
      let named: Parameters = ["instId": .string(market.id), "productGroup": group]
      return [look("market/trades", named.adding(ask.range(nil, nil, "limit", most: 500)))]
    },
    rows: data,
    row: { row, _ throws(VenueFault) in
      PublicTrade(
        id: try row.optionalText("tradeId"), time: try row.time(.milliseconds, "ts"),
        market: try row.text("instId"), side: try row.side("side"),
        price: try row.decimal("px"), amount: try row.decimal("sz"))
    })

  static let books = Feed<OrderBook>(
    scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let size = String(min(ask.limit ?? 400, 400))
      return [
        look("market/books", ["instId": .string(try ask.needed().id), "sz": .string(size)])
      ]
    },
    rows: Pick.one("data"),
    row: { row, ask throws(VenueFault) in
      OrderBook(
        market: ask.market?.id ?? "", bids: try OrderBook.levels(row["bids"]),
        asks: try OrderBook.levels(row["asks"]))
    })

  static func closed(_ kind: MarketKind, _ part: AccountPart) -> Feed<Order> {
    Feed(
      part: part, market: kind, paging: Paging(.cursor, most: 100), evidence: .recorded,
      calls: { ask throws(VenueFault) in
        var parameters = try named(ask, kind)
        parameters["state"] = "filled"
        parameters = parameters.adding(ask.range(nil, nil, "limit", most: 100))
        parameters["after"] = .text(ask.cursor)
        return [get("trade/orders-history", parameters)]
      },
      rows: data, row: order, next: full("ordId"))
  }

  /// An order is told as by OKX, but for the sign of its fee.
  static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    var order = try OKX.order(row, ask)
    order?.fees = try row.fees("fee", "feeCcy")
    return order
  }
}
