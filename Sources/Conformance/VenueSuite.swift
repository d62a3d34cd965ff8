import Cipher
import Encodings
public import Foundation
import Ledger
import VenueKit
import Venues

/// Runs the cases of a folder of venues: signing vectors, requests, answers and single records.
///
/// - Signing vectors: a call to a surface of the vector's section gives the same request.
/// - Requests: what is verifiable is taken apart, made anew by our recipe and must be the same, byte
///   for byte; where a feed of ours serves the method, its own call must name the same parameters.
///   A call of another route that the venue documents is counted as not applicable and named.
/// - Answers and records: read by the feeds that serve the method, compared field by field.
///
/// A case of a method that Coffer does not use is not applicable.
public struct VenueSuite {
  let folder: URL
  let only: Set<String>

  /// Names a folder, and the venues to run; none runs all.
  public init(folder: URL, only: Set<String> = []) {
    self.folder = folder
    self.only = only
  }

  /// Runs every case.
  public func run() -> SuiteResult {
    guard let found = try? FileManager.default.subpathsOfDirectory(atPath: folder.path()) else {
      return SuiteResult(suite: "venues", cases: [], reason: "cannot read \(folder.path())")
    }
    var results: [CaseResult] = []
    for name in found.sorted() where name.hasSuffix(".json") {
      let last = name.split(separator: "/").last.map(String.init) ?? name
      if last == "index.json" { continue }
      results += run(file: folder.appending(path: name), named: last)
    }
    let reason = results.isEmpty ? "no cases in \(folder.path())" : ""
    return SuiteResult(suite: "venues", cases: results, reason: reason)
  }

  private func run(file: URL, named name: String) -> [CaseResult] {
    do {
      let json = try JSON.reading(Array(try Data(contentsOf: file)))
      let node = Node(json)
      if !node["vectors"].isNothing { return try SigningCases(file: node, only: only).run() }
      guard !node["venue"].isNothing else {
        return [CaseResult(name, .notApplicable, ["not a file of a venue's cases"])]
      }
      let cases = try VenueCases(json)
      if !only.isEmpty, !only.contains(cases.id) { return [] }
      return try run(cases)
    } catch {
      return [CaseResult(name, .failed, ["cannot be read: \(error)"])]
    }
  }

  private func run(_ cases: VenueCases) throws(VenueFault) -> [CaseResult] {
    guard let venue = Venue.named(cases.id) ?? Venue.retired(cases.id) else {
      var names: [String] = []
      for part in ["requests", "responses", "records"] {
        for node in try cases.file[part].optionalElements() { names.append(try node.text("id")) }
      }
      let why = cases.notes.isEmpty ? "no such venue in this version" : cases.notes
      return names.map { CaseResult($0, format: cases.id, .notApplicable, [why]) }
    }
    var results: [CaseResult] = []
    let requests = RequestCases(venue: venue, cases: cases)
    for node in try cases.file["requests"].optionalElements() { results += requests.run(node) }
    let answers = AnswerCases(venue: venue, cases: cases)
    for node in try cases.file["responses"].optionalElements() { results.append(answers.run(node)) }
    for node in try cases.file["records"].optionalElements() {
      results.append(answers.runRecord(node))
    }
    return results
  }
}

/// Vectors of signatures.
struct SigningCases {
  let file: Node
  let only: Set<String>

  func run() throws(VenueFault) -> [CaseResult] {
    var results: [CaseResult] = []
    for node in try file["vectors"].elements() {
      let id = try node.text("venue")
      if !only.isEmpty, !only.contains(id) { continue }
      results.append(run(node, id))
    }
    for node in try file["published"].optionalElements() {
      let id = try node.text("venue")
      if !only.isEmpty, !only.contains(id) { continue }
      results.append(PublishedVector(node: node, venue: id).run())
    }
    return results
  }

  private func run(_ node: Node, _ id: String) -> CaseResult {
    let name = (try? node.text("id")) ?? id
    guard let venue = Venue.named(id) ?? Venue.retired(id) else {
      return CaseResult(name, format: id, .notApplicable, ["no such venue in this version"])
    }
    do throws(VenueFault) {
      let made: OutgoingRequest
      if let section = try node.optionalText("section") {
        made = try request(node, venue, section)
      } else {
        guard let call = try WholeCall(node, venue).request() else {
          return CaseResult(
            name, format: id, .notApplicable,
            ["no surface of ours for \(try node["expect"].text("url"))"])
        }
        made = call
      }
      let differences = RequestDifferences(
        made, node["expect"], keys: file["keys"], isExactText: true, ignoring: []
      ).lines
      return CaseResult(name, format: id, differences.isEmpty ? .passed : .failed, differences)
    } catch {
      return CaseResult(name, format: id, .failed, ["\(error)"])
    }
  }

  private func request(
    _ node: Node, _ venue: Venue, _ section: String
  ) throws(VenueFault) -> OutgoingRequest {
    var parameters = Parameters()
    for member in try node["params"].optionalMembers() {
      parameters.items.append(Parameters.Item(member.key, member.json ?? .null))
    }
    let call = Call(section, try node.text("method"), try node.text("path"), parameters)
    return try venue.request(
      call, credentials: VenueCases.credentials(node["credentials"]),
      moment: Moment(time: try node.time(.milliseconds, "nowMs"), uuid: VenueCases.uuid)
        .withRandom(of: node["expect"]),
      tools: .openSSL)
  }
}

