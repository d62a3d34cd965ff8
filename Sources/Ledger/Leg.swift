public import Amounts

/// Where the other half of a leg goes: a place that is no account of the holder's.
///
/// The raw values are stored: they never change.
public enum Counter: Int, Hashable, Sendable, CaseIterable {
  /// Somewhere outside the records.
  case outside = 0
  /// The other side of an exchange of one asset for another.
  case conversion = 1
  /// Fees paid.
  case fees = 2
  /// Income of any kind.
  case income = 3
  /// Things paid for, given away or lost.
  case expense = 4
  /// On the way between two own accounts.
  case transit = 5
  /// In a staking or savings product of the same account: still owned.
  case staked = 6
  /// Gains, losses and funding of margin and derivative positions.
  case margin = 7
  /// Loans.
  case loan = 8
  /// Corrections and opening balances.
  case equity = 9
}

/// One movement between an account of the holder's and a counter place.
///
/// `quantity` of `asset` comes into `account` from `counter`, or leaves for it if negative. Both
/// halves are one value, so a leg cannot fail to balance.
public struct Leg: Hashable, Sendable {
  /// The holder's account.
  public let account: AccountID
  /// The asset as recorded.
  public let asset: AssetID
  /// Signed: positive comes in.
  public let quantity: Quantity
  /// Where it comes from or goes.
  public let counter: Counter

  /// Makes a movement.
  public init(account: AccountID, asset: AssetID, quantity: Quantity, counter: Counter) {
    self.account = account
    self.asset = asset
    self.quantity = quantity
    self.counter = counter
  }
}

/// One half of a leg in the manner of double-entry books.
public struct Posting: Hashable, Sendable {
  /// An account of the holder's, or a counter place.
  public enum Place: Hashable, Sendable {
    /// The holder's account.
    case account(AccountID)
    /// A place that is no account.
    case counter(Counter)
  }

  /// Where.
  public let place: Place
  /// What.
  public let asset: AssetID
  /// How much; positive comes in there.
  public let quantity: Quantity
}

extension Leg {
  /// Both halves, which add up to nothing.
  ///
  /// - Returns: The account's half and the counter place's.
  /// - Throws: `overflow` for the one quantity that has no opposite.
  public func postings() throws(ArithmeticFault) -> [Posting] {
    [
      Posting(place: .account(account), asset: asset, quantity: quantity),
      Posting(place: .counter(counter), asset: asset, quantity: try quantity.negated()),
    ]
  }
}
