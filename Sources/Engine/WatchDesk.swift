import Alerts
import Amounts
import Anomalies
import Encodings
import Ledger
import Portfolio
import Prices
import Sync
import Wire

/// Watches for what is unusual: prices, feeds, pegs, venues against each other, accounts.
///
/// What detectors have learned is kept in the vault and read when it is opened; until it is there
/// nothing is judged. Assets that are new to them are learned from the bars that are known already,
/// a few assets at a time. What comes out are findings for the alerts' desk; what the holder says of
/// them comes back as feedback. What a settlement changed is judged in the next turn, so that who
/// waits for prices is told of them before. A finding may ask for trading of an asset to wait
/// (`curbs`), and only where two venues saw the same.
struct WatchDesk: Sendable {
  /// Seconds between two writings of what was learned.
  static let keepPause: Int64 = 3_600
  /// The most assets that are learned from known bars at once.
  static let mostLearned = 8
  /// The pause until the next ones, in microseconds.
  static let learnPause: Int64 = 20_000
  /// The most findings that are shown.
  static let mostShown = 200
  /// The oldest record of an account that is judged, in seconds: history that is read is not news.
  static let newsSeconds: Int64 = 3_600
  /// How many changes wait to be judged at most.
  static let mostUnjudged = 20_000
  /// How often feeds are looked at for silence, in microseconds.
  static let clockPause: Int64 = 15_000_000

  private var watch: AnomalyWatch?
  private var isAsked = false
  private var shown: [AnomalyFinding] = []
  private var curbs: [String: TradingCurb] = [:]
  private var generation: UInt64 = 0
  private var learned: Set<AssetID> = []
  private var unlearned: [AssetID] = []
  private var learnAt: Instant?
  private var keptAt: Instant?
  private var hasNews = false
  private var clockAt: Instant?
  /// When each source of an asset was last told.
  private var heard: [AssetID: [QuoteSource: Instant]] = [:]
  /// What assets did in hours that are over, by their end, until all of them are known.
  private var moves: [Int64: [MarketMove]] = [:]
  /// Records that are on their way to the disk, by batch.
  private var records: [Int: [Record]] = [:]
  /// What settlements changed and is to be judged, in order.
  private var unjudged: [Change] = []
  private let isKept: Bool

  private enum Change {
    case bar(AssetBar)
    case position(Position)
  }

  private struct Record {
    let account: String
    let venue: String
    let entry: SyncEntry
  }

  /// Starts; where a vault keeps what was learned, it is asked for with the first effects.
  init(isKept: Bool) {
    self.isKept = isKept
    if !isKept { watch = AnomalyWatch() }
  }

  /// When something happens by itself.
  func wakeAt(after now: Instant) -> Instant? {
    [unjudged.isEmpty ? nil : now, learnAt, watch == nil ? nil : clockAt].compactMap { $0 }.min()
  }

  /// What the vault kept was read; `nil` where there is nothing or it cannot be used.
  mutating func loaded(_ kept: AnomalyWatch?, at now: Instant) {
    guard watch == nil else { return }
    watch = kept ?? AnomalyWatch()
    keptAt = now
    generation = 0
  }

  /// Takes in what a settlement changed and which bars are over; it is judged with the next tick.
  mutating func settled(
    _ settlement: Settlement, _ history: HistoryDesk, changed: [Position], over: [AssetBar],
    at now: Instant
  ) -> [FigureEffect] {
    var effects: [FigureEffect] = []
    if isKept, !isAsked {
      isAsked = true
      effects.append(.readWatch)
    }
    guard watch != nil else { return effects }
    if history.generation != generation {
      generation = history.generation
      unlearned = history.assets.filter { !learned.contains($0) }.sorted()
      learnAt = unlearned.isEmpty ? nil : now
    }
    for bar in over where bar.length == .minute || bar.length == .hour {
      unjudged.append(.bar(bar))
    }
    for position in changed { unjudged.append(.position(position)) }
    if unjudged.count <= WatchDesk.mostUnjudged { return effects }
    return effects + tell(judge(settlement, at: now), settlement, at: now)
  }

