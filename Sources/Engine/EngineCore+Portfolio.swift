import Ledger
import Portfolio
import Prices
import Wire

extension EngineCore {
  mutating func take(_ changes: LedgerChanges, at now: Instant) -> [EngineEffect] {
    if changes.isEmpty { return [] }
    if changes.wasClosed { return close() }
    if let contents = changes.opened { return open(contents, at: now) }
    for account in changes.accounts { settlement?.take(account) }
    if let links = changes.links { settlement?.take(links) }
    if let currency = changes.currency { settlement?.take(currency) }
    if let words = changes.assetWords {
      assetWords = words
      screenAssets(at: now)
    }
    if let seconds = changes.idleLock { use(idleLock: seconds, at: now) }
    if let limits = changes.riskLimits { use(limits, at: now) }
    if let choice = changes.riskChoice { use(choice, at: now) }
    if let plan = changes.strikePlan { strikes = StrikeDesk(plan, at: now) }
    if let struck = changes.struck { strikes?.wasMade(by: struck) }
    if let watched = changes.watchedAssets { figures?.watch(watched) }
    if let venues = changes.priceVenues {
      log.add(.info, "prices", "asked of: \(venues.joined(separator: ", "))", at: now)
    }
    if let venues = changes.priceVenues, !mode.isSimulated { desk?.askForPrices(at: venues) }
    for (key, holding) in changes.holdings { settlement?.take(holding, for: key) }
    for quote in changes.quotes { settlement?.take(quote) }
    breaks.merge(changes.breaks) { _, new in new }
    for (account, table) in changes.differences {
      settlement?.take(differences: table, of: account)
    }
    var figured: [EngineEffect] = []
    if changes.entries != nil || changes.links != nil || !changes.holdings.isEmpty
      || changes.werePicked
    {
      figures?.ledgerChanged(at: now)
    }
    if changes.gainRules != nil || changes.benchmark != nil {
      figured += withFigures(at: now) { desk, _ in
        desk.take(rules: changes.gainRules, benchmark: changes.benchmark, at: now)
      }
    }
    let before = status
    if let entries = changes.entries { status.entries = entries }
    if let refused = changes.refused { status.refused = refused }
    status.warnings = strikeWarnings
    var effects = figured + publish(at: now)
    if changes.currency != nil, let settlement {
      // Every value is in another unit: clients start over.
      effects.removeAll { if case .sendAll = $0 { true } else { false } }
      effects.append(.sendAll(watchers, .snapshot(settlement.snapshot(at: now))))
    }
    if !changes.connections.isEmpty {
      effects += deal(at: now) { $0.take(changes.connections, at: now) }
    }
    for account in changes.disconnected {
      effects += deal(at: now) { $0.forget(account, at: now) }
    }
    if !changes.holdings.isEmpty || !changes.connections.isEmpty || changes.links != nil
      || changes.priceVenues != nil || !changes.disconnected.isEmpty
      || changes.watchedAssets != nil
    {
      watchPrices(at: now)
      effects += wantStreams(at: now)
    }
    if let settings = changes.alertSettings {
      effects += withAlerts(at: now) { $0.use(settings, at: now) }
    }
    if let sinks = changes.alertSinks {
      effects += withAlerts(at: now) { $0.use(sinks, at: now) }
    }
    return before == status ? effects : effects + tellStatus(except: nil)
  }

  mutating func open(_ contents: VaultContents, at now: Instant) -> [EngineEffect] {
    var settlement = Settlement(currency: contents.currency, links: contents.links)
    for account in contents.accounts { settlement.take(account) }
    for (key, holding) in contents.holdings { settlement.take(holding, for: key) }
    for quote in contents.quotes { settlement.take(quote) }
    for (account, table) in contents.differences {
      settlement.take(differences: table, of: account)
    }
    settlement.take(
      unread: Set(
        contents.connections.filter { SyncDesk.isUnread($0, venues, policy: policy, at: now) }
          .map(\.account)))
    assetWords = contents.assetWords
    let verdicts = contents.connections.lazy.filter { $0.watch != nil }
      .map { WalletDesk.verdicts(in: $0.states) }
    settlement.take(
      screenings: AssetWord.screenings(
        verdicts.reduce(into: [:]) { $0.merge($1) { first, _ in first } }, assetWords))
    let whole = settlement.settle(at: now)
    self.settlement = settlement
    figures = FigureDesk(
      currency: contents.currency, isKept: contents.keepsBars, gainRules: contents.gainRules,
      benchmark: contents.benchmark, venues: venues, at: now)
    figures?.watch(contents.watchedAssets)
    use(contents.riskLimits, at: now)
    use(contents.riskChoice, at: now)
    strikes = StrikeDesk(contents.strikePlan, at: now)
    use(idleLock: contents.idleLock, at: now)
    status.lockReason = ""
    let figured = withFigures(at: now) {
      $0.settled($1, changed: whole?.changed ?? [], removed: [], at: now)
    }
    status.isUnlocked = true
    status.entries = contents.entries
    status.refused = contents.refused
    breaks = contents.breaks
    desk = SyncDesk(
      seed: seed ^ UInt64(truncatingIfNeeded: now.microseconds), isOffline: mode.isOffline,
      tools: tools, venues: venues, policy: policy)
    streams = StreamDesk(
      seed: seed ^ UInt64(truncatingIfNeeded: now.microseconds), isOffline: mode.isOffline)
    books = BookDesk(venues: venues)
    if contents.keepsBars { desk?.backfill.begin(contents.coverage) }
    if !mode.isSimulated { desk?.askForPrices(at: contents.priceVenues) }
    var synced = deal(at: now) { $0.take(contents.connections, limits: contents.limits, at: now) }
    watchPrices(at: now)
    explainAbsences(at: now)
    synced += wantStreams(at: now)
    alerts = AlertDesk(contents.alerts, isHeld: mode.isOffline, at: now)
    lastQuote = now
    return tellStatus(except: nil)
      + [.sendAll(watchers, .snapshot(settlement.snapshot(at: now))), .runFeed(mode.isDemo)]
      + figured + synced + [wake(after: now)]
  }

