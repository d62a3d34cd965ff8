import Alerts
import Amounts
import Cipher
import Encodings
import Ledger
import Portfolio
import Prices
import Risk
import Sync
import Transport
import VenueKit
import Venues
import Wire

/// The engine's state and the one function that changes it.
///
/// Pure: time comes with each event.
struct EngineCore {
  /// What is known of a client.
  private struct Client {
    var hasGreeted = false
    var isReadOnly = false
    var isWatching = false
    /// It fell behind: changes are kept from it until it has caught up.
    var isBehind = false
    /// The boards it looks at.
    var boards: [String] = []
  }

  /// What stands in the status where venues are not the real ones.
  static let simulated = "simulated venues"

  /// The most boards a client may look at.
  static let mostBoards = 16

  /// Who waits for a work.
  private struct Errand {
    let client: ClientID
    let id: UInt64
  }

  /// How long prices are gathered before they are sent on, in microseconds.
  static let quotePause: Int64 = 250_000
  /// The most works at once for one client.
  static let mostErrands = 64

  private(set) var status: EngineStatus
  private var clients: [ClientID: Client] = [:]
  private var errands: [WorkID: Errand] = [:]
  private var lastWork: UInt64 = 0
  private var settlement: Settlement?
  private var mode: Mode
  private var settleAt: Instant?
  private var desk: SyncDesk?
  private var streams: StreamDesk?
  private var books: BookDesk?
  private var figures: FigureDesk?
  private var alerts: AlertDesk?
  /// Whether the board of alerts is to be sent with the next ones.
  private var isAlertBoardNew = false
  /// When a price last came from a venue; `nil` where none is asked for.
  private var lastQuote: Instant?
  private var trials: [WorkID: Trial] = [:]
  private var breaks: [AccountID: Int] = [:]
  /// When boards are sent again.
  private var boardsAt: Instant?
  /// When boards of order books are sent again.
  private var bookBoardsAt: Instant?
  private let seed: UInt64
  private let tools: SigningTools
  private let venues: VenueCatalogue
  private let policy: SyncPolicy
  private var hadClient = false

  /// A key that is being tried.
  private struct Trial {
    let request: Request
    let connection: NewConnection
  }

  /// How long changes are gathered before boards are sent again, in microseconds.
  static let boardPause: Int64 = 500_000

  /// How the engine was started.
  struct Mode: Sendable {
    var isOffline = false
    /// A demonstration ends with its last client.
    var isDemo = false
    /// Venues are simulated ones on this machine.
    var isSimulated = false
  }

  init(
    vault: String, mode: Mode, seed: UInt64 = 1, tools: SigningTools = .openSSL,
    venues: VenueCatalogue = .builtIn, policy: SyncPolicy = SyncPolicy()
  ) {
    self.venues = venues
    self.policy = policy
    self.tools = tools
    self.mode = mode
    self.seed = seed
    status = EngineStatus(vault: vault, isOffline: mode.isOffline, isDemo: mode.isDemo)
    if mode.isSimulated { status.activity = EngineCore.simulated }
  }

  /// Takes in what happened and says what is to be done.
  mutating func handle(_ event: EngineEvent, at now: Instant) -> [EngineEffect] {
    switch event {
    case .connected(let client):
      clients[client] = Client()
      return []
    case .said(let client, let message): return hear(message, from: client, at: now)
    case .disconnected(let client): return forget(client, at: now)
    case .caughtUp(let client): return catchUp(client, at: now)
    case .progressed(let work, let progress): return report(progress, of: work)
    case .changed(let changes): return take(changes, at: now)
    case .finished(let work, let result): return finish(work, result, at: now)
    case .quoted(let quotes):
      // What venues quote themselves is theirs to tell.
      let told = desk?.prices.watchedAssets ?? []
      return take(quotes.filter { !told.contains($0.asset) }, at: now)
    case .fetched(let ticket, let result):
      return deal(at: now) { $0.take(result, of: ticket, at: now) }
    case .session(let ticket, let news):
      return deal(at: now) { $0.take(news, of: ticket, at: now) }
    case .ready: return []
    case .heard(let stream, let events): return hear(events, of: stream, at: now)
    case .loggedIn(let stream, let texts):
      return withStreams(at: now) { $0.loggedIn(stream, texts: texts, at: now) }
    case .synced(let batch, let changes):
      return take(changes, at: now) + deal(at: now) { $0.stored(batch, at: now) }
        + withFigures(at: now) { $0.synced(batch, true, $1, at: now) }
    case .unsynced(let batch):
      return deal(at: now) { $0.unstored(batch, at: now) }
        + withFigures(at: now) { $0.synced(batch, false, $1, at: now) }
    case .watchRead(let watch):
      return withFigures(at: now) { figures, _ in
        figures.loaded(watch, at: now)
        return []
      } + [wake(after: now)]
    case .gained(let news):
      return withFigures(at: now) { desk, _ in desk.take(news, at: now) } + [wake(after: now)]
    case .computed(let result): return take(result, at: now)
    case .barsKept(let batch, let isWritten):
      return withFigures(at: now) { figures, _ in
        figures.written(batch, isWritten, at: now)
        return []
      }
    case .barsRead(let assets, let kept):
      return withFigures(at: now) { $0.loaded(assets, kept, $1, at: now) } + [wake(after: now)]
    case .alertsStored(let number):
      return withAlerts(at: now) { $0.stored(number, at: now) }
    case .alertsUnstored(let number):
      return withAlerts(at: now) { $0.unstored(number, at: now) }
    case .delivered(let id, let sink, let outcome):
      return withAlerts(at: now) { $0.delivered(id, sink, outcome, at: now) }
    case .timer:
      return publish(at: now) + withFigures(at: now) { $0.tick($1, at: now) }
        + deal(at: now) { $0.tick(at: now) }
        + withStreams(at: now) { $0.tick(at: now) }
        + withBooks(at: now) { $0.tick(at: now, view: $1) } + lookForAlerts(at: now)
        + sendBoards(at: now)
    case .stopAsked(let reason): return end(reason)
    }
  }
}

