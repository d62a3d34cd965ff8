internal import Amounts
internal import Ledger
internal import Portfolio

/// One position with what drawing, sorting and searching need again and again.
struct PositionRow: Sendable {
  let position: Position
  /// The short name; not unique.
  let ticker: String
  /// The short name in small letters.
  let sortName: String
  /// The identity as text: the last word of every order.
  let text: String
  /// What a word of the filter is looked for in: small letters in UTF-8.
  let searchBytes: [UInt8]
  /// The change over 24 hours; `nil` where unknown.
  let dayRatio: Double?
  /// What its lots cost; `nil` where the engine has not told it.
  let cost: CostBasis?
  /// When the oldest of its amounts was read that could not be read anew, in microseconds; `nil` where all
  /// are as they should be.
  let oldSince: Int64?

  init(_ position: Position, _ extras: PositionExtras = PositionExtras()) {
    self.position = position
    ticker = position.asset.ticker.shortened(to: 64)
    sortName = ticker.lowercased()
    text = position.asset.text
    searchBytes = Array((text.lowercased() + " " + sortName).utf8)
    dayRatio = position.value.flatMap { value in
      position.dayOpenValue.flatMap { open in
        guard !open.isZero else { return nil }
        return (value.approximate - open.approximate) / abs(open.approximate)
      }
    }
    cost = extras.costs?[text]
    oldSince = position.shares.compactMap { share in
      extras.oldAccounts[share.account.slug].map { $0.readAt ?? 0 }
    }.min()
  }

  /// A part of a position: its name and its change are those of the whole, its cost nobody knows.
  init(_ whole: PositionRow, _ part: Position, oldSince: Int64?) {
    position = part
    ticker = whole.ticker
    sortName = whole.sortName
    text = whole.text
    searchBytes = whole.searchBytes
    dayRatio = part.value == nil ? nil : whole.dayRatio
    cost = whole.cost?.isCash == true ? whole.cost : nil
    self.oldSince = oldSince
  }

  /// Whether a word in small letters, as UTF-8, stands in name or identity.
  func contains(_ word: [UInt8]) -> Bool {
    guard let first = word.first, word.count <= searchBytes.count else { return word.isEmpty }
    let last = searchBytes.count - word.count
    return (0...last).contains { start in
      searchBytes[start] == first
        && word.indices.allSatisfy { searchBytes[start + $0] == word[$0] }
    }
  }

  /// Whether the name mixes Latin letters with others that may look like them.
  var isLookalike: Bool {
    ticker.unicodeScalars.contains { ("A"..."Z").contains($0) || ("a"..."z").contains($0) }
      && ticker.unicodeScalars.contains { $0.value > 0x7F && $0.properties.isAlphabetic }
  }
}

/// What a group of positions or shares adds up to.
struct GroupSum: Equatable, Sendable {
  var value = Fixed.zero
  var positions = 0
  var stale = 0
  var unpriced = 0
  var disputed = 0
  /// How many of its accounts were never read to the end.
  var unread = 0
  /// Whether a sum left the range of exact numbers.
  var overflowed = false

  /// How far the sum can be trusted.
  var state: FigureState {
    if missing > 0 || overflowed { return .unknown }
    if disputed > 0 { return .disputed }
    return stale > 0 ? .stale : .live
  }

  /// How many parts of it are not known.
  var missing: Int { unpriced + unread }

  /// Counts a value in, or out.
  mutating func count(_ value: Fixed?, _ state: FigureState, sign: Int) {
    positions += sign
    switch state {
    case .live: break
    case .stale: stale += sign
    case .unknown: unpriced += sign
    case .disputed: disputed += sign
    }
    if let value { add(value, sign: sign) }
  }

  /// Adds another group.
  mutating func add(_ other: GroupSum) {
    positions += other.positions
    stale += other.stale
    unpriced += other.unpriced
    disputed += other.disputed
    unread += other.unread
    overflowed = overflowed || other.overflowed
    add(other.value, sign: 1)
  }

  private mutating func add(_ amount: Fixed, sign: Int) {
    if let sum = try? sign > 0 ? value.adding(amount) : value.subtracting(amount) {
      value = sum
    } else {
      overflowed = true
    }
  }
}

/// The portfolio as the engine has last said it, ready to be looked up.
///
/// A position keeps its slot as long as it is there. Cost of a change set: O(its positions · their
/// accounts).
struct PositionBoard: Sendable {
  private(set) var version: UInt64
  private(set) var currency: Currency
  private(set) var time: Instant
  private(set) var totals: Totals
  /// The accounts, in order of identity.
  private(set) var accounts: [Account]
  /// Positions by slot; `nil` where one is gone.
  private(set) var rows: [PositionRow?]
  /// What the positions of each account add up to.
  private(set) var sums: [AccountID: GroupSum] = [:]
  private var slots: [AssetID: Int] = [:]
  private var tickers: [String: Int] = [:]
  private var accountTable: [AccountID: Account] = [:]
  private var freeSlots: [Int] = []
  private(set) var extras = PositionExtras()

