/// When the loop of a client draws and listens: at once while somebody types, seldom while only figures
/// move.
///
/// Every frame costs bytes on the line and every message a wake-up. While nobody types, messages are
/// taken and drawn together a few times a second; whatever waits meanwhile is drawn once. A window whose
/// size keeps changing is drawn when it rests, or now and then.
///
/// Times are microseconds of one clock; where it jumps back, nothing waits for it.
public struct FramePace: Sendable {
  /// The least time between two frames while somebody types: 30 a second.
  public static let lively: Int64 = 33_000
  /// The least time between two frames otherwise.
  public static let calm: Int64 = 250_000
  /// How long after a key somebody counts as typing.
  public static let attention: Int64 = 600_000
  /// How long a size must stay before it is drawn.
  public static let rest: Int64 = 40_000

  private var lastFrame: Int64?
  private var lastKey: Int64?
  private var lastResize: Int64?
  private var isUrgent = true

  /// Starts with a frame that is due at once.
  public init() {}

  /// A key came: its answer is not held back.
  public mutating func keyCame(at now: Int64) {
    lastKey = now
    isUrgent = true
  }

  /// The window has another size.
  public mutating func resized(at now: Int64) { lastResize = now }

  /// A frame was drawn.
  public mutating func drew(at now: Int64) {
    lastFrame = now
    lastResize = nil
    isUrgent = false
  }

  /// When the next frame may be drawn; not after `now` where one may.
  public func frameDue(at now: Int64) -> Int64 {
    let last = lastFrame.map { min($0, now) }
    let slow = last.map { $0 + FramePace.calm } ?? now
    if let resize = lastResize.map({ min($0, now) }) {
      return min(resize + FramePace.rest, max(slow, now))
    }
    if isUrgent { return now }
    return last.map { $0 + (isLively(at: now) ? FramePace.lively : FramePace.calm) } ?? now
  }

  /// When messages and the passing of time are looked at next; not after `now` where they may be.
  ///
  /// - Parameters:
  ///   - now: The present.
  ///   - isWaiting: Whether an answer to somebody is still to come.
  /// - Returns: The time, by the same clock.
  public func listensAt(_ now: Int64, isWaiting: Bool) -> Int64 {
    guard let last = lastFrame.map({ min($0, now) }), !isWaiting, !isLively(at: now) else {
      return now
    }
    return last + FramePace.calm
  }

  private func isLively(at now: Int64) -> Bool {
    lastKey.map { now - min($0, now) < FramePace.attention } ?? false
  }
}
