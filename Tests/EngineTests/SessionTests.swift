import Cipher
import Encodings
import Ledger
import Logging
import Sync
import Testing
import VenueKit
import Venues

@testable import Engine

/// A desk with one account at Bullish, on a clock of its own; the courier's part is played here.
private struct SessionBench {
  static let account = AccountID(named: "bullish")
  static let begin = Instant(seconds: 1_767_225_600)

  /// What the venue says to a private call with the session of a login.
  enum Word { case yes, unauthorized, lost }

  var desk = SyncDesk(seed: 3, isOffline: false, tools: .openSSL, venues: .builtIn)
  var now = begin
  var sent: [(job: FetchJob, at: Instant)] = []
  var life: Int64 = 86_400
  /// What becomes of the n-th login, from 1; `nil` gives a session.
  var login: (Int) -> FetchResult? = { _ in nil }
  var word: (FetchJob, Instant) -> Word = { _, _ in .yes }
  var accounts: [String: String] = [:]

  var logins: [(job: FetchJob, at: Instant)] { sent.filter { $0.job.isLogin } }
  var own: [(job: FetchJob, at: Instant)] { sent.filter { $0.job.call.surface == "private" } }
  func seconds(_ at: Instant) -> Int64 { at.seconds - SessionBench.begin.seconds }

  mutating func follow(named: [String: String] = [:]) {
    var settings = SyncSettings()
    settings.start = now.advanced(bySeconds: -30 * 86_400)
    carryOut(
      desk.take(
        [
          FollowedAccount(
            account: SessionBench.account, venue: "bullish", settings: settings, states: [:],
            named: named)
        ], at: now))
  }

  mutating func run(_ seconds: Int64) {
    let end = now.advanced(bySeconds: seconds)
    var steps = 0
    while let wake = desk.wakeAt, wake <= end, steps < 20_000 {
      steps += 1
      // What was due at this very moment and stays due would hold the clock still.
      now = max(Instant(microseconds: now.microseconds + 1), wake)
      carryOut(desk.tick(at: now))
    }
    now = end
  }

  mutating func carryOut(_ effects: [SyncDesk.Effect]) {
    var left = effects
    while !left.isEmpty {
      switch left.removeFirst() {
      case .fetch(let job):
        sent.append((job, now))
        left += answer(job)
      case .store(let batch): left += desk.stored(batch.id, at: now)
      default: break
      }
    }
  }

  private mutating func answer(_ job: FetchJob) -> [SyncDesk.Effect] {
    if job.isLogin {
      if let failed = login(logins.count) { return desk.take(failed, of: job.ticket, at: now) }
      let news = SessionNews.begun(until: now.advanced(bySeconds: life), accounts: accounts)
      return desk.take(news, of: job.ticket, at: now)
    }
    if job.call.surface == "private" {
      switch word(job, now) {
      case .yes: break
      case .lost: return desk.take(.lost, of: job.ticket, at: now)
      case .unauthorized:
        return desk.take(.answered(SessionBench.refusal), of: job.ticket, at: now)
      }
    }
    return desk.take(.answered(told(job)), of: job.ticket, at: now)
  }

