import Alerts
import Anomalies
import Ledger
import Portfolio
import Sync
import Transport
import Vault
import VenueKit
import Wire

/// What the engine writes down of itself: looked at from outside, so that no step knows of it.
extension EngineCore {
  /// How long after a change accounts are looked at, in microseconds: many come together.
  private static let accountsPause: Int64 = 1_000_000

  /// Writes down what an event was and what it led to.
  ///
  /// - Returns: What is to be done so that clients learn of it.
  mutating func writeDown(
    _ event: EngineEvent, _ before: LogContext, _ effects: [EngineEffect], at now: Instant
  ) -> [EngineEffect] {
    writeDown(event, before, at: now)
    for effect in effects { writeDown(effect, at: now) }
    if let due = log.accountsDue, now >= due { compareAccounts(at: now) }
    guard log.isNew else { return [] }
    log.isNew = false
    let planned = boardsAt
    boardsChanged([Board.log], at: now)
    return boardsAt == planned ? [] : [wake(after: now)]
  }

  /// What has to be known before an event to say what it was.
  struct LogContext {
    var job: FetchJob?
    var wasUnlocked: Bool
    var client: Client?
  }

  func logContext(of event: EngineEvent) -> LogContext {
    var context = LogContext(wasUnlocked: status.isUnlocked)
    switch event {
    case .fetched(let ticket, _): context.job = desk?.jobs[ticket]
    case .disconnected(let client): context.client = clients[client]
    default: break
    }
    return context
  }

  private mutating func writeDown(_ event: EngineEvent, _ before: LogContext, at now: Instant) {
    switch event {
    case .said(let client, .hello(_, let isReadOnly)) where clients[client]?.hasGreeted == true:
      let how = isReadOnly ? " to look only" : ""
      log.add(.info, "client \(client.number)", "attached\(how)", isOfVault: false, at: now)
    case .disconnected(let client) where before.client?.hasGreeted == true:
      log.add(.info, "client \(client.number)", "left", isOfVault: false, at: now)
    case .fetched(_, .failed(_, let fault)):
      guard let job = before.job else { return }
      let (what, advice) = fault.sentence
      log.add(
        .warning, job.account?.slug ?? job.venue, what,
        details: [("venue", job.venue), ("to do", advice)], at: now)
    case .fetched(_, .answered(let answer)):
      if let job = before.job { writeDown(answer, to: job, at: now) }
    case .finished(let work, let result): writeDown(work, result, at: now)
    case .synced(let batch, _):
      guard let stored = log.batches.removeValue(forKey: batch) else { return }
      log.add(.info, stored.place, stored.text, at: now)
    case .unsynced(let batch):
      let place = log.batches.removeValue(forKey: batch)?.place ?? "vault"
      log.add(.error, place, "a batch could not be written; it is read again", at: now)
    case .heard(let stream, let events): writeDown(events, of: stream, at: now)
    case .delivered(_, let sink, let outcome): writeDown(outcome, of: sink, at: now)
    case .struck(let cutoff, let outcome): writeDown(outcome, of: cutoff, at: now)
    case .barsKept(_, isWritten: false):
      log.add(.error, "vault", "bars of prices could not be written", at: now)
    case .alertsUnstored: log.add(.error, "vault", "alerts could not be written", at: now)
    case .stopAsked(let reason): log.add(.warning, "engine", reason, isOfVault: false, at: now)
    default: break
    }
    if status.isUnlocked != before.wasUnlocked { writeDownVault(at: now) }
  }

  /// The vault was opened, or closed, with which all that it told is forgotten.
  private mutating func writeDownVault(at now: Instant) {
    if status.isUnlocked {
      log.add(.info, "vault", "opened", isOfVault: false, at: now)
      log.accountsDue = now
    } else {
      log.forgetVault()
      log.add(.info, "vault", "locked\(lockReason)", isOfVault: false, at: now)
    }
  }

  private var lockReason: String { status.lockReason.isEmpty ? "" : ": \(status.lockReason)" }

