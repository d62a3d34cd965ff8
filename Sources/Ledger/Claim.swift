/// What an account stands for that is a part of a wallet inside a protocol.
public enum Claim: String, Hashable, Sendable, CaseIterable {
  /// Staked through a token that stands for it.
  case staked
  /// On its way out, or ready to be fetched.
  case withdrawal
  /// Lent out.
  case supplied
  /// Held as security.
  case collateral
  /// Owed: its holdings are below zero.
  case borrowed
  /// In a pool.
  case liquidity
}

/// A place inside a protocol: which one, and what kind of claim lies there.
///
/// What a wallet has there is an account of its own beneath the wallet's, so that debts and security
/// in one asset do not run together.
public struct ClaimPlace: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The protocol: `aave-v3`.
  public let venue: String
  /// The kind.
  public let claim: Claim

  /// Names a place.
  public init(venue: String, claim: Claim) {
    self.venue = venue
    self.claim = claim
  }

  /// Reads `aave-v3.borrowed`; `nil` for any other text.
  public init?(_ text: some StringProtocol) {
    guard let point = text.lastIndex(of: "."), point != text.startIndex,
      let claim = Claim(rawValue: String(text[text.index(after: point)...]))
    else { return nil }
    self.init(venue: String(text[..<point]), claim: claim)
  }

  /// For example `aave-v3.borrowed`.
  public var description: String { "\(venue).\(claim.rawValue)" }

  /// Orders by text.
  public static func < (a: ClaimPlace, b: ClaimPlace) -> Bool { a.description < b.description }
}

extension AccountID {
  /// The account of what a wallet has at a place: `treasury.aave-v3.borrowed`.
  ///
  /// A long name of a wallet is cut, and a sum of all of it keeps it apart from others.
  public init(_ place: ClaimPlace, of wallet: AccountID) {
    let room = 63 - place.description.count
    guard wallet.slug.count > room else {
      self.init(named: "\(wallet.slug).\(place)")
      return
    }
    // FNV-1a of 32 bits, http://www.isthe.com/chongo/tech/comp/fnv/.
    let sum = wallet.slug.utf8.reduce(0x811C_9DC5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    let cut = wallet.slug.prefix(max(0, room - 9))
    self.init(named: "\(cut)_\(String(sum, radix: 16)).\(place)")
  }
}

extension Account {
  /// The account of what a wallet has at a place; in the wallet's book.
  ///
  /// - Parameters:
  ///   - place: The place.
  ///   - title: What the protocol is called: `Aave v3`.
  ///   - wallet: The wallet's own account.
  public init(_ place: ClaimPlace, title: String, of wallet: Account) {
    self.init(
      id: AccountID(place, of: wallet.id),
      name: "\(title) \(place.claim.rawValue), \(wallet.name)", venue: place.venue,
      book: wallet.book)
  }

  /// What kind of claim the account stands for; `nil` for all that is no part of a wallet inside a
  /// protocol.
  public var claim: Claim? {
    Claim.allCases.first { id.slug.hasSuffix(".\(venue).\($0.rawValue)") }
  }
}
