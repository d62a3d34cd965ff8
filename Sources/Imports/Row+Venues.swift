import Amounts
import Ledger

/// What one row with a signed number says: how much of what, when, and which way.
struct Change: Hashable, Sendable {
  /// The row's number.
  let row: Int
  /// When.
  let time: Instant
  /// How much of what.
  let amount: AssetQuantity
  /// Whether it came in; zero counts as coming in.
  let isIncoming: Bool

  /// A transaction of this change alone.
  func transaction(in incoming: EntryKind, out outgoing: EntryKind) -> ImportedTransaction {
    transaction(isIncoming ? incoming : outgoing)
  }

  /// A transaction of this change alone; of the kind `fee` it is nothing but a fee.
  func transaction(_ kind: EntryKind) -> ImportedTransaction {
    var transaction = ImportedTransaction(row: row, time: time, kind: kind)
    if kind == .fee {
      transaction.fee = amount
    } else if isIncoming {
      transaction.incoming = amount
    } else {
      transaction.outgoing = amount
    }
    return transaction
  }
}

extension Row {
  /// A signed number of an asset as a change.
  ///
  /// - Parameters:
  ///   - column: The number.
  ///   - asset: Of what.
  ///   - time: When.
  ///   - style: How numbers are written.
  /// - Returns: The change.
  /// - Throws: What `signed` throws.
  func change(
    _ column: Column, of asset: NamedAsset, at time: Instant, _ style: NumberStyle = .plain
  ) throws(RowFault) -> Change {
    let value = try signed(column, style)
    return Change(
      row: number, time: time, amount: AssetQuantity(try magnitude(column, style), asset),
      isIncoming: !value.isNegative)
  }
}

extension AssetQuantity {
  /// The amount, `nil` where it is zero: for fees.
  var unlessZero: AssetQuantity? { quantity.isZero ? nil : self }

  /// The sum with more of the same asset.
  func adding(_ more: Quantity) throws(RowFault) -> AssetQuantity {
    do {
      return AssetQuantity(try quantity.adding(more), asset)
    } catch { throw RowFault(.tooLarge, text: quantity.text) }
  }

  /// What is left, which must not be less than nothing.
  func subtracting(_ less: Quantity) throws(RowFault) -> AssetQuantity {
    guard less <= quantity, let rest = try? quantity.subtracting(less) else {
      throw RowFault(.incomplete, text: less.text)
    }
    return AssetQuantity(rest, asset)
  }
}

extension Quantity {
  /// The product with a price per unit.
  ///
  /// - Parameters:
  ///   - price: For one unit.
  ///   - digits: How many fractional digits the venue books.
  /// - Returns: The product, rounded to the nearest, ties to even.
  /// - Throws: `tooLarge`.
  func times(_ price: Quantity, digits: Int = Fixed.fractionDigits) throws(RowFault) -> Quantity {
    do {
      let product = try fixed.multiplied(by: price.fixed, rounding: .halfEven)
      return Quantity(try product.rounded(toDigits: digits, rounding: .halfEven))
    } catch { throw RowFault(.tooLarge, text: text) }
  }
}

/// A market's two codes, written in one text.
struct MarketPair: Hashable, Sendable {
  /// What is traded.
  let base: String
  /// What it is paid with.
  let quote: String

  /// Splits `BTC/USD`, `BTC-USD`, `BTC:USD` or `BTC_USD` at its mark.
  init?(marked text: String) {
    let parts = text.split(omittingEmptySubsequences: false) { "/-:_".contains($0) }
    guard parts.count == 2, let base = parts.first, let quote = parts.last, !base.isEmpty,
      !quote.isEmpty
    else { return nil }
    self.base = String(base)
    self.quote = String(quote)
  }

  /// Splits `BTCUSDT` before the first of these quotes that it ends in.
  ///
  /// - Parameters:
  ///   - text: The pair.
  ///   - quotes: Codes that markets are quoted in, longest first.
  ///   - fits: Whether a split can be meant.
  init?(
    joined text: String, quotes: [String], where fits: (_ base: String, _ quote: String) -> Bool
  ) {
    for quote in quotes where text.hasSuffix(quote) && text.utf8.count > quote.utf8.count {
      let base = String(text.dropLast(quote.count))
      guard fits(base, quote) else { continue }
      self.base = base
      self.quote = quote
      return
    }
    return nil
  }
}

extension HeaderRule {
  /// Recognises a header that one of these rules recognises.
  static func any(_ rules: HeaderRule...) -> HeaderRule {
    HeaderRule { header in rules.contains { $0.matches(header) } }
  }
}
