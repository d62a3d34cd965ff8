import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Zaif of Japan: spot.
  public static let zaif = Venue(
    id: "zaif", name: "Zaif", documents: ["https://zaif-api-document.readthedocs.io/"],
    surfaces: [
      Surface("public", Zaif.host, "/api/1/"),
      Surface("private", Zaif.host, "/tapi/", Zaif.recipe),
      Surface("ecapi", Zaif.host, "/ecapi/", Zaif.recipe),
    ],
    limits: Zaif.limits, faults: Zaif.faults, feeds: Zaif.feeds, needsGrowingNonce: true,
    unseen: ["margin and futures positions", "purchases at the shop", "savings plans"])
}

private enum Zaif {
  static let host = "https://api.zaif.jp"

  // https://zaif-api-document.readthedocs.io/ja/latest/TradingAPI.html: one address, the method is
  // a parameter; the nonce is seconds with a fraction and must grow.
  static let recipe = Recipe([
    .lead("nonce", .made(nonce)),
    .lead("method", .made { draft in Array(draft.path.dropFirst(draft.prefix.count).utf8) }),
    .custom { draft in draft.path = String(draft.prefix.dropLast()) },
    .form(.nested), .header("Key", .key),
    .header("Sign", .hex(.hmac(.sha512, key: .secret, .body))),
  ])

  /// Seconds with eight decimals, of the binary number of 53 digits nearest to the time, as the
  /// venue's own clients write it.
  private static let nonce: @Sendable (Draft) throws(VenueFault) -> [UInt8] = { draft in
    let micros = max(0, draft.moment.nonce.microseconds)
    let seconds = micros / 1_000_000
    // A binary number of 53 bits has steps of 2^-22 between 2^30 and 2^31 seconds.
    let steps = (((micros % 1_000_000) << 22) + 500_000) / 1_000_000
    let digits = String((steps * 100_000_000 + (1 << 21)) >> 22 + 100_000_000)
    return Array("\(seconds).\(digits.dropFirst())".utf8)
  }

  static let limits = Limits([
    LimitBucket("private", capacity: 10, refill: .window(seconds: 5), scope: .key),
    LimitBucket("public", capacity: 10, refill: .window(seconds: 1), scope: .address),
  ])

