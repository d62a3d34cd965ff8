import FoundationEssentials

/// Why a file is not a header we can use.
public enum HeaderFault: Error, Equatable, Sendable {
  /// The system refused to read or write the file; `code` is its errno.
  case system(path: String, code: Int32)
  /// Larger than the 1 MiB a header may have.
  case tooLarge(bytes: Int)
  /// Not JSON, or not one of our headers.
  case notAHeader
  /// Made by a later version of the program.
  case newerVersion(Int)
  /// A field is missing or impossible; `path` names it, `text` is what stood there, cut.
  case malformed(path: String, text: String)
}

/// The header as JSON text.
///
/// Numbers and texts as they are, bytes in base64. Reading checks sizes and limits of every field,
/// because the file may come from anywhere, and believes nothing: `KeySlots.unlock` does that.
enum HeaderText {
  static let sizeLimit = 1 << 20

  // MARK: Writing

  static func encode(_ header: KeySlots) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let slots = header.slots.map { slot in
      Document.Slot(
        id: slot.id, kind: slot.kind.rawValue, label: slot.label, created: slot.created,
        kdf: Document.KDF(
          name: "scrypt", n: slot.cost.n, r: slot.cost.r, p: slot.cost.p, salt: Data(slot.salt)),
        wrap: Document.Wrap(
          cipher: "aes-256-gcm", iv: Data(slot.wrapped.vector),
          ciphertext: Data(slot.wrapped.ciphertext), tag: Data(slot.wrapped.tag)))
    }
    let document = Document(
      format: KeySlots.formatName, version: KeySlots.formatVersion, vault: header.vaultID,
      generation: header.generation, database: header.database, createdWith: header.createdWith,
      slots: slots, mac: Data(header.tag))
    do {
      return Array(try encoder.encode(document)) + [UInt8(ascii: "\n")]
    } catch {
      preconditionFailure("A header holds only what JSON can say.")
    }
  }

  // MARK: Reading

  static func decode(_ bytes: [UInt8]) throws(HeaderFault) -> KeySlots {
    guard bytes.count <= sizeLimit else { throw .tooLarge(bytes: bytes.count) }
    let data = Data(bytes)
    let name: FormatName
    do {
      name = try JSONDecoder().decode(FormatName.self, from: data)
    } catch {
      throw .notAHeader
    }
    guard name.format == KeySlots.formatName else { throw .notAHeader }
    guard name.version <= KeySlots.formatVersion else { throw .newerVersion(name.version) }
    try check(name.version == KeySlots.formatVersion, "version", name.version)
    do {
      return try header(from: JSONDecoder().decode(Document.self, from: data))
    } catch let fault as HeaderFault {
      throw fault
    } catch let error as DecodingError {
      throw malformed(error)
    } catch {
      throw .notAHeader
    }
  }

  private static func header(from document: Document) throws(HeaderFault) -> KeySlots {
    try check(isUUID(document.vault), "vault", document.vault)
    try check(document.generation >= 1, "generation", document.generation)
    try check(KeySlots.isPlainName(document.database), "database", document.database)
    try check(document.createdWith.utf8.count <= 80, "createdWith", document.createdWith)
    try check(document.mac.count == 32, "mac", "\(document.mac.count) bytes")
    let count = document.slots.count
    try check((1...KeySlots.slotLimit).contains(count), "slots", "\(count) slots")
    var slots: [KeySlot] = []
    for (index, slot) in document.slots.enumerated() {
      let path = "slots[\(index)]"
      let isNew = !slots.contains { $0.id == slot.id }
      try check(isNew && isIdentifier(slot.id), path + ".id", slot.id)
      slots.append(try self.slot(from: slot, at: path))
    }
    return KeySlots(
      vaultID: document.vault, generation: document.generation, database: document.database,
      createdWith: document.createdWith, slots: slots, tag: Array(document.mac))
  }

  private static func slot(
    from slot: Document.Slot, at path: String
  ) throws(HeaderFault) -> KeySlot {
    guard let kind = KeySlot.Kind(rawValue: slot.kind) else {
      throw refusal(path + ".kind", slot.kind)
    }
    try check(slot.label.count <= KeySlot.labelLimit, path + ".label", slot.label)
    try check(slot.kdf.name == "scrypt", path + ".kdf.name", slot.kdf.name)
    guard let cost = ScryptCost(limited: slot.kdf.n, slot.kdf.r, slot.kdf.p) else {
      throw refusal(path + ".kdf", "n=\(slot.kdf.n) r=\(slot.kdf.r) p=\(slot.kdf.p)")
    }
    let salt = Array(slot.kdf.salt)
    try check(salt.count == KeySlot.saltSize, path + ".kdf.salt", "\(salt.count) bytes")
    try check(slot.wrap.cipher == "aes-256-gcm", path + ".wrap.cipher", slot.wrap.cipher)
    let ciphertext = Array(slot.wrap.ciphertext)
    guard ciphertext.count == RootKey.size,
      let wrapped = Sealed(
        vector: Array(slot.wrap.iv), ciphertext: ciphertext, tag: Array(slot.wrap.tag))
    else { throw refusal(path + ".wrap", "bytes of another size") }
    return KeySlot(
      id: slot.id, kind: kind, label: slot.label, created: slot.created, cost: cost, salt: salt,
      wrapped: wrapped)
  }

  private static func check(
    _ holds: Bool, _ path: String, _ text: some CustomStringConvertible
  ) throws(HeaderFault) {
    if !holds { throw refusal(path, text.description) }
  }

  private static func refusal(_ path: String, _ text: String) -> HeaderFault {
    .malformed(path: path, text: String(text.prefix(80)))
  }

  private static func malformed(_ error: DecodingError) -> HeaderFault {
    let (context, key): (DecodingError.Context, String?) =
      switch error {
      case .keyNotFound(let key, let context): (context, key.stringValue)
      case .typeMismatch(_, let context), .valueNotFound(_, let context),
        .dataCorrupted(let context):
        (context, nil)
      @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), nil)
      }
    let steps = context.codingPath.map { step in
      step.intValue.map { "[\($0)]" } ?? ".\(step.stringValue)"
    }
    let path = (steps + (key.map { [".\($0)"] } ?? [])).joined()
    let text = key == nil ? "not what belongs here" : "missing"
    return .malformed(path: String(path.drop { $0 == "." }.prefix(80)), text: text)
  }

  private static func isUUID(_ text: String) -> Bool {
    UUID(uuidString: text)?.uuidString.lowercased() == text
  }

  private static func isIdentifier(_ text: String) -> Bool {
    text.utf8.count == 16 && text.allSatisfy { "0123456789abcdef".contains($0) }
  }
}

/// What tells our headers from other JSON, and their versions apart.
private struct FormatName: Decodable {
  var format: String
  var version: Int
}

/// The file's fields by name.
private struct Document: Codable {
  var format: String
  var version: Int
  var vault: String
  var generation: Int64
  var database: String
  var createdWith: String
  var slots: [Slot]
  var mac: Data

  struct Slot: Codable {
    var id: String
    var kind: String
    var label: String
    var created: Int64
    var kdf: KDF
    var wrap: Wrap
  }

  struct KDF: Codable {
    var name: String
    var n: Int
    var r: Int
    var p: Int
    var salt: Data
  }

  struct Wrap: Codable {
    var cipher: String
    var iv: Data
    var ciphertext: Data
    var tag: Data
  }
}
