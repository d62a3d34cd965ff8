import TestSupport
import Testing

@testable import Anomalies

/// A value that a table keeps.
private struct Tally: Kept, Sendable, Equatable {
  var sums: [Double] = []

  init() {}

  func write(to writer: inout StateWriter) { writer.put(sums) }

  init(from reader: inout StateReader) throws(StateFault) { sums = try reader.doubles(0...1_000) }
}

@Suite struct StreamTableTests {
  /// A table and a dictionary that were told the same.
  private struct Pair {
    var table = StreamTable<Tally>()
    var model: [StreamKey: Tally] = [:]

    mutating func add(_ number: Double, to key: StreamKey) {
      let place = table.place(of: key) ?? table.add(Tally(), key)
      table[place].sums.append(number)
      model[key, default: Tally()].sums.append(number)
    }

    /// What a table holds, by key.
    static func contents(of table: StreamTable<Tally>) -> [StreamKey: Tally] {
      var contents: [StreamKey: Tally] = [:]
      for key in table.keys { contents[key] = table.place(of: key).map { table[$0] } }
      return contents
    }
  }

  private static func key(_ generator: inout Seeded) -> StreamKey {
    let subject = AnomalySubject(
      asset: "a\(Int.random(in: 0...4, using: &generator))",
      venue: ["", "one", "two"].randomElement(using: &generator) ?? "",
      account: Bool.random(using: &generator) ? "" : "mine")
    return StreamKey(
      family: Int.random(in: 0...2, using: &generator), subject: subject,
      seconds: [60, 3_600].randomElement(using: &generator) ?? 60)
  }

  private static func told(_ seed: UInt64) -> (Pair, [(Double, StreamKey)]) {
    var generator = Seeded.ofRun(seed)
    var pair = Pair()
    var steps: [(Double, StreamKey)] = []
    for _ in 0..<Int.random(in: 0...300, using: &generator) {
      steps.append((Double.random(in: -1...1, using: &generator), key(&generator)))
    }
    for (number, key) in steps { pair.add(number, to: key) }
    return (pair, steps)
  }

  private static func bytes(_ table: StreamTable<Tally>) -> [UInt8] {
    var writer = StateWriter()
    table.write(to: &writer)
    return writer.bytes
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func `a table holds what a dictionary would`(seed: UInt64) {
    let (pair, _) = Self.told(seed)
    #expect(pair.table.count == pair.model.count, "SEED=\(seed)")
    #expect(Pair.contents(of: pair.table) == pair.model, "SEED=\(seed)")
    #expect(Set(pair.table.keys).count == pair.table.count, "SEED=\(seed)")
    var generator = Seeded(seed &+ 1_000)
    for _ in 0..<50 {
      let key = Self.key(&generator)
      #expect(pair.table.place(of: key).map { pair.table[$0] } == pair.model[key], "SEED=\(seed)")
    }
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func `a table read from its bytes goes on as the first`(seed: UInt64) throws {
    var (pair, _) = Self.told(seed)
    var reader = StateReader(Self.bytes(pair.table))
    var second = Pair()
    second.table = try StreamTable<Tally>(from: &reader)
    try reader.end()
    second.model = pair.model
    var generator = Seeded(seed &+ 2_000)
    for _ in 0..<100 {
      let key = Self.key(&generator)
      let number = Double.random(in: -1...1, using: &generator)
      pair.add(number, to: key)
      second.add(number, to: key)
    }
    #expect(Pair.contents(of: second.table) == pair.model, "SEED=\(seed)")
    #expect(Self.bytes(second.table) == Self.bytes(pair.table), "SEED=\(seed)")
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func `the bytes do not depend on which stream came first`(seed: UInt64) {
    let (pair, steps) = Self.told(seed)
    var other = Pair()
    // Each stream's numbers keep their order; the streams come the other way round.
    for key in pair.table.keys.reversed() {
      for (number, known) in steps where known == key { other.add(number, to: key) }
    }
    #expect(Self.bytes(other.table) == Self.bytes(pair.table), "SEED=\(seed)")
  }

  @Test func `bytes that end early are a fault and never a table`() throws {
    let bytes = Self.bytes(Self.told(7).0.table)
    try #require(bytes.count > 100)
    for count in 0..<bytes.count {
      var reader = StateReader(Array(bytes.prefix(count)))
      #expect(throws: StateFault.self, "\(count) of \(bytes.count) bytes") {
        _ = try StreamTable<Tally>(from: &reader)
      }
    }
  }
}
