import Ledger
import Testing

@testable import Anomalies

@Suite struct RealCrashTests {
  private func bars() -> [MarketBar] {
    var before = RealCrash.bitcoinCloses[0]
    return zip(RealCrash.bitcoinLows, RealCrash.bitcoinCloses).enumerated().map { index, prices in
      defer { before = prices.1 }
      return MarketBar(
        end: RealCrash.bitcoinStart + Int64(index + 1) * 3600, high: max(before, prices.1),
        low: min(prices.0, prices.1), close: prices.1)
    }
  }

  /// On 2020-03-12 at 10:00 UTC an hour took bitcoin from 7,354 to 5,550; the day ended at 4,800.
  @Test func `the crash of March 2020 rings in the hour it begins`() throws {
    var watch = AnomalyWatch()
    var alarms: [AnomalyFinding] = []
    for bar in bars() {
      alarms += watch.take(.bar(asset: "BTC", venue: "", seconds: 3600, bar, isTrusted: true))
        .filter { $0.stage != .ended }
    }
    let hour: Int64 = 1_584_007_200 + 3600
    let crash = try #require(
      alarms.first { (hour - 7200...hour + 7200).contains($0.time.seconds) })
    #expect(crash.kind == .crash)
    #expect(crash.time.seconds == hour)
    let evidence = try #require(crash.evidence.first)
    // ln(5550 / 7354.21) = -0.2815
    #expect(crash.evidence.contains { abs($0.observed + 0.2815) < 1e-4 })
    #expect(evidence.direction == .down)
    #expect(evidence.sampleSize > 150)
    // The second leg, from 5,803 to 4,410 in the hour of 23:00, makes it worse.
    #expect(alarms.contains { $0.time.seconds == 1_584_054_000 + 3600 })
    // No more than an alarm a day in the week before.
    #expect(alarms.count { $0.time.seconds < hour - 86_400 && $0.stage == .began } <= 4)
  }

  @Test func `between bars the band rings before half of that hour's fall`() throws {
    var watch = AnomalyWatch()
    for bar in bars().prefix(178) {
      _ = watch.take(.bar(asset: "BTC", venue: "", seconds: 3600, bar, isTrusted: true))
    }
    let band = try #require(watch.band(asset: "BTC", seconds: 3600))
    let half = (7354.21 * 5550).squareRoot()
    #expect(band.lowerBound > half)
    let found = watch.take(
      .tick(asset: "BTC", venue: "", seconds: 1_584_007_500, price: half))
    #expect(found.first?.kind == .crash)
  }

  /// UST lost its peg on 2022-05-07 at about 22:00 UTC, and for good on the 9th from 15:00 on.
  @Test func `UST's depeg is one episode that grows, and begins before a close under 0.985`() {
    var watch = PegWatch()
    var began: [Int64] = []
    var grew: [Int64] = []
    for (index, close) in RealCrash.terraCloses.enumerated() {
      let end = RealCrash.terraStart + Int64(index + 1) * 3600
      switch watch.take(close, at: end)?.step {
      case .began: began.append(end)
      case .grew: grew.append(end)
      default: break
      }
    }
    #expect(began.count == 1)
    #expect((1_651_953_600...1_651_975_200).contains(began.first ?? 0), "\(began)")
    // From 0.988 the distance doubled at 0.948 and again at 0.866.
    #expect(grew.count == 2)
    let low = RealCrash.terraCloses.firstIndex { $0 < 0.985 } ?? 0
    #expect((began.first ?? .max) < RealCrash.terraStart + Int64(low + 1) * 3600)
  }

  @Test func `a finding says in words what, how far, against what and how rare`() throws {
    var watch = AnomalyWatch()
    var found: [AnomalyFinding] = []
    for bar in bars().prefix(179) {
      found += watch.take(.bar(asset: "BTC", venue: "", seconds: 3600, bar, isTrusted: true))
    }
    let words = try #require(found.last?.words)
    #expect(words.hasPrefix("BTC: crash"))
    #expect(words.contains("24.5 %"))
    #expect(words.contains("usual"))
    #expect(words.contains("of 1"))
  }
}
