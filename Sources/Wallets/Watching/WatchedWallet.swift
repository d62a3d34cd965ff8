public import Encodings

/// What a user asked to watch: an extended key, a descriptor or an address.
///
/// A hardware wallet (Ledger, Trezor, Keystone) is watched by what its own program exports: an
/// extended public key, with or without its origin, a descriptor, or a receiving address.
public struct WatchedWallet: Hashable, Sendable {
  /// The thing itself.
  public enum Source: Hashable, Sendable {
    /// An account key; its branches 0 and 1 are followed.
    case account(ExtendedKey, AddressForm)
    /// A descriptor.
    case descriptor(Descriptor)
    /// One address.
    case address(String)
  }
  /// The chain, as in assets.
  public let chain: String
  /// Whether of the test network.
  public let isTest: Bool
  /// The thing itself.
  public let source: Source

  /// Makes one of known parts.
  public init(chain: String, isTest: Bool = false, source: Source) {
    self.chain = chain
    self.isTest = isTest
    self.source = source
  }

  /// The longest text that is read.
  public static let longestText = Descriptor.longestText

  /// Reads what a user offered.
  ///
  /// - Parameters:
  ///   - text: An extended public key, a descriptor or an address; spaces around it do not matter.
  ///   - chain: The chain, where the user said; it settles what the text leaves open.
  ///   - form: The address form of a plain `xpub`, where the user said; else old addresses.
  ///   - tools: Hashes and the curve.
  /// - Returns: What to watch.
  /// - Throws: `secret` for anything that looks like a key or phrase; `ambiguous`; `malformed`.
  public static func parse(
    _ text: String, chain: String? = nil, form: AddressForm? = nil, tools: SigningTools
  ) throws(WalletFault) -> WatchedWallet {
    guard text.utf8.count <= longestText else { throw .malformed("The text is too long.") }
    let text = trimmed(text)
    guard !text.isEmpty else { throw .malformed("There is nothing to read.") }
    if let secret = SecretScreen.kind(of: text, tools: tools) {
      // Some chains write addresses as other chains write keys: only a named chain settles it.
      let named = chain.flatMap { Coin.named($0) }
      let isAddress =
        named?.address(text, tools: tools) != nil
        || Coin.matches(text, tools: tools).contains { Coin.named($0.coin)?.hasChecksum == true }
      guard secret == .privateKey, isAddress else { throw .secret(secret) }
    }
    if text.contains("(") { return try descriptor(text, chain: chain, tools: tools) }
    if text.hasPrefix("[") || isExtendedKey(text) {
      return try account(text, chain: chain, form: form, tools: tools)
    }
    return try address(text, chain: chain, tools: tools)
  }

  private static func trimmed(_ text: String) -> String {
    var rest = text[...]
    while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
    while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
    return String(rest)
  }

  private static func isExtendedKey(_ text: String) -> Bool {
    let prefix = String(text.prefix(4))
    return (100...130).contains(text.utf8.count)
      && KeyVersion.all.contains { $0.publicPrefix == prefix }
  }

  private static func descriptor(
    _ text: String, chain: String?, tools: SigningTools
  ) throws(WalletFault) -> WatchedWallet {
    let read = try Descriptor(text, tools: tools)
    guard !read.isHardened else { throw .hardened }
    let isTest = read.keys.contains { expression in
      guard case .extended(let key) = expression.key else { return false }
      return KeyVersion.named(publicBytes: key.version).contains { $0.isTest }
    }
    return WatchedWallet(
      chain: chain ?? "bitcoin", isTest: isTest, source: .descriptor(read))
  }

  /// An extended key, perhaps with its origin and steps, as hardware wallets export it.
  private static func account(
    _ text: String, chain: String?, form: AddressForm?, tools: SigningTools
  ) throws(WalletFault) -> WatchedWallet {
    let expression = try KeyExpression(text, tools: tools)
    guard case .extended(let key) = expression.key else {
      throw .malformed("Watch a single key by its address.")
    }
    guard expression.range != .hardenedChildren else { throw .hardened }
    guard expression.range == .none, expression.paths == [[]] else {
      throw .malformed("Give the account's key without steps, or a whole descriptor.")
    }
    let versions = KeyVersion.named(publicBytes: key.version)
    guard let version = versions.first else {
      throw .malformed("The version of the extended key is not known.")
    }
    let own = AddressForm(version)
    guard let shown = form ?? WatchedWallet.form(of: expression.origin) ?? own else {
      throw .unsupported("A key shared by several signers needs a whole descriptor.")
    }
    let isNamed = chain != nil || version.coin != "Bitcoin" && version.coin != "Bitcoin Testnet"
    let coin = chain ?? coinName(version)
    let final = isNamed ? WatchedWallet.form(ofChain: coin) ?? shown : shown
    return WatchedWallet(
      chain: coin, isTest: version.isTest, source: .account(key, final))
  }

