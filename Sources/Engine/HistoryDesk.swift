import Amounts
import Ledger
import Portfolio
import Prices

/// A stretch of time that is over, with what an asset cost in it.
struct AssetBar: Hashable, Sendable {
  let asset: AssetID
  let length: BarLength
  let bar: PriceBar
}

/// What assets cost over time, in the portfolio's currency: of those that are held, and of some that
/// are only watched, as benchmarks are.
///
/// Bars grow from the prices that positions are valued at. A price that is stale or disputed makes
/// none: where nobody knows, there is a gap. What was kept of earlier is read beside everything else;
/// until it is there, prices of an asset wait, so that its bars go on where they were left.
///
/// Always: bars of what was kept and of what came since equal those of all prices.
struct HistoryDesk: Sendable {
  /// Seconds for which bars are gathered before they are written.
  static let writePause: Int64 = 60
  /// How many bars are written before that.
  static let mostGathered = 20_000
  /// The most bars that wait where they cannot be written; of more, the oldest are given up.
  static let mostWaiting = 200_000
  /// How many assets' bars are ended in one turn: a price that comes meanwhile does not wait for all.
  static let mostEnded = 4
  /// The most prices of an asset that wait for what was kept.
  static let mostPrices = 1_000

  private(set) var currency: Currency
  /// Assets that are watched whether they are held or not.
  private(set) var watched: Set<AssetID> = []
  /// Grows whenever bars came that did not grow here: what was computed from them is to be rebuilt.
  private(set) var generation: UInt64 = 0

  private var ladders: [AssetID: BarLadder] = [:]
  private var closes: [AssetID: DayCloses] = [:]
  /// Prices that wait until is known what was kept.
  private var waiting: [AssetID: [(price: Price, time: Instant)]] = [:]
  /// Assets whose kept bars are to be read.
  private var unread: Set<AssetID> = []
  /// When a watched asset was last said to cost something.
  private var watchedTimes: [AssetID: Instant] = [:]
  /// Whether bars are kept at all.
  private let isKept: Bool
  /// How many assets' bars are ended in one turn.
  private let endedAtOnce: Int
  private var gathered: [BarRecord] = []
  private var writing: [Int: [BarRecord]] = [:]
  private var lastBatch = 0
  private var writeAt: Instant?
  private var asksAgain: Set<AssetID> = []
  /// Assets whose closes are other ones than when their volatility was last told.
  private var moved: Set<AssetID> = []
  /// Assets whose price of a day ago may be another one than was last told.
  private var aged: Set<AssetID> = []
  /// The minute in which bars without a later price were last ended.
  private var closedAt: Instant?
  /// The assets whose bars are still to be ended in it.
  private var unclosed: ArraySlice<AssetID> = []
  /// The assets with bars, in order.
  private var order: [AssetID] = []

  /// Starts with nothing.
  ///
  /// - Parameters:
  ///   - currency: The portfolio's.
  ///   - isKept: Whether there is something that keeps bars, and tells what it has kept.
  ///   - endedAtOnce: How many assets' bars are ended in one turn.
  init(
    currency: Currency, isKept: Bool = false, endedAtOnce: Int = HistoryDesk.mostEnded
  ) {
    self.currency = currency
    self.isKept = isKept
    self.endedAtOnce = endedAtOnce
  }

  /// The bars of an asset that are over, the oldest first.
  func bars(of asset: AssetID, _ length: BarLength) -> [PriceBar] {
    ladders[asset]?.bars(length) ?? []
  }

  /// The bar of an asset that is not over yet.
  func current(of asset: AssetID, _ length: BarLength) -> PriceBar? {
    ladders[asset]?.current(length)
  }

  /// What an asset cost a day ago: the close of the last hour that was over then, which is 24 to 26
  /// hours ago; `nil` where there is none.
  func priceADayAgo(of asset: AssetID, at now: Instant) -> Price? {
    let then = now.advanced(bySeconds: -86_400)
    let hour = BarLength.hour.seconds
    return bars(of: asset, .hour).last { bar in
      bar.start.advanced(bySeconds: hour) <= then && bar.start.advanced(bySeconds: 3 * hour) >= then
    }?.close
  }

  /// The closes of days that are over, further back than the bars.
  func closes(of asset: AssetID) -> DayCloses { closes[asset] ?? DayCloses() }

  /// The assets of which something is known, in order.
  var assets: [AssetID] { Set(ladders.keys).union(closes.keys).sorted() }

  /// Whether what was kept of an asset is still to come.
  func isWaiting(for asset: AssetID) -> Bool { waiting[asset] != nil }

  /// Says which assets are watched whether they are held or not.
  mutating func watch(_ assets: Set<AssetID>) { watched = assets }

