import Amounts
public import Ledger

/// Folds observations, findings and what the holder does into alerts and notices.
///
/// Time comes with each call. One figure and one rule make one episode at a time: it begins when a
/// value has been beyond its level for the rule's `for`, and ends when it has been back at the
/// clearing level for its `hold`, or when the figure is gone. Whatever lies between changes nothing,
/// so that a value which flaps raises at most once in each hold.
public struct AlertBook: Sendable {
  /// How a figure stands with a rule.
  enum Phase: Hashable {
    /// Nothing is the matter.
    case quiet
    /// It is bad since then, but not for long enough.
    case pending(Instant)
    /// The alert is out.
    case raised(Int)
    /// The alert is out, and since then all is well.
    case clearing(Int, Instant)
    /// The holder has ended the episode by hand; it can begin anew once all is well.
    case spent(Instant?)
  }

  /// A rule and one of its figures.
  struct Track {
    let rule: String
    let figure: String
    var subject: String
    var phase = Phase.quiet
    var window = ChangeWindow()
    var blindSince: Instant?
    var blindWhy = ""
  }

  /// What became of a rule so far.
  public struct Tally: Hashable, Sendable {
    /// How often it raised.
    public var fired = 0
    /// How often the holder said that it was right to.
    public var confirmed = 0
    /// How often the holder said that it was not.
    public var muted = 0
  }

  /// The most alerts that are not over; more raise one alert that says so.
  public static let mostOpen = 500
  /// The most alerts that are over and still shown.
  public static let mostResolved = 200
  /// The most pairs of rule and figure.
  public static let mostTracks = 20_000
  /// Seconds between two notices of one incident that only grew.
  public static let groupPause: Int64 = 60
  /// Seconds a figure may be unreliable before a rule says that it does not see it.
  public static let blindSeconds: Int64 = 900
  /// Seconds of a snooze without a length: each is longer than the one before.
  public static let snoozeLadder: [Int64] = [3_600, 86_400, 172_800, 604_800]

  /// The rules that hold, in order of name.
  public private(set) var rules: [AlertRule] = []
  var alerts: [Int: Alert] = [:]
  var tracks: [String: Track] = [:]
  var incidents: [String: Incident] = [:]
  var mutes: [String: Instant] = [:]
  var tallies: [String: Tally] = [:]
  var lastID = 0
  /// How many alerts were not raised, since too many were out.
  public internal(set) var suppressed = 0
  private var ruleIndex: [String: Int] = [:]
  private var matches: [String: [Int]] = [:]
  private static let mostMatches = 50_000

  /// A book without alerts.
  public init(rules: [AlertRule] = AlertRule.builtIn) {
    set(rules)
  }

