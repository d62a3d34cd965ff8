internal import Amounts
internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

/// What was held at the end of a day, in the place of what is held now.
struct PastView: Sendable {
  /// The day, as it was typed: `2026-10-31`.
  let day: String
  /// What the engine told; `nil` until it has.
  var report: Report?
  /// Why it did not.
  var problem = ""
  var cursor = ListCursor()
}

extension ClientModel {
  /// The screens that a past day has.
  private static let pastScreens: Set<Screen> = [.overview, .positions]

  /// Shows a past day, or the present again.
  mutating func showPast(_ word: String?) {
    guard let word, word != "now" else {
      if word == nil { return say(.error, "asof: which day? Such as 2026-10-31, or now") }
      past = nil
      return say(.info, "Figures are those of now.")
    }
    let parts = word.split(separator: "-", omittingEmptySubsequences: false)
    guard word.count == 10, parts.count == 3, Instant(word + "T00:00:00Z") != nil else {
      return say(.error, "asof: '\(word.prefix(20))' is no day such as 2026-10-31")
    }
    guard word < Times.date(now) else { return say(.error, "asof: \(word) is not over yet") }
    past = PastView(day: word)
    if !ClientModel.pastScreens.contains(screen) { go(to: .positions) }
    request(
      Request("past-positions", ["as-of": word]), PendingRequest(use: .past(word), isLong: true))
  }

  /// Takes the positions of a past day.
  mutating func take(past report: Report, of day: String) {
    guard past?.day == day else { return }
    past?.report = report
  }

  mutating func missed(past day: String, _ reason: String) {
    guard past?.day == day else { return }
    past?.problem = reason
  }

  /// The rows of the past day; none on a screen that it does not have.
  var pastCount: Int {
    ClientModel.pastScreens.contains(screen) ? past?.report?.rows.count ?? 0 : 0
  }

  /// The NAV of the past day with its marks; for the header.
  var pastNav: String {
    guard let report = past?.report else { return past?.problem.isEmpty == false ? "?" : "…" }
    let unpriced = report.count("unpriced")
    let missing = unpriced + Int64(pastUnread)
    guard let value = report.amount("value"), unpriced < max(1, report.rows.count) else {
      return Figures.unknown
    }
    let mark = report.count("older_prices") > 0 ? "~" : ""
    return mark + figures.whole(value) + (missing > 0 ? " ?\(missing)" : "")
  }

  /// How many accounts have a history that is not read yet: what they had then is not whole.
  private var pastUnread: Int {
    let reading = Set(extras.unreadAccounts.keys)
    return reading.union((board?.totals.unread ?? []).map { accountName($0) }).count
  }

  /// What stands below a past day.
  private func pastFooter(_ report: Report) -> String {
    let accounts = pastUnread == 1 ? "1 account" : "\(pastUnread) accounts"
    let unread = pastUnread > 0 ? "   ? the history of \(accounts) is not read yet" : ""
    return "\(report.rows.count) positions\(unread)   :asof now ends it"
  }

  /// Shows all that is known of the row under the cursor.
  mutating func openPast() {
    guard let past, let report = past.report, report.rows.indices.contains(past.cursor.index)
    else { return }
    let row = past.cursor.index
    func detail(_ name: String, _ column: String, isRevealing: Bool = true) -> Detail {
      let text = report.amount(row, column).map { Decimals.exact($0) } ?? Figures.unknown
      return Detail(name: name, text: text, isRevealing: isRevealing)
    }
    let age = report.integer(row, "price_age_days") ?? 0
    let close = age > 0 ? "~ the close of \(age) days before" : "the close of the day"
    show(
      .details(
        title: "\(Sanitiser.line(report.text(row, "asset").shortened(to: 40))) as of \(past.day)",
        [
          Detail(name: "Identity", text: Sanitiser.line(report.text(row, "identity"))),
          detail("Quantity", "quantity"), detail("Price", "price", isRevealing: false),
          Detail(name: "", text: close), detail("Value", "value"),
        ]))
  }

  /// The row under the cursor for the clipboard.
  var copiedPast: [String] {
    guard let past, let report = past.report, report.rows.indices.contains(past.cursor.index)
    else { return [] }
    let row = past.cursor.index
    let amounts = ["quantity", "value"].map { name in
      report.amount(row, name).map { figures.exact($0) } ?? Figures.unknown
    }
    let names = [past.day, report.text(row, "asset"), report.text(row, "identity")]
    return [(names + amounts).map { Sanitiser.line($0) }.joined(separator: "\t")]
  }

