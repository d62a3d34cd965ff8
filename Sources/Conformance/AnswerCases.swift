import Amounts
import Encodings
import Ledger
import VenueKit

/// Recorded answers and records of one venue against its feeds.
struct AnswerCases {
  let venue: Venue
  let cases: VenueCases

  /// Names of the fields that count, by method; of the others nothing is compared.
  static let core: [String: [String]] = {
    let order = [
      "id", "clientOrderId", "timestamp", "symbol", "type", "side", "price", "amount", "filled",
      "remaining", "status",
    ]
    let transfer = [
      "id", "txid", "timestamp", "address", "type", "amount", "currency", "status", "fee.cost",
    ]
    let ticker = ["symbol", "last", "bid", "ask", "high", "low", "baseVolume"]
    return [
      "fetchBalance": ["total", "free", "used"],
      "fetchTrades": ["id", "timestamp", "symbol", "side", "price", "amount"],
      "fetchMyTrades": [
        "id", "order", "timestamp", "symbol", "side", "price", "amount", "fee.currency", "fee.cost",
      ],
      "fetchDeposits": transfer, "fetchWithdrawals": transfer,
      "fetchDepositsWithdrawals": transfer,
      "fetchLedger": ["id", "timestamp", "currency", "amount", "direction"],
      "fetchTicker": ticker, "fetchTickers": ticker,
      "fetchOHLCV": ["0", "1", "2", "3", "4", "5"],
      "fetchOrderBook": ["bids", "asks"], "createOrder": ["id"], "cancelOrder": ["id"],
      "fetchOrder": order, "fetchOpenOrders": order, "fetchClosedOrders": order,
      "fetchPositions": ["symbol", "side", "contracts", "entryPrice", "unrealizedPnl"],
      "fetchMarkets": ["id", "baseId", "quoteId", "type", "active"],
      "fetchCurrencies": ["id"], "fetchTime": ["time"],
    ]
  }()

  func run(_ node: Node) -> CaseResult {
    let name = (try? node.text("id")) ?? venue.id
    do throws(VenueFault) {
      let method = try node.text("method")
      let lanes = CaseLanes(venue: venue, method: method)
      if lanes.isEmpty {
        return CaseResult(name, format: venue.id, .notApplicable, ["\(method) is not used"])
      }
      switch try AskMaker(cases: cases, method: method).ask(node["args"]) {
      case .unusual(let why):
        return CaseResult(name, format: venue.id, .notApplicable, [why])
      case .ask(let ask, let choice):
        return try compare(name, node, method, lanes.ordered(choice), ask)
      }
    } catch {
      return CaseResult(name, format: venue.id, .failed, ["\(error)"])
    }
  }

  private func compare(
    _ name: String, _ node: Node, _ method: String, _ lanes: [CaseLane], _ ask: Ask
  ) throws(VenueFault) -> CaseResult {
    guard let raw = node["raw"].json else { throw node["raw"].fault("an answer") }
    var theirs: [String] = []
    for call in try node["calls"].elements() {
      theirs.append("\(try call.text("method")) \(try call.text("url").prefix { $0 != "?" })")
    }
    guard theirs.count == 1 else {
      return CaseResult(
        name, format: venue.id, .notApplicable, ["one answer to \(theirs.count) calls"])
    }
    // A venue that moved to another host answers there as it did before.
    for isMoved in [false, true] {
      var closest: [String]?
      for lane in lanes {
        let calls: [Call]
        do throws(VenueFault) {
          calls = try lane.calls(ask)
        } catch {
          if case .unsupported = error { continue }
          throw error
        }
        for call in calls where try isAnswered(call, at: theirs[0], isMoved: isMoved) {
          let lines = differences(node, method, lane, ask, call, raw)
          if lines.isEmpty { return CaseResult(name, format: venue.id, .passed) }
          if closest.map({ lines.count < $0.count }) ?? true { closest = lines }
        }
      }
      if let closest { return CaseResult(name, format: venue.id, .failed, closest) }
    }
    return CaseResult(
      name, format: venue.id, .notApplicable, ["an answer of another route: \(theirs[0])"])
  }

  private func isAnswered(
    _ call: Call, at theirs: String, isMoved: Bool
  ) throws(VenueFault) -> Bool {
    let ours = try route(of: call)
    guard isMoved else { return ours == theirs }
    let hosts = venue.surfaces.map(\.base)
    guard !hosts.contains(where: { theirs.contains($0 + "/") }) else { return false }
    let parts = theirs.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count > 4 && ours.hasSuffix("/" + parts[3...].joined(separator: "/"))
      && ours.prefix { $0 != " " } == theirs.prefix { $0 != " " }
  }

