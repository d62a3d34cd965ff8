import Amounts
import Encodings
import Ledger
import Lots
import Zones

/// A case's rules and transactions as the program's own.
struct TaxCase {
  let rules: LotRules
  private(set) var events: [LotEvent] = []
  /// Ids of transactions by the number that stands for them in the book.
  private(set) var ids: [String] = []
  /// Places by which quantities are shifted: the book holds 18 digits, a case may have 24.
  ///
  /// Lots do not care for the unit that an asset is counted in, so such a case is run in millionths.
  let shift: Int

  private var numbers: [String: Int] = [:]
  private var accounts: [String] = []

  init(_ json: JSON) throws(TaxCaseFault) {
    rules = try TaxCase.rules(json["rules"])
    let rows = json["transactions"].elements
    shift = rows.contains { TaxCase.isFine($0) } ? 6 : 0
    for (index, row) in rows.enumerated() {
      guard let id = row["id"].string, numbers[id] == nil else {
        throw .unreadable("a transaction has no id of its own")
      }
      numbers[id] = index
      ids.append(id)
    }
    for (index, row) in rows.enumerated() { events.append(try event(row, index)) }
  }

  /// The transaction's id of an event.
  func name(_ id: LotID) -> String {
    let index = Int(truncatingIfNeeded: id.entry.low)
    return ids.indices.contains(index) ? ids[index] : "\(id)"
  }

  /// The account's name in the case.
  func name(_ account: AccountID) -> String {
    let number = account.slug.split(separator: "-").last.flatMap { Int($0) } ?? -1
    return accounts.indices.contains(number) ? accounts[number] : account.slug
  }

  // MARK: - Transactions

  private mutating func event(_ row: JSON, _ index: Int) throws(TaxCaseFault) -> LotEvent {
    guard let text = row["time"].string, let time = Instant(text) else {
      throw .unreadable("\(ids[index]): no time")
    }
    let change = try change(row, index)
    do {
      return try LotEvent(
        id: id(index), time: time, sequence: index, change: change, fee: try fee(row))
    } catch let fault as TaxCaseFault {
      throw fault
    } catch {
      throw .unreadable("\(ids[index]): \(error)")
    }
  }

  private mutating func change(_ row: JSON, _ index: Int) throws(TaxCaseFault) -> LotChange {
    let type = row["type"].string ?? "none"
    switch type {
    case "buy": return .acquisition(try acquisition(row, .purchase))
    case "income":
      let kind = row["kind"].string.flatMap { IncomeKind(rawValue: $0) } ?? .other
      return .acquisition(try acquisition(row, .income(kind)))
    case "gift_in": return .acquisition(try acquisition(row, .gift))
    case "sell", "spend", "fee", "lost", "gift_out":
      guard let kind = DisposalKind(rawValue: type) else { throw .unreadable(type) }
      return .disposal(try outgoing(row, kind))
    case "trade": return try exchange(row)
    case "transfer":
      return .transfer(
        asset: try asset(row["asset"]), quantity: try quantity(row["quantity"]),
        from: try account(row["from"]), to: try account(row["to"]))
    case "split":
      return .split(
        asset: try asset(row["asset"]), numerator: try money(row["numerator"]),
        denominator: try money(row["denominator"]))
    default: throw .unreadable("\(ids[index]): type \(type)")
    }
  }

  private mutating func acquisition(
    _ row: JSON, _ origin: AcquisitionOrigin
  ) throws(TaxCaseFault) -> Acquisition {
    var isEarned = false
    if case .income = origin { isEarned = true }
    return Acquisition(
      account: try account(row["account"]), asset: try asset(row["asset"]),
      quantity: try quantity(row["quantity"]), value: try money(row["value"]),
      // What was earned has cost its value, whatever was paid to get it.
      fee: isEarned ? .zero : try money(row["fee"]), origin: origin,
      acquired: row["acquired"].string.flatMap { day(named: $0) })
  }

  /// A bare date is a day of the case's zone; noon of it falls on that day wherever it is counted.
  private func day(named text: String) -> Instant? {
    Instant(text).map { text.utf8.count == 10 ? $0.advanced(bySeconds: 12 * 3600) : $0 }
  }

  private mutating func outgoing(
    _ row: JSON, _ kind: DisposalKind
  ) throws(TaxCaseFault) -> Outgoing {
    var lots: [NamedLot] = []
    for named in row["lots"].elements {
      guard let name = named["lot"].string, let number = numbers[name] else {
        throw .unreadable("a lot that no transaction made")
      }
      lots.append(NamedLot(lot: id(number), quantity: try quantity(named["quantity"])))
    }
    return Outgoing(
      account: try account(row["account"]), asset: try asset(row["asset"]),
      quantity: try quantity(row["quantity"]), value: try money(row["value"]),
      fee: try money(row["fee"]), kind: kind, lots: lots)
  }

  private mutating func exchange(_ row: JSON) throws(TaxCaseFault) -> LotChange {
    let account = try account(row["account"])
    func value(_ name: String) -> JSON { row[name] == .null ? row["value"] : row[name] }
    let given = Outgoing(
      account: account, asset: try asset(row["sell_asset"]),
      quantity: try quantity(row["sell_quantity"]), value: try money(value("sell_value")),
      fee: try money(row["fee"]), kind: .trade)
    let got = Acquisition(
      account: account, asset: try asset(row["buy_asset"]),
      quantity: try quantity(row["buy_quantity"]), value: try money(value("buy_value")),
      fee: try money(row["buy_fee"]))
    return .exchange(given, for: got)
  }

