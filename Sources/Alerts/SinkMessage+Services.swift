import Encodings
import Ledger

extension SinkMessage {
  // MARK: PagerDuty

  /// An event of the Events API v2.
  ///
  /// A summary has at most 1,024 characters, a dedup key 255, a routing key exactly 32; only a
  /// trigger has a payload. Source: https://developer.pagerduty.com/docs/send-alert-event and
  /// https://developer.pagerduty.com/docs/events-api-v2-overview
  func pagerDuty(_ settings: [String: String]) throws(SinkFault) -> SinkCall {
    guard context.secret.count == 32, context.secret.allSatisfy({ (33...126).contains($0) }) else {
      throw SinkFault("an integration key of PagerDuty has 32 characters")
    }
    var members: [(String, JSON)] = [
      ("routing_key", .string(secretText)),
      ("event_action", .string(notice.action.rawValue)),
      ("dedup_key", .string(SinkMessage.cut(dedupKey, bytes: 255))),
    ]
    if notice.action == .trigger {
      var details: [(String, JSON)] = []
      for line in lines.prefix(40) {
        details.append((SinkMessage.line(line.label), .string(SinkMessage.line(line.text))))
      }
      if !notice.runbook.isEmpty { details.append(("runbook", .string(notice.runbook))) }
      details.append(("alerts", .number(String(notice.count))))
      details.append(("delivery", .string(delivery.id)))
      let payload: [(String, JSON)] = [
        ("summary", .string(String(title.prefix(1_000)))),
        ("source", .string(context.host.isEmpty ? "coffer" : context.host)),
        ("severity", .string(notice.severity.text)),
        ("timestamp", .string(notice.time.description)),
        ("component", .string("coffer \(context.vault)")),
        ("group", .string(notice.group)),
        ("class", .string("portfolio")),
        ("custom_details", .object(JSONObject(details))),
      ]
      members.append(("payload", .object(JSONObject(payload))))
      members.append(("client", .string("Coffer")))
    }
    return SinkCall(
      url: settings["url"] ?? "https://events.pagerduty.com/v2/enqueue",
      headers: [SinkMessage.jsonType], body: SinkMessage.json(members))
  }

  /// The incident's key with the vault's name, so that two vaults do not meet.
  var dedupKey: String { "coffer/\(context.vault)/\(notice.key)" }

  // MARK: Webhook

  /// A signed call of our own form, which coffer-alerts(7) documents.
  ///
  /// The signature is HMAC-SHA256 (RFC 2104) over `v1:`, the time in seconds, `:` and the body, in
  /// hexadecimal: a receiver compares it and refuses old times.
  func webhook(_ settings: [String: String]) throws(SinkFault) -> SinkCall {
    guard let url = settings["url"] else { throw SinkFault("the webhook has no address") }
    guard context.secret.count >= 16 else {
      throw SinkFault("the key of a signature wants at least 16 bytes")
    }
    let explained = lines.prefix(40).map { line in
      JSON.object(
        JSONObject([
          ("label", .string(SinkMessage.line(line.label))),
          ("text", .string(SinkMessage.line(line.text))),
        ]))
    }
    let body = SinkMessage.json([
      ("version", .number("1")), ("delivery", .string(delivery.id)),
      ("action", .string(notice.action.rawValue)), ("key", .string(dedupKey)),
      ("group", .string(notice.group)), ("severity", .string(notice.severity.text)),
      ("title", .string(title)), ("alerts", .number(String(notice.count))),
      ("time", .string(notice.time.description)), ("vault", .string(context.vault)),
      ("lines", .array(Array(explained))), ("runbook", .string(notice.runbook)),
    ])
    let time = String(context.now.seconds)
    let signed = Array("v1:\(time):".utf8) + body
    let signature = Hex.text(context.tools.hmac(.sha256, context.secret, signed))
    return SinkCall(
      url: url,
      headers: [
        SinkMessage.jsonType, ["Coffer-Delivery", delivery.id], ["Coffer-Timestamp", time],
        ["Coffer-Signature", "v1=\(signature)"],
      ], body: body)
  }

  // MARK: Slack

  /// A message by an incoming webhook.
  ///
  /// `&`, `<` and `>` are written as entities, so that nothing in a text becomes a link or a call.
  /// Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and
  /// https://docs.slack.dev/messaging/formatting-message-text
  func slack() throws(SinkFault) -> SinkCall {
    let url = secretText
    guard Sink.isSecure(url), url.utf8.count <= 500, url.utf8.allSatisfy({ $0 > 32 && $0 < 127 })
    else { throw SinkFault("the address of the incoming webhook is not https://…") }
    var text = ""
    for character in SinkMessage.cut(plain, bytes: 3_500) {
      switch character {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      default: text.append(character)
      }
    }
    return SinkCall(
      url: url, headers: [SinkMessage.jsonType], body: SinkMessage.json([("text", .string(text))]))
  }

  // MARK: Telegram

  /// The method `sendMessage` of the Bot API: 1 to 4,096 characters, without formatting.
  ///
  /// Source: https://core.telegram.org/bots/api#sendmessage
  func telegram(_ settings: [String: String]) throws(SinkFault) -> SinkCall {
    let token = secretText
    let isToken = token.utf8.allSatisfy { byte in
      (48...58).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
    guard isToken, token.utf8.count >= 20, token.utf8.count <= 100 else {
      throw SinkFault("a bot token is digits, a colon and letters")
    }
    let chat = settings["chat"] ?? ""
    let isSilent = notice.severity == .info || notice.action != .trigger
    let base = settings["url"] ?? "https://api.telegram.org"
    return SinkCall(
      url: "\(base)/bot\(token)/sendMessage", headers: [SinkMessage.jsonType],
      body: SinkMessage.json([
        ("chat_id", Int64(chat) == nil ? .string(chat) : .number(chat)),
        ("text", .string(SinkMessage.cut(plain, bytes: 4_000))),
        ("disable_notification", .bool(isSilent)),
      ]))
  }
}

extension Sink {
  /// What an answer to a call means.
  ///
  /// - Parameters:
  ///   - status: The answer's status.
  ///   - retryAfter: Its field `Retry-After` (RFC 9110, 10.2.3), in seconds where it is a number.
  ///   - body: Its body.
  /// - Returns: The outcome.
  public func outcome(status: Int, retryAfter: Int64?, body: [UInt8]) -> DeliveryOutcome {
    let said = SinkMessage.line(
      String(decoding: body.prefix(200), as: UTF8.self).filter { !$0.isNewline })
    let problem = "it answered \(status)\(said.isEmpty ? "" : ": \(said)")"
    switch status {
    case 200..<300: return .delivered
    case 429: return .later(after: retryAfter ?? telegramPause(body), problem)
    case 408, 425, 500..<600: return .later(after: retryAfter, problem)
    case 401, 403, 404, 405, 410: return .misconfigured(problem)
    case 400 where kind == .telegram || kind == .slack: return .misconfigured(problem)
    case 400..<500: return .refused(problem)
    default: return .later(after: retryAfter, problem)
    }
  }

  /// How long Telegram says to wait: `parameters.retry_after` in the body.
  ///
  /// Source: https://core.telegram.org/bots/api#responseparameters
  private func telegramPause(_ body: [UInt8]) -> Int64? {
    guard kind == .telegram, let json = try? JSON.reading(body), case .object(let object) = json,
      case .object(let parameters)? = object["parameters"],
      case .number(let text)? = parameters["retry_after"]
    else { return nil }
    return Int64(text)
  }
}
