internal import Ledger
internal import Statistics

/// One stream of the watch: what of which subject, in bars of which length.
struct StreamKey: Hashable, Sendable, Comparable {
  let family: Int
  let subject: AnomalySubject
  let seconds: Int

  /// Most subjects name an asset and nothing else.
  func hash(into hasher: inout Hasher) {
    hasher.combine(family << 32 ^ seconds)
    hasher.combine(subject.asset)
    if !subject.venue.isEmpty { hasher.combine(subject.venue) }
    if !subject.account.isEmpty { hasher.combine(subject.account) }
  }

  static func < (a: StreamKey, b: StreamKey) -> Bool {
    (a.family, a.seconds, a.subject) < (b.family, b.seconds, b.subject)
  }
}

/// Numbers findings, joins them to episodes, remembers past ones and what the user said of them.
struct FindingDesk: Sendable {
  /// What a detector wants told.
  struct Draft {
    let stream: StreamKey
    let kind: AnomalyKind
    var subject: AnomalySubject
    let stage: AnomalyFinding.Stage
    let seconds: Int64
    let severity: AnomalySeverity
    let evidence: [Evidence]
    var agreeing: [String] = []
    var model: ModelStamp?
  }

  struct Open: Sendable {
    let id: Int
    let kind: AnomalyKind
    let subject: AnomalySubject
    let seconds: Int64
    var isConfirmed = false
  }

  struct Taste: Hashable, Sendable {
    let kind: AnomalyKind
    let asset: String?
  }

  private static let mostPast = 512
  private static let mostTastes = 4096
  private static let dismissal = 0.3
  private static let confirmation = -0.15
  private static let bounds = -0.5...2.0
  private static let alarm = 3.0

  private var nextID = 1
  private(set) var open: [StreamKey: Open] = [:]
  private var past: [PastCase] = []
  private var taste: [Taste: Double] = [:]
  private var mutes: [Taste: Int64] = [:]
  private(set) var alarms: [AnomalyKind: Int] = [:]
  private(set) var suppressed = 0
  private(set) var confirmed = 0
  private(set) var dismissed = 0

  /// Whether a stream is inside an incident that was confirmed: nothing is learned there.
  func isQuarantined(_ stream: StreamKey) -> Bool {
    !open.isEmpty && open[stream]?.isConfirmed ?? false
  }

  /// How much rarer than usual something must be to be told, after what the user said.
  func bias(_ kind: AnomalyKind, _ asset: String) -> Double {
    taste[Taste(kind: kind, asset: asset)] ?? 0
  }

  private func isMuted(_ kind: AnomalyKind, _ asset: String, _ seconds: Int64) -> Bool {
    [asset, nil].contains { (mutes[Taste(kind: kind, asset: $0)] ?? .min) > seconds }
  }

  /// Makes a finding of a draft; `nil` where it is muted, dismissed before, or has no episode.
  mutating func tell(_ draft: Draft) -> AnomalyFinding? {
    guard let strongest = draft.evidence.first else { return nil }
    var known = open[draft.stream]
    switch draft.stage {
    case .ended:
      guard known != nil else { return nil }
      open[draft.stream] = nil
    case .began, .grew:
      if let episode = known, episode.kind != draft.kind, draft.stage == .began {
        open[draft.stream] = nil
        known = nil
      }
      if known == nil {
        guard isWanted(draft, strongest) else {
          suppressed += 1
          return nil
        }
        known = begin(draft, strongest)
      }
    }
    guard let known else { return nil }
    return AnomalyFinding(
      id: known.id, kind: known.kind, subject: draft.subject,
      stage: draft.stage == .grew && known.id == nextID - 1 && known.seconds == draft.seconds
        ? .began : draft.stage,
      began: Instant(seconds: known.seconds), time: Instant(seconds: draft.seconds),
      severity: draft.severity, evidence: draft.evidence, agreeing: draft.agreeing,
      alike: alike(known.kind, draft.subject, strongest, but: known.id), model: draft.model)
  }