  private func fee(_ row: JSON) throws(TaxCaseFault) -> TokenFee? {
    guard row["fee_asset"].string != nil else { return nil }
    return TokenFee(
      asset: try asset(row["fee_asset"]), quantity: try quantity(row["fee_quantity"]),
      value: try money(row["fee_value"]))
  }

  // MARK: - Parts

  private func id(_ index: Int) -> LotID {
    LotID(entry: EntryID(high: 0, low: UInt64(index)))
  }

  private func asset(_ json: JSON) throws(TaxCaseFault) -> AssetID {
    guard let code = json.string, !code.isEmpty else { throw .unreadable("no asset") }
    return .venue(venue: "case", code: code)
  }

  private mutating func account(_ json: JSON) throws(TaxCaseFault) -> AccountID {
    guard let name = json.string else { throw .unreadable("no account") }
    let number = accounts.firstIndex(of: name) ?? accounts.count
    if number == accounts.count { accounts.append(name) }
    return AccountID(named: "account-\(number)")
  }

  private func quantity(_ json: JSON) throws(TaxCaseFault) -> Quantity {
    guard let quantity = TaxCase.quantity(json, shift: shift) else {
      throw .unreadable("no quantity: \(json.plain ?? "nothing")")
    }
    return quantity
  }

  private func money(_ json: JSON) throws(TaxCaseFault) -> Fixed {
    if json == .null { return .zero }
    guard let money = TaxCase.money(json) else {
      throw .unreadable("no amount: \(json.plain ?? "nothing")")
    }
    return money
  }

  static func quantity(_ json: JSON, shift: Int) -> Quantity? {
    json.plain.flatMap { try? Quantity(parsing: shift == 0 ? $0 : "\($0)e\(shift)") }
  }

  /// Money is compared within a millionth: what lies below the 18th digit is cut off.
  static func money(_ json: JSON) -> Fixed? {
    guard let text = json.plain else { return nil }
    do throws(AmountFault) {
      return try Fixed(parsing: text)
    } catch {
      guard error == .tooPrecise, let point = text.firstIndex(of: ".") else { return nil }
      let end = text.index(point, offsetBy: 19, limitedBy: text.endIndex) ?? text.endIndex
      return try? Fixed(parsing: text[..<end])
    }
  }

  /// Whether a transaction has a quantity of more than 18 digits.
  private static func isFine(_ row: JSON) -> Bool {
    let names = ["quantity", "sell_quantity", "buy_quantity", "fee_quantity"]
    let texts =
      names.map { row[$0].plain } + row["lots"].elements.map { $0["quantity"].plain }
    return texts.contains { text in
      guard let text else { return false }
      do throws(AmountFault) {
        _ = try Fixed(parsing: text)
        return false
      } catch {
        return error == .tooPrecise
      }
    }
  }

  // MARK: - Rules

  private static func rules(_ json: JSON) throws(TaxCaseFault) -> LotRules {
    guard let currency = json["currency"].string.flatMap({ Currency($0) }) else {
      throw .unreadable("no currency")
    }
    var rules = LotRules(currency: currency, method: try method(json["method"].string ?? ""))
    if case .object(let years) = json["method_by_year"] {
      for (year, order) in zip(years.names, years.values) {
        guard let first = Int(year.prefix(4)), let order = orders[order.string ?? ""] else {
          throw .later("method_by_year \(year)")
        }
        rules.orderByYear[first] = order
      }
    }
    rules.scope = try word(json["scope"], ["universal": .universal, "account": .account])
    rules.transferOrder =
      json["transfer_order"] == .null ? .fifo : try word(json["transfer_order"], orders)
    rules.taxYear = try word(
      json["tax_year"], ["calendar": .calendar, "uk": .april6, "au": .july1], none: .calendar)
    rules.gifts = try word(
      json["gifts"], ["no-gain": .noGain, "market-value": .marketValue], none: .noGain)
    rules.tokenFees = try word(
      json["asset_fee"], ["joined": .joined, "separate": .separate], none: .joined)
    rules.missingBasis = try word(
      json["missing_basis"], ["error": .refused, "zero": .zero], none: .refused)
    let name = json["timezone"].string ?? "UTC"
    guard let zone = SystemZone(name) else { throw .unreadable("no time zone \(name)") }
    rules.calendar = zone
    return rules
  }

  private static let orders: [String: LotOrder] = [
    "fifo": .fifo, "lifo": .lifo, "hifo": .hifo, "lofo": .lofo, "specific": .specific,
  ]

  private static func method(_ name: String) throws(TaxCaseFault) -> LotMethod {
    if let order = orders[name] { return .lots(order) }
    if name == "average" { return .average }
    throw .later("method \(name)")
  }

  private static func word<Value>(
    _ json: JSON, _ words: [String: Value], none: Value? = nil
  ) throws(TaxCaseFault) -> Value {
    if json == .null, let none { return none }
    guard let value = words[json.string ?? ""] else {
      throw .unreadable("not a rule: \(json.plain ?? "nothing")")
    }
    return value
  }
}