  mutating func set(_ rules: [AlertRule]) {
    self.rules = rules.sorted { $0.name < $1.name }
    ruleIndex = Dictionary(
      self.rules.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    matches = [:]
  }

  /// The rule of a name.
  public func rule(_ name: String) -> AlertRule? { ruleIndex[name].map { rules[$0] } }

  /// The alerts that are not over, the worst first and of these the newest.
  public var openAlerts: [Alert] {
    alerts.values.filter(\.isOpen).sorted {
      $0.severity != $1.severity ? $0.severity > $1.severity : $0.id > $1.id
    }
  }

  /// The alerts that are over, the newest first.
  public var resolvedAlerts: [Alert] {
    alerts.values.filter { !$0.isOpen }.sorted { $0.id > $1.id }
  }

  /// The number of the last alert.
  public var lastNumber: Int { lastID }

  /// An alert by its number, where it is still at hand.
  public func alert(_ id: Int) -> Alert? { alerts[id] }

  /// What became of a rule.
  public func tally(of rule: String) -> Tally { tallies[rule] ?? Tally() }

  /// Until when a rule is muted; `nil` where it is not.
  public func mutedUntil(_ rule: String, at now: Instant) -> Instant? {
    mutes[rule].flatMap { now < $0 ? $0 : nil }
  }

  /// The figures that a rule looks at and cannot rely on, with the reason.
  public func blindFigures(of rule: String) -> [(figure: String, why: String, since: Instant)] {
    tracks.values.filter { $0.rule == rule }
      .compactMap { track in track.blindSince.map { (track.figure, track.blindWhy, $0) } }
      .sorted { $0.0 < $1.0 }
  }

  /// How many figures a rule looks at.
  public func figureCount(of rule: String) -> Int { tracks.values.count { $0.rule == rule } }

  // MARK: - Observations

  /// Takes other rules: alerts of rules that are gone or off are over.
  public mutating func use(_ rules: [AlertRule], at now: Instant) -> AlertOutcome {
    set(rules)
    var outcome = AlertOutcome()
    for key in tracks.keys.sorted() {
      guard let track = tracks[key], rule(track.rule)?.isOn != true else { continue }
      end(track, "the rule is off or gone", at: now, &outcome)
      tracks[key] = nil
    }
    for alert in openAlerts.reversed() where !alert.finding.isEmpty {
      guard rule(alert.rule)?.isOn != true else { continue }
      resolve(alert.id, "the rule is off or gone", by: "", at: now, &outcome)
    }
    settle(at: now, &outcome)
    return outcome
  }

  /// Takes all figures as they are now; a figure that was seen before and is missing is gone.
  ///
  /// - Parameters:
  ///   - seen: Every figure there is.
  ///   - now: The time.
  /// - Returns: What follows.
  public mutating func observe(_ seen: [Observation], at now: Instant) -> AlertOutcome {
    var outcome = AlertOutcome()
    var touched: Set<String> = []
    touched.reserveCapacity(tracks.count)
    for one in seen {
      for index in rulesLooking(at: one.name) {
        let rule = rules[index]
        let key = AlertBook.key(rule.name, one.name)
        touched.insert(key)
        step(rule, one, key, at: now, &outcome)
      }
    }
    if touched.count < tracks.count {
      for key in tracks.keys.sorted() where !touched.contains(key) {
        if let track = tracks.removeValue(forKey: key) {
          end(track, "\(track.subject) is no longer there", at: now, &outcome)
        }
      }
    }
    sayBlind(at: now, &outcome)
    settle(at: now, &outcome)
    return outcome
  }

  static func key(_ rule: String, _ figure: String) -> String { "\(rule)/\(figure)" }

  private mutating func rulesLooking(at figure: String) -> [Int] {
    if let known = matches[figure] { return known }
    let found = rules.indices.filter { index in
      if case .anomaly = rules[index].kind { return false }
      return rules[index].isOn && rules[index].matches(figure)
    }
    if matches.count >= AlertBook.mostMatches { matches = [:] }
    matches[figure] = found
    return found
  }

  private mutating func step(
    _ rule: AlertRule, _ seen: Observation, _ key: String, at now: Instant,
    _ outcome: inout AlertOutcome
  ) {
    guard tracks[key] != nil || tracks.count < AlertBook.mostTracks else {
      suppressed += 1
      return
    }
    var track = tracks[key] ?? Track(rule: rule.name, figure: seen.name, subject: seen.subject)
    let verdict = rule.verdict(on: seen, &track.window)
    if case .blind(let why) = verdict {
      goBlind(&track, why, at: now, &outcome)
    } else {
      seeAgain(&track, at: now, &outcome)
      switch verdict {
      case .bad(let severity, let measure):
        worsen(&track, rule, seen, severity, measure, at: now, &outcome)
      case .clear: improve(&track, rule, at: now, &outcome)
      case .between, .blind: waver(&track)
      }
    }
    tracks[key] = track
  }

  private mutating func worsen(
    _ track: inout Track, _ rule: AlertRule, _ seen: Observation, _ severity: Severity,
    _ measure: Measure, at now: Instant, _ outcome: inout AlertOutcome
  ) {
    switch track.phase {
    case .quiet:
      track.phase = .pending(now)
      raiseIfDue(&track, since: now, rule, seen, severity, measure, at: now, &outcome)
    case .pending(let since):
      raiseIfDue(&track, since: since, rule, seen, severity, measure, at: now, &outcome)
    case .raised(let id), .clearing(let id, _):
      track.phase = .raised(id)
      refresh(id, rule, seen, severity, measure, at: now, &outcome)
    case .spent: track.phase = .spent(nil)
    }
  }

  private mutating func raiseIfDue(
    _ track: inout Track, since: Instant, _ rule: AlertRule, _ seen: Observation,
    _ severity: Severity, _ measure: Measure, at now: Instant, _ outcome: inout AlertOutcome
  ) {
    guard now >= since.advanced(bySeconds: rule.forSeconds), !isMuted(rule, track.figure, at: now)
    else { return }
    let draft = Draft(
      key: AlertBook.key(rule.name, seen.name), rule: rule, figure: seen.name,
      subject: seen.subject, severity: severity, title: rule.title(seen, measure),
      lines: [AlertLine("since", AlertWords.moment(since))] + rule.explanation(seen, measure))
    if let id = raise(draft, at: now, &outcome) { track.phase = .raised(id) }
  }

  private mutating func refresh(
    _ id: Int, _ rule: AlertRule, _ seen: Observation, _ severity: Severity, _ measure: Measure,
    at now: Instant, _ outcome: inout AlertOutcome
  ) {
    guard var alert = alerts[id] else { return }
    let since = alert.lines.first { $0.label == "since" }
    alert.title = rule.title(seen, measure)
    alert.lines = (since.map { [$0] } ?? []) + rule.explanation(seen, measure)
    alerts[id] = alert
    if severity > alert.severity {
      change(id, at: now) { $0.severity = severity }
      outcome.events.append(event(.worsened, id, at: now))
      incidents[alert.group]?.isDirty = true
    }
  }

  private mutating func improve(
    _ track: inout Track, _ rule: AlertRule, at now: Instant, _ outcome: inout AlertOutcome
  ) {
    switch track.phase {
    case .quiet: break
    case .pending: track.phase = .quiet
    case .raised(let id):
      track.phase = .clearing(id, now)
      improve(&track, rule, at: now, &outcome)
    case .clearing(let id, let since):
      guard now >= since.advanced(bySeconds: rule.holdSeconds) else { return }
      track.phase = .quiet
      resolve(id, "it is well again", by: "", at: now, &outcome)
    case .spent(let since):
      let since = since ?? now
      track.phase =
        now >= since.advanced(bySeconds: rule.holdSeconds) ? .quiet : .spent(since)
    }
  }

  /// Between the levels nothing begins and nothing ends.
  private func waver(_ track: inout Track) {
    switch track.phase {
    case .pending: track.phase = .quiet
    case .clearing(let id, _): track.phase = .raised(id)
    case .spent: track.phase = .spent(nil)
    case .quiet, .raised: break
    }
  }

  private mutating func goBlind(
    _ track: inout Track, _ why: String, at now: Instant, _ outcome: inout AlertOutcome
  ) {
    // What is not seen is neither getting worse nor well: both begin anew.
    waver(&track)
    guard track.blindSince == nil else {
      track.blindWhy = why
      return
    }
    track.blindSince = now
    track.blindWhy = why
    guard case .raised(let id) = track.phase else { return }
    change(id, at: now) { alert in
      alert.blindSince = now
      alert.blindWhy = why
    }
    outcome.events.append(event(.blinded, id, at: now, note: why))
  }

  private mutating func seeAgain(
    _ track: inout Track, at now: Instant, _ outcome: inout AlertOutcome
  ) {
    guard track.blindSince != nil else { return }
    track.blindSince = nil
    track.blindWhy = ""
    guard case .raised(let id) = track.phase else { return }
    change(id, at: now) { alert in
      alert.blindSince = nil
      alert.blindWhy = ""
    }
    outcome.events.append(event(.sighted, id, at: now))
  }

  /// A figure or a rule is gone: its alert cannot stay.
  private mutating func end(
    _ track: Track, _ why: String, at now: Instant, _ outcome: inout AlertOutcome
  ) {
    switch track.phase {
    case .raised(let id), .clearing(let id, _): resolve(id, why, by: "", at: now, &outcome)
    case .quiet, .pending, .spent: break
    }
  }

  // MARK: - Rules that do not see

  /// One alert a rule says which of its figures it has not seen for a while.
  private mutating func sayBlind(at now: Instant, _ outcome: inout AlertOutcome) {
    var blind: [String: [Track]] = [:]
    for track in tracks.values {
      guard let since = track.blindSince,
        now >= since.advanced(bySeconds: AlertBook.blindSeconds)
      else { continue }
      blind[track.rule, default: []].append(track)
    }
    for alert in openAlerts.reversed() where alert.key.hasPrefix(AlertBook.blindPrefix) {
      guard blind[alert.rule] == nil else { continue }
      resolve(alert.id, "every figure is seen again", by: "", at: now, &outcome)
    }
    for name in blind.keys.sorted() {
      guard let rule = rule(name), let found = blind[name] else { continue }
      sayBlind(rule, found.sorted { $0.figure < $1.figure }, at: now, &outcome)
    }
  }

  static let blindPrefix = "blind/"

  private mutating func sayBlind(
    _ rule: AlertRule, _ found: [Track], at now: Instant, _ outcome: inout AlertOutcome
  ) {
    let key = AlertBook.blindPrefix + rule.name
    let names = found.prefix(5).map(\.subject).joined(separator: ", ")
    let more = found.count > 5 ? " and \(found.count - 5) more" : ""
    let title = AlertText("\(rule.name) does not see \(names)\(more)")
    let lines = found.prefix(20).map { track in
      AlertLine(
        track.figure,
        track.blindWhy + (track.blindSince.map { ", since \(AlertWords.moment($0))" } ?? ""))
    }
    if let known = alerts.values.first(where: { $0.key == key && $0.isOpen }) {
      alerts[known.id]?.title = title
      alerts[known.id]?.lines = lines
      return
    }
    // Ended by hand, it stays away until a figure is blind anew.
    let newest = found.compactMap(\.blindSince).max() ?? now
    let last = alerts.values.filter { $0.key == key }.map(\.raisedAt).max()
    if let last, newest.advanced(bySeconds: AlertBook.blindSeconds) <= last { return }
    if isMuted(rule, key, at: now) { return }
    var quiet = rule
    quiet.escalation = []
    let draft = Draft(
      key: key, rule: quiet, figure: key, subject: rule.name, severity: .info, title: title,
      lines: lines, group: "blind")
    _ = raise(draft, at: now, &outcome)
  }

  // MARK: - Raising and ending

  /// What an alert is made of.
  struct Draft {
    var key: String
    var rule: AlertRule
    var figure: String
    var subject: String
    var severity: Severity
    var title: AlertText
    var lines: [AlertLine]
    var group: String?
    var finding = ""
  }

  mutating func raise(
    _ draft: Draft, at now: Instant, _ outcome: inout AlertOutcome
  ) -> Int? {
    guard alerts.values.count(where: \.isOpen) < AlertBook.mostOpen else {
      suppressed += 1
      return nil
    }
    lastID += 1
    var alert = Alert(
      id: lastID, key: draft.key, rule: draft.rule.name, figure: draft.figure,
      subject: draft.subject, group: draft.group ?? draft.rule.groupName,
      sinks: draft.rule.sinks, raisedAt: now, severity: draft.severity, title: draft.title,
      lines: draft.lines, runbook: draft.rule.runbook, changedAt: now)
    alert.finding = draft.finding
    alerts[lastID] = alert
    tallies[draft.rule.name, default: Tally()].fired += 1
    join(alert)
    outcome.events.append(event(.raised, lastID, at: now))
    return lastID
  }

  mutating func resolve(
    _ id: Int, _ why: String, by: String, at now: Instant, _ outcome: inout AlertOutcome
  ) {
    guard alerts[id]?.isOpen == true else { return }
    change(id, at: now) { alert in
      alert.state = .resolved
      alert.resolvedAt = now
      alert.resolvedWhy = why
      alert.snoozedUntil = nil
      alert.blindSince = nil
    }
    outcome.events.append(event(.resolved, id, at: now, by: by, note: why))
    forgetOldest()
  }

  private mutating func forgetOldest() {
    let resolved = alerts.values.filter { !$0.isOpen }
    guard resolved.count > AlertBook.mostResolved else { return }
    if let oldest = resolved.map(\.id).min() { alerts[oldest] = nil }
  }

  mutating func change(_ id: Int, at now: Instant, _ work: (inout Alert) -> Void) {
    guard var alert = alerts[id] else { return }
    work(&alert)
    alert.changedAt = now
    alerts[id] = alert
  }

  func event(
    _ kind: AlertEvent.Kind, _ id: Int?, at now: Instant, by: String = "", note: String = ""
  ) -> AlertEvent {
    AlertEvent(kind: kind, time: now, by: by, note: note, alert: id.flatMap { alerts[$0] })
  }

  func isMuted(_ rule: AlertRule, _ figure: String, at now: Instant) -> Bool {
    [rule.name, AlertBook.key(rule.name, figure)].contains { key in
      mutes[key].map { now < $0 } ?? false
    }
  }
}
