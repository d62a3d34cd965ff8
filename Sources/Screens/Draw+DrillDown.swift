internal import Amounts
internal import Canvas
internal import Ledger
internal import Wire

extension ClientModel {
  /// A position by its accounts, lots or entries.
  func drawDrill(_ frame: inout Frame, _ place: Rect, _ drill: DrillDown) {
    let name = board?.name(of: drill.asset) ?? ""
    let account = drill.account.map { " › \(accountName($0).shortened(to: 60))" } ?? ""
    let title = "Positions › \(name)\(account)"
    switch drill.view {
    case .accounts:
      drawParts(
        &frame, place, asset: drill.asset, cursor: drill.cursor, title: "\(title) by account")
    case .lots:
      if let lots = drill.lots { drawLots(&frame, place, lots, title: "\(title) › lots") }
    case .entries:
      if let entries = drill.entries {
        drawEntries(
          &frame, place, entries, title: "\(title) › entries", isFocused: screen == .positions)
      }
    }
  }

  private enum LotColumn: Hashable, Sendable {
    case acquired
    case quantity
    case cost
    case unit
    case value
    case gain
    case ratio
    case term
    case account
    case lot
  }

  private static let lotColumns = ColumnChoice<LotColumn>(
    order: [.acquired, .quantity, .cost, .unit, .value, .gain, .ratio, .term, .account, .lot],
    byImportance: [
      .acquired, .quantity, .cost, .gain, .term, .account, .ratio, .unit, .value, .lot,
    ]
  ) { column in
    switch column {
    case .acquired: 10
    case .quantity: 15
    case .cost, .value, .gain: 9
    case .unit: 12
    case .ratio: 8
    case .term: 5
    case .account: 12
    case .lot: 32
    }
  }

  private static func titled(_ column: LotColumn, _ width: Int) -> TableColumn {
    switch column {
    case .acquired: TableColumn(title: "Acquired", width: width)
    case .quantity: TableColumn(title: "Quantity", width: width, alignment: .right)
    case .cost: TableColumn(title: "Cost", width: width, alignment: .right)
    case .unit: TableColumn(title: "A unit", width: width, alignment: .right)
    case .value: TableColumn(title: "Value", width: width, alignment: .right)
    case .gain: TableColumn(title: "Gain", width: width, alignment: .right)
    case .ratio: TableColumn(title: "Gain%", width: width, alignment: .right)
    case .term: TableColumn(title: "Term", width: width)
    case .account: TableColumn(title: "Account", width: width)
    case .lot: TableColumn(title: "Lot", width: width)
    }
  }

  /// The lots of a position with their sum.
  private func drawLots(
    _ frame: inout Frame, _ place: Rect, _ lots: LotWindow, title: String
  ) {
    let inside = Layout.inside(place)
    let window = lots.cursor.window(count: lots.count, height: inside.height - 1)
    let method = lots.method.isEmpty ? "" : " (\(lots.method))"
    frame.pane(
      place, title: title + method, footer: footer(of: lots, window),
      isFocused: screen == .positions)
    let shown = ClientModel.lotColumns.fitting(inside.width - 2, stretching: .account, upTo: 18)
    let columns = shown.map { ClientModel.titled($0.name, $0.width) }
    if lots.count == 0 { drawNoLots(&frame, inside, lots) }
    drawRows(
      &frame, inside, columns, window, cursor: lots.cursor.index,
      isFocused: screen == .positions
    ) { index in
      lots.lot(index).map { lot in shown.map { cell($0.name, $0.width, of: lot) } }
    }
  }

  private func drawNoLots(_ frame: inout Frame, _ inside: Rect, _ lots: LotWindow) {
    let text: String
    if !lots.problem.isEmpty {
      text = lots.problem
    } else if !isConnected {
      text = "not connected to the engine"
    } else {
      text = lots.total == nil ? "waiting for the engine" : "no lots: the ledger has none of it"
    }
    for (row, line) in Wrapped.lines(text, columns: max(10, inside.width - 2)).enumerated() {
      guard row < inside.height - 1 else { return }
      let point = Point(x: inside.x + 1, y: inside.y + 1 + row)
      frame.put(line, at: point, Style(.textDim), width: inside.width - 1)
    }
  }

  private func footer(of lots: LotWindow, _ window: Range<Int>) -> String {
    guard let facts = lots.facts, lots.count > 0 else { return "" }
    func amount(_ name: String) -> Fixed? {
      if case .amount(let amount) = facts[name] { return amount }
      return nil
    }
    func count(_ name: String) -> Int64 {
      if case .integer(let number) = facts[name] { return number }
      return 0
    }
    var parts = [
      "\(Decimals.count(window.lowerBound + 1))-\(Decimals.count(window.upperBound)) of "
        + Decimals.count(lots.count)
    ]
    let isPartial = count("lots_without_cost") > 0
    if let cost = amount("cost") {
      parts.append("cost \(isPartial ? Figures.unknown : "")\(figures.compact(cost))")
    }
    if let gain = amount("unrealised") {
      let mark = count("lots_without_gain") > 0 ? Figures.unknown : ""
      parts.append("gain \(mark)\(figures.signedCompact(gain))")
    }
    if isPartial { parts.append("\(count("lots_without_cost")) without a known cost") }
    if lots.account != nil, lots.isUniversal { parts.append("lots of all accounts together") }
    return parts.joined(separator: "   ")
  }

