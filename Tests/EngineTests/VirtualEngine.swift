import Amounts
import Cipher
import Encodings
import Ledger
import Prices
import Sync
import Transport
import Vault
import VenueKit
import Venues
import Wire

@testable import Engine
@testable import Simulator

/// An engine's core with one client, in front of simulated venues, on a clock of its own.
final class VirtualEngine {
  private enum Coming {
    case event(EngineEvent)
    case frames(StreamID, [WebSocketEvent])
  }

  static let client = ClientID(number: 1)
  /// How long everything is under way, in microseconds.
  private static let latency: Int64 = 20_000

  private(set) var now = Instant(seconds: 1_767_225_600)
  private var core: EngineCore
  private(set) var dialects: [String: any SimulatedDialect] = [:]
  private var streams: [StreamID: (venue: String, stream: SimulatedStream)] = [:]
  private var coming: [(at: Instant, what: Coming)] = []
  private var wakeAt: Instant?
  /// What goes wrong with streams.
  var faults = FaultPlan()
  /// What the client was told, oldest first.
  private(set) var said: [EngineMessage] = []
  /// The paths of the calls that went out.
  private(set) var calls: [String] = []
  /// Bars that are kept, and what venues were asked for.
  private(set) var bars: [BarRecord] = []
  private(set) var coverage: [BarCoverage] = []
  /// What a call's answer is instead; `nil` for the venue's own.
  var spoil: (FetchJob) -> FetchResult? = { _ in nil }
  /// The cut-offs whose strikes were to be made, and when.
  private(set) var strikes: [(cutoff: Instant, at: Instant)] = []
  /// When the vault was asked to close, and whether it does not.
  private(set) var locks: [Instant] = []
  var refusesLock = false
  /// How things stood when that was told last.
  private(set) var lastStatus: EngineStatus?
  /// How many streams were opened.
  private(set) var openings = 0

  init(
    _ venues: [String], mode: EngineCore.Mode = .init(), contents: VaultContents = .nothing
  ) {
    core = EngineCore(vault: "test", mode: mode)
    let settings = DialectSettings(
      seed: 3, events: 5, opening: now, tools: .openSSL,
      check: KeyCheck(ecdsaP256: { _, _, _ in false }, ed25519: { _, _, _ in false }))
    for venue in venues {
      switch venue {
      case "binance": dialects[venue] = BinanceDialect(settings)
      case "bitfinex": dialects[venue] = BitfinexDialect(settings)
      case "coinbase": dialects[venue] = CoinbaseDialect(settings)
      case "htx": dialects[venue] = HTXDialect(settings)
      default: dialects[venue] = KrakenDialect(settings)
      }
    }
    handle(.connected(VirtualEngine.client))
    say(.hello(version: ClientMessage.version, isReadOnly: false))
    handle(.changed(LedgerChanges(opened: contents)))
  }

  /// How many streams are open.
  var openStreams: Int { streams.count }

  func say(_ message: ClientMessage) { handle(.said(VirtualEngine.client, message)) }

  func happen(_ event: EngineEvent) { handle(event) }

  func leave() { handle(.disconnected(VirtualEngine.client)) }

  /// Takes out what the client was told.
  func heard() -> [EngineMessage] {
    defer { said = [] }
    return said
  }

  /// The answer to a request; `nil` where none comes within a time.
  func answer(_ request: Request, id: UInt64, within seconds: Double = 15) -> EngineMessage? {
    say(.request(id: id, request))
    let end = now.microseconds + Int64(seconds * 1_000_000)
    while now.microseconds <= end {
      for message in heard() {
        switch message {
        case .report(id, _), .refusal(id, _): return message
        default: continue
        }
      }
      step()
    }
    return nil
  }

  func run(seconds: Double) {
    let end = now.microseconds + Int64(seconds * 1_000_000)
    while now.microseconds < end { step() }
  }

  /// The book of a market in the venues' truth at a state of it, so many levels a side.
  func truth(_ venue: String, _ base: String, _ quote: String, moment: Int64, depth: Int)
    -> SimulatedBook?
  {
    guard let exchange = dialects[venue]?.exchange,
      let market = exchange.listing.markets.first(where: { $0.base == base && $0.quote == quote })
    else { return nil }
    return exchange.book(market, moment: moment, depth: depth)
  }

  // MARK: - The world

  /// Ten milliseconds.
  private func step() {
    now = Instant(microseconds: now.microseconds + 10_000)
    while let first = coming.first, first.at <= now {
      coming.removeFirst()
      switch first.what {
      case .event(let event): handle(event)
      case .frames(let id, let events): if streams[id] != nil { deliver(events, id) }
      }
    }
    if now.microseconds % 50_000 == 0 { pulse() }
    if let due = wakeAt, due <= now {
      wakeAt = nil
      handle(.timer)
    }
  }

  private func pulse() {
    for (id, open) in streams.sorted(by: { $0.key < $1.key }) {
      var stream = open.stream
      let frames = dialects[open.venue]?.pulse(&stream, at: now) ?? []
      let arriving = faults.spoiled(frames, &stream)
      streams[id]?.stream = stream
      send(arriving, id)
    }
  }

