internal import Canvas
internal import Ledger
internal import Wire

extension ClientModel {
  /// Takes lines of the log, and asks for those that are missing.
  mutating func take(log report: Report) {
    guard let after = log.take(report), isConnected,
      !requests.values.contains(where: { $0.use == .log })
    else { return }
    request(Request("log", ["after": "\(after)"]), PendingRequest(use: .log))
  }

  /// Shows what is known of the line under the cursor.
  mutating func openLogLine() {
    guard let line = log.entry(log.cursor.index) else { return }
    let details = [
      Detail(name: "UTC", text: line.time.description), Detail(name: "Level", text: line.level),
      Detail(name: "Where", text: line.place),
      Detail(name: "What", text: line.text, isRevealing: line.isRevealing),
    ]
    show(.details(title: "Log \(line.number)", details + line.details))
  }

  private enum LogColumn: Hashable, Sendable {
    case time, level, place, text
  }

  private static let logColumns = ColumnChoice<LogColumn>(
    order: [.time, .level, .place, .text], byImportance: [.text, .time, .level, .place]
  ) { column in
    switch column {
    case .time: 11
    case .level: 4
    case .place: 14
    case .text: 16
    }
  }

  private static func titled(_ column: LogColumn, _ width: Int) -> TableColumn {
    switch column {
    case .time: TableColumn(title: "UTC", width: width, alignment: .right)
    case .level: TableColumn(title: "Lvl", width: width)
    case .place: TableColumn(title: "Where", width: width)
    case .text: TableColumn(title: "What", width: width)
    }
  }

  func drawLog(_ frame: inout Frame) {
    let place = room(of: .log).place
    let inside = Layout.inside(place)
    let window = log.cursor.window(count: log.count, height: inside.height - 1)
    let range =
      log.count == 0
      ? "" : "\(window.lowerBound + 1)-\(window.upperBound) of \(Decimals.count(log.count))   "
    frame.pane(
      place, title: "Log of the engine",
      footer: range + (log.isFollowing ? "follows the end" : "stands still"),
      isFocused: hasKeys(.log))
    if log.count == 0 { return drawNoLog(&frame, inside) }
    if frame.transcript != nil { frame.tell(logFacts, at: inside.origin) }
    frame.untold { frame in
      let shown = ClientModel.logColumns.fitting(inside.width - 2, stretching: .text, upTo: 400)
      let columns = shown.map { ClientModel.titled($0.name, $0.width) }
      drawRows(
        &frame, inside, columns, window, cursor: log.cursor.index, isFocused: hasKeys(.log)
      ) { index in log.entry(index).map { line in shown.map { cell($0.name, line) } } }
    }
  }

  private func drawNoLog(_ frame: inout Frame, _ inside: Rect) {
    let text =
      !log.isKnown
      ? "Waiting for the engine."
      : log.filter.isEmpty ? "Nothing has happened yet." : "No line fits."
    frame.put(text, at: Point(x: inside.x + 1, y: inside.y), Style(.textDim))
  }

  /// The lines in words, oldest first.
  private var logFacts: [String] {
    (0..<log.count).compactMap { log.entry($0) }.map { line in
      let words = [logTime(line.time), line.level, "\(line.place):", logText(line)]
      return words.joined(separator: " ")
    }
  }

  /// The line under the cursor for the clipboard.
  var copiedLog: [String] {
    guard let line = log.entry(log.cursor.index) else { return [] }
    return [[line.time.description, line.level, line.place, logText(line)].joined(separator: "\t")]
  }

  private func cell(_ column: LogColumn, _ line: LogEntry) -> TableCell {
    let role: Role = line.gravity == 2 ? .alertHigh : line.gravity == 1 ? .alertWarning : .text
    switch column {
    case .time: return TableCell(text: logTime(line.time), role: .textDim)
    case .level:
      let word = line.gravity == 2 ? "ERR!" : line.gravity == 1 ? "WARN" : "info"
      return TableCell(text: word, role: line.gravity == 0 ? .textDim : role)
    case .place: return TableCell(text: line.place)
    case .text: return TableCell(text: logText(line), role: role)
    }
  }

  private func logText(_ line: LogEntry) -> String {
    line.isRevealing ? figures.remark(line.text) : line.text
  }

  /// The second of today, day and minute of another day.
  private func logTime(_ time: Instant) -> String {
    Times.date(time) == Times.date(now)
      ? Times.second(time) : String(Times.stamp(time).dropFirst(5))
  }
}
