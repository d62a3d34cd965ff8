import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Bit2C of Israel: spot.
  public static let bit2c = Venue(
    id: "bit2c", name: "Bit2C", documents: ["https://bit2c.co.il/home/api"],
    surfaces: [
      Surface("public", Bit2C.host), Surface("private", Bit2C.host, "/", Bit2C.recipe),
    ],
    limits: Bit2C.limits, faults: Bit2C.faults, aliases: ["NIS": "ILS", "₪": "ILS"],
    feeds: Bit2C.feeds, needsGrowingNonce: true,
    unseen: [
      "deposits and withdrawals: the documented interface has no list of them",
      "trades between two orders that met more than once are told apart by their time only",
    ])
}

private enum Bit2C {
  static let host = "https://bit2c.co.il"

  // https://bit2c.co.il/home/api (authentication)
  static let recipe = Recipe([
    .lead("nonce", .nonce(.milliseconds)), .bind("text", .parameters(.nested)),
    .on(["GET", "DELETE"], [.query(.nested)]), .notOn(["GET", "DELETE"], [.form(.nested)]),
    .header("Content-Type", "application/x-www-form-urlencoded"), .header("key", .key),
    .header("sign", .base64(.hmac(.sha512, key: .secret, .value("text")))),
  ])

  static let limits = Limits([
    LimitBucket("requests", capacity: 20, refill: .window(seconds: 60), scope: .address)
  ])

  static let faults = FaultTable(
    texts: [
      "please provide valid apikey": .auth, "please provide valid nonce": .clock,
      "please provide valid signature": .auth, "please approve new terms": .auth,
      "please provide valid nonce in request uint64.tryparse": .clock, "invalid nonce": .clock,
      "insufficient": .funds, "not enough": .funds,
      "no order found": .orderNotFound,
    ],
    find: { body, _ in
      guard let error = (try? body.optionalText("error", "Error")) ?? nil else { return nil }
      return ("", error)
    })

  /// A number with commas between its thousands.
  private static func number(_ node: Node) throws(VenueFault) -> Fixed {
    let text = try node.text()
    return try Node(.string(text.filter { $0 != "," })).decimalAt(node)
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [balances]
    feeds.fills = [fills]
    feeds.markets = [markets]
    feeds.tickers = [tickers]
    return feeds
  }()

  // MARK: - The account

  /// `NIS`, `AVAILABLE_NIS`, `LOCKED_NIS` and so on.
  private static let balances = Feed<Balance>(
    part: .spot, calls: { _ in [Call("private", "GET", "Account/Balance")] },
    rows: { answer throws(VenueFault) in
      let body = answer.body
      return try body.members().compactMap { member in
        guard member.key.hasPrefix("AVAILABLE_") else { return nil }
        let asset = String(member.key.dropFirst("AVAILABLE_".count))
        return Node([
          "asset": .string(asset), "free": member.json ?? .null, "total": body[asset].json ?? .null,
        ])
      }
    },
    row: { row, _ throws(VenueFault) in
      Balance(
        asset: try row.text("asset"), free: try number(row["free"]),
        total: row["total"].isNothing ? nil : try number(row["total"]))
    })

  // https://bit2c.co.il/home/api#orderh: 0 is a purchase, 1 a sale; days as dd/mm/yyyy
  private static let fills = Feed<Fill>(
    part: .spot, market: .spot,
    paging: Paging(.backward, most: 100, window: 30 * Paging.day),
    calls: { ask in
      let day = { (time: Instant) in
        let parts = TimeForm.isoSeconds.write(time).prefix(10).split(separator: "-")
        return parts.reversed().joined(separator: "/")
      }
      let parameters: Parameters = [
        "pair": .text(ask.market?.id), "fromTime": .text(ask.from.map(day)),
        "toTime": .text(ask.to.map(day)),
        "take": ask.limit.map { .string(String(min($0, 100))) },
      ]
      return [Call("private", "GET", "Order/OrderHistory", parameters)]
    },
    rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      let action = try row.text("action")
      guard action == "0" || action == "1" else { return nil }
      let reference = try row.text("reference")
      var fees: [VenueAmount] = []
      if !row["feeAmount"].isNothing {
        fees.append(VenueAmount(try row.text("feeCoin"), try number(row["feeAmount"]).sizeOnly()))
      }
      return Fill(
        id: "\(reference)|\(try row.text("ticks"))|\(action)",
        time: try row.time(.seconds, "ticks"), market: try row.text("pair"),
        side: action == "0" ? .buy : .sell, price: try number(row["price"]),
        amount: try number(row["firstAmount"]).sizeOnly(), fees: fees,
        isMaker: try row.optionalFlag("isMaker"))
    })

  // MARK: - Markets

  // https://bit2c.co.il/home/api (pairs): the interface has no list of them.
  private static let pairs: [(id: String, base: String)] = [
    ("BtcNis", "BTC"), ("EthNis", "ETH"), ("LtcNis", "LTC"), ("UsdcNis", "USDC"),
  ]

  private static let markets = Feed<Market>(
    market: .spot, calls: { _ in [tickerCall("BtcNis")] },
    rows: { _ in pairs.map { Node(["id": .string($0.id), "base": .string($0.base)]) } },
    row: { row, _ throws(VenueFault) in
      Market(id: try row.text("id"), base: try row.text("base"), quote: "NIS")
    })

  private static func tickerCall(_ id: String) -> Call {
    Call("public", "GET", "Exchanges/{pair}/Ticker.json", ["pair": .string(id)])
  }

  // https://bit2c.co.il/home/api (ticker): h bid, l ask, ll last, a volume
  private static let tickers = Feed<Ticker>(
    market: .spot, scope: .eachMarket,
    calls: { ask throws(VenueFault) in [tickerCall(try ask.needed([.spot]).id)] },
    rows: Pick.one(),
    row: { row, ask throws(VenueFault) in
      Ticker(
        market: ask.market?.id ?? "", last: try row.optionalDecimal("ll"),
        bid: try row.optionalDecimal("h"), ask: try row.optionalDecimal("l"),
        baseVolume: row.shownDecimal("a"))
    })
}

extension Node {
  /// A decimal whose fault names another place.
  fileprivate func decimalAt(_ place: Node) throws(VenueFault) -> Fixed {
    do throws(VenueFault) {
      return try decimal()
    } catch {
      throw place.fault("a decimal number")
    }
  }
}
