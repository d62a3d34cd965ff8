import Amounts
import Foundation
import Glibc
import Link
import TestSupport
import Testing
import Wire

/// Accounts at venues through the real programs, against simulated venues on this machine.
///
/// What the simulation says an account holds is the truth that the vault's own sums are held to.
/// `COFFER_SOAK=1` adds half an hour with faults; `COFFER_SOAK_SECONDS` sets another time.
@Suite struct VenueSyncTests {
  /// Few events: the time goes into the venues' limits, which are the real ones.
  private static let events = 60
  /// A seed whose Bitfinex history has every kind of line.
  private static let seed = 4
  /// HTX tells what is neither trade nor transfer for 30 days only, an hour a call.
  private static let days = 6
  private static let venues = ["binance", "bitfinex", "coinbase", "htx", "kraken"]
  private static let hosts = [
    "binance": "api.binance.com", "bitfinex": "api-pub.bitfinex.com",
    "coinbase": "api.coinbase.com", "htx": "api.huobi.pro", "kraken": "api.kraken.com",
  ]
  /// A day before the histories begin.
  private static let start: String = {
    let time = Date(timeIntervalSinceNow: -Double(days + 1) * 86_400)
    return String(ISO8601DateFormatter().string(from: time).prefix(10))
  }()

  private func world(events: Int = VenueSyncTests.events, pace: Int = 0) throws -> VenueWorld {
    try VenueWorld(
      events: events, seed: VenueSyncTests.seed, days: VenueSyncTests.days, pace: pace)
  }

  private func prepared(_ world: VenueWorld) throws -> (home: Home, connection: EngineConnection) {
    let home = try Home()
    try home.makeVault()
    let connection = try opened(home, world)
    return (home, connection)
  }

  /// The engine in the simulated world, its vault open.
  private func opened(_ home: Home, _ world: VenueWorld) throws -> EngineConnection {
    let started = try home.run(["engine", "start"], [world.variable])
    #expect(started.status == 0, "\(started.errors)")
    let connection = try home.unlock()
    #expect(connection.status.activity == "simulated venues")
    return connection
  }

  private func followed(_ connection: EngineConnection) throws -> [FollowedState] {
    try connection.ask(Request("connections")).followed
  }

  /// Waits until all history of every account is read.
  private func complete(
    _ connection: EngineConnection, within milliseconds: Int = 360_000
  ) throws -> Bool {
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    while ContinuousClock.now < end {
      let accounts = try followed(connection)
      if accounts.allSatisfy({ $0.percent == 100 }) { return true }
      pass(milliseconds: 100)
    }
    return false
  }

  private func count(_ connection: EngineConnection) throws -> Int64 {
    guard case .integer(let count) = try connection.ask(Request("status"))["entries"] else {
      return -1
    }
    return count
  }

  /// Every asset as the simulation says, no difference, no row that was not understood.
  private func expectTruth(
    _ home: Home, _ world: VenueWorld, of venues: [String] = VenueSyncTests.venues
  ) throws {
    for venue in venues {
      let (found, truth) = (try home.exported(venue), try world.truth(venue))
      #expect(truth.count > 5)
      for code in Set(found.keys).union(truth.keys).sorted() {
        #expect(found[code] == truth[code], "\(code) at \(venue)")
      }
      try expectOnce(home, world, venue)
    }
    #expect(try home.answer("breaks")["open"] as? Int == 0)
    let refused = try home.answer("refused")
    #expect((refused["rows"] as? [Any] ?? refused["refused"] as? [Any])?.isEmpty == true)
  }

  /// Every event is booked as one entry; a conversion as two at Coinbase, one of each wallet, and at
  /// HTX, whose history has nothing that the two lines of one share.
  private func expectOnce(_ home: Home, _ world: VenueWorld, _ venue: String) throws {
    let host = try #require(VenueSyncTests.hosts[venue])
    let (booked, events) = (try home.booked(venue), try world.kinds(host))
    func count(_ kind: String) -> Int { events[kind] ?? 0 }
    let conversions = count("conversion") * (["coinbase", "htx"].contains(venue) ? 2 : 1)
    #expect(booked["trade"] == count("trade") + conversions, "trades at \(venue)")
    #expect(booked["deposit"] == count("deposit"), "deposits at \(venue)")
    #expect(booked["withdrawal"] ?? 0 == count("withdrawal"), "withdrawals at \(venue)")
  }

