import Ledger

/// How much of a venue's allowances has been used, by address or key.
struct Allowances: Sendable {
  private var windows: [String: (start: Int64, used: Int)] = [:]
  private var counters: [String: (time: Instant, level: Double)] = [:]
  private var warned: [String: Int] = [:]
  private var bans: [String: Instant] = [:]
  private static let most = 10_000

  /// Charges an allowance that starts anew each window.
  ///
  /// - Parameters:
  ///   - name: Whose it is and which.
  ///   - points: What is charged.
  ///   - seconds: How long a window is.
  ///   - now: The time.
  /// - Returns: What has been used in the window, this included.
  mutating func charge(_ name: String, _ points: Int, seconds: Int64, at now: Instant) -> Int {
    if windows.count > Allowances.most { windows.removeAll() }
    let start = now.seconds / seconds
    var window = windows[name] ?? (start, 0)
    if window.start != start { window = (start, 0) }
    window.used += points
    windows[name] = window
    return window.used
  }

  /// Seconds until a window ends.
  func left(seconds: Int64, at now: Instant) -> Int {
    Int(seconds - now.seconds % seconds)
  }

  /// Charges a counter that falls steadily.
  ///
  /// - Parameters:
  ///   - name: Whose it is and which.
  ///   - points: What is charged.
  ///   - perSecond: How fast it falls.
  ///   - most: Where it refuses; a refused call is not charged.
  ///   - now: The time.
  /// - Returns: Whether it was allowed.
  mutating func count(
    _ name: String, _ points: Double, perSecond: Double, most: Double, at now: Instant
  ) -> Bool {
    if counters.count > Allowances.most { counters.removeAll() }
    var counter = counters[name] ?? (now, 0)
    let seconds = Double(now.microseconds - counter.time.microseconds) / 1_000_000
    counter.level = max(0, counter.level - max(0, seconds) * perSecond)
    counter.time = now
    let isAllowed = counter.level + points <= most
    if isAllowed { counter.level += points }
    counters[name] = counter
    return isAllowed
  }

  /// Counts a refusal; the address that goes on regardless is banned.
  ///
  /// - Parameters:
  ///   - name: Whose.
  ///   - most: How many refusals are borne.
  ///   - seconds: How long a ban is.
  ///   - now: The time.
  /// - Returns: Whether it is banned now.
  mutating func warn(_ name: String, most: Int, seconds: Int64, at now: Instant) -> Bool {
    if warned.count > Allowances.most { warned.removeAll() }
    let count = (warned[name] ?? 0) + 1
    warned[name] = count
    guard count > most else { return false }
    warned[name] = 0
    bans[name] = now.advanced(bySeconds: seconds)
    return true
  }

  /// How many seconds a ban still lasts; `nil` for none.
  func ban(_ name: String, at now: Instant) -> Int? {
    guard let end = bans[name], end > now else { return nil }
    return Int(end.seconds - now.seconds) + 1
  }

  /// Forgets refusals, after a window without any.
  mutating func forgive(_ name: String) { warned[name] = nil }
}
