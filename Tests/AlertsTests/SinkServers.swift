import Alerts
import Cipher
import Encodings
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import TestSupport

/// What goes wrong with one message at a server.
enum SinkTrouble: Sendable {
  /// The connection is closed before anything is said.
  case down
  /// The message is taken, but the answer comes too late.
  case late
  /// The server is busy, and says for how many seconds.
  case busy(Int)
  /// The server has a fault of its own.
  case broken
}

/// What a server has seen.
final class SinkLog: Sendable {
  private struct State {
    var troubles: [SinkTrouble] = []
    var accepted: [(key: String, action: String)] = []
    var violations: [String] = []
    var texts: [String] = []
  }

  private let state = Mutex(State())

  init(_ troubles: [SinkTrouble] = []) { state.withLock { $0.troubles = troubles } }

  /// The trouble of the next message, if any.
  func next() -> SinkTrouble? {
    state.withLock { $0.troubles.isEmpty ? nil : $0.troubles.removeFirst() }
  }

  func accept(_ key: String, _ action: String, text: String) {
    state.withLock {
      $0.accepted.append((key, action))
      $0.texts.append(text)
    }
  }

  /// Notes what breaks the documented form.
  func check(_ isRight: Bool, _ what: String) {
    if !isRight { state.withLock { $0.violations.append(what) } }
  }

  var accepted: [(key: String, action: String)] { state.withLock { $0.accepted } }
  var violations: [String] { state.withLock { $0.violations } }
  var texts: [String] { state.withLock { $0.texts } }
}

/// A server on the loopback that speaks by a handler of its own, with or without TLS.
final class LocalServer: Sendable {
  let port: Int
  private let channel: any Channel

  init(
    tls: NIOSSLContext? = nil, port: Int = 0,
    _ handler: @escaping @Sendable () -> any ChannelHandler
  ) async throws {
    let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
          }
          try channel.pipeline.syncOperations.addHandler(handler())
        }
      }
    channel = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
    self.port = channel.localAddress?.port ?? 0
  }

  func stop() async throws { try await channel.close() }
}

/// A request as it was read.
typealias SeenCall = HTTPRequests.Request

extension SeenCall {
  /// The body as an object; empty where it is none.
  var json: JSONObject {
    if let json = try? JSON.reading(body), case .object(let object) = json { return object }
    return JSONObject()
  }
}

extension JSONObject {
  func text(_ name: String) -> String {
    if case .string(let text)? = self[name] { return text }
    return ""
  }

  func object(_ name: String) -> JSONObject {
    if case .object(let object)? = self[name] { return object }
    return JSONObject()
  }
}

