import Performance
import Statistics
import Testing

@Suite struct InternalRateTests {
  private func rate(_ flows: [(Int, Double)], _ count: DayCount = .actual365Fixed) -> InternalRate {
    InternalRate.of(flows.map { CashFlow(day: $0.0, amount: $0.1) }, dayCount: count)
  }

  @Test func `the example of the spreadsheet function`() {
    // https://support.microsoft.com/office/xirr-function-de1242ec-6477-445b-b11b-a303ad9adc9d:
    // 2008-01-01, 2008-03-01, 2008-10-30, 2009-02-15, 2009-04-01; 37.34 %, in full 0.373362535
    let found = rate([(13879, -10000), (13939, 2750), (14182, 4250), (14290, 3250), (14335, 2750)])
    #expect(near(found.value, 0.373362535, 5e-9))
    #expect(found.others.isEmpty)
  }

  @Test func `the example of MathWorks`() {
    // https://www.mathworks.com/help/finance/xirr.html: 2007-01-12, 2008-02-14, 2008-03-03,
    // 2008-06-14, 2008-12-01; 0.1006
    let found = rate([(13525, -10000), (13923, 2500), (13941, 2000), (14044, 3000), (14214, 4000)])
    #expect(near(found.value, 0.10064378342638, 1e-12))
  }

  @Test func `a year of 365.25 days`() {
    // https://hledger.org/roi.html, second example of the test suite: 2017-01-01, 2017-06-01 and
    // 2018-01-01 give 12.73 % with that day count
    let found = rate([(17167, -100), (17318, -100), (17532, 220)], .actual36525)
    #expect(near(found.value, 0.1273, 0.00005))
  }

  @Test func `the oil pump has two rates`() {
    // J. H. Lorie, L. J. Savage, Three problems in rationing capital, J. of Business 28 (1955):
    // −1 600, 10 000, −10 000 in yearly steps is worth nothing at 25 % and at 400 %
    let found = rate([(0, -1600), (365, 10000), (730, -10000)])
    let all = (found.others + [found.value ?? 0]).sorted()
    #expect(all.count == 2)
    #expect(near(all.first, 0.25, 1e-12) && near(all.last, 4, 1e-11))
  }

  @Test func `flows without a rate say why`() {
    #expect(rate([]) == .undefined(.tooFewFlows))
    #expect(rate([(0, -100)]) == .undefined(.tooFewFlows))
    #expect(rate([(0, -100), (0, 120)]) == .undefined(.tooFewFlows))
    #expect(rate([(0, -100), (9, 0)]) == .undefined(.tooFewFlows))
    #expect(rate([(0, -100), (30, -50)]) == .undefined(.oneDirection))
    // 1000 − 3000 v + 2500 v² has the discriminant 9 − 10 < 0
    #expect(rate([(0, 1000), (365, -3000), (730, 2500)]) == .undefined(.noRoot))
    // (10⁻⁷)^365 is no number beside −1
    #expect(rate([(0, -1e7), (1, 1)]) == .undefined(.notRepresentable))
    #expect(rate([(0, -1), (1, 1e7)]) == .undefined(.notRepresentable))
    #expect(rate([(0, .nan), (1, 1)]).value == nil)
  }

  @Test func `a present value that only touches zero has no rate`() {
    // (1 − 2 v)² touches 0 at 100 % and crosses nowhere
    #expect(rate([(0, 1), (365, -4), (730, 4)]).value == nil)
  }

