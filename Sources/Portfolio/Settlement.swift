public import Amounts
public import Ledger
public import Prices

/// Folds facts into positions.
///
/// Give it changes by the `take` functions, then ask for `settle(at:)`: it values only what depends
/// on them. Cost: O(changed positions · their accounts), and O(positions) for a change of currency,
/// links or accounts.
public struct Settlement: Sendable {
  /// The currency of all values.
  public private(set) var currency: Currency
  /// Which recorded assets are the same.
  public private(set) var links: AssetLinks
  /// The accounts by identity.
  public private(set) var accounts: [AccountID: Account] = [:]
  /// The latest quotes.
  public private(set) var quotes = QuoteBoard()

  /// Why assets have no fresh price, as far as somebody said.
  private var absences: [AssetID: PriceAbsence] = [:]
  /// What speaks against assets.
  public private(set) var screenings: [AssetID: Screening] = [:]
  /// Another one each time that screenings change.
  public private(set) var screeningRound = 0
  /// How much assets' prices move in a day.
  private var volatilities: [AssetID: Fixed] = [:]
  /// What assets cost a day ago by what was kept, in the currency of all values.
  private var dayOpens: [AssetID: Price] = [:]
  /// What venues report beyond what accounts hold.
  private var differences: [AccountID: [AssetID: Quantity]] = [:]
  /// What venues say that accounts have whose history is not read yet.
  private var reported: [AccountID: [AssetID: Quantity]] = [:]
  /// What is known of each asset that was ever held; a change of one is found by one look.
  private var rows: [Row] = []
  private var places: [AssetID: Int] = [:]
  /// The places of all rows in the order of their assets.
  private var order: [Int] = []
  /// When a position may change without anything new, as a price grows old; by place, since all of
  /// them are gone through when one has.
  private var changesAt: [Instant] = []
  /// No later than the first of them: a quote that puts its own off does not look for the next one.
  private var nextChange = Instant.never
  private var totals = Totals()
  private var version: UInt64 = 0
  /// The places of rows that are to be valued.
  private var dirty: [Int] = []
  private var accountsChanged = false
  /// Whether something that only the sums tell is different since they were settled.
  public private(set) var hasOtherSums = false

  /// An asset: what accounts have of it, and what that came to.
  private struct Row: Sendable {
    let asset: AssetID
    var holdings: [HoldingKey: Holding] = [:]
    var position: Position?
    var isDirty = false
    /// Whether accounts may have another amount of it than when it was last valued.
    var isRegrouped = true

    init(asset: AssetID) { self.asset = asset }
  }

  /// Starts from nothing.
  public init(currency: Currency, links: AssetLinks = AssetLinks()) {
    self.currency = currency
    self.links = links
  }

  /// The canonical assets that some account holds, in no order.
  public var heldAssets: [AssetID] {
    let held = rows.lazy.filter { !$0.holdings.isEmpty }.map(\.asset)
    if reported.isEmpty { return Array(held) }
    return Array(Set(held).union(reported.values.flatMap(\.keys)))
  }

  /// What there is of an asset and what it is worth, as it was last settled.
  public subscript(asset: AssetID) -> Position? {
    places[asset].flatMap { rows[$0].position }
  }

  /// How many positions are folded away.
  public var folded: Int { totals.folded }

  /// All positions as they were last settled, in no order.
  public var settled: some Collection<Position> { rows.lazy.compactMap(\.position) }

  /// Says what an account holds of an asset now.
  public mutating func take(_ holding: Holding, for key: HoldingKey) {
    let asset = links.canonical(key.asset)
    let place = place(of: asset)
    rows[place].holdings[key] = holding.isEmpty ? nil : holding
    regroup(place)
  }

  /// Takes a quote in; an older or lesser one changes nothing.
  public mutating func take(_ quote: Quote) {
    guard quotes.take(quote) else { return }
    mark(quote.asset)
    for asset in quotes.dependents(of: quote.asset) { mark(asset) }
    // Only the currency of all values is also read the other way round, as one over its price.
    guard quote.asset == QuoteBoard.asset(of: currency) else { return }
    for asset in quotes.dependents(of: QuoteBoard.asset(of: quote.currency)) { mark(asset) }
  }

  /// Adds or changes an account.
  public mutating func take(_ account: Account) {
    accounts[account.id] = account
    accountsChanged = true
  }

  /// Changes the links and regroups every holding by them.
  public mutating func take(_ links: AssetLinks) {
    self.links = links
    let all = rows.flatMap { $0.holdings.map { $0 } }
    for place in rows.indices where !rows[place].holdings.isEmpty {
      rows[place].holdings = [:]
      regroup(place)
    }
    for (key, holding) in all { take(holding, for: key) }
    for (account, table) in differences { take(differences: table, of: account) }
    for (account, table) in reported { take(reported: table, of: account) }
  }

