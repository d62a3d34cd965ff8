import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// HollaEx: spot.
  public static let hollaex = Venue(
    id: "hollaex", name: "HollaEx", documents: ["https://apidocs.hollaex.com/"],
    surfaces: [
      Surface("public", HollaEx.host, "/v2/"),
      Surface("private", HollaEx.host, "/v2/", HollaEx.recipe),
    ],
    limits: HollaEx.limits, faults: HollaEx.faults, feeds: HollaEx.feeds,
    unseen: ["what is staked", "conversions made without an order"])
}

private enum HollaEx {
  static let host = "https://api.hollaex.com"

  // A request is good for ten seconds: https://apidocs.hollaex.com/#authentication
  static let recipe = Recipe([
    .on(["GET", "DELETE"], [.query(.strict)]), .notOn(["GET", "DELETE"], [.jsonBody]),
    .bind(
      "expires",
      .made { draft in
        Array(TimeForm.seconds.write(draft.moment.time.advanced(bySeconds: 10)).utf8)
      }),
    .header("api-key", .key), .header("api-expires", .value("expires")),
    .header(
      "api-signature",
      .hex(
        .hmac(
          .sha256, key: .secret,
          .join([.method, .pathAndQuery, .value("expires"), .body])))),
  ])

  static let limits = Limits([
    LimitBucket("all", capacity: 4, refill: .window(seconds: 1), scope: .address)
  ])

  static let faults = FaultTable(
    texts: [
      "invalid token": .auth, "access denied": .auth, "signature": .auth, "expired": .clock,
      "order not found": .orderNotFound, "insufficient balance": .funds,
      "too many": .rate, "rate limit": .rate,
    ],
    find: { body, status in
      guard status >= 400 else { return nil }
      return ("", (try? body.optionalText("message", "error")) ?? "")
    })

  static func get(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("private", "GET", path, parameters)
  }
  static func look(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", path, parameters)
  }

  static let data = Pick.listIfAny("data")

  /// What an answer holds by the name of the market asked for.
  static func ofMarket(_ answer: Answer) -> Node {
    answer.ask.market.map { answer.body[$0.id] } ?? answer.body
  }

  static func symbol(_ ask: Ask) -> Parameters { ["symbol": .text(ask.market?.id)] }

