internal import Amounts
internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

extension ClientModel {
  /// Lays something over the screen.
  mutating func show(_ overlay: Overlay) {
    if overlays.count >= 8 { overlays.removeFirst() }
    overlays.append(OpenOverlay(overlay: overlay))
    draw()
  }

  /// Opens what is under the cursor.
  mutating func open() {
    draw()
    switch focus {
    case .overlay: openInOverlay()
    case .top: openTop()
    case .accounts: openAccount()
    case .books: openBook()
    case .notices: openNotice()
    case .brief(let pane): openBrief(pane)
    case .positions:
      openPosition()
    case .parts: openPart()
    case .lots: openLot()
    case .entries: if let entry = drill?.entries?.selected { show(entry: entry) }
    case .ledger: if let entry = ledger.selected { show(entry: entry) }
    case .log: openLogLine()
    case .past: openPast()
    case .alerts: alertPane = alertBoard.rows.isEmpty ? .list : .why
    case .why: if !goToPositionOfAlert() { alertPane = .list }
    case .gains: explainGain()
    case .connections, .feeds:
      if let (title, details) = connectionDetails {
        show(.details(title: title, details))
      }
    case .risk:
      if let (title, details) = riskDetails { show(.details(title: title, details)) }
    case .heat: openPair()
    }
  }

  private mutating func openInOverlay() {
    guard let open = overlays.last else { return }
    guard open.overlay.isPage else { return back() }
    let lines = lines(of: open, in: open.cursor.index..<(open.cursor.index + 1))
    guard let line = lines.first else { return }
    if let command = line.command {
      overlays.removeLast()
      return run(command, count: nil, isSingleKey: false)
    }
    if !line.details.isEmpty { show(.details(title: "Details", line.details)) }
  }

  private mutating func openTop() {
    guard let board, let row = top.selected(on: board) else { return }
    let asset = row.position.asset
    goToPosition(asset)
    drill = DrillDown(asset: asset)
  }

  private mutating func openAccount() {
    let index = cursor(of: .accounts).index
    guard let accounts = board?.accounts, accounts.indices.contains(index) else { return }
    showPositions(of: "account:\"\(accounts[index].id.slug)\"")
  }

