import Amounts
import Ledger
import Prices
import Risk
import Vault
import Wire

/// How far open positions are from the price at which their venue closes them.
///
/// The price is the venue's own: with cross margin it hangs on everything else in the account, and only
/// the venue knows all of that. Where it does not tell what is needed there is no distance, and the
/// reason in its place.
enum LiquidationReport {
  /// The positions of all accounts.
  static func make(_ views: [AccountID: [String: ReportedView<PositionRow>]]) -> Report {
    var lines: [Line] = []
    for (account, lanes) in views.sorted(by: { $0.key < $1.key }) {
      for (_, view) in lanes.sorted(by: { $0.key < $1.key }) {
        lines += view.rows.map { Line(account: account, row: $0, time: view.time) }
      }
    }
    return Report(
      facts: [
        .init("positions", .integer(Int64(lines.count))),
        .init("without_distance", .integer(Int64(lines.count { $0.distance == nil }))),
      ], tableName: "positions",
      columns: [
        "account", "market", "side", "margin", "contracts", "mark", "liquidation", "distance",
        "open_profit", "stated_at", "refused",
      ], rows: lines.map(\.cells))
  }

  /// One position.
  struct Line {
    let account: AccountID
    let row: PositionRow
    /// When it was asked for.
    let time: Instant

    private func amount(_ name: String) -> Fixed? {
      row.amounts[name].flatMap { try? Fixed(parsing: $0) }
    }

    /// The relative change of the price that would close it: below zero for a long one.
    var distance: Double? { refusal == nil ? measured?.change : nil }

    private var measured: LiquidationDistance? {
      guard let mark = amount("mark_price"), let end = amount("liquidation_price") else {
        return nil
      }
      return LiquidationDistance(mark: Price(mark), liquidation: Price(end))
    }

    /// Why there is no distance; `nil` where there is one.
    var refusal: String? {
      guard let mark = amount("mark_price"), mark > .zero else {
        return "the venue tells no mark price"
      }
      guard let end = amount("liquidation_price") else {
        return row.isIsolated == true
          ? "the venue tells no liquidation price"
          : "the venue tells no liquidation price; it hangs on the whole account's margin"
      }
      // https://www.binance.com/en/support/faq/b3c689c1f50a44cabb3a84e663b81d93: below 0 none is shown.
      guard end > .zero else { return "no price above zero closes it, as the venue tells" }
      guard measured != nil else { return "the prices are beyond the range of exact numbers" }
      if row.isLong == true && end >= mark || row.isLong == false && end <= mark {
        return "the mark is at or beyond the liquidation price: it is being closed, or one is old"
      }
      return nil
    }

    var cells: [ReportCell] {
      [
        .text(account.slug), .text(row.market),
        .text(row.isLong.map { $0 ? "long" : "short" } ?? ""),
        .text(row.isIsolated.map { $0 ? "isolated" : "cross" } ?? ""),
        .amount(known: amount("contracts")), .amount(known: amount("mark_price")),
        .amount(known: amount("liquidation_price")), .statistic(distance, digits: 6),
        .amount(known: amount("unrealised")), .integer((row.stated ?? time).microseconds),
        .text(refusal ?? ""),
      ]
    }
  }
}
