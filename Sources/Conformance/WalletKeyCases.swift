import Encodings
import Wallets

/// Keys: derivation without a private key, and the refusal of private ones.
enum WalletKeyCases {
  private static let tools = WalletSuite.tools

  // MARK: BIP 32

  @Sendable static func bip32(_ json: JSON) -> [CaseResult] {
    WalletSuite.cases("bip32", json, "trees", tree)
      + WalletSuite.cases("bip32", json, "publicDerivation", publicChild)
      + WalletSuite.cases("bip32", json, "fields", fields)
      + WalletSuite.cases("bip32", json, "invalid") { row in
        isKey(row["key"].string ?? "") ? ["taken for a public key"] : []
      }
  }

  private static func isKey(_ text: String) -> Bool {
    (try? ExtendedKey(text, tools: tools)) != nil
  }

  /// Why a text is refused as a secret, or a reason that it was not.
  private static func refusal(_ what: String, _ text: String) -> [String] {
    do {
      _ = try WatchedWallet.parse(text, tools: tools)
      return ["\(what): a secret was taken in"]
    } catch .secret(_) {
      return []
    } catch {
      return ["\(what): refused, but not as a secret"]
    }
  }

  private static func tree(_ row: JSON) -> [String] {
    guard let seed = row["seed"].string.flatMap({ Hex.bytes($0) }) else { return ["no seed"] }
    let master = TestTree(seed: seed)
    var known: [String: ExtendedKey] = [:]
    var reasons: [String] = []
    for chain in row["chains"].elements {
      let path = chain["path"].string ?? ""
      let text = chain["xpub"].string ?? ""
      guard let key = try? ExtendedKey(text, tools: tools), let numbers = KeyPath.numbers(path)
      else {
        reasons.append("\(path): not read")
        continue
      }
      known[KeyPath.text(numbers)] = key
      let parent = known[KeyPath.text(Array(numbers.dropLast()))]
      if let last = numbers.last, last < ExtendedKey.firstHardened, let parent {
        let child = try? parent.child(last, tools: tools)
        reasons += WalletSuite.difference("\(path) in public", text, child?.text(tools: tools))
      }
      let own = master.descendant(numbers)?.publicKey.map { Hex.text($0) }
      reasons += WalletSuite.difference("\(path) key", own, Hex.text(key.publicKey))
      reasons += WalletSuite.difference("\(path) text", text, key.text(tools: tools))
      reasons += refusal("\(path) private key", chain["xprv"].string ?? "")
    }
    return reasons
  }

  private static func publicChild(_ row: JSON) -> [String] {
    do {
      let parent = try ExtendedKey(row["parent"].string ?? "", tools: tools)
      let index = UInt32(clamping: row["index"].whole ?? -1)
      let child = try parent.child(index, tools: tools)
      return WalletSuite.difference("child", row["child"].string, child.text(tools: tools))
    } catch {
      return row["child"].string == nil ? [] : [error.text]
    }
  }

  private static func fields(_ row: JSON) -> [String] {
    let key: ExtendedKey
    do {
      key = try ExtendedKey(row["key"].string ?? "", tools: tools)
    } catch {
      return [error.text]
    }
    let version = String(key.version, radix: 16)
    let padded = String(repeating: "0", count: 8 - version.count) + version
    let found: [(String, String)] = [
      ("version", padded), ("depth", String(key.depth)),
      ("parentFingerprint", Hex.text(key.parentFingerprint)),
      ("childNumber", String(key.childNumber)), ("chainCode", Hex.text(key.chainCode)),
      ("publicKey", Hex.text(key.publicKey)),
      ("fingerprint", Hex.text(key.fingerprint(tools: tools))),
    ]
    return found.flatMap { WalletSuite.difference($0.0, row[$0.0].plain, $0.1) }
  }

  // MARK: Secrets

  @Sendable static func bip39(_ json: JSON) -> [CaseResult] {
    WalletSuite.cases("bip39", json, "vectors") { row in
      // The product reads no phrase; what is checked is that it lets none in, whatever its form.
      let phrase = row["mnemonic"].string ?? ""
      var reasons = refusal("phrase", phrase) + refusal("capitals", phrase.uppercased())
      reasons += refusal("lines", phrase.replacing(" ", with: "\n"))
      reasons += refusal("private key", row["xprv"].string ?? "")
      if let seed = row["seed"].string.flatMap({ Hex.bytes($0) }) {
        let master = TestTree(seed: seed)
        let own = (row["xprv"].string).flatMap { TestTree(extended: $0) }
        reasons += WalletSuite.difference(
          "master key", own.map { Hex.text($0.key) }, Hex.text(master.key))
      }
      return reasons
    }
  }