/// Vectors that venues print themselves: the recipe's primitives over the printed message.
struct PublishedVector {
  let node: Node
  let venue: String

  func run() -> CaseResult {
    let name = (try? node.text("id")) ?? venue
    do throws(VenueFault) {
      if let agent = PhantomAgent(node: node), node["secret"].isNothing {
        let made = try agent.signature(.openSSL)
        let isSame = made == agent.wanted
        return CaseResult(
          name, format: venue, isSame ? .passed : .failed,
          isSame ? [] : ["\(made), expected \(agent.wanted)"])
      }
      guard let made = try signature() else {
        return CaseResult(
          name, format: venue, .notApplicable,
          ["the scheme \(try node.optionalText("scheme") ?? "") is checked by the orders' vectors"])
      }
      let wanted = try node.text("signature")
      return CaseResult(
        name, format: venue, made == wanted ? .passed : .failed,
        made == wanted ? [] : ["signature \(made), expected \(wanted)"])
    } catch {
      return CaseResult(name, format: venue, .failed, ["\(error)"])
    }
  }

  private func signature() throws(VenueFault) -> String? {
    let scheme = try node.text("scheme")
    let tools = SigningTools.openSSL
    if scheme.hasPrefix("hmac-sha512/base64 over path + sha256") {
      let nonce = try node.text("nonce")
      let digest = tools.hash(.sha256, Array((nonce + (try node.text("body"))).utf8))
      guard let key = Base64.bytes(try node.text("secret")) else { return nil }
      return Base64.text(tools.hmac(.sha512, key, Array(try node.text("path").utf8) + digest))
    }
    let hashes: [(String, HashAlgorithm)] = [
      ("hmac-sha256/hex", .sha256), ("hmac-sha384/hex", .sha384), ("hmac-sha512/hex", .sha512),
    ]
    guard let (_, algorithm) = hashes.first(where: { scheme.hasPrefix($0.0) }) else {
      return nil
    }
    let message = Array(try node.text("message").utf8)
    return Hex.text(tools.hmac(algorithm, Array(try node.text("secret").utf8), message))
  }
}

/// Actions on Hyperliquid as its own library signs them: the hash of an action stands in the message
/// of an agent, or the action itself is the message.
struct PhantomAgent {
  let node: Node

  init?(node: Node) {
    guard !node["action"].isNothing || !node["message"].isNothing else { return nil }
    self.node = node
  }

  /// What the vector prints: a signature as JSON, or the hash of an action.
  var wanted: String {
    node["signature"].json?.text ?? ((try? node.text("connectionId")) ?? "")
  }

  func signature(_ tools: SigningTools) throws(VenueFault) -> String {
    let data: EIP712
    if node["action"].isNothing {
      data = try typed()
    } else {
      let hash = "0x" + Hex.text(try hash())
      if node["signature"].isNothing { return hash }
      let source = try node.text("network") == "mainnet" ? "a" : "b"
      data = EIP712(
        domain: [
          "name": "Exchange", "version": "1", "chainId": 1337,
          "verifyingContract": "0x0000000000000000000000000000000000000000",
        ],
        types: [
          "Agent": [EIP712.Field("source", "string"), EIP712.Field("connectionId", "bytes32")]
        ],
        primary: "Agent", message: ["source": .string(source), "connectionId": .string(hash)])
    }
    let secret = try node.text("privateKey")
    let signed = try Draft.signed { () throws(SigningFault) in
      try data.signature(key: try EthereumSignature.key(secret), tools: tools)
    }
    let made: JSON = [
      "r": .string("0x" + Hex.text(signed.r)), "s": .string("0x" + Hex.text(signed.s)),
      "v": .number(String(signed.v)),
    ]
    return made.text
  }

  private func hash() throws(VenueFault) -> [UInt8] {
    var bytes = MessagePack.bytes(node["action"].json ?? .null)
    let nonce = UInt64(clamping: try node.integer("nonce"))
    bytes += (0..<8).map { UInt8(truncatingIfNeeded: nonce >> UInt64(56 - 8 * $0)) }
    if let vault = try node.optionalText("vaultAddress") {
      bytes += [1] + (Hex.bytes(String(vault.dropFirst(2))) ?? [])
    } else {
      bytes.append(0)
    }
    return Keccak256.hash(bytes)
  }

  private func typed() throws(VenueFault) -> EIP712 {
    var types: [String: [EIP712.Field]] = [:]
    var primary = ""
    for type in try node["types"].members() {
      primary = type.key
      var fields: [EIP712.Field] = []
      for field in try type.elements() {
        fields.append(EIP712.Field(try field.text("name"), try field.text("type")))
      }
      types[type.key] = fields
    }
    return EIP712(
      domain: node["domain"].json ?? .null, types: types, primary: primary,
      message: node["message"].json ?? .null)
  }
}
