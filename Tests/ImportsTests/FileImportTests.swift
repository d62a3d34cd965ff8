import Amounts
import Conformance
import Imports
import Ledger
import TestSupport
import Testing

private let bittyTaxHeader =
  "Type,Buy Quantity,Buy Asset,Buy Value in EUR,Sell Quantity,Sell Asset,Sell Value in EUR,"
  + "Fee Quantity,Fee Asset,Fee Value in EUR,Wallet,Timestamp,Note\n"

@Suite struct DetectionTests {
  private func detect(_ text: String, forced: String? = nil) throws -> Detection {
    try Detection(
      head: Array(text.utf8)[...], isWhole: true, formats: Registry.all, forced: forced)
  }

  @Test func `lines above the header are passed over`() throws {
    let text = "\u{FEFF}sep=,\nReport of 2024\n\n,,\n" + bittyTaxHeader
    let found = try detect(text)
    #expect(found.format.id == "bittytax")
    #expect(found.headerLine == 5)
  }

  @Test(arguments: [(",", UInt8(ascii: ",")), (";", UInt8(ascii: ";")), ("\t", UInt8(ascii: "\t"))])
  func `the separator is found`(separator: String, byte: UInt8) throws {
    let found = try detect(bittyTaxHeader.replacing(",", with: separator))
    #expect(found.delimiter == byte)
  }

  @Test func `an unknown header is told`() {
    #expect(throws: DetectionFault.unknownHeader(line: 2, columns: ["When", "What", "Much"])) {
      try detect("Report\nWhen,What,Much\n1,2\n")
    }
    #expect(throws: DetectionFault.empty) { try detect("\n\n") }
    #expect(throws: DetectionFault.empty) { try detect("") }
    #expect(throws: DetectionFault.unknownFormat("nope")) {
      try detect(bittyTaxHeader, forced: "nope")
    }
    #expect(throws: DetectionFault.self) { try detect(bittyTaxHeader, forced: "electrum") }
  }

  @Test func `no two formats take the same file`() throws {
    for file in try Folders.files() {
      let found = try Detection(head: file.bytes[...], isWhole: true, formats: Registry.all)
      let all = Registry.all.filter { $0.header.matches(found.header) }
      #expect(all.map(\.id) == [found.format.id], "\(file.name)")
    }
    #expect(Set(Registry.all.map(\.id)).count == Registry.all.count)
  }

  @Test func `every registered format says where it is described`() {
    for format in Registry.all {
      #expect(!format.sources.isEmpty, "\(format.id)")
      #expect(format.sources.allSatisfy { $0.hasPrefix("https://") }, "\(format.id)")
    }
  }
}

@Suite struct FileImportTests {
  @Test(arguments: [
    ("Deposit,abc,BTC,,,,,,,,W,2024-01-01 00:00:00,", RowFault.Reason.notANumber, "buy quantity"),
    ("Deposit,,BTC,,,,,,,,W,2024-01-01 00:00:00,", .missing, "buy quantity"),
    ("Deposit,1,,,,,,,,,W,2024-01-01 00:00:00,", .missing, "buy asset"),
    ("Deposit,1e30,BTC,,,,,,,,W,2024-01-01 00:00:00,", .tooLarge, "buy quantity"),
    ("Deposit,1e-30,BTC,,,,,,,,W,2024-01-01 00:00:00,", .tooPrecise, "buy quantity"),
    ("Deposit,1,BTC,,,,,,,,W,yesterday,", .notATime, "timestamp"),
    ("Teleport,1,BTC,,,,,,,,W,2024-01-01 00:00:00,", .unknownKind, "type"),
    ("Deposit,1,BTC,,,,,,,,W,2024-01-01 00:00:00,a,b", .wrongShape, ""),
    ("Deposit,\"1", .malformed, ""),
  ])
  func `a refused row tells its reason, column, line and text`(
    line: String, reason: RowFault.Reason, column: String
  ) throws {
    let good = "Deposit,1,BTC,,,,,,,,W,2024-01-01 00:00:00,\n"
    let found = try reading(bittyTaxHeader + good + line + "\n" + good)
    #expect(found.batch.transactions.count == 2)
    let refused = try #require(found.batch.refused.first)
    #expect(refused.fault.reason == reason)
    #expect(refused.fault.column == column)
    #expect(refused.row == 2)
    #expect(refused.line == 3)
    #expect(refused.raw == line)
  }