  static func page(_ ask: Ask) -> Parameters {
    var parameters = ask.range("start_date", "end_date", "limit", .iso, most: 100)
    if ask.page > 0 { parameters["page"] = .string(String(ask.page + 1)) }
    return parameters
  }
  static let paging = Paging(.numbered, most: 100)

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [balances]
    feeds.fills = [fills]
    feeds.deposits = [transfers(.deposit, "user/deposits")]
    feeds.withdrawals = [transfers(.withdrawal, "user/withdrawals")]
    feeds.markets = [
      Feed(calls: { _ in [look("constants")] }, rows: Pick.members("pairs"), row: market)
    ]
    feeds.assets = [
      Feed(calls: { _ in [look("constants")] }, rows: Pick.members("coins"), row: asset)
    ]
    feeds.tickers = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          _ = try ask.needed()
          return [look("ticker", symbol(ask))]
        }, rows: Pick.one(), row: ticker),
      Feed(calls: { _ in [look("tickers")] }, rows: Pick.members(), row: ticker),
    ]
    feeds.candles = [candles]
    feeds.trades = [trades]
    feeds.books = [books]
    feeds.openOrders = [orders("true")]
    feeds.closedOrders = [orders("false")]
    return feeds
  }()

  /// The answer names what it holds by asset: `btc_balance`, `btc_available`.
  static let balances = Feed<Balance>(
    part: .spot, calls: { _ in [get("user/balance")] },
    rows: { answer throws(VenueFault) in
      var rows: [Node] = []
      for member in try answer.body.members() where member.key.hasSuffix("_balance") {
        let asset = String(member.key.dropLast("_balance".count))
        let row: JSON = [
          "asset": .string(asset), "balance": member.json ?? .null,
          "available": answer.body[asset + "_available"].json ?? .null,
        ]
        rows.append(Node(row))
      }
      return rows
    },
    row: { row, _ throws(VenueFault) in
      Balance(
        asset: try row.text("asset"), free: try row.optionalDecimal("available"),
        total: try row.decimal("balance"))
    })

  /// The venue gives executions no id: order, time and size name one.
  static let fills = Feed<Fill>(
    part: .spot, market: .spot, paging: paging, evidence: .recorded,
    calls: { ask in [get("user/trades", symbol(ask).adding(page(ask)))] }, rows: data,
    row: { row, _ throws(VenueFault) in
      let order = try row.text("order_id")
      let time = try row.text("timestamp")
      return Fill(
        id: "\(order)/\(time)/\(try row.text("size"))", order: order,
        time: try row.time(.iso, "timestamp"), market: try row.text("symbol"),
        side: try row.side("side"), price: try row.decimal("price"),
        amount: try row.decimal("size"), fees: try row.fees("fee", "fee_coin"))
    })

  static func transfers(_ direction: Transfer.Direction, _ path: String) -> Feed<Transfer> {
    Feed(
      paging: paging,
      calls: { ask in
        let asset: Parameters = ["currency": .text(ask.asset)]
        return [get(path, asset.adding(page(ask)))]
      },
      rows: data,
      row: { row, _ throws(VenueFault) in
        let asset = try row.text("currency")
        let feeAsset = try row.optionalText("fee_coin") ?? asset
        let address = try row.optionalText("address")?.split(separator: ":").map(String.init)
        return Transfer(
          id: try row.optionalText("id"), transactionHash: try row.optionalText("transaction_id"),
          time: try row.optionalTime(.iso, "created_at"),
          direction: try row.word("type", ["deposit": .deposit, "withdrawal": .withdrawal])
            ?? direction,
          asset: asset, amount: try row.decimal("amount"),
          fee: try row.optionalDecimal("fee").map { VenueAmount(feeAsset, $0) },
          network: try row.optionalText("network"), address: address?.first,
          tag: address?.dropFirst().first, status: try status(row))
      })
  }

  static func status(_ row: Node) throws(VenueFault) -> Transfer.Status? {
    if try row.optionalFlag("dismissed") == true { return .canceled }
    if try row.optionalFlag("rejected") == true { return .failed }
    return try row.optionalFlag("status") == true ? .ok : .pending
  }

  static func market(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    Market(
      id: try row.text("name"), base: try row.text("pair_base"), quote: try row.text("pair_2"),
      isActive: try row.optionalFlag("active"),
      amountStep: try row.optionalDecimal("increment_size"),
      priceStep: try row.optionalDecimal("increment_price"),
      amountMin: try row.optionalDecimal("min_size"), amountMax: row.shownDecimal("max_size"))
  }

  static func asset(_ row: Node, _: Ask) throws(VenueFault) -> ListedAsset? {
    let id = try row.text("symbol")
    let network = AssetNetwork(
      id: try row.optionalText("network") ?? id, fee: row.shownDecimal("withdrawal_fee"),
      canDeposit: try row.optionalFlag("allow_deposit"),
      canWithdraw: try row.optionalFlag("allow_withdrawal"))
    return ListedAsset(
      id: id, name: try row.optionalText("fullname"), step: row.shownDecimal("increment_unit"),
      networks: [network])
  }

  static func ticker(_ row: Node, _ ask: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try row.optionalText("symbol") ?? ask.market?.id ?? "",
      time: try row.optionalTime(.iso, "timestamp", "time"),
      last: try row.optionalDecimal("last", "close"), high: try row.optionalDecimal("high"),
      low: try row.optionalDecimal("low"), open: try row.optionalDecimal("open"),
      baseVolume: try row.optionalDecimal("volume"))
  }

  static let candles = Feed<Candle>(
    paging: Paging(.forward, most: 1_000), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let words = [
        60: "1m", 300: "5m", 900: "15m", 3_600: "1h", 14_400: "4h", 86_400: "1d", 604_800: "1w",
      ]
      guard let word = words[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let reach = Int64(min(ask.limit ?? 500, 1_000)) * Int64(ask.interval)
      let end = ask.to ?? ask.now
      let parameters: Parameters = [
        "symbol": .string(try ask.needed().id), "resolution": .string(word),
        "from": .text(ask.from ?? end.advanced(bySeconds: -reach), .seconds),
        "to": .text(end, .seconds),
      ]
      return [look("chart", parameters)]
    },
    rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      try Candle(row, .iso, "time")
    })

  static let trades = Feed<PublicTrade>(
    scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      _ = try ask.needed()
      return [look("trades", symbol(ask))]
    },
    rows: { answer throws(VenueFault) in try ofMarket(answer).optionalElements() },
    row: { row, ask throws(VenueFault) in
      PublicTrade(
        id: nil, time: try row.time(.iso, "timestamp"), market: ask.market?.id ?? "",
        side: try row.side("side"), price: try row.decimal("price"),
        amount: try row.decimal("size"))
    })

  static let books = Feed<OrderBook>(
    scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      _ = try ask.needed()
      return [look("orderbook", symbol(ask))]
    },
    rows: { answer in [ofMarket(answer)] },
    row: { row, ask throws(VenueFault) in
      OrderBook(
        market: ask.market?.id ?? "", time: try row.optionalTime(.iso, "timestamp"),
        bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]))
    })

  static func orders(_ isOpen: String) -> Feed<Order> {
    Feed(
      part: .spot, market: .spot, paging: paging,
      calls: { ask in
        let open: Parameters = ["open": .string(isOpen)]
        return [get("orders", symbol(ask).adding(open).adding(page(ask)))]
      },
      rows: data,
      row: { row, _ throws(VenueFault) in
        Order(
          id: try row.text("id"), time: try row.optionalTime(.iso, "created_at"),
          market: try row.optionalText("symbol"), type: try row.optionalText("type"),
          side: try row.side("side"), price: try row.decimalUnlessZero("price"),
          amount: try row.optionalDecimal("size"), filled: try row.optionalDecimal("filled"),
          status: try row.word("status", states), fees: try row.fees("fee", "fee_coin"))
      })
  }

  static let states: [String: Order.Status] = [
    "new": .open, "pfilled": .open, "filled": .closed, "canceled": .canceled,
  ]
}