  @Test func `a first sync is exact, a killed one ends the same, a second round adds nothing`()
    throws
  {
    let worlds = try (0..<2).map { _ in try world() }
    let (calm, connection) = try prepared(worlds[0])
    let (home, first) = try prepared(worlds[1])
    for venue in VenueSyncTests.venues {
      try calm.follow(venue, from: VenueSyncTests.start, in: worlds[0])
      try home.follow(venue, from: VenueSyncTests.start, in: worlds[1])
    }
    // The calm one reads on while the other is killed again and again.
    var killed = first
    var chance = Seeded.ofRun(20_261_122)
    for _ in 0..<5 {
      pass(milliseconds: Int32.random(in: 200...1_000, using: &chance))
      let engine = killed.peer
      kill(engine, SIGKILL)
      try #require(hasEnded(engine))
      killed = try opened(home, worlds[1])
    }
    let label: Comment = "the seed is \(chance.seed)"
    #expect(try complete(connection))
    try expectTruth(calm, worlds[0])
    #expect(try complete(killed), label)
    try expectTruth(home, worlds[1])
    let entries = try count(connection)
    #expect(entries > 100)
    #expect(try count(killed) == entries, label)
    #expect(try killed.ask(Request("check"))["sound"] == .flag(true), label)
    #expect(try killed.ask(Request("audit-verify"))["verified"] == .flag(true), label)
    try readAgain(connection, calm, worlds[0], entries)
    for (home, world) in [(calm, worlds[0]), (home, worlds[1])] {
      try expectNoSecret(home, try VenueSyncTests.venues.flatMap { try world.fields($0) })
    }
  }

  /// All of it is asked for once more, and nothing is booked twice.
  private func readAgain(
    _ connection: EngineConnection, _ home: Home, _ world: VenueWorld, _ entries: Int64
  ) throws {
    let host = "api-pub.bitfinex.com"
    let before = try world.requests(host)
    try home.coffer("account", "requery", "bitfinex", "--from", VenueSyncTests.start)
    #expect(eventually { (try? world.requests(host)) ?? 0 >= before + 3 })
    #expect(try complete(connection))
    #expect(try count(connection) == entries)
    try expectTruth(home, world)
  }

  @Test func `with answers lost, cut, late and refused, the books are still exact`() throws {
    let world = try world()
    let (home, connection) = try prepared(world)
    for venue in VenueSyncTests.venues {
      try home.follow(venue, from: VenueSyncTests.start, in: world)
    }
    for host in VenueSyncTests.hosts.values.sorted() {
      try world.setFaults(VenueSyncTests.faults, at: host)
    }
    // Everything is asked for again while things go wrong.
    for venue in VenueSyncTests.venues {
      try home.coffer("account", "requery", venue, "--from", VenueSyncTests.start)
    }
    #expect(try complete(connection))
    for host in VenueSyncTests.hosts.values.sorted() { try world.setFaults("{}", at: host) }
    try expectTruth(home, world)
    try expectNoSecret(home, try VenueSyncTests.venues.flatMap { try world.fields($0) })
  }

  /// Rates in thousandths.
  private static let faults = """
    {"rates": {"delay": 60, "dropRequest": 40, "dropAnswer": 40, "truncate": 30,
     "serverError": 40, "proxyPage": 20, "slowDown": 20, "disconnect": 5},
     "delayMilliseconds": 400, "pauseSeconds": 1, "seed": 7}
    """
}

// MARK: - Refusals

extension VenueSyncTests {
  /// The root keys of BIP-84's test vectors, and its phrase.
  ///
  /// Source: https://github.com/bitcoin/bips/blob/master/bip-0084.mediawiki
  private static let privateKey =
    "zprvAWgYBBk7JR8Gjrh4UJQ2uJdG1r3WNRRfURiABBE3RvMXYSrRJL62XuezvGdPvG6GFBZduosCc1YP5wixPox7zhZ"
    + "LfiUm8aunE96BBa4Kei5"
  private static let phrase =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"

