import Encodings
import Wallets

/// Output descriptors.
enum WalletDescriptorCases {
  private static let tools = WalletSuite.tools

  @Sendable static func descriptors(_ json: JSON) -> [CaseResult] {
    WalletSuite.cases("descriptors", json, "checksums", checksum)
      + WalletSuite.cases("descriptors", json, "keyExpressions", keyExpression)
      + WalletSuite.cases("descriptors", json, "scripts", scripts)
      + WalletSuite.cases("descriptors", json, "invalid", invalid)
      + WalletSuite.cases("descriptors", json, "watchOnly", watchOnly)
      + WalletSuite.cases("descriptors", json, "multisig", multisig)
  }

  private static func checksum(_ row: JSON) -> [String] {
    let text = row["text"].string ?? ""
    let isValid = (try? Descriptor(text, tools: tools)) != nil
    return isValid == row["valid"].truth ? [] : ["found \(isValid ? "right" : "wrong")"]
  }

  /// A well-written private key is told from a spoilt text by being refused as a secret.
  private static func keyExpression(_ row: JSON) -> [String] {
    let text = row["text"].string ?? ""
    let isValid = row["valid"].truth == true
    do {
      _ = try KeyExpression(text, tools: tools)
      return isValid ? [] : ["taken for valid"]
    } catch .secret(_) {
      let isPrivate = PrivateKeyTexts.hasOne(text)
      return isPrivate && isValid ? [] : (isValid ? ["taken for a secret"] : [])
    } catch {
      return isValid ? [error.text] : []
    }
  }

  private static func invalid(_ row: JSON) -> [String] {
    // With the private keys made public, so that it is the reason named that is refused.
    let text = PrivateKeyTexts.inPublic(row["descriptor"].string ?? "", child: 0)
    return (try? Descriptor(text, tools: tools)) == nil ? [] : ["taken for valid"]
  }

  private static func scripts(_ row: JSON) -> [String] {
    let text = row["descriptor"].string ?? ""
    var reasons = WalletSuite.difference(
      "checksum", row["checksum"].string, DescriptorChecksum.text(of: text))
    if PrivateKeyTexts.hasOne(text), !isSecret(text) { reasons.append("a secret was not refused") }
    for (index, script) in row["scripts"].elements.enumerated() {
      let own = PrivateKeyTexts.inPublic(text, child: UInt32(index))
      do {
        let found = try Descriptor(own, tools: tools).scripts(UInt32(index), tools: tools)
        reasons += WalletSuite.difference(
          "script \(index)", script.string, found.first.map { Hex.text($0.bytes) })
      } catch {
        reasons.append("script \(index): \(error.text)")
      }
    }
    return reasons
  }

  private static func isSecret(_ text: String) -> Bool {
    do {
      _ = try WatchedWallet.parse(text, tools: tools)
      return false
    } catch .secret(_) {
      return true
    } catch {
      return false
    }
  }

  private static func watchOnly(_ row: JSON) -> [String] {
    do {
      let wallet = try WatchedWallet.parse(row["descriptor"].string ?? "", tools: tools)
      var reasons: [String] = []
      for (index, address) in row["addresses"].elements.enumerated() {
        let found = try wallet.addresses(UInt32(index), branch: 0, tools: tools)
        reasons += WalletSuite.difference("address \(index)", address.string, found.first)
      }
      return reasons
    } catch {
      return [error.text]
    }
  }

  private static func multisig(_ row: JSON) -> [String] {
    let texts = row["keys"].elements.compactMap(\.string)
    let keys = texts.compactMap { Hex.bytes($0) }
    guard let network = ScriptNetwork.named("bitcoin"), keys.count == texts.count else {
      return ["no keys"]
    }
    let script = OutputScript.sortedMulti(required: row["required"].whole ?? 0, keys: keys)
    let sorted = keys.sorted { $0.lexicographicallyPrecedes($1) }.map { Hex.text($0) }
    let expected = row["sorted"].elements.compactMap(\.string)
    let old = network.address(of: script.wrapped(isWitness: false, tools: tools), tools: tools)
    let new = network.address(of: script.wrapped(isWitness: true, tools: tools), tools: tools)
    return WalletSuite.difference("sorted", "\(expected)", "\(sorted)")
      + WalletSuite.difference("script", row["script"].string, Hex.text(script.bytes))
      + WalletSuite.difference("p2sh", row["p2sh"].string, old)
      + WalletSuite.difference("p2wsh", row["p2wsh"].string, new)
  }
}

/// Private keys of published examples, replaced by the public keys they stand for.
enum PrivateKeyTexts {
  static func hasOne(_ text: String) -> Bool { inPublic(text, child: 0) != text }

  /// The text with every private key made public, at one child of its range.
  static func inPublic(_ text: String, child: UInt32) -> String {
    var result = ""
    var token = ""
    for character in text {
      if "(),{}[]".contains(character) {
        result += publicToken(token, child) + String(character)
        token = ""
      } else {
        token.append(character)
      }
    }
    return result + publicToken(token, child)
  }

  private static func publicToken(_ token: String, _ child: UInt32) -> String {
    let parts = token.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let first = parts.first, !first.isEmpty else { return token }
    if parts.count == 1, let key = wif(first) { return Hex.text(key) }
    guard let tree = TestTree(extended: first) else { return token }
    var path: [UInt32] = []
    for part in parts.dropFirst() {
      let step = part.replacing("*", with: String(child))
      guard let number = KeyPath.number(step) else { return token }
      path.append(number)
    }
    return tree.descendant(path)?.publicKey.map { Hex.text($0) } ?? token
  }

  private static func wif(_ text: String) -> [UInt8]? {
    let tools = WalletSuite.tools
    let bytes = Base58.checkedBytes(text) { tools.hash(.sha256, tools.hash(.sha256, $0)) }
    guard let bytes, bytes.count == 33 || bytes.count == 34, bytes[0] >= 0x80 else { return nil }
    let point = try? tools.secp256k1PublicKey(Array(bytes[1..<33]))
    return bytes.count == 34 ? point.map { TestTree.compressed($0) } : point
  }
}
