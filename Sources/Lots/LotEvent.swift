public import Amounts
public import Ledger

/// Names an event, and the lot that it makes: an entry, and which of its parts.
public struct LotID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The entry.
  public let entry: EntryID
  /// Which of the events that the entry gave; the first is 0.
  public let part: Int

  /// Makes a name.
  public init(entry: EntryID, part: Int = 0) {
    self.entry = entry
    self.part = part
  }

  /// Orders by entry, then part.
  public static func < (a: LotID, b: LotID) -> Bool {
    a.entry != b.entry ? a.entry < b.entry : a.part < b.part
  }
  /// The entry's digits, and the part after a point unless it is the first.
  public var description: String { part == 0 ? "\(entry)" : "\(entry).\(part)" }
}

/// Where income comes from.
public enum IncomeKind: String, Hashable, Sendable, CaseIterable {
  /// Rewards for staking.
  case staking
  /// Tokens handed out.
  case airdrop
  /// Interest.
  case interest
  /// Rewards for mining.
  case mining
  /// Pay.
  case wages
  /// Coins of a new chain.
  case fork
  /// Anything else.
  case other
}

/// How an asset came.
public enum AcquisitionOrigin: Hashable, Sendable {
  /// Paid for.
  case purchase
  /// Earned; its value is income of the same amount.
  case income(IncomeKind)
  /// Given; its value is the cost that the receiver takes over.
  case gift
  /// Nobody has said how.
  case unexplained
}

/// Why an asset went.
public enum DisposalKind: String, Hashable, Sendable, CaseIterable {
  /// Sold for the currency of the book.
  case sell
  /// Given for another asset.
  case trade
  /// Paid for goods or services.
  case spend
  /// Paid as a fee.
  case fee
  /// Given away.
  case gift = "gift_out"
  /// Lost or stolen: nothing is got for it.
  case lost
  /// Left for a place outside the records: no gain, and its lots go with it.
  case removal
}

/// An asset that comes in.
public struct Acquisition: Hashable, Sendable {
  /// Where it comes to.
  public var account: AccountID
  /// The canonical asset.
  public var asset: AssetID
  /// How much; not negative.
  public var quantity: Quantity
  /// What was paid for the whole, before fees, in the book's currency; `nil` where unknown.
  public var value: Fixed?
  /// Fees in the book's currency; they raise the cost.
  public var fee: Fixed
  /// How it came.
  public var origin: AcquisitionOrigin
  /// Since when it counts as held, where that is another time than the event's.
  public var acquired: Instant?

  /// Makes an acquisition.
  ///
  /// - Parameters:
  ///   - account: Where it comes to.
  ///   - asset: The canonical asset.
  ///   - quantity: How much.
  ///   - value: What was paid, before fees; `nil` where unknown.
  ///   - fee: Fees in the book's currency.
  ///   - origin: How it came.
  ///   - acquired: Since when it counts as held, if not since the event.
  public init(
    account: AccountID, asset: AssetID, quantity: Quantity, value: Fixed?, fee: Fixed = .zero,
    origin: AcquisitionOrigin = .purchase, acquired: Instant? = nil
  ) {
    self.account = account
    self.asset = asset
    self.quantity = quantity
    self.value = value
    self.fee = fee
    self.origin = origin
    self.acquired = acquired
  }
}

/// An asset that goes out.
public struct Outgoing: Hashable, Sendable {
  /// Where it leaves from.
  public var account: AccountID
  /// The canonical asset.
  public var asset: AssetID
  /// How much; not negative.
  public var quantity: Quantity
  /// What was got for the whole, before fees, in the book's currency; `nil` where unknown.
  public var value: Fixed?
  /// Fees in the book's currency; they lower the proceeds.
  public var fee: Fixed
  /// Why it went.
  public var kind: DisposalKind
  /// The lots it takes, where it names them.
  public var lots: [NamedLot]

