import Alerts
import Amounts
import Cipher
import Encodings
import Foundation
import Ledger
import NIOCore
import NIOSSL
import Testing
import Transport

@testable import Engine

/// Each sink against a server that checks the documented form, with faults.
@Suite(.serialized) struct SinkTests {
  enum Service: String, CaseIterable, Sendable {
    case pagerduty, webhook, slack, telegram, email
  }

  struct Trouble: CustomTestStringConvertible, Sendable {
    let name: String
    let list: [SinkTrouble]
    var testDescription: String { name }
  }

  static let troubles = [
    Trouble(name: "none", list: []), Trouble(name: "down", list: [.down, .down]),
    Trouble(name: "late", list: [.late]), Trouble(name: "busy", list: [.busy(7), .busy(90)]),
    Trouble(name: "broken", list: [.broken, .broken, .down]),
  ]

  /// A server of a service, and the sink and secret for it.
  static func start(
    _ service: Service, _ log: SinkLog, certificate: String = "good", port: Int = 0
  ) async throws -> (server: LocalServer, sink: Sink, secret: String) {
    let certificates = try TestCertificates.shared.get()
    let tls = try certificates.server(certificate)
    let checked: any CheckedService =
      switch service {
      case .pagerduty, .email: PagerDutyService()
      case .webhook: WebhookService()
      case .slack: SlackService()
      case .telegram: TelegramService()
      }
    if service == .email {
      let server = try await LocalServer(port: port) { MailReader(log, startTLS: tls) }
      let settings = [
        "url": "smtp://localhost:\(server.port)", "from": "coffer@example.org",
        "to": "a@example.org, b@example.org", "login": MailReader.login,
      ]
      return (server, Sink("sink", .email, settings: settings), MailReader.password)
    }
    let server = try await LocalServer(tls: tls, port: port) { CallReader(log, checked) }
    let base = "https://localhost:\(server.port)"
    switch service {
    case .pagerduty:
      let settings = ["url": base + "/v2/enqueue"]
      return (server, Sink("sink", .pagerduty, settings: settings), PagerDutyService.key)
    case .webhook:
      return (
        server, Sink("sink", .webhook, settings: ["url": base + "/hook"]), WebhookService.key
      )
    case .slack:
      return (server, Sink("sink", .slack), base + "/services/T0/B0/XYZ")
    case .telegram, .email:
      let settings = ["url": base, "chat": "-100200"]
      return (server, Sink("sink", .telegram, settings: settings), TelegramService.token)
    }
  }

  @Test(arguments: Service.allCases, troubles)
  func `whatever a sink does, it has everything in the end, in order and under one key`(
    _ service: Service, _ trouble: Trouble
  ) async throws {
    let log = SinkLog(trouble.list)
    let (server, sink, secret) = try await SinkTests.start(service, log)
    let authority = try TestCertificates.shared.get().authority
    let rig = SinkRig([sink], secrets: ["sink": secret], authority: authority)
    rig.observe([true, false])
    rig.later(10)
    rig.acknowledge(1)
    rig.later(10)
    rig.observe([false, false])
    #expect(try await rig.rest())
    try await server.stop()
    #expect(log.violations == [])
    #expect(Set(log.accepted.map(\.key)).count == 1)
    // A message that was taken and not answered comes twice, under the same key.
    var actions: [String] = []
    for (_, action) in log.accepted where actions.last != action { actions.append(action) }
    #expect(actions == ["trigger", "acknowledge", "resolve"])
    #expect(log.accepted.count == (trouble.name == "late" ? 4 : 3))
    #expect(Set(rig.ends.values) == ["delivered"])
  }

  @Test(arguments: Service.allCases)
  func `nobody outside learns an amount unless that was allowed`(_ service: Service) async throws {
    for policy in AmountPolicy.allCases {
      let log = SinkLog()
      var (server, sink, secret) = try await SinkTests.start(service, log)
      sink.amounts = policy
      let authority = try TestCertificates.shared.get().authority
      let rig = SinkRig([sink], secrets: ["sink": secret], authority: authority)
      rig.observe([true])
      #expect(try await rig.rest())
      try await server.stop()
      #expect(log.texts.count == 1)
      let tells = log.texts.contains { $0.contains("11 USD") }
      #expect(tells == (policy == .shown))
    }
  }

