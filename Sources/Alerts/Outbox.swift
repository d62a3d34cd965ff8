public import Ledger

/// A notice on its way to one sink.
public struct Delivery: Hashable, Sendable, Identifiable {
  /// Names it for ever: a receiver may drop what it has by it.
  public let id: String
  /// In which order it was made.
  public let number: Int
  /// The sink.
  public let sink: String
  /// What is told.
  public let notice: Notice
  /// Not before this.
  public let notBefore: Instant
  /// How often it was tried.
  public internal(set) var attempts = 0

  init(number: Int, sink: String, notice: Notice, notBefore: Instant) {
    self.number = number
    self.sink = sink
    self.notice = notice
    self.notBefore = notBefore
    id = "\(notice.key).\(number)"
  }

  /// A delivery that is in no outbox, to try a sink with.
  public init(test number: Int, sink: String, notice: Notice) {
    self.number = number
    self.sink = sink
    self.notice = notice
    notBefore = notice.time
    id = "\(notice.key).test\(number)"
  }
}

/// What became of an attempt.
public enum DeliveryOutcome: Hashable, Sendable {
  /// The sink has it.
  case delivered
  /// It does not have it now, and may have it later; after so many seconds at the soonest.
  case later(after: Int64?, String)
  /// The sink itself is set up wrongly: the holder must act, then everything goes out.
  case misconfigured(String)
  /// This one will never be taken.
  case refused(String)
}

/// What the vault is to write of the outbox.
public enum OutboxChange: Hashable, Sendable {
  /// A delivery is new: it must be on the disk before it is sent.
  case added(Delivery)
  /// It needs no more attempts.
  case done(id: String, DeliveryEnd)
}

/// How a delivery ended.
public enum DeliveryEnd: String, Hashable, Sendable, CaseIterable {
  /// The sink has it.
  case delivered
  /// The sink will never take it.
  case refused
  /// Its incident came and went while nobody was to be told.
  case withdrawn
  /// It was too old, or too many waited.
  case dropped
  /// The sink was taken away.
  case removed
}

/// Keeps what sinks are to be told until they have it.
///
/// One delivery at a time goes to a sink, in the order of the notices; what waits for the end of
/// quiet hours lets others by, but for those of its own incident. A delivery is given out once
/// `stored` said that it is on the disk, and is given out again until an outcome ends it: a sink gets
/// each at least once, and knows it by its id and the incident's key.
public struct Outbox: Sendable {
  /// How a sink is doing.
  public struct Health: Hashable, Sendable {
    /// How many attempts failed in a row.
    public var failures = 0
    /// Nothing is sent before this.
    public var restUntil: Instant?
    /// What went wrong last; empty where nothing did since.
    public var problem = ""
    /// When something last arrived.
    public var deliveredAt: Instant?
    /// How many arrived.
    public var delivered = 0
    /// How many were given up.
    public var lost = 0
  }

  /// The most that wait for one sink; beyond it the least important goes.
  public static let mostWaiting = 1_000
  /// Seconds after which a delivery is too old to be of use.
  public static let longestSeconds: Int64 = 7 * 86_400
  /// Seconds between two attempts at most.
  public static let longestPause: Int64 = 900
  /// Seconds between two attempts at a sink that is set up wrongly.
  public static let misconfiguredPause: Int64 = 600
  /// The longest wait that a sink may ask for, in seconds.
  public static let longestRetryAfter: Int64 = 86_400

  /// The sinks by name.
  public private(set) var sinks: [String: Sink] = [:]
  private var queues: [String: [Delivery]] = [:]
  private var health: [String: Health] = [:]
  private var sending: [String: String] = [:]
  private var unstored: Set<String> = []
  /// The sinks that know, or will know, of an incident.
  private var reached: [String: Set<String>] = [:]
  private var lastNumber = 0

  /// An outbox without sinks.
  public init() {}

