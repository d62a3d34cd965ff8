import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Bitrue, spot.
  public static let bitrue = Venue(
    id: "bitrue", name: "Bitrue",
    documents: [
      "https://github.com/Bitrue-exchange/Spot-official-api-docs",
      "https://www.bitrue.com/api_docs_includes_file/futures/index.html",
    ],
    surfaces: [
      Surface("spot.v1.public", Bitrue.spotHost, "/api/v1/"),
      Surface("spot.v1.private", Bitrue.spotHost, "/api/v1/", Bitrue.spotRecipe),
      Surface("spot.v2.private", Bitrue.spotHost, "/api/v2/", Bitrue.spotRecipe),
      Surface("fapi.v1.public", Bitrue.swapHost, "/fapi/v1/"),
      Surface("fapi.v2.private", Bitrue.swapHost, "/fapi/v2/", Bitrue.swapRecipe),
      Surface("dapi.v1.public", Bitrue.swapHost, "/dapi/v1/"),
      Surface("dapi.v2.private", Bitrue.swapHost, "/dapi/v2/", Bitrue.swapRecipe),
    ],
    limits: Bitrue.limits, faults: Bitrue.faults, feeds: Bitrue.feeds, desk: Bitrue.desk,
    unseen: [
      "futures beyond their balances", "Power Piggy, staking and copy trading",
      "deposits and withdrawals of assets that are not asked for one by one",
    ])
}

private enum Bitrue {
  static let spotHost = "https://www.bitrue.com"
  static let swapHost = "https://fapi.bitrue.com"

  // https://github.com/Bitrue-exchange/Spot-official-api-docs#signed-trade-and-user_data-endpoint-security
  static let spotRecipe = Recipe([
    .header("X-MBX-APIKEY", .key), .lead("recvWindow", "5000"),
    .lead("timestamp", .time(.milliseconds)),
    .on(
      ["GET", "DELETE"],
      [.query(.strict), .appendQuery("signature", .hex(.hmac(.sha256, key: .secret, .query)))]),
    .notOn(
      ["GET", "DELETE"],
      [.form(.strict), .appendForm("signature", .hex(.hmac(.sha256, key: .secret, .body)))]),
  ])

  // https://www.bitrue.com/api_docs_includes_file/futures/index.html
  static let swapRecipe = Recipe([
    .on(["GET", "DELETE"], [.query(.strict)]), .notOn(["GET", "DELETE"], [.jsonBody]),
    .header("X-CH-APIKEY", .key), .header("X-CH-TS", .time(.milliseconds)),
    .header(
      "X-CH-SIGN",
      .hex(
        .hmac(
          .sha256, key: .secret,
          .join([.time(.milliseconds), .method, .pathAndQuery, .body])))),
    .header("Content-Type", "application/json"),
  ])

  static let limits = Limits([
    LimitBucket("WEIGHT", capacity: 25_000, refill: .window(seconds: 60), scope: .address)
  ])

  // https://github.com/Bitrue-exchange/Spot-official-api-docs/blob/master/errors.md
  static let faults = FaultTable(
    codes: [
      "-1000": .retryable, "-1001": .retryable, "-1002": .auth, "-1003": .rate,
      "-1006": .unknownOutcome, "-1007": .unknownOutcome, "-1015": .rate, "-1016": .retryable,
      "-1021": .clock, "-1022": .auth, "-2013": .orderNotFound, "-2014": .auth, "-2015": .auth,
      "-2017": .funds, "32": .auth, "966000": .auth, "966001": .auth, "19": .funds,
    ],
    texts: [
      "insufficient": .funds, "not enough": .funds, "unknown order": .orderNotFound,
      "order does not exist": .orderNotFound, "too many": .rate, "signature": .auth,
    ],
    find: { body, _ in
      guard let code = (try? body.optionalText("code")) ?? nil,
        !["0", "200"].contains(code)
      else { return nil }
      return (code: code, message: (try? body.optionalText("msg", "message")) ?? "")
    })

