import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Mercado Bitcoin of Brazil: spot.
  public static let mercado = Venue(
    id: "mercado", name: "Mercado Bitcoin",
    documents: [
      "https://www.mercadobitcoin.com.br/trade-api/",
      "https://api.mercadobitcoin.net/api/v4/docs",
    ],
    surfaces: [
      Surface("public", "https://api.mercadobitcoin.net", "/api/v4/"),
      Surface("private", "https://www.mercadobitcoin.net", "/tapi/v3/", Mercado.recipe),
    ],
    limits: Mercado.limits, faults: Mercado.faults, feeds: Mercado.feeds, needsGrowingNonce: true,
    unseen: [
      "deposits and withdrawals: the trade interface has no list of them",
      "fixed income tokens and staking",
    ])
}

private enum Mercado {
  // https://www.mercadobitcoin.com.br/trade-api/#mac: one address, the method is a parameter.
  static let recipe = Recipe([
    .lead("tapi_nonce", .nonce(.milliseconds)),
    .lead("tapi_method", .made { draft in Array(draft.path.dropFirst(draft.prefix.count).utf8) }),
    .custom { draft in draft.path = draft.prefix },
    .form(.nested), .header("TAPI-ID", .key),
    .header(
      "TAPI-MAC", .hex(.hmac(.sha512, key: .secret, .join([.path, "?", .body])))),
  ])

  // https://www.mercadobitcoin.com.br/trade-api/ : 60 calls a minute
  static let limits = Limits([
    LimitBucket("requests", capacity: 60, refill: .window(seconds: 60), scope: .key),
    LimitBucket("public", capacity: 1, refill: .window(seconds: 1), scope: .address),
  ])

  // https://www.mercadobitcoin.com.br/trade-api/#status-code
  static let faults = FaultTable(
    codes: [
      "199": .definitive, "200": .definitive, "201": .auth, "202": .auth, "203": .clock,
      "205": .auth, "206": .auth, "207": .definitive, "211": .orderNotFound, "212": .funds,
      "215": .funds, "216": .funds, "217": .funds, "230": .definitive, "427": .rate,
      "429": .rate, "430": .rate, "431": .definitive, "432": .retryable, "433": .retryable,
      "434": .retryable, "500": .retryable,
    ],
    find: { body, _ in
      let code = ((try? body.optionalText("status_code")) ?? nil) ?? ""
      guard !code.isEmpty, code != "100" else { return nil }
      return (code, ((try? body.optionalText("error_message")) ?? nil) ?? "")
    })

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { _ in [Call("private", "POST", "get_account_info")] },
        rows: Pick.members("response_data", "balance"),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: row.key.uppercased(), free: try row.decimal("available"),
            total: try row.decimal("total"))
        })
    ]
    feeds.fills = [fills]
    feeds.markets = [markets]
    feeds.tickers = [tickers]
    return feeds
  }()

  // MARK: - The account

  // Executions stand inside their orders. Fees are percent of what is got: base for a purchase,
  // quote for a sale. https://www.mercadobitcoin.com.br/trade-api/#list_orders
  private static let fills = Feed<Fill>(
    part: .spot, market: .spot, paging: Paging(.forward, most: 200), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = [
        "coin_pair": .string(pair(try ask.needed([.spot]))), "has_fills": "true",
        "from_timestamp": .text(ask.from, .seconds), "to_timestamp": .text(ask.to, .seconds),
      ]
      return [Call("private", "POST", "list_orders", parameters)]
    },
    rows: { answer throws(VenueFault) in
      var rows: [Node] = []
      for order in try answer.body["response_data"]["orders"].optionalElements() {
        for operation in try order["operations"].optionalElements() {
          guard case .object(var members)? = operation.json else {
            throw operation.fault("an object")
          }
          for name in ["order_id", "coin_pair", "order_type"] {
            members.set(name, order[name].json ?? .null)
          }
          rows.append(Node(.object(members)))
        }
      }
      return rows
    }, row: fill)

  /// `BTC-BRL` as that interface names it: `BRLBTC`.
  private static func pair(_ market: Market) -> String { market.quote + market.base }

  private static func fill(_ row: Node, _ ask: Ask) throws(VenueFault) -> Fill? {
    let sides: [String: Side] = ["1": .buy, "2": .sell]
    let side = try row.word("order_type", sides)
    let (price, amount) = (try row.decimal("price"), try row.decimal("quantity"))
    var fees: [VenueAmount] = []
    if let rate = try row.decimalUnlessZero("fee_rate"), let side, let market = ask.market {
      fees = [try fee(rate, side, price, amount, market, row)]
    }
    return Fill(
      id: try row.text("operation_id"), order: try row.optionalText("order_id"),
      time: try row.time(.seconds, "executed_timestamp"), market: ask.market?.id ?? "",
      side: side, price: price, amount: amount, fees: fees)
  }

  private static func fee(
    _ rate: Fixed, _ side: Side, _ price: Fixed, _ amount: Fixed, _ market: Market, _ row: Node
  ) throws(VenueFault) -> VenueAmount {
    do {
      let got = side == .buy ? amount : try amount.multiplied(by: price, rounding: .halfEven)
      let hundred = Fixed(units: Fixed.scale * 100)
      let percent = try rate.divided(by: hundred, rounding: .halfEven)
      return VenueAmount(
        side == .buy ? market.base : market.quote,
        try got.multiplied(by: percent, rounding: .halfEven))
    } catch {
      throw row.fault("a fee within range")
    }
  }

  // MARK: - Markets

  // https://api.mercadobitcoin.net/api/v4/docs#tag/Public-Data/paths/~1symbols/get
  private static let markets = Feed<Market>(
    market: .spot, calls: { _ in [Call("public", "GET", "symbols", cost: ["public": 1])] },
    rows: { answer throws(VenueFault) in try answer.body.transposed(["symbol"]) },
    row: { row, _ throws(VenueFault) in
      let id = try row[0].text()
      let parts = id.split(separator: "-").map(String.init)
      guard parts.count == 2 else { return nil }
      return Market(id: id, base: parts[0], quote: parts[1])
    })

  // https://api.mercadobitcoin.net/api/v4/docs#tag/Public-Data/paths/~1tickers/get
  private static let tickers = Feed<Ticker>(
    market: .spot, scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      var ids = ask.manyMarkets.map(\.id)
      if let market = ask.market { ids = [market.id] }
      guard !ids.isEmpty else { throw .unsupported("tickers without markets") }
      let list = JSON.string(ids.joined(separator: ","))
      return [Call("public", "GET", "tickers", ["symbols": list], cost: ["public": 1])]
    },
    rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      Ticker(
        market: try row.text("pair"), last: try row.optionalDecimal("last"),
        bid: try row.optionalDecimal("buy"), ask: try row.optionalDecimal("sell"),
        high: try row.optionalDecimal("high"), low: try row.optionalDecimal("low"),
        open: try row.optionalDecimal("open"), baseVolume: row.shownDecimal("vol"))
    })
}
