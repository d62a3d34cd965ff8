internal import Amounts
internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

/// One line of an overlay.
struct TextLine: Sendable {
  var pieces: [(text: String, style: Style)]
  /// What Enter does on it.
  var command: Invocation?
  /// What Enter shows of it.
  var details: [Detail] = []

  init(_ pieces: [(text: String, style: Style)], command: Invocation? = nil) {
    self.pieces = pieces
    self.command = command
  }

  init(_ text: String, _ style: Style = .plain) { pieces = [(text, style)] }

  /// The text alone.
  var plain: String { pieces.map(\.text).joined() }
}

extension ClientModel {
  /// How many lines an overlay has; cheap for a report of any length.
  func lineCount(of open: OpenOverlay) -> Int {
    if case .report(_, let report) = open.overlay, open.search.isEmpty {
      return ReportText.lineCount(report)
    }
    return allLines(of: open).count
  }

  /// Some lines of an overlay; those beyond its end are left out.
  func lines(of open: OpenOverlay, in range: Range<Int>) -> [TextLine] {
    if case .report(_, let report) = open.overlay, open.search.isEmpty {
      let text = ReportText(report, figures: figures, columns: size.width)
      return range.clamped(to: 0..<ReportText.lineCount(report)).map { text.line($0) }
    }
    let all = allLines(of: open)
    return Array(all[range.clamped(to: all.indices)])
  }

  private func allLines(of open: OpenOverlay) -> [TextLine] {
    let lines: [TextLine]
    switch open.overlay {
    case .help(let context): lines = helpLines(context)
    case .messages: lines = messageLines
    case .report(_, let report):
      let text = ReportText(report, figures: figures, columns: size.width)
      lines = (0..<ReportText.lineCount(report)).map { text.line($0) }
    case .explain(let asset):
      lines = asset.map { explanation(of: $0) } ?? totalExplanation
    case .entry(let sheet): lines = entryLines(sheet)
    case .details(_, let details): lines = detailLines(details)
    }
    let wanted = open.search.lowercased()
    guard !wanted.isEmpty else { return lines }
    return lines.filter { $0.plain.lowercased().contains(wanted) }
  }

  /// The title of an overlay.
  func title(of overlay: Overlay) -> String {
    switch overlay {
    case .help: "Help: keys and commands"
    case .messages: "Messages"
    case .report(let title, _), .details(let title, _): title
    case .explain(let asset):
      asset.map { asset in board.map { "Explain: \($0.name(of: asset))" } ?? "Explain" }
        ?? "Explain: NAV"
    case .entry: "Entry"
    }
  }

  /// Where an overlay stands.
  func overlayPlace(_ open: OpenOverlay) -> Rect {
    let body = layout.body
    if open.overlay.isPage || layout.kind != .full { return body }
    let rows = allLines(of: open).count + 2
    return body.centred(width: min(body.width - 4, 96), height: min(rows, body.height))
  }

  private var messageLines: [TextLine] {
    if messages.isEmpty { return [TextLine("no messages yet", Style(.textDim))] }
    return messages.reversed().map { message in
      var line = TextLine([
        (Times.second(message.time) + "  ", Style(.textDim)),
        (message.text, Style(message.kind == .info ? .text : message.kind.role)),
      ])
      line.details = [
        Detail(name: "Time", text: message.time.description),
        Detail(name: "Text", text: message.text),
      ]
      return line
    }
  }

  private func detailLines(_ details: [Detail]) -> [TextLine] {
    let room = max(10, overlayTextWidth - 14)
    return details.flatMap { detail -> [TextLine] in
      let text = detail.isRevealing ? figures.remark(detail.text) : detail.text
      return named(detail.name, Wrapped.lines(text, columns: room))
    }
  }

  /// The columns of text in a popup.
  var overlayTextWidth: Int {
    layout.kind == .full ? min(layout.body.width - 4, 96) - 4 : layout.body.width - 4
  }

  /// A name and its lines beside it.
  func named(_ name: String, _ texts: [String], _ role: Role = .text) -> [TextLine] {
    let texts = texts.isEmpty ? [""] : texts
    return texts.enumerated().map { index, text in
      TextLine([(Padded.left(index == 0 ? name : "", 12), Style(.textDim)), (text, Style(role))])
    }
  }
}

