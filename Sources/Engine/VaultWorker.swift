import Amounts
import Cipher
import Dispatch
import Glibc
import Imports
import Ledger
import Link
import Logging
import Portfolio
import Prices
import SimulatedVenues
import Simulator
import Synchronization
import Vault
import Wire

/// Does what a vault is asked to, on three queues: one writes, one reads beside it, one folds figures.
///
/// It changes nothing of the engine: what came of a work goes into the inbox.
final class VaultWorker: Sendable {
  let options: EngineOptions
  let inbox: Inbox
  let courier: Courier
  let log: Logger
  let writing = DispatchQueue(label: "coffer.vault.writer")
  let reading = DispatchQueue(label: "coffer.vault.reader")
  let figuring = DispatchQueue(label: "coffer.vault.figures")
  /// What the figures' queue keeps; it alone takes it.
  let figures = Mutex(GainsMemory())
  private let epoch = Mutex(0)
  private let computing = DispatchQueue(label: "coffer.figures", qos: .utility)
  private let open = Mutex<OpenVault?>(nil)
  private let cancelled = Mutex<Set<WorkID>>([])

  init(_ options: EngineOptions, inbox: Inbox, courier: Courier, log: Logger) {
    self.options = options
    self.inbox = inbox
    self.courier = courier
    self.log = log
  }

  /// Starts a work; its end comes as an event.
  func start(_ work: Work, _ id: WorkID) {
    let queue: DispatchQueue
    switch work {
    case .figure(let request, let inputs): return figure(request, inputs, id)
    case .request(_, let spec): queue = spec.lane == .write ? writing : reading
    case .connect, .strike: queue = writing
    case .strikes, .page: queue = reading
    }
    queue.async { [self] in
      let result = isCancelled(id) ? .refused(.cancelled, "it was cancelled") : carryOut(work, id)
      endOfWork(id)
      inbox.post(.finished(id, result))
    }
  }

  /// Computes figures that need no vault; they come as an event.
  func compute(_ task: RiskTask) {
    computing.async { [self] in inbox.post(.computed(task.run())) }
  }

  /// Asks a work to stop; it does at its next pause.
  func cancel(_ id: WorkID) {
    cancelled.withLock { _ = $0.insert(id) }
  }

  func endOfWork(_ id: WorkID) { cancelled.withLock { _ = $0.remove(id) } }

  func isCancelled(_ id: WorkID) -> Bool { cancelled.withLock { $0.contains(id) } }

  /// Ends: what is being written is finished or taken back, and the vault is closed.
  func shutDown() {
    isEnding.withLock { $0 = true }
    figuring.sync {}
    reading.sync {}
    writing.sync {
      do { try closeVault() } catch {
        log.error("the vault was not closed cleanly", metadata: ["fault": "\(error)"])
      }
    }
    if let world = demoWorld.withLock({ $0 }) { DemoWorld.stop(world) }
    if options.isDemo { DemoVault.remove(options.place) }
  }

  private let isEnding = Mutex(false)
  private let demoWorld = Mutex<SimulatedWorld?>(nil)

  /// Whether a long work should stop now.
  func shouldStop(_ id: WorkID) -> Bool { isEnding.withLock { $0 } || isCancelled(id) }

  /// Grows with every vault that is closed: what was begun before is of no use any more.
  var figureEpoch: Int { epoch.withLock { $0 } }

  /// Whether figures that were begun in an epoch are wanted by nobody.
  func isOver(_ begun: Int) -> Bool { isEnding.withLock { $0 } || begun != figureEpoch }

  private func carryOut(_ work: Work, _ id: WorkID) -> WorkResult {
    do {
      switch work {
      case .figure: throw Refusal(.system, "figures have a queue of their own")
      case .page(let query): return try page(query, id)
      case .strikes(let held): return .report(try strikesReport(held: held))
      case .strike(let request, let reach):
        log.info("request", metadata: ["verb": "\(request.verb)"])
        return try makeStrike(request, reach)
      case .connect(let request, let connection):
        log.info("request", metadata: ["verb": "\(request.verb)"])
        return try connect(request, connection)
      case .request(let request, let spec):
        log.info("request", metadata: ["verb": "\(spec.name)"])
        return try carryOut(request, id)
      }
    } catch let refusal as Refusal {
      return WorkResult(answer: .refusal(refusal))
    } catch let fault as VaultFault {
      log.warning("vault fault", metadata: ["fault": "\(fault)"])
      return WorkResult(answer: .refusal(Refusal(fault)))
    } catch {
      log.error("unexpected fault", metadata: ["fault": "\(error)"])
      return .refused(.system, "an unexpected fault: \(error)")
    }
  }