  // https://api.exchange.bullish.com/docs/api/rest/ : 401 where the token is not, or no longer, good.
  static let refusal = IncomingAnswer(
    status: 401, body: Array(#"{"message":"Not Authenticated"}"#.utf8))

  private func told(_ job: FetchJob) -> IncomingAnswer {
    let milliseconds = now.microseconds / 1_000
    let body =
      switch job.call.path {
      case "v1/time": "{\"timestamp\":\"\(milliseconds)\"}"
      case "v1/accounts/trading-accounts":
        #"[{"tradingAccountId":"111000000000001","isPrimaryAccount":"true"}]"#
      default: "[]"
      }
    return IncomingAnswer(status: 200, body: Array(body.utf8))
  }

  var status: AccountStatus? { desk.machine.status(of: SessionBench.account, at: now) }
}

/// Sessions of accounts: who logs in, when, and what becomes of the calls that wait.
@Suite struct SessionTests {
  @Test func `one login serves all calls of a day`() {
    var bench = SessionBench()
    bench.follow()
    bench.run(3_600)
    #expect(bench.logins.count == 1)
    #expect(bench.own.count > 50)
    let login = bench.logins.first?.job.ticket
    #expect(bench.own.allSatisfy { $0.job.session == login })
    let first = bench.sent.firstIndex { $0.job.isLogin } ?? .max
    #expect(bench.sent.firstIndex { $0.job.call.surface == "private" } ?? 0 > first)
    #expect(bench.status?.isBalanceComplete == true && bench.status?.trouble == nil)
  }

  // A tenth of its life, at most five minutes, before its end.
  @Test func `a session is renewed before it ends`() {
    var bench = SessionBench()
    bench.life = 3_600
    bench.follow()
    bench.run(7_000)
    let times = bench.logins.map { bench.seconds($0.at) / 60 }
    #expect(times == [0, 55, 110])
    for (job, at) in bench.own {
      let begun = bench.logins.first { $0.job.ticket == job.session }?.at
      #expect(begun.map { at.seconds - $0.seconds < 3_600 } ?? false)
    }
  }

  @Test func `a session of no length does not log in for every call`() {
    var bench = SessionBench()
    bench.life = 0
    bench.follow()
    bench.run(600)
    #expect(bench.logins.count <= 21 && bench.own.count > bench.logins.count)
  }

  @Test func `a call that finds the session ended is asked once more with a new one`() {
    var bench = SessionBench()
    let end = SessionBench.begin.advanced(bySeconds: 600)
    bench.follow()
    let first = bench.logins.first?.job.ticket
    bench.word = { job, at in job.session == first && at >= end ? .unauthorized : .yes }
    bench.run(1_800)
    #expect(bench.logins.count == 2)
    #expect(bench.logins.last.map { bench.seconds($0.at) >= 600 } ?? false)
    #expect(bench.status?.trouble == nil)
    #expect(bench.status?.lanes.allSatisfy { $0.trouble == nil } ?? false)
    let again = bench.own.filter { $0.job.isSecond }
    #expect(!again.isEmpty && again.allSatisfy { $0.job.session != first })
  }

  @Test func `a key that is refused for good is not asked about for ever`() {
    var bench = SessionBench()
    let end = SessionBench.begin.advanced(bySeconds: 600)
    bench.word = { _, at in at >= end ? .unauthorized : .yes }
    bench.follow()
    bench.run(600)
    let before = bench.own.count
    bench.run(86_400)
    #expect(bench.logins.count == 2)
    // Every lane once, and once more with the new session.
    #expect(bench.own.count - before <= 2 * (bench.status?.lanes.count ?? 0))
    #expect(bench.status?.trouble?.kind == .key)
  }

  @Test func `a login that is refused stops the account, with few tries`() {
    var bench = SessionBench()
    bench.login = { _ in .answered(SessionBench.refusal) }
    bench.follow()
    bench.run(86_400)
    #expect(bench.logins.count == 1)
    #expect(bench.own.isEmpty)
    #expect(bench.status?.trouble?.kind == .key)
  }

  @Test func `a login that does not come through is tried again with growing pauses`() {
    var bench = SessionBench()
    let fault = VenueFault.refused(VenueRefusal(.retryable, message: "no way there"))
    bench.login = { $0 <= 4 ? .failed(wasSent: false, fault) : nil }
    bench.follow()
    bench.run(3_600)
    #expect(bench.logins.count == 5)
    let times = bench.logins.map(\.at.seconds)
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= 5 })
    #expect(bench.status?.trouble == nil && bench.status?.isBalanceComplete == true)
  }

