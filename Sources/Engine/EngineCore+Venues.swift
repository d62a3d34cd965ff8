import Amounts
import Ledger
import Portfolio
import Prices
import Sync
import Transport
import VenueKit
import Wire

extension EngineCore {
  /// Lets the desk do something and carries out what it wants.
  mutating func deal(
    at now: Instant, _ work: (inout SyncDesk) -> [SyncDesk.Effect]
  ) -> [EngineEffect] {
    guard var desk else { return [] }
    // Only one of them may hold the tables, or the first change would copy them.
    self.desk = nil
    let wanted = work(&desk)
    if desk.isBoardDirty {
      desk.isBoardDirty = false
      accountsChanged(at: now)
      if boardsAt == nil, clients.values.contains(where: { !$0.boards.isEmpty }) {
        boardsAt = Instant(microseconds: now.microseconds + EngineCore.boardPause)
      }
    }
    let hasNewPrices = desk.hasNewMarkets
    desk.hasNewMarkets = false
    let hasNewVerdicts = desk.wallets.hasNewVerdicts
    desk.wallets.hasNewVerdicts = false
    let hasOtherAbsences = desk.prices.hasOtherAbsences
    desk.prices.hasOtherAbsences = false
    self.desk = desk
    settlement?.take(unread: desk.unread)
    if hasOtherAbsences { explainAbsences(at: now) }
    if hasNewVerdicts { screenAssets(at: now) }
    var effects: [EngineEffect] = hasNewPrices ? wantStreams(at: now) : []
    for effect in wanted {
      switch effect {
      case .fetch(let job): effects.append(.fetch(job))
      case .abandon(let ticket): effects.append(.abandon(ticket))
      case .store(let batch):
        effects += withFigures(at: now) { figures, _ in
          figures.storing(batch, at: now)
          return []
        }
        effects.append(.storeSync(batch))
      case .reconcile(let task): effects.append(.reconcile(task))
      case .reported(let account, let table):
        effects += take(reported: table, of: account, at: now)
      case .keepLimits:
        effects.append(.keepLimits(desk.limiter.memory(at: now)))
      case .quotes(let quotes): effects += take(quotes, at: now)
      case .candles(let bars, let coverage): effects.append(.keepCandles(bars, coverage))
      case .moreBars(let assets):
        effects += withFigures(at: now) { figures, _ in figures.readAgain(assets, at: now) }
      case .probed(let work, let findings): effects += tried(work, findings, at: now)
      case .token(let stream, let call, let result):
        effects += withStreams(at: now) { $0.take(token: result, of: stream, call, at: now) }
      case .markets(let venue, let markets, let fault):
        effects += showBooks(at: now) {
          $0.take(markets: markets, of: venue, fault, at: now, view: $1)
        }
      case .book(let id, let result, let levels):
        effects += take(result, of: id, levels: levels, at: now)
      }
    }
    if settlement?.hasOtherSums ?? false { effects += publish(at: now) }
    return effects + [wake(after: now)]
  }

  /// Takes what an account has by its venue's word, or that its books are whole.
  private mutating func take(
    reported table: [AssetID: Quantity]?, of account: AccountID, at now: Instant
  ) -> [EngineEffect] {
    settlement?.take(reported: table, of: account)
    let effects = publish(at: now)
    watchPrices(at: now)
    return effects + wantStreams(at: now)
  }

  /// Lets the streams' desk do something and carries out what it wants.
  mutating func withStreams(
    at now: Instant, _ work: (inout StreamDesk) -> [StreamDesk.Effect]
  ) -> [EngineEffect] {
    guard var streams else { return [] }
    self.streams = nil
    let wanted = work(&streams)
    self.streams = streams
    return carryOut(wanted, at: now)
  }

  mutating func carryOut(
    _ wanted: [StreamDesk.Effect], at now: Instant
  ) -> [EngineEffect] {
    var effects: [EngineEffect] = []
    for effect in wanted {
      switch effect {
      case .token(let stream, let account, let venue, let call):
        effects += deal(at: now) { $0.fetchToken(stream, account, venue, call, at: now) }
      case .fetchBook(let id, let market):
        let levels = StreamDesk.fetchedLevels
        effects += deal(at: now) { $0.fetchBook(id, market, levels: levels, at: now) }
      case .open, .openSigned, .say, .logIn, .close: effects.append(.stream(effect))
      }
    }
    if let streams {
      if desk?.liveAccounts != streams.liveAccounts { desk?.isBoardDirty = true }
      desk?.liveAccounts = streams.liveAccounts
      desk?.streamedVenues = streams.liveVenues
    }
    return effects.isEmpty ? [] : effects + [wake(after: now)]
  }

