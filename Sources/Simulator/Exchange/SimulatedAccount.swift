public import Amounts
import Ledger
public import VenueKit

/// One customer of a simulated venue.
public struct SimulatedAccount: Sendable {
  /// Its place among the venue's accounts.
  public let index: Int
  /// The keys that open it.
  public let credentials: Credentials
  /// Whether the key may trade.
  public let canTrade: Bool
  /// Whether the key may withdraw.
  public let canWithdraw: Bool
  /// Everything that happened, oldest first.
  public private(set) var events: [SimulatedEvent] = []
  /// The statement of the trading part, oldest first.
  public private(set) var ledger: [SimulatedLedgerRow] = []
  /// Where events of a kind are in `events`, in order.
  private var placesOfKind = Array(
    repeating: [Int](), count: SimulatedEvent.Kind.allCases.count)
  /// Where lines of an asset are in `ledger`, in order.
  private var placesOfAsset: [String: [Int]] = [:]
  /// What the trading part holds, locked amounts included.
  public private(set) var spot: [String: Fixed] = [:]
  /// What the earn part holds.
  public private(set) var earn: [String: Fixed] = [:]
  /// What parts hold that have a history of their own.
  public internal(set) var apart: [String: Fixed] = [:]
  /// What open orders lock.
  public internal(set) var locked: [String: Fixed] = [:]
  /// Every order, oldest first.
  public internal(set) var orders: [SimulatedOrder] = []
  /// Where an order is, by the venue's id.
  var orderPlaces: [Int64: Int] = [:]
  /// Where an order is, by the client's id.
  var clientPlaces: [String: Int] = [:]
  /// The places of orders that stand.
  var openPlaces: [Int] = []
  /// What private streams tell, oldest first.
  var changes: [AccountChange] = []

  init(index: Int, credentials: Credentials, canTrade: Bool, canWithdraw: Bool) {
    self.index = index
    self.credentials = credentials
    self.canTrade = canTrade
    self.canWithdraw = canWithdraw
  }

  /// What can be used of an asset in the trading part.
  func free(_ asset: String) -> Fixed { (spot[asset] ?? .zero) - (locked[asset] ?? .zero) }

  /// What the account has in all, by common code; assets it has nothing of are left out.
  public var truth: [String: Fixed] {
    var sums = spot
    for (asset, amount) in earn { sums[asset] = (sums[asset] ?? .zero) + amount }
    for (asset, amount) in apart { sums[asset] = (sums[asset] ?? .zero) + amount }
    return sums.filter { !$0.value.isZero }
  }

  /// Books an event: balances, statement and history.
  mutating func book(_ event: SimulatedEvent) {
    for (number, move) in event.moves.enumerated() {
      let after = (spot[move.asset] ?? .zero) + move.amount - move.fee
      spot[move.asset] = after
      placesOfAsset[move.asset, default: []].append(ledger.count)
      ledger.append(
        SimulatedLedgerRow(
          id: event.id * 4 + Int64(number), event: events.count, time: event.time,
          asset: move.asset, amount: move.amount, fee: move.fee, after: after))
    }
    switch event.kind {
    case .toEarn: earn[event.asset] = (earn[event.asset] ?? .zero) + event.amount
    case .fromEarn: earn[event.asset] = (earn[event.asset] ?? .zero) - event.amount
    default: break
    }
    placesOfKind[Int(event.kind.rawValue)].append(events.count)
    events.append(event)
  }

  /// Where events of some kinds are in `events`, in order.
  func places(of kinds: Set<SimulatedEvent.Kind>) -> [Int] {
    let all = kinds.map { placesOfKind[Int($0.rawValue)] }
    return all.count == 1 ? all[0] : all.flatMap { $0 }.sorted()
  }

  /// Where lines of an asset are in `ledger`, in order.
  func places(of asset: String) -> [Int] { placesOfAsset[asset] ?? [] }

  /// What the trading part held at a time, locked amounts included.
  func spot(at time: Instant) -> [String: Fixed] {
    var balances = spot
    for row in ledger.reversed() {
      if row.time <= time { break }
      balances[row.asset] = (balances[row.asset] ?? .zero) - row.amount + row.fee
    }
    return balances
  }
}

/// What a private stream tells.
enum AccountChange: Sendable {
  /// An order came to be or changed.
  case order(SimulatedOrder)
  /// An execution, with its order after it.
  case fill(SimulatedEvent, SimulatedOrder)
  /// A balance as it is now: asset, total, locked.
  case balance(String, Fixed, Fixed)
}