// MARK: - Clients

extension EngineCore {
  private mutating func hear(
    _ message: ClientMessage, from client: ClientID, at now: Instant
  ) -> [EngineEffect] {
    guard let state = clients[client] else { return [] }
    if case .hello(let version, let isReadOnly) = message {
      return greet(client, version: version, isReadOnly: isReadOnly)
    }
    guard state.hasGreeted else { return [.close(client)] }
    switch message {
    case .hello: return []
    case .watch:
      clients[client]?.isWatching = true
      return settlement.map { [.send(client, .snapshot($0.snapshot(at: now)))] } ?? []
    case .unwatch:
      clients[client]?.isWatching = false
      return []
    case .request(let id, let request):
      return ask(request, Errand(client: client, id: id), isReadOnly: state.isReadOnly, at: now)
    case .page(let id, let query): return page(query, Errand(client: client, id: id))
    case .look(let names):
      let names = Array(names.prefix(EngineCore.mostBoards))
      clients[client]?.boards = names
      let opened = lookAtBooks(at: now) + lookAtFigures(at: now)
      return opened + names.map { .send(client, .board(name: $0, board($0, at: now))) }
    case .cancel(let id):
      return errands.filter { $0.value.client == client && $0.value.id == id }.keys.sorted()
        .map { .cancel($0) }
    }
  }

  private mutating func greet(
    _ client: ClientID, version: UInt64, isReadOnly: Bool
  ) -> [EngineEffect] {
    guard version == ClientMessage.version else {
      return [
        .send(client, .goodbye("this engine speaks protocol \(ClientMessage.version)")),
        .close(client),
      ]
    }
    hadClient = true
    clients[client]?.hasGreeted = true
    clients[client]?.isReadOnly = isReadOnly
    status.clients = clients.values.count(where: \.hasGreeted)
    return [.send(client, .welcome(version: ClientMessage.version, status))]
      + tellStatus(except: client)
  }

  private mutating func forget(_ client: ClientID, at now: Instant) -> [EngineEffect] {
    let hadBoards = clients[client]?.boards.isEmpty == false
    clients[client] = nil
    books?.forget(client)
    let closed = hadBoards ? lookAtBooks(at: now) + lookAtFigures(at: now) : []
    status.clients = clients.values.count(where: \.hasGreeted)
    // An import goes on without its client; whatever only answers a question ends.
    let left = errands.filter { $0.value.client == client }.keys
    for work in left { errands[work] = nil }
    if mode.isDemo && hadClient && clients.isEmpty { return end("the demonstration is over") }
    return closed + tellStatus(except: nil)
  }

  private mutating func catchUp(_ client: ClientID, at now: Instant) -> [EngineEffect] {
    guard clients[client]?.isBehind ?? false else { return [] }
    clients[client]?.isBehind = false
    return settlement.map { [.send(client, .snapshot($0.snapshot(at: now)))] } ?? []
  }

  /// A client does not take what it is sent: from now on it gets one snapshot when it is ready.
  mutating func fellBehind(_ client: ClientID) {
    clients[client]?.isBehind = true
  }

  private func tellStatus(except client: ClientID?) -> [EngineEffect] {
    let others = clients.keys.filter { $0 != client && clients[$0]?.hasGreeted ?? false }
    return others.isEmpty ? [] : [.sendAll(others.sorted(), .status(status))]
  }

  private mutating func end(_ reason: String) -> [EngineEffect] {
    finishFigures() + [.runFeed(false), .sendAll(clients.keys.sorted(), .goodbye(reason)), .exit]
  }
}

// MARK: - Requests

