import Amounts
import Encodings
import Ledger
import Prices
import Simulator
import Sync
import VenueKit

/// A request on its way out, as the courier needs it.
struct FetchJob: Sendable {
  /// The ticket of the limiter.
  let ticket: UInt64
  /// Whose key signs it; `nil` for open calls.
  let account: AccountID?
  /// The venue's word.
  let venue: String
  /// What is asked.
  let call: Call
  /// The venue's clock less ours, in microseconds.
  let clockOffset: Int64
  /// The request itself, where it is not a venue's call: a question to a chain's server.
  var plain: OutgoingRequest?
}

/// What became of a request.
enum FetchResult: Sendable {
  /// The venue answered.
  case answered(IncomingAnswer)
  /// No answer came.
  case failed(wasSent: Bool, VenueFault)
}

/// An account that is kept up to date, as the vault knows it.
struct FollowedAccount: Sendable {
  /// The account its entries are booked on.
  var account: AccountID
  /// The venue's word.
  var venue: String
  /// What the user decided.
  var settings: SyncSettings
  /// What was stored of its lanes.
  var states: [String: String]
  /// When its key was stored.
  var keyMade: Instant?
  /// Whether the user stopped it.
  var isPaused = false
  /// What is watched, of a wallet.
  var watch: WatchedText?
}

/// Everything of the engine that talks with venues: what to ask, when, and what came of it.
///
/// Pure as the core is: requests leave as effects and come back as events.
struct SyncDesk {
  /// What the desk wants done.
  enum Effect: Sendable {
    /// Send a request.
    case fetch(FetchJob)
    /// Give a request up.
    case abandon(UInt64)
    /// Write a batch down.
    case store(SyncBatch)
    /// Compare books with balances.
    case reconcile(VaultWorker.Reconciliation)
    /// Prices came.
    case quotes([Quote])
    /// A key was tried.
    case probed(WorkID, Probe.Findings)
    /// A stream's token came, or none could be had.
    case token(StreamID, Call, FetchResult)
  }

  /// What a ticket is for.
  private enum Use {
    /// One of the calls of the sync machine.
    case sync(call: Int, index: Int)
    /// Prices.
    case prices(PriceDesk.Question)
    /// A key that is being tried.
    case probe(WorkID)
    /// A stream's token.
    case token(StreamID, Call)
    /// A question to a chain's server.
    case wallet(Int)
  }

  /// The calls of one wish of the machine, and their answers so far.
  private struct Wish {
    let call: SyncCall
    var answers: [IncomingAnswer?]
    var tickets: [UInt64]
  }

  private(set) var machine: SyncMachine
  private(set) var limiter = Limiter()
  var prices: PriceDesk
  private(set) var wallets: WalletDesk
  private var wishes: [Int: Wish] = [:]
  private var uses: [UInt64: Use] = [:]
  private var jobs: [UInt64: FetchJob] = [:]
  private var asks: [UInt64: Ask] = [:]
  private var lastTicket: UInt64 = 0
  private var generator: SeededGenerator
  private var machineWake: Instant?
  private var limiterWake: Instant?
  private var probes: [WorkID: Probe] = [:]
  private(set) var records: [AccountID: FollowedAccount] = [:]
  /// Whose batches are on their way to the disk.
  private var storing: [Int: AccountID] = [:]
  /// What lanes said of balances lately.
  private var views: [AccountID: [LaneID: [ReportedBalances]]] = [:]
  /// The balances that were compared with the books last, and when.
  private var compared: [AccountID: Instant] = [:]
  private var comparedAt: [AccountID: Instant] = [:]
  private(set) var tally = CallTally()
  /// Whether a venue's markets became known, so that other prices may be wanted.
  var hasNewMarkets = false
  /// The venues whose prices stream.
  var streamedVenues: Set<String> = []
  /// The accounts whose own stream is open.
  var liveAccounts: Set<AccountID> = []
  /// Whether something changed that a board shows.
  var isBoardDirty = false
  /// Nothing is asked while the engine is off the network.
  let isOffline: Bool

