import Amounts
import VenueKit

extension Node {
  /// How much of a total is not booked: the profit of what stands open, where the venue tells the booked
  /// balance beside its equity.
  ///
  /// - Parameters:
  ///   - total: The equity.
  ///   - name: The member with the booked balance.
  /// - Returns: What the total has beyond it; `nil` where the venue does not tell it.
  /// - Throws: `malformed` for what is no amount, or is beyond the range of exact amounts.
  func openProfit(of total: Fixed, beyond name: String) throws(VenueFault) -> Fixed? {
    guard let booked = try optionalDecimal(name) else { return nil }
    guard let profit = try? total.subtracting(booked) else {
      throw self[name].fault("a smaller number")
    }
    return profit
  }

  /// The open profit of positions together.
  ///
  /// - Parameter positions: Each with a member `unrealizedPnl`.
  /// - Returns: The sum; nothing open has none.
  /// - Throws: `malformed` for what is no amount, or is beyond the range of exact amounts.
  static func openProfit(of positions: [Node]) throws(VenueFault) -> Fixed {
    var sum = Fixed.zero
    for position in positions {
      guard let profit = try position.roundedDecimal("unrealizedPnl") else { continue }
      guard let next = try? sum.adding(profit) else { throw position.fault("a smaller number") }
      sum = next
    }
    return sum
  }
}
