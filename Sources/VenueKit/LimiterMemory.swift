import Encodings
public import Ledger

extension Limiter {
  /// What venues may still count, and until when they want to be left alone, as text.
  ///
  /// A program that starts anew knows nothing of the calls made before; venues do. Given to `recall`
  /// this makes up for it. Calls under way are taken as answered now.
  ///
  /// - Parameter now: The present.
  /// - Returns: JSON; allowances of which nothing is used are left out.
  public func memory(at now: Instant) -> String {
    let now = max(now, latest)
    var object = JSONObject()
    object.set("v", 1)
    object.set("time", .number(String(now.microseconds)))
    let bans = venueNames.sorted().compactMap { name -> (String, JSON)? in
      guard let until = venues[name]?.bannedUntil, until > now else { return nil }
      return (name, .number(String(until.microseconds)))
    }
    object.set("bans", .object(JSONObject(bans)))
    object.set("used", .array(allowances.compactMap { $0.memory(at: now) }))
    return JSON.object(object).text
  }

  /// Takes over what was known when `memory` was made.
  ///
  /// Tell of all venues first: what is said of unknown ones is left out. No number is believed that
  /// the venue's limits do not allow, so that text of whatever origin delays calls at most as long as
  /// the venue itself could.
  ///
  /// - Parameters:
  ///   - memory: The text; any other changes nothing.
  ///   - now: The present.
  public mutating func recall(_ memory: String, at now: Instant) {
    guard let json = try? JSON.reading(memory) else { return }
    let (node, now) = (Node(json), forward(now))
    guard (try? node.integer("v")) == 1 else { return }
    let last = now.advanced(bySeconds: Int64(options.banSecondsMost))
    for ban in (try? node["bans"].optionalMembers()) ?? [] {
      guard venues[ban.key] != nil, let until = try? ban.integer() else { continue }
      venues[ban.key]?.bannedUntil = min(Instant(microseconds: until), last)
    }
    let made = min((try? node.integer("time")) ?? now.microseconds, now.microseconds)
    for one in (try? node["used"].optionalElements()) ?? [] {
      guard let venue = try? one.text("venue"), let name = try? one.text("bucket"),
        let bucket = venues[venue]?.limits.buckets.first(where: { $0.name == name })
      else { continue }
      let place = place(of: bucket, venue: venue, key: (try? one.text("key")) ?? "")
      allowances[place].recall(one, made: made, at: now)
      if let until = try? one.integer("paused") {
        let last = now.advanced(bySeconds: Int64(options.pauseSecondsMost))
        allowances[place].pausedUntil = min(Instant(microseconds: until), last)
      }
    }
  }
}

extension Allowance {
  /// How many ends of points are told apart in a memory.
  private static let endsRemembered = 16

  /// What counts now, as JSON; `nil` where nothing does.
  func memory(at now: Instant) -> JSON? {
    let paused = pausedUntil.flatMap { $0 > now ? $0 : nil }
    guard used(at: now) > 0 || paused != nil else { return nil }
    var object = JSONObject()
    object.set("venue", .string(id.owner))
    object.set("bucket", .string(id.name))
    if let key = id.key { object.set("key", .string(key)) }
    if let paused { object.set("paused", .number(String(paused.microseconds))) }
    if secondsOfWindow == nil {
      let level = min(used(at: now), 1_000_000_000) * 1_000_000
      object.set("level", .number(String(Int64(level.rounded(.up)))))
    } else {
      let ends = drawnTogether(ends(at: now)).map { end in
        JSON.array([.number(String(end.at)), .number(String(end.points))])
      }
      object.set("ends", .array(ends))
    }
    return .object(object)
  }

  /// Draws ends together, later rather than earlier, until they are few.
  private func drawnTogether(_ ends: [(at: Int64, points: Int)]) -> [(at: Int64, points: Int)] {
    let size = (ends.count - 1) / Allowance.endsRemembered + 1
    return stride(from: 0, to: ends.count, by: max(1, size)).map { start in
      let some = ends[start..<min(ends.count, start + max(1, size))]
      return (some.map(\.at).max() ?? 0, some.reduce(0) { $0 + $1.points })
    }
  }

  /// Takes over what counted at another time.
  ///
  /// - Parameters:
  ///   - memory: What `memory(at:)` gave, or anything.
  ///   - made: When; not after the present.
  ///   - now: The present.
  fileprivate mutating func recall(_ memory: Node, made: Int64, at now: Instant) {
    if let level = try? memory.integer("level"), level > 0 {
      recall(level: Double(level) / 1_000_000, since: made, at: now)
    }
    for end in (try? memory["ends"].optionalElements()) ?? [] {
      guard let at = try? end[0].integer(), let points = try? end[1].integer(), points > 0
      else { continue }
      recall(points: Int(clamping: points), until: at, at: now)
    }
  }
}
