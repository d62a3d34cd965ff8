import Amounts
import Encodings
import Ledger
import VenueKit

extension AccountSync {
  /// Takes the answers of a lane's call in.
  mutating func answered(_ id: LaneID, _ incoming: [IncomingAnswer], _ turn: inout Turn) {
    guard case .calling(let calling)? = lanes[id]?.activity, let feed = lanes[id]?.feed
    else { return }
    guard incoming.count == calling.calls.count else {
      return failed(id, .malformed(path: "$", expected: "an answer a request"), &turn)
    }
    var answers: [Answer] = []
    for (call, answer) in zip(calling.calls, incoming) {
      do throws(VenueFault) {
        answers.append(try venue.answer(calling.ask, call, answer))
      } catch {
        return failed(id, error, &turn, answer: answer, call: call)
      }
    }
    let page: FeedPage
    do throws(VenueFault) {
      page = try feed.page(answers)
      // One odd row is kept and passed over; a page of nothing else is no page of this feed.
      let isHopeless = page.count >= 3 && page.rows.count == page.count
      if let fault = page.fault,
        !id.kind.isHistory || isHopeless && page.rows.allSatisfy({ $0.row == nil })
      {
        throw fault
      }
    } catch {
      return failed(id, error, &turn, answer: incoming.last, call: calling.calls.last)
    }
    wasAccepted = wasAccepted || id.kind != .clock && id.kind != .markets
    rateRefusals = 0
    turn.venues[venue.id]?.banRefusals = 0
    turn.reports.insert(setup.account)
    var payloads: [SyncPayload] = []
    for (call, answer) in zip(calling.calls, incoming) {
      payloads.append(SyncPayload(call, answer))
    }
    if id.kind.isHistory {
      takeHistory(id, page, calling, payloads, &turn)
    } else {
      takeView(id, page, calling, payloads, &turn)
    }
  }

  // MARK: - Views

  /// Takes a page of what is: only all pages together say anything.
  private mutating func takeView(
    _ id: LaneID, _ page: FeedPage, _ calling: Lane.Calling, _ payloads: [SyncPayload],
    _ turn: inout Turn
  ) {
    guard var lane = lanes.take(id) else { return }
    lane.activity = .idle
    busy.remove(id)
    lane.recover()
    lane.gathered += page.rows
    lane.gatheredPages += 1
    switch nextViewPage(&lane, page, turn.policy) {
    case .more:
      lane.gatheredPrint = page.print
      lanes[id] = lane
      return
    case .stop(let kind, let detail):
      lane.dropGathered()
      lanes[id] = lane
      return stop(id, kind, detail, [], &turn)
    case .done, .narrow: break
    }
    let rows = lane.gathered.compactMap(\.row)
    let asked = lane.gatheredSince ?? calling.ask.now
    lane.dropGathered()
    lane.lastDone = turn.now
    lanes[id] = lane
    finishView(id, rows, asked, calling, payloads, &turn)
  }

  private func nextViewPage(
    _ lane: inout Lane, _ page: FeedPage, _ policy: SyncPolicy
  ) -> RangeStep {
    let isSame = lane.gatheredPages > 1 && page.count > 0 && page.print == lane.gatheredPrint
    if lane.gatheredPages > policy.pagesMost { return .stop(.repeating, "no end of pages") }
    switch lane.outline.paging.kind {
    case .single, .forward, .backward: return .done
    case .cursor:
      guard let next = page.next else { return .done }
      if isSame || next == lane.gatheredCursor { return .stop(.repeating, "the same page") }
      lane.gatheredCursor = next
      return .more
    case .numbered:
      guard page.isFull else { return .done }
      return isSame ? .stop(.repeating, "the same page") : .more
    }
  }

  private mutating func finishView(
    _ id: LaneID, _ rows: [FeedRow], _ asked: Instant, _ calling: Lane.Calling,
    _ payloads: [SyncPayload], _ turn: inout Turn
  ) {
    switch id.kind {
    case .clock:
      setClock(rows, calling, &turn)
      wakeLanes()
    case .accounts: setParts(rows, id, &turn)
    case .rights:
      setRights(rows, id, &turn)
      wakeLanes()
    case .markets:
      var markets: [Market] = []
      for case .market(let market) in rows { markets.append(market) }
      turn.venues[venue.id]?.learn(markets, by: id, at: turn.now)
      turn.actions.append(.markets(venue: venue.id, markets))
    case .balances:
      var balances: [Balance] = []
      for case .balance(let balance) in rows { balances.append(balance) }
      setBalances(id, balances, asked, payloads, &turn)
    case .positions:
      var batch = batch(id, &turn)
      var positions: [OpenPosition] = []
      for case .position(let position) in rows { positions.append(position) }
      batch.positions = ReportedPositions(time: asked, rows: positions)
      store(batch, next: nil, asked: asked, &turn)
    case .fills, .deposits, .withdrawals, .transfers, .statement: break
    }
  }

