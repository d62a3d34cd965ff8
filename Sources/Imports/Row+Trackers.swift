import Amounts
import Ledger

/// What a portfolio tracker's labels mean, by which sides of a row are filled.
///
/// Labels are compared by their letters and digits alone, without case: `Gift/Tip`, `Gift / Tip` and
/// `gift_tip` are one.
struct LabelVocabulary: Sendable {
  /// Labels of rows on which something came in.
  var incoming: [String: EntryKind]
  /// Labels of rows on which something went out.
  var outgoing: [String: EntryKind]
  /// Labels of rows with both sides.
  var both: [String: EntryKind]

  /// Makes a vocabulary; keys in the form that `key` gives.
  init(
    incoming: [String: EntryKind], outgoing: [String: EntryKind], both: [String: EntryKind]
  ) {
    self.incoming = incoming
    self.outgoing = outgoing
    self.both = both
  }

  /// The form in which labels are compared.
  static func key(_ label: String) -> String {
    String(label.lowercased().filter { $0.isLetter || $0.isNumber })
  }

  /// Whether a label, in the form that `key` gives, means anything on any row.
  func knows(_ key: String) -> Bool {
    incoming[key] != nil || outgoing[key] != nil || both[key] != nil
  }
}

/// What a row of a portfolio tracker says: what came in, what went out, and the fee.
struct TrackedSides: Hashable, Sendable {
  /// What came in.
  var incoming: AssetQuantity?
  /// What went out.
  var outgoing: AssetQuantity?
  /// What was paid for it.
  var fee: AssetQuantity?

  /// The transaction that a label makes of the sides.
  ///
  /// A row that only pays, and one labelled as a fee, is a fee alone.
  ///
  /// - Parameters:
  ///   - row: The row.
  ///   - time: When it happened.
  ///   - column: Where the label stands.
  ///   - vocabulary: What labels mean.
  /// - Returns: The transaction.
  /// - Throws: `unknownKind`; `unclearDirection` for a label that fits other sides; `incomplete` for
  ///   a row without any amount.
  func transaction(
    of row: Row, at time: Instant, label column: Column, in vocabulary: LabelVocabulary
  ) throws(RowFault) -> ImportedTransaction {
    let kind = try kind(of: row, label: column, in: vocabulary)
    var transaction = ImportedTransaction(
      row: row.number, time: time, kind: kind, incoming: incoming, outgoing: outgoing, fee: fee)
    if kind == .fee, incoming == nil, fee == nil {
      transaction.fee = outgoing
      transaction.outgoing = nil
    }
    return transaction
  }

  private func kind(
    of row: Row, label column: Column, in vocabulary: LabelVocabulary
  ) throws(RowFault) -> EntryKind {
    let key = LabelVocabulary.key(row[column])
    let kind: EntryKind? =
      switch (incoming, outgoing) {
      case (.some, .some): vocabulary.both[key]
      case (.some, nil): vocabulary.incoming[key]
      case (nil, .some): vocabulary.outgoing[key]
      case (nil, nil): fee == nil || !vocabulary.knows(key) ? nil : .fee
      }
    if let kind { return kind }
    if !vocabulary.knows(key) { throw row.fault(.unknownKind, column) }
    throw row.fault(incoming == nil && outgoing == nil ? .incomplete : .unclearDirection, column)
  }
}

extension Row {
  /// A side that a tracker leaves empty or fills with a zero without a code; a zero of something is
  /// kept.
  ///
  /// - Parameters:
  ///   - column: The number.
  ///   - code: The asset's code.
  ///   - style: How numbers are written.
  /// - Returns: The amount without its sign, `nil` where there is none.
  /// - Throws: What `optionalMagnitude` and `asset` throw.
  func trackedSide(
    _ column: Column, of code: Column, _ style: NumberStyle = .plain
  ) throws(RowFault) -> AssetQuantity? {
    guard let quantity = try optionalMagnitude(column, style) else { return nil }
    if quantity.isZero && style.isEmpty(self[code]) { return nil }
    return AssetQuantity(quantity, try asset(code))
  }

  /// A cell that holds a transaction's hash; `nil` for shorter ids and remarks.
  func transactionHash(_ column: Column) -> String? {
    let text = self[column]
    let isHash =
      text.utf8.count >= 43
      && text.utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
      }
    return isHash ? text : nil
  }
}

extension ImportedTransaction {
  /// States what the file says it was worth, unless that is nothing, or a side is in the currency
  /// itself and so says it exactly.
  mutating func state(_ worth: Money?) {
    guard let worth, !worth.amount.isZero else { return }
    let sides = [incoming, outgoing].compactMap { $0?.asset.code.uppercased() }
    if !sides.contains(worth.currency.code) { value = worth }
  }
}

/// Rows that repeat an earlier one of the same time letter by letter.
///
/// It remembers the rows of one time only: exporters write a repetition next to its original.
struct RepeatedRows: Sendable {
  private var time: String?
  private var seen: Set<[String]> = []

  /// The most rows of one time that are compared.
  static let mostRemembered = 1000

  /// Makes a memory of nothing.
  init() {}

  /// Whether a row was there before; remembers it.
  ///
  /// - Parameters:
  ///   - row: The row.
  ///   - column: Where its time stands.
  /// - Returns: Whether the row repeats another.
  mutating func contains(_ row: Row, timeIn column: Column) -> Bool {
    if row[column] != time || seen.count >= RepeatedRows.mostRemembered {
      time = row[column]
      seen = []
    }
    return !seen.insert(row.cells).inserted
  }
}

/// Reads rows that stand for themselves, where the exporter may write one twice.
struct UnrepeatedRowDecoder: RowDecoder {
  private let timeColumn: String
  private var repeated = RepeatedRows()
  private var rows: SingleRowDecoder

  /// Makes a decoder from the column of the time and what a row means.
  init(
    timeIn column: String, _ meaning: @escaping @Sendable (Row) throws(RowFault) -> RowMeaning
  ) {
    timeColumn = column
    rows = SingleRowDecoder(meaning)
  }

  /// Reads one data row.
  mutating func read(_ row: Row) -> [RowOutcome] {
    if repeated.contains(row, timeIn: .named(timeColumn)) {
      return [.skipped(row: row.number, why: "repeats an earlier row")]
    }
    return rows.read(row)
  }
}
