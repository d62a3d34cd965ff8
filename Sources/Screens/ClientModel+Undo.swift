internal import Canvas
internal import Ledger

extension ClientModel {
  /// The view as the user has it now.
  var viewState: ViewState {
    ViewState(
      filter: list.filter, sorting: list.sorting, grouping: list.grouping, columns: columns,
      marks: list.marks, showsFolded: list.showsFolded, ledgerFilter: ledgerFilter,
      logFilter: log.filter, arrangement: arrangement.isSplit ? arrangement : nil, zoom: zoom)
  }

  /// Takes note of what has become of the view; what is still being typed or tried is no step.
  mutating func noteView() {
    guard prompt == nil, !isLocked else { return }
    history.note(viewState)
  }

  /// Takes steps of the view back.
  mutating func undo(_ steps: Int) {
    noteView()
    let before = history.current
    let state = history.undo(steps)
    restore(state)
    say(.info, "Undone: \(before.difference(to: state)); \(left(history.steps))")
  }

  /// Does again what was undone.
  mutating func redo(_ steps: Int) {
    noteView()
    let before = history.current
    let state = history.redo(steps)
    restore(state)
    say(.info, "Done again: \(before.difference(to: state))")
  }

  private func left(_ steps: Int) -> String {
    steps == 0 ? "that was all" : steps == 1 ? "1 more step" : "\(steps) more steps"
  }

  private mutating func restore(_ state: ViewState) {
    list.filter = state.filter
    list.sorting = state.sorting
    list.grouping = state.grouping
    list.marks = state.marks
    list.showsFolded = state.showsFolded
    columns = state.columns
    if viewState.arrangement != state.arrangement || zoom != state.zoom {
      arrange(state.arrangement ?? Arrangement(screen), zoom: state.zoom)
    }
    log.use(filter: state.logFilter)
    sortList()
    if ledgerFilter != state.ledgerFilter {
      ledgerFilter = state.ledgerFilter
      applyLedgerFilter()
    }
    draw()
  }

  func historyObstacle(to name: String) -> Obstacle? {
    switch name {
    case "undo" where !history.canUndo && viewState == history.current:
      .nothing("there is nothing to undo")
    case "redo" where !history.canRedo || viewState != history.current:
      .nothing("there is nothing to do again")
    default: nil
    }
  }
}
