import Amounts
import Ledger
import Prices
import Vault
import VenueKit

/// Asks venues for candles of what is held or watched, behind everything else.
///
/// Days reach three years back, hours thirty days, minutes four hours. Of each asset one venue is
/// asked, the one with the best currency; where it tells nothing the next one is. What was asked is
/// remembered as a stretch of time, and only what lies outside of it is asked for.
struct BackfillDesk: Sendable {
  /// Where an asset's candles can be had.
  struct Place: Hashable, Sendable {
    let venue: String
    let market: Market
    let currency: Currency
  }

  /// One call for candles.
  struct Page: Sendable {
    let number: Int
    let venue: String
    let feed: Int
    let call: Call
    let ask: Ask
    let keptSeconds: Int?
  }

  /// What candles gave.
  struct Gain: Sendable {
    var bars: [BarRecord] = []
    var coverage: [BarCoverage] = []
  }

  /// How far back bars of a length are wanted, in seconds.
  static func reach(_ length: BarLength) -> Int64 {
    switch length {
    case .second: 0
    case .minute: 4 * 3_600
    case .hour: 30 * 86_400
    case .day: 3 * 365 * 86_400
    }
  }

  /// The lengths that are asked for, in order.
  static let lengths: [BarLength] = [.day, .hour, .minute]
  /// The most calls under way, of all venues and of one.
  static let mostAtOnce = 6
  static let mostAtVenue = 2
  /// The most candles of a call.
  static let mostRows = 1_000
  /// Seconds between two looks for what is missing.
  static let planPause: Int64 = 6 * 3_600
  /// Seconds until a venue is asked again that had no candles.
  static let notePause: Int64 = 7 * 86_400
  /// How often a call is tried, and the first pause in between, in seconds.
  static let mostTries = 5
  static let retryPause: Int64 = 30
  /// Seconds for which bars are gathered before what rests on them is told.
  static let tellPause: Int64 = 10

  private struct Key: Hashable {
    let asset: AssetID
    let currency: Currency
    let venue: String
    let length: BarLength
  }

  private struct Goal: Hashable {
    let asset: AssetID
    let length: BarLength
  }

  /// A stretch of time that is asked for page by page: forward from what is known, or back from it.
  private struct Job: Sendable {
    let goal: Goal
    let place: Place
    let isForward: Bool
    /// What is still missing.
    var from: Instant
    var to: Instant
    /// What is known with it.
    var first: Instant
    var last: Instant
    var rows = 0
    var tries = 0
    var dueAt: Instant
    /// The page under way.
    var page: Range<Instant>?
  }

  let venues: VenueCatalogue
  /// The portfolio's currency: markets in it need no rate.
  var currency = Currency.usDollar
  /// Whether anybody keeps what is asked for.
  private(set) var isWanted = false
  private var places: [AssetID: [Place]] = [:]
  /// What is held or watched.
  private var assets: Set<AssetID> = []
  private var coverage: [Key: BarCoverage] = [:]
  private var waiting: [Job] = []
  private var active: [Int: Job] = [:]
  private var lastNumber = 0
  private var planAt: Instant?
  /// Minutes are asked for once after a start.
  private var minutesDone: Set<AssetID> = []
  /// Places that failed and are not asked again until the next start.
  private var barred: Set<Key> = []
  private var touched: Set<AssetID> = []
  private var tellAt: Instant?
  /// How much is planned at each venue, so that equal ones share the work.
  private var load: [String: Int] = [:]

  init(venues: VenueCatalogue) { self.venues = venues }

  /// Begins, with what was asked for before.
  mutating func begin(_ known: [BarCoverage]) {
    isWanted = true
    for one in known {
      coverage[
        Key(asset: one.asset, currency: one.currency, venue: one.venue, length: one.length)] = one
    }
  }

  /// How many calls wait or are under way.
  var pages: Int { waiting.count + active.count }