  private static func coinName(_ version: KeyVersion) -> String {
    let name = version.isTest ? String(version.coin.dropLast(" Testnet".count)) : version.coin
    return name.lowercased()
  }

  /// Chains with Ethereum's or Tron's addresses have no other form.
  private static func form(ofChain chain: String) -> AddressForm? {
    guard let coin = Coin.named(chain) else { return nil }
    if coin.isEthereumLike { return .ethereum }
    return coin.id == "tron" ? .tron : nil
  }

  /// The form that the first step of an origin's path names (BIP 44, 49, 84, 86).
  private static func form(of origin: KeyExpression.Origin?) -> AddressForm? {
    guard let first = origin?.path.first, first >= ExtendedKey.firstHardened else { return nil }
    switch first - ExtendedKey.firstHardened {
    case 44: return .keyHash
    case 49: return .nestedSegwit
    case 84: return .segwit
    case 86: return .taproot
    default: return nil
    }
  }

  private static func address(
    _ text: String, chain: String?, tools: SigningTools
  ) throws(WalletFault) -> WatchedWallet {
    if let chain {
      guard let coin = Coin.named(chain) else { throw .unsupported("The chain is not known.") }
      for isTest in [false, true] {
        if let shown = coin.address(text, isTest: isTest, tools: tools) {
          return WatchedWallet(chain: coin.id, isTest: isTest, source: .address(shown))
        }
      }
      throw .malformed("That is no address of the chain: a character is wrong or missing.")
    }
    let matches = Coin.matches(text, tools: tools)
    guard let first = matches.first else {
      throw .malformed("That is no address, extended public key or descriptor that is known.")
    }
    guard matches.count == 1 else {
      throw .ambiguous(matches.map { $0.isTest ? $0.coin + "-testnet" : $0.coin })
    }
    return WatchedWallet(chain: first.coin, isTest: first.isTest, source: .address(first.address))
  }

  /// The text to keep: read again with `chain` and `form` it gives the same wallet.
  public func text(tools: SigningTools) -> String {
    switch source {
    case .address(let address): address
    case .account(let key, _): key.text(tools: tools)
    case .descriptor(let descriptor): descriptor.text + "#" + descriptor.checksum
    }
  }

  /// The address form of an account key, nil for the others.
  public var form: AddressForm? {
    if case .account(_, let form) = source { form } else { nil }
  }

  /// The chain's scripts, where it has any.
  public var network: ScriptNetwork? {
    ScriptNetwork.named(isTest ? chain + "-testnet" : chain)
  }

  /// How many branches are followed: receiving and change.
  public var branches: Int {
    switch source {
    case .address: 1
    case .account(_, let form): form == .ethereum || form == .tron ? 1 : 2
    case .descriptor(let descriptor): descriptor.branches
    }
  }

  /// Whether there is more than one address.
  public var isRanged: Bool {
    switch source {
    case .address: false
    case .account: true
    case .descriptor(let descriptor): descriptor.isRanged
    }
  }

  /// The addresses of one child; usually one.
  ///
  /// - Parameters:
  ///   - index: Which child.
  ///   - branch: 0 receiving, 1 change.
  ///   - tools: Hashes and the curve.
  /// - Returns: The addresses; none where a script has no address.
  /// - Throws: `WalletFault`.
  public func addresses(
    _ index: UInt32, branch: Int, tools: SigningTools
  ) throws(WalletFault) -> [String] {
    switch source {
    case .address(let address): return [address]
    case .account(let key, let form):
      let child = try key.child(UInt32(clamping: branch), tools: tools)
        .child(index, tools: tools)
      return [try form.address(of: child.publicKey, on: network, tools: tools)]
    case .descriptor(let descriptor):
      guard let network else { throw .unsupported("The chain has no scripts.") }
      return try descriptor.addresses(index, branch: branch, on: network, tools: tools)
    }
  }
}