  /// Does what is due by the time.
  mutating func tick(
    _ settlement: Settlement, _ history: HistoryDesk, at now: Instant
  ) -> [FigureEffect] {
    var found = judge(settlement, at: now)
    if let learnAt, now >= learnAt { learn(history, at: now) }
    if !moves.isEmpty { found += judgeMarket(history.endedTo) }
    if let due = clockAt, now >= due {
      clockAt = nil
      found += watch?.take(.clock(seconds: now.seconds)) ?? []
    }
    return tell(found, settlement, at: now) + keep(at: now)
  }

  /// What has to be written before the vault is closed.
  mutating func finish() -> [FigureEffect] {
    guard isKept, hasNews, let watch else { return [] }
    hasNews = false
    return [.keepWatch(watch)]
  }

  private mutating func keep(at now: Instant) -> [FigureEffect] {
    guard isKept, hasNews, let watch, let kept = keptAt,
      now.seconds - kept.seconds >= WatchDesk.keepPause
    else { return [] }
    keptAt = now
    hasNews = false
    return [.keepWatch(watch)]
  }
}

// MARK: - Prices

extension WatchDesk {
  /// Judges what waits.
  private mutating func judge(_ settlement: Settlement, at now: Instant) -> [AnomalyFinding] {
    if unjudged.isEmpty { return [] }
    var found: [AnomalyFinding] = []
    for change in unjudged {
      switch change {
      case .bar(let bar): found += judge(bar, settlement, at: now)
      case .position(let position): found += judge(position, settlement, at: now)
      }
    }
    unjudged.removeAll(keepingCapacity: true)
    return found
  }

  /// Judges a bar that is over: by itself, and as one of a peg.
  private mutating func judge(
    _ bar: AssetBar, _ settlement: Settlement, at now: Instant
  ) -> [AnomalyFinding] {
    learned.insert(bar.asset)
    let market = WatchDesk.bar(bar.bar, bar.length)
    let asset = bar.asset.text
    let found = take(
      .bar(
        asset: asset, venue: "", seconds: Int(bar.length.seconds), market,
        isTrusted: settlement[bar.asset]?.state == .live))
    if bar.length == .hour, market.close > 0, bar.bar.open.fixed.approximate > 0 {
      let move = market.close / bar.bar.open.fixed.approximate - 1
      moves[market.end, default: []].append(MarketMove(asset: asset, move: move))
    }
    return bar.length == .minute ? found + judgePeg(of: bar.asset, settlement, at: now) : found
  }

  /// Judges all assets together once the bars of an hour are all over.
  private mutating func judgeMarket(_ endedTo: Instant?) -> [AnomalyFinding] {
    guard let endedTo else { return [] }
    var found: [AnomalyFinding] = []
    for end in moves.keys.sorted() where end <= endedTo.seconds {
      guard let moves = moves.removeValue(forKey: end), moves.count >= 3 else { continue }
      found += take(.market(seconds: 3_600, end: end, moves: moves, isTrusted: true))
    }
    return found
  }

  static func bar(_ bar: PriceBar, _ length: BarLength) -> MarketBar {
    MarketBar(
      end: bar.start.seconds + length.seconds, high: bar.high.fixed.approximate,
      low: bar.low.fixed.approximate, close: bar.close.fixed.approximate)
  }

  private mutating func judgePeg(
    of asset: AssetID, _ settlement: Settlement, at now: Instant
  ) -> [AnomalyFinding] {
    guard KnownAssets.dollarCoins.contains(asset.ticker), let dollar = Currency("USD"),
      let valuation = settlement.quotes.valuation(of: asset, in: dollar, at: now)
    else { return [] }
    return take(
      .peg(
        asset: asset.text, venue: "", seconds: now.seconds,
        ratio: valuation.price.fixed.approximate,
        isTrusted: valuation.confidence != .disputed && !valuation.isStale(at: now)))
  }

