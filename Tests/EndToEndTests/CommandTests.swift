import Foundation
import Glibc
import Testing

/// The command line as scripts and people use it, with the vault that `coffer init` makes.
@Suite(.serialized) struct CommandTests {
  @Test func `from init to a rotated key, everything by commands`() throws {
    let home = try Home()
    let code = try initialise(home)
    try importAndLook(home)
    try exports(home)
    try backupAndRestore(home, code)
    try audit(home)
    try keys(home)
    try lockAndUnlock(home)
  }

  private func initialise(_ home: Home) throws -> String {
    let made = try home.answer("init", lines: [Home.passphrase])
    #expect(made["vault"] as? String == home.vault)
    let code = try #require(made["recovery_code"] as? String)
    #expect(code.count == 47)
    // At least OWASP's scrypt parameters: N = 2^17, r = 8, p = 1.
    #expect((made["key_derivation"] as? String)?.hasPrefix("scrypt N=") == true)
    let again = try home.run(["init"], lines: [Home.passphrase])
    #expect(again.status == 64 && again.errors.contains("There is something at \(home.vault)"))
    return code
  }

  private func importAndLook(_ home: Home) throws {
    let file = try home.write("kraken.csv", Export.kraken)
    let preview = try home.answer("import", "--preview", file, lines: [Home.passphrase])
    #expect(preview["would_add"] as? Int == 4)
    let added = try home.answer("import", file)
    #expect(added["format"] as? String == "kraken-ledgers" && added["rows"] as? Int == 6)
    #expect(added["added"] as? Int == 4 && added["refused"] as? Int == 1)
    let again = try home.answer("import", file)
    #expect(again["added"] as? Int == 0 && again["duplicates"] as? Int == 4)
    let strict = try home.run(["import", "--strict", file])
    #expect(strict.status == 1)

    // 1.2 - 0.2 - 0.0005 bitcoin; 50,000 - 42,000 - 10.92 dollars; price 42,000 / 1.2.
    let positions = try home.answer("positions")
    #expect(positions["value"] as? String == "42971.58")
    let rows = try #require(positions["positions"] as? [[String: Any]])
    #expect(rows.compactMap { $0["asset"] as? String } == ["BTC", "USD", "DOT"])
    #expect(
      rows.compactMap { $0["quantity"] as? String } == [
        "0.9995", "7989.08", "0.123456789012345678",
      ]
    )
    #expect(rows[0]["price"] as? String == "35000" && rows[0]["value"] as? String == "34982.5")
    #expect(rows[2]["price"] is NSNull && rows[2]["state"] as? String == "unpriced")