  private func route(of call: Call) throws(VenueFault) -> String {
    let surface = try venue.surface(call.surface)
    let (path, _) = try Surface.filled(call.path, call.parameters)
    return "\(call.method) \(surface.base)\(surface.prefix)\(path)"
  }

  private func differences(
    _ node: Node, _ method: String, _ lane: CaseLane, _ ask: Ask, _ call: Call, _ raw: JSON
  ) -> [String] {
    // A body that is kept as a text holds its JSON inside.
    var bytes = Array(raw.text.utf8)
    if case .string(let body) = raw { bytes = Array(body.utf8) }
    let rows: [CaseRow]
    do throws(VenueFault) {
      let answer = try venue.answer(ask, call, IncomingAnswer(status: 200, body: bytes))
      rows = try lane.read(answer)
    } catch {
      return ["\(error)"]
    }
    let rules = FieldRules(node: node, venue: venue, cases: cases, ask: ask)
    let comparison = RowComparison(rules: rules, core: AnswerCases.core[method] ?? [])
    return comparison.lines(rows, node["expect"], method: method, arguments: node["args"])
  }

  // MARK: - Single records

  func runRecord(_ node: Node) -> CaseResult {
    let name = (try? node.text("id")) ?? venue.id
    do throws(VenueFault) {
      let kind = try node.text("kind")
      let lanes = CaseLanes(venue: venue, kind: kind)
      if kind == "position", try node.optionalText("label")?.contains("History") ?? false {
        return CaseResult(name, format: venue.id, .notApplicable, ["closed positions are not read"])
      }
      if lanes.isEmpty {
        return CaseResult(name, format: venue.id, .notApplicable, ["\(kind) is not read"])
      }
      var ask = Ask(markets: cases.markets.table, now: cases.now)
      ask.accounts = cases.accounts
      var choice = CaseChoice()
      if let symbol = try node.optionalText("market") {
        ask.market = cases.markets.bySymbol[symbol]?.market
        choice.market = ask.market?.kind
      }
      var closest: [String]?
      for lane in lanes.ordered(choice) {
        let lines = record(node, kind, lane, ask)
        if lines.isEmpty { return CaseResult(name, format: venue.id, .passed) }
        if closest.map({ lines.count < $0.count }) ?? true { closest = lines }
      }
      return CaseResult(name, format: venue.id, .failed, closest ?? [])
    } catch {
      return CaseResult(name, format: venue.id, .failed, ["\(error)"])
    }
  }

  private static let methods = [
    "trade": "fetchMyTrades", "order": "fetchOrder", "ticker": "fetchTicker",
    "candle": "fetchOHLCV", "transaction": "fetchDeposits", "position": "fetchPositions",
    "ledgerEntry": "fetchLedger", "balance": "fetchBalance",
  ]

  private func record(_ node: Node, _ kind: String, _ lane: CaseLane, _ ask: Ask) -> [String] {
    if kind == "balance" { return wholeBalance(node, lane, ask) }
    let row: CaseRow
    do throws(VenueFault) {
      guard let read = try lane.row(Node(node["raw"].json ?? .null), ask) else {
        return ["passed over by the feed"]
      }
      row = read
    } catch {
      return ["\(error)"]
    }
    let rules = FieldRules(node: node, venue: venue, cases: cases, ask: ask)
    // A trade of anybody's has no order and no fee of ours.
    let isPublic = kind == "trade" && row.fields["order"] == nil
    let method = isPublic ? "fetchTrades" : AnswerCases.methods[kind] ?? ""
    let core = AnswerCases.core[method] ?? []
    return RowComparison(rules: rules, core: core).lines(row, node["expect"], place: "")
  }
}

extension AnswerCases {
  /// A record of balances is a whole answer.
  private func wholeBalance(_ node: Node, _ lane: CaseLane, _ ask: Ask) -> [String] {
    do throws(VenueFault) {
      let call = Call("", "", "")
      let rows = try lane.read(Answer(ask: ask, call: call, body: node["raw"].json ?? .null))
      let rules = FieldRules(node: node, venue: venue, cases: cases, ask: ask)
      let comparison = RowComparison(rules: rules, core: AnswerCases.core["fetchBalance"] ?? [])
      return comparison.lines(rows, node["expect"], method: "fetchBalance", arguments: node["args"])
    } catch {
      return ["\(error)"]
    }
  }
}

/// How one field is compared.
struct FieldRules {
  let node: Node
  let venue: Venue
  let cases: VenueCases
  let ask: Ask

  /// Whether a place is disputed or depends on the clock.
  func isLeftOut(_ place: String) -> Bool {
    for list in ["disputed", "notCompared"] {
      for item in (try? node[list].optionalElements()) ?? [] {
        guard let text = try? item.text() else { continue }
        if place == text || place.hasPrefix(text + ".") || text.hasPrefix(place + ".")
          || place.hasSuffix("." + text)
        {
          return true
        }
      }
    }
    return false
  }

