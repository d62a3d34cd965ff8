import TestSupport
import Testing
import Wallets

@Suite struct NumberTests {
  private func number(_ random: inout Seeded) -> UInt256 {
    let bits = Int.random(in: 0...255, using: &random)
    let whole = UInt256(
      high: UInt128.random(in: 0...UInt128.max, using: &random),
      low: UInt128.random(in: 0...UInt128.max, using: &random))
    return whole.shiftedRight(by: bits)
  }

  @Test func `a quotient times the divisor plus the rest is the number`() {
    var random = Seeded(3)
    for _ in 0..<500 {
      let (a, b) = (number(&random), number(&random))
      guard !b.isZero, let (quotient, rest) = a.dividing(by: b) else { continue }
      #expect(rest < b)
      #expect(quotient.multiplied(by: b)?.adding(rest) == a)
    }
  }

  @Test func `texts and bytes read back`() {
    var random = Seeded(4)
    for _ in 0..<500 {
      let a = number(&random)
      #expect(UInt256(decimal: a.text) == a)
      #expect(UInt256(hexadecimal: a.hexadecimal) == a)
      #expect(UInt256(bigEndian: a.bigEndian) == a)
    }
    #expect(
      UInt256.max.text
        == "115792089237316195423570985008687907853269984665640564039457584007913129639935")
    #expect(
      UInt256(
        decimal: "115792089237316195423570985008687907853269984665640564039457584007913129639936")
        == nil)
    #expect(UInt256(decimal: "") == nil)
    #expect(UInt256(decimal: "-1") == nil)
    #expect(UInt256(hexadecimal: "0x") == nil)
  }

  @Test func `a product divided in one go is exact`() {
    let most = UInt256.max
    #expect(most.multiplied(by: most, dividedBy: most) == most)
    #expect(most.multiplied(by: most) == nil)
    #expect(most.multiplied(by: .one, dividedBy: .zero) == nil)
    #expect(most.adding(.one) == nil)
    #expect(UInt256.zero.subtracting(.one) == nil)
    #expect(UInt256.zero.wrappingSubtracting(.one) == most)
  }

  @Test(arguments: [
    ("0", 18, "0"), ("1", 0, "1"), ("1", 18, "0.000000000000000001"), ("-250", 2, "-2.5"),
    ("399992611103597728750000000", 24, "399.99261110359772875"), ("1000", 3, "1"),
  ])
  func `smallest units become exact decimals`(units: String, decimals: Int, text: String) {
    #expect(ChainAmount(unitsText: units, decimals: decimals)?.text == text)
  }

  @Test func `decimal texts become units, or nothing where a digit would be lost`() {
    #expect(ChainAmount(decimalText: "0.30000000", decimals: 8)?.unitsText == "30000000")
    #expect(ChainAmount(decimalText: "1e-7", decimals: 8)?.unitsText == "10")
    #expect(ChainAmount(decimalText: "-3")?.text == "-3")
    #expect(ChainAmount(decimalText: "1250.55")?.text == "1250.55")
    #expect(ChainAmount(decimalText: "0.000000001", decimals: 8) == nil)
    #expect(ChainAmount(decimalText: "1.2.3", decimals: 8) == nil)
    #expect(ChainAmount(decimalText: "1e999999999", decimals: 8) == nil)
    #expect(ChainAmount(decimalText: "", decimals: 8) == nil)
  }

  @Test func `an amount that the ledger cannot hold keeps its text`() {
    let amount = ChainAmount(units: .max, decimals: 18)
    #expect(amount.quantity == nil)
    #expect(amount.text.hasSuffix("457.584007913129639935"))
  }
}

@Suite struct GapScanTests {
  /// Looks up children as a server would, and gives those that were found used.
  private func found(_ used: Set<GapScan.Place>, gap: UInt32, batch: Int) -> (
    Set<GapScan.Place>, Int
  ) {
    var scan = GapScan(branches: 2, gap: gap)
    var asked = 0
    while !scan.isComplete {
      for place in scan.next(batch) {
        asked += 1
        scan.record(place, isUsed: used.contains(place))
      }
    }
    return (Set(scan.used), asked)
  }

  @Test func `whatever the batch, the same children are found`() {
    var random = Seeded(5)
    for _ in 0..<50 {
      var used: Set<GapScan.Place> = []
      var index: UInt32 = 0
      for _ in 0..<Int.random(in: 0..<20, using: &random) {
        index += UInt32.random(in: 1...5, using: &random)
        used.insert(.init(branch: Int.random(in: 0...1, using: &random), index: index))
      }
      let whole = found(used, gap: 150, batch: 7).0
      #expect(whole == used)
      let one = found(used, gap: 5, batch: 1).0
      #expect(found(used, gap: 5, batch: 13).0 == one)
    }
  }

  @Test func `an unused wallet costs one gap a branch`() {
    #expect(found([], gap: 20, batch: 3).1 == 40)
  }

  @Test func `a failed look-up is no answer`() {
    var scan = GapScan(branches: 1, gap: 2)
    scan.record(.init(branch: 0, index: 0), isUsed: false)
    #expect(!scan.isComplete)
    #expect(scan.next(10) == [.init(branch: 0, index: 1)])
    scan.record(.init(branch: 0, index: 1), isUsed: true)
    #expect(scan.firstUnused(branch: 0) == 2)
    #expect(scan.next(10).map(\.index) == [2, 3])
    scan.restart()
    #expect(scan.next(10).map(\.index) == [0, 2, 3])
  }

  @Test func `a search that a node finds too large is split and covers every block once`() {
    var scan = LogScan(from: 100, to: 5_000, largest: 4_096)
    var covered: [ClosedRange<UInt64>] = []
    while let span = scan.span {
      if span.last - span.first >= 700 {
        let canShrink = scan.shrink()
        #expect(canShrink)
      } else {
        covered.append(span.first...span.last)
        scan.succeed()
      }
    }
    #expect(covered.first?.lowerBound == 100)
    #expect(covered.last?.upperBound == 5_000)
    for (one, next) in zip(covered, covered.dropFirst()) {
      #expect(next.lowerBound == one.upperBound + 1)
    }
  }
}
