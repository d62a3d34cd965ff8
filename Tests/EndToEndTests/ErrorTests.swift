import Foundation
import Glibc
import Link
import Testing
import Wire

/// Everything that can be wrong with a vault says so in one sentence, with the place and the way out.
@Suite(.serialized) struct ErrorTests {
  /// A home whose vault holds a few entries and whose engine has ended.
  private func prepared() throws -> Home {
    let home = try Home()
    try home.makeVault()
    let connection = try home.unlock()
    let file = try home.write("kraken.csv", Export.kraken)
    _ = try connection.ask(Request("import", ["path": file]))
    try connection.stop()
    return home
  }

  private func expect(
    _ done: Finished, status: Int32, _ texts: String..., place: SourceLocation = #_sourceLocation
  ) {
    #expect(done.status == status, "\(done.errors)", sourceLocation: place)
    #expect(done.errors.hasPrefix("coffer: "), "\(done.errors)", sourceLocation: place)
    for text in texts {
      #expect(done.errors.contains(text), "\(done.errors)", sourceLocation: place)
    }
  }

  private func unlock(_ home: Home, _ secret: String = Home.passphrase) throws -> Finished {
    try home.run(["unlock"], lines: [secret])
  }

  @Test func `no vault`() throws {
    let home = try Home()
    for command in [["unlock"], ["positions"], ["import", "file.csv"]] {
      expect(
        try home.run(command), status: 5, "there is no vault at \(home.vault)", "coffer init",
        "coffer demo")
    }
    #expect(Proc.processes(with: home.path).isEmpty)
  }

  @Test func `a wrong passphrase`() throws {
    let home = try prepared()
    expect(
      try unlock(home, "wrong horse battery"), status: 4,
      "The passphrase or code does not open the vault at \(home.vault).", "recovery code")
    #expect(try home.answer("engine", "status")["unlocked"] as? Bool == false)
  }

  @Test func `a locked vault`() throws {
    let home = try prepared()
    // Without a terminal to ask at: in a session of its own.
    let setsid = try #require(Programs.system("setsid"))
    for command in [["positions"], ["ledger", "--json"], ["export", "all", "-o", home("x")]] {
      expect(
        try home.run(command, through: [setsid, "--wait"]), status: 3, "the vault is locked",
        "coffer unlock")
    }
  }

  @Test func `a flipped bit in a page that is read`() throws {
    let home = try prepared()
    try flip(home("vault/vault-1.db"), at: 4096 * 2 + 200)
    // Which of the two is met first depends on what is read when the vault is opened.
    let done = try unlock(home)
    if done.status == 0 {
      let doctor = try home.run(["doctor"])
      #expect(doctor.status == 1)
      #expect(doctor.output.contains("Page 3 of the database \(home.vault)/vault-1.db is not as"))
      #expect(doctor.output.contains("coffer restore"))
    } else {
      expect(done, status: 6, "Page 3 of the database", "is not as it was written", "restore")
    }
  }

  @Test func `every page is guarded: a flipped bit anywhere is found by the doctor`() throws {
    let home = try prepared()
    let size = try Data(contentsOf: URL(filePath: home("vault/vault-1.db"))).count
    for page in [1, 2, size / 4096 / 2, size / 4096 - 1] {
      let other = try Home()
      try other.copyHome(home)
      try flip(other("vault/vault-1.db"), at: 4096 * page + 4000)
      let done = try unlock(other)
      let doctor = try other.run(["doctor"])
      let text = done.errors + doctor.output
      #expect(done.status == 6 || doctor.status == 1, "page \(page + 1): \(text)")
      #expect(text.contains("Page \(page + 1) of the database"), "page \(page + 1): \(text)")
    }
  }

  @Test(arguments: [4096 * 3 + 5, 4096 * 3, 100, 0])
  func `a truncated database`(size: Int) throws {
    let home = try prepared()
    truncate(home("vault/vault-1.db"), size)
    expect(
      try unlock(home), status: 6, "The database \(home.vault)/vault-1.db ends early.",
      "coffer restore")
    // Looking changes nothing.
    #expect(try Data(contentsOf: URL(filePath: home("vault/vault-1.db"))).count == size)
  }

  @Test func `altered key slots`() throws {
    let home = try prepared()
    for name in ["slots", "slots.copy"] { try flip(home("vault/" + name), at: 150) }
    let done = try unlock(home)
    #expect([4, 6].contains(done.status))
    #expect(done.errors.contains("key slots") || done.errors.contains("does not open"))
  }

  @Test func `a copy of the vault from before`() throws {
    let home = try prepared()
    try home.copy("vault", to: "older")
    let file = try home.write("more.csv", Export.deposits(3))
    try home.coffer("import", file, lines: [Home.passphrase])
    try home.coffer("engine", "stop")
    try FileManager.default.removeItem(atPath: home.vault)
    try home.copy("older", to: "vault")
    expect(
      try unlock(home), status: 6, "The vault at \(home.vault) is older than it was",
      "audit records", "If you restored an older copy yourself, say so")
    try home.coffer("unlock", "--accept-rollback", lines: [Home.passphrase])
    try home.coffer("engine", "stop")
    try home.coffer("unlock", lines: [Home.passphrase])
  }

