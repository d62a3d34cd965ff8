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
  private var holdings: [AssetID: [HoldingKey: Holding]] = [:]
  private var positions: [AssetID: Position] = [:]
  /// When a position may change without anything new, as a price grows old.
  private var changesAt: [AssetID: Instant] = [:]
  /// No later than the first of them: a quote that puts its own off does not look for the next one.
  private var nextChange: Instant?
  private var totals = Totals()
  private var version: UInt64 = 0
  private var dirty: Set<AssetID> = []
  private var accountsChanged = false
  /// Whether something that only the sums tell is different since they were settled.
  public private(set) var hasOtherSums = false

  /// Starts from nothing.
  public init(currency: Currency, links: AssetLinks = AssetLinks()) {
    self.currency = currency
    self.links = links
  }

  /// The canonical assets that some account holds, in no order.
  public var heldAssets: [AssetID] {
    if reported.isEmpty { return Array(holdings.keys) }
    return Array(Set(holdings.keys).union(reported.values.flatMap(\.keys)))
  }

  /// What there is of an asset and what it is worth, as it was last settled.
  public subscript(asset: AssetID) -> Position? { positions[asset] }

  /// How many positions are folded away.
  public var folded: Int { totals.folded }

  /// All positions as they were last settled, in no order.
  public var settled: some Collection<Position> { positions.values }

  /// Says what an account holds of an asset now.
  public mutating func take(_ holding: Holding, for key: HoldingKey) {
    let asset = links.canonical(key.asset)
    holdings[asset, default: [:]][key] = holding.isEmpty ? nil : holding
    if holdings[asset]?.isEmpty ?? false { holdings[asset] = nil }
    dirty.insert(asset)
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
    let all = holdings.values.flatMap { $0 }
    dirty.formUnion(holdings.keys)
    holdings = [:]
    for (key, holding) in all { take(holding, for: key) }
    for (account, table) in differences { take(differences: table, of: account) }
    for (account, table) in reported { take(reported: table, of: account) }
  }

  /// Changes the currency that values are said in.
  public mutating func take(_ currency: Currency) {
    self.currency = currency
    dayOpens = [:]
    dirty.formUnion(heldAssets)
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
    dirty.formUnion(old?.keys.map { $0 } ?? [])
    dirty.formUnion(new?.keys.map { $0 } ?? [])
    for (asset, parts) in holdings where parts.keys.contains(where: { $0.account == account }) {
      dirty.insert(asset)
    }
  }

  /// When the next price changes as a source grows old; `nil` where none will.
  public func nextStale(after now: Instant) -> Instant? { nextChange.map { max($0, now) } }

  /// Values what changed since the last time.
  ///
  /// - Parameter now: The time at which ages are measured.
  /// - Returns: What changed, or `nil` for nothing.
  public mutating func settle(at now: Instant) -> ChangeSet? {
    let isAging = nextChange.map { now > $0 } ?? false
    if isAging { for (asset, time) in changesAt where now > time { dirty.insert(asset) } }
    var changed: [Position] = []
    var removed: [AssetID] = []
    for asset in dirty.sorted() {
      let old = positions[asset]
      let new = position(of: asset, at: now)
      guard new != old else { continue }
      if let old { count(old, sign: -1) }
      if let new { count(new, sign: 1) }
      positions[asset] = new
      if let new { changed.append(new) } else { removed.append(asset) }
    }
    dirty = []
    if isAging { nextChange = changesAt.values.min() }
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
      positions: positions.values.sorted { $0.asset < $1.asset }, accounts: sortedAccounts,
      totals: totals)
  }

  private var sortedAccounts: [Account] { accounts.values.sorted { $0.id < $1.id } }

  private mutating func mark(_ asset: AssetID) {
    if holdings[asset] != nil || positions[asset] != nil { dirty.insert(asset) }
  }
}

// MARK: - Valuing one asset

extension Settlement {
  private mutating func position(of asset: AssetID, at now: Instant) -> Position? {
    changesAt[asset] = nil
    let parts = holdings[asset] ?? [:]
    let told = reported.compactMapValues { $0[asset] }.filter { !$0.value.isZero }
    if parts.keys.allSatisfy({ reported[$0.account] != nil }), told.isEmpty { return nil }
    let valuation = quotes.valuation(of: asset, in: currency, at: now)
    let range = valuation.map { valuation in
      StaleRange.of(valuation, volatility: volatilities[asset], at: now)
    }
    let isKnown = valuation.map { $0.changesAt.microseconds != .max } ?? false
    if let time = range?.changesAt ?? (isKnown ? valuation?.changesAt : nil) {
      changesAt[asset] = time
      nextChange = nextChange.map { min($0, time) } ?? time
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
    let shares = shares(parts, told, price: isCounted ? price?.price : nil)
    let quantity = Settlement.sum(shares.map(\.quantity))
    return Position(
      asset: asset, quantity: quantity ?? .zero,
      staked: Settlement.sum(shares.map(\.staked)) ?? .zero, price: quantity == nil ? nil : price,
      value: quantity.flatMap { Settlement.value($0, isCounted ? price?.price : nil) },
      dayOpenValue: quantity.flatMap { Settlement.value($0, isCounted ? dayOpen : nil) },
      shares: shares, absence: isFresh ? nil : absences[asset],
      difference: difference(of: asset), screening: screening,
      dayBasis: valuation?.dayOpen == nil ? .hours : .sources)
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

  /// What each account has, in order of account: by the books, where recorded assets that are the same
  /// are added up, or by its venue's word alone.
  private func shares(
    _ parts: [HoldingKey: Holding], _ told: [AccountID: Quantity], price: Price?
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

  private static func sum(_ quantities: [Quantity]) -> Quantity? {
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
    add(value, sign, to: \.value)
    let range = Settlement.range(of: position)
    add(range?.low ?? value, sign, to: \.low)
    add(range?.high ?? value, sign, to: \.high)
    if let difference = position.difference, let price = position.price?.price,
      let missing = Settlement.value(difference.missing, price),
      let extra = Settlement.value(difference.extra, price),
      let both = try? extra.subtracting(missing)
    {
      add(missing, sign, to: \.low)
      add(extra, sign, to: \.high)
      add(both, sign, to: \.breakValue)
    }
    if position.state == .stale { add(value, sign, to: \.staleValue) }
    if let open = position.dayOpenValue {
      add(open, sign, to: \.dayOpenValue)
      add(value, sign, to: \.dayValue)
    }
  }

  /// Adds all up again after a sum left the range, so that the sums depend on the facts alone.
  private mutating func recount() {
    totals = Totals(
      breaks: differences.values.reduce(0) { $0 + $1.count }, unread: totals.unread)
    for (_, position) in positions.sorted(by: { $0.key < $1.key }) { count(position, sign: 1) }
  }

  private mutating func add(_ value: Fixed, _ sign: Int, to path: WritableKeyPath<Totals, Fixed>) {
    let sum =
      sign > 0
      ? try? totals[keyPath: path].adding(value) : try? totals[keyPath: path].subtracting(value)
    if let sum { totals[keyPath: path] = sum } else { totals.overflowed = true }
  }
}
