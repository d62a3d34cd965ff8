import Alerts
import Ledger
import Vault
import Wire

/// What was kept of alerts, and what holds now.
struct AlertContents: Sendable {
  var settings = AlertSettings()
  /// How they stood, by part.
  var states: [String: String] = [:]
  /// Messages to sinks that have no end.
  var waiting: [Delivery] = []
  /// The number of the last message.
  var lastDelivery = 0
  var sinks: [Sink] = []
}

/// Alerts and the messages about them: pure, told of figures and findings, of what the holder does,
/// of what is on the disk and of what sinks said.
///
/// A message goes out only once it is on the disk, and stays there until its sink has it.
struct AlertDesk: Sendable {
  /// What is to be done.
  enum Effect: Sendable {
    /// Write this; say `stored` or `unstored` with its number.
    case store(Int, AlertBatch)
    /// Send a message; say `delivered`.
    case send(Delivery, Sink)
    /// Answer a client.
    case answer(ClientID, UInt64, Report)
    /// Refuse a client.
    case refuse(ClientID, UInt64, Refusal)
    /// Tell the detectors what the holder thinks.
    case feedback(AlertFeedback)
  }

  /// How often figures are looked at while they move, in microseconds.
  static let pause: Int64 = 2_000_000
  /// How often they are looked at where only time moves them.
  static let agePause: Int64 = 15_000_000
  /// How often the state is written where nothing happens to alerts.
  static let keepPause: Int64 = 300_000_000
  /// The pause before a batch that could not be written is tried again.
  static let storePause: Int64 = 5_000_000

  private(set) var book: AlertBook
  private(set) var outbox = Outbox()
  private(set) var settings: AlertSettings
  /// Whether the board has changed since this was last taken back.
  var isDirty = true
  private var lastBatch = 0
  private var batches: [Int: AlertBatch] = [:]
  private var retryAt: Instant?
  private var retries: Set<Int> = []
  private var answers: [Int: [(client: ClientID, id: UInt64, report: Report)]] = [:]
  private var tests: [String: (client: ClientID, id: UInt64)] = [:]
  private var lastTest = 0
  private var keptAt: Instant
  private var wasObserved = false
  /// When figures were last looked at.
  private(set) var lookedAt: Instant?

  /// When the book wants to be looked at; kept, since asking it costs a walk over all figures.
  private var bookDue: Instant?
  /// Whether nothing may be sent: the engine is off the network.
  private let isHeld: Bool

  init(_ contents: AlertContents, isHeld: Bool = false, at now: Instant) {
    self.isHeld = isHeld
    settings = contents.settings
    keptAt = now
    book =
      contents.states["book"].flatMap { AlertBook(kept: $0, rules: contents.settings.rules) }
      ?? AlertBook(rules: contents.settings.rules)
    var reached: [String: [String]] = [:]
    for line in (contents.states["reached"] ?? "").split(separator: "\n") {
      let words = line.split(separator: "\t").map(String.init)
      if let key = words.first { reached[key] = Array(words.dropFirst()) }
    }
    bookDue = now
    outbox.restore(
      sinks: contents.sinks, waiting: contents.waiting, lastNumber: contents.lastDelivery,
      reached: reached)
  }

  // MARK: - What happens

  /// Whether figures should be looked at now.
  func wantsLook(at now: Instant, isMoved: Bool) -> Bool {
    guard let lookedAt else { return true }
    // What begins or ends by time alone is seen by looking.
    if let bookDue, now >= bookDue { return true }
    let pause = isMoved ? AlertDesk.pause : AlertDesk.agePause
    return now.microseconds - lookedAt.microseconds >= pause
  }

  /// Takes all figures as they are.
  mutating func observe(_ seen: [Observation], at now: Instant) -> [Effect] {
    lookedAt = now
    wasObserved = true
    let outcome = book.observe(seen, at: now)
    bookDue = book.wakeAt(after: now)
    return commit(outcome, at: now) + send(at: now)
  }

  /// Takes what a detector saw; the anomalies' desk gives it here.
  mutating func take(_ finding: Finding, at now: Instant) -> [Effect] {
    let outcome = book.take(finding, at: now)
    bookDue = book.wakeAt(after: now)
    return commit(outcome, at: now) + send(at: now)
  }

  /// Does what is due by the time.
  mutating func tick(at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    if let due = bookDue, now >= due {
      effects = commit(book.tick(at: now), at: now)
      bookDue = book.wakeAt(after: now)
    }
    let old = outbox.expire(at: now)
    if !old.isEmpty { effects += write([], old, at: now) }
    if let retryAt, now >= retryAt {
      self.retryAt = nil
      for number in retries.sorted() {
        if let batch = batches[number] { effects.append(.store(number, batch)) }
      }
      retries = []
    }
    let isOld = now.microseconds - keptAt.microseconds >= AlertDesk.keepPause
    if isOld, wasObserved { effects += write([], [], at: now) }
    return effects + send(at: now)
  }