  private func carryOut(_ request: Request, _ id: WorkID) throws -> WorkResult {
    switch request.verb {
    case "unlock": return try unlock(request)
    case "lock": return try lock()
    case "import": return try importFile(request, id)
    case "watch": return try watch(request)
    case "name-token": return try nameToken(request)
    case "disconnect": return try disconnect(request)
    case "pause": return try setPaused(request, true)
    case "resume": return try setPaused(request, false)
    case "alert": return .report(try alertReport(request))
    case "alert-reload": return try reloadAlerts()
    case "alert-sink-add": return try addSink(request)
    case "alert-sink-remove": return try removeSink(request)
    case "breaks": return .report(try breaksReport(request))
    case "imports": return .report(try importsReport())
    case "refused": return .report(try refusedReport(request))
    case "dismiss": return try dismiss(request)
    case "accounts": return .report(try accountsReport())
    case "set-book": return try setBook(request)
    case "rename-account": return try renameAccount(request)
    case "set-currency": return try setCurrency(request)
    case "set-gains": return try setGains(request)
    case "unpick-lots": return try unpickLots(request)
    case "stand-lots": return try standLots(request)
    case "standing-lots": return .report(try instructionsReport(request))
    case "benchmark": return try showBenchmark()
    case "set-benchmark": return try setBenchmark(request)
    case "set-price": return try setPrice(request)
    case "strike": return .report(try strikeReport(request))
    case "cut-off": return try showCutOff()
    case "set-idle-lock": return try setIdleLock(request)
    case "set-cut-off": return try setCutOff(request)
    case "approve-price": return try approvePrice(request)
    case "withdraw-price": return try withdrawPrice(request)
    case "price-statements": return .report(try statementsReport())
    case "price-history": return .report(try historyReport(request))
    case "price-venues": return try listPriceVenues()
    case "set-risk-limits": return try setRiskLimits(request)
    case "risk-settings": return .report(try riskChoice().report)
    case "set-risk": return try setRisk(request)
    case "liquidation": return try listLiquidation()
    case "set-price-venues": return try setPriceVenues(request)
    case "link-asset": return try linkAsset(request)
    case "unlink-asset": return try unlinkAsset(request)
    case "judge-asset": return try judgeAsset(request)
    case "links": return .report(try linksReport())
    case "adjust": return try adjust(request)
    case "entry": return .report(try entryReport(request))
    case "export": return .report(try export(request, id))
    case "backup": return .report(try backup(request, id))
    case "slots": return .report(try slotsReport())
    case "add-slot": return .report(try addSlot(request))
    case "add-recovery": return .report(try addRecovery(request))
    case "remove-slot": return .report(try removeSlot(request))
    case "change-slot": return .report(try changeSlot(request))
    case "rotate": return .report(try rotate(request, id))
    case "audit-status": return .report(try auditStatus())
    case "audit-verify": return .report(try auditVerify())
    case "audit-export": return .report(try auditExport(request))
    case "check": return .report(try check(id))
    default: throw Refusal(.usage, "no such request: \(request.verb)")
    }
  }
}

// MARK: - The open vault

/// A vault that is open.
///
/// `vault` is touched on the writer's queue only, which is why it may cross between threads here.
struct OpenVault: @unchecked Sendable {
  let vault: Vault
  var reader: VaultReader
}

extension VaultWorker {
  /// The vault, on the writer's queue only.
  var vault: Vault {
    get throws(Refusal) { try opened.vault }
  }

  /// The vault's reader, on either queue.
  var reader: VaultReader {
    get throws(Refusal) { try opened.reader }
  }

  private var opened: OpenVault {
    get throws(Refusal) {
      guard let found = open.withLock({ $0 }) else {
        throw Refusal(.locked, "the vault is locked", advice: "Run: coffer unlock")
      }
      return found
    }
  }

  /// Takes a vault that was opened and says what is in it.
  func take(_ vault: Vault) throws -> VaultContents {
    let reader = vault.reader
    open.withLock { $0 = OpenVault(vault: vault, reader: reader) }
    try unsealKeys()
    return VaultContents(
      currency: try reader.setting("currency").flatMap { Currency($0) } ?? .usDollar,
      links: reader.links, accounts: reader.accounts, holdings: try reader.holdings(),
      quotes: try reader.quotes(), entries: try reader.entryCount(),
      refused: try reader.refused(limit: 0).total, priceVenues: try priceVenues(),
      gainRules: try gainRules(),
      benchmark: try reader.setting(BenchmarkBlend.setting).flatMap { BenchmarkBlend($0) },
      riskLimits: try riskLimits(), assetWords: try assetWords(), riskChoice: try riskChoice(),
      strikePlan: try strikePlan(), idleLock: try idleLock(),
      connections: try followed(), limits: try reader.limits(),
      breaks: try openBreaks(), differences: try openDifferences(),
      watchedAssets: try watchedAssets(), keepsBars: true,
      alerts: try alertContents(),
      coverage: try reader.barCoverage())
  }

