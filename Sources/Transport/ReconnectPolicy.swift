public import Ledger

/// When to connect again after a connection has ended: later each time, spread by chance.
public struct ReconnectPolicy: Hashable, Sendable {
  /// The first pause, in seconds.
  public var firstSeconds: Int
  /// The longest pause, in seconds.
  public var mostSeconds: Int
  /// After how many seconds of being open the pauses begin anew.
  public var stableSeconds: Int64
  /// How many attempts in a row ended early.
  public private(set) var failures = 0
  private var openedAt: Instant?

  /// Makes a policy.
  public init(firstSeconds: Int = 1, mostSeconds: Int = 60, stableSeconds: Int64 = 60) {
    self.firstSeconds = max(1, firstSeconds)
    self.mostSeconds = max(self.firstSeconds, mostSeconds)
    self.stableSeconds = max(0, stableSeconds)
  }

  /// Tells that a connection stands.
  public mutating func opened(at now: Instant) {
    openedAt = now
  }

  /// Tells that it ended or did not come about.
  ///
  /// - Parameters:
  ///   - now: When.
  ///   - generator: Spreads the pause between its half and its whole.
  /// - Returns: When to try again.
  public mutating func ended(
    at now: Instant, using generator: inout some RandomNumberGenerator
  ) -> Instant {
    if let openedAt, openedAt.advanced(bySeconds: stableSeconds) <= now { failures = 0 }
    openedAt = nil
    var pause = firstSeconds
    for _ in 0..<min(failures, 32) where pause < mostSeconds {
      pause = min(mostSeconds, pause * 2)
    }
    failures = min(failures + 1, 1_000_000)
    let whole = Int64(min(pause, 1_000_000)) * 1_000_000
    let wait = Int64.random(in: (whole / 2)...whole, using: &generator)
    let (sum, overflow) = now.microseconds.addingReportingOverflow(wait)
    return Instant(microseconds: overflow ? .max : sum)
  }
}
