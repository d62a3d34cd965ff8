import Alerts
import Ledger
import Wire

/// Alerts, rules and sinks as reports.
enum AlertReports {
  /// The most alerts that are over on a board.
  static let mostResolved = 50
  /// The most alerts of all on a board.
  static let mostRows = 250

  private static func time(_ time: Instant?) -> ReportCell {
    time.map { .integer($0.microseconds) } ?? .none
  }

  /// The word for how an alert stands now.
  static func state(_ alert: Alert, at now: Instant) -> String {
    alert.isOpen && alert.isSnoozed(at: now) ? "snoozed" : alert.state.rawValue
  }

  /// Everything that the screen shows, with the explanation of each alert.
  static func board(_ desk: AlertDesk, at now: Instant) -> Report {
    let book = desk.book
    let open = book.openAlerts
    let rows = (open + book.resolvedAlerts.prefix(mostResolved)).prefix(mostRows)
    let quiet = desk.settings.quiet
    let end = quiet.flatMap { $0.end(at: now, desk.settings.clock) }
    let isOn = book.rules.count(where: \.isOn)
    return Report(
      facts: [
        .init("open", .integer(Int64(open.count))),
        .init("critical", .integer(Int64(open.count { $0.severity == .critical }))),
        .init(
          "unacknowledged",
          .integer(Int64(open.count { $0.state == .open && !$0.isSnoozed(at: now) }))),
        .init("last", .integer(Int64(book.lastNumber))),
        .init("rules_on", .integer(Int64(isOn))),
        .init("rules_off", .integer(Int64(book.rules.count - isOn))),
        .init("quiet", .text(quiet.map(words) ?? "")),
        .init("quiet_until", time(end)),
        .init("through", .text((quiet?.through ?? .info).text)),
        .init("not_raised", .integer(Int64(book.suppressed))),
        .init("problem", .text(problem(desk))),
      ], tableName: "alerts",
      columns: [
        "id", "severity", "state", "raised_at", "subject", "title", "outside", "rule", "figure",
        "lines", "runbook", "resolved_at", "snoozed_at", "blind", "by", "opinion",
      ],
      rows: rows.map { alert in
        let lines = alert.lines.map { line in
          "\(line.isRevealing ? "!" : "")\(line.label)\t\(line.text)"
        }
        return [
          .integer(Int64(alert.id)), .text(alert.severity.text), .text(state(alert, at: now)),
          time(alert.raisedAt), .text(alert.subject), .text(alert.title.full),
          .text(alert.title.outside), .text(alert.rule), .text(alert.figure),
          .text(lines.joined(separator: "\n")), .text(alert.runbook), time(alert.resolvedAt),
          time(alert.snoozedUntil), .text(alert.blindSince == nil ? "" : alert.blindWhy),
          .text(alert.acknowledgedBy), .text(alert.opinion.rawValue),
        ]
      })
  }

  /// What is the matter with alerts themselves.
  private static func problem(_ desk: AlertDesk) -> String {
    if !desk.settings.problem.isEmpty {
      return "\(desk.settings.problem); the built-in rules hold"
    }
    for name in desk.outbox.sinks.keys.sorted() {
      let health = desk.outbox.health(of: name)
      if !health.problem.isEmpty { return "sink \(name): \(health.problem)" }
    }
    return ""
  }

  static func words(_ quiet: QuietHours) -> String {
    func clock(_ minute: Int) -> String {
      let (hour, rest) = (minute / 60, minute % 60)
      return "\(hour < 10 ? "0" : "")\(hour):\(rest < 10 ? "0" : "")\(rest)"
    }
    return "\(clock(quiet.from))-\(clock(quiet.to)) \(quiet.zone)"
  }

  /// A row an alert.
  static func list(_ book: AlertBook, withResolved: Bool, at now: Instant) -> Report {
    let open = book.openAlerts
    let shown = withResolved ? open + book.resolvedAlerts : open
    return Report(
      facts: [
        .init("open", .integer(Int64(open.count))),
        .init("not_raised", .integer(Int64(book.suppressed))),
      ], tableName: "alerts",
      columns: ["id", "severity", "state", "raised_at", "rule", "figure", "title"],
      rows: shown.map { alert in
        [
          .integer(Int64(alert.id)), .text(alert.severity.text), .text(state(alert, at: now)),
          time(alert.raisedAt), .text(alert.rule), .text(alert.figure), .text(alert.title.full),
        ]
      })
  }