  /// When something is due.
  var wakeAt: Instant? {
    guard isWanted else { return nil }
    let busy = busyVenues
    // A job that has no room is not due: the end of a page makes room, and wakes by itself.
    let job = waiting.lazy.filter { hasRoom(at: $0.place.venue, busy) }.map(\.dueAt).min()
    return [job, planAt, tellAt].compactMap { $0 }.min()
  }

  /// How many calls are under way at each venue.
  private var busyVenues: [String: Int] {
    Dictionary(active.values.map { ($0.place.venue, 1) }, uniquingKeysWith: +)
  }

  /// Whether one call more may be under way at a venue.
  private func hasRoom(at venue: String, _ busy: [String: Int]) -> Bool {
    active.count < BackfillDesk.mostAtOnce && busy[venue, default: 0] < BackfillDesk.mostAtVenue
  }

  /// Learns what is held or watched, and where candles can be had.
  mutating func learn(
    _ assets: Set<AssetID>, _ places: [AssetID: [Place]], at now: Instant
  ) {
    self.assets = assets
    self.places = places
    waiting.removeAll { places[$0.goal.asset]?.contains($0.place) != true }
    plan(at: now)
  }

  /// The calls that are due.
  mutating func due(at now: Instant) -> [Page] {
    guard isWanted else { return [] }
    if let planAt, now >= planAt { plan(at: now) }
    var pages: [Page] = []
    let jobs = waiting
    waiting = []
    var busy = busyVenues
    for job in jobs {
      let venue = job.place.venue
      guard job.dueAt <= now, hasRoom(at: venue, busy) else {
        waiting.append(job)
        continue
      }
      if let page = begin(job, at: now) {
        busy[venue, default: 0] += 1
        pages.append(page)
      }
    }
    return pages
  }

  /// Takes what became of a page.
  mutating func take(_ result: FetchResult, of page: Page, at now: Instant) -> Gain {
    guard var job = active.removeValue(forKey: page.number), let range = job.page else {
      return Gain()
    }
    job.page = nil
    do throws(VenueFault) {
      let incoming: IncomingAnswer
      switch result {
      case .answered(let answer): incoming = answer
      case .failed(_, let fault): throw fault
      }
      guard let venue = venues.named(page.venue), venue.feeds.candles.indices.contains(page.feed)
      else { throw .unsupported(page.venue) }
      let answer = try venue.answer(page.ask, page.call, incoming)
      let candles = try venue.feeds.candles[page.feed].read(answer)
      return take(candles, job, range, at: now)
    } catch {
      return fail(job, error, at: now)
    }
  }

  /// The assets of which there is more now, once enough was gathered.
  mutating func news(at now: Instant) -> Set<AssetID> {
    guard let tellAt, !touched.isEmpty, now >= tellAt || pages == 0 else { return [] }
    let isRate = touched.contains { asset in
      PriceDesk.currencies.contains { code in
        Currency(code).map { QuoteBoard.asset(of: $0) == asset } ?? false
      }
    }
    let news = isRate ? touched.union(places.keys) : touched
    touched = []
    self.tellAt = nil
    return news
  }
}

// MARK: - Planning

extension BackfillDesk {
  private mutating func plan(at now: Instant) {
    guard isWanted else { return }
    planAt = places.isEmpty ? nil : now.advanced(bySeconds: BackfillDesk.planPause)
    let known = Set(waiting.map(\.goal) + active.values.map(\.goal))
    load = Dictionary(waiting.map { ($0.place.venue, 1) }, uniquingKeysWith: +)
    for length in BackfillDesk.lengths {
      for asset in wanted(length, at: now) {
        let goal = Goal(asset: asset, length: length)
        guard !known.contains(goal), let job = job(goal, at: now) else { continue }
        load[job.place.venue, default: 0] += 1
        waiting.append(job)
      }
    }
  }

