import Amounts
import Ledger
import Portfolio
import Prices
import Wire

/// The engine's state and the one function that changes it.
///
/// Pure: time comes with each event.
struct EngineCore {
  /// What is known of a client.
  private struct Client {
    var hasGreeted = false
    var isReadOnly = false
    var isWatching = false
    /// It fell behind: changes are kept from it until it has caught up.
    var isBehind = false
    /// The boards it looks at.
    var boards: [String] = []
  }

  /// The most boards a client may look at.
  static let mostBoards = 16

  /// Who waits for a work.
  private struct Errand {
    let client: ClientID
    let id: UInt64
  }

  /// How long prices are gathered before they are sent on, in microseconds.
  static let quotePause: Int64 = 250_000
  /// The most works at once for one client.
  static let mostErrands = 64

  private(set) var status: EngineStatus
  private var clients: [ClientID: Client] = [:]
  private var errands: [WorkID: Errand] = [:]
  private var lastWork: UInt64 = 0
  private var settlement: Settlement?
  private var mode: Mode
  private var settleAt: Instant?
  private var hadClient = false

  /// How the engine was started.
  struct Mode: Sendable {
    var isOffline = false
    /// A demonstration ends with its last client.
    var isDemo = false
  }

  init(vault: String, mode: Mode) {
    self.mode = mode
    status = EngineStatus(vault: vault, isOffline: mode.isOffline, isDemo: mode.isDemo)
  }

  /// Takes in what happened and says what is to be done.
  mutating func handle(_ event: EngineEvent, at now: Instant) -> [EngineEffect] {
    switch event {
    case .connected(let client):
      clients[client] = Client()
      return []
    case .said(let client, let message): return hear(message, from: client, at: now)
    case .disconnected(let client): return forget(client)
    case .caughtUp(let client): return catchUp(client, at: now)
    case .progressed(let work, let progress): return report(progress, of: work)
    case .changed(let changes): return take(changes, at: now)
    case .finished(let work, let result): return finish(work, result, at: now)
    case .quoted(let quotes): return take(quotes, at: now)
    case .timer: return publish(at: now)
    case .stopAsked(let reason): return end(reason)
    }
  }
}

// MARK: - Clients

extension EngineCore {
  private mutating func hear(
    _ message: ClientMessage, from client: ClientID, at now: Instant
  ) -> [EngineEffect] {
    guard let state = clients[client] else { return [] }
    if case .hello(let version, let isReadOnly) = message {
      return greet(client, version: version, isReadOnly: isReadOnly)
    }
    guard state.hasGreeted else { return [.close(client)] }
    switch message {
    case .hello: return []
    case .watch:
      clients[client]?.isWatching = true
      return settlement.map { [.send(client, .snapshot($0.snapshot(at: now)))] } ?? []
    case .unwatch:
      clients[client]?.isWatching = false
      return []
    case .request(let id, let request):
      return ask(request, Errand(client: client, id: id), isReadOnly: state.isReadOnly)
    case .page(let id, let query): return page(query, Errand(client: client, id: id))
    case .look(let names):
      let names = Array(names.prefix(EngineCore.mostBoards))
      clients[client]?.boards = names
      return names.map { .send(client, .board(name: $0, board($0, at: now))) }
    case .cancel(let id):
      return errands.filter { $0.value.client == client && $0.value.id == id }.keys.sorted()
        .map { .cancel($0) }
    }
  }

  private mutating func greet(
    _ client: ClientID, version: UInt64, isReadOnly: Bool
  ) -> [EngineEffect] {
    guard version == ClientMessage.version else {
      return [
        .send(client, .goodbye("this engine speaks protocol \(ClientMessage.version)")),
        .close(client),
      ]
    }
    hadClient = true
    clients[client]?.hasGreeted = true
    clients[client]?.isReadOnly = isReadOnly
    status.clients = clients.values.count(where: \.hasGreeted)
    return [.send(client, .welcome(version: ClientMessage.version, status))]
      + tellStatus(except: client)
  }

  private mutating func forget(_ client: ClientID) -> [EngineEffect] {
    clients[client] = nil
    status.clients = clients.values.count(where: \.hasGreeted)
    // An import goes on without its client; whatever only answers a question ends.
    let left = errands.filter { $0.value.client == client }.keys
    for work in left { errands[work] = nil }
    if mode.isDemo && hadClient && clients.isEmpty { return end("the demonstration is over") }
    return tellStatus(except: nil)
  }

  private mutating func catchUp(_ client: ClientID, at now: Instant) -> [EngineEffect] {
    guard clients[client]?.isBehind ?? false else { return [] }
    clients[client]?.isBehind = false
    return settlement.map { [.send(client, .snapshot($0.snapshot(at: now)))] } ?? []
  }

  /// A client does not take what it is sent: from now on it gets one snapshot when it is ready.
  mutating func fellBehind(_ client: ClientID) {
    clients[client]?.isBehind = true
  }

  private func tellStatus(except client: ClientID?) -> [EngineEffect] {
    let others = clients.keys.filter { $0 != client && clients[$0]?.hasGreeted ?? false }
    return others.isEmpty ? [] : [.sendAll(others.sorted(), .status(status))]
  }

