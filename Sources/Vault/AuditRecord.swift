import Ledger

/// A value in an audit record.
enum AuditValue: Hashable, Sendable {
  case text(String)
  case number(Int64)
  case flag(Bool)
}

/// One line of the audit log: who did what to what, and when.
///
/// The bytes are JSON in the canonical form of RFC 8785: members in order of name, no white space,
/// the shortest escapes. Numbers are whole and below 2⁵³.
struct AuditRecord: Sendable {
  let sequence: Int64
  let author: Attribution
  let action: AuditAction
  let object: String
  let details: [String: AuditValue]

  /// The canonical bytes, of which the log keeps the hash.
  var bytes: [UInt8] {
    var json = CanonicalJSON()
    json.open()
    json.member("action", .text(action.rawValue))
    json.name("actor")
    json.open()
    json.member("program", .text(author.program))
    json.member("uid", .number(Int64(author.uid)))
    json.member("user", .text(author.user))
    json.close()
    json.name("details")
    json.open()
    for (name, value) in details.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
    { json.member(name, value) }
    json.close()
    json.member("object", .text(object))
    json.member("seq", .number(sequence))
    json.member("time", .text(author.time.description))
    json.close()
    return json.bytes
  }
}

/// What can stand in the audit log; the raw values are stored and never change.
enum AuditAction: String, Sendable, CaseIterable {
  case create = "vault.create"
  case open = "vault.open"
  case acceptRollback = "vault.accept-rollback"
  case restore = "vault.restore"
  case migrate = "vault.migrate"
  case backup = "vault.backup"
  case rotateKey = "audit.key"
  case rotated = "vault.rotate"
  case addSlot = "slot.add"
  case removeSlot = "slot.remove"
  case changeSlot = "slot.change"
  case beginImport = "import.begin"
  case append = "import.append"
  case endImport = "import.end"
  case abandonImport = "import.abandon"
  case refusedState = "refused.state"
  case link = "asset.link"
  case unlink = "asset.unlink"
  case account = "account.change"
  case setting = "setting.change"
  case connect = "connection.add"
  case changeConnection = "connection.change"
  case disconnect = "connection.remove"
  case addCredential = "credential.add"
  case proveCredential = "credential.prove"
  case dropCredential = "credential.remove"
  case breakState = "break.state"
  case alert = "alert.change"
  case setSink = "alert-sink.set"
  case removeSink = "alert-sink.remove"
  case statePrice = "price.state"
  case decidePrice = "price.decide"
  case strike = "nav.strike"
  case pickLots = "lots.pick"
  case unpickLots = "lots.unpick"
  case instructLots = "lots.instruct"
  case withdrawLotInstruction = "lots.withdraw-instruction"
}

/// Writes JSON in canonical form; the caller keeps the members in order.
struct CanonicalJSON {
  private(set) var bytes: [UInt8] = []
  private var needsComma = false

  mutating func open() {
    bytes.append(UInt8(ascii: "{"))
    needsComma = false
  }

  mutating func close() {
    bytes.append(UInt8(ascii: "}"))
    needsComma = true
  }

  mutating func name(_ name: String) {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    text(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = true
  }

  mutating func member(_ name: String, _ value: AuditValue) {
    self.name(name)
    switch value {
    case .text(let value): text(value)
    case .number(let number): bytes.append(contentsOf: String(number).utf8)
    case .flag(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    }
  }

  /// A string with the escapes of RFC 8785 3.2.2.2.
  mutating func text(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 { append(escaping: byte) }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func append(escaping byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"):
      bytes.append(UInt8(ascii: "\\"))
      bytes.append(byte)
    case 0x08: bytes.append(contentsOf: "\\b".utf8)
    case 0x09: bytes.append(contentsOf: "\\t".utf8)
    case 0x0a: bytes.append(contentsOf: "\\n".utf8)
    case 0x0c: bytes.append(contentsOf: "\\f".utf8)
    case 0x0d: bytes.append(contentsOf: "\\r".utf8)
    case 0..<0x20:
      let digits = Array("0123456789abcdef".utf8)
      bytes.append(contentsOf: "\\u00".utf8)
      bytes.append(digits[Int(byte >> 4)])
      bytes.append(digits[Int(byte & 15)])
    default: bytes.append(byte)
    }
  }
}