/// Reads requests of HTTP/1.1 and lets a checker answer.
final class CallReader: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let log: SinkLog
  private let service: any CheckedService
  private var requests = HTTPRequests()

  init(_ log: SinkLog, _ service: any CheckedService) {
    self.log = log
    self.service = service
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    requests.add(Array(buffer: unwrapInboundIn(data)))
    while let call = requests.next() { answer(call, context) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func answer(_ call: SeenCall, _ context: ChannelHandlerContext) {
    switch log.next() {
    case .down: context.close(promise: nil)
    case .late: service.take(call, log)
    case .busy(let seconds):
      let (fields, body) = service.busy(seconds)
      say("429 Too Many Requests", fields, body, context)
    case .broken: say("500 Internal Server Error", "", "oops", context)
    case nil:
      service.take(call, log)
      say(service.success.status, "", service.success.body, context)
    }
  }

  private func say(
    _ status: String, _ fields: String, _ body: String, _ context: ChannelHandlerContext
  ) {
    let text =
      "HTTP/1.1 \(status)\r\ncontent-length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
  }
}

/// What a service's document says of a call.
protocol CheckedService: Sendable {
  var success: (status: String, body: String) { get }
  /// Checks the form, and notes what was accepted.
  func take(_ call: SeenCall, _ log: SinkLog)
  /// Fields and body of an answer that asks to wait.
  func busy(_ seconds: Int) -> (fields: String, body: String)
}

extension CheckedService {
  func busy(_ seconds: Int) -> (fields: String, body: String) {
    ("Retry-After: \(seconds)\r\n", "slow down")
  }
}

/// PagerDuty's Events API v2.
///
/// https://developer.pagerduty.com/docs/send-alert-event
struct PagerDutyService: CheckedService {
  static let key = "0123456789abcdef0123456789abcdef"
  let success = (
    status: "202 Accepted", body: #"{"status":"success","message":"Event processed"}"#
  )

  func take(_ call: SeenCall, _ log: SinkLog) {
    log.check(call.method == "POST" && call.path == "/v2/enqueue", "\(call.method) \(call.path)")
    log.check(call.headers["content-type"] == "application/json", "content type")
    log.check(call.body.count <= 512 << 10, "an event has at most 512 kB")
    let event = call.json
    log.check(event.text("routing_key") == PagerDutyService.key, "routing key")
    let action = event.text("event_action")
    log.check(["trigger", "acknowledge", "resolve"].contains(action), "action \(action)")
    let key = event.text("dedup_key")
    log.check((1...255).contains(key.utf8.count), "dedup key")
    if action == "trigger" {
      let payload = event.object("payload")
      log.check((1...1_024).contains(payload.text("summary").count), "summary")
      log.check(!payload.text("source").isEmpty, "source")
      let severities = ["critical", "error", "warning", "info"]
      log.check(severities.contains(payload.text("severity")), "severity")
      let stamp = ISO8601DateFormatter()
      stamp.formatOptions = [.withInternetDateTime]
      let whole = payload.text("timestamp").replacing(/\.\d+Z/, with: "Z")
      log.check(stamp.date(from: whole) != nil, "timestamp \(payload.text("timestamp"))")
      if case .object? = payload["custom_details"] {} else { log.check(false, "details") }
    }
    log.accept(key, action, text: String(decoding: call.body, as: UTF8.self))
  }
}

/// Our own signed webhook, as coffer-alerts(7) documents it.
struct WebhookService: CheckedService {
  static let key = "a key of at least 16 bytes"
  let success = (status: "204 No Content", body: "")

  func take(_ call: SeenCall, _ log: SinkLog) {
    log.check(call.method == "POST", call.method)
    let time = call.headers["coffer-timestamp"] ?? ""
    let age = abs(Date().timeIntervalSince1970 - (Double(time) ?? 0))
    log.check(age < 300, "timestamp \(time)")
    let signed = Array("v1:\(time):".utf8) + call.body
    let code = SigningTools.openSSL.hmac(.sha256, Array(WebhookService.key.utf8), signed)
    log.check(call.headers["coffer-signature"] == "v1=" + Hex.text(code), "signature")
    let body = call.json
    log.check(body.text("delivery") == call.headers["coffer-delivery"], "delivery")
    for name in ["key", "group", "severity", "title", "time", "vault"] {
      log.check(!body.text(name).isEmpty, "no \(name)")
    }
    log.accept(
      body.text("key"), body.text("action"), text: String(decoding: call.body, as: UTF8.self))
  }
}

/// Slack's incoming webhooks.
///
/// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
struct SlackService: CheckedService {
  let success = (status: "200 OK", body: "ok")

  func take(_ call: SeenCall, _ log: SinkLog) {
    log.check(call.method == "POST" && call.path == "/services/T0/B0/XYZ", call.path)
    log.check(call.headers["content-type"] == "application/json", "content type")
    let text = call.json.text("text")
    log.check(!text.isEmpty && text.count <= 40_000, "text")
    log.check(!text.contains("<") && !text.contains(">"), "unescaped")
    let plain = text.replacing(/&(amp|lt|gt);/, with: "")
    log.check(!plain.contains("&"), "unescaped &")
    log.accept(SinkRig.key(in: text), SinkRig.action(in: text), text: text)
  }
}

/// Telegram's Bot API.
///
/// https://core.telegram.org/bots/api#sendmessage
struct TelegramService: CheckedService {
  static let token = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"
  let success = (status: "200 OK", body: #"{"ok":true,"result":{"message_id":1}}"#)

  func take(_ call: SeenCall, _ log: SinkLog) {
    log.check(call.path == "/bot\(TelegramService.token)/sendMessage", call.path)
    log.check(call.headers["content-type"] == "application/json", "content type")
    let text = call.json.text("text")
    log.check((1...4_096).contains(text.utf16.count), "text of \(text.count)")
    log.check(call.json["chat_id"] == .number("-100200"), "chat")
    log.accept(SinkRig.key(in: text), SinkRig.action(in: text), text: text)
  }

  func busy(_ seconds: Int) -> (fields: String, body: String) {
    let body = """
      {"ok":false,"error_code":429,"description":"Too Many Requests: retry after \(seconds)",\
      "parameters":{"retry_after":\(seconds)}}
      """
    return ("", body)
  }
}

/// A server of mail (RFC 5321) that offers STARTTLS (RFC 3207) and AUTH PLAIN (RFC 4954, 4616).
final class MailReader: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  static let login = "coffer"
  static let password = "s3cret"

  private let log: SinkLog
  private let tls: NIOSSLContext?
  private var pending: [UInt8] = []
  private var isSecure = false
  private var awaitsLogin = false
  private var data: [String]?

  init(_ log: SinkLog, startTLS: NIOSSLContext?) {
    self.log = log
    tls = startTLS
  }

  func channelActive(context: ChannelHandlerContext) {
    say("220 test ESMTP", context)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    pending += Array(buffer: unwrapInboundIn(data))
    while let end = pending.firstIndex(of: 10) {
      let line = String(decoding: pending[..<end], as: UTF8.self)
      pending.removeFirst(end + 1)
      log.check(line.hasSuffix("\r"), "a line ends with CR LF")
      take(String(line.dropLast()), context)
    }
  }

  private func take(_ line: String, _ context: ChannelHandlerContext) {
    if data != nil { return takeData(line, context) }
    if awaitsLogin { return authenticate(line, context) }
    let word = line.split(separator: " ").first.map { $0.uppercased() } ?? ""
    switch word {
    case "EHLO":
      var lines = ["250-test"]
      if tls != nil, !isSecure { lines.append("250-STARTTLS") }
      lines.append("250 AUTH PLAIN")
      say(lines.joined(separator: "\r\n"), context)
    case "STARTTLS":
      guard let tls else { return say("502 no", context) }
      say("220 go", context)
      isSecure = true
      let handler = NIOSSLServerHandler(context: tls)
      try? context.pipeline.syncOperations.addHandler(handler, position: .first)
    case "AUTH":
      // What proves it comes in the same line, or in the next one after 334 (RFC 4954, 4).
      let words = line.split(separator: " ").map(String.init)
      if words.count > 2 { return authenticate(words[2], context) }
      awaitsLogin = true
      say("334 ", context)
    case "MAIL", "RCPT":
      log.check(line.hasSuffix("@example.org>"), line)
      say("250 ok", context)
    case "DATA":
      data = []
      say("354 go on", context)
    case "QUIT": say("221 bye", context)
    default: say("502 what", context)
    }
  }

  private func authenticate(_ code: String, _ context: ChannelHandlerContext) {
    awaitsLogin = false
    log.check(isSecure, "a password came in plain text")
    let wanted = "\0\(MailReader.login)\0\(MailReader.password)"
    let isRight = Base64.bytes(code) == Array(wanted.utf8)
    log.check(isRight, "login")
    say(isRight ? "235 welcome" : "535 no", context)
  }

  private func takeData(_ line: String, _ context: ChannelHandlerContext) {
    guard line == "." else {
      data?.append(line.hasPrefix(".") ? String(line.dropFirst()) : line)
      return
    }
    let lines = data ?? []
    data = nil
    switch log.next() {
    case .down: context.close(promise: nil)
    case .late: accept(lines)
    case .busy: say("451 try again", context)
    case .broken: say("421 not now", context)
    case nil:
      accept(lines)
      say("250 queued", context)
    }
  }

  private func accept(_ lines: [String]) {
    let blank = lines.firstIndex(of: "") ?? lines.count
    var fields: [String: String] = [:]
    for line in lines[..<blank] {
      log.check(line.utf8.count <= 998, "a line has at most 998 bytes")
      guard let colon = line.firstIndex(of: ":"), !line.hasPrefix(" ") else { continue }
      fields[line[..<colon].lowercased()] =
        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    for name in ["from", "to", "subject", "date", "message-id", "mime-version"] {
      log.check(fields[name]?.isEmpty == false, "no \(name)")
    }
    log.check(fields["auto-submitted"] == "auto-generated", "auto-submitted")
    let dates = DateFormatter()
    dates.locale = Locale(identifier: "en_US_POSIX")
    dates.dateFormat = "EEE, dd MMM yyyy HH:mm:ss Z"
    log.check(dates.date(from: fields["date"] ?? "") != nil, "date \(fields["date"] ?? "")")
    let body = lines[min(blank + 1, lines.count)...].joined()
    let text = Base64.bytes(body).map { String(decoding: $0, as: UTF8.self) } ?? ""
    log.check(!text.isEmpty, "the body is base64")
    log.check(lines[blank...].allSatisfy { $0.utf8.count <= 76 }, "lines of 76")
    log.accept(SinkRig.key(in: text), SinkRig.action(in: text), text: text)
  }

  private func say(_ text: String, _ context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text + "\r\n")), promise: nil)
  }
}

