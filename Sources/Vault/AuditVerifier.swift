public import Cipher

/// Why an exported audit log is not believed.
public enum AuditFault: Error, Equatable, Sendable {
  /// The file cannot be read.
  case unreadable(VaultFault)
  /// A line is none of an exported log; the first is 1.
  case malformed(line: Int)
  /// A record does not have the hash that stands beside it; the first is 0.
  case alteredRecord(Int64)
  /// A checkpoint is not over the records before it, or its signature is not the log's.
  case badCheckpoint(size: Int64)
  /// Records at the end are under no signed checkpoint.
  case unsigned(records: Int64)
  /// The log ends before a checkpoint that was seen.
  case truncated(seen: Int64, found: Int64)
  /// The log has other records than those a checkpoint given by hand is over.
  case differs(size: Int64)
  /// The log begins with another key than the one expected.
  case wrongKey
}

extension AuditFault {
  /// One sentence that says what is wrong.
  public var sentence: String {
    switch self {
    case .unreadable(let fault): return fault.sentence
    case .malformed(let line): return "Line \(line) is no line of an exported audit log."
    case .alteredRecord(let record): return "Record \(record) is not as it was written."
    case .badCheckpoint(let size):
      return
        "The checkpoint over \(size) records is not the log's: records before it were changed, "
        + "inserted, removed or reordered, or the signature is false."
    case .unsigned(let records):
      return "The last \(records) records are under no signed checkpoint."
    case .truncated(let seen, let found):
      return "The log once had \(seen) records and has \(found) here."
    case .differs(let size):
      return "The first \(size) records are not those that were signed before."
    case .wrongKey: return "The log is signed with another key than expected."
    }
  }
}

/// What a check of an exported log found.
public struct AuditReport: Equatable, Sendable {
  /// The log's name.
  public let log: String
  /// How many records it has.
  public let records: Int64
  /// How many signed checkpoints were checked.
  public let checkpoints: Int
  /// How many keys signed it, one after another.
  public let keys: Int
  /// The root over all records.
  public let root: Digest
  /// The name and key that signed last, as one line.
  public let verifier: String
}

/// Checks an exported audit log; it needs no vault and no secret.
///
/// Every record is hashed anew, every checkpoint is compared with the root over the records before it,
/// and every signature is checked. One key hands over to the next in a record that the old key signed.
/// Source: RFC 6962 2.1, https://c2sp.org/tlog-checkpoint.
public enum AuditVerifier {
  /// Checks a file.
  ///
  /// - Parameters:
  ///   - path: The exported log.
  ///   - checkpoint: A signed checkpoint kept elsewhere; the log must contain what it is over.
  ///   - verifier: The line that names the log and its key, as handed out; without it the file's own
  ///     first key is believed, and a log that was wholly made anew is not noticed.
  /// - Returns: What was found.
  /// - Throws: `AuditFault`.
  /// - Complexity: Two hashes a record.
  public static func verify(
    file path: String, checkpoint: String? = nil, verifier: String? = nil
  ) throws(AuditFault) -> AuditReport {
    var run = AuditRun()
    if let checkpoint {
      guard let note = SignedNote(text: checkpoint), let seen = Checkpoint(text: note.body) else {
        throw .malformed(line: 0)
      }
      run.seen = seen
      run.seenNote = checkpoint
    }
    do {
      let lines = LineReader(try FileReader(path))
      while let line = try lines.next() { try run.take(line) }
    } catch let fault as AuditFault {
      throw fault
    } catch {
      throw .unreadable(VaultFault(error, path: path))
    }
    return try run.finish(expecting: verifier)
  }
}

/// A check on its way through the lines.
private struct AuditRun: ~Copyable {
  var seen: Checkpoint?
  var seenNote = ""
  private var hasher = MerkleHasher()
  private var frontier = MerkleFrontier()
  private var origin = ""
  private var keys: [PublicKey] = []
  /// A key that was named in a record, until a checkpoint under the key before it seals the record.
  private var nextKey: PublicKey?
  private var signed: UInt64 = 0
  private var checkpoints = 0
  private var lines = 0
  private var containsSeen = false

  mutating func take(_ line: [UInt8]) throws(AuditFault) {
    lines += 1
    if lines == 1 { return try takeHead(line) }
    if line.starts(with: AuditExport.recordPrefix) { return try takeRecord(line) }
    guard line.starts(with: AuditExport.checkpointPrefix),
      let note = AuditRun.text(line[AuditExport.checkpointPrefix.count..<line.count - 1])
    else { throw .malformed(line: lines) }
    try takeCheckpoint(note)
  }

  private mutating func takeHead(_ line: [UInt8]) throws(AuditFault) {
    let text = String(decoding: line, as: UTF8.self)
    let parts = text.split(separator: "\"log\":\"", maxSplits: 1)
    guard text.hasPrefix("{\"format\":\"\(AuditExport.format)\","), parts.count == 2,
      parts[1].hasSuffix("\"}"), let key = AuditExport.key(named: "key", in: line)
    else { throw .malformed(line: 1) }
    origin = String(parts[1].dropLast(2))
    keys = [key]
  }

