internal import Amounts
internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

/// Something the holder should know, with the command that leads to it.
struct Notice: Equatable, Sendable {
  /// How much it matters.
  enum Kind: Sendable {
    case calm
    case info
    case warning
    case high

    /// The gravest first.
    static let byGravity: [Kind] = [.high, .warning, .info, .calm]
  }

  let kind: Kind
  let text: String
  var command: Invocation?
  /// How far something has come, 0 to 1.
  var progress: Double?
  /// The alert, or the account, that it is about.
  var alert: Int64?
  var account: String?
}

/// What the accounts of a book add up to.
struct BookSum: Equatable, Sendable {
  let book: BookID
  var accounts = 0
  var sum = GroupSum()
}

extension ClientModel {
  /// The books by value, largest first.
  var bookSums: [BookSum] {
    guard let board else { return [] }
    var table: [BookID: BookSum] = [:]
    for account in board.accounts {
      var book = table[account.book] ?? BookSum(book: account.book)
      book.accounts += 1
      book.sum.add(board.sum(of: account.id))
      table[account.book] = book
    }
    return table.values.sorted { a, b in
      a.sum.value != b.sum.value ? a.sum.value > b.sum.value : a.book < b.book
    }
  }

  /// What the holder should know, the gravest first.
  var notices: [Notice] {
    let found = allNotices
    return Notice.Kind.byGravity.flatMap { kind in found.filter { $0.kind == kind } }
  }

  private var allNotices: [Notice] {
    var found = alertNotices + accountNotices
    if let status, status.refused > 0 {
      let rows = status.refused == 1 ? "1 row was" : "\(status.refused) rows were"
      found.append(
        Notice(
          kind: .high, text: "! \(rows) refused by imports and count nowhere",
          command: Invocation("refused")))
    }
    found += (status?.warnings ?? []).map { Notice(kind: .warning, text: "! \($0)") }
    if let board { found += notices(on: board) }
    if let reading = readingNotice { found.append(reading) }
    found += runningNotices
    if status?.isOffline == true {
      found.append(Notice(kind: .info, text: "offline: prices are those last stored"))
    }
    if let board, isConnected, board.totals.positions == 0, connections.rows.isEmpty {
      found.append(
        Notice(
          kind: .info, text: "nothing yet: :connect follows an exchange, :watch a wallet",
          command: Invocation("command-line", ["connect", ""])))
      found.append(
        Notice(
          kind: .info, text: ":import reads a file; coffer demo shows what it looks like",
          command: Invocation("command-line", ["import", ""])))
    }
    if found.isEmpty {
      let text = board == nil ? "waiting for the engine" : "nothing: no alert, every price is fresh"
      found.append(Notice(kind: .calm, text: text))
    }
    return found
  }

  private func notices(on board: PositionBoard) -> [Notice] {
    var found: [Notice] = []
    let totals = board.totals
    if totals.overflowed {
      found.append(
        Notice(kind: .high, text: "! a value is beyond exact numbers and is left out of the NAV"))
    }
    if totals.unpriced > 0 {
      let names = names(.unknown, on: board)
      found.append(
        Notice(
          kind: .warning, text: "? no price, not in the NAV: \(names)",
          command: Invocation("filter", ["unpriced"])))
    }
    if !totals.unread.isEmpty {
      let names = unreadNames(totals)
      found.append(
        Notice(
          kind: .warning, text: "? never read to the end, not whole in the NAV: \(names)",
          command: Invocation("screen", ["accounts"])))
    }
    if totals.breaks > 0 {
      let worth = figures.compact(totals.breakValue)
      let word = totals.breaks == 1 ? "1 difference" : "\(totals.breaks) differences"
      found.append(
        Notice(
          kind: .warning, text: "± ledger and venues: \(word), worth \(worth)",
          command: Invocation("breaks")))
    }
    if totals.disputed > 0 {
      let names = names(.disputed, on: board)
      found.append(
        Notice(
          kind: .warning, text: "± sources disagree on the price: \(names)",
          command: Invocation("filter", ["disputed"])))
    }
    if totals.stale > 0 {
      let names = names(.stale, on: board)
      found.append(
        Notice(
          kind: .warning, text: "~ stale price: \(names)",
          command: Invocation("filter", ["stale"])))
    }
    return found
  }