  /// Takes the sinks as they are, and what was waiting when the program ended.
  ///
  /// - Parameters:
  ///   - sinks: The sinks.
  ///   - waiting: Deliveries that are on the disk and have no end.
  ///   - lastNumber: The greatest number of any delivery so far.
  ///   - reached: The sinks that know of incidents, as `reachedSinks` said.
  public mutating func restore(
    sinks: [Sink], waiting: [Delivery], lastNumber: Int, reached: [String: [String]]
  ) {
    self.sinks = Dictionary(sinks.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
    queues = Dictionary(grouping: waiting.sorted { $0.number < $1.number }, by: \.sink)
    self.lastNumber = max(lastNumber, waiting.map(\.number).max() ?? 0)
    self.reached = reached.mapValues { Set($0) }
    for delivery in waiting { self.reached[delivery.notice.key, default: []].insert(delivery.sink) }
    // Whether an attempt was made before the end is not known: what may have been heard counts so.
    heard = [:]
    for (key, names) in self.reached {
      for name in names { heard[name, default: []].insert(key) }
    }
  }

  /// The sinks that know of incidents, by the incident's key.
  public var reachedSinks: [String: [String]] { reached.mapValues { $0.sorted() } }

  /// The number of the last delivery.
  public var number: Int { lastNumber }

  /// Adds or changes a sink; its rest is over.
  public mutating func set(_ sink: Sink) {
    sinks[sink.name] = sink
    health[sink.name]?.restUntil = nil
    health[sink.name]?.failures = 0
  }

  /// Takes a sink away, with all that waits for it.
  public mutating func remove(_ name: String) -> [OutboxChange] {
    sinks[name] = nil
    health[name] = nil
    sending[name] = nil
    for key in reached.keys { reached[key]?.remove(name) }
    return (queues.removeValue(forKey: name) ?? []).map { .done(id: $0.id, .removed) }
  }

  /// How a sink is doing.
  public func health(of sink: String) -> Health { health[sink] ?? Health() }

  /// What waits for a sink, oldest first.
  public func waiting(for sink: String) -> [Delivery] { queues[sink] ?? [] }

  // MARK: - Notices

  /// Takes a notice for every sink that is to be told.
  ///
  /// - Parameters:
  ///   - notice: What is told.
  ///   - quietUntil: When the quiet hours end, where the notice falls into them.
  ///   - now: The time.
  /// - Returns: What is to be written.
  public mutating func take(
    _ notice: Notice, quietUntil: Instant?, at now: Instant
  ) -> [OutboxChange] {
    var changes: [OutboxChange] = []
    for name in sinks.keys.sorted() {
      guard let sink = sinks[name] else { continue }
      let isKnown = reached[notice.key]?.contains(name) ?? false
      if notice.action == .trigger {
        let isMeant = notice.sinks?.contains(name) ?? true
        guard isMeant, notice.severity >= sink.least || isKnown else { continue }
        reached[notice.key, default: []].insert(name)
      } else {
        guard isKnown else { continue }
      }
      if notice.action != .trigger, let withdrawn = withdraw(notice, name, at: now) {
        changes += withdrawn
        continue
      }
      changes += enqueue(notice, name, quietUntil ?? now, at: now)
    }
    if notice.action == .resolve { reached[notice.key] = nil }
    return changes
  }

  /// What a sink has not heard of need not be taken back.
  private mutating func withdraw(
    _ notice: Notice, _ sink: String, at now: Instant
  ) -> [OutboxChange]? {
    guard let queue = queues[sink] else { return nil }
    let held = queue.filter { $0.notice.key == notice.key }
    guard !held.isEmpty, held.allSatisfy({ $0.attempts == 0 && $0.notBefore > now }),
      held.first?.notice.action == .trigger, heard[sink]?.contains(notice.key) != true
    else { return nil }
    queues[sink] = queue.filter { $0.notice.key != notice.key }
    for delivery in held { unstored.remove(delivery.id) }
    reached[notice.key]?.remove(sink)
    return held.map { .done(id: $0.id, .withdrawn) }
  }

  /// Incidents of which a sink has got at least one notice, or may have.
  private var heard: [String: Set<String>] = [:]

  private mutating func enqueue(
    _ notice: Notice, _ sink: String, _ notBefore: Instant, at now: Instant
  ) -> [OutboxChange] {
    lastNumber += 1
    let delivery = Delivery(
      number: lastNumber, sink: sink, notice: notice, notBefore: max(now, notBefore))
    queues[sink, default: []].append(delivery)
    unstored.insert(delivery.id)
    return [.added(delivery)] + shorten(sink)
  }

  /// Gives the least important up where too many wait.
  private mutating func shorten(_ sink: String) -> [OutboxChange] {
    guard var queue = queues[sink], queue.count > Outbox.mostWaiting else { return [] }
    let inFlight = sending[sink]
    let candidates = queue.indices.filter { queue[$0].id != inFlight }
    let least = candidates.min {
      (queue[$0].notice.severity, queue[$0].number) < (queue[$1].notice.severity, queue[$1].number)
    }
    guard let least else { return [] }
    let gone = queue.remove(at: least)
    queues[sink] = queue
    unstored.remove(gone.id)
    health[sink, default: Health()].lost += 1
    health[sink, default: Health()].problem = "more than \(Outbox.mostWaiting) notices wait"
    return [.done(id: gone.id, .dropped)]
  }

  // MARK: - Sending

  /// Learns that deliveries are on the disk.
  public mutating func stored(_ ids: [String]) { unstored.subtract(ids) }

  /// The deliveries to be sent now; each counts as under way until `take(_:of:at:)`.
  public mutating func due(at now: Instant) -> [Delivery] {
    var found: [Delivery] = []
    for name in queues.keys.sorted() where sinks[name] != nil && sending[name] == nil {
      if let rest = health[name]?.restUntil, now < rest { continue }
      guard let index = nextIndex(name, at: now) else { continue }
      queues[name]?[index].attempts += 1
      guard let delivery = queues[name]?[index] else { continue }
      sending[name] = delivery.id
      heard[name, default: []].insert(delivery.notice.key)
      found.append(delivery)
    }
    return found
  }

  /// The first that may go: none of its incident stands before it.
  private func nextIndex(_ sink: String, at now: Instant) -> Int? {
    guard let queue = queues[sink] else { return nil }
    var held: Set<String> = []
    for (index, delivery) in queue.enumerated() {
      let key = delivery.notice.key
      if held.contains(key) { continue }
      if delivery.notBefore <= now, !unstored.contains(delivery.id) { return index }
      held.insert(key)
    }
    return nil
  }

  /// Takes what became of an attempt.
  public mutating func take(
    _ outcome: DeliveryOutcome, of id: String, to sink: String, at now: Instant
  ) -> [OutboxChange] {
    guard sending[sink] == id else { return [] }
    sending[sink] = nil
    var state = health[sink] ?? Health()
    defer { health[sink] = state }
    switch outcome {
    case .delivered:
      state.failures = 0
      state.problem = ""
      state.deliveredAt = now
      state.delivered += 1
      let pause = sinks[sink]?.kind.pauseSeconds ?? 0
      state.restUntil = pause > 0 ? now.advanced(bySeconds: pause) : nil
      return finish(id, sink, .delivered)
    case .refused(let problem):
      state.problem = problem
      state.lost += 1
      return finish(id, sink, .refused)
    case .later(let after, let problem):
      state.failures += 1
      state.problem = problem
      let own = Outbox.pause(afterFailures: state.failures)
      let asked = min(max(after ?? 0, 0), Outbox.longestRetryAfter)
      state.restUntil = now.advanced(bySeconds: max(own, asked))
    case .misconfigured(let problem):
      state.failures += 1
      state.problem = problem
      state.restUntil = now.advanced(bySeconds: Outbox.misconfiguredPause)
    }
    return []
  }

  /// Five seconds, doubled with each failure, a quarter of an hour at most.
  static func pause(afterFailures failures: Int) -> Int64 {
    min(longestPause, 5 << Int64(min(max(failures - 1, 0), 20)))
  }

  private mutating func finish(
    _ id: String, _ sink: String, _ end: DeliveryEnd
  ) -> [OutboxChange] {
    guard let index = queues[sink]?.firstIndex(where: { $0.id == id }),
      let delivery = queues[sink]?.remove(at: index)
    else { return [] }
    let key = delivery.notice.key
    if delivery.notice.action == .resolve { heard[sink]?.remove(key) }
    if queues[sink]?.isEmpty == true { queues[sink] = nil }
    return [.done(id: id, end)]
  }

  /// Gives up what is too old to be of use.
  public mutating func expire(at now: Instant) -> [OutboxChange] {
    var changes: [OutboxChange] = []
    for name in queues.keys.sorted() {
      let old = (queues[name] ?? []).filter { delivery in
        now > delivery.notice.time.advanced(bySeconds: Outbox.longestSeconds)
          && sending[name] != delivery.id
      }
      guard !old.isEmpty else { continue }
      let ids = Set(old.map(\.id))
      queues[name]?.removeAll { ids.contains($0.id) }
      health[name, default: Health()].lost += old.count
      changes += old.map { .done(id: $0.id, .dropped) }
    }
    return changes
  }

  /// When the next attempt may be made; `nil` where nothing waits.
  public func wakeAt(after now: Instant) -> Instant? {
    var times: [Instant] = []
    for (name, queue) in queues where sinks[name] != nil && sending[name] == nil {
      let ready = queue.filter { !unstored.contains($0.id) }
      guard let first = ready.map(\.notBefore).min() else { continue }
      let rest = health[name]?.restUntil ?? first
      times.append(max(first, rest, now.advanced(bySeconds: 1)))
    }
    return times.min()
  }

  /// Since when the oldest delivery to a sink could have gone; `nil` where none waits.
  public func oldestWaiting(for sink: String, at now: Instant) -> Instant? {
    queues[sink]?.filter { $0.notBefore <= now }.map(\.notBefore).min()
  }
}
