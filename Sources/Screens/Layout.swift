internal import Canvas

/// Where things stand on a terminal of some size; keys ask it for page heights, drawing for places.
struct Layout: Sendable {
  /// How much of the frame there is room for.
  enum Kind: Sendable {
    /// Not a single word fits.
    case nothing
    /// Only the word that it is too small.
    case tooSmall
    /// One pane without tabs and hints.
    case single
    /// Everything.
    case full
  }

  /// The smallest terminal that shows figures.
  static let least = Size(width: 20, height: 5)
  /// The smallest terminal with the whole frame.
  static let leastFull = Size(width: 60, height: 12)

  let kind: Kind
  let header: Rect
  let tabs: Rect
  let body: Rect
  let message: Rect
  let hints: Rect

  init(_ size: Size) {
    let all = Rect(origin: .zero, size: size)
    if size.width < 2 || size.height < 1 {
      kind = .nothing
    } else if !size.holds(width: Layout.least.width, height: Layout.least.height) {
      kind = .tooSmall
    } else if size.holds(width: Layout.leastFull.width, height: Layout.leastFull.height) {
      kind = .full
    } else {
      kind = .single
    }
    let isFull = kind == .full
    let parts = all.rows([
      .fixed(1), .fixed(isFull ? 1 : 0), .weight(1), .fixed(1), .fixed(isFull ? 1 : 0),
    ])
    (header, tabs, body, message, hints) = (parts[0], parts[1], parts[2], parts[3], parts[4])
  }

  /// The inside of a pane's frame; a pane of a few rows has none.
  static func inside(_ pane: Rect) -> Rect {
    hasFrame(pane) ? pane.inset(horizontal: 1, vertical: 1) : pane
  }

  /// Whether there is room for a frame around a pane.
  static func hasFrame(_ pane: Rect) -> Bool { pane.height >= 4 }

  /// How many rows of a table a pane shows below its column titles.
  static func tableRows(_ pane: Rect) -> Int { max(1, inside(pane).height - 1) }
}

/// Where one screen stands.
struct Room: Hashable, Sendable {
  /// The place that all of it is drawn in.
  let place: Rect
  /// Whether the terminal is large enough for more than one pane of a screen.
  let isFull: Bool

  /// Narrower than this, panes of a screen have no room beside each other.
  static let leastWidth = Layout.leastFull.width

  /// The list of positions and, where there is room, the parts of the one under the cursor.
  var positions: (list: Rect, parts: Rect?) {
    guard isFull else { return (place, nil) }
    if place.width >= 150 {
      let columns = place.columns([.weight(1), .fixed(66)])
      return (columns[0], columns[1])
    }
    guard place.height >= 16 else { return (place, nil) }
    let (parts, list) = place.cutBottom(place.height >= 28 ? 10 : 7)
    return (list, parts)
  }
}

/// A screen that exists.
enum Screen: String, CaseIterable, Sendable {
  case overview
  case positions
  case profit = "pnl"
  case risk
  case heatmap
  case alerts
  case ledger
  case accounts
  case log

  /// The screens that stand in the tab row; the heat map is a part of Risk, and the log is looked at seldom.
  static let tabs = allCases.filter { $0 != .heatmap && $0 != .log }

  /// The word in the tab row.
  var title: String {
    switch self {
    case .overview: "Overview"
    case .positions: "Positions"
    case .alerts: "Alerts"
    case .profit: "P&L"
    case .ledger: "Ledger"
    case .accounts: "Accounts"
    case .risk: "Risk"
    case .heatmap: "Heat map"
    case .log: "Log"
    }
  }

  /// What `screen` is followed by in keymaps.
  var argument: String {
    switch self {
    case .overview: "1"
    case .positions: "2"
    case .alerts: "5"
    case .profit: "3"
    case .ledger: "ledger"
    case .accounts: "8"
    case .risk: "4"
    case .heatmap: "heatmap"
    case .log: "log"
    }
  }

  /// The screen of a number or a name.
  static func named(_ word: String) -> Screen? {
    switch word.lowercased() {
    case "1", "overview": .overview
    case "2", "positions": .positions
    case "5", "alerts": .alerts
    case "3", "pnl", "p&l": .profit
    case "0", "ledger": .ledger
    case "8", "accounts": .accounts
    case "4", "risk": .risk
    case "heatmap", "correlation": .heatmap
    case "log": .log
    default: nil
    }
  }

  /// What a number or name stands for that comes later.
  static func later(_ word: String) -> String? {
    switch word.lowercased() {
    case "6", "rebalance": "Rebalance"
    case "7", "orders": "Orders"
    case "9", "tax": "Tax"
    default: nil
    }
  }
}