extension EngineCore {
  private mutating func ask(
    _ request: Request, _ errand: Errand, isReadOnly: Bool, at now: Instant
  ) -> [EngineEffect] {
    guard let spec = VerbSpec.all[request.verb] else {
      return refuse(errand, Refusal(.usage, "no such request: \(request.verb.prefix(40))"))
    }
    if let refusal = EngineCore.fault(of: request, spec, isReadOnly: isReadOnly) {
      return refuse(errand, refusal)
    }
    if spec.needsVault && settlement == nil {
      return refuse(
        errand, Refusal(.locked, "the vault is locked", advice: "Run: coffer unlock"))
    }
    switch spec.name {
    case "status": return [.send(errand.client, .report(id: errand.id, statusReport))]
    case "stop":
      return [.send(errand.client, .report(id: errand.id, Report()))]
        + end("the engine was stopped")
    case "connect", "rekey": return tryKey(request, errand, at: now)
    case "alerts", "alert-rules", "alert-sinks", "alert-figures", "alert-sink-test", "alert-ack",
      "alert-snooze", "alert-resolve", "alert-confirm", "alert-mute":
      return askAlerts(request, errand, at: now)
    case "alert": return start(.request(withAlert(request), spec), errand)
    case "venue": return describeVenue(request, errand)
    case "requery": return requery(request, errand, at: now)
    case "connections": return show(Board.accounts, errand, at: now)
    case "limits": return show(Board.limits, errand, at: now)
    case "anomalies": return show(Board.anomalies, errand, at: now)
    case "risk", "correlation": return askRisk(request, errand, at: now)
    case "book": return askBook(request, errand, at: now)
    case "feeds":
      let account = AccountID(named: request.arguments["account"] ?? "")
      return show(Board.feeds(of: account.slug), errand, at: now)
    case "pegs": return show(Board.pegs, errand, at: now)
    case "prices": return askPrices(request, errand, at: now)
    case "set-price": return start(.request(marked(request, at: now), spec), errand)
    case "make-strike": return finishFigures() + start(.request(request, spec), errand)
    case "lock": return finishFigures() + start(.request(request, spec), errand)
    default:
      if spec.lane == .figures { return askForFigure(request, errand, at: now) }
      return start(.request(request, spec), errand)
    }
  }

  /// Has written what figures have gathered, before the vault is closed.
  private mutating func finishFigures() -> [EngineEffect] {
    guard let wanted = figures?.finish() else { return [] }
    return carryOut(wanted, at: Instant(microseconds: 0))
  }

  private static func fault(
    of request: Request, _ spec: VerbSpec, isReadOnly: Bool
  ) -> Refusal? {
    if isReadOnly && !spec.isForReaders {
      return Refusal(.forbidden, "this client only looks: \(spec.name) is not for it")
    }
    if let unknown = request.arguments.keys.sorted().first(where: { !spec.arguments.contains($0) })
    {
      return Refusal(.usage, "\(spec.name) has no argument \(unknown.prefix(40))")
    }
    if !spec.secrets.contains(request.secrets.count) {
      return Refusal(.usage, "\(spec.name) wants another number of secrets")
    }
    return nil
  }

  private mutating func page(_ query: LedgerQuery, _ errand: Errand) -> [EngineEffect] {
    guard settlement != nil else {
      return refuse(
        errand, Refusal(.locked, "the vault is locked", advice: "Run: coffer unlock"))
    }
    return start(.page(query), errand)
  }

  private mutating func start(_ work: Work, _ errand: Errand) -> [EngineEffect] {
    guard errands.values.count(where: { $0.client == errand.client }) < EngineCore.mostErrands
    else { return refuse(errand, Refusal(.busy, "too many requests at once")) }
    lastWork += 1
    let id = WorkID(number: lastWork)
    errands[id] = errand
    return [.work(id, work)]
  }

  /// Lets the figures' queue answer, with the prices of this moment.
  private mutating func askForFigure(
    _ request: Request, _ errand: Errand, at now: Instant
  ) -> [EngineEffect] {
    guard var inputs = figures?.gains.view(at: now) else {
      return refuse(errand, Refusal(.locked, "the vault is locked"))
    }
    inputs.positions = settlement.map { Array($0.settled) } ?? []
    return start(.figure(request, inputs), errand)
  }

  private func refuse(_ errand: Errand, _ refusal: Refusal) -> [EngineEffect] {
    [.send(errand.client, .refusal(id: errand.id, refusal))]
  }

  private mutating func report(_ progress: Progress, of work: WorkID) -> [EngineEffect] {
    var effects: [EngineEffect] = []
    if let errand = errands[work] {
      effects.append(.send(errand.client, .progress(id: errand.id, progress)))
    }
    let share = progress.total > 0 ? " \(progress.done * 100 / progress.total) %" : ""
    let activity = progress.stage + share
    guard activity != status.activity else { return effects }
    status.activity = activity
    return effects + tellStatus(except: nil)
  }