  mutating func hear(
    _ events: [WebSocketEvent], of stream: StreamID, at now: Instant
  ) -> [EngineEffect] {
    guard var streams else { return [] }
    self.streams = nil
    let news = streams.take(events, of: stream, at: now)
    self.streams = streams
    var effects = carryOut(news.effects, at: now)
    var quotes: [Quote] = []
    for (venue, tickers) in news.tickers {
      quotes += desk?.prices.quotes(tickers, of: venue, at: now) ?? []
    }
    if !quotes.isEmpty { effects += take(quotes, at: now) }
    if news.hasNewBooks { effects += showBooks(at: now) { $0.settle(at: now, view: $1) } }
    for (account, events) in news.accounts {
      effects += deal(at: now) { $0.hear(.streamed(account, events), at: now) }
    }
    return effects.isEmpty ? [wake(after: now)] : effects
  }

  /// Says which streams are wanted now.
  mutating func wantStreams(at now: Instant) -> [EngineEffect] {
    guard let desk else { return [] }
    var accounts: [AccountID: String] = [:]
    for (id, record) in desk.records where !record.isPaused { accounts[id] = record.venue }
    let markets = desk.prices.wantedMarkets
    return withStreams(at: now) { $0.want(accounts: accounts, markets: markets, at: now) }
  }

  var accountNames: [AccountID: String] {
    var names: [AccountID: String] = [:]
    for (id, account) in settlement?.accounts ?? [:] { names[id] = account.name }
    return names
  }

  /// Says what the key of a venue, or of an account's venue, consists of.
  func describeVenue(_ request: Request, _ errand: Errand) -> [EngineEffect] {
    do throws(Refusal) {
      let venue = try namedVenue(request)
      let report = Report(
        facts: [.init("id", .text(venue.id)), .init("name", .text(venue.name))],
        tableName: "fields", columns: ["name", "label", "secret", "optional"],
        rows: venue.credentials.map { field in
          [
            .text(field.name), .text(field.label), .flag(field.isSecret), .flag(field.isOptional),
          ]
        })
      return [.send(errand.client, .report(id: errand.id, report))]
    } catch {
      return refuse(errand, error)
    }
  }

  private func namedVenue(_ request: Request) throws(Refusal) -> Venue {
    guard let word = request.arguments["account"] else {
      let word = try request.required("venue")
      guard let venue = venues.named(word) else { throw EngineCore.noVenue(word) }
      return venue
    }
    let account = AccountID(named: word)
    guard let record = desk?.records[account] else {
      throw Refusal(
        .notFound, "no account \(account.slug) is followed", advice: "Run: coffer account status")
    }
    if record.watch != nil {
      throw Refusal(.usage, "\(account.slug) is a wallet that is watched: it has no key")
    }
    guard let venue = venues.named(record.venue) else { throw EngineCore.noVenue(record.venue) }
    return venue
  }

  private static func noVenue(_ word: String) -> Refusal {
    Refusal(.notFound, "there is no venue \(word.prefix(40))", advice: "Run: coffer venues")
  }

  /// Holds a key ready and asks the venue what it is good for.
  mutating func tryKey(
    _ request: Request, _ errand: Errand, at now: Instant
  ) -> [EngineEffect] {
    let connection: NewConnection
    do throws(Refusal) {
      connection = try newConnection(request)
    } catch {
      return refuse(errand, error)
    }
    lastWork += 1
    let work = WorkID(number: lastWork)
    errands[work] = errand
    if request.arguments["untested"] == "yes" {
      return [.work(work, .connect(request, connection))]
    }
    if mode.isOffline {
      errands[work] = nil
      return refuse(
        errand,
        Refusal(
          .forbidden, "the engine is off the network: the key cannot be tried",
          advice: "Start without --offline, or store it untried: --untested"))
    }
    trials[work] = Trial(request: request, connection: connection)
    let typed = Credentials(request.secrets, of: connection.venue)
    let probe = Probe(
      account: connection.account, venue: connection.venue,
      named: typed.accounts(at: connection.venue))
    return [.tryKey(connection.account, connection.venue, request.secrets)]
      + deal(at: now) { $0.start(probe, work, at: now) }
  }

