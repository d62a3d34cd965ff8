public import Encodings
public import Ledger

/// What goes to a sink, ready for the network.
public enum SinkRequest: Hashable, Sendable {
  /// A call by HTTPS.
  case call(SinkCall)
  /// A mail.
  case mail(SinkMail)
  /// A line for a system log: where, and its bytes.
  case log(url: String, [UInt8])
}

/// A call by HTTPS.
public struct SinkCall: Hashable, Sendable {
  /// The whole address.
  public let url: String
  /// The header fields: name and value.
  public let headers: [[String]]
  /// The body.
  public let body: [UInt8]
}

/// A mail.
public struct SinkMail: Hashable, Sendable {
  /// The server: `smtps://` or `smtp://`, host and port.
  public let url: String
  /// The sender's address.
  public let from: String
  /// The receivers' addresses.
  public let to: [String]
  /// The name to log in with; empty for none.
  public let login: String
  /// The password.
  public let password: [UInt8]
  /// The message (RFC 5322).
  public let message: [UInt8]
}

/// Why nothing can be made for a sink.
public struct SinkFault: Error, Hashable, Sendable {
  /// What is wrong, without any secret.
  public let reason: String

  /// Makes a fault.
  public init(_ reason: String) { self.reason = reason }
}

/// What a message is made with beside the notice.
public struct SinkContext: Sendable {
  /// The secret of the sink; empty for none.
  public var secret: [UInt8]
  /// The time.
  public var now: Instant
  /// The name of this machine.
  public var host: String
  /// The vault's name.
  public var vault: String
  /// For the signature.
  public var tools: SigningTools

  /// Gathers it.
  public init(
    secret: [UInt8], now: Instant, host: String, vault: String, tools: SigningTools
  ) {
    self.secret = secret
    self.now = now
    self.host = host
    self.vault = vault
    self.tools = tools
  }
}

extension Sink {
  /// What is sent for a delivery.
  ///
  /// - Parameters:
  ///   - delivery: The delivery.
  ///   - context: The secret and what else is needed.
  /// - Returns: The request.
  /// - Throws: Where the settings or the secret cannot be used.
  public func request(
    for delivery: Delivery, _ context: SinkContext
  ) throws(SinkFault) -> SinkRequest {
    let message = SinkMessage(delivery, amounts: amounts, context)
    switch kind {
    case .pagerduty: return .call(try message.pagerDuty(settings))
    case .webhook: return .call(try message.webhook(settings))
    case .slack: return .call(try message.slack())
    case .telegram: return .call(try message.telegram(settings))
    case .email: return .mail(try message.mail(settings))
    case .syslog: return .log(url: settings["url"] ?? "/dev/log", message.syslog())
    }
  }

  /// What is wrong with the settings; `nil` where nothing is.
  public var fault: String? {
    if !AlertRule.isName(name) { return "a sink's name is made of a-z, 0-9 and -" }
    for field in kind.fields where field.isRequired && (settings[field.name] ?? "").isEmpty {
      return "\(kind.rawValue) wants --\(field.name): \(field.label)"
    }
    let known = Set(kind.fields.map(\.name))
    if let other = settings.keys.sorted().first(where: { !known.contains($0) }) {
      return "\(kind.rawValue) has no --\(other)"
    }
    let bad = settings.keys.sorted().first { key in
      let value = settings[key] ?? ""
      return value.utf8.count > 500 || value.utf8.contains { $0 < 32 || $0 == 127 }
    }
    if let bad { return "--\(bad) is too long or holds what it may not" }
    guard let url = settings["url"] else { return nil }
    switch kind {
    case .email where !url.hasPrefix("smtp://") && !url.hasPrefix("smtps://"):
      return "--url is smtps://host:465 or smtp://host:587"
    case .syslog
    where !url.hasPrefix("/") && !url.hasPrefix("udp://") && !url.hasPrefix("tcp://"):
      return "--url is /dev/log, udp://host:514 or tcp://host:601"
    case .pagerduty, .webhook, .telegram:
      return Sink.isSecure(url) ? nil : "--url must be https, but on this machine itself"
    default: return nil
    }
  }

  /// Whether an address is by TLS, or of this machine.
  static func isSecure(_ url: String) -> Bool {
    if url.hasPrefix("https://") { return true }
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"]
    return local.contains { start in
      guard url.hasPrefix(start) else { return false }
      let next = url.dropFirst(start.count).first
      return next == nil || next == ":" || next == "/"
    }
  }
}

/// A delivery in the words of one sink.
struct SinkMessage {
  let delivery: Delivery
  let context: SinkContext
  let title: String
  let lines: [AlertLine]

  var notice: Notice { delivery.notice }

  init(_ delivery: Delivery, amounts: AmountPolicy, _ context: SinkContext) {
    self.delivery = delivery
    self.context = context
    let notice = delivery.notice
    switch amounts {
    case .shown:
      title = SinkMessage.line(notice.title.full)
      lines = notice.lines
    case .withheld:
      title = SinkMessage.line(notice.title.outside)
      lines = notice.lines.filter { !$0.isRevealing }
    }
  }

  /// A text on one line without anything that a receiver could act on.
  static func line(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(2_000) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: shown.append(" ")
      default: shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  /// A text of at most so many bytes of UTF-8, cut between characters.
  static func cut(_ text: String, bytes: Int) -> String {
    guard text.utf8.count > bytes else { return text }
    var kept = ""
    var used = 0
    for character in text {
      let count = String(character).utf8.count
      guard used + count <= bytes - 3 else { break }
      kept.append(character)
      used += count
    }
    return kept + "…"
  }

  /// The word before the title.
  var word: String {
    switch notice.action {
    case .trigger: notice.severity.text.uppercased()
    case .acknowledge: "ACKNOWLEDGED"
    case .resolve: "RESOLVED"
    }
  }

  /// The whole in plain text.
  var plain: String {
    var text = ["\(word): \(title)", ""]
    for one in lines.prefix(40) {
      text.append("\(SinkMessage.line(one.label)): \(SinkMessage.line(one.text))")
    }
    if !notice.runbook.isEmpty { text += ["", "To do: \(SinkMessage.line(notice.runbook))"] }
    text += ["", "\(AlertWords.moment(notice.time))  \(notice.key)  vault \(context.vault)"]
    return text.joined(separator: "\n")
  }

  var secretText: String { String(decoding: context.secret, as: UTF8.self) }

  static func json(_ members: [(String, JSON)]) -> [UInt8] {
    Array(JSON.object(JSONObject(members)).text.utf8)
  }

  static let jsonType = ["Content-Type", "application/json"]
}