    let ledger = try home.answer("ledger")
    #expect(ledger["total"] as? Int == 4)
    let entries = try #require(ledger["entries"] as? [[String: Any]])
    #expect(
      entries.compactMap { $0["kind"] as? String } == ["withdrawal", "staking", "trade", "deposit"])
    #expect(entries[2]["moves"] as? String == "-42000 USD, +1.2 BTC, -10.92 USD fee")

    let refused = try home.answer("refused")
    let row = try #require((refused["refused"] as? [[String: Any]])?.first)
    #expect(row["line"] as? Int == 6 && row["reason"] as? String == "not-a-number")
    #expect(row["raw"] as? String == Export.kraken.split(separator: "\n").map(String.init)[5])
  }

  /// The vault tells refused rows a thousand at a time; an export has all of them, each once.
  @Test func `why an engine does not start is said where it was to be started`() throws {
    let home = try Home()
    try home.makeVault()
    let done = try home.run(["account", "status"], ["COFFER_SIMULATED=/nowhere.json"])
    #expect(done.status != 0)
    #expect(done.errors.contains("cannot read the simulated venues of /nowhere.json"))
    #expect(done.errors.contains("coffer simulate --output /nowhere.json"))
  }

  @Test func `an export of more than a thousand refused rows is whole`() throws {
    let home = try Home()
    try home.makeVault()
    _ = try home.unlock()
    // Lines of Kraken's export with an amount that is no number.
    let lines = Export.kraken.split(separator: "\n").map { String($0) }
    let (head, good) = (lines[0], lines[1])
    let amount = try #require(good.split(separator: ",").firstIndex { $0.contains("50000") })
    let bad = (0..<2_345).map { number in
      var cells = good.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
      cells[amount] = "\"x\(number)\""
      return cells.joined(separator: ",")
    }
    let file = try home.write("kraken.csv", ([head] + bad).joined(separator: "\n") + "\n")
    let added = try home.answer("import", file)
    #expect(added["refused"] as? Int == 2_345)
    let exported = home("refused.json")
    try home.coffer("export", "refused", "--output", exported)
    let raws = try Proc.bytes(of: exported).split(separator: UInt8(ascii: "\n")).map { line in
      let row = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
      return try #require(row?["raw"] as? String)
    }
    #expect(raws.count == 2_345)
    #expect(Set(raws) == Set(bad))
  }

  private func exports(_ home: Home) throws {
    let hostile = Export.records([
      (asset: "=SUM(A1)", wallet: "+wallet", note: "=cmd|' /C calc'!A0"),
      (asset: "TOK", wallet: "-wallet", note: "@c1 \u{9B}2J \u{1B}]52;c;QQ==\u{7} \u{202E}evil"),
      (asset: "OK", wallet: "plain, quoted \"wallet\"", note: "\tindented"),
    ])
    try home.coffer("import", try home.write("records.csv", hostile))
    for what in ["entries", "holdings", "accounts", "imports", "refused", "prices", "links"] {
      let file = home("\(what).csv")
      try home.coffer("export", what, "--format", "csv", "-o", file)
      let text = try String(contentsOfFile: file, encoding: .utf8)
      for cell in cells(text) {
        #expect(
          !"=+@\t\r".contains(cell.first ?? " ") && (!cell.hasPrefix("-") || Double(cell) != nil),
          "\(what): \(cell)")
      }
      expectHarmless(text, what)
      var mode = stat()
      #expect(stat(file, &mode) == 0 && mode.st_mode & 0o777 == 0o600)
    }
    try home.coffer("export", "all", "-o", home("all.json"))
    let text = try String(contentsOfFile: home("all.json"), encoding: .utf8)
    expectHarmless(text, "all")
    let records = try text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    let entries = records.filter { $0["record"] as? String == "entry" }
    #expect(entries.count == 7)
    // What came in is there as it came, once the JSON is read.
    #expect(
      entries.contains {
        $0["note"] as? String == "@c1 \u{9B}2J \u{1B}]52;c;QQ==\u{7} \u{202E}evil"
      })
    let again = try home.run(["export", "all", "-o", home("all.json")])
    #expect(again.status == 64 && again.errors.contains("is there already"))
    try home.coffer("export", "all", "--replace", "-o", home("all.json"))
  }

  /// Nothing in it does anything in a terminal that shows the file.
  private func expectHarmless(_ text: String, _ what: String) {
    let bad = text.unicodeScalars.filter {
      $0.value < 0x20 && !"\r\n\t".unicodeScalars.contains($0) || (0x7F...0x9F).contains($0.value)
        || (0x202A...0x202E).contains($0.value)
    }
    #expect(bad.isEmpty, "\(what) has \(bad.map(\.value))")
  }

  private func cells(_ text: String) -> [String] {
    text.split(separator: "\r\n").flatMap { line in
      line.matches(of: #/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/#).map {
        String($0.1 ?? $0.2 ?? "")
      }
    }
  }

  private func backupAndRestore(_ home: Home, _ code: String) throws {
    let file = home("main.coffer-backup")
    let made = try home.answer("backup", file)
    #expect(made["entries"] as? Int == 7 && made["verified"] as? Bool == true)
    let other = home("restored")
    let busy = try home.run(["restore", file], lines: [code])
    #expect(busy.status == 8 && busy.errors.contains("an engine runs"))
    try home.coffer("restore", "--verify", file, lines: [code])
    let restored = try home.answer("restore", file, "--vault", other, lines: [code.lowercased()])
    #expect(restored["entries"] as? Int == 7)
    let here = try home.answer("positions")
    let there = try home.answer("positions", "--vault", other, lines: [Home.passphrase])
    #expect(here["positions"] as? NSArray == there["positions"] as? NSArray)
    try home.coffer("engine", "stop", "--vault", other)
    let wrong = try home.run(
      ["restore", file, "--vault", home("never")], lines: ["wrong horse battery"])
    #expect(wrong.status == 4 && access(home("never"), F_OK) != 0)
  }

  private func audit(_ home: Home) throws {
    let file = home("audit.log")
    try home.coffer("audit", "export", file)
    #expect(try home.answer("audit", "verify")["verified"] as? Bool == true)
    // Somebody else, with the file alone.
    let auditor = try Home()
    let found = try auditor.answer("audit", "verify", file)
    #expect(found["verified"] as? Bool == true)
    #expect(found["records"] as? Int == (try home.answer("audit")["records"] as? Int))
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let lines = text.split(separator: "\n").map(String.init)
    // The first line is the log's name and key; the record numbered 3 is the fifth.
    var altered = lines
    altered[4] = altered[4].replacingOccurrences(of: "\"action\":\"", with: "\"action\":\"x")
    try auditor.write("altered.log", altered.joined(separator: "\n") + "\n")
    let tampered = try auditor.run(["audit", "verify", auditor("altered.log")])
    #expect(tampered.status == 6 && tampered.errors.contains("ecord 3"), "\(tampered.errors)")
    var cut = lines
    cut.remove(at: 4)
    try auditor.write("cut.log", cut.joined(separator: "\n") + "\n")
    let shortened = try auditor.run(["audit", "verify", auditor("cut.log")])
    #expect(
      shortened.status == 6 && shortened.errors.contains("The checkpoint over"),
      "\(shortened.errors)")
  }

  private func keys(_ home: Home) throws {
    let second = "another good passphrase"
    let third = "a third good passphrase"
    #expect(try slots(home.answer("key")) == ["passphrase", "recovery"])
    let refused = try home.run(["key", "add"], lines: ["wrong horse battery", second])
    #expect(refused.status == 4)
    try home.answer("key", "add", "--label", "anna", lines: [Home.passphrase, second])
    try home.answer("key", "change", lines: [second, third])
    #expect(try home.run(["key", "change"], lines: [second, "whatever else"]).status == 4)
    let recovery = try home.answer("key", "recovery", lines: [third])
    #expect((recovery["recovery_code"] as? String)?.count == 47)
    let own = try home.run(["key", "remove", "1"], lines: [Home.passphrase])
    #expect(own.status == 64 && own.errors.contains("Give one of another slot"))
    let left = try home.answer("key", "remove", "2", lines: [Home.passphrase])
    #expect(slots(left) == ["passphrase", "passphrase", "recovery"])

    let rotated = try home.answer("key", "rotate", lines: [third])
    let code = try #require(rotated["recovery_code"] as? String)
    #expect(rotated["slots"] as? Int == 2)
    try home.coffer("lock")
    #expect(try home.run(["unlock"], lines: [Home.passphrase]).status == 4)
    try home.coffer("unlock", lines: [code])
    try home.coffer("lock")
    try home.coffer("unlock", lines: [third])
    #expect(try home.answer("audit", "verify")["verified"] as? Bool == true)
    #expect(try home.answer("doctor")["healthy"] as? Bool == true)
    // The log of both keys verifies without the vault.
    try home.coffer("audit", "export", "--replace", home("audit.log"))
    #expect(try home.answer("audit", "verify", home("audit.log"))["keys"] as? Int == 2)
  }

  private func slots(_ answer: [String: Any]) -> [String] {
    (answer["slots"] as? [[String: Any]] ?? []).compactMap { $0["kind"] as? String }
  }

  private func lockAndUnlock(_ home: Home) throws {
    try home.coffer("lock")
    #expect(try home.answer("status")["unlocked"] as? Bool == false)
    try home.coffer("unlock", lines: ["a third good passphrase"])
    #expect(try home.answer("status")["entries"] as? Int == 7)
    try home.coffer("engine", "stop")
    let gone = try home.run(["status"])
    #expect(gone.status == 5 && gone.errors.contains("no engine runs for \(home.vault)"))
  }
}

