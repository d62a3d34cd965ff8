internal import Ledger

/// What the user has made of the view: all that undo takes back.
struct ViewState: Equatable, Sendable {
  var filter = PositionFilter()
  var sorting = PositionOrder()
  var grouping = PositionGrouping.none
  var columns = PositionColumns()
  var marks: Set<AssetID> = []
  var showsFolded = false
  var ledgerFilter = ""
  var logFilter = ""
  /// The screens that share the body; `nil` for one alone, whichever that is.
  var arrangement: Arrangement?
  var zoom = PaneZoom.normal

  /// What is different in another state, in words.
  func difference(to other: ViewState) -> String {
    var words: [String] = []
    if filter != other.filter { words.append("filter") }
    if sorting != other.sorting { words.append("order") }
    if grouping != other.grouping { words.append("groups") }
    if columns != other.columns { words.append("columns") }
    if marks != other.marks { words.append("marks") }
    if showsFolded != other.showsFolded { words.append("folded positions") }
    if ledgerFilter != other.ledgerFilter { words.append("filter of the ledger") }
    if arrangement != other.arrangement || zoom != other.zoom { words.append("panes") }
    if logFilter != other.logFilter { words.append("filter of the log") }
    return words.joined(separator: " and ")
  }
}

/// The states that the view has gone through, so that it can go back and forth.
struct ViewHistory: Sendable {
  /// The most steps that are kept.
  static let limit = 100

  /// The state that was taken note of last.
  private(set) var current: ViewState
  private var past: [ViewState] = []
  private var future: [ViewState] = []

  init(_ state: ViewState = ViewState()) { current = state }

  var canUndo: Bool { !past.isEmpty }
  var canRedo: Bool { !future.isEmpty }
  /// How many steps can be taken back.
  var steps: Int { past.count }

  /// Takes note of a state; what was undone before can no longer be redone where it is a new one.
  mutating func note(_ state: ViewState) {
    guard state != current else { return }
    past.append(current)
    if past.count > ViewHistory.limit { past.removeFirst() }
    future = []
    current = state
  }

  /// Goes back by some steps, as far as there are any.
  mutating func undo(_ steps: Int) -> ViewState {
    for _ in 0..<min(max(0, steps), past.count) {
      guard let state = past.popLast() else { break }
      future.append(current)
      current = state
    }
    return current
  }

  /// Goes forward again by some steps, as far as there are any.
  mutating func redo(_ steps: Int) -> ViewState {
    for _ in 0..<min(max(0, steps), future.count) {
      guard let state = future.popLast() else { break }
      past.append(current)
      current = state
    }
    return current
  }
}
