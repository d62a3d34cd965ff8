public import Ledger

/// An entry with the rows of a venue it was made of.
public struct VenueEntry: Sendable {
  /// The entry; the store gives it its line.
  public var entry: NewEntry
  /// The rows as they came.
  public var raw: [UInt8]

  /// Gathers an entry and its rows.
  public init(_ entry: NewEntry, raw: [UInt8]) {
    self.entry = entry
    self.raw = raw
  }
}

/// An answer of a venue on its way into the vault.
public struct VenueAnswer: Sendable {
  /// The request in words, without parameters and secrets.
  public var request: String
  /// The HTTP status.
  public var status: Int
  /// The body.
  public var body: [UInt8]
  /// Whether it could not be read: then the body itself is kept, cut to `longestBody` bytes.
  public var isUnreadable: Bool

  /// The longest body that is kept.
  public static let longestBody = 256 << 10

  /// Describes an answer.
  public init(request: String, status: Int, body: [UInt8], isUnreadable: Bool = false) {
    self.request = String(request.prefix(500)).storable
    self.status = status
    self.body = body
    self.isUnreadable = isUnreadable
  }
}

/// What a venue says a part of an account holds of one asset; amounts are decimal texts.
public struct BalanceRow: Hashable, Sendable {
  /// The part of the account.
  public var part: String
  /// The venue's code of the asset.
  public var asset: String
  /// What can be used.
  public var free: String?
  /// What is locked.
  public var used: String?
  /// Both together.
  public var total: String?
  /// How much of it is profit of positions that stand open.
  public var openProfit: String?

  /// Makes a row.
  public init(
    part: String, asset: String, free: String?, used: String?, total: String?,
    openProfit: String? = nil
  ) {
    self.part = part.storable
    self.asset = asset.storable
    self.free = free?.storable
    self.used = used?.storable
    self.total = total?.storable
    self.openProfit = openProfit?.storable
  }
}

/// A position that a venue says is open; amounts are decimal texts.
public struct PositionRow: Hashable, Sendable {
  /// The venue's id of the market.
  public var market: String
  /// The part of the account.
  public var part: String
  /// Long or short.
  public var isLong: Bool?
  /// Whether its margin is its own.
  public var isIsolated: Bool?
  /// Amounts by name: `contracts`, `contract_size`, `entry_price`, `mark_price`,
  /// `liquidation_price`, `unrealised`, `leverage`, `margin`; other names are not kept.
  public var amounts: [String: String]
  /// When the venue stated it.
  public var stated: Instant?

  /// Makes a row.
  public init(
    market: String, part: String, isLong: Bool? = nil, isIsolated: Bool? = nil,
    amounts: [String: String] = [:], stated: Instant? = nil
  ) {
    self.market = market.storable
    self.part = part.storable
    self.isLong = isLong
    self.isIsolated = isIsolated
    self.amounts = amounts.mapValues(\.storable)
    self.stated = stated
  }

  static let amountNames = [
    "contracts", "contract_size", "entry_price", "mark_price", "liquidation_price", "unrealised",
    "leverage", "margin",
  ]
}

/// What a lane reports of what is; it takes the place of all that lane reported before.
public struct ReportedView<Row: Hashable & Sendable>: Hashable, Sendable {
  /// When it was asked.
  public var time: Instant
  /// The rows.
  public var rows: [Row]

  /// Makes a view.
  public init(time: Instant, rows: [Row]) {
    self.time = time
    self.rows = rows
  }
}

/// What was read from a venue and is written down in one transaction.
public struct VenueBatch: Sendable {
  /// The account whose connection read it.
  public var account: AccountID
  /// What was read, by the lane's stable text.
  public var lane: String
  /// Facts.
  public var entries: [VenueEntry] = []
  /// Rows that were not understood.
  public var refused: [RefusedRow] = []
  /// The answers both were read from.
  public var answers: [VenueAnswer] = []
  /// States by key; an empty text removes one.
  public var states: [String: String] = [:]
  /// What the account holds.
  public var balances: ReportedView<BalanceRow>?
  /// What is open.
  public var positions: ReportedView<PositionRow>?
  /// What the key may do, in a form of the caller's.
  public var rights: String?
  /// How many calls were made for it.
  public var calls = 0
  /// Accounts the entries may name and the vault may not have yet; known ones stay as they are.
  public var accounts: [Account] = []

  /// Starts a batch.
  public init(account: AccountID, lane: String) {
    self.account = account
    self.lane = lane
  }
}
