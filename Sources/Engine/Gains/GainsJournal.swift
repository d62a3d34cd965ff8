import Amounts
import Ledger
import Lots
import Prices

/// An entry with its row in the ledger, which decides among entries of one time.
struct NumberedEntry: Sendable {
  let number: Int
  let entry: Entry
}

/// The ledger's entries folded into lots and into what each day moved.
///
/// The law: entries taken in any order and in any parts, with prices in any order, give what all of
/// them give at once with the last prices. An entry whose worth rests on a price that may still change
/// is kept, and read again when that price does.
struct GainsJournal: Sendable {
  /// More entries than this are not read again one by one: it is cheaper to begin anew.
  static let mostRereads = 500

  let rules: GainRules
  let links: AssetLinks
  /// The lots that entries give away, where somebody named them.
  let picks: [EntryID: [NamedLot]]
  /// What accounts do where no lots are named.
  let standing: [AccountID: [StandingOrder]]
  private(set) var prices: GainPrices
  private(set) var lots: LotBook
  private(set) var places: [GainPlace: [UTCDay: DayMove]] = [:]
  /// How often the entries leave something open, by what.
  private(set) var notes: [MappingNote.Reason: Int] = [:]
  /// How many entries were taken.
  private(set) var entries = 0
  /// The last row of the ledger that was taken.
  private(set) var lastNumber = 0
  /// When the first entry happened.
  private(set) var firstDay: UTCDay?

  private var open: [EntryID: Reading] = [:]
  private var wanting: [AssetDay: Set<EntryID>] = [:]
  private var waiting: [NumberedEntry] = []
  private var pairs = TransferPairs()

  /// What an entry came to.
  private struct Reading: Sendable {
    let numbered: NumberedEntry
    var mapped: MappedEntry
    var moves: [GainPlace: DayMove]
    /// The prices that it may rest on.
    let wants: Set<AssetDay>
  }

  init(
    rules: GainRules, links: AssetLinks, prices: DailyCloses, picks: [EntryID: [NamedLot]] = [:],
    standing: [AccountID: [StandingOrder]] = [:]
  ) {
    self.rules = rules
    self.links = links
    self.picks = picks
    self.standing = standing
    self.prices = GainPrices(prices)
    var lotRules = rules.lotRules(in: prices.currency)
    lotRules.standing = standing
    lots = LotBook(rules: lotRules)
  }

  /// Takes entries in.
  ///
  /// - Returns: Whether so many entries must be read again that it is cheaper to begin anew; then
  ///   nothing else may be asked of it.
  mutating func take(_ fresh: [NumberedEntry]) -> Bool {
    var later: Set<AssetDay> = []
    var ends: Set<EntryID> = []
    for numbered in fresh {
      count(numbered)
      later.formUnion(takeOwnPrice(numbered))
      ends.formUnion(pairs.take(numbered, links).map(\.entry.id))
    }
    let touched = Set(later.flatMap { GainsJournal.following($0) }).intersection(wanting.keys)
    guard readAgain(wanted(by: touched).union(ends)) else { return false }
    var events: [LotEvent] = []
    for numbered in fresh {
      let reading = read(numbered)
      events += reading.mapped.events
      put(reading)
    }
    lots.append(contentsOf: events)
    return true
  }

  /// Takes entries in, oldest first, as the beginning of a whole ledger: those that need a price wait
  /// until all own trades are known, for `settle`.
  mutating func takeInOrder(_ fresh: [NumberedEntry]) {
    var events: [LotEvent] = []
    for numbered in fresh {
      count(numbered)
      _ = takeOwnPrice(numbered)
      // The other end of a transfer may still come.
      if !pairs.take(numbered, links).isEmpty {
        waiting.append(numbered)
      } else if let reading = plainReading(numbered) {
        events += reading.mapped.events
        put(reading)
      } else {
        waiting.append(numbered)
      }
    }
    lots.append(contentsOf: events)
  }

  /// Reads what waits for prices.
  mutating func settle() {
    var events: [LotEvent] = []
    for numbered in waiting {
      let reading = read(numbered)
      events += reading.mapped.events
      put(reading)
    }
    waiting = []
    lots.append(contentsOf: events)
  }

  private mutating func count(_ numbered: NumberedEntry) {
    entries += 1
    lastNumber = max(lastNumber, numbered.number)
    let day = UTCDay(numbered.entry.time)
    firstDay = min(firstDay ?? day, day)
  }

  /// Takes other market prices in.
  ///
  /// - Returns: As `take(_:)` for entries.
  mutating func take(_ market: DailyCloses) -> Bool {
    var next = prices
    next.market = market
    let changed = wanting.keys.filter { key in
      let (was, now) = (
        prices.close(of: key.asset, on: key.day), next.close(of: key.asset, on: key.day)
      )
      return was?.price != now?.price || next.isFinal(key)
    }
    prices = next
    return readAgain(wanted(by: changed))
  }

