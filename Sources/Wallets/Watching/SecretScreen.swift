public import Encodings

/// Tells secrets from what may be watched, so that none is ever taken in.
public enum SecretScreen {
  /// The kind of secret a text looks like, or nil; generous, since a spoilt key is a secret too.
  ///
  /// - Parameters:
  ///   - text: What was offered.
  ///   - tools: Hashes.
  /// - Returns: The kind; 64 hexadecimal digits alone count as a private key.
  public static func kind(of text: String, tools: SigningTools) -> WalletFault.SecretKind? {
    if isPhrase(text) { return .seedPhrase }
    if isKeyFile(text) { return .keyFile }
    let isDescriptor = text.contains("(")
    for word in words(text) {
      if startsLikeExtendedPrivateKey(word) { return .extendedPrivateKey }
      // In a descriptor 64 digits are half a public key, as taproot has them.
      if isDescriptor, Hex.bytes(word) != nil { continue }
      if isPrivateKey(word, tools) { return .privateKey }
    }
    return nil
  }

  /// Nine or more words of letters with nothing else: the phrases of BIP 39, Electrum, Monero and
  /// Algorand have 12 to 25, in any language.
  private static func isPhrase(_ text: String) -> Bool {
    let words = text.split { $0.isWhitespace || $0 == "," }
    guard words.count >= 9 else { return false }
    return words.allSatisfy { word in word.allSatisfy { $0.isLetter } }
  }

  private static func isKeyFile(_ text: String) -> Bool {
    let lower = text.lowercased()
    let marks = [
      "private key-----", "\"ciphertext\"", "\"mnemonic\"", "\"privatekey\"", "\"private_key\"",
      "\"seed\"", "age-secret-key-", "suiprivkey1", "ed25519:",
    ]
    if marks.contains(where: { lower.contains($0) }) { return true }
    // Solana's key file: 64 numbers in brackets.
    let numbers = text.split { "[], \n\r\t".contains($0) }
    return text.hasPrefix("[") && numbers.count >= 32 && numbers.allSatisfy { UInt8($0) != nil }
  }

  /// Parts that could be a key by themselves, as inside a descriptor.
  private static func words(_ text: String) -> [String] {
    text.split { character in
      !(character.isASCII && (character.isLetter || character.isNumber || character == "_"))
    }
    .prefix(256).map(String.init)
  }

  /// Whether a text starts as the private keys of the registry do and has about their length.
  static func startsLikeExtendedPrivateKey(_ text: String) -> Bool {
    guard (100...130).contains(text.utf8.count) else { return false }
    let prefix = String(text.prefix(4))
    return KeyVersion.all.contains { $0.privatePrefix == prefix }
      || ["drkp", "prk1", "xprv"].contains(prefix)
  }

  private static func isPrivateKey(_ word: String, _ tools: SigningTools) -> Bool {
    let count = word.utf8.count
    switch count {
    case 64: return Hex.bytes(word) != nil
    case 66: return word.hasPrefix("0x") && Hex.bytes(word.dropFirst(2)) != nil
    default: break
    }
    if word.hasPrefix("PVT_") || word.hasPrefix("nsec1") { return true }
    if word.hasPrefix("edsk") || word.hasPrefix("spsk") || word.hasPrefix("p2sk") {
      return count >= 50
    }
    if count == 56, word.hasPrefix("S"), let bytes = Base32.bytes(word) {
      return bytes.first == 18 << 3
    }
    if count == 58, word.hasPrefix("6P") { return Base58.bytes(word) != nil }
    if (86...88).contains(count), let bytes = Base58.bytes(word) { return bytes.count == 64 }
    if (28...31).contains(count), word.hasPrefix("s") { return isFamilySeed(word, tools) }
    return isWalletImportFormat(word, tools)
  }

  /// XRP's seeds (https://xrpl.org/docs/references/protocol/data-types/base58-encodings).
  private static func isFamilySeed(_ word: String, _ tools: SigningTools) -> Bool {
    let bytes = Base58.checkedBytes(word, alphabet: .ripple) { tools.doubleSHA256($0) }
    return bytes?.count == 17 && bytes?.first == 33 || bytes?.count == 19
  }

  /// A version byte and 32 bytes, with a 01 behind for a compressed key, in Base58Check
  /// (https://en.bitcoin.it/wiki/Wallet_import_format).
  static func isWalletImportFormat(_ word: String, _ tools: SigningTools) -> Bool {
    guard (50...53).contains(word.utf8.count),
      let bytes = Base58.bytes(word), bytes.count == 37 || bytes.count == 38
    else { return false }
    // With a wrong checksum only what starts like Bitcoin's own is taken for a spoilt key.
    let isChecked = Base58.checkedBytes(word) { tools.doubleSHA256($0) } != nil
    let isCompressed = bytes.count == 38 && bytes[33] == 1
    if isChecked { return bytes.count == 37 && bytes[0] >= 0x80 || isCompressed }
    return bytes[0] == 0x80 || bytes[0] == 0xEF
  }
}