  @Test(arguments: Service.allCases)
  func `a server that is not who it should be gets nothing, and later all`(
    _ service: Service
  ) async throws {
    let stranger = SinkLog()
    let (first, sink, secret) = try await SinkTests.start(service, stranger, certificate: "other")
    let authority = try TestCertificates.shared.get().authority
    let rig = SinkRig([sink], secrets: ["sink": secret], authority: authority)
    rig.observe([true])
    #expect(try await rig.rest(seconds: 30) == false)
    #expect(stranger.accepted.isEmpty)
    #expect(rig.waiting.count == 1)
    #expect(rig.desk.outbox.health(of: "sink").problem.contains("certificate"))
    let port = first.port
    try await first.stop()
    let log = SinkLog()
    let (second, _, _) = try await SinkTests.start(service, log, port: port)
    #expect(try await rig.rest())
    try await second.stop()
    #expect(log.accepted.map(\.action) == ["trigger"])
  }

  @Test(arguments: Service.allCases)
  func `what was stored but not sent when the engine died is sent by the next one`(
    _ service: Service
  ) async throws {
    let log = SinkLog()
    let (server, sink, secret) = try await SinkTests.start(service, log)
    let authority = try TestCertificates.shared.get().authority
    let rig = SinkRig([sink], secrets: ["sink": secret], authority: authority)
    rig.isKilled = true
    rig.observe([true])
    #expect(log.accepted.isEmpty)
    #expect(rig.waiting.count == 1)
    rig.restart()
    #expect(try await rig.rest())
    // The alert is out still, and is not raised anew.
    rig.observe([true])
    rig.later(5)
    rig.observe([false])
    #expect(try await rig.rest())
    try await server.stop()
    #expect(log.accepted.map(\.action) == ["trigger", "resolve"])
    #expect(log.violations == [])
  }

  @Test func `a server of mail without TLS gets neither mail nor password`() async throws {
    let log = SinkLog()
    let server = try await LocalServer { MailReader(log, startTLS: nil) }
    let settings = [
      "url": "smtp://localhost:\(server.port)", "from": "coffer@example.org",
      "to": "a@example.org", "login": MailReader.login,
    ]
    let rig = SinkRig(
      [Sink("sink", .email, settings: settings)], secrets: ["sink": MailReader.password])
    rig.observe([true])
    #expect(try await rig.rest(seconds: 30) == false)
    try await server.stop()
    #expect(log.accepted.isEmpty)
    #expect(log.violations == [])
    #expect(rig.waiting.count == 1)
  }

  @Test func `one sink that is down keeps no other from its messages`() async throws {
    let log = SinkLog()
    let (server, hook, secret) = try await SinkTests.start(.webhook, log)
    var dead = hook
    dead.name = "dead"
    dead.settings["url"] = "https://localhost:1/"
    let authority = try TestCertificates.shared.get().authority
    let rig = SinkRig(
      [hook, dead], secrets: ["sink": secret, "dead": secret], authority: authority)
    rig.observe([true])
    #expect(try await rig.rest(seconds: 60) == false)
    try await server.stop()
    #expect(log.accepted.count == 1)
    #expect(rig.desk.outbox.waiting(for: "dead").count == 1)
    #expect(rig.desk.outbox.health(of: "dead").failures > 1)
  }
}

/// The forms of messages, byte for byte where a document gives them.
@Suite struct FormTests {
  static func delivery(_ text: String = "X rose") -> Delivery {
    Delivery(
      test: 1, sink: "s",
      notice: Notice(
        key: "k-1", group: "g", action: .trigger, severity: .critical,
        title: AlertText(text, outside: text), lines: [AlertLine("observed", "11 \"]\\")],
        time: at(0)))
  }

  static func context(_ secret: String, _ tools: SigningTools) -> SinkContext {
    SinkContext(
      secret: Array(secret.utf8), now: at(5), host: "host", vault: "main", tools: tools)
  }

