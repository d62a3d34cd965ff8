import Amounts
import Encodings
import Ledger

// How the book and the outbox are written down, as JSON.

/// Reads members of an object; whatever is missing or of another kind makes the whole unreadable.
struct KeptReader {
  private let object: JSONObject

  init?(_ json: JSON?) {
    guard case .object(let object)? = json else { return nil }
    self.object = object
  }

  subscript(_ name: String) -> JSON? { object[name] }

  func text(_ name: String) -> String? {
    if case .string(let text)? = object[name] { return text }
    return nil
  }

  func integer(_ name: String) -> Int64? {
    if case .number(let text)? = object[name] { return Int64(text) }
    return nil
  }

  func fixed(_ name: String) -> Fixed? { text(name).flatMap { try? Fixed(parsing: $0) } }

  func time(_ name: String) -> Instant? { integer(name).map { Instant(microseconds: $0) } }

  func flag(_ name: String) -> Bool {
    if case .bool(let flag)? = object[name] { return flag }
    return false
  }

  func list(_ name: String) -> [JSON]? {
    if case .array(let list)? = object[name] { return list }
    return nil
  }

  func texts(_ name: String) -> [String]? {
    list(name)?.compactMap { json in
      if case .string(let text) = json { return text }
      return nil
    }
  }

  func count(_ name: String) -> Int? { integer(name).flatMap { Int(exactly: $0) } }

  var members: [(String, JSON)] { Array(zip(object.names, object.values)) }
}

/// Gathers members of an object; what is not there is left out.
struct KeptWriter {
  private(set) var object = JSONObject()

  mutating func put(_ name: String, _ text: String) { object.set(name, .string(text)) }
  mutating func put(_ name: String, _ number: Int) { object.set(name, .number(String(number))) }
  mutating func put(_ name: String, _ value: Fixed?) { if let value { put(name, value.text) } }
  mutating func put(_ name: String, _ flag: Bool) { if flag { object.set(name, .bool(true)) } }
  mutating func put(_ name: String, _ time: Instant?) {
    if let time { object.set(name, .number(String(time.microseconds))) }
  }
  mutating func put(_ name: String, _ texts: [String]?) {
    if let texts { object.set(name, .array(texts.map { .string($0) })) }
  }
  mutating func put(_ name: String, _ list: [JSON]) { object.set(name, .array(list)) }
  mutating func put(_ name: String, _ json: JSON) { object.set(name, json) }

  var json: JSON { .object(object) }
}

extension AlertText {
  var kept: JSON { .array([.string(full), .string(outside)]) }

  init?(kept json: JSON?) {
    guard case .array(let parts)? = json, parts.count == 2, case .string(let full) = parts[0],
      case .string(let outside) = parts[1]
    else { return nil }
    self.init(full, outside: outside)
  }
}

extension AlertLine {
  var kept: JSON { .array([.string(label), .string(text), .bool(isRevealing)]) }

  init?(kept json: JSON) {
    guard case .array(let parts) = json, parts.count == 3, case .string(let label) = parts[0],
      case .string(let text) = parts[1], case .bool(let isRevealing) = parts[2]
    else { return nil }
    self.init(label, text, isRevealing: isRevealing)
  }
}

extension Alert {
  /// The alert as JSON.
  public var kept: String { keptJSON.text }

  var keptJSON: JSON {
    var out = KeptWriter()
    out.put("id", id)
    out.put("key", key)
    out.put("rule", rule)
    out.put("figure", figure)
    out.put("subject", subject)
    out.put("group", group)
    out.put("sinks", sinks)
    out.put("raised", raisedAt)
    out.put("severity", severity.text)
    out.put("title", title.kept)
    out.put("lines", lines.map(\.kept))
    out.put("runbook", runbook)
    out.put("state", state.rawValue)
    out.put("changed", changedAt)
    out.put("resolved", resolvedAt)
    out.put("why", resolvedWhy)
    out.put("by", acknowledgedBy)
    out.put("snoozed", snoozedUntil)
    out.put("snoozes", snoozes)
    out.put("blind", blindSince)
    out.put("blind_why", blindWhy)
    out.put("escalated", escalated)
    out.put("opinion", opinion.rawValue)
    out.put("finding", finding)
    return out.json
  }

