internal import Canvas

/// A column of a table as it stands on the screen.
struct TableColumn: Sendable {
  let title: String
  let width: Int
  var alignment = Alignment.left
}

/// One cell of a table.
struct TableCell: Sendable {
  let text: String
  var role = Role.text
}

extension Frame {
  /// Draws the frame of a pane, unless there is no room for one.
  ///
  /// - Returns: The inside.
  @discardableResult
  mutating func pane(
    _ place: Rect, title: String = "", corner: String = "", footer: String = "",
    isFocused: Bool = false, surface: Role = .text
  ) -> Rect {
    guard Layout.hasFrame(place) else { return place }
    return box(
      place, title: title, corner: corner, footer: footer, isFocused: isFocused, surface: surface)
  }

  /// Writes the titles of columns, one blank after the other; `sorted` gets a sign, `chosen` stands
  /// out for the keys that work on a column.
  mutating func titles(
    _ columns: [TableColumn], in row: Rect, sorted: (index: Int, isDescending: Bool)? = nil,
    chosen: Int? = nil
  ) {
    untold { $0.drawTitles(columns, in: row, sorted: sorted, chosen: chosen) }
  }

  private mutating func drawTitles(
    _ columns: [TableColumn], in row: Rect, sorted: (index: Int, isDescending: Bool)?,
    chosen: Int?
  ) {
    var x = row.x + 1
    for (index, column) in columns.enumerated() {
      var title = column.title
      var style = Style(.column)
      if let sorted, sorted.index == index {
        title += sorted.isDescending ? "↓" : "↑"
        style = Style(.columnSorted)
      }
      if chosen == index { style = style.with(.reverse) }
      let width = min(column.width, row.right - x)
      put(title, at: Point(x: x, y: row.y), style, width: width, align: column.alignment)
      x += column.width + 1
    }
  }

  /// Writes the cells of one row below its columns.
  ///
  /// - Parameters:
  ///   - cells: One a column.
  ///   - columns: As they were titled.
  ///   - row: Where.
  ///   - names: How many of the first columns name the row together.
  mutating func cells(
    _ cells: [TableCell], below columns: [TableColumn], in row: Rect, names: Int = 1
  ) {
    if transcript != nil { tell(Table.spoken(cells, columns, names: names), at: row.origin) }
    untold { $0.drawCells(cells, below: columns, in: row) }
  }

  private mutating func drawCells(
    _ cells: [TableCell], below columns: [TableColumn], in row: Rect
  ) {
    var x = row.x + 1
    for (cell, column) in zip(cells, columns) {
      let width = min(column.width, row.right - x)
      guard width > 0 else { return }
      let point = Point(x: x, y: row.y)
      if column.alignment == .right {
        figure(cell.text, at: point, Style(cell.role), width: width)
      } else {
        put(cell.text, at: point, Style(cell.role), width: width, align: column.alignment)
      }
      x += column.width + 1
    }
  }

  /// Writes a figure to the right end of its columns.
  ///
  /// Where it has no room it shows as a row of `#`: a number that lacks digits would be another one.
  mutating func figure(_ text: String, at point: Point, _ style: Style, width: Int) {
    let isLost = TextWidth.of(text) > width && text.contains { $0.isNumber }
    let shown = isLost ? String(repeating: "#", count: max(0, width)) : text
    put(shown, at: point, style, width: width, align: .right)
  }
}

extension Frame {
  /// The rows of a list to draw: those that there is room for, or all where they are told.
  func window(_ cursor: ListCursor, count: Int, height: Int) -> Range<Int> {
    transcript == nil ? cursor.window(count: count, height: height) : 0..<count
  }
}

extension ClientModel {
  /// Draws rows of a table below their titles; a row that is not there yet shows as an ellipsis.
  ///
  /// - Parameters:
  ///   - frame: Where to.
  ///   - inside: The inside of the pane; its first row is that of the titles.
  ///   - columns: As they are titled.
  ///   - window: The numbers of the rows.
  ///   - cursor: The row of the cursor; `nil` for none.
  ///   - isFocused: Whether keys work on it.
  ///   - names: How many of the first columns name a row together.
  ///   - cells: The cells of a row.
  func drawRows(
    _ frame: inout Frame, _ inside: Rect, _ columns: [TableColumn], _ window: Range<Int>,
    cursor: Int?, isFocused: Bool, names: Int = 1, cells: (Int) -> [TableCell]?
  ) {
    frame.titles(columns, in: inside.row(0))
    for index in window {
      let row = inside.row(1 + index - window.lowerBound)
      if let cells = cells(index) {
        frame.cells(cells, below: columns, in: row, names: names)
      } else {
        frame.put("…", at: Point(x: row.x + 1, y: row.y), Style(.textDim))
      }
      if index == cursor { drawCursor(&frame, row, isFocused: isFocused) }
    }
  }
}

/// Tables in words.
enum Table {
  /// A row as facts: its name with each of its other cells.
  static func spoken(_ cells: [TableCell], _ columns: [TableColumn], names: Int) -> [String] {
    let name = cells.prefix(names).map { Transcript.words($0.text) }.joined(separator: " ")
    guard !name.isEmpty else { return [] }
    let facts = zip(cells, columns).dropFirst(names).compactMap { cell, column -> String? in
      let text = Transcript.words(cell.text)
      guard !text.isEmpty else { return nil }
      return column.title.isEmpty ? "\(name), \(text)" : "\(name), \(column.title): \(text)"
    }
    return facts.isEmpty ? [name] : facts
  }
}

/// Columns in order of importance, of which as many are taken as fit.
struct ColumnChoice<Name: Hashable & Sendable>: Sendable {
  /// In the order of the table.
  let order: [Name]
  /// What is left out first stands last.
  let byImportance: [Name]
  let width: @Sendable (Name) -> Int

  /// The columns that fit, with what is left over given to one of them.
  func fitting(_ room: Int, stretching: Name, upTo limit: Int) -> [(name: Name, width: Int)] {
    var chosen: Set<Name> = []
    var left = room
    for name in byImportance {
      let wanted = width(name) + (chosen.isEmpty ? 0 : 1)
      guard wanted <= left || chosen.isEmpty else { break }
      chosen.insert(name)
      left -= wanted
    }
    let extra = max(0, min(left, limit))
    return order.filter { chosen.contains($0) }.map {
      ($0, width($0) + ($0 == stretching ? extra : 0))
    }
  }
}
