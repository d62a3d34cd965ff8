import Encodings
import Ledger
import Sync
import Transport
import VenueKit

/// Calls on their way: into the limiter's line, out to venues, and their answers back to who asked.
extension SyncDesk {
  mutating func submit(_ call: SyncCall, at now: Instant) -> [Effect] {
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

  mutating func withdraw(_ call: Int, at now: Instant) -> [Effect] {
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
