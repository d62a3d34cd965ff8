internal import Ledger
internal import Wire

extension Entry: PageRow {
  var pageIdentity: EntryID { id }
}

/// A window on a ledger of any length.
struct LedgerWindow: Sendable {
  /// Which entries are wanted; `offset` and `limit` are set page by page.
  let query: LedgerQuery
  private var pages = PageWindow<Entry>()

  /// Starts at the newest entry.
  init(_ query: LedgerQuery = LedgerQuery()) { self.query = query }

  /// How many entries there are; `nil` until the engine has said so.
  var total: Int? { pages.total }

  /// How many rows there are, as far as is known.
  var count: Int { pages.count }

  /// Where the cursor is.
  var cursor: ListCursor {
    get { pages.cursor }
    set { pages.cursor = newValue }
  }

  /// How many entries are in memory.
  var loaded: Int { pages.loaded }

  /// Whether an answer is awaited.
  var isWaiting: Bool { pages.isWaiting }

  /// The entry in a row; `nil` where it is not in memory.
  func entry(_ row: Int) -> Entry? { pages.row(row) }

  /// The entry under the cursor.
  var selected: Entry? { pages.selected }

  /// The questions that the rows on the screen need.
  mutating func questions(height: Int, id: () -> UInt64) -> [(id: UInt64, query: LedgerQuery)] {
    pages.questions(height: height, id: id).map { question in
      var asking = query
      asking.offset = question.offset
      asking.limit = question.limit
      return (question.id, asking)
    }
  }

  /// Takes an answer; false where nobody here has asked for it.
  mutating func take(_ page: LedgerPage, id: UInt64) -> Bool {
    pages.take(page.entries, total: page.total, id: id)
  }

  /// Gives a question up that was refused; false where nobody here has asked it.
  mutating func giveUp(id: UInt64) -> Bool { pages.giveUp(id: id) }

  /// Takes note that entries were added.
  mutating func age() { pages.age() }

  /// Forgets the questions of a talk that has ended.
  mutating func reconnect() { pages.reconnect() }
}
