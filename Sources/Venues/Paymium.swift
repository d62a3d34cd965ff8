import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Paymium of France: bitcoin for euro.
  public static let paymium = Venue(
    id: "paymium", name: "Paymium", documents: ["https://github.com/Paymium/api-documentation"],
    surfaces: [
      Surface("public", Paymium.host, "/api/v1/"),
      Surface("private", Paymium.host, "/api/v1/", Paymium.recipe),
    ],
    limits: Paymium.limits, faults: Paymium.faults, feeds: Paymium.feeds, needsGrowingNonce: true,
    unseen: ["shares of the invoicing service for merchants"])
}

private enum Paymium {
  static let host = "https://paymium.com"

  // https://github.com/Paymium/api-documentation#authentication: the query follows the address
  // without a question mark.
  static let recipe = Recipe([
    .on(["GET", "DELETE"], [.query(.strict)]),
    .notOn(["GET", "DELETE"], [.jsonBodyUnlessEmpty]),
    .header("Api-Key", .key), .header("Api-Nonce", .nonce(.milliseconds)),
    .header(
      "Api-Signature",
      .hex(
        .hmac(
          .sha256, key: .secret,
          .join([.nonce(.milliseconds), "https://", .host, .path, .query, .body])))),
  ])

  // https://github.com/Paymium/api-documentation#rate-limiting: 86,400 calls a day
  static let limits = Limits([
    LimitBucket("requests", capacity: 1, refill: .window(seconds: 1), scope: .address)
  ])

  static let faults = FaultTable(
    texts: [
      "nonce": .clock, "token": .auth, "signature": .auth, "unauthorized": .auth,
      "insufficient": .funds, "not found": .orderNotFound, "rate limit": .rate,
    ],
    find: { body, _ in
      let errors = body["errors"]
      guard !errors.isNothing else { return nil }
      return ("", errors.json?.plainText ?? "")
    })

  private static func call(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("private", "GET", path, parameters)
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [balances]
    feeds.transfers = [transfers]
    feeds.statement = [statement]
    feeds.markets = [markets]
    feeds.tickers = [tickers]
    return feeds
  }()

  // MARK: - The account

  /// What is locked is beside the balance: `balance_btc`, `locked_btc` and so on.
  private static let balances = Feed<Balance>(
    part: .spot, calls: { _ in [call("user")] },
    rows: { answer throws(VenueFault) in
      var rows: [Node] = []
      for member in try answer.body.members() where member.key.hasPrefix("balance_") {
        let asset = String(member.key.dropFirst("balance_".count))
        let locked = answer.body["locked_" + asset].json ?? .number("0")
        rows.append(
          Node([
            "asset": .string(asset.uppercased()), "free": member.json ?? .null, "used": locked,
          ]))
      }
      return rows
    },
    row: { row, _ throws(VenueFault) in
      guard !row["free"].isNothing else { return nil }
      return Balance(
        asset: try row.text("asset"), free: try row.decimal("free"), used: try row.decimal("used"))
    })

  private static func page(_ ask: Ask, _ types: [String]) -> [Call] {
    let list = types.map { JSON.string($0) }
    let parameters: Parameters = [
      "offset": .string(String(ask.page * min(ask.limit ?? 100, 100))),
      "limit": .string(String(min(ask.limit ?? 100, 100))), "types[]": .array(list),
    ]
    return [call("user/orders", parameters)]
  }

  private static let trades = ["LimitOrder", "MarketOrder"]
  private static let moves = [
    "WireDeposit", "BitcoinDeposit", "Transfer", "EmailTransfer",
  ]

  private static let states: [String: Transfer.Status] = [
    "pending": .pending, "processing": .pending, "authorized": .pending, "active": .pending,
    "filled": .ok, "executed": .ok, "canceled": .canceled,
  ]

  // https://github.com/Paymium/api-documentation#user-activity
  private static let transfers = Feed<Transfer>(
    paging: Paging(.numbered, most: 100), calls: { ask in page(ask, moves) }, rows: Pick.list(),
    row: { row, _ throws(VenueFault) in
      let type = try row.text("type")
      guard moves.contains(type) else { return nil }
      let asset = try row.text("currency")
      let fee = try row.decimalUnlessZero(asset == "BTC" ? "btc_fee" : "currency_fee")
      return Transfer(
        id: try row.text("uuid"), transactionHash: try row.optionalText("txid"),
        time: try row.optionalTime(.iso, "created_at"),
        direction: type.hasSuffix("Deposit") ? .deposit : .withdrawal, asset: asset,
        amount: try row.decimal("amount").sizeOnly(), fee: fee.map { VenueAmount(asset, $0) },
        address: try row.optionalText("address", "bitcoin_address"),
        status: try row.word("state", states))
    })

  /// What orders moved: the lines of one order are one fact, and locking is no fact of the ledger.
  private static let statement = Feed<StatementRow>(
    part: .spot, paging: Paging(.numbered, most: 100), calls: { ask in page(ask, trades) },
    rows: { answer throws(VenueFault) in
      var rows: [Node] = []
      for order in try answer.body.optionalElements() {
        for line in try order["account_operations"].optionalElements() {
          guard case .object(var members)? = line.json else { throw line.fault("an object") }
          members.set("order", order["uuid"].json ?? .null)
          rows.append(Node(.object(members)))
        }
      }
      return rows
    },
    row: { row, _ throws(VenueFault) in
      let name = try row.text("name")
      if name == "lock" || name == "unlock" { return nil }
      return StatementRow(
        id: try row.text("uuid"), time: try row.optionalTime(.iso, "created_at"),
        asset: try row.text("currency"), amount: try row.decimal("amount"),
        kind: name.hasSuffix("_fee") ? .fee : .trade, type: name,
        reference: try row.optionalText("order"))
    })

  // MARK: - Markets

  private static let markets = Feed<Market>(
    market: .spot,
    calls: { _ in [Call("public", "GET", "data/{id}/ticker", ["id": "eur"])] },
    rows: Pick.one(),
    row: { row, _ throws(VenueFault) in
      let quote = try row.text("currency")
      return Market(id: quote.lowercased(), base: "BTC", quote: quote)
    })

  // https://github.com/Paymium/api-documentation#ticker
  private static let tickers = Feed<Ticker>(
    market: .spot, scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      [Call("public", "GET", "data/{id}/ticker", ["id": .string(try ask.needed([.spot]).id)])]
    },
    rows: Pick.one(),
    row: { row, ask throws(VenueFault) in
      Ticker(
        market: ask.market?.id ?? "", time: try row.optionalTime(.seconds, "at"),
        last: try row.optionalDecimal("price"), bid: try row.optionalDecimal("bid"),
        ask: try row.optionalDecimal("ask"), high: try row.optionalDecimal("high"),
        low: try row.optionalDecimal("low"), open: try row.optionalDecimal("open"),
        baseVolume: row.shownDecimal("volume"))
    })
}
