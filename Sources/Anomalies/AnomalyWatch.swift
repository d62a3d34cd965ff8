internal import Ledger
internal import Statistics

/// How a watch is set up; one setting for all streams.
public struct AnomalySettings: Hashable, Sendable {
  /// For prices.
  public var market: MarketSettings
  /// For pegs.
  public var peg: PegSettings
  /// How many streams there may be.
  public var mostStreams: Int

  /// The one setting.
  public init(
    market: MarketSettings = MarketSettings(), peg: PegSettings = PegSettings(),
    mostStreams: Int = 4096
  ) {
    self.market = market
    self.peg = peg
    self.mostStreams = min(max(mostStreams, 1), 1 << 20)
  }
}

/// All streams that are watched: observations in, findings out.
///
/// A stream begins with its first observation and costs no more than its window. The watch is a fold:
/// `bytes` hold all of it, and one restored from them goes on exactly as this one would.
public struct AnomalyWatch: Sendable {
  private enum Family: Int {
    case price, trades, book, depth, silence, frozen, pair, peg, index, together, forest, account
  }

  private struct PriceStream: Sendable, Kept {
    var watch: PriceWatch
    var range = ModelDesk(name: "range")

    init(_ watch: PriceWatch) { self.watch = watch }

    func write(to writer: inout StateWriter) {
      watch.write(to: &writer)
      range.write(to: &writer)
    }

    init(from reader: inout StateReader) throws(StateFault) {
      watch = try PriceWatch(from: &reader)
      range = try ModelDesk(from: &reader)
    }
  }

  private struct LastPrice: Sendable {
    var seconds: Int64
    var price: Double
  }

  private static let format = 1
  private static let mostVenues = 32
  private static let mostRefused = 4096
  private static let freshSeconds: Int64 = 180
  private static let daySeconds: Int64 = 86_400

  /// The settings.
  public let settings: AnomalySettings
  private var desk = FindingDesk()
  private var prices = StreamTable<PriceStream>()
  private var trades: [StreamKey: PumpWatch] = [:]
  private var books: [StreamKey: BookWatch] = [:]
  private var feeds: [StreamKey: FeedWatch] = [:]
  private var pairs: [StreamKey: GapWatch] = [:]
  private var pegs: [StreamKey: PegWatch] = [:]
  private var markets: [StreamKey: MarketWatch] = [:]
  private var accounts: [StreamKey: AccountWatch] = [:]
  /// The last prices of an asset by venue, for agreement.
  private var lastPrices: [String: [String: LastPrice]] = [:]
  /// When an asset last surged.
  private var surges: [String: Int64] = [:]
  private var observations = 0
  private var leftOut = 0
  private var refused: Set<StreamKey> = []
  private var promotions = 0
  private var drifts = 0

  /// Makes a watch that has seen nothing.
  public init(_ settings: AnomalySettings = AnomalySettings()) {
    self.settings = settings
  }

  /// Takes an observation.
  ///
  /// - Parameter observation: What is told; what is no number, late, or of a stream for which there is
  ///   no room is left out and counted.
  /// - Returns: What is unusual about it: mostly nothing.
  public mutating func take(_ observation: AnomalyObservation) -> [AnomalyFinding] {
    observations += 1
    switch observation {
    case .bar(let asset, let venue, let seconds, let bar, let isTrusted):
      return take(AnomalySubject(asset: asset, venue: venue), seconds, bar, isTrusted)
    case .tick(let asset, let venue, let seconds, let price):
      return tick(AnomalySubject(asset: asset, venue: venue), price, seconds)
    case .trades(let asset, let venue, let slice):
      return take(AnomalySubject(asset: asset, venue: venue), slice)
    case .book(let asset, let venue, let top, let isTrusted):
      return take(AnomalySubject(asset: asset, venue: venue), top, isTrusted)
    case .quote(let asset, let venue, let seconds, let price):
      return quote(AnomalySubject(asset: asset, venue: venue), price, seconds)
    case .clock(let seconds):
      return check(seconds)
    case .pair(let asset, let venue, let other, let seconds, let price, let second, let isTrusted):
      let subject = AnomalySubject(asset: asset, venue: venue + "/" + other)
      return pair(subject, seconds, price, second, isTrusted)
    case .peg(let asset, let venue, let seconds, let ratio, let isTrusted):
      return peg(AnomalySubject(asset: asset, venue: venue), ratio, seconds, isTrusted)
    case .market(let seconds, let end, let moves, let isTrusted):
      return market(seconds, end, moves, isTrusted)
    case .account(let account, let venue, let seconds, let event):
      return take(AnomalySubject(venue: venue, account: account), event, seconds)
    }
  }

