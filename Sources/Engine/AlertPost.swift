import Alerts
import CPosix
import Cipher
import Encodings
import Glibc
import Ledger
import Logging
import Synchronization
import Transport
import VenueKit

/// Carries messages to sinks: beside the courier the only place that holds their secrets.
final class AlertPost: Sendable {
  private struct State {
    var secrets: [String: [UInt8]] = [:]
    /// Nothing but this machine may be reached: venues are simulated.
    var staysHere = false
  }

  private let state = Mutex(State())
  private let client: HTTPClient
  private let mails: MailClient
  private let logs = LogClient()
  private let host: String
  /// How long an answer is waited for, in milliseconds.
  private let patience: Int
  /// Told what became of each message, from any thread.
  private let done: @Sendable (String, String, DeliveryOutcome) -> Void

  init(
    client: HTTPClient, mails: MailClient = MailClient(), patienceMilliseconds: Int = 30_000,
    host: String = AlertPost.machine,
    done: @escaping @Sendable (String, String, DeliveryOutcome) -> Void
  ) {
    self.client = client
    self.mails = mails
    patience = patienceMilliseconds
    self.host = host
    self.done = done
  }

  /// Takes the secret of a sink.
  func take(_ secret: [UInt8], of sink: String) { state.withLock { $0.secrets[sink] = secret } }

  /// Forgets the secret of a sink.
  func forget(_ sink: String) { state.withLock { _ = $0.secrets.removeValue(forKey: sink) } }

  /// Forgets all secrets.
  func forgetAll() { state.withLock { $0.secrets = [:] } }

  /// Keeps messages on this machine from now on.
  func stayHere() { state.withLock { $0.staysHere = true } }

  /// Sends a message; its end comes by `done`, once.
  func send(_ delivery: Delivery, to sink: Sink, vault: String) {
    let (secret, staysHere) = state.withLock { ($0.secrets[sink.name] ?? [], $0.staysHere) }
    let context = SinkContext(
      secret: secret, now: EngineLoop.now, host: host, vault: vault, tools: .openSSL)
    do throws(SinkFault) {
      let request = try sink.request(for: delivery, context)
      if staysHere, !AlertPost.isHere(request) {
        throw SinkFault("beside simulated venues only this machine is reached")
      }
      switch request {
      case .call(let call): send(call, delivery, sink)
      case .mail(let mail): send(mail, delivery, sink)
      case .log(let url, let line):
        let mayBePlain = sink.settings["plain"] == "yes"
        logs.send(line, to: url, mayBePlain: mayBePlain) { [done] fault in
          done(delivery.id, sink.name, fault.map(AlertPost.outcome) ?? .delivered)
        }
      }
    } catch {
      done(delivery.id, sink.name, .misconfigured(error.reason))
    }
  }

  private func send(_ call: SinkCall, _ delivery: Delivery, _ sink: Sink) {
    let headers = call.headers.compactMap { field in
      field.count == 2 ? (name: field[0], value: field[1]) : nil
    }
    let request = OutgoingRequest(
      method: "POST", url: call.url, headers: headers, body: call.body)
    var options = CallOptions()
    options.wholeMilliseconds = patience
    options.bodyBytesMost = 64 << 10
    client.send(request, options: options) { [done] result in
      switch result {
      case .success(let answer):
        let until = RetryAfter.instant(in: answer.headers, at: EngineLoop.now)
        let pause = until.map { max(0, $0.seconds - EngineLoop.now.seconds + 1) }
        done(
          delivery.id, sink.name,
          sink.outcome(status: answer.status, retryAfter: pause, body: answer.body))
      case .failure(let fault): done(delivery.id, sink.name, AlertPost.outcome(fault))
      }
    }
  }

  private func send(_ mail: SinkMail, _ delivery: Delivery, _ sink: Sink) {
    let outgoing = OutgoingMail(
      url: mail.url, from: mail.from, to: mail.to, login: mail.login, password: mail.password,
      message: mail.message)
    mails.send(outgoing) { [done] result in
      switch result {
      case .success(let reply): done(delivery.id, sink.name, AlertPost.outcome(reply: reply))
      case .failure(let fault): done(delivery.id, sink.name, AlertPost.outcome(fault))
      }
    }
  }

  // MARK: - What answers mean

  /// A reply of SMTP (RFC 5321, 4.2.1): 4yz may pass, 5yz wants somebody to act.
  static func outcome(reply: Int) -> DeliveryOutcome {
    switch reply {
    case 200..<400: .delivered
    case 400..<500: .later(after: nil, "the mail server answered \(reply)")
    default: .misconfigured("the mail server answered \(reply)")
    }
  }

  static func outcome(_ fault: TransportFault) -> DeliveryOutcome {
    switch fault.kind {
    case .request, .redirect, .tls: .misconfigured(fault.description)
    default: .later(after: nil, fault.description)
    }
  }

  private static func isHere(_ request: SinkRequest) -> Bool {
    let url: String
    switch request {
    case .call(let call): url = call.url
    case .mail(let mail): url = mail.url
    case .log(let place, _): url = place
    }
    if url.hasPrefix("/") { return true }
    let rest = url.drop { $0 != ":" }.dropFirst(3)
    let host = rest.prefix { $0 != "/" && $0 != ":" && $0 != "?" }
    return host == "localhost" || host == "[" || host.hasPrefix("127.")
  }

  /// The name of this machine.
  static let machine: String = {
    var bytes = [CChar](repeating: 0, count: 256)
    guard gethostname(&bytes, bytes.count - 1) == 0 else { return "" }
    return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }()
}
