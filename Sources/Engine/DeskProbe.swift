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
    /// How many days the history of each account is long.
    package var days: Int64 = 400
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
    /// How long it takes until a batch is written, in microseconds.
    package var writing: Int64 = 0
    /// Print every call with its time.
    package var isTraced = false
    /// Everything but what is written is lost after so many seconds, again and again; 0 never.
    package var killsEvery: Double = 0

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
    /// How often everything but what was written was lost.
    package var kills = 0
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
  private var coming: [Coming] = []
  /// Batches on their way to the disk, the earliest first.
  private var writing: [(at: Instant, batch: SyncBatch)] = []
  /// When everything but what is written is lost.
  private var killsAt: Instant?
  /// What desks that were lost had counted.
  private var lost = CallAccount()
  private var chance: SeededGenerator
  /// The accounts of which something is left to read.
  private var unread: Set<AccountID> = []
  /// How many seconds it took until the last account of a venue was read, by venue.
  package private(set) var finished: [String: Double] = [:]
  /// How often a venue's word stood for books, and how often that was not what the simulation says.
  package private(set) var words = (told: 0, wrong: 0)
  /// The accounts whose venue's word stands for their books.
  private(set) var worded: Set<AccountID> = []
  private var entries: [EntryIdentity: SyncEntry] = [:]
  private var answers = 0

  /// What points are drawn from.
  private struct Drawn: Hashable {
    let venue: String
    let bucket: String
    let key: String
  }

  /// Pages that name each other.
  private struct Chain: Hashable {
    let venue: String
    let account: AccountID?
    let text: String
  }

  /// How many pages chains have so far.
  private var chains: [Chain: Int] = [:]

  /// An answer on its way.
  private struct Coming {
    let at: Instant
    let ticket: UInt64
    let account: AccountID?
    let result: FetchResult
  }

  /// The recorded assets of all entries.
  private var moved: Set<AssetID> = []
  /// What is written of each account beside entries.
  private var written: [AccountID: FollowedAccount] = [:]
  /// What is kept of calls, as text.
  private var limits: String?
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
    chance = SeededGenerator(seed: settings.seed)
    desk = DeskProbe.desk(settings, 0)
    let dialect = DialectSettings(
      seed: settings.seed, accounts: settings.accounts, events: settings.events,
      days: settings.days, opening: opening, tools: .openSSL,
      check: KeyCheck(
        ecdsaP256: { SignatureCheck.p256(privateKey: $0, $1, $2) },
        ed25519: { SignatureCheck.ed25519(publicKey: $0, $1, $2) }))
    for venue in settings.venues { dialects[venue] = DeskProbe.made(venue, dialect) }
    carryOut(desk.take(followed(), at: now))
    unread = Set(keys.keys)
    watch()
    if settings.looksForMarketsEvery > 0 { looksAt = now }
    planKill()
  }

  private static func desk(_ settings: Settings, _ run: Int) -> SyncDesk {
    var desk = SyncDesk(
      seed: settings.seed &+ UInt64(run), isOffline: false, tools: .openSSL, venues: .builtIn)
    desk.kept.isOn = settings.keepsAnswers
    desk.prices.asksSingly = settings.asksPricesSingly
    return desk
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
        decided.start = opening.advanced(bySeconds: -(settings.days + 20) * 86_400)
        let fresh = FollowedAccount(account: id, venue: venue, settings: decided, states: [:])
        let known = written[id] ?? fresh
        written[id] = known
        all.append(known)
      }
    }
    return all
  }
}

// MARK: - Going on

extension DeskProbe {
  /// Whether everything of every account is read.
  package var isComplete: Bool { unread.isEmpty }

  private func isRead(_ account: AccountID) -> Bool {
    desk.machine.isRead(account, at: now)
  }

  /// Looks whether what an answer was for is read by now; now and then at all others, too.
  private func look(at account: AccountID?) {
    let looked = answers % 64 == 0 ? unread : unread.filter { $0 == account }
    for one in looked where isRead(one) {
      unread.remove(one)
      let venue = String(one.slug.prefix { $0 != "-" })
      finished[venue] = max(finished[venue] ?? 0, passed)
    }
  }

  /// Seconds since the beginning, of its own clock.
  package var passed: Double { Double(now.microseconds - opening.microseconds) / 1_000_000 }

  /// What was counted so far.
  package var counted: Figures {
    var all = figures
    let total = lost + desk.kept.total
    all.asked = total.asked
    all.sent = total.sent
    all.unchanged = total.unchanged
    all.cached = total.savedByCache
    all.slowed = total.slowed
    all.entries = entries.count
    all.priced = priced.count
    return all
  }

