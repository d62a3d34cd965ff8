import Amounts
import Encodings
import Ledger
import Prices
import Simulator
import Sync
import Transport
import Vault
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
  /// By what its answer is kept; `nil` keeps none.
  var keeping: Keeping?
  /// Header fields that ask for the answer only if it has changed.
  var conditions: [(name: String, value: String)] = []
  /// The request itself, where it is not a venue's call: a question to a chain's server.
  var plain: OutgoingRequest?
  /// Whether it logs in: what the answer gives stays with the courier.
  var isLogin = false
  /// The session it carries, by the ticket of its login.
  var session: UInt64?
  /// Whether it is asked once more with another session; it never is a third time.
  var isSecond = false
  /// What it waits behind.
  var priority = Limiter.Priority.backfill
  /// How many calls follow on its answer that others leave room for.
  var followers = 0
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
  /// The ids of its parts that were typed with its key, by the names of `Ask.accounts`.
  var named: [String: String] = [:]
  /// What the ledger has of a wallet of which nothing was stored yet.
  var held: [WalletDesk.Spot: Quantity] = [:]
  /// What each lane of balances told last with the present key, by the lane's text.
  var balances: [String: ReportedBalances] = [:]
  /// When each lane of positions told something last, with the present key.
  var positionsTold: [String: Instant] = [:]
  /// What the present key may do, and when that was read.
  var rights: (rights: KeyRights, time: Instant)?
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
    /// What an account has by its venue's word, as long as its history is not read; `nil` after that.
    case reported(AccountID, [AssetID: Quantity]?)
    /// Keep `limiter.memory`.
    case keepLimits
    /// Prices came.
    case quotes([Quote])
    /// A key was tried.
    case probed(WorkID, Probe.Findings)
    /// A stream's token came, or none could be had.
    case token(StreamID, Call, FetchResult)
    /// A venue's markets, as far as they could be read, and why not all.
    case markets(String, [Market], VenueFault?)
    /// A book came, or none could be had; with the levels that were asked for.
    case book(OrderBookID, Result<OrderBook, VenueFault>, Int?)
    /// Candles came, and are to be kept with what was asked for.
    case candles([BarRecord], [BarCoverage])
    /// There is more of assets' bars than there was.
    case moreBars(Set<AssetID>)
  }

  /// What a ticket is for.
  enum Use {
    /// One of the calls of the sync machine.
    case sync(call: Int, index: Int)
    /// Prices.
    case prices(PriceDesk.Question)
    /// A key that is being tried.
    case probe(WorkID)
    /// A stream's token.
    case token(StreamID, Call)
    /// The login of an account.
    case login(AccountID)
    /// A question to a chain's server.
    case wallet(Int)
    /// A list of markets of a venue.
    case markets(String)
    /// A market's book, and the levels asked for.
    case book(OrderBookID, Call, Int?)
    /// Candles.
    case candles(BackfillDesk.Page)
  }

  /// The calls of one wish of the machine, and their answers so far.
  private struct Wish {
    let call: SyncCall
    var answers: [IncomingAnswer?]
    var tickets: [UInt64]
  }

  private(set) var machine: SyncMachine
  var limiter = Limiter(options: SyncDesk.limiterOptions)
  var sessions = SessionDesk()
  /// Calls that fail without being sent, at the next turn.
  var refusals: [(ticket: UInt64, fault: VenueFault)] = []
  var prices: PriceDesk
  var backfill: BackfillDesk
  var wallets: WalletDesk
  private var wishes: [Int: Wish] = [:]
  var uses: [UInt64: Use] = [:]
  var jobs: [UInt64: FetchJob] = [:]
  var asks: [UInt64: Ask] = [:]
  private var lastTicket: UInt64 = 0
  var generator: SeededGenerator
  private var machineWake: Instant?
  private var limiterWake: Instant?
  /// Whether calls were made since the memory of them was kept, and when it is kept again.
  private var areLimitsDirty = false
  private var limitsDue = Instant(microseconds: .min)
  var probes: [WorkID: Probe] = [:]
  /// Lists of markets that somebody waits for, by venue.
  var quests: [String: MarketsQuest] = [:]
  private(set) var records: [AccountID: FollowedAccount] = [:]
  /// Whose batches are on their way to the disk.
  private var storing: [Int: AccountID] = [:]
  /// What lanes said of balances lately.
  private var views: [AccountID: [String: [ReportedBalances]]] = [:]
  /// What accounts have by their venues' word where that was told, and when it was looked at last.
  private var words: [AccountID: [AssetID: Quantity]] = [:]
  private var wordsAt: [AccountID: Instant] = [:]
  /// The accounts at venues of which neither books nor balances are known.
  private var unreadAccounts: Set<AccountID> = []
  /// The balances that were compared with the books last, and when.
  private var compared: [AccountID: Instant] = [:]
  private var comparedAt: [AccountID: Instant] = [:]
  /// Answers that serve others too, and what was asked and saved.
  var kept = KeptAnswers()
  /// Answers that were there already, for tickets that need not go out.
  private var found: [(ticket: UInt64, answer: IncomingAnswer)] = []
  /// The venues that are asked for prices without an account there.
  private(set) var priceVenues: [String] = []
  /// When the markets of such a venue are looked for again.
  private var marketsDue: [String: Instant] = [:]
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

  /// The venues that are known.
  let venues: VenueCatalogue

  /// No orders are sent: the little that is kept free of every allowance serves those who look.
  private static var limiterOptions: Limiter.Options {
    var options = Limiter.Options()
    options.reservePercent = 2
    options.reserveSecondsLeast = 5
    return options
  }

  init(
    seed: UInt64, isOffline: Bool, tools: SigningTools, venues: VenueCatalogue,
    policy: SyncPolicy = SyncPolicy()
  ) {
    self.venues = venues
    prices = PriceDesk(venues: venues)
    backfill = BackfillDesk(venues: venues)
    wallets = WalletDesk(tools: tools)
    generator = SeededGenerator(seed: seed)
    machine = SyncMachine(policy: policy, seed: seed)
    self.isOffline = isOffline
    for venue in venues.all { limiter.know(venue.id, venue.limits) }
  }

  /// When something is due by itself.
  var wakeAt: Instant? {
    if isOffline { return nil }
    return [
      machineWake, limiterWake, prices.wakeAt, wallets.wakeAt, marketsDue.values.min(),
      backfill.wakeAt, areLimitsDirty ? limitsDue : nil,
    ]
    .compactMap { $0 }.min()
  }
}

