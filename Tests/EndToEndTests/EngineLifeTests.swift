import Foundation
import Glibc
import Link
import Portfolio
import Testing
import Wire

/// The engine as a process: who starts it, who ends it, and what it does meanwhile.
@Suite(.serialized) struct EngineLifeTests {
  private func prepared() throws -> Home {
    let home = try Home()
    try home.makeVault()
    return home
  }

  private func isListening(_ home: Home) -> Bool {
    do { return try EngineConnection.attach(to: home.place) != nil } catch { return false }
  }

  private func snapshot(_ connection: EngineConnection) throws -> Snapshot {
    guard case .snapshot(let snapshot) = try connection.snapshot() else {
      throw Refusal(.system, "no snapshot")
    }
    return snapshot
  }

  @Test func `two clients see one state, and every change of it`() throws {
    let home = try prepared()
    let one = try home.unlock()
    let two = try #require(try EngineConnection.attach(to: home.place))
    let first = try snapshot(one)
    #expect(try snapshot(two).version == first.version)
    let file = try home.write("kraken.csv", Export.kraken)
    try home.coffer("import", file)
    let changes = try [one, two].map { try self.changes(of: $0, from: first.version, to: 3) }
    #expect(changes[0] == changes[1])
    let last = try #require(changes[0].last)
    // Bars and gains that were read beside everything else may have changed more since.
    var states: [Snapshot] = []
    #expect(
      eventually {
        states = (try? [one, two].map { try snapshot($0) }) ?? []
        return states.count == 2 && states[0].version == states[1].version
      })
    let (here, there) = (try #require(states.first), try #require(states.last))
    #expect(here.version >= last.to && here.positions.count == 3)
    #expect(here.totals == there.totals && here.positions == there.positions)
  }

  /// The changes that lead without a gap from a version to one with so many positions.
  private func changes(
    of client: EngineConnection, from version: UInt64, to positions: Int
  ) throws -> [ChangeSet] {
    var found: [ChangeSet] = []
    while found.last?.totals.positions != positions, let message = try client.receiveWaiting() {
      guard case .change(let change) = message else { continue }
      #expect(change.from == found.last?.to ?? version)
      found.append(change)
    }
    return found
  }

  @Test(arguments: [SIGHUP, SIGKILL, SIGTERM] as [Int32])
  func `a client that is killed leaves the engine running`(number: Int32) throws {
    let home = try prepared()
    let connection = try home.unlock()
    let pty = try Pty([Programs.coffer], environment: home.environment())
    pty.wait(for: "Overview")
    #expect(eventually { clients(connection) == 2 })
    pty.child.signal(number)
    #expect(pty.finish() == 128 + number)
    #expect(eventually { clients(connection) == 1 })
    #expect(try connection.ask(Request("status"))["unlocked"] == .flag(true))
  }

  @Test func `a lost line leaves the engine running`() throws {
    let home = try prepared()
    // The client itself starts this engine, which must not hang on its terminal.
    let pty = try Pty([Programs.coffer], environment: home.environment())
    pty.wait(for: "assphrase")
    pty.hangUp()
    #expect(pty.child.wait() == 128 + SIGHUP)
    let connection = try #require(try EngineConnection.attach(to: home.place))
    #expect(try connection.ask(Request("status"))["unlocked"] == .flag(false))
  }

  private func clients(_ connection: EngineConnection) -> Int64 {
    guard let report = try? connection.ask(Request("status")),
      case .integer(let count) = report["clients"]
    else { return -1 }
    return count
  }

  @Test func `SIGTERM in the middle of an import ends it cleanly`() throws {
    let home = try prepared()
    mkdir(home.place.runtimeFolder, 0o700)
    let engine = try Child([Programs.engine, "engine", "run"], environment: home.environment())
    #expect(eventually { isListening(home) })
    let connection = try home.unlock()
    let file = try home.write("deposits.csv", Export.deposits(48_000))
    try connection.send(.request(id: 1, Request("import", ["path": file])))
    while let message = try connection.receiveWaiting() {
      guard case .progress(_, let progress) = message, progress.stage.hasPrefix("importing"),
        progress.done > 0
      else { continue }
      engine.signal(SIGTERM)
      break
    }
    #expect(engine.wait(5_000) == 0)
    #expect(access(home.place.socket, F_OK) != 0)
    let again = try home.unlock()
    let imports = try again.ask(Request("imports"))
    let state = try #require(imports.columns.firstIndex(of: "state"))
    #expect(imports.rows.first?[state] == .text("cancelled"))
    #expect(try again.ask(Request("check"))["sound"] == .flag(true))
    _ = try again.ask(Request("import", ["path": file]))
    #expect(try again.ask(Request("status"))["entries"] == .integer(48_000))
  }

  @Test func `two starts at once give one engine`() throws {
    let home = try prepared()
    let starts = try (0..<4).map { _ in
      try Child([Programs.coffer, "engine", "start"], environment: home.environment())
    }
    for start in starts { #expect(start.wait() == 0) }
    #expect(
      eventually {
        Proc.processes(with: home.path).filter { Proc.arguments(of: $0).contains("run") }.count == 1
      })
    try home.coffer("engine", "stop")
    #expect(eventually { Proc.processes(with: home.path).isEmpty })
  }

  @Test func `stop ends it, and what it left is no hindrance`() throws {
    let home = try prepared()
    let engine = try home.unlock().peer
    try home.coffer("engine", "stop")
    #expect(hasEnded(engine) && access(home.place.socket, F_OK) != 0)
    #expect(try home.run(["engine", "stop"]).status == 5)
    // A killed engine leaves its socket.
    kill(try home.unlock().peer, SIGKILL)
    #expect(eventually { !isListening(home) })
    #expect(access(home.place.socket, F_OK) == 0)
    try home.coffer("unlock", lines: [Home.passphrase])
  }

  @Test func `offline is said to every client`() throws {
    let home = try prepared()
    let started = try home.answer("engine", "start", "--offline")
    #expect(started["offline"] as? Bool == true)
    #expect(try home.start().status.isOffline)
  }

  @Test func `an idle engine sleeps: no processor time and no wake-up`() throws {
    let home = try prepared()
    let connection = try home.unlock()
    let file = try home.write("kraken.csv", Export.kraken)
    _ = try connection.ask(Request("import", ["path": file]))
    _ = try connection.snapshot()
    let engine = connection.peer
    // Threads that the work needed end by themselves, some seconds after it.
    var isAsleep = false
    for _ in 0..<6 where !isAsleep {
      let before = (Proc.ticks(of: engine), Proc.switches(of: engine))
      pass(milliseconds: 6_000)
      isAsleep = before == (Proc.ticks(of: engine), Proc.switches(of: engine))
    }
    #expect(isAsleep)
  }
}