  // MARK: Prices

  private mutating func take(
    _ subject: AnomalySubject, _ seconds: Int, _ bar: MarketBar, _ isTrusted: Bool
  ) -> [AnomalyFinding] {
    let key = key(.price, subject, max(seconds, 1))
    let known = prices.place(of: key)
    guard hasRoom(for: key, known != nil) else { return [] }
    let place =
      known ?? prices.add(PriceStream(PriceWatch(seconds: seconds, settings.market)), key)
    let learns = isTrusted && !desk.isQuarantined(key)
    let before = prices[place].watch.close
    guard let reading = prices[place].watch.take(bar, learns: learns) else {
      if before != nil { leftOut += 1 }
      return []
    }
    let range = judgeRange(bar, before, place, learns)
    guard reading.step == .began || reading.step == .grew else {
      return reading.step == .quiet ? end(key, bar.end, reading.evidence) : []
    }
    var evidence = reading.evidence
    if reading.volumeSurprise >= 1, let volume = bar.volume {
      evidence.append(
        Evidence(
          .volume, observed: volume, unit: .amount, direction: .up,
          surprise: reading.volumeSurprise, sampleSize: prices[place].watch.sampleSize,
          spacing: Double(seconds)))
    }
    if let range { evidence.append(range) }
    return told(
      key, subject, reading, evidence, bar.end, base: before,
      stamp: range == nil ? nil : prices[place].range.stamp)
  }

  private mutating func judgeRange(
    _ bar: MarketBar, _ before: Double?, _ place: Int, _ learns: Bool
  ) -> Evidence? {
    let reach = max(bar.high / bar.low - 1, abs(bar.close / (before ?? bar.close) - 1), 1e-6)
    let size = Elementary.log(reach)
    guard let reading = prices[place].range.take(size, at: bar.end, learns: learns) else {
      return nil
    }
    switch reading.event {
    case .promoted: promotions += 1
    case .drifted: drifts += 1
    case .rejected, nil: break
    }
    guard reading.surprise >= 2 else { return nil }
    let (low, high) = (reading.forecast - 4 * reading.error, reading.forecast + 4 * reading.error)
    return Evidence(
      .range, observed: reach, low: Elementary.exp(low), high: Elementary.exp(min(high, 20)),
      unit: .fraction, direction: .up, surprise: reading.surprise)
  }

  private mutating func told(
    _ key: StreamKey, _ subject: AnomalySubject, _ reading: PriceWatch.Reading,
    _ evidence: [Evidence], _ seconds: Int64, base: Double?, stamp: ModelStamp?
  ) -> [AnomalyFinding] {
    let isDown = reading.move < 0
    let size = abs(reading.move)
    var kind: AnomalyKind = isDown ? .crash : .surge
    if isDown, let surge = surges[subject.asset], seconds - surge < AnomalyWatch.daySeconds {
      kind = .dump
    }
    if !isDown { surges[subject.asset] = seconds }
    let certain = settings.market.certainMove
    let severity: AnomalySeverity =
      size >= 2 * certain ? .critical : size >= certain ? .warning : .notice
    var draft = FindingDesk.Draft(
      stream: key, kind: kind, subject: subject, stage: reading.step == .began ? .began : .grew,
      seconds: seconds, severity: severity, evidence: evidence)
    draft.agreeing = agreeing(subject.asset, move: reading.move, base: base, at: seconds)
    draft.model = stamp
    return list(draft)
  }

  /// The venues whose last price went at least half of the way.
  private func agreeing(_ asset: String, move: Double, base: Double?, at seconds: Int64) -> [String]
  {
    guard let base, base > 0, let venues = lastPrices[asset] else { return [] }
    return venues.filter { _, last in
      guard abs(seconds - last.seconds) <= AnomalyWatch.freshSeconds, last.price > 0 else {
        return false
      }
      let gone = Elementary.log(last.price / base)
      return move < 0 ? gone <= move / 2 : gone >= move / 2
    }.keys.sorted()
  }

