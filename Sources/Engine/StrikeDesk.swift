import Imports
import Ledger
import Wire
import Zones

/// When strikes are made by themselves, as the vault keeps it.
struct StrikePlan: Sendable {
  /// The cut-off; `nil` where strikes are made by hand alone.
  var cutOff: VaultWorker.CutOff?
  /// From when on it counts: cut-offs before it are nobody's.
  var since: Instant?
  /// The cut-offs that have a strike.
  var struck: Set<Instant> = []
}

/// Says when the cut-off has passed and a strike is due, also those that passed while nobody looked.
///
/// A strike is made once for each cut-off, a little after it, when the bars of its last minute are written.
/// What was missed is made as soon as the vault is open, the earliest first.
struct StrikeDesk: Sendable {
  /// What came of a strike.
  enum Outcome: Hashable, Sendable {
    /// It is frozen, now or before.
    case made
    /// Open breaks are worth too much, as the sentence says; it is tried again.
    case heldUp(String)
    /// Books do not reach the cut-off yet, as the sentence says; it is tried again soon.
    case unread(String)
    /// It could not be made, for the reason given; it is tried again.
    case failed(String)
  }

  /// What prevents a strike.
  enum Cause: Sendable {
    /// Open breaks that are worth too much.
    case breaks
    /// Books that do not reach the cut-off.
    case unread
    /// Something that went wrong.
    case fault
  }

  /// A strike that is due and could not be made.
  struct Held: Hashable, Sendable {
    /// Its cut-off.
    let cutoff: Instant
    /// Why.
    var reason: String
    /// What kind of reason that is.
    var cause: Cause
    /// Since when the engine has tried.
    let since: Instant
    /// When it last did.
    var tried: Instant
    /// When it tries again.
    var next: Instant {
      tried.advanced(
        bySeconds: cause == .unread
          ? StrikeDesk.pauseWhileUnread : StrikeDesk.pauseAfterFailure)
    }
    /// How a list of strikes calls it.
    var state: String { cause == .fault ? "failed" : "held up" }
    /// Whether somebody has to know: accounts are read every few minutes, which has to be waited for.
    var isTold: Bool { cause != .unread || tried.seconds - since.seconds >= StrikeDesk.late }
  }

  /// How long after the cut-off it is made, in seconds: bars are written once a minute.
  static let pause: Int64 = 90
  /// How long after the vault is opened those that were missed are made.
  static let pauseAtOpening: Int64 = 30
  /// After how long one that could not be made is tried again.
  static let pauseAfterFailure: Int64 = 3_600
  /// After how long it is looked again whether accounts are read up to the cut-off.
  static let pauseWhileUnread: Int64 = 60
  /// From how many seconds after its cut-off on a strike is late.
  static let late: Int64 = 900
  /// How many days back missed cut-offs are made up for.
  static let mostDays = 31

  private let cutOff: VaultWorker.CutOff
  private let zone: any LocalZone
  private var waiting: [Instant]
  private var next: Instant?
  private var notBefore: Instant
  private var isAsking = false
  private var troubles: [Instant: Held] = [:]

  /// Starts with what the vault says; `nil` where strikes are made by hand alone.
  init?(_ plan: StrikePlan, at now: Instant) {
    guard let cutOff = plan.cutOff, let zone = SystemZone(cutOff.zone) else { return nil }
    self.init(cutOff, zone, since: plan.since ?? now, struck: plan.struck, at: now)
  }

  init(
    _ cutOff: VaultWorker.CutOff, _ zone: some LocalZone, since: Instant, struck: Set<Instant>,
    at now: Instant
  ) {
    self.cutOff = cutOff
    self.zone = zone
    waiting = []
    notBefore = now.advanced(bySeconds: StrikeDesk.pauseAtOpening)
    let earliest = now.advanced(bySeconds: -Int64(StrikeDesk.mostDays) * 86_400)
    var place = max(since, earliest)
    while let found = cutOff.next(after: place, in: zone), found <= now {
      if !struck.contains(found) { waiting.append(found) }
      place = found
    }
    next = cutOff.next(after: max(place, now), in: zone)
  }

