import Amounts
import Foundation
import Ledger
import Lots
import TestSupport
import Testing

/// Laws of the fold, on random books; a failure prints its seed, `SEED=…` runs one alone.
@Suite struct LawTests {
  static let seeds: [UInt64] =
    ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) }.map { [$0] }
    ?? Array(1...120)

  static let methods: [LotMethod] = LotOrder.allCases.map { .lots($0) } + [.average]

  static func rules(_ seed: UInt64) -> LotRules {
    var rules = LotRules(currency: .usDollar, method: methods[Int(seed) % methods.count])
    rules.scope = seed % 5 == 0 ? .universal : .account
    rules.transferOrder = LotOrder.allCases[Int(seed / 7) % 4]
    rules.tokenFees = seed % 3 == 0 ? .separate : .joined
    rules.missingBasis = seed % 4 == 0 ? .zero : .unknown
    if seed % 6 == 1 { rules.orderByYear = [2021: .hifo, 2022: .lifo] }
    return rules
  }

  @Test(arguments: seeds)
  func `events one by one in any order are a rebuild`(seed: UInt64) throws {
    var random = Seeded(seed)
    let events = try RandomBook(seed: seed, count: 60).events
    let rules = LawTests.rules(seed)
    let rebuilt = try LotBook(rules: rules, events: events).report()
    var book = LotBook(rules: rules)
    for event in events.shuffled(using: &random) { book.append(event) }
    #expect(try book.report() == rebuilt, "SEED=\(seed)")
    // In two bags, as of two imports.
    let shuffled = events.shuffled(using: &random)
    var bags = LotBook(rules: rules, events: shuffled.prefix(25))
    bags.append(contentsOf: shuffled.dropFirst(25))
    #expect(try bags.report() == rebuilt, "SEED=\(seed)")
  }

  @Test(arguments: seeds)
  func `an event taken out was never there`(seed: UInt64) throws {
    var random = Seeded(seed &* 31)
    let events = try RandomBook(seed: seed, count: 50).events
    let rules = LawTests.rules(seed)
    let gone = Set((0..<8).map { _ in Int.random(in: 0..<50, using: &random) })
    var book = LotBook(rules: rules, events: events)
    for index in gone { book.remove(events[index]) }
    let rest = events.indices.filter { !gone.contains($0) }.map { events[$0] }
    #expect(try book.report() == LotBook(rules: rules, events: rest).report(), "SEED=\(seed)")
  }

  @Test(arguments: seeds)
  func `cost in is cost out and what is left`(seed: UInt64) throws {
    var rules = LawTests.rules(seed)
    rules.missingBasis = .zero
    // Every cost is known: an unknown one has no part in sums.
    let events = try RandomBook(seed: seed, count: 80, hasUnknown: false).events
    let report = try LotBook(rules: rules, events: events).report()
    var paid = Fixed.zero
    for event in events {
      guard case .acquisition(let got) = event.change, !got.quantity.isZero else { continue }
      paid = try paid.adding(try got.value?.adding(got.fee) ?? .zero)
    }
    var spent = Fixed.zero
    for disposal in report.disposals { spent = try spent.adding(disposal.cost ?? .zero) }
    for held in report.holdings { spent = try spent.adding(held.cost ?? .zero) }
    #expect(paid == spent, "SEED=\(seed)")
    for disposal in report.disposals where disposal.isTaxable {
      var parts = Fixed.zero
      for match in disposal.matches { parts = try parts.adding(match.proceeds ?? .zero) }
      if !disposal.matches.isEmpty { #expect(parts == disposal.proceeds, "SEED=\(seed)") }
    }
  }

  @Test(arguments: seeds)
  func `a heap takes what a search of all lots takes`(seed: UInt64) throws {
    var rules = LawTests.rules(seed)
    guard case .lots(let order) = rules.method, order != .specific else { return }
    rules.orderByYear = [:]
    rules.missingBasis = .zero
    let events = try RandomBook(seed: seed, count: 80, hasSplits: false).events
    let report = try LotBook(rules: rules, events: events).report()
    var model = SearchModel(order: order, rules: rules)
    for event in events.sorted(by: SearchModel.precedes) { try model.apply(event) }
    let found = report.disposals.map { disposal in
      disposal.matches.filter { $0.rule == .lot }.map {
        "\($0.lot.map { "\($0)" } ?? "") \($0.quantity)"
      }
    }
    #expect(found == model.taken, "SEED=\(seed)")
    var left = 0
    for held in report.holdings { left += held.lots.count }
    #expect(left == model.open.count, "SEED=\(seed)")
  }
}

/// Events of one asset in three accounts, many at the same time, some beyond what is there.
struct RandomBook {
  private(set) var events: [LotEvent] = []
  private static let accounts = ["a", "b", "c"].map { AccountID(named: $0) }

  init(seed: UInt64, count: Int, hasSplits: Bool = true, hasUnknown: Bool = true) throws {
    var random = Seeded(seed)
    for index in 0..<count {
      let day = Int64.random(in: 0..<900, using: &random) / 3 * 3
      let change = RandomBook.change(
        &random, hasSplits: hasSplits, isUnknown: hasUnknown && seed % 3 == 2)
      var fee: TokenFee?
      if Int.random(in: 0..<6, using: &random) == 0 {
        if case .transfer = change {
          fee = TokenFee(asset: Diary.asset, quantity: Quantity(.one), value: Fixed(whole: 3))
        }
      }
      events.append(
        try LotEvent(
          id: Diary.id(index), time: Instant(seconds: 1_600_000_000 + day * 86_400),
          sequence: index, change: change, fee: fee))
    }
  }