  private func newConnection(_ request: Request) throws(Refusal) -> NewConnection {
    if request.verb == "rekey" {
      let account = AccountID(named: try request.required("account"))
      guard let record = desk?.records[account], let venue = venues.named(record.venue) else {
        throw Refusal(
          .notFound, "no account \(account.slug) is followed", advice: "Run: coffer account status")
      }
      try EngineCore.check(request.secrets, of: venue)
      return NewConnection(
        account: account, name: accountNames[account] ?? account.slug, venue: venue,
        findings: Probe.Findings(), isRekeyed: true)
    }
    let word = try request.required("venue")
    guard let venue = venues.named(word) else { throw EngineCore.noVenue(word) }
    let name = request.arguments["name"] ?? venue.name
    let account = AccountID(named: name)
    guard !account.slug.isEmpty else { throw Refusal(.usage, "the account wants a name") }
    if desk?.records[account] != nil {
      throw Refusal(
        .usage, "\(account.slug) is followed already",
        advice: "Give this one another --name, or give that one another key: coffer account rekey")
    }
    try EngineCore.check(request.secrets, of: venue)
    return NewConnection(
      account: account, name: name, venue: venue, findings: Probe.Findings())
  }

  private static func check(_ secrets: [[UInt8]], of venue: Venue) throws(Refusal) {
    guard secrets.count == venue.credentials.count else {
      throw Refusal(
        .usage,
        "a key of \(venue.name) has \(venue.credentials.count) parts: "
          + venue.credentials.map(\.label).joined(separator: ", "))
    }
    for (secret, field) in zip(secrets, venue.credentials) {
      if secret.isEmpty && !field.isOptional {
        throw Refusal(.usage, "\(venue.name) wants the \(field.label)")
      }
      if secret.count > 16 << 10 { throw Refusal(.usage, "the \(field.label) is too long") }
    }
  }

  /// Stores a key that was found good, or says what is wrong with it.
  mutating func tried(
    _ work: WorkID, _ findings: Probe.Findings, at now: Instant
  ) -> [EngineEffect] {
    guard let trial = trials.removeValue(forKey: work) else { return [] }
    var connection = trial.connection
    connection.findings = findings
    var refusal: Refusal?
    if let fault = findings.fault {
      let (what, advice) = fault.sentence
      refusal = Refusal(.forbidden, what, advice: advice)
    } else if findings.rights?.canWithdraw ?? false,
      trial.request.arguments["accept-withdraw"] != "yes"
    {
      refusal = Refusal(
        .forbidden, "this key may withdraw: Coffer never needs that",
        advice: "Make a key that may only read, or insist: --accept-withdraw")
    }
    if let refusal {
      let errand = errands.removeValue(forKey: work)
      return [.endTrial(connection.account)] + (errand.map { refuse($0, refusal) } ?? [])
    }
    return [.work(work, .connect(trial.request, connection))]
  }

  mutating func requery(
    _ request: Request, _ errand: Errand, at now: Instant
  ) -> [EngineEffect] {
    let account = AccountID(named: request.arguments["account"] ?? "")
    guard desk?.records[account] != nil else {
      return refuse(
        errand,
        Refusal(
          .notFound, "no account \(account.slug) is followed",
          advice: "Run: coffer account status"))
    }
    guard let from = TimeForm.iso.read(request.arguments["from"] ?? "") else {
      return refuse(errand, Refusal(.usage, "from wants a day such as 2024-01-01"))
    }
    var to = now
    if let text = request.arguments["to"] {
      guard let read = TimeForm.iso.read(text) else {
        return refuse(errand, Refusal(.usage, "to wants a day such as 2024-01-01"))
      }
      to = min(read, now)
    }
    guard from < to else { return refuse(errand, Refusal(.usage, "from must be before to")) }
    return deal(at: now) { $0.hear(.requery(account, Span(from: from, to: to)), at: now) }
      + [.send(errand.client, .report(id: errand.id, Report(facts: [.init("asked", .flag(true))])))]
  }

  /// Says why there are no prices where there are none, or none that are fresh.
  mutating func explainAbsences(at now: Instant) {
    guard let settlement, let desk else { return }
    let without = settlement.settled.filter { $0.state == .unknown || $0.state == .stale }
      .map(\.asset)
    var absences = desk.absences(of: without, at: now)
    for (asset, absence) in absences where absence.kind == .silent {
      if settlement.isQuoted(asset), settlement[asset]?.price == nil {
        absences[asset] = PriceAbsence(.noRate)
      }
    }
    if self.settlement?.take(absences) == true, settleAt == nil {
      settleAt = Instant(microseconds: now.microseconds + EngineCore.quotePause)
    }
  }

  /// Says which assets are held, so that their prices are asked for.
  mutating func watchPrices(at now: Instant) {
    guard let settlement, desk != nil else { return }
    let held = Set(settlement.heldAssets)
    let assets = held.isEmpty ? held : held.union(figures?.history.watched ?? [])
    desk?.watch(assets, links: settlement.links, at: now)
    desk?.backfill.currency = settlement.currency
  }
}
