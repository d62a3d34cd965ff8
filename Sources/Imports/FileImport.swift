/// A transaction and the line of the file on which its row begins.
public struct LocatedTransaction: Hashable, Sendable {
  /// The transaction.
  public let transaction: ImportedTransaction
  /// The line; the first is 1.
  public let line: Int
  /// Its rows as they stand in the file, in order, those of merged rows included.
  public let raw: [String]
}

/// A row that rightly stands for nothing.
public struct SkippedRow: Hashable, Sendable {
  /// Its number among the data rows.
  public let row: Int
  /// The line of the file; the first is 1.
  public let line: Int
  /// Why.
  public let why: String
}

/// A row that is not understood, kept so that it can be looked at.
public struct RefusedFileRow: Hashable, Sendable {
  /// Its number among the data rows.
  public let row: Int
  /// The line of the file; the first is 1.
  public let line: Int
  /// Its text as the file has it, at most `CSVLimits.rawBytes`.
  public let raw: String
  /// What is wrong with it.
  public let fault: RowFault
}

/// What became known by reading a piece of a file.
public struct ImportBatch: Hashable, Sendable {
  /// Transactions, in the order in which they became known.
  public var transactions: [LocatedTransaction] = []
  /// Rows that stand for nothing.
  public var skipped: [SkippedRow] = []
  /// Rows that are not understood.
  public var refused: [RefusedFileRow] = []

  /// Makes an empty batch.
  public init() {}
  /// Whether nothing became known.
  public var isEmpty: Bool { transactions.isEmpty && skipped.isEmpty && refused.isEmpty }
}

/// How many rows a file has and what became of them.
///
/// At the end `rows` is `listed` + `merged` + `skipped` + `refused`.
public struct ImportTally: Hashable, Sendable {
  /// Data rows read.
  public var rows = 0
  /// Transactions they stand for.
  public var transactions = 0
  /// Rows that a transaction is listed under.
  public var listed = 0
  /// Rows that belong to a transaction listed under another row.
  public var merged = 0
  /// Rows that stand for nothing.
  public var skipped = 0
  /// Rows that are not understood.
  public var refused = 0
  /// Outcomes given for rows that had one already, which no decoder does.
  public var contradictions = 0

  /// Makes a tally of nothing.
  public init() {}
  /// Rows held back: read, and nothing known yet.
  public var heldBack: Int { rows - listed - merged - skipped - refused }
}

/// Reads one file of a known format, fed piece by piece, and accounts for every row.
public struct FileImport: Sendable {
  /// The format, and where its header stands.
  public let detection: Detection
  /// What the user said.
  public let settings: ImportSettings
  /// What became of the rows so far.
  public private(set) var tally = ImportTally()

  /// The most rows held back for others that may belong to them.
  public static let mostHeldBack = 10_000

  private var reader: CSVReader
  private var decoder: any RowDecoder
  private var heldBack: [Int: HeldRow] = [:]
  private var batch = ImportBatch()
  private let width: Int

  private struct HeldRow {
    let line: Int
    let raw: String
  }

  /// Starts at the beginning of a file.
  public init(
    _ detection: Detection, settings: ImportSettings, limits: CSVLimits = CSVLimits()
  ) {
    self.detection = detection
    self.settings = settings
    reader = CSVReader(delimiter: detection.delimiter, limits: limits)
    decoder = detection.format.makeDecoder(detection.header, settings)
    // Unnamed columns at the end of a header are an artefact of a trailing separator.
    width = (detection.header.columns.lastIndex { !$0.isEmpty } ?? -1) + 1
  }

  /// Reads the next bytes of the file, from its very beginning on.
  ///
  /// - Parameter chunk: Some bytes, best a few hundred kilobytes.
  /// - Returns: What became known.
  public mutating func feed(_ chunk: ArraySlice<UInt8>) -> ImportBatch {
    reader.feed(chunk)
    readRecords()
    return takeBatch()
  }

  /// Ends the file.
  ///
  /// - Returns: What became known; every row read has its outcome now.
  public mutating func finish() -> ImportBatch {
    reader.finish()
    readRecords()
    settleHeldBack(unexplained: .incomplete)
    return takeBatch()
  }

  private mutating func takeBatch() -> ImportBatch {
    defer { batch = ImportBatch() }
    return batch
  }

  private mutating func readRecords() {
    while let record = reader.next() {
      if record.line > detection.headerLine { read(record) }
    }
  }

