import FoundationEssentials

/// The head of an audit log: which log, how many records, and the root over them.
///
/// Its text is what is signed and kept elsewhere.
/// Source: https://c2sp.org/tlog-checkpoint.
public struct Checkpoint: Equatable, Sendable {
  /// Names the log and signs for it: neither empty, nor with spaces or plus signs.
  public let origin: String
  /// How many records the log has.
  public let size: UInt64
  /// The root of the Merkle tree over them.
  public let root: Digest

  /// A checkpoint, nil when the origin cannot be a signer's name.
  ///
  /// - Parameters:
  ///   - origin: Names the log.
  ///   - size: How many records it has.
  ///   - root: The root over them.
  public init?(origin: String, size: UInt64, root: Digest) {
    guard NoteVerifier.isName(origin) else { return nil }
    self.origin = origin
    self.size = size
    self.root = root
  }

  /// Three lines: origin, size in decimal, root in base64.
  public var text: String { "\(origin)\n\(size)\n\(Data(root.bytes).base64EncodedString())\n" }

  /// A checkpoint from its text, nil when it is not one; extension lines after the three are passed
  /// over.
  ///
  /// - Parameter text: The body of a signed note.
  public init?(text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.count >= 4, lines.last == "", let size = UInt64(lines[1]),
      String(size) == lines[1], !lines[3...].dropLast().contains(""),
      let data = Data(base64Encoded: lines[2]), let root = Digest(data)
    else { return nil }
    self.init(origin: lines[0], size: size, root: root)
  }

  /// The checkpoint as a note signed under the log's own name, as the format asks.
  ///
  /// - Parameter key: The log's key.
  /// - Returns: The note.
  /// - Throws: `CryptoFault`.
  public func signed(with key: SigningKey) throws(CryptoFault) -> SignedNote {
    try SignedNote(signing: text, name: origin, key: key)
  }

  /// The checkpoint of a note, nil unless the verifier signed it and it is the verifier's log.
  ///
  /// - Parameters:
  ///   - note: The note's text.
  ///   - verifier: Whose log and signature are expected.
  public init?(note: String, verifier: NoteVerifier) {
    guard let note = SignedNote(text: note), note.isSigned(by: verifier),
      let checkpoint = Checkpoint(text: note.body), checkpoint.origin == verifier.name
    else { return nil }
    self = checkpoint
  }
}
