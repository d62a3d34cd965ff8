import Amounts
import ArgumentParser
import Engine
import Ledger
import Lots
import Prices
import Simulator

/// Events folded into lots, beside looking through all open lots for every disposal.
struct LotsBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lots",
    abstract: "Cost basis: a fold, a late event, a report, a naive search; entries into gains.")

  @Option(help: "Events of the large book.") var events = 1_000_000
  @Option(help: "Events of the book that the naive search is given as well.") var naive = 200_000
  @Option(help: "Rounds; fold and naive search take turns.") var rounds = 3
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    var sheet = Sheet("lots")
    let large = LotLoad(events: events).events
    let small = LotLoad(events: naive).events
    for (name, method) in LotsBench.methods {
      try measure(name, method, large, &sheet)
      if case .lots(let order) = method { try compare(name, order, small, &sheet) }
    }
    gains(&sheet)
    sheet.note("\(events) events of 5 assets in 3 accounts, about half of them disposals")
    sheet.note("the naive search looks through all open lots; it was given \(naive) events")
    try sheet.show(asJSON: json)
  }

  private static let methods: [(String, LotMethod)] = [
    ("FIFO", .lots(.fifo)), ("LIFO", .lots(.lifo)), ("HIFO", .lots(.hifo)), ("average", .average),
  ]

  private func rules(_ method: LotMethod) -> LotRules {
    LotRules(currency: .usDollar, method: method)
  }

  private func measure(
    _ name: String, _ method: LotMethod, _ events: [LotEvent], _ sheet: inout Sheet
  ) throws {
    Memory.resetPeak()
    let before = Memory.resident
    var book = LotBook(rules: rules(method))
    let fold = Taken.by { for event in events { book.append(event) } }.1
    sheet.add("\(name): fold one by one", fold.wall, "s", .atMost(10))
    sheet.add("\(name): rate", Double(events.count) / fold.wall, "events/s")
    sheet.add("\(name): memory of the book", Memory.peak - before, "MB")
    let bulk = Taken.by { LotBook(rules: rules(method), events: events) }
    sheet.add("\(name): fold together", bulk.1.wall, "s")
    for distance in [0, 1_000, 100_000] where distance < events.count {
      let late = try LotLoad.late(events[events.count - 1 - distance])
      let added = Taken.by { book.append(late) }.1
      sheet.add("\(name): an event \(distance) before the end", added.wall * 1e3, "ms")
    }
    let report = try Taken.by { try book.report() }
    precondition(report.result.problems.isEmpty, "Nothing is missing in the load.")
    sheet.add("\(name): whole report", report.1.wall, "s")
  }

  /// Entries as they are recorded, into lots, days and sums; a quarter of them, then all.
  private func gains(_ sheet: inout Sheet) {
    var seconds: [Double] = []
    for count in [events / 4, events] {
      let load = EntryLoad(entries: count)
      Memory.resetPeak()
      let before = Memory.resident
      let (outcome, taken) = Taken.by {
        GainsProbe.fold(count, past: load.past, at: load.now) { load.entry($0) }
      }
      precondition(outcome.entries == count && outcome.problems == 0, "Nothing is missing.")
      seconds.append(taken.processor)
      sheet.add("\(count) entries into gains", taken.processor, "s")
      sheet.add("\(count) entries: memory, peak", Memory.peak - before, "MB")
      sheet.note(
        "\(count) entries leave \(outcome.open.lots) lots of \(outcome.open.assets) assets")
    }
    sheet.add(
      "gains: four times as many entries", seconds[1] / max(seconds[0], 1e-9), "ratio", .atMost(5))
  }

  private func compare(
    _ name: String, _ order: LotOrder, _ events: [LotEvent], _ sheet: inout Sheet
  ) throws {
    var (folds, searches): ([Double], [Double]) = ([], [])
    for _ in 0..<rounds {
      let fold = Taken.by { LotBook(rules: rules(.lots(order)), events: events) }
      folds.append(fold.1.wall)
      var search = NaiveLots(order)
      let taken = Taken.by { for event in events { search.append(event) } }.1
      searches.append(taken.wall)
      let left = try fold.result.report().holdings.reduce(0) { $0 + $1.lots.count }
      precondition(left == search.count, "Both ways leave as many lots.")
    }
    sheet.add("\(name): naive over fold", searches.median / folds.median, "ratio", .atLeast(1))
  }
}

/// Purchases and sales that never sell what is not there.
struct LotLoad {
  private(set) var events: [LotEvent] = []

  init(events count: Int) {
    let assets = ["BTC", "ETH", "SOL", "ADA", "DOT"].map {
      AssetID.venue(venue: "bench", code: $0)
    }
    let accounts = ["kraken", "coinbase", "ledger"].map { AccountID(named: $0) }
    var random = SeededGenerator(seed: 7)
    var held = [Int64](repeating: 0, count: assets.count * accounts.count)
    events.reserveCapacity(count)
    for index in 0..<count {
      let (asset, account) = (Int(random.next() % 5), Int(random.next() % 3))
      let place = asset * accounts.count + account
      let isSale = held[place] > 0 && random.next() % 100 < 52
      let most = isSale ? min(held[place], 700) : 1_000
      let size = 1 + Int64(random.next() % UInt64(most))
      held[place] += isSale ? -size : size
      // Hundredths of the asset, at 80 to 120 a unit.
      let value = Fixed(
        units: Int128(size * Int64(8_000 + random.next() % 4_000)) * 100_000_000_000_000)
      let quantity = Quantity(Fixed(units: Int128(size) * 10_000_000_000_000_000))
      let change: LotChange =
        isSale
        ? .disposal(
          Outgoing(
            account: accounts[account], asset: assets[asset], quantity: quantity, value: value,
            fee: .one, kind: .sell))
        : .acquisition(
          Acquisition(
            account: accounts[account], asset: assets[asset], quantity: quantity, value: value,
            fee: .one))
      let event = try? LotEvent(
        id: LotID(entry: EntryID(high: 0, low: UInt64(index))),
        time: Instant(seconds: 1_450_000_000 + Int64(index) * 240), sequence: index,
        change: change)
      if let event { events.append(event) }
    }
  }