  // MARK: - Drawing

  private enum PastColumn: Hashable, Sendable {
    case asset, value, weight, price, age, quantity
  }

  private static let pastColumns = ColumnChoice<PastColumn>(
    order: [.asset, .value, .weight, .price, .age, .quantity],
    byImportance: [.asset, .value, .weight, .quantity, .price, .age]
  ) { column in
    switch column {
    case .asset: 12
    case .value: 14
    case .weight: 5
    case .price: 12
    case .age: 5
    case .quantity: 18
    }
  }

  private static func titled(_ column: PastColumn, _ width: Int) -> TableColumn {
    switch column {
    case .asset: TableColumn(title: "Asset", width: width)
    case .value: TableColumn(title: "Value", width: width, alignment: .right)
    case .weight: TableColumn(title: "Wt%", width: width, alignment: .right)
    case .price: TableColumn(title: "Close", width: width, alignment: .right)
    case .age: TableColumn(title: "Older", width: width, alignment: .right)
    case .quantity: TableColumn(title: "Quantity", width: width, alignment: .right)
    }
  }

  func drawPast(_ frame: inout Frame, _ place: Rect, _ past: PastView) {
    let inside = Layout.inside(place)
    guard ClientModel.pastScreens.contains(screen) else {
      frame.pane(place, title: screen.title, isFocused: overlays.isEmpty)
      return note(
        &frame, inside,
        "There is no \(screen.title) of \(past.day). 1 and 2 show positions of that day; "
          + ":asof now ends it.")
    }
    let report = past.report ?? Report()
    frame.pane(
      place, title: "Positions as of the end of \(past.day) UTC",
      footer: past.report == nil ? "" : pastFooter(report),
      isFocused: overlays.isEmpty)
    if !past.problem.isEmpty { return note(&frame, inside, past.problem) }
    if past.report == nil { return note(&frame, inside, "Being computed from the ledger.") }
    if report.rows.isEmpty { return note(&frame, inside, "Nothing was held then.") }
    let shown = ClientModel.pastColumns.fitting(inside.width - 2, stretching: .asset, upTo: 20)
    let columns = shown.map { ClientModel.titled($0.name, $0.width) }
    let window = frame.window(past.cursor, count: report.rows.count, height: inside.height - 1)
    drawRows(
      &frame, inside, columns, window, cursor: past.cursor.index, isFocused: overlays.isEmpty
    ) { row in shown.map { cell($0.name, report, row, $0.width) } }
  }

  private func note(_ frame: inout Frame, _ inside: Rect, _ text: String) {
    let lines = Wrapped.lines(Sanitiser.line(text), columns: max(10, inside.width - 2))
    for (row, line) in lines.prefix(max(0, inside.height)).enumerated() {
      frame.put(line, at: Point(x: inside.x + 1, y: inside.y + row), Style(.textDim))
    }
  }

  private func cell(_ column: PastColumn, _ report: Report, _ row: Int, _ width: Int) -> TableCell {
    let unknown = TableCell(text: Figures.unknown, role: .valueUnknown)
    let isOld = (report.integer(row, "price_age_days") ?? 0) > 0
    let role: Role = isOld ? .valueStale : .value
    let value = report.amount(row, "value")
    switch column {
    case .asset:
      return TableCell(text: Sanitiser.line(report.text(row, "asset").shortened(to: 64)))
    case .value:
      return value.map { TableCell(text: (isOld ? "~" : "") + figures.long($0), role: role) }
        ?? unknown
    case .weight:
      let whole = report.amount("value")
      let weight = value.flatMap { value in whole.flatMap { Figures.ratio(value, of: $0) } }
      return weight.map { TableCell(text: Figures.weight($0)) } ?? unknown
    case .price:
      return report.amount(row, "price").map {
        TableCell(text: figures.price(Price($0)), role: role)
      }
        ?? unknown
    case .age:
      let days = report.integer(row, "price_age_days") ?? 0
      return TableCell(text: days > 0 ? "\(days)d" : "", role: role)
    case .quantity:
      return report.amount(row, "quantity").map {
        TableCell(text: figures.quantity(Quantity($0), columns: width))
      } ?? unknown
    }
  }
}
