import Adapters
import CPosix
import Glibc
import Ledger
public import Link
import Logging
import Prices
import Simulator
import Sync
import VenueKit
import Venues
import Wire

/// The engine's edge: one thread in `poll` over the socket, its clients, signals, clock and inbox.
///
/// With no client and no price moving it sleeps without any wake-up.
final class EngineLoop {
  private let place: EnginePlace
  private let listener: Int32
  private let signals: Int32
  private let inbox = Inbox()
  private let worker: VaultWorker
  private let courier: Courier
  private let log: Logger
  private var core: EngineCore
  private var sockets: [ClientID: ClientSocket] = [:]
  private var lastClient: UInt64 = 0
  private var wakeAt: Instant?
  private var feed: DemoFeed?
  private var isEnding = false

  /// Opens the socket and takes the signals over.
  ///
  /// - Parameters:
  ///   - options: The vault, its paths and the mode.
  ///   - log: Where it says what it does.
  /// - Throws: A refusal with what the system said.
  init(_ options: EngineOptions, log: Logger) throws(Refusal) {
    place = options.place
    self.log = log
    listener = try EngineLoop.listen(at: options.place)
    let caught: [Int32] = [SIGTERM, SIGINT, SIGHUP, SIGPIPE]
    signals = posix_signal_descriptor(caught, Int32(caught.count))
    let library = AdapterLibrary(environment: EnginePlace.environment)
    for case .failure(let problem) in library.found.map(\.adapter) {
      log.warning("an adapter is not used", metadata: ["problem": "\(problem)"])
    }
    // Beside simulated venues nothing real is asked.
    let isSimulated = !options.redirects.isEmpty
    let adapters = isSimulated ? [] : library.adapters
    courier = Courier(inbox: inbox, log: log, adapters: adapters)
    courier.redirect(options.redirects)
    worker = VaultWorker(options, inbox: inbox, courier: courier, log: log)
    core = EngineCore(
      vault: options.place.name,
      mode: .init(
        isOffline: options.isOffline, isDemo: options.isDemo, isSimulated: isSimulated),
      seed: UInt64.random(in: 1 ... .max),
      venues: .builtIn.adding(adapters.map(\.venue)),
      policy: isSimulated && options.pace > 0
        ? .paced(everySeconds: options.pace) : SyncPolicy())
  }

  /// Runs until a signal or a client ends it.
  func run() {
    log.info("engine ready", metadata: ["vault": "\(place.vault)"])
    if core.status.isDemo { worker.openDemo() }
    while !isEnding { turn() }
    shutDown()
  }

  private func turn() {
    let clients = sockets.values.sorted { $0.id < $1.id }
    var watched = [
      pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
      pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
    ]
    for client in clients {
      let events = client.backlog > 0 ? POLLIN | POLLOUT : POLLIN
      watched.append(pollfd(fd: client.descriptor, events: Int16(events), revents: 0))
    }
    let count = poll(&watched, nfds_t(watched.count), pause)
    if count < 0 && errno != EINTR { return }
    if watched[0].revents != 0 { inbox.drain().forEach(handle) }
    if watched[1].revents != 0 { takeSignals() }
    if watched[2].revents != 0 { accept() }
    for (client, state) in zip(clients, watched.dropFirst(3)) where state.revents != 0 {
      serve(client, state.revents)
    }
    runClock()
  }

  /// Milliseconds until something is due; -1 for never.
  private var pause: Int32 {
    guard let due = [wakeAt, feed?.due].compactMap({ $0 }).min() else { return -1 }
    let left = due.microseconds - EngineLoop.now.microseconds
    return Int32(min(max(left / 1000 + 1, 0), 3_600_000))
  }

  private func runClock() {
    let now = EngineLoop.now
    if let quotes = feed?.next(at: now) { handle(.quoted(quotes)) }
    if let due = wakeAt, now >= due {
      wakeAt = nil
      handle(.timer)
    }
  }

  private func handle(_ event: EngineEvent) {
    if case .ready(let stream) = event {
      let events = courier.heard(stream)
      if !events.isEmpty { handle(.heard(stream, events)) }
      return
    }
    for effect in core.handle(event, at: EngineLoop.now) { perform(effect) }
  }

  private func perform(_ effect: EngineEffect) {
    switch effect {
    case .send(let client, let message): send(FrameAssembler.frame(message), to: client)
    case .sendAll(let clients, let message):
      if clients.isEmpty { return }
      let frame = FrameAssembler.frame(message)
      for client in clients { send(frame, to: client) }
    case .close(let client):
      sockets[client]?.closesWhenEmpty = true
      if sockets[client]?.backlog == 0 { drop(client) }
    case .work(let id, let work): worker.start(work, id)
    case .cancel(let id): worker.cancel(id)
    case .wake(let instant): wakeAt = instant
    case .fetch(let job): courier.send(job)
    case .abandon(let ticket): courier.abandon(ticket)
    case .stream(let effect): courier.carryOut(effect)
    case .storeSync(let batch): worker.store(batch)
    case .gain(let inputs): worker.fold(inputs)
    case .strike(let cutoff): worker.strike(cutoff)
    case .reconcile(let task): worker.reconcile(task)
    case .keepLimits(let memory): worker.keep(limits: memory)
    case .keepWatch(let watch): worker.keep(watch)
    case .readWatch: worker.readWatch()
    case .keepBars(let batch, let bars): worker.keep(bars, batch)
    case .keepCandles(let bars, let coverage): worker.keep(bars, coverage)
    case .readBars(let assets, let currency, let afterWrites):
      worker.readBars(of: assets, currency, afterWrites: afterWrites)
    case .tryKey(let account, let venue, let secrets):
      courier.take(candidate: Credentials(secrets, of: venue), of: account)
    case .endTrial(let account): courier.endTrial(of: account)
    case .storeAlerts(let number, let batch): worker.store(number, batch)
    case .deliver(let delivery, let sink):
      courier.post.send(delivery, to: sink, vault: place.name)
    case .compute(let task): worker.compute(task)
    case .runFeed(let runs):
      feed = runs ? feed ?? DemoFeed(at: EngineLoop.now) : nil
    case .exit: isEnding = true
    }
  }