// MARK: - Help

extension ClientModel {
  private func helpLines(_ context: String) -> [TextLine] {
    // What can be done is asked of what lies below the help.
    var below = self
    if let index = overlays.firstIndex(where: { $0.overlay.isHelp }) {
      below.overlays.removeSubrange(index...)
    }
    let bindings = keymap.bindings(in: context)
    var lines = [TextLine("Keys in \(context), keymap '\(keymap.name)'", Style(.popupTitle))]
    var withoutKey: [CommandSpec] = []
    for spec in Commands.all where spec.contexts != ["prompt"] {
      let calls = ClientModel.calls(of: spec.name, in: bindings)
      if calls.isEmpty { withoutKey.append(spec) }
      for call in calls { lines.append(helpLine(call.keys, call.command, spec, below)) }
    }
    lines += [TextLine(""), TextLine("Commands to type after :", Style(.popupTitle))]
    for spec in withoutKey {
      let call = Invocation(spec.name)
      let line = spec.arguments.isEmpty ? spec.name : "\(spec.name) \(spec.arguments)"
      let runs = spec.arguments.isEmpty ? call : Invocation("command-line", [spec.name, ""])
      lines.append(helpLine(":", runs, spec, below, shown: line))
    }
    lines += [TextLine(""), TextLine("Keys while a line is typed", Style(.popupTitle))]
    let prompt = keymap.bindings(in: "prompt")
    for spec in Commands.all where spec.contexts == ["prompt"] {
      for call in ClientModel.calls(of: spec.name, in: prompt) {
        lines.append(helpLine(call.keys, nil, spec, below, shown: spec.name))
      }
    }
    return lines + [TextLine("")] + signs
  }

  /// What the signs beside figures mean.
  private var signs: [TextLine] {
    let meanings = [
      ("~", "stale: older than its source should be"), ("?", "not known, in no sum"),
      ("*", "partial: some parts have no figure"), ("!", "look: something is odd"),
      ("▲ ▼ ·", "up, down, unchanged over 24 hours"),
      ("filter", "btc  \"two words\"  venue:kraken  account:  book:  w>1%  value>10k"),
      ("", "day<-2% qty<1 age>5m stale disputed unpriced staked !term"),
    ]
    return [TextLine("Signs and filters", Style(.popupTitle))]
      + meanings.map { sign, meaning in
        TextLine([(Padded.left("  " + sign, 17), Style(.hintKey)), (meaning, .plain)])
      }
  }

  private func helpLine(
    _ keys: String, _ command: Invocation?, _ spec: CommandSpec, _ below: ClientModel,
    shown: String? = nil
  ) -> TextLine {
    let name = shown ?? command?.line ?? spec.name
    let call = command.map { $0.name == spec.name ? $0 : Invocation(spec.name) }
    let obstacle = call.flatMap { below.obstacle(to: $0) }
    let reason = obstacle.map { " not now: \($0.text);" }
    return TextLine(
      [
        (Padded.left("  " + keys, 17), Style(.hintKey)),
        (Padded.left(name, 24), Style(reason == nil ? .textStrong : .textDim)),
        (reason ?? "", Style(.textDim)),
        (" " + spec.summary, reason == nil ? .plain : Style(.textDim)),
      ], command: command)
  }

  /// The calls of a command with all their keys, short as on the screen.
  private static func calls(
    of name: String, in bindings: [Keymap.Binding]
  ) -> [(command: Invocation, keys: String)] {
    KeyTable.calls(of: name, in: bindings).map { call, keys in
      let texts = keys.map { KeyText.short(Key.text(of: $0), glyphs: .ascii) }
      return (call, texts.joined(separator: " "))
    }
  }
}

/// Text brought to a width.
enum Padded {
  /// Spaces behind it up to a width.
  static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - TextWidth.of(text, limit: 1_000)))
  }

  /// Spaces before it up to a width.
  static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - TextWidth.of(text, limit: 1_000))) + text
  }
}

/// Long text on several lines.
enum Wrapped {
  /// The most lines of one text.
  static let limit = 40

