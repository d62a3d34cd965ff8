import Amounts
public import Ledger
public import VenueKit

/// What makes a simulated venue's records hard to read: rows that appear long after they happened,
/// balances that do not know the latest events yet, words that nobody knows.
public struct SimulatedDelays: Sendable, Hashable {
  /// Of a thousand rows, how many appear late.
  public var lateRowsPerThousand: UInt64 = 0
  /// How much later they appear, in seconds.
  public var lateRowSeconds: Int64 = 0
  /// How old the balances told are, in seconds.
  public var balanceSeconds: Int64 = 0
  /// Whether statements have a word for charges that is in no document.
  public var hasStrangeWords = false

  /// Nothing is late.
  public init() {}
}

/// A venue without a dialect: accounts, markets, prices, books and orders.
///
/// It knows no clock: every call is told the time. The same seed and the same calls give the same
/// answers.
public struct SimulatedExchange: Sendable {
  /// What it lists and charges.
  public let listing: SimulatedListing
  /// Its prices.
  public let prices: PriceField
  /// Its customers.
  public internal(set) var accounts: [SimulatedAccount]
  /// What is late.
  public var delays = SimulatedDelays()
  /// The last id given away, of orders and events that came after the history.
  var lastID: Int64
  /// The time up to which standing orders have been matched.
  var matchedTo: Instant
  /// What takers took of the book of the present moment, so that nobody takes it twice.
  var taken: [Int: (moment: Int64, asks: Fixed, bids: Fixed)] = [:]
  let seed: UInt64

  /// Makes a venue with a history that ends at its opening.
  ///
  /// - Parameters:
  ///   - listing: What it lists and charges.
  ///   - seed: Decides everything.
  ///   - market: Decides the prices alone, so that several venues have the same; `nil` for `seed`.
  ///   - accounts: How many customers it has.
  ///   - events: How many events each customer's history has.
  ///   - opening: When the history ends and trading begins.
  ///   - days: How many days the history is long.
  ///   - credentials: The keys of each customer, by place.
  public init(
    _ listing: SimulatedListing, seed: UInt64, market: UInt64? = nil, accounts: Int = 1,
    events: Int = 400,
    opening: Instant, days: Int64 = 400, credentials: (Int) -> Credentials
  ) {
    self.listing = listing
    self.seed = mixed(seed, UInt64(listing.markets.count), UInt64(listing.venue.utf8.count))
    prices = PriceField(seed: market ?? seed)
    matchedTo = opening
    lastID = 9_000_000_000
    self.accounts = []
    for index in 0..<accounts {
      let account = SimulatedAccount(
        index: index, credentials: credentials(index), canTrade: true, canWithdraw: false)
      var maker = HistoryMaker(
        account: account, listing: listing, prices: prices, seed: mixed(self.seed, UInt64(index)),
        span: (opening.advanced(bySeconds: -days * 86_400), opening), count: events)
      self.accounts.append(maker.made())
    }
  }

  /// The place of the customer with a key; `nil` for none.
  public func account(key: String) -> Int? {
    accounts.firstIndex { $0.credentials.key == key }
  }

  /// The market of a place; `nil` for none.
  func market(_ index: Int) -> SimulatedMarket? {
    listing.markets.indices.contains(index) ? listing.markets[index] : nil
  }

  mutating func nextID() -> Int64 {
    lastID += 1
    return lastID
  }

  // MARK: - What an account may see

  /// Whether a row can be seen at a time.
  func isVisible(_ id: Int64, _ time: Instant, at now: Instant) -> Bool {
    guard time <= now else { return false }
    guard delays.lateRowsPerThousand > 0,
      mixed(seed, UInt64(bitPattern: id), 7) % 1_000 < delays.lateRowsPerThousand
    else { return true }
    return time.advanced(bySeconds: delays.lateRowSeconds) <= now
  }

  /// The events of some kinds between two times, both included, oldest first.
  ///
  /// - Complexity: O(log n) in the length of the history for one kind, if nothing is late.
  func events(
    _ account: Int, _ kinds: Set<SimulatedEvent.Kind>, from: Instant? = nil, to: Instant? = nil,
    at now: Instant
  ) -> SimulatedRows<SimulatedEvent> {
    let events = accounts[account].events
    let rows = SimulatedRows(events, accounts[account].places(of: kinds)[...])
    return visible(rows.between(from, to, at: now) { $0.time }, at: now) { ($0.id, $0.time) }
  }

  /// The statement between two times, both included, oldest first; of one asset where it is named.
  ///
  /// - Complexity: O(log n) in the length of the history, if nothing is late.
  func ledger(
    _ account: Int, asset: String? = nil, from: Instant? = nil, to: Instant? = nil,
    at now: Instant
  ) -> SimulatedRows<SimulatedLedgerRow> {
    let known = accounts[account]
    let rows = SimulatedRows(known.ledger, asset.map { known.places(of: $0)[...] })
    return visible(rows.between(from, to, at: now) { $0.time }, at: now) { ($0.id, $0.time) }
  }

  /// The event that a line of the statement tells of.
  func event(of row: SimulatedLedgerRow, _ account: Int) -> SimulatedEvent {
    accounts[account].events[row.event]
  }

  private func visible<Row>(
    _ rows: SimulatedRows<Row>, at now: Instant, _ facts: (Row) -> (id: Int64, time: Instant)
  ) -> SimulatedRows<Row> {
    if delays.lateRowsPerThousand == 0 { return rows }
    return rows.filter { row in
      let (id, time) = facts(row)
      return isVisible(id, time, at: now)
    }
  }

  /// The balances of the trading part, by common code, in the listing's order.
  func balances(
    _ account: Int, at now: Instant
  ) -> [(asset: String, total: Fixed, locked: Fixed)] {
    let known = accounts[account]
    let spot =
      delays.balanceSeconds > 0
      ? known.spot(at: now.advanced(bySeconds: -delays.balanceSeconds)) : known.spot
    return listing.assets.map { asset in
      let total = spot[asset] ?? .zero
      let locked = known.locked[asset] ?? .zero
      return (asset, total, locked > total ? total : locked)
    }
  }
}