  private func isWanted(_ draft: Draft, _ strongest: Evidence) -> Bool {
    guard !isMuted(draft.kind, draft.subject.asset, draft.seconds) else { return false }
    // What was dismissed must be rarer by so much; rules and what is critical are always told.
    let bias = bias(draft.kind, draft.subject.asset)
    return bias <= 0 || draft.severity == .critical || strongest.surprise == 0
      || strongest.surprise >= FindingDesk.alarm + bias
  }

  private mutating func begin(_ draft: Draft, _ strongest: Evidence) -> Open {
    let episode = Open(
      id: nextID, kind: draft.kind, subject: draft.subject, seconds: draft.seconds)
    nextID += 1
    open[draft.stream] = episode
    alarms[draft.kind, default: 0] += 1
    past.append(
      PastCase(
        id: episode.id, kind: draft.kind, subject: draft.subject,
        time: Instant(seconds: draft.seconds), observed: strongest.observed,
        surprise: strongest.surprise, verdict: .open))
    if past.count > FindingDesk.mostPast { past.removeFirst() }
    return episode
  }

  /// The three earlier findings of a kind nearest in size, those of the same asset first.
  private func alike(
    _ kind: AnomalyKind, _ subject: AnomalySubject, _ evidence: Evidence, but id: Int
  ) -> [PastCase] {
    func distance(_ old: PastCase) -> Double {
      let (a, b) = (abs(old.observed) + 1e-9, abs(evidence.observed) + 1e-9)
      return abs(Elementary.log(a / b)) + (old.subject.asset == subject.asset ? 0 : 0.5)
    }
    let candidates = past.filter { $0.kind == kind && $0.id != id }
      .map { ($0, distance($0)) }
    return candidates.sorted { ($0.1, -$0.0.id) < ($1.1, -$1.0.id) }.prefix(3).map(\.0)
  }

  /// Ends an episode without a word.
  mutating func close(_ stream: StreamKey) { open[stream] = nil }

  /// Learns what the user said.
  ///
  /// - Returns: The finding's stream while its episode is open, its verdict and its time.
  mutating func learn(_ verdict: AnomalyVerdict, of id: Int) -> (
    stream: StreamKey?, case: PastCase
  )? {
    guard let place = past.firstIndex(where: { $0.id == id }) else { return nil }
    let old = past[place]
    let stream = open.first { $0.value.id == id }?.key
    guard old.verdict != verdict else { return nil }
    past[place] = PastCase(
      id: old.id, kind: old.kind, subject: old.subject, time: old.time, observed: old.observed,
      surprise: old.surprise, verdict: verdict)
    let key = Taste(kind: old.kind, asset: old.subject.asset)
    let step = verdict == .confirmed ? FindingDesk.confirmation : FindingDesk.dismissal
    if taste[key] != nil || taste.count < FindingDesk.mostTastes {
      let bounds = FindingDesk.bounds
      taste[key] = min(max((taste[key] ?? 0) + step, bounds.lowerBound), bounds.upperBound)
    }
    if verdict == .confirmed { confirmed += 1 } else { dismissed += 1 }
    if let stream { open[stream]?.isConfirmed = verdict == .confirmed }
    return (stream, past[place])
  }

  mutating func mute(_ kind: AnomalyKind, _ asset: String?, until seconds: Int64?) {
    let key = Taste(kind: kind, asset: asset)
    guard let seconds else {
      mutes[key] = nil
      return
    }
    if mutes[key] != nil || mutes.count < FindingDesk.mostTastes { mutes[key] = seconds }
  }
}

extension AnomalySubject: Kept {
  func write(to writer: inout StateWriter) {
    writer.put(asset)
    writer.put(venue)
    writer.put(account)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    self.init()
    asset = try reader.text()
    venue = try reader.text()
    account = try reader.text()
  }
}

extension StreamKey: Kept {
  func write(to writer: inout StateWriter) {
    writer.put(family)
    subject.write(to: &writer)
    writer.put(seconds)
  }

  init(from reader: inout StateReader) throws(StateFault) {
    family = try reader.int(0...100)
    subject = try AnomalySubject(from: &reader)
    seconds = try reader.int(0...(1 << 30))
  }
}