  /// Judges a price between bars, what each source says, and sources against each other.
  private mutating func judge(
    _ position: Position, _ settlement: Settlement, at now: Instant
  ) -> [AnomalyFinding] {
    guard let price = position.price, price.confidence != .stated else { return [] }
    let asset = position.asset
    let text = asset.text
    var found: [AnomalyFinding] = []
    var fresh: [PriceCandidate] = []
    for candidate in settlement.quotes.candidates(of: asset, in: settlement.currency, at: now) {
      guard case .feed(let name) = candidate.source else { continue }
      if candidate.freshUntil >= now { fresh.append(candidate) }
      guard heard[asset]?[candidate.source].map({ candidate.time > $0 }) ?? true else { continue }
      heard[asset, default: [:]][candidate.source] = candidate.time
      found += take(
        .quote(
          asset: text, venue: name, seconds: candidate.time.seconds,
          price: candidate.price.fixed.approximate))
      if clockAt == nil { clockAt = Instant(microseconds: now.microseconds + WatchDesk.clockPause) }
    }
    if price.state == .live {
      found += take(
        .tick(
          asset: text, venue: "", seconds: now.seconds,
          price: price.price.fixed.approximate))
    }
    for other in fresh.dropFirst() {
      guard let first = fresh.first, case .feed(let one) = first.source,
        case .feed(let two) = other.source
      else { continue }
      found += take(
        .pair(
          asset: text, venue: one, other: two, seconds: now.seconds,
          price: first.price.fixed.approximate, otherPrice: other.price.fixed.approximate,
          isTrusted: true))
    }
    return found
  }

  private mutating func take(_ observation: AnomalyObservation) -> [AnomalyFinding] {
    hasNews = true
    return watch?.take(observation) ?? []
  }

  /// Learns some assets from the bars that are known: what was unusual then is no news.
  private mutating func learn(_ history: HistoryDesk, at now: Instant) {
    for _ in 0..<WatchDesk.mostLearned {
      guard let asset = unlearned.popLast() else { break }
      learned.insert(asset)
      for length in [BarLength.hour, .minute] {
        for bar in history.bars(of: asset, length) {
          _ = take(
            .bar(
              asset: asset.text, venue: "", seconds: Int(length.seconds),
              WatchDesk.bar(bar, length), isTrusted: true))
        }
      }
    }
    learnAt =
      unlearned.isEmpty ? nil : Instant(microseconds: now.microseconds + WatchDesk.learnPause)
  }
}

// MARK: - Accounts

extension WatchDesk {
  /// Records of an account are on their way to the disk.
  mutating func wrote(_ batch: SyncBatch, at now: Instant) {
    let new = batch.entries.filter { now.seconds - $0.time.seconds <= WatchDesk.newsSeconds }
    guard !new.isEmpty else { return }
    records[batch.id] = new.map {
      Record(account: batch.account.slug, venue: batch.venue, entry: $0)
    }
  }

  /// They are on the disk, or could not be written.
  mutating func written(
    _ batch: Int, _ isWritten: Bool, _ settlement: Settlement, at now: Instant
  ) -> [FigureEffect] {
    guard let new = records.removeValue(forKey: batch), isWritten else { return [] }
    var found: [AnomalyFinding] = []
    for record in new.sorted(by: { $0.entry.time < $1.entry.time }) {
      guard let event = WatchDesk.event(record.entry, settlement) else { continue }
      found += take(
        .account(
          account: record.account, venue: record.venue, seconds: record.entry.time.seconds,
          event))
    }
    return tell(found, settlement, at: now)
  }

  /// What a record is to the detectors.
  ///
  /// Coffer sends no orders yet: whatever an account does was done by its holder elsewhere, so that
  /// habits are judged, and not who caused it.
  private static func event(
    _ entry: SyncEntry, _ settlement: Settlement
  ) -> AccountEvent? {
    let away = entry.legs.filter { $0.quantity.isNegative }
    guard let leg = away.max(by: { value($0, settlement) < value($1, settlement) }) else {
      return nil
    }
    let asset = settlement.links.canonical(leg.asset).text
    switch entry.kind {
    case .trade, .liquidation:
      return .fill(asset: asset, value: value(leg, settlement), isOurs: true)
    case .withdrawal:
      return .withdrawal(
        asset: asset, value: value(leg, settlement), address: address(in: entry.raw), isOurs: true)
    default: return nil
    }
  }

  /// Where a withdrawal went, as the venue's row names it; empty where it names nothing of the kind.
  private static func address(in raw: String) -> String {
    for line in raw.split(separator: "\n") {
      guard let row = try? JSON.reading(String(line)), case .object(let object) = row else {
        continue
      }
      for (name, value) in zip(object.names, object.values) {
        guard name.lowercased().contains("address"), case .string(let text) = value, !text.isEmpty
        else { continue }
        return text
      }
    }
    return ""
  }

