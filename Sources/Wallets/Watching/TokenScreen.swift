public import Ledger

/// Judges tokens and transfers that nobody asked for; says why, and never hides without saying so.
///
/// A judgement is advice for the screen: what is suspect stays recorded, adds nothing to totals
/// until it has a price of its own, and the user's word wins over every rule.
public struct TokenScreen: Sendable {
  /// What speaks against a token or a transfer.
  public enum Reason: String, Hashable, Sendable, CaseIterable {
    /// Its name is an invitation: an address of a page, or words of such.
    case invitation
    /// It has the name of a well-known asset, at another contract.
    case counterfeit
    /// Its name has letters that look like others, or of several scripts.
    case lookAlikeLetters
    /// Its name has characters that cannot be seen, or that move the cursor.
    case hiddenCharacters
    /// It only ever came in, by transactions that others started.
    case unasked
    /// Its decimals cannot be right.
    case oddDecimals
    /// A transfer of nothing, which needs nobody's signature.
    case nothingMoved
    /// The other side's address looks like one that the wallet deals with.
    case lookAlikeAddress
    /// A crumb from a stranger.
    case dust
  }

  /// What to do with it on the screen.
  public enum Verdict: String, Hashable, Sendable {
    /// Shown as usual.
    case shown
    /// Shown with its reasons.
    case doubtful
    /// Folded away by default, counted beside the list, with its reasons.
    case folded
  }

  /// A verdict with its reasons.
  public struct Judgement: Hashable, Sendable {
    /// What to do.
    public let verdict: Verdict
    /// Why; every rule that spoke, in the order of the rules.
    public let reasons: [Reason]

    /// Puts a verdict with its reasons together.
    public init(verdict: Verdict, reasons: [Reason]) {
      self.verdict = verdict
      self.reasons = reasons
    }
  }

  /// Assets that the user trusts, whatever the rules say.
  public let trusted: Set<AssetID>
  /// Well-known tokens by what they call themselves.
  private let known: [String: Set<AssetID>]

  /// Makes one.
  ///
  /// - Parameters:
  ///   - trusted: The user's own list.
  ///   - known: Well-known assets with their tickers.
  public init(trusted: Set<AssetID> = [], known: [(ticker: String, asset: AssetID)] = []) {
    self.trusted = trusted
    var names: [String: Set<AssetID>] = [:]
    for entry in known { names[ShownText.skeleton(entry.ticker), default: []].insert(entry.asset) }
    self.known = names
  }

  /// What is known of a token.
  public struct Token: Hashable, Sendable {
    /// The asset.
    public let asset: AssetID
    /// What it calls itself.
    public let symbol: String
    /// Its longer name.
    public let name: String
    /// Its decimals.
    public let decimals: Int
    /// Whether the owner ever started a transaction with it; nil when the history is not known.
    public let wasUsedByOwner: Bool?

    /// Gathers what is known.
    public init(
      asset: AssetID, symbol: String, name: String = "", decimals: Int = 18,
      wasUsedByOwner: Bool? = nil
    ) {
      self.asset = asset
      self.symbol = symbol
      self.name = name
      self.decimals = decimals
      self.wasUsedByOwner = wasUsedByOwner
    }
  }

  /// Judges a token.
  public func judge(_ token: Token) -> Judgement {
    if trusted.contains(token.asset) { return Judgement(verdict: .shown, reasons: []) }
    var reasons: [Reason] = []
    let text = token.symbol + " " + token.name
    if TokenScreen.isInvitation(text) { reasons.append(.invitation) }
    let skeleton = ShownText.skeleton(token.symbol)
    let namesakes = known[skeleton] ?? []
    let isKnown = namesakes.contains(token.asset)
    if !namesakes.isEmpty, !isKnown, isSameChain(token.asset, namesakes) {
      reasons.append(.counterfeit)
    }
    if ShownText.isMixed(token.symbol) || TokenScreen.isDisguised(token.symbol) {
      reasons.append(.lookAlikeLetters)
    }
    if !ShownText.isClean(token.symbol) || token.symbol.isEmpty {
      reasons.append(.hiddenCharacters)
    }
    if token.decimals > 36 || token.decimals < 0 { reasons.append(.oddDecimals) }
    if token.wasUsedByOwner == false, !isKnown { reasons.append(.unasked) }
    return Judgement(verdict: TokenScreen.verdict(reasons), reasons: reasons)
  }

  /// A token of another chain may share a name: bridges do.
  private func isSameChain(_ asset: AssetID, _ others: Set<AssetID>) -> Bool {
    guard case .contract(let chain, _) = asset else { return true }
    return others.contains { other in
      switch other {
      case .contract(let own, _), .native(let own): own == chain
      default: false
      }
    }
  }