  @Test func `a line of the log is as RFC 5424 says`() throws {
    let request = try Sink("s", .syslog).request(
      for: FormTests.delivery("BTC\u{1B}[31m\nfell"), FormTests.context("", .openSSL))
    guard case .log(let url, let bytes) = request else {
      Issue.record("no line")
      return
    }
    #expect(url == "/dev/log")
    // user (1) times 8 plus critical (2): RFC 5424, 6.2.1.
    let head =
      "<10>1 2026-01-01T00:00:00.000000Z host coffer - alert "
      + "[coffer@32473 action=\"trigger\" key=\"coffer/main/k-1\" delivery=\"k-1.test1\"] "
    let text = "CRITICAL: BTC [31m fell (observed: 11 \"]\\)"
    #expect(bytes == Array(head.utf8) + [0xEF, 0xBB, 0xBF] + Array(text.utf8))
  }

  @Test func `a webhook's signature is the one that Python's hmac makes`() throws {
    // python3 -c 'import hmac; print(hmac.new(b"k"*16, b"v1:1767225605:" + body, "sha256").hexdigest())'
    // over the body below.
    let sink = Sink("s", .webhook, settings: ["url": "https://example.org/x"])
    let request = try sink.request(
      for: FormTests.delivery(), FormTests.context(String(repeating: "k", count: 16), .openSSL))
    guard case .call(let call) = request else {
      Issue.record("no call")
      return
    }
    let body = String(decoding: call.body, as: UTF8.self)
    #expect(body == FormTests.webhookBody)
    #expect(call.headers.contains(["Coffer-Timestamp", "1767225605"]))
    #expect(call.headers.contains(["Coffer-Signature", FormTests.webhookSignature]))
  }

  static let webhookBody =
    #"{"version":1,"delivery":"k-1.test1","action":"trigger","key":"coffer/main/k-1","group":"g","#
    + #""severity":"critical","title":"X rose","alerts":1,"time":"2026-01-01T00:00:00Z","#
    + #""vault":"main","lines":[{"label":"observed","text":"11 \"]\\"}],"runbook":""}"#
  static let webhookSignature =
    "v1=43b3de83a8be997ac0d63e18716484dad3ecae39d9cad2e4780249ce7705bee8"

  @Test func `a header of mail cannot be broken by a text`() throws {
    let settings = ["url": "smtp://localhost", "from": "a@example.org", "to": "b@example.org"]
    let evil = "über\r\nBcc: c@example.org\r\n\r\nhello"
    let request = try Sink("s", .email, settings: settings).request(
      for: FormTests.delivery(evil), FormTests.context("", .openSSL))
    guard case .mail(let mail) = request else {
      Issue.record("no mail")
      return
    }
    let text = String(decoding: mail.message, as: UTF8.self)
    let head = text.components(separatedBy: "\r\n\r\n")[0]
    #expect(!head.contains("Bcc:"))
    #expect(head.utf8.allSatisfy { $0 < 127 })
    #expect(head.contains("Subject: =?utf-8?B?"))
  }

  @Test(arguments: [
    ("a@example.org", true), ("a.b+c@sub.example.org", true), ("a@b@c", false), ("a b@c", false),
    ("a@c\r\nRCPT TO:<x@y>", false), ("@c", false), ("<a@c>", false),
  ])
  func `only plain addresses go into an envelope`(_ address: String, _ isGood: Bool) {
    let settings = ["url": "smtp://localhost", "from": "a@example.org", "to": address]
    let request = try? Sink("s", .email, settings: settings).request(
      for: FormTests.delivery(), FormTests.context("", .openSSL))
    #expect((request != nil) == isGood)
  }

  @Test(
    arguments: [
      (Sink.Kind.webhook, ["url": "http://example.org"], false),
      (.webhook, ["url": "http://127.0.0.1:8080/x"], true),
      (.webhook, ["url": "http://127.0.0.1.example.org/x"], false),
      (.webhook, ["url": "https://example.org"], true), (.webhook, [:], false),
      (.telegram, ["chat": "1"], true), (.syslog, ["url": "udp://localhost"], true),
      (.syslog, ["url": "http://x"], false), (.email, ["url": "http://x"], false),
      (.slack, ["url": "https://x"], false),
    ] as [(Sink.Kind, [String: String], Bool)])
  func `settings that would leave this machine in plain text are refused`(
    _ kind: Sink.Kind, _ settings: [String: String], _ isGood: Bool
  ) {
    #expect((Sink("s", kind, settings: settings).fault == nil) == isGood)
  }
}
