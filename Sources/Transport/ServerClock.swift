public import Ledger

/// How far the venues' clocks are from ours, estimated from answers that tell the time.
///
/// As in NTP (RFC 5905, sections 8 and 10): the offset is the venue's time less the middle between
/// sending and receiving, and of the last eight samples the one with the shortest round trip counts.
public struct ServerClock: Sendable {
  /// What became of a sample.
  public enum Verdict: Hashable, Sendable {
    /// It counts.
    case taken
    /// It is too far from what was known; two more like it are needed.
    case doubted
    /// It cannot be: received before it was sent, or after more than half a minute.
    case refused
  }

  private struct Sample: Sendable {
    var offset: Int64
    var roundTrip: Int64
  }

  private struct Line: Sendable {
    var samples: [Sample] = []
    var doubted: [Sample] = []

    var best: Sample? { samples.min { $0.roundTrip < $1.roundTrip } }
  }

  private var lines: [String: Line] = [:]
  private static let samplesMost = 8
  private static let jumpMost: Int64 = 15 * 60 * 1_000_000
  private static let agreement: Int64 = 60 * 1_000_000
  private static let roundTripMost: Int64 = 30 * 1_000_000

  /// Makes a clock that knows nothing.
  public init() {}

  /// Takes a sample in.
  ///
  /// - Parameters:
  ///   - venue: The venue's id.
  ///   - sent: When we asked, by our clock.
  ///   - told: What the venue's clock showed.
  ///   - received: When the answer came, by our clock.
  /// - Returns: Whether it counts.
  public mutating func add(
    _ venue: String, sent: Instant, told: Instant, received: Instant
  ) -> Verdict {
    let roundTrip = received.microseconds.subtractingReportingOverflow(sent.microseconds)
    guard !roundTrip.overflow, roundTrip.partialValue >= 0,
      roundTrip.partialValue <= ServerClock.roundTripMost
    else { return .refused }
    let middle = sent.microseconds + roundTrip.partialValue / 2
    let offset = told.microseconds.subtractingReportingOverflow(middle)
    guard !offset.overflow else { return .refused }
    let sample = Sample(offset: offset.partialValue, roundTrip: roundTrip.partialValue)
    var line = lines[venue] ?? Line()
    defer { lines[venue] = line }
    guard ServerClock.isFar(sample.offset, line.best?.offset ?? 0, ServerClock.jumpMost) else {
      line.doubted = []
      line.samples = Array((line.samples + [sample]).suffix(ServerClock.samplesMost))
      return .taken
    }
    line.doubted.removeAll {
      ServerClock.isFar($0.offset, sample.offset, ServerClock.agreement)
    }
    line.doubted.append(sample)
    guard line.doubted.count >= 3 else { return .doubted }
    line.samples = line.doubted
    line.doubted = []
    return .taken
  }

  private static func isFar(_ a: Int64, _ b: Int64, _ most: Int64) -> Bool {
    let difference = a.subtractingReportingOverflow(b)
    return difference.overflow || difference.partialValue.magnitude > most.magnitude
  }

  /// How many microseconds the venue's clock is ahead of ours; `nil` where nothing is known.
  public func offsetMicroseconds(_ venue: String) -> Int64? { lines[venue]?.best?.offset }

  /// By how many microseconds that may be wrong at most: half the round trip.
  public func uncertaintyMicroseconds(_ venue: String) -> Int64? {
    lines[venue]?.best.map { $0.roundTrip / 2 }
  }

  /// What the venue's clock shows; ours where nothing is known.
  public func time(at venue: String, now: Instant) -> Instant {
    let offset = offsetMicroseconds(venue) ?? 0
    let (sum, overflow) = now.microseconds.addingReportingOverflow(offset)
    return overflow ? now : Instant(microseconds: sum)
  }
}
