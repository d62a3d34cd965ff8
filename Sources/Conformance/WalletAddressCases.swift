import Encodings
import Wallets

/// Addresses: right and wrong ones, their scripts, and plain encodings.
enum WalletAddressCases {
  private static let tools = WalletSuite.tools

  @Sendable static func listed(_ json: JSON) -> [CaseResult] {
    let lists = ["listed", "derived", "wrong"]
    return lists.flatMap { list in
      json[list].elements.enumerated().map { index, row in
        address("addresses/\(list)/\(index + 1)", row)
      }
    } + WalletSuite.cases("addresses", json, "ambiguous", ambiguous)
  }

  private static func address(_ name: String, _ row: JSON) -> CaseResult {
    let coin = row["coin"].string ?? ""
    let format = "addresses \(coin)"
    guard let known = Coin.named(coin) else {
      return CaseResult(name, format: format, .notApplicable, ["the chain is not known: \(coin)"])
    }
    let text = row["address"].string ?? ""
    let isTest = row["network"].string != "mainnet"
    let isValid = known.address(text, isTest: isTest, tools: tools) != nil
    var reasons =
      isValid == row["valid"].truth
      ? [] : ["\(coin) \(text): found \(isValid ? "right" : "wrong")"]
    if isValid { reasons += watchedReasons(text, coin) }
    return CaseResult(name, format: format, reasons.isEmpty ? .passed : .failed, reasons)
  }

  /// A right address can be watched once its chain is named, whatever else it looks like.
  private static func watchedReasons(_ text: String, _ coin: String) -> [String] {
    do {
      let wallet = try WatchedWallet.parse(text, chain: coin, tools: tools)
      if case .address = wallet.source { return [] }
      return ["\(coin) \(text): not taken for an address"]
    } catch {
      return ["\(coin) \(text): \(error.text)"]
    }
  }

  private static func ambiguous(_ row: JSON) -> [String] {
    let matches = Coin.matches(row["address"].string ?? "", tools: tools)
    var names: Set<String> = []
    for match in matches {
      names.insert(match.isTest ? match.coin + "-testnet" : match.coin)
    }
    var reasons: [String] = []
    for coin in row["coins"].elements.compactMap(\.string) {
      let name = String(coin.prefix { $0 != " " })
      let id = Coin.named(name)?.id ?? name
      if !names.contains(id) { reasons.append("\(id) is not among \(names.sorted())") }
    }
    let asks = names.count > 1
    if asks != row["ask"].truth { reasons.append("asks: found \(asks), among \(names.sorted())") }
    return reasons
  }

  // MARK: Base 58

  @Sendable static func base58(_ json: JSON) -> [CaseResult] {
    WalletSuite.cases("base58", json, "plain", plain)
      + WalletSuite.cases("base58", json, "addresses", checked)
      + WalletSuite.cases("base58", json, "invalid", checked)
      + WalletSuite.cases("base58", json, "scripts", scriptWords)
  }

  private static func plain(_ row: JSON) -> [String] {
    guard let hex = row["hex"].string, let bytes = Hex.bytes(hex) else { return ["no bytes"] }
    let text = row["base58"].string ?? ""
    return WalletSuite.difference("text", text, Base58.text(bytes))
      + WalletSuite.difference("bytes", hex, Base58.bytes(text).map { Hex.text($0) })
  }

  private static let bitcoinNetworks = ["bitcoin", "bitcoin-testnet"]

  private static func checked(_ row: JSON) -> [String] {
    let text = row["address"].string ?? ""
    var found: [String] = []
    for name in bitcoinNetworks {
      guard let script = ScriptNetwork.named(name)?.script(of: text, tools: tools) else { continue }
      let isKey = script.bytes.count == 25
      let hash = isKey ? script.bytes[3..<23] : script.bytes[2..<22]
      found.append("\(name) \(isKey ? "p2pkh" : "p2sh") \(Hex.text(hash))")
    }
    let network = row["network"].string ?? ""
    let kind = row["kind"].string ?? ""
    let expected =
      row["valid"].truth == true ? ["\(network) \(kind) \(row["hash"].string ?? "")"] : []
    return expected == found ? [] : ["expected \(expected), found \(found)"]
  }