  /// An answer that is none: the venue counts too many calls, or is in trouble itself.
  private mutating func writeDown(_ answer: IncomingAnswer, to job: FetchJob, at now: Instant) {
    let status = answer.status
    guard status == 429 || status == 418 || status >= 500 else { return }
    let what =
      status >= 500
      ? "HTTP \(status): the venue is in trouble; it is asked again later"
      : "HTTP \(status): too many calls; what follows waits"
    log.add(
      .warning, job.account?.slug ?? job.venue, what, details: [("venue", job.venue)], at: now)
  }

  private mutating func writeDown(_ work: WorkID, _ result: WorkResult, at now: Instant) {
    guard let verb = log.errands.removeValue(forKey: work) else { return }
    switch result.answer {
    case .refusal(let refusal):
      // What is wrong with a file may quote it.
      log.add(
        refusal.code == .system || refusal.code == .damaged ? .error : .warning, verb,
        "refused: \(refusal.message)", details: [("to do", refusal.advice)], isRevealing: true,
        isOfVault: true, at: now)
    case .report(let report): log.add(.info, verb, EngineCore.counts(report), at: now)
    case .page: break
    }
  }

  /// What a report counts, in words: how much was added and refused.
  private static func counts(_ report: Report) -> String {
    let counts = report.facts.compactMap { fact -> String? in
      guard case .integer(let number) = fact.value,
        ["added", "duplicate", "refused"].contains(where: { fact.name.contains($0) })
      else { return nil }
      return "\(number) \(fact.name.split(separator: "_").joined(separator: " "))"
    }
    return counts.isEmpty ? "done" : counts.joined(separator: ", ")
  }

  private mutating func writeDown(
    _ events: [WebSocketEvent], of stream: StreamID, at now: Instant
  ) {
    for event in events {
      switch event {
      case .opened: log.add(.info, "stream \(stream.number)", "opened", at: now)
      case .closed(let code, let reason):
        log.add(
          .warning, "stream \(stream.number)", "closed (\(code)) \(reason); opened again", at: now)
      case .failed(let fault):
        log.add(.warning, "stream \(stream.number)", "broke: \(fault); opened again", at: now)
      case .text, .binary: break
      }
    }
  }

  private mutating func writeDown(
    _ outcome: DeliveryOutcome, of sink: String, at now: Instant
  ) {
    switch outcome {
    case .delivered: log.add(.info, "sink \(sink)", "has an alert's message", at: now)
    case .later(_, let why): log.add(.warning, "sink \(sink)", "tried again later: \(why)", at: now)
    case .misconfigured(let why): log.add(.error, "sink \(sink)", "set up wrongly: \(why)", at: now)
    case .refused(let why): log.add(.error, "sink \(sink)", "refused: \(why)", at: now)
    }
  }

  private mutating func writeDown(
    _ outcome: StrikeDesk.Outcome, of cutoff: Instant, at now: Instant
  ) {
    switch outcome {
    case .made: log.add(.info, "strike", "the strike of \(cutoff) is made", at: now)
    case .heldUp(let why), .unread(let why), .failed(let why):
      // Why a strike waits may tell what breaks are worth.
      log.add(
        .warning, "strike", "the strike of \(cutoff) waits: \(why)", isRevealing: true, at: now)
    }
  }

  private mutating func writeDown(_ effect: EngineEffect, at now: Instant) {
    switch effect {
    case .work(let id, let work): writeDown(id, work, at: now)
    case .storeSync(let batch):
      guard !batch.entries.isEmpty || !batch.refused.isEmpty else { return }
      log.batches[batch.id] = (batch.account.slug, EngineCore.words(of: batch))
    case .storeAlerts(_, let batch):
      for record in batch.records where record.kind != AlertEvent.Kind.awoken.rawValue {
        writeDown(record.alert, record.kind, by: record.author, at: now)
      }
    default: break
    }
  }

  /// What a batch brings: `fills BTCUSDT: 4 entries`.
  private static func words(of batch: SyncBatch) -> String {
    let parts = batch.lane.text.split(separator: "/", maxSplits: 1)
    let market = parts.count > 1 ? " \(parts[1])" : ""
    let count = batch.entries.count
    let refused = batch.refused.isEmpty ? "" : ", \(batch.refused.count) rows refused"
    return "\(batch.lane.kind)\(market): \(count) \(count == 1 ? "entry" : "entries")\(refused)"
  }

