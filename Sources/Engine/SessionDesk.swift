import Ledger
import VenueKit

/// Which accounts are logged in at their venue, and which calls wait for that.
///
/// It knows a session by the ticket of the login that gave it; what the login gave is with the
/// courier. One login at a time is under way for an account.
struct SessionDesk {
  /// What becomes of a call that needs a session.
  enum Turn: Equatable {
    /// There is one, by the ticket of its login.
    case go(UInt64)
    /// It waits; `begins` says that nobody has logged in for it yet.
    case wait(begins: Bool)
    /// The last login failed a moment ago.
    case refused(VenueFault)
  }

  /// A session that ended so many seconds after its beginning was not refused for its age.
  static let leastAge: Int64 = 60
  /// The longest pause after failed logins, in seconds.
  static let longestRest: Int64 = 300

  private struct Open {
    let login: UInt64
    let since: Instant
    let renewAt: Instant
  }

  private struct Line {
    var open: Open?
    var login: UInt64?
    var waiting: [UInt64] = []
    var failures = 0
    var fault: (until: Instant, fault: VenueFault)?

    mutating func takeWaiting() -> [UInt64] {
      defer { waiting = [] }
      return waiting
    }
  }

  private var lines: [AccountID: Line] = [:]

  /// Asks for a session on behalf of a call.
  mutating func want(_ ticket: UInt64, of account: AccountID, at now: Instant) -> Turn {
    var line = lines[account] ?? Line()
    defer { lines[account] = line }
    if let open = line.open, now < open.renewAt { return .go(open.login) }
    if line.login == nil, let (until, fault) = line.fault, now < until { return .refused(fault) }
    line.waiting.append(ticket)
    return .wait(begins: line.login == nil)
  }

  /// A login is under way.
  mutating func begun(_ login: UInt64, of account: AccountID) {
    lines[account, default: Line()].login = login
  }

  /// A login gave a session; hands back the calls that waited for it.
  mutating func opened(
    _ login: UInt64, of account: AccountID, until: Instant, at now: Instant
  ) -> [UInt64] {
    guard var line = lines[account], line.login == login else { return [] }
    let life = max(0, until.seconds - now.seconds)
    // Renewed a little before its end, and never at every call.
    let renewAt = now.advanced(bySeconds: max(30, life - min(300, life / 10)))
    line.open = Open(login: login, since: now, renewAt: renewAt)
    line.login = nil
    line.failures = 0
    line.fault = nil
    defer { lines[account] = line }
    return line.takeWaiting()
  }

  /// A login failed; hands back the calls that waited for it.
  mutating func failed(
    _ login: UInt64, of account: AccountID, _ fault: VenueFault, at now: Instant
  ) -> [UInt64] {
    guard var line = lines[account], line.login == login else { return [] }
    line.login = nil
    line.open = nil
    line.failures = min(line.failures + 1, 10)
    let rest = min(5 << Int64(line.failures - 1), SessionDesk.longestRest)
    line.fault = fault.isAboutClock ? nil : (now.advanced(bySeconds: rest), fault)
    defer { lines[account] = line }
    return line.takeWaiting()
  }

  /// Whether a call may still go out with a session.
  func isOpen(_ login: UInt64, of account: AccountID) -> Bool {
    lines[account]?.open?.login == login
  }

  /// The venue took a call's session for none; says whether another one may help.
  mutating func refused(_ login: UInt64, of account: AccountID, at now: Instant) -> Bool {
    guard let open = lines[account]?.open, open.login == login else { return true }
    guard now.seconds - open.since.seconds >= SessionDesk.leastAge else { return false }
    lines[account]?.open = nil
    return true
  }

  /// What a login gave is gone.
  mutating func lost(_ login: UInt64, of account: AccountID) {
    if isOpen(login, of: account) { lines[account]?.open = nil }
  }

  /// A call no longer waits; says whether it did.
  mutating func leave(_ ticket: UInt64, of account: AccountID) -> Bool {
    guard let place = lines[account]?.waiting.firstIndex(of: ticket) else { return false }
    lines[account]?.waiting.remove(at: place)
    return true
  }

  /// Forgets an account's session; hands back the calls that waited for one.
  mutating func forget(_ account: AccountID) -> [UInt64] {
    lines.removeValue(forKey: account)?.waiting ?? []
  }
}

extension VenueFault {
  /// Whether it says that our clock is off, so that the same may work as soon as that is mended.
  fileprivate var isAboutClock: Bool {
    if case .refused(let refusal) = self { refusal.kind == .clock } else { false }
  }
}
