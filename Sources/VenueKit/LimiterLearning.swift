public import Ledger

extension Limiter {
  /// Draws the consequences of a call's end: pauses, bans, the breaker, the venue's own count.
  mutating func learn(
    _ held: Held, _ outcome: Outcome, at now: Instant,
    using generator: inout some RandomNumberGenerator
  ) -> Instant? {
    switch outcome {
    case .cancelled:
      if held.isProbe, case .probing(let step) = venues[held.ticket.venue]?.breaker {
        venues[held.ticket.venue]?.breaker = .open(until: now, step: step)
      }
      return nil
    case .failed:
      return fail(held, at: now, using: &generator)
    case .slowed(let until):
      succeed(held)
      return slow(held, until: until, at: now, using: &generator)
    case .answered(let status, let headers):
      return read(held, status, headers, at: now, using: &generator)
    }
  }

  private mutating func read(
    _ held: Held, _ status: Int, _ headers: [(name: String, value: String)], at now: Instant,
    using generator: inout some RandomNumberGenerator
  ) -> Instant? {
    count(held, headers, at: now)
    let limits = venues[held.ticket.venue]?.limits
    let wait = RetryAfter.instant(in: headers, at: now)
    if limits?.banStatuses.contains(status) == true {
      succeed(held)
      return ban(held, until: wait, at: now, using: &generator)
    }
    if limits?.slowStatuses.contains(status) == true {
      succeed(held)
      return slow(held, until: wait, at: now, using: &generator)
    }
    if status >= 500 {
      let broken = fail(held, at: now, using: &generator)
      guard let wait else { return broken }
      return pause(held, until: bounded(wait, now), at: now)
    }
    succeed(held)
    if let line = venues[held.ticket.venue], (line.bannedAt ?? held.since) <= held.since {
      venues[held.ticket.venue]?.bansInRow = 0
    }
    for draw in held.draws where (allowances[draw.place].pausedAt ?? held.since) <= held.since {
      allowances[draw.place].slowedInRow = 0
    }
    return nil
  }

  /// Takes over the count that the venue tells in a header.
  private mutating func count(
    _ held: Held, _ headers: [(name: String, value: String)], at now: Instant
  ) {
    for draw in held.draws {
      guard let name = allowances[draw.place].usedHeader,
        let text = headers.first(where: { $0.name == name })?.value, text.utf8.count <= 9,
        let used = Int(text), used >= 0
      else { continue }
      allowances[draw.place].venueSays(used: used, at: now)
    }
  }

  /// "Slow down": the call's allowances rest, longer each time in a row.
  private mutating func slow(
    _ held: Held, until wait: Instant?, at now: Instant,
    using generator: inout some RandomNumberGenerator
  ) -> Instant? {
    var longest = 0
    for draw in held.draws {
      // Calls let go before the pause began belong to the same event.
      if (allowances[draw.place].pausedAt ?? held.since) <= held.since {
        allowances[draw.place].slowedInRow += 1
      }
      longest = max(longest, allowances[draw.place].slowedInRow)
    }
    let own = backOff(longest - 1, at: now, using: &generator)
    return pause(held, until: max(own, wait.map { bounded($0, now) } ?? own), at: now)
  }

  private mutating func pause(_ held: Held, until: Instant, at now: Instant) -> Instant {
    for draw in held.draws {
      let known = allowances[draw.place].pausedUntil ?? now
      if until > known || known <= now { allowances[draw.place].pausedAt = now }
      allowances[draw.place].pausedUntil = max(known, until)
    }
    return until
  }

  /// The address is banned: the venue and all that share with it rest.
  private mutating func ban(
    _ held: Held, until wait: Instant?, at now: Instant,
    using generator: inout some RandomNumberGenerator
  ) -> Instant? {
    guard let line = venues[held.ticket.venue] else { return nil }
    let isNew = (line.bannedAt ?? held.since) <= held.since
    let bans = line.bansInRow + (isNew ? 1 : 0)
    let doubled = doubling(
      options.banSeconds, bans - 1, most: options.banSecondsMost, using: &generator)
    let own = now.later(byMicroseconds: doubled)
    let until = wait.map { bounded($0, now) } ?? own
    for name in venueNames {
      guard var other = venues[name], other.group == line.group else { continue }
      other.bannedUntil = max(other.bannedUntil ?? until, until)
      other.bannedAt = now
      other.bansInRow = bans
      venues[name] = other
    }
    return until
  }