  /// How many calls were wished for, sent and saved.
  struct CallTally: Hashable, Sendable {
    var asked = 0
    var sent = 0
    var shared = 0
  }

  /// The venues that are known.
  let venues: VenueCatalogue

  init(
    seed: UInt64, isOffline: Bool, tools: SigningTools, venues: VenueCatalogue,
    policy: SyncPolicy = SyncPolicy()
  ) {
    self.venues = venues
    prices = PriceDesk(venues: venues)
    wallets = WalletDesk(tools: tools)
    generator = SeededGenerator(seed: seed)
    machine = SyncMachine(policy: policy, seed: seed)
    self.isOffline = isOffline
    for venue in venues.all { limiter.know(venue.id, venue.limits) }
  }

  /// When something is due by itself.
  var wakeAt: Instant? {
    if isOffline { return nil }
    return [machineWake, limiterWake, prices.wakeAt, wallets.wakeAt].compactMap { $0 }.min()
  }
}

// MARK: - Accounts

extension SyncDesk {
  /// Takes accounts under its care.
  mutating func take(_ new: [FollowedAccount], at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    for record in new {
      if let text = record.watch {
        records[record.account] = record
        isBoardDirty = true
        limiter.know(WalletDesk.limitName(of: text.chain), WalletDesk.limits)
        wallets.add(
          record.account, text, states: record.states,
          isPaused: isOffline || record.isPaused, at: now)
        effects += carryOut(wallets.tick(at: now), at: now)
        continue
      }
      guard let venue = venues.named(record.venue) else { continue }
      records[record.account] = record
      isBoardDirty = true
      if isOffline || record.isPaused { continue }
      let setup = AccountSetup(
        account: record.account, venue: venue, settings: record.settings, states: record.states)
      effects += tell(.added(setup), at: now)
    }
    return effects + pump(at: now)
  }

  /// Gives an account up.
  mutating func forget(_ account: AccountID, at now: Instant) -> [Effect] {
    records[account] = nil
    isBoardDirty = true
    wallets.forget(account)
    return tell(.removed(account), at: now) + pump(at: now)
  }

  /// A batch is on the disk: where balances are whole and history has caught up, books are compared.
  mutating func stored(_ batch: Int, at now: Instant) -> [Effect] {
    if wallets.stored(batch, isWritten: true, at: now) { return [] }
    let account = storing.removeValue(forKey: batch)
    var effects = hear(.stored(batch: batch), at: now)
    guard let account, let status = machine.status(of: account, at: now),
      status.isBalanceComplete, let to = status.completeTo, let venue = venues.named(status.venue)
    else { return effects }
    let pause = machine.policy.comparePause
    if let last = comparedAt[account], now < last.advanced(bySeconds: pause) { return effects }
    // History has to be known a little beyond the balances, or nothing could be compared.
    let settled = to.advanced(bySeconds: -RollForward.settling)
    guard let view = view(of: account, upTo: settled),
      compared[account].map({ view.asked > $0 }) ?? true
    else { return effects }
    compared[account] = view.asked
    comparedAt[account] = now
    effects.append(
      .reconcile(
        VaultWorker.Reconciliation(
          account: account, venue: venue, asked: view.asked, balances: view.balances,
          historyTo: to)))
    return effects
  }

  /// How many of a lane's balances are remembered until history has caught up with them.
  static let mostViews = 30

  private mutating func note(_ told: ReportedBalances, of account: AccountID, _ lane: LaneID) {
    var kept = views[account]?[lane] ?? []
    kept.append(told)
    views[account, default: [:]][lane] = kept.suffix(SyncDesk.mostViews)
  }

  /// The latest balances of all lanes that history has caught up with; `nil` where there are none
  /// from one round.
  private func view(
    of account: AccountID, upTo end: Instant
  ) -> (asked: Instant, balances: [Balance])? {
    guard let lanes = views[account], !lanes.isEmpty else { return nil }
    var asked: [Instant] = []
    var balances: [Balance] = []
    for kept in lanes.values {
      guard let last = kept.last(where: { $0.time.seconds <= end.seconds }) else { return nil }
      asked.append(last.time)
      balances += last.rows
    }
    guard let first = asked.min(), let last = asked.max(),
      last.microseconds - first.microseconds < 120_000_000
    else { return nil }
    return (first, balances)
  }