  @Test func `a session that the courier lost is begun anew, and nobody is blamed`() {
    var bench = SessionBench()
    bench.follow()
    bench.run(10)
    let first = bench.logins.first?.job.ticket
    bench.word = { job, _ in job.session == first ? .lost : .yes }
    bench.run(600)
    #expect(bench.logins.count == 2)
    #expect(bench.status?.trouble == nil && bench.status?.isBalanceComplete == true)
  }

  @Test func `ids come from what was typed, then the login, then the list`() {
    func asked(_ typed: [String: String], _ login: [String: String]) -> Set<String> {
      var bench = SessionBench()
      bench.accounts = login
      bench.follow(named: typed)
      bench.run(600)
      let ids = bench.own.compactMap { $0.job.call.parameters["tradingAccountId"]?.plainText }
      return Set(ids)
    }
    #expect(asked([:], [:]) == ["111000000000001"])
    #expect(asked([:], ["tradingAccountId": "2"]) == ["2"])
    #expect(asked(["tradingAccountId": "3"], ["tradingAccountId": "2"]) == ["3"])
  }

  @Test func `a call that is given up no longer waits for the login`() {
    var desk = SessionDesk()
    let (account, now) = (SessionBench.account, SessionBench.begin)
    let turns = [1, 2].map { desk.want($0, of: account, at: now) }
    #expect(turns == [.wait(begins: true), .wait(begins: true)])
    desk.begun(9, of: account)
    let third = desk.want(3, of: account, at: now)
    let (hasLeft, leavesTwice) = (desk.leave(2, of: account), desk.leave(2, of: account))
    #expect(third == .wait(begins: false) && hasLeft && !leavesTwice)
    let until = now.advanced(bySeconds: 3_600)
    let strange = desk.opened(8, of: account, until: until, at: now)
    let released = desk.opened(9, of: account, until: until, at: now)
    #expect(strange == [] && released == [1, 3])
    let fourth = desk.want(4, of: account, at: now)
    #expect(fourth == .go(9) && desk.isOpen(9, of: account))
    let left = desk.forget(account)
    #expect(left == [] && !desk.isOpen(9, of: account))
  }

  @Test func `a key that is tried logs in by itself`() {
    var bench = SessionBench()
    bench.follow()
    bench.run(120)
    let before = bench.logins.count
    let probe = Probe(account: SessionBench.account, venue: .bullish)
    bench.carryOut(bench.desk.start(probe, WorkID(number: 1), at: bench.now))
    bench.run(120)
    #expect(before == 1)
    // One with the key that is tried, one with the key that stays.
    #expect(bench.logins.count == 3)
    #expect(bench.status?.trouble == nil)
  }
}

/// What a login gives stays where requests are signed.
@Suite struct SessionSecrets {
  private static let account = AccountID(named: "bullish")
  private static let token = "eyJhbGciOiJIUzI1NiJ9.e30.x"

