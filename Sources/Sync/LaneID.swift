public import VenueKit

/// What a lane reads.
public enum LaneKind: String, Hashable, Sendable, CaseIterable {
  /// The venue's clock.
  case clock
  /// The ids of the account's parts.
  case accounts
  /// What the key may do.
  case rights
  /// The venue's markets.
  case markets
  /// Balances.
  case balances
  /// Open positions.
  case positions
  /// Our executions.
  case fills
  /// Deposits.
  case deposits
  /// Withdrawals.
  case withdrawals
  /// Deposits and withdrawals in one.
  case transfers
  /// The account statement.
  case statement

  /// Whether it reads what happened, and not what is.
  public var isHistory: Bool {
    switch self {
    case .fills, .deposits, .withdrawals, .transfers, .statement: true
    case .clock, .accounts, .rights, .markets, .balances, .positions: false
    }
  }
}

/// What is done first: what is, then what happened last, then what happened before, then the rest.
public enum LaneTier: Int, Hashable, Sendable, Comparable, CaseIterable {
  /// What other lanes need, balances and positions.
  case present
  /// The latest history.
  case recent
  /// Older history.
  case backfill
  /// Markets and assets that nothing of the account points to.
  case sweep

  /// Orders by urgency.
  public static func < (a: LaneTier, b: LaneTier) -> Bool { a.rawValue < b.rawValue }
}

/// One thing of an account that is read for itself: a feed, for a market or asset where the venue
/// wants one named.
public struct LaneID: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// What it reads.
  public let kind: LaneKind
  /// The part of the account.
  public let part: AccountPart?
  /// The kind of markets.
  public let market: MarketKind?
  /// Counts the venue's feeds of equal kind, part and kind of markets, from 0.
  public let number: Int
  /// The market or asset, by the venue's id; empty for none.
  public let subject: String

  /// Names a lane.
  public init(
    _ kind: LaneKind, part: AccountPart? = nil, market: MarketKind? = nil, number: Int = 0,
    subject: String = ""
  ) {
    self.kind = kind
    self.part = part
    self.market = market
    self.number = number
    self.subject = subject
  }

  /// The stable text its state is stored under: `fills.spot.-.0/BTCUSDT`.
  public var text: String {
    "\(kind.rawValue).\(part?.rawValue ?? "-").\(market?.rawValue ?? "-").\(number)/\(subject)"
  }

  /// The text.
  public var description: String { text }
  /// Orders by text.
  public static func < (a: LaneID, b: LaneID) -> Bool { a.text < b.text }
}