  private func cell(_ column: LotColumn, _ width: Int, of lot: LotLine) -> TableCell {
    let unknown = TableCell(text: Figures.unknown, role: .valueUnknown)
    switch column {
    case .acquired:
      return TableCell(text: lot.acquired.isEmpty ? "average" : String(lot.acquired.prefix(10)))
    case .quantity:
      return lot.quantity.map {
        TableCell(text: figures.quantity(Quantity($0), columns: width))
      } ?? unknown
    case .cost: return lot.cost.map { TableCell(text: figures.compact($0)) } ?? unknown
    case .unit:
      return lot.unitCost.map { TableCell(text: figures.price(Price($0), columns: width)) }
        ?? unknown
    case .value: return lot.value.map { TableCell(text: figures.compact($0)) } ?? unknown
    case .gain:
      return lot.gain.map {
        TableCell(
          text: figures.signedCompact($0), role: Figures.direction($0.approximate).role)
      } ?? unknown
    case .ratio:
      return lot.ratio.map {
        TableCell(text: Figures.change($0, columns: width), role: Figures.direction($0).role)
      } ?? unknown
    case .term: return TableCell(text: lot.term, role: .textDim)
    case .account:
      let name = lot.account.isEmpty ? "all" : accountName(AccountID(named: lot.account))
      return TableCell(text: name, role: .textDim)
    case .lot: return TableCell(text: lot.lot, role: .textDim)
    }
  }
}

// MARK: - One entry

extension ClientModel {
  /// All of an entry, and what it was read from.
  func entryLines(_ sheet: EntrySheet) -> [TextLine] {
    let head = sheet.entry.map { lines(of: $0) } ?? named("Entry", ["\(sheet.id)"])
    return head + recordLines(sheet)
  }

  private func lines(of entry: Entry) -> [TextLine] {
    let room = max(10, overlayTextWidth - 12)
    var lines = named("Time", ["\(entry.time)"]) + named("Kind", [entry.kind.rawValue])
    for (index, leg) in entry.legs.enumerated() {
      let name = Padded.left(Sanitiser.line(accountName(leg.account), columns: 16), 16)
      let amount = figures.exactSigned(leg.quantity.fixed)
      let line = "\(name) \(amount) \(leg.asset.ticker.prefix(32)) \(leg.counter.phrase(of: leg))"
      lines += named(index == 0 ? "Legs" : "", [line])
      lines += named("", Wrapped.lines("  \(leg.asset.text)", columns: room), .textDim)
    }
    let details = entry.details
    if let value = details.value {
      lines += named(
        "Value", ["\(figures.exact(value.amount)) \(value.currency.code), as its source says"])
    }
    for (name, text) in [
      ("Reference", details.reference), ("Transaction", details.transactionHash),
    ] where !text.isEmpty {
      lines += named(name, Wrapped.lines(text, columns: room))
    }
    if !details.note.isEmpty {
      lines += named("Note", Wrapped.lines(figures.remark(details.note), columns: room))
    }
    let origin = entry.origin
    let line = origin.line > 0 ? ", line \(origin.line)" : ""
    lines += named(
      "Read from",
      [origin.importNumber == 0 ? "entered by hand" : "import \(origin.importNumber)\(line)"])
    return lines + named("Entry", ["\(entry.id)"])
  }

  /// The record as it was written, with the hash of the whole that it stood in.
  private func recordLines(_ sheet: EntrySheet) -> [TextLine] {
    let room = max(10, overlayTextWidth - 12)
    guard let raw = sheet.raw else {
      let text = sheet.problem.isEmpty ? "asking the engine" : "? \(sheet.problem)"
      return named(
        "Record", Wrapped.lines(text, columns: room),
        sheet.problem.isEmpty ? .textDim : .valueUnknown)
    }
    var lines: [TextLine] = []
    if !sheet.source.isEmpty {
      lines += named("Source", Wrapped.lines(sheet.source, columns: room))
    }
    if !sheet.known.isEmpty { lines += named("Known since", [sheet.known.shortened(to: 40)]) }
    if !sheet.hash.isEmpty {
      lines += named("SHA-256", Wrapped.lines(sheet.hash.shortened(to: 128), columns: room))
    }
    if raw.isEmpty { return lines + named("Record", ["none is kept"], .textDim) }
    if isPrivate { return lines + named("Record", [figures.remark(raw)]) }
    return lines + named("Record", Verbatim.lines(raw, columns: room))
  }
}

/// Text of others on several lines, every character of it.
enum Verbatim {
  /// The most lines of one record; how much is left out is said.
  static let limit = 400

  /// The lines as they are, cut where they are too long for the columns.
  static func lines(_ text: String, columns: Int) -> [String] {
    var lines: [String] = []
    var left = text.unicodeScalars.count
    let columns = max(1, columns)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var scalars = line.unicodeScalars[...]
      repeat {
        guard lines.count < limit else { return lines + ["… \(left) more characters"] }
        let piece = scalars.prefix(columns)
        scalars = scalars.dropFirst(columns)
        left -= piece.count
        lines.append(String(String.UnicodeScalarView(piece)))
      } while !scalars.isEmpty
      left -= 1
    }
    return lines
  }
}
