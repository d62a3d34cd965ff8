import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// BtcTurk Kripto of Türkiye: spot.
  public static let btcturk = Venue(
    id: "btcturk", name: "BtcTurk", documents: ["https://docs.btcturk.com/"],
    surfaces: [
      Surface("public", BtcTurk.host, "/api/"),
      Surface("private", BtcTurk.host, "/api/v1/", BtcTurk.recipe),
    ],
    limits: BtcTurk.limits, faults: BtcTurk.faults, feeds: BtcTurk.feeds,
    unseen: ["staking and other products outside the spot wallets"])
}

private enum BtcTurk {
  static let host = "https://api.btcturk.com"

  // https://docs.btcturk.com/#authentication
  static let recipe = Recipe([
    .on(["GET", "DELETE"], [.query(.strict)]),
    .notOn(["GET", "DELETE"], [.jsonBodyUnlessEmpty]),
    .header("X-PCK", .key), .header("X-Stamp", .time(.milliseconds)),
    .header("Content-Type", "application/json"),
    .header(
      "X-Signature",
      .base64(
        .hmac(.sha256, key: .unbase64(.secret), .join([.key, .time(.milliseconds)])))),
  ])

  // https://docs.btcturk.com/#rate-limits
  static let limits = Limits([
    LimitBucket("private", capacity: 90, refill: .window(seconds: 60), scope: .key),
    LimitBucket("public", capacity: 600, refill: .window(seconds: 600), scope: .address),
  ])

  // https://docs.btcturk.com/#error-codes
  static let faults = FaultTable(
    codes: ["1037": .auth, "1027": .retryable, "429": .rate],
    texts: [
      "INVALID_AUTHENTICATION": .auth, "UNAUTHORIZED": .auth, "BALANCE_NOT_ENOUGH": .funds,
      "insufficient": .funds, "TOO_MANY_REQUEST": .rate, "ORDER_NOT_FOUND": .orderNotFound,
      "stamp": .clock,
    ],
    find: { body, _ in
      guard ((try? body.optionalFlag("success")) ?? nil) == false else { return nil }
      let code = ((try? body.optionalText("code")) ?? nil) ?? ""
      return (code, ((try? body.optionalText("message")) ?? nil) ?? "")
    })

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, calls: { _ in [Call("private", "GET", "users/balances")] },
        rows: Pick.list("data"),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("asset"), free: try row.decimal("free"),
            used: try row.optionalDecimal("locked"), total: try row.optionalDecimal("balance"))
        })
    ]
    feeds.fills = [fills]
    feeds.deposits = [transfers("crypto", .deposit), transfers("fiat", .deposit)]
    feeds.withdrawals = [transfers("crypto", .withdrawal), transfers("fiat", .withdrawal)]
    feeds.markets = [markets]
    feeds.tickers = [tickers]
    return feeds
  }()

  // MARK: - The account

  // https://docs.btcturk.com/#user-transactions: amounts and fees that went out are negative.
  private static let fills = Feed<Fill>(
    part: .spot, market: .spot, paging: .single,
    calls: { ask in
      var parameters: Parameters = ["type": .array([.string("buy"), .string("sell")])]
      parameters["startDate"] = .text(ask.from, .milliseconds)
      parameters["endDate"] = .text(ask.to, .milliseconds)
      return [Call("private", "GET", "users/transactions/trade", parameters)]
    },
    rows: Pick.listIfAny("data"),
    row: { row, _ throws(VenueFault) in
      let (base, quote) = (
        try row.text("numeratorSymbol").uppercased(), try row.text("denominatorSymbol").uppercased()
      )
      var fees: [VenueAmount] = []
      for name in ["fee", "tax"] {
        if let paid = try row.optionalDecimal(name), !paid.isZero {
          fees.append(VenueAmount(quote, try paid.sizeOnly()))
        }
      }
      return Fill(
        id: try row.text("id"), order: try row.optionalText("orderId"),
        time: try row.time(.milliseconds, "timestamp"), market: base + quote,
        side: try row.side("orderType"), price: try row.decimal("price"),
        amount: try row.decimal("amount").sizeOnly(), fees: fees)
    })

  private static func transfers(
    _ kind: String, _ direction: Transfer.Direction
  ) -> Feed<Transfer> {
    Feed(
      calls: { ask in
        var parameters: Parameters = [
          "type": .string(direction.rawValue), "symbol": .text(ask.asset?.lowercased()),
        ]
        parameters["startDate"] = .text(ask.from, .milliseconds)
        parameters["endDate"] = .text(ask.to, .milliseconds)
        return [Call("private", "GET", "users/transactions/\(kind)", parameters)]
      },
      rows: Pick.listIfAny("data"),
      row: { row, _ throws(VenueFault) in
        guard try row.optionalText("balanceType") ?? direction.rawValue == direction.rawValue
        else { return nil }
        let asset = try row.text("currencySymbol").uppercased()
        let fee = try row.decimalUnlessZero("fee")
        return Transfer(
          id: try row.text("id"), transactionHash: try row.optionalText("txHash", "transactionId"),
          time: try row.optionalTime(.milliseconds, "timestamp"), direction: direction,
          asset: asset, amount: try row.decimal("amount").sizeOnly(),
          fee: try fee.map { value throws(VenueFault) in
            VenueAmount(asset, try value.sizeOnly())
          },
          address: try row.optionalText("address"), status: .ok)
      })
  }

  // MARK: - Markets

  // https://docs.btcturk.com/#exchange-info
  private static let markets = Feed<Market>(
    market: .spot,
    calls: { _ in [Call("public", "GET", "v2/server/exchangeinfo", cost: ["public": 1])] },
    rows: Pick.list("data", "symbols"),
    row: { row, _ throws(VenueFault) in
      let filter = try row["filters"].optionalElements().first { node in
        (try? node.optionalText("filterType")) == "PRICE_FILTER"
      }
      return Market(
        id: try row.text("name"), base: try row.text("numerator"),
        quote: try row.text("denominator"),
        isActive: try row.optionalText("status").map { $0 == "TRADING" },
        amountStep: try row.step(digits: "numeratorScale"),
        priceStep: filter?.shownDecimal("tickSize"), amountMin: filter?.shownDecimal("minAmount"),
        costMin: filter?.shownDecimal("minExchangeValue"),
        alias: try row.optionalText("nameNormalized"))
    })

  // https://docs.btcturk.com/#ticker
  private static let tickers = Feed<Ticker>(
    market: .spot,
    calls: { ask throws(VenueFault) in
      let market: Parameters = ["pairSymbol": .text(try ask.optional([.spot])?.id)]
      return [Call("public", "GET", "v2/ticker", market, cost: ["public": 1])]
    },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      Ticker(
        market: try row.text("pair"), time: try row.optionalTime(.milliseconds, "timestamp"),
        last: try row.optionalDecimal("last"), bid: try row.optionalDecimal("bid"),
        ask: try row.optionalDecimal("ask"), high: try row.optionalDecimal("high"),
        low: try row.optionalDecimal("low"), open: try row.optionalDecimal("open"),
        baseVolume: row.shownDecimal("volume"))
    })
}