  private mutating func writeDown(_ id: WorkID, _ work: Work, at now: Instant) {
    switch work {
    case .request(let request, let spec):
      guard spec.lane == .write else { return }
      let names = ["account", "venue", "asset", "format", "path"]
      let details = names.map { ($0, request.arguments[$0] ?? "") }
      log.errands[id] = spec.name
      log.add(.info, spec.name, "begun", details: details, at: now)
    case .connect(let request, let connection):
      log.errands[id] = request.verb
      let details = [("account", connection.account.slug)]
      log.add(.info, request.verb, "begun", details: details, at: now)
    case .strike: log.errands[id] = "strike"
    case .figure, .strikes, .page: break
    }
  }

  private mutating func writeDown(_ id: Int, _ kind: String, by author: String, at now: Instant) {
    let alert = alerts?.book.alert(id)
    let who = author.isEmpty ? "" : " by \(author)"
    let isRaised = kind == AlertEvent.Kind.raised.rawValue
    let isGrave = isRaised && alert.map { $0.severity != .info } == true
    log.add(
      isGrave ? .warning : .info, alert?.rule ?? "alerts",
      "alert \(id) \(kind)\(who): \(alert?.title.outside ?? "")",
      details: [("subject", alert?.subject ?? ""), ("severity", alert?.severity.text ?? "")],
      at: now)
  }

  // MARK: - What is found by comparing

  /// Accounts changed: they are looked at soon.
  mutating func accountsChanged(at now: Instant) {
    guard log.accountsDue == nil, status.isUnlocked else { return }
    log.accountsDue = Instant(microseconds: now.microseconds + EngineCore.accountsPause)
  }

  /// Writes down which accounts stand otherwise than when they were looked at last.
  mutating func compareAccounts(at now: Instant) {
    log.accountsDue = nil
    let board = board(Board.accounts, at: now)
    var seen: [String: String] = [:]
    for row in board.rows.indices {
      let account = board.text(row, "account")
      let (state, problem) = (board.text(row, "state"), board.text(row, "problem"))
      seen[account] = "\(state)\t\(problem)"
      guard log.accounts[account] != seen[account] else { continue }
      let isBad = [AccountState.stale, .stopped].map(\.rawValue).contains(state)
      log.add(
        isBad ? .error : problem.isEmpty ? .info : .warning, account,
        problem.isEmpty ? state : "\(state): \(problem)",
        details: [("venue", board.text(row, "venue")), ("to do", board.text(row, "advice"))],
        at: now)
    }
    for account in log.accounts.keys.sorted() where seen[account] == nil {
      log.add(.info, account, "is not followed any more", at: now)
    }
    log.accounts = seen
  }

  /// Writes down whose price turned stale, disputed or unknown, or is good again.
  mutating func writeDown(prices positions: [Position], at now: Instant) {
    for position in positions where !position.isFolded {
      let old = log.prices.updateValue(position.state, forKey: position.asset)
      guard let old, old != position.state else { continue }
      let sources = position.price?.source ?? ""
      log.add(
        position.state == .live ? .info : .warning, position.asset.ticker,
        "its price is \(position.state.text), it was \(old.text)",
        details: [("sources", sources), ("asset", position.asset.text)], at: now)
    }
  }

  /// Writes down what a detector saw.
  mutating func writeDown(_ finding: Finding, at now: Instant) {
    log.add(
      finding.isOver ? .info : .warning, finding.detector,
      "\(finding.isOver ? "over: " : "")\(finding.title.outside)",
      details: [("subject", finding.subject)], at: now)
  }

  /// Answers a question for lines of the log.
  func askLog(_ request: Request, _ errand: Errand) -> [EngineEffect] {
    let word = request.arguments["level"] ?? LogLine.Level.info.rawValue
    guard let level = LogLine.Level(rawValue: word) else {
      let words = LogLine.Level.allCases.map(\.rawValue).joined(separator: ", ")
      return refuse(errand, Refusal(.usage, "there is no level \(word.prefix(40)): \(words)"))
    }
    let after = request.arguments["after"].flatMap { Int64($0) } ?? 0
    let most = request.arguments["limit"].flatMap { Int($0) } ?? EngineLog.limit
    let report = log.report(after: after, level: level, most: most)
    return [.send(errand.client, .report(id: errand.id, report))]
  }
}