  /// Whose history is not read yet, so that gains and history are not whole.
  private var readingNotice: Notice? {
    let unread = extras.unreadAccounts.sorted { $0.key < $1.key }
    if unread.isEmpty { return nil }
    let names = unread.prefix(4).map { "\($0.key.shortened(to: 20)) \($0.value) %" }
    let rest = unread.count > 4 ? " and \(unread.count - 4) more" : ""
    return Notice(
      kind: .info,
      text: "history is being read, gains are not whole yet: "
        + names.joined(separator: ", ") + rest, command: Invocation("screen", ["accounts"]))
  }

  /// The alerts that are out, the worst first as on their board.
  private var alertNotices: [Notice] {
    let board = alertBoard
    let open = board.rows.indices.filter { board.text($0, "state") == "open" }
    var found = open.prefix(ClientModel.shownAlerts).map { row -> Notice in
      let severity = board.text(row, "severity")
      let time = board.integer(row, "raised_at").map { shortTime(Instant(microseconds: $0)) } ?? ""
      let mark = board.text(row, "blind").isEmpty ? "" : "~"
      return Notice(
        kind: severity == "critical" ? .high : severity == "warning" ? .warning : .info,
        text: "\(ClientModel.word(ofSeverity: severity)) \(time)  \(mark)\(title(ofAlert: row))",
        alert: board.integer(row, "id"))
    }
    let rest = open.count - found.count
    if rest > 0 {
      found.append(
        Notice(
          kind: .info, text: "and \(rest) more alerts", command: Invocation("screen", ["alerts"])))
    }
    return found
  }

  /// The most alerts that the Overview names one by one.
  private static let shownAlerts = 8

  /// Accounts whose figures are old, or that were given up.
  private var accountNotices: [Notice] {
    let board = connections
    return board.rows.indices.compactMap { row -> Notice? in
      guard let state = AccountState(rawValue: board.text(row, "state")),
        state == .stale || state == .stopped
      else { return nil }
      let name = Sanitiser.line(board.text(row, "name").shortened(to: 40))
      let problem = Sanitiser.line(board.text(row, "problem").shortened(to: 300))
      let age = board.integer(row, "fresh_at").map {
        " " + Times.age(of: Instant(microseconds: $0), at: now)
      }
      return Notice(
        kind: state == .stopped ? .high : .warning,
        text: "\(state == .stopped ? "!" : "~") \(name) \(state.rawValue)\(age ?? "")"
          + (problem.isEmpty ? "" : ": \(problem)"), account: board.text(row, "account"))
    }
  }

  /// The names of at most four accounts that were never read to the end.
  func unreadNames(_ totals: Totals) -> String {
    let names = totals.unread.prefix(4).map { accountName($0).shortened(to: 20) }
    let rest = totals.unread.count > 4 ? " and \(totals.unread.count - 4) more" : ""
    return names.joined(separator: ", ") + rest
  }

  /// The names of at most eight positions in a state, with their ages.
  private func names(_ state: FigureState, on board: PositionBoard) -> String {
    var names: [String] = []
    var count = 0
    for slot in top.order {
      guard let row = board.row(slot), row.position.state == state else { continue }
      count += 1
      guard names.count < 8 else { continue }
      let age = row.position.price.map { " " + Times.age(of: $0.time, at: now) } ?? ""
      names.append(board.name(of: row) + age)
    }
    let rest = count > names.count ? " and \(count - names.count) more" : ""
    return names.joined(separator: ", ") + rest
  }

  private var runningNotices: [Notice] {
    var found = progress.sorted { $0.key < $1.key }.map { _, progress in
      let share =
        progress.total > 0
        ? min(1, max(0, Double(progress.done) / Double(progress.total))) : nil
      let percent = share.map { " \(Int($0 * 100)) %" } ?? ""
      let count = "\(Decimals.exact(Fixed(whole: progress.done))) \(progress.unit)"
      return Notice(
        kind: .info, text: "\(progress.stage)\(percent)  \(count)", progress: share)
    }
    if let activity = status?.activity, !activity.isEmpty, progress.isEmpty {
      found.append(Notice(kind: .info, text: activity))
    }
    return found
  }
}
