import Risk
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
