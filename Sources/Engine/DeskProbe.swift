import Amounts
import Cipher
import Encodings
import Ledger
import Prices
import Simulator
import Sync
import Transport
import VenueKit
import Venues

/// The engine's desk on a clock of its own in front of simulated venues, for measuring calls.
///
/// No thread, socket or disk: a request is signed, handed to the simulated venue at that time, and its
/// answer comes after a fixed time. What is to be stored is kept in memory. A day takes seconds.
package final class DeskProbe {
  /// What is followed.
  package struct Settings: Sendable {
    /// The venues, by word; those that the simulator has.
    package var venues = ["bitfinex", "kraken"]
    /// Accounts at each venue.
    package var accounts = 1
    /// Events in the history of each account.
    package var events = 60
    /// Decides everything.
    package var seed: UInt64 = 8
    /// How long an answer takes, in microseconds.
    package var latency: Int64 = 80_000
    /// Ask for every price by itself, as a program does that does not batch.
    package var asksPricesSingly = false
    /// Keep answers of open calls for others.
    package var keepsAnswers = true
    /// Look for every venue's markets again after so many seconds; 0 never.
    package var looksForMarketsEvery: Int64 = 0
    /// Only the account of this number at this venue; `nil` follows all.
    package var only: (venue: String, number: Int)?

    /// The usual settings.
    package init() {}
  }

  /// What was counted.
  package struct Figures: Sendable, Equatable {
    /// Calls that were wished for.
    package var asked = 0
    /// Calls that went out.
    package var sent = 0
    /// Calls that a kept answer made needless.
    package var cached = 0
    /// Answers that said "not modified".
    package var unchanged = 0
    /// Bytes of all answers' bodies.
    package var bytes = 0
    /// Answers that said "too fast".
    package var slowed = 0
    /// Answers that said "banned".
    package var banned = 0
    /// Entries that were booked.
    package var entries = 0
    /// Rows that were not understood.
    package var refused = 0
    /// Assets with a price.
    package var priced = 0
  }

  private let settings: Settings
  private let opening: Instant
  private var now: Instant
  private var desk: SyncDesk
  private var dialects: [String: any SimulatedDialect] = [:]
  private var keys: [AccountID: Credentials] = [:]
  private var truths: [AccountID: [String: Fixed]] = [:]
  private var nonce: Int64 = 0
  /// Answers on their way, by the time of their coming; the earliest first.
  private var coming: [(at: Instant, ticket: UInt64, result: FetchResult)] = []
  private var entries: [EntryIdentity: SyncEntry] = [:]
  private var answers = 0
  /// The recorded assets of all entries.
  private var moved: Set<AssetID> = []
  private var states: [AccountID: [String: String]] = [:]
  private var priced: Set<AssetID> = []
  /// When markets are looked for again.
  private var looksAt: Instant?
  /// The markets that were found last, by venue.
  package private(set) var marketsSeen: [String: [String]] = [:]
  /// What went out, for the reckoning of the least time.
  private var tickets: [Limiter.Ticket] = []
  private var figures = Figures()
  /// Why the first rows were not understood.
  package private(set) var refusals: [String] = []

  /// Opens the venues and takes the accounts under its care; nothing is asked yet.
  package init(_ settings: Settings) {
    self.settings = settings
    // 2026-01-01T00:00:00Z.
    opening = Instant(seconds: 1_767_225_600)
    now = opening
    desk = SyncDesk(
      seed: settings.seed, isOffline: false, tools: .openSSL, venues: .builtIn)
    desk.kept.isOn = settings.keepsAnswers
    desk.prices.asksSingly = settings.asksPricesSingly
    let dialect = DialectSettings(
      seed: settings.seed, accounts: settings.accounts, events: settings.events,
      opening: opening, tools: .openSSL,
      check: KeyCheck(
        ecdsaP256: { SignatureCheck.p256(privateKey: $0, $1, $2) },
        ed25519: { SignatureCheck.ed25519(publicKey: $0, $1, $2) }))
    for venue in settings.venues { dialects[venue] = DeskProbe.made(venue, dialect) }
    carryOut(desk.take(followed(), at: now))
    watch()
    if settings.looksForMarketsEvery > 0 { looksAt = now }
  }

  private static func made(_ venue: String, _ settings: DialectSettings) -> any SimulatedDialect {
    switch venue {
    case "binance": BinanceDialect(settings)
    case "bitfinex": BitfinexDialect(settings)
    case "coinbase": CoinbaseDialect(settings)
    case "htx": HTXDialect(settings)
    default: KrakenDialect(settings)
    }
  }

  private func followed() -> [FollowedAccount] {
    var all: [FollowedAccount] = []
    for venue in settings.venues {
      for (number, account) in (dialects[venue]?.exchange.accounts ?? []).enumerated() {
        if let only = settings.only, only != (venue, number) { continue }
        let id = AccountID(named: "\(venue) \(number)")
        keys[id] = account.credentials
        truths[id] = account.truth.filter { !$0.value.isZero }
        var decided = SyncSettings()
        decided.start = opening.advanced(bySeconds: -420 * 86_400)
        all.append(FollowedAccount(account: id, venue: venue, settings: decided, states: [:]))
      }
    }
    return all
  }
}

