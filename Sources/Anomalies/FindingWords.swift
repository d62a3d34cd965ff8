internal import Statistics

/// A finding in words for a line of a log or an alert; screens make their own.
extension AnomalyFinding {
  /// What, where, how far from what is usual, how rare, from when, who agrees.
  public var words: String {
    var text = AnomalyFinding.name(subject) + ": " + kind.rawValue
    switch stage {
    case .began: break
    case .grew: text += ", worse"
    case .ended: return text + " is over"
    }
    for piece in evidence.prefix(2) { text += "; " + piece.words }
    if !agreeing.isEmpty { text += "; also at " + agreeing.joined(separator: ", ") }
    if let first = alike.first {
      text += "; like number \(first.id)"
      switch first.verdict {
      case .open: break
      case .confirmed: text += ", confirmed"
      case .dismissed: text += ", dismissed"
      }
    }
    return text
  }

  private static func name(_ subject: AnomalySubject) -> String {
    let parts = [subject.account, subject.asset].filter { !$0.isEmpty }
    let name = parts.isEmpty ? "all" : parts.joined(separator: " ")
    return subject.venue.isEmpty ? name : name + " at " + subject.venue
  }
}

extension Evidence {
  /// What was seen, what is usual, and how rare it is.
  public var words: String {
    var text = component.rawValue + " " + number(observed)
    if let low, let high {
      text += ", usual " + number(low) + " to " + number(high)
    } else if let high {
      text += ", usual up to " + number(high)
    } else if let low {
      text += ", usual from " + number(low)
    }
    if let every = everySeconds { text += ", once in " + Evidence.span(every) }
    if sampleSize > 0 { text += " (of \(sampleSize))" }
    return text
  }

  private func number(_ value: Double) -> String {
    switch unit {
    case .fraction: Evidence.decimal(unitless(value) * 100, 1) + " %"
    case .seconds: Evidence.span(value)
    case .hour: Evidence.decimal(value, 0) + " h UTC"
    case .price, .amount: Evidence.decimal(value, 2)
    case .count: Evidence.decimal(value, 0)
    case .share: Evidence.decimal(value, 2)
    }
  }

  /// Moves are logarithms of ratios; in words they are parts of the price.
  private func unitless(_ value: Double) -> Double {
    switch component {
    case .fall, .slide, .decline, .retreat, .rise, .climb, .advance, .ascent, .ratio:
      Elementary.exp(min(max(value, -50), 50)) - 1
    default: value
    }
  }

  private static func span(_ seconds: Double) -> String {
    switch seconds {
    case ..<120: decimal(seconds, 0) + " s"
    case ..<7200: decimal(seconds / 60, 0) + " min"
    case ..<172_800: decimal(seconds / 3600, 0) + " h"
    case ..<63_115_200: decimal(seconds / 86_400, 0) + " days"
    default: decimal(seconds / 31_557_600, 0) + " years"
    }
  }

  /// A number with so many digits after the point; what is no number is a dash.
  private static func decimal(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "-" }
    var factor = 1
    for _ in 0..<digits { factor *= 10 }
    let scaled = Int((abs(value) * Double(factor)).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return sign + String(scaled) }
    let rest = String(scaled % factor)
    let zeros = String(repeating: "0", count: digits - rest.count)
    return sign + String(scaled / factor) + "." + zeros + rest
  }
}