// MARK: - Accounts

extension SyncDesk {
  /// The accounts that were never read to the end: what they have is not known.
  var unread: Set<AccountID> { unreadAccounts.union(wallets.unread) }

  /// Whether an account was never read to the end, by what is stored of it.
  static func isUnread(
    _ record: FollowedAccount, _ venues: VenueCatalogue, policy: SyncPolicy, at now: Instant
  ) -> Bool {
    if record.watch != nil { return !WalletDesk.isKnown(states: record.states, held: record.held) }
    guard let venue = venues.named(record.venue) else { return record.states.isEmpty }
    let setup = AccountSetup(record, venue)
    var machine = SyncMachine(policy: policy, seed: 0)
    _ = machine.handle(.added(setup), at: now)
    return machine.knowsBalancesOnly(record.account, at: now) == nil
      && machine.readTo(record.account, at: now) == nil
  }

  /// Takes accounts under its care.
  ///
  /// - Parameters:
  ///   - new: The accounts.
  ///   - limits: What was kept of calls made before, if something was.
  ///   - now: The present.
  /// - Returns: What is to be done.
  mutating func take(
    _ new: [FollowedAccount], limits: String? = nil, at now: Instant
  ) -> [Effect] {
    var effects: [Effect] = []
    for case let chain? in new.map(\.watch?.chain) {
      limiter.know(WalletDesk.limitName(of: chain), WalletDesk.limits)
    }
    if let limits { limiter.recall(limits, at: now) }
    for record in new {
      if record.watch == nil, words[record.account] == nil,
        SyncDesk.isUnread(record, venues, policy: machine.policy, at: now)
      {
        unreadAccounts.insert(record.account)
      }
      if let text = record.watch {
        records[record.account] = record
        isBoardDirty = true
        wallets.add(
          record.account, text, states: record.states, held: record.held,
          isPaused: isOffline || record.isPaused, at: now)
        effects += carryOut(wallets.tick(at: now), at: now)
        continue
      }
      guard let venue = venues.named(record.venue) else { continue }
      records[record.account] = record
      isBoardDirty = true
      views[record.account] = record.balances.mapValues { [$0] }
      let setup = AccountSetup(record, venue)
      if isOffline || record.isPaused {
        effects += tellWord(of: setup, at: now)
        continue
      }
      effects += endSession(of: record.account, at: now)
      effects += tell(.added(setup), at: now)
      effects += tellWord(of: record.account, at: now)
    }
    return effects + pump(at: now)
  }