  static let spot: BinanceLike = {
    var one = BinanceLike(open: "spot.v1.public", signed: "spot.v1.private", bucket: "WEIGHT")
    one.paths.trades = "trades"
    one.weights = [
      "account": 5, "allOrders": 5, "ticker/24hr all": 40, "myTrades": 5, "depth": 1,
    ]
    one.fillPaging = Paging(.forward, most: 1_000)
    one.orderPaging = Paging(
      .forward, most: 1_000, window: 90 * Paging.day, lookBack: 90 * Paging.day)
    return one
  }()

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { ask in [spot.call("GET", "account", ask.extra)] },
        rows: Pick.list("balances"), row: BinanceLike.balance(.spot)),
      futures("fapi.v2.private", .swap), futures("dapi.v2.private", .inverse),
    ]
    feeds.fills = [fills]
    feeds.deposits = [transfers(.deposit)]
    feeds.withdrawals = [transfers(.withdrawal)]
    feeds.markets = [spot.markets()]
    feeds.assets = [assets]
    feeds.tickers = [spot.tickers()]
    feeds.candles = [candles]
    feeds.trades = [spot.trades()]
    feeds.books = [spot.books()]
    var open = spot.openOrders()
    open.scope = .eachMarket
    feeds.openOrders = [open]
    feeds.closedOrders = [spot.closedOrders()]
    feeds.clock = spot.clock()
    return feeds
  }()

  private static let fills: Feed<Fill> = {
    var feed = spot.fills()
    let calls = feed.calls
    feed.calls = { ask throws(VenueFault) in
      var all = try calls(ask)
      for place in all.indices { all[place].surface = "spot.v2.private" }
      return all
    }
    return feed
  }()

  private static let assets = Feed<ListedAsset>(
    calls: { _ in [spot.call("GET", "exchangeInfo", signed: false)] },
    rows: Pick.listIfAny("coins"),
    row: { row, _ throws(VenueFault) in
      var networks: [AssetNetwork] = []
      for chain in try row["chains"].optionalElements() {
        networks.append(
          AssetNetwork(
            id: try chain.text(), fee: row.shownDecimal("withdrawFee"),
            withdrawMin: row.shownDecimal("minWithdraw"),
            canDeposit: try row.optionalFlag("enableDeposit"),
            canWithdraw: try row.optionalFlag("enableWithdraw")))
      }
      return ListedAsset(
        id: try row.text("coin"), name: try row.optionalText("coinFulName"), networks: networks)
    })

  private static let candles = Feed<Candle>(
    market: .spot, paging: Paging(.backward, most: 1_440), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let words = [
        60: "1m", 300: "5m", 900: "15m", 1_800: "30m", 3_600: "1H", 7_200: "2H", 14_400: "4H",
        43_200: "12H", 86_400: "1D", 604_800: "1W",
      ]
      guard let word = words[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let parameters: Parameters = [
        "symbol": .string(try ask.needed([.spot]).id), "scale": .string(word),
        "limit": .number(ask.limit.map { min($0, 1_440) }), "fromIdx": .text(ask.to, .seconds),
      ]
      return [spot.call("GET", "market/kline", parameters.adding(ask.extra), signed: false)]
    },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      try Candle(row, .seconds, "i", .letters)
    })

  private static func futures(_ surface: String, _ part: AccountPart) -> Feed<Balance> {
    Feed(
      part: part, calls: { _ in [Call(surface, "GET", "account")] }, rows: Pick.list("account"),
      row: { row, _ throws(VenueFault) in
        Balance(
          asset: try row.text("marginCoin"), free: try row.decimal("accountNormal"),
          used: try row.decimal("accountLock"), part: part)
      })
  }

  private static let statuses: [Transfer.Direction: [String: Transfer.Status]] = [
    .deposit: ["0": .pending, "1": .ok], .withdrawal: ["0": .pending, "5": .ok, "6": .canceled],
  ]

  // https://github.com/Bitrue-exchange/Spot-official-api-docs#deposit-history--withdraw_data
  // An asset is required; without a status only what is under way is told, so both are asked for.
  private static func transfers(_ direction: Transfer.Direction) -> Feed<Transfer> {
    let path = direction == .deposit ? "deposit/history" : "withdraw/history"
    let wanted = direction == .deposit ? ["0", "1"] : ["0", "5", "6"]
    return Feed(
      paging: Paging(.numbered, most: 1_000), scope: .eachAsset,
      calls: { ask throws(VenueFault) in
        guard let asset = ask.asset else { throw .unsupported("asking without an asset") }
        let size = min(ask.limit ?? 1_000, 1_000)
        let range = ask.range("startTime", "endTime", nil)
        return wanted.map { status in
          let parameters: Parameters = [
            "coin": .string(asset), "status": .string(status), "limit": .number(size),
            "offset": ask.page > 0 ? .number(ask.page * size) : nil,
          ]
          return spot.call("GET", path, parameters.adding(range).adding(ask.extra))
        }
      },
      rows: Pick.listIfAny("data"),
      row: { row, ask throws(VenueFault) in
        // `usdt_erc20` is an asset with its network.
        let names = try row.text("symbol").split(separator: "_").map(String.init)
        let asset = ask.asset ?? names.first ?? ""
        let address = try row.optionalText("addressTo")
        let parts = address.map { $0.split(separator: "_").map(String.init) } ?? []
        let hasTag = try row.optionalText("tagType") != nil && parts.count == 2
        return Transfer(
          id: try row.optionalText("id"), transactionHash: try row.optionalText("txid"),
          time: try row.optionalTime(.milliseconds, "createdAt"), direction: direction,
          asset: asset, amount: try row.decimal("amount"),
          fee: row.shownDecimal("fee").map { VenueAmount(asset, $0) },
          network: names.count > 1 ? names.last : nil, address: hasTag ? parts.first : address,
          tag: hasTag ? parts.last : nil,
          status: try row.word("status", statuses[direction] ?? [:]))
      })
  }

  static let desk = BinanceLike.desk(
    clientIDMost: 32,
    place: { ask throws(VenueFault) in
      var call = try spot.place(ask)
      if ask.newOrder?.timeInForce == nil { call.parameters["timeInForce"] = nil }
      return call
    },
    cancel: { ask throws(VenueFault) in try spot.cancel(ask) },
    find: { ask throws(VenueFault) in try spot.find(ask) }, open: spot.openOrders())
}
