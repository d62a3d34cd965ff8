import Amounts
import BigInt
import TestSupport
import Testing

let one = BigInt(10).power(18)

func big(_ value: Fixed) -> BigInt { (BigInt(value.text.filter { $0 != "." }) ?? 0) * pad(value) }

/// 10 to the number of fractional digits the text leaves out.
func pad(_ value: Fixed) -> BigInt {
  let digits = value.text.split(separator: ".").dropFirst().first?.count ?? 0
  return BigInt(10).power(18 - digits)
}

func random(_ generator: inout Seeded) -> Fixed {
  let bits = Int.random(in: 1...127, using: &generator)
  let high = UInt64.random(in: .min ... .max, using: &generator)
  let low = UInt64.random(in: .min ... .max, using: &generator)
  let magnitude = Int128(truncatingIfNeeded: (UInt128(high) << 64 | UInt128(low)) >> (128 - bits))
  return Fixed(units: Bool.random(using: &generator) ? magnitude : -magnitude)
}

/// The exact quotient rounded as named, by BigInt alone.
func oracle(_ numerator: BigInt, _ denominator: BigInt, _ rounding: Rounding) -> BigInt {
  let isNegative = (numerator.sign == .minus) != (denominator.sign == .minus)
  let (quotient, remainder) = numerator.magnitude.quotientAndRemainder(
    dividingBy: denominator.magnitude)
  let twice = remainder * 2
  let grows: Bool
  switch rounding {
  case .down: grows = false
  case .up: grows = remainder > 0
  case .floor: grows = isNegative && remainder > 0
  case .ceiling: grows = !isNegative && remainder > 0
  case .halfUp: grows = twice >= denominator.magnitude
  case .halfEven:
    grows =
      twice > denominator.magnitude || (twice == denominator.magnitude && quotient & 1 == 1)
  }
  let magnitude = BigInt(quotient + (grows ? 1 : 0))
  return isNegative ? -magnitude : magnitude
}

func fits(_ value: BigInt) -> Bool { value >= BigInt(Int128.min) && value <= BigInt(Int128.max) }

@Suite struct FixedLaws {
  @Test func `the nearest Double is what the standard library's conversion gives`() {
    let seed = UInt64.random(in: .min ... .max)
    var generator = Seeded(seed)
    var units = [Int128.min, .max, 0, 1, -1, Int128(UInt64.max), Int128(UInt64.max) + 1]
    for _ in 0..<20_000 {
      let value = random(&generator).units
      // Numbers that end in zeros lie at the edges of rounding.
      let zeros = Int.random(in: 0..<100, using: &generator)
      let round = (value >> zeros) << zeros
      units += [value, round, round | 1]
    }
    for value in units {
      #expect(Fixed(units: value).approximate == Double(value) / 1e18, "SEED=\(seed)")
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `text and value are one`(seed: UInt64) throws {
    var generator = Seeded(seed)
    for _ in 0..<2000 {
      let value = random(&generator)
      #expect(try Fixed(parsing: value.text) == value, "SEED=\(seed)")
      #expect(big(value) == BigInt(value.units), "SEED=\(seed) \(value.text)")
    }
  }

  @Test(arguments: Rounding.allCases)
  func `products and quotients agree with big integers`(rounding: Rounding) throws {
    var generator = Seeded(7)
    for _ in 0..<2000 {
      let (a, b) = (random(&generator), random(&generator))
      let product = oracle(BigInt(a.units) * BigInt(b.units), one, rounding)
      let found = try? a.multiplied(by: b, rounding: rounding)
      #expect(found.map { BigInt($0.units) } == (fits(product) ? product : nil), "\(a) * \(b)")
      if b.isZero { continue }
      let quotient = oracle(BigInt(a.units) * one, BigInt(b.units), rounding)
      let divided = try? a.divided(by: b, rounding: rounding)
      #expect(divided.map { BigInt($0.units) } == (fits(quotient) ? quotient : nil), "\(a) / \(b)")
    }
  }

  @Test func `sums agree with big integers or overflow`() {
    var generator = Seeded(11)
    for _ in 0..<2000 {
      let (a, b) = (random(&generator), random(&generator))
      let sum = BigInt(a.units) + BigInt(b.units)
      let difference = BigInt(a.units) - BigInt(b.units)
      #expect((try? a.adding(b)).map { BigInt($0.units) } == (fits(sum) ? sum : nil))
      #expect(
        (try? a.subtracting(b)).map { BigInt($0.units) } == (fits(difference) ? difference : nil))
    }
  }

  @Test(arguments: Rounding.allCases)
  func `rounding to fewer digits agrees with big integers`(rounding: Rounding) throws {
    var generator = Seeded(13)
    for _ in 0..<1000 {
      let value = random(&generator)
      let digits = Int.random(in: 0...18, using: &generator)
      let step = BigInt(10).power(18 - digits)
      let expected = oracle(BigInt(value.units), step, rounding) * step
      let found = try? value.rounded(toDigits: digits, rounding: rounding)
      #expect(found.map { BigInt($0.units) } == (fits(expected) ? expected : nil))
    }
  }

  @Test func `an allocation loses no unit and stays within one step of its share`() throws {
    var generator = Seeded(17)
    for _ in 0..<1000 {
      let value = Fixed(units: random(&generator).units / 4)
      let digits = Int.random(in: 0...18, using: &generator)
      let weights = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
        Fixed(units: Int128.random(in: 0...1_000_000, using: &generator))
      }
      if weights.allSatisfy(\.isZero) { continue }
      let parts = try value.allocated(by: weights, digits: digits)
      #expect(parts.reduce(BigInt(0)) { $0 + BigInt($1.units) } == BigInt(value.units))
      let total = weights.reduce(BigInt(0)) { $0 + BigInt($1.units) }
      let step = BigInt(10).power(18 - digits)
      for (part, weight) in zip(parts, weights) {
        let distance = BigInt(part.units) * total - BigInt(value.units) * BigInt(weight.units)
        #expect(distance.magnitude <= (step * 2 * total).magnitude)
      }
    }
  }
}