  /// Tells the machine something and does what it wants.
  mutating func hear(_ event: SyncEvent, at now: Instant) -> [Effect] {
    tell(event, at: now) + pump(at: now)
  }

  /// Goes on with what is due.
  mutating func tick(at now: Instant) -> [Effect] {
    if isOffline { return [] }
    var effects: [Effect] = []
    if let due = machineWake, now >= due {
      machineWake = nil
      effects += tell(.tick, at: now)
    }
    effects += carryOut(wallets.tick(at: now), at: now)
    for question in prices.due(at: now, streamed: streamedVenues) {
      effects += ask(question, at: now)
    }
    return effects + pump(at: now)
  }

  private mutating func tell(_ event: SyncEvent, at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    for action in machine.handle(event, at: now) { effects += perform(action, at: now) }
    return effects
  }

  private mutating func perform(_ action: SyncAction, at now: Instant) -> [Effect] {
    switch action {
    case .send(let call): return submit(call, at: now)
    case .cancel(let call): return withdraw(call, at: now)
    case .store(let batch):
      storing[batch.id] = batch.account
      if let told = batch.balances { note(told, of: batch.account, batch.lane) }
      return [.store(batch)]
    case .markets(let venue, _):
      // One list of several: all that the venue has told counts.
      prices.know(venue: venue, machine.markets(of: venue).all, at: now)
      hasNewMarkets = true
      return []
    case .wake(let instant):
      machineWake = instant
      return []
    case .report:
      isBoardDirty = true
      return []
    }
  }
}

// MARK: - Calls

extension SyncDesk {
  private mutating func submit(_ call: SyncCall, at now: Instant) -> [Effect] {
    var wish = Wish(
      call: call, answers: Array(repeating: nil, count: call.calls.count), tickets: [])
    wishes[call.id] = wish
    let status = machine.status(of: call.account, at: now)
    for (index, one) in call.calls.enumerated() {
      let ticket = number()
      wish.tickets.append(ticket)
      wishes[call.id] = wish
      uses[ticket] = .sync(call: call.id, index: index)
      asks[ticket] = call.ask
      let priority: Limiter.Priority = call.tier <= .recent ? .fresh : .backfill
      let isTaken = line(
        ticket, call.account, call.venue, one, priority, offset: status?.clockOffset ?? 0, at: now)
      if !isTaken {
        drop(call.id)
        let fault = VenueFault.refused(
          VenueRefusal(.retryable, message: "too much is waiting already"))
        return tell(.failed(call: call.id, fault), at: now)
      }
    }
    return []
  }

  private mutating func number() -> UInt64 {
    lastTicket += 1
    return lastTicket
  }

  /// Puts a call in line; whether the limiter took it.
  private mutating func line(
    _ ticket: UInt64, _ account: AccountID, _ venue: String, _ call: Call,
    _ priority: Limiter.Priority, offset: Int64, at now: Instant
  ) -> Bool {
    let isOpen = venues.named(venue)?.isOpen(call) ?? false
    let key = isOpen ? "" : account.slug
    jobs[ticket] = FetchJob(
      ticket: ticket, account: isOpen ? nil : account, venue: venue, call: call,
      clockOffset: offset)
    tally.asked += 1
    let submission = limiter.submit(
      Limiter.Ticket(
        id: ticket, venue: venue, key: key,
        costs: call.cost.sorted { $0.key < $1.key }.map { Limiter.Cost($0.key, $0.value) },
        priority: priority, coalescing: call.readText), at: now)
    switch submission {
    case .queued: return true
    case .joined:
      tally.shared += 1
      return true
    case .refused:
      uses[ticket] = nil
      jobs[ticket] = nil
      asks[ticket] = nil
      return false
    }
  }