  private mutating func tick(_ subject: AnomalySubject, _ price: Double, _ seconds: Int64)
    -> [AnomalyFinding]
  {
    var found: [AnomalyFinding] = []
    for length in [60, 3600] {
      let key = key(.price, subject, length)
      // The common case is one look and one comparison.
      guard let place = prices.place(of: key), let band = prices[place].watch.band,
        !band.contains(price)
      else { continue }
      let base = prices[place].watch.close
      guard let reading = prices[place].watch.peek(price) else { continue }
      found += told(key, subject, reading, reading.evidence, seconds, base: base, stamp: nil)
    }
    return found
  }

  private mutating func take(_ subject: AnomalySubject, _ slice: TradeSlice) -> [AnomalyFinding] {
    let key = key(.trades, subject)
    guard hasRoom(for: key, trades[key] != nil) else { return [] }
    guard let reading = trades[key, default: PumpWatch(window: settings.market.window)].take(slice)
    else {
      leftOut += 1
      return []
    }
    guard reading.step == .began || reading.step == .grew else {
      return reading.step == .quiet ? end(key, slice.seconds, []) : []
    }
    surges[subject.asset] = slice.seconds
    let evidence = [
      Evidence(
        .rise, observed: reading.risen, unit: .fraction, direction: .up, surprise: reading.rise),
      Evidence(
        .bought, observed: slice.bought, unit: .amount, direction: .up, surprise: reading.bought),
      Evidence(
        .trades, observed: slice.trades, unit: .count, direction: .up, surprise: reading.trades),
    ].sorted { $0.surprise > $1.surprise }
    var draft = FindingDesk.Draft(
      stream: key, kind: .pump, subject: subject, stage: reading.step == .began ? .began : .grew,
      seconds: slice.seconds, severity: .warning, evidence: evidence)
    draft.agreeing = agreeing(
      subject.asset, move: Elementary.log(1 + max(reading.risen, 0)),
      base: slice.high / (1 + max(reading.risen, 0)), at: slice.seconds)
    return list(draft)
  }

  // MARK: Books, feeds, pairs and pegs

  private mutating func take(_ subject: AnomalySubject, _ top: BookTop, _ isTrusted: Bool)
    -> [AnomalyFinding]
  {
    let key = key(.book, subject)
    let depthKey = self.key(.depth, subject)
    guard hasRoom(for: key, books[key] != nil) else { return [] }
    let learns = isTrusted && !desk.isQuarantined(key) && !desk.isQuarantined(depthKey)
    let seen = books[key, default: BookWatch()].take(top, learns: learns)
    var found: [AnomalyFinding] = []
    if seen.crossed {
      let share = 2 * (top.ask - top.bid) / (top.ask + top.bid)
      let evidence = Evidence(
        .rule, observed: share, low: 0, unit: .fraction, direction: .down)
      found += list(
        FindingDesk.Draft(
          stream: key, kind: .spread, subject: subject, stage: .began, seconds: top.seconds,
          severity: .warning, evidence: [evidence]))
    }
    if let reading = seen.spread {
      found += told(
        key, .spread, subject, reading, top.seconds,
        Evidence(
          .spread, observed: reading.size, low: 0, high: reading.limit, unit: .fraction,
          direction: .up, surprise: reading.surprise, sampleSize: reading.sampleSize))
    }
    if let reading = seen.depth, let size = top.depth {
      let usual = books[key]?.usualDepth ?? 0
      let least = reading.limit.map { usual * Elementary.exp(-$0) }
      found += told(
        depthKey, .depth, subject, reading, top.seconds,
        Evidence(
          .depth, observed: size, low: least, high: usual, unit: .amount, direction: .down,
          surprise: reading.surprise, sampleSize: reading.sampleSize))
    }
    return found
  }

