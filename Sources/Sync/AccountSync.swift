import Encodings
import Ledger
import VenueKit

/// What is known of an account beside its lanes; stored under `AccountMemo.key`.
struct AccountMemo: Hashable, Sendable {
  static let key = "account"
  static let mostCodes = 20_000

  /// Codes of assets that were seen in the account.
  var seen: Set<String> = []
  /// The venue's ids of the account's parts.
  var parts: [String: String] = [:]
  /// Why nothing is read.
  var trouble: LaneTrouble?

  init() {}

  var text: String {
    var object = JSONObject()
    object.set("v", 1)
    object.set("seen", .array(seen.sorted().map { .string($0) }))
    let parts = parts.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
    object.set("parts", .object(JSONObject(parts)))
    if let trouble { object.set("trouble", StateText.trouble(trouble)) }
    return JSON.object(object).text
  }

  init?(text: String) {
    guard let json = try? JSON.reading(Array(text.utf8)), case .object(let object) = json,
      object["v"] == 1
    else { return nil }
    seen = Set(StateText.list(object["seen"]).compactMap { StateText.string($0) })
    if case .object(let parts)? = object["parts"] {
      for (name, value) in zip(parts.names, parts.values) {
        self.parts[name] = StateText.string(value)
      }
    }
    trouble = object["trouble"].flatMap(StateText.trouble)
  }

  /// Takes in a code; says whether it is new.
  mutating func see(_ code: String) -> Bool {
    guard !code.isEmpty, code.utf8.count <= AssetID.longestPart, seen.count < AccountMemo.mostCodes
    else { return false }
    return seen.insert(code).inserted
  }
}

/// One account under the machine's care.
struct AccountSync: Sendable {
  let setup: AccountSetup
  var lanes = LaneTable()
  /// Lanes in the order of their ids.
  private(set) var order: [LaneID] = []
  /// The few of them that are no history.
  private(set) var views: [LaneID] = []
  /// Lanes that wait for answers or for the store.
  var busy: Set<LaneID> = []
  var memo: AccountMemo
  /// The ids of its parts that were typed, or that its login told; lists do not change them.
  private(set) var named: [String: String]
  /// Counts the changes of `memo`, and up to which the store has them.
  var memoVersion = 0
  var storedMemoVersion = 0
  var rights: KeyRights?
  /// Nothing is sent before this.
  var restsUntil = Instant(microseconds: .min)
  var rateRefusals = 0
  /// Whether the venue ever took this key.
  var wasAccepted = false
  var served = 0
  /// What calls draw from, one line each.
  ///
  /// A call waits behind those of its own line only, so that an allowance that is used up keeps
  /// nobody from the others. The first is for lanes of which it is not known yet.
  private(set) var lines: [String] = [""]
  /// Who waits in each of the lines.
  var queues = [LaneQueue()]
  /// The lane of each line that was found to have the most pages left.
  var longest: [Int: LaneID] = [:]
  /// Whether lanes wait for their turn of which nothing is known yet.
  var hasUnknown = false
  /// The number of the latest entry of each lane in its queue, by place.
  var numbers: [Int] = []
  /// The place of each lane in `order`, by place.
  private(set) var ranks: [Int] = []
  private var lineOfFeed: [LaneID: Int] = [:]

  init(_ setup: AccountSetup) {
    self.setup = setup
    named = setup.named
    memo = setup.states[AccountMemo.key].flatMap { AccountMemo(text: $0) } ?? AccountMemo()
    rights = setup.rights?.rights
    addFixedLanes()
  }

  var id: AccountID { setup.account }
  var venue: Venue { setup.venue }
  var start: Instant { setup.settings.start }

  /// Calls under way, by line, but for those of the lanes that go on beside the others.
  var callsUnderWay: [Int] {
    var counts = Array(repeating: 0, count: lines.count)
    for id in busy {
      guard case .calling? = lanes[id]?.activity, let line = lanes[id]?.line,
        longestBeside(line) != id
      else { continue }
      counts[line] += 1
    }
    return counts
  }

  /// The lane of a line that goes on beside the others, however many of their calls are under way:
  /// the one with the most pages left, unless one call must wait for the other or there may be a
  /// longer one.
  func longestBeside(_ line: Int) -> LaneID? {
    venue.needsGrowingNonce || hasUnknown ? nil : longest[line]
  }