  /// The difference of a field, or `nil`.
  func difference(_ name: String, _ ours: CaseRow.Field?, _ theirs: Node) -> String? {
    if theirs.isNothing { return nil }
    let wanted = (try? theirs.text()) ?? theirs.json?.text ?? ""
    switch ours {
    case nil: return "\(name) is not read, expected \(wanted)"
    case .text("withdrawal")? where wanted == "withdraw": return nil
    case .text? where isForeignWord(name, wanted): return nil
    case .text(let text)?:
      // Some cases keep a venue's own word for a direction.
      if text == "withdrawal", wanted == "withdraw" { return nil }
      return text == wanted ? nil : "\(name) is \(text ?? "nothing"), expected \(wanted)"
    case .number(let number)?:
      let text = number?.text
      let exact = ExactText.rounded(wanted)
      return text == exact ? nil : "\(name) is \(text ?? "nothing"), expected \(wanted)"
    case .size(let number)?:
      let text = number?.text.trimmingPrefix("-")
      let exact = ExactText.rounded(wanted).trimmingPrefix("-")
      return text == exact ? nil : "\(name) is \(text ?? "nothing"), expected \(wanted)"
    case .time(let time)?:
      let text = time.map { TimeForm.milliseconds.write($0) }
      return text == wanted ? nil : "\(name) is \(text ?? "nothing"), expected \(wanted)"
    case .market(let id)?:
      return cases.markets.isSame(id, wanted, asked: ask.market) || isOfAnotherMarket(wanted)
        ? nil : "\(name) is \(id.isEmpty ? "nothing" : id), expected \(wanted)"
    case .asset(let asset)?:
      return cases.markets.isSame(asset: asset, wanted, aliases: venue.aliases)
        ? nil : "\(name) is \(asset), expected \(wanted)"
    case .levels(let levels)?: return difference(name, levels, theirs)
    }
  }

  /// Whether a transfer's case kept the venue's own word, which none of ours can equal.
  private func isForeignWord(_ name: String, _ wanted: String) -> Bool {
    let isTransfer = (try? node["kind"].optionalText()) == "transaction"
    guard isTransfer else { return false }
    if name.hasSuffix("status") {
      return !["pending", "ok", "failed", "canceled"].contains(wanted)
    }
    return name.hasSuffix("type") && !["deposit", "withdrawal", "withdraw"].contains(wanted)
  }

  /// Whether a sample that the venue prints is of another market than the one asked for.
  private func isOfAnotherMarket(_ wanted: String) -> Bool {
    guard (try? node["origin"].optionalText()) == "documented", let asked = ask.market,
      cases.markets.bySymbol[wanted]?.market.id == asked.id, let raw = node["raw"].json?.text
    else { return false }
    return !raw.contains(asked.id)
  }

  private func difference(_ name: String, _ levels: [BookLevel], _ theirs: Node) -> String? {
    guard let wanted = try? theirs.elements() else { return nil }
    if levels.count < wanted.count {
      return "\(name) has \(levels.count) levels, expected \(wanted.count)"
    }
    for (index, pair) in zip(levels, wanted).enumerated() {
      let price = (try? pair.1[0].text()).map(ExactText.rounded)
      let amount = (try? pair.1[1].text()).map(ExactText.rounded)
      if pair.0.price.text != price || (amount != nil && pair.0.amount.text != amount) {
        return "\(name).\(index) is \(pair.0.price.text) \(pair.0.amount.text), expected "
          + "\(price ?? "") \(amount ?? "")"
      }
    }
    return nil
  }
}

/// How rows are compared.
struct RowComparison {
  let rules: FieldRules
  let core: [String]

  /// What differs between a row and what is expected of it.
  func lines(_ row: CaseRow, _ expected: Node, place: String) -> [String] {
    var lines: [String] = []
    for name in core {
      let full = place.isEmpty ? name : "\(place).\(name)"
      if rules.isLeftOut(full) || rules.isLeftOut(name) { continue }
      var node = expected
      if case .array? = expected.json, let index = Int(name) {
        node = expected[index]
      } else {
        for part in name.split(separator: ".") { node = node[String(part)] }
      }
      // Numbers that ccxt leaves out or works out from a side that is not stated are not compared.
      if let line = rules.difference(full, row.fields[name], sized(node, name, row)) {
        lines.append(line)
      }
    }
    return lines
  }

  /// Of a statement's line the size is compared; which way it went is a field of its own.
  private func sized(_ node: Node, _ name: String, _ row: CaseRow) -> Node {
    guard name == "amount", row.fields["direction"] != nil,
      let text = (try? node.optionalText()) ?? nil, text.hasPrefix("-")
    else { return node }
    return Node(.string(String(text.dropFirst())))
  }