  /// Changes the currency that values are said in.
  public mutating func take(_ currency: Currency) {
    self.currency = currency
    dayOpens = [:]
    for asset in heldAssets { mark(place(of: asset)) }
  }

  /// Says why assets have no price, or none that is fresh; what was said before is forgotten.
  ///
  /// - Parameter absences: The reasons.
  /// - Returns: Whether anything is different.
  @discardableResult
  public mutating func take(_ absences: [AssetID: PriceAbsence]) -> Bool {
    guard self.absences != absences else { return false }
    for asset in Set(self.absences.keys).union(absences.keys)
    where self.absences[asset] != absences[asset] { mark(asset) }
    self.absences = absences
    return true
  }

  /// Says what speaks against assets; what was said before is forgotten.
  ///
  /// An asset that the user linked to another one counts as that one.
  public mutating func take(screenings: [AssetID: Screening]) {
    if self.screenings == screenings { return }
    for asset in Set(self.screenings.keys).union(screenings.keys)
    where self.screenings[asset] != screenings[asset] { mark(asset) }
    self.screenings = screenings
    screeningRound += 1
  }

  /// Whether anybody says anything of what an asset costs, in whatever currency.
  public func isQuoted(_ asset: AssetID) -> Bool { quotes.isQuoted(asset) }

  /// Says how much prices move in a day, as a part of one; it widens the range of stale prices.
  public mutating func take(volatilities new: [AssetID: Fixed]) {
    for (asset, volatility) in new where volatilities[asset] != volatility {
      volatilities[asset] = volatility
      mark(asset)
    }
  }

  /// Says what assets cost a day ago, in the currency of all values; it counts where no source says.
  public mutating func take(dayOpens new: [AssetID: Price?]) {
    for (asset, price) in new where dayOpens[asset] != price {
      dayOpens[asset] = price
      mark(asset)
    }
  }

  /// Says what a venue reports of an account beyond what the ledger says; of less, below zero.
  public mutating func take(differences new: [AssetID: Quantity], of account: AccountID) {
    let table = Dictionary(
      new.map { (links.canonical($0.key), $0.value) },
      uniquingKeysWith: { (try? $0.adding($1)) ?? $0 })
    let old = differences[account] ?? [:]
    guard table != old else { return }
    differences[account] = table.isEmpty ? nil : table
    totals.breaks += table.count - old.count
    for asset in Set(table.keys).union(old.keys) { mark(asset) }
    hasOtherSums = true
  }

  /// Says which accounts were never read to the end: what they have is not known.
  public mutating func take(unread accounts: Set<AccountID>) {
    guard accounts.count != totals.unread.count || !accounts.isSuperset(of: totals.unread) else {
      return
    }
    totals.unread = accounts.sorted()
    hasOtherSums = true
  }

  /// Says what a venue reports that an account has, as long as its history is not read: it stands in
  /// the place of the books, of which a part is missing.
  ///
  /// - Parameters:
  ///   - table: How much of each asset there is; `nil` once the books are whole.
  ///   - account: The account.
  public mutating func take(reported table: [AssetID: Quantity]?, of account: AccountID) {
    let new = table.map { table in
      Dictionary(
        table.map { (links.canonical($0.key), $0.value) },
        uniquingKeysWith: { (try? $0.adding($1)) ?? $0 })
    }
    let old = reported[account]
    guard new != old else { return }
    reported[account] = new
    for table in [old, new].compactMap({ $0 }) {
      for asset in table.keys { regroup(place(of: asset)) }
    }
    for place in rows.indices
    where rows[place].holdings.keys.contains(where: { $0.account == account }) { regroup(place) }
  }

  /// When the next price changes as a source grows old; `nil` where none will.
  public func nextStale(after now: Instant) -> Instant? {
    nextChange == .never ? nil : max(nextChange, now)
  }

  /// Values what changed since the last time.
  ///
  /// - Parameter now: The time at which ages are measured.
  /// - Returns: What changed, or `nil` for nothing.
  public mutating func settle(at now: Instant) -> ChangeSet? {
    let isAging = now > nextChange
    if isAging { for place in rows.indices where now > changesAt[place] { mark(place) } }
    var changed: [Position] = []
    var removed: [AssetID] = []
    let due = dirty.count > 1 ? dirty.sorted { rows[$0].asset < rows[$1].asset } : dirty
    for place in due {
      let old = rows[place].position
      let new = position(at: place, was: old, at: now)
      (rows[place].isDirty, rows[place].isRegrouped) = (false, false)
      guard new != old else { continue }
      if let old { count(old, sign: -1) }
      if let new { count(new, sign: 1) }
      rows[place].position = new
      if let new { changed.append(new) } else { removed.append(rows[place].asset) }
    }
    dirty.removeAll(keepingCapacity: true)
    if isAging { nextChange = changesAt.min() ?? .never }
    guard !changed.isEmpty || !removed.isEmpty || accountsChanged || hasOtherSums else {
      return nil
    }
    hasOtherSums = false
    if totals.overflowed { recount() }
    let accountList = accountsChanged ? sortedAccounts : nil
    accountsChanged = false
    version += 1
    return ChangeSet(
      from: version - 1, to: version, time: now, changed: changed, removed: removed,
      accounts: accountList, totals: totals)
  }