  /// Learns in which line a lane's calls wait, and with it all lanes of its feed.
  ///
  /// Where a later call may not overtake an earlier one all wait in one line.
  mutating func line(of id: LaneID, _ calls: [Call]) -> Int {
    let feed = id.of("")
    if let known = lineOfFeed[feed] { return known }
    guard !venue.needsGrowingNonce else { return 0 }
    let name = Set(calls.flatMap(\.cost.keys)).sorted().joined(separator: " ")
    let line = lines.firstIndex(of: name) ?? lines.count
    if line == lines.count {
      lines.append(name)
      queues.append(LaneQueue())
    }
    lineOfFeed[feed] = line
    for other in order where other.of("") == feed { lanes[other]?.line = line }
    return line
  }

  // MARK: - Parts

  /// The ids of the account's parts as feeds are to use them.
  var parts: [String: String] { memo.parts.merging(named) { _, named in named } }

  /// A login told ids: what was typed stays.
  mutating func told(_ parts: [String: String]) {
    named = parts.merging(setup.named) { _, typed in typed }
    let known = memo.parts.merging(parts) { _, told in told }
    guard known != memo.parts else { return }
    memo.parts = known
    memoVersion += 1
    addSubjects(markets: MarketTable())
    wakeLanes()
  }

  /// Takes a list of ids in: of several of one name the first counts, and one that is used already
  /// stays as long as it is listed, so that a history is never read from two accounts.
  mutating func learn(_ listed: [VenueAccount]) {
    var ids: [String: [String]] = [:]
    for account in listed { ids[account.name, default: []].append(account.id) }
    var known = memo.parts
    for (name, ids) in ids where named[name] == nil {
      if let used = known[name], ids.contains(used) { continue }
      known[name] = ids.first
    }
    guard known != memo.parts else { return }
    memo.parts = known
    memoVersion += 1
    addSubjects(markets: MarketTable())
  }

  // MARK: - Lanes

  /// All feeds of the venue with the kind of their lanes, in a fixed order.
  private var feeds: [(kind: LaneKind, feed: AnyFeed)] {
    let feeds = venue.feeds
    var all: [(kind: LaneKind, feed: AnyFeed)] = []
    if let clock = feeds.clock { all.append((.clock, .clock(clock))) }
    if let accounts = feeds.accounts { all.append((.accounts, .accounts(accounts))) }
    if let rights = feeds.rights { all.append((.rights, .rights(rights))) }
    all += feeds.markets.map { (.markets, .markets($0)) }
    all += feeds.balances.map { (.balances, .balances($0)) }
    all += feeds.positions.map { (.positions, .positions($0)) }
    all += feeds.fills.map { (.fills, .fills($0)) }
    all += feeds.deposits.map { (.deposits, .transfers($0)) }
    all += feeds.withdrawals.map { (.withdrawals, .transfers($0)) }
    all += feeds.transfers.map { (.transfers, .transfers($0)) }
    all += feeds.statement.map { (.statement, .statement($0)) }
    return AccountSync.joined(all.filter { !setup.settings.leftOut.contains($0.kind) })
  }

  /// Histories of one walk as one, of the last one's kind: that of the statement, which is read up
  /// to the least recent time.
  private static func joined(
    _ all: [(kind: LaneKind, feed: AnyFeed)]
  ) -> [(kind: LaneKind, feed: AnyFeed)] {
    var joined: [(kind: LaneKind, feed: AnyFeed)] = []
    var places: [String: Int] = [:]
    for (kind, feed) in all {
      guard let walk = feed.outline.walk, let place = places[walk] else {
        if let walk = feed.outline.walk { places[walk] = joined.count }
        joined.append((kind, feed))
        continue
      }
      joined[place] = (kind, joined[place].feed.joined(with: feed))
    }
    return joined
  }

  /// The feeds with lane ids that lack their subject.
  private var numbered: [(id: LaneID, feed: AnyFeed)] {
    var counts: [LaneID: Int] = [:]
    return feeds.map { kind, feed in
      let outline = feed.outline
      let plain = LaneID(kind, part: outline.part, market: outline.market)
      let number = counts[plain, default: 0]
      counts[plain] = number + 1
      return (
        LaneID(kind, part: outline.part, market: outline.market, number: number), feed
      )
    }
  }

  /// Whether some history is read for each of the ids that the account lists.
  var hasLanesOfAccounts: Bool { feeds.contains { $0.feed.outline.scope == .eachAccount } }

