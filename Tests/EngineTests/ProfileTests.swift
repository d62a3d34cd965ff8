import Amounts
import Foundation
import Imports
import Ledger
import Testing
import Wire

@testable import Engine

@Suite struct ProfileTests {
  /// The manual page that describes profiles.
  private static let manual = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "man/coffer-import.5")

  /// The literal displays of the manual's examples: the profile, and a file it reads.
  private func examples() throws -> [String] {
    let text = try String(contentsOf: Self.manual, encoding: .utf8)
    let section = try #require(text.components(separatedBy: "\n.Sh EXAMPLES\n").last)
    return section.components(separatedBy: ".Bd -literal -offset indent\n").dropFirst()
      .compactMap { $0.components(separatedBy: ".Ed\n").first }
  }

  /// Reads a profile's text by way of a file of its own.
  private func format(_ text: String) throws -> ImportFormat {
    let file = FileManager.default.temporaryDirectory
      .appending(path: "profile-\(UUID().uuidString).toml")
    try text.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    return try ProfileFile.format(at: file.path())
  }

  private func read(
    _ text: String, _ format: ImportFormat
  ) throws -> (batch: ImportBatch, tally: ImportTally) {
    let bytes = Array(text.utf8)
    let detection = try Detection(head: bytes[...], isWhole: true, formats: [format])
    var reading = FileImport(detection, settings: ImportSettings())
    var batch = reading.feed(bytes[...])
    let rest = reading.finish()
    batch.transactions += rest.transactions
    batch.skipped += rest.skipped
    batch.refused += rest.refused
    return (batch, reading.tally)
  }

  @Test func `the manual's profile reads the manual's file`() throws {
    let examples = try examples()
    try #require(examples.count == 2)
    let format = try format(examples[0])
    #expect(format.id == "my-bank")
    #expect(format.venue == "my-bank")
    #expect(format.defaultAccount == "Bank")
    #expect(format.clock == .account)
    let (batch, tally) = try read(examples[1], format)
    #expect(tally.rows == 3)
    #expect(batch.refused.isEmpty)
    #expect(batch.skipped.map(\.row) == [3])
    let found = batch.transactions.map(\.transaction)
    try #require(found.count == 2)
    #expect(found.map(\.kind) == [.interest, .withdrawal])
    #expect(
      found.map(\.time.description) == ["2024-07-01T09:30:00Z", "2024-07-02T00:00:00Z"])
    #expect(found[0].incoming?.quantity.text == "0.25")
    #expect(found[0].incoming?.asset.code == "ETH")
    #expect(found[0].fee == nil)
    #expect(found[0].value?.description == "812.4 EUR")
    #expect(found[1].outgoing?.quantity.text == "1000.5")
    #expect(found[1].fee?.quantity.text == "1.5")
    #expect(found[1].fee?.asset.code == "USDC")
    #expect(found.map(\.reference) == ["a1", "a2"])
  }

  /// Every name that the manual gives for a key or a value.
  @Test func `every key of the manual is taken`() throws {
    let format = try format(
      """
      name = "full"
      venue = "v"
      account = "a"
      zone = "utc"
      times = "unix | unix-milliseconds"
      decimal-mark = "point"
      empty = "- | n/a"
      [columns]
      time = "t"
      kind = "k"
      account = "from"
      to-account = "to"
      note = "n"
      hash = "h"
      reference = "r"
      in = { column = "i", asset = "BTC" }
      out = { column = "o", asset-column = "oc" }
      [columns.fee]
      column = "f"
      [columns.value]
      column = "v"
      asset = "EUR"
      [kinds]
      "Buy.Now" = "trade"
      """)
    let (batch, _) = try read(
      "t,k,from,to,n,h,r,i,o,oc,f,v\n1700000000,buy.now,A,B,note,0xab,7,1,n/a,,-,5\n", format)
    let found = try #require(batch.transactions.first?.transaction)
    #expect(found.kind == .trade)
    #expect(found.time == Instant(seconds: 1_700_000_000))
    #expect(found.incoming?.asset.code == "BTC")
    #expect(found.outgoing == nil)
    #expect(found.fee == nil)
    #expect([found.account, found.toAccount, found.note] == ["A", "B", "note"])
    #expect([found.transactionHash, found.reference] == ["0xab", "7"])
    #expect(found.value?.description == "5 EUR")
  }

  @Test(arguments: [
    ("zone = \"mars\"", "zone is"), ("decimal-mark = \",\"", "decimal-mark is"),
    ("times = \"qqqq\"", "no pattern of times"), ("colour = \"red\"", "not known here"),
    ("[columns]\nin = \"i\"", "is a table"),
    ("[columns]\ntime = \"t\"\nin.asset = \"BTC\"", "has no column"),
    (
      "[columns]\ntime = \"t\"\nin = { column = \"i\", asset = \"A\", asset-column = \"B\" }",
      "both"
    ),
    ("[columns]\nin = { column = \"i\" }", "'time' is missing"),
    ("[columns]\ntime = \"t\"", "what moved"),
    ("[kinds]\nx = \"nonsense\"\n[columns]\ntime = \"t\"\nin = { column = \"i\" }", "is no kind"),
    ("[kind]\nx = \"trade\"", "there is no table [kind]"),
    ("times = [\"unix\"]", "where a text is expected"),
  ])
  func `a profile that is not understood is refused with the reason`(
    text: String, reason: String
  ) throws {
    let columns = text.contains("[columns]") || text.contains("[kind]") ? "" : Self.columns
    let refusal = #expect(throws: Refusal.self) {
      try format("name = \"p\"\n" + text + columns)
    }
    #expect(refusal?.message.contains(reason) == true, "\(refusal?.message ?? "")")
  }

  private static let columns = "\n[columns]\ntime = \"t\"\nin = { column = \"i\" }\n"
}
