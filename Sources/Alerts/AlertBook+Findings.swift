public import Ledger

extension AlertBook {
  /// Takes what a detector of anomalies saw; the same key again is news of the same episode.
  ///
  /// - Parameters:
  ///   - finding: What it saw.
  ///   - now: The time.
  /// - Returns: What follows.
  public mutating func take(_ finding: Finding, at now: Instant) -> AlertOutcome {
    var outcome = AlertOutcome()
    if let rule = rule(for: finding) { take(finding, rule, at: now, &outcome) }
    settle(at: now, &outcome)
    return outcome
  }

  /// The first rule in order of name that looks at a finding and does not find it too weak.
  private func rule(for finding: Finding) -> AlertRule? {
    rules.first { rule in
      guard rule.isOn, case .anomaly(let least) = rule.kind, rule.matches(finding.figure) else {
        return false
      }
      if let weight = finding.weight, let most = rule.leastWeight, weight < most { return false }
      guard let least else { return true }
      return finding.score.map { $0 >= least } ?? true
    }
  }

  private mutating func take(
    _ finding: Finding, _ rule: AlertRule, at now: Instant, _ outcome: inout AlertOutcome
  ) {
    let key = AlertBook.key(rule.name, finding.figure)
    let known = alerts.values.first { $0.isOpen && $0.key == key }
    if let known {
      alerts[known.id]?.title = finding.title
      alerts[known.id]?.lines = finding.lines
      change(known.id, at: now) { _ in }
      if finding.severity > known.severity {
        change(known.id, at: now) { $0.severity = finding.severity }
        outcome.events.append(event(.worsened, known.id, at: now))
        incidents[known.group]?.isDirty = true
      }
      if finding.isOver {
        resolve(known.id, "the detector says it is over", by: "", at: now, &outcome)
      }
      return
    }
    if finding.isOver || isMuted(rule, finding.figure, at: now) { return }
    // What the holder ended stays ended: only another episode raises again.
    if alerts.values.contains(where: { $0.finding == finding.key && $0.key == key }) { return }
    var lines = finding.lines
    lines.append(
      AlertLine("rule", "\(rule.name) (\(rule.origin)): \(finding.detector) on \(finding.subject)"))
    let draft = Draft(
      key: key, rule: rule, figure: finding.figure, subject: finding.subject,
      severity: finding.severity, title: finding.title, lines: lines,
      group: rule.group.isEmpty ? "anomaly:\(finding.subject)" : rule.group, finding: finding.key)
    _ = raise(draft, at: now, &outcome)
  }

  /// Findings of which nothing was heard for the rule's hold are over.
  mutating func endFindings(at now: Instant, _ outcome: inout AlertOutcome) {
    for alert in openAlerts.reversed() where !alert.finding.isEmpty {
      let hold = rule(alert.rule)?.holdSeconds ?? 0
      guard now >= alert.changedAt.advanced(bySeconds: max(hold, 60)) else { continue }
      resolve(alert.id, "nothing more was seen", by: "", at: now, &outcome)
    }
  }
}
