import COpenSSL

/// The header of a vault: who may open it, and with what.
///
/// Every slot wraps the same root key for another secret, as in LUKS. A header is a value: each
/// change gives a new one with the next generation number, and a tag over all of it under a key
/// derived from the root key. Reading one says nothing of its truth; `unlock` checks the tag.
public struct KeySlots: Equatable, Sendable {
  /// The version of the file's format.
  public static let formatVersion = 1
  static let formatName = "coffer-header"
  /// The most slots a header may have.
  public static let slotLimit = 32

  /// Names the vault for its whole life: a random UUID in small letters.
  public let vaultID: String
  /// Grows by one with each change.
  public let generation: Int64
  /// The name of the database file beside the header.
  public let database: String
  /// The version of the program that made the vault.
  public let createdWith: String
  /// The slots, oldest first.
  public let slots: [KeySlot]
  /// HMAC-SHA256 over everything else, 32 bytes.
  let tag: [UInt8]

  /// Why a vault did not open.
  public enum UnlockFault: Error, Equatable, Sendable {
    /// No slot opens with this secret; which came close is not said.
    case wrongSecret
    /// The secret is right, and the header was changed by somebody without the root key.
    case headerAltered
    /// The machine failed.
    case crypto(CryptoFault)
  }

  /// Why a change was refused.
  public enum ChangeFault: Error, Equatable, Sendable {
    /// The root key given is not this header's, or the header was altered.
    case notThisVault
    /// There is no slot with this identifier.
    case noSuchSlot(String)
    /// The last slot can never be removed.
    case lastSlot
    /// There is room for 32 slots.
    case tooManySlots
    /// The secret given for the slot does not open it.
    case wrongSecret(slot: String)
    /// The label is longer than 80 characters, or a file name is not a plain one.
    case badText(String)
    /// The generation number has no successor.
    case worn
    /// The machine failed.
    case crypto(CryptoFault)
  }

  /// What a new slot is made with.
  public struct SlotRequest: Sendable {
    /// The secret that shall open it.
    public var secret: SlotSecret
    /// What its owner calls it.
    public var label: String
    /// When it is made, in seconds since 1970.
    public var created: Int64
    /// What a guess shall cost.
    public var cost: ScryptCost

    /// A request for a slot.
    ///
    /// - Parameters:
    ///   - secret: The secret that shall open it.
    ///   - label: What its owner calls it, at most 80 characters.
    ///   - created: Now, in seconds since 1970.
    ///   - cost: What a guess shall cost.
    public init(secret: SlotSecret, label: String, created: Int64, cost: ScryptCost = .floor) {
      self.secret = secret
      self.label = label
      self.created = created
      self.cost = cost
    }
  }

  /// A header as it was read; nothing of it is believed yet.
  init(
    vaultID: String, generation: Int64, database: String, createdWith: String, slots: [KeySlot],
    tag: [UInt8]
  ) {
    self.vaultID = vaultID
    self.generation = generation
    self.database = database
    self.createdWith = createdWith
    self.slots = slots
    self.tag = tag
  }

  /// The header with its tag, under `root`.
  init(
    _ root: RootKey, vaultID: String, generation: Int64, database: String, createdWith: String,
    slots: [KeySlot]
  ) throws(CryptoFault) {
    let untagged = KeySlots(
      vaultID: vaultID, generation: generation, database: database, createdWith: createdWith,
      slots: slots, tag: [])
    self = KeySlots(
      vaultID: vaultID, generation: generation, database: database, createdWith: createdWith,
      slots: slots, tag: try untagged.expectedTag(root))
  }

  // MARK: Opening

  /// The root key, when some slot opens with the secret and the header is genuine.
  ///
  /// Every slot of the secret's kind is tried, all of them when none opens.
  /// - Parameter secret: A passphrase or a recovery code.
  /// - Returns: The root key.
  /// - Throws: `UnlockFault`.
  /// - Complexity: One scrypt a slot of the kind; seconds.
  public func unlock(_ secret: SlotSecret) throws(UnlockFault) -> RootKey {
    do {
      for slot in slots where slot.kind == secret.kind {
        guard let root = try slot.unwrap(secret, vaultID: vaultID) else { continue }
        guard try isGenuine(root) else { throw UnlockFault.headerAltered }
        return root
      }
    } catch let fault as CryptoFault {
      throw .crypto(fault)
    } catch {
      throw .headerAltered
    }
    throw .wrongSecret
  }

  /// The slot that a secret opens.
  ///
  /// - Parameter secret: A passphrase or a recovery code.
  /// - Returns: The first slot of its kind that it opens.
  /// - Throws: `wrongSecret` where it opens none.
  /// - Complexity: As `unlock`.
  public func slot(opening secret: SlotSecret) throws(UnlockFault) -> KeySlot {
    do {
      for slot in slots where slot.kind == secret.kind {
        if try slot.unwrap(secret, vaultID: vaultID) != nil { return slot }
      }
    } catch { throw .crypto(error) }
    throw .wrongSecret
  }

  /// Whether the header was made by somebody who had this root key, and not changed since.
  ///
  /// - Parameter root: The vault's root key.
  /// - Returns: Whether the tag fits.
  /// - Throws: `CryptoFault`.
  public func isGenuine(_ root: RootKey) throws(CryptoFault) -> Bool {
    let expected = try expectedTag(root)
    return tag.count == expected.count && CRYPTO_memcmp(tag, expected, expected.count) == 0
  }

  private func expectedTag(_ root: RootKey) throws(CryptoFault) -> [UInt8] {
    let key = try root.key(for: .header)
    var tag = [UInt8](repeating: 0, count: 32)
    let message = canonicalBytes
    try key.withBytes { bytes throws(CryptoFault) in
      try hmacSHA256(key: bytes, message, into: &tag)
    }
    return tag
  }

  private var canonicalBytes: [UInt8] {
    var canonical = CanonicalBytes(Self.formatName)
    canonical.add(Int64(Self.formatVersion))
    canonical.add(vaultID)
    canonical.add(generation)
    canonical.add(database)
    canonical.add(createdWith)
    canonical.add(Int64(slots.count))
    for slot in slots { slot.add(to: &canonical) }
    return canonical.bytes
  }
}

/// Two small hexadecimal digits a byte.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  return String(
    decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