  private mutating func openBook() {
    let index = cursor(of: .books).index
    let books = bookSums
    guard books.indices.contains(index) else { return }
    showPositions(of: "book:\"\(books[index].book.name.filter { $0 != "\"" })\"")
  }

  private mutating func openNotice() {
    let index = cursor(of: .notices).index
    let notices = notices
    guard notices.indices.contains(index) else { return }
    if let alert = notices[index].alert { return goToAlert(alert) }
    if let account = notices[index].account { return goToAccount(account) }
    guard let command = notices[index].command else { return }
    if command.name == "filter", let terms = command.arguments.first {
      showPositions(of: terms)
    } else {
      run(command, count: nil, isSingleKey: false)
    }
  }

  private mutating func showPositions(of terms: String) {
    drill = nil
    go(to: .positions)
    filterPositions(terms)
  }

  /// Closes, clears or goes up, whichever comes first.
  mutating func back() {
    draw()
    if let open = overlays.last {
      if open.search.isEmpty {
        overlays.removeLast()
      } else {
        overlays[overlays.count - 1].search = ""
      }
    } else if focus == .feeds {
      accountPane = .list
    } else if focus == .why {
      alertPane = .list
    } else if screen == .positions, let place = drill {
      drill = place.above
    } else if screen == .positions, !list.marks.isEmpty {
      list.marks = []
    } else {
      clearFilter()
    }
  }

  mutating func mark() {
    guard focus == .positions, let board else { return }
    if let group = list.group(at: list.cursor.index) { return toggleGroup(group) }
    guard let row = list.selected(on: board) else { return }
    let asset = row.position.asset
    if list.marks.remove(asset) == nil { list.marks.insert(asset) }
    move(by: 1)
  }

  mutating func filter(_ words: [String]) {
    if words.isEmpty { return openFilter() }
    let text = words.joined(separator: " ")
    lastSearch = text
    if screen == .ledger {
      ledgerFilter = text
      return applyLedgerFilter()
    }
    if screen == .log { return log.use(filter: text) }
    drill = nil
    go(to: .positions)
    do {
      list.filter = try PositionFilter(parsing: text)
      sortList()
    } catch {
      say(.error, "filter: \(error.text)")
    }
  }

  mutating func clearFilter() {
    draw()
    if screen == .ledger {
      guard !ledgerFilter.isEmpty else { return }
      ledgerFilter = ""
      applyLedgerFilter()
    } else if screen == .log {
      log.use(filter: "")
    } else if screen == .positions {
      clearListFilter()
    }
  }

  /// Shows what is suspect and folded away, or folds it away again.
  mutating func toggleFolded() {
    list.showsFolded.toggle()
    sortList()
    draw()
  }

  mutating func clearListFilter() {
    guard !list.filter.text.isEmpty else { return }
    list.filter = PositionFilter()
    sortList()
  }

  /// Starts the ledger anew with what its filter says.
  mutating func applyLedgerFilter() {
    ledgerFilterDue = nil
    let query = ledgerQuery(ledgerFilter)
    guard query != ledger.query else { return }
    ledger = LedgerWindow(query)
    draw()
  }

  /// `asset:` and `account:` that name one thing are asked for by identity, the rest as text.
  private func ledgerQuery(_ text: String) -> LedgerQuery {
    var query = LedgerQuery()
    var words: [String] = []
    for word in PositionFilter.words(String(text.prefix(200))) {
      let plain = word.filter { $0 != "\"" }
      let parts = plain.split(separator: ":", maxSplits: 1).map(String.init)
      if parts.count == 2, parts[0] == "account",
        let account = board?.account(AccountID(named: parts[1]))
      {
        query.account = account.id
      } else if parts.count == 2, parts[0] == "asset", let asset = heldAsset(parts[1]) {
        query.asset = asset
      } else {
        words.append(plain)
      }
    }
    query.text = words.joined(separator: " ")
    return query
  }

  private func heldAsset(_ word: String) -> AssetID? {
    if let asset = AssetID(word) { return asset }
    guard let board else { return nil }
    let found = board.usedSlots.compactMap { board.row($0) }
      .filter { $0.sortName == word.lowercased() }
    return found.count == 1 ? found[0].position.asset : nil
  }

  mutating func explain() {
    switch focus {
    case .overlay: break
    case .top:
      if let board, let row = top.selected(on: board) { show(.explain(row.position.asset)) }
    case .positions:
      if let group = list.group(at: list.cursor.index) { return explain(group) }
      if let board, let row = list.selected(on: board) { show(.explain(row.position.asset)) }
    case .parts:
      if let drill { show(.explain(drill.asset)) }
    case .lots: openLot()
    case .accounts, .books, .notices, .brief: show(.explain(nil))
    case .gains: explainParts()
    case .entries, .ledger, .log, .past, .connections, .feeds, .alerts, .why, .risk, .heat: open()
    }
  }

  mutating func pause() {
    isPaused.toggle()
    if isConnected { perform(.send(isPaused ? .unwatch : .watch)) }
    say(.info, isPaused ? "The figures are held still." : "The figures move again.")
  }

  mutating func refresh() {
    sortAll()
    ledger.age()
    drill?.age()
    if isConnected, !isPaused, status?.isUnlocked == true { perform(.send(.watch)) }
    draw()
  }

  /// Copies what the screen shows of the row or the marked rows; hidden amounts stay hidden.
  mutating func copy() {
    let rows = copiedRows
    guard !rows.isEmpty else { return }
    perform(.copy(rows.joined(separator: "\n")))
    say(.success, rows.count == 1 ? "Copied the row." : "Copied \(rows.count) rows.")
  }

  var copiedRows: [String] {
    switch focus {
    case .overlay:
      guard let open = overlays.last else { return [] }
      let all = 0..<min(lineCount(of: open), 500)
      let row = open.cursor.index
      return lines(of: open, in: open.overlay.isPage ? row..<(row + 1) : all).map(\.plain)
    case .top: return copied(board.flatMap { top.selected(on: $0) }.map { [$0] } ?? [])
    case .positions:
      let marked = list.order.compactMap { board?.row($0) }.filter {
        list.marks.contains($0.position.asset)
      }
      let row = board.flatMap { list.selected(on: $0) }.map { [$0] } ?? []
      return copied(marked.isEmpty ? row : marked)
    case .ledger: return ledger.selected.map { [copied($0)] } ?? []
    case .log: return copiedLog
    case .past: return copiedPast
    case .entries: return drill?.entries?.selected.map { [copied($0)] } ?? []
    case .lots: return drill?.lots?.selected.map { [copied($0)] } ?? []
    case .alerts, .why:
      let lines = whyLines.map { $0.map(\.text).joined() }.filter { !$0.isEmpty }
      return lines
    case .gains: return copiedGain
    case .accounts, .books, .notices, .brief, .parts, .connections, .feeds, .risk, .heat:
      return []
    }
  }

  private var copiedGain: [String] {
    let board = gainsBoard
    guard board.rows.indices.contains(profitCursor.index) else { return [] }
    let amounts = ["gain", "unrealised", "realised", "cost", "value"].map { name in
      board.amount(profitCursor.index, name).map { figures.exact($0) } ?? Figures.unknown
    }
    let names = ["asset", "identity"].map { board.text(profitCursor.index, $0) }
    return [(names + amounts).map { Sanitiser.line($0) }.joined(separator: "\t")]
  }

  private func copied(_ rows: [PositionRow]) -> [String] {
    guard let board else { return [] }
    return rows.map { row in
      let position = row.position
      let value = position.value.map { figures.exact($0) } ?? Figures.unknown
      return [
        board.name(of: row), row.text, figures.exact(position.quantity.fixed), value,
        board.currency.code,
      ].map { Sanitiser.line($0) }.joined(separator: "\t")
    }
  }

  private func copied(_ entry: Entry) -> String {
    let legs = entry.legs.map { "\(figures.exactSigned($0.quantity.fixed)) \($0.asset.text)" }
    return ([entry.time.description, entry.kind.rawValue] + legs)
      .map { Sanitiser.line($0) }.joined(separator: "\t")
  }
}
