public import Ledger

// What the holder does with alerts.

extension AlertBook {
  /// Says that somebody knows: it does not escalate any more.
  ///
  /// - Parameters:
  ///   - id: The alert.
  ///   - by: Who knows.
  ///   - now: The time.
  /// - Returns: What follows.
  /// - Throws: Where there is no such alert or it is over.
  public mutating func acknowledge(
    _ id: Int, by: String, at now: Instant
  ) throws(AlertFault) -> AlertOutcome {
    try checkOpen(id)
    var outcome = AlertOutcome()
    if alerts[id]?.state == .open {
      change(id, at: now) { alert in
        alert.state = .acknowledged
        alert.acknowledgedBy = by
      }
      outcome.events.append(event(.acknowledged, id, at: now, by: by))
    }
    settle(at: now, &outcome)
    return outcome
  }

  /// Tells nobody of an alert for a while; without a length each time is longer than the last.
  ///
  /// - Parameters:
  ///   - id: The alert.
  ///   - seconds: For how long; `nil` for the next length of the ladder.
  ///   - by: Who does so.
  ///   - now: The time.
  /// - Returns: What follows.
  /// - Throws: Where there is no such alert or it is over.
  public mutating func snooze(
    _ id: Int, seconds: Int64?, by: String, at now: Instant
  ) throws(AlertFault) -> AlertOutcome {
    try checkOpen(id)
    var outcome = AlertOutcome()
    let step = min(alerts[id]?.snoozes ?? 0, AlertBook.snoozeLadder.count - 1)
    let length = seconds ?? AlertBook.snoozeLadder[step]
    let until = now.advanced(bySeconds: max(1, length))
    change(id, at: now) { alert in
      alert.snoozedUntil = until
      alert.snoozes += 1
    }
    outcome.events.append(
      event(.snoozed, id, at: now, by: by, note: "until \(AlertWords.moment(until))"))
    settle(at: now, &outcome)
    return outcome
  }

  /// Ends an alert by hand; it is raised again only after all was well.
  ///
  /// - Parameters:
  ///   - id: The alert.
  ///   - by: Who does so.
  ///   - now: The time.
  /// - Returns: What follows.
  /// - Throws: Where there is no such alert or it is over.
  public mutating func resolve(
    _ id: Int, by: String, at now: Instant
  ) throws(AlertFault) -> AlertOutcome {
    try checkOpen(id)
    var outcome = AlertOutcome()
    if let key = alerts[id]?.key, tracks[key] != nil { tracks[key]?.phase = .spent(nil) }
    resolve(id, "ended by hand", by: by, at: now, &outcome)
    settle(at: now, &outcome)
    return outcome
  }

  /// Says that an alert was worth telling.
  ///
  /// - Parameters:
  ///   - id: The alert; it may be over.
  ///   - by: Who says so.
  ///   - now: The time.
  /// - Returns: What follows; feedback for the detector behind it.
  /// - Throws: Where there is no such alert.
  public mutating func confirm(
    _ id: Int, by: String, at now: Instant
  ) throws(AlertFault) -> AlertOutcome {
    guard let alert = alerts[id] else { throw .missing(id) }
    var outcome = AlertOutcome()
    guard alert.opinion != .confirmed else { return outcome }
    if alert.opinion == .muted { tallies[alert.rule, default: Tally()].muted -= 1 }
    tallies[alert.rule, default: Tally()].confirmed += 1
    alerts[id]?.opinion = .confirmed
    outcome.events.append(event(.confirmed, id, at: now, by: by))
    tellDetector(alert, .confirmed, until: nil, &outcome)
    return outcome
  }

  /// Says that an alert was not worth telling, ends it, and raises none of its kind for a while.
  ///
  /// - Parameters:
  ///   - id: The alert; it may be over.
  ///   - seconds: For how long nothing of its rule and figure is raised.
  ///   - by: Who says so.
  ///   - now: The time.
  /// - Returns: What follows; feedback for the detector behind it.
  /// - Throws: Where there is no such alert.
  public mutating func mute(
    _ id: Int, seconds: Int64, by: String, at now: Instant
  ) throws(AlertFault) -> AlertOutcome {
    guard let alert = alerts[id] else { throw .missing(id) }
    var outcome = AlertOutcome()
    let until = now.advanced(bySeconds: max(1, seconds))
    let isBlind = alert.key.hasPrefix(AlertBook.blindPrefix)
    mutes[isBlind ? AlertBook.key(alert.rule, alert.key) : alert.key] = until
    if alert.opinion != .muted {
      if alert.opinion == .confirmed { tallies[alert.rule, default: Tally()].confirmed -= 1 }
      tallies[alert.rule, default: Tally()].muted += 1
    }
    alerts[id]?.opinion = .muted
    outcome.events.append(
      event(.muted, id, at: now, by: by, note: "until \(AlertWords.moment(until))"))
    if alert.isOpen {
      // Once the time is up it may be raised anew if it is still so.
      if tracks[alert.key] != nil { tracks[alert.key]?.phase = .quiet }
      resolve(id, "muted", by: by, at: now, &outcome)
    }
    tellDetector(alert, .muted, until: until, &outcome)
    settle(at: now, &outcome)
    return outcome
  }

  /// Mutes a whole rule, or lets it speak again.
  ///
  /// - Parameters:
  ///   - name: The rule's name.
  ///   - seconds: For how long; 0 lets it speak again.
  ///   - by: Who does so.
  ///   - now: The time.
  /// - Returns: What follows; alerts that are out stay.
  /// - Throws: Where there is no such rule.
  public mutating func mute(
    rule name: String, seconds: Int64, by: String, at now: Instant
  ) throws(AlertFault) -> AlertOutcome {
    guard rule(name) != nil else { throw .noRule(name) }
    var outcome = AlertOutcome()
    if seconds > 0 {
      let until = now.advanced(bySeconds: seconds)
      mutes[name] = until
      outcome.events.append(
        event(.muted, nil, at: now, by: by, note: "\(name) until \(AlertWords.moment(until))"))
    } else {
      mutes[name] = nil
      for key in mutes.keys.sorted() where key.hasPrefix(name + "/") { mutes[key] = nil }
      outcome.events.append(event(.unmuted, nil, at: now, by: by, note: name))
    }
    return outcome
  }

  private func tellDetector(
    _ alert: Alert, _ opinion: Alert.Opinion, until: Instant?, _ outcome: inout AlertOutcome
  ) {
    if alert.finding.isEmpty { return }
    outcome.feedback.append(
      AlertFeedback(
        finding: alert.finding, figure: alert.figure, opinion: opinion, mutedUntil: until))
  }

  private func checkOpen(_ id: Int) throws(AlertFault) {
    guard let alert = alerts[id] else { throw .missing(id) }
    if !alert.isOpen { throw .over(id) }
  }
}
