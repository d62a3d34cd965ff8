internal import Canvas
internal import Ledger
internal import Portfolio
internal import Wire

extension ClientModel {
  /// The talk has begun; the welcome follows.
  mutating func connected() {
    connection = .open
    requests = [:]
    progress = [:]
    lookedAt = []
    toldActive = nil
    log.restart()
    ledger.reconnect()
    drill?.reconnect()
    draw()
  }

  /// The socket is closed: what is on the screen stays, marked as old.
  mutating func disconnected(_ reason: String) {
    connection = .lost(reason)
    requests = [:]
    progress = [:]
    giveUpQuestions()
    unlock.isTrying = false
    closeKeyForm()
    say(.error, reason.isEmpty ? "The engine is gone." : reason)
  }

  /// What was asked for is not answered any more: it is asked again, or says so.
  private mutating func giveUpQuestions() {
    if evidence?.isComing == true { evidence = nil }
    if past != nil, past?.report == nil { past?.problem = "The engine is gone; ask again." }
  }

  mutating func take(_ message: EngineMessage) {
    draw()
    switch message {
    case .welcome(let version, let status): welcomed(version, status)
    case .status(let status): take(status)
    case .snapshot(let snapshot): take(snapshot)
    case .change(let changes): take(changes)
    case .progress(let id, let progress): self.progress[id] = progress
    case .report(let id, let report): answered(id, report)
    case .refusal(let id, let refusal): refused(id, refusal)
    case .page(let id, let page):
      if ledger.take(page, id: id) { return }
      _ = drill?.entries?.take(page, id: id)
    case .board(let name, let report):
      let shown = alertBoard.integer(alertCursor.index, "id")
      boards[name] = report
      extend(name, report)
      if name == Board.log { take(log: report) }
      if name == Board.alerts {
        follow(alert: shown)
        noticeAlerts()
      }
    case .goodbye(let reason):
      disconnected(reason.isEmpty ? "The engine has ended." : "The engine has ended: \(reason)")
    }
  }

  private mutating func welcomed(_ version: UInt64, _ status: EngineStatus) {
    guard version == ClientMessage.version else {
      connection = .lost("The engine is of another version: stop it and start again.")
      say(.error, "The engine is of another version: stop it and start again.")
      return
    }
    self.status = nil
    take(status)
  }

  /// Takes how things stand; opening starts the watch, locking forgets everything.
  private mutating func take(_ new: EngineStatus) {
    let old = status
    status = new
    if new.isUnlocked, old?.isUnlocked != true {
      unlock = UnlockForm()
      if !isPaused || board == nil { perform(.send(.watch)) }
    }
    if !new.isUnlocked, old?.isUnlocked != false { forget() }
    if let old, old.entries != new.entries {
      ledger.age()
      drill?.age()
    }
  }

  /// Drops all that the vault has told.
  private mutating func forget() {
    board = nil
    top = PositionList()
    list = PositionList()
    movers = MoverList()
    log = LogWindow()
    evidence = nil
    past = nil
    ledger = LedgerWindow()
    ledgerFilter = ""
    history = ViewHistory(viewState)
    places = [:]
    macros.recording = nil
    lastSearch = ""
    drill = nil
    overlays = []
    prompt = nil
    reader.drop()
    pendingSince = nil
    isPaused = false
    requests = requests.filter { $0.value.use == .unlock }
    progress = [:]
    boards = [:]
    extras = PositionExtras()
    lookedAt = []
    lastAlert = nil
    unlock.wipe()
    closeKeyForm()
  }

  private mutating func take(_ snapshot: Snapshot) {
    guard !isLocked else { return }
    var new = PositionBoard(snapshot)
    new.extend(extras)
    defer { board = new }
    guard let old = board, old.currency == new.currency else {
      board = new
      return sortAll()
    }
    top.adopt(new, from: old, at: now)
    list.adopt(new, from: old, at: now)
  }

