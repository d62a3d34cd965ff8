import Risk
import Statistics
import Testing

@Suite struct CrashReturnTests {
  @Test func `the named crashes are known with their assets`() {
    for crash in Crash.named { #expect(CrashReturns.assets(in: crash.name).count >= 20) }
    // Binance closes: 2022-05-05 82.38, 2022-05-12 0.00032; UST 0.363505 at the end.
    #expect(CrashReturns.change(of: "LUNA", in: "terra-2022-05") == -1)
    #expect(CrashReturns.change(of: "UST", in: "terra-2022-05") == -0.6364)
    // https://en.wikipedia.org/wiki/Bankruptcy_of_FTX: FTT fell by about nine tenths in those days.
    #expect(CrashReturns.change(of: "FTT", in: "ftx-2022-11") == -0.9056)
    #expect(CrashReturns.change(of: "USDC", in: "usdc-2023-03") == -0.0408)
    #expect(CrashReturns.change(of: "USDT", in: "covid-2020-03") == 0)
    #expect(CrashReturns.change(of: "SOL", in: "covid-2020-03") == nil, "it did not trade yet")
    #expect(CrashReturns.change(of: "BTC", in: "no-such-day") == nil)
  }

  @Test func `no change is below minus one`() {
    for crash in Crash.named {
      for asset in CrashReturns.assets(in: crash.name) {
        let change = CrashReturns.change(of: asset, in: crash.name) ?? -2
        #expect(change >= -1 && change < 2, "\(crash.name) \(asset)")
      }
    }
  }
}

@Suite struct CorrelationMapTests {
  private func table(_ count: Int) -> ReturnTable {
    var generator = Xoshiro256(seed: 4)
    let draws = NormalDraws()
    let factors = (0..<2).map { _ in (0..<80).map { _ in draws.next(&generator) } }
    let columns = (0..<count).map { asset in
      factors[asset % 2].map { $0 + 0.3 * draws.next(&generator) }
    }
    return ReturnTable(
      assets: (0..<count).map { "a\($0)" }, bars: (0..<80).map { "b\($0)" }, returns: columns)
  }

  @Test(arguments: [12, 140], CorrelationMeasure.allCases)
  func `every asset stands once in the order, and groups are neighbours`(
    count: Int, measure: CorrelationMeasure
  ) throws {
    if measure == .kendall && count > 100 { return }
    let table = table(count)
    let map = try CorrelationMap(table, measure)
    #expect(Set(map.assets) == Set(table.assets) && map.assets.count == count)
    // Two factors: the order goes from one group to the other once.
    let groups = map.assets.map { Int($0.dropFirst()) ?? 0 }.map { $0 % 2 }
    let changes = zip(groups, groups.dropFirst()).count { $0 != $1 }
    #expect(changes == 1)
    for (row, values) in map.correlation.enumerated() {
      for (column, value) in values.enumerated() {
        let value = try #require(value)
        #expect(value == map[column, row])
        if row == column { #expect(value == 1) }
        if groups[row] == groups[column] { #expect(value > 0.5) } else { #expect(value < 0.5) }
      }
    }
  }
}