  private mutating func addFixedLanes() {
    for (id, feed) in numbered where feed.outline.scope == .all { add(id, feed, isSweep: false) }
    addSubjects(markets: MarketTable())
  }

  /// Makes lanes for markets and assets that became known, and notes which the account has.
  mutating func addSubjects(markets: MarketTable) {
    let numbered = numbered
    let apart = numbered.filter { $0.id.part == .inverse && $0.feed.outline.scope == .eachMarket }
    let kindsApart = Set(apart.map(\.id.kind))
    for (id, feed) in numbered {
      switch feed.outline.scope {
      case .all: continue
      case .eachAccount:
        for name in parts.keys.sorted() { add(id.of(name), feed, isSweep: false) }
      case .eachAsset:
        for code in memo.seen.sorted() { add(id.of(code), feed, isSweep: false) }
      case .eachMarket:
        for market in markets.all
        where id.takes(market, hasInverseApart: kindsApart.contains(id.kind)) {
          let isWanted =
            setup.settings.markets.contains(market.id) || memo.seen.contains(market.base)
          guard isWanted || setup.settings.sweepsAllMarkets else { continue }
          add(id.of(market.id), feed, isSweep: !isWanted)
        }
        for market in setup.settings.markets { add(id.of(market), feed, isSweep: false) }
      }
    }
    guard order.count != lanes.count else { return }
    let names = lanes.ids.map { (text: $0.text, id: $0) }
    order = names.sorted { $0.text < $1.text }.map(\.id)
    ranks = Array(repeating: 0, count: lanes.count)
    for (rank, id) in order.enumerated() {
      if let place = lanes.place(of: id) { ranks[place] = rank }
    }
    numbers += Array(repeating: 0, count: lanes.count - numbers.count)
    // With their ranks the order of all has changed.
    lanes.touchAll()
    views = order.filter { !$0.kind.isHistory }
  }

  private mutating func add(_ id: LaneID, _ feed: AnyFeed, isSweep: Bool) {
    if lanes[id] != nil {
      if !isSweep, lanes[id]?.isSweep == true {
        lanes[id]?.isSweep = false
        lanes[id]?.readyTier = nil
        lanes[id]?.idleUntil = Instant(microseconds: .min)
      }
      return
    }
    let state = setup.states[id.text].flatMap { LaneState(text: $0) }
    // Where something was found before, something may be found again.
    let isEmpty = state.map { $0.rows == 0 } ?? true
    lanes[id] = Lane(id, feed, isSweep: isSweep && isEmpty, state: state)
    // What was read shortly before is not asked for again because the program was started anew.
    if id.kind == .rights { lanes[id]?.lastDone = setup.rights?.time }
    if let told = setup.told[id.text], !id.kind.isHistory {
      lanes[id]?.lastDone = told
      lanes[id]?.asked = told
    }
    lanes[id]?.line = lineOfFeed[id.of("")] ?? 0
  }

  // MARK: - Memory

  /// Takes codes in; says whether any is new.
  mutating func see(_ codes: [String]) -> Bool {
    var isNew = false
    for code in codes where memo.see(code) { isNew = true }
    if isNew { memoVersion += 1 }
    return isNew
  }

  /// Puts the memory into a batch if the store lacks some of it.
  func attachMemo(to batch: inout SyncBatch) {
    if memoVersion != storedMemoVersion { batch.states[AccountMemo.key] = memo.text }
  }
}

extension LaneID {
  /// Whether a lane of one market is for this one.
  ///
  /// What is settled in coins has lanes of its own where the venue asks for it apart.
  func takes(_ market: Market, hasInverseApart: Bool) -> Bool {
    guard takes(market.kind) else { return false }
    switch part {
    case .inverse: return market.isInverse
    case .swap: return !(market.isInverse && hasInverseApart)
    default: return true
    }
  }

  /// Whether a lane of one market is for markets of this kind.
  func takes(_ kind: MarketKind) -> Bool {
    if let market { return market == kind }
    switch part {
    case .spot, .funding, .margin, .isolatedMargin: return kind == .spot
    case .swap, .inverse: return kind == .swap
    case .future: return kind == .future
    case .option: return kind == .option
    case .earn, .staking, nil: return true
    }
  }

  /// The same lane for one market or asset.
  func of(_ subject: String) -> LaneID {
    LaneID(kind, part: part, market: market, number: number, subject: subject)
  }
}
