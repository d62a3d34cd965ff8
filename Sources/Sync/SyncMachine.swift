public import Ledger
public import VenueKit

/// Keeps accounts at venues up to date; pure: events in, actions out.
///
/// A lane has at most one call or one batch under way. Its state moves on only when the store has
/// the batch, so that what is marked as read is on the disk. Everything can be broken off at any
/// time: `AccountSetup.states` with what was stored takes it up again.
public struct SyncMachine: Sendable {
  private var accounts: [AccountID: AccountSync] = [:]
  /// The accounts under the machine's care, in order.
  public private(set) var accountIDs: [AccountID] = []
  /// When an account has to be looked at though nothing happened to it.
  private var wakes: [AccountID: Instant] = [:]
  /// The accounts to which something happened since they were looked at.
  private var touched: Set<AccountID> = []
  /// Whose call or batch a number is.
  private var owners: [Int: AccountID] = [:]
  private var venues: [String: VenueMemo] = [:]
  private var jitter: Jitter
  private var nextID = 1
  private var isSuspended = false
  private var wakeAt: Instant?
  /// How often, how far back and how patiently.
  public let policy: SyncPolicy

  /// Makes a machine without accounts.
  ///
  /// - Parameters:
  ///   - policy: How often, how far back and how patiently lanes are read.
  ///   - seed: What waits after failures are drawn from; another one for every start.
  public init(policy: SyncPolicy = SyncPolicy(), seed: UInt64) {
    self.policy = policy
    jitter = Jitter(seed: seed)
  }

  /// Takes an event in and says what is to be done.
  ///
  /// - Parameters:
  ///   - event: What happened.
  ///   - now: The time by our clock; it may jump.
  /// - Returns: The actions, in order.
  public mutating func handle(_ event: SyncEvent, at now: Instant) -> [SyncAction] {
    var turn = Turn(
      now: now, policy: policy, venues: venues, jitter: jitter, nextID: nextID)
    venues = [:]
    take(event, &turn)
    let due = accountIDs.filter { touched.contains($0) || wakes[$0].map { now >= $0 } ?? false }
    for id in due { giveUpLateCalls(id, &turn) }
    // A turn may touch others of the venue.
    let all =
      due.count == accountIDs.count
      ? due : accountIDs.filter { touched.contains($0) || due.contains($0) }
    if !isSuspended {
      for id in all { with(id, &turn) { account, turn in account.sendWhatIsDue(&turn) } }
    }
    noteOwners(turn.actions)
    for account in turn.reports.sorted() { turn.actions.append(.report(account)) }
    venues = turn.venues
    jitter = turn.jitter
    nextID = turn.nextID
    noteWakes()
    if let wake = wakes.values.min().map({ max($0, now.advanced(bySeconds: 1)) }), wake != wakeAt {
      wakeAt = wake
      turn.actions.append(.wake(wake))
    }
    return turn.actions
  }

  /// One account as it is now.
  ///
  /// - Parameters:
  ///   - account: Which.
  ///   - now: The time by our clock.
  /// - Returns: Its status; `nil` for an account that is not under the machine's care.
  public func status(of account: AccountID, at now: Instant) -> AccountStatus? {
    guard let found = accounts[account] else { return nil }
    let turn = Turn(now: now, policy: policy, venues: venues, jitter: jitter, nextID: nextID)
    return found.status(turn)
  }

  /// Whether balances are whole and everything of an account's history is read; cheaper than its
  /// status.
  ///
  /// - Parameters:
  ///   - account: Which.
  ///   - now: The time by our clock.
  /// - Returns: Whether; not for an account that is not under the machine's care.
  public func isRead(_ account: AccountID, at now: Instant) -> Bool {
    guard let found = accounts[account] else { return false }
    let turn = Turn(now: now, policy: policy, venues: venues, jitter: jitter, nextID: nextID)
    return found.isRead(turn)
  }