  private func courier() -> Courier {
    Courier(inbox: Inbox(), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private var job: FetchJob {
    var job = FetchJob(
      ticket: 7, account: SessionSecrets.account, venue: "bullish",
      call: Call("login", "GET", "v1/users/hmac/login"), clockOffset: 0)
    job.isLogin = true
    return job
  }

  // https://api.exchange.bullish.com/docs/api/rest/ (hmac-login), the token shortened.
  private func answered(_ text: String, status: Int = 200) -> FetchResult {
    .answered(
      IncomingAnswer(
        status: status, headers: [("set-cookie", "gravity=abc")], body: Array(text.utf8)))
  }

  @Test func `what goes on of a login is only that it came through, and until when`() {
    let courier = courier()
    let text = "{\"authorizer\":\"03E0\",\"token\":\"\(SessionSecrets.token)\"}"
    let event = courier.loggedIn(job, answered(text), era: 0)
    guard case .session(7, .begun(let until, let accounts)) = event else {
      Issue.record("no session: \(event)")
      return
    }
    var shown = ""
    dump(event, to: &shown)
    #expect(!shown.contains(SessionSecrets.token) && accounts == [:])
    #expect(abs(until.seconds - EngineLoop.now.seconds - 86_400) < 60)
  }

  @Test func `an answer that is not understood is not passed on`() {
    for text in ["{\"tokens\":\"\(SessionSecrets.token)\"}", SessionSecrets.token, ""] {
      let event = courier().loggedIn(job, answered(text), era: 0)
      var shown = ""
      dump(event, to: &shown)
      #expect(!shown.contains(SessionSecrets.token) && !shown.contains("gravity"))
      guard case .fetched(7, .failed(true, _)) = event else {
        Issue.record("\(event)")
        continue
      }
    }
    let refused = courier().loggedIn(job, answered("{}", status: 429), era: 0)
    guard case .fetched(7, .answered(let answer)) = refused else {
      Issue.record("\(refused)")
      return
    }
    #expect(answer.status == 429 && answer.header("set-cookie") == nil)
  }

  @Test func `locking and other keys forget sessions, also those on their way`() {
    let text = "{\"authorizer\":\"03E0\",\"token\":\"\(SessionSecrets.token)\"}"
    let changes: [(Courier) -> Void] = [
      { $0.forgetAll() }, { $0.forget(SessionSecrets.account) },
      { $0.take(.none, of: SessionSecrets.account) },
      { $0.take(candidate: .none, of: SessionSecrets.account) },
      { $0.endTrial(of: SessionSecrets.account) },
    ]
    for change in changes {
      let courier = courier()
      change(courier)
      guard case .session(7, .lost) = courier.loggedIn(job, answered(text), era: 0) else {
        Issue.record("a session of another key was kept")
        continue
      }
    }
  }

  @Test func `calls carry the session that they were let go with, or are not signed`() throws {
    let courier = courier()
    let account = SessionSecrets.account
    courier.take(Credentials(key: "HMAC-1", secret: "secretsecret"), of: account)
    let text = "{\"authorizer\":\"03E0\",\"token\":\"\(SessionSecrets.token)\"}"
    guard case .session(7, .begun) = courier.loggedIn(job, answered(text), era: .max) else {
      Issue.record("the session was not kept")
      return
    }
    func request(_ session: UInt64) throws -> OutgoingRequest? {
      var call = FetchJob(
        ticket: 8, account: account, venue: "bullish",
        call: Call("private", "GET", "v1/accounts/trading-accounts"), clockOffset: 0)
      call.session = session
      return try courier.signed(call)
    }
    let signed = try request(7)
    #expect(signed?.header("Authorization") == "Bearer " + SessionSecrets.token)
    let other = try request(6)
    #expect(other == nil)
    courier.forgetAll()
    let fault = #expect(throws: VenueFault.self) { try request(7) }
    #expect(fault == .unsigned("the account's key is not there"))
    courier.take(Credentials(key: "HMAC-1", secret: "secretsecret"), of: account)
    let later = try request(7)
    #expect(later == nil)
  }

  @Test func `a kept session is handed to the calls of its own login only`() {
    let (one, other) = (SessionSecrets.account, AccountID(named: "other"))
    var store = SessionStore()
    #expect(store.fields(of: one, from: 7) == nil)
    let isKept = store.keep(["token": "t"], from: 7, of: one, signedIn: store.era)
    #expect(isKept && store.fields(of: one, from: 7) == ["token": "t"])
    #expect(store.fields(of: one, from: 8) == nil && store.fields(of: other, from: 7) == nil)
    let before = store.era
    store.forget(other)
    #expect(store.fields(of: one, from: 7) == ["token": "t"])
    store.forgetAll()
    #expect(store.fields(of: one, from: 7) == nil)
    let isKeptLate = store.keep(["token": "t"], from: 9, of: one, signedIn: before)
    #expect(!isKeptLate)
    let isKeptNow = store.keep(["token": "t"], from: 9, of: one, signedIn: store.era)
    #expect(isKeptNow)
  }
}
