import Amounts
import Ledger
import Simulator
import Testing
import VenueKit

@Suite struct ExchangeTests {
  static let listings: [SimulatedListing] = [.binance, .coinbase, .kraken, .bitfinex, .htx]

  func exchange(
    _ listing: SimulatedListing, seed: UInt64 = 7, accounts: Int = 1, events: Int = 300
  ) -> SimulatedExchange {
    SimulatedExchange(listing, seed: seed, accounts: accounts, events: events, opening: opening) {
      Credentials(key: "key\($0)", secret: "secret")
    }
  }

  @Test(arguments: listings)
  func `a history adds up to its holdings and never goes below zero`(
    listing: SimulatedListing
  ) throws {
    let account = exchange(listing, events: 1_000).accounts[0]
    #expect(account.events.count == 1_000)
    var sums = Sums()
    for row in account.ledger {
      try sums.add(row.asset, row.amount)
      try sums.take(row.asset, row.fee)
      #expect(sums.amounts[row.asset] == row.after)
      #expect(row.after >= .zero)
    }
    #expect(sums.held == account.spot.filter { !$0.value.isZero })
    let times = account.events.map(\.time)
    #expect(times == times.sorted() && Set(times).count == times.count)
    #expect((times.last ?? opening) <= opening)
    let kinds = Set(account.events.map(\.kind))
    #expect(kinds.isSuperset(of: [.trade, .deposit, .withdrawal, .reward, .conversion]))
  }

  @Test func `the same seed gives the same world and another seed another`() {
    let one = exchange(.kraken).accounts[0]
    let two = exchange(.kraken).accounts[0]
    let other = exchange(.kraken, seed: 8).accounts[0]
    #expect(one.truth == two.truth)
    #expect(one.events.map(\.id) == two.events.map(\.id))
    #expect(one.truth != other.truth)
  }

  @Test func `prices do not hang on when or in which order they are asked for`() {
    let field = PriceField(seed: 3)
    let times = (0..<200).map { opening.advanced(bySeconds: Int64($0) * 977) }
    let forth = times.map { field.dollars("BTC", at: $0) }
    let back = times.reversed().map { PriceField(seed: 3).dollars("BTC", at: $0) }
    #expect(forth == back.reversed())
    #expect(Set(forth).count > 190)
    #expect(forth.allSatisfy { ($0 ?? 0) > 0 })
    #expect(field.dollars("NONE", at: opening) == nil)
  }

  @Test func `a market order is filled at the book and pays the taker's fee in quote`() throws {
    var venue = exchange(.kraken)
    let market = try #require(venue.listing.market("BTC", "USD"))
    let before = venue.accounts[0].truth
    let order = try venue.place(
      OrderWish(market: market.index, isBuy: true, amount: decimal("0.01")), account: 0,
      at: opening)
    #expect(order.state == .filled)
    #expect(order.filled == (try decimal("0.01")))
    let after = venue.accounts[0].truth
    let paid = try order.cost.adding(order.fees)
    #expect(after["USD"] == (try before["USD"]?.subtracting(paid)))
    #expect(after["BTC"] == (try before["BTC"]?.adding(order.filled)))
    // 26 ten-thousandths of the cost, each fill rounded to 8 digits.
    let fee = try order.cost.multiplied(by: decimal("0.0026"), rounding: .halfEven)
    let gap = try fee.subtracting(order.fees).magnitude()
    #expect(gap <= (try decimal("0.0000001")))
  }

  @Test func `a fee in the asset received is taken from the base of a buy`() throws {
    var venue = exchange(.binance)
    let market = try #require(venue.listing.market("BTC", "USDT"))
    let order = try venue.place(
      OrderWish(market: market.index, isBuy: true, amount: decimal("0.01")), account: 0,
      at: opening)
    #expect(order.feeAsset == "BTC")
    #expect(order.fees == (try decimal("0.00001")))
  }

