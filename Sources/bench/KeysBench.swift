import ArgumentParser
import Canvas
import Ledger
import Portfolio
import Screens
import Wire

/// Keys pressed in the client with many positions and moving prices.
struct KeysBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "From a key to the runs of cells for the terminal, in the client's own model.")

  @Option(help: "Positions of the portfolio.") var positions = 5_000
  @Option(help: "Columns of the terminal.") var columns = 200
  @Option(help: "Rows of the terminal.") var rows = 60
  @Option(help: "Rounds of the whole key script.") var rounds = 20
  @Flag(help: "Print JSON.") var json = false

  /// Keys by what they do.
  private static let script: [(name: String, keys: [Key])] = [
    ("row down", [.character("j"), Key(.down), .character("j")]),
    ("page down", [Key(.pageDown), Key(.pageDown), Key(.pageUp)]),
    ("last and first", [.character("G"), .character("g"), .character("g")]),
    ("sort", [.character("S"), .character(">"), .character("<"), .character("S")]),
    (
      "filter",
      [
        .character("/"), .character("9"), .character("9"), Key(.backspace), Key(.backspace),
        Key(.escape),
      ]
    ),
    ("open and back", [Key(.enter), Key(.escape)]),
    ("mark", [.character(" "), .character(" ")]),
    ("screens", [.character("1"), .character("2")]),
  ]

  func run() throws {
    var now = Instant(seconds: 1_700_000_000)
    var portfolio = LargePortfolio(positions: positions)
    var settlement = portfolio.settled(portfolio.opening(at: now), at: now)
    var model = ClientModel(size: Size(width: columns, height: rows), now: now)
    greet(&model, settlement.snapshot(at: now), at: now)
    var shown = model.frame()
    var all: [Taken] = []
    var byName: [String: [Double]] = [:]
    var changes: [Double] = []
    for _ in 0..<rounds {
      for (name, keys) in KeysBench.script {
        for key in keys {
          now = Instant(microseconds: now.microseconds + 250_000)
          for quote in portfolio.quotes(8, at: now) { settlement.take(quote) }
          if let change = settlement.settle(at: now) {
            let taken = time(&shown, &model) { _ = $0.handle(.engine(.change(change)), at: now) }
            changes.append(taken.processor)
          }
          let taken = time(&shown, &model) { _ = $0.handle(.input(.key(key)), at: now) }
          all.append(taken)
          byName[name, default: []].append(taken.processor)
        }
      }
    }
    var sheet = Sheet("keys")
    sheet.add("key to cells", seconds: all.map(\.wall), p95: .below(16))
    sheet.add("key to cells, by processor time", seconds: all.map(\.processor), p95: .below(16))
    for (name, _) in KeysBench.script {
      sheet.add("\(name), by processor time, p95", (byName[name] ?? []).percentile(95) * 1000, "ms")
    }
    sheet.add("change of 8 quotes to cells, by processor time", seconds: changes)
    sheet.note("\(positions) positions on a terminal of \(columns)x\(rows); ncurses is not in it")
    try sheet.show(asJSON: json)
  }

  private func greet(_ model: inout ClientModel, _ snapshot: Snapshot, at now: Instant) {
    _ = model.handle(.connected, at: now)
    let status = EngineStatus(vault: "bench", isUnlocked: true)
    _ = model.handle(.engine(.welcome(version: ClientMessage.version, status)), at: now)
    _ = model.handle(.engine(.snapshot(snapshot)), at: now)
    _ = model.handle(.input(.key(.character("2"))), at: now)
  }

  /// What it takes from an event to what the terminal is to change.
  private func time(
    _ shown: inout Frame, _ model: inout ClientModel, _ event: (inout ClientModel) -> Void
  ) -> Taken {
    Taken.by {
      event(&model)
      let frame = model.frame()
      _ = frame.changes(since: shown)
      shown = frame
    }.1
  }
}
