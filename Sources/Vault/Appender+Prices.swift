import Amounts
import GRDB
import Ledger
import Prices

/// Two recorded assets that were exchanged, by number.
struct Exchange: Hashable {
  let first: Int
  let second: Int
}

/// Which side of an exchange is money, and in which currency the other is priced by it.
struct ExchangeRoles {
  let firstIsPriced: Bool
  let pair: TradePair
}

/// The latest exchange that prices an asset.
struct OwnTrade {
  let priced: Quantity
  let paid: Quantity
  let time: Instant

  /// What one unit cost; `nil` where that is no exact number above zero.
  var price: Price? {
    guard
      let ratio = try? paid.fixed.magnitude()
        .divided(by: priced.fixed.magnitude(), rounding: .halfEven),
      !ratio.isZero
    else { return nil }
    return Price(ratio)
  }
}

extension Appender {
  /// Remembers what an exchange of one asset for one currency says about the price.
  mutating func notePrice(of entry: NewEntry) {
    guard entry.kind == .trade else { return }
    var sides: (first: ResolvedLeg?, second: ResolvedLeg?) = (nil, nil)
    for leg in legs where leg.counter == .conversion && !leg.quantity.isZero {
      if sides.first == nil {
        sides.first = leg
      } else if sides.second == nil {
        sides.second = leg
      } else {
        return
      }
    }
    guard let first = sides.first, let second = sides.second,
      first.quantity.isNegative != second.quantity.isNegative,
      let roles = roles(of: Exchange(first: first.asset, second: second.asset))
    else { return }
    let known = store.state.tradeTimes[roles.pair] ?? .min
    guard entry.time.microseconds >= known else { return }
    store.state.tradeTimes[roles.pair] = entry.time.microseconds
    prices[roles.pair] = OwnTrade(
      priced: roles.firstIsPriced ? first.quantity : second.quantity,
      paid: roles.firstIsPriced ? second.quantity : first.quantity, time: entry.time)
  }

  /// Which side is money; found out once a batch, in which links do not change.
  private mutating func roles(of exchange: Exchange) -> ExchangeRoles? {
    if let known = exchanges[exchange] { return known }
    let names = store.state.names
    var roles: ExchangeRoles?
    if let first = names.asset(exchange.first), let second = names.asset(exchange.second),
      let money = QuoteCurrency.money(of: first, second, names.links)
    {
      roles = ExchangeRoles(
        firstIsPriced: !money.isFirst,
        pair: TradePair(
          asset: money.isFirst ? exchange.second : exchange.first, currency: money.currency.code))
    }
    exchanges[exchange] = .some(roles)
    return roles
  }

  /// Writes the latest price of each asset that was traded.
  mutating func writePrices() throws {
    for (pair, trade) in prices {
      guard let price = trade.price else { continue }
      try db.execute(
        sql: "INSERT OR REPLACE INTO trade_price VALUES (?, ?, ?, ?)",
        arguments: [pair.asset, pair.currency, price.text, trade.time.microseconds])
      guard let asset = store.state.names.asset(pair.asset),
        let quote = Quote(
          asset: store.state.names.links.canonical(asset), price: price,
          currency: try Currency(stored: pair.currency), time: trade.time, source: .ownTrade)
      else { continue }
      outcome.quotes.append(quote)
    }
    outcome.quotes.sort {
      $0.asset != $1.asset ? $0.asset < $1.asset : $0.currency < $1.currency
    }
  }
}