  /// When something is due.
  func wakeAt(after now: Instant) -> Instant? {
    let sending = isHeld ? nil : outbox.wakeAt(after: now)
    return [bookDue, sending, retryAt].compactMap { $0 }.min()
  }

  /// Takes other rules.
  mutating func use(_ settings: AlertSettings, at now: Instant) -> [Effect] {
    self.settings = settings
    isDirty = true
    let outcome = book.use(settings.rules, at: now)
    bookDue = book.wakeAt(after: now)
    return commit(outcome, at: now) + send(at: now)
  }

  /// Takes the sinks as they are now.
  mutating func use(_ sinks: [Sink], at now: Instant) -> [Effect] {
    isDirty = true
    var changes: [OutboxChange] = []
    let names = Set(sinks.map(\.name))
    for name in outbox.sinks.keys.sorted() where !names.contains(name) {
      changes += outbox.remove(name)
    }
    for sink in sinks { outbox.set(sink) }
    return (changes.isEmpty ? [] : write([], changes, at: now)) + send(at: now)
  }

  // MARK: - The disk

  private mutating func commit(_ outcome: AlertOutcome, at now: Instant) -> [Effect] {
    if outcome.isEmpty { return [] }
    isDirty = true
    var changes: [OutboxChange] = []
    for notice in outcome.notices {
      let quiet = settings.quiet.flatMap { hours in
        notice.severity < hours.through ? hours.end(at: now, settings.clock) : nil
      }
      changes += outbox.take(notice, quietUntil: quiet, at: now)
    }
    return write(outcome.events, changes, at: now) + outcome.feedback.map { .feedback($0) }
  }

  private mutating func write(
    _ events: [AlertEvent], _ changes: [OutboxChange], at now: Instant
  ) -> [Effect] {
    var batch = AlertBatch()
    batch.records = events.map { event in
      AlertBatch.Record(
        alert: event.alert?.id ?? 0, time: event.time, kind: event.kind.rawValue,
        author: event.by, note: event.note, text: event.alert?.kept ?? "")
    }
    for change in changes {
      switch change {
      case .added(let delivery):
        batch.deliveries.append(
          AlertBatch.Delivery(
            number: delivery.number, id: delivery.id, sink: delivery.sink,
            time: delivery.notice.time, text: delivery.kept))
      case .done(let id, let end): batch.ended[id] = end.rawValue
      }
    }
    batch.states["book"] = book.kept
    batch.states["reached"] = outbox.reachedSinks.sorted { $0.key < $1.key }
      .map { ([$0.key] + $0.value).joined(separator: "\t") }.joined(separator: "\n")
    keptAt = now
    wasObserved = false
    lastBatch += 1
    batches[lastBatch] = batch
    return [.store(lastBatch, batch)]
  }

  /// A batch is on the disk: its messages may go, and who waits for it is answered.
  mutating func stored(_ number: Int, at now: Instant) -> [Effect] {
    guard let batch = batches.removeValue(forKey: number) else { return [] }
    outbox.stored(batch.deliveries.map(\.id))
    let waiting = answers.removeValue(forKey: number) ?? []
    return waiting.map { .answer($0.client, $0.id, $0.report) } + send(at: now)
  }

  /// A batch could not be written: it is tried again, and nothing of it goes out before.
  mutating func unstored(_ number: Int, at now: Instant) -> [Effect] {
    guard batches[number] != nil else { return [] }
    retries.insert(number)
    retryAt = Instant(microseconds: now.microseconds + AlertDesk.storePause)
    let refusal = Refusal(.system, "it could not be written down; it is tried again")
    let waiting = answers.removeValue(forKey: number) ?? []
    return waiting.map { .refuse($0.client, $0.id, refusal) }
  }

  // MARK: - Sinks

  private mutating func send(at now: Instant) -> [Effect] {
    if isHeld { return [] }
    let due = outbox.due(at: now)
    if !due.isEmpty { isDirty = true }
    return due.compactMap { delivery in
      outbox.sinks[delivery.sink].map { .send(delivery, $0) }
    }
  }

  /// Takes what became of a message.
  mutating func delivered(
    _ id: String, _ sink: String, _ outcome: DeliveryOutcome, at now: Instant
  ) -> [Effect] {
    isDirty = true
    if let waiting = tests.removeValue(forKey: id) {
      return [tested(sink, outcome, waiting.client, waiting.id)] + send(at: now)
    }
    let changes = outbox.take(outcome, of: id, to: sink, at: now)
    return (changes.isEmpty ? [] : write([], changes, at: now)) + send(at: now)
  }

  private func tested(
    _ sink: String, _ outcome: DeliveryOutcome, _ client: ClientID, _ id: UInt64
  ) -> Effect {
    let problem: String
    switch outcome {
    case .delivered:
      return .answer(
        client, id, Report(facts: [.init("sink", .text(sink)), .init("delivered", .flag(true))]))
    case .later(_, let text), .misconfigured(let text), .refused(let text): problem = text
    }
    return .refuse(client, id, Refusal(.system, "\(sink): \(problem)"))
  }

