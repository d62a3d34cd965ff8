import DequeModule
import Ledger

extension ImportFormat {
  /// Binance's transaction history, also called statement: every change of a balance.
  ///
  /// Rows have no ids. What belongs together, such as the sides and fees of trades, stands at one
  /// second, rarely two; what stands alone and comes again further down was exported twice.
  public static let binanceHistory = ImportFormat(
    id: "binance-history", name: "Binance transaction history", venue: "binance",
    defaultAccount: "Binance", clock: .utc,
    sources: [
      "https://www.binance.com/en/support/faq/how-to-generate-transaction-history-990afa0a0a9341f78e7a9298a9575163",
      "https://github.com/rotki/rotki/blob/develop/rotkehlchen/data_import/importers/binance.py",
      "https://github.com/BittyTax/BittyTax/blob/master/src/bittytax/conv/parsers/binance.py",
    ],
    header: HeaderRule { header in
      BinanceHistory.Columns(header) != nil && Binance.Clock(header, ImportSettings()) != nil
    },
    rowsMayEndEarly: true,
    makeDecoder: { header, settings in BinanceHistory(header, settings) })
}

/// Reads Binance's transaction history second by second.
private struct BinanceHistory: RowDecoder {
  private let columns: Columns?
  private let clock: Binance.Clock?
  private var block: Instant?
  /// Sides and fees of the second that is being read, and of the one before where they were odd.
  private var held: [BinanceGroup: [BinanceLeg]] = [:]
  private var order: [BinanceGroup] = []
  private var told = ToldRows()

  init(_ header: Header, _ settings: ImportSettings) {
    columns = Columns(header)
    clock = Binance.Clock(header, settings)
  }

  mutating func read(_ row: Row) -> [RowOutcome] {
    do throws(RowFault) {
      guard let columns, let clock else { throw RowFault(.wrongShape) }
      let leg = try columns.leg(of: row, clock)
      var outcomes: [RowOutcome] = []
      if block != leg.change.time {
        outcomes = endBlock(before: leg.change.time)
        told.endBlock()
        block = leg.change.time
      }
      return outcomes + take(leg, row)
    } catch {
      return [.refused(row: row.number, error)]
    }
  }

  mutating func finish() -> [RowOutcome] { endBlock(before: nil) }

  private mutating func take(_ leg: BinanceLeg, _ row: Row) -> [RowOutcome] {
    switch leg.meaning {
    case .skipped(let why): return [.skipped(row: row.number, why: why)]
    case .group(let group):
      if held[group] == nil { order.append(group) }
      held[group, default: []].append(leg)
      return []
    case .change(let kind):
      if let earlier = told.row(like: leg, number: row.number) {
        return [.skipped(row: row.number, why: "the same as row \(earlier)")]
      }
      return [.transaction(leg.transaction(kind))]
    case nil:
      let column = columns?.operation ?? ""
      return [.refused(row: row.number, row.fault(.unknownKind, column))]
    }
  }

  /// Says what the sides held back stand for; odd ones wait for the next second.
  private mutating func endBlock(before next: Instant?) -> [RowOutcome] {
    var outcomes: [RowOutcome] = []
    var waiting: [BinanceGroup] = []
    for group in order {
      let legs = held[group] ?? []
      if group.isOdd(legs), let first = legs.first, let next,
        abs(next.seconds - first.change.time.seconds) <= 1
      {
        waiting.append(group)
        continue
      }
      held[group] = nil
      do throws(RowFault) {
        outcomes += try group.transactions(of: legs).map { .transaction($0) }
      } catch {
        outcomes += legs.map { .refused(row: $0.change.row, error) }
      }
    }
    order = waiting
    return outcomes
  }

  /// Where the cells stand; newer files have the user's language in the header.
  struct Columns: Sendable {
    let account: Column
    let operation: Column
    let coin: Column
    let change: Column
    let remark: Column

    init?(_ header: Header) {
      let known: [[Column]] = [
        ["account", "operation", "coin", "change", "remark"],
        ["compte", "opération", "jeton", "change", "remarque"],
      ]
      let found = known.first { names in
        names.dropLast().allSatisfy { name in
          if case .named(let text) = name { header.position(of: text) != nil } else { false }
        }
      }
      guard let found else { return nil }
      (account, operation, coin) = (found[0], found[1], found[2])
      (change, remark) = (found[3], found[4])
    }

    func leg(of row: Row, _ clock: Binance.Clock) throws(RowFault) -> BinanceLeg {
      let time = try clock.time(of: row)
      let operation = try row.text(operation)
      let asset = Binance.asset(try row.asset(coin).code)
      return BinanceLeg(
        change: try row.change(change, of: asset, at: time), account: row[account],
        operation: operation, remark: row[remark])
    }
  }
}

/// The rows that stood alone and were told already, as many as are remembered.
private struct ToldRows {
  /// How many rows are remembered.
  private static let most = 50_000

  private var rows: [BinanceLeg.Content: Int] = [:]
  private var order: Deque<BinanceLeg.Content> = []
  private var ofBlock: [(BinanceLeg.Content, Int)] = []

  /// The earlier row that said the same; a row of the same block is another one.
  ///
  /// Two equal rewards can be paid at one second; the same second does not come back later in one
  /// export, but it does in a file put together of several.
  mutating func row(like leg: BinanceLeg, number: Int) -> Int? {
    if let earlier = rows[leg.content] { return earlier }
    ofBlock.append((leg.content, number))
    return nil
  }

  /// Remembers the rows of the block.
  mutating func endBlock() {
    for (content, row) in ofBlock where rows[content] == nil {
      rows[content] = row
      order.append(content)
    }
    ofBlock.removeAll(keepingCapacity: true)
    while order.count > ToldRows.most { rows[order.removeFirst()] = nil }
  }
}
