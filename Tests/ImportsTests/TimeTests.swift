import Conformance
import Imports
import Ledger
import Testing
import Zones

@Suite struct TimeTests {
  private func read(
    _ text: String, _ patterns: TimePattern..., zone: any LocalZone = UTCZone()
  ) throws -> String {
    try Row.time(text, patterns, zone: zone, column: "t").description
  }

  @Test(arguments: [
    ("2024-01-05T09:00:00Z", "2024-01-05T09:00:00Z"),
    ("2024-01-05 09:00:00 UTC", "2024-01-05T09:00:00Z"),
    ("2024-01-05T09:00:00+01:00", "2024-01-05T08:00:00Z"),
    ("2024-01-05T09:00:00.123456789-0530", "2024-01-05T14:30:00.123456Z"),
    ("2024-01-05 09:00", "2024-01-05T09:00:00Z"), ("2024-02-29 23:59:59", "2024-02-29T23:59:59Z"),
  ])
  func `ISO 8601 is read with and without its parts`(text: String, time: String) throws {
    #expect(try read(text, .iso) == time)
  }

  @Test(arguments: [
    ("06.01.2023 20:08", "dd.MM.yyyy HH:mm", "2023-01-06T20:08:00Z"),
    ("01/05/2024 02:15:00 PM", "MM/dd/yyyy hh:mm:ss a", "2024-01-05T14:15:00Z"),
    ("1/5/2024 12:15:00 am", "MM/dd/yyyy hh:mm:ss a", "2024-01-05T00:15:00Z"),
    ("Jan 5, 2024, 10:00 AM", "MMM d, yyyy, h:mm a", "2024-01-05T10:00:00Z"),
    ("Jan. 28, 2022, 12:13 AM", "MMM d, yyyy, h:mm a", "2022-01-28T00:13:00Z"),
    ("10 Mar 2021 10:40:20", "d MMM yyyy HH:mm:ss", "2021-03-10T10:40:20Z"),
    (
      "Thu Mar 07 2024 21:00:59 GMT+0100 (Central European Standard Time)",
      "E MMM dd yyyy HH:mm:ss X[ (*)]", "2024-03-07T20:00:59Z"
    ),
    ("12-01-24 10:11:13", "dd-MM-yy HH:mm:ss", "2024-01-12T10:11:13Z"),
    ("20240105T091500", "yyyyMMddTHHmmss", "2024-01-05T09:15:00Z"),
    ("Date: 2024-01-05", "'Date: 'yyyy-MM-dd", "2024-01-05T00:00:00Z"),
  ])
  func `patterns read what exporters write`(
    text: String, pattern: String, time: String
  ) throws {
    #expect(try read(text, #require(TimePattern(pattern))) == time)
  }

  /// 1 700 000 000 is 2023-11-14T22:13:20Z (`date -u -d @1700000000`).
  @Test func `seconds and milliseconds since 1970 are read`() throws {
    #expect(try read("1700000000", .unixSeconds) == "2023-11-14T22:13:20Z")
    #expect(try read("1700000000.25", .unixSeconds) == "2023-11-14T22:13:20.25Z")
    #expect(try read("1700000000500", .unixMilliseconds) == "2023-11-14T22:13:20.5Z")
    #expect(throws: RowFault.self) { try read("99999999999999999", .unixSeconds) }
  }

  @Test(arguments: [
    "2023-02-29 10:00:00", "2024-13-01 10:00:00", "2024-01-05 24:00:00", "2024-01-05 10:60",
    "2024-01-05 10:00:00 Mars", "2024-01-05", "05/01/2024 10:00", "",
    "0000-01-01 00:00:00", "2024-01-05 10:00:00 +99:00", "2024-01-05\u{0}10:00:00",
  ])
  func `what is no such time is refused with its text`(text: String) {
    let fault = #expect(throws: RowFault.self) { try read(text, .iso) }
    #expect(fault?.reason == .notATime)
    #expect(fault?.text == text)
  }

  @Test(arguments: ["", "[", "yyyy]", "q", "yyy", "'abc", "[]", "''"])
  func `what is no pattern is refused`(text: String) {
    #expect(TimePattern(text) == nil)
  }

  @Test func `day and month follow the order the user names`() throws {
    let pattern = TimePattern.slashes
    #expect(try read("03/04/2024 00:00", pattern.ordered(.dayFirst)) == "2024-04-03T00:00:00Z")
    #expect(try read("03/04/2024 00:00", pattern.ordered(.monthFirst)) == "2024-03-04T00:00:00Z")
    #expect(pattern.ordered(.monthFirst).ordered(.dayFirst) == pattern)
  }

  /// Summer time in the European Union begins on the last Sunday of March and ends on the last of
  /// October, at 01:00 UTC (Directive 2000/84/EC, articles 2 and 3).
  @Test func `a local time is placed by its zone, or refused where a clock change hides it`() throws
  {
    let berlin = try #require(SystemZone("Europe/Berlin"))
    #expect(try read("2024-01-15 12:00", .iso, zone: berlin) == "2024-01-15T11:00:00Z")
    #expect(try read("2024-07-15 12:00", .iso, zone: berlin) == "2024-07-15T10:00:00Z")
    #expect(try read("2024-03-31 01:59:59", .iso, zone: berlin) == "2024-03-31T00:59:59Z")
    #expect(try read("2024-03-31 03:00", .iso, zone: berlin) == "2024-03-31T01:00:00Z")
    #expect(try read("2024-10-27 03:00", .iso, zone: berlin) == "2024-10-27T02:00:00Z")
    for text in ["2024-03-31 02:30", "2024-10-27 02:00", "2024-10-27 02:59:59"] {
      let fault = #expect(throws: RowFault.self) { try read(text, .iso, zone: berlin) }
      #expect(fault?.reason == .ambiguousTime)
    }
    #expect(try read("2024-10-27 02:30 +01:00", .iso, zone: berlin) == "2024-10-27T01:30:00Z")
  }
}