  /// The whole as it was last settled.
  public func snapshot(at now: Instant) -> Snapshot {
    Snapshot(
      version: version, currency: currency, time: now,
      positions: sortedPositions, accounts: sortedAccounts, totals: totals)
  }

  private var sortedAccounts: [Account] { accounts.values.sorted { $0.id < $1.id } }

  private var sortedPositions: [Position] {
    order.compactMap { rows[$0].position }
  }

  /// The place of an asset, which gets one where it has none.
  private mutating func place(of asset: AssetID) -> Int {
    if let place = places[asset] { return place }
    places[asset] = rows.count
    var (low, high) = (0, order.count)
    while low < high {
      let middle = (low + high) / 2
      if rows[order[middle]].asset < asset { low = middle + 1 } else { high = middle }
    }
    order.insert(rows.count, at: low)
    rows.append(Row(asset: asset))
    changesAt.append(.never)
    return rows.count - 1
  }

  /// An asset is to be valued anew, where there is any of it.
  private mutating func mark(_ asset: AssetID) {
    guard let place = places[asset] else { return }
    if !rows[place].holdings.isEmpty || rows[place].position != nil { mark(place) }
  }

  private mutating func mark(_ place: Int) {
    if rows[place].isDirty { return }
    rows[place].isDirty = true
    dirty.append(place)
  }

  /// Accounts may have another amount of an asset than before.
  private mutating func regroup(_ place: Int) {
    rows[place].isRegrouped = true
    mark(place)
  }
}

// MARK: - Valuing one asset

extension Settlement {
  private mutating func position(
    at place: Int, was old: Position?, at now: Instant
  ) -> Position? {
    let asset = rows[place].asset
    changesAt[place] = .never
    // A price changes what it is worth, and nothing of how much there is.
    let known = rows[place].isRegrouped || old?.price == nil ? nil : old
    let told = known == nil ? told(of: asset) : [:]
    if known == nil, told.isEmpty,
      rows[place].holdings.keys.allSatisfy({ reported[$0.account] != nil })
    {
      return nil
    }
    let valuation = quotes.valuation(of: asset, in: currency, at: now)
    let range = valuation.map { valuation in
      StaleRange.of(
        valuation, volatility: valuation.confidence == .stale ? volatilities[asset] : nil, at: now)
    }
    if let time = range?.changesAt ?? valuation?.changesAt, time != .never {
      changesAt[place] = time
      nextChange = min(nextChange, time)
    }
    let price = valuation.map { valuation in
      PositionPrice(
        price: valuation.price,
        range: (range?.low ?? valuation.low, range?.high ?? valuation.high), time: valuation.time,
        freshUntil: valuation.freshUntil, confidence: valuation.confidence,
        source: valuation.sourceText)
    }
    let isFresh = valuation.map { $0.confidence != .stale } ?? false
    let dayOpen = valuation.flatMap { $0.dayOpen ?? dayOpens[asset] }
    let screening = screenings[asset]
    let isCounted = screening?.standing != .ignored
    let worth = isCounted ? price?.price : nil
    let shares =
      known.map { Settlement.shares($0.shares, price: worth) }
      ?? shares(rows[place].holdings, told, worth)
    let quantity = known?.quantity ?? Settlement.sum(shares.lazy.map(\.quantity))
    return Position(
      asset: asset, quantity: quantity ?? .zero,
      staked: known?.staked ?? Settlement.sum(shares.lazy.map(\.staked)) ?? .zero,
      price: quantity == nil ? nil : price,
      value: quantity.flatMap { Settlement.value($0, worth) },
      dayOpenValue: quantity.flatMap { Settlement.value($0, isCounted ? dayOpen : nil) },
      shares: shares, absence: isFresh ? nil : absences[asset],
      difference: difference(of: asset), screening: screening,
      dayBasis: valuation?.dayOpen == nil ? .hours : .sources)
  }

  /// What venues say of an asset in the place of books that are not read yet.
  private func told(of asset: AssetID) -> [AccountID: Quantity] {
    reported.compactMapValues { $0[asset] }.filter { !$0.value.isZero }
  }