  private mutating func quote(_ subject: AnomalySubject, _ price: Double, _ seconds: Int64)
    -> [AnomalyFinding]
  {
    let key = key(.silence, subject)
    guard hasRoom(for: key, feeds[key] != nil) else { return [] }
    guard price > 0, price.isFinite else {
      leftOut += 1
      return []
    }
    let hasVenueRoom = (lastPrices[subject.asset]?.count ?? 0) < AnomalyWatch.mostVenues
    if hasVenueRoom || lastPrices[subject.asset]?[subject.venue] != nil {
      lastPrices[subject.asset, default: [:]][subject.venue] = LastPrice(
        seconds: seconds, price: price)
    }
    let events = feeds[key, default: FeedWatch()].take(price, at: seconds)
    return events.flatMap { told($0, subject, seconds) }
  }

  private mutating func check(_ seconds: Int64) -> [AnomalyFinding] {
    var found: [AnomalyFinding] = []
    let quiet = feeds.compactMap { $0.value.isQuiet(at: seconds) ? $0.key : nil }
    for key in quiet.sorted() {
      guard let event = feeds[key]?.check(at: seconds) else { continue }
      found += told(event, key.subject, seconds)
    }
    return found
  }

  private mutating func told(
    _ event: FeedWatch.Event, _ subject: AnomalySubject, _ seconds: Int64
  ) -> [AnomalyFinding] {
    let silence = key(.silence, subject)
    let frozen = key(.frozen, subject)
    let feed = feeds[silence]
    switch event {
    case .silent(let gap, let limit):
      let evidence = Evidence(
        .arrival, observed: gap, low: 0, high: limit, unit: .seconds, direction: .up,
        surprise: 3, sampleSize: feed?.sampleSize ?? 0)
      return list(
        FindingDesk.Draft(
          stream: silence, kind: .silence, subject: subject, stage: .began, seconds: seconds,
          severity: .warning, evidence: [evidence]))
    case .frozen(let gap, let limit):
      let evidence = Evidence(
        .change, observed: gap, low: 0, high: limit, unit: .seconds, direction: .up,
        surprise: 3, sampleSize: feed?.changeSampleSize ?? 0)
      return list(
        FindingDesk.Draft(
          stream: frozen, kind: .frozen, subject: subject, stage: .began, seconds: seconds,
          severity: .warning, evidence: [evidence]))
    case .speaks(let gap):
      return end(silence, seconds, [Evidence(.arrival, observed: gap, unit: .seconds)])
    case .moves(let gap):
      return end(frozen, seconds, [Evidence(.change, observed: gap, unit: .seconds)])
    }
  }

  private mutating func pair(
    _ subject: AnomalySubject, _ seconds: Int64, _ price: Double, _ other: Double,
    _ isTrusted: Bool
  ) -> [AnomalyFinding] {
    let key = key(.pair, subject)
    guard hasRoom(for: key, pairs[key] != nil) else { return [] }
    let usual = pairs[key]?.premium ?? 0
    let learns = isTrusted && !desk.isQuarantined(key)
    guard let (gap, reading) = pairs[key, default: GapWatch()].take(price, other, learns: learns)
    else {
      if !(price > 0 && other > 0 && (price / other).isFinite) { leftOut += 1 }
      return []
    }
    return told(
      key, .divergence, subject, reading, seconds,
      Evidence(
        .ratio, observed: gap, low: reading.limit.map { usual - $0 },
        high: reading.limit.map { usual + $0 }, unit: .fraction,
        direction: gap < usual ? .down : .up, surprise: reading.surprise,
        sampleSize: reading.sampleSize))
  }

  private mutating func peg(
    _ subject: AnomalySubject, _ ratio: Double, _ seconds: Int64, _ isTrusted: Bool
  ) -> [AnomalyFinding] {
    let key = key(.peg, subject)
    guard hasRoom(for: key, pegs[key] != nil) else { return [] }
    guard
      let reading = pegs[key, default: PegWatch(settings.peg)].take(
        ratio, at: seconds, learns: isTrusted && !desk.isQuarantined(key))
    else {
      leftOut += 1
      return []
    }
    let limit = reading.limit ?? settings.peg.band
    let evidence = Evidence(
      reading.isByRule ? .rule : .peg, observed: reading.distance, low: -limit, high: limit,
      unit: .fraction, direction: reading.distance < 0 ? .down : .up,
      surprise: reading.isByRule ? 0 : reading.surprise, sampleSize: reading.sampleSize)
    guard reading.step == .began || reading.step == .grew else {
      return reading.step == .quiet ? end(key, seconds, [evidence]) : []
    }
    let isFar = abs(reading.distance) >= settings.peg.breach
    var draft = FindingDesk.Draft(
      stream: key, kind: .depeg, subject: subject, stage: reading.step == .began ? .began : .grew,
      seconds: seconds, severity: isFar ? .critical : .warning, evidence: [evidence])
    draft.agreeing = agreeing(
      subject.asset, move: Elementary.log(1 + max(reading.distance, -0.99)),
      base: 1, at: seconds)
    return list(draft)
  }

