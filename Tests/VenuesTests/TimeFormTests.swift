import Ledger
import Testing
import VenueKit

/// Times as venues write them.
///
/// The examples are those of RFC 3339, 5.8
/// (https://www.rfc-editor.org/rfc/rfc3339#section-5.8); seconds since 1970 are Python's
/// `datetime.fromisoformat(…).timestamp()`.
@Suite struct TimeFormTests {
  @Test(arguments: [
    ("1985-04-12T23:20:50.52Z", 482_196_050_520_000),
    ("1996-12-19T16:39:57-08:00", 851_042_397_000_000),
    ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130_000),
    ("2025-10-10", 1_760_054_400_000_000),
    ("2025-10-10Z", 1_760_054_400_000_000),
    ("2025-10-10 15:49", 1_760_111_340_000_000),
    ("2025-10-10 15:49:00 UTC", 1_760_111_340_000_000),
    ("2025-10-10T21:19:00,000000999+0530", 1_760_111_340_000_000),
    ("2025-10-10T15:49:00.123456789z", 1_760_111_340_123_456),
  ])
  func `iso times are read to the microsecond`(text: String, microseconds: Int64) {
    #expect(TimeForm.iso.read(text) == Instant(microseconds: microseconds))
  }

  @Test(arguments: [
    "", "2025", "2025-10", "2025-1-1", "2025-10-10T", "2025-10-10T15", "2025-10-10T15:49:",
    "2025-10-10T15:49:00.", "2025-10-10T15:49:00.1234567890Z", "2025-10-10T15:49:00ZZ",
    "2025-10-10T15:49:00+05", "2025-10-10T15:49:00+05:3", "2025-13-01", "2025-02-30",
    "2025-10-10T25:00:00Z", "2025-10-10T15:61:00Z", "２０２５-10-10", "2025-10-10T１５:49:00Z",
    "-2025-10-10", "2025-10-10T15:49:00é", "9999999999-10-10",
  ])
  func `what is no iso time is refused`(text: String) {
    #expect(TimeForm.iso.read(text) == nil)
  }

  @Test func `what is written is read again`() {
    for step in 0..<2_000 as Range<Int64> {
      let time = Instant(microseconds: -2_000_000_000_000_000 + step * 2_517_000_001_000)
      #expect(TimeForm.iso.read(TimeForm.iso.write(time)) == time)
    }
  }
}
