import Encodings
import VenueKit
import Wallets

/// What is watched of a chain, as it is kept in a connection's settings.
struct WatchedText: Hashable, Sendable {
  /// The most tokens that a user names for one wallet.
  static let mostTokens = 100

  /// An extended public key, a descriptor or an address.
  var text: String
  /// The chain, as in assets.
  var chain: String
  /// The server to ask; empty for the chain's first public one.
  var server: String
  /// Contracts of tokens to ask for beside the well-known ones, in lower case; on chains made like
  /// Ethereum only.
  var tokens: [String] = []

  /// As JSON text.
  var json: String {
    var members: [(String, JSON)] = [
      ("watch", .string(text)), ("chain", .string(chain)), ("server", .string(server)),
    ]
    if !tokens.isEmpty { members.append(("tokens", .array(tokens.map { .string($0) }))) }
    return JSON.object(JSONObject(members)).text
  }

  init(text: String, chain: String, server: String, tokens: [String] = []) {
    self.text = text
    self.chain = chain
    self.server = server
    self.tokens = tokens
  }

  /// Reads the JSON text; `nil` for the settings of an account at a venue.
  init?(json: String) {
    guard let value = try? JSON.reading(json) else { return nil }
    let node = Node(value)
    guard let text = try? node.text("watch"), let chain = try? node.text("chain") else {
      return nil
    }
    self.init(text: text, chain: chain, server: ((try? node.optionalText("server")) ?? nil) ?? "")
    let elements = (try? node["tokens"].optionalElements()) ?? []
    for element in elements.prefix(WatchedText.mostTokens) {
      guard let token = try? element.text(), EthereumAddress.bytes(token) != nil else { continue }
      tokens.append(token.lowercased())
    }
  }
}
