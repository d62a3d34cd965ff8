import Amounts
import Cipher
import Glibc
import Ledger
public import Link
import Vault
public import Wire

/// What is done with a vault while no engine has it: making, restoring, looking at its files.
public enum VaultMaker {
  /// A vault that was made.
  public struct Made: Sendable {
    /// Shown once.
    public let recoveryCode: String
    /// How the passphrase is guarded, for people.
    public let derivation: String
  }

  /// Makes a vault; a guess at its passphrase takes about a second on this machine.
  ///
  /// - Parameters:
  ///   - place: Where.
  ///   - passphrase: At least 8 bytes.
  ///   - currency: What figures are shown in.
  ///   - user: Who makes it.
  /// - Returns: The recovery code.
  /// - Throws: A refusal.
  public static func create(
    place: EnginePlace, passphrase: [UInt8], currency: String, user: String
  ) throws(Wire.Refusal) -> Made {
    guard let currency = Currency(currency) else {
      throw Refusal(.usage, "\(currency) is no currency code", advice: "For example: EUR")
    }
    let parent = place.vault.split(separator: "/").dropLast().joined(separator: "/")
    try EngineProcess.makeFolders("/" + parent)
    return try refusing {
      var options = Vault.Options(anchorFolder: try anchorFolder(place))
      options.cost = try ScryptCost.calibrate(target: .seconds(1))
      let author = author(user)
      var bytes = passphrase
      let (vault, code) = try Vault.create(
        at: place.vault, passphrase: try SecretBytes(consuming: &bytes), options: options,
        by: author)
      try vault.set("currency", to: currency.code, by: author)
      try vault.close()
      return Made(
        recoveryCode: code.displayText,
        derivation: "scrypt N=\(options.cost.n) r=\(options.cost.r) p=\(options.cost.p)")
    }
  }

  /// Restores a backup, or only verifies it.
  ///
  /// - Parameters:
  ///   - file: The backup.
  ///   - place: Where the vault goes.
  ///   - secret: Its passphrase or recovery code.
  ///   - replace: Whether a vault that is there is moved aside.
  ///   - onlyVerify: Whether nothing is restored.
  ///   - user: Who does it.
  ///   - progress: Told what is being done.
  /// - Returns: What the backup holds.
  /// - Throws: A refusal; a vault that was there is then as it was.
  public static func restore(
    file: String, place: EnginePlace, secret: [UInt8], replace: Bool, onlyVerify: Bool,
    user: String, progress: (Progress) -> Void
  ) throws(Wire.Refusal) -> Report {
    progress(Progress(stage: "verifying the backup", done: 0, total: 0, unit: ""))
    return try refusing {
      var bytes = secret
      let opener = SlotSecret(typed: try SecretBytes(consuming: &bytes))
      if onlyVerify {
        let scratch = "\(place.runtimeFolder)/verify-\(getpid())"
        try place.prepareRuntimeFolder()
        let contents = try Vault.checkBackup(
          file, secret: opener, scratch: scratch, by: author(user))
        return report(contents, verified: true, former: nil)
      }
      let parent = place.vault.split(separator: "/").dropLast().joined(separator: "/")
      try EngineProcess.makeFolders("/" + parent)
      let done = try Vault.restore(
        file, to: place.vault, secret: opener, replaces: replace,
        options: Vault.Options(anchorFolder: try anchorFolder(place)), by: author(user))
      return report(done.contents, verified: true, former: done.formerVault)
    }
  }

  private static func report(
    _ contents: Backup.Contents, verified: Bool, former: String?
  ) -> Report {
    var facts: [Report.Fact] = [
      .init("verified", .flag(verified)), .init("entries", .integer(Int64(contents.entries))),
      .init("audit_records", .integer(contents.auditRecords)),
      .init("bytes", .integer(contents.bytes)),
    ]
    if let former { facts.append(.init("former_vault", .text(former))) }
    return Report(facts: facts)
  }

  /// Verifies an exported audit log without any key.
  ///
  /// - Parameters:
  ///   - file: The log.
  ///   - checkpointFile: A checkpoint that was kept elsewhere.
  /// - Returns: What was verified.
  /// - Throws: A refusal that names the first record that is wrong.
  public static func verifyAudit(
    file: String, checkpointFile: String?
  ) throws(Wire.Refusal) -> Report {
    let checkpoint = try checkpointFile.map { path throws(Refusal) in try text(of: path) }
    let found: AuditReport
    do {
      found = try AuditVerifier.verify(file: file, checkpoint: checkpoint)
    } catch {
      throw Refusal(
        .damaged, "\(file): \(error.sentence)",
        advice: "The log was altered, cut or mixed up after it was exported.")
    }
    return Report(facts: [
      .init("verified", .flag(true)), .init("records", .integer(found.records)),
      .init("checkpoints", .integer(Int64(found.checkpoints))),
      .init("keys", .integer(Int64(found.keys))), .init("root", .text("\(found.root)")),
      .init("verifier", .text(found.verifier)),
    ])
  }

  private static func text(of path: String) throws(Refusal) -> String {
    let file = try SourceFile(path: path)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = try file.read(into: &buffer, at: 0)
    return String(decoding: buffer[..<count], as: UTF8.self)
  }

  /// One thing that was found out about a vault's files without a key.
  public struct Finding: Sendable {
    /// Whether it is as it should be.
    public let isGood: Bool
    /// What was found.
    public let text: String
    /// What to do, or empty.
    public let advice: String
  }

  /// Looks at a vault's folder without opening it.
  public static func look(at place: EnginePlace) -> [Finding] {
    do {
      let slots = try Vault.slots(at: place.vault)
      let few = slots < 2
      return [
        Finding(
          isGood: true, text: "closed to others, \(slots) key slots",
          advice: few ? "Add a second way to open it: coffer key recovery" : "")
      ]
    } catch {
      return [Finding(isGood: false, text: error.sentence, advice: error.advice)]
    }
  }

  private static func anchorFolder(_ place: EnginePlace) throws -> String {
    try EngineProcess.makeFolders(place.anchors)
    return place.anchors
  }

  private static func author(_ user: String) -> Attribution {
    Attribution(uid: getuid(), user: user, time: EngineLoop.now)
  }

  /// Turns whatever goes wrong into a refusal.
  private static func refusing<Value>(_ work: () throws -> Value) throws(Refusal) -> Value {
    do { return try work() } catch let refusal as Refusal {
      throw refusal
    } catch let fault as VaultFault {
      throw Refusal(fault)
    } catch {
      throw Refusal(.system, "\(error)")
    }
  }
}