  /// Days whose price may be carried on from a day.
  private static func following(_ key: AssetDay) -> [AssetDay] {
    (0...DailyCloses.mostCarried).map { AssetDay(asset: key.asset, day: key.day.advanced(by: $0)) }
  }

  private func wanted(by keys: some Sequence<AssetDay>) -> Set<EntryID> {
    var ids: Set<EntryID> = []
    for key in keys { ids.formUnion(wanting[key] ?? []) }
    return ids
  }

  // MARK: - Reading

  /// What an entry came to that needs no price; `nil` for one that does.
  private func plainReading(_ numbered: NumberedEntry) -> Reading? {
    let plain = EntryMapping(
      links: links, currency: prices.market.currency, prices: NoPrices(), picks: picks)
    let entry = pairs.read(numbered.entry, links)
    let mapped = plain.mapped(entry, sequence: numbered.number)
    if mapped.notes.contains(where: { $0.reason == .missingPrice }) { return nil }
    let moves = EntryMoves(entry, plain).moves
    if moves.values.contains(where: { $0.unknownTrades > 0 }) { return nil }
    return Reading(numbered: numbered, mapped: mapped, moves: moves, wants: [])
  }

  private func read(_ numbered: NumberedEntry) -> Reading {
    if let reading = plainReading(numbered) { return reading }
    let entry = pairs.read(numbered.entry, links)
    let currency = prices.market.currency
    let mapping = EntryMapping(
      links: links, currency: currency, prices: prices, picks: picks)
    let base = QuoteBoard.asset(of: currency)
    let day = UTCDay(entry.time)
    let assets = Set(entry.legs.map { links.canonical($0.asset) }).subtracting([base])
    let wants = Set(assets.map { AssetDay(asset: $0, day: day) }).filter { !prices.isFinal($0) }
    return Reading(
      numbered: numbered, mapped: mapping.mapped(entry, sequence: numbered.number),
      moves: EntryMoves(entry, mapping).moves, wants: wants)
  }

  /// What each day moved, by asset, over all accounts; and the prices that values are worked out with.
  var valuation: (moves: [AssetID: [UTCDay: DayMove]], prices: GainPrices) {
    let moves = ValueHistory.byAsset(places)
    return (moves, prices.implying(moves))
  }

  /// The price that a trade for the currency of the figures tells.
  private mutating func takeOwnPrice(_ numbered: NumberedEntry) -> [AssetDay] {
    let entry = numbered.entry
    let legs = entry.legs.filter { $0.counter == .conversion }
    let base = QuoteBoard.asset(of: prices.market.currency)
    guard legs.count == 2, let cash = legs.first(where: { links.canonical($0.asset) == base }),
      let other = legs.first(where: { links.canonical($0.asset) != base }),
      cash.quantity.isNegative != other.quantity.isNegative,
      let paid = try? cash.quantity.fixed.magnitude(), !paid.isZero,
      let size = try? other.quantity.fixed.magnitude(), !size.isZero,
      let price = try? paid.divided(by: size, rounding: .halfEven), !price.isZero
    else { return [] }
    let asset = links.canonical(other.asset)
    let isLast = prices.take(Price(price), of: asset, at: entry.time, number: numbered.number)
    return isLast ? [AssetDay(asset: asset, day: UTCDay(entry.time))] : []
  }

  private mutating func readAgain(_ ids: Set<EntryID>) -> Bool {
    guard ids.count <= GainsJournal.mostRereads else { return false }
    for id in ids {
      guard let old = open[id] else { continue }
      let new = read(old.numbered)
      if new.mapped != old.mapped || new.moves != old.moves || new.wants != old.wants {
        for event in old.mapped.events { lots.remove(event) }
        take(out: old)
        lots.append(contentsOf: new.mapped.events)
        put(new)
      }
    }
    return true
  }

  private mutating func put(_ reading: Reading) {
    let day = UTCDay(reading.numbered.entry.time)
    for (place, move) in reading.moves {
      places[place, default: [:]][day, default: DayMove()].add(move)
    }
    for note in reading.mapped.notes { notes[note.reason, default: 0] += 1 }
    guard !reading.wants.isEmpty || pairs.isEnd(reading.numbered.entry, links) else { return }
    open[reading.numbered.entry.id] = reading
    for key in reading.wants { wanting[key, default: []].insert(reading.numbered.entry.id) }
  }

  private mutating func take(out reading: Reading) {
    let id = reading.numbered.entry.id
    let day = UTCDay(reading.numbered.entry.time)
    for (place, move) in reading.moves {
      places[place]?[day]?.add(move, sign: -1)
      if places[place]?[day]?.isEmpty == true { places[place]?[day] = nil }
      if places[place]?.isEmpty == true { places[place] = nil }
    }
    for note in reading.mapped.notes {
      let left = (notes[note.reason] ?? 0) - 1
      notes[note.reason] = left > 0 ? left : nil
    }
    open[id] = nil
    for key in reading.wants {
      wanting[key]?.remove(id)
      if wanting[key]?.isEmpty == true { wanting[key] = nil }
    }
  }
}
