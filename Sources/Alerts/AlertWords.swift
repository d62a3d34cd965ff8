import Amounts
import Ledger

/// Numbers and times as alerts write them.
enum AlertWords {
  /// A number with its unit.
  static func number(_ value: Fixed, _ unit: Observation.Unit) -> String {
    switch unit {
    case .money(let code): return "\(grouped(value, digits: large(value) ? 0 : 2)) \(code)"
    case .price(let code): return "\(grouped(value, digits: priceDigits(value))) \(code)"
    case .percent: return "\(grouped(value, digits: 2)) %"
    case .count, .plain: return grouped(value, digits: 4)
    case .seconds: return span(value)
    }
  }

  private static func large(_ value: Fixed) -> Bool {
    value.units.magnitude >= 1_000 * Fixed.scale.magnitude
  }

  /// As many digits as a price needs to have five that matter.
  private static func priceDigits(_ value: Fixed) -> Int {
    if large(value) { return 2 }
    if value.units.magnitude >= Fixed.scale.magnitude { return 4 }
    return 8
  }

  /// A number rounded to so many digits, grouped by threes.
  static func grouped(_ value: Fixed, digits: Int) -> String {
    let text = ((try? value.rounded(toDigits: digits, rounding: .halfEven)) ?? value).text
    let sign = text.hasPrefix("-") ? "-" : ""
    let parts = text.dropFirst(sign.count).split(separator: ".", maxSplits: 1)
    let whole = Array(parts.first ?? "0")
    var shown = ""
    for (index, digit) in whole.enumerated() {
      if index > 0, (whole.count - index) % 3 == 0 { shown.append(",") }
      shown.append(digit)
    }
    return sign + shown + (parts.count > 1 ? "." + parts[1] : "")
  }

  /// A length of time in its greatest unit.
  static func span(_ seconds: Fixed) -> String {
    let whole = Int64(clamping: seconds.units / Fixed.scale)
    return span(seconds: whole)
  }

  /// A length of time in its greatest unit.
  static func span(seconds: Int64) -> String {
    switch seconds {
    case ..<120: "\(seconds)s"
    case ..<7_200: "\(seconds / 60)m"
    case ..<172_800: "\(seconds / 3_600)h"
    default: "\(seconds / 86_400)d"
    }
  }

  /// Day and second in UTC.
  static func moment(_ time: Instant) -> String {
    let civil = CivilTime(utc: time)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(civil.year)-\(two(civil.month))-\(two(civil.day)) "
      + "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second)) UTC"
  }
}

extension AlertRule {
  /// What an alert of the rule says in one line.
  func title(_ seen: Observation, _ measure: Measure) -> AlertText {
    let value = AlertWords.number(measure.value, seen.unit)
    let level = AlertWords.number(measure.level, seen.unit)
    switch kind {
    case .threshold(let side, _):
      let word = side == .above ? "above" : "below"
      let text = "\(seen.subject) \(value), \(word) \(level)"
      return seen.isAmount
        ? AlertText(text, outside: "\(seen.subject) is \(word) its level") : AlertText(text)
    case .limit:
      let word = measure.value > measure.level ? "over its limit of" : "near its limit of"
      let text = "\(seen.subject) \(value), \(word) \(level)"
      let outside = measure.value > measure.level ? "over its limit" : "near its limit"
      return seen.isAmount
        ? AlertText(text, outside: "\(seen.subject) is \(outside)") : AlertText(text)
    case .change(_, let seconds, let isPercent, _):
      return changed(seen, measure, seconds, isPercent)
    case .health:
      let note = seen.note.isEmpty ? "" : ": \(seen.note)"
      return AlertText("\(seen.subject) is \(AlertRule.word(seen.quality))\(note)")
    case .anomaly: return AlertText(seen.subject)
    }
  }

