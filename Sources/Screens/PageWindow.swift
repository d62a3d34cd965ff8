/// A row of a list that the engine keeps.
protocol PageRow: Sendable {
  associatedtype Identity: Hashable, Sendable

  /// What stays the same where the row has moved in the list.
  var pageIdentity: Identity { get }
}

/// Rows asked for: those of one page.
struct PageQuestion: Hashable, Sendable {
  let id: UInt64
  /// The first row of the page.
  let offset: Int
  /// How many rows it has at most.
  var limit: Int { PageLimits.rows }
}

/// How much of a list is in memory.
enum PageLimits {
  /// Rows asked for at a time.
  static let rows = 200
  /// Pages kept.
  static let pages = 4
}

/// A window on a list of any length: only the pages around it are kept.
struct PageWindow<Row: PageRow>: Sendable {
  /// How many rows there are; `nil` until the engine has said so.
  private(set) var total: Int?
  /// Where the cursor is.
  var cursor = ListCursor()
  private var pages: [Int: [Row]] = [:]
  /// Pages asked for, with the number of the question.
  private var asked: [Int: UInt64] = [:]
  /// Pages in the order of their last use, the latest last.
  private var used: [Int] = []
  /// Whether the list has changed since the pages came.
  private var isOld = false

  /// How many rows there are, as far as is known.
  var count: Int { total ?? 0 }

  /// How many rows are in memory.
  var loaded: Int { pages.values.reduce(0) { $0 + $1.count } }

  /// Whether an answer is awaited.
  var isWaiting: Bool { !asked.isEmpty }

  /// What stands in a row; `nil` where it is not in memory.
  func row(_ row: Int) -> Row? {
    guard row >= 0, let page = pages[row / PageLimits.rows] else { return nil }
    let index = row % PageLimits.rows
    return index < page.count ? page[index] : nil
  }

  /// The row under the cursor.
  var selected: Row? { row(cursor.index) }

  /// The questions that the rows on the screen need; each page is asked for once.
  mutating func questions(height: Int, id: () -> UInt64) -> [PageQuestion] {
    let rows = total == nil ? 0..<1 : cursor.window(count: count, height: height)
    guard !rows.isEmpty || total == nil || isOld else { return [] }
    let first = rows.lowerBound / PageLimits.rows
    let last = max(first, (rows.upperBound - 1) / PageLimits.rows)
    for page in first...last { touch(page) }
    let wanted = (first...last).filter { (pages[$0] == nil || isOld) && asked[$0] == nil }
    isOld = isOld && wanted.isEmpty
    return wanted.map { page in
      let number = id()
      asked[page] = number
      return PageQuestion(id: number, offset: page * PageLimits.rows)
    }
  }

  /// Takes an answer; false where nobody here has asked for it.
  mutating func take(_ rows: [Row], total new: Int, id: UInt64) -> Bool {
    guard let number = asked.first(where: { $0.value == id })?.key else { return false }
    asked[number] = nil
    let chosen = selected?.pageIdentity
    // Another length means that the other pages hold rows of another time.
    if total != new { pages = pages.filter { asked[$0.key] != nil } }
    total = max(0, new)
    pages[number] = Array(rows.prefix(PageLimits.rows))
    touch(number)
    while pages.count > PageLimits.pages, let oldest = used.first {
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

  /// Takes note that rows were added: what shows is asked for again and stays until then.
  mutating func age() { isOld = true }

  /// Forgets the questions of a talk that has ended.
  mutating func reconnect() {
    asked = [:]
    isOld = total != nil
  }

  private mutating func touch(_ page: Int) {
    used.removeAll { $0 == page }
    used.append(page)
  }

  /// Keeps the cursor on its row where that has moved within the page that came.
  private mutating func follow(_ identity: Row.Identity?, on page: Int) {
    guard let identity, cursor.index / PageLimits.rows == page,
      selected?.pageIdentity != identity,
      let index = pages[page]?.firstIndex(where: { $0.pageIdentity == identity })
    else { return }
    let row = page * PageLimits.rows + index
    cursor.first += row - cursor.index
    cursor.index = row
  }
}
