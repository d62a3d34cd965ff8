public import Encodings

/// A chain whose addresses can be watched or at least told apart.
public struct Coin: Sendable {
  /// The chain's name in assets: `bitcoin`, `xrp-ledger`.
  public let id: String
  /// Other names it goes by.
  public let aliases: [String]
  /// How many decimals its own coin has.
  public let decimals: Int
  /// Whether its addresses carry a checksum.
  public let hasChecksum: Bool
  let rules: [AddressRule]
  let testRules: [AddressRule]
  /// Whether it is one of the many chains with Ethereum's addresses.
  public let isEthereumLike: Bool

  init(
    _ id: String, _ aliases: [String] = [], decimals: Int = 8, hasChecksum: Bool = true,
    _ rules: [AddressRule], test: [AddressRule] = [], isEthereumLike: Bool = false
  ) {
    self.id = id
    self.aliases = aliases
    self.decimals = decimals
    self.hasChecksum = hasChecksum
    self.rules = rules
    testRules = test
    self.isEthereumLike = isEthereumLike
  }

  /// The coin of a name or alias.
  public static func named(_ name: String) -> Coin? {
    all.first { $0.id == name || $0.aliases.contains(name) }
  }

  /// The longest text that is looked at.
  public static let longestAddress = 256

  /// The address as it is to be shown, nil where the text is none of this chain's.
  ///
  /// - Parameters:
  ///   - text: The text, without spaces around it.
  ///   - isTest: Whether the chain's test network is meant.
  ///   - tools: Hashes.
  /// - Returns: The checked address, for Ethereum with its checksum.
  public func address(
    _ text: String, isTest: Bool = false, tools: SigningTools
  ) -> String? {
    guard text.utf8.count <= Coin.longestAddress else { return nil }
    for rule in isTest ? testRules : rules {
      if let shown = rule.shown(text, tools: tools) { return shown }
    }
    return nil
  }

  /// Where a text could be an address.
  public struct Match: Hashable, Sendable {
    /// The chain.
    public let coin: String
    /// Whether of its test network.
    public let isTest: Bool
    /// The checked address.
    public let address: String
  }

  /// Every chain of which a text could be an address; more than one means that the user must say.
  ///
  /// All chains with Ethereum's addresses are named, as one key has the same address on each.
  public static func matches(_ text: String, tools: SigningTools) -> [Match] {
    var matches: [Match] = []
    for coin in all {
      for isTest in [false, true] where !(isTest && coin.isEthereumLike) {
        guard let address = coin.address(text, isTest: isTest, tools: tools) else { continue }
        matches.append(Match(coin: coin.id, isTest: isTest, address: address))
      }
    }
    return matches
  }
}
