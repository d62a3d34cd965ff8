import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// DigiFinex: spot, margin and perpetuals.
  public static let digifinex = Venue(
    id: "digifinex", name: "DigiFinex",
    documents: ["https://docs.digifinex.com/en-ww/spot/v3/rest.html"],
    surfaces: [
      Surface("public.spot", DigiFinex.host, "/v3/"),
      Surface("public.swap", DigiFinex.host, "/swap/v2/public/"),
      Surface("private.spot", DigiFinex.host, "/v3/", DigiFinex.spotRecipe),
      Surface("private.swap", DigiFinex.host, "/swap/v2/", DigiFinex.swapRecipe),
    ],
    limits: DigiFinex.limits, faults: DigiFinex.faults, feeds: DigiFinex.feeds,
    unseen: ["what the numbers of the spot statement's types mean", "savings products"])
}

enum DigiFinex {
  static let host = "https://openapi.digifinex.com"

  // https://docs.digifinex.com/en-ww/spot/v3/rest.html#authentication
  static let spotRecipe = Recipe([
    .sort,
    .on(["GET"], [.bind("text", .parameters(.strict)), .query(.strict)]),
    .notOn(["GET"], [.bind("text", .parameters(.strict)), .form(.strict)]),
    .header("ACCESS-KEY", .key),
    .header("ACCESS-SIGN", .hex(.hmac(.sha256, key: .secret, .value("text")))),
    .header("ACCESS-TIMESTAMP", .time(.seconds)),
  ])

  // https://docs.digifinex.com/en-ww/swap/v2/rest.html#signature
  static let swapRecipe = Recipe([
    .on(["GET"], [.sort, .query(.strict)]), .notOn(["GET"], [.custom(spaced)]),
    .header("ACCESS-KEY", .key),
    .header(
      "ACCESS-SIGN",
      .hex(
        .hmac(
          .sha256, key: .secret,
          .join([.time(.milliseconds), .method, .pathAndQuery, .body])))),
    .header("ACCESS-TIMESTAMP", .time(.milliseconds)),
  ])

  /// Writes the body as the venue's own samples do: a space after each colon and comma.
  private static func spaced(_ draft: inout Draft) {
    draft.body = spaced(draft.parameters.json)
    draft.parameters = Parameters()
    draft.setHeader("Content-Type", "application/json")
  }

  private static func spaced(_ json: JSON) -> String {
    switch json {
    case .array(let elements):
      return "[" + elements.map { spaced($0) }.joined(separator: ", ") + "]"
    case .object(let members):
      let parts = zip(members.names, members.values).map {
        JSON.string($0).text + ": " + spaced($1)
      }
      return "{" + parts.joined(separator: ", ") + "}"
    default: return json.text
    }
  }

  // https://docs.digifinex.com/en-ww/spot/v3/rest.html#rate-limit
  static let limits = Limits([
    LimitBucket("all", capacity: 180, refill: .window(seconds: 180), scope: .address)
  ])

  // https://docs.digifinex.com/en-ww/spot/v3/rest.html#error-code
  static let faults = FaultTable(
    codes: [
      "10001": .definitive, "10002": .auth, "10003": .auth, "10004": .clock, "10007": .auth,
      "10008": .auth, "10011": .auth, "10012": .auth, "10013": .auth, "10014": .rate,
      "10005": .rate, "20009": .funds, "20011": .funds, "20012": .orderNotFound,
      "20016": .funds, "20018": .funds, "20013": .orderNotFound, "50000": .retryable,
      "100001": .auth,
    ],
    find: { body, _ in
      guard let code = (try? body["code"].optionalText()) ?? nil, code != "0", code != "200" else {
        return nil
      }
      return (code, (try? body.optionalText("msg", "message")) ?? "")
    })

  static func get(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("private.spot", "GET", path, parameters)
  }
  static func swap(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("private.swap", "GET", path, parameters)
  }
  static func look(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public.spot", "GET", path, parameters)
  }
  static func lookSwap(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public.swap", "GET", path, parameters)
  }

  static let data = Pick.listIfAny("data")

