import Amounts
import Ledger
import Portfolio
import Prices
import Simulator

/// A portfolio of any size: every asset on three of eight accounts, with a running price.
struct LargePortfolio {
  /// The venue that all of it lies at.
  static let venue = "bench"

  let holdings: [(key: HoldingKey, holding: Holding)]
  let accounts: [Account]
  let assets: [AssetID]
  private var generator = SeededGenerator(seed: 11)

  init(positions: Int) {
    accounts = (1...8).map {
      Account(
        id: AccountID(named: "Wallet \($0)"), name: "Wallet \($0)", venue: LargePortfolio.venue,
        book: BookID($0 % 2 == 0 ? "trading" : "cold"))
    }
    assets = (0..<positions).map { .contract(chain: "ethereum", address: "0xbench\($0)") }
    var made: [(HoldingKey, Holding)] = []
    for (index, asset) in assets.enumerated() {
      for place in 0..<3 {
        var holding = Holding()
        holding.free = Quantity(Fixed(whole: Int64(1 + (index * 7 + place * 3) % 9_973)))
        let key = HoldingKey(account: accounts[(index + place * 3) % 8].id, asset: asset)
        made.append((key, holding))
      }
    }
    holdings = made
  }

  /// How the holdings came about: purchases over the year before a time, oldest first, that add up to
  /// them.
  ///
  /// - Parameters:
  ///   - least: How many there are at least; zero for none.
  ///   - now: When the last one was.
  /// - Returns: As many of each holding.
  mutating func ledger(_ least: Int, before now: Instant) -> [Entry] {
    let rounds = (least + holdings.count - 1) / holdings.count
    var entries: [Entry] = []
    for round in 0..<rounds {
      let time = now.advanced(bySeconds: -31_536_000 * Int64(rounds - round) / Int64(rounds))
      for (key, holding) in holdings {
        let part = holding.free.fixed.units / Int128(rounds)
        let isLast = round == rounds - 1
        let units = isLast ? holding.free.fixed.units - part * Int128(rounds - 1) : part
        let cost = units * Int128(8 + generator.next() % 5)
        entries.append(
          Entry(
            id: EntryID(high: 8, low: UInt64(entries.count)), time: time, kind: .trade,
            legs: [
              leg(key.account, key.asset, units), leg(key.account, .fiat(code: "USD"), -cost),
            ], origin: .byHand))
      }
    }
    return entries
  }

  private func leg(_ account: AccountID, _ asset: AssetID, _ units: Int128) -> Leg {
    Leg(
      account: account, asset: asset, quantity: Quantity(Fixed(units: units)),
      counter: .conversion)
  }

  /// Prices of some assets drawn by chance.
  mutating func quotes(_ count: Int, at now: Instant) -> [Quote] {
    (0..<count).compactMap { _ in
      quote(assets[Int(generator.next() % UInt64(assets.count))], at: now)
    }
  }

  /// Days of every asset's prices before a time: a common factor and noise of its own.
  mutating func past(_ days: Int, before now: Instant) -> BarHistory {
    var history = BarHistory(currency: .usDollar)
    let market = (0..<days).map { _ in step() }
    for asset in assets {
      var price = 10.0
      var bars: [PriceBar] = []
      for day in 0..<days {
        price *= 1 + market[day] + step()
        let start = BarLength.day.start(of: now).advanced(
          bySeconds: BarLength.day.seconds * Int64(day - days))
        let units = Int128(max(price, 0.001) * 1e6) * 1_000_000_000_000
        bars.append(PriceBar(start: start, price: Price(Fixed(units: units))))
      }
      history.bars[asset] = [.day: bars]
    }
    return history
  }

  /// A change of up to four per cent.
  private mutating func step() -> Double {
    (Double(generator.next() % 80_001) - 40_000) / 1_000_000
  }

  /// A price near ten of every asset.
  func openingAtTen(at now: Instant) -> [Quote] {
    assets.compactMap { asset in
      Quote(
        asset: asset, price: Price(Fixed(whole: 10)), currency: .usDollar, time: now,
        source: .feed("bench"))
    }
  }

  /// Prices that moved by less than a per cent from ten.
  mutating func ticks(_ count: Int, at now: Instant) -> [Quote] {
    (0..<count).compactMap { _ in
      let asset = assets[Int(generator.next() % UInt64(assets.count))]
      let units = Int128(9_950 + generator.next() % 100) * 1_000_000_000_000_000
      return Quote(
        asset: asset, price: Price(Fixed(units: units)), currency: .usDollar, time: now,
        source: .feed("bench"))
    }
  }

  /// A price of every asset.
  mutating func opening(at now: Instant) -> [Quote] {
    assets.compactMap { quote($0, at: now) }
  }

  private mutating func quote(_ asset: AssetID, at now: Instant) -> Quote? {
    let units = Int128(1 + generator.next() % 9_000_000) * 1_000_000_000_000_000
    return Quote(
      asset: asset, price: Price(Fixed(units: units)), currency: .usDollar, time: now,
      source: .feed("bench"), dayOpen: Price(Fixed(units: units + units / 50)))
  }

  /// The settlement of these holdings with all these prices, valued once.
  func settled(_ quotes: [Quote], at now: Instant) -> Settlement {
    var settlement = Settlement(currency: .usDollar)
    for account in accounts { settlement.take(account) }
    for (key, holding) in holdings { settlement.take(holding, for: key) }
    for quote in quotes { settlement.take(quote) }
    _ = settlement.settle(at: now)
    return settlement
  }
}
