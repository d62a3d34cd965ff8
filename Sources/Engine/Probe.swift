import Encodings
import Ledger
import VenueKit

/// Tries a new key: the venue's clock, the account's parts, what the key may do, one balance.
struct Probe {
  /// What was found out.
  struct Findings: Sendable {
    /// What the key may do, as far as the venue tells.
    var rights: KeyRights?
    /// How many assets the first balance has; `nil` where none was read.
    var assets: Int?
    /// Why the key is no good.
    var fault: VenueFault?
    /// Whether the venue tells what a key may do.
    var tellsRights = false
  }

  /// What to do next.
  enum Next {
    case ask(Call, Ask)
    case ended(Findings)
  }

  private enum Stage: CaseIterable {
    case clock, accounts, rights, balances
  }

  let account: AccountID
  let venue: Venue
  private(set) var clockOffset: Int64 = 0
  private var findings = Findings()
  private var stages = Stage.allCases[...]
  /// What is left to ask of a stage.
  private var rest: (stage: Stage, calls: ArraySlice<Call>) = (.clock, [])
  private var asked: (stage: Stage, call: Call, ask: Ask, at: Instant)?
  private var accounts: [String: String]
  /// The ids that were typed; what the venue tells does not change them.
  private let named: [String: String]

  init(account: AccountID, venue: Venue, named: [String: String] = [:]) {
    self.account = account
    self.venue = venue
    self.named = named
    accounts = named
  }

  /// The ids of the account's parts that its login told.
  mutating func told(_ parts: [String: String]) {
    accounts = parts.merging(named) { _, typed in typed }
  }

  /// The next call, or the end.
  mutating func next(at now: Instant) -> Next {
    while findings.fault == nil {
      var ask = Ask(now: now)
      ask.accounts = accounts
      if let call = rest.calls.popFirst() {
        asked = (rest.stage, call, ask, now)
        return .ask(call, ask)
      }
      guard let stage = stages.popFirst() else { break }
      do throws(VenueFault) {
        rest = (stage, try calls(of: stage, ask)[...])
      } catch {
        // What cannot be asked for without knowing more is no reason to refuse a key.
        if case .unsupported = error { continue }
        findings.fault = error
      }
    }
    return .ended(findings)
  }

  private func calls(of stage: Stage, _ ask: Ask) throws(VenueFault) -> [Call] {
    switch stage {
    case .clock: Array(try venue.feeds.clock?.calls(ask).prefix(1) ?? [])
    case .accounts: try venue.feeds.accounts?.calls(ask) ?? []
    case .rights: Array(try venue.feeds.rights?.calls(ask).prefix(1) ?? [])
    case .balances: Array(try venue.feeds.balances.first?.calls(ask).prefix(1) ?? [])
    }
  }

  /// Takes an answer.
  mutating func take(_ result: FetchResult, at now: Instant) {
    guard let asked else { return }
    self.asked = nil
    do throws(VenueFault) {
      switch result {
      case .failed(_, let fault): throw fault
      case .answered(let incoming):
        let answer = try venue.answer(asked.ask, asked.call, incoming)
        try read(answer, asked.stage, asked.at, now)
      }
    } catch {
      // A list of ids is no loss where they are known.
      if asked.stage == .accounts, !accounts.isEmpty { return }
      // A venue that does not tell its time or a key's rights may still read well.
      if asked.stage == .balances || asked.stage == .accounts || error.isAboutKey {
        findings.fault = error
      }
    }
  }

  private mutating func read(
    _ answer: Answer, _ stage: Stage, _ sent: Instant, _ now: Instant
  ) throws(VenueFault) {
    switch stage {
    case .clock:
      if let time = try venue.feeds.clock?.read(answer).first {
        let middle = sent.microseconds / 2 + now.microseconds / 2
        clockOffset = time.microseconds - middle
      }
    case .rights:
      findings.rights = try venue.feeds.rights?.read(answer).first
      findings.tellsRights = findings.rights?.canWithdraw != nil
    case .accounts:
      for row in try venue.feeds.accounts?.read(answer) ?? [] where accounts[row.name] == nil {
        accounts[row.name] = row.id
      }
    case .balances: findings.assets = try venue.feeds.balances.first?.read(answer).count
    }
  }
}

extension VenueFault {
  /// Whether it says that the key is no good.
  var isAboutKey: Bool {
    switch self {
    case .refused(let refusal): refusal.kind == .auth || refusal.kind == .clock
    case .unsigned: true
    default: false
    }
  }

  /// The fault in one sentence for the user, and what to do.
  var sentence: (what: String, advice: String) {
    switch self {
    case .malformed(let path, let expected):
      ("the venue's answer is not as documented: \(path): expected \(expected)", "")
    case .unsupported(let what): ("not supported: \(what)", "")
    case .unsigned(let reason):
      ("the request could not be signed: \(reason)", "Check that the whole secret was copied.")
    case .refused(let refusal): (refusal.sentence, refusal.advice)
    }
  }
}

extension VenueRefusal {
  /// What the venue said.
  var sentence: String {
    let words = message.isEmpty ? kind.rawValue : message
    return "the venue refused: \(words)" + (code.isEmpty ? "" : " (\(code))")
  }

  /// What to do about it.
  var advice: String {
    switch kind {
    case .auth: "Check key, secret, the key's rights and its list of addresses at the venue."
    case .clock: "Set this computer's clock; use a key in one program only."
    case .rate, .banned: "Wait; the venue counts calls of this address."
    case .retryable: "Try again in a minute."
    case .definitive, .funds, .orderNotFound, .unknownOutcome: ""
    }
  }
}