  /// Takes a whole snapshot in.
  init(_ snapshot: Snapshot) {
    version = snapshot.version
    currency = snapshot.currency
    time = snapshot.time
    totals = snapshot.totals
    accounts = snapshot.accounts
    rows = []
    rows.reserveCapacity(snapshot.positions.count)
    accountTable = PositionBoard.table(of: accounts)
    for position in snapshot.positions { put(position) }
  }

  /// What an account adds up to.
  func sum(of account: AccountID) -> GroupSum {
    var sum = sums[account] ?? GroupSum()
    sum.unread = totals.unread.contains(account) ? 1 : 0
    return sum
  }

  /// The slots in use.
  var usedSlots: [Int] { rows.indices.filter { rows[$0] != nil } }

  /// The position in a slot.
  func row(_ slot: Int) -> PositionRow? { rows.indices.contains(slot) ? rows[slot] : nil }

  /// Where an asset's position is.
  func slot(of asset: AssetID) -> Int? { slots[asset] }

  /// The position of an asset.
  func row(of asset: AssetID) -> PositionRow? { slots[asset].flatMap { rows[$0] } }

  /// The account with an identity.
  func account(_ id: AccountID) -> Account? { accountTable[id] }

  /// A name that tells the asset from others with the same ticker: `FLR`, or `FLR kraken`.
  func name(of row: PositionRow) -> String {
    let isAlone = tickers[row.sortName, default: 0] < 2
    let name = isAlone ? row.ticker : "\(row.ticker) \(row.position.asset.shortOrigin)"
    return row.isLookalike ? name + "!" : name
  }

  /// A name of an asset that may not be held.
  func name(of asset: AssetID) -> String {
    row(of: asset).map { name(of: $0) } ?? asset.ticker.shortened(to: 64)
  }

  /// A share of the total of what is priced; unknown where that is beyond exact numbers.
  func weight(of value: Fixed?) -> Double? {
    totals.overflowed ? nil : value.flatMap { Figures.ratio($0, of: totals.value) }
  }

  /// Sets beside the positions what other boards say of them.
  mutating func extend(_ extras: PositionExtras) {
    self.extras = extras
    for slot in rows.indices {
      if let row = rows[slot] { rows[slot] = PositionRow(row.position, extras) }
    }
  }

  /// Applies a change set that starts from this version.
  ///
  /// - Returns: The slots that are new, changed or empty now; `nil` where it starts elsewhere.
  mutating func apply(_ changes: ChangeSet) -> [Int]? {
    guard changes.from == version else { return nil }
    version = changes.to
    time = changes.time
    totals = changes.totals
    if let accounts = changes.accounts {
      self.accounts = accounts
      accountTable = PositionBoard.table(of: accounts)
    }
    return changes.removed.compactMap { remove($0) } + changes.changed.map { put($0) }
  }

  @discardableResult
  private mutating func put(_ position: Position) -> Int {
    let row = PositionRow(position, extras)
    count(position, sign: 1)
    if let slot = slots[position.asset] {
      if let old = rows[slot] { count(old.position, sign: -1) }
      rows[slot] = row
      return slot
    }
    tickers[row.sortName, default: 0] += 1
    if freeSlots.isEmpty {
      freeSlots.append(rows.count)
      rows.append(nil)
    }
    let slot = freeSlots.removeLast()
    slots[position.asset] = slot
    rows[slot] = row
    return slot
  }

  private mutating func remove(_ asset: AssetID) -> Int? {
    guard let slot = slots.removeValue(forKey: asset), let row = rows[slot] else { return nil }
    count(row.position, sign: -1)
    tickers[row.sortName, default: 1] -= 1
    rows[slot] = nil
    freeSlots.append(slot)
    return slot
  }

  private mutating func count(_ position: Position, sign: Int) {
    if position.isFolded { return }
    for share in position.shares {
      let state = share.value == nil ? FigureState.unknown : position.state
      sums[share.account, default: GroupSum()].count(share.value, state, sign: sign)
    }
  }

  private static func table(of accounts: [Account]) -> [AccountID: Account] {
    Dictionary(accounts.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
  }
}

extension AssetID {
  /// The origin with the middle of a contract's address left out.
  var shortOrigin: String {
    guard case .contract(let chain, let address) = self, address.count > 12 else { return origin }
    return "\(chain) \(address.prefix(6))…\(address.suffix(4))"
  }
}
