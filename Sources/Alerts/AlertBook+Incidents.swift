public import Ledger

/// The alerts of one group that are out at a time: one thing to others.
struct Incident {
  /// The group.
  let group: String
  /// Names the episode to others: the same for every notice of it.
  let key: String
  /// Its alerts, oldest first.
  var members: [Int]
  /// How bad it was said to be; `nil` before anything was said.
  var told: Severity?
  /// When something was last said.
  var toldAt: Instant?
  /// Whether there is something new to say.
  var isDirty = true
  /// Whether others know that somebody knows.
  var isAcknowledged = false
}

extension AlertBook {
  /// When something happens next without anything new; `nil` for never.
  public func wakeAt(after now: Instant) -> Instant? {
    var times = Array(mutes.values)
    for track in tracks.values {
      guard let rule = rule(track.rule) else { continue }
      if track.blindSince == nil {
        switch track.phase {
        case .pending(let since): times.append(since.advanced(bySeconds: rule.forSeconds))
        case .clearing(_, let since), .spent(let since?):
          times.append(since.advanced(bySeconds: rule.holdSeconds))
        case .quiet, .raised, .spent(nil): break
        }
      }
      if let since = track.blindSince, !isBlindSaid(track) {
        times.append(since.advanced(bySeconds: AlertBook.blindSeconds))
      }
    }
    for alert in alerts.values where alert.isOpen {
      if let until = alert.snoozedUntil { times.append(until) }
      if !alert.finding.isEmpty {
        let hold = max(60, rule(alert.rule)?.holdSeconds ?? 0)
        times.append(alert.changedAt.advanced(bySeconds: hold))
      }
      if alert.state == .open, let step = nextStep(of: alert) {
        times.append(alert.raisedAt.advanced(bySeconds: step.seconds))
      }
    }
    for incident in incidents.values where incident.isDirty {
      guard let toldAt = incident.toldAt else { continue }
      times.append(toldAt.advanced(bySeconds: AlertBook.groupPause))
    }
    return times.filter { $0 > now }.min()
  }

  private func isBlindSaid(_ track: Track) -> Bool {
    alerts.values.contains { $0.key == AlertBook.blindPrefix + track.rule && $0.isOpen }
  }

  private func nextStep(of alert: Alert) -> AlertRule.Step? {
    guard let steps = rule(alert.rule)?.escalation, steps.indices.contains(alert.escalated),
      !alert.key.hasPrefix(AlertBook.blindPrefix)
    else { return nil }
    return steps[alert.escalated]
  }

  /// Does what time alone brings: ends of snoozes, steps of escalations, notices that waited.
  ///
  /// What depends on figures needs `observe(_:at:)`.
  public mutating func tick(at now: Instant) -> AlertOutcome {
    var outcome = AlertOutcome()
    settle(at: now, &outcome)
    return outcome
  }

  mutating func join(_ alert: Alert) {
    if incidents[alert.group] == nil {
      incidents[alert.group] = Incident(
        group: alert.group, key: "\(alert.group)-\(alert.id)", members: [])
    }
    incidents[alert.group]?.members.append(alert.id)
    incidents[alert.group]?.isDirty = true
    incidents[alert.group]?.isAcknowledged = false
  }

  /// Brings everything that follows from alerts and time in order.
  mutating func settle(at now: Instant, _ outcome: inout AlertOutcome) {
    endFindings(at: now, &outcome)
    for id in alerts.keys.sorted() {
      guard let alert = alerts[id], alert.isOpen else { continue }
      if let until = alert.snoozedUntil, now >= until {
        change(id, at: now) { $0.snoozedUntil = nil }
        incidents[alert.group]?.isDirty = true
        outcome.events.append(event(.awoken, id, at: now))
      }
      escalate(id, at: now, &outcome)
    }
    mutes = mutes.filter { now < $0.value }
    for group in incidents.keys.sorted() { tell(group, at: now, &outcome) }
  }

  private mutating func escalate(_ id: Int, at now: Instant, _ outcome: inout AlertOutcome) {
    while let alert = alerts[id], alert.state == .open, let step = nextStep(of: alert),
      now >= alert.raisedAt.advanced(bySeconds: step.seconds)
    {
      change(id, at: now) { changed in
        changed.escalated += 1
        changed.severity = max(changed.severity, step.severity)
      }
      incidents[alert.group]?.isDirty = true
      outcome.events.append(
        event(
          .escalated, id, at: now,
          note: "not acknowledged for \(AlertWords.span(seconds: step.seconds))"))
    }
  }

  /// Says what is new of an incident, if it is time to.
  private mutating func tell(_ group: String, at now: Instant, _ outcome: inout AlertOutcome) {
    guard var incident = incidents[group] else { return }
    let open = incident.members.compactMap { alerts[$0] }.filter(\.isOpen)
    guard !open.isEmpty else {
      if incident.told != nil {
        outcome.notices.append(notice(incident, .resolve, incident.members, at: now))
      }
      incidents[group] = nil
      return
    }
    let loud = open.filter { $0.state == .open && !$0.isSnoozed(at: now) }
    if loud.isEmpty {
      let isKnown = open.allSatisfy { $0.state == .acknowledged }
      if incident.told != nil, isKnown, !incident.isAcknowledged {
        outcome.notices.append(notice(incident, .acknowledge, open.map(\.id), at: now))
        incident.isAcknowledged = true
      }
      incident.isDirty = false
    } else if incident.isDirty {
      let worst = loud.map(\.severity).max() ?? .info
      let isWorse = incident.told.map { worst > $0 } ?? true
      let isTime =
        incident.toldAt.map { now >= $0.advanced(bySeconds: AlertBook.groupPause) } ?? true
      if isWorse || isTime {
        outcome.notices.append(notice(incident, .trigger, loud.map(\.id), at: now))
        incident.told = max(incident.told ?? .info, worst)
        incident.toldAt = now
        incident.isDirty = false
      }
    }
    incidents[group] = incident
  }

  private func notice(
    _ incident: Incident, _ action: Notice.Action, _ ids: [Int], at now: Instant
  ) -> Notice {
    let members = ids.compactMap { alerts[$0] }.sorted {
      $0.severity != $1.severity ? $0.severity > $1.severity : $0.id < $1.id
    }
    var sinks: [String]? = []
    for member in members {
      guard let named = member.sinks else {
        sinks = nil
        break
      }
      sinks = Array(Set((sinks ?? []) + named)).sorted()
    }
    if members.isEmpty { sinks = nil }
    return Notice(
      key: incident.key, group: incident.group, action: action,
      severity: members.map(\.severity).max() ?? incident.told ?? .info,
      title: AlertBook.title(members, incident.group), lines: AlertBook.lines(members),
      runbook: members.first?.runbook ?? "", time: now, count: members.count, sinks: sinks)
  }

  private static func title(_ members: [Alert], _ group: String) -> AlertText {
    guard let first = members.first else { return AlertText(group) }
    guard members.count > 1 else { return first.title }
    let more = " (and \(members.count - 1) more of \(group))"
    return AlertText(first.title.full + more, outside: first.title.outside + more)
  }

  private static func lines(_ members: [Alert]) -> [AlertLine] {
    if members.count == 1, let only = members.first { return only.lines }
    return members.prefix(20).flatMap { member -> [AlertLine] in
      let hasAmounts = member.title.full != member.title.outside
      if !hasAmounts { return [AlertLine(member.severity.text, member.title.full)] }
      return [
        AlertLine(member.severity.text, member.title.outside),
        AlertLine("in full", member.title.full, isRevealing: true),
      ]
    }
  }
}
