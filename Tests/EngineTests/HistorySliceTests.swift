import Amounts
import Ledger
import Portfolio
import Prices
import Simulator
import Testing

@testable import Engine

/// Bars that end without a later price, a few assets in a turn.
@Suite struct HistorySliceTests {
  /// 2025-11-21T00:00:00Z.
  private static let start = Instant(seconds: 1_763_683_200)

  /// Assets with prices that come by chance.
  private struct World {
    let assets: [AssetID]
    var settlement = Settlement(currency: .usDollar)
    var generator: SeededGenerator
    var now = HistorySliceTests.start

    init(seed: UInt64, count wanted: Int? = nil) {
      generator = SeededGenerator(seed: seed)
      let count = wanted ?? Int.random(in: 1...13, using: &generator)
      assets = (0..<count).map { .venue(venue: "v", code: "C\($0)") }
      let account = AccountID(named: "kraken")
      settlement.take(Account(id: account, name: "Kraken", venue: "kraken"))
      for asset in assets {
        settlement.take(
          Holding(free: Quantity(Fixed(whole: 1))), for: HoldingKey(account: account, asset: asset))
      }
    }

    /// Some time goes by, and some assets have another price.
    mutating func step() throws -> [Position] {
      let pauses: [Int64] = [1, 7, 29, 61, 600, 3_601, 90_000]
      now = now.advanced(bySeconds: try #require(pauses.randomElement(using: &generator)))
      for asset in assets where Int.random(in: 0...2, using: &generator) == 0 {
        let price = Price(Fixed(whole: Int64.random(in: 95...105, using: &generator)))
        settlement.take(
          try #require(
            Quote(
              asset: asset, price: price, currency: .usDollar, time: now, source: .feed("f"))))
      }
      return settlement.settle(at: now)?.changed ?? []
    }
  }

  /// The bars of each asset, in the order in which they were told.
  private static func byAsset(_ bars: [AssetBar]) -> [AssetID: [AssetBar]] {
    Dictionary(grouping: bars, by: \.asset)
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>, [1, 2, 3, 4, 5, 100])
  func `bars that end in slices of any size are those that end at once`(
    seed: UInt64, size: Int
  ) throws {
    var world = World(seed: seed)
    var sliced = HistoryDesk(currency: .usDollar, endedAtOnce: size)
    var whole = HistoryDesk(currency: .usDollar, endedAtOnce: .max)
    var (some, all): ([AssetBar], [AssetBar]) = ([], [])
    for _ in 0..<150 {
      let changed = try world.step()
      some += sliced.settled(world.settlement, changed: changed, at: world.now)
      all += whole.settled(world.settlement, changed: changed, at: world.now)
      all += whole.tick(world.settlement, at: world.now)
      // Some turns are taken by others: what is left waits for the next ones.
      for _ in 0..<Int.random(in: 0...4, using: &world.generator) {
        some += sliced.tick(world.settlement, at: world.now)
      }
      if let ended = sliced.endedTo {
        let open = world.assets.compactMap { sliced.current(of: $0, .minute)?.start }
        #expect(open.allSatisfy { $0 >= ended }, "SEED=\(seed)")
      } else if sliced.wakeAt(after: world.now) != nil, !sliced.assets.isEmpty, !some.isEmpty {
        #expect(sliced.wakeAt(after: world.now).map { $0 <= Self.nextHour(world.now) } == true)
      }
    }
    world.now = world.now.advanced(bySeconds: 60)
    all += whole.tick(world.settlement, at: world.now)
    var turns = 0
    repeat {
      some += sliced.tick(world.settlement, at: world.now)
      turns += 1
    } while sliced.endedTo == nil && turns < 100
    #expect(turns <= (world.assets.count + size - 1) / size + 1, "SEED=\(seed)")
    #expect(!all.isEmpty, "SEED=\(seed)")
    #expect(Self.byAsset(some) == Self.byAsset(all), "SEED=\(seed)")
    for asset in world.assets {
      for length in BarLength.allCases {
        #expect(sliced.bars(of: asset, length) == whole.bars(of: asset, length), "SEED=\(seed)")
      }
    }
  }

  private static func nextHour(_ now: Instant) -> Instant {
    BarLength.hour.start(of: now).advanced(bySeconds: BarLength.hour.seconds)
  }

  @Test func `a turn ends the bars of no more assets than it may, and asks for the next`() throws {
    var world = World(seed: 3, count: 7)
    var desk = HistoryDesk(currency: .usDollar, endedAtOnce: 2)
    for asset in world.assets {
      world.settlement.take(
        try #require(
          Quote(
            asset: asset, price: Price(.one), currency: .usDollar, time: world.now,
            source: .feed("f"))))
    }
    let changed = world.settlement.settle(at: world.now)?.changed ?? []
    #expect(desk.settled(world.settlement, changed: changed, at: world.now).isEmpty)
    // Four turns look at all seven once: what is left of a minute would end with the next at once.
    for _ in 0..<4 {
      let over = desk.tick(world.settlement, at: world.now)
      #expect(over.isEmpty)
    }
    #expect(desk.endedTo == world.now)
    let later = world.now.advanced(bySeconds: 60)
    var turns: [Int] = []
    while desk.endedTo != later, turns.count < 100 {
      let bars = desk.tick(world.settlement, at: later)
      turns.append(Set(bars.map(\.asset)).count)
      if desk.endedTo != later { #expect(desk.wakeAt(after: later) == later) }
    }
    #expect(turns.allSatisfy { $0 <= 2 }, "\(turns)")
    #expect(turns.reduce(0, +) == 7)
  }
}