  /// The strikes that are due and could not be made, by their cut-offs.
  var held: [Held] { troubles.values.filter(\.isTold).sorted { $0.cutoff < $1.cutoff } }

  /// When a strike is due.
  var wakeAt: Instant? {
    let ahead = next?.advanced(bySeconds: StrikeDesk.pause)
    if isAsking || waiting.isEmpty { return ahead }
    return min(notBefore, ahead ?? notBefore)
  }

  /// The cut-off whose strike is to be made now; `nil` for none.
  mutating func task(at now: Instant) -> Instant? {
    while let passed = next, passed.advanced(bySeconds: StrikeDesk.pause) <= now {
      waiting.append(passed)
      next = cutOff.next(after: passed, in: zone)
    }
    for dropped in waiting.prefix(max(0, waiting.count - StrikeDesk.mostDays)) {
      troubles[dropped] = nil
    }
    waiting.removeFirst(max(0, waiting.count - StrikeDesk.mostDays))
    guard !isAsking, now >= notBefore, let first = waiting.first else { return nil }
    isAsking = true
    return first
  }

  /// Takes in what came of a strike.
  mutating func take(_ outcome: Outcome, of cutoff: Instant, at now: Instant) {
    isAsking = false
    guard let place = waiting.firstIndex(of: cutoff) else { return }
    waiting.remove(at: place)
    switch outcome {
    case .made: troubles[cutoff] = nil
    case .heldUp(let reason): put(off: cutoff, reason, .breaks, at: now)
    case .unread(let reason): put(off: cutoff, reason, .unread, at: now)
    case .failed(let reason): put(off: cutoff, reason, .fault, at: now)
    }
  }

  private mutating func put(
    off cutoff: Instant, _ reason: String, _ cause: Cause, at now: Instant
  ) {
    // The others are not held up by it.
    waiting.append(cutoff)
    let held = Held(
      cutoff: cutoff, reason: reason, cause: cause, since: troubles[cutoff]?.since ?? now,
      tried: now)
    troubles[cutoff] = held
    notBefore = held.next
  }

  /// Takes in that somebody made the strike of a cut-off by hand.
  mutating func wasMade(by hand: Instant) {
    waiting.removeAll { $0 == hand }
    troubles[hand] = nil
  }
}

extension VaultWorker.CutOff {
  /// The first cut-off after a time.
  func next(after time: Instant, in zone: some LocalZone) -> Instant? {
    for days in -1...3 {
      let day = CivilTime(utc: time.advanced(bySeconds: Int64(days) * 86_400))
      if let found = instant(day, in: zone), found > time { return found }
    }
    return nil
  }
}

extension EngineCore {
  /// Has the strike made whose cut-off has passed; what grew of bars is written before it.
  mutating func strikeIfDue(at now: Instant) -> [EngineEffect] {
    guard let cutoff = strikes?.task(at: now) else { return [] }
    if let reason = desk?.booksReach(at: now).reason(at: cutoff) {
      return struck(cutoff, .unread(reason), at: now)
    }
    return finishFigures() + [.strike(cutoff), wake(after: now)]
  }

  /// Takes in what came of a strike and tells clients where one is held up, or no longer is.
  mutating func struck(
    _ cutoff: Instant, _ outcome: StrikeDesk.Outcome, at now: Instant
  ) -> [EngineEffect] {
    strikes?.take(outcome, of: cutoff, at: now)
    let before = status
    status.warnings = strikeWarnings
    return (before == status ? [] : tellStatus(except: nil)) + strikeIfDue(at: now)
      + [wake(after: now)]
  }

  /// What clients are told of strikes that are held up.
  var strikeWarnings: [String] {
    (strikes?.held ?? []).map { held in
      "the strike of \(held.cutoff) is \(held.cause == .fault ? "not made" : "held up") "
        + "since \(held.since): \(held.reason)"
    }
  }
}