  @Test func `a key that is no good is refused with a sentence, and nothing of it is kept`() throws
  {
    let world = try VenueWorld(events: 5, seed: VenueSyncTests.seed)
    let (home, connection) = try prepared(world)
    let key = try world.fields("bitfinex")[0]
    let secret = "wrong-secret-2f9c1d7a"
    let wrong = try home.run(["account", "add", "bitfinex"], giving: [key, secret], in: world)
    #expect(wrong.status == 7 && wrong.errors.contains("the venue refused"), "\(wrong.errors)")
    let unknown = try home.run(["account", "add", "nowhere"], giving: [key, secret], in: world)
    #expect(unknown.status == 5 && unknown.errors.contains("there is no venue nowhere"))
    let short = try home.run(["account", "add", "bitfinex"], giving: [key], in: world)
    #expect(short.status == 64, "\(short.errors)")
    // Where venues are simulated, none is ever reached that is not.
    let real = try home.run(
      ["account", "add", "bitstamp"], giving: [key, secret, "x"], in: world)
    #expect(real.status == 7 && real.errors.contains("not simulated"), "\(real.errors)")
    #expect(try followed(connection).isEmpty)
    #expect(try connection.ask(Request("accounts")).rows.isEmpty)
    try expectNoSecret(home, [secret, key])
  }

  @Test(arguments: [privateKey, phrase])
  func `a private key or phrase is refused as a wallet, and not kept`(text: String) throws {
    let world = try VenueWorld(events: 5)
    let (home, connection) = try prepared(world)
    let refused = try home.run(["wallet", "add", text, "--chain", "bitcoin"])
    #expect(refused.status == 64, "\(refused.errors)")
    #expect(!refused.errors.contains(text))
    #expect(try followed(connection).isEmpty)
    try connection.stop()
    try expectNoSecret(home, [text])
  }

  /// Looks into every file below a home: the vault, logs, and what programs printed.
  private func expectNoSecret(
    _ home: Home, _ secrets: [String], place: SourceLocation = #_sourceLocation
  ) throws {
    let found = try #require(FileManager.default.enumerator(atPath: home.path))
    let files = found.compactMap { $0 as? String }.map { home($0) }
    #expect(files.contains { $0.hasSuffix(".log") } && files.contains { $0.hasSuffix(".db") })
    for file in files {
      let bytes = Data(Proc.bytes(of: file))
      for secret in secrets where bytes.range(of: Data(secret.utf8)) != nil {
        Issue.record("\(file) has a secret", sourceLocation: place)
      }
    }
  }
}

// MARK: - What scripts read

extension VenueSyncTests {
  @Test func `what scripts read of venues, accounts, feeds and limits has its columns`() throws {
    let world = try VenueWorld(events: 5, seed: VenueSyncTests.seed)
    let (home, connection) = try prepared(world)
    try home.follow("bitfinex", in: world)
    #expect(try complete(connection))
    let venues = try home.answer("venues")
    let list = try #require(venues["list"] as? [[String: Any]])
    #expect(list.count == venues["venues"] as? Int && list.count > 50)
    #expect(list.contains { $0["id"] as? String == "kraken" && $0["name"] as? String == "Kraken" })
    #expect(list.allSatisfy { $0.keys.contains("not_seen") })
    #expect(
      eventually {
        let known = try? home.answer("account", "status")["accounts"] as? [[String: Any]]
        return known?.first?["rights"] as? String == "read trade"
      })
    let status = try home.answer("account", "status")
    let accounts = try #require(status["accounts"] as? [[String: Any]])
    #expect(accounts.count == 1 && status["calls_sent"] as? Int ?? 0 > 5)
    let columns = [
      "account", "name", "venue", "state", "fresh_at", "done_percent", "calls_left", "eta_s",
      "entries", "rights", "breaks", "key_made_at", "problem", "advice", "unseen",
    ]
    #expect(Set(accounts[0].keys) == Set(columns))
    #expect(accounts[0]["rights"] as? String == "read trade")
    let made = try #require(accounts[0]["key_made_at"] as? String)
    #expect(made.hasPrefix("20") && made.hasSuffix("Z"))
    let feeds = try home.answer("account", "status", "bitfinex")
    let lanes = try #require(feeds["feeds"] as? [[String: Any]])
    let feed = ["feed", "state", "read_from", "read_to", "rows", "next_at", "problem"]
    #expect(lanes.allSatisfy { Set($0.keys) == Set(feed) })
    let balances = lanes.first { ($0["feed"] as? String ?? "").hasPrefix("balances") }
    #expect(balances?["state"] as? String == "read", "\(lanes)")
    let limits = try home.answer("limits")
    let buckets = try #require(limits["limits"] as? [[String: Any]])
    let limit = ["venue", "limit", "scope", "used", "capacity", "free_at", "state"]
    #expect(!buckets.isEmpty && buckets.allSatisfy { Set($0.keys) == Set(limit) })
    #expect(buckets.allSatisfy { ($0["used"] as? Int ?? 99) <= ($0["capacity"] as? Int ?? 0) })
  }
}

