import ArgumentParser
import Cipher

/// What encryption costs over plain SQLite, ours and SQLCipher's.
struct CipherBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cipher",
    abstract: "The cost of encryption over plain SQLite, beside real SQLCipher where it is there.")

  @Option(help: "Rows of the table.") var rows = 200_000
  @Option(help: "Rounds; plain, ours and SQLCipher take turns in each.") var rounds = 7
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let work = try Workplace()
    let workload = Workload.table(rows: rows)
    let peer = SQLCipherPeer()
    let count = workload.steps.count
    var plain = [[Double]](repeating: [], count: count)
    var ours = plain
    var peerRatios = plain
    var ratios = plain
    for round in 0..<rounds {
      let first = try workload.measure(on: "unix", at: "\(work.path)/plain-\(round).db")
      let second = try workload.measure(on: CipherVFS.name, at: "\(work.path)/own-\(round).db")
      let third = try peer?.measure(workload.steps, in: work.path)
      for step in 0..<count {
        plain[step].append(first[step])
        ours[step].append(second[step])
        ratios[step].append(second[step] / first[step])
        if let third { peerRatios[step].append(third[step].encrypted / third[step].plain) }
      }
    }
    var sheet = Sheet("cipher")
    let targets: [String: Double] = [
      "bulk insert": 1.9, "cold scan": 3, "random reads, warm": 1.1,
    ]
    for (index, step) in workload.steps.enumerated() {
      sheet.add("\(step.name): plain SQLite", plain[index].median * 1000, "ms")
      sheet.add("\(step.name): Coffer", ours[index].median * 1000, "ms")
      let ratio = ratios[index].median
      sheet.add(
        "\(step.name): Coffer over plain", ratio, "ratio",
        targets[step.name].map { .atMost($0) })
      guard !peerRatios[index].isEmpty else { continue }
      sheet.add("\(step.name): SQLCipher over its plain", peerRatios[index].median, "ratio")
      sheet.add(
        "\(step.name): Coffer's ratio over SQLCipher's", ratio / peerRatios[index].median, "ratio",
        targets[step.name] == nil ? nil : .atMost(1))
    }
    sheet.note("times are on a processor, the kernel's share included; waiting for a disk is not")
    sheet.note("\(rows) rows, \(rounds) rounds; medians of times and of each round's ratios")
    sheet.note(peer.map { "SQLCipher on SQLite \($0.version)" } ?? "no SQLCipher: none to compare")
    try sheet.show(asJSON: json)
  }
}
