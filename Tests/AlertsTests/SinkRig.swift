import Alerts
import Amounts
import Foundation
import Ledger
import Synchronization
import Transport
import Vault
import Wire

@testable import Engine

/// An alerts' desk with a disk in memory and the real post, on a clock of its own that jumps to
/// whatever is due when nothing is on its way.
final class SinkRig {
  private(set) var desk: AlertDesk
  private let post: AlertPost
  private let ended = Mutex<[(String, String, DeliveryOutcome)]>([])
  private(set) var now = at(0)
  private var flying = 0
  /// The disk: what waits there, by id, and how it ended.
  private(set) var waiting: [String: String] = [:]
  private(set) var ends: [String: String] = [:]
  private var states: [String: String] = [:]
  private var lastDelivery = 0
  private let sinks: [Sink]

  init(_ sinks: [Sink], secrets: [String: String], authority: String? = nil) {
    var options = HTTPOptions()
    options.authorityFile = authority
    self.sinks = sinks
    let outcomes = Outcomes()
    post = AlertPost(
      client: HTTPClient(options: options),
      mails: MailClient(authorityFile: authority, isStrict: true, wholeMilliseconds: 600),
      patienceMilliseconds: 600, host: "test-host"
    ) { outcomes.add(($0, $1, $2)) }
    self.outcomes = outcomes
    for (name, secret) in secrets { post.take(Array(secret.utf8), of: name) }
    var contents = AlertContents()
    contents.settings.rules = [SinkRig.rule]
    contents.sinks = sinks
    desk = AlertDesk(contents, at: now)
  }

  private final class Outcomes: Sendable {
    private let list = Mutex<[(String, String, DeliveryOutcome)]>([])
    func add(_ one: (String, String, DeliveryOutcome)) { list.withLock { $0.append(one) } }
    func drain() -> [(String, String, DeliveryOutcome)] {
      list.withLock { list in
        defer { list = [] }
        return list
      }
    }
  }

  private let outcomes: Outcomes

  private static let rule: AlertRule = {
    var rule = above10(hold: 0)
    rule.figure = "x:*"
    rule.runbook = "Look & <act>."
    return rule
  }()

  /// Looks at figures: which of them are bad.
  func observe(_ bad: [Bool]) {
    let seen = bad.enumerated().flatMap { number, isBad in
      [
        Observation(
          "x:\(number)", subject: "X & <\(number)>", value: fixed(isBad ? "11" : "5"),
          unit: .money("USD"), time: now)
      ]
    }
    perform(desk.observe(seen, at: now))
  }

  func acknowledge(_ id: Int) {
    let request = Request("alert-ack", ["id": "\(id)", "user": "kim"])
    perform(desk.perform(request, ClientID(number: 1), 1, at: now))
  }

  func later(_ seconds: Int64) { now = now.advanced(bySeconds: seconds) }

  private func perform(_ effects: [AlertDesk.Effect], storing: Bool = true) {
    for effect in effects {
      switch effect {
      case .store(let number, let batch):
        for delivery in batch.deliveries {
          waiting[delivery.id] = delivery.text
          lastDelivery = max(lastDelivery, delivery.number)
        }
        for (id, end) in batch.ended {
          waiting[id] = nil
          ends[id] = end
        }
        states.merge(batch.states) { _, new in new }
        if isKilled { continue }
        perform(desk.stored(number, at: now))
      case .send(let delivery, let sink):
        flying += 1
        post.send(delivery, to: sink, vault: "test")
      case .answer, .refuse, .feedback: break
      }
    }
  }

  /// Whether the engine ends between writing and sending.
  var isKilled = false

  /// Starts again from the disk alone.
  func restart() {
    isKilled = false
    flying = 0
    _ = outcomes.drain()
    var contents = AlertContents()
    contents.settings.rules = [SinkRig.rule]
    contents.sinks = sinks
    contents.states = states
    contents.waiting = waiting.values.compactMap { Delivery(kept: $0) }
    contents.lastDelivery = lastDelivery
    desk = AlertDesk(contents, at: now)
    perform(desk.tick(at: now))
  }

  /// Lets everything come to rest; false where something still waits after the time.
  func rest(seconds: Int64 = 20_000, real: Double = 20) async throws -> Bool {
    let end = now.advanced(bySeconds: seconds)
    let stop = Date().addingTimeInterval(real)
    while Date() < stop {
      for (id, sink, outcome) in outcomes.drain() {
        flying -= 1
        perform(desk.delivered(id, sink, outcome, at: now))
      }
      if flying > 0 {
        try await Task.sleep(for: .milliseconds(3))
        continue
      }
      if waiting.isEmpty { return true }
      guard let next = desk.wakeAt(after: now), next <= end else { return false }
      now = max(next, now)
      perform(desk.tick(at: now))
    }
    return false
  }

  /// The incident's key in a text for people.
  static func key(in text: String) -> String {
    let last = text.split(separator: "\n").last ?? ""
    return last.split(separator: " ").first { $0.hasPrefix("high-") }.map(String.init) ?? ""
  }

  /// What a text for people says of its incident.
  static func action(in text: String) -> String {
    if text.hasPrefix("RESOLVED") { return "resolve" }
    return text.hasPrefix("ACKNOWLEDGED") ? "acknowledge" : "trigger"
  }
}
