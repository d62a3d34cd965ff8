import Amounts
import Foundation
import Imports
import Ledger
import Zones

/// What an `expected.json` of the imports suite says.
struct ImportExpectation: Decodable {
  let format: String
  let file: String
  let settings: Settings?
  let complete: Bool?
  let transactions: [Transaction]
  let mergedRows: [Int]?
  let skippedRows: [Int]?

  enum CodingKeys: String, CodingKey {
    case format, file, settings, complete, transactions
    case mergedRows = "merged_rows"
    case skippedRows = "skipped_rows"
  }

  struct Settings: Decodable {
    let localCurrency: String?
    let timezone: String?
    let nativeAsset: String?
    let ownAddress: String?
    let dateOrder: String?

    enum CodingKeys: String, CodingKey {
      case timezone
      case localCurrency = "local_currency"
      case nativeAsset = "native_asset"
      case ownAddress = "own_address"
      case dateOrder = "date_order"
    }
  }

  struct Side: Decodable {
    let asset: String
    let quantity: String
  }

  struct Value: Decodable {
    let currency: String
    let amount: String
  }

  struct Transaction: Decodable {
    let row: Int?
    let time: String
    let kind: String
    let incoming: Side?
    let outgoing: Side?
    let fee: Side?
    let value: Value?
    let txhash: String?

    enum CodingKeys: String, CodingKey {
      case row, time, kind, fee, value, txhash
      case incoming = "in"
      case outgoing = "out"
    }
  }
}

extension ImportExpectation {
  /// The settings a user would have given.
  func importSettings(fileName: String) -> ImportSettings {
    var made = ImportSettings(fileName: fileName)
    guard let settings else { return made }
    if let name = settings.timezone, let zone = SystemZone(name) { made.zone = zone }
    made.localCurrency = settings.localCurrency.flatMap { Currency($0) }
    made.nativeAsset = settings.nativeAsset
    made.ownAddress = settings.ownAddress
    if let order = settings.dateOrder {
      let isMonthFirst = order.hasPrefix("month") || order.hasPrefix("m")
      made.dateOrder = isMonthFirst ? .monthFirst : .dayFirst
    }
    return made
  }
}

/// One transaction as the lines of a comparison.
///
/// The fee is left out where it is compared apart from the transaction: see `ImportDifferences`.
struct ComparableTransaction: Hashable, CustomStringConvertible {
  var row: Int?
  var time: String
  var kind: String
  var incoming: String
  var outgoing: String
  var fee: String
  var value: String
  var txhash: String

  init(_ expected: ImportExpectation.Transaction, _ parts: ComparedParts) {
    row = parts.hasRows ? expected.row : nil
    time = Self.time(expected.time)
    kind = expected.kind
    incoming = Self.side(expected.incoming)
    outgoing = Self.side(expected.outgoing)
    fee = parts.hasRows ? Self.side(expected.fee) : ""
    value = expected.value.map { "\(Self.number($0.amount)) \($0.currency)" } ?? ""
    txhash = parts.hasHashes ? expected.txhash ?? "" : ""
  }

  init(_ found: ImportedTransaction, _ parts: ComparedParts) {
    row = parts.hasRows ? found.row : nil
    time = found.time.description
    kind = found.kind.rawValue
    incoming = Self.side(found.incoming)
    outgoing = Self.side(found.outgoing)
    fee = parts.hasRows ? Self.side(found.fee) : ""
    value = found.value?.description ?? ""
    txhash = parts.hasHashes ? found.transactionHash ?? "" : ""
  }

  var description: String {
    var text = row.map { "row \($0): " } ?? ""
    text += "\(time) \(kind)"
    for (name, part) in [
      ("in", incoming), ("out", outgoing), ("fee", fee), ("value", value), ("txhash", txhash),
    ] where !part.isEmpty {
      text += ", \(name) \(part)"
    }
    return text
  }

  private static func side(_ side: ImportExpectation.Side?) -> String {
    side?.comparable ?? ""
  }

  private static func side(_ amount: AssetQuantity?) -> String {
    amount?.comparable ?? ""
  }

  private static func number(_ text: String) -> String { ExactText.rounded(text) }

  fileprivate static func time(_ text: String) -> String {
    guard case .instant(let instant) = TimePattern.iso.read(text) else { return text }
    return instant.description
  }
}

/// What of a case's transactions is compared.
struct ComparedParts {
  /// Rows, and with them which transaction has which fee.
  let hasRows: Bool
  /// Hashes of the chain's transactions.
  let hasHashes: Bool

  init(_ expectation: ImportExpectation) {
    hasRows = expectation.transactions.allSatisfy { $0.row != nil }
    hasHashes = expectation.transactions.contains { $0.txhash != nil }
  }
}

/// A fee and when it was paid.
struct ComparableFee: Hashable, CustomStringConvertible {
  let time: String
  let amount: String

  init?(_ expected: ImportExpectation.Transaction) {
    guard let fee = expected.fee else { return nil }
    (time, amount) = (ComparableTransaction.time(expected.time), fee.comparable)
  }

  init?(_ found: ImportedTransaction) {
    guard let fee = found.fee else { return nil }
    (time, amount) = (found.time.description, fee.comparable)
  }

  var description: String { "\(time) fee \(amount)" }
}

extension ImportExpectation.Side {
  /// Number and code.
  ///
  /// Cases from rotki name assets by its identifiers, the files by codes: each identifier is
  /// resolved by the table that rotki's own formats are read with.
  fileprivate var comparable: String {
    "\(ExactText.rounded(quantity)) \(RotkiAssets.asset(asset).code)"
  }
}

extension AssetQuantity {
  fileprivate var comparable: String { "\(quantity.text) \(asset.code)" }
}