  private static func scriptWords(_ row: JSON) -> [String] {
    let id = networkID(row["network"].string)
    guard let network = ScriptNetwork.named(id) else { return ["the chain is not known: \(id)"] }
    let text = row["base58"].string ?? row["bech32"].string ?? ""
    guard let script = network.script(of: text, tools: tools) else { return ["no address"] }
    let back = network.address(of: script, tools: tools)
    return WalletSuite.difference("script", row["script"].string, script.words)
      + WalletSuite.difference("address", text.hasPrefix("BC") ? text.lowercased() : text, back)
  }

  static func networkID(_ name: String?) -> String {
    switch name ?? "" {
    case "testnet": "bitcoin-testnet"
    case "regtest": "bitcoin-regtest"
    case let other: other
    }
  }

  // MARK: Bech32

  @Sendable static func bech32(_ json: JSON) -> [CaseResult] {
    WalletSuite.cases("bech32", json, "strings", bech32Text)
      + WalletSuite.cases("bech32", json, "segwit", segwit)
  }

  private static func bech32Text(_ row: JSON) -> [String] {
    let text = row["text"].string ?? ""
    let variant: Bech32.Variant = row["encoding"].string == "bech32m" ? .bech32m : .bech32
    let read = Bech32(text).flatMap { $0.variant == variant ? $0 : nil }
    guard row["valid"].truth == true else { return read == nil ? [] : ["taken for valid"] }
    guard let read else { return ["taken for invalid"] }
    let groups = row["data"].elements.compactMap(\.whole)
    return WalletSuite.difference("prefix", row["prefix"].string, read.prefix)
      + WalletSuite.difference("data", "\(groups)", "\(read.groups.map { Int($0) })")
      + WalletSuite.difference("text", text.lowercased(), read.text)
  }

  private static func segwit(_ row: JSON) -> [String] {
    let text = row["address"].string ?? ""
    var found: [String] = []
    for name in bitcoinNetworks {
      guard let script = ScriptNetwork.named(name)?.script(of: text, tools: tools),
        let (version, program) = script.witnessProgram
      else { continue }
      found.append("\(name) \(version) \(Hex.text(program)) \(Hex.text(script.bytes))")
    }
    guard row["valid"].truth == true else { return found.isEmpty ? [] : ["taken for \(found)"] }
    let version = row["witnessVersion"].whole ?? -1
    let program = row["program"].string ?? ""
    let script = row["scriptPubKey"].string ?? ""
    let expected = ["\(networkID(row["network"].string)) \(version) \(program) \(script)"]
    return expected == found ? [] : ["expected \(expected), found \(found)"]
  }

  // MARK: Ethereum and Electrum

  @Sendable static func eip55(_ json: JSON) -> [CaseResult] {
    WalletSuite.cases("eip55", json, "valid", ethereum)
      + WalletSuite.cases("eip55", json, "invalid", ethereum)
      + WalletSuite.cases("eip55", json, "singleCase", singleCase)
      + WalletSuite.cases("eip55", json, "keccak256", keccak)
  }

  private static func ethereum(_ row: JSON) -> [String] {
    let isValid = EthereumAddress.bytes(row["address"].string ?? "") != nil
    return isValid == row["valid"].truth ? [] : ["found \(isValid ? "right" : "wrong")"]
  }

  private static func singleCase(_ row: JSON) -> [String] {
    let bytes = EthereumAddress.bytes(row["address"].string ?? "")
    let isAccepted = row["accepted"].truth == true
    let shown = bytes.map { EthereumAddress.text($0) }
    return WalletSuite.difference("shown", isAccepted ? row["checksummed"].string : nil, shown)
  }

  private static func keccak(_ row: JSON) -> [String] {
    let message = row["utf8"].string.map { Array($0.utf8) } ?? Hex.bytes(row["hex"].string ?? "-")
    let hash = message.map { Hex.text(Keccak256.hash($0)) }
    return WalletSuite.difference("hash", row["hash"].string, hash)
  }

  @Sendable static func scriptHashes(_ json: JSON) -> [CaseResult] {
    WalletSuite.cases("scripthash", json, "cases") { row in
      let text = row["address"].string ?? ""
      let names = ["bitcoin", "bitcoin-testnet", "litecoin", "dogecoin", "dash"]
      let scripts = names.compactMap { ScriptNetwork.named($0)?.script(of: text, tools: tools) }
      guard let script = scripts.first else { return ["no address: \(text)"] }
      return WalletSuite.difference("script", row["scriptPubKey"].string, Hex.text(script.bytes))
        + WalletSuite.difference(
          "script hash", row["scripthash"].string, script.scriptHash(tools: tools))
    }
  }
}
