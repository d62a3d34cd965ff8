import DequeModule

/// What one row stands for by itself.
public enum RowMeaning: Hashable, Sendable {
  /// One transaction.
  case transaction(ImportedTransaction)
  /// Several, for example a gain and the fee that was taken of it.
  case transactions([ImportedTransaction])
  /// Nothing, and why.
  case skipped(String)
}

/// Reads formats in which every row stands for itself.
public struct SingleRowDecoder: RowDecoder {
  private let meaning: @Sendable (Row) throws(RowFault) -> RowMeaning

  /// Makes a decoder from what a row means.
  public init(_ meaning: @escaping @Sendable (Row) throws(RowFault) -> RowMeaning) {
    self.meaning = meaning
  }

  /// Reads one data row.
  public mutating func read(_ row: Row) -> [RowOutcome] {
    do {
      switch try meaning(row) {
      case .transaction(let transaction): return [.transaction(transaction)]
      case .transactions(let several) where several.isEmpty:
        return [.skipped(row: row.number, why: "nothing")]
      case .transactions(let several): return several.map { .transaction($0) }
      case .skipped(let why): return [.skipped(row: row.number, why: why)]
      }
    } catch {
      return [.refused(row: row.number, error)]
    }
  }
}

/// Reads formats in which several rows make one transaction.
///
/// Rows of one key form a group. A row without a key forms one alone. A group ends when `window`
/// further rows have been read since its last row, or at the end of the file; with a window of zero
/// it ends with the first row of another key.
public struct GroupDecoder: RowDecoder {
  private let window: Int
  private let key: @Sendable (Row) throws(RowFault) -> String?
  private let meaning: @Sendable ([Row]) throws(RowFault) -> [RowOutcome]
  private var groups: [String: [Row]] = [:]
  /// The groups in order of the rows added to them; an entry is stale when a later row was added.
  private var order: Deque<(key: String, lastRow: Int)> = []

  /// Makes a decoder.
  ///
  /// - Parameters:
  ///   - window: How many rows may stand between two rows of a group.
  ///   - key: What the rows of a group have in common; `nil` for a row that stands alone.
  ///   - meaning: What a group's rows, in order of the file, stand for. It must name every one of
  ///     them; where it throws, all of them are refused.
  public init(
    window: Int, key: @escaping @Sendable (Row) throws(RowFault) -> String?,
    meaning: @escaping @Sendable ([Row]) throws(RowFault) -> [RowOutcome]
  ) {
    self.window = window
    self.key = key
    self.meaning = meaning
  }

  /// Reads one data row.
  public mutating func read(_ row: Row) -> [RowOutcome] {
    let found: String?
    do { found = try key(row) } catch { return [.refused(row: row.number, error)] }
    var outcomes: [RowOutcome] = []
    if let found {
      groups[found, default: []].append(row)
      order.append((found, row.number))
    }
    outcomes += endGroups(before: row.number - window)
    if found == nil { outcomes += meaningOutcomes(of: [row]) }
    return outcomes
  }

  /// Ends the groups that are left.
  public mutating func finish() -> [RowOutcome] {
    endGroups(before: .max)
  }

  private mutating func endGroups(before row: Int) -> [RowOutcome] {
    var outcomes: [RowOutcome] = []
    while let oldest = order.first, oldest.lastRow < row {
      order.removeFirst()
      guard let rows = groups[oldest.key], rows.last?.number == oldest.lastRow else { continue }
      groups[oldest.key] = nil
      outcomes += meaningOutcomes(of: rows)
    }
    return outcomes
  }

  private func meaningOutcomes(of rows: [Row]) -> [RowOutcome] {
    do {
      return try meaning(rows)
    } catch {
      return rows.map { .refused(row: $0.number, error) }
    }
  }
}