  @Test func `a folder that others may enter`() throws {
    let home = try prepared()
    chmod(home.vault, 0o755)
    expect(
      try unlock(home), status: 7, "Other users may use \(home.vault): its mode is 0755.",
      "chmod 0700 '\(home.vault)'")
    let doctor = try home.run(["doctor", "--json"])
    #expect(doctor.status == 1 && doctor.output.contains("its mode is 0755"))
  }

  @Test(arguments: ["vault-1.db", "slots", "slots.copy"])
  func `a file that others may read`(name: String) throws {
    let home = try prepared()
    chmod(home("vault/" + name), 0o644)
    expect(
      try unlock(home), status: 7, "Other users may use \(home.vault)/\(name): its mode is 0644.",
      "chmod 0600 '\(home.vault)/\(name)'")
  }

  @Test func `a runtime folder that others may enter`() throws {
    let home = try prepared()
    mkdir(home("run/coffer"), 0o755)
    chmod(home("run/coffer"), 0o755)
    expect(
      try home.run(["engine", "start"]), status: 7, "others may enter \(home.path)/run/coffer",
      "chmod 700")
  }

  @Test func `another engine has the vault`() throws {
    let home = try prepared()
    let engine = try home.unlock().peer
    mkdir(home("other"), 0o700)
    let other = ["XDG_RUNTIME_DIR=\(home.path)/other"]
    let done = try home.run(["unlock"], lines: [Home.passphrase], other)
    expect(
      done, status: 8, "The vault at \(home.vault) is in use by process \(engine).",
      "coffer engine stop")
  }

  @Test func `a file of no known format`() throws {
    let home = try prepared()
    let file = try home.write("own.csv", "when,what\n1,2\n")
    expect(
      try home.run(["import", file], lines: [Home.passphrase]), status: 64,
      "\(file):1: no known format has the columns 'when', 'what'", "coffer formats", "--profile")
  }

  @Test func `a file that is not there, and a folder`() throws {
    let home = try prepared()
    expect(
      try home.run(["import", home("nothing.csv")], lines: [Home.passphrase]), status: 5,
      "cannot read \(home.path)/nothing.csv: No such file or directory")
    expect(try home.run(["import", home("tmp")]), status: 64, "\(home.path)/tmp is not a file")
  }

  @Test func `a path too long for a socket`() throws {
    let home = try prepared()
    let folder = home(String(repeating: "long", count: 25))
    mkdir(folder, 0o700)
    expect(
      try home.run(["engine", "start"], ["XDG_RUNTIME_DIR=\(folder)"]), status: 1,
      "cannot listen on \(folder)/coffer/", "File name too long", "shorter path")
  }

  @Test func `folders and files that cannot be written`() throws {
    let home = try prepared()
    let blocked = "/proc/1/nowhere"
    expect(
      try home.run(["engine", "start"], ["XDG_RUNTIME_DIR=\(blocked)"]), status: 1,
      "cannot make the folder \(blocked)/coffer: ", "XDG_RUNTIME_DIR")
    expect(
      try home.run(["engine", "start"], ["XDG_STATE_HOME=\(blocked)"]), status: 1,
      "cannot make the folder \(blocked): ")
    expect(
      try home.run(["export", "all", "-o", blocked + "/x"], lines: [Home.passphrase]), status: 1,
      "cannot write \(blocked)/x")
    expect(
      try home.run(["backup", blocked + "/x"]), status: 1, "\(blocked)/x",
      "No such file or directory")
    expect(
      try home.run(["init", "--vault", blocked + "/x/y"], lines: [Home.passphrase]), status: 1,
      "cannot make the folder \(blocked)")
  }

  @Test func `wrong use of the command line`() throws {
    let home = try Home()
    #expect(try home.run(["no-such-command"]).status == 64)
    #expect(try home.run(["ledger", "--limit", "0"]).status == 64)
    expect(try home.run(["init"], lines: ["short"]), status: 64, "The passphrase is too short.")
    expect(try home.run(["init"], lines: [""]), status: 64, "the passphrase is empty")
  }

  private func flip(_ path: String, at offset: Int) throws {
    let file = try FileHandle(forUpdating: URL(filePath: path))
    try file.seek(toOffset: UInt64(offset))
    let byte = try #require(try file.read(upToCount: 1)?.first)
    try file.seek(toOffset: UInt64(offset))
    try file.write(contentsOf: Data([byte ^ 0x10]))
    try file.close()
  }
}

extension Home {
  /// Takes a copy of another home's vault and of what is remembered of it.
  func copyHome(_ other: Home) throws {
    for part in ["vault", "state"] {
      let copy = try Child(["/bin/cp", "-a", other(part), path], environment: [])
      try #require(copy.wait() == 0)
    }
  }
}
