import Ledger
import Wire

extension EngineCore {
  /// A board as it is now; empty for one that is not known.
  func board(_ name: String, at now: Instant) -> Report {
    if name == Board.log { return log.report(most: EngineLog.boardLines) }
    guard let desk else { return Report() }
    switch name {
    case Board.accounts:
      return desk.accountsBoard(names: accountNames, breaks: breaks, at: now)
    case Board.limits: return desk.limitsBoard(at: now)
    case Board.alerts:
      guard let board = alerts?.board(at: now), let settlement else { return Report() }
      return AlertAssets(settlement).naming(board)
    case Board.prices: return priceBoard(at: now)?.prices ?? Report()
    default:
      if let settlement,
        let report = figures?.board(name, settlement, volumes: desk.prices.volumes, at: now)
      {
        return report
      }
      if let (word, levels) = EngineCore.book(name) {
        return books?.report(of: word, levels: levels, view: bookView) ?? Report()
      }
      guard name.hasPrefix(Board.feeds) else { return Report() }
      let account = AccountID(named: name.dropFirst(Board.feeds.count))
      return desk.feedsBoard(of: account, at: now)
    }
  }

  /// Boards are different: who looks at one of them is told soon.
  mutating func boardsChanged(_ names: Set<String>, at now: Instant) {
    guard boardsAt == nil, clients.values.contains(where: { !names.isDisjoint(with: $0.boards) })
    else { return }
    boardsAt = Instant(microseconds: now.microseconds + EngineCore.boardPause)
  }

  func show(_ name: String, _ errand: Errand, at now: Instant) -> [EngineEffect] {
    [.send(errand.client, .report(id: errand.id, board(name, at: now)))]
  }

  mutating func sendBoards(at now: Instant) -> [EngineEffect] {
    let areDue = boardsAt.map { now >= $0 } ?? false
    let areBooksDue = bookBoardsAt.map { now >= $0 } ?? false
    guard areDue || areBooksDue else { return [] }
    if areDue { boardsAt = nil }
    if areBooksDue { bookBoardsAt = nil }
    var effects: [EngineEffect] = []
    for (id, client) in clients.sorted(by: { $0.key < $1.key }) where !client.isBehind {
      for name in client.boards where name.hasPrefix(Board.book) ? areBooksDue : areDue {
        if name == Board.alerts, !isAlertBoardNew { continue }
        let report = board(name, at: now)
        guard client.sent[name] != report else { continue }
        clients[id]?.sent[name] = report
        effects.append(.send(id, .board(name: name, report)))
      }
    }
    if areDue { isAlertBoardNew = false }
    return effects + [wake(after: now)]
  }
}
