import Amounts
import Encodings
import Ledger
import VenueKit

/// A row of ours as texts by the names that the cases use.
struct CaseRow {
  /// How a text is compared.
  enum Field {
    case text(String?)
    case number(Fixed?)
    /// A number whose sign the cases write in either way.
    case size(Fixed?)
    case time(Instant?)
    case market(String)
    case asset(String)
    case levels([BookLevel])
  }
  var fields: [String: Field] = [:]
  var id: String?
  var time: Instant?

  init(_ row: Balance) {
    fields = [
      "asset": .asset(row.asset), "free": .number(row.free), "used": .number(row.used),
      "total": .number(row.total),
    ]
  }

  init(_ row: Fill) {
    fields = [
      "id": .text(row.id), "order": .text(row.order), "timestamp": .time(row.time),
      "symbol": .market(row.market), "side": .text(row.side?.rawValue),
      "price": .number(row.price), "amount": .number(row.amount),
    ]
    set(fees: row.fees)
    id = row.id
    time = row.time
  }

  init(_ row: Transfer) {
    fields = [
      "id": .text(row.id), "txid": .text(row.transactionHash), "timestamp": .time(row.time),
      "address": .text(row.address), "type": .text(row.direction.rawValue),
      "amount": .number(row.amount), "currency": .asset(row.asset),
      "status": .text(row.status?.rawValue),
    ]
    set(fees: row.fee.map { [$0] } ?? [])
    id = row.id
    time = row.time
  }

  init(_ row: StatementRow) {
    fields = [
      "id": .text(row.id), "timestamp": .time(row.time), "currency": .asset(row.asset),
      "amount": .size(row.amount), "direction": .text(row.amount.isNegative ? "out" : "in"),
    ]
    id = row.id
    time = row.time
  }

  init(_ row: OpenPosition) {
    fields = [
      "symbol": .market(row.market), "side": .text(row.isLong.map { $0 ? "long" : "short" }),
      "contracts": .number(row.contracts), "entryPrice": .number(row.entryPrice),
      "unrealizedPnl": .number(row.unrealised),
    ]
  }

  init(_ row: Market) {
    fields = [
      "id": .text(row.id), "baseId": .asset(row.base), "quoteId": .asset(row.quote),
      "type": .text(row.kind.rawValue),
    ]
    if let isActive = row.isActive { fields["active"] = .text(isActive ? "true" : "false") }
    id = row.id
  }

  init(_ row: ListedAsset) {
    fields = ["id": .text(row.id)]
    id = row.id
  }

  init(_ row: Ticker) {
    fields = [
      "symbol": .market(row.market), "last": .number(row.last), "bid": .number(row.bid),
      "ask": .number(row.ask), "high": .number(row.high), "low": .number(row.low),
      "baseVolume": .number(row.baseVolume),
    ]
  }

  init(_ row: Candle) {
    fields = [
      "0": .time(row.time), "1": .number(row.open), "2": .number(row.high),
      "3": .number(row.low), "4": .number(row.close), "5": .number(row.volume),
    ]
    time = row.time
  }

  init(_ row: PublicTrade) {
    fields = [
      "id": .text(row.id), "timestamp": .time(row.time), "symbol": .market(row.market),
      "side": .text(row.side?.rawValue), "price": .number(row.price),
      "amount": .number(row.amount),
    ]
    id = row.id
    time = row.time
  }

  init(_ row: OrderBook) {
    fields = ["bids": .levels(row.bids), "asks": .levels(row.asks)]
  }

  init(_ row: Order) {
    fields = [
      "id": .text(row.id), "clientOrderId": .text(row.clientID), "timestamp": .time(row.time),
      "type": .text(row.type), "side": .text(row.side?.rawValue), "price": .number(row.price),
      "amount": .number(row.amount), "filled": .number(row.filled),
      "remaining": .number(row.remaining), "status": .text(row.status?.rawValue),
    ]
    if let market = row.market { fields["symbol"] = .market(market) }
    id = row.id
    time = row.time
  }

  init(_ row: Instant) {
    fields = ["time": .time(row)]
    time = row
  }

  private mutating func set(fees: [VenueAmount]) {
    guard let first = fees.first else { return }
    fields["fee.cost"] = .number(first.amount)
    fields["fee.currency"] = .asset(first.asset)
  }
}
