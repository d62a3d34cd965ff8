import Amounts
import Encodings
import Ledger
import Prices
import Simulator
import Sync
import Vault
import VenueKit

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
  struct Wish {
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
  var wishes: [Int: Wish] = [:]
  var uses: [UInt64: Use] = [:]
  var jobs: [UInt64: FetchJob] = [:]
  var asks: [UInt64: Ask] = [:]
  var lastTicket: UInt64 = 0
  var generator: SeededGenerator
  private var machineWake: Instant?
  var limiterWake: Instant?
  /// Whether calls were made since the memory of them was kept, and when it is kept again.
  var areLimitsDirty = false
  var limitsDue = Instant(microseconds: .min)
  var probes: [WorkID: Probe] = [:]
  /// Lists of markets that somebody waits for, by venue.
  var quests: [String: MarketsQuest] = [:]
  private(set) var records: [AccountID: FollowedAccount] = [:]
  /// Whose batches are on their way to the disk.
  private var storing: [Int: AccountID] = [:]
  /// What venues said that accounts have.
  private(set) var words = VenueWords()
  /// Answers that serve others too, and what was asked and saved.
  var kept = KeptAnswers()
  /// Answers that were there already, for tickets that need not go out.
  var found: [(ticket: UInt64, answer: IncomingAnswer)] = []
  /// The venues that are asked for prices without an account there.
  var priceVenues: [String] = []
  /// When the markets of such a venue are looked for again.
  var marketsDue: [String: Instant] = [:]
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
    limiter.know(venues.all.map { ($0.id, $0.limits) })
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
  var unread: Set<AccountID> { words.unread.union(wallets.unread) }

  /// Whether an account was never read to the end, by what is stored of it.
  static func isUnread(
    _ record: FollowedAccount, _ venues: VenueCatalogue, policy: SyncPolicy, at now: Instant
  ) -> Bool {
    if record.watch != nil { return !WalletDesk.isKnown(states: record.states, held: record.held) }
    guard let venue = venues.named(record.venue) else { return record.states.isEmpty }
    return SyncMachine(of: AccountSetup(record, venue), policy: policy, at: now)
      .isUnread(record.account, at: now)
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
      if let text = record.watch {
        records[record.account] = record
        isBoardDirty = true
        wallets.add(
          record.account, text, states: record.states, held: record.held,
          isPaused: isOffline || record.isPaused, at: now)
        effects += carryOut(wallets.tick(at: now), at: now)
        continue
      }
      guard let venue = venues.named(record.venue) else {
        if record.states.isEmpty { words.begin(unread: record.account) }
        continue
      }
      records[record.account] = record
      isBoardDirty = true
      words.begin(record.account, record.balances)
      let setup = AccountSetup(record, venue)
      if isOffline || record.isPaused {
        // One that is not asked at present is known from what was stored of it.
        let machine = SyncMachine(of: setup, policy: machine.policy, at: now)
        effects += tellFirstWord(of: record.account, at: venue, by: machine, now)
        continue
      }
      effects += endSession(of: record.account, at: now)
      effects += tell(.added(setup), at: now)
      effects += tellFirstWord(of: record.account, at: venue, by: machine, now)
    }
    return effects + pump(at: now)
  }

  /// Gives an account up.
  mutating func forget(_ account: AccountID, at now: Instant) -> [Effect] {
    records[account] = nil
    isBoardDirty = true
    wallets.forget(account)
    let word: [Effect] = words.forget(account) ? [.reported(account, nil)] : []
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
    guard words.isComparisonDue(account, pause: machine.policy.comparePause, at: now),
      let to = machine.comparable(account, at: now), let record = records[account],
      let venue = venues.named(record.venue)
    else { return effects }
    // History has to be known a little beyond the balances, or nothing could be compared.
    let settled = to.advanced(bySeconds: -RollForward.settling)
    guard let view = words.nextToCompare(account, upTo: settled, at: now) else { return effects }
    effects.append(
      .reconcile(
        VaultWorker.Reconciliation(
          account: account, venue: venue, asked: view.asked, balances: view.balances,
          historyTo: to)))
    return effects
  }

  /// Says what a venue's word is where the books are not whole yet.
  private mutating func tellWord(of account: AccountID, at now: Instant) -> [Effect] {
    guard words.isLookDue(account, at: now),
      let venue = records[account].flatMap({ venues.named($0.venue) }),
      let isAlone = machine.knowsBalancesOnly(account, at: now)
    else { return [] }
    return tellWord(of: account, at: venue, isAlone: isAlone, now)
  }

  /// Says it of an account that was just taken over; notes one of which nothing is known.
  private mutating func tellFirstWord(
    of account: AccountID, at venue: Venue, by machine: SyncMachine, _ now: Instant
  ) -> [Effect] {
    if machine.isUnread(account, at: now) { words.begin(unread: account) }
    guard let isAlone = machine.knowsBalancesOnly(account, at: now) else { return [] }
    return tellWord(of: account, at: venue, isAlone: isAlone, now)
  }

  private mutating func tellWord(
    of account: AccountID, at venue: Venue, isAlone: Bool, _ now: Instant
  ) -> [Effect] {
    let found = words.look(account, at: venue, isAlone: isAlone, now)
    return found.isNew ? [.reported(account, found.word)] : []
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
      if let told = batch.balances { words.take(told, of: batch.account, batch.lane) }
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

extension SyncMachine {
  /// A machine that knows what is stored of one account, for questions about it.
  init(of setup: AccountSetup, policy: SyncPolicy, at now: Instant) {
    self.init(policy: policy, seed: 0)
    _ = handle(.added(setup), at: now)
  }

  /// Whether neither an account's books nor its balances are known.
  fileprivate func isUnread(_ account: AccountID, at now: Instant) -> Bool {
    knowsBalancesOnly(account, at: now) == nil && readTo(account, at: now) == nil
  }
}
