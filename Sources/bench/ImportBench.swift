import ArgumentParser
import Cipher
import Engine
import Foundation
import Wire

/// A large file on its way into an encrypted vault.
struct ImportBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Entries a second and memory of a large import through the engine's own path.")

  @Option(help: "Entries of the generated file.") var entries = 1_000_000
  @Option(help: "Entries of the bare rows stored for comparison; 0 leaves it out.")
  var rows = 200_000
  @Option(help: "Rounds of the comparison.") var rounds = 3
  @Option(help: "Keep the vault in this folder, for bench open.") var keep: String?
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let work = try Workplace(keeping: keep)
    var sheet = Sheet("import")
    let large = try LargeImport(entries: entries, in: work)
    let first = try large.run()
    sheet.add("entries", Double(first.added), "entries", .atLeast(Double(entries)))
    sheet.add(
      "whole import", Double(entries) / first.taken.wall, "entries/s", .atLeast(40_000))
    sheet.add("slowest 100,000 in a row", first.slowest(over: 100_000), "entries/s")
    sheet.add(
      "whole import, by processor time", Double(entries) / first.taken.processor, "entries/s")
    sheet.add("peak memory", first.peakMegabytes, "MB", .below(200))
    let second = try large.run()
    sheet.add("import again", second.taken.wall, "s")
    sheet.add("import again: added", Double(second.added), "entries", .atMost(0))
    sheet.add("import again: peak memory", second.peakMegabytes, "MB", .below(200))
    if rows > 0 { try compare(with: first, in: work, &sheet) }
    sheet.note("the rate includes hashing the file, reading, folding, settling and the audit log")
    try sheet.show(asJSON: json)
  }

  /// Stores bare rows in turns on the plain and the encrypted layer.
  private func compare(
    with whole: LargeImport.Outcome, in work: Workplace, _ sheet: inout Sheet
  ) throws {
    let load = RowLoad(entries: rows)
    var (plain, encrypted): ([Double], [Double]) = ([], [])
    for round in 0..<rounds {
      let path = "\(work.path)/rows-\(round)"
      plain.append(try Taken.by { try load.run(on: "unix", at: path + "-plain") }.1.processor)
      CipherVFS.install()
      try CipherVFS.register(
        key: DatabaseKey(raw: try SecretBytes(randomCount: 32)), path: path + "-own")
      encrypted.append(
        try Taken.by { try load.run(on: CipherVFS.name, at: path + "-own") }.1.processor)
      for name in ["-plain", "-own"] { try FileManager.default.removeItem(atPath: path + name) }
    }
    let ratio = zip(encrypted, plain).map { $0 / $1 }.median
    sheet.add(
      "bare rows, plain SQLite, by processor time", Double(rows) / plain.median, "entries/s")
    sheet.add("bare rows, encrypted over plain", ratio, "ratio", .atMost(1.9))
    let share = (whole.taken.processor / Double(entries)) / (plain.median / Double(rows))
    sheet.add("whole import over bare plain rows, by processor time", share, "ratio")
  }
}

/// An import through an engine, as a client would ask for it.
struct LargeImport {
  private let work: Workplace
  private let file: GeneratedFile

  /// What an import took.
  struct Outcome {
    var added = 0
    var taken = Taken(wall: 0, processor: 0)
    var peakMegabytes = 0.0
    /// Entries in the vault and when there were so many, in seconds since the start.
    var marks: [(entries: Int, seconds: Double)] = [(0, 0)]

    /// The lowest rate over so many entries in a row.
    func slowest(over stretch: Int) -> Double {
      var slowest = Double.infinity
      var first = 0
      for (entries, seconds) in marks {
        while first + 1 < marks.count, entries - marks[first + 1].entries >= stretch { first += 1 }
        let count = entries - marks[first].entries
        guard count >= stretch else { continue }
        slowest = min(slowest, Double(count) / (seconds - marks[first].seconds))
      }
      return slowest
    }
  }

  /// Makes the file, and the vault where there is none.
  init(entries: Int, in work: Workplace) throws {
    self.work = work
    file = GeneratedFile(path: work.path + "/generated.csv", entries: entries)
    try file.write()
    if !work.hasVault { try work.makeVault() }
  }

  /// Imports the file.
  func run() throws -> Outcome {
    let engine = EngineProbe(place: work.place)
    defer { engine.end() }
    engine.say(
      .request(id: 1, Request("unlock", ["user": "bench"], secrets: [Workplace.passphrase])))
    try engine.await(id: 1)
    engine.say(.watch)
    _ = engine.listen()
    Memory.resetPeak()
    var outcome = Outcome()
    let start = Stamp.now
    engine.say(.request(id: 2, Request("import", ["path": file.path, "user": "bench"])))
    try engine.await(id: 2) { message in
      switch message {
      case .status(let status) where status.entries > outcome.marks[outcome.marks.count - 1].entries:
        outcome.marks.append((status.entries, Stamp.now.since(start).wall))
      case .report(id: 2, let report):
        if case .integer(let added) = report["added"] { outcome.added = Int(added) }
      default: break
      }
    }
    outcome.taken = Stamp.now.since(start)
    outcome.peakMegabytes = Memory.peak
    return outcome
  }
}
