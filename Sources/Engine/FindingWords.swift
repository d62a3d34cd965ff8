import Alerts
import Amounts
import Anomalies
import Ledger
import Portfolio

/// A finding in words: what was seen, what is usual, how rare it is, who else saw it, what it touches.
struct FindingWords {
  let finding: AnomalyFinding
  let settlement: Settlement

  private static let prefix = "finding-"

  /// The number that a finding's key names.
  static func number(of key: String) -> Int? {
    key.hasPrefix(prefix) ? Int(key.dropFirst(prefix.count)) : nil
  }

  /// The finding as the alerts' desk takes it.
  var alert: Finding {
    Finding(
      key: FindingWords.prefix + String(finding.id), detector: finding.kind.rawValue,
      subject: subjectName, title: AlertText(title), severity: severity, score: score,
      lines: lines, time: finding.time, weight: weight, isOver: finding.stage == .ended)
  }

  var severity: Severity {
    switch finding.severity {
    case .notice: .info
    case .warning: .warning
    case .critical: .critical
    }
  }

  /// The short name of the asset; its identity where it is no longer held.
  var assetName: String {
    let text = finding.subject.asset
    return position?.asset.ticker ?? AssetID(text)?.ticker ?? text
  }

  /// What it is about: an asset, a place, an account.
  var subjectName: String {
    let subject = finding.subject
    return [subject.account, assetName, subject.venue].filter { !$0.isEmpty }
      .joined(separator: " at ")
  }

  private var position: Position? { AssetID(finding.subject.asset).flatMap { settlement[$0] } }

  private var first: Evidence? { finding.evidence.first }

  /// The strongest surprise, as -log₁₀ of how often one so strange comes.
  private var score: Fixed? {
    guard let surprise = finding.evidence.map(\.surprise).max(), surprise > 0 else { return nil }
    return try? Fixed(parsing: FindingWords.decimal(surprise, digits: 2))
  }

  // MARK: - Sentences

  private var title: String {
    let words =
      switch finding.kind {
      case .crash: "falls faster than it does"
      case .surge: "rises faster than it does"
      case .pump: "is being pumped"
      case .dump: "falls back after its rise"
      case .spread: "has an unusual spread"
      case .depth: "has an unusually thin book"
      case .silence: "has a feed that is silent"
      case .frozen: "has a feed that repeats one value"
      case .divergence: "costs unusually different at two places"
      case .depeg: "has left its peg"
      case .correlation: "moves together as it did not before"
      case .foreignFill: "has a fill that was not caused here"
      case .foreignWithdrawal: "has a withdrawal that was not caused here"
      case .newAddress: "sent to an address for the first time"
      case .oddHour: "is used at an odd hour"
      case .unusualAmount: "moved an unusual amount"
      case .balanceDrop: "has less than its records say"
      }
    let size = first.map { $0.unit == .fraction ? " (\(FindingWords.signed($0)))" : "" } ?? ""
    return subjectName + " " + words + size
  }

  /// What the strongest component saw.
  var saw: String {
    first.map { "\(FindingWords.name($0.component)) \(FindingWords.amount($0))" } ?? ""
  }

  /// What would have been usual for it.
  var usual: String {
    guard let first else { return "" }
    return FindingWords.band(first)
  }

  /// How often one like it comes.
  var rarity: String { first.map(FindingWords.rarity) ?? "" }

  private var lines: [AlertLine] {
    var lines: [AlertLine] = []
    for evidence in finding.evidence.prefix(4) {
      let parts = [
        "\(FindingWords.name(evidence.component)) \(FindingWords.amount(evidence))",
        FindingWords.band(evidence), FindingWords.rarity(evidence),
      ]
      lines.append(
        AlertLine(
          "saw", parts.filter { !$0.isEmpty }.joined(separator: "; "),
          isRevealing: evidence.unit == .amount))
    }
    lines.append(AlertLine("since", finding.began.description))
    lines.append(AlertLine("second source", agreement))
    if let position, let value = position.value {
      lines.append(AlertLine("touches", touched(position, value), isRevealing: true))
    } else if !finding.subject.asset.isEmpty {
      lines.append(AlertLine("touches", "no position with a known value"))
    }
    for past in finding.alike {
      lines.append(AlertLine("like", FindingWords.past(past)))
    }
    if let model = finding.model {
      let from = Instant(seconds: model.trainedFrom)
      let to = Instant(seconds: model.trainedTo)
      lines.append(
        AlertLine(
          "model", "\(model.name) version \(model.version), trained \(from) to \(to), \(model.hash)"
        ))
    }
    if let curb = TradingCurb(finding) {
      let until = Instant(seconds: curb.untilSeconds)
      lines.append(
        AlertLine("trading", "orders of \(assetName) should wait until \(until): two places agree"))
    }
    return lines
  }

  private var agreement: String {
    let places = finding.agreeing
    if places.isEmpty {
      return finding.subject.venue.isEmpty ? "no single place was seen to agree" : "none"
    }
    return "\(places.joined(separator: ", ")) saw the same"
  }