  private mutating func finish(
    _ work: WorkID, _ result: WorkResult, at now: Instant
  ) -> [EngineEffect] {
    let idle = mode.isSimulated ? EngineCore.simulated : ""
    let wasBusy = status.activity != idle
    status.activity = idle
    var effects = take(result.changes, at: now)
    if wasBusy && result.changes.isEmpty { effects += tellStatus(except: nil) }
    guard let errand = errands.removeValue(forKey: work) else { return effects }
    switch result.answer {
    case .report(let report): effects.append(.send(errand.client, .report(id: errand.id, report)))
    case .refusal(let refusal):
      effects.append(.send(errand.client, .refusal(id: errand.id, refusal)))
    case .page(let page): effects.append(.send(errand.client, .page(id: errand.id, page)))
    }
    return effects
  }

  private var statusReport: Report {
    Report(facts: [
      .init("vault", .text(status.vault)), .init("unlocked", .flag(status.isUnlocked)),
      .init("offline", .flag(status.isOffline)), .init("demo", .flag(status.isDemo)),
      .init("entries", .integer(Int64(status.entries))),
      .init("refused_rows", .integer(Int64(status.refused))),
      .init("clients", .integer(Int64(status.clients))),
      .init("activity", .text(status.activity)),
    ])
  }
}

// MARK: - Boards

extension EngineCore {
  /// A board as it is now; empty for one that is not known.
  private func board(_ name: String, at now: Instant) -> Report {
    guard let desk else { return Report() }
    switch name {
    case Board.accounts:
      return desk.accountsBoard(names: accountNames, breaks: breaks, at: now)
    case Board.limits: return desk.limitsBoard(at: now)
    case Board.alerts: return alerts?.board(at: now) ?? Report()
    case Board.prices: return priceBoard(at: now)?.prices ?? Report()
    default:
      if let settlement,
        let report = figures?.board(name, settlement, volumes: desk.prices.volumes, at: now)
      {
        return report
      }
      if let (word, levels) = EngineCore.book(name) {
        return books?.report(of: word, levels: levels, view: bookView) ?? Report()
      }
      guard name.hasPrefix(Board.feeds) else { return Report() }
      let account = AccountID(named: name.dropFirst(Board.feeds.count))
      return desk.feedsBoard(of: account, at: now)
    }
  }

  /// Boards are different: who looks at one of them is told soon.
  private mutating func boardsChanged(_ names: Set<String>, at now: Instant) {
    guard boardsAt == nil, clients.values.contains(where: { !names.isDisjoint(with: $0.boards) })
    else { return }
    boardsAt = Instant(microseconds: now.microseconds + EngineCore.boardPause)
  }

  private func show(_ name: String, _ errand: Errand, at now: Instant) -> [EngineEffect] {
    [.send(errand.client, .report(id: errand.id, board(name, at: now)))]
  }

  private mutating func sendBoards(at now: Instant) -> [EngineEffect] {
    let areDue = boardsAt.map { now >= $0 } ?? false
    let areBooksDue = bookBoardsAt.map { now >= $0 } ?? false
    guard areDue || areBooksDue else { return [] }
    if areDue { boardsAt = nil }
    if areBooksDue { bookBoardsAt = nil }
    var effects: [EngineEffect] = []
    for (id, client) in clients.sorted(by: { $0.key < $1.key }) where !client.isBehind {
      for name in client.boards where name.hasPrefix(Board.book) ? areBooksDue : areDue {
        if name == Board.alerts, !isAlertBoardNew { continue }
        effects.append(.send(id, .board(name: name, board(name, at: now))))
      }
    }
    if areDue { isAlertBoardNew = false }
    return effects + [wake(after: now)]
  }
}

// MARK: - Prices

extension EngineCore {
  private func priceBoard(at now: Instant) -> PriceBoard? {
    guard let settlement, let figures else { return nil }
    return PriceBoard(settlement: settlement, figures: figures, now: now)
  }

  private func askPrices(
    _ request: Request, _ errand: Errand, at now: Instant
  ) -> [EngineEffect] {
    guard let board = priceBoard(at: now) else { return [] }
    guard let text = request.arguments["asset"] else {
      return [.send(errand.client, .report(id: errand.id, board.prices))]
    }
    do throws(Refusal) {
      let report = board.sources(of: try priced(text))
      return [.send(errand.client, .report(id: errand.id, report))]
    } catch {
      return refuse(errand, error)
    }
  }

  /// An asset as typed: its identity, a well-known code, or a code that only one held asset has.
  private func priced(_ text: String) throws(Refusal) -> AssetID {
    guard let settlement else { throw Refusal(.locked, "the vault is locked") }
    if let asset = AssetID(text) { return settlement.links.canonical(asset) }
    let code = text.uppercased()
    let typed = AssetID.venue(venue: "user", code: code)
    let known = settlement.links.canonical(typed)
    if known != typed { return known }
    let found = settlement.heldAssets.filter { $0.ticker == code }
    guard let asset = found.first, found.count == 1 else {
      throw Refusal(
        found.isEmpty ? .notFound : .usage,
        found.isEmpty
          ? "nothing that you hold is called \(text.prefix(40))"
          : "\(text.prefix(40)) means more than one asset",
        advice: "Give an identity, as coffer positions shows them.")
    }
    return asset
  }