  private mutating func setClock(
    _ rows: [FeedRow], _ calling: Lane.Calling, _ turn: inout Turn
  ) {
    guard case .clock(let theirs)? = rows.first else { return releaseClockWaiters() }
    let trip = turn.now.microseconds &- calling.since.microseconds
    let middle = calling.since.microseconds &+ trip / 2
    let (offset, overflow) = theirs.microseconds.subtractingReportingOverflow(middle)
    // A clock a year off is no clock.
    if !overflow, offset.magnitude < 365 * 86_400 * 1_000_000 {
      turn.venues[venue.id]?.clockOffset = offset
    }
    releaseClockWaiters()
  }

  mutating func releaseClockWaiters() {
    for id in order where lanes[id]?.waitsForClock == true {
      lanes[id]?.waitsForClock = false
      lanes[id]?.idleUntil = Instant(microseconds: .min)
    }
  }

  private mutating func setParts(_ rows: [FeedRow], _ id: LaneID, _ turn: inout Turn) {
    let before = memoVersion
    learn(
      rows.compactMap { row in
        if case .account(let account) = row { account } else { nil }
      })
    wakeLanes()
    guard memoVersion != before else { return }
    store(batch(id, &turn), next: nil, asked: nil, &turn)
  }

  private mutating func setRights(_ rows: [FeedRow], _ id: LaneID, _ turn: inout Turn) {
    guard case .rights(let rights)? = rows.first else { return }
    self.rights = rights
    var batch = batch(id, &turn)
    batch.rights = rights
    if rights.canWithdraw == true, !setup.settings.acceptsWithdrawRight {
      pause(LaneTrouble(.withdrawRight, "", at: turn.now), &turn)
    } else if rights.canRead == false {
      pause(LaneTrouble(.key, "it may not read", at: turn.now), &turn)
    }
    store(batch, next: nil, asked: nil, &turn)
  }

  private mutating func setBalances(
    _ id: LaneID, _ balances: [Balance], _ asked: Instant, _ payloads: [SyncPayload],
    _ turn: inout Turn
  ) {
    let merged: [Balance]
    do throws(VenueFault) {
      merged = try Balance.merged(balances)
    } catch {
      return stop(id, .malformed, error.description, [], &turn)
    }
    let held = merged.filter { balance in
      [balance.total, balance.free, balance.used].contains { $0.map { !$0.isZero } ?? false }
    }
    if see(held.map(\.asset)) { codesChanged(&turn) }
    var batch = batch(id, &turn)
    batch.balances = ReportedBalances(time: asked, rows: held)
    batch.payloads = payloads
    store(batch, next: nil, asked: asked, &turn)
  }

  // MARK: - History

  private mutating func takeHistory(
    _ id: LaneID, _ page: FeedPage, _ calling: Lane.Calling, _ payloads: [SyncPayload],
    _ turn: inout Turn
  ) {
    guard var lane = lanes.take(id) else { return }
    lane.activity = .idle
    busy.remove(id)
    var next = lane.state
    let task = next.task
    let time = turn.time(at: venue.id)
    let reading = lane.reading(turn.policy)
    if lane.pagesRead == 0 { lane.unreadBefore = reading.open(next, time, start: start).seconds }
    let step = reading.take(page, into: &next)
    lane.reckon(unread: reading.unread(next, after: page, time, start: start))
    var booking = Booking(
      maker: EntryMaker(
        account: setup.account, venue: venue,
        markets: turn.venues[venue.id]?.table ?? MarketTable(), knownCodes: memo.seen),
      policy: turn.policy)
    if let task { booking.book(page, lane, task, step, calling.ask, &next) }
    next.rows += page.count
    next.refused += booking.refusals.count { !lane.toldRefusals.contains($0) }
    next.lastRead = turn.now
    lane.recover()
    lane.lastDone = turn.now
    if next.rows > 0 { lane.isSweep = false }
    lanes[id] = lane
    noteLength(of: id, lane.pagesLeft ?? 0, line: lane.line)
    if see(booking.codes) { codesChanged(&turn) }
    if next.unlisted.count > lane.state.unlisted.count { lookAtMarkets(turn) }
    if case .stop(let kind, let detail) = step {
      next.stop = LaneTrouble(kind, detail, at: turn.now)
      lanes[id]?.trouble = next.stop
    }
    var batch = batch(id, &turn)
    for entry in booking.entries where lane.told[entry.identity] != entry.print {
      batch.entries.append(entry)
    }
    batch.refused = booking.refusals.filter { !lane.toldRefusals.contains($0) }
    if canGoUnwritten(batch, lane, next, turn.policy) {
      lanes[id]?.state = next
      return
    }
    if !batch.entries.isEmpty || !batch.refused.isEmpty { batch.payloads = payloads }
    store(batch, next: next, asked: nil, &turn)
  }

