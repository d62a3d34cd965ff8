import Amounts
import Ledger

extension ImportFormat {
  /// Binance's spot trades and conversions, one row each.
  public static let binanceTrades = ImportFormat(
    id: "binance-trades", name: "Binance trades", venue: "binance", defaultAccount: "Binance",
    clock: .utc,
    sources: [
      "https://www.binance.com/en/support/faq/how-to-download-spot-trading-transaction-history-statement-e4ff64f2533f4d23a0b3f8f17f510eab",
      "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/binance.py",
    ],
    header: HeaderRule { header in
      BinanceTrades.Layout(header) != nil && Binance.Clock(header, ImportSettings()) != nil
    },
    makeDecoder: { header, settings in
      let layout = BinanceTrades.Layout(header)
      let clock = Binance.Clock(header, settings)
      return SingleRowDecoder { row throws(RowFault) in
        guard let layout, let clock else { throw RowFault(.wrongShape) }
        return try BinanceTrades(layout: layout, clock: clock).meaning(of: row)
      }
    })
}

/// Reads Binance's trade rows.
private struct BinanceTrades {
  let layout: Layout
  let clock: Binance.Clock

  /// The generations of the export.
  enum Layout: Sendable {
    /// `Pair, Side, Price, Executed, Amount, Fee`: amounts with their codes in one cell.
    case statement
    /// `Market, Type, Price, Amount, Total, Fee, Fee Coin`.
    case history
    /// `Pair, Type, Sell, Buy, Price, …, Status`: conversions.
    case conversions

    init?(_ header: Header) {
      func has(_ names: String...) -> Bool {
        names.allSatisfy { header.position(of: $0) != nil }
      }
      if has("pair", "side", "price", "executed", "amount", "fee") {
        self = .statement
      } else if has("market", "type", "price", "amount", "total", "fee", "fee coin") {
        self = .history
      } else if has("pair", "type", "sell", "buy", "price", "inverse price", "status") {
        self = .conversions
      } else {
        return nil
      }
    }
  }

  func meaning(of row: Row) throws(RowFault) -> RowMeaning {
    switch layout {
    case .statement: return .transaction(try statement(row))
    case .history: return .transaction(try history(row))
    case .conversions: return try conversion(row)
    }
  }

  private func trade(
    _ row: Row, side: Column, base: AssetQuantity, quote: AssetQuantity, fee: AssetQuantity?
  ) throws(RowFault) -> ImportedTransaction {
    let isBuy: Bool
    switch try row.text(side).uppercased() {
    case "BUY": isBuy = true
    case "SELL": isBuy = false
    default: throw row.fault(.unknownKind, side)
    }
    return ImportedTransaction(
      row: row.number, time: try clock.time(of: row), kind: .trade,
      incoming: isBuy ? base : quote, outgoing: isBuy ? quote : base, fee: fee)
  }

  private func statement(_ row: Row) throws(RowFault) -> ImportedTransaction {
    let codes = codes(of: row)
    let base = try row.amountText("executed", .pointed, codesWithDigits: codes)
    let quote = try row.amountText("amount", .pointed, codesWithDigits: codes)
    let fee =
      row["fee coin"].isEmpty
      ? try row.optionalAmountText("fee", .pointed, codesWithDigits: codes)
      : try row.optionalAmount("fee", of: "fee coin", .pointed)
    return try trade(
      row, side: "side", base: Binance.amount(base), quote: Binance.amount(quote),
      fee: fee.map(Binance.amount))
  }

  /// The codes that the amounts of a row end in: the one split of the pair that leaves numbers.
  private func codes(of row: Row) -> [String] {
    let pair = row["pair"].filter { !"/-_".contains($0) }
    for index in pair.indices.dropFirst() {
      let (base, quote) = (String(pair[..<index]), String(pair[index...]))
      if isNumber(row["executed"], before: base), isNumber(row["amount"], before: quote) {
        return [base, quote].sorted { $0.count > $1.count } + AmountText.codesWithDigits
      }
    }
    return AmountText.codesWithDigits
  }

  private func isNumber(_ text: String, before code: String) -> Bool {
    guard text.hasSuffix(code) else { return false }
    let rest = text.dropLast(code.count)
    return (try? NumberStyle.pointed.read(String(rest))) != nil
  }

  private func history(_ row: Row) throws(RowFault) -> ImportedTransaction {
    guard let market = Binance.market(try row.text("market")) else {
      throw row.fault(.unknownKind, "market")
    }
    let fee = try row.optionalAmount("fee", of: "fee coin", .pointed)
    return try trade(
      row, side: "type",
      base: AssetQuantity(try row.magnitude("amount", .pointed), Binance.asset(market.base)),
      quote: AssetQuantity(try row.magnitude("total", .pointed), Binance.asset(market.quote)),
      fee: fee.map(Binance.amount))
  }

  private func conversion(_ row: Row) throws(RowFault) -> RowMeaning {
    let status = try row.text("status").lowercased()
    guard status == "successful" else { return .skipped("not completed: \(status)") }
    return .transaction(
      ImportedTransaction(
        row: row.number, time: try clock.time(of: row), kind: .trade,
        incoming: Binance.amount(try row.amountText("buy", .pointed)),
        outgoing: Binance.amount(try row.amountText("sell", .pointed))))
  }
}