  mutating func close() -> [EngineEffect] {
    settlement = nil
    desk = nil
    let open = streams?.ids ?? []
    streams = nil
    let left = books?.waitingRequests ?? []
    books = nil
    figures = nil
    alerts = nil
    strikes = nil
    lastQuote = nil
    breaks = [:]
    assetWords = [:]
    boardsAt = nil
    bookBoardsAt = nil
    let waiting = trials.keys.sorted()
    trials = [:]
    let locked = Refusal(.locked, "the vault was locked meanwhile")
    var refusals: [EngineEffect] = left.map { .send($0.client, .refusal(id: $0.id, locked)) }
    for work in waiting {
      guard let errand = errands.removeValue(forKey: work) else { continue }
      refusals += refuse(errand, locked)
    }
    status.isUnlocked = false
    status.entries = 0
    status.refused = 0
    status.warnings = []
    status.idleLockSeconds = 0
    idleLock.seconds = 0
    return [.runFeed(false), .wake(nil)] + open.map { .stream(.close($0)) } + refusals
      + tellStatus(except: nil)
  }

  /// Prices wait a moment for others, so that a busy feed gives a few changes a second.
  mutating func take(_ quotes: [Quote], at now: Instant) -> [EngineEffect] {
    guard settlement != nil else { return [] }
    for quote in quotes { settlement?.take(quote) }
    if !quotes.isEmpty { lastQuote = now }
    if settleAt == nil {
      settleAt = Instant(microseconds: now.microseconds + EngineCore.quotePause)
    }
    return [wake(after: now)]
  }

  mutating func publish(at now: Instant) -> [EngineEffect] {
    settleAt = nil
    guard let change = settlement?.settle(at: now) else { return [wake(after: now)] }
    writeDown(prices: change.changed, at: now)
    let receivers = watchers
    let needsReason = change.changed.indices.contains { place in
      let state = change.changed[place].state
      return (state == .unknown || state == .stale) && change.changed[place].absence == nil
    }
    if needsReason { explainAbsences(at: now) }
    let figured = withFigures(at: now) {
      $0.settled($1, changed: change.changed, removed: change.removed, at: now)
    }
    return (receivers.isEmpty ? [] : [.sendAll(receivers, .change(change))]) + figured
      + [wake(after: now)]
  }

  /// Lets the figures' desk do something and carries out what it wants.
  mutating func withFigures(
    at now: Instant, _ work: (inout FigureDesk, Settlement) -> [FigureEffect]
  ) -> [EngineEffect] {
    guard let settlement, let wanted = figures?.perform(work, settlement) else { return [] }
    return carryOut(wanted, at: now)
  }

  mutating func carryOut(
    _ wanted: [FigureEffect], at now: Instant
  ) -> [EngineEffect] {
    var effects: [EngineEffect] = []
    for effect in wanted {
      switch effect {
      case .changed(let boards): boardsChanged(boards, at: now)
      case .volatilities(let table): settlement?.take(volatilities: table)
      case .dayOpens(let table): settlement?.take(dayOpens: table)
      case .fold(let inputs): effects.append(.gain(inputs))
      case .compute(let task): effects.append(.compute(task))
      case .keepBars(let batch, let bars): effects.append(.keepBars(batch, bars))
      case .keepWatch(let watch): effects.append(.keepWatch(watch))
      case .readWatch: effects.append(.readWatch)
      case .readBars(let assets, let currency, let afterWrites):
        effects.append(.readBars(assets, currency, afterWrites: afterWrites))
      case .finding(let finding):
        writeDown(finding, at: now)
        effects += withAlerts(at: now) { $0.take(finding, at: now) }
      }
    }
    return effects
  }

  private var watchers: [ClientID] {
    clients.keys.filter { id in
      clients[id].map { $0.isWatching && !$0.isBehind } ?? false
    }.sorted()
  }

  /// The next time something happens by itself: gathered prices, or a price that turns stale.
  func wake(after now: Instant) -> EngineEffect {
    let stale = settlement?.nextStale(after: now).map {
      Instant(microseconds: max($0.microseconds, now.microseconds) + 1_000)
    }
    return .wake(
      [
        isRestPutOff ? now : nil, settleAt, stale, boardsAt, bookBoardsAt, desk?.wakeAt,
        streams?.wakeAt, books?.wakeAt,
        figures?.wakeAt(after: now), alertsDue(after: now), strikes?.wakeAt,
        log.accountsDue, settlement == nil ? nil : idleLock.due,
      ].compactMap { $0 }.min())
  }
}