  // MARK: All assets together, accounts

  private mutating func market(
    _ seconds: Int, _ end: Int64, _ moves: [MarketMove], _ isTrusted: Bool
  ) -> [AnomalyFinding] {
    let subject = AnomalySubject(asset: "market")
    let key = key(.index, subject, max(seconds, 1))
    guard hasRoom(for: key, markets[key] != nil) else { return [] }
    let (common, odd) = (self.key(.together, subject, seconds), self.key(.forest, subject, seconds))
    let learns = isTrusted && ![key, common, odd].contains { desk.isQuarantined($0) }
    let base = markets[key]?.index.close
    guard
      let reading = markets[
        key, default: MarketWatch(seconds: seconds, settings.market)
      ].take(moves, at: end, learns: learns)
    else {
      leftOut += 1
      return []
    }
    var found: [AnomalyFinding] = []
    if let index = reading.index {
      if index.step == .began || index.step == .grew {
        found += told(key, subject, index, index.evidence, end, base: base, stamp: nil)
      } else if index.step == .quiet {
        found += self.end(key, end, index.evidence)
      }
    }
    if let together = reading.together {
      let limit = together.limit
      found += told(
        common, .correlation, subject, together, end,
        Evidence(
          .range, observed: reading.common, low: limit.map { reading.usualCommon - $0 },
          high: limit.map { reading.usualCommon + $0 }, unit: .share,
          direction: reading.common < reading.usualCommon ? .down : .up,
          surprise: together.surprise, sampleSize: together.sampleSize, spacing: Double(seconds)))
    }
    if let forest = reading.forest {
      found += told(
        odd, .correlation, subject, forest, end,
        Evidence(
          .forest, observed: forest.size, low: 0, high: forest.limit, unit: .count,
          direction: .up, surprise: forest.surprise, sampleSize: forest.sampleSize,
          spacing: Double(seconds)))
    }
    return found
  }

  private mutating func take(
    _ subject: AnomalySubject, _ event: AccountEvent, _ seconds: Int64
  ) -> [AnomalyFinding] {
    let key = key(.account, subject)
    guard hasRoom(for: key, accounts[key] != nil) else { return [] }
    let sights = accounts[key, default: AccountWatch()].take(event, at: seconds)
    return sights.flatMap { sight in
      var subject = subject
      subject.asset = sight.asset
      // Each event of an account stands for itself.
      let own = StreamKey(
        family: Family.account.rawValue + 1 + AnomalyWatch.place(sight.kind), subject: subject,
        seconds: 0)
      let findings = list(
        FindingDesk.Draft(
          stream: own, kind: sight.kind, subject: subject, stage: .began, seconds: seconds,
          severity: sight.severity, evidence: [sight.evidence]))
      desk.close(own)
      return findings
    }
  }

  private static func place(_ kind: AnomalyKind) -> Int {
    AnomalyKind.allCases.firstIndex(of: kind) ?? 0
  }

  // MARK: Telling

  private mutating func told(
    _ key: StreamKey, _ kind: AnomalyKind, _ subject: AnomalySubject, _ reading: Gauge.Reading,
    _ seconds: Int64, _ evidence: Evidence
  ) -> [AnomalyFinding] {
    switch reading.step {
    case .held: return []
    case .quiet: return end(key, seconds, [evidence])
    case .began, .grew:
      return list(
        FindingDesk.Draft(
          stream: key, kind: kind, subject: subject,
          stage: reading.step == .began ? .began : .grew, seconds: seconds,
          severity: reading.step == .grew ? .warning : .notice, evidence: [evidence]))
    }
  }

