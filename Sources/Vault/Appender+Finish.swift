import Amounts
import Cipher
import FoundationEssentials
import GRDB
import Ledger

extension Appender {
  /// Writes what the entries of the batch have in common.
  mutating func finish(_ batch: Batch, by author: Attribution) throws {
    try rows.write(db, importNumber: importNumber)
    try settleKeys()
    try writeHoldings()
    try writePrices()
    try writePayload(batch.raw)
    try writeCounters()
    guard outcome.added > 0 || outcome.refused > 0 else { return }
    var details: [String: AuditValue] = [
      "added": .number(Int64(outcome.added)), "refused": .number(Int64(outcome.refused)),
    ]
    if outcome.added > 0 {
      details["first"] = .number(Int64(firstID))
      details["last"] = .number(Int64(store.state.entryCount))
      details["root"] = .text(contents.root(&store.merkle).description)
    }
    try store.audit(db, .append, on: "import:\(importNumber)", by: author, details)
  }

  private mutating func writeHoldings() throws {
    let statement = try db.cachedStatement(
      sql: "INSERT OR REPLACE INTO holding (account_id, asset_id, free, staked) VALUES (?, ?, ?, ?)"
    )
    for slot in changed {
      guard let holding = store.state.holdings[slot],
        let account = store.state.names.account(Int(slot.account)),
        let asset = store.state.names.asset(Int(slot.asset))
      else { preconditionFailure("What was folded has a holding and a name.") }
      try statement.run(
        Int(slot.account), Int(slot.asset), holding.free.text, holding.staked.text)
      outcome.holdings[HoldingKey(account: account.id, asset: asset)] = holding
    }
  }

  /// Keeps the raw text of the rows that led to new entries, in pieces of about 64 KiB.
  private func writePayload(_ raw: RawRows) throws {
    var chunk = PayloadChunk()
    for span in raw.spans where addedLines.contains(span.line) {
      chunk.append(raw.bytes[span.start..<span.end], line: span.line)
      if chunk.isFull {
        try write(chunk)
        chunk = PayloadChunk()
      }
    }
    try write(chunk)
  }

  private func write(_ chunk: PayloadChunk) throws {
    guard !chunk.bytes.isEmpty else { return }
    try db.cachedStatement(
      sql: "INSERT INTO payload (import_id, first_line, last_line, text) VALUES (?, ?, ?, ?)"
    ).run(importNumber, chunk.firstLine, chunk.lastLine, Data(chunk.bytes))
  }

  private func writeCounters() throws {
    guard importNumber != 0 else { return }
    try db.execute(
      sql: """
        UPDATE import SET added = added + ?, duplicates = duplicates + ?,
          conflicts = conflicts + ?, refused = refused + ? WHERE id = ?
        """,
      arguments: [
        outcome.added, outcome.duplicates, outcome.conflicts, outcome.refused, importNumber,
      ])
  }
}
