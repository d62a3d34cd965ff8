internal import Amounts
internal import Canvas
internal import Ledger

extension ClientModel {
  func drawLedger(_ frame: inout Frame) {
    drawEntries(
      &frame, room(of: .ledger).place, ledger, title: "Ledger", isFocused: hasKeys(.ledger))
  }

  private enum EntryColumn: Hashable, Sendable {
    case time
    case kind
    case received
    case sent
    case fee
    case account
    case note
    case origin
  }

  private static let entryColumns = ColumnChoice<EntryColumn>(
    order: [.time, .kind, .received, .sent, .fee, .account, .origin, .note],
    byImportance: [.time, .received, .sent, .kind, .account, .fee, .origin, .note]
  ) { column in
    switch column {
    case .time: 16
    case .kind: 10
    case .received, .sent: 18
    case .fee: 15
    case .account: 10
    case .origin: 10
    case .note: 24
    }
  }

  private static func titled(_ column: EntryColumn, _ width: Int) -> TableColumn {
    switch column {
    case .time: TableColumn(title: "UTC", width: width)
    case .kind: TableColumn(title: "Kind", width: width)
    case .received: TableColumn(title: "In", width: width, alignment: .right)
    case .sent: TableColumn(title: "Out", width: width, alignment: .right)
    case .fee: TableColumn(title: "Fee", width: width, alignment: .right)
    case .account: TableColumn(title: "Account", width: width)
    case .note: TableColumn(title: "Note", width: width)
    case .origin: TableColumn(title: "Read from", width: width)
    }
  }

  /// A window of entries with its frame.
  func drawEntries(
    _ frame: inout Frame, _ place: Rect, _ entries: LedgerWindow, title: String, isFocused: Bool
  ) {
    let inside = Layout.inside(place)
    let window = entries.cursor.window(count: entries.count, height: inside.height - 1)
    frame.pane(
      place, title: title, footer: footer(of: entries, window), isFocused: isFocused)
    let shown = ClientModel.entryColumns.fitting(
      inside.width - 2, stretching: .account, upTo: 30)
    let columns = shown.map { ClientModel.titled($0.name, $0.width) }
    if entries.count == 0 { drawNoEntries(&frame, inside, entries) }
    drawRows(
      &frame, inside, columns, window, cursor: entries.cursor.index, isFocused: isFocused
    ) { index in
      entries.entry(index).map { entry in shown.map { cell($0.name, $0.width, of: entry) } }
    }
  }

  private func drawNoEntries(_ frame: inout Frame, _ inside: Rect, _ entries: LedgerWindow) {
    let text = entries.total == nil ? "waiting for the engine" : "no entries"
    frame.put(
      text, at: Point(x: inside.x + 1, y: inside.y + 1), Style(.textDim), width: inside.width - 1)
  }

  private func footer(of entries: LedgerWindow, _ window: Range<Int>) -> String {
    guard let total = entries.total, total > 0 else { return "" }
    let first = Decimals.count(window.lowerBound + 1)
    let last = Decimals.count(window.upperBound)
    return "\(first)-\(last) of \(Decimals.count(total))   newest first"
  }

  private func cell(_ column: EntryColumn, _ width: Int, of entry: Entry) -> TableCell {
    switch column {
    case .time: return TableCell(text: Times.stamp(entry.time), role: .textDim)
    case .kind: return TableCell(text: entry.kind.rawValue)
    case .received:
      return amount(entry.legs.filter { !$0.isFee && !$0.quantity.isNegative }, width, .valueUp)
    case .sent:
      return amount(entry.legs.filter { !$0.isFee && $0.quantity.isNegative }, width, .valueDown)
    case .fee: return amount(entry.legs.filter(\.isFee), width, .value)
    case .account: return TableCell(text: accounts(of: entry))
    case .note:
      let note = entry.details.note.isEmpty ? entry.details.reference : entry.details.note
      return TableCell(text: figures.remark(note.shortened(to: 256)), role: .textDim)
    case .origin:
      let origin = entry.origin
      let text =
        origin.importNumber == 0
        ? "by hand" : "#\(origin.importNumber)" + (origin.line > 0 ? ":\(origin.line)" : "")
      return TableCell(text: text, role: .textDim)
    }
  }

  /// The first of these movements with its ticker, and how many more there are.
  private func amount(_ legs: [Leg], _ width: Int, _ role: Role) -> TableCell {
    guard let leg = legs.first else { return TableCell(text: "") }
    let more = legs.count > 1 ? " +\(legs.count - 1)" : ""
    let ticker = Sanitiser.line(leg.asset.ticker.shortened(to: 32), columns: 7) + more
    let room = width - TextWidth.of(ticker) - 1
    let sign = leg.quantity.isNegative ? "" : "+"
    let number = figures.quantity(leg.quantity, columns: room - sign.count)
    let text = isPrivate ? Figures.hidden : sign + number
    return TableCell(text: "\(text) \(ticker)", role: role)
  }

  /// The accounts an entry moves something in, in the order of its legs.
  private func accounts(of entry: Entry) -> String {
    var names: [String] = []
    for leg in entry.legs {
      let name = accountName(leg.account)
      if !names.contains(name) { names.append(name) }
    }
    return names.prefix(3).joined(separator: entry.kind == .transfer ? "→" : ", ")
  }
}

extension Leg {
  /// Whether the movement is a fee.
  fileprivate var isFee: Bool { counter == .fees }
}
