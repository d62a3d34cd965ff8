import Adapters
import Cipher
import Encodings
import Glibc
import Ledger
import Logging
import Synchronization
import Transport
import VenueKit
import Venues
import Wallets

/// Signs requests and carries them: the only place of the engine that holds venues' secrets.
///
/// Secrets come from the vault when it is opened and are forgotten when it is locked; they are never
/// logged and never leave but inside a signed request.
final class Courier: Sendable {
  private struct State {
    var credentials: [AccountID: Credentials] = [:]
    /// Secrets of keys that are being tried.
    var candidates: [AccountID: Credentials] = [:]
    /// What logins gave.
    var sessions = SessionStore()
    /// The last nonce of each account, in microseconds.
    var nonces: [AccountID: Int64] = [:]
    /// The client's number of a ticket's transfer.
    var transfers: [UInt64: UInt64] = [:]
    /// Where hosts are reached instead: simulated venues.
    var redirects: [String: String] = [:]
    /// Open sockets.
    var sockets: [StreamID: (socket: WebSocket, inbox: WebSocketInbox)] = [:]
    /// The venues' clocks less ours, by account, as requests told them.
    var offsets: [AccountID: Int64] = [:]
    /// Connections to Electrum servers, by address.
    var lines: [String: LineClient] = [:]
  }

  private let state = Mutex(State())
  private let client: HTTPClient
  private let socketClient = WebSocketClient(proxy: .environment)
  /// Carries alerts over the same client.
  let post: AlertPost
  private let inbox: Inbox
  private let log: Logger
  private let tools = SigningTools.openSSL
  /// The programs that read venues which are not built in, by the venue's word.
  private let adapters: [String: AdapterProcess]

  init(inbox: Inbox, log: Logger, adapters: [InstalledAdapter] = []) {
    self.inbox = inbox
    self.log = log
    var processes: [String: AdapterProcess] = [:]
    for adapter in adapters {
      let id = adapter.manifest.id
      processes[id] = AdapterProcess(adapter) { line in
        log.warning("adapter", metadata: ["venue": "\(id)", "said": "\(line)"])
      }
    }
    self.adapters = processes
    var options = HTTPOptions()
    options.proxy = .environment
    client = HTTPClient(options: options)
    post = AlertPost(client: client) { id, sink, outcome in
      inbox.post(.delivered(id, sink, outcome))
    }
  }

  /// Takes the secrets of an account.
  func take(_ credentials: Credentials, of account: AccountID) {
    state.withLock {
      $0.credentials[account] = credentials
      $0.sessions.forget(account)
    }
  }

  /// Takes secrets that are only tried, beside those in use.
  func take(candidate: Credentials, of account: AccountID) {
    state.withLock {
      $0.candidates[account] = candidate
      $0.sessions.forget(account)
    }
  }

  /// Ends a trial: the secrets are forgotten.
  func endTrial(of account: AccountID) {
    state.withLock {
      $0.candidates[account] = nil
      $0.sessions.forget(account)
    }
  }

  /// Forgets the secrets of an account.
  func forget(_ account: AccountID) {
    state.withLock {
      $0.credentials[account] = nil
      $0.candidates[account] = nil
      $0.sessions.forget(account)
    }
  }

  /// Forgets all secrets.
  func forgetAll() {
    state.withLock {
      $0.credentials = [:]
      $0.candidates = [:]
      $0.sessions.forgetAll()
    }
    for adapter in adapters.values { adapter.forget() }
    post.forgetAll()
  }

  /// The ids of an account's parts that were typed with its key; they are no secrets.
  func accounts(of account: AccountID, at venue: String) -> [String: String] {
    guard let known = Venue.named(venue),
      let credentials = state.withLock({ $0.credentials[account] })
    else { return [:] }
    return credentials.accounts(at: known)
  }

  /// Reaches hosts at other addresses.
  func redirect(_ hosts: [String: String]) {
    state.withLock { $0.redirects.merge(hosts) { _, new in new } }
    if !hosts.isEmpty { post.stayHere() }
  }