  /// What is held or watched and has a market, then the rates that its currencies need.
  private func wanted(_ length: BarLength, at now: Instant) -> [AssetID] {
    let own = assets.filter { places[$0] != nil }
    var currencies: Set<Currency> = []
    for asset in own {
      let ranked = ranked(Goal(asset: asset, length: length), at: now)
      if let best = ranked.first, best.currency != currency { currencies.insert(best.currency) }
    }
    if !currencies.isEmpty { currencies.insert(currency) }
    let rates = Set(currencies.map { QuoteBoard.asset(of: $0) }).subtracting(own)
      .filter { places[$0] != nil }
    return own.sorted() + rates.sorted()
  }

  /// What is to be asked next of an asset; `nil` for nothing.
  private func job(_ goal: Goal, at now: Instant) -> Job? {
    if goal.length == .minute, minutesDone.contains(goal.asset) { return nil }
    let ranked = ranked(goal, at: now)
    guard let place = ranked.first(where: { known(goal, $0) != nil }) ?? ranked.first else {
      return nil
    }
    let end = goal.length.start(of: now)
    let target = end.advanced(bySeconds: -BackfillDesk.reach(goal.length))
    guard let known = known(goal, place), known.last > target else {
      return Job(
        goal: goal, place: place, isForward: false, from: target, to: end, first: end, last: end,
        dueAt: now)
    }
    if known.last < end {
      return Job(
        goal: goal, place: place, isForward: true, from: known.last, to: end, first: known.first,
        last: known.last, dueAt: now)
    }
    guard known.first > target else { return nil }
    return Job(
      goal: goal, place: place, isForward: false, from: target, to: known.first,
      first: known.first, last: known.last, dueAt: now)
  }

  private func key(_ goal: Goal, _ place: Place) -> Key {
    Key(asset: goal.asset, currency: place.currency, venue: place.venue, length: goal.length)
  }

  /// What was asked for at a place that tells something.
  private func known(_ goal: Goal, _ place: Place) -> BarCoverage? {
    guard let known = coverage[key(goal, place)], known.note.isEmpty else { return nil }
    return known
  }

  /// The places that may be asked, the best currency first.
  private func ranked(_ goal: Goal, at now: Instant) -> [Place] {
    (places[goal.asset] ?? []).filter { place in
      let key = key(goal, place)
      if barred.contains(key) { return false }
      guard let known = coverage[key], !known.note.isEmpty else { return true }
      return known.last.advanced(bySeconds: BackfillDesk.notePause) < now
    }.sorted { one, other in
      (rank(one), load[one.venue] ?? 0, one.venue)
        < (rank(other), load[other.venue] ?? 0, other.venue)
    }
  }

  private func rank(_ place: Place) -> Int {
    if place.currency == currency { return -1 }
    return PriceDesk.currencies.firstIndex(of: place.currency.code) ?? PriceDesk.currencies.count
  }
}

// MARK: - Pages

extension BackfillDesk {
  private mutating func begin(_ waiting: Job, at now: Instant) -> Page? {
    var job = waiting
    do throws(VenueFault) {
      guard let venue = venues.named(job.place.venue),
        let index = venue.feeds.candles.firstIndex(where: {
          $0.market == nil || $0.market == .spot
        })
      else { throw .unsupported("candles") }
      let feed = venue.feeds.candles[index]
      let most = feed.paging.most > 1 ? min(feed.paging.most, BackfillDesk.mostRows) : 100
      let span = Int64(most - 1) * job.goal.length.seconds
      let range =
        job.isForward
        ? job.from..<min(job.to, job.from.advanced(bySeconds: span))
        : max(job.from, job.to.advanced(bySeconds: -span))..<job.to
      var ask = Ask(markets: MarketTable([job.place.market]), now: now)
      ask.market = job.place.market
      ask.part = .spot
      ask.interval = Int(job.goal.length.seconds)
      ask.from = range.lowerBound
      ask.to = range.upperBound.advanced(bySeconds: -1)
      ask.limit = most
      let calls = try feed.calls(ask)
      guard calls.count == 1, let call = calls.first, venue.isOpen(call) else {
        throw .unsupported("candles without a key")
      }
      lastNumber += 1
      job.page = range
      active[lastNumber] = job
      return Page(
        number: lastNumber, venue: venue.id, feed: index, call: call, ask: ask,
        keptSeconds: feed.keptSeconds)
    } catch {
      _ = fail(job, error, at: now)
      return nil
    }
  }