extension FindingDesk: Kept {
  private static func kind(_ reader: inout StateReader) throws(StateFault) -> AnomalyKind {
    guard let kind = AnomalyKind(rawValue: try reader.text()) else { throw reader.fault }
    return kind
  }

  private static func taste(_ reader: inout StateReader) throws(StateFault) -> Taste {
    let kind = try kind(&reader)
    return Taste(kind: kind, asset: try reader.bool() ? try reader.text() : nil)
  }

  private func put(_ taste: Taste, _ writer: inout StateWriter) {
    writer.put(taste.kind.rawValue)
    writer.put(taste.asset != nil)
    if let asset = taste.asset { writer.put(asset) }
  }

  private static func isBefore(_ a: Taste, _ b: Taste) -> Bool {
    (a.kind.rawValue, a.asset ?? "\u{0}") < (b.kind.rawValue, b.asset ?? "\u{0}")
  }

  func write(to writer: inout StateWriter) {
    writer.put(nextID)
    writer.put(open.count)
    for (key, episode) in open.sorted(by: { $0.key < $1.key }) {
      key.write(to: &writer)
      writer.put(episode.id)
      writer.put(episode.kind.rawValue)
      episode.subject.write(to: &writer)
      writer.put(Int(episode.seconds))
      writer.put(episode.isConfirmed)
    }
    writer.put(past.count)
    for old in past {
      writer.put(old.id)
      writer.put(old.kind.rawValue)
      old.subject.write(to: &writer)
      writer.put(Int(old.time.microseconds))
      writer.put(old.observed)
      writer.put(old.surprise)
      writer.put(old.verdict.rawValue)
    }
    writer.put(taste.count)
    for (key, value) in taste.sorted(by: { FindingDesk.isBefore($0.key, $1.key) }) {
      put(key, &writer)
      writer.put(value)
    }
    writer.put(mutes.count)
    for (key, value) in mutes.sorted(by: { FindingDesk.isBefore($0.key, $1.key) }) {
      put(key, &writer)
      writer.put(Int(value))
    }
    writer.put(alarms.count)
    for (kind, count) in alarms.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      writer.put(kind.rawValue)
      writer.put(count)
    }
    for number in [suppressed, confirmed, dismissed] { writer.put(number) }
  }

  init(from reader: inout StateReader) throws(StateFault) {
    nextID = try reader.int(1...(1 << 48))
    for _ in 0..<(try reader.int(0...(1 << 20))) {
      let key = try StreamKey(from: &reader)
      let id = try reader.count()
      let kind = try FindingDesk.kind(&reader)
      let subject = try AnomalySubject(from: &reader)
      let seconds = Int64(try reader.int(Int.min...Int.max))
      open[key] = Open(
        id: id, kind: kind, subject: subject, seconds: seconds, isConfirmed: try reader.bool())
    }
    for _ in 0..<(try reader.int(0...FindingDesk.mostPast)) {
      let id = try reader.count()
      let kind = try FindingDesk.kind(&reader)
      let subject = try AnomalySubject(from: &reader)
      let time = Instant(microseconds: Int64(try reader.int(Int.min...Int.max)))
      let observed = try reader.double()
      let surprise = try reader.double()
      guard let verdict = AnomalyVerdict(rawValue: try reader.int(0...2)) else {
        throw reader.fault
      }
      past.append(
        PastCase(
          id: id, kind: kind, subject: subject, time: time, observed: observed,
          surprise: surprise, verdict: verdict))
    }
    for _ in 0..<(try reader.int(0...FindingDesk.mostTastes)) {
      let key = try FindingDesk.taste(&reader)
      taste[key] = try reader.double()
    }
    for _ in 0..<(try reader.int(0...FindingDesk.mostTastes)) {
      let key = try FindingDesk.taste(&reader)
      mutes[key] = Int64(try reader.int(Int.min...Int.max))
    }
    for _ in 0..<(try reader.int(0...100)) {
      let kind = try FindingDesk.kind(&reader)
      alarms[kind] = try reader.count()
    }
    suppressed = try reader.count()
    confirmed = try reader.count()
    dismissed = try reader.count()
  }
}