  private mutating func succeed(_ held: Held) {
    let venue = held.ticket.venue
    switch venues[venue]?.breaker {
    case .probing where !held.isProbe, .open: break
    default: venues[venue]?.breaker = .closed(failures: 0)
    }
  }

  private mutating func fail(
    _ held: Held, at now: Instant, using generator: inout some RandomNumberGenerator
  ) -> Instant? {
    let venue = held.ticket.venue
    let step: Int
    switch venues[venue]?.breaker {
    case .closed(let failures):
      guard failures + 1 >= options.breaksAfter else {
        venues[venue]?.breaker = .closed(failures: failures + 1)
        return nil
      }
      step = 0
    case .probing(let before) where held.isProbe:
      step = before + 1
    default:
      // A call from before the break tells nothing new.
      return nil
    }
    let until = backOff(step, at: now, using: &generator)
    venues[venue]?.breaker = .open(until: until, step: min(step, 32))
    return until
  }

  private func backOff(
    _ step: Int, at now: Instant, using generator: inout some RandomNumberGenerator
  ) -> Instant {
    let microseconds = doubling(
      options.pauseSeconds, step, most: options.pauseSecondsMost, using: &generator)
    return now.later(byMicroseconds: microseconds)
  }

  /// `seconds` doubled so many times, up to `most`, and up to a quarter more by chance; in
  /// microseconds.
  private func doubling(
    _ seconds: Int, _ times: Int, most: Int, using generator: inout some RandomNumberGenerator
  ) -> Int64 {
    var value = max(1, min(seconds, most))
    for _ in 0..<max(0, min(times, 32)) where value < most { value = min(most, value * 2) }
    let whole = Int64(value) * 1_000_000
    return whole + Int64.random(in: 0...(whole / 4), using: &generator)
  }

  private func bounded(_ wait: Instant, _ now: Instant) -> Instant {
    min(wait, now.advanced(bySeconds: Int64(options.banSecondsMost)))
  }
}

/// The `Retry-After` header: whole seconds or a date.
///
/// Source: RFC 9110, sections 10.2.3 and 5.6.7, https://www.rfc-editor.org/rfc/rfc9110
public enum RetryAfter {
  /// When to try again according to an answer's headers; `nil` where they do not say.
  ///
  /// A date is read against the answer's own `Date`, so that our clock may be wrong.
  ///
  /// - Parameters:
  ///   - headers: Header fields, names in lower case.
  ///   - now: When the answer came.
  /// - Returns: An instant not before `now`.
  public static func instant(
    in headers: [(name: String, value: String)], at now: Instant
  ) -> Instant? {
    guard let text = headers.first(where: { $0.name == "retry-after" })?.value else { return nil }
    if let seconds = seconds(text) { return now.advanced(bySeconds: seconds) }
    guard let date = date(text) else { return nil }
    let told = headers.first { $0.name == "date" }.flatMap { RetryAfter.date($0.value) }
    return max(now, now.advanced(bySeconds: date.seconds - (told ?? now).seconds))
  }

  private static func seconds(_ text: String) -> Int64? {
    let digits = text.utf8.filter { (48...57).contains($0) }
    guard !digits.isEmpty, digits.count == text.utf8.count else { return nil }
    return digits.count <= 9 ? Int64(text) : 1_000_000_000
  }

  /// Reads the one date format that may be sent: `Sun, 06 Nov 1994 08:49:37 GMT`.
  static func date(_ text: String) -> Instant? {
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]), let year = Int(parts[3]),
      let month = months.firstIndex(of: String(parts[2]))
    else { return nil }
    let clock = parts[4].split(separator: ":", omittingEmptySubsequences: false)
    guard clock.count == 3, let hour = Int(clock[0]), let minute = Int(clock[1]),
      let second = Int(clock[2])
    else { return nil }
    return CivilTime(
      year: year, month: month + 1, day: day, hour: hour, minute: minute, second: min(second, 59))?
      .utc
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}