  /// Takes in what a settlement changed.
  ///
  /// - Returns: The bars that are over by it, an asset's shortest first.
  mutating func settled(
    _ settlement: Settlement, changed: [Position], at now: Instant
  ) -> [AssetBar] {
    if settlement.currency != currency { restart(in: settlement.currency) }
    var over: [AssetBar] = []
    for place in changed.indices {
      guard let price = changed[place].price, price.state == .live, price.confidence != .stated
      else {
        if isKept, ladders[changed[place].asset] == nil { expect(changed[place].asset) }
        continue
      }
      over += take(price.price, of: changed[place].asset, at: now)
    }
    return over
  }

  /// Takes in what watched assets cost, and ends the bars whose time is over without a later price.
  mutating func tick(_ settlement: Settlement, at now: Instant) -> [AssetBar] {
    var over: [AssetBar] = []
    for asset in watched.sorted() where settlement[asset] == nil {
      guard let price = settlement.quotes.valuation(of: asset, in: currency, at: now),
        price.confidence == .agreed || price.confidence == .single,
        price.time.microseconds != .max, price.time != watchedTimes[asset]
      else {
        if isKept, ladders[asset] == nil { expect(asset) }
        continue
      }
      watchedTimes[asset] = price.time
      over += take(price.price, of: asset, at: now)
    }
    return over + endBars(at: now)
  }

  /// Ends bars whose time is over, of some assets in a turn.
  ///
  /// Seconds can wait for the next price: every asset is looked at once a minute.
  private mutating func endBars(at now: Instant) -> [AssetBar] {
    var over: [AssetBar] = []
    var count = endedAtOnce
    let minute = BarLength.minute.start(of: now)
    if closedAt.map({ minute > $0 }) ?? true {
      for asset in unclosed { over += end(asset, at: now) }
      if order.count != ladders.count { order = ladders.keys.sorted() }
      unclosed = order[...]
      closedAt = minute
      if !over.isEmpty { count = 0 }
    }
    while count > 0, let asset = unclosed.popFirst() {
      over += end(asset, at: now)
      count -= 1
    }
    return over
  }

  private mutating func end(_ asset: AssetID, at now: Instant) -> [AssetBar] {
    note(ladders[asset]?.close(at: now) ?? [], of: asset, at: now)
  }

  /// The time up to which all bars are over that will be.
  var endedTo: Instant? { unclosed.isEmpty ? closedAt : nil }

  /// When a bar ends by itself, or bars are written: with the hour, as shorter ones can wait for the
  /// next price.
  func wakeAt(after now: Instant) -> Instant? {
    let isOpen = ladders.values.contains { $0.current(.hour) != nil }
    let hour =
      isOpen ? BarLength.hour.start(of: now).advanced(bySeconds: BarLength.hour.seconds) : nil
    return [unclosed.isEmpty ? nil : now, hour, writeAt].compactMap { $0 }.min()
  }

  private mutating func restart(in currency: Currency) {
    let old = self
    self = HistoryDesk(currency: currency, isKept: old.isKept, endedAtOnce: old.endedAtOnce)
    watched = old.watched
    generation = old.generation + 1
    gathered = old.gathered
    writing = old.writing
    lastBatch = old.lastBatch
    writeAt = old.writeAt
    for asset in old.assets where isKept { expect(asset) }
  }

  private mutating func take(
    _ price: Price, of asset: AssetID, at now: Instant
  ) -> [AssetBar] {
    if isKept, ladders[asset] == nil {
      expect(asset)
      if waiting[asset, default: []].count >= HistoryDesk.mostPrices {
        waiting[asset]?.removeLast()
      }
      waiting[asset, default: []].append((price, now))
      return []
    }
    return note(ladders[asset, default: BarLadder()].take(price, at: now), of: asset, at: now)
  }

  /// Bars are over: they are gathered to be written, and told.
  private mutating func note(
    _ closed: [BarLadder.Closed], of asset: AssetID, at now: Instant
  ) -> [AssetBar] {
    for one in closed {
      if one.length == .day {
        closes[asset, default: DayCloses()].append(
          one.bar.close, on: DayCloses.day(of: one.bar.start))
        closes[asset]?.trim(to: BarHistory.mostCloses)
        moved.insert(asset)
      }
      if one.length == .hour { aged.insert(asset) }
      if isKept { gather(one, of: asset, at: now) }
    }
    return closed.map { AssetBar(asset: asset, length: $0.length, bar: $0.bar) }
  }
}

// MARK: - What is kept

extension HistoryDesk {
  /// What was kept of an asset is to be read.
  private mutating func expect(_ asset: AssetID) {
    guard waiting[asset] == nil else { return }
    waiting[asset] = []
    unread.insert(asset)
  }

  private mutating func gather(_ closed: BarLadder.Closed, of asset: AssetID, at now: Instant) {
    gathered.append(
      BarRecord(
        asset: asset, currency: currency, length: closed.length, bar: closed.bar, source: .own,
        parts: closed.parts))
    let pause = gathered.count < HistoryDesk.mostGathered ? HistoryDesk.writePause : 0
    let due = now.advanced(bySeconds: pause)
    writeAt = writeAt.map { min($0, due) } ?? due
  }

