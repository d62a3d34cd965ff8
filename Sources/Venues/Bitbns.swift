import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Bitbns of India: spot.
  public static let bitbns = Venue(
    id: "bitbns", name: "Bitbns", documents: ["https://docs.bitbns.com/"],
    surfaces: [
      Surface("public", "https://bitbns.com"),
      Surface("v1", Bitbns.host, "/api/trade/v1/", Bitbns.recipe),
      Surface("v2", Bitbns.host, "/api/trade/v2/", Bitbns.recipe),
    ],
    limits: Bitbns.limits, faults: Bitbns.faults, feeds: Bitbns.feeds, needsGrowingNonce: true,
    unseen: ["rupees that came in or went out by bank", "fixed income plans", "margin trading"])
}

private enum Bitbns {
  static let host = "https://api.bitbns.com"

  // https://docs.bitbns.com/ (authentication): only posts are signed; a symbol stays unescaped.
  static let recipe = Recipe([
    .custom { draft in draft.path = Escaping.unescaped(draft.path, plusIsSpace: false) },
    .header("X-BITBNS-APIKEY", .key), .on(["GET"], [.query(.strict)]),
    .notOn(
      ["GET"],
      [
        .jsonBody, .bind("payload", .base64(.made(payload))),
        .header("Content-Type", "application/x-www-form-urlencoded"),
        .header("X-BITBNS-PAYLOAD", .value("payload")),
        .header("X-BITBNS-SIGNATURE", .hex(.hmac(.sha512, key: .secret, .value("payload")))),
      ]),
  ])

  private static let payload: @Sendable (Draft) throws(VenueFault) -> [UInt8] = { draft in
    let nonce = JSON.string(TimeForm.milliseconds.write(draft.moment.nonce))
    let whole: JSON = ["timeStamp_nonce": nonce, "body": .string(draft.body ?? "{}")]
    return Array(whole.text.utf8)
  }

  static let limits = Limits([
    LimitBucket("requests", capacity: 1, refill: .window(seconds: 1), scope: .key)
  ])

  static let faults = FaultTable(
    codes: ["400": .definitive, "409": .funds, "416": .funds, "417": .orderNotFound, "401": .auth],
    texts: [
      "nonce": .clock, "invalid api": .auth, "invalid user": .auth, "signature": .auth,
      "insufficient": .funds, "invalid entry": .orderNotFound, "too many": .rate,
    ],
    find: { body, _ in
      let error = body["error"]
      guard !error.isNothing, error.json != .bool(false) else { return nil }
      let code = ((try? body.optionalText("code")) ?? nil) ?? ""
      let message = ((try? body.optionalText("msg")) ?? nil) ?? error.json?.plainText
      return (code, message ?? "")
    })

  private static func call(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("v1", "POST", path, parameters)
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [balances]
    feeds.fills = [fills]
    feeds.deposits = [transfers("depositHistory", .deposit)]
    feeds.withdrawals = [transfers("withdrawHistory", .withdrawal)]
    feeds.tickers = [tickers]
    feeds.markets = [markets]
    return feeds
  }()

  // MARK: - The account

  /// `availableorderBTC` and `inorderBTC`; rupees are called `Money`.
  private static let balances = Feed<Balance>(
    part: .spot, calls: { _ in [call("currentCoinBalance/EVERYTHING")] },
    rows: { answer throws(VenueFault) in
      let data = answer.body["data"]
      return try data.members().compactMap { member in
        guard member.key.hasPrefix("availableorder") else { return nil }
        let asset = String(member.key.dropFirst("availableorder".count))
        return Node([
          "asset": .string(asset == "Money" ? "INR" : asset), "free": member.json ?? .null,
          "used": data["inorder" + asset].json ?? .number("0"),
        ])
      }
    },
    row: { row, _ throws(VenueFault) in
      Balance(
        asset: try row.text("asset"), free: try row.decimal("free"), used: try row.decimal("used"))
    })

  // https://docs.bitbns.com/ (listExecutedOrders): `crypto` is counted in parts of `factor`, what
  // was got or given in `unit` has its fee taken off or put on.
  private static let fills = Feed<Fill>(
    part: .spot, market: .spot, paging: Paging(.numbered), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = [
        "symbol": .string(try ask.needed([.spot]).base), "page": .number(ask.page),
        "since": .text(ask.from, .iso),
      ]
      return [call("listExecutedOrders/{symbol}", parameters)]
    },
    rows: Pick.listIfAny("data"),
    row: { row, ask throws(VenueFault) in
      let unit = try row.text("unit")
      let words = try row.text("type").lowercased().split(separator: " ")
      let side: Side? = words.contains("buy") ? .buy : words.contains("sell") ? .sell : nil
      let (parts, factor) = (try row.decimal("crypto").sizeOnly(), try row.decimal("factor"))
      guard let amount = try? parts.divided(by: factor, rounding: .halfEven) else {
        throw row["factor"].fault("a number that divides")
      }
      return Fill(
        id: try row.text("id"), time: try row.time(.iso, "date"), market: ask.market?.id ?? "",
        side: side, price: try row.decimal("rate"), amount: amount,
        fees: try row.decimalUnlessZero("fee").map { [VenueAmount(unit, $0)] } ?? [])
    })

  // https://docs.bitbns.com/ (depositHistory, withdrawHistory)
  private static func transfers(
    _ path: String, _ direction: Transfer.Direction
  ) -> Feed<Transfer> {
    Feed(
      paging: Paging(.numbered), scope: .eachAsset,
      calls: { ask throws(VenueFault) in
        let asset = JSON.string(try ask.neededAsset())
        return [call("\(path)/{symbol}", ["symbol": asset, "page": .number(ask.page)])]
      },
      rows: Pick.listIfAny("data"),
      row: { row, _ throws(VenueFault) in
        let asset = try row.text("unit")
        let expired = try row.text("type").lowercased().contains("expired")
        return Transfer(
          id: try row.optionalText("id"), time: try row.optionalTime(.iso, "date"),
          direction: direction, asset: asset, amount: try row.decimal("amount").sizeOnly(),
          fee: try row.decimalUnlessZero("fee").map { VenueAmount(asset, $0) },
          status: expired ? .failed : .ok)
      })
  }

  // MARK: - Markets

  private static let latest = Call("public", "GET", "order/fetchTickers")

  // https://docs.bitbns.com/ (fetchTickers): every coin and market in one object
  private static let tickers = Feed<Ticker>(
    market: .spot,
    calls: { ask throws(VenueFault) in
      guard ask.market == nil else { throw .unsupported("one of all tickers") }
      return [latest]
    },
    rows: Pick.members(),
    row: { row, _ throws(VenueFault) in
      Ticker(
        market: try row.optionalText("symbol") ?? row.key,
        time: try row.optionalTime(.milliseconds, "timestamp"), last: row.shownDecimal("last"),
        bid: row.shownDecimal("bid"), ask: row.shownDecimal("ask"), high: row.shownDecimal("high"),
        low: row.shownDecimal("low"), open: row.shownDecimal("open"),
        baseVolume: row.shownDecimal("baseVolume"), quoteVolume: row.shownDecimal("quoteVolume"))
    })

  private static let markets = Feed<Market>(
    market: .spot, calls: { _ in [latest] }, rows: Pick.members(),
    row: { row, _ throws(VenueFault) in
      let id = try row.optionalText("symbol") ?? row.key
      let parts = id.split(separator: "/").map(String.init)
      guard parts.count == 2 else { return nil }
      return Market(id: id, base: parts[0], quote: parts[1])
    })
}