@Suite struct FixedText {
  @Test(arguments: [
    ("0", "0"), ("-0", "0"), (".5", "0.5"), ("5.", "5"), ("+1.50", "1.5"), ("007", "7"),
    ("3.605E-05", "0.00003605"), ("1e3", "1000"), ("1.2E+2", "120"),
    ("0.000000000000000001", "0.000000000000000001"),
    ("1.0000000000000000000000000", "1"), ("1200e-2", "12"), ("0e999", "0"),
    ("-170141183460469231731.687303715884105728", "-170141183460469231731.687303715884105728"),
  ])
  func `a decimal is read exactly`(text: String, expected: String) throws {
    #expect(try Fixed(parsing: text).text == expected)
  }

  @Test(arguments: [
    "", "-", ".", "1,000", "1 000", "$5", "0x10", "1e", "1e+", "--1", "1.2.3", "NaN", "inf", "١٢",
    "1e99999",
  ])
  func `what is no decimal is malformed`(text: String) {
    #expect(throws: AmountFault.malformed) { try Fixed(parsing: text) }
  }

  @Test func `a number beyond the range or the digits is named, never rounded`() {
    #expect(throws: AmountFault.tooLarge) {
      try Fixed(
        parsing: "115792089237316195423570985008687907853269984665640564039457584007913129639935")
    }
    #expect(throws: AmountFault.tooLarge) {
      try Fixed(parsing: "170141183460469231731.687303715884105728")
    }
    #expect(throws: AmountFault.tooLarge) { try Fixed(parsing: "1e400") }
    #expect(throws: AmountFault.tooPrecise) { try Fixed(parsing: "0.0000000000000000001") }
    #expect(throws: AmountFault.tooPrecise) {
      try Fixed(parsing: "0.123456789012345678901234567890123456789012345678901234567890")
    }
  }

  /// Expected value: the same product of Foundation's Decimal, whose 38 digits hold it.
  @Test func `a wide product keeps every digit`() throws {
    let a = try Fixed(parsing: "12345678901.123456789012345678")
    let b = try Fixed(parsing: "9876543210.987654321098765432")
    #expect(
      try a.multiplied(by: b, rounding: .halfEven).text
        == "121932631135924401634.840725474351318406")
  }

  @Test func `dividing by zero is a fault`() {
    #expect(throws: ArithmeticFault.divisionByZero) {
      try Fixed.one.divided(by: .zero, rounding: .down)
    }
    #expect(throws: ArithmeticFault.divisionByZero) { try Fixed.one.allocated(by: [.zero]) }
  }
}

@Suite struct MoneyWords {
  @Test func `a quantity at a price is money in its currency`() throws {
    let quantity = try Quantity(parsing: "0.12")
    let price = try Price(parsing: "35000")
    #expect(try quantity.valued(at: price, in: .euro) == Money(Fixed(whole: 4200), .euro))
    #expect(
      try Money(Fixed(whole: 4200), .euro).divided(by: quantity, rounding: .halfEven) == price)
  }

  @Test(arguments: ["", "U", "US D", "ÜSD", "ABCDEFGHIJK", "U$"])
  func `a text that is no code is no currency`(text: String) {
    #expect(Currency(text) == nil)
  }

  @Test func `a code is upper case`() {
    #expect(Currency("eur") == .euro)
  }
}