  /// The request with what the market says of the asset, which only the engine knows.
  private func marked(_ request: Request, at now: Instant) -> Request {
    guard let settlement, let asset = try? priced(request.arguments["asset"] ?? ""),
      let currency = Currency(request.arguments["currency"] ?? ""),
      let known = settlement.quotes.valuation(of: asset, in: currency, at: now)
    else { return request }
    let hasMarket = known.confidence != .stale && known.confidence != .stated
    var arguments = request.arguments
    arguments["market-price"] = hasMarket ? "yes" : "no"
    arguments["last-price"] = known.price.text
    return Request(request.verb, arguments)
  }
}

// MARK: - Risk

extension EngineCore {
  /// Says which boards clients look at.
  private mutating func lookAtFigures(at now: Instant) -> [EngineEffect] {
    let names = Set(clients.values.flatMap(\.boards))
    return withFigures(at: now) { figures, _ in figures.look(at: names, at: now) }
  }

  /// Takes in what was computed beside the loop.
  private mutating func take(_ result: RiskResult, at now: Instant) -> [EngineEffect] {
    guard case .answer(let work, let report) = result else {
      return withFigures(at: now) { figures, _ in figures.take(result, at: now) }
        + [wake(after: now)]
    }
    guard let errand = errands.removeValue(forKey: work) else { return [] }
    return [.send(errand.client, .report(id: errand.id, report))]
  }

  /// How many assets have returns, and how many of those; for measuring.
  var modelledRisk: (assets: Int, returns: Int) {
    (figures?.risk.model?.grid.assets.count ?? 0, figures?.risk.model?.starts.count ?? 0)
  }

  private mutating func use(_ limits: RiskLimits, at now: Instant) {
    guard var settings = figures?.risk.settings else { return }
    settings.limits = limits
    figures?.use(settings, at: now)
  }

  private mutating func askRisk(
    _ request: Request, _ errand: Errand, at now: Instant
  ) -> [EngineEffect] {
    do throws(Refusal) {
      guard let figures else { throw Refusal(.locked, "the vault is locked") }
      var renewed = figures
      renewed.renewRisk(at: now)
      self.figures = renewed
      switch try RiskAsk(request, renewed.risk, volumes: desk?.prices.volumes ?? [:], at: now).way {
      case .report(let report):
        return [.send(errand.client, .report(id: errand.id, report))]
      case .compute(let question):
        guard errands.values.count(where: { $0.client == errand.client }) < EngineCore.mostErrands
        else { throw Refusal(.busy, "too many requests at once") }
        lastWork += 1
        let work = WorkID(number: lastWork)
        errands[work] = errand
        return [.compute(.answer(work, renewed.risk.input(at: now), question))]
      }
    } catch {
      return refuse(errand, error)
    }
  }
}

// MARK: - Order books

extension EngineCore {
  /// What streams keep of books, as it is now.
  private var bookView: BookDesk.View {
    let streams = streams
    return { streams?.view(of: $0) }
  }