  private mutating func read(_ record: CSVRecord) {
    tally.rows += 1
    let number = tally.rows
    heldBack[number] = HeldRow(line: record.line, raw: record.raw)
    if let fault = record.fault {
      close(.refused(row: number, fault))
    } else if record.isBlank {
      close(.skipped(row: number, why: "empty"))
    } else if isHeader(record) {
      close(.skipped(row: number, why: "header"))
    } else if let fault = shapeFault(record) {
      close(.refused(row: number, fault))
    } else {
      let row = Row(
        number: number, line: record.line, cells: record.cells, header: detection.header)
      take(decoder.read(row))
    }
    if heldBack.count > FileImport.mostHeldBack {
      settleHeldBack(unexplained: .tooLong)
      decoder = detection.format.makeDecoder(detection.header, settings)
    }
  }

  /// Whether the header stands again, as in files put together from several.
  private func isHeader(_ record: CSVRecord) -> Bool {
    // Cleaning a name costs more than reading a row: only a cell of the same length is looked at.
    guard let first = record.cells.first, let name = detection.header.columns.first,
      first.utf8.count == name.utf8.count, Header.cleaned(first) == name
    else { return false }
    return Header(record.cells).columns == detection.header.columns
  }

  /// A row has the header's cells; more only if they are empty.
  ///
  /// A row that ends early may have been cut off in the middle of a number, a row with more cells has
  /// a separator that nobody quoted: neither is guessed at.
  private func shapeFault(_ record: CSVRecord) -> RowFault? {
    let cells = record.cells
    if cells.count < width && !detection.format.rowsMayEndEarly {
      return RowFault(.wrongShape, text: record.raw)
    }
    let names = detection.header.columns.count
    if cells.count > names, !detection.format.rowsMayRunOn,
      cells[names...].contains(where: { !$0.isEmpty })
    {
      return RowFault(.wrongShape, text: record.raw)
    }
    return nil
  }

  /// Ends all rows that are held back.
  private mutating func settleHeldBack(unexplained reason: RowFault.Reason) {
    take(decoder.finish())
    for row in heldBack.keys.sorted() { close(.refused(row: row, RowFault(reason))) }
  }
}

// MARK: - Accounting

extension FileImport {
  private mutating func take(_ outcomes: [RowOutcome]) {
    if outcomes.count == 1, case .skipped = outcomes[0] { return close(outcomes[0]) }
    var outcomes = outcomes
    let faults = FileImport.cutAndCheck(&outcomes)
    // Transactions of one step may share their rows.
    var listed: [Int: HeldRow] = [:]
    for outcome in outcomes {
      guard case .transaction(let transaction) = outcome else {
        close(outcome)
        continue
      }
      let rows = [transaction.row] + transaction.mergedRows
      if let fault = rows.lazy.compactMap({ faults[$0] }).first {
        for row in rows where heldBack[row] != nil { close(.refused(row: row, fault)) }
      } else {
        list(transaction, &listed)
      }
    }
  }

  /// Cuts the texts of transactions, and finds the rows of those that cannot be recorded.
  private static func cutAndCheck(_ outcomes: inout [RowOutcome]) -> [Int: RowFault] {
    var faults: [Int: RowFault] = [:]
    for index in outcomes.indices {
      guard case .transaction(var transaction) = outcomes[index] else { continue }
      if let fault = transaction.makeSound() {
        for row in [transaction.row] + transaction.mergedRows { faults[row] = fault }
      }
      outcomes[index] = .transaction(transaction)
    }
    return faults
  }

  private mutating func list(_ transaction: ImportedTransaction, _ listed: inout [Int: HeldRow]) {
    if let held = heldBack.removeValue(forKey: transaction.row) {
      listed[transaction.row] = held
      tally.listed += 1
    } else if listed[transaction.row] == nil {
      tally.contradictions += 1
    }
    for row in transaction.mergedRows {
      if let held = heldBack.removeValue(forKey: row) {
        tally.merged += 1
        listed[row] = held
      } else if listed[row] == nil {
        tally.contradictions += 1
      }
    }
    tally.transactions += 1
    let rows = [transaction.row] + transaction.mergedRows
    batch.transactions.append(
      LocatedTransaction(
        transaction: transaction, line: listed[transaction.row]?.line ?? 0,
        raw: rows.compactMap { listed[$0]?.raw }))
  }

  /// Ends a row that stands for nothing or is not understood.
  private mutating func close(_ outcome: RowOutcome) {
    switch outcome {
    case .transaction: break
    case .skipped(let row, let why):
      guard let held = heldBack.removeValue(forKey: row) else {
        tally.contradictions += 1
        return
      }
      tally.skipped += 1
      batch.skipped.append(SkippedRow(row: row, line: held.line, why: why))
    case .refused(let row, let fault):
      guard let held = heldBack.removeValue(forKey: row) else {
        tally.contradictions += 1
        return
      }
      tally.refused += 1
      batch.refused.append(RefusedFileRow(row: row, line: held.line, raw: held.raw, fault: fault))
    }
  }
}