  /// What the holder has in it, and what that may lose if the move is lasting.
  private func touched(_ position: Position, _ value: Fixed) -> String {
    let code = settlement.currency.code
    let worth = (try? value.rounded(toDigits: 2, rounding: .halfEven)) ?? value
    var text = "\(worth.text) \(code) of \(position.asset.ticker)"
    if let weight { text += ", \(weight.text) % of the known total" }
    if let first, first.unit == .fraction, first.direction == .down, first.observed < 0 {
      // The position is valued after the move: before it, it was worth that much more.
      let loss = value.approximate * first.observed / max(1 + first.observed, 0.01)
      text += "; the move is \(FindingWords.decimal(loss, digits: 2)) \(code) to it"
    }
    return text
  }

  /// How much of the known total it touches, in percent.
  private var weight: Fixed? {
    guard let value = position?.value else { return nil }
    var total = 0.0
    for other in settlement.settled { total += abs(other.value?.approximate ?? 0) }
    guard total > 0 else { return nil }
    return try? Fixed(
      parsing: FindingWords.decimal(abs(value.approximate) / total * 100, digits: 2))
  }
}

// MARK: - Numbers in words

extension FindingWords {
  /// A number of statistics with so many digits after the point.
  static func decimal(_ value: Double, digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else {
      return value < 0 ? "-999999999999999" : "999999999999999"
    }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let whole = (value * scale).rounded()
    let sign = whole < 0 ? "-" : ""
    let size = Int64(abs(whole))
    let base = Int64(scale)
    if digits == 0 { return sign + String(size) }
    let rest = String(size % base)
    return sign + String(size / base) + "."
      + String(repeating: "0", count: digits - rest.count) + rest
  }

  private static func text(_ value: Double, _ unit: AnomalyUnit) -> String {
    switch unit {
    case .fraction: decimal(value * 100, digits: abs(value) < 0.01 ? 3 : 2) + " %"
    case .price: decimal(value, digits: 4)
    case .seconds: decimal(value, digits: value < 10 ? 1 : 0) + " s"
    case .count: decimal(value, digits: value.rounded() == value ? 0 : 2)
    case .amount: decimal(value, digits: 2)
    case .hour: decimal(value, digits: 0) + ":00 UTC"
    case .share: decimal(value, digits: 2)
    }
  }

  private static func amount(_ evidence: Evidence) -> String {
    text(evidence.observed, evidence.unit)
  }

  private static func signed(_ evidence: Evidence) -> String {
    (evidence.observed > 0 ? "+" : "") + text(evidence.observed, evidence.unit)
  }

  private static func band(_ evidence: Evidence) -> String {
    switch (evidence.low, evidence.high) {
    case (let low?, let high?):
      "usual from \(text(low, evidence.unit)) to \(text(high, evidence.unit))"
    case (let low?, nil): "usual above \(text(low, evidence.unit))"
    case (nil, let high?): "usual below \(text(high, evidence.unit))"
    case (nil, nil): ""
    }
  }

  private static func rarity(_ evidence: Evidence) -> String {
    guard let seconds = evidence.everySeconds else {
      return evidence.surprise > 0 ? "" : "a rule, not a statistic"
    }
    return "once in \(span(seconds)) by \(evidence.sampleSize) points"
  }

  private static func span(_ seconds: Double) -> String {
    let units: [(name: String, seconds: Double)] = [
      ("years", 31_557_600), ("days", 86_400), ("hours", 3_600), ("minutes", 60),
    ]
    for unit in units where seconds >= 2 * unit.seconds {
      return "\(decimal(seconds / unit.seconds, digits: 0)) \(unit.name)"
    }
    return "\(decimal(seconds, digits: 0)) seconds"
  }

  private static func past(_ past: PastCase) -> String {
    let name = AssetID(past.subject.asset)?.ticker ?? past.subject.asset
    let verdict =
      switch past.verdict {
      case .open: "nothing said of it"
      case .confirmed: "was real"
      case .dismissed: "was nothing"
      }
    return "\(past.time) \(past.kind.rawValue) \(name): \(verdict)"
  }

  private static func name(_ component: AnomalyComponent) -> String {
    switch component {
    case .fall: "fall within a bar"
    case .slide: "fall over a few bars"
    case .decline: "fall over a dozen bars"
    case .retreat: "fall over three dozen bars"
    case .rise: "rise within a bar"
    case .climb: "rise over a few bars"
    case .advance: "rise over a dozen bars"
    case .ascent: "rise over three dozen bars"
    case .volume: "volume"
    case .trades: "trades"
    case .bought: "bought by takers"
    case .range: "reach of the bar"
    case .spread: "spread"
    case .depth: "depth"
    case .arrival: "silence"
    case .change: "unchanged for"
    case .ratio: "difference of two places"
    case .peg: "distance from the peg"
    case .rule: "rule"
    case .forest: "all together, by the forest"
    case .amount: "amount"
    case .hour: "hour"
    case .value: "value"
    case .course: "course of the last values"
    }
  }
}