  private mutating func end(_ key: StreamKey, _ seconds: Int64, _ evidence: [Evidence])
    -> [AnomalyFinding]
  {
    guard let episode = desk.open[key] else { return [] }
    let closing = evidence.isEmpty ? [Evidence(.rule, observed: 0, unit: .fraction)] : evidence
    return list(
      FindingDesk.Draft(
        stream: key, kind: episode.kind, subject: episode.subject, stage: .ended,
        seconds: seconds, severity: .notice, evidence: Array(closing.prefix(1))))
  }

  private mutating func list(_ draft: FindingDesk.Draft) -> [AnomalyFinding] {
    desk.tell(draft).map { [$0] } ?? []
  }

  private func key(_ family: Family, _ subject: AnomalySubject, _ seconds: Int = 0) -> StreamKey {
    StreamKey(family: family.rawValue, subject: subject, seconds: seconds)
  }

  private var streamCount: Int {
    prices.count + trades.count + books.count + feeds.count + pairs.count + pegs.count
      + markets.count + accounts.count
  }

  private mutating func hasRoom(for key: StreamKey, _ isKnown: Bool) -> Bool {
    if isKnown || streamCount < settings.mostStreams { return true }
    leftOut += 1
    if refused.count < AnomalyWatch.mostRefused { refused.insert(key) }
    return false
  }

  // MARK: Learning from the user

  /// Learns what the user says.
  ///
  /// - Parameter feedback: What is said.
  /// - Returns: Whether there was anything to learn from it.
  @discardableResult
  public mutating func feedback(_ feedback: AnomalyFeedback) -> Bool {
    switch feedback {
    case .confirm(let id): return learn(.confirmed, id)
    case .dismiss(let id): return learn(.dismissed, id)
    case .mute(let kind, let asset, let until):
      desk.mute(kind, asset, until: until)
      return true
    case .unmute(let kind, let asset):
      desk.mute(kind, asset, until: nil)
      return true
    case .trust(let address, let account):
      let known = accounts.keys.sorted().filter { $0.subject.account == account }
      for key in known { accounts[key]?.learn(address) }
      return !known.isEmpty
    }
  }

  private mutating func learn(_ verdict: AnomalyVerdict, _ id: Int) -> Bool {
    guard let (stream, old) = desk.learn(verdict, of: id) else { return false }
    let key = stream ?? prices.keys.sorted().first { $0.subject == old.subject }
    guard let key, let place = prices.place(of: key) else { return true }
    if verdict == .confirmed { prices[place].watch.forgive() }
    prices[place].range.learn(verdict, at: old.time.seconds)
    return true
  }

  /// Puts the learned model of a price stream back that was in charge before.
  ///
  /// - Parameters:
  ///   - asset: The asset.
  ///   - venue: The venue, empty for the consensus.
  ///   - seconds: The length of its bars.
  /// - Returns: Whether there was one.
  public mutating func rollBackModel(asset: String, venue: String = "", seconds: Int) -> Bool {
    place(asset, venue, seconds).map { prices[$0].range.rollBack() } ?? false
  }

  /// The learned model of a price stream as a file.
  public func modelFile(asset: String, venue: String = "", seconds: Int) -> ModelFile? {
    place(asset, venue, seconds).map { prices[$0].range.file }
  }

  /// The prices between which nothing would ring for a stream now.
  public func band(asset: String, venue: String = "", seconds: Int) -> ClosedRange<Double>? {
    place(asset, venue, seconds).flatMap { prices[$0].watch.band }
  }

  private func place(_ asset: String, _ venue: String, _ seconds: Int) -> Int? {
    prices.place(of: key(.price, AnomalySubject(asset: asset, venue: venue), seconds))
  }

  /// What the watch holds and did.
  public var metrics: AnomalyMetrics {
    AnomalyMetrics(
      streams: streamCount, refusedStreams: refused.count, observations: observations,
      leftOut: leftOut, alarms: desk.alarms, suppressed: desk.suppressed,
      confirmed: desk.confirmed, dismissed: desk.dismissed, promotions: promotions,
      drifts: drifts)
  }
}

extension AnomalyWatch: Kept {
  /// All of the watch as bytes.
  public var bytes: [UInt8] {
    var writer = StateWriter()
    write(to: &writer)
    return writer.bytes
  }