  /// Sends a message that nothing depends on, and answers with what became of it.
  mutating func test(
    _ name: String, _ client: ClientID, _ id: UInt64, at now: Instant
  ) -> [Effect] {
    guard let sink = outbox.sinks[name] else {
      return [.refuse(client, id, AlertDesk.noSink(name))]
    }
    guard tests.count < 16 else {
      return [.refuse(client, id, Refusal(.busy, "too many sinks are being tried"))]
    }
    // What waits is tried again as well.
    outbox.set(sink)
    lastTest += 1
    let notice = Notice(
      key: "test-\(now.seconds)", group: "test", action: .trigger, severity: .info,
      title: AlertText("This is a test of the sink \(name)"),
      lines: [AlertLine("ground", "somebody asked for it; nothing is the matter")],
      runbook: "Nothing.", time: now)
    let delivery = Delivery(test: lastTest, sink: name, notice: notice)
    tests[delivery.id] = (client, id)
    return [.send(delivery, sink)] + send(at: now)
  }

  static func noSink(_ name: String) -> Refusal {
    Refusal(
      .notFound, "there is no sink \(name.prefix(40))", advice: "Run: coffer alerts sink list")
  }

  // MARK: - The holder

  /// Does what a request asks of an alert or a rule; the answer waits for the disk.
  mutating func perform(
    _ request: Request, _ client: ClientID, _ id: UInt64, at now: Instant
  ) -> [Effect] {
    do throws(Refusal) {
      let (outcome, report) = try carryOut(request, at: now)
      bookDue = book.wakeAt(after: now)
      guard !outcome.isEmpty else { return [.answer(client, id, report)] }
      let effects = commit(outcome, at: now)
      answers[lastBatch, default: []].append((client, id, report))
      return effects + send(at: now)
    } catch {
      return [.refuse(client, id, error)]
    }
  }

  private mutating func carryOut(
    _ request: Request, at now: Instant
  ) throws(Refusal) -> (AlertOutcome, Report) {
    let by = request.arguments["user"] ?? "holder"
    var seconds: Int64?
    if let text = request.arguments["for"] {
      guard let read = AlertSpan.seconds(text) else {
        throw Refusal(.usage, "for wants a time such as 30m, 4h or 2d")
      }
      seconds = read
    }
    if let rule = request.arguments["rule"] {
      guard request.verb == "alert-mute" else {
        throw Refusal(.usage, "\(request.verb) wants the number of an alert")
      }
      let length = seconds ?? 86_400
      let outcome = try AlertDesk.asked(&book) { book throws(AlertFault) in
        try book.mute(rule: rule, seconds: length, by: by, at: now)
      }
      return (outcome, AlertReports.muted(rule, book.mutedUntil(rule, at: now)))
    }
    let text = try request.required("id")
    guard let id = Int(text) else {
      throw Refusal(.usage, "\(text.prefix(20)) is no alert's number", advice: "See: coffer alerts")
    }
    let outcome = try AlertDesk.asked(&book) { book throws(AlertFault) in
      switch request.verb {
      case "alert-ack": try book.acknowledge(id, by: by, at: now)
      case "alert-snooze": try book.snooze(id, seconds: seconds, by: by, at: now)
      case "alert-resolve": try book.resolve(id, by: by, at: now)
      case "alert-confirm": try book.confirm(id, by: by, at: now)
      default: try book.mute(id, seconds: seconds ?? 604_800, by: by, at: now)
      }
    }
    let report = book.alert(id).map { AlertReports.one($0, at: now) } ?? Report()
    return (outcome, report)
  }

  private static func asked(
    _ book: inout AlertBook, _ work: (inout AlertBook) throws(AlertFault) -> AlertOutcome
  ) throws(Refusal) -> AlertOutcome {
    do throws(AlertFault) {
      return try work(&book)
    } catch {
      switch error {
      case .missing(let id):
        throw Refusal(.notFound, "there is no alert \(id)", advice: "See: coffer alerts --all")
      case .over(let id): throw Refusal(.usage, "alert \(id) is over already")
      case .noRule(let rule):
        throw Refusal(
          .notFound, "there is no rule \(rule.prefix(40))", advice: "See: coffer alerts rules")
      }
    }
  }

  // MARK: - Reports

  /// The board of the screen.
  func board(at now: Instant) -> Report { AlertReports.board(self, at: now) }

  /// The list of a command.
  func list(withResolved: Bool, at now: Instant) -> Report {
    AlertReports.list(book, withResolved: withResolved, at: now)
  }

  /// The rules and what became of them.
  func rules(at now: Instant) -> Report { AlertReports.rules(settings, book, at: now) }

  /// The sinks and how they are doing.
  func sinks(at now: Instant) -> Report { AlertReports.sinks(outbox, at: now) }
}
