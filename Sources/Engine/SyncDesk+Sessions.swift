import Ledger
import Sync
import VenueKit

/// What came of a login, without what it gave; or of a call whose session was gone.
enum SessionNews: Sendable {
  /// The login gave a session, good until then, and told ids of the account's parts.
  case begun(until: Instant, accounts: [String: String])
  /// What the login gave is no longer kept.
  case lost
}

// Calls that carry a session wait until there is one. A login goes through the limiter like any call.

extension SyncDesk {
  /// Puts a call that needs a session in line, or has it wait; whether it was taken.
  mutating func admit(_ ticket: UInt64, at now: Instant) -> Bool {
    guard let job = jobs[ticket], let account = job.account, let venue = venues.named(job.venue),
      let session = venue.session(for: job.call)
    else { return queue(ticket, at: now) }
    switch sessions.want(ticket, of: account, at: now) {
    case .go(let login):
      jobs[ticket]?.session = login
      return queue(ticket, at: now)
    case .wait(let begins):
      if begins { logIn(job, session, at: now) }
      return true
    case .refused(let fault):
      refusals.append((ticket, fault))
      return true
    }
  }

  private mutating func logIn(_ wanting: FetchJob, _ session: VenueSession, at now: Instant) {
    guard let account = wanting.account else { return }
    let ticket = number()
    uses[ticket] = .login(account)
    asks[ticket] = Ask(now: now)
    var job = FetchJob(
      ticket: ticket, account: account, venue: wanting.venue, call: session.login,
      clockOffset: wanting.clockOffset)
    job.isLogin = true
    job.priority = .interactive
    jobs[ticket] = job
    sessions.begun(ticket, of: account)
    if !queue(ticket, at: now) { refusals.append((ticket, SyncDesk.crowd)) }
  }

  private static let crowd = VenueFault.refused(
    VenueRefusal(.retryable, message: "too much is waiting already"))

  /// Puts calls that waited in line.
  private mutating func release(_ tickets: [UInt64], at now: Instant) {
    for ticket in tickets {
      if uses[ticket] == nil {
        // Nobody waits for it any more.
        jobs[ticket] = nil
      } else if !admit(ticket, at: now) {
        refusals.append((ticket, SyncDesk.crowd))
      }
    }
  }

  /// Has calls that were let go with a session that has ended since wait for the next one.
  ///
  /// - Returns: Whether this one is not to go out.
  mutating func holdBack(_ job: FetchJob, at now: Instant) -> Bool {
    guard let login = job.session, let account = job.account,
      !sessions.isOpen(login, of: account)
    else { return false }
    let finished = limiter.finished(
      job.ticket, .cancelled(wasSent: false), at: now, using: &generator)
    release([job.ticket] + finished.sharing, at: now)
    return true
  }

  /// Takes what came of a login, or that a call's session was gone before it was sent.
  mutating func take(_ news: SessionNews, of ticket: UInt64, at now: Instant) -> [Effect] {
    let isLogin = jobs[ticket]?.isLogin ?? false
    let outcome: Limiter.Outcome =
      isLogin ? .answered(status: 200, headers: []) : .cancelled(wasSent: false)
    let finished = limiter.finished(ticket, outcome, at: now, using: &generator)
    isBoardDirty = true
    var effects: [Effect] = []
    switch (news, uses[ticket]) {
    case (.begun(let until, let accounts), .login(let account)?):
      forgetTicket(ticket)
      let waiting = sessions.opened(ticket, of: account, until: until, at: now)
      effects += tell(accounts, of: account, at: now)
      release(waiting, at: now)
    default:
      for one in [ticket] + finished.sharing {
        if let login = jobs[one]?.session, let account = jobs[one]?.account {
          sessions.lost(login, of: account)
        }
        if isAskedAgain(one, at: now) { continue }
        let fault = VenueFault.refused(VenueRefusal(.retryable, message: "the session was lost"))
        effects += settle(one, .failed(wasSent: isLogin, fault), at: now)
      }
    }
    return effects + pump(at: now)
  }

  /// What the login of a key that is tried tells is of that key only.
  private mutating func tell(
    _ accounts: [String: String], of account: AccountID, at now: Instant
  ) -> [Effect] {
    if accounts.isEmpty { return [] }
    let trials = probes.keys.filter { probes[$0]?.account == account }
    for work in trials { probes[work]?.told(accounts) }
    return trials.isEmpty ? tell(.accountsTold(account, accounts), at: now) : []
  }

  /// A login did not come through: what waited for it fails with it.
  mutating func settle(
    login ticket: UInt64, of account: AccountID, _ fault: VenueFault, at now: Instant
  ) -> [Effect] {
    var effects: [Effect] = []
    for one in sessions.failed(ticket, of: account, fault, at: now) {
      effects += settle(one, .failed(wasSent: false, fault), at: now)
    }
    return effects
  }

  /// Why a login gave nothing: its answer is only passed on where it is a refusal.
  func fault(ofLogin result: FetchResult, _ ticket: UInt64) -> VenueFault {
    switch result {
    case .failed(_, let fault): return fault
    case .answered(let answer):
      return refusal(in: answer, to: ticket).map { .refused($0) }
        ?? .malformed(path: "$", expected: "a session")
    }
  }

  /// Whether a call is to be asked once more because its session had ended.
  mutating func isAskedAgain(
    _ ticket: UInt64, after result: FetchResult, at now: Instant
  ) -> Bool {
    guard case .answered(let answer) = result, let job = jobs[ticket], let login = job.session,
      let account = job.account, let session = venues.named(job.venue)?.session(for: job.call),
      let refusal = refusal(in: answer, to: ticket), session.isEnded(refusal), !job.isSecond,
      sessions.refused(login, of: account, at: now)
    else { return false }
    return isAskedAgain(ticket, at: now)
  }

  private mutating func isAskedAgain(_ ticket: UInt64, at now: Instant) -> Bool {
    guard uses[ticket] != nil, let job = jobs[ticket], job.session != nil, !job.isSecond else {
      return false
    }
    jobs[ticket]?.isSecond = true
    jobs[ticket]?.session = nil
    release([ticket], at: now)
    return true
  }

  /// What an answer refuses; such answers are short, whatever their status.
  func refusal(in answer: IncomingAnswer, to ticket: UInt64) -> VenueRefusal? {
    guard answer.body.count < 4_096 || !(200..<300).contains(answer.status),
      let job = jobs[ticket], let venue = venues.named(job.venue)
    else { return nil }
    do throws(VenueFault) {
      _ = try venue.answer(
        asks[ticket] ?? Ask(now: Instant(microseconds: 0)), job.call, answer)
    } catch {
      if case .refused(let refusal) = error { return refusal }
    }
    return nil
  }

  /// The key of an account has changed or is another one for a while: its session goes with it.
  mutating func endSession(of account: AccountID, at now: Instant) -> [Effect] {
    let fault = VenueFault.refused(VenueRefusal(.retryable, message: "the key has changed"))
    var effects: [Effect] = []
    for ticket in sessions.forget(account) {
      effects += settle(ticket, .failed(wasSent: false, fault), at: now)
    }
    return effects
  }
}