  static func symbol(_ ask: Ask) throws(VenueFault) -> Parameters {
    ["symbol": .text(try ask.optional([.spot])?.id)]
  }
  static func instrument(_ ask: Ask) throws(VenueFault) -> Parameters {
    ["instrument_id": .text(try ask.optional([.swap])?.id)]
  }
  static func marked(_ ask: Ask) throws(VenueFault) -> Parameters {
    let market: Parameters = ["market": "spot"]
    return market.adding(try symbol(ask))
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      balances(.spot, "spot/assets"), balances(.margin, "margin/assets"), swapBalances,
    ]
    feeds.fills = [fills, swapFills]
    feeds.deposits = [transfers(.deposit, "deposit/history")]
    feeds.withdrawals = [transfers(.withdrawal, "withdraw/history")]
    feeds.statement = [ledger, swapLedger]
    feeds.positions = [positions]
    feeds.markets = [markets, contracts]
    feeds.assets = [assets]
    feeds.tickers = [tickers, swapTickers]
    feeds.candles = [candles, swapCandles]
    feeds.trades = [trades, swapTrades]
    feeds.books = [books, swapBooks]
    feeds.openOrders = [
      orders("spot/order/current"),
      swapOrders("trade/open_orders"),
    ]
    feeds.closedOrders = [
      orders("spot/order/history"),
      swapOrders("trade/history_orders"),
    ]
    feeds.clock = Feed(
      calls: { _ in [look("time")] }, rows: Pick.one(),
      row: { row, _ throws(VenueFault) in try row.time(.seconds, "server_time") })
    return feeds
  }()

  static func balances(_ part: AccountPart, _ path: String) -> Feed<Balance> {
    Feed(
      part: part, calls: { _ in [get(path)] }, rows: Pick.listIfAny("list"),
      row: { row, _ throws(VenueFault) in
        Balance(
          asset: try row.text("currency"), free: try row.decimal("free"),
          total: try row.decimal("total"), part: part)
      })
  }

  static let swapBalances = Feed<Balance>(
    part: .swap, market: .swap, calls: { _ in [swap("account/balance")] }, rows: data,
    // Equity has the profit of open positions:
    // https://docs.digifinex.com/en-ww/swap/v2/rest.html#accountbalance
    row: { row, _ throws(VenueFault) in
      Balance(
        asset: try row.text("currency"), free: try row.optionalDecimal("avail_balance"),
        total: try row.decimal("equity"), part: .swap,
        openProfit: try row.optionalDecimal("unrealized_pnl"))
    })

  // https://docs.digifinex.com/en-ww/spot/v3/rest.html#customer-39-s-trades: windows of 30 days
  static let fills = Feed<Fill>(
    part: .spot, market: .spot, paging: Paging(.forward, most: 500, window: 30 * Paging.day),
    calls: { ask throws(VenueFault) in
      let range = ask.range("start_time", "end_time", "limit", .seconds, most: 500)
      return [get("spot/mytrades", try marked(ask).adding(range))]
    },
    rows: Pick.listIfAny("list"),
    row: { row, _ throws(VenueFault) in
      Fill(
        id: try row.text("id"), order: try row.optionalText("order_id"),
        time: try row.time(.seconds, "timestamp"), market: try row.text("symbol"),
        side: try row.side("side"), price: try row.decimal("price"),
        amount: try row.decimal("amount"), fees: try row.fees("fee", "fee_currency"),
        isMaker: try row.optionalFlag("is_maker"))
    })

  static let swapFills = Feed<Fill>(
    part: .swap, market: .swap, paging: Paging(.forward, most: 100),
    calls: { ask throws(VenueFault) in
      let range = ask.range("start_timestamp", "end_timestamp", "limit", most: 100)
      return [swap("trade/history_trades", try instrument(ask).adding(range))]
    },
    rows: data,
    row: { row, ask throws(VenueFault) in
      let id = try row.text("instrument_id")
      let settle = ask.markets.market(id)?.settle
      let fee = try row.optionalDecimal("fee")
      return Fill(
        id: try row.text("trade_id", "tid"), order: try row.optionalText("order_id"),
        time: try row.time(.milliseconds, "trade_time", "timestamp"), market: id,
        side: try row.word("direction", directions), price: try row.decimal("price"),
        amount: try row.decimal("size", "volume"),
        fees: settle.flatMap { settle in fee.map { [VenueAmount(settle, $0)] } } ?? [],
        part: .swap)
    })

  /// Open long, open short, close long, close short.
  static let directions: [String: Side] = ["1": .buy, "2": .sell, "3": .sell, "4": .buy]

  static func transfers(_ direction: Transfer.Direction, _ path: String) -> Feed<Transfer> {
    Feed(
      paging: Paging(.cursor, most: 500),
      calls: { ask in
        var parameters: Parameters = ["currency": .text(ask.asset), "from": .text(ask.cursor)]
        parameters = parameters.adding(ask.range(nil, nil, "size", most: 500))
        return [get(path, parameters)]
      },
      rows: data,
      row: { row, _ throws(VenueFault) in
        let asset = try row.text("currency")
        return Transfer(
          id: try row.optionalText("id"), transactionHash: try row.optionalText("hash"),
          time: try row.optionalTime(.iso, "created_date"), direction: direction, asset: asset,
          amount: try row.decimal("amount"),
          fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
          network: try row.optionalText("chain"), address: try row.optionalText("address"),
          tag: try row.optionalText("memo"), status: try row.word("state", words))
      },
      next: { answer throws(VenueFault) in
        let rows = try answer.body["data"].optionalElements()
        let asked = answer.call.parameters["size"].flatMap { Int($0.plainText) } ?? 100
        return rows.count > 1 && rows.count >= asked ? try rows.last?.text("id") : nil
      })
  }

  static let words: [String: Transfer.Status] = [
    "safe": .ok, "confirmed": .ok, "completed": .ok, "successfully deposited": .ok,
    "in deposit": .pending, "to be confirmed": .pending, "confirming": .pending,
    "application in progress": .pending, "pending": .pending, "rejected": .failed,
    "stopped": .failed, "canceled": .canceled,
  ]

  static let ledger = Feed<StatementRow>(
    part: .spot, paging: Paging(.forward, most: 1_000),
    calls: { ask in
      var parameters: Parameters = ["market": "spot", "currency_mark": .text(ask.asset)]
      parameters = parameters.adding(
        ask.range("start_time", "end_time", "limit", .seconds, most: 1_000))
      return [get("spot/financelog", parameters)]
    },
    rows: Pick.listIfAny("data", "finance"),
    row: { row, _ throws(VenueFault) in
      StatementRow(
        id: nil, time: try row.optionalTime(.seconds, "time"), asset: try row.text("currency_mark"),
        amount: try row.decimal("num"), type: try row.optionalText("type"),
        after: try row.optionalDecimal("balance"))
    })

  static let swapLedger = Feed<StatementRow>(
    part: .swap, market: .swap, paging: Paging(.forward, most: 100),
    calls: { ask in
      var parameters: Parameters = ["currency": .text(ask.asset)]
      parameters = parameters.adding(
        ask.range("start_timestamp", "end_timestamp", "limit", most: 100))
      return [swap("account/finance_record", parameters)]
    },
    rows: data,
    row: { row, _ throws(VenueFault) in
      StatementRow(
        id: nil, time: try row.optionalTime(.milliseconds, "timestamp"),
        asset: try row.text("currency"), amount: try row.decimal("change"),
        type: try row.optionalText("finance_type"), part: .swap)
    })

  static let positions = Feed<OpenPosition>(
    part: .swap, market: .swap,
    calls: { ask throws(VenueFault) in
      var parameters = try instrument(ask)
      if ask.market == nil, ask.manyMarkets.count == 1 {
        parameters["instrument_id"] = .text(ask.manyMarkets.first?.id)
      }
      return [swap("account/positions", parameters)]
    },
    rows: data,
    row: { row, ask throws(VenueFault) in
      let id = try row.text("instrument_id")
      return OpenPosition(
        market: id, isLong: try row.word("side", ["long": true, "short": false]),
        contracts: row.size(try row.optionalDecimal("position")),
        contractSize: ask.markets.market(id)?.contractSize,
        entryPrice: try row.optionalDecimal("avg_cost"),
        liquidationPrice: row.shownDecimal("liquidation_price"),
        unrealised: try row.optionalDecimal("unrealized_pnl"),
        leverage: row.shownDecimal("leverage"), margin: row.shownDecimal("margin"),
        isIsolated: try row.word("margin_mode", ["isolated": true, "crossed": false]),
        time: try row.optionalTime(.milliseconds, "timestamp"))
    })
}