  /// What venues report of an asset differently, in all accounts.
  private func difference(of asset: AssetID) -> OpenDifference? {
    var (missing, extra, count) = (Quantity.zero, Quantity.zero, 0)
    for table in differences.values {
      guard let one = table[asset] else { continue }
      count += 1
      if one.isNegative {
        missing = (try? missing.adding(one)) ?? missing
      } else {
        extra = (try? extra.adding(one)) ?? extra
      }
    }
    return count == 0 ? nil : OpenDifference(missing: missing, extra: extra, count: count)
  }

  /// The same amounts at another price.
  private static func shares(_ old: [AccountShare], price: Price?) -> [AccountShare] {
    old.map { share in
      AccountShare(
        account: share.account, quantity: share.quantity, staked: share.staked,
        value: value(share.quantity, price), isReported: share.isReported)
    }
  }

  /// What each account has, in order of account: by the books, where recorded assets that are the same
  /// are added up, or by its venue's word alone.
  private func shares(
    _ parts: [HoldingKey: Holding], _ told: [AccountID: Quantity], _ price: Price?
  ) -> [AccountShare] {
    let booked = Dictionary(grouping: parts.keys, by: \.account)
      .filter { reported[$0.key] == nil }.compactMap { account, keys -> AccountShare? in
        let holdings = keys.compactMap { parts[$0] }
        guard let free = Settlement.sum(holdings.map(\.free)),
          let staked = Settlement.sum(holdings.map(\.staked)),
          let quantity = try? free.adding(staked)
        else { return nil }
        return AccountShare(
          account: account, quantity: quantity, staked: staked,
          value: Settlement.value(quantity, price))
      }
    let others = told.map { account, quantity in
      AccountShare(
        account: account, quantity: quantity, staked: .zero,
        value: Settlement.value(quantity, price), isReported: true)
    }
    return (booked + others).sorted { $0.account < $1.account }
  }

  private static func value(_ quantity: Quantity, _ price: Price?) -> Fixed? {
    price.flatMap { try? quantity.fixed.multiplied(by: $0.fixed, rounding: .halfEven) }
  }

  /// What a position may be worth by what sources say, the least first.
  private static func range(of position: Position) -> (low: Fixed, high: Fixed)? {
    guard let price = position.price, price.low != price.high,
      let one = value(position.quantity, price.low),
      let other = value(position.quantity, price.high)
    else { return nil }
    return one < other ? (one, other) : (other, one)
  }

  private static func sum(_ quantities: some Sequence<Quantity>) -> Quantity? {
    var total = Quantity.zero
    for quantity in quantities {
      guard let next = try? total.adding(quantity) else { return nil }
      total = next
    }
    return total
  }

  /// Adds a position to the sums, or takes it out of them.
  private mutating func count(_ position: Position, sign: Int) {
    if position.isFolded {
      totals.folded += sign
      return
    }
    totals.positions += sign
    switch position.state {
    case .live: break
    case .stale: totals.stale += sign
    case .unknown: totals.unpriced += sign
    case .disputed: totals.disputed += sign
    }
    guard let value = position.value else { return }
    Settlement.add(value, sign, to: &totals.value, &totals.overflowed)
    let range = Settlement.range(of: position)
    Settlement.add(range?.low ?? value, sign, to: &totals.low, &totals.overflowed)
    Settlement.add(range?.high ?? value, sign, to: &totals.high, &totals.overflowed)
    if let difference = position.difference, let price = position.price?.price,
      let missing = Settlement.value(difference.missing, price),
      let extra = Settlement.value(difference.extra, price),
      let both = try? extra.subtracting(missing)
    {
      Settlement.add(missing, sign, to: &totals.low, &totals.overflowed)
      Settlement.add(extra, sign, to: &totals.high, &totals.overflowed)
      Settlement.add(both, sign, to: &totals.breakValue, &totals.overflowed)
    }
    if position.state == .stale {
      Settlement.add(value, sign, to: &totals.staleValue, &totals.overflowed)
    }
    if let open = position.dayOpenValue {
      Settlement.add(open, sign, to: &totals.dayOpenValue, &totals.overflowed)
      Settlement.add(value, sign, to: &totals.dayValue, &totals.overflowed)
    }
  }

  /// Adds all up again after a sum left the range, so that the sums depend on the facts alone.
  private mutating func recount() {
    totals = Totals(
      breaks: differences.values.reduce(0) { $0 + $1.count }, unread: totals.unread)
    for position in sortedPositions { count(position, sign: 1) }
  }

  /// Adds a value to a sum, or takes it out; one that leaves the range of exact numbers is told.
  private static func add(
    _ value: Fixed, _ sign: Int, to sum: inout Fixed, _ overflowed: inout Bool
  ) {
    let new = sign > 0 ? try? sum.adding(value) : try? sum.subtracting(value)
    if let new { sum = new } else { overflowed = true }
  }
}

extension Instant {
  /// The furthest future.
  fileprivate static let never = Instant(microseconds: .max)
}
