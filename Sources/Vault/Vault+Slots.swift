public import Cipher
import GRDB
import Ledger

extension Vault {
  /// The key slots, oldest first; they hold no secret that is not encrypted.
  public var slots: [KeySlot] { header.slots }

  /// How often the header was changed.
  public var headerGeneration: Int64 { header.generation }

  /// Adds a slot.
  ///
  /// - Parameters:
  ///   - secret: The secret that shall open it.
  ///   - label: What its owner calls it, at most 80 characters.
  ///   - cost: What a guess shall cost.
  ///   - author: Who adds it, and when.
  /// - Returns: The slot.
  /// - Throws: `VaultFault`.
  @discardableResult
  public func addSlot(
    _ secret: SlotSecret, label: String, cost: ScryptCost = .floor, by author: Attribution
  ) throws(VaultFault) -> KeySlot {
    try checkStrength(secret)
    let request = KeySlots.SlotRequest(
      secret: secret, label: label, created: author.time.seconds, cost: cost)
    try changeHeader(.addSlot, by: author) { try $0.adding(request, root: root) }
    guard let slot = header.slots.last else { preconditionFailure("A slot was just added.") }
    return slot
  }

  /// The slot that a secret opens.
  ///
  /// - Parameter secret: A passphrase or a recovery code.
  /// - Returns: The slot.
  /// - Throws: `wrongSecret` where it opens none.
  public func slot(opening secret: SlotSecret) throws(VaultFault) -> KeySlot {
    do { return try header.slot(opening: secret) } catch { throw VaultFault(error, path: path) }
  }

  /// Removes a slot; who kept an old copy of the header can still open it: rotate the root key then.
  ///
  /// - Parameters:
  ///   - id: The slot's name.
  ///   - author: Who removes it, and when.
  /// - Throws: `refused(.lastSlot)` for the last one, `notFound` for a name that is none.
  public func removeSlot(_ id: String, by author: Attribution) throws(VaultFault) {
    try changeHeader(.removeSlot, slot: id, by: author) { try $0.removing(id, root: root) }
  }

  /// Puts another secret into a slot.
  ///
  /// - Parameters:
  ///   - id: The slot's name.
  ///   - secret: The new secret.
  ///   - label: What its owner calls it now.
  ///   - cost: What a guess shall cost.
  ///   - author: Who changes it, and when.
  /// - Throws: `VaultFault`.
  public func changeSlot(
    _ id: String, to secret: SlotSecret, label: String, cost: ScryptCost = .floor,
    by author: Attribution
  ) throws(VaultFault) {
    try checkStrength(secret)
    let request = KeySlots.SlotRequest(
      secret: secret, label: label, created: author.time.seconds, cost: cost)
    try changeHeader(.changeSlot, slot: id, by: author) {
      try $0.changing(id, to: request, root: root)
    }
  }

  /// Writes a new header down after its audit record: no record, no change.
  private func changeHeader(
    _ action: AuditAction, slot: String? = nil, by author: Attribution,
    _ change: (KeySlots) throws -> KeySlots
  ) throws(VaultFault) {
    do {
      let changed = try change(header)
      let name = slot ?? changed.slots.last?.id ?? ""
      try store.transact { db in
        try store.audit(
          db, action, on: "slot:\(name)", by: author,
          ["generation": .number(changed.generation)])
      }
      try HeaderFile(path: folder.headerPath).write(changed)
      header = changed
      store.anchor = anchors?.file(ofVault: id, generation: changed.generation)
      try store.refreshAnchor()
    } catch {
      throw VaultFault(error, path: path)
    }
  }

  private func checkStrength(_ secret: SlotSecret) throws(VaultFault) {
    guard case .passphrase(let bytes) = secret else { return }
    guard bytes.count >= Vault.shortestPassphrase else { throw .refused(.weakPassphrase) }
  }
}
