import Amounts
import Foundation
import Ledger
import Lots
import Performance
import Portfolio
import Prices
import Simulator
import Testing

@testable import Engine

/// Laws of the fold of the ledger, on random ledgers; a failure prints its seed, `SEED=…` runs one alone.
@Suite struct GainsLawTests {
  static let seeds: [UInt64] =
    ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) }.map { [$0] }
    ?? Array(1...60)

  @Test(arguments: seeds)
  func `entries and prices in any order give what a rebuild gives`(seed: UInt64) throws {
    var world = RandomLedger(seed: seed)
    let ledger = world.ledger(entries: 60)
    let last = world.closes(today: 40)
    var journal = GainsJournal(
      rules: GainRules(), links: AssetLinks(), prices: world.fewer(last, today: 2))
    var rest = ledger.entries.shuffled(using: &world.generator)
    while !rest.isEmpty {
      let part = Array(rest.prefix(Int.random(in: 1...9, using: &world.generator)))
      rest.removeFirst(part.count)
      let isTaken = journal.take(part)
      try #require(isTaken)
      if Bool.random(using: &world.generator) {
        let today = Int.random(in: 3...40, using: &world.generator)
        let isRead = journal.take(world.fewer(last, today: today))
        try #require(isRead)
      }
    }
    let isWhole = journal.take(last)
    try #require(isWhole)
    let rebuilt = ledger.journal(last)
    #expect(try journal.lots.report() == rebuilt.lots.report(), "SEED=\(seed)")
    #expect(journal.places == rebuilt.places, "SEED=\(seed)")
    #expect(journal.notes == rebuilt.notes, "SEED=\(seed)")
    #expect(
      journal.history(through: LedgerText.day(40)) == rebuilt.history(through: LedgerText.day(40)),
      "SEED=\(seed)")
  }

  @Test(arguments: seeds)
  func `value is what was there before, what came and went, and the gain`(seed: UInt64) throws {
    var world = RandomLedger(seed: seed)
    let ledger = world.ledger(entries: 60)
    let journal = ledger.journal(world.closes(today: 40))
    let history = journal.history(through: LedgerText.day(40))
    var before = Fixed.zero
    for (index, day) in history.days.enumerated() {
      let sources = [
        day.price, day.currency, day.trading, day.fees, day.funding, day.rewards, day.lost,
      ]
      let sum = try sources.reduce(Fixed.zero) { try $0.adding($1) }
      #expect(sum == day.gain, "SEED=\(seed) day \(index)")
      let after = try before.adding(day.inflow).subtracting(day.outflow).adding(day.gain)
      if day.unpriced == 0 && day.unknownGains == 0 {
        #expect(after == day.value, "SEED=\(seed) day \(index)")
      }
      before = day.value
    }
  }

  @Test(arguments: seeds)
  func `the parts by asset and by account add up to the whole`(seed: UInt64) throws {
    var world = RandomLedger(seed: seed)
    let journal = world.ledger(entries: 60).journal(world.closes(today: 40))
    let (first, last) = (journal.firstDay ?? LedgerText.day(1), LedgerText.day(40))
    let whole = ValueHistory.sum(journal.history(through: last).days)
    for keyed in [
      Set(journal.places.keys.map(\.asset.text)), Set(journal.places.keys.map(\.account.slug)),
    ] {
      var gain = Fixed.zero
      var unknown = whole.unknownGains
      var value = Fixed.zero
      for key in keyed {
        let part = ValueHistory(
          journal.places, where: { $0.asset.text == key || $0.account.slug == key }, from: first,
          through: last, prices: journal.valuation.prices)
        let sum = ValueHistory.sum(part.days)
        gain = try gain.adding(sum.gain)
        unknown += sum.unknownGains
        value = try value.adding(part.days.last?.value ?? .zero)
      }
      // Each account's value is rounded by itself, at the 18th digit.
      let slack = Fixed(units: 100_000)
      #expect(try value.subtracting(whole.value).magnitude() < slack, "SEED=\(seed)")
      // What is held before it has a price has no known gain, as a part or as a whole.
      if unknown == 0 {
        #expect(try gain.subtracting(whole.gain).magnitude() < slack, "SEED=\(seed)")
      }
    }
  }

  @Test(arguments: seeds)
  func `lots hold what accounts hold`(seed: UInt64) throws {
    var world = RandomLedger(seed: seed)
    let ledger = world.ledger(entries: 60)
    let journal = ledger.journal(world.closes(today: 40))
    let report = try journal.lots.report()
    guard report.problems.isEmpty else { return }
    for (asset, moves) in ValueHistory.byAsset(journal.places) where !asset.isCurrency {
      let held = try moves.values.reduce(Fixed.zero) { try $0.adding($1.change) }
      let lots = report.holdings.first { $0.asset == asset }?.quantity.fixed ?? .zero
      #expect(held == lots, "SEED=\(seed) \(asset)")
    }
  }

  @Test(arguments: seeds)
  func `a desk that followed prices is one that was told the last of them`(seed: UInt64) throws {
    var world = RandomLedger(seed: seed)
    let journal = world.ledger(entries: 40).journal(world.closes(today: 40))
    let now = LedgerText.day(40).start.advanced(bySeconds: 3_600)
    var inputs = GainsInputs(prices: journal.prices.market)
    inputs.prices = journal.prices.market
    let digest = GainsDigest(journal, inputs)
    var settlement = Settlement(currency: .usDollar)
    for asset in digest.quantities.keys.sorted() {
      settlement.take(
        Holding(free: Quantity(digest.quantities[asset] ?? .zero)),
        for: HoldingKey(account: AccountID(named: "kraken"), asset: asset))
    }
    var followed = GainsDesk(
      currency: .usDollar, rules: GainRules(), benchmark: .standard, at: now)
    for step in 0..<30 {
      for asset in RandomLedger.assets where Bool.random(using: &world.generator) {
        let price = world.price()
        let quote = Quote(
          asset: asset, price: price, currency: .usDollar,
          time: now.advanced(bySeconds: Int64(step)), source: .feed("kraken"))
        settlement.take(try #require(quote))
      }
      if step == 10 { followed.take(.digest(digest), at: now) }
      guard let change = settlement.settle(at: now.advanced(bySeconds: Int64(step))) else {
        continue
      }
      followed.settled(settlement, changed: change.changed, removed: change.removed, at: now)
    }
    var told = GainsDesk(currency: .usDollar, rules: GainRules(), benchmark: .standard, at: now)
    told.settled(settlement, changed: Array(settlement.settled), removed: [], at: now)
    told.take(.digest(digest), at: now)
    #expect(followed.shift == told.shift, "SEED=\(seed)")
    #expect(followed.unrealised == told.unrealised, "SEED=\(seed)")
    #expect(followed.unrealisedSum == told.unrealisedSum, "SEED=\(seed)")
    for name in GainsBoard.names.sorted() {
      #expect(GainsBoard(name, followed)?.report == GainsBoard(name, told)?.report, "SEED=\(seed)")
    }
  }
}