// MARK: - Breaks

extension VenueSyncTests {
  @Test func `a line nobody understands opens a break of its amount, and understood closes it`()
    throws
  {
    // Everything is read again after 15 seconds, so that books and balances are compared soon.
    let world = try world(pace: 15)
    let host = try #require(VenueSyncTests.hosts["bitfinex"])
    try #require(try world.kinds(host)["charge"] ?? 0 > 0)
    try world.setFaults("{\"strangeWords\": true}", at: host)
    let (home, connection) = try prepared(world)
    try home.follow("bitfinex", from: VenueSyncTests.start, in: world)
    #expect(try complete(connection))
    #expect(eventually(within: 180_000) { (try? open(home)) ?? 0 == 1 })
    let refused = try #require(try home.answer("refused")["refused"] as? [[String: Any]])
    #expect(refused.count == (try world.kinds(host)["charge"]))
    #expect(refused.allSatisfy { $0["reason"] as? String == "unknown-kind" })
    // The raw lines have what they moved in their sixth field.
    // https://docs.bitfinex.com/reference/rest-auth-ledgers
    var missing = Fixed.zero
    for row in refused {
      let text = try #require(row["raw"] as? String)
      let line = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [Any]
      let amount = try #require(line?[5] as? NSNumber)
      missing = try missing.adding(try Fixed(parsing: amount.decimalValue.description))
    }
    let breaks = try #require(try home.answer("breaks")["breaks"] as? [[String: Any]])
    let found = try #require(breaks.first)
    #expect(breaks.count == 1 && found["asset"] as? String == "fiat:USD")
    #expect(try Fixed(parsing: try #require(found["difference"] as? String)) == missing)

    try world.setFaults("{}", at: host)
    try home.coffer("account", "requery", "bitfinex", "--from", VenueSyncTests.start)
    #expect(eventually(within: 180_000) { (try? open(home)) ?? 1 == 0 })
    let closed = try #require(try home.answer("breaks")["breaks"] as? [[String: Any]])
    #expect(closed.allSatisfy { $0["state"] as? String == "closed" })
    #expect(try home.exported("bitfinex") == (try world.truth("bitfinex")))
  }

  private func open(_ home: Home) throws -> Int? { try home.answer("breaks")["open"] as? Int }
}

// MARK: - Half an hour

extension VenueSyncTests {
  private static let environment = ProcessInfo.processInfo.environment

  @Test(.enabled(if: environment["COFFER_SOAK"] == "1"))
  func `half an hour with faults and kills leaves exact books and no ban`() throws {
    let seconds = VenueSyncTests.environment["COFFER_SOAK_SECONDS"].flatMap { Int($0) } ?? 1_800
    let world = try world(events: 400)
    var (home, connection) = try prepared(world)
    for venue in VenueSyncTests.venues {
      try home.follow(venue, from: VenueSyncTests.start, in: world)
    }
    for host in VenueSyncTests.hosts.values.sorted() {
      try world.setFaults(VenueSyncTests.faults, at: host)
    }
    var chance = Seeded.ofRun(20_261_123)
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      pass(milliseconds: Int32.random(in: 5_000...60_000, using: &chance))
      let limits = try connection.ask(Request("limits"))
      #expect(!limits.rows.contains { $0.contains(.text("banned")) })
      let engine = connection.peer
      kill(engine, SIGKILL)
      try #require(hasEnded(engine))
      connection = try opened(home, world)
    }
    for host in VenueSyncTests.hosts.values.sorted() { try world.setFaults("{}", at: host) }
    #expect(try complete(connection, within: 900_000))
    try expectTruth(home, world)
    #expect(try connection.ask(Request("check"))["sound"] == .flag(true))
    try expectNoSecret(home, try VenueSyncTests.venues.flatMap { try world.fields($0) })
  }
}