// MARK: - Going on

extension DeskProbe {
  /// Whether everything of every account is read.
  package var isComplete: Bool {
    keys.keys.allSatisfy { account in
      guard let status = desk.machine.status(of: account, at: now) else { return false }
      return status.isBalanceComplete && status.fraction >= 1
    }
  }

  /// Seconds since the beginning, of its own clock.
  package var passed: Double { Double(now.microseconds - opening.microseconds) / 1_000_000 }

  /// What was counted so far.
  package var counted: Figures {
    var all = figures
    all.asked = desk.kept.total.asked
    all.sent = desk.kept.total.sent
    all.unchanged = desk.kept.total.unchanged
    all.cached = desk.kept.total.savedByCache
    all.entries = entries.count
    all.priced = priced.count
    return all
  }

  /// Names what was booked and what has a price, so that two runs can be compared.
  package var results: [String] {
    let legs = entries.values.map { entry in
      let moves = entry.legs.map { "\($0.account.slug) \($0.asset.text) \($0.quantity.text)" }
      return "\(entry.time.microseconds) \(entry.kind.rawValue) \(moves.joined(separator: ", "))"
    }
    return legs.sorted() + priced.map(\.text).sorted()
  }

  /// The assets whose sum is not what the simulation says, with their accounts.
  package var wrong: [String] {
    var sums: [AccountID: [String: Fixed]] = [:]
    for entry in entries.values {
      for leg in entry.legs {
        let code = leg.asset.text.split(separator: ":").last.map { String($0) } ?? ""
        let sum = sums[leg.account]?[code] ?? .zero
        sums[leg.account, default: [:]][code] = (try? sum.adding(leg.quantity.fixed)) ?? sum
      }
    }
    var different: [String] = []
    for (account, truth) in truths {
      let held = (sums[account] ?? [:]).filter { !$0.value.isZero }
      for code in Set(held.keys).union(truth.keys) where held[code] != truth[code] {
        different.append("\(account.slug) \(code)")
      }
    }
    return different.sorted()
  }

  /// Seconds that the calls made so far take at least, all known at the beginning and answered in no
  /// time, by the limits of the venues.
  package var leastSeconds: Double {
    var options = Limiter.Options()
    options.reservePercent = 0
    var limiter = Limiter(options: options)
    for venue in Venue.all { limiter.know(venue.id, venue.limits) }
    let plan = limiter.plan(adding: tickets, at: opening)
    let done = plan.doneAt ?? opening
    return Double(done.microseconds - opening.microseconds) / 1_000_000
  }

  /// Goes on until everything is read, or its clock has gone so many seconds.
  package func run(untilComplete: Bool, seconds: Double) {
    let end = opening.advanced(bySeconds: Int64(seconds))
    var looked = -1
    while true {
      // Only an answer makes anything complete.
      if untilComplete, looked != answers {
        if isComplete { return }
        looked = answers
      }
      let due = [coming.first?.at, desk.wakeAt, looksAt].compactMap { $0 }.min()
      guard let due, due <= end else { return }
      now = max(now, due)
      if let looks = looksAt, looks <= now {
        looksAt = now.advanced(bySeconds: settings.looksForMarketsEvery)
        for venue in settings.venues { carryOut(desk.lookAtMarkets(of: venue, at: now)) }
      } else if let first = coming.first, first.at <= now {
        coming.removeFirst()
        answers += 1
        carryOut(desk.take(first.result, of: first.ticket, at: now))
      } else {
        // What was due at this very moment and stays due would hold the clock still.
        now = Instant(microseconds: now.microseconds + 1)
        carryOut(desk.tick(at: now))
      }
    }
  }

