import Amounts
import Encodings
import Ledger
import VenueKit

/// A venue that exists in the tests only: its true rows, how it pages them, and its answers.
///
/// Times travel as whole milliseconds. Bounds are included, as most venues do.
struct FakeVenue {
  /// One true row of a history feed.
  struct Row {
    /// What the lane is called in requests: `fills`, `deposits`, `statement`.
    var path: String
    var id: String
    /// Milliseconds since 1970.
    var time: Int64
    /// From when on it is told.
    var visible: Int64
    /// The market of a fill.
    var market = ""
    /// The row as the venue writes it.
    var json: JSON
    /// From when on a transfer is done; it is pending before.
    var done: Int64?
    /// What it changes in the account, by code, in whole units.
    var changes: [String: Int64] = [:]
  }

  var rows: [Row] = []
  /// How a path is paged, and the rows of a page.
  var paging: [String: Paging] = [:]
  var scope: [String: FeedScope] = [:]
  /// What the calls of a path draw from.
  var costs: [String: [String: Int]] = [:]
  var markets: [Market] = [
    Market(id: "BTCUSD", base: "BTC", quote: "USD"),
    Market(id: "ETHUSD", base: "ETH", quote: "USD"),
    Market(id: "ETHBTC", base: "ETH", quote: "BTC"),
  ]
  /// Whether pages leave the request's times aside.
  var ignoresTimes = false
  /// Whether every page is the first one.
  var repeatsFirstPage = false
  var unseen: [String] = []
  /// Its clock less ours, in milliseconds.
  var skew: Int64 = 0

  // MARK: - The venue as data

  func venue(id: String = "fake") -> Venue {
    var feeds = Feeds()
    feeds.markets = [FakeVenue.marketFeed]
    feeds.balances = [FakeVenue.balanceFeed(.spot), FakeVenue.balanceFeed(.funding)]
    feeds.fills = [
      FakeVenue.fillFeed(paging("fills"), scope["fills"] ?? .all, costs["fills"] ?? [:])
    ]
    feeds.deposits = [FakeVenue.transferFeed(paging("deposits"))]
    feeds.statement = [FakeVenue.statementFeed(paging("statement"))]
    feeds.clock = Feed(
      calls: { _ in [Call("api", "GET", "clock")] }, rows: { [$0.body] },
      row: { node, _ throws(VenueFault) in try node["now"].time(.milliseconds) })
    return Venue(
      id: id, name: "Fake", documents: [], surfaces: [Surface("api", "https://fake.test")],
      limits: Limits([]),
      faults: FaultTable(
        codes: [
          "AUTH": .auth, "CLOCK": .clock, "NO": .definitive, "SLOW": .rate, "OUT": .banned,
        ],
        find: { body, _ in
          guard let code = try? body["error"].optionalText() else { return nil }
          return (code, (try? body["message"].optionalText()) ?? "")
        }),
      feeds: feeds, unseen: unseen)
  }

  private func paging(_ path: String) -> Paging { paging[path] ?? Paging(.backward, most: 10) }

  private static func calls(
    _ path: String, _ cost: [String: Int] = [:]
  ) -> @Sendable (Ask) throws(VenueFault) -> [Call] {
    { ask in
      [
        Call(
          "api", "GET", path,
          [
            "from": .text(ask.from, .milliseconds), "to": .text(ask.to, .milliseconds),
            "cursor": .text(ask.cursor), "page": .number(ask.page),
            "market": .text(ask.market?.id),
          ], cost: cost)
      ]
    }
  }

  private static func rows(_ answer: Answer) throws(VenueFault) -> [Node] {
    try answer.body["rows"].elements()
  }

  private static func next(_ answer: Answer) throws(VenueFault) -> String? {
    try answer.body["next"].optionalText()
  }

  private static let marketFeed = Feed<Market>(
    calls: calls("markets"), rows: rows,
    row: { node, _ throws(VenueFault) in
      Market(
        id: try node["id"].text(), base: try node["base"].text(),
        quote: try node["quote"].text())
    })

