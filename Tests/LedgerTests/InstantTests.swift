import Ledger
import Testing

@Suite struct InstantTests {
  /// Expected values: `date -u -d @N +%FT%TZ` of GNU coreutils.
  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (1_709_164_799, "2024-02-28T23:59:59Z"),
    (1_709_164_800, "2024-02-29T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
    (-1, "1969-12-31T23:59:59Z"), (-2_203_891_200, "1900-03-01T00:00:00Z"),
    (253_402_300_799, "9999-12-31T23:59:59Z"),
  ])
  func `seconds and civil time agree`(seconds: Int64, text: String) throws {
    let instant = Instant(seconds: seconds)
    #expect(instant.description == text)
    #expect(Instant(text) == instant)
    #expect(CivilTime(utc: instant).utc == instant)
  }

  @Test func `every day of 800 years comes back`() {
    for day in stride(from: Int64(-146_097), through: 146_097, by: 1) {
      let instant = Instant(seconds: day * 86400 + 43_210)
      #expect(CivilTime(utc: instant).utc == instant)
    }
  }

  /// Forms of RFC 3339, section 5.8.
  @Test(arguments: [
    ("1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.52Z"),
    ("1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57Z"),
    ("1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.87Z"),
    ("2024-01-05", "2024-01-05T00:00:00Z"), ("2024-01-05 09:00:00z", "2024-01-05T09:00:00Z"),
  ])
  func `RFC 3339 is read`(text: String, expected: String) {
    #expect(Instant(text)?.description == expected)
  }

  @Test(arguments: [
    "", "2024", "2024-13-01", "2023-02-29", "2024-01-05T09:00:00", "2024-01-05T25:00:00Z",
    "2024-01-05T09:00:00+1:00", "2024-01-05T09:00:00.Z", "2024-01-05T09:00:00Zx", "x024-01-05",
  ])
  func `what is no time is nil`(text: String) {
    #expect(Instant(text) == nil)
  }

  @Test func `the ends of time do not trap`() {
    for instant in [
      Instant(microseconds: .min), Instant(microseconds: .max), Instant(seconds: .max),
    ] {
      #expect(!instant.description.isEmpty)
      _ = instant.advanced(bySeconds: .max)
      _ = instant.advanced(bySeconds: .min)
    }
  }
}
