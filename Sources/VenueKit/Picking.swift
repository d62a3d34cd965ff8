public import Amounts
import Encodings
public import Ledger

/// Closures that many feeds share: where the rows of an answer are.
public enum Pick {
  /// The elements of the array at a path; a fault where there is none.
  public static func list(
    _ path: String...
  ) -> @Sendable (Answer) throws(VenueFault) -> [Node] {
    { answer throws(VenueFault) in try answer.body.at(path).elements() }
  }

  /// The elements of the array at a path; none where there is nothing.
  public static func listIfAny(
    _ path: String...
  ) -> @Sendable (Answer) throws(VenueFault) -> [Node] {
    { answer throws(VenueFault) in try answer.body.at(path).optionalElements() }
  }

  /// The elements of the array in a member of each element of the array at a path.
  public static func inner(
    _ member: String, of path: String...
  ) -> @Sendable (Answer) throws(VenueFault) -> [Node] {
    { answer throws(VenueFault) in
      var rows: [Node] = []
      for element in try answer.body.at(path).optionalElements() {
        rows += try element[member].optionalElements()
      }
      return rows
    }
  }

  /// The members of the object at a path, each with its name as `key`.
  public static func members(
    _ path: String...
  ) -> @Sendable (Answer) throws(VenueFault) -> [Node] {
    { answer throws(VenueFault) in try answer.body.at(path).optionalMembers() }
  }

  /// What stands at a path as the only row; none where there is nothing.
  public static func one(
    _ path: String...
  ) -> @Sendable (Answer) throws(VenueFault) -> [Node] {
    { answer throws(VenueFault) in
      let node = answer.body.at(path)
      return node.isNothing ? [] : [node]
    }
  }

  /// The text at a path, for `Feed.next`; `nil` where there is nothing.
  public static func text(
    _ path: String...
  ) -> @Sendable (Answer) throws(VenueFault) -> String? {
    { answer throws(VenueFault) in try answer.body.at(path).optionalText() }
  }

  /// A member of the last row of the array at a path, for `Feed.next`.
  public static func last(
    _ member: String, of path: String...
  ) -> @Sendable (Answer) throws(VenueFault) -> String? {
    { answer throws(VenueFault) in
      try answer.body.at(path).optionalElements().last?.optionalText(member)
    }
  }
}

extension Node {
  /// The place at the end of several members' names.
  public func at(_ path: [String]) -> Node {
    var node = self
    for name in path { node = node[name] }
    return node
  }

  /// Buy or sell, by how a member's text begins, whatever its case; else `nil`.
  public func side(_ names: String...) throws(VenueFault) -> Side? {
    guard let word = try first(names).optionalText()?.lowercased() else { return nil }
    if word.hasPrefix("buy") { return .buy }
    return word.hasPrefix("sell") ? .sell : nil
  }

  /// What a table says of a member's text; `nil` where the text is not in it or there is none.
  public func word<T>(_ name: String, _ table: [String: T]) throws(VenueFault) -> T? {
    try optionalText(name).flatMap { table[$0] }
  }

  /// The same of the first member that holds something.
  public func word<T>(_ names: [String], _ table: [String: T]) throws(VenueFault) -> T? {
    try first(names).optionalText().flatMap { table[$0] }
  }

  /// A fee of members of an amount and an asset; none where either is missing.
  public func fees(_ amount: String, _ asset: String) throws(VenueFault) -> [VenueAmount] {
    guard let paid = try optionalDecimal(amount), let asset = try optionalText(asset) else {
      return []
    }
    return [VenueAmount(asset, paid)]
  }

  /// The same of a venue that writes what it took as a negative number.
  public func feesTaken(_ amount: String, _ asset: String) throws(VenueFault) -> [VenueAmount] {
    var all = try fees(amount, asset)
    for place in all.indices { all[place].amount = try minus(all[place].amount) }
    return all
  }

  /// A number with its sign turned.
  public func minus(_ value: Fixed) throws(VenueFault) -> Fixed {
    guard let turned = try? value.negated() else { throw fault("a number whose sign can turn") }
    return turned
  }

  /// A number without its sign.
  public func size(_ value: Fixed?) -> Fixed? {
    value.flatMap { $0.isNegative ? try? $0.negated() : $0 }
  }

  /// A decimal that may be left out where it is beyond exact amounts; for what is only shown.
  public func shownDecimal(_ names: String...) -> Fixed? {
    (try? first(names).optionalDecimal()) ?? nil
  }

  /// A decimal where zero means nothing.
  public func decimalUnlessZero(_ names: String...) throws(VenueFault) -> Fixed? {
    let value = try first(names).optionalDecimal()
    return value?.isZero == true ? nil : value
  }

  /// A step of so many digits after the point, from a member that counts them.
  public func step(digits name: String) throws(VenueFault) -> Fixed? {
    guard let digits = try optionalInteger(name), (0...18).contains(digits) else { return nil }
    var units = Fixed.scale
    for _ in 0..<digits { units /= 10 }
    return Fixed(units: units)
  }
}

extension Ask {
  /// The market asked for; a fault where none is.
  public func needed() throws(VenueFault) -> Market {
    guard let market else { throw .unsupported("asking without a market") }
    return market
  }

  /// The market asked for where it is of some kind and settled one way; a fault else.
  ///
  /// - Parameters:
  ///   - kinds: The kinds that fit.
  ///   - isInverse: Whether it must be settled in its base; `nil` for either.
  /// - Returns: The market.
  /// - Throws: `unsupported` where none or another is asked for.
  public func needed(
    _ kinds: Set<MarketKind>, isInverse: Bool? = nil
  ) throws(VenueFault) -> Market {
    let market = try needed()
    guard kinds.contains(market.kind), isInverse.map({ $0 == market.isInverse }) ?? true else {
      throw .unsupported("\(market.id) here")
    }
    return market
  }

  /// The market asked for, if any, where it fits; a fault where another is.
  public func optional(
    _ kinds: Set<MarketKind>, isInverse: Bool? = nil
  ) throws(VenueFault) -> Market? {
    market == nil ? nil : try needed(kinds, isInverse: isInverse)
  }

  /// The venue's id of an account; a fault where it is not known yet.
  public func account(_ name: String) throws(VenueFault) -> String {
    guard let id = accounts[name] else { throw .unsupported("asking without the id of \(name)") }
    return id
  }

  /// Parameters of a time range and a number of rows, in the venue's names.
  ///
  /// - Parameters:
  ///   - from: The name of the beginning; `nil` where there is none.
  ///   - to: The name of the end.
  ///   - limit: The name of the number of rows.
  ///   - form: How times are written.
  ///   - most: The most rows the venue gives.
  /// - Returns: What was asked for of the three.
  public func range(
    _ from: String?, _ to: String?, _ limit: String?, _ form: TimeForm = .milliseconds,
    most: Int = .max
  ) -> Parameters {
    var parameters = Parameters()
    if let from { parameters[from] = .text(self.from, form) }
    if let to { parameters[to] = .text(self.to, form) }
    if let limit, let count = self.limit { parameters[limit] = .string(String(min(count, most))) }
    return parameters
  }
}

extension Instant {
  /// So many milliseconds later, or earlier where negative; at most the ends of all time.
  public func moved(byMilliseconds count: Int64) -> Instant {
    let (step, isTooLong) = count.multipliedReportingOverflow(by: 1_000)
    let (sum, isBeyond) = microseconds.addingReportingOverflow(step)
    if isTooLong || isBeyond { return Instant(microseconds: count < 0 ? .min : .max) }
    return Instant(microseconds: sum)
  }
}