  /// Sends a request; what becomes of it goes into the inbox.
  func send(_ job: FetchJob) {
    if let adapter = adapters[job.venue] { return ask(adapter, job) }
    if let plain = job.plain, plain.method == ElectrumNode.method { return ask(plain, job.ticket) }
    let era = state.withLock { $0.sessions.era }
    do throws(VenueFault) {
      guard let request = try signed(job) else { return inbox.post(.session(job.ticket, .lost)) }
      let number = client.send(request) { [self] result in
        state.withLock { _ = $0.transfers.removeValue(forKey: job.ticket) }
        let result = Courier.result(result)
        inbox.post(job.isLogin ? loggedIn(job, result, era: era) : .fetched(job.ticket, result))
      }
      state.withLock { $0.transfers[job.ticket] = number }
    } catch {
      inbox.post(.fetched(job.ticket, .failed(wasSent: false, error)))
    }
  }

  /// Keeps what a login gave; only that it did, and until when, goes on from here.
  func loggedIn(_ job: FetchJob, _ result: FetchResult, era: UInt64) -> EngineEvent {
    guard case .answered(let incoming) = result, let account = job.account,
      let venue = Venue.named(job.venue), let session = venue.session
    else { return .fetched(job.ticket, result) }
    let now = EngineLoop.now
    let theirs = Instant(microseconds: now.microseconds &+ job.clockOffset)
    let grant: SessionGrant
    do throws(VenueFault) {
      grant = try session.read(try venue.answer(Ask(now: theirs), job.call, incoming))
    } catch {
      // A refusal tells the limiter something; a success may hold a secret that was not understood.
      let isRefused = !(200..<300).contains(incoming.status)
      var bare = incoming
      bare.headers.removeAll { $0.name == "set-cookie" }
      return .fetched(job.ticket, isRefused ? .answered(bare) : .failed(wasSent: true, error))
    }
    let life = min(max(grant.life ?? session.life, 0), 365 * 86_400)
    let isKept = state.withLock {
      $0.sessions.keep(grant.fields, from: job.ticket, of: account, signedIn: era)
    }
    guard isKept else { return .session(job.ticket, .lost) }
    let until = now.advanced(bySeconds: Int64(life))
    return .session(job.ticket, .begun(until: until, accounts: grant.accounts))
  }

  /// Asks an adapter's program; what becomes of it goes into the inbox.
  private func ask(_ adapter: AdapterProcess, _ job: FetchJob) {
    let credentials = job.account.flatMap { account in
      state.withLock { $0.candidates[account] ?? $0.credentials[account] }
    }
    if job.account != nil, credentials == nil {
      let fault = VenueFault.unsigned("the account's key is not there")
      return inbox.post(.fetched(job.ticket, .failed(wasSent: false, fault)))
    }
    let inbox = inbox
    adapter.ask(job.call, credentials: credentials) { answer in
      switch answer {
      case .success(let incoming): inbox.post(.fetched(job.ticket, .answered(incoming)))
      case .failure(let fault):
        inbox.post(.fetched(job.ticket, .failed(wasSent: true, fault.venueFault)))
      }
    }
  }

  // MARK: - Lines

  /// The most Electrum servers that are asked.
  private static let mostLines = 64

  /// Asks an Electrum server; what becomes of it goes into the inbox.
  private func ask(_ request: OutgoingRequest, _ ticket: UInt64) {
    let inbox = inbox
    do throws(VenueFault) {
      let line = try line(to: request.url)
      guard let body = try? JSON.reading(request.body ?? []), case .object(let object) = body,
        case .string(let method)? = object["method"], let params = object["params"]
      else { throw .unsupported("a line without a question") }
      line.ask(LineQuestion(method, params)) { result in
        let answer = result.map { IncomingAnswer(status: 200, body: $0) }
        inbox.post(.fetched(ticket, Courier.result(answer)))
      }
    } catch {
      inbox.post(.fetched(ticket, .failed(wasSent: false, error)))
    }
  }

