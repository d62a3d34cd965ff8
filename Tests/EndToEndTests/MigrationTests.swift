import Cipher
import Foundation
import GRDB
import Glibc
import Link
import Testing
import Wire

@testable import Vault

/// A change of the database's layout that is killed at any moment.
///
/// A process of the tests takes one step more than the programs know with the vault's own migration;
/// the programs then look at what is left.
@Suite(.serialized) struct MigrationTests {
  private static let variable = "COFFER_TEST_MIGRATED_VAULT"
  private static let rounds =
    ProcessInfo.processInfo.environment["COFFER_KILL_ROUNDS"].flatMap { Int($0) }.map { $0 / 5 }
    ?? 4

  @Test func `killed while the layout changes, the vault has the old one or the new one`()
    async throws
  {
    let full = try Home()
    try full.makeVault()
    let connection = try full.unlock()
    let file = try full.write("deposits.csv", Export.deposits(3_000))
    _ = try connection.ask(Request("import", ["path": file]))
    try connection.stop()
    for _ in 0..<MigrationTests.rounds {
      let home = try Home()
      try home.copyHome(full)
      setenv(MigrationTests.variable, home.vault, 1)
      await #expect(processExitsWith: .signal(SIGKILL)) {
        Thread.detachNewThread {
          pass(milliseconds: Int32.random(in: 0...400))
          kill(getpid(), SIGKILL)
        }
        try MigrationTests.migrate()
        pass(milliseconds: Child.patience)
      }
      try look(at: home)
    }
  }

  private func look(at home: Home) throws {
    let opened = try home.run(["unlock"], lines: [Home.passphrase])
    if opened.status != 0 {
      #expect(opened.status == 6 && opened.errors.contains("A later Coffer wrote"))
      let known = Schema.steps.count
      #expect(opened.errors.contains("its layout is \(known + 1), this one knows \(known)"))
      // The copy from before the step is the vault as it was.
      for ending in ["", "-wal", "-shm"] { unlink(home("vault/vault-1.db" + ending)) }
      try FileManager.default.moveItem(
        atPath: home("vault/vault-1.before-\(Schema.steps.count + 1).db"),
        toPath: home("vault/vault-1.db"))
      try home.coffer("unlock", lines: [Home.passphrase])
    }
    #expect(try home.answer("status")["entries"] as? Int == 3_000)
    #expect(try home.answer("doctor")["healthy"] as? Bool == true)
    try home.coffer("engine", "stop")
  }

  /// Takes one step more than there is, in the process that is to be killed.
  private static func migrate() throws {
    let folder = VaultFolder(path: try #require(getenv(variable).map { String(cString: $0) }))
    var bytes = Array(Home.passphrase.utf8)
    let header = try HeaderFile(path: folder.headerPath).read().header
    let root = try header.unlock(.passphrase(try SecretBytes(consuming: &bytes)))
    let key = try root.databaseKey()
    let path = folder.databasePath(header.database)
    CipherVFS.install()
    try CipherVFS.register(key: key, path: path)
    let pool = try DatabasePool(path: path, configuration: Store.configuration)
    let step = Schema.Step(
      sql: """
        ALTER TABLE entry ADD COLUMN extra TEXT;
        UPDATE entry SET extra = hex(content);
        CREATE INDEX entry_by_extra ON entry (extra);
        """)
    try Migration(
      folder: folder, database: header.database, key: key, steps: Schema.steps + [step]
    ).run(pool)
  }
}