  /// One alert with its explanation.
  static func one(_ alert: Alert, at now: Instant) -> Report {
    var facts: [Report.Fact] = [
      .init("id", .integer(Int64(alert.id))), .init("severity", .text(alert.severity.text)),
      .init("state", .text(state(alert, at: now))), .init("title", .text(alert.title.full)),
    ]
    for (label, lines) in grouped(alert.lines) {
      facts.append(.init(label, .text(lines.joined(separator: "; "))))
    }
    if !alert.runbook.isEmpty { facts.append(.init("to_do", .text(alert.runbook))) }
    facts += [
      .init("figure", .text(alert.figure)), .init("group", .text(alert.group)),
      .init("raised", .text(alert.raisedAt.description)),
    ]
    if let since = alert.blindSince {
      facts.append(.init("not_seen_since", .text("\(since): \(alert.blindWhy)")))
    }
    if let until = alert.snoozedUntil {
      facts.append(.init("snoozed_until", .text(until.description)))
    }
    if !alert.acknowledgedBy.isEmpty {
      facts.append(.init("acknowledged_by", .text(alert.acknowledgedBy)))
    }
    if let resolved = alert.resolvedAt {
      facts.append(.init("resolved", .text("\(resolved): \(alert.resolvedWhy)")))
    }
    if alert.opinion != .none { facts.append(.init("opinion", .text(alert.opinion.rawValue))) }
    return Report(facts: facts)
  }

  /// The lines by label, so that each name stands once; labels as names of facts.
  private static func grouped(_ lines: [AlertLine]) -> [(String, [String])] {
    var groups: [(String, [String])] = []
    for line in lines {
      let name = String(line.label.lowercased().map { $0 == " " ? "_" : $0 })
      let label =
        ["id", "severity", "state", "title", "figure", "group"].contains(name)
        ? "its_" + name : name
      if let index = groups.firstIndex(where: { $0.0 == label }) {
        groups[index].1.append(line.text)
      } else {
        groups.append((label, [line.text]))
      }
    }
    return groups
  }

  /// What a rule is muted until.
  static func muted(_ rule: String, _ until: Instant?) -> Report {
    Report(facts: [
      .init("rule", .text(rule)), .init("muted", .flag(until != nil)),
      .init("muted_until", .text(until?.description ?? "")),
    ])
  }

  /// A row a rule.
  static func rules(
    _ settings: AlertSettings, _ book: AlertBook? = nil, at now: Instant = Instant(microseconds: 0)
  ) -> Report {
    let book = book ?? AlertBook(rules: settings.rules)
    return Report(
      facts: [
        .init("file", .text(settings.file)), .init("problem", .text(settings.problem)),
        .init("quiet", .text(settings.quiet.map(words) ?? "")),
      ], tableName: "rules",
      columns: [
        "rule", "on", "kind", "figure", "severity", "well", "for_s", "hold_s", "group", "fired",
        "confirmed", "muted", "figures", "not_seen", "muted_until", "origin",
      ],
      rows: book.rules.map { rule in
        let tally = book.tally(of: rule.name)
        return [
          .text(rule.name), .flag(rule.isOn), .text(rule.kind.text), .text(rule.figure),
          .text(rule.severity.text), .text(rule.wellWords), .integer(rule.forSeconds),
          .integer(rule.holdSeconds), .text(rule.groupName), .integer(Int64(tally.fired)),
          .integer(Int64(tally.confirmed)), .integer(Int64(tally.muted)),
          .integer(Int64(book.figureCount(of: rule.name))),
          .integer(Int64(book.blindFigures(of: rule.name).count)),
          .text(book.mutedUntil(rule.name, at: now)?.description ?? ""), .text(rule.origin),
        ]
      })
  }

  /// A row a sink.
  static func sinks(_ outbox: Outbox, at now: Instant) -> Report {
    Report(
      tableName: "sinks",
      columns: [
        "sink", "kind", "least", "amounts", "waiting", "delivered", "lost", "delivered_at",
        "rests_at", "problem",
      ],
      rows: outbox.sinks.keys.sorted().compactMap { outbox.sinks[$0] }.map { sink in
        let health = outbox.health(of: sink.name)
        return [
          .text(sink.name), .text(sink.kind.rawValue), .text(sink.least.text),
          .text(sink.amounts.rawValue), .integer(Int64(outbox.waiting(for: sink.name).count)),
          .integer(Int64(health.delivered)), .integer(Int64(health.lost)),
          time(health.deliveredAt), time(health.restUntil.flatMap { $0 > now ? $0 : nil }),
          .text(health.problem),
        ]
      })
  }

  /// The figures that rules can name.
  static var figures: Report {
    Report(
      tableName: "figures", columns: ["figure", "meaning"],
      rows: FigureSource.all.map { [.text($0.name), .text($0.summary)] })
  }
}