  private mutating func take(
    _ candles: [Candle], _ old: Job, _ range: Range<Instant>, at now: Instant
  ) -> Gain {
    var job = old
    let length = job.goal.length
    let within = candles.filter { range.contains($0.time) }
    let bars = within.compactMap { BackfillDesk.bar($0, length) }.sorted { $0.start < $1.start }
    if bars.isEmpty, !within.isEmpty {
      return fail(job, .unsupported("candles of another time zone"), at: now)
    }
    if bars.isEmpty, job.rows == 0, known(job.goal, job.place) == nil {
      return fail(job, .unsupported("no candle"), at: now)
    }
    job.rows += bars.count
    if job.isForward {
      job.from = range.upperBound
      job.last = range.upperBound
    } else {
      // Before the first candle of a market there are none.
      let isWhole = bars.isEmpty || range.lowerBound <= job.from
      job.to = isWhole ? job.from : range.lowerBound
      job.first = job.to
    }
    let told = BarCoverage(
      asset: job.goal.asset, currency: job.place.currency, venue: job.place.venue, length: length,
      first: job.first, last: job.last)
    coverage[key(job.goal, job.place)] = told
    touched.insert(job.goal.asset)
    tellAt = tellAt ?? now.advanced(bySeconds: BackfillDesk.tellPause)
    goOn(job, at: now)
    let records = bars.map { bar in
      BarRecord(
        asset: job.goal.asset, currency: job.place.currency, length: length, bar: bar,
        source: .venue(job.place.venue))
    }
    return Gain(bars: records, coverage: [told])
  }

  /// Asks for the next page, or for what else is missing of the asset.
  private mutating func goOn(_ old: Job, at now: Instant) {
    var job = old
    job.tries = 0
    job.dueAt = now
    if job.from < job.to {
      waiting.insert(job, at: 0)
    } else if let next = self.job(job.goal, at: now), next.from < next.to {
      waiting.insert(next, at: 0)
    } else if job.goal.length == .minute {
      minutesDone.insert(job.goal.asset)
    }
  }

  private mutating func fail(_ old: Job, _ fault: VenueFault, at now: Instant) -> Gain {
    var job = old
    job.tries += 1
    job.page = nil
    if fault.mayPass, job.tries < BackfillDesk.mostTries {
      job.dueAt = now.advanced(bySeconds: BackfillDesk.retryPause << Int64(job.tries - 1))
      waiting.append(job)
      return Gain()
    }
    barred.insert(key(job.goal, job.place))
    if let next = self.job(job.goal, at: now) { waiting.append(next) }
    guard !fault.mayPass, known(job.goal, job.place) == nil else { return Gain() }
    let told = BarCoverage(
      asset: job.goal.asset, currency: job.place.currency, venue: job.place.venue,
      length: job.goal.length, first: now, last: now, note: String("\(fault)".prefix(200)))
    coverage[key(job.goal, job.place)] = told
    return Gain(coverage: [told])
  }

  /// A candle as a bar; `nil` for one that is not of our days, or that cannot be.
  private static func bar(_ candle: Candle, _ length: BarLength) -> PriceBar? {
    guard length.start(of: candle.time) == candle.time, candle.low > .zero,
      candle.low <= min(candle.open, candle.close), candle.high >= max(candle.open, candle.close)
    else { return nil }
    return PriceBar(
      start: candle.time, open: Price(candle.open), high: Price(candle.high),
      low: Price(candle.low), close: Price(candle.close))
  }
}

extension VenueFault {
  /// Whether asking again later may help.
  var mayPass: Bool {
    switch self {
    case .malformed, .unsupported, .unsigned: false
    case .refused(let refusal):
      switch refusal.kind {
      case .definitive, .auth, .funds, .orderNotFound: false
      case .retryable, .rate, .banned, .clock, .unknownOutcome: true
      }
    }
  }
}
