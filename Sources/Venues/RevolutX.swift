import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Revolut X: spot.
  public static let revolutx = Venue(
    id: "revolutx", name: "Revolut X",
    documents: ["https://developer.revolut.com/docs/api/revolut-x-crypto-exchange"],
    surfaces: [
      Surface("public", RevolutX.host, "/api/"),
      Surface("private", RevolutX.host, "/api/", RevolutX.recipe),
    ],
    credentials: [
      CredentialField("key", "API key", isSecret: false),
      CredentialField("privateKey", "Ed25519 private key (PEM)"),
    ],
    limits: RevolutX.limits, faults: RevolutX.faults, feeds: RevolutX.feeds,
    unseen: [
      "what came in and went out: deposits, withdrawals and staking rewards",
      "crypto in the Revolut app outside Revolut X",
    ])
}

private enum RevolutX {
  static let host = "https://revx.revolut.com"

  // https://developer.revolut.com/docs/api/revolut-x-crypto-exchange (signing a request)
  static let recipe = Recipe([
    .on(["GET", "DELETE"], [.query(.strict)]),
    .notOn(["GET", "DELETE"], [.jsonBodyUnlessEmpty]),
    .header("X-Revx-API-Key", .key), .header("X-Revx-Timestamp", .time(.milliseconds)),
    .header(
      "X-Revx-Signature",
      .base64(
        .ed25519(
          key: .field("privateKey"),
          .join([.time(.milliseconds), .method, .path, .query, .body])))),
  ])

  static let limits = Limits([
    LimitBucket("requests", capacity: 1_000, refill: .window(seconds: 60), scope: .key)
  ])

  static let faults = FaultTable(
    texts: [
      "timestamp": .clock, "signature": .auth, "unauthorized": .auth, "insufficient": .funds,
      "not found": .orderNotFound, "rate limit": .rate, "too many": .rate,
    ],
    find: { body, status in
      guard !(200..<300).contains(status) else { return nil }
      let code = ((try? body.optionalText("error_id", "code")) ?? nil) ?? ""
      return (code, ((try? body.optionalText("message")) ?? nil) ?? "")
    })

  private static func call(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("private", "GET", "1.0/" + path, parameters)
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [balances(.spot), balances(.staking)]
    feeds.fills = [fills]
    feeds.markets = [markets]
    feeds.tickers = [tickers]
    return feeds
  }()

  // MARK: - The account

  /// `total` has what is staked in it, which is a part of its own.
  /// https://developer.revolut.com/docs/api/revolut-x-crypto-exchange/operations/get-all-balances.md
  private static func balances(_ part: AccountPart) -> Feed<Balance> {
    Feed(
      part: part, calls: { _ in [call("balances")] }, rows: Pick.list(),
      row: { row, _ throws(VenueFault) in
        let asset = try row.text("currency")
        guard part == .staking else {
          return Balance(
            asset: asset, free: try row.decimal("available"), used: try row.decimal("reserved"))
        }
        guard let staked = try row.decimalUnlessZero("staked") else { return nil }
        return Balance(asset: asset, used: staked, total: staked, part: .staking)
      })
  }

  // https://developer.revolut.com/docs/api/revolut-x-crypto-exchange (get private trades)
  private static let fills = Feed<Fill>(
    part: .spot, market: .spot, paging: Paging(.cursor, most: 100), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = [
        "symbol": .string(try ask.needed([.spot]).id),
        "start_date": .text(ask.from, .milliseconds), "end_date": .text(ask.to, .milliseconds),
        "cursor": .text(ask.cursor), "limit": ask.limit.map { .string(String(min($0, 100))) },
      ]
      return [call("trades/private/{symbol}", parameters)]
    },
    rows: Pick.listIfAny("data"),
    row: { row, ask throws(VenueFault) in
      Fill(
        id: try row.text("tid"), order: try row.optionalText("oid"),
        time: try row.time(.milliseconds, "tdt"), market: ask.market?.id ?? "",
        side: try row.side("s"), price: try row.decimal("p"), amount: try row.decimal("q"),
        isMaker: try row.optionalFlag("im"))
    },
    next: Pick.text("metadata", "next_cursor"))

  // MARK: - Markets

  // https://developer.revolut.com/docs/api/revolut-x-crypto-exchange (get all currency pairs)
  private static let markets = Feed<Market>(
    market: .spot, calls: { _ in [call("configuration/pairs")] }, rows: Pick.members(),
    row: { row, _ throws(VenueFault) in
      let (base, quote) = (try row.text("base"), try row.text("quote"))
      return Market(
        id: "\(base)-\(quote)", base: base, quote: quote,
        isActive: try row.optionalText("status").map { $0 == "active" },
        amountStep: row.shownDecimal("base_step"), priceStep: row.shownDecimal("quote_step"),
        amountMin: row.shownDecimal("min_order_size"),
        amountMax: row.shownDecimal("max_order_size"),
        costMin: row.shownDecimal("min_order_size_quote"), alias: row.key)
    })

  private static let tickers = Feed<Ticker>(
    market: .spot,
    calls: { ask in
      var ids = ask.manyMarkets.map(\.id)
      if let market = ask.market { ids = [market.id] }
      let list = ids.isEmpty ? nil : JSON.string(ids.joined(separator: ","))
      return [call("tickers", ["symbols": list])]
    },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      Ticker(
        market: String(try row.text("symbol").map { $0 == "/" ? "-" : $0 }),
        last: try row.optionalDecimal("last_price"), bid: try row.optionalDecimal("bid"),
        ask: try row.optionalDecimal("ask"))
    })
}
