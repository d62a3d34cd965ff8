import Foundation
import Glibc
import Link
import Testing
import Wire

/// A text that is in the vault must be in no file that the program writes.
@Suite(.serialized) struct CanaryTests {
  private let home: Home
  private let canary: String
  private let file: String

  init() throws {
    home = try Home()
    try home.makeVault()
    var chance = SystemRandomNumberGenerator()
    canary = "canary" + String(chance.next(), radix: 36) + String(chance.next(), radix: 36)
    mkdir(home("input"), 0o700)
    let canary = canary
    let rows = (0..<12_000).map { number in
      (asset: "BTC", wallet: "\(canary) wallet", note: "\(canary) note \(number)")
    }
    // The last row is refused, and kept as raw text.
    file = try home.write(
      "input/records.csv", Export.records(rows) + "Deposit,\(canary),BTC,,,,,,,,W,never,\r\n")
  }

  @Test func `while importing, open, rotating, backing up and at rest no file has it`() throws {
    let connection = try home.unlock()
    let engine = connection.peer
    try connection.send(.request(id: 1, Request("import", ["path": file])))
    try stopped(engine, connection, after: 90) { expectUnseen("importing") }
    _ = try answer(connection)
    expectUnseen("open")
    // Proof that the vault does have it, and that the search would find it.
    let page = try connection.page(
      LedgerQuery(asset: nil, account: nil, text: canary, offset: 0, limit: 1))
    #expect(page.total == 12_000)
    #expect(try connection.ask(Request("refused")).rows.count == 1)
    #expect(CanaryTests.files(in: home("input"), with: canary).count == 1)

    try connection.send(
      .request(id: 1, Request("rotate", secrets: [Array(Home.passphrase.utf8)])))
    try stopped(engine, connection, after: 30) { expectUnseen("rotating") }
    _ = try answer(connection)
    expectUnseen("rotated")
    try connection.send(.request(id: 1, Request("backup", ["path": home("vault.backup")])))
    try stopped(engine, connection, after: 30) { expectUnseen("backing up") }
    _ = try answer(connection)
    expectUnseen("backed up")
    try connection.stop()
    expectUnseen("at rest")
  }

  @Test(arguments: [SIGSEGV, SIGABRT, SIGBUS, SIGQUIT] as [Int32])
  func `a crash in the middle of an import leaves neither a core nor the text`(
    number: Int32
  ) throws {
    mkdir(home.place.runtimeFolder, 0o700)
    let script = #"ulimit -c unlimited; cd "$0"; exec "$@""#
    let child = try Child(
      ["/bin/sh", "-c", script, home("tmp"), Programs.engine, "engine", "run"],
      environment: home.environment())
    #expect(eventually { access(home.place.socket, F_OK) == 0 })
    let connection = try home.unlock()
    #expect(connection.peer == child.process)
    try connection.send(.request(id: 1, Request("import", ["path": file])))
    try stopped(child.process, connection, after: 90) { child.signal(number) }
    #expect(child.wait() == 128 + number)
    #expect(!child.dumpedCore)
    #expect(Proc.names(in: home("tmp")).isEmpty)
    expectUnseen("crashed")
  }

  /// Holds the engine at a moment of its work and looks.
  private func stopped(
    _ engine: pid_t, _ connection: EngineConnection, after percent: Int64, _ look: () -> Void
  ) throws {
    while let message = try connection.receiveWaiting() {
      if case .refusal(_, let refusal) = message { throw refusal }
      guard case .progress(_, let progress) = message else { continue }
      if progress.stage.hasPrefix("checking") || progress.done * 100 < progress.total * percent {
        continue
      }
      kill(engine, SIGSTOP)
      look()
      kill(engine, SIGCONT)
      return
    }
    Issue.record("the work ended before it could be looked at")
  }

  private func answer(_ connection: EngineConnection) throws -> Report {
    while let message = try connection.receiveWaiting() {
      if case .report(_, let report) = message { return report }
      if case .refusal(_, let refusal) = message { throw refusal }
    }
    throw Refusal(.system, "the engine is gone")
  }

  /// Everything in the home but the imported file itself.
  private func expectUnseen(_ moment: String, place: SourceLocation = #_sourceLocation) {
    for folder in Proc.names(in: home.path) where folder != "input" {
      let found = CanaryTests.files(in: home(folder), with: canary)
      #expect(found.isEmpty, "\(moment)", sourceLocation: place)
    }
  }

  private static func files(in folder: String, with text: String) -> [String] {
    var paths = [folder]
    if let found = FileManager.default.enumerator(atPath: folder) {
      paths += found.compactMap { $0 as? String }.map { folder + "/" + $0 }
    }
    return paths.filter { Data(Proc.bytes(of: $0)).range(of: Data(text.utf8)) != nil }
  }
}
