import Amounts
import Encodings
import Ledger

/// The USD-M futures part of one account: a wallet, two markets, a history and what stands open.
///
/// https://developers.binance.com/docs/derivatives/usds-margined-futures
struct BinanceFutures: Sendable {
  struct Trade: Sendable {
    let id: Int64
    let time: Instant
    let symbol: String
    let isBuy: Bool
    let price: Fixed
    let amount: Fixed
    let fee: Fixed
    let realised: Fixed
  }
  struct Income: Sendable {
    let id: Int64
    let time: Instant
    let symbol: String
    let type: String
    let amount: Fixed
    let trade: Int64
  }
  struct Position: Sendable {
    var amount = Fixed.zero
    var entry = Fixed.zero
    var updated = Instant(seconds: 0)
  }
  private(set) var trades: [Trade] = []
  private(set) var income: [Income] = []
  private(set) var positions: [String: Position] = [:]
  /// What the wallet holds of USDT, without what is not realised.
  private(set) var wallet = Fixed(whole: 5_000)
  static let symbols = ["BTCUSDT", "ETHUSDT"]

  init(seed: UInt64, prices: PriceField, opening: Instant, days: Int64) {
    var generator = SeededGenerator(seed: seed)
    let start = opening.advanced(bySeconds: -min(days, 80) * 86_400 + 3_600)
    income.append(
      Income(
        id: 1, time: start, symbol: "", type: "TRANSFER", amount: Fixed(whole: 5_000), trade: 0))
    let span = opening.seconds - start.seconds
    for number in 1...40 {
      let time = start.advanced(bySeconds: span * Int64(number) / 42)
      let symbol = BinanceFutures.symbols[Int(generator.next() % 2)]
      let dollars = prices.dollars(symbol == "BTCUSDT" ? "BTC" : "ETH", at: time) ?? 1
      let held = positions[symbol]?.amount ?? .zero
      let amount =
        symbol == "BTCUSDT" ? Fixed(whole: 1) / Fixed(whole: 100) : Fixed(whole: 1) / 10.fixed
      let isBuy = held.isZero ? true : held > .zero ? generator.next() % 2 == 0 : true
      trade(
        Int64(number), time, symbol, isBuy: isBuy, price: .near(dollars, digits: 2), amount: amount)
      if number % 5 == 0 { fund(Int64(number), time, symbol, generator.next()) }
    }
  }

  private mutating func trade(
    _ number: Int64, _ time: Instant, _ symbol: String, isBuy: Bool, price: Fixed, amount: Fixed
  ) {
    var position = positions[symbol] ?? Position()
    var realised = Fixed.zero
    if isBuy {
      let cost = position.entry * position.amount + price * amount
      position.amount = position.amount + amount
      position.entry = cost / position.amount
    } else {
      realised = ((price - position.entry) * amount).kept(8)
      position.amount = position.amount - amount
    }
    position.updated = time
    positions[symbol] = position
    let fee = (price * amount * (Fixed(whole: 5) / Fixed(whole: 10_000))).kept(8)
    let id = 500_000 + number
    trades.append(
      Trade(
        id: id, time: time, symbol: symbol, isBuy: isBuy, price: price, amount: amount, fee: fee,
        realised: realised))
    pay(id * 2, time, symbol, "COMMISSION", -fee, id)
    if !realised.isZero { pay(id * 2 + 1, time, symbol, "REALIZED_PNL", realised, id) }
  }

  private mutating func fund(_ number: Int64, _ time: Instant, _ symbol: String, _ bits: UInt64) {
    let amount = Fixed.near(unit(bits) - 0.6, digits: 8)
    pay(900_000 + number, time.advanced(bySeconds: 60), symbol, "FUNDING_FEE", amount, 0)
  }

  private mutating func pay(
    _ id: Int64, _ time: Instant, _ symbol: String, _ type: String, _ amount: Fixed, _ trade: Int64
  ) {
    wallet = wallet + amount
    income.append(
      Income(id: id, time: time, symbol: symbol, type: type, amount: amount, trade: trade))
  }

  /// Profit that is not realised.
  func unrealised(_ symbol: String, mark: Fixed) -> Fixed {
    guard let position = positions[symbol] else { return .zero }
    return ((mark - position.entry) * position.amount).kept(8)
  }
}

extension Int {
  /// The whole number as a decimal.
  var fixed: Fixed { Fixed(whole: Int64(self)) }
}