  static let faults = FaultTable(
    texts: [
      "nonce not incremented": .clock, "nonce out of range": .clock, "unsupported": .definitive,
      "signature mismatch": .auth, "api key don't have": .auth, "api key not found": .auth,
      "insufficient funds": .funds, "order not found": .orderNotFound,
      "trade temporarily unavailable": .retryable, "time wait restriction": .rate,
      "too many": .rate,
    ],
    find: { body, _ in
      if (try? body["success"].optionalText()) == "0" {
        return ("", ((try? body.optionalText("error")) ?? nil) ?? "")
      }
      guard let error = (try? body["error"].optionalText()) ?? nil else { return nil }
      return ("", error)
    })

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [balances]
    feeds.fills = [fills]
    feeds.deposits = [transfers("deposit_history", .deposit)]
    feeds.withdrawals = [transfers("withdraw_history", .withdrawal)]
    feeds.markets = [markets]
    feeds.tickers = [tickers]
    return feeds
  }()

  // MARK: - The account

  /// `funds` is what can be used, `deposit` everything.
  /// https://zaif-api-document.readthedocs.io/ja/latest/TradingAPI.html#get-info2
  private static let balances = Feed<Balance>(
    part: .spot, calls: { _ in [Call("private", "POST", "get_info2")] },
    rows: { answer throws(VenueFault) in
      let all = answer.body["return"]
      return try all["deposit"].optionalMembers().map { member in
        Node([
          "asset": .string(member.key), "total": member.json ?? .null,
          "free": all["funds"][member.key].json ?? .null,
        ])
      }
    },
    row: { row, _ throws(VenueFault) in
      Balance(
        asset: try row.text("asset"), free: try row.optionalDecimal("free"),
        total: try row.decimal("total"))
    })

  // https://zaif-api-document.readthedocs.io/ja/latest/TradingAPI.html#trade-history
  private static let fills = Feed<Fill>(
    part: .spot, market: .spot, paging: Paging(.forward, most: 1_000),
    calls: { ask in
      let parameters: Parameters = [
        "currency_pair": .text(ask.market?.id), "since": .text(ask.from, .seconds),
        "end": .text(ask.to, .seconds),
        "count": ask.limit.map { .string(String(min($0, 1_000))) },
        "order": ask.from == nil ? nil : "ASC",
      ]
      return [Call("private", "POST", "trade_history", parameters)]
    },
    rows: Pick.members("return"),
    row: { row, ask throws(VenueFault) in
      let market = try row.text("currency_pair")
      let quote = market.split(separator: "_").last.map(String.init) ?? "jpy"
      let sides: [String: Side] = ["bid": .buy, "ask": .sell]
      // `action` is the taker's: ours is beside it, and `both` is a trade with oneself.
      var fees: [VenueAmount] = []
      if let fee = try row.decimalUnlessZero("fee_amount", "fee") {
        fees.append(VenueAmount(quote, fee))
      }
      if let bonus = try row.decimalUnlessZero("bonus") {
        fees.append(VenueAmount(quote, try bonus.opposite()))
      }
      return Fill(
        id: row.key, time: try row.time(.seconds, "timestamp"), market: market,
        side: try row.word("your_action", sides), price: try row.decimal("price"),
        amount: try row.decimal("amount"), fees: fees)
    })

  // https://zaif-api-document.readthedocs.io/ja/latest/TradingAPI.html#deposit-history
  private static func transfers(
    _ method: String, _ direction: Transfer.Direction
  ) -> Feed<Transfer> {
    Feed(
      paging: Paging(.forward, most: 1_000), scope: .eachAsset,
      calls: { ask throws(VenueFault) in
        let parameters: Parameters = [
          "currency": .string(try ask.neededAsset()), "since": .text(ask.from, .seconds),
          "end": .text(ask.to, .seconds),
          "count": ask.limit.map { .string(String(min($0, 1_000))) },
          "order": ask.from == nil ? nil : "ASC",
        ]
        return [Call("private", "POST", method, parameters)]
      },
      rows: Pick.members("return"),
      row: { row, ask throws(VenueFault) in
        let asset = try ask.neededAsset()
        return Transfer(
          id: row.key, transactionHash: try row.optionalText("txid"),
          time: try row.optionalTime(.seconds, "timestamp"), direction: direction, asset: asset,
          amount: try row.decimal("amount"),
          fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
          address: try row.optionalText("address"), status: .ok)
      })
  }

  // MARK: - Markets

  // https://zaif-api-document.readthedocs.io/ja/latest/PublicAPI.html#id12
  private static let markets = Feed<Market>(
    market: .spot,
    calls: { _ in [Call("public", "GET", "currency_pairs/all", cost: ["public": 1])] },
    rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      let id = try row.text("currency_pair")
      let parts = try row.text("name").split(separator: "/").map(String.init)
      guard parts.count == 2 else { throw row["name"].fault("two assets") }
      return Market(
        id: id, base: parts[0].lowercased(), quote: parts[1].lowercased(),
        amountStep: row.shownDecimal("item_unit_step"),
        priceStep: row.shownDecimal("aux_unit_step"), amountMin: row.shownDecimal("item_unit_min"))
    })

  private static let tickers = Feed<Ticker>(
    market: .spot, scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let id = JSON.string(try ask.needed([.spot]).id)
      return [Call("public", "GET", "ticker/{pair}", ["pair": id], cost: ["public": 1])]
    },
    rows: Pick.one(),
    row: { row, ask throws(VenueFault) in
      Ticker(
        market: ask.market?.id ?? "", last: try row.optionalDecimal("last"),
        bid: try row.optionalDecimal("bid"), ask: try row.optionalDecimal("ask"),
        high: try row.optionalDecimal("high"), low: try row.optionalDecimal("low"),
        baseVolume: row.shownDecimal("volume"))
    })
}
