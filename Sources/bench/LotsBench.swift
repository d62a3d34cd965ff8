import Amounts
import ArgumentParser
import Ledger
import Lots
import Simulator

/// Events folded into lots, beside looking through all open lots for every disposal.
struct LotsBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lots", abstract: "Cost basis: a fold, a late event, a report, a naive search.")

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