  private func line(to url: String) throws(VenueFault) -> LineClient {
    guard let place = ElectrumPlace(url) else { throw .unsupported("the address \(url)") }
    // Where some venues are simulated, no real one is ever reached.
    let isSimulated = state.withLock { !$0.redirects.isEmpty }
    if isSimulated && place.isSecure {
      throw .unsupported("\(place.host), which is not simulated")
    }
    let (tools, fingerprint) = (tools, place.fingerprint)
    let pin = fingerprint.map { wanted -> @Sendable ([UInt8]) -> Bool in
      { tools.hash(.sha256, $0) == wanted }
    }
    let (method, params) = ElectrumNode.greeting
    let made = LineClient(
      LinePlace(host: place.host, port: place.port, isSecure: place.isSecure, pin: pin),
      greeting: LineQuestion(method, params))
    let kept = state.withLock { state -> LineClient? in
      if let known = state.lines[url] { return known }
      guard state.lines.count < Courier.mostLines else { return nil }
      state.lines[url] = made
      return made
    }
    guard let kept else { throw .unsupported("so many Electrum servers") }
    return kept
  }

  /// Gives a request up; its end comes as an event all the same.
  func abandon(_ ticket: UInt64) {
    guard let number = state.withLock({ $0.transfers[ticket] }) else { return }
    client.cancel(number)
  }

  // MARK: - Streams

  /// Does something with a stream; what it says goes into the inbox.
  func carryOut(_ effect: StreamDesk.Effect) {
    switch effect {
    case .open(let id, let url, let pingSeconds): open(id, url, pingSeconds)
    case .openSigned(let id, let account, let venue, let stream, let url, let pingSeconds):
      guard let headers = openingFields(account, venue, stream) else { return }
      open(id, url, pingSeconds, headers)
    case .say(let id, let text): state.withLock { $0.sockets[id] }?.socket.send(text)
    case .logIn(let id, let account, let venue, let stream): logIn(id, account, venue, stream)
    case .close(let id):
      state.withLock { $0.sockets.removeValue(forKey: id) }?.socket.close()
    case .token, .fetchBook: break
    }
  }

  private func open(
    _ id: StreamID, _ url: String, _ pingSeconds: Int, _ headers: [StreamHeader] = []
  ) {
    let inbox = inbox
    var options = WebSocketOptions()
    options.headers = headers.map { (name: $0.name, value: $0.value) }
    options.pingMilliseconds = pingSeconds > 0 ? Int64(pingSeconds) * 1_000 : 60_000
    let waiting = WebSocketInbox { inbox.post(.ready(id)) }
    let socket = socketClient.connect(redirected(stream: url), options: options) { event in
      waiting.offer(event)
    }
    state.withLock { $0.sockets[id] = (socket, waiting) }
    // What came before the socket was noted is not lost: it is looked for once more.
    inbox.post(.ready(id))
  }

  /// Takes out what a stream has said.
  func heard(_ id: StreamID) -> [WebSocketEvent] {
    state.withLock { $0.sockets[id] }?.inbox.drain() ?? []
  }

  private func logIn(_ id: StreamID, _ account: AccountID, _ venue: String, _ index: Int) {
    guard let known = Venue.named(venue), known.streams.indices.contains(index),
      let socket = state.withLock({ $0.sockets[id] })?.socket,
      let (credentials, moment) = secrets(of: account)
    else { return }
    do throws(VenueFault) {
      let texts = try known.streams[index].login(credentials, moment, tools)
      for text in texts { socket.send(text) }
      inbox.post(.loggedIn(id, texts: texts.count))
    } catch {
      log.warning("a stream's login was not signed", metadata: ["account": "\(account.slug)"])
    }
  }

  /// An account's key, and a moment with a nonce that was not given before.
  private func secrets(of account: AccountID) -> (Credentials, Moment)? {
    let now = EngineLoop.now
    return state.withLock { state -> (Credentials, Moment)? in
      guard let credentials = state.credentials[account] else { return nil }
      let nonce = max(now.microseconds, (state.nonces[account] ?? 0) + 1_000)
      state.nonces[account] = nonce
      let time = Instant(microseconds: now.microseconds &+ (state.offsets[account] ?? 0))
      return (
        credentials,
        Moment(time: time, nonce: Instant(microseconds: nonce), uuid: Courier.uuid())
      )
    }
  }

  private func openingFields(
    _ account: AccountID, _ venue: String, _ index: Int
  ) -> [StreamHeader]? {
    guard let known = Venue.named(venue), known.streams.indices.contains(index),
      let opening = known.streams[index].opening, let (credentials, moment) = secrets(of: account)
    else { return nil }
    do throws(VenueFault) {
      return try opening(credentials, moment, tools)
    } catch {
      log.warning("a stream's opening was not signed", metadata: ["account": "\(account.slug)"])
      return nil
    }
  }