/// Certificates made for one run: an authority, one for `localhost`, one for another host.
struct TestCertificates: Sendable {
  let folder: URL
  var authority: String { folder.appending(path: "ca.pem").path }

  static let shared: Result<TestCertificates, any Error> = Result { try TestCertificates() }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "coffer-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try openssl(
      "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority")
    for (name, host) in [("good", "localhost"), ("other", "elsewhere.example")] {
      try openssl(
        "req -newkey rsa:2048 -nodes -keyout \(name).key -out \(name).csr -subj /CN=\(host)")
      try "subjectAltName=DNS:\(host)\n".write(
        to: folder.appending(path: "\(name).ext"), atomically: true, encoding: .utf8)
      try openssl(
        "x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial -out \(name).pem"
          + " -days 2 -extfile \(name).ext")
    }
  }

  private func openssl(_ arguments: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    process.arguments = arguments.split(separator: " ").map(String.init)
    process.currentDirectoryURL = folder
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
  }

  func server(_ name: String) throws -> NIOSSLContext {
    let chain = try NIOSSLCertificate.fromPEMFile(folder.appending(path: "\(name).pem").path)
    let key = try NIOSSLPrivateKey(
      file: folder.appending(path: "\(name).key").path, format: .pem)
    return try NIOSSLContext(
      configuration: TLSConfiguration.makeServerConfiguration(
        certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key)))
  }
}
