import Amounts
import FoundationEssentials
import Glibc
import Ledger
import Testing

@testable import Vault

/// Measurements, made only when `COFFER_BENCH` is set; they print and promise nothing.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["COFFER_BENCH"] != nil), .serialized)
struct BenchTests {
  @Test func `a million entries`() throws {
    let scratch = try Scratch()
    let count = Int(ProcessInfo.processInfo.environment["COFFER_BENCH_ENTRIES"] ?? "") ?? 1_000_000
    let vault = try makeVault(scratch)
    let number = try vault.beginImport(descriptor(), by: author())
    let clock = ContinuousClock()
    var spent = Duration.zero
    var processor = 0.0
    let size = 20_000
    for start in stride(from: 0, to: count, by: size) {
      var batch = Batch()
      for index in start..<start + size { Self.add(index, to: &batch) }
      let began = clock.now
      let before = Self.processor()
      _ = try vault.append(batch, to: number, by: author())
      spent += clock.now - began
      processor += Self.processor() - before
      if (start / size) % 10 == 9 {
        print(
          "after \(start + size): \(Self.rate(start + size, spent)) entries/s, \(processor) s, \(Self.peak()) MB"
        )
      }
    }
    try vault.finishImport(number, .done, by: author())
    print("append: \(Self.rate(count, spent)) entries/s, peak \(Self.peak()) MB")
    print("files: \(try vault.statistics())")
    try vault.close()

    let reopened = try Self.timed("open (with a cheap key)") { try openVault(scratch) }
    let reader = reopened.reader
    _ = try Self.timed("holdings") { try reader.holdings() }
    _ = try Self.timed("quotes") { try reader.quotes() }
    _ = try Self.timed("first page") { try reader.entries(EntryQuery(limit: 100)) }
    _ = try Self.timed("first deep page") { try reader.entries(EntryQuery(offset: count / 2)) }
    for part in 0..<5 {
      _ = try Self.timed("deep page") {
        try reader.entries(EntryQuery(offset: count / 5 * part + 1500, limit: 100))
      }
    }
    let account = AccountID(named: "venue-3")
    for _ in 0..<2 {
      _ = try Self.timed("account, deep") {
        try reader.entries(EntryQuery(account: account, offset: count / 16))
      }
      _ = try Self.timed("asset, deep") {
        try reader.entries(EntryQuery(asset: .fiat(code: "EUR"), offset: count / 4))
      }
    }
    _ = try Self.timed("search") { try reader.entries(EntryQuery(text: "nothing like it")).total }
    _ = try Self.timed("verify audit") { try reopened.verifyAudit() }
    print("peak \(Self.peak()) MB")
    try reopened.close()
  }

  @Test func `a million audit records`() throws {
    let scratch = try Scratch()
    let vault = try makeVault(scratch)
    for _ in 0..<100 {
      try vault.store.transact { db in
        for index in 0..<10_000 {
          try vault.store.audit(
            db, .setting, on: "setting:x", by: author(), ["new": .number(Int64(index))])
        }
      }
    }
    let file = scratch("audit.jsonl")
    try Self.timed("export") { try vault.exportAudit(to: file) }
    let report = try Self.timed("verify") { try AuditVerifier.verify(file: file) }
    print(report)
  }

  private static func add(_ index: Int, to batch: inout Batch) {
    let account = AccountID(named: "venue-\(index % 8)")
    let asset = AssetID.venue(venue: "venue-\(index % 8)", code: "COIN\(index / 8 % 60)")
    let reference = "T\(index)-\(index &* 2_654_435_761 % 1_000_003)"
    let legs = [
      Leg(
        account: account, asset: asset, quantity: Quantity(Fixed(units: Int128(index + 1) << 40)),
        counter: .conversion),
      Leg(
        account: account, asset: .fiat(code: "EUR"),
        quantity: Quantity(Fixed(units: -(Int128(index % 1000 + 1) * Fixed.scale / 100))),
        counter: .conversion),
    ]
    batch.entries.append(
      NewEntry(
        identity: EntryIdentity.venue(account: account, kind: .trade, reference: reference)
          .canonicalBytes,
        time: Instant(seconds: 1_500_000_000 + Int64(index) * 200), kind: .trade, legs: legs,
        details: EntryDetails(reference: reference), line: index + 2))
    batch.raw.append(
      "\(reference),2024-01-01 00:00:00,buy,COIN\(index % 60),0.00000\(index),EUR,\(index % 1000)"
        .utf8,
      line: index + 2)
  }

  private static func timed<Result>(_ name: String, _ work: () throws -> Result) rethrows -> Result
  {
    let clock = ContinuousClock()
    let began = clock.now
    defer { print("\(name): \(clock.now - began)") }
    return try work()
  }

  private static func rate(_ count: Int, _ spent: Duration) -> Int {
    Int(
      Double(count)
        / (Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18))
  }

  /// Seconds of processor time so far.
  private static func processor() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
  }

  /// The largest resident set so far.
  private static func peak() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Int(usage.ru_maxrss) / 1024
  }
}
