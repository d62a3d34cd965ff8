internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

/// A row of a screen that can be gone back to.
struct Place: Hashable, Sendable {
  /// What tells the row from the others.
  enum Row: Hashable, Sendable {
    case asset(AssetID)
    case account(String)
    case alert(Int64)
    /// A row of a ledger that grows at its top: how many are below it.
    case entry(above: Int, filter: String)
    case index(Int)
  }

  let screen: Screen
  let focus: Focus
  let row: Row
  /// What it is called, for people.
  let title: String
}

/// Going to rows by a letter.
extension ClientModel {
  /// The letter of the place before the last jump.
  static let placeBefore: Character = "'"

  /// What may stand for a place or a macro.
  static func isLetter(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber)
  }

  /// The place under the cursor.
  var place: Place? {
    let focus = focus
    let index = cursor(of: focus).index
    func place(_ row: Place.Row, _ name: String) -> Place {
      let title = [screen.title, Sanitiser.line(name.shortened(to: 80))]
      return Place(
        screen: screen, focus: focus, row: row,
        title: title.filter { !$0.isEmpty }.joined(separator: "  "))
    }
    switch focus {
    case .overlay: return nil
    case .positions, .top:
      let list = focus == .top ? top : list
      guard let board, let row = list.selected(on: board) else { return place(.index(0), "") }
      return place(.asset(row.position.asset), board.name(of: row))
    case .parts, .lots, .entries:
      guard let board, let asset = drill?.asset else { return nil }
      return place(.asset(asset), board.name(of: asset))
    case .gains:
      return place(.index(index), gainsBoard.text(index, "asset"))
    case .accounts:
      guard let accounts = board?.accounts, accounts.indices.contains(index) else { return nil }
      return place(.account(accounts[index].id.slug), accounts[index].name)
    case .connections, .feeds:
      let row = connectionCursor.index
      return place(.account(connections.text(row, "account")), connections.text(row, "name"))
    case .alerts, .why:
      guard let id = alertBoard.integer(alertCursor.index, "id") else {
        return place(.index(0), "")
      }
      // The name stays when amounts are hidden later, so it is the one without any.
      return place(.alert(id), alertBoard.text(alertCursor.index, "outside"))
    case .ledger:
      let name = ledger.selected.map { "\(Times.date($0.time)) \(Times.minute($0.time))" } ?? ""
      return place(.entry(above: ledger.count - index, filter: ledgerFilter), name)
    default: return place(.index(index), index == 0 ? "" : "row \(index + 1)")
    }
  }

  /// Remembers the place under the cursor.
  mutating func setPlace(_ word: String?) {
    guard let word else { return openMenu(.place, placeChoices) }
    guard let letter = word.first, word.count == 1, ClientModel.isLetter(letter) else {
      return say(.error, "place: give one letter")
    }
    guard let place else { return say(.info, "place: there is no row here") }
    places[letter] = place
    say(.info, "'\(letter) is \(place.title)")
  }

  /// Goes to a place that was remembered.
  mutating func jump(_ word: String?) {
    guard let word else { return openMenu(.jump, placeChoices) }
    guard let letter = word.first, word.count == 1, let place = places[letter] else {
      return say(.info, "jump: nothing is remembered under '\(word.prefix(1))'")
    }
    let before = self.place
    go(to: place)
    if let before { places[ClientModel.placeBefore] = before }
    draw()
  }

  private mutating func go(to place: Place) {
    switch place.row {
    case .asset(let asset) where place.screen == .positions:
      if !goToPosition(asset) { return say(.info, "\(place.title) is gone.") }
    case .account(let slug) where place.screen == .accounts: goToAccount(slug)
    case .alert(let id): goToAlert(id)
    default:
      go(to: place.screen)
      focus(on: place)
    }
  }

  /// Puts the cursor on the row of a place whose screen shows.
  private mutating func focus(on place: Place) {
    switch place.focus {
    case .top: pane = .positions
    case .accounts: pane = .accounts
    case .books: pane = .books
    case .notices: pane = .notices
    case .brief(let brief): pane = brief
    default: break
    }
    if place.screen == .positions { drill = nil }
    switch place.row {
    case .index(let index): move(to: index, of: place.focus)
    case .asset(let asset):
      let slot = board?.slot(of: asset)
      guard let index = top.order.firstIndex(where: { $0 == slot }) else {
        return say(.info, "\(place.title) is gone.")
      }
      move(to: index, of: .top)
    case .account(let slug):
      guard let index = board?.accounts.firstIndex(where: { $0.id.slug == slug }) else {
        return say(.info, "\(place.title) is gone.")
      }
      move(to: index, of: .accounts)
    case .entry(let above, let filter):
      if filter != ledgerFilter {
        ledgerFilter = filter
        applyLedgerFilter()
        return say(.info, "The ledger is filtered again; its newest entry is first.")
      }
      move(to: ledger.count - above, of: .ledger)
    case .alert: break
    }
  }

  private mutating func move(to row: Int, of wanted: Focus) {
    guard focus == wanted else { return }
    var cursor = cursor(of: wanted)
    cursor.place(row, count: count(of: wanted))
    put(cursor, in: wanted)
  }

  private var placeChoices: [Choice] {
    places.keys.sorted().compactMap { letter in
      guard let place = places[letter] else { return nil }
      var choice = Choice(.letter(letter), place.title)
      choice.letter = letter
      return choice
    }
  }
}