  private func carryOut(_ effects: [SyncDesk.Effect]) {
    var left = effects
    while !left.isEmpty {
      let effect = left.removeFirst()
      switch effect {
      case .fetch(let job): fetch(job)
      case .store(let batch): left += store(batch)
      case .quotes(let quotes): priced.formUnion(quotes.map(\.asset))
      case .markets(let venue, let markets, _): marketsSeen[venue] = markets.map(\.id).sorted()
      case .abandon, .reconcile, .probed, .token, .book, .candles, .moreBars: break
      }
      if desk.hasNewMarkets {
        desk.hasNewMarkets = false
        watch()
      }
    }
  }

  private func store(_ batch: SyncBatch) -> [SyncDesk.Effect] {
    let before = moved.count
    for entry in batch.entries where entries[entry.identity] == nil {
      entries[entry.identity] = entry
      for leg in entry.legs { moved.insert(leg.asset) }
    }
    figures.refused += batch.refused.count
    for row in batch.refused where refusals.count < 20 {
      refusals.append("\(row.reason) \(row.text)")
    }
    for (key, text) in batch.states { states[batch.account, default: [:]][key] = text }
    let effects = desk.stored(batch.id, at: now)
    if moved.count != before { watch() }
    return effects
  }

  /// Prices of everything that was ever moved are wanted.
  private func watch() {
    let links = AssetLinks()
    desk.watch(Set(moved.map { links.canonical($0) }), links: links, at: now)
  }
}

// MARK: - The network

extension DeskProbe {
  private func fetch(_ job: FetchJob) {
    let at = Instant(microseconds: now.microseconds + settings.latency)
    tickets.append(
      Limiter.Ticket(
        id: job.ticket, venue: job.venue, key: job.account?.slug ?? "",
        costs: job.call.cost.sorted { $0.key < $1.key }.map { Limiter.Cost($0.key, $0.value) },
        priority: .backfill))
    let result = answer(job)
    let place = coming.firstIndex { $0.at > at } ?? coming.endIndex
    coming.insert((at, job.ticket, result), at: place)
  }

  private func answer(_ job: FetchJob) -> FetchResult {
    nonce = max(nonce + 1_000, now.microseconds)
    let moment = Moment(
      time: Instant(microseconds: now.microseconds &+ job.clockOffset),
      nonce: Instant(microseconds: nonce), uuid: DeskProbe.uuid(job.ticket))
    do throws(VenueFault) {
      guard let venue = Venue.named(job.venue) else { throw .unsupported(job.venue) }
      let credentials = job.account.flatMap { keys[$0] } ?? .none
      var request = try venue.request(
        job.call, credentials: credentials, moment: moment, tools: .openSSL)
      request.headers += job.conditions
      // The venue looks at it half way there.
      let half = Instant(microseconds: now.microseconds + settings.latency / 2)
      let asked = SimulatedRequest(request)
      guard let response = dialects[job.venue]?.handle(asked, at: half).validated(for: asked) else {
        throw .unsupported(job.venue)
      }
      figures.bytes += response.body.count
      if venue.limits.slowStatuses.contains(response.status) { figures.slowed += 1 }
      if venue.limits.banStatuses.contains(response.status) { figures.banned += 1 }
      return .answered(
        IncomingAnswer(
          status: response.status,
          headers: response.headers.map { ($0.name.lowercased(), $0.value) }, body: response.body))
    } catch {
      return .failed(wasSent: false, error)
    }
  }

  private static func uuid(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - min(12, digits.count))
      + digits.suffix(12)
  }
}

extension SimulatedRequest {
  /// A request of ours as it reaches the venue.
  init(_ request: OutgoingRequest) {
    let rest = request.url.drop { $0 != "/" }.dropFirst(2)
    let host = String(rest.prefix { $0 != "/" && $0 != "?" })
    let target = rest.dropFirst(host.count)
    let path = String(target.prefix { $0 != "?" })
    var headers: [String: String] = ["host": host]
    for (name, value) in request.headers { headers[name.lowercased()] = value }
    self.init(
      method: request.method, host: String(host.prefix { $0 != ":" }), path: path,
      query: String(target.dropFirst(path.count + 1)), headers: headers,
      body: String(decoding: request.body ?? [], as: UTF8.self))
  }
}
