/// The stable name of an account: lower-case letters, digits, `-`, `_` and `.`.
public struct AccountID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// For example `kraken` or `ledger-nano`.
  public let slug: String

  /// Makes the identity that belongs to a name from outside; an empty name gives `account`.
  ///
  /// Letters outside ASCII stay; everything that is no letter or digit becomes one `-`. At most 64
  /// characters count.
  public init(named name: some StringProtocol) {
    var slug = ""
    for character in name.lowercased().prefix(64) {
      if character.isLetter || character.isNumber || character == "_" || character == "." {
        slug.append(character)
      } else if !slug.hasSuffix("-") && !slug.isEmpty {
        slug.append("-")
      }
    }
    while slug.hasSuffix("-") { slug.removeLast() }
    self.slug = slug.isEmpty ? "account" : slug
  }

  /// The slug.
  public var description: String { slug }
  /// Orders by slug.
  public static func < (a: AccountID, b: AccountID) -> Bool { a.slug < b.slug }
}

/// A place where assets lie: an account at a venue, a wallet, a bank account.
public struct Account: Hashable, Sendable {
  /// Its stable name.
  public let id: AccountID
  /// What the user calls it.
  public var name: String
  /// The venue or program its records come from: `kraken`, `ledger-live`, `koinly`.
  public var venue: String
  /// The book (sleeve) it belongs to.
  public var book: BookID

  /// Makes an account.
  public init(id: AccountID, name: String, venue: String, book: BookID = .main) {
    self.id = id
    self.name = name
    self.venue = venue
    self.book = book
  }
}

/// A group of accounts that is looked at together: a sleeve, a strategy, a desk.
public struct BookID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Its name.
  public let name: String

  /// Makes a book's name; an empty one is `main`, at most 64 characters count.
  public init(_ name: some StringProtocol) {
    let name = String(name.prefix(64))
    self.name = name.isEmpty ? "main" : name
  }

  /// The book accounts are in unless somebody says otherwise.
  public static let main = BookID("main")
  /// The name.
  public var description: String { name }
  /// Orders by name.
  public static func < (a: BookID, b: BookID) -> Bool { a.name < b.name }
}
