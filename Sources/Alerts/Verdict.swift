import Amounts
import Ledger

/// What a rule says of one observation.
enum Verdict: Equatable {
  /// Nothing can be said, and why.
  case blind(String)
  /// It is not so.
  case clear
  /// It is neither bad nor well: between the two levels.
  case between
  /// It is so.
  case bad(Severity, Measure)
}

/// What was measured, for the words.
struct Measure: Equatable {
  /// The value or the change.
  var value: Fixed
  /// The level that it is beyond.
  var level: Fixed
  /// The value that a change started from.
  var from: Fixed?
  /// Whether the change was down.
  var isDown = false
}

/// The greatest and least values of a stretch of time, in pieces: O(1) memory a figure.
struct ChangeWindow: Equatable {
  struct Piece: Equatable {
    /// The number of the piece since 1970.
    var number: Int64
    var high: Fixed
    var low: Fixed
  }

  /// How many pieces a window has.
  static let pieces: Int64 = 48

  var basis = ""
  var kept: [Piece] = []

  /// Takes a value in and gives the extremes of the window; `nil` for the first value.
  mutating func take(
    _ value: Fixed, at time: Instant, seconds: Int64, basis: String
  ) -> (high: Fixed, low: Fixed)? {
    if basis != self.basis {
      // Something came in or went out: what was before is another figure.
      kept = []
      self.basis = basis
    }
    let length = max(1, seconds / ChangeWindow.pieces)
    let number = time.seconds / length
    kept.removeAll { $0.number > number || $0.number < number - ChangeWindow.pieces }
    let high = kept.map(\.high).max() ?? value
    let low = kept.map(\.low).min() ?? value
    let hadAny = !kept.isEmpty
    if let last = kept.last, last.number == number {
      kept[kept.count - 1].high = max(last.high, value)
      kept[kept.count - 1].low = min(last.low, value)
    } else {
      kept.append(Piece(number: number, high: value, low: value))
    }
    return hadAny ? (high, low) : nil
  }
}

extension AlertRule {
  /// What the rule says of an observation; a change also looks into the window.
  func verdict(on seen: Observation, _ window: inout ChangeWindow) -> Verdict {
    if let leastWeight, let weight = seen.weight, weight < leastWeight { return .clear }
    if case .health(let qualities) = kind {
      guard qualities.contains(seen.quality) else { return .clear }
      return .bad(severity, Measure(value: seen.value ?? .zero, level: .zero))
    }
    guard let value = seen.value else { return .blind(AlertRule.why(seen)) }
    switch seen.quality {
    case .good: break
    case .partial:
      // At least this much: enough to be above something, not to be below it.
      if case .threshold(.below, _) = kind { return .blind(AlertRule.why(seen)) }
    case .stale, .disputed, .unknown: return .blind(AlertRule.why(seen))
    }
    switch kind {
    case .threshold(let side, let levels): return AlertRule.compare(value, side, levels, severity)
    case .limit(let most, let warn):
      if value > most { return .bad(severity, Measure(value: value, level: most)) }
      if value > warn { return .bad(min(severity, .warning), Measure(value: value, level: most)) }
      return AlertRule.hysteresis(value, below: warn) ? .clear : .between
    case .change(let direction, let seconds, let isPercent, let levels):
      guard
        let range = window.take(value, at: seen.time, seconds: seconds, basis: seen.basis)
      else { return .clear }
      return change(value, range, direction, isPercent, levels)
    case .anomaly, .health: return .clear
    }
  }

  private static func why(_ seen: Observation) -> String {
    seen.note.isEmpty ? seen.quality.rawValue : "\(seen.quality.rawValue): \(seen.note)"
  }

  private static func compare(
    _ value: Fixed, _ side: Side, _ levels: Levels, _ severity: Severity
  ) -> Verdict {
    let isBeyond = { (level: Fixed) in side == .above ? value > level : value < level }
    if let critical = levels.critical, isBeyond(critical) {
      return .bad(.critical, Measure(value: value, level: critical))
    }
    if isBeyond(levels.raise) { return .bad(severity, Measure(value: value, level: levels.raise)) }
    return isBeyond(levels.clear) ? .between : .clear
  }

  /// Whether a value is well below a level: by a twentieth of it.
  private static func hysteresis(_ value: Fixed, below level: Fixed) -> Bool {
    let margin = Fixed(units: Int128(level.units.magnitude / 20))
    guard let clear = try? level.subtracting(margin) else { return value < level }
    return value <= clear
  }

  private func change(
    _ value: Fixed, _ range: (high: Fixed, low: Fixed), _ direction: Direction,
    _ isPercent: Bool, _ levels: Levels
  ) -> Verdict {
    var worst: Measure?
    func consider(_ from: Fixed, isDown: Bool) {
      guard let size = AlertRule.change(from: from, to: value, isPercent: isPercent) else { return }
      let measured = isDown ? try? size.negated() : size
      guard let measured, worst.map({ $0.value < measured }) ?? true else { return }
      worst = Measure(value: measured, level: levels.raise, from: from, isDown: isDown)
    }
    if direction != .rises { consider(range.high, isDown: true) }
    if direction != .falls { consider(range.low, isDown: false) }
    guard var worst else { return .blind("the change is beyond exact numbers") }
    if let critical = levels.critical, worst.value > critical {
      worst.level = critical
      return .bad(.critical, worst)
    }
    if worst.value > levels.raise { return .bad(severity, worst) }
    return worst.value > levels.clear ? .between : .clear
  }

  /// A change in percent of what it was, or as it is; `nil` from nothing or beyond exact numbers.
  static func change(from old: Fixed, to new: Fixed, isPercent: Bool) -> Fixed? {
    guard let difference = try? new.subtracting(old) else { return nil }
    guard isPercent else { return difference }
    guard !old.isZero, let base = try? old.magnitude(),
      let hundred = try? difference.multiplied(by: Fixed(whole: 100), rounding: .halfEven)
    else { return nil }
    return try? hundred.divided(by: base, rounding: .halfEven)
  }
}
