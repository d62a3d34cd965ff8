import ArgumentParser
import Foundation
import Glibc
import Link

/// The real programs in a terminal: what they cost while nothing happens, and while prices move.
struct IdleBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "idle",
    abstract: "Processor time and bytes of engine and client, at rest and in the demonstration.",
    discussion: "It runs coffer and coffer-engine from its own folder: build them first.")

  @Option(help: "Seconds at rest.") var rest = 10.0
  @Option(help: "Seconds of the demonstration.") var seconds = 20.0
  @Option(help: "Columns of the terminal.") var columns = 120
  @Option(help: "Rows of the terminal.") var rows = 36
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    var sheet = Sheet("idle")
    try atRest(&sheet)
    try withPrices(&sheet)
    sheet.note("terminal xterm-256color, \(columns)x\(rows); processor time of whole processes")
    try sheet.show(asJSON: json)
  }

  // MARK: At rest

  private func atRest(_ sheet: inout Sheet) throws {
    let work = try Workplace()
    try work.makeVault()
    _ = try LargeImport(entries: 1_000, in: work).run()
    let terminal = try start(["--vault", work.place.vault], in: work)
    defer { stopEngine(in: work) }
    try terminal.wait(for: "assphrase")
    terminal.settle()
    sheet.add("one typed cell", oneCell(terminal), "bytes", .below(60))
    terminal.type(String(decoding: Workplace.passphrase, as: UTF8.self) + "\r")
    try terminal.wait(for: "Positions")
    terminal.settle(quiet: 1000)
    let processes = try watched(terminal, in: work)
    let before = processes.map { ($0.ticks, $0.nanoseconds) }
    terminal.listen(seconds: rest)
    let after = processes.map { ($0.ticks, $0.nanoseconds) }
    for (index, name) in ["client", "engine"].enumerated() {
      sheet.add(
        "at rest for \(Int(rest)) s: \(name)", after[index].0 - before[index].0, "ticks",
        .atMost(0))
      sheet.add(
        "at rest for \(Int(rest)) s: \(name), exactly",
        (after[index].1 - before[index].1) / 1e6, "ms")
    }
    terminal.type("2")
    terminal.settle()
    sheet.add("key to the terminal, no prices", seconds: keyTimes(terminal), p95: .below(16))
  }

  /// Bytes for a character typed into a hidden line: one cell and the cursor.
  private func oneCell(_ terminal: TerminalSession) -> Double {
    let counts = (0..<9).map { _ in
      let before = terminal.sent
      terminal.type("x")
      terminal.settle(quiet: 150)
      return Double(terminal.sent - before)
    }
    for _ in counts { terminal.type("\u{7F}") }
    terminal.settle()
    return counts.median
  }

  // MARK: Prices

  private func withPrices(_ sheet: inout Sheet) throws {
    let work = try Workplace()
    let terminal = try start(["demo"], in: work)
    try terminal.wait(for: "Positions")
    terminal.settle(quiet: 1000, atMost: 4)
    for (key, name) in [("1", "overview"), ("2", "positions")] {
      terminal.type(key)
      terminal.listen(seconds: 1)
      let processes = try watched(terminal, in: work)
      let (before, bytes) = (processes.map(\.nanoseconds), terminal.sent)
      let taken = Taken.by { terminal.listen(seconds: seconds) }.1.wall
      let shares = zip(processes, before).map { ($0.nanoseconds - $1) / 1e9 / taken * 100 }
      sheet.add("demo, \(name): client", shares[0], "% of a core")
      sheet.add("demo, \(name): engine", shares[1], "% of a core")
      sheet.add(
        "demo, \(name): together", shares[0] + shares[1], "% of a core", .below(1))
      sheet.add("demo, \(name): to the terminal", Double(terminal.sent - bytes) / taken, "bytes/s")
    }
    terminal.type("q")
    terminal.settle(quiet: 300, atMost: 2)
  }

  // MARK: Common

  /// Seconds from a key to the first bytes of its answer.
  private func keyTimes(_ terminal: TerminalSession) -> [Double] {
    (0..<100).compactMap { number in
      let start = Stamp.now
      terminal.type(number % 2 == 0 ? "j" : "k")
      guard terminal.read(waiting: 1000) else { return nil }
      let taken = Stamp.now.since(start).wall
      terminal.settle(quiet: 40)
      return taken
    }
  }

  private func start(_ arguments: [String], in work: Workplace) throws -> TerminalSession {
    let folder = Bundle.main.executableURL?.deletingLastPathComponent().path ?? "."
    return try TerminalSession(
      ["\(folder)/coffer"] + arguments,
      environment: [
        "TERM": "xterm-256color", "LANG": "C.UTF-8", "HOME": work.path, "TMPDIR": work.path,
        "PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": work.path + "/run",
        "XDG_STATE_HOME": work.path + "/state",
      ], columns: columns, rows: rows)
  }

  /// The client and its engine, whose command line names a path in the workplace.
  private func watched(
    _ terminal: TerminalSession, in work: Workplace
  ) throws -> [ProcessUse] {
    guard let engine = ProcessUse.all(with: ["coffer-engine", work.path]).first else {
      throw TerminalSession.Fault(what: "no engine runs")
    }
    return [ProcessUse(process: terminal.process), ProcessUse(process: engine)]
  }

  private func stopEngine(in work: Workplace) {
    for process in ProcessUse.all(with: ["coffer-engine", work.path]) { kill(process, SIGTERM) }
    let start = Stamp.now
    while !ProcessUse.all(with: ["coffer-engine", work.path]).isEmpty,
      Stamp.now.since(start).wall < 5
    { usleep(20_000) }
  }
}