  /// A watch that goes on where another left off.
  ///
  /// - Parameter bytes: What `bytes` gave.
  /// - Throws: `StateFault` where the bytes are not such a state.
  public init(_ bytes: [UInt8]) throws(StateFault) {
    var reader = StateReader(bytes)
    try self.init(from: &reader)
    try reader.end()
  }

  private func put<Value: Kept>(_ streams: [StreamKey: Value], _ writer: inout StateWriter) {
    writer.put(streams.count)
    for (key, value) in streams.sorted(by: { $0.key < $1.key }) {
      key.write(to: &writer)
      value.write(to: &writer)
    }
  }

  private static func streams<Value: Kept>(_ reader: inout StateReader) throws(StateFault)
    -> [StreamKey: Value]
  {
    var streams: [StreamKey: Value] = [:]
    for _ in 0..<(try reader.int(0...(1 << 20))) {
      let key = try StreamKey(from: &reader)
      streams[key] = try Value(from: &reader)
    }
    return streams
  }

  func write(to writer: inout StateWriter) {
    writer.put(AnomalyWatch.format)
    settings.market.write(to: &writer)
    writer.put(settings.peg.band)
    writer.put(settings.peg.persistence)
    writer.put(settings.peg.breach)
    writer.put(settings.mostStreams)
    desk.write(to: &writer)
    prices.write(to: &writer)
    put(trades, &writer)
    put(books, &writer)
    put(feeds, &writer)
    put(pairs, &writer)
    put(pegs, &writer)
    put(markets, &writer)
    put(accounts, &writer)
    writer.put(lastPrices.count)
    for (asset, venues) in lastPrices.sorted(by: { $0.key < $1.key }) {
      writer.put(asset)
      writer.put(venues.count)
      for (venue, last) in venues.sorted(by: { $0.key < $1.key }) {
        writer.put(venue)
        writer.put(Int(last.seconds))
        writer.put(last.price)
      }
    }
    writer.put(surges.count)
    for (asset, seconds) in surges.sorted(by: { $0.key < $1.key }) {
      writer.put(asset)
      writer.put(Int(seconds))
    }
    writer.put(refused.count)
    for key in refused.sorted() { key.write(to: &writer) }
    for number in [observations, leftOut, promotions, drifts] { writer.put(number) }
  }

  init(from reader: inout StateReader) throws(StateFault) {
    let format = try reader.int(0...(1 << 30))
    guard format == AnomalyWatch.format else { throw .version(format) }
    let market = try MarketSettings(from: &reader)
    let band = try reader.double()
    let persistence = try reader.int(1...10_000)
    let peg = PegSettings(band: band, persistence: persistence, breach: try reader.double())
    settings = AnomalySettings(
      market: market, peg: peg, mostStreams: try reader.int(1...(1 << 20)))
    desk = try FindingDesk(from: &reader)
    prices = try StreamTable(from: &reader)
    trades = try AnomalyWatch.streams(&reader)
    books = try AnomalyWatch.streams(&reader)
    feeds = try AnomalyWatch.streams(&reader)
    pairs = try AnomalyWatch.streams(&reader)
    pegs = try AnomalyWatch.streams(&reader)
    markets = try AnomalyWatch.streams(&reader)
    accounts = try AnomalyWatch.streams(&reader)
    for _ in 0..<(try reader.int(0...(1 << 20))) {
      let asset = try reader.text()
      var venues: [String: LastPrice] = [:]
      for _ in 0..<(try reader.int(0...AnomalyWatch.mostVenues)) {
        let venue = try reader.text()
        let seconds = Int64(try reader.int(Int.min...Int.max))
        venues[venue] = LastPrice(seconds: seconds, price: try reader.double())
      }
      lastPrices[asset] = venues
    }
    for _ in 0..<(try reader.int(0...(1 << 20))) {
      let asset = try reader.text()
      surges[asset] = Int64(try reader.int(Int.min...Int.max))
    }
    for _ in 0..<(try reader.int(0...(1 << 20))) { refused.insert(try StreamKey(from: &reader)) }
    observations = try reader.count()
    leftOut = try reader.count()
    promotions = try reader.count()
    drifts = try reader.count()
  }
}
