internal import Amounts
internal import Ledger
internal import Wire

/// What a position is looked at by.
enum DrillView: Int, CaseIterable, Sendable {
  /// What each account has of it.
  case accounts
  /// The lots that are left.
  case lots
  /// The entries that moved it.
  case entries

  /// The view of a word.
  init?(word: String) {
    guard let view = DrillView.allCases.first(where: { "\($0)" == word.lowercased() }) else {
      return nil
    }
    self = view
  }
}

/// How deep one has gone into a position.
struct DrillDown: Sendable {
  /// The position.
  let asset: AssetID
  var view = DrillView.accounts
  /// The account whose lots and entries are meant; all of them unless one was opened.
  private(set) var account: AccountID?
  /// The row among its accounts.
  var cursor = ListCursor()
  /// The lots, once they were looked at.
  private(set) var lotWindow: LotWindow?
  /// The entries, once they were looked at.
  private(set) var entryWindow: LedgerWindow?

  init(asset: AssetID) { self.asset = asset }

  /// The list that keys move in.
  var focus: Focus {
    switch view {
    case .accounts: .parts
    case .lots: .lots
    case .entries: .entries
    }
  }

  var lots: LotWindow? {
    get { lotWindow }
    set { lotWindow = newValue }
  }

  var entries: LedgerWindow? {
    get { entryWindow }
    set { entryWindow = newValue }
  }

  /// One level up with the cursor where it was; `nil` is the list of positions.
  var above: DrillDown? {
    if view == .accounts { return nil }
    var place = self
    place.view = .accounts
    place.narrow(to: nil)
    return place
  }

  /// Goes to another view of the same thing.
  mutating func go(to view: DrillView) {
    self.view = view
    if view == .lots, lotWindow == nil { lotWindow = LotWindow(asset, of: account) }
    if view == .entries, entryWindow == nil {
      entryWindow = LedgerWindow(LedgerQuery(asset: asset, account: account))
    }
  }

  /// Looks at one account's part only, or at all of them.
  mutating func narrow(to account: AccountID?) {
    guard account != self.account else { return }
    self.account = account
    lotWindow = nil
    entryWindow = nil
  }

  /// Forgets the questions of a talk that has ended.
  mutating func reconnect() {
    lotWindow?.reconnect()
    entryWindow?.reconnect()
  }

  /// Takes note that the ledger has changed.
  mutating func age() {
    lotWindow?.age()
    entryWindow?.age()
  }

  /// The questions that the entries on the screen need.
  mutating func shownEntries(
    height: Int, id: () -> UInt64
  ) -> [(id: UInt64, query: LedgerQuery)] {
    guard view == .entries else { return [] }
    return entryWindow?.questions(height: height, id: id) ?? []
  }
}

/// A part of a position that was acquired at once, as the engine tells it.
struct LotLine: PageRow {
  /// The lot as commands name it; empty for a pool.
  let lot: String
  /// Since when it is held; empty for a pool.
  let acquired: String
  let account: String
  let quantity: Fixed?
  let cost: Fixed?
  let unitCost: Fixed?
  let value: Fixed?
  let gain: Fixed?
  let term: String

  init(_ report: Report, _ row: Int) {
    func amount(_ name: String) -> Fixed? {
      if case .amount(let amount) = report.cell(row, name) { return amount }
      return nil
    }
    lot = report.text(row, "lot").shortened(to: 80)
    acquired = report.text(row, "acquired").shortened(to: 40)
    account = report.text(row, "account").shortened(to: 128)
    quantity = amount("quantity")
    cost = amount("cost")
    unitCost = amount("unit_cost")
    value = amount("value")
    gain = amount("unrealised")
    term = report.text(row, "term").shortened(to: 16)
  }

  var pageIdentity: String { "\(lot) \(account) \(acquired)" }

  /// The entry that made it; `nil` for a pool.
  var entry: EntryID? { lot.split(separator: ".").first.flatMap { EntryID(String($0)) } }

  /// What was gained for what was paid.
  var ratio: Double? {
    guard let gain, let cost, cost > .zero else { return nil }
    return Figures.ratio(gain, of: cost)
  }
}

/// A window on the lots of a position.
struct LotWindow: Sendable {
  let asset: AssetID
  let account: AccountID?
  private var pages = PageWindow<LotLine>()
  /// What the engine said of all of them, without the rows.
  private(set) var facts: Report?
  /// Why there are none to show; empty where there is no reason.
  private(set) var problem = ""

  init(_ asset: AssetID, of account: AccountID?) {
    self.asset = asset
    self.account = account
  }

  var total: Int? { pages.total }
  var count: Int { pages.count }
  /// How many lots are in memory.
  var loaded: Int { pages.loaded }
  var cursor: ListCursor {
    get { pages.cursor }
    set { pages.cursor = newValue }
  }
  var selected: LotLine? { pages.selected }

  func lot(_ row: Int) -> LotLine? { pages.row(row) }

  /// How cost is found, as a word: `fifo`.
  var method: String { facts?["method"].plain.shortened(to: 20) ?? "" }

  /// Whether lots belong to all accounts together, so that none is an account's own.
  var isUniversal: Bool { facts?["scope"].plain == "universal" }

  /// The questions that the rows on the screen need.
  mutating func questions(height: Int, id: () -> UInt64) -> [(id: UInt64, request: Request)] {
    pages.questions(height: height, id: id).map { question in
      var arguments = [
        "asset": asset.text, "offset": String(question.offset), "limit": String(question.limit),
      ]
      arguments["account"] = account?.slug
      return (question.id, Request("lots", arguments))
    }
  }

  /// Takes an answer; false where nobody here has asked for it.
  mutating func take(_ report: Report, id: UInt64) -> Bool {
    let rows = report.rows.indices.prefix(PageLimits.rows).map { LotLine(report, $0) }
    guard case .integer(let total) = report["lots"],
      pages.take(rows, total: Int(clamping: total), id: id)
    else {
      return pages.giveUp(id: id)
    }
    problem = ""
    facts = Report(facts: report.facts)
    return true
  }

  /// Gives a question up that was refused.
  mutating func giveUp(id: UInt64, _ reason: String) {
    if pages.giveUp(id: id) { problem = reason }
  }

  mutating func age() { pages.age() }
  mutating func reconnect() { pages.reconnect() }
}