  /// Reads an alert.
  public init?(kept text: String) {
    guard let json = try? JSON.reading(text) else { return nil }
    self.init(keptJSON: json)
  }

  init?(keptJSON json: JSON) {
    guard let from = KeptReader(json), let id = from.count("id"), let key = from.text("key"),
      let rule = from.text("rule"), let figure = from.text("figure"),
      let subject = from.text("subject"), let group = from.text("group"),
      let raised = from.time("raised"), let changed = from.time("changed"),
      let severity = from.text("severity").flatMap({ Severity($0) }),
      let title = AlertText(kept: from["title"]), let lines = from.list("lines"),
      let runbook = from.text("runbook"),
      let state = from.text("state").flatMap({ State(rawValue: $0) })
    else { return nil }
    self.init(
      id: id, key: key, rule: rule, figure: figure, subject: subject, group: group,
      sinks: from.texts("sinks"), raisedAt: raised, severity: severity, title: title,
      lines: lines.compactMap { AlertLine(kept: $0) }, runbook: runbook, changedAt: changed)
    self.state = state
    resolvedAt = from.time("resolved")
    resolvedWhy = from.text("why") ?? ""
    acknowledgedBy = from.text("by") ?? ""
    snoozedUntil = from.time("snoozed")
    snoozes = from.count("snoozes") ?? 0
    blindSince = from.time("blind")
    blindWhy = from.text("blind_why") ?? ""
    escalated = from.count("escalated") ?? 0
    opinion = from.text("opinion").flatMap { Opinion(rawValue: $0) } ?? .none
    finding = from.text("finding") ?? ""
  }
}

extension Delivery {
  /// The delivery as JSON.
  public var kept: String {
    var out = KeptWriter()
    out.put("number", number)
    out.put("sink", sink)
    out.put("not_before", notBefore)
    out.put("key", notice.key)
    out.put("group", notice.group)
    out.put("action", notice.action.rawValue)
    out.put("severity", notice.severity.text)
    out.put("title", notice.title.kept)
    out.put("lines", notice.lines.map(\.kept))
    out.put("runbook", notice.runbook)
    out.put("time", notice.time)
    out.put("count", notice.count)
    out.put("sinks", notice.sinks)
    return out.json.text
  }

  /// Reads a delivery.
  public init?(kept text: String) {
    guard let json = try? JSON.reading(text), let from = KeptReader(json),
      let number = from.count("number"), let sink = from.text("sink"),
      let notBefore = from.time("not_before"), let key = from.text("key"),
      let group = from.text("group"),
      let action = from.text("action").flatMap({ Notice.Action(rawValue: $0) }),
      let severity = from.text("severity").flatMap({ Severity($0) }),
      let title = AlertText(kept: from["title"]), let lines = from.list("lines"),
      let runbook = from.text("runbook"), let time = from.time("time")
    else { return nil }
    let notice = Notice(
      key: key, group: group, action: action, severity: severity, title: title,
      lines: lines.compactMap { AlertLine(kept: $0) }, runbook: runbook, time: time,
      count: from.count("count") ?? 1, sinks: from.texts("sinks"))
    self.init(number: number, sink: sink, notice: notice, notBefore: notBefore)
  }
}

extension Sink {
  /// Where and as whom, how much it is told: no secret.
  public var kept: String {
    var out = KeptWriter()
    out.put("least", least.text)
    out.put("amounts", amounts.rawValue)
    for (name, value) in settings.sorted(by: { $0.key < $1.key }) { out.put("set." + name, value) }
    return out.json.text
  }

  /// Reads a sink.
  public init?(_ name: String, kind: String, kept text: String) {
    guard let kind = Kind(rawValue: kind), let json = try? JSON.reading(text),
      let from = KeptReader(json)
    else { return nil }
    var settings: [String: String] = [:]
    for (key, value) in from.members where key.hasPrefix("set.") {
      if case .string(let text) = value { settings[String(key.dropFirst(4))] = text }
    }
    self.init(
      name, kind, settings: settings,
      least: from.text("least").flatMap { Severity($0) } ?? .warning,
      amounts: from.text("amounts").flatMap { AmountPolicy(rawValue: $0) } ?? .withheld)
  }
}