  @Test func `a resting order locks, fills in parts as the price comes, and unlocks`() throws {
    var venue = exchange(.kraken)
    let market = try #require(venue.listing.market("ETH", "USD"))
    let free = venue.accounts[0].spot["USD"]
    let price = try decimal("1")
    let order = try venue.place(
      OrderWish(market: market.index, isBuy: true, price: price, amount: decimal("100")),
      account: 0, at: opening)
    #expect(order.state == .open)
    #expect(venue.accounts[0].locked["USD"] == (try decimal("100.26")))
    let gone = try venue.cancel(order.id, account: 0, at: opening.advanced(bySeconds: 1))
    #expect(gone.state == .canceled)
    #expect(venue.accounts[0].locked["USD"] == .zero)
    #expect(venue.accounts[0].spot["USD"] == free)
    #expect(throws: OrderRefusal.unknownOrder) {
      _ = try venue.cancel(order.id, account: 0, at: opening)
    }
  }

  @Test func `orders near the price are filled by time alone, wholly and at their limit`() throws {
    var venue = exchange(.kraken, events: 2_000)
    let market = try #require(venue.listing.market("SOL", "USD"))
    let dollars = try #require(venue.prices.dollars("SOL", at: opening))
    let below = try decimal(String(Int(dollars * 0.998)) + ".5")
    let order = try venue.place(
      OrderWish(market: market.index, isBuy: true, price: below, amount: decimal("1")),
      account: 0, at: opening)
    var now = opening
    for _ in 0..<20_000 where venue.order(order.id, account: 0)?.state == .open {
      now = now.advanced(bySeconds: 60)
      venue.match(to: now)
    }
    let done = try #require(venue.order(order.id, account: 0))
    #expect(done.state == .filled)
    #expect(done.filled == (try decimal("1")))
    // Bought as a taker in part, if at all, never above the limit.
    #expect(done.cost <= (try below.multiplied(by: done.filled, rounding: .up)))
    #expect(venue.accounts[0].locked["USD"] == .zero)
  }

  @Test func `immediate orders drop what they cannot get, fill-or-kill takes all or nothing`()
    throws
  {
    var venue = exchange(.kraken)
    let market = try #require(venue.listing.market("BTC", "USD"))
    let low = try decimal("10")
    let dropped = try venue.place(
      OrderWish(
        market: market.index, isBuy: true, price: low, amount: decimal("1"),
        force: .immediateOrCancel), account: 0, at: opening)
    #expect(dropped.state == .expired && dropped.filled.isZero)
    #expect(throws: OrderRefusal.cannotFill) {
      _ = try venue.place(
        OrderWish(
          market: market.index, isBuy: true, price: low, amount: decimal("1"), force: .fillOrKill),
        account: 0, at: opening)
    }
    let high = try decimal("1000000")
    #expect(throws: OrderRefusal.wouldTake) {
      _ = try venue.place(
        OrderWish(
          market: market.index, isBuy: true, price: high, amount: decimal("0.00001"),
          force: .postOnly), account: 0, at: opening)
    }
    #expect(venue.openOrders(0).isEmpty)
    #expect(venue.accounts[0].locked["USD"] ?? .zero == .zero)
  }

  @Test func `what is out of step, too small, unpaid or beyond reason is refused`() throws {
    var venue = exchange(.kraken)
    let market = try #require(venue.listing.market("BTC", "USD")).index
    func refusal(_ wish: OrderWish) -> OrderRefusal? {
      do throws(OrderRefusal) {
        _ = try venue.place(wish, account: 0, at: opening)
        return nil
      } catch { return error }
    }
    let price = try decimal("50000")
    let cases: [(OrderWish, OrderRefusal)] = [
      (OrderWish(market: 999, isBuy: true, amount: try decimal("1")), .unknownMarket),
      (OrderWish(market: market, isBuy: true, amount: .zero), .badNumber),
      (OrderWish(market: market, isBuy: true, amount: try decimal("-1")), .badNumber),
      (OrderWish(market: market, isBuy: true, amount: try decimal("9000000000000")), .badNumber),
      (OrderWish(market: market, isBuy: true, amount: try decimal("0.000001")), .amountStep),
      (
        OrderWish(
          market: market, isBuy: true, price: try decimal("50000.001"), amount: try decimal("1")),
        .priceStep
      ),
      (
        OrderWish(market: market, isBuy: true, price: price, amount: try decimal("0.00001")),
        .costTooSmall
      ),
      (
        OrderWish(market: market, isBuy: true, price: price, amount: try decimal("100000")),
        .insufficientFunds
      ),
    ]
    for (wish, wanted) in cases { #expect(refusal(wish) == wanted) }
  }

  @Test func `rows appear late and balances lag where that is asked for`() throws {
    var client = Client(KrakenDialect(settings()))
    let truth = client.venue.exchange.accounts[0].truth
    client.venue.exchange.delays.lateRowsPerThousand = 1_000
    client.venue.exchange.delays.lateRowSeconds = 3_600
    client.venue.exchange.book(
      .deposit, asset: "BTC", amount: try decimal("1"), account: 0, at: client.now)
    func newest(_ client: inout Client<KrakenDialect>) throws -> String? {
      try client.ask("DepositStatus").elements().first?["amount"].optionalText()
    }
    #expect(try newest(&client) != "1.0000000000")
    client.now = opening.advanced(bySeconds: 3_700)
    #expect(try newest(&client) == "1.0000000000")
    client.venue.exchange.delays.balanceSeconds = 86_400
    let lagging = try client.ask("BalanceEx")["XXBT"]["balance"].decimal()
    #expect(lagging <= truth["BTC"] ?? .zero)
  }

  @Test func `five accounts of sixteen thousand events are made in seconds`() {
    // One venue's share of 25 accounts.
    let clock = ContinuousClock()
    var venue: SimulatedExchange?
    let time = clock.measure { venue = exchange(.kraken, accounts: 5, events: 16_000) }
    #expect(venue?.accounts.map(\.events.count) == [16_000, 16_000, 16_000, 16_000, 16_000])
    #expect(time < .seconds(30))
  }
}
