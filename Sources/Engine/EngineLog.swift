import Ledger
import Portfolio
import Wire

/// One thing that the engine did or met.
struct LogLine: Hashable, Sendable {
  /// How much it matters.
  enum Level: String, Hashable, Sendable, Comparable, CaseIterable {
    case info
    case warning
    case error

    private var rank: Int { Level.allCases.firstIndex(of: self) ?? 0 }
    static func < (a: Level, b: Level) -> Bool { a.rank < b.rank }
  }

  /// Its place in the order of all lines since the engine began, from 1.
  let number: Int64
  let time: Instant
  let level: Level
  /// What it is about: an account, a venue, an asset, or a part of the engine.
  let place: String
  let text: String
  /// What else there is to say, a line each: a name, a tab, a text.
  var details = ""
  /// Whether the text may tell amounts.
  var isRevealing = false
  /// Whether only an open vault may tell it.
  var isOfVault = true
}

/// What the engine did, its last lines, in memory only: nothing of it is written anywhere.
///
/// Always: at most `limit` lines; with the vault what it told is forgotten.
struct EngineLog: Sendable {
  /// The most lines that are kept.
  static let limit = 2_000
  /// The most characters of a text, and of what else there is to say.
  static let mostCharacters = 400
  static let mostDetails = 2_000
  /// The newest lines that a board has; the rest is asked for.
  static let boardLines = 100

  private var ring: [LogLine] = []
  private var start = 0
  private(set) var last: Int64 = 0
  /// Whether lines came since the board was made.
  var isNew = false
  /// When accounts are looked at for what is different.
  var accountsDue: Instant?
  /// How accounts stood when they were looked at.
  var accounts: [String: String] = [:]
  /// How the price of an asset stood.
  var prices: [AssetID: FigureState] = [:]
  /// What a work was asked, until it ends.
  var errands: [WorkID: String] = [:]
  /// Batches on their way to the disk.
  var batches: [Int: (place: String, text: String)] = [:]

  /// The lines, oldest first.
  var lines: [LogLine] { Array(ring[start...]) + ring[..<start] }

  /// The number of the oldest line that is kept; one more than the last where there is none.
  var first: Int64 { ring.isEmpty ? last + 1 : ring[start % ring.count].number }

  /// Adds a line; the oldest makes room.
  mutating func add(
    _ level: LogLine.Level, _ place: String, _ text: String, details: [(String, String)] = [],
    isRevealing: Bool = false, isOfVault: Bool = true, at time: Instant
  ) {
    last += 1
    let more = details.filter { !$0.1.isEmpty }.map { "\($0.0)\t\(EngineLog.line($0.1))" }
    let line = LogLine(
      number: last, time: time, level: level,
      place: String(EngineLog.line(place).prefix(80)),
      text: String(EngineLog.line(text).prefix(EngineLog.mostCharacters)),
      details: String(more.joined(separator: "\n").prefix(EngineLog.mostDetails)),
      isRevealing: isRevealing, isOfVault: isOfVault)
    isNew = true
    if ring.count < EngineLog.limit {
      ring.append(line)
    } else {
      ring[start] = line
      start = (start + 1) % EngineLog.limit
    }
  }

  /// What an outsider said, as one line.
  private static func line(_ text: String) -> String {
    String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
  }

  /// The vault is closed: what it told goes with it.
  mutating func forgetVault() {
    ring = lines.filter { !$0.isOfVault }
    start = 0
    accounts = [:]
    prices = [:]
    errands = [:]
    batches = [:]
    accountsDue = nil
  }

  /// Lines as a report.
  ///
  /// - Parameters:
  ///   - after: Only those with a greater number.
  ///   - level: Only those that matter at least so much.
  ///   - most: Only so many, the newest.
  /// - Returns: The lines, oldest first.
  func report(
    after: Int64 = 0, level: LogLine.Level = .info, most: Int = EngineLog.limit
  ) -> Report {
    let found = lines.filter { $0.number > after && $0.level >= level }.suffix(max(0, most))
    return Report(
      facts: [.init("first", .integer(first)), .init("last", .integer(last))],
      tableName: "lines",
      columns: ["number", "seen_at", "level", "place", "text", "details", "revealing"],
      rows: found.map { line in
        [
          .integer(line.number), .integer(line.time.microseconds), .text(line.level.rawValue),
          .text(line.place), .text(line.text), .text(line.details), .flag(line.isRevealing),
        ]
      })
  }
}
