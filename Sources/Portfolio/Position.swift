public import Amounts
public import Ledger
public import Prices

/// How far a figure can be trusted.
public enum FigureState: UInt8, Hashable, Sendable, CaseIterable {
  /// From sources that are as fresh as they should be.
  case live = 0
  /// From at least one source that is older than its limit.
  case stale = 1
  /// Something it needs is not known.
  case unknown = 2
  /// Sources that are fresh contradict each other.
  case disputed = 3

  /// The stable text form.
  public var text: String {
    switch self {
    case .live: "live"
    case .stale: "stale"
    case .unknown: "unpriced"
    case .disputed: "disputed"
    }
  }
}

/// What the holder has of one asset in one account.
public struct AccountShare: Hashable, Sendable {
  /// The account.
  public let account: AccountID
  /// Free and staked together.
  public let quantity: Quantity
  /// The staked part.
  public let staked: Quantity
  /// What it is worth in the snapshot's currency; `nil` where no price is known.
  public let value: Fixed?
  /// Whether the quantity is the venue's word, as the books are not read yet.
  public let isReported: Bool

  /// Makes a share.
  public init(
    account: AccountID, quantity: Quantity, staked: Quantity, value: Fixed?,
    isReported: Bool = false
  ) {
    self.account = account
    self.quantity = quantity
    self.staked = staked
    self.value = value
    self.isReported = isReported
  }
}

/// What the holder has of one asset in all accounts, and what it is worth.
public struct Position: Hashable, Sendable {
  /// The canonical asset.
  public let asset: AssetID
  /// Free and staked together.
  public let quantity: Quantity
  /// The staked part.
  public let staked: Quantity
  /// The price of one unit and where it comes from; `nil` where none is known.
  public let price: PositionPrice?
  /// What it is worth in the snapshot's currency; `nil` where no price is known.
  public let value: Fixed?
  /// What it was worth 24 hours ago at today's quantity; `nil` where unknown.
  public let dayOpenValue: Fixed?
  /// Its parts, in order of account.
  public let shares: [AccountShare]
  /// Why there is no price, or none that is fresh; `nil` for a fresh price, and where it is not known.
  public let absence: PriceAbsence?
  /// What venues report of it differently from the ledger; `nil` for nothing.
  public let difference: OpenDifference?
  /// What speaks against it; `nil` for nothing.
  public let screening: Screening?

  /// Makes a position.
  ///
  /// - Parameters:
  ///   - asset: The canonical asset.
  ///   - quantity: Free and staked together.
  ///   - staked: The staked part.
  ///   - price: The price of one unit, where known.
  ///   - value: What it is worth, where known.
  ///   - dayOpenValue: What it was worth 24 hours ago, where known.
  ///   - shares: Its parts, in order of account.
  ///   - absence: Why there is no price, or none that is fresh.
  ///   - difference: What venues report differently.
  ///   - screening: What speaks against it.
  public init(
    asset: AssetID, quantity: Quantity, staked: Quantity, price: PositionPrice?, value: Fixed?,
    dayOpenValue: Fixed?, shares: [AccountShare], absence: PriceAbsence? = nil,
    difference: OpenDifference? = nil, screening: Screening? = nil
  ) {
    self.asset = asset
    self.quantity = quantity
    self.staked = staked
    self.price = price
    self.value = value
    self.dayOpenValue = dayOpenValue
    self.shares = shares
    self.absence = absence
    self.difference = difference
    self.screening = screening
  }

  /// How far its value can be trusted.
  public var state: FigureState { value == nil ? .unknown : price?.state ?? .unknown }
}

/// What venues report of an asset beside what the ledger says.
public struct OpenDifference: Hashable, Sendable {
  /// How much venues report less, in all accounts where it is less; zero or below.
  public let missing: Quantity
  /// How much venues report more, in all accounts where it is more.
  public let extra: Quantity
  /// In how many accounts there is a difference.
  public let count: Int

  /// Makes a difference.
  ///
  /// - Parameters:
  ///   - missing: How much venues report less; zero or below.
  ///   - extra: How much venues report more.
  ///   - count: In how many accounts.
  public init(missing: Quantity, extra: Quantity, count: Int) {
    self.missing = missing
    self.extra = extra
    self.count = count
  }
}

/// The price a position is valued at.
public struct PositionPrice: Hashable, Sendable {
  /// For one unit, in the snapshot's currency.
  public let price: Price
  /// The least that one of its sources says; of a stale price also what it may have come to.
  public let low: Price
  /// The most.
  public let high: Price
  /// When it was last said to be so; the furthest future for a currency in itself.
  public let time: Instant
  /// Until when it counts as fresh.
  public let freshUntil: Instant
  /// How far it could be trusted when the snapshot was made.
  public let confidence: Confidence
  /// Who says so: `feed:demo`, `manual`, `own-trade`; joined by `+` for a cross rate and by `,`
  /// where several say the same.
  public let source: String

  /// Makes a price.
  ///
  /// - Parameters:
  ///   - price: For one unit.
  ///   - range: The least and the most that its sources say; `nil` for the price alone.
  ///   - time: When it was last said to be so.
  ///   - freshUntil: Until when it counts as fresh.
  ///   - confidence: How far it can be trusted.
  ///   - source: Who says so.
  public init(
    price: Price, range: (low: Price, high: Price)? = nil, time: Instant, freshUntil: Instant,
    confidence: Confidence, source: String
  ) {
    self.price = price
    low = range?.low ?? price
    high = range?.high ?? price
    self.time = time
    self.freshUntil = freshUntil
    self.confidence = confidence
    self.source = source
  }

  /// What that means for figures that rest on it.
  public var state: FigureState {
    switch confidence {
    case .agreed, .single, .stated: .live
    case .disputed: .disputed
    case .stale: .stale
    }
  }
}