  private mutating func drop(_ call: Int) {
    for ticket in wishes.removeValue(forKey: call)?.tickets ?? [] {
      uses[ticket] = nil
      asks[ticket] = nil
    }
  }

  private mutating func withdraw(_ call: Int, at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    for ticket in wishes[call]?.tickets ?? [] {
      if case .isUnderWay = limiter.withdraw(ticket, at: now) { effects.append(.abandon(ticket)) }
    }
    drop(call)
    return effects + tell(.cancelled(call: call), at: now)
  }

  /// Lets go what the limits allow.
  private mutating func pump(at now: Instant) -> [Effect] {
    if isOffline { return [] }
    var effects: [Effect] = []
    let turn = limiter.next(at: now)
    limiterWake = turn.wakeAt
    for ticket in turn.ready {
      guard let job = jobs[ticket.id] else { continue }
      tally.sent += 1
      effects.append(.fetch(job))
    }
    for ticket in turn.expired {
      let fault = VenueFault.refused(VenueRefusal(.retryable, message: "it waited too long"))
      effects += settle(ticket.id, .failed(wasSent: false, fault), at: now)
    }
    return effects
  }

  /// Takes what became of a request.
  mutating func take(_ result: FetchResult, of ticket: UInt64, at now: Instant) -> [Effect] {
    let outcome = outcome(of: result, ticket)
    let finished = limiter.finished(ticket, outcome, at: now, using: &generator)
    isBoardDirty = true
    var effects: [Effect] = []
    for one in [ticket] + finished.sharing { effects += settle(one, result, at: now) }
    return effects + pump(at: now)
  }

  private func outcome(of result: FetchResult, _ ticket: UInt64) -> Limiter.Outcome {
    switch result {
    case .failed(let wasSent, _): return .failed(wasSent: wasSent)
    case .answered(let answer):
      // A refusal may say "too fast" in a body of status 200; such bodies are short.
      if answer.body.count < 4_096, let job = jobs[ticket], let venue = venues.named(job.venue) {
        let ask = asks[ticket] ?? Ask(now: Instant(microseconds: 0))
        do throws(VenueFault) {
          _ = try venue.answer(ask, job.call, answer)
        } catch {
          if case .refused(let refusal) = error, refusal.kind == .rate,
            !venue.limits.slowStatuses.contains(answer.status),
            !venue.limits.banStatuses.contains(answer.status)
          {
            return .slowed(until: nil)
          }
        }
      }
      return .answered(status: answer.status, headers: answer.headers)
    }
  }

  private mutating func settle(
    _ ticket: UInt64, _ result: FetchResult, at now: Instant
  ) -> [Effect] {
    defer {
      jobs[ticket] = nil
      asks[ticket] = nil
    }
    guard let use = uses.removeValue(forKey: ticket) else { return [] }
    switch use {
    case .sync(let call, let index): return settle(call, index, result, at: now)
    case .prices(let question):
      let quotes = prices.take(result, of: question, at: now)
      return quotes.isEmpty ? [] : [.quotes(quotes)]
    case .probe(let work): return settle(probe: work, result, at: now)
    case .token(let stream, let call): return [.token(stream, call, result)]
    case .wallet(let number):
      isBoardDirty = true
      return carryOut(wallets.take(result, of: number, at: now), at: now)
    }
  }

  private mutating func settle(
    _ call: Int, _ index: Int, _ result: FetchResult, at now: Instant
  ) -> [Effect] {
    switch result {
    case .failed(_, let fault):
      drop(call)
      return tell(.failed(call: call, fault), at: now)
    case .answered(let answer):
      guard wishes[call] != nil else { return [] }
      wishes[call]?.answers[index] = answer
      guard let wish = wishes[call], wish.answers.allSatisfy({ $0 != nil }) else { return [] }
      wishes[call] = nil
      return tell(.answered(call: call, wish.answers.compactMap { $0 }), at: now)
    }
  }
}

// MARK: - Prices

extension SyncDesk {
  /// Says which assets are held, so that their prices are asked for.
  mutating func watch(_ assets: Set<AssetID>, links: AssetLinks, at now: Instant) {
    prices.watch(assets, links: links, venues: Set(records.values.map(\.venue)), at: now)
  }

