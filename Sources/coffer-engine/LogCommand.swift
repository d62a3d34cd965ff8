import ArgumentParser
import Engine
import Glibc
import Ledger
import Link
import Wire

/// Shows what the engine did.
struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "Show what the engine did: the last lines of its log.",
    discussion: """
      The engine keeps its last 2,000 lines in memory; what they tell of the vault is forgotten \
      when it is locked. With --json each line is an object of its own. Times are UTC.
      """)

  @OptionGroup var options: EngineCommandOptions
  @Flag(help: "Go on and print what comes, until interrupted.")
  var follow = false
  @Option(help: "Only what matters at least so much: info, warning or error.")
  var level = "info"
  @Option(help: "At most so many lines of what was before.")
  var limit = 2_000

  mutating func run() throws {
    options.noStart = true
    let connection = try options.connect()
    var after: Int64 = 0
    while true {
      let arguments = ["after": "\(after)", "level": level, "limit": "\(max(0, limit))"]
      let report = try options.ask(connection, Request("log", arguments))
      for row in report.rows.indices { show(report, row) }
      if case .integer(let last) = report["last"] { after = max(after, last) }
      if !follow { return }
      sleep(1)
    }
  }

  private func show(_ report: Report, _ row: Int) {
    if options.output.json {
      let line = Report(
        facts: zip(report.columns, report.rows[row]).map { .init($0, $1) }
      ).withTimes
      return standardOutput(line.json)
    }
    let time = report.integer(row, "seen_at").map { Instant(microseconds: $0).description } ?? ""
    let words = [time, report.text(row, "level"), report.text(row, "place")]
    let text = cleaned(words.joined(separator: " ") + ": " + report.text(row, "text"))
    standardOutput(Array((text + "\n").utf8))
  }
}
