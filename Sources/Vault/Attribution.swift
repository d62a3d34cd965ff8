public import Ledger

/// Who does something to a vault, and when: every change is recorded under one.
public struct Attribution: Hashable, Sendable {
  /// The system's number of the user.
  public let uid: UInt32
  /// The user's name.
  public let user: String
  /// When it was asked for.
  public let time: Instant
  /// The program and its version.
  public let program: String

  /// Makes an attribution.
  public init(uid: UInt32, user: String, time: Instant, program: String = "coffer") {
    self.uid = uid
    self.user = user
    self.time = time
    self.program = program
  }
}