  /// Makes a disposal.
  ///
  /// - Parameters:
  ///   - account: Where it leaves from.
  ///   - asset: The canonical asset.
  ///   - quantity: How much.
  ///   - value: What was got, before fees; `nil` where unknown.
  ///   - fee: Fees in the book's currency.
  ///   - kind: Why it went.
  ///   - lots: The lots it takes, where it names them.
  public init(
    account: AccountID, asset: AssetID, quantity: Quantity, value: Fixed?, fee: Fixed = .zero,
    kind: DisposalKind, lots: [NamedLot] = []
  ) {
    self.account = account
    self.asset = asset
    self.quantity = quantity
    self.value = value
    self.fee = fee
    self.kind = kind
    self.lots = lots
  }
}

/// So much of a lot.
public struct NamedLot: Hashable, Sendable {
  /// The event that made the lot.
  public let lot: LotID
  /// How much of it.
  public let quantity: Quantity

  /// Names a part of a lot.
  public init(lot: LotID, quantity: Quantity) {
    self.lot = lot
    self.quantity = quantity
  }
}

/// A fee paid in tokens out of the account that the event concerns.
public struct TokenFee: Hashable, Sendable {
  /// The canonical asset.
  public let asset: AssetID
  /// How much; not negative.
  public let quantity: Quantity
  /// What it was worth, in the book's currency; `nil` where unknown.
  public let value: Fixed?

  /// Makes a fee.
  public init(asset: AssetID, quantity: Quantity, value: Fixed?) {
    self.asset = asset
    self.quantity = quantity
    self.value = value
  }
}

/// What an event does.
public enum LotChange: Hashable, Sendable {
  /// An asset comes in.
  case acquisition(Acquisition)
  /// An asset goes out.
  case disposal(Outgoing)
  /// An asset goes out for another; both values are given.
  case exchange(Outgoing, for: Acquisition)
  /// An asset goes from one own account to another; the quantity is what arrives.
  case transfer(asset: AssetID, quantity: Quantity, from: AccountID, to: AccountID)
  /// Every unit becomes `numerator`/`denominator` units.
  case split(asset: AssetID, numerator: Fixed, denominator: Fixed)
}

/// Something that changes lots.
public struct LotEvent: Hashable, Sendable {
  /// Its name, unique in the book.
  public let id: LotID
  /// When it happened.
  public let time: Instant
  /// Its place among events of one time: the row of the ledger, or of a file.
  public let sequence: Int
  /// What it does.
  public let change: LotChange
  /// A fee in tokens that goes with it.
  public let fee: TokenFee?

  /// Makes an event of quantities that make sense.
  ///
  /// - Parameters:
  ///   - id: Its name.
  ///   - time: When it happened.
  ///   - sequence: Its place among events of one time.
  ///   - change: What it does.
  ///   - fee: A fee in tokens.
  /// - Throws: `negativeQuantity`, `splitOfNothing`.
  public init(
    id: LotID, time: Instant, sequence: Int, change: LotChange, fee: TokenFee? = nil
  ) throws(LotEventFault) {
    if LotEvent.quantities(change, fee).contains(where: \.isNegative) { throw .negativeQuantity }
    if case .split(_, let numerator, let denominator) = change {
      guard numerator > .zero, denominator > .zero else { throw .splitOfNothing }
    }
    self.id = id
    self.time = time
    self.sequence = sequence
    self.change = change
    self.fee = fee
  }

  private static func quantities(_ change: LotChange, _ fee: TokenFee?) -> [Quantity] {
    let fees = fee.map { [$0.quantity] } ?? []
    switch change {
    case .acquisition(let acquisition): return fees + [acquisition.quantity]
    case .disposal(let outgoing):
      return fees + [outgoing.quantity] + outgoing.lots.map(\.quantity)
    case .exchange(let given, let got):
      return fees + [given.quantity, got.quantity] + given.lots.map(\.quantity)
    case .transfer(_, let quantity, _, _): return fees + [quantity]
    case .split: return fees
    }
  }
}

/// Why something is no event.
public enum LotEventFault: Error, Hashable, Sendable {
  /// A quantity is below zero.
  case negativeQuantity
  /// A split whose numerator or denominator is not above zero.
  case splitOfNothing
}
