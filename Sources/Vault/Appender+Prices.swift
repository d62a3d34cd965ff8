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

/// What exchanges say about prices: the latest of each asset and currency.
struct OwnTrades {
  private(set) var latest: [TradePair: OwnTrade] = [:]
  private var exchanges: [Exchange: ExchangeRoles?] = [:]

  /// Takes an exchange of one asset for one currency; anything else says nothing.
  ///
  /// - Parameters:
  ///   - legs: The legs of a trade.
  ///   - time: When it was.
  ///   - names: The assets by number, with their links, which do not change meanwhile.
  ///   - times: When the latest known trades were; an older one counts nothing.
  mutating func take(
    _ legs: [ResolvedLeg], at time: Instant, _ names: Names, _ times: inout [TradePair: Int64]
  ) {
    let sides = legs.filter { $0.counter == .conversion && !$0.quantity.isZero }
    guard sides.count == 2, sides[0].quantity.isNegative != sides[1].quantity.isNegative,
      let roles = roles(of: Exchange(first: sides[0].asset, second: sides[1].asset), names)
    else { return }
    guard time.microseconds >= times[roles.pair] ?? .min else { return }
    times[roles.pair] = time.microseconds
    latest[roles.pair] = OwnTrade(
      priced: sides[roles.firstIsPriced ? 0 : 1].quantity,
      paid: sides[roles.firstIsPriced ? 1 : 0].quantity, time: time)
  }

  /// Which side is money; found out once.
  private mutating func roles(of exchange: Exchange, _ names: Names) -> ExchangeRoles? {
    if let known = exchanges[exchange] { return known }
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

  /// Writes them down.
  ///
  /// - Returns: Those with a price.
  @discardableResult
  func write(_ db: Database) throws -> [(pair: TradePair, price: Price, time: Instant)] {
    try latest.compactMap { pair, trade in
      guard let price = trade.price else { return nil }
      try db.execute(
        sql: "INSERT OR REPLACE INTO trade_price VALUES (?, ?, ?, ?)",
        arguments: [pair.asset, pair.currency, price.text, trade.time.microseconds])
      return (pair, price, trade.time)
    }
  }

  /// Finds all of them anew from the entries, as if these were added again; for what an earlier version
  /// took the wrong side of a trade for money.
  static func rebuild(_ db: Database) throws {
    let names = try StoreState(reading: db).names
    var trades = OwnTrades()
    var times: [TradePair: Int64] = [:]
    var legs: [ResolvedLeg] = []
    var entry: (number: Int, time: Instant)?
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT entry.id, entry.time, leg.asset_id, leg.quantity FROM leg
        CROSS JOIN entry ON entry.id = leg.id >> 6
        WHERE entry.kind = ? AND leg.counter = ? ORDER BY leg.id
        """, arguments: [EntryKindCode.code(of: .trade), Counter.conversion.rawValue])
    while let row = try rows.next() {
      let number: Int = row[0]
      if let entry, entry.number != number {
        trades.take(legs, at: entry.time, names, &times)
        legs = []
      }
      entry = (number, Instant(microseconds: row[1]))
      legs.append(
        ResolvedLeg(
          account: 0, asset: row[2], quantity: try Quantity(stored: row[3]),
          counter: .conversion))
    }
    if let entry { trades.take(legs, at: entry.time, names, &times) }
    try db.execute(sql: "DELETE FROM trade_price")
    try trades.write(db)
  }
}

extension Appender {
  /// Remembers what an exchange of one asset for one currency says about the price.
  mutating func notePrice(of entry: NewEntry) {
    guard entry.kind == .trade else { return }
    trades.take(legs, at: entry.time, store.state.names, &store.state.tradeTimes)
  }

  /// Writes the latest price of each asset that was traded.
  mutating func writePrices() throws {
    for (pair, price, time) in try trades.write(db) {
      guard let asset = store.state.names.asset(pair.asset),
        let quote = Quote(
          asset: store.state.names.links.canonical(asset), price: price,
          currency: try Currency(stored: pair.currency), time: time, source: .ownTrade)
      else { continue }
      outcome.quotes.append(quote)
    }
    outcome.quotes.sort {
      $0.asset != $1.asset ? $0.asset < $1.asset : $0.currency < $1.currency
    }
  }
}