  private static func change(
    _ random: inout Seeded, hasSplits: Bool, isUnknown: Bool
  ) -> LotChange {
    let account = accounts[Int.random(in: 0..<3, using: &random)]
    let quantity = Quantity(
      Fixed(units: Int128.random(in: 1..<9, using: &random) * Fixed.scale / 4))
    // Few prices, so that many lots cost the same.
    let value = Fixed(whole: Int64.random(in: 1..<6, using: &random) * 10)
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<9:
      let isNothing = isUnknown && Bool.random(using: &random)
      return .acquisition(
        Acquisition(
          account: account, asset: Diary.asset, quantity: quantity, value: isNothing ? nil : value,
          fee: isNothing ? .zero : .one))
    case 9..<14:
      return .disposal(
        Outgoing(
          account: account, asset: Diary.asset, quantity: quantity, value: value, kind: .sell,
          lots: [
            NamedLot(lot: Diary.id(Int.random(in: 0..<50, using: &random)), quantity: quantity)
          ]
        ))
    case 14 where hasSplits:
      return .split(
        asset: Diary.asset, numerator: Fixed(whole: Int64.random(in: 1..<4, using: &random)),
        denominator: Fixed(whole: Int64.random(in: 1..<4, using: &random)))
    default:
      let other = accounts[Int.random(in: 0..<3, using: &random)]
      return .transfer(asset: Diary.asset, quantity: quantity, from: account, to: other)
    }
  }
}

/// The rules in few lines: every lot is looked at for every disposal.
struct SearchModel {
  struct Lot {
    let id: LotID
    let time: Instant
    let sequence: Int
    /// `nil` where unknown: such lots are taken last.
    let price: Fixed?
    var account: String
    var quantity: Fixed
  }

  let order: LotOrder
  let rules: LotRules
  private(set) var lots: [Lot] = []
  private(set) var taken: [[String]] = []

  init(order: LotOrder, rules: LotRules) {
    self.order = order
    self.rules = rules
  }

  var open: [Lot] { lots.filter { !$0.quantity.isZero } }

  static func precedes(_ a: LotEvent, _ b: LotEvent) -> Bool {
    func phase(_ event: LotEvent) -> Int {
      switch event.change {
      case .acquisition, .split: 0
      case .transfer: 1
      case .disposal, .exchange: 2
      }
    }
    return (a.time.microseconds, phase(a), a.sequence)
      < (b.time.microseconds, phase(b), b.sequence)
  }

  mutating func apply(_ event: LotEvent) throws {
    switch event.change {
    case .acquisition(let got):
      let cost = try got.value?.adding(got.fee)
      let price = try cost?.divided(by: got.quantity.fixed, rounding: .halfEven)
      lots.append(
        Lot(
          id: event.id, time: event.time, sequence: event.sequence, price: price,
          account: place(got.account), quantity: got.quantity.fixed))
    case .disposal(let given): try dispose(given.quantity.fixed, place(given.account))
    case .transfer(_, let quantity, let from, let to):
      if let fee = event.fee { try dispose(fee.quantity.fixed, place(from)) }
      if place(from) == place(to) { return }
      for (lot, part) in try take(quantity.fixed, place(from), rules.transferOrder) {
        let index = lots.firstIndex { $0.id == lot.id && $0.account == place(to) }
        if let index {
          lots[index].quantity = try lots[index].quantity.adding(part)
        } else {
          var moved = lot
          moved.account = place(to)
          moved.quantity = part
          lots.append(moved)
        }
      }
    default: return
    }
  }

  private mutating func dispose(_ quantity: Fixed, _ place: String) throws {
    taken.append(try take(quantity, place, order).map { "\($0.0.id) \($0.1.text)" })
  }

  private mutating func take(
    _ quantity: Fixed, _ place: String, _ order: LotOrder
  ) throws -> [(Lot, Fixed)] {
    var (left, parts) = (quantity, [(Lot, Fixed)]())
    while !left.isZero {
      let own = lots.indices.filter { lots[$0].account == place && !lots[$0].quantity.isZero }
      guard let best = own.min(by: { comesFirst(lots[$0], lots[$1], order) }) else { break }
      let part = min(left, lots[best].quantity)
      left = try left.subtracting(part)
      lots[best].quantity = try lots[best].quantity.subtracting(part)
      parts.append((lots[best], part))
    }
    return parts
  }

  private func comesFirst(_ a: Lot, _ b: Lot, _ order: LotOrder) -> Bool {
    if order == .hifo || order == .lofo {
      guard let x = a.price, let y = b.price else {
        if (a.price == nil) != (b.price == nil) { return b.price == nil }
        return isEarlier(a, b)
      }
      if x != y { return order == .hifo ? x > y : x < y }
    }
    return order == .lifo ? isEarlier(b, a) : isEarlier(a, b)
  }

  private func isEarlier(_ a: Lot, _ b: Lot) -> Bool {
    (a.time.microseconds, a.sequence) < (b.time.microseconds, b.sequence)
  }

  private func place(_ account: AccountID) -> String {
    rules.scope == .universal ? "" : account.slug
  }
}