  /// The text cut at spaces where it can be.
  static func lines(_ text: String, columns: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.shortened(to: 4_000).split(separator: " ", omittingEmptySubsequences: false) {
      var word = word
      while word.count > columns {
        if !line.isEmpty { lines.append(line) }
        lines.append(String(word.prefix(columns)))
        line = ""
        word = word.dropFirst(columns)
      }
      if line.isEmpty {
        line = String(word)
      } else if line.count + 1 + word.count <= columns {
        line += " " + word
      } else {
        lines.append(line)
        line = String(word)
      }
    }
    return Array((lines + [line]).prefix(limit))
  }
}

extension Message.Kind {
  /// How the message looks.
  var role: Role {
    switch self {
    case .info: .message
    case .success: .messageSuccess
    case .warning: .messageWarning
    case .error: .messageError
    }
  }
}

/// A report as lines: facts, the titles of the columns, the rows.
struct ReportText: Sendable {
  private let report: Report
  private let figures: Figures
  private let widths: [Int]

  /// Lays a report out for so many columns of the screen.
  init(_ report: Report, figures: Figures, columns: Int) {
    self.report = report
    self.figures = figures
    let widest = max(10, min(32, columns / 5))
    widths = report.columns.indices.map { column in
      let cells = report.rows.prefix(200).map { row in
        TextWidth.of(row[column].plain, limit: widest)
      }
      return min(widest, max(cells.max() ?? 0, report.columns[column].count))
    }
  }

  /// How many lines a report has.
  static func lineCount(_ report: Report) -> Int {
    let table = report.columns.isEmpty ? 0 : 1 + max(1, report.rows.count)
    return report.facts.count + (report.facts.isEmpty || table == 0 ? 0 : 1) + table
  }

  /// A line by its number, which must be there.
  func line(_ number: Int) -> TextLine {
    let facts = report.facts.count
    if number < facts { return fact(report.facts[number]) }
    let offset = facts == 0 ? 0 : facts + 1
    if number < offset { return TextLine("") }
    if number == offset {
      let titles = report.columns.enumerated().map { padded($0.element, column: $0.offset) }
      return TextLine(ReportText.words(titles.joined(separator: "  ")), Style(.column))
    }
    let row = number - offset - 1
    guard report.rows.indices.contains(row) else { return TextLine("none", Style(.textDim)) }
    return self.row(report.rows[row])
  }

  private func fact(_ fact: Report.Fact) -> TextLine {
    TextLine([
      (Padded.left(ReportText.words(fact.name), 22), Style(.textDim)),
      (shown(fact.value, name: fact.name), .plain),
    ])
  }

  private func row(_ cells: [ReportCell]) -> TextLine {
    let texts = cells.enumerated().map { index, cell in
      padded(shown(cell, name: report.columns[index]), column: index, isNumber: cell.isNumber)
    }
    var line = TextLine(texts.joined(separator: "  "))
    line.details = cells.enumerated().map { index, cell in
      Detail(
        name: ReportText.words(report.columns[index]), text: cell.plain,
        isRevealing: ReportText.isRevealing(
          cell, name: report.columns[index], table: report.tableName))
    }
    return line
  }

  private func padded(_ text: String, column: Int, isNumber: Bool = false) -> String {
    let isLast = column == widths.count - 1
    let cut = isLast ? text : Sanitiser.line(text, columns: widths[column])
    if isLast { return cut }
    return isNumber ? Padded.right(cut, widths[column]) : Padded.left(cut, widths[column])
  }

  private func shown(_ cell: ReportCell, name: String) -> String {
    if ReportText.isRevealing(cell, name: name, table: report.tableName) {
      return figures.remark(cell.plain)
    }
    return cell.plain
  }

  /// Whether a cell may tell amounts: an amount does, and so does the raw text of a row.
  private static func isRevealing(_ cell: ReportCell, name: String, table: String) -> Bool {
    switch cell {
    case .amount: true
    case .text where table == "breaks": ["ledger", "venue", "note"].contains(name)
    case .text:
      ["raw", "text", "value", "quantity", "amount", "note"].contains { name.contains($0) }
    case .none, .integer, .flag: false
    }
  }

  private static func words(_ name: String) -> String {
    name.map { $0 == "_" ? " " : String($0) }.joined()
  }
}

extension ReportCell {
  /// Whether the cell stands to the right.
  fileprivate var isNumber: Bool {
    switch self {
    case .integer, .amount: true
    case .none, .text, .flag: false
    }
  }
}
