import Ledger
import Portfolio
import Wire

extension EngineCore {
  mutating func hear(
    _ message: ClientMessage, from client: ClientID, at now: Instant
  ) -> [EngineEffect] {
    guard let state = clients[client] else { return [] }
    if case .hello(let version, let isReadOnly) = message {
      return greet(client, version: version, isReadOnly: isReadOnly)
    }
    guard state.hasGreeted else { return [.close(client)] }
    switch message {
    case .hello: return []
    case .watch:
      clients[client]?.isWatching = true
      return settlement.map { [.send(client, .snapshot($0.snapshot(at: now)))] } ?? []
    case .unwatch:
      clients[client]?.isWatching = false
      return []
    case .request(let id, let request):
      return ask(request, Errand(client: client, id: id), isReadOnly: state.isReadOnly, at: now)
    case .page(let id, let query): return page(query, Errand(client: client, id: id))
    case .look(let names):
      let names = Array(names.prefix(EngineCore.mostBoards))
      clients[client]?.boards = names
      clients[client]?.sent = [:]
      let opened = lookAtBooks(at: now) + lookAtFigures(at: now)
      return opened + names.map { .send(client, .board(name: $0, board($0, at: now))) }
    case .active:
      idleLock.touch(at: now)
      return [wake(after: now)]
    case .cancel(let id):
      return errands.filter { $0.value.client == client && $0.value.id == id }.keys.sorted()
        .map { .cancel($0) }
    }
  }

  private mutating func greet(
    _ client: ClientID, version: UInt64, isReadOnly: Bool
  ) -> [EngineEffect] {
    guard version == ClientMessage.version else {
      return [
        .send(client, .goodbye("this engine speaks protocol \(ClientMessage.version)")),
        .close(client),
      ]
    }
    hadClient = true
    clients[client]?.hasGreeted = true
    clients[client]?.isReadOnly = isReadOnly
    status.clients = clients.values.count(where: \.hasGreeted)
    return [.send(client, .welcome(version: ClientMessage.version, status))]
      + tellStatus(except: client)
  }

  mutating func forget(_ client: ClientID, at now: Instant) -> [EngineEffect] {
    let hadBoards = clients[client]?.boards.isEmpty == false
    clients[client] = nil
    books?.forget(client)
    let closed = hadBoards ? lookAtBooks(at: now) + lookAtFigures(at: now) : []
    status.clients = clients.values.count(where: \.hasGreeted)
    // An import goes on without its client; whatever only answers a question ends.
    let left = errands.filter { $0.value.client == client }.keys
    for work in left { errands[work] = nil }
    if mode.isDemo && hadClient && clients.isEmpty { return end("the demonstration is over") }
    return closed + tellStatus(except: nil)
  }

  mutating func catchUp(_ client: ClientID, at now: Instant) -> [EngineEffect] {
    guard clients[client]?.isBehind ?? false else { return [] }
    clients[client]?.isBehind = false
    return settlement.map { [.send(client, .snapshot($0.snapshot(at: now)))] } ?? []
  }

  /// A client does not take what it is sent: from now on it gets one snapshot when it is ready.
  mutating func fellBehind(_ client: ClientID) {
    clients[client]?.isBehind = true
  }

  func tellStatus(except client: ClientID?) -> [EngineEffect] {
    let others = clients.keys.filter { $0 != client && clients[$0]?.hasGreeted ?? false }
    return others.isEmpty ? [] : [.sendAll(others.sorted(), .status(status))]
  }

  mutating func end(_ reason: String) -> [EngineEffect] {
    finishFigures() + [.runFeed(false), .sendAll(clients.keys.sorted(), .goodbye(reason)), .exit]
  }
}
