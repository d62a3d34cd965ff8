internal import Canvas
internal import Wire

/// How large the screen with the keys is made beside the others.
enum PaneZoom: Int, CaseIterable, Hashable, Sendable {
  /// As the arrangement has it.
  case normal
  /// Two thirds of every split it is in.
  case large
  /// All of the body.
  case full
}

/// Several screens at once. `panes` is the one place that says where a screen stands; what draws a
/// screen and what counts its rows ask `room(of:)`.
extension ClientModel {
  /// The screens that show, with their places; the one with the keys alone where there is no room.
  var panes: [(screen: Screen, place: Rect)] {
    let body = layout.body
    guard arrangement.isSplit, zoom != .full else { return [(screen, body)] }
    if isTold { return arrangement.screens.map { ($0, body) } }
    guard layout.kind == .full,
      let places = arrangement.places(in: body, grown: zoom == .large ? screen : nil)
    else { return [(screen, body)] }
    return places
  }

  /// Where a screen stands; one that does not show would take the place of the one with the keys.
  func room(of wanted: Screen) -> Room {
    let panes = panes
    let place =
      (panes.first { $0.screen == wanted } ?? panes.first { $0.screen == screen })?.place
    return Room(place: place ?? layout.body, isFull: layout.kind == .full)
  }

  /// Whether a screen is to be seen.
  func shows(_ wanted: Screen) -> Bool { panes.contains { $0.screen == wanted } }

  /// Whether keys work on a screen and on nothing that lies over it.
  func hasKeys(_ wanted: Screen) -> Bool { screen == wanted && overlays.isEmpty }

  /// Does a command about panes; false where it is none.
  mutating func runPanes(_ call: Invocation) -> Bool {
    switch call.name {
    case "next-pane": nextPane(by: 1)
    case "previous-pane": nextPane(by: -1)
    case "split": split(.below, call.arguments.first)
    case "vsplit": split(.beside, call.arguments.first)
    case "next-split": nextSplit(by: 1)
    case "previous-split": nextSplit(by: -1)
    case "close-pane": closePane()
    case "only": arrange(Arrangement(screen))
    case "pane-grow": enlarge(by: 1)
    case "pane-shrink": enlarge(by: -1)
    case "layout": layout(call.arguments)
    default: return false
    }
    return true
  }

  /// Shows screens in another arrangement; the keys stay where they are, as far as that shows.
  mutating func arrange(_ new: Arrangement, zoom: PaneZoom = .normal) {
    arrangement = new
    self.zoom = new.isSplit ? zoom : .normal
    if !new.contains(screen), let first = new.screens.first { go(to: first) }
    sortAll()
    draw()
  }

  /// Gives the keys to the screen that was clicked on.
  mutating func goToScreen(at point: Point) {
    guard overlays.isEmpty, let pane = panes.first(where: { $0.place.contains(point) }) else {
      return
    }
    go(to: pane.screen)
  }

  private mutating func split(_ axis: Arrangement.Axis, _ word: String?) {
    guard let new = splitScreen(word) else {
      let name = axis == .below ? "split" : "vsplit"
      return say(.error, "\(name): there is no screen '\((word ?? "").prefix(20))'")
    }
    if arrangement.contains(new) {
      go(to: new)
      return say(.info, "\(new.title) shows already.")
    }
    guard arrangement.split(screen, axis, with: new) else { return }
    zoom = .normal
    go(to: new)
  }

  /// The screen that is named, or one that does not show yet: the last one before any other.
  private func splitScreen(_ word: String?) -> Screen? {
    if let word { return Screen.named(word) }
    return ([lastScreen] + Screen.allCases).first { !arrangement.contains($0) }
  }

  private mutating func closePane() {
    let screens = arrangement.screens
    let index = screens.firstIndex(of: screen) ?? 0
    let rest = screens.filter { $0 != screen }
    guard arrangement.remove(screen), let near = rest[safe: index] ?? rest.last else { return }
    zoom = .normal
    go(to: rest.contains(lastScreen) ? lastScreen : near)
  }

  private mutating func enlarge(by step: Int) {
    zoom = PaneZoom(rawValue: zoom.rawValue + step) ?? zoom
    draw()
  }

  private mutating func nextSplit(by step: Int) {
    let screens = arrangement.screens
    let index = screens.firstIndex(of: screen) ?? 0
    go(to: screens[(index + step + screens.count) % screens.count])
  }
}

extension Array {
  /// The element of a number; `nil` where there is none.
  fileprivate subscript(safe index: Int) -> Element? {
    indices.contains(index) ? self[index] : nil
  }
}

// MARK: - The panes of a screen

extension ClientModel {
  /// Goes to another pane of this screen and, beyond its last one, to the next screen that shows.
  private mutating func nextPane(by step: Int) {
    let (index, count) = walk
    let isAtEnd = !(0..<count).contains(index + step)
    if isAtEnd, panes.count > 1 {
      nextSplit(by: step)
      // One comes in at the side one came from; how deep one is in a position stays.
      if drill == nil || screen != .positions { walk(to: step > 0 ? 0 : walk.count - 1) }
    } else if focus == .positions {
      open()
    } else {
      walk(to: (index + step + count) % count)
    }
    draw()
  }

