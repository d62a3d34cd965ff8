import Ledger
import Sync
import VenueKit

/// Keys that are tried before they are kept, and tokens that streams need.
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

  mutating func settle(
    probe work: WorkID, _ result: FetchResult, at now: Instant
  ) -> [Effect] {
    probes[work]?.take(result, at: now)
    return step(work, at: now)
  }
}