  private mutating func ask(
    _ question: PriceDesk.Question, at now: Instant
  ) -> [Effect] {
    let ticket = number()
    uses[ticket] = .prices(question)
    asks[ticket] = question.ask
    let isTaken = line(
      ticket, AccountID(named: question.venue), question.venue, question.call, .fresh, offset: 0,
      at: now)
    if !isTaken { uses[ticket] = nil }
    return []
  }
}

// MARK: - Wallets

extension SyncDesk {
  private mutating func carryOut(_ wanted: [WalletDesk.Effect], at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    for effect in wanted {
      switch effect {
      case .store(let batch): effects.append(.store(batch))
      case .ask(let question, let server, let request):
        let ticket = number()
        uses[ticket] = .wallet(question)
        jobs[ticket] = FetchJob(
          ticket: ticket, account: nil, venue: server, call: Call("", request.method, ""),
          clockOffset: 0, plain: request)
        tally.asked += 1
        let submission = limiter.submit(
          Limiter.Ticket(id: ticket, venue: server, priority: .fresh), at: now)
        if case .refused = submission {
          let fault = VenueFault.unsupported("too much is waiting already")
          effects += settle(ticket, .failed(wasSent: false, fault), at: now)
        }
      }
    }
    return effects
  }

  /// A batch could not be written.
  mutating func unstored(_ batch: Int, at now: Instant) -> [Effect] {
    if wallets.stored(batch, isWritten: false, at: now) { return [] }
    return hear(.storeFailed(batch: batch), at: now)
  }
}

// MARK: - Tokens of streams

extension SyncDesk {
  /// Asks for the token that a stream needs.
  mutating func fetchToken(
    _ stream: StreamID, _ account: AccountID, _ venue: String, _ call: Call, at now: Instant
  ) -> [Effect] {
    let ticket = number()
    uses[ticket] = .token(stream, call)
    asks[ticket] = Ask(now: now)
    let offset = machine.status(of: account, at: now)?.clockOffset ?? 0
    guard line(ticket, account, venue, call, .interactive, offset: offset, at: now) else {
      return [.token(stream, call, .failed(wasSent: false, .unsupported("too much is waiting")))]
    }
    return pump(at: now)
  }
}

// MARK: - Trying a key

extension SyncDesk {
  /// Starts trying a key; what comes of it is an effect `probed`.
  mutating func start(_ probe: Probe, _ work: WorkID, at now: Instant) -> [Effect] {
    probes[work] = probe
    return step(work, at: now) + pump(at: now)
  }

  private mutating func step(_ work: WorkID, at now: Instant) -> [Effect] {
    guard var probe = probes[work] else { return [] }
    let step = probe.next(at: now)
    probes[work] = probe
    switch step {
    case .ended(let findings):
      probes[work] = nil
      return [.probed(work, findings)]
    case .ask(let call, let ask):
      let ticket = number()
      uses[ticket] = .probe(work)
      asks[ticket] = ask
      let isTaken = line(
        ticket, probe.account, probe.venue.id, call, .interactive, offset: probe.clockOffset,
        at: now)
      if isTaken { return [] }
      uses[ticket] = nil
      probes[work] = nil
      return [.probed(work, Probe.Findings(fault: .unsupported("too much is waiting already")))]
    }
  }

  private mutating func settle(
    probe work: WorkID, _ result: FetchResult, at now: Instant
  ) -> [Effect] {
    probes[work]?.take(result, at: now)
    return step(work, at: now)
  }
}

extension Venue {
  /// Whether a call goes out without a key.
  func isOpen(_ call: Call) -> Bool {
    guard let surface = surfaces.first(where: { $0.name == call.surface }) else { return false }
    return surface.recipe.isOpen
  }
}

extension Call {
  /// The call as text where it is a read that may be shared; `nil` where it changes something.
  var readText: String? {
    method == "GET" ? "\(surface) \(path) \(parameters.json.text)" : nil
  }
}
