/// One way to open a vault: the root key, wrapped under a key scrypt makes of a secret.
public struct KeySlot: Equatable, Sendable {
  /// What kind of secret opens a slot.
  public enum Kind: String, Sendable {
    /// A passphrase somebody chose.
    case passphrase
    /// A recovery code we drew.
    case recovery
  }

  /// Names the slot for its whole life: 16 hexadecimal digits, random.
  public let id: String
  /// What opens it.
  public let kind: Kind
  /// What its owner calls it, at most 80 characters.
  public let label: String
  /// When it was made, in seconds since 1970.
  public let created: Int64
  /// What a guess costs.
  public let cost: ScryptCost
  /// Scrypt's salt, 32 bytes.
  public let salt: [UInt8]
  let wrapped: Sealed

  static let saltSize = 32
  static let labelLimit = 80

  init(
    id: String, kind: Kind, label: String, created: Int64, cost: ScryptCost, salt: [UInt8],
    wrapped: Sealed
  ) {
    self.id = id
    self.kind = kind
    self.label = label
    self.created = created
    self.cost = cost
    self.salt = salt
    self.wrapped = wrapped
  }

  /// Wraps `root` for `secret` in the vault `vaultID`.
  init(
    _ root: RootKey, for secret: SlotSecret, vaultID: String, id: String, label: String,
    created: Int64, cost: ScryptCost
  ) throws(CryptoFault) {
    let salt = try randomBytes(Self.saltSize)
    let key = try cost.key(from: secret.bytes, salt: salt, length: 32)
    let context = Self.context(vaultID, id, secret.kind, cost, salt)
    self.init(
      id: id, kind: secret.kind, label: label, created: created, cost: cost, salt: salt,
      wrapped: try Sealed.seal(root.bytes, key: key, context: context))
  }

  /// The root key, nil when the secret is not this slot's.
  func unwrap(_ secret: SlotSecret, vaultID: String) throws(CryptoFault) -> RootKey? {
    let key = try cost.key(from: secret.bytes, salt: salt, length: 32)
    do {
      let bytes = try wrapped.open(
        key: key, context: Self.context(vaultID, id, kind, cost, salt))
      return bytes.count == RootKey.size ? RootKey(bytes) : nil
    } catch {
      switch error {
      case .notAuthentic: return nil
      case .crypto(let fault): throw fault
      }
    }
  }

  /// Binds the wrapped key to its vault, its slot and its cost, so that none can be exchanged.
  private static func context(
    _ vaultID: String, _ id: String, _ kind: Kind, _ cost: ScryptCost, _ salt: [UInt8]
  ) -> [UInt8] {
    var canonical = CanonicalBytes("coffer/v1/slot")
    canonical.add(vaultID)
    canonical.add(id)
    canonical.add(kind.rawValue)
    canonical.add("scrypt")
    canonical.add(cost)
    canonical.add(salt)
    return canonical.bytes
  }

  /// Adds all of the slot to what the header's tag covers.
  func add(to canonical: inout CanonicalBytes) {
    canonical.add(id)
    canonical.add(kind.rawValue)
    canonical.add(label)
    canonical.add(created)
    canonical.add(cost)
    canonical.add(salt)
    canonical.add(wrapped.bytes)
  }
}

/// Fields in one byte string that has one reading only: each is preceded by its length.
struct CanonicalBytes {
  private(set) var bytes: [UInt8] = []

  /// Starts with the name of what is encoded, so that two encodings are never mistaken.
  init(_ name: String) { add(name) }

  mutating func add(_ field: [UInt8]) {
    withUnsafeBytes(of: UInt32(field.count).bigEndian) { bytes += $0 }
    bytes += field
  }

  mutating func add(_ text: String) { add(Array(text.utf8)) }

  mutating func add(_ number: Int64) {
    add(withUnsafeBytes(of: number.bigEndian) { Array($0) })
  }

  mutating func add(_ cost: ScryptCost) {
    add(Int64(cost.n))
    add(Int64(cost.r))
    add(Int64(cost.p))
  }
}
