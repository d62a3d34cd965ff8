import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// CoinSpot of Australia, read with a read-only key.
  public static let coinspot = Venue(
    id: "coinspot", name: "CoinSpot",
    documents: ["https://www.coinspot.com.au/v2/api", "https://www.coinspot.com.au/api"],
    surfaces: [
      Surface("public", CoinSpot.host, "/pubapi/v2/"),
      Surface("private", CoinSpot.host, "/api/", CoinSpot.recipe),
      Surface("v2.private", CoinSpot.host, "/api/v2/", CoinSpot.recipe),
    ],
    limits: CoinSpot.limits, faults: CoinSpot.faults, feeds: CoinSpot.feeds,
    needsGrowingNonce: true, unseen: ["earn products and their rewards", "bundles", "NFTs"])
}

private enum CoinSpot {
  static let host = "https://www.coinspot.com.au"

  // https://www.coinspot.com.au/v2/api#security
  static let recipe = Recipe([
    .custom { draft in
      draft.parameters["nonce"] = nil
      let nonce = JSON.number(TimeForm.milliseconds.write(draft.moment.nonce))
      draft.parameters.items.insert(Parameters.Item("nonce", nonce), at: 0)
    },
    .jsonBody, .header("key", .key),
    .header("sign", .hex(.hmac(.sha512, key: .secret, .body))),
  ])

  // https://www.coinspot.com.au/v2/api#ratelimits: 1,000 a minute
  static let limits = Limits([
    LimitBucket("requests", capacity: 1_000, refill: .window(seconds: 60), scope: .key)
  ])

  static let faults = FaultTable(
    texts: [
      "nonce": .clock, "invalid/missing nonce": .clock, "no api key": .auth, "invalid key": .auth,
      "signature": .auth, "insufficient": .funds, "not found": .orderNotFound,
      "too many": .rate,
    ],
    find: { body, _ in
      guard (try? body["status"].optionalText()) == "error" else { return nil }
      return ("", ((try? body.optionalText("message")) ?? nil) ?? "")
    })

  private static func call(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("v2.private", "POST", path, parameters)
  }

