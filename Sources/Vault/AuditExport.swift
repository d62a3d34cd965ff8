import Cipher
import GRDB

/// The audit log as a file for others to check: JSON, one value a line.
///
/// The first line names the format, the log and its first key. A line with a record holds the
/// record's leaf hash and, as its last member, the very bytes that were hashed. A line with a
/// checkpoint holds a signed note over all records before it. The checkpoints are those at every
/// 4096th record or the next one after it, those that hand over to another key, and the last one.
enum AuditExport {
  static let format = "coffer-audit/1"
  static let recordPrefix = Array("{\"leaf\":\"".utf8)
  static let recordMiddle = Array("\",\"record\":".utf8)
  static let checkpointPrefix = Array("{\"checkpoint\":".utf8)
  /// What a record that names another key begins with.
  static let keyChangePrefix = Array("{\"action\":\"\(AuditAction.rotateKey.rawValue)\",".utf8)
  static let checkpointDistance: Int64 = 4096

  /// The hexadecimal text of a member in a record, which `name` occurs in once.
  static func key(named name: String, in record: [UInt8]) -> PublicKey? {
    let text = String(decoding: record, as: UTF8.self)
    let parts = text.split(separator: "\"\(name)\":\"", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    let digits = Array(parts[1].utf8.prefix(2 * PublicKey.size))
    return bytes(ofHexadecimal: digits[...]).flatMap { PublicKey($0) }
  }

  /// The bytes of hexadecimal digits; `nil` for other text.
  static func bytes(ofHexadecimal digits: ArraySlice<UInt8>) -> [UInt8]? {
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    var place = digits.startIndex
    while place < digits.endIndex {
      guard let high = value(of: digits[place]), let low = value(of: digits[place + 1]) else {
        return nil
      }
      bytes.append(high << 4 | low)
      place += 2
    }
    return bytes
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): return digit - UInt8(ascii: "a") + 10
    default: return nil
    }
  }
}

extension Vault {
  /// The line that names the audit log and its present key, to hand to those who check it.
  public var auditVerifier: String { store.signer.verifier?.text ?? "" }

  /// The newest signed checkpoint of the audit log, to keep elsewhere.
  ///
  /// - Returns: A note in the form of C2SP tlog-checkpoint.
  /// - Throws: `VaultFault`.
  public func auditCheckpoint() throws(VaultFault) -> String {
    try store.note(ofSize: Int64(clamping: store.state.frontier.size)) ?? ""
  }

  /// Recomputes the whole audit log and compares it with its signed head.
  ///
  /// - Returns: How many records there are.
  /// - Throws: `brokenAudit` with the first record that is wrong.
  @discardableResult
  public func verifyAudit() throws(VaultFault) -> Int64 {
    try store.checkHead()
    try store.checkAudit()
    return Int64(clamping: store.state.frontier.size)
  }

  /// Writes the audit log to a new file that `AuditVerifier` checks without a key.
  ///
  /// - Parameter path: The file; there must be none.
  /// - Throws: `VaultFault`; an unfinished file is gone.
  public func exportAudit(to path: String) throws(VaultFault) {
    let writer = try FileWriter(path)
    do {
      try store.pool.read { db in
        var exporter = AuditExporter(writer: writer, origin: store.signer.origin)
        try exporter.run(db)
      }
      try writer.finish()
    } catch {
      try PrivateFile.remove(path)
      throw VaultFault(error, path: path)
    }
  }
}

/// Writes records and checkpoints in the order of the log.
private struct AuditExporter {
  let writer: FileWriter
  let origin: String
  private var buffer: [UInt8] = []

  init(writer: FileWriter, origin: String) {
    self.writer = writer
    self.origin = origin
  }

  mutating func run(_ db: Database) throws {
    let notes = try Row.fetchCursor(
      db, sql: "SELECT size, note FROM audit_checkpoint ORDER BY size")
    let records = try Row.fetchCursor(db, sql: "SELECT seq, record, leaf FROM audit ORDER BY seq")
    let last = try Int64.fetchOne(db, sql: "SELECT max(size) FROM audit_checkpoint") ?? 0
    var note = try notes.next().map { (size: $0[0] as Int64, text: $0[1] as String) }
    var written: Int64 = 0
    while let row = try records.next() {
      let sequence: Int64 = row[0]
      let record = row.bytes(1)
      if sequence == 0 { try writeHead(firstRecord: record) }
      try write(record, leaf: row.bytes(2))
      while let here = note, here.size <= sequence + 1 {
        let isDue =
          here.size == last || here.size - written >= AuditExport.checkpointDistance
          || record.starts(with: AuditExport.keyChangePrefix)
        if isDue && here.size == sequence + 1 {
          try write(note: here.text)
          written = here.size
        }
        note = try notes.next().map { (size: $0[0] as Int64, text: $0[1] as String) }
      }
    }
    try flush()
  }

  private mutating func writeHead(firstRecord: [UInt8]) throws {
    var json = CanonicalJSON()
    json.open()
    json.member("format", .text(AuditExport.format))
    let key = AuditExport.key(named: "key", in: firstRecord)
    json.member("key", .text(hexadecimal(key?.bytes ?? [])))
    json.member("log", .text(origin))
    json.close()
    try put(json.bytes + [10])
  }

  private mutating func write(_ record: [UInt8], leaf: [UInt8]) throws {
    try put(
      AuditExport.recordPrefix + Array(hexadecimal(leaf).utf8) + AuditExport.recordMiddle + record
        + [UInt8(ascii: "}"), 10])
  }

  private mutating func write(note: String) throws {
    var json = CanonicalJSON()
    json.open()
    json.member("checkpoint", .text(note))
    json.close()
    try put(json.bytes + [10])
  }

  private mutating func put(_ line: [UInt8]) throws {
    buffer.append(contentsOf: line)
    if buffer.count >= 256 << 10 { try flush() }
  }

  private mutating func flush() throws {
    try writer.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}