  private static func value(_ leg: Leg, _ settlement: Settlement) -> Double {
    let price = settlement[settlement.links.canonical(leg.asset)]?.price?.price.fixed.approximate
    return abs(leg.quantity.fixed.approximate) * (price ?? 0)
  }
}

// MARK: - Telling

extension WatchDesk {
  private mutating func tell(
    _ found: [AnomalyFinding], _ settlement: Settlement, at now: Instant
  ) -> [FigureEffect] {
    if found.isEmpty { return [] }
    for finding in found {
      shown.removeAll { $0.id == finding.id }
      shown.append(finding)
      if let curb = TradingCurb(finding) { curbs[curb.asset] = curb }
    }
    if shown.count > WatchDesk.mostShown {
      shown.removeFirst(shown.count - WatchDesk.mostShown)
    }
    curbs = curbs.filter { $0.value.untilSeconds > now.seconds }
    return found.map { .finding(FindingWords(finding: $0, settlement: settlement).alert) }
      + [.changed(boards: [Board.anomalies])]
  }

  /// The assets whose trading should wait, with the reason.
  func curbs(at now: Instant) -> [TradingCurb] {
    curbs.values.filter { $0.untilSeconds > now.seconds }.sorted { $0.asset < $1.asset }
  }

  /// The holder has confirmed or muted a finding.
  mutating func take(_ feedback: AlertFeedback, at now: Instant) {
    hasNews = true
    guard let id = FindingWords.number(of: feedback.finding) else { return }
    switch feedback.opinion {
    case .confirmed: watch?.feedback(.confirm(id: id))
    case .muted: watch?.feedback(.dismiss(id: id))
    case .none: break
    }
    guard let until = feedback.mutedUntil,
      let finding = shown.first(where: { $0.id == id })
    else { return }
    let asset = finding.subject.asset
    watch?.feedback(
      .mute(finding.kind, asset: asset.isEmpty ? nil : asset, untilSeconds: until.seconds))
  }

  /// What was found and what the detectors hold.
  func board(_ settlement: Settlement, at now: Instant) -> Report {
    Report(
      facts: facts(at: now), tableName: "anomalies",
      columns: [
        "id", "seen_at", "began_at", "stage", "kind", "severity", "asset", "venue", "account",
        "saw", "usual", "rarity", "agreeing", "model",
      ], rows: shown.reversed().map { WatchDesk.row($0, settlement) })
  }

  private static func row(_ finding: AnomalyFinding, _ settlement: Settlement) -> [ReportCell] {
    let words = FindingWords(finding: finding, settlement: settlement)
    let model = finding.model.map { "\($0.name) \($0.version) \($0.hash)" } ?? ""
    let times: [ReportCell] = [
      .integer(finding.time.microseconds), .integer(finding.began.microseconds),
    ]
    let texts = [
      finding.stage.rawValue, finding.kind.rawValue, words.severity.text, words.assetName,
      finding.subject.venue, finding.subject.account, words.saw, words.usual, words.rarity,
      finding.agreeing.joined(separator: ", "), model,
    ]
    return [.integer(Int64(finding.id))] + times + texts.map { .text($0) }
  }

  private func facts(at now: Instant) -> [Report.Fact] {
    let isReady = watch != nil && unlearned.isEmpty
    let waiting = curbs(at: now).map(\.asset).joined(separator: ", ")
    var counts: [(String, Int)] = []
    if let metrics = watch?.metrics {
      counts = [
        ("streams", metrics.streams), ("streams_refused", metrics.refusedStreams),
        ("observations", metrics.observations), ("left_out", metrics.leftOut),
        ("held_back", metrics.suppressed), ("confirmed", metrics.confirmed),
        ("dismissed", metrics.dismissed), ("models_promoted", metrics.promotions),
        ("drifts", metrics.drifts),
      ]
    }
    return [.init("ready", .flag(isReady))]
      + counts.map { .init($0.0, .integer(Int64($0.1))) } + [.init("curbs", .text(waiting))]
  }
}
