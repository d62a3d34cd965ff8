import Amounts
import Encodings
import Ledger
import VenueKit

extension HTXDialect {
  mutating func runAccount(
    _ request: SimulatedRequest, _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(HTXRefusal) -> JSON {
    let spot = HTXDialect.spot(account)
    switch "\(request.method) \(request.path)" {
    case "GET /v1/account/accounts":
      return ok([
        ["id": .whole(spot), "type": "spot", "subtype": "", "state": "working"],
        ["id": .whole(spot + 1), "type": "point", "subtype": "", "state": "working"],
      ])
    case "GET /v1/account/accounts/\(spot)/balance": return ok(balance(account, at: now))
    case "GET /v1/account/accounts/\(spot + 1)/balance":
      return ok(["id": .whole(spot + 1), "type": "point", "state": "working", "list": []])
    case "GET /v1/cross-margin/accounts/balance", "GET /v1/margin/accounts/balance": return ok([])
    case "GET /v2/user/uid": return answer(.count(77_000_000 + account))
    case "GET /v2/user/api-key": return answer([keyRow(account)])
    case "GET /v1/order/matchresults": return ok(try matches(fields, account, at: now))
    case "GET /v1/query/deposit-withdraw": return ok(try transfers(fields, account, at: now))
    case "GET /v2/account/ledger": return try ledger(fields, account, at: now)
    case "GET /v1/account/history": return try history(fields, account, at: now)
    case "GET /v2/reference/transact-fee-rate":
      return answer(
        .array(
          try markets(fields["symbols"]).map { market in
            let rate = JSON.plain(exchange.listing.takerRate)
            return [
              "symbol": .string(HTXDialect.symbol(market)), "makerFeeRate": rate,
              "takerFeeRate": rate, "actualMakerRate": rate, "actualTakerRate": rate,
            ]
          }))
    default: return try runOrders(request, fields, account, at: now)
    }
  }

  private func markets(_ names: String?) throws(HTXRefusal) -> [SimulatedMarket] {
    var found: [SimulatedMarket] = []
    for name in (names ?? "").split(separator: ",").prefix(10) {
      found.append(try market(String(name)))
    }
    return found
  }

  private func keyRow(_ account: Int) -> JSON {
    let known = exchange.accounts[account]
    let rights =
      ["readOnly"] + (known.canTrade ? ["trade"] : []) + (known.canWithdraw ? ["withdraw"] : [])
    return [
      "accessKey": .string(known.credentials.key), "note": "simulated",
      "permission": .string(rights.joined(separator: ",")), "ipAddresses": "", "validDays": -1,
      "status": "normal",
    ]
  }

  /// Two rows an asset: what can be traded and what is frozen.
  private func balance(_ account: Int, at now: Instant) -> JSON {
    var rows: [JSON] = []
    for balance in exchange.balances(account, at: now) {
      let code = JSON.string(balance.asset.lowercased())
      let free = balance.total - balance.locked
      rows.append([
        "currency": code, "type": "trade", "balance": .plain(free), "available": .plain(free),
        "debt": "0", "seq-num": "1",
      ])
      rows.append([
        "currency": code, "type": "frozen", "balance": .plain(balance.locked), "debt": "0",
        "seq-num": "1",
      ])
    }
    return [
      "id": .whole(HTXDialect.spot(account)), "type": "spot", "state": "working",
      "list": .array(rows),
    ]
  }

  /// A range that must not be longer than a window, nor begin before a look-back.
  private func range(
    _ fields: FormFields, _ names: (from: String, to: String), window: Int64, back: Int64,
    at now: Instant
  ) throws(HTXRefusal) -> (from: Instant, to: Instant) {
    var to = fields.number(names.to).flatMap { Instant(millis: $0) }
    var from = fields.number(names.from).flatMap { Instant(millis: $0) }
    if to == nil, let from { to = min(from.advanced(bySeconds: window), now) }
    let end = to ?? now
    if from == nil { from = end.advanced(bySeconds: -window) }
    let start = from ?? end
    guard start <= end, end.seconds - start.seconds <= window else {
      throw HTXRefusal("invalid-interval", "The interval is invalid")
    }
    guard now.seconds - start.seconds <= back else {
      throw HTXRefusal("invalid-start-date", "The start date is too long ago")
    }
    return (start, end)
  }

  /// Newest first; a window is 2 days long at most and lies within 120 days.
  private func matches(
    _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(HTXRefusal) -> JSON {
    let range = try range(
      fields, ("start-time", "end-time"), window: 2 * 86_400, back: 120 * 86_400, at: now)
    let size = Int(min(max(fields.number("size") ?? 100, 1), 500))
    var rows = exchange.events(account, [.trade], from: range.from, to: range.to, at: now)
    if fields["symbol"] != nil {
      let market = try market(fields["symbol"])
      rows = rows.filter { $0.market == market.index }
    }
    if let from = fields.number("from") {
      // `direct` prev asks for newer rows than `from`, next for older ones.
      let isNewer = fields["direct"] == "prev"
      rows = rows.filter { isNewer ? $0.id >= from : $0.id <= from }
    }
    return .array(rows.reversed().prefix(size).map(matchRow))
  }

  func matchRow(_ event: SimulatedEvent) -> JSON {
    guard let market = exchange.market(event.market) else { return .null }
    let type = (event.isBuy ? "buy-" : "sell-") + (event.isMaker ? "limit" : "market")
    return [
      "symbol": .string(HTXDialect.symbol(market)),
      "fee-currency": .string(event.feeAsset.lowercased()), "source": "spot-api",
      "trade-id": .whole(event.id), "match-id": .whole(event.id + 1),
      "role": event.isMaker ? "maker" : "taker", "price": .plain(event.price),
      "created-at": .millis(event.time), "filled-amount": .plain(event.amount),
      "filled-fees": .plain(event.fee), "filled-points": "0.0", "fee-deduct-currency": "",
      "fee-deduct-state": "done", "order-id": .whole(event.order),
      "updated-at": .millis(event.time),
      "id": .whole(event.id), "type": .string(type),
    ]
  }

  /// From an id on, older first with `next`, newer first with `prev`.
  private func transfers(
    _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(HTXRefusal) -> JSON {
    let isIn = fields["type"] == "deposit"
    guard isIn || fields["type"] == "withdraw" else {
      throw HTXRefusal("invalid-parameter", "invalid type")
    }
    let size = Int(min(max(fields.number("size") ?? 100, 1), 500))
    var rows = exchange.events(account, [isIn ? .deposit : .withdrawal], at: now)
    if let code = fields["currency"] { rows = rows.filter { $0.asset.lowercased() == code } }
    let isNext = fields["direct"] == "next"
    if let from = fields.number("from"), from > 0 {
      rows = rows.filter { isNext ? $0.id >= from : $0.id <= from }
    }
    let page = isNext ? Array(rows.prefix(size)) : Array(rows.reversed().prefix(size))
    return .array(page.map { transferRow($0, isIn: isIn) })
  }

  private func transferRow(_ event: SimulatedEvent, isIn: Bool) -> JSON {
    let bits = UInt64(bitPattern: event.id)
    let code = event.asset.lowercased()
    return [
      "id": .whole(event.id), "type": isIn ? "deposit" : "withdraw", "sub-type": "NORMAL",
      "currency": .string(code), "chain": .string(code),
      "tx-hash": .string(SeededText.hex(64, mixed(bits, 9))), "amount": .decimal(event.amount),
      "from-addr-tag": "", "address": .string("0x" + SeededText.hex(40, bits)), "address-tag": "",
      "fee": .decimal(event.fee), "error-code": "", "error-msg": "",
      "state": isIn ? "safe" : "confirmed", "created-at": .millis(event.time),
      "updated-at": .millis(event.time),
    ]
  }

  // MARK: - Statements

  private struct Line {
    let id: Int64
    let row: SimulatedLedgerRow
    let type: String
    let amount: Fixed
    let after: Fixed
  }

  /// One line for the amount, one for the fee; oldest first.
  private func lines(
    _ account: Int, from: Instant, to: Instant, at now: Instant
  ) -> [Line] {
    var lines: [Line] = []
    for row in exchange.ledger(account, from: from, to: to, at: now) {
      let event = exchange.event(of: row, account)
      let type = HTXDialect.word(event)
      lines.append(
        Line(
          id: row.id * 2, row: row, type: type, amount: row.amount, after: row.after + row.fee))
      if !row.fee.isZero {
        let name = event.kind == .trade ? "transact-fee" : "withdraw-fee"
        lines.append(
          Line(id: row.id * 2 + 1, row: row, type: name, amount: -row.fee, after: row.after))
      }
    }
    return lines
  }

  private static func word(_ event: SimulatedEvent) -> String {
    switch event.kind {
    case .trade: "trade"
    case .deposit: "deposit"
    case .withdrawal: "withdraw"
    case .reward: "rebate"
    case .conversion: "exchange"
    case .toEarn, .fromEarn, .toFutures: "transfer"
    case .charge: "other-types"
    }
  }

  /// Newest first; a window is 10 days long at most and lies within 180 days.
  private func ledger(
    _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(HTXRefusal) -> JSON {
    guard fields.number("accountId") == HTXDialect.spot(account) else {
      throw HTXRefusal("invalid-parameter", "invalid field value in `accountId`", 2_002)
    }
    let range = try range(
      fields, ("startTime", "endTime"), window: 10 * 86_400, back: 180 * 86_400, at: now)
    let limit = Int(min(max(fields.number("limit") ?? 100, 1), 500))
    var rows = lines(account, from: range.from, to: range.to, at: now)
    if let code = fields["currency"] { rows = rows.filter { $0.row.asset.lowercased() == code } }
    if let types = fields["transactTypes"] {
      let wanted = Set(types.split(separator: ",").map(String.init))
      rows = rows.filter { wanted.contains($0.type) }
    }
    rows = rows.reversed()
    if fields["sort"] == "asc" { rows = rows.reversed() }
    if let from = fields.number("fromId"), let place = rows.firstIndex(where: { $0.id == from }) {
      rows = Array(rows[place...])
    }
    let page = rows.prefix(limit).map { line -> JSON in
      [
        "accountId": .whole(HTXDialect.spot(account)),
        "currency": .string(line.row.asset.lowercased()), "transactAmt": .decimal(line.amount),
        "transactType": .string(line.type), "transferType": "", "transactId": .whole(line.id),
        "transactTime": .millis(line.row.time), "transferer": 0, "transferee": 0,
      ]
    }
    var members = JSONObject([
      ("code", 200), ("message", "success"), ("data", .array(page)), ("ok", true),
    ])
    if rows.count > limit { members.set("nextId", .whole(rows[limit].id)) }
    return .object(members)
  }

  /// A window is 1 hour long at most and lies within 30 days.
  private func history(
    _ fields: FormFields, _ account: Int, at now: Instant
  ) throws(HTXRefusal) -> JSON {
    guard fields.number("account-id") == HTXDialect.spot(account) else {
      throw HTXRefusal("account-get-accounts-inexistent-error", "account for id is inexistent")
    }
    let range = try range(
      fields, ("start-time", "end-time"), window: 3_600, back: 30 * 86_400, at: now)
    let size = Int(min(max(fields.number("size") ?? 100, 1), 500))
    let rows = lines(account, from: range.from, to: range.to, at: now)
    let sorted = fields["sort"] == "desc" ? rows.reversed() : rows
    let page = sorted.prefix(size).map { line -> JSON in
      [
        "account-id": .whole(HTXDialect.spot(account)),
        "currency": .string(line.row.asset.lowercased()), "record-id": .whole(line.id),
        "transact-amt": .plain(line.amount), "transact-type": .string(line.type),
        "avail-balance": .plain(line.after), "acct-balance": .plain(line.after),
        "transact-time": .millis(line.row.time),
      ]
    }
    var members = JSONObject([("status", "ok"), ("data", .array(page))])
    if sorted.count > size { members.set("next-id", .whole(sorted[size].id)) }
    return .object(members)
  }
}
