import Ledger
import Wire

/// After how long without a key in any client the vault is locked.
struct IdleLock: Sendable {
  /// What it may be, in seconds; 0 is never.
  static let allowed: ClosedRange<Int64> = 60...86_400
  /// How long after the vault was asked to close it is asked again, in microseconds.
  private static let patience: Int64 = 60_000_000

  var seconds: Int64 = 0
  /// When a key was last pressed, or the vault was opened.
  private(set) var activeAt = Instant(microseconds: 0)
  private var askedAt: Instant?

  /// Somebody is there.
  mutating func touch(at now: Instant) {
    activeAt = max(activeAt, now)
    askedAt = nil
  }

  /// The vault is asked to close.
  mutating func ask(at now: Instant) { askedAt = now }

  /// When the vault is to be closed; `nil` where never.
  var due: Instant? {
    guard seconds > 0 else { return nil }
    if let askedAt { return Instant(microseconds: askedAt.microseconds + IdleLock.patience) }
    return activeAt.advanced(bySeconds: seconds)
  }

  /// The length of `15m`, `2h`, `90` minutes or `off`; `nil` for anything else.
  static func seconds(of text: String) -> Int64? {
    let word = text.lowercased()
    if word == "off" || word == "0" { return 0 }
    let unit: Int64 = word.hasSuffix("h") ? 3_600 : word.hasSuffix("s") ? 1 : 60
    let digits = word.last.map { "hms".contains($0) } == true ? word.dropLast() : word[...]
    guard let number = Int64(digits), number > 0, number <= allowed.upperBound else { return nil }
    let seconds = number * unit
    return allowed.contains(seconds) ? seconds : nil
  }

  /// The length as people write it: `15m`, `off`.
  static func text(of seconds: Int64) -> String {
    if seconds == 0 { return "off" }
    if seconds % 3_600 == 0 { return "\(seconds / 3_600)h" }
    return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
  }
}

extension EngineCore {
  /// Takes over how long the vault may stay open without a key.
  mutating func use(idleLock seconds: Int64, at now: Instant) {
    idleLock.seconds = seconds
    idleLock.touch(at: now)
    status.idleLockSeconds = Int(seconds)
  }

  /// Closes the vault where nobody was there for as long as the owner allows.
  ///
  /// - Parameter now: When.
  /// - Returns: What is to be done: the same as for `lock`, without a client that waits.
  mutating func lockIfIdle(at now: Instant) -> [EngineEffect] {
    guard settlement != nil, let due = idleLock.due, now >= due,
      let spec = VerbSpec.all["lock"]
    else { return [] }
    idleLock.ask(at: now)
    status.lockReason = "no key was pressed for \(IdleLock.text(of: idleLock.seconds))"
    lastWork += 1
    return finishFigures() + [.work(WorkID(number: lastWork), .request(Request("lock"), spec))]
      + [wake(after: now)]
  }
}