/// Ledgers and prices by chance.
struct RandomLedger {
  static let assets = [LedgerText.bitcoin, LedgerText.ether, LedgerText.euro]
  var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  private mutating func amount() -> String {
    "\(Int.random(in: 1...99, using: &generator)).\(Int.random(in: 0...999, using: &generator))"
  }

  mutating func price() -> Price {
    LedgerText.price(
      "\(Int.random(in: 1...900, using: &generator)).\(Int.random(in: 1...99, using: &generator))")
  }

  private mutating func asset() -> AssetID {
    RandomLedger.assets.randomElement(using: &generator) ?? LedgerText.bitcoin
  }

  private mutating func account() -> String {
    Bool.random(using: &generator) ? "kraken" : "wallet"
  }

  mutating func ledger(entries count: Int) -> LedgerText {
    var text = LedgerText()
    for _ in 0..<count {
      let day = Double(Int.random(in: 100...3_999, using: &generator)) / 100 + 0.01
      let (kind, legs) = entry()
      // Few hashes, so that some are told of once, twice and more often.
      let hash = "0x\(Int.random(in: 1...6, using: &generator))"
      text.add(day, kind, legs, hash: Bool.random(using: &generator) ? hash : "")
    }
    return text
  }

  private mutating func entry() -> (EntryKind, [Leg]) {
    let (asset, account, size) = (asset(), account(), amount())
    let other = RandomLedger.assets.first { $0 != asset } ?? LedgerText.euro
    switch Int.random(in: 0...9, using: &generator) {
    case 0: return (.deposit, [LedgerText.leg(size, asset, .outside, account)])
    case 1: return (.withdrawal, [LedgerText.leg("-" + size, asset, .outside, account)])
    case 2: return (.staking, [LedgerText.leg(size, asset, .income, account)])
    case 3: return (.interest, [LedgerText.leg(size, LedgerText.dollar, .income, account)])
    case 4:
      return (
        .transfer,
        [
          LedgerText.leg("-" + size, asset, .transit, "kraken"),
          LedgerText.leg(size, asset, .transit, "wallet"),
        ]
      )
    case 5:
      return (
        .trade,
        [
          LedgerText.leg("-" + size, asset, .conversion, account),
          LedgerText.leg(amount(), other, .conversion, account),
          LedgerText.leg("-0.01", asset, .fees, account),
        ]
      )
    case 6: return (.marginFee, [LedgerText.leg("-" + size, LedgerText.dollar, .margin, account)])
    case 7: return (.stake, [LedgerText.leg("-" + size, asset, .staked, account)])
    default:
      let sign = Bool.random(using: &generator) ? "-" : ""
      let back = sign.isEmpty ? "-" : ""
      return (
        .trade,
        [
          LedgerText.leg(sign + size, asset, .conversion, account),
          LedgerText.leg(back + amount(), LedgerText.dollar, .conversion, account),
          LedgerText.leg("-0.5", LedgerText.dollar, .fees, account),
        ]
      )
    }
  }

  /// Closes of most days, from the first.
  mutating func closes(today: Int) -> DailyCloses {
    var prices: [(day: Int, asset: AssetID, price: String)] = []
    for day in 0..<today {
      for asset in RandomLedger.assets where Int.random(in: 0...5, using: &generator) > 0 {
        prices.append((day, asset, price().text))
      }
    }
    return LedgerText.closes(today: today, prices, live: [LedgerText.bitcoin: "500"])
  }

  /// The same closes as they were known on an earlier day.
  func fewer(_ closes: DailyCloses, today: Int) -> DailyCloses {
    var fewer = DailyCloses(currency: .usDollar, openDay: LedgerText.day(today))
    for asset in RandomLedger.assets {
      for day in 0..<today {
        let close = closes.close(of: asset, on: LedgerText.day(day), within: 0)
        if let close { fewer.take(close.price, of: asset, on: LedgerText.day(day)) }
      }
    }
    fewer.take(live: [LedgerText.ether: LedgerText.price("77")], on: LedgerText.day(today))
    return fewer
  }
}
