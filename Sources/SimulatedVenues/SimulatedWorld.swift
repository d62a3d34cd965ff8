public import Amounts
public import Encodings
public import Ledger
import NIOCore
import NIOPosix
public import Simulator
import Synchronization
public import VenueKit

/// What a simulated world is made of.
public struct WorldSettings: Sendable {
  /// Decides everything.
  public var seed: UInt64 = 1
  /// How many customers each venue has.
  public var accountsPerVenue = 1
  /// How many events each customer's history has.
  public var eventsPerAccount = 400
  /// How many days the histories are long.
  public var days: Int64 = 400
  /// How many market messages a second each stream gets.
  public var quotesPerSecond = 32.0
  /// How much faster than the clock the world's time goes, from its opening on.
  public var speed = 1.0
  /// Which venues open, by word; empty for all five.
  public var venues: Set<String> = []
  /// The keys of each venue's first customers, by word; the others get keys of the seed.
  ///
  /// Of Coinbase's customers the first has an ES256 key, the second an Ed25519 key, the third a
  /// legacy key, and so on.
  public var keys: [String: [Credentials]] = [:]
  /// Bitcoin addresses that have a history; empty makes some.
  public var bitcoinAddresses: [String] = []
  /// Ethereum addresses that have a history; empty makes some.
  public var ethereumAddresses: [String] = []
  /// What the servers speak TLS with; `nil` for plain text.
  public var identity: ServerIdentity?
  /// The first port, the others follow it; 0 takes any.
  public var firstPort = 0
  /// What goes wrong from the beginning.
  public var faults: FaultPlan
  /// Hears every frame of a stream just before it goes out, on the servers' thread.
  public var listener: (@Sendable (StreamFrame) -> Void)?

  /// The usual world.
  public init() { faults = FaultPlan() }
}

/// Five venues and two chains that do not exist, behind servers on loopback.
///
/// A client keeps its addresses and signs for the real hosts; only its connections go elsewhere: to
/// `redirects[host]`, with the Host header as it was. Without TLS the connection is plain text.
public final class SimulatedWorld: Sendable {
  private let desks: [VenueDesk]
  private let group: MultiThreadedEventLoopGroup
  private let servers = Mutex<[(desk: VenueDesk, server: VenueServer)]>([])
  private let settings: WorldSettings
  /// The Bitcoin addresses that have a history.
  public let bitcoinAddresses: [String]
  /// What they hold in all, in satoshi.
  public let bitcoinTruth: Int64
  /// The Ethereum addresses that have a history.
  public let ethereumAddresses: [String]
  /// What each of them holds in the smallest units, by token code.
  public let ethereumTruth: [String: [String: UInt128]]
  /// The first Ethereum address's assets inside protocols, by place.
  public let ethereumClaims: [(place: ClaimPlace, asset: String, units: Int128)]

  /// Makes the world; nothing listens yet.
  ///
  /// - Parameters:
  ///   - settings: What it is made of.
  ///   - tools: Hashes and keys.
  ///   - check: Checks of signatures with public keys.
  ///   - clock: The time.
  public init(
    _ settings: WorldSettings = WorldSettings(), tools: SigningTools, check: KeyCheck,
    clock: @escaping @Sendable () -> Instant
  ) {
    self.settings = settings
    let opening = clock()
    let speed = settings.speed
    let time: @Sendable () -> Instant = {
      let passed = clock().microseconds - opening.microseconds
      return Instant(microseconds: opening.microseconds + Int64(Double(passed) * speed))
    }
    var dialect = DialectSettings(
      seed: settings.seed, accounts: settings.accountsPerVenue, events: settings.eventsPerAccount,
      days: settings.days, opening: opening, quotesPerSecond: settings.quotesPerSecond,
      tools: tools, check: check)
    dialect.keys = settings.keys
    let bitcoin = EsploraNode(
      seed: settings.seed, addresses: settings.bitcoinAddresses, opening: opening)
    let ethereum = EVMNode(
      seed: settings.seed, addresses: settings.ethereumAddresses, opening: opening)
    bitcoinAddresses = bitcoin.addresses
    bitcoinTruth = bitcoin.truth
    ethereumAddresses = ethereum.addresses
    ethereumTruth = Dictionary(
      uniqueKeysWithValues: ethereum.addresses.map { ($0, ethereum.truth($0)) })
    ethereumClaims = ethereum.addresses.first.map { ethereum.claims($0) } ?? []
    let services =
      SimulatedWorld.venues(dialect, settings.venues) + [bitcoin, ethereum]
    desks = services.map {
      VenueDesk($0, faults: settings.faults, listener: settings.listener, clock: time)
    }
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  }

