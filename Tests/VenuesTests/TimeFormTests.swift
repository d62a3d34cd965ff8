import Ledger
import Testing
import VenueKit

/// Reading times as venues write them.
@Suite struct TimeFormTests {
  // Sources: RFC 3339, 5.8, https://www.rfc-editor.org/rfc/rfc3339#section-5.8; seconds by
  // `date -u -d TEXT +%s` of GNU coreutils.
  @Test(arguments: [
    ("1985-04-12T23:20:50.52Z", 482_196_050_520_000),
    ("1996-12-19T16:39:57-08:00", 851_042_397_000_000),
    ("1996-12-20T00:39:57Z", 851_042_397_000_000),
    ("1996-12-20 00:39:57 +0000", 851_042_397_000_000),
    ("1996-12-20 00:39:57,000000999 UTC", 851_042_397_000_000),
    ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130_000),
    ("1996-12-20T00:39", 851_042_340_000_000), ("1996-12-20", 851_040_000_000_000),
    ("1996-12-20 ", 851_040_000_000_000),
  ])
  func `a text is read as the time it says`(text: String, microseconds: Int) {
    #expect(TimeForm.iso.read(text) == Instant(microseconds: Int64(microseconds)))
  }

  @Test(arguments: [
    "", "1996", "1996-12-20T", "1996-12-20T00", "1996-12-20T00:39:5", "1996-12-20T00:39:57.",
    "1996-12-20T00:39:57.1234567890Z", "1996-12-20T00:39:57ZZ", "1996-12-20T00:39:57  Z",
    "1996-12-20T00:39:57+8", "1996-13-20", "1996-12-20T25:00Z", "１９９６-12-20", "x1996-12-20",
  ])
  func `anything else is no time`(text: String) {
    #expect(TimeForm.iso.read(text) == nil)
  }

  @Test func `what is written is read again`() {
    var micros: Int64 = -2_000_000_000_000_000
    for step in 0..<2_000 {
      micros += 2_517_000_000_000 + Int64(step) * 1_000
      let time = Instant(microseconds: micros / 1_000 * 1_000)
      #expect(TimeForm.iso.read(TimeForm.iso.write(time)) == time)
    }
  }

  @Test func `a hundred thousand times are read in a blink`() {
    // A pattern that is matched took more than ten times as long.
    let clock = ContinuousClock()
    var sum: Int64 = 0
    let time = clock.measure {
      for index in 0..<100_000 {
        let text = "2025-01-\(10 + index % 20)T10:20:30.123456Z"
        sum &+= TimeForm.iso.read(text)?.seconds ?? 0
      }
    }
    #expect(sum > 0)
    #expect(time < .seconds(6))
  }
}