  /// Up to when an account's history is known where its balances are whole too, so that both can be
  /// compared; cheaper than its status.
  ///
  /// - Parameters:
  ///   - account: Which.
  ///   - now: The time by our clock.
  /// - Returns: The time; `nil` where something is missing.
  public func comparable(_ account: AccountID, at now: Instant) -> Instant? {
    guard let found = accounts[account] else { return nil }
    return found.comparable(
      Turn(now: now, policy: policy, venues: venues, jitter: jitter, nextID: nextID))
  }

  /// Whether balances of an account are whole and its history is not yet: what it has is known by its
  /// venue's word alone.
  ///
  /// - Parameters:
  ///   - account: Which.
  ///   - now: The time by our clock.
  /// - Returns: Whether it is so; `nil` where balances are not whole, so that nothing can be said.
  public func knowsBalancesOnly(_ account: AccountID, at now: Instant) -> Bool? {
    guard let found = accounts[account] else { return nil }
    return found.knowsBalancesOnly(
      Turn(now: now, policy: policy, venues: venues, jitter: jitter, nextID: nextID))
  }

  /// Up to when all of an account's history was read, so that its books say what it had.
  ///
  /// - Parameters:
  ///   - account: Which.
  ///   - now: The time by our clock.
  /// - Returns: The time; `nil` where something is missing.
  public func readTo(_ account: AccountID, at now: Instant) -> Instant? {
    guard let found = accounts[account] else { return nil }
    return found.completeTo(
      Turn(now: now, policy: policy, venues: venues, jitter: jitter, nextID: nextID))
  }

  /// The clock of an account's venue less ours, in microseconds, as far as it is known.
  ///
  /// - Parameter account: Which.
  /// - Returns: The difference; 0 for an account that is not under the machine's care.
  public func clockOffset(of account: AccountID) -> Int64 {
    accounts[account].flatMap { venues[$0.venue.id]?.clockOffset } ?? 0
  }

  /// The markets of a venue, as far as they are known.
  ///
  /// - Parameter venue: The venue's word.
  /// - Returns: The markets.
  public func markets(of venue: String) -> MarketTable { venues[venue]?.table ?? MarketTable() }

  // MARK: - Events

  private mutating func take(_ event: SyncEvent, _ turn: inout Turn) {
    switch event {
    case .added(let setup):
      drop(setup.account, &turn)
      if turn.venues[setup.venue.id] == nil { turn.venues[setup.venue.id] = VenueMemo() }
      var account = AccountSync(setup)
      account.addSubjects(markets: turn.venues[setup.venue.id]?.table ?? MarketTable())
      accounts[setup.account] = account
      accountIDs = accounts.keys.sorted()
      touched.insert(setup.account)
      turn.reports.insert(setup.account)
    case .removed(let account):
      drop(account, &turn)
    case .marketsKnown(let venue, let markets):
      turn.venues[venue, default: VenueMemo()].learn(markets, at: turn.now)
      for id in accountIDs where accounts[id]?.venue.id == venue {
        with(id, &turn) { account, turn in account.marketsChanged(&turn) }
      }
    case .accountsTold(let id, let parts):
      with(id, &turn) { account, _ in account.told(parts) }
    case .answered(let call, let answers):
      withOwner(ofCall: call, &turn) { account, lane, turn in
        account.answered(lane, answers, &turn)
      }
      shareMarkets(&turn)
    case .failed(let call, let fault):
      withOwner(ofCall: call, &turn) { account, lane, turn in
        account.failed(lane, fault, &turn)
      }
    case .cancelled(let call):
      withOwner(ofCall: call, &turn) { account, lane, turn in account.cancelled(lane, &turn) }
    case .stored(let batch):
      withOwner(ofBatch: batch, &turn) { account, lane, turn in account.stored(lane, &turn) }
    case .storeFailed(let batch):
      withOwner(ofBatch: batch, &turn) { account, lane, turn in account.storeFailed(lane, &turn) }
    case .streamed(let id, let events):
      with(id, &turn) { account, turn in account.streamed(events, &turn) }
    case .requery(let id, let span):
      with(id, &turn) { account, turn in account.requery(span, &turn) }
    case .retry(let id, let lane):
      with(id, &turn) { account, turn in account.retry(lane, &turn) }
    case .suspended: isSuspended = true
    case .resumed:
      isSuspended = false
      touched.formUnion(accountIDs)
    case .tick: break
    }
  }