  func closeVault() throws {
    guard
      let found = open.withLock({ open in
        defer { open = nil }
        return open
      })
    else { return }
    try found.vault.close()
  }

  private func unlock(_ request: Request) throws -> WorkResult {
    if open.withLock({ $0 != nil }) { return .report(Report()) }
    var settings = Vault.Options(anchorFolder: options.place.anchors)
    settings.acceptsRollback = request.arguments["accept-rollback"] == "yes"
    let secret = SlotSecret(typed: try request.secret(0))
    let vault = try Vault.open(
      at: options.place.vault, secret: secret, options: settings, by: request.author)
    do {
      return WorkResult(
        answer: .report(Report(facts: [.init("unlocked", .flag(true))])),
        changes: LedgerChanges(opened: try take(vault)))
    } catch {
      // A vault that cannot be read is not open; every page is looked at to say which is damaged.
      try closeVault()
      throw Vault.diagnose(at: options.place.vault, secret: secret, options: settings) ?? error
    }
  }

  private func lock() throws -> WorkResult {
    // Readers finish first: they hold pages that the keys belong to.
    epoch.withLock { $0 += 1 }
    figuring.sync { figures.withLock { $0 = GainsMemory() } }
    reading.sync {}
    courier.forgetAll()
    try closeVault()
    return WorkResult(answer: .report(Report()), changes: LedgerChanges(wasClosed: true))
  }

  /// Makes and opens the demonstration's vault.
  func openDemo() {
    writing.async { [self] in
      do {
        let now = EngineLoop.now
        let world = DemoWorld.make(at: now)
        let hosts = try DemoWorld.start(world)
        demoWorld.withLock { $0 = world }
        courier.redirect(hosts)
        let vault = try DemoVault.make(options.place, world: world, now: now)
        var contents = try take(vault)
        // The first view is in order of value at once.
        var market = DemoWorld.market(at: now)
        contents.quotes += market.opening(at: now)
        inbox.post(.changed(LedgerChanges(opened: contents)))
      } catch {
        log.error("no demonstration", metadata: ["fault": "\(error)"])
        inbox.post(.stopAsked("the demonstration could not be made: \(error)"))
      }
    }
  }

  /// Does something of the writer's while no reader is at work.
  func withoutReaders<Value>(_ work: () throws -> Value) rethrows -> Value {
    try figuring.sync { try reading.sync(execute: work) }
  }

  /// The reader after the vault's file was replaced by a rotation.
  func renewReader() {
    open.withLock { open in
      guard let vault = open?.vault else { return }
      open?.reader = vault.reader
    }
  }

  private func page(_ query: LedgerQuery, _ id: WorkID) throws -> WorkResult {
    let page = try reader.entries(
      EntryQuery(
        asset: query.asset, account: query.account, text: query.text, offset: query.offset,
        limit: query.limit), isCancelled: { self.shouldStop(id) })
    return WorkResult(
      answer: .page(LedgerPage(query: query, total: page.total, entries: page.entries)))
  }
}

extension WorkResult {
  /// An answer that changes nothing.
  static func report(_ report: Report) -> WorkResult { WorkResult(answer: .report(report)) }

  /// A refusal.
  static func refused(_ code: Refusal.Code, _ message: String) -> WorkResult {
    WorkResult(answer: .refusal(Refusal(code, message)))
  }
}

extension Refusal {
  /// A vault's fault in the words of the wire.
  init(_ fault: VaultFault) {
    let code: Refusal.Code =
      switch fault {
      case .wrongSecret: .wrongSecret
      case .missing, .notFound: .notFound
      case .exposed, .foreignOwner: .forbidden
      case .inUse: .busy
      case .alteredHeader, .wrongKey, .truncated, .damagedPage, .damaged, .rolledBack,
        .alteredAnchor, .newerSchema, .brokenAudit, .notABackup:
        .damaged
      case .exists, .refused: .usage
      case .diskFull, .system, .crypto: .system
      }
    self.init(code, fault.sentence, advice: fault.advice)
  }
}

extension Request {
  /// An argument that must be there.
  func required(_ name: String) throws(Refusal) -> String {
    guard let value = arguments[name], !value.isEmpty else {
      throw Refusal(.usage, "\(verb) wants \(name)")
    }
    return value
  }

  /// Who asks, for the audit log; only processes of the engine's own user can ask.
  var author: Attribution {
    Attribution(
      uid: getuid(), user: arguments["user"] ?? Request.ownerName, time: EngineLoop.now)
  }

  /// The name of the user whose engine this is.
  private static let ownerName: String = {
    guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else {
      return "uid \(getuid())"
    }
    return String(cString: name)
  }()

  /// A secret, in locked memory.
  func secret(_ index: Int) throws -> SecretBytes {
    var bytes = secrets[index]
    return try SecretBytes(consuming: &bytes)
  }
}
