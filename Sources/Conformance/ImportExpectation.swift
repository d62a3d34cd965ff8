import Amounts
import Foundation
public import Imports
public import Ledger

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

/// A zone of the system's zone database.
public struct SystemZone: LocalZone {
  private let zone: TimeZone

  /// The zone of a name, `nil` where the database has none.
  public init?(_ name: String) {
    guard let zone = TimeZone(identifier: name) else { return nil }
    self.zone = zone
  }

  /// Its name.
  public var name: String { zone.identifier }

  /// The instants at which a clock in the zone shows this: none in a gap, two in an overlap.
  public func instants(showing civil: CivilTime) -> [Instant] {
    var found: Set<Instant> = []
    for hours in [-26, 0, 26] {
      let offset = offsetSeconds(at: civil.utc.advanced(bySeconds: Int64(hours * 3600)))
      let instant = civil.utc.advanced(bySeconds: -offset)
      if offsetSeconds(at: instant) == offset { found.insert(instant) }
    }
    return found.sorted()
  }

  private func offsetSeconds(at instant: Instant) -> Int64 {
    Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.seconds))))
  }
}

/// One transaction as the lines of a comparison.
struct ComparableTransaction: Hashable, CustomStringConvertible {
  var row: Int?
  var time: String
  var kind: String
  var incoming: String
  var outgoing: String
  var fee: String
  var value: String
  var txhash: String

  init(_ expected: ImportExpectation.Transaction, withRow: Bool, withHash: Bool) {
    row = withRow ? expected.row : nil
    time = Self.time(expected.time)
    kind = expected.kind
    incoming = Self.side(expected.incoming)
    outgoing = Self.side(expected.outgoing)
    fee = Self.side(expected.fee)
    value = expected.value.map { "\(Self.number($0.amount)) \($0.currency)" } ?? ""
    txhash = withHash ? expected.txhash ?? "" : ""
  }

  init(_ found: ImportedTransaction, withRow: Bool, withHash: Bool) {
    row = withRow ? found.row : nil
    time = found.time.description
    kind = found.kind.rawValue
    incoming = Self.side(found.incoming)
    outgoing = Self.side(found.outgoing)
    fee = Self.side(found.fee)
    value = found.value?.description ?? ""
    txhash = withHash ? found.transactionHash ?? "" : ""
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
    side.map { "\(number($0.quantity)) \($0.asset)" } ?? ""
  }

  private static func side(_ amount: AssetQuantity?) -> String {
    amount.map { "\($0.quantity.text) \($0.asset.code)" } ?? ""
  }

  /// The shortest text of a number that is held exactly, else the text as it is.
  private static func number(_ text: String) -> String {
    (try? Quantity(parsing: text))?.text ?? text
  }

  private static func time(_ text: String) -> String {
    guard case .instant(let instant) = TimePattern.iso.read(text) else { return text }
    return instant.description
  }
}
