import Amounts
import Encodings
import VenueKit

/// Ways of finding rows in an answer that several venues share.
enum Picks {
  /// Rows of an answer.
  typealias Rows = @Sendable (Answer) throws(VenueFault) -> [Node]

  /// The body as the only row.
  static let body: Rows = { answer throws(VenueFault) in [answer.body] }

  /// The body's elements where it is an array, else the body as the only row.
  static let optionalOneOrList: Rows = { answer throws(VenueFault) in
    guard case .array? = answer.body.json else { return [answer.body] }
    return try answer.body.elements()
  }

  /// What lies at a path as the only row.
  static func one(_ path: String...) -> Rows {
    { answer throws(VenueFault) in [node(answer, path)] }
  }

  /// The elements of the array at a path; of the body where none is named.
  static func list(_ path: String...) -> Rows {
    { answer throws(VenueFault) in try node(answer, path).elements() }
  }

  /// The elements of the array at a path; none where there is nothing.
  static func optionalList(_ path: String...) -> Rows {
    { answer throws(VenueFault) in try node(answer, path).optionalElements() }
  }

  /// The members of the object at a path.
  static func members(_ path: String...) -> Rows {
    { answer throws(VenueFault) in try node(answer, path).members() }
  }

  private static func node(_ answer: Answer, _ path: [String]) -> Node {
    path.reduce(answer.body) { $0[$1] }
  }

  /// The market asked for; a fault where none was named.
  static func market(_ ask: Ask) throws(VenueFault) -> Market {
    guard let market = ask.market else { throw .unsupported("this without a market") }
    return market
  }

  /// The order asked for by the venue's id; a fault where none was named.
  static func order(_ ask: Ask) throws(VenueFault) -> String {
    guard let order = ask.order else { throw .unsupported("this without an order's id") }
    return order
  }

  /// The order to be placed; a fault where there is none.
  static func newOrder(_ ask: Ask) throws(VenueFault) -> NewOrder {
    guard let order = ask.newOrder else { throw .unsupported("placing without an order") }
    return order
  }

  /// The order as it was asked for, under the id that the venue gave it.
  static func placed(_ id: String, _ ask: Ask, status: Order.Status? = nil) -> Order {
    let order = ask.newOrder
    return Order(
      id: id, clientID: order?.clientID, market: order?.market.id, type: order?.type.rawValue,
      side: order?.side, price: order?.price, amount: order?.amount, status: status)
  }

  /// An order that was taken back, as far as the answer's silence tells.
  static func canceled(_ ask: Ask) -> Order {
    Order(
      id: ask.order ?? "", clientID: ask.clientOrder, market: ask.market?.id, status: .canceled)
  }
}

extension Node {
  /// The side that a text says, in any case; `nil` for nothing and for other words.
  func sideOfWord() throws(VenueFault) -> Side? {
    switch try optionalText()?.lowercased() {
    case "buy", "bid", "b", "long": .buy
    case "sell", "ask", "s", "short", "offer": .sell
    default: nil
    }
  }

  /// A decimal, `nil` for nothing and for zero: of prices that are written as 0 where there is none.
  func decimalButZero() throws(VenueFault) -> Fixed? {
    let value = try optionalDecimal()
    return value?.isZero == true ? nil : value
  }

  /// The step that a number of decimals means: 8 gives 0.00000001.
  func stepOfDecimals() throws(VenueFault) -> Fixed? {
    guard !isNothing else { return nil }
    let places = try integer()
    guard (0...Int64(Fixed.fractionDigits)).contains(places) else {
      throw fault("up to \(Fixed.fractionDigits) decimals")
    }
    var units = Fixed.scale
    for _ in 0..<places { units /= 10 }
    return Fixed(units: units)
  }
}

extension Parameters {
  /// These after another one.
  func led(_ name: String, _ value: String) -> Parameters {
    Parameters([Item(name, .string(value))] + items)
  }
}

extension Fixed {
  /// The amount without its sign.
  func sizeOnly() throws(VenueFault) -> Fixed {
    do {
      return try magnitude()
    } catch {
      throw .malformed(path: "$", expected: "an amount within range")
    }
  }

  /// The amount with the other sign.
  func opposite() throws(VenueFault) -> Fixed {
    do {
      return try negated()
    } catch {
      throw .malformed(path: "$", expected: "an amount within range")
    }
  }
}
