extension KeySlots {
  /// A header for a new vault with its first slots: a passphrase and, as it should be, a way back.
  ///
  /// - Parameters:
  ///   - root: The vault's root key.
  ///   - database: The name of the database file, without a folder.
  ///   - createdWith: The program's version.
  ///   - requests: The first slots; at least one.
  /// - Returns: The header, generation 1.
  /// - Throws: `ChangeFault`.
  public static func create(
    root: RootKey, database: String, createdWith: String, requests: [SlotRequest]
  ) throws(ChangeFault) -> KeySlots {
    guard !requests.isEmpty else { throw .lastSlot }
    guard isPlainName(database) else { throw .badText(String(database.prefix(80))) }
    do {
      let vaultID = uuid(from: try randomBytes(16))
      let empty = KeySlots(
        vaultID: vaultID, generation: 0, database: database, createdWith: createdWith, slots: [],
        tag: [])
      return try empty.next(root, slots: try empty.made(requests, root))
    } catch {
      throw ChangeFault(error)
    }
  }

  /// The header with one more slot.
  ///
  /// - Parameters:
  ///   - request: The new slot.
  ///   - root: The vault's root key, from `unlock`.
  /// - Returns: The next generation.
  /// - Throws: `ChangeFault`.
  public func adding(_ request: SlotRequest, root: RootKey) throws(ChangeFault) -> KeySlots {
    try changed(root) { try slots + made([request], root) }
  }

  /// The header without one slot.
  ///
  /// Whoever has a copy of the old header and the slot's secret still has the root key: when the
  /// secret may be known to others, rotate the root key as well.
  /// - Parameters:
  ///   - id: The slot to remove.
  ///   - root: The vault's root key.
  /// - Returns: The next generation.
  /// - Throws: `ChangeFault.lastSlot` when it is the only one.
  public func removing(_ id: String, root: RootKey) throws(ChangeFault) -> KeySlots {
    try changed(root) {
      guard slots.contains(where: { $0.id == id }) else { throw ChangeFault.noSuchSlot(id) }
      guard slots.count > 1 else { throw ChangeFault.lastSlot }
      return slots.filter { $0.id != id }
    }
  }

  /// The header with another secret in one slot, which keeps its identifier and its place.
  ///
  /// - Parameters:
  ///   - id: The slot to change.
  ///   - request: The new secret, label, time and cost.
  ///   - root: The vault's root key.
  /// - Returns: The next generation.
  /// - Throws: `ChangeFault`.
  public func changing(
    _ id: String, to request: SlotRequest, root: RootKey
  ) throws(ChangeFault) -> KeySlots {
    try changed(root) {
      guard slots.contains(where: { $0.id == id }) else { throw ChangeFault.noSuchSlot(id) }
      let fresh = try slot(request, root, id: id)
      return slots.map { $0.id == id ? fresh : $0 }
    }
  }

  /// The header for a new root key: the same vault, its database written anew under that key.
  ///
  /// A slot can only be kept when its secret is at hand, so slots whose secret is not given are
  /// dropped. Each given secret must open its old slot; a slip would lock its owner out.
  /// - Parameters:
  ///   - newRoot: The new root key.
  ///   - oldRoot: The root key until now.
  ///   - database: The name of the new database file.
  ///   - secrets: Secrets by slot identifier.
  ///   - adding: New slots besides, such as a new recovery code.
  /// - Returns: The next generation.
  /// - Throws: `ChangeFault`; at least one slot must remain.
  public func rotated(
    to newRoot: RootKey, from oldRoot: RootKey, database: String, secrets: [String: SlotSecret],
    adding: [SlotRequest] = []
  ) throws(ChangeFault) -> KeySlots {
    guard Self.isPlainName(database) else { throw .badText(String(database.prefix(80))) }
    do {
      guard try isGenuine(oldRoot) else { throw ChangeFault.notThisVault }
      var kept: [KeySlot] = []
      for old in slots {
        guard let secret = secrets[old.id] else { continue }
        guard secret.kind == old.kind, let opened = try old.unwrap(secret, vaultID: vaultID),
          opened.bytes.matches(oldRoot.bytes)
        else { throw ChangeFault.wrongSecret(slot: old.id) }
        let request = SlotRequest(
          secret: secret, label: old.label, created: old.created, cost: old.cost)
        kept.append(try slot(request, newRoot, id: old.id))
      }
      let all = try kept + made(adding, newRoot)
      guard !all.isEmpty else { throw ChangeFault.lastSlot }
      return try next(newRoot, database: database, slots: all)
    } catch {
      throw ChangeFault(error)
    }
  }

  /// Makes the next generation of slots, after checking that `root` is this header's.
  private func changed(
    _ root: RootKey, _ make: () throws -> [KeySlot]
  ) throws(ChangeFault) -> KeySlots {
    do {
      guard try isGenuine(root) else { throw ChangeFault.notThisVault }
      return try next(root, slots: make())
    } catch {
      throw ChangeFault(error)
    }
  }

  private func next(
    _ root: RootKey, database: String? = nil, slots: [KeySlot]
  ) throws -> KeySlots {
    guard slots.count <= Self.slotLimit else { throw ChangeFault.tooManySlots }
    guard generation < .max else { throw ChangeFault.worn }
    return try KeySlots(
      root, vaultID: vaultID, generation: generation + 1, database: database ?? self.database,
      createdWith: createdWith, slots: slots)
  }

  private func made(_ requests: [SlotRequest], _ root: RootKey) throws -> [KeySlot] {
    try requests.map { try slot($0, root, id: hexadecimal(randomBytes(8))) }
  }

  private func slot(_ request: SlotRequest, _ root: RootKey, id: String) throws -> KeySlot {
    guard request.label.count <= KeySlot.labelLimit else {
      throw ChangeFault.badText(String(request.label.prefix(80)))
    }
    return try KeySlot(
      root, for: request.secret, vaultID: vaultID, id: id, label: request.label,
      created: request.created, cost: request.cost)
  }

  /// Whether the text names a file in the same folder and nothing else.
  static func isPlainName(_ name: String) -> Bool {
    let allowed = name.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains(byte)
    }
    return allowed && (1...80).contains(name.utf8.count) && !name.hasPrefix(".")
  }
}

extension KeySlots.ChangeFault {
  /// What a step of a change threw; steps throw these two kinds only.
  fileprivate init(_ error: any Error) {
    switch error {
    case let fault as KeySlots.ChangeFault: self = fault
    case let fault as CryptoFault: self = .crypto(fault)
    default: preconditionFailure("A change of slots throws its own faults only.")
    }
  }
}

/// A random UUID of 16 random bytes.
///
/// Source: RFC 9562 5.4.
private func uuid(from random: [UInt8]) -> String {
  precondition(random.count == 16, "A UUID has 16 bytes.")
  var bytes = random
  bytes[6] = bytes[6] & 0x0f | 0x40
  bytes[8] = bytes[8] & 0x3f | 0x80
  let digits = Array(hexadecimal(bytes))
  let parts = [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]]
  return parts.map { String($0) }.joined(separator: "-")
}
