internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

/// A pane of the Overview, in the order that one goes through them.
enum OverviewPane: Int, CaseIterable, Hashable, Sendable {
  case positions
  case nav
  case movers
  case attribution
  case exposure
  case risk
  case notices
  case accounts
  case books

  /// The panes that are small tables.
  static let briefs: [OverviewPane] = [.nav, .movers, .attribution, .exposure, .risk]

  /// The screen that says more; `nil` where each row leads to a place of its own.
  var screen: Screen? {
    switch self {
    case .positions: .positions
    case .nav, .attribution: .profit
    case .exposure, .risk: .risk
    case .movers, .notices, .accounts, .books: nil
    }
  }
}

extension Room {
  /// The panes of the Overview, each with its place; `focused` alone where there is no room.
  ///
  /// What there is no room for takes the place of another pane while it is focused.
  func overview(focused: OverviewPane) -> [(pane: OverviewPane, place: Rect)] {
    guard isFull, place.width >= Room.leastWidth else { return [(focused, place)] }
    let isLarge = place.width >= 110 && place.height >= 28
    let places = isLarge ? largeOverview : smallOverview
    if places.contains(where: { $0.pane == focused }) { return places }
    // The last of the small panes gives way: accounts are a key away on their own screen.
    let guest = places.lastIndex { [.movers, .accounts, .nav].contains($0.pane) }
    return places.enumerated().map { index, one in
      (index == guest ? focused : one.pane, one.place)
    }
  }

  private var smallOverview: [(pane: OverviewPane, place: Rect)] {
    let noticeRows = place.height >= 18 ? 6 : place.height >= 14 ? 4 : 0
    let (notices, upper) = place.cutBottom(noticeRows)
    let columns = upper.columns([.fixed(max(34, place.width - 35)), .weight(1)])
    var panes: [(OverviewPane, Rect)] = [(.positions, columns[0])]
    if upper.height >= 12 {
      let (nav, movers) = columns[1].cutTop(8)
      panes += [(.nav, nav), (.movers, movers)]
    } else {
      panes.append((.nav, columns[1]))
    }
    return noticeRows > 0 ? panes + [(.notices, notices)] : panes
  }

  private var largeOverview: [(pane: OverviewPane, place: Rect)] {
    let isTall = place.height >= 45
    let (bottom, rest) = place.cutBottom(isTall ? 14 : 7)
    let (strip, upper) = rest.cutBottom(isTall ? 15 : 9)
    let isWide = place.width >= 150
    let top = upper.columns([.weight(isWide ? 55 : 60), .weight(isWide ? 45 : 40)])
    let middle = strip.columns([.weight(1), .weight(1), .weight(1), .weight(1)])
    let below = bottom.columns(
      isWide ? [.weight(46), .weight(32), .weight(22)] : [.weight(57), .weight(43)])
    let panes: [(OverviewPane, Rect)] = [
      (.positions, top[0]), (.nav, top[1]), (.movers, middle[0]), (.attribution, middle[1]),
      (.exposure, middle[2]), (.risk, middle[3]), (.notices, below[0]), (.accounts, below[1]),
    ]
    return isWide ? panes + [(.books, below[2])] : panes
  }
}

/// A small table of the Overview.
struct BriefTable: Sendable {
  var title: String
  var footer = ""
  /// What stands in the place of rows that are not there.
  var note = ""
  var columns: [TableColumn] = []
  var rows: [[TableCell]] = []
  /// What a row is of, where rows are of positions.
  var assets: [AssetID] = []
}

/// Which positions have moved most over 24 hours; rows keep their place while quotes move.
struct MoverList: Sendable {
  /// The most positions that are kept.
  static let limit = 50
  /// What a position is worth at least of the whole: dust that doubles moves nothing.
  static let leastWeight = 0.001
  /// How long an order holds, in milliseconds.
  static let pause: Int64 = 60_000

  private(set) var assets: [AssetID] = []
  /// How many positions of that weight have no price of a day ago.
  private(set) var unknown = 0
  private(set) var sortedAt: Instant?

  mutating func sort(_ board: PositionBoard, at now: Instant) {
    var moved: [(asset: AssetID, size: Double, text: String)] = []
    unknown = 0
    for row in board.rows {
      guard let row, !row.position.isFolded else { continue }
      guard let value = row.position.value else {
        unknown += 1
        continue
      }
      // Where the whole is nothing or less, nobody can say what is dust.
      guard abs(board.weight(of: value) ?? 1) >= MoverList.leastWeight else { continue }
      guard let ratio = row.dayRatio else {
        unknown += 1
        continue
      }
      moved.append((row.position.asset, abs(ratio), row.text))
    }
    moved.sort { a, b in a.size != b.size ? a.size > b.size : a.text < b.text }
    assets = moved.prefix(MoverList.limit).map(\.asset)
    sortedAt = now
  }

  /// Whether the order is so old that it is made anew where no key was pressed lately.
  func isOld(at now: Instant, lastKey: Instant) -> Bool {
    guard let sortedAt else { return true }
    return now >= sortedAt.advanced(byMilliseconds: MoverList.pause)
      && now >= lastKey.advanced(byMilliseconds: Timing.idle)
  }
}

extension ClientModel {
  /// The panes of the Overview that show.
  var overviewPanes: [(pane: OverviewPane, place: Rect)] {
    room(of: .overview).overview(focused: pane)
  }

  /// The boards that the panes of the Overview need.
  var overviewBoards: [String] {
    var names = [Board.alerts, Board.accounts]
    for (pane, place) in overviewPanes {
      switch pane {
      case .nav:
        names.append(Board.performance + ProfitPeriod.day.rawValue)
        if navCurve(in: Layout.inside(place)) != nil {
          names.append(Board.performance + ProfitPeriod.month.rawValue)
        }
      case .attribution:
        names.append(Board.gains + ProfitPeriod.day.rawValue)
        names.append(Board.performance + ProfitPeriod.day.rawValue)
      case .exposure: names.append(Board.exposure + "venue")
      case .risk: names += [Board.riskLive, Board.riskLimits, Board.stress]
      case .positions, .movers, .notices, .accounts, .books: break
      }
    }
    var known: Set<String> = []
    return names.filter { known.insert($0).inserted }
  }

  /// What stands in a small table of the Overview.
  func brief(_ pane: OverviewPane, _ width: Int) -> BriefTable {
    switch pane {
    case .nav: navTable(width)
    case .movers: moverTable(width)
    case .attribution: attributionTable(width)
    case .exposure: exposureTable(width)
    case .risk: riskSummary(width)
    case .positions, .notices, .accounts, .books: BriefTable(title: "")
    }
  }

  /// How many rows of a small table show.
  func briefRows(_ pane: OverviewPane) -> Int {
    let inside = Layout.inside(place(of: pane))
    let hasCurve = pane == .nav && navCurve(in: inside) != nil
    return hasCurve ? ClientModel.navRows : max(1, inside.height - 1)
  }

  /// Makes the order of the movers anew where it is old and nobody is at it.
  mutating func sortMovers() {
    guard let board, !isPaused, movers.isOld(at: now, lastKey: lastKey) else { return }
    movers.sort(board, at: now)
  }

  /// Opens what a row of a small table is of, or the screen that says more.
  mutating func openBrief(_ pane: OverviewPane) {
    let table = brief(pane, 40)
    let index = cursor(of: .brief(pane)).index
    if table.assets.indices.contains(index) {
      let asset = table.assets[index]
      if !goToPosition(asset) { say(.info, "The position is gone.") }
      return
    }
    if let screen = pane.screen { go(to: screen) }
  }
}