  /// What differs between rows and an expectation of a method's shape.
  func lines(_ rows: [CaseRow], _ expected: Node, method: String, arguments: Node) -> [String] {
    switch method {
    case "fetchBalance": return balances(rows, expected)
    case "fetchTickers": return named(rows, expected, field: "symbol")
    case "fetchCurrencies": return named(rows, expected, field: "id")
    case "fetchTime":
      guard let row = rows.first else { return ["no time"] }
      return rules.difference("time", row.fields["time"], expected).map { [$0] } ?? []
    case "fetchTicker", "fetchOrderBook", "fetchOrder", "createOrder", "cancelOrder":
      var expected = expected
      if case .array? = expected.json { expected = expected[0] }
      guard !expected.isNothing else { return [] }
      let id = (try? expected["id"].optionalText()) ?? nil
      guard let row = rows.first(where: { id != nil && $0.id == id }) ?? best(rows, expected) else {
        return core.allSatisfy({ expected[$0].isNothing }) ? [] : ["no row"]
      }
      return lines(row, expected, place: "")
    default: return list(rows, expected, arguments: arguments)
    }
  }

  private func best(_ rows: [CaseRow], _ expected: Node) -> CaseRow? {
    rows.min { lines($0, expected, place: "").count < lines($1, expected, place: "").count }
  }

  private func list(_ rows: [CaseRow], _ expected: Node, arguments: Node) -> [String] {
    guard let wanted = try? expected.elements() else { return ["the case expects no list"] }
    var result: [String] = []
    var left = rows
    for (index, node) in wanted.enumerated() {
      // Where one answer was given to several calls, its rows are expected several times.
      if left.isEmpty, wanted[..<index].contains(where: { $0.json == node.json }) { continue }
      let id = (try? node["id"].optionalText()) ?? nil
      let candidates = id == nil ? left : left.filter { $0.id == id }
      let pool = candidates.isEmpty ? left : candidates
      guard
        let place = pool.indices.min(by: {
          lines(pool[$0], node, place: "\(index)").count
            < lines(pool[$1], node, place: "\(index)").count
        })
      else {
        result.append("\(index): no row for it")
        continue
      }
      let found = lines(pool[place], node, place: "\(index)")
      result += found
      if found.isEmpty, let taken = left.firstIndex(where: { same($0, pool[place]) }) {
        left.remove(at: taken)
      }
      if result.count > 10 { break }
    }
    let isFiltered = ["since", "limit", "symbol", "code", "params", "symbols"].contains {
      !arguments[$0].isNothing
    }
    let isTrimmed = !rules.node["trimmed"].isNothing
    if rows.count > wanted.count, !isFiltered, !isTrimmed {
      result.append("\(rows.count) rows, expected \(wanted.count)")
    }
    return result
  }

  private func same(_ a: CaseRow, _ b: CaseRow) -> Bool {
    a.id == b.id && a.time == b.time && "\(a.fields)" == "\(b.fields)"
  }

  private func named(_ rows: [CaseRow], _ expected: Node, field: String) -> [String] {
    var result: [String] = []
    for node in (try? expected.optionalMembers()) ?? [] where !rules.isLeftOut(node.key) {
      let row = rows.first {
        rules.difference(field, $0.fields[field], node[field]) == nil && !node[field].isNothing
      }
      guard let row else {
        result.append("\(node.key): no row for it")
        continue
      }
      result += lines(row, node, place: node.key)
      if result.count > 10 { break }
    }
    return result
  }

  private func balances(_ rows: [CaseRow], _ expected: Node) -> [String] {
    var result: [String] = []
    let special: Set = ["timestamp", "datetime", "info", "free", "used", "total", "debt"]
    for node in (try? expected.optionalMembers()) ?? [] where !special.contains(node.key) {
      guard case .object? = node.json else { continue }
      let own = rows.filter {
        rules.difference("asset", $0.fields["asset"], Node(.string(node.key))) == nil
      }
      let sum = RowComparison.sum(own)
      for name in core {
        let full = "\(node.key).\(name)"
        if rules.isLeftOut(full) || node[name].isNothing { continue }
        let zero = (try? node[name].decimal().isZero) ?? false
        if own.isEmpty, zero { continue }
        if let line = rules.difference(full, .number(sum[name] ?? nil), node[name]) {
          result.append(line)
        }
      }
    }
    return result
  }

  private static func sum(_ rows: [CaseRow]) -> [String: Fixed?] {
    var sums: [String: Fixed?] = [:]
    for row in rows {
      for name in ["free", "used", "total"] {
        guard case .number(let value?)? = row.fields[name] else { continue }
        if let known = sums[name] ?? nil {
          sums[name] = try? known.adding(value)
        } else {
          sums[name] = value
        }
      }
    }
    return sums
  }
}
