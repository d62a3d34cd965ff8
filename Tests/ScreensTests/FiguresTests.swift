import Amounts
import Ledger
import Testing

@testable import Screens

/// Numbers as text; the expectations are decimal arithmetic done by hand.
@Suite struct FiguresTests {
  // 12.5 % rounds half to even: IEEE 754, roundTiesToEven.
  @Test func `a share is written with as many digits as are asked for`() {
    #expect(Decimals.percent(0.125, digits: 0) == "12")
    #expect(Decimals.percent(-0.125, digits: 1) == "-12.5")
    #expect(Decimals.percent(0.123456, digits: 2) == "12.35")
    #expect(Decimals.percent(12.345678, digits: 3) == "1,234.568")
    #expect(Decimals.percent(.nan, digits: 0) == Figures.unknown)
  }

  @Test(arguments: [
    ("0", "0.00"), ("0.005", "0.00"), ("0.015", "0.02"), ("681.2", "681.20"),
    ("999.994", "999.99"), ("999.995", "1,000"), ("9999.4", "9,999"), ("9999.5", "10.00k"),
    ("66000", "66.00k"), ("99994.9", "99.99k"), ("99995", "100.0k"), ("932562.1", "932.6k"),
    ("999949.9", "999.9k"), ("999950", "1.00M"), ("4207653.42", "4.21M"),
    ("11558757", "11.56M"), ("-59470", "-59.47k"), ("1234567890", "1.23B"),
    ("170141183460469231731.687303715884105727", "1.70e20"),
    ("9999499999999999", "9,999T"), ("-9999500000000000", "-1.00e16"),
    ("99949999999999999", "9.99e16"), ("99950000000000000", "1.00e17"),
  ])
  func `compact amounts keep at least three digits`(_ text: String, _ shown: String) throws {
    #expect(Decimals.compact(try Fixed(parsing: text)) == shown)
  }

  @Test(arguments: [
    ("67412.5", "67,412.50"), ("3512.2", "3,512.20"), ("1", "1.0000"), ("7.014", "7.0140"),
    ("0.5218", "0.5218"), ("0.0234567", "0.02346"), ("0.0000001234", "0.0000001234"),
    ("0.000000000000001234", "1.234e-15"), ("10", "10.00"), ("9.99996", "10.0000"),
  ])
  func `prices keep four digits that count`(_ text: String, _ shown: String) throws {
    #expect(Decimals.price(try Fixed(parsing: text)) == shown)
  }

  @Test(arguments: [
    ("812.55", 15, "812.5500"), ("1205430.25", 15, "1,205,430.2500"),
    ("1205430.25", 12, "1,205,430.25"), ("123456789012", 15, "123,456,789,012"),
    ("123456789012", 10, "123.5B"), ("0.00001234", 15, "0.00001234"), ("0", 15, "0"),
    ("-12.5", 15, "-12.5000"), ("123456789", 3, "###"),
  ])
  func `quantities lose digits but are never cut`(
    _ text: String, _ columns: Int, _ shown: String
  ) throws {
    #expect(Decimals.fitted(try Fixed(parsing: text), columns: columns) == shown)
  }

  @Test(arguments: [
    (0.0142, "▲+1.42"), (-0.0187, "▼-1.87"), (0.0, "·+0.00"), (0.000_049, "·+0.00"),
    (-0.000_049, "·+0.00"), (12.3456, "▲+1,234.56"), (-.infinity, "·+?"),
  ])
  func `a change tells its direction in the text`(_ ratio: Double, _ shown: String) {
    #expect(Figures.change(ratio) == shown)
  }

  @Test(arguments: [
    (0, "0s"), (59, "59s"), (60, "1m"), (3_599, "59m"), (3_600, "1h"), (172_799, "47h"),
    (172_800, "2d"), (-5, "0s"),
  ])
  func `ages have one unit`(_ seconds: Int64, _ shown: String) {
    let now = Instant(seconds: 1_000_000)
    #expect(Times.age(of: now.advanced(bySeconds: -seconds), at: now) == shown)
  }

  @Test func `an age is drawn again when its text changes and not before`() {
    let now = Instant(seconds: 1_000_000)
    for seconds: Int64 in [0, 1, 59, 60, 61, 3_599, 3_600, 172_800] {
      let time = now.advanced(bySeconds: -seconds)
      let next = Times.nextChange(of: time, at: now)
      let before = Instant(microseconds: next.microseconds - 1)
      #expect(Times.age(of: time, at: before) == Times.age(of: time, at: now))
      if seconds < 172_800 {
        #expect(Times.age(of: time, at: next) != Times.age(of: time, at: now))
      }
    }
  }

  @Test func `ages at the ends of time do not trap`() {
    let ends = [Instant(microseconds: .min), Instant(microseconds: .max)]
    for a in ends { for b in ends { #expect(!Times.age(of: a, at: b).isEmpty) } }
  }

  @Test func `every digit of an amount can be shown`() throws {
    let value = try Fixed(parsing: "-1234567.000000000000000001")
    #expect(Figures(isPrivate: false).exact(value) == "-1,234,567.000000000000000001")
    #expect(Figures(isPrivate: true).exact(value) == Figures.hidden)
  }
}
