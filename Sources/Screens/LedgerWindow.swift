internal import Ledger
internal import Wire

/// A window on a ledger of any length: only the pages around it are kept.
struct LedgerWindow: Sendable {
  /// Entries asked for at a time.
  static let pageSize = 200
  /// Pages kept.
  static let pageLimit = 4

  /// Which entries are wanted; `offset` and `limit` are set page by page.
  let query: LedgerQuery
  /// How many entries there are; `nil` until the engine has said so.
  private(set) var total: Int?
  /// Where the cursor is.
  var cursor = ListCursor()
  private var pages: [Int: [Entry]] = [:]
  /// Pages asked for, with the number of the question.
  private var asked: [Int: UInt64] = [:]
  /// Pages in the order of their last use, the latest last.
  private var used: [Int] = []
  /// Whether the ledger has changed since the pages came.
  private var isOld = false

  /// Starts at the newest entry.
  init(_ query: LedgerQuery = LedgerQuery()) { self.query = query }

  /// How many rows there are, as far as is known.
  var count: Int { total ?? 0 }

  /// How many entries are in memory.
  var loaded: Int { pages.values.reduce(0) { $0 + $1.count } }

  /// Whether an answer is awaited.
  var isWaiting: Bool { !asked.isEmpty }

  /// The entry in a row; `nil` where it is not in memory.
  func entry(_ row: Int) -> Entry? {
    guard row >= 0, let page = pages[row / LedgerWindow.pageSize] else { return nil }
    let index = row % LedgerWindow.pageSize
    return index < page.count ? page[index] : nil
  }

  /// The entry under the cursor.
  var selected: Entry? { entry(cursor.index) }

  /// The questions that the rows on the screen need; each page is asked for once.
  mutating func questions(height: Int, id: () -> UInt64) -> [(id: UInt64, query: LedgerQuery)] {
    let rows = total == nil ? 0..<1 : cursor.window(count: count, height: height)
    guard !rows.isEmpty || total == nil || isOld else { return [] }
    let first = rows.lowerBound / LedgerWindow.pageSize
    let last = max(first, (rows.upperBound - 1) / LedgerWindow.pageSize)
    for page in first...last { touch(page) }
    let wanted = (first...last).filter { (pages[$0] == nil || isOld) && asked[$0] == nil }
    isOld = isOld && wanted.isEmpty
    return wanted.map { page in
      let number = id()
      asked[page] = number
      return (number, asking(for: page))
    }
  }

  /// Takes an answer; false where nobody here has asked for it.
  mutating func take(_ page: LedgerPage, id: UInt64) -> Bool {
    guard let number = asked.first(where: { $0.value == id })?.key else { return false }
    asked[number] = nil
    let chosen = selected?.id
    // Another length means that the other pages hold rows of another time.
    if total != page.total { pages = pages.filter { asked[$0.key] != nil } }
    total = max(0, page.total)
    pages[number] = Array(page.entries.prefix(LedgerWindow.pageSize))
    touch(number)
    while pages.count > LedgerWindow.pageLimit, let oldest = used.first {
      used.removeFirst()
      pages[oldest] = nil
    }
    follow(chosen, on: number)
    return true
  }

  /// Gives a question up that was refused; false where nobody here has asked it.
  mutating func giveUp(id: UInt64) -> Bool {
    guard let number = asked.first(where: { $0.value == id })?.key else { return false }
    asked[number] = nil
    if total == nil { total = 0 }
    if pages[number] == nil { pages[number] = [] }
    return true
  }

  /// Takes note that entries were added: what shows is asked for again and stays until then.
  mutating func age() { isOld = true }

  /// Forgets the questions of a talk that has ended.
  mutating func reconnect() {
    asked = [:]
    isOld = total != nil
  }

  private func asking(for page: Int) -> LedgerQuery {
    var question = query
    question.offset = page * LedgerWindow.pageSize
    question.limit = LedgerWindow.pageSize
    return question
  }

  private mutating func touch(_ page: Int) {
    used.removeAll { $0 == page }
    used.append(page)
  }

  /// Keeps the cursor on its entry where that has moved within the page that came.
  private mutating func follow(_ id: EntryID?, on page: Int) {
    guard let id, cursor.index / LedgerWindow.pageSize == page, selected?.id != id,
      let index = pages[page]?.firstIndex(where: { $0.id == id })
    else { return }
    let row = page * LedgerWindow.pageSize + index
    cursor.first += row - cursor.index
    cursor.index = row
  }
}