  /// Notes which lane of a line has the most pages left, which can only be read one after another.
  private mutating func noteLength(of id: LaneID, _ pages: Int, line: Int) {
    let known = longest[line].flatMap { lanes[$0] }
    let most = known?.isStopped == false ? known?.pagesLeft ?? 0 : 0
    if longest[line] == id {
      if pages == 0 { longest[line] = nil }
    } else if pages > most {
      longest[line] = id
    }
  }

  /// Assets were met that are new: they may have markets, and wallets of their own.
  private mutating func codesChanged(_ turn: inout Turn) {
    if hasLanesOfAccounts {
      for id in views where id.kind == .accounts {
        lanes[id]?.isNudged = true
        lanes[id]?.idleUntil = Instant(microseconds: .min)
      }
    }
    marketsChanged(&turn)
  }

  /// Has the markets read again where that was not done lately.
  private mutating func lookAtMarkets(_ turn: Turn) {
    for id in order where id.kind == .markets {
      let learned = turn.venues[venue.id]?.learned(id) ?? Instant(microseconds: .min)
      if learned < turn.now.advanced(bySeconds: -turn.policy.interval(of: .fills)) {
        lanes[id]?.isNudged = true
      }
    }
  }

  /// Whether reading moved on so little, and brought so little, that it need not be written down.
  ///
  /// The first page is, and so is every one before the round's last: a program that is killed every few
  /// seconds would else begin with the same pages each time, and come to no others.
  private func canGoUnwritten(
    _ batch: SyncBatch, _ lane: Lane, _ next: LaneState, _ policy: SyncPolicy
  ) -> Bool {
    batch.entries.isEmpty && batch.refused.isEmpty && next.stop == nil
      && lane.isWritten && lane.pagesLeft == 0
      && memoVersion == storedMemoVersion && next.task?.carry.isEmpty ?? true
      && next.gaps == lane.state.gaps && next.pending == lane.state.pending
      && next.window == lane.state.window
      && next.covered.seconds - lane.writtenSeconds <= policy.unwrittenMost
  }

  // MARK: - Batches

  mutating func batch(_ id: LaneID, _ turn: inout Turn) -> SyncBatch {
    SyncBatch(id: turn.number(), account: setup.account, venue: venue.id, lane: id)
  }

  /// Hands a batch out; the lane waits for the store's word.
  mutating func store(
    _ batch: SyncBatch, next: LaneState?, asked: Instant?, _ turn: inout Turn
  ) {
    guard var lane = lanes.take(batch.lane) else { return }
    var batch = batch
    batch.calls = lane.calls
    lane.calls = 0
    attachMemo(to: &batch)
    let state = next ?? lane.state
    if let next { batch.states[batch.lane.text] = next.text }
    var told: [EntryIdentity: UInt64] = [:]
    for entry in batch.entries { told[entry.identity] = entry.print }
    lane.activity = .storing(
      Lane.Storing(
        batch: batch.id, next: state, told: told, refusals: batch.refused, memo: memoVersion,
        asked: asked, trouble: lane.trouble))
    lanes[batch.lane] = lane
    busy.insert(batch.lane)
    turn.actions.append(.store(batch))
    turn.reports.insert(setup.account)
  }

  mutating func stored(_ id: LaneID, _ turn: inout Turn) {
    guard case .storing(let storing)? = lanes[id]?.activity, var lane = lanes.take(id)
    else { return }
    lane.activity = .idle
    busy.remove(id)
    lane.remember(storing)
    lane.state = storing.next
    lane.writtenSeconds = storing.next.covered.seconds
    lane.isWritten = true
    if let asked = storing.asked { lane.asked = asked }
    storedMemoVersion = max(storedMemoVersion, storing.memo)
    lanes[id] = lane
    if lane.isStopped { wakeLanes() }
    turn.reports.insert(setup.account)
  }

  /// Nothing of the batch is on the disk: the lane stands where it stood, and asks again.
  mutating func storeFailed(_ id: LaneID, _ turn: inout Turn) {
    guard case .storing? = lanes[id]?.activity, var lane = lanes.take(id) else { return }
    lane.activity = .idle
    busy.remove(id)
    lane.failures += 1
    lane.trouble = LaneTrouble(.store, "", at: turn.now)
    lane.notBefore = turn.later(
      least: turn.policy.backoffLeast, most: turn.policy.backoffMost, failures: lane.failures)
    lane.lastDone = nil
    lane.idleUntil = Instant(microseconds: .min)
    lanes[id] = lane
    turn.reports.insert(setup.account)
  }
}

extension SyncPayload {
  init(_ call: Call, _ answer: IncomingAnswer, isUnreadable: Bool = false) {
    request = "\(call.method) \(call.surface) \(call.path)"
    status = answer.status
    body = answer.body
    self.isUnreadable = isUnreadable
  }
}

extension SyncEntry {
  /// Knows the same content again.
  var print: UInt64 {
    Fingerprint.of(
      Entry.canonicalBytes(time: time, kind: kind, legs: legs, details: details))
  }
}
