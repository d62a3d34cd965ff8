import FoundationEssentials

/// Who signs notes: a name and a key.
///
/// Source: https://c2sp.org/signed-note.
public struct NoteVerifier: Equatable, Sendable {
  /// Names the signer; neither empty, nor with spaces or plus signs.
  public let name: String
  /// The signer's key.
  public let key: PublicKey

  /// A verifier, nil when the name cannot stand in a note.
  ///
  /// - Parameters:
  ///   - name: The signer's name.
  ///   - key: The signer's key.
  public init?(name: String, key: PublicKey) {
    guard Self.isName(name) else { return nil }
    self.name = name
    self.key = key
  }

  /// Whether a text can name a signer.
  static func isName(_ text: String) -> Bool {
    (1...200).contains(text.utf8.count)
      && text.unicodeScalars.allSatisfy {
        !$0.properties.isWhitespace && $0 != "+" && $0.value >= 0x20 && $0.value != 0x7f
      }
  }

  /// What a signature line names the key by: the first four bytes of a hash of name and key.
  ///
  /// Source: https://c2sp.org/signed-note, "Signatures"; 1 is the type of Ed25519.
  var keyID: [UInt8] {
    Array(Digest.sha256(Array(name.utf8) + [0x0a, Self.ed25519] + key.bytes).bytes.prefix(4))
  }

  private static let ed25519: UInt8 = 1

  /// The verifier as one line, `name+keyid+key`, to hand to others.
  public var text: String {
    let encoded = Data([Self.ed25519] + key.bytes).base64EncodedString()
    return "\(name)+\(hexadecimal(keyID))+\(encoded)"
  }

  /// A verifier from its line, nil when it is not one or its key identifier does not fit.
  ///
  /// - Parameter text: What `text` gave.
  public init?(text: String) {
    // The base64 part may have plus signs of its own.
    let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let data = Data(base64Encoded: String(parts[2])),
      data.first == Self.ed25519, let key = PublicKey(Array(data.dropFirst()))
    else { return nil }
    self.init(name: String(parts[0]), key: key)
    guard hexadecimal(keyID) == parts[1] else { return nil }
  }
}

/// A text and the lines that sign it.
///
/// Source: https://c2sp.org/signed-note.
public struct SignedNote: Equatable, Sendable {
  /// What is signed; ends with a newline.
  public let body: String
  /// The signature lines, without newlines.
  public let signatures: [String]

  private static let sizeLimit = 64 << 10
  private static let signatureLimit = 100

  /// Signs a text.
  ///
  /// - Parameters:
  ///   - body: The text; ends with a newline and has no empty last line.
  ///   - name: The signer's name, one that `NoteVerifier` takes.
  ///   - key: The signer's key.
  /// - Throws: `CryptoFault`.
  public init(signing body: String, name: String, key: SigningKey) throws(CryptoFault) {
    precondition(body.hasSuffix("\n"), "A note ends with a newline.")
    guard let verifier = NoteVerifier(name: name, key: key.publicKey) else {
      preconditionFailure("A note's signer has a name without spaces and plus signs.")
    }
    let signature = verifier.keyID + (try key.sign(Array(body.utf8)))
    self.body = body
    signatures = ["— \(name) \(Data(signature).base64EncodedString())"]
  }

  /// Reads a note, nil when the text is not one; no signature is checked.
  ///
  /// - Parameter text: Text, an empty line, and signature lines.
  public init?(text: String) {
    let isClean = text.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" }
    // Graphemes would join a newline with what follows; the format is about code points.
    let bytes = Array(text.utf8)
    guard isClean, bytes.count <= Self.sizeLimit, bytes.last == 0x0a,
      let cut = Self.lastEmptyLine(bytes)
    else { return nil }
    let lines = String(decoding: bytes[(cut + 2)...], as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    guard (1...Self.signatureLimit).contains(lines.count),
      lines.allSatisfy({ Self.parts(of: $0) != nil })
    else { return nil }
    body = String(decoding: bytes[...cut], as: UTF8.self)
    signatures = lines
  }

  /// The whole note.
  public var text: String { body + "\n" + signatures.map { $0 + "\n" }.joined() }

  /// Whether the verifier's key signed the text.
  ///
  /// - Parameter verifier: Whose signature is asked for.
  /// - Returns: True when the signature with its name and key identifier is there and right.
  public func isSigned(by verifier: NoteVerifier) -> Bool {
    let own = signatures.compactMap(Self.parts).filter {
      $0.name == verifier.name && $0.keyID == verifier.keyID
    }
    guard own.count == 1, let signature = own.first?.signature else { return false }
    return verifier.key.isValid(signature, for: Array(body.utf8))
  }

  /// Where the newline that ends the body stands.
  private static func lastEmptyLine(_ bytes: [UInt8]) -> Int? {
    bytes.indices.dropLast().last { bytes[$0] == 0x0a && bytes[$0 + 1] == 0x0a }
  }

  private static func parts(
    of line: String
  ) -> (name: String, keyID: [UInt8], signature: [UInt8])? {
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[0] == "—", !words[1].isEmpty,
      let data = Data(base64Encoded: String(words[2])), data.count > 4
    else { return nil }
    return (String(words[1]), Array(data.prefix(4)), Array(data.dropFirst(4)))
  }
}