  @Test func `a row that was cut off is refused`() throws {
    let text =
      "Operation Date,Currency Ticker,Operation Type,Operation Amount,Operation Fees,Operation Hash\n"
      + "2024-06-05T08:00:00Z,BTC,IN,0.0"
    let found = try reading(text)
    #expect(found.batch.refused.map(\.fault.reason) == [.wrongShape])
  }

  @Test func `blank rows and a header that stands again are skipped`() throws {
    let good = "Deposit,1,BTC,,,,,,,,W,2024-01-01 00:00:00,\n"
    let found = try reading(
      bittyTaxHeader + good + ",,,,,,,,,,,,\n" + bittyTaxHeader + "\n\n" + good)
    #expect(found.batch.skipped.map(\.why) == ["empty", "header"])
    #expect(found.tally.rows == 4)
    #expect(found.tally.transactions == 2)
  }

  @Test func `rows that wait for others in vain are refused at the end`() throws {
    let header = "txid,refid,time,type,subtype,aclass,asset,amount,fee,balance\n"
    let found = try reading(header + "L1,R1,2024-01-01 00:00:00,trade,,currency,XXBT,1,0,0\n")
    #expect(found.batch.refused.map(\.fault.reason) == [.incomplete])
  }

  @Test func `more rows than may wait are refused, and later ones are read`() throws {
    var tests = makeWaitingFormat()
    tests.text += (1...10_001).map { "wait,\($0)\n" }.joined() + "go,1\n"
    let bytes = Array(tests.text.utf8)
    let detection = try Detection(head: bytes[...], isWhole: true, formats: [tests.format])
    let found = FileReading(bytes, detection: detection, settings: ImportSettings())
    #expect(found.tally.refused == 10_001)
    #expect(found.batch.refused.allSatisfy { $0.fault.reason == .tooLong })
    #expect(found.batch.skipped.map(\.why) == ["go"])
  }

  @Test func `what cannot be recorded is refused, with all that shares its row`() throws {
    let code = String(repeating: "X", count: 101)
    let found = try reading(
      bittyTaxHeader + "Deposit,1,\(code),,,,,,,,W,2024-01-01 00:00:00,\n")
    #expect(found.batch.refused.map(\.fault.reason) == [.tooLong])
  }

  private struct WaitingDecoder: RowDecoder {
    mutating func read(_ row: Row) -> [RowOutcome] {
      row["a"] == "wait" ? [] : [.skipped(row: row.number, why: row["a"])]
    }
  }

  private func makeWaitingFormat() -> (format: ImportFormat, text: String) {
    let format = ImportFormat(
      id: "waiting", name: "waiting", venue: "w", defaultAccount: "w", clock: .utc, sources: [],
      header: .exactly(["a", "b"]), makeDecoder: { _, _ in WaitingDecoder() })
    return (format, "a,b\n")
  }
}

@Suite struct FixtureTests {
  @Test func `our own files stand for what is written beside them`() {
    let result = Conformance.run("imports", in: Folders.fixtures)
    #expect(result.count(.passed) == result.cases.count, "\(result.text)")
    #expect(result.cases.count >= 7)
  }

  @Test func `every format of the core group has a file`() {
    let tested = Set(Conformance.run("imports", in: Folders.fixtures).cases.map(\.format))
    let core = [
      "bittytax", "electrum", "koinly-transactions", "kraken-ledgers", "ledger-live",
      "trezor-suite",
    ]
    #expect(tested.isSuperset(of: core))
  }

  @Test(.enabled(if: OutsideCases.areThere, "The outside cases are not on this machine."))
  func `files of others stand for what others say`() {
    let result = Conformance.run("imports", in: OutsideCases.folder)
    #expect(!result.hasFailures, "\(result.text)")
  }

  @Test func `a suite of another version is not applicable`() {
    let result = Conformance.run("teleportation", in: Folders.fixtures)
    #expect(result.reason == "no such suite in this version")
    #expect(!result.hasFailures)
  }
}