  private func changed(
    _ seen: Observation, _ measure: Measure, _ seconds: Int64, _ isPercent: Bool
  ) -> AlertText {
    let unit = isPercent ? Observation.Unit.percent : seen.unit
    let word = measure.isDown ? "fell" : "rose"
    let size = AlertWords.number(measure.value, unit)
    let window = AlertWords.span(seconds: seconds)
    let now = seen.value.map { AlertWords.number($0, seen.unit) } ?? ""
    let then = measure.from.map { AlertWords.number($0, seen.unit) } ?? ""
    let short = "\(seen.subject) \(word) \(size) within \(window)"
    let full = "\(short): \(now) from \(then)"
    guard seen.isAmount else { return AlertText(full) }
    return AlertText(full, outside: isPercent ? short : "\(seen.subject) \(word) within \(window)")
  }

  private static func word(_ quality: Observation.Quality) -> String {
    switch quality {
    case .good: "good"
    case .partial: "not whole"
    case .stale: "stale"
    case .disputed: "disputed"
    case .unknown: "not known"
    }
  }

  /// The explanation: what was seen, against what, since when, on what ground, what it touches.
  func explanation(_ seen: Observation, _ measure: Measure) -> [AlertLine] {
    var lines: [AlertLine] = []
    if let value = seen.value {
      let text = AlertWords.number(value, seen.unit) + " at " + AlertWords.moment(seen.time)
      lines.append(AlertLine("observed", text, isRevealing: seen.isAmount))
    }
    lines.append(AlertLine("expected", expected(seen.unit), isRevealing: seen.isAmount && !isRatio))
    if let from = measure.from {
      let extreme = measure.isDown ? "highest" : "lowest"
      let text = "\(AlertWords.number(from, seen.unit)), the \(extreme) in the window"
      lines.append(AlertLine("before", text, isRevealing: seen.isAmount))
    }
    if !seen.note.isEmpty { lines.append(AlertLine("ground", seen.note)) }
    if let weight = seen.weight {
      lines.append(AlertLine("touches", "\(AlertWords.grouped(weight, digits: 2)) % of the NAV"))
    }
    var rule = "\(name) (\(origin)): \(kind.text) on \(figure)"
    if forSeconds > 0 { rule += ", for \(AlertWords.span(seconds: forSeconds))" }
    if holdSeconds > 0 { rule += ", held \(AlertWords.span(seconds: holdSeconds))" }
    lines.append(AlertLine("rule", rule))
    return lines
  }

  /// What would be well, for a list of rules.
  public var wellWords: String {
    switch figure.split(separator: ":").last.map(String.init) ?? figure {
    case "age", "waiting", "feed": return expected(.seconds)
    case "weight", "day_change": return expected(.percent)
    default: return figure.hasPrefix("peg:") ? expected(.percent) : expected(.plain)
    }
  }

  private var isRatio: Bool {
    if case .change(_, _, let isPercent, _) = kind { return isPercent }
    return false
  }

  /// What would be well, for people.
  func expected(_ unit: Observation.Unit) -> String {
    func text(_ levels: Levels, _ unit: Observation.Unit, _ word: String) -> String {
      let critical = levels.critical.map { ", critical \(AlertWords.number($0, unit))" } ?? ""
      return "\(word) \(AlertWords.number(levels.raise, unit))\(critical); "
        + "well again at \(AlertWords.number(levels.clear, unit))"
    }
    switch kind {
    case .threshold(let side, let levels):
      return text(levels, unit, side == .above ? "at most" : "at least")
    case .limit(let most, let warn):
      return "at most \(AlertWords.number(most, unit)); "
        + "a warning from \(AlertWords.number(warn, unit))"
    case .change(let direction, let seconds, let isPercent, let levels):
      let word = direction == .moves ? "no move of more than" : "no \(direction.noun) of more than"
      return text(levels, isPercent ? .percent : unit, word)
        + ", within \(AlertWords.span(seconds: seconds))"
    case .anomaly(let least):
      return least.map { "no finding with a score of \($0.text) or more" } ?? "no finding"
    case .health(let qualities):
      return "not " + qualities.map(\.rawValue).sorted().joined(separator: ", ")
    }
  }
}

extension AlertRule.Direction {
  fileprivate var noun: String {
    switch self {
    case .falls: "fall"
    case .rises: "rise"
    case .moves: "move"
    }
  }
}

extension Observation {
  /// Whether the value is an amount of the holder's.
  var isAmount: Bool {
    if case .money = unit { return true }
    return false
  }
}
