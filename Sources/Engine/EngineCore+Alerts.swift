import Alerts
import Amounts
import Ledger
import Portfolio
import Prices
import Wire

extension EngineCore {
  /// Lets the alerts' desk do something and carries out what it wants.
  mutating func withAlerts(
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
  ///
  /// - Parameter now: When.
  /// - Returns: What is to be done.
  mutating func lookForAlerts(at now: Instant) -> [EngineEffect] {
    guard let desk = alerts else { return [] }
    let isMoved = desk.lookedAt.map { looked in (lastQuote ?? looked) > looked } ?? true
    guard desk.wantsLook(at: now, isMoved: isMoved), settlement != nil else {
      return withAlerts(at: now) { $0.tick(at: now) }
    }
    guard let view = figureView(at: now) else { return [] }
    let seen = FigureSource.observations(view, for: desk.book.rules)
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
      heldStrikes: strikes?.held, now: now)
  }

  /// When alerts want to be looked at: soon while prices move, now and then where ages do.
  func alertsDue(after now: Instant) -> Instant? {
    guard let alerts else { return nil }
    guard let looked = alerts.lookedAt else { return Instant(microseconds: now.microseconds + 1) }
    var times = [alerts.wakeAt(after: now)].compactMap { $0 }
    if let lastQuote, lastQuote > looked {
      times.append(Instant(microseconds: looked.microseconds + AlertDesk.pause))
    } else if desk?.records.isEmpty == false || strikes != nil {
      times.append(Instant(microseconds: looked.microseconds + AlertDesk.agePause))
    }
    return times.min()
  }

  mutating func askAlerts(
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
  func withAlert(_ request: Request) -> Request {
    guard let text = request.arguments["id"], let id = Int(text), let alert = alerts?.book.alert(id)
    else { return request }
    var arguments = request.arguments
    arguments["kept"] = alert.kept
    return Request(request.verb, arguments)
  }
}
