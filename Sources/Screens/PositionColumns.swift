/// Which columns the table of positions has, and in which order.
///
/// As long as nobody has chosen, the table takes what matters most and fits. Once chosen, it takes
/// the columns from left to right as far as there is room. Small and plain text both ways, so that it
/// can be kept.
struct PositionColumns: Hashable, Sendable {
  /// All columns, each once, from left to right; empty where nobody has chosen.
  private var order: [PositionColumn] = []
  private var absent: Set<PositionColumn> = []

  /// As it comes.
  init() {}

  /// Starts a choice with what shows now: first that, then the others, none of them absent.
  init(showing shown: [PositionColumn]) {
    for column in shown + PositionColumn.byImportance + PositionColumn.allCases
    where !order.contains(column) {
      order.append(column)
    }
  }

  /// Reads what `words` has written; `nil` where a word is no column or stands there twice.
  ///
  /// Columns that are not named are hidden; the asset always shows, first where it is not named.
  init?(words: [String]) {
    guard !words.isEmpty else {
      self.init()
      return
    }
    var columns: [PositionColumn] = []
    for word in words {
      guard let column = PositionColumn.named(word), !columns.contains(column) else { return nil }
      columns.append(column)
    }
    if !columns.contains(.asset) { columns.insert(.asset, at: 0) }
    self.init(showing: columns)
    absent = Set(order).subtracting(columns)
  }

  /// The names of the columns that may show, from left to right; none where nobody has chosen.
  var words: [String] { shown.map(\.rawValue) }

  /// Whether somebody has chosen.
  var isChosen: Bool { !order.isEmpty }

  /// All columns, from left to right.
  var all: [PositionColumn] { isChosen ? order : PositionColumn.allCases }

  /// The chosen columns that are not hidden, from left to right; none where nobody has chosen.
  var shown: [PositionColumn] { order.filter { !absent.contains($0) } }

  /// Whether a column may show.
  func shows(_ column: PositionColumn) -> Bool { !absent.contains(column) }

  /// Shows a column or hides it; false for the asset, without which a row says nothing.
  mutating func toggle(_ column: PositionColumn) -> Bool {
    guard column != .asset, order.contains(column) else { return false }
    if absent.remove(column) == nil { absent.insert(column) }
    return true
  }

  /// Moves a column to the left or the right; false at the end.
  mutating func move(_ column: PositionColumn, by step: Int) -> Bool {
    guard let index = order.firstIndex(of: column), order.indices.contains(index + step) else {
      return false
    }
    order.swapAt(index, index + step)
    return true
  }
}
