internal import Canvas
internal import Ledger
internal import Wire

/// A line of the engine's log.
struct LogEntry: Hashable, Sendable {
  let number: Int64
  let time: Instant
  let level: String
  let place: String
  let text: String
  let details: [Detail]
  /// Whether the text may tell amounts.
  let isRevealing: Bool

  init?(_ report: Report, _ row: Int) {
    guard let number = report.integer(row, "number"), let time = report.integer(row, "seen_at")
    else { return nil }
    self.number = number
    self.time = Instant(microseconds: time)
    level = report.text(row, "level")
    place = Sanitiser.line(report.text(row, "place").shortened(to: 80))
    text = Sanitiser.line(report.text(row, "text").shortened(to: 400))
    isRevealing = report.cell(row, "revealing") == .flag(true)
    let isRevealing = isRevealing
    details = report.text(row, "details").split(separator: "\n").prefix(20).compactMap { line in
      let words = line.split(separator: "\t", maxSplits: 1).map(String.init)
      guard words.count == 2 else { return nil }
      return Detail(
        name: Sanitiser.line(words[0]), text: Sanitiser.line(words[1].shortened(to: 500)),
        isRevealing: isRevealing)
    }
  }

  /// How much it matters: 0 to 2.
  var gravity: Int { LogEntry.levels.firstIndex(of: level) ?? 0 }

  static let levels = ["info", "warning", "error"]
}

/// The last lines of the engine's log, those that are looked for, and a cursor that may stick to the end.
struct LogWindow: Sendable {
  /// The most lines that are kept.
  static let limit = 2_000

  private(set) var lines: [LogEntry] = []
  /// The places of the lines that show.
  private(set) var shown: [Int] = []
  /// The number of the last line that the engine had.
  private(set) var last: Int64 = 0
  /// Whether anything came yet.
  private(set) var isKnown = false
  private(set) var filter = ""
  private(set) var isPrivate = false
  var cursor = ListCursor()
  /// Whether the cursor goes with what comes.
  var isFollowing = true

  var count: Int { shown.count }

  func entry(_ row: Int) -> LogEntry? { shown.indices.contains(row) ? lines[shown[row]] : nil }

  /// Takes lines in.
  ///
  /// - Returns: The number after which lines are missing, where some are.
  mutating func take(_ report: Report) -> Int64? {
    let new = report.rows.indices.compactMap { LogEntry(report, $0) }
    let end = report.integer(named: "last") ?? last
    // Another engine began to count anew, or the vault was locked.
    if end < last { self = LogWindow(filter: filter, isPrivate: isPrivate) }
    isKnown = true
    let first = report.integer(named: "first") ?? 1
    let known = lines.last?.number ?? 0
    let isGap = new.first.map { $0.number > max(known + 1, first) } ?? false
    let kept = entry(cursor.index)?.number
    last = end
    if isGap { return known }
    lines += new.filter { $0.number > known }
    lines.removeAll { $0.number < first }
    if lines.count > LogWindow.limit { lines.removeFirst(lines.count - LogWindow.limit) }
    sift(keeping: kept)
    return nil
  }

  /// Another engine may count anew: the filter stays, the lines do not.
  mutating func restart() { self = LogWindow(filter: filter, isPrivate: isPrivate) }

  init() {}

  private init(filter: String, isPrivate: Bool) {
    self.filter = filter
    self.isPrivate = isPrivate
  }

  /// Shows only what has all words of a text; `level:warning` is that level and what is graver.
  mutating func use(filter: String) {
    guard filter != self.filter else { return }
    let kept = entry(cursor.index)?.number
    self.filter = filter
    sift(keeping: kept)
  }

  /// Hides what may tell amounts, also from the filter.
  mutating func use(isPrivate: Bool) {
    guard isPrivate != self.isPrivate else { return }
    let kept = entry(cursor.index)?.number
    self.isPrivate = isPrivate
    sift(keeping: kept)
  }

  private mutating func sift(keeping number: Int64?) {
    let words = filter.lowercased().split(separator: " ").map(String.init)
    shown = lines.indices.filter { index in words.allSatisfy { fits(lines[index], $0) } }
    if isFollowing {
      cursor.index = max(0, count - 1)
    } else if let number {
      let row = shown.firstIndex { lines[$0].number >= number } ?? max(0, count - 1)
      cursor.first += row - cursor.index
      cursor.index = row
    }
  }

  private func fits(_ line: LogEntry, _ word: String) -> Bool {
    if word.hasPrefix("level:") {
      let level = LogEntry.levels.firstIndex { $0.hasPrefix(word.dropFirst(6)) } ?? 0
      return line.gravity >= level
    }
    return contains(line, word)
  }

  /// Whether a word in small letters stands in what shows of a line.
  func contains(_ line: LogEntry, _ word: String) -> Bool {
    if line.place.lowercased().contains(word) || line.level.contains(word) { return true }
    if isPrivate, line.isRevealing { return false }
    return line.text.lowercased().contains(word)
      || line.details.contains { $0.text.lowercased().contains(word) }
  }
}

extension Report {
  /// A fact's whole number; `nil` where there is none.
  fileprivate func integer(named name: String) -> Int64? {
    if case .integer(let number) = self[name] { return number }
    return nil
  }
}