  /// What is to be read and written now.
  mutating func effects(at now: Instant) -> [FigureEffect] {
    var effects: [FigureEffect] = []
    if let writeAt, now >= writeAt { effects += write() }
    if !moved.isEmpty {
      var table: [AssetID: Fixed] = [:]
      for asset in moved { table[asset] = closes[asset]?.dailyVolatility }
      moved = []
      if !table.isEmpty { effects.append(.volatilities(table)) }
    }
    if !aged.isEmpty {
      effects.append(
        .dayOpens(
          Dictionary(uniqueKeysWithValues: aged.map { ($0, priceADayAgo(of: $0, at: now)) })))
      aged = []
    }
    if !unread.isEmpty {
      effects.append(.readBars(of: unread, currency, afterWrites: false))
      unread = []
    }
    if !asksAgain.isEmpty {
      effects += write()
      effects.append(.readBars(of: asksAgain, currency, afterWrites: true))
      asksAgain = []
    }
    return effects
  }

  /// Wants what is kept of assets to be read again, as there is more of it.
  mutating func readAgain(_ assets: Set<AssetID>) {
    asksAgain.formUnion(assets.filter { ladders[$0] != nil })
  }

  /// Writes what was gathered, before the vault is closed also the second that is not over.
  mutating func finish() -> [FigureEffect] {
    if isKept {
      for asset in ladders.keys.sorted() {
        guard let second = ladders[asset]?.current(.second) else { continue }
        gathered.append(
          BarRecord(
            asset: asset, currency: currency, length: .second, bar: second, source: .own, parts: 1))
      }
    }
    return write()
  }

  private mutating func write() -> [FigureEffect] {
    writeAt = nil
    guard !gathered.isEmpty else { return [] }
    lastBatch += 1
    writing[lastBatch] = gathered
    gathered = []
    return [.keepBars(lastBatch, writing[lastBatch] ?? [])]
  }

  /// A batch is on the disk, or could not be written and is tried again.
  mutating func written(_ batch: Int, _ isWritten: Bool, at now: Instant) {
    guard let bars = writing.removeValue(forKey: batch), !isWritten else { return }
    gathered = (bars + gathered).suffix(HistoryDesk.mostWaiting)
    writeAt = writeAt ?? now.advanced(bySeconds: HistoryDesk.writePause)
  }

  /// Takes in what was kept, and goes on from there with what waited.
  ///
  /// - Parameters:
  ///   - assets: The assets that were asked for.
  ///   - history: What was kept; `nil` where it could not be read.
  ///   - now: When.
  /// - Returns: The bars that are over by it and were not kept.
  mutating func load(
    _ assets: Set<AssetID>, _ history: BarHistory?, at now: Instant
  ) -> [AssetBar] {
    if let history, history.currency != currency { return [] }
    var over: [AssetBar] = []
    generation += 1
    for asset in assets.sorted() {
      // What grew here is told of before another ladder takes its place.
      over += note(ladders[asset]?.close(at: now) ?? [], of: asset, at: now)
    }
    let fresh = unwritten(of: assets)
    for asset in assets.sorted() {
      over += resume(asset, history?.bars[asset] ?? [:], fresh[asset] ?? [:], at: now)
      if let known = history?.closes[asset] { closes[asset] = known }
      moved.insert(asset)
      aged.insert(asset)
      for bar in bars(of: asset, .day) {
        closes[asset, default: DayCloses()].append(bar.close, on: DayCloses.day(of: bar.start))
      }
      for (price, time) in waiting.removeValue(forKey: asset) ?? [] {
        over += take(price, of: asset, at: time)
      }
    }
    return over
  }

  /// The bars that are not on the disk yet, in order of time.
  private func unwritten(of assets: Set<AssetID>) -> [AssetID: [BarLength: [PriceBar]]] {
    var fresh: [AssetID: [BarLength: [PriceBar]]] = [:]
    let records = writing.sorted { $0.key < $1.key }.flatMap(\.value) + gathered
    for record in records where record.currency == currency && assets.contains(record.asset) {
      fresh[record.asset, default: [:]][record.length, default: []].append(record.bar)
    }
    return fresh
  }

  /// Puts a ladder in place that goes on from what was kept and from what is not written yet.
  private mutating func resume(
    _ asset: AssetID, _ kept: [BarLength: [PriceBar]], _ fresh: [BarLength: [PriceBar]],
    at now: Instant
  ) -> [AssetBar] {
    let second = ladders[asset]?.current(.second)
    var all = kept
    for (length, bars) in fresh {
      all[length] = BarCrossing.filled(bars, with: kept[length] ?? [])
    }
    var done: [BarLadder.Closed] = []
    var ladder = BarLadder(resuming: all, &done)
    if let second { ladder.take(open: second) }
    ladders[asset] = ladder
    return note(done, of: asset, at: now)
  }
}