  private mutating func takeRecord(_ line: [UInt8]) throws(AuditFault) {
    let start = AuditExport.recordPrefix.count
    let middle = start + 2 * Digest.size
    let body = middle + AuditExport.recordMiddle.count
    guard line.count > body + 1, line.last == UInt8(ascii: "}"),
      line[middle..<body].elementsEqual(AuditExport.recordMiddle)
    else { throw .malformed(line: lines) }
    let leaf = line.withUnsafeBytes {
      hasher.leaf(UnsafeRawBufferPointer(rebasing: $0[body..<line.count - 1]))
    }
    guard AuditRun.isText(line[start..<middle], of: leaf) else {
      throw .alteredRecord(Int64(clamping: frontier.size))
    }
    if frontier.size == 0 || line[body...].starts(with: AuditExport.keyChangePrefix) {
      try takeKey(Array(line[body..<line.count - 1]))
    }
    frontier.append(leaf, &hasher)
    if let seen, seen.size == frontier.size {
      guard frontier.root(&hasher) == seen.root else {
        throw .differs(size: Int64(clamping: seen.size))
      }
      containsSeen = true
    }
  }

  /// The first record names the first key; a later one may name the next.
  private mutating func takeKey(_ record: [UInt8]) throws(AuditFault) {
    if frontier.size == 0 {
      guard AuditExport.key(named: "key", in: record) == keys.first else { throw .wrongKey }
    } else {
      guard let key = AuditExport.key(named: "new_key", in: record), nextKey == nil else {
        throw .malformed(line: lines)
      }
      nextKey = key
    }
  }

  private mutating func takeCheckpoint(_ note: String) throws(AuditFault) {
    guard let key = keys.last, let verifier = NoteVerifier(name: origin, key: key),
      let checkpoint = Checkpoint(note: note, verifier: verifier),
      checkpoint.size == frontier.size, checkpoint.root == frontier.root(&hasher)
    else {
      let claimed = SignedNote(text: note).flatMap { Checkpoint(text: $0.body)?.size }
      throw .badCheckpoint(size: Int64(clamping: claimed ?? frontier.size))
    }
    checkpoints += 1
    signed = checkpoint.size
    if let nextKey {
      keys.append(nextKey)
      self.nextKey = nil
    }
  }

  mutating func finish(expecting text: String?) throws(AuditFault) -> AuditReport {
    guard let first = keys.first, let last = keys.last,
      let verifier = NoteVerifier(name: origin, key: last)
    else { throw .malformed(line: 1) }
    guard signed == frontier.size else {
      throw .unsigned(records: Int64(clamping: frontier.size - signed))
    }
    if let text {
      let expected = NoteVerifier(text: text)
      let known = [first, last].compactMap { NoteVerifier(name: origin, key: $0) }
      guard let expected, known.contains(expected) else { throw .wrongKey }
    }
    if let seen {
      guard containsSeen else {
        throw .truncated(
          seen: Int64(clamping: seen.size), found: Int64(clamping: frontier.size))
      }
      let isSigned = keys.contains { key in
        NoteVerifier(name: origin, key: key).map {
          Checkpoint(note: seenNote, verifier: $0) != nil
        } ?? false
      }
      guard isSigned else { throw .badCheckpoint(size: Int64(clamping: seen.size)) }
    }
    return AuditReport(
      log: origin, records: Int64(clamping: frontier.size), checkpoints: checkpoints,
      keys: keys.count, root: frontier.root(&hasher), verifier: verifier.text)
  }

  /// Whether hexadecimal digits are those of a digest; makes no arrays, for a million records.
  private static func isText(_ digits: ArraySlice<UInt8>, of digest: Digest) -> Bool {
    digest.withBytes { bytes in
      var place = digits.startIndex
      for byte in bytes {
        guard digits[place] == digit(byte >> 4), digits[place + 1] == digit(byte & 15) else {
          return false
        }
        place += 2
      }
      return true
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }

  /// The text of a JSON string as `CanonicalJSON` writes one of a note: only `\n` is escaped.
  private static func text(_ json: ArraySlice<UInt8>) -> String? {
    guard json.count >= 2, json.first == UInt8(ascii: "\""), json.last == UInt8(ascii: "\"") else {
      return nil
    }
    var bytes: [UInt8] = []
    var isEscaped = false
    for byte in json.dropFirst().dropLast() {
      if isEscaped {
        guard byte == UInt8(ascii: "n") else { return nil }
        bytes.append(10)
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else {
        bytes.append(byte)
      }
    }
    return isEscaped ? nil : String(decoding: bytes, as: UTF8.self)
  }
}

/// The lines of a file, one at a time.
final class LineReader {
  private let file: FileReader
  private var buffer: [UInt8] = []
  private var place = 0
  private var isAtEnd = false

  /// No line of an exported log is longer.
  private static let longest = 4 << 20

  init(_ file: FileReader) {
    self.file = file
  }

  /// The next line without its end; `nil` after the last.
  func next() throws(VaultFault) -> [UInt8]? {
    var searched = place
    while true {
      if let end = lineEnd(from: searched) {
        defer { place = end + 1 }
        return Array(buffer[place..<end])
      }
      searched = buffer.count - place
      if isAtEnd || searched > LineReader.longest { break }
      try refill()
    }
    guard place < buffer.count else { return nil }
    defer { place = buffer.count }
    return Array(buffer[place...])
  }

  private func lineEnd(from start: Int) -> Int? {
    buffer.withUnsafeBytes { bytes in
      bytes[start...].firstIndex(of: 10)
    }
  }

  /// Drops what was read, and reads on; positions count from the new beginning.
  private func refill() throws(VaultFault) {
    buffer.removeSubrange(..<place)
    place = 0
    let more = try file.read(upTo: 256 << 10)
    isAtEnd = more.isEmpty
    buffer.append(contentsOf: more)
  }
}