  @Test func `every rate solves its equation, and scale and order do not matter`() throws {
    var chance = Chance(21)
    for round in 0..<400 {
      let count = 2 + Int(chance.next(0, 30))
      let flows = (0..<count).map { _ in
        CashFlow(day: Int(chance.next(0, 4000)), amount: chance.next(-1000, 1000).rounded())
      }
      let found = InternalRate.of(flows, dayCount: .actual365Fixed)
      let scaled = InternalRate.of(
        flows.reversed().map { CashFlow(day: $0.day + 777, amount: $0.amount * 8) },
        dayCount: .actual365Fixed)
      #expect(found.others.count == scaled.others.count, "round \(round)")
      guard let value = found.value, value < 1e6, value > -0.99 else { continue }
      #expect(near(scaled.value, value, 1e-9 * (1 + abs(value))), "round \(round)")
      let first = flows.map(\.day).min() ?? 0
      var (sum, size) = (0.0, 0.0)
      for flow in flows {
        let term = flow.amount * Elementary.pow(1 + value, -Double(flow.day - first) / 365)
        sum += term
        size += abs(term)
      }
      #expect(abs(sum) <= 1e-7 * size, "round \(round)")
    }
  }

  @Test func `one change of direction gives one rate: the growth between two flows`() {
    var chance = Chance(22)
    for _ in 0..<300 {
      let wanted = chance.next(-0.9, 3)
      let final = 100 * (1 + wanted)
      #expect(near(rate([(5, -100), (370, final)]).value, wanted, 1e-12))
    }
  }

  @Test func `time is counted as agreed`() {
    // 2011-05-01 to 2012-04-30: days 15095 and 15460
    #expect(DayCount.actual365Fixed.years(from: 15095, to: 15460) == 1)
    #expect(DayCount.actual360.years(from: 15095, to: 15455) == 1)
    #expect(near(DayCount.actualActual.years(from: 14610, to: 14975), 1, 1e-12))
    // ISDA, 30E/360: 2011-01-31 to 2011-02-28 has 28 days
    #expect(near(DayCount.thirty360European.years(from: 15005, to: 15033), 28.0 / 360, 1e-12))
  }
}

@Suite struct TimeWeightedTests {
  @Test func `flows do not change the return`() throws {
    // The law behind the time-weighted return, GIPS 2020 provision 2.A.20
    var chance = Chance(31)
    for timing in FlowTiming.allCases {
      for _ in 0..<100 {
        let returns = chance.returns(20)
        let wanted = try #require(Growth.linked(returns))
        var value = 1000.0
        var periods: [ValuedPeriod] = []
        for step in returns {
          let inflow = chance.next(0, 400)
          let outflow = chance.next(0, 100)
          let closing =
            switch timing {
            case .startOfBar: (value + inflow - outflow) * (1 + step)
            case .endOfBar: value * (1 + step) + inflow - outflow
            case .inBeforeOutAfter: (value + inflow) * (1 + step) - outflow
            }
          periods.append(
            ValuedPeriod(opening: value, closing: closing, inflow: inflow, outflow: outflow))
          value = closing
        }
        #expect(near(TimeWeighted(periods, timing: timing)?.total, wanted, 1e-10))
      }
    }
  }

  @Test func `a portfolio that was empty goes on where it stopped`() throws {
    let record = try #require(
      TimeWeighted(
        values: [100, 110, 0, 0, 50, 55], flows: [100, 0, -110, 0, 50, 0], timing: .endOfBar))
    #expect(record.returns[3] == nil && record.returns[2] == nil)
    #expect(near(record.total, 0.21, 1e-12))
    let never = try #require(TimeWeighted(values: [0, 0], flows: [0, 0], timing: .endOfBar))
    #expect(never.total == nil)
  }

  @Test func `modified Dietz of the usual example`() {
    // https://en.wikipedia.org/wiki/Modified_Dietz_method: 100 grows to 300 in two years with 50
    // that came in after one; 150 was earned on 125, which is 120 %
    let period = ModifiedDietz(
      opening: 100, closing: 300, flows: [.init(amount: 50, weight: 0.5)])
    #expect(period.gain == 150 && period.capital == 125)
    #expect(near(period.rate, 1.2, 1e-15))
    #expect(ModifiedDietz(opening: 0, closing: 10, flows: []).rate == nil)
  }
}