  private mutating func take(_ changes: ChangeSet) {
    guard !isPaused, !isLocked, board != nil else { return }
    guard let slots = board?.apply(changes), let board else {
      // A change is missing: the whole is asked for again.
      perform(.send(.watch))
      return
    }
    top.note(slots, on: board, at: now)
    list.note(slots, on: board, at: now)
  }
}

// MARK: - Requests

extension ClientModel {
  /// Asks the engine for something.
  ///
  /// - Returns: The number of the question.
  @discardableResult
  mutating func request(_ request: Request, _ pending: PendingRequest) -> UInt64 {
    let id = newID()
    requests[id] = pending
    perform(.send(.request(id: id, request)))
    draw()
    return id
  }

  mutating func newID() -> UInt64 {
    defer { nextRequest += 1 }
    return nextRequest
  }

  private mutating func answered(_ id: UInt64, _ report: Report) {
    progress[id] = nil
    guard let pending = requests.removeValue(forKey: id) else { return }
    switch pending.use {
    case .unlock: unlock = UnlockForm()
    case .say(let text):
      if case .integer(let number) = report["proposal"] {
        say(.warning, "It waits for approval: coffer price approve \(number)")
      } else {
        say(.success, text)
      }
    case .show(let title): show(.report(title: title, report))
    case .importing(let path): imported(path, report)
    case .keyFields: learned(report, id: id)
    case .following(let title): following(title, report, id: id)
    case .entry(let entry): take(record: report, of: entry)
    case .lots: _ = drill?.lots?.take(report, id: id)
    case .log: _ = log.take(report)
    case .past(let day): take(past: report, of: day)
    case .evidence(let alert): take(evidence: report, of: alert)
    case .pair(let assets): take(pair: assets, report)
    }
  }

  private mutating func refused(_ id: UInt64, _ refusal: Refusal) {
    progress[id] = nil
    if ledger.giveUp(id: id) || drill?.entries?.giveUp(id: id) == true {
      say(.error, sentence(refusal))
      return
    }
    guard let pending = requests.removeValue(forKey: id) else { return }
    if pending.use == .lots {
      let reason = sentence(refusal)
      drill?.lots?.giveUp(id: id, reason)
      return
    }
    if case .past(let day) = pending.use {
      missed(past: day, sentence(refusal))
    } else if case .evidence(let alert) = pending.use {
      missed(evidenceOf: alert, sentence(refusal))
    } else if case .entry(let entry) = pending.use {
      missed(recordOf: entry, sentence(refusal))
    } else if pending.use == .unlock {
      unlock.isTrying = false
      unlock.fault =
        refusal.code == .wrongSecret
        ? "That passphrase or recovery code does not open this vault." : sentence(refusal)
      perform(.bell)
    } else if keyForm?.request == id {
      refusedKey(refusal)
    } else {
      say(refusal.code == .cancelled ? .warning : .error, sentence(refusal))
    }
  }

  func sentence(_ refusal: Refusal) -> String {
    refusal.advice.isEmpty ? refusal.message : "\(refusal.message) \(refusal.advice)"
  }

  private mutating func imported(_ path: String, _ report: Report) {
    let counts = ImportCounts(report)
    let name = path.split(separator: "/").last.map(String.init) ?? path
    if case .text(let note) = report["note"], !note.isEmpty { say(.warning, "\(name): \(note)") }
    say(counts.refused > 0 ? .warning : .success, "\(name): \(counts.text)")
    if counts.refused > 0 { show(.report(title: "Import of \(name)", report)) }
  }
}

/// What a report on an import says in numbers.
private struct ImportCounts {
  let added: Int64
  let duplicate: Int64
  let refused: Int64

  init(_ report: Report) {
    added = ImportCounts.sum(report, "added")
    duplicate = ImportCounts.sum(report, "duplicate")
    refused = ImportCounts.sum(report, "refused")
  }

  var text: String { "\(added) added, \(duplicate) were there already, \(refused) refused" }

  /// The first whole number among the facts whose name has the word in it.
  private static func sum(_ report: Report, _ word: String) -> Int64 {
    for fact in report.facts where fact.name.contains(word) {
      if case .integer(let number) = fact.value { return number }
    }
    return 0
  }
}
