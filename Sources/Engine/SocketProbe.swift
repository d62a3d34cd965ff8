import Dispatch
import Ledger
import SimulatedVenues
import Simulator
import Synchronization
import Transport

/// A real web socket to a simulated venue on this machine, and how late its prices are in positions.
package final class SocketProbe {
  /// What was measured.
  package struct Figures: Sendable {
    /// Messages of the socket.
    package var texts = 0
    /// Prices in them.
    package var quotes = 0
    /// How often positions were valued anew.
    package var snapshots = 0
    /// From the socket's thread having a text to the positions with its prices, in milliseconds.
    package var late: [Double] = []
    /// How the socket ended, where it did.
    package var ended: String?
  }

  private struct Heard {
    let event: WebSocketEvent
    let at: ContinuousClock.Instant
  }

  /// What the socket's thread has heard and nobody has taken yet.
  private final class Waiting: Sendable {
    private let heard = Mutex<[Heard]>([])
    private let signal = DispatchSemaphore(value: 0)

    func add(_ one: Heard) {
      heard.withLock { $0.append(one) }
      signal.signal()
    }

    func taken(within milliseconds: Int) -> [Heard] {
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
  private var probe: StreamProbe
  private let stream: StreamID
  private var socket: WebSocket?
  private let address: String
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

  private func connect() {
    let waiting = waiting
    socket = client.connect(address) { event in
      waiting.add(Heard(event: event, at: .now))
      return true
    }
  }

  private func take(_ taken: [Heard]) {
    let news = probe.take(taken.map(\.event), of: stream, at: EngineLoop.now)
    let done = ContinuousClock.now
    for text in news.texts { socket?.send(text) }
    figures.texts += taken.count
    figures.quotes += news.quotes
    if news.isChanged {
      figures.snapshots += 1
      for one in taken { figures.late.append((done - one.at) / .milliseconds(1)) }
    }
    if let last = taken.last, last.event.isLast { figures.ended = "\(last.event)" }
  }
}
