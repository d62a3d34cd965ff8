/// What an asset is: a currency, a chain's own coin, a contract on a chain, or a venue's own code.
///
/// A ticker is never an identity: two venues may give one ticker to two things, and anybody can
/// name a token. The text form is stable and stored: `fiat:EUR`, `native:bitcoin`,
/// `contract:ethereum:0xa0b8…`, `venue:kraken:XXBT`.
public enum AssetID: Hashable, Sendable {
  /// A currency of ISO 4217.
  case fiat(code: String)
  /// The coin a chain pays its own fees in.
  case native(chain: String)
  /// A token, by chain and contract address (EVM addresses in lower case).
  case contract(chain: String, address: String)
  /// What a venue or an exporting program calls it, before anybody said what it is.
  case venue(venue: String, code: String)
}

extension AssetID {
  /// The longest part taken from outside, in bytes.
  public static let longestPart = 128

  /// The stable text form.
  public var text: String {
    switch self {
    case .fiat(let code): return "fiat:\(code)"
    case .native(let chain): return "native:\(chain)"
    case .contract(let chain, let address): return "contract:\(chain):\(address)"
    case .venue(let venue, let code): return "venue:\(venue):\(code)"
    }
  }

  /// Reads the text form; `nil` for any other text.
  public init?(_ text: some StringProtocol) {
    let parts: [String] = text.split(
      separator: ":" as Character, maxSplits: 2, omittingEmptySubsequences: false
    )
    .map { String($0) }
    guard parts.dropFirst().allSatisfy({ !$0.isEmpty && $0.utf8.count <= Self.longestPart })
    else { return nil }
    switch (parts[0], parts.count) {
    case ("fiat", 2): self = .fiat(code: parts[1])
    case ("native", 2): self = .native(chain: parts[1])
    case ("contract", 3): self = .contract(chain: parts[1], address: parts[2])
    case ("venue", 3): self = .venue(venue: parts[1], code: parts[2])
    default: return nil
    }
  }

  /// The short name to show; not unique, never an identity.
  public var ticker: String {
    switch self {
    case .fiat(let code), .venue(_, let code): return code
    case .native(let chain): return KnownAssets.ticker(ofChain: chain) ?? chain
    case .contract(_, let address):
      return KnownAssets.ticker(of: self) ?? String(address.prefix(10))
    }
  }

  /// Where the identity comes from, to tell two assets of one ticker apart.
  public var origin: String {
    switch self {
    case .fiat: return "currency"
    case .native(let chain): return chain
    case .contract(let chain, let address): return "\(chain) \(address)"
    case .venue(let venue, _): return venue
    }
  }
}

extension AssetID: Comparable, CustomStringConvertible {
  /// The text form.
  public var description: String { text }
  /// Orders by text form.
  public static func < (a: AssetID, b: AssetID) -> Bool {
    // As their texts, without making those where kind and first word are the same.
    switch (a, b) {
    case (.fiat(let one), .fiat(let other)), (.native(let one), .native(let other)):
      one < other
    case (.contract(let chain, let one), .contract(let next, let other)) where chain == next:
      one < other
    case (.venue(let venue, let one), .venue(let next, let other)) where venue == next:
      one < other
    default: a.text < b.text
    }
  }
}