  private mutating func end(_ reason: String) -> [EngineEffect] {
    [.runFeed(false), .sendAll(clients.keys.sorted(), .goodbye(reason)), .exit]
  }
}

// MARK: - Requests

extension EngineCore {
  private mutating func ask(
    _ request: Request, _ errand: Errand, isReadOnly: Bool
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
    default: return start(.request(request, spec), errand)
    }
  }

  private static func fault(
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

  private mutating func page(_ query: LedgerQuery, _ errand: Errand) -> [EngineEffect] {
    guard settlement != nil else {
      return refuse(
        errand, Refusal(.locked, "the vault is locked", advice: "Run: coffer unlock"))
    }
    return start(.page(query), errand)
  }

  private mutating func start(_ work: Work, _ errand: Errand) -> [EngineEffect] {
    guard errands.values.count(where: { $0.client == errand.client }) < EngineCore.mostErrands
    else { return refuse(errand, Refusal(.busy, "too many requests at once")) }
    lastWork += 1
    let id = WorkID(number: lastWork)
    errands[id] = errand
    return [.work(id, work)]
  }

  private func refuse(_ errand: Errand, _ refusal: Refusal) -> [EngineEffect] {
    [.send(errand.client, .refusal(id: errand.id, refusal))]
  }

  private mutating func report(_ progress: Progress, of work: WorkID) -> [EngineEffect] {
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

  private mutating func finish(
    _ work: WorkID, _ result: WorkResult, at now: Instant
  ) -> [EngineEffect] {
    let wasBusy = !status.activity.isEmpty
    status.activity = ""
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
    ])
  }
}

// MARK: - Boards

extension EngineCore {
  /// A board as it is now; empty for one that is not known.
  private func board(_ name: String, at now: Instant) -> Report { Report() }
}

// MARK: - The portfolio

extension EngineCore {
  private mutating func take(_ changes: LedgerChanges, at now: Instant) -> [EngineEffect] {
    if changes.isEmpty { return [] }
    if changes.wasClosed { return close() }
    if let contents = changes.opened { return open(contents, at: now) }
    for account in changes.accounts { settlement?.take(account) }
    if let links = changes.links { settlement?.take(links) }
    if let currency = changes.currency { settlement?.take(currency) }
    for (key, holding) in changes.holdings { settlement?.take(holding, for: key) }
    for quote in changes.quotes { settlement?.take(quote) }
    let before = status
    if let entries = changes.entries { status.entries = entries }
    if let refused = changes.refused { status.refused = refused }
    var effects = publish(at: now)
    if changes.currency != nil, let settlement {
      // Every value is in another unit: clients start over.
      effects = [.sendAll(watchers, .snapshot(settlement.snapshot(at: now)))]
    }
    return before == status ? effects : effects + tellStatus(except: nil)
  }

  private mutating func open(_ contents: VaultContents, at now: Instant) -> [EngineEffect] {
    var settlement = Settlement(currency: contents.currency, links: contents.links)
    for account in contents.accounts { settlement.take(account) }
    for (key, holding) in contents.holdings { settlement.take(holding, for: key) }
    for quote in contents.quotes { settlement.take(quote) }
    _ = settlement.settle(at: now)
    self.settlement = settlement
    status.isUnlocked = true
    status.entries = contents.entries
    status.refused = contents.refused
    return tellStatus(except: nil)
      + [.sendAll(watchers, .snapshot(settlement.snapshot(at: now))), .runFeed(mode.isDemo)]
      + [wake(after: now)]
  }

  private mutating func close() -> [EngineEffect] {
    settlement = nil
    status.isUnlocked = false
    status.entries = 0
    status.refused = 0
    return [.runFeed(false), .wake(nil)] + tellStatus(except: nil)
  }

  /// Prices wait a moment for others, so that a busy feed gives a few changes a second.
  private mutating func take(_ quotes: [Quote], at now: Instant) -> [EngineEffect] {
    guard settlement != nil else { return [] }
    for quote in quotes { settlement?.take(quote) }
    if settleAt == nil {
      settleAt = Instant(microseconds: now.microseconds + EngineCore.quotePause)
    }
    return [wake(after: now)]
  }

  private mutating func publish(at now: Instant) -> [EngineEffect] {
    settleAt = nil
    guard let change = settlement?.settle(at: now) else { return [wake(after: now)] }
    let receivers = watchers
    return (receivers.isEmpty ? [] : [.sendAll(receivers, .change(change))]) + [wake(after: now)]
  }

  private var watchers: [ClientID] {
    clients.keys.filter { id in
      clients[id].map { $0.isWatching && !$0.isBehind } ?? false
    }.sorted()
  }

  /// The next time something happens by itself: gathered prices, or a price that turns stale.
  private func wake(after now: Instant) -> EngineEffect {
    let stale = settlement?.nextStale(after: now).map {
      Instant(microseconds: max($0.microseconds, now.microseconds) + 1_000)
    }
    return .wake([settleAt, stale].compactMap { $0 }.min())
  }
}
