import Alerts
import Cipher
import Dispatch
import Glibc
import Ledger
import Logging
import Vault
import Wire

// What the vault does for alerts.

extension VaultWorker {
  /// Writes what happened to alerts; its end comes as an event.
  func store(_ number: Int, _ batch: AlertBatch) {
    writing.async { [self] in
      do {
        try vault.keep(batch, by: VaultWorker.alerts)
        inbox.post(.alertsStored(number))
      } catch {
        log.error("alerts were not stored", metadata: ["fault": "\(error)"])
        inbox.post(.alertsUnstored(number))
      }
    }
  }

  private static var alerts: Attribution {
    Attribution(uid: getuid(), user: "alerts", time: EngineLoop.now)
  }

  /// What was kept of alerts; the secrets of sinks go to the post.
  func alertContents() throws -> AlertContents {
    let reader = try reader
    var contents = AlertContents()
    contents.settings = AlertFile.standard { access($0, F_OK) == 0 }
    contents.states = try reader.alertStates()
    contents.waiting = try reader.waitingDeliveries().compactMap { Delivery(kept: $0) }
    contents.lastDelivery = try reader.lastDelivery()
    contents.sinks = try sinkList()
    for sink in contents.sinks {
      do {
        guard let secret = try vault.sinkSecret(sink.name) else { continue }
        courier.post.take(secret.withBytes { Array($0) }, of: sink.name)
      } catch {
        log.warning("a sink's secret was not opened", metadata: ["sink": "\(sink.name)"])
      }
    }
    return contents
  }

  private func sinkList() throws -> [Sink] {
    try reader.alertSinks().compactMap { Sink($0.name, kind: $0.kind, kept: $0.settings) }
  }

  /// Adds or changes a sink.
  func addSink(_ request: Request) throws -> WorkResult {
    let name = try request.required("name")
    guard let kind = Sink.Kind(rawValue: try request.required("kind")) else {
      let all = Sink.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw Refusal(.usage, "a sink is one of \(all)")
    }
    var sink = Sink(name, kind)
    let arguments = ["url", "chat", "from", "to", "login", "plain"]
    for key in arguments { sink.settings[key] = request.arguments[key] }
    if let text = request.arguments["least"] {
      guard let least = Severity(text) else {
        throw Refusal(.usage, "least is info, warning or critical")
      }
      sink.least = least
    }
    if let text = request.arguments["amounts"] {
      guard let policy = AmountPolicy(rawValue: text) else {
        throw Refusal(.usage, "amounts is withheld or shown")
      }
      sink.amounts = policy
    }
    if let fault = sink.fault { throw Refusal(.usage, fault, advice: "See coffer-alerts(7).") }
    let typed = request.secrets.first ?? []
    if typed.isEmpty, !kind.isSecretOptional {
      throw Refusal(.usage, "\(kind.rawValue) wants its \(kind.secretLabel ?? "secret")")
    }
    guard try sinkList().count < VaultWorker.mostSinks else {
      throw Refusal(.usage, "there are \(VaultWorker.mostSinks) sinks already")
    }
    try check(sink, typed)
    let secret = typed.isEmpty ? nil : try request.secret(0)
    try vault.setSink(
      name, kind: kind.rawValue, settings: sink.kept, secret: secret, by: request.author)
    courier.post.forget(name)
    if !typed.isEmpty { courier.post.take(typed, of: name) }
    return WorkResult(
      answer: .report(
        Report(facts: [
          .init("sink", .text(name)), .init("kind", .text(kind.rawValue)),
          .init("least", .text(sink.least.text)), .init("amounts", .text(sink.amounts.rawValue)),
        ])), changes: LedgerChanges(alertSinks: try sinkList()))
  }

  /// The most sinks.
  static let mostSinks = 32

  /// A message that is only made tells whether the settings and the secret can be used.
  private func check(_ sink: Sink, _ secret: [UInt8]) throws(Refusal) {
    let notice = Notice(
      key: "check", group: "check", action: .trigger, severity: .info, title: AlertText("check"),
      time: EngineLoop.now)
    let context = SinkContext(
      secret: secret, now: EngineLoop.now, host: "", vault: "", tools: .openSSL)
    do throws(SinkFault) {
      _ = try sink.request(for: Delivery(test: 0, sink: sink.name, notice: notice), context)
    } catch { throw Refusal(.usage, error.reason) }
  }

  /// Takes a sink away.
  func removeSink(_ request: Request) throws -> WorkResult {
    let name = try request.required("name")
    try vault.removeSink(name, by: request.author)
    courier.post.forget(name)
    return WorkResult(
      answer: .report(Report(facts: [.init("removed", .text(name))])),
      changes: LedgerChanges(alertSinks: try sinkList()))
  }

  /// Reads the user's rules again.
  func reloadAlerts() throws -> WorkResult {
    let path = AlertFile.path()
    let settings = access(path, F_OK) == 0 ? try AlertFile.read(path) : AlertSettings()
    return WorkResult(
      answer: .report(AlertReports.rules(settings)),
      changes: LedgerChanges(alertSettings: settings))
  }

  /// An alert as it is, or as it was last written, with all that happened to it.
  func alertReport(_ request: Request) throws -> Report {
    let text = try request.required("id")
    guard let id = Int(text) else { throw Refusal(.usage, "\(text.prefix(20)) is no number") }
    let records = try reader.alertRecords(of: id)
    let now = EngineLoop.now
    let kept = request.arguments["kept"] ?? records.last?.text ?? ""
    guard let alert = Alert(kept: kept) else {
      throw Refusal(.notFound, "there is no alert \(id)", advice: "See: coffer alerts --all")
    }
    var report = AlertReports.one(alert, at: now)
    report.tableName = "events"
    report.columns = ["time", "event", "by", "note"]
    report.rows = records.map { record in
      [
        .text(record.time.description), .text(record.kind), .text(record.author),
        .text(record.note),
      ]
    }
    return report
  }
}
