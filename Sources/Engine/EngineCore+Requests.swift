import Ledger
import Portfolio
import Wire

extension EngineCore {
  mutating func ask(
    _ request: Request, _ errand: Errand, isReadOnly: Bool, at now: Instant
  ) -> [EngineEffect] {
    guard let spec = VerbSpec.all[request.verb] else {
      return refuse(errand, Refusal(.usage, "no such request: \(request.verb.prefix(40))"))
    }
    if let refusal = EngineCore.fault(of: request, spec, isReadOnly: isReadOnly) {
      return refuse(errand, refusal)
    }
    if spec.needsVault && settlement == nil {
      return refuse(
        errand, Refusal(.locked, "the vault is locked", advice: "Run: coffer unlock"))
    }
    switch spec.name {
    case "status": return [.send(errand.client, .report(id: errand.id, statusReport))]
    case "stop":
      return [.send(errand.client, .report(id: errand.id, Report()))]
        + end("the engine was stopped")
    case "connect", "rekey": return tryKey(request, errand, at: now)
    case "alerts", "alert-rules", "alert-sinks", "alert-figures", "alert-sink-test", "alert-ack",
      "alert-snooze", "alert-resolve", "alert-confirm", "alert-mute":
      return askAlerts(request, errand, at: now)
    case "strikes": return start(.strikes(held: strikes?.held ?? []), errand)
    case "alert": return start(.request(withAlert(request), spec), errand)
    case "venue": return describeVenue(request, errand)
    case "requery": return requery(request, errand, at: now)
    case "connections": return show(Board.accounts, errand, at: now)
    case "limits": return show(Board.limits, errand, at: now)
    case "anomalies": return show(Board.anomalies, errand, at: now)
    case "risk", "correlation": return askRisk(request, errand, at: now)
    case "book": return askBook(request, errand, at: now)
    case "feeds":
      let account = AccountID(named: request.arguments["account"] ?? "")
      return show(Board.feeds(of: account.slug), errand, at: now)
    case "suspects":
      return [.send(errand.client, .report(id: errand.id, suspectsReport))]
    case "pegs": return show(Board.pegs, errand, at: now)
    case "prices": return askPrices(request, errand, at: now)
    case "set-price": return start(.request(marked(request, at: now), spec), errand)
    case "make-strike":
      let reach = desk?.booksReach(at: now) ?? BooksReach()
      return finishFigures() + start(.strike(request, reach), errand)
    case "log": return askLog(request, errand)
    case "lock":
      status.lockReason = ""
      return finishFigures() + start(.request(request, spec), errand)
    default:
      if spec.lane == .figures { return askForFigure(request, errand, at: now) }
      return start(.request(request, spec), errand)
    }
  }

  /// Has written what figures have gathered, before the vault is closed.
  mutating func finishFigures() -> [EngineEffect] {
    guard let wanted = figures?.finish() else { return [] }
    return carryOut(wanted, at: Instant(microseconds: 0))
  }

  static func fault(
    of request: Request, _ spec: VerbSpec, isReadOnly: Bool
  ) -> Refusal? {
    if isReadOnly && !spec.isForReaders {
      return Refusal(.forbidden, "this client only looks: \(spec.name) is not for it")
    }
    if let unknown = request.arguments.keys.sorted().first(where: { !spec.arguments.contains($0) })
    {
      return Refusal(.usage, "\(spec.name) has no argument \(unknown.prefix(40))")
    }
    if !spec.secrets.contains(request.secrets.count) {
      return Refusal(.usage, "\(spec.name) wants another number of secrets")
    }
    return nil
  }

  mutating func page(_ query: LedgerQuery, _ errand: Errand) -> [EngineEffect] {
    guard settlement != nil else {
      return refuse(
        errand, Refusal(.locked, "the vault is locked", advice: "Run: coffer unlock"))
    }
    return start(.page(query), errand)
  }

  mutating func start(_ work: Work, _ errand: Errand) -> [EngineEffect] {
    guard errands.values.count(where: { $0.client == errand.client }) < EngineCore.mostErrands
    else { return refuse(errand, Refusal(.busy, "too many requests at once")) }
    lastWork += 1
    let id = WorkID(number: lastWork)
    errands[id] = errand
    return [.work(id, work)]
  }

  /// Lets the figures' queue answer, with the prices of this moment.
  private mutating func askForFigure(
    _ request: Request, _ errand: Errand, at now: Instant
  ) -> [EngineEffect] {
    guard var inputs = figures?.gains.view(at: now) else {
      return refuse(errand, Refusal(.locked, "the vault is locked"))
    }
    inputs.positions = settlement.map { Array($0.settled) } ?? []
    return start(.figure(request, inputs), errand)
  }

  func refuse(_ errand: Errand, _ refusal: Refusal) -> [EngineEffect] {
    [.send(errand.client, .refusal(id: errand.id, refusal))]
  }

  mutating func report(_ progress: Progress, of work: WorkID) -> [EngineEffect] {
    var effects: [EngineEffect] = []
    if let errand = errands[work] {
      effects.append(.send(errand.client, .progress(id: errand.id, progress)))
    }
    let share = progress.total > 0 ? " \(progress.done * 100 / progress.total) %" : ""
    let activity = progress.stage + share
    guard activity != status.activity else { return effects }
    status.activity = activity
    return effects + tellStatus(except: nil)
  }

  mutating func finish(
    _ work: WorkID, _ result: WorkResult, at now: Instant
  ) -> [EngineEffect] {
    let idle = mode.isSimulated ? EngineCore.simulated : ""
    let wasBusy = status.activity != idle
    status.activity = idle
    var effects = take(result.changes, at: now)
    if wasBusy && result.changes.isEmpty { effects += tellStatus(except: nil) }
    guard let errand = errands.removeValue(forKey: work) else { return effects }
    switch result.answer {
    case .report(let report): effects.append(.send(errand.client, .report(id: errand.id, report)))
    case .refusal(let refusal):
      effects.append(.send(errand.client, .refusal(id: errand.id, refusal)))
    case .page(let page): effects.append(.send(errand.client, .page(id: errand.id, page)))
    }
    return effects
  }

  private var statusReport: Report {
    Report(facts: [
      .init("vault", .text(status.vault)), .init("unlocked", .flag(status.isUnlocked)),
      .init("offline", .flag(status.isOffline)), .init("demo", .flag(status.isDemo)),
      .init("entries", .integer(Int64(status.entries))),
      .init("refused_rows", .integer(Int64(status.refused))),
      .init("clients", .integer(Int64(status.clients))),
      .init("activity", .text(status.activity)),
      .init("idle_lock", .text(status.isUnlocked ? IdleLock.text(of: idleLock.seconds) : "")),
      .init("locked_because", .text(status.lockReason)),
    ])
  }
}
