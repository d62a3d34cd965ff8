import ArgumentParser
import Glibc
import Link
import Wire

/// Shows a market's order book.
struct BookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "book", abstract: "Show a market's order book as the venue's stream tells it.",
    discussion: """
      The book is kept by the venue's numbers and checksums. One that is not whole is thrown away \
      and got anew; until then no level of it is shown. Where no stream of a venue is read, the \
      book is fetched every five seconds. Nobody needs an account there.
      """)

  @OptionGroup var options: EngineCommandOptions
  @Argument(help: "The venue: coffer venues lists them.")
  var venue: String
  @Argument(help: "The market, as the venue names it or by its assets: BTC/USD.")
  var market: String
  @Option(help: "How many levels a side, 1 to 1000.")
  var levels = 10
  @Flag(help: "Go on showing it as it changes, at most twice a second; --json prints a line each.")
  var follow = false

  mutating func validate() throws {
    guard (1...1_000).contains(levels) else {
      throw ValidationError("--levels wants a number from 1 to 1000.")
    }
  }

  mutating func run() throws {
    let connection = try options.connectUnlocked()
    let request = Request(
      "book", ["venue": venue, "market": market, "levels": "\(levels)"])
    let report = try options.ask(connection, request)
    guard follow else { return options.show(report) }
    show(report, isFirst: true)
    guard case .text(let found) = report["venue"], case .text(let id) = report["market"] else {
      return
    }
    do {
      try keepShowing(Board.book(found, id, levels: levels), report, connection)
    } catch { throw CommandFailure(any: error) }
  }

  private func keepShowing(
    _ board: String, _ first: Report, _ connection: EngineConnection
  ) throws(Refusal) {
    var last = first
    try connection.send(.look([board]))
    while let message = try connection.receiveWaiting() {
      switch message {
      case .board(board, let report) where report != last:
        show(report, isFirst: false)
        last = report
      case .goodbye(let reason): throw Refusal(.system, reason)
      default: continue
      }
    }
    throw Refusal(.system, "the engine is gone", advice: "Start it again: coffer engine start")
  }

  /// A terminal shows one after another in the same place, anything else below each other.
  private func show(_ report: Report, isFirst: Bool) {
    if !options.output.json {
      let isScreen = isatty(STDOUT_FILENO) == 1
      let start = isScreen ? "\u{1B}[H\u{1B}[2J" : isFirst ? "" : "\n"
      standardOutput(Array(start.utf8))
    }
    options.show(report)
  }
}