  private static func balanceFeed(_ part: AccountPart) -> Feed<Balance> {
    Feed(
      part: part, calls: calls("balances/\(part.rawValue)"), rows: rows,
      row: { node, _ throws(VenueFault) in
        Balance(
          asset: try node["asset"].text(), free: try node["free"].decimal(),
          used: try node["used"].decimal(), part: part)
      })
  }

  private static func fillFeed(
    _ paging: Paging, _ scope: FeedScope, _ cost: [String: Int]
  ) -> Feed<Fill> {
    Feed(
      part: .spot, paging: paging, scope: scope, calls: calls("fills", cost), rows: rows,
      row: { node, _ throws(VenueFault) in
        var fees: [VenueAmount] = []
        if let fee = try node["fee"].optionalDecimal() {
          fees.append(VenueAmount(try node["feeAsset"].text(), fee))
        }
        return Fill(
          id: try node["id"].text(), time: try node["t"].time(.milliseconds),
          market: try node["m"].text(),
          side: try node["side"].optionalText().flatMap { Side(rawValue: $0) },
          price: try node["p"].decimal(), amount: try node["q"].decimal(), fees: fees)
      }, next: next)
  }

  private static func transferFeed(_ paging: Paging) -> Feed<Transfer> {
    Feed(
      paging: paging, calls: calls("deposits"), rows: rows,
      row: { node, _ throws(VenueFault) in
        Transfer(
          id: try node["id"].optionalText(), time: try node["t"].time(.milliseconds),
          direction: .deposit, asset: try node["asset"].text(),
          amount: try node["amount"].decimal(),
          status: try node["status"].optionalText().flatMap { Transfer.Status(rawValue: $0) })
      }, next: next)
  }

  private static func statementFeed(_ paging: Paging) -> Feed<StatementRow> {
    Feed(
      paging: paging, calls: calls("statement"), rows: rows,
      row: { node, _ throws(VenueFault) in
        StatementRow(
          id: try node["id"].optionalText(), time: try node["t"].time(.milliseconds),
          asset: try node["asset"].text(), amount: try node["amount"].decimal(),
          kind: try node["kind"].optionalText().flatMap { EntryKind(rawValue: $0) },
          type: try node["kind"].optionalText(), reference: try node["ref"].optionalText())
      }, next: next)
  }

  // MARK: - The venue's answers

  /// What the venue answers at a time, in milliseconds by its own clock.
  func answer(_ call: Call, at now: Int64) -> IncomingAnswer {
    let body: JSON
    switch call.path {
    case "clock": body = ["now": .number(String(now))]
    case "markets":
      body = [
        "rows": .array(
          markets.map {
            ["id": .string($0.id), "base": .string($0.base), "quote": .string($0.quote)]
          })
      ]
    case "balances/spot", "balances/funding":
      body = ["rows": .array(balances(isSpot: call.path.hasSuffix("spot"), at: now))]
    default: body = page(call, at: now)
    }
    return IncomingAnswer(status: 200, body: Array(body.text.utf8))
  }

  private func balances(isSpot: Bool, at now: Int64) -> [JSON] {
    holdings(at: now).sorted { $0.key < $1.key }.compactMap { code, total in
      // Half of everything lies in the funding wallet, and a third of each half is locked.
      let half = total / 2
      let own = isSpot ? total - half : half
      let used = own / 3
      if own == 0 { return nil }
      return [
        "asset": .string(code), "free": .string(String(own - used)),
        "used": .string(String(used)),
      ]
    }
  }

  /// What the account truly holds at a time.
  func holdings(at now: Int64) -> [String: Int64] {
    var sums: [String: Int64] = [:]
    for row in rows where row.time <= now && row.done ?? row.time <= now {
      for (code, change) in row.changes { sums[code, default: 0] += change }
    }
    return sums
  }