  /// The pane of the screen that keys work on, and how many it has.
  private var walk: (index: Int, count: Int) {
    switch focus {
    case .top, .accounts, .books, .notices, .brief:
      // What has no room takes the place of another pane while it has the keys.
      return (pane.rawValue, OverviewPane.allCases.count)
    case .parts, .lots, .entries:
      return (drill.flatMap { drillViews.firstIndex(of: $0.view) } ?? 0, drillViews.count)
    case .connections, .feeds:
      return (focus == .feeds ? 1 : 0, connections.rows.isEmpty ? 1 : 2)
    case .alerts, .why: return (focus == .why ? 1 : 0, alertBoard.rows.isEmpty ? 1 : 2)
    case .risk: return (riskPane.rawValue, RiskPane.allCases.count)
    case .overlay, .positions, .ledger, .gains, .heat, .log, .past: return (0, 1)
    }
  }

  private mutating func walk(to index: Int) {
    switch focus {
    case .top, .accounts, .books, .notices, .brief: pane = OverviewPane.allCases[index]
    case .parts, .lots, .entries:
      let view = drillViews[index]
      drill?.go(to: view)
    case .connections, .feeds: accountPane = index == 0 ? .list : .feeds
    case .alerts, .why: alertPane = index == 0 ? .list : .why
    case .risk: riskPane = RiskPane.allCases[index]
    case .overlay, .positions, .ledger, .gains, .heat, .log, .past: break
    }
  }

  private var drillViews: [DrillView] {
    drill?.account == nil ? DrillView.allCases : [.lots, .entries]
  }
}

// MARK: - Layouts

/// Arrangements that come with the program.
enum ReadyLayouts {
  static let all: [String: Arrangement] = [
    "desk": made(.split(.beside, [.init(node: .pane(.positions)), .init(node: gains)])),
    "risk": made(.split(.beside, [.init(node: .pane(.risk)), .init(node: .pane(.heatmap))])),
  ]

  /// Gains over alerts.
  private static let gains = Arrangement.Node.split(
    .below, [.init(node: .pane(.profit)), .init(node: .pane(.alerts))])

  private static func made(_ node: Arrangement.Node) -> Arrangement {
    Arrangement(node) ?? Arrangement(.overview)
  }
}

/// Names that layouts may have.
enum LayoutName {
  /// The most layouts of a user.
  static let countLimit = 32
  /// Words that mean something else behind `layout`.
  static let reserved: Set<String> = ["save", "delete", "none"]

  /// What is wrong with a name; `nil` where nothing is.
  static func fault(_ name: String) -> String? {
    if reserved.contains(name) { return "'\(name)' means something else" }
    let isSound = name.allSatisfy { sign in
      sign.isASCII && (sign.isLetter || sign.isNumber || sign == "-" || sign == "_")
    }
    return isSound && (1...32).contains(name.count)
      ? nil : "a name has up to 32 letters, digits, '-' and '_'"
  }
}

extension ClientModel {
  /// All layouts: the user's own before those of the same name that come with the program.
  var allLayouts: [String: Arrangement] { ReadyLayouts.all.merging(layouts) { $1 } }
  var layoutNames: [String] { allLayouts.keys.sorted() }

  /// The layout that shows, as one would ask for it: its name where it has one.
  var layoutText: String {
    guard arrangement.isSplit else { return "none" }
    let name = layoutNames.first { allLayouts[$0] == arrangement }
    return name ?? arrangement.text
  }

  /// The arrangement of a name or of its text.
  func arrangement(of text: String) -> Result<Arrangement, SettingFault> {
    if text == "none" { return .success(Arrangement(screen)) }
    if let known = allLayouts[text] { return .success(known) }
    do {
      let read = try Arrangement(parsing: text)
      if read.isSplit { return .success(read) }
    } catch {
      if text.contains(where: { "|/(".contains($0) }) {
        return .failure(SettingFault(error.text))
      }
    }
    let near = Spelling.nearest(to: text, among: layoutNames)
    return .failure(
      SettingFault(
        "there is no layout '\(Sanitiser.line(text, columns: 40))'"
          + (near.map { " (did you mean '\($0)'?)" } ?? "")))
  }

  private mutating func layout(_ words: [String]) {
    switch (words.first, words.count) {
    case (nil, _): openMenu(.layout, layoutChoices)
    case ("save", 2): saveLayout(words[1])
    case ("delete", 2): deleteLayout(words[1])
    case ("save", _), ("delete", _): say(.error, "layout: give one name")
    default:
      switch arrangement(of: words.joined(separator: " ")) {
      case .success(let arrangement): arrange(arrangement)
      case .failure(let fault): say(.error, "layout: \(fault.message)")
      }
    }
  }

  private mutating func saveLayout(_ name: String) {
    if let fault = LayoutName.fault(name) { return say(.error, "layout: \(fault)") }
    guard layouts[name] != nil || layouts.count < LayoutName.countLimit else {
      return say(.error, "layout: there are \(LayoutName.countLimit) already")
    }
    layouts[name] = arrangement
    keep([KeptSetting(name: "layouts.\(name)", text: arrangement.text)])
  }

  private mutating func deleteLayout(_ name: String) {
    guard layouts.removeValue(forKey: name) != nil else {
      let reason =
        ReadyLayouts.all[name] == nil ? "there is no layout '\(name.prefix(40))'" : "it is built in"
      return say(.error, "layout: \(reason)")
    }
    keep([KeptSetting(name: "layouts.\(name)", text: nil)])
  }

  private var layoutChoices: [Choice] {
    let names = layoutNames
    return zip(names, Menu.letters(for: names)).map { name, letter in
      let arrangement = allLayouts[name] ?? Arrangement(screen)
      var choice = Choice(.layout(name), name)
      choice.letter = letter
      choice.note = arrangement.text
      if arrangement == self.arrangement { choice.isOn = true }
      return choice
    }
  }
}