/// What the program says about itself.
@Suite(.serialized) struct HelpTests {
  private static let commands: [[String]] =
    [
      "open", "demo", "init", "unlock", "lock", "status", "engine", "import", "imports", "refused",
      "formats", "adjust", "export", "positions", "ledger", "account", "asset", "prices", "price",
      "currency",
      "backup", "restore", "key", "audit", "doctor", "theme", "keymap", "keys", "completions",
      "version",
      "venues", "wallet", "limits", "breaks", "book", "simulate",
    ].map { [$0] }
    + [
      "engine start", "engine stop", "engine status", "engine run", "account list",
      "account rename", "account book", "asset list", "asset link", "asset unlink", "price list",
      "price set", "price approve", "price withdraw", "price statements", "price benchmark",
      "strike", "strike list", "strike make", "strike show", "strike cutoff",
      "key list", "key add", "key change", "key recovery", "key remove", "key rotate",
      "audit status", "audit verify", "audit export", "theme list", "theme check", "keymap list",
      "keymap check", "account add", "account status", "account rekey", "account remove",
      "account pause", "account resume", "account requery", "wallet add",
    ].map { $0.split(separator: " ").map(String.init) }

  @Test func `every command has help, and the list is whole`() throws {
    let home = try Home()
    for command in HelpTests.commands {
      let help = try home.run(command + ["--help"])
      #expect(help.status == 0, "\(command)")
      #expect(help.output.hasPrefix("OVERVIEW: ") && help.output.contains("USAGE: coffer"))
    }
    let all = try home.run(["--help"])
    let listed = all.output.split(separator: "\n").filter { $0.hasPrefix("  ") }.compactMap {
      $0.split(separator: " ").first.map(String.init)
    }.filter { !$0.hasPrefix("-") }
    for command in HelpTests.commands where command.count == 1 {
      #expect(listed.contains(command[0]), "\(command)")
    }
    #expect(try home.run(["version"]).output.hasPrefix("coffer "))
    #expect(try home.run(["--version"]).status == 0)
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `completions parse in their shell`(shell: String) throws {
    let home = try Home()
    let script = try home.run(["completions", shell])
    #expect(script.status == 0 && script.output.contains("positions"))
    let file = try home.write("completions", script.output)
    // A shell that is not installed cannot be asked.
    guard let program = Programs.system(shell) else { return }
    let check = try Child([program, "-n", file], environment: home.environment())
    #expect(check.wait() == 0)
  }

  @Test(arguments: [["formats"], ["theme"], ["keymap"], ["keys"], ["theme", "check", "dark"]])
  func `answers without a vault are JSON`(command: [String]) throws {
    let home = try Home()
    let done = try home.run(command + ["--json"])
    #expect(done.status == 0)
    _ = try done.json()
  }
}