  /// Names what was booked and what has a price, so that two runs can be compared.
  package var results: [String] { books + priced.map(\.text).sorted() }

  /// Names what was booked.
  package var books: [String] {
    entries.values.map { entry in
      let moves = entry.legs.map { "\($0.account.slug) \($0.asset.text) \($0.quantity.text)" }
      return "\(entry.time.microseconds) \(entry.kind.rawValue) \(moves.joined(separator: ", "))"
    }.sorted()
  }

  /// The assets whose sum is not what the simulation says, with their accounts.
  package var wrong: [String] {
    var sums: [AccountID: [String: Fixed]] = [:]
    for entry in entries.values {
      for leg in entry.legs {
        let code = DeskProbe.code(of: leg.asset)
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
  package var leastSeconds: Double { leastSecondsByVenue.values.max() ?? 0 }

  /// The same of each venue.
  package var leastSecondsByVenue: [String: Double] {
    var options = Limiter.Options()
    options.reservePercent = 0
    options.waitingMost = max(options.waitingMost, tickets.count)
    var limiter = Limiter(options: options)
    limiter.know(Venue.all.map { ($0.id, $0.limits) })
    let plan = limiter.plan(adding: tickets, at: opening)
    var seconds: [String: Double] = [:]
    for line in plan.lines {
      seconds[line.venue] = Double(line.doneAt.microseconds - opening.microseconds) / 1_000_000
    }
    return seconds
  }

  /// The same where answers take their time, as they do for everybody.
  ///
  /// Two things that `leastSecondsByVenue` leaves out cannot be avoided. A call counts at the venue
  /// at some moment between its sending and its answer; so that no window of the venue holds more
  /// than its capacity wherever it begins, points may be used again only a window after the answer:
  /// `(⌈points ÷ capacity⌉ − 1) · (window + latency)`. And a page whose name only the page before it
  /// tells cannot be asked for earlier: the pages of the longest such chain, one after the other.
  package var leastSecondsWithAnswers: [String: Double] {
    let latency = Double(settings.latency) / 1_000_000
    var points: [Drawn: Int] = [:]
    for ticket in tickets {
      for cost in ticket.costs {
        let drawn = Drawn(venue: ticket.venue, bucket: cost.bucket, key: ticket.key)
        points[drawn, default: 0] += cost.points
      }
    }
    var seconds = leastSecondsByVenue
    for (drawn, points) in points {
      let bucket = Venue.named(drawn.venue)?.limits.buckets.first { $0.name == drawn.bucket }
      guard let bucket, case .window(let window) = bucket.refill, points > 0 else { continue }
      let rounds = Double((points - 1) / max(1, bucket.capacity))
      seconds[drawn.venue] = max(
        seconds[drawn.venue] ?? 0, rounds * (Double(window) + latency) + latency)
    }
    for (chain, pages) in chains {
      seconds[chain.venue] = max(seconds[chain.venue] ?? 0, Double(pages) * latency)
    }
    return seconds
  }

  /// The pages of the longest chain of each venue, each of which only the one before it names.
  package var longestChains: [String: Int] {
    var longest: [String: Int] = [:]
    for (chain, pages) in chains { longest[chain.venue] = max(longest[chain.venue] ?? 0, pages) }
    return longest
  }

  /// Goes on until everything is read, or its clock has gone so many seconds.
  package func run(untilComplete: Bool, seconds: Double) {
    let end = opening.advanced(bySeconds: Int64(seconds))
    while !(untilComplete && unread.isEmpty) {
      let due = [coming.first?.at, writing.first?.at, desk.wakeAt, looksAt, killsAt]
        .compactMap { $0 }.min()
      guard let due, due <= end else { return }
      now = max(now, due)
      if let kills = killsAt, kills <= now {
        kill()
      } else if let first = writing.first, first.at <= now {
        writing.removeFirst()
        carryOut(write(first.batch))
        look(at: first.batch.account)
      } else if let looks = looksAt, looks <= now {
        looksAt = now.advanced(bySeconds: settings.looksForMarketsEvery)
        for venue in settings.venues { carryOut(desk.lookAtMarkets(of: venue, at: now)) }
      } else if let first = coming.first, first.at <= now {
        coming.removeFirst()
        answers += 1
        carryOut(desk.take(first.result, of: first.ticket, at: now))
        look(at: first.account)
      } else {
        // What was due at this very moment and stays due would hold the clock still.
        now = Instant(microseconds: now.microseconds + 1)
        carryOut(desk.tick(at: now))
      }
    }
  }

  private func planKill() {
    guard settings.killsEvery > 0 else { return }
    let wait = settings.killsEvery * (0.5 + Double(chance.next() % 1_000) / 1_000)
    killsAt = Instant(microseconds: now.microseconds + Int64(wait * 1_000_000))
  }

  /// Only what is written is left, as after `kill -9`; answers under way find nobody.
  private func kill() {
    figures.kills += 1
    lost = lost + desk.kept.total
    coming = []
    writing = []
    desk = DeskProbe.desk(settings, figures.kills)
    carryOut(desk.take(followed(), limits: limits, at: now))
    watch()
    planKill()
  }

  private func carryOut(_ effects: [SyncDesk.Effect]) {
    var left = effects
    while !left.isEmpty {
      let effect = left.removeFirst()
      switch effect {
      case .fetch(let job): fetch(job)
      case .store(let batch):
        if settings.writing > 0 {
          let at = Instant(microseconds: now.microseconds + settings.writing)
          writing.append((at, batch))
        } else {
          left += write(batch)
        }
      case .quotes(let quotes): priced.formUnion(quotes.map(\.asset))
      case .markets(let venue, let markets, _): marketsSeen[venue] = markets.map(\.id).sorted()
      case .reported(let account, let word): note(word, of: account)
      case .keepLimits:
        if settings.killsEvery > 0 { limits = desk.limiter.memory(at: now) }
      case .abandon, .reconcile, .probed, .token, .book, .candles, .moreBars: break
      }
      if desk.hasNewMarkets {
        desk.hasNewMarkets = false
        watch()
      }
    }
  }

  private func note(_ word: [AssetID: Quantity]?, of account: AccountID) {
    guard let word else {
      worded.remove(account)
      return
    }
    worded.insert(account)
    words.told += 1
    guard let venue = desk.records[account]?.venue else { return words.wrong += 1 }
    let truth = (truths[account] ?? [:]).map { code, amount in
      (AssetLinks().canonical(.venue(venue: venue, code: code)), Quantity(amount))
    }
    if word != Dictionary(truth, uniquingKeysWith: { $1 }) { words.wrong += 1 }
  }

  /// The code by which the simulation knows an asset.
  private static func code(of asset: AssetID) -> String {
    asset.text.split(separator: ":").last.map { String($0) } ?? ""
  }

  private func write(_ batch: SyncBatch) -> [SyncDesk.Effect] {
    let before = moved.count
    for var entry in batch.entries where entries[entry.identity] == nil {
      // Nobody asks for it here, and there may be hundreds of thousands.
      entry.raw = ""
      entries[entry.identity] = entry
      for leg in entry.legs { moved.insert(leg.asset) }
    }
    figures.refused += batch.refused.count
    for row in batch.refused where refusals.count < 20 {
      refusals.append("\(row.reason) \(row.text)")
    }
    for (key, text) in batch.states { written[batch.account]?.states[key] = text }
    if let told = batch.balances { written[batch.account]?.balances[batch.lane.text] = told }
    if let told = batch.positions {
      written[batch.account]?.positionsTold[batch.lane.text] = told.time
    }
    if let rights = batch.rights { written[batch.account]?.rights = (rights, now) }
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
    if settings.isTraced {
      print(passed, job.account?.slug ?? "-", job.call.path, job.call.parameters.json.text)
    }
    let at = Instant(microseconds: now.microseconds + settings.latency)
    tickets.append(
      Limiter.Ticket(
        id: job.ticket, venue: job.venue, key: job.account?.slug ?? "",
        costs: job.call.cost.sorted { $0.key < $1.key }.map { Limiter.Cost($0.key, $0.value) },
        priority: .backfill))
    if let ask = desk.asks[job.ticket], ask.cursor != nil {
      let subject = ask.accounts.keys.sorted().joined(separator: " ")
      let text =
        "\(job.call.path) \(ask.accounts.count == 1 ? subject : "") \(ask.market?.id ?? "")"
      chains[Chain(venue: job.venue, account: job.account, text: text), default: 1] += 1
    }
    let result = answer(job)
    let place = coming.firstIndex { $0.at > at } ?? coming.endIndex
    let answer = Coming(at: at, ticket: job.ticket, account: job.account, result: result)
    coming.insert(answer, at: place)
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