  private mutating func drop(_ id: AccountID, _ turn: inout Turn) {
    guard let account = accounts.removeValue(forKey: id) else { return }
    accountIDs = accounts.keys.sorted()
    wakes[id] = nil
    touched.remove(id)
    for lane in account.order {
      guard case .calling(let calling)? = account.lanes[lane]?.activity else { continue }
      turn.actions.append(.cancel(call: calling.id))
    }
  }

  private mutating func giveUpLateCalls(_ id: AccountID, _ turn: inout Turn) {
    guard let first = accounts[id]?.nextDeadline(policy), first <= turn.now else { return }
    let deadline = turn.now.advanced(bySeconds: -policy.patience)
    for lane in (accounts[id]?.busy ?? []).sorted() {
      guard case .calling(let calling)? = accounts[id]?.lanes[lane]?.activity,
        calling.since <= deadline
      else { continue }
      turn.actions.append(.cancel(call: calling.id))
      with(id, &turn) { account, turn in
        account.failed(lane, .refused(Refusal(.retryable, message: "no answer")), &turn)
      }
    }
  }

  /// Markets that one account read are known to all accounts of the venue.
  private mutating func shareMarkets(_ turn: inout Turn) {
    for action in turn.actions {
      guard case .markets(let venue, _) = action else { continue }
      for id in accountIDs where accounts[id]?.venue.id == venue {
        with(id, &turn) { account, turn in account.marketsChanged(&turn) }
      }
      return
    }
  }

  // MARK: - Owners

  private mutating func with(
    _ id: AccountID, _ turn: inout Turn, _ work: (inout AccountSync, inout Turn) -> Void
  ) {
    // Taken out, so that changing it does not copy it.
    guard var account = accounts.removeValue(forKey: id) else { return }
    let rest = turn.venues[account.venue.id]?.restsUntil
    work(&account, &turn)
    let venue = account.venue.id
    accounts[id] = account
    touched.insert(id)
    if turn.venues[venue]?.restsUntil != rest {
      touched.formUnion(accountIDs.filter { accounts[$0]?.venue.id == venue })
    }
  }

  private mutating func withOwner(
    ofCall call: Int, _ turn: inout Turn, _ work: (inout AccountSync, LaneID, inout Turn) -> Void
  ) {
    withOwner(call, &turn, work) { activity in
      if case .calling(let calling) = activity { calling.id == call } else { false }
    }
  }

  private mutating func withOwner(
    ofBatch batch: Int, _ turn: inout Turn,
    _ work: (inout AccountSync, LaneID, inout Turn) -> Void
  ) {
    withOwner(batch, &turn, work) { activity in
      if case .storing(let storing) = activity { storing.batch == batch } else { false }
    }
  }

  /// What nobody waits for any more is nobody's.
  private mutating func withOwner(
    _ number: Int, _ turn: inout Turn, _ work: (inout AccountSync, LaneID, inout Turn) -> Void,
    _ isOwner: (Lane.Activity) -> Bool
  ) {
    guard let id = owners.removeValue(forKey: number) else { return }
    with(id, &turn) { account, turn in
      let lane = account.busy.first { account.lanes[$0].map { isOwner($0.activity) } ?? false }
      if let lane { work(&account, lane, &turn) }
    }
  }

  /// Notes whose the calls and batches are that go out.
  private mutating func noteOwners(_ actions: [SyncAction]) {
    for action in actions {
      switch action {
      case .send(let call): owners[call.id] = call.account
      case .store(let batch): owners[batch.id] = batch.account
      case .cancel(let call): owners[call] = nil
      case .markets, .report, .wake: break
      }
    }
  }

  // MARK: - Time

  /// Notes when those want to be looked at again to whom something happened.
  private mutating func noteWakes() {
    for id in touched {
      guard var account = accounts.removeValue(forKey: id) else { continue }
      wakes[id] = account.nextWake(policy, venues[account.venue.id] ?? VenueMemo())
      accounts[id] = account
    }
    touched.removeAll(keepingCapacity: true)
  }
}