  /// A purchase at the time of another event.
  static func late(_ event: LotEvent) throws -> LotEvent {
    let acquisition = Acquisition(
      account: AccountID(named: "kraken"), asset: .venue(venue: "bench", code: "BTC"),
      quantity: Quantity(.one), value: Fixed(whole: 100))
    return try LotEvent(
      id: LotID(entry: EntryID(high: 1, low: UInt64(event.sequence))), time: event.time,
      sequence: event.sequence, change: .acquisition(acquisition))
  }
}

/// Entries of ten years: purchases and sales for dollars, exchanges, rewards.
struct EntryLoad {
  let now = Instant(seconds: 1_763_683_200)
  /// What assets cost in those years.
  let past: BarHistory
  private let count: Int
  private let portfolio: LargePortfolio
  private static let days = 3_650

  init(entries count: Int) {
    self.count = count
    var portfolio = LargePortfolio(positions: 60)
    past = portfolio.past(EntryLoad.days, before: now)
    self.portfolio = portfolio
  }

  /// The entry of a number; each draws from a seed of its own.
  func entry(_ number: Int) -> Entry {
    var random = SeededGenerator(seed: UInt64(number))
    let account = portfolio.accounts[Int(random.next() % 8)].id
    let asset = portfolio.assets[Int(random.next() % 60)]
    let kind = random.next() % 100
    // The first entries fill the accounts, so that nothing is sold that is not there.
    let fills = number < 60 * 8
    let own = fills ? portfolio.accounts[number % 8].id : account
    let size = Int64(fills ? 1_000_000_000 : 1 + random.next() % 1_000)
    let held = fills ? portfolio.assets[number / 8] : asset
    let quantity = Fixed(units: Int128(size) * 10_000_000_000_000_000)
    let span = Int64(EntryLoad.days) * 86_400
    let time = now.advanced(bySeconds: Int64(number) * span / Int64(max(count, 1)) - span)
    let isOut = !fills && kind % 2 == 0
    let cash = Fixed(units: quantity.units * Int128(8 + random.next() % 5))
    let other = portfolio.assets[Int(random.next() % 60)]
    let legs: [Leg]
    switch kind {
    case _ where fills, 0..<80:
      legs = [
        EntryLoad.leg(own, held, isOut ? -quantity.units : quantity.units, .conversion),
        EntryLoad.leg(
          own, .fiat(code: "USD"), isOut ? cash.units : -cash.units, .conversion),
      ]
    case 80..<90 where other != held:
      legs = [
        EntryLoad.leg(own, held, -quantity.units, .conversion),
        EntryLoad.leg(own, other, quantity.units, .conversion),
      ]
    default: legs = [EntryLoad.leg(own, held, quantity.units, .income)]
    }
    let isReward = legs.count == 1
    return Entry(
      id: EntryID(high: 7, low: UInt64(number)), time: time, kind: isReward ? .reward : .trade,
      legs: legs, origin: .byHand)
  }

  private static func leg(
    _ account: AccountID, _ asset: AssetID, _ units: Int128, _ counter: Counter
  ) -> Leg {
    Leg(
      account: account, asset: asset, quantity: Quantity(Fixed(units: units)), counter: counter)
  }
}

/// All open lots in a list that is looked through for every disposal.
private struct NaiveLots {
  private struct Lot {
    let sequence: Int
    let unitCost: Fixed
    var quantity: Fixed
  }

  private struct Place: Hashable {
    let asset: AssetID
    let account: AccountID
  }

  private let order: LotOrder
  private var lots: [Place: [Lot]] = [:]

  init(_ order: LotOrder) {
    self.order = order
  }

  var count: Int { lots.values.reduce(0) { $0 + $1.count } }

  mutating func append(_ event: LotEvent) {
    switch event.change {
    case .acquisition(let got):
      let cost = (try? got.value?.adding(got.fee)) ?? .zero
      let unitCost = (try? cost.divided(by: got.quantity.fixed, rounding: .halfEven)) ?? .zero
      let lot = Lot(sequence: event.sequence, unitCost: unitCost, quantity: got.quantity.fixed)
      lots[Place(asset: got.asset, account: got.account), default: []].append(lot)
    case .disposal(let given):
      take(given.quantity.fixed, Place(asset: given.asset, account: given.account))
    default: return
    }
  }

  private mutating func take(_ quantity: Fixed, _ place: Place) {
    var left = quantity
    var open = lots.removeValue(forKey: place) ?? []
    while !left.isZero, let index = open.indices.min(by: { precedes(open[$0], open[$1]) }) {
      let taken = min(left, open[index].quantity)
      left = Fixed(units: left.units - taken.units)
      open[index].quantity = Fixed(units: open[index].quantity.units - taken.units)
      if open[index].quantity.isZero { open.remove(at: index) }
    }
    lots[place] = open
  }

  private func precedes(_ a: Lot, _ b: Lot) -> Bool {
    switch order {
    case .lifo: return a.sequence > b.sequence
    case .hifo where a.unitCost != b.unitCost: return a.unitCost > b.unitCost
    case .lofo where a.unitCost != b.unitCost: return a.unitCost < b.unitCost
    default: return a.sequence < b.sequence
    }
  }
}