  /// The market and the levels that a board's name means; `nil` for another kind of board.
  private static func book(_ name: String) -> (word: MarketWord, levels: Int)? {
    guard name.hasPrefix(Board.book) else { return nil }
    let parts = name.dropFirst(Board.book.count).split(
      separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let levels = Int(parts[1]), bookLevels.contains(levels),
      parts[2].utf8.count <= mostMarketText
    else { return nil }
    return (MarketWord(venue: String(parts[0]), market: String(parts[2])), levels)
  }

  /// How many levels a side may be shown.
  static let bookLevels = 1...1_000
  /// The longest name of a market, in bytes.
  static let mostMarketText = 200

  private mutating func askBook(
    _ request: Request, _ errand: Errand, at now: Instant
  ) -> [EngineEffect] {
    do throws(Refusal) {
      let word = MarketWord(
        venue: try request.required("venue").lowercased(),
        market: try request.required("market"))
      let text = request.arguments["levels"] ?? "10"
      guard let levels = Int(text), EngineCore.bookLevels.contains(levels),
        word.market.utf8.count <= EngineCore.mostMarketText
      else { throw Refusal(.usage, "levels wants a number from 1 to 1000") }
      if mode.isOffline {
        throw Refusal(
          .forbidden, "the engine is off the network: there is no book to look at",
          advice: "Start without --offline.")
      }
      return withBooks(at: now) { books, view in
        books.ask(word, levels: levels, errand.client, errand.id, at: now, view: view)
      }
    } catch {
      return refuse(errand, error)
    }
  }

  /// Says which books clients look at.
  private mutating func lookAtBooks(at now: Instant) -> [EngineEffect] {
    if mode.isOffline { return [] }
    let names = clients.values.flatMap(\.boards)
    let words = Set(names.compactMap { EngineCore.book($0)?.word })
    return withBooks(at: now) { books, _ in books.look(at: words, now: now) }
  }

  /// Lets the books' desk do something and carries out what it wants.
  private mutating func withBooks(
    at now: Instant, _ work: (inout BookDesk, BookDesk.View) -> [BookDesk.Effect]
  ) -> [EngineEffect] {
    guard var books else { return [] }
    self.books = nil
    let wanted = work(&books, bookView)
    self.books = books
    var effects: [EngineEffect] = []
    for effect in wanted {
      switch effect {
      case .markets(let venue):
        effects += deal(at: now) { $0.lookAtMarkets(of: venue, at: now) }
      case .open(let id, let market):
        effects += withStreams(at: now) { $0.openBook(id, market, at: now) ?? [] }
      case .close(let id): effects += withStreams(at: now) { $0.closeBook(id) }
      case .fetch(let id, let market):
        effects += deal(at: now) { $0.fetchBook(id, market, levels: nil, at: now) }
      case .answer(let client, let id, let report):
        effects.append(.send(client, .report(id: id, report)))
      case .refuse(let client, let id, let refusal):
        effects.append(.send(client, .refusal(id: id, refusal)))
      }
    }
    return effects + [wake(after: now)]
  }

  /// A book that was fetched is joined to its stream, or shown as it is.
  private mutating func take(
    _ result: Result<OrderBook, VenueFault>, of id: OrderBookID, levels: Int?, at now: Instant
  ) -> [EngineEffect] {
    streams?.join(result, of: id, levels: levels, at: now)
    return showBooks(at: now) { $0.take(result, of: id, at: now, view: $1) }
  }

  /// Something of a book is new: who waits for it is answered, who looks at it is told soon.
  private mutating func showBooks(
    at now: Instant, _ work: (inout BookDesk, BookDesk.View) -> [BookDesk.Effect]
  ) -> [EngineEffect] {
    let isLookedAt = clients.values.contains { client in
      client.boards.contains { $0.hasPrefix(Board.book) }
    }
    if isLookedAt, bookBoardsAt == nil {
      bookBoardsAt = Instant(microseconds: now.microseconds + EngineCore.boardPause)
    }
    return withBooks(at: now, work)
  }
}

// MARK: - Venues

extension EngineCore {
  /// Lets the desk do something and carries out what it wants.
  private mutating func deal(
    at now: Instant, _ work: (inout SyncDesk) -> [SyncDesk.Effect]
  ) -> [EngineEffect] {
    guard var desk else { return [] }
    // Only one of them may hold the tables, or the first change would copy them.
    self.desk = nil
    let wanted = work(&desk)
    if desk.isBoardDirty {
      desk.isBoardDirty = false
      if boardsAt == nil, clients.values.contains(where: { !$0.boards.isEmpty }) {
        boardsAt = Instant(microseconds: now.microseconds + EngineCore.boardPause)
      }
    }
    let hasNewPrices = desk.hasNewMarkets
    desk.hasNewMarkets = false
    let hasOtherAbsences = desk.prices.hasOtherAbsences
    desk.prices.hasOtherAbsences = false
    self.desk = desk
    if hasOtherAbsences { explainAbsences(at: now) }
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
    return effects + [wake(after: now)]
  }

  /// Lets the streams' desk do something and carries out what it wants.
  private mutating func withStreams(
    at now: Instant, _ work: (inout StreamDesk) -> [StreamDesk.Effect]
  ) -> [EngineEffect] {
    guard var streams else { return [] }
    self.streams = nil
    let wanted = work(&streams)
    self.streams = streams
    return carryOut(wanted, at: now)
  }

