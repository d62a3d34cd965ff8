internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

/// Going from match to match of what was looked for last.
extension ClientModel {
  /// Moves the cursor to the next row that fits what was filtered or searched last, at the end to the first.
  mutating func goToMatch(by step: Int) {
    let focus = focus
    let count = count(of: focus)
    let start = cursor(of: focus).index
    guard count > 0, let fits = matcher else { return }
    // Forwards from the row below, backwards from the row above, once round.
    let rows = (1...count).lazy.map { ((start + $0 * step) % count + count) % count }
    guard let row = rows.first(where: { fits($0) }) else {
      return say(.info, "Nothing here fits '\(lastSearch.shortened(to: 60))'.")
    }
    var cursor = cursor(of: focus)
    cursor.place(row, count: count)
    put(cursor, in: focus)
    if step > 0 ? row <= start : row >= start {
      say(
        .info,
        row == start ? "There is no other." : "Round the end: '\(lastSearch.shortened(to: 60))'")
    }
    draw()
  }

  func matchObstacle() -> Obstacle? {
    if lastSearch.isEmpty { return .nothing("nothing was filtered or searched yet") }
    let isList =
      focus == .overlay
      ? overlays.last?.overlay.isPage == true
      : [.positions, .top, .accounts, .connections, .alerts, .gains, .log].contains(focus)
    return isList && count(of: focus) > 0 ? nil : .nothing("there is no list to search here")
  }

  /// Says whether a row of the focused list fits the last search; `nil` where rows cannot be searched.
  private var matcher: ((Int) -> Bool)? {
    let wanted = lastSearch.lowercased()
    func plain(_ text: @escaping (Int) -> String) -> (Int) -> Bool {
      { text($0).lowercased().contains(wanted) }
    }
    switch focus {
    case .positions, .top:
      guard let board else { return nil }
      let list = focus == .top ? top : list
      let filter = try? PositionFilter(parsing: lastSearch)
      let bytes = Array(wanted.utf8)
      let now = now
      return { index in
        guard let row = list.row(at: index, on: board) else { return false }
        return filter?.accepts(row, on: board, at: now) ?? row.contains(bytes)
      }
    case .overlay:
      guard let open = overlays.last, open.overlay.isPage else { return nil }
      let lines = lines(of: open, in: 0..<lineCount(of: open))
      return plain { lines.indices.contains($0) ? lines[$0].plain : "" }
    case .accounts:
      let accounts = board?.accounts ?? []
      return plain {
        accounts.indices.contains($0) ? "\(accounts[$0].name) \(accounts[$0].venue)" : ""
      }
    case .connections:
      let board = connections
      return plain {
        "\(board.text($0, "name")) \(board.text($0, "venue")) \(board.text($0, "state"))"
      }
    case .alerts:
      let board = alertBoard
      let isPrivate = isPrivate
      return plain { row in
        let title = board.text(row, isPrivate ? "outside" : "title")
        return "\(title) \(board.text(row, "rule")) \(board.text(row, "severity"))"
      }
    case .log:
      let log = log
      return { row in log.entry(row).map { log.contains($0, wanted) } ?? false }
    case .gains:
      let board = gainsBoard
      return plain { "\(board.text($0, "asset")) \(board.text($0, "identity"))" }
    default: return nil
    }
  }
}