  /// One heavy reason folds; light ones only together.
  private static func verdict(_ reasons: [Reason]) -> Verdict {
    let heavy: Set<Reason> = [.invitation, .counterfeit, .hiddenCharacters, .lookAlikeAddress]
    if reasons.contains(where: { heavy.contains($0) }) { return .folded }
    if reasons.contains(.nothingMoved) { return .folded }
    return reasons.isEmpty ? .shown : (reasons.count > 1 ? .folded : .doubtful)
  }

  private static func isInvitation(_ text: String) -> Bool {
    let lower = ShownText.cleaned(text).lowercased()
    let marks = [
      "http", "www.", "t.me/", ".com", ".net", ".org", ".xyz", ".io", ".app", ".site", ".info",
      ".finance", "visit ", "claim", "airdrop", "voucher", "giveaway", "telegram", "redeem at",
    ]
    return marks.contains { lower.contains($0) }
  }

  /// A name in other letters whose skeleton is plain Latin.
  private static func isDisguised(_ symbol: String) -> Bool {
    let cleaned = ShownText.cleaned(symbol)
    let isPlain = cleaned.unicodeScalars.allSatisfy { $0.isASCII }
    let skeleton = ShownText.skeleton(symbol)
    return !isPlain && !skeleton.isEmpty && skeleton.unicodeScalars.allSatisfy { $0.isASCII }
  }

  // MARK: Transfers

  /// What is known of a transfer.
  public struct Transfer: Hashable, Sendable {
    /// The other side.
    public let counterparty: String
    /// Whether it came in.
    public let isIncoming: Bool
    /// Whether the wallet's owner started the transaction.
    public let wasStartedByOwner: Bool
    /// How many smallest units moved.
    public let units: UInt256
    /// Whether it is worth less than a crumb; nil without a price.
    public let isCrumb: Bool?

    /// Gathers what is known.
    public init(
      counterparty: String, isIncoming: Bool, wasStartedByOwner: Bool, units: UInt256,
      isCrumb: Bool? = nil
    ) {
      self.counterparty = counterparty
      self.isIncoming = isIncoming
      self.wasStartedByOwner = wasStartedByOwner
      self.units = units
      self.isCrumb = isCrumb
    }
  }

  /// Judges a transfer.
  ///
  /// - Parameters:
  ///   - transfer: The transfer.
  ///   - familiar: Addresses the wallet deals with: its own, and those it ever paid.
  /// - Returns: The judgement; a transfer that the owner started is always shown, with its reasons.
  public func judge(_ transfer: Transfer, familiar: Set<String>) -> Judgement {
    var reasons: [Reason] = []
    if transfer.units.isZero, !transfer.wasStartedByOwner { reasons.append(.nothingMoved) }
    if TokenScreen.lookAlike(of: transfer.counterparty, among: familiar) != nil {
      reasons.append(.lookAlikeAddress)
    }
    let isStranger = !familiar.contains { $0.lowercased() == transfer.counterparty.lowercased() }
    if transfer.isCrumb == true, transfer.isIncoming, isStranger { reasons.append(.dust) }
    if transfer.wasStartedByOwner {
      return Judgement(verdict: reasons.isEmpty ? .shown : .doubtful, reasons: reasons)
    }
    return Judgement(verdict: TokenScreen.verdict(reasons), reasons: reasons)
  }

  /// The familiar address that another one is easily taken for: first and last four characters
  /// agree, and it is not the same.
  ///
  /// - Parameters:
  ///   - address: The address to judge.
  ///   - familiar: Addresses the wallet deals with.
  /// - Returns: The familiar one, the first in order of text, or nil.
  public static func lookAlike(of address: String, among familiar: Set<String>) -> String? {
    let ends = ends(of: address)
    guard let ends else { return nil }
    return familiar.sorted().first { known in
      known.lowercased() != address.lowercased() && self.ends(of: known) == ends
    }
  }

  /// What people compare of an address: first and last four characters after what all addresses of
  /// a chain start with.
  ///
  /// - Parameter address: The address.
  /// - Returns: Both ends in lower case; `nil` for what is too short to be an address.
  public static func ends(of address: String) -> String? {
    var body = address.lowercased()[...]
    for prefix in ["0x", "bc1q", "bc1p", "bc1", "ltc1q", "addr1", "cosmos1", "bitcoincash:q"]
    where body.hasPrefix(prefix) {
      body = body.dropFirst(prefix.count)
      break
    }
    guard body.count >= 20 else { return nil }
    return String(body.prefix(4)) + "…" + String(body.suffix(4))
  }
}