  @Sendable static func slip10(_ json: JSON) -> [CaseResult] {
    json["trees"].elements.enumerated().map { index, row in
      let curve = row["curve"].string ?? ""
      let name = "slip10/trees/\(index + 1)"
      guard curve == "ed25519" || curve == "secp256k1" else {
        let reason = "no chain that is watched has keys of the curve \(curve)"
        return CaseResult(name, format: "slip10 trees", .notApplicable, [reason])
      }
      let reasons = edwardsTree(row)
      return CaseResult(
        name, format: "slip10 trees", reasons.isEmpty ? .passed : .failed, reasons)
    }
      + WalletSuite.cases("slip10", json, "solana", solana)
  }

  private static func edwardsTree(_ row: JSON) -> [String] {
    guard let seed = row["seed"].string.flatMap({ Hex.bytes($0) }) else { return ["no seed"] }
    let curve = row["curve"].string ?? ""
    let master = TestTree(seed: seed, isEdwards: curve == "ed25519")
    var reasons: [String] = []
    for chain in row["chains"].elements {
      let path = chain["path"].string ?? ""
      guard let numbers = KeyPath.numbers(path), let own = master.descendant(numbers) else {
        reasons.append("\(path): not derived")
        continue
      }
      let publicKey = own.publicKey.map { Hex.text($0) }
      reasons += WalletSuite.difference("\(path) public", chain["public"].string, publicKey)
      reasons += WalletSuite.difference(
        "\(path) chain code", chain["chainCode"].string, Hex.text(own.chainCode))
      reasons += refusal("\(path) private", chain["private"].string ?? "")
    }
    return reasons
  }

  private static func solana(_ row: JSON) -> [String] {
    let bytes = Hex.bytes(row["publicKey"].string ?? "") ?? []
    let address = row["address"].string ?? ""
    let shown = Coin.named("solana")?.address(address, tools: tools)
    return WalletSuite.difference("address", address, Base58.text(bytes))
      + WalletSuite.difference("shown", address, shown)
  }

  // MARK: Watch-only

  @Sendable static func watchOnly(_ json: JSON) -> [CaseResult] {
    WalletSuite.cases("watch-only", json, "published", account)
      + WalletSuite.cases("watch-only", json, "derived", account)
      + WalletSuite.cases("watch-only", json, "prefixes", prefix)
      + WalletSuite.cases("watch-only", json, "refuse") { row in
        let text = row["key"].string ?? ""
        return (try? WatchedWallet.parse(text, tools: tools)) == nil ? [] : ["taken in"]
      }
  }

  private static func account(_ row: JSON) -> [String] {
    let network = row["network"].string ?? ""
    let isTest = network.hasSuffix("-testnet")
    let chain = isTest ? String(network.dropLast("-testnet".count)) : network
    do {
      let text = row["key"].string ?? ""
      let form = AddressForm(rawValue: row["script"].string ?? "")
      let wallet = try WatchedWallet.parse(text, chain: chain, form: form, tools: tools)
      var reasons = try addressReasons(row, wallet)
      guard case .account(let key, _) = wallet.source else { return ["no account key"] }
      if wallet.isTest != isTest { reasons.append("the network is not told") }
      if let plain = row["keyAsXpub"].string {
        let own = key.text(version: KeyVersion.plain.publicBytes, tools: tools)
        reasons += WalletSuite.difference("as xpub", plain, own)
      }
      return reasons
    } catch {
      return [error.text]
    }
  }

  private static func addressReasons(
    _ row: JSON, _ wallet: WatchedWallet
  ) throws(WalletFault) -> [String] {
    var reasons: [String] = []
    for entry in row["addresses"].elements {
      guard let path = KeyPath.numbers(entry["path"].string ?? "?"), path.count == 2 else {
        reasons.append("no path of two steps")
        continue
      }
      let found = try wallet.addresses(path[1], branch: Int(path[0]), tools: tools)
      reasons += WalletSuite.difference(
        entry["path"].string ?? "", entry["address"].string, found.first)
    }
    return reasons
  }

  private static func prefix(_ row: JSON) -> [String] {
    let coin = row["coin"].string ?? ""
    let addresses = row["addresses"].string ?? ""
    let versions = KeyVersion.all.filter { $0.coin == coin && $0.form.rawValue == addresses }
    guard let version = versions.first else { return ["no entry of \(coin), \(addresses)"] }
    let found: [(String, String)] = [
      ("public", hex(version.publicBytes)), ("publicPrefix", version.publicPrefix),
      ("private", hex(version.privateBytes)), ("privatePrefix", version.privatePrefix),
      ("path", version.path),
    ]
    return found.flatMap { WalletSuite.difference($0.0, row[$0.0].string, $0.1) }
  }

  private static func hex(_ number: UInt32) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: 8 - text.count) + text
  }
}
