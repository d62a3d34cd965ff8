import Amounts
import Ledger
import Wire

/// One asset as it was held at the end of a day.
struct PastPosition {
  let asset: AssetID
  let quantity: Fixed
  let price: Fixed?
  let value: Fixed?
  /// How many days older than the day the price is.
  let age: Int

  /// The most valuable first, what has no price last.
  static func isBefore(_ a: PastPosition, _ b: PastPosition) -> Bool {
    let sizes = [a, b].map { $0.value?.units.magnitude }
    if sizes[0] == sizes[1] { return a.asset < b.asset }
    return (sizes[0] ?? 0, sizes[0] != nil ? 1 : 0) > (sizes[1] ?? 0, sizes[1] != nil ? 1 : 0)
  }
}

extension GainsJournal {
  /// What was held at the end of a day, at the closes of that day.
  ///
  /// - Parameter day: The day.
  /// - Returns: The positions, the most valuable first, and how many sums left the range of exact numbers.
  func positions(on day: UTCDay) -> (held: [PastPosition], overflows: Int) {
    var overflows = 0
    let held = ValueHistory.byAsset(places).compactMap { asset, moves -> PastPosition? in
      var quantity = Fixed.zero
      for (moved, move) in moves where moved <= day {
        overflows += add(move.change, to: &quantity) + move.overflows
      }
      return quantity.isZero ? nil : position(asset, quantity, day)
    }
    return (held.sorted(by: PastPosition.isBefore), overflows)
  }

  private func position(_ asset: AssetID, _ quantity: Fixed, _ day: UTCDay) -> PastPosition {
    let close = valuation.prices.close(of: asset, on: day)
    let price = close?.price.fixed
    return PastPosition(
      asset: asset, quantity: quantity, price: price,
      value: price.flatMap { try? quantity.multiplied(by: $0, rounding: .halfEven) },
      age: close?.age ?? 0)
  }
}

extension GainsAnswer {
  /// The positions of the day that is asked for, the most valuable first.
  ///
  /// - Parameter request: With `as-of`, and perhaps `known-at`.
  /// - Returns: A row an asset; what has no close within the age that gains allow is in no sum.
  /// - Throws: A refusal where no day is named.
  func pastPositions(_ request: Request) throws -> Report {
    _ = try request.required("as-of")
    var sum = Fixed.zero
    let (held, lost) = journal.positions(on: day)
    var overflows = lost
    for position in held {
      if let value = position.value { overflows += add(value, to: &sum) }
    }
    let facts: [Report.Fact] = [
      .init("value", overflows > 0 ? .none : .amount(sum)),
      .init("positions", .integer(Int64(held.count))),
      .init("unpriced", .integer(Int64(held.count { $0.value == nil }))),
      .init("older_prices", .integer(Int64(held.count { $0.age > 0 }))),
    ]
    return Report(
      facts: commonFacts(request) + facts, tableName: "positions",
      columns: ["asset", "quantity", "price", "value", "price_age_days", "identity"],
      rows: held.map { position in
        [
          .text(position.asset.ticker), .amount(position.quantity),
          position.price.map { .amount($0) } ?? .none, position.value.map { .amount($0) } ?? .none,
          position.price == nil ? .none : .integer(Int64(position.age)),
          .text(position.asset.text),
        ]
      })
  }
}