  private static func venues(
    _ settings: DialectSettings, _ wanted: Set<String>
  ) -> [any SimulatedService] {
    func isWanted(_ name: String) -> Bool { wanted.isEmpty || wanted.contains(name) }
    var services: [any SimulatedService] = []
    if isWanted("binance") { services.append(BinanceDialect(settings)) }
    if isWanted("coinbase") { services.append(CoinbaseDialect(settings)) }
    if isWanted("kraken") { services.append(KrakenDialect(settings)) }
    if isWanted("bitfinex") { services.append(BitfinexDialect(settings)) }
    if isWanted("htx") { services.append(HTXDialect(settings)) }
    return services
  }

  /// Opens every server.
  ///
  /// - Returns: Where a connection to a real host goes instead: `http://127.0.0.1:port`, or
  ///   `https` with TLS, by host.
  /// - Throws: What the system refuses.
  @discardableResult public func start() async throws -> [String: String] {
    var port = settings.firstPort
    for desk in desks {
      let server = try await VenueServer(
        desk, port: port, identity: settings.identity, group: group)
      servers.withLock { $0.append((desk, server)) }
      if port > 0 { port += 1 }
    }
    return redirects
  }

  /// Closes every server and ends its threads.
  public func stop() async {
    let open = servers.withLock { servers in
      defer { servers = [] }
      return servers
    }
    for (_, server) in open { await server.stop() }
    do { try await group.shutdownGracefully() } catch {
      // Threads that have ended already are what was wanted.
      return
    }
  }

  /// Where a connection to a real host goes instead, by host; empty before `start`.
  public var redirects: [String: String] {
    let scheme = settings.identity == nil ? "http" : "https"
    return servers.withLock { servers in
      var table: [String: String] = [:]
      for (desk, server) in servers {
        for host in desk.hosts { table[host] = "\(scheme)://127.0.0.1:\(server.port)" }
      }
      return table
    }
  }

  /// The port of each venue and chain, by word.
  public var ports: [String: Int] {
    servers.withLock { servers in
      Dictionary(uniqueKeysWithValues: servers.map { ($0.desk.venue, $0.server.port) })
    }
  }

  /// The keys of a venue's accounts, in order.
  public func credentials(_ venue: String) -> [Credentials] {
    desk(venue)?.exchange { exchange, _ in exchange.accounts.map(\.credentials) } ?? []
  }

  /// What an account of a venue has in all, by common code.
  public func truth(_ venue: String, account: Int = 0) -> [String: Fixed] {
    desk(venue)?.exchange { exchange, _ in
      exchange.accounts.indices.contains(account) ? exchange.accounts[account].truth : [:]
    } ?? [:]
  }

  /// Sets what goes wrong at a venue or chain.
  public func setFaults(_ faults: FaultPlan, at venue: String) {
    desk(venue)?.setFaults(faults)
  }

  /// How many requests a venue or chain was asked.
  public func requests(_ venue: String) -> Int { desk(venue)?.requests ?? 0 }

  /// Books something that comes from outside: a deposit, a reward.
  public func book(
    _ kind: SimulatedEvent.Kind, asset: String, amount: Fixed, at venue: String, account: Int = 0
  ) {
    _ = desk(venue)?.exchange { exchange, now in
      guard exchange.accounts.indices.contains(account) else { return }
      exchange.book(kind, asset: asset, amount: amount, account: account, at: now)
    }
  }

  private func desk(_ venue: String) -> VenueDesk? { desks.first { $0.venue == venue } }
}
