import Encodings
import Ledger

/// A row as the venue wrote it, with the name it had in the answer.
struct RawRow: Hashable, Sendable {
  /// The member's name or the element's number.
  var key: String
  var json: JSON

  /// The row for a person: with its name where that says something.
  var text: String {
    let isNamed = key != "$" && !key.allSatisfy { $0.isASCII && $0.isNumber }
    return isNamed ? JSON.object(JSONObject([(key, json)])).text : json.text
  }
}

/// One stretch of a lane's history in the reading.
struct RangeTask: Hashable, Sendable {
  /// What is being read, from its first page to its last.
  let whole: Span
  /// What of it is not read yet.
  var range: Span
  /// Where the next page begins: its earliest time when reading forward, its latest when backward.
  var bound: Instant
  /// What the venue calls the next page.
  var cursor: String?
  /// The number of the next page.
  var page = 0
  /// Pages read.
  var pages = 0
  /// Pages without a row, one after another.
  var emptyPages = 0
  /// The fingerprint of the last page, to know it again.
  var print: UInt64 = 0
  /// How often no way on was found at this bound.
  var step = 0
  /// Whether the range was begun anew after its cursor was refused.
  var isRestarted = false
  /// Statement lines whose fact may not be complete yet.
  var carry: [RawRow] = []
  /// When transfers began that are under way.
  var pending: [Instant] = []
  /// How often equal rows without an id were met at the page's last instant.
  var counts: [UInt64: Int] = [:]

  init(_ range: Span, isForward: Bool) {
    whole = range
    self.range = range
    bound = isForward ? range.from : range.to
  }
}

/// What is known of one lane; stored with what was read, so that one is never ahead of the other.
struct LaneState: Hashable, Sendable {
  /// What was read.
  var covered = SpanSet()
  /// What shall be read again.
  var again = SpanSet()
  /// What could not be read.
  var gaps: [SyncGap] = []
  /// What is being read.
  var task: RangeTask?
  /// The longest range the venue turned out to take, in seconds; `nil` for the feed's own.
  var window: Int64?
  /// When transfers began that are under way.
  var pending: [Instant] = []
  /// Since when executions of markets were met that are not listed, by market.
  var unlisted: [String: Instant] = [:]
  /// When the last round began.
  var round: Instant?
  /// When the last page was read.
  var lastRead: Instant?
  /// Why it needs somebody.
  var stop: LaneTrouble?
  /// Rows read.
  var rows = 0
  /// Rows refused.
  var refused = 0

  static let mostPending = 200
  static let mostUnlisted = 100
}

// MARK: - Text

extension LaneState {
  /// The state as JSON text.
  var text: String {
    var object = JSONObject()
    object.set("v", 1)
    object.set("covered", StateText.spans(covered))
    if !again.isEmpty { object.set("again", StateText.spans(again)) }
    if !gaps.isEmpty { object.set("gaps", .array(gaps.map(StateText.gap))) }
    if let task { object.set("task", StateText.task(task)) }
    if let window { object.set("window", StateText.number(window)) }
    if !pending.isEmpty { object.set("pending", .array(pending.map(StateText.time))) }
    if !unlisted.isEmpty {
      let members = unlisted.sorted { $0.key < $1.key }.map { ($0.key, StateText.time($0.value)) }
      object.set("unlisted", .object(JSONObject(members)))
    }
    if let round { object.set("round", StateText.time(round)) }
    if let lastRead { object.set("read", StateText.time(lastRead)) }
    if let stop { object.set("stop", StateText.trouble(stop)) }
    object.set("rows", StateText.number(Int64(rows)))
    object.set("refused", StateText.number(Int64(refused)))
    return JSON.object(object).text
  }

  /// Reads a state; `nil` for any other text, and then everything is read anew.
  init?(text: String) {
    guard let json = try? JSON.reading(Array(text.utf8)), case .object(let object) = json,
      object["v"] == 1
    else { return nil }
    covered = StateText.spans(object["covered"])
    again = StateText.spans(object["again"])
    gaps = StateText.list(object["gaps"]).compactMap(StateText.gap)
    task = object["task"].flatMap(StateText.task)
    window = StateText.number(object["window"])
    pending = StateText.list(object["pending"]).compactMap { StateText.time($0) }
    if case .object(let members)? = object["unlisted"] {
      for (name, value) in zip(members.names, members.values) {
        unlisted[name] = StateText.time(value)
      }
    }
    round = StateText.time(object["round"])
    lastRead = StateText.time(object["read"])
    stop = object["stop"].flatMap(StateText.trouble)
    rows = Int(clamping: StateText.number(object["rows"]) ?? 0)
    refused = Int(clamping: StateText.number(object["refused"]) ?? 0)
  }
}

