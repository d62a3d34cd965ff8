import Dispatch
import Ledger
import SimulatedVenues
import Simulator
import Synchronization
import Transport

/// A real web socket to a simulated venue on this machine, and how late its prices are in positions.
///
/// Every text is compared with the one that was sent at its place: what is lost, repeated or out of
/// order is counted.
package final class SocketProbe {
  /// What was measured.
  package struct Figures: Sendable {
    /// Texts that came.
    package var texts = 0
    /// Texts that are not what was sent at their place.
    package var strangers = 0
    /// Texts with a price that were sent, as far as their answers were taken.
    package var sent = 0
    /// Prices that were taken in.
    package var taken = 0
    /// How often positions were valued anew.
    package var snapshots = 0
    /// How late, in hundredths of a millisecond, how many texts were; the last counts all later.
    package var late = [Int](repeating: 0, count: 100_001)
    /// The latest, in milliseconds.
    package var latest = 0.0
    /// How the socket ended, where it did.
    package var ended: String?

    /// So many of a hundred were not later than this, in milliseconds.
    package func percentile(_ percent: Double) -> Double {
      let wanted = Double(late.reduce(0, +)) * percent / 100
      var sum = 0
      for (index, count) in late.enumerated() {
        sum += count
        if Double(sum) >= wanted { return Double(index + 1) / 100 }
      }
      return latest
    }
  }

  /// What the venue has sent lately: when, and what it was, by its place.
  private final class Sent: Sendable {
    struct Text {
      var at = ContinuousClock.now
      var print = 0
      var hasPrice = false
    }
    private struct Ring {
      var texts = [Text](repeating: Text(), count: 1 << 17)
      var count = 0
    }
    private let ring = Mutex(Ring())

    func add(_ frame: StreamFrame) {
      guard case .text(let text) = frame else { return }
      let one = Text(
        at: .now, print: text.hashValue, hasPrice: StreamProbe.isTicker(text))
      ring.withLock { ring in
        ring.texts[ring.count % ring.texts.count] = one
        ring.count += 1
      }
    }

    /// The text of a place; `nil` where it is forgotten or still to come.
    func text(at place: Int) -> Text? {
      ring.withLock { ring in
        guard place < ring.count, place >= ring.count - ring.texts.count else { return nil }
        return ring.texts[place % ring.texts.count]
      }
    }

    var count: Int { ring.withLock { $0.count } }
  }

  /// What the socket's thread has heard and nobody has taken yet.
  private final class Waiting: Sendable {
    private let heard = Mutex<[WebSocketEvent]>([])
    private let signal = DispatchSemaphore(value: 0)

    func add(_ one: WebSocketEvent) {
      heard.withLock { $0.append(one) }
      signal.signal()
    }

    func taken(within milliseconds: Int) -> [WebSocketEvent] {
      _ = signal.wait(timeout: .now() + .milliseconds(milliseconds))
      return heard.withLock { heard in
        defer { heard.removeAll(keepingCapacity: true) }
        return heard
      }
    }
  }

  private let world: SimulatedWorld
  private let client = WebSocketClient()
  private let waiting = Waiting()
  private let sent = Sent()
  private var probe: StreamProbe
  private let stream: StreamID
  private var socket: WebSocket?
  private let address: String
  private var place = 0
  /// What was measured so far.
  package private(set) var figures = Figures()

  /// Opens the venue and names the stream; nothing is connected yet.
  ///
  /// - Parameter quotesPerSecond: How many prices the venue tells a second.
  /// - Throws: What the system refuses.
  package init?(quotesPerSecond: Double) throws {
    var settings = WorldSettings()
    settings.venues = ["kraken"]
    settings.quotesPerSecond = quotesPerSecond
    settings.listener = { [sent] frame in sent.add(frame) }
    world = DemoWorld.world(settings)
    let hosts = try DemoWorld.start(world)
    probe = StreamProbe(opening: EngineLoop.now)
    guard let wanted = probe.wanted(at: EngineLoop.now) else { return nil }
    stream = wanted.id
    let rest = wanted.url.dropFirst("wss://".count)
    let host = String(rest.prefix { $0 != "/" && $0 != "?" })
    guard let local = hosts[host], local.hasPrefix("http://") else { return nil }
    address = "ws://" + local.dropFirst("http://".count) + rest.dropFirst(host.count)
  }

  /// Connects and takes prices for so many seconds, at first or further.
  ///
  /// - Parameter seconds: How long.
  package func run(seconds: Double) {
    if socket == nil { connect() }
    let end = ContinuousClock.now + .milliseconds(Int64(seconds * 1_000))
    while ContinuousClock.now < end, figures.ended == nil {
      let taken = waiting.taken(within: 200)
      if !taken.isEmpty { take(taken) }
    }
  }

  /// Texts that were sent and never came; those under way are waited for first.
  ///
  /// - Returns: How many.
  package func missing() -> Int {
    let goal = sent.count
    let end = ContinuousClock.now + .seconds(10)
    while figures.texts < goal, ContinuousClock.now < end, figures.ended == nil {
      let taken = waiting.taken(within: 100)
      if !taken.isEmpty { take(taken) }
    }
    return max(0, goal - figures.texts)
  }

  /// Forgets how late texts were so far.
  package func forgetDelays() {
    figures.late = [Int](repeating: 0, count: figures.late.count)
    figures.latest = 0
  }

  private func connect() {
    let waiting = waiting
    socket = client.connect(address) { event in
      waiting.add(event)
      return true
    }
  }

  private func take(_ taken: [WebSocketEvent]) {
    let before = probe.tickers
    let news = probe.take(taken, of: stream, at: EngineLoop.now)
    let done = ContinuousClock.now
    for text in news.texts { socket?.send(text) }
    figures.taken += probe.tickers - before
    if news.isChanged { figures.snapshots += 1 }
    for case .text(let text) in taken { note(text, done) }
    if let last = taken.last, last.isLast { figures.ended = "\(last)" }
  }

  private func note(_ text: String, _ done: ContinuousClock.Instant) {
    defer {
      place += 1
      figures.texts += 1
    }
    guard let sent = sent.text(at: place), sent.print == text.hashValue else {
      figures.strangers += 1
      return
    }
    guard sent.hasPrice else { return }
    figures.sent += 1
    let late = (done - sent.at) / .milliseconds(1)
    figures.latest = max(figures.latest, late)
    figures.late[min(figures.late.count - 1, Int(late * 100))] += 1
  }
}