  private func page(_ call: Call, at now: Int64) -> JSON {
    let paging = paging[call.path] ?? self.paging(call.path)
    let from = ignoresTimes ? Int64.min : number(call, "from") ?? .min
    let to = ignoresTimes ? Int64.max : number(call, "to") ?? .max
    var found = rows.filter {
      $0.path == call.path && $0.visible <= now && from <= $0.time && $0.time <= to
    }
    if case .string(let market)? = call.parameters["market"] {
      found = found.filter { $0.market == market }
    }
    let isForward = paging.kind == .forward
    found.sort { a, b in
      if a.time != b.time { return isForward ? a.time < b.time : a.time > b.time }
      return a.id < b.id
    }
    var next: String?
    var start = 0
    let most = paging.most == 0 ? found.count : paging.most
    switch paging.kind {
    case .numbered where !repeatsFirstPage:
      start = Int(number(call, "page") ?? 0) * most
    case .cursor:
      if case .string(let cursor)? = call.parameters["cursor"], !repeatsFirstPage {
        let place = found.firstIndex { "\($0.time):\($0.id)" == cursor }
        start = place.map { $0 + 1 } ?? found.count
      }
    default: break
    }
    let part = Array(found.dropFirst(start).prefix(most))
    if paging.kind == .cursor, start + part.count < found.count, let last = part.last {
      next = "\(last.time):\(last.id)"
    }
    var object = JSONObject([("rows", .array(part.map { written($0, at: now) }))])
    if let next { object.set("next", .string(next)) }
    return .object(object)
  }

  private func written(_ row: Row, at now: Int64) -> JSON {
    guard let done = row.done, case .object(var object) = row.json else { return row.json }
    object.set("status", .string(now >= done ? "ok" : "pending"))
    return .object(object)
  }

  private func number(_ call: Call, _ name: String) -> Int64? {
    switch call.parameters[name] {
    case .string(let text)?, .number(let text)?: Int64(text)
    default: nil
    }
  }

  // MARK: - True rows

  /// A fill of whole units.
  static func fill(
    _ id: String, _ time: Int64, market: String = "BTCUSD", side: String = "buy", price: Int64 = 3,
    amount: Int64 = 2, fee: Int64 = 1, feeAsset: String = "USD", visible: Int64? = nil
  ) -> Row {
    let base = String(market.prefix(3))
    let quote = String(market.suffix(3))
    let sign: Int64 = side == "buy" ? 1 : -1
    var changes = [base: sign * amount]
    changes[quote, default: 0] -= sign * price * amount
    changes[feeAsset, default: 0] -= fee
    let json: JSON = [
      "id": .string(id), "t": .number(String(time)), "m": .string(market),
      "side": .string(side), "p": .string(String(price)), "q": .string(String(amount)),
      "fee": .string(String(fee)), "feeAsset": .string(feeAsset),
    ]
    return Row(
      path: "fills", id: id, time: time, visible: visible ?? time, market: market, json: json,
      changes: changes)
  }

  /// A deposit; pending until `done`.
  static func deposit(
    _ id: String, _ time: Int64, _ asset: String = "USD", _ amount: Int64 = 100,
    done: Int64? = nil
  ) -> Row {
    let json: JSON = [
      "id": .string(id), "t": .number(String(time)), "asset": .string(asset),
      "amount": .string(String(amount)), "status": "ok",
    ]
    return Row(
      path: "deposits", id: id, time: time, visible: time, json: json, done: done,
      changes: [asset: amount])
  }

  /// A line of the statement.
  static func line(
    _ id: String, _ time: Int64, _ asset: String, _ amount: Int64, kind: String = "staking",
    reference: String? = nil
  ) -> Row {
    var object = JSONObject([
      ("id", .string(id)), ("t", .number(String(time))), ("asset", .string(asset)),
      ("amount", .string(String(amount))), ("kind", .string(kind)),
    ])
    if let reference { object.set("ref", .string(reference)) }
    return Row(
      path: "statement", id: id, time: time, visible: time, json: .object(object),
      changes: [asset: amount])
  }
}