/// The parts of a stored state as JSON.
enum StateText {
  static func number(_ value: Int64) -> JSON { .number(String(value)) }
  static func time(_ instant: Instant) -> JSON { number(instant.microseconds) }
  static func span(_ span: Span) -> JSON { .array([time(span.from), time(span.to)]) }
  static func spans(_ set: SpanSet) -> JSON { .array(set.spans.map(span)) }

  static func gap(_ gap: SyncGap) -> JSON {
    .array([time(gap.span.from), time(gap.span.to), .string(gap.reason.rawValue)])
  }

  static func trouble(_ trouble: LaneTrouble) -> JSON {
    .array([.string(trouble.kind.rawValue), time(trouble.time), .string(trouble.detail)])
  }

  static func task(_ task: RangeTask) -> JSON {
    var object = JSONObject()
    object.set("whole", span(task.whole))
    object.set("range", span(task.range))
    object.set("bound", time(task.bound))
    if let cursor = task.cursor { object.set("cursor", .string(cursor)) }
    object.set("page", number(Int64(task.page)))
    object.set("pages", number(Int64(task.pages)))
    object.set("empty", number(Int64(task.emptyPages)))
    object.set("print", .string(String(task.print)))
    object.set("step", number(Int64(task.step)))
    object.set("restarted", .bool(task.isRestarted))
    let carry = task.carry.map { JSON.array([.string($0.key), $0.json]) }
    object.set("carry", .array(carry))
    object.set("pending", .array(task.pending.map(time)))
    let counts = task.counts.sorted { $0.key < $1.key }
      .map { JSON.array([.string(String($0.key)), number(Int64($0.value))]) }
    object.set("counts", .array(counts))
    return .object(object)
  }

  // MARK: Reading

  static func list(_ json: JSON?) -> [JSON] {
    guard case .array(let elements)? = json else { return [] }
    return elements
  }

  static func number(_ json: JSON?) -> Int64? {
    guard case .number(let text)? = json else { return nil }
    return Int64(text)
  }

  static func string(_ json: JSON?) -> String? {
    guard case .string(let text)? = json else { return nil }
    return text
  }

  static func time(_ json: JSON?) -> Instant? {
    number(json).map { Instant(microseconds: $0) }
  }

  static func span(_ json: JSON?) -> Span? {
    let parts = list(json)
    guard parts.count >= 2, let from = time(parts[0]), let to = time(parts[1]) else { return nil }
    return Span(from: from, to: to)
  }

  static func spans(_ json: JSON?) -> SpanSet { SpanSet(list(json).compactMap { span($0) }) }

  static func gap(_ json: JSON) -> SyncGap? {
    let parts = list(json)
    guard parts.count == 3, let span = span(json),
      let reason = string(parts[2]).flatMap({ SyncGap.Reason(rawValue: $0) })
    else { return nil }
    return SyncGap(span, reason)
  }

  static func trouble(_ json: JSON) -> LaneTrouble? {
    let parts = list(json)
    guard parts.count == 3, let time = time(parts[1]), let detail = string(parts[2]),
      let kind = string(parts[0]).flatMap({ LaneTrouble.Kind(rawValue: $0) })
    else { return nil }
    return LaneTrouble(kind, detail, at: time)
  }

  static func task(_ json: JSON) -> RangeTask? {
    guard case .object(let object) = json, let whole = span(object["whole"]),
      let range = span(object["range"]), let bound = time(object["bound"])
    else { return nil }
    var task = RangeTask(whole, isForward: true)
    task.range = range
    task.bound = bound
    task.cursor = string(object["cursor"])
    task.page = Int(clamping: number(object["page"]) ?? 0)
    task.pages = Int(clamping: number(object["pages"]) ?? 0)
    task.emptyPages = Int(clamping: number(object["empty"]) ?? 0)
    task.print = string(object["print"]).flatMap { UInt64($0) } ?? 0
    task.step = Int(clamping: number(object["step"]) ?? 0)
    task.isRestarted = object["restarted"] == true
    task.carry = list(object["carry"]).compactMap { element in
      let parts = list(element)
      guard parts.count == 2, let key = string(parts[0]) else { return nil }
      return RawRow(key: key, json: parts[1])
    }
    task.pending = list(object["pending"]).compactMap { time($0) }
    for element in list(object["counts"]) {
      let parts = list(element)
      guard parts.count == 2, let key = string(parts[0]).flatMap({ UInt64($0) }) else { continue }
      task.counts[key] = Int(clamping: number(parts[1]) ?? 0)
    }
    return task
  }
}

/// A 64-bit fingerprint (FNV-1a), the same in every run; for knowing pages again, never for
/// identity.
///
/// Source: https://datatracker.ietf.org/doc/html/draft-eastlake-fnv
struct Fingerprint {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    value = (value ^ 0xff) &* 0x0000_0100_0000_01b3
  }

  static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var print = Fingerprint()
    print.add(bytes)
    return print.value
  }
}