  /// Gives an account up.
  mutating func forget(_ account: AccountID, at now: Instant) -> [Effect] {
    records[account] = nil
    isBoardDirty = true
    wallets.forget(account)
    unreadAccounts.remove(account)
    wordsAt[account] = nil
    views[account] = nil
    let word: [Effect] = words.removeValue(forKey: account) == nil ? [] : [.reported(account, nil)]
    return word + endSession(of: account, at: now) + tell(.removed(account), at: now)
      + pump(at: now)
  }

  /// A batch is on the disk: where balances are whole and history has caught up, books are compared.
  mutating func stored(_ batch: Int, at now: Instant) -> [Effect] {
    if wallets.stored(batch, isWritten: true, at: now) { return [] }
    let account = storing.removeValue(forKey: batch)
    var effects = hear(.stored(batch: batch), at: now)
    guard let account else { return effects }
    effects += tellWord(of: account, at: now)
    let pause = machine.policy.comparePause
    if let last = comparedAt[account], now < last.advanced(bySeconds: pause) { return effects }
    guard let to = machine.comparable(account, at: now), let record = records[account],
      let venue = venues.named(record.venue)
    else { return effects }
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

  /// Seconds between two looks at whether books are whole.
  static let wordPause: Int64 = 2

  /// Says what a venue's word is where the books are not whole yet: a part of them is not what the
  /// account has.
  private mutating func tellWord(of account: AccountID, at now: Instant) -> [Effect] {
    if let last = wordsAt[account], now < last.advanced(bySeconds: SyncDesk.wordPause) { return [] }
    guard let venue = records[account].flatMap({ venues.named($0.venue) }),
      let isAlone = machine.knowsBalancesOnly(account, at: now)
    else { return [] }
    wordsAt[account] = now
    return tellWord(of: account, at: venue, isAlone: isAlone)
  }

  /// Says it of an account that is not asked at present, from what was stored of it.
  private mutating func tellWord(of setup: AccountSetup, at now: Instant) -> [Effect] {
    var machine = SyncMachine(policy: machine.policy, seed: 0)
    _ = machine.handle(.added(setup), at: now)
    guard let isAlone = machine.knowsBalancesOnly(setup.account, at: now) else { return [] }
    return tellWord(of: setup.account, at: setup.venue, isAlone: isAlone)
  }

  private mutating func tellWord(
    of account: AccountID, at venue: Venue, isAlone: Bool
  ) -> [Effect] {
    var word: [AssetID: Quantity]?
    if isAlone {
      let rows = (views[account] ?? [:]).values.compactMap(\.last).flatMap(\.rows)
      word = try? RollForward(venue: venue).reported(rows).filter { !$0.value.isZero }
    }
    if word != nil || !isAlone { unreadAccounts.remove(account) }
    if words[account] == word { return [] }
    words[account] = word
    return [.reported(account, word)]
  }

  /// How many of a lane's balances are remembered until history has caught up with them.
  static let mostViews = 30

  private mutating func note(_ told: ReportedBalances, of account: AccountID, _ lane: LaneID) {
    var kept = views[account]?[lane.text] ?? []
    kept.append(told)
    views[account, default: [:]][lane.text] = kept.suffix(SyncDesk.mostViews)
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
    for venue in marketsDue.keys.sorted() where marketsDue[venue].map({ $0 <= now }) ?? false {
      marketsDue[venue] = now.advanced(bySeconds: SyncDesk.marketsPause)
      effects += lookAtMarkets(of: venue, at: now)
    }
    for question in prices.due(at: now, streamed: streamedVenues) {
      effects += ask(question, at: now)
    }
    effects += goOnWithBars(at: now)
    return effects + pump(at: now)
  }

  mutating func tell(_ event: SyncEvent, at now: Instant) -> [Effect] {
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
    let offset = machine.clockOffset(of: call.account)
    for (index, one) in call.calls.enumerated() {
      let ticket = number()
      wish.tickets.append(ticket)
      wishes[call.id] = wish
      uses[ticket] = .sync(call: call.id, index: index)
      asks[ticket] = call.ask
      let priority: Limiter.Priority = call.tier <= .recent ? .fresh : .backfill
      let isTaken = line(
        ticket, call.account, call.venue, one, priority, offset: offset,
        keptSeconds: call.keptSeconds, followers: call.followers, at: now)
      if !isTaken {
        drop(call.id)
        let fault = VenueFault.refused(
          VenueRefusal(.retryable, message: "too much is waiting already"))
        return tell(.failed(call: call.id, fault), at: now)
      }
    }
    return []
  }

  mutating func number() -> UInt64 {
    lastTicket += 1
    return lastTicket
  }

  /// Puts a call in line; whether the limiter took it.
  ///
  /// One whose answer is kept costs nothing.
  mutating func line(
    _ ticket: UInt64, _ account: AccountID, _ venue: String, _ call: Call,
    _ priority: Limiter.Priority, offset: Int64, keptSeconds: Int? = nil, followers: Int = 0,
    at now: Instant
  ) -> Bool {
    let known = venues.named(venue)
    let isOpen = known?.isOpen(call) ?? false
    var job = FetchJob(
      ticket: ticket, account: isOpen ? nil : account, venue: venue, call: call,
      clockOffset: offset)
    job.priority = priority
    job.followers = followers
    job.keeping = known.flatMap { kept.keeping(call, of: $0, seconds: keptSeconds) }
    if let keeping = job.keeping {
      switch kept.look(keeping, of: venue, points: call.points, at: now) {
      case .answer(let answer):
        jobs[ticket] = job
        found.append((ticket, answer))
        return true
      case .conditions(let fields): job.conditions = fields
      case .nothing: break
      }
    }
    jobs[ticket] = job
    if admit(ticket, at: now) { return true }
    forgetTicket(ticket)
    return false
  }

  /// Puts a call in the limiter's line; whether it was taken.
  mutating func queue(_ ticket: UInt64, at now: Instant) -> Bool {
    guard let job = jobs[ticket] else { return false }
    let submission = limiter.submit(
      Limiter.Ticket(
        id: ticket, venue: job.venue, key: job.account?.slug ?? "",
        costs: job.call.cost.sorted { $0.key < $1.key }.map { Limiter.Cost($0.key, $0.value) },
        priority: job.priority, coalescing: job.isLogin ? nil : job.call.readText,
        followers: job.followers), at: now)
    switch submission {
    case .queued: return true
    case .joined:
      kept.noteShared(job.venue, points: job.call.points)
      return true
    case .refused: return false
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
      if let account = jobs[ticket]?.account, sessions.leave(ticket, of: account) {
        jobs[ticket] = nil
        continue
      }
      if case .isUnderWay = limiter.withdraw(ticket, at: now) { effects.append(.abandon(ticket)) }
    }
    drop(call)
    return effects + tell(.cancelled(call: call), at: now)
  }

  /// The most answers that were there already and are handed out at once.
  static let mostFound = 1_000

  /// Hands out answers that were there already, and lets go what the limits allow.
  mutating func pump(at now: Instant) -> [Effect] {
    if isOffline { return [] }
    var effects: [Effect] = []
    var handed = 0
    while !found.isEmpty, handed < SyncDesk.mostFound {
      let (ticket, answer) = found.removeFirst()
      handed += 1
      effects += settle(ticket, .answered(answer), at: now)
    }
    let turn = limiter.next(at: now)
    limiterWake = found.isEmpty ? turn.wakeAt : now
    var hasHeldBack = false
    for ticket in turn.ready {
      guard let job = jobs[ticket.id] else { continue }
      if holdBack(job, at: now) {
        hasHeldBack = true
        continue
      }
      kept.noteSent(job.venue, points: job.call.points)
      effects.append(.fetch(job))
      areLimitsDirty = true
    }
    for ticket in turn.expired {
      let fault = VenueFault.refused(VenueRefusal(.retryable, message: "it waited too long"))
      effects += settle(ticket.id, .failed(wasSent: false, fault), at: now)
    }
    if hasHeldBack { effects += pump(at: now) }
    if areLimitsDirty, now >= limitsDue {
      areLimitsDirty = false
      limitsDue = Instant(microseconds: now.microseconds &+ SyncDesk.limitsPause)
      effects.append(.keepLimits)
    }
    return effects + settleRefusals(at: now)
  }

  /// How long after the memory of calls was kept it is kept again, in microseconds: calls that were
  /// made in between are forgotten where the program is killed.
  static let limitsPause: Int64 = 250_000

  /// Lets calls fail that were not worth sending.
  private mutating func settleRefusals(at now: Instant) -> [Effect] {
    let due = refusals
    guard !due.isEmpty else { return [] }
    refusals = []
    var effects: [Effect] = []
    for (ticket, fault) in due {
      effects += settle(ticket, .failed(wasSent: false, fault), at: now)
    }
    return effects + pump(at: now)
  }

  /// Takes what became of a request.
  mutating func take(_ result: FetchResult, of ticket: UInt64, at now: Instant) -> [Effect] {
    let outcome = outcome(of: result, ticket)
    let finished = limiter.finished(ticket, outcome, at: now, using: &generator)
    isBoardDirty = true
    areLimitsDirty = true
    if let venue = jobs[ticket]?.venue, isSlowed(outcome, at: venue) { kept.noteSlowed(venue) }
    var effects: [Effect] = []
    var isOfBars = false
    if case .candles? = uses[ticket] { isOfBars = true }
    let answer = known(result, of: ticket, at: now)
    for one in [ticket] + finished.sharing {
      if let answer {
        effects += settle(one, answer, at: now)
      } else {
        effects += repeated(one, at: now)
      }
    }
    if isOfBars { effects += goOnWithBars(at: now) }
    return effects + pump(at: now)
  }

  /// The answer to read: a new one is kept where that is allowed, "not modified" becomes the one
  /// that is kept; `nil` where that is gone.
  private mutating func known(
    _ result: FetchResult, of ticket: UInt64, at now: Instant
  ) -> FetchResult? {
    guard case .answered(let answer) = result, let job = jobs[ticket], let keeping = job.keeping
    else { return result }
    if answer.status == 304 {
      guard !job.conditions.isEmpty else { return result }
    } else if !isGood(answer, job) {
      return result
    }
    let whole = kept.take(answer, keeping, of: job.venue, at: now)
    return whole.map { FetchResult.answered($0) }
  }

  /// Whether an answer may serve others: a refusal with status 200, or a page, may not.
  private func isGood(_ answer: IncomingAnswer, _ job: FetchJob) -> Bool {
    guard let venue = venues.named(job.venue) else { return false }
    do throws(VenueFault) {
      let ask = asks[job.ticket] ?? Ask(now: Instant(microseconds: 0))
      _ = try venue.answer(ask, job.call, answer)
      return true
    } catch {
      return false
    }
  }

  /// Asks once more, whatever was kept.
  private mutating func repeated(_ ticket: UInt64, at now: Instant) -> [Effect] {
    guard jobs[ticket] != nil, uses[ticket] != nil else { return [] }
    jobs[ticket]?.conditions = []
    jobs[ticket]?.priority = .fresh
    if queue(ticket, at: now) { return [] }
    let fault = VenueFault.refused(
      VenueRefusal(.retryable, message: "too much is waiting already"))
    return settle(ticket, .failed(wasSent: false, fault), at: now)
  }

  private func outcome(of result: FetchResult, _ ticket: UInt64) -> Limiter.Outcome {
    switch result {
    case .failed(let wasSent, _): return .failed(wasSent: wasSent)
    case .answered(let answer):
      if answer.status == 304 { return .answered(status: 304, headers: answer.headers) }
      // A refusal may say "too fast" in a body of status 200; such bodies are short.
      if answer.body.count < 4_096, let job = jobs[ticket], let venue = venues.named(job.venue),
        let refusal = refusal(in: answer, to: ticket), refusal.kind == .rate,
        !venue.limits.slowStatuses.contains(answer.status),
        !venue.limits.banStatuses.contains(answer.status)
      {
        return .slowed(until: nil)
      }
      return .answered(status: answer.status, headers: answer.headers)
    }
  }

  private func isSlowed(_ outcome: Limiter.Outcome, at venue: String) -> Bool {
    switch outcome {
    case .slowed: true
    case .answered(let status, _):
      venues.named(venue)?.limits.slowStatuses.contains(status) ?? false
    case .failed, .cancelled: false
    }
  }

  /// Forgets a ticket that is done.
  mutating func forgetTicket(_ ticket: UInt64) {
    uses[ticket] = nil
    jobs[ticket] = nil
    asks[ticket] = nil
  }

  mutating func settle(_ ticket: UInt64, _ result: FetchResult, at now: Instant) -> [Effect] {
    if isAskedAgain(ticket, after: result, at: now) { return [] }
    if case .login(let account)? = uses[ticket] {
      let fault = fault(ofLogin: result, ticket)
      forgetTicket(ticket)
      return settle(login: ticket, of: account, fault, at: now)
    }
    let ask = asks[ticket]
    defer { forgetTicket(ticket) }
    guard let use = uses.removeValue(forKey: ticket) else { return [] }
    switch use {
    case .sync(let call, let index): return settle(call, index, result, at: now)
    case .prices(let question):
      let quotes = prices.take(result, of: question, at: now)
      return quotes.isEmpty ? [] : [.quotes(quotes)]
    case .probe(let work): return settle(probe: work, result, at: now)
    case .candles(let page): return settle(candles: page, result, at: now)
    case .token(let stream, let call): return [.token(stream, call, result)]
    case .login: return []
    case .markets(let venue): return settle(markets: venue, result, at: now)
    case .book(let id, let call, let levels): return settle(book: id, call, levels, ask, result)
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
  /// Seconds until a venue's markets are looked for again, and after a try that gave none.
  static let marketsPause: Int64 = 86_400
  static let marketsRetry: Int64 = 600

  /// Says which assets are held, so that their prices are asked for: at the venues where there are
  /// accounts, and at the others that were named for prices.
  ///
  /// Nobody is asked for the sake of prices alone while no account and no wallet is followed: such a
  /// vault uses no network.
  mutating func watch(_ assets: Set<AssetID>, links: AssetLinks, at now: Instant) {
    let own = Set(records.values.filter { $0.watch == nil }.map(\.venue))
    let isWanted = !isOffline && !assets.isEmpty && !records.isEmpty
    let others = isWanted ? Set(priceVenues).subtracting(own) : []
    marketsDue = marketsDue.filter { others.contains($0.key) }
    for venue in others where marketsDue[venue] == nil { marketsDue[venue] = now }
    prices.watch(assets, links: links, venues: own.union(others), at: now)
  }

  /// Names the venues that are asked for prices without an account there; unknown ones are left out.
  mutating func askForPrices(at venues: [String]) {
    priceVenues = venues.filter { self.venues.named($0) != nil }
  }

  /// A list of markets was read for somebody; it also tells where prices are.
  mutating func learn(_ markets: [Market], of venue: String, at now: Instant) {
    guard marketsDue[venue] != nil else { return }
    if markets.isEmpty {
      marketsDue[venue] = now.advanced(bySeconds: SyncDesk.marketsRetry)
    } else {
      prices.know(venue: venue, markets, at: now)
      hasNewMarkets = true
    }
  }

  private mutating func ask(
    _ question: PriceDesk.Question, at now: Instant
  ) -> [Effect] {
    let ticket = number()
    uses[ticket] = .prices(question)
    asks[ticket] = question.ask
    let isTaken = line(
      ticket, AccountID(named: question.venue), question.venue, question.call, .fresh, offset: 0,
      keptSeconds: question.keptSeconds, at: now)
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
  /// Asks for the token that a stream needs; without an account by a call that bears no key.
  mutating func fetchToken(
    _ stream: StreamID, _ account: AccountID?, _ venue: String, _ call: Call, at now: Instant
  ) -> [Effect] {
    if account == nil, venues.named(venue)?.isOpen(call) != true {
      return [.token(stream, call, .failed(wasSent: false, .unsupported("a call without a key")))]
    }
    let ticket = number()
    uses[ticket] = .token(stream, call)
    asks[ticket] = Ask(now: now)
    let account = account ?? AccountID(named: venue)
    let offset = machine.clockOffset(of: account)
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
    return endSession(of: probe.account, at: now) + step(work, at: now) + pump(at: now)
  }

  private mutating func step(_ work: WorkID, at now: Instant) -> [Effect] {
    guard var probe = probes[work] else { return [] }
    let step = probe.next(at: now)
    probes[work] = probe
    switch step {
    case .ended(let findings):
      probes[work] = nil
      return endSession(of: probe.account, at: now) + [.probed(work, findings)]
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

extension AccountSetup {
  /// An account as the machine takes it.
  init(_ record: FollowedAccount, _ venue: Venue) {
    let told = record.balances.mapValues(\.time).merging(record.positionsTold) { told, _ in told }
    self.init(
      account: record.account, venue: venue, settings: record.settings, states: record.states,
      named: record.named, told: told, rights: record.rights)
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
