import Foundation

/// One measured figure, with what it should be.
struct Figure: Encodable {
  /// What a figure should be.
  enum Target {
    case atMost(Double)
    case below(Double)
    case atLeast(Double)

    func isMet(by value: Double) -> Bool {
      switch self {
      case .atMost(let bound): value <= bound
      case .below(let bound): value < bound
      case .atLeast(let bound): value >= bound
      }
    }

    var text: String {
      switch self {
      case .atMost(let bound): "<= \(Sheet.text(bound))"
      case .below(let bound): "< \(Sheet.text(bound))"
      case .atLeast(let bound): ">= \(Sheet.text(bound))"
      }
    }
  }

  let name: String
  let value: Double
  /// What is counted: `ms`, `entries/s`, `MB`, `ratio`.
  let unit: String
  var target: Target?

  private enum CodingKeys: String, CodingKey {
    case name, value, unit, target, met
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(value.isFinite ? value : nil, forKey: .value)
    try container.encode(unit, forKey: .unit)
    try container.encodeIfPresent(target?.text, forKey: .target)
    try container.encodeIfPresent(target?.isMet(by: value), forKey: .met)
  }
}

/// The figures of one run.
struct Sheet: Encodable {
  let bench: String
  private(set) var figures: [Figure] = []
  private(set) var notes: [String] = []

  init(_ bench: String) {
    self.bench = bench
  }

  /// Adds a figure.
  mutating func add(
    _ name: String, _ value: Double, _ unit: String, _ target: Figure.Target? = nil
  ) {
    figures.append(Figure(name: name, value: value, unit: unit, target: target))
  }

  /// Adds the median, the 95th percentile and the greatest of times in seconds, in milliseconds.
  mutating func add(_ name: String, seconds: [Double], p95 target: Figure.Target? = nil) {
    add("\(name), p50", seconds.percentile(50) * 1000, "ms")
    add("\(name), p95", seconds.percentile(95) * 1000, "ms", target)
    add("\(name), max", (seconds.max() ?? .nan) * 1000, "ms")
  }

  mutating func note(_ text: String) { notes.append(text) }

  /// Prints the sheet, as a table or as JSON.
  func show(asJSON: Bool) throws {
    print(asJSON ? try json : table)
  }

  private var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  private var table: String {
    let rows = figures.map { figure in
      [
        figure.name, Sheet.text(figure.value), figure.unit, figure.target?.text ?? "",
        figure.target.map { $0.isMet(by: figure.value) ? "met" : "MISSED" } ?? "",
      ]
    }
    let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = ["bench \(bench)"]
    for row in rows {
      let cells = row.enumerated().map { column, text in
        let space = String(repeating: " ", count: widths[column] - text.count)
        return column == 1 ? space + text : text + space
      }
      lines.append("  " + cells.joined(separator: "  "))
    }
    lines += (notes + ["Absolute numbers are this machine's; ratios compare within one run."])
      .map { "  note: \($0)" }
    return lines.joined(separator: "\n")
  }

  /// Three significant digits for small numbers, whole numbers for large ones.
  static func text(_ value: Double) -> String {
    if !value.isFinite { return "-" }
    if value == value.rounded() || abs(value) >= 1000 { return String(format: "%.0f", value) }
    return String(format: abs(value) >= 100 ? "%.1f" : abs(value) >= 1 ? "%.2f" : "%.4f", value)
  }
}

extension [Double] {
  /// The value below which so many in a hundred lie, by nearest rank.
  func percentile(_ share: Double) -> Double {
    guard !isEmpty else { return .nan }
    let rank = Int((share / 100 * Double(count)).rounded(.up))
    return sorted()[Swift.min(Swift.max(rank, 1), count) - 1]
  }

  var median: Double { percentile(50) }
}