  private func redirected(stream url: String) -> String {
    let scheme = "wss://"
    guard url.hasPrefix(scheme) else { return url }
    let rest = url.dropFirst(scheme.count)
    let host = String(rest.prefix { $0 != "/" && $0 != "?" })
    let plain = String(host.prefix { $0 != ":" })
    let address = state.withLock { $0.redirects[host] ?? $0.redirects[plain] }
    guard let address, address.hasPrefix("http://") else {
      // A name that nobody has: the stream rests and says why.
      let isReal = state.withLock { $0.redirects.isEmpty }
      return isReal ? url : "wss://not-simulated.invalid/"
    }
    return "ws://" + address.dropFirst("http://".count) + rest.dropFirst(host.count)
  }

  /// Ends all transfers.
  func shutDown() {
    for open in state.withLock({ Array($0.sockets.values) }) { open.socket.close() }
    for line in state.withLock({ Array($0.lines.values) }) { line.shutDown() }
    for adapter in adapters.values { adapter.shutDown() }
    client.shutDown()
    forgetAll()
  }

  /// The signed request; `nil` where the session that it carries is gone.
  func signed(_ job: FetchJob) throws(VenueFault) -> OutgoingRequest? {
    if let plain = job.plain { return try redirected(plain) }
    guard let venue = Venue.named(job.venue) else {
      throw .unsupported("the venue \(job.venue)")
    }
    let now = EngineLoop.now
    let credentials: Credentials
    var nonce = now.microseconds
    if let account = job.account {
      let (found, session) = state.withLock { state in
        state.offsets[account] = job.clockOffset
        // A venue wants greater nonces in milliseconds too.
        nonce = max(now.microseconds, (state.nonces[account] ?? 0) + 1_000)
        state.nonces[account] = nonce
        let session = job.session.map { state.sessions.fields(of: account, from: $0) }
        return (state.candidates[account] ?? state.credentials[account], session)
      }
      guard let found else { throw .unsigned("the account's key is not there") }
      if case .some(.none) = session { return nil }
      credentials = found.adding((session ?? nil) ?? [:])
    } else {
      credentials = .none
    }
    let moment = Moment(
      time: Instant(microseconds: now.microseconds &+ job.clockOffset),
      nonce: Instant(microseconds: nonce), uuid: Courier.uuid())
    var request = try venue.request(
      job.call, credentials: credentials, moment: moment, tools: tools)
    // Only open calls have conditions; nothing signed is changed.
    request.headers += job.conditions
    return try redirected(request)
  }

  private func redirected(_ request: OutgoingRequest) throws(VenueFault) -> OutgoingRequest {
    let scheme = "https://"
    guard request.url.hasPrefix(scheme) else { return request }
    let rest = request.url.dropFirst(scheme.count)
    let host = String(rest.prefix { $0 != "/" && $0 != "?" })
    let redirects = state.withLock { $0.redirects }
    if redirects.isEmpty { return request }
    // Where some venues are simulated, no real one is ever reached.
    guard let address = redirects[host] else {
      throw .unsupported("\(host), which is not simulated")
    }
    var other = request
    other.url = address + rest.dropFirst(host.count)
    other.headers.append((name: "Host", value: host))
    return other
  }

  private static func result(
    _ result: Result<IncomingAnswer, TransportFault>
  ) -> FetchResult {
    switch result {
    case .success(let answer): return .answered(answer)
    case .failure(let fault):
      return .failed(
        wasSent: fault.mayHaveBeenSent,
        .refused(VenueRefusal(.retryable, message: fault.description)))
    }
  }

  /// A random UUID of version 4 (RFC 9562), lower case.
  private static func uuid() -> String {
    var generator = SystemRandomNumberGenerator()
    let (high, low): (UInt64, UInt64) = (generator.next(), generator.next())
    let a = high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
    let b = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    let digits = padded(a) + padded(b)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(index) { text.append("-") }
      text.append(digit)
    }
    return text
  }

  private static func padded(_ value: UInt64) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}