  private func send(_ frames: [StreamFrame], _ id: StreamID) {
    let events = frames.compactMap { frame -> WebSocketEvent? in
      switch frame {
      case .text(let text): .text(text)
      case .binary(let bytes): .binary(bytes)
      case .ping: nil
      case .close(let code): .closed(code: code, reason: "")
      }
    }
    if !events.isEmpty { later(.frames(id, events)) }
  }

  private func deliver(_ events: [WebSocketEvent], _ id: StreamID) {
    let end = events.firstIndex { $0.isLast } ?? events.endIndex
    let upToEnd = Array(events[...min(end, events.count - 1)])
    if end < events.endIndex { streams[id] = nil }
    handle(.heard(id, upToEnd))
  }

  private func later(_ what: Coming) {
    coming.append((Instant(microseconds: now.microseconds + VirtualEngine.latency), what))
  }

  private func handle(_ event: EngineEvent) {
    for effect in core.handle(event, at: now) {
      switch effect {
      case .send(_, let message), .sendAll(_, let message):
        said.append(message)
        if case .status(let status) = message { lastStatus = status }
      case .work(let id, .request(let request, _)) where request.verb == "lock":
        locks.append(now)
        var changes = LedgerChanges()
        changes.wasClosed = !refusesLock
        let answer = WorkResult.Answer.report(Report())
        later(.event(.finished(id, WorkResult(answer: answer, changes: changes))))
      case .wake(let instant): wakeAt = instant
      case .fetch(let job): fetch(job)
      case .keepBars(let batch, let records):
        bars += records
        later(.event(.barsKept(batch, isWritten: true)))
      case .keepCandles(let records, let told):
        bars += records
        coverage += told
      case .readBars(let assets, let currency, _):
        later(.event(.barsRead(assets, history(of: assets, currency))))
      case .storeSync(let batch): later(.event(.synced(batch: batch.id, LedgerChanges())))
      case .storeAlerts(let number, _): later(.event(.alertsStored(number)))
      case .stream(let effect): carryOut(effect)
      case .strike(let cutoff): strikes.append((cutoff, now))
      case .compute(let task): later(.event(.computed(task.run())))
      default: break
      }
    }
  }

  private func carryOut(_ effect: StreamDesk.Effect) {
    switch effect {
    case .open(let id, let url, _):
      openings += 1
      let request = SimulatedRequest(OutgoingRequest(method: "GET", url: url))
      for venue in dialects.keys.sorted()
      where dialects[venue]?.hosts.contains(request.host) == true {
        guard let stream = dialects[venue]?.open(request, at: now) else { continue }
        streams[id] = (venue, stream)
        return later(.frames(id, [.opened(subprotocol: nil)]))
      }
      handle(.heard(id, [.failed(TransportFault(.dns, host: "?", mayHaveBeenSent: false))]))
    case .say(let id, let text):
      guard let open = streams[id] else { return }
      var stream = open.stream
      let frames = dialects[open.venue]?.receive(text, &stream, at: now) ?? []
      let arriving = faults.spoiled(frames, &stream)
      streams[id]?.stream = stream
      send(arriving, id)
    case .close(let id): streams[id] = nil
    case .openSigned, .logIn, .token, .fetchBook: break
    }
  }

  /// What is kept of assets in one currency.
  private func history(of assets: Set<AssetID>, _ currency: Currency) -> BarHistory {
    var history = BarHistory(currency: currency)
    for record in bars.sorted(by: { $0.bar.start < $1.bar.start })
    where assets.contains(record.asset) && record.currency == currency {
      history.bars[record.asset, default: [:]][record.length, default: []].append(record.bar)
      guard record.length == .day else { continue }
      history.closes[record.asset, default: DayCloses()].append(
        record.bar.close, on: DayCloses.day(of: record.bar.start))
    }
    return history
  }

  private func fetch(_ job: FetchJob) {
    calls.append(job.call.path)
    if let result = spoil(job) { return later(.event(.fetched(job.ticket, result))) }
    do throws(VenueFault) {
      guard let venue = Venue.named(job.venue) else { throw .unsupported(job.venue) }
      var request = try venue.request(
        job.call, credentials: .none, moment: Moment(time: now, uuid: ""), tools: .openSSL)
      request.headers += job.conditions
      let asked = SimulatedRequest(request)
      guard let response = dialects[job.venue]?.handle(asked, at: now).validated(for: asked) else {
        throw .unsupported(job.venue)
      }
      let headers = response.headers.map { ($0.name.lowercased(), $0.value) }
      let answer = IncomingAnswer(
        status: response.status, headers: headers, body: response.body)
      later(.event(.fetched(job.ticket, .answered(answer))))
    } catch {
      later(.event(.fetched(job.ticket, .failed(wasSent: false, error))))
    }
  }
}

extension VaultContents {
  /// A vault in which nothing is.
  static let nothing = VaultContents(
    currency: .usDollar, links: AssetLinks(), accounts: [], holdings: [:], quotes: [], entries: 0,
    refused: 0)
}