  /// Days, both ends included.
  private static func days(_ ask: Ask) -> Parameters {
    let day = { (time: Instant) in String(TimeForm.isoSeconds.write(time).prefix(10)) }
    return ["startdate": .text(ask.from.map(day)), "enddate": .text(ask.to.map(day))]
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { _ in [call("ro/my/balances")] },
        rows: { answer throws(VenueFault) in
          var rows: [Node] = []
          for one in try answer.body["balances"].optionalElements() { rows += try one.members() }
          return rows
        },
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: row.key, free: try row.optionalDecimal("available"),
            total: try row.decimal("balance"))
        })
    ]
    feeds.fills = [fills]
    feeds.deposits = [money("deposits", .deposit), coins("receivetransactions", .deposit)]
    feeds.withdrawals = [
      money("withdrawals", .withdrawal), coins("sendtransactions", .withdrawal),
    ]
    feeds.markets = [markets]
    feeds.tickers = [tickers]
    return feeds
  }()

  // MARK: - The account

  /// Rows of both lists, each with its side.
  private static func sides(_ answer: Answer) throws(VenueFault) -> [Node] {
    var rows: [Node] = []
    for (list, side) in [("buyorders", "buy"), ("sellorders", "sell")] {
      for row in try answer.body[list].optionalElements() {
        guard case .object(var members)? = row.json else { throw row.fault("an object") }
        members.set("side", .string(side))
        rows.append(Node(.object(members)))
      }
    }
    return rows
  }

  // https://www.coinspot.com.au/v2/api#rohistorders
  private static let fills = Feed<Fill>(
    part: .spot, market: .spot, paging: Paging(.backward, most: 500),
    calls: { ask in
      var parameters = days(ask)
      if let limit = ask.limit { parameters["limit"] = .number(String(min(limit, 500))) }
      return [call("ro/my/orders/completed", parameters)]
    },
    rows: { answer throws(VenueFault) in try sides(answer) },
    row: { row, _ throws(VenueFault) in
      let market = try row.text("market")
      let time = try row.text("solddate")
      let (price, amount) = (try row.decimal("rate"), try row.decimal("amount"))
      // Older rows have no id: what they tell makes one.
      let made = "\(time) \(try row.optionalText("side") ?? "") \(price.text) \(amount.text)"
      var fees: [VenueAmount] = []
      for name in ["audfeeExGst", "audGst"] {
        if let fee = try row.decimalUnlessZero(name) { fees.append(VenueAmount("AUD", fee)) }
      }
      return Fill(
        id: try row.optionalText("id") ?? made, time: try row.time(.iso, "solddate"),
        market: market, side: try row.side("side"), price: price, amount: amount,
        cost: try row.optionalDecimal("total"), fees: fees)
    })

  private static let states: [String: Transfer.Status] = [
    "completed": .ok, "complete": .ok, "pending": .pending, "cancelled": .canceled,
    "failed": .failed,
  ]

  /// Australian dollars. https://www.coinspot.com.au/v2/api#rodeposit
  private static func money(_ list: String, _ direction: Transfer.Direction) -> Feed<Transfer> {
    Feed(
      calls: { ask in [call("ro/my/\(list)", days(ask))] }, rows: Pick.listIfAny(list),
      row: { row, _ throws(VenueFault) in
        let state = try row.optionalText("status")?.lowercased()
        return Transfer(
          id: try row.optionalText("id", "reference"),
          time: try row.optionalTime(.iso, "created"), direction: direction, asset: "AUD",
          amount: try row.decimal("amount"), status: state.flatMap { states[$0] })
      })
  }

  /// Coins. https://www.coinspot.com.au/v2/api#rosendreceive
  private static func coins(_ list: String, _ direction: Transfer.Direction) -> Feed<Transfer> {
    Feed(
      calls: { ask in [call("ro/my/sendreceive", days(ask))] }, rows: Pick.listIfAny(list),
      row: { row, _ throws(VenueFault) in
        let asset = try row.text("coin")
        return Transfer(
          id: try row.optionalText("txid", "id"), transactionHash: try row.optionalText("txid"),
          time: try row.optionalTime(.iso, "timestamp"), direction: direction, asset: asset,
          amount: try row.decimal("amount").sizeOnly(),
          fee: try row.optionalDecimal("sendfee").map { VenueAmount(asset, $0) },
          address: try row.optionalText("address"), status: .ok)
      })
  }

  // MARK: - Markets

  // https://www.coinspot.com.au/v2/api#latestprices: `btc` is BTC/AUD, `btc_usdt` is BTC/USDT.
  private static func sides(_ key: String) -> (base: String, quote: String) {
    let parts = key.uppercased().split(separator: "_").map(String.init)
    return (parts.first ?? "", parts.count > 1 ? parts[1] : "AUD")
  }

  private static let latest = Call("public", "GET", "latest")

  private static let markets = Feed<Market>(
    market: .spot, calls: { _ in [latest] }, rows: Pick.members("prices"),
    row: { row, _ in
      let (base, quote) = sides(row.key)
      return Market(id: "\(base)/\(quote)", base: base, quote: quote, alias: row.key)
    })

  private static let tickers = Feed<Ticker>(
    market: .spot,
    calls: { ask throws(VenueFault) in
      guard ask.market == nil else { throw .unsupported("one of all tickers") }
      return [latest]
    },
    rows: Pick.members("prices"),
    row: { row, _ throws(VenueFault) in
      let (base, quote) = sides(row.key)
      return Ticker(
        market: "\(base)/\(quote)", last: row.shownDecimal("last"), bid: row.shownDecimal("bid"),
        ask: row.shownDecimal("ask"))
    })
}
