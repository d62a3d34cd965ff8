import Cipher
import Glibc
import Ledger
import Link
import Vault
import Wire

/// Key slots, rotation, backup and the audit log.
extension VaultWorker {
  func slotsReport() throws -> Report {
    Report(
      facts: [.init("generation", .integer(try vault.headerGeneration))], tableName: "slots",
      columns: ["slot", "kind", "label", "created", "derivation"],
      rows: try vault.slots.enumerated().map { number, slot in
        [
          .integer(Int64(number + 1)), .text(slot.kind.rawValue), .text(slot.label),
          .text(Instant(seconds: slot.created).description),
          .text("scrypt N=\(slot.cost.n) r=\(slot.cost.r) p=\(slot.cost.p)"),
        ]
      })
  }

  func addSlot(_ request: Request) throws -> Report {
    _ = try opened(by: request, 0)
    _ = try vault.addSlot(
      .passphrase(try request.secret(1)), label: request.arguments["label"] ?? "passphrase",
      cost: try cost(), by: request.author)
    return try slotsReport()
  }

  func addRecovery(_ request: Request) throws -> Report {
    _ = try opened(by: request, 0)
    let code = try RecoveryCode()
    _ = try vault.addSlot(
      .recovery(code), label: "recovery code", cost: try cost(), by: request.author)
    return Report(facts: [.init("recovery_code", .text(code.displayText))])
  }

  func removeSlot(_ request: Request) throws -> Report {
    let text = try request.required("slot")
    let slots = try vault.slots
    guard let number = Int(text), slots.indices.contains(number - 1) else {
      throw Refusal(.notFound, "there is no slot \(text)", advice: "See: coffer key list")
    }
    let opener = try opened(by: request, 0)
    if opener.id == slots[number - 1].id {
      throw Refusal(
        .usage, "that passphrase is the one of slot \(number)",
        advice: "Give one of another slot, so that you are not locked out.")
    }
    try vault.removeSlot(slots[number - 1].id, by: request.author)
    return try slotsReport()
  }

  func changeSlot(_ request: Request) throws -> Report {
    let slot = try opened(by: request, 0)
    guard slot.kind == .passphrase else {
      throw Refusal(
        .usage, "a recovery code is not changed", advice: "Make a new one: coffer key recovery")
    }
    try vault.changeSlot(
      slot.id, to: .passphrase(try request.secret(1)), label: slot.label, cost: try cost(),
      by: request.author)
    return try slotsReport()
  }

  func rotate(_ request: Request, _ id: WorkID) throws -> Report {
    var kept: [String: SlotSecret] = [:]
    for index in request.secrets.indices {
      let secret = SlotSecret(typed: try request.secret(index))
      kept[try vault.slot(opening: secret).id] = secret
    }
    let code = try RecoveryCode()
    let recovery = KeySlots.SlotRequest(
      secret: .recovery(code), label: "recovery code", created: EngineLoop.now.seconds,
      cost: try cost())
    // The file is replaced: nobody reads meanwhile.
    try withoutReaders {
      defer { renewReader() }
      try vault.rotateRoot(secrets: kept, adding: [recovery], by: request.author) { done in
        tell(id, "encrypting anew", done)
      }
    }
    return Report(facts: [
      .init("recovery_code", .text(code.displayText)),
      .init("slots", .integer(Int64(try vault.slots.count))),
    ])
  }

  func backup(_ request: Request, _ id: WorkID) throws -> Report {
    let path = try request.required("path")
    let contents = try vault.backup(
      to: path, replaces: request.arguments["replace"] == "yes", by: request.author
    ) { done in tell(id, "backing up", done) }
    return Report(facts: [
      .init("file", .text(path)), .init("entries", .integer(Int64(contents.entries))),
      .init("audit_records", .integer(contents.auditRecords)),
      .init("bytes", .integer(contents.bytes)), .init("verified", .flag(true)),
    ])
  }

  func auditStatus() throws -> Report {
    let statistics = try vault.statistics()
    return Report(facts: [
      .init("records", .integer(statistics.auditRecords)),
      .init("verifier", .text(try vault.auditVerifier)),
      .init("checkpoint", .text(try vault.auditCheckpoint())),
    ])
  }

  func auditVerify() throws -> Report {
    let records = try vault.verifyAudit()
    return Report(facts: [.init("verified", .flag(true)), .init("records", .integer(records))])
  }

  func auditExport(_ request: Request) throws -> Report {
    let path = try request.required("path")
    let replaces = request.arguments["replace"] == "yes"
    if !replaces && access(path, F_OK) == 0 {
      throw Refusal(
        .usage, "\(path) is there already", advice: "Choose another name, or add --replace.")
    }
    if replaces {
      try replaceAuditExport(path)
    } else {
      try vault.exportAudit(to: path)
    }
    return Report(facts: [
      .init("file", .text(path)), .init("verifier", .text(try vault.auditVerifier)),
    ])
  }

  /// Writes beside the old file first, so that one of the two is always whole.
  private func replaceAuditExport(_ path: String) throws {
    let temporary = "\(path).part-\(getpid())"
    try vault.exportAudit(to: temporary)
    if rename(temporary, path) != 0 {
      let text = systemText(errno)
      unlink(temporary)
      throw Refusal(.system, "cannot write \(path): \(text)")
    }
  }

  /// The slot that a request's secret opens: nobody changes keys who could not open the vault.
  private func opened(by request: Request, _ index: Int) throws -> KeySlot {
    try vault.slot(opening: SlotSecret(typed: try request.secret(index)))
  }

  /// What a guess at a new slot costs: as much as at the dearest slot there is.
  private func cost() throws -> ScryptCost {
    let known = try vault.slots.map(\.cost).max { $0.n < $1.n }
    guard let known, known.n > ScryptCost.floor.n else { return .floor }
    return known
  }

  private func tell(_ id: WorkID, _ stage: String, _ percent: Int) {
    inbox.post(
      .progressed(id, Progress(stage: stage, done: Int64(percent), total: 100, unit: "%")))
  }
}
