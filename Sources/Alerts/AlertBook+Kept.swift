import Amounts
import Encodings
import Ledger

extension AlertBook {
  /// The whole book as JSON, but for its rules: what `init(kept:rules:)` reads goes on from here.
  public var kept: String {
    var out = KeptWriter()
    out.put("version", 1)
    out.put("last", lastID)
    out.put("suppressed", suppressed)
    out.put("alerts", alerts.keys.sorted().compactMap { alerts[$0]?.keptJSON })
    out.put("tracks", tracks.keys.sorted().compactMap { tracks[$0]?.kept })
    out.put("incidents", incidents.keys.sorted().compactMap { incidents[$0]?.kept })
    var muted = KeptWriter()
    for (key, until) in mutes.sorted(by: { $0.key < $1.key }) { muted.put(key, until) }
    out.put("mutes", muted.json)
    var told = KeptWriter()
    for (name, tally) in tallies.sorted(by: { $0.key < $1.key }) {
      told.put(
        name, .array([tally.fired, tally.confirmed, tally.muted].map { .number(String($0)) }))
    }
    out.put("tallies", told.json)
    return out.json.text
  }

  /// Reads a book; `nil` for what is none.
  public init?(kept text: String, rules: [AlertRule]) {
    guard let json = try? JSON.reading(text), let from = KeptReader(json),
      from.integer("version") == 1, let last = from.count("last"),
      let alerts = from.list("alerts"), let tracks = from.list("tracks"),
      let incidents = from.list("incidents")
    else { return nil }
    self.init(rules: rules)
    lastID = last
    suppressed = from.count("suppressed") ?? 0
    for one in alerts {
      guard let alert = Alert(keptJSON: one) else { return nil }
      self.alerts[alert.id] = alert
    }
    for one in tracks {
      guard let track = Track(kept: one) else { return nil }
      self.tracks[AlertBook.key(track.rule, track.figure)] = track
    }
    for one in incidents {
      guard let incident = Incident(kept: one) else { return nil }
      self.incidents[incident.group] = incident
    }
    for (key, value) in KeptReader(from["mutes"])?.members ?? [] {
      if case .number(let text) = value, let until = Int64(text) {
        mutes[key] = Instant(microseconds: until)
      }
    }
    for (name, value) in KeptReader(from["tallies"])?.members ?? [] {
      guard case .array(let parts) = value, parts.count == 3 else { continue }
      let counts = parts.map { part -> Int in
        if case .number(let text) = part { return Int(text) ?? 0 }
        return 0
      }
      tallies[name] = Tally(fired: counts[0], confirmed: counts[1], muted: counts[2])
    }
  }
}

extension AlertBook.Track {
  var kept: JSON {
    var out = KeptWriter()
    out.put("rule", rule)
    out.put("figure", figure)
    out.put("subject", subject)
    switch phase {
    case .quiet: break
    case .pending(let since):
      out.put("phase", "pending")
      out.put("since", since)
    case .raised(let id):
      out.put("phase", "raised")
      out.put("alert", id)
    case .clearing(let id, let since):
      out.put("phase", "clearing")
      out.put("alert", id)
      out.put("since", since)
    case .spent(let since):
      out.put("phase", "spent")
      out.put("since", since)
    }
    if !window.kept.isEmpty {
      out.put("basis", window.basis)
      out.put(
        "window",
        window.kept.map { piece in
          .array([.number(String(piece.number)), .string(piece.high.text), .string(piece.low.text)])
        })
    }
    out.put("blind", blindSince)
    out.put("blind_why", blindWhy)
    return out.json
  }

  init?(kept json: JSON) {
    guard let from = KeptReader(json), let rule = from.text("rule"),
      let figure = from.text("figure"), let subject = from.text("subject")
    else { return nil }
    self.init(rule: rule, figure: figure, subject: subject)
    let since = from.time("since")
    switch (from.text("phase"), from.count("alert"), since) {
    case (nil, _, _): phase = .quiet
    case ("pending", _, let since?): phase = .pending(since)
    case ("raised", let id?, _): phase = .raised(id)
    case ("clearing", let id?, let since?): phase = .clearing(id, since)
    case ("spent", _, let since): phase = .spent(since)
    default: return nil
    }
    window.basis = from.text("basis") ?? ""
    for piece in from.list("window") ?? [] {
      guard case .array(let parts) = piece, parts.count == 3, case .number(let number) = parts[0],
        case .string(let high) = parts[1], case .string(let low) = parts[2],
        let number = Int64(number), let high = try? Fixed(parsing: high),
        let low = try? Fixed(parsing: low)
      else { return nil }
      window.kept.append(.init(number: number, high: high, low: low))
    }
    blindSince = from.time("blind")
    blindWhy = from.text("blind_why") ?? ""
  }
}

extension Incident {
  var kept: JSON {
    var out = KeptWriter()
    out.put("group", group)
    out.put("key", key)
    out.put("members", members.map { .number(String($0)) })
    if let told { out.put("told", told.text) }
    out.put("told_at", toldAt)
    out.put("dirty", isDirty)
    out.put("acknowledged", isAcknowledged)
    return out.json
  }

  init?(kept json: JSON) {
    guard let from = KeptReader(json), let group = from.text("group"), let key = from.text("key"),
      let members = from.list("members")
    else { return nil }
    self.init(
      group: group, key: key,
      members: members.compactMap { member in
        if case .number(let text) = member { return Int(text) }
        return nil
      })
    told = from.text("told").flatMap { Severity($0) }
    toldAt = from.time("told_at")
    isDirty = from.flag("dirty")
    isAcknowledged = from.flag("acknowledged")
  }
}
