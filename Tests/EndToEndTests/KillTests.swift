import CPosix
import Foundation
import Glibc
import Link
import TestSupport
import Testing
import Wire

/// The engine is killed at moments chosen by chance; nothing that was acknowledged may be missing.
///
/// `COFFER_KILL_ROUNDS` sets the number of rounds, `SEED` the first seed.
@Suite(.serialized) struct KillTests {
  enum Deed: String, CaseIterable {
    case importing = "import"
    case rotating = "rotate"
    case backingUp = "backup"
  }

  /// Rows of the file: more than one transaction of the import.
  private static let entries = 16_000

  private static let rounds =
    ProcessInfo.processInfo.environment["COFFER_KILL_ROUNDS"].flatMap { Int($0) } ?? 16

  @Test func `killed at any moment, the vault keeps what was acknowledged and doubles nothing`()
    throws
  {
    let template = try Home()
    try template.makeVault()
    let file = try template.write("deposits.csv", Export.deposits(KillTests.entries))
    let half = try template.write("half.csv", Export.deposits(3_000))
    // Rotation and backup begin with a vault that holds something.
    let full = try Home.filled(from: half)
    var chance = Seeded.ofRun(20_261_121)
    for round in 0..<KillTests.rounds {
      let seed = chance.next()
      let deed: Deed = [.importing, .importing, .rotating, .backingUp][round % 4]
      let home = try deed == .importing ? Home.fresh() : Home.copied(full)
      try Round(home: home, deed: deed, file: file, entries: KillTests.entries)
        .run(seed: seed, known: deed == .importing ? 0 : 3_000)
    }
  }
}

extension Home {
  fileprivate static func fresh() throws -> Home {
    let home = try Home()
    try home.makeVault()
    return home
  }

  /// A home whose vault holds a file and whose engine has ended.
  fileprivate static func filled(from file: String) throws -> Home {
    let home = try fresh()
    let connection = try home.unlock()
    _ = try connection.ask(Request("import", ["path": file]))
    try connection.stop()
    return home
  }

  /// A home with a copy of another's vault and anchors.
  fileprivate static func copied(_ other: Home) throws -> Home {
    let home = try Home()
    try home.copyHome(other)
    return home
  }
}

/// One kill and what is looked at afterwards.
private struct Round {
  let home: Home
  let deed: KillTests.Deed
  let file: String
  let entries: Int

  func run(seed: UInt64, known: Int) throws {
    var chance = Seeded.ofRun(seed)
    let acknowledged = max(known, try killed(&chance))
    let label: Comment = "\(deed) with the seed \(seed), \(acknowledged) acknowledged"
    let connection = try reopened(label)
    let found = try count(connection)
    #expect(found >= acknowledged, label)
    #expect(try connection.ask(Request("check"))["sound"] == .flag(true), label)
    #expect(try connection.ask(Request("audit-verify"))["verified"] == .flag(true), label)
    // An undisturbed import gives exactly one entry a row of the file.
    let again = try connection.ask(Request("import", ["path": file]))
    #expect(try count(connection) == entries, label)
    #expect(again["added"] == .integer(Int64(entries - found)), label)
    #expect(again["duplicates"] == .integer(Int64(found)), label)
    #expect(try connection.ask(Request("check"))["sound"] == .flag(true), label)
    if deed == .backingUp { try checkBackup(label) }
    try connection.stop()
    let files = Set(Proc.names(in: home.vault))
    #expect(
      files.isDisjoint(with: ["rotating.db", "slots.new"])
        && files.filter { $0.hasPrefix("vault-") && $0.hasSuffix(".db") }.count == 1,
      "\(label): \(files)")
  }

  /// Starts the deed, kills the engine on the way, and gives the entries acknowledged until then.
  private func killed(_ chance: inout Seeded) throws -> Int {
    let connection = try home.unlock()
    let engine = connection.peer
    let share = Int64.random(in: -10...110, using: &chance)
    let delay = Int32.random(in: 0...40, using: &chance)
    try connection.send(.request(id: 1, request))
    var acknowledged = 0
    var isKilled = false
    func strike() {
      if isKilled { return }
      pass(milliseconds: delay)
      kill(engine, SIGKILL)
      isKilled = true
    }
    if share < 0 { strike() }
    while let message = try? connection.receiveWaiting() {
      switch message {
      case .status(let status): acknowledged = max(acknowledged, status.entries)
      case .progress(_, let progress):
        if progress.done * 100 >= progress.total * share { strike() }
      case .report(1, let report):
        if case .integer(let added) = report["added"] {
          acknowledged = max(acknowledged, Int(added))
        }
        strike()
      case .refusal(_, let refusal):
        Issue.record("\(deed) was refused: \(refusal.message)")
        strike()
      default: break
      }
    }
    try #require(hasEnded(engine))
    return acknowledged
  }

  private var request: Request {
    switch deed {
    case .importing: Request("import", ["path": file])
    case .rotating: Request("rotate", secrets: [Array(Home.passphrase.utf8)])
    case .backingUp: Request("backup", ["path": home("killed.coffer-backup")])
    }
  }

  private func reopened(_ label: Comment) throws -> EngineConnection {
    do { return try home.unlock() } catch {
      Issue.record("\(label): \(error)")
      throw error
    }
  }

  private func count(_ connection: EngineConnection) throws -> Int {
    guard case .integer(let count) = try connection.ask(Request("status"))["entries"] else {
      return -1
    }
    return Int(count)
  }

  /// A backup is there whole, or not at all.
  private func checkBackup(_ label: Comment) throws {
    guard access(home("killed.coffer-backup"), F_OK) == 0 else { return }
    let checked = try home.run(
      ["restore", "--verify", home("killed.coffer-backup")], lines: [Home.passphrase])
    #expect(checked.status == 0, "\(label): \(checked.errors)")
  }
}