  /// The time of day.
  static var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }
}

// MARK: - Clients

extension EngineLoop {
  private func accept() {
    let descriptor = Glibc.accept(listener, nil, nil)
    guard descriptor >= 0 else { return }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    let peer = posix_peer_uid(descriptor)
    guard peer == Int(geteuid()), sockets.count < EngineLoop.mostClients else {
      log.warning("client refused", metadata: ["uid": "\(peer)"])
      close(descriptor)
      return
    }
    lastClient += 1
    let id = ClientID(number: lastClient)
    sockets[id] = ClientSocket(id: id, descriptor: descriptor)
    handle(.connected(id))
  }

  /// The most clients at once.
  static let mostClients = 64

  private func serve(_ client: ClientSocket, _ events: Int16) {
    if events & Int16(POLLOUT) != 0 {
      guard client.flush() else { return drop(client.id) }
      if client.backlog == 0 {
        if client.closesWhenEmpty { return drop(client.id) }
        handle(.caughtUp(client.id))
      }
    }
    guard events & Int16(POLLIN | POLLHUP | POLLERR) != 0 else { return }
    guard let messages = client.receive() else { return drop(client.id) }
    for message in messages where sockets[client.id] != nil { handle(.said(client.id, message)) }
  }

  private func send(_ frame: [UInt8], to client: ClientID) {
    guard let socket = sockets[client] else { return }
    if !socket.send(frame) { return drop(client) }
    if socket.backlog > ClientSocket.slowBytes { core.fellBehind(client) }
  }

  private func drop(_ client: ClientID) {
    guard sockets.removeValue(forKey: client) != nil else { return }
    handle(.disconnected(client))
  }

  private func takeSignals() {
    while case let signal = posix_next_signal(signals), signal != 0 {
      // A hang-up of the terminal that once started it is none of the engine's business.
      if signal == SIGTERM || signal == SIGINT { handle(.stopAsked("the engine was stopped")) }
    }
  }
}

// MARK: - Beginning and end

extension EngineLoop {
  private static func listen(at place: EnginePlace) throws(Refusal) -> Int32 {
    try place.prepareRuntimeFolder()
    let path = place.socket
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else {
      throw Refusal(.system, "cannot make a socket: \(systemText(errno))")
    }
    // Whoever holds the vault's lock owns the socket; one left by a killed engine is in the way.
    unlink(path)
    guard posix_unix_bind(descriptor, path) == 0, chmod(path, 0o600) == 0,
      Glibc.listen(descriptor, 16) == 0
    else {
      let text = systemText(errno)
      close(descriptor)
      throw Refusal(
        .system, "cannot listen on \(path): \(text)",
        advice: "Set XDG_RUNTIME_DIR to a folder with a shorter path.")
    }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    return descriptor
  }

  private func shutDown() {
    unlink(place.socket)
    close(listener)
    // What waits for clients is given a moment; a client that does not take it is left.
    for socket in sockets.values { _ = socket.flush() }
    sockets = [:]
    courier.shutDown()
    worker.shutDown()
    log.info("engine ended")
  }
}

/// How an engine is run.
public struct EngineOptions: Sendable {
  /// The vault and its paths.
  public var place: EnginePlace
  /// Stay off the network.
  public var isOffline: Bool
  /// Run the demonstration in a temporary vault.
  public var isDemo: Bool
  /// Hosts that are reached on this machine instead: simulated venues.
  ///
  /// The status says so.
  public var redirects: [String: String] = [:]

  /// After how many seconds everything of an account is read again; 0 for the usual times.
  ///
  /// Only where venues are simulated.
  public var pace: Int64 = 0

  /// Makes options.
  public init(place: EnginePlace, isOffline: Bool = false, isDemo: Bool = false) {
    self.place = place
    self.isOffline = isOffline
    self.isDemo = isDemo
  }
}

/// The demonstration's prices, 32 a second.
struct DemoFeed {
  private var market: MarketWalk
  private var opening: [Quote]?
  private(set) var due: Instant

  init(at now: Instant) {
    market = DemoWorld.market(at: now)
    opening = market.opening(at: now)
    due = now
  }

  /// The prices that are due, or `nil`.
  mutating func next(at now: Instant) -> [Quote]? {
    guard now >= due else { return nil }
    due = Instant(microseconds: now.microseconds + EngineCore.quotePause)
    if let first = opening {
      opening = nil
      return first
    }
    return market.next(8, at: now)
  }
}