  private mutating func carryOut(
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

  private mutating func hear(
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
  private mutating func wantStreams(at now: Instant) -> [EngineEffect] {
    guard let desk else { return [] }
    var accounts: [AccountID: String] = [:]
    for (id, record) in desk.records where !record.isPaused { accounts[id] = record.venue }
    let markets = desk.prices.wantedMarkets
    return withStreams(at: now) { $0.want(accounts: accounts, markets: markets, at: now) }
  }

  private var accountNames: [AccountID: String] {
    var names: [AccountID: String] = [:]
    for (id, account) in settlement?.accounts ?? [:] { names[id] = account.name }
    return names
  }

  /// Says what the key of a venue, or of an account's venue, consists of.
  private func describeVenue(_ request: Request, _ errand: Errand) -> [EngineEffect] {
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
  private mutating func tryKey(
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
  private mutating func tried(
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

  private mutating func requery(
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
  private mutating func explainAbsences(at now: Instant) {
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
  private mutating func watchPrices(at now: Instant) {
    guard let settlement, desk != nil else { return }
    let held = Set(settlement.heldAssets)
    let assets = held.isEmpty ? held : held.union(figures?.history.watched ?? [])
    desk?.watch(assets, links: settlement.links, at: now)
    desk?.backfill.currency = settlement.currency
  }
}

// MARK: - The portfolio

extension EngineCore {
  private mutating func take(_ changes: LedgerChanges, at now: Instant) -> [EngineEffect] {
    if changes.isEmpty { return [] }
    if changes.wasClosed { return close() }
    if let contents = changes.opened { return open(contents, at: now) }
    for account in changes.accounts { settlement?.take(account) }
    if let links = changes.links { settlement?.take(links) }
    if let currency = changes.currency { settlement?.take(currency) }
    if let limits = changes.riskLimits { use(limits, at: now) }
    if let watched = changes.watchedAssets { figures?.watch(watched) }
    if let venues = changes.priceVenues, !mode.isSimulated { desk?.askForPrices(at: venues) }
    for (key, holding) in changes.holdings { settlement?.take(holding, for: key) }
    for quote in changes.quotes { settlement?.take(quote) }
    breaks.merge(changes.breaks) { _, new in new }
    for (account, table) in changes.differences {
      settlement?.take(differences: table, of: account)
    }
    var figured: [EngineEffect] = []
    if changes.entries != nil || changes.links != nil || !changes.holdings.isEmpty {
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

  private mutating func open(_ contents: VaultContents, at now: Instant) -> [EngineEffect] {
    var settlement = Settlement(currency: contents.currency, links: contents.links)
    for account in contents.accounts { settlement.take(account) }
    for (key, holding) in contents.holdings { settlement.take(holding, for: key) }
    for quote in contents.quotes { settlement.take(quote) }
    for (account, table) in contents.differences {
      settlement.take(differences: table, of: account)
    }
    let whole = settlement.settle(at: now)
    self.settlement = settlement
    figures = FigureDesk(
      currency: contents.currency, isKept: contents.keepsBars, gainRules: contents.gainRules,
      benchmark: contents.benchmark, at: now)
    figures?.watch(contents.watchedAssets)
    use(contents.riskLimits, at: now)
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
    var synced = deal(at: now) { $0.take(contents.connections, at: now) }
    watchPrices(at: now)
    explainAbsences(at: now)
    synced += wantStreams(at: now)
    alerts = AlertDesk(contents.alerts, isHeld: mode.isOffline, at: now)
    lastQuote = now
    return tellStatus(except: nil)
      + [.sendAll(watchers, .snapshot(settlement.snapshot(at: now))), .runFeed(mode.isDemo)]
      + figured + synced + [wake(after: now)]
  }

  private mutating func close() -> [EngineEffect] {
    settlement = nil
    desk = nil
    let open = streams?.ids ?? []
    streams = nil
    let left = books?.waitingRequests ?? []
    books = nil
    figures = nil
    alerts = nil
    lastQuote = nil
    breaks = [:]
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
    return [.runFeed(false), .wake(nil)] + open.map { .stream(.close($0)) } + refusals
      + tellStatus(except: nil)
  }

  /// Prices wait a moment for others, so that a busy feed gives a few changes a second.
  private mutating func take(_ quotes: [Quote], at now: Instant) -> [EngineEffect] {
    guard settlement != nil else { return [] }
    for quote in quotes { settlement?.take(quote) }
    if !quotes.isEmpty { lastQuote = now }
    if settleAt == nil {
      settleAt = Instant(microseconds: now.microseconds + EngineCore.quotePause)
    }
    return [wake(after: now)]
  }

  private mutating func publish(at now: Instant) -> [EngineEffect] {
    settleAt = nil
    guard let change = settlement?.settle(at: now) else { return [wake(after: now)] }
    let receivers = watchers
    let needsReason = change.changed.contains {
      $0.absence == nil && ($0.state == .unknown || $0.state == .stale)
    }
    if needsReason { explainAbsences(at: now) }
    let figured = withFigures(at: now) {
      $0.settled($1, changed: change.changed, removed: change.removed, at: now)
    }
    return (receivers.isEmpty ? [] : [.sendAll(receivers, .change(change))]) + figured
      + [wake(after: now)]
  }

  /// Lets the figures' desk do something and carries out what it wants.
  private mutating func withFigures(
    at now: Instant, _ work: (inout FigureDesk, Settlement) -> [FigureEffect]
  ) -> [EngineEffect] {
    guard var figures, let settlement else { return [] }
    self.figures = nil
    let wanted = work(&figures, settlement)
    self.figures = figures
    return carryOut(wanted, at: now)
  }

  private mutating func carryOut(
    _ wanted: [FigureEffect], at now: Instant
  ) -> [EngineEffect] {
    var effects: [EngineEffect] = []
    for effect in wanted {
      switch effect {
      case .changed(let boards): boardsChanged(boards, at: now)
      case .volatilities(let table): settlement?.take(volatilities: table)
      case .fold(let inputs): effects.append(.gain(inputs))
      case .compute(let task): effects.append(.compute(task))
      case .keepBars(let batch, let bars): effects.append(.keepBars(batch, bars))
      case .keepWatch(let watch): effects.append(.keepWatch(watch))
      case .readWatch: effects.append(.readWatch)
      case .readBars(let assets, let currency, let afterWrites):
        effects.append(.readBars(assets, currency, afterWrites: afterWrites))
      case .finding(let finding): effects += withAlerts(at: now) { $0.take(finding, at: now) }
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
  private func wake(after now: Instant) -> EngineEffect {
    let stale = settlement?.nextStale(after: now).map {
      Instant(microseconds: max($0.microseconds, now.microseconds) + 1_000)
    }
    return .wake(
      [
        settleAt, stale, boardsAt, bookBoardsAt, desk?.wakeAt, streams?.wakeAt, books?.wakeAt,
        figures?.wakeAt(after: now), alertsDue(after: now),
      ].compactMap { $0 }.min())
  }
}

// MARK: - Alerts

extension EngineCore {
  /// Lets the alerts' desk do something and carries out what it wants.
  private mutating func withAlerts(
    at now: Instant, _ work: (inout AlertDesk) -> [AlertDesk.Effect]
  ) -> [EngineEffect] {
    guard var alerts else { return [] }
    self.alerts = nil
    let wanted = work(&alerts)
    let isNew = alerts.isDirty
    alerts.isDirty = false
    self.alerts = alerts
    if isNew {
      isAlertBoardNew = true
      boardsChanged([Board.alerts], at: now)
    }
    var effects: [EngineEffect] = []
    for effect in wanted {
      switch effect {
      case .store(let number, let batch): effects.append(.storeAlerts(number, batch))
      case .send(let delivery, let sink): effects.append(.deliver(delivery, sink))
      case .answer(let client, let id, let report):
        effects.append(.send(client, .report(id: id, report)))
      case .refuse(let client, let id, let refusal):
        effects.append(.send(client, .refusal(id: id, refusal)))
      case .feedback(let feedback): figures?.take(feedback, at: now)
      }
    }
    return wanted.isEmpty && !isNew ? [] : effects + [wake(after: now)]
  }

  /// Looks at all figures where that is due, and does what time brings.
  private mutating func lookForAlerts(at now: Instant) -> [EngineEffect] {
    guard let desk = alerts else { return [] }
    let isMoved = desk.lookedAt.map { looked in (lastQuote ?? looked) > looked } ?? true
    guard desk.wantsLook(at: now, isMoved: isMoved), let view = figureView(at: now) else {
      return withAlerts(at: now) { $0.tick(at: now) }
    }
    let seen = FigureSource.observations(view)
    return withAlerts(at: now) { $0.observe(seen, at: now) + $0.tick(at: now) }
      + [wake(after: now)]
  }

  private func figureView(at now: Instant) -> FigureView? {
    guard let settlement else { return nil }
    let accounts = desk?.accountsBoard(names: accountNames, breaks: breaks, at: now) ?? Report()
    let asks = !mode.isOffline && desk?.prices.watchedAssets.isEmpty == false
    let sinks = (alerts?.outbox.sinks.keys.sorted() ?? []).map { name in
      (name: name, since: alerts?.outbox.oldestWaiting(for: name, at: now))
    }
    return FigureView(
      snapshot: settlement.snapshot(at: now),
      dollars: { settlement.quotes.valuation(of: $0, in: .usDollar, at: now) },
      accounts: accounts, breaks: breaks, refused: status.refused,
      lastQuote: asks ? lastQuote : nil, risk: figures.map { RiskView($0.risk) }, sinks: sinks,
      now: now)
  }

  /// When alerts want to be looked at: soon while prices move, now and then where ages do.
  private func alertsDue(after now: Instant) -> Instant? {
    guard let alerts else { return nil }
    guard let looked = alerts.lookedAt else { return Instant(microseconds: now.microseconds + 1) }
    var times = [alerts.wakeAt(after: now)].compactMap { $0 }
    if let lastQuote, lastQuote > looked {
      times.append(Instant(microseconds: looked.microseconds + AlertDesk.pause))
    } else if desk?.records.isEmpty == false {
      times.append(Instant(microseconds: looked.microseconds + AlertDesk.agePause))
    }
    return times.min()
  }

  private mutating func askAlerts(
    _ request: Request, _ errand: Errand, at now: Instant
  ) -> [EngineEffect] {
    guard let desk = alerts else { return [] }
    let report: Report
    switch request.verb {
    case "alerts":
      report = desk.list(withResolved: request.arguments["all"] == "yes", at: now)
    case "alert-rules": report = desk.rules(at: now)
    case "alert-sinks": report = desk.sinks(at: now)
    case "alert-figures": report = AlertReports.figures
    case "alert-sink-test":
      if mode.isOffline {
        return refuse(errand, Refusal(.forbidden, "the engine is off the network"))
      }
      let name = request.arguments["name"] ?? ""
      return withAlerts(at: now) { $0.test(name, errand.client, errand.id, at: now) }
    default:
      return withAlerts(at: now) { $0.perform(request, errand.client, errand.id, at: now) }
    }
    return [.send(errand.client, .report(id: errand.id, report))]
  }

  /// The question for one alert with the alert as it is now, where it is at hand.
  private func withAlert(_ request: Request) -> Request {
    guard let text = request.arguments["id"], let id = Int(text), let alert = alerts?.book.alert(id)
    else { return request }
    var arguments = request.arguments
    arguments["kept"] = alert.kept
    return Request(request.verb, arguments)
  }
}
